
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/export/export_internal.h"


/* levels of a value; data are never so deep */
#define XML_MAX_DEPTH    256


static void export_xml_element(const char *name, const json_t *value,
    unsigned depth, sc_buf_t *out);
static void export_xml_inner(const json_t *value, unsigned depth,
    sc_buf_t *out);
static int export_xml_name(const char *name);
static void export_xml_text(const char *s, size_t len, int attribute,
    sc_buf_t *out);
static const char *export_xml_escape(unsigned char c, int attribute);
static int export_xml_noncharacter(const char *s, size_t len);


int
export_xml_item(export_t *e, const store_result_t *result, sc_buf_t *out)
{
    json_t    *json;
    sc_buf_t   text;

    sc_buf_init(&text, 0);
    (void) export_json_item(e->base, result,
                            e->all ? NULL : (const char *const *) e->fields,
                            e->nfields, &text);
    json = text.failed ? NULL
                       : sc_json_of(text.data, text.len, EXPORT_READ, NULL);
    sc_buf_free(&text);

    if (json == NULL) {
        return SC_ERROR;
    }

    export_xml_element("item", json, 0, out);
    json_decref(json);

    return sc_buf_add_cstr(out, "\n");
}


static void
export_xml_element(const char *name, const json_t *value, unsigned depth,
    sc_buf_t *out)
{
    int  plain;

    plain = export_xml_name(name);
    (void) sc_buf_printf(out, "<%s", plain ? name : "field name=\"");

    if (!plain) {
        export_xml_text(name, strlen(name), 1, out);
        (void) sc_buf_add_cstr(out, "\"");
    }

    if (json_is_null(value)) {
        (void) sc_buf_add_cstr(out, " null=\"true\"/>");
        return;
    }

    (void) sc_buf_add_cstr(out, ">");
    export_xml_inner(value, depth, out);
    (void) sc_buf_printf(out, "</%s>", plain ? name : "field");
}


static void
export_xml_inner(const json_t *value, unsigned depth, sc_buf_t *out)
{
    size_t       i;
    const char  *name;
    json_t      *member;

    if (depth == XML_MAX_DEPTH) {
        return;
    }

    switch (json_typeof(value)) {

    case JSON_OBJECT:
        json_object_foreach((json_t *) value, name, member) {
            export_xml_element(name, member, depth + 1, out);
        }

        break;

    case JSON_ARRAY:
        json_array_foreach(value, i, member) {
            export_xml_element("value", member, depth + 1, out);
        }

        break;

    case JSON_STRING:
        export_xml_text(json_string_value(value), json_string_length(value),
                        0, out);
        break;

    default:
        sc_json_value(out, value);
    }
}


/* Whether it is a name of an element; those of XML's own are not. */
static int
export_xml_name(const char *name)
{
    size_t  len;

    static const char  first[] = "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char  next[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.";

    len = strlen(name);

    return strspn(name, first) > 0 && strspn(name, next) == len
           && strncasecmp(name, "xml", 3) != 0;
}


/* XML 1.0 has no place for some characters: U+FFFD stands for them. */
static void
export_xml_text(const char *s, size_t len, int attribute, sc_buf_t *out)
{
    size_t       i, from;
    const char  *text;

    for (i = from = 0; i < len; i++) {
        text = export_xml_escape((unsigned char) s[i], attribute);

        if (text == NULL && export_xml_noncharacter(s + i, len - i)) {
            (void) sc_buf_add(out, s + from, i - from);
            (void) sc_buf_add_cstr(out, "\xef\xbf\xbd");
            i += 2;
            from = i + 1;

        } else if (text != NULL) {
            (void) sc_buf_add(out, s + from, i - from);
            (void) sc_buf_add_cstr(out, text);
            from = i + 1;
        }
    }

    (void) sc_buf_add(out, s + from, len - from);
}


static const char *
export_xml_escape(unsigned char c, int attribute)
{
    switch (c) {

    case '&':
        return "&amp;";

    case '<':
        return "&lt;";

    case '>':
        return "&gt;";

    case '"':
        return attribute ? "&quot;" : NULL;

    case '\r':
        return "&#13;";

    case '\n':
        return attribute ? "&#10;" : NULL;

    case '\t':
        return attribute ? "&#9;" : NULL;

    default:
        return c < 0x20 ? "\xef\xbf\xbd" : NULL;
    }
}


/* U+FFFE and U+FFFF */
static int
export_xml_noncharacter(const char *s, size_t len)
{
    return len >= 3 && memcmp(s, "\xef\xbf", 2) == 0
           && ((unsigned char) s[2] == 0xbe || (unsigned char) s[2] == 0xbf);
}
