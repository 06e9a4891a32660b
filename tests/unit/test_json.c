
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "common/sc_json.h"
#include "tests/support/suite.h"


typedef struct {
    sc_str_t     source;
    const char  *json;
} json_string_case_t;


typedef struct {
    int          nbytes;
    const char  *bytes;
} json_bad_case_t;


typedef struct {
    double       number;
    const char  *json;
} json_number_case_t;


static const json_string_case_t  json_strings[] = {
    { sc_string(""), "\"\"" },
    { sc_string("plain text"), "\"plain text\"" },
    { sc_string("\"quoted\""), "\"\\\"quoted\\\"\"" },
    { sc_string("a\\b/c"), "\"a\\\\b/c\"" },
    { sc_string("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
    { sc_string("a\0b\x01\x1f\x7f"), "\"a\\u0000b\\u0001\\u001f\x7f\"" },
    { sc_string("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
      "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
    { sc_string("\xc2\x80\xdf\xbf"), "\"\xc2\x80\xdf\xbf\"" },
    { sc_string("\xe0\xa0\x80\xef\xbf\xbf"),
      "\"\xe0\xa0\x80\xef\xbf\xbf\"" },
    { sc_string("\xed\x9f\xbf\xee\x80\x80"),
      "\"\xed\x9f\xbf\xee\x80\x80\"" },
    { sc_string("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
      "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"" }
};


/* bytes that are not UTF-8, each of them */

static const json_bad_case_t  json_bad_bytes[] = {
    { 1, "\x80" },
    { 1, "\xbf" },
    { 1, "\xff" },
    { 1, "\xc3" },
    { 2, "\xc0\x80" },
    { 2, "\xc1\xbf" },
    { 2, "\xe2\x82" },
    { 3, "\xe0\x9f\xbf" },
    { 3, "\xed\xa0\x80" },
    { 3, "\xf0\x9f\x98" },
    { 4, "\xf0\x8f\xbf\xbf" },
    { 4, "\xf4\x90\x80\x80" },
    { 4, "\xf5\x80\x80\x80" }
};


static const json_number_case_t  json_numbers[] = {
    { 0, "0" },
    { -0.0, "0" },
    { 1, "1" },
    { -17, "-17" },
    { 9007199254740992.0, "9007199254740992" },
    { -9007199254740992.0, "-9007199254740992" },
    { 12.5, "12.5" },
    { 0.1, "0.1" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333" },
    { 1e300, "1e+300" },
    { 5e-324, "5e-324" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308" },
    { INFINITY, "null" },
    { -INFINITY, "null" },
    { NAN, "null" }
};


START_TEST(string_is_quoted_and_escaped)
{
    sc_buf_t                   b;
    const json_string_case_t  *c;

    c = &json_strings[_i];
    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_json_string(&b, c->source.data, c->source.len),
                     SC_OK);
    ck_assert_str_eq(b.data, c->json);

    sc_buf_free(&b);
}
END_TEST


START_TEST(byte_that_is_not_utf8_becomes_a_replacement)
{
    int                     i;
    char                    text[16];
    sc_buf_t                b, expected;
    const json_bad_case_t  *c;

    c = &json_bad_bytes[_i];

    snprintf(text, sizeof(text), "a%sz", c->bytes);

    sc_buf_init(&expected, 0);
    sc_buf_add_cstr(&expected, "\"a");

    for (i = 0; i < c->nbytes; i++) {
        sc_buf_add_cstr(&expected, "\xef\xbf\xbd");
    }

    sc_buf_add_cstr(&expected, "z\"");

    sc_buf_init(&b, 0);
    ck_assert_int_eq(sc_json_string(&b, text, strlen(text)), SC_OK);
    ck_assert_str_eq(b.data, expected.data);

    sc_buf_free(&expected);
    sc_buf_free(&b);
}
END_TEST


START_TEST(sequence_cut_by_the_length_is_not_read_on)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_json_string(&b, "\xe2\x82\xac", 2), SC_OK);
    ck_assert_str_eq(b.data, "\"\xef\xbf\xbd\xef\xbf\xbd\"");

    sc_buf_free(&b);
}
END_TEST


START_TEST(every_pair_of_bytes_reads_back_as_json)
{
    char      pair[2];
    json_t   *json;
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    for (pair[0] = (char) _i, pair[1] = 0; ; pair[1]++) {
        sc_buf_reset(&b);
        ck_assert_int_eq(sc_json_string(&b, pair, 2), SC_OK);

        json = json_loadb(b.data, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                          NULL);
        ck_assert_ptr_nonnull(json);
        ck_assert_uint_ge(json_string_length(json), 2);
        json_decref(json);

        if (pair[1] == (char) 0xff) {
            break;
        }
    }

    sc_buf_free(&b);
}
END_TEST


START_TEST(what_is_utf8_here_is_so_for_who_reads_it)
{
    int       i;
    char      bytes[4];
    json_t   *json;
    sc_str_t  text;

    for (i = 0; i < 3 * 65536; i++) {
        bytes[0] = (char) (i >> 8);
        bytes[1] = (char) i;
        memset(&bytes[2], 0x80, 2);
        text.data = bytes;
        text.len = (size_t) (i >> 16) + 2;
        json = json_stringn(text.data, text.len);

        if (sc_json_is_utf8(text) != (json != NULL)) {
            ck_abort_msg("%02x %02x and %zu more", (unsigned) i >> 8 & 0xff,
                         (unsigned) i & 0xff, text.len - 2);
        }

        json_decref(json);
    }
}
END_TEST


START_TEST(null_string_is_null)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_json_cstr(&b, NULL), SC_OK);
    ck_assert_int_eq(sc_json_cstr(&b, "x"), SC_OK);
    ck_assert_str_eq(b.data, "null\"x\"");

    sc_buf_free(&b);
}
END_TEST


START_TEST(string_that_does_not_fit_fails)
{
    sc_buf_t  b;

    sc_buf_init(&b, 8);

    ck_assert_int_eq(sc_json_string(&b, "1234567", 7), SC_ERROR);
    ck_assert_int_eq(b.failed, 1);
    ck_assert_uint_le(b.len, 8);

    sc_buf_reset(&b);

    ck_assert_int_eq(sc_json_string(&b, "\x01\x01", 2), SC_ERROR);
    ck_assert_int_eq(b.failed, 1);

    sc_buf_free(&b);
}
END_TEST


START_TEST(number_has_the_fewest_digits_that_read_back)
{
    sc_buf_t                   b;
    const json_number_case_t  *c;

    c = &json_numbers[_i];
    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_json_number(&b, c->number), SC_OK);
    ck_assert_str_eq(b.data, c->json);

    if (isfinite(c->number)) {
        ck_assert_double_eq(strtod(b.data, NULL), c->number);
    }

    sc_buf_free(&b);
}
END_TEST


static void
json_add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, string_is_quoted_and_escaped, 0,
                        sizeof(json_strings) / sizeof(json_strings[0]));
    tcase_add_loop_test(tc,
                        byte_that_is_not_utf8_becomes_a_replacement,
                        0, sizeof(json_bad_bytes) / sizeof(json_bad_bytes[0]));
    tcase_add_test(tc, sequence_cut_by_the_length_is_not_read_on);
    tcase_add_loop_test(tc, every_pair_of_bytes_reads_back_as_json, 0, 256);
    tcase_add_test(tc, what_is_utf8_here_is_so_for_who_reads_it);
    tcase_add_test(tc, null_string_is_null);
    tcase_add_test(tc, string_that_does_not_fit_fails);
    tcase_add_loop_test(tc, number_has_the_fewest_digits_that_read_back, 0,
                        sizeof(json_numbers) / sizeof(json_numbers[0]));
}


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("json");
    tc = tcase_create("json");

    json_add_tests(tc);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
