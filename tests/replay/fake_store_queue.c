
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake_store.h"


/* so many more of what a read finds have room */
#define FAKE_FOUND    64


static fake_host_t *fake_host_get(store_t *s, int64_t flow, int64_t host);
static int fake_task_before(const fake_task_t *a, const fake_task_t *b);
static void fake_read_count(fake_call_t *c);
static void fake_read_flows(fake_call_t *c);
static void fake_read_jobs(fake_call_t *c);
static void fake_read_queue(fake_call_t *c);
static void fake_find_flows(store_t *s, fake_call_t *c);
static void fake_find_queues(store_t *s, const store_queue_ask_t *ask,
    fake_call_t *c);
static int fake_queue_order(const void *a, const void *b);
static void fake_find_tasks(store_t *s, fake_call_t *c, int64_t flow,
    int64_t host, int64_t now, size_t limit);
static void fake_found(fake_call_t *c, const store_job_t *job);


void
fake_task_put(store_t *s, fake_row_t *row)
{
    fake_host_t  *h;
    fake_task_t  *task, *t;

    task = calloc(1, sizeof(fake_task_t));
    ck_assert_ptr_nonnull(task);
    task->row = row;
    task->prio = row->job.prio;
    task->due = row->job.due;

    h = fake_host_get(s, row->job.flow, row->job.host);
    t = h->tasks != NULL ? h->tasks->prev : NULL;

    /* most belong to the end: look from there */
    while (t != NULL && fake_task_before(task, t)) {
        t = t != h->tasks ? t->prev : NULL;
    }

    if (t == NULL) {
        DL_PREPEND(h->tasks, task);

    } else {
        DL_APPEND_ELEM(h->tasks, t, task);
    }

    s->ntasks++;
}


static fake_host_t *
fake_host_get(store_t *s, int64_t flow, int64_t host)
{
    fake_host_t  *h;
    int64_t       key[2] = { flow, host };

    HASH_FIND(hh, s->hosts, key, sizeof(key), h);

    if (h == NULL) {
        h = calloc(1, sizeof(fake_host_t));
        ck_assert_ptr_nonnull(h);
        memcpy(h->key, key, sizeof(key));
        HASH_ADD(hh, s->hosts, key, sizeof(key), h);
    }

    return h;
}


static int
fake_task_before(const fake_task_t *a, const fake_task_t *b)
{
    if (a->prio != b->prio) {
        return a->prio < b->prio;
    }

    if (a->due != b->due) {
        return a->due < b->due;
    }

    return a->row->job.seq < b->row->job.seq;
}


/* The task that job names, as the store has it; none when it is another's. */
void
fake_task_del(store_t *s, const fake_row_t *row, const store_job_t *job)
{
    fake_host_t  *h;
    fake_task_t  *task;

    h = fake_host_get(s, job->flow, job->host);

    DL_FOREACH(h->tasks, task) {
        if (task->row == row && task->prio == job->prio
            && task->due == job->due)
        {
            DL_DELETE(h->tasks, task);
            free(task);
            s->ntasks--;
            return;
        }
    }
}


void
fake_queue_put(store_t *s, const store_job_t *job)
{
    fake_queue_t  *q;
    int64_t        key[3] = { job->lane, job->flow, job->host };

    HASH_FIND(hh, s->queues, key, sizeof(key), q);

    if (q == NULL) {
        q = calloc(1, sizeof(fake_queue_t));
        ck_assert_ptr_nonnull(q);
        memcpy(q->key, key, sizeof(key));
        sc_buf_init(&q->tenant, 0);
        (void) sc_buf_add_str(&q->tenant, job->tenant);
        q->due = INT64_MAX;
        HASH_ADD(hh, s->queues, key, sizeof(key), q);
    }

    q->due = job->due < q->due ? job->due : q->due;
}


void
fake_queue_settle(store_t *s, const fake_call_t *c)
{
    int64_t        due;
    fake_task_t   *task;
    fake_queue_t  *q;

    HASH_FIND(hh, s->queues, c->numbers, sizeof(q->key), q);
    if (q == NULL) {
        return;
    }

    due = INT64_MAX;

    DL_FOREACH(fake_host_get(s, q->key[1], q->key[2])->tasks, task) {
        due = task->due < due ? task->due : due;
    }

    if (due == INT64_MAX) {
        HASH_DEL(s->queues, q);
        sc_buf_free(&q->tenant);
        free(q);
        return;
    }

    q->due = due > c->numbers[3] ? due : c->numbers[3];
}


void
fake_queues_free(store_t *s)
{
    fake_host_t   *h, *htmp;
    fake_task_t   *task, *tmp;
    fake_queue_t  *q, *qtmp;

    HASH_ITER(hh, s->hosts, h, htmp) {
        HASH_DEL(s->hosts, h);

        DL_FOREACH_SAFE(h->tasks, task, tmp) {
            free(task);
        }

        free(h);
    }

    HASH_ITER(hh, s->queues, q, qtmp) {
        HASH_DEL(s->queues, q);
        sc_buf_free(&q->tenant);
        free(q);
    }
}


size_t
fake_tasks(void)
{
    return fake_store.ntasks;
}


size_t
fake_queues(void)
{
    return HASH_COUNT(fake_store.queues);
}


int
store_queue_settle(store_t *s, int lane, int64_t flow, int64_t host,
    int64_t not_before)
{
    fake_call_t  *c;

    c = fake_call_make(s, FAKE_SETTLE, NULL);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->numbers[0] = lane;
    c->numbers[1] = flow;
    c->numbers[2] = host;
    c->numbers[3] = not_before;
    fake_call_write(s, c);

    return SC_OK;
}


int
store_unended_count(store_t *s, store_jobs_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_call_make(s, FAKE_COUNT, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->hosts = c->status == STORE_OK ? s->ntasks : 0;
    c->done_jobs = done;
    c->tell = fake_read_count;
    fake_call_read(s, c);

    return SC_OK;
}


static void
fake_read_count(fake_call_t *c)
{
    c->done_jobs(c->data, c->status, NULL, c->hosts);
}


int
store_queue_flows(store_t *s, store_flows_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_call_make(s, FAKE_FLOWS, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done_flows = done;
    c->tell = fake_read_flows;

    if (c->status == STORE_OK) {
        fake_find_flows(s, c);
    }

    fake_call_read(s, c);

    return SC_OK;
}


static void
fake_read_flows(fake_call_t *c)
{
    c->done_flows(c->data, c->status, c->flows, c->n);
}


static void
fake_find_flows(store_t *s, fake_call_t *c)
{
    size_t         i;
    store_flow_t  *flow;
    fake_queue_t  *q, *tmp;

    c->flows = calloc(HASH_COUNT(s->queues) + 1, sizeof(store_flow_t));
    c->texts = calloc(HASH_COUNT(s->queues) + 1, sizeof(sc_buf_t));
    ck_assert(c->flows != NULL && c->texts != NULL);

    HASH_ITER(hh, s->queues, q, tmp) {
        for (i = 0; i < c->n; i++) {
            if (c->flows[i].lane == q->key[0] && c->flows[i].flow == q->key[1])
            {
                break;
            }
        }

        if (i < c->n) {
            continue;
        }

        flow = &c->flows[c->n];
        flow->lane = (int) q->key[0];
        flow->flow = q->key[1];
        flow->tenant.data = q->tenant.data;
        flow->tenant.len = q->tenant.len;
        fake_copy_strings((sc_str_t *[]) { &flow->tenant }, 1,
                          &c->texts[c->n++]);
    }
}


int
store_queue_next(store_t *s, const store_queue_ask_t *ask,
    store_queue_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_call_make(s, FAKE_NEXT, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done_queue = done;
    c->tell = fake_read_queue;

    if (c->status == STORE_OK) {
        fake_find_queues(s, ask, c);
    }

    fake_call_read(s, c);

    return SC_OK;
}


static void
fake_read_queue(fake_call_t *c)
{
    store_queue_answer_t  answer = { c->jobs, c->n, c->hosts, c->due,
                                     c->host };

    c->done_queue(c->data, c->status, &answer);
}


static void
fake_find_queues(store_t *s, const store_queue_ask_t *ask, fake_call_t *c)
{
    size_t          n;
    fake_queue_t   *q, *tmp;
    fake_queue_t  **found;

    n = 0;
    found = calloc(HASH_COUNT(s->queues) + 1, sizeof(fake_queue_t *));
    ck_assert_ptr_nonnull(found);

    HASH_ITER(hh, s->queues, q, tmp) {
        if (q->key[0] == ask->lane && q->key[1] == ask->flow
            && q->due <= ask->now
            && (q->due > ask->after_due
                || (q->due == ask->after_due
                    && q->key[2] > ask->after_host)))
        {
            found[n++] = q;
        }
    }

    qsort(found, n, sizeof(fake_queue_t *), fake_queue_order);

    for (c->hosts = 0; c->hosts < n && c->hosts < ask->hosts; c->hosts++) {
        q = found[c->hosts];
        c->due = q->due;
        c->host = q->key[2];
        fake_find_tasks(s, c, ask->flow, c->host, ask->now, ask->each);
    }

    free(found);
}


static int
fake_queue_order(const void *a, const void *b)
{
    const fake_queue_t  *left = *(fake_queue_t *const *) a;
    const fake_queue_t  *right = *(fake_queue_t *const *) b;

    if (left->due != right->due) {
        return left->due < right->due ? -1 : 1;
    }

    return left->key[2] < right->key[2] ? -1 : 1;
}


int
store_queue_more(store_t *s, int64_t flow, int64_t host, int64_t now,
    size_t limit, store_jobs_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_call_make(s, FAKE_MORE, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done_jobs = done;
    c->tell = fake_read_jobs;

    if (c->status == STORE_OK) {
        fake_find_tasks(s, c, flow, host, now, limit);
    }

    fake_call_read(s, c);

    return SC_OK;
}


static void
fake_read_jobs(fake_call_t *c)
{
    c->done_jobs(c->data, c->status, c->jobs, c->n);
}


static void
fake_find_tasks(store_t *s, fake_call_t *c, int64_t flow, int64_t host,
    int64_t now, size_t limit)
{
    size_t        n;
    fake_task_t  *task;

    n = 0;

    DL_FOREACH(fake_host_get(s, flow, host)->tasks, task) {
        if (n == limit) {
            break;
        }

        if (task->due <= now) {
            fake_found(c, &task->row->job);
            n++;
        }
    }
}


static void
fake_found(fake_call_t *c, const store_job_t *job)
{
    size_t  size;

    if (c->n % FAKE_FOUND == 0) {
        size = c->n + FAKE_FOUND;
        c->jobs = realloc(c->jobs, size * sizeof(store_job_t));
        c->texts = realloc(c->texts, size * sizeof(sc_buf_t));
        ck_assert(c->jobs != NULL && c->texts != NULL);
    }

    fake_copy_job(&c->jobs[c->n], job, &c->texts[c->n]);
    c->n++;
}
