
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/fetch/fetch_internal.h"


/* room made for a body by its announced length alone */
#define FETCH_MAX_TRUST    65536


/* A field that is kept, and where; of those that are lists, all of them. */
typedef struct {
    const char  *name;
    size_t       offset;
    unsigned     list:1;
} fetch_head_slot_t;


static void fetch_head_status(fetch_head_t *head, sc_str_t line);
static int fetch_head_complete(fetch_t *fetch);
static int fetch_head_field(fetch_t *fetch, sc_str_t line);
static int fetch_head_line_keep(fetch_t *fetch, sc_str_t name,
    sc_str_t value);
static int fetch_head_transfer(fetch_t *fetch, sc_str_t value);
static int fetch_head_length(fetch_t *fetch, sc_str_t value);
static int64_t fetch_head_number(sc_str_t text);
static int fetch_head_keep(fetch_t *fetch, const fetch_head_slot_t *slot,
    sc_str_t value);
static int fetch_head_is(sc_str_t name, const char *word);
static sc_str_t fetch_head_trim(sc_str_t s);
static int fetch_head_blank(char c);


static const fetch_head_slot_t  fetch_head_slots[] = {
    { "Content-Encoding", offsetof(fetch_head_t, encoding), 1 },
    { "Content-Type", offsetof(fetch_head_t, content_type), 0 },
    { "Location", offsetof(fetch_head_t, location), 0 },
    { "ETag", offsetof(fetch_head_t, etag), 0 },
    { "Last-Modified", offsetof(fetch_head_t, last_modified), 0 },
    { "Retry-After", offsetof(fetch_head_t, retry_after), 0 },
    { "Cache-Control", offsetof(fetch_head_t, cache_control), 0 },
    { "Age", offsetof(fetch_head_t, age), 0 },
    { "Expires", offsetof(fetch_head_t, expires), 0 }
};

#define FETCH_HEAD_SLOTS                                                      \
    (sizeof(fetch_head_slots) / sizeof(fetch_head_slots[0]))


int
fetch_head_line(fetch_t *fetch, sc_str_t line)
{
    fetch_head_t  *head = &fetch->head;

    head->bytes += line.len;

    if (head->bytes > FETCH_MAX_HEADERS) {
        fetch_result_fail(fetch, FETCH_TOO_LARGE, "the headers have more "
                          "than %d bytes", FETCH_MAX_HEADERS);
        return SC_ERROR;
    }

    if (head->complete) {
        return SC_OK;
    }

    if (line.len > 5 && memcmp(line.data, "HTTP/", 5) == 0) {
        fetch_head_status(head, line);
        return SC_OK;
    }

    if (fetch_head_trim(line).len == 0) {
        return head->status >= 200 ? fetch_head_complete(fetch) : SC_OK;
    }

    return fetch_head_field(fetch, line);
}


void
fetch_head_free(fetch_head_t *head)
{
    char                    **value;
    size_t                    i;
    const fetch_head_slot_t  *slot;

    for (i = 0; i < FETCH_HEAD_SLOTS; i++) {
        slot = &fetch_head_slots[i];
        value = (char **) ((char *) head + slot->offset);
        free(*value);
        *value = NULL;
    }

    sc_buf_free(&head->fields);
}


/* libcurl has checked that the line is "HTTP/x.y nnn" or "HTTP/x nnn". */
static void
fetch_head_status(fetch_head_t *head, sc_str_t line)
{
    size_t       i;
    const char  *p;

    fetch_head_free(head);
    head->length = -1;
    head->status = 0;

    p = memchr(line.data, ' ', line.len);

    if (p == NULL || line.data + line.len - p < 4) {
        return;
    }

    for (i = 1; i <= 3 && p[i] >= '0' && p[i] <= '9'; i++) {
        head->status = head->status * 10 + (p[i] - '0');
    }
}


static int
fetch_head_complete(fetch_t *fetch)
{
    char          *body;
    int64_t        room;
    fetch_head_t  *head = &fetch->head;

    head->complete = 1;

    if (head->length <= 0 || fetch->method_head || head->status == 204
        || head->status == 304)
    {
        return SC_OK;
    }

    if ((uint64_t) head->length > fetch->request.max_body
        && !fetch->request.cut)
    {
        fetch_result_fail(fetch, FETCH_TOO_LARGE, "the content has %lld "
                          "bytes, more than %zu bytes",
                          (long long) head->length, fetch->request.max_body);
        return SC_ERROR;
    }

    room = head->length < FETCH_MAX_TRUST ? head->length : FETCH_MAX_TRUST;
    body = sc_buf_reserve(&fetch->result.body, (size_t) room);

    if (body != NULL) {
        body[0] = '\0';
    }

    return SC_OK;
}


static int
fetch_head_field(fetch_t *fetch, sc_str_t line)
{
    size_t         i;
    sc_str_t       name, value;
    const char    *colon;
    fetch_head_t  *head = &fetch->head;

    colon = memchr(line.data, ':', line.len);

    if (colon == NULL) {
        return SC_OK;
    }

    name.data = line.data;
    name.len = (size_t) (colon - line.data);
    value.data = colon + 1;
    value.len = line.len - name.len - 1;
    value = fetch_head_trim(value);

    if (fetch_head_line_keep(fetch, name, value) != SC_OK) {
        return SC_ERROR;
    }

    if (fetch_head_is(name, "Content-Length")) {
        return fetch_head_length(fetch, value);
    }

    if (fetch_head_is(name, "Transfer-Encoding")) {
        return fetch_head_transfer(fetch, value);
    }

    head->cookies |= fetch_head_is(name, "Set-Cookie");

    for (i = 0; i < FETCH_HEAD_SLOTS; i++) {
        if (fetch_head_is(name, fetch_head_slots[i].name)) {
            return fetch_head_keep(fetch, &fetch_head_slots[i], value);
        }
    }

    return SC_OK;
}


static int
fetch_head_line_keep(fetch_t *fetch, sc_str_t name, sc_str_t value)
{
    sc_buf_t  *b = &fetch->head.fields;

    (void) sc_buf_add_str(b, name);
    (void) sc_buf_add_cstr(b, ": ");
    (void) sc_buf_add_str(b, value);

    if (sc_buf_add_cstr(b, "\n") != SC_OK) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


/*
 * No other was offered (RFC 9112 6.1), and whether one of them was cut off
 * libcurl would not tell.
 */

static int
fetch_head_transfer(fetch_t *fetch, sc_str_t value)
{
    if (value.len == 0 || fetch_head_is(value, "chunked")
        || fetch_head_is(value, "identity"))
    {
        return SC_OK;
    }

    fetch_result_fail(fetch, FETCH_PROTOCOL, "the answer has the transfer "
                      "encoding \"%.*s\", which nobody asked for",
                      (int) (value.len < 64 ? value.len : 64), value.data);

    return SC_ERROR;
}


/*
 * Of two lengths libcurl believes the last one, others the first: what the
 * page is would depend on who reads it.
 */

static int
fetch_head_length(fetch_t *fetch, sc_str_t value)
{
    int64_t        n;
    fetch_head_t  *head = &fetch->head;

    n = fetch_head_number(value);

    if (n == -1) {
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content length \"%.*s\" "
                          "is not a number",
                          (int) (value.len < 64 ? value.len : 64),
                          value.data);
        return SC_ERROR;
    }

    if (head->length != -1 && head->length != n) {
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content has two "
                          "lengths, \"%lld\" and \"%lld\"",
                          (long long) head->length, (long long) n);
        return SC_ERROR;
    }

    head->length = n;

    return SC_OK;
}


/* Digits only, at most 18 of them; -1 for anything else. */
static int64_t
fetch_head_number(sc_str_t text)
{
    size_t   i;
    int64_t  n;

    if (text.len == 0 || text.len > 18) {
        return -1;
    }

    n = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return -1;
        }

        n = n * 10 + (text.data[i] - '0');
    }

    return n;
}


static int
fetch_head_keep(fetch_t *fetch, const fetch_head_slot_t *slot, sc_str_t value)
{
    char  **to, *copy;

    to = (char **) ((char *) &fetch->head + slot->offset);

    if (slot->list && *to != NULL) {
        if (asprintf(&copy, "%s, %.*s", *to, (int) value.len, value.data)
            == -1)
        {
            copy = NULL;
        }

    } else {
        copy = strndup(value.data, value.len);
    }

    if (copy == NULL) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
        return SC_ERROR;
    }

    free(*to);
    *to = copy;

    return SC_OK;
}


static int
fetch_head_is(sc_str_t name, const char *word)
{
    return name.len == strlen(word)
           && strncasecmp(name.data, word, name.len) == 0;
}


static sc_str_t
fetch_head_trim(sc_str_t s)
{
    while (s.len > 0 && fetch_head_blank(s.data[0])) {
        s.data++;
        s.len--;
    }

    while (s.len > 0 && fetch_head_blank(s.data[s.len - 1])) {
        s.len--;
    }

    return s;
}


static int
fetch_head_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
