
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "common/rules/sc_rules.h"
#include "tests/support/suite.h"


static sc_rules_t *
group_accept(const char *text)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse_text(text, strlen(text), &err);

    ck_assert_msg(rules != NULL, "%s: %s", text, err.message);

    return rules;
}


static void
group_refuse(const char *text, sc_rules_error_t *err)
{
    memset(err, 0xff, sizeof(sc_rules_error_t));

    ck_assert_ptr_null(sc_rules_parse_text(text, strlen(text), err));
}


START_TEST(members_of_a_set_stay_in_the_order_written)
{
    sc_rules_t  *rules;

    rules = group_accept("{\"strict\": true, \"fields\": {\"a\": \"//a\"},"
                         " \"drop_if\": \"not(//h1)\"}");

    ck_assert_str_eq(rules->json, "{\"strict\":true,\"fields\":{\"a\":"
                     "\"//a\"},\"drop_if\":\"not(//h1)\"}");
    ck_assert_uint_eq(rules->strict, 1);
    ck_assert_ptr_nonnull(rules->drop_if);

    sc_rules_free(rules);
}
END_TEST


START_TEST(group_holds_sets_that_are_sets_alone_too)
{
    sc_rules_t  *group, *alone;

    group = group_accept("{\"sets\": {\"p\": {\"a\": \"//a\"}, "
                         "\"q~\": {\"fields\": {\"b\": \"//b\"}, "
                         "\"strict\": true}}}");

    ck_assert_str_eq(group->json, "{\"sets\":{\"p\":{\"fields\":{\"a\":"
                     "\"//a\"}},\"q~\":{\"fields\":{\"b\":\"//b\"},"
                     "\"strict\":true}}}");
    ck_assert_uint_eq(group->json_len, strlen(group->json));
    ck_assert_uint_eq(group->nsets, 2);
    ck_assert_ptr_null(group->fields);
    ck_assert_str_eq(group->sets[1].name, "q~");
    ck_assert_str_eq(group->sets[1].fields[0].name, "b");
    ck_assert_uint_eq(group->sets[1].strict, 1);

    alone = group_accept("{\"a\":\"//a\"}");
    ck_assert_str_eq(group->sets[0].hash, alone->hash);
    ck_assert_str_eq(group->sets[0].json, alone->json);
    ck_assert_ptr_null(alone->name);

    sc_rules_free(group);
    sc_rules_free(alone);
}
END_TEST


START_TEST(field_may_be_called_sets)
{
    sc_rules_t  *rules;

    rules = group_accept("{\"sets\":\"//a\",\"b\":\"//b\"}");
    ck_assert_uint_eq(rules->nfields, 2);
    ck_assert_uint_eq(rules->nsets, 0);
    sc_rules_free(rules);

    rules = group_accept("{\"fields\":{\"sets\":{\"fields\":"
                         "{\"a\":\"//a\"}}}}");
    ck_assert_str_eq(rules->fields[0].name, "sets");
    sc_rules_free(rules);
}
END_TEST


START_TEST(group_has_at_most_its_limit_of_sets)
{
    int                i, n;
    sc_buf_t           b;
    sc_rules_error_t   err;

    for (n = SC_RULES_MAX_SETS; n <= SC_RULES_MAX_SETS + 1; n++) {
        sc_buf_init(&b, 0);
        sc_buf_add_cstr(&b, "{\"sets\":");

        for (i = 0; i < n; i++) {
            sc_buf_printf(&b, "%c\"s%d\":{\"a\":\"//a\"}", i == 0 ? '{' : ',',
                          i);
        }

        sc_buf_add_cstr(&b, "}}");
        ck_assert_int_eq(b.failed, 0);

        if (n == SC_RULES_MAX_SETS) {
            sc_rules_free(group_accept(b.data));

        } else {
            group_refuse(b.data, &err);
            ck_assert_str_eq(err.message, "more than 32 sets");
            ck_assert_str_eq(err.pointer, "/sets/s32");
            ck_assert_uint_eq(err.syntax, 0);
        }

        sc_buf_free(&b);
    }
}
END_TEST


static void
group_add_tests(Suite *suite)
{
    TCase  *tc;

    tc = tcase_create("group");

    tcase_add_test(tc, members_of_a_set_stay_in_the_order_written);
    tcase_add_test(tc, group_holds_sets_that_are_sets_alone_too);
    tcase_add_test(tc, field_may_be_called_sets);
    tcase_add_test(tc, group_has_at_most_its_limit_of_sets);

    suite_add_tcase(suite, tc);
}


int
main(void)
{
    Suite  *suite;

    suite = suite_create("rules_group");
    group_add_tests(suite);

    return suite_run_all(suite);
}
