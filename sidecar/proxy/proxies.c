
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/proxy/proxies_internal.h"


struct proxies_s {
    proxies_pool_t  *pools;
    char             path[];
};


static void proxies_keep(proxies_pool_t *old, proxies_pool_t *new);
static int proxies_rests(const proxies_state_t *s, int64_t now);


proxies_t *
proxies_open(const char *path, char *err, size_t errlen)
{
    size_t      len;
    proxies_t  *p;

    len = strlen(path);

    p = calloc(1, sizeof(proxies_t) + len + 1);
    if (p == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return NULL;
    }

    memcpy(p->path, path, len);

    if (proxies_reload(p, err, errlen) != SC_OK) {
        free(p);
        return NULL;
    }

    return p;
}


int
proxies_reload(proxies_t *p, char *err, size_t errlen)
{
    proxies_pool_t  *pools, *pool, *old;

    if (p->path[0] == '\0') {
        return SC_OK;
    }

    if (proxies_file(&pools, p->path, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    for (pool = pools; pool != NULL; pool = pool->hh.next) {
        old = proxies_pool(p->pools, pool->name);

        if (old != NULL) {
            proxies_keep(old, pool);
        }
    }

    proxies_free(&p->pools);
    p->pools = pools;

    return SC_OK;
}


/* The turn goes on with the first that is still there. */
static void
proxies_keep(proxies_pool_t *old, proxies_pool_t *new)
{
    int               found;
    size_t            i, place;
    proxies_entry_t  *e;

    found = 0;

    for (i = 0; i < old->n; i++) {
        place = (old->next + i) % old->n;
        e = proxies_entry(new, &old->entries[place]->proxy);

        if (e == NULL) {
            continue;
        }

        new->states[e->place] = old->states[place];

        if (!found) {
            new->next = e->place;
            found = 1;
        }
    }
}


void
proxies_close(proxies_t *p)
{
    if (p != NULL) {
        proxies_free(&p->pools);
        free(p);
    }
}


int
proxies_known(const proxies_t *p, const char *pool)
{
    return proxies_pool(p->pools, pool) != NULL;
}


const proxy_t *
proxies_next(proxies_t *p, const char *pool, int64_t now)
{
    size_t           i, place, first;
    proxies_pool_t  *found;

    found = proxies_pool(p->pools, pool);

    if (found == NULL) {
        return NULL;
    }

    first = found->next;

    for (i = 0; i < found->n; i++) {
        place = (found->next + i) % found->n;

        if (!proxies_rests(&found->states[place], now)) {
            found->next = (place + 1) % found->n;
            return &found->entries[place]->proxy;
        }

        if (found->states[place].until < found->states[first].until) {
            first = place;
        }
    }

    return &found->entries[first]->proxy;
}


void
proxies_report(proxies_t *p, const char *pool, const proxy_t *proxy, int ok,
    int64_t now)
{
    proxies_pool_t   *found;
    proxies_entry_t  *e;
    proxies_state_t  *s;

    found = proxies_pool(p->pools, pool);
    e = found != NULL ? proxies_entry(found, proxy) : NULL;

    if (e == NULL) {
        return;
    }

    s = &found->states[e->place];

    if (ok) {
        s->rest = 0;
        return;
    }

    if (!proxies_rests(s, now)) {
        s->rest = s->rest == 0 ? PROXY_FIRST_REST : 2 * s->rest;
    }

    if (s->rest > PROXY_LONGEST_REST) {
        s->rest = PROXY_LONGEST_REST;
    }

    s->until = now + s->rest;
}


static int
proxies_rests(const proxies_state_t *s, int64_t now)
{
    return s->rest > 0 && s->until > now;
}
