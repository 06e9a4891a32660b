
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"
#include "sidecar/frontier/frontier_share.h"


static lanes_lane_t frontier_flight_lane(const frontier_job_t *j);
static int frontier_flight_key(frontier_flight_t *fl,
    const store_job_t *row);
static int frontier_flight_shared(const frontier_flight_t *fl);
static int frontier_flight_item(frontier_flight_t *fl,
    const store_job_t *row, lanes_lane_t lane);
static int frontier_flight_host(frontier_flight_t *fl);
static int frontier_flight_start(frontier_flight_t *fl);
static void frontier_flight_session(void *data, store_status_t status,
    session_t *session);
static void frontier_flight_hurry(frontier_flight_t *fl, lanes_lane_t lane);
static void frontier_flight_timeout(loop_timer_t *timer);
static void frontier_flight_forget_key(frontier_flight_t *fl);


int
frontier_flight_join(frontier_job_t *j)
{
    frontier_t         *f = j->frontier;
    frontier_flight_t  *fl, *other;

    fl = frontier_flight_create(f, &j->row, frontier_flight_lane(j));
    if (fl == NULL) {
        return SC_ERROR;
    }

    other = NULL;

    if (frontier_flight_shared(fl)) {
        HASH_FIND(hh, f->flights, fl->key.data, fl->key.len, other);
    }

    if (other != NULL) {
        frontier_flight_hurry(other, fl->item.lane);
        frontier_flight_free(fl);
        f->shared++;
        DL_APPEND(other->jobs, j);
        j->flight = other;

        if (other->begun) {
            frontier_job_begun(j);
        }

        return SC_OK;
    }

    if (frontier_flight_start(fl) != SC_OK) {
        frontier_flight_free(fl);
        return SC_ERROR;
    }

    if (frontier_flight_shared(fl)) {
        HASH_ADD_KEYPTR(hh, f->flights, fl->key.data, fl->key.len, fl);
        fl->hashed = (fl->hh.tbl != NULL);
    }

    DL_APPEND(fl->jobs, j);
    j->flight = fl;

    return SC_OK;
}


/* Who is waited for goes first; a job of the store is in nobody's way. */
static lanes_lane_t
frontier_flight_lane(const frontier_job_t *j)
{
    return j->waited && j->durability == JOB_TRANSIENT
           ? LANES_INTERACTIVE : (lanes_lane_t) j->row.lane;
}


frontier_flight_t *
frontier_flight_create(frontier_t *f, const store_job_t *row,
    lanes_lane_t lane)
{
    char                err[160];
    frontier_flight_t  *fl;

    fl = calloc(1, sizeof(frontier_flight_t));
    if (fl == NULL) {
        return NULL;
    }

    fl->frontier = f;
    fl->tries = row->tries;
    sc_buf_init(&fl->key, 0);
    sc_buf_init(&fl->redirects, 0);
    sc_buf_init(&fl->retries, 0);
    sc_buf_init(&fl->headers, 0);
    loop_timer_init(&fl->timer, frontier_flight_timeout, fl);
    frontier_flight_blank(fl);

    fl->spec = json_last_get(&f->spec, row->spec);

    if (fl->spec == NULL
        || frontier_request_read(&fl->request,
                                 json_object_get(fl->spec, "request"),
                                 &fl->fields)
           != SC_OK
        || url_parse(&fl->hop, row->url.data, row->url.len, err, sizeof(err))
           != SC_OK
        || frontier_flight_key(fl, row) != SC_OK
        || frontier_flight_item(fl, row, lane) != SC_OK)
    {
        frontier_flight_free(fl);
        return NULL;
    }

    fl->method = fl->request.method;

    return fl;
}


/* All that decides what comes back, as the spec says it. */
static int
frontier_flight_key(frontier_flight_t *fl, const store_job_t *row)
{
    sc_buf_t    *b = &fl->key;
    const char  *cache;

    cache = json_string_value(json_object_get(fl->spec, "cache_control"));
    (void) sc_buf_add_str(b, row->tenant);
    (void) sc_buf_add_cstr(b, "\n");
    (void) sc_buf_add_str(b, row->url);
    (void) sc_buf_add_cstr(b, "\n");

    (void) frontier_request_write(&fl->request, b);
    fl->plain_len = b->len;

    return sc_buf_add_cstr(b, cache != NULL ? cache : "");
}


/* Only what is safe (RFC 9110 9.2.1) is asked for once for two. */
static int
frontier_flight_shared(const frontier_flight_t *fl)
{
    return strcmp(fl->request.method, "GET") == 0
           || strcmp(fl->request.method, "HEAD") == 0;
}


static int
frontier_flight_item(frontier_flight_t *fl, const store_job_t *row,
    lanes_lane_t lane)
{
    lanes_item_t       *item = &fl->item;
    const host_wish_t  *wish;

    item->lane = lane;
    item->flow = (uint64_t) row->flow;
    item->tenant.data = fl->key.data;
    item->tenant.len = row->tenant.len;
    item->priority = -row->prio;
    wish = frontier_flow_wished(fl->frontier, row);
    item->wish = wish != NULL ? *wish : fl->request.wish;

    return frontier_flight_host(fl);
}


static int
frontier_flight_host(frontier_flight_t *fl)
{
    host_t   *host;
    hosts_t  *hosts = fl->frontier->parts.hosts;

    host = hosts_get(hosts, &fl->hop);
    if (host == NULL) {
        return SC_ERROR;
    }

    if (fl->item.host != NULL) {
        hosts_release(hosts, fl->item.host);
    }

    fl->item.host = host;

    return SC_OK;
}


/* A session is read first: what it says belongs to the request. */
static int
frontier_flight_start(frontier_flight_t *fl)
{
    int          rc;
    sc_str_t     name = { strlen(fl->request.session),
                          fl->request.session };
    frontier_t  *f = fl->frontier;

    rc = frontier_page_look(fl);

    if (rc != SC_DECLINED) {
        return rc;
    }

    if (name.len == 0) {
        return frontier_flight_push(fl, 0);
    }

    fl->opening = session_open(f->parts.sessions, fl->item.tenant, name,
                               frontier_flight_session, fl);
    if (fl->opening == NULL) {
        return SC_ERROR;
    }

    frontier_flight_park(fl, FRONTIER_FOREVER);

    return SC_OK;
}


static void
frontier_flight_session(void *data, store_status_t status,
    session_t *session)
{
    frontier_flight_t  *fl = data;

    fl->opening = NULL;
    frontier_flight_unpark(fl);

    if (status != STORE_OK) {
        frontier_flight_fail(fl, "/server/out-of-resources",
                             "the session could not be read");
        return;
    }

    fl->session = session;
    fl->jar = jar_ref(session->jar);

    switch (frontier_login_wait(fl)) {

    case SC_OK:
        break;

    case SC_DECLINED:
        frontier_flight_again(fl);
        break;

    default:
        frontier_flight_fail(fl, "/server/out-of-memory", "memory is out");
    }
}


int
frontier_flight_push(frontier_flight_t *fl, int front)
{
    fl->stage = FLIGHT_READY;

    if (lanes_push(fl->frontier->lanes, &fl->item, front) != SC_OK) {
        return SC_ERROR;
    }

    frontier_dispatch_soon(fl->frontier);

    return SC_OK;
}


/* Somebody waits for what nobody was in a hurry for. */
static void
frontier_flight_hurry(frontier_flight_t *fl, lanes_lane_t lane)
{
    frontier_t  *f = fl->frontier;

    if (fl->item.lane <= lane) {
        return;
    }

    if (fl->stage != FLIGHT_READY) {
        /* in its next turn */
        fl->item.lane = lane;
        return;
    }

    lanes_remove(f->lanes, &fl->item);
    fl->item.lane = lane;

    if (frontier_flight_push(fl, 0) != SC_OK) {
        frontier_flight_park(fl, FRONTIER_FIRST_RETRY);
    }
}


void
frontier_flight_leave(frontier_job_t *j)
{
    frontier_flight_t  *fl = j->flight;

    if (fl == NULL) {
        return;
    }

    DL_DELETE(fl->jobs, j);
    j->flight = NULL;

    if (fl->jobs == NULL) {
        frontier_flight_free(fl);
    }
}


void
frontier_flight_begin(frontier_flight_t *fl)
{
    frontier_t      *f = fl->frontier;
    frontier_job_t  *j;

    f->flying++;
    fl->held = 1;

    /* once: waiting for anything of ours makes no other attempt */
    if (!fl->begun) {
        fl->begun = 1;

        DL_FOREACH(fl->jobs, j) {
            frontier_job_begun(j);
        }
    }

    if (fl->jobs != NULL && fl->jobs->queue != NULL) {
        frontier_share_look(fl->jobs->queue->key.flow);
    }

    frontier_hop_begin(fl);
}


void
frontier_flight_again(frontier_flight_t *fl)
{
    if (frontier_flight_host(fl) != SC_OK
        || frontier_flight_push(fl, 1) != SC_OK)
    {
        frontier_flight_park(fl, FRONTIER_FIRST_RETRY);
    }
}


void
frontier_flight_park(frontier_flight_t *fl, int64_t delay)
{
    frontier_t  *f = fl->frontier;

    if (fl->stage == FLIGHT_READY && fl->item.queue != NULL) {
        lanes_remove(f->lanes, &fl->item);
    }

    fl->stage = FLIGHT_PARKED;
    DL_APPEND(f->parked, fl);
    f->nparked++;

    if (delay != FRONTIER_FOREVER) {
        (void) loop_timer_set(f->loop, &fl->timer, delay);
    }
}


void
frontier_flight_unpark(frontier_flight_t *fl)
{
    frontier_t  *f = fl->frontier;

    loop_timer_del(f->loop, &fl->timer);
    DL_DELETE(f->parked, fl);
    f->nparked--;
    fl->stage = FLIGHT_READY;
}


/* The next attempt; or robots.txt took all the time there was. */
static void
frontier_flight_timeout(loop_timer_t *timer)
{
    frontier_flight_t  *fl = timer->data;

    frontier_flight_unpark(fl);

    if (fl->robots) {
        fl->robots = 0;
        frontier_flight_fail(fl, fetch_error_type(FETCH_TIMEOUT),
                             "the origin's robots.txt did not come in time");
        return;
    }

    frontier_flight_again(fl);
}


void
frontier_flight_release(frontier_flight_t *fl, const host_outcome_t *outcome)
{
    frontier_t  *f = fl->frontier;
    host_t      *host = fl->item.host;

    if (!fl->held) {
        return;
    }

    fl->held = 0;
    f->flying--;
    lanes_end(f->lanes, &fl->item, outcome, fl->page_bytes);

    if (outcome != NULL && outcome->error != FETCH_OK) {
        host->errors++;
        host->last_error = fetch_error_type(outcome->error);
        host->last_error_at = id_now_ms();
    }

    hosts_changed(f->parts.hosts, host);
    frontier_dispatch_soon(f);
}


void
frontier_flight_land(frontier_flight_t *fl)
{
    frontier_job_t  *j, *tmp;

    frontier_flight_forget_key(fl);
    fl->stage = FLIGHT_LANDED;
    frontier_tenant_landed(fl);

    if (fl->login != NULL) {
        frontier_login_landed(fl);
        return;
    }

    /* the last one to leave takes the flight along */
    DL_FOREACH_SAFE(fl->jobs, j, tmp) {
        frontier_job_extract(j);
    }
}


void
frontier_flight_fail(frontier_flight_t *fl, const char *type,
    const char *detail)
{
    frontier_job_t  *j, *tmp;

    frontier_flight_forget_key(fl);
    fl->stage = FLIGHT_LANDED;
    frontier_tenant_landed(fl);

    if (fl->login != NULL) {
        frontier_login_failed(fl, detail);
        return;
    }

    DL_FOREACH_SAFE(fl->jobs, j, tmp) {
        frontier_job_fail(j, type, detail);
    }
}


/* Others may have other rules for this page: the job goes on alone. */
int
frontier_flight_follow(frontier_job_t *j, const char *url)
{
    frontier_flight_t  *fl, *old = j->flight;

    fl = frontier_flight_create(j->frontier, &j->row,
                                frontier_flight_lane(j));
    if (fl == NULL) {
        return SC_ERROR;
    }

    fl->begun = 1;
    fl->hops = old->hops;
    fl->spent = old->spent;
    fl->tries = old->tries;
    fl->origin_left = old->origin_left;
    fl->page.status = old->page.status;
    fl->jar = old->jar != NULL ? jar_ref(old->jar) : NULL;
    fl->session = old->session;
    fl->baked = 1;
    fl->method = "GET";
    fl->body_left = 1;
    fl->verdict = old->verdict;
    old->session = NULL;
    (void) sc_buf_add(&fl->redirects, old->redirects.data,
                      old->redirects.len);

    url_free(&fl->hop);

    if (fl->redirects.failed || url_copy(&fl->hop, &old->hop) != SC_OK) {
        frontier_flight_free(fl);
        return SC_ERROR;
    }

    frontier_flight_leave(j);
    DL_APPEND(fl->jobs, j);
    j->flight = fl;
    j->stage = JOB_FLYING;
    frontier_hop_to(fl, url);

    return SC_OK;
}


void
frontier_flight_blank(frontier_flight_t *fl)
{
    sc_buf_free(&fl->page.body);
    memset(&fl->page, 0, sizeof(fetch_result_t));

    fl->http[0] = '\0';
    fl->content_type[0] = '\0';
    fl->page.http = fl->http;
    fl->page.content_type = fl->content_type;
    fl->page.location = "";
    fl->page.etag = "";
    fl->page_bytes = 0;
}


void
frontier_flight_free(frontier_flight_t *fl)
{
    frontier_t  *f = fl->frontier;

    frontier_hop_stop(fl);
    frontier_login_leave(fl);
    frontier_page_free(fl);
    frontier_flight_forget_key(fl);
    frontier_flight_release(fl, NULL);

    if (fl->stage == FLIGHT_PARKED) {
        frontier_flight_unpark(fl);

    } else if (fl->item.queue != NULL) {
        lanes_remove(f->lanes, &fl->item);
    }

    if (fl->item.host != NULL) {
        hosts_release(f->parts.hosts, fl->item.host);
    }

    if (fl->opening != NULL) {
        session_open_cancel(fl->opening);
    }

    if (fl->session != NULL) {
        session_release(fl->session);
    }

    if (fl->jar != NULL) {
        jar_unref(fl->jar);
    }

    json_decref(fl->spec);
    free(fl->fields);
    free(fl->proxy);
    url_free(&fl->hop);
    sc_buf_free(&fl->key);
    sc_buf_free(&fl->page.body);
    sc_buf_free(&fl->redirects);
    sc_buf_free(&fl->retries);
    sc_buf_free(&fl->headers);
    free(fl);
}


static void
frontier_flight_forget_key(frontier_flight_t *fl)
{
    if (fl->hashed) {
        HASH_DEL(fl->frontier->flights, fl);
        fl->hashed = 0;
    }
}
