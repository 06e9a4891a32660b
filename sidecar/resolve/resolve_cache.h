
/*
 * The cache of names: a bounded number of them, of which the one unused for
 * the longest time goes first.  Time is what the caller says it is.
 */

#ifndef RESOLVE_CACHE_H
#define RESOLVE_CACHE_H


#include "sidecar/resolve/resolve_record.h"


typedef struct resolve_cache_s  resolve_cache_t;


/* For at most max names, from 1; NULL when memory is out. */
resolve_cache_t *resolve_cache_create(size_t max);
void resolve_cache_destroy(resolve_cache_t *cache);

/*
 * What is known at now (nanoseconds) about name, len bytes as they were put;
 * NULL when nothing is.  The record is the cache's.
 */
resolve_record_t *resolve_cache_find(resolve_cache_t *cache,
    const char *name, size_t len, int64_t now);

/*
 * Keep record for ttl nanoseconds from now, in place of what was there; 0 or
 * less keeps nothing.  The caller's reference stays its own.  Without memory
 * nothing is kept.
 */
void resolve_cache_put(resolve_cache_t *cache, const char *name, size_t len,
    resolve_record_t *record, int64_t now, int64_t ttl);

/* Names kept, also those that are out of date and not yet found to be. */
size_t resolve_cache_count(const resolve_cache_t *cache);


#endif /* RESOLVE_CACHE_H */
