
#include <string.h>

#include "sidecar/session/session.h"
#include "tests/support/storing.h"


/* A body that is refused, where, and with what. */
typedef struct {
    const char  *body;
    const char  *pointer;
    const char  *key;
    const char  *says;
} body_case_t;


static int body_refused(const char *body, session_format_t format,
    session_error_t *err);
static void body_done(void *data, store_status_t status, int existed);


#define COOKIE    "\"name\":\"a\",\"value\":\"1\",\"domain\":\"shop.example\""
#define LOGIN     "\"login\":{\"url\":\"https://shop.example/login\""


static storing_t  test;

static const body_case_t  body_cases[] = {
    { "{", "", "", "expected" },
    { "[]", "", "", "the body is not an object" },
    { "{\"colour\":1}", "", "colour", "\"colour\" is not known here" },
    { "{\"logged_in\":1}", "", "logged_in", "is not known here" },
    { "{\"cookies\":{}}", "", "cookies", "this is neither a list nor" },
    { "{\"cookies\":\"hello\"}", "", "cookies", "in line \"1\"" },
    { "{\"cookies\":[7]}", "/cookies/0", "", "this is not an object" },
    { "{\"cookies\":[{" COOKIE "},{" COOKIE ",\"size\":1}]}", "/cookies/1",
      "size", "\"size\" is not known here" },
    { "{\"cookies\":[{\"name\":\"a\",\"value\":\"1\"}]}", "/cookies/0",
      "domain", "\"domain\" is missing" },
    { "{\"cookies\":[{\"name\":\"a\",\"domain\":\"shop.example\"}]}",
      "/cookies/0", "value", "\"value\" is missing" },
    { "{\"cookies\":[{\"name\":7,\"value\":\"1\",\"domain\":\"a\"}]}",
      "/cookies/0", "name", "this is not a string" },
    { "{\"cookies\":[{\"name\":\"a\",\"value\":\"1\",\"domain\":\".com\"}]}",
      "/cookies/0", "domain", "a cookie is for all of \"com\"" },
    { "{\"cookies\":[{\"name\":\"a\",\"value\":\"\\n\",\"domain\":\"b\"}]}",
      "/cookies/0", "value", "has a control character" },
    { "{\"cookies\":[{" COOKIE ",\"path\":\"a\"}]}", "/cookies/0", "path",
      "does not begin with" },
    { "{\"cookies\":[{" COOKIE ",\"expires\":-1}]}", "/cookies/0", "expires",
      "this is neither null nor a number" },
    { "{\"cookies\":[{" COOKIE ",\"expires\":\"soon\"}]}", "/cookies/0",
      "expires", "this is neither null nor a number" },
    { "{\"cookies\":[{" COOKIE ",\"secure\":1}]}", "/cookies/0", "secure",
      "this is neither true nor false" },
    { "{\"cookies\":[{" COOKIE ",\"value_hex\":\"fc\"}]}", "/cookies/0",
      "value_hex", "exclude each other" },
    { "{\"cookies\":[{\"name\":\"a\",\"value_hex\":\"fcg\","
      "\"domain\":\"b\"}]}", "/cookies/0", "value_hex", "this is not hex" },
    { "{\"cookies\":[{\"name\":\"__Host-a\",\"value\":\"1\","
      "\"domain\":\"b\"}]}", "/cookies/0", "secure", "is not secure" },
    { "{\"headers\":[]}", "", "headers", "this is not an object" },
    { "{\"headers\":{\"Host\":\"a\"}}", "/headers", "Host", "Host" },
    { "{\"headers\":{\"X-A\":\"a\\r\\nB: c\"}}", "/headers", "X-A", "" },
    { "{\"headers\":{\"X-A\":1}}", "/headers", "X-A", "is not a string" },
    { "{\"login\":7}", "", "login", "this is not an object" },
    { "{\"login\":{}}", "/login", "url", "\"url\" is missing" },
    { "{\"login\":{\"url\":\"ftp://a/\"}}", "/login", "url", "ftp" },
    { "{" LOGIN ",\"form\":1}}", "/login", "form", "is not known here" },
    { "{" LOGIN ",\"from_form\":\"//form[\"}}", "/login", "from_form", "" },
    { "{" LOGIN ",\"from_form\":\"count(//a)\"}}", "/login", "from_form",
      "" },
    { "{" LOGIN ",\"check\":\"nope(//a)\"}}", "/login", "check", "nope" },
    { "{" LOGIN ",\"fill\":[]}}", "/login", "fill", "is not an object" },
    { "{" LOGIN ",\"fill\":{\"u/n\":1}}}", "/login/fill", "u/n",
      "this is not a string" },
    { "{" LOGIN ",\"fill\":{\"p\":\"***\"}}}", "/login/fill", "p",
      "stands for a value that is not shown" }
};


START_TEST(a_body_that_is_wrong_is_told_where)
{
    size_t                 i;
    session_error_t        err;
    const body_case_t  *c;


    for (i = 0; i < sizeof(body_cases) / sizeof(body_cases[0]); i++) {
        c = &body_cases[i];

        ck_assert_msg(body_refused(c->body, SESSION_JSON, &err)
                      == SC_DECLINED, "%s", c->body);
        ck_assert_msg(strcmp(err.pointer, c->pointer) == 0
                      && strcmp(err.key, c->key) == 0, "%s: %s/%s", c->body,
                      err.pointer, err.key);
        ck_assert_msg(err.detail[0] != '\0'
                      && strstr(err.detail, c->says) != NULL, "%s: %s",
                      c->body, err.detail);
        ck_assert_int_eq(err.json, i == 0);
        ck_assert_int_eq(err.unknown,
                         strstr(err.detail, "is not known here") != NULL);
    }

}
END_TEST


START_TEST(a_text_that_is_wrong_is_told_the_line)
{
    session_error_t  err;

    ck_assert_int_eq(body_refused("# a\nhello\n", SESSION_NETSCAPE, &err),
                     SC_DECLINED);
    ck_assert_str_eq(err.pointer, "");
    ck_assert_int_eq(err.has_key, 0);
    ck_assert_ptr_nonnull(strstr(err.detail, "in line \"2\""));
}
END_TEST


START_TEST(more_than_a_session_holds_is_refused)
{
    int              i;
    sc_buf_t         body;
    session_error_t  err;

    sc_buf_init(&body, 0);
    (void) sc_buf_add_cstr(&body, "{\"cookies\":[");

    for (i = 0; i <= JAR_MAX_COOKIES; i++) {
        (void) sc_buf_printf(&body, "%s{" COOKIE "}", i ? "," : "");
    }

    (void) sc_buf_add_cstr(&body, "]}");
    ck_assert_int_eq(body_refused(body.data, SESSION_JSON, &err),
                     SC_DECLINED);
    ck_assert_str_eq(err.key, "cookies");

    sc_buf_reset(&body);
    (void) sc_buf_add_cstr(&body, "{\"headers\":{");

    for (i = 0; i <= SESSION_MAX_HEADERS; i++) {
        (void) sc_buf_printf(&body, "%s\"X-%d\":\"\"", i ? "," : "", i);
    }

    (void) sc_buf_add_cstr(&body, "}}");
    ck_assert_int_eq(body_refused(body.data, SESSION_JSON, &err),
                     SC_DECLINED);
    ck_assert_str_eq(err.key, "headers");

    sc_buf_reset(&body);
    (void) sc_buf_printf(&body, "{\"headers\":{\"X-A\":\"%0*d\"}}",
                         SESSION_MAX_FIELDS, 0);
    ck_assert_int_eq(body_refused(body.data, SESSION_JSON, &err),
                     SC_DECLINED);
    ck_assert_str_eq(err.key, "X-A");

    sc_buf_free(&body);
}
END_TEST


START_TEST(only_some_names_are_names)
{
    char      longest[SESSION_NAME_MAX + 2];
    size_t    i;
    sc_str_t  nul = sc_string("a\0b");

    static const char *const  good[] = { "a", "Shop.1_x-2", ".", "-" };
    static const char *const  bad[] = { "", "a b", "a/b", "a%20", "\xc3\xa4",
                                        "a\n", "a:b" };

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_int_eq(session_name_check(storing_str(good[i])), SC_OK);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(session_name_check(storing_str(bad[i])),
                         SC_DECLINED);
    }

    ck_assert_int_eq(session_name_check(nul), SC_DECLINED);

    memset(longest, 'a', sizeof(longest));
    longest[SESSION_NAME_MAX + 1] = '\0';
    ck_assert_int_eq(session_name_check(storing_str(longest)), SC_DECLINED);
    ck_assert_int_eq(session_name_check(storing_str(longest + 1)), SC_OK);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_body_that_is_wrong_is_told_where,
        a_text_that_is_wrong_is_told_the_line,
        more_than_a_session_holds_is_refused,
        only_some_names_are_names,
        NULL
    };

    return storing_run("session_body", tests, &test);
}


static int
body_refused(const char *body, session_format_t format, session_error_t *err)
{
    int          rc;
    sessions_t  *sessions;

    sessions = sessions_create(test.loop, test.store);
    ck_assert_ptr_nonnull(sessions);
    rc = session_put(sessions, storing_str("acme"), storing_str("shop"),
                     storing_str(body), format, body_done, NULL, err);
    sessions_destroy(sessions);

    return rc;
}


static void
body_done(void *data, store_status_t status, int existed)
{
    (void) data;

    ck_abort_msg("called with \"%d\" \"%d\"", (int) status, existed);
}
