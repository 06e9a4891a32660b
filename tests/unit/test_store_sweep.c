
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sidecar/store/store_list.h"
#include "tests/support/storing.h"


/* The id with this number, for SQL. */
#define SWEEP_ID(n)    "printf('aaa%026d', " n ")"

/* What there is of each table. */
#define SWEEP_COUNTS                                                          \
    "SELECT (SELECT count(*) FROM job), (SELECT count(*) FROM job_work),"     \
    " (SELECT count(*) FROM result), (SELECT count(*) FROM result_raw),"      \
    " (SELECT count(*) FROM result_text_docsize),"                            \
    " (SELECT count(*) FROM job_seen), (SELECT count(*) FROM job_tally),"     \
    " (SELECT count(*) FROM job_tag), (SELECT count(*) FROM job_message)"


static void sweep_job(unsigned n, int state, int64_t expires);
static void sweep_crawl(unsigned n, unsigned pages, int64_t expires);
static size_t sweep(int64_t now, int64_t rows, int64_t bytes);
static void sweep_told(void *data, store_status_t status, size_t added);
static int64_t sweep_file_size(void);


static storing_t  t;


START_TEST(an_expired_job_leaves_its_row_alone)
{
    sweep_job(1, 2, 500);
    sweep_job(2, 2, 501);
    sweep_job(3, 2, 0);
    sweep_job(4, 3, 400);

    ck_assert_uint_gt(sweep(500, 0, 0), 0);
    storing_reads(&t, "SELECT seq, state, url, spec, echo, error, expires"
                  " FROM job ORDER BY seq", "1|5|http://j/1||||604800500\n"
                  "2|2|http://j/2|{}|\"e\"||501\n"
                  "3|2|http://j/3|{}|\"e\"||0\n"
                  "4|5|http://j/4||||604800500\n");
    storing_reads(&t, "SELECT group_concat(id) FROM result", "aaa"
                  "00000000000000000000000002,aaa"
                  "00000000000000000000000003\n");
    ck_assert_uint_eq(sweep(500, 0, 0), 0);
}
END_TEST


START_TEST(an_expired_job_goes_itself_in_the_end)
{
    sweep_job(1, 2, 500);
    sweep_job(2, 2, 0);
    (void) sweep(500, 0, 0);
    ck_assert_uint_eq(sweep(500 + STORE_TOMBSTONE - 1, 0, 0), 0);
    ck_assert_uint_eq(sweep(500 + STORE_TOMBSTONE, 0, 0), 1);
    storing_reads(&t, "SELECT group_concat(seq) FROM job", "2\n");
}
END_TEST


START_TEST(all_that_belongs_to_a_crawl_goes_in_pieces)
{
    sweep_crawl(1, 2500, 500);
    sweep_crawl(2, 3, 0);
    storing_reads(&t, SWEEP_COUNTS,
                  "2505|2|2503|2503|2503|2503|2503|2|2503\n");

    ck_assert_uint_ge(sweep(600, 0, 0), 12500);
    storing_reads(&t, SWEEP_COUNTS, "5|1|3|3|3|3|3|1|3\n");
    storing_reads(&t, "SELECT group_concat(DISTINCT job) FROM result",
                  "aaa00000000000000000000200000\n");
    storing_reads(&t, "SELECT state FROM job WHERE seq = 100000", "5\n");
}
END_TEST


START_TEST(what_has_not_ended_is_left_alone)
{
    sweep_crawl(1, 10, 500);
    storing_sql(&t, "UPDATE job SET state = 1 WHERE seq = 100000");
    sweep_crawl(2, 10, 500);
    storing_sql(&t, "UPDATE job SET state = 6 WHERE seq = 200000");

    ck_assert_uint_eq(sweep(600, 1, 1), 0);
    storing_reads(&t, SWEEP_COUNTS, "22|2|20|20|20|20|20|2|20\n");

    /* those with state 1 have a page to do, as store_check() wants it */
    storing_sql(&t, "UPDATE job SET state = 2 WHERE parent = 0");
}
END_TEST


START_TEST(the_oldest_go_while_there_are_too_many_rows)
{
    unsigned  n;

    for (n = 1; n <= 10; n++) {
        sweep_job(n, 2, 0);
    }

    ck_assert_uint_eq(sweep(5, 10, 0), 0);
    ck_assert_uint_gt(sweep(5, 6, 0), 0);
    storing_reads(&t, "SELECT group_concat(seq) FROM job WHERE state = 5",
                  "1,2,3,4\n");
    storing_reads(&t, "SELECT count(*) FROM result", "6\n");

    /* one of many rows makes room for many */
    sweep_crawl(20, 30, 0);
    ck_assert_uint_gt(sweep(5, 35, 0), 0);
    storing_reads(&t, "SELECT count(*) FROM result", "35\n");
    ck_assert_uint_gt(sweep(5, 29, 0), 0);
    storing_reads(&t, "SELECT count(*) FROM result", "0\n");
}
END_TEST


START_TEST(the_oldest_go_while_there_are_too_many_bytes)
{
    unsigned  n;
    int64_t   before;

    for (n = 1; n <= 40; n++) {
        sweep_job(n, 2, 0);
    }

    storing_sql(&t, "UPDATE result SET data ="
                " '\"' || hex(randomblob(100000)) || '\"'");
    (void) sweep(5, 0, 0);
    before = store_bytes(t.store);
    ck_assert_int_gt(before, 40 * 200000);

    ck_assert_uint_gt(sweep(5, 0, 4000000), 0);
    ck_assert_int_le(store_bytes(t.store), 4000000);
    storing_reads(&t, "SELECT count(*) > 5, min(seq) = 41 - count(*)"
                  " FROM result", "1|1\n");
}
END_TEST


START_TEST(free_space_is_given_back)
{
    unsigned  n;
    int64_t   before;

    for (n = 1; n <= 80; n++) {
        sweep_job(n, 2, 500);
    }

    storing_sql(&t, "UPDATE result SET data ="
                " '\"' || hex(randomblob(100000)) || '\"'");
    storing_close(&t);
    before = sweep_file_size();
    storing_open(&t);
    (void) sweep(600, 0, 0);
    storing_close(&t);
    ck_assert_int_gt(before, 80 * 200000);
    ck_assert_int_lt(sweep_file_size(), 5000000);
    storing_open(&t);
}
END_TEST


START_TEST(words_go_with_results_that_had_them)
{
    sweep_crawl(1, 50, 500);
    sweep_crawl(2, 50, 0);
    storing_sql(&t, "INSERT INTO result_text (result_text, rowid, url, data)"
                " SELECT 'delete', seq, url, data FROM result"
                " WHERE seq % 2 = 0");
    (void) sweep(600, 0, 0);
    storing_sql(&t, "INSERT INTO result_text (result_text, rank)"
                " VALUES ('integrity-check', 0)");
    storing_reads(&t, "SELECT count(*) FROM result_text"
                  " WHERE result_text MATCH 'word'", "25\n");
}
END_TEST


START_TEST(answers_to_idempotency_keys_are_kept_for_a_day)
{
    storing_sql(&t, "INSERT INTO document VALUES"
                " (0, 'idem', 'acme', 'a', '', 999),"
                " (0, 'idem', 'acme', 'b', '', 1000),"
                " (0, 'idem', 'other', 'c', '', 1),"
                " (0, 'session', 'acme', 's', '', 1),"
                " (1, 'idem', 'acme', 'a', '', 1)");
    ck_assert_uint_eq(sweep(86400000 + 1000, 0, 0), 2);
    storing_reads(&t, "SELECT shard, kind, name FROM document ORDER BY 1, 2",
                  "0|idem|b\n0|session|s\n1|idem|a\n");

    storing_sql(&t, "INSERT INTO document WITH RECURSIVE c (n) AS (SELECT 1"
                " UNION ALL SELECT n + 1 FROM c WHERE n < 2500)"
                " SELECT 0, 'idem', 't' || n % 3, n, '', 5 FROM c");
    ck_assert_uint_eq(sweep(86400000 + 1000, 0, 0), 2500);
}
END_TEST


START_TEST(messages_about_no_job_go_when_they_were_taken)
{
    storing_sql(&t, "INSERT INTO job_message (shard, id, tenant, job, spec,"
                    " event,"
                " body, created, due, tries, state, last) VALUES"
                " (0, 'a', '', '', '', '', '', 1, 1, 0, 1, ''),"
                " (0, 'b', '', '', '', '', '', 1, 1, 0, 2, ''),"
                " (0, 'c', '', '', '', '', '', 1, 1, 0, 0, ''),"
                " (0, 'd', '', '', '', '', '', 2, 1, 0, 1, ''),"
                " (0, 'e', '', 'x', '', '', '', 1, 1, 0, 1, '')");
    ck_assert_uint_eq(sweep(STORE_TOMBSTONE + 2, 0, 0), 2);
    storing_reads(&t, "SELECT group_concat(id, '') FROM job_message", "cde\n");
}
END_TEST


START_TEST(who_is_forgotten_is_not_called)
{
    int           other;
    store_keep_t  keep = { .now = 600 };

    sweep_job(1, 2, 500);
    ck_assert_int_eq(store_sweep(t.store, &keep, sweep_told, &other), SC_OK);
    store_forget(t.store, &other);

    /* its step may be this one's, too */
    (void) sweep(600, 0, 0);
    (void) sweep(600, 0, 0);
    storing_reads(&t, "SELECT state, expires > 600 FROM job", "5|1\n");
}
END_TEST


START_TEST(a_sweep_under_way_is_told_of_when_the_store_closes)
{
    store_keep_t  keep = { .now = 600 };

    sweep_job(1, 2, 500);
    ck_assert_int_eq(store_sweep(t.store, &keep, sweep_told, &t), SC_OK);
    t.left = 1;
    storing_close(&t);
    ck_assert_uint_eq(t.left, 0);
    ck_assert_int_eq(t.status, STORE_FAILED);
    storing_open(&t);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        an_expired_job_leaves_its_row_alone,
        an_expired_job_goes_itself_in_the_end,
        all_that_belongs_to_a_crawl_goes_in_pieces,
        what_has_not_ended_is_left_alone,
        the_oldest_go_while_there_are_too_many_rows,
        the_oldest_go_while_there_are_too_many_bytes,
        free_space_is_given_back,
        words_go_with_results_that_had_them,
        answers_to_idempotency_keys_are_kept_for_a_day,
        messages_about_no_job_go_when_they_were_taken,
        who_is_forgotten_is_not_called,
        a_sweep_under_way_is_told_of_when_the_store_closes,
        NULL
    };

    return storing_run("store_sweep", tests, &t);
}


/* A job of one page that ended, with its result. */

static void
sweep_job(unsigned n, int state, int64_t expires)
{
    char  sql[1024];

    (void) snprintf(sql, sizeof(sql), "INSERT INTO job (seq, shard, id,"
                    " tenant, kind, state, url, spec, ruleset, echo, error,"
                    " created, started, finished, attempts, tries, lane,"
                    " flow, host, prio, due, expires) VALUES (%u, 2730, "
                    "'aaa%026u', 'acme', 'extract', %d, 'http://j/%u',"
                    " '{}', '', '\"e\"', '', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,"
                    " %lld)", n, n, state, n, (long long) expires);
    storing_sql(&t, sql);
    (void) snprintf(sql, sizeof(sql), "INSERT INTO result (shard, id, job,"
                    " tenant, url, state, fetch, data, missing, warnings,"
                    " echo, error, etag, at) SELECT shard, id, id, tenant,"
                    " url, state, '{}', '{\"t\":\"word\"}', '', '', '', '',"
                    " '', 1 FROM job WHERE seq = %u", n);
    storing_sql(&t, sql);
}


/* Crawl n00000 of so many pages, with all that there may be of each. */

static void
sweep_crawl(unsigned n, unsigned pages, int64_t expires)
{
    size_t  i;
    char    sql[256];

    static const char *const  texts[] = {
        "INSERT INTO job (seq, shard, id, tenant, kind, state, url, spec,"
        " ruleset, echo, error, created, started, finished, attempts, tries,"
        " lane, flow, host, prio, due, expires) SELECT c, 2730, "
        SWEEP_ID("c") ", 'acme', 'crawl', 2, '', '{}', '', '', '', 1, 1, 1,"
        " 0, 0, 0, 0, 0, 0, 0, expires FROM crawl LIMIT 1",

        "INSERT INTO job_work (job, shard, page, ruleset, tags, max_pages,"
        " max_host_pages, closed, found, completed, items) SELECT c, 2730,"
        " '', '', '', 0, 0, 1, max(n), max(n), max(n) FROM crawl",

        "INSERT INTO job_tag SELECT 'acme', 'team', 'a', max(c) FROM crawl",

        "INSERT INTO job (shard, id, tenant, kind, state, url, spec,"
        " ruleset, echo, error, created, started, finished, attempts, tries,"
        " lane, flow, host, prio, due, parent) SELECT 2730, "
        SWEEP_ID("c + n") ", 'acme', 'page', 2, '', '', '', '', '',"
        " 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, c FROM crawl",

        "INSERT INTO job_seen SELECT c, n FROM crawl",

        "INSERT INTO job_tally SELECT c, 'host:' || n, 1 FROM crawl",

        "INSERT INTO job_message (shard, id, tenant, job, spec, event, body,"
        " created, due, tries, state, last) SELECT 2730, '', 'acme', "
        SWEEP_ID("c") ", '', '', '', 1, 1, 0, 0, '' FROM crawl",

        "INSERT INTO result (shard, id, job, tenant, url, state, fetch, data,"
        " missing, warnings, echo, error, etag, at) SELECT 2730, "
        SWEEP_ID("c + n") ", " SWEEP_ID("c") ", 'acme', '', 2,"
        " '{}', '{\"t\":\"word\"}', '', '', '', '', '', 1 FROM crawl",

        "INSERT INTO result_raw SELECT seq, '{}', 'x' FROM result"
        " WHERE seq NOT IN (SELECT result FROM result_raw)",

        "INSERT INTO result_text (rowid, url, data) SELECT seq, url, data"
        " FROM result WHERE seq NOT IN (SELECT id FROM result_text_docsize)",

        "DROP TABLE crawl"
    };

    (void) snprintf(sql, sizeof(sql), "CREATE TABLE crawl AS WITH RECURSIVE"
                    " i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i"
                    " WHERE n < %u) SELECT n, %u00000 AS c,"
                    " %lld AS expires FROM i", pages, n,
                    (long long) expires);
    storing_sql(&t, sql);

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        storing_sql(&t, texts[i]);
    }
}


/* Until there is no more to do: how many rows went or changed. */

static size_t
sweep(int64_t now, int64_t rows, int64_t bytes)
{
    size_t        all;
    store_keep_t  keep = { .now = now, .rows = rows, .bytes = bytes };

    all = 0;

    do {
        ck_assert_int_eq(storing_wait(&t, store_sweep(t.store, &keep,
                                                      sweep_told, &t)),
                         STORE_OK);
        ck_assert_uint_le(t.n, 3 * STORE_CHUNK);
        all += t.n;
    } while (t.n != 0);

    return all;
}


static void
sweep_told(void *data, store_status_t status, size_t added)
{
    storing_t  *s = data;

    ck_assert_ptr_eq(s, &t);
    s->n = added;
    storing_done(s, status);
}


static int64_t
sweep_file_size(void)
{
    struct stat  st;

    ck_assert_int_eq(stat(t.path, &st), 0);

    return st.st_size;
}
