
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_buf.h"
#include "sidecar/proxy/proxy.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define PROXIES_THREE                                                         \
    "eu http://a:8001\neu http://b:8002\neu http://c:8003\n"


/* A file that is refused, and why, without the folder. */
typedef struct {
    const char  *text;
    const char  *why;
} proxies_bad_t;


static void proxies_setup(void);
static void proxies_teardown(void);
static proxies_t *proxies_begin(const char *text);
static void proxies_write(const char *text);
static void proxies_write_bytes(const char *data, size_t len);
static void proxies_reread(proxies_t *p);
static void proxies_not_reread(proxies_t *p);
static void proxies_refused(const char *why);
static void proxies_turn(proxies_t *p, const char *pool, int64_t now,
    const char *hosts);
static void proxies_fail(proxies_t *p, const char *host, int64_t now);
static void proxies_tell(proxies_t *p, const char *pool, const char *host,
    int ok, int64_t now);
static void proxies_rest_is(proxies_t *p, const char *host, int64_t now,
    int64_t rest);
static void proxies_many(sc_buf_t *b, unsigned n);


static char  proxies_dir[64];
static char  proxies_path[96];


static const proxies_bad_t  proxies_bads[] = {
    { "eu\n", "a line that is not \"POOL URL\" in F:1" },
    { "eu \t \n", "a line that is not \"POOL URL\" in F:1" },
    { "eu http://a:8001 http://b:8002\n",
      "a line that is not \"POOL URL\" in F:1" },
    { "eu http://a:8001 # main\n", "a line that is not \"POOL URL\" in F:1" },
    { "http://me:secret@a:8001\n",
      "a pool's name that is not 1 to 64 letters, digits, \"-\", \"_\" or "
      "\".\" in F:1" },
    { " # a comment\n",
      "a pool's name that is not 1 to 64 letters, digits, \"-\", \"_\" or "
      "\".\" in F:1" },
    { "p\xc3\xb6 http://a:8001\n",
      "a pool's name that is not 1 to 64 letters, digits, \"-\", \"_\" or "
      "\".\" in F:1" },
    { "a1234567890123456789012345678901234567890123456789012345678901234 "
      "http://a:8001\n",
      "a pool's name that is not 1 to 64 letters, digits, \"-\", \"_\" or "
      "\".\" in F:1" },
    { "# first\n\neu http://a:8001\neu http://a\n",
      "the proxy URL has no port in F:4" },
    { "eu http://me:secret@a:0\n",
      "the proxy is wrong: port \"0\" is not allowed in F:1" },
    { "eu http://me:secret@a:70000", "the proxy is wrong: the port is not a "
      "number up to 65535 in F:1" },
    { "eu ftp://a:8001\n", "scheme \"ftp\" of the proxy is not http, https, "
      "socks5 or socks5h in F:1" },
    { "eu http://a:8001/path\n", "the proxy URL has more behind its port than "
      "a slash in F:1" },
    { "eu http://a:8001\nus http://a:8001\neu HTTP://A.:8001/\n",
      "proxy \"a\", port 8001, is twice in pool \"eu\" in F:3" },
    { "eu http://me:secret@a:8001\neu http://me:secret@a:8001\n",
      "proxy \"a\", port 8001, is twice in pool \"eu\" in F:2" },
    { "eu http://0x7f.1:8001\neu http://127.0.0.1:8001\n",
      "proxy \"127.0.0.1\", port 8001, is twice in pool \"eu\" in F:2" },
    { "eu socks5://a:8001\neu socks5h://a:8001\n",
      "proxy \"a\", port 8001, is twice in pool \"eu\" in F:2" },
    { "eu http://a:8001\n#\001\n",
      "a control character, \"\\x01\", in F:2" },
    { "eu http://a:8001\n\x7f", "a control character, \"\\x7f\", in F:2" },
    { "eu http://a:80\r01\n", "a line that is not \"POOL URL\" in F:1" }
};


START_TEST(no_file_is_no_pools)
{
    char        err[256];
    proxies_t  *p;

    p = proxies_open("", err, sizeof(err));
    ck_assert_ptr_nonnull(p);
    ck_assert_int_eq(proxies_known(p, ""), 0);
    ck_assert_int_eq(proxies_known(p, "eu"), 0);
    ck_assert_ptr_null(proxies_next(p, "eu", 0));
    ck_assert_int_eq(proxies_reload(p, err, sizeof(err)), SC_OK);
    proxies_tell(p, "eu", "a", 0, 0);
    proxies_close(p);
}
END_TEST


START_TEST(nothing_to_close_is_allowed)
{
    proxies_close(NULL);
}
END_TEST


START_TEST(comments_empty_lines_and_blanks_are_passed_over)
{
    proxies_t  *p;

    p = proxies_begin("# eu http://x:1\n\n   \t\n#\n"
                      "  eu \t http://a:8001  \r\n\r\n"
                      "\tus\thttp://b:8002/\t\neu http://c:8003");
    proxies_turn(p, "eu", 0, "aca");
    proxies_turn(p, "us", 0, "bb");
    ck_assert_int_eq(proxies_known(p, "#"), 0);
    proxies_close(p);
}
END_TEST


START_TEST(an_empty_file_is_no_pools)
{
    proxies_t  *p;

    p = proxies_begin("");
    ck_assert_int_eq(proxies_known(p, "eu"), 0);
    proxies_close(p);
}
END_TEST


START_TEST(a_pool_is_known_by_its_whole_name)
{
    proxies_t  *p;

    p = proxies_begin("eu http://a:8001\nEU-2_x.y http://b:8002\n"
                      "a123456789012345678901234567890123456789012345678901234"
                      "567890123 http://c:8003\n");
    ck_assert_int_eq(proxies_known(p, "eu"), 1);
    ck_assert_int_eq(proxies_known(p, "EU-2_x.y"), 1);
    ck_assert_int_eq(proxies_known(p, "e"), 0);
    ck_assert_int_eq(proxies_known(p, "eu2"), 0);
    ck_assert_int_eq(proxies_known(p, "EU"), 0);
    ck_assert_int_eq(proxies_known(p, ""), 0);
    ck_assert_ptr_null(proxies_next(p, "us", 0));
    ck_assert_int_eq(proxies_known(p, "a12345678901234567890123456789012345678"
                                   "9012345678901234567890123"), 1);
    proxies_close(p);
}
END_TEST


START_TEST(a_proxy_comes_with_all_its_url_says)
{
    proxies_t      *p;
    const proxy_t  *proxy;

    p = proxies_begin("eu socks5h://me:s%40cret@[::1]:1080\n");
    proxy = proxies_next(p, "eu", 0);
    ck_assert_ptr_nonnull(proxy);
    ck_assert_int_eq(proxy->kind, PROXY_SOCKS5);
    ck_assert_str_eq(proxy->host, "::1");
    ck_assert_uint_eq(proxy->port, 1080);
    ck_assert_str_eq(proxy->user, "me");
    ck_assert_str_eq(proxy->password, "s@cret");
    proxies_close(p);
}
END_TEST


START_TEST(each_proxy_of_a_pool_has_its_turn)
{
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE "us http://d:8004\n");
    proxies_turn(p, "eu", 0, "abcab");
    proxies_turn(p, "us", 0, "dd");
    proxies_turn(p, "eu", 0, "cabc");
    proxies_close(p);
}
END_TEST


START_TEST(a_failed_proxy_is_left_out_until_its_rest_is_over)
{
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    proxies_fail(p, "b", 1000);
    proxies_turn(p, "eu", 1000, "acac");
    proxies_turn(p, "eu", 1000 + PROXY_FIRST_REST - 1, "acac");
    proxies_turn(p, "eu", 1000 + PROXY_FIRST_REST, "abcabc");
    proxies_close(p);
}
END_TEST


START_TEST(a_rest_is_twice_as_long_each_time_in_a_row_up_to_the_longest)
{
    int         i;
    int64_t     now, rest;
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    now = 7;
    rest = PROXY_FIRST_REST;

    for (i = 0; i < 100; i++) {
        proxies_fail(p, "a", now);
        proxies_rest_is(p, "a", now, rest);
        now += rest;
        rest = 2 * rest < PROXY_LONGEST_REST ? 2 * rest : PROXY_LONGEST_REST;
    }

    ck_assert_int_eq(rest, PROXY_LONGEST_REST);
    proxies_close(p);
}
END_TEST


START_TEST(a_success_ends_the_row_of_failures)
{
    int64_t     now;
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    proxies_fail(p, "a", 0);
    now = PROXY_FIRST_REST;
    proxies_fail(p, "a", now);
    proxies_rest_is(p, "a", now, 2 * PROXY_FIRST_REST);

    now += 2 * PROXY_FIRST_REST;
    proxies_tell(p, "eu", "a", 1, now);
    proxies_fail(p, "a", now);
    proxies_rest_is(p, "a", now, PROXY_FIRST_REST);
    proxies_close(p);
}
END_TEST


START_TEST(a_success_ends_a_rest)
{
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    proxies_fail(p, "a", 0);
    proxies_turn(p, "eu", 1, "bcb");
    proxies_tell(p, "eu", "a", 1, 1);
    proxies_turn(p, "eu", 1, "cabc");
    proxies_close(p);
}
END_TEST


START_TEST(failures_together_count_once_and_the_rest_counts_from_the_last)
{
    int         i;
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);

    for (i = 0; i < 100; i++) {
        proxies_fail(p, "a", 1000 + i);
    }

    proxies_rest_is(p, "a", 1099, PROXY_FIRST_REST);
    proxies_close(p);
}
END_TEST


START_TEST(when_all_rest_the_one_whose_rest_ends_first_is_next)
{
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    proxies_fail(p, "a", 30);
    proxies_fail(p, "b", 10);
    proxies_fail(p, "c", 20);
    proxies_turn(p, "eu", 40, "bb");
    proxies_fail(p, "b", 50);
    proxies_turn(p, "eu", 60, "cc");
    proxies_fail(p, "c", 70);
    proxies_turn(p, "eu", 80, "aa");
    proxies_close(p);
}
END_TEST


START_TEST(a_pool_of_one_that_fails_is_still_used)
{
    proxies_t  *p;

    p = proxies_begin("eu http://a:8001\n");
    proxies_fail(p, "a", 0);
    proxies_turn(p, "eu", 1, "aa");
    proxies_close(p);
}
END_TEST


START_TEST(pools_and_logins_do_not_share_a_rest)
{
    proxies_t      *p;
    const proxy_t  *proxy;

    p = proxies_begin("eu http://x:secret@a:8001\neu http://y:secret@a:8001\n"
                      "us http://x:secret@a:8001\nus http://b:8001\n");
    proxy = proxies_next(p, "eu", 0);
    ck_assert_str_eq(proxy->user, "x");
    proxies_report(p, "eu", proxy, 0, 0);

    ck_assert_str_eq(proxies_next(p, "eu", 0)->user, "y");
    ck_assert_str_eq(proxies_next(p, "eu", 0)->user, "y");
    proxies_turn(p, "us", 0, "abab");
    proxies_close(p);
}
END_TEST


START_TEST(a_report_of_what_is_not_there_changes_nothing)
{
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    proxies_fail(p, "d", 0);
    proxies_tell(p, "us", "a", 0, 0);
    proxies_tell(p, "", "a", 0, 0);
    proxies_turn(p, "eu", 1, "abcabc");
    proxies_close(p);
}
END_TEST


START_TEST(a_file_that_is_wrong_is_refused_with_its_line)
{
    size_t  i;

    for (i = 0; i < sizeof(proxies_bads) / sizeof(proxies_bads[0]); i++) {
        proxies_write(proxies_bads[i].text);
        proxies_refused(proxies_bads[i].why);
    }
}
END_TEST


START_TEST(a_nul_in_a_file_is_refused)
{
    proxies_write_bytes("eu http://a:8001\0\n", 18);
    proxies_refused("a control character, \"\\x00\", in F:1");

    proxies_write_bytes("\0", 1);
    proxies_refused("a control character, \"\\x00\", in F:1");
}
END_TEST


START_TEST(a_line_that_is_too_long_is_refused)
{
    char  line[1154];

    memset(line, '#', sizeof(line));
    line[1152] = '\n';
    proxies_write_bytes(line, 1153);
    proxies_close(proxies_begin(NULL));

    line[1152] = '#';
    line[1153] = '\n';
    proxies_write_bytes(line, 1154);
    proxies_refused("a line of more than 1152 bytes in F:1");

    proxies_write_bytes(line, 1153);
    proxies_refused("a line of more than 1152 bytes in F:1");
}
END_TEST


START_TEST(a_file_has_10000_proxies_at_most)
{
    sc_buf_t    b;
    proxies_t  *p;

    sc_buf_init(&b, 0);
    proxies_many(&b, PROXY_MAX);
    p = proxies_begin(b.data);
    ck_assert_str_eq(proxies_next(p, "pool0", 0)->host, "h0");
    ck_assert_str_eq(proxies_next(p, "pool1", 0)->host, "h1");
    ck_assert_str_eq(proxies_next(p, "pool0", 0)->host, "h2");
    proxies_close(p);

    proxies_many(&b, PROXY_MAX + 1);
    proxies_write(b.data);
    proxies_refused("more than 10000 proxies in F:10001");
    sc_buf_free(&b);
}
END_TEST


START_TEST(what_is_no_file_is_refused)
{
    proxies_refused("could not open \"F\": No such file or directory");

    ck_assert_int_eq(mkdir(proxies_path, 0755), 0);
    proxies_refused("\"F\" is not a regular file");
    process_remove(proxies_path);

    ck_assert_int_eq(mkfifo(proxies_path, 0644), 0);
    proxies_refused("\"F\" is not a regular file");

    process_remove(proxies_path);

    ck_assert_int_eq(symlink("/dev/zero", proxies_path), 0);
    proxies_refused("\"F\" is not a regular file");
}
END_TEST


START_TEST(reading_again_keeps_the_rest_of_what_is_the_same)
{
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    proxies_fail(p, "b", 0);
    proxies_fail(p, "b", PROXY_FIRST_REST);

    /* elsewhere in the file, and written in another way */
    proxies_write("us http://b:8002\neu http://c:8003\n"
                  "eu http://B:8002/\neu http://d:8004\n");
    proxies_reread(p);

    proxies_turn(p, "us", PROXY_FIRST_REST, "bb");
    proxies_turn(p, "eu", 3 * PROXY_FIRST_REST - 1, "dcd");
    proxies_turn(p, "eu", 3 * PROXY_FIRST_REST, "cbdc");

    proxies_fail(p, "b", 3 * PROXY_FIRST_REST);
    proxies_rest_is(p, "b", 3 * PROXY_FIRST_REST, 4 * PROXY_FIRST_REST);
    proxies_close(p);
}
END_TEST


START_TEST(reading_again_keeps_the_turn)
{
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    proxies_turn(p, "eu", 0, "a");
    proxies_reread(p);
    proxies_turn(p, "eu", 0, "bca");

    proxies_write("eu http://d:8004\neu http://a:8001\neu http://c:8003\n");
    proxies_reread(p);
    proxies_turn(p, "eu", 0, "cdac");
    proxies_close(p);
}
END_TEST


START_TEST(reading_again_forgets_what_is_gone)
{
    proxies_t  *p;
    proxy_t     gone;

    p = proxies_begin(PROXIES_THREE "us http://d:8004\n");
    gone = *proxies_next(p, "eu", 0);
    proxies_fail(p, "a", 0);

    proxies_write("eu http://b:8002\n");
    proxies_reread(p);
    proxies_report(p, "eu", &gone, 0, 0);
    proxies_turn(p, "eu", 0, "bb");
    ck_assert_int_eq(proxies_known(p, "us"), 0);
    ck_assert_ptr_null(proxies_next(p, "us", 0));

    /* what comes back is new */
    proxies_write(PROXIES_THREE);
    proxies_reread(p);
    proxies_turn(p, "eu", 0, "bcab");
    proxies_close(p);
}
END_TEST


START_TEST(a_file_that_became_wrong_changes_nothing)
{
    proxies_t  *p;

    p = proxies_begin(PROXIES_THREE);
    proxies_fail(p, "b", 0);
    proxies_turn(p, "eu", 0, "a");

    proxies_write("eu http://d:8004\nus http://me:secret@d\n");
    proxies_not_reread(p);
    process_remove(proxies_path);
    proxies_not_reread(p);

    proxies_turn(p, "eu", 0, "cac");
    ck_assert_int_eq(proxies_known(p, "us"), 0);
    proxies_close(p);
}
END_TEST


int
main(void)
{
    size_t   i;
    Suite   *suite;
    TCase   *tc;

    const TTest  *tests[] = {
        no_file_is_no_pools,
        nothing_to_close_is_allowed,
        comments_empty_lines_and_blanks_are_passed_over,
        an_empty_file_is_no_pools,
        a_pool_is_known_by_its_whole_name,
        a_proxy_comes_with_all_its_url_says,
        each_proxy_of_a_pool_has_its_turn,
        a_failed_proxy_is_left_out_until_its_rest_is_over,
        a_rest_is_twice_as_long_each_time_in_a_row_up_to_the_longest,
        a_success_ends_the_row_of_failures,
        a_success_ends_a_rest,
        failures_together_count_once_and_the_rest_counts_from_the_last,
        when_all_rest_the_one_whose_rest_ends_first_is_next,
        a_pool_of_one_that_fails_is_still_used,
        pools_and_logins_do_not_share_a_rest,
        a_report_of_what_is_not_there_changes_nothing,
        a_file_that_is_wrong_is_refused_with_its_line,
        a_nul_in_a_file_is_refused,
        a_line_that_is_too_long_is_refused,
        a_file_has_10000_proxies_at_most,
        what_is_no_file_is_refused,
        reading_again_keeps_the_rest_of_what_is_the_same,
        reading_again_keeps_the_turn,
        reading_again_forgets_what_is_gone,
        a_file_that_became_wrong_changes_nothing
    };

    suite = suite_create("proxies");
    tc = tcase_create("proxies");
    tcase_set_timeout(tc, 20);
    tcase_add_checked_fixture(tc, proxies_setup, proxies_teardown);

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tcase_add_test(tc, tests[i]);
    }

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


static void
proxies_setup(void)
{
    process_folder(proxies_dir, sizeof(proxies_dir));
    (void) snprintf(proxies_path, sizeof(proxies_path), "%s/proxies",
                    proxies_dir);
}


static void
proxies_teardown(void)
{
    process_remove(proxies_dir);
}


/* NULL: with the file as it is. */
static proxies_t *
proxies_begin(const char *text)
{
    char        err[512];
    proxies_t  *p;

    if (text != NULL) {
        proxies_write(text);
    }

    p = proxies_open(proxies_path, err, sizeof(err));

    if (p == NULL) {
        ck_abort_msg("%s", err);
    }

    return p;
}


static void
proxies_write(const char *text)
{
    process_write(proxies_path, text);
}


static void
proxies_write_bytes(const char *data, size_t len)
{
    FILE  *f;

    f = fopen(proxies_path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, len, f), len);
    ck_assert_int_eq(fclose(f), 0);
}


static void
proxies_reread(proxies_t *p)
{
    char  err[512];

    if (proxies_reload(p, err, sizeof(err)) != SC_OK) {
        ck_abort_msg("%s", err);
    }
}


static void
proxies_not_reread(proxies_t *p)
{
    char  err[512];

    ck_assert_int_eq(proxies_reload(p, err, sizeof(err)), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err, proxies_path));
    ck_assert_ptr_null(strstr(err, "secret"));
}


/* F in why is the file. */
static void
proxies_refused(const char *why)
{
    int          n;
    char         err[512], expected[512];
    const char  *f;

    f = strrchr(why, 'F');
    ck_assert_ptr_nonnull(f);
    n = (int) (f - why);
    (void) snprintf(expected, sizeof(expected), "%.*s%s%s", n, why,
                    proxies_path, f + 1);

    ck_assert_ptr_null(proxies_open(proxies_path, err, sizeof(err)));
    ck_assert_str_eq(err, expected);
}


/* Whose turn it is, by first letters, again and again. */
static void
proxies_turn(proxies_t *p, const char *pool, int64_t now, const char *hosts)
{
    char            got[16];
    size_t          i;
    const proxy_t  *proxy;

    memset(got, 0, sizeof(got));

    for (i = 0; i < strlen(hosts); i++) {
        proxy = proxies_next(p, pool, now);
        ck_assert_ptr_nonnull(proxy);
        got[i] = proxy->host[0];
    }

    ck_assert_str_eq(got, hosts);
}


static void
proxies_fail(proxies_t *p, const char *host, int64_t now)
{
    proxies_tell(p, "eu", host, 0, now);
}


/*
 * About http://HOST:8001, or the ports of PROXIES_THREE; what stands behind
 * the strings is not zero.
 */

static void
proxies_tell(proxies_t *p, const char *pool, const char *host, int ok,
    int64_t now)
{
    proxy_t  proxy;

    memset(&proxy, 0x55, sizeof(proxy_t));
    proxy.kind = PROXY_HTTP;
    proxy.port = 8001 + (unsigned) (host[0] - 'a');
    (void) snprintf(proxy.host, sizeof(proxy.host), "%s", host);
    proxy.user[0] = '\0';
    proxy.password[0] = '\0';

    proxies_report(p, pool, &proxy, ok, now);
}


/* It is left out until just before then, and no longer. */
static void
proxies_rest_is(proxies_t *p, const char *host, int64_t now, int64_t rest)
{
    int             i, seen;
    const proxy_t  *proxy;

    for (i = 0; i < 6; i++) {
        proxy = proxies_next(p, "eu", now + rest - 1);
        ck_assert_str_ne(proxy->host, host);
    }

    seen = 0;

    for (i = 0; i < 6; i++) {
        proxy = proxies_next(p, "eu", now + rest);
        seen += strcmp(proxy->host, host) == 0;
    }

    ck_assert_int_gt(seen, 0);
}


/* So many lines in two pools, in turn. */
static void
proxies_many(sc_buf_t *b, unsigned n)
{
    unsigned  i;

    sc_buf_reset(b);

    for (i = 0; i < n; i++) {
        (void) sc_buf_printf(b, "pool%u http://me:secret@h%u:8080\n", i % 2,
                             i);
    }

    ck_assert_int_eq(b->failed, 0);
}
