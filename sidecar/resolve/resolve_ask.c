
#include <string.h>

#include "sidecar/resolve/resolve_internal.h"


/* a caller's own time may be shorter; all tries together take 6 s a server */
#define RESOLVE_TRY_MS    2000
#define RESOLVE_TRIES     2

/* c-ares is told the time so often: ares_timeout() looks at every question */
#define RESOLVE_TICK      (20 * LOOP_MS)

/* for the answers to all questions at once; the system may give less */
#define RESOLVE_BUFFER    (1024 * 1024)


static void resolve_socket_state(void *data, ares_socket_t fd, int readable,
    int writable);
static resolve_socket_t *resolve_socket_find(resolve_t *r, ares_socket_t fd);
static void resolve_socket_event(loop_io_t *io, uint32_t events);
static void resolve_tick(loop_timer_t *timer);
static void resolve_answered(void *data, int status, int timeouts,
    struct ares_addrinfo *info);
static int resolve_ttl(const resolve_question_t *question,
    const resolve_record_t *record, const struct ares_addrinfo *info);


int
resolve_ask_open(resolve_t *r, const char *server)
{
    int                  rc, mask;
    struct ares_options  options;

    loop_timer_init(&r->tick, resolve_tick, r);

    memset(&options, 0, sizeof(struct ares_options));
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    options.timeout = RESOLVE_TRY_MS;
    options.tries = RESOLVE_TRIES;
    options.sock_state_cb = resolve_socket_state;
    options.sock_state_cb_data = r;
    options.socket_receive_buffer_size = RESOLVE_BUFFER;
    options.lookups = "fb";

    /* NOSEARCH alone does not stop ares_getaddrinfo() */
    options.ndomains = 0;
    options.ndots = 0;
    mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
           | ARES_OPT_SOCK_STATE_CB | ARES_OPT_SOCK_RCVBUF | ARES_OPT_LOOKUPS
           | ARES_OPT_DOMAINS | ARES_OPT_NDOTS;

#ifdef ARES_OPT_QUERY_CACHE
    /* what is kept here has its own rules; a second cache would add to them */
    options.qcache_max_ttl = 0;
    mask |= ARES_OPT_QUERY_CACHE;
#endif

    rc = ares_library_init(ARES_LIB_INIT_ALL);
    if (rc != ARES_SUCCESS) {
        return rc;
    }

    rc = ares_init_options(&r->channel, &options, mask);

    if (rc == ARES_SUCCESS && server[0] != '\0') {
        rc = ares_set_servers_ports_csv(r->channel, server);

        if (rc != ARES_SUCCESS) {
            ares_destroy(r->channel);
        }
    }

    if (rc != ARES_SUCCESS) {
        ares_library_cleanup();
    }

    return rc;
}


void
resolve_ask_close(resolve_t *r)
{
    ares_destroy(r->channel);
    ares_library_cleanup();
    loop_timer_del(r->loop, &r->tick);
}


void
resolve_ask(resolve_question_t *question)
{
    resolve_t                   *r = question->resolve;
    struct ares_addrinfo_hints   hints;

    memset(&hints, 0, sizeof(struct ares_addrinfo_hints));
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = ARES_AI_NOSORT;

    if (r->tick.node.index == HEAP_NONE) {
        (void) loop_timer_set(r->loop, &r->tick, RESOLVE_TICK);
    }

    r->inside = question;
    ares_getaddrinfo(r->channel, question->name, NULL, &hints,
                     resolve_answered, question);
    r->inside = NULL;
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
            /* unwatched, its questions end by their time */
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


/* There are two a server at most. */
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
}


static void
resolve_tick(loop_timer_t *timer)
{
    resolve_t  *r = timer->data;

    ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);

    if (r->asked > 0) {
        (void) loop_timer_set(r->loop, timer, RESOLVE_TICK);
    }
}


static void
resolve_answered(void *data, int status, int timeouts,
    struct ares_addrinfo *info)
{
    int                  ttl;
    resolve_record_t    *record;
    resolve_question_t  *question = data;

    (void) timeouts;

    record = status == ARES_SUCCESS ? resolve_record_create(info)
                                    : resolve_record_failure(status);
    ttl = resolve_ttl(question, record, info);

    if (info != NULL) {
        ares_freeaddrinfo(info);
    }

    resolve_told(question, record, ttl);
}


static int
resolve_ttl(const resolve_question_t *question,
    const resolve_record_t *record, const struct ares_addrinfo *info)
{
    int  ttl;

    switch (record->status) {

    case RESOLVE_OK:

        /* only what needs no server is answered at once */
        if (question->resolve->inside == question) {
            return RESOLVE_HOSTS_TTL;
        }

        ttl = resolve_record_ttl(info);

        return ttl < RESOLVE_MAX_TTL ? ttl : RESOLVE_MAX_TTL;

    case RESOLVE_NOT_FOUND:
        return RESOLVE_NEGATIVE_TTL;

    case RESOLVE_FAILED:
        return RESOLVE_FAILED_TTL;

    default:
        return 0;
    }
}
