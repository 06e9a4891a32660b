
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/support/watch.h"


#define ACCEPTS_TIMEOUT    3600
#define ACCEPTS_SETTLE     1200
#define ACCEPTS_CLIENTS    64

#define ACCEPTS_SETTINGS   "robots = ignore\n" \
                           "host_connections = 64\n"


/*
 * Jobs that are read as soon as they are accepted.
 *
 * waiting    ids of accepted jobs that have not been asked for, a stack
 * absent     answers other than 200
 */
typedef struct {
    offering_t   offer;
    char       (*waiting)[LEDGER_ID];
    size_t       nwaiting;
    size_t       posted;
    size_t       read;
    size_t       absent;
} accepts_read_t;


static int accepts_next(void *data, loading_request_t *r);
static void accepts_done(void *data, const loading_request_t *r,
    const loading_reply_t *reply);


START_TEST(every_job_that_was_answered_202_has_its_one_outcome)
{
    size_t      wrong;
    site_t      site;
    int64_t     from, took;
    gateway_t   g;
    offering_t  o;

    offering_begin(&o, &site, proof_times("LOAD_ACCEPTS", 50000, 400), 100,
                   "/p/");
    site_start(&site, &(site_options_t) { .delay = 0 });
    gateway_start(&g, &(gateway_options_t) { .settings = ACCEPTS_SETTINGS });

    from = loading_now();
    offering_run(&o, &g, ACCEPTS_CLIENTS);
    took = loading_now() - from;
    ledger_settle(o.ledger, &g, ACCEPTS_SETTLE);
    wrong = ledger_verify(o.ledger, &g);
    gateway_stop(&g);

    proof_report("accepts", "A1: what is answered 202 ends once", o.jobs,
                 o.jobs - o.accepted + wrong,
                 "%d clients, %.0f accepts/s while fetching, p50 %.1f ms, "
                 "p99 %.1f ms, %zu refused", ACCEPTS_CLIENTS,
                 (double) o.accepted * 1e9 / (double) took,
                 loading_percentile(&o.times, 0.5),
                 loading_percentile(&o.times, 0.99), o.refused);

    offering_end(&o);
}
END_TEST


START_TEST(a_job_is_there_as_soon_as_it_was_answered_202)
{
    site_t          site;
    gateway_t       g;
    accepts_read_t  a;

    memset(&a, 0, sizeof(accepts_read_t));
    offering_begin(&a.offer, &site, proof_times("LOAD_READS", 10000, 200), 100,
                   "/p/");
    a.waiting = calloc(a.offer.jobs, LEDGER_ID);
    ck_assert_ptr_nonnull(a.waiting);
    site_start(&site, &(site_options_t) { .delay = 0 });
    gateway_start(&g, &(gateway_options_t) { .settings = ACCEPTS_SETTINGS });

    /* a run is of new connections: of either worker of nginx */
    while (a.read < a.offer.jobs) {
        loading_run(g.url, 2 + a.posted % 7, 60000, accepts_next,
                    accepts_done, &a);
    }

    ledger_settle(a.offer.ledger, &g, ACCEPTS_SETTLE);
    a.absent += ledger_verify(a.offer.ledger, &g);
    gateway_stop(&g);

    proof_report("accepts", "A8: a job is there once it was answered 202",
                 a.read, a.absent, "%zu jobs, each read at once, over other "
                 "connections, two nginx workers", a.posted);

    offering_end(&a.offer);
    free(a.waiting);
}
END_TEST


/* What is waiting is read first; a run of a hundred jobs. */
static int
accepts_next(void *data, loading_request_t *r)
{
    accepts_read_t  *a = data;

    if (a->nwaiting > 0) {
        (void) snprintf(r->path, sizeof(r->path), "/v1/jobs/%s",
                        a->waiting[--a->nwaiting]);

        /* a connection of its own comes to either worker */
        r->headers = r->n % 2 == 0 ? "Connection: close" : NULL;

        return 1;
    }

    if (r->n >= 200 || a->posted == a->offer.jobs) {
        return 0;
    }

    r->data = 1;
    (void) snprintf(r->path, sizeof(r->path), "/v1/extract");
    r->headers = "Prefer: respond-async";
    r->body = offering_body(&a->offer, a->posted++);

    return 1;
}


static void
accepts_done(void *data, const loading_request_t *r,
    const loading_reply_t *reply)
{
    accepts_read_t  *a = data;

    if (r->data == 0) {
        a->read++;
        a->absent += reply->error != 0 || reply->status != 200;
        return;
    }

    offering_count(&a->offer, reply);

    if (reply->status == 202
        && loading_id(reply, a->waiting[a->nwaiting]))
    {
        a->nwaiting++;

    } else {
        a->read++;
        a->absent++;
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        every_job_that_was_answered_202_has_its_one_outcome,
        a_job_is_there_as_soon_as_it_was_answered_202,
        NULL
    };

    return suite_run("accepts", tests, ACCEPTS_TIMEOUT);
}
