
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_buf.h"
#include "tests/torture/torture.h"


#define TORTURE_ROWS      60            /* pages of a job that is read so */
#define TORTURE_LISTEN    3000          /* ms, then the reader comes again */


/* last  seq of the last event that came whole */
typedef struct {
    char    id[LEDGER_ID];
    long    last;
    size_t  rows;
    int     done;
} torture_reader_t;


static int torture_stream_make(torture_t *t, torture_reader_t *r);
static void torture_stream_read(torture_t *t, torture_reader_t *r);
static void torture_stream_event(torture_t *t, torture_reader_t *r,
    const char *event);
static void torture_stream_compare(torture_t *t, torture_reader_t *r);


void
torture_stream_run(torture_t *t)
{
    torture_reader_t  r;

    while (!atomic_load(&t->stop)) {
        memset(&r, 0, sizeof(torture_reader_t));

        if (!torture_stream_make(t, &r)) {
            return;
        }

        for ( ;; ) {
            torture_stream_read(t, &r);

            if (r.done) {
                break;
            }

            atomic_fetch_add(&t->counts.resumed, 1);
        }

        torture_stream_compare(t, &r);
        process_pause(100);
    }
}


/* A job that takes a while; nonzero when there is one. */
static int
torture_stream_make(torture_t *t, torture_reader_t *r)
{
    int             i, rc;
    char            headers[160];
    size_t          n;
    sc_buf_t        body;
    client_reply_t  reply;

    n = atomic_fetch_add(&t->njobs, 1);
    sc_buf_init(&body, 0);
    (void) sc_buf_add_cstr(&body, "{\"urls\":[");

    for (i = 0; i < TORTURE_ROWS; i++) {
        (void) sc_buf_printf(&body, "%s\"%s/s/%zu/%d\"", i > 0 ? "," : "",
                             t->hosts[TORTURE_PLAIN], n, i);
    }

    (void) sc_buf_printf(&body, "],\"defaults\":{\"rules\":{\"t\":\"//h1\"}},"
                         "\"max_concurrency\":2,\"tags\":{\"n\":\"%zu\"}}", n);
    (void) snprintf(headers, sizeof(headers), "Content-Type: application/json"
                    "\nIdempotency-Key: \"torture-%zu\"", n);
    rc = torture_ask(t, &reply, "POST", "/v1/batch", headers, body.data);
    sc_buf_free(&body);

    if (rc) {
        (void) snprintf(r->id, sizeof(r->id), "%s", client_str(&reply, "id"));
        torture_accept_job(t, n, r->id, TORTURE_ROWS);
        client_free(&reply);
    }

    return rc;
}


/* Events until the connection ends; only whole ones count. */
static void
torture_stream_read(torture_t *t, torture_reader_t *r)
{
    char            url[256], headers[128];
    char           *event, *end;
    client_reply_t  reply;

    (void) snprintf(url, sizeof(url), "%s/v1/jobs/%s/events?data=0",
                    t->gateway.url, r->id);
    (void) snprintf(headers, sizeof(headers), "Accept: text/event-stream\n"
                    "Last-Event-ID: %ld", r->last);
    (void) client_try(&reply, "GET", url, headers, NULL, TORTURE_LISTEN);

    if (reply.status == 200) {

        for (event = reply.body; (end = strstr(event, "\n\n")) != NULL;
             event = end + 2)
        {
            *end = '\0';
            torture_stream_event(t, r, event);
        }

    } else if (reply.status == 204) {
        /* all was told but the end */
        r->done = 1;

    } else {
        process_pause(20);
    }

    client_free(&reply);
}


static void
torture_stream_event(torture_t *t, torture_reader_t *r, const char *event)
{
    long         seq;
    const char  *id, *type;

    id = strstr(event, "id: ");
    type = strstr(event, "event: ");

    if (type != NULL && strncmp(type + 7, "done", 4) == 0) {
        r->done = 1;
        return;
    }

    if (type == NULL || id != event) {
        return;
    }

    seq = strtol(id + 4, NULL, 10);

    if (seq <= r->last) {
        atomic_fetch_add(&t->counts.gaps, 1);
        (void) fprintf(stderr, "torture: row %ld of \"%s\" came twice\n", seq,
                       r->id);
    }

    r->last = seq;
    r->rows++;
}


/* With what the job gave: as many rows, up to the same one. */
static void
torture_stream_compare(torture_t *t, torture_reader_t *r)
{
    char            path[128];
    size_t          n;
    const json_t   *rows, *last;
    client_reply_t  reply;

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/results?limit=1000",
                    r->id);

    if (!torture_ask(t, &reply, "GET", path, "Accept: application/json",
                     NULL))
    {
        return;
    }

    rows = client_get(&reply, "data");
    n = json_array_size(rows);
    last = n > 0 ? json_object_get(json_array_get(rows, n - 1), "seq") : NULL;

    if (n != r->rows || json_integer_value(last) != r->last) {
        atomic_fetch_add(&t->counts.gaps, n > r->rows ? n - r->rows : 1);
        (void) fprintf(stderr, "torture: of \"%s\" %zu rows of %zu were told, "
                       "up to %ld of %lld\n", r->id, r->rows, n, r->last,
                       (long long) json_integer_value(last));
    }

    client_free(&reply);
    atomic_fetch_add(&t->counts.streams, 1);
    atomic_fetch_add(&t->counts.rows, r->rows);
}
