
/*
 * What the files of the room share.
 *
 *     metrics.def        every label and every family
 *     metrics.c          cells: counted, observed, read
 *     metrics_write.c    which format, and what they have in common
 *     metrics_open.c     OpenMetrics and Prometheus' text
 *     metrics_json.c     JSON
 *     metrics_text.c     text for people
 *     metrics_accept.c   which format is asked for
 */

#ifndef METRICS_INTERNAL_H
#define METRICS_INTERNAL_H


#include "sidecar/metrics/metrics.h"


#define METRICS_NS    1000000000


/* Append everything in one format. */
void metrics_open_write(sc_buf_t *b, const char *version, int prometheus);
void metrics_json_write(sc_buf_t *b, const char *version);
void metrics_text_write(sc_buf_t *b, const char *version);

/* Append what a cell holds as a number: seconds with their fraction. */
void metrics_number(sc_buf_t *b, metrics_unit_t unit, int64_t n);

/* The cell of values i and j. */
size_t metrics_at(const metrics_family_t *f, size_t i, size_t j);


#endif /* METRICS_INTERNAL_H */
