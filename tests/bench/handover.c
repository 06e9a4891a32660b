
/*
 * What it costs to hand a page to a worker and to get its data back, without
 * the extraction itself: processor time of both sides, and wall clock.  The
 * limit is the same bytes to another process and back over a bare socket,
 * measured in the same run.  Prints two JSON lines.
 *
 * usage: handover ROUNDS; and handover --worker
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "sidecar/core/log.h"
#include "sidecar/worker/pool_internal.h"
#include "sidecar/worker/worker.h"


#define HANDOVER_RULES  "{\"a\":\"//p\"}"
#define HANDOVER_PAGE   "<p>x"
#define HANDOVER_WARM   2000


/*
 * left     pages to go; counted from HANDOVER_WARM on
 * elapsed  milliseconds in the worker
 * reply    bytes that come back
 */
typedef struct {
    loop_t      *loop;
    pool_t      *pool;
    long         left;
    long         rounds;
    double       elapsed;
    double       wall;
    double       cpu;
    size_t       reply;
    clockid_t    worker;
} handover_t;


static void handover_give(handover_t *h);
static void handover_done(void *data, const pool_result_t *result);
static double handover_clock(clockid_t id);
static int handover_bare(const handover_t *h, double *wall, double *cpu);
static void handover_echo(int fd, size_t in, size_t out);
static int handover_turn(int fd, char *bytes, size_t out, size_t in);
static void handover_print(const char *name, double ours, double limit);


int
main(int argc, char **argv)
{
    double      wall, cpu;
    handover_t  h;

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return worker_main();
    }

    memset(&h, 0, sizeof(handover_t));
    h.rounds = (argc == 2) ? strtol(argv[1], NULL, 10) : 0;
    h.left = h.rounds + HANDOVER_WARM;

    if (h.rounds <= 0 || log_open("stderr", LOG_ERROR) != SC_OK) {
        (void) fprintf(stderr, "usage: handover ROUNDS\n");
        return 2;
    }

    h.loop = loop_create();
    h.pool = (h.loop != NULL) ? pool_create(h.loop, NULL, 1, LOOP_SEC) : NULL;

    if (h.pool == NULL) {
        (void) fprintf(stderr, "could not start a worker\n");
        return 1;
    }

    handover_give(&h);

    if (loop_run(h.loop) != SC_OK || h.left != 0
        || handover_bare(&h, &wall, &cpu) != 0)
    {
        (void) fprintf(stderr, "could not hand pages over\n");
        return 1;
    }

    /* in the worker both are the same: it does not wait while it extracts */

    h.elapsed *= 1e-3;
    handover_print("hand-over of a page to a worker, CPU of both",
                   (h.cpu - h.elapsed) / (double) h.rounds * 1e6, cpu);
    handover_print("hand-over of a page to a worker, round trip",
                   (h.wall - h.elapsed) / (double) h.rounds * 1e6, wall);

    pool_destroy(h.pool);
    loop_destroy(h.loop);

    return 0;
}


static void
handover_give(handover_t *h)
{
    pool_request_t  r;

    memset(&r, 0, sizeof(pool_request_t));
    r.url = "http://shop.example/";
    r.content_type = "text/html; charset=utf-8";
    r.rules = (sc_str_t) sc_string(HANDOVER_RULES);
    r.rules_hash = "r";
    r.body = (sc_str_t) sc_string(HANDOVER_PAGE);

    if (pool_submit(h->pool, &r, handover_done, h) == NULL) {
        loop_stop(h->loop);
    }
}


static void
handover_done(void *data, const pool_result_t *r)
{
    double       wall, cpu;
    handover_t  *h = data;

    if (r->status != POOL_OK) {
        loop_stop(h->loop);
        return;
    }

    h->left--;

    if (h->left == h->rounds || h->left == 0) {
        if (clock_getcpuclockid(h->pool->workers[0].pid, &h->worker) != 0) {
            h->left = -1;
        }

        wall = handover_clock(CLOCK_MONOTONIC);
        cpu = handover_clock(CLOCK_PROCESS_CPUTIME_ID)
              + handover_clock(h->worker);
        h->wall = wall - h->wall;
        h->cpu = cpu - h->cpu;
    }

    if (h->left <= 0) {
        h->reply = sizeof(wire_reply_t) + r->data.len + r->missing.len
                   + r->warnings.len + r->view.len + r->fill.len;
        loop_stop(h->loop);
        return;
    }

    if (h->left < h->rounds) {
        h->elapsed += r->elapsed;
    }

    handover_give(h);
}


static double
handover_clock(clockid_t id)
{
    struct timespec  ts;

    (void) clock_gettime(id, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}


/* Microseconds of a round, of the processor by both sides. */

static int
handover_bare(const handover_t *h, double *wall, double *cpu)
{
    int            rc, fds[2];
    long           i;
    char           bytes[4096];
    size_t         out;
    pid_t          pid;
    clockid_t      other;

    out = sizeof(wire_request_t) + sizeof("http://shop.example/")
          + sizeof("text/html; charset=utf-8") + sizeof(HANDOVER_PAGE) - 1;

    if (h->reply > sizeof(bytes)
        || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
    {
        return -1;
    }

    pid = fork();

    if (pid == 0) {
        (void) close(fds[0]);
        handover_echo(fds[1], out, h->reply);
        _exit(0);
    }

    (void) close(fds[1]);
    memset(bytes, 'x', sizeof(bytes));
    rc = (pid == -1) ? -1 : clock_getcpuclockid(pid, &other);
    *wall = 0;
    *cpu = 0;

    for (i = 0; i < HANDOVER_WARM + h->rounds && rc == 0; i++) {
        if (i == HANDOVER_WARM) {
            *wall = -handover_clock(CLOCK_MONOTONIC);
            *cpu = -handover_clock(CLOCK_PROCESS_CPUTIME_ID)
                   - handover_clock(other);
        }

        rc = handover_turn(fds[0], bytes, out, h->reply);
    }

    *wall = (*wall + handover_clock(CLOCK_MONOTONIC)) / (double) h->rounds
            * 1e6;
    *cpu = (*cpu + handover_clock(CLOCK_PROCESS_CPUTIME_ID)
            + handover_clock(other)) / (double) h->rounds * 1e6;

    (void) close(fds[0]);

    while (pid != -1 && waitpid(pid, NULL, 0) == -1) {
        /* once more */
    }

    return rc;
}


static void
handover_echo(int fd, size_t in, size_t out)
{
    char  bytes[4096];

    memset(bytes, 'y', sizeof(bytes));

    while (recv(fd, bytes, in, MSG_WAITALL) == (ssize_t) in
           && send(fd, bytes, out, MSG_NOSIGNAL) == (ssize_t) out)
    {
        /* until the other end is closed */
    }
}


static int
handover_turn(int fd, char *bytes, size_t out, size_t in)
{
    if (send(fd, bytes, out, MSG_NOSIGNAL) != (ssize_t) out
        || recv(fd, bytes, in, MSG_WAITALL) != (ssize_t) in)
    {
        return -1;
    }

    return 0;
}


static void
handover_print(const char *name, double ours, double limit)
{
    (void) printf("{\"name\":\"%s\",\"ours\":%.3g,\"limit\":%.3g,"
                  "\"ratio\":%.3g,\"unit\":\"us\"}\n", name, ours, limit,
                  ours / limit);
}
