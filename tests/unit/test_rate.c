
#include <check.h>

#include "sidecar/fetch/rate.h"
#include "tests/support/suite.h"


#define SECOND    ((int64_t) 1000000000)


START_TEST(without_a_limit_nobody_waits)
{
    rate_t  r;

    rate_init(&r, 0, 5);
    rate_take(&r, INT64_MAX / 2, 5);
    ck_assert_int_eq(rate_wait(&r, 5), 0);
}
END_TEST


START_TEST(bucket_is_full_as_it_was_after_its_time)
{
    rate_t  r;

    rate_init(&r, 0, 0);
    rate_take(&r, 1000, 0);
    ck_assert(rate_full(&r, 0));

    rate_init(&r, 1000, 0);
    ck_assert(rate_full(&r, 0));
    rate_take(&r, 1500, 0);
    ck_assert(!rate_full(&r, 0));
    ck_assert(!rate_full(&r, SECOND));
    ck_assert(rate_full(&r, 3 * SECOND / 2));
    ck_assert(rate_full(&r, 100 * SECOND));
}
END_TEST


START_TEST(who_overdraws_is_waited_for)
{
    rate_t  r;

    rate_init(&r, 1000, 0);
    ck_assert_int_eq(rate_wait(&r, 0), 0);
    rate_take(&r, 3000, 0);

    /* two seconds of debt, and a byte */
    ck_assert_int_gt(rate_wait(&r, 0), 2 * SECOND);
    ck_assert_int_lt(rate_wait(&r, 0), 2 * SECOND + 2 * SECOND / 1000);
    ck_assert_int_gt(rate_wait(&r, 2 * SECOND), 0);
    ck_assert_int_eq(rate_wait(&r, 2 * SECOND + SECOND / 500), 0);
}
END_TEST


START_TEST(the_wait_that_is_told_is_long_enough)
{
    rate_t   r;
    int      i;
    int64_t  now, wait, taken;

    rate_init(&r, 7777, 0);
    now = 0;
    taken = 0;

    for (i = 0; i < 1000; i++) {
        wait = rate_wait(&r, now);
        now += wait;
        ck_assert_int_eq(rate_wait(&r, now), 0);
        rate_take(&r, 1 + i * 37 % 5000, now);
        taken += 1 + i * 37 % 5000;
    }

    /* what one second fills may come at the start, one piece at the end */
    ck_assert_int_le(taken, 7777 * (now / SECOND + 1) + 7777 + 5000);
    ck_assert_int_ge(taken, 7777 * (now / SECOND - 1));
}
END_TEST


START_TEST(a_long_rest_saves_no_more_than_a_second)
{
    rate_t  r;

    rate_init(&r, 4000000000, 0);
    ck_assert_int_eq(rate_wait(&r, 100000000 * SECOND / 10), 0);
    rate_take(&r, 4000000000 + 1, 100000000 * SECOND / 10);
    ck_assert_int_gt(rate_wait(&r, 100000000 * SECOND / 10), 0);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        without_a_limit_nobody_waits,
        bucket_is_full_as_it_was_after_its_time,
        who_overdraws_is_waited_for,
        the_wait_that_is_told_is_long_enough,
        a_long_rest_saves_no_more_than_a_second,
        NULL
    };

    return suite_run("rate", tests, 10);
}
