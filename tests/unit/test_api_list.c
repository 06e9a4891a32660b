
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "sidecar/api/api_list.h"
#include "tests/support/suite.h"


#define LIST_TIMEOUT    10


typedef struct {
    const char  *text;
    int64_t      ms;                    /* -1: none */
} time_case_t;


static const time_case_t  time_cases[] = {
    { "2026-01-31T12:00:00Z", 1769860800000 },
    { "2026-01-31T12:00:00.124Z", 1769860800124 },
    { "2026-01-31T12:00:00.12456789z", 1769860800124 },
    { "2026-01-31T14:30:00%2B02:30", 1769860800000 },
    { "2026-01-31T14:30:00+02:30", 1769860800000 },
    { "2026-01-31T11:00:00-01:00", 1769860800000 },
    { "1769860800124", 1769860800124 },
    { "0", 0 },
};


static uint64_t hash_of(const char *tenant, const char *path,
    const char *params);


START_TEST(a_cursor_says_where_its_list_goes_on)
{
    int64_t   seq;
    uint64_t  hash;
    sc_buf_t  b;

    hash = hash_of("t", "/v1/jobs", "state=running");
    sc_buf_init(&b, 0);
    api_cursor_write(hash, 1234567890123, &b);

    ck_assert_uint_eq(strspn(b.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789-_"),
                      b.len);
    ck_assert_int_eq(api_cursor_read(b.data, hash, &seq), SC_OK);
    ck_assert_int_eq(seq, 1234567890123);
    ck_assert_int_eq(api_cursor_read(b.data, hash + 1, &seq), SC_DECLINED);

    b.data[b.len - 2] ^= 1;
    b.data[1] ^= 1;
    ck_assert_int_eq(api_cursor_read(b.data, hash, &seq), SC_DECLINED);
    sc_buf_free(&b);
}
END_TEST


START_TEST(what_is_no_cursor_is_refused)
{
    size_t    i;
    int64_t   seq;

    static const char *const  wrong[] = {
        "", "a", "=", "AAAA", "djEg", "a b", "v1 0000000000000000 5",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_msg(api_cursor_read(wrong[i], 0, &seq) == SC_DECLINED,
                      "%s", wrong[i]);
    }
}
END_TEST


START_TEST(a_list_is_its_path_its_filters_and_its_tenant)
{
    uint64_t  hash;

    hash = hash_of("t", "/v1/jobs", "state=running&kind=batch");

    ck_assert(hash == hash_of("t", "/v1/jobs",
                              "limit=5&kind=batch&cursor=x&state=running"));
    ck_assert(hash != hash_of("u", "/v1/jobs", "state=running&kind=batch"));
    ck_assert(hash != hash_of("t", "/v1/job", "state=running&kind=batch"));
    ck_assert(hash != hash_of("t", "/v1/jobs", "state=runningkind&=batch"));
    ck_assert(hash != hash_of("t", "/v1/jobs", "state=running"));
}
END_TEST


START_TEST(a_time_is_read_in_either_form)
{
    char      text[80], err[80];
    size_t    i;
    int64_t   ms;
    query_t   q;

    for (i = 0; i < sizeof(time_cases) / sizeof(time_case_t); i++) {
        (void) snprintf(text, sizeof(text), "since=%s", time_cases[i].text);
        ck_assert_int_eq(query_parse(&q, text, err, sizeof(err)), SC_OK);
        ck_assert_int_eq(api_list_time(NULL, &q, "since", &ms), SC_OK);
        ck_assert_msg(ms == time_cases[i].ms, "%s: %lld", text,
                      (long long) ms);
        ck_assert_int_eq(api_list_time(NULL, &q, "until", &ms), SC_DECLINED);
        query_free(&q);
    }
}
END_TEST


static uint64_t
hash_of(const char *tenant, const char *path, const char *params)
{
    char        err[80];
    query_t     q;
    uint64_t    hash;
    sc_str_t    where;
    api_call_t  c;

    memset(&c, 0, sizeof(api_call_t));
    c.tenant.data = tenant;
    c.tenant.len = strlen(tenant);
    where.data = path;
    where.len = strlen(path);
    ck_assert_int_eq(query_parse(&q, params, err, sizeof(err)), SC_OK);
    hash = api_cursor_hash(&c, where, &q);
    query_free(&q);

    return hash;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_cursor_says_where_its_list_goes_on,
        what_is_no_cursor_is_refused,
        a_list_is_its_path_its_filters_and_its_tenant,
        a_time_is_read_in_either_form,
        NULL
    };

    return suite_run("api_list", tests, LIST_TIMEOUT);
}
