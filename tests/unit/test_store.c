
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <sqlite3.h>

#include "sidecar/store/store.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define STORE_TIMEOUT    60
#define STORE_ROUNDS     20


/*
 * What came back, copied; the loop is stopped when pending calls are all
 * called back.
 */
typedef struct {
    loop_t          *loop;
    store_t         *store;
    char             dir[64];
    char             path[96];
    int              pending;
    store_status_t   status;
    size_t           n;
    int64_t          seq;
    store_state_t    state;
    int              attempts;
    char             id[ID_SIZE];
    char             rules[64];
    char             data[64];
    char             echo[64];
} scene_t;


static void scene_open(scene_t *s);
static void scene_reopen(scene_t *s);
static void scene_close(scene_t *s);
static void scene_job(store_job_t *job, char *id);
static void scene_result(store_result_t *r, const store_job_t *job);
static void scene_run(scene_t *s, int rc);
static store_status_t scene_put(scene_t *s, const store_job_t *job);
static store_status_t scene_finish(scene_t *s, const store_job_t *job,
    const store_result_t *r);
static store_status_t scene_get(scene_t *s, const char *id,
    const char *tenant);
static void scene_done(void *data, store_status_t status);
static void scene_got_job(void *data, store_status_t status,
    const store_job_t *job);
static void scene_got_jobs(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void scene_got_result(void *data, store_status_t status,
    const store_result_t *result);
static void scene_got_results(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static sc_str_t scene_str(const char *s);
static void scene_put_until_killed(const char *path, int fd);


START_TEST(a_job_that_was_put_is_read_back)
{
    char         id[ID_SIZE];
    scene_t      s;
    store_job_t  job;

    scene_open(&s);
    scene_job(&job, id);

    ck_assert_int_eq(scene_put(&s, &job), STORE_OK);
    ck_assert_int_eq(scene_get(&s, id, "alice"), STORE_OK);
    ck_assert_str_eq(s.id, id);
    ck_assert_int_eq(s.state, STORE_QUEUED);
    ck_assert_str_eq(s.echo, "{\"row\":1}");

    scene_close(&s);
}
END_TEST


START_TEST(a_job_outlives_a_restart)
{
    char         id[ID_SIZE];
    scene_t      s;
    store_job_t  job;

    scene_open(&s);
    scene_job(&job, id);
    ck_assert_int_eq(scene_put(&s, &job), STORE_OK);
    scene_reopen(&s);

    ck_assert_int_eq(scene_get(&s, id, "alice"), STORE_OK);

    scene_close(&s);
}
END_TEST


START_TEST(another_tenant_s_job_is_not_found)
{
    char            id[ID_SIZE];
    scene_t         s;
    store_job_t     job;
    store_result_t  r;

    scene_open(&s);
    scene_job(&job, id);
    scene_result(&r, &job);
    job.state = STORE_COMPLETED;
    ck_assert_int_eq(scene_finish(&s, &job, &r), STORE_OK);

    ck_assert_int_eq(scene_get(&s, id, "bob"), STORE_NOT_FOUND);
    scene_run(&s, store_result_get(s.store, r.id, scene_str("bob"),
                                   scene_got_result, &s));
    ck_assert_int_eq(s.status, STORE_NOT_FOUND);
    scene_run(&s, store_result_newest(s.store, job.url, scene_str("bob"),
                                      scene_got_result, &s));
    ck_assert_int_eq(s.status, STORE_NOT_FOUND);
    scene_run(&s, store_job_cancel(s.store, id, scene_str("bob"), 1,
                                   scene_done, &s));
    ck_assert_int_eq(s.status, STORE_NOT_FOUND);
    scene_run(&s, store_job_results(s.store, id, scene_str("bob"), 0, 10,
                                    scene_got_results, &s));
    ck_assert_uint_eq(s.n, 0);

    scene_close(&s);
}
END_TEST


START_TEST(an_id_that_is_taken_is_a_conflict)
{
    char         id[ID_SIZE];
    scene_t      s;
    store_job_t  job;

    scene_open(&s);
    scene_job(&job, id);
    ck_assert_int_eq(scene_put(&s, &job), STORE_OK);
    ck_assert_int_eq(scene_put(&s, &job), STORE_CONFLICT);

    scene_close(&s);
}
END_TEST


START_TEST(each_start_counts_as_an_attempt)
{
    char         id[ID_SIZE];
    scene_t      s;
    store_job_t  job;

    scene_open(&s);
    scene_job(&job, id);
    ck_assert_int_eq(scene_put(&s, &job), STORE_OK);
    scene_run(&s, store_job_start(s.store, id, 1, scene_done, &s));
    scene_run(&s, store_job_start(s.store, id, 2, scene_done, &s));
    ck_assert_int_eq(s.status, STORE_OK);

    ck_assert_int_eq(scene_get(&s, id, "alice"), STORE_OK);
    ck_assert_int_eq(s.state, STORE_RUNNING);
    ck_assert_int_eq(s.attempts, 2);

    scene_close(&s);
}
END_TEST


START_TEST(a_job_never_put_is_stored_with_its_end)
{
    char            id[ID_SIZE];
    scene_t         s;
    store_job_t     job;
    store_result_t  r;

    scene_open(&s);
    scene_job(&job, id);
    scene_result(&r, &job);
    job.state = STORE_COMPLETED;

    ck_assert_int_eq(scene_finish(&s, &job, &r), STORE_OK);
    ck_assert_int_eq(scene_get(&s, id, "alice"), STORE_OK);
    ck_assert_int_eq(s.state, STORE_COMPLETED);

    scene_run(&s, store_result_get(s.store, r.id, scene_str("alice"),
                                   scene_got_result, &s));
    ck_assert_int_eq(s.status, STORE_OK);
    ck_assert_str_eq(s.data, "{\"t\":\"x\"}");
    ck_assert_str_eq(s.echo, "{\"row\":1}");

    scene_run(&s, store_job_results(s.store, id, scene_str("alice"), 0, 10,
                                    scene_got_results, &s));
    ck_assert_uint_eq(s.n, 1);

    scene_close(&s);
}
END_TEST


START_TEST(a_job_ends_once)
{
    char            id[ID_SIZE];
    scene_t         s;
    store_job_t     job;
    store_result_t  r;

    scene_open(&s);
    scene_job(&job, id);
    ck_assert_int_eq(scene_put(&s, &job), STORE_OK);
    scene_run(&s, store_job_cancel(s.store, id, scene_str("alice"), 9,
                                   scene_done, &s));
    ck_assert_int_eq(s.status, STORE_OK);

    scene_result(&r, &job);
    job.state = STORE_COMPLETED;
    ck_assert_int_eq(scene_finish(&s, &job, &r), STORE_CONFLICT);

    scene_run(&s, store_result_get(s.store, r.id, scene_str("alice"),
                                   scene_got_result, &s));
    ck_assert_int_eq(s.status, STORE_NOT_FOUND);
    scene_run(&s, store_job_cancel(s.store, id, scene_str("alice"), 9,
                                   scene_done, &s));
    ck_assert_int_eq(s.status, STORE_CONFLICT);
    ck_assert_int_eq(scene_get(&s, id, "alice"), STORE_OK);
    ck_assert_int_eq(s.state, STORE_CANCELLED);

    scene_close(&s);
}
END_TEST


START_TEST(the_newest_result_of_a_url_is_the_last_stored)
{
    char            id[ID_SIZE];
    scene_t         s;
    store_job_t     job;
    store_result_t  r;

    scene_open(&s);

    scene_job(&job, id);
    scene_result(&r, &job);
    job.state = STORE_COMPLETED;
    ck_assert_int_eq(scene_finish(&s, &job, &r), STORE_OK);

    scene_job(&job, id);
    scene_result(&r, &job);
    job.state = STORE_COMPLETED;
    ck_assert_int_eq(scene_finish(&s, &job, &r), STORE_OK);

    scene_run(&s, store_result_newest(s.store, job.url, scene_str("alice"),
                                      scene_got_result, &s));
    ck_assert_int_eq(s.status, STORE_OK);
    ck_assert_str_eq(s.id, r.id);

    scene_close(&s);
}
END_TEST


START_TEST(unended_jobs_are_read_page_by_page_in_order)
{
    int          i;
    char         id[ID_SIZE];
    scene_t      s;
    int64_t      after;
    store_job_t  job;

    scene_open(&s);

    /* all in one round: they are committed together */
    for (i = 0; i < 100; i++) {
        scene_job(&job, id);
        ck_assert_int_eq(store_job_put(s.store, &job, scene_done, &s), SC_OK);
        s.pending++;
    }

    ck_assert_int_eq(loop_run(s.loop), SC_OK);
    ck_assert_int_eq(s.status, STORE_OK);

    scene_run(&s, store_unended_count(s.store, scene_got_jobs, &s));
    ck_assert_uint_eq(s.n, 100);

    scene_run(&s, store_jobs_unended(s.store, 0, 60, scene_got_jobs, &s));
    ck_assert_uint_eq(s.n, 60);
    ck_assert_str_eq(s.rules, "{\"fields\":{\"t\":\"//a\"}}");
    after = s.seq;
    scene_run(&s, store_jobs_unended(s.store, after, 60, scene_got_jobs, &s));
    ck_assert_uint_eq(s.n, 40);
    ck_assert_int_gt(s.seq, after);

    scene_close(&s);
}
END_TEST


START_TEST(a_forgotten_call_is_not_called_back)
{
    int          other;
    char         id[ID_SIZE];
    scene_t      s;
    store_job_t  job;

    scene_open(&s);
    scene_job(&job, id);
    ck_assert_int_eq(store_job_put(s.store, &job, scene_done, &other), SC_OK);
    store_forget(s.store, &other);

    /* behind it in the queue, so it has been served by now */
    ck_assert_int_eq(scene_put(&s, &job), STORE_CONFLICT);

    scene_close(&s);
}
END_TEST


START_TEST(a_file_in_use_is_refused)
{
    char     err[512];
    scene_t  s;

    scene_open(&s);
    ck_assert_ptr_null(store_open(s.loop, s.path, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "in use"));
    scene_close(&s);
}
END_TEST


START_TEST(a_file_that_is_not_ours_is_refused_and_left_alone)
{
    char      err[512];
    char     *text;
    scene_t   s;

    scene_open(&s);
    (void) snprintf(s.path, sizeof(s.path), "%s/other.db", s.dir);
    process_write(s.path, "this is a text, and not a database of any kind\n");

    ck_assert_ptr_null(store_open(s.loop, s.path, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "left as it is"));

    text = process_read(s.path);
    ck_assert_str_eq(text, "this is a text, and not a database of any kind\n");
    free(text);

    scene_close(&s);
}
END_TEST


START_TEST(a_schema_of_another_version_is_refused)
{
    char      err[512];
    scene_t   s;
    sqlite3  *db;

    scene_open(&s);
    store_close(s.store);
    ck_assert_int_eq(sqlite3_open(s.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL,
                                  NULL), SQLITE_OK);
    (void) sqlite3_close(db);

    s.store = store_open(s.loop, s.path, err, sizeof(err));
    ck_assert_ptr_null(s.store);
    ck_assert_ptr_nonnull(strstr(err, "99"));

    scene_close(&s);
}
END_TEST


START_TEST(a_folder_that_is_not_there_is_told)
{
    char     err[512];
    scene_t  s;

    scene_open(&s);
    ck_assert_ptr_null(store_open(s.loop, "/nowhere/at/all.db", err,
                                  sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "/nowhere/at/all.db"));
    scene_close(&s);
}
END_TEST


START_TEST(the_check_finds_a_result_without_its_job)
{
    char            id[ID_SIZE], err[512];
    scene_t         s;
    sqlite3        *db;
    store_job_t     job;
    store_result_t  r;

    scene_open(&s);
    scene_job(&job, id);
    scene_result(&r, &job);
    job.state = STORE_COMPLETED;
    ck_assert_int_eq(scene_finish(&s, &job, &r), STORE_OK);
    ck_assert_int_eq(store_check(s.path, err, sizeof(err)), SC_OK);

    ck_assert_int_eq(sqlite3_open(s.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "DELETE FROM job", NULL, NULL, NULL),
                     SQLITE_OK);
    (void) sqlite3_close(db);
    ck_assert_int_eq(store_check(s.path, err, sizeof(err)), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err, "a result has no ended job"));

    scene_close(&s);
}
END_TEST


START_TEST(what_was_called_back_survives_a_kill)
{
    int       i, n, fds[2];
    char      id[ID_SIZE], err[512];
    FILE     *acks;
    pid_t     pid;
    scene_t   s;

    scene_open(&s);
    store_close(s.store);
    s.store = NULL;

    for (i = 0; i < STORE_ROUNDS; i++) {
        ck_assert_int_eq(pipe(fds), 0);
        pid = fork();
        ck_assert_int_ne(pid, -1);

        if (pid == 0) {
            (void) close(fds[0]);
            scene_put_until_killed(s.path, fds[1]);
            _exit(1);
        }

        (void) close(fds[1]);
        acks = fdopen(fds[0], "r");
        ck_assert_ptr_nonnull(acks);

        /* kill it after another number of them each time */
        for (n = 0; n < 1 + 7 * i; n++) {
            ck_assert_uint_eq(fread(id, 1, ID_SIZE, acks), ID_SIZE);
        }

        ck_assert_int_eq(process_stop(pid, SIGKILL), 128 + SIGKILL);

        scene_reopen(&s);

        do {
            ck_assert_int_eq(scene_get(&s, id, "alice"), STORE_OK);
        } while (fread(id, 1, ID_SIZE, acks) == ID_SIZE);

        store_close(s.store);
        s.store = NULL;
        ck_assert_int_eq(store_check(s.path, err, sizeof(err)), SC_OK);
        (void) fclose(acks);
    }

    scene_close(&s);
}
END_TEST


/* In a child: put jobs, and say the id of each that was called back. */
static void
scene_put_until_killed(const char *path, int fd)
{
    char         id[ID_SIZE], err[512];
    scene_t      s;
    store_job_t  job;

    memset(&s, 0, sizeof(scene_t));
    s.loop = loop_create();
    s.store = store_open(s.loop, path, err, sizeof(err));

    while (s.store != NULL) {
        scene_job(&job, id);

        if (scene_put(&s, &job) != STORE_OK
            || write(fd, id, ID_SIZE) != ID_SIZE)
        {
            return;
        }
    }
}


static void
scene_open(scene_t *s)
{
    memset(s, 0, sizeof(scene_t));
    process_folder(s->dir, sizeof(s->dir));
    (void) snprintf(s->path, sizeof(s->path), "%s/store.db", s->dir);
    s->loop = loop_create();
    ck_assert_ptr_nonnull(s->loop);
    scene_reopen(s);
}


static void
scene_reopen(scene_t *s)
{
    char  err[512];

    if (s->store != NULL) {
        store_close(s->store);
    }

    s->store = store_open(s->loop, s->path, err, sizeof(err));
    ck_assert_msg(s->store != NULL, "%s", err);
}


static void
scene_close(scene_t *s)
{
    if (s->store != NULL) {
        store_close(s->store);
    }

    loop_destroy(s->loop);
    process_remove(s->dir);
}


static void
scene_job(store_job_t *job, char *id)
{
    memset(job, 0, sizeof(store_job_t));
    ck_assert_int_eq(id_make(job->id, 7), SC_OK);
    memcpy(id, job->id, ID_SIZE);

    job->tenant = scene_str("alice");
    job->kind = scene_str("extract");
    job->url = scene_str("http://shop.example/");
    job->spec = scene_str("{}");
    job->rules_hash = scene_str("sha256:1");
    job->rules = scene_str("{\"fields\":{\"t\":\"//a\"}}");
    job->echo = scene_str("{\"row\":1}");
    job->created = 1;
}


static void
scene_result(store_result_t *r, const store_job_t *job)
{
    memset(r, 0, sizeof(store_result_t));
    ck_assert_int_eq(id_make(r->id, 7), SC_OK);
    memcpy(r->job, job->id, ID_SIZE);

    r->tenant = job->tenant;
    r->url = job->url;
    r->state = STORE_COMPLETED;
    r->fetch = scene_str("{}");
    r->data = scene_str("{\"t\":\"x\"}");
    r->missing = scene_str("[]");
    r->warnings = scene_str("[]");
    r->etag = scene_str("sha256-1");
    r->at = 2;
}


/* One call, until it is called back. */
static void
scene_run(scene_t *s, int rc)
{
    ck_assert_int_eq(rc, SC_OK);
    s->pending++;
    ck_assert_int_eq(loop_run(s->loop), SC_OK);
}


static store_status_t
scene_put(scene_t *s, const store_job_t *job)
{
    scene_run(s, store_job_put(s->store, job, scene_done, s));

    return s->status;
}


static store_status_t
scene_finish(scene_t *s, const store_job_t *job, const store_result_t *r)
{
    scene_run(s, store_job_finish(s->store, job, r, scene_done, s));

    return s->status;
}


static store_status_t
scene_get(scene_t *s, const char *id, const char *tenant)
{
    scene_run(s, store_job_get(s->store, id, scene_str(tenant), scene_got_job,
                               s));

    return s->status;
}


static void
scene_done(void *data, store_status_t status)
{
    scene_t  *s = data;

    s->status = status;

    if (--s->pending == 0) {
        loop_stop(s->loop);
    }
}


static void
scene_got_job(void *data, store_status_t status, const store_job_t *job)
{
    scene_got_jobs(data, status, job, job != NULL);
}


static void
scene_got_jobs(void *data, store_status_t status, const store_job_t *jobs,
    size_t n)
{
    scene_t            *s = data;
    const store_job_t  *last;

    s->n = n;

    if (jobs != NULL && n > 0) {
        last = &jobs[n - 1];
        memcpy(s->id, last->id, ID_SIZE);
        s->seq = last->seq;
        s->state = last->state;
        s->attempts = last->attempts;
        (void) snprintf(s->rules, sizeof(s->rules), "%s", last->rules.data);
        (void) snprintf(s->echo, sizeof(s->echo), "%s", last->echo.data);
    }

    scene_done(data, status);
}


static void
scene_got_result(void *data, store_status_t status,
    const store_result_t *result)
{
    scene_got_results(data, status, result, result != NULL);
}


static void
scene_got_results(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    scene_t  *s = data;

    s->n = n;

    if (n > 0) {
        memcpy(s->id, results[0].id, ID_SIZE);
        (void) snprintf(s->data, sizeof(s->data), "%s", results[0].data.data);
        (void) snprintf(s->echo, sizeof(s->echo), "%s", results[0].echo.data);
    }

    scene_done(data, status);
}


static sc_str_t
scene_str(const char *s)
{
    sc_str_t  str;

    str.data = s;
    str.len = strlen(s);

    return str;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_job_that_was_put_is_read_back,
        a_job_outlives_a_restart,
        another_tenant_s_job_is_not_found,
        an_id_that_is_taken_is_a_conflict,
        each_start_counts_as_an_attempt,
        a_job_never_put_is_stored_with_its_end,
        a_job_ends_once,
        the_newest_result_of_a_url_is_the_last_stored,
        unended_jobs_are_read_page_by_page_in_order,
        a_forgotten_call_is_not_called_back,
        a_file_in_use_is_refused,
        a_file_that_is_not_ours_is_refused_and_left_alone,
        a_schema_of_another_version_is_refused,
        a_folder_that_is_not_there_is_told,
        the_check_finds_a_result_without_its_job,
        what_was_called_back_survives_a_kill,
        NULL
    };

    return suite_run("store", tests, STORE_TIMEOUT);
}
