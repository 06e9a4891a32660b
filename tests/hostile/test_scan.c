
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "tests/support/gateway.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define SCAN_TIMEOUT    64000       /* 32 scans of SCAN_SECONDS, and more */


/* What scan.sh says last. */
typedef struct {
    size_t  scans;
    size_t  ended;
    size_t  findings;
} scan_t;


static scan_t scan_run(gateway_t *g);
static void scan_kept(gateway_t *g, char *job, char *result, size_t size);
static scan_t scan_read(const char *text);
static int scan_has(const char *program);


START_TEST(scanners_find_nothing)
{
    scan_t              s;
    gateway_t           g;
    gateway_options_t   o = { .settings = "robots = ignore\n" };

    if (!proof_full() || (!scan_has("sqlmap") && !scan_has("wapiti"))) {
        (void) printf("skipped: scanners_find_nothing: it is for a run in "
                      "full, with sqlmap or wapiti\n");
        return;
    }

    gateway_start(&g, &o);
    s = scan_run(&g);
    gateway_stop(&g);
    proof_report("scan", "scanners find nothing", s.scans,
                 s.findings + (s.scans - s.ended), "sqlmap and wapiti, black "
                 "box: %zu scans ended, %zu findings", s.ended, s.findings);
}
END_TEST


START_TEST(what_scanners_say_is_read)
{
    scan_t  s;

    s = scan_read("sqlmap found 1: u\n"
                  "{\"scans\":3,\"ended\":2,\"findings\":1}\n");
    ck_assert_uint_eq(s.scans, 3);
    ck_assert_uint_eq(s.ended, 2);
    ck_assert_uint_eq(s.findings, 1);
}
END_TEST


static scan_t
scan_run(gateway_t *g)
{
    int     status;
    char    job[64], result[64], page[128], log[128];
    char   *text;
    scan_t  s;

    scan_kept(g, job, result, sizeof(job));
    (void) snprintf(page, sizeof(page), "%s/page/1", g->origin);
    (void) snprintf(log, sizeof(log), "%s/scan.log", g->dir);

    status = process_wait(process_start((char *[]) {
        "tests/hostile/scan.sh", g->url, job, result, page, NULL }, log,
        NULL));
    text = process_read(log);
    (void) fputs(text, stderr);
    ck_assert_int_eq(status, 0);
    s = scan_read(text);
    free(text);

    return s;
}


/* A job and a result that are there, for URLs that name them. */

static void
scan_kept(gateway_t *g, char *job, char *result, size_t size)
{
    client_reply_t  r;

    r = gateway_extract(g, "/page/1", "{\"t\":\"h1\"}",
                        ",\"tags\":{\"a\":\"b\"}", NULL);
    ck_assert_int_eq(r.status, 200);
    (void) snprintf(job, size, "%.60s", client_str(&r, "id"));
    (void) snprintf(result, size, "%.60s",
                    client_str(&r, "result") + strlen("/v1/results/"));
    client_free(&r);
}


static scan_t
scan_read(const char *text)
{
    json_t      *json;
    scan_t       s;
    const char  *last;

    last = strrchr(text, '{');
    ck_assert_ptr_nonnull(last);
    json = json_loads(last, 0, NULL);
    ck_assert_ptr_nonnull(json);
    s.scans = (size_t) json_integer_value(json_object_get(json, "scans"));
    s.ended = (size_t) json_integer_value(json_object_get(json, "ended"));
    s.findings = (size_t) json_integer_value(json_object_get(json,
                                                             "findings"));
    json_decref(json);

    return s;
}


static int
scan_has(const char *program)
{
    char  *path, *dir, *rest;
    char   name[512];
    int    found;
    FILE  *f;

    path = strdup(getenv("PATH") != NULL ? getenv("PATH") : "");
    ck_assert_ptr_nonnull(path);
    found = 0;

    for (dir = strtok_r(path, ":", &rest); dir != NULL && !found;
         dir = strtok_r(NULL, ":", &rest))
    {
        (void) snprintf(name, sizeof(name), "%s/%s", dir, program);
        f = fopen(name, "r");
        found = f != NULL;

        if (f != NULL) {
            (void) fclose(f);
        }
    }

    free(path);

    return found;
}


int
main(void)
{
    const TTest  *tests[] = {
        scanners_find_nothing,
        what_scanners_say_is_read,
        NULL
    };

    return suite_run("scan", tests, SCAN_TIMEOUT);
}
