
#include <stdio.h>
#include <string.h>

#include "common/sc_buf.h"
#include "tests/support/proof.h"
#include "tests/torture/torture.h"


#define TORTURE_LEAST     5             /* pages of a batch, or more */
#define TORTURE_REST      10            /* ms between requests, and more */
#define TORTURE_PERIOD    1500          /* ms between pages of a slow host */


/*
 * A job to be made.
 *
 * n      its number
 * pages  it has, 0 if that is not known
 */
typedef struct {
    size_t       n;
    unsigned     pages;
    const char  *path;
    const char  *type;
    const char  *prefer;
    sc_buf_t     body;
} torture_order_t;


static void torture_order(torture_t *t, torture_order_t *o);
static void torture_order_extract(torture_t *t, torture_order_t *o);
static torture_host_t torture_order_host(torture_t *t);
static void torture_order_batch(torture_t *t, torture_order_t *o);
static void torture_order_lines(torture_t *t, torture_order_t *o);
static void torture_order_crawl(torture_t *t, torture_order_t *o);
static void torture_order_common(torture_t *t, torture_order_t *o);
static void torture_send(torture_t *t, torture_order_t *o);
static void torture_accepted(torture_t *t, const torture_order_t *o,
    const client_reply_t *r);
static void torture_read_job(torture_t *t);


void
torture_send_run(torture_t *t)
{
    torture_order_t  o;

    while (!atomic_load(&t->stop)) {
        torture_order(t, &o);
        torture_send(t, &o);
        sc_buf_free(&o.body);
        torture_read_job(t);
        process_pause((unsigned) (TORTURE_REST + proof_random(30)));
    }
}


static void
torture_order(torture_t *t, torture_order_t *o)
{
    size_t  what;

    memset(o, 0, sizeof(torture_order_t));
    sc_buf_init(&o->body, 0);
    o->n = atomic_fetch_add(&t->njobs, 1);
    o->type = "application/json";
    o->prefer = "respond-async";
    what = proof_random(20);

    if (what < 14) {
        torture_order_extract(t, o);
        o->prefer = what < 12 ? o->prefer : "wait=5";

    } else if (what < 17) {
        torture_order_batch(t, o);

    } else if (what < 19) {
        torture_order_lines(t, o);

    } else {
        torture_order_crawl(t, o);
    }
}


static void
torture_order_extract(torture_t *t, torture_order_t *o)
{
    torture_host_t  host;

    o->path = "/v1/extract";
    o->pages = 1;
    host = torture_order_host(t);

    (void) sc_buf_printf(&o->body, "{\"url\":\"%s/p/%zu\",\"rules\":"
                         "{\"title\":\"//h1\"}%s", t->hosts[host], o->n,
                         host == TORTURE_WISHED ? ",\"politeness\":"
                         "{\"delay_ms\":400}" : "");
    torture_order_common(t, o);
}


/* A slow host, when it is its turn. */
static torture_host_t
torture_order_host(torture_t *t)
{
    int      i;
    int64_t  now, due;

    now = torture_now();

    for (i = TORTURE_PLAIN + 1; i < TORTURE_HOSTS; i++) {
        due = atomic_load(&t->due[i]);

        if (i == TORTURE_FAILING && !proof_full()) {
            continue;
        }

        if (due <= now && atomic_compare_exchange_strong(&t->due[i], &due,
                                                         now + TORTURE_PERIOD))
        {
            return (torture_host_t) i;
        }
    }

    return TORTURE_PLAIN;
}


static void
torture_order_batch(torture_t *t, torture_order_t *o)
{
    unsigned  i;

    o->path = "/v1/batch";
    o->pages = (unsigned) (TORTURE_LEAST + proof_random(10));
    (void) sc_buf_add_cstr(&o->body, "{\"urls\":[");

    for (i = 0; i < o->pages; i++) {
        (void) sc_buf_printf(&o->body, "%s\"%s/b/%zu/%u\"", i > 0 ? "," : "",
                             t->hosts[TORTURE_PLAIN], o->n, i);
    }

    (void) sc_buf_add_cstr(&o->body, "],\"defaults\":{\"rules\":"
                           "{\"title\":\"//h1\"}}");
    torture_order_common(t, o);
}


/* A batch whose body is stored while it comes. */
static void
torture_order_lines(torture_t *t, torture_order_t *o)
{
    unsigned  i;

    o->path = "/v1/batch";
    o->type = "application/x-ndjson";
    o->pages = (unsigned) (TORTURE_LEAST + proof_random(30));
    (void) sc_buf_add_cstr(&o->body, "{\"defaults\":{\"rules\":"
                           "{\"title\":\"//h1\"}}");
    torture_order_common(t, o);

    for (i = 0; i < o->pages; i++) {
        (void) sc_buf_printf(&o->body, "\n\"%s/l/%zu/%u\"",
                             t->hosts[TORTURE_PLAIN], o->n, i);
    }
}


static void
torture_order_crawl(torture_t *t, torture_order_t *o)
{
    o->path = "/v1/crawl";
    (void) sc_buf_printf(&o->body, "{\"urls\":[\"%s/site/%zu/1\"],"
                         "\"sitemap\":\"skip\",\"rules\":"
                         "{\"title\":\"//h1\"}", t->hosts[TORTURE_PLAIN],
                         o->n);
    torture_order_common(t, o);
}


/* What all jobs have; every other one has a webhook. */
static void
torture_order_common(torture_t *t, torture_order_t *o)
{
    if (o->n % 2 == 0) {
        t->jobs[o->n].hooked = 1;
        (void) sc_buf_printf(&o->body, ",\"webhook\":{\"url\":\"%s/hook\","
                             "\"metadata\":{\"n\":%zu}}", t->hook, o->n);
    }

    (void) sc_buf_printf(&o->body, ",\"tags\":{\"n\":\"%zu\"}}", o->n);
}


static void
torture_send(torture_t *t, torture_order_t *o)
{
    char            headers[256];
    client_reply_t  r;

    (void) snprintf(headers, sizeof(headers), "Content-Type: %s\nPrefer: %s\n"
                    "Idempotency-Key: \"torture-%zu\"", o->type, o->prefer,
                    o->n);

    if (torture_ask(t, &r, "POST", o->path, headers, o->body.data)) {
        torture_accepted(t, o, &r);
        client_free(&r);
    }
}


/* It is in the ledger: by its id, or that of the problem it ended with. */
static void
torture_accepted(torture_t *t, const torture_order_t *o,
    const client_reply_t *r)
{
    const char  *id;

    id = client_str(r, "id");

    if (*id == '\0') {
        id = strrchr(client_str(r, "instance"), '/');
        id = id != NULL ? id + 1 : "";
    }

    torture_accept_job(t, o->n, id, o->pages);
}


/* What was accepted can be read at once, by anybody. */
static void
torture_read_job(torture_t *t)
{
    size_t          n;
    char            path[128];
    client_reply_t  r;

    n = atomic_load(&t->njobs);
    n = n > 64 ? n - 1 - proof_random(64) : proof_random(n);

    if (!atomic_load(&t->jobs[n].accepted)) {
        return;
    }

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s", t->jobs[n].id);

    if (torture_ask(t, &r, "GET", path, "Accept: application/json", NULL)) {
        client_free(&r);
    }
}
