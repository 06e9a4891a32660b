
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/support/suite.h"


const char *__asan_default_options(void);


/* the address sanitizer gives no NULL for too much memory unless it is told */

const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}


START_TEST(new_buffer_is_empty_and_has_no_bytes)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    ck_assert_ptr_null(b.data);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_uint_eq(b.max, SIZE_MAX / 2);
    ck_assert_int_eq(b.failed, 0);
}
END_TEST


START_TEST(appended_parts_stand_in_order_before_a_nul)
{
    sc_buf_t  b;
    sc_str_t  s = sc_string("two ");

    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_buf_add(&b, "one xx", 4), SC_OK);
    ck_assert_int_eq(sc_buf_add_str(&b, s), SC_OK);
    ck_assert_int_eq(sc_buf_add_cstr(&b, "three "), SC_OK);
    ck_assert_int_eq(sc_buf_printf(&b, "%d%s", 4, "!"), SC_OK);

    ck_assert_str_eq(b.data, "one two three 4!");
    ck_assert_uint_eq(b.len, 16);

    sc_buf_free(&b);
}
END_TEST


START_TEST(appending_nothing_gives_an_empty_string)
{
    sc_buf_t  b;
    sc_str_t  s = sc_null_string;

    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_buf_add_str(&b, s), SC_OK);
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.len, 0);

    sc_buf_free(&b);
}
END_TEST


START_TEST(a_number_is_appended_in_decimal)
{
    size_t    i;
    char      text[32];
    sc_buf_t  b;
    int64_t   numbers[] = { 0, 7, -7, 10, 1000000, -1, INT64_MAX, INT64_MIN };

    sc_buf_init(&b, 0);

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        sc_buf_reset(&b);
        (void) snprintf(text, sizeof(text), "%lld", (long long) numbers[i]);
        ck_assert_int_eq(sc_buf_add_int(&b, numbers[i]), SC_OK);
        ck_assert_str_eq(b.data, text);
        ck_assert_uint_eq(b.len, strlen(text));
    }

    sc_buf_free(&b);
}
END_TEST


START_TEST(many_small_appends_grow_the_buffer)
{
    int       i;
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    for (i = 0; i < 10000; i++) {
        ck_assert_int_eq(sc_buf_printf(&b, "%04d", i), SC_OK);
        ck_assert_uint_eq(strlen(b.data), b.len);
    }

    ck_assert_uint_eq(b.len, 40000);
    ck_assert_int_eq(memcmp(b.data + 4 * 1234, "1234", 4), 0);
    ck_assert_int_eq(memcmp(b.data + 4 * 9999, "9999", 5), 0);

    sc_buf_free(&b);
}
END_TEST


START_TEST(buffer_is_filled_to_its_bound_and_not_beyond)
{
    sc_buf_t  b;

    sc_buf_init(&b, 10);

    ck_assert_int_eq(sc_buf_add_cstr(&b, "0123456789"), SC_OK);
    ck_assert_int_eq(b.failed, 0);

    ck_assert_int_eq(sc_buf_add_cstr(&b, "x"), SC_ERROR);
    ck_assert_int_eq(b.failed, 1);
    ck_assert_str_eq(b.data, "0123456789");
    ck_assert_uint_eq(b.len, 10);

    sc_buf_free(&b);
}
END_TEST


START_TEST(refused_append_leaves_nothing_and_refuses_later_ones)
{
    sc_buf_t  b;

    sc_buf_init(&b, 10);

    ck_assert_int_eq(sc_buf_add_cstr(&b, "01234"), SC_OK);
    ck_assert_int_eq(sc_buf_printf(&b, "%s", "567890"), SC_ERROR);
    ck_assert_str_eq(b.data, "01234");

    ck_assert_int_eq(sc_buf_add(&b, "5", 1), SC_ERROR);
    ck_assert_ptr_null(sc_buf_reserve(&b, 0));
    ck_assert_str_eq(b.data, "01234");

    sc_buf_free(&b);
}
END_TEST


START_TEST(length_that_would_wrap_is_refused)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    ck_assert_int_eq(sc_buf_add_cstr(&b, "abc"), SC_OK);
    ck_assert_ptr_null(sc_buf_reserve(&b, SIZE_MAX));
    ck_assert_int_eq(b.failed, 1);
    ck_assert_str_eq(b.data, "abc");

    sc_buf_free(&b);
}
END_TEST


START_TEST(memory_that_does_not_exist_is_refused)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    ck_assert_ptr_null(sc_buf_reserve(&b, SIZE_MAX / 2 - 1));
    ck_assert_int_eq(b.failed, SC_BUF_MEMORY);
    ck_assert_ptr_null(b.data);

    sc_buf_free(&b);
}
END_TEST


START_TEST(reserved_room_is_written_by_the_caller)
{
    char      *p;
    sc_buf_t   b;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "abc");

    p = sc_buf_reserve(&b, 3);
    ck_assert_ptr_eq(p, b.data + 3);
    ck_assert_uint_eq(b.len, 3);

    memcpy(p, "def", 3);
    b.len += 3;

    ck_assert_str_eq(b.data, "abcdef");

    sc_buf_free(&b);
}
END_TEST


START_TEST(reset_keeps_the_memory_and_forgets_the_failure)
{
    char      *data;
    sc_buf_t   b;

    sc_buf_init(&b, 4);
    sc_buf_add_cstr(&b, "abcd");
    sc_buf_add_cstr(&b, "e");
    data = b.data;

    sc_buf_reset(&b);

    ck_assert_uint_eq(b.len, 0);
    ck_assert_int_eq(b.failed, 0);
    ck_assert_str_eq(b.data, "");

    ck_assert_int_eq(sc_buf_add_cstr(&b, "wxyz"), SC_OK);
    ck_assert_ptr_eq(b.data, data);
    ck_assert_str_eq(b.data, "wxyz");

    sc_buf_free(&b);
}
END_TEST


START_TEST(freed_buffer_is_empty_and_keeps_its_bound)
{
    sc_buf_t  b;

    sc_buf_init(&b, 4);
    sc_buf_reset(&b);
    sc_buf_add_cstr(&b, "abcde");
    sc_buf_free(&b);

    ck_assert_ptr_null(b.data);
    ck_assert_int_eq(b.failed, 0);
    ck_assert_uint_eq(b.max, 4);

    ck_assert_int_eq(sc_buf_add_cstr(&b, "abcd"), SC_OK);
    ck_assert_int_eq(sc_buf_add_cstr(&b, "e"), SC_ERROR);

    sc_buf_free(&b);
}
END_TEST


START_TEST(consumed_bytes_go_and_the_rest_moves_down)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    sc_buf_consume(&b, 0);
    sc_buf_add_cstr(&b, "abcdef");

    sc_buf_consume(&b, 2);
    ck_assert_str_eq(b.data, "cdef");
    ck_assert_uint_eq(b.len, 4);

    sc_buf_consume(&b, 4);
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.len, 0);

    sc_buf_free(&b);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("buf");
    tc = tcase_create("buf");

    tcase_add_test(tc, new_buffer_is_empty_and_has_no_bytes);
    tcase_add_test(tc, appended_parts_stand_in_order_before_a_nul);
    tcase_add_test(tc, appending_nothing_gives_an_empty_string);
    tcase_add_test(tc, a_number_is_appended_in_decimal);
    tcase_add_test(tc, many_small_appends_grow_the_buffer);
    tcase_add_test(tc, buffer_is_filled_to_its_bound_and_not_beyond);
    tcase_add_test(tc, refused_append_leaves_nothing_and_refuses_later_ones);
    tcase_add_test(tc, length_that_would_wrap_is_refused);
    tcase_add_test(tc, memory_that_does_not_exist_is_refused);
    tcase_add_test(tc, reserved_room_is_written_by_the_caller);
    tcase_add_test(tc, reset_keeps_the_memory_and_forgets_the_failure);
    tcase_add_test(tc, freed_buffer_is_empty_and_keeps_its_bound);
    tcase_add_test(tc, consumed_bytes_go_and_the_rest_moves_down);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
