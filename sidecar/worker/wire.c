
#include <string.h>

#include "sidecar/worker/wire.h"


static int wire_has_end(const char *text, size_t size);


int
wire_request_check(const wire_request_t *r, size_t *len)
{
    *len = (size_t) r->url + r->content_type + r->headers + r->form + r->scope
           + r->rules + r->body;

    if (r->magic != WIRE_MAGIC || r->slot >= WIRE_SLOTS || r->url == 0
        || r->url > WIRE_MAX_URL || r->content_type == 0
        || r->content_type > WIRE_MAX_URL || r->headers > WIRE_MAX_HEADERS
        || r->form > WIRE_MAX_FORM || r->scope > WIRE_MAX_SCOPE
        || (r->sitemap && (r->scope == 0 || r->form != 0))
        || r->rules > WIRE_MAX_RULES || r->body > WIRE_MAX_BODY)
    {
        return SC_ERROR;
    }

    return SC_OK;
}


int
wire_reply_check(const wire_reply_t *r, size_t *len)
{
    *len = (size_t) r->data + r->missing + r->warnings + r->view + r->fill
           + r->form + r->found + r->refresh;

    if (r->magic != WIRE_MAGIC || r->status < WIRE_READY
        || r->status > WIRE_TIMEOUT || *len > WIRE_MAX_REPLY
        || r->found > WIRE_MAX_FOUND
        || (r->status != WIRE_OK && *len != 0)
        || (r->flags & ~WIRE_FLAGS) != 0
        || r->refresh_delay < 0 || r->elapsed < 0
        || !wire_has_end(r->charset, sizeof(r->charset))
        || !wire_has_end(r->charset_from, sizeof(r->charset_from))
        || !wire_has_end(r->detail, sizeof(r->detail)))
    {
        return SC_ERROR;
    }

    return SC_OK;
}


static int
wire_has_end(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}
