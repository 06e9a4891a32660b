
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/fetch/fetch_internal.h"


static int fetch_copy_text(fetch_t *fetch);
static int fetch_copy_header(fetch_t *fetch, const fetch_header_t *h);
static int fetch_copy_line(fetch_t *fetch, const char *line);


int
fetch_copy(fetch_t *fetch, const fetch_request_t *request)
{
    size_t  i;

    fetch->request = *request;
    fetch->url = *request->url;
    fetch->url.text = strdup(request->url->text);

    if (fetch->url.text == NULL || fetch_copy_text(fetch) != SC_OK) {
        return SC_ERROR;
    }

    if (request->proxy != NULL) {
        fetch->proxy = malloc(sizeof(proxy_t));

        if (fetch->proxy == NULL) {
            return SC_ERROR;
        }

        *fetch->proxy = *request->proxy;
        fetch->request.proxy = fetch->proxy;
    }

    fetch->method_head = strcmp(request->method, "HEAD") == 0;
    sc_buf_init(&fetch->result.body, request->max_body);
    sc_buf_init(&fetch->head.fields, 0);

    /* libcurl would ask for leave to send, and guess a type */
    if (request->body.data != NULL
        && (fetch_copy_line(fetch, "Expect:") != SC_OK
            || fetch_copy_line(fetch, "Content-Type:") != SC_OK))
    {
        return SC_ERROR;
    }

    for (i = 0; i < request->nheaders; i++) {
        if (fetch_copy_header(fetch, &request->headers[i]) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* The short strings of the request, in one piece of memory. */
static int
fetch_copy_text(fetch_t *fetch)
{
    char              *p;
    size_t             i, len, size;
    fetch_request_t   *r = &fetch->request;
    const char       **texts[] = { &r->method, &r->source, &r->tls.ca_file,
                                   &r->tls.cert_file, &r->tls.key_file };

    size = 0;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size += *texts[i] != NULL ? strlen(*texts[i]) + 1 : 0;
    }

    p = malloc(size);
    if (p == NULL) {
        return SC_ERROR;
    }

    fetch->text = p;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (*texts[i] != NULL) {
            len = strlen(*texts[i]) + 1;
            memcpy(p, *texts[i], len);
            *texts[i] = p;
            p += len;
        }
    }

    return SC_OK;
}


static int
fetch_copy_header(fetch_t *fetch, const fetch_header_t *h)
{
    int       rc;
    sc_buf_t  b;

    /* among the fields it would displace what is in the jar */
    if (h->name.len == 6 && strncasecmp(h->name.data, "Cookie", 6) == 0) {
        free(fetch->cookie);
        fetch->cookie = strndup(h->value.len > 0 ? h->value.data : "",
                                h->value.len);
        return fetch->cookie != NULL ? SC_OK : SC_ERROR;
    }

    sc_buf_init(&b, 0);
    (void) sc_buf_add_str(&b, h->name);

    /* libcurl takes "Name:" for "do not send it", "Name;" for an empty one */
    (void) sc_buf_add_cstr(&b, h->value.len > 0 ? ": " : ";");
    (void) sc_buf_add_str(&b, h->value);

    rc = b.failed ? SC_ERROR : fetch_copy_line(fetch, b.data);
    sc_buf_free(&b);

    return rc;
}


static int
fetch_copy_line(fetch_t *fetch, const char *line)
{
    struct curl_slist  *list;

    list = curl_slist_append(fetch->headers, line);
    if (list == NULL) {
        return SC_ERROR;
    }

    fetch->headers = list;

    return SC_OK;
}
