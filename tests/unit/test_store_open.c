
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/support/process.h"
#include "tests/support/storing.h"


static void store_sql(const char *path, const char *sql);
static int store_number(const char *path, const char *sql);
static void store_overwrite(const char *path, long at, int byte, size_t n);
static char *store_bytes(const char *path, size_t *len);
static const char *store_copy(void);
static void store_refused(const char *path, const char *says);
static void store_left_alone(const char *path, const char *says);
static void store_damaged(const char *sql, const char *says);


static storing_t  t;


/* What version 4 had not. */

static const char  store_former[] = "DROP TABLE job_usage;"
                                    "DROP TABLE job_ruleset;"
                                    "PRAGMA user_version = 4";


START_TEST(new_file_is_its_owners_alone)
{
    char         name[128];
    size_t       i;
    struct stat  st;

    static const char *const  tails[] = { "", "-wal", "-shm", ".lock" };

    storing_put_n(&t, 1);

    for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        (void) snprintf(name, sizeof(name), "%s%s", t.path, tails[i]);
        ck_assert_int_eq(stat(name, &st), 0);
        ck_assert_uint_eq(st.st_mode & 0777, 0600);
    }
}
END_TEST


START_TEST(words_are_merged_seldom)
{
    storing_reads(&t, "SELECT k, v FROM result_text_config WHERE k LIKE"
                      " '%merge' ORDER BY k",
                  "automerge|64\ncrisismerge|512\n");
}
END_TEST


START_TEST(closed_store_is_one_file_and_its_lock)
{
    char  name[128];

    storing_put_n(&t, 1);
    storing_close(&t);

    (void) snprintf(name, sizeof(name), "%s-wal", t.path);
    ck_assert_int_ne(access(name, F_OK), 0);
    (void) snprintf(name, sizeof(name), "%s-shm", t.path);
    ck_assert_int_ne(access(name, F_OK), 0);
}
END_TEST


START_TEST(empty_file_becomes_a_store)
{
    storing_close(&t);
    process_write(t.path, "");
    storing_open(&t);
    storing_put_n(&t, 1);
}
END_TEST


START_TEST(store_in_another_journal_mode_is_brought_to_ours)
{
    storing_put_n(&t, 1);
    storing_close(&t);
    store_sql(t.path, "PRAGMA journal_mode = DELETE");
    storing_open(&t);
    storing_put_n(&t, 2);
    ck_assert_str_eq(storing_unended(&t), "1 2 ");
}
END_TEST


START_TEST(folder_that_is_missing_is_told)
{
    store_refused("/nowhere/s.db", "could not make the store "
                  "\"/nowhere/s.db\": No such file or directory");
    store_refused(t.dir, "");
}
END_TEST


START_TEST(store_is_opened_once)
{
    char  link[128];

    store_refused(t.path, "is in use by another scraped");

    (void) snprintf(link, sizeof(link), "%s/link.db", t.dir);
    ck_assert_int_eq(symlink("s.db", link), 0);
    store_refused(link, "is in use by another scraped");

    /* the first is not hurt by that */
    storing_put_n(&t, 1);
    storing_close(&t);
    storing_open(&t);
    ck_assert_str_eq(storing_unended(&t), "1 ");
}
END_TEST


START_TEST(file_that_is_no_database_is_left_alone)
{
    char  path[128];

    (void) snprintf(path, sizeof(path), "%s/text", t.dir);
    process_write(path, "This is a letter to my aunt, and not a database.\n"
                        "It is longer than the header SQLite looks for in"
                        " the first hundred bytes of a file.\n");
    store_left_alone(path, "file is not a database");
}
END_TEST


START_TEST(database_of_another_program_is_left_alone)
{
    char  path[128];

    (void) snprintf(path, sizeof(path), "%s/other.db", t.dir);
    store_sql(path, "CREATE TABLE job (id)");
    store_left_alone(path, "another program's file and left as it is");

    store_sql(path, "DROP TABLE job; PRAGMA application_id = 7");
    store_left_alone(path, "another program's file and left as it is");
}
END_TEST


START_TEST(store_of_another_version_is_left_alone)
{
    int   version;
    char  pragma[64], says[64];

    storing_put_n(&t, 1);
    storing_close(&t);
    version = store_number(t.path, "PRAGMA user_version");
    (void) snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d",
                    version + 1);
    (void) snprintf(says, sizeof(says), "is of version \"%d\", not %d",
                    version + 1, version);

    store_sql(t.path, pragma);
    store_left_alone(t.path, says);

    (void) snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d",
                    version);
    store_sql(t.path, pragma);
    storing_open(&t);
    ck_assert_str_eq(storing_unended(&t), "1 ");
}
END_TEST


START_TEST(store_of_the_version_before_is_brought_to_this_one)
{
    storing_finish_n(&t, 1);
    storing_put_n(&t, 3);
    storing_close(&t);
    store_sql(t.path, store_former);
    ck_assert_int_eq(store_number(t.path, "SELECT count(*) FROM result"), 1);

    storing_open(&t);
    ck_assert_int_eq(store_number(t.path, "PRAGMA user_version"), 5);
    ck_assert_str_eq(storing_unended(&t), "3 ");
    (void) storing_wait(&t, store_result_get(t.store, storing_id(1),
                                             storing_str("acme"),
                                             storing_told_result, &t));
    ck_assert_str_eq(t.said.data, "1|1|acme|http://a/1|2|{\"status\":200}|"
                     "{\"a\":1}|[]|[]||||sha256-0|3001\n");

    /* rule sets are those of who used them */
    storing_reads(&t, "SELECT tenant, hash FROM job_ruleset",
                  "acme|sha256:1\nacme|sha256:3\n");

    /* what is used is counted from now on */
    storing_reads(&t, "SELECT count(*) FROM job_usage", "0\n");
    storing_put_n(&t, 4);
    storing_reads(&t, "SELECT tenant, day, pages, bytes, jobs"
                  " FROM job_usage", "acme|0|0|0|1\n");
}
END_TEST


START_TEST(store_that_was_brought_to_this_version_is_as_a_new_one)
{
    int  tables, columns;

    static const char  count[] = "SELECT count(*) FROM sqlite_master m,"
                                 " pragma_table_xinfo(m.name)";

    tables = store_number(t.path, "SELECT count(*) FROM sqlite_master");
    columns = store_number(t.path, count);
    storing_close(&t);
    store_sql(t.path, store_former);
    ck_assert_int_lt(store_number(t.path, count), columns);

    storing_open(&t);
    ck_assert_int_eq(store_number(t.path, count), columns);
    ck_assert_int_eq(store_number(t.path, "SELECT count(*)"
                                          " FROM sqlite_master"), tables);
}
END_TEST


START_TEST(store_that_cannot_be_brought_to_this_version_stays_as_it_is)
{
    storing_finish_n(&t, 1);
    storing_close(&t);
    store_sql(t.path, store_former);

    /* a user's table has the name of one that is to be made */
    store_sql(t.path, "CREATE TABLE job_usage (_tenant)");
    store_refused(t.path, "table job_usage already exists");
    ck_assert_int_eq(store_number(t.path, "PRAGMA user_version"), 4);

    store_sql(t.path, "ALTER TABLE job_usage RENAME TO label");
    storing_open(&t);
    ck_assert_int_eq(store_number(t.path, "PRAGMA user_version"), 5);
}
END_TEST


START_TEST(store_of_two_versions_ago_is_left_alone)
{
    storing_put_n(&t, 1);
    storing_close(&t);
    store_sql(t.path, "PRAGMA user_version = 3");
    store_left_alone(t.path, "is of version \"3\", not 5");
    store_sql(t.path, "PRAGMA user_version = 5");
}
END_TEST


START_TEST(store_whose_tables_are_not_ours_is_left_alone)
{
    storing_put_n(&t, 1);
    storing_close(&t);
    store_sql(t.path, "ALTER TABLE job RENAME COLUMN started TO begun");
    store_left_alone(t.path, "no column named started");
    store_sql(t.path, "ALTER TABLE job RENAME COLUMN begun TO started");
}
END_TEST


START_TEST(space_of_a_new_file_can_be_given_back)
{
    ck_assert_int_eq(store_number(t.path, "PRAGMA auto_vacuum"), 2);
}
END_TEST


START_TEST(store_whose_schema_is_corrupt_is_left_alone)
{
    const char  *copy;

    storing_close(&t);
    copy = store_copy();

    /* the first page, behind the file's header */
    store_overwrite(copy, 100, 0xff, 3996);
    store_left_alone(copy, "malformed");
}
END_TEST


START_TEST(corrupt_store_is_copied_aside_once)
{
    char         aside[256];
    char        *first, *second;
    size_t       len, now;
    const char  *copy;

    storing_close(&t);
    copy = store_copy();
    (void) snprintf(aside, sizeof(aside), "%s.corrupt", copy);

    store_overwrite(copy, 100, 0xff, 3996);
    store_left_alone(copy, "; a copy is at \"");
    first = store_bytes(copy, &len);
    second = store_bytes(aside, &now);
    ck_assert_uint_eq(now, len);
    ck_assert_mem_eq(first, second, len);
    free(second);

    store_overwrite(copy, 200, 0xfe, 8);
    store_left_alone(copy, "malformed");
    second = store_bytes(aside, &now);
    ck_assert_uint_eq(now, len);
    ck_assert_mem_eq(first, second, len);
    free(first);
    free(second);
}
END_TEST


START_TEST(check_tells_what_is_wrong)
{
    storing_finish_n(&t, 1);
    storing_put_n(&t, 2);
    storing_close(&t);
    storing_check(t.path);

    store_damaged("UPDATE job SET state = 2", "a completed job has no "
                  "result");
    store_damaged("UPDATE job SET state = 9", "a job is in no known state");
    store_damaged("DELETE FROM ruleset", "a job's rule set is missing");
    store_damaged("UPDATE job SET state = 0", "a result has no ended job");
    store_damaged("UPDATE result SET tenant = 'x'", "a result has no ended");
    store_damaged("INSERT INTO result SELECT NULL, shard, 'x', job, tenant,"
                  " url, state, fetch, data, missing, warnings, echo, error,"
                  " etag, at, view, host, ruleset, digest, changed, line,"
                  " depth, context FROM result", "a job has two results");
    store_damaged("DROP TABLE result", "no such table");
}
END_TEST


START_TEST(check_tells_what_is_wrong_with_the_queues)
{
    storing_finish_n(&t, 1);
    storing_put_n(&t, 2);
    storing_put_n(&t, 3);
    storing_close(&t);
    storing_check(t.path);

    store_damaged("DELETE FROM task", "has not ended is in no queue: \"2\"");
    store_damaged("UPDATE task SET due = due + 1", "is in no queue: \"2\"");
    store_damaged("UPDATE task SET prio = 1 WHERE job = 2",
                  "is in no queue: \"1\"");
    store_damaged("INSERT INTO task SELECT shard, flow, host, prio, due, seq"
                  " FROM job WHERE state = 2", "a queue has a job that has "
                  "ended: \"1\"");
    store_damaged("INSERT INTO task VALUES (0, 7, 9, 0, 1000, 99)",
                  "a queue has a job that has ended: \"1\"");
    store_damaged("INSERT INTO task SELECT shard, flow, host, prio, due + 1,"
                  " job FROM task WHERE job = 2", "in a queue twice: \"1\"");

    store_damaged("DELETE FROM queue", "a queue that has a job is not found: "
                  "\"2\"");
    store_damaged("UPDATE queue SET lane = lane + 1", "is not found");
    store_damaged("UPDATE queue SET host = host + 1", "is not found");
    store_damaged("UPDATE queue SET due = 9223372036854775807",
                  "is not found");
}
END_TEST


START_TEST(check_tells_what_is_wrong_with_jobs_of_many_pages)
{
    int64_t       job;
    store_end_t   end;
    store_work_t  work = storing_work(1);

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 4);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.raw = storing_str("x");
    (void) storing_end_page(&t, &end);
    end = storing_page_end(3, 1, job, STORE_FAILED_JOB);
    (void) storing_end_page(&t, &end);
    storing_close(&t);
    storing_check(t.path);

    store_damaged("UPDATE job SET parent = 9 WHERE parent <> 0",
                  "a page has no job: \"4\"");
    store_damaged("UPDATE job_work SET found = 5", "other pages than it"
    " counts");
    store_damaged("UPDATE job_work SET completed = 2", "other completed"
    " pages");
    store_damaged("UPDATE job_work SET failed = 0", "other failed pages");
    store_damaged("UPDATE job_work SET cancelled = 1", "other cancelled"
    " pages");
    store_damaged("DELETE FROM result WHERE state = 2", "other items");
    store_damaged("UPDATE job_work SET unchanged = 1", "of some pages than"
    " of");
    store_damaged("UPDATE job_work SET robots = 2", "of some pages than of"
    " all");
    store_damaged("UPDATE job_work SET ruleset = 'x'", "rule set is missing");
    store_damaged("UPDATE result_raw SET result = 9", "a page is kept of no"
    " result");
    store_damaged("UPDATE result_text_docsize SET id = 9", "words are kept");
    store_damaged("UPDATE result SET job = 'x'", "a result has no ended job");

    /* a queue may be away as a whole, while they are cancelled */
    store_damaged("UPDATE queue SET host = host + 1", "is not found: \"2\"");
    store_damaged("DELETE FROM queue; UPDATE job_work SET found = 5",
                  "other pages than it counts");

    /* of one that has ended, some pages may be gone */
    storing_open(&t);
    work.job.seq = job;
    work.job.state = STORE_CANCELLED;
    (void) storing_wait(&t, store_work_finish(t.store, &work, NULL, 0,
                                              storing_done, &t));
    storing_close(&t);
    storing_sql(&t, "DELETE FROM job WHERE state = 3; UPDATE job_work SET"
                " found = 5, items = 1");
    storing_check(t.path);
    store_damaged("UPDATE job_work SET found = 2", "other pages than it"
    " counts");
}
END_TEST


START_TEST(check_finds_corruption)
{
    char         err[256];
    unsigned     n;
    const char  *copy;

    for (n = 0; n < 300; n++) {
        storing_put_n(&t, n);
    }

    storing_close(&t);
    copy = store_copy();
    store_overwrite(copy, 4096 * 5, 0xff, 4096);
    ck_assert_int_eq(store_check(copy, err, sizeof(err)), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err, "the file is corrupt"));
}
END_TEST


START_TEST(check_of_no_store_fails)
{
    char  err[256];

    ck_assert_int_eq(store_check("/nowhere/s.db", err, sizeof(err)),
                     SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err, "/nowhere/s.db"));
}
END_TEST


static void
store_sql(const char *path, const char *sql)
{
    char     *err;
    sqlite3  *db;

    err = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    (void) sqlite3_exec(db, sql, NULL, NULL, &err);
    ck_assert_msg(err == NULL, "%s: %s", sql, err);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}


static int
store_number(const char *path, const char *sql)
{
    int            n;
    sqlite3       *db;
    sqlite3_stmt  *stmt;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
    n = sqlite3_column_int(stmt, 0);
    ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);

    return n;
}


static void
store_overwrite(const char *path, long at, int byte, size_t n)
{
    FILE  *file;

    file = fopen(path, "r+");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);

    while (n-- > 0) {
        ck_assert_int_ne(fputc(byte, file), EOF);
    }

    ck_assert_int_eq(fclose(file), 0);
}


static char *
store_bytes(const char *path, size_t *len)
{
    FILE  *file;
    char  *bytes;

    bytes = malloc(1 << 20);
    file = fopen(path, "r");
    ck_assert(bytes != NULL && file != NULL);
    *len = fread(bytes, 1, 1 << 20, file);
    (void) fclose(file);

    return bytes;
}


static void
store_refused(const char *path, const char *says)
{
    char  err[512] = "";

    ck_assert_ptr_null(store_open(t.loop, path, err, sizeof(err)));
    ck_assert_msg(err[0] != '\0' && strstr(err, says) != NULL, "%s: %s", path,
                  err);
}


static void
store_left_alone(const char *path, const char *says)
{
    char    *before, *after;
    size_t   len, now;

    before = store_bytes(path, &len);
    store_refused(path, says);
    after = store_bytes(path, &now);
    ck_assert_uint_eq(now, len);
    ck_assert_mem_eq(before, after, len);
    free(before);
    free(after);
}


/* A copy of the closed store; its path. */
static const char *
store_copy(void)
{
    FILE         *file;
    char         *bytes;
    size_t        len;
    static char   copy[128];

    (void) snprintf(copy, sizeof(copy), "%s/copy.db", t.dir);
    bytes = store_bytes(t.path, &len);
    file = fopen(copy, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    free(bytes);

    return copy;
}


/* The check of a copy that this was done to. */
static void
store_damaged(const char *sql, const char *says)
{
    char         err[256] = "";
    const char  *copy;

    copy = store_copy();
    store_sql(copy, sql);
    ck_assert_int_eq(store_check(copy, err, sizeof(err)), SC_ERROR);
    ck_assert_msg(strstr(err, says) != NULL, "%s: %s", sql, err);
}


int
main(void)
{
    const TTest  *tests[] = {
        new_file_is_its_owners_alone, words_are_merged_seldom,
        closed_store_is_one_file_and_its_lock,
        empty_file_becomes_a_store,
        space_of_a_new_file_can_be_given_back,
        store_in_another_journal_mode_is_brought_to_ours,
        folder_that_is_missing_is_told,
        store_whose_tables_are_not_ours_is_left_alone,
        store_is_opened_once,
        file_that_is_no_database_is_left_alone,
        database_of_another_program_is_left_alone,
        store_of_another_version_is_left_alone,
        store_of_the_version_before_is_brought_to_this_one,
        store_that_was_brought_to_this_version_is_as_a_new_one,
        store_that_cannot_be_brought_to_this_version_stays_as_it_is,
        store_of_two_versions_ago_is_left_alone,
        store_whose_schema_is_corrupt_is_left_alone,
        corrupt_store_is_copied_aside_once,
        check_tells_what_is_wrong,
        check_tells_what_is_wrong_with_the_queues,
        check_tells_what_is_wrong_with_jobs_of_many_pages,
        check_finds_corruption,
        check_of_no_store_fails,
        NULL
    };

    return storing_run("store file", tests, &t);
}
