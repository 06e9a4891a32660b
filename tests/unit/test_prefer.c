
#include <check.h>

#include "sidecar/api/etag.h"
#include "sidecar/api/prefer.h"
#include "tests/support/suite.h"


#define PREFER_TIMEOUT    10


typedef struct {
    const char  *value;
    int64_t      wait;
    int          async;
    const char  *applied;
} prefer_case_t;


typedef struct {
    const char  *value;
    int          matches;
} etag_case_t;


static const prefer_case_t  prefer_cases[] = {
    { "", -1, 0, "" },
    { "wait=10", 10, 0, "wait=10" },
    { "respond-async", -1, 1, "respond-async" },
    { "respond-async, wait=10", 10, 1, "respond-async, wait=10" },
    { "wait=10,respond-async", 10, 1, "respond-async, wait=10" },
    { "Wait = 7", 7, 0, "wait=7" },
    { "RESPOND-ASYNC", -1, 1, "respond-async" },
    { "wait=\"12\"", 12, 0, "wait=12" },
    { "wait=0", 0, 0, "wait=0" },
    { "wait=5, wait=9", 5, 0, "wait=5" },
    { "wait=5; x=\"a,b\"; y, respond-async;z", 5, 1,
      "respond-async, wait=5" },
    { "return=minimal, handling=strict, wait=3", 3, 0,
      "wait=3, handling=strict" },
    { "handling=strict", -1, 0, "handling=strict" },
    { "handling=lenient, respond-async", -1, 1, "respond-async" },
    { "x=\"wait=1, respond-async\"", -1, 0, "" },
    { "x=\"\\\", respond-async\", wait=1", 1, 0, "wait=1" },
    { "wait=99999999999999999999999999", PREFER_MAX_WAIT, 0, "wait=86400" },
    { "wait", -1, 0, "" },
    { "wait=", -1, 0, "" },
    { "wait=-1", -1, 0, "" },
    { "wait=1.5", -1, 0, "" },
    { "wait=1s", -1, 0, "" },
    { "wait=\"1", 1, 0, "wait=1" },
    { "waiting=1", -1, 0, "" },
    { "=,;,,=\"", -1, 0, "" },
    { "\"", -1, 0, "" },
    { "x=\"\\", -1, 0, "" },
    { ", ,\t, wait=2", 2, 0, "wait=2" }
};


/* against the tag a-1 */
static const etag_case_t  etag_cases[] = {
    { "", 0 },
    { "*", 1 },
    { " * ", 1 },
    { "*x", 0 },
    { "\"a-1\"", 1 },
    { "W/\"a-1\"", 1 },
    { "\"b\", \"a-1\"", 1 },
    { "\"b\",W/\"c\" , \"a-1\"", 1 },
    { "\"a-2\"", 0 },
    { "\"a-\"", 0 },
    { "\"a-11\"", 0 },
    { "a-1", 0 },
    { "\"a-1", 0 },
    { "\"b\" a-1", 0 },
    { "w/\"a-1\"", 0 }
};


START_TEST(preferences_that_are_honoured_are_read_and_others_ignored)
{
    char                  out[64];
    size_t                i;
    prefer_t              p;
    const prefer_case_t  *c;

    for (i = 0; i < sizeof(prefer_cases) / sizeof(prefer_cases[0]); i++) {
        c = &prefer_cases[i];
        prefer_parse(&p, c->value);
        prefer_applied(&p, out, sizeof(out));

        ck_assert_msg(p.wait == c->wait && (int) p.async == c->async,
                      "\"%s\": wait %lld, async %d", c->value,
                      (long long) p.wait, (int) p.async);
        ck_assert_str_eq(out, c->applied);
    }
}
END_TEST


START_TEST(what_was_applied_is_cut_at_its_room)
{
    char      out[16];
    prefer_t  p;

    prefer_parse(&p, "respond-async, wait=10");
    prefer_applied(&p, out, sizeof(out));
    ck_assert_str_eq(out, "respond-async, ");
}
END_TEST


START_TEST(if_none_match_is_compared_weakly)
{
    size_t    i;
    sc_str_t  tag = sc_string("a-1");

    for (i = 0; i < sizeof(etag_cases) / sizeof(etag_cases[0]); i++) {
        ck_assert_msg(etag_matches(etag_cases[i].value, tag)
                      == etag_cases[i].matches, "%s", etag_cases[i].value);
    }
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        preferences_that_are_honoured_are_read_and_others_ignored,
        what_was_applied_is_cut_at_its_room,
        if_none_match_is_compared_weakly,
        NULL
    };

    return suite_run("prefer", tests, PREFER_TIMEOUT);
}
