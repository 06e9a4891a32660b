
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"
#include "common/xpath/sc_xpath.h"


#define SC_RULES_MAX_NS      64
#define SC_RULES_MAX_PREFIX  64         /* bytes */
#define SC_RULES_MAX_URI     2048       /* bytes */


static int sc_rules_pattern_of(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, sc_patterns_t *patterns);
static int sc_rules_parser(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules);
static int sc_rules_age(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules);
static int sc_rules_namespaces(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules);
static int sc_rules_namespace(sc_rules_parser_t *p, json_t *map,
    const char *prefix, const sc_rules_path_t *path, sc_ns_t *ns);
static int sc_rules_prefix(sc_rules_parser_t *p, const char *prefix,
    const sc_rules_path_t *path);
static int sc_rules_reserved(sc_rules_parser_t *p, const sc_ns_t *ns,
    const sc_rules_path_t *path);
static void sc_rules_free_match(sc_match_t *match);
static void sc_rules_free_table(sc_table_t *table);
static void sc_rules_free_follow(sc_rules_t *rules);


static const char *const  sc_rules_members[] = {
    "fields", "match", "ns", "parser", "drop_if", "strict", "store",
    "follow", "description", "max_age"
};


static const char *const  sc_rules_parsers[] = {
    [SC_PARSER_AUTO] = "auto",
    [SC_PARSER_HTML] = "html",
    [SC_PARSER_HTML5] = "html5",
    [SC_PARSER_XML] = "xml",
    [SC_PARSER_JSON] = "json"
};


int
sc_rules_set_before(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules)
{
    json_t           *value;
    sc_rules_path_t   here;

    if (sc_rules_known(p, object, path, sc_rules_words(sc_rules_members))
        != SC_OK)
    {
        return SC_ERROR;
    }

    value = json_object_get(object, "description");

    if (value != NULL && !json_is_string(value)) {
        here = sc_rules_below(path, "description");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"description\" is a string, not %s",
                               sc_rules_kind(value));
    }

    if (sc_rules_parser(p, object, path, rules) != SC_OK) {
        return SC_ERROR;
    }

    return sc_rules_namespaces(p, object, path, rules);
}


int
sc_rules_set_after(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules)
{
    json_t           *value;
    unsigned          strict;
    sc_rules_path_t   here;

    strict = 0;

    if (sc_rules_take_flag(p, object, "strict", path, &strict) != SC_OK) {
        return SC_ERROR;
    }

    rules->strict = (strict != 0);

    if (sc_rules_age(p, object, path, rules) != SC_OK) {
        return SC_ERROR;
    }

    value = json_object_get(object, "match");
    here = sc_rules_below(path, "match");

    if (value != NULL
        && sc_rules_match(p, value, &here, &rules->match) != SC_OK)
    {
        return SC_ERROR;
    }

    value = json_object_get(object, "drop_if");
    here = sc_rules_below(path, "drop_if");

    if (value != NULL
        && sc_rules_condition(p, value, &here, &rules->drop_if) != SC_OK)
    {
        return SC_ERROR;
    }

    value = json_object_get(object, "store");
    here = sc_rules_below(path, "store");

    if (value != NULL && sc_rules_table(p, value, &here, rules) != SC_OK) {
        return SC_ERROR;
    }

    value = json_object_get(object, "follow");
    here = sc_rules_below(path, "follow");

    if (value != NULL && sc_rules_follow(p, value, &here, rules) != SC_OK) {
        return SC_ERROR;
    }

    return SC_OK;
}


static int
sc_rules_age(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules)
{
    json_t           *value;
    json_int_t        age;
    sc_rules_path_t   here;

    value = json_object_get(object, "max_age");
    rules->max_age = -1;

    if (value == NULL) {
        return SC_OK;
    }

    age = json_integer_value(value);

    if (!json_is_integer(value) || age < 0 || age > SC_RULES_MAX_AGE) {
        here = sc_rules_below(path, "max_age");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"max_age\" is a number of seconds from 0 to "
                               "%d", SC_RULES_MAX_AGE);
    }

    rules->max_age = (int) age;

    return SC_OK;
}


void
sc_rules_set_free(sc_rules_t *rules)
{
    size_t  i;

    for (i = 0; i < rules->nns; i++) {
        free(rules->ns[i].prefix);
        free(rules->ns[i].uri);
    }

    free(rules->ns);
    rules->ns = NULL;
    rules->nns = 0;

    xmlXPathFreeCompExpr(rules->drop_if);
    rules->drop_if = NULL;

    sc_rules_free_match(&rules->match);
    sc_rules_free_table(&rules->table);
    sc_rules_free_follow(rules);
}


int
sc_rules_take_patterns(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, sc_patterns_t *patterns)
{
    char              index[24];
    size_t            i, n;
    json_t           *value;
    sc_rules_path_t   list, here;

    value = json_object_get(object, key);
    if (value == NULL) {
        return SC_OK;
    }

    list = sc_rules_below(path, key);
    n = json_is_array(value) ? json_array_size(value) : 1;

    if (n == 0 || n > SC_PATTERNS_MAX) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &list,
                               "a list of patterns holds 1 to %d, not %zu",
                               SC_PATTERNS_MAX, n);
    }

    patterns->list = calloc(n, sizeof(sc_pattern_t));
    if (patterns->list == NULL) {
        return sc_rules_no_memory(p);
    }

    if (!json_is_array(value)) {
        return sc_rules_pattern_of(p, value, &list, patterns);
    }

    for (i = 0; i < n; i++) {
        snprintf(index, sizeof(index), "%zu", i);
        here = sc_rules_below(&list, index);

        if (sc_rules_pattern_of(p, json_array_get(value, i), &here, patterns)
            != SC_OK)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
sc_rules_pattern_of(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, sc_patterns_t *patterns)
{
    char         reason[SC_RULES_REASON];
    size_t       len;
    const char  *text;

    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a pattern is a string, not %s",
                               sc_rules_kind(value));
    }

    text = json_string_value(value);
    len = json_string_length(value);

    if (strncmp(text, "re:", 3) == 0
        && sc_rules_regex_room(p, path, text + 3, len - 3, NULL) != SC_OK)
    {
        return SC_ERROR;
    }

    if (sc_pattern_compile(&patterns->list[patterns->n], text, len, reason,
                           sizeof(reason)) != SC_OK)
    {
        return sc_rules_invalid(p, path, "pattern", text, reason, 0);
    }

    patterns->n++;

    return SC_OK;
}


static int
sc_rules_parser(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules)
{
    size_t  parser;

    parser = SC_PARSER_AUTO;

    if (sc_rules_take_word(p, object, "parser", path,
                           sc_rules_words(sc_rules_parsers), &parser)
        != SC_OK)
    {
        return SC_ERROR;
    }

    rules->parser = (sc_parser_t) parser;

    return SC_OK;
}


static int
sc_rules_namespaces(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules)
{
    json_t           *map, *value;
    const char       *key;
    sc_rules_path_t   here;

    map = json_object_get(object, "ns");
    if (map == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "ns");

    if (!json_is_object(map)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"ns\" is an object, not %s",
                               sc_rules_kind(map));
    }

    if (json_object_size(map) > SC_RULES_MAX_NS) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "more than %d namespaces", SC_RULES_MAX_NS);
    }

    rules->ns = calloc(json_object_size(map) + 1, sizeof(sc_ns_t));
    if (rules->ns == NULL) {
        return sc_rules_no_memory(p);
    }

    json_object_foreach(map, key, value) {
        if (sc_rules_namespace(p, map, key, &here, &rules->ns[rules->nns++])
            != SC_OK)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
sc_rules_namespace(sc_rules_parser_t *p, json_t *map, const char *prefix,
    const sc_rules_path_t *path, sc_ns_t *ns)
{
    sc_rules_path_t  here;

    here = sc_rules_below(path, prefix);

    if (sc_rules_prefix(p, prefix, &here) != SC_OK
        || sc_rules_take_text(p, map, prefix, path, SC_RULES_MAX_URI,
                              &ns->uri) != SC_OK)
    {
        return SC_ERROR;
    }

    ns->prefix = strdup(prefix);
    if (ns->prefix == NULL) {
        return sc_rules_no_memory(p);
    }

    return sc_rules_reserved(p, ns, &here);
}


/* An NCName (Namespaces in XML 1.0, section 3), of ASCII alone. */

static int
sc_rules_prefix(sc_rules_parser_t *p, const char *prefix,
    const sc_rules_path_t *path)
{
    size_t  n;

    n = strspn(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                       "0123456789_-.");

    if (n == 0 || prefix[n] != '\0'
        || strchr("0123456789-.", prefix[0]) != NULL)
    {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "\"%s\" is not a prefix, which is a letter or "
                               "\"_\", then letters, digits, \"-\", \"_\" "
                               "and \".\"", sc_rules_quoted(p, prefix));
    }

    if (n > SC_RULES_MAX_PREFIX) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "prefix \"%s\" is longer than %d bytes",
                               sc_rules_quoted(p, prefix),
                               SC_RULES_MAX_PREFIX);
    }

    if (strcmp(prefix, "xml") == 0 || strcmp(prefix, "xmlns") == 0) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "prefix \"%s\" belongs to XML itself", prefix);
    }

    return SC_OK;
}


static int
sc_rules_reserved(sc_rules_parser_t *p, const sc_ns_t *ns,
    const sc_rules_path_t *path)
{
    const char  *uri;

    uri = sc_xpath_namespace(ns->prefix);

    if (uri != NULL && strcmp(ns->uri, uri) != 0) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "prefix \"%s\" is \"%s\" always, not \"%s\"",
                               ns->prefix, uri, sc_rules_quoted(p, ns->uri));
    }

    return SC_OK;
}


static void
sc_rules_free_match(sc_match_t *match)
{
    sc_patterns_free(&match->url);
    sc_patterns_free(&match->content_type);
    free(match->similar_url);
    free(match->sketch);
    memset(match, 0, sizeof(sc_match_t));
}


static void
sc_rules_free_table(sc_table_t *table)
{
    size_t  i;

    for (i = 0; i < table->nkey; i++) {
        free(table->key[i]);
    }

    free(table->key);
    free(table->table);
    free(table->rows);
    memset(table, 0, sizeof(sc_table_t));
}


static void
sc_rules_free_follow(sc_rules_t *rules)
{
    size_t        i;
    sc_follow_t  *follow;

    for (i = 0; i < rules->nfollow; i++) {
        follow = &rules->follow[i];

        sc_rules_free_selectors(follow->selectors, follow->nselectors);
        sc_patterns_free(&follow->allow);
        sc_patterns_free(&follow->deny);
        free(follow->ruleset);
        free(follow->context);
    }

    free(rules->follow);
    rules->follow = NULL;
    rules->nfollow = 0;
}
