
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <check.h>

#include "sidecar/core/settings.h"
#include "tests/support/suite.h"


#define SETTINGS_ARGS  8


static settings_result_t settings_args(const char *const *args);
static void settings_file(const char *text, size_t len);
static settings_result_t settings_text(const char *text);
static void settings_refused(const char *text, const char *reason,
    unsigned line);
static void settings_flag_refused(const char *flag, const char *reason);
static void settings_line_of(size_t len, char *line);
static void settings_capture(const char *const *args, char *out, size_t size);


static settings_t  s;
static char        err[512];
static char        path[64];        /* of the file in memory */


START_TEST(without_arguments_every_setting_has_its_default)
{
    ck_assert_int_eq(settings_args((const char *[]) { NULL }), SETTINGS_RUN);

    ck_assert_str_eq(s.listen, "unix:/run/scraped/scraped.sock");
    ck_assert_int_eq(s.listen_mode, 0660);
    ck_assert_str_eq(s.log_level, "notice");
    ck_assert_int_eq(s.workers, 0);
    ck_assert_int_eq(s.max_page, 10485760);
    ck_assert_str_eq(s.user_agent, "scraped/" SCRAPED_VERSION);
    ck_assert_str_eq(s.allow_addresses, "");
    ck_assert_ptr_null(s.file);

    settings_free(&s);
}
END_TEST


START_TEST(flag_wins_over_the_file_and_the_file_over_the_default)
{
    settings_file("workers = 3\nmax_body = 2048\n", 28);

    ck_assert_int_eq(settings_args((const char *[]) { "--workers=5", "-c",
                                                      path, NULL }),
                     SETTINGS_RUN);

    ck_assert_int_eq(s.workers, 5);
    ck_assert_int_eq(s.max_body, 2048);
    ck_assert_int_eq(s.max_redirects, 10);
    ck_assert_str_eq(s.file, path);

    settings_free(&s);
}
END_TEST


START_TEST(last_of_a_repeated_flag_counts)
{
    ck_assert_int_eq(settings_args((const char *[]) { "--workers=5",
                                                      "--workers=7",
                                                      "--store=/a",
                                                      "--store=/b", NULL }),
                     SETTINGS_RUN);

    ck_assert_int_eq(s.workers, 7);
    ck_assert_str_eq(s.store, "/b");

    settings_free(&s);
}
END_TEST


START_TEST(comments_blanks_and_line_ends_of_any_kind_are_skipped)
{
    ck_assert_int_eq(settings_text("\xef\xbb\xbf# a comment\r\n"
                                   "; another = one\n"
                                   "\n"
                                   "  \t # [indented]\n"
                                   "workers=2\r\n"
                                   "\t wait \t = \t 20 \t \n"
                                   "  store = /var/a b.db"),
                     SETTINGS_RUN);

    ck_assert_int_eq(s.workers, 2);
    ck_assert_int_eq(s.wait, 20);
    ck_assert_str_eq(s.store, "/var/a b.db");

    settings_free(&s);
}
END_TEST


START_TEST(byte_order_mark_before_a_setting_is_skipped)
{
    ck_assert_int_eq(settings_text("\xef\xbb\xbfworkers = 2\n"),
                     SETTINGS_RUN);
    ck_assert_int_eq(s.workers, 2);

    settings_free(&s);
}
END_TEST


START_TEST(value_is_taken_whole_with_what_begins_a_comment_elsewhere)
{
    ck_assert_int_eq(settings_text("user_agent = a/1 (+http://b/; x=y) ; # "
                                   "\"c\" \xc3\xa9:\n"
                                   "listen = unix:/a=b:c\n"),
                     SETTINGS_RUN);

    ck_assert_str_eq(s.user_agent,
                     "a/1 (+http://b/; x=y) ; # \"c\" \xc3\xa9:");
    ck_assert_str_eq(s.listen, "unix:/a=b:c");

    settings_free(&s);
}
END_TEST


START_TEST(indented_line_is_a_setting_of_its_own)
{
    settings_refused("store = /a\n  /b\n", "\"/b\" is not NAME = VALUE", 2);

    ck_assert_int_eq(settings_text("store = /a\n  workers = 3\n"),
                     SETTINGS_RUN);
    ck_assert_str_eq(s.store, "/a");
    ck_assert_int_eq(s.workers, 3);

    settings_free(&s);
}
END_TEST


START_TEST(long_line_is_whole_up_to_its_bound_and_refused_beyond)
{
    char  line[5000];

    settings_line_of(4095, line);
    ck_assert_int_eq(settings_text(line), SETTINGS_RUN);
    ck_assert_str_eq(s.user_agent, line + strlen("user_agent = "));
    ck_assert_uint_eq(strlen(s.user_agent), 4095 - strlen("user_agent = "));
    settings_free(&s);

    settings_line_of(4096, line);
    settings_refused(line, "a line of more than 4095 bytes", 1);

    settings_line_of(4999, line);
    settings_refused(line, "a line of more than 4095 bytes", 1);
}
END_TEST


START_TEST(nul_and_control_characters_are_refused)
{
    settings_file("wait = 1\nstore = /a\0b\n", 22);
    ck_assert_int_eq(settings_args((const char *[]) { "-c", path, NULL }),
                     SETTINGS_INVALID);
    ck_assert_ptr_nonnull(strstr(err, "a control character, \"\\x00\", in "));
    ck_assert_ptr_nonnull(strstr(err, ":2"));
    settings_free(&s);

    settings_refused("user_agent = a\x1b[31m\n", "\"\\x1b\"", 1);
    settings_refused("user_agent = a\rX-Injected: b\n", "\"\\x0d\"", 1);
    settings_refused("user_agent = a\tb\n", "\"\\x09\"", 1);
    settings_refused("user_agent = a\x7f\n", "\"\\x7f\"", 1);
    settings_flag_refused("--user_agent=a\r\nX-Injected: b", "\"\\x0d\"");
}
END_TEST


START_TEST(line_that_is_no_setting_is_refused_with_its_number)
{
    settings_refused("workers = 1\n\n# x\n[main]\n",
                     "\"[main]\" is not NAME = VALUE", 4);
    settings_refused("[a = b]\n", "\"[a = b]\" is not NAME = VALUE", 1);
    settings_refused("workers\n", "\"workers\" is not NAME = VALUE", 1);
    settings_refused("workers: 3\n", "\"workers: 3\" is not NAME = VALUE", 1);
    settings_refused("\nworker = 3\n", "unknown setting \"worker\"", 2);
    settings_refused("Workers = 3\n", "unknown setting \"Workers\"", 1);
    settings_refused("= 3\n", "unknown setting \"\"", 1);
}
END_TEST


START_TEST(name_that_is_there_twice_is_refused)
{
    settings_refused("workers = 1\nwait = 5\nworkers = 2\n",
                     "duplicate setting \"workers\", now \"2\", in ", 3);
    settings_refused("resolver =\nresolver =\n",
                     "duplicate setting \"resolver\"", 2);
}
END_TEST


START_TEST(what_is_not_a_number_is_refused_with_its_value)
{
    settings_refused("workers =\n", "workers \"\" is not a number", 1);
    settings_refused("workers = four\n", "workers \"four\" is not a number",
                     1);
    settings_refused("workers = 4 # all\n",
                     "workers \"4 # all\" is not a number", 1);
    settings_refused("wait = 10s\n", "wait \"10s\" is not a number", 1);
    settings_refused("wait = +10\n", "wait \"+10\" is not a number", 1);
    settings_refused("wait = -1\n", "wait \"-1\" is not a number", 1);
    settings_refused("wait = 0x10\n", "wait \"0x10\" is not a number", 1);
    settings_refused("listen_mode = 0680\n",
                     "listen_mode \"0680\" is not an octal number", 1);
    settings_flag_refused("--wait= 10", "wait \" 10\" is not a number");
}
END_TEST


START_TEST(number_is_taken_at_its_bounds_and_refused_beyond)
{
    ck_assert_int_eq(settings_text("workers = 256\nmax_connections = 1\n"
                                   "listen_mode = 0777\n"),
                     SETTINGS_RUN);
    ck_assert_int_eq(s.workers, 256);
    ck_assert_int_eq(s.max_connections, 1);
    ck_assert_int_eq(s.listen_mode, 0777);
    settings_free(&s);

    settings_refused("workers = 257\n",
                     "workers \"257\" is not between 0 and 256", 1);
    settings_refused("max_connections = 0\n",
                     "max_connections \"0\" is not between 1 and 100000", 1);
    settings_refused("listen_mode = 1000\n",
                     "listen_mode \"1000\" is not between 0 and 0777", 1);
    settings_refused("workers = 99999999999999999999\n",
                     "workers \"99999999999999999999\" is not between", 1);
}
END_TEST


START_TEST(octal_needs_no_leading_zero)
{
    ck_assert_int_eq(settings_text("listen_mode = 600\n"), SETTINGS_RUN);
    ck_assert_int_eq(s.listen_mode, 0600);

    settings_free(&s);
}
END_TEST


START_TEST(settings_that_cannot_be_empty_are_refused_empty)
{
    settings_refused("store =\n", "store \"\" is empty", 1);
    settings_refused("listen = \t\n", "listen \"\" is empty", 1);
    settings_flag_refused("--log=", "log \"\" is empty");

    ck_assert_int_eq(settings_text("resolver =\nuser_agent =\n"),
                     SETTINGS_RUN);
    ck_assert_str_eq(s.user_agent, "");
    settings_free(&s);
}
END_TEST


START_TEST(level_that_is_none_is_refused)
{
    settings_refused("\nlog_level = loud\n", "log_level \"loud\"", 2);
    settings_refused("log_level = Warn\n", "log_level \"Warn\"", 1);
    settings_flag_refused("--log_level=", "log_level \"\" is empty");

    ck_assert_int_eq(settings_text("log_level = debug\n"), SETTINGS_RUN);
    settings_free(&s);
}
END_TEST


START_TEST(wait_longer_than_the_longest_is_refused)
{
    settings_flag_refused("--max_wait=9999",
                          "wait \"10000\" is above max_wait \"9999\"");
}
END_TEST


START_TEST(argument_that_is_no_option_is_refused)
{
    settings_flag_refused("--workers", "unknown option \"--workers\"");
    settings_flag_refused("--worker=1", "unknown option \"--worker=1\"");
    settings_flag_refused("-workers=1", "unknown option \"-workers=1\"");
    settings_flag_refused("workers=1", "unknown option \"workers=1\"");
    settings_flag_refused("", "unknown option \"\"");
    settings_flag_refused("--=1", "unknown option \"--=1\"");
    settings_flag_refused("-c", "-c needs a file");
}
END_TEST


START_TEST(value_in_an_argument_of_its_own_is_refused)
{
    ck_assert_int_eq(settings_args((const char *[]) { "--workers", "4",
                                                      NULL }),
                     SETTINGS_INVALID);
    ck_assert_ptr_nonnull(strstr(err, "\"--workers\""));

    settings_free(&s);
}
END_TEST


START_TEST(second_file_is_refused)
{
    ck_assert_int_eq(settings_args((const char *[]) { "-c", "/a", "-c", "/b",
                                                      NULL }),
                     SETTINGS_INVALID);
    ck_assert_str_eq(err, "-c is there twice, with \"/a\" and \"/b\"");

    settings_free(&s);
}
END_TEST


START_TEST(file_that_cannot_be_read_is_named_with_the_reason)
{
    ck_assert_int_eq(settings_args((const char *[]) { "-c", "/nowhere/s.conf",
                                                      NULL }),
                     SETTINGS_INVALID);
    ck_assert_str_eq(err, "could not open \"/nowhere/s.conf\": "
                          "No such file or directory");
    settings_free(&s);

    ck_assert_int_eq(settings_args((const char *[]) { "-c", "/proc", NULL }),
                     SETTINGS_INVALID);
    ck_assert_str_eq(err, "could not read \"/proc\": Is a directory");
    settings_free(&s);
}
END_TEST


START_TEST(endless_file_is_refused_at_its_first_line)
{
    ck_assert_int_eq(settings_args((const char *[]) { "-c", "/dev/zero",
                                                      NULL }),
                     SETTINGS_INVALID);
    ck_assert_ptr_nonnull(strstr(err, "in /dev/zero:1"));

    settings_free(&s);
}
END_TEST


START_TEST(long_value_does_not_push_the_line_out_of_the_message)
{
    char  line[4096];

    settings_line_of(4000, line);
    memcpy(line, "wait      ", 10);
    settings_refused(line, "wait \"xxx", 1);

    line[0] = 'W';
    settings_refused(line, "unknown setting \"Wait\"", 1);
}
END_TEST


START_TEST(check_reads_everything_and_does_not_go_on)
{
    char  out[256];

    settings_file("workers = 3\n", 12);
    settings_capture((const char *[]) { "--check", "-c", path, NULL }, out,
                     sizeof(out));
    ck_assert_str_eq(out, "settings are valid\n");

    settings_file("workers = x\n", 12);
    ck_assert_int_eq(settings_args((const char *[]) { "--check", "-c", path,
                                                      NULL }),
                     SETTINGS_INVALID);
    settings_free(&s);
}
END_TEST


START_TEST(version_is_printed)
{
    char  out[256];

    settings_capture((const char *[]) { "--version", NULL }, out,
                     sizeof(out));
    ck_assert_str_eq(out, "scraped " SCRAPED_VERSION "\n");
}
END_TEST


START_TEST(help_lists_every_setting_with_default_unit_and_meaning)
{
    char                      out[16384], line[256];
    size_t                    i;
    static const char *const  texts[][4] = {
#define SETTING(type, name, def, min, max, unit, text)                        \
        { #name, def, unit, text },
#include "sidecar/core/settings.def"
#undef SETTING
    };

    settings_capture((const char *[]) { "--help", NULL }, out, sizeof(out));

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        (void) snprintf(line, sizeof(line), "  --%s=%s", texts[i][0],
                        texts[i][1]);
        ck_assert_msg(strstr(out, line) != NULL, "%s", line);
        ck_assert_msg(strstr(out, texts[i][2]) != NULL, "%s", texts[i][2]);
        ck_assert_msg(strstr(out, texts[i][3]) != NULL, "%s", texts[i][3]);
    }
}
END_TEST


START_TEST(freed_settings_can_be_freed_again)
{
    ck_assert_int_eq(settings_args((const char *[]) { NULL }), SETTINGS_RUN);
    settings_free(&s);
    settings_free(&s);
    ck_assert_ptr_null(s.listen);
}
END_TEST


static settings_result_t
settings_args(const char *const *args)
{
    int    argc;
    char  *argv[SETTINGS_ARGS + 1];

    argv[0] = (char *) "scraped";

    for (argc = 1; args[argc - 1] != NULL; argc++) {
        ck_assert_int_lt(argc, SETTINGS_ARGS);
        argv[argc] = (char *) args[argc - 1];
    }

    argv[argc] = NULL;
    err[0] = '\0';

    return settings_load(&s, argc, argv, err, sizeof(err));
}


static void
settings_file(const char *text, size_t len)
{
    int  fd;

    fd = memfd_create("settings", 0);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(write(fd, text, len), len);
    (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
}


static settings_result_t
settings_text(const char *text)
{
    settings_file(text, strlen(text));

    return settings_args((const char *[]) { "-c", path, NULL });
}


static void
settings_refused(const char *text, const char *reason, unsigned line)
{
    char  where[96];

    ck_assert_int_eq(settings_text(text), SETTINGS_INVALID);
    ck_assert_msg(strstr(err, reason) != NULL, "%s", err);

    (void) snprintf(where, sizeof(where), " in %s:%u", path, line);
    ck_assert_uint_gt(strlen(err), strlen(where));
    ck_assert_str_eq(err + strlen(err) - strlen(where), where);

    settings_free(&s);
}


static void
settings_flag_refused(const char *flag, const char *reason)
{
    ck_assert_int_eq(settings_args((const char *[]) { flag, NULL }),
                     SETTINGS_INVALID);
    ck_assert_msg(strstr(err, reason) != NULL, "%s", err);

    settings_free(&s);
}


/* A user_agent that makes a line of len bytes. */

static void
settings_line_of(size_t len, char *line)
{
    memset(line, 'x', len);
    memcpy(line, "user_agent = ", strlen("user_agent = "));
    line[len] = '\0';
}


/* What these arguments print, when they are answered. */

static void
settings_capture(const char *const *args, char *out, size_t size)
{
    int      fd, saved;
    ssize_t  n;

    fd = memfd_create("stdout", 0);
    ck_assert_int_ne(fd, -1);

    (void) fflush(stdout);
    saved = dup(STDOUT_FILENO);
    (void) dup2(fd, STDOUT_FILENO);

    ck_assert_int_eq(settings_args(args), SETTINGS_EXIT);

    (void) fflush(stdout);
    (void) dup2(saved, STDOUT_FILENO);
    (void) close(saved);

    n = pread(fd, out, size - 1, 0);
    ck_assert_int_ge(n, 0);
    out[n] = '\0';
    (void) close(fd);

    settings_free(&s);
}


int
main(void)
{
    const TTest  *tests[] = {
        without_arguments_every_setting_has_its_default,
        flag_wins_over_the_file_and_the_file_over_the_default,
        last_of_a_repeated_flag_counts,
        comments_blanks_and_line_ends_of_any_kind_are_skipped,
        byte_order_mark_before_a_setting_is_skipped,
        value_is_taken_whole_with_what_begins_a_comment_elsewhere,
        indented_line_is_a_setting_of_its_own,
        long_line_is_whole_up_to_its_bound_and_refused_beyond,
        nul_and_control_characters_are_refused,
        line_that_is_no_setting_is_refused_with_its_number,
        name_that_is_there_twice_is_refused,
        what_is_not_a_number_is_refused_with_its_value,
        number_is_taken_at_its_bounds_and_refused_beyond,
        octal_needs_no_leading_zero,
        settings_that_cannot_be_empty_are_refused_empty,
        level_that_is_none_is_refused,
        wait_longer_than_the_longest_is_refused,
        argument_that_is_no_option_is_refused,
        value_in_an_argument_of_its_own_is_refused,
        second_file_is_refused,
        file_that_cannot_be_read_is_named_with_the_reason,
        endless_file_is_refused_at_its_first_line,
        long_value_does_not_push_the_line_out_of_the_message,
        check_reads_everything_and_does_not_go_on,
        version_is_printed,
        help_lists_every_setting_with_default_unit_and_meaning,
        freed_settings_can_be_freed_again,
        NULL
    };

    return suite_run("settings", tests, 10);
}
