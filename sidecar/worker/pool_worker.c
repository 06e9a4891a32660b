
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/wait.h>

#include "sidecar/core/log.h"
#include "sidecar/metrics/metrics.h"
#include "sidecar/worker/pool_internal.h"


/* a process must say that it is ready within */
#define POOL_START_TIMEOUT  (10 * LOOP_SEC)

/* how often a killed process is waited for, should SIGCHLD not tell */
#define POOL_REAP_TICK      (10 * LOOP_MS)

/* between starts of a process that keeps ending: doubled up to the second */
#define POOL_PAUSE          (100 * LOOP_MS)
#define POOL_PAUSE_DOUBLES  7

/* milliseconds of one page at most */
#define POOL_MAX_TIME       86400000

/* read at once, and kept from page to page */
#define POOL_CHUNK          65536
#define POOL_KEEP           1048576


static uint32_t pool_worker_time(int64_t timeout);
static void pool_worker_task(pool_worker_t *w, const pool_request_t *r);
static int pool_worker_spawn(pool_worker_t *w, int fd);
static void pool_worker_event(loop_io_t *io, uint32_t events);
static void pool_worker_timer(loop_timer_t *timer);
static void pool_worker_write(pool_worker_t *w);
static void pool_worker_read(pool_worker_t *w);
static int pool_worker_receive(pool_worker_t *w, wire_reply_t *reply);
static void pool_worker_replied(pool_worker_t *w, const wire_reply_t *reply);
static void pool_worker_result(pool_worker_t *w, const wire_reply_t *reply);
static void pool_worker_view(sc_str_t *view, const char **part, size_t len);
static void pool_worker_died(pool_worker_t *w);
static void pool_worker_kill(pool_worker_t *w, pool_status_t status,
    const char *detail);
static void pool_worker_ended(pool_worker_t *w, int status);
static void pool_worker_again(pool_worker_t *w);
static void pool_worker_rules(pool_worker_t *w, const pool_request_t *r);
static void pool_worker_part(pool_worker_t *w, const void *data, size_t len);
static void pool_worker_sent(pool_worker_t *w, size_t len);


void
pool_worker_init(pool_worker_t *w, pool_t *pool)
{
    w->pool = pool;
    w->pid = -1;
    w->io.fd = -1;
    w->io.handler = pool_worker_event;
    w->io.data = w;
    loop_timer_init(&w->timer, pool_worker_timer, w);
    sc_buf_init(&w->in, sizeof(wire_reply_t) + WIRE_MAX_REPLY + POOL_CHUNK);
}


int
pool_worker_start(pool_worker_t *w)
{
    int  fds[2], err;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        return SC_ERROR;
    }

    err = pool_worker_spawn(w, fds[1]);
    (void) close(fds[1]);

    if (err != 0) {
        (void) close(fds[0]);
        errno = err;
        return SC_ERROR;
    }

    w->io.fd = fds[0];
    w->state = POOL_WORKER_STARTING;
    metrics_add(METRICS_SPAWNED, 1);
    w->niov = 0;
    w->uses = 0;
    memset(w->slots, 0, sizeof(w->slots));
    sc_buf_reset(&w->in);

    if (loop_io_set(w->pool->loop, &w->io, EPOLLIN) != SC_OK
        || loop_timer_set(w->pool->loop, &w->timer, POOL_START_TIMEOUT)
           != SC_OK)
    {
        err = errno;
        pool_worker_stop(w);
        errno = err;
        return SC_ERROR;
    }

    return SC_OK;
}


/*
 * A worker is told to end by itself before it is killed: what is counted in
 * steps hears that, and the process stays.
 */

static uint32_t
pool_worker_time(int64_t timeout)
{
    int64_t  ms;

    ms = timeout / LOOP_MS;
    ms -= ms / 4;

    return (uint32_t) (ms < 1 ? 1 : ms > POOL_MAX_TIME ? POOL_MAX_TIME : ms);
}


/* All that the request has goes out in one call, if the socket takes it. */

void
pool_worker_give(pool_worker_t *w, pool_task_t *task)
{
    const pool_request_t  *r = &task->request;

    task->worker = w;
    w->task = task;
    w->begun = loop_now(w->pool->loop);
    w->state = POOL_WORKER_BUSY;
    w->niov = 0;

    memset(&w->head, 0, sizeof(wire_request_t));
    w->head.magic = WIRE_MAGIC;
    w->head.url = (uint32_t) strlen(r->url) + 1;
    w->head.content_type = (uint32_t) strlen(r->content_type) + 1;
    w->head.headers = (uint32_t) r->headers.len;
    w->head.body = (uint32_t) r->body.len;
    w->head.time = pool_worker_time(w->pool->timeout);
    w->head.views = r->views;
    w->head.html5 = r->html5;
    w->head.sitemap = r->sitemap;
    w->head.now = (int64_t) time(NULL);
    w->head.number = ++w->pool->given;

    pool_worker_part(w, &w->head, sizeof(wire_request_t));
    pool_worker_part(w, r->url, w->head.url);
    pool_worker_part(w, r->content_type, w->head.content_type);
    pool_worker_part(w, r->headers.data, r->headers.len);

    pool_worker_task(w, r);
    pool_worker_part(w, r->body.data, r->body.len);

    (void) loop_timer_set(w->pool->loop, &w->timer, w->pool->timeout);

    pool_worker_write(w);
}


/* What is to be done with the page: a form goes before a sitemap. */

static void
pool_worker_task(pool_worker_t *w, const pool_request_t *r)
{
    if (r->form.len != 0) {
        w->head.sitemap = 0;
        w->head.form = (uint32_t) r->form.len;
        pool_worker_part(w, r->form.data, r->form.len);
        return;
    }

    w->head.scope = (uint32_t) r->scope.len;
    pool_worker_part(w, r->scope.data, r->scope.len);

    if (!r->sitemap) {
        pool_worker_rules(w, r);
    }
}


/*
 * A page that has been handed over is finished for nothing; one that has not
 * would be read on from memory that is the caller's again.
 */

void
pool_worker_drop(pool_worker_t *w)
{
    w->task = NULL;

    if (w->niov != 0) {
        pool_worker_kill(w, POOL_CRASHED, "");
    }
}


void
pool_worker_reap(pool_worker_t *w)
{
    int    status;
    pid_t  pid;

    if (w->state != POOL_WORKER_DYING) {
        /* should it have died, its socket tells so, after its last reply */
        return;
    }

    status = 0;
    pid = waitpid(w->pid, &status, WNOHANG);

    if (pid == 0) {
        (void) loop_timer_set(w->pool->loop, &w->timer, POOL_REAP_TICK);
        return;
    }

    pool_worker_ended(w, status);
}


void
pool_worker_stop(pool_worker_t *w)
{
    loop_timer_del(w->pool->loop, &w->timer);

    if (w->io.fd != -1) {
        loop_io_del(w->pool->loop, &w->io);
        (void) close(w->io.fd);
        w->io.fd = -1;
    }

    if (w->pid != -1) {
        (void) kill(w->pid, SIGKILL);

        while (waitpid(w->pid, NULL, 0) == -1 && errno == EINTR) {
            /* once more */
        }

        w->pid = -1;
    }

    free(w->task);
    w->task = NULL;
    sc_buf_free(&w->in);
    w->state = POOL_WORKER_DOWN;
}


/* 0, or what posix_spawn() returns; our signals are not the worker's. */

static int
pool_worker_spawn(pool_worker_t *w, int fd)
{
    int                          err;
    char                        *argv[3];
    sigset_t                     all, none;
    posix_spawnattr_t            attr;
    posix_spawn_file_actions_t   actions;

    argv[0] = w->pool->program;
    argv[1] = (char *) "--worker";
    argv[2] = NULL;

    (void) sigfillset(&all);
    (void) sigemptyset(&none);

    err = posix_spawnattr_init(&attr);
    if (err != 0) {
        return err;
    }

    err = posix_spawn_file_actions_init(&actions);
    if (err != 0) {
        (void) posix_spawnattr_destroy(&attr);
        return err;
    }

    (void) posix_spawnattr_setsigdefault(&attr, &all);
    (void) posix_spawnattr_setsigmask(&attr, &none);
    (void) posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF
                                           | POSIX_SPAWN_SETSIGMASK);

    err = posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);

    if (err == 0) {
        err = posix_spawn(&w->pid, w->pool->program, &actions, &attr, argv,
                          environ);
    }

    if (err != 0) {
        w->pid = -1;
    }

    (void) posix_spawn_file_actions_destroy(&actions);
    (void) posix_spawnattr_destroy(&attr);

    return err;
}


static void
pool_worker_event(loop_io_t *io, uint32_t events)
{
    pool_worker_t  *w = io->data;

    if ((events & EPOLLOUT) && w->niov != 0) {
        pool_worker_write(w);
    }

    if (events & ~(uint32_t) EPOLLOUT) {
        pool_worker_read(w);
    }
}


static void
pool_worker_timer(loop_timer_t *timer)
{
    char            detail[80];
    pool_worker_t  *w = timer->data;

    switch (w->state) {

    case POOL_WORKER_STARTING:
        log_error("extract worker %d did not get ready", (int) w->pid);
        w->failures++;
        pool_worker_kill(w, POOL_CRASHED, "");
        break;

    case POOL_WORKER_BUSY:
        (void) snprintf(detail, sizeof(detail),
                        "the page took longer than %lld ms",
                        (long long) (w->pool->timeout / LOOP_MS));
        pool_worker_kill(w, POOL_TIMEOUT, detail);
        break;

    case POOL_WORKER_DYING:
        pool_worker_reap(w);
        break;

    case POOL_WORKER_DOWN:
        if (pool_worker_start(w) != SC_OK) {
            log_error("could not start an extract worker: %m");
            w->failures++;
            pool_worker_again(w);
        }

        break;

    case POOL_WORKER_IDLE:
        break;
    }
}


/* Called inside pool_submit(): should the worker be dead, reading tells. */

static void
pool_worker_write(pool_worker_t *w)
{
    ssize_t        n;
    uint32_t       events;
    struct msghdr  msg;

    events = EPOLLIN;

    while (w->niov != 0) {
        memset(&msg, 0, sizeof(struct msghdr));
        msg.msg_iov = w->iov;
        msg.msg_iovlen = w->niov;

        n = sendmsg(w->io.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n >= 0) {
            pool_worker_sent(w, (size_t) n);

        } else if (errno != EINTR) {
            events |= (errno == EAGAIN) ? EPOLLOUT : 0;
            break;
        }
    }

    if (events != w->io.events) {
        (void) loop_io_set(w->pool->loop, &w->io, events);
    }
}


static void
pool_worker_read(pool_worker_t *w)
{
    wire_reply_t  reply;

    switch (pool_worker_receive(w, &reply)) {

    case SC_OK:
        break;

    case SC_AGAIN:
        return;

    default:
        pool_worker_died(w);
        return;
    }

    if (w->state == POOL_WORKER_STARTING && reply.status == WIRE_READY) {
        loop_timer_del(w->pool->loop, &w->timer);
        sc_buf_reset(&w->in);
        w->state = POOL_WORKER_IDLE;
        pool_dispatch(w->pool);
        return;
    }

    if (w->state != POOL_WORKER_BUSY || w->niov != 0
        || reply.status == WIRE_READY || reply.number != w->head.number)
    {
        log_error("extract worker %d spoke out of turn", (int) w->pid);
        pool_worker_died(w);
        return;
    }

    pool_worker_replied(w, &reply);
}


/* SC_OK with a whole reply in w->in, SC_ERROR when there will be none. */

static int
pool_worker_receive(pool_worker_t *w, wire_reply_t *reply)
{
    char     *room;
    size_t    len;
    ssize_t   n;

    room = sc_buf_reserve(&w->in, POOL_CHUNK);
    if (room == NULL) {
        return SC_ERROR;
    }

    n = recv(w->io.fd, room, POOL_CHUNK, MSG_DONTWAIT);

    if (n <= 0) {
        return (n < 0 && (errno == EAGAIN || errno == EINTR)) ? SC_AGAIN
                                                              : SC_ERROR;
    }

    w->in.len += (size_t) n;

    if (w->in.len < sizeof(wire_reply_t)) {
        return SC_AGAIN;
    }

    memcpy(reply, w->in.data, sizeof(wire_reply_t));

    if (wire_reply_check(reply, &len) != SC_OK
        || w->in.len > sizeof(wire_reply_t) + len)
    {
        log_error("extract worker %d sent what is not a reply", (int) w->pid);
        return SC_ERROR;
    }

    if (w->in.len < sizeof(wire_reply_t) + len) {
        return SC_AGAIN;
    }

    if (wire_parts_check(&w->head, reply,
                         w->in.data + sizeof(wire_reply_t)) != SC_OK)
    {
        log_error("extract worker %d sent what is no data", (int) w->pid);
        return SC_ERROR;
    }

    return SC_OK;
}


static void
pool_worker_replied(pool_worker_t *w, const wire_reply_t *reply)
{
    loop_timer_del(w->pool->loop, &w->timer);
    w->failures = 0;

    if (reply->status == WIRE_FAILED && w->head.form == 0
        && !w->head.sitemap)
    {
        /* it may have been the rules */
        w->slots[w->slot].hash[0] = '\0';
    }

    /* busy until the callback is over, which reads from w->in */

    if (w->task != NULL) {
        pool_worker_result(w, reply);
    }

    if (w->in.cap > POOL_KEEP) {
        sc_buf_free(&w->in);

    } else {
        sc_buf_reset(&w->in);
    }

    w->state = POOL_WORKER_IDLE;
    pool_dispatch(w->pool);
}


/* The reply's parts were checked to fill w->in exactly. */

static void
pool_worker_result(pool_worker_t *w, const wire_reply_t *reply)
{
    pool_task_t    *task = w->task;
    const char     *part = w->in.data + sizeof(wire_reply_t);
    pool_result_t   result;

    w->task = NULL;
    memset(&result, 0, sizeof(pool_result_t));

    switch (reply->status) {

    case WIRE_OK:
        result.status = POOL_OK;
        break;

    case WIRE_TIMEOUT:
        result.status = POOL_TIMEOUT;
        break;

    default:
        result.status = POOL_FAILED;
        break;
    }

    metrics_observe(METRICS_EXTRACT_TIME, METRICS_SECONDS,
                    loop_now(w->pool->loop) - w->begun);

    result.matched = (reply->flags & WIRE_MATCHED) != 0;
    result.dropped = (reply->flags & WIRE_DROPPED) != 0;
    result.incomplete = (reply->flags & WIRE_INCOMPLETE) != 0;

    pool_worker_view(&result.data, &part, reply->data);
    pool_worker_view(&result.missing, &part, reply->missing);
    pool_worker_view(&result.warnings, &part, reply->warnings);
    pool_worker_view(&result.view, &part, reply->view);
    pool_worker_view(&result.fill, &part, reply->fill);
    pool_worker_view(&result.form, &part, reply->form);
    pool_worker_view(&result.found, &part, reply->found);
    result.refresh = reply->refresh != 0 ? part : "";
    result.refresh_delay = reply->refresh_delay;
    result.charset = reply->charset;
    result.charset_from = reply->charset_from;
    result.detail = reply->detail;
    result.elapsed = (double) reply->elapsed / (double) LOOP_MS;

    pool_finish(task, &result);
}


static void
pool_worker_view(sc_str_t *view, const char **part, size_t len)
{
    view->data = *part;
    view->len = len;
    *part += len;
}


/* A process that ends while it has a page ends by the page's fault. */

static void
pool_worker_died(pool_worker_t *w)
{
    if (w->state != POOL_WORKER_BUSY || w->niov != 0) {
        w->failures++;
    }

    pool_worker_kill(w, POOL_CRASHED, "the worker died on this page");
}


/* status and detail are for its page, unless that was never handed over. */

static void
pool_worker_kill(pool_worker_t *w, pool_status_t status, const char *detail)
{
    pool_task_t  *task = w->task;
    unsigned      unsent;

    loop_io_del(w->pool->loop, &w->io);
    (void) close(w->io.fd);
    w->io.fd = -1;

    (void) kill(w->pid, SIGKILL);
    metrics_add(METRICS_KILLED, 1);
    (void) loop_timer_set(w->pool->loop, &w->timer, POOL_REAP_TICK);

    /* the place is as it will stay before the callback sees it */

    unsent = (w->niov != 0);
    w->state = POOL_WORKER_DYING;
    w->task = NULL;
    w->niov = 0;

    if (task == NULL) {
        return;
    }

    if (unsent && status == POOL_CRASHED) {
        pool_requeue(w->pool, task);

    } else {
        pool_fail(task, status, detail);
    }
}


static void
pool_worker_ended(pool_worker_t *w, int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
        log_warn("extract worker %d died of signal %d", (int) w->pid,
                 WTERMSIG(status));

    } else if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
        log_warn("extract worker %d exited with status %d", (int) w->pid,
                 WEXITSTATUS(status));
    }

    w->pid = -1;
    w->state = POOL_WORKER_DOWN;

    pool_worker_again(w);
}


/* At once, unless it keeps ending. */

static void
pool_worker_again(pool_worker_t *w)
{
    int64_t   pause;
    unsigned  doubles;

    pause = 0;

    if (w->failures != 0) {
        doubles = w->failures - 1;

        if (doubles > POOL_PAUSE_DOUBLES) {
            doubles = POOL_PAUSE_DOUBLES;
        }

        pause = POOL_PAUSE << doubles;
        log_error("an extract worker ended without a page, the next is "
                  "started in %lld ms", (long long) (pause / LOOP_MS));
    }

    (void) loop_timer_set(w->pool->loop, &w->timer, pause);
}


/* The text of the rules, or only their place when the worker has them. */

static void
pool_worker_rules(pool_worker_t *w, const pool_request_t *r)
{
    size_t        i, oldest;
    pool_slot_t  *slot;

    oldest = 0;

    for (i = 0; i < WIRE_SLOTS; i++) {
        slot = &w->slots[i];

        if (slot->hash[0] != '\0' && strcmp(slot->hash, r->rules_hash) == 0) {
            break;
        }

        if (slot->used < w->slots[oldest].used) {
            oldest = i;
        }
    }

    if (i == WIRE_SLOTS) {
        i = oldest;
        slot = &w->slots[i];

        /* what is cut here is a name that no set has: never found again */
        (void) snprintf(slot->hash, sizeof(slot->hash), "%s", r->rules_hash);
        w->head.rules = (uint32_t) r->rules.len;
        pool_worker_part(w, r->rules.data, r->rules.len);
    }

    w->slots[i].used = ++w->uses;
    w->slot = (uint32_t) i;
    w->head.slot = w->slot;
}


static void
pool_worker_part(pool_worker_t *w, const void *data, size_t len)
{
    if (len != 0) {
        w->iov[w->niov].iov_base = (void *) data;
        w->iov[w->niov].iov_len = len;
        w->niov++;
    }
}


/* Take what has gone out off the parts that are still to be sent. */

static void
pool_worker_sent(pool_worker_t *w, size_t len)
{
    size_t  n;

    for (n = 0; n < w->niov && len >= w->iov[n].iov_len; n++) {
        len -= w->iov[n].iov_len;
    }

    w->niov -= n;
    memmove(w->iov, w->iov + n, w->niov * sizeof(struct iovec));

    if (w->niov != 0) {
        w->iov[0].iov_base = (char *) w->iov[0].iov_base + len;
        w->iov[0].iov_len -= len;
    }
}
