
#include <stdlib.h>
#include <string.h>

#include "tests/support/storing.h"


/* enough for two calls */
#define MANY    (STORE_CHUNK + 200)


static size_t chunks_cancel(int64_t job, int64_t at);
static int64_t chunks_retry(int64_t job, int64_t after);
static int64_t chunks_prio(int64_t job, int64_t after, int prio);
static size_t chunks_purge(int64_t job);
static void chunks_end(int64_t job, unsigned n, store_state_t state);
static void chunks_finish(int64_t job, store_state_t state);
static void chunks_words(void);


static storing_t  t;


START_TEST(cancelled_pages_leave_their_queue)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 3);
    chunks_end(job, 2, STORE_COMPLETED);
    ck_assert_uint_eq(chunks_cancel(job, 77), 2);
    ck_assert_uint_eq(chunks_cancel(job, 78), 0);
    ck_assert_str_eq(storing_unended(&t), "");
    storing_reads(&t, "SELECT state, finished FROM job WHERE parent <> 0",
                  "2|4002\n4|77\n4|77\n");
    storing_reads(&t, "SELECT cancelled FROM job_work", "2\n");
    storing_reads(&t, "SELECT count(*) FROM queue", "0\n");
}
END_TEST


START_TEST(other_jobs_are_not_cancelled_with_one)
{
    int64_t  job, other;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 2);
    other = storing_work_put(&t, 5);
    storing_pages_put(&t, other, 6, 2);
    storing_put_n(&t, 9);

    /* even if they share its flow */
    ck_assert_uint_eq(chunks_cancel(job, 77), 2);
    ck_assert_uint_eq(chunks_cancel(job, 77), 0);
    ck_assert_str_eq(storing_unended(&t), "6 7 9 ");
    storing_reads(&t, "SELECT cancelled FROM job_work ORDER BY job", "2\n0\n");

    /* whose queue a start makes anew */
    storing_close(&t);
    storing_open(&t);
    storing_reads(&t, "SELECT lane, flow, host, tenant, due FROM queue",
                  "1|7|9|acme|1000\n");
}
END_TEST


START_TEST(many_pages_are_cancelled_some_at_a_time)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 800);
    storing_pages_put(&t, job, 802, MANY - 800);
    ck_assert_uint_eq(chunks_cancel(job, 77), STORE_CHUNK);
    storing_reads(&t, "SELECT cancelled FROM job_work", "1000\n");

    /* a start in between finds the rest */
    storing_close(&t);
    storing_check(t.path);
    storing_open(&t);
    storing_reads(&t, "SELECT host, due FROM queue", "9|1000\n");

    ck_assert_uint_eq(chunks_cancel(job, 77), MANY - STORE_CHUNK);
    ck_assert_uint_eq(chunks_cancel(job, 77), 0);
    storing_reads(&t, "SELECT cancelled FROM job_work", "1200\n");
}
END_TEST


START_TEST(failed_pages_are_tried_again)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 4);
    chunks_end(job, 2, STORE_FAILED_JOB);
    chunks_end(job, 3, STORE_COMPLETED);
    chunks_end(job, 4, STORE_FAILED_JOB);
    ck_assert_uint_eq(chunks_cancel(job, 77), 1);
    chunks_finish(job, STORE_COMPLETED);

    ck_assert_int_eq(chunks_retry(job, 0), 5);
    ck_assert_int_eq(chunks_retry(job, 5), 0);
    ck_assert_str_eq(storing_unended(&t), "2 4 ");
    storing_reads(&t, "SELECT state, due, error, finished FROM job",
                  "1|0||0\n0|2000||0\n2|1000||4003\n0|2000||0\n"
                  "4|1000||77\n");
    storing_reads(&t, "SELECT seq FROM result", "2\n");
    storing_reads(&t, "SELECT found, completed, failed, cancelled, items"
                  " FROM job_work", "4|1|0|1|1\n");
    storing_reads(&t, "SELECT name, n FROM job_tally ORDER BY name",
                  "error:/fetch/dns|0\nstatus:200|1\n");
    storing_reads(&t, "SELECT due FROM queue", "2000\n");

    chunks_end(job, 2, STORE_COMPLETED);
    chunks_end(job, 4, STORE_FAILED_JOB);
    storing_reads(&t, "SELECT found, completed, failed, cancelled, items"
                  " FROM job_work", "4|2|1|1|2\n");
    chunks_words();
}
END_TEST


START_TEST(results_of_later_pages_stay_until_those_are_tried_again)
{
    int64_t   job;
    unsigned  n;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 800);
    storing_pages_put(&t, job, 802, MANY - 800);

    for (n = 2; n < MANY + 2; n += 100) {
        chunks_end(job, n, STORE_FAILED_JOB);
    }

    ck_assert_int_eq(chunks_retry(job, 0), STORE_CHUNK + 1);
    storing_reads(&t, "SELECT count(*) FROM result", "2\n");

    /* what failed anew stays */
    chunks_end(job, 2, STORE_FAILED_JOB);
    ck_assert_int_eq(chunks_retry(job, STORE_CHUNK + 1), MANY + 1);
    ck_assert_int_eq(chunks_retry(job, MANY + 1), 0);
    storing_reads(&t, "SELECT url FROM result", "http://a/2\n");
    storing_reads(&t, "SELECT failed FROM job_work", "1\n");
}
END_TEST


START_TEST(job_that_is_paused_stays_so)
{
    int64_t       job;
    store_work_t  work;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    chunks_end(job, 2, STORE_FAILED_JOB);
    work = storing_work(1);
    work.job.seq = job;
    work.job.state = STORE_PAUSED;
    (void) storing_wait(&t, store_work_set(t.store, &work, storing_done, &t));
    ck_assert_int_eq(chunks_retry(job, 0), 2);
    storing_reads(&t, "SELECT state FROM job", "6\n0\n");
}
END_TEST


START_TEST(expired_job_is_not_begun_again)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    chunks_end(job, 2, STORE_FAILED_JOB);
    chunks_finish(job, STORE_EXPIRED);
    ck_assert_int_eq(chunks_retry(job, 0), 2);
    storing_reads(&t, "SELECT state FROM job", "5\n3\n");
}
END_TEST


START_TEST(page_is_not_cancelled_alone)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    ck_assert_int_eq(storing_wait(&t, store_job_cancel(t.store, storing_id(2),
                                                       storing_str("acme"),
                                                       50, storing_done, &t)),
                     STORE_NOT_FOUND);
    ck_assert_str_eq(storing_unended(&t), "2 ");
}
END_TEST


START_TEST(robots_are_asked_again)
{
    int64_t      job;
    store_end_t  end;
    store_job_t  row;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    end = storing_page_end(2, 1, job, STORE_FAILED_JOB);
    row = *end.job;
    row.error = storing_str("{\"type\":\"/policy/robots\"}");
    end.job = &row;
    end.error = storing_str("/policy/robots");
    (void) storing_end_page(&t, &end);
    storing_reads(&t, "SELECT failed, robots FROM job_work", "1|1\n");
    ck_assert_int_eq(chunks_retry(job, 0), 2);
    storing_reads(&t, "SELECT failed, robots FROM job_work", "0|0\n");
}
END_TEST


START_TEST(job_without_failed_pages_is_not_begun_again)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    chunks_end(job, 2, STORE_COMPLETED);
    chunks_finish(job, STORE_COMPLETED);
    ck_assert_int_eq(chunks_retry(job, 0), 2);
    storing_reads(&t, "SELECT state FROM job", "2\n2\n");
    ck_assert_int_eq(chunks_retry(99, 0), 0);
}
END_TEST


START_TEST(pages_that_have_not_begun_get_another_priority)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 4);
    chunks_end(job, 2, STORE_COMPLETED);
    (void) storing_wait(&t, store_job_start(t.store, storing_id(3), 50,
                                            storing_done, &t));
    storing_put_n(&t, 9);
    ck_assert_int_eq(chunks_prio(job, 0, -1), 5);
    ck_assert_int_eq(chunks_prio(job, 5, -1), 0);
    ck_assert_str_eq(storing_unended(&t), "4 5 3 9 ");
    storing_reads(&t, "SELECT prio FROM job", "-1\n0\n0\n-1\n-1\n0\n");
    ck_assert_int_eq(chunks_prio(job, 0, -1), 5);
    ck_assert_str_eq(storing_unended(&t), "4 5 3 9 ");
}
END_TEST


START_TEST(job_that_has_not_ended_is_not_purged)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    ck_assert_int_eq(storing_wait(&t, store_work_purge(t.store, job,
                                                       storing_told_added,
                                                       &t)),
                     STORE_CONFLICT);
    chunks_finish(job, STORE_COMPLETED);
    ck_assert_uint_eq(chunks_purge(job), 1);
    ck_assert_uint_eq(chunks_purge(job), 0);
}
END_TEST


START_TEST(purged_job_leaves_nothing)
{
    int64_t          job, final = 8;
    store_end_t      end;
    store_work_t     work;
    store_message_t  message;

    memset(&message, 0, sizeof(store_message_t));
    memcpy(message.id, storing_id(5), ID_SIZE);
    memcpy(message.job, storing_id(1), ID_SIZE);

    work = storing_work(1);
    work.tags = storing_str("{\"a\":\"b\"}");
    (void) storing_wait(&t, store_work_put(t.store, &work, NULL, 0, 0,
                                           storing_told_seq, &t));
    job = t.seq;
    storing_pages_put(&t, job, 2, 2);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.raw = storing_str("x");
    end.final = &final;
    end.status = 200;
    end.messages = &message;
    end.nmessages = 1;
    (void) storing_end_page(&t, &end);
    store_search(t.store, 0);
    chunks_end(job, 3, STORE_COMPLETED);
    store_search(t.store, 1);
    storing_finish_n(&t, 9);
    chunks_finish(job, STORE_COMPLETED);

    /* results, pages, seen, tally, outbox, the job */
    ck_assert_uint_eq(chunks_purge(job), 2);
    ck_assert_uint_eq(chunks_purge(job), 2);
    ck_assert_uint_eq(chunks_purge(job), 1);
    ck_assert_uint_eq(chunks_purge(job), 1);
    ck_assert_uint_eq(chunks_purge(job), 1);
    ck_assert_uint_eq(chunks_purge(job), 1);
    ck_assert_uint_eq(chunks_purge(job), 0);

    storing_reads(&t, "SELECT (SELECT count(*) FROM job),"
                  " (SELECT count(*) FROM result),"
                  " (SELECT count(*) FROM result_raw),"
                  " (SELECT count(*) FROM result_text_docsize),"
                  " (SELECT count(*) FROM job_work)"
                  " + (SELECT count(*) FROM job_seen)"
                  " + (SELECT count(*) FROM job_tally)"
                  " + (SELECT count(*) FROM job_tag)"
                  " + (SELECT count(*) FROM job_message)", "1|1|0|1|0\n");
    storing_reads(&t, "SELECT rowid FROM result_text"
                  " WHERE result_text MATCH 'http'", "3\n");
    chunks_words();
}
END_TEST


START_TEST(many_rows_are_purged_some_at_a_time)
{
    int64_t      job;
    unsigned     n;
    store_end_t  end;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 800);
    storing_pages_put(&t, job, 802, MANY - 800);

    for (n = 0; n < MANY; n += 100) {
        end = storing_page_end(n + 2, 1, job, STORE_COMPLETED);
        (void) storing_end_page(&t, &end);
    }

    /* what was forgotten to be cancelled goes, too */
    chunks_finish(job, STORE_CANCELLED);
    ck_assert_uint_eq(chunks_purge(job), MANY / 100);
    ck_assert_uint_eq(chunks_purge(job), STORE_CHUNK);
    storing_close(&t);
    storing_check(t.path);
    storing_open(&t);
    ck_assert_uint_eq(chunks_purge(job), MANY - STORE_CHUNK);
    ck_assert_uint_eq(chunks_purge(job), 1);
    ck_assert_uint_eq(chunks_purge(job), 0);
    storing_reads(&t, "SELECT count(*) FROM task", "0\n");
    chunks_words();
}
END_TEST


static size_t
chunks_cancel(int64_t job, int64_t at)
{
    ck_assert_int_eq(storing_wait(&t, store_work_cancel(t.store, job,
                                                        STORING_FLOW, at,
                                                        storing_told_added,
                                                        &t)), STORE_OK);

    return t.n;
}


static int64_t
chunks_retry(int64_t job, int64_t after)
{
    ck_assert_int_eq(storing_wait(&t, store_work_retry(t.store, job, after,
                                                       2000,
                                                       storing_told_seq,
                                                       &t)), STORE_OK);

    return t.seq;
}


static int64_t
chunks_prio(int64_t job, int64_t after, int prio)
{
    ck_assert_int_eq(storing_wait(&t, store_work_prio(t.store, job, after,
                                                      prio, storing_told_seq,
                                                      &t)), STORE_OK);

    return t.seq;
}


static size_t
chunks_purge(int64_t job)
{
    ck_assert_int_eq(storing_wait(&t, store_work_purge(t.store, job,
                                                       storing_told_added,
                                                       &t)), STORE_OK);

    return t.n;
}


static void
chunks_end(int64_t job, unsigned n, store_state_t state)
{
    store_end_t  end = storing_page_end(n, 1, job, state);

    end.status = 200;
    (void) storing_end_page(&t, &end);
    ck_assert_int_eq(t.status, STORE_OK);
}


static void
chunks_finish(int64_t job, store_state_t state)
{
    store_work_t  work = storing_work(1);

    work.job.seq = job;
    work.job.state = state;
    ck_assert_int_eq(storing_wait(&t, store_work_finish(t.store, &work, NULL,
                                                        0, storing_done,
                                                        &t)), STORE_OK);
}


/* The words that are kept are those of the results that are. */
static void
chunks_words(void)
{
    storing_close(&t);
    storing_sql(&t, "INSERT INTO result_text (result_text)"
                " VALUES ('integrity-check')");
    storing_open(&t);
}


int
main(void)
{
    const TTest  *tests[] = {
        cancelled_pages_leave_their_queue,
        other_jobs_are_not_cancelled_with_one,
        many_pages_are_cancelled_some_at_a_time,
        failed_pages_are_tried_again,
        results_of_later_pages_stay_until_those_are_tried_again,
        job_that_is_paused_stays_so,
        expired_job_is_not_begun_again,
        page_is_not_cancelled_alone,
        robots_are_asked_again,
        job_without_failed_pages_is_not_begun_again,
        pages_that_have_not_begun_get_another_priority,
        job_that_has_not_ended_is_not_purged,
        purged_job_leaves_nothing,
        many_rows_are_purged_some_at_a_time,
        NULL
    };

    return storing_run("store work's chunks", tests, &t);
}
