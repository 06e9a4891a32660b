
#include <string.h>

#include "sidecar/metrics/metrics_internal.h"


#define METRICS_KIND_COUNTER      METRICS_COUNTER
#define METRICS_KIND_GAUGE        METRICS_GAUGE
#define METRICS_KIND_HISTOGRAM    METRICS_HISTOGRAMS

#define METRICS_API               "/v1/"


int64_t  metrics_cells[METRICS_CELLS];


/* nanoseconds in those of seconds */
static const int64_t  metrics_bounds[][METRICS_BOUNDS] = {
    { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384,
      32768, 65536, 131072 },
    { 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 25000000,
      50000000, 100000000, 250000000, 500000000, 1000000000, 2500000000,
      5000000000, 10000000000, 30000000000, 60000000000 },
    { 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072,
      262144, 524288, 1048576, 2097152, 4194304, 8388608 }
};


#define LABEL(id, name, n, ...)                                               \
    static const char *const  metrics_##id[n + 1] = { name, __VA_ARGS__ };
#include "sidecar/metrics/metrics.def"
#undef LABEL


const metrics_family_t  metrics_families[] = {
#define FAMILY(kind, id, group, key, unit, label, and, help)                  \
    { METRICS_KIND_##kind, METRICS_##unit, #group, #key, help, METRICS_##id,  \
      metrics_##label, METRICS_N_##label, metrics_##and, METRICS_N_##and },
#include "sidecar/metrics/metrics.def"
#undef FAMILY
    { METRICS_COUNTER, METRICS_PLAIN, NULL, NULL, NULL, 0, NULL, 0, NULL, 0 }
};


/* How many bounds it is above: a binary search, from the largest step on. */
void
metrics_observe(size_t cell, metrics_unit_t unit, int64_t n)
{
    size_t          step, bucket;
    const int64_t  *bounds = metrics_bounds[unit];

    n = n > 0 ? n : 0;
    bucket = 0;

    for (step = 16; step > 0; step /= 2) {
        if (bucket + step <= METRICS_BOUNDS && n > bounds[bucket + step - 1]) {
            bucket += step;
        }
    }

    metrics_add(cell + bucket, 1);
    metrics_add(cell + METRICS_BOUNDS + 1, n);
}


void
metrics_observe_ms(size_t cell, double ms)
{
    if (ms >= 0) {
        metrics_observe(cell, METRICS_SECONDS, (int64_t) (ms * 1e6));
    }
}


int64_t
metrics_bound(metrics_unit_t unit, size_t i)
{
    return metrics_bounds[unit][i];
}


int64_t
metrics_count(size_t cell)
{
    size_t   i;
    int64_t  n;

    n = 0;

    for (i = 0; i <= METRICS_BOUNDS; i++) {
        n += metrics_get(cell + i);
    }

    return n;
}


int64_t
metrics_sum(size_t cell)
{
    return metrics_get(cell + METRICS_BOUNDS + 1);
}


double
metrics_quantile(size_t cell, metrics_unit_t unit, double share)
{
    size_t  i;
    double  rank, before, n, low, high;

    rank = share * (double) metrics_count(cell);
    before = 0;

    if (rank <= 0) {
        return 0;
    }

    for (i = 0; i < METRICS_BOUNDS; i++) {
        n = (double) metrics_get(cell + i);

        if (n > 0 && before + n >= rank) {
            low = i > 0 ? (double) metrics_bound(unit, i - 1) : 0;
            high = (double) metrics_bound(unit, i);

            return low + (high - low) * (rank - before) / n;
        }

        before += n;
    }

    return (double) metrics_bound(unit, METRICS_BOUNDS - 1);
}


size_t
metrics_problem(const char *type)
{
    size_t  i;

    for (i = 0; i < METRICS_N_PROBLEM - 1; i++) {
        if (strcmp(type, metrics_PROBLEM[i + 1]) == 0) {
            break;
        }
    }

    return i;
}


size_t
metrics_route(const char *target)
{
    size_t  i, len;

    len = strcspn(target, "?");

    if (strncmp(target, METRICS_API, sizeof(METRICS_API) - 1) == 0) {
        target += sizeof(METRICS_API) - 1;
        len = strcspn(target, "/?");

        for (i = 0; i < METRICS_ROUTE_METRICS; i++) {
            if (strlen(metrics_ROUTE[i + 1]) == len
                && memcmp(metrics_ROUTE[i + 1], target, len) == 0)
            {
                return i;
            }
        }

        return METRICS_ROUTE_OTHER;
    }

    if (len == 8 && memcmp(target, "/metrics", len) == 0) {
        return METRICS_ROUTE_METRICS;
    }

    if ((len == 8 && memcmp(target, "/healthz", len) == 0)
        || (len == 7 && memcmp(target, "/readyz", len) == 0))
    {
        return METRICS_ROUTE_HEALTH;
    }

    return METRICS_ROUTE_OTHER;
}


size_t
metrics_stream(const char *target)
{
    size_t  len;

    len = strcspn(target, "?");

    if (len >= 7 && memcmp(target + len - 7, "/events", 7) == 0) {
        return 0;
    }

    return strncmp(target, METRICS_API "batch", sizeof(METRICS_API) + 4) == 0
           ? 1 : 2;
}


size_t
metrics_status(int status)
{
    return status >= 200 && status <= 599 ? (size_t) status / 100 - 1 : 0;
}


const metrics_family_t *
metrics_family(size_t cell)
{
    const metrics_family_t  *f;

    for (f = metrics_families; f->group != NULL; f++) {
        if (f->cell == cell) {
            return f;
        }
    }

    return NULL;
}


size_t
metrics_at(const metrics_family_t *f, size_t i, size_t j)
{
    return f->cell + i * f->nand + j;
}
