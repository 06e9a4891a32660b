
#include <string.h>

#include "common/sc_json_check.h"
#include "sidecar/url/url.h"
#include "sidecar/worker/wire.h"


/* what begins a part: any value, a list or an object */
#define WIRE_ANY     '\0'
#define WIRE_LIST    '['
#define WIRE_OBJECT  '{'


static int wire_parts_there(const wire_request_t *request,
    const wire_reply_t *r);
static int wire_parts_json(const char *part, size_t len, char first);
static int wire_parts_found(const char *p, size_t len);
static int wire_parts_line(const char *line, const char *end);
static int wire_parts_url(const char *p, size_t len);
static int wire_parts_refresh(const char *text, size_t len);
static int wire_parts_word(const char *text);


int
wire_parts_check(const wire_request_t *request, const wire_reply_t *r,
    const char *parts)
{
    size_t       i;
    const char  *p = parts;

    const struct {
        size_t  len;
        char    first;
    } json[] = {
        { r->data, WIRE_ANY },
        { r->missing, WIRE_LIST },
        { r->warnings, WIRE_LIST },
        { r->view, WIRE_OBJECT },
        { r->fill, WIRE_OBJECT },
        { r->form, WIRE_OBJECT }
    };

    if (r->status == WIRE_OK && !wire_parts_there(request, r)) {
        return SC_ERROR;
    }

    for (i = 0; i < sizeof(json) / sizeof(json[0]); i++) {
        if (!wire_parts_json(p, json[i].len, json[i].first)) {
            return SC_ERROR;
        }

        p += json[i].len;
    }

    return wire_parts_found(p, r->found)
           && wire_parts_refresh(p + r->found, r->refresh)
           && wire_parts_word(r->charset) && wire_parts_word(r->charset_from)
           ? SC_OK : SC_ERROR;
}


static int
wire_parts_there(const wire_request_t *request, const wire_reply_t *r)
{
    if (r->found != 0 && request->scope == 0) {
        return 0;
    }

    if (request->form != 0) {
        return r->form != 0;
    }

    return request->sitemap
           || (r->data != 0 && r->missing != 0 && r->warnings != 0);
}


static int
wire_parts_json(const char *part, size_t len, char first)
{
    if (len == 0) {
        return 1;
    }

    return (first == WIRE_ANY || part[0] == first)
           && sc_json_check(part, len) == SC_OK;
}


static int
wire_parts_found(const char *p, size_t len)
{
    const char  *lf, *end = p + len;

    for ( /* void */ ; p < end; p = lf + 1) {
        lf = memchr(p, '\n', (size_t) (end - p));

        if (lf == NULL || !wire_parts_line(p, lf)) {
            return 0;
        }
    }

    return 1;
}


/* KIND SP URL [SP JSON], end is its line feed. */
static int
wire_parts_line(const char *line, const char *end)
{
    const char  *url = line + 2, *space;

    if (end - line < 3 || memchr("lxfsi", line[0], 5) == NULL
        || line[1] != ' ')
    {
        return 0;
    }

    space = memchr(url, ' ', (size_t) (end - url));

    return wire_parts_url(url, (size_t) ((space != NULL ? space : end) - url))
           && (space == NULL
               || (space + 1 < end
                   && wire_parts_json(space + 1,
                                      (size_t) (end - space) - 1,
                                      WIRE_OBJECT)));
}


/* What is canonical is ASCII; whether it may be fetched is asked later. */
static int
wire_parts_url(const char *p, size_t len)
{
    size_t  i;

    if (len > URL_MAX
        || ((len < 8 || memcmp(p, "http://", 7) != 0)
            && (len < 9 || memcmp(p, "https://", 8) != 0)))
    {
        return 0;
    }

    for (i = 0; i < len; i++) {
        if (p[i] <= ' ' || p[i] > '~') {
            return 0;
        }
    }

    return 1;
}


static int
wire_parts_refresh(const char *text, size_t len)
{
    return len == 0 || (len <= URL_MAX + 1
                        && memchr(text, '\0', len) == text + len - 1);
}


/* The name of an encoding, and of how it was found. */
static int
wire_parts_word(const char *text)
{
    for ( /* void */ ; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~') {
            return 0;
        }
    }

    return 1;
}
