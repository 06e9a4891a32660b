
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include "sidecar/extract/extract_internal.h"
#include "sidecar/extract/extract_transform.h"
#include "sidecar/page/charset.h"


#define EXTRACT_LAST_ENTITY  0x2666   /* of HTML 4: &diams; */
#define EXTRACT_LAST_LATIN1  0xff     /* up to here ';' may be missing */
#define EXTRACT_NAME         8        /* letters of the longest, &thetasym; */
#define EXTRACT_LATIN1_NAME  6        /* and of those without ';' */


static const char *extract_tag(const char *p, const char *end, sc_buf_t *out);
static const char *extract_tag_end(const char *p, const char *end);
static const char *extract_declaration(const char *p, const char *end,
    sc_buf_t *out);
static const char *extract_raw_end(const char *p, const char *end,
    const char *name);
static const char *extract_after(const char *p, const char *end,
    const char *what);
static const char *extract_reference(const char *p, const char *end,
    sc_buf_t *out);
static const char *extract_named(const char *p, const char *end,
    sc_buf_t *out);
static const char *extract_numeric(const char *p, const char *end,
    sc_buf_t *out);
static unsigned extract_scalar_value(unsigned c);
static unsigned extract_entity(const char *name, size_t len);
static int extract_entity_order(const void *a, const void *b);
static void extract_put(unsigned c, sc_buf_t *out);
static unsigned extract_is_letter(char c);
static unsigned extract_is_listed(const char *const *list, size_t n,
    const char *name, size_t len);


/* what a reader sees apart from what is around it */

static const char *const  extract_blocks[] = {
    "address", "article", "aside", "blockquote", "body", "br", "caption",
    "center", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "head", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section",
    "select", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "title", "tr", "ul"
};

static const char *const  extract_raws[] = { "script", "style" };

/* libxml2's entities by name, for its own search takes as long as its list */

static const htmlEntityDesc  **extract_entities;
static size_t                  extract_nentities;


int
extract_tags_prepare(void)
{
    unsigned                 value;
    const htmlEntityDesc    *entity;
    const htmlEntityDesc   **list;

    if (extract_entities != NULL) {
        return SC_OK;
    }

    /* room for one a character would be a waste: there are about 250 */
    list = calloc(512, sizeof(htmlEntityDesc *));

    if (list == NULL) {
        return SC_ERROR;
    }

    for (value = 1; value <= EXTRACT_LAST_ENTITY && extract_nentities < 512;
         value++)
    {
        entity = htmlEntityValueLookup(value);

        if (entity != NULL) {
            list[extract_nentities++] = entity;
        }
    }

    qsort(list, extract_nentities, sizeof(htmlEntityDesc *),
          extract_entity_order);
    extract_entities = list;

    return SC_OK;
}


void
extract_strip_tags(sc_str_t markup, sc_buf_t *out)
{
    const char  *p, *end, *text;

    if (markup.len == 0 || extract_tags_prepare() != SC_OK) {
        out->failed |= (markup.len != 0);
        return;
    }

    end = markup.data + markup.len;

    for (p = markup.data; p < end && !out->failed; /* void */ ) {

        for (text = p; p < end && *p != '<' && *p != '&'; p++) {
            /* void */
        }

        sc_buf_add(out, text, (size_t) (p - text));

        if (p < end) {
            p = (*p == '<') ? extract_tag(p, end, out)
                            : extract_reference(p, end, out);
        }
    }
}


/* What is behind the '<' at p; one that begins no tag is text. */

static const char *
extract_tag(const char *p, const char *end, sc_buf_t *out)
{
    size_t       i, len;
    unsigned     closing;
    const char  *name;

    if (end - p < 2) {
        sc_buf_add(out, p, 1);
        return p + 1;
    }

    if (p[1] == '!' || p[1] == '?') {
        return extract_declaration(p, end, out);
    }

    closing = (p[1] == '/');
    name = p + 1 + closing;

    if (name == end || !extract_is_letter(*name)) {
        if (closing && name < end) {
            return extract_after(name, end, ">");
        }

        sc_buf_add(out, p, 1);
        return p + 1;
    }

    for (p = name; p < end && strchr(" \t\r\n\f/>", *p) == NULL; p++) {
        /* void */
    }

    len = (size_t) (p - name);
    p = extract_tag_end(p, end);

    if (extract_is_listed(extract_blocks, sizeof(extract_blocks)
                          / sizeof(extract_blocks[0]), name, len))
    {
        sc_buf_add(out, " ", 1);
    }

    for (i = 0; i < sizeof(extract_raws) / sizeof(char *); i++) {
        if (!closing && extract_is_listed(&extract_raws[i], 1, name, len)) {
            return extract_raw_end(p, end, extract_raws[i]);
        }
    }

    return p;
}


/* Behind the '>' of a tag, which may be in the quotes of a value before. */

static const char *
extract_tag_end(const char *p, const char *end)
{
    char      quote;
    unsigned  value;

    value = 0;

    for ( /* void */ ; p < end && *p != '>'; p++) {

        if (value && (*p == '"' || *p == '\'')) {
            quote = *p;
            p = memchr(p + 1, quote, (size_t) (end - p - 1));

            if (p == NULL) {
                return end;
            }
        }

        value = (*p == '=' || (value && strchr(" \t\r\n\f", *p) != NULL));
    }

    return p < end ? p + 1 : end;
}


/* A comment, a section of CDATA, or what HTML takes for a comment. */

static const char *
extract_declaration(const char *p, const char *end, sc_buf_t *out)
{
    size_t       len;
    const char  *next;

    len = (size_t) (end - p);

    if (len >= 9 && memcmp(p, "<![CDATA[", 9) == 0) {
        p += 9;
        next = memmem(p, (size_t) (end - p), "]]>", 3);
        sc_buf_add(out, p, (size_t) ((next != NULL ? next : end) - p));

        return next != NULL ? next + 3 : end;
    }

    if (len < 4 || memcmp(p, "<!--", 4) != 0) {
        return extract_after(p, end, ">");
    }

    /* "<!-->" and "<!--->" are whole */
    p += 4;

    if (p < end && *p == '>') {
        return p + 1;
    }

    if (end - p >= 2 && memcmp(p, "->", 2) == 0) {
        return p + 2;
    }

    return extract_after(p, end, "-->");
}


/* The end tag of a script or a style sheet, or the end. */

static const char *
extract_raw_end(const char *p, const char *end, const char *name)
{
    size_t  len;

    len = strlen(name);

    for (p = memchr(p, '<', (size_t) (end - p)); p != NULL;
         p = memchr(p + 1, '<', (size_t) (end - p - 1)))
    {
        if ((size_t) (end - p) > len + 2 && p[1] == '/'
            && strncasecmp(p + 2, name, len) == 0
            && strchr(" \t\r\n\f/>", p[2 + len]) != NULL)
        {
            return p;
        }
    }

    return end;
}


static const char *
extract_after(const char *p, const char *end, const char *what)
{
    size_t  len;

    len = strlen(what);
    p = memmem(p, (size_t) (end - p), what, len);

    return p != NULL ? p + len : end;
}


/* What is no reference is text. */

static const char *
extract_reference(const char *p, const char *end, sc_buf_t *out)
{
    const char  *next;

    next = NULL;

    if (end - p > 2 && p[1] == '#') {
        next = extract_numeric(p + 2, end, out);

    } else if (end - p > 2) {
        next = extract_named(p + 1, end, out);
    }

    if (next == NULL) {
        sc_buf_add(out, p, 1);
        return p + 1;
    }

    return next;
}


static const char *
extract_named(const char *p, const char *end, sc_buf_t *out)
{
    size_t    len;
    unsigned  c;

    for (len = 0; p + len < end && len < EXTRACT_NAME
         && (extract_is_letter(p[len]) || (p[len] >= '0' && p[len] <= '9'));
         len++)
    {
        /* void */
    }

    if (p + len < end && p[len] == ';') {
        c = extract_entity(p, len);

        if (c != 0) {
            extract_put(c, out);
            return p + len + 1;
        }
    }

    if (len > EXTRACT_LATIN1_NAME) {
        len = EXTRACT_LATIN1_NAME;
    }

    for ( /* void */ ; len >= 2; len--) {
        c = extract_entity(p, len);

        if (c != 0 && c <= EXTRACT_LAST_LATIN1 && c != '\'') {
            extract_put(c, out);
            return p + len;
        }
    }

    return NULL;
}


static const char *
extract_numeric(const char *p, const char *end, sc_buf_t *out)
{
    unsigned     c, base, digit;
    const char  *start;

    base = 10;

    if (*p == 'x' || *p == 'X') {
        base = 16;
        p++;
    }

    c = 0;

    for (start = p; p < end; p++) {
        digit = (*p >= '0' && *p <= '9') ? (unsigned) (*p - '0')
                : extract_is_letter(*p) ? (unsigned) ((*p | 0x20) - 'a') + 10
                : base;

        if (digit >= base) {
            break;
        }

        c = (c > 0x10ffff) ? c : c * base + digit;
    }

    if (p == start) {
        return NULL;
    }

    extract_put(extract_scalar_value(c), out);

    return p < end && *p == ';' ? p + 1 : p;
}


/* What HTML makes of the number of a reference. */

static unsigned
extract_scalar_value(unsigned c)
{
    if (c >= 0x80 && c <= 0x9f) {
        return charset_1252[c - 0x80];
    }

    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 0xfffd;
    }

    return c;
}


/* The character of a name, 0 when it is none's. */

static unsigned
extract_entity(const char *name, size_t len)
{
    int          order;
    size_t       low, high, middle;
    const char  *other;

    low = 0;
    high = extract_nentities;

    while (low < high) {
        middle = low + (high - low) / 2;
        other = extract_entities[middle]->name;
        order = strncmp(name, other, len);

        if (order == 0 && other[len] == '\0') {
            return extract_entities[middle]->value;
        }

        if (order > 0) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return 0;
}


static int
extract_entity_order(const void *a, const void *b)
{
    const htmlEntityDesc *const  *first = a;
    const htmlEntityDesc *const  *second = b;

    return strcmp((*first)->name, (*second)->name);
}


static void
extract_put(unsigned c, sc_buf_t *out)
{
    xmlChar  bytes[8];

    sc_buf_add(out, bytes, (size_t) xmlCopyCharMultiByte(bytes, (int) c));
}


static unsigned
extract_is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}


static unsigned
extract_is_listed(const char *const *list, size_t n, const char *name,
    size_t len)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (strlen(list[i]) == len && strncasecmp(list[i], name, len) == 0) {
            return 1;
        }
    }

    return 0;
}
