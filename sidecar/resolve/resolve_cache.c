
#include <stdlib.h>
#include <string.h>

/* a name that finds no memory is not added, and hh.tbl stays NULL */
#define HASH_NONFATAL_OOM    1
#include <uthash.h>
#include <utlist.h>

#include "sidecar/resolve/resolve_cache.h"


typedef struct resolve_entry_s  resolve_entry_t;

/* next and prev are by use, the oldest first; it is out of date at until. */
struct resolve_entry_s {
    UT_hash_handle     hh;
    resolve_entry_t   *next;
    resolve_entry_t   *prev;
    resolve_record_t  *record;
    int64_t            until;
    char               name[];
};


struct resolve_cache_s {
    size_t            max;
    resolve_entry_t  *entries;
    resolve_entry_t  *oldest;
};


static resolve_entry_t *resolve_entry_find(resolve_cache_t *cache,
    const char *name, size_t len);
static resolve_entry_t *resolve_entry_add(resolve_cache_t *cache,
    const char *name, size_t len);
static void resolve_entry_drop(resolve_cache_t *cache, resolve_entry_t *e);


resolve_cache_t *
resolve_cache_create(size_t max)
{
    resolve_cache_t  *cache;

    cache = calloc(1, sizeof(resolve_cache_t));
    if (cache != NULL) {
        cache->max = max;
    }

    return cache;
}


void
resolve_cache_destroy(resolve_cache_t *cache)
{
    while (cache->oldest != NULL) {
        resolve_entry_drop(cache, cache->oldest);
    }

    free(cache);
}


resolve_record_t *
resolve_cache_find(resolve_cache_t *cache, const char *name, size_t len,
    int64_t now)
{
    resolve_entry_t  *e;

    e = resolve_entry_find(cache, name, len);
    if (e == NULL) {
        return NULL;
    }

    if (now >= e->until) {
        resolve_entry_drop(cache, e);
        return NULL;
    }

    DL_DELETE(cache->oldest, e);
    DL_APPEND(cache->oldest, e);

    return e->record;
}


void
resolve_cache_put(resolve_cache_t *cache, const char *name, size_t len,
    resolve_record_t *record, int64_t now, int64_t ttl)
{
    resolve_entry_t  *e;

    e = resolve_entry_find(cache, name, len);
    if (e != NULL) {
        resolve_entry_drop(cache, e);
    }

    if (ttl <= 0) {
        return;
    }

    if (HASH_COUNT(cache->entries) >= cache->max) {
        resolve_entry_drop(cache, cache->oldest);
    }

    e = resolve_entry_add(cache, name, len);
    if (e != NULL) {
        e->record = resolve_record_share(record);
        e->until = ttl > INT64_MAX - now ? INT64_MAX : now + ttl;
    }
}


size_t
resolve_cache_count(const resolve_cache_t *cache)
{
    return HASH_COUNT(cache->entries);
}


static resolve_entry_t *
resolve_entry_find(resolve_cache_t *cache, const char *name, size_t len)
{
    resolve_entry_t  *e;

    HASH_FIND(hh, cache->entries, name, len, e);

    return e;
}


static resolve_entry_t *
resolve_entry_add(resolve_cache_t *cache, const char *name, size_t len)
{
    resolve_entry_t  *e;

    e = calloc(1, sizeof(resolve_entry_t) + len);
    if (e == NULL) {
        return NULL;
    }

    memcpy(e->name, name, len);
    HASH_ADD_KEYPTR(hh, cache->entries, e->name, len, e);

    if (e->hh.tbl == NULL) {
        free(e);
        return NULL;
    }

    DL_APPEND(cache->oldest, e);

    return e;
}


static void
resolve_entry_drop(resolve_cache_t *cache, resolve_entry_t *e)
{
    HASH_DEL(cache->entries, e);
    DL_DELETE(cache->oldest, e);
    resolve_record_free(e->record);
    free(e);
}
