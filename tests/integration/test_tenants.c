
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define TENANTS_TIMEOUT    120
#define TENANTS_TRIES      250      /* of 20 ms */
#define TITLE              "{\"title\":\"//h1\"}"
#define ANNA               "X-Tenant: anna"
#define BERT               "X-Tenant: bert"


/* A gateway with a file of tenants. */
typedef struct {
    gateway_t  g;
    char       file[64];
} tenants_t;


/* A request about what is another's: its path is before, which, behind. */
typedef struct {
    const char  *method;
    const char  *before;
    int          which;
    const char  *behind;
    const char  *body;
    long         status;
} tenants_other_t;


/* Ids of anna's things. */
typedef struct {
    char  job[64];
    char  extract[64];
    char  result[64];
    char  cursor[256];
    char  hash[128];
} tenants_things_t;


enum {
    NONE = 0,
    JOB,
    EXTRACT,
    RESULT,
    CURSOR,
    HASH
};


static void tenants_begin(tenants_t *t, const char *lines);
static void tenants_begin_as(tenants_t *t, const char *lines,
    const gateway_options_t *options);
static void tenants_end(tenants_t *t);
static void tenants_reread(tenants_t *t, const char *lines,
    const char *says);
static void tenants_wait_log(tenants_t *t, const char *says);
static void tenants_page(tenants_t *t, const char *page, const char *who,
    long status, const char *type);
static int64_t tenants_used(tenants_t *t, const char *who, const char *what);
static void tenants_refused(tenants_t *t, const char *method,
    const char *path, const char *body, long status, const char *type);
static void tenants_things(tenants_t *t, tenants_things_t *things);
static void tenants_copy(char *to, size_t size, const char *from);
static void tenants_look(tenants_t *t, const tenants_things_t *things,
    const char *who, const tenants_other_t *o);
static void tenants_empty(tenants_t *t, const char *path, const char *who);
static void tenants_since(tenants_t *t, const char *job, const char *who);
static void tenants_whole(tenants_t *t, const tenants_things_t *things);


START_TEST(quota_that_is_used_up_is_told_with_what_to_wait_for)
{
    long            after;
    tenants_t       t;
    client_reply_t  r;

    tenants_begin(&t, "anna pages=2 bytes=1m\n");
    r = gateway_extract(&t.g, "/page/1", TITLE, "", ANNA);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "RateLimit-Policy"),
                     "\"pages\";q=2;w=86400, \"bytes\";q=1048576;w=86400;"
                     "qu=\"content-bytes\"");
    ck_assert_ptr_nonnull(strstr(client_header(&r, "RateLimit"),
                                 "\"pages\";r=1;t="));
    client_free(&r);

    tenants_page(&t, "/page/2", ANNA, 200, "");
    r = gateway_extract(&t.g, "/page/3", TITLE, "", ANNA);
    ck_assert_int_eq(r.status, 429);
    ck_assert_str_eq(client_str(&r, "type"), "/limits/key-quota");
    after = strtol(client_header(&r, "Retry-After"), NULL, 10);
    ck_assert(after > 0 && after <= 86400);
    ck_assert_ptr_nonnull(strstr(client_header(&r, "RateLimit"),
                                 "\"pages\";r=0;t="));
    ck_assert_str_eq(client_header(&r, "Scrape-Hold"), "");
    client_free(&r);

    /* others are not concerned, nor have they such fields */
    r = gateway_extract(&t.g, "/page/3", TITLE, "", BERT);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "RateLimit"), "");
    client_free(&r);

    ck_assert_int_eq(gateway_hits(&t.g, "/page/3"), 1);
    tenants_end(&t);
}
END_TEST


static void
tenants_begin(tenants_t *t, const char *lines)
{
    static const gateway_options_t  options = {
        .api = "scrape_tenant $http_x_tenant;"
    };

    tenants_begin_as(t, lines, &options);
}


static void
tenants_begin_as(tenants_t *t, const char *lines,
    const gateway_options_t *options)
{
    char               settings[128];
    gateway_options_t  o = *options;

    process_file(t->file, sizeof(t->file), lines);
    (void) snprintf(settings, sizeof(settings), "tenants = %s\n", t->file);
    o.settings = settings;
    gateway_start(&t->g, &o);
}


static void
tenants_end(tenants_t *t)
{
    gateway_stop(&t->g);
    ck_assert_int_eq(unlink(t->file), 0);
}


static void
tenants_page(tenants_t *t, const char *page, const char *who, long status,
    const char *type)
{
    client_reply_t  r;

    r = gateway_extract(&t->g, page, TITLE, "", who);
    ck_assert_msg(r.status == status, "%s: %s", page, r.body);
    ck_assert_str_eq(client_str(&r, "type"), type);
    client_free(&r);
}


/* The file is another; SIGHUP has been heard when that is in the log. */
static void
tenants_reread(tenants_t *t, const char *lines, const char *says)
{
    process_write(t->file, lines);
    ck_assert_int_eq(kill(t->g.scraped, SIGHUP), 0);

    if (says != NULL) {
        tenants_wait_log(t, says);
    }
}


static void
tenants_wait_log(tenants_t *t, const char *says)
{
    int    i, found;
    char   path[128];
    char  *text;

    (void) snprintf(path, sizeof(path), "%s/scraped.log", t->g.dir);
    found = 0;

    for (i = 0; i < TENANTS_TRIES && !found; i++) {
        text = process_read(path);
        found = (text != NULL && strstr(text, says) != NULL);
        free(text);

        if (!found) {
            (void) usleep(20000);
        }
    }

    ck_assert_msg(found, "the log has no \"%s\"", says);
}


START_TEST(nginx_knows_whose_share_is_used_up)
{
    tenants_t       t;
    client_reply_t  r;

    static const gateway_options_t  holding = {
        .http = "scrape_zone holds:32k;",
        .api = "scrape_tenant $http_x_tenant; scrape_hold on;"
    };

    tenants_begin_as(&t, "anna pages=1\n", &holding);
    tenants_page(&t, "/page/1", ANNA, 200, "");
    tenants_page(&t, "/page/2", ANNA, 429, "/limits/key-quota");

    /* by itself */
    ck_assert_int_eq(gateway_stop_sidecar(&t.g, SIGTERM), 0);
    tenants_page(&t, "/page/2", ANNA, 429, "/limits/key-quota");
    r = gateway_extract(&t.g, "/page/2", TITLE, "", BERT);
    ck_assert_int_eq(r.status, 502);
    client_free(&r);
    gateway_start_sidecar(&t.g);
    tenants_end(&t);
}
END_TEST


START_TEST(file_is_read_again_when_it_is_right)
{
    int        i;
    tenants_t  t;

    tenants_begin(&t, "anna pages=1\n");
    tenants_page(&t, "/page/1", ANNA, 200, "");
    tenants_page(&t, "/page/2", ANNA, 429, "/limits/key-quota");
    tenants_reread(&t, "anna pages=100\nbert pages=x\n", ":2");
    tenants_page(&t, "/page/2", ANNA, 429, "/limits/key-quota");
    tenants_reread(&t, "anna pages=2\n", NULL);

    for (i = 0; i < TENANTS_TRIES; i++) {
        if (gateway_hits(&t.g, "/page/2") > 0) {
            break;
        }

        client_reply_t  r = gateway_extract(&t.g, "/page/2", TITLE, "", ANNA);
        client_free(&r);
    }

    ck_assert_int_eq(gateway_hits(&t.g, "/page/2"), 1);
    tenants_page(&t, "/page/3", ANNA, 429, "/limits/key-quota");
    tenants_end(&t);
}
END_TEST


START_TEST(what_was_used_outlives_a_kill)
{
    tenants_t  t;

    tenants_begin(&t, "anna pages=3\n");
    tenants_page(&t, "/page/1", ANNA, 200, "");
    tenants_page(&t, "/page/2", ANNA, 200, "");
    ck_assert_int_eq(gateway_stop_sidecar(&t.g, SIGKILL), 128 + SIGKILL);
    gateway_start_sidecar(&t.g);
    ck_assert_int_eq(tenants_used(&t, ANNA, "today.pages"), 2);
    ck_assert_int_eq(tenants_used(&t, ANNA, "today.jobs"), 2);
    ck_assert_int_gt(tenants_used(&t, ANNA, "today.bytes"), 0);
    ck_assert_int_eq(tenants_used(&t, ANNA, "days[0].pages"), 2);
    ck_assert_int_eq(tenants_used(&t, BERT, "today.pages"), 0);
    tenants_page(&t, "/page/3", ANNA, 200, "");
    tenants_page(&t, "/page/4", ANNA, 429, "/limits/key-quota");
    tenants_end(&t);
}
END_TEST


static int64_t
tenants_used(tenants_t *t, const char *who, const char *what)
{
    int64_t         n;
    client_reply_t  r;

    r = gateway_request(&t->g, "GET", "/v1/usage", who, NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    n = json_integer_value(client_get(&r, what));
    client_free(&r);

    return n;
}


START_TEST(usage_says_what_may_be_used)
{
    tenants_t       t;
    client_reply_t  r;

    tenants_begin(&t, "anna pages=5 rate=1m queue=7 hosts=.a.example,b\n");
    r = gateway_request(&t.g, "GET", "/v1/usage?days=400", ANNA, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "tenant"), "anna");
    ck_assert_int_eq(json_integer_value(client_get(&r, "limits.pages")), 5);
    ck_assert(json_is_null(client_get(&r, "limits.bytes")));
    ck_assert_int_eq(json_integer_value(client_get(&r, "limits.rate")),
                     1048576);
    ck_assert_int_eq(json_integer_value(client_get(&r, "limits.queue")), 7);
    ck_assert_str_eq(client_str(&r, "limits.hosts[0]"), ".a.example");
    ck_assert_str_eq(client_str(&r, "limits.hosts[1]"), "b");
    ck_assert_int_eq(json_integer_value(client_get(&r, "running.queued")), 0);
    ck_assert_uint_eq(strlen(client_str(&r, "today.day")), 10);
    client_free(&r);

    tenants_refused(&t, "GET", "/v1/usage?days=0", NULL, 400,
                    "/request/invalid");
    tenants_refused(&t, "GET", "/v1/usage?days=401", NULL, 400,
                    "/request/invalid");
    tenants_refused(&t, "GET", "/v1/usage?days=1x", NULL, 400,
                    "/request/invalid");
    tenants_refused(&t, "GET", "/v1/usage?day=1", NULL, 400,
                    "/request/unknown-field");
    tenants_refused(&t, "GET", "/v1/usage?all=1", NULL, 403,
                    "/auth/forbidden");
    tenants_end(&t);
}
END_TEST


/* As anna. */
static void
tenants_refused(tenants_t *t, const char *method, const char *path,
    const char *body, long status, const char *type)
{
    client_reply_t  r;

    r = gateway_request(&t->g, method, path, ANNA, body);
    ck_assert_msg(r.status == status, "%s %s: %ld %s", method, path, r.status,
                  r.body);
    ck_assert_str_eq(client_str(&r, "type"), type);
    client_free(&r);
}


START_TEST(operator_sees_all_tenants)
{
    tenants_t       t;
    client_reply_t  r;

    tenants_begin(&t, "");
    tenants_page(&t, "/page/1", ANNA, 200, "");
    tenants_page(&t, "/page/1", BERT, 200, "");
    r = gateway_request(&t.g, "GET", "/v1/usage?all=1", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "tenants[0].tenant"), "anna");
    ck_assert_str_eq(client_str(&r, "tenants[1].tenant"), "bert");
    ck_assert_int_eq(json_integer_value(client_get(&r, "tenants[1].pages")),
                     1);
    ck_assert(json_is_null(client_get(&r, "next_after")));
    client_free(&r);
    r = gateway_request(&t.g, "GET", "/v1/usage?all=1&after=anna", NULL,
                        NULL);
    ck_assert_str_eq(client_str(&r, "tenants[0].tenant"), "bert");
    client_free(&r);
    tenants_end(&t);
}
END_TEST


START_TEST(hosts_that_are_not_allowed_are_refused)
{
    char            body[512];
    tenants_t       t;
    client_reply_t  r;

    tenants_begin(&t, "anna hosts=*.example\n");
    tenants_page(&t, "/page/1", ANNA, 403, "/policy/host-not-allowed");
    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\"]}",
                    t.g.origin);
    tenants_refused(&t, "POST", "/v1/crawl", body, 403,
                    "/policy/host-not-allowed");
    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\","
                    "\"http://www.example/\"],\"defaults\":{\"rules\":"
                    TITLE "}}",
                    t.g.origin);
    r = gateway_request(&t.g, "POST", "/v1/batch", ANNA, body);
    ck_assert_msg(r.status == 202, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "rejected[0].type"),
                     "/policy/host-not-allowed");
    client_free(&r);
    ck_assert_int_eq(gateway_hits(&t.g, "/page/1"), 0);
    tenants_page(&t, "/page/1", BERT, 200, "");
    tenants_end(&t);
}
END_TEST


START_TEST(everything_of_a_tenant_is_its_own)
{
    size_t            i;
    tenants_t         t;
    const char       *whose[] = { BERT, NULL };
    tenants_things_t  things;

    static const tenants_other_t  others[] = {
        { "GET", "/v1/jobs/", JOB, "", NULL, 404 },
        { "GET", "/v1/jobs/", JOB, "?include=deliveries", NULL, 404 },
        { "GET", "/v1/jobs/mine", NONE, "", NULL, 404 },
        { "GET", "/v1/jobs/", JOB, "/results", NULL, 404 },
        { "GET", "/v1/jobs/", JOB, "/errors", NULL, 404 },
        { "GET", "/v1/jobs/", JOB, "/pages", NULL, 404 },
        { "GET", "/v1/jobs/", JOB, "/report", NULL, 404 },
        { "GET", "/v1/jobs/", JOB, "/events", NULL, 404 },
        { "GET", "/v1/jobs/", EXTRACT, "", NULL, 404 },
        { "GET", "/v1/jobs/", EXTRACT, "/results", NULL, 404 },
        { "PATCH", "/v1/jobs/", JOB, "", "{\"state\":\"paused\"}", 404 },
        { "POST", "/v1/jobs/", JOB, "/retry", NULL, 404 },
        { "DELETE", "/v1/jobs/", JOB, "", NULL, 404 },
        { "DELETE", "/v1/jobs/", EXTRACT, "", NULL, 404 },
        { "DELETE", "/v1/jobs/mine", NONE, "", NULL, 404 },
        { "DELETE", "/v1/jobs/", JOB, "?purge=1", NULL, 404 },
        { "GET", "/v1/results/", RESULT, "", NULL, 404 },
        { "GET", "/v1/results/", RESULT, "/raw", NULL, 404 },
        { "GET", "/v1/results/", RESULT, "/history", NULL, 404 },
        { "GET", "/v1/results/", RESULT, "/diff", NULL, 404 },
        { "GET", "/v1/schedules/nightly", NONE, "", NULL, 404 },
        { "DELETE", "/v1/schedules/nightly", NONE, "", NULL, 404 },
        { "GET", "/v1/sessions/shop", NONE, "", NULL, 404 },
        { "DELETE", "/v1/sessions/shop", NONE, "", NULL, 404 },
        { "GET", "/v1/rulesets/secret", NONE, "", NULL, 404 },
        { "GET", "/v1/rulesets/secret@1", NONE, "", NULL, 404 },
        { "GET", "/v1/rulesets/secret/versions", NONE, "", NULL, 404 },
        { "GET", "/v1/rulesets/secret/drift", NONE, "", NULL, 404 },
        { "GET", "/v1/rulesets/", HASH, "", NULL, 404 },
        { "DELETE", "/v1/rulesets/secret", NONE, "", NULL, 404 },
        { "POST", "/v1/batch?append_to=", JOB, "",
          "{\"urls\":[\"http://a.example/\"],\"defaults\":{\"rules\":"
          TITLE "}}", 404 },
        { "POST", "/v1/extract", NONE, "",
          "{\"url\":\"http://a.example/\",\"ruleset\":\"secret\"}", 404 },
        { "GET", "/v1/results?cursor=", CURSOR, "", NULL, 400 }
    };

    tenants_begin(&t, "");
    tenants_things(&t, &things);

    for (i = 0; i < 2 * sizeof(others) / sizeof(others[0]); i++) {
        tenants_look(&t, &things, whose[i % 2], &others[i / 2]);
    }

    for (i = 0; i < 2; i++) {
        tenants_empty(&t, "/v1/jobs", whose[i]);
        tenants_empty(&t, "/v1/jobs?tag=of:anna", whose[i]);
        tenants_empty(&t, "/v1/results", whose[i]);
        tenants_empty(&t, "/v1/results?q=Page", whose[i]);
        tenants_empty(&t, "/v1/results?tag=of:anna", whose[i]);
        tenants_empty(&t, "/v1/results?ruleset=secret", whose[i]);
        tenants_empty(&t, "/v1/results?host=127.0.0.1", whose[i]);
        tenants_empty(&t, "/v1/results?changed_since=2020-01-01T00:00:00Z",
                      whose[i]);
        tenants_empty(&t, "/v1/schedules", whose[i]);
        tenants_empty(&t, "/v1/sessions", whose[i]);
        tenants_empty(&t, "/v1/rulesets", whose[i]);
    }

    for (i = 0; i < 2; i++) {
        tenants_since(&t, things.job, whose[i]);
    }

    tenants_whole(&t, &things);
    tenants_end(&t);
}
END_TEST


/* One of each kind, of anna. */
static void
tenants_things(tenants_t *t, tenants_things_t *things)
{
    char            body[768], page[128];
    client_reply_t  r;

    r = gateway_request(&t->g, "PUT", "/v1/rulesets/secret", ANNA, TITLE);
    ck_assert_int_eq(r.status, 201);
    tenants_copy(things->hash, sizeof(things->hash), client_str(&r, "hash"));
    client_free(&r);

    r = gateway_request(&t->g, "PUT", "/v1/schedules/nightly", ANNA,
                        "{\"every_ms\":1000,\"paused\":true,\"kind\":"
                        "\"crawl\",\"body\":{}}");
    ck_assert_int_eq(r.status, 201);
    client_free(&r);

    r = gateway_request(&t->g, "PUT", "/v1/sessions/shop", ANNA,
                        "{\"headers\":{\"X-Key\":\"k\"}}");
    ck_assert_msg(r.status < 300, "%s", r.body);
    client_free(&r);

    (void) snprintf(body, sizeof(body), "{\"kind\":\"batch\",\"urls\":["
                    "\"%s/page/1\",\"%s/page/2\"],\"defaults\":{\"ruleset\":"
                    "\"secret\"},\"tags\":{\"of\":\"anna\"}}", t->g.origin,
                    t->g.origin);
    r = gateway_request(&t->g, "PUT", "/v1/jobs/mine",
                        ANNA "\nPrefer: wait=20", body);
    ck_assert_msg(r.status == 200, "%s", r.body);
    tenants_copy(things->job, sizeof(things->job), client_str(&r, "id"));
    client_free(&r);

    (void) snprintf(page, sizeof(page), "{\"url\":\"%s/page/1\",\"keep_raw\":"
                    "true,\"ruleset\":\"secret\"}", t->g.origin);
    r = gateway_request(&t->g, "POST", "/v1/extract", ANNA, page);
    ck_assert_msg(r.status == 200, "%s", r.body);
    tenants_copy(things->extract, sizeof(things->extract),
                 client_str(&r, "id"));
    tenants_copy(things->result, sizeof(things->result),
                 strrchr(client_str(&r, "result"), '/') + 1);
    client_free(&r);

    r = gateway_request(&t->g, "GET", "/v1/results?limit=1", ANNA, NULL);
    tenants_copy(things->cursor, sizeof(things->cursor),
                 strstr(client_str(&r, "next"), "cursor=") + 7);
    things->cursor[strcspn(things->cursor, "&")] = '\0';
    client_free(&r);
}


static void
tenants_copy(char *to, size_t size, const char *from)
{
    ck_assert_uint_gt(strlen(from), 0);
    ck_assert_uint_lt(strlen(from), size);
    (void) snprintf(to, size, "%s", from);
}


static void
tenants_look(tenants_t *t, const tenants_things_t *things, const char *who,
    const tenants_other_t *o)
{
    char            path[512];
    const char     *ids[] = { "", things->job, things->extract,
                              things->result, things->cursor, things->hash };
    client_reply_t  r;

    (void) snprintf(path, sizeof(path), "%s%s%s", o->before, ids[o->which],
                    o->behind);
    r = gateway_request(&t->g, o->method, path, who, o->body);
    ck_assert_msg(r.status == o->status, "%s %s: %ld %s", o->method, path,
                  r.status, r.body);
    client_free(&r);
}


static void
tenants_empty(tenants_t *t, const char *path, const char *who)
{
    client_reply_t  r;

    r = gateway_request(&t->g, "GET", path, who, NULL);
    ck_assert_msg(r.status == 200, "%s: %s", path, r.body);
    ck_assert_msg(json_is_array(client_get(&r, "data"))
                  && json_array_size(client_get(&r, "data")) == 0, "%s: %s",
                  path, r.body);
    client_free(&r);
}


/* A crawl after another's job, whose answer is that of one there is not. */
static void
tenants_since(tenants_t *t, const char *job, const char *who)
{
    char            body[256];
    client_reply_t  r;

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"http://a.example/\"],"
                    "\"rules\":" TITLE ",\"incremental\":{\"since_job\":"
                    "\"%s\"}}", job);
    r = gateway_request(&t->g, "POST", "/v1/crawl", who, body);
    ck_assert_msg(r.status == 404, "%ld %s", r.status, r.body);
    ck_assert_str_eq(client_str(&r, "type"), "/job/not-found");
    client_free(&r);
}


/* Nothing was done to anna's things. */
static void
tenants_whole(tenants_t *t, const tenants_things_t *things)
{
    size_t  i;

    static const tenants_other_t  own[] = {
        { "GET", "/v1/jobs/", JOB, "", NULL, 200 },
        { "GET", "/v1/jobs/mine", NONE, "", NULL, 200 },
        { "GET", "/v1/jobs/", EXTRACT, "", NULL, 200 },
        { "GET", "/v1/jobs/", JOB, "/results", NULL, 200 },
        { "GET", "/v1/jobs/", JOB, "/pages", NULL, 200 },
        { "GET", "/v1/jobs/", JOB, "/report", NULL, 200 },
        { "GET", "/v1/results/", RESULT, "", NULL, 200 },
        { "GET", "/v1/results/", RESULT, "/raw", NULL, 200 },
        { "GET", "/v1/results/", RESULT, "/history", NULL, 200 },
        { "GET", "/v1/results/", RESULT, "/diff", NULL, 200 },
        { "GET", "/v1/results?limit=1&cursor=", CURSOR, "", NULL, 200 },
        { "GET", "/v1/schedules/nightly", NONE, "", NULL, 200 },
        { "GET", "/v1/sessions/shop", NONE, "", NULL, 200 },
        { "GET", "/v1/rulesets/secret", NONE, "", NULL, 200 },
        { "GET", "/v1/rulesets/secret/drift", NONE, "", NULL, 200 }
    };

    for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        tenants_look(t, things, ANNA, &own[i]);
    }
}


START_TEST(rules_are_called_by_their_hash_by_who_has_them_alone)
{
    char            hash[128], body[512];
    tenants_t       t;
    client_reply_t  r;

    tenants_begin(&t, "");
    r = gateway_request(&t.g, "PUT", "/v1/rulesets/secret", ANNA, TITLE);
    tenants_copy(hash, sizeof(hash), client_str(&r, "hash"));
    client_free(&r);
    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/page/1\",\"ruleset\":"
                    "\"%s\"}", t.g.origin, hash);

    r = gateway_request(&t.g, "POST", "/v1/extract", BERT, body);
    ck_assert_int_eq(r.status, 404);
    ck_assert_str_eq(client_str(&r, "type"), "/ruleset/unknown");
    client_free(&r);
    r = gateway_request(&t.g, "POST", "/v1/extract", ANNA, body);
    ck_assert_msg(r.status == 200, "%s: %s", body, r.body);
    client_free(&r);

    /* who has written the same knows them */
    tenants_page(&t, "/page/2", BERT, 200, "");
    r = gateway_request(&t.g, "POST", "/v1/extract", BERT, body);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);
    tenants_end(&t);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        quota_that_is_used_up_is_told_with_what_to_wait_for,
        nginx_knows_whose_share_is_used_up,
        file_is_read_again_when_it_is_right,
        what_was_used_outlives_a_kill,
        usage_says_what_may_be_used,
        operator_sees_all_tenants,
        hosts_that_are_not_allowed_are_refused,
        everything_of_a_tenant_is_its_own,
        rules_are_called_by_their_hash_by_who_has_them_alone,
        NULL
    };

    return suite_run("tenants", tests, TENANTS_TIMEOUT);
}
