
/*
 * An HTTP client for tests, on libcurl: one call, one request, one reply with
 * its JSON.  Failing to get a reply fails the test.
 */

#ifndef CLIENT_H
#define CLIENT_H


#include <curl/curl.h>
#include <jansson.h>

#include "common/sc_buf.h"


/*
 * status   HTTP status
 * headers  all header lines as received
 * body     NUL-terminated
 * json     the body parsed, NULL when it is not JSON
 */
typedef struct {
    long     status;
    char    *headers;
    char    *body;
    size_t   len;
    json_t  *json;
} client_reply_t;


/*
 * Send a request.  headers is NULL or "Name: value" lines separated by \n;
 * body NULL for none.  The connection is kept for the next request to the same
 * server.  client_free() frees the reply's parts.
 */
client_reply_t client_request(const char *method, const char *url,
    const char *headers, const char *body);

/*
 * The same, but may fail: returns the CURLcode (0 = a reply) and gives up
 * after timeout milliseconds.
 */
int client_try(client_reply_t *reply, const char *method, const char *url,
    const char *headers, const char *body, long timeout);

void client_free(client_reply_t *reply);

/*
 * For who holds libcurl's handles itself: the list of "Name: value" lines as
 * above, to be freed by curl_slist_free_all(); a handle for a request with
 * these headers and body, which must stay, whose answer is added to text.
 */
struct curl_slist *client_headers(const char *lines);
void client_prepare(CURL *curl, const char *url, struct curl_slist *headers,
    const char *body, long timeout, sc_buf_t *text);

/*
 * The value of a header field of the reply, "" when it is not there.  Valid
 * until the next call.
 */
const char *client_header(const client_reply_t *reply, const char *name);

/*
 * What a path such as "fetch.status" or "data[0].url" leads to in the reply's
 * JSON; NULL when it leads nowhere.
 */
const json_t *client_get(const client_reply_t *reply, const char *path);

/* The string there, "" when it is not one. */
const char *client_str(const client_reply_t *reply, const char *path);


#endif /* CLIENT_H */
