
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/url/url.h"
#include "tests/support/suite.h"


#define URL_BASE    "http://a/b/c/d;p?q"


/* what is given, and what comes of it */
typedef struct {
    const char  *in;
    const char  *out;
} url_pair_t;


static void url_expect(const char *in, const char *out);
static void url_expect_all(const url_pair_t *pairs, size_t n);
static void url_expect_hosts(const url_pair_t *pairs, size_t n);
static void url_refuse(const char *in, size_t len, const char *says);
static void url_refuse_all(const url_pair_t *pairs, size_t n);
static void url_relate(const char *base, const char *ref, const char *out);
static void url_relate_all(const url_pair_t *pairs, size_t n);


#define url_each(f, pairs)  f(pairs, sizeof(pairs) / sizeof((pairs)[0]))


static const url_pair_t  url_canonical[] = {
    { "http://h", "http://h/" },
    { "HTTP://EXAMPLE.Com", "http://example.com/" },
    { "hTTps://h/A/b", "https://h/A/b" },
    { "http://h:80/", "http://h/" },
    { "http://h:080/", "http://h/" },
    { "http://h:/x", "http://h/x" },
    { "https://h:443/", "https://h/" },
    { "https://h:80/", "https://h:80/" },
    { "http://h:443/", "http://h:443/" },
    { "http://h:00000000000000000000080/", "http://h/" },
    { "http://h:?q", "http://h/?q" },
    { "http://h:81?q", "http://h:81/?q" },
    { "http://h:8080", "http://h:8080/" },
    { "http://h.example./x", "http://h.example/x" },
    { "http://h?q", "http://h/?q" },
    { "http://h/?", "http://h/?" },
    { "http://h/a?b?c", "http://h/a?b?c" },
    { "http://h#f", "http://h/" },
    { "http://h/a?b#c?d#e", "http://h/a?b" },
    { "http://h/a/./b/../c", "http://h/a/c" },
    { "http://h/../../a", "http://h/a" },
    { "http://h/a/..", "http://h/" },
    { "http://h/a/b/.", "http://h/a/b/" },
    { "http://h//a//../b", "http://h//a/b" },
    { "http://h/a/%2e%2E/b", "http://h/b" },
    { "http://h/a/.%2e/%2e/b/%2e", "http://h/b/" },
    { "http://h/a/%2e%2e%2fb", "http://h/a/..%2Fb" },
    { "http://h/a/%2E%2E", "http://h/" },
    { "http://h/%2E", "http://h/" },
    { "http://h/%2E%2E/%2e./.%2E/a", "http://h/a" },
    { "http://h/%2e%2e%2e", "http://h/..." },
    { "http://h/%252e%252e/a", "http://h/%252e%252e/a" },
    { "http://h/a;x/../b", "http://h/b" },
    { "http://h/..;x/a", "http://h/..;x/a" },
    { "http://h/...", "http://h/..." },
    { "http://h?q=a/../b", "http://h/?q=a/../b" },
    { "http://h?", "http://h/?" },
    { "http://h?#f", "http://h/?" },
    { "http://h?%2e%2E=%3d&a=%26", "http://h/?..=%3D&a=%26" },
    { "http://h?'", "http://h/?'" },
    { "http://h/%7euser%2d%5F%41", "http://h/~user-_A" },
    { "http://h/%c3%a4%2f%00", "http://h/%C3%A4%2F%00" },
    { "http://h/\xc3\xa4?\xc3\xb6=\xff", "http://h/%C3%A4?%C3%B6=%FF" },
    { "http://h/\"<>^`{|}", "http://h/%22%3C%3E%5E%60%7B%7C%7D" },
    { "http://h/!$&'()*+,;=:@[]", "http://h/!$&'()*+,;=:@[]" },
    { "http://h/100%", "http://h/100%25" },
    { "http://h/%zz%4", "http://h/%25zz%254" },
    { "http://h/%%34%31", "http://h/%2541" },
    { "http://h/@x:y@z", "http://h/@x:y@z" },
    { "http://h?@x", "http://h/?@x" },
    { "http://h/a+b?c+d=%2B", "http://h/a+b?c+d=%2B" }
};

static const url_pair_t  url_v4_hosts[] = {
    { "127.0.0.1", "127.0.0.1" },
    { "127.0.0.1.", "127.0.0.1" },
    { "127.1", "127.0.0.1" },
    { "127.0.1", "127.0.0.1" },
    { "127.65535", "127.0.255.255" },
    { "1.2.65535", "1.2.255.255" },
    { "1.16777215", "1.255.255.255" },
    { "0", "0.0.0.0" },
    { "00", "0.0.0.0" },
    { "0x", "0.0.0.0" },
    { "0x0", "0.0.0.0" },
    { "2130706433", "127.0.0.1" },
    { "017700000001", "127.0.0.1" },
    { "0x7f000001", "127.0.0.1" },
    { "0X7F.0.0.1", "127.0.0.1" },
    { "0x7f.1", "127.0.0.1" },
    { "0177.0.0.1", "127.0.0.1" },
    { "0177.0x0.0.01", "127.0.0.1" },
    { "0xa9fea9fe", "169.254.169.254" },
    { "4294967295", "255.255.255.255" },
    { "0000000000000000000000000000177.1", "127.0.0.1" },
    { "%31%32%37.0.0.1", "127.0.0.1" },
    { "127%2e0%2E0.1", "127.0.0.1" },
    { "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1", "127.0.0.1" },
    { "%EF%BC%91%EF%BC%92%EF%BC%97.1", "127.0.0.1" },
    { "127\xe3\x80\x82" "0\xe3\x80\x82" "0\xe3\x80\x82" "1", "127.0.0.1" },
    { "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1", "127.0.0.1" }
};

static const url_pair_t  url_v6_hosts[] = {
    { "[::1]", "::1" },
    { "[0:0:0:0:0:0:0:1]", "::1" },
    { "[::FFFF:7f00:1]", "::ffff:127.0.0.1" },
    { "[::ffff:127.0.0.1]", "::ffff:127.0.0.1" },
    { "[2001:DB8:0:0:1:0:0:1]", "2001:db8::1:0:0:1" },
    { "[2001:0db8:0000:0000:0000:0000:0000:0001]", "2001:db8::1" },
    { "[::]", "::" },
    { "[1::]", "1::" },
    { "[1:2:3:4:5:6:7::]", "1:2:3:4:5:6:7:0" },
    { "[::2:3:4:5:6:7:8]", "0:2:3:4:5:6:7:8" },
    { "[64:ff9b::192.0.2.1]", "64:ff9b::c000:201" }
};

static const url_pair_t  url_names[] = {
    { "localhost", "localhost" },
    { "localhost.", "localhost" },
    { "foo.LOCALHOST", "foo.localhost" },
    { "gopher.localhost", "gopher.localhost" },
    { "a_b-c.example", "a_b-c.example" },
    { "r3---sn-abc.example", "r3---sn-abc.example" },
    { "XN--BCHER-KVA.example", "xn--bcher-kva.example" },
    { "b\xc3\xbc" "cher.example", "xn--bcher-kva.example" },
    { "B\xc3\x9c" "CHER.example", "xn--bcher-kva.example" },
    { "b%C3%BCcher.example", "xn--bcher-kva.example" },
    { "bu\xcc\x88" "cher.example", "xn--bcher-kva.example" },
    { "fa\xc3\x9f.de", "xn--fa-hia.de" },
    { "%65xample.com", "example.com" },
    { "\xef\xbd\x85xample.com", "example.com" },
    { "a\xc2\xad" "b.example", "ab.example" },
    { "example\xe3\x80\x82", "example" },
    { "1.2.3.4a", "1.2.3.4a" },
    { "1.2.3.0xg", "1.2.3.0xg" },
    { "4.example", "4.example" },
    { "xn--.example", "xn--.example" },
    { "\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88",
      "xn--r8jz45g.xn--zckzah" },
    { "\xe2\x84\xaa.example", "k.example" },
    { "example\xef\xbc\x8e" "com\xef\xbd\xa1", "example.com" }
};

static const url_pair_t  url_bad[] = {
    { "", "no scheme" },
    { "h", "no scheme" },
    { "//h/", "no scheme" },
    { "/a:b", "no scheme" },
    { "://h/", "no scheme" },
    { "1http://h/", "no scheme" },
    { "h\xc3\xa4://h/", "no scheme" },
    { "example.com/a:b", "no scheme" },
    { "ftp://h/", "scheme \"ftp\" is not http or https" },
    { "localhost:80/", "scheme \"localhost\" is not http or https" },
    { "javascript:alert(1)", "scheme \"javascript\"" },
    { "file:///etc/passwd", "scheme \"file\"" },
    { "httpx://h/", "scheme \"httpx\"" },
    { "http:", "no host" },
    { "http:h", "no host" },
    { "http:/h", "no host" },
    { "http://", "no host" },
    { "http:///h", "no host" },
    { "http://?q", "no host" },
    { "http://#f", "no host" },
    { "http://:80/", "no host" },
    { "http://good@127.0.0.1/", "user information" },
    { "http://u:p@h/", "user information" },
    { "http://@h/", "user information" },
    { "http://:@h/", "user information" },
    { "http://u:80@h/", "user information" },
    { "http://h\\@good/", "backslash at byte 9" },
    { "http://h/\\", "backslash" },
    { " http://h/", "white space, a control character or a backslash at "
      "byte 1" },
    { "http://h/ ", "byte 10" },
    { "http://h/a b", "byte 11" },
    { "http://h/\r\nHost: x", "byte 10" },
    { "http://h\t/", "byte 9" },
    { "http://h/\x7f", "byte 10" },
    { "http://h:0/", "port \"0\" is not allowed" },
    { "http://h:25/", "port \"25\" is not allowed" },
    { "https://h:6667/", "port \"6667\" is not allowed" },
    { "http://h:65536/", "the port is not a number up to 65535" },
    { "http://h:18446744073709551696/", "the port is not a number" },
    { "http://h:-1/", "the port is not a number" },
    { "http://h:8x/", "the port is not a number" },
    { "http://h:80:80/", "the port is not a number" }
};

static const char *const  url_bad_hosts[] = {
    ".", "..", ".a", "a..b", "127.0.0.1..", "-h", "h,b", "h*", "h;a", "a%00b",
    "a%2fb", "a%40b", "a%20b", "%2531.0.0.1", "%zz", "a%", "a%e3%80%82%2e",
    "1.2.3.4.5", "1.2.3.4.5.", "256.1.1.1", "1.256.1.1", "1.1.1.256",
    "1.2.65536", "1.16777216", "4294967296", "0x100000000", "08", "1.2.3.08",
    "1.2.3.0x100", "0400.1.1.1", "99999999999999999999999999", "a.1",
    "foo.0x4", "1..1", "::1", "[::1", "[::1]]", "[]", "[::1]x", "[1.2.3.4]",
    "[::1.2.3.4.5]", "[::1%25lo]", "[::1%lo]", "[fe80::1%25]", "[v1.a]",
    "[0:0:0:0:0:0:0:0:1]", "\xff\xfe", "\xc3", "\xed\xa0\x80.de",
    "a\xef\xbc\x8f" "b", "a\xef\xbc\x85" "b", "a\xef\xbc\xa0" "b",
    "\xe2\x80\x8b", "\xc2\xad", "\xe2\x98\x83", "-\xc3\xa4",
    "\xcc\x88" "a", "xn--\xc3\xa4", "[1:2:3:4:5:6:7]", "[1::2::3]",
    "[12345::]", "[:1]", "[::1.2.3]", "[::1.2.3.256]", "[::g]", "[ ::1]",
    "a234567890123456789012345678901234567890123456789012345678901234.de"
};

/* RFC 3986 5.4.1 and 5.4.2, with the base of both */
static const url_pair_t  url_rfc_examples[] = {
    { "g:h", "g:h" },
    { "g", "http://a/b/c/g" },
    { "./g", "http://a/b/c/g" },
    { "g/", "http://a/b/c/g/" },
    { "/g", "http://a/g" },
    { "//g", "http://g" },
    { "?y", "http://a/b/c/d;p?y" },
    { "g?y", "http://a/b/c/g?y" },
    { "#s", "http://a/b/c/d;p?q#s" },
    { "g#s", "http://a/b/c/g#s" },
    { "g?y#s", "http://a/b/c/g?y#s" },
    { ";x", "http://a/b/c/;x" },
    { "g;x", "http://a/b/c/g;x" },
    { "g;x?y#s", "http://a/b/c/g;x?y#s" },
    { "", "http://a/b/c/d;p?q" },
    { ".", "http://a/b/c/" },
    { "./", "http://a/b/c/" },
    { "..", "http://a/b/" },
    { "../", "http://a/b/" },
    { "../g", "http://a/b/g" },
    { "../..", "http://a/" },
    { "../../", "http://a/" },
    { "../../g", "http://a/g" },
    { "../../../g", "http://a/g" },
    { "../../../../g", "http://a/g" },
    { "/./g", "http://a/g" },
    { "/../g", "http://a/g" },
    { "g.", "http://a/b/c/g." },
    { ".g", "http://a/b/c/.g" },
    { "g..", "http://a/b/c/g.." },
    { "..g", "http://a/b/c/..g" },
    { "./../g", "http://a/b/g" },
    { "./g/.", "http://a/b/c/g/" },
    { "g/./h", "http://a/b/c/g/h" },
    { "g/../h", "http://a/b/c/h" },
    { "g;x=1/./y", "http://a/b/c/g;x=1/y" },
    { "g;x=1/../y", "http://a/b/c/y" },
    { "g?y/./x", "http://a/b/c/g?y/./x" },
    { "g?y/../x", "http://a/b/c/g?y/../x" },
    { "g#s/./x", "http://a/b/c/g#s/./x" },
    { "g#s/../x", "http://a/b/c/g#s/../x" },
    { "http:g", "http:g" }
};

static const url_pair_t  url_page_links[] = {
    { " g ", "http://a/b/c/g" },
    { "\r\n\t/x\f\n", "http://a/x" },
    { "/long/\n    path", "http://a/long/%20%20%20%20path" },
    { "htt\np://h\t/x", "http://h/x" },
    { "a b", "http://a/b/c/a%20b" },
    { "a%20b%2Fc%zz", "http://a/b/c/a%20b%2Fc%zz" },
    { "/\xc3\xa4?\xc3\xb6#\xc3\xbc", "http://a/%C3%A4?%C3%B6#%C3%BC" },
    { "/\xff", "http://a/%FF" },
    { "/a\"b<c>d", "http://a/a%22b%3Cc%3Ed" },
    { "\\x\\y", "http://a/x/y" },
    { "..\\x", "http://a/b/x" },
    { "\\\\h\\x", "http://h/x" },
    { "http:\\\\h\\x", "http://h/x" },
    { "x?a\\b#c\\d", "http://a/b/c/x?a%5Cb#c%5Cd" },
    { "mailto:a\\b", "mailto:a%5Cb" },
    { "\x01 http://h/ \x1f", "http://h/" },
    { "/a/%2e%2E\\b", "http://a/a/%2e%2E/b" },
    { "?", "http://a/b/c/d;p?" },
    { "#", "http://a/b/c/d;p?q#" },
    { "?a=1&b=/../c", "http://a/b/c/d;p?a=1&b=/../c" },
    { "//host:8080/x/../y", "http://host:8080/y" },
    { "HTTPS://Other/./x", "HTTPS://Other/x" },
    { "mailto:a@b.example?subject=x y", "mailto:a@b.example?subject=x%20y" },
    { "tel:+49-30-1", "tel:+49-30-1" },
    { "javascript:void(0)", "javascript:void(0)" },
    { "data:text/plain,a/../b", "data:text/plain,a/../b" },
    { "file:///a/../b", "file:///b" },
    { "12:30", "http://a/b/c/12:30" },
    { "a/b:c", "http://a/b/c/a/b:c" },
    { "//b\xc3\xbc" "cher.example/", "http://b%C3%BCcher.example/" }
};


START_TEST(the_canonical_form_is_the_one_of_rfc_3986)
{
    url_each(url_expect_all, url_canonical);
}
END_TEST


START_TEST(an_ipv4_address_in_any_notation_is_dotted_decimal)
{
    url_each(url_expect_hosts, url_v4_hosts);
}
END_TEST


START_TEST(an_ipv6_address_is_shortened_and_keeps_its_brackets)
{
    char   err[128];
    url_t  u;

    url_each(url_expect_hosts, url_v6_hosts);

    ck_assert_int_eq(url_parse(&u, "https://[0::1]:8443/x", 21, err,
                               sizeof(err)), SC_OK);
    ck_assert_str_eq(u.text, "https://[::1]:8443/x");
    ck_assert_str_eq(u.host, "::1");
    url_free(&u);
}
END_TEST


START_TEST(a_name_is_lower_case_ascii_whatever_the_locale)
{
    ck_assert_ptr_nonnull(setlocale(LC_ALL, "C"));
    url_each(url_expect_hosts, url_names);
}
END_TEST


START_TEST(the_parts_are_told)
{
    char   err[128];
    url_t  u;

    /* what lies behind len does not count */
    ck_assert_int_eq(url_parse(&u, "http://Shop.example/a b", 21, err,
                               sizeof(err)), SC_OK);
    ck_assert_str_eq(u.text, "http://shop.example/a");
    ck_assert_uint_eq(u.len, 21);
    ck_assert_str_eq(u.host, "shop.example");
    ck_assert_uint_eq(u.port, 80);
    ck_assert_uint_eq(u.https, 0);
    url_free(&u);
    ck_assert_ptr_null(u.text);

    ck_assert_int_eq(url_parse(&u, "https://h:8080", 14, err, sizeof(err)),
                     SC_OK);
    ck_assert_uint_eq(u.port, 8080);
    ck_assert_uint_eq(u.https, 1);
    url_free(&u);

    ck_assert_int_eq(url_parse(&u, "HTTPS://h", 9, err, sizeof(err)), SC_OK);
    ck_assert_uint_eq(u.port, 443);
    ck_assert_uint_eq(u.https, 1);
    url_free(&u);
}
END_TEST


START_TEST(what_is_not_an_http_url_is_refused_with_the_reason)
{
    url_each(url_refuse_all, url_bad);
}
END_TEST


START_TEST(what_is_not_a_host_is_refused)
{
    char    url[256];
    size_t  i;

    for (i = 0; i < sizeof(url_bad_hosts) / sizeof(url_bad_hosts[0]); i++) {
        (void) snprintf(url, sizeof(url), "http://%s/", url_bad_hosts[i]);
        url_refuse(url, strlen(url), NULL);
    }
}
END_TEST


START_TEST(every_control_byte_is_refused_wherever_it_stands)
{
    int     c;
    char    url[] = "http://host/path?query#f";
    char    saved;
    size_t  i;

    for (c = 0; c <= ' '; c++) {
        for (i = 0; i < sizeof(url) - 1; i++) {
            saved = url[i];
            url[i] = (char) c;
            url_refuse(url, sizeof(url) - 1, "control character");
            url[i] = saved;
        }
    }
}
END_TEST


START_TEST(a_url_is_as_long_as_its_limit_and_no_longer)
{
    char   *s, err[128];
    url_t   u;

    s = malloc(URL_MAX + 1);
    ck_assert_ptr_nonnull(s);
    memset(s, 'a', URL_MAX + 1);
    memcpy(s, "http://h/", 9);

    ck_assert_int_eq(url_parse(&u, s, URL_MAX, err, sizeof(err)), SC_OK);
    ck_assert_uint_eq(u.len, URL_MAX);
    url_free(&u);

    url_refuse(s, URL_MAX + 1, "longer than 8192 bytes");

    /* what is encoded grows */
    s[URL_MAX - 1] = '"';
    url_refuse(s, URL_MAX, "longer than 8192 bytes when percent-encoded");
    free(s);
}
END_TEST


START_TEST(a_name_is_as_long_as_its_limit_and_no_longer)
{
    char    s[300], err[128];
    url_t   u;
    size_t  i;

    memcpy(s, "http://", 7);

    for (i = 0; i < 253; i++) {
        s[7 + i] = i % 50 == 49 ? '.' : 'a';
    }

    memcpy(s + 7 + 253, "./", 3);
    ck_assert_int_eq(url_parse(&u, s, strlen(s), err, sizeof(err)), SC_OK);
    ck_assert_uint_eq(strlen(u.host), 253);
    url_free(&u);

    memcpy(s + 7 + 253, "a/", 3);
    url_refuse(s, strlen(s), "neither a name nor an address");
}
END_TEST


START_TEST(a_reference_resolves_as_the_examples_of_rfc_3986)
{
    url_each(url_relate_all, url_rfc_examples);
}
END_TEST


START_TEST(a_link_resolves_as_pages_write_them)
{
    url_each(url_relate_all, url_page_links);
}
END_TEST


START_TEST(the_base_may_lack_a_path_and_have_a_fragment)
{
    url_relate("http://h", "x", "http://h/x");
    url_relate("http://h", "", "http://h");
    url_relate("http://h", "?q", "http://h?q");
    url_relate("http://h?a/b", "x", "http://h/x");
    url_relate("http://h/a/b#c/d", "", "http://h/a/b");
    url_relate("http://h/a/b?q/r#c/d", "x", "http://h/a/x");
    url_relate("http://h/a/b", "../../../x", "http://h/x");
    url_relate("https://[::1]:8443/a", "//[::2]/b", "https://[::2]/b");
    url_relate("mailto:a@b.example", "http://h/x", "http://h/x");
    url_relate("nonsense", "http://h/x", "http://h/x");
}
END_TEST


START_TEST(what_cannot_be_resolved_leaves_the_buffer_alone)
{
    size_t                    i;
    sc_buf_t                  b;
    static const char *const  bad[] = { "//", "///x", "http://", "http:///x",
                                        "http://not a host/", "//a b/",
                                        "http://?q", "http:/.//h/x",
                                        "http:/a/..//h/x" };

    sc_buf_init(&b, 0);
    ck_assert_int_eq(sc_buf_add_cstr(&b, "kept"), SC_OK);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(url_resolve(URL_BASE, bad[i], strlen(bad[i]), &b)
                      == SC_DECLINED, "\"%s\" was resolved", bad[i]);
    }

    ck_assert_int_eq(url_resolve("mailto:a@b.example", "x", 1, &b),
                     SC_DECLINED);
    ck_assert_int_eq(url_resolve("/a/b", "x", 1, &b), SC_DECLINED);
    ck_assert_int_eq(url_resolve("", "", 0, &b), SC_DECLINED);
    ck_assert_str_eq(b.data, "kept");
    sc_buf_free(&b);

    sc_buf_init(&b, 12);
    ck_assert_int_eq(sc_buf_add_cstr(&b, "kept"), SC_OK);
    ck_assert_int_eq(url_resolve(URL_BASE, "x", 1, &b), SC_ERROR);
    ck_assert_str_eq(b.data, "kept");
    ck_assert_uint_eq(b.len, 4);
    sc_buf_free(&b);
}
END_TEST


START_TEST(a_reference_is_appended_and_any_byte_of_it_is_safe)
{
    char      ref[258] = "/";
    int       i;
    size_t    n;
    sc_buf_t  b;

    for (i = 0; i < 256; i++) {
        ref[1 + i] = (char) i;
    }

    ref[257] = 'x';
    sc_buf_init(&b, 0);
    ck_assert_int_eq(sc_buf_add_cstr(&b, "url="), SC_OK);
    ck_assert_int_eq(url_resolve("http://h/", ref, sizeof(ref), &b), SC_OK);
    ck_assert_int_eq(strncmp(b.data, "url=http://h/%00%01%02", 22), 0);
    ck_assert_str_eq(b.data + b.len - 4, "%FFx");
    ck_assert_uint_eq(b.len, strlen(b.data));

    for (n = 0; n < b.len; n++) {
        ck_assert(b.data[n] > ' ' && b.data[n] < 0x7f);
    }

    sc_buf_free(&b);
}
END_TEST


/* And once canonical, it stays as it is. */
static void
url_expect(const char *in, const char *out)
{
    char   err[128];
    url_t  u, again;

    err[0] = '\0';
    ck_assert_msg(url_parse(&u, in, strlen(in), err, sizeof(err)) == SC_OK,
                  "\"%s\": %s", in, err);
    ck_assert_msg(strcmp(u.text, out) == 0, "\"%s\" became \"%s\"", in,
                  u.text);
    ck_assert_uint_eq(u.len, strlen(u.text));

    ck_assert_int_eq(url_parse(&again, u.text, u.len, err, sizeof(err)),
                     SC_OK);
    ck_assert_str_eq(again.text, u.text);
    ck_assert_str_eq(again.host, u.host);

    url_free(&u);
    url_free(&again);
}


static void
url_expect_all(const url_pair_t *pairs, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        url_expect(pairs[i].in, pairs[i].out);
    }
}


static void
url_expect_hosts(const url_pair_t *pairs, size_t n)
{
    char         in[300], out[300];
    size_t       i;
    const char  *fmt;

    for (i = 0; i < n; i++) {
        fmt = strchr(pairs[i].out, ':') != NULL ? "http://[%s]/x"
                                                : "http://%s/x";

        (void) snprintf(in, sizeof(in), "http://%s/x", pairs[i].in);
        (void) snprintf(out, sizeof(out), fmt, pairs[i].out);
        url_expect(in, out);
    }
}


static void
url_refuse(const char *in, size_t len, const char *says)
{
    char   err[128];
    url_t  u;

    err[0] = '\0';
    memset(&u, 0xff, sizeof(u));

    ck_assert_msg(url_parse(&u, in, len, err, sizeof(err)) == SC_ERROR,
                  "\"%s\" was accepted", in);
    ck_assert_msg(err[0] != '\0'
                  && (says == NULL || strstr(err, says) != NULL),
                  "\"%s\": %s", in, err);
    ck_assert_ptr_null(u.text);
    ck_assert_str_eq(u.host, "");
}


static void
url_refuse_all(const url_pair_t *pairs, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        url_refuse(pairs[i].in, strlen(pairs[i].in), pairs[i].out);
    }
}


static void
url_relate(const char *base, const char *ref, const char *out)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    ck_assert_msg(url_resolve(base, ref, strlen(ref), &b) == SC_OK,
                  "\"%s\" was not resolved", ref);
    ck_assert_msg(strcmp(b.data, out) == 0, "\"%s\" became \"%s\"", ref,
                  b.data);
    ck_assert_uint_eq(b.len, strlen(b.data));
    sc_buf_free(&b);
}


static void
url_relate_all(const url_pair_t *pairs, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        url_relate(URL_BASE, pairs[i].in, pairs[i].out);
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        the_canonical_form_is_the_one_of_rfc_3986,
        an_ipv4_address_in_any_notation_is_dotted_decimal,
        an_ipv6_address_is_shortened_and_keeps_its_brackets,
        a_name_is_lower_case_ascii_whatever_the_locale,
        the_parts_are_told,
        what_is_not_an_http_url_is_refused_with_the_reason,
        what_is_not_a_host_is_refused,
        every_control_byte_is_refused_wherever_it_stands,
        a_url_is_as_long_as_its_limit_and_no_longer,
        a_name_is_as_long_as_its_limit_and_no_longer,
        a_reference_resolves_as_the_examples_of_rfc_3986,
        a_link_resolves_as_pages_write_them,
        the_base_may_lack_a_path_and_have_a_fragment,
        what_cannot_be_resolved_leaves_the_buffer_alone,
        a_reference_is_appended_and_any_byte_of_it_is_safe,
        NULL
    };

    return suite_run("url", tests, 20);
}
