
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "sidecar/store/store_list.h"
#include "tests/faults/fault.h"
#include "tests/support/process.h"
#include "tests/support/storing.h"


#define FAULTS_JOBS     3
#define FAULTS_SAID     8192
#define FAULTS_ROW      "{\"sku\":\"a\",\"price\":2}"

/* what is promised of a job: a state, or that it is there, or nothing */
#define FAULTS_THERE    (-1)
#define FAULTS_NOTHING  (-2)

#define FAULTS_SCENE(name, calls, work, before)                               \
    { name, calls, work, before, 0, 0 }


static int faults_open(void);
static int faults_jobs(void);
static void faults_promise(unsigned n, store_status_t status, int state);
static int faults_many(void);
static void faults_pages(void);
static int faults_kept(void);
static int faults_table(void);
static int faults_hooks(void);
static void faults_full(void);
static void faults_unsynced(void);
static void faults_memory(void);
static void faults_begin(void);
static void faults_forget(void);
static int faults_finish(void);
static int faults_is_kept(unsigned n);
static store_status_t faults_wait(int rc);
static void faults_job_told(void *data, store_status_t status,
    const store_job_t *job);
static void faults_messages_told(void *data, store_status_t status,
    const store_message_t *messages, size_t n);
static void faults_docs_told(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void faults_page_told(void *data, store_status_t status,
    const store_page_t *page);
static void faults_usages_told(void *data, store_status_t status,
    const store_usage_t *usages, size_t n);


static const fault_scene_t  faults_scenes[] = {
    FAULTS_SCENE("store opened", FAULT_OURS, faults_open, NULL),
    FAULTS_SCENE("jobs stored and ended", FAULT_OURS, faults_jobs, NULL),
    FAULTS_SCENE("batch stored and ended", FAULT_OURS, faults_many, NULL),
    FAULTS_SCENE("documents and pages stored", FAULT_OURS, faults_kept, NULL),
    FAULTS_SCENE("table filled", FAULT_OURS, faults_table, NULL),
    FAULTS_SCENE("messages stored", FAULT_OURS, faults_hooks, NULL),
    FAULTS_SCENE("jobs on a full disk", FAULT_STORE, faults_jobs,
                 faults_full),
    FAULTS_SCENE("batch on a full disk", FAULT_STORE, faults_many,
                 faults_full),
    FAULTS_SCENE("jobs not synced", FAULT_STORE, faults_jobs,
                 faults_unsynced),
    FAULTS_SCENE("batch not synced", FAULT_STORE, faults_many,
                 faults_unsynced),
    FAULTS_SCENE("memory out when opened", FAULT_SQLITE, faults_open,
                 faults_memory),
    FAULTS_SCENE("memory out for jobs", FAULT_SQLITE, faults_jobs,
                 faults_memory),
    FAULTS_SCENE("memory out for a batch", FAULT_SQLITE, faults_many,
                 faults_memory),
    FAULTS_SCENE("memory out for documents", FAULT_SQLITE, faults_kept,
                 faults_memory),
    FAULTS_SCENE("memory out for a table", FAULT_SQLITE, faults_table,
                 faults_memory)
};

static const store_column_t  faults_columns[] = {
    { .name = "sku", .type = STORE_TEXT, .key = 1 },
    { .name = "price", .type = STORE_INTEGER }
};


static storing_t  t;
static int        faults_refused;
static int        faults_promised[FAULTS_JOBS + 1];


int
main(void)
{
    fault_sample(200, 5);

    return fault_suite("faults_store", faults_scenes,
                       sizeof(faults_scenes) / sizeof(faults_scenes[0]));
}


/* A file that could not be made is made the next time. */
static int
faults_open(void)
{
    int   rc;
    char  err[512];

    fault_hold();
    memset(&t, 0, sizeof(storing_t));
    process_folder_memory(t.dir, sizeof(t.dir));
    (void) snprintf(t.path, sizeof(t.path), "%s/s.db", t.dir);
    sc_buf_init(&t.said, 0);
    fault_release();
    t.loop = loop_create();

    if (t.loop == NULL) {
        process_remove(t.dir);
        return SC_ERROR;
    }

    err[0] = '\0';
    t.store = store_open(t.loop, t.path, err, sizeof(err));
    rc = (t.store != NULL) ? SC_OK : SC_ERROR;

    if (rc != SC_OK && err[0] == '\0') {
        rc = SC_DECLINED;
    }

    faults_forget();

    if (t.store != NULL) {
        store_close(t.store);
    }

    fault_hold();
    t.store = store_open(t.loop, t.path, err, sizeof(err));

    if (t.store == NULL) {
        (void) fprintf(stderr, "%s\n", err);
        rc = SC_DECLINED;
    }

    fault_release();

    return (faults_finish() == SC_DECLINED) ? SC_DECLINED : rc;
}


/* What was promised is there when the file is opened again. */
static int
faults_jobs(void)
{
    unsigned        n;
    store_job_t     job;
    store_result_t  result;

    faults_begin();

    for (n = 1; n <= FAULTS_JOBS; n++) {
        job = storing_job(n);
        faults_promise(n, faults_wait(store_job_put(t.store, &job,
                                                    storing_done, &t)),
                       STORE_QUEUED);
    }

    faults_promise(1, faults_wait(store_job_start(t.store, storing_id(1), 5,
                                                  storing_done, &t)),
                   STORE_RUNNING);
    job = storing_job(2);
    job.state = STORE_COMPLETED;
    job.finished = 7;
    result = storing_result(2);
    faults_promise(2, faults_wait(storing_end(t.store, &job, &result,
                                              storing_done, &t)),
                   STORE_COMPLETED);
    faults_promise(3, faults_wait(store_job_cancel(t.store, storing_id(3),
                                                   storing_str("acme"), 9,
                                                   storing_done, &t)),
                   STORE_CANCELLED);

    for (n = 1; n <= FAULTS_JOBS; n++) {
        (void) faults_wait(store_job_get(t.store, storing_id(n),
                                         storing_str("acme"),
                                         faults_job_told, &t));
    }

    return faults_finish();
}


static void
faults_promise(unsigned n, store_status_t status, int state)
{
    if (status == STORE_OK) {
        faults_promised[n] = state;

    } else if (faults_promised[n] != FAULTS_NOTHING) {
        faults_promised[n] = FAULTS_THERE;
    }
}


static int
faults_many(void)
{
    store_work_t    work;
    store_status_t  status;

    faults_begin();
    work = storing_work(1);
    t.seq = 0;
    status = faults_wait(store_work_put(t.store, &work, NULL, 0, 0,
                                        storing_told_seq, &t));
    faults_promise(1, status, STORE_RUNNING);

    if (status == STORE_OK) {
        faults_pages();
        (void) faults_wait(store_work_get(t.store, storing_id(1),
                                          storing_str("acme"),
                                          storing_told_works, &t));
        fault_say("%s", (t.said.data != NULL) ? t.said.data : "");
    }

    return faults_finish();
}


/* Two pages, of which one ends; the other is cancelled with all. */
static void
faults_pages(void)
{
    int64_t        seq;
    store_end_t    end;
    store_job_t    jobs[2];
    store_pages_t  pages = { .jobs = jobs, .n = 2 };

    seq = t.seq;
    jobs[0] = storing_page(2);
    jobs[1] = storing_page(3);
    (void) faults_wait(store_pages_put(t.store, seq, storing_str("acme"),
                                       &pages, storing_told_added, &t));
    end = storing_page_end(2, 1, seq, STORE_COMPLETED);
    (void) faults_wait(store_end(t.store, &end, storing_told_ended, &t));
    (void) faults_wait(store_work_cancel(t.store, seq, STORING_FLOW, 9,
                                         storing_told_added, &t));
}


/* Nobody is told of a page or of usage that could not be kept. */
static int
faults_kept(void)
{
    store_doc_t    doc;
    store_page_t   page;
    store_usage_t  usage = { storing_str("acme"), 20000, 1, 2, 3 };

    faults_begin();
    memset(&doc, 0, sizeof(store_doc_t));
    doc.kind = storing_str("kind");
    doc.tenant = storing_str("acme");
    doc.name = storing_str("name");
    doc.body = storing_str("{\"a\":1}");

    memset(&page, 0, sizeof(store_page_t));
    page.key = storing_str("key");
    page.head = storing_str("{}");
    page.etag = page.modified = storing_str("");
    page.body = storing_str("a body");
    page.lifetime = -1;

    /* nobody is told of the first two: what is written behind them is */
    faults_refused |= store_page_put(t.store, &page) != SC_OK;
    faults_refused |= store_usage_put(t.store, &usage) != SC_OK;
    (void) faults_wait(store_doc_put(t.store, &doc, storing_done, &t));
    (void) faults_wait(store_docs_list(t.store, "kind", storing_str("acme"),
                                       storing_str(""), 10, faults_docs_told,
                                       &t));
    (void) faults_wait(store_page_get(t.store, page.key, faults_page_told,
                                      &t));
    (void) faults_wait(store_usage_days(t.store, storing_str("acme"), 0, 10,
                                        faults_usages_told, &t));

    return faults_finish();
}


/* A table that could not be filled has said so by its count. */
static int
faults_table(void)
{
    unsigned              n;
    store_job_t           job;
    store_table_t         table;
    store_result_t        result;
    const store_table_t  *tables;
    store_table_counts_t  counts;

    faults_begin();
    table = storing_table(faults_columns, 2);
    table.mode = STORE_UPSERT;
    table.history = 1;
    tables = &table;

    for (n = 1; n <= 2; n++) {
        job = storing_job(n);
        result = storing_result(n);
        result.data = storing_str(FAULTS_ROW);
        result.tables = &tables;
        result.ntables = 1;
        (void) faults_wait(store_job_put(t.store, &job, storing_done, &t));
        job.state = STORE_COMPLETED;
        (void) faults_wait(storing_end(t.store, &job, &result, storing_done,
                                       &t));
    }

    store_table_counts(t.store, &counts);
    fault_say("%zu rows", (size_t) counts.rows);
    faults_refused |= (counts.failed != 0);

    return faults_finish();
}


static int
faults_hooks(void)
{
    store_message_t  message;

    faults_begin();
    memset(&message, 0, sizeof(store_message_t));
    memcpy(message.id, storing_id(7), ID_SIZE);
    memcpy(message.job, storing_id(1), ID_SIZE);
    message.tenant = storing_str("acme");
    message.spec = message.event = storing_str("{}");
    message.body = message.last = storing_str("{}");
    message.due = 5;

    (void) faults_wait(store_messages_put(t.store, &message, 1, storing_done,
                                          &t));
    (void) faults_wait(store_messages_due(t.store, 9, 10,
                                          faults_messages_told, &t));
    message.seq = t.seq;
    message.tries = 1;
    message.due = 30;
    (void) faults_wait(store_message_set(t.store, &message, storing_done,
                                         &t));
    (void) faults_wait(store_messages_due(t.store, 40, 10,
                                          faults_messages_told, &t));

    return faults_finish();
}


static void
faults_full(void)
{
    fault_sqlite_says(SQLITE_FULL);
}


static void
faults_unsynced(void)
{
    fault_sqlite_says(SQLITE_IOERR_FSYNC);
}


static void
faults_memory(void)
{
    fault_hook(FAULT_SQLITE);
}


/* Of the store that is there nothing fails yet. */
static void
faults_begin(void)
{
    fault_hold();
    memset(&t, 0, sizeof(storing_t));
    process_folder_memory(t.dir, sizeof(t.dir));
    (void) snprintf(t.path, sizeof(t.path), "%s/s.db", t.dir);
    sc_buf_init(&t.said, 0);
    (void) sc_buf_reserve(&t.said, FAULTS_SAID);
    t.loop = loop_create();
    storing_open(&t);
    fault_release();
    faults_forget();
}


static void
faults_forget(void)
{
    unsigned  n;

    faults_refused = 0;

    for (n = 0; n <= FAULTS_JOBS; n++) {
        faults_promised[n] = FAULTS_NOTHING;
    }
}


/* Close it, see that the file is whole and what was promised is in it. */
static int
faults_finish(void)
{
    int       rc;
    char      err[512];
    unsigned  n;

    rc = faults_refused ? SC_ERROR : SC_OK;
    store_close(t.store);
    fault_hold();

    if (store_check(t.path, err, sizeof(err)) != SC_OK) {
        (void) fprintf(stderr, "%s\n", err);
        rc = SC_DECLINED;
    }

    for (n = 1; n <= FAULTS_JOBS; n++) {
        if (!faults_is_kept(n)) {
            rc = SC_DECLINED;
        }
    }

    loop_destroy(t.loop);
    sc_buf_free(&t.said);
    process_remove(t.dir);
    fault_release();

    return rc;
}


static int
faults_is_kept(unsigned n)
{
    int            state;
    char           sql[128];
    sqlite3       *db;
    sqlite3_stmt  *stmt;

    if (faults_promised[n] == FAULTS_NOTHING) {
        return 1;
    }

    state = FAULTS_NOTHING;
    stmt = NULL;
    (void) snprintf(sql, sizeof(sql), "SELECT state FROM job WHERE id = '%s'",
                    storing_id(n));

    if (sqlite3_open_v2(t.path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
        && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK
        && sqlite3_step(stmt) == SQLITE_ROW)
    {
        state = sqlite3_column_int(stmt, 0);
    }

    (void) sqlite3_finalize(stmt);
    (void) sqlite3_close(db);

    if (state == faults_promised[n]
        || (state != FAULTS_NOTHING && faults_promised[n] == FAULTS_THERE))
    {
        return 1;
    }

    (void) fprintf(stderr, "job %u is %d, not %d\n", n, state,
                   faults_promised[n]);

    return 0;
}


/* The status of a call that was taken, STORE_FAILED of another. */
static store_status_t
faults_wait(int rc)
{
    if (rc != SC_OK) {
        faults_refused = 1;
        return STORE_FAILED;
    }

    (void) storing_wait_for(&t, 1);

    if (t.status == STORE_FAILED || t.status == STORE_FULL) {
        faults_refused = 1;
    }

    fault_say("%d,", t.status);

    return t.status;
}


static void
faults_job_told(void *data, store_status_t status, const store_job_t *job)
{
    if (job != NULL) {
        fault_say("%s %d ", job->id, job->state);
        fault_say_str(job->url);
    }

    storing_done(data, status);
}


static void
faults_messages_told(void *data, store_status_t status,
    const store_message_t *messages, size_t n)
{
    if (n != 0) {
        t.seq = messages[0].seq;
        fault_say("%zu %d ", n, messages[0].tries);
    }

    storing_done(data, status);
}


static void
faults_docs_told(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    fault_say("%zu ", n);

    if (n != 0) {
        fault_say_str(docs[0].body);
    }

    storing_done(data, status);
}


static void
faults_page_told(void *data, store_status_t status, const store_page_t *page)
{
    faults_refused |= (page == NULL);

    if (page != NULL) {
        fault_say_str(page->body);
    }

    storing_done(data, status);
}


static void
faults_usages_told(void *data, store_status_t status,
    const store_usage_t *usages, size_t n)
{
    faults_refused |= (n == 0);
    fault_say("%zu %ld ", n, (n != 0) ? (long) usages[0].pages : 0);
    storing_done(data, status);
}
