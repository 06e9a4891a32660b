
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_list.h"
#include "tests/support/storing.h"


/* The id with this number, for SQL. */
#define LIST_ID(n)    "printf('aaa%026d', " n ")"


static void list_fill(void);
static store_results_ask_t list_ask(void);
static const char *list_results(const store_results_ask_t *ask);
static void list_same(store_results_ask_t *ask, const char *where);
static void list_told(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void list_told_raw(void *data, store_status_t status,
    const store_raw_t *raw);


static storing_t  t;

/* what the results of the last list count as */
static size_t     list_size;


START_TEST(results_are_listed_by_each_filter)
{
    store_results_ask_t  ask;

    list_fill();

    ask = list_ask();
    list_same(&ask, "");

    ask = list_ask();
    ask.job = "aaa00000000000000000000000002";
    list_same(&ask, "AND job = " LIST_ID("2"));
    ask.failed = 1;
    list_same(&ask, "AND job = " LIST_ID("2") " AND state = 3");

    ask = list_ask();
    ask.url = "http://h1/6";
    list_same(&ask, "AND url = 'http://h1/6' AND state = 2");

    ask = list_ask();
    ask.host = "h2";
    list_same(&ask, "AND host = 'h2'");
    ask.failed = 1;
    list_same(&ask, "AND host = 'h2' AND state = 3");

    ask = list_ask();
    ask.ruleset = "shop";
    list_same(&ask, "AND ruleset = 'shop'");

    ask = list_ask();
    ask.changed_since = 1100;
    list_same(&ask, "AND at >= 1100 AND changed != 1");

    ask = list_ask();
    ask.q = "word3";
    list_same(&ask, "AND data LIKE '%word3%'");
}
END_TEST


START_TEST(results_are_listed_by_filters_together)
{
    store_results_ask_t  ask;

    list_fill();

    ask = list_ask();
    ask.host = "h2";
    ask.ruleset = "shop";
    ask.changed_since = 1050;
    list_same(&ask, "AND host = 'h2' AND ruleset = 'shop'"
              " AND at >= 1050 AND changed != 1");

    ask.q = "word1 OR word5";
    list_same(&ask, "AND host = 'h2' AND ruleset = 'shop'"
              " AND at >= 1050 AND changed != 1"
              " AND (data LIKE '%word1%' OR data LIKE '%word5%')");

    ask = list_ask();
    ask.job = "aaa00000000000000000000000001";
    ask.q = "word2";
    ask.tag_name = "team";
    ask.tag_value = "a";
    list_same(&ask, "AND job = " LIST_ID("1") " AND data LIKE '%word2%'");

    ask.tag_value = "b";
    list_same(&ask, "AND 0");
}
END_TEST


START_TEST(results_are_listed_by_a_tag_of_few_jobs_or_of_many)
{
    store_results_ask_t  ask;

    static const char  tagged[] = "AND job IN (SELECT id FROM job"
                                  " WHERE seq IN (1, 3))";

    list_fill();

    ask = list_ask();
    ask.tag_name = "team";
    ask.tag_value = "a";
    list_same(&ask, tagged);

    storing_sql(&t, "INSERT INTO job_tag WITH RECURSIVE c (n) AS (SELECT 10"
                " UNION ALL SELECT n + 1 FROM c WHERE n < 1200)"
                " SELECT 'acme', 'team', 'a', n FROM c");
    list_same(&ask, tagged);

    ask.ruleset = "shop";
    list_same(&ask, "AND ruleset = 'shop' AND job IN (SELECT id FROM job"
              " WHERE seq IN (1, 3))");
}
END_TEST


START_TEST(results_are_listed_by_few_changes_or_by_many)
{
    store_results_ask_t  ask;

    list_fill();
    storing_sql(&t, "INSERT INTO result (shard, id, job, tenant, url, state,"
                " fetch, data, missing, warnings, echo, error, etag, at,"
                " host, changed) SELECT 2730, " LIST_ID("1000 + n") ", "
                LIST_ID("1") ", 'acme', '', 3, '', '', '', '', '', '', '',"
                " 5000 + n * 37 % 5100, 'h' || n % 3, 2 FROM (WITH RECURSIVE"
                " c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
                " WHERE n < 5100) SELECT n FROM c)");

    ask = list_ask();
    ask.limit = 1000;
    ask.changed_since = 5050;
    list_same(&ask, "AND at >= 5050 AND changed != 1");
    ask.changed_since = 10000;
    list_same(&ask, "AND at >= 10000 AND changed != 1");
    ask.changed_since = 1200;
    list_same(&ask, "AND at >= 1200 AND changed != 1");
    ask.tag_name = "team";
    ask.tag_value = "b";
    list_same(&ask, "AND at >= 1200 AND changed != 1 AND job = "
              LIST_ID("2"));
}
END_TEST


START_TEST(words_that_are_no_search_are_a_conflict)
{
    size_t               i;
    store_results_ask_t  ask;

    static const char *const  wrong[] = {
        "\"open", "AND", "nothere: x", "a NEAR(", "*", "^", "(", "a b)"
    };

    list_fill();
    ask = list_ask();

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ask.q = wrong[i];
        ck_assert_str_eq(list_results(&ask), "");
        ck_assert_msg(t.status == STORE_CONFLICT, "\"%s\"", wrong[i]);
    }

    /* the reader goes on */
    ask.q = "word3";
    list_same(&ask, "AND data LIKE '%word3%'");
}
END_TEST


START_TEST(a_list_ends_when_it_has_many_bytes)
{
    store_results_ask_t  ask;

    storing_sql(&t, "INSERT INTO job (seq, shard, id, tenant, kind, state,"
                " url, spec, ruleset, echo, error, created, started,"
                " finished, attempts, tries, lane, flow, host, prio, due)"
                " VALUES (1, 2730, " LIST_ID("1") ", 'acme', 'batch', 2, '',"
                " '{}', '', '', '', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)");
    storing_sql(&t, "INSERT INTO job_work (job, shard, page, ruleset, tags,"
                " max_pages, max_host_pages, closed, found, completed, items)"
                " VALUES (1, 2730, '', '', '', 0, 0, 1, 7, 7, 7)");
    storing_sql(&t, "INSERT INTO result (shard, id, job, tenant, url, state,"
                " fetch, data, missing, warnings, echo, error, etag, at)"
                " SELECT 2730, " LIST_ID("value") ", " LIST_ID("1")
                ", 'acme', 'http://a/', 2, '{}', '\"' || hex(zeroblob("
                "iif(value = 5, 2000000, 350000))) || '\"', '', '', '', '',"
                " '', 1 FROM json_each('[1,2,3,4,5,6,7]')");

    ask = list_ask();
    ask.limit = 100;
    ck_assert_str_eq(list_results(&ask), "1 2 ");
    ask.after = 2;
    ask.job = "aaa00000000000000000000000001";
    ck_assert_str_eq(list_results(&ask), "3 4 ");
    ask.after = 4;
    ck_assert_str_eq(list_results(&ask), "5 ");
    ask.after = 0;
    ask.newest = 1;
    ask.changed_since = 1;
    ck_assert_str_eq(list_results(&ask), "7 6 ");
    ask.job = "";
    ck_assert_str_eq(list_results(&ask), "7 6 ");
    ask.after = 6;
    ck_assert_str_eq(list_results(&ask), "5 ");

    /* whatever it is that is long, who reads can tell by it */
    storing_sql(&t, "UPDATE result SET data = '{}', echo = '\"'"
                " || replace(hex(zeroblob(350000)), '00', 'é') || '\"'");
    ask = list_ask();
    ask.limit = 100;
    ck_assert_str_eq(list_results(&ask), "1 2 3 ");
    ck_assert_uint_ge(list_size, STORE_LIST_BYTES);
}
END_TEST


START_TEST(a_page_as_it_came_is_read_by_its_result)
{
    list_fill();
    storing_sql(&t, "INSERT INTO result_raw VALUES (1, '{\"h\":1}',"
                " CAST(x'3c00ff3e' AS TEXT))");

    ck_assert_int_eq(storing_wait(&t, store_raw_get(
                     t.store, "aaa00000000000000000000000001",
                     storing_str("acme"), list_told_raw, &t)), STORE_OK);
    ck_assert_uint_eq(t.said.len, 7 + 4);
    ck_assert_mem_eq(t.said.data, "{\"h\":1}<\0\xff>", 7 + 4);

    ck_assert_int_eq(storing_wait(&t, store_raw_get(
                     t.store, "aaa00000000000000000000000001",
                     storing_str("other"), list_told_raw, &t)),
                     STORE_NOT_FOUND);
    ck_assert_int_eq(storing_wait(&t, store_raw_get(
                     t.store, "aaa00000000000000000000000002",
                     storing_str("acme"), list_told_raw, &t)),
                     STORE_NOT_FOUND);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        results_are_listed_by_each_filter,
        results_are_listed_by_filters_together,
        results_are_listed_by_a_tag_of_few_jobs_or_of_many,
        results_are_listed_by_few_changes_or_by_many,
        words_that_are_no_search_are_a_conflict,
        a_list_ends_when_it_has_many_bytes,
        a_page_as_it_came_is_read_by_its_result,
        NULL
    };

    return storing_run("store_list", tests, &t);
}


/* Four batches, the last of another tenant, and 250 results of them. */

static void
list_fill(void)
{
    storing_sql(&t, "INSERT INTO job (seq, shard, id, tenant, kind, state,"
                " url, spec, ruleset, echo, error, created, started,"
                " finished, attempts, tries, lane, flow, host, prio, due)"
                " SELECT value, 2730, " LIST_ID("value") ", iif(value = 4,"
                " 'other', 'acme'), 'batch', 2, '', '{}', '', '', '', value,"
                " 1, 1, 0, 0, 0, 0, 0, 0, 0 FROM json_each('[1,2,3,4]')");
    storing_sql(&t, "INSERT INTO job_work (job, shard, page, ruleset, tags,"
                " max_pages, max_host_pages, closed, found, completed,"
                " failed, items) SELECT seq, shard, '', '', '', 0, 0, 1, 200,"
                " 100, 9999, 100 FROM job");
    storing_sql(&t, "INSERT INTO job_tag VALUES ('acme', 'team', 'a', 1),"
                " ('acme', 'team', 'a', 3), ('acme', 'team', 'b', 2),"
                " ('other', 'team', 'a', 4)");
    storing_sql(&t, "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL"
                " SELECT n + 1 FROM c WHERE n < 250)"
                " INSERT INTO result (shard, id, job, tenant, url, state,"
                " fetch, data, missing, warnings, echo, error, etag, at,"
                " host, ruleset, changed) SELECT 2730, " LIST_ID("n") ", "
                LIST_ID("n % 4 + 1") ", iif(n % 4 = 3, 'other', 'acme'),"
                " printf('http://h%d/%d', n % 5, n % 10),"
                " iif(n % 7 = 0, 3, 2), '{}', printf('{\"t\":\"word%d x\"}',"
                " n % 6), '', '', '', '', '', 1000 + (n * 37 % 250),"
                " printf('h%d', n % 5), iif(n % 3 = 0, 'shop', ''), n % 4 / 2"
                " FROM c");
    storing_sql(&t, "INSERT INTO result_text (rowid, url, data)"
                " SELECT seq, url, data FROM result");
}


static store_results_ask_t
list_ask(void)
{
    store_results_ask_t  ask;

    memset(&ask, 0, sizeof(ask));
    ask.tenant = storing_str("acme");
    ask.job = ask.url = ask.host = ask.ruleset = ask.q = "";
    ask.tag_name = ask.tag_value = "";
    ask.limit = 7;

    return ask;
}


/* Their seqs, valid until the next call. */

static const char *
list_results(const store_results_ask_t *ask)
{
    list_size = 0;
    (void) storing_wait(&t, store_results_list(t.store, ask, list_told, &t));

    return t.said.data;
}


/* Read in steps, in both directions, they are those of acme there are. */

static void
list_same(store_results_ask_t *ask, const char *where)
{
    int       newest;
    char      sql[512];
    sc_buf_t  all;

    for (newest = 0; newest <= 1; newest++) {
        sc_buf_init(&all, 0);
        ck_assert_int_eq(sc_buf_add_cstr(&all, ""), SC_OK);
        ask->newest = newest != 0;
        ask->after = 0;

        for ( ;; ) {
            (void) list_results(ask);
            ck_assert_int_eq(t.status, STORE_OK);
            ck_assert_uint_le(t.n, ask->limit);

            if (t.n == 0) {
                break;
            }

            (void) sc_buf_add_cstr(&all, t.said.data);
            ask->after = t.seq;
        }

        (void) snprintf(sql, sizeof(sql), "SELECT coalesce(group_concat("
                        "seq || ' ', ''), '') FROM (SELECT seq FROM result"
                        " WHERE tenant = 'acme' %s ORDER BY seq %s)", where,
                        newest ? "DESC" : "");
        (void) sc_buf_add_cstr(&all, "\n");
        storing_reads(&t, sql, all.data);
        sc_buf_free(&all);
    }
}


static void
list_told(void *data, store_status_t status, const store_result_t *results,
    size_t n)
{
    size_t      i;
    storing_t  *s = data;

    ck_assert(status == STORE_OK || (results == NULL && n == 0));
    s->n = n;

    for (i = 0; i < n; i++) {
        list_size += store_result_size(&results[i]);
        s->seq = results[i].seq;
        (void) sc_buf_printf(&s->said, "%lld ", (long long) s->seq);
    }

    storing_done(s, status);
}


static void
list_told_raw(void *data, store_status_t status, const store_raw_t *raw)
{
    storing_t  *s = data;

    ck_assert((status == STORE_OK) == (raw != NULL));

    if (raw != NULL) {
        (void) sc_buf_add_str(&s->said, raw->head);
        (void) sc_buf_add_str(&s->said, raw->body);
    }

    storing_done(s, status);
}
