
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define SHARE_TIMEOUT    3600
#define SHARE_TRIES      30000      /* of 10 ms */
#define SHARE_HOSTS      100        /* of A; those of B follow */
#define SHARE_DELAY      100        /* ms, of every page */
#define SHARE_SLACK      60         /* pages: what is begun, and turns */

/* few fetches at once: whose turn it is decides */
#define SHARE_SETTINGS   "max_connections = 20\n" \
                         "host_connections = 4\n" \
                         "robots = ignore\n"

#define SHARE_A          "Prefer: respond-async\nX-Tenant: a"
#define SHARE_B          "Content-Type: application/x-ndjson\nX-Tenant: b"


typedef struct {
    site_t      site;
    gateway_t   g;
    offering_t  a;
    size_t      few;
} share_t;


static void share_begin(share_t *t, size_t a, size_t b);
static void share_end(share_t *t);
static double share_few(share_t *t);
static void share_batch(share_t *t);
static size_t share_unended(share_t *t);
static unsigned share_of(const share_t *t, unsigned from, unsigned *others);


/*
 * From B's first page to that which 95 % of its pages are not behind, as the
 * origin was asked for them, A has had as many as B: that is twice the time.
 */
START_TEST(a_tenant_with_a_few_jobs_does_not_wait_for_one_with_many)
{
    double    alone, beside;
    size_t    wrong;
    share_t   t;
    unsigned  from, mine, others;

    share_begin(&t, proof_times("LOAD_SHARE", 50000, 600),
                proof_times("LOAD_SHARE_FEW", 200, 40));
    alone = share_few(&t);
    offering_run(&t.a, &t.g, 64);
    from = t.site.seen->pages;
    beside = share_few(&t);
    mine = share_of(&t, from, &others);

    wrong = t.a.jobs - t.a.accepted;
    wrong += mine * 100 < t.few * 94;
    wrong += others > mine + SHARE_SLACK;

    proof_report("share", "A5: many jobs of one tenant do not delay "
                 "another's", t.a.jobs + t.few, wrong,
                 "%zu jobs of A were accepted before; for 95 %% of B's %zu "
                 "the origin was asked %u times, and %u times for A; B took "
                 "%.0f ms alone, %.0f ms beside A", t.a.accepted, t.few,
                 mine, others, alone, beside);
    share_end(&t);
}
END_TEST


static void
share_begin(share_t *t, size_t a, size_t b)
{
    static const gateway_options_t  options = {
        .api = "scrape_tenant $http_x_tenant;",
        .settings = SHARE_SETTINGS
    };

    memset(t, 0, sizeof(share_t));
    ck_assert_uint_lt(a + 2 * b, SITE_ORDER);
    site_start(&t->site, &(site_options_t) { .delay = SHARE_DELAY });
    gateway_start(&t->g, &options);

    t->a.site = &t->site;
    t->a.jobs = a;
    t->a.hosts = SHARE_HOSTS;
    t->a.path = "/slow/";
    t->a.headers = SHARE_A;
    t->few = b;
}


/* What is left of A stays in the store. */
static void
share_end(share_t *t)
{
    gateway_stop(&t->g);
    site_stop(&t->site);
    loading_times_free(&t->a.times);
}


/* Send B's pages, in one request, until they have ended: milliseconds. */
static double
share_few(share_t *t)
{
    int      i;
    int64_t  from;

    from = loading_now();
    share_batch(t);

    for (i = 0; share_unended(t) > 0; i++) {
        ck_assert_int_lt(i, SHARE_TRIES);
        process_pause(10);
    }

    return (double) (loading_now() - from) / 1e6;
}


/* All at once, so that its pages never wait for its client. */
static void
share_batch(share_t *t)
{
    char            url[64];
    size_t          i;
    sc_buf_t        body;
    client_reply_t  r;

    sc_buf_init(&body, 0);
    (void) sc_buf_add_cstr(&body, "{\"defaults\":{\"rules\":"
                                  "{\"title\":\"//h1\"}}}\n");

    for (i = 0; i < t->few; i++) {
        site_url(&t->site, SHARE_HOSTS + (unsigned) (i % SHARE_HOSTS), url,
                 sizeof(url));
        (void) sc_buf_printf(&body, "\"%s/slow/%zu\"\n", url, i);
    }

    r = gateway_request(&t->g, "POST", "/v1/batch", SHARE_B, body.data);
    ck_assert_int_eq(r.status, 202);
    client_free(&r);
    sc_buf_free(&body);
}


static size_t
share_unended(share_t *t)
{
    size_t          i, n;
    client_reply_t  r;

    static const char  *lists[] = { "/v1/jobs?state=queued&limit=1",
                                    "/v1/jobs?state=running&limit=1" };

    n = 0;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]) && n == 0; i++) {
        r = gateway_request(&t->g, "GET", lists[i], "X-Tenant: b", NULL);
        ck_assert_int_eq(r.status, 200);
        n = json_array_size(client_get(&r, "data"));
        client_free(&r);
    }

    return n;
}


/* Pages of B from this one on, up to 95 % of them, and A's among these. */
static unsigned
share_of(const share_t *t, unsigned from, unsigned *others)
{
    unsigned  i, mine;

    mine = 0;
    *others = 0;

    for (i = from; i < t->site.seen->pages; i++) {
        if (t->site.seen->order[i] >= SHARE_HOSTS) {
            mine++;

            if (mine * 100 >= t->few * 95) {
                break;
            }

        } else if (mine > 0) {
            (*others)++;
        }
    }

    return mine;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_tenant_with_a_few_jobs_does_not_wait_for_one_with_many,
        NULL
    };

    return suite_run("share", tests, SHARE_TIMEOUT);
}
