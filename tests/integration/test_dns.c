
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "sidecar/resolve/resolve.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define DNS_TIMEOUT    60
#define DNS_TRIES      500      /* of 20 ms */
#define DNS_WAIT       (20 * LOOP_SEC)
#define DNS_NAMES      1000
#define DNS_TEXT       1024


/*
 * A resolver that asks dnsmasq.
 *
 * log    of dnsmasq, with each question it was asked
 * pid    of dnsmasq; 0 when it was stopped
 * left   callbacks until the loop stops
 * text   the last answer: its addresses, blanks between, or its detail
 * good   answers with addresses so far
 */
typedef struct {
    loop_t      *loop;
    resolve_t   *resolve;
    char         dir[64];
    char         log[96];
    unsigned     port;
    pid_t        pid;
    size_t       left;
    size_t       good;
    char         text[DNS_TEXT];
} dns_t;


static void dns_begin(dns_t *t, const char *conf);
static void dns_end(dns_t *t);
static void dns_start(dns_t *t, const char *conf);
static void dns_stop(dns_t *t);
static int dns_waits(const dns_t *t, int listens);
static void dns_expect(dns_t *t, const char *name, const char *text);
static void dns_done(void *data, const resolve_answer_t *answer);
static void dns_text(dns_t *t, const resolve_answer_t *answer);
static size_t dns_asked(dns_t *t, const char *name);


/* what the clock is ahead of the real one */
static int64_t  dns_skipped;


START_TEST(both_families_come_in_the_order_of_happy_eyeballs)
{
    dns_t  t;

    dns_begin(&t, "host-record=both.test,192.0.2.1,2001:db8::1,60\n"
                  "host-record=both.test,192.0.2.2,60\n"
                  "host-record=four.test,192.0.2.4,60\n"
                  "host-record=six.test,2001:db8::6,60\n");

    dns_expect(&t, "four.test", "192.0.2.4");
    dns_expect(&t, "six.test", "2001:db8::6");

    /* the order inside of a family is the server's */
    dns_expect(&t, "both.test", NULL);
    ck_assert_msg(strcmp(t.text, "2001:db8::1 192.0.2.1 192.0.2.2") == 0
                  || strcmp(t.text, "2001:db8::1 192.0.2.2 192.0.2.1") == 0,
                  "%s", t.text);
    ck_assert_uint_eq(dns_asked(&t, "both.test"), 2);

    dns_end(&t);
}
END_TEST


START_TEST(an_alias_is_followed_and_kept_for_the_shorter_ttl)
{
    dns_t  t;

    dns_begin(&t, "host-record=real.test,192.0.2.1,600\n"
                  "cname=alias.test,real.test,5\n");

    dns_expect(&t, "alias.test", "192.0.2.1");
    dns_stop(&t);
    dns_skipped += 3 * LOOP_SEC;
    dns_expect(&t, "alias.test", "192.0.2.1");

    dns_start(&t, "host-record=other.test,192.0.2.2,600\n"
                  "cname=alias.test,other.test,5\n");
    dns_skipped += 2 * LOOP_SEC;
    dns_expect(&t, "alias.test", "192.0.2.2");

    dns_end(&t);
}
END_TEST


START_TEST(an_answer_is_kept_as_long_as_its_ttl_and_no_longer)
{
    dns_t  t;

    dns_begin(&t, "host-record=a.test,192.0.2.1,60\n");

    dns_expect(&t, "a.test", "192.0.2.1");
    dns_stop(&t);
    dns_skipped += 57 * LOOP_SEC;
    dns_expect(&t, "a.test", "192.0.2.1");

    dns_start(&t, "host-record=a.test,192.0.2.2,60\n");
    dns_skipped += 3 * LOOP_SEC;
    dns_expect(&t, "A.Test", "192.0.2.2");

    dns_end(&t);
}
END_TEST


START_TEST(an_answer_with_ttl_zero_is_not_kept)
{
    dns_t  t;

    dns_begin(&t, "host-record=a.test,192.0.2.1,0\n");

    dns_expect(&t, "a.test", "192.0.2.1");
    dns_expect(&t, "a.test", "192.0.2.1");
    ck_assert_uint_eq(dns_asked(&t, "a.test"), 4);

    dns_end(&t);
}
END_TEST


START_TEST(a_name_that_does_not_exist_is_kept_as_such)
{
    dns_t  t;

    dns_begin(&t, "txt-record=text.test,words\n");

    dns_expect(&t, "nowhere.test", "the name does not exist");
    dns_expect(&t, "text.test", "the name has no address");
    dns_stop(&t);
    dns_expect(&t, "nowhere.test", "the name does not exist");
    dns_expect(&t, "text.test", "the name has no address");

    dns_start(&t, "host-record=nowhere.test,192.0.2.1,60\n");
    dns_skipped += RESOLVE_NEGATIVE_TTL * LOOP_SEC;
    dns_expect(&t, "nowhere.test", "192.0.2.1");

    dns_end(&t);
}
END_TEST


START_TEST(a_server_that_refuses_is_a_failure)
{
    dns_t  t;

    dns_begin(&t, "");
    dns_expect(&t, "elsewhere.example", "the name server failed");
    dns_end(&t);
}
END_TEST


START_TEST(an_answer_too_large_for_udp_comes_over_tcp)
{
    int     i;
    dns_t   t;
    char    conf[60 * 48];
    size_t  len;

    len = 0;

    for (i = 0; i < 60; i++) {
        len += (size_t) snprintf(conf + len, sizeof(conf) - len,
                                 "host-record=many.test,192.0.2.%d,60\n", i);
    }

    dns_begin(&t, conf);
    dns_expect(&t, "many.test", NULL);

    for (i = 1, len = 0; t.text[len] != '\0'; len++) {
        i += t.text[len] == ' ';
    }

    ck_assert_int_eq(i, RESOLVE_MAX_ADDRS);

    /* A over UDP and TCP, AAAA */
    ck_assert_uint_eq(dns_asked(&t, "many.test"), 3);

    dns_end(&t);
}
END_TEST


START_TEST(a_thousand_names_are_looked_up_at_once)
{
    size_t           i, round;
    dns_t            t;
    char             name[64];
    resolve_stats_t  stats;

    dns_begin(&t, "address=/wild.test/192.0.2.7\n"
                  "local-ttl=600\n");

    for (round = 0; round < 2; round++) {
        t.left = DNS_NAMES;

        for (i = 0; i < DNS_NAMES; i++) {
            (void) snprintf(name, sizeof(name), "n%zu.wild.test", i);
            ck_assert_ptr_nonnull(resolve_name(t.resolve, name, DNS_WAIT,
                                               dns_done, &t));
        }

        ck_assert_int_eq(loop_run(t.loop), SC_OK);
        ck_assert_uint_eq(t.left, 0);
        ck_assert_uint_eq(t.good, DNS_NAMES * (round + 1));
    }

    resolve_stats(t.resolve, &stats);
    ck_assert_uint_eq(stats.questions, DNS_NAMES);
    ck_assert_uint_eq(stats.hits, DNS_NAMES);
    ck_assert_uint_eq(stats.names, DNS_NAMES);

    dns_end(&t);
}
END_TEST


/* In place of libc's. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int      rc;
    int64_t  now;

    rc = (int) syscall(SYS_clock_gettime, clock, ts);

    if (rc == 0 && clock == CLOCK_MONOTONIC) {
        now = ts->tv_sec * LOOP_SEC + ts->tv_nsec + dns_skipped;
        ts->tv_sec = now / LOOP_SEC;
        ts->tv_nsec = now % LOOP_SEC;
    }

    return rc;
}


static void
dns_begin(dns_t *t, const char *conf)
{
    char  err[128], server[32];

    memset(t, 0, sizeof(dns_t));
    process_folder(t->dir, sizeof(t->dir));
    (void) snprintf(t->log, sizeof(t->log), "%s/log", t->dir);
    t->port = process_port();
    dns_start(t, conf);

    t->loop = loop_create();
    ck_assert_ptr_nonnull(t->loop);
    (void) snprintf(server, sizeof(server), "127.0.0.1:%u", t->port);
    t->resolve = resolve_create(t->loop, server, err, sizeof(err));
    ck_assert_msg(t->resolve != NULL, "%s", err);
}


static void
dns_end(dns_t *t)
{
    resolve_destroy(t->resolve);
    loop_destroy(t->loop);
    dns_stop(t);
    process_remove(t->dir);
    dns_skipped = 0;
}


/* It knows what conf says, that .test has no more, and asks nobody else. */
static void
dns_start(dns_t *t, const char *conf)
{
    char    file[96], log[128];
    size_t  len;
    char   *text;

    static const char  head[] = "port=%u\n"
                                "listen-address=127.0.0.1\n"
                                "bind-interfaces\n"
                                "user=\n"
                                "pid-file=\n"
                                "no-resolv\n"
                                "no-hosts\n"
                                "log-queries\n"
                                "log-facility=%s\n"
                                "local=/test/\n"
                                "%s";

    (void) snprintf(file, sizeof(file), "%s/conf", t->dir);
    (void) snprintf(log, sizeof(log), "--conf-file=%s", file);

    len = sizeof(head) + sizeof(t->log) + strlen(conf) + 16;
    text = malloc(len);
    ck_assert_ptr_nonnull(text);
    (void) snprintf(text, len, head, t->port, t->log, conf);
    process_write(file, text);
    free(text);

    t->pid = process_start((char *[]) { "/usr/sbin/dnsmasq",
                           "--keep-in-foreground", log, NULL }, t->log, NULL);

    if (!dns_waits(t, 1)) {
        ck_abort_msg("dnsmasq does not listen: %s", process_read(t->log));
    }
}


/* Its child for a TCP connection has its sockets, too, and ends by itself. */
static void
dns_stop(dns_t *t)
{
    if (t->pid != 0) {
        (void) process_stop(t->pid, SIGKILL);
        t->pid = 0;
    }

    ck_assert_msg(dns_waits(t, 0), "port %u is still listened at", t->port);
}


/* Whether its port is listened at, or is not, within a while. */
static int
dns_waits(const dns_t *t, int listens)
{
    int  i;

    for (i = 0; i < DNS_TRIES; i++) {
        if (process_listens(t->port) == listens) {
            return 1;
        }

        process_pause(20);
    }

    return 0;
}


/* text is dns_text()'s, or NULL for any with addresses. */
static void
dns_expect(dns_t *t, const char *name, const char *text)
{
    size_t  good;

    t->left = 1;
    good = t->good;
    ck_assert_ptr_nonnull(resolve_name(t->resolve, name, DNS_WAIT, dns_done,
                                       t));
    ck_assert_int_eq(loop_run(t->loop), SC_OK);
    ck_assert_uint_eq(t->left, 0);

    if (text != NULL) {
        ck_assert_str_eq(t->text, text);

    } else {
        ck_assert_msg(t->good == good + 1, "%s: %s", name, t->text);
    }
}


static void
dns_done(void *data, const resolve_answer_t *answer)
{
    dns_t  *t = data;

    dns_text(t, answer);
    t->good += answer->status == RESOLVE_OK;

    if (--t->left == 0) {
        loop_stop(t->loop);
    }
}


static void
dns_text(dns_t *t, const resolve_answer_t *answer)
{
    size_t       i, len;
    const void  *addr;

    (void) snprintf(t->text, DNS_TEXT, "%s", answer->detail);

    for (i = 0, len = 0; i < answer->naddrs; i++) {
        addr = &answer->addrs[i];
        addr = answer->addrs[i].ss_family == AF_INET
               ? (const void *) &((const struct sockaddr_in *) addr)->sin_addr
               : &((const struct sockaddr_in6 *) addr)->sin6_addr;

        len += (size_t) snprintf(t->text + len, DNS_TEXT - len, "%s",
                                 i > 0 ? " " : "");
        ck_assert_ptr_nonnull(inet_ntop(answer->addrs[i].ss_family, addr,
                                        t->text + len,
                                        (socklen_t) (DNS_TEXT - len)));
        len += strlen(t->text + len);
    }
}


/* Questions about name in the log: "query[A] NAME from ADDR". */
static size_t
dns_asked(dns_t *t, const char *name)
{
    char         line[128];
    size_t       n;
    char        *log;
    const char  *p;

    log = process_read(t->log);
    (void) snprintf(line, sizeof(line), "] %s from ", name);
    n = 0;

    for (p = strstr(log, line); p != NULL; p = strstr(p + 1, line)) {
        n++;
    }

    free(log);

    return n;
}


int
main(void)
{
    const TTest  *tests[] = {
        both_families_come_in_the_order_of_happy_eyeballs,
        an_alias_is_followed_and_kept_for_the_shorter_ttl,
        an_answer_is_kept_as_long_as_its_ttl_and_no_longer,
        an_answer_with_ttl_zero_is_not_kept,
        a_name_that_does_not_exist_is_kept_as_such,
        a_server_that_refuses_is_a_failure,
        an_answer_too_large_for_udp_comes_over_tcp,
        a_thousand_names_are_looked_up_at_once,
        NULL
    };

    return suite_run("dns", tests, DNS_TIMEOUT);
}
