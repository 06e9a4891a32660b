
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/metrics/metrics_internal.h"


static void metrics_json_family(sc_buf_t *b, const metrics_family_t *f);
static void metrics_json_values(sc_buf_t *b, const metrics_family_t *f);
static void metrics_json_and(sc_buf_t *b, const metrics_family_t *f,
    size_t i);
static void metrics_json_histogram(sc_buf_t *b, const metrics_family_t *f);


void
metrics_json_write(sc_buf_t *b, const char *version)
{
    const char              *group;
    const metrics_family_t  *f;

    (void) sc_buf_add_cstr(b, "{\"build\":{\"version\":");
    (void) sc_json_cstr(b, version);
    group = "build";

    for (f = metrics_families; f->group != NULL; f++) {
        if (strcmp(f->group, group) != 0) {
            group = f->group;
            (void) sc_buf_printf(b, "},\"%s\":{", group);

        } else {
            (void) sc_buf_add_cstr(b, ",");
        }

        (void) sc_buf_printf(b, "\"%s\":", f->key);
        metrics_json_family(b, f);
    }

    (void) sc_buf_add_cstr(b, "}}");
}


static void
metrics_json_family(sc_buf_t *b, const metrics_family_t *f)
{
    if (f->kind == METRICS_HISTOGRAMS) {
        metrics_json_histogram(b, f);

    } else if (f->label[0] == NULL) {
        metrics_number(b, f->unit, metrics_get(f->cell));

    } else {
        metrics_json_values(b, f);
    }
}


static void
metrics_json_values(sc_buf_t *b, const metrics_family_t *f)
{
    size_t  i;

    for (i = 0; i < f->nvalues; i++) {
        (void) sc_buf_printf(b, "%s\"%s\":", i == 0 ? "{" : ",",
                             f->label[i + 1]);

        if (f->and[0] != NULL) {
            metrics_json_and(b, f, i);

        } else {
            metrics_number(b, f->unit, metrics_get(metrics_at(f, i, 0)));
        }
    }

    (void) sc_buf_add_cstr(b, "}");
}


static void
metrics_json_and(sc_buf_t *b, const metrics_family_t *f, size_t i)
{
    size_t  j;

    for (j = 0; j < f->nand; j++) {
        (void) sc_buf_printf(b, "%s\"%s\":", j == 0 ? "{" : ",",
                             f->and[j + 1]);
        metrics_number(b, f->unit, metrics_get(metrics_at(f, i, j)));
    }

    (void) sc_buf_add_cstr(b, "}");
}


/* Buckets are not cumulative here: each says what fell into it. */
static void
metrics_json_histogram(sc_buf_t *b, const metrics_family_t *f)
{
    size_t   i;
    int64_t  q;

    static const int  shares[] = { 50, 95, 99 };

    (void) sc_buf_printf(b, "{\"count\":%lld,\"sum\":",
                         (long long) metrics_count(f->cell));
    metrics_number(b, f->unit, metrics_sum(f->cell));

    for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        q = (int64_t) metrics_quantile(f->cell, f->unit, shares[i] / 100.0);
        (void) sc_buf_printf(b, ",\"p%d\":", shares[i]);
        metrics_number(b, f->unit, q);
    }

    (void) sc_buf_add_cstr(b, ",\"buckets\":{");

    for (i = 0; i < METRICS_BOUNDS; i++) {
        (void) sc_buf_add_cstr(b, "\"");
        metrics_number(b, f->unit, metrics_bound(f->unit, i));
        (void) sc_buf_printf(b, "\":%lld,",
                             (long long) metrics_get(f->cell + i));
    }

    (void) sc_buf_printf(b, "\"+Inf\":%lld}}",
                         (long long) metrics_get(f->cell + METRICS_BOUNDS));
}
