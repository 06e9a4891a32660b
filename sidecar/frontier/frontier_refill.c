
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

/* a host that keeps us waiting for longer gives its place up */
#define REFILL_PATIENCE  LOOP_SEC


static void frontier_refill_counted(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void frontier_refill_flows(void *data, store_status_t status,
    const store_flow_t *flows, size_t n);
static void frontier_refill_flow(frontier_flow_t *flow);
static size_t frontier_refill_part(size_t room, size_t n, size_t least,
    size_t most);
static void frontier_refill_queues(frontier_flow_t *flow, size_t room,
    size_t each);
static void frontier_flow_read(frontier_flow_t *flow, size_t hosts,
    size_t each);
static void frontier_flow_told(void *data, store_status_t status,
    const store_queue_answer_t *answer);
static void frontier_flow_check(frontier_flow_t *flow);
static void frontier_flow_checked(void *data, store_status_t status,
    const store_queue_answer_t *answer);
static void frontier_flow_settle(frontier_flow_t *flow, int64_t host);
static void frontier_refill_poll(loop_timer_t *timer);
static frontier_queue_t *frontier_queue_get(frontier_flow_t *flow,
    int64_t host);
static frontier_job_t *frontier_queue_last(frontier_job_t *j);
static void frontier_queue_deferred(void *data, store_status_t status);
static void frontier_queue_read(frontier_queue_t *q, size_t n);
static void frontier_queue_told(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void frontier_queue_free(frontier_queue_t *q);
static void frontier_read_begun(frontier_t *f);
static void frontier_read_ended(frontier_t *f);
static void frontier_restore_all(frontier_flow_t *flow,
    const store_job_t *jobs, size_t n);


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
    frontier_flow_t   *flow, *ftmp;
    frontier_queue_t  *q, *next;

    store_forget(f->store, f);
    loop_timer_del(f->loop, &f->poll);

    /* the table goes first, the queues still know their neighbours */
    q = f->queues;
    HASH_CLEAR(hh, f->queues);

    for ( /* void */ ; q != NULL; q = next) {
        next = q->hh.next;
        store_forget(f->store, q);
        free(q);
    }

    HASH_ITER(hh, f->flows, flow, ftmp) {
        store_forget(f->store, flow);
        frontier_flow_free(flow);
    }

    f->reads = 0;
    frontier_read_ended(f);
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
        frontier_flow_read(flow, part, each);
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
            frontier_queue_read(q, n);
            room -= n;
        }
    }
}


/* The next hosts of the flow, with the first jobs of each. */
static void
frontier_flow_read(frontier_flow_t *flow, size_t hosts, size_t each)
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

    if (store_queue_next(f->store, &ask, frontier_flow_told, flow) != SC_OK) {
        frontier_pause(f);
        return;
    }

    flow->reading = 1;
    flow->asked = hosts;
    flow->each = each;
    flow->reads++;
    frontier_read_begun(f);
}


static void
frontier_flow_told(void *data, store_status_t status,
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
        frontier_read_ended(f);
        frontier_share_look(flow);
        frontier_pause(f);
        return;
    }

    frontier_restore_all(flow, answer->jobs, answer->n);

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

    frontier_read_ended(f);
    frontier_share_look(flow);
    frontier_dispatch_soon(f);
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
            frontier_flow_check(flow);
        }
    }

    frontier_make_room(f);
}


static void
frontier_flow_check(frontier_flow_t *flow)
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

    if (store_queue_next(f->store, &ask, frontier_flow_checked, flow)
        != SC_OK)
    {
        flow->checking = 0;
    }
}


static void
frontier_flow_checked(void *data, store_status_t status,
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
        frontier_flow_settle(flow, answer->host);
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
frontier_flow_settle(frontier_flow_t *flow, int64_t host)
{
    frontier_t            *f = flow->frontier;
    frontier_queue_t      *q;
    frontier_queue_key_t   key;

    memset(&key, 0, sizeof(key));
    key.flow = flow;
    key.host = host;

    HASH_FIND(hh, f->queues, &key, sizeof(key), q);

    if (q == NULL) {
        (void) store_queue_settle(f->store, (int) flow->key.lane,
                                  flow->key.flow, host, 0);
    }
}


static frontier_queue_t *
frontier_queue_get(frontier_flow_t *flow, int64_t host)
{
    frontier_t            *f = flow->frontier;
    frontier_queue_t      *q;
    frontier_queue_key_t   key;

    memset(&key, 0, sizeof(key));
    key.flow = flow;
    key.host = host;

    HASH_FIND(hh, f->queues, &key, sizeof(key), q);
    if (q != NULL) {
        return q;
    }

    q = calloc(1, sizeof(frontier_queue_t));
    if (q == NULL) {
        return NULL;
    }

    q->key = key;
    q->frontier = f;
    HASH_ADD(hh, f->queues, key, sizeof(key), q);

    if (q->hh.tbl == NULL) {
        free(q);
        return NULL;
    }

    flow->queues++;

    return q;
}


void
frontier_queue_enter(frontier_job_t *j)
{
    frontier_t       *f = j->frontier;
    frontier_flow_t  *flow;

    flow = frontier_flow_get(f, j->row.lane, j->row.flow, j->row.tenant);

    if (flow != NULL && j->queue == NULL) {
        j->queue = frontier_queue_get(flow, j->row.host);
    }

    if (j->queue == NULL) {
        /* without memory to count it, its queue is settled by another */
        return;
    }

    flow = j->queue->key.flow;
    j->queue->held++;
    flow->held++;
    flow->account->held++;
    f->rows++;
    frontier_share_look(flow);
}


void
frontier_queue_leave(frontier_job_t *j)
{
    frontier_flow_t   *flow;
    frontier_queue_t  *q = j->queue;

    if (q == NULL) {
        return;
    }

    flow = q->key.flow;
    j->queue = NULL;
    q->held--;
    flow->held--;
    flow->account->held--;
    q->frontier->rows--;

    if (q->held == 0 && !q->more && !q->reading) {
        frontier_queue_free(q);
    }

    frontier_share_look(flow);

    if (flow->hungry) {
        frontier_dispatch_soon(flow->frontier);
    }
}


void
frontier_queue_more(frontier_queue_t *q, int more)
{
    frontier_flow_t  *flow = q->key.flow;

    if (q->more == (more != 0)) {
        return;
    }

    q->more = (more != 0);

    if (more) {
        DL_APPEND(flow->more, q);
        flow->nmore++;

    } else {
        DL_DELETE(flow->more, q);
        flow->nmore--;
    }
}


static void
frontier_queue_free(frontier_queue_t *q)
{
    frontier_flow_t  *flow = q->key.flow;
    frontier_t       *f = q->frontier;

    (void) store_queue_settle(f->store, (int) flow->key.lane, flow->key.flow,
                              q->key.host, q->not_before);

    HASH_DEL(f->queues, q);
    flow->queues--;
    flow->check = 0;
    free(q);
}


/*
 * Leave a durable job to the store when enough others are ready: the last one
 * of its host, which this one need not be.
 */
void
frontier_queue_evict(frontier_job_t *j)
{
    frontier_t        *f = j->frontier;
    frontier_queue_t  *q;

    if (!frontier_flow_leavable(j)
        || !frontier_share_exceeded(j->queue->key.flow)
        || (j->flight->jobs->next != NULL && f->rows < FRONTIER_MAX_JOBS))
    {
        return;
    }

    j = frontier_queue_last(j);
    q = j->queue;

    if (q->held > 1) {
        frontier_queue_more(q, 1);
    }

    q->key.flow->backlog = 1;
    q->key.flow->left = 1;
    frontier_flow_leave(j);
}


static frontier_job_t *
frontier_queue_last(frontier_job_t *j)
{
    frontier_job_t     *last;
    frontier_flight_t  *fl = j->flight;

    if (fl->item.queue == NULL) {
        return j;
    }

    fl = (frontier_flight_t *) ((char *) lanes_last(&fl->item)
                                - offsetof(frontier_flight_t, item));
    last = fl->jobs;

    return last != NULL && last->next == NULL && frontier_flow_leavable(last)
           ? last : j;
}


/* A read begun before this is on disk shows the job as it was. */
int
frontier_queue_defer(frontier_job_t *j, int64_t due)
{
    frontier_t  *f = j->frontier;

    if (store_job_defer(f->store, &j->row, due, frontier_queue_deferred, f)
        != SC_OK)
    {
        return SC_ERROR;
    }

    frontier_read_begun(f);
    frontier_gone(f, j->row.id);

    frontier_flow_leave(j);

    return SC_OK;
}


static void
frontier_queue_deferred(void *data, store_status_t status)
{
    (void) status;

    frontier_read_ended(data);
}


/* More jobs of one host; those in memory are the first of them. */
static void
frontier_queue_read(frontier_queue_t *q, size_t n)
{
    frontier_t  *f = q->frontier;

    q->asked = q->held + n;

    if (store_queue_more(f->store, q->key.flow->key.flow, q->key.host,
                         id_now_ms(), q->asked, frontier_queue_told, q)
        != SC_OK)
    {
        frontier_pause(f);
        return;
    }

    q->reading = 1;
    q->key.flow->reads++;
    frontier_read_begun(f);
}


static void
frontier_queue_told(void *data, store_status_t status,
    const store_job_t *jobs, size_t n)
{
    frontier_queue_t  *q = data;
    frontier_t        *f = q->frontier;
    frontier_flow_t   *flow = q->key.flow;

    flow->reads--;

    if (status != STORE_OK) {
        q->reading = 0;
        frontier_read_ended(f);
        frontier_share_look(flow);
        frontier_pause(f);
        return;
    }

    frontier_queue_more(q, n == q->asked);
    frontier_restore_all(flow, jobs, n);
    q->reading = 0;
    frontier_read_ended(f);

    if (q->held == 0 && !q->more) {
        frontier_queue_free(q);
    }

    frontier_share_look(flow);
    frontier_dispatch_soon(f);
}


static void
frontier_restore_all(frontier_flow_t *flow, const store_job_t *jobs, size_t n)
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


/*
 * Hosts that keep us waiting may not fill the window: others have work.  Their
 * queues say in the store from when on they are to be looked at again.
 */

void
frontier_make_room(frontier_t *f)
{
    int64_t            wait;
    frontier_job_t    *j, *tmp;
    frontier_flow_t   *flow, *ftmp;

    HASH_ITER(hh, f->flows, flow, ftmp) {
        flow->cramped = frontier_share_cramped(flow) & 1u;
    }

    HASH_ITER(hh, f->jobs, j, tmp) {
        if (!frontier_flow_leavable(j) || !j->queue->key.flow->cramped) {
            continue;
        }

        wait = lanes_wait(f->lanes, &j->flight->item);

        if (wait > REFILL_PATIENCE) {
            j->queue->not_before = id_now_ms() + wait / LOOP_MS;
            frontier_queue_more(j->queue, 0);
            frontier_flow_leave(j);
        }
    }

    frontier_dispatch_soon(f);
}


static void
frontier_read_begun(frontier_t *f)
{
    f->reads++;
}


static void
frontier_read_ended(frontier_t *f)
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
