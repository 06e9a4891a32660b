
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include "sidecar/core/log.h"
#include "sidecar/worker/pool_internal.h"
#include "sidecar/worker/worker.h"
#include "tests/support/pooling.h"


#define POOLING_KIND  "SCRAPE_TEST_WORKER"
#define POOLING_LATE  (100 * LOOP_SEC)


static void pooling_late(loop_timer_t *timer);
static void pooling_signal(int signo, void *data);
static void pooling_done(void *data, const pool_result_t *result);
static char *pooling_text(sc_str_t text);


static uint64_t  pooling_page_number;


int
pooling_worker(const pooling_worker_pt *kinds)
{
    long             kind;
    char             rest[65536];
    size_t           len;
    ssize_t          n;
    const char      *name;
    wire_reply_t     ready;
    wire_request_t   r;

    name = getenv(POOLING_KIND);
    kind = (name != NULL) ? strtol(name, NULL, 10) : -1;

    if (kind < 0) {
        return worker_main();
    }

    memset(&ready, 0, sizeof(wire_reply_t));
    ready.magic = WIRE_MAGIC;
    ready.status = WIRE_READY;
    (void) send(0, &ready, sizeof(wire_reply_t), MSG_NOSIGNAL);

    for ( ;; ) {
        n = recv(0, &r, sizeof(wire_request_t), MSG_WAITALL);

        if (n != sizeof(wire_request_t)
            || wire_request_check(&r, &len) != SC_OK || len >= sizeof(rest)
            || recv(0, rest, len, MSG_WAITALL) != (ssize_t) len)
        {
            return EXIT_SUCCESS;
        }

        rest[len] = '\0';
        pooling_page_number = r.number;

        if (!kinds[kind](rest + len - r.body)) {
            return EXIT_FAILURE;
        }
    }
}


uint64_t
pooling_number(void)
{
    return pooling_page_number;
}


void
pooling_start(pooling_t *t, int kind, size_t n, int64_t timeout)
{
    char              name[16];
    static const int  signals[] = { SIGCHLD, 0 };

    (void) snprintf(name, sizeof(name), "%d", kind);
    ck_assert_int_eq(setenv(POOLING_KIND, name, 1), 0);
    ck_assert_int_eq(log_open("/dev/null", LOG_ERROR), SC_OK);

    t->left = 0;
    t->loop = loop_create();
    ck_assert_ptr_nonnull(t->loop);
    ck_assert_int_eq(loop_signals(t->loop, signals, pooling_signal, t),
                     SC_OK);

    t->pool = pool_create(t->loop, NULL, n, timeout);
    ck_assert_ptr_nonnull(t->pool);
}


void
pooling_stop(pooling_t *t)
{
    pool_destroy(t->pool);
    loop_destroy(t->loop);
}


pooling_page_t
pooling_page(const char *rules, const char *body)
{
    pooling_page_t  page;

    memset(&page, 0, sizeof(pooling_page_t));
    page.r.url = "http://shop.example/";
    page.r.content_type = "";
    page.r.rules.data = rules;
    page.r.rules.len = strlen(rules);
    page.r.rules_hash = rules;
    page.r.body.data = body;
    page.r.body.len = strlen(body);

    return page;
}


void
pooling_give(pooling_t *t, pooling_page_t *page)
{
    page->pooling = t;
    page->task = pool_submit(t->pool, &page->r, pooling_done, page);
    ck_assert_ptr_nonnull(page->task);
    t->left++;
}


/* A page that does not end is noticed before the suite's time is over. */

void
pooling_run(pooling_t *t)
{
    loop_timer_t  late;

    loop_timer_init(&late, pooling_late, NULL);
    ck_assert_int_eq(loop_timer_set(t->loop, &late, POOLING_LATE), SC_OK);
    ck_assert_int_eq(loop_run(t->loop), SC_OK);
    loop_timer_del(t->loop, &late);
    ck_assert_int_eq(t->left, 0);
}


void
pooling_serve(pooling_t *t, pooling_page_t *page)
{
    pooling_give(t, page);
    pooling_run(t);
    ck_assert_int_eq(page->calls, 1);
}


void
pooling_free(pooling_page_t *page)
{
    free(page->data);
    free(page->missing);
    free(page->warnings);
    free(page->view);
    free(page->fill);
    free(page->found);
}


int
pooling_pid(const pooling_t *t, size_t i)
{
    return (int) t->pool->workers[i].pid;
}


static void
pooling_late(loop_timer_t *timer)
{
    (void) timer;
    ck_abort_msg("a page was not done");
}


static void
pooling_signal(int signo, void *data)
{
    pooling_t  *t = data;

    (void) signo;
    pool_reap(t->pool);
}


static void
pooling_done(void *data, const pool_result_t *r)
{
    pooling_page_t  *page = data;

    page->calls++;
    page->status = r->status;
    page->matched = r->matched;
    page->dropped = r->dropped;
    page->incomplete = r->incomplete;
    page->data = pooling_text(r->data);
    page->missing = pooling_text(r->missing);
    page->warnings = pooling_text(r->warnings);
    page->view = pooling_text(r->view);
    page->fill = pooling_text(r->fill);
    page->found = pooling_text(r->found);
    page->elapsed = r->elapsed;
    (void) snprintf(page->charset, sizeof(page->charset), "%s", r->charset);
    (void) snprintf(page->charset_from, sizeof(page->charset_from), "%s",
                    r->charset_from);
    (void) snprintf(page->detail, sizeof(page->detail), "%s", r->detail);

    if (--page->pooling->left == 0) {
        loop_stop(page->pooling->loop);
    }
}


static char *
pooling_text(sc_str_t text)
{
    char  *copy;

    copy = calloc(1, text.len + 1);
    ck_assert_ptr_nonnull(copy);

    if (text.len != 0) {
        memcpy(copy, text.data, text.len);
    }

    return copy;
}
