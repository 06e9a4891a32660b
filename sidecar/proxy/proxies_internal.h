
/*
 * What the parts of the pools share; for sidecar/proxy/proxies*.c alone.
 *
 *     proxies.c       the pools in use: turns, rests, reading again
 *     proxies_file.c  a file made into pools
 */

#ifndef PROXIES_INTERNAL_H
#define PROXIES_INTERNAL_H


#define HASH_NONFATAL_OOM    1
#include <uthash.h>

#include "sidecar/proxy/proxy.h"


/*
 * A proxy of a pool; found by its value, all bytes of which count.
 *
 * place  of it in the pool's lists
 */
typedef struct {
    UT_hash_handle  hh;
    proxy_t         proxy;
    size_t          place;
} proxies_entry_t;


/*
 * rest   how long it rests, nanoseconds; 0: the last fetch went well
 * until  when that ends
 */
typedef struct {
    int64_t  rest;
    int64_t  until;
} proxies_state_t;


/*
 * A pool.  The states are apart from what they are of, in the same order, as
 * all of them may have to be looked at for one turn.
 *
 * next  whose turn it is
 */
typedef struct {
    UT_hash_handle     hh;
    char               name[PROXY_MAX_POOL + 1];
    proxies_entry_t   *known;
    proxies_entry_t  **entries;
    proxies_state_t   *states;
    size_t             n;
    size_t             max;
    size_t             next;
} proxies_pool_t;


/*
 * Read a file into *pools, which is NULL before.  SC_OK, or SC_ERROR with a
 * sentence in err and *pools NULL.
 */
int proxies_file(proxies_pool_t **pools, const char *path, char *err,
    size_t errlen);

/* The pool of this name, NULL if there is none. */
proxies_pool_t *proxies_pool(proxies_pool_t *pools, const char *name);

/* The entry that is this proxy, NULL if there is none. */
proxies_entry_t *proxies_entry(proxies_pool_t *pool, const proxy_t *proxy);

/* Free all pools; *pools is NULL afterwards. */
void proxies_free(proxies_pool_t **pools);


#endif /* PROXIES_INTERNAL_H */
