
#include <stdlib.h>
#include <string.h>

#include "tests/support/storing.h"


#define SEED     20260
#define OPS      6000
#define JOBS     1500
#define HOSTS    17
#define FLOWS    3
#define BURST    64         /* most calls under way at once */
#define TAKEN    JOBS       /* a result's id that is not free */
#define PAGE     4          /* hosts read at once */


typedef enum {
    MIX_NEW = 0,
    MIX_UNENDED,
    MIX_ENDED
} mix_stage_t;


/* What has become of a job, if the store does as it says. */
typedef struct {
    mix_stage_t  stage;
    int64_t      due;
    unsigned     seen;
} mix_job_t;


static unsigned mix_random(unsigned below);
static void mix_op(store_status_t *expected);
static int mix_put(unsigned n, store_status_t *expected);
static int mix_start(unsigned n, store_status_t *expected);
static int mix_defer(unsigned n, store_status_t *expected);
static int mix_finish(unsigned n, store_status_t *expected);
static int mix_cancel(unsigned n, store_status_t *expected);
static void mix_settle(unsigned n, int64_t not_before);
static store_job_t mix_row(unsigned n);
static void mix_told(void *data, store_status_t status);
static void mix_verify(void);
static void mix_read(store_queue_ask_t *ask);
static void mix_told_queue(void *data, store_status_t status,
    const store_queue_answer_t *answer);
static void mix_order(const store_job_t *a, const store_job_t *b);
static void mix_told_flows(void *data, store_status_t status,
    const store_flow_t *flows, size_t n);


static int  (*const  mix_ops[])(unsigned n, store_status_t *expected) = {
    mix_put, mix_put, mix_start, mix_defer, mix_finish, mix_cancel
};


static storing_t  t;
static mix_job_t  mix_jobs[JOBS];
static size_t     mix_hosts;
static unsigned   mix_seed = SEED;


START_TEST(queues_are_whole_whatever_was_done_in_whatever_order)
{
    size_t          i, pending;
    unsigned        n, burst;
    store_status_t  expected[BURST];

    storing_finish_n(&t, TAKEN);

    for (i = 0; i < OPS; i += burst) {
        burst = 1 + mix_random(BURST);

        for (pending = 0; pending < burst; pending++) {
            mix_op(&expected[pending]);
        }

        (void) storing_wait_for(&t, burst);

        if (mix_random(16) == 0) {
            storing_close(&t);
            storing_check(t.path);
            storing_open(&t);
        }
    }

    mix_verify();

    /* what is left of it ends, and then there is nothing left */
    for (n = 0; n < JOBS; n++) {
        if (mix_jobs[n].stage == MIX_UNENDED) {
            ck_assert_int_eq(mix_cancel(n, expected), SC_OK);
            (void) storing_wait_for(&t, 1);
        }

        mix_settle(n, 0);
    }

    /* told after all of that was done */
    ck_assert_int_eq(mix_start(0, expected), SC_OK);
    (void) storing_wait_for(&t, 1);
    ck_assert_int_eq(storing_wait(&t, store_queue_flows(t.store,
                                                        mix_told_flows, &t)),
                     STORE_OK);
    ck_assert_uint_eq(t.n, 0);
}
END_TEST


static unsigned
mix_random(unsigned below)
{
    return (unsigned) rand_r(&mix_seed) % below;
}


/* Any call for any job, and a settle now and then, which tells nothing. */
static void
mix_op(store_status_t *expected)
{
    unsigned  op;

    if (mix_random(3) == 0) {
        mix_settle(mix_random(JOBS), mix_random(2000));
    }

    op = mix_random(sizeof(mix_ops) / sizeof(mix_ops[0]));
    ck_assert_int_eq(mix_ops[op](mix_random(JOBS), expected), SC_OK);
}


static int
mix_put(unsigned n, store_status_t *expected)
{
    mix_job_t    *m = &mix_jobs[n];
    store_job_t   job;

    *expected = STORE_CONFLICT;

    if (m->stage == MIX_NEW) {
        m->stage = MIX_UNENDED;
        m->due = 1 + mix_random(1000);
        *expected = STORE_OK;
    }

    job = mix_row(n);

    return store_job_put(t.store, &job, mix_told, expected);
}


static int
mix_start(unsigned n, store_status_t *expected)
{
    *expected = mix_jobs[n].stage == MIX_UNENDED ? STORE_OK : STORE_CONFLICT;

    return store_job_start(t.store, storing_id(n), 2000, mix_told, expected);
}


static int
mix_defer(unsigned n, store_status_t *expected)
{
    int64_t       due;
    mix_job_t    *m = &mix_jobs[n];
    store_job_t   job = mix_row(n);

    due = 1 + mix_random(2000);
    *expected = STORE_CONFLICT;

    if (m->stage == MIX_UNENDED) {
        m->due = due;
        *expected = STORE_OK;
    }

    return store_job_defer(t.store, &job, due, mix_told, expected);
}


static int
mix_finish(unsigned n, store_status_t *expected)
{
    mix_job_t       *m = &mix_jobs[n];
    store_job_t      job = mix_row(n);
    store_result_t   result = storing_result(n);

    job.state = STORE_COMPLETED;
    *expected = STORE_CONFLICT;

    if (mix_random(8) == 0) {
        memcpy(result.id, storing_id(TAKEN), ID_SIZE);

    } else if (m->stage != MIX_ENDED) {
        m->stage = MIX_ENDED;
        *expected = STORE_OK;
    }

    return storing_end(t.store, &job, &result, mix_told, expected);
}


static int
mix_cancel(unsigned n, store_status_t *expected)
{
    mix_job_t  *m = &mix_jobs[n];

    *expected = m->stage == MIX_NEW ? STORE_NOT_FOUND : STORE_CONFLICT;

    if (m->stage == MIX_UNENDED) {
        m->stage = MIX_ENDED;
        *expected = STORE_OK;
    }

    return store_job_cancel(t.store, storing_id(n), storing_str("acme"), 9000,
                            mix_told, expected);
}


/* The queue that this job belongs to. */
static void
mix_settle(unsigned n, int64_t not_before)
{
    store_job_t  job = mix_row(n);

    ck_assert_int_eq(store_queue_settle(t.store, job.lane, job.flow, job.host,
                                        not_before),
                     SC_OK);
}


static store_job_t
mix_row(unsigned n)
{
    store_job_t  job = storing_job(n);

    job.flow = n % FLOWS;
    job.lane = job.flow == 0;
    job.host = (int) (n % HOSTS) - 5;
    job.prio = (int) (n % 5) - 2;
    job.due = mix_jobs[n].due;

    return job;
}


static void
mix_told(void *data, store_status_t status)
{
    store_status_t  *expected = data;

    ck_assert_int_eq(status, *expected);
    storing_done(&t, status);
}


/* All that has not ended is read once, and nothing else. */
static void
mix_verify(void)
{
    unsigned           n;
    store_queue_ask_t  ask = { .now = INT64_MAX, .hosts = PAGE,
                               .each = JOBS };

    for (n = 0; n < FLOWS; n++) {
        ask.flow = n;
        ask.lane = n == 0;
        mix_read(&ask);
    }

    for (n = 0; n < JOBS; n++) {
        ck_assert_uint_eq(mix_jobs[n].seen,
                          mix_jobs[n].stage == MIX_UNENDED);
    }
}


static void
mix_read(store_queue_ask_t *ask)
{
    ask->after_due = 0;
    ask->after_host = INT64_MIN;

    do {
        ck_assert_int_eq(storing_wait(&t, store_queue_next(t.store, ask,
                                                           mix_told_queue,
                                                           ask)),
                         STORE_OK);
    } while (mix_hosts == PAGE);
}


static void
mix_told_queue(void *data, store_status_t status,
    const store_queue_answer_t *answer)
{
    size_t              i;
    mix_job_t          *m;
    store_queue_ask_t  *ask = data;

    for (i = 0; i < answer->n; i++) {
        m = &mix_jobs[storing_number(answer->jobs[i].id)];
        m->seen++;
        ck_assert_int_eq(answer->jobs[i].due, m->due);
        ck_assert_int_eq(answer->jobs[i].flow, ask->flow);

        if (i > 0) {
            mix_order(&answer->jobs[i - 1], &answer->jobs[i]);
        }
    }

    mix_hosts = answer->hosts;
    ask->after_due = answer->due;
    ask->after_host = answer->host;
    storing_done(&t, status);
}


/* Within a host. */
static void
mix_order(const store_job_t *a, const store_job_t *b)
{
    if (a->host != b->host) {
        return;
    }

    ck_assert_int_le(a->prio, b->prio);

    if (a->prio == b->prio) {
        ck_assert_int_le(a->due, b->due);
        ck_assert(a->due < b->due || a->seq < b->seq);
    }
}


static void
mix_told_flows(void *data, store_status_t status,
    const store_flow_t *flows, size_t n)
{
    (void) flows;

    t.n = n;
    storing_done(data, status);
}


int
main(void)
{
    const TTest  *tests[] = {
        queues_are_whole_whatever_was_done_in_whatever_order,
        NULL
    };

    return storing_run("store mix", tests, &t);
}
