
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"


static int sc_rules_no_group(sc_rules_parser_t *p,
    const sc_rules_path_t *path, const json_t *value);


int
sc_rules_condition(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, xmlXPathCompExprPtr *comp)
{
    int    rc;
    char  *text;

    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"%s\" is one expression in a string, not %s",
                               path->key, sc_rules_kind(value));
    }

    rc = sc_rules_text(p, value, path, "XPath", SC_RULES_MAX_XPATH, &text);
    if (rc != SC_OK) {
        return rc;
    }

    *comp = sc_rules_xpath_compile(&p->xpath, text);

    if (*comp == NULL) {
        rc = sc_rules_invalid(p, path, "XPath", text, p->xpath.reason,
                              p->xpath.column);
    }

    free(text);

    return rc;
}


int
sc_rules_pattern(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const char *flags, sc_regex_t **out)
{
    size_t             len;
    const char        *text;
    sc_regex_error_t   err;

    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"%s\" is a regular expression in a string, "
                               "not %s", path->key, sc_rules_kind(value));
    }

    text = json_string_value(value);
    len = json_string_length(value);

    if (sc_rules_regex_room(p, path, text, len, flags) != SC_OK) {
        return SC_ERROR;
    }

    *out = sc_regex_compile(text, len, flags, &err);

    if (*out == NULL) {
        return sc_rules_invalid(p, path, "regex", text, err.message,
                                err.column);
    }

    return SC_OK;
}


int
sc_rules_regex_room(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *pattern, size_t len, const char *flags)
{
    if (sc_rules_regex_counts(&p->xpath, pattern, len, flags)) {
        return SC_OK;
    }

    return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                           "more than %d regular expressions, or fewer with "
                           "wide ranges that ignore case",
                           SC_RULES_MAX_REGEX);
}


int
sc_rules_regex_counts(sc_rules_xpath_t *x, const char *pattern, size_t len,
    const char *flags)
{
    size_t  cost;

    cost = 1;

    if (len <= SC_REGEX_PATTERN) {
        cost += sc_regex_width(pattern, len, flags, NULL)
                / SC_RULES_REGEX_WIDTH;
    }

    if (cost > SC_RULES_MAX_REGEX - x->nregex) {
        return 0;
    }

    x->nregex += cost;

    return 1;
}


int
sc_rules_flags(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const char **flags)
{
    size_t            n;
    json_t           *value;
    sc_rules_path_t   here;

    *flags = NULL;

    value = json_object_get(object, "flags");
    if (value == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "flags");

    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"flags\" is a string, not %s",
                               sc_rules_kind(value));
    }

    *flags = json_string_value(value);
    n = strspn(*flags, "imsx");

    if (n != json_string_length(value)) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "unknown flag in \"%s\"; there are i, m, s "
                               "and x", sc_rules_quoted(p, *flags));
    }

    return SC_OK;
}


int
sc_rules_group(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const sc_regex_t *re, int *group)
{
    json_t           *value;
    json_int_t        n;
    sc_rules_path_t   here;

    *group = sc_regex_ngroups(re) != 0;

    value = json_object_get(object, "group");
    if (value == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "group");

    if (json_is_string(value)) {
        n = sc_regex_group_number(re, json_string_value(value),
                                  json_string_length(value));

    } else if (json_is_integer(value)) {
        n = json_integer_value(value);

    } else {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"group\" is a number or a name, not %s",
                               json_is_real(value) ? "a fraction"
                                                   : sc_rules_kind(value));
    }

    if (n < 0 || n > (json_int_t) sc_regex_ngroups(re)) {
        return sc_rules_no_group(p, &here, value);
    }

    *group = (int) n;

    return SC_OK;
}


static int
sc_rules_no_group(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const json_t *value)
{
    if (json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "the regex has no group \"%s\"",
                               sc_rules_quoted(p, json_string_value(value)));
    }

    return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                           "the regex has no group %" JSON_INTEGER_FORMAT,
                           json_integer_value(value));
}
