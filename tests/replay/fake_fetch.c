
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake.h"


struct fetcher_s {
    loop_t       *loop;
    fetch_t      *fetches;
    loop_task_t   task;
    size_t        begun;
    size_t        cancelled;
    size_t        refuse;
};


static void fake_fetch_note(fetch_t *fetch, const fetch_request_t *request);
static void fake_fetch_note_text(fetch_t *fetch,
    const fetch_request_t *request);
static fetch_t *fake_fetch_find(const char *url);
static void fake_fetch_work(loop_task_t *task);
static void fake_fetch_free(fetch_t *fetch);


static fetcher_t  fake_fetcher;


fetcher_t *
fetcher_create(loop_t *loop, resolve_t *resolve, const policy_t *policy,
    const char *user_agent, long max_connections)
{
    (void) resolve;
    (void) policy;
    (void) user_agent;
    (void) max_connections;

    memset(&fake_fetcher, 0, sizeof(fetcher_t));
    fake_fetcher.loop = loop;
    fake_fetcher.task.handler = fake_fetch_work;
    fake_fetcher.task.data = &fake_fetcher;

    return &fake_fetcher;
}


void
fetcher_destroy(fetcher_t *f)
{
    ck_assert_ptr_null(f->fetches);
    loop_undefer(&f->task);
}


void
fetcher_limit(fetcher_t *f, int64_t bytes)
{
    (void) f;
    (void) bytes;
}


int
fetcher_trust(fetcher_t *f, const char *ca_file)
{
    (void) f;
    (void) ca_file;

    return SC_OK;
}


fetch_t *
fetch_start(fetcher_t *f, const fetch_request_t *request, fetch_pt done,
    void *data)
{
    fetch_t  *fetch;

    if (f->refuse > 0) {
        f->refuse--;
        return NULL;
    }

    fetch = calloc(1, sizeof(fetch_t));
    ck_assert_ptr_nonnull(fetch);
    fake_fetch_note(fetch, request);
    fake_fetch_note_text(fetch, request);
    fetch->done = done;
    fetch->data = data;

    f->begun++;
    DL_APPEND(f->fetches, fetch);

    return fetch;
}


static void
fake_fetch_note(fetch_t *fetch, const fetch_request_t *request)
{
    fetch->http = request->http;
    fetch->insecure = request->tls.insecure;
    fetch->jar = request->jar;
    fetch->rate = request->rate;
    fetch->partial = request->partial;
    fetch->proxy_trusted = request->proxy_trusted;
    fetch->connect_timeout = request->connect_timeout;
    fetch->first_byte_timeout = request->first_byte_timeout;
    fetch->idle_timeout = request->idle_timeout;
    fetch->total_timeout = request->total_timeout;
    fetch->max_body = request->max_body;
    fetch->cut = request->cut;
}


static void
fake_fetch_note_text(fetch_t *fetch, const fetch_request_t *request)
{
    size_t  i;

    sc_buf_init(&fetch->url, 0);
    sc_buf_init(&fetch->headers, 0);
    sc_buf_init(&fetch->body, 0);
    sc_buf_init(&fetch->result.body, 0);

    (void) snprintf(fetch->method, sizeof(fetch->method), "%s",
                    request->method);
    (void) snprintf(fetch->proxy, sizeof(fetch->proxy), "%s",
                    request->proxy != NULL ? request->proxy->host : "");
    (void) snprintf(fetch->source, sizeof(fetch->source), "%s",
                    request->source != NULL ? request->source : "");
    (void) snprintf(fetch->ca_file, sizeof(fetch->ca_file), "%s",
                    request->tls.ca_file != NULL ? request->tls.ca_file : "");

    ck_assert_int_eq(sc_buf_add_cstr(&fetch->url, request->url->text), SC_OK);
    (void) sc_buf_add_cstr(&fetch->body, "");
    ck_assert_int_eq(sc_buf_add_str(&fetch->body, request->body), SC_OK);
    (void) sc_buf_add_cstr(&fetch->headers, "");

    for (i = 0; i < request->nheaders; i++) {
        (void) sc_buf_add_str(&fetch->headers, request->headers[i].name);
        (void) sc_buf_add_cstr(&fetch->headers, ": ");
        (void) sc_buf_add_str(&fetch->headers, request->headers[i].value);
        (void) sc_buf_add_cstr(&fetch->headers, "\n");
    }
}


void
fetch_cancel(fetch_t *fetch)
{
    fake_fetcher.cancelled++;
    DL_DELETE(fake_fetcher.fetches, fetch);
    fake_fetch_free(fetch);
}


const fetch_t *
fake_fetch(const char *url)
{
    return fake_fetch_find(url);
}


static fetch_t *
fake_fetch_find(const char *url)
{
    fetch_t  *fetch;

    DL_FOREACH(fake_fetcher.fetches, fetch) {
        if (!fetch->answered
            && (url == NULL || strcmp(fetch->url.data, url) == 0))
        {
            return fetch;
        }
    }

    return NULL;
}


const fetch_t *
fake_fetch_at(size_t n)
{
    fetch_t  *fetch;

    DL_FOREACH(fake_fetcher.fetches, fetch) {
        if (!fetch->answered && n-- == 0) {
            return fetch;
        }
    }

    return NULL;
}


size_t
fake_fetches(void)
{
    size_t    n;
    fetch_t  *fetch;

    n = 0;

    DL_FOREACH(fake_fetcher.fetches, fetch) {
        n += !fetch->answered;
    }

    return n;
}


size_t
fake_fetches_of(const char *url)
{
    size_t    n;
    fetch_t  *fetch;

    n = 0;

    DL_FOREACH(fake_fetcher.fetches, fetch) {
        n += !fetch->answered && strcmp(fetch->url.data, url) == 0;
    }

    return n;
}


size_t
fake_fetches_begun(void)
{
    return fake_fetcher.begun;
}


size_t
fake_fetches_cancelled(void)
{
    return fake_fetcher.cancelled;
}


void
fake_fetch_answer(const char *url, int status, const char *location,
    const char *body)
{
    fetch_t  *fetch;

    fetch = fake_fetch_find(url);
    ck_assert_msg(fetch != NULL, "nobody fetches %s", url);

    (void) snprintf(fetch->location, sizeof(fetch->location), "%s",
                    location != NULL ? location : "");
    (void) snprintf(fetch->result.ip, sizeof(fetch->result.ip), "192.0.2.1");
    ck_assert_int_eq(sc_buf_add_cstr(&fetch->result.body, body), SC_OK);

    fetch->answered = 1;
    fetch->result.status = status;
    fetch->result.bytes_wire = (int64_t) strlen(body);
    fetch->result.timings = (fetch_timings_t) { 1, 2, -1, 3, 4 };
    loop_defer(fake_fetcher.loop, &fake_fetcher.task);
}


void
fake_fetch_fail(const char *url, fetch_error_t error)
{
    fetch_t  *fetch;

    fetch = fake_fetch_find(url);
    ck_assert_msg(fetch != NULL, "nobody fetches %s", url);

    (void) snprintf(fetch->result.detail, sizeof(fetch->result.detail),
                    "the fetch failed with %d", (int) error);

    fetch->answered = 1;
    fetch->result.error = error;
    fetch->result.timings = (fetch_timings_t) { -1, -1, -1, -1, 5 };
    loop_defer(fake_fetcher.loop, &fake_fetcher.task);
}


void
fake_fetch_answer_later(const char *url, int status, const char *retry_after)
{
    fetch_t  *fetch;

    fetch = fake_fetch_find(url);
    fake_fetch_answer(url, status, NULL, "later");
    (void) snprintf(fetch->retry_after, sizeof(fetch->retry_after), "%s",
                    retry_after);
}


void
fake_fetch_fail_finally(const char *url, fetch_error_t error)
{
    fetch_t  *fetch;

    fetch = fake_fetch_find(url);
    fake_fetch_fail(url, error);
    fetch->result.final = 1;
}


void
fake_fetch_refuse(size_t n)
{
    fake_fetcher.refuse = n;
}


/* What a result points at is freed behind the callback. */
static void
fake_fetch_work(loop_task_t *task)
{
    char       *text[2];
    fetch_t    *fetch, *tmp;
    fetcher_t  *f = task->data;

    DL_FOREACH_SAFE(f->fetches, fetch, tmp) {
        if (!fetch->answered) {
            continue;
        }

        text[0] = strdup(fetch->result.status != 0 ? "1.1" : "");
        text[1] = strdup(fetch->result.status != 0 ? "text/html" : "");
        ck_assert(text[0] != NULL && text[1] != NULL);

        fetch->result.http = text[0];
        fetch->result.content_type = text[1];
        fetch->result.location = fetch->location;
        fetch->result.retry_after = fetch->retry_after;
        fetch->result.etag = "";
        fetch->result.last_modified = "";
        fetch->result.cache_control = "";
        fetch->result.age = "";
        fetch->result.expires = "";

        DL_DELETE(f->fetches, fetch);
        fetch->done(fetch->data, &fetch->result);
        memset(text[0], 'X', strlen(text[0]));
        free(text[0]);
        free(text[1]);
        fake_fetch_free(fetch);
    }
}


static void
fake_fetch_free(fetch_t *fetch)
{
    sc_buf_free(&fetch->url);
    sc_buf_free(&fetch->headers);
    sc_buf_free(&fetch->body);
    sc_buf_free(&fetch->result.body);
    free(fetch);
}


int
fetch_header_allowed(sc_str_t name, sc_str_t value, char *err, size_t errlen)
{
    (void) name;
    (void) value;
    (void) err;
    (void) errlen;

    return SC_OK;
}


int
fetch_method_allowed(const char *method)
{
    (void) method;

    return 1;
}


const char *
fetch_error_type(fetch_error_t error)
{
    static const char  *types[] = {
        "", "/fetch/dns", "/policy/egress-blocked", "/fetch/connect",
        "/fetch/tls", "/fetch/protocol", "/fetch/too-large", "/fetch/timeout",
        "/fetch/proxy", "/server/out-of-resources"
    };

    return types[error];
}
