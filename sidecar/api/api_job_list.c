
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_list.h"


static void api_jobs_free(api_call_t *c);
static int api_jobs_ask(api_call_t *c, api_list_t *l, store_jobs_ask_t *ask);
static int api_jobs_state(api_call_t *c, const query_t *q, int *state);
static int api_jobs_kind(api_call_t *c, const query_t *q, const char **kind);
static void api_jobs_read(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static void api_jobs_item(api_call_t *c, const store_work_t *work);


void
api_job_list(api_call_t *c)
{
    api_list_t        *l;
    store_jobs_ask_t   ask;

    static const char *const  names[] = {
        "state", "kind", "tag", "since", "until", "limit", "cursor", NULL
    };

    l = calloc(1, sizeof(api_list_t));
    if (l == NULL) {
        api_reply_no_memory(c);
        return;
    }

    if (api_list_parse(c, l, names) != SC_OK) {
        free(l);
        return;
    }

    c->limit = l->limit > 0 ? l->limit : API_LIST_LIMIT;

    if (api_jobs_ask(c, l, &ask) != SC_OK) {
        api_list_free(l);
        free(l);
        return;
    }

    c->own = l;
    c->own_free = api_jobs_free;

    api_reply_later(c, store_jobs_list(c->api->store, &ask, api_jobs_read, c));
}


static void
api_jobs_free(api_call_t *c)
{
    api_list_free(c->own);
    free(c->own);
}


static int
api_jobs_ask(api_call_t *c, api_list_t *l, store_jobs_ask_t *ask)
{
    const query_t  *q = &l->query;

    memset(ask, 0, sizeof(store_jobs_ask_t));
    ask->tenant = c->tenant;
    ask->before = l->after;
    ask->tag_name = "";
    ask->tag_value = "";

    /* one more tells whether there are more */
    ask->limit = c->limit < API_LIST_MAX ? c->limit + 1 : API_LIST_MAX;

    if (api_jobs_state(c, q, &ask->state) != SC_OK
        || api_jobs_kind(c, q, &ask->kind) != SC_OK
        || api_list_tag(c, l, &ask->tag_name, &ask->tag_value) == SC_ERROR
        || api_list_time(c, q, "since", &ask->since) == SC_ERROR
        || api_list_time(c, q, "until", &ask->until) == SC_ERROR)
    {
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_jobs_state(api_call_t *c, const query_t *q, int *state)
{
    int          i;
    const char  *value;

    *state = -1;
    value = query_get(q, "state");

    if (value == NULL) {
        return SC_OK;
    }

    for (i = STORE_QUEUED; i <= STORE_PAUSED; i++) {
        if (strcmp(value, store_state_word((store_state_t) i)) == 0) {
            *state = i;
            return SC_OK;
        }
    }

    return api_list_wrong(c, "state", "\"state\" is none of \"queued\", "
                          "\"running\", \"paused\", \"completed\", "
                          "\"failed\", \"cancelled\" and \"expired\"");
}


static int
api_jobs_kind(api_call_t *c, const query_t *q, const char **kind)
{
    const char  *value;

    value = query_get(q, "kind");
    *kind = value != NULL ? value : "";

    if (value != NULL && strcmp(value, "extract") != 0
        && strcmp(value, "batch") != 0 && strcmp(value, "crawl") != 0)
    {
        return api_list_wrong(c, "kind", "\"kind\" is none of \"extract\", "
                              "\"batch\" and \"crawl\"");
    }

    return SC_OK;
}


static void
api_jobs_read(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    size_t       i, size;
    int64_t      seq;
    api_call_t  *c = data;
    sc_buf_t    *b = &c->api->body;

    if (api_list_begin(c, status, API_JSON API_NO_STORE) != SC_OK) {
        return;
    }

    seq = 0;

    for (i = size = 0; i < n && i < c->limit; i++) {
        (void) sc_buf_add_cstr(b, i > 0 ? "," : "");
        api_jobs_item(c, &works[i]);
        size += store_job_size(&works[i].job);
        seq = works[i].job.seq;
    }

    api_list_send(c, c->own, api_list_more(c, n, size), seq);
}


static void
api_jobs_item(api_call_t *c, const store_work_t *work)
{
    sc_buf_t  *b = &c->api->body;

    api_told_begin(c, &work->job, work, b, NULL);
    api_told_end(c, work->job.id, b);
    api_told_next(c, work->job.id, b);
    (void) sc_buf_add_cstr(b, "}");
}
