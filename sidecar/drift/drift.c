
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/core/id.h"
#include "sidecar/drift/drift_internal.h"


/* between two writes of what was counted */
#define DRIFT_TICK    (60 * LOOP_SEC)

/* bytes of a name or hash */
#define DRIFT_NAME    255


static void drift_note_set(drift_t *d, const drift_page_t *page,
    const char *name, const char *member, const json_t *fill,
    sc_buf_t *out);
static void drift_window(drift_set_t *set, sc_buf_t *out);
static int drift_version(drift_set_t *set, const drift_page_t *page,
    const char *member);
static void drift_key(char *key, const char *name);
static drift_set_t *drift_find(drift_t *d, sc_str_t tenant,
    const char *name);
static drift_set_t *drift_add(drift_t *d, sc_str_t tenant, const char *name,
    unsigned named);
static void drift_evict(drift_t *d);
static void drift_read(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void drift_tick(loop_timer_t *timer);
static void drift_write(drift_set_t *set);
static void drift_free(drift_set_t *set);


drift_t *
drift_create(loop_t *loop, store_t *store)
{
    drift_t  *d;

    d = calloc(1, sizeof(drift_t));
    if (d == NULL) {
        return NULL;
    }

    d->loop = loop;
    d->store = store;
    loop_timer_init(&d->timer, drift_tick, d);

    if (loop_timer_set(loop, &d->timer, DRIFT_TICK) != SC_OK) {
        free(d);
        return NULL;
    }

    return d;
}


void
drift_destroy(drift_t *d)
{
    drift_set_t  *set, *tmp;

    if (d == NULL) {
        return;
    }

    loop_timer_del(d->loop, &d->timer);

    HASH_ITER(hh, d->sets, set, tmp) {
        drift_write(set);
        HASH_DEL(d->sets, set);
        drift_free(set);
    }

    json_last_free(&d->fill);
    free(d);
}


void
drift_note(drift_t *d, const drift_page_t *page, sc_buf_t *out)
{
    json_t      *fill, *pairs;
    const char  *name;

    fill = json_last_get(&d->fill, page->fill);

    if (strcmp(page->name, DRIFT_NAMES) != 0) {
        drift_note_set(d, page, page->name, NULL, fill, out);
        json_decref(fill);
        return;
    }

    json_object_foreach(fill, name, pairs) {
        drift_note_set(d, page, name, name, pairs, out);
    }

    json_decref(fill);
}


/* member: the set's name in the rules of a group, NULL when it has its own */

static void
drift_note_set(drift_t *d, const drift_page_t *page, const char *name,
    const char *member, const json_t *fill, sc_buf_t *out)
{
    char          key[DRIFT_NAME + 1];
    drift_set_t  *set;

    drift_key(key, name[0] != '\0' ? name : page->hash);
    set = drift_find(d, page->tenant, key);

    if (set == NULL) {
        set = drift_add(d, page->tenant, key, name[0] != '\0');
    }

    if (set == NULL || drift_version(set, page, member) != SC_OK) {
        return;
    }

    /* to the end, as the last to be dropped */
    HASH_DEL(d->sets, set);
    HASH_ADD_KEYPTR(hh, d->sets, set->key,
                    set->tenant_len + 1 + strlen(set->name), set);

    if (set->hh.tbl == NULL) {
        drift_free(set);
        return;
    }

    if (member != NULL) {
        drift_fields_add(set, 0, fill);

    } else {
        drift_fields_count(set, fill);
    }

    set->pages++;
    set->dirty = 1;

    if (++set->window >= DRIFT_WINDOW && !set->reading) {
        drift_window(set, out);
    }
}


/* The window is over; its events are known by their time. */
static void
drift_window(drift_set_t *set, sc_buf_t *out)
{
    int64_t  now = id_now_ms();

    if (set->nevents > 0 && set->events[set->nevents - 1].at == now) {
        now++;
    }

    drift_fields_close(set, now);
    set->window = 0;

    if (out != NULL) {
        drift_json_events(set, now, out);
    }
}


/*
 * A new version takes over when it comes often enough: two that take turns
 * would be read anew with each page.
 */

static int
drift_version(drift_set_t *set, const drift_page_t *page, const char *member)
{
    if (strcmp(set->hash, page->hash) == 0) {
        set->others = 0;
        return SC_OK;
    }

    if ((set->fields != NULL || !set->named)
        && ++set->others < DRIFT_OTHERS)
    {
        return SC_DECLINED;
    }

    set->others = 0;

    return drift_fields_set(set, page->hash, page->rules, member);
}


int
drift_show(drift_t *d, sc_str_t tenant, const char *name, sc_buf_t *out)
{
    char          key[DRIFT_NAME + 1];
    drift_set_t  *set;

    drift_key(key, name);
    set = drift_find(d, tenant, key);

    if (set == NULL || set->reading) {
        return SC_DECLINED;
    }

    return drift_json_write(set, out);
}


size_t
drift_fallen(const drift_t *d)
{
    size_t        i, n;
    drift_set_t  *set, *tmp;

    n = 0;

    HASH_ITER(hh, d->sets, set, tmp) {
        for (i = 0; i < set->nfields; i++) {
            n += set->fields[i].fallen;
        }
    }

    return n;
}


/* "shop@3" is a version of "shop". */

static void
drift_key(char *key, const char *name)
{
    (void) snprintf(key, DRIFT_NAME + 1, "%.*s", (int) strcspn(name, "@"),
                    name);
}


static drift_set_t *
drift_find(drift_t *d, sc_str_t tenant, const char *name)
{
    sc_buf_t      key;
    drift_set_t  *set;

    set = NULL;
    sc_buf_init(&key, 0);
    (void) sc_buf_add_str(&key, tenant);
    (void) sc_buf_add(&key, "", 1);

    if (sc_buf_add_cstr(&key, name) == SC_OK) {
        HASH_FIND(hh, d->sets, key.data, key.len, set);
    }

    sc_buf_free(&key);

    return set;
}


/* A set without a name is not kept: who makes rules anew makes many. */

static drift_set_t *
drift_add(drift_t *d, sc_str_t tenant, const char *name, unsigned named)
{
    size_t        len;
    drift_set_t  *set;
    sc_str_t      text = { strlen(name), name };

    if (HASH_COUNT(d->sets) >= DRIFT_MAX_SETS) {
        drift_evict(d);
    }

    len = tenant.len + 1 + text.len;
    set = calloc(1, sizeof(drift_set_t));

    if (set == NULL || (set->key = malloc(len + 1)) == NULL) {
        free(set);
        return NULL;
    }

    if (tenant.len != 0) {
        memcpy(set->key, tenant.data, tenant.len);
    }

    set->key[tenant.len] = '\0';
    memcpy(set->key + tenant.len + 1, name, text.len + 1);
    set->drift = d;
    set->tenant_len = tenant.len;
    set->name = set->key + tenant.len + 1;

    HASH_ADD_KEYPTR(hh, d->sets, set->key, len, set);

    if (set->hh.tbl == NULL) {
        drift_free(set);
        return NULL;
    }

    set->named = named & 1u;

    if (named) {
        set->reading = (store_doc_get(d->store, DRIFT_KIND, tenant, text,
                                      drift_read, set)
                        == SC_OK);
        set->unread = !set->reading;
    }

    return set;
}


static void
drift_evict(drift_t *d)
{
    drift_set_t  *oldest = d->sets;

    drift_write(oldest);
    HASH_DEL(d->sets, oldest);
    drift_free(oldest);
}


static void
drift_read(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    drift_set_t  *set = data;

    set->reading = 0;

    if (status == STORE_OK && n == 1) {
        drift_json_read(set, docs[0].body);

    } else if (status != STORE_OK && status != STORE_NOT_FOUND) {
        set->unread = 1;
    }
}


static void
drift_tick(loop_timer_t *timer)
{
    drift_t      *d = timer->data;
    drift_set_t  *set, *tmp;

    HASH_ITER(hh, d->sets, set, tmp) {
        drift_write(set);
    }

    (void) loop_timer_set(d->loop, &d->timer, DRIFT_TICK);
}


static void
drift_write(drift_set_t *set)
{
    sc_buf_t     body;
    store_doc_t  doc = { .kind = sc_string(DRIFT_KIND) };

    if (!set->dirty || !set->named || set->reading || set->unread) {
        return;
    }

    sc_buf_init(&body, 0);

    if (drift_json_write(set, &body) == SC_OK) {
        doc.tenant.data = set->key;
        doc.tenant.len = set->tenant_len;
        doc.name.data = set->name;
        doc.name.len = strlen(set->name);
        doc.body.data = body.data;
        doc.body.len = body.len;
        doc.at = id_now_ms();

        if (store_doc_put(set->drift->store, &doc, NULL, NULL) == SC_OK) {
            set->dirty = 0;
        }
    }

    sc_buf_free(&body);
}


static void
drift_free(drift_set_t *set)
{
    size_t  i;

    if (set->reading) {
        store_forget(set->drift->store, set);
    }

    for (i = 0; i < set->nevents; i++) {
        free(set->events[i].path);
    }

    drift_fields_free(set->fields, set->nfields);
    free(set->key);
    free(set);
}
