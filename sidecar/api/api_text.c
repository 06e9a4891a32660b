
#include "sidecar/api/api_internal.h"


static int api_text_is_blank(char c);
static const char *api_text_blank(const char *p, const char *end);
static const char *api_text_string(const char *p, const char *end);
static const char *api_text_value(const char *p, const char *end);
static const char *api_text_word(const char *p, const char *end);


int
api_text_member(const char **pos, const char *end, sc_str_t *value)
{
    const char  *p;

    /* "{" before the first member, "," before the others */
    p = api_text_blank(*pos, end);

    if (p == end || *p == '}') {
        return SC_DECLINED;
    }

    p = api_text_blank(p + 1, end);

    if (p == end || *p != '"') {
        return SC_DECLINED;
    }

    p = api_text_blank(api_text_string(p, end), end);

    if (p == end) {
        return SC_DECLINED;
    }

    p = api_text_blank(p + 1, end);

    value->data = p;
    p = api_text_value(p, end);
    value->len = (size_t) (p - value->data);
    *pos = p;

    return SC_OK;
}


int
api_text_item(const char **pos, const char *end, sc_str_t *value)
{
    const char  *p;

    /* "[" before the first element, "," before the others */
    p = api_text_blank(*pos, end);

    if (p == end || *p == ']') {
        return SC_DECLINED;
    }

    p = api_text_blank(p + 1, end);

    if (p == end || *p == ']') {
        return SC_DECLINED;
    }

    value->data = p;
    p = api_text_value(p, end);
    value->len = (size_t) (p - value->data);
    *pos = p;

    return SC_OK;
}


int
api_text_compact(sc_buf_t *b, sc_str_t text)
{
    const char  *p, *end, *start;

    p = text.data;
    end = p + text.len;

    while (p < end) {
        start = p;

        while (p < end && !api_text_is_blank(*p)) {
            p = *p == '"' ? api_text_string(p, end) : p + 1;
        }

        (void) sc_buf_add(b, start, (size_t) (p - start));
        p = api_text_blank(p, end);
    }

    return b->failed ? SC_ERROR : SC_OK;
}


static int
api_text_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


static const char *
api_text_blank(const char *p, const char *end)
{
    while (p < end && api_text_is_blank(*p)) {
        p++;
    }

    return p;
}


/* p is at the opening quote; returns what follows the closing one. */
static const char *
api_text_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        if (*p == '\\' && p + 1 < end) {
            p++;
        }
    }

    return p < end ? p + 1 : end;
}


/* A string, a number or word, or a list or object with all in it. */
static const char *
api_text_value(const char *p, const char *end)
{
    int  depth;

    depth = 0;

    while (p < end) {
        if (*p == '"') {
            p = api_text_string(p, end);

        } else if (*p == '{' || *p == '[') {
            depth++;
            p++;
            continue;

        } else if (depth == 0) {
            return api_text_word(p, end);

        } else {
            depth -= (*p == '}' || *p == ']');
            p++;
        }

        if (depth == 0) {
            break;
        }
    }

    return p;
}


static const char *
api_text_word(const char *p, const char *end)
{
    while (p < end && !api_text_is_blank(*p) && *p != ',' && *p != '}'
           && *p != ']')
    {
        p++;
    }

    return p;
}
