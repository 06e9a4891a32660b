
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/ruling.h"


sc_rules_t *
ruling_accepted(const char *json)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse_text(json, strlen(json), &err);
    ck_assert_msg(rules != NULL, "%s: \"%s\": %s", json, err.pointer,
                  err.message);

    return rules;
}


void
ruling_shape(const ruling_t *r, size_t n)
{
    size_t            i;
    sc_rules_error_t  err;

    for (i = 0; i < n; i++) {
        ruling_refused(&r[i], &err);
        ck_assert_msg(err.syntax && !err.unknown, "%s", r[i].json);
    }
}


void
ruling_rule(const ruling_t *r, size_t n)
{
    size_t            i;
    sc_rules_error_t  err;

    for (i = 0; i < n; i++) {
        ruling_refused(&r[i], &err);
        ck_assert_msg(!err.syntax && !err.unknown, "%s", r[i].json);
    }
}


void
ruling_key(const char *json, const char *pointer, const char *message)
{
    ruling_t          r;
    sc_rules_error_t  err;

    r.json = json;
    r.pointer = pointer;
    r.message = message;

    ruling_refused(&r, &err);
    ck_assert_msg(err.syntax && err.unknown, "%s", json);
}


void
ruling_refused(const ruling_t *r, sc_rules_error_t *err)
{
    sc_rules_t  *rules;

    rules = sc_rules_parse_text(r->json, strlen(r->json), err);
    ck_assert_msg(rules == NULL, "%s", r->json);
    ck_assert_str_eq(err->pointer, r->pointer);

    if (r->message != NULL) {
        ck_assert_str_eq(err->message, r->message);
    }

    ck_assert_uint_gt(strlen(err->message), 0);
}


char *
ruling_list(const char *before, const char *one, size_t n, const char *after)
{
    char    *text;
    size_t   i, len, size;

    size = strlen(before) + n * (strlen(one) + 1) + strlen(after) + 1;
    text = malloc(size);
    ck_assert_ptr_nonnull(text);

    len = (size_t) snprintf(text, size, "%s", before);

    for (i = 0; i < n; i++) {
        len += (size_t) snprintf(text + len, size - len, "%s%s",
                                 i == 0 ? "" : ",", one);
    }

    snprintf(text + len, size - len, "%s", after);

    return text;
}


char *
ruling_numbered(const char *before, const char *fmt, size_t n,
    const char *after)
{
    char    *text;
    size_t   i, len, size;

    size = strlen(before) + n * (strlen(fmt) + 24) + strlen(after) + 1;
    text = malloc(size);
    ck_assert_ptr_nonnull(text);

    len = (size_t) snprintf(text, size, "%s", before);

    for (i = 0; i < n; i++) {
        len += (size_t) snprintf(text + len, size - len, "%s",
                                 i == 0 ? "" : ",");
        len += (size_t) snprintf(text + len, size - len, fmt, i);
    }

    snprintf(text + len, size - len, "%s", after);

    return text;
}
