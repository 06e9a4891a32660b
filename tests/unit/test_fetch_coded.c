
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/fetching.h"
#include "tests/support/suite.h"


#define CODED_ALLOW    "127.0.0.0/8"
#define CODED_MAX      512

#define CODED_PAGE                                                            \
    "<html><body><h1>Coded</h1><p>one two one two one two</p></body></html>"


static void coded_is_whole(fetching_t *f, const char *path);
static size_t coded_cut(fetching_t *f, const char *coding, const char *end);


/* Ends that are those of a connection, of a length, and of the last chunk. */
static const char *const  coded_ends[] = {
    "", "&end=close", "&end=chunk", NULL
};

static const char *const  coded_names[] = {
    "gzip", "deflate", "bare", "br", "zstd", "chain", NULL
};


START_TEST(a_page_comes_out_of_every_coding)
{
    char        path[64];
    size_t      i, j;
    fetching_t  f;

    fetching_begin(&f, "", CODED_ALLOW, 10);

    for (i = 0; coded_names[i] != NULL; i++) {
        for (j = 0; coded_ends[j] != NULL; j++) {
            (void) snprintf(path, sizeof(path), "/coded/%s?%s",
                            coded_names[i], coded_ends[j]);
            coded_is_whole(&f, path);
        }
    }

    fetching_end(&f);
}
END_TEST


START_TEST(a_page_may_be_in_several_members_or_frames)
{
    fetching_t  f;

    fetching_begin(&f, "", CODED_ALLOW, 10);
    coded_is_whole(&f, "/coded/members");
    coded_is_whole(&f, "/coded/members?end=chunk");
    coded_is_whole(&f, "/coded/frames");
    coded_is_whole(&f, "/coded/frames?end=chunk");
    fetching_end(&f);
}
END_TEST


START_TEST(what_is_behind_the_end_of_the_content_is_passed_over)
{
    fetching_t  f;

    fetching_begin(&f, "", CODED_ALLOW, 10);
    coded_is_whole(&f, "/coded/gzip?more=9");
    coded_is_whole(&f, "/coded/deflate?more=9&end=chunk");
    coded_is_whole(&f, "/coded/br?more=9&end=chunk");
    coded_is_whole(&f, "/coded/members?more=9&end=close");
    fetching_end(&f);
}
END_TEST


START_TEST(a_page_cut_at_any_byte_of_its_coding_is_no_page)
{
    size_t      i, j, n;
    fetching_t  f;

    fetching_begin(&f, "", CODED_ALLOW, 10);

    for (i = 0, n = 0; coded_names[i] != NULL; i++) {
        for (j = 0; coded_ends[j] != NULL; j++) {
            n += coded_cut(&f, coded_names[i], coded_ends[j]);
        }
    }

    ck_assert_uint_gt(n, 1000);
    fetching_end(&f);
}
END_TEST


START_TEST(content_without_a_byte_has_no_coding_to_end)
{
    size_t              i;
    char                path[64];
    fetching_t          f;
    fetch_request_t     r;
    fetching_answer_t   a;

    fetching_begin(&f, "", CODED_ALLOW, 10);

    for (i = 0; coded_ends[i] != NULL; i++) {
        (void) snprintf(path, sizeof(path), "/coded/br?bytes=0%s",
                        coded_ends[i]);
        fetching_get(&f, path, NULL, &a);
        ck_assert_int_eq(a.result.error, FETCH_OK);
        ck_assert_uint_eq(a.result.body.len, 0);
        fetching_free(&a);
    }

    r = fetching_request();
    r.method = "HEAD";
    fetching_get(&f, "/coded/gzip", &r, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(bytes_are_told_as_received_and_as_decoded)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", CODED_ALLOW, 10);
    fetching_get(&f, "/gzip?bytes=10000", NULL, &a);
    ck_assert_uint_eq(a.result.body.len, 10000);
    ck_assert_int_gt(a.result.bytes_wire, 0);
    ck_assert_int_lt(a.result.bytes_wire, 1000);
    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(the_limit_of_a_page_is_one_of_decoded_bytes)
{
    fetching_t         f;
    fetch_request_t    r;
    fetching_answer_t  a;

    fetching_begin(&f, "", CODED_ALLOW, 10);
    r = fetching_request();
    r.max_body = strlen(CODED_PAGE);

    fetching_get(&f, "/coded/bare", &r, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    r.max_body = strlen(CODED_PAGE) - 1;
    fetching_get(&f, "/coded/bare", &r, &a);
    ck_assert_int_eq(a.result.error, FETCH_TOO_LARGE);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(codings_that_swell_in_between_end_at_the_limit)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", CODED_ALLOW, 10);
    fetching_get(&f, "/gzip-hollow", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_TOO_LARGE);
    ck_assert_ptr_nonnull(strstr(a.result.detail, "encodings"));
    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(a_coding_that_was_not_offered_is_named)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", CODED_ALLOW, 10);

    fetching_get(&f, "/odd-coding", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(a.result.detail, "\"xyzzy\""));
    fetching_free(&a);

    fetching_get(&f, "/coded/gzip?transfer=gzip", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(a.result.detail, "\"gzip\""));
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


static void
coded_is_whole(fetching_t *f, const char *path)
{
    fetching_answer_t  a;

    fetching_get(f, path, NULL, &a);
    ck_assert_msg(a.result.error == FETCH_OK, "%s: %s", path,
                  a.result.detail);
    ck_assert_msg(a.result.body.len == strlen(CODED_PAGE)
                  && memcmp(a.result.body.data, CODED_PAGE,
                            strlen(CODED_PAGE)) == 0, "%s: %.*s", path,
                  (int) a.result.body.len, a.result.body.data);
    fetching_free(&a);
}


/* At each byte but the first and the last; returns how many they were. */
static size_t
coded_cut(fetching_t *f, const char *coding, const char *end)
{
    char               path[64];
    size_t             n;
    fetching_answer_t  a;

    for (n = 1; n < CODED_MAX; n++) {
        (void) snprintf(path, sizeof(path), "/coded/%s?bytes=%zu%s", coding, n,
                        end);
        fetching_get(f, path, NULL, &a);

        if (a.result.error == FETCH_OK) {
            ck_assert_msg(a.result.body.len == strlen(CODED_PAGE),
                          "%s: a page of %zu bytes", path,
                          a.result.body.len);
            fetching_free(&a);
            return n - 1;
        }

        ck_assert_msg(a.result.error == FETCH_PROTOCOL
                      && strstr(a.result.detail, "encoding") != NULL, "%s: %s",
                      path, a.result.detail);
        fetching_free(&a);
    }

    ck_abort_msg("%s never ends", coding);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_page_comes_out_of_every_coding,
        a_page_may_be_in_several_members_or_frames,
        what_is_behind_the_end_of_the_content_is_passed_over,
        a_page_cut_at_any_byte_of_its_coding_is_no_page,
        content_without_a_byte_has_no_coding_to_end,
        bytes_are_told_as_received_and_as_decoded,
        the_limit_of_a_page_is_one_of_decoded_bytes,
        codings_that_swell_in_between_end_at_the_limit,
        a_coding_that_was_not_offered_is_named,
        NULL
    };

    return suite_run("fetch_coded", tests, 60);
}
