
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_core.h"
#include "tests/support/gateway.h"
#include "tests/support/hooked.h"
#include "tests/support/suite.h"


#define HOOKS_TIMEOUT    120
#define HOOKS_SECRET     "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define HOOKS_ORACLE     "tests/oracle/webhook.mjs"


/* Make a batch of one page that tells the receiver; its id. */
static void
hooks_batch(gateway_t *g, const hooked_t *h, const char *members, char *id,
    size_t size)
{
    char            body[1024];
    client_reply_t  r;

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\"],"
                    "\"defaults\":{\"rules\":{\"title\":\"//h1\"}},"
                    "\"webhook\":{\"url\":\"%s\"%s}}", g->origin, h->url,
                    members);
    r = gateway_request(g, "POST", "/v1/batch", NULL, body);
    ck_assert_msg(r.status == 202, "%ld %s", r.status, r.body);
    (void) snprintf(id, size, "%s", client_str(&r, "id"));
    ck_assert_str_ne(id, "");
    client_free(&r);
}


/* Whether there is a program that knows nothing of ours. */
static int
hooks_has_node(void)
{
    return access("/usr/bin/node", X_OK) == 0
           || access("/usr/local/bin/node", X_OK) == 0;
}


static void
hooks_verify(gateway_t *g, const char *request)
{
    int     rc;
    char    in[96], log[96], *said;
    pid_t   pid;
    char   *argv[] = { "/bin/sh", "-c", "exec node " HOOKS_ORACLE
                       " " HOOKS_SECRET " < \"$0\"", in, NULL };

    if (!hooks_has_node()) {
        (void) printf("node is not installed: the signature is not seen by "
                      "another\n");
        return;
    }

    (void) snprintf(in, sizeof(in), "%s/hook.txt", g->dir);
    (void) snprintf(log, sizeof(log), "%s/hook.log", g->dir);
    process_write(in, request);
    (void) unlink(log);
    pid = process_start(argv, log, NULL);
    rc = process_wait(pid);
    said = process_read(log);
    ck_assert_msg(rc == 0, "%s", said);
    ck_assert_msg(strncmp(said, hooked_field(request, "webhook-id"),
                          strlen(said) - 1) == 0, "%s", said);
    free(said);
}


/* What the body says, from a path such as "data.id". */
static void
hooks_says(const char *request, const char *name, const char *inner,
    const char *value)
{
    json_t        *json;
    const json_t  *part;

    json = json_loads(hooked_body(request), 0, NULL);
    ck_assert_ptr_nonnull(json);
    part = json_object_get(json, name);
    part = inner != NULL ? json_object_get(part, inner) : part;
    ck_assert_msg(json_is_string(part), "no %s in %s", name,
                  hooked_body(request));
    ck_assert_str_eq(json_string_value(part), value);
    json_decref(json);
}


/* Ask for the deliveries of a job until they say this. */
static void
hooks_delivered(gateway_t *g, const char *id, const char *part)
{
    int             i, found;
    char            path[128];
    client_reply_t  r;

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s?include=deliveries", id);
    found = 0;

    for (i = 0; i < 300 && !found; i++) {
        r = gateway_request(g, "GET", path, NULL, NULL);
        found = r.status == 200 && strstr(r.body, part) != NULL;

        if (i == 299 && !found) {
            ck_abort_msg("%ld %s", r.status, r.body);
        }

        client_free(&r);

        if (!found) {
            process_pause(50);
        }
    }
}


START_TEST(an_event_is_told_again_until_it_is_taken_across_a_crash)
{
    char         id[64], first[64];
    hooked_t     h;
    gateway_t    g;
    const char  *request;

    static const int  statuses[] = { 503, 200 };

    gateway_start(&g, NULL);
    hooked_start(&h, statuses, 2);
    hooks_batch(&g, &h, ",\"events\":[\"completed\"],\"secret\":\""
                HOOKS_SECRET "\",\"metadata\":{\"k\":\"v\"}", id, sizeof(id));

    request = hooked_request(&h, 0);
    (void) snprintf(first, sizeof(first), "%s",
                    hooked_field(request, "webhook-id"));
    hooks_verify(&g, request);

    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGKILL), 128 + SIGKILL);
    gateway_start_sidecar(&g);

    request = hooked_request(&h, 1);
    ck_assert_str_eq(hooked_field(request, "webhook-id"), first);
    ck_assert_str_eq(hooked_field(request, "Content-Type"),
                     "application/json");
    hooks_verify(&g, request);
    hooks_says(request, "type", NULL, "job.completed");
    hooks_says(request, "data", "id", id);
    hooks_says(request, "metadata", "k", "v");
    hooks_delivered(&g, id, "\"status\":200");

    hooked_stop(&h);
    gateway_stop(&g);
}
END_TEST


START_TEST(results_are_told_with_their_data_and_the_callers_fields)
{
    char         id[64];
    hooked_t     h;
    gateway_t    g;
    const char  *request;

    static const int  statuses[] = { 204 };

    gateway_start(&g, NULL);
    hooked_start(&h, statuses, 1);
    hooks_batch(&g, &h, ",\"events\":[\"result.completed\"],"
                "\"headers\":{\"X-Key\":\"mine\"}", id, sizeof(id));

    request = hooked_request(&h, 0);
    ck_assert_str_eq(hooked_field(request, "X-Key"), "mine");
    ck_assert_str_eq(hooked_field(request, "webhook-signature"), "");
    hooks_says(request, "type", NULL, "result.completed");
    hooks_says(request, "data", "state", "completed");
    hooks_delivered(&g, id, "\"status\":204");
    ck_assert_uint_eq(hooked_count(&h), 1);

    hooked_stop(&h);
    gateway_stop(&g);
}
END_TEST


START_TEST(what_a_receiver_refuses_is_not_told_again)
{
    char       id[64];
    hooked_t   h;
    gateway_t  g;

    static const int  statuses[] = { 410 };

    gateway_start(&g, NULL);
    hooked_start(&h, statuses, 1);
    hooks_batch(&g, &h, ",\"events\":[\"completed\"]", id, sizeof(id));
    (void) hooked_request(&h, 0);
    hooks_delivered(&g, id, "/webhook/gone");
    ck_assert_uint_eq(hooked_count(&h), 1);

    hooked_stop(&h);
    gateway_stop(&g);
}
END_TEST


START_TEST(an_address_that_is_not_allowed_is_told_nothing)
{
    char       id[64];
    hooked_t   h = { .url = "http://10.1.2.3/hook" };
    gateway_t  g;

    gateway_start(&g, NULL);
    hooks_batch(&g, &h, ",\"events\":[\"completed\"]", id, sizeof(id));
    hooks_delivered(&g, id, "/policy/egress-blocked");
    gateway_stop(&g);
}
END_TEST


START_TEST(the_settings_secret_signs_for_those_without_one)
{
    char       id[64];
    hooked_t   h;
    gateway_t  g;

    static const int                statuses[] = { 200 };
    static const gateway_options_t  options = {
        .settings = "webhook_secret = " HOOKS_SECRET "\n"
    };

    gateway_start(&g, &options);
    hooked_start(&h, statuses, 1);
    hooks_batch(&g, &h, "", id, sizeof(id));
    hooks_verify(&g, hooked_request(&h, 0));
    hooked_stop(&h);
    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        an_event_is_told_again_until_it_is_taken_across_a_crash,
        results_are_told_with_their_data_and_the_callers_fields,
        what_a_receiver_refuses_is_not_told_again,
        an_address_that_is_not_allowed_is_told_nothing,
        the_settings_secret_signs_for_those_without_one,
        NULL
    };

    return suite_run("webhooks", tests, HOOKS_TIMEOUT);
}
