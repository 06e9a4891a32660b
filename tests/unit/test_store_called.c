
#include <string.h>

#include "sidecar/store/store_list.h"
#include "tests/support/storing.h"


/* The names of all documents. */
#define CALLED_ALL                                                            \
    "SELECT group_concat(iif(name = 'job-' || id, 'job-a', name))"            \
    " FROM document, (SELECT coalesce((SELECT id"                             \
    " FROM job), '') AS id)"


static int64_t called_work(void);
static void called_docs(void);
static void called_finish(int64_t job, int64_t expires);
static size_t called_sweep(int64_t now);


static storing_t  t;


START_TEST(work_that_has_ended_by_itself_is_opened_again)
{
    store_work_t  work = storing_work(1);

    work.job.seq = called_work();
    called_finish(work.job.seq, 30);
    work.job.spec = storing_str("{\"b\":2}");
    work.closed = 0;
    work.counts.rejected = 3;
    ck_assert_int_eq(storing_wait(&t, store_work_open(t.store, &work,
                                                      storing_done, &t)),
                     STORE_OK);
    storing_reads(&t, "SELECT state, spec, finished, expires FROM job",
                  "1|{\"b\":2}|0|0\n");
    ck_assert_int_eq(storing_wait(&t, store_work_open(t.store, &work,
                                                      storing_done, &t)),
                     STORE_CONFLICT);
}
END_TEST


START_TEST(work_that_was_cancelled_is_not_opened_again)
{
    store_work_t  work = storing_work(1);

    work.job.seq = called_work();
    storing_sql(&t, "UPDATE job SET state = 4");
    ck_assert_int_eq(storing_wait(&t, store_work_open(t.store, &work,
                                                      storing_done, &t)),
                     STORE_CONFLICT);
    storing_sql(&t, "UPDATE job SET state = 5");
    ck_assert_int_eq(storing_wait(&t, store_work_open(t.store, &work,
                                                      storing_done, &t)),
                     STORE_CONFLICT);
}
END_TEST


START_TEST(what_is_called_by_a_job_goes_when_it_expires)
{
    int64_t  job;

    job = called_work();
    called_docs();
    called_finish(job, 500);
    ck_assert_uint_eq(called_sweep(499), 0);
    storing_reads(&t, CALLED_ALL, "mine,other,job-a,job-b\n");
    ck_assert_uint_gt(called_sweep(500), 0);
    storing_reads(&t, CALLED_ALL, "other,job-b\n");
}
END_TEST


START_TEST(what_is_called_by_a_job_goes_with_it)
{
    int64_t  job;

    job = called_work();
    called_docs();
    called_finish(job, 0);
    (void) storing_wait(&t, store_work_purge(t.store, job,
                                             storing_told_added, &t));
    storing_reads(&t, CALLED_ALL, "other,job-b\n");
}
END_TEST


START_TEST(purge_that_a_crash_ended_is_ended_by_the_sweep)
{
    int64_t  job;

    job = called_work();
    storing_pages_put(&t, job, 2, 2);
    called_finish(job, 0);
    (void) storing_wait(&t, store_work_purge(t.store, job,
                                             storing_told_added, &t));
    storing_reads(&t, "SELECT state, parent FROM job", "2|0\n");
    ck_assert_uint_gt(called_sweep(500), 0);
    storing_reads(&t, "SELECT state FROM job", "5\n");
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        work_that_has_ended_by_itself_is_opened_again,
        work_that_was_cancelled_is_not_opened_again,
        what_is_called_by_a_job_goes_when_it_expires,
        what_is_called_by_a_job_goes_with_it,
        purge_that_a_crash_ended_is_ended_by_the_sweep,
        NULL
    };

    return storing_run("store_called", tests, &t);
}


static int64_t
called_work(void)
{
    return storing_work_put(&t, 1);
}


/* Of the job "mine", and others. */
static void
called_docs(void)
{
    storing_sql(&t, "UPDATE job SET spec = '{\"name\":\"mine\"}'");
    storing_sql(&t, "INSERT INTO document (shard, kind, tenant, name, body,"
                " at) SELECT 0, 'job-name', tenant, n.value, '', 1 FROM job,"
                " json_each('[\"mine\",\"other\"]') n");
    storing_sql(&t, "INSERT INTO document (shard, kind, tenant, name, body,"
                " at) SELECT 0, 'session', tenant, n.value, '', 1 FROM job,"
                " json_each(json_array('job-' || job.id, 'job-b')) n");
}


static void
called_finish(int64_t job, int64_t expires)
{
    store_work_t  work = storing_work(1);

    work.job.seq = job;
    work.job.state = STORE_COMPLETED;
    work.job.finished = 20;
    work.job.expires = expires;
    ck_assert_int_eq(storing_wait(&t, store_work_finish(t.store, &work, NULL,
                                                        0, storing_done, &t)),
                     STORE_OK);
}


/* All that there is to do; how much it was. */
static size_t
called_sweep(int64_t now)
{
    size_t        n;
    store_keep_t  keep = { now, 0, 0 };

    n = 0;

    do {
        (void) storing_wait(&t, store_sweep(t.store, &keep,
                                            storing_told_added, &t));
        n += t.n;
    } while (t.n > 0);

    return n;
}
