
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"
#include "sidecar/frontier/frontier_share.h"


/* hosts of a flow, and jobs of each, that are read at once */
#define REFILL_HOSTS     8
#define REFILL_EACH      8
#define REFILL_LEAST     2

/* a queue of one host that goes on alone is read in larger pieces */
#define REFILL_MORE      32

/* reads under way, and jobs that ended meanwhile: no other is begun */
#define REFILL_READS     64
#define REFILL_GONE      FRONTIER_WINDOW

/* how often it is looked whether something left for later is due */
#define REFILL_POLL      LOOP_SEC


static void frontier_refill_counted(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void frontier_refill_flows(void *data, store_status_t status,
    const store_flow_t *flows, size_t n);
static void frontier_refill_flow(frontier_flow_t *flow);
static size_t frontier_refill_part(size_t room, size_t n, size_t least,
    size_t most);
static void frontier_refill_queues(frontier_flow_t *flow, size_t room,
    size_t each);
static void frontier_refill_queue(frontier_queue_t *q, size_t n);
static void frontier_refill_queue_told(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void frontier_refill_hosts(frontier_flow_t *flow, size_t hosts,
    size_t each);
static void frontier_refill_hosts_told(void *data, store_status_t status,
    const store_queue_answer_t *answer);
static void frontier_refill_restore(frontier_flow_t *flow,
    const store_job_t *jobs, size_t n);
static void frontier_refill_poll(loop_timer_t *timer);
static void frontier_refill_check(frontier_flow_t *flow);
static void frontier_refill_checked(void *data, store_status_t status,
    const store_queue_answer_t *answer);
static void frontier_refill_settle(frontier_flow_t *flow, int64_t host);


/* Count what the store has, and see whose it is. */
int
frontier_refill_open(frontier_t *f)
{
    loop_timer_init(&f->poll, frontier_refill_poll, f);

    if (store_unended_count(f->store, frontier_refill_counted, f) != SC_OK
        || store_queue_flows(f->store, frontier_refill_flows, f) != SC_OK
        || loop_timer_set(f->loop, &f->poll, REFILL_POLL) != SC_OK)
    {
        store_forget(f->store, f);
        return SC_ERROR;
    }

    return SC_OK;
}


void
frontier_refill_close(frontier_t *f)
{
    frontier_flow_t  *flow, *tmp;

    store_forget(f->store, f);
    loop_timer_del(f->loop, &f->poll);

    frontier_queues_free(f);

    HASH_ITER(hh, f->flows, flow, tmp) {
        store_forget(f->store, flow);
        frontier_flow_free(flow);
    }

    f->reads = 0;
    frontier_refill_ended(f);
}


static void
frontier_refill_counted(void *data, store_status_t status,
    const store_job_t *jobs, size_t n)
{
    frontier_t  *f = data;

    (void) jobs;

    if (status != STORE_OK) {
        log_error("the unended jobs in the store could not be counted");

    } else if (n > 0) {
        f->queued += n;
        log_notice("%zu unended jobs are taken up from the store", n);
    }
}


static void
frontier_refill_flows(void *data, store_status_t status,
    const store_flow_t *flows, size_t n)
{
    size_t            i;
    frontier_t       *f = data;
    frontier_flow_t  *flow;

    if (status != STORE_OK) {
        log_error("the queues in the store could not be read, once more");
        f->unread = 1;
        return;
    }

    for (i = 0; i < n; i++) {
        flow = frontier_flow_get(f, flows[i].lane, flows[i].flow,
                                 flows[i].tenant);
        if (flow != NULL) {
            flow->backlog = 1;
            frontier_share_look(flow);

        } else {
            f->unread = 1;
        }
    }

    frontier_dispatch_soon(f);
}


void
frontier_refill(frontier_t *f)
{
    frontier_flow_t  *flow;

    /* what has ended during reads is forgotten when none is under way */
    while (f->reads < REFILL_READS && HASH_COUNT(f->gone) < REFILL_GONE
           && (flow = frontier_share_next(f)) != NULL)
    {
        frontier_refill_flow(flow);
    }
}


/* What there is room for, of new hosts and of those that go on. */
static void
frontier_refill_flow(frontier_flow_t *flow)
{
    size_t  room, part, each, share;

    share = frontier_share_of(flow);
    room = share - frontier_share_waiting(flow);
    each = frontier_refill_part(room, REFILL_HOSTS, REFILL_LEAST,
                                REFILL_EACH);

    if (flow->backlog && (flow->more == NULL || flow->queues < share)) {
        part = flow->more == NULL ? room : room / 2;
        part = frontier_refill_part(part, each, 1, REFILL_HOSTS);
        frontier_refill_hosts(flow, part, each);
        room -= part * each < room ? part * each : room;
    }

    frontier_refill_queues(flow, room, each);
}


/* One n-th of the room, within bounds. */
static size_t
frontier_refill_part(size_t room, size_t n, size_t least, size_t most)
{
    size_t  part = room / n;

    if (part < least) {
        return least;
    }

    return part < most ? part : most;
}


/* Those that were read last go behind the others. */
static void
frontier_refill_queues(frontier_flow_t *flow, size_t room, size_t each)
{
    size_t             i, n;
    frontier_queue_t  *q;

    if (flow->nmore == 0) {
        return;
    }

    n = frontier_refill_part(room, flow->nmore, each, REFILL_MORE);

    for (i = flow->nmore; i > 0 && room >= n; i--) {
        q = flow->more;
        DL_DELETE(flow->more, q);
        DL_APPEND(flow->more, q);

        if (q->held <= each) {
            frontier_refill_queue(q, n);
            room -= n;
        }
    }
}


/* More jobs of one host; those in memory are the first of them. */
static void
frontier_refill_queue(frontier_queue_t *q, size_t n)
{
    frontier_t  *f = q->frontier;

    q->asked = q->held + n;

    if (store_queue_more(f->store, q->key.flow->key.flow, q->key.host,
                         id_now_ms(), q->asked, frontier_refill_queue_told, q)
        != SC_OK)
    {
        frontier_pause(f);
        return;
    }

    q->reading = 1;
    q->key.flow->reads++;
    frontier_refill_begun(f);
}


static void
frontier_refill_queue_told(void *data, store_status_t status,
    const store_job_t *jobs, size_t n)
{
    frontier_queue_t  *q = data;
    frontier_t        *f = q->frontier;
    frontier_flow_t   *flow = q->key.flow;

    flow->reads--;

    if (status != STORE_OK) {
        q->reading = 0;
        frontier_refill_ended(f);
        frontier_share_look(flow);
        frontier_pause(f);
        return;
    }

    frontier_queue_more(q, n == q->asked);
    frontier_refill_restore(flow, jobs, n);
    q->reading = 0;
    frontier_refill_ended(f);
    frontier_queue_release(q);
    frontier_share_look(flow);
    frontier_dispatch_soon(f);
}


/* The next hosts of the flow, with the first jobs of each. */
static void
frontier_refill_hosts(frontier_flow_t *flow, size_t hosts, size_t each)
{
    frontier_t         *f = flow->frontier;
    store_queue_ask_t   ask;

    ask.lane = (int) flow->key.lane;
    ask.flow = flow->key.flow;
    ask.now = id_now_ms();
    ask.after_due = flow->due;
    ask.after_host = flow->host;
    ask.hosts = hosts;
    ask.each = each;

    if (flow->due == 0) {
        flow->left = 0;
    }

    if (store_queue_next(f->store, &ask, frontier_refill_hosts_told, flow)
        != SC_OK)
    {
        frontier_pause(f);
        return;
    }

    flow->reading = 1;
    flow->asked = hosts;
    flow->each = each;
    flow->reads++;
    frontier_refill_begun(f);
}


static void
frontier_refill_hosts_told(void *data, store_status_t status,
    const store_queue_answer_t *answer)
{
    size_t             i, last;
    frontier_t        *f;
    frontier_flow_t   *flow = data;
    frontier_queue_t  *q;

    f = flow->frontier;
    flow->reading = 0;
    flow->reads--;

    if (status != STORE_OK) {
        frontier_refill_ended(f);
        frontier_share_look(flow);
        frontier_pause(f);
        return;
    }

    frontier_refill_restore(flow, answer->jobs, answer->n);

    /* who has as many as were asked for may have more */
    last = flow->each - 1;

    for (i = last; i < answer->n; i++) {
        if (frontier_flow_rests(flow)
            || answer->jobs[i].host != answer->jobs[i - last].host)
        {
            continue;
        }

        q = frontier_queue_get(flow, answer->jobs[i].host);

        if (q != NULL) {
            frontier_queue_more(q, 1);
        }
    }

    flow->due = answer->due;
    flow->host = answer->host;

    if (answer->hosts < flow->asked) {
        /* a job left to the store behind the scan's back needs another */
        flow->backlog = flow->left;
        flow->due = 0;
        flow->host = INT64_MIN;
        flow->check = loop_now(f->loop) + REFILL_POLL;
    }

    frontier_refill_ended(f);
    frontier_share_look(flow);
    frontier_dispatch_soon(f);
}


static void
frontier_refill_restore(frontier_flow_t *flow, const store_job_t *jobs,
    size_t n)
{
    size_t            i;
    frontier_t       *f = flow->frontier;
    frontier_gone_t  *g;

    /* paused since it was asked for: it is read anew when it goes on */
    for (i = 0; i < n && !frontier_flow_rests(flow); i++) {
        HASH_FIND(hh, f->gone, jobs[i].id, ID_LEN, g);

        if (g == NULL) {
            frontier_restore(f, &jobs[i]);
        }
    }
}


/* Is anything left for later, and is it due? */
static void
frontier_refill_poll(loop_timer_t *timer)
{
    frontier_t       *f = timer->data;
    frontier_flow_t  *flow, *tmp;

    (void) loop_timer_set(f->loop, timer, REFILL_POLL);

    if (f->draining) {
        return;
    }

    if (f->unread
        && store_queue_flows(f->store, frontier_refill_flows, f) == SC_OK)
    {
        f->unread = 0;
    }

    HASH_ITER(hh, f->flows, flow, tmp) {
        /* its share may have grown */
        frontier_share_look(flow);

        if (!flow->backlog && !flow->reading && !flow->checking
            && !frontier_flow_rests(flow)
            && flow->check <= loop_now(f->loop))
        {
            frontier_refill_check(flow);
        }
    }

    frontier_make_room(f);
}


static void
frontier_refill_check(frontier_flow_t *flow)
{
    frontier_t         *f = flow->frontier;
    store_queue_ask_t   ask;

    memset(&ask, 0, sizeof(ask));
    ask.lane = (int) flow->key.lane;
    ask.flow = flow->key.flow;
    ask.now = INT64_MAX;
    ask.after_host = INT64_MIN;
    ask.hosts = 1;

    flow->checking = 1;

    if (store_queue_next(f->store, &ask, frontier_refill_checked, flow)
        != SC_OK)
    {
        flow->checking = 0;
    }
}


static void
frontier_refill_checked(void *data, store_status_t status,
    const store_queue_answer_t *answer)
{
    int64_t           wait;
    frontier_t       *f;
    frontier_flow_t  *flow = data;

    f = flow->frontier;
    flow->checking = 0;

    if (status != STORE_OK || flow->backlog || frontier_flow_rests(flow)) {
        return;
    }

    if (answer->hosts == 0 && flow->queues == 0 && !flow->reading
        && !flow->wished)
    {
        frontier_flow_free(flow);
        return;
    }

    wait = answer->due - id_now_ms();

    if (wait <= 0) {
        frontier_refill_settle(flow, answer->host);
        flow->backlog = 1;
        frontier_share_look(flow);
        frontier_dispatch_soon(f);

    } else {
        flow->check = loop_now(f->loop)
                      + (wait < 60000 ? wait : 60000) * LOOP_MS;
    }
}


/* A queue whose last job was cancelled in the store is settled by nobody. */
static void
frontier_refill_settle(frontier_flow_t *flow, int64_t host)
{
    if (frontier_queue_find(flow, host) == NULL) {
        (void) store_queue_settle(flow->frontier->store,
                                  (int) flow->key.lane, flow->key.flow,
                                  host, 0);
    }
}


void
frontier_refill_begun(frontier_t *f)
{
    f->reads++;
}


void
frontier_refill_ended(frontier_t *f)
{
    frontier_gone_t  *g, *next;

    if (f->reads > 0 && --f->reads > 0) {
        return;
    }

    g = f->gone;
    HASH_CLEAR(hh, f->gone);

    for ( /* void */ ; g != NULL; g = next) {
        next = g->hh.next;
        free(g);
    }
}


void
frontier_gone(frontier_t *f, const char *id)
{
    frontier_gone_t  *g;

    if (f->reads == 0) {
        return;
    }

    HASH_FIND(hh, f->gone, id, ID_LEN, g);
    if (g != NULL) {
        return;
    }

    g = malloc(sizeof(frontier_gone_t));
    if (g == NULL) {
        log_error("memory is out, job %s may be done twice", id);
        return;
    }

    memcpy(g->id, id, ID_SIZE);
    HASH_ADD(hh, f->gone, id[0], ID_LEN, g);
}
