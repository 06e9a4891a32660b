
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "tests/access/endpoints.h"
#include "tests/access/front.h"
#include "tests/support/gateway.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define ISOLATION_TIMEOUT    3600
#define ISOLATION_TEXT       1024
#define ISOLATION_CLIENTS    4
#define ISOLATION_ASKED      25     /* by each of them */
#define ISOLATION_PAGES      40
#define ISOLATION_QUEUE      7
#define ISOLATION_TRIES      3000   /* of 20 ms */

#define ANNA                 "X-Tenant: anna\r\n"
#define BERT                 "X-Tenant: bert\r\n"
#define RULES                "{\"title\":\"//h1\"}"


/* of what kind an id in a path is */
typedef enum {
    NONE = 0,
    JOB,
    EXTRACT,
    RESULT,
    HASH,
    NAME,
    KINDS
} isolation_kind_t;


/*
 * endpoint  as docs/api.md has it
 * path      before and behind the id
 * shared    1 when it is the same for all: hosts, numbers; 2 when the answer
 *           tells a tenant's name, which those without one have not
 */
typedef struct {
    const char        *endpoint;
    const char        *method;
    const char        *before;
    const char        *behind;
    const char        *body;
    isolation_kind_t   kind;
    int                shared;
} isolation_case_t;


/* ids of anna's, and those of nobody that look the same */
typedef struct {
    gateway_t  g;
    front_t    front;
    char       file[64];
    char       ids[KINDS][128];
    char       none[KINDS][128];
    size_t     runs;
    size_t     failures;
    char       first[512];
} isolation_t;


static void isolation_begin(isolation_t *t, const char *lines);
static void isolation_end(isolation_t *t);
static void isolation_things(isolation_t *t);
static void isolation_keep(isolation_t *t, isolation_kind_t kind,
    const char *member);
static void isolation_unknown(isolation_t *t);
static void isolation_covered(const endpoints_t *e);
static void isolation_compare(isolation_t *t, const isolation_case_t *c,
    const char *who);
static char *isolation_ask(isolation_t *t, const isolation_case_t *c,
    const char *who, const char *id);
static void isolation_plain(char *text, const char *id);
static void isolation_fail(isolation_t *t, const char *what,
    const char *path, const char *said);
static void isolation_guess(isolation_t *t, size_t n);
static size_t isolation_pages(isolation_t *t);
static void isolation_clients(isolation_t *t, const char *format,
    int *statuses);
static void isolation_client(isolation_t *t, const char *format, int number,
    int fd);


static const isolation_case_t  isolation_cases[] = {
    { "GET /v1/jobs/{id}", "GET", "/v1/jobs/", "", NULL, JOB, 0 },
    { "GET /v1/jobs/{id}", "GET", "/v1/jobs/", "", NULL, EXTRACT, 0 },
    { "GET /v1/jobs/{id}", "HEAD", "/v1/jobs/", "", NULL, JOB, 0 },
    { "GET /v1/jobs/{id}", "GET", "/v1/jobs/", "?include=deliveries", NULL,
      JOB, 0 },
    { "PUT /v1/jobs/{id}", "PUT", "/v1/jobs/", "", "{}", JOB, 0 },
    { "PATCH /v1/jobs/{id}", "PATCH", "/v1/jobs/", "",
      "{\"state\":\"paused\"}", JOB, 0 },
    { "DELETE /v1/jobs/{id}", "DELETE", "/v1/jobs/", "", NULL, JOB, 0 },
    { "DELETE /v1/jobs/{id}", "DELETE", "/v1/jobs/", "?purge=1", NULL,
      EXTRACT, 0 },
    { "POST /v1/jobs/{id}/retry", "POST", "/v1/jobs/", "/retry", NULL, JOB,
      0 },
    { "GET /v1/jobs/{id}/results", "GET", "/v1/jobs/", "/results", NULL, JOB,
      0 },
    { "GET /v1/jobs/{id}/results", "GET", "/v1/jobs/",
      "/results?format=csv", NULL, JOB, 0 },
    { "GET /v1/jobs/{id}/errors", "GET", "/v1/jobs/", "/errors", NULL, JOB,
      0 },
    { "GET /v1/jobs/{id}/pages", "GET", "/v1/jobs/", "/pages", NULL, JOB, 0 },
    { "GET /v1/jobs/{id}/report", "GET", "/v1/jobs/", "/report", NULL, JOB,
      0 },
    { "GET /v1/jobs/{id}/events", "GET", "/v1/jobs/", "/events", NULL, JOB,
      0 },
    { "GET /v1/results/{id}", "GET", "/v1/results/", "", NULL, RESULT, 0 },
    { "GET /v1/results/{id}/raw", "GET", "/v1/results/", "/raw", NULL,
      RESULT, 0 },
    { "GET /v1/results/{id}/history", "GET", "/v1/results/", "/history",
      NULL, RESULT, 0 },
    { "GET /v1/results/{id}/diff", "GET", "/v1/results/", "/diff", NULL,
      RESULT, 0 },
    { "GET /v1/schedules/{name}", "GET", "/v1/schedules/", "", NULL, NAME,
      0 },
    { "DELETE /v1/schedules/{name}", "DELETE", "/v1/schedules/", "", NULL,
      NAME, 0 },
    { "PUT /v1/schedules/{name}", "PUT", "/v1/schedules/", "", "{}", NAME,
      0 },
    { "GET /v1/sessions/{name}", "GET", "/v1/sessions/", "", NULL, NAME, 0 },
    { "DELETE /v1/sessions/{name}", "DELETE", "/v1/sessions/", "", NULL,
      NAME, 0 },
    { "PUT /v1/sessions/{name}", "PUT", "/v1/sessions/", "", "{\"x\":1}",
      NAME, 0 },
    { "GET /v1/rulesets/{name}", "GET", "/v1/rulesets/", "", NULL, NAME, 0 },
    { "GET /v1/rulesets/{name}", "GET", "/v1/rulesets/", "@1", NULL, NAME,
      0 },
    { "GET /v1/rulesets/{name}", "GET", "/v1/rulesets/", "", NULL, HASH, 0 },
    { "DELETE /v1/rulesets/{name}", "DELETE", "/v1/rulesets/", "", NULL,
      NAME, 0 },
    { "PUT /v1/rulesets/{name}", "PUT", "/v1/rulesets/", "", "[1]", NAME,
      0 },
    { "GET /v1/rulesets/{name}/versions", "GET", "/v1/rulesets/",
      "/versions", NULL, NAME, 0 },
    { "GET /v1/rulesets/{name}/drift", "GET", "/v1/rulesets/", "/drift",
      NULL, NAME, 0 },
    { "POST /v1/extract", "POST", "/v1/extract?x=", "",
      "{\"url\":\"http://a.example/\",\"ruleset\":\"%s\"}", NAME, 0 },
    { "QUERY /v1/extract", "QUERY", "/v1/extract", "",
      "{\"url\":\"http://a.example/\",\"ruleset\":\"%s\"}", HASH, 0 },
    { "GET /v1/extract", "GET", "/v1/extract?url=http://a.example/&ruleset=",
      "", NULL, NAME, 0 },
    { "POST /v1/batch", "POST", "/v1/batch?append_to=", "",
      "{\"urls\":[\"http://a.example/\"],\"defaults\":{\"rules\":" RULES "}}",
      JOB, 0 },
    { "POST /v1/crawl", "POST", "/v1/crawl", "",
      "{\"urls\":[\"http://a.example/\"],\"rules\":" RULES ",\"incremental\":"
      "{\"since_job\":\"%s\"}}", JOB, 0 },
    { "POST /v1/rules/check", "POST", "/v1/rules/check", "",
      "{\"ruleset\":\"%s\"}", NAME, 0 },
    { "GET /v1/jobs", "GET", "/v1/jobs", "", NULL, NONE, 0 },
    { "GET /v1/jobs", "GET", "/v1/jobs?tag=of:anna", "", NULL, NONE, 0 },
    { "GET /v1/results", "GET", "/v1/results", "", NULL, NONE, 0 },
    { "GET /v1/results", "GET", "/v1/results?q=Page", "", NULL, NONE, 0 },
    { "GET /v1/results", "GET", "/v1/results?ruleset=", "", NULL, NAME, 0 },
    { "GET /v1/schedules", "GET", "/v1/schedules", "", NULL, NONE, 0 },
    { "GET /v1/sessions", "GET", "/v1/sessions", "", NULL, NONE, 0 },
    { "GET /v1/rulesets", "GET", "/v1/rulesets", "", NULL, NONE, 0 },
    { "GET /v1/usage", "GET", "/v1/usage", "", NULL, NONE, 2 },
    { "GET /v1/hosts", NULL, NULL, NULL, NULL, NONE, 1 },
    { "GET /v1/hosts/{name}", NULL, NULL, NULL, NULL, NONE, 1 },
    { "PATCH /v1/hosts/{name}", NULL, NULL, NULL, NULL, NONE, 1 },
    { "GET /v1/status", NULL, NULL, NULL, NULL, NONE, 1 },
    { "GET /healthz", NULL, NULL, NULL, NULL, NONE, 1 },
    { "GET /readyz", NULL, NULL, NULL, NULL, NONE, 1 },
    { "GET /metrics", NULL, NULL, NULL, NULL, NONE, 1 }
};

#define ISOLATION_CASES                                                       \
    (sizeof(isolation_cases) / sizeof(isolation_cases[0]))


START_TEST(what_is_anothers_is_answered_as_what_is_nobodys)
{
    size_t        i;
    endpoints_t   e;
    isolation_t   t;

    endpoints_read(&e);
    isolation_covered(&e);
    isolation_begin(&t, "");
    isolation_things(&t);
    isolation_unknown(&t);

    for (i = 0; i < ISOLATION_CASES; i++) {
        if (isolation_cases[i].shared != 1) {
            isolation_compare(&t, &isolation_cases[i], BERT);
        }

        if (isolation_cases[i].shared == 0) {
            isolation_compare(&t, &isolation_cases[i], "");
        }
    }

    /* anna has it all, still */
    ck_assert_int_eq(front_ask(&t.front, "GET", "/v1/sessions/thing", ANNA,
                               NULL), 200);
    ck_assert_int_eq(front_ask(&t.front, "GET", "/v1/schedules/thing", ANNA,
                               NULL), 200);
    ck_assert_int_eq(front_ask(&t.front, "GET", "/v1/rulesets/thing", ANNA,
                               NULL), 200);
    proof_report("isolation", "D6", t.runs, t.failures, "%zu endpoints of "
                 "docs/api.md, as another tenant and as none, each beside an "
                 "id of nobody: %s", e.n, t.first);
    isolation_end(&t);
}
END_TEST


static void
isolation_covered(const endpoints_t *e)
{
    int     found;
    size_t  i, k;

    for (i = 0; i < e->n; i++) {
        found = 0;

        for (k = 0; k < ISOLATION_CASES; k++) {
            found |= strcmp(isolation_cases[k].endpoint, e->list[i]) == 0;
        }

        ck_assert_msg(found, "docs/api.md has \"%s\", which has no case here",
                      e->list[i]);
    }
}


static void
isolation_begin(isolation_t *t, const char *lines)
{
    char               settings[128];
    gateway_options_t  o = { .api = "scrape_tenant $http_x_tenant;",
                             .http = "keepalive_requests 100000000;" };

    memset(t, 0, sizeof(isolation_t));
    process_file(t->file, sizeof(t->file), lines);
    (void) snprintf(settings, sizeof(settings), "tenants = %s\n"
                    "host_connections = 64\n"
                    "drain_timeout = 500\n", t->file);
    o.settings = settings;
    gateway_start(&t->g, &o);
    front_open(&t->front, strrchr(t->g.url, ':') + 1);
}


static void
isolation_end(isolation_t *t)
{
    front_close(&t->front);
    gateway_stop(&t->g);
    ck_assert_int_eq(unlink(t->file), 0);
}


/* One of each kind, of anna. */
static void
isolation_things(isolation_t *t)
{
    char  body[ISOLATION_TEXT];

    ck_assert_int_eq(front_ask(&t->front, "PUT", "/v1/rulesets/thing", ANNA,
                               RULES), 201);
    isolation_keep(t, HASH, "hash");
    ck_assert_int_eq(front_ask(&t->front, "PUT", "/v1/schedules/thing", ANNA,
                               "{\"every_ms\":1000,\"paused\":true,\"kind\":"
                               "\"crawl\",\"body\":{}}"), 201);
    ck_assert_int_eq(front_ask(&t->front, "PUT", "/v1/sessions/thing", ANNA,
                               "{\"headers\":{\"X-Key\":\"k\"}}"), 201);
    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\","
                    "\"%s/page/2\"],\"defaults\":{\"ruleset\":\"thing\"},"
                    "\"tags\":{\"of\":\"anna\"}}", t->g.origin, t->g.origin);
    ck_assert_int_eq(front_ask(&t->front, "POST", "/v1/batch",
                               ANNA "Prefer: wait=20\r\n", body), 200);
    isolation_keep(t, JOB, "id");
    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/page/1\",\"keep_raw\":"
                    "true,\"ruleset\":\"thing\"}", t->g.origin);
    ck_assert_int_eq(front_ask(&t->front, "POST", "/v1/extract", ANNA, body),
                     200);
    isolation_keep(t, EXTRACT, "id");
    isolation_keep(t, RESULT, "result");
    (void) snprintf(t->ids[NAME], sizeof(t->ids[NAME]), "thing");
}


static void
isolation_keep(isolation_t *t, isolation_kind_t kind, const char *member)
{
    json_t      *json;
    const char  *text, *slash;

    json = front_json(&t->front);
    text = json_string_value(json_object_get(json, member));
    ck_assert_ptr_nonnull(text);
    slash = strrchr(text, '/');
    (void) snprintf(t->ids[kind], sizeof(t->ids[kind]), "%s",
                    slash != NULL ? slash + 1 : text);
    json_decref(json);
}


/* The last sign of each is another one. */
static void
isolation_unknown(isolation_t *t)
{
    char    *last;
    size_t   i;

    for (i = 0; i < KINDS; i++) {
        memcpy(t->none[i], t->ids[i], sizeof(t->none[i]));

        if (t->none[i][0] != '\0') {
            last = t->none[i] + strlen(t->none[i]) - 1;
            *last = *last == '2' ? '3' : '2';
        }
    }
}


static void
isolation_compare(isolation_t *t, const isolation_case_t *c, const char *who)
{
    char        *theirs, *nobodys;
    const char  *id = t->ids[c->kind], *none = t->none[c->kind];

    theirs = isolation_ask(t, c, who, id);

    /* a list is that of a tenant which has never been here */
    nobodys = isolation_ask(t, c, c->kind == NONE ? "X-Tenant: carl\r\n"
                                                  : who, none);
    t->runs++;

    if (strcmp(theirs, nobodys) != 0) {
        isolation_fail(t, c->method, c->before, theirs);
        isolation_fail(t, c->method, c->before, nobodys);
    }

    free(theirs);
    free(nobodys);
}


/* Status, head and body, but for what is each answer's own. */
static char *
isolation_ask(isolation_t *t, const isolation_case_t *c, const char *who,
    const char *id)
{
    char         path[ISOLATION_TEXT], body[ISOLATION_TEXT];
    char        *text;
    size_t       size;
    const char  *place;

    (void) snprintf(path, sizeof(path), "%s%s%s", c->before,
                    c->body != NULL && strstr(c->body, "%s") != NULL
                    && strcmp(c->before, "/v1/extract?x=") != 0 ? "" : id,
                    c->behind);
    path[strcmp(c->before, "/v1/extract?x=") == 0 ? 11 : strlen(path)] = '\0';

    if (c->body != NULL) {
        place = strstr(c->body, "%s");
        (void) snprintf(body, sizeof(body), "%.*s%s%s",
                        place != NULL ? (int) (place - c->body) : 900,
                        c->body, place != NULL ? id : "",
                        place != NULL ? place + 2 : "");
    }

    (void) front_ask(&t->front, c->method, path, who,
                     c->body != NULL ? body : NULL);
    size = strlen(t->front.head) + strlen(t->front.body) + 16;
    text = malloc(size);
    ck_assert_ptr_nonnull(text);
    (void) snprintf(text, size, "%s\n%s", t->front.head, t->front.body);
    isolation_plain(text, id);

    return text;
}


/* The id itself, and what is of one answer alone, are made the same. */
static void
isolation_plain(char *text, const char *id)
{
    char    *p, *end;
    size_t   i;

    static const char *const  own[] = {
        "Date: ", "X-Request-Id: ", "\"request_id\":\"", "\"tenant\":\"",
        "\"at\":\""
    };

    for (p = text; *id != '\0' && (p = strstr(p, id)) != NULL; p++) {
        memset(p, '#', strlen(id));
    }

    for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        for (p = text; (p = strstr(p, own[i])) != NULL; p = end) {
            p += strlen(own[i]);
            end = p + strcspn(p, "\"\r\n");
            memmove(p, end, strlen(end) + 1);
            end = p;
        }
    }
}


static void
isolation_fail(isolation_t *t, const char *what, const char *path,
    const char *said)
{
    t->failures++;
    (void) printf("# %s %s: %.600s\n", what, path, said);

    if (t->failures == 1) {
        (void) snprintf(t->first, sizeof(t->first), "%s %s", what, path);
    }
}


START_TEST(no_id_that_is_guessed_is_anothers)
{
    isolation_t  t;

    isolation_begin(&t, "");
    isolation_things(&t);
    isolation_guess(&t, proof_times("ACCESS_GUESSES", 1000000, 300));
    proof_report("isolation", "D6", t.runs, t.failures, "guessed ids, from "
                 "those there are, their last 1 to 20 signs at random: %s",
                 t.first);
    isolation_end(&t);
}
END_TEST


/* By bert, who knows the ids of anna's things and their time. */
static void
isolation_guess(isolation_t *t, size_t n)
{
    char         id[128], path[256];
    size_t       i, k, len, signs;
    const char  *from;

    static const char  letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    for (i = 0; i < n; i++) {
        from = t->ids[i % 2 == 0 ? EXTRACT : RESULT];
        len = strlen(from);
        memcpy(id, from, len + 1);
        signs = 1 + proof_random(20);

        for (k = len - signs; k < len; k++) {
            id[k] = letters[proof_random(32)];
        }

        (void) snprintf(path, sizeof(path), "/v1/%s/%s",
                        i % 2 == 0 ? "jobs" : "results", id);
        t->runs++;

        if (front_ask(&t->front, "GET", path, BERT, NULL) != 404) {
            isolation_fail(t, "GET", path, t->front.body);
        }
    }
}


START_TEST(quotas_are_exact_however_many_clients_there_are)
{
    int          statuses[600] = { 0 };
    size_t       hits;
    isolation_t  t;

    isolation_begin(&t, "anna pages=40 queue=1000\ncarl queue=7\n");

    /* those beyond the quota wait for tomorrow */
    isolation_clients(&t, ANNA "Prefer: wait=2\r\n|/page/%d", statuses);
    hits = isolation_pages(&t);
    proof_report("isolation", "D7", ISOLATION_CLIENTS * ISOLATION_ASKED,
                 hits != ISOLATION_PAGES || statuses[200] > ISOLATION_PAGES
                 || statuses[200] + statuses[202] + statuses[429]
                    != ISOLATION_CLIENTS * ISOLATION_ASKED,
                 "pages=40, 4 clients: %zu fetched, %d answered, %d wait for "
                 "tomorrow, %d refused", hits, statuses[200], statuses[202],
                 statuses[429]);

    memset(statuses, 0, sizeof(statuses));
    isolation_clients(&t, "X-Tenant: carl\r\nPrefer: respond-async\r\n"
                      "|/hang?%d", statuses);
    proof_report("isolation", "D7", ISOLATION_CLIENTS * ISOLATION_ASKED,
                 statuses[202] != ISOLATION_QUEUE
                 || statuses[429] != ISOLATION_CLIENTS * ISOLATION_ASKED
                                     - ISOLATION_QUEUE,
                 "queue=7, 4 clients: %d accepted, %d refused",
                 statuses[202], statuses[429]);
    isolation_end(&t);
}
END_TEST


/* That anna has had; one that did not wait for its page may have it later. */
static size_t
isolation_pages(isolation_t *t)
{
    int      i;
    size_t   pages;
    json_t  *json;

    pages = 0;

    for (i = 0; i < ISOLATION_TRIES && pages < ISOLATION_PAGES; i++) {
        process_pause(i > 0 ? 20 : 0);
        ck_assert_int_eq(front_ask(&t->front, "GET", "/v1/usage", ANNA, NULL),
                         200);
        json = front_json(&t->front);
        pages = (size_t) json_integer_value(json_object_get(
                             json_object_get(json, "today"), "pages"));
        json_decref(json);
    }

    return pages;
}


/* Each a process; how often which status was answered. */
static void
isolation_clients(isolation_t *t, const char *format, int *statuses)
{
    int    i, status, fds[2];
    pid_t  pids[ISOLATION_CLIENTS];

    ck_assert_int_eq(pipe(fds), 0);

    for (i = 0; i < ISOLATION_CLIENTS; i++) {
        pids[i] = fork();
        ck_assert_int_ne(pids[i], -1);

        if (pids[i] == 0) {
            isolation_client(t, format, i, fds[1]);
            _exit(0);
        }
    }

    (void) close(fds[1]);

    while (read(fds[0], &status, sizeof(status)) == sizeof(status)) {
        statuses[status < 600 ? status : 0]++;
    }

    (void) close(fds[0]);

    for (i = 0; i < ISOLATION_CLIENTS; i++) {
        ck_assert_int_eq(process_wait(pids[i]), 0);
    }
}


/* format has fields, '|', and a path. */
static void
isolation_client(isolation_t *t, const char *format, int number, int fd)
{
    int          i, status;
    char         fields[256], path[64], body[ISOLATION_TEXT];
    front_t      front;
    const char  *bar;

    bar = strchr(format, '|');
    (void) snprintf(fields, sizeof(fields), "%.*s", (int) (bar - format),
                    format);
    front_open(&front, t->front.at);

    for (i = 0; i < ISOLATION_ASKED; i++) {
        (void) snprintf(path, sizeof(path), "%.*s%d",
                        (int) strcspn(bar + 1, "%"), bar + 1,
                        1 + number * ISOLATION_ASKED + i);
        (void) snprintf(body, sizeof(body), "{\"url\":\"%s%s\",\"rules\":"
                        RULES "}", t->g.origin, path);
        status = front_ask(&front, "POST", "/v1/extract", fields, body);

        if (write(fd, &status, sizeof(status)) != sizeof(status)) {
            break;
        }
    }

    front_close(&front);
}


int
main(void)
{
    const TTest *const  tests[] = {
        what_is_anothers_is_answered_as_what_is_nobodys,
        no_id_that_is_guessed_is_anothers,
        quotas_are_exact_however_many_clients_there_are,
        NULL
    };

    return suite_run("isolation", tests, ISOLATION_TIMEOUT);
}
