
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_list.h"


static void api_pages_free(api_call_t *c);
static void api_pages_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_pages_read(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void api_pages_item(const store_job_t *job, sc_buf_t *b);
static void api_pages_number(const char *name, int64_t n, sc_buf_t *b);


void
api_job_pages(api_call_t *c)
{
    api_list_t  *l;

    static const char *const  names[] = { "limit", "cursor", NULL };

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
    c->own = l;
    c->own_free = api_pages_free;
    api_find(c, api_pages_found);
}


static void
api_pages_free(api_call_t *c)
{
    api_list_free(c->own);
    free(c->own);
}


static void
api_pages_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    size_t       limit;
    api_list_t  *l = c->own;

    if (work == NULL) {
        api_pages_read(c, STORE_OK, job, 1);
        return;
    }

    limit = c->limit < API_LIST_MAX ? c->limit + 1 : API_LIST_MAX;

    api_reply_later(c, store_pages_list(c->api->store, job->seq, l->after,
                                        limit, api_pages_read, c));
}


static void
api_pages_read(void *data, store_status_t status, const store_job_t *jobs,
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
        api_pages_item(&jobs[i], b);
        size += store_job_size(&jobs[i]);
        seq = jobs[i].seq;
    }

    api_list_send(c, c->own, api_list_more(c, n, size), seq);
}


static void
api_pages_item(const store_job_t *job, sc_buf_t *b)
{
    (void) sc_buf_printf(b, "{\"id\":\"%s\",\"state\":\"%s\",\"url\":",
                         job->id, store_state_word(job->state));
    (void) sc_json_string(b, job->url.data, job->url.len);
    (void) sc_buf_printf(b, ",\"role\":\"%s\"",
                         job->role == STORE_SITEMAP ? "sitemap" : "page");

    /* to the end of the range: one of another site, no links lead from it */
    api_pages_number("depth", job->depth < INT_MAX ? job->depth : -1, b);
    api_pages_number("line", job->line > 0 ? job->line : -1, b);
    (void) sc_buf_printf(b, ",\"attempts\":%d", job->attempts + job->tries);
    api_told_time("created_at", job->created, b);
    api_told_time("started_at", job->started, b);
    api_told_time("finished_at", job->finished, b);
    api_pages_number("elapsed_ms", job->started > 0
                                   ? job->finished - job->started : -1, b);
    (void) sc_buf_add_cstr(b, ",\"error\":");

    if (job->error.len > 0) {
        (void) sc_buf_add_str(b, job->error);

    } else {
        (void) sc_buf_add_cstr(b, "null");
    }

    (void) sc_buf_add_cstr(b, "}");
}


/* null for what is below 0 */
static void
api_pages_number(const char *name, int64_t n, sc_buf_t *b)
{
    if (n >= 0) {
        (void) sc_buf_printf(b, ",\"%s\":%lld", name, (long long) n);

    } else {
        (void) sc_buf_printf(b, ",\"%s\":null", name);
    }
}
