
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/sc_json.h"
#include "sidecar/push/webhooks_internal.h"


#define WEBHOOK_SHORT       4096        /* bytes of a member that is short */
#define WEBHOOK_MEMBERS     64


static void webhook_spec(const json_t *webhook, sc_buf_t *spec);
static void webhook_short(sc_str_t data, sc_buf_t *b);
static size_t webhook_value(const char *text, const char *end);
static size_t webhook_string(const char *text, const char *end);


int
webhooks_message(const json_t *webhook, const char *type, int64_t at,
    sc_str_t data, sc_buf_t *spec, sc_buf_t *body)
{
    json_t  *metadata;

    webhook_spec(webhook, spec);

    (void) sc_buf_add_cstr(body, "{\"type\":");
    (void) sc_json_cstr(body, type);
    (void) sc_buf_add_cstr(body, ",\"timestamp\":");
    webhook_time(body, at);
    (void) sc_buf_add_cstr(body, ",\"data\":");

    if (data.len > WEBHOOKS_MAX_DATA) {
        webhook_short(data, body);
        (void) sc_buf_add_cstr(body, ",\"truncated\":true");

    } else if (data.len > 0) {
        (void) sc_buf_add_str(body, data);

    } else {
        (void) sc_buf_add_cstr(body, "null");
    }

    metadata = json_object_get(webhook, "metadata");

    if (metadata != NULL) {
        (void) sc_buf_add_cstr(body, ",\"metadata\":");
        sc_json_value(body, metadata);
    }

    (void) sc_buf_add_cstr(body, "}");

    return spec->failed || body->failed ? SC_ERROR : SC_OK;
}


/* Where to, and with what; metadata are in the body. */
static void
webhook_spec(const json_t *webhook, sc_buf_t *spec)
{
    size_t   i;
    json_t  *value;

    static const char *const  names[] = { "headers", "secret" };

    (void) sc_buf_add_cstr(spec, "{\"url\":");
    sc_json_value(spec, json_object_get(webhook, "url"));

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        value = json_object_get(webhook, names[i]);

        if (value != NULL) {
            (void) sc_buf_printf(spec, ",\"%s\":", names[i]);
            sc_json_value(spec, value);
        }
    }

    (void) sc_buf_add_cstr(spec, "}");
}


/* The short members of an object; the text is JSON without blanks. */
static void
webhook_short(sc_str_t data, sc_buf_t *b)
{
    size_t       i, name, value;
    const char  *p = data.data, *end = p + data.len;

    if (*p != '{') {
        (void) sc_buf_add_cstr(b, "null");
        return;
    }

    (void) sc_buf_add_cstr(b, "{");
    i = 0;
    p++;

    while (p < end && *p == '"' && i < WEBHOOK_MEMBERS) {
        name = webhook_string(p, end);

        if (end - p < (ptrdiff_t) name + 2) {
            break;
        }

        value = webhook_value(p + name + 1, end);

        if (p[name + 1] != '{' && p[name + 1] != '['
            && name + value <= WEBHOOK_SHORT)
        {
            (void) sc_buf_add_cstr(b, i++ > 0 ? "," : "");
            (void) sc_buf_add(b, p, name + 1 + value);
        }

        p += name + 1 + value;
        p += p < end && *p == ',';
    }

    (void) sc_buf_add_cstr(b, "}");
}


/* Bytes of the value at the start of text. */
static size_t
webhook_value(const char *text, const char *end)
{
    size_t       depth;
    const char  *p;

    depth = 0;

    for (p = text; p < end; p++) {
        if (*p == '"') {
            p += webhook_string(p, end) - 1;

        } else if (*p == '{' || *p == '[') {
            depth++;

        } else if (depth == 0 && (*p == ',' || *p == '}' || *p == ']')) {
            break;

        } else if (*p == '}' || *p == ']') {
            depth--;
        }
    }

    return (size_t) (p - text);
}


/* Bytes of the string at the start of text, with its quotes. */
static size_t
webhook_string(const char *text, const char *end)
{
    const char  *p;

    for (p = text + 1; p < end && *p != '"'; p++) {
        p += *p == '\\' && p + 1 < end;
    }

    return (size_t) (p - text) + (p < end);
}


void
webhook_time(sc_buf_t *b, int64_t ms)
{
    char       date[32];
    time_t     sec = (time_t) (ms / 1000);
    struct tm  tm;

    if (ms < 0 || gmtime_r(&sec, &tm) == NULL
        || strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
    {
        (void) sc_buf_add_cstr(b, "null");
        return;
    }

    (void) sc_buf_printf(b, "\"%s.%03dZ\"", date, (int) (ms % 1000));
}
