
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/support/watch.h"
#include "tests/support/zone.h"


#define NAMES_TIMEOUT    1800
#define NAMES_CLIENTS    64
#define NAMES_BODY       512
#define NAMES_ROUND      0.25       /* s, of 99 % of rounds, in full */

/* a name that is not answered for costs its page the connect_timeout */
#define NAMES_SETTINGS   "resolver = 127.0.0.1:%u\n" \
                         "connect_timeout = %d\n" \
                         "retries = 0\nhost_failures = 0\n" \
                         "robots = ignore\n"


/* What kinds of names lead to: type is NULL where there is a page. */
typedef struct {
    const char  *kind;
    const char  *type;
} names_kind_t;

/*
 * bag     kinds that are left to be asked for, in any order
 * first   the number of the first name: each is asked for once
 * pages   answers with a page, and with the problem that was expected
 * wrong   all others
 */
typedef struct {
    site_t                site;
    zone_t                zone;
    gateway_t             g;
    const names_kind_t  **bag;
    size_t                n;
    unsigned              first;
    size_t                pages;
    size_t                problems;
    size_t                wrong;
} names_t;


static void names_begin(names_t *t);
static void names_end(names_t *t);
static void names_ask(names_t *t, const names_kind_t *kinds, size_t nkinds,
    size_t each);
static int names_next(void *data, loading_request_t *r);
static void names_done(void *data, const loading_request_t *r,
    const loading_reply_t *reply);


static const names_kind_t  names_kinds[] = {
    { "good", NULL }, { "zero", NULL }, { "long", NULL }, { "huge", NULL },
    { "nx", "/fetch/dns" }, { "fail", "/fetch/dns" },
    { "empty", "/fetch/dns" }, { "dead", "/fetch/dns" },
    { "loop", "/fetch/dns" }, { "noise", "/fetch/dns" },
    { "other", "/fetch/dns" },
    { "good", NULL }, { "good", NULL }, { "good", NULL }, { "good", NULL }
};

/* by itself: all that is asked over TCP shares a connection, and its fate */
static const names_kind_t  names_cut = { "cut", "/fetch/dns" };


START_TEST(whatever_a_name_server_says_a_page_ends_with_its_reason)
{
    double   p99, most;
    size_t   each, n;
    watch_t  before, after;
    names_t  t;

    n = sizeof(names_kinds) / sizeof(names_kinds[0]);
    each = proof_times("TORTURE_NAMES", 100, 3);
    names_begin(&t);
    watch_process(t.g.scraped, &before);
    names_ask(&t, names_kinds, n, each);
    names_ask(&t, &names_cut, 1, each);
    watch_process(t.g.scraped, &after);
    p99 = watch_metric(&t.g, "loop.round_seconds.p99");
    most = watch_metric(&t.g, "loop.round_max_seconds");

    t.wrong += t.pages != each * 8 || t.problems != each * 8;
    t.wrong += after.threads != before.threads;
    t.wrong += p99 < 0 || (proof_full() && p99 > NAMES_ROUND);

    proof_report("names", "B12: a name's fault is told as what it is",
                 each * (n + 1), t.wrong,
                 "%zu names of each of 12 kinds, shuffled, good ones five "
                 "times as often: %zu pages, %zu problems; 99 %% of the "
                 "rounds %.1f ms, the longest %.1f ms", each,
                 t.pages, t.problems, p99 * 1000, most * 1000);
    names_end(&t);
}
END_TEST


START_TEST(a_name_server_that_dies_costs_pages_only_while_it_is_dead)
{
    size_t   i, rounds, each;
    names_t  t;

    static const names_kind_t  alive = { "good", NULL };
    static const names_kind_t  dead = { "good", "/fetch/dns" };

    rounds = proof_times("TORTURE_SERVERS", 10, 1);
    each = proof_full() ? 20 : 8;
    names_begin(&t);

    for (i = 0; i < rounds; i++) {
        names_ask(&t, &alive, 1, each);
        zone_kill(&t.zone);
        names_ask(&t, &dead, 1, each);
        zone_again(&t.zone);
    }

    names_ask(&t, &alive, 1, each);
    t.wrong += t.pages != (rounds + 1) * each || t.problems != rounds * each;

    proof_report("names", "B12: a name server may die and come back",
                 (2 * rounds + 1) * each, t.wrong,
                 "%zu times: %zu pages while it lived, %zu problems while it "
                 "did not", rounds, t.pages, t.problems);
    names_end(&t);
}
END_TEST


static void
names_begin(names_t *t)
{
    char  settings[256];

    memset(t, 0, sizeof(names_t));
    site_start(&t->site, &(site_options_t) { .delay = 0 });
    zone_start(&t->zone);
    (void) snprintf(settings, sizeof(settings), NAMES_SETTINGS,
                    t->zone.port, proof_full() ? 5000 : 1000);
    gateway_start(&t->g, &(gateway_options_t) { .settings = settings,
                                                .server = WATCH_LOCATION });
}


static void
names_end(names_t *t)
{
    gateway_stop(&t->g);
    zone_stop(&t->zone);
    site_stop(&t->site);
}


/* Pages of so many names of each kind, shuffled; each name is a new one. */
static void
names_ask(names_t *t, const names_kind_t *kinds, size_t nkinds, size_t each)
{
    size_t               i, j;
    const names_kind_t  *k;

    t->n = nkinds * each;
    t->bag = calloc(t->n, sizeof(names_kind_t *));
    ck_assert_ptr_nonnull(t->bag);

    for (i = 0; i < t->n; i++) {
        j = proof_random(i + 1);
        k = &kinds[i % nkinds];
        t->bag[i] = t->bag[j];
        t->bag[j] = k;
    }

    loading_run(t->g.url, NAMES_CLIENTS, 60000, names_next, names_done, t);
    t->first += (unsigned) t->n;
    free(t->bag);
}


static int
names_next(void *data, loading_request_t *r)
{
    names_t  *t = data;

    if (r->n == t->n) {
        return 0;
    }

    (void) snprintf(r->path, sizeof(r->path), "/v1/extract");
    r->headers = "Prefer: wait=40";
    r->body = malloc(NAMES_BODY);
    ck_assert_ptr_nonnull(r->body);
    (void) snprintf(r->body, NAMES_BODY, "{\"url\":\"http://%s%zu.test:%u/p\","
                    "\"rules\":{\"title\":\"//h1\"}}", t->bag[r->n]->kind,
                    t->first + r->n, t->site.port);

    return 1;
}


static void
names_done(void *data, const loading_request_t *r,
    const loading_reply_t *reply)
{
    char                 type[128];
    names_t             *t = data;
    const names_kind_t  *k = t->bag[r->n];

    (void) snprintf(type, sizeof(type), "%s\"",
                    k->type != NULL ? k->type : "");

    if (k->type == NULL && reply->status == 200) {
        t->pages++;

    } else if (k->type != NULL && strstr(reply->body, type) != NULL) {
        t->problems++;

    } else if (t->wrong++ < 10) {
        (void) fprintf(stderr, "\"%s\" was answered %ld: %.300s\n", k->kind,
                       reply->status, reply->body);
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        whatever_a_name_server_says_a_page_ends_with_its_reason,
        a_name_server_that_dies_costs_pages_only_while_it_is_dead,
        NULL
    };

    return suite_run("names", tests, NAMES_TIMEOUT);
}
