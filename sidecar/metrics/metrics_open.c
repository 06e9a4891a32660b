
#include <string.h>

#include "sidecar/metrics/metrics_internal.h"


static void metrics_open_build(sc_buf_t *b, const char *version,
    int prometheus);
static void metrics_open_escaped(sc_buf_t *b, const char *text);
static void metrics_open_head(sc_buf_t *b, const metrics_family_t *f,
    int prometheus);
static void metrics_open_values(sc_buf_t *b, const metrics_family_t *f);
static void metrics_open_histogram(sc_buf_t *b, const metrics_family_t *f);
static void metrics_open_bucket(sc_buf_t *b, const metrics_family_t *f,
    const char *bound, int64_t n);
static void metrics_open_name(sc_buf_t *b, const metrics_family_t *f);


static const char *const  metrics_kinds[] = { "counter", "gauge",
                                              "histogram" };


void
metrics_open_write(sc_buf_t *b, const char *version, int prometheus)
{
    const metrics_family_t  *f;

    metrics_open_build(b, version, prometheus);

    for (f = metrics_families; f->group != NULL; f++) {
        metrics_open_head(b, f, prometheus);

        if (f->kind == METRICS_HISTOGRAMS) {
            metrics_open_histogram(b, f);

        } else {
            metrics_open_values(b, f);
        }
    }

    if (!prometheus) {
        (void) sc_buf_add_cstr(b, "# EOF\n");
    }
}


/* Prometheus' format has no infos: there they are gauges. */
static void
metrics_open_build(sc_buf_t *b, const char *version, int prometheus)
{
    const char  *name = prometheus ? "scraped_build_info" : "scraped_build";

    (void) sc_buf_printf(b, "# HELP %s Which version this is.\n"
                         "# TYPE %s %s\n"
                         "scraped_build_info{version=\"", name, name,
                         prometheus ? "gauge" : "info");
    metrics_open_escaped(b, version);
    (void) sc_buf_add_cstr(b, "\"} 1\n");
}


static void
metrics_open_escaped(sc_buf_t *b, const char *text)
{
    for ( /* void */ ; *text != '\0'; text++) {
        switch (*text) {

        case '\\':
        case '"':
            (void) sc_buf_add(b, "\\", 1);
            (void) sc_buf_add(b, text, 1);
            break;

        case '\n':
            (void) sc_buf_add_cstr(b, "\\n");
            break;

        default:
            (void) sc_buf_add(b, text, 1);
        }
    }
}


/* OpenMetrics calls a family of counters by its name without "_total". */
static void
metrics_open_head(sc_buf_t *b, const metrics_family_t *f, int prometheus)
{
    const char  *total;

    static const char *const  units[] = { NULL, "seconds", "bytes" };

    total = prometheus && f->kind == METRICS_COUNTER ? "_total" : "";

    (void) sc_buf_add_cstr(b, "# HELP ");
    metrics_open_name(b, f);
    (void) sc_buf_printf(b, "%s %s.\n# TYPE ", total, f->help);
    metrics_open_name(b, f);
    (void) sc_buf_printf(b, "%s %s\n", total, metrics_kinds[f->kind]);

    if (!prometheus && units[f->unit] != NULL) {
        (void) sc_buf_add_cstr(b, "# UNIT ");
        metrics_open_name(b, f);
        (void) sc_buf_printf(b, " %s\n", units[f->unit]);
    }
}


static void
metrics_open_values(sc_buf_t *b, const metrics_family_t *f)
{
    size_t  i, j;

    for (i = 0; i < f->nvalues; i++) {
        for (j = 0; j < f->nand; j++) {
            metrics_open_name(b, f);
            (void) sc_buf_add_cstr(b, f->kind == METRICS_COUNTER ? "_total"
                                                                 : "");

            if (f->label[0] != NULL) {
                (void) sc_buf_printf(b, "{%s=\"%s\"", f->label[0],
                                     f->label[i + 1]);

                if (f->and[0] != NULL) {
                    (void) sc_buf_printf(b, ",%s=\"%s\"", f->and[0],
                                         f->and[j + 1]);
                }

                (void) sc_buf_add_cstr(b, "}");
            }

            (void) sc_buf_add_cstr(b, " ");
            metrics_number(b, f->unit, metrics_get(metrics_at(f, i, j)));
            (void) sc_buf_add_cstr(b, "\n");
        }
    }
}


/* The count is that of the buckets as they were read. */
static void
metrics_open_histogram(sc_buf_t *b, const metrics_family_t *f)
{
    size_t    i;
    int64_t   n;
    sc_buf_t  bound;

    n = 0;
    sc_buf_init(&bound, 0);

    for (i = 0; i < METRICS_BOUNDS; i++) {
        sc_buf_reset(&bound);
        metrics_number(&bound, f->unit, metrics_bound(f->unit, i));

        /* both formats write bounds as numbers with a fraction */
        if (bound.len != 0 && memchr(bound.data, '.', bound.len) == NULL) {
            (void) sc_buf_add_cstr(&bound, ".0");
        }

        n += metrics_get(f->cell + i);
        metrics_open_bucket(b, f, bound.len != 0 ? bound.data : "", n);
    }

    sc_buf_free(&bound);
    n += metrics_get(f->cell + METRICS_BOUNDS);
    metrics_open_bucket(b, f, "+Inf", n);

    metrics_open_name(b, f);
    (void) sc_buf_printf(b, "_count %lld\n", (long long) n);
    metrics_open_name(b, f);
    (void) sc_buf_add_cstr(b, "_sum ");
    metrics_number(b, f->unit, metrics_sum(f->cell));
    (void) sc_buf_add_cstr(b, "\n");
}


static void
metrics_open_bucket(sc_buf_t *b, const metrics_family_t *f,
    const char *bound, int64_t n)
{
    metrics_open_name(b, f);
    (void) sc_buf_printf(b, "_bucket{le=\"%s\"} %lld\n", bound,
                         (long long) n);
}


static void
metrics_open_name(sc_buf_t *b, const metrics_family_t *f)
{
    (void) sc_buf_printf(b, "scraped_%s_%s", f->group, f->key);
}
