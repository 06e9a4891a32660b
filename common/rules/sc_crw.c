
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/rules/sc_crw.h"
#include "common/rules/sc_rules_internal.h"


#define SC_CRW_NAME   63                /* bytes of a table or a column */
#define SC_CRW_SPACE  " \t\v\f\r"


/*
 * One template under way.
 *
 * number   of the line, from 1
 * line     where it begins
 * header   number of the line of the last PAGE, 0 before the first
 * match    "match" of that page
 * page     its sets by table
 * sets     all sets by name
 */
typedef struct {
    sc_crw_error_t  *err;
    size_t           number;
    const char      *line;
    size_t           header;
    json_t          *match;
    json_t          *page;
    json_t          *sets;
} sc_crw_t;


static int sc_crw_lines(sc_crw_t *c, const char *text, size_t len);
static int sc_crw_line(sc_crw_t *c, sc_str_t line);
static int sc_crw_header(sc_crw_t *c, sc_str_t word, sc_str_t url);
static json_t *sc_crw_match(sc_str_t url);
static int sc_crw_is_url(sc_str_t url);
static int sc_crw_page_end(sc_crw_t *c);
static int sc_crw_rule(sc_crw_t *c, sc_str_t left, sc_str_t selector);
static int sc_crw_name(sc_crw_t *c, sc_str_t name, const char *what);
static json_t *sc_crw_set(sc_crw_t *c, const char *table);
static int sc_crw_add_set(sc_crw_t *c, const char *table, json_t *set);
static int sc_crw_field(sc_crw_t *c, json_t *set, sc_str_t column,
    sc_str_t selector);
static json_t *sc_crw_selector(sc_str_t selector);
static int sc_crw_is_path(const char *selector);
static json_t *sc_crw_result(sc_crw_t *c);
static sc_str_t sc_crw_trim(const char *begin, const char *end);
static int sc_crw_refuse(sc_crw_t *c, const char *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int sc_crw_no_memory(sc_crw_t *c);


json_t *
sc_crw_parse(const char *text, size_t len, sc_crw_error_t *err)
{
    json_t    *json;
    sc_crw_t   c;

    memset(err, 0, sizeof(sc_crw_error_t));
    memset(&c, 0, sizeof(sc_crw_t));

    c.err = err;
    c.sets = json_object();
    json = NULL;

    if (c.sets == NULL) {
        sc_crw_no_memory(&c);

    } else if (sc_crw_lines(&c, text, len) == SC_OK) {
        json = sc_crw_result(&c);
    }

    json_decref(c.match);
    json_decref(c.page);
    json_decref(c.sets);

    return json;
}


static int
sc_crw_lines(sc_crw_t *c, const char *text, size_t len)
{
    json_t      *valid;
    const char  *end, *eol;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }

    c->line = "";

    for (end = text + len; len != 0 && text < end; text = eol + 1) {
        eol = memchr(text, '\n', (size_t) (end - text));
        if (eol == NULL) {
            eol = end;
        }

        c->number++;
        c->line = text;

        valid = json_stringn(text, (size_t) (eol - text));
        json_decref(valid);

        if (valid == NULL || memchr(text, '\0', (size_t) (eol - text))) {
            return sc_crw_refuse(c, text, "not text in UTF-8");
        }

        if (sc_crw_line(c, sc_crw_trim(text, eol)) != SC_OK) {
            return SC_ERROR;
        }
    }

    if (c->header == 0) {
        c->number = c->number == 0 ? 1 : c->number;
        return sc_crw_refuse(c, c->line, "expected \"PAGE => \" and a URL");
    }

    return sc_crw_page_end(c);
}


/* What comes first decides: a URL may hold "->", and a selector "=>". */

static int
sc_crw_line(sc_crw_t *c, sc_str_t line)
{
    const char  *end, *page, *rule;

    if (line.len == 0 || line.data[0] == '#') {
        return SC_OK;
    }

    end = line.data + line.len;
    page = memmem(line.data, line.len, "=>", 2);
    rule = memmem(line.data, line.len, "->", 2);

    if (page != NULL && (rule == NULL || page < rule)) {
        return sc_crw_header(c, sc_crw_trim(line.data, page),
                             sc_crw_trim(page + 2, end));
    }

    if (rule != NULL) {
        return sc_crw_rule(c, sc_crw_trim(line.data, rule),
                           sc_crw_trim(rule + 2, end));
    }

    if (line.len >= 4 && strncasecmp(line.data, "PAGE", 4) == 0
        && (line.len == 4 || strchr(SC_CRW_SPACE, line.data[4]) != NULL))
    {
        return sc_crw_refuse(c, line.data + 4, "expected \"=>\"");
    }

    return sc_crw_refuse(c, end, "expected \"->\"");
}


static int
sc_crw_header(sc_crw_t *c, sc_str_t word, sc_str_t url)
{
    if (word.len != 4 || strncasecmp(word.data, "PAGE", 4) != 0) {
        return sc_crw_refuse(c, word.data, "expected \"PAGE\" before \"=>\"");
    }

    if (sc_crw_page_end(c) != SC_OK) {
        return SC_ERROR;
    }

    if (url.len == 0) {
        return sc_crw_refuse(c, url.data, "expected a URL after \"=>\"");
    }

    if (!sc_crw_is_url(url) && memchr(url.data, '%', url.len) == NULL
        && (url.len < 3 || memcmp(url.data, "re:", 3) != 0))
    {
        return sc_crw_refuse(c, url.data, "expected a URL of http or https, "
                             "or a pattern with \"%%\"");
    }

    json_decref(c->match);
    json_decref(c->page);

    c->header = c->number;
    c->match = sc_crw_match(url);
    c->page = json_object();

    if (c->match == NULL || c->page == NULL) {
        return sc_crw_no_memory(c);
    }

    return SC_OK;
}


static json_t *
sc_crw_match(sc_str_t url)
{
    if (sc_crw_is_url(url)) {
        return json_pack("{s:{s:s%}}", "similar_to", "url", url.data,
                         url.len);
    }

    return json_pack("{s:[s%]}", "url", url.data, url.len);
}


/* One where a '%' that is no escape would stand is a pattern. */

static int
sc_crw_is_url(sc_str_t url)
{
    size_t  i;

    if ((url.len <= 7 || strncasecmp(url.data, "http://", 7) != 0)
        && (url.len <= 8 || strncasecmp(url.data, "https://", 8) != 0))
    {
        return 0;
    }

    for (i = 0; i < url.len; i++) {
        if (url.data[i] == '%'
            && (url.len - i < 3
                || !isxdigit((unsigned char) url.data[i + 1])
                || !isxdigit((unsigned char) url.data[i + 2])))
        {
            return 0;
        }
    }

    return 1;
}


static int
sc_crw_page_end(sc_crw_t *c)
{
    if (c->header == 0 || json_object_size(c->page) != 0) {
        return SC_OK;
    }

    return sc_crw_refuse(c, c->line, "nothing is taken from the page of "
                         "line %zu", c->header);
}


static int
sc_crw_rule(sc_crw_t *c, sc_str_t left, sc_str_t selector)
{
    char         name[SC_CRW_NAME + 1];
    size_t       i;
    json_t      *set;
    sc_str_t     table, column;
    const char  *dot;

    if (c->header == 0) {
        return sc_crw_refuse(c, c->line, "expected \"PAGE => \" and a URL "
                             "before the first field");
    }

    dot = (left.len == 0) ? NULL : memchr(left.data, '.', left.len);
    if (dot == NULL) {
        return sc_crw_refuse(c, left.data, "expected \"table.column\" before "
                             "\"->\"");
    }

    table = sc_crw_trim(left.data, dot);
    column = sc_crw_trim(dot + 1, left.data + left.len);

    if (sc_crw_name(c, table, "table") != SC_OK
        || sc_crw_name(c, column, "column") != SC_OK)
    {
        return SC_ERROR;
    }

    if (selector.len == 0) {
        return sc_crw_refuse(c, selector.data,
                             "expected a selector after \"->\"");
    }

    for (i = 0; i < table.len; i++) {
        name[i] = (char) tolower((unsigned char) table.data[i]);
    }

    name[i] = '\0';

    set = sc_crw_set(c, name);
    if (set == NULL) {
        return SC_ERROR;
    }

    return sc_crw_field(c, set, column, selector);
}


static int
sc_crw_name(sc_crw_t *c, sc_str_t name, const char *what)
{
    size_t  i;
    char    shown[SC_RULES_SHOWN];

    if (name.len == 0) {
        return sc_crw_refuse(c, name.data, "expected the name of a %s", what);
    }

    for (i = 0; i < name.len; i++) {
        if (!isalnum((unsigned char) name.data[i]) && name.data[i] != '_') {
            break;
        }
    }

    if (i == name.len && i <= SC_CRW_NAME
        && !isdigit((unsigned char) name.data[0]))
    {
        return SC_OK;
    }

    return sc_crw_refuse(c, name.data, "\"%s\" is not the name of a %s, which "
                         "is letters, digits and \"_\", at most %d",
                         sc_rules_shown(shown, 80, name.data, name.len),
                         what, SC_CRW_NAME);
}


/* The set of a table of this page, borrowed. */

static json_t *
sc_crw_set(sc_crw_t *c, const char *table)
{
    json_t  *set;

    set = json_object_get(c->page, table);
    if (set != NULL) {
        return set;
    }

    if (json_object_size(c->sets) == SC_RULES_MAX_SETS) {
        sc_crw_refuse(c, c->line, "more than %d tables, counted a page at a "
                      "time", SC_RULES_MAX_SETS);
        return NULL;
    }

    set = json_pack("{s:O, s:{}, s:{s:s, s:s}}", "match", c->match, "fields",
                    "store", "table", table, "mode", "append");

    if (set == NULL || sc_crw_add_set(c, table, set) != SC_OK) {
        json_decref(set);
        sc_crw_no_memory(c);
        return NULL;
    }

    json_decref(set);

    return set;
}


static int
sc_crw_add_set(sc_crw_t *c, const char *table, json_t *set)
{
    char      name[SC_CRW_NAME + 32];
    unsigned  n;

    snprintf(name, sizeof(name), "%s", table);

    for (n = 2; json_object_get(c->sets, name) != NULL; n++) {
        snprintf(name, sizeof(name), "%s_%u", table, n);
    }

    if (json_object_set(c->page, table, set) != 0
        || json_object_set(c->sets, name, set) != 0)
    {
        return SC_ERROR;
    }

    return SC_OK;
}


/* In "first" the one that counts stands before those it wins over. */

static int
sc_crw_field(sc_crw_t *c, json_t *set, sc_str_t column, sc_str_t selector)
{
    int      rc;
    char     name[SC_CRW_NAME + 1];
    json_t  *fields, *value, *before, *list;

    memcpy(name, column.data, column.len);
    name[column.len] = '\0';

    value = sc_crw_selector(selector);
    if (value == NULL) {
        return sc_crw_no_memory(c);
    }

    fields = json_object_get(set, "fields");
    before = json_object_get(fields, name);
    list = json_object_get(before, "first");

    if (json_array_size(list) == SC_RULES_MAX_SELECTORS) {
        json_decref(value);
        return sc_crw_refuse(c, column.data, "column \"%s\" has more than %d "
                             "selectors", name, SC_RULES_MAX_SELECTORS);
    }

    if (list != NULL) {
        rc = json_array_insert_new(list, 0, value);

    } else if (before != NULL) {
        rc = json_object_set_new(fields, name,
                                 json_pack("{s:[o, O]}", "first", value,
                                           before));

    } else {
        rc = json_object_set_new(fields, name, value);
    }

    return (rc == 0) ? SC_OK : sc_crw_no_memory(c);
}


static json_t *
sc_crw_selector(sc_str_t selector)
{
    char    *text;
    json_t  *json;

    text = strndup(selector.data, selector.len);
    if (text == NULL) {
        return NULL;
    }

    if (!sc_rules_is_xpath(text) && sc_crw_is_path(text)) {
        json = json_pack("{s:s}", "xpath", text);

    } else {
        json = json_string(text);
    }

    free(text);

    return json;
}


/* Outside quotes CSS has no use for '/' and '@'. */

static int
sc_crw_is_path(const char *selector)
{
    char         quote;
    const char  *p;

    quote = '\0';

    for (p = selector; *p != '\0'; p++) {
        if (quote != '\0') {
            quote = (*p == quote) ? '\0' : quote;

        } else if (*p == '"' || *p == '\'') {
            quote = *p;

        } else if (*p == '/' || *p == '@') {
            return 1;
        }
    }

    return 0;
}


static json_t *
sc_crw_result(sc_crw_t *c)
{
    json_t  *json;

    if (json_object_size(c->sets) == 1) {
        return json_incref(json_object_iter_value(json_object_iter(c->sets)));
    }

    json = json_pack("{s:O}", "sets", c->sets);

    if (json == NULL) {
        sc_crw_no_memory(c);
    }

    return json;
}


/* An empty result still stands where it was looked for. */

static sc_str_t
sc_crw_trim(const char *begin, const char *end)
{
    sc_str_t  s;

    while (begin < end && strchr(SC_CRW_SPACE, *begin) != NULL) {
        begin++;
    }

    while (begin < end && strchr(SC_CRW_SPACE, end[-1]) != NULL) {
        end--;
    }

    s.data = begin;
    s.len = (size_t) (end - begin);

    return s;
}


static int
sc_crw_refuse(sc_crw_t *c, const char *at, const char *fmt, ...)
{
    int          n;
    va_list      args;
    const char  *p;

    c->err->line = c->number;
    c->err->column = 1;

    for (p = c->line; p < at; p++) {
        c->err->column += ((*p & 0xc0) != 0x80);
    }

    n = snprintf(c->err->message, sizeof(c->err->message), "line %zu: ",
                 c->number);

    va_start(args, fmt);
    vsnprintf(c->err->message + n, sizeof(c->err->message) - (size_t) n, fmt,
              args);
    va_end(args);

    return SC_ERROR;
}


static int
sc_crw_no_memory(sc_crw_t *c)
{
    c->err->line = 0;
    c->err->column = 0;
    snprintf(c->err->message, sizeof(c->err->message), "memory is out");

    return SC_ERROR;
}
