
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/api/server_internal.h"
#include "sidecar/core/id.h"


#define SERVER_VERSION      " HTTP/1.1"
#define SERVER_MAX_WAIT     86400000        /* milliseconds; a day */
#define SERVER_WAIT_DIGITS  8


/* where in server_request_t a field goes; SERVER_NOT_TEXT: it is a number */
#define SERVER_AT(member)   offsetof(server_request_t, member)
#define SERVER_NOT_TEXT     ((size_t) -1)


/*
 * A field of open.
 *
 * ours   nginx's own, which it sends at most once; another may come in any
 *        number of lines, which mean one with commas
 */
typedef struct {
    const char  *name;
    size_t       at;
    unsigned     ours:1;
} server_field_t;


static const server_field_t  server_fields[] = {
    { "Scrape-Tenant", SERVER_AT(tenant), 1 },
    { "Scrape-Base", SERVER_AT(base), 1 },
    { "Scrape-Url", SERVER_AT(url), 1 },
    { "Scrape-Use", SERVER_AT(use), 1 },
    { "Scrape-Request", SERVER_AT(options), 1 },
    { "Scrape-Return", SERVER_AT(returns), 1 },
    { "Scrape-Slot", SERVER_AT(slot), 1 },
    { "Scrape-Request-Id", SERVER_AT(request_id), 1 },
    { "Scrape-Wait", SERVER_NOT_TEXT, 1 },
    { "Content-Type", SERVER_AT(content_type), 0 },
    { "Accept", SERVER_AT(accept), 0 },
    { "Prefer", SERVER_AT(prefer), 0 },
    { "Cache-Control", SERVER_AT(cache_control), 0 },
    { "If-Match", SERVER_AT(if_match), 0 },
    { "If-None-Match", SERVER_AT(if_none_match), 0 },
    { "Idempotency-Key", SERVER_AT(idempotency_key), 0 },
    { "Range", SERVER_AT(range), 0 },
    { "If-Range", SERVER_AT(if_range), 0 },
    { "Last-Event-ID", SERVER_AT(last_event_id), 0 }
};

#define SERVER_FIELDS  (sizeof(server_fields) / sizeof(server_fields[0]))


/*
 * What is known of a payload after its first reading: how much room each
 * field's value needs, its NUL included; 0 for a field that is not there.
 */
typedef struct {
    sc_str_t  method;
    sc_str_t  target;
    sc_str_t  lines;
    size_t    sizes[SERVER_FIELDS];
    char     *ends[SERVER_FIELDS];
} server_head_t;


static int server_open_line(server_head_t *h, sc_str_t payload, char *err,
    size_t errlen);
static int server_open_target(sc_str_t target);
static int server_open_measure(server_request_t *r, server_head_t *h,
    char *err, size_t errlen);
static size_t server_open_field(sc_str_t name);
static int server_open_wait(server_request_t *r, sc_str_t value);
static int server_open_place(server_request_t *r, server_head_t *h);
static char *server_open_text(char **pos, sc_str_t text);
static void server_open_fill(server_head_t *h);


int
server_open_parse(server_request_t *r, sc_str_t payload, char *err,
    size_t errlen)
{
    server_head_t  h;

    memset(&h, 0, sizeof(server_head_t));
    r->wait = -1;

    if (server_open_line(&h, payload, err, errlen) != SC_OK
        || server_open_measure(r, &h, err, errlen) != SC_OK)
    {
        return SC_ERROR;
    }

    if (server_open_place(r, &h) != SC_OK) {
        (void) snprintf(err, errlen, "memory is out");
        return SC_ERROR;
    }

    server_open_fill(&h);

    return SC_OK;
}


static int
server_open_line(server_head_t *h, sc_str_t payload, char *err, size_t errlen)
{
    size_t       len;
    const char  *end, *space;

    end = memmem(payload.data, payload.len, "\r\n", 2);

    if (end == NULL) {
        (void) snprintf(err, errlen, "there is no request line");
        return SC_ERROR;
    }

    len = (size_t) (end - payload.data);

    h->lines.data = end + 2;
    h->lines.len = payload.len - len - 2;

    space = memchr(payload.data, ' ', len);

    if (space == NULL || space == payload.data
        || len < sizeof(SERVER_VERSION) - 1
        || memcmp(end - sizeof(SERVER_VERSION) + 1, SERVER_VERSION,
                  sizeof(SERVER_VERSION) - 1)
           != 0
        || space + 1 > end - sizeof(SERVER_VERSION) + 1)
    {
        (void) snprintf(err, errlen, "the request line is not a method, a "
                        "target and \"HTTP/1.1\"");
        return SC_ERROR;
    }

    h->method.data = payload.data;
    h->method.len = (size_t) (space - payload.data);
    h->target.data = space + 1;
    h->target.len = (size_t) (end - sizeof(SERVER_VERSION) + 1 - space - 1);

    if (server_open_target(h->target) != SC_OK) {
        (void) snprintf(err, errlen, "target \"%.*s\" is not ours",
                        (int) (h->target.len < 100 ? h->target.len : 100),
                        h->target.data);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
server_open_target(sc_str_t target)
{
    size_t  i, n;

    static const sc_str_t  paths[] = {
        sc_string("/healthz"), sc_string("/readyz"), sc_string("/metrics")
    };

    for (i = 0; i < target.len; i++) {
        if ((unsigned char) target.data[i] <= ' ' || target.data[i] == 0x7f) {
            return SC_ERROR;
        }
    }

    if (target.len >= 4 && memcmp(target.data, "/v1/", 4) == 0) {
        return SC_OK;
    }

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        n = paths[i].len;

        if (target.len >= n && memcmp(target.data, paths[i].data, n) == 0
            && (target.len == n || target.data[n] == '?'))
        {
            return SC_OK;
        }
    }

    return SC_ERROR;
}


static int
server_open_measure(server_request_t *r, server_head_t *h, char *err,
    size_t errlen)
{
    int       rc;
    size_t    i;
    sc_str_t  rest, name, value;

    rest = h->lines;

    while ((rc = sc_frame_field(&rest, &name, &value)) == SC_OK) {
        i = server_open_field(name);

        if (i == SERVER_FIELDS) {
            continue;
        }

        if (server_fields[i].ours && h->sizes[i] != 0) {
            (void) snprintf(err, errlen, "field \"%s\" came twice",
                            server_fields[i].name);
            return SC_ERROR;
        }

        if (server_fields[i].at == SERVER_NOT_TEXT
            && server_open_wait(r, value) != SC_OK)
        {
            (void) snprintf(err, errlen, "\"%s\" is not a number of "
                            "milliseconds up to \"%d\"",
                            server_fields[i].name, SERVER_MAX_WAIT);
            return SC_ERROR;
        }

        if (server_fields[i].at == SERVER_AT(slot)
            && !id_slot_valid(value.data, value.len))
        {
            (void) snprintf(err, errlen, "\"%s\" is not three hex digits",
                            server_fields[i].name);
            return SC_ERROR;
        }

        /* for ", " or the NUL */
        h->sizes[i] += value.len + 2;
    }

    if (rc == SC_ERROR) {
        (void) snprintf(err, errlen, "a field is not \"Name: value\"");
        return SC_ERROR;
    }

    return SC_OK;
}


static size_t
server_open_field(sc_str_t name)
{
    size_t  i;

    for (i = 0; i < SERVER_FIELDS; i++) {
        if (strncasecmp(server_fields[i].name, name.data, name.len) == 0
            && server_fields[i].name[name.len] == '\0')
        {
            break;
        }
    }

    return i;
}


static int
server_open_wait(server_request_t *r, sc_str_t value)
{
    int64_t  n;

    if (server_number(value, SERVER_WAIT_DIGITS, &n) != SC_OK) {
        return SC_ERROR;
    }

    r->wait = n;

    return n <= SERVER_MAX_WAIT ? SC_OK : SC_ERROR;
}


int
server_number(sc_str_t text, size_t digits, int64_t *n)
{
    size_t  i;

    if (text.len == 0 || text.len > digits) {
        return SC_ERROR;
    }

    *n = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return SC_ERROR;
        }

        *n = *n * 10 + text.data[i] - '0';
    }

    return SC_OK;
}


/* All values in one piece of memory. */
static int
server_open_place(server_request_t *r, server_head_t *h)
{
    char   *p, **member;
    size_t  i, size;

    static char  none[1];

    size = h->method.len + 1 + h->target.len + 1;

    for (i = 0; i < SERVER_FIELDS; i++) {
        size += h->sizes[i];
    }

    p = sc_buf_reserve(&r->head, size);
    if (p == NULL) {
        return SC_ERROR;
    }

    r->head.len = size;
    r->method = server_open_text(&p, h->method);
    r->target = server_open_text(&p, h->target);

    for (i = 0; i < SERVER_FIELDS; i++) {
        if (server_fields[i].at == SERVER_NOT_TEXT) {
            continue;
        }

        member = (char **) (void *) ((char *) r + server_fields[i].at);
        *member = none;

        if (h->sizes[i] != 0) {
            *member = p;
            h->ends[i] = p;
            *p = '\0';
            p += h->sizes[i];
        }
    }

    return SC_OK;
}


static char *
server_open_text(char **pos, sc_str_t text)
{
    char  *p = *pos;

    memcpy(p, text.data, text.len);
    p[text.len] = '\0';
    *pos += text.len + 1;

    return p;
}


/* The second reading: each value goes behind those of its name. */
static void
server_open_fill(server_head_t *h)
{
    char      *p;
    size_t     i;
    sc_str_t   rest, name, value;
    unsigned   seen[SERVER_FIELDS] = { 0 };

    rest = h->lines;

    while (sc_frame_field(&rest, &name, &value) == SC_OK) {
        i = server_open_field(name);

        if (i == SERVER_FIELDS || h->ends[i] == NULL) {
            continue;
        }

        p = h->ends[i];

        if (seen[i]) {
            *p++ = ',';
            *p++ = ' ';
        }

        seen[i] = 1;
        h->ends[i] = p;
        (void) server_open_text(&p, value);
        h->ends[i] += value.len;
    }
}
