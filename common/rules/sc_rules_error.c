
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"


static void sc_rules_pointer(sc_buf_t *b, const sc_rules_path_t *path);
static size_t sc_rules_whole(const char *s, size_t len);


/* A message longer than its room still ends with a whole character. */

int
sc_rules_refuse(sc_rules_error_t *err, sc_rules_fault_t fault,
    const sc_rules_path_t *path, const char *fmt, ...)
{
    size_t     n;
    va_list    args;
    sc_buf_t   b;

    memset(err, 0, sizeof(sc_rules_error_t));

    err->syntax = (fault != SC_RULES_RULE);
    err->unknown = (fault == SC_RULES_UNKNOWN);

    va_start(args, fmt);
    vsnprintf(err->message, sizeof(err->message), fmt, args);
    va_end(args);

    n = sc_rules_whole(err->message, strlen(err->message));
    err->message[n] = '\0';

    if (path == NULL) {
        return SC_ERROR;
    }

    sc_rules_shown(err->field, sizeof(err->field), path->field,
                   strlen(path->field));

    sc_buf_init(&b, 0);
    sc_rules_pointer(&b, path);

    if (b.failed) {
        (void) snprintf(err->message, sizeof(err->message), "out of memory");
    }

    /* cut before a character or an escape, never inside */
    if (b.len >= sizeof(err->pointer)) {
        n = sc_rules_whole(b.data, sizeof(err->pointer) - 1);
        b.len = (b.data[n - 1] == '~') ? n - 1 : n;
    }

    if (b.len != 0) {
        memcpy(err->pointer, b.data, b.len);
    }

    sc_buf_free(&b);

    return SC_ERROR;
}


char *
sc_rules_shown(char *out, size_t size, const char *s, size_t len)
{
    char  *p;

    if (len >= size) {
        len = sc_rules_whole(s, size - sizeof("..."));
        memcpy(out, s, len);
        memcpy(out + len, "...", sizeof("..."));

    } else {
        memcpy(out, s, len);
        out[len] = '\0';
    }

    for (p = out; *p != '\0'; p++) {
        if ((unsigned char) *p < 0x20 || *p == 0x7f) {
            *p = ' ';
        }
    }

    return out;
}


const char *
sc_rules_quoted(sc_rules_parser_t *p, const char *s)
{
    return sc_rules_shown(p->shown, sizeof(p->shown), s, strlen(s));
}


int
sc_rules_no_memory(sc_rules_parser_t *p)
{
    return sc_rules_refuse(p->err, SC_RULES_RULE, NULL, "out of memory");
}


/*
 * A reason is put behind the expression it is about; the column is known only
 * here, for refusing clears it.
 */

int
sc_rules_invalid(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *what, const char *text, const char *reason, int column)
{
    sc_rules_refuse(p->err, SC_RULES_RULE, path, "invalid %s \"%s\": %s",
                    what, sc_rules_quoted(p, text), reason);

    p->err->column = column;

    return SC_ERROR;
}


int
sc_rules_ambiguous(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *first)
{
    return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                           "\"%s\" and \"%s\" are two ways to say it, and "
                           "only one is allowed", first, path->key);
}


sc_rules_path_t
sc_rules_below(const sc_rules_path_t *path, const char *key)
{
    sc_rules_path_t  here;

    here.up = path;
    here.key = key;
    here.field = path->field;

    return here;
}


const char *
sc_rules_kind(const json_t *json)
{
    if (json == NULL) {
        return "nothing";
    }

    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_NULL:
        return "null";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    default:
        return "a number";
    }
}


/* RFC 6901, section 3 */

static void
sc_rules_pointer(sc_buf_t *b, const sc_rules_path_t *path)
{
    const char  *p;

    if (path->up == NULL) {
        return;
    }

    sc_rules_pointer(b, path->up);

    sc_buf_add(b, "/", 1);

    for (p = path->key; *p != '\0'; p++) {
        if (*p == '~') {
            sc_buf_add(b, "~0", 2);

        } else if (*p == '/') {
            sc_buf_add(b, "~1", 2);

        } else {
            sc_buf_add(b, p, 1);
        }
    }
}


/* How many of the first len bytes are whole UTF-8 sequences. */

static size_t
sc_rules_whole(const char *s, size_t len)
{
    size_t         n, need;
    unsigned char  c;

    for (n = 1; n <= 3 && n <= len; n++) {
        c = (unsigned char) s[len - n];

        if (c >= 0xc0) {
            need = (c >= 0xf0) ? 4 : (c >= 0xe0) ? 3 : 2;
            return (n < need) ? len - n : len;
        }

        if (c < 0x80) {
            break;
        }
    }

    return len;
}
