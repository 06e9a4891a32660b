
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_pattern.h"
#include "tests/support/suite.h"


static int fits(const char *pattern, const char *text);
static const char *refused(const char *pattern, size_t len);


START_TEST(pattern_without_wildcard_is_the_whole_text)
{
    ck_assert(fits("http://a/", "http://a/"));
    ck_assert(!fits("http://a/", "http://a/b"));
    ck_assert(!fits("http://a/", "http://a"));
    ck_assert(!fits("http://a/", "xhttp://a/"));
    ck_assert(!fits("http://a/", "HTTP://a/"));
    ck_assert(!fits("a", ""));
}
END_TEST


START_TEST(wildcard_at_both_ends_finds_text_anywhere)
{
    ck_assert(fits("%foo%", "foo"));
    ck_assert(fits("%foo%", "a foo b"));
    ck_assert(fits("%foo%", "fofoo"));
    ck_assert(!fits("%foo%", "fo o"));
    ck_assert(!fits("%foo%", ""));
}
END_TEST


START_TEST(wildcard_at_one_end_anchors_the_other)
{
    ck_assert(fits("foo%", "foo"));
    ck_assert(fits("foo%", "foo/bar"));
    ck_assert(!fits("foo%", "a foo"));
    ck_assert(fits("%foo", "foo"));
    ck_assert(fits("%foo", "a foo foo"));
    ck_assert(!fits("%foo", "foo a"));
}
END_TEST


START_TEST(wildcard_alone_fits_everything)
{
    ck_assert(fits("%", ""));
    ck_assert(fits("%", "anything"));
    ck_assert(fits("%%%", ""));
    ck_assert(fits("%%%", "anything"));
}
END_TEST


START_TEST(parts_between_wildcards_come_in_order_without_overlap)
{
    ck_assert(fits("a%b%c", "abc"));
    ck_assert(fits("a%b%c", "a1b2c"));
    ck_assert(fits("a%%b", "ab"));
    ck_assert(!fits("a%b%c", "acb"));
    ck_assert(!fits("a%a", "a"));
    ck_assert(fits("a%a", "aa"));
    ck_assert(!fits("ab%bc", "abc"));
    ck_assert(!fits("%ab%ba%", "aba"));
    ck_assert(fits("%ab%ba%", "abba"));
    ck_assert(fits("%ab%ab", "xabyabab"));
    ck_assert(!fits("%aa%aa%aa", "aaaaa"));
}
END_TEST


START_TEST(text_with_a_nul_is_text)
{
    sc_pattern_t  p;
    char          reason[256];

    ck_assert_int_eq(sc_pattern_compile(&p, "a%c", 3, reason,
                                        sizeof(reason)), SC_OK);
    ck_assert(sc_pattern_fits(&p, "a\0c", 3));
    ck_assert(!sc_pattern_fits(&p, "ac\0", 3));
    sc_pattern_free(&p);
}
END_TEST


/* a backtracking matcher would not end within the test's time */

START_TEST(many_wildcards_over_a_long_text_take_no_backtracking)
{
    char          *text, reason[256], pattern[SC_PATTERN_MAX];
    size_t         i;
    sc_pattern_t   p;

    for (i = 0; i + 1 < sizeof(pattern); i += 2) {
        memcpy(pattern + i, "%a", 2);
    }

    pattern[sizeof(pattern) - 1] = 'b';

    text = malloc(1000000);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', 1000000);

    ck_assert_int_eq(sc_pattern_compile(&p, pattern, sizeof(pattern), reason,
                                        sizeof(reason)), SC_OK);
    ck_assert(!sc_pattern_fits(&p, text, 1000000));
    text[999999] = 'b';
    ck_assert(sc_pattern_fits(&p, text, 1000000));

    sc_pattern_free(&p);
    free(text);
}
END_TEST


START_TEST(regular_expression_fits_where_it_is_found)
{
    ck_assert(fits("re:\\?sort=[a-z]+", "http://a/?sort=up"));
    ck_assert(!fits("re:\\?sort=[a-z]+", "http://a/?sort=1"));
    ck_assert(fits("re:^http://[^/]+/$", "http://a/"));
    ck_assert(!fits("re:^a$", "ba"));
    ck_assert(fits("re:^$", ""));
    ck_assert(fits("re:100%$", "of 100%"));
    ck_assert(!fits("re:a", "\xff"));
}
END_TEST


START_TEST(expression_that_gives_up_does_not_fit)
{
    char  text[4001];

    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    ck_assert(!fits("re:^(a+)+$b", text));
}
END_TEST


START_TEST(pattern_that_cannot_be_used_is_refused)
{
    char  longer[SC_PATTERN_MAX + 1];

    memset(longer, 'a', sizeof(longer));

    ck_assert_str_eq(refused("", 0), "the pattern is empty");
    ck_assert_str_eq(refused("a\0b", 3), "the pattern holds a NUL");
    ck_assert_str_eq(refused(longer, sizeof(longer)),
                     "the pattern is longer than 2048 bytes");
    ck_assert_str_eq(refused("re:", 3), "no expression after \"re:\"");
    ck_assert_uint_gt(strlen(refused("re:(", 4)), 0);
}
END_TEST


START_TEST(list_fits_when_one_of_it_does)
{
    char           reason[256];
    sc_patterns_t  list;

    list.n = 0;
    list.list = calloc(2, sizeof(sc_pattern_t));
    ck_assert_ptr_nonnull(list.list);
    ck_assert(!sc_patterns_fit(&list, "a", 1));

    ck_assert_int_eq(sc_pattern_compile(&list.list[0], "%a", 2, reason,
                                        sizeof(reason)), SC_OK);
    ck_assert_int_eq(sc_pattern_compile(&list.list[1], "re:b", 4, reason,
                                        sizeof(reason)), SC_OK);
    list.n = 2;

    ck_assert(sc_patterns_fit(&list, "xa", 2));
    ck_assert(sc_patterns_fit(&list, "bx", 2));
    ck_assert(!sc_patterns_fit(&list, "xc", 2));

    sc_patterns_free(&list);
    ck_assert_uint_eq(list.n, 0);
    ck_assert(!sc_patterns_fit(&list, "xa", 2));
}
END_TEST


static int
fits(const char *pattern, const char *text)
{
    int           rc;
    char          reason[256];
    sc_pattern_t  p;

    rc = sc_pattern_compile(&p, pattern, strlen(pattern), reason,
                            sizeof(reason));
    ck_assert_msg(rc == SC_OK, "%s: %s", pattern, reason);
    ck_assert_str_eq(p.text, pattern);

    rc = sc_pattern_fits(&p, text, strlen(text));
    sc_pattern_free(&p);

    return rc;
}


static const char *
refused(const char *pattern, size_t len)
{
    static char   reason[256];
    sc_pattern_t  p;

    reason[0] = '\0';
    ck_assert_int_eq(sc_pattern_compile(&p, pattern, len, reason,
                                        sizeof(reason)), SC_ERROR);

    return reason;
}


int
main(void)
{
    const TTest *const  tests[] = {
        pattern_without_wildcard_is_the_whole_text,
        wildcard_at_both_ends_finds_text_anywhere,
        wildcard_at_one_end_anchors_the_other,
        wildcard_alone_fits_everything,
        parts_between_wildcards_come_in_order_without_overlap,
        text_with_a_nul_is_text,
        many_wildcards_over_a_long_text_take_no_backtracking,
        regular_expression_fits_where_it_is_found,
        expression_that_gives_up_does_not_fit,
        pattern_that_cannot_be_used_is_refused,
        list_fits_when_one_of_it_does,
        NULL
    };

    return suite_run("pattern", tests, 10);
}
