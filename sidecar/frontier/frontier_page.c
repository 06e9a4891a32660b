
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include <utlist.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/frontier/frontier_internal.h"


/* so many pages are kept before the oldest are looked for */
#define PAGE_TRIM    64


static int frontier_page_may(const frontier_flight_t *fl);
static int frontier_page_name(frontier_flight_t *fl);
static void frontier_page_found(void *data, store_status_t status,
    const store_page_t *page);
static frontier_kept_t *frontier_page_copy(const store_page_t *page);
static void frontier_page_go_on(frontier_flight_t *fl);
static void frontier_page_use(frontier_flight_t *fl);
static void frontier_page_begun(frontier_flight_t *fl);
static const char *frontier_page_text(const frontier_flight_t *fl,
    const char *name);
static void frontier_page_unchanged(frontier_flight_t *fl,
    const fetch_result_t *result);
static int frontier_page_worth(const frontier_flight_t *fl);
static void frontier_page_keep(frontier_flight_t *fl,
    const fetch_result_t *result);
static int frontier_page_head(const frontier_flight_t *fl, sc_buf_t *b);


int
frontier_page_look(frontier_flight_t *fl)
{
    sc_str_t     key = { FRONTIER_PAGE_KEY - 1, fl->page_key };
    frontier_t  *f = fl->frontier;

    cache_request_parse(&fl->cache, frontier_page_text(fl, "cache_control"));

    /* what is never kept is looked for in vain by who wants nothing else */
    if (!cache_looks(&fl->cache)
        || (!frontier_page_may(fl) && !fl->cache.only_if_cached))
    {
        fl->cache.present = 0;
        return SC_DECLINED;
    }

    if (frontier_page_name(fl) != SC_OK
        || store_page_get(f->store, key, frontier_page_found, fl) != SC_OK)
    {
        return SC_ERROR;
    }

    fl->looking = 1;
    frontier_flight_park(fl, FRONTIER_FOREVER);

    return SC_OK;
}


/* What a session shows is nobody else's, and not the same tomorrow. */
static int
frontier_page_may(const frontier_flight_t *fl)
{
    return fl->frontier->settings->page_cache != 0
           && fl->request.session[0] == '\0'
           && (strcmp(fl->method, "GET") == 0
               || strcmp(fl->method, "HEAD") == 0);
}


/* The flight's key without what is said about stored pages. */
static int
frontier_page_name(frontier_flight_t *fl)
{
    size_t         i;
    unsigned       len;
    unsigned char  hash[EVP_MAX_MD_SIZE];

    static const char  hex[] = "0123456789abcdef";

    if (EVP_Digest(fl->key.data, fl->plain_len, hash, &len, EVP_sha256(),
                   NULL)
        != 1)
    {
        return SC_ERROR;
    }

    for (i = 0; i < len; i++) {
        fl->page_key[2 * i] = hex[hash[i] >> 4];
        fl->page_key[2 * i + 1] = hex[hash[i] & 15];
    }

    fl->page_key[2 * i] = '\0';

    return SC_OK;
}


static void
frontier_page_found(void *data, store_status_t status,
    const store_page_t *page)
{
    int64_t             age, lifetime;
    frontier_flight_t  *fl = data;

    fl->looking = 0;
    frontier_flight_unpark(fl);

    age = -1;
    lifetime = -1;

    if (status == STORE_OK) {
        fl->stored = frontier_page_copy(page);
    }

    if (fl->stored != NULL) {
        age = id_now_ms() - fl->stored->at;
        age = age > 0 ? age : 0;
        fl->stored->age = age;
        lifetime = fl->stored->lifetime;
    }

    switch (cache_judge(&fl->cache, age, lifetime)) {

    case CACHE_USE:
        metrics_add(METRICS_KEPT, 1);
        frontier_page_begun(fl);
        frontier_page_use(fl);
        frontier_flight_land(fl);
        break;

    case CACHE_FAIL:
        metrics_add(METRICS_KEPT + 1, 1);
        frontier_page_begun(fl);
        frontier_flight_fail(fl, "/fetch/not-stored",
                             "there is no stored page that would do");
        break;

    default:
        metrics_add(METRICS_KEPT + 1, 1);
        frontier_page_go_on(fl);
    }
}


static frontier_kept_t *
frontier_page_copy(const store_page_t *page)
{
    frontier_kept_t  *p;

    p = calloc(1, sizeof(frontier_kept_t));
    if (p == NULL) {
        return NULL;
    }

    p->at = page->at;
    p->lifetime = page->lifetime;
    p->head = sc_json_of(page->head.data, page->head.len, 0, NULL);
    sc_buf_init(&p->etag, 0);
    sc_buf_init(&p->modified, 0);
    sc_buf_init(&p->body, 0);
    (void) sc_buf_add_str(&p->etag, page->etag);
    (void) sc_buf_add_str(&p->modified, page->modified);
    (void) sc_buf_add_str(&p->body, page->body);

    if (p->head == NULL || p->etag.failed || p->modified.failed
        || p->body.failed)
    {
        json_decref(p->head);
        sc_buf_free(&p->etag);
        sc_buf_free(&p->modified);
        sc_buf_free(&p->body);
        free(p);
        return NULL;
    }

    return p;
}


static void
frontier_page_go_on(frontier_flight_t *fl)
{
    if (frontier_flight_push(fl, 0) != SC_OK) {
        frontier_flight_park(fl, FRONTIER_FIRST_RETRY);
    }
}


/* The page is what it was; it may be taken once. */
static void
frontier_page_use(frontier_flight_t *fl)
{
    char              err[160];
    url_t             url;
    const char       *final;
    frontier_kept_t  *p = fl->stored;

    if (p == NULL) {
        return;
    }

    final = json_string_value(json_object_get(p->head, "final_url"));

    if (final != NULL
        && url_parse(&url, final, strlen(final), err, sizeof(err)) == SC_OK)
    {
        url_free(&fl->hop);
        fl->hop = url;
    }

    frontier_flight_blank(fl);
    fl->page.status = (int) json_integer_value(
                                    json_object_get(p->head, "status"));
    (void) snprintf(fl->http, sizeof(fl->http), "%s",
                    json_string_value(json_object_get(p->head, "http")));
    (void) snprintf(fl->content_type, sizeof(fl->content_type), "%s",
                    json_string_value(json_object_get(p->head,
                                                      "content_type")));
    frontier_headers_restore(fl, json_object_get(p->head, "headers"));
    fl->page.body = p->body;
    fl->page_bytes = (int64_t) p->body.len;
    memset(&p->body, 0, sizeof(sc_buf_t));
    p->used = 1;
}


static void
frontier_page_begun(frontier_flight_t *fl)
{
    frontier_job_t  *j;

    fl->begun = 1;

    DL_FOREACH(fl->jobs, j) {
        frontier_job_begun(j);
    }
}


static const char *
frontier_page_text(const frontier_flight_t *fl, const char *name)
{
    const char  *text;

    text = json_string_value(json_object_get(fl->spec, name));

    return text != NULL ? text : "";
}


size_t
frontier_page_fields(const frontier_flight_t *fl, fetch_header_t *fields)
{
    size_t                  n;
    const frontier_kept_t  *p = fl->stored;

    static const sc_str_t  none_match = sc_string("If-None-Match");
    static const sc_str_t  modified_since = sc_string("If-Modified-Since");

    /* it has the place of the page itself, not of one it redirects to */
    if (p == NULL || p->used || fl->hops > 0
        || json_object_get(p->head, "moved") != NULL)
    {
        return 0;
    }

    n = 0;

    if (p->etag.len > 0) {
        fields[n].name = none_match;
        fields[n].value.data = p->etag.data;
        fields[n++].value.len = p->etag.len;
    }

    if (p->modified.len > 0) {
        fields[n].name = modified_since;
        fields[n].value.data = p->modified.data;
        fields[n++].value.len = p->modified.len;
    }

    return n;
}


void
frontier_page_came(frontier_flight_t *fl, const fetch_result_t *result)
{
    if (!fl->cache.present || result->error != FETCH_OK) {
        return;
    }

    if (result->status == 304 && fl->stored != NULL && !fl->stored->used) {
        frontier_page_unchanged(fl, result);
        return;
    }

    if (frontier_page_worth(fl)) {
        frontier_page_keep(fl, result);
    }
}


static void
frontier_page_unchanged(frontier_flight_t *fl, const fetch_result_t *result)
{
    int64_t           now = id_now_ms();
    sc_str_t          key = { FRONTIER_PAGE_KEY - 1, fl->page_key };
    fetch_timings_t   timings = fl->page.timings;
    frontier_kept_t  *p = fl->stored;

    frontier_page_use(fl);
    p->checked = 1;
    metrics_add(METRICS_KEPT_OK, 1);
    fl->page.timings = timings;
    (void) snprintf(fl->page.ip, sizeof(fl->page.ip), "%s", result->ip);

    (void) store_page_touch(fl->frontier->store, key, now,
                            cache_lifetime(result->cache_control,
                                           result->expires, result->age,
                                           now));
}


/* RFC 9110 15.1: what may be kept unless something else is said. */
static int
frontier_page_worth(const frontier_flight_t *fl)
{
    int  status = fl->page.status;

    return cache_keeps(&fl->cache) && !fl->page.partial
           && (status == 200 || status == 203 || status == 204
               || status == 404 || status == 410);
}


static void
frontier_page_keep(frontier_flight_t *fl, const fetch_result_t *result)
{
    sc_buf_t       head;
    frontier_t    *f = fl->frontier;
    store_page_t   page;

    sc_buf_init(&head, 0);

    if (frontier_page_head(fl, &head) != SC_OK) {
        sc_buf_free(&head);
        return;
    }

    page.key.data = fl->page_key;
    page.key.len = FRONTIER_PAGE_KEY - 1;
    page.head.data = head.data;
    page.head.len = head.len;
    page.etag.data = result->etag;
    page.etag.len = strlen(result->etag);
    page.modified.data = result->last_modified;
    page.modified.len = strlen(result->last_modified);
    page.body.data = fl->page.body.data;
    page.body.len = fl->page.body.len;
    page.at = id_now_ms();
    page.lifetime = cache_lifetime(result->cache_control, result->expires,
                                   result->age, page.at);

    (void) store_page_put(f->store, &page);
    sc_buf_free(&head);

    if (++f->kept % PAGE_TRIM == 0) {
        (void) store_page_trim(f->store, f->settings->page_cache);
    }
}


static int
frontier_page_head(const frontier_flight_t *fl, sc_buf_t *b)
{
    (void) sc_buf_add_cstr(b, "{\"final_url\":");
    (void) sc_json_cstr(b, fl->hop.text);
    (void) sc_buf_printf(b, ",\"status\":%d,\"http\":\"%s\","
                         "\"content_type\":", fl->page.status, fl->http);
    (void) sc_json_cstr(b, fl->content_type);

    if (fl->hops > 0) {
        (void) sc_buf_add_cstr(b, ",\"moved\":true");
    }

    if (fl->headers.len != 0) {
        (void) sc_buf_add_cstr(b, ",\"headers\":");
        (void) sc_buf_add(b, fl->headers.data, fl->headers.len);
    }

    return sc_buf_add_cstr(b, "}");
}


const char *
frontier_page_word(const frontier_flight_t *fl)
{
    if (!fl->cache.present) {
        return NULL;
    }

    if (fl->stored == NULL || !fl->stored->used) {
        return "miss";
    }

    return fl->stored->checked ? "revalidated" : "hit";
}


void
frontier_page_free(frontier_flight_t *fl)
{
    frontier_kept_t  *p = fl->stored;

    if (fl->looking) {
        store_forget(fl->frontier->store, fl);
        fl->looking = 0;
    }

    if (p == NULL) {
        return;
    }

    fl->stored = NULL;
    json_decref(p->head);
    sc_buf_free(&p->etag);
    sc_buf_free(&p->modified);
    sc_buf_free(&p->body);
    free(p);
}
