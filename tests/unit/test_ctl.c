
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"
#include "tests/support/suite.h"


static int ctl_given(ctl_t *c, char **argv);
static char *ctl_tabled(size_t ncols, const char *const *cells, size_t n);
static void ctl_json_is(const char *text, unsigned compact,
    const char *expected);


START_TEST(options_stand_anywhere_and_end_with_two_dashes)
{
    ctl_t  c;
    char  *argv[] = { "scrapectl", "-qg", "http://a", "extract", "rules",
                      "--url=http://b", "--", "--page", "-", NULL };

    argv[8] = NULL;
    ck_assert_int_eq(ctl_given(&c, argv), SC_OK);
    ck_assert_str_eq(c.command->name, "extract");
    ck_assert_str_eq(c.values[CTL_OPT_GATEWAY], "http://a");
    ck_assert_str_eq(c.values[CTL_OPT_URL], "http://b");
    ck_assert_ptr_nonnull(c.values[CTL_OPT_QUIET]);
    ck_assert_ptr_null(c.values[CTL_OPT_JSON]);
    ck_assert_uint_eq(c.nargs, 2);
    ck_assert_str_eq(c.args[0], "rules");
    ck_assert_str_eq(c.args[1], "--page");
}
END_TEST


START_TEST(a_dash_alone_is_an_argument)
{
    ctl_t  c;
    char  *argv[] = { "scrapectl", "check", "-", NULL };

    ck_assert_int_eq(ctl_given(&c, argv), SC_OK);
    ck_assert_uint_eq(c.nargs, 1);
    ck_assert_str_eq(c.args[0], "-");
}
END_TEST


START_TEST(header_fields_are_bounded_and_on_one_line)
{
    ctl_t   c;
    char   *argv[2 * CTL_MAX_HEADERS + 6];
    char   *split[] = { "scrapectl", "get", "x", "--header", "A: b\r\nC: d",
                        NULL };
    size_t  i, n;

    ck_assert_int_eq(ctl_given(&c, split), SC_ERROR);

    n = 0;
    argv[n++] = "scrapectl";
    argv[n++] = "get";
    argv[n++] = "x";

    for (i = 0; i < CTL_MAX_HEADERS; i++) {
        argv[n++] = "--header";
        argv[n++] = "A: b";
    }

    argv[n] = NULL;
    ck_assert_int_eq(ctl_given(&c, argv), SC_OK);
    ck_assert_uint_eq(c.nheaders, CTL_MAX_HEADERS);

    argv[n++] = "--header=C: d";
    argv[n] = NULL;
    ck_assert_int_eq(ctl_given(&c, argv), SC_ERROR);
}
END_TEST


START_TEST(plain_text_has_nothing_that_steers_a_terminal)
{
    size_t    i;
    sc_buf_t  b;

    static const char *const  texts[][2] = {
        { "plain h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
          "plain h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
        { "a\x1b[31mb\r\n\x7f", "a?[31mb???" },
        { "a\xc2\x9b" "b\xc2\xa0" "c", "a?b\xc2\xa0" "c" },
        { "a\xff\xfe" "b\xc0\x80" "c\xe2\x82", "a??b?c?" },
        { "", "" }
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        sc_buf_init(&b, 0);
        ctl_plain(&b, texts[i][0], strlen(texts[i][0]));
        ck_assert_str_eq(b.data != NULL ? b.data : "", texts[i][1]);
        sc_buf_free(&b);
    }
}
END_TEST


START_TEST(csv_fields_are_quoted_where_they_must_be)
{
    sc_buf_t  b;

    static const char  expected[] =
        "a,\"b,c\",\"say \"\"d\"\"\",\"e\nf\",\"\",\"g\0h\"";

    sc_buf_init(&b, 0);
    ctl_csv(&b, 0, "a", 1);
    ctl_csv(&b, 1, "b,c", 3);
    ctl_csv(&b, 2, "say \"d\"", 7);
    ctl_csv(&b, 3, "e\nf", 3);
    ctl_csv(&b, 4, "", 0);
    ctl_csv(&b, 5, "g\0h", 3);
    ck_assert_uint_eq(b.len, sizeof(expected) - 1);
    ck_assert_int_eq(memcmp(b.data, expected, b.len), 0);
    sc_buf_free(&b);
}
END_TEST


START_TEST(csv_of_json_is_text_nothing_or_json)
{
    size_t         i;
    json_t        *list;
    sc_buf_t       b;
    const json_t  *item;

    list = json_loads("[\"x\", null, \"\", 12.5, true, {\"a\": [1]}]", 0,
                      NULL);
    ck_assert_ptr_nonnull(list);
    sc_buf_init(&b, 0);

    json_array_foreach(list, i, item) {
        ck_assert_int_eq(ctl_csv_json(&b, i, item), SC_OK);
    }

    ck_assert_int_eq(ctl_csv_json(&b, i, NULL), SC_OK);
    ck_assert_str_eq(b.data, "x,,\"\",12.5,true,\"{\"\"a\"\":[1]}\",");

    sc_buf_free(&b);
    json_decref(list);
}
END_TEST


START_TEST(json_is_laid_out_or_on_one_line)
{
    static const char  text[] =
        "{\"b\":[1,0.1,{\"c\":null}],\"a\":{},\"d\":[],\"e\":\"\\u001b\"}";

    ctl_json_is(text, 1, text);
    ctl_json_is(text, 0,
                "{\n  \"b\": [\n    1,\n    0.1,\n    {\n"
                "      \"c\": null\n    }\n  ],\n  \"a\": {},\n"
                "  \"d\": [],\n  \"e\": \"\\u001b\"\n}");
    ctl_json_is("[true,false,-5,1e300]", 1, "[true,false,-5,1e+300]");
    ctl_json_is("[\"a\x7f" "b\xc2\x80\xc2\xa0\"]", 1,
                "[\"a\\u007fb\\u0080\xc2\xa0\"]");
}
END_TEST


START_TEST(deep_json_is_not_indented_ever_further)
{
    char       text[4097];
    json_t    *json;
    sc_buf_t   b;

    memset(text, '[', 2000);
    memset(text + 2000, ']', 2000);
    text[4000] = '\0';

    json = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(json);

    sc_buf_init(&b, 0);
    ck_assert_int_eq(ctl_json(json, 0, &b), SC_OK);
    ck_assert_uint_lt(b.len, 4000 * 70);
    sc_buf_reset(&b);
    ck_assert_int_eq(ctl_json(json, 1, &b), SC_OK);
    ck_assert_str_eq(b.data, text);

    sc_buf_free(&b);
    json_decref(json);
}
END_TEST


START_TEST(a_table_is_as_wide_as_its_texts)
{
    char  *text;

    static const char *const  cells[] = {
        "A", "LONG", "C",
        "h\xc3\xa9llo", "x", "",
        "", "a\nb", "last"
    };

    text = ctl_tabled(3, cells, 3);
    ck_assert_str_eq(text, "A      LONG  C\n"
                           "h\xc3\xa9llo  x\n"
                           "       a?b   last\n");
    free(text);
}
END_TEST


START_TEST(a_long_table_is_printed_to_its_end)
{
    int                 n;
    char               *text, *p;
    size_t              i;
    static const char  *cells[2 * (CTL_TABLE_ROWS + 500)];

    for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i += 2) {
        cells[i] = "a";
        cells[i + 1] = "b";
    }

    text = ctl_tabled(2, cells, CTL_TABLE_ROWS + 500);
    n = 0;

    for (p = text; *p != '\0'; p += 5) {
        ck_assert_int_eq(strncmp(p, "a  b\n", 5), 0);
        n++;
    }

    ck_assert_int_eq(n, CTL_TABLE_ROWS + 500);
    free(text);
}
END_TEST


START_TEST(a_job_is_named_by_its_id_or_by_a_path)
{
    size_t    i;
    sc_buf_t  b;

    static const char *const  wrong[] = {
        "", "a/b", "../x", "a?b", "/v1/jobs/", "/v1/jobs/a/b", "a b", "a%2fb"
    };

    sc_buf_init(&b, 0);
    ck_assert_int_eq(ctl_job_path("b1c01", "/results", &b), SC_OK);
    ck_assert_str_eq(b.data, "/v1/jobs/b1c01/results");
    sc_buf_reset(&b);
    ck_assert_int_eq(ctl_job_path("http://h/x/v1/jobs/b1c01", "", &b), SC_OK);
    ck_assert_str_eq(b.data, "/v1/jobs/b1c01");
    sc_buf_free(&b);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_int_eq(ctl_job_path(wrong[i], "", &b), SC_ERROR);
    }

    sc_buf_free(&b);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        options_stand_anywhere_and_end_with_two_dashes,
        a_dash_alone_is_an_argument,
        header_fields_are_bounded_and_on_one_line,
        plain_text_has_nothing_that_steers_a_terminal,
        csv_fields_are_quoted_where_they_must_be,
        csv_of_json_is_text_nothing_or_json,
        json_is_laid_out_or_on_one_line,
        deep_json_is_not_indented_ever_further,
        a_table_is_as_wide_as_its_texts,
        a_long_table_is_printed_to_its_end,
        a_job_is_named_by_its_id_or_by_a_path,
        NULL
    };

    return suite_run("ctl", tests, 30);
}


static int
ctl_given(ctl_t *c, char **argv)
{
    int           argc;
    static char  *copy[2 * CTL_MAX_HEADERS + 8];

    for (argc = 0; argv[argc] != NULL; argc++) {
        copy[argc] = argv[argc];
    }

    copy[argc] = NULL;

    return ctl_args(c, argc, copy);
}


/* What a table prints; the caller frees it. */
static char *
ctl_tabled(size_t ncols, const char *const *cells, size_t n)
{
    FILE         *f;
    char         *text;
    size_t        i, k, size;
    sc_str_t      row[8];
    ctl_table_t   t;

    f = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(ctl_table_begin(&t, f, ncols), SC_OK);

    for (i = 0; i < n; i++) {

        for (k = 0; k < ncols; k++) {
            row[k].data = cells[i * ncols + k];
            row[k].len = strlen(row[k].data);
        }

        ck_assert_int_eq(ctl_table_row(&t, row), SC_OK);
    }

    ctl_table_end(&t);
    ck_assert_int_eq(fclose(f), 0);

    return text;
}


static void
ctl_json_is(const char *text, unsigned compact, const char *expected)
{
    json_t    *json;
    sc_buf_t   b;

    json = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(json);

    sc_buf_init(&b, 0);
    ck_assert_int_eq(ctl_json(json, compact, &b), SC_OK);
    ck_assert_str_eq(b.data, expected);

    sc_buf_free(&b);
    json_decref(json);
}
