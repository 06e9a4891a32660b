
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_frame.h"
#include "tests/support/suite.h"


typedef struct {
    const char  *wire;
    sc_frame_t   frame;
} frame_case_t;


typedef struct {
    const char  *text;
    const char  *name;
    const char  *value;
} frame_field_case_t;


static const frame_case_t  frame_valid[] = {
    { "hello 0 1 92\r\n", { SC_FRAME_HELLO, 0, 1, 92 } },
    { "rules 0 0 144\r\n", { SC_FRAME_RULES, 0, 0, 144 } },
    { "open 7 65536 93\r\n", { SC_FRAME_OPEN, 7, 65536, 93 } },
    { "body 7 0 40\r\n", { SC_FRAME_BODY, 7, 0, 40 } },
    { "last 7 0 0\r\n", { SC_FRAME_LAST, 7, 0, 0 } },
    { "credit 7 16384 0\r\n", { SC_FRAME_CREDIT, 7, 16384, 0 } },
    { "cancel 7 0 0\r\n", { SC_FRAME_CANCEL, 7, 0, 0 } },
    { "head 7 200 131\r\n", { SC_FRAME_HEAD, 7, 200, 131 } },
    { "data 7 0 16384\r\n", { SC_FRAME_DATA, 7, 0, 16384 } },
    { "end 7 2 0\r\n", { SC_FRAME_END, 7, SC_FRAME_END_ABORTED, 0 } },
    { "error 0 0 30\r\n", { SC_FRAME_ERROR, 0, 0, 30 } },
    { "credit 9223372036854775807 9223372036854775807 1048576\r\n",
      { SC_FRAME_CREDIT, INT64_MAX, INT64_MAX, SC_FRAME_MAX_PAYLOAD } }
};


/* each is wrong at its last byte, and only there */

static const char *const  frame_malformed[] = {
    "x",
    "H",
    " ",
    "\r",
    "helo",
    "hellx",
    "hello\r",
    "hello\t",
    "helloo",
    "endo",
    "ende",
    "hello  ",
    "hello -",
    "hello +",
    "hello a",
    "hello \r",
    "hello 00",
    "hello 01",
    "hello 1a",
    "hello 1\t",
    "hello 1\r",
    "hello 0x",
    "hello 9223372036854775808",
    "hello 92233720368547758070",
    "hello 18446744073709551616",
    "hello 0  ",
    "hello 0 -",
    "hello 0 00",
    "hello 0 1\n",
    "hello 0 9223372036854775808",
    "hello 0 0  ",
    "hello 0 0 \r",
    "hello 0 0 -",
    "hello 0 0 00",
    "hello 0 0 1 ",
    "hello 0 0 1\n",
    "hello 0 0 1048577",
    "hello 0 0 10485760",
    "hello 0 0 1\r\r",
    "hello 0 0 1\rx",
    "hello 0 0 1\r ",
    "open 18446744073709551615",
    "\xe9"
};


static const frame_field_case_t  frame_fields[] = {
    { "Name: scraped\r\n", "Name", "scraped" },
    { "Scrape-Request-Id: 0a:1b\r\n", "Scrape-Request-Id", "0a:1b" },
    { "X: \r\n", "X", "" },
    { "X:  two  \r\n", "X", " two  " },
    { "X: a\tb\r\n", "X", "a\tb" },
    { "X: caf\xc3\xa9\r\n", "X", "caf\xc3\xa9" },
    { "a!#$%&'*+-.^_`|~9Z: y\r\n", "a!#$%&'*+-.^_`|~9Z", "y" }
};


static const char *const  frame_bad_fields[] = {
    "\r\n",
    "\n",
    "X",
    "X:",
    "X:y",
    "X:y\r\n",
    "X: ",
    "X: y",
    "X: y\r",
    "X: y\n",
    "X: y\rz\r\n",
    "X: y\nZ: a\r\n",
    "X: y\r\r\n",
    "X: \x01\r\n",
    "X: \x1f\r\n",
    "X: \x7f\r\n",
    ": y\r\n",
    "X y: z\r\n",
    "X : z\r\n",
    " X: z\r\n",
    "X\t: z\r\n",
    "\xc3\xa9: z\r\n",
    "X(: z\r\n"
};


/* A copy of exactly len bytes, so that reading beyond them is found. */

static char *
frame_copy(const char *data, size_t len)
{
    char  *copy;

    copy = malloc(len != 0 ? len : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, data, len);

    return copy;
}


static int
frame_parse(const char *data, size_t len, sc_frame_t *f, size_t *used)
{
    int    rc;
    char  *copy;

    copy = frame_copy(data, len);
    rc = sc_frame_parse(copy, len, f, used);
    free(copy);

    return rc;
}


START_TEST(frame_header_is_read)
{
    size_t               used;
    sc_frame_t           f;
    const frame_case_t  *c;

    c = &frame_valid[_i];

    ck_assert_int_eq(frame_parse(c->wire, strlen(c->wire), &f, &used), SC_OK);

    ck_assert_uint_eq(used, strlen(c->wire));
    ck_assert_int_eq(f.type, c->frame.type);
    ck_assert_uint_eq(f.id, c->frame.id);
    ck_assert_uint_eq(f.arg, c->frame.arg);
    ck_assert_uint_eq(f.len, c->frame.len);
}
END_TEST


START_TEST(every_part_of_a_header_waits_for_more)
{
    size_t       n, used;
    sc_frame_t   f;
    const char  *wire;

    wire = frame_valid[_i].wire;

    for (n = 0; n < strlen(wire); n++) {
        ck_assert_int_eq(frame_parse(wire, n, &f, &used), SC_AGAIN);
    }
}
END_TEST


START_TEST(payload_is_not_read_with_the_header)
{
    size_t      used;
    sc_frame_t  f;
    const char  wire[] = "data 7 0 22\r\n\r\n{\"state\"";

    ck_assert_int_eq(frame_parse(wire, sizeof(wire) - 1, &f, &used), SC_OK);
    ck_assert_uint_eq(used, 13);
    ck_assert_uint_eq(f.len, 22);
}
END_TEST


START_TEST(malformed_header_is_refused_at_its_first_wrong_byte)
{
    size_t       n, used, len;
    sc_frame_t   f;
    const char  *wire;

    wire = frame_malformed[_i];
    len = strlen(wire);

    for (n = 0; n < len; n++) {
        ck_assert_int_eq(frame_parse(wire, n, &f, &used), SC_AGAIN);
    }

    ck_assert_int_eq(frame_parse(wire, len, &f, &used), SC_ERROR);
}
END_TEST


START_TEST(malformed_header_stays_refused_whatever_follows)
{
    char         wire[128];
    size_t       used;
    sc_frame_t   f;

    snprintf(wire, sizeof(wire), "%s 0 0 0\r\n", frame_malformed[_i]);

    ck_assert_int_eq(frame_parse(wire, strlen(wire), &f, &used), SC_ERROR);
}
END_TEST


START_TEST(nul_in_a_header_is_refused)
{
    size_t      used;
    sc_frame_t  f;

    ck_assert_int_eq(frame_parse("\0", 1, &f, &used), SC_ERROR);
    ck_assert_int_eq(frame_parse("end\0 7 0 0\r\n", 12, &f, &used), SC_ERROR);
    ck_assert_int_eq(frame_parse("end 7\0 0 0\r\n", 12, &f, &used), SC_ERROR);
}
END_TEST


START_TEST(refused_header_changes_no_result)
{
    size_t      used;
    sc_frame_t  f;

    memset(&f, 0x55, sizeof(f));
    used = 4711;

    ck_assert_int_eq(frame_parse("end 7 0 00", 10, &f, &used), SC_ERROR);
    ck_assert_int_eq(frame_parse("end 7 0 0\r", 10, &f, &used), SC_AGAIN);

    ck_assert_uint_eq(f.id, 0x5555555555555555);
    ck_assert_uint_eq(used, 4711);
}
END_TEST


START_TEST(header_is_written_as_it_is_read)
{
    char                 out[SC_FRAME_MAX_HEADER];
    size_t               n;
    const frame_case_t  *c;

    c = &frame_valid[_i];
    n = sc_frame_header(out, &c->frame);

    ck_assert_uint_eq(n, strlen(c->wire));
    ck_assert_mem_eq(out, c->wire, n);
}
END_TEST


START_TEST(largest_numbers_fit_the_longest_header)
{
    char        out[SC_FRAME_MAX_HEADER];
    sc_frame_t  f = { SC_FRAME_CREDIT, UINT64_MAX, UINT64_MAX, SIZE_MAX };

    ck_assert_uint_le(sc_frame_header(out, &f), SC_FRAME_MAX_HEADER);
}
END_TEST


START_TEST(frame_is_appended_with_its_payload)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_frame_add(&b, SC_FRAME_DATA, 7, 0, "a\0b", 3), SC_OK);
    ck_assert_int_eq(sc_frame_add(&b, SC_FRAME_END, 7, 0, NULL, 0), SC_OK);

    ck_assert_uint_eq(b.len, 26);
    ck_assert_mem_eq(b.data, "data 7 0 3\r\na\0bend 7 0 0\r\n", 26);

    sc_buf_free(&b);
}
END_TEST


START_TEST(frame_is_appended_whole_or_not_at_all)
{
    sc_buf_t  b;

    sc_buf_init(&b, 15);

    ck_assert_int_eq(sc_frame_add(&b, SC_FRAME_DATA, 7, 0, "abc", 3), SC_OK);

    sc_buf_reset(&b);

    ck_assert_int_eq(sc_frame_add(&b, SC_FRAME_DATA, 7, 0, "abcd", 4),
                     SC_ERROR);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_int_eq(b.failed, 1);

    sc_buf_free(&b);
}
END_TEST


START_TEST(payload_longer_than_its_limit_is_not_framed)
{
    char      *payload;
    sc_buf_t   b;

    payload = calloc(1, SC_FRAME_MAX_PAYLOAD + 1);
    ck_assert_ptr_nonnull(payload);
    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_frame_add(&b, SC_FRAME_BODY, 7, 0, payload,
                                  SC_FRAME_MAX_PAYLOAD), SC_OK);

    sc_buf_reset(&b);

    ck_assert_int_eq(sc_frame_add(&b, SC_FRAME_BODY, 7, 0, payload,
                                  SC_FRAME_MAX_PAYLOAD + 1), SC_ERROR);
    ck_assert_uint_eq(b.len, 0);

    sc_buf_free(&b);
    free(payload);
}
END_TEST


START_TEST(every_type_has_a_name)
{
    ck_assert_str_eq(sc_frame_name(SC_FRAME_HELLO), "hello");
    ck_assert_str_eq(sc_frame_name(SC_FRAME_ERROR), "error");
    ck_assert_str_eq(sc_frame_name(SC_FRAME_TYPES), "unknown");
    ck_assert_str_eq(sc_frame_name((sc_frame_type_t) -1), "unknown");
}
END_TEST


START_TEST(field_line_is_read)
{
    char                      *copy;
    sc_str_t                   rest, name, value;
    const frame_field_case_t  *c;

    c = &frame_fields[_i];

    rest.len = strlen(c->text);
    copy = frame_copy(c->text, rest.len);
    rest.data = copy;

    ck_assert_int_eq(sc_frame_field(&rest, &name, &value), SC_OK);

    ck_assert_uint_eq(name.len, strlen(c->name));
    ck_assert_mem_eq(name.data, c->name, name.len);
    ck_assert_uint_eq(value.len, strlen(c->value));

    if (value.len != 0) {
        ck_assert_mem_eq(value.data, c->value, value.len);
    }

    ck_assert_int_eq(sc_frame_field(&rest, &name, &value), SC_DECLINED);

    free(copy);
}
END_TEST


START_TEST(malformed_field_line_is_refused)
{
    char      *copy;
    sc_str_t   rest, name, value;

    rest.len = strlen(frame_bad_fields[_i]);
    copy = frame_copy(frame_bad_fields[_i], rest.len);
    rest.data = copy;

    ck_assert_int_eq(sc_frame_field(&rest, &name, &value), SC_ERROR);

    free(copy);
}
END_TEST


START_TEST(nul_in_a_field_line_is_refused)
{
    sc_str_t  name, value;
    sc_str_t  in_name = sc_string("X\0: y\r\n");
    sc_str_t  in_value = sc_string("X: \0y\r\n");

    ck_assert_int_eq(sc_frame_field(&in_name, &name, &value), SC_ERROR);
    ck_assert_int_eq(sc_frame_field(&in_value, &name, &value), SC_ERROR);
}
END_TEST


START_TEST(field_lines_follow_each_other)
{
    sc_str_t  name, value;
    sc_str_t  rest = sc_string("Name: scraped\r\nPid: 4711\r\nbroken\r\n");

    ck_assert_int_eq(sc_frame_field(&rest, &name, &value), SC_OK);
    ck_assert_mem_eq(value.data, "scraped", 7);

    ck_assert_int_eq(sc_frame_field(&rest, &name, &value), SC_OK);
    ck_assert_uint_eq(name.len, 3);
    ck_assert_mem_eq(value.data, "4711", 4);

    ck_assert_int_eq(sc_frame_field(&rest, &name, &value), SC_ERROR);
    ck_assert_uint_eq(rest.len, 8);
}
END_TEST


START_TEST(empty_payload_has_no_field)
{
    sc_str_t  name, value;
    sc_str_t  rest = sc_null_string;

    ck_assert_int_eq(sc_frame_field(&rest, &name, &value), SC_DECLINED);
}
END_TEST


static void
frame_add_tests(Suite *suite)
{
    int     valid, malformed;
    TCase  *tc;

    valid = sizeof(frame_valid) / sizeof(frame_valid[0]);
    malformed = sizeof(frame_malformed) / sizeof(frame_malformed[0]);

    tc = tcase_create("frame");

    tcase_add_loop_test(tc, frame_header_is_read, 0, valid);
    tcase_add_loop_test(tc, every_part_of_a_header_waits_for_more, 0, valid);
    tcase_add_test(tc, payload_is_not_read_with_the_header);
    tcase_add_loop_test(tc,
                        malformed_header_is_refused_at_its_first_wrong_byte,
                        0, malformed);
    tcase_add_loop_test(tc, malformed_header_stays_refused_whatever_follows,
                        0, malformed);
    tcase_add_test(tc, nul_in_a_header_is_refused);
    tcase_add_test(tc, refused_header_changes_no_result);
    tcase_add_loop_test(tc, header_is_written_as_it_is_read, 0, valid);
    tcase_add_test(tc, largest_numbers_fit_the_longest_header);
    tcase_add_test(tc, frame_is_appended_with_its_payload);
    tcase_add_test(tc, frame_is_appended_whole_or_not_at_all);
    tcase_add_test(tc, payload_longer_than_its_limit_is_not_framed);
    tcase_add_test(tc, every_type_has_a_name);

    suite_add_tcase(suite, tc);

    tc = tcase_create("field");

    tcase_add_loop_test(tc, field_line_is_read, 0,
                        sizeof(frame_fields) / sizeof(frame_fields[0]));
    tcase_add_loop_test(tc, malformed_field_line_is_refused, 0,
                        sizeof(frame_bad_fields) / sizeof(char *));
    tcase_add_test(tc, nul_in_a_field_line_is_refused);
    tcase_add_test(tc, field_lines_follow_each_other);
    tcase_add_test(tc, empty_payload_has_no_field);

    suite_add_tcase(suite, tc);
}


int
main(void)
{
    Suite  *suite;

    suite = suite_create("frame");
    frame_add_tests(suite);

    return suite_run_all(suite);
}
