
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <ares.h>
#include <utlist.h>

#include "sidecar/resolve/resolve.h"


/* of c-ares itself; a query's own time ends it sooner or later */
#define RESOLVE_TRY_MS    2000
#define RESOLVE_TRIES     3


typedef struct resolve_socket_s  resolve_socket_t;

/* A socket of c-ares, watched for it. */
struct resolve_socket_s {
    resolve_socket_t  *next;
    resolve_socket_t  *prev;
    resolve_t         *resolve;
    loop_io_t          io;
};


/*
 * A query lives until c-ares has answered: it cannot be told to forget one.
 *
 * done      NULL once the caller was called, or has cancelled
 * answered  c-ares holds no pointer to it any more
 */
struct resolve_query_s {
    resolve_query_t   *next;
    resolve_query_t   *prev;
    resolve_t         *resolve;
    loop_timer_t       timer;
    loop_task_t        task;
    resolve_pt         done;
    void              *data;
    resolve_answer_t   answer;
    unsigned           answered:1;
};


struct resolve_s {
    loop_t            *loop;
    ares_channel       channel;
    loop_timer_t       timer;
    resolve_socket_t  *sockets;
    resolve_query_t   *queries;
};


static void resolve_socket_state(void *data, ares_socket_t fd, int readable,
    int writable);
static resolve_socket_t *resolve_socket_find(resolve_t *r, ares_socket_t fd);
static void resolve_socket_event(loop_io_t *io, uint32_t events);
static void resolve_tick(loop_timer_t *timer);
static void resolve_arm(resolve_t *r);
static void resolve_answered(void *data, int status, int timeouts,
    struct ares_addrinfo *info);
static void resolve_fail(resolve_answer_t *a, int status);
static void resolve_interleave(resolve_answer_t *a,
    const struct ares_addrinfo *info);
static size_t resolve_family(const struct ares_addrinfo *info, int family,
    const struct sockaddr **out);
static void resolve_timeout(loop_timer_t *timer);
static void resolve_deliver(loop_task_t *task);
static void resolve_release(resolve_query_t *q);


resolve_t *
resolve_create(loop_t *loop, const char *server, char *err, size_t errlen)
{
    int                  rc, mask;
    resolve_t           *r;
    struct ares_options  options;

    r = calloc(1, sizeof(resolve_t));
    rc = ares_library_init(ARES_LIB_INIT_ALL);

    if (r == NULL || rc != ARES_SUCCESS) {
        free(r);
        (void) snprintf(err, errlen, "could not set up c-ares");
        return NULL;
    }

    r->loop = loop;
    loop_timer_init(&r->timer, resolve_tick, r);

    memset(&options, 0, sizeof(struct ares_options));
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    options.timeout = RESOLVE_TRY_MS;
    options.tries = RESOLVE_TRIES;
    options.sock_state_cb = resolve_socket_state;
    options.sock_state_cb_data = r;
    options.lookups = "fb";

    /* NOSEARCH alone does not stop ares_getaddrinfo() */
    options.ndomains = 0;
    options.ndots = 0;
    mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
           | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS
           | ARES_OPT_NDOTS;

    rc = ares_init_options(&r->channel, &options, mask);

    if (rc == ARES_SUCCESS && server[0] != '\0') {
        rc = ares_set_servers_ports_csv(r->channel, server);

        if (rc != ARES_SUCCESS) {
            ares_destroy(r->channel);
        }
    }

    if (rc != ARES_SUCCESS) {
        (void) snprintf(err, errlen, "resolver \"%s\": %s", server,
                        ares_strerror(rc));
        ares_library_cleanup();
        free(r);
        return NULL;
    }

    return r;
}


void
resolve_destroy(resolve_t *r)
{
    /* calls back for each query c-ares still has; none of them is wanted */
    ares_destroy(r->channel);
    ares_library_cleanup();
    loop_timer_del(r->loop, &r->timer);
    free(r);
}


resolve_query_t *
resolve_name(resolve_t *r, const char *name, int64_t timeout, resolve_pt done,
    void *data)
{
    resolve_query_t             *q;
    struct ares_addrinfo_hints   hints;

    q = calloc(1, sizeof(resolve_query_t));
    if (q == NULL) {
        return NULL;
    }

    q->resolve = r;
    q->done = done;
    q->data = data;
    q->task.handler = resolve_deliver;
    q->task.data = q;
    loop_timer_init(&q->timer, resolve_timeout, q);

    if (loop_timer_set(r->loop, &q->timer, timeout) != SC_OK) {
        free(q);
        return NULL;
    }

    DL_APPEND(r->queries, q);

    memset(&hints, 0, sizeof(struct ares_addrinfo_hints));
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = ARES_AI_NOSORT;

    ares_getaddrinfo(r->channel, name, NULL, &hints, resolve_answered, q);
    resolve_arm(r);

    return q;
}


void
resolve_cancel(resolve_query_t *q)
{
    q->done = NULL;
    resolve_release(q);
}


static void
resolve_socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
    uint32_t           events;
    resolve_t         *r = data;
    resolve_socket_t  *s;

    s = resolve_socket_find(r, fd);
    events = (readable ? EPOLLIN : 0) | (writable ? EPOLLOUT : 0);

    if (events == 0) {
        if (s != NULL) {
            loop_io_del(r->loop, &s->io);
            DL_DELETE(r->sockets, s);
            free(s);
        }

        return;
    }

    if (s == NULL) {
        s = calloc(1, sizeof(resolve_socket_t));
        if (s == NULL) {
            /* unwatched, its query ends by its time */
            return;
        }

        s->resolve = r;
        s->io.fd = fd;
        s->io.handler = resolve_socket_event;
        s->io.data = s;
        DL_APPEND(r->sockets, s);
    }

    (void) loop_io_set(r->loop, &s->io, events);
}


static resolve_socket_t *
resolve_socket_find(resolve_t *r, ares_socket_t fd)
{
    resolve_socket_t  *s;

    DL_FOREACH(r->sockets, s) {
        if (s->io.fd == fd) {
            return s;
        }
    }

    return NULL;
}


static void
resolve_socket_event(loop_io_t *io, uint32_t events)
{
    resolve_socket_t  *s = io->data;
    resolve_t         *r = s->resolve;
    ares_socket_t      fd = io->fd;

    /* s may be freed in here */
    ares_process_fd(r->channel,
                    events & (EPOLLIN | EPOLLERR | EPOLLHUP)
                    ? fd : ARES_SOCKET_BAD,
                    events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
    resolve_arm(r);
}


static void
resolve_tick(loop_timer_t *timer)
{
    resolve_t  *r = timer->data;

    ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    resolve_arm(r);
}


static void
resolve_arm(resolve_t *r)
{
    struct timeval  tv;

    if (ares_timeout(r->channel, NULL, &tv) == NULL) {
        loop_timer_del(r->loop, &r->timer);
        return;
    }

    (void) loop_timer_set(r->loop, &r->timer,
                          tv.tv_sec * LOOP_SEC + tv.tv_usec * 1000);
}


/* May come from inside ares_getaddrinfo(): the caller is called later. */
static void
resolve_answered(void *data, int status, int timeouts,
    struct ares_addrinfo *info)
{
    resolve_query_t  *q = data;

    (void) timeouts;

    q->answered = 1;

    if (q->done == NULL) {
        resolve_release(q);

    } else {
        resolve_fail(&q->answer, status);

        if (status == ARES_SUCCESS) {
            resolve_interleave(&q->answer, info);
        }

        loop_timer_del(q->resolve->loop, &q->timer);
        loop_defer(q->resolve->loop, &q->task);
    }

    if (info != NULL) {
        ares_freeaddrinfo(info);
    }
}


static void
resolve_fail(resolve_answer_t *a, int status)
{
    switch (status) {

    case ARES_SUCCESS:
        a->status = RESOLVE_OK;
        a->detail = "";
        break;

    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
        a->status = RESOLVE_NOT_FOUND;
        a->detail = "the name does not exist";
        break;

    case ARES_ENODATA:
        a->status = RESOLVE_NOT_FOUND;
        a->detail = "the name has no address";
        break;

    case ARES_ETIMEOUT:
        a->status = RESOLVE_TIMEOUT;
        a->detail = "the name server did not answer in time";
        break;

    default:
        a->status = RESOLVE_FAILED;
        a->detail = "the name server failed";
    }
}


/* One of each family in turn, IPv6 first (RFC 8305, 4). */
static void
resolve_interleave(resolve_answer_t *a, const struct ares_addrinfo *info)
{
    size_t                  n6, n4, i6, i4;
    const struct sockaddr  *v6[RESOLVE_MAX_ADDRS], *v4[RESOLVE_MAX_ADDRS];

    n6 = resolve_family(info, AF_INET6, v6);
    n4 = resolve_family(info, AF_INET, v4);
    i6 = 0;
    i4 = 0;

    while (a->naddrs < RESOLVE_MAX_ADDRS && (i6 < n6 || i4 < n4)) {

        if (i6 < n6 && (i6 <= i4 || i4 == n4)) {
            memcpy(&a->addrs[a->naddrs++], v6[i6++],
                   sizeof(struct sockaddr_in6));

        } else {
            memcpy(&a->addrs[a->naddrs++], v4[i4++],
                   sizeof(struct sockaddr_in));
        }
    }

    if (a->naddrs == 0) {
        resolve_fail(a, ARES_ENODATA);
    }
}


static size_t
resolve_family(const struct ares_addrinfo *info, int family,
    const struct sockaddr **out)
{
    size_t                            n;
    const struct ares_addrinfo_node  *node;

    n = 0;

    for (node = info->nodes; node != NULL; node = node->ai_next) {
        if (node->ai_family == family && n < RESOLVE_MAX_ADDRS) {
            out[n++] = node->ai_addr;
        }
    }

    return n;
}


static void
resolve_timeout(loop_timer_t *timer)
{
    resolve_query_t  *q = timer->data;

    resolve_fail(&q->answer, ARES_ETIMEOUT);
    loop_defer(q->resolve->loop, &q->task);
}


static void
resolve_deliver(loop_task_t *task)
{
    void              *data;
    resolve_pt         done;
    resolve_query_t   *q = task->data;
    resolve_answer_t   answer = q->answer;

    done = q->done;
    data = q->data;
    q->done = NULL;
    resolve_release(q);

    /* the last query: the resolver may be destroyed in here */
    done(data, &answer);
}


/* Free the query unless c-ares still has it. */
static void
resolve_release(resolve_query_t *q)
{
    loop_timer_del(q->resolve->loop, &q->timer);
    loop_undefer(&q->task);

    if (q->answered) {
        DL_DELETE(q->resolve->queries, q);
        free(q);
    }
}
