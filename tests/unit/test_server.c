
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/served.h"
#include "tests/support/suite.h"


#define SERVER_TIMEOUT    60


START_TEST(hello_is_answered_with_hello)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    (void) close(fd);
}
END_TEST


START_TEST(a_version_that_is_not_spoken_is_told_the_one_that_is)
{
    int  fd;

    fd = served_connect();
    say(fd, "hello 0 2 0\r\n");
    expect_error(fd, "protocol version \"2\" is not spoken here, \"1\" is");
    (void) close(fd);
}
END_TEST


START_TEST(the_first_frame_is_hello)
{
    int  fd;

    fd = served_connect();
    ask(fd, 1, 0, "GET /v1/echo HTTP/1.1\r\n", "");
    expect_error(fd, "the first frame is \"open\", not \"hello\"");
    (void) close(fd);
}
END_TEST


START_TEST(what_is_wrong_with_a_frame_is_told)
{
    int     fd;
    size_t  i;

    static const char *const  cases[][2] = {
        { "GET / HTTP/1.1\r\n", "\"GET / HTTP/1.1\" does not begin a frame" },
        { "body 1 0 2000000\r\n", "does not begin a frame" },
        { SERVED_HELLO, "frame \"hello\" came twice" },
        { "head 1 200 0\r\n", "frame \"head\" is not nginx's to send" },
        { "open 0 0 0\r\n", "frame \"open\" has id \"0\"" },
        { "rules 1 0 0\r\n", "frame \"rules\" has id \"1\"" },
        { "body 1 7 0\r\n", "frame \"body\" has argument \"7\"" },
        { "cancel 1 0 2\r\nab", "payload of \"2\" bytes" },
        { "body 9 0 0\r\n", "request \"9\" is not open" },
        { "last 9 0 0\r\n", "request \"9\" is not open" },
        { "rules 0 0 1\r\na", "not a name, a hash and JSON" },
        { "rules 0 0 4\r\na b\n", "not a name, a hash and JSON" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fd = served_connect();
        greet(fd);
        say(fd, "%s", cases[i][0]);
        expect_error(fd, cases[i][1]);
        (void) close(fd);
    }
}
END_TEST


START_TEST(what_is_wrong_with_a_request_s_head_is_told)
{
    int     fd;
    size_t  i;

    static const char *const  cases[][2] = {
        { "", "there is no request line" },
        { "GET /v1/ HTTP/1.1", "there is no request line" },
        { "GET\r\n", "the request line is not" },
        { "GET HTTP/1.1\r\n", "the request line is not" },
        { " /v1/ HTTP/1.1\r\n", "the request line is not" },
        { "GET /v1/ HTTP/1.0\r\n", "the request line is not" },
        { "GET  HTTP/1.1\r\n", "target \"\" is not ours" },
        { "GET /v2/ HTTP/1.1\r\n", "target \"/v2/\" is not ours" },
        { "GET /v1 HTTP/1.1\r\n", "target \"/v1\" is not ours" },
        { "GET /healthzz HTTP/1.1\r\n", "target \"/healthzz\" is not ours" },
        { "GET /v1/a b HTTP/1.1\r\n", "target \"/v1/a b\" is not ours" },
        { "GET /v1/ HTTP/1.1\r\nA\r\n", "a field is not" },
        { "GET /v1/ HTTP/1.1\r\n\r\n", "a field is not" },
        { "GET /v1/ HTTP/1.1\r\nScrape-Wait: -1\r\n", "\"Scrape-Wait\"" },
        { "GET /v1/ HTTP/1.1\r\nScrape-Wait: \r\n", "\"Scrape-Wait\"" },
        { "GET /v1/ HTTP/1.1\r\nScrape-Wait: 86400001\r\n",
          "\"Scrape-Wait\"" },
        { "GET /v1/ HTTP/1.1\r\nScrape-Tenant: a\r\nscrape-tenant: \r\n",
          "field \"Scrape-Tenant\" came twice" },
        { "GET /v1/ HTTP/1.1\r\nScrape-Slot: 0A9\r\n",
          "\"Scrape-Slot\" is not three hex digits" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fd = served_connect();
        greet(fd);
        begin(fd, 1, 0, cases[i][0]);
        expect_error(fd, cases[i][1]);
        (void) close(fd);
    }
}
END_TEST


START_TEST(an_error_ends_the_requests_of_its_connection)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/never HTTP/1.1\r\n", "");
    say(fd, "nonsense\r\n");
    expect_error(fd, "\"nonsense\"");
    expect_cancelled();
    (void) close(fd);
}
END_TEST


START_TEST(a_request_is_understood_byte_by_byte)
{
    int          fd;
    const char  *p;

    fd = served_connect();

    for (p = SERVED_HELLO "open 1 0 24\r\nPOST /v1/echo HTTP/1.1\r\n"
             "body 1 0 3\r\nabclast 1 0 1\r\nd";
         *p != '\0'; p++)
    {
        say(fd, "%c", *p);
    }

    expect_hello(fd);
    expect_reply(fd, 1, "POST /v1/echo" SERVED_NOTHING "abcd");
    (void) close(fd);
}
END_TEST


START_TEST(the_handler_sees_fields_and_body)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    begin(fd, 3, 0, "QUERY /v1/echo?a=b HTTP/1.1\r\n"
                    "content-type: text/x\r\n"
                    "Unknown: field\r\n"
                    "SCRAPE-TENANT: alice\r\n"
                    "Scrape-Base: /b\r\n"
                    "Scrape-Url: \r\n"
                    "Scrape-Wait: 1500\r\n"
                    "Prefer: respond-async\r\n"
                    "If-None-Match: \"a\"\r\n"
                    "Prefer: wait=10\r\n"
                    "Scrape-Use: u\r\n"
                    "If-None-Match: \"b\"\r\n");
    say(fd, "body 3 0 4\r\nhalf");
    say(fd, "last 3 0 7\r\n and it");
    expect_reply(fd, 3, "QUERY /v1/echo?a=b|text/x|alice|/b||u||"
                 "respond-async, wait=10|\"a\", \"b\"|1500|half and it");
    (void) close(fd);
}
END_TEST


START_TEST(many_requests_of_one_write_are_all_answered)
{
    int       fd;
    unsigned  i;
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    fd = served_connect();
    greet(fd);

    for (i = 1; i <= 1000; i++) {
        (void) sc_buf_printf(&b, "open %u 0 25\r\nGET /v1/size/5 HTTP/1.1\r\n"
                             "last %u 0 0\r\n", i, i);
    }

    say(fd, "%s", b.data);

    for (i = 1; i <= 1000; i++) {
        expect_head(fd, i, 5);
        expect(fd, "data %u 0 5\r\n01234end %u 0 0\r\n", i, i);
    }

    sc_buf_free(&b);
    (void) close(fd);
}
END_TEST


START_TEST(an_id_is_used_again_after_its_end)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/echo HTTP/1.1\r\n", "a");
    expect_reply(fd, 1, "GET /v1/echo" SERVED_NOTHING "a");
    ask(fd, 1, 0, "GET /v1/echo HTTP/1.1\r\n", "b");
    expect_reply(fd, 1, "GET /v1/echo" SERVED_NOTHING "b");
    ask(fd, 1, 0, "GET /v1/never HTTP/1.1\r\n", "");
    ask(fd, 1, 0, "GET /v1/echo HTTP/1.1\r\n", "");
    expect_error(fd, "request \"1\" is open already");
    expect_cancelled();
    (void) close(fd);
}
END_TEST


START_TEST(a_body_beyond_its_limit_is_thrown_away_and_told)
{
    int   fd;
    char  body[SERVED_MAX_BODY + 2];

    memset(body, 'x', sizeof(body));
    body[SERVED_MAX_BODY + 1] = '\0';

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "POST /v1/echo HTTP/1.1\r\n", body);
    expect_reply(fd, 1, "POST /v1/echo" SERVED_NOTHING "too large");

    say(fd, "open 1 0 24\r\nPOST /v1/echo HTTP/1.1\r\n"
            "body 1 0 %d\r\n%sbody 1 0 3\r\nabclast 1 0 3\r\nabc",
        SERVED_MAX_BODY + 1, body);
    expect_reply(fd, 1, "POST /v1/echo" SERVED_NOTHING "too large");
    (void) close(fd);
}
END_TEST


START_TEST(more_open_requests_than_the_limit_are_an_error)
{
    int       fd;
    unsigned  i;

    fd = served_connect();
    greet(fd);

    for (i = 1; i <= 4097; i++) {
        say(fd, "open %u 0 24\r\nGET /v1/never HTTP/1.1\r\n", i);
    }

    expect_error(fd, "more than \"4096\" requests are open");
    (void) close(fd);
}
END_TEST


START_TEST(rule_sets_are_known_by_name_and_by_hash_where_they_were_sent)
{
    int                fd, other;
    char               head[128];
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse_text("{\"t\":\"//h1\"}", 12, &err);
    ck_assert_ptr_nonnull(rules);

    fd = served_connect();
    other = served_connect();
    greet(fd);
    greet(other);

    say(fd, "rules 0 0 %zu\r\nproduct %s\n%s",
        8 + SC_RULES_HASH_LEN + 1 + rules->json_len, rules->hash,
        rules->json);

    /* again, and by another name, and with a blank in its JSON */
    say(fd, "rules 0 0 %zu\r\nproduct %s\n%s",
        8 + SC_RULES_HASH_LEN + 1 + rules->json_len, rules->hash,
        rules->json);
    say(fd, "rules 0 0 %zu\r\nother %s\n %s",
        6 + SC_RULES_HASH_LEN + 2 + rules->json_len, rules->hash,
        rules->json);

    ask(fd, 1, 0, "GET /v1/rules/product HTTP/1.1\r\n", "");
    expect_reply(fd, 1, rules->hash);
    ask(fd, 1, 0, "GET /v1/rules/other HTTP/1.1\r\n", "");
    expect_reply(fd, 1, rules->hash);
    (void) snprintf(head, sizeof(head), "GET /v1/rules/%s HTTP/1.1\r\n",
                    rules->hash);
    ask(fd, 1, 0, head, "");
    expect_reply(fd, 1, rules->hash);
    ask(fd, 1, 0, "GET /v1/rules/nope HTTP/1.1\r\n", "");
    expect_reply(fd, 1, "none");

    ask(other, 1, 0, "GET /v1/rules/product HTTP/1.1\r\n", "");
    expect_reply(other, 1, "none");
    ask(other, 1, 0, head, "");
    expect_reply(other, 1, "none");

    (void) close(fd);
    (void) close(other);
    sc_rules_free(rules);
}
END_TEST


START_TEST(rule_sets_that_are_wrong_are_an_error)
{
    int                fd;
    char               hash[SC_RULES_HASH_LEN + 1];
    size_t             i;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    static const char *const  wrong[][2] = {
        { "{\"t\":\"//h2\"}", "the hash of the JSON is" },
        { "{\"t\":\"//h1[\"}", "//h1[" },
        { "{", "frame \"rules\"" }
    };

    rules = sc_rules_parse_text("{\"t\":\"//h1\"}", 12, &err);
    ck_assert_ptr_nonnull(rules);
    memcpy(hash, rules->hash, sizeof(hash));
    sc_rules_free(rules);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        fd = served_connect();
        greet(fd);
        say(fd, "rules 0 0 %zu\r\np %s\n%s",
            2 + SC_RULES_HASH_LEN + 1 + strlen(wrong[i][0]), hash,
            wrong[i][0]);
        expect_error(fd, wrong[i][1]);
        (void) close(fd);
    }
}
END_TEST


START_TEST(a_name_means_one_rule_set_on_a_connection)
{
    int                fd, i;
    char               text[32];
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    fd = served_connect();
    greet(fd);

    for (i = 1; i <= 2; i++) {
        (void) snprintf(text, sizeof(text), "{\"t\":\"//h%d\"}", i);
        rules = sc_rules_parse_text(text, strlen(text), &err);
        ck_assert_ptr_nonnull(rules);
        say(fd, "rules 0 0 %zu\r\np %s\n%s",
            2 + SC_RULES_HASH_LEN + 1 + rules->json_len, rules->hash,
            rules->json);
        sc_rules_free(rules);
    }

    expect_error(fd, "rule set \"p\" came twice");
    (void) close(fd);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("server");
    tc = tcase_create("server");
    tcase_set_timeout(tc, SERVER_TIMEOUT);
    tcase_add_checked_fixture(tc, served_setup, served_teardown);

    tcase_add_test(tc, hello_is_answered_with_hello);
    tcase_add_test(tc, a_version_that_is_not_spoken_is_told_the_one_that_is);
    tcase_add_test(tc, the_first_frame_is_hello);
    tcase_add_test(tc, what_is_wrong_with_a_frame_is_told);
    tcase_add_test(tc, what_is_wrong_with_a_request_s_head_is_told);
    tcase_add_test(tc, an_error_ends_the_requests_of_its_connection);
    tcase_add_test(tc, a_request_is_understood_byte_by_byte);
    tcase_add_test(tc, the_handler_sees_fields_and_body);
    tcase_add_test(tc, many_requests_of_one_write_are_all_answered);
    tcase_add_test(tc, an_id_is_used_again_after_its_end);
    tcase_add_test(tc, a_body_beyond_its_limit_is_thrown_away_and_told);
    tcase_add_test(tc, more_open_requests_than_the_limit_are_an_error);
    tcase_add_test(tc,
        rule_sets_are_known_by_name_and_by_hash_where_they_were_sent);
    tcase_add_test(tc, rule_sets_that_are_wrong_are_an_error);
    tcase_add_test(tc, a_name_means_one_rule_set_on_a_connection);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
