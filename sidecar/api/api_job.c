
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_list.h"
#include "sidecar/api/etag.h"


/* how often a job that is not in memory is looked for in the store */
#define JOB_POLL       (250 * LOOP_MS)

#define JOB_TAG        32               /* hex digits of an entity tag */
#define JOB_MESSAGES   100              /* deliveries that are told */


/*
 * A status that is asked for.
 *
 * text     what is told
 * tag      names what of it changes with the job alone
 * seq      of the job
 * results  are to be told; paged: with a link to the rest of them
 * watch    it is waited for
 * told     something has happened since the job was looked for
 */
typedef struct {
    sc_buf_t       text;
    char           tag[JOB_TAG + 1];
    int            status;
    int64_t        seq;
    jobs_watch_t  *watch;
    unsigned       results:1;
    unsigned       paged:1;
    unsigned       deliveries:1;
    unsigned       many:1;
    unsigned       ended:1;
    unsigned       told:1;
} job_show_t;


static job_show_t *api_job_own(api_call_t *c, int status);
static void api_job_free(api_call_t *c);
static int api_job_include(api_call_t *c, job_show_t *show);
static void api_job_wait(api_call_t *c);
static void api_job_look(api_call_t *c);
static void api_job_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_job_tag(job_show_t *show, size_t len);
static int api_job_known(const api_call_t *c);
static int api_job_park(api_call_t *c, const store_job_t *job);
static int api_job_watch(api_call_t *c, const char *id, int64_t left);
static void api_job_waited(loop_timer_t *timer);
static void api_job_now(api_call_t *c);
static void api_job_told(void *data, unsigned what);
static void api_job_ended(void *data, const frontier_outcome_t *o);
static void api_job_rest(api_call_t *c);
static void api_job_tallies(void *data, store_status_t status,
    const store_tally_t *tallies, size_t n);
static void api_job_more(api_call_t *c);
static void api_job_results(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void api_job_messages(void *data, store_status_t status,
    const store_message_t *messages, size_t n);
static void api_job_send(api_call_t *c);


void
api_job_get(api_call_t *c)
{
    job_show_t  *show;

    show = api_job_own(c, 200);

    if (show == NULL || api_job_include(c, show) != SC_OK) {
        return;
    }

    api_job_wait(c);
    loop_timer_init(&c->timer, api_job_waited, c);
    c->polling = 1;
    c->hurry = api_job_now;
    api_job_look(c);
}


void
api_job_show(api_call_t *c, int status)
{
    if (c->own_free != NULL) {
        c->own_free(c);
        c->own = NULL;
        c->own_free = NULL;
    }

    if (api_job_own(c, status) != NULL) {
        loop_timer_init(&c->timer, api_job_waited, c);
        c->deadline = 0;
        api_find(c, api_job_found);
    }
}


static job_show_t *
api_job_own(api_call_t *c, int status)
{
    job_show_t  *show;

    show = calloc(1, sizeof(job_show_t));

    if (show == NULL) {
        api_reply_no_memory(c);
        return NULL;
    }

    sc_buf_init(&show->text, 0);
    show->status = status;
    c->own = show;
    c->own_free = api_job_free;

    return show;
}


static void
api_job_free(api_call_t *c)
{
    job_show_t  *show = c->own;

    if (show->watch != NULL) {
        jobs_unwatch(show->watch);
    }

    sc_buf_free(&show->text);
    free(show);
}


static int
api_job_include(api_call_t *c, job_show_t *show)
{
    int          rc;
    size_t       len;
    query_t      query;
    const char  *p;

    static const char *const  names[] = { "include", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return SC_ERROR;
    }

    rc = SC_OK;
    p = query_get(&query, "include");

    for ( /* void */ ; p != NULL && *p != '\0'; p += len + (p[len] == ',')) {
        len = strcspn(p, ",");

        if (len == 7 && strncmp(p, "results", len) == 0) {
            show->results = 1;

        } else if (len == 10 && strncmp(p, "deliveries", len) == 0) {
            show->deliveries = 1;

        } else {
            rc = api_list_wrong(c, "include", "\"include\" takes \"results\" "
                                "and \"deliveries\"");
            break;
        }
    }

    query_free(&query);

    return rc;
}


static void
api_job_wait(api_call_t *c)
{
    int64_t            wait;
    prefer_t           prefer;
    const settings_t  *s = c->api->settings;

    prefer_parse(&prefer, c->request->prefer);
    prefer.async = 0;
    prefer.strict = 0;
    wait = 0;

    if (prefer.wait > 0) {
        wait = prefer.wait * 1000 < s->max_wait ? prefer.wait * 1000
                                                : s->max_wait;
        prefer.wait = wait / 1000;
    }

    prefer_applied(&prefer, c->applied, sizeof(c->applied));
    c->deadline = loop_now(c->api->loop) + wait * LOOP_MS;
}


static void
api_job_look(api_call_t *c)
{
    job_show_t  *show = c->own;

    show->told = 0;
    api_find(c, api_job_found);
}


static void
api_job_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    size_t       stable;
    job_show_t  *show = c->own;

    show->seq = job->seq;
    show->many = (work != NULL);
    show->ended = store_state_ended(job->state) != 0;

    api_tell_job(c, job->id, job->state);

    if (work != NULL) {
        api_tell_work(c, &work->counts);
    }

    sc_buf_reset(&show->text);
    api_told_begin(c, job, work, &show->text, &stable);

    if (show->text.failed) {
        api_reply_no_memory(c);
        return;
    }

    api_job_tag(show, stable);

    if (api_job_park(c, job)) {
        return;
    }

    loop_timer_del(c->api->loop, &c->timer);

    if (api_job_known(c)) {
        api_job_send(c);
        return;
    }

    api_job_rest(c);
}


/* It is weak: how long the job has run, say, is not in it. */
static void
api_job_tag(job_show_t *show, size_t len)
{
    sc_str_t  text = { len, show->text.data };

    show->tag[0] = '\0';

    if (!show->deliveries) {
        (void) etag_make(text, show->results, show->tag, JOB_TAG);
    }
}


/* Whether the client has what it would be told. */
static int
api_job_known(const api_call_t *c)
{
    sc_str_t           tag;
    const job_show_t  *show = c->own;

    tag.data = show->tag;
    tag.len = strlen(show->tag);

    return tag.len > 0 && show->status == 200
           && etag_matches(c->request->if_none_match, tag);
}


/*
 * Whether it is waited for: for a change, by a client that says what it has,
 * else for the end.  A job that has ended but is not on disk yet is waited for
 * in any case.
 */
static int
api_job_park(api_call_t *c, const store_job_t *job)
{
    int          news;
    int64_t      left;
    job_show_t  *show = c->own;

    if (!c->polling) {
        return 0;
    }

    left = c->deadline - loop_now(c->api->loop);
    news = c->request->if_none_match[0] != '\0' && !api_job_known(c);

    if (c->wait == NULL && !show->many && !news && (left > 0 || show->ended))
    {
        /* NULL when it is on disk */
        c->wait = frontier_wait(c->api->frontier, c->id, c->tenant,
                                api_job_ended, c);
    }

    if (show->ended) {
        return c->wait != NULL;
    }

    return left > 0 && !news && api_job_watch(c, job->id, left);
}


static int
api_job_watch(api_call_t *c, const char *id, int64_t left)
{
    api_t       *api = c->api;
    job_show_t  *show = c->own;

    if (show->watch == NULL) {
        show->watch = jobs_watch(api->jobs, id, api_job_told, c);

        /* it may have changed between */
        show->told = 1;
    }

    if (show->watch == NULL || !show->many) {
        left = left < JOB_POLL ? left : JOB_POLL;
    }

    return loop_timer_set(api->loop, &c->timer, show->told ? 0 : left)
           == SC_OK;
}


static void
api_job_waited(loop_timer_t *timer)
{
    api_call_t  *c = timer->data;

    if (c->wait != NULL) {
        frontier_unwait(c->wait);
        c->wait = NULL;
    }

    api_job_look(c);
}


void
api_job_hurry(api_call_t *c)
{
    if (c->hurry != NULL) {
        c->hurry(c);
    }
}


static void
api_job_now(api_call_t *c)
{
    c->deadline = 0;

    if (!c->reading) {
        (void) loop_timer_set(c->api->loop, &c->timer, 0);
    }
}


static void
api_job_told(void *data, unsigned what)
{
    api_call_t  *c = data;
    job_show_t  *show = c->own;

    (void) what;

    show->told = 1;

    if (!c->reading && c->timer.handler != NULL) {
        (void) loop_timer_set(c->api->loop, &c->timer, 0);
    }
}


static void
api_job_ended(void *data, const frontier_outcome_t *o)
{
    api_call_t  *c = data;

    c->wait = NULL;
    loop_timer_del(c->api->loop, &c->timer);

    if (o->stored == STORE_OK) {
        c->polling = 0;
        api_job_found(c, o->job, NULL);

    } else {
        /* what is on disk is what counts */
        c->deadline = 0;
        api_job_look(c);
    }
}


/* Nothing is waited for any more: what else is told is read. */
static void
api_job_rest(api_call_t *c)
{
    job_show_t  *show = c->own;

    c->polling = 0;

    if (!show->many) {
        api_told_end(c, c->id, &show->text);
        api_job_more(c);
        return;
    }

    api_reply_later(c, store_tallies(c->api->store, show->seq, api_job_tallies,
                                     c));
}


static void
api_job_tallies(void *data, store_status_t status,
    const store_tally_t *tallies, size_t n)
{
    api_call_t  *c = data;
    job_show_t  *show = c->own;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    api_told_tallies(tallies, n, &show->text);
    api_told_end(c, c->id, &show->text);
    api_job_more(c);
}


static void
api_job_more(api_call_t *c)
{
    int                  rc;
    job_show_t          *show = c->own;
    store_results_ask_t  ask;

    rc = SC_DECLINED;

    if (show->results) {
        api_list_results(c, &ask);
        ask.job = c->id;
        ask.limit = API_LIST_LIMIT + 1;
        rc = store_results_list(c->api->store, &ask, api_job_results, c);

    } else if (show->deliveries) {
        rc = store_messages_list(c->api->store, c->id, c->tenant,
                                 JOB_MESSAGES, api_job_messages, c);
    }

    if (rc == SC_ERROR) {
        api_reply_no_memory(c);
        return;
    }

    if (rc == SC_DECLINED) {
        api_job_send(c);
        return;
    }

    c->reading = 1;
}


static void
api_job_results(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    size_t       i, size;
    api_call_t  *c = data;
    sc_buf_t    *b;
    job_show_t  *show = c->own;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    b = &show->text;
    (void) sc_buf_add_cstr(b, ",\"data\":[");

    for (i = size = 0; i < n && i < API_LIST_LIMIT; i++) {
        (void) sc_buf_add_cstr(b, i > 0 ? "," : "");
        (void) export_json_item(c->request->base, &results[i], NULL, 0, b);
        size += store_result_size(&results[i]);
    }

    (void) sc_buf_add_cstr(b, "],\"next\":");

    if (n > API_LIST_LIMIT || size >= STORE_LIST_BYTES) {
        api_results_next(c, results[i - 1].seq, b);

    } else {
        (void) sc_buf_add_cstr(b, "null");
    }

    show->paged = 1;

    show->results = 0;
    api_job_more(c);
}


static void
api_job_messages(void *data, store_status_t status,
    const store_message_t *messages, size_t n)
{
    size_t                  i;
    api_call_t             *c = data;
    sc_buf_t               *b;
    job_show_t             *show = c->own;
    const store_message_t  *m;

    static const char *const  states[] = { "pending", "delivered", "failed" };

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    b = &show->text;
    (void) sc_buf_add_cstr(b, ",\"deliveries\":[");

    for (i = 0; i < n; i++) {
        m = &messages[i];
        (void) sc_buf_printf(b, "%s{\"id\":\"%s\",\"event\":\"%.*s\","
                             "\"state\":\"%s\",\"attempts\":%d",
                             i > 0 ? "," : "", m->id, (int) m->event.len,
                             m->event.data,
                             states[m->state >= 0 && m->state <= 2
                                    ? m->state : 2],
                             m->tries);
        api_told_time("created_at", m->created, b);
        api_told_time("next_at", m->state == 0 ? m->due : 0, b);
        (void) sc_buf_add_cstr(b, ",\"last\":");

        if (m->last.len > 0) {
            (void) sc_buf_add_str(b, m->last);

        } else {
            (void) sc_buf_add_cstr(b, "null");
        }

        (void) sc_buf_add_cstr(b, "}");
    }

    (void) sc_buf_add_cstr(b, "]");
    api_job_send(c);
}


static void
api_job_send(api_call_t *c)
{
    int          known;
    job_show_t  *show = c->own;

    known = api_job_known(c);
    api_reply_begin(c, known ? "" : API_JSON);
    (void) sc_buf_add_cstr(&c->api->headers, API_PRIVATE);

    if (show->tag[0] != '\0') {
        (void) sc_buf_printf(&c->api->headers, "ETag: W/\"%s\"\r\n",
                             show->tag);
    }

    if (!show->ended) {
        (void) sc_buf_add_cstr(&c->api->headers, "Retry-After: 1\r\n");
    }

    if (!known) {
        if (!show->paged) {
            api_told_next(c, c->id, &show->text);
        }

        (void) sc_buf_add_cstr(&show->text, "}");
        (void) sc_buf_add(&c->api->body, show->text.data, show->text.len);
        c->api->body.failed |= show->text.failed;
    }

    api_reply_send(c, known ? 304 : show->status);
}


void
api_job_not_found(api_call_t *c)
{
    api_reply_error(c, "/job/not-found", "there is no such job");
}
