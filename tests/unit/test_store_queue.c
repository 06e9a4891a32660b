
#include <stdlib.h>
#include <string.h>

#include "tests/support/storing.h"


#define LANE      1
#define FLOW      STORING_FLOW
#define HOST      STORING_HOST
#define FOREVER   INT64_MAX


static void queue_put(unsigned n, int64_t host, int prio, int64_t due);
static store_job_t queue_job(unsigned n, int64_t host, int prio, int64_t due);
static store_status_t queue_start(unsigned n);
static store_status_t queue_cancel(unsigned n);
static store_status_t queue_defer(const store_job_t *job, int64_t due);
static void queue_settle(int64_t host, int64_t not_before);
static const char *queue_next(int64_t now, size_t hosts, size_t each);
static const char *queue_on(int64_t now, size_t hosts, size_t each);
static const char *queue_more(int64_t host, int64_t now, size_t limit);
static const char *queue_flows(void);
static size_t queue_count(void);
static void queue_told(void *data, store_status_t status,
    const store_queue_answer_t *answer);
static void queue_told_jobs(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void queue_told_flows(void *data, store_status_t status,
    const store_flow_t *flows, size_t n);
static void queue_say(const store_job_t *jobs, size_t n);


static storing_t             t;
static store_queue_ask_t     asked;
static store_queue_answer_t  answered;      /* its jobs are gone */
static store_job_t           last;          /* its strings are, too */


START_TEST(job_comes_with_its_place)
{
    store_job_t  job = queue_job(1, -3, -100, 1500);

    job.flow = INT64_MIN;
    job.lane = 2;
    job.tries = 4;
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    asked.lane = 2;
    asked.flow = INT64_MIN;
    ck_assert_str_eq(queue_on(1500, 1, 1), "-3: 1 ");
    ck_assert_int_eq(last.lane, 2);
    ck_assert_int_eq(last.flow, INT64_MIN);
    ck_assert_int_eq(last.host, -3);
    ck_assert_int_eq(last.prio, -100);
    ck_assert_int_eq(last.due, 1500);
    ck_assert_int_eq(last.tries, 4);
    ck_assert_int_eq(last.state, STORE_QUEUED);
}
END_TEST


START_TEST(jobs_come_by_priority_then_due_then_acceptance)
{
    queue_put(1, HOST, 0, 2000);
    queue_put(2, HOST, 0, 1000);
    queue_put(9, HOST, -5, 3000);
    queue_put(8, HOST, 0, 1000);
    queue_put(3, HOST, 10, 500);
    queue_put(4, HOST, 0, 1000);
    queue_put(5, HOST, 0, 2001);

    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 9 2 8 4 1 5 3 ");
    ck_assert_str_eq(queue_more(HOST, 5000, 10), "9: 9 2 8 4 1 5 3 ");
    ck_assert_str_eq(queue_next(5000, 10, 2), "9: 9 2 ");
    ck_assert_str_eq(queue_more(HOST, 5000, 2), "9: 9 2 ");
    ck_assert_str_eq(queue_more(HOST, 5000, 4), "9: 9 2 8 4 ");
}
END_TEST


START_TEST(nothing_comes_before_it_is_due)
{
    queue_put(1, HOST, 0, 1000);
    queue_put(2, HOST, -1, 2000);
    queue_put(3, HOST, 0, 3000);

    ck_assert_str_eq(queue_next(999, 10, 10), "");
    ck_assert_uint_eq(answered.hosts, 0);
    ck_assert_str_eq(queue_more(HOST, 999, 10), "");

    /* those before it that are not due are passed over */
    ck_assert_str_eq(queue_next(1000, 10, 10), "9: 1 ");
    ck_assert_str_eq(queue_more(HOST, 1999, 10), "9: 1 ");
    ck_assert_str_eq(queue_next(2000, 10, 10), "9: 2 1 ");
    ck_assert_str_eq(queue_more(HOST, 2000, 10), "9: 2 1 ");
    ck_assert_str_eq(queue_more(HOST, FOREVER, 10), "9: 2 1 3 ");
}
END_TEST


START_TEST(hosts_come_in_the_order_of_their_queues)
{
    queue_put(1, 30, 0, 1000);
    queue_put(2, 10, -9, 2000);
    queue_put(3, 20, 0, 1000);
    queue_put(4, -40, 5, 1000);
    queue_put(5, 20, 0, 500);
    queue_put(6, 10, 0, 3000);

    ck_assert_str_eq(queue_next(5000, 10, 10),
                     "20: 5 3 -40: 4 30: 1 10: 2 6 ");
    ck_assert_uint_eq(answered.hosts, 4);
    ck_assert_int_eq(answered.due, 2000);
    ck_assert_int_eq(answered.host, 10);
}
END_TEST


START_TEST(scan_goes_on_where_it_stopped)
{
    unsigned  n;

    /* two of them are as early as each other, on either side of a stop */
    for (n = 1; n <= 5; n++) {
        queue_put(n, n, 0, n < 4 ? 1000 : 2000);
        queue_put(n + 10, n, 0, 3000);
    }

    ck_assert_str_eq(queue_next(5000, 2, 10), "1: 1 11 2: 2 12 ");
    ck_assert_uint_eq(answered.hosts, 2);
    ck_assert_int_eq(answered.due, 1000);
    ck_assert_int_eq(answered.host, 2);

    ck_assert_str_eq(queue_on(5000, 2, 10), "3: 3 13 4: 4 14 ");
    ck_assert_uint_eq(answered.hosts, 2);
    ck_assert_str_eq(queue_on(5000, 2, 10), "5: 5 15 ");
    ck_assert_uint_eq(answered.hosts, 1);
    ck_assert_str_eq(queue_on(5000, 2, 10), "");
    ck_assert_uint_eq(answered.hosts, 0);
}
END_TEST


START_TEST(host_with_nothing_due_is_counted)
{
    unsigned  n;

    for (n = 1; n <= 4; n++) {
        queue_put(n, n, 0, 1000);
    }

    /* nobody has settled these since */
    ck_assert_int_eq(queue_cancel(2), STORE_OK);
    ck_assert_int_eq(queue_cancel(4), STORE_OK);

    ck_assert_str_eq(queue_next(5000, 10, 10), "1: 1 3: 3 ");
    ck_assert_uint_eq(answered.n, 2);
    ck_assert_uint_eq(answered.hosts, 4);
    ck_assert_int_eq(answered.due, 1000);
    ck_assert_int_eq(answered.host, 4);
}
END_TEST


START_TEST(no_host_gives_more_than_its_share)
{
    unsigned  n;

    for (n = 0; n < 12; n++) {
        queue_put(n, n % 3 == 0 ? 2 : 1, -(int) (n / 4), 1000);
    }

    ck_assert_str_eq(queue_next(5000, 10, 3), "1: 8 10 11 2: 9 6 0 ");
    ck_assert_str_eq(queue_next(5000, 1, 3), "1: 8 10 11 ");
    ck_assert_str_eq(queue_next(5000, 10, 0), "");
    ck_assert_uint_eq(answered.hosts, 2);
    ck_assert_int_eq(answered.host, 2);
}
END_TEST


START_TEST(others_jobs_do_not_come)
{
    store_job_t  job;

    queue_put(1, HOST, 0, 1000);
    job = queue_job(2, HOST, 0, 1000);
    job.flow = FLOW + 1;
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    queue_put(3, HOST + 1, 0, 1000);

    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 1 10: 3 ");
    ck_assert_str_eq(queue_more(HOST, 5000, 10), "9: 1 ");

    asked.lane = LANE + 1;
    asked.after_due = 0;
    asked.after_host = INT64_MIN;
    ck_assert_str_eq(queue_on(5000, 10, 10), "");
    ck_assert_uint_eq(answered.hosts, 0);
}
END_TEST


START_TEST(flow_is_listed_once_with_its_tenant)
{
    store_job_t  job;

    ck_assert_str_eq(queue_flows(), "");

    queue_put(1, 1, 0, 1000);
    queue_put(2, 2, 0, 2000);
    job = queue_job(3, 1, 0, FOREVER - 1);
    job.lane = 0;
    job.flow = -5;
    job.tenant = storing_str("other");
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    ck_assert_str_eq(queue_flows(), "0 -5 other, 1 7 acme, ");
    ck_assert_uint_eq(t.n, 2);
}
END_TEST


START_TEST(flow_is_gone_when_all_its_queues_are_settled_empty)
{
    queue_put(1, 1, 0, 1000);
    storing_put_n(&t, 2);
    ck_assert_int_eq(queue_cancel(1), STORE_OK);
    storing_finish_n(&t, 2);

    queue_settle(1, 0);
    ck_assert_str_eq(queue_flows(), "1 7 acme, ");
    queue_settle(HOST, 9000);
    ck_assert_str_eq(queue_flows(), "");
    (void) queue_next(FOREVER, 10, 10);
    ck_assert_uint_eq(answered.hosts, 0);

    queue_put(3, 1, 0, 1000);
    ck_assert_str_eq(queue_flows(), "1 7 acme, ");
}
END_TEST


START_TEST(settled_queue_is_due_with_its_first_job)
{
    queue_put(1, HOST, 0, 500);
    queue_put(2, HOST, 0, 3000);
    queue_put(3, HOST, -5, 4000);
    queue_put(4, HOST, 5, 2000);
    ck_assert_int_eq(queue_cancel(1), STORE_OK);

    queue_settle(HOST, 0);
    ck_assert_str_eq(queue_next(1999, 10, 10), "");
    ck_assert_uint_eq(answered.hosts, 0);
    ck_assert_str_eq(queue_next(2000, 10, 10), "9: 4 ");
    ck_assert_int_eq(answered.due, 2000);
}
END_TEST


START_TEST(settled_queue_is_not_due_before_it_is_said)
{
    queue_put(1, 1, 0, 1000);
    queue_put(2, 2, 0, 9000);
    queue_settle(1, 5000);
    queue_settle(2, 5000);

    ck_assert_str_eq(queue_next(4999, 10, 10), "");
    ck_assert_str_eq(queue_next(5000, 10, 10), "1: 1 ");
    ck_assert_int_eq(answered.due, 5000);
    ck_assert_str_eq(queue_next(FOREVER, 10, 10), "1: 1 2: 2 ");
    ck_assert_int_eq(answered.due, 9000);

    /* said anew */
    queue_settle(1, 0);
    ck_assert_str_eq(queue_next(1000, 10, 10), "1: 1 ");
}
END_TEST


START_TEST(settle_of_a_queue_that_is_not_there_does_nothing)
{
    queue_put(1, HOST, 0, 1000);
    queue_settle(HOST + 1, 5000);
    ck_assert_int_eq(store_queue_settle(t.store, LANE, FLOW + 1, HOST, 5000),
                     SC_OK);
    ck_assert_int_eq(store_queue_settle(t.store, LANE + 1, FLOW, HOST, 5000),
                     SC_OK);

    ck_assert_str_eq(queue_flows(), "1 7 acme, ");
    ck_assert_str_eq(queue_next(1000, 10, 10), "9: 1 ");
}
END_TEST


START_TEST(put_makes_a_settled_queue_due_earlier_but_not_later)
{
    queue_put(1, HOST, 0, 1000);
    queue_settle(HOST, 5000);

    queue_put(2, HOST, 0, 6000);
    ck_assert_str_eq(queue_next(4999, 10, 10), "");
    queue_put(3, HOST, 0, 2000);
    ck_assert_str_eq(queue_next(1999, 10, 10), "");
    ck_assert_str_eq(queue_next(2000, 10, 10), "9: 1 3 ");
    ck_assert_int_eq(answered.due, 2000);
}
END_TEST


START_TEST(put_that_is_refused_queues_nothing)
{
    store_job_t  job;

    queue_put(1, 1, 0, 1000);
    job = queue_job(1, 2, 0, 500);
    ck_assert_int_eq(storing_put(&t, &job), STORE_CONFLICT);

    ck_assert_str_eq(queue_next(FOREVER, 10, 10), "1: 1 ");
    ck_assert_uint_eq(answered.hosts, 1);
    ck_assert_uint_eq(queue_count(), 1);
}
END_TEST


START_TEST(deferred_job_moves_and_keeps_its_tries)
{
    store_job_t  job = queue_job(1, HOST, 0, 1000);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    queue_put(2, HOST, 0, 2000);
    ck_assert_int_eq(queue_start(1), STORE_OK);
    ck_assert_int_eq(queue_start(1), STORE_OK);

    job.tries = 3;
    ck_assert_int_eq(queue_defer(&job, 4000), STORE_OK);

    ck_assert_str_eq(queue_next(3999, 10, 10), "9: 2 ");
    ck_assert_str_eq(queue_next(4000, 10, 10), "9: 2 1 ");
    ck_assert_int_eq(last.state, STORE_QUEUED);
    ck_assert_int_eq(last.due, 4000);
    ck_assert_int_eq(last.tries, 3);
    ck_assert_int_eq(last.attempts, 1);
    ck_assert_uint_eq(queue_count(), 2);
}
END_TEST


START_TEST(job_is_deferred_as_often_as_it_must)
{
    int          i;
    store_job_t  job = queue_job(1, HOST, 0, 1000);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    for (i = 1; i <= 3; i++) {
        job.tries = i;
        ck_assert_int_eq(queue_defer(&job, 1000 + i), STORE_OK);
        job.due = 1000 + i;
    }

    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 1 ");
    ck_assert_int_eq(last.due, 1003);
    ck_assert_int_eq(last.tries, 3);
    ck_assert_int_eq(last.attempts, 0);
    ck_assert_uint_eq(queue_count(), 1);
}
END_TEST


START_TEST(job_that_moved_meanwhile_is_deferred_once)
{
    store_job_t  job = queue_job(1, HOST, 0, 1000);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    ck_assert_int_eq(queue_defer(&job, 2000), STORE_OK);

    /* read before that was done */
    ck_assert_int_eq(queue_defer(&job, 3000), STORE_OK);
    ck_assert_uint_eq(queue_count(), 1);
    ck_assert_str_eq(queue_next(2999, 10, 10), "");
    ck_assert_str_eq(queue_next(3000, 10, 10), "9: 1 ");
}
END_TEST


START_TEST(defer_brings_back_a_queue_that_was_settled_later)
{
    store_job_t  job = queue_job(1, HOST, 0, 9000);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    queue_settle(HOST, 0);
    ck_assert_str_eq(queue_next(5000, 10, 10), "");
    ck_assert_uint_eq(answered.hosts, 0);

    ck_assert_int_eq(queue_defer(&job, 5000), STORE_OK);
    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 1 ");
    ck_assert_int_eq(answered.due, 5000);
}
END_TEST


START_TEST(job_that_ended_or_is_unknown_is_not_deferred)
{
    store_job_t  job = queue_job(1, HOST, 0, 1000);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    ck_assert_int_eq(queue_cancel(1), STORE_OK);
    ck_assert_int_eq(queue_defer(&job, 2000), STORE_CONFLICT);

    job = queue_job(2, HOST, 0, 1000);
    ck_assert_int_eq(queue_defer(&job, 2000), STORE_CONFLICT);

    ck_assert_uint_eq(queue_count(), 0);
    queue_settle(HOST, 0);
    ck_assert_str_eq(queue_flows(), "");
    ck_assert_int_eq(strncmp(storing_get(&t, 1), "1|acme|extract|4|", 17), 0);
}
END_TEST


START_TEST(start_leaves_a_job_in_its_queue)
{
    queue_put(1, HOST, 0, 1000);
    ck_assert_int_eq(queue_start(1), STORE_OK);

    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 1 ");
    ck_assert_int_eq(last.state, STORE_RUNNING);
    ck_assert_int_eq(last.attempts, 1);
    ck_assert_uint_eq(queue_count(), 1);
}
END_TEST


START_TEST(job_that_ends_leaves_its_queue)
{
    store_job_t  job;

    storing_put_n(&t, 1);
    storing_put_n(&t, 2);
    job = storing_job(3);
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    ck_assert_int_eq(queue_defer(&job, 4000), STORE_OK);
    storing_put_n(&t, 4);

    storing_finish_n(&t, 1);
    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 2 4 3 ");
    ck_assert_int_eq(queue_cancel(2), STORE_OK);
    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 4 3 ");
    ck_assert_int_eq(queue_cancel(3), STORE_OK);
    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 4 ");
    ck_assert_uint_eq(queue_count(), 1);
}
END_TEST


START_TEST(deferred_job_that_is_finished_leaves_its_queue)
{
    store_job_t  job = storing_job(1);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    ck_assert_int_eq(queue_defer(&job, 4000), STORE_OK);

    job.due = 4000;
    job.state = STORE_CANCELLED;
    ck_assert_int_eq(storing_finish(&t, &job, NULL), STORE_OK);
    ck_assert_uint_eq(queue_count(), 0);
}
END_TEST


START_TEST(job_that_moved_meanwhile_leaves_its_queue_when_finished)
{
    store_job_t  job = storing_job(1);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    ck_assert_int_eq(queue_defer(&job, 4000), STORE_OK);

    /* read before that was done */
    storing_finish_n(&t, 1);
    ck_assert_uint_eq(queue_count(), 0);
    ck_assert_str_eq(queue_next(FOREVER, 10, 10), "");
}
END_TEST


START_TEST(finish_that_is_undone_leaves_the_job_in_its_queue)
{
    store_job_t     job;
    store_result_t  result;

    storing_finish_n(&t, 1);
    storing_put_n(&t, 2);

    job = storing_job(2);
    job.state = STORE_COMPLETED;
    result = storing_result(2);
    memcpy(result.id, storing_id(1), ID_SIZE);
    ck_assert_int_eq(storing_finish(&t, &job, &result), STORE_CONFLICT);

    ck_assert_str_eq(queue_next(5000, 10, 10), "9: 2 ");
    ck_assert_uint_eq(queue_count(), 1);
}
END_TEST


START_TEST(job_that_was_never_put_leaves_nothing_in_the_queues)
{
    store_job_t     job = storing_job(1);
    store_result_t  result = storing_result(1);

    job.due = 0;
    job.state = STORE_COMPLETED;
    ck_assert_int_eq(storing_finish(&t, &job, &result), STORE_OK);
    storing_finish_n(&t, 2);

    ck_assert_str_eq(queue_flows(), "");
    ck_assert_str_eq(queue_next(FOREVER, 10, 10), "");
    ck_assert_uint_eq(answered.hosts, 0);
    ck_assert_uint_eq(queue_count(), 0);
}
END_TEST


START_TEST(count_has_all_that_is_left_to_do)
{
    store_job_t  job;

    ck_assert_uint_eq(queue_count(), 0);
    queue_put(1, 1, 0, 1000);
    queue_put(2, 2, 5, FOREVER - 1);
    job = queue_job(3, 1, 0, 1000);
    job.flow = 8;
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    ck_assert_int_eq(queue_start(3), STORE_OK);
    ck_assert_uint_eq(queue_count(), 3);

    ck_assert_int_eq(queue_cancel(2), STORE_OK);
    ck_assert_uint_eq(queue_count(), 2);
}
END_TEST


START_TEST(queues_are_the_same_after_a_restart)
{
    store_job_t  job = queue_job(1, 1, 0, 1000);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    queue_put(2, 1, -1, 2000);
    queue_put(3, 2, 0, 1000);
    queue_put(4, 3, 0, 1000);
    queue_put(5, 4, 0, 1000);
    ck_assert_int_eq(queue_defer(&job, 3000), STORE_OK);
    queue_settle(2, 7000);
    ck_assert_int_eq(queue_cancel(4), STORE_OK);
    queue_settle(3, 0);

    /* one that is not called back is done, too */
    ck_assert_int_eq(store_queue_settle(t.store, LANE, FLOW, 4, 8000),
                     SC_OK);
    storing_close(&t);
    storing_open(&t);

    ck_assert_str_eq(queue_flows(), "1 7 acme, ");
    ck_assert_uint_eq(queue_count(), 4);
    ck_assert_str_eq(queue_next(6999, 10, 10), "1: 2 1 ");
    ck_assert_str_eq(queue_next(7000, 10, 10), "1: 2 1 2: 3 ");
    ck_assert_str_eq(queue_next(8000, 10, 10), "1: 2 1 2: 3 4: 5 ");
    ck_assert_uint_eq(answered.hosts, 3);
}
END_TEST


static void
queue_put(unsigned n, int64_t host, int prio, int64_t due)
{
    store_job_t  job = queue_job(n, host, prio, due);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
}


static store_job_t
queue_job(unsigned n, int64_t host, int prio, int64_t due)
{
    store_job_t  job = storing_job(n);

    job.host = host;
    job.prio = prio;
    job.due = due;

    return job;
}


static store_status_t
queue_start(unsigned n)
{
    return storing_wait(&t, store_job_start(t.store, storing_id(n), 2000,
                                            storing_done, &t));
}


static store_status_t
queue_cancel(unsigned n)
{
    return storing_wait(&t, store_job_cancel(t.store, storing_id(n),
                                             storing_str("acme"), 9000,
                                             storing_done, &t));
}


static store_status_t
queue_defer(const store_job_t *job, int64_t due)
{
    return storing_wait(&t, store_job_defer(t.store, job, due, storing_done,
                                            &t));
}


/* It is not called back: a write after it is. */
static void
queue_settle(int64_t host, int64_t not_before)
{
    ck_assert_int_eq(store_queue_settle(t.store, LANE, FLOW, host,
                                        not_before),
                     SC_OK);
    ck_assert_int_eq(queue_start(999999), STORE_CONFLICT);
}


/* The first hosts of our flow: "HOST: N N HOST: N ". */
static const char *
queue_next(int64_t now, size_t hosts, size_t each)
{
    asked.lane = LANE;
    asked.flow = FLOW;
    asked.after_due = 0;
    asked.after_host = INT64_MIN;

    return queue_on(now, hosts, each);
}


/* Those after the last. */
static const char *
queue_on(int64_t now, size_t hosts, size_t each)
{
    asked.now = now;
    asked.hosts = hosts;
    asked.each = each;
    ck_assert_int_eq(storing_wait(&t, store_queue_next(t.store, &asked,
                                                       queue_told, &t)),
                     STORE_OK);

    if (answered.hosts != 0) {
        asked.after_due = answered.due;
        asked.after_host = answered.host;
    }

    return t.said.data;
}


static const char *
queue_more(int64_t host, int64_t now, size_t limit)
{
    ck_assert_int_eq(storing_wait(&t, store_queue_more(t.store, FLOW, host,
                                                       now, limit,
                                                       queue_told_jobs, &t)),
                     STORE_OK);

    return t.said.data;
}


/* All flows: "LANE FLOW TENANT, ". */
static const char *
queue_flows(void)
{
    ck_assert_int_eq(storing_wait(&t, store_queue_flows(t.store,
                                                        queue_told_flows,
                                                        &t)),
                     STORE_OK);

    return t.said.data;
}


static size_t
queue_count(void)
{
    ck_assert_int_eq(storing_wait(&t, store_unended_count(t.store,
                                                          storing_told_jobs,
                                                          &t)),
                     STORE_OK);

    return t.n;
}


static void
queue_told(void *data, store_status_t status,
    const store_queue_answer_t *answer)
{
    answered = *answer;
    queue_say(answer->jobs, answer->n);
    storing_done(data, status);
}


static void
queue_told_jobs(void *data, store_status_t status, const store_job_t *jobs,
    size_t n)
{
    queue_say(jobs, n);
    storing_done(data, status);
}


static void
queue_told_flows(void *data, store_status_t status,
    const store_flow_t *flows, size_t n)
{
    size_t  i;

    t.n = n;

    for (i = 0; i < n; i++) {
        (void) sc_buf_printf(&t.said, "%d %lld %.*s, ", flows[i].lane,
                             (long long) flows[i].flow,
                             (int) flows[i].tenant.len, flows[i].tenant.data);
    }

    storing_done(data, status);
}


static void
queue_say(const store_job_t *jobs, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (i == 0 || jobs[i].host != jobs[i - 1].host) {
            (void) sc_buf_printf(&t.said, "%lld: ",
                                 (long long) jobs[i].host);
        }

        (void) sc_buf_printf(&t.said, "%u ", storing_number(jobs[i].id));
        last = jobs[i];
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        job_comes_with_its_place,
        jobs_come_by_priority_then_due_then_acceptance,
        nothing_comes_before_it_is_due,
        hosts_come_in_the_order_of_their_queues,
        scan_goes_on_where_it_stopped,
        host_with_nothing_due_is_counted,
        no_host_gives_more_than_its_share,
        others_jobs_do_not_come,
        flow_is_listed_once_with_its_tenant,
        flow_is_gone_when_all_its_queues_are_settled_empty,
        settled_queue_is_due_with_its_first_job,
        settled_queue_is_not_due_before_it_is_said,
        settle_of_a_queue_that_is_not_there_does_nothing,
        put_makes_a_settled_queue_due_earlier_but_not_later,
        put_that_is_refused_queues_nothing,
        deferred_job_moves_and_keeps_its_tries,
        job_is_deferred_as_often_as_it_must,
        job_that_moved_meanwhile_is_deferred_once,
        defer_brings_back_a_queue_that_was_settled_later,
        job_that_ended_or_is_unknown_is_not_deferred,
        start_leaves_a_job_in_its_queue,
        job_that_ends_leaves_its_queue,
        deferred_job_that_is_finished_leaves_its_queue,
        job_that_moved_meanwhile_leaves_its_queue_when_finished,
        finish_that_is_undone_leaves_the_job_in_its_queue,
        job_that_was_never_put_leaves_nothing_in_the_queues,
        count_has_all_that_is_left_to_do,
        queues_are_the_same_after_a_restart,
        NULL
    };

    return storing_run("store queue", tests, &t);
}
