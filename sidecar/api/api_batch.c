
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/api/api_batch.h"
#include "sidecar/api/api_idem.h"


static int api_batch_create(api_call_t *c);
static void api_batch_free(api_call_t *c);
static int api_batch_is_ndjson(const char *type);
static void api_batch_go(api_call_t *c);
static void api_batch_part(server_request_t *r, sc_str_t part, int last);
static void api_batch_run(api_batch_t *b);
static void api_batch_resume(api_call_t *c);
static void api_batch_task(loop_task_t *task);
static int api_batch_turn(api_batch_t *b);
static int api_batch_first(api_batch_t *b, sc_str_t text);
static int api_batch_take(api_batch_t *b, sc_str_t text);
static int api_batch_put(api_batch_t *b, const frontier_spec_t *spec);
static int api_batch_room(api_batch_t *b);
static int api_batch_refused(api_batch_t *b, const problem_t *p);
static void api_batch_job(api_batch_t *b);
static void api_batch_made(void *data, store_status_t status);
static void api_batch_reopened(void *data, store_status_t status,
    size_t added);
static void api_batch_open(api_batch_t *b);
static void api_batch_ready(void *data);


int
api_batch_streams(const server_request_t *r)
{
    static const char  path[] = "/v1/batch";

    return strcmp(r->method, "POST") == 0
           && strncmp(r->target, path, sizeof(path) - 1) == 0
           && (r->target[sizeof(path) - 1] == '\0'
               || r->target[sizeof(path) - 1] == '?')
           && api_batch_is_ndjson(r->content_type);
}


static int
api_batch_is_ndjson(const char *type)
{
    size_t              len;
    const char *const  *known;

    static const char *const  types[] = {
        "application/x-ndjson", "application/ndjson", "application/jsonl",
        NULL
    };

    type += strspn(type, " \t");
    len = strcspn(type, "; \t");

    for (known = types; *known != NULL; known++) {
        if (strlen(*known) == len && strncasecmp(type, *known, len) == 0) {
            return 1;
        }
    }

    return 0;
}


void
api_batch_post(api_call_t *c)
{
    problem_t     p;
    api_batch_t  *b;

    if (api_batch_create(c) != SC_OK) {
        return;
    }

    b = c->own;

    if (c->request->streaming) {
        b->ndjson = 1;
        b->waiting = 1;
        c->request->part = api_batch_part;
        server_hold(c->request, 1);
    }

    if (api_batch_query(b, &p) != SC_OK) {
        api_reply_problem(c, &p, 0);
        return;
    }

    if (api_idem_begin(c, api_batch_go) == SC_OK) {
        api_batch_go(c);
    }
}


static int
api_batch_create(api_call_t *c)
{
    api_batch_t  *b;

    b = calloc(1, sizeof(api_batch_t));

    if (b == NULL || api_work_init(&b->work) != SC_OK) {
        free(b);
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    b->call = c;
    b->task.handler = api_batch_task;
    b->task.data = b;
    api_extract_init(c, &b->defaults);
    api_extract_init(c, &b->page);
    sc_buf_init(&b->rules, 0);
    sc_buf_init(&b->text, 0);
    sc_buf_init(&b->echo, 0);
    sc_buf_init(&b->rejected, 0);
    b->wait = api_extract_wait(c, 0);
    c->own = b;
    c->own_free = api_batch_free;

    return SC_OK;
}


static void
api_batch_free(api_call_t *c)
{
    char          reason[64];
    api_batch_t  *b = c->own;

    if (b->feed != NULL) {
        (void) snprintf(reason, sizeof(reason),
                        "the body stopped after line %lld",
                        (long long) b->line);
        jobs_feed_abort(b->feed, b->nrejected, reason);
        api_idem_undo(c);
    }

    api_park_free(&b->park);

    loop_undefer(&b->task);
    api_work_free(&b->work);
    json_decref(b->base);
    api_extract_free(&b->defaults);
    api_extract_free(&b->page);
    url_free(&b->url);
    query_free(&b->query);
    sc_buf_free(&b->rules);
    sc_buf_free(&b->text);
    sc_buf_free(&b->echo);
    sc_buf_free(&b->rejected);
    free(b);
    c->own = NULL;
    c->own_free = NULL;
}


/* The request is to be done. */
static void
api_batch_go(api_call_t *c)
{
    problem_t        p;
    api_batch_t     *b = c->own;
    const sc_buf_t  *body = &c->request->body;

    if (api_room_check(c) != SC_OK) {
        return;
    }

    if (b->ndjson) {
        api_batch_run(b);
        return;
    }

    if (body->failed) {
        problem_init(&p, "/request/too-large", "the body is larger than "
                     "\"%zu\" bytes: \"application/x-ndjson\", a page a "
                     "line, has no such limit", body->max);
        api_reply_problem(c, &p, 0);

    } else if (api_json_type(c->request->content_type, &p) != SC_OK) {
        api_reply_problem(c, &p, 0);

    } else if (sc_buf_add(&b->text, body->len > 0 ? body->data : "",
                          body->len)
               != SC_OK)
    {
        api_reply_no_memory(c);

    } else {
        b->last = 1;
        api_batch_run(b);
    }
}


void
api_batch_make(api_call_t *c, sc_str_t text)
{
    api_batch_t  *b;

    if (api_batch_create(c) != SC_OK) {
        return;
    }

    b = c->own;
    b->last = 1;

    if (sc_buf_add_str(&b->text, text) != SC_OK) {
        api_reply_no_memory(c);
        return;
    }

    api_batch_run(b);
}


static void
api_batch_part(server_request_t *r, sc_str_t part, int last)
{
    api_call_t   *c = r->ctx;
    api_batch_t  *b = c->own;

    if (api_idem_part(c, part, last)) {
        return;
    }

    if (b->pos > 0) {
        sc_buf_consume(&b->text, b->pos);
        b->pos = 0;
    }

    b->last = last & 1;

    if (sc_buf_add(&b->text, part.len > 0 ? part.data : "", part.len)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    if (!b->waiting) {
        api_batch_run(b);
    }
}


void
api_batch_wait(api_batch_t *b)
{
    b->waiting = 1;

    if (b->ndjson) {
        server_hold(b->call->request, 1);
    }
}


static void
api_batch_resume(api_call_t *c)
{
    api_batch_run(c->own);
}


static void
api_batch_task(loop_task_t *task)
{
    api_batch_run(task->data);
}


static void
api_batch_run(api_batch_t *b)
{
    b->waiting = 0;

    switch (api_batch_turn(b)) {

    case SC_OK:
        api_batch_wait(b);
        loop_defer(b->call->api->loop, &b->task);
        break;

    case SC_AGAIN:
        if (b->ndjson) {
            server_hold(b->call->request, 0);
        }

        break;

    case SC_DECLINED:
        api_batch_end(b);
        break;

    default:
        /* it waits for something else, or the call is gone */
        break;
    }
}


/*
 * A few lines.  SC_OK when there are more, SC_AGAIN when more has to come,
 * SC_DECLINED at the end; SC_ERROR: b must not be touched.
 */
static int
api_batch_turn(api_batch_t *b)
{
    int       i, rc;
    sc_str_t  text = { b->text.len, b->text.data };

    if (!b->ndjson && !b->begun) {
        rc = api_batch_first(b, text);

        if (rc != SC_OK) {
            return SC_ERROR;
        }
    }

    for (i = 0; i < BATCH_TURN; i++) {
        rc = api_batch_next(b, &text);

        if (rc != SC_OK) {
            return rc;
        }

        if (b->ndjson && !b->begun) {
            rc = api_batch_first(b, text);

            if (rc == SC_OK) {
                api_batch_step(b);
                continue;
            }

            if (rc != SC_DECLINED) {
                return SC_ERROR;
            }
        }

        if (api_batch_take(b, text) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* As api_batch_head(), but what is not SC_OK or SC_DECLINED is done with. */
static int
api_batch_first(api_batch_t *b, sc_str_t text)
{
    int        rc;
    problem_t  p;

    rc = api_batch_head(b, text, &p);
    b->begun = (rc == SC_OK || rc == SC_DECLINED);

    if (rc == SC_AGAIN) {
        api_batch_wait(b);
        api_need_wait(b->call, api_batch_resume);

    } else if (rc == SC_ERROR) {
        p.line = b->ndjson ? 1 : p.line;
        api_reply_problem(b->call, &p, 0);
    }

    return rc;
}


static int
api_batch_take(api_batch_t *b, sc_str_t text)
{
    int              rc;
    problem_t        p;
    frontier_spec_t  spec;

    rc = api_batch_page(b, text, &spec, &p);

    if (rc == SC_AGAIN && api_need_url(b->call) != NULL) {
        rc = api_work_refused(&p, api_need_pointer(b->call), NULL,
                              "a page that others are to be like is named in "
                              "the defaults, or in a rule set of its own");
        api_need_free(b->call);
    }

    if (rc == SC_AGAIN) {
        api_batch_wait(b);
        api_need_wait(b->call, api_batch_resume);
        return SC_ERROR;
    }

    b->call->rounds = 0;

    if (rc != SC_OK) {
        return api_batch_refused(b, &p);
    }

    if (b->feed == NULL) {
        /* the line is looked at again when there is a job */
        api_batch_wait(b);
        api_batch_job(b);
        return SC_ERROR;
    }

    return api_batch_put(b, &spec);
}


static int
api_batch_put(api_batch_t *b, const frontier_spec_t *spec)
{
    int  rc;

    if (api_batch_room(b) != SC_OK) {
        return SC_ERROR;
    }

    rc = jobs_feed_add(b->feed, spec, b->line + 1);

    if (rc == SC_ERROR) {
        api_batch_failed(b);
        return SC_ERROR;
    }

    api_batch_step(b);
    b->taken = b->line;
    b->pages++;
    api_room_taken(b->call->api, 1);

    if (rc == SC_AGAIN) {
        api_batch_wait(b);
        return SC_ERROR;
    }

    return SC_OK;
}


/* Pages on their way to disk are not in the queue yet. */
static int
api_batch_room(api_batch_t *b)
{
    int                 again;
    size_t              flying;
    problem_t           p;
    frontier_status_t   status;
    const api_t        *api = b->call->api;
    const settings_t   *s = api->settings;

    status = api_room_more(b->call);
    flying = b->pages - jobs_feed_stored(b->feed);

    if (frontier_queued(api->frontier) + flying >= (size_t) s->max_queue) {
        status = FRONTIER_QUEUE_FULL;
    }

    if (status != FRONTIER_OK) {
        again = api_room_problem(b->call, status, &p);
        api_batch_stop(b, &p, again ? api_room_retry(b->call, status) : 1);
        return SC_ERROR;
    }

    if (s->max_store > 0 && store_bytes(api->store) >= s->max_store) {
        problem_init(&p, "/server/storage-full",
                     "the gateway's store has as many bytes as it may");
        api_batch_stop(b, &p, 0);
        return SC_ERROR;
    }

    return SC_OK;
}


/* A line that cannot be taken; or what is no line's fault. */
static int
api_batch_refused(api_batch_t *b, const problem_t *p)
{
    if (problem_status(p->type) >= 500) {
        api_batch_stop(b, p, 0);
        return SC_ERROR;
    }

    api_batch_reject(b, p);
    api_batch_step(b);

    return SC_OK;
}


static void
api_batch_job(api_batch_t *b)
{
    problem_t           p;
    api_call_t         *c = b->call;
    api_extract_t       bare;
    frontier_spec_t     page;
    frontier_status_t   status;

    if (b->append) {
        if (jobs_reopen(c->api->jobs, c->id, c->tenant, api_batch_reopened,
                        c)
            != SC_OK)
        {
            api_reply_no_memory(c);
            return;
        }

        c->making = 1;
        return;
    }

    page = b->defaults.spec;
    api_extract_init(c, &bare);

    if (page.rules.data == NULL) {
        /* each page has its own */
        if (api_extract_bare(c, &bare, &p) != SC_OK) {
            api_extract_free(&bare);
            api_reply_problem(c, &p, 0);
            return;
        }

        page.rules = bare.spec.rules;
        page.rules_hash = bare.spec.rules_hash;
    }

    status = api_work_make(c, &b->work, API_BATCH, &page, NULL,
                           api_batch_made);
    api_extract_free(&bare);

    if (status != FRONTIER_OK) {
        api_extract_refused(c, status);
        return;
    }

    c->making = 1;
}


static void
api_batch_made(void *data, store_status_t status)
{
    api_call_t   *c = data;
    api_batch_t  *b = c->own;

    c->making = 0;

    if (status == STORE_OK) {
        api_batch_open(b);

    } else if (status == STORE_CONFLICT && c->put_name[0] != '\0') {
        api_batch_free(c);
        api_job_put_again(c);

    } else {
        api_reply_store(c, status);
    }
}


/* The job that pages are to be added to. */
static void
api_batch_reopened(void *data, store_status_t status, size_t added)
{
    api_call_t  *c = data;

    (void) added;

    c->making = 0;

    switch (status) {

    case STORE_OK:
        api_batch_open(c->own);
        break;

    case STORE_NOT_FOUND:
        api_job_not_found(c);
        break;

    case STORE_CONFLICT:
        api_reply_error(c, "/job/state", "pages are added to a batch that "
                        "was not cancelled, has not ended at a limit, and "
                        "is not expired");
        break;

    default:
        api_reply_store(c, status);
    }
}


static void
api_batch_open(api_batch_t *b)
{
    api_call_t  *c = b->call;

    b->feed = jobs_feed_open(c->api->jobs, c->id, c->tenant, api_batch_ready,
                             b);

    if (b->feed == NULL) {
        api_reply_no_memory(c);

    } else if (jobs_feed_status(b->feed) != STORE_OK) {
        jobs_feed_abort(b->feed, 0, "");
        b->feed = NULL;
        api_reply_error(c, "/job/state", "the batch takes no more pages");

    } else {
        api_batch_run(b);
    }
}


static void
api_batch_ready(void *data)
{
    api_batch_t  *b = data;

    if (jobs_feed_status(b->feed) != STORE_OK) {
        api_batch_failed(b);
        return;
    }

    api_batch_run(b);
}
