
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"


int
sc_rules_take_flag(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, unsigned *out)
{
    json_t           *value;
    sc_rules_path_t   here;

    value = json_object_get(object, key);
    if (value == NULL) {
        return SC_OK;
    }

    if (!json_is_boolean(value)) {
        here = sc_rules_below(path, key);
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is true or false, not %s", key,
                               sc_rules_kind(value));
    }

    *out = json_is_true(value);

    return SC_OK;
}


int
sc_rules_take_text(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, size_t max, char **out)
{
    json_t           *value;
    sc_rules_path_t   here;

    value = json_object_get(object, key);
    if (value == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, key);

    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is a string, not %s", key,
                               sc_rules_kind(value));
    }

    if (json_string_length(value) == 0) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is empty", key);
    }

    return sc_rules_text(p, value, &here, key, max, out);
}


int
sc_rules_take_number(sc_rules_parser_t *p, json_t *object,
    const char *key, const sc_rules_path_t *path, double *out)
{
    json_t           *value;
    sc_rules_path_t   here;

    value = json_object_get(object, key);
    if (value == NULL) {
        return SC_OK;
    }

    if (!json_is_number(value)) {
        here = sc_rules_below(path, key);
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is a number, not %s", key,
                               sc_rules_kind(value));
    }

    *out = json_number_value(value);

    return SC_OK;
}


int
sc_rules_take_items(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, size_t *out)
{
    json_int_t        n;
    json_t           *value;
    sc_rules_path_t   here;

    value = json_object_get(object, key);
    if (value == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, key);

    if (!json_is_integer(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is a whole number, not %s", key,
                               json_is_real(value) ? "a fraction"
                                                   : sc_rules_kind(value));
    }

    n = json_integer_value(value);

    if (n < 1 || n > INT32_MAX) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is from 1 to %d, not "
                               "%" JSON_INTEGER_FORMAT, key, INT32_MAX, n);
    }

    *out = (size_t) n;

    return SC_OK;
}


int
sc_rules_take_word(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, const char *const *words, size_t n,
    size_t *out)
{
    size_t            i;
    json_t           *value;
    sc_rules_path_t   here;

    value = json_object_get(object, key);
    if (value == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, key);

    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is a string, not %s", key,
                               sc_rules_kind(value));
    }

    i = sc_rules_which(json_string_value(value), words, n);

    if (i == n) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "unknown %s \"%s\"", key,
                               sc_rules_quoted(p, json_string_value(value)));
    }

    *out = i;

    return SC_OK;
}


int
sc_rules_text(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, const char *what, size_t max, char **out)
{
    size_t       len;
    const char  *text;

    text = json_string_value(value);
    len = json_string_length(value);

    if (len > max) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "%s \"%s\" is longer than %zu bytes", what,
                               sc_rules_quoted(p, text), max);
    }

    if (memchr(text, '\0', len) != NULL) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "%s \"%s\" holds a NUL", what,
                               sc_rules_quoted(p, text));
    }

    *out = strdup(text);
    if (*out == NULL) {
        return sc_rules_no_memory(p);
    }

    return SC_OK;
}


int
sc_rules_known(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const char *const *names, size_t n)
{
    json_t           *value;
    const char       *key;
    sc_rules_path_t   here;

    json_object_foreach(object, key, value) {
        if (sc_rules_which(key, names, n) == n) {
            here = sc_rules_below(path, key);
            return sc_rules_refuse(p->err, SC_RULES_UNKNOWN, &here,
                                   "unknown key \"%s\"",
                                   sc_rules_quoted(p, key));
        }
    }

    return SC_OK;
}


size_t
sc_rules_which(const char *word, const char *const *words, size_t n)
{
    size_t  i;

    for (i = 0; i < n && strcmp(word, words[i]) != 0; i++) {
        /* void */
    }

    return i;
}
