
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/url/url_query.h"
#include "tests/support/suite.h"


#define QUERY_ALL       (URL_SORT_QUERY|URL_STRIP_TRACKING|URL_STRIP_SESSION)
#define QUERY_ROUNDS    4000
#define QUERY_PARAMS    12


typedef struct {
    unsigned     options;
    const char  *in;
    const char  *out;
} query_case_t;


static void query_expect(unsigned options, const char *in, const char *out);
static void query_parse(url_t *u, const char *in);
static unsigned query_random(unsigned below);
static void query_generate(char *url, size_t size, int params);
static void query_add(char *url, size_t size, const char *text);


static const char *const  query_names[] = {
    "a", "b", "A", "a=", "a=1", "a=2", "b=%26", "%C3%A4=1", "", "=", "=1",
    "utm_source=x", "UTM_Medium", "gclid=", "fbclid=1=2", "utm", "_ga=1.2",
    "PHPSESSID=1", "jsessionid", "aspsessionidqq=x", "a=utm_id", "utm_",
    "%75tm_id=1", "zz%7E", "q=a+b", "q=a%20b", "a?b", "a/../b"
};

static const char *const  query_segments[] = {
    "a", "..", ".", "", "%2e%2E", ";jsessionid=1", "..;jsessionid=1",
    "a;JSESSIONID=1.x;v=2", ".;phpsessid;x", ";", "b;a=jsessionid",
    "%3bjsessionid=1", "..;jsessionid=1;jsessionid=2"
};

static const query_case_t  query_cases[] = {
    { 0, "http://h/?b&a&&utm_id=1", "http://h/?b&a&&utm_id=1" },
    { 0, "http://h/?", "http://h/?" },
    { 0, "http://h/a;jsessionid=1", "http://h/a;jsessionid=1" },

    { URL_SORT_QUERY, "http://h/", "http://h/" },
    { URL_SORT_QUERY, "http://h/?b=1&a=2", "http://h/?a=2&b=1" },
    { URL_SORT_QUERY, "http://h/?b=2&a=2&b=1&a=1",
      "http://h/?a=2&a=1&b=2&b=1" },
    { URL_SORT_QUERY, "http://h/?a=&a&a=", "http://h/?a=&a&a=" },
    { URL_SORT_QUERY, "http://h/?ab=1&a=2&a%20=3",
      "http://h/?a=2&a%20=3&ab=1" },
    { URL_SORT_QUERY, "http://h/?b&B&a&A", "http://h/?A&B&a&b" },
    { URL_SORT_QUERY, "http://h/?x&&y&", "http://h/?x&y" },
    { URL_SORT_QUERY, "http://h/?=2&a&=1", "http://h/?=2&=1&a" },
    { URL_SORT_QUERY, "http://h/?&", "http://h/" },
    { URL_SORT_QUERY, "http://h/?", "http://h/" },
    { URL_SORT_QUERY, "http://h/?b=a;c&a=%26b", "http://h/?a=%26b&b=a;c" },
    { URL_SORT_QUERY, "http://h/?b=?&a=/../x", "http://h/?a=/../x&b=?" },
    { URL_SORT_QUERY, "http://h/?utm_id=1&phpsessid=2",
      "http://h/?phpsessid=2&utm_id=1" },
    { URL_SORT_QUERY, "https://[::1]:8443/x?b&a",
      "https://[::1]:8443/x?a&b" },

    { URL_STRIP_TRACKING, "http://h/?utm_source=x", "http://h/" },
    { URL_STRIP_TRACKING, "http://h/?b&utm_source=x&a", "http://h/?b&a" },
    { URL_STRIP_TRACKING, "http://h/?UTM_SOURCE=x&GCLID&a", "http://h/?a" },
    { URL_STRIP_TRACKING, "http://h/?%75tm_x=1", "http://h/" },
    { URL_STRIP_TRACKING, "http://h/?utm=1&xutm_a=1&gclidx&a=gclid",
      "http://h/?utm=1&xutm_a=1&gclidx&a=gclid" },
    { URL_STRIP_TRACKING, "http://h/utm_source=x;gclid=1?a",
      "http://h/utm_source=x;gclid=1?a" },
    { URL_STRIP_TRACKING, "http://h/?utm_source%3Dx", "http://h/" },
    { URL_STRIP_TRACKING, "http://h/?gclid%3Dx", "http://h/?gclid%3Dx" },
    { URL_STRIP_TRACKING, "http://h/;jsessionid=1?phpsessid=1",
      "http://h/;jsessionid=1?phpsessid=1" },
    { URL_STRIP_TRACKING,
      "http://h/?gclsrc&dclid&fbclid&msclkid&mc_cid&mc_eid&igshid&yclid&_ga"
      "&_gl&twclid&ttclid&wbraid&gbraid&srsltid&hsa_acc&mtm_cid&pk_kwd",
      "http://h/" },

    { URL_STRIP_SESSION, "http://h/?a&PHPSESSID=1&b", "http://h/?a&b" },
    { URL_STRIP_SESSION, "http://h/?ASPSESSIONIDABCD=1&utm_id=1",
      "http://h/?utm_id=1" },
    { URL_STRIP_SESSION, "http://h/?CFID=1&CFTOKEN=2&cfids=3",
      "http://h/?cfids=3" },
    { URL_STRIP_SESSION, "http://h/a;jsessionid=1A.n2?x", "http://h/a?x" },
    { URL_STRIP_SESSION, "http://h/a;JSESSIONID/b", "http://h/a/b" },
    { URL_STRIP_SESSION, "http://h/a;v=1;jsessionid=1;w=2",
      "http://h/a;v=1;w=2" },
    { URL_STRIP_SESSION, "http://h/;jsessionid=1", "http://h/" },
    { URL_STRIP_SESSION, "http://h/;jsessionid=1/;jsessionid=2/",
      "http://h///" },
    { URL_STRIP_SESSION, "http://h/jsessionid=1", "http://h/jsessionid=1" },
    { URL_STRIP_SESSION, "http://h/a;jsessionids=1",
      "http://h/a;jsessionids=1" },
    { URL_STRIP_SESSION, "http://h/a%3Bjsessionid=1",
      "http://h/a%3Bjsessionid=1" },
    { URL_STRIP_SESSION, "http://h/a/..;jsessionid=1/b", "http://h/b" },
    { URL_STRIP_SESSION, "http://h/a/.;jsessionid=1", "http://h/a/" },
    { URL_STRIP_SESSION, "http://h/..;jsessionid=1", "http://h/" },
    { URL_STRIP_SESSION, "http://h/?x;jsessionid=1",
      "http://h/?x;jsessionid=1" },

    { QUERY_ALL, "http://h/p;jsessionid=1?utm_id=1&b=1&phpsessid=2&a",
      "http://h/p?a&b=1" }
};


static unsigned  query_seed;


START_TEST(the_options_change_what_they_say_and_nothing_else)
{
    size_t               i;
    const query_case_t  *c;

    for (i = 0; i < sizeof(query_cases) / sizeof(query_cases[0]); i++) {
        c = &query_cases[i];
        query_expect(c->options, c->in, c->out);
    }
}
END_TEST


START_TEST(a_canonical_url_is_its_own_canonical_form)
{
    int       i;
    char      url[1024];
    url_t     u, again;
    unsigned  options;

    query_seed = 1;

    for (i = 0; i < QUERY_ROUNDS; i++) {
        query_generate(url, sizeof(url), (int) query_random(QUERY_PARAMS));
        options = query_random(QUERY_ALL + 1);

        query_parse(&u, url);
        ck_assert_int_eq(url_canonical(&u, options), SC_OK);
        ck_assert_uint_eq(u.len, strlen(u.text));

        query_parse(&again, u.text);
        ck_assert_msg(strcmp(again.text, u.text) == 0, "%s: %s: %s", url,
                      u.text, again.text);

        ck_assert_int_eq(url_canonical(&again, options), SC_OK);
        ck_assert_msg(strcmp(again.text, u.text) == 0, "%s: %s: %s", url,
                      u.text, again.text);

        url_free(&u);
        url_free(&again);
    }
}
END_TEST


START_TEST(options_together_are_options_one_after_another)
{
    int    i, k;
    char   url[1024];
    url_t  all, each;

    static const unsigned  orders[][3] = {
        { URL_SORT_QUERY, URL_STRIP_TRACKING, URL_STRIP_SESSION },
        { URL_STRIP_SESSION, URL_SORT_QUERY, URL_STRIP_TRACKING },
        { URL_STRIP_TRACKING, URL_STRIP_SESSION, URL_SORT_QUERY }
    };

    query_seed = 2;

    for (i = 0; i < QUERY_ROUNDS; i++) {
        query_generate(url, sizeof(url), QUERY_PARAMS);
        query_parse(&all, url);
        query_parse(&each, url);
        ck_assert_int_eq(url_canonical(&all, QUERY_ALL), SC_OK);

        for (k = 0; k < 3; k++) {
            ck_assert_int_eq(url_canonical(&each, orders[i % 3][k]), SC_OK);
        }

        ck_assert_str_eq(all.text, each.text);
        url_free(&all);
        url_free(&each);
    }
}
END_TEST


START_TEST(what_is_removed_makes_no_difference_wherever_it_stands)
{
    int    i, k, at;
    char   with[1024], without[1024];
    url_t  u, v;

    query_seed = 3;

    for (i = 0; i < QUERY_ROUNDS; i++) {
        (void) snprintf(with, sizeof(with), "http://h/p");
        (void) snprintf(without, sizeof(without), "http://h/p");
        at = (int) query_random(5);

        for (k = 0; k < 5; k++) {
            if (k == at) {
                query_add(with, sizeof(with), k == 0 ? "?" : "&");
                query_add(with, sizeof(with), "utm_id=7");
            }

            query_add(with, sizeof(with), k == 0 && k != at ? "?" : "&");
            query_add(without, sizeof(without), k == 0 ? "?" : "&");
            query_add(with, sizeof(with), query_names[(i + k * at) % 11]);
            query_add(without, sizeof(without),
                      query_names[(i + k * at) % 11]);
        }

        query_parse(&u, with);
        query_parse(&v, without);
        ck_assert_int_eq(url_canonical(&u, URL_STRIP_TRACKING), SC_OK);
        ck_assert_int_eq(url_canonical(&v, URL_STRIP_TRACKING), SC_OK);
        ck_assert_str_eq(u.text, v.text);
        url_free(&u);
        url_free(&v);
    }
}
END_TEST


START_TEST(parameters_of_different_names_may_come_in_any_order)
{
    int    i, k, from, to;
    char   url[256];
    url_t  u;

    char         swapped;
    char         names[] = "abcdefgh";
    const char  *sorted = "http://h/?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1";

    query_seed = 4;

    for (i = 0; i < 1000; i++) {
        from = (int) query_random(8);
        to = (int) query_random(8);
        swapped = names[from];
        names[from] = names[to];
        names[to] = swapped;

        (void) snprintf(url, sizeof(url), "http://h/?");

        for (k = 0; k < 8; k++) {
            (void) snprintf(url + 10 + 4 * k, sizeof(url) - 10 - 4 * k,
                            "%c=1&", names[k]);
        }

        query_parse(&u, url);
        ck_assert_int_eq(url_canonical(&u, URL_SORT_QUERY), SC_OK);
        ck_assert_str_eq(u.text, sorted);
        url_free(&u);
    }
}
END_TEST


START_TEST(the_longest_query_of_the_shortest_parameters_is_sorted)
{
    char    *s;
    url_t    u;
    size_t   i, last;

    s = malloc(URL_MAX + 1);
    ck_assert_ptr_nonnull(s);
    memcpy(s, "http://h/", 9);

    for (i = 9; i + 1 < URL_MAX; i += 2) {
        s[i] = i == 9 ? '?' : '&';
        s[i + 1] = (char) ('z' - i / 2 % 26);
    }

    s[i] = '\0';
    last = i - 1;

    query_parse(&u, s);
    ck_assert_int_eq(url_canonical(&u, URL_SORT_QUERY), SC_OK);
    ck_assert_uint_eq(u.len, i);
    ck_assert_int_eq(u.text[9], '?');

    for (i = 12; i <= last; i += 2) {
        ck_assert_int_eq(u.text[i - 1], '&');
        ck_assert_int_ge(u.text[i], u.text[i - 2]);
    }

    url_free(&u);
    free(s);
}
END_TEST


static void
query_expect(unsigned options, const char *in, const char *out)
{
    url_t  u;

    query_parse(&u, in);
    ck_assert_int_eq(url_canonical(&u, options), SC_OK);
    ck_assert_msg(strcmp(u.text, out) == 0, "\"%s\" became \"%s\"", in,
                  u.text);
    ck_assert_uint_eq(u.len, strlen(u.text));
    url_free(&u);
}


static void
query_parse(url_t *u, const char *in)
{
    char  err[128];

    ck_assert_msg(url_parse(u, in, strlen(in), err, sizeof(err)) == SC_OK,
                  "\"%s\": %s", in, err);
}


/* The same numbers in every run. */
static unsigned
query_random(unsigned below)
{
    query_seed = query_seed * 1103515245 + 12345;

    return (query_seed >> 16) % below;
}


static void
query_generate(char *url, size_t size, int params)
{
    unsigned  n;

    (void) snprintf(url, size, "%s", query_random(2) ? "http://h"
                                                     : "https://h.example:81");

    for (n = query_random(5); n > 0; n--) {
        query_add(url, size, "/");
        query_add(url, size, query_segments[query_random(
                      sizeof(query_segments) / sizeof(char *))]);
    }

    for (n = 0; n < (unsigned) params; n++) {
        query_add(url, size, n == 0 ? "?" : "&");
        query_add(url, size, query_names[query_random(
                      sizeof(query_names) / sizeof(char *))]);
    }
}


static void
query_add(char *url, size_t size, const char *text)
{
    size_t  len;

    len = strlen(url);
    (void) snprintf(url + len, size - len, "%s", text);
}


int
main(void)
{
    const TTest  *tests[] = {
        the_options_change_what_they_say_and_nothing_else,
        a_canonical_url_is_its_own_canonical_form,
        options_together_are_options_one_after_another,
        what_is_removed_makes_no_difference_wherever_it_stands,
        parameters_of_different_names_may_come_in_any_order,
        the_longest_query_of_the_shortest_parameters_is_sorted,
        NULL
    };

    return suite_run("url_query", tests, 60);
}
