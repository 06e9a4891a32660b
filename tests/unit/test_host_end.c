
#include <limits.h>
#include <stdint.h>

#include "sidecar/hosts/host.h"
#include "tests/support/suite.h"


#define START    (1000 * LOOP_SEC)


static void host_fresh(int concurrency, int64_t delay, int64_t jitter);
static void host_began(const host_wish_t *wish);
static void host_answered(int status, int64_t latency);
static void host_erred(fetch_error_t error);
static void host_try(int status);
static void host_counts(int expected, fetch_error_t error, int status);


static host_state_t  h;
static int64_t       now;


START_TEST(breaker_opens_after_failures_in_a_row)
{
    host_fresh(1, 0, 0);

    host_try(500);
    host_try(500);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);
    host_try(500);

    ck_assert_int_eq(h.breaker, HOST_OPEN);
    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_FIRST_OPEN);
}
END_TEST


START_TEST(success_ends_the_row)
{
    host_fresh(1, 0, 0);

    host_try(500);
    host_try(500);
    host_try(404);
    ck_assert_int_eq(h.failures, 0);
    host_try(500);
    host_try(500);

    ck_assert_int_eq(h.breaker, HOST_CLOSED);
}
END_TEST


START_TEST(what_says_the_host_is_not_well_is_counted)
{
    int                         status;
    static const fetch_error_t  errors[] = { FETCH_DNS, FETCH_CONNECT,
                                             FETCH_TLS, FETCH_TIMEOUT };
    static const fetch_error_t  well[] = { FETCH_OK, FETCH_PROTOCOL,
                                           FETCH_TOO_LARGE };
    size_t                      i;

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        host_counts(1, errors[i], 0);
        host_counts(1, errors[i], 200);
    }

    for (i = 0; i < sizeof(well) / sizeof(well[0]); i++) {
        host_counts(0, well[i], 0);
    }

    for (status = 100; status < 600; status++) {
        host_counts(status == 429 || status == 500 || status == 502
                    || status == 503 || status == 504, FETCH_OK, status);
    }

    host_counts(1, FETCH_TOO_LARGE, 503);
}
END_TEST


START_TEST(errors_that_are_ours_say_nothing)
{
    size_t                      i;
    static const fetch_error_t  ours[] = { FETCH_RESOURCES, FETCH_BLOCKED,
                                           FETCH_PROXY };
    host_outcome_t              outcome = { .status = 503,
                                            .latency = LOOP_SEC,
                                            .retry_after = LOOP_SEC };

    host_fresh(1, 0, 0);
    h.limits.automatic = 1;
    host_try(500);
    host_try(500);

    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        host_began(NULL);
        outcome.error = ours[i];
        host_end(&h, &outcome, now);
    }

    ck_assert_int_eq(h.failures, 2);
    ck_assert_int_eq(h.breaker, HOST_CLOSED);
    ck_assert_int_eq(h.running, 0);
    ck_assert_int_eq(h.latency, 0);
    ck_assert_int_eq(h.auto_delay, 0);
    ck_assert_int_eq(h.blocked_until, 0);
}
END_TEST


START_TEST(half_open_breaker_lets_exactly_one_try)
{
    host_fresh(5, 0, 0);
    host_try(500);
    host_try(500);
    host_try(500);
    now += HOST_FIRST_OPEN - 1;
    ck_assert_int_eq(host_wait(&h, NULL, now), 1);
    now += 1;

    host_began(NULL);
    ck_assert_int_eq(h.breaker, HOST_HALF_OPEN);
    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_BUSY);
    ck_assert_int_eq(host_wait(&h, NULL, now + HOST_LONGEST_OPEN), HOST_BUSY);
}
END_TEST


START_TEST(one_that_tries_well_closes_the_breaker)
{
    host_fresh(5, 0, 0);
    host_try(500);
    host_try(500);
    host_try(500);
    now += HOST_FIRST_OPEN;
    host_try(200);

    ck_assert_int_eq(h.breaker, HOST_CLOSED);
    ck_assert_int_eq(h.failures, 0);
    ck_assert_int_eq(h.opened, 0);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);
    ck_assert_int_eq(host_is_special(&h, now), 0);
}
END_TEST


START_TEST(breaker_opens_twice_as_long_each_time_up_to_its_cap)
{
    int      i;
    int64_t  open;

    host_fresh(1, 0, 0);
    host_try(500);
    host_try(500);
    open = HOST_FIRST_OPEN;

    for (i = 0; i < 100; i++) {
        host_try(500);
        ck_assert_int_eq(h.breaker, HOST_OPEN);
        ck_assert_int_eq(host_wait(&h, NULL, now), open);

        now += open;
        open = open * 2 < HOST_LONGEST_OPEN ? open * 2 : HOST_LONGEST_OPEN;
    }

    host_try(200);
    host_try(500);
    host_try(500);
    host_try(500);
    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_FIRST_OPEN);
}
END_TEST


START_TEST(one_that_was_cancelled_lets_another_try)
{
    host_fresh(5, 0, 0);
    host_try(500);
    host_try(500);
    host_try(500);
    now += HOST_FIRST_OPEN;

    host_began(NULL);
    host_cancel(&h, now);
    ck_assert_int_eq(h.breaker, HOST_OPEN);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);

    host_began(NULL);
    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_BUSY);
    host_erred(FETCH_RESOURCES);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);

    host_try(500);
    ck_assert_int_eq(host_wait(&h, NULL, now), 2 * HOST_FIRST_OPEN);
}
END_TEST


START_TEST(fetches_begun_before_it_opened_do_not_move_the_breaker)
{
    host_fresh(6, 0, 0);
    host_began(NULL);
    host_began(NULL);
    host_began(NULL);
    host_try(500);
    host_try(500);
    host_try(500);
    ck_assert_int_eq(h.breaker, HOST_OPEN);

    host_answered(500, -1);
    ck_assert_int_eq(host_wait(&h, NULL, now + HOST_FIRST_OPEN), HOST_BUSY);
    host_answered(200, -1);
    ck_assert_int_eq(h.breaker, HOST_OPEN);
    ck_assert_int_eq(host_wait(&h, NULL, now + HOST_FIRST_OPEN), HOST_BUSY);

    host_cancel(&h, now);
    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_FIRST_OPEN);
    ck_assert_int_eq(h.opened, 1);
}
END_TEST


START_TEST(breaker_that_never_opens_counts_only)
{
    int  i;

    host_fresh(1, 0, 0);
    h.limits.failures = 0;

    for (i = 0; i < 100; i++) {
        host_try(500);
    }

    ck_assert_int_eq(h.failures, 100);
    ck_assert_int_eq(h.breaker, HOST_CLOSED);

    h.failures = INT_MAX;
    host_try(500);
    ck_assert_int_eq(h.failures, INT_MAX);
}
END_TEST


START_TEST(open_breaker_that_shall_never_open_is_closed_by_one_that_tries)
{
    host_fresh(1, 0, 0);
    host_try(500);
    host_try(500);
    host_try(500);
    h.limits.failures = 0;
    now += HOST_FIRST_OPEN;
    host_try(500);

    ck_assert_int_eq(h.breaker, HOST_CLOSED);
}
END_TEST


START_TEST(latency_is_a_moving_average)
{
    host_fresh(1, 0, 0);

    host_began(NULL);
    host_answered(200, 800);
    ck_assert_int_eq(h.latency, 800);

    host_began(NULL);
    host_answered(200, 1600);
    ck_assert_int_eq(h.latency, 900);

    host_began(NULL);
    host_answered(200, 100);
    ck_assert_int_eq(h.latency, 800);

    host_began(NULL);
    host_answered(200, -1);
    ck_assert_int_eq(h.latency, 800);
    ck_assert_int_eq(h.auto_delay, 0);
}
END_TEST


START_TEST(automatic_delay_moves_halfway_to_latency_over_concurrency)
{
    host_fresh(4, 1000, 0);
    h.limits.automatic = 1;

    host_began(NULL);
    host_answered(200, 20000);
    ck_assert_int_eq(h.auto_delay, 3000);
    ck_assert_int_eq(host_delay(&h), 3000);
    ck_assert_int_eq(host_is_special(&h, now), 1);

    host_began(NULL);
    host_answered(200, 4000);
    ck_assert_int_eq(h.auto_delay, 2000);
    ck_assert_int_eq(host_wait(&h, NULL, now), 3000);

    h.limits.automatic = 0;
    ck_assert_int_eq(host_delay(&h), 1000);
    ck_assert_int_eq(host_is_special(&h, now), 0);
}
END_TEST


START_TEST(automatic_delay_is_never_below_the_limit)
{
    host_fresh(1, 1000, 0);
    h.limits.automatic = 1;

    host_began(NULL);
    host_answered(200, 0);
    ck_assert_int_eq(h.auto_delay, 1000);
    ck_assert_int_eq(host_is_special(&h, now), 0);
}
END_TEST


START_TEST(automatic_delay_has_a_cap_that_the_limit_has_not)
{
    host_fresh(1, 0, 0);
    h.limits.automatic = 1;

    host_began(NULL);
    host_answered(200, INT64_MAX);
    ck_assert_int_eq(host_delay(&h), HOST_MAX_DELAY);

    host_fresh(1, 2 * HOST_MAX_DELAY, 0);
    h.limits.automatic = 1;
    host_began(NULL);
    host_answered(200, INT64_MAX);
    ck_assert_int_eq(host_delay(&h), 2 * HOST_MAX_DELAY);
}
END_TEST


START_TEST(answer_that_is_no_success_makes_no_delay_shorter)
{
    size_t            i;
    static const int  statuses[] = { 0, 199, 300, 301, 304, 404, 500 };

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        host_fresh(1, 0, 0);
        h.limits.automatic = 1;
        h.auto_delay = 1000;

        host_began(NULL);
        host_answered(statuses[i], 100);
        ck_assert_int_eq(h.auto_delay, 1000);

        host_began(NULL);
        host_answered(statuses[i], 3000);
        ck_assert_int_eq(h.auto_delay, 2000);
    }
}
END_TEST


START_TEST(page_that_failed_makes_no_delay_shorter)
{
    host_outcome_t  outcome = { .error = FETCH_TOO_LARGE, .status = 200,
                                .latency = 100, .retry_after = -1 };

    host_fresh(1, 0, 0);
    h.limits.automatic = 1;
    h.auto_delay = 1000;
    host_began(NULL);
    host_end(&h, &outcome, now);

    ck_assert_int_eq(h.auto_delay, 1000);
}
END_TEST


START_TEST(failures_are_forgotten_after_a_while)
{
    host_fresh(1, 0, 0);
    host_try(500);

    ck_assert_int_eq(host_is_special(&h, now), 1);
    ck_assert_int_eq(host_kept_until(&h), now + HOST_MEMORY);
    ck_assert_int_eq(host_is_special(&h, now + HOST_MEMORY - 1), 1);
    ck_assert_int_eq(host_is_special(&h, now + HOST_MEMORY), 0);
}
END_TEST


START_TEST(open_breaker_is_remembered_from_when_it_is_half_open)
{
    host_fresh(1, 0, 0);
    host_try(500);
    host_try(500);
    host_try(500);

    ck_assert_int_eq(host_kept_until(&h),
                     now + HOST_FIRST_OPEN + HOST_MEMORY);

    host_block(&h, now + 2 * HOST_MEMORY);
    ck_assert_int_eq(host_kept_until(&h), now + 2 * HOST_MEMORY);
}
END_TEST


static void
host_fresh(int concurrency, int64_t delay, int64_t jitter)
{
    host_limits_t  limits = { .concurrency = concurrency, .delay = delay,
                              .jitter = jitter, .failures = 3 };

    host_init(&h, &limits);
    now = START;
}


static void
host_began(const host_wish_t *wish)
{
    now = h.next > now ? h.next : now;
    ck_assert_int_eq(host_wait(&h, wish, now), 0);
    host_begin(&h, wish, now, 0);
}


static void
host_answered(int status, int64_t latency)
{
    host_outcome_t  outcome = { .status = status, .latency = latency,
                                .retry_after = -1 };

    host_end(&h, &outcome, now);
}


static void
host_erred(fetch_error_t error)
{
    host_outcome_t  outcome = { .error = error, .latency = -1,
                                .retry_after = -1 };

    host_end(&h, &outcome, now);
}


static void
host_try(int status)
{
    host_began(NULL);
    host_answered(status, -1);
}


static void
host_counts(int expected, fetch_error_t error, int status)
{
    host_outcome_t  outcome = { .error = error, .status = status,
                                .latency = -1, .retry_after = -1 };

    host_fresh(1, 0, 0);
    host_began(NULL);
    host_end(&h, &outcome, now);

    ck_assert_msg(h.failures == expected, "error %d, status %d: %d failures",
                  (int) error, status, h.failures);
}


int
main(void)
{
    const TTest  *tests[] = {
        breaker_opens_after_failures_in_a_row,
        success_ends_the_row,
        what_says_the_host_is_not_well_is_counted,
        errors_that_are_ours_say_nothing,
        half_open_breaker_lets_exactly_one_try,
        one_that_tries_well_closes_the_breaker,
        breaker_opens_twice_as_long_each_time_up_to_its_cap,
        one_that_was_cancelled_lets_another_try,
        fetches_begun_before_it_opened_do_not_move_the_breaker,
        breaker_that_never_opens_counts_only,
        open_breaker_that_shall_never_open_is_closed_by_one_that_tries,
        latency_is_a_moving_average,
        automatic_delay_moves_halfway_to_latency_over_concurrency,
        automatic_delay_is_never_below_the_limit,
        automatic_delay_has_a_cap_that_the_limit_has_not,
        answer_that_is_no_success_makes_no_delay_shorter,
        page_that_failed_makes_no_delay_shorter,
        failures_are_forgotten_after_a_while,
        open_breaker_is_remembered_from_when_it_is_half_open,
        NULL
    };

    return suite_run("host_end", tests, 20);
}
