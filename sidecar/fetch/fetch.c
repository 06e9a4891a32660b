
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/fetch/fetch_internal.h"
#include "sidecar/metrics/metrics.h"


static void fetch_next(fetcher_t *f);
static void fetch_begin(fetch_t *fetch);
static void fetch_begin_proxy(fetch_t *fetch);
static void fetch_resolve(fetch_t *fetch, const char *host, resolve_pt done);
static int fetch_literal(const char *host, struct sockaddr_storage *addr);
static void fetch_resolved(void *data, const resolve_answer_t *answer);
static int fetch_blocks(const fetch_t *fetch, const resolve_answer_t *answer);
static void fetch_resolved_proxy(void *data, const resolve_answer_t *answer);
static void fetch_hand_over(fetch_t *fetch);
static void fetch_late(loop_timer_t *timer);
static void fetch_stop(fetch_t *fetch);
static void fetch_deliver(loop_task_t *task);
static void fetch_count(const fetch_result_t *r);
static const char *fetch_field(const char *value);
static void fetch_leave(fetch_t *fetch);
static void fetch_free(fetch_t *fetch);


fetcher_t *
fetcher_create(loop_t *loop, resolve_t *resolve, const policy_t *policy,
    const char *user_agent, long max_connections)
{
    fetcher_t  *f;

    if (fetch_buffer_init((size_t) max_connections + FETCH_SPARE) != SC_OK) {
        return NULL;
    }

    f = calloc(1, sizeof(fetcher_t));
    if (f == NULL) {
        curl_global_cleanup();
        return NULL;
    }

    f->loop = loop;
    f->resolve = resolve;
    f->policy = policy;
    f->max = (size_t) max_connections;
    f->user_agent = strdup(user_agent);
    f->kept = calloc(FETCH_PORTS, sizeof(int));

    if (f->user_agent == NULL || f->kept == NULL
        || fetch_multi_create(f, max_connections) != SC_OK)
    {
        free(f->kept);
        free(f->user_agent);
        free(f);
        curl_global_cleanup();
        return NULL;
    }

    return f;
}


void
fetcher_destroy(fetcher_t *f)
{
    fetch_options_free(f);
    fetch_multi_destroy(f);
    curl_slist_free_all(f->unpinned);
    free(f->kept);
    free(f->user_agent);
    free(f->ca_file);
    free(f);
    curl_global_cleanup();
}


void
fetcher_limit(fetcher_t *f, int64_t bytes)
{
    rate_init(&f->rate, bytes, fetch_clock());
}


int
fetcher_trust(fetcher_t *f, const char *ca_file)
{
    char  *copy;

    copy = NULL;

    if (ca_file[0] != '\0') {
        copy = strdup(ca_file);

        if (copy == NULL) {
            return SC_ERROR;
        }
    }

    free(f->ca_file);
    f->ca_file = copy;

    return SC_OK;
}


fetch_t *
fetch_start(fetcher_t *f, const fetch_request_t *request, fetch_pt done,
    void *data)
{
    fetch_t  *fetch;

    fetch = calloc(1, sizeof(fetch_t));
    if (fetch == NULL) {
        return NULL;
    }

    fetch->fetcher = f;
    fetch->done = done;
    fetch->data = data;
    fetch->task.handler = fetch_deliver;
    fetch->task.data = fetch;
    fetch->begun = fetch_clock();
    fetch->result.http = "";
    fetch->result.timings = (fetch_timings_t) { -1, -1, -1, -1, 0 };
    loop_timer_init(&fetch->deadline, fetch_late, fetch);
    loop_timer_init(&fetch->pace, fetch_pace_timeout, fetch);

    if (fetch_copy(fetch, request) != SC_OK
        || loop_timer_set(f->loop, &fetch->deadline, request->total_timeout)
           != SC_OK)
    {
        fetch_free(fetch);
        return NULL;
    }

    DL_APPEND(f->waiting, fetch);
    fetch_next(f);

    return fetch;
}


void
fetch_cancel(fetch_t *fetch)
{
    fetch_stop(fetch);
    fetch_leave(fetch);
    fetch_free(fetch);
}


/*
 * Begin what there is room for.  libcurl is never given more than it may have
 * connections: one that waited in there would look for its pin much later.
 */
static void
fetch_next(fetcher_t *f)
{
    fetch_t  *fetch;

    while (f->waiting != NULL && f->nfetches < f->max) {
        fetch = f->waiting;
        DL_DELETE(f->waiting, fetch);
        DL_APPEND(f->fetches, fetch);
        f->nfetches++;
        fetch_begin(fetch);
    }
}


static void
fetch_begin(fetch_t *fetch)
{
    struct sockaddr_storage  addr;

    fetch->stage = FETCH_RESOLVING;

    if (fetch_literal(fetch->url.host, &addr) != SC_OK) {
        fetch_resolve(fetch, fetch->url.host, fetch_resolved);
        return;
    }

    /* an address needs no name server, and no pin: it is its own */
    fetch->literal = 1;

    if (!fetch_allows(fetch, (struct sockaddr *) &addr)) {
        fetch_result_blocked(fetch);
        fetch_end(fetch);
        return;
    }

    fetch_begin_proxy(fetch);
}


/* The proxy is the one that is dialled, if there is one. */
static void
fetch_begin_proxy(fetch_t *fetch)
{
    struct sockaddr_storage  addr;

    if (fetch->request.proxy != NULL
        && fetch_literal(fetch->proxy->host, &addr) != SC_OK)
    {
        fetch_resolve(fetch, fetch->proxy->host, fetch_resolved_proxy);
        return;
    }

    if (fetch->request.proxy != NULL && !fetch->request.proxy_trusted
        && !fetch_allows(fetch, (struct sockaddr *) &addr))
    {
        fetch_result_blocked(fetch);
        fetch_end(fetch);
        return;
    }

    fetch_hand_over(fetch);
}


static void
fetch_resolve(fetch_t *fetch, const char *host, resolve_pt done)
{
    int64_t  timeout;

    timeout = fetch->request.connect_timeout < fetch->request.total_timeout
              ? fetch->request.connect_timeout
              : fetch->request.total_timeout;

    fetch->query = resolve_name(fetch->fetcher->resolve, host, timeout, done,
                                fetch);

    if (fetch->query == NULL) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
        fetch_end(fetch);
    }
}


static int
fetch_literal(const char *host, struct sockaddr_storage *addr)
{
    struct sockaddr_in   *sin = (struct sockaddr_in *) addr;
    struct sockaddr_in6  *sin6 = (struct sockaddr_in6 *) addr;

    memset(addr, 0, sizeof(struct sockaddr_storage));

    if (inet_pton(AF_INET, host, &sin->sin_addr) == 1) {
        addr->ss_family = AF_INET;
        return SC_OK;
    }

    if (inet_pton(AF_INET6, host, &sin6->sin6_addr) == 1) {
        addr->ss_family = AF_INET6;
        return SC_OK;
    }

    return SC_DECLINED;
}


/* One forbidden address refuses the whole answer. */
static void
fetch_resolved(void *data, const resolve_answer_t *answer)
{
    fetch_t  *fetch = data;

    fetch->query = NULL;

    if (answer->status != RESOLVE_OK) {
        fetch->result.final = (answer->status == RESOLVE_NOT_FOUND);
        fetch_result_fail(fetch, FETCH_DNS, "could not resolve \"%.100s\": "
                          "%.100s", fetch->url.host, answer->detail);
        fetch_end(fetch);
        return;
    }

    fetch->result.timings.dns = (double) (fetch_clock() - fetch->begun)
                                / (double) LOOP_MS;

    if (fetch_blocks(fetch, answer)) {
        fetch_result_blocked(fetch);
        fetch_end(fetch);
        return;
    }

    if (fetch_pin(fetch, fetch->url.host, fetch->url.port, answer) != SC_OK) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
        fetch_end(fetch);
        return;
    }

    fetch_begin_proxy(fetch);
}


static int
fetch_blocks(const fetch_t *fetch, const resolve_answer_t *answer)
{
    size_t  i;

    for (i = 0; i < answer->naddrs; i++) {
        if (!fetch_allows(fetch, (const struct sockaddr *)
                                 &answer->addrs[i]))
        {
            return 1;
        }
    }

    return 0;
}


/* The operator's may be anywhere. */
static void
fetch_resolved_proxy(void *data, const resolve_answer_t *answer)
{
    fetch_t  *fetch = data;

    fetch->query = NULL;

    if (answer->status != RESOLVE_OK) {
        fetch_result_fail(fetch, FETCH_PROXY, "could not resolve the proxy "
                          "\"%.100s\": %.100s", fetch->proxy->host,
                          answer->detail);
        fetch_end(fetch);
        return;
    }

    if (!fetch->request.proxy_trusted && fetch_blocks(fetch, answer)) {
        fetch_result_blocked(fetch);
        fetch_end(fetch);
        return;
    }

    if (fetch_pin(fetch, fetch->proxy->host, fetch->proxy->port, answer)
        != SC_OK)
    {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
        fetch_end(fetch);
        return;
    }

    fetch_hand_over(fetch);
}


int
fetch_allows(const fetch_t *fetch, const struct sockaddr *sa)
{
    char         text[INET6_ADDRSTRLEN];
    const void  *addr;

    if (policy_allows(fetch->fetcher->policy, sa)) {
        return 1;
    }

    addr = sa->sa_family == AF_INET6
           ? (const void *) &((const struct sockaddr_in6 *) sa)->sin6_addr
           : (const void *) &((const struct sockaddr_in *) sa)->sin_addr;

    if (inet_ntop(sa->sa_family, addr, text, sizeof(text)) == NULL) {
        text[0] = '\0';
    }

    log_notice("address \"%s\" is not allowed, fetching \"%s\"", text,
               fetch->url.text);

    return 0;
}


static void
fetch_hand_over(fetch_t *fetch)
{
    fetch->handed = fetch_clock();

    if (fetch_options_open(fetch) == SC_OK) {
        fetch->stage = FETCH_TRANSFER;

        fetch_pace_begin(fetch);

        if (fetch_multi_add(fetch) == SC_OK) {
            return;
        }
    }

    fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
    fetch_end(fetch);
}


static void
fetch_late(loop_timer_t *timer)
{
    fetch_t  *fetch = timer->data;

    fetch_result_late(fetch, fetch->request.total_timeout);
    fetch_end(fetch);
}


void
fetch_end(fetch_t *fetch)
{
    fetcher_t  *f = fetch->fetcher;

    fetch_stop(fetch);

    if (fetch->stage == FETCH_WAITING) {
        DL_DELETE(f->waiting, fetch);
        DL_APPEND(f->fetches, fetch);
        f->nfetches++;
    }

    fetch->stage = FETCH_ENDED;
    loop_defer(f->loop, &fetch->task);
}


/* Nobody knows of it any more but the fetcher's lists. */
static void
fetch_stop(fetch_t *fetch)
{
    loop_timer_del(fetch->fetcher->loop, &fetch->deadline);
    loop_timer_del(fetch->fetcher->loop, &fetch->pace);
    loop_undefer(&fetch->task);

    if (fetch->query != NULL) {
        resolve_cancel(fetch->query);
        fetch->query = NULL;
    }

    if (fetch->stage == FETCH_TRANSFER) {
        fetch_multi_remove(fetch);
    }

    fetch_options_close(fetch);
    fetch_unpin(fetch);
}


/* Called by the loop: none of our calls and none of libcurl's is below. */
static void
fetch_deliver(loop_task_t *task)
{
    fetch_t         *fetch = task->data;
    fetch_result_t  *r = &fetch->result;
    fetch_head_t    *head = &fetch->head;

    r->content_type = fetch_field(head->content_type);
    r->location = fetch_field(head->location);
    r->etag = fetch_field(head->etag);
    r->last_modified = fetch_field(head->last_modified);
    r->retry_after = fetch_field(head->retry_after);
    r->cache_control = fetch_field(head->cache_control);
    r->age = fetch_field(head->age);
    r->expires = fetch_field(head->expires);
    r->headers.data = head->fields.data;
    r->headers.len = head->fields.len;
    r->timings.total = (double) (fetch_clock() - fetch->begun)
                       / (double) LOOP_MS;

    if (fetch->request.jar != NULL && head->cookies) {
        jar_trim(fetch->request.jar);
    }

    fetch_count(r);
    fetch_leave(fetch);
    fetch->done(fetch->data, r);
    fetch_free(fetch);
}


/* A connection that is used again was not set up: its times are 0. */
static void
fetch_count(const fetch_result_t *r)
{
    const fetch_timings_t  *t = &r->timings;

    metrics_add(METRICS_FETCHES + r->error, 1);
    metrics_add(METRICS_WIRE, r->bytes_wire);
    metrics_add(METRICS_DECODED, (int64_t) r->body.len);
    metrics_observe_ms(METRICS_DNS_TIME, t->dns);
    metrics_observe_ms(METRICS_FIRST_TIME, t->first_byte);
    metrics_observe_ms(METRICS_TOTAL_TIME, t->total);

    if (r->status != 0) {
        metrics_add(METRICS_ANSWERS + metrics_status(r->status), 1);
    }

    if (t->connect > 0) {
        metrics_observe_ms(METRICS_CONNECT_TIME,
                           t->connect - (t->dns > 0 ? t->dns : 0));
    }

    if (t->connect > 0 && t->tls > 0) {
        metrics_observe_ms(METRICS_TLS_TIME, t->tls - t->connect);
    }
}


static const char *
fetch_field(const char *value)
{
    return value != NULL ? value : "";
}


static void
fetch_leave(fetch_t *fetch)
{
    fetcher_t  *f = fetch->fetcher;

    if (fetch->stage == FETCH_WAITING) {
        DL_DELETE(f->waiting, fetch);
        return;
    }

    DL_DELETE(f->fetches, fetch);
    f->nfetches--;
    fetch_next(f);
}


static void
fetch_free(fetch_t *fetch)
{
    curl_slist_free_all(fetch->headers);
    fetch_head_free(&fetch->head);
    fetch_decode_free(&fetch->decode);
    url_free(&fetch->url);
    free(fetch->text);
    free(fetch->cookie);
    free(fetch->proxy);
    sc_buf_free(&fetch->result.body);
    free(fetch);
}


int64_t
fetch_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * LOOP_SEC + ts.tv_nsec;
}
