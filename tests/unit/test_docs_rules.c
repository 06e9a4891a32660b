
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "sidecar/extract/extract.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define DOCS_TIMEOUT    60
#define DOCS_MAX        (1024 * 1024)

#define DOCS_INDENT     "    "
#define DOCS_FENCE      "```"

/* what stands for something that is left out, U+2026: a fragment */
#define DOCS_LEFT_OUT   "\xe2\x80\xa6"


/*
 * A page of documentation that is read from its begin.
 *
 *     an indented block that begins with {        is a rule set
 *     one that begins with "                      is fields of one
 *     `code` in a line that begins with {"        is a rule set, the rule of
 *                                                 a field, or a transform
 *     a block fenced as html, xml or json page    is a page
 *     one fenced as json data                     is what the last page and
 *                                                 the last rule set give
 *     one fenced as json returned                 is what they give beside
 *                                                 it, by the names in it
 *
 * What has an ellipsis in it is a fragment, other blocks are no rules.
 *
 * type   of page, its content type
 * rules  the last rule set, or NULL
 */
typedef struct {
    const char  *path;
    unsigned     line;
    const char  *type;
    sc_buf_t     page;
    sc_buf_t     block;
    sc_rules_t  *rules;
    size_t       sets;
    size_t       codes;
    size_t       answers;
} docs_t;


static void docs_read(docs_t *d, const char *path);
static char *docs_line(docs_t *d, char **rest);
static void docs_fenced(docs_t *d, const char *info, char **rest);
static void docs_page(docs_t *d, const char *type);
static void docs_indented(docs_t *d, const char *line, char **rest);
static void docs_rules(docs_t *d, const char *open, const char *close);
static void docs_codes(docs_t *d, const char *line);
static void docs_code(docs_t *d, const char *code, int len);
static void docs_answer(docs_t *d, unsigned returned);
static void docs_compare(docs_t *d, const json_t *expected,
    const sc_buf_t *text);


START_TEST(every_rule_in_the_documentation_gives_what_it_says)
{
    docs_t  d;

    docs_read(&d, "docs/rules.md");
    ck_assert_uint_ge(d.sets, 8);
    ck_assert_uint_ge(d.codes, 15);
    ck_assert_uint_ge(d.answers, 5);

    docs_read(&d, "docs/selectors.md");
    ck_assert_uint_ge(d.sets, 1);
    ck_assert_uint_ge(d.codes, 3);
    ck_assert_uint_ge(d.answers, 1);

    docs_read(&d, "docs/tables.md");
    ck_assert_uint_ge(d.sets, 2);

    docs_read(&d, "docs/returned.md");
    ck_assert_uint_ge(d.answers, 7);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        every_rule_in_the_documentation_gives_what_it_says,
        NULL
    };

    return suite_run("docs_rules", tests, DOCS_TIMEOUT);
}


static void
docs_read(docs_t *d, const char *path)
{
    char  *text, *line, *rest;

    memset(d, 0, sizeof(docs_t));
    d->path = path;
    sc_buf_init(&d->page, DOCS_MAX);
    sc_buf_init(&d->block, DOCS_MAX);

    text = process_read(path);
    ck_assert_msg(text[0] != '\0', "could not read \"%s\"", path);
    rest = text;

    for (line = docs_line(d, &rest); line != NULL; line = docs_line(d, &rest))
    {
        if (strncmp(line, DOCS_FENCE, 3) == 0) {
            docs_fenced(d, line + 3, &rest);
        } else if (strncmp(line, DOCS_INDENT, 4) == 0) {
            docs_indented(d, line, &rest);
        } else {
            docs_codes(d, line);
        }
    }

    sc_rules_free(d->rules);
    sc_buf_free(&d->page);
    sc_buf_free(&d->block);
    free(text);
}


/* The next line, NUL-terminated; NULL at the end. */

static char *
docs_line(docs_t *d, char **rest)
{
    char  *line;

    line = strsep(rest, "\n");
    d->line++;

    return line;
}


static void
docs_fenced(docs_t *d, const char *info, char **rest)
{
    const char  *line;

    sc_buf_reset(&d->block);

    for (line = docs_line(d, rest);
         line != NULL && strncmp(line, DOCS_FENCE, 3) != 0;
         line = docs_line(d, rest))
    {
        sc_buf_printf(&d->block, "%s\n", line);
    }

    if (strcmp(info, "html") == 0) {
        docs_page(d, "text/html; charset=utf-8");
    } else if (strcmp(info, "xml") == 0) {
        docs_page(d, "application/xml");
    } else if (strcmp(info, "json page") == 0) {
        docs_page(d, "application/json");
    } else if (strcmp(info, "json data") == 0) {
        docs_answer(d, 0);
    } else if (strcmp(info, "json returned") == 0) {
        docs_answer(d, 1);
    }
}


static void
docs_page(docs_t *d, const char *type)
{
    d->type = type;
    sc_buf_reset(&d->page);
    sc_buf_add(&d->page, d->block.data, d->block.len);
}


static void
docs_indented(docs_t *d, const char *line, char **rest)
{
    sc_buf_reset(&d->block);
    sc_buf_printf(&d->block, "%s\n", line + 4);

    while (*rest != NULL && strncmp(*rest, DOCS_INDENT, 4) == 0) {
        line = docs_line(d, rest);
        sc_buf_printf(&d->block, "%s\n", line + 4);
    }

    if (strstr(d->block.data, DOCS_LEFT_OUT) != NULL) {
        return;
    }

    if (d->block.data[0] == '{') {
        docs_rules(d, "", "");
    } else if (d->block.data[0] == '"') {
        docs_rules(d, "{", "}");
    }
}


static void
docs_rules(docs_t *d, const char *open, const char *close)
{
    sc_buf_t           text;
    sc_rules_error_t   err;

    sc_buf_init(&text, DOCS_MAX);
    sc_buf_printf(&text, "%s%s%s", open, d->block.data, close);

    sc_rules_free(d->rules);
    d->rules = sc_rules_parse_text(text.data, text.len, &err);
    d->sets++;

    ck_assert_msg(d->rules != NULL, "%s: before line %u: \"%s\": %s", d->path,
                  d->line, err.pointer, err.message);
    sc_buf_free(&text);
}


static void
docs_codes(docs_t *d, const char *line)
{
    const char  *end;

    while ((line = strchr(line, '`')) != NULL) {
        end = strchr(line + 1, '`');
        ck_assert_msg(end != NULL, "%s:%u: code without an end", d->path,
                      d->line);

        if (strncmp(line + 1, "{\"", 2) == 0) {
            docs_code(d, line + 1, (int) (end - line - 1));
        }

        line = end + 1;
    }
}


static void
docs_code(docs_t *d, const char *code, int len)
{
    size_t             i;
    sc_buf_t           text;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    static const char *const  around[][2] = {
        { "", "" },
        { "{\"x\":", "}" },
        { "{\"x\":{\"css\":\"a\",\"transform\":", "}}" }
    };

    rules = NULL;
    sc_buf_init(&text, DOCS_MAX);

    for (i = 0; i < sizeof(around) / sizeof(around[0]) && rules == NULL; i++)
    {
        sc_buf_reset(&text);
        sc_buf_printf(&text, "%s%.*s%s", around[i][0], len, code,
                      around[i][1]);

        if (strstr(text.data, DOCS_LEFT_OUT) != NULL) {
            sc_buf_free(&text);
            return;
        }

        rules = sc_rules_parse_text(text.data, text.len, &err);
    }

    ck_assert_msg(rules != NULL, "%s:%u: \"%.*s\": %s", d->path, d->line, len,
                  code, err.message);
    d->codes++;

    sc_rules_free(rules);
    sc_buf_free(&text);
}


static void
docs_answer(docs_t *d, unsigned returned)
{
    json_t          *expected, *value;
    const char      *key;
    extract_page_t   x;

    ck_assert_msg(d->type != NULL && d->rules != NULL,
                  "%s:%u: an answer without a page or rules", d->path,
                  d->line);

    expected = json_loads(d->block.data, 0, NULL);
    ck_assert_msg(expected != NULL, "%s: before line %u: no JSON", d->path,
                  d->line);

    memset(&x, 0, sizeof(extract_page_t));
    x.url = "https://shop.example/p/42";
    x.content_type = d->type;
    x.body.data = d->page.data;
    x.body.len = d->page.len;
    x.headers.data = "[[\"ETag\",\"\\\"5f3a\\\"\"]]";
    x.headers.len = strlen(x.headers.data);

    if (returned) {
        json_object_foreach(expected, key, value) {
            x.views |= extract_view_bit(key);
        }
    }

    extract_page_init(&x);

    ck_assert_msg(extract_page(d->rules, &x) == SC_OK, "%s:%u: %s", d->path,
                  d->line, x.detail);

    docs_compare(d, expected, returned ? &x.view : &x.data);
    d->answers++;

    json_decref(expected);
    extract_page_free(&x);
}


static void
docs_compare(docs_t *d, const json_t *expected, const sc_buf_t *text)
{
    json_t  *actual;

    actual = json_loadb(text->data, text->len, 0, NULL);

    ck_assert_msg(json_equal(actual, expected),
                  "%s: before line %u: it is %.*s", d->path, d->line,
                  (int) text->len, text->data);

    json_decref(actual);
}
