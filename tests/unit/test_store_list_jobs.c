
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_list.h"
#include "tests/support/storing.h"


/* The id with this number, for SQL. */
#define LIST_ID(n)    "printf('aaa%026d', " n ")"


static void list_fill(void);
static store_jobs_ask_t list_ask(void);
static const char *list_jobs(const store_jobs_ask_t *ask);
static void list_told(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static void list_told_counts(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static void list_told_pages(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void list_told_tallies(void *data, store_status_t status,
    const store_tally_t *tallies, size_t n);


static storing_t  t;


START_TEST(jobs_are_listed_the_newest_first_without_pages)
{
    store_jobs_ask_t  ask;

    list_fill();
    ask = list_ask();
    ck_assert_str_eq(list_jobs(&ask), "8 7 6 4 3 2 1 ");

    ask.limit = 3;
    ck_assert_str_eq(list_jobs(&ask), "8 7 6 ");
    ask.before = 6;
    ck_assert_str_eq(list_jobs(&ask), "4 3 2 ");
    ask.before = 2;
    ck_assert_str_eq(list_jobs(&ask), "1 ");
    ask.before = 1;
    ck_assert_str_eq(list_jobs(&ask), "");
    ck_assert_int_eq(t.status, STORE_OK);

    ask = list_ask();
    ask.tenant = storing_str("other");
    ck_assert_str_eq(list_jobs(&ask), "5 ");
    ask.tenant = storing_str("nobody");
    ck_assert_str_eq(list_jobs(&ask), "");
}
END_TEST


START_TEST(jobs_are_listed_by_their_filters)
{
    store_jobs_ask_t  ask;

    list_fill();
    ask = list_ask();
    ask.state = STORE_FAILED_JOB;
    ck_assert_str_eq(list_jobs(&ask), "7 3 ");
    ask.kind = "extract";
    ck_assert_str_eq(list_jobs(&ask), "7 3 ");
    ask.kind = "crawl";
    ck_assert_str_eq(list_jobs(&ask), "");

    ask = list_ask();
    ask.kind = "crawl";
    ck_assert_str_eq(list_jobs(&ask), "2 1 ");

    ask = list_ask();
    ask.since = 300;
    ask.until = 700;
    ck_assert_str_eq(list_jobs(&ask), "6 4 3 ");

    ask = list_ask();
    ask.tag_name = "team";
    ask.tag_value = "a";
    ck_assert_str_eq(list_jobs(&ask), "6 3 1 ");
    ask.before = 6;
    ask.limit = 1;
    ck_assert_str_eq(list_jobs(&ask), "3 ");
    ask.before = 3;
    ask.kind = "extract";
    ck_assert_str_eq(list_jobs(&ask), "");

    ask = list_ask();
    ask.tag_name = "team";
    ask.tag_value = "none";
    ck_assert_str_eq(list_jobs(&ask), "");
}
END_TEST


START_TEST(lists_of_jobs_with_many_bytes_end_early)
{
    store_jobs_ask_t  ask;

    list_fill();
    storing_sql(&t, "UPDATE job SET echo = printf('\"%.*c\"', 600000, 'x')"
                " WHERE seq > 2");
    ask = list_ask();
    ck_assert_str_eq(list_jobs(&ask), "8 7 ");
    ask.before = 4;
    ck_assert_str_eq(list_jobs(&ask), "3 2 1 ");

    ask = list_ask();
    ask.tag_name = "team";
    ask.tag_value = "a";
    ck_assert_str_eq(list_jobs(&ask), "6 3 ");

    ck_assert_int_eq(storing_wait(&t, store_pages_list(t.store, 1, 0, 9,
                                                       list_told_pages, &t)),
                     STORE_OK);
    ck_assert_str_eq(t.said.data, "101 1 http://p/101, 102 1 http://p/102, ");
}
END_TEST


START_TEST(jobs_have_counts_and_those_of_a_page_have_its)
{
    store_jobs_ask_t  ask;

    list_fill();
    storing_sql(&t, "UPDATE job_work SET found = 99, completed = 40, failed"
                    " = 3,"
                " cancelled = 2, robots = 1, items = 5, bytes = 6, wire = 7,"
                " duplicates = 8, unchanged = 10, rejected = 11,"
                " tags = '{\"x\":\"y\"}', max_pages = 12, closed = 0"
                " WHERE job = 2");
    ask = list_ask();
    ask.before = 5;
    ck_assert_int_eq(storing_wait(&t, store_jobs_list(t.store, &ask,
                                                      list_told_counts, &t)),
                     STORE_OK);
    ck_assert_str_eq(t.said.data, "4 extract: 1 1 0 0 0 0 0 1 0 0 0 0 1 ''\n"
                     "3 extract: 1 0 1 0 0 0 0 0 0 0 0 0 1"
                     " '{\"team\":\"a\"}'\n"
                     "2 crawl: 99 40 3 2 1 8 10 5 6 7 11 12 0"
                     " '{\"x\":\"y\"}'\n"
                     "1 crawl: 4 0 4 0 0 0 0 0 0 0 0 0 1 ''\n");
}
END_TEST


START_TEST(pages_of_a_job_are_listed_in_order)
{
    list_fill();
    storing_sql(&t, "UPDATE job_work SET page = '{\"big\":1}' WHERE job = 1");
    ck_assert_int_eq(storing_wait(&t, store_pages_list(t.store, 1, 0, 3,
                                                       list_told_pages, &t)),
                     STORE_OK);
    ck_assert_str_eq(t.said.data, "101 1 http://p/101, 102 1 http://p/102, "
                     "103 1 http://p/103, ");
    ck_assert_int_eq(storing_wait(&t, store_pages_list(t.store, 1, 103, 9,
                                                       list_told_pages, &t)),
                     STORE_OK);
    ck_assert_str_eq(t.said.data, "104 1 http://p/104, ");
    ck_assert_int_eq(storing_wait(&t, store_pages_list(t.store, 3, 0, 9,
                                                       list_told_pages, &t)),
                     STORE_OK);
    ck_assert_str_eq(t.said.data, "");

    /* those that have no parent are nobody's pages */
    ck_assert_int_eq(storing_wait(&t, store_pages_list(t.store, 0, 0, 9,
                                                       list_told_pages, &t)),
                     STORE_OK);
    ck_assert_str_eq(t.said.data, "");
}
END_TEST


START_TEST(tallies_of_a_job_are_listed_by_name)
{
    list_fill();
    storing_sql(&t, "INSERT INTO job_tally VALUES (1, 'status:404', 2),"
                " (1, 'host:a', 7), (2, 'host:b', 1)");
    ck_assert_int_eq(storing_wait(&t, store_tallies(t.store, 1,
                                                    list_told_tallies, &t)),
                     STORE_OK);
    ck_assert_str_eq(t.said.data, "host:a=7 status:404=2 ");
    ck_assert_int_eq(storing_wait(&t, store_tallies(t.store, 3,
                                                    list_told_tallies, &t)),
                     STORE_OK);
    ck_assert_str_eq(t.said.data, "");
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        jobs_are_listed_the_newest_first_without_pages,
        jobs_are_listed_by_their_filters,
        lists_of_jobs_with_many_bytes_end_early,
        jobs_have_counts_and_those_of_a_page_have_its,
        pages_of_a_job_are_listed_in_order,
        tallies_of_a_job_are_listed_by_name,
        NULL
    };

    return storing_run("store_list_jobs", tests, &t);
}


/*
 * Jobs 1 to 8, 5 another tenant's: 1 and 2 are crawls, the first with pages
 * 101 to 104.
 */

static void
list_fill(void)
{
    storing_sql(&t, "INSERT INTO job (seq, shard, id, tenant, kind, state,"
                " url, spec, ruleset, echo, error, created, started,"
                " finished, attempts, tries, lane, flow, host, prio, due)"
                " SELECT value, 2730, " LIST_ID("value") ", iif(value = 5,"
                " 'other', 'acme'), iif(value < 3, 'crawl', 'extract'),"
                " iif(value % 4 = 3, 3, iif(value IN (2, 4, 8), 2, 4)), '',"
                " '{}', '', '', '', value * 100, 1, 1, 0, 0, 0, 0, 0, 0, 0"
                " FROM json_each('[1,2,3,4,5,6,7,8]')");
    storing_sql(&t, "INSERT INTO result (shard, id, job, tenant, url, state,"
                " fetch, data, missing, warnings, echo, error, etag, at)"
                " SELECT shard, id, id, tenant, '', 2, '', '', '', '', '',"
                " '', '', 1 FROM job WHERE state = 2 AND kind = 'extract'");
    storing_sql(&t, "INSERT INTO job_work (job, shard, page, ruleset, tags,"
                " max_pages, max_host_pages, closed, found, failed)"
                " SELECT seq, shard, '', '', '', 0, 0, 1, 4, 4 FROM job"
                " WHERE kind = 'crawl'");
    storing_sql(&t, "INSERT INTO job_tag VALUES ('acme', 'team', 'a', 1),"
                " ('acme', 'team', 'a', 3), ('acme', 'team', 'a', 6),"
                " ('acme', 'team', 'b', 2), ('other', 'team', 'a', 5)");
    storing_sql(&t, "INSERT INTO job (seq, shard, id, tenant, kind, state,"
                " url, spec, ruleset, echo, error, created, started,"
                " finished, attempts, tries, lane, flow, host, prio, due,"
                " parent) SELECT value, 2730, " LIST_ID("value") ", 'acme',"
                " 'page', 3, 'http://p/' || value, '', '', '', '', 1, 1, 1,"
                " 0, 0, 0, 0, 0, 0, 0, 1"
                " FROM json_each('[101,102,103,104]')");
}


static store_jobs_ask_t
list_ask(void)
{
    store_jobs_ask_t  ask;

    memset(&ask, 0, sizeof(ask));
    ask.tenant = storing_str("acme");
    ask.kind = ask.tag_name = ask.tag_value = "";
    ask.state = -1;
    ask.limit = 100;

    return ask;
}


/* Their seqs, valid until the next call. */

static const char *
list_jobs(const store_jobs_ask_t *ask)
{
    ck_assert_int_eq(storing_wait(&t, store_jobs_list(t.store, ask, list_told,
                                                      &t)),
                     STORE_OK);

    return t.said.data;
}


static void
list_told(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    size_t      i;
    storing_t  *s = data;

    for (i = 0; i < n; i++) {
        (void) sc_buf_printf(&s->said, "%lld ", (long long) works[i].job.seq);
    }

    storing_done(s, status);
}


static void
list_told_counts(void *data, store_status_t status,
    const store_work_t *works, size_t n)
{
    size_t                 i, j;
    storing_t             *s = data;
    const store_counts_t  *c;

    for (i = 0; i < n; i++) {
        c = &works[i].counts;

        const int64_t  counts[] = {
            c->found, c->completed, c->failed, c->cancelled, c->robots,
            c->duplicates, c->unchanged, c->items, c->bytes, c->wire,
            c->rejected, works[i].max_pages, works[i].closed
        };

        (void) sc_buf_printf(&s->said, "%lld ", (long long) works[i].job.seq);
        (void) sc_buf_add_str(&s->said, works[i].job.kind);
        (void) sc_buf_add_cstr(&s->said, ":");

        for (j = 0; j < sizeof(counts) / sizeof(counts[0]); j++) {
            (void) sc_buf_printf(&s->said, " %lld", (long long) counts[j]);
        }

        (void) sc_buf_add_cstr(&s->said, " '");
        (void) sc_buf_add_str(&s->said, works[i].tags);
        (void) sc_buf_add_cstr(&s->said, "'\n");
    }

    storing_done(s, status);
}


/* What belongs to all of the pages is not told with each. */

static void
list_told_pages(void *data, store_status_t status, const store_job_t *jobs,
    size_t n)
{
    size_t      i;
    storing_t  *s = data;

    for (i = 0; i < n; i++) {
        ck_assert_uint_eq(jobs[i].spec.len, 0);
        (void) sc_buf_printf(&s->said, "%lld %u ", (long long) jobs[i].seq,
                             storing_number(jobs[i].parent_id));
        (void) sc_buf_add_str(&s->said, jobs[i].url);
        (void) sc_buf_add_cstr(&s->said, ", ");
    }

    storing_done(s, status);
}


static void
list_told_tallies(void *data, store_status_t status,
    const store_tally_t *tallies, size_t n)
{
    size_t      i;
    storing_t  *s = data;

    for (i = 0; i < n; i++) {
        (void) sc_buf_add_str(&s->said, tallies[i].name);
        (void) sc_buf_printf(&s->said, "=%lld ", (long long) tallies[i].n);
    }

    storing_done(s, status);
}
