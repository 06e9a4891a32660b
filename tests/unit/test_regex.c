
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "common/regex/sc_regex.h"
#include "tests/support/suite.h"


#define REGEX_COUNT(a)  ((int) (sizeof(a) / sizeof(a[0])))


/*
 * found    the match, NULL when there is none
 */
typedef struct {
    const char  *pattern;
    const char  *flags;
    const char  *subject;
    const char  *found;
} regex_case_t;


typedef struct {
    const char  *pattern;
    const char  *flags;
    const char  *message;
    int          column;
} regex_bad_t;


typedef struct {
    const char  *pattern;
    const char  *subject;
    const char  *replacement;
    int          all;
    const char  *result;
} regex_replace_t;


static const regex_case_t  regex_cases[] = {
    { "b+", NULL, "abbc", "bb" },
    { "B+", "", "abbc", NULL },
    { "B+", "i", "abbc", "bb" },
    { "\xc3\x89", "i", "\xc3\xa9", "\xc3\xa9" },
    { "^b", "", "a\nb", NULL },
    { "^b", "m", "a\nb", "b" },
    { "a.b", "", "a\nb", NULL },
    { "a.b", "s", "a\nb", "a\nb" },
    { "a b # c", "x", "ab", "ab" },
    { "a", "gimsx", "A", "A" },
    { "^\\w+$", "", "na\xc3\xafve", "na\xc3\xafve" },
    { "\\d", "", "\xd9\xa3", "\xd9\xa3" },
    { ".", "", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
    { "", "", "abc", "" },
    { "^$", "", "", "" },
    { "a|b", "", "xb", "b" },
    { "(*UCP)\\d+", "", "a12", "12" },
    { "(*ANYCRLF)a$", "m", "a\rb", "a" },
    { "(*FAIL)|b", "", "ab", "b" },
    { "(*nothing)", "", "", NULL },
    { "(*)", "", "", NULL }
};


static const regex_bad_t  regex_bad[] = {
    { "a(", "", "missing closing parenthesis", 3 },
    { "*a", "", "quantifier does not follow a repeatable item", 1 },
    { "(*UTF)*a", "", "quantifier does not follow a repeatable item", 7 },
    { "\xc3\xa9(", "", "missing closing parenthesis", 3 },
    { "[b-a]", "", "range out of order in character class", 4 },
    { "\\C", "", "using \\C is disabled by the application", 3 },
    { "a\xff", "", "UTF-8 error: illegal byte (0xfe or 0xff)", 2 },
    { "(?=a\\K)", "", "\\K is not allowed in lookarounds "
      "(but see PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK)", 8 },
    { "(?:a{60000}){60000}", "", "regular expression is too large", 20 },
    { "a", "q", "unknown flag, \"g\", \"i\", \"m\", \"s\" and \"x\" are known",
      1 },
    { "a", "iU", "unknown flag, \"g\", \"i\", \"m\", \"s\" and \"x\" are "
      "known", 1 },
    { "\xc3\xa9[\\x{0}-\\x{10ffff}a\\0-\\x{10ffff}b-c]", "i",
      "its ranges are too wide to ignore case", 33 }
};


static const regex_replace_t  regex_replaced[] = {
    { "a", "aabb", "x", 0, "xabb" },
    { "a", "aabb", "x", 1, "xxbb" },
    { "z", "aabb", "x", 1, "aabb" },
    { "(b)(c)?", "abd", "[$1|$2]", 1, "a[b|]d" },
    { "(?<n>b)", "abc", "[${n}${1}$0]", 1, "a[bbb]c" },
    { "b", "abc", "$$1", 1, "a$1c" },
    { "(b)", "abc", "${1}1", 1, "ab1c" },
    { "b", "abc", "\\1\\", 1, "a\\1\\c" },
    { "b", "abc", "", 1, "ac" },
    { "x*", "abxd", "-", 1, "-a-b--d-" },
    { "", "\xc3\xa9\xe2\x82\xac", "-", 1, "-\xc3\xa9-\xe2\x82\xac-" },
    { "(*CRLF)^", "a\r\nb", "-", 1, "-a\r\nb" },
    { "$", "a\r\n", "-", 1, "a\r-\n-" },
    { "(?=b)|b", "abc", "-", 1, "a--c" },
    { "\\b|\\w+", "ab c", "<$0>", 1, "<><ab><> <><c><>" },
    { "a\\K", "aaa", "-", 1, "a-a-a-" },
    { "", "", "x", 1, "x" }
};


static void regex_alarm(int signo);
static sc_regex_t *regex_compiled(const char *pattern, const char *flags);
static sc_str_t regex_str(const char *s);
static char *regex_filled(const char *unit, size_t n, const char *end);


static volatile sig_atomic_t  regex_alarmed;


START_TEST(pattern_finds_its_first_match)
{
    sc_str_t             group;
    sc_regex_t          *re;
    sc_regex_error_t     err;
    const regex_case_t  *c;

    c = &regex_cases[_i];

    re = sc_regex_compile(c->pattern, strlen(c->pattern), c->flags, &err);

    if (re == NULL) {
        ck_assert_ptr_null(c->found);
        return;
    }

    if (c->found == NULL) {
        ck_assert_int_eq(sc_regex_match(re, regex_str(c->subject), 0),
                         SC_REGEX_NO_MATCH);
        ck_assert_int_eq(sc_regex_group(re, 0, &group), SC_DECLINED);

    } else {
        ck_assert_int_eq(sc_regex_match(re, regex_str(c->subject), 0),
                         SC_REGEX_MATCH);
        ck_assert_int_eq(sc_regex_group(re, 0, &group), SC_OK);
        ck_assert_uint_eq(group.len, strlen(c->found));
        ck_assert_mem_eq(group.data, c->found, group.len);
    }

    sc_regex_free(re);
}
END_TEST


START_TEST(bad_pattern_is_refused_with_reason_and_column)
{
    sc_regex_error_t    err;
    const regex_bad_t  *c;

    c = &regex_bad[_i];

    ck_assert_ptr_null(sc_regex_compile(c->pattern, strlen(c->pattern),
                                        c->flags, &err));
    ck_assert_str_eq(err.message, c->message);
    ck_assert_int_eq(err.column, c->column);
}
END_TEST


START_TEST(pattern_is_at_most_its_limit_long)
{
    char              *text;
    sc_regex_t        *re;
    sc_regex_error_t   err;

    text = regex_filled("a", SC_REGEX_PATTERN + 1, "");

    re = sc_regex_compile(text, SC_REGEX_PATTERN, NULL, &err);
    ck_assert_ptr_nonnull(re);
    sc_regex_free(re);

    ck_assert_ptr_null(sc_regex_compile(text, SC_REGEX_PATTERN + 1, NULL,
                                        &err));
    ck_assert_str_eq(err.message, "pattern is too long");
    free(text);
}
END_TEST


START_TEST(pattern_has_so_many_groups_at_most)
{
    char              *text;
    sc_regex_t        *re;
    sc_regex_error_t   err;

    text = regex_filled("()", SC_REGEX_GROUPS + 1, "");

    re = sc_regex_compile(text, (size_t) 2 * SC_REGEX_GROUPS, NULL, &err);
    ck_assert_ptr_nonnull(re);
    ck_assert_uint_eq(sc_regex_ngroups(re), SC_REGEX_GROUPS);
    sc_regex_free(re);

    ck_assert_ptr_null(sc_regex_compile(text, strlen(text), NULL, &err));
    ck_assert_str_eq(err.message, "pattern has too many groups");
    free(text);
}
END_TEST


START_TEST(parentheses_nest_to_their_limit)
{
    char              *open, *text;
    sc_regex_t        *re;
    sc_regex_error_t   err;

    open = regex_filled("(", SC_REGEX_NESTING, "a");
    text = regex_filled(")", SC_REGEX_NESTING, "");
    open = realloc(open, 2 * SC_REGEX_NESTING + 4);
    ck_assert_ptr_nonnull(open);
    memcpy(open + SC_REGEX_NESTING + 1, text, SC_REGEX_NESTING + 1);

    re = sc_regex_compile(open, strlen(open), NULL, &err);
    ck_assert_str_eq(err.message, "");
    ck_assert_ptr_nonnull(re);
    sc_regex_free(re);

    memmove(open + 1, open, strlen(open) + 1);
    ck_assert_ptr_null(sc_regex_compile(open, strlen(open), NULL, &err));
    ck_assert_str_eq(err.message, "parentheses are too deeply nested");

    free(open);
    free(text);
}
END_TEST


START_TEST(pattern_and_subject_may_hold_nuls)
{
    sc_str_t          subject, group;
    sc_regex_t       *re;
    sc_regex_error_t  err;

    re = sc_regex_compile("a\0b", 3, NULL, &err);
    ck_assert_ptr_nonnull(re);

    subject.data = "\0a\0b\0";
    subject.len = 5;

    ck_assert_int_eq(sc_regex_match(re, subject, 0), SC_REGEX_MATCH);
    ck_assert_int_eq(sc_regex_group(re, 0, &group), SC_OK);
    ck_assert_ptr_eq(group.data, subject.data + 1);
    ck_assert_uint_eq(group.len, 3);

    sc_regex_free(re);
}
END_TEST


START_TEST(groups_are_known_by_number_and_name)
{
    sc_str_t     group;
    sc_regex_t  *re;

    re = regex_compiled("(a)(?<second>b)?(?P<third>c|)", NULL);

    ck_assert_uint_eq(sc_regex_ngroups(re), 3);
    ck_assert_int_eq(sc_regex_group_number(re, "second!", 6), 2);
    ck_assert_int_eq(sc_regex_group_number(re, "third", 5), 3);
    ck_assert_int_eq(sc_regex_group_number(re, "fourth", 6), -1);
    ck_assert_int_eq(sc_regex_group_number(re, "", 0), -1);
    ck_assert_int_eq(sc_regex_group_number(re, "second\0x", 8), -1);

    ck_assert_int_eq(sc_regex_match(re, regex_str("xa"), 0), SC_REGEX_MATCH);

    ck_assert_int_eq(sc_regex_group(re, 1, &group), SC_OK);
    ck_assert_uint_eq(group.len, 1);
    ck_assert_int_eq(sc_regex_group(re, 2, &group), SC_DECLINED);
    ck_assert_ptr_null(group.data);
    ck_assert_int_eq(sc_regex_group(re, 3, &group), SC_OK);
    ck_assert_uint_eq(group.len, 0);
    ck_assert_ptr_nonnull(group.data);
    ck_assert_int_eq(sc_regex_group(re, 4, &group), SC_DECLINED);

    sc_regex_free(re);
}
END_TEST


START_TEST(match_begins_at_its_offset_and_sees_what_is_before)
{
    sc_str_t     subject, group;
    sc_regex_t  *re;

    subject = regex_str("ab ab");
    re = regex_compiled("(?<=a)b|^", NULL);

    ck_assert_int_eq(sc_regex_match(re, subject, 1), SC_REGEX_MATCH);
    (void) sc_regex_group(re, 0, &group);
    ck_assert_ptr_eq(group.data, subject.data + 1);

    ck_assert_int_eq(sc_regex_match(re, subject, 5), SC_REGEX_NO_MATCH);
    ck_assert_int_eq(sc_regex_match(re, subject, 6), SC_REGEX_ERROR);
    ck_assert_int_eq(sc_regex_match(re, regex_str("\xc3\xa9"), 1),
                     SC_REGEX_ERROR);

    sc_regex_free(re);
}
END_TEST


START_TEST(matches_follow_each_other_to_the_end)
{
    int          n;
    sc_str_t     group, subject;
    sc_regex_t  *re;

    static const int  begins[] = { 0, 2, 4, 6 };

    re = regex_compiled("x*", NULL);
    subject = regex_str("\xc3\xa9xx\xc3\xa9");

    ck_assert_int_eq(sc_regex_next(re), SC_REGEX_NO_MATCH);
    ck_assert_int_eq(sc_regex_match(re, subject, 0), SC_REGEX_MATCH);

    for (n = 0; n < 4; n++) {
        ck_assert_int_eq(sc_regex_group(re, 0, &group), SC_OK);
        ck_assert_int_eq((int) (group.data - subject.data), begins[n]);
        ck_assert_int_eq(sc_regex_next(re),
                         (n < 3) ? SC_REGEX_MATCH : SC_REGEX_NO_MATCH);
    }

    ck_assert_int_eq(sc_regex_next(re), SC_REGEX_NO_MATCH);
    sc_regex_free(re);
}
END_TEST


START_TEST(match_that_would_end_before_its_begin_is_an_error)
{
    sc_regex_t        *re;
    sc_regex_error_t   err;

    static const char  pattern[] = "(?(DEFINE)(?<x>ab\\K))(?=(?&x))";

    re = sc_regex_compile(pattern, sizeof(pattern) - 1, NULL, &err);

    if (re != NULL) {
        ck_assert_int_eq(sc_regex_match(re, regex_str("ab"), 0),
                         SC_REGEX_ERROR);
        sc_regex_free(re);
    }
}
END_TEST


START_TEST(subject_that_is_not_utf8_is_an_error)
{
    sc_buf_t     out;
    sc_regex_t  *re;

    re = regex_compiled("a", NULL);
    sc_buf_init(&out, 0);

    ck_assert_int_eq(sc_regex_match(re, regex_str("a\xff"), 0),
                     SC_REGEX_ERROR);
    ck_assert_int_eq(sc_regex_match(re, regex_str("\xed\xa0\x80"), 0),
                     SC_REGEX_ERROR);
    ck_assert_int_eq(sc_regex_replace(re, regex_str("a\xc3"), regex_str("b"),
                                      1, &out),
                     SC_REGEX_ERROR);
    ck_assert_uint_eq(out.len, 0);

    sc_regex_free(re);
}
END_TEST


START_TEST(empty_subject_may_have_no_address)
{
    sc_str_t     none, group;
    sc_buf_t     out;
    sc_regex_t  *re;

    none.data = NULL;
    none.len = 0;
    sc_buf_init(&out, 0);
    re = regex_compiled("^$", NULL);

    ck_assert_int_eq(sc_regex_match(re, none, 0), SC_REGEX_MATCH);
    ck_assert_int_eq(sc_regex_group(re, 0, &group), SC_OK);
    ck_assert_int_eq(sc_regex_replace(re, none, none, 1, &out),
                     SC_REGEX_MATCH);
    ck_assert_uint_eq(out.len, 0);

    sc_buf_free(&out);
    sc_regex_free(re);
}
END_TEST


START_TEST(exploding_pattern_ends_at_its_limit)
{
    char        *subject;
    sc_regex_t  *re;

    subject = regex_filled("a", 200, "b");
    re = regex_compiled("(a+)+$", NULL);

    ck_assert_int_eq(sc_regex_match(re, regex_str(subject), 0),
                     SC_REGEX_LIMIT);
    ck_assert_int_eq(sc_regex_match(re, regex_str("aaa"), 0),
                     SC_REGEX_MATCH);

    free(subject);
    sc_regex_free(re);
}
END_TEST


START_TEST(groups_outlive_the_memory_of_a_large_match)
{
    char        *subject;
    sc_str_t     group;
    sc_regex_t  *re;

    subject = regex_filled("ab", 2000, "c");
    re = regex_compiled("^((a|b)(?:a|b))*(c)", NULL);

    ck_assert_int_eq(sc_regex_match(re, regex_str(subject), 0),
                     SC_REGEX_MATCH);
    ck_assert_int_eq(sc_regex_group(re, 3, &group), SC_OK);
    ck_assert_ptr_eq(group.data, subject + 4000);
    ck_assert_int_eq(sc_regex_group(re, 1, &group), SC_OK);
    ck_assert_ptr_eq(group.data, subject + 3998);

    free(subject);
    sc_regex_free(re);
}
END_TEST


START_TEST(deep_recursion_ends_at_its_limit)
{
    char        *subject;
    sc_regex_t  *re;

    subject = regex_filled("(", 60000, "a)");
    re = regex_compiled("^(\\((?1)*\\))$", NULL);

    ck_assert_int_eq(sc_regex_match(re, regex_str(subject), 0),
                     SC_REGEX_LIMIT);

    sc_regex_free(re);

    re = regex_compiled("(?R)?a", NULL);
    ck_assert_int_eq(sc_regex_match(re, regex_str(subject), 0),
                     SC_REGEX_LIMIT);
    free(subject);
    sc_regex_free(re);
}
END_TEST


START_TEST(set_flag_ends_every_match)
{
    sc_regex_t             *re;
    volatile sig_atomic_t   stop;

    stop = 0;
    re = regex_compiled("a", NULL);
    sc_regex_watch(&stop);

    ck_assert_int_eq(sc_regex_match(re, regex_str("aa"), 0), SC_REGEX_MATCH);
    stop = 1;
    ck_assert_int_eq(sc_regex_next(re), SC_REGEX_LIMIT);
    ck_assert_int_eq(sc_regex_match(re, regex_str("aa"), 0), SC_REGEX_LIMIT);
    stop = 0;
    ck_assert_int_eq(sc_regex_match(re, regex_str("aa"), 0), SC_REGEX_MATCH);

    sc_regex_watch(NULL);
    sc_regex_free(re);
}
END_TEST


/* nearly all of SC_REGEX_STEPS at each of 200,000 places */

START_TEST(flag_set_by_a_signal_ends_a_match_under_way)
{
    char        *subject;
    sc_regex_t  *re;

    subject = regex_filled("a", 200000, "");
    re = regex_compiled("(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)"
                        "(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)"
                        "[^a]|c", NULL);

    sc_regex_watch(&regex_alarmed);
    ck_assert_ptr_ne(signal(SIGALRM, regex_alarm), SIG_ERR);
    ck_assert_int_eq((int) ualarm(20000, 0), 0);

    ck_assert_int_eq(sc_regex_match(re, regex_str(subject), 0),
                     SC_REGEX_LIMIT);
    ck_assert_int_eq(regex_alarmed, 1);

    free(subject);
    sc_regex_free(re);
}
END_TEST


START_TEST(replacement_gives_the_expected_text)
{
    sc_buf_t                out;
    sc_regex_t             *re;
    sc_regex_result_t       result;
    const regex_replace_t  *c;

    c = &regex_replaced[_i];
    re = regex_compiled(c->pattern, NULL);
    sc_buf_init(&out, 0);

    ck_assert_int_eq(sc_buf_add_cstr(&out, ">"), SC_OK);

    result = sc_regex_replace(re, regex_str(c->subject),
                              regex_str(c->replacement), c->all, &out);

    ck_assert_int_eq(result, strcmp(c->subject, c->result) == 0
                             ? SC_REGEX_NO_MATCH : SC_REGEX_MATCH);
    ck_assert_int_eq(out.data[0], '>');
    ck_assert_str_eq(out.data + 1, c->result);

    sc_buf_free(&out);
    sc_regex_free(re);
}
END_TEST


START_TEST(replacement_that_does_not_fit_is_refused)
{
    int                i;
    sc_buf_t           out;
    sc_regex_t        *re;
    sc_regex_error_t   err;

    static const char *const  bad[] = {
        "\xc3\xa9$2", "\xc3\xa9$", "\xc3\xa9$x", "\xc3\xa9${}",
        "\xc3\xa9${x}", "\xc3\xa9${1", "\xc3\xa9$99999999999999999999",
        "\xc3\xa9${2}", "\xc3\xa9${01x}"
    };

    re = regex_compiled("(b)", NULL);
    sc_buf_init(&out, 0);

    for (i = 0; i < REGEX_COUNT(bad); i++) {
        ck_assert_int_eq(sc_regex_check_replacement(re, regex_str(bad[i]),
                                                    &err),
                         SC_ERROR);
        ck_assert_int_eq(err.column, 2);
        ck_assert_str_ne(err.message, "");
        ck_assert_int_eq(sc_regex_replace(re, regex_str("abc"),
                                          regex_str(bad[i]), 1, &out),
                         SC_REGEX_ERROR);
        ck_assert_uint_eq(out.len, 0);
    }

    ck_assert_int_eq(sc_regex_check_replacement(re, regex_str("$1$$${0}"),
                                                &err),
                     SC_OK);
    sc_regex_free(re);
}
END_TEST


START_TEST(replacing_stays_within_the_buffer_and_leaves_it_as_it_was)
{
    sc_buf_t     out;
    sc_regex_t  *re;

    re = regex_compiled("a", NULL);
    sc_buf_init(&out, 8);
    ck_assert_int_eq(sc_buf_add_cstr(&out, "keep"), SC_OK);

    ck_assert_int_eq(sc_regex_replace(re, regex_str("aaa"), regex_str("bb"),
                                      1, &out),
                     SC_REGEX_LIMIT);
    ck_assert_int_eq(out.failed, 1);
    ck_assert_str_eq(out.data, "keep");

    out.failed = 0;
    ck_assert_int_eq(sc_regex_replace(re, regex_str("aaab"), regex_str("b"),
                                      1, &out),
                     SC_REGEX_MATCH);
    ck_assert_str_eq(out.data, "keepbbbb");

    sc_buf_free(&out);
    sc_regex_free(re);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("regex");
    tc = tcase_create("regex");

    tcase_add_loop_test(tc, pattern_finds_its_first_match, 0,
                        REGEX_COUNT(regex_cases));
    tcase_add_loop_test(tc, bad_pattern_is_refused_with_reason_and_column, 0,
                        REGEX_COUNT(regex_bad));
    tcase_add_loop_test(tc, replacement_gives_the_expected_text, 0,
                        REGEX_COUNT(regex_replaced));
    tcase_add_test(tc, pattern_is_at_most_its_limit_long);
    tcase_add_test(tc, pattern_has_so_many_groups_at_most);
    tcase_add_test(tc, parentheses_nest_to_their_limit);
    tcase_add_test(tc, pattern_and_subject_may_hold_nuls);
    tcase_add_test(tc, groups_are_known_by_number_and_name);
    tcase_add_test(tc, match_begins_at_its_offset_and_sees_what_is_before);
    tcase_add_test(tc, matches_follow_each_other_to_the_end);
    tcase_add_test(tc, match_that_would_end_before_its_begin_is_an_error);
    tcase_add_test(tc, subject_that_is_not_utf8_is_an_error);
    tcase_add_test(tc, empty_subject_may_have_no_address);
    tcase_add_test(tc, exploding_pattern_ends_at_its_limit);
    tcase_add_test(tc, groups_outlive_the_memory_of_a_large_match);
    tcase_add_test(tc, deep_recursion_ends_at_its_limit);
    tcase_add_test(tc, set_flag_ends_every_match);
    tcase_add_test(tc, flag_set_by_a_signal_ends_a_match_under_way);
    tcase_add_test(tc, replacement_that_does_not_fit_is_refused);
    tcase_add_test(tc,
                   replacing_stays_within_the_buffer_and_leaves_it_as_it_was);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


static void
regex_alarm(int signo)
{
    (void) signo;
    regex_alarmed = 1;
}


static sc_regex_t *
regex_compiled(const char *pattern, const char *flags)
{
    sc_regex_t        *re;
    sc_regex_error_t   err;

    re = sc_regex_compile(pattern, strlen(pattern), flags, &err);
    ck_assert_msg(re != NULL, "\"%s\": %s", pattern, err.message);

    return re;
}


static sc_str_t
regex_str(const char *s)
{
    sc_str_t  str;

    str.data = s;
    str.len = strlen(s);

    return str;
}


/* The unit n times and the end, to be freed. */

static char *
regex_filled(const char *unit, size_t n, const char *end)
{
    char      *text;
    size_t     i;
    sc_buf_t   b;

    sc_buf_init(&b, 0);

    for (i = 0; i < n; i++) {
        (void) sc_buf_add_cstr(&b, unit);
    }

    (void) sc_buf_add_cstr(&b, end);
    text = b.data;
    ck_assert_ptr_nonnull(text);

    return text;
}
