
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/replay/fake.h"
#include "tests/replay/room.h"


static void room_told(void *data, const fetch_result_t *result);


void
room_begin(room_t *r, size_t max_bytes)
{
    r->loop = loop_create();
    ck_assert_ptr_nonnull(r->loop);
    r->fetcher = fetcher_create(r->loop, NULL, NULL, "scraped/1.0", 100);
    r->cache = robots_cache_create(r->loop, r->fetcher, "scraped", max_bytes,
                                   ROOM_TIMEOUT);
    ck_assert_ptr_nonnull(r->cache);
}


void
room_end(room_t *r)
{
    robots_cache_destroy(r->cache);
    ck_assert_uint_eq(fake_fetches(), 0);
    fetcher_destroy(r->fetcher);
    loop_destroy(r->loop);
}


robots_verdict_t
room_verdict(room_t *r, const char *page)
{
    return room_answer(r->cache, page).verdict;
}


robots_answer_t
room_answer(robots_cache_t *c, const char *page)
{
    url_t            url;
    char             err[160];
    robots_answer_t  a;

    ck_assert_int_eq(url_parse(&url, page, strlen(page), err, sizeof(err)),
                     SC_OK);
    robots_cache_check(c, &url, &a);
    url_free(&url);

    return a;
}


int
room_fetch(robots_cache_t *c, const char *page, room_told_t *told)
{
    int    rc;
    url_t  url;
    char   err[160];

    ck_assert_int_eq(url_parse(&url, page, strlen(page), err, sizeof(err)),
                     SC_OK);
    rc = robots_cache_fetch(c, &url, NULL, room_told, told);
    url_free(&url);

    return rc;
}


static void
room_told(void *data, const fetch_result_t *result)
{
    room_told_t  *told = data;

    told->called++;
    told->status = result->status;
    told->error = result->error;
    told->verdict = room_answer(told->cache, told->page).verdict;

    if (told->next != NULL) {
        told->page = told->next;
        told->next = NULL;
        ck_assert_int_eq(room_fetch(told->cache, told->page, told), SC_OK);
    }

    if (told->leave) {
        robots_cache_destroy(told->cache);
    }
}


void
room_fetching(room_t *r, const char *page, room_told_t *told)
{
    memset(told, 0, sizeof(room_told_t));
    told->cache = r->cache;
    told->page = page;

    ck_assert_int_eq(room_fetch(r->cache, page, told), SC_OK);
    ck_assert_int_eq(told->called, 0);
}


void
room_reply(room_t *r, const char *url, int status, const char *body)
{
    fake_fetch_answer(url, status, NULL, body);
    fake_run(r->loop);
}


void
room_redirect(room_t *r, const char *url, int status, const char *location)
{
    fake_fetch_answer(url, status, location, "");
    fake_run(r->loop);
}


void
room_fail(room_t *r, const char *url, fetch_error_t error)
{
    fake_fetch_fail(url, error);
    fake_run(r->loop);
}


void
room_fill(room_t *r, const char *page, const char *body)
{
    char         url[64];
    room_told_t  told;

    (void) snprintf(url, sizeof(url), "%srobots.txt", page);
    room_fetching(r, page, &told);
    room_reply(r, url, 200, body);
    ck_assert_int_eq(told.called, 1);
}


void
room_too_large(room_t *r, int status, const char *location,
    const char *body)
{
    fetch_t  *fetch = (fetch_t *) fake_fetch(ROOM_ROBOTS);

    fake_fetch_answer(ROOM_ROBOTS, status, location, body);
    fetch->result.error = FETCH_TOO_LARGE;
    fake_run(r->loop);
}
