
#include <stdio.h>
#include <string.h>

#include "sidecar/store/store_list.h"
#include "tests/support/storing.h"


#define DAY_MS    INT64_C(86400000)


static void usage_told(void *data, store_status_t status,
    const store_usage_t *usages, size_t n);
static void usage_put(const char *tenant, int64_t day, int64_t pages);


static storing_t  t;


START_TEST(job_is_counted_once_as_it_is_put_and_ends)
{
    store_job_t     job = storing_job(1);
    store_result_t  result = storing_result(1);

    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    storing_reads(&t, "SELECT * FROM job_usage", "acme|0|0|0|1\n");
    job.state = STORE_COMPLETED;
    (void) storing_finish(&t, &job, &result);
    storing_reads(&t, "SELECT * FROM job_usage", "acme|0|0|0|1\n");
}
END_TEST


START_TEST(job_that_was_never_put_is_counted_as_it_ends)
{
    store_job_t     job = storing_job(1);
    store_result_t  result = storing_result(1);

    job.state = STORE_COMPLETED;
    job.due = 0;
    (void) storing_finish(&t, &job, &result);
    storing_reads(&t, "SELECT * FROM job_usage", "acme|0|0|0|1\n");
}
END_TEST


START_TEST(job_of_many_pages_is_one_job)
{
    int64_t  job;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 4);
    storing_reads(&t, "SELECT * FROM job_usage", "acme|0|0|0|1\n");
}
END_TEST


START_TEST(what_a_page_used_is_written_with_its_end)
{
    int64_t      job;
    store_end_t  end;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 2);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.usage.day = 7;
    end.usage.pages = 1;
    end.usage.bytes = 100;
    (void) storing_end_page(&t, &end);
    storing_reads(&t, "SELECT * FROM job_usage WHERE day = 7",
                  "acme|7|1|100|0\n");

    /* it has ended: nothing is counted again */
    (void) storing_end_page(&t, &end);
    storing_reads(&t, "SELECT * FROM job_usage WHERE day = 7",
                  "acme|7|1|100|0\n");

    end = storing_page_end(3, 1, job, STORE_FAILED_JOB);
    end.usage.day = 7;
    end.usage.pages = 1;
    end.usage.bytes = 5;
    (void) storing_end_page(&t, &end);
    storing_reads(&t, "SELECT * FROM job_usage WHERE day = 7",
                  "acme|7|2|105|0\n");
}
END_TEST


START_TEST(page_that_is_a_duplicate_was_used_too)
{
    int64_t      job, final = 77;
    store_end_t  end;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 2);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.final = &final;
    end.usage = (store_usage_t) { .day = 7, .pages = 1, .bytes = 10 };
    (void) storing_end_page(&t, &end);
    end = storing_page_end(3, 1, job, STORE_COMPLETED);
    end.final = &final;
    end.usage = (store_usage_t) { .day = 7, .pages = 1, .bytes = 10 };
    ck_assert_ptr_nonnull(strstr(storing_end_page(&t, &end), "duplicate"));
    storing_reads(&t, "SELECT * FROM job_usage WHERE day = 7",
                  "acme|7|2|20|0\n");
}
END_TEST


START_TEST(days_of_a_tenant_are_read_newest_first)
{
    usage_put("acme", 10, 1);
    usage_put("acme", 12, 3);
    usage_put("acme", 11, 2);
    usage_put("bert", 12, 9);
    usage_put("", 12, 8);
    (void) storing_wait(&t, store_usage_days(t.store, storing_str("acme"), 11,
                                             10, usage_told, &t));
    ck_assert_str_eq(t.said.data, "acme 12 3\nacme 11 2\n");
    (void) storing_wait(&t, store_usage_days(t.store, storing_str("acme"), 0,
                                             1, usage_told, &t));
    ck_assert_str_eq(t.said.data, "acme 12 3\n");
    (void) storing_wait(&t, store_usage_days(t.store, storing_str(""), 0, 9,
                                             usage_told, &t));
    ck_assert_str_eq(t.said.data, " 12 8\n");
}
END_TEST


/* storing_told_…() for what was used. */
static void
usage_told(void *data, store_status_t status, const store_usage_t *usages,
    size_t n)
{
    size_t  i;

    sc_buf_reset(&t.said);

    for (i = 0; i < n; i++) {
        (void) sc_buf_printf(&t.said, "%.*s %lld %lld\n",
                             (int) usages[i].tenant.len,
                             usages[i].tenant.data,
                             (long long) usages[i].day,
                             (long long) usages[i].pages);
    }

    storing_done(data, status);
}


static void
usage_put(const char *tenant, int64_t day, int64_t pages)
{
    store_usage_t  usage = { .tenant = storing_str(tenant), .day = day,
                             .pages = pages };

    ck_assert_int_eq(store_usage_put(t.store, &usage), SC_OK);

    /* a write that is told is behind it */
    (void) storing_wait(&t, store_ruleset_put(t.store, storing_str(tenant),
                                              storing_str("sha256:1"),
                                              storing_str("{}"), storing_done,
                                              &t));
}


START_TEST(tenants_of_a_day_are_read_in_pieces)
{
    sc_str_t  none = sc_null_string;

    usage_put("", 12, 1);
    usage_put("acme", 12, 2);
    usage_put("bert", 12, 3);
    usage_put("carl", 11, 4);
    (void) storing_wait(&t, store_usage_all(t.store, 12, none, 2, usage_told,
                                            &t));
    ck_assert_str_eq(t.said.data, " 12 1\nacme 12 2\n");
    (void) storing_wait(&t, store_usage_all(t.store, 12, storing_str("acme"),
                                            2, usage_told, &t));
    ck_assert_str_eq(t.said.data, "bert 12 3\n");
    (void) storing_wait(&t, store_usage_all(t.store, 12, storing_str(""), 2,
                                            usage_told, &t));
    ck_assert_str_eq(t.said.data, "acme 12 2\nbert 12 3\n");
}
END_TEST


START_TEST(days_that_are_long_over_are_swept)
{
    store_keep_t  keep = { .now = (1000 + STORE_USAGE_DAYS) * DAY_MS };

    usage_put("acme", 999, 1);
    usage_put("acme", 1000, 2);
    (void) storing_wait(&t, store_sweep(t.store, &keep, storing_told_added,
                                        &t));
    storing_reads(&t, "SELECT day FROM job_usage", "1000\n");
    (void) storing_wait(&t, store_sweep(t.store, &keep, storing_told_added,
                                        &t));
    storing_reads(&t, "SELECT day FROM job_usage", "1000\n");
}
END_TEST


START_TEST(nothing_that_was_used_is_not_written)
{
    usage_put("acme", 7, 0);
    storing_reads(&t, "SELECT count(*) FROM job_usage", "0\n");
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        job_is_counted_once_as_it_is_put_and_ends,
        job_that_was_never_put_is_counted_as_it_ends,
        job_of_many_pages_is_one_job,
        what_a_page_used_is_written_with_its_end,
        page_that_is_a_duplicate_was_used_too,
        days_of_a_tenant_are_read_newest_first,
        tenants_of_a_day_are_read_in_pieces,
        days_that_are_long_over_are_swept,
        nothing_that_was_used_is_not_written,
        NULL
    };

    return storing_run("store usage", tests, &t);
}
