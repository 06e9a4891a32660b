
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "sidecar/hosts/hosts_internal.h"


#define HOSTS_BATCH    1000     /* dropped in one round */

#define hosts_entry_of(host)    ((hosts_entry_t *) (host))


static void hosts_name(char *out, const url_t *url);
static hosts_entry_t *hosts_add(hosts_t *h, const char *name);
static void hosts_drop(hosts_t *h, hosts_entry_t *entry);
static int64_t hosts_kept_until(const host_state_t *state);
static void hosts_idle_until(hosts_t *h, hosts_entry_t *entry,
    int64_t until);
static void hosts_expire(loop_timer_t *timer);
static void hosts_expire_next(hosts_t *h);


hosts_t *
hosts_create(loop_t *loop, store_t *store, const host_limits_t *limits,
    void (*ready)(void *data), void *data)
{
    hosts_t  *h;

    h = calloc(1, sizeof(hosts_t));
    if (h == NULL) {
        return NULL;
    }

    h->loop = loop;
    h->store = store;
    h->limits = *limits;
    h->ready = ready;
    h->data = data;
    h->started = loop_now(loop);
    h->dirty_end = &h->dirty;

    if (getrandom(&h->random, sizeof(h->random), 0) < 0 || h->random == 0) {
        h->random = (uint64_t) h->started | 1;
    }

    heap_init(&h->idle);
    loop_timer_init(&h->expire, hosts_expire, h);
    loop_timer_init(&h->flush, hosts_keep_timer, h);

    if (hosts_keep_read(h) != SC_OK) {
        hosts_destroy(h);
        return NULL;
    }

    return h;
}


void
hosts_destroy(hosts_t *h)
{
    host_t  *host, *tmp;

    (void) hosts_keep_flush(h, SIZE_MAX);
    store_forget(h->store, h);
    loop_timer_del(h->loop, &h->expire);
    loop_timer_del(h->loop, &h->flush);

    HASH_ITER(hh, h->table, host, tmp) {
        HASH_DEL(h->table, host);
        free(host);
    }

    heap_free(&h->idle);
    free(h);
}


host_t *
hosts_get(hosts_t *h, const url_t *url)
{
    char            name[HOSTS_NAME_SIZE];
    hosts_entry_t  *entry;

    hosts_name(name, url);

    entry = hosts_entry(h, name);
    if (entry == NULL) {
        return NULL;
    }

    entry->host.refs++;
    heap_remove(&h->idle, &entry->idle);

    return &entry->host;
}


void
hosts_release(hosts_t *h, host_t *host)
{
    host->refs--;
    hosts_settle(h, hosts_entry_of(host));
}


host_t *
hosts_find(hosts_t *h, const char *name)
{
    host_t  *host;

    HASH_FIND_STR(h->table, name, host);

    return host;
}


host_t *
hosts_make(hosts_t *h, const char *name)
{
    hosts_entry_t  *entry;

    entry = hosts_name_valid(name) ? hosts_entry(h, name) : NULL;
    if (entry == NULL) {
        return NULL;
    }

    /* it is dropped in the next round when nothing is changed in this one */
    if (entry->host.refs == 0 && entry->idle.index == HEAP_NONE) {
        hosts_idle_until(h, entry, loop_now(h->loop));
    }

    return &entry->host;
}


void
hosts_changed(hosts_t *h, host_t *host)
{
    hosts_entry_t  *entry;

    entry = hosts_entry_of(host);

    hosts_keep_changed(h, entry);

    /* else settled when it is written */
    if (!host->dirty && host->refs == 0) {
        hosts_idle_until(h, entry, loop_now(h->loop));
    }
}


size_t
hosts_count(const hosts_t *h)
{
    return HASH_COUNT(h->table);
}


hosts_entry_t *
hosts_entry(hosts_t *h, const char *name)
{
    host_t  *host;

    host = hosts_find(h, name);

    return host != NULL ? hosts_entry_of(host) : hosts_add(h, name);
}


int
hosts_name_valid(const char *name)
{
    int    len, valid;
    char   text[HOSTS_NAME_SIZE + 16], canonical[HOSTS_NAME_SIZE], err[256];
    url_t  url;

    len = snprintf(text, sizeof(text), "http://%s/", name);

    if (len < 0 || (size_t) len >= sizeof(text)
        || url_parse(&url, text, (size_t) len, err, sizeof(err)) != SC_OK)
    {
        return 0;
    }

    hosts_name(canonical, &url);
    valid = strcmp(canonical, name) == 0;
    url_free(&url);

    return valid;
}


void
hosts_settle(hosts_t *h, hosts_entry_t *entry)
{
    int64_t  now, until;

    heap_remove(&h->idle, &entry->idle);

    if (entry->host.refs > 0 || entry->host.dirty || entry->host.custom) {
        return;
    }

    now = loop_now(h->loop);
    until = hosts_kept_until(&entry->host.state);

    if (until > now) {
        hosts_idle_until(h, entry, until);

    } else if (entry->written && hosts_keep_delete(h, entry) != SC_OK) {
        hosts_idle_until(h, entry, now + LOOP_SEC);

    } else {
        hosts_drop(h, entry);
    }
}


void
hosts_grace(hosts_t *h, host_state_t *state, int64_t delay)
{
    int64_t  until;

    if (__builtin_add_overflow(h->started, delay, &until)) {
        until = INT64_MAX;
    }

    if (until > loop_now(h->loop) && until > state->next) {
        state->next = until;
    }
}


static void
hosts_name(char *out, const url_t *url)
{
    int          n;
    const char  *open, *close;

    /* an IPv6 address, and no port at its end */
    open = strchr(url->host, ':') != NULL ? "[" : "";
    close = *open != '\0' ? "]" : "";

    n = snprintf(out, HOSTS_NAME_SIZE, "%s%s%s", open, url->host, close);

    if (url->port != 80 && url->port != 443) {
        (void) snprintf(out + n, HOSTS_NAME_SIZE - (size_t) n, ":%u",
                        url->port);
    }
}


static hosts_entry_t *
hosts_add(hosts_t *h, const char *name)
{
    host_t         *host;
    size_t          len;
    unsigned        levels;
    hosts_entry_t  *entry;

    len = strlen(name);
    levels = hosts_order_levels(h);
    entry = calloc(1, sizeof(hosts_entry_t)
                      + levels * sizeof(hosts_entry_t *));

    if (entry == NULL || len >= HOSTS_NAME_SIZE) {
        free(entry);
        return NULL;
    }

    host = &entry->host;
    memcpy(host->name, name, len);
    host->last_error = "";
    host_init(&host->state, &h->limits);
    hosts_grace(h, &host->state, h->limits.delay);
    entry->idle.index = HEAP_NONE;
    entry->levels = levels;

    HASH_ADD_STR(h->table, name, host);

    if (host->hh.tbl == NULL) {
        free(entry);
        return NULL;
    }

    hosts_order_insert(h, entry);

    return entry;
}


static void
hosts_drop(hosts_t *h, hosts_entry_t *entry)
{
    host_t  *host;

    host = &entry->host;
    hosts_order_remove(h, entry);
    HASH_DEL(h->table, host);
    free(entry);
}


/* Until when a host that nobody refers to would be missed. */
static int64_t
hosts_kept_until(const host_state_t *state)
{
    int64_t  until, delayed;

    until = host_kept_until(state);

    if (state->next > until) {
        until = state->next;
    }

    if (state->begun != 0
        && !__builtin_add_overflow(state->begun, host_delay(state), &delayed)
        && delayed > until)
    {
        until = delayed;
    }

    return until;
}


/* Without memory for it, it stays until it is referred to again. */
static void
hosts_idle_until(hosts_t *h, hosts_entry_t *entry, int64_t until)
{
    heap_remove(&h->idle, &entry->idle);
    entry->idle.key = until;

    if (heap_insert(&h->idle, &entry->idle) == SC_OK
        && heap_min(&h->idle) == &entry->idle)
    {
        hosts_expire_next(h);
    }
}


static void
hosts_expire(loop_timer_t *timer)
{
    size_t        i;
    hosts_t      *h = timer->data;
    heap_node_t  *node;

    for (i = 0; i < HOSTS_BATCH; i++) {
        node = heap_min(&h->idle);

        if (node == NULL || node->key > loop_now(h->loop)) {
            break;
        }

        hosts_settle(h, (hosts_entry_t *) ((char *) node
                                           - offsetof(hosts_entry_t, idle)));
    }

    hosts_expire_next(h);
}


static void
hosts_expire_next(hosts_t *h)
{
    int64_t       left;
    heap_node_t  *node;

    node = heap_min(&h->idle);

    if (node != NULL) {
        left = node->key - loop_now(h->loop);
        (void) loop_timer_set(h->loop, &h->expire, left > 0 ? left : 0);
    }
}
