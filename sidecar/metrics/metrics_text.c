
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sidecar/metrics/metrics_internal.h"


/* columns of a name, of what stands behind it; bytes of either */
#define METRICS_NAME     38
#define METRICS_VALUE    10
#define METRICS_WORDS    64


static void metrics_text_family(sc_buf_t *b, const metrics_family_t *f);
static void metrics_text_key(const metrics_family_t *f, char *words);
static void metrics_text_values(sc_buf_t *b, const metrics_family_t *f,
    const char *key);
static void metrics_text_line(sc_buf_t *b, const metrics_family_t *f,
    const char *name, int64_t n);
static void metrics_text_histogram(sc_buf_t *b, const metrics_family_t *f,
    const char *key);
static void metrics_text_value(const metrics_family_t *f, double n,
    char *words);
static void metrics_text_seconds(double ns, char *words);
static void metrics_text_bytes(double n, char *words);
static void metrics_text_date(int64_t ns, char *words);


void
metrics_text_write(sc_buf_t *b, const char *version)
{
    const char              *group;
    const metrics_family_t  *f;

    (void) sc_buf_printf(b, "scraped %s\n", version);
    group = "";

    for (f = metrics_families; f->group != NULL; f++) {
        if (strcmp(f->group, group) != 0) {
            group = f->group;
            (void) sc_buf_printf(b, "\n%s\n", group);
        }

        metrics_text_family(b, f);
    }
}


static void
metrics_text_family(sc_buf_t *b, const metrics_family_t *f)
{
    char  key[METRICS_WORDS];

    metrics_text_key(f, key);

    if (f->kind == METRICS_HISTOGRAMS) {
        metrics_text_histogram(b, f, key);

    } else {
        metrics_text_values(b, f, key);
    }
}


/* The key as words; that it has a unit is seen by its values. */
static void
metrics_text_key(const metrics_family_t *f, char *words)
{
    char  *p;

    (void) snprintf(words, METRICS_WORDS, "%s", f->key);

    p = f->unit != METRICS_PLAIN ? strrchr(words, '_') : NULL;

    if (p != NULL) {
        *p = '\0';
    }

    for (p = words; *p != '\0'; p++) {
        if (*p == '_') {
            *p = ' ';
        }
    }
}


/* Of many values those that are 0 say nothing. */
static void
metrics_text_values(sc_buf_t *b, const metrics_family_t *f, const char *key)
{
    char     name[3 * METRICS_WORDS];
    size_t   i, j, shown;
    int64_t  n;

    shown = 0;

    for (i = 0; i < f->nvalues; i++) {
        for (j = 0; j < f->nand; j++) {
            n = metrics_get(metrics_at(f, i, j));

            if (n != 0) {
                (void) snprintf(name, sizeof(name), "%s %s %s", key,
                                f->label[i + 1], f->and[j + 1]);
                metrics_text_line(b, f, name, n);
                shown++;
            }
        }
    }

    if (shown == 0) {
        metrics_text_line(b, f, key, 0);
    }
}


static void
metrics_text_line(sc_buf_t *b, const metrics_family_t *f, const char *name,
    int64_t n)
{
    char  value[METRICS_WORDS];

    metrics_text_value(f, (double) n, value);
    (void) sc_buf_printf(b, "  %-*s%*s\n", METRICS_NAME, name,
                         METRICS_VALUE, value);
}


static void
metrics_text_histogram(sc_buf_t *b, const metrics_family_t *f,
    const char *key)
{
    char     value[METRICS_WORDS];
    size_t   i;
    int64_t  n;

    static const int  shares[] = { 50, 95, 99 };

    n = metrics_count(f->cell);
    (void) sc_buf_printf(b, "  %-*s%*lld", METRICS_NAME, key, METRICS_VALUE,
                         (long long) n);

    if (n > 0) {
        metrics_text_value(f, (double) metrics_sum(f->cell) / (double) n,
                           value);
        (void) sc_buf_printf(b, "  mean %*s", METRICS_VALUE, value);
    }

    for (i = 0; n > 0 && i < sizeof(shares) / sizeof(shares[0]); i++) {
        metrics_text_value(f, metrics_quantile(f->cell, f->unit,
                                               shares[i] / 100.0), value);
        (void) sc_buf_printf(b, "  p%d %*s", shares[i], METRICS_VALUE,
                             value);
    }

    (void) sc_buf_add_cstr(b, "\n");
}


static void
metrics_text_value(const metrics_family_t *f, double n, char *words)
{
    if (f->cell == METRICS_START) {
        metrics_text_date((int64_t) n, words);

    } else if (f->unit == METRICS_SECONDS) {
        metrics_text_seconds(n, words);

    } else if (f->unit == METRICS_BYTES) {
        metrics_text_bytes(n, words);

    } else {
        (void) snprintf(words, METRICS_WORDS, "%.*f",
                        f->kind == METRICS_HISTOGRAMS, n);
    }
}


static void
metrics_text_seconds(double ns, char *words)
{
    if (ns >= 1e9) {
        (void) snprintf(words, METRICS_WORDS, "%.2f s", ns / 1e9);

    } else {
        (void) snprintf(words, METRICS_WORDS, "%.2f ms", ns / 1e6);
    }
}


static void
metrics_text_bytes(double n, char *words)
{
    size_t  i;

    static const char *const  units[] = { "B", "KiB", "MiB", "GiB", "TiB" };

    for (i = 0; n >= 1024 && i < sizeof(units) / sizeof(units[0]) - 1; i++) {
        n /= 1024;
    }

    (void) snprintf(words, METRICS_WORDS, "%.*f %s", i > 0, n, units[i]);
}


static void
metrics_text_date(int64_t ns, char *words)
{
    time_t     at;
    struct tm  tm;

    at = (time_t) (ns / METRICS_NS);

    if (gmtime_r(&at, &tm) == NULL
        || strftime(words, METRICS_WORDS, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
    {
        words[0] = '\0';
    }
}
