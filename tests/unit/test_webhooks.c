
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/push/webhooks.h"
#include "tests/support/suite.h"


/* the example of the Standard Webhooks specification */
#define HOOK_SECRET    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define HOOK_ID        "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define HOOK_AT        1614265330
#define HOOK_BODY      "{\"test\": 2432232314}"

#define HOOK_TIME      1769860800123    /* 2026-01-31T12:00:00.123Z */


typedef struct {
    const char  *json;
    const char  *key;       /* that is wrong, NULL for none */
    const char  *err;       /* a part of the sentence, NULL: it is taken */
} hook_case_t;


static const hook_case_t  hook_cases[] = {
    { "{\"url\":\"https://me.example/hook\"}", NULL, NULL },
    { "{\"url\":\"http://me.example/\",\"events\":[\"drift\"],"
      "\"headers\":{\"X-Key\":\"a\"},\"metadata\":[1],\"secret\":\"abc\"}",
      NULL, NULL },
    { "{\"url\":\"http://me.example/\",\"secret\":\"" HOOK_SECRET "\"}",
      NULL, NULL },
    { "[]", NULL, "is an object" },
    { "{}", "url", "has a \"url\"" },
    { "{\"url\":1}", "url", "is a string" },
    { "{\"url\":\"ftp://me.example/\"}", "url", "\"ftp\"" },
    { "{\"url\":\"http://me.example/\",\"event\":[]}", "event",
      "no member \"event\"" },
    { "{\"url\":\"http://me.example/\",\"events\":\"drift\"}", "events",
      "a list" },
    { "{\"url\":\"http://me.example/\",\"events\":[\"job.failed\"]}",
      "events", "an event is" },
    { "{\"url\":\"http://me.example/\",\"events\":[\"drift\",\"drift\","
      "\"drift\",\"drift\",\"drift\",\"drift\",\"drift\",\"drift\"]}",
      "events", "twice" },
    { "{\"url\":\"http://me.example/\",\"headers\":[]}", "headers",
      "an object" },
    { "{\"url\":\"http://me.example/\",\"headers\":{\"a\":1}}", "headers",
      "\"a\" is not a string" },
    { "{\"url\":\"http://me.example/\",\"headers\":{\"Host\":\"x\"}}",
      "headers", "Host" },
    { "{\"url\":\"http://me.example/\",\"headers\":"
      "{\"Webhook-Signature\":\"x\"}}", "headers", "the gateway's" },
    { "{\"url\":\"http://me.example/\",\"headers\":{\"content-type\":\"x\"}}",
      "headers", "the gateway's" },
    { "{\"url\":\"http://me.example/\",\"headers\":{\"a\":\"x\\r\\ny: z\"}}",
      "headers", "" },
    { "{\"url\":\"http://me.example/\",\"secret\":\"\"}", "secret",
      "\"secret\"" },
    { "{\"url\":\"http://me.example/\",\"secret\":\"whsec_abc\"}", "secret",
      "base64" },
    { "{\"url\":\"http://me.example/\",\"secret\":\"whsec_ab=c\"}", "secret",
      "base64" },
};


static json_t *
hook_json(const char *text)
{
    json_t  *json;

    json = json_loads(text, JSON_DECODE_ANY, NULL);
    ck_assert_msg(json != NULL, "not JSON: %s", text);

    return json;
}


static json_t *
hook_make(const char *text)
{
    char         err[320];
    json_t      *json, *hook;
    const char  *key;

    json = hook_json(text);
    hook = webhooks_check(json, err, sizeof(err), &key);
    json_decref(json);
    ck_assert_msg(hook != NULL, "refused: %s", err);

    return hook;
}


static const char *
hook_text(const json_t *json, const char *name)
{
    const char  *text;

    text = json_string_value(json_object_get(json, name));

    return text != NULL ? text : "";
}


START_TEST(what_callers_write_is_taken_or_refused_with_its_place)
{
    char                err[320];
    size_t              i;
    json_t             *json, *hook;
    const char         *key;
    const hook_case_t  *c;

    for (i = 0; i < sizeof(hook_cases) / sizeof(hook_cases[0]); i++) {
        c = &hook_cases[i];
        json = hook_json(c->json);
        err[0] = '\0';
        hook = webhooks_check(json, err, sizeof(err), &key);

        if (c->err == NULL) {
            ck_assert_msg(hook != NULL, "%s: %s", c->json, err);

        } else {
            ck_assert_msg(hook == NULL, "%s was taken", c->json);
            ck_assert_msg(err[0] != '\0' && strstr(err, c->err) != NULL,
                          "%s: %s", c->json, err);
            ck_assert_pstr_eq(key, c->key);
        }

        json_decref(hook);
        json_decref(json);
    }
}
END_TEST


START_TEST(more_fields_and_metadata_than_may_be_are_refused)
{
    char         err[320], name[16];
    int          i;
    json_t      *json, *headers;
    const char  *key;

    static char  text[WEBHOOKS_MAX_METADATA + 1];

    json = hook_json("{\"url\":\"http://me.example/\",\"headers\":{}}");
    headers = json_object_get(json, "headers");

    for (i = 0; i < WEBHOOKS_MAX_HEADERS + 1; i++) {
        (void) snprintf(name, sizeof(name), "x-%d", i);
        (void) json_object_set_new(headers, name, json_string("y"));
    }

    ck_assert_ptr_null(webhooks_check(json, err, sizeof(err), &key));
    ck_assert_str_eq(key, "headers");

    memset(text, 'x', sizeof(text) - 1);
    (void) json_object_del(json, "headers");
    (void) json_object_set_new(json, "metadata", json_string(text));
    ck_assert_ptr_null(webhooks_check(json, err, sizeof(err), &key));
    ck_assert_str_eq(key, "metadata");
    json_decref(json);
}
END_TEST


START_TEST(a_webhook_gets_its_canonical_url_and_the_events_of_the_job)
{
    json_t  *hook;

    hook = hook_make("{\"url\":\"HTTPS://Me.Example:443/a/../hook#x\"}");
    ck_assert_str_eq(hook_text(hook, "url"), "https://me.example/hook");

    ck_assert_int_eq(webhooks_wants(hook, "job.started"), 1);
    ck_assert_int_eq(webhooks_wants(hook, "job.completed"), 1);
    ck_assert_int_eq(webhooks_wants(hook, "job.failed"), 1);
    ck_assert_int_eq(webhooks_wants(hook, "result.completed"), 0);
    ck_assert_int_eq(webhooks_wants(hook, "ruleset.drift"), 0);
    json_decref(hook);
}
END_TEST


START_TEST(a_webhook_wants_the_events_it_names_alone)
{
    json_t  *hook;

    hook = hook_make("{\"url\":\"http://me.example/\","
                     "\"events\":[\"drift\",\"result.failed\"]}");

    ck_assert_int_eq(webhooks_wants(hook, "ruleset.drift"), 1);
    ck_assert_int_eq(webhooks_wants(hook, "result.failed"), 1);
    ck_assert_int_eq(webhooks_wants(hook, "job.completed"), 0);
    ck_assert_int_eq(webhooks_wants(hook, "drift"), 0);
    json_decref(hook);
}
END_TEST


START_TEST(the_example_of_the_specification_is_signed_as_it_says)
{
    sc_buf_t  b;
    sc_str_t  body = sc_string(HOOK_BODY);

    sc_buf_init(&b, 0);
    ck_assert_int_eq(webhooks_sign(HOOK_SECRET, HOOK_ID, HOOK_AT, body, &b),
                     SC_OK);
    ck_assert_str_eq(b.data,
                     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    sc_buf_free(&b);
}
END_TEST


START_TEST(a_secret_that_is_not_base64_is_taken_as_text)
{
    sc_buf_t  b;
    sc_str_t  body = sc_string(HOOK_BODY);

    sc_buf_init(&b, 0);
    ck_assert_int_eq(webhooks_sign("plain secret", HOOK_ID, HOOK_AT, body,
                                   &b), SC_OK);
    ck_assert_str_eq(b.data,
                     "v1,gke7k785FD6W2FuaDcrvG3sQcmFE9YVaaAmarK4oi68=");
    sc_buf_free(&b);
}
END_TEST


/* What the message says, and its spec. */
static json_t *
hook_message(const char *hook_text, sc_str_t data, json_t **spec)
{
    json_t    *hook, *message;
    sc_buf_t   s, b;

    hook = hook_make(hook_text);
    sc_buf_init(&s, 0);
    sc_buf_init(&b, 0);
    ck_assert_int_eq(webhooks_message(hook, "job.completed", HOOK_TIME, data,
                                      &s, &b), SC_OK);
    *spec = hook_json(s.data);
    message = hook_json(b.data);
    json_decref(hook);
    sc_buf_free(&s);
    sc_buf_free(&b);

    return message;
}


START_TEST(a_message_says_its_type_time_data_and_metadata)
{
    json_t    *spec, *message;
    sc_str_t   data = sc_string("{\"id\":\"abc\",\"n\":1}");

    message = hook_message("{\"url\":\"http://me.example/\",\"secret\":\"s\","
                           "\"headers\":{\"X-A\":\"b\"},\"metadata\":{\"k\":"
                           "[1,null]}}", data, &spec);

    ck_assert_str_eq(hook_text(message, "type"), "job.completed");
    ck_assert_str_eq(hook_text(message, "timestamp"),
                     "2026-01-31T12:00:00.123Z");
    ck_assert_str_eq(hook_text(json_object_get(message, "data"), "id"),
                     "abc");
    ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(message,
                      "metadata"), "k")), 2);
    ck_assert_ptr_null(json_object_get(message, "truncated"));

    ck_assert_str_eq(hook_text(spec, "url"), "http://me.example/");
    ck_assert_str_eq(hook_text(spec, "secret"), "s");
    ck_assert_str_eq(hook_text(json_object_get(spec, "headers"), "X-A"), "b");
    ck_assert_ptr_null(json_object_get(spec, "metadata"));
    json_decref(spec);
    json_decref(message);
}
END_TEST


START_TEST(of_data_that_are_too_long_the_short_members_are_sent)
{
    char      *large;
    json_t    *spec, *message, *data;
    sc_buf_t   b;
    sc_str_t   text;

    large = calloc(1, WEBHOOKS_MAX_DATA + 1);
    ck_assert_ptr_nonnull(large);
    memset(large, 'x', WEBHOOKS_MAX_DATA);

    sc_buf_init(&b, 0);
    (void) sc_buf_printf(&b, "{\"id\":\"a\\\"},b\",\"list\":[1,{\"a\":\"]\"}],"
                         "\"n\":null,\"large\":\"%s\",\"ok\":true}", large);
    text.data = b.data;
    text.len = b.len;
    message = hook_message("{\"url\":\"http://me.example/\"}", text, &spec);
    data = json_object_get(message, "data");

    ck_assert(json_is_true(json_object_get(message, "truncated")));
    ck_assert_uint_eq(json_object_size(data), 3);
    ck_assert_str_eq(hook_text(data, "id"), "a\"},b");
    ck_assert(json_is_null(json_object_get(data, "n")));
    ck_assert(json_is_true(json_object_get(data, "ok")));
    json_decref(spec);
    json_decref(message);
    sc_buf_free(&b);
    free(large);
}
END_TEST


START_TEST(attempts_are_further_and_further_apart_and_end)
{
    int  i;

    static const int64_t  seconds[] = { 5, 60, 300, 900, 3600, 21600, 86400 };

    for (i = 0; i < 7; i++) {
        ck_assert_int_eq(webhooks_retry(i + 1), seconds[i] * 1000);
    }

    ck_assert_int_eq(webhooks_retry(0), -1);
    ck_assert_int_eq(webhooks_retry(8), -1);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        what_callers_write_is_taken_or_refused_with_its_place,
        more_fields_and_metadata_than_may_be_are_refused,
        a_webhook_gets_its_canonical_url_and_the_events_of_the_job,
        a_webhook_wants_the_events_it_names_alone,
        the_example_of_the_specification_is_signed_as_it_says,
        a_secret_that_is_not_base64_is_taken_as_text,
        a_message_says_its_type_time_data_and_metadata,
        of_data_that_are_too_long_the_short_members_are_sent,
        attempts_are_further_and_further_apart_and_end,
        NULL
    };

    return suite_run("webhooks", tests, 20);
}
