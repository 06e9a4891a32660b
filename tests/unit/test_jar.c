
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <curl/curl.h>

#include "sidecar/fetch/jar_internal.h"
#include "tests/support/suite.h"


#define JAR_REQUEST    4096     /* bytes of the longest that is read */
#define JAR_FAR        "4102444800"


/* A line that is no cookie, and what is said of it. */
typedef struct {
    const char  *line;
    const char  *says;
} jar_case_t;


static jar_t *jar_with(const char *text);
static const char *jar_text(jar_t *jar);
static int jar_try(jar_t *jar, const char *text, char *err, size_t errlen);
static const char *jar_exchange(jar_t *jar, const char *host,
    const char *path, const char *set);
static void jar_origin(int fd, int out, const char *set);
static size_t jar_discard(char *data, size_t size, size_t n, void *ctx);


static const jar_case_t  jar_cases[] = {
    { "hello", "a cookie has \"1\" fields" },
    { "Set-Cookie: a=b; Domain=shop.example; Path=/", "\"1\" fields" },
    { "shop.example\tFALSE\t/\tFALSE\t0\ta", "\"6\" fields" },
    { "shop.example\tFALSE\t/\tFALSE\t0\ta\tb\tc", "\"8\" fields" },
    { "\tFALSE\t/\tFALSE\t0\ta\tb", "the domain of a cookie is not a host" },
    { ".\tFALSE\t/\tFALSE\t0\ta\tb", "the domain of a cookie is not a host" },
    { "a b\tFALSE\t/\tFALSE\t0\ta\tb", "is not a host" },
    { ".com\tTRUE\t/\tFALSE\t0\ta\tb", "a cookie is for all of \"com\"" },
    { "shop.example\tYES\t/\tFALSE\t0\ta\tb", "field \"2\" or \"4\"" },
    { "shop.example\tFALSE\t/\t1\t0\ta\tb", "field \"2\" or \"4\"" },
    { "shop.example\tFALSE\tpath\tFALSE\t0\ta\tb", "does not begin with" },
    { "shop.example\tFALSE\t\tFALSE\t0\ta\tb", "does not begin with" },
    { "shop.example\tFALSE\t/\tFALSE\t-1\ta\tb", "field \"5\"" },
    { "shop.example\tFALSE\t/\tFALSE\t\ta\tb", "field \"5\"" },
    { "shop.example\tFALSE\t/\tFALSE\t99999999999999999999\ta\tb",
      "field \"5\"" },
    { "shop.example\tFALSE\t/\tFALSE\t0\t\tb", "the name of a cookie is" },
    { "shop.example\tFALSE\t/\tFALSE\t0\ta=b\tb", "has a \"=\"" },
    { "shop.example\tFALSE\t/\tFALSE\t0\ta\tb\rc", "the value of a cookie" },
    { "shop.example\tFALSE\t/\tFALSE\t0\ta\tb; c=d", "the value of a" },
    { "shop.example\tFALSE\t/\tFALSE\t0\ta;\tb", "the name of a cookie has" },
    { "shop.example\tFALSE\t/\001\tFALSE\t0\ta\tb", "the path of a cookie" },
    { "shop.example\tFALSE\t/\tFALSE\t0\t__Secure-a\tb", "is not secure" },
    { "shop.example\tFALSE\t/\tFALSE\t0\t__Host-a\tb", "is not secure" },
    { "shop.example\tFALSE\t/a\tTRUE\t0\t__Host-a\tb", "for one host" },
    { ".shop.example\tTRUE\t/\tTRUE\t0\t__Host-a\tb", "for one host" }
};


START_TEST(an_empty_jar_has_nothing)
{
    jar_t  *jar = jar_create();

    ck_assert_ptr_nonnull(jar);
    ck_assert_uint_eq(jar_count(jar), 0);
    ck_assert_str_eq(jar_text(jar), "");
    jar_unref(jar);
}
END_TEST


START_TEST(what_is_loaded_is_saved_in_one_order)
{
    jar_t       *one, *two;
    const char  *text;

    static const char  expected[] =
        "#HttpOnly_shop.example\tFALSE\t/\tTRUE\t0\tid\t42\n"
        ".shop.example\tTRUE\t/a\tFALSE\t" JAR_FAR "\tb\t2\n"
        ".shop.example\tTRUE\t/a\tFALSE\t" JAR_FAR "\tc\t\n"
        "news.example\tFALSE\t/\tFALSE\t0\ta\tx=y \"z\"\n";

    one = jar_with("# Netscape HTTP Cookie File\r\n\r\n"
                   "news.example\tFALSE\t/\tFALSE\t0\ta\tx=y \"z\"\r\n"
                   ".shop.example\tTRUE\t/a\tFALSE\t" JAR_FAR "\tc\t\r\n"
                   "shop.example\tTRUE\t/a\tFALSE\t" JAR_FAR "\tb\t2\n"
                   "   \n"
                   "#HttpOnly_shop.example\tFALSE\t/\tTRUE\t0\tid\t42");
    ck_assert_str_eq(jar_text(one), expected);
    ck_assert_uint_eq(jar_count(one), 4);

    text = jar_text(one);
    two = jar_with(text);
    ck_assert_str_eq(jar_text(two), expected);

    jar_unref(one);
    jar_unref(two);
}
END_TEST


START_TEST(a_later_cookie_replaces_its_like)
{
    jar_t  *jar;

    jar = jar_with("shop.example\tFALSE\t/\tFALSE\t0\ta\t1\n"
                   "shop.example\tFALSE\t/\tFALSE\t0\ta\t2\n"
                   "shop.example\tFALSE\t/b\tFALSE\t0\ta\t3\n");
    ck_assert_str_eq(jar_text(jar),
                     "shop.example\tFALSE\t/\tFALSE\t0\ta\t2\n"
                     "shop.example\tFALSE\t/b\tFALSE\t0\ta\t3\n");
    jar_unref(jar);
}
END_TEST


START_TEST(an_expired_cookie_is_not_there)
{
    jar_t  *jar;

    jar = jar_with("shop.example\tFALSE\t/\tFALSE\t1000000000\told\t1\n"
                   "shop.example\tFALSE\t/\tFALSE\t" JAR_FAR "\tnew\t1\n");
    ck_assert_uint_eq(jar_count(jar), 1);
    ck_assert_ptr_null(strstr(jar_text(jar), "old"));
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/", NULL), "new=1");

    /* and an origin takes one back by its date */
    (void) jar_exchange(jar, "shop.example", "/a/b",
                        "Set-Cookie: new=1; Max-Age=0\r\n");
    ck_assert_uint_eq(jar_count(jar), 1);
    (void) jar_exchange(jar, "shop.example", "/",
                        "Set-Cookie: new=1; Path=/; Max-Age=0\r\n");
    ck_assert_uint_eq(jar_count(jar), 0);
    jar_unref(jar);
}
END_TEST


START_TEST(a_line_that_is_no_cookie_is_named_and_nothing_is_added)
{
    char               err[256], text[512];
    size_t             i;
    jar_t             *jar;
    const jar_case_t  *c;

    jar = jar_with("a.example\tFALSE\t/\tFALSE\t0\tkept\t1\n");

    for (i = 0; i < sizeof(jar_cases) / sizeof(jar_cases[0]); i++) {
        c = &jar_cases[i];
        (void) snprintf(text, sizeof(text),
                        "# file\na.example\tFALSE\t/\tFALSE\t0\tb\t1\n%s\n",
                        c->line);

        ck_assert_msg(jar_try(jar, text, err, sizeof(err)) == SC_DECLINED,
                      "%s", c->line);
        ck_assert_msg(strstr(err, c->says) != NULL, "%s: %s", c->line, err);
        ck_assert_msg(strstr(err, "in line \"3\"") != NULL, "%s", err);
        ck_assert_uint_eq(jar_count(jar), 1);
    }

    jar_unref(jar);
}
END_TEST


START_TEST(a_nul_in_a_line_is_refused)
{
    char      err[256];
    jar_t    *jar = jar_create();
    sc_str_t  text = sc_string("a.example\tFALSE\t/\tFALSE\t0\ta\tb\0c");

    ck_assert_int_eq(jar_load(jar, text, err, sizeof(err)), SC_DECLINED);
    text.data = "a\0b.example\tFALSE\t/\tFALSE\t0\ta\tb";
    text.len = 32;
    ck_assert_int_eq(jar_load(jar, text, err, sizeof(err)), SC_DECLINED);
    jar_unref(jar);
}
END_TEST


START_TEST(more_cookies_than_a_jar_holds_are_refused)
{
    int       i;
    char      err[256];
    jar_t    *jar = jar_create();
    sc_buf_t  text;

    sc_buf_init(&text, 0);

    for (i = 0; i < JAR_MAX_COOKIES; i++) {
        (void) sc_buf_printf(&text, "a.example\tFALSE\t/\tFALSE\t0\tn%d\tv\n",
                             i);
    }

    ck_assert_int_eq(jar_try(jar, text.data, err, sizeof(err)), SC_OK);
    ck_assert_uint_eq(jar_count(jar), JAR_MAX_COOKIES);

    (void) sc_buf_add_cstr(&text, "a.example\tFALSE\t/\tFALSE\t0\tz\tv\n");
    ck_assert_int_eq(jar_try(jar, text.data, err, sizeof(err)), SC_DECLINED);
    ck_assert_str_eq(err, "there are more than \"500\" cookies or \"262144\" "
                     "bytes of them");

    sc_buf_free(&text);
    jar_unref(jar);
}
END_TEST


START_TEST(more_bytes_than_a_jar_holds_are_refused)
{
    int       i;
    char      err[256];
    jar_t    *jar = jar_create();
    sc_buf_t  text;

    sc_buf_init(&text, 0);

    for (i = 0; i < JAR_MAX_BYTES / 4000 + 1; i++) {
        (void) sc_buf_printf(&text,
                             "a.example\tFALSE\t/\tFALSE\t0\tn%d\t%04000d\n",
                             i, 0);
    }

    ck_assert_int_eq(jar_try(jar, text.data, err, sizeof(err)), SC_DECLINED);
    ck_assert_uint_eq(jar_count(jar), 0);

    sc_buf_free(&text);
    jar_unref(jar);
}
END_TEST


START_TEST(an_origin_that_sets_too_many_loses_its_first)
{
    int         i, j;
    jar_t      *jar;
    sc_buf_t    set;
    const char *text;

    jar = jar_with("a.example\tFALSE\t/\tFALSE\t0\tkept\t1\n");
    sc_buf_init(&set, 0);

    for (i = 0; i < 11; i++) {
        sc_buf_reset(&set);

        for (j = 0; j < 50; j++) {
            (void) sc_buf_printf(&set, "Set-Cookie: n%d=1\r\n", i * 50 + j);
        }

        (void) jar_exchange(jar, "b.example", "/", set.data);
        jar_trim(jar);
    }

    ck_assert_uint_eq(jar_count(jar), JAR_MAX_COOKIES);
    text = jar_text(jar);
    ck_assert_ptr_nonnull(strstr(text, "a.example\tFALSE\t/\tFALSE\t0\tkept"));
    ck_assert_ptr_nonnull(strstr(text, "\tn549\t"));
    ck_assert_ptr_nonnull(strstr(text, "\tn51\t"));
    ck_assert_ptr_null(strstr(text, "\tn50\t"));

    sc_buf_free(&set);
    jar_unref(jar);
}
END_TEST


START_TEST(a_cookie_without_domain_is_for_its_host_alone)
{
    jar_t  *jar = jar_create();

    (void) jar_exchange(jar, "shop.example", "/", "Set-Cookie: a=1\r\n");
    ck_assert_str_eq(jar_text(jar),
                     "shop.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/", NULL), "a=1");
    ck_assert_str_eq(jar_exchange(jar, "www.shop.example", "/", NULL), "");
    ck_assert_str_eq(jar_exchange(jar, "other.example", "/", NULL), "");
    jar_unref(jar);
}
END_TEST


START_TEST(a_cookie_with_a_domain_is_for_the_hosts_below_it)
{
    jar_t  *jar = jar_create();

    (void) jar_exchange(jar, "www.shop.example", "/",
                        "Set-Cookie: a=1; Domain=shop.example\r\n"
                        "Set-Cookie: b=1; Domain=other.example\r\n"
                        "Set-Cookie: c=1; Domain=pay.shop.example\r\n");
    ck_assert_str_eq(jar_text(jar),
                     ".shop.example\tTRUE\t/\tFALSE\t0\ta\t1\n");
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/", NULL), "a=1");
    ck_assert_str_eq(jar_exchange(jar, "x.y.shop.example", "/", NULL), "a=1");
    ck_assert_str_eq(jar_exchange(jar, "myshop.example", "/", NULL), "");
    jar_unref(jar);
}
END_TEST


START_TEST(a_cookie_for_a_public_suffix_is_refused)
{
    jar_t  *jar = jar_create();

    (void) jar_exchange(jar, "shop.co.uk", "/",
                        "Set-Cookie: a=1; Domain=co.uk\r\n"
                        "Set-Cookie: b=1; Domain=uk\r\n"
                        "Set-Cookie: c=1; Domain=.co.uk\r\n");
    (void) jar_exchange(jar, "shop.com", "/",
                        "Set-Cookie: d=1; Domain=com\r\n"
                        "Set-Cookie: e=1; Domain=shop.com\r\n");
    ck_assert_str_eq(jar_text(jar), ".shop.com\tTRUE\t/\tFALSE\t0\te\t1\n");
    jar_unref(jar);
}
END_TEST


START_TEST(a_host_of_one_label_keeps_its_cookie_to_itself)
{
    jar_t  *jar = jar_create();

    (void) jar_exchange(jar, "intranet", "/",
                        "Set-Cookie: a=1; Domain=intranet\r\n");
    ck_assert_str_eq(jar_text(jar), "intranet\tFALSE\t/\tFALSE\t0\ta\t1\n");
    jar_unref(jar);
}
END_TEST


START_TEST(a_secure_cookie_is_not_sent_in_the_clear)
{
    jar_t  *jar;

    jar = jar_with("shop.example\tFALSE\t/\tTRUE\t0\ta\t1\n"
                   "shop.example\tFALSE\t/\tFALSE\t0\tb\t1\n"
                   "127.0.0.1\tFALSE\t/\tTRUE\t0\tc\t1\n");
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/", NULL), "b=1");
    ck_assert_str_eq(jar_exchange(jar, "127.0.0.1", "/", NULL), "c=1");

    /* nor may one be set, or laid over, from there */
    (void) jar_exchange(jar, "shop.example", "/",
                        "Set-Cookie: d=1; Secure\r\n"
                        "Set-Cookie: a=2; Path=/\r\n");
    ck_assert_ptr_null(strstr(jar_text(jar), "\td\t"));
    ck_assert_ptr_null(strstr(jar_text(jar), "\ta\t2"));
    jar_unref(jar);
}
END_TEST


START_TEST(a_path_holds_for_what_is_below_it)
{
    jar_t  *jar = jar_create();

    (void) jar_exchange(jar, "shop.example", "/a/b",
                        "Set-Cookie: x=1\r\nSet-Cookie: y=1; Path=/\r\n");
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/", NULL), "y=1");
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/a/c", NULL),
                     "x=1; y=1");
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/ab", NULL), "y=1");
    jar_unref(jar);
}
END_TEST


START_TEST(a_cookie_that_is_set_goes_to_its_host_and_all_its_paths)
{
    char      err[256];
    jar_t    *jar = jar_create();
    sc_str_t  name = sc_string("cur"), value = sc_string("EUR");
    sc_str_t  bad = sc_string("E\r\nX: y"), host = sc_string("__Host-a");

    ck_assert_int_eq(jar_set(jar, "shop.example", name, value, err,
                             sizeof(err)),
                     SC_OK);
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/a/b", NULL),
                     "cur=EUR");
    ck_assert_str_eq(jar_exchange(jar, "www.shop.example", "/", NULL), "");

    ck_assert_int_eq(jar_set(jar, "shop.example", name, bad, err,
                             sizeof(err)),
                     SC_DECLINED);
    ck_assert_int_eq(jar_set(jar, "shop.example", bad, value, err,
                             sizeof(err)),
                     SC_DECLINED);
    ck_assert_uint_eq(jar_count(jar), 1);

    ck_assert_int_eq(jar_set(jar, "::1", host, value, err, sizeof(err)),
                     SC_OK);
    ck_assert_ptr_nonnull(strstr(jar_text(jar),
                                 "::1\tFALSE\t/\tTRUE\t0\t__Host-a\tEUR\n"));
    jar_unref(jar);
}
END_TEST


START_TEST(a_cleared_jar_is_empty_and_works)
{
    jar_t  *jar;

    jar = jar_with("shop.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
    ck_assert_int_eq(jar_clear(jar), SC_OK);
    ck_assert_uint_eq(jar_count(jar), 0);
    (void) jar_exchange(jar, "shop.example", "/", "Set-Cookie: b=1\r\n");
    ck_assert_uint_eq(jar_count(jar), 1);
    jar_unref(jar);
}
END_TEST


START_TEST(a_jar_lives_as_long_as_its_last_reference)
{
    jar_t  *jar = jar_create();

    ck_assert_ptr_eq(jar_ref(jar), jar);
    jar_unref(jar);
    (void) jar_exchange(jar, "shop.example", "/", "Set-Cookie: b=1\r\n");
    ck_assert_uint_eq(jar_count(jar), 1);
    jar_unref(jar);
}
END_TEST


START_TEST(a_handle_knows_only_the_cookies_of_its_jar)
{
    jar_t  *one = jar_create(), *two = jar_create();

    (void) jar_exchange(one, "shop.example", "/", "Set-Cookie: a=1\r\n");
    (void) jar_exchange(NULL, "shop.example", "/", "Set-Cookie: b=1\r\n");
    ck_assert_str_eq(jar_exchange(NULL, "shop.example", "/", NULL), "");
    ck_assert_str_eq(jar_exchange(two, "shop.example", "/", NULL), "");
    ck_assert_str_eq(jar_exchange(one, "shop.example", "/", NULL), "a=1");
    ck_assert_uint_eq(jar_count(one), 1);
    ck_assert_uint_eq(jar_count(two), 0);
    jar_unref(one);
    jar_unref(two);
}
END_TEST


START_TEST(bytes_above_ascii_are_kept_as_they_came)
{
    jar_t  *jar = jar_create();

    (void) jar_exchange(jar, "shop.example", "/",
                        "Set-Cookie: town=Z\xfcrich\r\n");
    ck_assert_str_eq(jar_text(jar),
                     "shop.example\tFALSE\t/\tFALSE\t0\ttown\tZ\xfcrich\n");
    ck_assert_str_eq(jar_exchange(jar, "shop.example", "/", NULL),
                     "town=Z\xfcrich");
    jar_unref(jar);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        an_empty_jar_has_nothing,
        what_is_loaded_is_saved_in_one_order,
        a_later_cookie_replaces_its_like,
        an_expired_cookie_is_not_there,
        a_line_that_is_no_cookie_is_named_and_nothing_is_added,
        a_nul_in_a_line_is_refused,
        more_cookies_than_a_jar_holds_are_refused,
        more_bytes_than_a_jar_holds_are_refused,
        an_origin_that_sets_too_many_loses_its_first,
        a_cookie_without_domain_is_for_its_host_alone,
        a_cookie_with_a_domain_is_for_the_hosts_below_it,
        a_cookie_for_a_public_suffix_is_refused,
        a_host_of_one_label_keeps_its_cookie_to_itself,
        a_secure_cookie_is_not_sent_in_the_clear,
        a_path_holds_for_what_is_below_it,
        a_cookie_that_is_set_goes_to_its_host_and_all_its_paths,
        a_cleared_jar_is_empty_and_works,
        a_jar_lives_as_long_as_its_last_reference,
        a_handle_knows_only_the_cookies_of_its_jar,
        bytes_above_ascii_are_kept_as_they_came,
        NULL
    };

    return suite_run("jar", tests, 20);
}


static jar_t *
jar_with(const char *text)
{
    int     rc;
    char    err[256];
    jar_t  *jar = jar_create();

    ck_assert_ptr_nonnull(jar);
    err[0] = '\0';
    rc = jar_try(jar, text, err, sizeof(err));
    ck_assert_msg(rc == SC_OK, "%s", err);

    return jar;
}


/* Valid until the second next call. */
static const char *
jar_text(jar_t *jar)
{
    sc_buf_t       out;
    static char    texts[2][2 * JAR_MAX_BYTES];
    static size_t  at;
    char          *text;

    text = texts[at++ % 2];
    sc_buf_init(&out, sizeof(texts[0]) - 1);
    ck_assert_int_eq(jar_save(jar, &out), SC_OK);

    if (out.len > 0) {
        memcpy(text, out.data, out.len);
    }

    text[out.len] = '\0';
    sc_buf_free(&out);

    return text;
}


static int
jar_try(jar_t *jar, const char *text, char *err, size_t errlen)
{
    sc_str_t  s = { strlen(text), text };

    return jar_load(jar, s, err, errlen);
}


/*
 * Ask host for path, with an answer that has these fields; jar may be NULL.
 * Returns the value of Cookie that was sent, "" for none.  One handle is used
 * for all, as a fetcher's is.
 */

static const char *
jar_exchange(jar_t *jar, const char *host, const char *path,
    const char *set)
{
    int                 fd, ends[2], status;
    char                url[256], pin[256];
    pid_t               pid;
    ssize_t             n;
    socklen_t           len;
    static CURL        *c;
    static char         cookie[JAR_REQUEST];
    struct curl_slist  *pins;
    struct sockaddr_in  sin = { .sin_family = AF_INET };

    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(sin);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *) &sin, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &sin, &len), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(pipe(ends), 0);

    pid = fork();
    ck_assert_int_ge(pid, 0);

    if (pid == 0) {
        jar_origin(fd, ends[1], set != NULL ? set : "");
        _exit(0);
    }

    (void) close(fd);
    (void) close(ends[1]);

    (void) snprintf(url, sizeof(url), "http://%s:%d%s", host,
                    ntohs(sin.sin_port), path);
    (void) snprintf(pin, sizeof(pin), "%s:%d:127.0.0.1", host,
                    ntohs(sin.sin_port));
    pins = curl_slist_append(NULL, pin);

    if (c == NULL) {
        c = curl_easy_init();
    }

    ck_assert_int_eq(jar_use(c, jar), SC_OK);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_RESOLVE, pins);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, jar_discard);
    ck_assert_int_eq(curl_easy_perform(c), CURLE_OK);
    ck_assert_int_eq(jar_use(c, NULL), SC_OK);
    curl_easy_setopt(c, CURLOPT_RESOLVE, NULL);
    curl_slist_free_all(pins);

    n = read(ends[0], cookie, sizeof(cookie) - 1);
    ck_assert_int_ge(n, 0);
    cookie[n] = '\0';
    (void) close(ends[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);

    return cookie;
}


static void
jar_origin(int fd, int out, const char *set)
{
    int      conn;
    char     request[JAR_REQUEST], *cookie;
    size_t   len;
    ssize_t  n;

    len = 0;
    request[0] = '\0';
    conn = accept(fd, NULL, NULL);

    while (strstr(request, "\r\n\r\n") == NULL) {
        n = read(conn, request + len, sizeof(request) - 1 - len);

        if (n <= 0) {
            _exit(1);
        }

        len += (size_t) n;
        request[len] = '\0';
    }

    cookie = strstr(request, "\r\nCookie: ");

    if (cookie != NULL) {
        cookie += sizeof("\r\nCookie: ") - 1;
        dprintf(out, "%.*s", (int) strcspn(cookie, "\r"), cookie);
    }

    dprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
            "Connection: close\r\n%s\r\n", set);
}


static size_t
jar_discard(char *data, size_t size, size_t n, void *ctx)
{
    (void) data;
    (void) ctx;

    return size * n;
}
