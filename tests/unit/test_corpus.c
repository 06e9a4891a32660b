
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <zlib.h>

#include "sidecar/extract/extract.h"
#include "tests/support/suite.h"


#define CORPUS_TIMEOUT   120
#define CORPUS_MAX_PAGE  (64 * 1024 * 1024)


static void corpus_path(char *out, size_t size, const char *name);
static int corpus_page_is_equal(const sc_rules_t *rules,
    const json_t *expected);
static void corpus_report(const char *name, const json_t *expected,
    const json_t *actual);
static int corpus_read(const char *name, sc_buf_t *body);


START_TEST(every_page_of_the_corpus_gives_what_the_oracle_gave)
{
    int                pages, equal;
    char               path[4096];
    FILE              *f;
    json_t            *row;
    sc_buf_t           text;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    sc_buf_init(&text, CORPUS_MAX_PAGE);

    corpus_path(path, sizeof(path), "expected.ndjson");
    f = fopen(path, "r");

    if (f == NULL) {
        (void) printf("corpus: SKIPPED, could not open \"%s\"\n", path);
        return;
    }

    ck_assert_int_eq(corpus_read("rules.json", &text), SC_OK);
    rules = sc_rules_parse_text(text.data, text.len, &err);
    ck_assert_msg(rules != NULL, "%s", err.message);
    sc_buf_free(&text);

    pages = 0;
    equal = 0;

    while ((row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
        pages++;
        equal += corpus_page_is_equal(rules, row);
        json_decref(row);
    }

    sc_rules_free(rules);
    (void) fclose(f);

    (void) printf("corpus: %d of %d pages are equal\n", equal, pages);
    ck_assert_int_gt(pages, 0);
    ck_assert_int_eq(equal, pages);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        every_page_of_the_corpus_gives_what_the_oracle_gave,
        NULL
    };

    return suite_run("corpus", tests, CORPUS_TIMEOUT);
}


static void
corpus_path(char *out, size_t size, const char *name)
{
    const char  *shared;

    shared = getenv("SHARED");

    (void) snprintf(out, size, "%s/corpus/%s",
                    shared != NULL ? shared : "../shared", name);
}


static int
corpus_page_is_equal(const sc_rules_t *rules, const json_t *expected)
{
    int              equal;
    char             name[512];
    json_t          *actual;
    sc_buf_t         body;
    const char      *page;
    extract_page_t   x;

    page = json_string_value(json_object_get(expected, "page"));
    (void) snprintf(name, sizeof(name), "pages/%s", page);

    sc_buf_init(&body, CORPUS_MAX_PAGE);
    ck_assert_int_eq(corpus_read(name, &body), SC_OK);

    memset(&x, 0, sizeof(extract_page_t));
    x.url = "http://shop.example/";
    x.content_type = "text/html; charset=utf-8";
    x.body.data = body.data;
    x.body.len = body.len;
    extract_page_init(&x);

    ck_assert_msg(extract_page(rules, &x) == SC_OK, "%s: %s", page, x.detail);

    actual = json_loadb(x.data.data, x.data.len, 0, NULL);
    ck_assert_ptr_nonnull(actual);

    equal = json_equal(actual, json_object_get(expected, "data"));

    if (!equal) {
        corpus_report(page, json_object_get(expected, "data"), actual);
    }

    json_decref(actual);
    extract_page_free(&x);
    sc_buf_free(&body);

    return equal;
}


static void
corpus_report(const char *name, const json_t *expected, const json_t *actual)
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
                      name, key, left, right != NULL ? right : "nothing");
        free(left);
        free(right);
    }
}


/* A file of the corpus, as it is or unpacked. */

static int
corpus_read(const char *name, sc_buf_t *body)
{
    int      n;
    char     path[4096], *room;
    gzFile   f;

    corpus_path(path, sizeof(path), name);

    f = gzopen(path, "rb");
    if (f == NULL) {
        return SC_ERROR;
    }

    do {
        n = 0;
        room = sc_buf_reserve(body, 65536);

        if (room != NULL) {
            n = gzread(f, room, 65536);
            body->len += (size_t) (n > 0 ? n : 0);
        }
    } while (n > 0);

    (void) gzclose(f);

    return (n < 0 || body->failed) ? SC_ERROR : SC_OK;
}
