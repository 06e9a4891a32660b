
#include <stdint.h>

#include "sidecar/hosts/host.h"
#include "tests/support/suite.h"


#define START    (1000 * LOOP_SEC)


static void host_fresh(int concurrency, int64_t delay, int64_t jitter);
static void host_began(const host_wish_t *wish);
static void host_answered(int status, int64_t latency);
static int64_t host_gap(const host_wish_t *wish, uint64_t random);
static void host_gaps_reach(const host_wish_t *wish, int64_t least,
    int64_t most);


static host_state_t  h;
static int64_t       now;


START_TEST(new_host_may_be_fetched_from_at_once)
{
    host_fresh(1, LOOP_SEC, 0);

    ck_assert_int_eq(host_wait(&h, NULL, now), 0);
    ck_assert_int_eq(host_is_special(&h, now), 0);
    ck_assert_int_eq(host_delay(&h), LOOP_SEC);
}
END_TEST


START_TEST(fetches_at_once_are_no_more_than_the_limit)
{
    host_fresh(3, 0, 0);

    host_began(NULL);
    host_began(NULL);
    host_began(NULL);
    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_BUSY);

    host_cancel(&h, now);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);

    host_began(NULL);
    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_BUSY);
    host_answered(200, -1);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);
    ck_assert_int_eq(h.running, 2);
}
END_TEST


START_TEST(delay_counts_from_begin_to_begin)
{
    host_fresh(2, 10 * LOOP_SEC, 0);

    host_began(NULL);
    now += 3 * LOOP_SEC;
    ck_assert_int_eq(host_wait(&h, NULL, now), 7 * LOOP_SEC);

    host_answered(200, LOOP_SEC);
    ck_assert_int_eq(host_wait(&h, NULL, now), 7 * LOOP_SEC);

    now += 7 * LOOP_SEC - 1;
    ck_assert_int_eq(host_wait(&h, NULL, now), 1);
    now += 1;
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);
}
END_TEST


START_TEST(jitter_is_at_most_so_much_more_or_less)
{
    host_fresh(1, 1000, 250);
    host_gaps_reach(NULL, 750, 1250);
}
END_TEST


START_TEST(jitter_longer_than_the_delay_makes_no_time_go_back)
{
    host_fresh(1, 100, 250);
    host_gaps_reach(NULL, 0, 350);
}
END_TEST


START_TEST(no_jitter_is_shorter_than_a_crawl_delay)
{
    host_fresh(1, 1000, 250);
    h.robots_delay = 900;
    host_gaps_reach(NULL, 900, 1250);
}
END_TEST


START_TEST(wish_of_longer_delay_is_taken)
{
    host_wish_t  wish = { .delay = 5000, .jitter = 100 };

    host_fresh(1, 1000, 250);
    host_gaps_reach(&wish, 4900, 5100);
}
END_TEST


START_TEST(wish_never_makes_a_delay_shorter)
{
    host_wish_t  wish = { .delay = 1, .jitter = 0 };

    host_fresh(1, 1000, 250);
    host_gaps_reach(&wish, 750, 1250);

    wish.jitter = 2000;
    host_gaps_reach(&wish, 750, 2001);
}
END_TEST


START_TEST(wish_beyond_all_time_is_the_end_of_time)
{
    host_wish_t  wish = { .delay = INT64_MAX, .jitter = INT64_MAX };

    host_fresh(1, 0, 0);
    host_begin(&h, &wish, now, UINT64_MAX);
    host_answered(200, -1);
    ck_assert_int_gt(host_wait(&h, NULL, now), INT64_MAX / 2);

    host_fresh(1, 0, 0);
    wish.delay = INT64_MIN;
    host_begin(&h, &wish, now, 0);
    host_answered(200, -1);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);
}
END_TEST


START_TEST(wish_of_fewer_at_once_binds_who_has_it)
{
    host_wish_t  wish = { .concurrency = 2 };

    host_fresh(3, 0, 0);
    host_began(&wish);
    host_began(&wish);

    ck_assert_int_eq(host_wait(&h, &wish, now), HOST_BUSY);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);
}
END_TEST


START_TEST(wish_of_more_at_once_changes_nothing)
{
    host_wish_t  wish = { .concurrency = 100 };

    host_fresh(1, 0, 0);
    host_began(&wish);

    ck_assert_int_eq(host_wait(&h, &wish, now), HOST_BUSY);
}
END_TEST


START_TEST(crawl_delay_only_makes_the_delay_longer)
{
    host_fresh(1, 1000, 0);

    h.robots_delay = 999;
    ck_assert_int_eq(host_delay(&h), 1000);
    h.robots_delay = 1001;
    ck_assert_int_eq(host_delay(&h), 1001);
    h.robots_delay = HOST_MAX_DELAY + 1;
    ck_assert_int_eq(host_delay(&h), HOST_MAX_DELAY);
}
END_TEST


START_TEST(crawl_delay_counts_from_the_fetch_it_was_learned_by)
{
    host_fresh(1, LOOP_SEC, 0);

    host_began(NULL);
    now += 4 * LOOP_SEC;
    host_answered(200, -1);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);

    h.robots_delay = 10 * LOOP_SEC;
    ck_assert_int_eq(host_wait(&h, NULL, now), 6 * LOOP_SEC);
    h.robots_delay = INT64_MAX;
    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_MAX_DELAY - 4 * LOOP_SEC);
}
END_TEST


START_TEST(retry_after_blocks_the_host)
{
    int             i;
    host_outcome_t  outcome = { .latency = -1, .retry_after = 30 * LOOP_SEC };

    for (i = 0; i < 2; i++) {
        host_fresh(1, 0, 0);
        host_began(NULL);
        outcome.status = i == 0 ? 429 : 503;
        host_end(&h, &outcome, now);

        ck_assert_int_eq(host_wait(&h, NULL, now), 30 * LOOP_SEC);
        ck_assert_int_eq(host_is_special(&h, now), 1);
        ck_assert_int_eq(host_wait(&h, NULL, now + 30 * LOOP_SEC), 0);
        ck_assert_uint_eq(h.ordered, 0);
    }
}
END_TEST


START_TEST(retry_after_of_other_statuses_is_passed_over)
{
    size_t            i;
    host_outcome_t    outcome = { .latency = -1, .retry_after = LOOP_SEC };
    static const int  statuses[] = { 0, 200, 301, 404, 500, 502, 504 };

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        host_fresh(1, 0, 0);
        host_began(NULL);
        outcome.status = statuses[i];
        host_end(&h, &outcome, now);
        ck_assert_int_eq(host_wait(&h, NULL, now), 0);
    }
}
END_TEST


START_TEST(retry_after_blocks_no_longer_than_its_cap)
{
    host_outcome_t  outcome = { .status = 503, .latency = -1,
                                .retry_after = INT64_MAX };

    host_fresh(1, 0, 0);
    host_began(NULL);
    host_end(&h, &outcome, now);

    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_MAX_RETRY);
}
END_TEST


START_TEST(block_is_never_shortened_by_a_fetch)
{
    host_outcome_t  outcome = { .status = 429, .latency = -1,
                                .retry_after = LOOP_SEC };

    host_fresh(2, 0, 0);
    host_began(NULL);
    host_began(NULL);
    host_block(&h, now + HOST_MAX_RETRY * 24);
    host_end(&h, &outcome, now);
    host_answered(200, LOOP_MS);

    ck_assert_int_eq(host_wait(&h, NULL, now), HOST_MAX_RETRY * 24);
    ck_assert_uint_eq(h.ordered, 1);
}
END_TEST


START_TEST(block_that_a_fetch_made_longer_is_no_longer_the_operators)
{
    host_outcome_t  outcome = { .status = 429, .latency = -1,
                                .retry_after = 2 * LOOP_SEC };

    host_fresh(1, 0, 0);
    host_began(NULL);
    host_block(&h, now + LOOP_SEC);
    host_end(&h, &outcome, now);

    ck_assert_int_eq(host_wait(&h, NULL, now), 2 * LOOP_SEC);
    ck_assert_uint_eq(h.ordered, 0);
}
END_TEST


START_TEST(operator_shortens_and_ends_a_block)
{
    host_fresh(1, 0, 0);

    host_block(&h, now + 100);
    host_block(&h, now + 50);
    ck_assert_int_eq(host_wait(&h, NULL, now), 50);

    host_block(&h, 0);
    ck_assert_int_eq(host_wait(&h, NULL, now), 0);
    ck_assert_int_eq(host_is_special(&h, now), 0);
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


/* From one begin to when the next may be. */
static int64_t
host_gap(const host_wish_t *wish, uint64_t random)
{
    int64_t  wait;

    host_begin(&h, wish, now, random);
    host_cancel(&h, now);
    wait = host_wait(&h, NULL, now);
    now += wait;

    return wait;
}


/* Both ends are met, and nothing is beyond them. */
static void
host_gaps_reach(const host_wish_t *wish, int64_t least, int64_t most)
{
    int       i;
    int64_t   gap, low, high;
    uint64_t  random;

    low = INT64_MAX;
    high = 0;
    random = 88172645463325252ULL;

    for (i = 0; i < 100000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;

        gap = host_gap(wish, random);
        low = gap < low ? gap : low;
        high = gap > high ? gap : high;
    }

    ck_assert_int_eq(low, least);
    ck_assert_int_eq(high, most);
}


int
main(void)
{
    const TTest  *tests[] = {
        new_host_may_be_fetched_from_at_once,
        fetches_at_once_are_no_more_than_the_limit,
        delay_counts_from_begin_to_begin,
        jitter_is_at_most_so_much_more_or_less,
        jitter_longer_than_the_delay_makes_no_time_go_back,
        no_jitter_is_shorter_than_a_crawl_delay,
        wish_of_longer_delay_is_taken,
        wish_never_makes_a_delay_shorter,
        wish_beyond_all_time_is_the_end_of_time,
        wish_of_fewer_at_once_binds_who_has_it,
        wish_of_more_at_once_changes_nothing,
        crawl_delay_only_makes_the_delay_longer,
        crawl_delay_counts_from_the_fetch_it_was_learned_by,
        retry_after_blocks_the_host,
        retry_after_of_other_statuses_is_passed_over,
        retry_after_blocks_no_longer_than_its_cap,
        block_is_never_shortened_by_a_fetch,
        block_that_a_fetch_made_longer_is_no_longer_the_operators,
        operator_shortens_and_ends_a_block,
        NULL
    };

    return suite_run("host", tests, 20);
}
