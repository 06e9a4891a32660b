
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/offering.h"


#define OFFERING_TIMEOUT    120000      /* ms */
#define OFFERING_BODY       1024


static int offering_next(void *data, loading_request_t *r);
static void offering_done(void *data, const loading_request_t *r,
    const loading_reply_t *reply);


void
offering_begin(offering_t *o, site_t *site, size_t jobs, unsigned hosts,
    const char *path)
{
    memset(o, 0, sizeof(offering_t));
    o->site = site;
    o->ledger = ledger_create(jobs);
    o->jobs = jobs;
    o->hosts = hosts;
    o->path = path;
}


void
offering_end(offering_t *o)
{
    site_stop(o->site);
    ledger_destroy(o->ledger);
    loading_times_free(&o->times);
}


void
offering_run(offering_t *o, gateway_t *g, size_t connections)
{
    loading_run(g->url, connections, OFFERING_TIMEOUT, offering_next,
                offering_done, o);
}


static int
offering_next(void *data, loading_request_t *r)
{
    offering_t  *o = data;

    if (r->n == o->jobs) {
        return 0;
    }

    (void) snprintf(r->path, sizeof(r->path), "/v1/extract");
    r->headers = o->headers != NULL ? o->headers : "Prefer: respond-async";
    r->body = offering_body(o, r->n);

    return 1;
}


char *
offering_body(const offering_t *o, size_t n)
{
    char      *body, origin[64];
    unsigned   host;

    host = o->first + (unsigned) (n % o->hosts);

    if (o->names != NULL) {
        (void) snprintf(origin, sizeof(origin), "http://%.20s%u.test:%u",
                        o->names, host, o->site->port);

    } else {
        site_url(o->site, host, origin, sizeof(origin));
    }

    body = malloc(OFFERING_BODY);
    ck_assert_ptr_nonnull(body);
    (void) snprintf(body, OFFERING_BODY,
                    "{\"url\":\"%s%s%zu\",\"rules\":{\"title\":\"//h1\"}%s}",
                    origin, o->path, n, o->members != NULL ? o->members : "");

    return body;
}


static void
offering_done(void *data, const loading_request_t *r,
    const loading_reply_t *reply)
{
    (void) r;

    offering_count(data, reply);
}


void
offering_count(offering_t *o, const loading_reply_t *reply)
{
    char  id[LEDGER_ID];

    loading_times_add(&o->times, reply->time);

    if (reply->error == 0 && reply->status == 202 && loading_id(reply, id)) {
        o->accepted++;

        if (o->ledger != NULL) {
            ledger_add(o->ledger, id, 1);
        }

    } else if (reply->error == 0 && reply->status == 200) {
        o->done++;

    } else if (reply->error == 0 && reply->retry >= 0
               && (reply->status == 503 || reply->status == 429))
    {
        o->refused++;

    } else {
        o->failed++;
        o->status = reply->error == 0 ? reply->status : 0;
    }
}
