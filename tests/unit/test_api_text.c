
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "sidecar/api/api_internal.h"
#include "tests/support/suite.h"


#define TEXT_TIMEOUT    10


/* Objects, and their members' values joined by '|'. */
static const char *const  text_cases[][2] = {
    { "{}", "" },
    { " { } ", "" },
    { "{\"a\":1}", "1" },
    { "\n{ \"a\" : 1 , \"b\"\t:\r\ntrue }\n", "1|true" },
    { "{\"a\":\"x\",\"b\":\"\"}", "\"x\"|\"\"" },
    { "{\"a\":\"}\\\"{,\",\"b\":null}", "\"}\\\"{,\"|null" },
    { "{\"a\\\"}:1\":2}", "2" },
    { "{\"a\\\\\":\"\\\\\",\"b\":3}", "\"\\\\\"|3" },
    { "{\"a\":{\"b\":[1,{\"c\":\"]}\"}],\"d\":2},\"e\":[]}",
      "{\"b\":[1,{\"c\":\"]}\"}],\"d\":2}|[]" },
    { "{\"a\":[ ],\"b\":{ },\"c\":-1.5e+3}", "[ ]|{ }|-1.5e+3" },
    { "{\"a\":[[[]]],\"b\":[\"[\"]}", "[[[]]]|[\"[\"]" },
    { "{\"é\":\"ü\"}", "\"ü\"" }
};


START_TEST(each_member_s_text_is_found)
{
    size_t       i;
    json_t      *json;
    sc_buf_t     b;
    sc_str_t     value;
    const char  *pos, *end;

    sc_buf_init(&b, 0);

    for (i = 0; i < sizeof(text_cases) / sizeof(text_cases[0]); i++) {
        json = json_loads(text_cases[i][0], 0, NULL);
        ck_assert_msg(json != NULL, "%s", text_cases[i][0]);
        json_decref(json);

        sc_buf_reset(&b);
        (void) sc_buf_add_cstr(&b, "");
        pos = text_cases[i][0];
        end = pos + strlen(pos);

        while (api_text_member(&pos, end, &value) == SC_OK) {
            (void) sc_buf_add_cstr(&b, b.len > 0 ? "|" : "");
            (void) sc_buf_add_str(&b, value);
        }

        ck_assert_str_eq(b.data, text_cases[i][1]);
    }

    sc_buf_free(&b);
}
END_TEST


START_TEST(blanks_go_from_between_the_parts_alone)
{
    sc_buf_t  b;
    sc_str_t  text = sc_string(" { \"a b\" : [ 1.50 ,\n\"\\\" c\" ] }\t");

    sc_buf_init(&b, 0);
    ck_assert_int_eq(api_text_compact(&b, text), SC_OK);
    ck_assert_str_eq(b.data, "{\"a b\":[1.50,\"\\\" c\"]}");
    sc_buf_free(&b);
}
END_TEST


/* The texts are always correct when this code meets them; still: */
START_TEST(a_text_that_is_cut_anywhere_leads_nowhere)
{
    size_t       i, len;
    sc_buf_t     b;
    sc_str_t     text, value;
    const char  *pos, *end;

    for (i = 0; i < sizeof(text_cases) / sizeof(text_cases[0]); i++) {
        for (len = 0; len < strlen(text_cases[i][0]); len++) {
            sc_buf_init(&b, 0);
            (void) sc_buf_add(&b, text_cases[i][0], len);

            pos = b.data;
            end = pos + len;

            while (api_text_member(&pos, end, &value) == SC_OK) {
                ck_assert(value.data + value.len <= end);
            }

            ck_assert(pos <= end);

            text.data = text_cases[i][0];
            text.len = len;
            sc_buf_reset(&b);
            ck_assert_int_eq(api_text_compact(&b, text), SC_OK);
            ck_assert_uint_le(b.len, len);
            sc_buf_free(&b);
        }
    }
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        each_member_s_text_is_found,
        blanks_go_from_between_the_parts_alone,
        a_text_that_is_cut_anywhere_leads_nowhere,
        NULL
    };

    return suite_run("api text", tests, TEXT_TIMEOUT);
}
