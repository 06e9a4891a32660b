
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/crawl/crawl.h"
#include "tests/support/suite.h"


#define TRAP_NOW  1795000000    /* in November 2026 */


static void trap_check(const char *const *urls, size_t n,
    crawl_verdict_t verdict);
static crawl_verdict_t trap_verdict(const char *path);


static const char *const  trap_none[] = {

    /* documentation */
    "/", "/3/library/asyncio-task.html", "/3/library/xml.etree.html",
    "/html/libstdc++/manual/ext_containers.html",
    "/onlinedocs/libstdc++/libstdc++-html-USERS-4.4/a00012.html",
    "/docs/16/sql-select.html", "/api/en/en/index.html",
    "/cpp/std/string/string/string", "/a//b///c",

    /* archives and products */
    "/2011/11/11/a-post.html", "/2011/11/11", "/1970/01/01/", "/2027/01/02/",
    "/2026-11-21/", "/?date=2026-11-21", "/blog/2014/07/?page=12",
    "/p/1234/05", "/p/1234-05", "/issues/1850/10", "/item/2099/07",
    "/p/12345678", "/p/1066", "/battle-of-hastings-1066-10-14.html",
    "/year/1850", "/?year=1850", "/x?t=99991231", "/calendar/2026/11/",
    "/calendar/?month=2026-12", "/tiles/0/0/0.png", "/1/1/1/x",
    "/p/3000/12/99", "/calendar/3000/13", "/events/1850/10",
    "/x/12345-01-01", "/x/2099-01-011"
};


static const char *const  trap_all[] = {

    /* runs that repeat */
    "/a/a/a/a", "/a/b/a/b/a/b/a/b", "/x/a/b/a/b/a/b/a/b/y",
    "/a/b/c/a/b/c/a/b/c/a/b/c/", "/a////////b",

    /* days before the web and to come */
    "/1969/12/31/", "/2028/01/01", "/9999/12/31/x", "/2099-01-02",
    "/?date=2099-01-02", "/x?a=1&day=1066-10-14&b", "/?at=2099-01-02T10:00",
    "/calendar/2099/07/", "/kalender?m=2099-07", "/Calendar/0001/01",
    "/agenda/2099-07/", "/list/month/?d=3000-01"
};


START_TEST(pages_of_real_sites_are_no_traps)
{
    trap_check(trap_none, sizeof(trap_none) / sizeof(trap_none[0]), CRAWL_IN);
}
END_TEST


START_TEST(runs_that_repeat_and_dates_far_away_are_traps)
{
    trap_check(trap_all, sizeof(trap_all) / sizeof(trap_all[0]), CRAWL_TRAP);
}
END_TEST


START_TEST(what_is_too_deep_or_has_too_many_parameters_is_a_trap)
{
    char    path[4096];
    size_t  i, n;

    for (i = 0, n = 0; i < 32; i++) {
        n += (size_t) snprintf(path + n, sizeof(path) - n, "/%zu", i);
    }

    ck_assert_int_eq(trap_verdict(path), CRAWL_IN);
    (void) snprintf(path + n, sizeof(path) - n, "/x");
    ck_assert_int_eq(trap_verdict(path), CRAWL_TRAP);

    for (i = 0, n = 0; i < 24; i++) {
        n += (size_t) snprintf(path + n, sizeof(path) - n, "%sp%zu=%zu",
                               i == 0 ? "/?" : "&", i, i);
    }

    ck_assert_int_eq(trap_verdict(path), CRAWL_IN);
    (void) snprintf(path + n, sizeof(path) - n, "&x");
    ck_assert_int_eq(trap_verdict(path), CRAWL_TRAP);
}
END_TEST


START_TEST(url_that_is_too_long_is_a_trap)
{
    char    path[CRAWL_MAX_URL + 2];
    size_t  host = strlen("http://a.example");

    memset(path, 'x', sizeof(path));
    path[0] = '/';
    path[CRAWL_MAX_URL - host] = '\0';
    ck_assert_int_eq(trap_verdict(path), CRAWL_IN);

    path[CRAWL_MAX_URL - host] = 'x';
    path[CRAWL_MAX_URL - host + 1] = '\0';
    ck_assert_int_eq(trap_verdict(path), CRAWL_TRAP);
}
END_TEST


static void
trap_check(const char *const *urls, size_t n, crawl_verdict_t verdict)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        ck_assert_msg(trap_verdict(urls[i]) == verdict, "%s", urls[i]);
    }
}


static crawl_verdict_t
trap_verdict(const char *path)
{
    char              err[256], text[8192];
    url_t             url;
    crawl_scope_t    *scope;
    crawl_verdict_t   verdict;

    static const sc_str_t  any = sc_string("{\"any\":true}");

    (void) snprintf(text, sizeof(text), "http://a.example%s", path);
    ck_assert_int_eq(url_parse(&url, text, strlen(text), err, sizeof(err)),
                     SC_OK);

    scope = crawl_scope_create(any);
    ck_assert_ptr_nonnull(scope);
    verdict = crawl_scope_check(scope, &url, TRAP_NOW);

    crawl_scope_free(scope);
    url_free(&url);

    return verdict;
}


int
main(void)
{
    const TTest *const  tests[] = {
        pages_of_real_sites_are_no_traps,
        runs_that_repeat_and_dates_far_away_are_traps,
        what_is_too_deep_or_has_too_many_parameters_is_a_trap,
        url_that_is_too_long_is_a_trap,
        NULL
    };

    return suite_run("crawl_trap", tests, 60);
}
