
#include <string.h>

#include "sidecar/api/api_list.h"


static void api_follow_told(void *data, unsigned what);
static void api_follow_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_follow_heard(api_stream_t *s);
static void api_follow_idle(api_stream_t *s);
static void api_follow_late(loop_timer_t *timer);
static void api_follow_hurry(api_call_t *c);
static void api_follow_last(api_call_t *c, const store_job_t *job,
    const store_work_t *work);


int
api_follow(api_stream_t *s, void (*told)(api_stream_t *s))
{
    s->heard = told;
    s->watch = jobs_watch(s->call->api->jobs, s->call->id, api_follow_told,
                          s->call);

    if (s->watch == NULL) {
        api_reply_no_memory(s->call);
        return SC_ERROR;
    }

    return SC_OK;
}


static void
api_follow_told(void *data, unsigned what)
{
    api_call_t    *c = data;
    api_stream_t  *s = c->own;

    s->what |= what;

    if (what & JOBS_ENDED) {
        s->ended = 1;
    }

    if (c->reading) {
        s->told = 1;
        return;
    }

    s->heard(s);
}


void
api_stream_job(api_call_t *c)
{
    api_list_t     list;
    api_stream_t  *s;

    if (c->own_free != NULL) {
        c->own_free(c);
        c->own_free = NULL;
        c->own = NULL;
    }

    memset(&list, 0, sizeof(api_list_t));
    s = api_stream_create(c, &list, EXPORT_NDJSON);

    if (s == NULL) {
        return;
    }

    memcpy(s->job, c->id, ID_SIZE);
    s->ask.job = s->job;
    s->idle = api_follow_idle;

    if (api_follow(s, api_follow_heard) != SC_OK) {
        return;
    }

    loop_timer_del(c->api->loop, &c->timer);
    loop_timer_init(&c->timer, api_follow_late, c);
    c->polling = 1;
    c->hurry = api_follow_hurry;
    api_find(c, api_follow_found);
}


static void
api_follow_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    int64_t        left;
    sc_str_t       none = sc_null_string;
    api_stream_t  *s = c->own;

    (void) work;

    s->ended |= store_state_ended(job->state) != 0;

    if (api_stream_export(s, none) != SC_OK) {
        return;
    }

    (void) sc_buf_printf(&s->head, "Content-Type: %s\r\nVary: Accept\r\n"
                         API_NO_STORE, export_type(s->format));
    (void) sc_buf_printf(&s->head, "Content-Location: %s\r\n",
                         api_reply_link(c, "/v1/jobs/", c->id, "/results"));
    api_stream_open(s);

    left = c->deadline - loop_now(c->api->loop);
    (void) loop_timer_set(c->api->loop, &c->timer, left > 0 ? left : 0);
    api_stream_read(s);
}


static void
api_follow_heard(api_stream_t *s)
{
    if (s->export != NULL) {
        api_stream_read(s);
    }
}


static void
api_follow_idle(api_stream_t *s)
{
    api_call_t  *c = s->call;

    if (s->ended || c->deadline <= loop_now(c->api->loop)) {
        c->polling = 0;
        loop_timer_del(c->api->loop, &c->timer);
        api_find(c, api_follow_last);
    }
}


/* The wait is over; what is being read is written first. */
static void
api_follow_late(loop_timer_t *timer)
{
    api_call_t    *c = timer->data;
    api_stream_t  *s = c->own;

    c->deadline = 0;

    if (!c->reading && !s->more) {
        api_follow_idle(s);
    }
}


static void
api_follow_hurry(api_call_t *c)
{
    c->deadline = 0;
    (void) loop_timer_set(c->api->loop, &c->timer, 0);
}


static void
api_follow_last(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    api_stream_t          *s = c->own;
    const store_counts_t  *n;

    static const store_counts_t  none;

    /* it ended since the store was read: what came last is still there */
    if (store_state_ended(job->state) && !s->ended) {
        s->ended = 1;
        api_stream_read(s);
        return;
    }

    n = work != NULL ? &work->counts : &none;

    if (store_state_ended(job->state)) {
        (void) sc_buf_add_cstr(&s->out, "{\"done\":true");

    } else {
        (void) sc_buf_add_cstr(&s->out, "{\"done\":false");
    }

    (void) sc_buf_printf(&s->out, ",\"id\":\"%s\",\"state\":\"%s\","
                         "\"total\":%lld,\"completed\":%lld,\"failed\":%lld,"
                         "\"cancelled\":%lld,\"rejected\":%lld}\n", job->id,
                         store_state_word(job->state), (long long) n->found,
                         (long long) n->completed, (long long) n->failed,
                         (long long) n->cancelled, (long long) n->rejected);
    api_stream_finish(s, 1);
}
