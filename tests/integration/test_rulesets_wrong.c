
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/ruling.h"
#include "tests/support/suite.h"


#define WRONG_TIMEOUT    60


/* A request, and what it is told. */
typedef struct {
    const char  *method;
    const char  *path;
    const char  *headers;
    const char  *body;
    long         status;
    const char  *type;
    const char  *pointer;
} wrong_case_t;


static void wrong_cases(gateway_t *g, const wrong_case_t *cases, size_t n);


#define PATH     "/v1/rulesets/shop"
#define CHECK    "/v1/rules/check"
#define CRAWLEY  "Content-Type: text/x-crawley"

#define TITLE    "{\"title\":\"//h1\"}"


static const wrong_case_t  wrong_plain[] = {
    { "GET", PATH, NULL, NULL, 404, "/ruleset/unknown", NULL },
    { "GET", PATH "@1", NULL, NULL, 404, "/ruleset/unknown", NULL },
    { "GET", PATH "/versions", NULL, NULL, 404, "/ruleset/unknown", NULL },
    { "GET", "/v1/rulesets/a%20b", NULL, NULL, 404, "/ruleset/unknown",
      NULL },
    { "GET", "/v1/rulesets/a%20b/versions", NULL, NULL, 404,
      "/ruleset/unknown", NULL },
    { "DELETE", PATH, NULL, NULL, 404, "/ruleset/unknown", NULL },
    { "DELETE", PATH "@1", NULL, NULL, 404, "/ruleset/unknown", NULL },
    { "PUT", PATH "@1", NULL, TITLE, 400, "/request/invalid", NULL },
    { "PUT", "/v1/rulesets/a%2Fb", NULL, TITLE, 400, "/request/invalid",
      NULL },
    { "PUT", PATH, NULL, "{", 400, "/request/invalid-json", NULL },
    { "PUT", PATH, NULL, "[]", 400, "/request/invalid", "" },
    { "PUT", PATH, NULL, "{\"fields\":{},\"colour\":1}", 400,
      "/request/unknown-field", "/colour" },
    { "PUT", PATH, NULL, "{\"title\":\"//h1[\"}", 422, "/rules/invalid",
      "/title" },
    { "PUT", PATH, "Content-Type: text/html", TITLE, 415,
      "/request/unsupported-media-type", NULL },
    { "PUT", PATH, CRAWLEY, "PAGE ->", 422, "/rules/invalid", NULL },
    { "PUT", PATH "?x=1", NULL, TITLE, 400, "/request/unknown-field", NULL },
    { "PUT", PATH, "If-Match: *", TITLE, 412, "/ruleset/changed", NULL },
    { "POST", PATH, NULL, TITLE, 405, "/request/method-not-allowed", NULL },
    { "GET", "/v1/rulesets?limit=0", NULL, NULL, 400, "/request/invalid",
      NULL },
    { "GET", "/v1/rulesets?limit=1001", NULL, NULL, 400, "/request/invalid",
      NULL },
    { "GET", "/v1/rulesets?cursor=%2F", NULL, NULL, 400, "/request/invalid",
      NULL },
    { "GET", PATH "/versions?limit=101", NULL, NULL, 400, "/request/invalid",
      NULL },
    { "GET", PATH "/versions?cursor=x", NULL, NULL, 400, "/request/invalid",
      NULL },
    { "POST", CHECK, NULL, "{", 400, "/request/invalid-json", NULL },
    { "POST", CHECK, "Content-Type: text/html", "{}", 415,
      "/request/unsupported-media-type", NULL },
    { "POST", CHECK, NULL, "[]", 400, "/request/invalid", "" },
    { "POST", CHECK, NULL, "{}", 400, "/request/invalid", "/rules" },
    { "POST", CHECK, NULL, "{\"rules\":{},\"colour\":1}", 400,
      "/request/unknown-field", "/colour" },
    { "POST", CHECK, NULL, "{\"rules\":7}", 422, "/rules/invalid",
      "/rules" },
    { "POST", CHECK, NULL, "{\"rules\":{\"a\":\"//h1[\"}}", 422,
      "/rules/invalid", "/rules/a" },
    { "POST", CHECK, NULL, "{\"rules\":{\"a\":{\"colour\":1}}}", 422,
      "/rules/invalid", "/rules/a/colour" },
    { "POST", CHECK, NULL, "{\"rules\":" TITLE ",\"html\":\"\","
      "\"url\":\"http://a/\"}", 400, "/request/invalid", "/url" },
    { "POST", CHECK, NULL, "{\"rules\":" TITLE ",\"html\":7}", 400,
      "/request/invalid", "/html" },
    { "POST", CHECK, NULL, "{\"rules\":" TITLE ",\"base_url\":\"http://a/\"}",
      400, "/request/invalid", "/base_url" },
    { "POST", CHECK, NULL, "{\"rules\":" TITLE ",\"html\":\"\","
      "\"base_url\":\"ftp://a/\"}", 400, "/request/invalid", "/base_url" },
    { "POST", CHECK, NULL, "{\"rules\":" TITLE ",\"return\":[\"x\"]}", 400,
      "/request/invalid", "/return/0" },
    { "POST", CHECK, NULL, "{\"rules\":" TITLE ",\"url\":\"ftp://a/\"}", 400,
      "/request/invalid", "/url" }
};

static const wrong_case_t  wrong_named[] = {
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"ruleset\":\"nope\"}", 404, "/ruleset/unknown", "/ruleset" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"ruleset\":\"a b\"}", 404, "/ruleset/unknown", "/ruleset" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"ruleset\":7}", 400, "/request/invalid", "/ruleset" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"ruleset\":\"nope\",\"rules\":" TITLE "}", 404, "/ruleset/unknown",
      "/ruleset" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"ruleset\":\"shop\",\"rules\":{\"x\":\"//[\"}}", 422,
      "/rules/invalid", "/rules/fields/x" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"ruleset\":\"shop\",\"rules\":{\"sets\":{\"a\":" TITLE "}}}", 400,
      "/request/invalid", "/rules" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"ruleset\":\"shop\",\"rules\":[]}", 400, "/request/invalid",
      "/rules" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"rulesets\":\"shop\"}", 400, "/request/invalid", "/rulesets" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"rulesets\":[]}", 400, "/request/invalid", "/rulesets" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"rulesets\":[\"shop\",7]}", 400, "/request/invalid",
      "/rulesets/1" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"rulesets\":[\"shop\",\"shop\"]}", 400, "/request/invalid",
      "/rulesets/1" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"rulesets\":[\"shop\",\"nope\"]}", 404, "/ruleset/unknown",
      "/rulesets/1" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"rulesets\":[\"both\"]}", 400, "/request/invalid", "/rulesets/0" },
    { "POST", "/v1/extract", NULL, "{\"url\":\"http://a.example/\","
      "\"rulesets\":[\"shop\"],\"ruleset\":\"shop\"}", 400,
      "/request/invalid", "/rulesets" },
    { "GET", "/v1/extract?url=http://a.example/&ruleset=nope", NULL, NULL,
      404, "/ruleset/unknown", NULL },
    { "GET", "/v1/extract?url=http://a.example/&css.a=h1&return=x", NULL,
      NULL, 400, "/request/invalid", NULL },
    { "GET", "/v1/extract?url=http://a.example/&css.a=h1&xpath.a=//h1", NULL,
      NULL, 400, "/request/invalid", NULL },
    { "GET", "/v1/extract?url=http://a.example/&css.a=h1[", NULL, NULL, 422,
      "/rules/invalid", NULL }
};


START_TEST(a_wrong_request_is_told_what_is_wrong)
{
    gateway_t  g;

    gateway_start(&g, NULL);
    wrong_cases(&g, wrong_plain,
                sizeof(wrong_plain) / sizeof(wrong_plain[0]));
    gateway_stop(&g);
}
END_TEST


START_TEST(a_rule_set_that_cannot_be_used_is_told)
{
    size_t          i;
    gateway_t       g;
    client_reply_t  r;

    static const char *const  sets[][2] = {
        { PATH, TITLE },
        { "/v1/rulesets/both", "{\"sets\":{\"a\":" TITLE "}}" }
    };

    gateway_start(&g, NULL);

    for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        r = gateway_request(&g, "PUT", sets[i][0], NULL, sets[i][1]);
        ck_assert_int_eq(r.status, 201);
        client_free(&r);
    }

    wrong_cases(&g, wrong_named,
                sizeof(wrong_named) / sizeof(wrong_named[0]));
    gateway_stop(&g);
}
END_TEST


START_TEST(rules_that_are_too_long_are_told_as_rules)
{
    char            *body;
    gateway_t        g;
    client_reply_t   r;

    gateway_start(&g, NULL);

    body = ruling_list("{\"a\":{\"const\":[", "\"0123456789abcdef\"", 8000,
                       "]}}");
    r = gateway_request(&g, "PUT", PATH, NULL, body);
    ck_assert_int_eq(r.status, 422);
    ck_assert_str_eq(client_str(&r, "type"), "/rules/invalid");
    ck_assert_str_eq(client_str(&r, "pointer"), "");
    client_free(&r);
    free(body);

    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_wrong_request_is_told_what_is_wrong,
        a_rule_set_that_cannot_be_used_is_told,
        rules_that_are_too_long_are_told_as_rules,
        NULL
    };

    return suite_run("rulesets wrong", tests, WRONG_TIMEOUT);
}


static void
wrong_cases(gateway_t *g, const wrong_case_t *cases, size_t n)
{
    size_t                  i;
    client_reply_t          r;
    const wrong_case_t  *c;

    for (i = 0; i < n; i++) {
        c = &cases[i];
        r = gateway_request(g, c->method, c->path, c->headers, c->body);

        ck_assert_msg(r.status == c->status
                      && strcmp(client_str(&r, "type"), c->type) == 0,
                      "%s %s %s: %s", c->method, c->path,
                      c->body != NULL ? c->body : "", r.body);

        if (c->pointer != NULL) {
            ck_assert_msg(strcmp(client_str(&r, "pointer"), c->pointer) == 0,
                          "%s: %s", c->body, r.body);
        }

        client_free(&r);
    }
}
