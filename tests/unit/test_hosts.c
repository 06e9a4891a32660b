
#include <stdio.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

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
static void hosts_named(const char *url, const char *name);
static json_t *hosts_said(const host_t *host);
static const char *hosts_state(const host_t *host);
static const char *hosts_text(const json_t *json, const char *name);
static json_int_t hosts_number(const json_t *json, const char *name);


static storing_t       t;
static hosts_t        *hosts;
static host_limits_t   limits;
static json_t         *said;


START_TEST(name_is_the_host_with_its_port_unless_it_is_usual)
{
    hosts_open();

    hosts_named("http://a.example/x", "a.example");
    hosts_named("https://A.example:443/y?z", "a.example");
    hosts_named("http://a.example:8080/", "a.example:8080");
    hosts_named("https://a.example:8443/", "a.example:8443");
    hosts_named("http://[::1]/", "[::1]");
    hosts_named("http://[2001:DB8:0::1]:8080/", "[2001:db8::1]:8080");
    hosts_named("http://0x7f.1/", "127.0.0.1");

    hosts_close();
}
END_TEST


START_TEST(host_is_one_for_all_who_refer_to_it)
{
    host_t  *a, *b;

    hosts_open();
    a = hosts_of("http://a.example/1");
    b = hosts_of("https://a.example/2");

    ck_assert_ptr_eq(a, b);
    ck_assert_uint_eq(a->refs, 2);
    ck_assert_uint_eq(hosts_count(hosts), 1);
    ck_assert_ptr_eq(hosts_find(hosts, "a.example"), a);
    ck_assert_ptr_null(hosts_find(hosts, "b.example"));

    hosts_close();
}
END_TEST


START_TEST(host_that_is_not_special_is_dropped_at_once)
{
    host_t  *host;

    hosts_open();
    host = hosts_of("http://a.example/");
    (void) hosts_of("http://a.example/");

    hosts_release(hosts, host);
    ck_assert_uint_eq(hosts_count(hosts), 1);
    hosts_release(hosts, host);
    ck_assert_uint_eq(hosts_count(hosts), 0);
    ck_assert_ptr_null(hosts_find(hosts, "a.example"));

    hosts_close();
}
END_TEST


START_TEST(host_stays_until_its_delay_is_over)
{
    host_t   *host;
    int64_t   next;

    limits.delay = 50 * LOOP_MS;
    hosts_open();
    hosts_round(50 * LOOP_MS);

    host = hosts_of("http://a.example/");
    host_begin(&host->state, NULL, loop_now(t.loop), 0);
    host_cancel(&host->state, loop_now(t.loop));
    next = host->state.next;
    hosts_release(hosts, host);

    ck_assert_ptr_eq(hosts_of("http://a.example/"), host);
    ck_assert_int_eq(host->state.next, next);
    hosts_release(hosts, host);

    while (hosts_count(hosts) > 0) {
        hosts_round(LOOP_MS);
    }

    ck_assert_int_ge(loop_now(t.loop), next);
    hosts_close();
}
END_TEST


START_TEST(crawl_delay_learned_late_keeps_the_host)
{
    host_t  *host;

    hosts_open();
    host = hosts_of("http://a.example/");
    host_begin(&host->state, NULL, loop_now(t.loop), 0);
    host_cancel(&host->state, loop_now(t.loop));
    host->state.robots_delay = HOST_MAX_DELAY;
    hosts_release(hosts, host);

    ck_assert_ptr_eq(hosts_there("a.example"), host);
    hosts_close();
}
END_TEST


START_TEST(first_fetch_waits_for_the_delay_since_the_start)
{
    host_t   *host;
    int64_t   now;

    limits.delay = DAY;
    hosts_open();
    now = loop_now(t.loop);
    host = hosts_of("http://a.example/");

    hosts_near(host_wait(&host->state, NULL, now), DAY);
    hosts_close();

    limits.delay = LOOP_MS;
    hosts_open();
    hosts_round(2 * LOOP_MS);
    host = hosts_of("http://a.example/");
    ck_assert_int_eq(host_wait(&host->state, NULL, loop_now(t.loop)), 0);
    hosts_close();
}
END_TEST


START_TEST(hosts_come_in_order_of_name)
{
    int            i;
    char           url[64];
    size_t         n;
    const char    *before;
    const host_t  *host;
    host_t        *all[2000];

    hosts_open();
    ck_assert_ptr_null(hosts_next(hosts, ""));

    for (i = 0; i < 2000; i++) {
        (void) snprintf(url, sizeof(url), "http://h%d.example/",
                        i * 1237 % 2000);
        all[i] = hosts_of(url);
    }

    n = 0;
    before = "";

    while ((host = hosts_next(hosts, before)) != NULL) {
        ck_assert_int_gt(strcmp(host->name, before), 0);
        before = host->name;
        n++;
    }

    ck_assert_uint_eq(n, 2000);
    ck_assert_str_eq(before, "h999.example");

    for (i = 0; i < 2000; i++) {
        if (strcmp(all[i]->name, "h500.example") != 0) {
            hosts_release(hosts, all[i]);
        }
    }

    ck_assert_str_eq(hosts_next(hosts, "")->name, "h500.example");
    ck_assert_str_eq(hosts_next(hosts, "h5")->name, "h500.example");
    ck_assert_ptr_null(hosts_next(hosts, "h500.example"));

    hosts_close();
}
END_TEST


START_TEST(name_that_is_none_is_not_made)
{
    size_t             i;
    char               longest[URL_HOST_MAX + 32];
    static const char  *names[] = {
        "", "A.example", "a.example:80", "a.example:443", "a.example:",
        "a.example:0", "a.example:99999", "a.example/", "a.example/x",
        "a.example?", "a.example#", "u@a.example", "a b", "a.example.",
        "http://a.example", "::1", "[::1", "[0::1]", "0x7f.1", "127.1",
        "\xc3\xbc.example", "a..b", "a%2e.example", "a.example\n", "*"
    };

    hosts_open();

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ck_assert_msg(hosts_make(hosts, names[i]) == NULL, "\"%s\" was made",
                      names[i]);
    }

    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    ck_assert_ptr_null(hosts_make(hosts, longest));
    ck_assert_uint_eq(hosts_count(hosts), 0);

    ck_assert_ptr_nonnull(hosts_make(hosts, "a.example"));
    ck_assert_ptr_nonnull(hosts_make(hosts, "a.example:8080"));
    ck_assert_ptr_nonnull(hosts_make(hosts, "[::1]"));
    ck_assert_ptr_nonnull(hosts_make(hosts, "[::1]:8080"));
    ck_assert_ptr_nonnull(hosts_make(hosts, "127.0.0.1"));
    ck_assert_ptr_nonnull(hosts_make(hosts, "xn--tda.example"));
    ck_assert_uint_eq(hosts_count(hosts), 6);

    hosts_close();
}
END_TEST


START_TEST(host_that_was_made_for_nothing_is_dropped)
{
    hosts_open();
    ck_assert_ptr_nonnull(hosts_make(hosts, "a.example"));
    ck_assert_ptr_nonnull(hosts_make(hosts, "a.example"));

    while (hosts_count(hosts) > 0) {
        hosts_round(LOOP_MS);
    }

    hosts_close();
}
END_TEST


START_TEST(description_of_a_new_host_is_its_limits)
{
    json_t  *json, *expected;
    host_t  *host;

    limits.delay = 500 * LOOP_MS;
    limits.jitter = 250500 * LOOP_MS / 1000;
    hosts_open();
    host = hosts_of("http://a.example/");
    json = hosts_said(host);

    expected = json_pack("{s:s, s:s, s:i, s:i, s:f, s:b, s:i, s:n, s:i, s:i,"
                         " s:i, s:n, s:i, s:i, s:n}",
                         "host", "a.example", "state", "ok",
                         "concurrency", 2, "delay_ms", 500,
                         "jitter_ms", 250.5, "auto", 0,
                         "effective_delay_ms", 500, "robots_delay_ms",
                         "running", 0, "latency_ms", 0, "failures", 0,
                         "blocked_until", "fetches", 0, "errors", 0,
                         "last_error");
    ck_assert(json_equal(json, expected));

    json_decref(expected);
    hosts_close();
}
END_TEST


START_TEST(description_tells_what_befell_a_host)
{
    json_t      *json;
    host_t      *host;
    const char  *until;

    hosts_open();
    host = hosts_of("http://a.example/");
    host->state.robots_delay = 1500 * LOOP_MS;
    host->fetches = 12;
    host->errors = 3;
    host->last_error = "/fetch/timeout";
    host->last_error_at = 784111777042LL;
    hosts_fail(host, 1);
    host_block(&host->state, loop_now(t.loop) + DAY);
    json = hosts_said(host);

    ck_assert_str_eq(hosts_text(json, "state"), "blocked");
    ck_assert_int_eq(hosts_number(json, "failures"), 1);
    ck_assert_int_eq(hosts_number(json, "fetches"), 12);
    ck_assert_int_eq(hosts_number(json, "errors"), 3);
    ck_assert_int_eq(hosts_number(json, "robots_delay_ms"), 1500);
    ck_assert_int_eq(hosts_number(json, "effective_delay_ms"), 1500);
    until = hosts_text(json, "blocked_until");
    ck_assert_uint_eq(strlen(until), strlen("2026-01-31T12:00:00.000Z"));

    json = json_object_get(json, "last_error");
    ck_assert_str_eq(hosts_text(json, "type"), "/fetch/timeout");
    ck_assert_str_eq(hosts_text(json, "at"), "1994-11-06T08:49:37.042Z");
    hosts_close();
}
END_TEST


START_TEST(description_names_the_state_of_the_breaker)
{
    host_t   *host;
    int64_t   now;

    hosts_open();
    now = loop_now(t.loop);
    host = hosts_of("http://a.example/");
    hosts_fail(host, 3);
    ck_assert_str_eq(hosts_state(host), "open");
    ck_assert(json_is_string(json_object_get(hosts_said(host),
                                             "blocked_until")));

    host_block(&host->state, now + DAY);
    ck_assert_str_eq(hosts_state(host), "blocked");

    host_block(&host->state, 0);
    host->state.open_until = now;
    ck_assert_str_eq(hosts_state(host), "half-open");
    ck_assert(json_is_null(json_object_get(hosts_said(host),
                                           "blocked_until")));

    host->state.breaker = HOST_HALF_OPEN;
    ck_assert_str_eq(hosts_state(host), "half-open");

    hosts_close();
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
    json_decref(said);
    said = NULL;
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


static void
hosts_named(const char *url, const char *name)
{
    host_t  *host;

    host = hosts_of(url);
    ck_assert_str_eq(host->name, name);
    hosts_release(hosts, host);
}


/* The description; valid until the next one. */
static json_t *
hosts_said(const host_t *host)
{
    sc_buf_t      out;
    json_error_t  err;

    sc_buf_init(&out, 0);
    ck_assert_int_eq(hosts_describe(hosts, host, loop_now(t.loop), &out),
                     SC_OK);
    json_decref(said);
    said = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, &err);
    ck_assert_msg(said != NULL, "%s: %s", err.text, out.data);
    sc_buf_free(&out);

    return said;
}


static const char *
hosts_state(const host_t *host)
{
    return hosts_text(hosts_said(host), "state");
}


static const char *
hosts_text(const json_t *json, const char *name)
{
    const char  *text;

    text = json_string_value(json_object_get(json, name));
    ck_assert_msg(text != NULL, "\"%s\" is no string", name);

    return text;
}


static json_int_t
hosts_number(const json_t *json, const char *name)
{
    json_t  *number;

    number = json_object_get(json, name);
    ck_assert_msg(json_is_integer(number), "\"%s\" is no integer", name);

    return json_integer_value(number);
}


int
main(void)
{
    const TTest  *tests[] = {
        name_is_the_host_with_its_port_unless_it_is_usual,
        host_is_one_for_all_who_refer_to_it,
        host_that_is_not_special_is_dropped_at_once,
        host_stays_until_its_delay_is_over,
        crawl_delay_learned_late_keeps_the_host,
        first_fetch_waits_for_the_delay_since_the_start,
        hosts_come_in_order_of_name,
        name_that_is_none_is_not_made,
        host_that_was_made_for_nothing_is_dropped,
        description_of_a_new_host_is_its_limits,
        description_tells_what_befell_a_host,
        description_names_the_state_of_the_breaker,
        NULL
    };

    limits.concurrency = 2;
    limits.failures = 3;

    return storing_run("hosts", tests, &t);
}
