
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/access/hex.h"
#include "tests/access/reach.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define FOUND_TIMEOUT    3600
#define FOUND_TEXT       8192
#define FOUND_BODY       (128 << 10)
#define FOUND_BATCH      64         /* starts of a crawl */

/* in robots.txt of tests/access/house.h */
#define FOUND_REDIRECT   1
#define FOUND_SITEMAP    2
#define FOUND_ENTRY      3


static size_t found_targets(reach_t *r, const char ***targets);
static void found_robots(reach_t *r, unsigned how, size_t n);
static void found_crawl(reach_t *r, const char *urls, const char *members);
static void found_links(reach_t *r, const char *way, size_t n);
static void found_job(reach_t *r, const char *path, const char *body,
    const char *what);


START_TEST(no_robots_txt_and_no_sitemap_leads_inside)
{
    size_t        n;
    reach_t       r;
    const char  **targets;

    if (!reach_begin(&r, "")) {
        return;
    }

    n = found_targets(&r, &targets);
    found_robots(&r, FOUND_REDIRECT, n);
    found_robots(&r, FOUND_SITEMAP, n);
    found_robots(&r, FOUND_ENTRY, n);
    reach_report(&r, "D3", "egress_found", "robots.txt and sitemaps");
    reach_end(&r);
    free(targets);
}
END_TEST


/* Those that a line of robots.txt can have; so many as this run takes. */
static size_t
found_targets(reach_t *r, const char ***targets)
{
    size_t  i, n, step, most;

    most = proof_times("ACCESS_FOUND", r->forms.n, 48);
    step = most < r->forms.n ? r->forms.n / most : 1;
    *targets = calloc(r->forms.n, sizeof(char *));
    ck_assert_ptr_nonnull(*targets);
    n = 0;

    for (i = 0; i < r->forms.n; i += step) {
        if (strpbrk(r->forms.list[i].url, "\r\n") == NULL) {
            (*targets)[n++] = r->forms.list[i].url;
        }
    }

    r->house.targets = *targets;
    r->house.ntargets = n;

    return n;
}


/* Each target has an origin of its own, and each origin a robots.txt. */
static void
found_robots(reach_t *r, unsigned how, size_t n)
{
    char    *urls;
    size_t   i, len, number;

    urls = malloc(FOUND_BODY);
    ck_assert_ptr_nonnull(urls);
    len = 0;

    for (i = 0; i < n; i++) {
        number = (size_t) how << 14 | i;
        len += (size_t) snprintf(urls + len, FOUND_BODY - len,
                                 "%s\"http://8.8.%zu.%zu/\"",
                                 len > 0 ? "," : "", number >> 8,
                                 number & 255);

        if (i % FOUND_BATCH == FOUND_BATCH - 1 || i == n - 1) {
            found_crawl(r, urls, ",\"scope\":{\"preset\":\"any\"}");
            len = 0;
        }
    }

    r->runs += n;
    free(urls);
}


static void
found_crawl(reach_t *r, const char *urls, const char *members)
{
    char  *body;

    body = malloc(FOUND_BODY);
    ck_assert_ptr_nonnull(body);
    (void) snprintf(body, FOUND_BODY, "{\"urls\":[%s],\"rules\":{\"title\":"
                    "\"//h1\"}%s}", urls, members);
    found_job(r, "/v1/crawl", body, "crawl");
    free(body);
}


static void
found_job(reach_t *r, const char *path, const char *body, const char *what)
{
    char      id[128];
    json_t   *answer;

    if (front_ask(&r->front, "POST", path, "", body) != 202) {
        reach_wrong(r, what, body);
        return;
    }

    answer = front_json(&r->front);
    (void) snprintf(id, sizeof(id), "%s",
                    json_string_value(json_object_get(answer, "id")));
    json_decref(answer);
    reach_wait(r, id);
}


START_TEST(no_link_of_a_page_leads_inside)
{
    size_t        n;
    reach_t       r;
    const char  **targets;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    n = found_targets(&r, &targets);
    found_links(&r, "/link/", n);
    found_links(&r, "/base/", n);
    reach_report(&r, "D3", "egress_found", "links and <base>");
    reach_end(&r);
    free(targets);
}
END_TEST


static void
found_links(reach_t *r, const char *way, size_t n)
{
    char     hex[FOUND_TEXT];
    char    *urls;
    size_t   i, len;

    urls = malloc(FOUND_BODY);
    ck_assert_ptr_nonnull(urls);
    len = 0;

    for (i = 0; i < n; i++) {
        hex_write(hex, r->house.targets[i], strlen(r->house.targets[i]));
        len += (size_t) snprintf(urls + len, FOUND_BODY - len,
                                 "%s\"http://8.8.4.4%s%s\"",
                                 len > 0 ? "," : "", way, hex);

        if (i % FOUND_BATCH == FOUND_BATCH - 1 || i == n - 1) {
            found_crawl(r, urls, ",\"scope\":{\"preset\":\"any\"},"
                        "\"max_depth\":1,\"sitemap\":\"skip\"");
            len = 0;
        }
    }

    r->runs += n;
    free(urls);
}


START_TEST(batch_and_schedule_lead_nowhere_inside)
{
    char     body[FOUND_TEXT], text[FOUND_TEXT / 2];
    size_t   i, step;
    json_t  *string;
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    step = proof_full() ? 1 : 100;

    for (i = 0; i < r.forms.n; i += step) {
        string = json_string(r.forms.list[i].url);

        if (string == NULL || strlen(r.forms.list[i].url) > 1000) {
            json_decref(string);
            continue;
        }

        (void) json_dumpb(string, text, sizeof(text) - 1, JSON_ENCODE_ANY);
        text[json_dumpb(string, NULL, 0, JSON_ENCODE_ANY)] = '\0';
        json_decref(string);
        (void) snprintf(body, sizeof(body), "{\"urls\":[\"http://8.8.4.4/%zu"
                        "\",%s],\"defaults\":{\"rules\":{\"t\":\"//h1\"}}}",
                        i, text);
        found_job(&r, "/v1/batch", body, "batch");
        (void) snprintf(body, sizeof(body), "{\"every_ms\":1000,\"kind\":"
                        "\"crawl\",\"body\":{\"urls\":[%s],\"rules\":"
                        "{\"t\":\"//h1\"}}}", text);
        (void) front_ask(&r.front, "PUT", "/v1/schedules/x", "", body);
        r.runs += 2;
    }

    reach_report(&r, "D1", "egress_found", "batches and schedules");
    reach_end(&r);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        no_robots_txt_and_no_sitemap_leads_inside,
        no_link_of_a_page_leads_inside,
        batch_and_schedule_lead_nowhere_inside,
        NULL
    };

    return suite_run("egress_found", tests, FOUND_TIMEOUT);
}
