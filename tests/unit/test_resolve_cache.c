
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "sidecar/resolve/resolve_cache.h"
#include "tests/support/nameserver.h"
#include "tests/support/suite.h"


#define CACHE_WAIT      (60 * LOOP_SEC)
#define CACHE_TRIES     2000        /* of 1 ms, until something has come */

/* more than are asked about at once */
#define CACHE_LINE      (RESOLVE_MAX_QUESTIONS + 100)


/* A resolver and its name server, on one loop. */
typedef struct {
    loop_t           *loop;
    resolve_t        *resolve;
    nameserver_t      ns;
    resolve_stats_t   stats;
} cache_test_t;


/* What a query was told. */
typedef struct {
    cache_test_t      *test;
    int                calls;
    resolve_status_t   status;
    size_t             naddrs;
} cache_asker_t;


static void cache_begin(cache_test_t *t);
static void cache_end(cache_test_t *t);
static resolve_query_t *cache_ask(cache_test_t *t, const char *name,
    int64_t timeout, cache_asker_t *a);
static void cache_done(void *data, const resolve_answer_t *answer);
static void cache_expect(cache_test_t *t, const char *name,
    resolve_status_t status, int asked);
static void cache_wait(cache_test_t *t, cache_asker_t *a);
static void cache_wait_asked(cache_test_t *t, int asked);
static void cache_wait_questions(cache_test_t *t, uint64_t questions);
static void cache_run(cache_test_t *t, int64_t time);
static void cache_stop(loop_timer_t *timer);
static resolve_record_t *cache_find(resolve_cache_t *cache, const char *name,
    int64_t now);
static void cache_put(resolve_cache_t *cache, const char *name,
    resolve_record_t *record, int64_t now, int64_t ttl);


/* what the clock is ahead of the real one */
static int64_t  cache_skipped;


START_TEST(a_name_is_known_until_its_time_is_over)
{
    resolve_cache_t   *cache;
    resolve_record_t  *record;

    cache = resolve_cache_create(10);
    ck_assert_ptr_nonnull(cache);
    record = resolve_record_failure(ARES_ENODATA);

    ck_assert_ptr_null(cache_find(cache, "a.test", 1000));
    cache_put(cache, "a.test", record, 1000, 50);
    ck_assert_ptr_eq(cache_find(cache, "a.test", 1049), record);
    ck_assert_uint_eq(resolve_cache_count(cache), 1);

    ck_assert_ptr_null(cache_find(cache, "a.test", 1050));
    ck_assert_uint_eq(resolve_cache_count(cache), 0);

    cache_put(cache, "a.test", record, 1000, INT64_MAX);
    ck_assert_ptr_eq(cache_find(cache, "a.test", INT64_MAX - 1), record);

    resolve_record_free(record);
    resolve_cache_destroy(cache);
}
END_TEST


START_TEST(a_newer_answer_takes_the_place_of_the_older)
{
    resolve_cache_t   *cache;
    resolve_record_t  *none, *empty;

    cache = resolve_cache_create(10);
    ck_assert_ptr_nonnull(cache);
    none = resolve_record_failure(ARES_ENOTFOUND);
    empty = resolve_record_failure(ARES_ENODATA);

    cache_put(cache, "a.test", none, 0, 100);
    cache_put(cache, "a.test", empty, 50, 100);
    ck_assert_uint_eq(resolve_cache_count(cache), 1);
    ck_assert_ptr_eq(cache_find(cache, "a.test", 120), empty);

    /* one that must not be kept, too */
    cache_put(cache, "a.test", none, 130, 0);
    ck_assert_ptr_null(cache_find(cache, "a.test", 130));
    cache_put(cache, "a.test", none, 130, -1);
    ck_assert_uint_eq(resolve_cache_count(cache), 0);

    resolve_record_free(none);
    resolve_record_free(empty);
    resolve_cache_destroy(cache);
}
END_TEST


START_TEST(the_name_unused_for_the_longest_time_makes_room)
{
    resolve_cache_t   *cache;
    resolve_record_t  *record;

    cache = resolve_cache_create(3);
    ck_assert_ptr_nonnull(cache);
    record = resolve_record_failure(ARES_ENODATA);

    cache_put(cache, "a", record, 0, 100);
    cache_put(cache, "ab", record, 0, 100);
    cache_put(cache, "abc", record, 0, 100);
    ck_assert_ptr_nonnull(cache_find(cache, "a", 1));

    cache_put(cache, "abcd", record, 1, 100);
    ck_assert_uint_eq(resolve_cache_count(cache), 3);
    ck_assert_ptr_null(cache_find(cache, "ab", 1));
    ck_assert_ptr_nonnull(cache_find(cache, "a", 1));
    ck_assert_ptr_nonnull(cache_find(cache, "abc", 1));
    ck_assert_ptr_nonnull(cache_find(cache, "abcd", 1));

    /* no room is needed for one that is there */
    cache_put(cache, "a", record, 1, 200);
    ck_assert_uint_eq(resolve_cache_count(cache), 3);
    ck_assert_ptr_nonnull(cache_find(cache, "abc", 1));

    resolve_record_free(record);
    resolve_cache_destroy(cache);
}
END_TEST


START_TEST(the_least_ttl_of_all_records_counts)
{
    size_t                      i;
    struct ares_addrinfo        info;
    struct ares_addrinfo_node   node[2];
    struct ares_addrinfo_cname  cname;

    static const struct {
        int  node[2];
        int  cname;
        int  least;
    } cases[] = {
        { { 300, 60 }, 900, 60 },
        { { 60, 300 }, 900, 60 },
        { { 300, 60 }, 5, 5 },
        { { 300, 0 }, 5, 0 },
        { { 300, 60 }, INT_MIN, 0 },
        { { -1, 60 }, 60, 0 },
        { { INT_MAX, INT_MAX }, INT_MAX, INT_MAX }
    };

    memset(&info, 0, sizeof(info));
    ck_assert_int_eq(resolve_record_ttl(&info), 0);

    memset(node, 0, sizeof(node));
    memset(&cname, 0, sizeof(cname));
    info.nodes = &node[0];
    info.cnames = &cname;
    node[0].ai_next = &node[1];

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        node[0].ai_ttl = cases[i].node[0];
        node[1].ai_ttl = cases[i].node[1];
        cname.ttl = cases[i].cname;
        ck_assert_int_eq(resolve_record_ttl(&info), cases[i].least);
    }
}
END_TEST


START_TEST(a_name_is_asked_about_once_in_its_ttl)
{
    cache_test_t  t;

    cache_begin(&t);
    t.ns.ttl = 60;

    cache_expect(&t, "both.test", RESOLVE_OK, 2);
    cache_expect(&t, "both.test", RESOLVE_OK, 2);
    cache_expect(&t, "BOTH.Test", RESOLVE_OK, 2);

    cache_skipped += 58 * LOOP_SEC;
    cache_expect(&t, "both.test", RESOLVE_OK, 2);

    cache_skipped += 2 * LOOP_SEC;
    cache_expect(&t, "both.test", RESOLVE_OK, 4);

    /* another name is another question */
    cache_expect(&t, "both.tes", RESOLVE_OK, 6);

    resolve_stats(t.resolve, &t.stats);
    ck_assert_uint_eq(t.stats.hits, 3);
    ck_assert_uint_eq(t.stats.negative, 0);
    ck_assert_uint_eq(t.stats.misses, 3);
    ck_assert_uint_eq(t.stats.questions, 3);
    ck_assert_uint_eq(t.stats.names, 2);

    cache_end(&t);
}
END_TEST


START_TEST(no_ttl_outlives_the_bound)
{
    size_t                 i;
    char                   name[32];
    cache_test_t           t;
    static const uint32_t  ttls[] = { 86400, INT32_MAX };

    cache_begin(&t);

    for (i = 0; i < 2; i++) {
        t.ns.ttl = ttls[i];
        t.ns.asked = 0;
        (void) snprintf(name, sizeof(name), "v4only.n%zu.test", i);
        cache_expect(&t, name, RESOLVE_OK, 2);

        cache_skipped += (RESOLVE_MAX_TTL - 2) * LOOP_SEC;
        cache_expect(&t, name, RESOLVE_OK, 2);

        cache_skipped += 2 * LOOP_SEC;
        cache_expect(&t, name, RESOLVE_OK, 4);
    }

    cache_end(&t);
}
END_TEST


START_TEST(ttl_zero_is_not_kept)
{
    size_t                 i;
    cache_test_t           t;
    static const uint32_t  ttls[] = { 0, 0x80000000, 0xffffffff };

    cache_begin(&t);

    for (i = 0; i < 3; i++) {
        t.ns.ttl = ttls[i];
        t.ns.asked = 0;
        cache_expect(&t, "v4only.test", RESOLVE_OK, 2);
        cache_expect(&t, "v4only.test", RESOLVE_OK, 4);
    }

    resolve_stats(t.resolve, &t.stats);
    ck_assert_uint_eq(t.stats.names, 0);

    cache_end(&t);
}
END_TEST


START_TEST(a_missing_name_is_remembered_as_missing)
{
    cache_test_t  t;

    cache_begin(&t);

    cache_expect(&t, "nowhere.test", RESOLVE_NOT_FOUND, 2);
    cache_expect(&t, "empty.test", RESOLVE_NOT_FOUND, 4);
    cache_expect(&t, "nowhere.test", RESOLVE_NOT_FOUND, 4);
    cache_expect(&t, "empty.test", RESOLVE_NOT_FOUND, 4);

    resolve_stats(t.resolve, &t.stats);
    ck_assert_uint_eq(t.stats.hits, 2);
    ck_assert_uint_eq(t.stats.negative, 2);

    cache_skipped += RESOLVE_NEGATIVE_TTL * LOOP_SEC;
    cache_expect(&t, "nowhere.test", RESOLVE_NOT_FOUND, 6);

    cache_end(&t);
}
END_TEST


START_TEST(a_failure_is_soon_forgotten_and_a_timeout_at_once)
{
    int            asked;
    cache_asker_t  a;
    cache_test_t   t;

    cache_begin(&t);

    (void) cache_ask(&t, "servfail.test", CACHE_WAIT, &a);
    cache_wait(&t, &a);
    ck_assert_int_eq(a.status, RESOLVE_FAILED);
    asked = t.ns.asked;
    cache_expect(&t, "servfail.test", RESOLVE_FAILED, asked);

    cache_skipped += RESOLVE_FAILED_TTL * LOOP_SEC;
    (void) cache_ask(&t, "servfail.test", CACHE_WAIT, &a);
    cache_wait(&t, &a);
    ck_assert_int_gt(t.ns.asked, asked);

    /* told by c-ares, after two tries */
    t.ns.asked = 0;
    (void) cache_ask(&t, "silent.test", CACHE_WAIT, &a);
    cache_wait_asked(&t, 2);
    cache_skipped += 3 * LOOP_SEC;
    cache_wait_asked(&t, 4);
    cache_skipped += 5 * LOOP_SEC;
    cache_wait(&t, &a);
    ck_assert_int_eq(a.status, RESOLVE_TIMEOUT);
    (void) cache_ask(&t, "silent.test", CACHE_WAIT, &a);
    cache_wait_asked(&t, 6);
    cache_skipped += CACHE_WAIT;
    cache_wait(&t, &a);

    cache_end(&t);
}
END_TEST


START_TEST(what_etc_hosts_says_is_read_again_after_a_minute)
{
    cache_test_t  t;

    cache_begin(&t);

    cache_expect(&t, "localhost", RESOLVE_OK, 0);
    cache_expect(&t, "LOCALHOST", RESOLVE_OK, 0);
    resolve_stats(t.resolve, &t.stats);
    ck_assert_uint_eq(t.stats.hits, 1);
    ck_assert_uint_eq(t.stats.questions, 1);

    cache_skipped += RESOLVE_HOSTS_TTL * LOOP_SEC;
    cache_expect(&t, "localhost", RESOLVE_OK, 0);
    resolve_stats(t.resolve, &t.stats);
    ck_assert_uint_eq(t.stats.hits, 1);
    ck_assert_uint_eq(t.stats.questions, 2);

    cache_end(&t);
}
END_TEST


START_TEST(what_is_known_is_not_told_from_inside_of_the_call_either)
{
    cache_asker_t     a;
    cache_test_t      t;
    resolve_query_t  *q;

    cache_begin(&t);
    t.ns.ttl = 60;
    cache_expect(&t, "both.test", RESOLVE_OK, 2);

    (void) cache_ask(&t, "both.test", CACHE_WAIT, &a);
    ck_assert_int_eq(a.calls, 0);
    cache_wait(&t, &a);
    ck_assert_uint_eq(a.naddrs, 5);

    q = cache_ask(&t, "both.test", CACHE_WAIT, &a);
    resolve_cancel(q);
    cache_run(&t, 20 * LOOP_MS);
    ck_assert_int_eq(a.calls, 0);

    cache_end(&t);
}
END_TEST


START_TEST(a_name_too_long_or_empty_is_none_and_takes_no_room)
{
    char          name[RESOLVE_MAX_NAME + 2];
    cache_test_t  t;

    cache_begin(&t);
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';

    cache_expect(&t, name, RESOLVE_NOT_FOUND, 0);
    resolve_stats(t.resolve, &t.stats);
    ck_assert_uint_eq(t.stats.names, 0);
    ck_assert_uint_eq(t.stats.questions, 0);

    name[RESOLVE_MAX_NAME] = '\0';
    cache_expect(&t, name, RESOLVE_NOT_FOUND, 0);
    cache_expect(&t, "", RESOLVE_NOT_FOUND, 0);

    cache_end(&t);
}
END_TEST


START_TEST(one_question_serves_all_who_wait_each_with_its_own_time)
{
    cache_asker_t     a[4];
    cache_test_t      t;
    resolve_query_t  *q;

    cache_begin(&t);

    (void) cache_ask(&t, "held.test", CACHE_WAIT, &a[0]);
    (void) cache_ask(&t, "held.test", 20 * LOOP_MS, &a[1]);
    q = cache_ask(&t, "held.test", CACHE_WAIT, &a[2]);
    cache_wait(&t, &a[1]);
    cache_wait_asked(&t, 2);
    resolve_cancel(q);
    (void) cache_ask(&t, "Held.test", CACHE_WAIT, &a[3]);

    nameserver_release(&t.ns);
    cache_wait(&t, &a[0]);
    cache_wait(&t, &a[3]);

    ck_assert_int_eq(a[0].status, RESOLVE_OK);
    ck_assert_int_eq(a[1].status, RESOLVE_TIMEOUT);
    ck_assert_int_eq(a[2].calls, 0);
    ck_assert_int_eq(a[3].status, RESOLVE_OK);
    ck_assert_int_eq(t.ns.asked, 2);

    resolve_stats(t.resolve, &t.stats);
    ck_assert_uint_eq(t.stats.misses, 4);
    ck_assert_uint_eq(t.stats.questions, 1);

    cache_end(&t);
}
END_TEST


START_TEST(an_answer_that_comes_too_late_is_kept_for_the_next)
{
    cache_asker_t  a;
    cache_test_t   t;

    cache_begin(&t);
    t.ns.ttl = 60;

    resolve_cancel(cache_ask(&t, "both.test", CACHE_WAIT, &a));
    (void) cache_ask(&t, "held.test", 20 * LOOP_MS, &a);
    cache_wait(&t, &a);
    ck_assert_int_eq(a.status, RESOLVE_TIMEOUT);
    cache_wait_asked(&t, 2);
    nameserver_release(&t.ns);
    cache_run(&t, 50 * LOOP_MS);

    cache_expect(&t, "held.test", RESOLVE_OK, 2);
    resolve_stats(t.resolve, &t.stats);
    ck_assert_uint_eq(t.stats.hits, 1);

    cache_end(&t);
}
END_TEST


START_TEST(who_joins_a_question_late_has_its_own_tries)
{
    cache_asker_t  a[2];
    cache_test_t   t;

    cache_begin(&t);

    (void) cache_ask(&t, "silent.test", CACHE_WAIT, &a[0]);
    cache_wait_asked(&t, 2);
    cache_skipped += 3 * LOOP_SEC;
    cache_wait_asked(&t, 4);
    (void) cache_ask(&t, "silent.test", CACHE_WAIT, &a[1]);

    cache_skipped += 5 * LOOP_SEC;
    cache_wait(&t, &a[0]);
    ck_assert_int_eq(a[0].status, RESOLVE_TIMEOUT);
    cache_wait_asked(&t, 6);
    ck_assert_int_eq(a[1].calls, 0);

    cache_skipped += 3 * LOOP_SEC;
    cache_wait_asked(&t, 8);
    ck_assert_int_eq(a[1].calls, 0);
    cache_skipped += 5 * LOOP_SEC;
    cache_wait(&t, &a[1]);
    ck_assert_int_eq(a[1].status, RESOLVE_TIMEOUT);

    cache_end(&t);
}
END_TEST


START_TEST(those_who_ask_while_too_much_is_asked_wait_in_line)
{
    size_t                  i;
    char                    name[32];
    cache_test_t            t;
    resolve_query_t        *q[CACHE_LINE];
    static cache_asker_t    a[CACHE_LINE];

    cache_begin(&t);

    for (i = 0; i < CACHE_LINE; i++) {
        (void) snprintf(name, sizeof(name), "silent.n%zu.test", i);
        q[i] = cache_ask(&t, name, CACHE_WAIT, &a[i]);
    }

    cache_wait_questions(&t, RESOLVE_MAX_QUESTIONS);
    cache_run(&t, 50 * LOOP_MS);
    cache_wait_questions(&t, RESOLVE_MAX_QUESTIONS);

    /* c-ares goes on with what nobody waits for any more */
    for (i = 0; i < RESOLVE_MAX_QUESTIONS; i++) {
        resolve_cancel(q[i]);
    }

    /* in line: gone without a trace */
    resolve_cancel(q[i++]);
    cache_run(&t, 50 * LOOP_MS);
    cache_wait_questions(&t, RESOLVE_MAX_QUESTIONS);

    /* and gives it up */
    cache_skipped += 3 * LOOP_SEC;
    cache_run(&t, 100 * LOOP_MS);
    cache_skipped += 5 * LOOP_SEC;
    cache_wait_questions(&t, CACHE_LINE - 1);

    for ( /* void */ ; i < CACHE_LINE; i++) {
        ck_assert_int_eq(a[i].calls, 0);
        resolve_cancel(q[i]);
    }

    cache_end(&t);
}
END_TEST


START_TEST(time_in_line_is_time_too)
{
    size_t                i;
    char                  name[32];
    cache_test_t          t;
    cache_asker_t         last;
    resolve_query_t      *q[RESOLVE_MAX_QUESTIONS];
    static cache_asker_t  a[RESOLVE_MAX_QUESTIONS];

    cache_begin(&t);

    for (i = 0; i < RESOLVE_MAX_QUESTIONS; i++) {
        (void) snprintf(name, sizeof(name), "silent.n%zu.test", i);
        q[i] = cache_ask(&t, name, CACHE_WAIT, &a[i]);
    }

    cache_wait_questions(&t, RESOLVE_MAX_QUESTIONS);
    (void) cache_ask(&t, "both.test", 50 * LOOP_MS, &last);
    cache_wait(&t, &last);
    ck_assert_int_eq(last.status, RESOLVE_TIMEOUT);
    cache_wait_questions(&t, RESOLVE_MAX_QUESTIONS);

    for (i = 0; i < RESOLVE_MAX_QUESTIONS; i++) {
        resolve_cancel(q[i]);
    }

    cache_end(&t);
}
END_TEST


/* In place of libc's. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int      rc;
    int64_t  now;

    rc = (int) syscall(SYS_clock_gettime, clock, ts);

    if (rc == 0 && clock == CLOCK_MONOTONIC) {
        now = ts->tv_sec * LOOP_SEC + ts->tv_nsec + cache_skipped;
        ts->tv_sec = now / LOOP_SEC;
        ts->tv_nsec = now % LOOP_SEC;
    }

    return rc;
}


static void
cache_begin(cache_test_t *t)
{
    char  err[128];

    memset(t, 0, sizeof(cache_test_t));
    t->loop = loop_create();
    ck_assert_ptr_nonnull(t->loop);
    nameserver_start(&t->ns, t->loop);
    t->resolve = resolve_create(t->loop, t->ns.address, err, sizeof(err));
    ck_assert_msg(t->resolve != NULL, "%s", err);
}


static void
cache_end(cache_test_t *t)
{
    resolve_destroy(t->resolve);
    nameserver_stop(&t->ns);
    loop_destroy(t->loop);

    /* Check measures by this clock, too, and takes no month for a test */
    cache_skipped = 0;
}


static resolve_query_t *
cache_ask(cache_test_t *t, const char *name, int64_t timeout,
    cache_asker_t *a)
{
    resolve_query_t  *q;

    memset(a, 0, sizeof(cache_asker_t));
    a->test = t;
    q = resolve_name(t->resolve, name, timeout, cache_done, a);
    ck_assert_ptr_nonnull(q);

    return q;
}


static void
cache_done(void *data, const resolve_answer_t *answer)
{
    cache_asker_t  *a = data;

    a->calls++;
    a->status = answer->status;
    a->naddrs = answer->naddrs;
    loop_stop(a->test->loop);
}


/* Look a name up; the server was asked so often by then. */
static void
cache_expect(cache_test_t *t, const char *name, resolve_status_t status,
    int asked)
{
    cache_asker_t  a;

    (void) cache_ask(t, name, CACHE_WAIT, &a);
    cache_wait(t, &a);
    ck_assert_msg(a.status == status, "%s: %d", name, (int) a.status);
    ck_assert_int_eq(t->ns.asked, asked);
}


static void
cache_wait(cache_test_t *t, cache_asker_t *a)
{
    int  i;

    for (i = 0; i < CACHE_TRIES && a->calls == 0; i++) {
        cache_run(t, LOOP_MS);
    }

    ck_assert_int_eq(a->calls, 1);
}


static void
cache_wait_asked(cache_test_t *t, int asked)
{
    int  i;

    for (i = 0; i < CACHE_TRIES && t->ns.asked < asked; i++) {
        cache_run(t, LOOP_MS);
    }

    ck_assert_int_eq(t->ns.asked, asked);
}


static void
cache_wait_questions(cache_test_t *t, uint64_t questions)
{
    int  i;

    resolve_stats(t->resolve, &t->stats);

    for (i = 0; i < CACHE_TRIES && t->stats.questions < questions; i++) {
        cache_run(t, LOOP_MS);
        resolve_stats(t->resolve, &t->stats);
    }

    ck_assert_uint_eq(t->stats.questions, questions);
}


static void
cache_run(cache_test_t *t, int64_t time)
{
    loop_timer_t  timer;

    loop_timer_init(&timer, cache_stop, t->loop);
    ck_assert_int_eq(loop_timer_set(t->loop, &timer, time), SC_OK);
    ck_assert_int_eq(loop_run(t->loop), SC_OK);
    loop_timer_del(t->loop, &timer);
}


static void
cache_stop(loop_timer_t *timer)
{
    loop_stop(timer->data);
}


static resolve_record_t *
cache_find(resolve_cache_t *cache, const char *name, int64_t now)
{
    return resolve_cache_find(cache, name, strlen(name), now);
}


static void
cache_put(resolve_cache_t *cache, const char *name, resolve_record_t *record,
    int64_t now, int64_t ttl)
{
    resolve_cache_put(cache, name, strlen(name), record, now, ttl);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_name_is_known_until_its_time_is_over,
        a_newer_answer_takes_the_place_of_the_older,
        the_name_unused_for_the_longest_time_makes_room,
        the_least_ttl_of_all_records_counts,
        a_name_is_asked_about_once_in_its_ttl,
        no_ttl_outlives_the_bound,
        ttl_zero_is_not_kept,
        a_missing_name_is_remembered_as_missing,
        a_failure_is_soon_forgotten_and_a_timeout_at_once,
        what_etc_hosts_says_is_read_again_after_a_minute,
        what_is_known_is_not_told_from_inside_of_the_call_either,
        a_name_too_long_or_empty_is_none_and_takes_no_room,
        one_question_serves_all_who_wait_each_with_its_own_time,
        an_answer_that_comes_too_late_is_kept_for_the_next,
        who_joins_a_question_late_has_its_own_tries,
        those_who_ask_while_too_much_is_asked_wait_in_line,
        time_in_line_is_time_too,
        NULL
    };

    return suite_run("resolve_cache", tests, 30);
}
