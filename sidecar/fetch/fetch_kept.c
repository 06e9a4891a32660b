
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "sidecar/fetch/fetch_internal.h"


static int fetch_kept_is_soiled(const fetcher_t *f, const char *ip, int port,
    int local);
static int fetch_kept_is(int fd, const char *ip, int port, int local);
static int fetch_kept_port(const struct sockaddr_storage *addr, char *text);
static int fetch_kept_blames(const fetch_t *fetch, CURLcode rc);


void
fetch_kept_note(fetch_t *fetch)
{
    long           port;
    fetcher_t     *f = fetch->fetcher;
    curl_socket_t  fd;

    port = 0;
    fd = CURL_SOCKET_BAD;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_LOCAL_PORT, &port);
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_ACTIVESOCKET, &fd);

    if (port > 0 && port < FETCH_PORTS && fd != CURL_SOCKET_BAD) {

        /* what HTTP/2 sends unasked is none of an answer */
        f->kept[port] = fetch->result.http[0] == '1' ? fd : 0;
    }
}


/* libcurl has a connection, new or kept, and is about to send the request. */
int
fetch_kept_check(void *data, char *ip, char *local_ip, int port, int local)
{
    long      opened;
    fetch_t  *fetch = data;

    (void) local_ip;

    opened = 0;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_NUM_CONNECTS, &opened);

    if (opened > 0 || !fetch_kept_is_soiled(fetch->fetcher, ip, port, local)) {
        return CURL_PREREQFUNC_OK;
    }

    fetch->soiled = 1;

    return CURL_PREREQFUNC_ABORT;
}


static int
fetch_kept_is_soiled(const fetcher_t *f, const char *ip, int port, int local)
{
    int   fd;
    char  byte;

    if (local <= 0 || local >= FETCH_PORTS) {
        return 0;
    }

    fd = f->kept[local];

    return fd > 0 && fetch_kept_is(fd, ip, port, local)
           && recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}


/* A descriptor may be another's by now: both ends of it must be the same. */
static int
fetch_kept_is(int fd, const char *ip, int port, int local)
{
    char                     text[INET6_ADDRSTRLEN];
    socklen_t                len;
    struct sockaddr_storage  addr;

    memset(&addr, 0, sizeof(struct sockaddr_storage));
    len = sizeof(struct sockaddr_storage);

    if (getsockname(fd, (struct sockaddr *) &addr, &len) != 0
        || fetch_kept_port(&addr, text) != local)
    {
        return 0;
    }

    len = sizeof(struct sockaddr_storage);

    return getpeername(fd, (struct sockaddr *) &addr, &len) == 0
           && fetch_kept_port(&addr, text) == port && strcmp(text, ip) == 0;
}


/* The port of an address, -1 when it has none; the rest of it as text. */
static int
fetch_kept_port(const struct sockaddr_storage *addr, char *text)
{
    const struct sockaddr_in   *sin = (const struct sockaddr_in *) addr;
    const struct sockaddr_in6  *sin6 = (const struct sockaddr_in6 *) addr;

    if (addr->ss_family == AF_INET
        && inet_ntop(AF_INET, &sin->sin_addr, text, INET6_ADDRSTRLEN) != NULL)
    {
        return ntohs(sin->sin_port);
    }

    if (addr->ss_family == AF_INET6
        && inet_ntop(AF_INET6, &sin6->sin6_addr, text, INET6_ADDRSTRLEN)
           != NULL)
    {
        return ntohs(sin6->sin6_port);
    }

    return -1;
}


int
fetch_kept_again(fetch_t *fetch, CURLcode rc)
{
    fetcher_t  *f = fetch->fetcher;

    if (fetch->again
        || (!(fetch->soiled && rc == CURLE_ABORTED_BY_CALLBACK)
            && !fetch_kept_blames(fetch, rc)))
    {
        return SC_DECLINED;
    }

    fetch->again = 1;
    fetch->reached = 0;
    fetch->error[0] = '\0';
    fetch->handed = fetch_clock();
    (void) curl_multi_remove_handle(f->multi, fetch->easy);
    fetch_options_again(fetch);

    return curl_multi_add_handle(f->multi, fetch->easy) == CURLM_OK
           ? SC_OK : SC_ERROR;
}


/*
 * What is no answer came on a kept connection in the place of one: bytes of
 * an answer before it, perhaps.  A request that may not be sent twice is not.
 */

static int
fetch_kept_blames(const fetch_t *fetch, CURLcode rc)
{
    long         opened;
    const char  *method = fetch->request.method;

    opened = 1;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_NUM_CONNECTS, &opened);

    return rc == CURLE_UNSUPPORTED_PROTOCOL && opened == 0
           && fetch->head.bytes == 0
           && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0);
}
