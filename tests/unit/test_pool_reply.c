
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include "sidecar/worker/wire.h"
#include "tests/support/pooling.h"
#include "tests/support/suite.h"


#define REPLY_RULES    "{\"a\":\"//p\"}"
#define REPLY_TIMEOUT  (20 * LOOP_SEC)


/* What becomes of a good reply; the bytes that follow it are "{}[][]". */
typedef void (*reply_change_pt)(wire_reply_t *reply);


static int reply_worker(const char *body);
static wire_reply_t reply_good(void);
static void reply_magic(wire_reply_t *reply);
static void reply_status(wire_reply_t *reply);
static void reply_no_status(wire_reply_t *reply);
static void reply_ready(wire_reply_t *reply);
static void reply_flags(wire_reply_t *reply);
static void reply_long(wire_reply_t *reply);
static void reply_wraps(wire_reply_t *reply);
static void reply_short(wire_reply_t *reply);
static void reply_failed_with_data(wire_reply_t *reply);
static void reply_refresh(wire_reply_t *reply);
static void reply_elapsed(wire_reply_t *reply);
static void reply_charset(wire_reply_t *reply);
static void reply_charset_from(wire_reply_t *reply);
static void reply_detail(wire_reply_t *reply);


static const reply_change_pt  reply_changes[] = {
    reply_magic,
    reply_status,
    reply_no_status,
    reply_ready,
    reply_flags,
    reply_long,
    reply_wraps,
    reply_short,
    reply_failed_with_data,
    reply_refresh,
    reply_elapsed,
    reply_charset,
    reply_charset_from,
    reply_detail
};


/* The page of a test says which change its worker makes: 'a' is the first. */

START_TEST(worker_that_sends_what_is_not_a_reply_is_replaced)
{
    int              pid;
    char             body[2] = "a";
    size_t           i;
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, 0, 1, REPLY_TIMEOUT);

    for (i = 0; i < sizeof(reply_changes) / sizeof(reply_change_pt); i++) {
        page = pooling_page(REPLY_RULES, "-");
        pooling_serve(&t, &page);
        ck_assert_int_eq(page.status, POOL_OK);
        ck_assert_str_eq(page.data, "{}");
        pooling_free(&page);
        pid = pooling_pid(&t, 0);

        body[0] = (char) ('a' + i);
        page = pooling_page(REPLY_RULES, body);
        pooling_serve(&t, &page);
        ck_assert_msg(page.status == POOL_CRASHED, "change %zu: %d", i,
                      page.status);
        pooling_free(&page);

        page = pooling_page(REPLY_RULES, "-");
        pooling_serve(&t, &page);
        ck_assert_int_eq(page.status, POOL_OK);
        ck_assert_int_ne(pooling_pid(&t, 0), pid);
        pooling_free(&page);
    }

    pooling_stop(&t);
}
END_TEST


START_TEST(flags_of_a_reply_are_what_became_of_the_page)
{
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, 0, 1, REPLY_TIMEOUT);
    page = pooling_page(REPLY_RULES, "-");
    pooling_serve(&t, &page);
    ck_assert(page.matched);
    ck_assert(!page.dropped);
    ck_assert(page.incomplete);
    ck_assert_str_eq(page.missing, "[]");
    ck_assert_str_eq(page.warnings, "[1]");
    ck_assert_str_eq(page.view, "");
    pooling_free(&page);
    pooling_stop(&t);
}
END_TEST


START_TEST(request_beyond_a_bound_is_none)
{
    size_t           i, len;
    uint32_t        *counts[7];
    wire_request_t   r;

    static const uint32_t  bounds[] = {
        WIRE_MAX_URL, WIRE_MAX_URL, WIRE_MAX_HEADERS, WIRE_MAX_FORM,
        WIRE_MAX_SCOPE, WIRE_MAX_RULES, WIRE_MAX_BODY
    };

    counts[0] = &r.url;
    counts[1] = &r.content_type;
    counts[2] = &r.headers;
    counts[3] = &r.form;
    counts[4] = &r.scope;
    counts[5] = &r.rules;
    counts[6] = &r.body;

    for (i = 0; i < 7; i++) {
        memset(&r, 0, sizeof(wire_request_t));
        r.magic = WIRE_MAGIC;
        r.url = 1;
        r.content_type = 1;
        *counts[i] = bounds[i];
        ck_assert_int_eq(wire_request_check(&r, &len), SC_OK);
        ck_assert_uint_eq(len, bounds[i] + (i < 2 ? 1 : 2));

        *counts[i] = bounds[i] + 1;
        ck_assert_int_eq(wire_request_check(&r, &len), SC_ERROR);
        *counts[i] = UINT32_MAX;
        ck_assert_int_eq(wire_request_check(&r, &len), SC_ERROR);
    }
}
END_TEST


START_TEST(request_without_its_names_or_slot_is_none)
{
    size_t          len;
    wire_request_t  good, r;

    memset(&good, 0, sizeof(wire_request_t));
    good.magic = WIRE_MAGIC;
    good.url = 1;
    good.content_type = 1;
    good.slot = WIRE_SLOTS - 1;
    ck_assert_int_eq(wire_request_check(&good, &len), SC_OK);

    r = good;
    r.slot = WIRE_SLOTS;
    ck_assert_int_eq(wire_request_check(&r, &len), SC_ERROR);
    r = good;
    r.url = 0;
    ck_assert_int_eq(wire_request_check(&r, &len), SC_ERROR);
    r = good;
    r.content_type = 0;
    ck_assert_int_eq(wire_request_check(&r, &len), SC_ERROR);
    r = good;
    r.magic++;
    ck_assert_int_eq(wire_request_check(&r, &len), SC_ERROR);
}
END_TEST


START_TEST(request_of_a_sitemap_has_a_scope_and_no_form)
{
    size_t          len;
    wire_request_t  good, r;

    memset(&good, 0, sizeof(wire_request_t));
    good.magic = WIRE_MAGIC;
    good.url = 1;
    good.content_type = 1;
    good.sitemap = 1;
    good.scope = 2;
    ck_assert_int_eq(wire_request_check(&good, &len), SC_OK);
    ck_assert_uint_eq(len, 4);

    r = good;
    r.scope = 0;
    ck_assert_int_eq(wire_request_check(&r, &len), SC_ERROR);
    r = good;
    r.form = 1;
    ck_assert_int_eq(wire_request_check(&r, &len), SC_ERROR);
}
END_TEST


START_TEST(reply_that_found_too_much_is_none)
{
    size_t        len;
    wire_reply_t  reply = reply_good();

    reply.found = WIRE_MAX_FOUND;
    ck_assert_int_eq(wire_reply_check(&reply, &len), SC_OK);
    reply.found++;
    ck_assert_int_eq(wire_reply_check(&reply, &len), SC_ERROR);
}
END_TEST


int
main(int argc, char **argv)
{
    const pooling_worker_pt  kinds[] = { reply_worker, NULL };

    const TTest *const  tests[] = {
        worker_that_sends_what_is_not_a_reply_is_replaced,
        flags_of_a_reply_are_what_became_of_the_page,
        request_beyond_a_bound_is_none,
        request_without_its_names_or_slot_is_none,
        request_of_a_sitemap_has_a_scope_and_no_form,
        reply_that_found_too_much_is_none,
        NULL
    };

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return pooling_worker(kinds);
    }

    return suite_run("pool_reply", tests, 60);
}


static int
reply_worker(const char *body)
{
    wire_reply_t  reply = reply_good();

    if (body[0] != '-') {
        reply_changes[body[0] - 'a'](&reply);
    }

    return send(0, &reply, sizeof(wire_reply_t), MSG_NOSIGNAL) > 0
           && send(0, "{}[][1]", 7, MSG_NOSIGNAL) > 0;
}


static wire_reply_t
reply_good(void)
{
    wire_reply_t  reply;

    memset(&reply, 0, sizeof(wire_reply_t));
    reply.magic = WIRE_MAGIC;
    reply.number = pooling_number();
    reply.status = WIRE_OK;
    reply.flags = WIRE_MATCHED | WIRE_INCOMPLETE;
    reply.data = 2;
    reply.missing = 2;
    reply.warnings = 3;

    return reply;
}


static void
reply_magic(wire_reply_t *reply)
{
    reply->magic ^= 1;
}


static void
reply_status(wire_reply_t *reply)
{
    reply->status = WIRE_TIMEOUT + 1;
}


static void
reply_no_status(wire_reply_t *reply)
{
    reply->status = 0;
}


static void
reply_ready(wire_reply_t *reply)
{
    memset(reply, 0, sizeof(wire_reply_t));
    reply->magic = WIRE_MAGIC;
    reply->status = WIRE_READY;
}


static void
reply_flags(wire_reply_t *reply)
{
    reply->flags = WIRE_FLAGS + 1;
}


static void
reply_long(wire_reply_t *reply)
{
    reply->view = WIRE_MAX_REPLY;
}


static void
reply_wraps(wire_reply_t *reply)
{
    reply->data = UINT32_MAX;
    reply->missing = 3;
}


/* More bytes come than it counts. */

static void
reply_short(wire_reply_t *reply)
{
    reply->warnings = 0;
}


static void
reply_failed_with_data(wire_reply_t *reply)
{
    reply->status = WIRE_FAILED;
}


static void
reply_refresh(wire_reply_t *reply)
{
    reply->refresh_delay = -1;
}


static void
reply_elapsed(wire_reply_t *reply)
{
    reply->elapsed = -1;
}


static void
reply_charset(wire_reply_t *reply)
{
    memset(reply->charset, 'x', sizeof(reply->charset));
}


static void
reply_charset_from(wire_reply_t *reply)
{
    memset(reply->charset_from, 'x', sizeof(reply->charset_from));
}


static void
reply_detail(wire_reply_t *reply)
{
    memset(reply->detail, 'x', sizeof(reply->detail));
}
