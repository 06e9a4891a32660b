
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/access/hex.h"
#include "tests/access/reach.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define SENT_TIMEOUT    3600
#define SENT_TEXT       8192
#define SENT_TRIES      1500        /* of 20 ms */


static void sent_extract(reach_t *r, const char *format, const char *url);
static void sent_proxies(reach_t *r, const char *url);
static void sent_names(reach_t *r, int times);
static int sent_reached(reach_t *r, const char *host);


/* of a name server: good first, then not; mixed; aliases; mapped */
static const char *const  sent_flips[] = {
    "flip.a08080404.a7f000001", "flip.a08080404.aa9fea9fe",
    "flip.a08080404.a0a000001", "flip.a08080404.a09090909",
    "flip.q2a001450000000000000000000000001.q00000000000000000000000000000001",
    "flip.q2a001450000000000000000000000001.q00000000000000000000ffff7f000001",
    "flip.q2a001450000000000000000000000001.qfd000ec2000000000000000000000254",
    "cname.flip.a08080404.ac0a80001"
};


START_TEST(no_webhook_is_sent_inside)
{
    size_t   i;
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    for (i = 0; i < r.forms.n; i += proof_full() ? 1 : 90) {
        sent_extract(&r, "\"webhook\":{\"events\":[\"completed\"],\"url\":%s}",
                     r.forms.list[i].url);
    }

    /* the good one comes, behind all of them */
    house_forget(&r.house);
    sent_extract(&r, "\"webhook\":{\"events\":[\"completed\"],\"url\":%s}",
                 "http://8.8.7.7/hook");

    for (i = 0; i < SENT_TRIES && !house_logged(&r.house, "POST /hook"); i++) {
        process_pause(20);
    }

    ck_assert(house_logged(&r.house, "POST /hook"));
    reach_report(&r, "D4", "egress_sent", "webhooks");
    reach_end(&r);
}
END_TEST


/* A page of the good origin, and a URL as JSON where format has %s. */
static void
sent_extract(reach_t *r, const char *format, const char *url)
{
    char         *text;
    char          member[SENT_TEXT];
    json_t       *string;
    const char   *place;
    reach_end_t   end;

    string = json_string(url);

    if (string == NULL || strlen(url) > SENT_TEXT / 8) {
        json_decref(string);
        return;
    }

    text = json_dumps(string, JSON_ENCODE_ANY);
    ck_assert_ptr_nonnull(text);
    place = strstr(format, "%s");
    (void) snprintf(member, sizeof(member), ",%.*s%s%s",
                    (int) (place - format), format, text, place + 2);
    end = reach_ask(r, "http://8.8.4.4/", member);

    if (end == REACH_OTHER) {
        reach_wrong(r, format, url);
    }

    free(text);
    json_decref(string);
}


START_TEST(no_proxy_of_a_request_is_inside)
{
    size_t   i;
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    for (i = 0; i < r.forms.n; i += proof_full() ? 1 : 90) {
        sent_proxies(&r, r.forms.list[i].url);
    }

    ck_assert_uint_eq(r.ends[REACH_GOOD], 0);
    reach_report(&r, "D1", "egress_sent", "proxies of requests");
    reach_end(&r);
}
END_TEST


/* The host of the URL, as a proxy of each kind. */
static void
sent_proxies(reach_t *r, const char *url)
{
    char         proxy[SENT_TEXT];
    size_t       i;
    const char  *host;

    static const char *const  kinds[] = { "http", "https", "socks5",
                                          "socks5h" };

    host = strstr(url, "://");

    /* the port of the good host is what those of this kind are about */
    if (host == NULL || strstr(host, "8.8.4.4") != NULL) {
        return;
    }

    host += 3;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        (void) snprintf(proxy, sizeof(proxy), "%s://%.*s:3128", kinds[i],
                        (int) strcspn(host, "/"), host);
        sent_extract(r, "\"request\":{\"proxy\":%s}", proxy);
    }
}


START_TEST(no_login_leads_inside)
{
    char     hex[SENT_TEXT], body[2 * SENT_TEXT];
    size_t   i;
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    for (i = 0; i < r.forms.n; i += proof_full() ? 1 : 90) {
        if (strlen(r.forms.list[i].url) > SENT_TEXT / 8) {
            continue;
        }

        hex_write(hex, r.forms.list[i].url, strlen(r.forms.list[i].url));
        (void) snprintf(body, sizeof(body), "{\"login\":{\"url\":\"http://"
                        "8.8.4.4/form/%s\",\"fill\":{\"user\":\"u\","
                        "\"word\":\"w\"}}}", hex);
        ck_assert_int_lt(front_ask(&r.front, "PUT", "/v1/sessions/s", "",
                                   body), 300);

        if (reach_ask(&r, "http://8.8.4.4/", ",\"request\":{\"session\":"
                      "\"s\"}") == REACH_OTHER)
        {
            reach_wrong(&r, "login", r.forms.list[i].url);
        }
    }

    reach_report(&r, "D1", "egress_sent", "logins");
    reach_end(&r);
}
END_TEST


START_TEST(name_that_changes_its_address_leads_nowhere_inside)
{
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    sent_names(&r, (int) proof_times("ACCESS_FLIPS", 60, 4));
    ck_assert_uint_gt(r.ends[REACH_GOOD], 0);
    ck_assert_uint_gt(r.ends[REACH_BLOCKED], 0);
    reach_report(&r, "D5", "egress_sent", "rebinding, with connections kept "
                 "and closed");
    reach_end(&r);
}
END_TEST


/* Names that are good every other time: on a kept connection, on a new one. */
static void
sent_names(reach_t *r, int times)
{
    int          n;
    char         url[512];
    size_t       i;
    reach_end_t  end;

    for (n = 0; n < times; n++) {
        for (i = 0; i < sizeof(sent_flips) / sizeof(sent_flips[0]); i++) {
            (void) snprintf(url, sizeof(url), "http://%s.n%d.test%s",
                            sent_flips[i], n / 8, n % 2 == 0
                            ? "/" : "/hold/2f");
            end = reach_ask(r, url, "");

            if (end != REACH_GOOD && end != REACH_BLOCKED) {
                reach_wrong(r, "flip", url);
            }
        }
    }
}


START_TEST(address_that_is_ours_since_a_moment_is_shut)
{
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    ck_assert_int_eq(reach_ask(&r, "http://8.8.3.3/", ""), REACH_GOOD);
    ck_assert_int_eq(world_address("8.8.3.3/32", 1), 0);
    ck_assert_int_eq(reach_ask(&r, "http://8.8.3.3/", ""), REACH_BLOCKED);
    ck_assert_int_eq(world_address("2a00:1450::3/128", 1), 0);
    ck_assert_int_eq(reach_ask(&r, "http://[2a00:1450::3]/", ""),
                     REACH_BLOCKED);
    ck_assert_int_eq(world_address("8.8.3.3/32", 0), 0);
    ck_assert_int_eq(reach_ask(&r, "http://8.8.3.3/", ""), REACH_GOOD);
    reach_report(&r, "D5", "egress_sent", "own addresses that come and go");
    reach_end(&r);
}
END_TEST


/* What all of this would see. */
START_TEST(what_is_opened_is_reached_and_seen)
{
    char           text[INET6_ADDRSTRLEN + 2];
    int            which;
    size_t         i, reached, tried;
    reach_t        r;
    unsigned char  addr[16];

    if (!reach_begin(&r, "robots = ignore\nallow_addresses = 0.0.0.0/0, "
                     "::/0\n"))
    {
        return;
    }

    reached = 0;
    tried = 0;

    for (i = 0; forms_v4[i] != NULL; i++) {
        for (which = 0; which < 3; which++) {
            (void) forms_address(addr, forms_v4[i], which);
            (void) inet_ntop(AF_INET, addr, text, sizeof(text));
            tried++;
            reached += (size_t) sent_reached(&r, text);
        }
    }

    ck_assert(!sent_reached(&r, "169.254.169.254"));
    ck_assert(!sent_reached(&r, "[fd00:ec2::254]"));
    ck_assert(sent_reached(&r, "[::1]"));
    ck_assert(sent_reached(&r, "[fd00::1]"));
    ck_assert(sent_reached(&r, "[64:ff9b:1::1]"));
    ck_assert_uint_gt(house_canary(&r.house), 0);
    ck_assert_uint_gt(world_touched(&r.world), 0);
    proof_report("egress_sent", "D1", tried, reached >= tried * 2 / 3 ? 0 : 1,
                 "control: with everything opened the canary is reached at "
                 "%zu of %zu addresses", reached, tried);
    reach_end(&r);
}
END_TEST


static int
sent_reached(reach_t *r, const char *host)
{
    char    url[128];
    size_t  before;

    before = house_canary(&r->house);
    (void) snprintf(url, sizeof(url), "http://%s/", host);
    (void) reach_ask(r, url, "");

    return house_canary(&r->house) > before;
}


int
main(void)
{
    const TTest *const  tests[] = {
        no_webhook_is_sent_inside,
        no_proxy_of_a_request_is_inside,
        no_login_leads_inside,
        name_that_changes_its_address_leads_nowhere_inside,
        address_that_is_ours_since_a_moment_is_shut,
        what_is_opened_is_reached_and_seen,
        NULL
    };

    return suite_run("egress_sent", tests, SENT_TIMEOUT);
}
