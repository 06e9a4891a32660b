
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/hostile/hostile.h"
#include "tests/hostile/tls_wrong.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/support/tls_origin.h"


#define ORIGINS_TIMEOUT    1800
#define ORIGINS_GOOD       40           /* pages that differ */
#define ORIGINS_TLS        5
#define ORIGINS_ROOM       65536        /* KiB above the start */

#define ORIGINS_SOON       ",\"request\":{\"timeouts\":{\"total_ms\":1500}}"

#define ORIGINS_SETTINGS                                                      \
    "total_timeout = 20000\n"                                                 \
    "retries = 0\n"                                                           \
    "robots = ignore\n"                                                       \
    "host_failures = 0\n"                                                     \
    "host_connections = 64\n"                                                 \
    "connect_timeout = 20000\n"                                               \
    "max_page = 1048576\n"

#define ORIGINS_DEFAULTS                                                      \
    "{\"defaults\":{\"rules\":{\"title\":\"//h1\"},"                          \
    "\"request\":{\"retries\":0}}}"


static size_t origins_tls(const tls_origin_t *t, const tls_wrong_t *w,
    hostile_page_t *pages);
static void origins_run(gateway_t *g, const hostile_page_t *bad, size_t n,
    size_t times, size_t good, const char *promise);
static hostile_page_t *origins_pages(const hostile_page_t *bad, size_t n,
    size_t good);


/* a page may take long to read on a machine that has other work */
static const char  origins_patient[] =
    ORIGINS_SETTINGS "extract_timeout = 30000\n";

static const char  origins_settings[] =
    ORIGINS_SETTINGS "extract_timeout = 3000\n";


static const hostile_page_t  origins_bad[] = {
    { "/hang", ORIGINS_SOON, "/fetch/timeout", NULL, 0 },
    { "/hang-headers", ORIGINS_SOON, "/fetch/timeout", NULL, 0 },
    { "/drip", ORIGINS_SOON, "/fetch/timeout", NULL, 0 },
    { "/drip-headers", ORIGINS_SOON, "/fetch/timeout", NULL, 0 },
    { "/half", ORIGINS_SOON, "/fetch/timeout", NULL, 0 },
    { "/endless", "", "/fetch/too-large", NULL, 0 },
    { "/big?bytes=52428800", "", "/fetch/too-large", NULL, 0 },
    { "/long-text?n=500000", "", "/fetch/too-large", NULL, 0 },
    { "/gzip-bomb?bytes=1073741824", "", "/fetch/too-large", NULL, 0 },
    { "/gzip-twice", "", "/fetch/too-large", NULL, 0 },
    { "/brotli-bomb", "", "/fetch/too-large", NULL, 0 },
    { "/gzip-chain", "", "/fetch/protocol", NULL, 0 },
    { "/gzip-lie", "", "/fetch/protocol", NULL, 0 },
    { "/zstd-bomb", "", "/fetch/too-large", NULL, 0 },
    { "/odd-coding", "", "/fetch/protocol", NULL, 0 },
    { "/gzip-hollow", "", "/fetch/too-large", NULL, 0 },
    { "/coded/gzip?bytes=40", "", "/fetch/protocol", NULL, 0 },
    { "/coded/deflate?bytes=40&end=close", "", "/fetch/protocol", NULL, 0 },
    { "/coded/br?bytes=40&end=chunk", "", "/fetch/protocol", NULL, 0 },
    { "/coded/zstd?bytes=4", "", "/fetch/protocol", NULL, 0 },
    { "/coded/chain?transfer=gzip", "", "/fetch/protocol", NULL, 0 },
    { "/surplus", "", NULL, "", 204 },
    { "/surplus-late", "", NULL, "Late", 200 },
    { "/headers-bomb", "", "/fetch/too-large", NULL, 0 },
    { "/header-line?bytes=10485760", "", "/fetch/too-large", NULL, 0 },
    { "/header-line?bytes=204800", "", "/fetch/too-large", NULL, 0 },
    { "/interim-bomb", "", "/fetch/too-large", NULL, 0 },
    { "/trailers-bomb", "", "/fetch/too-large", NULL, 0 },
    { "/cookies", "", "/fetch/too-large", NULL, 0 },
    { "/short", "", "/fetch/protocol", NULL, 0 },
    { "/long", "", NULL, "", 200 },
    { "/negative-length", "", "/fetch/protocol", NULL, 0 },
    { "/two-lengths", "", "/fetch/protocol", NULL, 0 },
    { "/huge-length", "", "/fetch/protocol", NULL, 0 },
    { "/text-length", "", "/fetch/protocol", NULL, 0 },
    { "/bad-chunk", "", "/fetch/protocol", NULL, 0 },
    { "/cut-chunk", "", "/fetch/protocol", NULL, 0 },
    { "/huge-chunk", "", "/fetch/protocol", NULL, 0 },
    { "/reset", "", "/fetch/connect", NULL, 0 },
    { "/reset-early", "", "/fetch/connect", NULL, 0 },
    { "/close", "", "/fetch/protocol", NULL, 0 },
    { "/garbage", "", "/fetch/protocol", NULL, 0 },
    { "/odd-version", "", "/fetch/protocol", NULL, 0 },
    { "/nul-header", "", "/fetch/protocol", NULL, 0 },
    { "/redirect?to=http://127.0.0.1:1/", "", "/fetch/redirects", NULL, 0 },
    { "http://127.0.0.1:9999/", "", "/fetch/connect", NULL, 0 },
    { "/redirect-loop", "", "/fetch/redirects", NULL, 0 },
    { "/redirect-chain/100", "", "/fetch/redirects", NULL, 0 },
    { "/redirect?to=file:///etc/passwd", "", "/fetch/redirects", NULL, 0 },
    { "/redirect?to=gopher://127.0.0.1/", "", "/fetch/redirects", NULL, 0 },
    { "/redirect?to=http://10.0.0.1/", "", "/policy/egress-blocked", NULL,
      0 },
    { "/redirect?to=http://169.254.169.254/", "", "/policy/egress-blocked",
      NULL, 0 },
    { "/redirect?to=http://[::1]/", "", "/policy/egress-blocked", NULL, 0 },
    { "/laughs", "", "/extract/failed", NULL, 0 },
    { "/odd-status", "", NULL, "Odd", 999 },
    { "/odd-body?status=204", "", NULL, "", 204 },
    { "/odd-body?status=304", "", NULL, "", 304 },
    { "/odd-body?status=200", ",\"request\":{\"method\":\"HEAD\"}", NULL, "",
      200 },
    { "/cookie-wall", "", NULL, "Behind the wall", 200 },
    { "/cookies?n=600", "", NULL, "Odd", 200 },
    { "/folded-header", "", NULL, "Folded", 200 },
    { "/nested", "", NULL, "Nested", 200 },
    { "/nul", "", NULL, NULL, 200 },
    { "/utf16", "", NULL, NULL, 200 },
    { "/lying-charset", "", NULL, NULL, 200 }
};


/* They cost the process that reads them. */
static const hostile_page_t  origins_killers[] = {
    { "/attributes", "", "/extract/timeout", NULL, 0 },
    { "/big?bytes=1000000", ",\"rules\":{\"title\":"
      "\"count(//p[contains(/, 'zz')])\"}", "/extract/timeout", NULL, 0 },
    { "/big?bytes=35000", ",\"rules\":{\"title\":"
      "\"count(//*[count(//*[count(//*)>0])>0])\"}", "/extract/failed", NULL,
      0 }
};


START_TEST(every_hostile_origin_has_its_reason_and_good_ones_are_unharmed)
{
    long               base, most;
    size_t             times, good;
    gateway_t          g;
    gateway_options_t  o = { .settings = origins_patient,
                             .api = "client_max_body_size 0;" };

    times = proof_times("HOSTILE_TIMES", 100, 1);
    good = proof_times("HOSTILE_GOOD", 5000, 40);

    gateway_start(&g, &o);
    origins_run(&g, NULL, 0, 0, good, NULL);
    base = hostile_memory(g.scraped, "VmRSS");

    origins_run(&g, origins_bad,
                sizeof(origins_bad) / sizeof(origins_bad[0]), times, good,
                "a hostile origin ends in its one reason");

    most = hostile_memory(g.scraped, "VmHWM");
    proof_report("origins", "hostile origins cost no memory", times,
                 most > base + ORIGINS_ROOM, "%ld KiB at the start, %ld KiB "
                 "at the most", base, most);
    gateway_stop(&g);
}
END_TEST


START_TEST(tls_that_goes_wrong_has_its_reason_and_good_ones_are_unharmed)
{
    char                settings[1024];
    size_t              n;
    gateway_t           g;
    tls_wrong_t         w;
    tls_origin_t        t;
    hostile_page_t      pages[TLS_WRONG + ORIGINS_TLS];
    gateway_options_t   o = { .settings = settings,
                              .api = "client_max_body_size 0;" };

    tls_origin_start(&t);
    tls_wrong_start(&w, t.dir);
    (void) snprintf(settings, sizeof(settings), "%sca_file = %s\n",
                    origins_patient, t.ca_file);
    n = origins_tls(&t, &w, pages);

    gateway_start(&g, &o);
    origins_run(&g, pages, n, proof_times("HOSTILE_TIMES", 100, 1),
                proof_times("HOSTILE_GOOD", 5000, 20),
                "TLS that goes wrong ends in its one reason");
    gateway_stop(&g);
    tls_wrong_stop(&w);
    tls_origin_stop(&t);
}
END_TEST


static size_t
origins_tls(const tls_origin_t *t, const tls_wrong_t *w, hostile_page_t *pages)
{
    size_t  i, n;

    static const char *const  types[TLS_WRONG] = {
        [TLS_SILENT] = "/fetch/timeout",
        [TLS_HALF] = "/fetch/tls",
        [TLS_RESET] = "/fetch/tls",
        [TLS_PLAIN] = "/fetch/tls",
        [TLS_ALERT] = "/fetch/tls",
        [TLS_ANCIENT] = "/fetch/tls",
        [TLS_CLIENT] = "/fetch/tls",
        [TLS_CUT] = "/fetch/protocol",

        /* an end as good as any other (docs/fetching.md) */
        [TLS_CUT_END] = NULL
    };

    const hostile_page_t  others[ORIGINS_TLS] = {
        { t->expired, "", "/fetch/tls", NULL, 0 },
        { t->wrong_host, "", "/fetch/tls", NULL, 0 },
        { t->self_signed, "", "/fetch/tls", NULL, 0 },
        { t->mutual, "", NULL, "400 Bad Request", 400 },
        { t->good, "", NULL, "HTTP/2.0", 200 }
    };

    n = 0;

    for (i = 0; i < TLS_WRONG; i++, n++) {
        pages[n] = (hostile_page_t) { w->url[i], i == TLS_SILENT
                                                 ? ORIGINS_SOON : "",
                                      types[i], NULL, 0 };
    }

    for (i = 0; i < ORIGINS_TLS; i++, n++) {
        pages[n] = others[i];
    }

    return n;
}


START_TEST(pages_that_kill_their_worker_cost_themselves)
{
    double             killed;
    size_t             times, good;
    gateway_t          g;
    gateway_options_t  o = { .settings = origins_settings,
                             .api = "client_max_body_size 0;",
                             .server = HOSTILE_METRICS };

    times = proof_times("HOSTILE_KILLERS", 33, 1);
    good = proof_times("HOSTILE_KILLED", 9901, 20);

    gateway_start(&g, &o);
    origins_run(&g, origins_killers,
                sizeof(origins_killers) / sizeof(origins_killers[0]), times,
                good, "a page that kills its worker costs itself");
    killed = hostile_metric(&g, "scraped_extract_killed_total");
    ck_assert_msg(killed >= (double) times, "%g killed", killed);
    gateway_stop(&g);
}
END_TEST


/* promise NULL: it is only to warm up. */
static void
origins_run(gateway_t *g, const hostile_page_t *bad, size_t n, size_t times,
    size_t good, const char *promise)
{
    size_t          *lines;
    size_t           total, failures;
    hostile_page_t  *pages;

    pages = origins_pages(bad, n, good);
    lines = hostile_shuffle(n, times, good, &total);
    failures = hostile_batch(g, ORIGINS_DEFAULTS, pages, lines, total,
                             ORIGINS_TIMEOUT / 2);
    free(lines);
    free(pages);

    if (promise == NULL) {
        ck_assert_uint_eq(failures, 0);
        return;
    }

    proof_report("origins", promise, total, failures,
                 "%zu kinds, each %zu times, among %zu good pages", n, times,
                 good);
}


/* The bad ones, and good ones behind them. */
static hostile_page_t *
origins_pages(const hostile_page_t *bad, size_t n, size_t good)
{
    size_t           i;
    hostile_page_t  *pages;

    static char  urls[ORIGINS_GOOD][32], titles[ORIGINS_GOOD][32];

    pages = calloc(n + good + 1, sizeof(hostile_page_t));
    ck_assert_ptr_nonnull(pages);

    if (n > 0) {
        memcpy(pages, bad, n * sizeof(hostile_page_t));
    }

    for (i = 0; i < ORIGINS_GOOD; i++) {
        (void) snprintf(urls[i], sizeof(urls[i]), "/page/%zu", i + 1);
        (void) snprintf(titles[i], sizeof(titles[i]), "Product %zu", i + 1);
    }

    for (i = 0; i < good; i++) {
        pages[n + i].url = urls[i % ORIGINS_GOOD];
        pages[n + i].more = "";
        pages[n + i].title = titles[i % ORIGINS_GOOD];
        pages[n + i].status = 200;
    }

    return pages;
}


int
main(void)
{
    const TTest  *tests[] = {
        every_hostile_origin_has_its_reason_and_good_ones_are_unharmed,
        tls_that_goes_wrong_has_its_reason_and_good_ones_are_unharmed,
        pages_that_kill_their_worker_cost_themselves,
        NULL
    };

    return suite_run("origins", tests, ORIGINS_TIMEOUT);
}
