
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_list.h"


#define EVENT_TICK     LOOP_SEC
#define EVENT_PING     (15 * LOOP_SEC)
#define EVENT_RETRY    "retry: 3000\n\n"


static api_stream_t *api_event_create(api_call_t *c);
static int api_event_data(api_call_t *c, api_list_t *list);
static void api_event_last(api_stream_t *s, const char *id);
static void api_event_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_event_heard(api_stream_t *s);
static void api_event_idle(api_stream_t *s);
static void api_event_drift(api_stream_t *s);
static void api_event_tick(loop_timer_t *timer);
static void api_event_hurry(api_call_t *c);
static void api_event_state(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_event_progress(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_event_done(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_event_status(api_call_t *c, const store_job_t *job,
    const store_work_t *work, const char *event);
static void api_event_send(api_stream_t *s);


void
api_event_stream(api_call_t *c)
{
    api_stream_t  *s;

    s = api_event_create(c);

    if (s != NULL) {
        api_find(c, api_event_found);
    }
}


/* NULL when the call is answered. */
static api_stream_t *
api_event_create(api_call_t *c)
{
    api_list_t     list;
    api_stream_t  *s;

    static const char *const  names[] = {
        "since_seq", "fields", "data", NULL
    };

    if (api_list_parse(c, &list, names) != SC_OK) {
        return NULL;
    }

    if (api_event_data(c, &list) != SC_OK) {
        api_list_free(&list);
        return NULL;
    }

    s = api_stream_create(c, &list, EXPORT_SSE);

    if (s != NULL) {
        api_event_last(s, c->request->last_event_id);
        s->idle = api_event_idle;
        loop_timer_init(&c->timer, api_event_tick, c);
        c->polling = 1;
        c->hurry = api_event_hurry;
    }

    return s;
}


/* data=0: as if no field were wanted. */
static int
api_event_data(api_call_t *c, api_list_t *list)
{
    int      rc;
    int64_t  data;

    rc = api_list_number(c, &list->query, "data", 0, 1, &data);

    if (rc != SC_OK || data == 1) {
        return rc == SC_ERROR ? SC_ERROR : SC_OK;
    }

    if (list->fields == NULL) {
        list->fields = calloc(1, sizeof(char *));
    }

    list->nfields = 0;

    if (list->fields == NULL) {
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    return SC_OK;
}


/* What is no id of ours is as if it were not sent: nothing is missed. */
static void
api_event_last(api_stream_t *s, const char *id)
{
    if (id[0] == '\0' || id[strspn(id, "0123456789")] != '\0'
        || strlen(id) > 18)
    {
        return;
    }

    s->ask.after = strtoll(id, NULL, 10);
    s->seq = s->ask.after;
    s->polled = 1;
}


/* It is watched first and looked for again: nothing gets lost between. */
static void
api_event_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    sc_str_t       none = sc_null_string;
    api_stream_t  *s = c->own;

    if (s->watch == NULL && !store_state_ended(job->state)) {
        memcpy(c->id, job->id, ID_SIZE);

        if (api_follow(s, api_event_heard) == SC_OK) {
            api_find(c, api_event_found);
        }

        return;
    }

    memcpy(s->job, job->id, ID_SIZE);
    s->ask.job = s->job;
    s->ended |= store_state_ended(job->state) != 0;

    if (api_stream_export(s, none) != SC_OK) {
        return;
    }

    (void) sc_buf_printf(&s->head, "Content-Type: %s\r\n" API_NO_STORE
                         "X-Accel-Buffering: no\r\n",
                         export_type(EXPORT_SSE));
    (void) sc_buf_add_cstr(&s->out, EVENT_RETRY);

    if (strcmp(c->request->method, "HEAD") == 0) {
        api_stream_finish(s, 1);
        return;
    }

    if (!s->ended) {
        (void) loop_timer_set(c->api->loop, &c->timer, EVENT_TICK);
    }

    if (!s->ended || !s->polled) {
        api_event_status(c, job, work, "state");
        api_event_send(s);
    }

    api_stream_read(s);
}


static void
api_event_heard(api_stream_t *s)
{
    if (s->export != NULL) {
        api_stream_read(s);
    }
}


/* A client that comes again when all is told is told to stop: 204. */
static void
api_event_idle(api_stream_t *s)
{
    api_call_t  *c = s->call;

    s->ticked = loop_now(c->api->loop);

    if (s->ended && !s->open && s->polled) {
        api_reply_begin(c, API_NO_STORE);
        api_reply_send(c, 204);

    } else if (s->ended) {
        api_find(c, api_event_done);

    } else if (s->what & JOBS_DRIFT) {
        s->what &= ~JOBS_DRIFT;
        api_event_drift(s);

    } else if (s->what & JOBS_STATE) {
        s->what &= ~JOBS_STATE;
        api_find(c, api_event_state);
    }
}


/* It has no id: who was away finds it with the rule set. */
static void
api_event_drift(api_stream_t *s)
{
    char      *line, *end;
    sc_buf_t   lines;

    sc_buf_init(&lines, 0);
    jobs_watch_drift(s->watch, &lines);

    for (line = lines.data; line != NULL && line < lines.data + lines.len;
         line = end + 1)
    {
        end = memchr(line, '\n', (size_t) (lines.data + lines.len - line));

        if (end == NULL) {
            break;
        }

        (void) sc_buf_add_cstr(&s->out, "event: drift\ndata: ");
        (void) sc_buf_add(&s->out, line, (size_t) (end + 1 - line));
        (void) sc_buf_add_cstr(&s->out, "\n");
    }

    sc_buf_free(&lines);
    api_event_send(s);
    api_stream_read(s);
}


static void
api_event_tick(loop_timer_t *timer)
{
    api_call_t    *c = timer->data;
    api_stream_t  *s = c->own;

    (void) loop_timer_set(c->api->loop, &c->timer, EVENT_TICK);

    if (c->reading || s->more || s->ended) {
        return;
    }

    if (s->what & JOBS_RESULT) {
        s->what &= ~JOBS_RESULT;
        api_find(c, api_event_progress);

    } else if (loop_now(c->api->loop) - s->ticked >= EVENT_PING) {
        (void) sc_buf_add_cstr(&s->out, ": ping\n\n");
        api_event_send(s);
    }
}


/* The client finds its way back with the last id. */
static void
api_event_hurry(api_call_t *c)
{
    api_stream_t  *s = c->own;

    if (s->open) {
        api_stream_finish(s, 1);

    } else {
        api_reply_error(c, "/server/draining",
                        "the gateway is stopping and takes nothing new");
    }
}


static void
api_event_state(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    api_stream_t  *s = c->own;

    if (job->state != s->state) {
        api_event_status(c, job, work, "state");
        api_event_send(s);
    }

    api_stream_read(s);
}


static void
api_event_progress(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    api_stream_t  *s = c->own;

    (void) sc_buf_printf(&s->out, "event: progress\ndata: {\"id\":\"%s\","
                         "\"state\":\"%s\",\"stats\":", job->id,
                         store_state_word(job->state));
    api_told_stats(c, job, work, &s->out);
    (void) sc_buf_add_cstr(&s->out, "}\n\n");
    api_event_send(s);

    /* something may have come while the job was read */
    api_stream_read(s);
}


/* It has an id, that of the last result, for a client to come again with. */
static void
api_event_done(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    api_stream_t  *s = c->own;

    /* it was tried again between */
    if (!store_state_ended(job->state) && s->watch != NULL) {
        s->ended = 0;
        api_stream_read(s);
        return;
    }

    (void) sc_buf_printf(&s->out, "id: %lld\n", (long long) s->seq);
    api_event_status(c, job, work, "done");
    api_stream_finish(s, 1);
}


static void
api_event_status(api_call_t *c, const store_job_t *job,
    const store_work_t *work, const char *event)
{
    api_stream_t  *s = c->own;

    s->state = job->state;
    (void) sc_buf_printf(&s->out, "event: %s\ndata: ", event);
    api_told_begin(c, job, work, &s->out, NULL);
    api_told_end(c, job->id, &s->out);
    api_told_next(c, job->id, &s->out);
    (void) sc_buf_add_cstr(&s->out, "}\n\n");
}


static void
api_event_send(api_stream_t *s)
{
    s->ticked = loop_now(s->call->api->loop);
    api_stream_flush(s);
}
