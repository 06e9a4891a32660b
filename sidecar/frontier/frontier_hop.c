
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"


/* of a request and of its session together */
#define FRONTIER_MAX_FIELDS    (64 + 2 + SESSION_MAX_HEADERS)


/* The paths of a request's certificates. */
typedef struct {
    char  ca[512];
    char  cert[512];
    char  key[512];
} frontier_files_t;


static int frontier_hop_robots(frontier_flight_t *fl);
static void frontier_hop_robots_delay(frontier_flight_t *fl, int64_t delay);
static void frontier_hop_robots_fetch(frontier_flight_t *fl);
static void frontier_hop_robots_go_on(frontier_flight_t *fl,
    const fetch_result_t *result);
static void frontier_hop_robots_lost(frontier_flight_t *fl,
    fetch_error_t error, const char *detail);
static void frontier_hop_robots_refused(frontier_flight_t *fl,
    const robots_answer_t *answer);
static void frontier_hop_fetch(frontier_flight_t *fl);
static void frontier_hop_request(frontier_flight_t *fl,
    fetch_request_t *request);
static void frontier_hop_fields(frontier_flight_t *fl,
    fetch_request_t *request, fetch_header_t *fields);
static int frontier_hop_has(const frontier_request_t *r, sc_str_t name);
static void frontier_hop_files(frontier_flight_t *fl,
    fetch_request_t *request, frontier_files_t *files);
static int frontier_hop_proxy(frontier_flight_t *fl,
    fetch_request_t *request);
static void frontier_hop_jar(frontier_flight_t *fl);
static void frontier_hop_fetched(void *data, fetch_result_t *result);
static void frontier_hop_report(frontier_flight_t *fl,
    const fetch_result_t *result);
static void frontier_hop_keep(frontier_flight_t *fl, fetch_result_t *result);
static void frontier_hop_outcome(frontier_flight_t *fl,
    const fetch_result_t *result);
static int frontier_hop_is_redirect(const fetch_result_t *page);
static int frontier_hop_target(const frontier_flight_t *fl,
    const char *location, url_t *next, char *err, size_t errlen);
static void frontier_hop_method(frontier_flight_t *fl);
static int frontier_hop_same_origin(const url_t *a, const url_t *b);
static void frontier_hop_starved(frontier_flight_t *fl);


void
frontier_hop_begin(frontier_flight_t *fl)
{
    frontier_t  *f = fl->frontier;

    if (fl->starved) {
        /* what we are short of is waited for in the page's time */
        fl->spent += loop_now(f->loop) - fl->since;
    }

    fl->since = loop_now(f->loop);

    if (fl->starved && fl->spent >= fl->request.limits.total_timeout) {
        frontier_flight_fail(fl, "/server/out-of-resources",
                             "the gateway is out of descriptors or memory");
        return;
    }

    if (fl->spent >= fl->request.limits.total_timeout) {
        frontier_flight_fail(fl, fetch_error_type(FETCH_TIMEOUT),
                             "the time for the page was over in a redirect");
        return;
    }

    if (!frontier_tenant_allows(fl)) {
        frontier_flight_release(fl, NULL);
        frontier_flight_fail(fl, "/policy/host-not-allowed",
                             "the tenant may not fetch from this host");
        return;
    }

    if (fl->request.ignore_robots || frontier_hop_robots(fl) == SC_OK) {
        frontier_hop_fetch(fl);
    }
}


/* SC_OK to go on; else the flight is elsewhere. */
static int
frontier_hop_robots(frontier_flight_t *fl)
{
    robots_answer_t  answer;

    robots_cache_check(fl->frontier->parts.robots, &fl->hop, &answer);

    if (answer.verdict >= ROBOTS_ALLOWED) {
        metrics_add(METRICS_ROBOTS + answer.verdict - ROBOTS_ALLOWED, 1);
    }

    switch (answer.verdict) {

    case ROBOTS_ALLOWED:
        fl->verdict = "allowed";
        frontier_hop_robots_delay(fl, answer.delay);
        return SC_OK;

    case ROBOTS_UNKNOWN:
        frontier_hop_robots_fetch(fl);
        return SC_DECLINED;

    case ROBOTS_FETCHING:
        frontier_flight_release(fl, NULL);
        fl->robots = 1;
        frontier_flight_park(fl, fl->request.limits.total_timeout
                                 - fl->spent);
        return SC_DECLINED;

    default:
        frontier_hop_robots_refused(fl, &answer);
        return SC_DECLINED;
    }
}


/* Those who are ready are no more when the host wants a pause. */
static void
frontier_hop_robots_delay(frontier_flight_t *fl, int64_t delay)
{
    host_t  *host = fl->item.host;

    if (host->state.robots_delay != delay) {
        host->state.robots_delay = delay;
        lanes_host_changed(fl->frontier->lanes, host);
    }
}


/* It is for the host, and has this flight's turn there. */
static void
frontier_hop_robots_fetch(frontier_flight_t *fl)
{
    frontier_t       *f = fl->frontier;
    fetch_request_t   like;

    memset(&like, 0, sizeof(fetch_request_t));
    like.tls.insecure = fl->request.insecure;
    like.source = fl->request.source[0] != '\0' ? fl->request.source : NULL;

    if (frontier_hop_proxy(fl, &like) != SC_OK) {
        return;
    }

    if (robots_cache_fetch(f->parts.robots, &fl->hop, &like,
                           frontier_hop_robots_done, f)
        != SC_OK)
    {
        frontier_hop_starved(fl);
        return;
    }

    fl->robots = 1;
    frontier_flight_park(fl, fl->request.limits.total_timeout - fl->spent);
}


/*
 * Whose verdict it was goes on; the last first, for each goes before those
 * that are ready.
 */
void
frontier_hop_robots_done(void *data, const fetch_result_t *result)
{
    frontier_t         *f = data;
    robots_answer_t     answer;
    frontier_flight_t  *fl, *before;

    before = f->parked != NULL ? f->parked->prev : NULL;

    while ((fl = before) != NULL) {
        before = fl != f->parked ? fl->prev : NULL;

        if (!fl->robots) {
            continue;
        }

        robots_cache_check(f->parts.robots, &fl->hop, &answer);

        if (answer.verdict == ROBOTS_FETCHING) {
            continue;
        }

        fl->robots = 0;
        fl->spent += loop_now(f->loop) - fl->since;
        frontier_hop_robots_delay(fl, answer.delay);
        frontier_flight_unpark(fl);
        frontier_hop_robots_go_on(fl, result);
    }
}


/*
 * Who began the fetch bears what went wrong on its own way there, which says
 * nothing to those who go another.
 */

static void
frontier_hop_robots_go_on(frontier_flight_t *fl, const fetch_result_t *result)
{
    int  mine = fl->held;

    if (mine) {
        frontier_hop_report(fl, result);
    }

    frontier_hop_outcome(fl, result);

    if (mine && (result->error == FETCH_PROXY
                 || result->error == FETCH_BLOCKED))
    {
        frontier_hop_robots_lost(fl, result->error, result->detail);
        return;
    }

    frontier_flight_again(fl);
}


static void
frontier_hop_robots_lost(frontier_flight_t *fl, fetch_error_t error,
    const char *detail)
{
    (void) snprintf(fl->page.detail, sizeof(fl->page.detail),
                    "robots.txt: %.200s", detail);
    fl->page.error = error;
    fl->verdict = "unreachable";

    if (frontier_retry(fl) != SC_OK) {
        frontier_flight_fail(fl, fetch_error_type(error), fl->page.detail);
    }
}


static void
frontier_hop_robots_refused(frontier_flight_t *fl,
    const robots_answer_t *answer)
{
    char  detail[256];

    if (answer->verdict == ROBOTS_UNREACHABLE
        && answer->error == FETCH_RESOURCES)
    {
        frontier_hop_starved(fl);
        return;
    }

    frontier_flight_release(fl, NULL);
    fl->verdict = answer->verdict == ROBOTS_DISALLOWED ? "disallowed"
                  : answer->verdict == ROBOTS_UNAVAILABLE ? "unavailable"
                  : "unreachable";

    if (answer->verdict == ROBOTS_UNREACHABLE) {
        frontier_hop_robots_lost(fl, answer->error, answer->detail);
        return;
    }

    if (answer->verdict == ROBOTS_UNAVAILABLE) {
        (void) snprintf(detail, sizeof(detail), "the origin's robots.txt "
                        "could not be had: %.150s", answer->detail);

    } else {
        (void) snprintf(detail, sizeof(detail),
                        "the origin's robots.txt does not allow it");
    }

    frontier_flight_fail(fl, "/policy/robots", detail);
}


static void
frontier_hop_fetch(frontier_flight_t *fl)
{
    frontier_t       *f = fl->frontier;
    fetch_header_t    fields[FRONTIER_MAX_FIELDS];
    fetch_request_t   request;
    frontier_files_t  files;

    frontier_hop_jar(fl);
    frontier_hop_request(fl, &request);
    frontier_hop_fields(fl, &request, fields);

    frontier_hop_files(fl, &request, &files);

    if (frontier_hop_proxy(fl, &request) != SC_OK) {
        return;
    }

    fl->stage = FLIGHT_FETCHING;
    fl->fetch = fetch_start(f->parts.fetcher, &request, frontier_hop_fetched,
                            fl);

    if (fl->fetch == NULL) {
        frontier_hop_starved(fl);
    }
}


static void
frontier_hop_request(frontier_flight_t *fl, fetch_request_t *request)
{
    const frontier_request_t  *r = &fl->request;

    memset(request, 0, sizeof(fetch_request_t));

    request->url = &fl->hop;
    request->method = fl->method;
    request->http = r->http;
    request->tls.insecure = r->insecure;
    request->tls.min_version = r->tls_min;
    request->source = r->source[0] != '\0' ? r->source : NULL;
    request->jar = fl->jar;
    request->rate = lanes_rate(&fl->item);
    request->connect_timeout = r->limits.connect_timeout;
    request->first_byte_timeout = r->limits.first_byte_timeout;
    request->idle_timeout = r->limits.idle_timeout;
    request->total_timeout = r->limits.total_timeout - fl->spent;
    request->low_speed = r->limits.low_speed;
    request->low_speed_time = r->limits.low_speed_time;
    request->max_body = r->limits.max_page;
    request->partial = r->partial;

    if (!fl->body_left) {
        request->body = r->body;
    }
}


/* Those of the session, unless the request has the same. */
static void
frontier_hop_fields(frontier_flight_t *fl, fetch_request_t *request,
    fetch_header_t *fields)
{
    size_t                     i;
    const session_t           *session = fl->session;
    const frontier_request_t  *r = &fl->request;

    /* what was meant for one origin is not told to another */
    if (fl->origin_left) {
        return;
    }

    request->headers = fields;

    for (i = 0; i < r->nheaders; i++) {
        fields[request->nheaders++] = r->headers[i];
    }

    request->nheaders += frontier_page_fields(fl,
                                              fields + request->nheaders);

    for (i = 0; session != NULL && i < session->nheaders; i++) {
        if (!frontier_hop_has(r, session->headers[i].name)
            && request->nheaders < FRONTIER_MAX_FIELDS)
        {
            fields[request->nheaders++] = session->headers[i];
        }
    }
}


static int
frontier_hop_has(const frontier_request_t *r, sc_str_t name)
{
    size_t  i;

    for (i = 0; i < r->nheaders; i++) {
        if (r->headers[i].name.len == name.len
            && strncasecmp(r->headers[i].name.data, name.data, name.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static void
frontier_hop_files(frontier_flight_t *fl, fetch_request_t *request,
    frontier_files_t *files)
{
    const char  *dir = fl->frontier->settings->tls_dir;

    if (fl->request.ca[0] != '\0') {
        (void) snprintf(files->ca, sizeof(files->ca), "%s/%s.ca.pem", dir,
                        fl->request.ca);
        request->tls.ca_file = files->ca;
    }

    if (fl->request.cert[0] != '\0') {
        (void) snprintf(files->cert, sizeof(files->cert), "%s/%s.crt.pem",
                        dir, fl->request.cert);
        (void) snprintf(files->key, sizeof(files->key), "%s/%s.key.pem", dir,
                        fl->request.cert);
        request->tls.cert_file = files->cert;
        request->tls.key_file = files->key;
    }
}


static int
frontier_hop_proxy(frontier_flight_t *fl, fetch_request_t *request)
{
    int          trusted;
    char         err[160];
    const char  *name = fl->request.proxy;

    if (name[0] == '\0') {
        return SC_OK;
    }

    if (fl->proxy == NULL) {
        fl->proxy = malloc(sizeof(proxy_t));
    }

    if (fl->proxy == NULL) {
        frontier_hop_starved(fl);
        return SC_ERROR;
    }

    if (frontier_hop_proxy_get(fl->frontier, name, fl->proxy, &trusted, err,
                               sizeof(err))
        != SC_OK)
    {
        frontier_flight_fail(fl, fetch_error_type(FETCH_PROXY), err);
        return SC_ERROR;
    }

    request->proxy = fl->proxy;
    request->proxy_trusted = trusted & 1u;

    return SC_OK;
}


int
frontier_hop_proxy_get(frontier_t *f, const char *name, proxy_t *proxy,
    int *trusted, char *err, size_t errlen)
{
    const proxy_t  *next;

    *trusted = 0;

    if (strncmp(name, "pool:", 5) != 0) {
        return proxy_parse(proxy, name, strlen(name), err, errlen);
    }

    next = proxies_next(f->parts.proxies, name + 5, loop_now(f->loop));

    if (next == NULL) {
        (void) snprintf(err, errlen,
                        "the pool of proxies is not there any more");
        return SC_ERROR;
    }

    *proxy = *next;
    *trusted = 1;

    return SC_OK;
}


/* Without memory for it, the page comes without cookies. */
static void
frontier_hop_jar(frontier_flight_t *fl)
{
    size_t                 i;
    char                   err[160];
    const fetch_header_t  *c;

    if (fl->baked) {
        return;
    }

    fl->baked = 1;

    if (fl->jar == NULL) {
        fl->jar = jar_create();
    }

    for (i = 0; fl->jar != NULL && i < fl->request.ncookies; i++) {
        c = &fl->request.cookies[i];
        (void) jar_set(fl->jar, fl->hop.host, c->name, c->value, err,
                       sizeof(err));
    }
}


static void
frontier_hop_fetched(void *data, fetch_result_t *result)
{
    char                retry_after[64];
    frontier_flight_t  *fl = data;
    frontier_t         *f = fl->frontier;

    fl->fetch = NULL;
    fl->starved = 0;
    fl->spent += loop_now(f->loop) - fl->since;
    frontier_hop_keep(fl, result);

    if (fl->session != NULL) {
        session_touch(fl->session);
    }

    if (result->error == FETCH_RESOURCES) {
        frontier_hop_starved(fl);
        return;
    }

    frontier_hop_report(fl, result);
    frontier_hop_outcome(fl, result);

    (void) snprintf(retry_after, sizeof(retry_after), "%s",
                    result->retry_after);
    fl->page.retry_after = retry_after;

    if (frontier_retry(fl) == SC_OK) {
        return;
    }

    fl->page.retry_after = "";

    if (fl->page.error != FETCH_OK) {
        frontier_flight_fail(fl, fetch_error_type(fl->page.error),
                             fl->page.detail);
        return;
    }

    if (frontier_hop_is_redirect(result)) {
        frontier_hop_to(fl, result->location);
        return;
    }

    frontier_page_came(fl, result);
    frontier_flight_land(fl);
}


/* Only an answer shows that the proxy works, and only its own failure not. */
static void
frontier_hop_report(frontier_flight_t *fl, const fetch_result_t *result)
{
    frontier_t  *f = fl->frontier;

    if (strncmp(fl->request.proxy, "pool:", 5) == 0 && fl->proxy != NULL
        && (result->status != 0 || result->error == FETCH_PROXY))
    {
        proxies_report(f->parts.proxies, fl->request.proxy + 5, fl->proxy,
                       result->error != FETCH_PROXY, loop_now(f->loop));
    }
}


/* The result's strings end with the callback. */
static void
frontier_hop_keep(frontier_flight_t *fl, fetch_result_t *result)
{
    (void) snprintf(fl->content_type, sizeof(fl->content_type), "%s",
                    result->content_type);
    (void) snprintf(fl->http, sizeof(fl->http), "%s", result->http);

    frontier_headers_keep(fl, result->headers);

    sc_buf_free(&fl->page.body);
    fl->page = *result;
    fl->page.http = fl->http;
    fl->page.content_type = fl->content_type;
    fl->page.location = "";
    fl->page.etag = "";
    fl->page.last_modified = "";
    fl->page.retry_after = "";
    fl->page.cache_control = "";
    fl->page.age = "";
    fl->page.expires = "";
    fl->page.headers.len = 0;
    fl->page_bytes = (int64_t) result->body.len;
    fl->came += fl->page_bytes;
    fl->reached |= (result->status != 0);
    memset(&result->body, 0, sizeof(sc_buf_t));
}


/* The host's turn is over; what happened in it counts for its politeness. */
static void
frontier_hop_outcome(frontier_flight_t *fl, const fetch_result_t *result)
{
    double          first = result->timings.first_byte;
    host_outcome_t  outcome;

    outcome.error = result->error;
    outcome.status = result->status;
    outcome.latency = first >= 0 ? (int64_t) (first * (double) LOOP_MS) : -1;
    outcome.retry_after = host_retry_after(result->retry_after, id_now_ms());

    /* whether a proxy can be reached says nothing about the host */
    frontier_flight_release(fl, result->error != FETCH_PROXY ? &outcome
                                                             : NULL);
}


static int
frontier_hop_is_redirect(const fetch_result_t *page)
{
    switch (page->status) {

    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return page->location[0] != '\0';

    default:
        return 0;
    }
}


/* The next hop is a fetch like any other: it waits for its turn. */
void
frontier_hop_to(frontier_flight_t *fl, const char *location)
{
    url_t  next;
    char   err[160], detail[256];

    if (fl->hops >= fl->request.limits.max_redirects) {
        (void) snprintf(detail, sizeof(detail),
                        "the origin redirected more than %d times", fl->hops);
        frontier_flight_fail(fl, "/fetch/redirects", detail);
        return;
    }

    if (frontier_hop_target(fl, location, &next, err, sizeof(err)) != SC_OK) {
        (void) snprintf(detail, sizeof(detail),
                        "the origin redirected to an unusable URL: %s", err);
        frontier_flight_fail(fl, "/fetch/redirects", detail);
        return;
    }

    if (frontier_record_redirect(fl, fl->hop.text, fl->page.status) != SC_OK)
    {
        url_free(&next);
        frontier_flight_fail(fl, "/server/out-of-memory", "memory is out");
        return;
    }

    if (!frontier_hop_same_origin(&fl->hop, &next)) {
        fl->origin_left = 1;
    }

    if (strcmp(fl->hop.host, next.host) != 0) {
        fl->body_left = 1;
    }

    frontier_hop_method(fl);
    fl->hops++;
    metrics_add(METRICS_REDIRECTS, 1);
    url_free(&fl->hop);
    fl->hop = next;
    frontier_flight_blank(fl);
    frontier_flight_again(fl);
}


static int
frontier_hop_target(const frontier_flight_t *fl, const char *location,
    url_t *next, char *err, size_t errlen)
{
    int       rc;
    sc_buf_t  target;

    sc_buf_init(&target, URL_MAX);

    rc = url_resolve(fl->hop.text, location, strlen(location), &target);

    if (rc == SC_OK) {
        rc = url_parse(next, target.data, target.len, err, errlen);

    } else {
        (void) snprintf(err, errlen, "it is not a URL");
    }

    sc_buf_free(&target);

    return rc;
}


/* RFC 9110 15.4: 303 always makes a GET of it, 301 and 302 of a POST. */
static void
frontier_hop_method(frontier_flight_t *fl)
{
    int  status = fl->page.status;

    if ((status == 303 && strcmp(fl->method, "HEAD") != 0)
        || ((status == 301 || status == 302)
            && strcmp(fl->method, "POST") == 0))
    {
        fl->method = "GET";
        fl->body_left = 1;
    }
}


static int
frontier_hop_same_origin(const url_t *a, const url_t *b)
{
    return a->https == b->https && a->port == b->port
           && strcmp(a->host, b->host) == 0;
}


void
frontier_hop_stop(frontier_flight_t *fl)
{
    if (fl->fetch != NULL) {
        fetch_cancel(fl->fetch);
        fl->fetch = NULL;
    }
}


/* We are out of descriptors or memory: not this page's fault. */
static void
frontier_hop_starved(frontier_flight_t *fl)
{
    frontier_t  *f = fl->frontier;

    if (f->pause.node.index == HEAP_NONE) {
        log_warn("out of descriptors or memory, no fetch is begun for a "
                 "moment");
    }

    frontier_flight_blank(fl);
    fl->starved = 1;
    frontier_pause(f);
    frontier_flight_release(fl, NULL);
    fl->since = loop_now(f->loop);
    frontier_flight_again(fl);
}
