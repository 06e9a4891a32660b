
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_value.h"


#define VIEW_JSONLD_TYPE  "application/ld+json"


static int view_jsonld_is_block(const xmlNode *node);
static int view_jsonld_text(const xmlNode *node, sc_buf_t *text);
static json_t *view_jsonld_parse(sc_buf_t *text);
static json_t *view_jsonld_load_text(sc_str_t s);
static sc_str_t view_jsonld_strip(sc_str_t s);
static int view_jsonld_cut_front(sc_str_t *s, const char *mark);
static int view_jsonld_cut_back(sc_str_t *s, const char *mark);
static void view_jsonld_mend(sc_str_t s, sc_buf_t *out);
static int view_jsonld_take(json_t *list, json_t *block);


/* What pages put in front of and behind the JSON, for browsers of old. */

static const char *const  view_jsonld_fronts[] = {
    "<!--", "//<!--", "<![CDATA[", "//<![CDATA[", "// <![CDATA[",
    "/*<![CDATA[*/", "/* <![CDATA[ */", "\xef\xbb\xbf",
};

/* one that ends in another stands in front of it */
static const char *const  view_jsonld_backs[] = {
    "//-->", "// -->", "-->", "/*]]>*/", "/* ]]> */", "//]]>", "// ]]>",
    "]]>", ";",
};


int
view_jsonld(const view_t *v, sc_buf_t *out)
{
    json_t  *list;

    list = view_jsonld_load(v);

    if (list == NULL) {
        out->failed = 1;
        return SC_ERROR;
    }

    sc_json_value(out, list);
    json_decref(list);

    return out->failed ? SC_ERROR : SC_OK;
}


json_t *
view_jsonld_load(const view_t *v)
{
    size_t          blocks, bytes;
    json_t         *list;
    sc_buf_t        text;
    const xmlNode  *n, *doc;

    list = json_array();
    if (list == NULL) {
        return NULL;
    }

    blocks = 0;
    bytes = 0;
    sc_buf_init(&text, VIEW_MAX_JSONLD_BLOCK);
    doc = (const xmlNode *) v->doc;

    for (n = dom_next(doc, doc); n != NULL; n = dom_next(n, doc)) {
        if (!view_jsonld_is_block(n)) {
            continue;
        }

        if (blocks++ == VIEW_MAX_JSONLD) {
            break;
        }

        if (view_jsonld_text(n, &text) != SC_OK) {
            if (text.failed != SC_BUF_MEMORY) {
                continue;
            }

            json_decref(list);
            list = NULL;
            break;
        }

        bytes += text.len;

        if (bytes > VIEW_MAX_JSONLD_BYTES) {
            break;
        }

        if (view_jsonld_take(list, view_jsonld_parse(&text)) != SC_OK) {
            json_decref(list);
            list = NULL;
            break;
        }
    }

    sc_buf_free(&text);

    return list;
}


static int
view_jsonld_is_block(const xmlNode *node)
{
    size_t       len;
    const char  *type;

    if (!dom_is(node, "script")) {
        return 0;
    }

    type = dom_attr(node, "type");
    if (type == NULL) {
        return 0;
    }

    type += strspn(type, " \t\n\f\r");
    len = strcspn(type, "; \t\n\f\r");

    return len == sizeof(VIEW_JSONLD_TYPE) - 1
           && strncasecmp(type, VIEW_JSONLD_TYPE, len) == 0;
}


static int
view_jsonld_text(const xmlNode *node, sc_buf_t *text)
{
    const xmlNode  *n;

    sc_buf_reset(text);

    for (n = node->children; n != NULL; n = n->next) {
        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
            && n->content != NULL)
        {
            sc_buf_add_cstr(text, (const char *) n->content);
        }
    }

    return text->failed || text->len == 0 ? SC_DECLINED : SC_OK;
}


/* NULL for what is no JSON, mended or not. */

static json_t *
view_jsonld_parse(sc_buf_t *text)
{
    json_t    *value;
    sc_str_t   s;
    sc_buf_t   mended;

    s.data = text->data;
    s.len = text->len;
    s = view_jsonld_strip(s);

    value = view_jsonld_load_text(s);

    if (value == NULL) {
        /* the longest escape stands for one byte */
        sc_buf_init(&mended, 6 * text->len);
        view_jsonld_mend(s, &mended);

        if (!mended.failed && mended.len != 0) {
            s.data = mended.data;
            s.len = mended.len;
            value = view_jsonld_load_text(s);
        }

        sc_buf_free(&mended);
    }

    return value;
}


/* An integer of more than 64 bits is a number still. */

static json_t *
view_jsonld_load_text(sc_str_t s)
{
    json_t  *value;

    value = sc_json_of(s.data, s.len, JSON_ALLOW_NUL, NULL);

    if (value == NULL) {
        value = sc_json_of(s.data, s.len,
                           JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    }

    return value;
}


static sc_str_t
view_jsonld_strip(sc_str_t s)
{
    int     again;
    size_t  i;

    do {
        again = 0;

        while (s.len > 0 && (unsigned char) s.data[0] <= ' ') {
            s.data++;
            s.len--;
        }

        while (s.len > 0 && (unsigned char) s.data[s.len - 1] <= ' ') {
            s.len--;
        }

        for (i = 0; i < sizeof(view_jsonld_fronts) / sizeof(char *); i++) {
            again |= view_jsonld_cut_front(&s, view_jsonld_fronts[i]);
        }

        for (i = 0; i < sizeof(view_jsonld_backs) / sizeof(char *); i++) {
            again |= view_jsonld_cut_back(&s, view_jsonld_backs[i]);
        }

    } while (again);

    return s;
}


static int
view_jsonld_cut_front(sc_str_t *s, const char *mark)
{
    size_t  len;

    len = strlen(mark);

    if (s->len < len || memcmp(s->data, mark, len) != 0) {
        return 0;
    }

    s->data += len;
    s->len -= len;

    return 1;
}


static int
view_jsonld_cut_back(sc_str_t *s, const char *mark)
{
    size_t  len;

    len = strlen(mark);

    if (s->len < len || memcmp(s->data + s->len - len, mark, len) != 0) {
        return 0;
    }

    s->len -= len;

    return 1;
}


/*
 * Control characters become escapes in strings and white space elsewhere; a
 * backslash in front of one, which ends a line in other languages, is none.
 */

static void
view_jsonld_mend(sc_str_t s, sc_buf_t *out)
{
    int            quoted;
    size_t         i;
    unsigned char  c;

    quoted = 0;

    for (i = 0; i < s.len; i++) {
        c = (unsigned char) s.data[i];

        if (c < ' ') {
            if (quoted) {
                sc_buf_printf(out, "\\u%04x", c);
            } else {
                sc_buf_add(out, " ", 1);
            }

            continue;
        }

        if (!quoted || c != '\\' || i + 1 == s.len) {
            quoted ^= (c == '"');
            sc_buf_add(out, s.data + i, 1);
            continue;
        }

        if ((unsigned char) s.data[i + 1] >= ' ') {
            sc_buf_add(out, s.data + i++, 2);
        }
    }
}


/* Takes the reference; a block that is no object or list adds nothing. */

static int
view_jsonld_take(json_t *list, json_t *block)
{
    int  rc;

    rc = SC_OK;

    if (json_is_object(block)) {
        rc = json_array_append(list, block) == 0 ? SC_OK : SC_ERROR;

    } else if (json_is_array(block)) {
        rc = json_array_extend(list, block) == 0 ? SC_OK : SC_ERROR;
    }

    json_decref(block);

    return rc;
}
