
#include <string.h>

#include <check.h>

#include "sidecar/api/api_internal.h"
#include "tests/support/suite.h"


#define REPLY_TIMEOUT    10


static const char *reply_fields(const char *type, int retry);


static api_t  api;


START_TEST(a_503_says_when_to_come_again)
{
    ck_assert_str_eq(reply_fields("/server/storage-failed", 0),
                     "Retry-After: 5\r\n");
    ck_assert_str_eq(reply_fields("/server/out-of-memory", 0),
                     "Retry-After: 5\r\n");
    ck_assert_str_eq(reply_fields("/limits/host-busy", 7),
                     "Retry-After: 7\r\n");
}
END_TEST


START_TEST(what_does_not_pass_by_itself_says_nothing)
{
    ck_assert_str_eq(reply_fields("/server/storage-full", 0), "");
    ck_assert_str_eq(reply_fields("/job/state", 0), "");
}
END_TEST


START_TEST(a_full_queue_is_held_by_nginx_as_long)
{
    ck_assert_str_eq(reply_fields("/limits/queue-full", 1),
                     "Retry-After: 1\r\nScrape-Hold: queue 1\r\n");
    ck_assert_str_eq(reply_fields("/limits/key-quota", 1),
                     "Retry-After: 1\r\nScrape-Hold: tenant 1\r\n");
}
END_TEST


/* Of a reply with this problem. */
static const char *
reply_fields(const char *type, int retry)
{
    problem_t   p;
    api_call_t  call;

    memset(&call, 0, sizeof(call));
    call.api = &api;
    sc_buf_reset(&api.headers);
    (void) sc_buf_add_cstr(&api.headers, "");
    problem_init(&p, type, "it is so");
    api_reply_retry(&call, &p, retry);

    return api.headers.data;
}


int
main(void)
{
    int           rc;
    const TTest  *tests[] = {
        a_503_says_when_to_come_again,
        what_does_not_pass_by_itself_says_nothing,
        a_full_queue_is_held_by_nginx_as_long,
        NULL
    };

    sc_buf_init(&api.headers, 0);
    rc = suite_run("api reply", tests, REPLY_TIMEOUT);
    sc_buf_free(&api.headers);

    return rc;
}
