
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/extracting.h"


void
extracting_page(extract_page_t *p, const char *type, const char *body,
    unsigned views)
{
    memset(p, 0, sizeof(extract_page_t));
    p->url = EXTRACTING_URL;
    p->content_type = (type != NULL) ? type : "text/html";
    p->body.data = body;
    p->body.len = strlen(body);
    p->headers.data = "";
    p->views = views;
    extract_page_init(p);
}


int
extracting(const char *rules, extract_page_t *p)
{
    int                rc;
    sc_rules_t        *r;
    sc_rules_error_t   err;

    r = sc_rules_parse_text(rules, strlen(rules), &err);
    ck_assert_msg(r != NULL, "%s: %s: %s", rules, err.pointer, err.message);

    rc = extract_page(r, p);
    sc_rules_free(r);

    return rc;
}


void
extracting_expect(const extracting_case_t *c)
{
    extract_page_t  p;

    extracting_page(&p, c->type, c->body, 0);

    if (c->headers != NULL) {
        p.headers.data = c->headers;
        p.headers.len = strlen(c->headers);
    }

    ck_assert_msg(extracting(c->rules, &p) == SC_OK, "%s: %s", c->rules,
                  p.detail);
    ck_assert_msg(strcmp(p.data.data, c->data) == 0,
                  "%s\nover %s\nis   %s\nnot  %s\n%s", c->rules, c->body,
                  p.data.data, c->data, p.warnings.data);
    ck_assert_str_eq(p.missing.data, c->missing != NULL ? c->missing : "[]");
    ck_assert_str_eq(p.warnings.data,
                     c->warnings != NULL ? c->warnings : "[]");
    extract_page_free(&p);
}


json_t *
extracting_view(const char *rules, const char *html, const char *member)
{
    json_t          *view, *value;
    extract_page_t   p;

    extracting_page(&p, NULL, html, extract_view_bit(member));
    ck_assert_uint_ne(p.views, 0);
    ck_assert_msg(extracting(rules, &p) == SC_OK, "%s", p.detail);

    view = json_loads(p.view.data, 0, NULL);
    ck_assert_msg(view != NULL, "%s", p.view.data);
    ck_assert_uint_eq(json_object_size(view), 1);

    value = json_incref(json_object_get(view, member));
    ck_assert_ptr_nonnull(value);

    json_decref(view);
    extract_page_free(&p);

    return value;
}


const char *
extracting_text(const json_t *json)
{
    static char  *text;

    free(text);
    text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    ck_assert_ptr_nonnull(text);

    return text;
}
