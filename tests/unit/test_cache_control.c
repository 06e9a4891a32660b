
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/fetch/cache_control.h"
#include "tests/support/suite.h"


#define CACHE_NOW    784111777000   /* Sun, 06 Nov 1994 08:49:37 GMT */
#define CACHE_MOST   2147483648000  /* RFC 9111 1.2.2, in milliseconds */


/* seconds; of max_stale -2 is any */
typedef struct {
    const char  *value;
    int64_t      max_age;
    int64_t      max_stale;
    int64_t      min_fresh;
    const char  *flags;         /* c: no-cache, s: no-store, o: only-if… */
} cache_request_case_t;


typedef struct {
    const char       *value;
    int64_t           age;          /* seconds, -1: no page */
    int64_t           lifetime;     /* seconds, -1: not said */
    cache_verdict_t   verdict;
} cache_judge_case_t;


typedef struct {
    const char  *cache_control;
    const char  *expires;
    const char  *age;
    int64_t      lifetime;          /* seconds, -1: not said */
} cache_lifetime_case_t;


static int64_t cache_ms(int64_t seconds);
static void cache_expect(const cache_request_case_t *c);


static const cache_request_case_t  cache_requests[] = {
    { "", -1, -1, -1, "" },
    { "max-age=300", 300, -1, -1, "" },
    { "max-age=0", 0, -1, -1, "" },
    { "MAX-AGE=5, No-Cache", 5, -1, -1, "c" },
    { "max-age=\"300\"", 300, -1, -1, "" },
    { "max-age = 7", 7, -1, -1, "" },
    { "max-age=5, max-age=3", 3, -1, -1, "" },
    { "max-age=3, max-age=5", 3, -1, -1, "" },
    { "max-age=x, max-age=5", 5, -1, -1, "" },
    { "max-stale", -1, -2, -1, "" },
    { "max-stale=60", -1, 60, -1, "" },
    { "max-stale, max-stale=60", -1, 60, -1, "" },
    { "max-stale=60, max-stale", -1, 60, -1, "" },
    { "max-stale=x", -1, -1, -1, "" },
    { "min-fresh=10", -1, -1, 10, "" },
    { "min-fresh=10, min-fresh=20, min-fresh=5", -1, -1, 20, "" },
    { "no-store", -1, -1, -1, "s" },
    { "only-if-cached", -1, -1, -1, "o" },
    { "only-if-cached, max-stale=1,max-age=2,,\tmin-fresh=3 ,no-cache",
      2, 1, 3, "co" },
    { "no-cache=\"x\", no-store=1", -1, -1, -1, "cs" },

    /* unknown, or not well written */
    { "no-transform, stale-if-error=5, x, y=z", -1, -1, -1, "" },
    { "max-age", -1, -1, -1, "" },
    { "max-age=", -1, -1, -1, "" },
    { "max-age=-1", -1, -1, -1, "" },
    { "max-age=+1", -1, -1, -1, "" },
    { "max-age=1.5", -1, -1, -1, "" },
    { "max-age=1s", -1, -1, -1, "" },
    { "max-age=\"\\5\"", -1, -1, -1, "" },
    { "min-fresh", -1, -1, -1, "" },
    { "max-age=99999999999999999999999999", 2147483648, -1, -1, "" },
    { "xmax-age=5, max-agex=5, max=5", -1, -1, -1, "" },
    { "x=\"no-store, max-age=5\"", -1, -1, -1, "" },
    { "x=\"\\\", no-store, \\\\\", max-age=5", 5, -1, -1, "" },
    { "x \"a, no-store\" y, no-cache", -1, -1, -1, "c" },
    { "\"no-store\", no-cache", -1, -1, -1, "c" },
    { "\"max-age\"=5", -1, -1, -1, "" },
    { "x=\"no-store", -1, -1, -1, "" },
    { "x=\"\\", -1, -1, -1, "" },
    { "=5, ==, \"\", ;no-store, no-cache", -1, -1, -1, "c" },
    { ", , \t,", -1, -1, -1, "" }
};

static const cache_judge_case_t  cache_judged[] = {

    /* who says nothing sees the page as it is now */
    { "", -1, -1, CACHE_FETCH },
    { "", 0, 1000, CACHE_FETCH },
    { "no-transform", 0, 1000, CACHE_FETCH },

    { "no-store", 0, 1000, CACHE_FETCH },
    { "no-store, max-age=1000", 0, 1000, CACHE_FETCH },
    { "no-store, only-if-cached", 0, 1000, CACHE_FAIL },

    { "max-age=300", -1, -1, CACHE_FETCH },
    { "max-age=300", 0, -1, CACHE_USE },
    { "max-age=300", 300, -1, CACHE_USE },
    { "max-age=300", 301, -1, CACHE_CHECK },
    { "max-age=300", 300, 10, CACHE_USE },
    { "max-age=300", 301, 1000, CACHE_CHECK },
    { "max-age=0", 0, 1000, CACHE_USE },
    { "max-age=0", 1, 1000, CACHE_CHECK },

    { "max-age=300, max-stale=60", 360, -1, CACHE_USE },
    { "max-age=300, max-stale=60", 361, -1, CACHE_CHECK },
    { "max-age=300, max-stale", 1000000, -1, CACHE_USE },
    { "max-stale=60", 160, 100, CACHE_USE },
    { "max-stale=60", 161, 100, CACHE_CHECK },
    { "max-stale=60", 60, -1, CACHE_USE },
    { "max-stale=60", 61, -1, CACHE_CHECK },
    { "max-stale", 1000000, 0, CACHE_USE },
    { "max-stale", -1, -1, CACHE_FETCH },

    { "min-fresh=10", 90, 100, CACHE_USE },
    { "min-fresh=10", 91, 100, CACHE_CHECK },
    { "min-fresh=10", 0, -1, CACHE_CHECK },
    { "min-fresh=10, max-age=100", 90, -1, CACHE_USE },
    { "min-fresh=10, max-age=100", 91, -1, CACHE_CHECK },
    { "min-fresh=10, max-stale=5, max-age=100", 95, -1, CACHE_USE },
    { "min-fresh=10, max-stale=5, max-age=100", 96, -1, CACHE_CHECK },

    { "no-cache", 0, 1000, CACHE_CHECK },
    { "no-cache", -1, -1, CACHE_FETCH },
    { "no-cache, max-age=1000, max-stale", 0, 1000, CACHE_CHECK },
    { "no-cache, only-if-cached", 0, 1000, CACHE_FAIL },

    { "only-if-cached", -1, -1, CACHE_FAIL },
    { "only-if-cached", 1000000, -1, CACHE_USE },
    { "only-if-cached", 100, 100, CACHE_USE },
    { "only-if-cached", 101, 100, CACHE_FAIL },
    { "only-if-cached, max-age=300", 300, -1, CACHE_USE },
    { "only-if-cached, max-age=300", 301, -1, CACHE_FAIL },
    { "only-if-cached, max-stale", 1000000, 0, CACHE_USE },
    { "only-if-cached, min-fresh=10", 1000000, -1, CACHE_USE }
};

static const cache_lifetime_case_t  cache_lifetimes[] = {
    { "", "", "", -1 },
    { "public, must-revalidate", "", "", -1 },
    { "max-age=60", "", "", 60 },
    { "max-age=0", "", "", 0 },
    { "MAX-AGE=\"60\"", "", "", 60 },
    { "max-age=60, max-age=30, max-age=90", "", "", 30 },
    { "max-age=60, max-age=x", "", "", 0 },
    { "max-age=-1", "", "", 0 },
    { "max-age", "", "", 0 },
    { "s-maxage=10, max-age=60", "", "", 10 },
    { "max-age=10, s-maxage=60", "", "", 60 },
    { "s-maxage=0", "Sun, 06 Nov 1994 08:50:37 GMT", "", 0 },
    { "no-cache, max-age=60", "", "", 0 },
    { "max-age=60, no-store", "", "", 0 },
    { "no-cache=\"Set-Cookie\", max-age=60", "", "", 0 },
    { "private=\"a, no-store\", max-age=60", "", "", 60 },
    { "private, stale-while-revalidate=9, max-age=60", "", "", 60 },

    { "", "Sun, 06 Nov 1994 08:50:37 GMT", "", 60 },
    { "", "Sun, 06 Nov 1994 08:49:37 GMT", "", 0 },
    { "", "Sun, 06 Nov 1994 08:48:37 GMT", "", 0 },
    { "", "Sunday, 06-Nov-94 08:50:37 GMT", "", 60 },
    { "", "0", "", 0 },
    { "", "-1", "", 0 },
    { "", "never", "", 0 },
    { "max-age=5", "Sun, 06 Nov 1994 08:50:37 GMT", "", 5 },
    { "public", "Sun, 06 Nov 1994 08:50:37 GMT", "", 60 },

    { "max-age=60", "", "20", 40 },
    { "max-age=60", "", "60", 0 },
    { "max-age=60", "", "61", 0 },
    { "max-age=60", "", "99999999999999999999", 0 },
    { "max-age=60", "", "x", 60 },
    { "max-age=60", "", "-5", 60 },
    { "", "Sun, 06 Nov 1994 08:50:37 GMT", "20", 40 },
    { "", "", "20", -1 }
};


START_TEST(what_a_client_says_is_read_and_the_rest_passed_over)
{
    size_t  i;

    for (i = 0; i < sizeof(cache_requests) / sizeof(cache_requests[0]); i++)
    {
        cache_expect(&cache_requests[i]);
    }
}
END_TEST


START_TEST(a_field_cut_anywhere_is_read_no_further_than_its_end)
{
    char             *copy;
    size_t            n;
    cache_request_t   c;

    const char  *value = "x=\"\\\"a\", max-age = \"30\" , no-cache=\"b\\\\\"";

    /* a copy of its own, so that its end is the end */
    for (n = 0; n <= strlen(value); n++) {
        copy = strndup(value, n);
        ck_assert_ptr_nonnull(copy);
        cache_request_parse(&c, copy);
        ck_assert(c.max_age == -1 || c.max_age == 3000
                  || c.max_age == 30000);
        free(copy);
    }
}
END_TEST


START_TEST(a_stored_page_is_used_only_as_the_client_allows)
{
    size_t                     i;
    cache_verdict_t            verdict;
    cache_request_t            c;
    const cache_judge_case_t  *j;

    for (i = 0; i < sizeof(cache_judged) / sizeof(cache_judged[0]); i++) {
        j = &cache_judged[i];
        cache_request_parse(&c, j->value);
        verdict = cache_judge(&c, cache_ms(j->age), cache_ms(j->lifetime));
        ck_assert_msg(verdict == j->verdict, "\"%s\" at %lld of %lld is %d",
                      j->value, (long long) j->age, (long long) j->lifetime,
                      (int) verdict);
    }
}
END_TEST


START_TEST(an_age_counts_to_the_millisecond)
{
    cache_request_t  c;

    cache_request_parse(&c, "max-age=1");
    ck_assert_int_eq(cache_judge(&c, 1000, -1), CACHE_USE);
    ck_assert_int_eq(cache_judge(&c, 1001, -1), CACHE_CHECK);
}
END_TEST


START_TEST(the_largest_numbers_do_not_overflow)
{
    cache_request_t  c;

    cache_request_parse(&c, "max-age=99999999999, max-stale=99999999999");
    ck_assert_int_eq(c.max_age, CACHE_MOST);
    ck_assert_int_eq(cache_judge(&c, 2 * CACHE_MOST, -1), CACHE_USE);
    ck_assert_int_eq(cache_judge(&c, 2 * CACHE_MOST + 1, -1), CACHE_CHECK);

    cache_request_parse(&c, "max-stale");
    ck_assert_int_eq(cache_judge(&c, INT64_MAX, INT64_MAX), CACHE_USE);

    cache_request_parse(&c, "min-fresh=99999999999");
    ck_assert_int_eq(cache_judge(&c, INT64_MAX - 1, CACHE_MOST),
                     CACHE_CHECK);
}
END_TEST


START_TEST(a_page_is_kept_for_whoever_speaks_of_stored_pages)
{
    size_t           i;
    cache_request_t  c;

    static const char *const  keep[] = {
        "max-age=0", "max-stale", "max-stale=1", "min-fresh=1", "no-cache",
        "only-if-cached"
    };

    static const char *const  leave[] = {
        "", "no-transform", "max-age=x", "no-store", "no-store, max-age=5",
        "max-age=5, no-cache, no-store"
    };

    for (i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
        cache_request_parse(&c, keep[i]);
        ck_assert_msg(cache_keeps(&c), "\"%s\"", keep[i]);
        ck_assert_msg(cache_looks(&c), "\"%s\"", keep[i]);
    }

    for (i = 0; i < sizeof(leave) / sizeof(leave[0]); i++) {
        cache_request_parse(&c, leave[i]);
        ck_assert_msg(!cache_keeps(&c), "\"%s\"", leave[i]);
        ck_assert_msg(!cache_looks(&c), "\"%s\"", leave[i]);
    }

    /* or it would be fetched */
    cache_request_parse(&c, "no-store, only-if-cached");
    ck_assert(cache_looks(&c) && !cache_keeps(&c));
}
END_TEST


START_TEST(an_origin_says_how_long_its_answer_is_fresh)
{
    size_t                        i;
    int64_t                       lifetime;
    const cache_lifetime_case_t  *c;

    for (i = 0; i < sizeof(cache_lifetimes) / sizeof(cache_lifetimes[0]);
         i++)
    {
        c = &cache_lifetimes[i];
        lifetime = cache_lifetime(c->cache_control, c->expires, c->age,
                                  CACHE_NOW);
        ck_assert_msg(lifetime == cache_ms(c->lifetime),
                      "\"%s\", \"%s\", \"%s\" is %lld", c->cache_control,
                      c->expires, c->age, (long long) lifetime);
    }
}
END_TEST


static int64_t
cache_ms(int64_t seconds)
{
    return seconds >= 0 ? seconds * 1000 : -1;
}


static void
cache_expect(const cache_request_case_t *c)
{
    cache_request_t  r;

    memset(&r, 0xff, sizeof(r));
    cache_request_parse(&r, c->value);

    ck_assert_msg(r.max_age == cache_ms(c->max_age), "\"%s\"", c->value);
    ck_assert_msg(r.min_fresh == cache_ms(c->min_fresh), "\"%s\"", c->value);
    ck_assert_msg(r.max_stale == (c->max_stale == -2 ? CACHE_ANY
                                                     : cache_ms(c->max_stale)),
                  "\"%s\"", c->value);
    ck_assert_msg(r.no_cache == (strchr(c->flags, 'c') != NULL), "\"%s\"",
                  c->value);
    ck_assert_msg(r.no_store == (strchr(c->flags, 's') != NULL), "\"%s\"",
                  c->value);
    ck_assert_msg(r.only_if_cached == (strchr(c->flags, 'o') != NULL),
                  "\"%s\"", c->value);
    ck_assert_msg(r.present == (c->flags[0] != '\0' || c->max_age >= 0
                                || c->max_stale != -1 || c->min_fresh >= 0),
                  "\"%s\"", c->value);
}


int
main(void)
{
    const TTest  *tests[] = {
        what_a_client_says_is_read_and_the_rest_passed_over,
        a_field_cut_anywhere_is_read_no_further_than_its_end,
        a_stored_page_is_used_only_as_the_client_allows,
        an_age_counts_to_the_millisecond,
        the_largest_numbers_do_not_overflow,
        a_page_is_kept_for_whoever_speaks_of_stored_pages,
        an_origin_says_how_long_its_answer_is_fresh,
        NULL
    };

    return suite_run("cache_control", tests, 20);
}
