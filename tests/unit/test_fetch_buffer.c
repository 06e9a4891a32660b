
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <check.h>
#include <curl/curl.h>

#include "sidecar/fetch/fetch_buffer.h"
#include "tests/support/fetching.h"
#include "tests/support/suite.h"


#define BUFFER_N    (FETCH_BUFFER_WARM + 100)


static void buffer_take(char **all);
static void buffer_give(char **all);
static size_t buffer_resident(char *const *all);


START_TEST(one_that_was_not_read_into_has_no_memory)
{
    char  *all[BUFFER_N];

    buffer_take(all);
    ck_assert_uint_eq(buffer_resident(all), 0);
    memset(all[1], 'x', FETCH_BUFFER_ASKED);
    ck_assert_uint_eq(buffer_resident(all), 1);
    buffer_give(all);
}
END_TEST


START_TEST(each_has_its_own_room)
{
    int    i;
    char  *all[BUFFER_N], expected[FETCH_BUFFER_ASKED];

    buffer_take(all);

    for (i = 0; i < BUFFER_N; i++) {
        memset(all[i], i, FETCH_BUFFER_ASKED);
    }

    for (i = 0; i < BUFFER_N; i++) {
        memset(expected, i, FETCH_BUFFER_ASKED);
        ck_assert_mem_eq(all[i], expected, FETCH_BUFFER_ASKED);
    }

    buffer_give(all);
}
END_TEST


START_TEST(the_last_one_given_back_is_the_next)
{
    char  *first, *second;

    first = fetch_buffer_malloc(FETCH_BUFFER_ASKED);
    second = fetch_buffer_malloc(FETCH_BUFFER_ASKED);
    fetch_buffer_free(second);
    fetch_buffer_free(first);

    ck_assert_ptr_eq(fetch_buffer_malloc(FETCH_BUFFER_ASKED), first);
    ck_assert_ptr_eq(fetch_buffer_malloc(FETCH_BUFFER_ASKED), second);
    fetch_buffer_free(first);
    fetch_buffer_free(second);
}
END_TEST


START_TEST(idle_ones_give_their_memory_back_but_for_some)
{
    int    i;
    char  *all[BUFFER_N];

    buffer_take(all);

    for (i = 0; i < BUFFER_N; i++) {
        memset(all[i], 'x', FETCH_BUFFER_ASKED);
    }

    ck_assert_uint_eq(buffer_resident(all), BUFFER_N);
    buffer_give(all);
    ck_assert_uint_eq(buffer_resident(all), FETCH_BUFFER_WARM);

    /* the warm ones come first, and the others are as good */
    for (i = 0; i < FETCH_BUFFER_WARM; i++) {
        all[i] = fetch_buffer_malloc(FETCH_BUFFER_ASKED);
        ck_assert_int_eq(all[i][0], 'x');
    }

    for ( /* void */ ; i < BUFFER_N; i++) {
        all[i] = fetch_buffer_malloc(FETCH_BUFFER_ASKED);
        ck_assert_int_eq(all[i][0], 0);
        all[i][0] = 'x';
    }

    buffer_give(all);
    ck_assert_uint_eq(buffer_resident(all), FETCH_BUFFER_WARM);
}
END_TEST


START_TEST(where_none_is_left_it_is_of_malloc)
{
    char  *all[BUFFER_N], *more;

    buffer_take(all);
    more = fetch_buffer_malloc(FETCH_BUFFER_ASKED);
    ck_assert_ptr_nonnull(more);
    memset(more, 'x', FETCH_BUFFER_ASKED);
    fetch_buffer_free(more);
    buffer_give(all);
}
END_TEST


START_TEST(what_is_made_larger_keeps_its_bytes)
{
    char  *p;

    p = fetch_buffer_malloc(FETCH_BUFFER_ASKED);
    memset(p, 'x', FETCH_BUFFER_ASKED);
    p = fetch_buffer_realloc(p, FETCH_BUFFER_ASKED + 1);
    ck_assert_ptr_nonnull(p);
    p[FETCH_BUFFER_ASKED] = '\0';
    ck_assert_uint_eq(strspn(p, "x"), FETCH_BUFFER_ASKED);

    p = fetch_buffer_realloc(p, 1);
    ck_assert_ptr_nonnull(p);
    ck_assert_int_eq(p[0], 'x');
    fetch_buffer_free(p);
}
END_TEST


START_TEST(each_exchange_under_way_has_one)
{
    int                 i;
    fetching_t          f;
    fetch_request_t     r;
    fetching_answer_t   answers[3];

    /* others share one */
    if (curl_version_info(CURLVERSION_NOW)->version_num >= 0x080800) {
        (void) puts("skipped: libcurl has one buffer for all");
        return;
    }

    fetching_begin(&f, "", "127.0.0.0/8", 10);
    r = fetching_request();
    r.total_timeout = 400 * LOOP_MS;

    for (i = 0; i < 3; i++) {
        (void) fetching_start(&f, "/hang", &r, &answers[i]);
    }

    fetching_run(&f, 3);
    ck_assert_uint_eq(fetch_buffer_most(), 3);

    for (i = 0; i < 3; i++) {
        fetching_free(&answers[i]);
    }

    fetching_end(&f);
}
END_TEST


/* All there are. */
static void
buffer_take(char **all)
{
    int  i;

    for (i = 0; i < BUFFER_N; i++) {
        all[i] = fetch_buffer_malloc(FETCH_BUFFER_ASKED);
        ck_assert_ptr_nonnull(all[i]);
    }
}


static void
buffer_give(char **all)
{
    int  i;

    for (i = 0; i < BUFFER_N; i++) {
        fetch_buffer_free(all[i]);
    }
}


/* How many of them have their first page in memory. */
static size_t
buffer_resident(char *const *all)
{
    int            i;
    size_t         n, page;
    unsigned char  in[FETCH_BUFFER_SLOT];

    page = (size_t) sysconf(_SC_PAGESIZE);
    n = 0;

    for (i = 0; i < BUFFER_N; i++) {
        ck_assert_uint_eq((size_t) all[i] % page, 0);
        ck_assert_int_eq(mincore(all[i], page, in), 0);
        n += in[0] & 1;
    }

    return n;
}


int
main(void)
{
    int           rc;
    const TTest  *tests[] = {
        one_that_was_not_read_into_has_no_memory,
        each_has_its_own_room,
        the_last_one_given_back_is_the_next,
        idle_ones_give_their_memory_back_but_for_some,
        where_none_is_left_it_is_of_malloc,
        what_is_made_larger_keeps_its_bytes,
        each_exchange_under_way_has_one,
        NULL
    };

    if (FETCH_BUFFER_SLOT % sysconf(_SC_PAGESIZE) != 0) {
        (void) puts("skipped: pages are larger than 4 KiB");
        return EXIT_SUCCESS;
    }

    if (fetch_buffer_init(BUFFER_N) != SC_OK) {
        return EXIT_FAILURE;
    }

    rc = suite_run("fetch_buffer", tests, 10);
    curl_global_cleanup();

    return rc;
}
