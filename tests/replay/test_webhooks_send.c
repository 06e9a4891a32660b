
#include <stdio.h>
#include <string.h>

#include "tests/replay/hook.h"
#include "tests/support/suite.h"


START_TEST(a_message_is_sent_with_its_fields_and_taken)
{
    char            sign[128];
    size_t          n;
    const fetch_t  *fetch;

    hook_begin();
    n = hook_put("{\"url\":\"" HOOK_URL "\",\"secret\":\"abc\","
                 "\"headers\":{\"X-Key\":\"k\"}}", "", id_now_ms());
    webhooks_wake(hook.webhooks);
    hook_run();

    fetch = fake_fetch(HOOK_URL);
    ck_assert_ptr_nonnull(fetch);
    ck_assert_str_eq(fetch->method, "POST");
    ck_assert_str_eq(fetch->body.data, HOOK_BODY);
    ck_assert_int_eq(fetch->total_timeout, WEBHOOKS_TIMEOUT);
    ck_assert_str_eq(hook_field("webhook-id"), "message-0");
    ck_assert_str_eq(hook_field("Content-Type"), "application/json");
    ck_assert_str_eq(hook_field("X-Key"), "k");
    (void) snprintf(sign, sizeof(sign), "%lld",
                    (long long) id_now_ms() / 1000);
    ck_assert_str_eq(hook_field("webhook-timestamp"), sign);
    ck_assert_int_eq(strncmp(hook_field("webhook-signature"), "v1,", 3), 0);

    hook_reply(HOOK_URL, 204);
    ck_assert_int_eq(hook.rows[n].message.state, 1);
    ck_assert_int_eq(hook.rows[n].message.tries, 1);
    hook_last(n, "\"status\":204,\"error\":null,\"attempts\":1}");
    fake_spend(hook.loop, 1000 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    hook_end();
}
END_TEST


START_TEST(without_a_secret_nothing_is_signed)
{
    hook_begin();
    (void) hook_first();
    ck_assert_str_eq(hook_field("webhook-signature"), "");
    ck_assert_str_ne(hook_field("webhook-timestamp"), "");
    hook_end();
}
END_TEST


START_TEST(the_gateways_secret_signs_for_webhooks_without_one)
{
    char         sign[128];
    sc_buf_t     b;
    sc_str_t     body = sc_string(HOOK_BODY);
    static char  secret[] = "of the gateway";

    hook_begin();
    hook.settings.webhook_secret = secret;
    (void) hook_first();
    (void) snprintf(sign, sizeof(sign), "%s",
                    hook_field("webhook-signature"));
    sc_buf_init(&b, 0);
    ck_assert_int_eq(webhooks_sign(secret, "message-0", id_now_ms() / 1000,
                                   body, &b), SC_OK);
    ck_assert_str_eq(sign, b.data);
    sc_buf_free(&b);
    hook_end();
}
END_TEST


START_TEST(an_attempt_that_fails_is_made_again_until_the_ladder_ends)
{
    int      tries;
    size_t   n;
    int64_t  wait;

    hook_begin();
    n = hook_first();

    for (tries = 1; tries <= 7; tries++) {
        hook_reply(HOOK_URL, 503);
        ck_assert_int_eq(hook.rows[n].message.tries, tries);
        ck_assert_int_eq(hook.rows[n].message.state, 0);

        wait = hook.rows[n].message.due - id_now_ms();
        ck_assert_int_ge(wait, webhooks_retry(tries) * 9 / 10);
        ck_assert_int_le(wait, webhooks_retry(tries) * 11 / 10);

        fake_spend(hook.loop, (wait - 1) * LOOP_MS);
        ck_assert_uint_eq(fake_fetches(), 0);
        fake_spend(hook.loop, 2 * LOOP_MS);
        ck_assert_uint_eq(fake_fetches(), 1);
        ck_assert_str_eq(hook_field("webhook-id"), "message-0");
    }

    hook_reply(HOOK_URL, 503);
    ck_assert_int_eq(hook.rows[n].message.state, 2);
    hook_last(n, "\"status\":503,\"error\":\"/webhook/status\","
              "\"attempts\":8}");
    hook_end();
}
END_TEST


START_TEST(what_an_answer_means_follows_its_status)
{
    size_t  i, n;

    static const struct {
        int  status;
        int  state;
    } cases[] = {
        { 200, 1 }, { 202, 1 }, { 299, 1 }, { 301, 2 }, { 308, 2 },
        { 400, 2 }, { 401, 2 }, { 404, 2 }, { 408, 0 }, { 409, 2 },
        { 410, 2 }, { 425, 0 }, { 429, 0 }, { 499, 2 }, { 500, 0 },
        { 502, 0 }, { 504, 0 }, { 599, 0 },
    };

    hook_begin();

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n = hook_put(HOOK_SPEC, "", id_now_ms());
        webhooks_wake(hook.webhooks);
        hook_run();
        hook_reply(HOOK_URL, cases[i].status);
        ck_assert_msg(hook.rows[n].message.state == cases[i].state,
                      "%d leads to %d", cases[i].status,
                      hook.rows[n].message.state);
        ck_assert_int_eq(hook.rows[n].message.tries, 1);
        hook.rows[n].message.state = 1;
    }

    hook_end();
}
END_TEST


START_TEST(what_failed_on_the_way_is_told_and_made_again)
{
    size_t  n;

    hook_begin();
    n = hook_first();
    fake_fetch_fail(HOOK_URL, FETCH_TIMEOUT);
    hook_run();
    ck_assert_int_eq(hook.rows[n].message.state, 0);
    hook_last(n, "\"status\":null,\"error\":\"/fetch/timeout\","
              "\"attempts\":1}");
    hook_end();
}
END_TEST


START_TEST(an_address_that_is_not_allowed_is_given_up)
{
    size_t  n;

    hook_begin();
    n = hook_first();
    fake_fetch_fail(HOOK_URL, FETCH_BLOCKED);
    hook_run();
    ck_assert_int_eq(hook.rows[n].message.state, 2);
    hook_last(n, "\"error\":\"/policy/egress-blocked\"");
    hook_end();
}
END_TEST


START_TEST(want_of_our_own_resources_counts_as_no_attempt)
{
    size_t  n;

    hook_begin();
    n = hook_first();
    fake_fetch_fail(HOOK_URL, FETCH_RESOURCES);
    hook_run();
    ck_assert_int_eq(hook.rows[n].message.tries, 0);
    ck_assert_int_eq(hook.rows[n].message.due, id_now_ms() + 5000);
    hook_end();
}
END_TEST


START_TEST(a_longer_retry_after_is_followed)
{
    size_t  n;

    hook_begin();
    n = hook_first();
    fake_fetch_answer_later(HOOK_URL, 429, "100");
    hook_run();
    ck_assert_int_eq(hook.rows[n].message.due, id_now_ms() + 100000);

    fake_spend(hook.loop, 101 * LOOP_SEC);
    fake_fetch_answer_later(HOOK_URL, 503, "1");
    hook_run();
    ck_assert_int_ge(hook.rows[n].message.due, id_now_ms() + 54000);

    fake_spend(hook.loop, 70 * LOOP_SEC);
    fake_fetch_answer_later(HOOK_URL, 503, "99999999999999999999");
    hook_run();
    ck_assert_int_eq(hook.rows[n].message.due, id_now_ms() + 86400000);
    hook_end();
}
END_TEST


START_TEST(a_receiver_that_is_gone_gets_no_more_of_the_job)
{
    size_t  n, same, url, job;

    hook_begin();
    n = hook_first();
    same = hook_put(HOOK_SPEC, HOOK_JOB, id_now_ms() + 1000);
    url = hook_put("{\"url\":\"" HOOK_OTHER "\"}", HOOK_JOB,
                   id_now_ms() + 1000);
    job = hook_put(HOOK_SPEC, "00001J0000000000000000000000B",
                   id_now_ms() + 1000);

    hook_reply(HOOK_URL, 410);
    ck_assert_int_eq(hook.rows[n].message.state, 2);
    hook_last(n, "\"status\":410,\"error\":\"/webhook/gone\"");

    fake_spend(hook.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(hook.rows[same].message.state, 2);
    ck_assert_int_eq(hook.rows[same].message.tries, 0);
    ck_assert_uint_eq(fake_fetches_of(HOOK_OTHER), 1);
    ck_assert_uint_eq(fake_fetches_of(HOOK_URL), 1);
    hook_reply(HOOK_OTHER, 200);
    hook_reply(HOOK_URL, 200);
    ck_assert_int_eq(hook.rows[url].message.state, 1);
    ck_assert_int_eq(hook.rows[job].message.state, 1);
    hook_end();
}
END_TEST


START_TEST(a_host_gets_two_at_once_and_others_do_not_wait)
{
    size_t  i, n;

    hook_begin();

    for (i = 0; i < 5; i++) {
        (void) hook_put(HOOK_SPEC, "", id_now_ms());
    }

    n = hook_put("{\"url\":\"" HOOK_OTHER "\"}", "", id_now_ms());
    webhooks_wake(hook.webhooks);
    hook_run();
    ck_assert_uint_eq(fake_fetches_of(HOOK_URL), WEBHOOKS_PER_HOST);
    ck_assert_uint_eq(fake_fetches_of(HOOK_OTHER), 1);
    hook_reply(HOOK_OTHER, 200);
    ck_assert_int_eq(hook.rows[n].message.state, 1);

    for (i = 0; i < 5; i++) {
        ck_assert_uint_eq(fake_fetches(), i < 4 ? 2 : 1);
        hook_reply(HOOK_URL, 200);
    }

    ck_assert_uint_eq(fake_fetches_begun(), 6);
    hook_end();
}
END_TEST


START_TEST(a_slow_host_does_not_hold_up_those_behind_it)
{
    size_t  i;

    hook_begin();

    for (i = 0; i < 50; i++) {
        (void) hook_put(HOOK_SPEC, "", id_now_ms());
    }

    (void) hook_put("{\"url\":\"" HOOK_OTHER "\"}", "", id_now_ms());
    webhooks_wake(hook.webhooks);
    hook_run();
    ck_assert_uint_eq(fake_fetches_of(HOOK_OTHER), 0);
    fake_spend(hook.loop, 3 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_of(HOOK_URL), WEBHOOKS_PER_HOST);
    ck_assert_uint_eq(fake_fetches_of(HOOK_OTHER), 1);
    ck_assert_int_eq(hook.rows[49].message.tries, 0);

    /* those that were put off come again */
    hook_reply(HOOK_OTHER, 200);
    hook_reply(HOOK_URL, 200);
    hook_reply(HOOK_URL, 200);
    fake_spend(hook.loop, 60 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_of(HOOK_URL), WEBHOOKS_PER_HOST);
    hook_end();
}
END_TEST


START_TEST(many_messages_of_a_host_that_answers_do_not_hold_up_others)
{
    int  i;

    hook_begin();

    for (i = 0; i < 200; i++) {
        (void) hook_put(HOOK_SPEC, "", id_now_ms());
    }

    (void) hook_put("{\"url\":\"" HOOK_OTHER "\"}", "", id_now_ms());
    webhooks_wake(hook.webhooks);
    hook_run();

    for (i = 0; i < 20; i++) {
        fake_spend(hook.loop, LOOP_SEC / 2);
        ck_assert_uint_eq(fake_fetches_of(HOOK_URL), WEBHOOKS_PER_HOST);
        hook_reply(HOOK_URL, 200);
        hook_reply(HOOK_URL, 200);
    }

    ck_assert_uint_eq(fake_fetches_of(HOOK_OTHER), 1);
    ck_assert_uint_eq(fake_fetches_begun(),
                      20 * WEBHOOKS_PER_HOST + WEBHOOKS_PER_HOST + 1);
    hook_end();
}
END_TEST


START_TEST(what_is_noted_while_the_outbox_is_read_is_not_sent_again)
{
    size_t  n;

    hook_begin();
    n = hook_first();
    ck_assert_uint_eq(fake_fetches(), 1);

    webhooks_wake(hook.webhooks);
    hook_reply(HOOK_URL, 200);
    fake_spend(hook.loop, LOOP_SEC);

    ck_assert_int_eq(hook.rows[n].message.state, 1);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    hook_end();
}
END_TEST


START_TEST(no_more_are_sent_at_once_than_may_be)
{
    int   i;
    char  spec[64];

    hook_begin();

    for (i = 0; i < 20; i++) {
        (void) snprintf(spec, sizeof(spec), "{\"url\":\"http://h%d.example/"
                        "\"}", i);
        (void) hook_put(spec, "", id_now_ms());
    }

    webhooks_wake(hook.webhooks);
    hook_run();
    ck_assert_uint_eq(fake_fetches(), WEBHOOKS_AT_ONCE);

    for (i = 0; i < 20; i++) {
        hook_reply(NULL, 200);
    }

    ck_assert_uint_eq(fake_fetches_begun(), 20);
    hook_end();
}
END_TEST


START_TEST(an_attempt_that_was_not_noted_is_made_again_after_a_start)
{
    size_t  n;

    hook_begin();
    n = hook_first();
    hook_stop();
    ck_assert_uint_eq(fake_fetches(), 0);
    hook_start();
    ck_assert_uint_eq(fake_fetches_of(HOOK_URL), 1);
    ck_assert_str_eq(hook_field("webhook-id"), "message-0");
    hook_reply(HOOK_URL, 200);
    ck_assert_int_eq(hook.rows[n].message.state, 1);
    hook_end();
}
END_TEST


START_TEST(a_store_that_fails_is_asked_again_now_and_then)
{
    size_t  n, reads;

    hook_begin();
    n = hook_put(HOOK_SPEC, "", id_now_ms());
    hook.failing = 3;
    reads = hook.reads;
    webhooks_wake(hook.webhooks);
    hook_run();
    ck_assert_uint_eq(hook.reads, reads + 1);
    fake_spend(hook.loop, 9 * LOOP_SEC);
    ck_assert_uint_eq(hook.reads, reads + 2);
    fake_spend(hook.loop, 7 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 1);

    /* what could not be noted is not sent again meanwhile */
    hook.failing = 1;
    hook_reply(HOOK_URL, 200);
    webhooks_wake(hook.webhooks);
    hook_run();
    ck_assert_uint_eq(fake_fetches(), 0);
    hook.refusing = 1;
    fake_spend(hook.loop, 20 * LOOP_SEC);
    ck_assert_int_eq(hook.rows[n].message.state, 1);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    hook_end();
}
END_TEST


START_TEST(a_fetcher_that_takes_nothing_is_asked_again)
{
    hook_begin();
    fake_fetch_refuse(2);
    (void) hook_put(HOOK_SPEC, "", id_now_ms());
    webhooks_wake(hook.webhooks);
    hook_run();
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(hook.loop, 11 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 1);
    hook_end();
}
END_TEST


START_TEST(a_spec_that_cannot_be_read_is_given_up)
{
    size_t  n, m;

    hook_begin();
    n = hook_put("{\"url\":\"ftp://x/\"}", "", id_now_ms());
    m = hook_put("{", "", id_now_ms());
    webhooks_wake(hook.webhooks);
    hook_run();
    ck_assert_int_eq(hook.rows[n].message.state, 2);
    ck_assert_int_eq(hook.rows[m].message.state, 2);
    hook_last(n, "\"/webhook/invalid\"");
    ck_assert_uint_eq(fake_fetches_begun(), 0);
    hook_end();
}
END_TEST


START_TEST(an_idle_outbox_is_looked_at_once_a_minute)
{
    size_t  reads;

    hook_begin();
    reads = hook.reads;
    (void) hook_put(HOOK_SPEC, "", id_now_ms());
    fake_spend(hook.loop, 59 * LOOP_SEC);
    ck_assert_uint_eq(hook.reads, reads);
    fake_spend(hook.loop, 2 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 1);
    hook_end();
}
END_TEST


START_TEST(nothing_is_begun_once_it_drains)
{
    size_t  n;

    hook_begin();
    n = hook_first();
    (void) hook_put("{\"url\":\"" HOOK_OTHER "\"}", "", id_now_ms());
    webhooks_drain(hook.webhooks);
    webhooks_wake(hook.webhooks);
    hook_reply(HOOK_URL, 200);
    fake_spend(hook.loop, 100 * LOOP_SEC);
    ck_assert_int_eq(hook.rows[n].message.state, 1);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    hook_end();
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_message_is_sent_with_its_fields_and_taken,
        without_a_secret_nothing_is_signed,
        the_gateways_secret_signs_for_webhooks_without_one,
        an_attempt_that_fails_is_made_again_until_the_ladder_ends,
        what_an_answer_means_follows_its_status,
        what_failed_on_the_way_is_told_and_made_again,
        an_address_that_is_not_allowed_is_given_up,
        want_of_our_own_resources_counts_as_no_attempt,
        a_longer_retry_after_is_followed,
        a_receiver_that_is_gone_gets_no_more_of_the_job,
        a_host_gets_two_at_once_and_others_do_not_wait,
        a_slow_host_does_not_hold_up_those_behind_it,
        many_messages_of_a_host_that_answers_do_not_hold_up_others,
        what_is_noted_while_the_outbox_is_read_is_not_sent_again,
        no_more_are_sent_at_once_than_may_be,
        an_attempt_that_was_not_noted_is_made_again_after_a_start,
        a_store_that_fails_is_asked_again_now_and_then,
        a_fetcher_that_takes_nothing_is_asked_again,
        a_spec_that_cannot_be_read_is_given_up,
        an_idle_outbox_is_looked_at_once_a_minute,
        nothing_is_begun_once_it_drains,
        NULL
    };

    return suite_run("webhooks_send", tests, 20);
}
