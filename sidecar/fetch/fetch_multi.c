
#include <stdlib.h>
#include <sys/socket.h>

#include "sidecar/fetch/fetch_internal.h"


static int fetch_multi_socket(CURL *easy, curl_socket_t fd, int what,
    void *data, void *socket);
static fetch_t *fetch_multi_of(CURL *easy);
static int fetch_multi_stands(curl_socket_t fd);
static loop_io_t *fetch_multi_watch(fetcher_t *f, curl_socket_t fd);
static int fetch_multi_timer(CURLM *multi, long ms, void *data);
static void fetch_multi_event(loop_io_t *io, uint32_t events);
static void fetch_multi_timeout(loop_timer_t *timer);
static void fetch_multi_act(fetcher_t *f, curl_socket_t fd, int mask);
static void fetch_multi_ended(fetch_t *fetch, CURLcode rc);


int
fetch_multi_create(fetcher_t *f, long max_connections)
{
    f->multi = curl_multi_init();
    if (f->multi == NULL) {
        return SC_ERROR;
    }

    loop_timer_init(&f->timer, fetch_multi_timeout, f);

    curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, fetch_multi_socket);
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, fetch_multi_timer);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      max_connections);
    curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, max_connections);

    return SC_OK;
}


void
fetch_multi_destroy(fetcher_t *f)
{
    (void) curl_multi_cleanup(f->multi);
    loop_timer_del(f->loop, &f->timer);
}


int
fetch_multi_add(fetch_t *fetch)
{
    fetcher_t  *f = fetch->fetcher;

    if (curl_multi_add_handle(f->multi, fetch->easy) != CURLM_OK) {
        return SC_ERROR;
    }

    fetch_multi_act(f, CURL_SOCKET_TIMEOUT, 0);

    return SC_OK;
}


void
fetch_multi_remove(fetch_t *fetch)
{
    (void) curl_multi_remove_handle(fetch->fetcher->multi, fetch->easy);
}


void
fetch_multi_resume(fetch_t *fetch)
{
    fetcher_t  *f = fetch->fetcher;

    (void) curl_easy_pause(fetch->easy, CURLPAUSE_CONT);
    fetch_multi_act(f, CURL_SOCKET_TIMEOUT, 0);
}


/*
 * Never -1: to libcurl that is the end of every exchange.  The one that
 * cannot be watched is ended by its deadline, which is now.
 */

static int
fetch_multi_socket(CURL *easy, curl_socket_t fd, int what, void *data,
    void *socket)
{
    fetch_t    *fetch;
    uint32_t    events;
    fetcher_t  *f = data;
    loop_io_t  *io = socket;

    if (what == CURL_POLL_REMOVE) {
        if (io != NULL) {
            loop_io_del(f->loop, io);
            free(io);
        }

        return 0;
    }

    fetch = fetch_multi_of(easy);

    /* it is read from when the connection stands, and not before */
    if ((what & CURL_POLL_IN) && fetch != NULL && !fetch->reached) {
        fetch->reached = fetch_multi_stands(fd);
    }

    if (io == NULL) {
        io = fetch_multi_watch(f, fd);
    }

    events = (what & CURL_POLL_IN ? EPOLLIN : 0)
             | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

    if (io != NULL && loop_io_set(f->loop, io, events) == SC_OK) {
        return 0;
    }

    if (fetch != NULL) {
        fetch->unwatched = 1;
        (void) loop_timer_set(f->loop, &fetch->deadline, 0);
    }

    return 0;
}


/* NULL for what libcurl does on its own, such as closing. */
static fetch_t *
fetch_multi_of(CURL *easy)
{
    void  *private;

    private = NULL;
    (void) curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);

    return private;
}


static int
fetch_multi_stands(curl_socket_t fd)
{
    socklen_t                len;
    struct sockaddr_storage  addr;

    len = sizeof(struct sockaddr_storage);

    return getpeername(fd, (struct sockaddr *) &addr, &len) == 0;
}


static loop_io_t *
fetch_multi_watch(fetcher_t *f, curl_socket_t fd)
{
    loop_io_t  *io;

    io = calloc(1, sizeof(loop_io_t));
    if (io == NULL) {
        return NULL;
    }

    io->fd = fd;
    io->handler = fetch_multi_event;
    io->data = f;

    if (curl_multi_assign(f->multi, fd, io) != CURLM_OK) {
        free(io);
        return NULL;
    }

    return io;
}


/* Without memory for it, deadlines still end what waits for this timer. */
static int
fetch_multi_timer(CURLM *multi, long ms, void *data)
{
    fetcher_t  *f = data;

    (void) multi;

    if (ms < 0) {
        loop_timer_del(f->loop, &f->timer);

    } else {
        (void) loop_timer_set(f->loop, &f->timer, ms * LOOP_MS);
    }

    return 0;
}


/* On an error libcurl is to find out itself: it then knows errno. */
static void
fetch_multi_event(loop_io_t *io, uint32_t events)
{
    int  mask;

    if (events & (EPOLLERR | EPOLLHUP)) {
        events |= io->events;
    }

    mask = (events & EPOLLIN ? CURL_CSELECT_IN : 0)
           | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0);

    fetch_multi_act(io->data, io->fd, mask);
}


static void
fetch_multi_timeout(loop_timer_t *timer)
{
    fetch_multi_act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}


/* Callers are called later: nobody meets libcurl in the middle of its work. */
static void
fetch_multi_act(fetcher_t *f, curl_socket_t fd, int mask)
{
    int       n;
    fetch_t  *fetch;
    CURLMsg  *msg;

    (void) curl_multi_socket_action(f->multi, fd, mask, &n);

    while ((msg = curl_multi_info_read(f->multi, &n)) != NULL) {
        fetch = fetch_multi_of(msg->easy_handle);

        if (fetch != NULL) {
            fetch_multi_ended(fetch, msg->data.result);
        }
    }
}


static void
fetch_multi_ended(fetch_t *fetch, CURLcode rc)
{
    int  again;

    again = fetch_kept_again(fetch, rc);

    if (again == SC_OK) {
        return;
    }

    if (again == SC_ERROR) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
    }

    fetch_result_set(fetch, rc);

    if (rc == CURLE_OK) {
        fetch_kept_note(fetch);
    }

    fetch_end(fetch);
}
