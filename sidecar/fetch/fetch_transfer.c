
#include <errno.h>
#include <sys/socket.h>

#include "sidecar/fetch/fetch_internal.h"


/* The last word on an address: what is opened here is what is dialled. */
curl_socket_t
fetch_transfer_socket(void *data, curlsocktype purpose,
    struct curl_sockaddr *addr)
{
    int       fd;
    fetch_t  *fetch = data;

    (void) purpose;

    if (!(fetch->request.proxy != NULL && fetch->request.proxy_trusted)
        && !fetch_allows(fetch, &addr->addr))
    {
        fetch->blocked = 1;
        return CURL_SOCKET_BAD;
    }

    fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                addr->protocol);

    if (fd == -1) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
            || errno == ENOMEM)
        {
            fetch->starved = 1;
        }

        return CURL_SOCKET_BAD;
    }

    return fd;
}


/*
 * libcurl is about to look up a name, which blocks in the end; or to read an
 * address in text.  Nonzero stops it.
 */

int
fetch_transfer_resolve(void *resolver, void *reserved, void *data)
{
    fetch_t  *fetch = data;

    (void) resolver;
    (void) reserved;

    return !fetch->literal;
}


size_t
fetch_transfer_header(char *line, size_t size, size_t n, void *data)
{
    fetch_t   *fetch = data;
    sc_str_t   text;

    text.data = line;
    text.len = size * n;
    fetch_pace_heard(fetch);

    return fetch_head_line(fetch, text) == SC_OK ? text.len : 0;
}


size_t
fetch_transfer_body(char *part, size_t size, size_t n, void *data)
{
    fetch_t  *fetch = data;

    if (!fetch_pace_ready(fetch)) {
        return CURL_WRITEFUNC_PAUSE;
    }

    fetch_pace_heard(fetch);

    return fetch_decode_add(fetch, part, size * n) == SC_OK ? size * n : 0;
}


int
fetch_transfer_keep(fetch_t *fetch, const char *part, size_t len)
{
    sc_buf_t  *body = &fetch->result.body;

    fetch_pace_take(fetch, len);

    if (len > fetch->request.max_body - body->len && fetch->request.cut) {
        (void) sc_buf_add(body, part, fetch->request.max_body - body->len);
        fetch->result.partial = 1;
        return SC_ERROR;
    }

    if (len > fetch->request.max_body - body->len) {
        fetch_result_fail(fetch, FETCH_TOO_LARGE, "the content has more than "
                          "%zu bytes", fetch->request.max_body);
        return SC_ERROR;
    }

    if (sc_buf_add(body, part, len) != SC_OK) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}
