
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/storing.h"


#define MANY  300


/* One call of many, with what came back. */
typedef struct {
    unsigned         calls;
    store_status_t   status;
} store_answer_t;


static store_status_t store_start(unsigned n, int64_t at);
static store_status_t store_cancel(unsigned n, const char *tenant);
static const char *store_result(unsigned n, const char *tenant);
static const char *store_results(unsigned n, int64_t after, size_t limit);
static const char *store_newest(const char *url, const char *tenant);
static void store_answered(void *data, store_status_t status);
static void store_never(void *data, store_status_t status);
static void store_forget_other(void *data, store_status_t status);
static void store_read_back(void *data, store_status_t status);


static storing_t  t;


START_TEST(job_comes_back_as_it_was_put)
{
    store_job_t  job = storing_job(7);

    job.spec = storing_str("{\"say\":\"\xc3\xa9'\\\"\"}");
    job.echo = storing_str("[1,null]");
    job.state = STORE_RUNNING;
    job.started = 1500;
    job.attempts = 2;
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    ck_assert_str_eq(storing_get(&t, 7),
                     "7|acme|extract|1|http://a/7|{\"say\":\"\xc3\xa9'\\\"\"}|"
                     "sha256:7|{\"rules\":7}|[1,null]||1007|1500|0|2\n");
    ck_assert_int_gt(t.seq, 0);
}
END_TEST


START_TEST(job_without_a_rule_set_has_none)
{
    store_job_t  job = storing_job(1);

    job.rules_hash.len = 0;
    job.rules.len = 0;
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    ck_assert_str_eq(storing_get(&t, 1),
                     "1|acme|extract|0|http://a/1|{}|||||1001|0|0|0\n");
}
END_TEST


START_TEST(text_keeps_its_nul_bytes)
{
    store_job_t  job = storing_job(1);

    job.spec.data = "a\0b";
    job.spec.len = 3;
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    (void) storing_get(&t, 1);
    ck_assert_ptr_nonnull(memmem(t.said.data, t.said.len, "|a\0b|", 5));
}
END_TEST


START_TEST(rule_set_is_shared_by_its_name)
{
    store_job_t  job = storing_job(1);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    memcpy(job.id, storing_id(2), ID_SIZE);
    job.rules = storing_str("not read, the name is known");
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    ck_assert_str_eq(storing_get(&t, 2), "2|acme|extract|0|http://a/1|{}|"
                     "sha256:1|{\"rules\":1}|||1001|0|0|0\n");
}
END_TEST


START_TEST(job_whose_id_is_taken_changes_nothing)
{
    char         *before;
    store_job_t   job;

    storing_put_n(&t, 1);
    before = strdup(storing_get(&t, 1));

    job = storing_job(2);
    memcpy(job.id, storing_id(1), ID_SIZE);
    ck_assert_int_eq(storing_put(&t, &job), STORE_CONFLICT);
    ck_assert_str_eq(storing_get(&t, 1), before);
    free(before);
}
END_TEST


START_TEST(job_is_found_by_its_tenant_alone)
{
    storing_put_n(&t, 1);

    ck_assert_int_eq(storing_wait(&t, store_job_get(t.store, storing_id(1),
                                                    storing_str("other"),
                                                    storing_told_job, &t)),
                     STORE_NOT_FOUND);
    ck_assert_str_eq(storing_get(&t, 2), "");
    ck_assert_str_ne(storing_get(&t, 1), "");
}
END_TEST


START_TEST(what_is_no_id_is_not_found)
{
    ck_assert_int_eq(storing_wait(&t, store_job_get(t.store, "",
                                                    storing_str("acme"),
                                                    storing_told_job, &t)),
                     STORE_NOT_FOUND);
    ck_assert_int_eq(storing_wait(&t, store_result_get(t.store, "zz'\"%",
                                                       storing_str("acme"),
                                                       storing_told_result,
                                                       &t)),
                     STORE_NOT_FOUND);
}
END_TEST


START_TEST(start_marks_the_job_and_counts)
{
    storing_put_n(&t, 1);

    ck_assert_int_eq(store_start(1, 2000), STORE_OK);
    ck_assert_int_eq(store_start(1, 2001), STORE_OK);
    ck_assert_str_eq(storing_get(&t, 1), "1|acme|extract|1|http://a/1|{}|"
                     "sha256:1|{\"rules\":1}|||1001|2001|0|2\n");
}
END_TEST


START_TEST(start_of_a_job_that_ended_or_is_unknown_is_a_conflict)
{
    storing_finish_n(&t, 1);

    ck_assert_int_eq(store_start(1, 2000), STORE_CONFLICT);
    ck_assert_int_eq(store_start(2, 2000), STORE_CONFLICT);
    ck_assert_str_eq(storing_unended(&t), "");
}
END_TEST


START_TEST(finish_ends_a_job_and_keeps_its_result)
{
    store_job_t     job;
    store_result_t  r;

    storing_put_n(&t, 1);
    ck_assert_int_eq(store_start(1, 2000), STORE_OK);

    job = storing_job(1);
    job.state = STORE_FAILED_JOB;
    job.error = storing_str("{\"type\":\"/fetch/dns\"}");
    job.started = 2500;
    job.finished = 3000;
    r = storing_result(1);
    r.state = STORE_FAILED_JOB;
    r.error = job.error;
    r.view = storing_str("{\"links\":[]}");
    r.echo = storing_str("\"mine\"");
    ck_assert_int_eq(storing_finish(&t, &job, &r), STORE_OK);

    ck_assert_str_eq(storing_get(&t, 1), "1|acme|extract|3|http://a/1|{}|"
                     "sha256:1|{\"rules\":1}||{\"type\":\"/fetch/dns\"}|"
                     "1001|2500|3000|1\n");
    ck_assert_str_eq(store_result(1, "acme"), "1|1|acme|http://a/1|3|"
                     "{\"status\":200}|{\"a\":1}|[]|[]|{\"links\":[]}|"
                     "\"mine\"|"
                     "{\"type\":\"/fetch/dns\"}|sha256-0|3001\n");
}
END_TEST


START_TEST(finish_puts_a_job_that_was_never_put)
{
    storing_finish_n(&t, 1);

    ck_assert_str_eq(storing_get(&t, 1), "1|acme|extract|2|http://a/1|{}|"
                     "sha256:1|{\"rules\":1}|||1001|0|4001|0\n");
    ck_assert_str_ne(store_result(1, "acme"), "");
}
END_TEST


START_TEST(result_has_the_echo_of_its_job)
{
    store_job_t     job;
    store_result_t  r;

    job = storing_job(1);
    job.state = STORE_COMPLETED;
    job.echo = storing_str("[\"row\"]");
    r = storing_result(1);
    ck_assert_int_eq(storing_finish(&t, &job, &r), STORE_OK);
    ck_assert_ptr_nonnull(strstr(store_result(1, "acme"), "|[\"row\"]|"));
}
END_TEST


START_TEST(finish_needs_no_result)
{
    store_job_t  job;

    storing_put_n(&t, 1);
    job = storing_job(1);
    job.state = STORE_CANCELLED;
    ck_assert_int_eq(storing_finish(&t, &job, NULL), STORE_OK);

    ck_assert_str_eq(store_results(1, 0, 10), "");
    ck_assert_str_eq(storing_unended(&t), "");
}
END_TEST


START_TEST(job_that_ended_stays_as_it_is)
{
    char            *before;
    store_job_t      job;
    store_result_t   r;

    storing_finish_n(&t, 1);
    before = strdup(storing_get(&t, 1));

    job = storing_job(1);
    job.state = STORE_FAILED_JOB;
    job.error = storing_str("{}");
    r = storing_result(1);
    memcpy(r.id, storing_id(2), ID_SIZE);
    ck_assert_int_eq(storing_finish(&t, &job, &r), STORE_CONFLICT);

    ck_assert_str_eq(storing_get(&t, 1), before);
    ck_assert_str_eq(store_result(2, "acme"), "");
    free(before);
}
END_TEST


START_TEST(result_whose_id_is_taken_undoes_the_end_of_its_job)
{
    store_job_t     job;
    store_result_t  r;

    storing_finish_n(&t, 1);
    storing_put_n(&t, 2);

    job = storing_job(2);
    job.state = STORE_COMPLETED;
    r = storing_result(2);
    memcpy(r.id, storing_id(1), ID_SIZE);
    ck_assert_int_eq(storing_finish(&t, &job, &r), STORE_CONFLICT);

    ck_assert_str_eq(storing_unended(&t), "2 ");
    ck_assert_int_eq(strncmp(store_result(1, "acme"), "1|1|", 4), 0);
}
END_TEST


START_TEST(cancel_ends_what_has_not_ended)
{
    storing_put_n(&t, 1);
    storing_put_n(&t, 2);
    ck_assert_int_eq(store_start(2, 2000), STORE_OK);

    ck_assert_int_eq(store_cancel(1, "acme"), STORE_OK);
    ck_assert_int_eq(store_cancel(2, "acme"), STORE_OK);
    ck_assert_int_eq(store_cancel(2, "acme"), STORE_CONFLICT);
    ck_assert_str_eq(storing_get(&t, 1), "1|acme|extract|4|http://a/1|{}|"
                     "sha256:1|{\"rules\":1}|||1001|0|9000|0\n");
    ck_assert_str_eq(storing_unended(&t), "");
}
END_TEST


START_TEST(cancel_finds_the_jobs_of_its_tenant_alone)
{
    storing_put_n(&t, 1);
    storing_finish_n(&t, 2);

    ck_assert_int_eq(store_cancel(1, "other"), STORE_NOT_FOUND);
    ck_assert_int_eq(store_cancel(2, "other"), STORE_NOT_FOUND);
    ck_assert_int_eq(store_cancel(3, "acme"), STORE_NOT_FOUND);
    ck_assert_str_eq(storing_unended(&t), "1 ");
}
END_TEST


START_TEST(result_is_found_by_its_tenant_alone)
{
    storing_finish_n(&t, 1);

    ck_assert_str_eq(store_result(1, "other"), "");
    ck_assert_int_eq(t.status, STORE_NOT_FOUND);
    ck_assert_str_eq(store_newest("http://a/1", "other"), "");
    ck_assert_int_eq(t.status, STORE_NOT_FOUND);
    ck_assert_int_eq(storing_wait(&t, store_job_results(t.store,
                                                        storing_id(1),
                                                        storing_str("other"),
                                                        0, 10,
                                                        storing_told_results,
                                                        &t)),
                     STORE_OK);
    ck_assert_uint_eq(t.n, 0);
}
END_TEST


START_TEST(results_of_a_job_are_read_on_from_the_last)
{
    storing_finish_n(&t, 1);
    storing_finish_n(&t, 2);

    ck_assert_int_eq(strncmp(store_results(2, 0, 10), "2|2|acme|", 9), 0);
    ck_assert_uint_eq(t.n, 1);
    ck_assert_str_eq(store_results(2, t.seq, 10), "");
    ck_assert_uint_eq(t.n, 0);
    ck_assert_str_eq(store_results(2, 0, 0), "");
    ck_assert_int_eq(t.status, STORE_OK);
}
END_TEST


START_TEST(newest_result_of_a_url_is_the_last_that_completed)
{
    unsigned        n;
    store_job_t     job;
    store_result_t  r;

    for (n = 1; n <= 4; n++) {
        job = storing_job(n);
        r = storing_result(n);
        r.url = storing_str(n == 3 ? "http://a/b" : "http://a/");
        job.state = n == 4 ? STORE_FAILED_JOB : STORE_COMPLETED;
        r.state = job.state;
        ck_assert_int_eq(storing_finish(&t, &job, &r), STORE_OK);
    }

    ck_assert_int_eq(strncmp(store_newest("http://a/", "acme"), "2|2|", 4),
                     0);
    ck_assert_str_eq(store_newest("http://a", "acme"), "");
}
END_TEST


START_TEST(unended_jobs_are_counted)
{
    unsigned  n;

    for (n = 1; n <= 5; n++) {
        storing_put_n(&t, n);
    }

    storing_finish_n(&t, 3);
    storing_finish_n(&t, 6);

    ck_assert_int_eq(storing_wait(&t, store_unended_count(t.store,
                                                          storing_told_jobs,
                                                          &t)),
                     STORE_OK);
    ck_assert_uint_eq(t.n, 4);
}
END_TEST


START_TEST(each_of_many_writes_gets_its_own_status)
{
    unsigned        n;
    store_job_t     job;
    store_answer_t  answers[MANY] = { 0 };

    for (n = 0; n < MANY; n++) {
        /* every third is there already */
        job = storing_job(n % 3 == 2 ? n - 1 : n);
        ck_assert_int_eq(store_job_put(t.store, &job, store_answered,
                                       &answers[n]),
                         SC_OK);
    }

    ck_assert_uint_eq(answers[0].calls, 0);
    (void) storing_wait_for(&t, MANY);

    for (n = 0; n < MANY; n++) {
        ck_assert_uint_eq(answers[n].calls, 1);
        ck_assert_int_eq(answers[n].status,
                         n % 3 == 2 ? STORE_CONFLICT : STORE_OK);
    }

    (void) storing_wait(&t, store_unended_count(t.store, storing_told_jobs,
                                                &t));
    ck_assert_uint_eq(t.n, MANY * 2 / 3);
}
END_TEST


START_TEST(write_undone_in_a_group_leaves_the_others)
{
    unsigned         n;
    store_job_t      job;
    store_result_t   r;
    store_answer_t   answers[MANY] = { 0 };

    storing_finish_n(&t, MANY);

    for (n = 0; n < MANY; n++) {
        job = storing_job(n);

        if (n % 50 != 25) {
            (void) store_job_put(t.store, &job, store_answered, &answers[n]);
            continue;
        }

        /* the job is new, its result is not */
        job.state = STORE_COMPLETED;
        r = storing_result(MANY);
        memcpy(r.job, job.id, ID_SIZE);
        (void) storing_end(t.store, &job, &r, store_answered,
                                &answers[n]);
    }

    (void) storing_wait_for(&t, MANY);

    for (n = 0; n < MANY; n++) {
        ck_assert_int_eq(answers[n].status,
                         n % 50 != 25 ? STORE_OK : STORE_CONFLICT);
        ck_assert_int_eq(storing_get(&t, n)[0] != '\0', n % 50 != 25);
    }
}
END_TEST


START_TEST(text_beyond_the_limit_fails_alone)
{
    char            *text;
    size_t           len = 129 << 20;
    store_job_t      job;
    store_answer_t   answers[3] = { 0 };

    text = malloc(len);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', len);

    job = storing_job(1);
    (void) store_job_put(t.store, &job, store_answered, &answers[0]);
    job = storing_job(2);
    job.spec.data = text;
    job.spec.len = len;
    (void) store_job_put(t.store, &job, store_answered, &answers[1]);
    job = storing_job(3);
    (void) store_job_put(t.store, &job, store_answered, &answers[2]);
    (void) storing_wait_for(&t, 3);

    ck_assert_int_eq(answers[0].status, STORE_OK);
    ck_assert_int_eq(answers[1].status, STORE_FAILED);
    ck_assert_int_eq(answers[2].status, STORE_OK);
    ck_assert_str_eq(storing_unended(&t), "1 3 ");
    free(text);
}
END_TEST


START_TEST(read_sees_every_write_called_back_before)
{
    unsigned     n;
    store_job_t  job;

    for (n = 0; n < MANY; n++) {
        job = storing_job(n);
        (void) store_job_put(t.store, &job, store_read_back, &t);
        ck_assert_int_eq(storing_wait_for(&t, 1), STORE_OK);
        ck_assert_uint_eq(t.n, n + 1);
    }
}
END_TEST


START_TEST(forgotten_call_is_done_but_not_told)
{
    int          left;
    store_job_t  job = storing_job(1);

    ck_assert_int_eq(store_job_put(t.store, &job, store_never, &left), SC_OK);
    ck_assert_int_eq(store_job_get(t.store, job.id, job.tenant, NULL, NULL),
                     SC_OK);
    store_forget(t.store, &left);

    storing_put_n(&t, 2);
    ck_assert_str_eq(storing_unended(&t), "1 2 ");
}
END_TEST


START_TEST(call_may_be_forgotten_by_a_callback_of_its_group)
{
    store_job_t  job;

    /* writes are told in the order they came */
    job = storing_job(1);
    (void) store_job_put(t.store, &job, store_forget_other, &t);
    job = storing_job(2);
    (void) store_job_put(t.store, &job, store_never, &t.left);
    ck_assert_int_eq(storing_wait_for(&t, 1), STORE_OK);

    storing_put_n(&t, 3);
    ck_assert_str_eq(storing_unended(&t), "1 2 3 ");
}
END_TEST


START_TEST(close_does_what_is_queued_and_tells)
{
    unsigned        n;
    store_job_t     job;
    store_answer_t  answers[MANY] = { 0 };

    /* one more: the last callback stops no loop, none is running */
    t.left = MANY + 2;

    for (n = 0; n < MANY; n++) {
        job = storing_job(n);
        (void) store_job_put(t.store, &job, store_answered, &answers[n]);
    }

    (void) store_unended_count(t.store, storing_told_jobs, &t);
    storing_close(&t);
    ck_assert_uint_eq(t.left, 1);

    for (n = 0; n < MANY; n++) {
        ck_assert_uint_eq(answers[n].calls, 1);
        ck_assert_int_eq(answers[n].status, STORE_OK);
    }

    storing_open(&t);
    (void) storing_wait(&t, store_unended_count(t.store, storing_told_jobs,
                                                &t));
    ck_assert_uint_eq(t.n, MANY);
}
END_TEST


START_TEST(no_call_is_taken_while_the_store_closes)
{
    store_job_t  job = storing_job(1);

    t.left = 1;
    (void) store_job_put(t.store, &job, store_read_back, &t);
    storing_close(&t);

    /* the read that the callback asked for was refused */
    ck_assert_uint_eq(t.left, 0);
    ck_assert_int_eq(t.status, STORE_FAILED);
}
END_TEST


START_TEST(order_of_acceptance_goes_on_after_a_restart)
{
    int64_t  seq;

    storing_put_n(&t, 1);
    storing_put_n(&t, 2);
    (void) storing_get(&t, 2);
    seq = t.seq;

    storing_close(&t);
    storing_open(&t);
    storing_put_n(&t, 3);
    (void) storing_get(&t, 3);

    ck_assert_int_gt(t.seq, seq);
    ck_assert_str_eq(storing_unended(&t), "1 2 3 ");
}
END_TEST


static store_status_t
store_start(unsigned n, int64_t at)
{
    return storing_wait(&t, store_job_start(t.store, storing_id(n), at,
                                            storing_done, &t));
}


static store_status_t
store_cancel(unsigned n, const char *tenant)
{
    return storing_wait(&t, store_job_cancel(t.store, storing_id(n),
                                             storing_str(tenant), 9000,
                                             storing_done, &t));
}


static const char *
store_result(unsigned n, const char *tenant)
{
    (void) storing_wait(&t, store_result_get(t.store, storing_id(n),
                                             storing_str(tenant),
                                             storing_told_result, &t));

    return t.said.data;
}


static const char *
store_results(unsigned n, int64_t after, size_t limit)
{
    (void) storing_wait(&t, store_job_results(t.store, storing_id(n),
                                              storing_str("acme"), after,
                                              limit, storing_told_results,
                                              &t));

    return t.said.data;
}


static const char *
store_newest(const char *url, const char *tenant)
{
    (void) storing_wait(&t, store_result_newest(t.store, storing_str(url),
                                                storing_str(tenant),
                                                storing_told_result, &t));

    return t.said.data;
}


static void
store_answered(void *data, store_status_t status)
{
    store_answer_t  *answer = data;

    answer->calls++;
    answer->status = status;
    storing_done(&t, status);
}


static void
store_never(void *data, store_status_t status)
{
    (void) data;

    ck_abort_msg("a forgotten call was told: %d", (int) status);
}


static void
store_forget_other(void *data, store_status_t status)
{
    store_forget(t.store, &t.left);
    storing_done(data, status);
}


static void
store_read_back(void *data, store_status_t status)
{
    ck_assert_int_eq(status, STORE_OK);

    if (store_unended_count(t.store, storing_told_jobs, data) != SC_OK) {
        storing_done(data, STORE_FAILED);
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        job_comes_back_as_it_was_put,
        job_without_a_rule_set_has_none,
        text_keeps_its_nul_bytes,
        rule_set_is_shared_by_its_name,
        job_whose_id_is_taken_changes_nothing,
        job_is_found_by_its_tenant_alone,
        what_is_no_id_is_not_found,
        start_marks_the_job_and_counts,
        start_of_a_job_that_ended_or_is_unknown_is_a_conflict,
        finish_ends_a_job_and_keeps_its_result,
        finish_puts_a_job_that_was_never_put,
        result_has_the_echo_of_its_job,
        finish_needs_no_result,
        job_that_ended_stays_as_it_is,
        result_whose_id_is_taken_undoes_the_end_of_its_job,
        cancel_ends_what_has_not_ended,
        cancel_finds_the_jobs_of_its_tenant_alone,
        result_is_found_by_its_tenant_alone,
        results_of_a_job_are_read_on_from_the_last,
        newest_result_of_a_url_is_the_last_that_completed,
        unended_jobs_are_counted,
        each_of_many_writes_gets_its_own_status,
        write_undone_in_a_group_leaves_the_others,
        text_beyond_the_limit_fails_alone,
        read_sees_every_write_called_back_before,
        forgotten_call_is_done_but_not_told,
        call_may_be_forgotten_by_a_callback_of_its_group,
        close_does_what_is_queued_and_tells,
        no_call_is_taken_while_the_store_closes,
        order_of_acceptance_goes_on_after_a_restart,
        NULL
    };

    return storing_run("store", tests, &t);
}
