
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/core/json_last.h"
#include "tests/support/suite.h"


static json_t *json_last_cstr(json_last_t *last, const char *text);


START_TEST(text_that_comes_again_is_the_same_value)
{
    json_t       *a, *b;
    json_last_t   last = { 0 };

    a = json_last_cstr(&last, "{\"a\":1}");
    b = json_last_cstr(&last, "{\"a\":1}");
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_eq(a, b);

    json_decref(a);
    json_decref(b);
    json_last_free(&last);
}
END_TEST


START_TEST(other_text_is_read_and_what_was_given_stays)
{
    json_t       *a, *b;
    json_last_t   last = { 0 };

    a = json_last_cstr(&last, "[1]");
    b = json_last_cstr(&last, "[2]");
    json_last_free(&last);

    ck_assert_int_eq(json_integer_value(json_array_get(a, 0)), 1);
    ck_assert_int_eq(json_integer_value(json_array_get(b, 0)), 2);

    json_decref(a);
    json_decref(b);
}
END_TEST


START_TEST(text_that_is_not_json_is_nothing_and_the_last_one_stays)
{
    json_t       *a, *b;
    json_last_t   last = { 0 };

    a = json_last_cstr(&last, "[1]");
    ck_assert_ptr_null(json_last_cstr(&last, "[1"));
    ck_assert_ptr_null(json_last_cstr(&last, ""));
    b = json_last_cstr(&last, "[1]");
    ck_assert_ptr_eq(a, b);

    json_decref(a);
    json_decref(b);
    json_last_free(&last);
}
END_TEST


START_TEST(long_text_is_read_each_time)
{
    char         *text;
    size_t        len;
    json_t       *a, *b;
    json_last_t   last = { 0 };

    len = 20000;
    text = malloc(len + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, ' ', len);
    text[len] = '\0';
    memcpy(text, "[1]", 3);

    a = json_last_cstr(&last, text);
    b = json_last_cstr(&last, text);
    free(text);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_ne(a, b);
    ck_assert_ptr_null(last.json);

    json_decref(a);
    json_decref(b);
    json_last_free(&last);
}
END_TEST


static json_t *
json_last_cstr(json_last_t *last, const char *text)
{
    sc_str_t  s = { strlen(text), text };

    return json_last_get(last, s);
}


int
main(void)
{
    const TTest  *tests[] = {
        text_that_comes_again_is_the_same_value,
        other_text_is_read_and_what_was_given_stays,
        text_that_is_not_json_is_nothing_and_the_last_one_stays,
        long_text_is_read_each_time,
        NULL
    };

    return suite_run("json_last", tests, 10);
}
