
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <check.h>

#include "tests/support/fetching.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define LIFE_ALLOW    "127.0.0.0/8"
#define LIFE_MANY     40


/* A callback that also does something with another fetch. */
typedef struct {
    fetching_answer_t   answer;     /* first: fetching_done() takes it */
    fetch_t            *other;
    fetching_answer_t  *again;
    const char         *path;
} life_t;


static void life_cancels_another(void *data, fetch_result_t *result);
static void life_starts_another(void *data, fetch_result_t *result);
static void life_takes_nothing(void *data, fetch_result_t *result);
static void life_turn(fetching_t *f, unsigned ms);
static void life_stop(loop_timer_t *timer);


START_TEST(nothing_is_left_open_or_allocated)
{
    int                i;
    size_t             before;
    fetching_t         f;
    fetching_answer_t  a;

    /* what OpenSSL keeps for good is not counted */
    fetching_begin(&f, "", LIFE_ALLOW, 10);
    fetching_end(&f);
    before = fetching_descriptors();

    for (i = 0; i < 3; i++) {
        fetching_begin(&f, "", LIFE_ALLOW, 10);
        fetching_get(&f, "/page", NULL, &a);
        fetching_free(&a);
        fetching_get(&f, "/reset", NULL, &a);
        fetching_free(&a);
        fetching_end(&f);
        ck_assert_uint_eq(fetching_descriptors(), before);
    }
}
END_TEST


START_TEST(a_body_that_is_not_taken_is_freed)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", LIFE_ALLOW, 10);
    (void) fetching_start_with(&f, "/page", NULL, &a, life_takes_nothing);
    fetching_run(&f, 1);
    ck_assert_uint_eq(a.calls, 1);
    fetching_end(&f);
}
END_TEST


START_TEST(a_cancelled_transfer_closes_its_socket_and_is_silent)
{
    size_t             before;
    fetch_t           *fetch;
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", LIFE_ALLOW, 10);
    before = fetching_descriptors();

    fetch = fetching_start(&f, "/drip", NULL, &a);
    life_turn(&f, 50);
    ck_assert_uint_gt(fetching_descriptors(), before);

    fetch_cancel(fetch);
    ck_assert_uint_eq(fetching_descriptors(), before);

    life_turn(&f, 500);
    ck_assert_uint_eq(a.calls, 0);

    fetching_end(&f);
}
END_TEST


START_TEST(a_fetch_is_cancelled_before_the_loop_turned)
{
    size_t             i, before;
    fetch_t           *fetch;
    fetching_t         f;
    fetching_answer_t  a;
    const char        *urls[] = { "/page", "http://localhost:8000/",
                                  "http://10.0.0.1/" };

    fetching_begin(&f, "", LIFE_ALLOW, 10);
    before = fetching_descriptors();

    for (i = 0; i < 3; i++) {
        fetch = fetching_start(&f, urls[i], NULL, &a);
        fetch_cancel(fetch);
        ck_assert_uint_eq(fetching_descriptors(), before);
        life_turn(&f, 20);
        ck_assert_uint_eq(a.calls, 0);
    }

    fetching_end(&f);
}
END_TEST


START_TEST(a_callback_may_cancel_a_fetch_that_has_ended_too)
{
    int                i;
    life_t             life;
    fetching_t         f;
    fetching_answer_t  other;

    fetching_begin(&f, "", LIFE_ALLOW, 10);

    /* both are refused in the same round; then, one is under way */
    for (i = 0; i < 2; i++) {
        (void) fetching_start_with(&f, "http://10.0.0.1/", NULL, &life.answer,
                                   life_cancels_another);
        life.other = fetching_start(&f, i == 0 ? "http://10.0.0.2/"
                                               : "/delay?ms=100",
                                    NULL, &other);
        fetching_run(&f, 1);
        ck_assert_uint_eq(life.answer.calls, 1);
        life_turn(&f, 150);
        ck_assert_uint_eq(other.calls, 0);
    }

    fetching_end(&f);
}
END_TEST


START_TEST(a_callback_may_start_another_fetch)
{
    life_t             life;
    fetching_t         f;
    fetching_answer_t  again;

    fetching_begin(&f, "", LIFE_ALLOW, 1);

    life.again = &again;
    life.path = "/page/2";
    (void) fetching_start_with(&f, "/page/1", NULL, &life.answer,
                               life_starts_another);
    fetching_run(&f, 2);

    ck_assert_int_eq(life.answer.result.error, FETCH_OK);
    ck_assert_int_eq(again.result.error, FETCH_OK);
    ck_assert_ptr_nonnull(strstr(again.result.body.data, "Product 2"));

    fetching_free(&life.answer);
    fetching_free(&again);
    fetching_end(&f);
}
END_TEST


START_TEST(more_fetches_than_connections_wait_for_their_turn)
{
    int                 i;
    size_t              before;
    fetching_t          f;
    fetch_request_t     r;
    fetching_answer_t  *a;

    a = calloc(LIFE_MANY, sizeof(fetching_answer_t));
    ck_assert_ptr_nonnull(a);
    fetching_begin(&f, "", LIFE_ALLOW, 4);
    r = fetching_request();
    r.total_timeout = 10 * LOOP_SEC;
    before = fetching_descriptors();

    for (i = 0; i < LIFE_MANY; i++) {
        (void) fetching_start(&f, i % 2 ? "/delay?ms=10" : "/page", &r,
                              &a[i]);
    }

    fetching_run(&f, LIFE_MANY);
    ck_assert_uint_le(fetching_descriptors(), before + 4);

    for (i = 0; i < LIFE_MANY; i++) {
        ck_assert_uint_eq(a[i].calls, 1);
        ck_assert_int_eq(a[i].result.error, FETCH_OK);
        fetching_free(&a[i]);
    }

    fetching_end(&f);
    free(a);
}
END_TEST


START_TEST(a_fetch_that_waits_ends_at_its_deadline_too)
{
    fetch_t            *first;
    fetching_t          f;
    fetch_request_t     r;
    fetching_answer_t   a, b;

    fetching_begin(&f, "", LIFE_ALLOW, 1);
    r = fetching_request();
    r.total_timeout = LOOP_SEC * 60;

    first = fetching_start(&f, "/hang", &r, &a);
    r.total_timeout = 400 * LOOP_MS;
    (void) fetching_start(&f, "/page", &r, &b);
    fetching_run(&f, 1);
    ck_assert_int_eq(b.result.error, FETCH_RESOURCES);
    fetching_free(&b);

    /* the one that waits begins when the first goes */
    (void) fetching_start(&f, "/page", NULL, &b);
    fetch_cancel(first);
    fetching_run(&f, 1);
    ck_assert_int_eq(b.result.error, FETCH_OK);
    fetching_free(&b);

    fetching_end(&f);
}
END_TEST


START_TEST(without_descriptors_the_fault_is_ours)
{
    fetching_t         f;
    struct rlimit      old, limit;
    fetching_answer_t  a;

    fetching_begin(&f, "", LIFE_ALLOW, 10);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    limit = old;
    limit.rlim_cur = 3;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);

    fetching_get(&f, "/page", NULL, &a);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    ck_assert_int_eq(a.result.error, FETCH_RESOURCES);
    fetching_free(&a);

    fetching_get(&f, "/page", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(a_kept_connection_that_died_is_replaced)
{
    char               url[64];
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", LIFE_ALLOW, 10);

    (void) snprintf(url, sizeof(url), "http://localhost:%u/page", f.port);
    fetching_get(&f, url, NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    /* on the connection that is kept; the origin closes it unasked */
    (void) snprintf(url, sizeof(url), "http://localhost:%u/close", f.port);
    fetching_get(&f, url, NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_PROTOCOL);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(a_proxy_of_the_environment_is_not_used)
{
    char               proxy[64], url[64];
    fetching_t         f;
    fetching_answer_t  a;

    (void) snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u",
                    process_port());
    ck_assert_int_eq(setenv("http_proxy", proxy, 1), 0);
    ck_assert_int_eq(setenv("ALL_PROXY", proxy, 1), 0);

    fetching_begin(&f, "", LIFE_ALLOW, 10);

    fetching_get(&f, "/page", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    (void) snprintf(url, sizeof(url), "http://localhost:%u/page", f.port);
    fetching_get(&f, url, NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


static void
life_cancels_another(void *data, fetch_result_t *result)
{
    life_t  *life = data;

    fetch_cancel(life->other);
    fetching_done(&life->answer, result);
}


static void
life_starts_another(void *data, fetch_result_t *result)
{
    life_t  *life = data;

    (void) fetching_start(life->answer.fetching, life->path, NULL,
                          life->again);
    fetching_done(&life->answer, result);
}


static void
life_takes_nothing(void *data, fetch_result_t *result)
{
    sc_buf_t            body;
    fetching_answer_t  *a = data;

    body = result->body;
    ck_assert_uint_gt(body.len, 0);
    fetching_done(a, result);
    result->body = body;
}


/* Let the loop go on for a while, whatever happens. */
static void
life_turn(fetching_t *f, unsigned ms)
{
    loop_timer_t  timer;

    loop_timer_init(&timer, life_stop, f->loop);
    ck_assert_int_eq(loop_timer_set(f->loop, &timer, ms * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_run(f->loop), SC_OK);
    loop_timer_del(f->loop, &timer);
}


static void
life_stop(loop_timer_t *timer)
{
    loop_stop(timer->data);
}


int
main(void)
{
    const TTest  *tests[] = {
        nothing_is_left_open_or_allocated,
        a_body_that_is_not_taken_is_freed,
        a_cancelled_transfer_closes_its_socket_and_is_silent,
        a_fetch_is_cancelled_before_the_loop_turned,
        a_callback_may_cancel_a_fetch_that_has_ended_too,
        a_callback_may_start_another_fetch,
        more_fetches_than_connections_wait_for_their_turn,
        a_fetch_that_waits_ends_at_its_deadline_too,
        without_descriptors_the_fault_is_ours,
        a_kept_connection_that_died_is_replaced,
        a_proxy_of_the_environment_is_not_used,
        NULL
    };

    return suite_run("fetch_life", tests, 60);
}
