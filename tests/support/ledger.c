
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/store/store.h"
#include "tests/support/ledger.h"


#define LEDGER_PAUSE    20      /* ms, between two looks at what is left */
#define LEDGER_TOLD     10      /* of those that are wrong */


struct ledger_s {
    atomic_size_t   n;
    size_t          max;
    ledger_entry_t  entries[];
};


/*
 * What became of a job.
 *
 * items   results of pages that completed
 * errors  and of those that failed
 * last    seq of the last one
 * wrong   what is not as it must be, NULL if nothing
 */
typedef struct {
    json_int_t   items;
    json_int_t   errors;
    json_int_t   last;
    const char  *wrong;
} ledger_outcome_t;


static int ledger_unended(gateway_t *g);
static int ledger_judge(const ledger_entry_t *e, gateway_t *g,
    ledger_outcome_t *o);
static void ledger_status(const ledger_entry_t *e, const client_reply_t *r,
    ledger_outcome_t *o);
static void ledger_rows(gateway_t *g, client_reply_t *r,
    ledger_outcome_t *o);
static void ledger_row(const json_t *row, ledger_outcome_t *o);
static json_int_t ledger_stat(const client_reply_t *r, const char *name);


ledger_t *
ledger_create(size_t max)
{
    size_t     size;
    ledger_t  *l;

    size = sizeof(ledger_t) + max * sizeof(ledger_entry_t);
    l = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
             -1, 0);
    ck_assert_msg(l != MAP_FAILED, "no memory for a ledger of %zu", max);
    atomic_init(&l->n, 0);
    l->max = max;

    return l;
}


void
ledger_destroy(ledger_t *l)
{
    (void) munmap(l, sizeof(ledger_t) + l->max * sizeof(ledger_entry_t));
}


void
ledger_add(ledger_t *l, const char *id, unsigned pages)
{
    size_t           n;
    ledger_entry_t  *e;

    n = atomic_fetch_add(&l->n, 1);
    ck_assert_msg(n < l->max, "the ledger has no room for \"%s\"", id);
    ck_assert_uint_lt(strlen(id), LEDGER_ID);

    e = &l->entries[n];
    e->pages = pages;
    memcpy(e->id, id, strlen(id) + 1);
}


size_t
ledger_count(const ledger_t *l)
{
    size_t  n;

    n = atomic_load(&l->n);

    return n < l->max ? n : l->max;
}


const ledger_entry_t *
ledger_get(const ledger_t *l, size_t n)
{
    return &l->entries[n];
}


void
ledger_settle(ledger_t *l, gateway_t *g, unsigned seconds)
{
    size_t  tries;

    for (tries = seconds * 1000 / LEDGER_PAUSE; ledger_unended(g); tries--) {
        ck_assert_msg(tries > 0, "of %zu jobs some have not ended in %u s",
                      ledger_count(l), seconds);
        process_pause(LEDGER_PAUSE);
    }
}


static int
ledger_unended(gateway_t *g)
{
    int             found;
    size_t          i;
    client_reply_t  r;

    static const char  *lists[] = { "/v1/jobs?state=queued&limit=1",
                                    "/v1/jobs?state=running&limit=1" };

    found = 0;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]) && !found; i++) {
        r = gateway_request(g, "GET", lists[i], NULL, NULL);
        found = r.status != 200
                || json_array_size(client_get(&r, "data")) != 0;
        client_free(&r);
    }

    return found;
}


size_t
ledger_verify(ledger_t *l, gateway_t *g)
{
    size_t                 i, wrong;
    ledger_outcome_t       o;
    const ledger_entry_t  *e;

    wrong = 0;

    for (i = 0; i < ledger_count(l); i++) {
        e = &l->entries[i];

        /* whoever was about to write it down was killed */
        if (e->id[0] == '\0' || ledger_judge(e, g, &o)) {
            continue;
        }

        if (wrong++ < LEDGER_TOLD) {
            (void) fprintf(stderr, "ledger: job \"%s\" of %u pages: %s\n",
                           e->id, e->pages, o.wrong);
        }
    }

    return wrong;
}


/* Nonzero: it is as it must be. */
static int
ledger_judge(const ledger_entry_t *e, gateway_t *g, ledger_outcome_t *o)
{
    char            path[128];
    json_int_t      items, failed;
    client_reply_t  r;

    memset(o, 0, sizeof(ledger_outcome_t));
    (void) snprintf(path, sizeof(path), "/v1/jobs/%s?include=results", e->id);
    r = gateway_request(g, "GET", path, NULL, NULL);
    ledger_status(e, &r, o);
    items = ledger_stat(&r, "items");
    failed = ledger_stat(&r, "failed");

    if (o->wrong == NULL) {
        ledger_rows(g, &r, o);
    }

    if (o->wrong == NULL && o->items != items) {
        o->wrong = "it has other results than it counts";
    }

    if (o->wrong == NULL && o->errors != failed) {
        o->wrong = "it has other errors than it counts";
    }

    client_free(&r);

    return o->wrong == NULL;
}


static void
ledger_status(const ledger_entry_t *e, const client_reply_t *r,
    ledger_outcome_t *o)
{
    json_int_t   total, ended;
    const char  *state;

    state = client_str(r, "state");
    total = ledger_stat(r, "total");
    ended = ledger_stat(r, "completed") + ledger_stat(r, "failed")
            + ledger_stat(r, "cancelled");

    if (r->status != 200) {
        o->wrong = "it is not there";

    } else if (strcmp(state, "completed") != 0 && strcmp(state, "failed") != 0
               && strcmp(state, "cancelled") != 0)
    {
        o->wrong = "it has not ended";

    } else if (total != ended) {
        o->wrong = "a page has no outcome";

    } else if (e->pages != 0 && total != (json_int_t) e->pages) {
        o->wrong = "it has not as many pages as were accepted";
    }
}


/* Count its results, of which r has the first page. */
static void
ledger_rows(gateway_t *g, client_reply_t *r, ledger_outcome_t *o)
{
    char    path[1024];
    size_t  i, n;

    for ( ;; ) {
        n = json_array_size(client_get(r, "data"));

        for (i = 0; i < n; i++) {
            ledger_row(json_array_get(client_get(r, "data"), i), o);
        }

        if (o->wrong != NULL || *client_str(r, "next") == '\0' || n == 0) {
            return;
        }

        (void) snprintf(path, sizeof(path), "%s", client_str(r, "next"));
        client_free(r);
        *r = gateway_request(g, "GET", path, NULL, NULL);

        if (r->status != 200) {
            o->wrong = "its results cannot be read";
            return;
        }
    }
}


static void
ledger_row(const json_t *row, ledger_outcome_t *o)
{
    json_int_t  seq;

    seq = json_integer_value(json_object_get(row, "seq"));

    if (seq <= o->last) {
        o->wrong = "a result is told twice, or out of order";
    }

    o->last = seq;

    if (strcmp(json_string_value(json_object_get(row, "state")) ?: "",
               "completed") == 0)
    {
        o->items++;

    } else {
        o->errors++;
    }
}


static json_int_t
ledger_stat(const client_reply_t *r, const char *name)
{
    char  path[64];

    (void) snprintf(path, sizeof(path), "stats.%s", name);

    return json_integer_value(client_get(r, path));
}


void
ledger_whole(gateway_t *g)
{
    char  path[128], err[512];

    (void) snprintf(path, sizeof(path), "%s/scraped.db", g->dir);

    if (store_check(path, err, sizeof(err)) != SC_OK) {
        ck_abort_msg("the store in %s is not whole: %s", g->dir, err);
    }
}
