
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include "sidecar/core/log.h"
#include "sidecar/worker/pool.h"
#include "sidecar/worker/wire.h"
#include "sidecar/worker/worker.h"
#include "tests/support/suite.h"


/* tells the program, run as a worker, which kind of one to be */
#define POOL_TEST_KIND     "SCRAPE_TEST_WORKER"

#define POOL_TEST_TIMEOUT  (60 * LOOP_SEC)
#define POOL_TEST_RULES    "{\"fields\":{\"a\":\"//p\"}}"
#define POOL_TEST_SLOW     20000


/*
 * One page of a test.
 *
 * calls   times the callback was called
 * left    pages under way, of all that share it; at 0 the loop stops
 */
typedef struct {
    loop_t         *loop;
    pool_t         *pool;
    pool_task_t    *task;
    int            *left;
    int             calls;
    int             order;
    pool_status_t   status;
    char            data[256];
    char            missing[64];
    char            warnings[128];
    char            refresh[64];
    char            charset[32];
    char            detail[128];
    double          elapsed;
} pool_page_t;


/* What every test has. */
typedef struct {
    loop_t  *loop;
    pool_t  *pool;
    int      left;
} pool_test_t;


static int pool_test_worker(const char *kind);
static int pool_test_take(void);
static void pool_test_put(wire_status_t status, const char *data,
    size_t refresh);
static void pool_test_start(pool_test_t *t, const char *kind, size_t n,
    int64_t timeout);
static void pool_test_stop(pool_test_t *t);
static void pool_test_run(pool_test_t *t);
static void pool_test_late(loop_timer_t *timer);
static void pool_test_signal(int signo, void *data);
static void pool_test_give(pool_test_t *t, pool_page_t *page,
    const char *rules, const char *hash, sc_str_t body);
static void pool_test_html(pool_test_t *t, pool_page_t *page,
    const char *html);
static void pool_test_done(void *data, const pool_result_t *result);
static char *pool_test_bytes(size_t len);


static int       pool_order;
static uint64_t  pool_number;


START_TEST(page_comes_back_as_data)
{
    pool_page_t  page;
    pool_test_t  t;

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);
    pool_test_html(&t, &page, "<p>caf\xc3\xa9");
    ck_assert_int_eq(page.calls, 0);
    pool_test_run(&t);

    ck_assert_int_eq(page.calls, 1);
    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.data, "{\"a\":\"caf\xc3\xa9\"}");
    ck_assert_str_eq(page.missing, "[]");
    ck_assert_str_eq(page.warnings, "[]");
    ck_assert_str_eq(page.charset, "utf-8");
    ck_assert(page.elapsed > 0);
    pool_test_stop(&t);
}
END_TEST


START_TEST(pages_are_served_in_the_order_they_came)
{
    int          i;
    pool_page_t  pages[50];
    pool_test_t  t;

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);

    for (i = 0; i < 50; i++) {
        pool_test_html(&t, &pages[i], "<p>x");
    }

    ck_assert_uint_eq(pool_waiting(t.pool), 50);
    pool_test_run(&t);
    ck_assert_uint_eq(pool_waiting(t.pool), 0);

    for (i = 0; i < 50; i++) {
        ck_assert_int_eq(pages[i].status, POOL_OK);
        ck_assert_int_eq(pages[i].order, i);
    }

    pool_test_stop(&t);
}
END_TEST


START_TEST(worker_keeps_rules_and_is_told_those_it_has_lost)
{
    int          i, round;
    char         rules[64], hash[16], data[32];
    sc_str_t     body = sc_string("<p>x");
    pool_page_t  page;
    pool_test_t  t;

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);

    /* more sets than slots, twice */
    for (round = 0; round < 2; round++) {
        for (i = 0; i < WIRE_SLOTS + 10; i++) {
            (void) snprintf(rules, sizeof(rules), "{\"f%d\":\"//p\"}", i);
            (void) snprintf(hash, sizeof(hash), "set%d", i);
            (void) snprintf(data, sizeof(data), "{\"f%d\":\"x\"}", i);

            pool_test_give(&t, &page, rules, hash, body);
            pool_test_run(&t);
            ck_assert_str_eq(page.data, data);

            pool_test_give(&t, &page, "not sent again", hash, body);
            pool_test_run(&t);
            ck_assert_str_eq(page.data, data);
        }
    }

    pool_test_stop(&t);
}
END_TEST


START_TEST(rules_that_are_refused_fail_the_page_each_time)
{
    int          i;
    sc_str_t     body = sc_string("<p>x");
    pool_page_t  page;
    pool_test_t  t;

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);

    for (i = 0; i < 2; i++) {
        pool_test_give(&t, &page, "{\"a\":\"//p[\"}", "bad", body);
        pool_test_run(&t);
        ck_assert_int_eq(page.status, POOL_FAILED);
        ck_assert_ptr_nonnull(strstr(page.detail, "the rules were refused"));
    }

    pool_test_give(&t, &page, "{\"a\":\"//p\"}", "bad", body);
    pool_test_run(&t);
    ck_assert_int_eq(page.status, POOL_OK);
    pool_test_stop(&t);
}
END_TEST


START_TEST(page_larger_than_the_socket_holds_arrives)
{
    char         *bytes;
    sc_str_t      body;
    pool_page_t   page;
    pool_test_t   t;

    body.len = 20 << 20;
    bytes = pool_test_bytes(body.len);
    body.data = bytes;
    memcpy(bytes, "<p>x</p><!--", 12);

    pool_test_start(&t, "", 2, POOL_TEST_TIMEOUT);
    pool_test_give(&t, &page, POOL_TEST_RULES, "r", body);
    pool_test_run(&t);
    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
    pool_test_stop(&t);
    free(bytes);
}
END_TEST


START_TEST(reply_larger_than_the_socket_holds_arrives)
{
    char         *bytes;
    sc_str_t      body;
    pool_page_t   page;
    pool_test_t   t;

    body.len = 5 << 20;
    bytes = pool_test_bytes(body.len);
    body.data = bytes;
    memcpy(bytes, "<p>", 3);

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);
    pool_test_give(&t, &page, POOL_TEST_RULES, "r", body);
    pool_test_run(&t);
    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_int_eq(strncmp(page.data, "{\"a\":\"zzzz", 10), 0);
    pool_test_stop(&t);
    free(bytes);
}
END_TEST


START_TEST(page_that_needs_too_much_memory_fails_and_the_next_does_not)
{
    char         *bytes;
    size_t        i;
    sc_str_t      body;
    pool_page_t   page, next;
    pool_test_t   t;

    body.len = 8 << 20;
    bytes = pool_test_bytes(body.len);
    body.data = bytes;

    for (i = 0; i + 4 <= body.len; i += 4) {
        memcpy(bytes + i, "<p>x", 4);
    }

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);
    pool_test_give(&t, &page, POOL_TEST_RULES, "r", body);
    pool_test_html(&t, &next, "<p>x");
    pool_test_run(&t);

    ck_assert_int_eq(page.status, POOL_FAILED);
    ck_assert_str_eq(page.detail,
                     "the page needs more memory than a page may have");
    ck_assert_int_eq(next.status, POOL_OK);
    pool_test_stop(&t);
    free(bytes);
}
END_TEST


START_TEST(page_that_takes_too_long_is_killed_and_the_next_is_served)
{
    int          i;
    sc_buf_t     b;
    sc_str_t     body;
    pool_page_t  slow, next;
    pool_test_t  t;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "<p");

    /* libxml2 compares each attribute with all before it */
    for (i = 0; i < POOL_TEST_SLOW * 10; i++) {
        sc_buf_printf(&b, " a%d=", i);
    }

    body.data = b.data;
    body.len = b.len;

    pool_test_start(&t, "", 1, 500 * LOOP_MS);
    pool_test_give(&t, &slow, POOL_TEST_RULES, "r", body);
    pool_test_html(&t, &next, "<p>x");
    pool_test_run(&t);

    ck_assert_int_eq(slow.calls, 1);
    ck_assert_int_eq(slow.status, POOL_TIMEOUT);
    ck_assert_str_eq(slow.detail, "the page took longer than 500 ms");
    ck_assert_str_eq(pool_status_type(slow.status), "/extract/timeout");
    ck_assert_int_eq(next.status, POOL_OK);
    pool_test_stop(&t);
    sc_buf_free(&b);
}
END_TEST


START_TEST(worker_that_dies_costs_its_page_only)
{
    pool_page_t  before, bad, after;
    pool_test_t  t;

    pool_test_start(&t, "abort-on-crash", 1, POOL_TEST_TIMEOUT);
    pool_test_html(&t, &before, "fine");
    pool_test_html(&t, &bad, "crash");
    pool_test_html(&t, &after, "fine");
    pool_test_run(&t);

    ck_assert_int_eq(before.status, POOL_OK);
    ck_assert_int_eq(bad.status, POOL_CRASHED);
    ck_assert_int_eq(bad.calls, 1);
    ck_assert_str_eq(pool_status_type(bad.status), "/extract/crashed");
    ck_assert_int_eq(after.status, POOL_OK);
    pool_test_stop(&t);
}
END_TEST


START_TEST(worker_that_says_nonsense_is_killed)
{
    pool_page_t  bad;
    pool_test_t  t;

    pool_test_start(&t, "nonsense", 1, POOL_TEST_TIMEOUT);
    pool_test_html(&t, &bad, "x");
    pool_test_run(&t);
    ck_assert_int_eq(bad.status, POOL_CRASHED);
    pool_test_stop(&t);
}
END_TEST


START_TEST(worker_that_speaks_out_of_turn_is_killed)
{
    pool_page_t  bad, next;
    pool_test_t  t;

    pool_test_start(&t, "out-of-turn", 1, POOL_TEST_TIMEOUT);
    pool_test_html(&t, &bad, "x");
    pool_test_html(&t, &next, "fine");
    pool_test_run(&t);
    ck_assert_int_eq(bad.status, POOL_CRASHED);
    pool_test_stop(&t);
}
END_TEST


START_TEST(refresh_without_an_end_is_no_reply)
{
    pool_page_t  page;
    pool_test_t  t;

    pool_test_start(&t, "endless", 1, POOL_TEST_TIMEOUT);
    pool_test_html(&t, &page, "x");
    pool_test_run(&t);
    ck_assert_int_eq(page.status, POOL_CRASHED);
    pool_test_stop(&t);
}
END_TEST


START_TEST(worker_that_ends_at_once_is_started_again_ever_more_seldom)
{
    int64_t      start;
    pool_page_t  page;
    pool_test_t  t;

    /* the third process works */
    pool_test_start(&t, "exit-twice", 1, POOL_TEST_TIMEOUT);
    start = loop_now(t.loop);
    pool_test_html(&t, &page, "fine");
    pool_test_run(&t);

    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_int_ge(loop_now(t.loop) - start, 300 * LOOP_MS);
    pool_test_stop(&t);
}
END_TEST


START_TEST(program_that_is_not_there_is_an_error)
{
    loop_t  *loop;

    loop = loop_create();
    ck_assert_ptr_nonnull(loop);
    ck_assert_ptr_null(pool_create(loop, "/nowhere/scraped", 2, LOOP_SEC));
    ck_assert_int_eq(errno, ENOENT);
    loop_destroy(loop);
}
END_TEST


START_TEST(waiting_page_that_is_cancelled_is_not_served)
{
    pool_page_t  first, second, third;
    pool_test_t  t;

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);
    pool_test_html(&t, &first, "<p>1");
    pool_test_html(&t, &second, "<p>2");
    pool_test_html(&t, &third, "<p>3");
    pool_cancel(second.task);
    t.left--;
    ck_assert_uint_eq(pool_waiting(t.pool), 2);
    pool_test_run(&t);

    ck_assert_int_eq(first.calls, 1);
    ck_assert_int_eq(second.calls, 0);
    ck_assert_str_eq(third.data, "{\"a\":\"3\"}");
    pool_test_stop(&t);
}
END_TEST


START_TEST(running_page_that_is_cancelled_gives_nothing)
{
    pool_page_t  first, second, third;
    pool_test_t  t;

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);

    /* once this is served the worker is up, and the next is sent at once */
    pool_test_html(&t, &first, "<p>1");
    pool_test_run(&t);

    pool_test_html(&t, &second, "<p>2");
    ck_assert_uint_eq(pool_waiting(t.pool), 0);
    pool_cancel(second.task);
    t.left--;

    pool_test_html(&t, &third, "<p>3");
    pool_test_run(&t);
    ck_assert_int_eq(second.calls, 0);
    ck_assert_str_eq(third.data, "{\"a\":\"3\"}");
    pool_test_stop(&t);
}
END_TEST


START_TEST(body_of_a_page_cancelled_while_it_is_sent_is_not_read_on)
{
    char         *bytes;
    sc_str_t      body;
    pool_page_t   first, second, third;
    pool_test_t   t;

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);
    pool_test_html(&t, &first, "<p>1");
    pool_test_run(&t);

    body.len = 20 << 20;
    bytes = pool_test_bytes(body.len);
    body.data = bytes;
    pool_test_give(&t, &second, POOL_TEST_RULES, "r", body);
    ck_assert_uint_eq(pool_waiting(t.pool), 0);
    pool_cancel(second.task);
    t.left--;
    free(bytes);

    pool_test_html(&t, &third, "<p>3");
    pool_test_run(&t);
    ck_assert_int_eq(second.calls, 0);
    ck_assert_str_eq(third.data, "{\"a\":\"3\"}");
    pool_test_stop(&t);
}
END_TEST


START_TEST(request_that_no_page_can_make_is_refused)
{
    char            *url;
    pool_test_t      t;
    pool_request_t   r;

    pool_test_start(&t, "", 1, POOL_TEST_TIMEOUT);

    url = pool_test_bytes(WIRE_MAX_URL + 1);
    url[WIRE_MAX_URL] = '\0';
    memset(&r, 0, sizeof(pool_request_t));
    r.url = url;
    r.content_type = "";
    r.rules_hash = "r";
    ck_assert_ptr_null(pool_submit(t.pool, &r, pool_test_done, NULL));

    r.url = "";
    r.content_type = url;
    ck_assert_ptr_null(pool_submit(t.pool, &r, pool_test_done, NULL));

    r.content_type = "";
    r.form.len = WIRE_MAX_FORM + 1;
    ck_assert_ptr_null(pool_submit(t.pool, &r, pool_test_done, NULL));

    free(url);
    pool_test_stop(&t);
}
END_TEST


int
main(int argc, char **argv)
{
    const TTest *const  tests[] = {
        page_comes_back_as_data,
        pages_are_served_in_the_order_they_came,
        worker_keeps_rules_and_is_told_those_it_has_lost,
        rules_that_are_refused_fail_the_page_each_time,
        page_larger_than_the_socket_holds_arrives,
        reply_larger_than_the_socket_holds_arrives,
        page_that_needs_too_much_memory_fails_and_the_next_does_not,
        page_that_takes_too_long_is_killed_and_the_next_is_served,
        worker_that_dies_costs_its_page_only,
        worker_that_says_nonsense_is_killed,
        worker_that_speaks_out_of_turn_is_killed,
        refresh_without_an_end_is_no_reply,
        worker_that_ends_at_once_is_started_again_ever_more_seldom,
        program_that_is_not_there_is_an_error,
        waiting_page_that_is_cancelled_is_not_served,
        running_page_that_is_cancelled_gives_nothing,
        body_of_a_page_cancelled_while_it_is_sent_is_not_read_on,
        request_that_no_page_can_make_is_refused,
        NULL
    };

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return pool_test_worker(getenv(POOL_TEST_KIND));
    }

    return suite_run("pool", tests, 180);
}


/* A worker that works, or one that does what its kind says. */

static int
pool_test_worker(const char *kind)
{
    int    page;
    char   done[2];

    if (kind == NULL || kind[0] == '\0') {
        return worker_main();
    }

    if (strncmp(kind, "exit-twice", 10) == 0) {
        /* a descriptor of the test counts the starts */
        if (read((int) strtol(kind + 10, NULL, 10), done, 1) == 1) {
            return EXIT_FAILURE;
        }
    }

    pool_test_put(WIRE_READY, "", 0);

    while ((page = pool_test_take()) >= 0) {
        if (strcmp(kind, "abort-on-crash") == 0 && page == 'c') {
            (void) signal(SIGABRT, SIG_DFL);
            abort();
        }

        if (strcmp(kind, "nonsense") == 0) {
            (void) !write(0, kind, sizeof("nonsense"));
            (void) !write(0, (char [1024]) { 0 }, 1024);
            continue;
        }

        if (strcmp(kind, "out-of-turn") == 0) {
            pool_test_put(WIRE_READY, "", 0);
            continue;
        }

        pool_test_put(WIRE_OK, "{}", strcmp(kind, "endless") == 0 ? 2 : 0);
    }

    return EXIT_SUCCESS;
}


/* The first byte of the next page's body, -1 when there is none. */

static int
pool_test_take(void)
{
    char            rest[4096];
    ssize_t         n;
    size_t          len;
    wire_request_t  r;

    n = recv(0, &r, sizeof(wire_request_t), MSG_WAITALL);

    if (n != sizeof(wire_request_t) || wire_request_check(&r, &len) != SC_OK
        || len > sizeof(rest)
        || recv(0, rest, len, MSG_WAITALL) != (ssize_t) len)
    {
        return -1;
    }

    pool_number = r.number;

    return r.body != 0 ? rest[len - r.body] : 0;
}


static void
pool_test_put(wire_status_t status, const char *data, size_t refresh)
{
    char          text[2][3] = { "[]", "[]" };
    wire_reply_t  reply;

    memset(&reply, 0, sizeof(wire_reply_t));
    reply.magic = WIRE_MAGIC;
    reply.status = status;
    reply.number = (status == WIRE_OK) ? pool_number : 0;

    if (status == WIRE_OK) {
        reply.data = (uint32_t) strlen(data);
        reply.missing = 2;
        reply.warnings = 2;
        reply.refresh = (uint32_t) refresh;
    }

    /* in parts, as it may come */
    (void) !write(0, &reply, 100);
    (void) !write(0, (char *) &reply + 100, sizeof(wire_reply_t) - 100);

    if (status == WIRE_OK) {
        (void) !write(0, data, reply.data);
        (void) !write(0, text[0], 2);
        (void) !write(0, text[1], 2);
        (void) !write(0, text[1], refresh);
    }
}


static void
pool_test_start(pool_test_t *t, const char *kind, size_t n, int64_t timeout)
{
    int               fds[2];
    char              name[32];
    static const int  signals[] = { SIGCHLD, 0 };

    pool_order = 0;

    if (strcmp(kind, "exit-twice") == 0) {
        ck_assert_int_eq(pipe(fds), 0);
        ck_assert_int_eq(write(fds[1], "12", 2), 2);
        (void) close(fds[1]);
        (void) snprintf(name, sizeof(name), "%s%d", kind, fds[0]);
        kind = name;
    }

    ck_assert_int_eq(setenv(POOL_TEST_KIND, kind, 1), 0);
    ck_assert_int_eq(log_open("/dev/null", LOG_ERROR), SC_OK);

    t->left = 0;
    t->loop = loop_create();
    ck_assert_ptr_nonnull(t->loop);
    ck_assert_int_eq(loop_signals(t->loop, signals, pool_test_signal, t),
                     SC_OK);

    t->pool = pool_create(t->loop, NULL, n, timeout);
    ck_assert_ptr_nonnull(t->pool);
}


static void
pool_test_stop(pool_test_t *t)
{
    pool_destroy(t->pool);
    loop_destroy(t->loop);
}


/* Until all pages are done; a page that is not is noticed before the suite. */

static void
pool_test_run(pool_test_t *t)
{
    loop_timer_t  late;

    loop_timer_init(&late, pool_test_late, NULL);
    ck_assert_int_eq(loop_timer_set(t->loop, &late, 50 * LOOP_SEC), SC_OK);
    ck_assert_int_eq(loop_run(t->loop), SC_OK);
    loop_timer_del(t->loop, &late);
    ck_assert_int_eq(t->left, 0);
}


static void
pool_test_late(loop_timer_t *timer)
{
    (void) timer;
    ck_abort_msg("a page was not done");
}


static void
pool_test_signal(int signo, void *data)
{
    pool_test_t  *t = data;

    (void) signo;
    pool_reap(t->pool);
}


static void
pool_test_give(pool_test_t *t, pool_page_t *page, const char *rules,
    const char *hash, sc_str_t body)
{
    pool_request_t  r;

    memset(page, 0, sizeof(pool_page_t));
    memset(&r, 0, sizeof(pool_request_t));
    page->loop = t->loop;
    page->pool = t->pool;
    page->left = &t->left;

    r.url = "http://shop.example/";
    r.content_type = "";
    r.rules.data = rules;
    r.rules.len = strlen(rules);
    r.rules_hash = hash;
    r.body = body;

    page->task = pool_submit(t->pool, &r, pool_test_done, page);
    ck_assert_ptr_nonnull(page->task);
    t->left++;
}


static void
pool_test_html(pool_test_t *t, pool_page_t *page, const char *html)
{
    sc_str_t  body;

    body.data = html;
    body.len = strlen(html);
    pool_test_give(t, page, POOL_TEST_RULES, "r", body);
}


static void
pool_test_done(void *data, const pool_result_t *r)
{
    pool_page_t  *page = data;

    page->calls++;
    page->order = pool_order++;
    page->status = r->status;
    page->elapsed = r->elapsed;

    (void) snprintf(page->data, sizeof(page->data), "%.*s",
                    (int) r->data.len, r->data.len ? r->data.data : "");
    (void) snprintf(page->missing, sizeof(page->missing), "%.*s",
                    (int) r->missing.len,
                    r->missing.len ? r->missing.data : "");
    (void) snprintf(page->warnings, sizeof(page->warnings), "%.*s",
                    (int) r->warnings.len,
                    r->warnings.len ? r->warnings.data : "");
    (void) snprintf(page->refresh, sizeof(page->refresh), "%s", r->refresh);
    (void) snprintf(page->charset, sizeof(page->charset), "%s", r->charset);
    (void) snprintf(page->detail, sizeof(page->detail), "%s", r->detail);

    if (--*page->left == 0) {
        loop_stop(page->loop);
    }
}


static char *
pool_test_bytes(size_t len)
{
    char  *bytes;

    bytes = malloc(len);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'z', len);

    return bytes;
}
