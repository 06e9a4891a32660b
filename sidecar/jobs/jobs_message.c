
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/jobs/jobs_internal.h"


static void jobs_message_add(jobs_t *jobs, const json_t *webhook,
    const char *type, sc_str_t tenant, const char *job, const sc_buf_t *data);
static void jobs_message_result(const char *job, const frontier_page_t *page,
    sc_buf_t *data);
static int jobs_message_text(sc_buf_t *data, const char *name, sc_str_t text);
static void jobs_message_extract(jobs_t *jobs, const json_t *webhook,
    const frontier_page_t *page);


void
jobs_messages_open(jobs_t *jobs)
{
    size_t            i;
    jobs_messages_t  *m = &jobs->messages;

    for (i = 0; i < JOBS_MESSAGES; i++) {
        sc_buf_init(&m->specs[i], 0);
        sc_buf_init(&m->bodies[i], 0);
    }
}


void
jobs_messages_close(jobs_t *jobs)
{
    size_t            i;
    jobs_messages_t  *m = &jobs->messages;

    for (i = 0; i < JOBS_MESSAGES; i++) {
        sc_buf_free(&m->specs[i]);
        sc_buf_free(&m->bodies[i]);
    }
}


void
jobs_messages_reset(jobs_t *jobs)
{
    jobs->messages.n = 0;
    jobs->messages.failed = 0;
}


int
jobs_messages_put(jobs_t *jobs)
{
    jobs_messages_t  *m = &jobs->messages;

    if (m->n == 0) {
        return SC_OK;
    }

    if (store_messages_put(jobs->store, m->list, m->n, NULL, NULL) != SC_OK) {
        return SC_ERROR;
    }

    m->n = 0;

    if (jobs->parts.webhooks != NULL) {
        webhooks_wake(jobs->parts.webhooks);
    }

    return SC_OK;
}


int
jobs_messages_page(jobs_t *jobs, const json_t *webhook, const char *job,
    const frontier_page_t *page, store_end_t *end)
{
    sc_buf_t           data;
    const char        *type;
    jobs_messages_t   *m = &jobs->messages;
    const store_job_t *row = page->row;

    jobs_messages_reset(jobs);

    if (page->result != NULL) {
        type = page->result->state == STORE_COMPLETED ? "result.completed"
                                                      : "result.failed";

        if (webhooks_wants(webhook, type)) {
            sc_buf_init(&data, 0);
            jobs_message_result(job, page, &data);
            jobs_message_add(jobs, webhook, type, row->tenant, job, &data);
            sc_buf_free(&data);
        }
    }

    if (page->drift.len != 0 && webhooks_wants(webhook, "ruleset.drift")) {
        sc_buf_init(&data, 0);
        (void) sc_buf_add_str(&data, page->drift);
        jobs_message_add(jobs, webhook, "ruleset.drift", row->tenant, job,
                         &data);
        sc_buf_free(&data);
    }

    if (row->parent == 0) {
        jobs_message_extract(jobs, webhook, page);
    }

    if (m->failed) {
        return SC_ERROR;
    }

    end->messages = m->list;
    end->nmessages = m->n;
    jobs->wake |= (m->n != 0);

    return SC_OK;
}


static void
jobs_message_add(jobs_t *jobs, const json_t *webhook, const char *type,
    sc_str_t tenant, const char *job, const sc_buf_t *data)
{
    sc_str_t          text = { data->len, data->data };
    sc_buf_t         *spec, *body;
    jobs_messages_t  *m = &jobs->messages;
    store_message_t  *message;

    if (m->n == JOBS_MESSAGES || data->failed) {
        m->failed = 1;
        return;
    }

    spec = &m->specs[m->n];
    body = &m->bodies[m->n];
    message = &m->list[m->n];
    sc_buf_reset(spec);
    sc_buf_reset(body);
    memset(message, 0, sizeof(store_message_t));
    message->created = id_now_ms();

    if (webhooks_message(webhook, type, message->created, text, spec, body)
        != SC_OK
        || id_make(message->id, 0) != SC_OK)
    {
        m->failed = 1;
        return;
    }

    message->tenant = tenant;
    memcpy(message->job, job, ID_SIZE);
    message->spec = (sc_str_t) { spec->len, spec->data };
    message->event = (sc_str_t) { strlen(type), type };
    message->body = (sc_str_t) { body->len, body->data };
    message->due = message->created;
    m->n++;
}


/* An item made small; what is too large of it is left out. */
static void
jobs_message_result(const char *job, const frontier_page_t *page,
    sc_buf_t *data)
{
    int                    cut;
    const store_job_t     *row = page->row;
    const store_result_t  *r = page->result;

    (void) sc_buf_printf(data, "{\"id\":\"%s\",\"job\":\"%s\",\"url\":",
                         r->id, job);
    (void) sc_json_string(data, r->url.data, r->url.len);
    (void) sc_buf_printf(data, ",\"state\":\"%s\",\"result\":"
                         "\"/v1/results/%s\"",
                         store_state_word(row->state), r->id);

    if (page->status != 0) {
        (void) sc_buf_printf(data, ",\"status\":%d", page->status);
    }

    cut = jobs_message_text(data, "echo", r->echo);
    cut |= jobs_message_text(data, "error", r->error);
    cut |= jobs_message_text(data, "data", r->data);
    (void) sc_buf_add_cstr(data, cut ? ",\"truncated\":true}" : "}");
}


/*
 * Whether it is too long and left out: webhooks_message() says so only of the
 * whole.
 */
static int
jobs_message_text(sc_buf_t *data, const char *name, sc_str_t text)
{
    if (text.len > WEBHOOKS_MAX_DATA / 2) {
        return 1;
    }

    if (text.len != 0) {
        (void) sc_buf_printf(data, ",\"%s\":", name);
        (void) sc_buf_add_str(data, text);
    }

    return 0;
}


/* It is its own job. */
static void
jobs_message_extract(jobs_t *jobs, const json_t *webhook,
    const frontier_page_t *page)
{
    int                 cut;
    sc_buf_t            data;
    const char         *type;
    const store_job_t  *row = page->row;

    if (row->state == STORE_CANCELLED) {
        return;
    }

    cut = 0;
    type = row->state == STORE_COMPLETED ? "job.completed" : "job.failed";

    if (!webhooks_wants(webhook, type)) {
        return;
    }

    sc_buf_init(&data, 0);
    (void) sc_buf_printf(&data, "{\"id\":\"%s\",\"kind\":\"extract\","
                         "\"state\":\"%s\",\"url\":",
                         row->id, store_state_word(row->state));
    (void) sc_json_string(&data, row->url.data, row->url.len);

    if (page->result != NULL) {
        (void) sc_buf_printf(&data, ",\"result\":\"/v1/results/%s\"",
                             page->result->id);
        cut = jobs_message_text(&data, "data", page->result->data);
        cut |= jobs_message_text(&data, "error", page->result->error);
    }

    (void) sc_buf_add_cstr(&data, cut ? ",\"truncated\":true}" : "}");
    jobs_message_add(jobs, webhook, type, row->tenant, row->id, &data);
    sc_buf_free(&data);
}


int
jobs_messages_work(jobs_work_t *w, const char *type)
{
    sc_buf_t               data;
    const json_t          *webhook, *reason;
    const store_job_t     *j = &w->work.job;
    const store_counts_t  *c = &w->work.counts;

    jobs_messages_reset(w->jobs);
    webhook = json_object_get(w->spec, "webhook");

    if (webhook == NULL || !webhooks_wants(webhook, type)) {
        return SC_OK;
    }

    reason = json_object_get(w->spec, "reason");
    sc_buf_init(&data, 0);
    (void) sc_buf_printf(&data, "{\"id\":\"%s\",\"kind\":\"%s\","
                         "\"state\":\"%s\",\"reason\":",
                         j->id, j->kind.data, store_state_word(j->state));
    (void) sc_json_cstr(&data, json_string_value(reason));
    (void) sc_buf_printf(&data, ",\"stats\":{\"total\":%lld,\"completed\":"
                         "%lld,\"failed\":%lld,\"cancelled\":%lld,\"items\":"
                         "%lld,\"bytes\":%lld},\"results\":"
                         "\"/v1/jobs/%s/results\"",
                         (long long) c->found, (long long) c->completed,
                         (long long) c->failed, (long long) c->cancelled,
                         (long long) c->items, (long long) c->bytes, j->id);
    (void) sc_buf_add_cstr(&data, jobs_message_text(&data, "echo", j->echo)
                                  ? ",\"truncated\":true}" : "}");
    jobs_message_add(w->jobs, webhook, type, j->tenant, j->id, &data);
    sc_buf_free(&data);

    return w->jobs->messages.failed ? SC_ERROR : SC_OK;
}
