
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/store/store.h"
#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define JOBS_TIMEOUT    120

#define JOBS_LINES      200

/* /t/, ten pages below it, ten below each of those */
#define JOBS_SITE       111

/* links to what is written before each digit */
#define JOBS_LINK(to, d)    "<a href=\"" to #d "\">x</a>"
#define JOBS_TEN(to)                                                          \
    JOBS_LINK(to, 0) JOBS_LINK(to, 1) JOBS_LINK(to, 2) JOBS_LINK(to, 3)       \
    JOBS_LINK(to, 4) JOBS_LINK(to, 5) JOBS_LINK(to, 6) JOBS_LINK(to, 7)       \
    JOBS_LINK(to, 8) JOBS_LINK(to, 9)
#define JOBS_PAGE(path, links)                                                \
    "location ~ \"^" path "$\" { default_type text/html; return 200 "         \
    "'<h1>$uri</h1>" links "'; }\n"


static void jobs_post(gateway_t *g, const char *path, const char *body,
    const char *type, char *id);
static void jobs_await(gateway_t *g, const char *id, int items);
static long jobs_stat(gateway_t *g, const char *id, const char *path,
    const char *headers);
static void jobs_kill(gateway_t *g);
static void jobs_each_once(gateway_t *g, const char *id, int n);
static int jobs_order(const void *a, const void *b);
static void jobs_check_store(gateway_t *g);


static gateway_options_t  jobs_site = {
    .server = JOBS_PAGE("/t/", JOBS_TEN("/t/x"))
              JOBS_PAGE("/t/x([0-9])", JOBS_TEN("/t/y$1") "<a href=\"/t/\">"
                        "x</a>")
              JOBS_PAGE("/t/y([0-9][0-9])", "<a href=\"/t/\">x</a>")
};


START_TEST(a_kill_in_the_middle_of_a_batch_costs_no_page)
{
    int        i;
    char       id[64], *body;
    size_t     n;
    gateway_t  g;

    gateway_start(&g, NULL);
    body = malloc(JOBS_LINES * 128);
    ck_assert_ptr_nonnull(body);
    n = (size_t) snprintf(body, 128, "{\"defaults\":{\"rules\":"
                              "{\"title\":\"//h1\"},\"politeness\":"
                              "{\"delay_ms\":10}}}\n");

    for (i = 1; i <= JOBS_LINES; i++) {
        n += (size_t) snprintf(body + n, 128, "{\"url\":\"%s/page/%d\"}\n",
                               g.origin, i);
    }

    jobs_post(&g, "/v1/batch", body, "application/x-ndjson", id);
    free(body);
    jobs_await(&g, id, 20);
    jobs_kill(&g);
    jobs_await(&g, id, 60);
    jobs_kill(&g);
    jobs_each_once(&g, id, JOBS_LINES);
    jobs_check_store(&g);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_kill_in_the_middle_of_a_crawl_costs_no_page)
{
    char       id[64], body[512];
    gateway_t  g;

    gateway_start(&g, &jobs_site);
    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/t/\"],\"rules\":"
                    "{\"title\":\"//h1\"},\"sitemap\":\"skip\","
                    "\"politeness\":{\"delay_ms\":10}}", g.url);
    jobs_post(&g, "/v1/crawl", body, "application/json", id);
    jobs_await(&g, id, 5);
    jobs_kill(&g);
    jobs_await(&g, id, 40);
    jobs_kill(&g);
    jobs_each_once(&g, id, JOBS_SITE);
    jobs_check_store(&g);
    gateway_stop(&g);
}
END_TEST


static void
jobs_post(gateway_t *g, const char *path, const char *body, const char *type,
    char *id)
{
    char            url[128], headers[64];
    client_reply_t  r;

    (void) snprintf(url, sizeof(url), "%s%s", g->url, path);
    (void) snprintf(headers, sizeof(headers), "Content-Type: %s", type);
    r = client_request("POST", url, headers, body);
    ck_assert_msg(r.status == 202, "%ld %s", r.status, r.body);
    (void) snprintf(id, 64, "%.60s", client_str(&r, "id"));
    client_free(&r);
}


/* Until it has so many results, or has ended. */
static void
jobs_await(gateway_t *g, const char *id, int items)
{
    while (jobs_stat(g, id, "stats.items", NULL) < items) {
        process_pause(20);
    }
}


static long
jobs_stat(gateway_t *g, const char *id, const char *path,
    const char *headers)
{
    long            n;
    char            url[128];
    client_reply_t  r;

    (void) snprintf(url, sizeof(url), "/v1/jobs/%s", id);
    r = gateway_request(g, "GET", url, headers, NULL);
    ck_assert_msg(r.status == 200, "%ld %s", r.status, r.body);
    n = (long) json_integer_value(client_get(&r, path));
    client_free(&r);

    return n;
}


static void
jobs_kill(gateway_t *g)
{
    ck_assert_int_eq(gateway_stop_sidecar(g, SIGKILL), 128 + SIGKILL);
    gateway_start_sidecar(g);
}


/* Of its n pages each has one result. */
static void
jobs_each_once(gateway_t *g, const char *id, int n)
{
    int             i;
    char            path[128];
    const char    **urls;
    client_reply_t  r;

    ck_assert_int_eq(jobs_stat(g, id, "stats.completed", "Prefer: wait=60"),
                     n);
    ck_assert_int_eq(jobs_stat(g, id, "stats.total", NULL), n);
    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/results?limit=1000",
                    id);
    r = gateway_request(g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), (size_t) n);
    urls = calloc((size_t) n, sizeof(char *));
    ck_assert_ptr_nonnull(urls);

    for (i = 0; i < n; i++) {
        (void) snprintf(path, sizeof(path), "data[%d].url", i);
        urls[i] = client_str(&r, path);
    }

    qsort(urls, (size_t) n, sizeof(char *), jobs_order);

    for (i = 1; i < n; i++) {
        ck_assert_str_ne(urls[i - 1], urls[i]);
    }

    free(urls);
    client_free(&r);
}


static int
jobs_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


static void
jobs_check_store(gateway_t *g)
{
    char  path[128], err[256];

    ck_assert_int_eq(gateway_stop_sidecar(g, SIGTERM), 0);
    (void) snprintf(path, sizeof(path), "%s/scraped.db", g->dir);
    ck_assert_msg(store_check(path, err, sizeof(err)) == SC_OK, "%s", err);
    gateway_start_sidecar(g);
}


int
main(void)
{
    const TTest *const  tests[] = {
        a_kill_in_the_middle_of_a_batch_costs_no_page,
        a_kill_in_the_middle_of_a_crawl_costs_no_page,
        NULL
    };

    return suite_run("jobs", tests, JOBS_TIMEOUT);
}
