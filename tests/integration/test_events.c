
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define EVENTS_TIMEOUT    120
#define EVENTS_PAGES      150


static int events_has_node(void);
static void events_batch(gateway_t *g, const char *rule,
    const char *defaults, int pages, char *id, size_t size);
static pid_t events_client(const gateway_t *g, const char *id,
    const char *cuts, const char *log);
static void events_await(const char *log, const char *word, int n);
static int events_count(const char *text, const char *word);
static void events_each_once(const char *said, int pages);


START_TEST(a_client_that_is_cut_off_again_and_again_gets_each_result_once)
{
    char        id[64], log[96], *said;
    pid_t       client;
    gateway_t   g;

    if (!events_has_node()) {
        return;
    }

    gateway_start(&g, NULL);
    events_batch(&g, "//h1", ",\"politeness\":{\"delay_ms\":10}",
                 EVENTS_PAGES, id, sizeof(id));
    (void) snprintf(log, sizeof(log), "%s/events.log", g.dir);
    client = events_client(&g, id, "7", log);

    events_await(log, "\nresult ", 20);
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGKILL), 128 + SIGKILL);
    gateway_start_sidecar(&g);

    ck_assert_int_eq(process_wait(client), 0);
    said = process_read(log);
    events_each_once(said, EVENTS_PAGES);
    ck_assert_int_eq(events_count(said, "\ndone "), 1);
    ck_assert_ptr_nonnull(strstr(said, "\nclosed\n"));
    free(said);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_gateway_that_stops_lets_its_streams_end)
{
    char        id[64], log[96], *said;
    pid_t       client;
    gateway_t   g;

    if (!events_has_node()) {
        return;
    }

    gateway_start(&g, NULL);
    events_batch(&g, "//h1", ",\"politeness\":{\"delay_ms\":20}", 60, id,
                 sizeof(id));
    (void) snprintf(log, sizeof(log), "%s/events.log", g.dir);
    client = events_client(&g, id, "0", log);

    events_await(log, "\nresult ", 5);
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    gateway_start_sidecar(&g);

    ck_assert_int_eq(process_wait(client), 0);
    said = process_read(log);
    events_each_once(said, 60);
    free(said);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_job_that_has_ended_is_told_from_its_beginning)
{
    char            id[64], path[128];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    events_batch(&g, "//h1", "", 3, id, sizeof(id));
    (void) snprintf(path, sizeof(path), "/v1/jobs/%s", id);
    r = gateway_request(&g, "GET", path, "Prefer: wait=30", NULL);
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    client_free(&r);

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/events?data=0", id);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Content-Type"), "text/event-stream");
    ck_assert_int_eq(strncmp(r.body, "retry: 3000\n\n", 13), 0);
    ck_assert_int_eq(events_count(r.body, "event: result\n"), 3);
    ck_assert_int_eq(events_count(r.body, "event: done\n"), 1);
    ck_assert_ptr_null(strstr(r.body, "\"missing\""));
    client_free(&r);

    r = gateway_request(&g, "GET", path, "Last-Event-ID: 2", NULL);
    ck_assert_int_eq(events_count(r.body, "event: result\n"), 1);
    client_free(&r);
    r = gateway_request(&g, "GET", path, "Last-Event-ID: 3", NULL);
    ck_assert_int_eq(r.status, 204);
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(what_fails_is_an_event_of_another_name)
{
    char            body[512], path[128];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/reset\","
                    "\"%s/page/1\"],\"defaults\":{\"request\":{\"retries\":0},"
                    "\"rules\":{\"t\":\"//h1\"}}}", g.origin, g.origin);
    r = gateway_request(&g, "POST", "/v1/batch", "Prefer: wait=60", body);
    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/events",
                    client_str(&r, "id"));
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_msg(events_count(r.body, "event: error\n") == 1, "%s", r.body);
    ck_assert_int_eq(events_count(r.body, "event: result\n"), 1);
    client_free(&r);

    (void) snprintf(path + strlen(path) - 6, 8, "errors");
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(json_array_size(client_get(&r, "errors")), 1);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "errors[0].url"), "/reset"));
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(field_that_falls_meanwhile_is_an_event)
{
    char            id[64], path[128];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    events_batch(&g, "//h1[substring-after(., 'Product ') < 111]",
                 ",\"politeness\":{\"delay_ms\":5,\"per_host\":1}", 170, id,
                 sizeof(id));

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/events?data=0", id);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(events_count(r.body, "event: result\n"), 170);
    ck_assert_int_eq(events_count(r.body, "\n\nevent: drift\ndata: {"), 1);
    ck_assert_ptr_nonnull(strstr(r.body, "\"event\":\"fell\""));
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


static int
events_has_node(void)
{
    if (access("/usr/bin/node", X_OK) == 0
        || access("/usr/local/bin/node", X_OK) == 0)
    {
        return 1;
    }

    (void) printf("node is not installed: no other client was tried\n");

    return 0;
}


static void
events_batch(gateway_t *g, const char *rule, const char *defaults,
    int pages, char *id, size_t size)
{
    int             i, n;
    char            body[16384];
    client_reply_t  r;

    n = snprintf(body, sizeof(body), "{\"urls\":[");

    for (i = 1; i <= pages; i++) {
        n += snprintf(body + n, sizeof(body) - (size_t) n, "%s\"%s/page/%d\"",
                      i > 1 ? "," : "", g->origin, i);
    }

    (void) snprintf(body + n, sizeof(body) - (size_t) n, "],\"defaults\":{"
                    "\"rules\":{\"title\":\"%s\"}%s}}", rule, defaults);
    r = gateway_request(g, "POST", "/v1/batch", NULL, body);
    ck_assert_msg(r.status == 202, "%ld %s", r.status, r.body);
    (void) snprintf(id, size, "%s", client_str(&r, "id"));
    client_free(&r);
}


static pid_t
events_client(const gateway_t *g, const char *id, const char *cuts,
    const char *log)
{
    char   url[256];
    char  *argv[] = { "/usr/bin/env", "node", "tests/oracle/events.mjs", url,
                      (char *) (uintptr_t) cuts, "9", NULL };

    (void) snprintf(url, sizeof(url), "%s/v1/jobs/%s/events", g->url, id);

    return process_start(argv, log, NULL);
}


static void
events_await(const char *log, const char *word, int n)
{
    int    found;
    char  *said;

    do {
        process_pause(10);
        said = process_read(log);
        found = events_count(said, word);
        free(said);
    } while (found < n);
}


static int
events_count(const char *text, const char *word)
{
    int  n;

    for (n = 0; (text = strstr(text, word)) != NULL; text++) {
        n++;
    }

    return n;
}


/* Each page is told of, and none of them twice. */
static void
events_each_once(const char *said, int pages)
{
    int   i;
    char  word[32];

    ck_assert_msg(events_count(said, "\nresult ") == pages, "%s", said);

    for (i = 1; i <= pages; i++) {
        (void) snprintf(word, sizeof(word), "\"title\":\"Product %d\"", i);
        ck_assert_msg(events_count(said, word) == 1, "%s", word);
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        a_client_that_is_cut_off_again_and_again_gets_each_result_once,
        a_gateway_that_stops_lets_its_streams_end,
        a_job_that_has_ended_is_told_from_its_beginning,
        what_fails_is_an_event_of_another_name,
        field_that_falls_meanwhile_is_an_event,
        NULL
    };

    return suite_run("events", tests, EVENTS_TIMEOUT);
}
