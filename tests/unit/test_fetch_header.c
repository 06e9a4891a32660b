
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "sidecar/fetch/fetch.h"
#include "tests/support/suite.h"


static int header_allowed(const char *name, const char *value, char *err);


START_TEST(a_field_of_the_caller_s_own_may_be_sent)
{
    size_t                    i;
    char                      err[256];
    static const char *const  names[] = {
        "X-Api-Key", "Authorization", "Cookie", "Accept", "Accept-Language",
        "User-Agent", "If-None-Match", "x", "!#$%&'*+-.^_`|~09azAZ",
        "Tea", "Hostess", "Content-Type", "Proxy"
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ck_assert_msg(header_allowed(names[i], "a value", err) == SC_OK,
                      "%s: %s", names[i], err);
    }
}
END_TEST


START_TEST(a_field_that_frames_the_message_may_not_be_sent)
{
    size_t                    i;
    char                      err[256];
    static const char *const  names[] = {
        "Host", "host", "HOST", "Content-Length", "content-length",
        "Transfer-Encoding", "Connection", "Expect", "TE", "te", "Trailer",
        "Upgrade", "Keep-Alive", "Proxy-Authorization", "proxy-connection",
        "Proxy-"
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ck_assert_msg(header_allowed(names[i], "a value", err) == SC_ERROR,
                      "%s", names[i]);
        ck_assert_ptr_nonnull(strstr(err, names[i]));
    }
}
END_TEST


START_TEST(a_name_is_a_token)
{
    int       c;
    char      err[256], name[8];
    sc_str_t  s, value = sc_string("v");

    for (c = 0; c < 256; c++) {
        name[0] = 'x';
        name[1] = (char) c;
        name[2] = 'x';
        s.data = name;
        s.len = 3;

        ck_assert_msg((fetch_header_allowed(s, value, err, sizeof(err))
                       == SC_OK)
                      == (c > ' ' && c < 0x7f
                          && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL),
                      "byte %d", c);
    }

    ck_assert_int_eq(header_allowed("", "v", err), SC_ERROR);
    ck_assert_str_ne(err, "");
}
END_TEST


START_TEST(a_value_has_no_control_character_but_tab)
{
    int       c;
    char      err[256], text[8];
    sc_str_t  value, name = sc_string("X-Test");

    for (c = 0; c < 256; c++) {
        text[0] = 'a';
        text[1] = (char) c;
        text[2] = 'b';
        value.data = text;
        value.len = 3;

        ck_assert_msg((fetch_header_allowed(name, value, err, sizeof(err))
                       == SC_OK)
                      == (c == '\t' || (c >= ' ' && c != 0x7f)),
                      "byte %d", c);
    }

    ck_assert_int_eq(header_allowed("X-Test", "a\r\nHost: b", err), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err, "X-Test"));
}
END_TEST


START_TEST(an_empty_value_may_be_sent)
{
    char      err[256];
    sc_str_t  name = sc_string("X-Empty"), value = sc_null_string;

    ck_assert_int_eq(fetch_header_allowed(name, value, err, sizeof(err)),
                     SC_OK);
}
END_TEST


START_TEST(a_sentence_fits_however_long_the_name_is)
{
    char      err[16], name[4096];
    sc_str_t  s, value = sc_string("v");

    memset(name, 'x', sizeof(name));
    memcpy(name, "Proxy-", 6);
    s.data = name;
    s.len = sizeof(name);

    ck_assert_int_eq(fetch_header_allowed(s, value, err, sizeof(err)),
                     SC_ERROR);
    ck_assert_uint_lt(strlen(err), sizeof(err));
}
END_TEST


START_TEST(every_error_has_its_own_problem_type)
{
    int  i, j;

    ck_assert_str_eq(fetch_error_type(FETCH_OK), "");
    ck_assert_str_eq(fetch_error_type(FETCH_BLOCKED),
                     "/policy/egress-blocked");
    ck_assert_str_eq(fetch_error_type(FETCH_TOO_LARGE), "/fetch/too-large");

    for (i = FETCH_DNS; i <= FETCH_RESOURCES; i++) {
        ck_assert_int_eq(fetch_error_type(i)[0], '/');

        for (j = FETCH_OK; j < i; j++) {
            ck_assert_str_ne(fetch_error_type(i), fetch_error_type(j));
        }
    }
}
END_TEST


static int
header_allowed(const char *name, const char *value, char *err)
{
    sc_str_t  n, v;

    n.data = name;
    n.len = strlen(name);
    v.data = value;
    v.len = strlen(value);
    err[0] = '\0';

    return fetch_header_allowed(n, v, err, 256);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_field_of_the_caller_s_own_may_be_sent,
        a_field_that_frames_the_message_may_not_be_sent,
        a_name_is_a_token,
        a_value_has_no_control_character_but_tab,
        an_empty_value_may_be_sent,
        a_sentence_fits_however_long_the_name_is,
        every_error_has_its_own_problem_type,
        NULL
    };

    return suite_run("fetch_header", tests, 10);
}
