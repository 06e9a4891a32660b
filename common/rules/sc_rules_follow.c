
#include <stdio.h>
#include <stdlib.h>

#include "common/rules/sc_rules_internal.h"


#define SC_RULES_MAX_FOLLOW   32        /* of a set */
#define SC_RULES_MAX_RULESET  255       /* bytes of a rule set's name */
#define SC_RULES_MAX_CONTEXT  64        /* members */


static int sc_rules_follow_one(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_t *rules,
    sc_follow_t *follow);
static int sc_rules_follow_where(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path);
static int sc_rules_follow_first(sc_rules_parser_t *p, json_t *first,
    const sc_rules_path_t *path);
static int sc_rules_follow_ruleset(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_follow_t *follow);
static int sc_rules_context_of(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_t *rules,
    sc_follow_t *follow);
static int sc_rules_context_value(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_t *rules);


static const char *const  sc_rules_follow_keys[] = {
    "xpath", "css", "first", "allow", "deny", "ruleset", "pagination",
    "context"
};


int
sc_rules_follow(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_rules_t *rules)
{
    char              key[24];
    size_t            i, n;
    sc_rules_path_t   here;

    n = json_is_array(value) ? json_array_size(value) : 1;

    if (n > SC_RULES_MAX_FOLLOW) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"follow\" holds at most %d, not %zu",
                               SC_RULES_MAX_FOLLOW, n);
    }

    rules->follow = calloc(n + 1, sizeof(sc_follow_t));
    if (rules->follow == NULL) {
        return sc_rules_no_memory(p);
    }

    rules->nfollow = n;

    if (!json_is_array(value)) {
        return sc_rules_follow_one(p, value, path, rules, rules->follow);
    }

    for (i = 0; i < n; i++) {
        snprintf(key, sizeof(key), "%zu", i);
        here = sc_rules_below(path, key);

        if (sc_rules_follow_one(p, json_array_get(value, i), &here, rules,
                                &rules->follow[i]) != SC_OK)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
sc_rules_follow_one(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_t *rules,
    sc_follow_t *follow)
{
    unsigned  pagination;

    pagination = 0;

    if (!json_is_object(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "what is followed is an object, not %s",
                               sc_rules_kind(value));
    }

    if (sc_rules_known(p, value, path, sc_rules_words(sc_rules_follow_keys))
        != SC_OK
        || sc_rules_take_flag(p, value, "pagination", path, &pagination)
           != SC_OK
        || sc_rules_follow_ruleset(p, value, path, follow) != SC_OK
        || sc_rules_follow_where(p, value, path) != SC_OK
        || sc_rules_selectors(p, value, path, SC_RULES_NODES,
                              &follow->selectors, &follow->nselectors)
           != SC_OK
        || sc_rules_take_patterns(p, value, "allow", path, &follow->allow)
           != SC_OK
        || sc_rules_take_patterns(p, value, "deny", path, &follow->deny)
           != SC_OK)
    {
        return SC_ERROR;
    }

    follow->pagination = (pagination != 0);

    return sc_rules_context_of(p, value, path, rules, follow);
}


/* One of the keys that select, and in "first" those of a document alone. */

static int
sc_rules_follow_where(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path)
{
    size_t            n;
    json_t           *first;
    sc_rules_path_t   here;

    first = json_object_get(value, "first");

    n = (first != NULL)
        + (json_object_get(value, "xpath") != NULL)
        + (json_object_get(value, "css") != NULL);

    if (n != 1) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "%s of \"xpath\", \"css\" and \"first\" says "
                               "what is followed",
                               (n == 0) ? "one" : "only one");
    }

    if (first == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "first");

    return sc_rules_follow_first(p, first, &here);
}


static int
sc_rules_follow_first(sc_rules_parser_t *p, json_t *first,
    const sc_rules_path_t *path)
{
    char              index[24];
    size_t            i;
    json_t           *one;
    sc_rules_path_t   here;

    for (i = 0; i < json_array_size(first); i++) {
        one = json_array_get(first, i);

        if (json_is_object(one) && json_object_get(one, "xpath") == NULL
            && json_object_get(one, "css") == NULL)
        {
            snprintf(index, sizeof(index), "%zu", i);
            here = sc_rules_below(path, index);
            return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                                   "what is followed is \"xpath\" or "
                                   "\"css\"");
        }
    }

    return SC_OK;
}


/* Whether there is such a rule set is known when it is used. */

static int
sc_rules_follow_ruleset(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_follow_t *follow)
{
    const char       *c;
    sc_rules_path_t   here;

    if (sc_rules_take_text(p, value, "ruleset", path, SC_RULES_MAX_RULESET,
                           &follow->ruleset) != SC_OK)
    {
        return SC_ERROR;
    }

    if (follow->ruleset == NULL) {
        return SC_OK;
    }

    for (c = follow->ruleset; *c != '\0'; c++) {
        if ((unsigned char) *c <= 0x20 || *c == 0x7f || *c == '/') {
            here = sc_rules_below(path, "ruleset");
            return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                                   "\"%s\" is not a rule set's name",
                                   sc_rules_quoted(p, follow->ruleset));
        }
    }

    return SC_OK;
}


static int
sc_rules_context_of(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_t *rules,
    sc_follow_t *follow)
{
    json_t           *map, *member;
    const char       *key;
    sc_rules_path_t   context, here;

    map = json_object_get(value, "context");
    if (map == NULL) {
        return SC_OK;
    }

    context = sc_rules_below(path, "context");

    if (!json_is_object(map)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &context,
                               "\"context\" is an object, not %s",
                               sc_rules_kind(map));
    }

    if (json_object_size(map) > SC_RULES_MAX_CONTEXT) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &context,
                               "\"context\" has more than %d members",
                               SC_RULES_MAX_CONTEXT);
    }

    json_object_foreach(map, key, member) {
        here = sc_rules_below(&context, key);

        if (sc_rules_context_value(p, member, &here, rules) != SC_OK) {
            return SC_ERROR;
        }
    }

    return sc_rules_json(p, map, &follow->context);
}


static int
sc_rules_context_value(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_t *rules)
{
    const char  *text;

    if (json_is_object(value) || json_is_array(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a value of \"context\" is a string, a "
                               "number, true, false or null, not %s",
                               sc_rules_kind(value));
    }

    text = json_string_value(value);

    if (text == NULL || text[0] != '$'
        || sc_rules_find(rules->fields, rules->nfields, text + 1) != NULL)
    {
        return SC_OK;
    }

    return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                           "unknown field \"%s\"",
                           sc_rules_quoted(p, text + 1));
}
