
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <zlib.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define CORPUS_TIMEOUT    300
#define CORPUS_PAGES      61


static const char *corpus_folder(void);
static void corpus_unpack(const char *from, const char *to);
static int corpus_compare(gateway_t *g, const json_t *rules,
    const json_t *expected);


/*
 * Pages of the real web, served by nginx as UTF-8 and scraped through nginx,
 * against what another program extracted from the same bytes.
 */
START_TEST(every_page_gives_what_lxml_gives)
{
    int                score, pages;
    char               path[512], line_path[512];
    char              *text, *line, *end;
    json_t            *rules, *expected;
    gateway_t          g;
    gateway_options_t  o = {
        .settings = "max_page = 33554432\nextract_timeout = 20000\n",
        .server = "location /corpus/ { types { }"
                  " default_type 'text/html; charset=utf-8'; }"
    };

    if (corpus_folder() == NULL) {
        printf("SKIPPED: no corpus in \"../shared/corpus\"; set SHARED to "
               "where it is\n");
        return;
    }

    gateway_start(&g, &o);
    corpus_unpack(corpus_folder(), g.dir);

    (void) snprintf(path, sizeof(path), "%s/rules.json", corpus_folder());
    rules = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(rules);

    (void) snprintf(line_path, sizeof(line_path), "%s/expected.ndjson",
                    corpus_folder());
    text = process_read(line_path);
    score = 0;
    pages = 0;

    for (line = text; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        expected = json_loadb(line, (size_t) (end - line), 0, NULL);
        ck_assert_ptr_nonnull(expected);

        score += corpus_compare(&g, rules, expected);
        pages++;

        json_decref(expected);
        end += *end == '\n';
    }

    printf("corpus: %d of %d pages equal\n", score, pages);
    ck_assert_int_eq(pages, CORPUS_PAGES);
    ck_assert_int_eq(score, pages);

    free(text);
    json_decref(rules);
    gateway_stop(&g);
}
END_TEST


static const char *
corpus_folder(void)
{
    FILE        *f;
    const char  *shared;

    static char  folder[256], path[300];

    shared = getenv("SHARED");
    (void) snprintf(folder, sizeof(folder), "%s/corpus",
                    shared != NULL ? shared : "../shared");
    (void) snprintf(path, sizeof(path), "%s/rules.json", folder);

    f = fopen(path, "r");
    if (f == NULL) {
        return NULL;
    }

    (void) fclose(f);

    return folder;
}


/* The pages, unpacked to where nginx serves them. */
static void
corpus_unpack(const char *from, const char *to)
{
    int             n;
    DIR            *dir;
    FILE           *f;
    char            path[1024], buf[65536];
    gzFile          gz;
    struct dirent  *entry;

    (void) snprintf(path, sizeof(path), "%s/pages", from);
    dir = opendir(path);
    ck_assert_ptr_nonnull(dir);

    while ((entry = readdir(dir)) != NULL) {
        if (strstr(entry->d_name, ".html.gz") == NULL) {
            continue;
        }

        (void) snprintf(path, sizeof(path), "%s/pages/%s", from,
                        entry->d_name);
        gz = gzopen(path, "rb");
        ck_assert_ptr_nonnull(gz);

        (void) snprintf(path, sizeof(path), "%s/www/corpus/%s", to,
                        entry->d_name);
        f = fopen(path, "w");
        ck_assert_ptr_nonnull(f);

        while ((n = gzread(gz, buf, sizeof(buf))) > 0) {
            ck_assert_uint_eq(fwrite(buf, 1, (size_t) n, f), (size_t) n);
        }

        ck_assert_int_eq(n, 0);
        (void) gzclose(gz);
        (void) fclose(f);
    }

    (void) closedir(dir);
}


/* 1 when every field is equal; says which is not. */
static int
corpus_compare(gateway_t *g, const json_t *rules, const json_t *expected)
{
    int              same;
    char            *body;
    json_t          *request;
    const char      *name, *page;
    const json_t    *want, *got;
    client_reply_t   r;
    void            *iter;

    page = json_string_value(json_object_get(expected, "page"));
    request = json_pack("{s:o, s:O}", "url",
                        json_sprintf("%s/corpus/%s", g->url, page), "rules",
                        rules);
    body = json_dumps(request, JSON_COMPACT);
    r = gateway_request(g, "POST", "/v1/extract", "Prefer: wait=40", body);

    same = r.status == 200;
    if (!same) {
        printf("%s: %ld %.300s\n", page, r.status, r.body);
    }

    expected = json_object_get(expected, "data");

    for (iter = json_object_iter((json_t *) expected);
         iter != NULL && r.status == 200;
         iter = json_object_iter_next((json_t *) expected, iter))
    {
        name = json_object_iter_key(iter);
        want = json_object_iter_value(iter);
        got = json_object_get(client_get(&r, "data"), name);

        if (got == NULL || !json_equal(want, got)) {
            printf("%s: field \"%s\" differs\n", page, name);
            same = 0;
        }
    }

    free(body);
    json_decref(request);
    client_free(&r);

    return same;
}


int
main(void)
{
    const TTest  *tests[] = { every_page_gives_what_lxml_gives, NULL };

    return suite_run("corpus", tests, CORPUS_TIMEOUT);
}
