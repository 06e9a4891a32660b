
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define ROBOTS_TIMEOUT    900
#define ROBOTS_SIZE       1000000


/*
 * What /robots.txt is: status, and how it begins; fill is what follows, up to
 * a million bytes.  type is of the problem then, NULL when a page is fetched.
 */
typedef struct {
    int          status;
    const char  *begin;
    char         fill;
    const char  *type;
} robots_case_t;


static void robots_set(const gateway_t *g, const robots_case_t *c);
static size_t robots_page(gateway_t *g, const robots_case_t *c);


static const robots_case_t  robots_cases[] = {
    { 200, "User-agent: *\nDisallow: /private\n", '#', NULL },
    { 200, "\xff\xfe\x01\x02", '\x81', NULL },
    { 200, "", 'x', NULL },
    { 200, "User-agent: *\nDisallow: /\n", '\n', "/policy/robots" },
    { 500, "User-agent: *\nDisallow:\n", '\0', "/policy/robots" },
    { 404, "User-agent: *\nDisallow: /\n", '\0', NULL },
    { 0, "", '\0', "/fetch/connect" }
};


START_TEST(a_hostile_robots_txt_is_read_or_ends)
{
    size_t                i, n, kinds, failures;
    gateway_t             g;
    const robots_case_t  *c;
    gateway_options_t     o = { .settings = "retries = 0\nwait = 40000\n",
                                .one_worker = 1 };

    kinds = sizeof(robots_cases) / sizeof(robots_cases[0]);
    n = proof_times("HOSTILE_ROBOTS", kinds * 5, kinds);
    failures = 0;

    for (i = 0; i < n; i++) {
        c = &robots_cases[i % kinds];
        gateway_start(&g, &o);
        robots_set(&g, c);
        failures += robots_page(&g, c);
        gateway_stop(&g);
    }

    proof_report("robots", "a hostile robots.txt is read, or ends the page",
                 n, failures, "binary, a million bytes, 500, 404, a reset");
}
END_TEST


START_TEST(sitemaps_that_lead_in_circles_end)
{
    size_t              i, n, failures;
    gateway_t           g;
    client_reply_t      c;
    char                robots[256], body[512];
    robots_case_t       set = { 200, robots, '\0', NULL };

    n = proof_times("HOSTILE_SITEMAPS", 20, 1);
    failures = 0;

    gateway_start(&g, NULL);
    (void) snprintf(robots, sizeof(robots), "Sitemap: %s/sitemap-self\n",
                    g.origin);
    robots_set(&g, &set);
    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/3\"],"
                    "\"sitemap\":\"only\",\"rules\":{\"t\":\"h1\"}}",
                    g.origin);

    for (i = 0; i < n; i++) {
        c = gateway_request(&g, "POST", "/v1/crawl", "Prefer: wait=40", body);

        if (c.status != 200
            || strcmp(client_str(&c, "state"), "completed") != 0
            || json_integer_value(client_get(&c, "stats.total")) > 8)
        {
            failures++;
            (void) fprintf(stderr, "%ld %.700s\n", c.status, c.body);
        }

        client_free(&c);
    }

    gateway_stop(&g);
    proof_report("robots", "sitemaps that lead in circles end", n, failures,
                 "an index that has itself, a sitemap compressed twice");
}
END_TEST


static void
robots_set(const gateway_t *g, const robots_case_t *c)
{
    char            url[128];
    char           *text;
    client_reply_t  r;

    text = calloc(1, ROBOTS_SIZE + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, c->fill, ROBOTS_SIZE);
    memcpy(text, c->begin, strlen(c->begin));

    (void) snprintf(url, sizeof(url), "%s/robots-set?status=%d", g->origin,
                    c->status);
    r = client_request("PUT", url, NULL, text);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);
    free(text);
}


static size_t
robots_page(gateway_t *g, const robots_case_t *c)
{
    int             right;
    client_reply_t  r;

    r = gateway_extract(g, "/page/5", "{\"title\":\"//h1\"}", "", NULL);
    right = c->type == NULL
            ? r.status == 200
              && strcmp(client_str(&r, "data.title"), "Product 5") == 0
            : strcmp(client_str(&r, "type"), c->type) == 0;

    if (!right) {
        (void) fprintf(stderr, "%d \"%.20s\": %ld %.500s\n", c->status,
                       c->begin, r.status, r.body);
    }

    client_free(&r);

    return right ? 0 : 1;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_hostile_robots_txt_is_read_or_ends,
        sitemaps_that_lead_in_circles_end,
        NULL
    };

    return suite_run("robots", tests, ROBOTS_TIMEOUT);
}
