
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/ctl/ctl_internal.h"


/* jansson reads no deeper */
#define CTL_JSON_DEPTH    2048

/* blanks a level, and levels after which there are no more of them */
#define CTL_JSON_INDENT   2
#define CTL_JSON_LEVELS   32


static void ctl_json_value(const json_t *value, int depth, sc_buf_t *b);
static void ctl_json_array(const json_t *value, int depth, sc_buf_t *b);
static void ctl_json_object(const json_t *value, int depth, sc_buf_t *b);
static void ctl_json_string(const char *s, size_t len, sc_buf_t *b);
static void ctl_json_line(int depth, sc_buf_t *b);
static int ctl_json_down(int depth);


/* A depth below zero is that of text on one line. */
int
ctl_json(const json_t *value, unsigned compact, sc_buf_t *b)
{
    ctl_json_value(value, compact ? -CTL_JSON_DEPTH - 1 : 0, b);

    return b->failed ? SC_ERROR : SC_OK;
}


int
ctl_json_print(const json_t *value, unsigned compact)
{
    int       rc;
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    rc = ctl_json(value, compact, &b);
    (void) sc_buf_add_cstr(&b, "\n");

    if (rc != SC_OK || b.failed) {
        ctl_error("memory is out");
        rc = SC_ERROR;

    } else {
        rc = ctl_write(b.data, b.len);
    }

    sc_buf_free(&b);

    return rc;
}


const char *
ctl_json_str(const json_t *object, const char *name)
{
    const char  *s;

    s = json_string_value(json_object_get(object, name));

    return s != NULL ? s : "";
}


static void
ctl_json_value(const json_t *value, int depth, sc_buf_t *b)
{
    switch (json_typeof(value)) {

    case JSON_OBJECT:
        ctl_json_object(value, depth, b);
        break;

    case JSON_ARRAY:
        ctl_json_array(value, depth, b);
        break;

    case JSON_STRING:
        ctl_json_string(json_string_value(value), json_string_length(value),
                        b);
        break;

    case JSON_INTEGER:
        (void) sc_buf_printf(b, "%" JSON_INTEGER_FORMAT,
                             json_integer_value(value));
        break;

    case JSON_REAL:
        (void) sc_json_number(b, json_real_value(value));
        break;

    default:
        (void) sc_buf_add_cstr(b, json_is_true(value) ? "true"
                                  : json_is_false(value) ? "false" : "null");
    }
}


static void
ctl_json_array(const json_t *value, int depth, sc_buf_t *b)
{
    size_t         i;
    const json_t  *item;

    (void) sc_buf_add_cstr(b, "[");

    json_array_foreach(value, i, item) {
        (void) sc_buf_add_cstr(b, i != 0 ? "," : "");
        ctl_json_line(depth + 1, b);
        ctl_json_value(item, ctl_json_down(depth), b);
    }

    if (json_array_size(value) != 0) {
        ctl_json_line(depth, b);
    }

    (void) sc_buf_add_cstr(b, "]");
}


static void
ctl_json_object(const json_t *value, int depth, sc_buf_t *b)
{
    int            first;
    const char    *key;
    const json_t  *item;

    first = 1;
    (void) sc_buf_add_cstr(b, "{");

    json_object_foreach((json_t *) value, key, item) {
        (void) sc_buf_add_cstr(b, first ? "" : ",");
        first = 0;

        ctl_json_line(depth + 1, b);
        ctl_json_string(key, strlen(key), b);
        (void) sc_buf_add_cstr(b, depth < 0 ? ":" : ": ");
        ctl_json_value(item, ctl_json_down(depth), b);
    }

    if (!first) {
        ctl_json_line(depth, b);
    }

    (void) sc_buf_add_cstr(b, "}");
}


/* DEL and U+0080 to U+009F are escaped too: a terminal may obey them. */
static void
ctl_json_string(const char *s, size_t len, sc_buf_t *b)
{
    char      escape[8];
    size_t    i, from;
    unsigned  c;
    sc_buf_t  text;

    sc_buf_init(&text, 0);
    (void) sc_json_string(&text, s, len);
    from = 0;

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (c == 0xc2 && (unsigned char) text.data[i + 1] < 0xa0) {
            c = (unsigned char) text.data[i + 1];
            (void) sc_buf_add(b, text.data + from, i - from);
            i++;

        } else if (c == 0x7f) {
            (void) sc_buf_add(b, text.data + from, i - from);

        } else {
            continue;
        }

        (void) snprintf(escape, sizeof(escape), "\\u%04x", c);
        (void) sc_buf_add_cstr(b, escape);
        from = i + 1;
    }

    if (text.failed) {
        b->failed = 1;

    } else {
        (void) sc_buf_add(b, text.data + from, text.len - from);
    }

    sc_buf_free(&text);
}


static void
ctl_json_line(int depth, sc_buf_t *b)
{
    if (depth >= 0) {
        depth = (depth > CTL_JSON_LEVELS) ? CTL_JSON_LEVELS : depth;
        (void) sc_buf_printf(b, "\n%*s", depth * CTL_JSON_INDENT, "");
    }
}


static int
ctl_json_down(int depth)
{
    return depth < 0 ? depth : depth + 1;
}
