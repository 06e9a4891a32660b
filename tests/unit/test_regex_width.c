
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/regex/sc_regex.h"
#include "tests/support/suite.h"


#define REGEX_COUNT(a)  ((int) (sizeof(a) / sizeof(a[0])))


typedef struct {
    const char  *pattern;
    const char  *flags;
    size_t       width;
} regex_width_t;


/* a range begins with what is before its hyphen, whatever that is */

static const regex_width_t  regex_widths[] = {
    { "[a-z]", "", 0 },
    { "[a-z]", NULL, 0 },
    { "[a-z]", "msx", 0 },
    { "[a-z]", "i", 26 },
    { "[a-z]", "si", 26 },
    { "(?i)[a-z]", NULL, 26 },
    { "(?^i)[a-z]", "", 26 },
    { "(?x-s:[a-z])", "", 0 },
    { "x(?xis-m:[a-z])", "", 26 },
    { "(?P<i>[a-z])", "", 0 },
    { "(?:i)(?=i)[a-z](?", "", 0 },
    { "[\xc4\x80-\xf4\x8f\xbf\xbf]", "i", 0x10ff00 },
    { "[\xe4\xb8\x80-\xe4\xb8\x8f]", "i", 16 },
    { "[\\x{100}-\\x{0010fFfF}]", "i", 0x10ff00 },
    { "[\\x{100}-\\x{ffffffffffffffffff}]", "i", 0x10ff00 },
    { "[\\o{400}-\\o{777}]", "i", 0x100 },
    { "[\\N{U+100}-\\N{U+1ff}]", "i", 0x100 },
    { "[\\x-\\xff]", "i", 0x100 },
    { "[\\0-\\777]", "i", 0x200 },
    { "[\\0-\\1777]", "i", 0x80 },
    { "[\\cA-\\x7f]", "i", 0x80 },
    { "[\\c\\-\\xff]", "i", 0x100 },
    { "[\\!-\\~]", "i", 94 },
    { "[!-\\\xc3\xa9]", "i", 0xe9 - 0x21 + 1 },
    { "[a-z0-9]", "i", 36 },
    { "[a\\-z]", "i", 0 },
    { "[z-a]", "i", 0 },
    { "[-a]", "i", 7 },
    { "[a-]", "i", 0 },
    { "-", "i", 0 },
    { "a-", "i", 0 },
    { "a-\\", "i", 0 },
    { "a-\xc3", "i", 0 },
    { "[\x20-~]", "i", 95 },
    { "(?xx)[\\x{1} - \\x{ff}]", "i", 0xff - 0x20 + 1 },
    { "[a\\Q\\E-\\Q\\E\\Qz\\E]", "i", 123 },
    { "[\\Q\\x{\\E\\0-\\xff]", "i", 0x100 },
    { "[a-\\x{zz]", "i", 0x110000 - 'a' },
    { "[a-\\o1]", "i", 0x110000 - 'a' },
    { "[a-\\N{U+}]", "i", 0x110000 - 'a' },
    { "[a-\\x{1", "i", 0x110000 - 'a' },
    { "\\d+-\\d+-\\1", "i", 0x7f - '+' + 1 }
};


START_TEST(width_is_that_of_the_ranges_where_case_may_be_ignored)
{
    const regex_width_t  *c;

    c = &regex_widths[_i];

    ck_assert_uint_eq(sc_regex_width(c->pattern, strlen(c->pattern),
                                     c->flags, NULL), c->width);
}
END_TEST


START_TEST(width_ends_where_the_pattern_ends)
{
    char        *copy;
    size_t       i, n, len;
    const char  *pattern;

    for (i = 0; i < (size_t) REGEX_COUNT(regex_widths); i++) {
        pattern = regex_widths[i].pattern;
        len = strlen(pattern);

        for (n = 1; n <= len; n++) {
            copy = malloc(n);
            ck_assert_ptr_nonnull(copy);
            memcpy(copy, pattern, n);
            ck_assert_uint_le(sc_regex_width(copy, n, "i", NULL),
                              n * 0x110000);
            free(copy);
        }
    }

    ck_assert_uint_eq(sc_regex_width(NULL, 0, "i", NULL), 0);
}
END_TEST


START_TEST(ranges_without_case_are_so_wide_at_most)
{
    size_t             beyond;
    const char        *wide;
    sc_regex_t        *re;
    sc_regex_error_t   err;

    wide = "[\\0-\\x{10ffff}\\0-\\x{10ffff}]";
    beyond = 7;

    ck_assert_uint_eq(sc_regex_width(wide, strlen(wide), "i", &beyond),
                      SC_REGEX_WIDTH);
    ck_assert_uint_eq(beyond, 7);

    re = sc_regex_compile(wide, strlen(wide), "i", &err);
    ck_assert_ptr_nonnull(re);
    sc_regex_free(re);

    wide = "[\\0-\\x{10ffff}\\0-\\x{10ffff}a-z\\0-\\x{10ffff}]";

    ck_assert_uint_gt(sc_regex_width(wide, strlen(wide), "i", &beyond),
                      SC_REGEX_WIDTH);
    ck_assert_uint_eq(beyond, strstr(wide, "a-z") - wide);

    re = sc_regex_compile(wide, strlen(wide), "", &err);
    ck_assert_ptr_nonnull(re);
    sc_regex_free(re);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("regex_width");
    tc = tcase_create("regex_width");

    tcase_add_loop_test(tc,
                        width_is_that_of_the_ranges_where_case_may_be_ignored,
                        0, REGEX_COUNT(regex_widths));
    tcase_add_test(tc, width_ends_where_the_pattern_ends);
    tcase_add_test(tc, ranges_without_case_are_so_wide_at_most);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
