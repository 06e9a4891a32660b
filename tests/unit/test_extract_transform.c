
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "sidecar/extract/extract_internal.h"
#include "sidecar/extract/extract_transform.h"
#include "tests/support/suite.h"


#define TRANSFORM_MAX   (16 << 20)   /* bytes the texts of a test may have */
#define TRANSFORM_MANY  1000000


/* result is NULL when the text is absent after it. */
typedef struct {
    const char  *text;
    const char  *result;
} transform_case_t;


static void transform_open(unsigned many);
static void transform_close(void);
static int transform_run(const char *const *texts, size_t n);
static void transform_cases(sc_transform_t t, const transform_case_t *cases,
    size_t n);
static void transform_list(const char *const *texts, size_t n,
    const char *expected);
static void transform_add(sc_transform_t t);
static sc_transform_t transform_of(sc_transform_kind_t kind, char *from,
    char *to);
static sc_transform_t transform_by(sc_transform_kind_t kind,
    const char *pattern, char *to);
static char *transform_repeated(const char *unit, size_t n);


static extract_t        transform_x;
static extract_page_t   transform_page;
static sc_field_t       transform_field;
static sc_transform_t   transform_kept[SC_RULES_MAX_TRANSFORMS];
static extract_at_t     transform_at = { NULL, "price", 0 };


START_TEST(trim_takes_white_space_off_both_ends)
{
    static const transform_case_t  cases[] = {
        { " a b ", "a b" },
        { "\t\r\n\v\f a  b \f\v\n\r\t", "a  b" },
        { "\u00a0\ufeff a\u00a0b \ufeff\u00a0", "a\u00a0b" },
        { "\u2003a\u2003", "\u2003a\u2003" },
        { "é", "é" },
        { "Â", "Â" },
        { "\xa0", "\xa0" },
        { "\xc2", "\xc2" },
        { " \u00a0 ", "" },
        { "", "" }
    };

    transform_cases(transform_of(SC_TRANSFORM_TRIM, NULL, NULL), cases,
                    sizeof(cases) / sizeof(transform_case_t));
}
END_TEST


START_TEST(collapse_makes_white_space_one_space)
{
    static const transform_case_t  cases[] = {
        { " a \t\r\n b ", "a b" },
        { "\u00a0 a\u00a0\u00a0b\u00a0", "a b" },
        { "a\fb", "a\fb" },
        { "a", "a" },
        { " ", "" },
        { "", "" }
    };

    transform_cases(transform_of(SC_TRANSFORM_COLLAPSE, NULL, NULL), cases,
                    sizeof(cases) / sizeof(transform_case_t));
}
END_TEST


START_TEST(case_of_every_letter_is_changed)
{
    static const transform_case_t  lower[] = {
        { "ABC xyz 1", "abc xyz 1" },
        { "ÄÖÜ ÉÑ", "äöü éñ" },
        { "ΑΒΓ ДЖЯ", "αβγ джя" },
        { "Ⱥ", "ⱥ" },
        { "İ", "i" },
        { "\xff" "A\xc3", "\xff" "a\xc3" },
        { "日本", "日本" },
        { "", "" }
    };
    static const transform_case_t  upper[] = {
        { "abc XYZ 1", "ABC XYZ 1" },
        { "äöü éñ ÿ", "ÄÖÜ ÉÑ Ÿ" },
        { "straße", "STRAßE" },
        { "ος я", "ΟΣ Я" },
        { "\U00010428", "\U00010400" },
        { "\xed\xa0\x80" "a", "\xed\xa0\x80" "A" }
    };

    transform_cases(transform_of(SC_TRANSFORM_LOWER, NULL, NULL), lower,
                    sizeof(lower) / sizeof(transform_case_t));
    transform_cases(transform_of(SC_TRANSFORM_UPPER, NULL, NULL), upper,
                    sizeof(upper) / sizeof(transform_case_t));
}
END_TEST


START_TEST(tags_are_stripped_and_references_decoded)
{
    static const transform_case_t  cases[] = {
        { "a <b>bold</b>er", "a bolder" },
        { "<p>a</p><p>b</p>", "a b" },
        { "a<br>b<BR/>c", "a b c" },
        { "<td>1</td>\n<td>2</td>", "1 2" },
        { "<a title='x > y' href=\"z>\">t</a>", "t" },
        { "<a b='x\">c'>t</a>", "t" },
        { "<a b = \"x>y\" c=d'e>t", "t" },
        { "a<!-- <b> -->b<!-->c<!--->d", "abcd" },
        { "a<!DOCTYPE html>b<?php x ?>c</>d</ x>e", "abcde" },
        { "a<![CDATA[<b> & ]]>b", "a<b> & b" },
        { "a<![CDATA[b", "ab" },
        { "a<script>if (a < b) '</b>'</script>b", "ab" },
        { "a<STYLE type=x>p{}</Style >b", "ab" },
        { "a<script>x</scripts></script/>b", "ab" },
        { "<styled>x</styled>", "x" },
        { "1 < 2 <3 a<", "1 < 2 <3 a<" },
        { "a</", "a</" },
        { "a<b", "a" },
        { "a<b c='", "a" },
        { "a<!-- b", "a" },
        { "a<script>b", "a" },
        { "&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'" },
        { "&eacute;&Eacute;&thetasym;&diams;&euro;", "éÉϑ♦€" },
        { "&copy2024 &notit; &ampx", "©2024 ¬it; &x" },
        { "&Scaron &apos x", "&Scaron &apos x" },
        { "&bogus; & &; &", "&bogus; & &; &" },
        { "&#65;&#x42;&#X43&#68x", "ABCDx" },
        { "&#128;&#150;&#x92;", "€–’" },
        { "&#0;&#xd800;&#x110000;&#99999999999999999999;", "����" },
        { "&#; &#x; &#", "&#; &#x; &#" },
        { "a&nbsp;&nbsp;b ", "a b" },
        { "", "" }
    };

    transform_cases(transform_of(SC_TRANSFORM_STRIP_TAGS, NULL, NULL), cases,
                    sizeof(cases) / sizeof(transform_case_t));
}
END_TEST


START_TEST(reference_is_resolved_against_the_page)
{
    static const transform_case_t  cases[] = {
        { "x?y", "http://shop.example/a/x?y" },
        { "/x", "http://shop.example/x" },
        { "https://o.example/", "https://o.example/" },
        { "http://a b/", NULL }
    };

    transform_cases(transform_of(SC_TRANSFORM_ABSOLUTE, NULL, NULL), cases,
                    sizeof(cases) / sizeof(transform_case_t));
}
END_TEST


START_TEST(every_occurrence_is_replaced)
{
    char                           with[] = "[$2$1]";
    static const transform_case_t  literal[] = {
        { "a,b,,c", "a;;b;;;;c" },
        { ",", ";;" },
        { "abc", "abc" },
        { "", "" }
    };
    static const transform_case_t  pattern[] = {
        { "a1 b2", "[1a] [2b]" },
        { "none", "none" },
        { "\xff", NULL }
    };

    transform_cases(transform_of(SC_TRANSFORM_REPLACE, ",", ";;"), literal,
                    sizeof(literal) / sizeof(transform_case_t));
    transform_cases(transform_by(SC_TRANSFORM_REPLACE, "([a-z])([0-9])", with),
                    pattern, sizeof(pattern) / sizeof(transform_case_t));
}
END_TEST


START_TEST(group_of_the_first_match_is_the_value)
{
    sc_transform_t                 t;
    static const transform_case_t  cases[] = {
        { "x 12 34", "12" },
        { "x #", NULL },
        { "none", NULL },
        { "", NULL }
    };

    t = transform_by(SC_TRANSFORM_REGEX, "x (?:([0-9]+)|#)", NULL);
    t.group = 1;

    transform_cases(t, cases, sizeof(cases) / sizeof(transform_case_t));
}
END_TEST


START_TEST(part_of_a_split_is_found_from_either_end)
{
    size_t                         i;
    sc_transform_t                 t;
    static const transform_case_t  cases[] = {
        { "a, b,c", "a" },
        { "a, b,c", " b" },
        { "a, b,c", "c" },
        { "a, b,c", NULL },
        { "a, b,c", "c" },
        { "a, b,c", "a" },
        { "a, b,c", NULL },
        { "a, b,c", NULL },
        { "a, b,c", NULL }
    };
    static const int               index[] = {
        0, 1, 2, 3, -1, -3, -4, 2147483647, -2147483647
    };

    for (i = 0; i < sizeof(index) / sizeof(index[0]); i++) {
        t = transform_of(SC_TRANSFORM_SPLIT, ",", NULL);
        t.indexed = 1;
        t.index = index[i];
        transform_cases(t, &cases[i], 1);
    }
}
END_TEST


START_TEST(number_and_date_are_rewritten_or_absent)
{
    static const transform_case_t  numbers[] = {
        { "1.234,56 €", "1234.56" },
        { "none", NULL }
    };
    static const transform_case_t  dates[] = {
        { "12/03/2024", "12.03.24" },
        { "12.03.2024", NULL }
    };

    transform_cases(transform_of(SC_TRANSFORM_NUMBER_LOCALE, "de", NULL),
                    numbers, 2);
    transform_cases(transform_of(SC_TRANSFORM_DATE_FORMAT, "%d/%m/%Y",
                                 "%d.%m.%y"), dates, 2);
}
END_TEST


START_TEST(split_makes_all_parts_texts)
{
    const char *const  texts[] = { "a,b", "", ",", NULL };

    transform_open(1);
    transform_add(transform_of(SC_TRANSFORM_SPLIT, ",", NULL));
    transform_list(texts, 4, "[a][b][][][]-");
    transform_close();
}
END_TEST


START_TEST(join_makes_one_of_what_is_not_absent)
{
    const char *const  texts[] = { "a", NULL, "", "b" };

    transform_open(1);
    transform_add(transform_of(SC_TRANSFORM_JOIN, ", ", NULL));
    transform_list(texts, 4, "[a, , b]");
    transform_list(texts + 1, 1, "-");
    transform_list(texts + 2, 1, "[]");
    transform_list(texts, 0, "");
    transform_close();
}
END_TEST


START_TEST(transforms_are_applied_in_their_order)
{
    const char *const  texts[] = { " 1.5 kg | none | 2.5 KG " };

    transform_open(0);
    transform_add(transform_of(SC_TRANSFORM_SPLIT, "|", NULL));
    transform_add(transform_by(SC_TRANSFORM_REGEX, "[0-9.]+ [kK][gG]", NULL));
    transform_add(transform_of(SC_TRANSFORM_UPPER, NULL, NULL));
    transform_add(transform_of(SC_TRANSFORM_REPLACE, " KG", ""));
    transform_list(texts, 1, "[1.5]-[2.5]");

    transform_add(transform_of(SC_TRANSFORM_JOIN, "+", NULL));
    transform_list(texts, 1, "[1.5+2.5]");
    transform_close();
}
END_TEST


START_TEST(text_that_fails_is_told_with_its_place)
{
    const char *const  texts[] = { "1", "none", "2" };

    transform_open(1);
    transform_add(transform_of(SC_TRANSFORM_NUMBER_LOCALE, "en", NULL));
    transform_list(texts, 3, "[1]-[2]");
    ck_assert_str_eq(transform_page.warnings.data,
                     "\"\\\"price[1]\\\": \\\"none\\\" is not a number of "
                     "the locale\"");
    transform_close();

    transform_open(0);
    transform_add(transform_by(SC_TRANSFORM_REGEX, "[0-9]", NULL));
    transform_list(texts + 1, 1, "-");
    ck_assert_str_eq(transform_page.warnings.data,
                     "\"\\\"price\\\": \\\"none\\\" does not match the "
                     "pattern\"");
    transform_close();
}
END_TEST


START_TEST(text_longer_than_its_bound_fails_the_page)
{
    int                rc;
    const char *const  texts[] = { "aaaaaaaaaa" };

    transform_open(0);
    transform_x.texts.bytes.max = 64;
    transform_x.spare.bytes.max = 64;
    transform_add(transform_of(SC_TRANSFORM_REPLACE, "a", "bbbbbbbbbb"));
    rc = transform_run(texts, 1);
    ck_assert_int_eq(rc, SC_ERROR);
    ck_assert_str_eq(transform_page.detail, "the data is more than 64 bytes");
    transform_close();

    transform_open(0);
    transform_x.texts.bytes.max = 64;
    transform_x.spare.bytes.max = 64;
    transform_add(transform_by(SC_TRANSFORM_REPLACE, "a", "bbbbbbbbbb"));
    rc = transform_run(texts, 1);
    ck_assert_int_eq(rc, SC_ERROR);
    ck_assert_str_eq(transform_page.detail, "the data is more than 64 bytes");
    transform_close();
}
END_TEST


START_TEST(no_file_is_needed_once_prepared)
{
    struct rlimit      some, none;
    const char *const  texts[] = { "<b>ÄÖ &euro;</b> 12/03/2024" };

    ck_assert_int_eq(extract_transform_prepare(), SC_OK);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &some), 0);
    none = some;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);

    transform_open(0);
    transform_add(transform_of(SC_TRANSFORM_STRIP_TAGS, NULL, NULL));
    transform_add(transform_of(SC_TRANSFORM_LOWER, NULL, NULL));
    transform_add(transform_of(SC_TRANSFORM_DATE_FORMAT, "äö € %d/%m/%Y",
                               "%A %d %B %Y %Z"));
    transform_list(texts, 1, "[Tuesday 12 March 2024 UTC]");
    transform_close();

    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &some), 0);
}
END_TEST


START_TEST(huge_texts_are_transformed)
{
    char                      *big;
    size_t                     i, k;
    const char                *text;
    static const char *const   units[] = {
        " ", "\u00a0", ",", "<", "&", "&a", "&#1;", "<b>", "<!--", "<a b='",
        "<script>", "</", "&zzzzzzz;", "<![CDATA["
    };

    for (i = 0; i < sizeof(units) / sizeof(char *); i++) {
        big = transform_repeated(units[i], TRANSFORM_MANY / strlen(units[i]));

        for (k = 0; k <= SC_TRANSFORM_STRIP_TAGS; k++) {
            transform_open(0);
            transform_add(transform_of((sc_transform_kind_t) k, NULL, NULL));
            text = big;
            ck_assert_int_eq(transform_run(&text, 1), SC_OK);
            ck_assert_uint_eq(transform_x.texts.n, 1);
            ck_assert_uint_eq(transform_x.texts.list[0].absent, 0);
            transform_close();
        }

        free(big);
    }
}
END_TEST


START_TEST(a_million_separators_are_split_and_joined)
{
    char            *big;
    const char      *text;
    sc_transform_t   t;

    big = transform_repeated(",", TRANSFORM_MANY);
    text = big;

    transform_open(0);
    transform_add(transform_of(SC_TRANSFORM_SPLIT, ",", NULL));
    ck_assert_int_eq(transform_run(&text, 1), SC_OK);
    ck_assert_uint_eq(transform_x.texts.n, TRANSFORM_MANY + 1);

    transform_add(transform_of(SC_TRANSFORM_JOIN, ";", NULL));
    ck_assert_int_eq(transform_run(&text, 1), SC_OK);
    ck_assert_uint_eq(transform_x.texts.n, 1);
    ck_assert_uint_eq(transform_x.texts.list[0].len, TRANSFORM_MANY);
    transform_close();

    t = transform_of(SC_TRANSFORM_SPLIT, ",", NULL);
    t.indexed = 1;
    t.index = -TRANSFORM_MANY - 1;
    transform_open(0);
    transform_add(t);
    transform_list(&text, 1, "[]");
    transform_close();

    free(big);
}
END_TEST


START_TEST(parts_beyond_their_bound_are_left_out_and_told)
{
    char        *big;
    const char  *texts[2];

    big = transform_repeated(",", EXTRACT_MAX_PARTS / 2 + 1);
    texts[0] = big;
    texts[1] = big;

    transform_open(1);
    transform_add(transform_of(SC_TRANSFORM_SPLIT, ",", NULL));
    ck_assert_int_eq(transform_run(texts, 2), SC_OK);
    ck_assert_uint_eq(transform_x.texts.n, EXTRACT_MAX_PARTS);
    ck_assert_ptr_nonnull(strstr(transform_page.warnings.data, "too many"));
    transform_close();

    free(big);
}
END_TEST


START_TEST(pattern_that_works_too_much_is_told)
{
    char        *big;
    const char  *text;

    big = transform_repeated("a", 5000);
    text = big;

    transform_open(0);
    transform_add(transform_by(SC_TRANSFORM_REGEX, "(a+)+$(?<=b)", NULL));
    transform_list(&text, 1, "-");
    ck_assert_ptr_nonnull(strstr(transform_page.warnings.data, "more work"));
    transform_close();

    free(big);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        trim_takes_white_space_off_both_ends,
        collapse_makes_white_space_one_space,
        case_of_every_letter_is_changed,
        tags_are_stripped_and_references_decoded,
        reference_is_resolved_against_the_page,
        every_occurrence_is_replaced,
        group_of_the_first_match_is_the_value,
        part_of_a_split_is_found_from_either_end,
        number_and_date_are_rewritten_or_absent,
        split_makes_all_parts_texts,
        join_makes_one_of_what_is_not_absent,
        transforms_are_applied_in_their_order,
        text_that_fails_is_told_with_its_place,
        text_longer_than_its_bound_fails_the_page,
        no_file_is_needed_once_prepared,
        huge_texts_are_transformed,
        a_million_separators_are_split_and_joined,
        parts_beyond_their_bound_are_left_out_and_told,
        pattern_that_works_too_much_is_told,
        NULL
    };

    return suite_run("extract_transform", tests, 120);
}


static void
transform_open(unsigned many)
{
    memset(&transform_x, 0, sizeof(extract_t));
    memset(&transform_page, 0, sizeof(extract_page_t));
    memset(&transform_field, 0, sizeof(sc_field_t));

    transform_page.url = "http://shop.example/a/b?c";
    extract_page_init(&transform_page);
    transform_x.page = &transform_page;
    sc_buf_init(&transform_x.scratch, 0);
    extract_texts_init(&transform_x.texts, TRANSFORM_MAX);
    extract_texts_init(&transform_x.spare, TRANSFORM_MAX);

    sc_buf_init(&transform_x.base, 0);
    sc_buf_add_cstr(&transform_x.base, transform_page.url);

    transform_field.name = "price";
    transform_field.many = many & 1u;
    transform_field.transforms = transform_kept;
}


static void
transform_close(void)
{
    size_t  i;

    for (i = 0; i < transform_field.ntransforms; i++) {
        sc_regex_free(transform_kept[i].regex);
    }

    extract_texts_free(&transform_x.texts);
    extract_texts_free(&transform_x.spare);
    sc_buf_free(&transform_x.base);
    sc_buf_free(&transform_x.scratch);
    extract_page_free(&transform_page);
}


/* A text of NULL is absent. */

static int
transform_run(const char *const *texts, size_t n)
{
    int     rc;
    size_t  i;

    extract_texts_reset(&transform_x.texts);

    for (i = 0; i < n; i++) {
        rc = (texts[i] == NULL)
             ? extract_texts_absent(&transform_x.texts)
             : extract_texts_add(&transform_x.texts, texts[i],
                                 strlen(texts[i]));
        ck_assert_int_eq(rc, SC_OK);
    }

    return extract_transform(&transform_x, &transform_field, &transform_at);
}


static void
transform_cases(sc_transform_t t, const transform_case_t *cases, size_t n)
{
    size_t    i;
    sc_str_t  text;

    transform_open(0);
    transform_add(t);

    for (i = 0; i < n; i++) {
        ck_assert_int_eq(transform_run(&cases[i].text, 1), SC_OK);
        ck_assert_uint_eq(transform_x.texts.n, 1);

        if (cases[i].result == NULL) {
            ck_assert_msg(transform_x.texts.list[0].absent,
                          "\"%s\" is a value", cases[i].text);
            continue;
        }

        ck_assert_msg(!transform_x.texts.list[0].absent, "\"%s\" is absent",
                      cases[i].text);

        text = extract_texts_get(&transform_x.texts, 0);
        ck_assert_uint_eq(strlen(text.data), text.len);
        ck_assert_msg(strcmp(text.data, cases[i].result) == 0,
                      "\"%s\" is \"%s\", not \"%s\"", cases[i].text,
                      text.data, cases[i].result);
    }

    transform_close();
}


/* What comes out, each in brackets, "-" for one that is absent. */

static void
transform_list(const char *const *texts, size_t n, const char *expected)
{
    size_t    i;
    sc_buf_t  all;
    sc_str_t  text;

    ck_assert_int_eq(transform_run(texts, n), SC_OK);
    sc_buf_init(&all, 0);
    sc_buf_add_cstr(&all, "");

    for (i = 0; i < transform_x.texts.n; i++) {
        if (transform_x.texts.list[i].absent) {
            sc_buf_add_cstr(&all, "-");
            continue;
        }

        text = extract_texts_get(&transform_x.texts, i);
        sc_buf_printf(&all, "[%s]", text.data);
    }

    ck_assert_str_eq(all.data, expected);
    sc_buf_free(&all);
}


static void
transform_add(sc_transform_t t)
{
    transform_kept[transform_field.ntransforms++] = t;
}


static sc_transform_t
transform_of(sc_transform_kind_t kind, char *from, char *to)
{
    sc_transform_t  t;

    memset(&t, 0, sizeof(sc_transform_t));
    t.kind = kind;
    t.from = from;
    t.to = to;

    return t;
}


static sc_transform_t
transform_by(sc_transform_kind_t kind, const char *pattern, char *to)
{
    sc_transform_t    t;
    sc_regex_error_t  err;

    t = transform_of(kind, NULL, to);
    t.regex = sc_regex_compile(pattern, strlen(pattern), NULL, &err);
    ck_assert_ptr_nonnull(t.regex);

    return t;
}


static char *
transform_repeated(const char *unit, size_t n)
{
    char    *text;
    size_t   i, len;

    len = strlen(unit);
    text = malloc(n * len + 1);
    ck_assert_ptr_nonnull(text);

    for (i = 0; i < n; i++) {
        memcpy(text + i * len, unit, len);
    }

    text[n * len] = '\0';

    return text;
}
