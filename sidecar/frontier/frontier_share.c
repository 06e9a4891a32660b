
#include <utlist.h>

#include "sidecar/frontier/frontier_share.h"


/* rows of the window that a tenant has, and a flow of it, however many are */
#define SHARE_TENANT    16
#define SHARE_FLOW      8


static void frontier_share_count(frontier_flow_t *flow, unsigned active);
static size_t frontier_share_tenant(const frontier_t *f);
static int frontier_share_wants(const frontier_flow_t *flow);
static int frontier_share_spent(const frontier_flow_t *flow);
static int frontier_share_starved(const frontier_flow_t *flow);
static int frontier_share_full(const frontier_t *f);
static void frontier_share_list(frontier_flow_t *flow);
static void frontier_share_unlist(frontier_flow_t *flow);
static void frontier_share_turn(frontier_tenant_t *account, int on);


void
frontier_share_look(frontier_flow_t *flow)
{
    frontier_share_count(flow, !frontier_flow_rests(flow)
                               && (flow->backlog || flow->queues > 0));

    if (frontier_share_wants(flow)) {
        frontier_share_list(flow);
    }

    frontier_share_turn(flow->account, flow->account->hungry != NULL
                                       && !frontier_share_spent(flow));
}


/* Whether a flow is one of those that the window is shared by. */
static void
frontier_share_count(frontier_flow_t *flow, unsigned active)
{
    frontier_t         *f = flow->frontier;
    frontier_tenant_t  *account = flow->account;

    if (active == flow->active) {
        return;
    }

    flow->active = active & 1u;

    if (active) {
        f->sharing += account->flows++ == 0;

    } else {
        f->sharing -= --account->flows == 0;
    }
}


void
frontier_share_forget(frontier_flow_t *flow)
{
    frontier_share_count(flow, 0);
    frontier_share_unlist(flow);
}


size_t
frontier_share_of(const frontier_flow_t *flow)
{
    size_t  share, n = flow->account->flows;

    share = frontier_share_tenant(flow->frontier) / (n > 0 ? n : 1);

    return share > SHARE_FLOW ? share : SHARE_FLOW;
}


static size_t
frontier_share_tenant(const frontier_t *f)
{
    size_t  share;

    share = FRONTIER_WINDOW / (f->sharing > 0 ? f->sharing : 1);

    return share > SHARE_TENANT ? share : SHARE_TENANT;
}


size_t
frontier_share_waiting(const frontier_flow_t *flow)
{
    size_t  running;

    running = lanes_flow_running(flow->frontier->lanes,
                                 (lanes_lane_t) flow->key.lane,
                                 (uint64_t) flow->key.flow);

    return flow->held > running ? flow->held - running : 0;
}


/* It is read before it has nothing left, so that its turns are not idle. */
static int
frontier_share_wants(const frontier_flow_t *flow)
{
    return flow->reads == 0 && !frontier_flow_rests(flow)
           && (flow->backlog || flow->more != NULL)
           && frontier_share_waiting(flow) < frontier_share_of(flow) / 2;
}


/* A tenant of very many flows has its share, though they have next to none. */
static int
frontier_share_spent(const frontier_flow_t *flow)
{
    size_t              n, share;
    frontier_t         *f = flow->frontier;
    frontier_tenant_t  *account = flow->account;

    share = 2 * frontier_share_tenant(f);

    if (account->held < share) {
        return 0;
    }

    n = (size_t) lanes_running(f->lanes, (sc_str_t) { account->len,
                                                      account->name });

    return account->held >= share + n;
}


static int
frontier_share_full(const frontier_t *f)
{
    return f->rows >= f->flying + FRONTIER_MAX_JOBS;
}


int
frontier_share_exceeded(const frontier_flow_t *flow)
{
    return frontier_share_full(flow->frontier)
           || frontier_share_waiting(flow) > frontier_share_of(flow);
}


int
frontier_share_cramped(const frontier_flow_t *flow)
{
    const frontier_t  *f = flow->frontier;

    if (frontier_share_full(f) && f->hungry != NULL) {
        return 1;
    }

    if (frontier_share_spent(flow) && flow->account->hungry != NULL) {
        return 1;
    }

    return (flow->backlog || frontier_share_starved(flow))
           && !frontier_flow_rests(flow)
           && frontier_share_waiting(flow) >= frontier_share_of(flow) / 2;
}


/* A host of it that has more has nothing in memory. */
static int
frontier_share_starved(const frontier_flow_t *flow)
{
    const frontier_queue_t  *q;

    DL_FOREACH(flow->more, q) {
        if (q->held == 0) {
            return 1;
        }
    }

    return 0;
}


frontier_flow_t *
frontier_share_next(frontier_t *f)
{
    frontier_flow_t    *flow;
    frontier_tenant_t  *account;

    while ((account = f->hungry) != NULL && !frontier_share_full(f)) {
        flow = account->hungry;
        frontier_share_turn(account, 0);
        frontier_share_unlist(flow);

        if (account->hungry != NULL && !frontier_share_spent(flow)) {
            frontier_share_turn(account, 1);
        }

        if (frontier_share_wants(flow)) {
            return flow;
        }
    }

    return NULL;
}


static void
frontier_share_list(frontier_flow_t *flow)
{
    if (!flow->hungry) {
        flow->hungry = 1;
        DL_APPEND(flow->account->hungry, flow);
    }
}


static void
frontier_share_unlist(frontier_flow_t *flow)
{
    if (flow->hungry) {
        flow->hungry = 0;
        DL_DELETE(flow->account->hungry, flow);
    }

    if (flow->account->hungry == NULL) {
        frontier_share_turn(flow->account, 0);
    }
}


/* Put a tenant in the ring of those that are read, behind the others. */
static void
frontier_share_turn(frontier_tenant_t *account, int on)
{
    frontier_t  *f = account->frontier;

    if (on && !account->turn) {
        account->turn = 1;
        DL_APPEND(f->hungry, account);

    } else if (!on && account->turn) {
        account->turn = 0;
        DL_DELETE(f->hungry, account);
    }
}
