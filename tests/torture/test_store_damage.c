
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sidecar/store/store_list.h"
#include "tests/support/process.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/torture/promised.h"


#define DAMAGE_SUITE      "torture/test_store_damage"
#define DAMAGE_SECONDS    1800
#define DAMAGE_JOBS       200

/* who is nobody, wherever the tests may run as root */
#define DAMAGE_NOBODY     65534


/* What came of it. */
typedef struct {
    size_t  runs;
    size_t  refused;
    size_t  failed;
    size_t  changed;
    size_t  foreign;
} damage_result_t;


static void damage_make(void);
static void damage_put(unsigned n);
static void damage_flip(size_t at, damage_result_t *r, int running);
static void damage_open(const char *path, damage_result_t *r);
static void damage_read(damage_result_t *r);
static void damage_read_lists(damage_result_t *r);
static void damage_read_ids(unsigned n, damage_result_t *r);
static void damage_wait(int rc, damage_result_t *r);
static void damage_told(store_status_t status);
static void damage_job(void *data, store_status_t status,
    const store_job_t *job);
static void damage_results(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void damage_result(void *data, store_status_t status,
    const store_result_t *result);
static void damage_works(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static void damage_messages(void *data, store_status_t status,
    const store_message_t *messages, size_t n);
static void damage_done(void *data, store_status_t status);
static void damage_look(sc_str_t text);
static void damage_write(const char *path, const char *bytes, size_t len);
static char *damage_bytes(const char *path, size_t *len);
static int damage_as_nobody(const char *path, char *err, size_t errlen);
static size_t damage_cut(void);


static storing_t        t;
static char            *whole;
static size_t           whole_len;
static size_t           seen;           /* rows that were read */
static size_t           foreign;        /* texts of another tenant in them */
static store_status_t   answer;


START_TEST(a_flipped_byte_is_no_crash_and_shows_nobody_anothers_rows)
{
    size_t           i, n;
    damage_result_t  r = { 0 };

    damage_make();
    n = proof_times("DAMAGE_FLIPS", 1000, 20);

    for (i = 0; i < n; i++) {
        damage_flip(whole_len / n * i + proof_random(whole_len / n), &r, 0);
    }

    proof_report(DAMAGE_SUITE, "B17 corruption at rest: refused and left as "
                 "it is, or another's row is never shown", r.runs,
                 r.foreign + r.changed,
                 "bytes flipped in a file of %zu; refused at the start: %zu; "
                 "reads that failed: %zu; refused and not as it was: %zu; "
                 "another tenant's text shown: %zu", whole_len, r.refused,
                 r.failed, r.changed, r.foreign);
    free(whole);
    promised_tear_down(&t);
}
END_TEST


START_TEST(a_byte_that_flips_while_it_runs_shows_nobody_anothers_rows)
{
    size_t           i, n;
    damage_result_t  r = { 0 };

    damage_make();
    n = proof_times("DAMAGE_FLIPS", 1000, 20);

    for (i = 0; i < n; i++) {
        damage_flip(whole_len / n * i + proof_random(whole_len / n), &r, 1);
    }

    proof_report(DAMAGE_SUITE, "B17 corruption while it runs: no crash, and "
                 "another's row is never shown", r.runs, r.foreign,
                 "bytes flipped in a file of %zu that is open; reads that "
                 "failed: %zu; another tenant's text shown: %zu", whole_len,
                 r.failed, r.foreign);
    free(whole);
    promised_tear_down(&t);
}
END_TEST


START_TEST(a_file_that_was_cut_is_refused_and_left_as_it_is)
{
    char             path[128];
    size_t           i, n, len, now;
    char            *after;
    damage_result_t  r = { 0 };

    damage_make();
    n = proof_times("DAMAGE_CUTS", 100, 10);

    for (i = 0; i < n; i++) {
        (void) snprintf(path, sizeof(path), "%s/cut%zu.db", t.dir, i);
        len = damage_cut();
        damage_write(path, whole, len);
        now = r.refused;
        damage_open(path, &r);
        r.runs++;

        if (r.refused == now) {
            r.changed++;
            storing_close(&t);
            continue;
        }

        after = damage_bytes(path, &now);
        r.changed += (now != len || memcmp(after, whole, len) != 0);
        free(after);
        (void) unlink(path);
    }

    proof_report(DAMAGE_SUITE, "B17 a file that was cut is refused and left "
                 "as it is", r.runs, r.changed, "of %zu bytes; refused: %zu",
                 whole_len, r.refused);
    free(whole);
    promised_tear_down(&t);
}
END_TEST


START_TEST(without_its_wal_or_shared_memory_a_store_is_what_was_brought_in)
{
    char  name[96];

    damage_make();
    storing_open(&t);
    storing_put_n(&t, DAMAGE_JOBS + 2);
    (void) snprintf(name, sizeof(name), "%s/copy.db", t.dir);
    free(whole);
    whole = damage_bytes(t.path, &whole_len);
    damage_write(name, whole, whole_len);
    free(whole);
    storing_close(&t);

    /* the copy has neither; what stood in the WAL alone is not there */
    (void) snprintf(t.path, sizeof(t.path), "%s", name);
    storing_open(&t);
    ck_assert_str_eq(storing_get(&t, DAMAGE_JOBS + 2), "");
    ck_assert_str_ne(storing_get(&t, 2), "");
    storing_put_n(&t, DAMAGE_JOBS + 4);
    storing_close(&t);
    storing_check(t.path);
    promised_tear_down(&t);
}
END_TEST


START_TEST(a_store_that_may_not_be_written_to_is_refused)
{
    char  err[512], lock[128];

    damage_make();
    free(whole);
    (void) snprintf(lock, sizeof(lock), "%s.lock", t.path);
    ck_assert_int_eq(unlink(lock), 0);
    ck_assert_int_eq(chmod(t.dir, 0777), 0);
    ck_assert_int_eq(chmod(t.path, 0444), 0);
    ck_assert_int_eq(damage_as_nobody(t.path, err, sizeof(err)), 1);
    ck_assert_msg(strstr(err, "may not be written to") != NULL, "%s", err);

    (void) unlink(lock);
    ck_assert_int_eq(chmod(t.path, 0666), 0);
    ck_assert_int_eq(chmod(t.dir, 0555), 0);
    ck_assert_int_eq(damage_as_nobody(t.path, err, sizeof(err)), 1);
    ck_assert_msg(strstr(err, "Permission denied") != NULL, "%s", err);
    ck_assert_int_eq(chmod(t.dir, 0755), 0);
    ck_assert_int_eq(chmod(t.path, 0600), 0);

    storing_open(&t);
    storing_put_n(&t, DAMAGE_JOBS + 2);
    storing_close(&t);
    storing_check(t.path);
    proof_report(DAMAGE_SUITE, "B4 a file or a folder that is read-only is "
                 "refused at the start", 2, 0, "and nothing is changed");
    promised_tear_down(&t);
}
END_TEST


/* Jobs of two tenants in turn; of one all that is text says so. */

static void
damage_make(void)
{
    unsigned  n;

    promised_set_up(&t);
    storing_open(&t);

    for (n = 0; n < DAMAGE_JOBS; n++) {
        damage_put(n);
    }

    storing_close(&t);
    whole = damage_bytes(t.path, &whole_len);
}


static void
damage_put(unsigned n)
{
    store_end_t      end = { .keep_same = 1, .nmessages = 1 };
    store_job_t      job = storing_job(n);
    store_result_t   result = storing_result(n);
    store_message_t  message;

    memset(&message, 0, sizeof(store_message_t));
    memcpy(message.id, storing_id(n), ID_SIZE);
    memcpy(message.job, storing_id(n), ID_SIZE);
    job.state = STORE_COMPLETED;
    job.url = storing_str("http://same/page");
    result.url = job.url;
    result.host = storing_str("same");

    if (n % 2) {
        job.tenant = storing_str("SECRET-rival");
        job.spec = storing_str("{\"a\":\"SECRET-spec\"}");
        result.data = storing_str("{\"a\":\"SECRET-data\"}");
        message.body = storing_str("SECRET-body");

    } else {
        message.body = storing_str("body");
    }

    result.tenant = job.tenant;
    message.tenant = job.tenant;
    message.spec = storing_str("{}");
    message.event = storing_str("job.completed");
    message.last = storing_str("");
    end.job = &job;
    end.result = &result;
    end.messages = &message;
    ck_assert_int_eq(storing_wait(&t, store_end(t.store, &end,
                                                storing_told_ended, &t)),
                     STORE_OK);
}


/* In a copy; before it is opened, or while it is. */

static void
damage_flip(size_t at, damage_result_t *r, int running)
{
    int      fd;
    char     path[128], former, *after;
    size_t   len, refused;

    (void) snprintf(path, sizeof(path), "%s/copy%zu.db", t.dir, r->runs++);
    former = whole[at];
    refused = r->refused;
    foreign = 0;

    if (running) {
        damage_write(path, whole, whole_len);
        damage_open(path, r);
    }

    whole[at] = (char) (former ^ (1 + (int) proof_random(255)));

    if (running) {
        fd = open(path, O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(pwrite(fd, &whole[at], 1, (off_t) at), 1);
        (void) close(fd);

    } else {
        damage_write(path, whole, whole_len);
        damage_open(path, r);
    }

    if (r->refused == refused) {
        damage_read(r);
        storing_close(&t);

    } else {
        after = damage_bytes(path, &len);
        r->changed += (len != whole_len || memcmp(after, whole, len) != 0);
        free(after);
    }

    if (foreign != 0) {
        r->foreign++;
        (void) fprintf(stderr, "byte %zu shows %zu texts\n", at, foreign);
    }

    whole[at] = former;
    (void) unlink(path);
}


static void
damage_open(const char *path, damage_result_t *r)
{
    char  err[512] = "";

    t.store = store_open(t.loop, path, err, sizeof(err));

    if (t.store == NULL) {
        ck_assert_ptr_nonnull(strstr(err, path));
        r->refused++;
    }
}


/* All that can be asked as one of the tenants; then a write. */

static void
damage_read(damage_result_t *r)
{
    unsigned     n;
    store_job_t  job;

    seen = 0;
    damage_read_lists(r);

    for (n = 0; n < DAMAGE_JOBS; n += 7) {
        damage_read_ids(n, r);
    }

    job = storing_job(DAMAGE_JOBS);
    damage_wait(store_job_put(t.store, &job, damage_done, &t), r);
}


static void
damage_read_lists(damage_result_t *r)
{
    size_t              i;
    store_jobs_ask_t    jobs = { .state = -1, .kind = "", .tag_name = "",
                                 .tag_value = "", .limit = 1000 };
    store_results_ask_t all = { .job = "", .url = "", .host = "",
                                .ruleset = "", .tag_name = "",
                                .tag_value = "", .q = "", .limit = 1000 };
    store_results_ask_t asks[5] = { all, all, all, all, all };

    asks[1].newest = 1;
    asks[2].url = "http://same/page";
    asks[3].host = "same";
    asks[4].changed_since = 1;
    jobs.tenant = storing_str("acme");
    damage_wait(store_jobs_list(t.store, &jobs, damage_works, &t), r);
    jobs.state = STORE_COMPLETED;
    damage_wait(store_jobs_list(t.store, &jobs, damage_works, &t), r);

    for (i = 0; i < 5; i++) {
        asks[i].tenant = jobs.tenant;
        damage_wait(store_results_list(t.store, &asks[i], damage_results, &t),
                    r);
    }

    damage_wait(store_result_newest(t.store, storing_str("http://same/page"),
                                    jobs.tenant, damage_result, &t), r);
}


static void
damage_read_ids(unsigned n, damage_result_t *r)
{
    store_t     *s = t.store;
    sc_str_t     acme = storing_str("acme");
    const char  *id = storing_id(n);

    damage_wait(store_job_get(s, id, acme, damage_job, &t), r);
    damage_wait(store_result_get(s, id, acme, damage_result, &t), r);
    damage_wait(store_job_results(s, id, acme, 0, 10, damage_results, &t), r);
    damage_wait(store_messages_list(s, id, acme, 10, damage_messages, &t), r);
}


static void
damage_wait(int rc, damage_result_t *r)
{
    ck_assert_int_eq(rc, SC_OK);
    ck_assert_int_eq(loop_run(t.loop), SC_OK);
    r->failed += (answer == STORE_FAILED || answer == STORE_FULL);
}


static void
damage_told(store_status_t status)
{
    answer = status;
    loop_stop(t.loop);
}


static void
damage_job(void *data, store_status_t status, const store_job_t *job)
{
    (void) data;

    if (job != NULL) {
        damage_look(job->tenant);
        damage_look(job->spec);
    }

    damage_told(status);
}


static void
damage_results(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    size_t  i;

    (void) data;

    for (i = 0; i < n; i++) {
        damage_look(results[i].tenant);
        damage_look(results[i].data);
    }

    damage_told(status);
}


static void
damage_result(void *data, store_status_t status, const store_result_t *result)
{
    damage_results(data, status, result, result != NULL);
}


static void
damage_works(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    size_t  i;

    (void) data;

    for (i = 0; i < n; i++) {
        damage_look(works[i].job.tenant);
        damage_look(works[i].job.spec);
    }

    damage_told(status);
}


static void
damage_messages(void *data, store_status_t status,
    const store_message_t *messages, size_t n)
{
    size_t  i;

    (void) data;

    for (i = 0; i < n; i++) {
        damage_look(messages[i].tenant);
        damage_look(messages[i].body);
    }

    damage_told(status);
}


static void
damage_done(void *data, store_status_t status)
{
    (void) data;
    damage_told(status);
}


static void
damage_look(sc_str_t text)
{
    seen++;
    foreign += (memmem(text.data, text.len, "SECRET", 6) != NULL);
}


static void
damage_write(const char *path, const char *bytes, size_t len)
{
    FILE  *file;

    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}


static char *
damage_bytes(const char *path, size_t *len)
{
    FILE         *file;
    char         *bytes;
    struct stat   st;

    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fstat(fileno(file), &st), 0);
    bytes = malloc((size_t) st.st_size + 1);
    ck_assert_ptr_nonnull(bytes);
    *len = fread(bytes, 1, (size_t) st.st_size, file);
    (void) fclose(file);

    return bytes;
}


/* Whether it is refused to one who is not its owner, and why. */

static int
damage_as_nobody(const char *path, char *err, size_t errlen)
{
    int       fds[2], status;
    pid_t     pid;
    loop_t   *loop;
    ssize_t   n;

    ck_assert_int_eq(pipe(fds), 0);
    pid = fork();
    ck_assert_int_ne(pid, -1);

    if (pid == 0) {
        if (geteuid() == 0 && setuid(DAMAGE_NOBODY) != 0) {
            _exit(2);
        }

        loop = loop_create();
        err[0] = '\0';

        if (loop == NULL || store_open(loop, path, err, errlen) != NULL
            || write(fds[1], err, strlen(err)) == -1)
        {
            _exit(0);
        }

        _exit(1);
    }

    (void) close(fds[1]);
    n = read(fds[0], err, errlen - 1);
    err[n > 0 ? n : 0] = '\0';
    (void) close(fds[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}


/* Where something is lost: SQLite reads zeros where a page is cut. */

static size_t
damage_cut(void)
{
    size_t  len, lost;

    do {
        len = 1 + proof_random(whole_len - 1);

        for (lost = len; lost < whole_len && whole[lost] == 0; lost++) {
            /* void */
        }
    } while (lost == whole_len);

    return len;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_flipped_byte_is_no_crash_and_shows_nobody_anothers_rows,
        a_byte_that_flips_while_it_runs_shows_nobody_anothers_rows,
        a_file_that_was_cut_is_refused_and_left_as_it_is,
        without_its_wal_or_shared_memory_a_store_is_what_was_brought_in,
        a_store_that_may_not_be_written_to_is_refused,
        NULL
    };

    return suite_run("store damage", tests, DAMAGE_SECONDS);
}
