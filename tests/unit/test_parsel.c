
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <zlib.h>

#include "sidecar/extract/extract.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define PARSEL_TIMEOUT   300
#define PARSEL_MAX_PAGE  (64 * 1024 * 1024)

#define PARSEL_PYTHON    "/usr/bin/python3"
#define PARSEL_ORACLE    "tests/oracle/expect_parsel.py"
#define PARSEL_PAGES     "tests/oracle/pages/*.html"
#define PARSEL_CORPUS    "corpus/pages/*.html.gz"

/* its status when Debian's python3-parsel is not installed */
#define PARSEL_MISSING   77

#define PARSEL_LEAST     12


/* a page, and what these rules give of it */
#define PARSEL_UNION_PAGE                                                    \
    "<body><a>1</a><b>2</b><p><a>3</a><b>4</b></p><i>5</i></body>"
#define PARSEL_UNION_RULES                                                   \
    "{\"xpath\": \"//i | //b | //a\", \"css\": \"i, b, a\","               \
    " \"xpaths\": [\"//i | //b | //a\"], \"csses\": [\"i, b, a\"],"         \
    " \"each\": {\"each\": {\"css\": \"b, a\"}, \"fields\":"              \
    " {\"is\": \":scope\"}}}"
#define PARSEL_UNION_DATA                                                    \
    "{\"xpath\": \"1\", \"css\": \"1\","                                 \
    " \"xpaths\": [\"1\", \"2\", \"3\", \"4\", \"5\"],"                     \
    " \"csses\": [\"1\", \"2\", \"3\", \"4\", \"5\"], \"each\":"             \
    " [{\"is\": \"1\"}, {\"is\": \"2\"}, {\"is\": \"3\"}, {\"is\": \"4\"}]}"


static void parsel_agree(const char *rules, const char *pages, size_t least);
static void parsel_corpus(char *out, size_t size);
static char *parsel_ask(const char *rules, const glob_t *pages);
static size_t parsel_compare(const char *rules, char *answers);
static sc_rules_t *parsel_rules(const char *path);
static int parsel_is_equal(const sc_rules_t *rules, const json_t *answer);
static json_t *parsel_extract(const sc_rules_t *rules, const char *name,
    sc_str_t page);
static void parsel_report(const char *page, const json_t *expected,
    const json_t *actual);
static void parsel_read(const char *path, sc_buf_t *body);


START_TEST(css_finds_on_pages_of_our_own_what_parsel_finds)
{
    parsel_agree("tests/oracle/rules_css.json", PARSEL_PAGES, PARSEL_LEAST);
}
END_TEST


START_TEST(css_finds_on_pages_of_the_corpus_what_parsel_finds)
{
    char  pages[4096];

    parsel_corpus(pages, sizeof(pages));
    parsel_agree("tests/oracle/rules_css.json", pages, 0);
}
END_TEST


START_TEST(functions_answer_on_pages_of_our_own_as_lxml)
{
    parsel_agree("tests/oracle/rules_exslt.json", PARSEL_PAGES,
                 PARSEL_LEAST);
}
END_TEST


START_TEST(functions_answer_on_pages_of_the_corpus_as_lxml)
{
    char  pages[4096];

    parsel_corpus(pages, sizeof(pages));
    parsel_agree("tests/oracle/rules_exslt.json", pages, 0);
}
END_TEST


START_TEST(a_union_comes_in_document_order)
{
    json_t            *actual, *expected;
    sc_str_t           page;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    page.data = PARSEL_UNION_PAGE;
    page.len = sizeof(PARSEL_UNION_PAGE) - 1;

    rules = sc_rules_parse_text(PARSEL_UNION_RULES,
                                sizeof(PARSEL_UNION_RULES) - 1, &err);
    ck_assert_msg(rules != NULL, "%s", err.message);

    expected = json_loads(PARSEL_UNION_DATA, 0, NULL);
    actual = parsel_extract(rules, "a union", page);
    ck_assert_ptr_nonnull(expected);

    if (!json_equal(actual, expected)) {
        parsel_report("a union", expected, actual);
        ck_abort_msg("not in document order");
    }

    json_decref(actual);
    json_decref(expected);
    sc_rules_free(rules);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        css_finds_on_pages_of_our_own_what_parsel_finds,
        css_finds_on_pages_of_the_corpus_what_parsel_finds,
        functions_answer_on_pages_of_our_own_as_lxml,
        functions_answer_on_pages_of_the_corpus_as_lxml,
        a_union_comes_in_document_order,
        NULL
    };

    return suite_run("parsel", tests, PARSEL_TIMEOUT);
}


static void
parsel_agree(const char *rules, const char *pages, size_t least)
{
    char    *answers;
    size_t   n, equal;
    glob_t   found;

    if (glob(pages, 0, NULL, &found) != 0) {
        ck_assert_msg(least == 0, "no pages \"%s\"", pages);
        (void) printf("parsel: SKIPPED, no pages \"%s\"\n", pages);
        return;
    }

    n = found.gl_pathc;
    ck_assert_uint_ge(n, least);

    answers = parsel_ask(rules, &found);
    globfree(&found);

    if (answers == NULL) {
        (void) printf("parsel: SKIPPED, python3-parsel is not installed\n");
        return;
    }

    equal = parsel_compare(rules, answers);
    free(answers);

    (void) printf("parsel: %zu of %zu pages are equal, \"%s\"\n", equal, n,
                  rules);
    (void) fflush(stdout);
    ck_assert_uint_eq(equal, n);
}


static void
parsel_corpus(char *out, size_t size)
{
    const char  *shared;

    shared = getenv("SHARED");

    (void) snprintf(out, size, "%s/" PARSEL_CORPUS,
                    shared != NULL ? shared : "../shared");
}


/* The oracle's lines about these pages; NULL when there is no oracle. */

static char *
parsel_ask(const char *rules, const glob_t *pages)
{
    int      status;
    char     folder[256], path[512];
    char    *text;
    char   **argv;
    size_t   i;

    argv = calloc(pages->gl_pathc + 4, sizeof(char *));
    ck_assert_ptr_nonnull(argv);

    argv[0] = PARSEL_PYTHON;
    argv[1] = PARSEL_ORACLE;
    argv[2] = (char *) rules;

    for (i = 0; i < pages->gl_pathc; i++) {
        argv[i + 3] = pages->gl_pathv[i];
    }

    process_folder(folder, sizeof(folder));
    (void) snprintf(path, sizeof(path), "%s/answers", folder);

    status = PARSEL_MISSING;

    if (access(PARSEL_PYTHON, X_OK) == 0) {
        status = process_wait(process_start(argv, path, NULL));
    }

    text = process_read(path);
    process_remove(folder);
    free(argv);

    if (status == PARSEL_MISSING) {
        free(text);
        return NULL;
    }

    ck_assert_msg(status == 0, "the oracle said: %.4000s", text);

    return text;
}


static size_t
parsel_compare(const char *path, char *answers)
{
    char        *line, *rest;
    size_t       equal;
    json_t      *answer;
    sc_rules_t  *rules;

    rules = parsel_rules(path);
    equal = 0;

    for (line = strtok_r(answers, "\n", &rest);
         line != NULL;
         line = strtok_r(NULL, "\n", &rest))
    {
        answer = json_loads(line, 0, NULL);
        ck_assert_msg(answer != NULL, "the oracle said: %.4000s", line);

        equal += (size_t) parsel_is_equal(rules, answer);
        json_decref(answer);
    }

    sc_rules_free(rules);

    return equal;
}


static sc_rules_t *
parsel_rules(const char *path)
{
    sc_buf_t           text;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    sc_buf_init(&text, PARSEL_MAX_PAGE);
    parsel_read(path, &text);

    rules = sc_rules_parse_text(text.data, text.len, &err);
    ck_assert_msg(rules != NULL, "%s: %s: %s", path, err.pointer,
                  err.message);
    sc_buf_free(&text);

    return rules;
}


static int
parsel_is_equal(const sc_rules_t *rules, const json_t *answer)
{
    int          equal;
    json_t      *actual, *expected;
    sc_str_t     text;
    sc_buf_t     body;
    const char  *page;

    page = json_string_value(json_object_get(answer, "page"));
    expected = json_object_get(answer, "data");

    sc_buf_init(&body, PARSEL_MAX_PAGE);
    parsel_read(page, &body);

    text.data = body.data;
    text.len = body.len;
    actual = parsel_extract(rules, page, text);
    equal = json_equal(actual, expected);

    if (!equal) {
        parsel_report(page, expected, actual);
    }

    json_decref(actual);
    sc_buf_free(&body);

    return equal;
}


static json_t *
parsel_extract(const sc_rules_t *rules, const char *name, sc_str_t page)
{
    json_t          *data;
    extract_page_t   x;

    memset(&x, 0, sizeof(extract_page_t));
    x.url = "http://shop.example/";
    x.content_type = "text/html; charset=utf-8";
    x.body = page;
    extract_page_init(&x);

    ck_assert_msg(extract_page(rules, &x) == SC_OK, "%s: %s", name, x.detail);

    data = json_loadb(x.data.data, x.data.len, 0, NULL);
    ck_assert_ptr_nonnull(data);
    extract_page_free(&x);

    return data;
}


static void
parsel_report(const char *page, const json_t *expected, const json_t *actual)
{
    char        *left, *right;
    json_t      *value, *other;
    const char  *key;

    json_object_foreach((json_t *) expected, key, value) {
        other = json_object_get(actual, key);

        if (json_equal(value, other)) {
            continue;
        }

        left = json_dumps(value, JSON_ENCODE_ANY);
        right = json_dumps(other, JSON_ENCODE_ANY);
        (void) printf("%s: \"%s\"\n  expected %.400s\n  got      %.400s\n",
                      page, key, left, right != NULL ? right : "nothing");
        free(left);
        free(right);
    }
}


/* A file, as it is or unpacked. */

static void
parsel_read(const char *path, sc_buf_t *body)
{
    int      n;
    char    *room;
    gzFile   f;

    f = gzopen(path, "rb");
    ck_assert_msg(f != NULL, "could not open \"%s\"", path);

    do {
        n = 0;
        room = sc_buf_reserve(body, 65536);

        if (room != NULL) {
            n = gzread(f, room, 65536);
            body->len += (size_t) (n > 0 ? n : 0);
        }
    } while (n > 0);

    (void) gzclose(f);

    ck_assert_msg(n == 0 && !body->failed, "could not read \"%s\"", path);
}
