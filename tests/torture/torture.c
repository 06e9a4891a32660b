
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/store/store.h"
#include "tests/support/proof.h"
#include "tests/torture/torture.h"


#define TORTURE_SETTLE     240          /* seconds, for all jobs to end */
#define TORTURE_CLIENTS    2
#define TORTURE_FIRST      60000        /* ms, until the first 202 */


static torture_t *torture_memory(const torture_options_t *o);
static void torture_limits(torture_t *t);
static void torture_limit(torture_t *t, torture_host_t host,
    const char *members);
static void torture_copy(torture_t *t, const char *suffix);
static void torture_copy_file(const char *from, const char *to);
static void torture_whole(torture_t *t);
static int torture_first(torture_t *t);
static void torture_end_load(torture_t *t);
static void torture_alerts(torture_t *t);


torture_t *
torture_start(const torture_options_t *o)
{
    int         i;
    torture_t  *t;

    t = torture_memory(o);
    torture_origin_listen(t);
    torture_hooks_listen(t);

    torture_part(t, torture_origin_run);
    torture_part(t, torture_hooks_run);
    t->ngone = t->nparts;

    for (i = 0; i < (o->clients != 0 ? o->clients : TORTURE_CLIENTS); i++) {
        torture_part(t, torture_send_run);
    }

    torture_part(t, torture_stream_run);

    /* none of this connection is a part's */
    gateway_start(&t->gateway, &o->options);
    torture_limits(t);

    if (o->before != NULL) {
        o->before(t);
    }

    atomic_store(&t->go, 1);

    return t;
}


static torture_t *
torture_memory(const torture_options_t *o)
{
    torture_t  *t;

    t = mmap(NULL, sizeof(torture_t), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(t != MAP_FAILED);
    t->o = *o;
    t->ledger = ledger_create(TORTURE_JOBS);
    atomic_init(&t->njobs, 1);

    return t;
}


void
torture_part(torture_t *t, void (*run)(torture_t *t))
{
    pid_t   pid;
    size_t  i;

    ck_assert_uint_lt(t->nparts, TORTURE_PARTS);
    i = t->nparts++;
    pid = fork();
    ck_assert_int_ne(pid, -1);

    if (pid != 0) {
        t->parts[i] = pid;
        return;
    }

    /* the origin and the receiver are needed for the start */
    while (t->ngone != 0 && !atomic_load(&t->go)) {
        process_pause(5);
    }

    /* each has numbers of its own */
    for (i = i * 97; i > 0; i--) {
        (void) proof_random(2);
    }

    run(t);
    _exit(0);
}


/* Limits of hosts, on disk. */
static void
torture_limits(torture_t *t)
{
    char  text[96];

    (void) snprintf(text, sizeof(text), "{\"concurrency\":1,\"delay_ms\":%d}",
                    TORTURE_DELAY);
    torture_limit(t, TORTURE_LIMITED, text);
    torture_limit(t, TORTURE_BLOCKING, "{\"concurrency\":1}");
    torture_limit(t, TORTURE_FAILING, "{\"concurrency\":1,\"failures\":3}");

    ck_assert_int_eq(gateway_stop_sidecar(&t->gateway, SIGTERM), 0);
    gateway_start_sidecar(&t->gateway);
}


static void
torture_limit(torture_t *t, torture_host_t host, const char *members)
{
    char            path[128];
    client_reply_t  r;

    (void) snprintf(path, sizeof(path), "/v1/hosts/%s",
                    t->hosts[host] + strlen("http://"));
    r = gateway_request(&t->gateway, "PATCH", path, NULL, members);
    ck_assert_msg(r.status == 200, "%s", r.body);
    client_free(&r);
}


void
torture_accept_job(torture_t *t, size_t n, const char *id, unsigned pages)
{
    ck_assert_uint_lt(n, TORTURE_JOBS);
    ck_assert_str_ne(id, "");
    (void) snprintf(t->jobs[n].id, LEDGER_ID, "%s", id);
    atomic_store(&t->jobs[n].accepted, 1);
    ledger_add(t->ledger, id, pages);
}


int64_t
torture_kill(torture_t *t)
{
    int64_t  first;

    ck_assert_uint_lt(t->nkilled, TORTURE_KILLED);
    t->killed[t->nkilled++] = torture_now();
    ck_assert_int_eq(gateway_stop_sidecar(&t->gateway, SIGKILL),
                     128 + SIGKILL);

    /* as it was left, for scraped is to find it so */
    torture_copy(t, "");
    torture_copy(t, "-wal");
    first = torture_restart(t);
    torture_whole(t);

    return first;
}


static void
torture_copy(torture_t *t, const char *suffix)
{
    char  from[128], to[128];

    (void) snprintf(from, sizeof(from), "%s/scraped.db%s", t->gateway.dir,
                    suffix);
    (void) snprintf(to, sizeof(to), "%s/copy.db%s", t->gateway.dir, suffix);
    torture_copy_file(from, to);
}


static void
torture_copy_file(const char *from, const char *to)
{
    int      in, out;
    char     block[65536];
    ssize_t  n;

    in = open(from, O_RDONLY | O_CLOEXEC);
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ne(in, -1);
    ck_assert_int_ne(out, -1);

    while ((n = read(in, block, sizeof(block))) > 0) {
        ck_assert_int_eq(write(out, block, (size_t) n), (int) n);
    }

    ck_assert_int_eq(n, 0);
    (void) close(in);
    (void) close(out);
}


static void
torture_whole(torture_t *t)
{
    char  path[128], err[512];

    (void) snprintf(path, sizeof(path), "%s/copy.db", t->gateway.dir);
    ck_assert_msg(store_check(path, err, sizeof(err)) == SC_OK,
                  "what a kill left is not whole: %s", err);
    (void) unlink(path);
    (void) snprintf(path, sizeof(path), "%s/copy.db-wal", t->gateway.dir);
    (void) unlink(path);
    (void) snprintf(path, sizeof(path), "%s/copy.db-shm", t->gateway.dir);
    (void) unlink(path);
}


int64_t
torture_restart(torture_t *t)
{
    int64_t  from;

    from = torture_now();
    gateway_start_sidecar(&t->gateway);

    while (!torture_first(t)) {
        ck_assert_msg(torture_now() - from < TORTURE_FIRST,
                      "nothing is accepted after a restart");
    }

    return torture_now() - from;
}


static int
torture_first(torture_t *t)
{
    int             status;
    char            url[128], body[256];
    client_reply_t  r;

    (void) snprintf(url, sizeof(url), "%s/v1/extract", t->gateway.url);
    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/first\",\"rules\":"
                    "{\"title\":\"//h1\"}}", t->hosts[TORTURE_PLAIN]);
    (void) client_try(&r, "POST", url, "Content-Type: application/json\n"
                      "Prefer: respond-async", body, 5000);
    status = (int) r.status;

    if (status == 202) {
        ledger_add(t->ledger, client_str(&r, "id"), 1);
    }

    client_free(&r);

    return status == 202;
}


void
torture_finish(torture_t *t, const char *suite)
{
    size_t             wrong, rude, judged, missed, hooked, asked;
    torture_counts_t  *c = &t->counts;

    torture_end_load(t);
    ledger_settle(t->ledger, &t->gateway, TORTURE_SETTLE);
    missed = torture_hooks_missed(t, &hooked);
    wrong = torture_verify(t);
    rude = torture_judge(t, &judged);
    asked = atomic_load(&c->requests);

    gateway_stop_sidecar(&t->gateway, SIGTERM);
    ledger_whole(&t->gateway);

    if (t->o.alerts != NULL) {
        torture_alerts(t);
    }

    gateway_stop(&t->gateway);

    proof_report(suite, "what was accepted has one outcome",
                 ledger_count(t->ledger), wrong,
                 "%zu pages, %zu of them failed", c->pages, c->failed);
    proof_report(suite, "answers are announced, and tries again succeed",
                 asked, c->odd + c->given_up,
                 "%zu tries again, %zu connections cut", (size_t) c->again,
                 (size_t) c->cut);
    proof_report(suite, "hosts are left alone as long as they are owed",
                 judged, rude, "of %zu fetches", (size_t) t->nhits);
    proof_report(suite, "webhooks come at least once", hooked, missed,
                 "%zu messages", (size_t) c->messages);
    proof_report(suite, "a stream that is resumed misses no row", c->rows,
                 c->gaps, "%zu jobs, resumed %zu times",
                 (size_t) c->streams, (size_t) c->resumed);
}


/* The clients and the readers end by themselves; the others are told to. */
static void
torture_end_load(torture_t *t)
{
    size_t  i;

    atomic_store(&t->stop, 1);

    for (i = t->ngone; i < t->nparts; i++) {
        ck_assert_int_eq(process_wait(t->parts[i]), 0);
    }
}


/* What was done to nginx is an alert to it; it has no others. */
static void
torture_alerts(torture_t *t)
{
    char  path[128], *log, *line, *rest;

    (void) snprintf(path, sizeof(path), "%s/nginx.log", t->gateway.dir);
    log = process_read(path);

    for (line = strtok_r(log, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
    {
        ck_assert_msg((strstr(line, "[alert]") == NULL
                       || strstr(line, t->o.alerts) != NULL)
                      && strstr(line, "[emerg]") == NULL, "%s", line);
    }

    free(log);
    ck_assert_int_eq(truncate(path, 0), 0);
}
