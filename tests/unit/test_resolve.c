
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/resolve/resolve.h"
#include "tests/support/nameserver.h"
#include "tests/support/suite.h"


#define RESOLVE_WAIT  (10 * LOOP_SEC)
#define RESOLVE_MANY  200


typedef struct {
    int                calls;
    resolve_answer_t   answer;
    char               detail[128];
    int64_t            when;
} resolve_test_t;


static void resolve_test_setup(void);
static void resolve_test_teardown(void);
static void resolve_test_open(const char *server);
static void resolve_test_ask(const char *name, int64_t timeout);
static void resolve_test_status(const char *name, resolve_status_t status);
static void resolve_test_done(void *data, const resolve_answer_t *answer);
static void resolve_test_count(void *data, const resolve_answer_t *answer);
static void resolve_test_destroy(void *data, const resolve_answer_t *answer);
static void resolve_test_asked(int n);
static void resolve_test_run(int64_t time);
static void resolve_test_stop(loop_timer_t *timer);
static const char *resolve_test_addr(size_t i);


static loop_t         *loop;
static resolve_t      *resolver;
static nameserver_t    ns;
static resolve_test_t  t;


START_TEST(both_families_are_asked_and_interleaved_with_ipv6_first)
{
    resolve_test_status("both.test", RESOLVE_OK);

    ck_assert_uint_eq(t.answer.naddrs, 5);
    ck_assert_str_eq(resolve_test_addr(0), "2001:db8::");
    ck_assert_str_eq(resolve_test_addr(1), "192.0.2.0");
    ck_assert_str_eq(resolve_test_addr(2), "2001:db8::1");
    ck_assert_str_eq(resolve_test_addr(3), "192.0.2.1");
    ck_assert_str_eq(resolve_test_addr(4), "192.0.2.2");
    ck_assert_str_eq(t.detail, "");
    ck_assert_int_eq(ns.asked, 2);
}
END_TEST


START_TEST(one_family_is_enough)
{
    resolve_test_status("v4only.test", RESOLVE_OK);
    ck_assert_uint_eq(t.answer.naddrs, 1);
    ck_assert_str_eq(resolve_test_addr(0), "192.0.2.0");

    resolve_test_status("v6only.test", RESOLVE_OK);
    ck_assert_uint_eq(t.answer.naddrs, 1);
    ck_assert_str_eq(resolve_test_addr(0), "2001:db8::");
}
END_TEST


START_TEST(more_addresses_than_the_limit_are_dropped)
{
    resolve_test_status("many.test", RESOLVE_OK);
    ck_assert_uint_eq(t.answer.naddrs, RESOLVE_MAX_ADDRS);
    ck_assert_str_eq(resolve_test_addr(15), "192.0.2.15");

    resolve_test_status("manyboth.test", RESOLVE_OK);
    ck_assert_uint_eq(t.answer.naddrs, RESOLVE_MAX_ADDRS);
    ck_assert_str_eq(resolve_test_addr(14), "2001:db8::7");
    ck_assert_str_eq(resolve_test_addr(15), "192.0.2.7");
}
END_TEST


START_TEST(a_name_that_does_not_exist_is_not_found)
{
    resolve_test_status("nowhere.test", RESOLVE_NOT_FOUND);
    ck_assert_str_eq(t.detail, "the name does not exist");
    ck_assert_uint_eq(t.answer.naddrs, 0);
}
END_TEST


START_TEST(a_name_without_addresses_is_not_found)
{
    resolve_test_status("empty.test", RESOLVE_NOT_FOUND);
    ck_assert_str_eq(t.detail, "the name has no address");
}
END_TEST


START_TEST(a_name_that_cannot_be_sent_is_not_found)
{
    char  name[300];

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    resolve_test_status(name, RESOLVE_NOT_FOUND);
    resolve_test_status("a..test", RESOLVE_NOT_FOUND);
    ck_assert_int_eq(ns.asked, 0);
}
END_TEST


START_TEST(a_server_that_fails_is_told_from_a_missing_name)
{
    resolve_test_status("servfail.test", RESOLVE_FAILED);
    ck_assert_str_eq(t.detail, "the name server failed");
    resolve_test_status("refused.test", RESOLVE_FAILED);
}
END_TEST


START_TEST(a_truncated_answer_is_asked_for_over_tcp)
{
    resolve_test_status("truncated.test", RESOLVE_OK);
    ck_assert_uint_eq(t.answer.naddrs, RESOLVE_MAX_ADDRS);
    ck_assert_str_eq(resolve_test_addr(0), "2001:db8::");
    ck_assert_str_eq(resolve_test_addr(15), "192.0.2.7");
    ck_assert_int_eq(ns.asked, 4);

    resolve_test_ask("deaf.test", 60 * LOOP_MS);
    ck_assert_int_eq(t.answer.status, RESOLVE_TIMEOUT);
}
END_TEST


START_TEST(a_server_that_is_not_there_fails)
{
    resolve_destroy(resolver);
    nameserver_stop(&ns);

    /* whether each of the two queries is told so is left to chance */
    resolve_test_open(ns.address);
    resolve_test_ask("both.test", 200 * LOOP_MS);
    ck_assert(t.answer.status == RESOLVE_FAILED
              || t.answer.status == RESOLVE_TIMEOUT);
    ck_assert_uint_eq(t.answer.naddrs, 0);
}
END_TEST


START_TEST(a_server_that_never_answers_is_a_timeout_when_it_is_due)
{
    int64_t  begun;

    begun = loop_now(loop);
    resolve_test_ask("silent.test", 60 * LOOP_MS);

    ck_assert_int_eq(t.calls, 1);
    ck_assert_int_eq(t.answer.status, RESOLVE_TIMEOUT);
    ck_assert_str_eq(t.detail, "the name server did not answer in time");
    ck_assert_int_ge(t.when - begun, 60 * LOOP_MS);
    ck_assert_int_lt(t.when - begun, 60 * LOOP_MS + 1500 * LOOP_MS);

    /* the next is not held up */
    resolve_test_status("both.test", RESOLVE_OK);
}
END_TEST


START_TEST(garbage_and_spoofed_answers_are_not_taken)
{
    resolve_test_ask("garbage.test", 60 * LOOP_MS);
    ck_assert(t.answer.status == RESOLVE_TIMEOUT
              || t.answer.status == RESOLVE_FAILED);
    ck_assert_uint_eq(t.answer.naddrs, 0);

    resolve_test_ask("spoofed.test", 60 * LOOP_MS);
    ck_assert_int_eq(t.answer.status, RESOLVE_TIMEOUT);
    ck_assert_uint_eq(t.answer.naddrs, 0);
}
END_TEST


START_TEST(an_answer_after_the_timeout_is_too_late)
{
    resolve_test_ask("held.test", 60 * LOOP_MS);
    ck_assert_int_eq(t.answer.status, RESOLVE_TIMEOUT);
    ck_assert_int_eq(ns.nheld, 2);
    t.calls = 0;

    nameserver_release(&ns);
    resolve_test_run(60 * LOOP_MS);
    ck_assert_int_eq(t.calls, 0);
}
END_TEST


START_TEST(localhost_is_known_without_a_server)
{
    size_t                    i, n;
    static const char *const  names[] = { "localhost", "LocalHost" };

    for (n = 0; n < 2; n++) {
        resolve_test_status(names[n], RESOLVE_OK);
        ck_assert_uint_ge(t.answer.naddrs, 1);

        for (i = 0; i < t.answer.naddrs; i++) {
            ck_assert(strcmp(resolve_test_addr(i), "127.0.0.1") == 0
                      || strcmp(resolve_test_addr(i), "::1") == 0);
        }
    }

    ck_assert_int_eq(ns.asked, 0);
}
END_TEST


START_TEST(the_answer_never_comes_from_inside_of_the_call)
{
    ck_assert_ptr_nonnull(resolve_name(resolver, "localhost", RESOLVE_WAIT,
                                       resolve_test_done, &t));
    ck_assert_int_eq(t.calls, 0);
    resolve_test_run(RESOLVE_WAIT);
    ck_assert_int_eq(t.calls, 1);
}
END_TEST


START_TEST(search_domains_and_aliases_are_not_tried)
{
    resolve_destroy(resolver);
    ck_assert_int_eq(setenv("LOCALDOMAIN", "example.test", 1), 0);
    resolve_test_open(ns.address);

    resolve_test_status("nowhere", RESOLVE_NOT_FOUND);
    ck_assert_str_eq(ns.last, "nowhere");
    ck_assert_int_eq(ns.asked, 2);
}
END_TEST


START_TEST(a_cancelled_query_calls_nobody)
{
    resolve_query_t  *q;

    /* not asked yet: it never is */
    q = resolve_name(resolver, "both.test", RESOLVE_WAIT, resolve_test_done,
                     &t);
    ck_assert_ptr_nonnull(q);
    resolve_cancel(q);
    resolve_test_run(20 * LOOP_MS);
    ck_assert_int_eq(ns.asked, 0);

    /* known, not delivered */
    resolve_test_status("localhost", RESOLVE_OK);
    t.calls = 0;
    q = resolve_name(resolver, "localhost", RESOLVE_WAIT, resolve_test_done,
                     &t);
    ck_assert_ptr_nonnull(q);
    resolve_cancel(q);

    /* asked, the answer on its way */
    q = resolve_name(resolver, "held.test", RESOLVE_WAIT, resolve_test_done,
                     &t);
    ck_assert_ptr_nonnull(q);
    resolve_test_asked(2);
    ck_assert_int_eq(ns.nheld, 2);
    resolve_cancel(q);
    nameserver_release(&ns);

    /* never answered, and due while we wait */
    q = resolve_name(resolver, "silent.test", 60 * LOOP_MS, resolve_test_done,
                     &t);
    ck_assert_ptr_nonnull(q);
    resolve_test_asked(4);
    resolve_cancel(q);

    resolve_test_run(100 * LOOP_MS);
    ck_assert_int_eq(t.calls, 0);
}
END_TEST


START_TEST(a_resolver_goes_with_what_was_cancelled_still_unanswered)
{
    resolve_query_t  *q;

    resolve_test_ask("silent.test", 20 * LOOP_MS);
    ck_assert_int_eq(t.answer.status, RESOLVE_TIMEOUT);

    q = resolve_name(resolver, "silent.test", RESOLVE_WAIT,
                     resolve_test_done, &t);
    ck_assert_ptr_nonnull(q);
    resolve_cancel(q);

    resolve_destroy(resolver);
    resolver = NULL;
    ck_assert_int_eq(t.calls, 1);
}
END_TEST


START_TEST(a_resolver_may_go_in_the_callback_of_its_last_query)
{
    ck_assert_ptr_nonnull(resolve_name(resolver, "both.test", RESOLVE_WAIT,
                                       resolve_test_destroy, &t));
    resolve_test_run(RESOLVE_WAIT);
    ck_assert_ptr_null(resolver);
    ck_assert_int_eq(t.calls, 1);

    resolve_test_open(ns.address);
    ck_assert_ptr_nonnull(resolve_name(resolver, "silent.test", 20 * LOOP_MS,
                                       resolve_test_destroy, &t));
    resolve_test_run(RESOLVE_WAIT);
    ck_assert_ptr_null(resolver);
    ck_assert_int_eq(t.calls, 2);
}
END_TEST


START_TEST(many_queries_run_at_once_and_each_ends_once)
{
    int                 i, cancelled;
    int                 calls[RESOLVE_MANY];
    char                name[64];
    resolve_query_t    *q[RESOLVE_MANY];
    static const char  *labels[] = { "both", "nowhere", "servfail", "silent" };

    memset(calls, 0, sizeof(calls));
    cancelled = 0;

    for (i = 0; i < RESOLVE_MANY; i++) {
        (void) snprintf(name, sizeof(name), "%s.n%d.test", labels[i % 4], i);
        q[i] = resolve_name(resolver, name, 500 * LOOP_MS,
                            resolve_test_count, &calls[i]);
        ck_assert_ptr_nonnull(q[i]);
    }

    for (i = 0; i < RESOLVE_MANY; i += 7) {
        resolve_cancel(q[i]);
        cancelled++;
    }

    t.calls = cancelled;
    resolve_test_run(RESOLVE_WAIT);
    ck_assert_int_eq(t.calls, RESOLVE_MANY);

    for (i = 0; i < RESOLVE_MANY; i++) {
        ck_assert_int_eq(calls[i], i % 7 == 0 ? 0 : 1);
    }
}
END_TEST


START_TEST(a_server_that_is_not_an_address_is_refused)
{
    char                      err[128];
    size_t                    i;
    static const char *const  bad[] = { "nonsense", "localhost:53",
                                        "127.0.0.1:x" };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err[0] = '\0';
        ck_assert_msg(resolve_create(loop, bad[i], err, sizeof(err)) == NULL,
                      "\"%s\" was accepted", bad[i]);
        ck_assert_ptr_nonnull(strstr(err, bad[i]));
    }
}
END_TEST


START_TEST(the_servers_of_the_system_are_the_default)
{
    resolve_destroy(resolver);
    resolve_test_open("");
    resolve_test_status("localhost", RESOLVE_OK);
}
END_TEST


static void
resolve_test_setup(void)
{
    memset(&t, 0, sizeof(t));
    loop = loop_create();
    ck_assert_ptr_nonnull(loop);
    nameserver_start(&ns, loop);
    resolve_test_open(ns.address);
}


static void
resolve_test_teardown(void)
{
    if (resolver != NULL) {
        resolve_destroy(resolver);
    }

    nameserver_stop(&ns);
    loop_destroy(loop);
}


static void
resolve_test_open(const char *server)
{
    char  err[128];

    err[0] = '\0';
    resolver = resolve_create(loop, server, err, sizeof(err));
    ck_assert_msg(resolver != NULL, "%s", err);
}


static void
resolve_test_ask(const char *name, int64_t timeout)
{
    t.calls = 0;
    ck_assert_ptr_nonnull(resolve_name(resolver, name, timeout,
                                       resolve_test_done, &t));
    resolve_test_run(RESOLVE_WAIT);
    ck_assert_int_eq(t.calls, 1);
}


static void
resolve_test_status(const char *name, resolve_status_t status)
{
    resolve_test_ask(name, RESOLVE_WAIT);
    ck_assert_msg(t.answer.status == status, "%s: %d, %s", name,
                  (int) t.answer.status, t.detail);
}


static void
resolve_test_done(void *data, const resolve_answer_t *answer)
{
    resolve_test_t  *test = data;

    test->calls++;
    test->answer = *answer;
    test->when = loop_now(loop);
    (void) snprintf(test->detail, sizeof(test->detail), "%s", answer->detail);
    loop_stop(loop);
}


static void
resolve_test_count(void *data, const resolve_answer_t *answer)
{
    int  *calls = data;

    (void) answer;

    (*calls)++;

    if (++t.calls == RESOLVE_MANY) {
        loop_stop(loop);
    }
}


static void
resolve_test_destroy(void *data, const resolve_answer_t *answer)
{
    resolve_destroy(resolver);
    resolver = NULL;
    ck_assert_ptr_nonnull(answer->detail);
    ((resolve_test_t *) data)->calls++;
    loop_stop(loop);
}


/* Run until the server was asked so often. */
static void
resolve_test_asked(int n)
{
    int  i;

    for (i = 0; i < 1000 && ns.asked < n; i++) {
        resolve_test_run(LOOP_MS);
    }

    ck_assert_int_eq(ns.asked, n);
}


static void
resolve_test_run(int64_t time)
{
    loop_timer_t  timer;

    loop_timer_init(&timer, resolve_test_stop, NULL);
    ck_assert_int_eq(loop_timer_set(loop, &timer, time), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);
    loop_timer_del(loop, &timer);
}


static void
resolve_test_stop(loop_timer_t *timer)
{
    (void) timer;

    loop_stop(loop);
}


static const char *
resolve_test_addr(size_t i)
{
    static char          text[INET6_ADDRSTRLEN];
    struct sockaddr_in   v4;
    struct sockaddr_in6  v6;

    ck_assert_uint_lt(i, t.answer.naddrs);

    if (t.answer.addrs[i].ss_family == AF_INET) {
        memcpy(&v4, &t.answer.addrs[i], sizeof(v4));
        ck_assert_uint_eq(v4.sin_port, 0);
        ck_assert_ptr_nonnull(inet_ntop(AF_INET, &v4.sin_addr, text,
                                        sizeof(text)));

    } else {
        memcpy(&v6, &t.answer.addrs[i], sizeof(v6));
        ck_assert_int_eq(v6.sin6_family, AF_INET6);
        ck_assert_uint_eq(v6.sin6_port, 0);
        ck_assert_ptr_nonnull(inet_ntop(AF_INET6, &v6.sin6_addr, text,
                                        sizeof(text)));
    }

    return text;
}


int
main(void)
{
    size_t   i;
    Suite   *suite;
    TCase   *tc;

    const TTest  *tests[] = {
        both_families_are_asked_and_interleaved_with_ipv6_first,
        one_family_is_enough,
        more_addresses_than_the_limit_are_dropped,
        a_name_that_does_not_exist_is_not_found,
        a_name_without_addresses_is_not_found,
        a_name_that_cannot_be_sent_is_not_found,
        a_server_that_fails_is_told_from_a_missing_name,
        a_truncated_answer_is_asked_for_over_tcp,
        a_server_that_is_not_there_fails,
        a_server_that_never_answers_is_a_timeout_when_it_is_due,
        garbage_and_spoofed_answers_are_not_taken,
        an_answer_after_the_timeout_is_too_late,
        localhost_is_known_without_a_server,
        the_answer_never_comes_from_inside_of_the_call,
        search_domains_and_aliases_are_not_tried,
        a_cancelled_query_calls_nobody,
        a_resolver_goes_with_what_was_cancelled_still_unanswered,
        a_resolver_may_go_in_the_callback_of_its_last_query,
        many_queries_run_at_once_and_each_ends_once,
        a_server_that_is_not_an_address_is_refused,
        the_servers_of_the_system_are_the_default
    };

    suite = suite_create("resolve");
    tc = tcase_create("resolve");
    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, resolve_test_setup, resolve_test_teardown);

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tcase_add_test(tc, tests[i]);
    }

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
