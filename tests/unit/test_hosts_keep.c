
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "sidecar/hosts/hosts.h"
#include "tests/support/storing.h"


#define DAY    (86400 * LOOP_SEC)


static void hosts_open(void);
static void hosts_ready(void *data);
static void hosts_close(void);
static host_t *hosts_of(const char *text);
static host_t *hosts_there(const char *name);
static void hosts_fail(host_t *host, size_t n);
static void hosts_near(int64_t got, int64_t expected);
static void hosts_round(int64_t delay);
static void hosts_rounded(loop_timer_t *timer);
static void hosts_reopen(void);
static void hosts_put(const char *name, const char *text, int64_t at);
static size_t hosts_kept(const char *name);
static void hosts_told(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void hosts_vanish(void);


static storing_t       t;
static hosts_t        *hosts;
static host_limits_t   limits;
static char            body[4096];


START_TEST(limits_of_its_own_survive_a_restart)
{
    host_t         *host;
    host_limits_t   own = { .concurrency = 7, .delay = 1234567, .failures = 9,
                            .jitter = 89, .automatic = 1 };

    hosts_open();
    host = hosts_make(hosts, "a.example:8080");
    host->state.limits = own;
    host->custom = 1;
    hosts_changed(hosts, host);
    hosts_reopen();

    host = hosts_there("a.example:8080");
    ck_assert_uint_eq(host->custom, 1);
    ck_assert_uint_eq(host->refs, 0);
    ck_assert_int_eq(host->state.limits.concurrency, 7);
    ck_assert_int_eq(host->state.limits.delay, 1234567);
    ck_assert_int_eq(host->state.limits.jitter, 89);
    ck_assert_int_eq(host->state.limits.failures, 9);
    ck_assert_uint_eq(host->state.limits.automatic, 1);
    ck_assert_int_eq(host->state.robots_delay, -1);

    hosts_close();
}
END_TEST


START_TEST(limits_of_all_are_those_of_the_new_start)
{
    hosts_open();
    hosts_fail(hosts_of("http://a.example/"), 1);
    limits.concurrency = 5;
    hosts_reopen();

    ck_assert_int_eq(hosts_there("a.example")->state.limits.concurrency, 5);
    ck_assert_int_eq(hosts_there("a.example")->state.failures, 1);
    ck_assert_uint_eq(hosts_there("a.example")->custom, 0);

    hosts_close();
}
END_TEST


START_TEST(kept_host_waits_for_its_own_delay_at_the_start)
{
    host_t  *host;

    limits.delay = LOOP_SEC;
    hosts_open();
    host = hosts_make(hosts, "a.example");
    host->state.limits.delay = DAY;
    host->custom = 1;
    hosts_changed(hosts, host);
    hosts_reopen();

    host = hosts_there("a.example");
    hosts_near(host_wait(&host->state, NULL, loop_now(t.loop)), DAY);

    hosts_close();
}
END_TEST


START_TEST(block_survives_restarts)
{
    int      i;
    host_t  *host;
    int64_t  now;

    hosts_open();
    host = hosts_make(hosts, "a.example");
    now = loop_now(t.loop);
    host_block(&host->state, now + 20 * DAY);
    hosts_changed(hosts, host);

    for (i = 0; i < 2; i++) {
        hosts_reopen();
        host = hosts_there("a.example");
        hosts_near(host->state.blocked_until - now, 20 * DAY);
        ck_assert_uint_eq(host->state.ordered, 1);
        hosts_changed(hosts, host);
    }

    hosts_close();
}
END_TEST


START_TEST(open_breaker_survives_a_restart)
{
    host_t   *host;
    int64_t   now;

    hosts_open();
    host = hosts_of("http://a.example/");
    now = loop_now(t.loop);
    hosts_fail(host, 3);
    host->state.opened = 4;
    host->state.open_until = now + 80 * LOOP_SEC;
    hosts_reopen();

    host = hosts_there("a.example");
    ck_assert_int_eq(host->state.breaker, HOST_OPEN);
    ck_assert_int_eq(host->state.opened, 4);
    ck_assert_int_eq(host->state.failures, 3);
    hosts_near(host->state.open_until - now, 80 * LOOP_SEC);

    hosts_close();
}
END_TEST


START_TEST(half_open_breaker_lets_another_try_after_a_restart)
{
    host_t  *host;

    hosts_open();
    host = hosts_of("http://a.example/");
    hosts_fail(host, 3);
    host->state.open_until = loop_now(t.loop);
    host_begin(&host->state, NULL, loop_now(t.loop), 0);
    ck_assert_int_eq(host->state.breaker, HOST_HALF_OPEN);
    hosts_reopen();

    host = hosts_there("a.example");
    ck_assert_int_eq(host->state.breaker, HOST_OPEN);
    ck_assert_int_eq(host->state.running, 0);
    ck_assert_int_eq(host_wait(&host->state, NULL, loop_now(t.loop)), 0);

    hosts_close();
}
END_TEST


START_TEST(latency_and_its_delay_survive_a_restart)
{
    host_t         *host;
    host_outcome_t  outcome = { .status = 200, .latency = 4 * LOOP_SEC,
                                .retry_after = -1 };

    limits.automatic = 1;
    hosts_open();
    host = hosts_of("http://a.example/");
    host_begin(&host->state, NULL, loop_now(t.loop), 0);
    host_end(&host->state, &outcome, loop_now(t.loop));
    hosts_changed(hosts, host);
    hosts_reopen();

    host = hosts_there("a.example");
    ck_assert_int_eq(host->state.latency, 4 * LOOP_SEC);
    ck_assert_int_eq(host_delay(&host->state), LOOP_SEC);

    hosts_close();
}
END_TEST


START_TEST(many_changes_are_written_as_one)
{
    host_t  *host;

    limits.failures = 0;
    hosts_open();
    host = hosts_of("http://a.example/");
    hosts_fail(host, 1);
    hosts_fail(host, 1);

    while (hosts_kept("a.example") == 0) {
        hosts_fail(host, 1);
        hosts_round(LOOP_MS);
    }

    ck_assert_ptr_null(strstr(body, "\"failures\":1,"));
    ck_assert_ptr_null(strstr(body, "\"failures\":2,"));
    hosts_close();
}
END_TEST


START_TEST(host_that_is_no_longer_special_is_forgotten)
{
    host_t  *host;

    hosts_open();
    host = hosts_make(hosts, "a.example");
    host_block(&host->state, loop_now(t.loop) + DAY);
    hosts_changed(hosts, host);

    while (hosts_kept("a.example") == 0) {
        hosts_round(LOOP_MS);
    }

    ck_assert_ptr_eq(hosts_there("a.example"), host);
    host_block(&host->state, 0);
    hosts_changed(hosts, host);

    hosts_vanish();
    hosts_reopen();
    ck_assert_uint_eq(hosts_count(hosts), 0);
    hosts_close();
}
END_TEST


START_TEST(host_without_limits_of_its_own_any_more_is_forgotten)
{
    host_t  *host;

    hosts_open();
    host = hosts_make(hosts, "a.example");
    host->custom = 1;
    hosts_changed(hosts, host);
    hosts_reopen();

    host = hosts_there("a.example");
    host->custom = 0;
    hosts_changed(hosts, host);
    hosts_vanish();
    hosts_close();
}
END_TEST


START_TEST(block_that_ends_drops_the_host)
{
    host_t  *host;

    hosts_open();
    host = hosts_make(hosts, "a.example");
    host_block(&host->state, loop_now(t.loop) + 300 * LOOP_MS);
    hosts_changed(hosts, host);

    while (hosts_kept("a.example") == 0) {
        hosts_round(LOOP_MS);
    }

    hosts_vanish();
    hosts_close();
}
END_TEST


START_TEST(change_of_a_usual_host_is_not_written)
{
    host_t  *host;

    hosts_open();
    host = hosts_of("http://a.example/");
    host_begin(&host->state, NULL, loop_now(t.loop), 0);
    hosts_changed(hosts, host);
    ck_assert_uint_eq(host->dirty, 0);

    host_cancel(&host->state, loop_now(t.loop));
    hosts_release(hosts, host);
    hosts_close();
    ck_assert_uint_eq(hosts_kept("a.example"), 0);
}
END_TEST


START_TEST(changed_host_is_not_freed_before_it_is_written)
{
    host_t  *host;

    hosts_open();
    host = hosts_of("http://a.example/");
    hosts_fail(host, 1);
    host->state.failures = 0;
    hosts_release(hosts, host);
    ck_assert_ptr_eq(hosts_find(hosts, "a.example"), host);

    hosts_vanish();
    hosts_close();
}
END_TEST


START_TEST(more_hosts_than_a_page_are_read)
{
    int      i;
    char     name[32];
    host_t  *host;

    hosts_open();

    for (i = 0; i < 2500; i++) {
        (void) snprintf(name, sizeof(name), "h%d.example", i);
        host = hosts_make(hosts, name);
        host->custom = 1;
        host->state.limits.delay = i;
        hosts_changed(hosts, host);
    }

    hosts_reopen();
    ck_assert_uint_eq(hosts_count(hosts), 2500);

    for (i = 0; i < 2500; i++) {
        (void) snprintf(name, sizeof(name), "h%d.example", i);
        ck_assert_int_eq(hosts_there(name)->state.limits.delay, i);
    }

    hosts_close();
}
END_TEST


START_TEST(page_that_is_full_may_be_the_last)
{
    int      i;
    char     name[32];
    host_t  *host;

    hosts_open();

    for (i = 0; i < 1000; i++) {
        (void) snprintf(name, sizeof(name), "h%d.example", i);
        host = hosts_make(hosts, name);
        host->custom = 1;
        hosts_changed(hosts, host);
    }

    hosts_reopen();
    ck_assert_uint_eq(hosts_count(hosts), 1000);
    hosts_close();
}
END_TEST


START_TEST(what_was_changed_before_it_was_read_is_newer)
{
    host_t  *host;

    hosts_put("a.example", "{\"begun\":0,\"failures\":7,\"latency\":0,"
              "\"auto_delay\":0}", id_now_ms());
    hosts = hosts_create(t.loop, t.store, &limits, hosts_ready, NULL);
    ck_assert_ptr_nonnull(hosts);
    host = hosts_make(hosts, "a.example");
    host_block(&host->state, loop_now(t.loop) + DAY);
    hosts_changed(hosts, host);
    ck_assert_int_eq(loop_run(t.loop), SC_OK);

    ck_assert_int_eq(host->state.failures, 0);
    ck_assert_int_gt(host->state.blocked_until, 0);

    host_block(&host->state, 0);
    hosts_changed(hosts, host);
    hosts_vanish();
    hosts_close();
}
END_TEST


START_TEST(table_may_be_destroyed_before_it_was_read)
{
    hosts = hosts_create(t.loop, t.store, &limits, NULL, NULL);
    ck_assert_ptr_nonnull(hosts);
    hosts_close();

    hosts_round(10 * LOOP_MS);
    ck_assert_uint_eq(hosts_kept("a.example"), 0);
}
END_TEST


START_TEST(clock_that_went_back_makes_no_block_longer)
{
    host_t   *host;
    int64_t   at;

    /* written a year ahead, for ten minutes */
    at = id_now_ms() + 365 * 86400000LL;
    (void) snprintf(body, sizeof(body), "{\"begun\":%lld,\"failures\":0,"
                    "\"latency\":0,\"auto_delay\":0,\"blocked_until\":%lld}",
                    (long long) at, (long long) at + 600000);
    hosts_put("a.example", body, at);
    hosts_open();

    host = hosts_there("a.example");
    hosts_near(host->state.blocked_until - loop_now(t.loop), 600 * LOOP_SEC);
    hosts_close();
}
END_TEST


START_TEST(kept_times_have_their_caps)
{
    int            i;
    int64_t        now;
    host_state_t  *state;

    for (i = 0; i < 2; i++) {
        (void) snprintf(body, sizeof(body), "{\"begun\":0,\"failures\":1,"
                        "\"latency\":1,\"auto_delay\":1,\"opened\":99999,"
                        "\"open_until\":9223372036854775807,"
                        "\"blocked_until\":9223372036854775807,"
                        "\"ordered\":%s}", i == 0 ? "false" : "true");
        hosts_put("a.example", body, id_now_ms());
        hosts_open();

        now = loop_now(t.loop);
        state = &hosts_there("a.example")->state;
        hosts_near(state->blocked_until - now,
                   i == 0 ? HOST_MAX_RETRY : 30 * DAY);
        hosts_near(state->open_until - now, HOST_LONGEST_OPEN);
        ck_assert_int_eq(state->opened, HOST_MAX_OPENED);
        hosts_close();
    }
}
END_TEST


START_TEST(what_is_over_is_forgotten_at_the_start)
{
    int64_t  at;

    at = id_now_ms();
    (void) snprintf(body, sizeof(body), "{\"begun\":%lld,\"failures\":5,"
                    "\"latency\":1,\"auto_delay\":1,\"blocked_until\":%lld}",
                    (long long) at - 3600000, (long long) at - 1);
    hosts_put("a.example", body, at - 1000);
    hosts_open();

    ck_assert_uint_eq(hosts_count(hosts), 0);
    hosts_vanish();
    hosts_close();
}
END_TEST


START_TEST(what_cannot_be_read_is_passed_over)
{
    size_t              i;
    host_state_t       *state;
    static const char  *bodies[] = {
        "", "{", "[]", "null", "1", "{}", "{\"begun\":1}",
        "{\"begun\":\"1\",\"failures\":0,\"latency\":0,\"auto_delay\":0}",
        "{\"begun\":1,\"failures\":0,\"latency\":0,\"auto_delay\":0,"
        "\"limits\":{}}",
        "{\"begun\":1,\"failures\":0,\"latency\":0,\"auto_delay\":0,"
        "\"limits\":7}",
        "{\"begun\":1,\"failures\":0,\"latency\":0,\"auto_delay\":0,"
        "\"limits\":{\"concurrency\":1,\"delay\":null,\"jitter\":0,"
        "\"failures\":0,\"auto\":true}}"
    };

    hosts_put("z.example", "{\"begun\":-9223372036854775808,\"failures\":-1,"
              "\"latency\":-1,\"auto_delay\":-1,"
              "\"blocked_until\":-9223372036854775808,\"opened\":-1,"
              "\"limits\":{\"concurrency\":-1,\"delay\":-1,\"jitter\":-1,"
              "\"failures\":-1,\"auto\":false}}", INT64_MAX);
    hosts_put("A.example", "{}", 0);
    hosts_put("", "{}", 0);

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        hosts_put("a.example", bodies[i], 1);
        hosts_open();
        ck_assert_uint_eq(hosts_count(hosts), 1);
        state = &hosts_there("z.example")->state;
        ck_assert_int_eq(state->limits.concurrency, 1);
        ck_assert_int_eq(state->limits.delay, 0);
        ck_assert_int_eq(state->failures, 0);
        hosts_close();
    }
}
END_TEST


/* With t's store open; until what was kept is read. */
static void
hosts_open(void)
{
    hosts = hosts_create(t.loop, t.store, &limits, hosts_ready, NULL);
    ck_assert_ptr_nonnull(hosts);
    ck_assert_int_eq(loop_run(t.loop), SC_OK);
}


static void
hosts_ready(void *data)
{
    ck_assert_ptr_null(data);
    loop_stop(t.loop);
}


static void
hosts_close(void)
{
    hosts_destroy(hosts);
    hosts = NULL;
}


static host_t *
hosts_of(const char *text)
{
    char     err[256];
    url_t    url;
    host_t  *host;

    ck_assert_int_eq(url_parse(&url, text, strlen(text), err, sizeof(err)),
                     SC_OK);
    host = hosts_get(hosts, &url);
    url_free(&url);
    ck_assert_ptr_nonnull(host);

    return host;
}


static host_t *
hosts_there(const char *name)
{
    host_t  *host;

    host = hosts_find(hosts, name);
    ck_assert_msg(host != NULL, "\"%s\" is not there", name);
    ck_assert_str_eq(host->name, name);

    return host;
}


/* n fetches that fail. */
static void
hosts_fail(host_t *host, size_t n)
{
    int64_t         now;
    host_outcome_t  outcome = { .status = 500, .latency = -1,
                                .retry_after = -1 };

    now = loop_now(t.loop);

    for ( /* void */ ; n > 0; n--) {
        host_begin(&host->state, NULL, now, 0);
        host_end(&host->state, &outcome, now);
    }

    hosts_changed(hosts, host);
}


/* A slow machine's clock goes on for a minute at most. */
static void
hosts_near(int64_t got, int64_t expected)
{
    ck_assert_int_le(got, expected + LOOP_SEC);
    ck_assert_int_ge(got, expected - 60 * LOOP_SEC);
}


/* Let the loop run for so long. */
static void
hosts_round(int64_t delay)
{
    loop_timer_t  timer;

    loop_timer_init(&timer, hosts_rounded, NULL);
    ck_assert_int_eq(loop_timer_set(t.loop, &timer, delay), SC_OK);
    ck_assert_int_eq(loop_run(t.loop), SC_OK);
}


static void
hosts_rounded(loop_timer_t *timer)
{
    ck_assert_ptr_null(timer->data);
    loop_stop(t.loop);
}


/* As a restart does. */
static void
hosts_reopen(void)
{
    hosts_close();
    storing_close(&t);
    storing_open(&t);
    hosts_open();
}


static void
hosts_put(const char *name, const char *text, int64_t at)
{
    store_doc_t  doc = { .kind = sc_string("host"), .at = at };

    doc.name = storing_str(name);
    doc.body = storing_str(text);

    ck_assert_int_eq(storing_wait(&t, store_doc_put(t.store, &doc,
                                                    storing_done, &t)),
                     STORE_OK);
}


/* How many there are in the store, 0 or 1; what it says is in body. */
static size_t
hosts_kept(const char *name)
{
    (void) storing_wait(&t, store_doc_get(t.store, "host", storing_str(""),
                                          storing_str(name), hosts_told, &t));

    return t.n;
}


static void
hosts_told(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    t.n = n;

    if (n > 0) {
        ck_assert_uint_lt(docs[0].body.len, sizeof(body));
        memcpy(body, docs[0].body.data, docs[0].body.len);
        body[docs[0].body.len] = '\0';
    }

    storing_done(data, status);
}


/* Until neither the table nor the store has any. */
static void
hosts_vanish(void)
{
    while (hosts_count(hosts) > 0 || hosts_kept("a.example") > 0) {
        hosts_round(LOOP_MS);
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        limits_of_its_own_survive_a_restart,
        limits_of_all_are_those_of_the_new_start,
        kept_host_waits_for_its_own_delay_at_the_start,
        block_survives_restarts,
        open_breaker_survives_a_restart,
        half_open_breaker_lets_another_try_after_a_restart,
        latency_and_its_delay_survive_a_restart,
        many_changes_are_written_as_one,
        host_that_is_no_longer_special_is_forgotten,
        host_without_limits_of_its_own_any_more_is_forgotten,
        block_that_ends_drops_the_host,
        change_of_a_usual_host_is_not_written,
        changed_host_is_not_freed_before_it_is_written,
        more_hosts_than_a_page_are_read,
        page_that_is_full_may_be_the_last,
        what_was_changed_before_it_was_read_is_newer,
        table_may_be_destroyed_before_it_was_read,
        clock_that_went_back_makes_no_block_longer,
        kept_times_have_their_caps,
        what_is_over_is_forgotten_at_the_start,
        what_cannot_be_read_is_passed_over,
        NULL
    };

    limits.concurrency = 2;
    limits.failures = 3;

    return storing_run("hosts_keep", tests, &t);
}
