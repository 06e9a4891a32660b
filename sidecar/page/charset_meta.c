
#include <string.h>
#include <strings.h>

#include "sidecar/page/charset.h"


/* What is left to scan. */
typedef struct {
    const char  *p;
    const char  *end;
} charset_scan_t;


/*
 * What the attributes of one <meta> have said so far.  Of two attributes with
 * one name the first counts, so that each is marked when seen.
 */
typedef struct {
    const char  *charset;
    unsigned     seen_charset:1;
    unsigned     seen_content:1;
    unsigned     seen_equiv:1;
    unsigned     pragma:1;          /* http-equiv="content-type" */
    unsigned     wants_pragma:1;
} charset_meta_t;


static const char *charset_scan_tag(charset_scan_t *s);
static const char *charset_scan_meta(charset_scan_t *s);
static void charset_meta_attribute(charset_meta_t *meta, sc_str_t name,
    sc_str_t value);
static void charset_scan_skip(charset_scan_t *s);
static int charset_scan_attribute(charset_scan_t *s, sc_str_t *name,
    sc_str_t *value);
static int charset_scan_value(charset_scan_t *s, sc_str_t *value);
static void charset_scan_past(charset_scan_t *s, const char *text);
static void charset_scan_until(charset_scan_t *s, const char *stops);
static int charset_scan_is(const charset_scan_t *s, const char *text);
static int charset_is_space(char c);
static int charset_is_letter(char c);
static int charset_name_is(sc_str_t name, const char *text);


const char *
charset_prescan(const char *data, size_t len)
{
    const char      *name;
    charset_scan_t   s;

    s.p = data;
    s.end = data + len;

    while (s.p < s.end) {
        s.p = memchr(s.p, '<', (size_t) (s.end - s.p));
        if (s.p == NULL) {
            return NULL;
        }

        name = charset_scan_tag(&s);
        if (name != NULL) {
            /* a <meta> that could be read was not written in UTF-16 */
            return strncmp(name, "utf-16", 6) == 0 ? "utf-8" : name;
        }
    }

    return NULL;
}


const char *
charset_parameter(const char *value, size_t len)
{
    sc_str_t        label;
    charset_scan_t  s;

    s.p = value;
    s.end = value + len;

    for ( ;; ) {
        while (s.p < s.end && !charset_scan_is(&s, "charset")) {
            s.p++;
        }

        if (s.p == s.end) {
            return NULL;
        }

        s.p += sizeof("charset") - 1;
        charset_scan_skip(&s);

        if (s.p < s.end && *s.p == '=') {
            break;
        }
    }

    s.p++;
    charset_scan_skip(&s);

    if (s.p < s.end && (*s.p == '"' || *s.p == '\'')) {
        label.data = s.p + 1;
        s.p = memchr(label.data, *s.p, (size_t) (s.end - label.data));
        if (s.p == NULL) {
            return NULL;
        }

    } else {
        label.data = s.p;
        charset_scan_until(&s, " \t\n\f\r;");
    }

    label.len = (size_t) (s.p - label.data);

    return charset_lookup(label.data, label.len);
}


/* s is at a '<'; go past what begins there. */

static const char *
charset_scan_tag(charset_scan_t *s)
{
    int       slash;
    sc_str_t  name, value;

    if (charset_scan_is(s, "<!--")) {
        s->p += 2;
        charset_scan_past(s, "-->");
        return NULL;
    }

    if (charset_scan_is(s, "<meta") && s->end - s->p > 5
        && (charset_is_space(s->p[5]) || s->p[5] == '/'))
    {
        s->p += 5;
        return charset_scan_meta(s);
    }

    s->p++;
    slash = (s->p < s->end && *s->p == '/');

    if (s->end - s->p > slash && charset_is_letter(s->p[slash])) {
        charset_scan_until(s, " \t\n\f\r>");

        while (charset_scan_attribute(s, &name, &value) == SC_OK) {
            /* a '>' inside a value does not end the tag */
        }

    } else if (slash || (s->p < s->end && (*s->p == '!' || *s->p == '?'))) {
        charset_scan_past(s, ">");
    }

    return NULL;
}


static const char *
charset_scan_meta(charset_scan_t *s)
{
    int             rc;
    sc_str_t        name, value;
    charset_meta_t  meta;

    memset(&meta, 0, sizeof(charset_meta_t));

    while ((rc = charset_scan_attribute(s, &name, &value)) == SC_OK) {
        charset_meta_attribute(&meta, name, value);
    }

    if (rc == SC_AGAIN || (meta.wants_pragma && !meta.pragma)) {
        return NULL;
    }

    return meta.charset;
}


static void
charset_meta_attribute(charset_meta_t *meta, sc_str_t name, sc_str_t value)
{
    if (charset_name_is(name, "http-equiv") && !meta->seen_equiv) {
        meta->seen_equiv = 1;
        meta->pragma = charset_name_is(value, "content-type");

    } else if (charset_name_is(name, "content") && !meta->seen_content) {
        meta->seen_content = 1;

        if (!meta->seen_charset) {
            meta->charset = charset_parameter(value.data, value.len);
            meta->wants_pragma = (meta->charset != NULL);
        }

    } else if (charset_name_is(name, "charset") && !meta->seen_charset) {
        meta->seen_charset = 1;
        meta->charset = charset_lookup(value.data, value.len);
        meta->wants_pragma = 0;
    }
}


static void
charset_scan_skip(charset_scan_t *s)
{
    while (s->p < s->end && charset_is_space(*s->p)) {
        s->p++;
    }
}


/* SC_DECLINED at the tag's end, past which s then is; SC_AGAIN at the
   input's. */

static int
charset_scan_attribute(charset_scan_t *s, sc_str_t *name, sc_str_t *value)
{
    while (s->p < s->end && (charset_is_space(*s->p) || *s->p == '/')) {
        s->p++;
    }

    if (s->p == s->end) {
        return SC_AGAIN;
    }

    if (*s->p == '>') {
        s->p++;
        return SC_DECLINED;
    }

    name->data = s->p++;
    charset_scan_until(s, "= \t\n\f\r/>");
    name->len = (size_t) (s->p - name->data);
    value->data = s->p;
    value->len = 0;

    charset_scan_skip(s);

    if (s->p == s->end || *s->p != '=') {
        return s->p == s->end ? SC_AGAIN : SC_OK;
    }

    s->p++;

    return charset_scan_value(s, value);
}


static int
charset_scan_value(charset_scan_t *s, sc_str_t *value)
{
    const char  *last;

    charset_scan_skip(s);

    if (s->p == s->end) {
        return SC_AGAIN;
    }

    if (*s->p == '"' || *s->p == '\'') {
        value->data = s->p + 1;
        last = memchr(value->data, *s->p, (size_t) (s->end - value->data));
        if (last == NULL) {
            s->p = s->end;
            return SC_AGAIN;
        }

        s->p = last + 1;

    } else {
        value->data = s->p;
        charset_scan_until(s, " \t\n\f\r>");
        last = s->p;
    }

    value->len = (size_t) (last - value->data);

    return SC_OK;
}


static void
charset_scan_past(charset_scan_t *s, const char *text)
{
    const char  *found;

    found = memmem(s->p, (size_t) (s->end - s->p), text, strlen(text));
    s->p = (found != NULL) ? found + strlen(text) : s->end;
}


static void
charset_scan_until(charset_scan_t *s, const char *stops)
{
    while (s->p < s->end && (*s->p == '\0' || strchr(stops, *s->p) == NULL)) {
        s->p++;
    }
}


static int
charset_scan_is(const charset_scan_t *s, const char *text)
{
    size_t  len;

    len = strlen(text);

    return (size_t) (s->end - s->p) >= len
           && strncasecmp(s->p, text, len) == 0;
}


static int
charset_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}


static int
charset_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}


static int
charset_name_is(sc_str_t name, const char *text)
{
    return name.len == strlen(text)
           && strncasecmp(name.data, text, name.len) == 0;
}
