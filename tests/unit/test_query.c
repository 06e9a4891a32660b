
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/api/query.h"
#include "tests/support/suite.h"


#define QUERY_TIMEOUT    10


static void query_test_ok(query_t *q, const char *s);
static void query_test_refused(const char *s, const char *says);


START_TEST(pairs_are_decoded_in_their_order)
{
    query_t  q;

    query_test_ok(&q, "url=http%3A%2F%2Fa%2F%3Fb%3Dc%26d&xpath.t%5B%5D=//a+b"
                  "&e=%c3%A9");

    ck_assert_uint_eq(q.n, 3);
    ck_assert_str_eq(q.params[0].name, "url");
    ck_assert_str_eq(q.params[0].value, "http://a/?b=c&d");
    ck_assert_str_eq(q.params[1].name, "xpath.t[]");
    ck_assert_str_eq(q.params[1].value, "//a b");
    ck_assert_str_eq(q.params[2].value, "é");

    query_free(&q);
}
END_TEST


START_TEST(only_the_first_equals_sign_parts)
{
    query_t  q;

    query_test_ok(&q, "x=//a[@b='c']=1");
    ck_assert_str_eq(query_get(&q, "x"), "//a[@b='c']=1");
    query_free(&q);
}
END_TEST


START_TEST(a_value_may_be_empty_or_missing)
{
    query_t  q;

    query_test_ok(&q, "a=&b&=c&d=e");

    ck_assert_uint_eq(q.n, 4);
    ck_assert_str_eq(query_get(&q, "a"), "");
    ck_assert_str_eq(query_get(&q, "b"), "");
    ck_assert_str_eq(query_get(&q, ""), "c");
    ck_assert_str_eq(query_get(&q, "d"), "e");
    ck_assert_ptr_null(query_get(&q, "f"));

    query_free(&q);
}
END_TEST


START_TEST(empty_pairs_are_skipped)
{
    query_t  q;

    query_test_ok(&q, "");
    ck_assert_uint_eq(q.n, 0);
    query_free(&q);

    query_test_ok(&q, "&&a=1&&");
    ck_assert_uint_eq(q.n, 1);
    ck_assert_str_eq(query_get(&q, "a"), "1");
    query_free(&q);
}
END_TEST


START_TEST(the_first_of_two_is_got)
{
    query_t  q;

    query_test_ok(&q, "a=1&a=2");
    ck_assert_uint_eq(q.n, 2);
    ck_assert_str_eq(query_get(&q, "a"), "1");
    query_free(&q);
}
END_TEST


START_TEST(wrong_percent_encoding_is_refused)
{
    query_test_refused("a=%", "\"a=%\"");
    query_test_refused("a=%4", "\"a=%4\"");
    query_test_refused("a=%4&b=1", "\"a=%4\"");
    query_test_refused("x=1&a=%g0", "\"a=%g0\"");
    query_test_refused("%zz=1", "\"%zz=1\"");
    query_test_refused("a=b%00c", "\"a=b%00c\"");
}
END_TEST


START_TEST(more_parameters_than_the_limit_are_refused)
{
    char     s[2 * QUERY_MAX_PARAMS + 2];
    size_t   i;
    query_t  q;

    for (i = 0; i <= QUERY_MAX_PARAMS; i++) {
        s[2 * i] = 'a';
        s[2 * i + 1] = '&';
    }

    s[2 * QUERY_MAX_PARAMS - 1] = '\0';
    query_test_ok(&q, s);
    ck_assert_uint_eq(q.n, QUERY_MAX_PARAMS);
    query_free(&q);

    s[2 * QUERY_MAX_PARAMS - 1] = '&';
    s[2 * QUERY_MAX_PARAMS + 1] = '\0';
    query_test_refused(s, "parameters");
}
END_TEST


START_TEST(plus_is_a_plus_outside_of_forms)
{
    char  out[8];

    ck_assert_int_eq(query_decode(out, "a+%62", 5, 0), SC_OK);
    ck_assert_str_eq(out, "a+b");
}
END_TEST


static void
query_test_ok(query_t *q, const char *s)
{
    char  err[200] = "";

    ck_assert_msg(query_parse(q, s, err, sizeof(err)) == SC_OK, "%s", err);
}


static void
query_test_refused(const char *s, const char *says)
{
    char     err[200];
    query_t  q;

    ck_assert_int_eq(query_parse(&q, s, err, sizeof(err)), SC_ERROR);
    ck_assert_msg(strstr(err, says) != NULL, "%s", err);
    ck_assert_ptr_null(q.params);
    ck_assert_ptr_null(q.text);
}


int
main(void)
{
    const TTest  *tests[] = {
        pairs_are_decoded_in_their_order,
        only_the_first_equals_sign_parts,
        a_value_may_be_empty_or_missing,
        empty_pairs_are_skipped,
        the_first_of_two_is_got,
        wrong_percent_encoding_is_refused,
        more_parameters_than_the_limit_are_refused,
        plus_is_a_plus_outside_of_forms,
        NULL
    };

    return suite_run("query", tests, QUERY_TIMEOUT);
}
