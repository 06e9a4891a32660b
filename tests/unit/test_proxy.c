
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/proxy/proxy.h"
#include "tests/support/suite.h"


/* A URL that is taken. */
typedef struct {
    const char    *url;
    proxy_kind_t   kind;
    const char    *host;
    unsigned       port;
    const char    *user;
    const char    *password;
} proxy_good_t;


/* One that is not, and why. */
typedef struct {
    const char  *url;
    const char  *why;
} proxy_bad_t;


static void proxy_expect(const proxy_good_t *good);
static void proxy_refused(const char *url, size_t len, const char *why);
static void proxy_secret(const char *url);
static char *proxy_long(const char *before, size_t n, const char *after);


static const proxy_good_t  proxy_goods[] = {
    { "http://proxy.example:3128", PROXY_HTTP, "proxy.example", 3128, "", "" },
    { "http://proxy.example:80/", PROXY_HTTP, "proxy.example", 80, "", "" },
    { "https://proxy.example:443", PROXY_HTTPS, "proxy.example", 443, "", "" },
    { "socks5://10.0.0.1:1080", PROXY_SOCKS5, "10.0.0.1", 1080, "", "" },
    { "socks5h://10.0.0.1:65535", PROXY_SOCKS5, "10.0.0.1", 65535, "", "" },
    { "HTTP://Proxy.EXAMPLE.:8080", PROXY_HTTP, "proxy.example", 8080, "",
      "" },
    { "SOCKS5h://[2001:DB8:0::1]:1080/", PROXY_SOCKS5, "2001:db8::1", 1080, "",
      "" },
    { "http://0x7f.1:8080", PROXY_HTTP, "127.0.0.1", 8080, "", "" },
    { "http://b\xc3\xbc" "cher.example:8080", PROXY_HTTP,
      "xn--bcher-kva.example", 8080, "", "" },
    { "http://proxy.example:08080", PROXY_HTTP, "proxy.example", 8080, "",
      "" },
    { "http://me:secret@proxy.example:8080", PROXY_HTTP, "proxy.example", 8080,
      "me", "secret" },
    { "https://me:secret@[::1]:8080", PROXY_HTTPS, "::1", 8080, "me",
      "secret" },
    { "http://me@proxy.example:8080", PROXY_HTTP, "proxy.example", 8080, "me",
      "" },
    { "http://me:@proxy.example:8080", PROXY_HTTP, "proxy.example", 8080, "me",
      "" },
    { "http://@proxy.example:8080", PROXY_HTTP, "proxy.example", 8080, "",
      "" },
    { "http://:@proxy.example:8080", PROXY_HTTP, "proxy.example", 8080, "",
      "" },
    { "http://me:a:b@proxy.example:8080", PROXY_HTTP, "proxy.example", 8080,
      "me", "a:b" },
    { "http://m%65:%40%2f%3A%25%c3%bc@proxy.example:8080/", PROXY_HTTP,
      "proxy.example", 8080, "me", "@/:%\xc3\xbc" },
    { "http://me+you:a%20b@proxy.example:8080", PROXY_HTTP, "proxy.example",
      8080, "me+you", "a b" },
    { "socks5://a%3ab:c@proxy.example:8080", PROXY_SOCKS5, "proxy.example",
      8080, "a:b", "c" }
};

static const proxy_bad_t  proxy_bads[] = {
    { "", "the proxy URL has no scheme" },
    { "proxy.example:8080", "the proxy URL has no scheme" },
    { "me:secret@proxy.example:8080", "the proxy URL has no scheme" },
    { "//proxy.example:8080", "the proxy URL has no scheme" },
    { "://proxy.example:8080", "the proxy URL has no scheme" },
    { "http:/proxy.example:8080", "the proxy URL has no scheme" },
    { "http:", "the proxy URL has no scheme" },
    { "ftp://proxy.example:8080", "scheme \"ftp\" of the proxy is not http, "
      "https, socks5 or socks5h" },
    { "socks4://proxy.example:8080", "scheme \"socks4\" of the proxy is not "
      "http, https, socks5 or socks5h" },
    { "http2://proxy.example:8080", "scheme \"http2\" of the proxy is not "
      "http, https, socks5 or socks5h" },
    { "htt://proxy.example:8080", "scheme \"htt\" of the proxy is not http, "
      "https, socks5 or socks5h" },
    { "http://", "the proxy URL has no port" },
    { "http://proxy.example", "the proxy URL has no port" },
    { "http://proxy.example/", "the proxy URL has no port" },
    { "http://proxy.example:", "the proxy URL has no port" },
    { "http://me:secret@proxy.example", "the proxy URL has no port" },
    { "http://[2001:db8::1]", "the proxy URL has no port" },
    { "http://proxy.example:80x", "the proxy URL has no port" },
    { "http://proxy.example:-1", "the proxy URL has no port" },
    { "http://proxy.example:0", "the proxy is wrong: port \"0\" is not "
      "allowed" },
    { "http://proxy.example:22", "the proxy is wrong: port \"22\" is not "
      "allowed" },
    { "http://proxy.example:70000", "the proxy is wrong: the port is not a "
      "number up to 65535" },
    { "http://proxy.example:99999999999999999999", "the proxy is wrong: the "
      "port is not a number up to 65535" },
    { "http://:8080", "the proxy is wrong: the URL has no host" },
    { "http://me:secret@:8080", "the proxy is wrong: the URL has no host" },
    { "http://1.2.3.4.5:8080", "the proxy is wrong: host \"1.2.3.4.5\" is "
      "neither a name nor an address" },
    { "http://a..b:8080", "the proxy is wrong: host \"a..b\" is neither a "
      "name nor an address" },
    { "http://proxy.example:8080/path", "the proxy URL has more behind its "
      "port than a slash" },
    { "http://proxy.example:8080//", "the proxy URL has more behind its port "
      "than a slash" },
    { "http://proxy.example:8080?", "the proxy URL has more behind its port "
      "than a slash" },
    { "http://proxy.example:8080/?a", "the proxy URL has more behind its port "
      "than a slash" },
    { "http://proxy.example:8080#", "the proxy URL has more behind its port "
      "than a slash" },
    { " http://proxy.example:8080", "the proxy URL has white space, a control "
      "character or a backslash at byte 1" },
    { "http://proxy.example:8080\n", "the proxy URL has white space, a "
      "control character or a backslash at byte 26" },
    { "http://proxy\x7f:8080", "the proxy URL has white space, a control "
      "character or a backslash at byte 13" },
    { "http://proxy\\@evil:8080", "the proxy URL has white space, a control "
      "character or a backslash at byte 13" },
    { "http://:secret@proxy.example:8080", "the proxy URL has a password "
      "without a user" },
    { "http://a%3Ab:secret@proxy.example:8080", "the user of the proxy has a "
      "colon, which HTTP does not allow" },
    { "https://a%3ab@proxy.example:8080", "the user of the proxy has a colon, "
      "which HTTP does not allow" },
    { "http://me%:secret@proxy.example:8080", "the user of the proxy has a "
      "\"%\" that is not percent-encoding" },
    { "http://me:secret%2@proxy.example:8080", "the password of the proxy has "
      "a \"%\" that is not percent-encoding" },
    { "http://me:secret%g0@proxy.example:8080", "the password of the proxy "
      "has a \"%\" that is not percent-encoding" },
    { "http://me:secret%0g@proxy.example:8080", "the password of the proxy "
      "has a \"%\" that is not percent-encoding" },
    { "http://me%00:secret@proxy.example:8080", "the user of the proxy has a "
      "control character" },
    { "http://me:secret%0d%0aX:y@proxy.example:8080", "the password of the "
      "proxy has a control character" },
    { "socks5://me:secret%7f@proxy.example:8080", "the password of the proxy "
      "has a control character" }
};


START_TEST(a_good_url_is_taken_apart)
{
    size_t  i;

    for (i = 0; i < sizeof(proxy_goods) / sizeof(proxy_goods[0]); i++) {
        proxy_expect(&proxy_goods[i]);
    }
}
END_TEST


START_TEST(a_bad_url_is_refused_with_a_reason)
{
    size_t  i;

    for (i = 0; i < sizeof(proxy_bads) / sizeof(proxy_bads[0]); i++) {
        proxy_refused(proxy_bads[i].url, strlen(proxy_bads[i].url),
                      proxy_bads[i].why);
    }
}
END_TEST


START_TEST(a_nul_in_a_url_is_refused)
{
    static const char  url[] = "http://a\0b:8080";

    proxy_refused(url, sizeof(url) - 1, "the proxy URL has white space, a "
                  "control character or a backslash at byte 9");
}
END_TEST


START_TEST(a_url_counts_by_its_length_not_by_its_end)
{
    int      rc;
    char     err[256];
    proxy_t  p;

    rc = proxy_parse(&p, "http://a:8080extra", 13, err, sizeof(err));
    ck_assert_int_eq(rc, SC_OK);
    ck_assert_str_eq(p.host, "a");
    ck_assert_uint_eq(p.port, 8080);
}
END_TEST


START_TEST(a_user_and_a_password_have_255_bytes_at_most)
{
    char     *url;
    char      err[256];
    proxy_t   p;

    url = proxy_long("http://", 255, ":x@a:8080");
    ck_assert_int_eq(proxy_parse(&p, url, strlen(url), err, sizeof(err)),
                     SC_OK);
    ck_assert_uint_eq(strlen(p.user), 255);
    free(url);

    url = proxy_long("http://", 256, ":x@a:8080");
    proxy_refused(url, strlen(url),
                  "the user of the proxy is longer than 255 bytes");
    free(url);

    url = proxy_long("http://x:", 255, "@a:8080");
    ck_assert_int_eq(proxy_parse(&p, url, strlen(url), err, sizeof(err)),
                     SC_OK);
    ck_assert_uint_eq(strlen(p.password), 255);
    free(url);

    url = proxy_long("http://x:", 256, "@a:8080");
    proxy_refused(url, strlen(url),
                  "the password of the proxy is longer than 255 bytes");
    free(url);
}
END_TEST


/* One byte less gets as far as its password. */
START_TEST(a_url_has_1024_bytes_at_most)
{
    char  *url;

    url = proxy_long("http://x:", 1024 - 16, "@a:8080");
    ck_assert_uint_eq(strlen(url), 1024);
    proxy_refused(url, strlen(url),
                  "the password of the proxy is longer than 255 bytes");
    free(url);

    url = proxy_long("http://x:", 1025 - 16, "@a:8080");
    proxy_refused(url, strlen(url),
                  "the proxy URL is longer than 1024 bytes");
    free(url);
}
END_TEST


START_TEST(a_host_that_is_too_long_is_refused)
{
    int       rc;
    char     *url;
    char      err[256];
    proxy_t   p;

    url = proxy_long("http://", 900, ":8080");
    rc = proxy_parse(&p, url, strlen(url), err, sizeof(err));
    ck_assert_int_eq(rc, SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err, "neither a name nor an address"));
    free(url);
}
END_TEST


START_TEST(a_password_is_never_in_a_message)
{
    size_t  i;

    static const char *const  urls[] = {
        "me:secret@proxy.example:8080",
        "ftp://me:secret@proxy.example:8080",
        "http://me:secret@proxy.example",
        "http://me:secret@proxy.example:70000",
        "http://me:secret@proxy.example:8080/path",
        "http://me:secret@a..b:8080",
        "http://me:secret/@proxy.example:8080",
        "http://me:/secret@proxy.example:8080",
        "http://me:1/secret@proxy.example:8080",
        "http://me:1?secret@proxy.example:8080",
        "http://me:1#secret@proxy.example:8080",
        "http://me:secret@more@proxy.example:8080",
        "http://me:@secret:1@proxy.example:8080",
        "http://me:secret@proxy.example:8080/@",
        "http://me:secret%zz@proxy.example:8080",
        "http://:secret@proxy.example:8080",
        "http://a%3ab:secret@proxy.example:8080",
        "http://me:secret%00@proxy.example:8080",
        "http://me:secret \\@proxy.example:8080",
        "http:/me:secret@proxy.example:8080"
    };

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        proxy_secret(urls[i]);
    }
}
END_TEST


START_TEST(what_is_refused_leaves_nothing_behind)
{
    char     err[256];
    proxy_t  p, empty;

    static const char  url[] = "https://me:secret@proxy.example:70000";

    memset(&p, 0x55, sizeof(proxy_t));
    memset(&empty, 0, sizeof(proxy_t));

    ck_assert_int_eq(proxy_parse(&p, url, sizeof(url) - 1, err, sizeof(err)),
                     SC_ERROR);
    ck_assert_mem_eq(&p, &empty, sizeof(proxy_t));
}
END_TEST


START_TEST(a_message_is_cut_at_its_room)
{
    char     err[8];
    proxy_t  p;

    ck_assert_int_eq(proxy_parse(&p, "x://a:1", 7, err, sizeof(err)),
                     SC_ERROR);
    ck_assert_str_eq(err, "scheme ");
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_good_url_is_taken_apart,
        a_bad_url_is_refused_with_a_reason,
        a_nul_in_a_url_is_refused,
        a_url_counts_by_its_length_not_by_its_end,
        a_user_and_a_password_have_255_bytes_at_most,
        a_url_has_1024_bytes_at_most,
        a_host_that_is_too_long_is_refused,
        a_password_is_never_in_a_message,
        what_is_refused_leaves_nothing_behind,
        a_message_is_cut_at_its_room,
        NULL
    };

    return suite_run("proxy", tests, 10);
}


static void
proxy_expect(const proxy_good_t *good)
{
    char     err[256];
    proxy_t  p;

    memset(&p, 0x55, sizeof(proxy_t));

    if (proxy_parse(&p, good->url, strlen(good->url), err, sizeof(err))
        != SC_OK)
    {
        ck_abort_msg("%s: %s", good->url, err);
    }

    ck_assert_msg(p.kind == good->kind, "%s: kind %d", good->url, p.kind);
    ck_assert_str_eq(p.host, good->host);
    ck_assert_uint_eq(p.port, good->port);
    ck_assert_str_eq(p.user, good->user);
    ck_assert_str_eq(p.password, good->password);
}


static void
proxy_refused(const char *url, size_t len, const char *why)
{
    char     err[256];
    proxy_t  p;

    ck_assert_msg(proxy_parse(&p, url, len, err, sizeof(err)) == SC_ERROR,
                  "\"%s\" is taken", url);
    ck_assert_str_eq(err, why);
}


static void
proxy_secret(const char *url)
{
    char     err[256];
    proxy_t  p;

    ck_assert_msg(proxy_parse(&p, url, strlen(url), err, sizeof(err))
                  == SC_ERROR, "\"%s\" is taken", url);
    ck_assert_msg(strstr(err, "secret") == NULL, "\"%s\": %s", url, err);
}


/* before, n times 'a', after */
static char *
proxy_long(const char *before, size_t n, const char *after)
{
    char    *url;
    size_t   size;

    size = strlen(before) + n + strlen(after) + 1;
    url = malloc(size);
    ck_assert_ptr_nonnull(url);

    (void) snprintf(url, size, "%s", before);
    memset(url + strlen(before), 'a', n);
    (void) snprintf(url + strlen(before) + n, strlen(after) + 1, "%s", after);

    return url;
}
