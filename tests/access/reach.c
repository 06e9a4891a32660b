
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/access/reach.h"
#include "tests/support/proof.h"


#define REACH_BODY     32768
#define REACH_TRIES    6000         /* of 10 ms */


static reach_end_t reach_answer(reach_t *r, const json_t *answer);
static int reach_good(const json_t *answer);
static void reach_alike(reach_t *r, const json_t *answer);


static const char  reach_settings[] =
    "resolver = " WORLD_NAMES "\n"
    "host_failures = 0\n"
    "host_connections = 64\n"
    "retries = 0\n"
    "connect_timeout = 2000\n"
    "workers = 1\n"
    "%s"
    "%s";


int
reach_begin(reach_t *r, const char *settings)
{
    char  text[1024], server[128];

    memset(r, 0, sizeof(reach_t));

    if (!world_enter()) {
        return 0;
    }

    process_folder(r->dir, sizeof(r->dir));
    (void) snprintf(text, sizeof(text), reach_settings, settings,
                    strstr(settings, "allow_addresses") == NULL
                    ? "allow_addresses =\n" : "");
    (void) snprintf(server, sizeof(server), "listen unix:%s/front.sock;",
                    r->dir);
    names_start(&r->names);
    house_start(&r->house);
    gateway_start(&r->gateway, &(gateway_options_t) { .server = server,
                                                      .settings = text });
    (void) snprintf(server, sizeof(server), "%s/front.sock", r->dir);
    front_open(&r->front, server);
    forms_make(&r->forms);
    world_watch(&r->world);

    return 1;
}


void
reach_end(reach_t *r)
{
    world_close(&r->world);
    front_close(&r->front);
    gateway_stop(&r->gateway);
    house_stop(&r->house);
    names_stop(&r->names);
    forms_free(&r->forms);
    free(r->alike);
    process_remove(r->dir);
}


reach_end_t
reach_ask(reach_t *r, const char *url, const char *members)
{
    char         *text, *body;
    json_t       *string, *answer;
    reach_end_t   end;

    string = json_string(url);
    text = json_dumps(string, JSON_ENCODE_ANY);
    body = malloc(REACH_BODY);
    ck_assert(string != NULL && text != NULL && body != NULL);
    (void) snprintf(body, REACH_BODY, "{\"url\":%s,\"rules\":{\"title\":"
                    "\"//h1\"}%s}", text, members);

    (void) front_ask(&r->front, "POST", "/v1/extract", "", body);
    answer = front_json(&r->front);
    end = reach_answer(r, answer);
    r->runs++;
    r->ends[end]++;

    json_decref(answer);
    json_decref(string);
    free(text);
    free(body);

    return end;
}


static reach_end_t
reach_answer(reach_t *r, const json_t *answer)
{
    const char  *type;

    type = json_string_value(json_object_get(answer, "type"));

    if (r->front.status == 200) {
        return reach_good(answer) ? REACH_GOOD : REACH_OTHER;
    }

    if (type == NULL) {
        return REACH_OTHER;
    }

    if (strcmp(type, "/policy/egress-blocked") == 0) {
        reach_alike(r, answer);
        return r->front.status == 403 ? REACH_BLOCKED : REACH_OTHER;
    }

    if (strcmp(type, "/request/invalid") == 0
        || strcmp(type, "/fetch/redirects") == 0)
    {
        return REACH_REFUSED;
    }

    return strcmp(type, "/fetch/dns") == 0
           || strcmp(type, "/fetch/login-failed") == 0
           || strcmp(type, "/policy/robots") == 0 ? REACH_FAILED : REACH_OTHER;
}


/* The page came from a good address, and from our site. */
static int
reach_good(const json_t *answer)
{
    size_t          len;
    const char     *ip, *type;
    unsigned char   addr[16];

    ip = json_string_value(json_object_get(json_object_get(answer, "fetch"),
                                           "ip"));
    type = json_string_value(json_object_get(json_object_get(answer,
                                             "fetch"), "content_type"));

    if (ip == NULL || type == NULL || strcmp(type, "text/html") != 0) {
        return 0;
    }

    len = strchr(ip, ':') != NULL ? 16 : 4;

    return inet_pton(len == 4 ? AF_INET : AF_INET6, ip, addr) == 1
           && world_good(addr, len);
}


/*
 * What is left of an answer without ids, times, and what is about the URL and
 * the hops before, which are the caller's own.
 */
static void
reach_alike(reach_t *r, const json_t *answer)
{
    char    *text;
    size_t   i;
    json_t  *copy, *fetch;

    static const char *const  known[] = {
        "timings_ms", "final_url", "redirects", "bytes_wire", "bytes_decoded",
        "robots", "status", "http", "content_type"
    };

    copy = json_deep_copy(answer);
    (void) json_object_del(copy, "instance");
    (void) json_object_del(copy, "request_id");
    fetch = json_object_get(copy, "fetch");

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        (void) json_object_del(fetch, known[i]);
    }

    text = json_dumps(copy, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(copy);
    ck_assert_ptr_nonnull(text);

    if (r->alike == NULL) {
        r->alike = text;
        return;
    }

    if (strcmp(text, r->alike) != 0 && r->unlike++ == 0) {
        (void) snprintf(r->first, sizeof(r->first), "%s", text);
    }

    free(text);
}


void
reach_try(reach_t *r, const form_t *form)
{
    json_t       *string;
    reach_end_t   end;

    string = json_string(form->url);

    if (string == NULL) {
        return;
    }

    json_decref(string);
    end = reach_ask(r, form->url, "");

    if ((form->end == FORMS_BLOCKED && end != REACH_BLOCKED)
        || (form->end == FORMS_REFUSED && end != REACH_REFUSED)
        || end == REACH_GOOD || end == REACH_OTHER)
    {
        reach_wrong(r, form->kind, form->url);
    }
}


void
reach_wrong(reach_t *r, const char *what, const char *url)
{
    if (r->wrong++ == 0) {
        (void) snprintf(r->first, sizeof(r->first), "%s: %s", what, url);
    }

    if (r->wrong <= 5) {
        (void) printf("# %s: %s: %d %.300s\n", what, url, r->front.status,
                      r->front.body != NULL ? r->front.body : "");
    }
}


void
reach_wait(reach_t *r, const char *id)
{
    int          i, over;
    char         path[128];
    json_t      *answer;
    const char  *state;

    (void) snprintf(path, sizeof(path), "/v1/jobs/%.80s", id);

    for (i = 0; i < REACH_TRIES; i++) {
        (void) front_ask(&r->front, "GET", path, "Prefer: wait=20\r\n", NULL);
        answer = front_json(&r->front);
        state = json_string_value(json_object_get(answer, "state"));
        over = state != NULL && strcmp(state, "running") != 0
               && strcmp(state, "queued") != 0;
        json_decref(answer);

        if (over) {
            return;
        }

        process_pause(10);
    }

    ck_abort_msg("job %s does not end", id);
}


void
reach_report(reach_t *r, const char *promise, const char *suite,
    const char *what)
{
    size_t  touched, canary;

    touched = world_touched(&r->world);
    canary = house_canary(&r->house);

    if (touched > 0 && r->wrong + r->unlike == 0) {
        (void) snprintf(r->first, sizeof(r->first), "%s", r->world.first);
    }

    for (char *p = r->first; *p != '\0'; p++) {
        *p = *p == '"' || *p == '\\' || (unsigned char) *p < ' ' ? '_' : *p;
    }

    proof_report(suite, promise, r->runs,
                 touched + canary + r->wrong + r->unlike,
                 "%s: %zu packets and %zu connections to what is forbidden; "
                 "%zu blocked, %zu refused, %zu without an address, %zu to "
                 "the good origin; %zu wrong, %zu unlike %s", what, touched,
                 canary, r->ends[REACH_BLOCKED], r->ends[REACH_REFUSED],
                 r->ends[REACH_FAILED], r->ends[REACH_GOOD], r->wrong,
                 r->unlike, r->first);
}
