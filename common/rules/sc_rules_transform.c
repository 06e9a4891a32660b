
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"


#define SC_TRANSFORM_KINDS  (SC_TRANSFORM_DATE_FORMAT + 1)
#define SC_TRANSFORM_FIRST  SC_TRANSFORM_REPLACE   /* of those with values */


static int sc_transform_one(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_word(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_object(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_kind(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_needs(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const char *key, const char *owner);
static int sc_transform_replace(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_literal(sc_rules_parser_t *p, json_t *list,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_by_pattern(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_regex(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *around, sc_transform_t *t);
static int sc_transform_split(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *around, sc_transform_t *t);
static int sc_transform_locale(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_date(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t);
static int sc_transform_format(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, char **format);
static int sc_transform_text(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, unsigned empty, char **text);


static const char *const  sc_transform_names[] = {
    [SC_TRANSFORM_TRIM] = "trim",
    [SC_TRANSFORM_COLLAPSE] = "collapse",
    [SC_TRANSFORM_LOWER] = "lower",
    [SC_TRANSFORM_UPPER] = "upper",
    [SC_TRANSFORM_STRIP_TAGS] = "strip_tags",
    [SC_TRANSFORM_ABSOLUTE] = "absolute",
    [SC_TRANSFORM_REPLACE] = "replace",
    [SC_TRANSFORM_REGEX] = "regex",
    [SC_TRANSFORM_SPLIT] = "split",
    [SC_TRANSFORM_JOIN] = "join",
    [SC_TRANSFORM_NUMBER_LOCALE] = "number_locale",
    [SC_TRANSFORM_DATE_FORMAT] = "date_format"
};


/* whose numbers can be read; "auto" goes by the look of them */

static const char *const  sc_transform_locales[] = {
    "auto", "ar", "cs", "da", "de", "de-CH", "de-LI", "el", "en", "en-IN",
    "es", "es-MX", "es-US", "fi", "fr", "hi", "hu", "it", "it-CH", "ja", "ko",
    "nb", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh"
};


int
sc_rules_transforms(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field)
{
    char              index[24];
    size_t            i, n;
    sc_rules_path_t   here;

    n = json_is_array(value) ? json_array_size(value) : 1;

    /* one more than is allowed is not looked at, only pointed to */
    field->transforms = calloc(SC_RULES_MAX_TRANSFORMS,
                               sizeof(sc_transform_t));
    if (field->transforms == NULL) {
        return sc_rules_no_memory(p);
    }

    if (!json_is_array(value)) {
        field->ntransforms = 1;
        return sc_transform_one(p, value, path, field->transforms);
    }

    for (i = 0; i < n; i++) {
        snprintf(index, sizeof(index), "%zu", i);
        here = sc_rules_below(path, index);

        if (i == SC_RULES_MAX_TRANSFORMS) {
            return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                                   "more than %d transforms",
                                   SC_RULES_MAX_TRANSFORMS);
        }

        field->ntransforms++;

        if (sc_transform_one(p, json_array_get(value, i), &here,
                             &field->transforms[i]) != SC_OK)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


void
sc_rules_free_transforms(sc_transform_t *list, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        free(list[i].from);
        free(list[i].to);
        sc_regex_free(list[i].regex);
    }

    free(list);
}


static int
sc_transform_one(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    if (json_is_string(value)) {
        return sc_transform_word(p, value, path, t);
    }

    if (json_is_object(value)) {
        return sc_transform_object(p, value, path, t);
    }

    return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                           "a transform is a string or an object, not %s",
                           sc_rules_kind(value));
}


static int
sc_transform_word(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    size_t       i;
    const char  *word;

    word = json_string_value(value);
    i = sc_rules_which(word, sc_transform_names, SC_TRANSFORM_KINDS);

    if (i == SC_TRANSFORM_KINDS) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "unknown transform \"%s\"",
                               sc_rules_quoted(p, word));
    }

    if (i >= SC_TRANSFORM_FIRST) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"%s\" needs a value: {\"%s\": ...}", word,
                               word);
    }

    t->kind = (sc_transform_kind_t) i;

    return SC_OK;
}


static int
sc_transform_object(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    json_t           *value;
    sc_rules_path_t   here;

    if (sc_transform_kind(p, object, path, t) != SC_OK) {
        return SC_ERROR;
    }

    here = sc_rules_below(path, sc_transform_names[t->kind]);
    value = json_object_get(object, here.key);

    switch (t->kind) {
    case SC_TRANSFORM_REPLACE:
        return sc_transform_replace(p, value, &here, t);
    case SC_TRANSFORM_REGEX:
        return sc_transform_regex(p, object, path, t);
    case SC_TRANSFORM_SPLIT:
        return sc_transform_split(p, object, path, t);
    case SC_TRANSFORM_JOIN:
        return sc_transform_text(p, value, &here, 1, &t->from);
    case SC_TRANSFORM_NUMBER_LOCALE:
        return sc_transform_locale(p, value, &here, t);
    default:
        return sc_transform_date(p, value, &here, t);
    }
}


/* The one key that names what is done. */

static int
sc_transform_kind(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    size_t                     i;
    json_t                    *value;
    const char                *key, *found;
    sc_rules_path_t            here;
    static const char *const   known[] = {
        "replace", "regex", "split", "join", "number_locale", "date_format",
        "group", "flags", "index"
    };

    if (sc_rules_known(p, object, path, sc_rules_words(known)) != SC_OK) {
        return SC_ERROR;
    }

    found = NULL;

    json_object_foreach(object, key, value) {
        i = sc_rules_which(key, sc_transform_names, SC_TRANSFORM_KINDS);

        if (i == SC_TRANSFORM_KINDS) {
            continue;
        }

        if (found != NULL) {
            here = sc_rules_below(path, key);
            return sc_rules_ambiguous(p, &here, found);
        }

        found = key;
        t->kind = (sc_transform_kind_t) i;
    }

    if (found == NULL) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "the transform is missing, such as "
                               "\"replace\" or \"split\"");
    }

    if (sc_transform_needs(p, object, path, "group", "regex")
        || sc_transform_needs(p, object, path, "flags", "regex")
        || sc_transform_needs(p, object, path, "index", "split"))
    {
        return SC_ERROR;
    }

    return SC_OK;
}


static int
sc_transform_needs(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const char *key, const char *owner)
{
    sc_rules_path_t  here;

    if (json_object_get(object, key) == NULL
        || json_object_get(object, owner) != NULL)
    {
        return SC_OK;
    }

    here = sc_rules_below(path, key);

    return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                           "\"%s\" needs \"%s\"", key, owner);
}


static int
sc_transform_replace(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    if (json_is_array(value)) {
        return sc_transform_literal(p, value, path, t);
    }

    if (json_is_object(value)) {
        return sc_transform_by_pattern(p, value, path, t);
    }

    return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                           "\"replace\" is a list of two strings or an "
                           "object, not %s", sc_rules_kind(value));
}


static int
sc_transform_literal(sc_rules_parser_t *p, json_t *list,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    sc_rules_path_t  here;

    if (json_array_size(list) != 2 || !json_is_string(json_array_get(list, 0))
        || !json_is_string(json_array_get(list, 1)))
    {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"replace\" is two strings, what and with "
                               "what");
    }

    if (json_string_length(json_array_get(list, 0)) == 0) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"replace\" of an empty string");
    }

    here = sc_rules_below(path, "0");

    if (sc_transform_text(p, json_array_get(list, 0), &here, 1, &t->from)
        != SC_OK)
    {
        return SC_ERROR;
    }

    here = sc_rules_below(path, "1");

    return sc_transform_text(p, json_array_get(list, 1), &here, 1, &t->to);
}


static int
sc_transform_by_pattern(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    sc_str_t                   with;
    json_t                    *value;
    const char                *flags;
    sc_rules_path_t            here;
    sc_regex_error_t           err;
    static const char *const   known[] = { "pattern", "with", "flags" };

    if (sc_rules_known(p, object, path, sc_rules_words(known)) != SC_OK
        || sc_rules_flags(p, object, path, &flags) != SC_OK)
    {
        return SC_ERROR;
    }

    here = sc_rules_below(path, "with");
    value = json_object_get(object, "with");

    if (sc_transform_text(p, value, &here, 1, &t->to) != SC_OK) {
        return SC_ERROR;
    }

    with.data = t->to;
    with.len = strlen(t->to);

    here = sc_rules_below(path, "pattern");
    value = json_object_get(object, "pattern");

    if (sc_rules_pattern(p, value, &here, flags, &t->regex) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_regex_check_replacement(t->regex, with, &err) != SC_OK) {
        here = sc_rules_below(path, "with");
        return sc_rules_invalid(p, &here, "replacement", t->to, err.message,
                                err.column);
    }

    return SC_OK;
}


static int
sc_transform_regex(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *around, sc_transform_t *t)
{
    const char       *flags;
    sc_rules_path_t   here;

    here = sc_rules_below(around, "regex");

    if (sc_rules_flags(p, object, around, &flags) != SC_OK
        || sc_rules_pattern(p, json_object_get(object, "regex"), &here, flags,
                            &t->regex) != SC_OK)
    {
        return SC_ERROR;
    }

    return sc_rules_group(p, object, around, t->regex, &t->group);
}


static int
sc_transform_split(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *around, sc_transform_t *t)
{
    json_t           *index;
    json_int_t        n;
    sc_rules_path_t   here;

    index = json_object_get(object, "index");

    if (index != NULL) {
        here = sc_rules_below(around, "index");
        n = json_integer_value(index);

        if (!json_is_integer(index) || n > INT32_MAX || n < -INT32_MAX) {
            return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                                   "\"index\" is a whole number, not %s",
                                   json_is_integer(index)
                                   ? "so large a one"
                                   : json_is_real(index)
                                     ? "a fraction" : sc_rules_kind(index));
        }

        t->index = (int) n;
        t->indexed = 1;
    }

    here = sc_rules_below(around, "split");

    return sc_transform_text(p, json_object_get(object, "split"), &here, 0,
                             &t->from);
}


static int
sc_transform_locale(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    size_t  n;

    if (sc_transform_text(p, value, path, 0, &t->from) != SC_OK) {
        return SC_ERROR;
    }

    n = sizeof(sc_transform_locales) / sizeof(char *);

    if (sc_rules_which(t->from, sc_transform_locales, n) != n) {
        return SC_OK;
    }

    return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                           "unknown locale \"%s\"",
                           sc_rules_quoted(p, t->from));
}


static int
sc_transform_date(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_transform_t *t)
{
    json_t                    *to;
    sc_rules_path_t            here;
    static const char *const   known[] = { "from", "to" };

    if (!json_is_object(value)) {
        return sc_transform_format(p, value, path, &t->from);
    }

    if (sc_rules_known(p, value, path, sc_rules_words(known)) != SC_OK) {
        return SC_ERROR;
    }

    here = sc_rules_below(path, "from");

    if (sc_transform_format(p, json_object_get(value, "from"), &here,
                            &t->from) != SC_OK)
    {
        return SC_ERROR;
    }

    to = json_object_get(value, "to");
    here = sc_rules_below(path, "to");

    return (to == NULL) ? SC_OK : sc_transform_format(p, to, &here, &t->to);
}


/* The conversions of strptime(3) and strftime(3) that both have. */

static int
sc_transform_format(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, char **format)
{
    size_t       n;
    const char  *c;

    if (sc_transform_text(p, value, path, 0, format) != SC_OK) {
        return SC_ERROR;
    }

    for (c = strchr(*format, '%'); c != NULL; c = strchr(c + 2, '%')) {
        if (c[1] != '\0' && strchr("aAbBdDeFhHIjklmMnpRSstTuyYzZ%", c[1])) {
            continue;
        }

        n = (size_t) (c - *format);

        return sc_rules_invalid(p, path, "date format", *format,
                                c[1] == '\0' ? "\"%\" at its end"
                                             : "unknown conversion",
                                sc_rules_column(*format, n));
    }

    return SC_OK;
}


static int
sc_transform_text(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, unsigned empty, char **text)
{
    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"%s\" is a string, not %s", path->key,
                               sc_rules_kind(value));
    }

    if (!empty && json_string_length(value) == 0) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"%s\" is empty", path->key);
    }

    return sc_rules_text(p, value, path, path->key, SC_RULES_MAX_XPATH, text);
}
