
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/cached.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define CACHE_TIMEOUT    60


START_TEST(an_answer_is_kept_and_given_again)
{
    char      *head;
    framed_t   f;

    cached_start(&f, "");

    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "the page");
    cached_hit(&f, "GET " CACHED_TARGET, "", "the page");
    cached_hit(&f, "HEAD " CACHED_TARGET, "", "");

    head = cached_file(&f);
    ck_assert_ptr_nonnull(head);
    free(head);

    framed_stop(&f);
}
END_TEST


START_TEST(head_fetches_what_get_is_answered_with)
{
    int        client;
    char       fields[128];
    char      *head;
    framed_t   f;

    cached_start(&f, "");
    cached_length(fields, sizeof(fields), CACHED_MAX_AGE, "the page");

    client = cached_ask(&f, "HEAD " CACHED_TARGET, "");
    head = cached_answer(&f, 200, fields, "the page");
    ck_assert_msg(strncmp(head, "GET ", 4) == 0, "%s", head);
    free(head);
    cached_expect(client, "200", "MISS", "");

    cached_hit(&f, "GET " CACHED_TARGET, "", "the page");
    framed_stop(&f);
}
END_TEST


START_TEST(conditions_and_ranges_are_answered_from_the_cache)
{
    int        client;
    char       fields[256];
    char      *head;
    framed_t   f;

    cached_start(&f, "");
    cached_length(fields, sizeof(fields), CACHED_MAX_AGE "ETag: \"one\"\r\n",
                 "the page");

    client = cached_ask(&f, "GET " CACHED_TARGET,
                       "If-None-Match: \"two\"\r\nIf-Range: \"two\"\r\n"
                       "If-Modified-Since: Sat, 21 Nov 2026 10:00:00 GMT\r\n"
                       "Range: bytes=0-2\r\nAccept: text/plain\r\n");
    head = cached_answer(&f, 200, fields, "the page");
    ck_assert_msg(strstr(head, "\r\nIf-") == NULL
                  && strstr(head, "Range:") == NULL
                  && strstr(head, "\r\nAccept: text/plain") != NULL, "%s",
                  head);
    free(head);
    cached_expect(client, "200", "MISS", "the page");

    client = cached_ask(&f, "GET " CACHED_TARGET,
                       "If-None-Match: \"one\"\r\nAccept: text/plain\r\n");
    cached_expect(client, "304", "HIT", "");

    client = cached_ask(&f, "GET " CACHED_TARGET,
                       "Range: bytes=4-7\r\nAccept: text/plain\r\n");
    cached_expect(client, "206", "HIT", "page");

    ck_assert(!cached_is_asked(&f));
    framed_stop(&f);
}
END_TEST


START_TEST(a_tenant_never_gets_what_another_was_given)
{
    framed_t  f;

    cached_start(&f, "scrape_tenant $http_x_tenant; scrape_cache_key one;");

    cached_miss(&f, "GET " CACHED_TARGET, "X-Tenant: alice\r\n",
                CACHED_MAX_AGE, "for alice");
    cached_miss(&f, "GET " CACHED_TARGET, "X-Tenant: bob\r\n", CACHED_MAX_AGE,
                "for bob");
    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "for anyone");
    cached_hit(&f, "GET " CACHED_TARGET, "X-Tenant: alice\r\n", "for alice");
    cached_hit(&f, "GET " CACHED_TARGET, "X-Tenant: bob\r\n", "for bob");

    /* all the key says else is "one" */
    cached_hit(&f, "GET /v1/extract", "", "for anyone");

    framed_stop(&f);
}
END_TEST


START_TEST(what_an_answer_depends_on_is_in_the_key)
{
    size_t    i;
    framed_t  f;

    static const char  *lines[][2] = {
        { "GET " CACHED_TARGET, "" },
        { "GET " CACHED_TARGET "b", "" },
        { "GET " CACHED_TARGET, "Accept: text/csv\r\n" },
        { "GET " CACHED_TARGET "&ruleset=a", "" },
        { "GET /v1/results/00001J9Z0000000000000000000", "" },
    };

    cached_start(&f, "");

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        cached_miss(&f, lines[i][0], lines[i][1], CACHED_MAX_AGE, lines[i][0]);
    }

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        cached_hit(&f, lines[i][0], lines[i][1], lines[i][0]);
    }

    framed_stop(&f);
}
END_TEST


START_TEST(query_is_kept_by_its_body)
{
    size_t    i;
    framed_t  f;

    static const char  *sent[] = {
        "Content-Type: application/json\r\nContent-Length: 3\r\n\r\none",
        "Content-Type: application/json\r\nContent-Length: 3\r\n\r\ntwo",
        "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\none",
        "\r\n"
    };

    cached_start(&f, "scrape_cache_methods QUERY; scrape_cache_key one;");

    for (i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
        cached_miss(&f, "QUERY /v1/extract", sent[i], CACHED_MAX_AGE, sent[i]);
    }

    for (i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
        cached_hit(&f, "QUERY /v1/extract", sent[i], sent[i]);
    }

    framed_stop(&f);
}
END_TEST


START_TEST(a_body_in_a_file_is_read_for_the_key)
{
    char      sent[2][30000];
    framed_t  f;

    (void) snprintf(sent[0], sizeof(sent[0]),
                    "Content-Length: 20000\r\n\r\n%020000d", 1);
    (void) snprintf(sent[1], sizeof(sent[1]),
                    "Content-Length: 20000\r\n\r\n%020000d", 2);

    cached_start(&f, "scrape_cache_methods QUERY;"
                 "client_body_buffer_size 1k;");

    cached_miss(&f, "QUERY /v1/extract", sent[0], CACHED_MAX_AGE, "one");
    cached_miss(&f, "QUERY /v1/extract", sent[1], CACHED_MAX_AGE, "two");
    cached_hit(&f, "QUERY /v1/extract", sent[0], "one");
    cached_hit(&f, "QUERY /v1/extract", sent[1], "two");

    framed_stop(&f);
}
END_TEST


START_TEST(what_is_not_an_answer_that_may_be_kept_is_not)
{
    int        i, client;
    char       fields[256];
    size_t     n;
    framed_t   f;

    static const struct {
        const char  *line;
        const char  *fields;
        int          status;
        const char  *status_text;
        const char  *cached;
    } never[] = {
        { "GET " CACHED_TARGET, "", 200, "200", "MISS" },
        { "GET " CACHED_TARGET, "Cache-Control: no-store\r\n", 200, "200",
          "MISS" },
        { "GET " CACHED_TARGET, "Cache-Control: no-store\r\n", 202, "202",
          "MISS" },
        { "GET " CACHED_TARGET, CACHED_MAX_AGE "Set-Cookie: a=b\r\n", 200,
          "200", "MISS" },
        { "POST /v1/extract", CACHED_MAX_AGE, 200, "200", NULL },
        { "QUERY /v1/extract", CACHED_MAX_AGE, 200, "200", NULL },
        { "GET /v1/jobs/a", CACHED_MAX_AGE, 200, "200", NULL },
        { "GET /v1/jobs/a/events", CACHED_MAX_AGE, 200, "200", NULL },
        { "GET /v1/jobs/a/results", CACHED_MAX_AGE, 200, "200", NULL },
        { "GET /v1/results", CACHED_MAX_AGE, 200, "200", NULL },
        { "GET /v1/results/a/raw", CACHED_MAX_AGE, 200, "200", NULL },
    };

    cached_start(&f, "");

    for (n = 0; n < sizeof(never) / sizeof(never[0]); n++) {
        cached_length(fields, sizeof(fields), never[n].fields, "{}");

        for (i = 0; i < 2; i++) {
            client = cached_ask(&f, never[n].line, "");
            free(cached_answer(&f, never[n].status, fields, "{}"));
            cached_expect(client, never[n].status_text, never[n].cached, "{}");
        }
    }

    ck_assert_ptr_null(cached_file(&f));
    framed_stop(&f);
}
END_TEST


START_TEST(problems_are_kept_where_the_configuration_says)
{
    int        client;
    char       fields[128];
    framed_t   f;

    cached_start(&f, "scrape_cache_valid 404 1m;");
    cached_length(fields, sizeof(fields), "", "{}");

    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    free(cached_answer(&f, 404, fields, "{}"));
    cached_expect(client, "404", "MISS", "{}");

    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    cached_expect(client, "404", "HIT", "{}");

    framed_stop(&f);
}
END_TEST


START_TEST(a_page_that_scraped_had_is_as_old_as_it_is)
{
    framed_t  f;

    cached_start(&f, "scrape_cache_valid 200 1m;");

    cached_miss(&f, "GET " CACHED_TARGET,
                "Cache-Control: max-age=9999\r\n", "Age: 70\r\n", "old");
    cached_fetch(&f, "EXPIRED", "Age: 10\r\n", "younger");
    cached_hit(&f, "GET " CACHED_TARGET, "", "younger");

    framed_stop(&f);
}
END_TEST


START_TEST(frames_are_cut_out_wherever_the_buffers_end)
{
    int        i, up, client;
    char       fields[128];
    char      *body;
    size_t     at, len;
    uint64_t   id;
    framed_t   f;

    body = malloc(CACHED_BIG + 1);
    ck_assert_ptr_nonnull(body);

    for (i = 0; i < CACHED_BIG; i++) {
        body[i] = (char) ('a' + i % 23);
    }

    body[CACHED_BIG] = '\0';

    cached_start(&f, "scrape_buffer_size 1k; scrape_buffers 32 64;");
    cached_length(fields, sizeof(fields), CACHED_MAX_AGE, body);

    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);
    say(up, FRAMED_HELLO "head %" PRIu64 " 200 %zu\r\n%s", id, strlen(fields),
        fields);

    for (at = 0; at < CACHED_BIG; at += len) {
        len = at % 151;
        len = (CACHED_BIG - at < len + 1) ? CACHED_BIG - at : len + 1;
        say(up, "data %" PRIu64 " 0 %zu\r\n%.*s", id, len, (int) len,
            body + at);
    }

    say(up, "end %" PRIu64 " 0 0\r\n", id);
    cached_expect(client, "200", "MISS", body);
    (void) close(up);

    cached_hit(&f, "GET " CACHED_TARGET, "", body);
    free(body);
    framed_stop(&f);
}
END_TEST


START_TEST(a_header_may_come_byte_by_byte)
{
    int        i, up, client;
    char       reply[256];
    uint64_t   id;
    framed_t   f;

    cached_start(&f, "");

    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);

    (void) snprintf(reply, sizeof(reply), FRAMED_HELLO
                    "head %" PRIu64 " 200 %zu\r\n" CACHED_MAX_AGE
                    "data %" PRIu64 " 0 0\r\ndata %" PRIu64 " 0 3\r\nabc"
                    "data %" PRIu64 " 0 2\r\nde" "end %" PRIu64 " 0 0\r\n",
                    id, sizeof(CACHED_MAX_AGE) - 1, id, id, id, id);

    for (i = 0; reply[i] != '\0'; i++) {
        say(up, "%c", reply[i]);
    }

    cached_expect(client, "200", "MISS", "5\r\nabcde\r\n0\r\n\r\n");
    (void) close(up);
    cached_hit(&f, "GET " CACHED_TARGET, "", "5\r\nabcde\r\n0\r\n\r\n");
    framed_stop(&f);
}
END_TEST


START_TEST(an_answer_that_is_not_whole_is_not_kept)
{
    int        up, client;
    char       got[4096];
    char      *body;
    size_t     i, len;
    uint64_t   id;
    framed_t   f;

    static const char  *ends[][2] = {
        { "end ", " 2 0\r\n" }, { "end ", " 0 0\r\n" },
        { "data ", " 0 9\r\n123456789" }, { "data ", " 0 3\r\nab" },
        { "end ", " 1 0\r\n" }, { "head ", " 200 0\r\n" }, { "data ", "" },
        { "\r\n", "\r\n" }
    };

    cached_start(&f, "");

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        client = cached_ask(&f, "GET " CACHED_TARGET, "");
        up = framed_accept(&f);
        id = framed_opened(up, NULL);
        framed_last(up, id);
        say(up, FRAMED_HELLO "head %" PRIu64 " 200 %zu\r\n" CACHED_MAX_AGE
            "Content-Length: 8\r\ndata %" PRIu64 " 0 5\r\nhello", id,
            sizeof(CACHED_MAX_AGE "Content-Length: 8\r\n") - 1, id);
        say(up, "%s%" PRIu64 "%s", ends[i][0], id, ends[i][1]);
        (void) close(up);

        /* of what came together with the wrong part nothing need come */
        len = expect_bytes(client, got, sizeof(got) - 1);
        got[len] = '\0';
        body = strstr(got, "\r\n\r\n");
        ck_assert_msg(body == NULL || strlen(body + 4) < 8, "%s", got);
        (void) close(client);
    }

    ck_assert_ptr_null(cached_file(&f));
    framed_stop(&f);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        an_answer_is_kept_and_given_again,
        head_fetches_what_get_is_answered_with,
        conditions_and_ranges_are_answered_from_the_cache,
        a_tenant_never_gets_what_another_was_given,
        what_an_answer_depends_on_is_in_the_key,
        query_is_kept_by_its_body,
        a_body_in_a_file_is_read_for_the_key,
        what_is_not_an_answer_that_may_be_kept_is_not,
        problems_are_kept_where_the_configuration_says,
        a_page_that_scraped_had_is_as_old_as_it_is,
        frames_are_cut_out_wherever_the_buffers_end,
        a_header_may_come_byte_by_byte,
        an_answer_that_is_not_whole_is_not_kept,
        NULL
    };

    return suite_run("cache", tests, CACHE_TIMEOUT);
}
