
#include <stdlib.h>
#include <string.h>

#include "sidecar/jobs/jobs_internal.h"


/* when it is looked again whether others have fetched a robots.txt */
#define JOBS_ROBOTS_POLL    (200 * LOOP_MS)

/* what names sitemaps, and where one is when it names none */
#define JOBS_ROBOTS_PATH    "/robots.txt"
#define JOBS_SITEMAP_PATH   "/sitemap.xml"


static size_t jobs_start_pages(jobs_work_t *w);
static void jobs_start_put(void *data, store_status_t status, size_t added);
static void jobs_start_made(jobs_work_t *w, store_status_t status);
static void jobs_start_sitemaps(jobs_work_t *w);
static void jobs_start_next(jobs_work_t *w);
static int jobs_start_waits(jobs_work_t *w, const url_t *url);
static int jobs_start_origin(jobs_work_t *w, const json_t *start);
static void jobs_start_known(void *data, const fetch_result_t *result);
static void jobs_start_maps(jobs_work_t *w, const url_t *url);
static void jobs_start_map(jobs_work_t *w, const char *base,
    const char *text);
static int jobs_start_give(jobs_work_t *w, store_added_pt done);
static void jobs_start_mapped(void *data, store_status_t status,
    size_t added);
static void jobs_start_close(jobs_work_t *w);
static const json_t *jobs_start_list(const jobs_work_t *w);


/*
 * Whoever made it is told when its first pages are on disk.  After a start of
 * ours it begins once more: what is there already is passed over.
 */
void
jobs_start(jobs_work_t *w)
{
    w->starting = 1;
    w->asked = 0;
    w->start = 0;

    /* without names they would be there twice */
    if (w->crawl.only_sitemaps
        || (!w->crawl.unique && w->work.counts.found > 0))
    {
        jobs_start_made(w, STORE_OK);
        return;
    }

    if (jobs_start_pages(w) == 0) {
        jobs_start_made(w, STORE_OK);

    } else if (jobs_start_give(w, jobs_start_put) != SC_OK) {
        jobs_start_made(w, STORE_FAILED);
    }
}


/* The next ones; how many. */
static size_t
jobs_start_pages(jobs_work_t *w)
{
    sc_str_t       url;
    jobs_pages_t  *pages = &w->jobs->pages;
    const json_t  *start, *list = jobs_start_list(w);

    jobs_pages_reset(pages);

    for ( /* void */ ; w->start < json_array_size(list)
         && pages->n < STORE_PAGES_MAX && !jobs_stopped(w); w->start++)
    {
        start = json_array_get(list, w->start);
        url.data = json_string_value(start);
        url.len = json_string_length(start);

        if (url.data == NULL
            || jobs_crawl_row(w, url, 0, STORE_PAGE, &pages->rows[pages->n])
               != SC_OK)
        {
            continue;
        }

        pages->seen[pages->n++] = crawl_seen(w->work.job.id, url.data,
                                             w->crawl.ignore_query);
    }

    return pages->n;
}


static int
jobs_start_give(jobs_work_t *w, store_added_pt done)
{
    jobs_pages_give(w);

    return store_pages_put(w->jobs->store, w->work.job.seq,
                           w->work.job.tenant, &w->jobs->pages.pages, done,
                           w);
}


static void
jobs_start_put(void *data, store_status_t status, size_t added)
{
    jobs_work_t  *w = data;

    if (status == STORE_OK) {
        w->work.counts.found += (int64_t) added;
        frontier_flow_fed(w->jobs->frontier, w->lane, w->flow,
                          w->work.job.tenant, added);

        if (jobs_start_pages(w) > 0
            && jobs_start_give(w, jobs_start_put) == SC_OK)
        {
            return;
        }
    }

    jobs_start_made(w, status);
}


static void
jobs_start_made(jobs_work_t *w, store_status_t status)
{
    void           *data = w->made_data;
    store_done_pt   made = w->made;

    w->made = NULL;
    w->start = 0;

    if (status != STORE_OK) {
        jobs_stop(w, "cancelled");

    } else if (w->crawl.sitemaps && !jobs_stopped(w)) {
        jobs_start_sitemaps(w);

    } else {
        jobs_start_close(w);
    }

    if (made != NULL) {
        made(data, status);
    }
}


/* One origin after the other. */
static void
jobs_start_sitemaps(jobs_work_t *w)
{
    url_t          url;
    char           err[160];
    const char    *text;
    const json_t  *start, *list = jobs_start_list(w);

    jobs_pages_reset(&w->jobs->pages);

    for ( /* void */ ; w->start < json_array_size(list); jobs_start_next(w)) {
        start = json_array_get(list, w->start);
        text = json_string_value(start);

        if (text == NULL || jobs_start_origin(w, start) != SC_OK
            || url_parse(&url, text, strlen(text), err, sizeof(err))
               != SC_OK)
        {
            continue;
        }

        if (jobs_start_waits(w, &url)) {
            url_free(&url);
            (void) loop_timer_set(w->jobs->loop, &w->timer,
                                  JOBS_ROBOTS_POLL);
            return;
        }

        jobs_start_maps(w, &url);
        url_free(&url);

        if (w->jobs->pages.n > 0
            && jobs_start_give(w, jobs_start_mapped) == SC_OK)
        {
            jobs_start_next(w);
            return;
        }
    }

    jobs_start_close(w);
}


static void
jobs_start_next(jobs_work_t *w)
{
    w->start++;
    w->asked = 0;
}


/*
 * For robots.txt.  One that was asked for, and is not known, could not be had:
 * asking until it can would be a loop without end.
 */
static int
jobs_start_waits(jobs_work_t *w, const url_t *url)
{
    robots_answer_t  answer;

    robots_cache_check(w->jobs->parts.robots, url, &answer);

    if (answer.verdict == ROBOTS_UNKNOWN) {
        if (w->asked) {
            return 0;
        }

        w->asked = 1;
    }

    return frontier_robots(w->jobs->frontier, w->work.page, url,
                           jobs_start_known, w->jobs)
           == SC_AGAIN;
}


/* SC_DECLINED when one before is of the same origin. */
static int
jobs_start_origin(jobs_work_t *w, const json_t *start)
{
    size_t         i, len;
    const char    *other, *text = json_string_value(start);
    const json_t  *list = jobs_start_list(w);

    other = strstr(text, "://");
    len = other != NULL ? (size_t) (other + 3 - text) : 0;
    len += strcspn(text + len, "/");

    for (i = 0; i < w->start; i++) {
        other = json_string_value(json_array_get(list, i));

        if (other != NULL && strncmp(other, text, len) == 0
            && (other[len] == '/' || other[len] == '\0'))
        {
            return SC_DECLINED;
        }
    }

    return SC_OK;
}


/* Each looks whether it was the one it waits for. */
static void
jobs_start_known(void *data, const fetch_result_t *result)
{
    jobs_t       *jobs = data;
    jobs_work_t  *w, *tmp;

    (void) result;

    HASH_ITER(hh, jobs->works, w, tmp) {
        if (w->starting && w->timer.node.index != HEAP_NONE) {
            (void) loop_timer_set(jobs->loop, &w->timer, 0);
        }
    }
}


void
jobs_start_timer(loop_timer_t *timer)
{
    jobs_work_t  *w = timer->data;

    if (w->starting) {
        jobs_start_sitemaps(w);
    }
}


/* Those its robots.txt names; else where most sites have it. */
static void
jobs_start_maps(jobs_work_t *w, const url_t *url)
{
    int          head;
    size_t       i;
    sc_buf_t     base;
    const char  *text;

    sc_buf_init(&base, 0);
    head = (int) (strstr(url->text, "://") + 3 - url->text);
    head += (int) strcspn(url->text + head, "/");

    if (sc_buf_printf(&base, "%.*s" JOBS_ROBOTS_PATH, head, url->text)
        != SC_OK)
    {
        sc_buf_free(&base);
        return;
    }

    for (i = 0; i < ROBOTS_MAX_SITEMAPS; i++) {
        text = robots_cache_sitemap(w->jobs->parts.robots, url, i);

        if (text == NULL) {
            break;
        }

        jobs_start_map(w, base.data, text);
    }

    if (w->jobs->pages.n == 0) {
        jobs_start_map(w, base.data, JOBS_SITEMAP_PATH);
    }

    sc_buf_free(&base);
}


/* sitemaps.org wants a whole URL; many write what is relative to the file. */
static void
jobs_start_map(jobs_work_t *w, const char *base, const char *text)
{
    char           err[160];
    url_t          url;
    sc_buf_t       whole;
    sc_str_t       name;
    jobs_pages_t  *pages = &w->jobs->pages;

    sc_buf_init(&whole, 0);

    if (pages->n == STORE_PAGES_MAX
        || url_resolve(base, text, strlen(text), &whole) != SC_OK
        || url_parse(&url, whole.data, whole.len, err, sizeof(err)) != SC_OK)
    {
        sc_buf_free(&whole);
        return;
    }

    sc_buf_free(&whole);
    name = (sc_str_t) { url.len, url.text };

    if (jobs_crawl_row(w, name, 0, STORE_SITEMAP, &pages->rows[pages->n])
        != SC_OK)
    {
        url_free(&url);
        return;
    }

    pages->texts[pages->ntexts++] = url.text;
    pages->seen[pages->n++] = crawl_seen(w->work.job.id, url.text, 0);
}


static void
jobs_start_mapped(void *data, store_status_t status, size_t added)
{
    jobs_work_t  *w = data;

    if (status == STORE_OK) {
        w->work.counts.found += (int64_t) added;
        frontier_flow_fed(w->jobs->frontier, w->lane, w->flow,
                          w->work.job.tenant, added);
    }

    if (w->starting) {
        jobs_start_sitemaps(w);
    }
}


/* No more pages come but those its own lead to. */
static void
jobs_start_close(jobs_work_t *w)
{
    w->starting = 0;
    w->work.closed = 1;
    (void) jobs_work_save(w, NULL, NULL);
    jobs_work_check(w);
}


static const json_t *
jobs_start_list(const jobs_work_t *w)
{
    return json_object_get(json_object_get(w->spec, "crawl"), "starts");
}
