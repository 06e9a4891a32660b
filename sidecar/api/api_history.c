
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_list.h"


/* bytes of data of two versions up to which they are compared */
#define DIFF_MAX_DATA    524288


/*
 * Versions of a result.
 *
 * other   id of the version that is compared, "" for the one before
 * data    of the version that it is compared with
 */
typedef struct {
    api_list_t      list;
    char            id[ID_SIZE];
    char            other[ID_SIZE];
    char           *url;
    char           *data;
    store_change_t  changed;
} api_history_t;


static api_history_t *api_history_create(api_call_t *c,
    const char *const *names);
static void api_history_free(api_call_t *c);
static void api_history_get(api_call_t *c, const char *id,
    store_result_pt read);
static void api_history_found(void *data, store_status_t status,
    const store_result_t *result);
static int api_history_take(api_call_t *c, store_status_t status,
    const store_result_t *result);
static void api_history_list(api_call_t *c, int64_t before, size_t limit,
    store_results_pt read);
static void api_history_read(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void api_history_item(const store_result_t *result, sc_buf_t *b);
static int api_diff_id(api_call_t *c, const api_history_t *h,
    const char *name, char *id);
static void api_diff_to(void *data, store_status_t status,
    const store_result_t *result);
static void api_diff_before(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void api_diff_from(void *data, store_status_t status,
    const store_result_t *result);
static void api_diff_reply(api_call_t *c, const store_result_t *from);
static void api_diff_patch(const api_history_t *h, const store_result_t *from,
    sc_buf_t *b);


void
api_result_history(api_call_t *c)
{
    static const char *const  names[] = { "limit", "cursor", NULL };

    if (api_history_create(c, names) != NULL) {
        api_history_get(c, c->id, api_history_found);
    }
}


/* NULL when the call is answered. */
static api_history_t *
api_history_create(api_call_t *c, const char *const *names)
{
    api_history_t  *h;

    if (c->id[0] == '\0') {
        api_result_not_found(c);
        return NULL;
    }

    h = calloc(1, sizeof(api_history_t));

    if (h == NULL) {
        api_reply_no_memory(c);
        return NULL;
    }

    if (api_list_parse(c, &h->list, names) != SC_OK) {
        free(h);
        return NULL;
    }

    c->limit = h->list.limit > 0 ? h->list.limit : API_LIST_LIMIT;
    c->own = h;
    c->own_free = api_history_free;

    return h;
}


static void
api_history_free(api_call_t *c)
{
    api_history_t  *h = c->own;

    api_list_free(&h->list);
    free(h->url);
    free(h->data);
    free(h);
}


static void
api_history_get(api_call_t *c, const char *id, store_result_pt read)
{
    api_reply_later(c, store_result_get(c->api->store, id, c->tenant, read,
                                        c));
}


static void
api_history_found(void *data, store_status_t status,
    const store_result_t *result)
{
    api_call_t     *c = data;
    api_history_t  *h = c->own;

    if (api_history_take(c, status, result) == SC_OK) {
        api_history_list(c, h->list.after, c->limit < API_LIST_MAX
                                           ? c->limit + 1 : API_LIST_MAX,
                         api_history_read);
    }
}


/* SC_OK, or SC_ERROR when the call is answered. */
static int
api_history_take(api_call_t *c, store_status_t status,
    const store_result_t *result)
{
    api_history_t  *h = c->own;

    c->reading = 0;

    if (status == STORE_NOT_FOUND) {
        api_result_not_found(c);
        return SC_ERROR;
    }

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return SC_ERROR;
    }

    if (h->url != NULL) {
        return SC_OK;
    }

    h->url = strndup(result->url.data, result->url.len);

    if (h->url == NULL) {
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    return SC_OK;
}


static void
api_history_list(api_call_t *c, int64_t before, size_t limit,
    store_results_pt read)
{
    api_history_t        *h = c->own;
    store_results_ask_t   ask;

    api_list_results(c, &ask);
    ask.after = before;
    ask.newest = 1;
    ask.url = h->url;
    ask.limit = limit;

    api_reply_later(c, store_results_list(c->api->store, &ask, read, c));
}


static void
api_history_read(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    size_t          i, size;
    int64_t         seq;
    api_call_t     *c = data;
    sc_buf_t       *b = &c->api->body;
    api_history_t  *h = c->own;

    if (api_list_begin(c, status, API_JSON API_PRIVATE) != SC_OK) {
        return;
    }

    seq = 0;

    for (i = size = 0; i < n && i < c->limit; i++) {
        (void) sc_buf_add_cstr(b, i > 0 ? "," : "");
        api_history_item(&results[i], b);
        size += store_result_size(&results[i]);
        seq = results[i].seq;
    }

    api_list_send(c, &h->list, api_list_more(c, n, size), seq);
}


static void
api_history_item(const store_result_t *result, sc_buf_t *b)
{
    (void) sc_buf_printf(b, "{\"seq\":%lld,\"id\":\"%s\"",
                         (long long) result->seq, result->id);
    api_told_time("at", result->at, b);
    (void) sc_buf_add_cstr(b, ",\"sha256\":");
    (void) sc_json_string(b, result->digest.data, result->digest.len);
    (void) sc_buf_printf(b, ",\"changed\":\"%s\"}",
                         export_changed(result->changed));
}


void
api_result_diff(api_call_t *c)
{
    api_history_t  *h;

    static const char *const  names[] = { "from", "to", NULL };

    h = api_history_create(c, names);

    if (h == NULL) {
        return;
    }

    memcpy(h->id, c->id, ID_SIZE);

    if (api_diff_id(c, h, "from", h->other) != SC_OK
        || api_diff_id(c, h, "to", h->id) != SC_OK)
    {
        return;
    }

    api_history_get(c, h->id, api_diff_to);
}


static int
api_diff_id(api_call_t *c, const api_history_t *h, const char *name, char *id)
{
    size_t       len;
    const char  *value;

    value = query_get(&h->list.query, name);

    if (value == NULL) {
        return SC_OK;
    }

    len = strlen(value);

    if (!id_valid(value, len)) {
        return api_list_wrong(c, name, "\"%s\" is not the id of a result",
                              name);
    }

    memcpy(id, value, len + 1);

    return SC_OK;
}


static void
api_diff_to(void *data, store_status_t status, const store_result_t *result)
{
    api_call_t     *c = data;
    api_history_t  *h = c->own;

    if (api_history_take(c, status, result) != SC_OK) {
        return;
    }

    h->changed = result->changed;
    h->data = strndup(result->data.len > 0 ? result->data.data : "null",
                      result->data.len > 0 ? result->data.len : 4);

    if (h->data == NULL) {
        api_reply_no_memory(c);
        return;
    }

    if (h->other[0] != '\0') {
        api_history_get(c, h->other, api_diff_from);
        return;
    }

    api_history_list(c, result->seq, 1, api_diff_before);
}


static void
api_diff_before(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    api_diff_reply(c, n > 0 ? &results[0] : NULL);
}


static void
api_diff_from(void *data, store_status_t status, const store_result_t *result)
{
    api_call_t     *c = data;
    api_history_t  *h = c->own;

    if (api_history_take(c, status, result) != SC_OK) {
        return;
    }

    if (strlen(h->url) != result->url.len
        || memcmp(h->url, result->url.data, result->url.len) != 0)
    {
        (void) api_list_wrong(c, "from", "\"from\" is a result of another "
                              "URL");
        return;
    }

    api_diff_reply(c, result);
}


static void
api_diff_reply(api_call_t *c, const store_result_t *from)
{
    sc_buf_t       *b = &c->api->body;
    api_history_t  *h = c->own;

    api_reply_begin(c, API_JSON API_PRIVATE);
    (void) sc_buf_add_cstr(b, "{\"from\":");

    if (from != NULL) {
        api_told_link(c, "/v1/results/", from->id, "", b);

    } else {
        (void) sc_buf_add_cstr(b, "null");
    }

    (void) sc_buf_add_cstr(b, ",\"to\":");
    api_told_link(c, "/v1/results/", h->id, "", b);
    (void) sc_buf_add_cstr(b, ",\"url\":");
    (void) sc_json_cstr(b, h->url);
    (void) sc_buf_printf(b, ",\"changed\":\"%s\",\"patch\":",
                         export_changed(h->changed));
    api_diff_patch(h, from, b);
    (void) sc_buf_add_cstr(b, "}");
    api_reply_send(c, 200);
}


/* Data that are long are compared as a whole, as they are written. */
static void
api_diff_patch(const api_history_t *h, const store_result_t *from,
    sc_buf_t *b)
{
    size_t     len;
    json_t    *a, *z;
    sc_str_t   data = sc_null_string;

    if (from != NULL) {
        data = from->data;
    }

    len = strlen(h->data);

    if (data.len + len > DIFF_MAX_DATA) {
        if (data.len == len && memcmp(data.data, h->data, len) == 0) {
            (void) sc_buf_add_cstr(b, "[]");
            return;
        }

        (void) sc_buf_printf(b, "[{\"op\":\"replace\",\"path\":\"\","
                             "\"value\":%s}]", h->data);
        return;
    }

    a = data.len > 0 ? sc_json_of(data.data, data.len, JSON_DECODE_ANY
                                                       | JSON_ALLOW_NUL, NULL)
                     : json_null();
    z = sc_json_of(h->data, strlen(h->data), JSON_DECODE_ANY | JSON_ALLOW_NUL,
                   NULL);

    if (a == NULL || z == NULL) {
        b->failed = 1;

    } else {
        (void) export_diff(a, z, b);
    }

    json_decref(a);
    json_decref(z);
}
