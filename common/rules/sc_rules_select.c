
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/css/sc_css.h"
#include "common/rules/sc_rules_internal.h"


#define SC_SELECT_KINDS  (SC_SELECT_CONST + 1)


/*
 * What the functions below need on their way down.
 *
 * give    what is wanted: SC_RULES_ANY and the like
 * list    where the selectors go, and how many there are
 * object  what the one under way is written in, and around its place; NULL
 *         of a bare one
 */
typedef struct {
    sc_rules_parser_t      *p;
    unsigned                give;
    sc_selector_t         **list;
    size_t                 *n;
    json_t                 *object;
    const sc_rules_path_t  *around;
} sc_select_ctx_t;


static int sc_select_value(sc_select_ctx_t *s, json_t *value,
    const sc_rules_path_t *path);
static int sc_select_bare(sc_select_ctx_t *s, json_t *value,
    const sc_rules_path_t *path);
static int sc_select_first(sc_select_ctx_t *s, json_t *list,
    const sc_rules_path_t *path);
static int sc_select_object(sc_select_ctx_t *s, json_t *object,
    const sc_rules_path_t *path);
static const char *sc_select_key(sc_select_ctx_t *s, json_t *object,
    const sc_rules_path_t *path);
static int sc_select_options(sc_select_ctx_t *s, json_t *object,
    const sc_rules_path_t *path, const char *way);
static int sc_select_way(sc_select_ctx_t *s, sc_select_t kind, json_t *value,
    const sc_rules_path_t *path);
static sc_selector_t *sc_select_new(sc_select_ctx_t *s, sc_select_t kind,
    const sc_rules_path_t *path);
static int sc_select_gives(const sc_select_ctx_t *s, sc_select_t kind);
static int sc_select_add(sc_select_ctx_t *s, sc_select_t kind, json_t *value,
    const sc_rules_path_t *path);
static int sc_select_xpath(sc_select_ctx_t *s, const sc_rules_path_t *path,
    sc_selector_t *sel);
static int sc_select_css(sc_select_ctx_t *s, const sc_rules_path_t *path,
    sc_selector_t *sel);
static int sc_select_css_text(sc_select_ctx_t *s, const sc_rules_path_t *path,
    const sc_selector_t *sel, unsigned html, sc_buf_t *out);
static int sc_select_regex(sc_select_ctx_t *s, json_t *value,
    const sc_rules_path_t *path, sc_selector_t *sel);
static int sc_select_path(sc_select_ctx_t *s, const sc_rules_path_t *path,
    sc_selector_t *sel);
static int sc_select_name(sc_select_ctx_t *s, const sc_rules_path_t *path,
    const sc_selector_t *sel, const char *what);
static int sc_select_const(sc_select_ctx_t *s, const json_t *value,
    const sc_rules_path_t *path);


/* keys of an object that selects, by sc_select_t; those of "regex" follow */

static const char *const  sc_select_ways[] = {
    [SC_SELECT_XPATH] = "xpath",
    [SC_SELECT_CSS] = "css",
    [SC_SELECT_REGEX] = "regex",
    [SC_SELECT_JSON] = "json",
    [SC_SELECT_JSONLD] = "jsonld",
    [SC_SELECT_META] = "meta",
    [SC_SELECT_HEADER] = "header",
    [SC_SELECT_CONST] = "const",
    "group",
    "flags"
};


/* what each is called in messages */

static const char *const  sc_select_what[] = {
    [SC_SELECT_XPATH] = "XPath",
    [SC_SELECT_CSS] = "CSS",
    [SC_SELECT_REGEX] = "regex",
    [SC_SELECT_JSON] = "JSON path",
    [SC_SELECT_JSONLD] = "JSON path",
    [SC_SELECT_META] = "meta name",
    [SC_SELECT_HEADER] = "header name"
};


int
sc_rules_selectors(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, unsigned give, sc_selector_t **list,
    size_t *n)
{
    sc_select_ctx_t  s;

    s.p = p;
    s.give = give;
    s.list = list;
    s.n = n;
    s.object = NULL;
    s.around = NULL;

    if (json_is_array(value)) {
        return sc_select_first(&s, value, path);
    }

    return sc_select_value(&s, value, path);
}


void
sc_rules_free_selectors(sc_selector_t *list, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        free(list[i].text);
        xmlXPathFreeCompExpr(list[i].comp);
        xmlXPathFreeCompExpr(list[i].comp_xml);
        sc_jsonpath_free(list[i].path);
        sc_regex_free(list[i].regex);
    }

    free(list);
}


int
sc_rules_selects(const char *key)
{
    return sc_rules_which(key, sc_select_ways, SC_SELECT_KINDS)
           != SC_SELECT_KINDS
           || strcmp(key, "first") == 0;
}


const char *
sc_rules_select_name(sc_select_t kind)
{
    return sc_select_ways[kind];
}


static int
sc_select_value(sc_select_ctx_t *s, json_t *value,
    const sc_rules_path_t *path)
{
    if (json_is_string(value)) {
        return sc_select_bare(s, value, path);
    }

    if (json_is_object(value)) {
        return sc_select_object(s, value, path);
    }

    return sc_rules_refuse(s->p->err, SC_RULES_SHAPE, path,
                           "a selector is a string or an object, not %s",
                           sc_rules_kind(value));
}


static int
sc_select_bare(sc_select_ctx_t *s, json_t *value,
    const sc_rules_path_t *path)
{
    sc_select_t  kind;

    kind = sc_rules_is_xpath(json_string_value(value)) ? SC_SELECT_XPATH
                                                       : SC_SELECT_CSS;

    return sc_select_add(s, kind, value, path);
}


static int
sc_select_first(sc_select_ctx_t *s, json_t *list,
    const sc_rules_path_t *path)
{
    char              index[24];
    size_t            i;
    json_t           *value;
    sc_rules_path_t   here;

    if (!json_is_array(list) || json_array_size(list) == 0) {
        return sc_rules_refuse(s->p->err, SC_RULES_SHAPE, path,
                               "a list of selectors is wanted, not %s",
                               json_is_array(list) ? "an empty one"
                                                   : sc_rules_kind(list));
    }

    json_array_foreach(list, i, value) {
        snprintf(index, sizeof(index), "%zu", i);
        here = sc_rules_below(path, index);

        /* a list in a list is none of the keys: no recursion */
        if (json_is_object(value)
            && sc_rules_known(s->p, value, &here,
                              sc_rules_words(sc_select_ways)) != SC_OK)
        {
            return SC_ERROR;
        }

        if (sc_select_value(s, value, &here) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
sc_select_object(sc_select_ctx_t *s, json_t *object,
    const sc_rules_path_t *path)
{
    int               rc;
    json_t           *value;
    const char       *way;
    sc_select_t       kind;
    sc_rules_path_t   here;

    way = sc_select_key(s, object, path);

    if (way == NULL || sc_select_options(s, object, path, way) != SC_OK) {
        return SC_ERROR;
    }

    value = json_object_get(object, way);
    here = sc_rules_below(path, way);

    if (strcmp(way, "first") == 0) {
        return sc_select_first(s, value, &here);
    }

    kind = (sc_select_t) sc_rules_which(way, sc_select_ways, SC_SELECT_KINDS);

    if (kind == SC_SELECT_CONST) {
        return sc_select_const(s, value, &here);
    }

    s->object = object;
    s->around = path;
    rc = sc_select_way(s, kind, value, &here);

    s->object = NULL;
    s->around = NULL;

    return rc;
}


/* The one key that selects. */

static const char *
sc_select_key(sc_select_ctx_t *s, json_t *object,
    const sc_rules_path_t *path)
{
    json_t           *value;
    const char       *key, *way;
    sc_rules_path_t   here;

    way = NULL;

    json_object_foreach(object, key, value) {
        if (!sc_rules_selects(key)) {
            continue;
        }

        if (way != NULL) {
            here = sc_rules_below(path, key);
            sc_rules_ambiguous(s->p, &here, way);
            return NULL;
        }

        way = key;
    }

    if (way == NULL) {
        sc_rules_refuse(s->p->err, SC_RULES_SHAPE, path,
                        "a selector is missing, such as \"xpath\" or "
                        "\"css\"");
    }

    return way;
}


static int
sc_select_options(sc_select_ctx_t *s, json_t *object,
    const sc_rules_path_t *path, const char *way)
{
    const char       *option;
    sc_rules_path_t   here;

    option = json_object_get(object, "group") != NULL ? "group" : "flags";

    if (strcmp(way, "regex") == 0 || json_object_get(object, option) == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, option);

    return sc_rules_refuse(s->p->err, SC_RULES_SHAPE, &here,
                           "\"%s\" needs \"regex\"", option);
}


/* One expression or a list of them. */

static int
sc_select_way(sc_select_ctx_t *s, sc_select_t kind, json_t *value,
    const sc_rules_path_t *path)
{
    char              index[24];
    size_t            i;
    json_t           *one;
    sc_rules_path_t   here;

    if (json_is_string(value)) {
        return sc_select_add(s, kind, value, path);
    }

    if (!json_is_array(value)) {
        return sc_rules_refuse(s->p->err, SC_RULES_SHAPE, path,
                               "\"%s\" is a string or a list of strings, "
                               "not %s", path->key, sc_rules_kind(value));
    }

    if (json_array_size(value) == 0) {
        return sc_rules_refuse(s->p->err, SC_RULES_SHAPE, path,
                               "\"%s\" is an empty list", path->key);
    }

    json_array_foreach(value, i, one) {
        snprintf(index, sizeof(index), "%zu", i);
        here = sc_rules_below(path, index);

        if (!json_is_string(one)) {
            return sc_rules_refuse(s->p->err, SC_RULES_SHAPE, &here,
                                   "\"%s\" is a list of strings, and this is "
                                   "%s", path->key, sc_rules_kind(one));
        }

        if (sc_select_add(s, kind, one, &here) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* It belongs to the list at once, which frees whatever it will hold. */

static sc_selector_t *
sc_select_new(sc_select_ctx_t *s, sc_select_t kind,
    const sc_rules_path_t *path)
{
    sc_selector_t  *list;

    if (!sc_select_gives(s, kind)) {
        sc_rules_refuse(s->p->err, SC_RULES_RULE, path,
                        "\"%s\" does not select %s", sc_select_ways[kind],
                        s->give == SC_RULES_NODES ? "elements or JSON values"
                                                  : "a list");
        return NULL;
    }

    if (*s->n == SC_RULES_MAX_SELECTORS) {
        sc_rules_refuse(s->p->err, SC_RULES_RULE, path,
                        "more than %d selectors", SC_RULES_MAX_SELECTORS);
        return NULL;
    }

    list = realloc(*s->list, (*s->n + 1) * sizeof(sc_selector_t));
    if (list == NULL) {
        sc_rules_no_memory(s->p);
        return NULL;
    }

    *s->list = list;
    list += (*s->n)++;

    memset(list, 0, sizeof(sc_selector_t));
    list->kind = kind;

    return list;
}


static int
sc_select_gives(const sc_select_ctx_t *s, sc_select_t kind)
{
    switch (kind) {

    case SC_SELECT_REGEX:
    case SC_SELECT_META:
    case SC_SELECT_HEADER:
        return s->give != SC_RULES_NODES;

    case SC_SELECT_CONST:
        return s->give == SC_RULES_ANY;

    default:
        return 1;
    }
}


static int
sc_select_add(sc_select_ctx_t *s, sc_select_t kind, json_t *value,
    const sc_rules_path_t *path)
{
    sc_selector_t  *sel;

    sel = sc_select_new(s, kind, path);

    if (sel == NULL
        || sc_rules_text(s->p, value, path, sc_select_what[kind],
                         SC_RULES_MAX_XPATH, &sel->text) != SC_OK)
    {
        return SC_ERROR;
    }

    switch (kind) {
    case SC_SELECT_XPATH:
        return sc_select_xpath(s, path, sel);
    case SC_SELECT_CSS:
        return sc_select_css(s, path, sel);
    case SC_SELECT_REGEX:
        return sc_select_regex(s, value, path, sel);
    case SC_SELECT_JSON:
    case SC_SELECT_JSONLD:
        return sc_select_path(s, path, sel);
    default:
        return sc_select_name(s, path, sel, sc_select_what[kind]);
    }
}


static int
sc_select_xpath(sc_select_ctx_t *s, const sc_rules_path_t *path,
    sc_selector_t *sel)
{
    sc_rules_xpath_t  *x;

    x = &s->p->xpath;
    sel->comp = sc_rules_xpath_compile(x, sel->text);

    if (sel->comp == NULL) {
        return sc_rules_invalid(s->p, path, "XPath", sel->text, x->reason,
                                x->column);
    }

    if (s->give != SC_RULES_ANY && !x->nodeset) {
        return sc_rules_refuse(s->p->err, SC_RULES_RULE, path,
                               "\"%s\" is not a node-set, and a list needs "
                               "one", sc_rules_quoted(s->p, sel->text));
    }

    return SC_OK;
}


/*
 * A prefix that is not known shows in the XPath only, at a column that says
 * nothing about the selector.
 */

static int
sc_select_css(sc_select_ctx_t *s, const sc_rules_path_t *path,
    sc_selector_t *sel)
{
    int                rc;
    sc_buf_t           html, xml;
    sc_rules_xpath_t  *x;

    x = &s->p->xpath;

    sc_buf_init(&html, SC_CSS_MAX);
    sc_buf_init(&xml, SC_CSS_MAX);

    rc = sc_select_css_text(s, path, sel, 1, &html);

    if (rc == SC_OK) {
        rc = sc_select_css_text(s, path, sel, 0, &xml);
    }

    if (rc == SC_OK) {
        sel->comp = sc_rules_xpath_path(x, html.data);

        if (sel->comp != NULL && strcmp(html.data, xml.data) != 0) {
            sel->comp_xml = sc_rules_xpath_only(x, xml.data);
        }

        if (sel->comp == NULL || x->reason[0] != '\0') {
            rc = sc_rules_invalid(s->p, path, "CSS", sel->text, x->reason, 0);
        }
    }

    sc_buf_free(&html);
    sc_buf_free(&xml);

    return rc;
}


static int
sc_select_css_text(sc_select_ctx_t *s, const sc_rules_path_t *path,
    const sc_selector_t *sel, unsigned html, sc_buf_t *out)
{
    sc_css_error_t  err;

    if (sc_css_xpath(sel->text, strlen(sel->text), html, out, &err) != SC_OK) {
        return sc_rules_invalid(s->p, path, "CSS", sel->text, err.message,
                                err.column);
    }

    return SC_OK;
}


static int
sc_select_regex(sc_select_ctx_t *s, json_t *value,
    const sc_rules_path_t *path, sc_selector_t *sel)
{
    const char  *flags;

    if (sc_rules_flags(s->p, s->object, s->around, &flags) != SC_OK
        || sc_rules_pattern(s->p, value, path, flags, &sel->regex) != SC_OK)
    {
        return SC_ERROR;
    }

    return sc_rules_group(s->p, s->object, s->around, sel->regex,
                          &sel->group);
}


static int
sc_select_path(sc_select_ctx_t *s, const sc_rules_path_t *path,
    sc_selector_t *sel)
{
    sc_jsonpath_error_t  err;

    sel->path = sc_jsonpath_compile(sel->text, strlen(sel->text), &err);

    if (sel->path == NULL) {
        return sc_rules_invalid(s->p, path, "JSON path", sel->text,
                                err.message, err.column);
    }

    return SC_OK;
}


static int
sc_select_name(sc_select_ctx_t *s, const sc_rules_path_t *path,
    const sc_selector_t *sel, const char *what)
{
    if (sel->text[0] == '\0') {
        return sc_rules_refuse(s->p->err, SC_RULES_RULE, path,
                               "the %s is empty", what);
    }

    return SC_OK;
}


static int
sc_select_const(sc_select_ctx_t *s, const json_t *value,
    const sc_rules_path_t *path)
{
    sc_selector_t  *sel;

    sel = sc_select_new(s, SC_SELECT_CONST, path);

    return (sel == NULL) ? SC_ERROR : sc_rules_json(s->p, value, &sel->text);
}
