
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/load/soak.h"


#define SOAK_HOSTS    200
#define SOAK_BATCH    10        /* pages */
#define SOAK_RULES    "{\"title\":\"//h1\",\"price\":\"//b\"," \
                      "\"links\":{\"each\":\"//a\"," \
                      "\"fields\":{\"to\":\"./@href\"}}}"


/* Kinds of requests; of a hundred so many are of each. */
typedef enum {
    SOAK_WAITED = 0,
    SOAK_ASYNC,
    SOAK_JOB,
    SOAK_RESULTS,
    SOAK_EVENTS,
    SOAK_LIST,
    SOAK_STATUS,
    SOAK_MANY,
    SOAK_CRAWL,
    SOAK_KINDS
} soak_kind_t;


static soak_kind_t soak_kind(size_t n);
static void soak_extract(soak_mix_t *m, loading_request_t *r);
static void soak_batch(soak_mix_t *m, loading_request_t *r);
static void soak_crawl(soak_mix_t *m, loading_request_t *r);
static void soak_read(soak_mix_t *m, loading_request_t *r,
    const char *behind);
static void soak_accepted(soak_mix_t *m, soak_kind_t kind,
    const loading_reply_t *reply);


static const size_t  soak_parts[SOAK_KINDS] = {
    [SOAK_WAITED] = 50, [SOAK_ASYNC] = 15, [SOAK_JOB] = 15,
    [SOAK_RESULTS] = 8, [SOAK_EVENTS] = 4, [SOAK_LIST] = 3,
    [SOAK_STATUS] = 2, [SOAK_MANY] = 2, [SOAK_CRAWL] = 1
};


int
soak_mix_next(void *data, loading_request_t *r)
{
    soak_mix_t  *m = data;

    if (m->tick != NULL) {
        m->tick(m->data);
    }

    if (loading_now() >= m->until) {
        return 0;
    }

    if (m->rate > 0) {
        r->due = m->from + (int64_t) ((double) r->n * 1e9 / m->rate);

        if (r->due >= m->until) {
            return 0;
        }
    }

    r->data = soak_kind(m->sent);
    r->headers = "Prefer: wait=40";

    switch ((soak_kind_t) r->data) {

    case SOAK_ASYNC:
        r->headers = "Prefer: respond-async";
        soak_extract(m, r);
        break;

    case SOAK_JOB:
        r->headers = NULL;
        soak_read(m, r, "");
        break;

    case SOAK_RESULTS:
        soak_read(m, r, "/results");
        break;

    case SOAK_EVENTS:
        r->headers = "Accept: text/event-stream";
        soak_read(m, r, "/events");
        break;

    case SOAK_LIST:
        (void) snprintf(r->path, sizeof(r->path), "/v1/jobs?limit=20");
        break;

    case SOAK_STATUS:
        (void) snprintf(r->path, sizeof(r->path), "/v1/status");
        break;

    case SOAK_MANY:
        soak_batch(m, r);
        break;

    case SOAK_CRAWL:
        soak_crawl(m, r);
        break;

    default:
        soak_extract(m, r);
        break;
    }

    m->sent++;

    return 1;
}


/* Spread over each hundred: 37 and 100 have no common divisor. */
static soak_kind_t
soak_kind(size_t n)
{
    size_t  i, kind;

    i = n * 37 % 100;

    for (kind = 0; kind < SOAK_KINDS - 1; kind++) {
        if (i < soak_parts[kind]) {
            break;
        }

        i -= soak_parts[kind];
    }

    return (soak_kind_t) kind;
}


static void
soak_extract(soak_mix_t *m, loading_request_t *r)
{
    char      url[64];
    sc_buf_t  body;

    site_url(m->site, (unsigned) (m->sent % SOAK_HOSTS), url, sizeof(url));
    sc_buf_init(&body, 0);
    (void) sc_buf_printf(&body, "{\"url\":\"%s/p/%zu\",\"rules\":%s,"
                         "\"return\":[\"markdown\"]}", url, m->sent,
                         SOAK_RULES);
    ck_assert(!body.failed);
    r->body = body.data;
    (void) snprintf(r->path, sizeof(r->path), "/v1/extract");
}


static void
soak_batch(soak_mix_t *m, loading_request_t *r)
{
    char      url[64];
    size_t    i;
    sc_buf_t  body;

    sc_buf_init(&body, 0);
    site_url(m->site, 0, url, sizeof(url));
    (void) sc_buf_printf(&body, "{\"requests\":[");

    for (i = 0; i < SOAK_BATCH; i++) {
        site_url(m->site, (unsigned) ((m->sent + i) % SOAK_HOSTS), url,
                 sizeof(url));
        (void) sc_buf_printf(&body, "%s{\"url\":\"%s/b/%zu-%zu\"}",
                             i > 0 ? "," : "", url, m->sent, i);
    }

    (void) sc_buf_printf(&body, "],\"defaults\":{\"rules\":%s},\"webhook\":"
                         "{\"url\":\"%s/hook\"}}", SOAK_RULES, url);
    ck_assert(!body.failed);
    r->body = body.data;
    r->headers = NULL;
    (void) snprintf(r->path, sizeof(r->path), "/v1/batch");
}


static void
soak_crawl(soak_mix_t *m, loading_request_t *r)
{
    char      url[64];
    sc_buf_t  body;

    sc_buf_init(&body, 0);
    site_url(m->site, (unsigned) (m->sent % SOAK_HOSTS), url, sizeof(url));
    (void) sc_buf_printf(&body, "{\"urls\":[\"%s/start/%zu\"],\"rules\":%s,"
                         "\"sitemap\":\"skip\",\"limits\":{\"pages\":%d}}",
                         url, m->sent, SOAK_RULES, SOAK_BATCH);
    ck_assert(!body.failed);
    r->body = body.data;
    r->headers = NULL;
    (void) snprintf(r->path, sizeof(r->path), "/v1/crawl");
}


/* Of a job that was accepted lately, whichever. */
static void
soak_read(soak_mix_t *m, loading_request_t *r, const char *behind)
{
    size_t  n;

    n = m->nkept < SOAK_KEPT ? m->nkept : SOAK_KEPT;

    if (n == 0) {
        (void) snprintf(r->path, sizeof(r->path), "/v1/jobs?limit=1");
        return;
    }

    (void) snprintf(r->path, sizeof(r->path), "/v1/jobs/%s%s",
                    m->kept[m->sent * 7919 % n], behind);
}


void
soak_mix_done(void *data, const loading_request_t *r,
    const loading_reply_t *reply)
{
    soak_mix_t   *m = data;
    soak_kind_t   kind = (soak_kind_t) r->data;

    if (kind == SOAK_WAITED) {
        loading_times_add(&m->times, reply->time);
    }

    if (reply->error == 0 && (reply->status == 200 || reply->status == 204)) {
        m->answered++;

    } else if (reply->error == 0 && reply->status == 202) {
        m->answered++;
        soak_accepted(m, kind, reply);

    } else if (reply->error == 0 && reply->retry >= 0
               && (reply->status == 503 || reply->status == 429))
    {
        m->refused++;

    } else {
        m->failed++;
        m->status = reply->error == 0 ? reply->status : -reply->error;
    }
}


static void
soak_accepted(soak_mix_t *m, soak_kind_t kind, const loading_reply_t *reply)
{
    char  id[LEDGER_ID];

    if (!loading_id(reply, id)) {
        m->failed++;
        return;
    }

    ledger_add(m->ledger, id, kind == SOAK_CRAWL ? 0
                              : (kind == SOAK_MANY ? SOAK_BATCH : 1));
    memcpy(m->kept[m->nkept++ % SOAK_KEPT], id, sizeof(id));
}
