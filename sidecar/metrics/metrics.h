
/*
 * What happens, in numbers: counters, gauges and histograms of all rooms, and
 * how they are written: as OpenMetrics 1.0, Prometheus' text format 0.0.4,
 * JSON, or text for people.
 *
 * The numbers are one static array: they belong to the process as its log
 * does, whoever counts has no other use for a handle, and none is ever made or
 * freed.  Each cell is written by one thread alone, any may read it: plain
 * loads and stores of whole words, without a lock.
 *
 * Nothing in a label comes from outside: its values are those of metrics.def.
 */

#ifndef METRICS_H
#define METRICS_H


#include "common/sc_buf.h"


/* bounds of a histogram; its cells: a bucket each, one for more, the sum */
#define METRICS_BOUNDS       18
#define METRICS_HISTOGRAM    (METRICS_BOUNDS + 2)


typedef enum {
    METRICS_COUNTER = 0,
    METRICS_GAUGE,
    METRICS_HISTOGRAMS
} metrics_kind_t;


/*
 * What a cell holds: numbers, bytes, or nanoseconds, which are written as
 * seconds.  Bounds of histograms are 0.1 ms to 60 s, 1 to 131072, and 64 bytes
 * to 8 MiB.
 */
typedef enum {
    METRICS_PLAIN = 0,
    METRICS_SECONDS,
    METRICS_BYTES
} metrics_unit_t;


typedef enum {
    METRICS_TEXT = 0,
    METRICS_OPENMETRICS,
    METRICS_PROMETHEUS,
    METRICS_JSON
} metrics_format_t;


/* How many values a label has: METRICS_N_STATE and so on. */
enum {
#define LABEL(id, name, n, ...)  METRICS_N_##id = n,
#include "sidecar/metrics/metrics.def"
#undef LABEL
};


/* The values of ROUTE that are not below /v1. */
#define METRICS_ROUTE_METRICS     (METRICS_N_ROUTE - 4)
#define METRICS_ROUTE_HEALTH      (METRICS_N_ROUTE - 3)
#define METRICS_ROUTE_LOCATION    (METRICS_N_ROUTE - 2)
#define METRICS_ROUTE_OTHER       (METRICS_N_ROUTE - 1)


#define METRICS_CELLS_COUNTER    1
#define METRICS_CELLS_GAUGE      1
#define METRICS_CELLS_HISTOGRAM  METRICS_HISTOGRAM


/*
 * The first cell of each family: METRICS_PAGES and so on.  Value i of its
 * label is i cells behind; value j of a second label, of n values, i * n + j.
 * A histogram has no label.
 */
typedef enum {
#define FAMILY(kind, id, group, key, unit, label, and, help)                  \
    METRICS_##id,                                                             \
    METRICS_LAST_##id = METRICS_##id + METRICS_CELLS_##kind                   \
                        * METRICS_N_##label * METRICS_N_##and - 1,
#include "sidecar/metrics/metrics.def"
#undef FAMILY
    METRICS_CELLS
} metrics_cell_t;


/* Not for use but by the functions below. */
extern int64_t  metrics_cells[METRICS_CELLS];


/* A few nanoseconds each; n may be negative, of a gauge. */
static inline void
metrics_add(size_t cell, int64_t n)
{
    uint64_t  sum;

    /* a sum that is too large begins anew: scrapers know that of counters */
    sum = (uint64_t) __atomic_load_n(&metrics_cells[cell], __ATOMIC_RELAXED)
          + (uint64_t) n;
    __atomic_store_n(&metrics_cells[cell], (int64_t) sum, __ATOMIC_RELAXED);
}


static inline void
metrics_set(size_t cell, int64_t n)
{
    __atomic_store_n(&metrics_cells[cell], n, __ATOMIC_RELAXED);
}


static inline int64_t
metrics_get(size_t cell)
{
    return __atomic_load_n(&metrics_cells[cell], __ATOMIC_RELAXED);
}


/*
 * One more in a histogram of this unit, whose first cell that is: n things, or
 * nanoseconds, or bytes.  What is negative is 0.
 */
void metrics_observe(size_t cell, metrics_unit_t unit, int64_t n);

/* The same of milliseconds in a histogram of seconds; negative: none. */
void metrics_observe_ms(size_t cell, double ms);

/* How many are in a histogram; the sum of them. */
int64_t metrics_count(size_t cell);
int64_t metrics_sum(size_t cell);

/*
 * The value below which a share (0 to 1) of a histogram's is, taken from its
 * buckets as if they were spread evenly in each; 0 of an empty one.  What is
 * above the last bound is at the last bound.
 */
double metrics_quantile(size_t cell, metrics_unit_t unit, double share);

/* Bound i of histograms of a unit, in what their cells hold. */
int64_t metrics_bound(metrics_unit_t unit, size_t i);

/* Which value of PROBLEM a problem type is: the last for one it has not. */
size_t metrics_problem(const char *type);

/* Which value of ROUTE a request's target is: the last for an unknown one. */
size_t metrics_route(const char *target);

/* Which value of STREAM the reply to it is. */
size_t metrics_stream(const char *target);

/* Which value of STATUS an HTTP status is. */
size_t metrics_status(int status);


/*
 * A family as it is written.  A label is its name, NULL for none, and behind
 * it its values.
 */
typedef struct {
    metrics_kind_t      kind;
    metrics_unit_t      unit;
    const char         *group;
    const char         *key;
    const char         *help;
    size_t              cell;
    const char *const  *label;
    size_t              nvalues;
    const char *const  *and;
    size_t              nand;
} metrics_family_t;


/* All of them, in their order; the last has no group. */
extern const metrics_family_t  metrics_families[];

/* The family that a cell begins; NULL when it begins none. */
const metrics_family_t *metrics_family(size_t cell);


/*
 * Write all to a buffer.  scraped_build_info says which version this is.  JSON
 * is one object without an end of line: groups, of them keys, of them numbers,
 * or objects by the values of a label.  SC_OK, or SC_ERROR with b->failed.
 */
int metrics_write(sc_buf_t *b, metrics_format_t format, const char *version);

/* The Content-Type of a format. */
const char *metrics_content_type(metrics_format_t format);

/*
 * The format that is asked for: by its name ("openmetrics", "prometheus",
 * "json", "text"), SC_DECLINED for another; by a field Accept, "" for none
 * (RFC 9110 12.5.1): the acceptable one of the highest weight.
 */
int metrics_format_named(const char *name, metrics_format_t *format);
metrics_format_t metrics_format_accepted(const char *accept);


#endif /* METRICS_H */
