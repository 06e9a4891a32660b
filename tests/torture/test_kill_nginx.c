
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/torture/torture.h"


#define NGINX_TIMEOUT    3600
#define NGINX_LONGEST    500            /* ms between two blows */
#define NGINX_TRIES      6000           /* of 10 ms, for processes to go */
#define NGINX_PROGRAM    "/usr/sbin/nginx"
#define NGINX_ZONES      "scrape_zone numbers:64k;"
#define NGINX_STATUS     "location = /status { scrape_pass scrapers;"        \
                         " scrape_status; }"


/* What the master has; it is to have no more in the end. */
typedef struct {
    size_t  descriptors;
    size_t  shared;
} nginx_held_t;


static torture_t *nginx_start(int cuts, int close,
    void (*before)(torture_t *t));
static nginx_held_t nginx_held(torture_t *t);
static void nginx_leaks(torture_t *t, const nginx_held_t *before, size_t n,
    const char *what);
static void nginx_daemon(torture_t *t);
static void nginx_upgrade(torture_t *t);
static pid_t nginx_pid(torture_t *t, const char *suffix);
static void nginx_expect(torture_t *t, size_t workers);
static void nginx_rest(void);


START_TEST(a_kill_of_nginx_workers_loses_nothing_that_is_sent_again)
{
    size_t        i, n;
    pid_t         pid;
    torture_t    *t;
    nginx_held_t  before;

    n = proof_times("TORTURE_NGINX_KILLS", 20, 3);
    t = nginx_start(1, 0, NULL);
    before = nginx_held(t);

    for (i = 0; i < n; i++) {
        nginx_rest();
        pid = torture_child(t->gateway.nginx);
        ck_assert_int_gt(pid, 1);
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
    }

    nginx_expect(t, 2);
    nginx_leaks(t, &before, n, "kills of nginx's workers leak nothing");
    torture_finish(t, "kill_nginx");
}
END_TEST


START_TEST(a_reload_fails_no_request)
{
    size_t        i, n;
    torture_t    *t;
    nginx_held_t  before;

    n = proof_times("TORTURE_RELOADS", 20, 2);
    t = nginx_start(0, 1, NULL);
    before = nginx_held(t);

    for (i = 0; i < n; i++) {
        nginx_rest();
        ck_assert_int_eq(kill(t->gateway.nginx, SIGHUP), 0);
    }

    nginx_expect(t, 2);
    nginx_leaks(t, &before, n, "reloads leak nothing");
    torture_finish(t, "reload");
    proof_report("reload", "a reload fails no request", t->counts.requests,
                 t->counts.again + t->counts.cut, "in %zu reloads", n);
}
END_TEST


START_TEST(an_upgrade_of_nginx_fails_no_request)
{
    size_t        i, n;
    torture_t    *t;
    nginx_held_t  before;

    n = proof_times("TORTURE_UPGRADES", 3, 1);

    if (access(NGINX_PROGRAM, X_OK) != 0) {
        (void) printf("skipped: there is no \"" NGINX_PROGRAM "\"\n");
        return;
    }

    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    t = nginx_start(0, 1, nginx_daemon);
    before = nginx_held(t);

    for (i = 0; i < n; i++) {
        nginx_rest();
        nginx_upgrade(t);
    }

    nginx_expect(t, 2);
    nginx_leaks(t, &before, n, "upgrades leak nothing");
    torture_finish(t, "upgrade");
    proof_report("upgrade", "an upgrade of nginx fails no request",
                 t->counts.requests, t->counts.again + t->counts.cut,
                 "in %zu upgrades", n);
}
END_TEST


static torture_t *
nginx_start(int cuts, int close, void (*before)(torture_t *t))
{
    return torture_start(&(torture_options_t) {
        .options.http = NGINX_ZONES,
        .options.server = NGINX_STATUS,
        .cuts = cuts,
        .alerts = cuts ? "exited on signal 9" : NULL,
        .close = close,
        .before = before
    });
}


static nginx_held_t
nginx_held(torture_t *t)
{
    nginx_held_t  held;

    held.descriptors = torture_descriptors(t->gateway.nginx);
    held.shared = torture_shared(t->gateway.nginx);

    return held;
}


static void
nginx_leaks(torture_t *t, const nginx_held_t *before, size_t n,
    const char *what)
{
    int           i;
    nginx_held_t  after;

    after = nginx_held(t);

    /* workers that are replaced may have theirs for a while yet */
    for (i = 0; i < NGINX_TRIES && after.descriptors > before->descriptors;
         i++)
    {
        process_pause(10);
        after = nginx_held(t);
    }

    proof_report("kill_nginx", what, n,
                 (after.descriptors > before->descriptors)
                 + (after.shared > before->shared),
                 "descriptors of the master %zu, then %zu; shared memory %zu,"
                 " then %zu", before->descriptors, after.descriptors,
                 before->shared, after.shared);
}


/*
 * An upgrade is for an nginx that is a daemon and was started by its path: it
 * is started again so before the load has begun.
 */
static void
nginx_daemon(torture_t *t)
{
    char   path[128], log[128];
    char  *conf, *at;

    (void) snprintf(path, sizeof(path), "%s/nginx.conf", t->gateway.dir);
    (void) snprintf(log, sizeof(log), "%s/nginx.log", t->gateway.dir);
    conf = process_read(path);
    at = strstr(conf, "daemon off;");
    ck_assert_ptr_nonnull(at);
    memcpy(at, "daemon on; ", 11);
    process_write(path, conf);
    free(conf);

    ck_assert_int_eq(process_stop(t->gateway.nginx, SIGQUIT), 0);
    ck_assert_int_eq(process_wait(process_start(
                         (char *[]) { NGINX_PROGRAM, "-p", t->gateway.dir,
                                      "-e", log, "-c", path, NULL },
                         log, NULL)), 0);
    t->gateway.nginx = nginx_pid(t, "");
    nginx_expect(t, 2);
}


/* As nginx's manual has it: another one beside it, then it goes. */
static void
nginx_upgrade(torture_t *t)
{
    pid_t  old;

    old = t->gateway.nginx;
    ck_assert_int_eq(kill(old, SIGUSR2), 0);
    ck_assert_int_eq(nginx_pid(t, ".oldbin"), old);
    t->gateway.nginx = nginx_pid(t, "");
    nginx_expect(t, 2);

    ck_assert_int_eq(kill(old, SIGWINCH), 0);
    ck_assert_int_eq(process_stop(old, SIGQUIT), 0);
}


/* From the file, once it is there and that of a process. */
static pid_t
nginx_pid(torture_t *t, const char *suffix)
{
    int    i;
    char   path[128], *text;
    pid_t  pid;

    (void) snprintf(path, sizeof(path), "%s/nginx.pid%s", t->gateway.dir,
                    suffix);

    for (i = 0; i < NGINX_TRIES; i++) {
        text = process_read(path);
        pid = (pid_t) strtol(text, NULL, 10);
        free(text);

        if (pid > 1 && kill(pid, 0) == 0) {
            return pid;
        }

        process_pause(10);
    }

    ck_abort_msg("nginx does not write \"%s\"", path);
}


/* So many workers are there, and no old ones. */
static void
nginx_expect(torture_t *t, size_t workers)
{
    int  i;

    for (i = 0; i < NGINX_TRIES; i++) {
        if (torture_children(t->gateway.nginx) == workers) {
            return;
        }

        process_pause(10);
    }

    ck_abort_msg("nginx has %zu children", torture_children(t->gateway.nginx));
}


static void
nginx_rest(void)
{
    process_pause((unsigned) (100 + proof_random(NGINX_LONGEST)));
}


int
main(void)
{
    const TTest  *tests[] = {
        a_kill_of_nginx_workers_loses_nothing_that_is_sent_again,
        a_reload_fails_no_request,
        an_upgrade_of_nginx_fails_no_request,
        NULL
    };

    return suite_run("kill_nginx", tests, NGINX_TIMEOUT);
}
