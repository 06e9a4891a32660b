
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_list.h"
#include "tests/support/process.h"
#include "tests/torture/power.h"
#include "tests/torture/promised.h"


/* numbers of a unit: its own, and of its pages */
#define PROMISED_NUMBERS    8

/* what expires does so at this time; sweeps come later */
#define PROMISED_EXPIRES    5000
#define PROMISED_NOW        100000

/* of units, those whose job expires, and behind which a sweep begins */
#define PROMISED_SHORT      10
#define PROMISED_SWEEP      40


static void promised_begin(promised_lane_t *lane);
static void promised_step(promised_lane_t *lane);
static int promised_job_step(promised_lane_t *lane);
static int promised_work_step(promised_lane_t *lane);
static int promised_doc_put(promised_lane_t *lane);
static int promised_pages(promised_lane_t *lane);
static int promised_end(promised_lane_t *lane, unsigned n, unsigned owner,
    int64_t parent);
static int promised_finish(promised_lane_t *lane);
static store_message_t promised_message(unsigned n, unsigned job);
static void promised_done(void *data, store_status_t status);
static void promised_told(promised_lane_t *lane);
static void promised_put(void *data, store_status_t status, int64_t seq);
static void promised_added(void *data, store_status_t status, size_t added);
static void promised_ended(void *data, store_status_t status,
    const store_ended_t *ended);
static void promised_sweep(promised_t *p);
static void promised_swept(void *data, store_status_t status, size_t added);
static void promised_over(promised_t *p);
static int promised_is_work(unsigned unit);
static unsigned promised_number(unsigned unit);


void
promised_set_up(storing_t *t)
{
    power_start();
    memset(t, 0, sizeof(storing_t));
    process_folder(t->dir, sizeof(t->dir));
    (void) snprintf(t->path, sizeof(t->path), "%s/s.db", t->dir);
    sc_buf_init(&t->said, 0);
    t->loop = loop_create();
    ck_assert_ptr_nonnull(t->loop);
}


void
promised_tear_down(storing_t *t)
{
    loop_destroy(t->loop);
    sc_buf_free(&t->said);
    process_remove(t->dir);
}


void
promised_create(promised_t *p, storing_t *t, unsigned units, size_t lanes)
{
    size_t  i, n;

    ck_assert_uint_le(lanes, PROMISED_LANES);
    memset(p, 0, sizeof(promised_t));
    p->t = t;
    p->units = units;
    p->lanes = lanes;
    n = (size_t) units * PROMISED_NUMBERS;
    p->jobs = calloc(n, sizeof(promised_job_t));
    p->docs = calloc(units + 1, sizeof(promised_doc_t));
    ck_assert(p->jobs != NULL && p->docs != NULL);

    for (i = 0; i < n; i++) {
        p->jobs[i].put = PROMISED_NEVER;
        p->jobs[i].ended = PROMISED_NEVER;
    }
}


void
promised_destroy(promised_t *p)
{
    free(p->jobs);
    free(p->docs);
}


unsigned
promised_jobs(const promised_t *p)
{
    unsigned  unit, n;

    n = 0;

    for (unit = 0; unit < p->units; unit++) {
        n += promised_is_work(unit) ? PROMISED_PAGES : 1;
    }

    return n;
}


void
promised_run(promised_t *p, unsigned n)
{
    size_t  i;

    p->until = p->next + n < p->units ? p->next + n : p->units;
    p->busy = p->lanes;

    for (i = 0; i < p->lanes; i++) {
        p->lane[i].p = p;
        promised_begin(&p->lane[i]);
    }

    if (p->busy != 0 || p->sweeping) {
        ck_assert_int_eq(loop_run(p->t->loop), SC_OK);
    }
}


static void
promised_begin(promised_lane_t *lane)
{
    promised_t  *p = lane->p;

    if (p->next == p->until) {
        p->busy--;
        promised_over(p);
        return;
    }

    lane->unit = p->next++;
    lane->step = 0;

    if (lane->unit % PROMISED_SWEEP == 0 && !p->sweeping) {
        promised_sweep(p);
    }

    promised_step(lane);
}


/* The next step, or the next unit when there is none. */

static void
promised_step(promised_lane_t *lane)
{
    int  rc;

    rc = promised_is_work(lane->unit) ? promised_work_step(lane)
                                      : promised_job_step(lane);
    ck_assert_int_ne(rc, SC_ERROR);

    if (rc != SC_OK) {
        promised_begin(lane);
    }
}


static int
promised_job_step(promised_lane_t *lane)
{
    unsigned     n = promised_number(lane->unit);
    store_t     *s = lane->p->t->store;
    store_job_t  job;

    static const char  heavy[PROMISED_HEAVY];

    switch (lane->step) {

    case 0:
        job = storing_job(n);

        if (lane->p->weight != 0) {
            job.spec.data = heavy;
            job.spec.len = lane->p->weight;
        }

        return store_job_put(s, &job, promised_done, lane);

    case 1:
        return store_job_start(s, storing_id(n), 2000, promised_done, lane);

    case 2:
        return promised_end(lane, n, n, 0);

    case 3:
        return lane->unit % 4 == 0 ? promised_doc_put(lane) : SC_AGAIN;
    }

    return SC_AGAIN;
}


static int
promised_work_step(promised_lane_t *lane)
{
    unsigned      n = promised_number(lane->unit);
    store_work_t  work;

    if (lane->step == 0) {
        work = storing_work(n);
        return store_work_put(lane->p->t->store, &work, NULL, 0, 0,
                              promised_put, lane);
    }

    if (lane->step == 1) {
        return promised_pages(lane);
    }

    if (lane->step < PROMISED_PAGES + 2) {
        return promised_end(lane, n + lane->step - 1, n, lane->seq);
    }

    return lane->step == PROMISED_PAGES + 2 ? promised_finish(lane)
                                            : SC_AGAIN;
}


static int
promised_doc_put(promised_lane_t *lane)
{
    char          name[16], body[16];
    promised_t   *p = lane->p;
    store_doc_t   doc = { .kind = storing_str("host"), .at = 1 };

    p->nversions++;
    p->docs[p->nversions].doc = lane->unit / 4 % PROMISED_DOCS;
    p->docs[p->nversions].put = PROMISED_NEVER;
    lane->seq = p->nversions;

    (void) snprintf(name, sizeof(name), "%u", p->docs[p->nversions].doc);
    (void) snprintf(body, sizeof(body), "%u", p->nversions);
    doc.tenant = storing_str("");
    doc.name = storing_str(name);
    doc.body = storing_str(body);

    return store_doc_put(p->t->store, &doc, promised_done, lane);
}


static int
promised_pages(promised_lane_t *lane)
{
    char           urls[PROMISED_PAGES][64];
    size_t         i;
    unsigned       n = promised_number(lane->unit) + 1;
    store_job_t    jobs[PROMISED_PAGES];
    store_pages_t  pages = { .jobs = jobs, .n = PROMISED_PAGES };

    for (i = 0; i < PROMISED_PAGES; i++) {
        jobs[i] = storing_page(n + (unsigned) i);
        memcpy(urls[i], jobs[i].url.data, jobs[i].url.len);
        jobs[i].url.data = urls[i];
    }

    return store_pages_put(lane->p->t->store, lane->seq, storing_str("acme"),
                           &pages, promised_added, lane);
}


/* A job of its own, or a page of owner's; its rows go to a table. */

static int
promised_end(promised_lane_t *lane, unsigned n, unsigned owner,
    int64_t parent)
{
    store_end_t            end = { .keep_same = 1, .nmessages = 1 };
    store_job_t            job;
    store_result_t         result;
    store_message_t        message;

    static const store_column_t        columns[] = { { "a", STORE_TEXT, 0 } };
    static const store_table_t         table = {
        .name = "pages", .version = "1", .columns = columns, .ncolumns = 1
    };
    static const store_table_t *const  tables[] = { &table };

    job = parent != 0 ? storing_page(n) : storing_job(n);
    job.parent = parent;
    job.state = STORE_COMPLETED;
    job.finished = 4000 + n;

    if (parent == 0 && lane->unit % PROMISED_SHORT == 3) {
        job.expires = PROMISED_EXPIRES;
    }

    result = storing_result(n);
    memcpy(result.job, storing_id(owner), ID_SIZE);
    result.tables = tables;
    result.ntables = 1;
    message = promised_message(n, owner);
    end.job = &job;
    end.result = &result;
    end.messages = &message;

    return store_end(lane->p->t->store, &end, promised_ended, lane);
}


static int
promised_finish(promised_lane_t *lane)
{
    unsigned         n = promised_number(lane->unit);
    store_work_t     work = storing_work(n);
    store_message_t  message = promised_message(n, n);

    work.job.seq = lane->seq;
    work.job.state = STORE_COMPLETED;
    work.job.finished = 4000;

    return store_work_finish(lane->p->t->store, &work, &message, 1,
                             promised_done, lane);
}


static store_message_t
promised_message(unsigned n, unsigned job)
{
    store_message_t  message;

    memset(&message, 0, sizeof(store_message_t));
    memcpy(message.id, storing_id(n), ID_SIZE);
    memcpy(message.job, storing_id(job), ID_SIZE);
    message.tenant = storing_str("acme");
    message.spec = storing_str("{\"url\":\"http://a/hook\"}");
    message.event = storing_str("page.completed");
    message.body = storing_str("{}");
    message.created = 4000;
    message.due = 4000;
    message.last = storing_str("");

    return message;
}


/* What was refused ends the unit: it was told, and is done no more. */

static void
promised_done(void *data, store_status_t status)
{
    promised_lane_t  *lane = data;

    if (status != STORE_OK) {
        lane->p->refused++;
        promised_begin(lane);
        return;
    }

    lane->p->answered++;
    promised_told(lane);
    lane->step++;
    promised_step(lane);
}


static void
promised_told(promised_lane_t *lane)
{
    size_t           i, now;
    promised_t      *p = lane->p;
    promised_job_t  *job = &p->jobs[promised_number(lane->unit)];

    now = power_count();

    if (lane->step == 0) {
        job->put = now;

    } else if (!promised_is_work(lane->unit)) {
        if (lane->step == 2) {
            job->ended = now;

        } else if (lane->step == 3) {
            p->docs[lane->seq].put = now;
        }

    } else if (lane->step == 1) {
        for (i = 1; i <= PROMISED_PAGES; i++) {
            job[i].put = now;
        }

    } else if (lane->step < PROMISED_PAGES + 2) {
        job[lane->step - 1].ended = now;

    } else {
        job->ended = now;
    }
}


static void
promised_put(void *data, store_status_t status, int64_t seq)
{
    promised_lane_t  *lane = data;

    lane->seq = seq;
    promised_done(lane, status);
}


static void
promised_added(void *data, store_status_t status, size_t added)
{
    ck_assert(status != STORE_OK || added == PROMISED_PAGES);
    promised_done(data, status);
}


static void
promised_ended(void *data, store_status_t status, const store_ended_t *ended)
{
    ck_assert(status != STORE_OK || ended->seq != 0);
    promised_done(data, status);
}


static void
promised_sweep(promised_t *p)
{
    store_keep_t  keep = { .now = PROMISED_NOW };

    p->sweeping = 1;
    ck_assert_int_eq(store_sweep(p->t->store, &keep, promised_swept, p),
                     SC_OK);
}


static void
promised_swept(void *data, store_status_t status, size_t added)
{
    promised_t  *p = data;

    p->sweeping = 0;

    if (status == STORE_OK && added != 0) {
        promised_sweep(p);
        return;
    }

    promised_over(p);
}


static void
promised_over(promised_t *p)
{
    if (p->busy == 0 && !p->sweeping) {
        loop_stop(p->t->loop);
    }
}


static int
promised_is_work(unsigned unit)
{
    return unit % PROMISED_EVERY == PROMISED_EVERY - 1;
}


static unsigned
promised_number(unsigned unit)
{
    return unit * PROMISED_NUMBERS;
}
