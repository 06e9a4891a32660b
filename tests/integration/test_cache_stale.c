
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/cached.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define CACHE_TIMEOUT    60
#define CACHE_CLIENTS    100


START_TEST(a_thousand_callers_are_one_fetch)
{
    int       i;
    int       clients[CACHE_CLIENTS];
    char      fields[128];
    framed_t  f;

    cached_start(&f, "scrape_cache_lock on;");
    cached_length(fields, sizeof(fields), CACHED_MAX_AGE, "the page");

    for (i = 0; i < CACHE_CLIENTS; i++) {
        clients[i] = cached_ask(&f, "GET " CACHED_TARGET, "");
    }

    free(cached_answer(&f, 200, fields, "the page"));

    for (i = 0; i < CACHE_CLIENTS; i++) {
        cached_expect(clients[i], "200", NULL, "the page");
    }

    ck_assert(!cached_is_asked(&f));
    framed_stop(&f);
}
END_TEST


START_TEST(many_callers_ask_the_site_once)
{
    int                i;
    int                clients[CACHE_CLIENTS];
    char               line[256];
    framed_t           f;
    gateway_options_t  o;

    memset(&o, 0, sizeof(gateway_options_t));
    o.http = CACHED_ZONE;
    o.api = "scrape_cache pages; scrape_cache_valid 200 1m;"
            "scrape_cache_lock on;";
    gateway_start(&f.gateway, &o);
    (void) snprintf(line, sizeof(line), "GET /v1/extract?css.t=title&url=%s"
                    "/delay/300", f.gateway.origin);

    for (i = 0; i < CACHE_CLIENTS; i++) {
        clients[i] = cached_ask(&f, line, "");
    }

    for (i = 0; i < CACHE_CLIENTS; i++) {
        expect(clients[i], "HTTP/1.1 200 OK");
        (void) close(clients[i]);
    }

    ck_assert_int_eq(gateway_hits(&f.gateway, "/delay/300"), 1);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(an_answer_that_is_too_old_is_fetched_again)
{
    framed_t  f;

    cached_start(&f, "");

    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_OLD, "old");
    cached_fetch(&f, "EXPIRED", CACHED_MAX_AGE, "new");
    cached_hit(&f, "GET " CACHED_TARGET, "", "new");

    framed_stop(&f);
}
END_TEST


START_TEST(an_old_answer_is_asked_about_and_kept_on)
{
    int        up, client;
    char      *head;
    uint64_t   id;
    framed_t   f;

    cached_start(&f, "scrape_cache_revalidate on;");

    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_OLD "ETag: \"one\"\r\n"
                "Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT\r\n", "old");

    client = cached_ask(&f, "GET " CACHED_TARGET, "If-None-Match: \"x\"\r\n");
    up = framed_accept(&f);
    id = framed_opened(up, &head);
    framed_last(up, id);
    ck_assert_msg(strstr(head, "\r\nIf-None-Match: \"one\"\r\n") != NULL
                  && strstr(head, "\r\nIf-Modified-Since: Sat, 21 Nov 2026 "
                                  "10:00:00 GMT\r\n") != NULL
                  && strstr(head, "\"x\"") == NULL, "%s", head);
    free(head);

    say(up, FRAMED_HELLO "head %" PRIu64 " 304 %zu\r\n" CACHED_MAX_AGE
        "end %" PRIu64 " 0 0\r\n", id, sizeof(CACHED_MAX_AGE) - 1, id);
    (void) close(up);
    cached_expect(client, "200", "REVALIDATED", "old");

    cached_hit(&f, "GET " CACHED_TARGET, "", "old");
    framed_stop(&f);
}
END_TEST


START_TEST(an_old_answer_is_better_than_none)
{
    int        client;
    char       fields[64];
    framed_t   f;

    cached_start(&f, "scrape_cache_use_stale error timeout http_503;");

    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_OLD, "old");

    /* no scraped, one that hangs up, one that is full */
    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    (void) close(framed_accept(&f));
    cached_expect(client, "200", "STALE", "old");

    cached_length(fields, sizeof(fields), "", "full");
    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    free(cached_answer(&f, 503, fields, "full"));
    cached_expect(client, "200", "STALE", "old");

    (void) close(f.listener);
    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    cached_expect(client, "200", "STALE", "old");

    client = cached_ask(&f, "GET " CACHED_TARGET "other", "");
    cached_expect(client, "502", NULL, "application/problem+json");

    framed_stop(&f);
}
END_TEST


START_TEST(an_old_answer_is_given_while_a_new_one_is_fetched)
{
    int        up, client;
    uint64_t   id;
    framed_t   f;

    cached_start(&f, "scrape_cache_use_stale updating;"
                 "scrape_cache_background_update on;");

    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_OLD, "old");

    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);
    cached_expect(cached_ask(&f, "GET " CACHED_TARGET, ""), "200", "UPDATING",
                 "old");

    say(up, FRAMED_HELLO);
    framed_reply(up, id, 200, CACHED_MAX_AGE "Content-Length: 3\r\n", "new");
    (void) close(up);
    cached_expect(client, "200", "STALE", "old");

    cached_hit(&f, "GET " CACHED_TARGET, "", "new");
    framed_stop(&f);
}
END_TEST


START_TEST(the_cache_may_be_passed_by)
{
    int       client;
    char      fields[128];
    framed_t  f;

    cached_start(&f, "scrape_cache_bypass $arg_new;"
                 "scrape_no_cache $arg_never; scrape_cache_key $arg_url;");

    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "one");
    cached_length(fields, sizeof(fields), CACHED_MAX_AGE, "two");

    client = cached_ask(&f, "GET " CACHED_TARGET "&new=1&never=1", "");
    free(cached_answer(&f, 200, fields, "two"));
    cached_expect(client, "200", "BYPASS", "two");
    cached_hit(&f, "GET " CACHED_TARGET, "", "one");

    client = cached_ask(&f, "GET " CACHED_TARGET "&new=1", "");
    free(cached_answer(&f, 200, fields, "two"));
    cached_expect(client, "200", "BYPASS", "two");
    cached_hit(&f, "GET " CACHED_TARGET, "", "two");

    framed_stop(&f);
}
END_TEST


START_TEST(what_few_ask_for_is_not_kept)
{
    framed_t  f;

    cached_start(&f, "scrape_cache_min_uses 2;");

    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "one");
    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "two");
    cached_hit(&f, "GET " CACHED_TARGET, "", "two");

    framed_stop(&f);
}
END_TEST


START_TEST(answers_that_vary_are_kept_apart)
{
    framed_t  f;

    cached_start(&f, "scrape_cache_key one;");

    cached_miss(&f, "GET " CACHED_TARGET, "Accept: a/b\r\n",
                CACHED_MAX_AGE "Vary: Accept\r\n", "one");
    cached_miss(&f, "GET " CACHED_TARGET, "Accept: c/d\r\n",
                CACHED_MAX_AGE "Vary: Accept\r\n", "two");
    cached_hit(&f, "GET " CACHED_TARGET, "Accept: c/d\r\n", "two");
    cached_hit(&f, "GET " CACHED_TARGET, "Accept: a/b\r\n", "one");

    framed_stop(&f);
}
END_TEST


START_TEST(a_file_that_was_spoilt_is_a_miss)
{
    int       fd;
    char     *path;
    size_t    i;
    framed_t  f;
    off_t     size;

    /* cut in the body, in the head frame, in nginx's own; then overwritten */
    static const off_t  sizes[] = { -2, -110, 40, 0 };

    cached_start(&f, "");
    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "the page");

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        path = cached_file(&f);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        ck_assert_int_ne(fd, -1);
        size = lseek(fd, 0, SEEK_END) + sizes[i];
        size = sizes[i] > 0 ? sizes[i] : size;
        ck_assert_int_eq(ftruncate(fd, size), 0);

        if (sizes[i] == 0) {
            ck_assert_int_eq(pwrite(fd, "hello x", 7, size - 70), 7);
        }

        (void) close(fd);
        free(path);

        cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "the page");
        cached_hit(&f, "GET " CACHED_TARGET, "", "the page");
    }

    cached_forget_log(&f, "cache file");
    framed_stop(&f);
}
END_TEST


START_TEST(a_cache_that_cannot_be_written_does_not_cost_the_answer)
{
    char      dir[128];
    framed_t  f;

    cached_start(&f, "");
    (void) snprintf(dir, sizeof(dir), "%s/cache", f.gateway.dir);
    ck_assert_int_eq(rmdir(dir), 0);
    process_write(dir, "not a folder");

    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "one");
    cached_miss(&f, "GET " CACHED_TARGET, "", CACHED_MAX_AGE, "two");

    cached_forget_log(&f, "failed");
    framed_stop(&f);
}
END_TEST


START_TEST(a_full_disk_does_not_cost_the_answer)
{
    int        client, up;
    char      *head;
    uint64_t   id;
    framed_t   f;

    cached_start(&f, "");

    /* more than any disk has: room is looked for before a byte has come */
    client = cached_ask(&f, "GET " CACHED_TARGET, "");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);
    say(up, FRAMED_HELLO "head %" PRIu64 " 200 %zu\r\n" CACHED_MAX_AGE
        "Content-Length: 4611686018427387904\r\ndata %" PRIu64 " 0 5\r\nhello",
        id, sizeof(CACHED_MAX_AGE "Content-Length: 4611686018427387904\r\n")
            - 1, id);

    head = framed_head(client);
    ck_assert_msg(strstr(head, "X-Cache: MISS") != NULL, "%s", head);
    free(head);
    expect(client, "hello");
    (void) close(client);
    (void) close(up);

    ck_assert_ptr_null(cached_file(&f));
    cached_forget_log(&f, "no room for an answer of");
    framed_stop(&f);
}
END_TEST


START_TEST(a_rule_set_says_how_long_its_answers_are_kept)
{
    char               body[512];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o;

    memset(&o, 0, sizeof(gateway_options_t));
    o.http = CACHED_ZONE;
    o.api = "scrape_cache pages; scrape_cache_methods QUERY;"
            "add_header X-Cache $upstream_cache_status;";
    gateway_start(&g, &o);

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/page/3\",\"rules\":"
                    "{\"max_age\":60,\"fields\":{\"t\":\"title\"}}}",
                    g.origin);
    r = gateway_request(&g, "QUERY", "/v1/extract", NULL, body);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "X-Cache"), "MISS");
    ck_assert_str_eq(client_header(&r, "Cache-Control"), "max-age=60");
    client_free(&r);

    /* POST is a wish for a new page */
    r = gateway_request(&g, "POST", "/v1/extract", NULL, body);
    ck_assert_str_eq(client_header(&r, "Cache-Control"), "no-store");
    client_free(&r);

    (void) snprintf(body + 256, sizeof(body) - 256, "{\"url\":\"%s/page/3\","
                    "\"rules\":{\"max_age\":60,\"fields\":{\"t\":{\"css\":"
                    "\"video\",\"required\":true}}}}", g.origin);
    r = gateway_request(&g, "QUERY", "/v1/extract", NULL, body + 256);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Cache-Control"), "no-store");
    client_free(&r);

    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    r = gateway_request(&g, "QUERY", "/v1/extract", NULL, body);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "X-Cache"), "HIT");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_rule_set_of_the_configuration_says_it_too)
{
    char               path[128];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o;

    memset(&o, 0, sizeof(gateway_options_t));
    o.http = CACHED_ZONE "scrape_rules fresh max_age=2m { t title; }";
    o.server = "location = /fresh { scrape_pass scrapers; scrape_url $arg_u;"
               "    scrape_use fresh; scrape_cache pages;"
               "    add_header X-Cache $upstream_cache_status; }";
    gateway_start(&g, &o);

    (void) snprintf(path, sizeof(path), "/fresh?u=%s/page/3", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Cache-Control"), "max-age=120");
    ck_assert_str_eq(client_header(&r, "X-Cache"), "MISS");
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_str_eq(client_header(&r, "X-Cache"), "HIT");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(directives_are_checked_before_nginx_starts)
{
    int     i;
    char   *said;
    char    http[512];

    static const char  *wrong[][2] = {
        { "scrape_cache other;",
          "\"scrape_cache\" zone \"other\" is unknown in " },
        { "scrape_cache pages; scrape_cache off;",
          "\"scrape_cache\" directive is duplicate" },
        { "scrape_cache_key a; scrape_cache_key b;",
          "\"scrape_cache_key\" directive is duplicate" },
        { "scrape_cache_methods POST;", "invalid value \"POST\"" },
        { "scrape_rules p max_age=never { t title; }",
          "invalid parameter \"max_age=never\" of rule set \"p\"" },
        { "scrape_cache pages; scrape_buffers 1 8k;",
          "there must be at least 2 \"scrape_buffers\"" },
        { "scrape_cache pages; scrape_busy_buffers_size 1k;",
          "\"scrape_busy_buffers_size\" must be at least" },
        { "scrape_cache pages; scrape_busy_buffers_size 1m;",
          "\"scrape_busy_buffers_size\" must be at most" },
        { "scrape_cache pages; scrape_temp_file_write_size 1k;",
          "\"scrape_temp_file_write_size\" must be at least" },
        { "scrape_cache pages; scrape_max_temp_file_size 1k;",
          "\"scrape_max_temp_file_size\" must be 0 or" },
    };

    for (i = 0; i < (int) (sizeof(wrong) / sizeof(wrong[0])); i++) {
        (void) snprintf(http, sizeof(http), CACHED_ZONE "%s", wrong[i][0]);
        ck_assert_int_ne(gateway_nginx_test(http, &said), 0);
        ck_assert_msg(strstr(said, wrong[i][1]) != NULL, "%s", said);
        free(said);
    }
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_thousand_callers_are_one_fetch,
        many_callers_ask_the_site_once,
        an_answer_that_is_too_old_is_fetched_again,
        an_old_answer_is_asked_about_and_kept_on,
        an_old_answer_is_better_than_none,
        an_old_answer_is_given_while_a_new_one_is_fetched,
        the_cache_may_be_passed_by,
        what_few_ask_for_is_not_kept,
        answers_that_vary_are_kept_apart,
        a_file_that_was_spoilt_is_a_miss,
        a_cache_that_cannot_be_written_does_not_cost_the_answer,
        a_full_disk_does_not_cost_the_answer,
        a_rule_set_says_how_long_its_answers_are_kept,
        a_rule_set_of_the_configuration_says_it_too,
        directives_are_checked_before_nginx_starts,
        NULL
    };

    return suite_run("cache_stale", tests, CACHE_TIMEOUT);
}
