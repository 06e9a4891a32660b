
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "sidecar/page/dom.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/url/url.h"


/* how much of a value a warning shows, in bytes */
#define EXTRACT_SHOWN        80

/* integers a double holds exactly are up to 2^53 */
#define EXTRACT_MAX_INTEGER  9007199254740992.0


static void extract_string(sc_buf_t *out, const xmlNode *node);
static void extract_collapse(sc_buf_t *out, const xmlChar *text);
static int extract_text(extract_t *x, sc_type_t type, const extract_at_t *at);
static int extract_text_int(extract_t *x, const extract_at_t *at);
static int extract_text_number(extract_t *x, const extract_at_t *at);
static int extract_text_bool(extract_t *x, const extract_at_t *at);
static int extract_text_url(extract_t *x, const extract_at_t *at);
static int extract_number(extract_t *x, sc_type_t type,
    const extract_at_t *at, double n);
static int extract_bool(extract_t *x, sc_type_t type, int truth);
static const char *extract_base(extract_t *x);
static size_t extract_digits(const char **p);
static int extract_is_number(const char *p);
static int extract_refuse(extract_t *x, const extract_at_t *at,
    const char *what);


int
extract_node(extract_t *x, sc_type_t type, const extract_at_t *at,
    const xmlNode *node)
{
    sc_buf_reset(&x->text);
    extract_string(&x->text, node);

    return extract_text(x, type, at);
}


int
extract_scalar(extract_t *x, sc_type_t type, const extract_at_t *at,
    const xmlXPathObject *object)
{
    switch (object->type) {

    case XPATH_BOOLEAN:
        return extract_bool(x, type, object->boolval);

    case XPATH_NUMBER:
        return extract_number(x, type, at, object->floatval);

    case XPATH_STRING:
        sc_buf_reset(&x->text);
        extract_collapse(&x->text, object->stringval);
        return extract_text(x, type, at);

    default:
        return SC_DECLINED;
    }
}


void
extract_warn(extract_t *x, const extract_at_t *at, const char *value,
    const char *what)
{
    size_t     n;
    sc_buf_t  *warnings = &x->page->warnings;

    if (x->warnings > EXTRACT_MAX_WARNINGS) {
        return;
    }

    if (x->warnings++ != 0) {
        sc_buf_add_cstr(warnings, ",");
    }

    if (x->warnings > EXTRACT_MAX_WARNINGS) {
        sc_json_cstr(warnings, "more warnings are left out");
        return;
    }

    sc_buf_reset(&x->scratch);
    sc_buf_add_cstr(&x->scratch, "\"");
    extract_path(at, &x->scratch);
    sc_buf_add_cstr(&x->scratch, "\": ");

    if (value != NULL) {
        n = strlen(value);

        if (n > EXTRACT_SHOWN) {
            n = EXTRACT_SHOWN;

            /* not inside a character */
            while (((unsigned char) value[n] & 0xc0) == 0x80) {
                n--;
            }
        }

        sc_buf_add_cstr(&x->scratch, "\"");
        sc_buf_add(&x->scratch, value, n);
        sc_buf_add_cstr(&x->scratch, value[n] != '\0' ? "…\" " : "\" ");
    }

    sc_buf_add_cstr(&x->scratch, what);
    sc_json_string(warnings, x->scratch.data, x->scratch.len);
}


void
extract_path(const extract_at_t *at, sc_buf_t *out)
{
    if (at->parent != NULL) {
        extract_path(at->parent, out);
    }

    if (at->name == NULL) {
        sc_buf_printf(out, "[%zu]", at->index);
        return;
    }

    if (at->parent != NULL) {
        sc_buf_add_cstr(out, ".");
    }

    sc_buf_add_cstr(out, at->name);
}


/*
 * The string value of XPath, white space collapsed.  A namespace node is not
 * an xmlNode and shares its type field only.
 */

static void
extract_string(sc_buf_t *out, const xmlNode *node)
{
    const xmlNode  *n;

    switch (node->type) {

    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
    case XML_COMMENT_NODE:
    case XML_PI_NODE:
        extract_collapse(out, node->content);
        break;

    case XML_NAMESPACE_DECL:
        extract_collapse(out, ((const xmlNs *) node)->href);
        break;

    default:
        for (n = dom_next(node, node); n != NULL; n = dom_next(n, node)) {
            if (n->type == XML_TEXT_NODE
                || n->type == XML_CDATA_SECTION_NODE)
            {
                extract_collapse(out, n->content);
            }
        }
    }
}


/*
 * Append text with each run of white space made one space, which may be the
 * last byte, never the first.
 */

static void
extract_collapse(sc_buf_t *out, const xmlChar *text)
{
    char        *w;
    const char  *p;
    unsigned     space;

    p = (const char *) text;

    if (p == NULL) {
        return;
    }

    w = sc_buf_reserve(out, strlen(p));
    if (w == NULL) {
        return;
    }

    space = (out->len == 0 || w[-1] == ' ');

    for ( /* void */ ; *p != '\0'; p++) {
        if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
            if (!space) {
                *w++ = ' ';
                space = 1;
            }

        } else {
            *w++ = *p;
            space = 0;
        }
    }

    *w = '\0';
    out->len = (size_t) (w - out->data);
}


/* Write x->text as what its type is; a value that is too long fails data. */

static int
extract_text(extract_t *x, sc_type_t type, const extract_at_t *at)
{
    if (x->text.failed) {
        x->page->data.failed = 1;
        return SC_DECLINED;
    }

    if (x->text.len != 0 && x->text.data[x->text.len - 1] == ' ') {
        x->text.data[--x->text.len] = '\0';
    }

    if (x->text.len == 0) {
        /* so that there is a NUL to look at */
        sc_buf_add(&x->text, "", 0);
    }

    switch (type) {

    case SC_TYPE_INT:
        return extract_text_int(x, at);

    case SC_TYPE_NUMBER:
        return extract_text_number(x, at);

    case SC_TYPE_BOOL:
        return extract_text_bool(x, at);

    case SC_TYPE_URL:
        return extract_text_url(x, at);

    default:
        sc_json_string(&x->page->data, x->text.data, x->text.len);
        return SC_OK;
    }
}


/* Digits only: "1,234" is one number here and another there. */

static int
extract_text_int(extract_t *x, const extract_at_t *at)
{
    long long    n;
    const char  *p;

    p = x->text.data;

    if (*p == '+' || *p == '-') {
        p++;
    }

    if (extract_digits(&p) == 0 || *p != '\0') {
        return extract_refuse(x, at, "is not an integer");
    }

    errno = 0;
    n = strtoll(x->text.data, NULL, 10);

    if (errno == ERANGE) {
        return extract_refuse(x, at, "is not an integer of 64 bits");
    }

    sc_buf_printf(&x->page->data, "%lld", n);

    return SC_OK;
}


static int
extract_text_number(extract_t *x, const extract_at_t *at)
{
    double  n;

    if (!extract_is_number(x->text.data)) {
        return extract_refuse(x, at, "is not a number");
    }

    n = strtod(x->text.data, NULL);

    if (!isfinite(n)) {
        return extract_refuse(x, at, "is too large a number");
    }

    sc_json_number(&x->page->data, n);

    return SC_OK;
}


static int
extract_text_bool(extract_t *x, const extract_at_t *at)
{
    size_t             i;
    static const char  words[][6] = { "false", "true", "no", "yes", "0", "1" };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(x->text.data, words[i]) == 0) {
            return extract_bool(x, SC_TYPE_BOOL, (int) (i % 2));
        }
    }

    return extract_refuse(x, at, "is not a boolean");
}


static int
extract_text_url(extract_t *x, const extract_at_t *at)
{
    int          rc;
    const char  *base;

    base = extract_base(x);

    sc_buf_reset(&x->scratch);
    rc = url_resolve(base, x->text.data, x->text.len, &x->scratch);

    if (rc == SC_DECLINED) {
        return extract_refuse(x, at, "is not a URL");
    }

    if (rc != SC_OK || x->base.failed) {
        x->page->data.failed = 1;
        return SC_DECLINED;
    }

    sc_json_string(&x->page->data, x->scratch.data, x->scratch.len);

    return SC_OK;
}


/* What an expression such as count() gave; NaN is the number of nothing. */

static int
extract_number(extract_t *x, sc_type_t type, const extract_at_t *at, double n)
{
    if (isnan(n)) {
        return SC_DECLINED;
    }

    switch (type) {

    case SC_TYPE_BOOL:
        return extract_bool(x, type, n != 0);

    case SC_TYPE_INT:
        if (n == trunc(n) && fabs(n) <= EXTRACT_MAX_INTEGER) {
            break;
        }

        sc_buf_reset(&x->text);
        sc_json_number(&x->text, n);

        return extract_refuse(x, at, "is not an integer");

    case SC_TYPE_URL:
        sc_buf_reset(&x->text);
        sc_json_number(&x->text, n);

        return extract_text(x, type, at);

    default:
        break;
    }

    if (isinf(n)) {
        extract_warn(x, at, NULL, "the number is infinite");
        return SC_DECLINED;
    }

    sc_json_number(&x->page->data, n);

    return SC_OK;
}


/* As XPath's number() has it where a number is wanted. */

static int
extract_bool(extract_t *x, sc_type_t type, int truth)
{
    if (type == SC_TYPE_INT || type == SC_TYPE_NUMBER) {
        sc_buf_add_cstr(&x->page->data, truth ? "1" : "0");

    } else {
        sc_buf_add_cstr(&x->page->data, truth ? "true" : "false");
    }

    return SC_OK;
}


/* The page's URL, or what the first <base href> of the page makes of it. */

static const char *
extract_base(extract_t *x)
{
    if (x->base.len == 0) {
        dom_base(x->doc, x->page->url, &x->base);
    }

    return x->base.data != NULL ? x->base.data : x->page->url;
}


static size_t
extract_digits(const char **p)
{
    size_t  n;

    n = strspn(*p, "0123456789");
    *p += n;

    return n;
}


/* A decimal number: strtod() takes more than that. */

static int
extract_is_number(const char *p)
{
    size_t  n;

    if (*p == '+' || *p == '-') {
        p++;
    }

    n = extract_digits(&p);

    if (*p == '.') {
        p++;
        n += extract_digits(&p);
    }

    if (n == 0) {
        return 0;
    }

    if (*p == 'e' || *p == 'E') {
        p++;

        if (*p == '+' || *p == '-') {
            p++;
        }

        if (extract_digits(&p) == 0) {
            return 0;
        }
    }

    return *p == '\0';
}


static int
extract_refuse(extract_t *x, const extract_at_t *at, const char *what)
{
    extract_warn(x, at, x->text.data, what);

    return SC_DECLINED;
}
