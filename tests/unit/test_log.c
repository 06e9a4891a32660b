
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/core/log.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define LOG_THREADS  4
#define LOG_LINES    500


static void log_test_setup(void);
static void log_test_teardown(void);
static int log_test_memory(char *path, size_t size);
static void log_test_open(log_level_t level);
static const char *log_test_text(int fd);
static const char *log_test_message(const char *text);
static void *log_test_thread(void *data);


static char  log_test_dir[64];
static char  log_test_out[LOG_THREADS * LOG_LINES * 80 + 1];
static int   log_test_fd;


START_TEST(line_has_time_level_process_and_message)
{
    const char  *text;

    log_test_open(LOG_NOTICE);
    log_warn("could not resolve \"%s\" in %d ms", "shop.example", 20);
    text = log_test_text(log_test_fd);

    ck_assert_uint_eq(strspn(text, "0123456789/ :"), strlen("2026/01/31 ")
                                                     + strlen("12:00:00 "));
    ck_assert_int_eq(text[4], '/');
    ck_assert_int_eq(text[7], '/');
    ck_assert_int_eq(text[10], ' ');
    ck_assert_int_eq(text[13], ':');
    ck_assert_int_eq(text[16], ':');
    ck_assert_int_eq(memcmp(text + 20, "[warn] ", 7), 0);
    ck_assert_int_eq(strtol(text + 27, NULL, 10), getpid());
    ck_assert_str_eq(log_test_message(text),
                     "could not resolve \"shop.example\" in 20 ms\n");
}
END_TEST


START_TEST(less_important_lines_are_left_out)
{
    log_test_open(LOG_WARN);
    log_notice("not this");
    log_debug("nor this");
    ck_assert_str_eq(log_test_text(log_test_fd), "");

    log_warn("a");
    ck_assert_str_eq(log_test_message(log_test_text(log_test_fd)), "a\n");

    log_test_open(LOG_ERROR);
    log_warn("not this");
    log_error("b");
    ck_assert_str_eq(log_test_message(log_test_text(log_test_fd)), "b\n");

    log_test_open(LOG_DEBUG);
    log_debug("c");
    ck_assert_str_eq(log_test_message(log_test_text(log_test_fd)), "c\n");
}
END_TEST


START_TEST(line_cannot_be_forged_by_what_it_quotes)
{
    log_test_open(LOG_INFO);
    log_info("\"%s\"", "a\n2026/01/31 [error] 1: b\r\t\x1b[0m\x7f\xc3\xa9~");

    ck_assert_str_eq(log_test_message(log_test_text(log_test_fd)),
                     "\"a\\x0a2026/01/31 [error] 1: b\\x0d\\x09\\x1b[0m"
                     "\\x7f\\xc3\\xa9~\"\n");
}
END_TEST


START_TEST(long_line_is_cut_and_ends_with_its_newline)
{
    char         text[5000];
    const char  *line;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    log_test_open(LOG_INFO);
    log_info("%s", text);
    line = log_test_text(log_test_fd);

    ck_assert_uint_eq(strlen(line), 2048);
    ck_assert_int_eq(line[2046], 'x');
    ck_assert_int_eq(line[2047], '\n');
}
END_TEST


START_TEST(cut_does_not_part_an_escape)
{
    int          i;
    char         text[3000];
    size_t       len;
    const char  *line;

    memset(text, 1, sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    for (i = 0; i < 4; i++) {
        text[0] = (i & 1) != 0 ? 'a' : 1;
        text[1] = (i & 2) != 0 ? 'b' : 1;

        log_test_open(LOG_INFO);
        log_info("%s", text);
        line = log_test_text(log_test_fd);
        len = strlen(line);

        ck_assert_uint_le(len, 2048);
        ck_assert_uint_gt(len, 2048 - 4);
        ck_assert_str_eq(line + len - 5, "\\x01\n");
    }
}
END_TEST


START_TEST(errno_can_be_written_and_is_left_as_it_was)
{
    log_test_open(LOG_INFO);

    errno = ENOENT;
    log_info("open: %m");
    ck_assert_int_eq(errno, ENOENT);

    ck_assert_str_eq(log_test_message(log_test_text(log_test_fd)),
                     "open: No such file or directory\n");
}
END_TEST


START_TEST(lines_go_to_standard_error_at_first_and_after_a_failure)
{
    int   fd;
    char  path[64];

    fd = log_test_memory(path, sizeof(path));
    (void) dup2(fd, STDERR_FILENO);

    log_error("one");
    ck_assert_str_eq(log_test_message(log_test_text(fd)), "one\n");

    log_test_open(LOG_NOTICE);
    log_error("two");
    ck_assert_str_eq(log_test_message(log_test_text(log_test_fd)), "two\n");

    errno = 0;
    ck_assert_int_eq(log_open("/nowhere/scraped.log", LOG_NOTICE), SC_ERROR);
    ck_assert_int_eq(errno, ENOENT);
    log_error("three");

    ck_assert_ptr_nonnull(strstr(log_test_text(fd), ": three\n"));
    ck_assert_ptr_null(strstr(log_test_text(fd), ": two\n"));
    ck_assert_ptr_null(strstr(log_test_text(log_test_fd), ": three\n"));
}
END_TEST


START_TEST(standard_error_can_be_named_and_opened_again)
{
    int   fd;
    char  path[64];

    fd = log_test_memory(path, sizeof(path));
    (void) dup2(fd, STDERR_FILENO);

    ck_assert_int_eq(log_open("stderr", LOG_INFO), SC_OK);
    ck_assert_int_eq(log_reopen(), SC_OK);
    log_info("one");
    ck_assert_int_eq(log_open(NULL, LOG_INFO), SC_OK);
    log_info("two");

    ck_assert_ptr_nonnull(strstr(log_test_text(fd), ": one\n"));
    ck_assert_ptr_nonnull(strstr(log_test_text(fd), ": two\n"));
}
END_TEST


START_TEST(path_that_is_too_long_is_refused)
{
    char  path[8192];

    memset(path, '/', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';

    errno = 0;
    ck_assert_int_eq(log_open(path, LOG_INFO), SC_ERROR);
    ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST


START_TEST(log_goes_on_in_a_new_file_once_the_old_one_is_moved)
{
    char         path[128], old[128];
    struct stat  st;

    (void) snprintf(path, sizeof(path), "%s/log", log_test_dir);
    (void) snprintf(old, sizeof(old), "%s/log.1", log_test_dir);

    ck_assert_int_eq(log_open(path, LOG_INFO), SC_OK);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 0137, 0);
    log_info("one");

    ck_assert_int_eq(rename(path, old), 0);
    log_info("two");
    ck_assert_int_ne(stat(path, &st), 0);

    ck_assert_int_eq(log_reopen(), SC_OK);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, 0);
    log_info("three");
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_gt(st.st_size, 0);

    /* nowhere to go: the open one is kept */

    ck_assert_int_eq(rename(path, old), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(log_reopen(), SC_ERROR);
    ck_assert_int_eq(errno, EISDIR);
    log_info("four");
    ck_assert_int_eq(stat(old, &st), 0);
    ck_assert_int_gt(st.st_size, 70);

    /* what is there already is kept */

    ck_assert_int_eq(log_open(old, LOG_INFO), SC_OK);
    log_info("five");
    ck_assert_int_eq(stat(old, &st), 0);
    ck_assert_int_gt(st.st_size, 105);
}
END_TEST


START_TEST(lines_of_many_threads_stay_whole_while_the_file_is_reopened)
{
    int         i, lines;
    char       *line, *rest;
    pthread_t   threads[LOG_THREADS];

    log_test_open(LOG_INFO);

    for (i = 0; i < LOG_THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, log_test_thread,
                                        NULL),
                         0);
    }

    for (i = 0; i < 200; i++) {
        ck_assert_int_eq(log_reopen(), SC_OK);
    }

    for (i = 0; i < LOG_THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    }

    lines = 0;
    (void) log_test_text(log_test_fd);

    for (line = log_test_out; *line != '\0'; line = rest) {
        rest = strchr(line, '\n');
        ck_assert_ptr_nonnull(rest);
        *rest++ = '\0';
        ck_assert_str_eq(log_test_message(line), "the whole of the line");
        lines++;
    }

    ck_assert_int_eq(lines, LOG_THREADS * LOG_LINES);
}
END_TEST


START_TEST(levels_have_their_names_and_nothing_else_has_one)
{
    ck_assert_int_eq(log_level_parse("error"), LOG_ERROR);
    ck_assert_int_eq(log_level_parse("warn"), LOG_WARN);
    ck_assert_int_eq(log_level_parse("notice"), LOG_NOTICE);
    ck_assert_int_eq(log_level_parse("info"), LOG_INFO);
    ck_assert_int_eq(log_level_parse("debug"), LOG_DEBUG);
    ck_assert_int_eq(log_level_parse(""), -1);
    ck_assert_int_eq(log_level_parse("Error"), -1);
    ck_assert_int_eq(log_level_parse("warning"), -1);
}
END_TEST


static void
log_test_setup(void)
{
    process_folder(log_test_dir, sizeof(log_test_dir));
}


static void
log_test_teardown(void)
{
    process_remove(log_test_dir);
}


static int
log_test_memory(char *path, size_t size)
{
    int  fd;

    fd = memfd_create("log", MFD_CLOEXEC);
    ck_assert_int_ne(fd, -1);
    (void) snprintf(path, size, "/proc/self/fd/%d", fd);

    return fd;
}


/* Log into memory, which log_test_fd reads. */

static void
log_test_open(log_level_t level)
{
    char  path[64];

    log_test_fd = log_test_memory(path, sizeof(path));
    ck_assert_int_eq(log_open(path, level), SC_OK);
}


/* All that was written, valid until the next call. */

static const char *
log_test_text(int fd)
{
    ssize_t  n;

    n = pread(fd, log_test_out, sizeof(log_test_out) - 1, 0);
    ck_assert_int_ge(n, 0);
    log_test_out[n] = '\0';

    return log_test_out;
}


/* What is behind time, level and process. */

static const char *
log_test_message(const char *text)
{
    text = strstr(text, "] ");
    ck_assert_ptr_nonnull(text);
    text = strstr(text, ": ");
    ck_assert_ptr_nonnull(text);

    return text + 2;
}


static void *
log_test_thread(void *data)
{
    int  i;

    for (i = 0; i < LOG_LINES; i++) {
        log_info("the whole of %s", "the line");
    }

    return data;
}


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("log");
    tc = tcase_create("log");
    tcase_add_unchecked_fixture(tc, log_test_setup, log_test_teardown);
    tcase_set_timeout(tc, 10);

    tcase_add_test(tc, line_has_time_level_process_and_message);
    tcase_add_test(tc, less_important_lines_are_left_out);
    tcase_add_test(tc, line_cannot_be_forged_by_what_it_quotes);
    tcase_add_test(tc, long_line_is_cut_and_ends_with_its_newline);
    tcase_add_test(tc, cut_does_not_part_an_escape);
    tcase_add_test(tc, errno_can_be_written_and_is_left_as_it_was);
    tcase_add_test(tc,
                   lines_go_to_standard_error_at_first_and_after_a_failure);
    tcase_add_test(tc, standard_error_can_be_named_and_opened_again);
    tcase_add_test(tc, path_that_is_too_long_is_refused);
    tcase_add_test(tc, log_goes_on_in_a_new_file_once_the_old_one_is_moved);
    tcase_add_test(tc,
               lines_of_many_threads_stay_whole_while_the_file_is_reopened);
    tcase_add_test(tc, levels_have_their_names_and_nothing_else_has_one);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
