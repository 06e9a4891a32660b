
#include <string.h>

#include <check.h>

#include "tests/support/fetching.h"
#include "tests/support/suite.h"


#define KEPT_ALLOW    "127.0.0.0/8"
#define KEPT_TIMES    20


static fetch_request_t kept_post(void);
static void kept_get(fetching_t *f, const char *path,
    const fetch_request_t *request, int status, const char *text);
static void kept_none(fetching_t *f, const char *path,
    const fetch_request_t *request);


START_TEST(bytes_behind_an_answer_are_not_the_next_one)
{
    int         i;
    fetching_t  f;

    fetching_begin(&f, "", KEPT_ALLOW, 10);

    for (i = 0; i < KEPT_TIMES; i++) {
        kept_get(&f, "/surplus", NULL, 204, "");
        kept_get(&f, "/page/7", NULL, 200, "Product 7");
    }

    fetching_end(&f);
}
END_TEST


START_TEST(they_cost_a_request_that_may_not_be_repeated_nothing)
{
    fetching_t       f;
    fetch_request_t  r;

    fetching_begin(&f, "", KEPT_ALLOW, 10);
    r = kept_post();

    kept_get(&f, "/surplus", NULL, 204, "");
    kept_get(&f, "/echo", &r, 200, "POST");
    kept_get(&f, "/hits", NULL, 200, "\"/echo\":1");

    fetching_end(&f);
}
END_TEST


START_TEST(bytes_in_the_place_of_an_answer_are_not_blamed_on_it)
{
    int         i;
    fetching_t  f;

    fetching_begin(&f, "", KEPT_ALLOW, 10);

    for (i = 0; i < KEPT_TIMES; i++) {
        kept_get(&f, "/surplus-late", NULL, 200, "Late");
        kept_get(&f, "/page/7", NULL, 200, "Product 7");
    }

    fetching_end(&f);
}
END_TEST


START_TEST(a_request_with_content_is_not_sent_twice)
{
    fetching_t       f;
    fetch_request_t  r;

    fetching_begin(&f, "", KEPT_ALLOW, 10);
    r = kept_post();

    kept_get(&f, "/surplus-late", NULL, 200, "Late");
    kept_none(&f, "/echo", &r);
    kept_get(&f, "/hits", NULL, 200, "\"/echo\":1");

    fetching_end(&f);
}
END_TEST


START_TEST(what_is_no_answer_on_a_new_connection_is_none)
{
    fetching_t  f;

    fetching_begin(&f, "", KEPT_ALLOW, 10);
    kept_none(&f, "/garbage", NULL);

    /* on a kept one it is asked for once more */
    kept_get(&f, "/page/7", NULL, 200, "Product 7");
    kept_none(&f, "/garbage", NULL);
    kept_get(&f, "/hits", NULL, 200, "\"/garbage\":3");

    fetching_end(&f);
}
END_TEST


START_TEST(a_clean_connection_is_used_again)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", KEPT_ALLOW, 10);
    kept_get(&f, "/page/7", NULL, 200, "Product 7");

    fetching_get(&f, "/page/8", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert(a.result.timings.connect == 0);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


static fetch_request_t
kept_post(void)
{
    fetch_request_t  r;

    r = fetching_request();
    r.method = "POST";
    r.body = (sc_str_t) sc_string("once");

    return r;
}


static void
kept_get(fetching_t *f, const char *path, const fetch_request_t *request,
    int status, const char *text)
{
    fetching_answer_t  a;

    fetching_get(f, path, request, &a);
    ck_assert_msg(a.result.error == FETCH_OK, "%s: %s", path,
                  a.result.detail);
    ck_assert_int_eq(a.result.status, status);
    ck_assert_msg(text[0] == '\0' || strstr(a.result.body.data, text) != NULL,
                  "%s: %s", path, a.result.body.data);
    fetching_free(&a);
}


/* It is answered by what is no answer. */
static void
kept_none(fetching_t *f, const char *path, const fetch_request_t *request)
{
    fetching_answer_t  a;

    fetching_get(f, path, request, &a);
    ck_assert_int_eq(a.result.error, FETCH_PROTOCOL);
    fetching_free(&a);
}


int
main(void)
{
    const TTest  *tests[] = {
        bytes_behind_an_answer_are_not_the_next_one,
        they_cost_a_request_that_may_not_be_repeated_nothing,
        bytes_in_the_place_of_an_answer_are_not_blamed_on_it,
        a_request_with_content_is_not_sent_twice,
        what_is_no_answer_on_a_new_connection_is_none,
        a_clean_connection_is_used_again,
        NULL
    };

    return suite_run("fetch_kept", tests, 60);
}
