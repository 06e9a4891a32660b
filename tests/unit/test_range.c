
#include <check.h>

#include "common/sc_core.h"
#include "sidecar/api/range.h"
#include "tests/support/suite.h"


#define RANGE_TIMEOUT    10


/* of a representation of 10 bytes, but for the last ones */
typedef struct {
    const char  *value;
    int          rc;
    size_t       first;
    size_t       len;
} range_case_t;


static const range_case_t  range_cases[] = {
    { "bytes=0-0", SC_OK, 0, 1 },
    { "bytes=2-5", SC_OK, 2, 4 },
    { "Bytes= 2-5 ", SC_OK, 2, 4 },
    { "bytes=5-", SC_OK, 5, 5 },
    { "bytes=9-99", SC_OK, 9, 1 },
    { "bytes=9-99999999999999999999999999", SC_OK, 9, 1 },
    { "bytes=-3", SC_OK, 7, 3 },
    { "bytes=-10", SC_OK, 0, 10 },
    { "bytes=-11", SC_OK, 0, 10 },
    { "bytes=-0", SC_ERROR, 0, 0 },
    { "bytes=10-", SC_ERROR, 0, 0 },
    { "bytes=99999999999999999999999999-", SC_ERROR, 0, 0 },
    { "bytes=5-4", SC_DECLINED, 0, 0 },
    { "bytes=1-2,4-5", SC_DECLINED, 0, 0 },
    { "bytes=", SC_DECLINED, 0, 0 },
    { "bytes=-", SC_DECLINED, 0, 0 },
    { "bytes=a-b", SC_DECLINED, 0, 0 },
    { "bytes=1", SC_DECLINED, 0, 0 },
    { "bytes=1-2x", SC_DECLINED, 0, 0 },
    { "bytes=--1", SC_DECLINED, 0, 0 },
    { "lines=1-2", SC_DECLINED, 0, 0 },
    { "", SC_DECLINED, 0, 0 },
};


START_TEST(one_range_is_read_and_everything_else_is_not)
{
    int                  rc;
    size_t               i, first, len;
    const range_case_t  *t;

    for (i = 0; i < sizeof(range_cases) / sizeof(range_case_t); i++) {
        t = &range_cases[i];
        first = len = 0;
        rc = range_parse(t->value, 10, &first, &len);

        ck_assert_msg(rc == t->rc, "%s: %d", t->value, rc);
        ck_assert_msg(rc != SC_OK || (first == t->first && len == t->len),
                      "%s: %zu %zu", t->value, first, len);
    }
}
END_TEST


START_TEST(nothing_has_no_range)
{
    size_t  first, len;

    ck_assert_int_eq(range_parse("bytes=0-0", 0, &first, &len), SC_ERROR);
    ck_assert_int_eq(range_parse("bytes=-5", 0, &first, &len), SC_ERROR);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        one_range_is_read_and_everything_else_is_not,
        nothing_has_no_range,
        NULL
    };

    return suite_run("range", tests, RANGE_TIMEOUT);
}
