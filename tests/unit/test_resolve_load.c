
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "sidecar/resolve/resolve.h"
#include "tests/support/nameserver.h"
#include "tests/support/suite.h"


#define LOAD_NAMES      1000
#define LOAD_DELAY      (2 * LOOP_SEC)
#define LOAD_LAG        (50 * LOOP_MS)
#define LOAD_ROUNDS     3       /* others may take the processor away */
#define LOAD_BEAT       (10 * LOOP_MS)


typedef struct load_s  load_t;

/* What a query was told. */
typedef struct {
    load_t            *load;
    int                calls;
    resolve_status_t   status;
} load_asker_t;


/*
 * left   of the slow names, to be answered
 * beats  times that the timer has fired, as the other work of the loop does,
 *        each with another name
 * heard  answers about these, good of them with addresses
 */
struct load_s {
    loop_t         *loop;
    resolve_t      *resolve;
    nameserver_t    ns;
    loop_timer_t    timer;
    size_t          left;
    unsigned        beats;
    unsigned        heard;
    unsigned        good;
    load_asker_t    asker[LOAD_NAMES];
};


static void load_begin(load_t *t);
static void load_end(load_t *t);
static int64_t load_round(load_t *t);
static void load_ask(loop_task_t *task);
static void load_done(void *data, const resolve_answer_t *answer);
static void load_beat(loop_timer_t *timer);
static void load_good(void *data, const resolve_answer_t *answer);
static void load_heard(load_t *t);
static size_t load_threads(void);


static load_t  load;


START_TEST(a_thousand_names_at_a_slow_server_do_not_hold_up_the_loop)
{
    int      n;
    int64_t  lag;

    lag = INT64_MAX;

    for (n = 0; n < LOAD_ROUNDS && lag >= LOAD_LAG; n++) {
        lag = load_round(&load);
    }

    ck_assert_int_lt(lag, LOAD_LAG);
}
END_TEST


static void
load_begin(load_t *t)
{
    char  err[128];

    memset(t, 0, sizeof(load_t));
    t->left = LOAD_NAMES;
    t->loop = loop_create();
    ck_assert_ptr_nonnull(t->loop);
    nameserver_start(&t->ns, t->loop);
    t->ns.delay = LOAD_DELAY;
    t->ns.ttl = 60;
    t->resolve = resolve_create(t->loop, t->ns.address, err, sizeof(err));
    ck_assert_msg(t->resolve != NULL, "%s", err);
    loop_timer_init(&t->timer, load_beat, t);
}


static void
load_end(load_t *t)
{
    loop_timer_del(t->loop, &t->timer);
    resolve_destroy(t->resolve);
    nameserver_stop(&t->ns);
    loop_destroy(t->loop);
}


/* All at once, from one round of the loop; the lag. */
static int64_t
load_round(load_t *t)
{
    size_t           i, threads;
    int64_t          lag;
    loop_task_t      ask;
    resolve_stats_t  stats;

    ask = (loop_task_t) { .handler = load_ask, .data = t };
    threads = load_threads();
    load_begin(t);
    ck_assert_int_eq(loop_timer_set(t->loop, &t->timer, LOAD_BEAT), SC_OK);
    loop_defer(t->loop, &ask);
    ck_assert_int_eq(loop_run(t->loop), SC_OK);

    for (i = 0; i < LOAD_NAMES; i++) {
        ck_assert_int_eq(t->asker[i].calls, 1);
        ck_assert_int_eq(t->asker[i].status, RESOLVE_OK);
    }

    resolve_stats(t->resolve, &stats);
    ck_assert_uint_ge(stats.questions, LOAD_NAMES);
    ck_assert_uint_ge(stats.names, LOAD_NAMES);

    /* the timer went on, and so did those who asked for other names */
    ck_assert_uint_ge(t->beats, LOAD_DELAY / LOAD_BEAT / 2);
    ck_assert_uint_eq(t->good, t->beats);
    ck_assert_uint_eq(load_threads(), threads);

    lag = loop_lag(t->loop);
    load_end(t);

    return lag;
}


static void
load_ask(loop_task_t *task)
{
    size_t   i;
    char     name[64];
    load_t  *t = task->data;

    for (i = 0; i < LOAD_NAMES; i++) {
        (void) snprintf(name, sizeof(name), "late.n%zu.test", i);
        t->asker[i].load = t;
        ck_assert_ptr_nonnull(resolve_name(t->resolve, name, 30 * LOOP_SEC,
                                           load_done, &t->asker[i]));
    }
}


static void
load_done(void *data, const resolve_answer_t *answer)
{
    load_asker_t  *a = data;

    a->calls++;
    a->status = answer->status;
    a->load->left--;
    load_heard(a->load);
}


static void
load_beat(loop_timer_t *timer)
{
    char     name[64];
    load_t  *t = timer->data;

    if (t->left == 0) {
        return;
    }

    (void) snprintf(name, sizeof(name), "both.n%u.test", t->beats++);
    ck_assert_ptr_nonnull(resolve_name(t->resolve, name, 10 * LOOP_SEC,
                                       load_good, t));
    ck_assert_int_eq(loop_timer_set(t->loop, timer, LOAD_BEAT), SC_OK);
}


static void
load_good(void *data, const resolve_answer_t *answer)
{
    load_t  *t = data;

    t->heard++;
    t->good += answer->status == RESOLVE_OK;
    load_heard(t);
}


/* The last answer ends it. */
static void
load_heard(load_t *t)
{
    if (t->left == 0 && t->heard == t->beats) {
        loop_stop(t->loop);
    }
}


static size_t
load_threads(void)
{
    DIR     *dir;
    size_t   n;

    dir = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(dir);

    for (n = 0; readdir(dir) != NULL; n++) {
        /* void */
    }

    (void) closedir(dir);

    return n - 2;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_thousand_names_at_a_slow_server_do_not_hold_up_the_loop,
        NULL
    };

    return suite_run("resolve_load", tests, 60);
}
