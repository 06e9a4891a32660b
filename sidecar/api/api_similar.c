
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api_internal.h"
#include "sidecar/extract/extract.h"


/*
 * What a page is like changes with its site, not with each request: its
 * sketch is fetched once and kept for a while.
 */
#define SIMILAR_KEPT       (3600 * LOOP_SEC)
#define SIMILAR_PAGES      1024

#define SIMILAR_POINTER    "/match/similar_to/url"
#define SIMILAR_MAX        640

/* a key in a JSON Pointer: each byte may be escaped */
#define SIMILAR_MAX_KEY    300


/* The sketch of a page of a tenant, in hex, behind the key. */
struct api_page_s {
    UT_hash_handle   hh;
    int64_t          until;
    const char      *sketch;
    char             key[];
};


static int api_similar_set(api_call_t *c, json_t *set, const char *pointer,
    problem_t *p);
static void api_similar_key(char *out, size_t size, const char *base,
    const char *key);
static const char *api_similar_known(api_call_t *c, const char *url);
static int api_similar_find(api_call_t *c, const char *url, sc_buf_t *key,
    api_page_t **page);
static frontier_status_t api_similar_submit(api_call_t *c, problem_t *p);
static void api_similar_ended(void *data, const frontier_outcome_t *o);
static void api_similar_completed(api_call_t *c,
    const store_result_t *result);
static json_t *api_similar_load(sc_str_t text);
static void api_similar_refuse(api_call_t *c, const char *fmt, long status);
static int api_similar_keep(api_call_t *c, const char *url,
    const char *sketch);


int
api_similar_missing(const sc_rules_t *rules)
{
    size_t  i;

    if (rules->match.similar_url != NULL && rules->match.sketch == NULL) {
        return 1;
    }

    for (i = 0; i < rules->nsets; i++) {
        if (api_similar_missing(&rules->sets[i])) {
            return 1;
        }
    }

    return 0;
}


int
api_similar_complete(api_call_t *c, const char *base, const api_rules_t **set,
    problem_t *p)
{
    int          rc;
    char         pointer[SIMILAR_MAX];
    json_t      *json, *sets, *value;
    const char  *key;

    json = sc_json_of((*set)->json.data, (*set)->json.len, 0, NULL);

    if (json == NULL) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    /* canonical JSON: only a group has such a member */
    sets = json_object_get(json, "sets");
    rc = SC_OK;

    if (sets == NULL) {
        rc = api_similar_set(c, json, base, p);
    }

    json_object_foreach(sets, key, value) {
        api_similar_key(pointer, sizeof(pointer), base, key);
        rc = api_similar_set(c, value, pointer, p);

        if (rc != SC_OK) {
            break;
        }
    }

    if (rc == SC_OK) {
        rc = api_rules_take(c, NULL, json, base, set, p);
    }

    json_decref(json);

    return rc;
}


/* Put the sketch in, or say that it is needed. */
static int
api_similar_set(api_call_t *c, json_t *set, const char *pointer, problem_t *p)
{
    char         full[SIMILAR_MAX + sizeof(SIMILAR_POINTER)];
    json_t      *similar;
    const char  *url, *sketch;

    similar = json_object_get(json_object_get(set, "match"), "similar_to");
    url = json_string_value(json_object_get(similar, "url"));

    if (url == NULL || json_object_get(similar, "sketch") != NULL) {
        return SC_OK;
    }

    sketch = api_similar_known(c, url);

    if (sketch == NULL) {
        (void) snprintf(full, sizeof(full), "%s" SIMILAR_POINTER, pointer);
        return api_need_sketch(c, url, full, p);
    }

    if (json_object_set_new(similar, "sketch", json_string(sketch)) != 0) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


static void
api_similar_key(char *out, size_t size, const char *base, const char *key)
{
    char       whole[SIMILAR_MAX_KEY];
    problem_t  p;

    (void) snprintf(whole, sizeof(whole), "%s/sets", base);
    problem_init(&p, "/rules/invalid", "%s", "");
    problem_pointer(&p, whole, key);
    (void) snprintf(out, size, "%s", p.pointer);
}


/* The sketch of a page, NULL when it is not known. */
static const char *
api_similar_known(api_call_t *c, const char *url)
{
    sc_buf_t     key;
    api_page_t  *page;

    sc_buf_init(&key, 0);
    page = NULL;
    (void) api_similar_find(c, url, &key, &page);
    sc_buf_free(&key);

    if (page == NULL || page->until < loop_now(c->api->loop)) {
        return NULL;
    }

    return page->sketch;
}


static int
api_similar_find(api_call_t *c, const char *url, sc_buf_t *key,
    api_page_t **page)
{
    (void) sc_buf_add_str(key, c->tenant);
    (void) sc_buf_add(key, "", 1);

    if (sc_buf_add_cstr(key, url) != SC_OK) {
        return SC_ERROR;
    }

    HASH_FIND(hh, c->api->pages, key->data, key->len, *page);

    return SC_OK;
}


void
api_similar_fetch(api_call_t *c)
{
    problem_t  p;

    p.type = NULL;

    switch (api_similar_submit(c, &p)) {

    case FRONTIER_OK:
        if (c->wait == NULL) {
            api_reply_no_memory(c);
        }

        break;

    case FRONTIER_QUEUE_FULL:
        api_extract_refused(c, FRONTIER_QUEUE_FULL);
        break;

    case FRONTIER_DRAINING:
        api_extract_refused(c, FRONTIER_DRAINING);
        break;

    default:
        if (p.type == NULL) {
            api_reply_no_memory(c);
            break;
        }

        problem_pointer(&p, api_need_pointer(c), NULL);
        api_reply_problem(c, &p, 0);
    }
}


/* A job of its own; FRONTIER_NO_MEMORY with p->type set when it is refused. */
static frontier_status_t
api_similar_submit(api_call_t *c, problem_t *p)
{
    char               id[ID_SIZE];
    const char        *url = api_need_url(c);
    api_extract_t      e;
    frontier_status_t  status;

    api_extract_init(c, &e);
    e.spec.cache_control = "";
    e.spec.request.method = "GET";
    e.spec.views = EXTRACT_SKETCH;
    e.spec.cancel_alone = 1;
    e.spec.waited = 1;
    status = FRONTIER_NO_MEMORY;

    if (api_extract_url(c, &e, url, strlen(url), p) == SC_OK
        && api_extract_bare(c, &e, p) == SC_OK)
    {
        p->type = NULL;
        status = frontier_submit(c->api->frontier, &e.spec, id);
    }

    if (status == FRONTIER_OK) {
        c->wait = frontier_wait(c->api->frontier, id, c->tenant,
                                api_similar_ended, c);
    }

    api_extract_free(&e);

    return status;
}


static void
api_similar_ended(void *data, const frontier_outcome_t *o)
{
    api_call_t  *c = data;

    c->wait = NULL;

    if (o->stored != STORE_OK) {
        api_reply_store(c, o->stored);

    } else if (o->job->state == STORE_CANCELLED) {
        api_reply_error(c, "/job/state", "the job was cancelled");

    } else if (o->job->state == STORE_COMPLETED && o->result != NULL) {
        api_similar_completed(c, o->result);

    } else {
        api_extract_failed(c, o->job);
    }
}


static void
api_similar_completed(api_call_t *c, const store_result_t *result)
{
    int          rc;
    long         status;
    json_t      *fetch, *view;
    const char  *sketch;

    fetch = api_similar_load(result->fetch);
    view = api_similar_load(result->view);
    status = (long) json_integer_value(json_object_get(fetch, "status"));
    sketch = json_string_value(json_object_get(view, "sketch"));

    /* what an origin says of an error is like all its errors */
    if (status != 200) {
        api_similar_refuse(c, "the page has status \"%ld\", nothing is like "
                           "it", status);

    } else if (sketch == NULL) {
        api_similar_refuse(c, "the page of status \"%ld\" has no elements, "
                           "nothing is like it", status);

    } else {
        rc = api_similar_keep(c, api_need_url(c), sketch);

        if (rc == SC_OK) {
            api_need_met(c);

        } else {
            api_reply_no_memory(c);
        }
    }

    json_decref(fetch);
    json_decref(view);
}


static json_t *
api_similar_load(sc_str_t text)
{
    return sc_json_of(text.len > 0 ? text.data : "", text.len, 0, NULL);
}


static void
api_similar_refuse(api_call_t *c, const char *fmt, long status)
{
    char       detail[128];
    problem_t  p;

    (void) snprintf(detail, sizeof(detail), fmt, status);
    problem_init(&p, "/rules/invalid", "%s", detail);
    problem_pointer(&p, api_need_pointer(c), NULL);
    api_reply_problem(c, &p, 0);
}


static int
api_similar_keep(api_call_t *c, const char *url, const char *sketch)
{
    char        *p;
    api_t       *api = c->api;
    size_t       len = strlen(sketch) + 1;
    sc_buf_t     key;
    api_page_t  *page, *old;

    sc_buf_init(&key, 0);
    old = NULL;
    page = NULL;

    if (api_similar_find(c, url, &key, &old) == SC_OK) {
        page = calloc(1, sizeof(api_page_t) + key.len + 1 + len);
    }

    if (page == NULL) {
        sc_buf_free(&key);
        return SC_ERROR;
    }

    if (old == NULL && HASH_COUNT(api->pages) >= SIMILAR_PAGES) {
        old = api->pages;
    }

    if (old != NULL) {
        HASH_DEL(api->pages, old);
        free(old);
    }

    memcpy(page->key, key.data, key.len);
    p = page->key + key.len + 1;
    memcpy(p, sketch, len);
    page->sketch = p;
    page->until = loop_now(api->loop) + SIMILAR_KEPT;
    HASH_ADD_KEYPTR(hh, api->pages, page->key, key.len, page);
    sc_buf_free(&key);

    if (page->hh.tbl == NULL) {
        free(page);
        return SC_ERROR;
    }

    return SC_OK;
}


void
api_similar_free(api_t *api)
{
    api_page_t  *page, *next;

    HASH_ITER(hh, api->pages, page, next) {
        HASH_DEL(api->pages, page);
        free(page);
    }
}
