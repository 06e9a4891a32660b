
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/support/process.h"
#include "tests/support/storing.h"
#include "tests/support/suite.h"


static void storing_setup(void);
static void storing_teardown(void);
static void storing_say_job(storing_t *t, const store_job_t *job);
static void storing_say_result(storing_t *t, const store_result_t *r);
static void storing_say_work(storing_t *t, const store_work_t *work);
static void storing_say_strs(storing_t *t, const sc_str_t *strs, size_t n);
static void storing_ended(void *data, store_status_t status,
    const store_ended_t *ended);
static const char *storing_read(storing_t *t, const char *sql);


/* Whom storing_end() tells. */
typedef struct {
    store_done_pt   done;
    void           *data;
} storing_end_t;


static storing_t  *storing_fixture;


int
storing_run(const char *name, const TTest *const *tests, storing_t *t)
{
    Suite  *suite;
    TCase  *tc;

    storing_fixture = t;
    suite = suite_create(name);
    tc = tcase_create(name);
    tcase_add_checked_fixture(tc, storing_setup, storing_teardown);
    tcase_set_timeout(tc, 60);

    for ( /* void */ ; *tests != NULL; tests++) {
        tcase_add_test(tc, *tests);
    }

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


static void
storing_setup(void)
{
    storing_t  *t = storing_fixture;

    memset(t, 0, sizeof(storing_t));
    process_folder(t->dir, sizeof(t->dir));
    (void) snprintf(t->path, sizeof(t->path), "%s/s.db", t->dir);
    sc_buf_init(&t->said, 0);

    t->loop = loop_create();
    ck_assert_ptr_nonnull(t->loop);
    storing_open(t);
}


static void
storing_teardown(void)
{
    storing_t  *t = storing_fixture;

    if (t->store != NULL) {
        storing_close(t);
    }

    storing_check(t->path);
    loop_destroy(t->loop);
    sc_buf_free(&t->said);
    process_remove(t->dir);
}


void
storing_open(storing_t *t)
{
    char  err[512];

    t->store = store_open(t->loop, t->path, err, sizeof(err));

    if (t->store == NULL) {
        ck_abort_msg("%s", err);
    }
}


void
storing_close(storing_t *t)
{
    store_close(t->store);
    t->store = NULL;
}


const char *
storing_id(unsigned n)
{
    static char      ids[8][ID_SIZE];
    static unsigned  at;
    char            *id;

    id = ids[at++ % 8];
    (void) snprintf(id, ID_SIZE, "%03x%026u", n * 2654435761U >> 20, n);
    ck_assert(id_valid(id, ID_LEN));

    return id;
}


sc_str_t
storing_str(const char *s)
{
    sc_str_t  str = { strlen(s), s };

    return str;
}


store_job_t
storing_job(unsigned n)
{
    store_job_t  job;
    static char  url[64], hash[64], rules[64];

    (void) snprintf(url, sizeof(url), "http://a/%u", n);
    (void) snprintf(hash, sizeof(hash), "sha256:%u", n);
    (void) snprintf(rules, sizeof(rules), "{\"rules\":%u}", n);

    memset(&job, 0, sizeof(store_job_t));
    memcpy(job.id, storing_id(n), ID_SIZE);
    job.tenant = storing_str("acme");
    job.kind = storing_str("extract");
    job.url = storing_str(url);
    job.spec = storing_str("{}");
    job.rules_hash = storing_str(hash);
    job.rules = storing_str(rules);
    job.created = 1000 + n;
    job.lane = 1;
    job.flow = STORING_FLOW;
    job.host = STORING_HOST;
    job.due = 1000;

    return job;
}


store_result_t
storing_result(unsigned n)
{
    static char     url[64];
    store_result_t  r;

    (void) snprintf(url, sizeof(url), "http://a/%u", n);

    memset(&r, 0, sizeof(store_result_t));
    memcpy(r.id, storing_id(n), ID_SIZE);
    memcpy(r.job, storing_id(n), ID_SIZE);
    r.tenant = storing_str("acme");
    r.url = storing_str(url);
    r.state = STORE_COMPLETED;
    r.fetch = storing_str("{\"status\":200}");
    r.data = storing_str("{\"a\":1}");
    r.missing = storing_str("[]");
    r.warnings = storing_str("[]");
    r.etag = storing_str("sha256-0");
    r.at = 3000 + n;

    return r;
}


store_work_t
storing_work(unsigned n)
{
    store_work_t  work;
    static char   page[64];

    (void) snprintf(page, sizeof(page), "{\"page\":%u}", n);

    memset(&work, 0, sizeof(store_work_t));
    work.job = storing_job(n);
    work.rules_hash = work.job.rules_hash;
    work.rules = work.job.rules;
    work.page = storing_str(page);

    work.job.kind = storing_str("batch");
    work.job.state = STORE_RUNNING;
    work.job.url = storing_str("");
    work.job.rules_hash = storing_str("");
    work.job.due = 0;

    return work;
}


store_job_t
storing_page(unsigned n)
{
    store_job_t  job = storing_job(n);

    job.kind = storing_str("page");
    job.spec = storing_str("");
    job.rules_hash = storing_str("");
    job.rules = storing_str("");

    return job;
}


int64_t
storing_work_put(storing_t *t, unsigned n)
{
    store_work_t  work = storing_work(n);

    ck_assert_int_eq(storing_wait(t, store_work_put(t->store, &work, NULL, 0,
                                                    0, storing_told_seq, t)),
                     STORE_OK);

    return t->seq;
}


void
storing_pages_put(storing_t *t, int64_t job, unsigned first, size_t n)
{
    char           (*urls)[64];
    size_t           i;
    store_job_t     *jobs;
    store_pages_t    pages = { .n = n };

    jobs = calloc(n, sizeof(store_job_t));
    urls = calloc(n, sizeof(urls[0]));
    ck_assert(jobs != NULL && urls != NULL);

    for (i = 0; i < n; i++) {
        jobs[i] = storing_page(first + (unsigned) i);
        memcpy(urls[i], jobs[i].url.data, jobs[i].url.len);
        jobs[i].url.data = urls[i];
    }

    pages.jobs = jobs;
    ck_assert_int_eq(storing_wait(t, store_pages_put(t->store, job,
                                                     storing_str("acme"),
                                                     &pages,
                                                     storing_told_added, t)),
                     STORE_OK);
    ck_assert_uint_eq(t->n, n);
    free(jobs);
    free(urls);
}


const char *
storing_work_get(storing_t *t, unsigned n)
{
    store_status_t  status;

    status = storing_wait(t, store_work_get(t->store, storing_id(n),
                                            storing_str("acme"),
                                            storing_told_works, t));
    ck_assert(status == STORE_OK || status == STORE_NOT_FOUND);

    return t->said.data;
}


store_end_t
storing_page_end(unsigned n, unsigned work, int64_t job, store_state_t state)
{
    store_end_t            end;
    static store_job_t     row;
    static store_result_t  result;

    row = storing_page(n);
    row.parent = job;
    row.state = state;
    row.finished = 4000 + n;
    result = storing_result(n);
    memcpy(result.job, storing_id(work), ID_SIZE);
    result.state = state;

    memset(&end, 0, sizeof(store_end_t));
    end.job = &row;
    end.result = &result;
    end.keep_same = 1;

    if (state != STORE_COMPLETED) {
        result.data = storing_str("");
        row.error = storing_str("{\"type\":\"/fetch/dns\"}");
        result.error = row.error;
        end.error = storing_str("/fetch/dns");
    }

    return end;
}


const char *
storing_end_page(storing_t *t, const store_end_t *end)
{
    (void) storing_wait(t, store_end(t->store, end, storing_told_ended, t));

    return t->said.data;
}


void
storing_done(void *data, store_status_t status)
{
    storing_t  *t = data;

    t->status = status;
    ck_assert_uint_gt(t->left, 0);

    if (--t->left == 0) {
        loop_stop(t->loop);
    }
}


void
storing_told_job(void *data, store_status_t status, const store_job_t *job)
{
    storing_told_jobs(data, status, job, job != NULL);
}


void
storing_told_jobs(void *data, store_status_t status, const store_job_t *jobs,
    size_t n)
{
    size_t      i;
    storing_t  *t = data;

    ck_assert(status == STORE_OK || (jobs == NULL && n == 0));
    t->n = n;

    for (i = 0; jobs != NULL && i < n; i++) {
        storing_say_job(t, &jobs[i]);
    }

    storing_done(t, status);
}


void
storing_told_result(void *data, store_status_t status,
    const store_result_t *result)
{
    storing_told_results(data, status, result, result != NULL);
}


void
storing_told_results(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    size_t      i;
    storing_t  *t = data;

    ck_assert(status == STORE_OK || (results == NULL && n == 0));
    t->n = n;

    for (i = 0; results != NULL && i < n; i++) {
        storing_say_result(t, &results[i]);
    }

    storing_done(t, status);
}


void
storing_told_ended(void *data, store_status_t status,
    const store_ended_t *ended)
{
    storing_t  *t = data;

    t->seq = ended->seq;
    (void) sc_buf_printf(&t->said, "added %zu seq %lld changed %d%s%s",
                         ended->added, (long long) ended->seq,
                         (int) ended->changed,
                         ended->duplicate ? " duplicate" : "",
                         ended->unchanged ? " unchanged" : "");
    storing_done(t, status);
}


void
storing_told_added(void *data, store_status_t status, size_t added)
{
    storing_t  *t = data;

    t->n = added;
    (void) sc_buf_printf(&t->said, "%zu", added);
    storing_done(t, status);
}


void
storing_told_seq(void *data, store_status_t status, int64_t seq)
{
    storing_t  *t = data;

    t->seq = seq;
    (void) sc_buf_printf(&t->said, "%lld", (long long) seq);
    storing_done(t, status);
}


void
storing_told_works(void *data, store_status_t status,
    const store_work_t *works, size_t n)
{
    size_t      i;
    storing_t  *t = data;

    ck_assert(status == STORE_OK || (works == NULL && n == 0));
    t->n = n;

    for (i = 0; works != NULL && i < n; i++) {
        storing_say_work(t, &works[i]);
    }

    storing_done(t, status);
}


static void
storing_say_work(storing_t *t, const store_work_t *work)
{
    size_t                 i;
    const store_counts_t  *c = &work->counts;
    const sc_str_t         texts[] = { work->job.spec, work->page,
                                       work->rules, work->tags };
    const int64_t          numbers[] = {
        work->max_pages, work->max_host_pages, work->closed, c->found,
        c->completed, c->failed, c->cancelled, c->robots, c->duplicates,
        c->unchanged, c->items, c->bytes, c->wire, c->rejected
    };

    t->seq = work->job.seq;
    (void) sc_buf_printf(&t->said, "%u|", storing_number(work->job.id));
    (void) sc_buf_add_str(&t->said, work->job.kind);
    (void) sc_buf_printf(&t->said, "|%d|", (int) work->job.state);
    storing_say_strs(t, texts, 4);

    for (i = 0; i < sizeof(numbers) / sizeof(int64_t); i++) {
        (void) sc_buf_printf(&t->said, "%lld ", (long long) numbers[i]);
    }

    (void) sc_buf_add_cstr(&t->said, "\n");
}


static void
storing_say_job(storing_t *t, const store_job_t *job)
{
    const sc_str_t  first[] = { job->tenant, job->kind };
    const sc_str_t  rest[] = { job->url, job->spec, job->rules_hash,
                               job->rules, job->echo, job->error };

    t->seq = job->seq;
    (void) sc_buf_printf(&t->said, "%u|", storing_number(job->id));
    storing_say_strs(t, first, 2);
    (void) sc_buf_printf(&t->said, "%d|", (int) job->state);
    storing_say_strs(t, rest, 6);
    (void) sc_buf_printf(&t->said, "%lld|%lld|%lld|%d\n",
                         (long long) job->created, (long long) job->started,
                         (long long) job->finished, job->attempts);
}


static void
storing_say_result(storing_t *t, const store_result_t *r)
{
    const sc_str_t  first[] = { r->tenant, r->url };
    const sc_str_t  rest[] = { r->fetch, r->data, r->missing, r->warnings,
                               r->view, r->echo, r->error, r->etag };

    t->seq = r->seq;
    (void) sc_buf_printf(&t->said, "%u|%u|", storing_number(r->id),
                         storing_number(r->job));
    storing_say_strs(t, first, 2);
    (void) sc_buf_printf(&t->said, "%d|", (int) r->state);
    storing_say_strs(t, rest, 8);
    (void) sc_buf_printf(&t->said, "%lld\n", (long long) r->at);
}


static void
storing_say_strs(storing_t *t, const sc_str_t *strs, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        (void) sc_buf_add_str(&t->said, strs[i]);
        (void) sc_buf_add_cstr(&t->said, "|");
    }
}


unsigned
storing_number(const char *id)
{
    ck_assert(id_valid(id, ID_LEN));

    return (unsigned) strtoul(id + 3, NULL, 10);
}


store_status_t
storing_wait(storing_t *t, int rc)
{
    ck_assert_int_eq(rc, SC_OK);

    return storing_wait_for(t, 1);
}


store_status_t
storing_wait_for(storing_t *t, size_t n)
{
    sc_buf_reset(&t->said);
    ck_assert_int_eq(sc_buf_add_cstr(&t->said, ""), SC_OK);
    t->n = 0;
    t->left = n;
    ck_assert_int_eq(loop_run(t->loop), SC_OK);
    ck_assert_uint_eq(t->left, 0);

    return t->status;
}


store_status_t
storing_put(storing_t *t, const store_job_t *job)
{
    return storing_wait(t, store_job_put(t->store, job, storing_done, t));
}


int
storing_end(store_t *s, const store_job_t *job, const store_result_t *result,
    store_done_pt done, void *data)
{
    store_end_t     end = { .job = job, .result = result, .keep_same = 1 };
    storing_end_t  *told;

    told = malloc(sizeof(storing_end_t));

    if (told == NULL) {
        return SC_ERROR;
    }

    told->done = done;
    told->data = data;

    if (store_end(s, &end, storing_ended, told) != SC_OK) {
        free(told);
        return SC_ERROR;
    }

    return SC_OK;
}


static void
storing_ended(void *data, store_status_t status, const store_ended_t *ended)
{
    storing_end_t  *told = data;

    (void) ended;

    told->done(told->data, status);
    free(told);
}


store_status_t
storing_finish(storing_t *t, const store_job_t *job,
    const store_result_t *result)
{
    return storing_wait(t, storing_end(t->store, job, result, storing_done,
                                       t));
}


void
storing_put_n(storing_t *t, unsigned n)
{
    store_job_t  job = storing_job(n);

    ck_assert_int_eq(storing_put(t, &job), STORE_OK);
}


void
storing_finish_n(storing_t *t, unsigned n)
{
    store_job_t     job = storing_job(n);
    store_result_t  result = storing_result(n);

    job.state = STORE_COMPLETED;
    job.finished = 4000 + n;
    ck_assert_int_eq(storing_finish(t, &job, &result), STORE_OK);
}


const char *
storing_get(storing_t *t, unsigned n)
{
    store_status_t  status;

    status = storing_wait(t, store_job_get(t->store, storing_id(n),
                                           storing_str("acme"),
                                           storing_told_job, t));
    ck_assert(status == STORE_OK || status == STORE_NOT_FOUND);

    return t->said.data;
}


const char *
storing_unended(storing_t *t)
{
    char         *line, *end;
    static char   numbers[256];

    ck_assert_int_eq(storing_wait(t, store_queue_more(t->store, STORING_FLOW,
                                                      STORING_HOST, INT64_MAX,
                                                      1000, storing_told_jobs,
                                                      t)),
                     STORE_OK);
    numbers[0] = '\0';
    end = numbers;

    for (line = t->said.data; *line != '\0'; line = strchr(line, '\n') + 1) {
        end += snprintf(end, sizeof(numbers) - (size_t) (end - numbers),
                        "%lu ", strtoul(line, NULL, 10));
        ck_assert(end < numbers + sizeof(numbers) - 16);
    }

    return numbers;
}


void
storing_check(const char *path)
{
    char  err[512];

    if (store_check(path, err, sizeof(err)) != SC_OK) {
        ck_abort_msg("%s", err);
    }
}


store_table_t
storing_table(const store_column_t *columns, size_t n)
{
    store_table_t  table;

    memset(&table, 0, sizeof(store_table_t));
    table.name = "products";
    table.version = "1";
    table.columns = columns;
    table.ncolumns = n;

    return table;
}


void
storing_fill(storing_t *t, unsigned n, const store_table_t *table,
    const char *data)
{
    storing_fill_as(t, n, "", table, data);
}


void
storing_fill_as(storing_t *t, unsigned n, const char *tenant,
    const store_table_t *table, const char *data)
{
    store_job_t     job = storing_job(n);
    store_result_t  result = storing_result(n);

    job.tenant = storing_str(tenant);
    job.state = STORE_COMPLETED;
    result.tenant = storing_str(tenant);
    result.data = storing_str(data);
    result.tables = &table;
    result.ntables = 1;
    ck_assert_int_eq(storing_finish(t, &job, &result), STORE_OK);
}


void
storing_counts(storing_t *t, uint64_t rows, uint64_t keyless, uint64_t failed)
{
    store_table_counts_t  counts;

    store_table_counts(t->store, &counts);
    ck_assert_uint_eq(counts.rows, rows);
    ck_assert_uint_eq(counts.keyless, keyless);
    ck_assert_uint_eq(counts.failed, failed);
}


void
storing_reads(storing_t *t, const char *sql, const char *expected)
{
    const char  *found;

    found = storing_read(t, sql);
    ck_assert_msg(strcmp(found, expected) == 0, "%s: \"%s\", not \"%s\"",
                  sql, found, expected);
}


static const char *
storing_read(storing_t *t, const char *sql)
{
    int              i, rc;
    sqlite3         *db;
    const char      *value;
    sqlite3_stmt    *stmt;
    static sc_buf_t  lines;

    sc_buf_free(&lines);
    sc_buf_init(&lines, 0);
    ck_assert_int_eq(sqlite3_open_v2(t->path, &db, SQLITE_OPEN_READONLY,
                                     NULL), SQLITE_OK);
    rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    ck_assert_msg(rc == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));

    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (i = 0; i < sqlite3_column_count(stmt); i++) {
            value = (const char *) sqlite3_column_text(stmt, i);
            (void) sc_buf_add_cstr(&lines, i > 0 ? "|" : "");
            (void) sc_buf_add_cstr(&lines, value != NULL ? value : "NULL");
        }

        (void) sc_buf_add_cstr(&lines, "\n");
    }

    ck_assert_int_eq(rc, SQLITE_DONE);
    ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);

    return lines.data != NULL ? lines.data : "";
}


void
storing_sql(storing_t *t, const char *sql)
{
    char     *err;
    sqlite3  *db;

    err = NULL;
    ck_assert_int_eq(sqlite3_open(t->path, &db), SQLITE_OK);
    (void) sqlite3_exec(db, sql, NULL, NULL, &err);
    ck_assert_msg(err == NULL, "%s: %s", sql, err);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
