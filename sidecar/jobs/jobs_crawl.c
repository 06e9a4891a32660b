
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/sc_json_of.h"
#include "sidecar/core/log.h"
#include "sidecar/jobs/jobs_internal.h"


/* a page's prio within its job, in either direction */
#define JOBS_MAX_PRIO    10000

/* lines of what a page leads to that are read in one round of the loop */
#define JOBS_SOME        200


/* A line of what a page leads to; json is NULL when it has none. */
typedef struct {
    char      kind;
    sc_str_t  url;
    json_t   *json;
} jobs_found_t;


static int jobs_crawl_overrides(jobs_work_t *w, const json_t *list);
static int jobs_crawl_take(jobs_work_t *w, const store_job_t *from,
    sc_str_t *found);
static int jobs_crawl_line(sc_str_t *found, jobs_found_t *line);
static int jobs_crawl_found(jobs_work_t *w, const store_job_t *from,
    const jobs_found_t *line);
static int jobs_crawl_place(jobs_work_t *w, const store_job_t *from,
    const jobs_found_t *line, store_job_t *row);
static int jobs_crawl_old(const jobs_work_t *w, const json_t *json);
static int jobs_crawl_follow(jobs_work_t *w, const store_job_t *from,
    const json_t *json, store_job_t *row);
static int jobs_crawl_context(jobs_pages_t *pages, const store_job_t *from,
    const json_t *json, store_job_t *row);
static int jobs_crawl_put(jobs_work_t *w, const store_job_t *row);
static void jobs_crawl_told(void *data, store_status_t status, size_t added);
static int jobs_crawl_prio(const jobs_work_t *w, int depth);
static void jobs_crawl_host(sc_str_t url, url_t *parsed);
static int jobs_crawl_allowed(const jobs_work_t *w, sc_str_t url);


int
jobs_crawl_read(jobs_work_t *w)
{
    const char    *text;
    jobs_crawl_t  *crawl = &w->crawl;
    const json_t  *json = json_object_get(w->spec, "crawl");
    const json_t  *depth = json_object_get(json, "max_depth");

    text = json_string_value(json_object_get(json, "scope"));
    crawl->scope.data = text != NULL ? text : "";
    crawl->scope.len = strlen(crawl->scope.data);
    crawl->sets = json_object_get(json, "sets");
    crawl->since = json_integer_value(json_object_get(json, "since"));
    crawl->max_depth = JOBS_EXTERNAL;

    if (depth != NULL && json_integer_value(depth) < JOBS_EXTERNAL) {
        crawl->max_depth = (int) json_integer_value(depth);
    }

    text = json_string_value(json_object_get(json, "order"));
    crawl->deep = (text != NULL && strcmp(text, "depth") == 0);
    text = json_string_value(json_object_get(json, "dedupe"));
    crawl->unique = (text == NULL || strcmp(text, "none") != 0);
    text = json_string_value(json_object_get(json, "sitemap"));
    crawl->only_sitemaps = (text != NULL && strcmp(text, "only") == 0);
    crawl->sitemaps = (crawl->only_sitemaps
                       || (text != NULL && strcmp(text, "include") == 0));
    crawl->ignore_query = json_is_true(json_object_get(json,
                                                       "ignore_query"));
    crawl->skip_unchanged = json_is_true(json_object_get(json,
                                                         "skip_unchanged"));

    return jobs_crawl_overrides(w, json_object_get(json, "overrides"));
}


static int
jobs_crawl_overrides(jobs_work_t *w, const json_t *list)
{
    char              reason[160];
    size_t            i;
    const char       *match, *spec;
    const json_t     *item;
    jobs_crawl_t     *crawl = &w->crawl;
    jobs_override_t  *o;

    if (json_array_size(list) == 0) {
        return SC_OK;
    }

    crawl->overrides = calloc(json_array_size(list), sizeof(jobs_override_t));
    if (crawl->overrides == NULL) {
        return SC_ERROR;
    }

    json_array_foreach(list, i, item) {
        match = json_string_value(json_object_get(item, "match"));
        spec = json_string_value(json_object_get(item, "spec"));
        o = &crawl->overrides[crawl->noverrides];

        /* it was checked when the job was made */
        if (match != NULL && spec != NULL
            && sc_pattern_compile(&o->pattern, match, strlen(match), reason,
                                  sizeof(reason))
               == SC_OK)
        {
            o->spec = spec;
            crawl->noverrides++;
        }
    }

    return SC_OK;
}


void
jobs_crawl_free(jobs_crawl_t *crawl)
{
    size_t  i;

    for (i = 0; i < crawl->noverrides; i++) {
        sc_pattern_free(&crawl->overrides[i].pattern);
    }

    free(crawl->overrides);
}


void
jobs_pages_reset(jobs_pages_t *pages)
{
    while (pages->ntexts > 0) {
        free(pages->texts[--pages->ntexts]);
    }

    pages->n = 0;
}


/* What it is given fits: more than that was put before. */
int
jobs_crawl_ending(jobs_work_t *w, const frontier_page_t *page,
    store_end_t *end)
{
    int            rc = SC_OK;
    sc_str_t       found = page->found;
    jobs_pages_t  *pages = &w->jobs->pages;

    jobs_pages_reset(pages);

    while (!jobs_stopped(w) && pages->n < STORE_PAGES_MAX
           && (rc = jobs_crawl_take(w, page->row, &found)) == SC_OK)
    {
        /* void */
    }

    if (rc == SC_ERROR) {
        return SC_ERROR;
    }

    if (pages->n > 0) {
        jobs_pages_give(w);
        end->pages = &pages->pages;
    }

    /* one that failed may be tried again: it has not been there yet */
    if (w->crawl.unique && page->row->role == STORE_PAGE
        && page->row->state == STORE_COMPLETED
        && strcmp(page->final, page->row->url.data) != 0)
    {
        pages->final = crawl_seen(w->work.job.id, page->final,
                                  w->crawl.ignore_query);
        end->final = &pages->final;
    }

    end->keep_same = !w->crawl.skip_unchanged;

    return SC_OK;
}


size_t
jobs_crawl_some(jobs_work_t *w, const store_job_t *row, sc_str_t found)
{
    int            rc = SC_OK;
    size_t         i, n;
    sc_str_t       rest = found;
    jobs_pages_t  *pages = &w->jobs->pages;

    jobs_pages_reset(pages);

    /* each is looked at with all overrides */
    n = JOBS_SOME / (1 + w->crawl.noverrides / 8);

    for (i = 0; i < n; i++) {
        rc = jobs_crawl_take(w, row, &rest);

        if (rc != SC_OK) {
            break;
        }
    }

    /* what is no line ends it; the rest of those is asked for again */
    if (rc == SC_DECLINED) {
        rest.len = 0;
    }

    if (pages->n > 0 && jobs_crawl_put(w, row) != SC_OK) {
        return 0;
    }

    return found.len - rest.len;
}


/* A line; SC_DECLINED: there is none; SC_ERROR: not taken, memory is out. */
static int
jobs_crawl_take(jobs_work_t *w, const store_job_t *from, sc_str_t *found)
{
    int           rc;
    sc_str_t      rest = *found;
    jobs_found_t  line;

    rc = jobs_crawl_line(&rest, &line);

    if (rc == SC_OK) {
        rc = jobs_crawl_found(w, from, &line);
        json_decref(line.json);
    }

    if (rc == SC_OK) {
        *found = rest;
    }

    return rc;
}


/* KIND SP URL [SP JSON] LF */
static int
jobs_crawl_line(sc_str_t *found, jobs_found_t *line)
{
    size_t         len;
    const char    *lf, *space;
    json_error_t   err;

    lf = found->len != 0 ? memchr(found->data, '\n', found->len) : NULL;

    if (lf == NULL || lf - found->data < 3) {
        return SC_DECLINED;
    }

    len = (size_t) (lf - found->data) - 2;
    line->kind = found->data[0];
    line->url.data = found->data + 2;
    line->json = NULL;
    space = memchr(line->url.data, ' ', len);
    line->url.len = space != NULL ? (size_t) (space - line->url.data) : len;

    if (space != NULL) {
        line->json = sc_json_of(space + 1, (size_t) (lf - space) - 1, 0,
                                &err);

        if (line->json == NULL && err.line == 0) {
            return SC_ERROR;
        }
    }

    found->len -= (size_t) (lf + 1 - found->data);
    found->data = lf + 1;

    return SC_OK;
}


static int
jobs_crawl_found(jobs_work_t *w, const store_job_t *from,
    const jobs_found_t *line)
{
    char           url[URL_MAX + 1];
    store_job_t   *row;
    jobs_pages_t  *pages = &w->jobs->pages;

    row = &pages->rows[pages->n];

    if (line->url.len == 0 || line->url.len > URL_MAX
        || !jobs_crawl_allowed(w, line->url)
        || jobs_crawl_place(w, from, line, row) != SC_OK)
    {
        return SC_OK;
    }

    if (w->crawl.unique) {
        memcpy(url, line->url.data, line->url.len);
        url[line->url.len] = '\0';
        pages->seen[pages->n] = crawl_seen(w->work.job.id, url,
                                           w->crawl.ignore_query
                                           && row->role == STORE_PAGE);
    }

    if (line->kind == 'f'
        && jobs_crawl_follow(w, from, line->json, row) != SC_OK)
    {
        return SC_ERROR;
    }

    pages->n++;

    return SC_OK;
}


/* Where it is in the crawl; SC_DECLINED when it is none of its pages. */
static int
jobs_crawl_place(jobs_work_t *w, const store_job_t *from,
    const jobs_found_t *line, store_job_t *row)
{
    int  depth = from->depth < JOBS_EXTERNAL ? from->depth + 1
                                             : JOBS_EXTERNAL;

    switch (line->kind) {

    case 'l':
    case 'f':
        return jobs_crawl_row(w, line->url, depth, STORE_PAGE, row);

    case 'x':
        return jobs_crawl_row(w, line->url, JOBS_EXTERNAL, STORE_PAGE, row);

    case 's':
        if (jobs_crawl_old(w, line->json)) {
            return SC_DECLINED;
        }

        return jobs_crawl_row(w, line->url, 0, STORE_PAGE, row);

    case 'i':
        if (from->role != STORE_SITEMAP || depth > JOBS_SITEMAP_DEPTH) {
            return SC_DECLINED;
        }

        return jobs_crawl_row(w, line->url, depth, STORE_SITEMAP, row);

    default:
        return SC_DECLINED;
    }
}


static int
jobs_crawl_old(const jobs_work_t *w, const json_t *json)
{
    const json_t  *lastmod = json_object_get(json, "lastmod");

    return w->crawl.since != 0 && lastmod != NULL
           && json_integer_value(lastmod) < w->crawl.since / 1000;
}


static int
jobs_crawl_follow(jobs_work_t *w, const store_job_t *from, const json_t *json,
    store_job_t *row)
{
    sc_str_t     hash = { 0, "" };
    const char  *name, *known;

    name = json_string_value(json_object_get(json, "ruleset"));
    known = NULL;

    if (name != NULL && strcmp(name, "self") == 0) {
        hash = from->rules_hash;

    } else if (name != NULL) {
        known = json_string_value(json_object_get(w->crawl.sets, name));
    }

    if (known != NULL) {
        hash = (sc_str_t) { strlen(known), known };
    }

    if (hash.len != w->work.rules_hash.len
        || memcmp(hash.data, w->work.rules_hash.data, hash.len) != 0)
    {
        row->rules_hash = hash;
    }

    return jobs_crawl_context(&w->jobs->pages, from,
                              json_object_get(json, "context"), row);
}


/* Over what the page itself came with. */
static int
jobs_crawl_context(jobs_pages_t *pages, const store_job_t *from,
    const json_t *json, store_job_t *row)
{
    int      rc;
    char    *text;
    json_t  *context;

    context = from->context.len != 0
              ? sc_json_of(from->context.data, from->context.len, 0, NULL)
              : json_object();

    if (context == NULL
        || (json_is_object(json)
            && json_object_update(context, (json_t *) json) != 0))
    {
        json_decref(context);
        return SC_ERROR;
    }

    text = NULL;
    rc = SC_OK;

    if (json_object_size(context) != 0) {
        text = sc_json_text(context, JSON_COMPACT);
        rc = (text != NULL) ? SC_OK : SC_ERROR;
    }

    if (text != NULL) {
        pages->texts[pages->ntexts++] = text;
        row->context = (sc_str_t) { strlen(text), text };
    }

    json_decref(context);

    return rc;
}


void
jobs_pages_give(jobs_work_t *w)
{
    jobs_pages_t  *pages = &w->jobs->pages;

    memset(&pages->pages, 0, sizeof(store_pages_t));
    pages->pages.jobs = pages->rows;
    pages->pages.seen = w->crawl.unique ? pages->seen : NULL;
    pages->pages.n = pages->n;
    pages->pages.max_pages = w->work.max_pages;
    pages->pages.max_host_pages = w->work.max_host_pages;
}


/* The page that leads to them does not end before they are on disk. */
static int
jobs_crawl_put(jobs_work_t *w, const store_job_t *row)
{
    jobs_t         *jobs = w->jobs;
    jobs_led_t     *led;
    jobs_pages_t   *pages = &jobs->pages;

    led = calloc(1, sizeof(jobs_led_t));
    jobs_pages_give(w);

    if (led == NULL
        || store_pages_put(jobs->store, w->work.job.seq, w->work.job.tenant,
                           &pages->pages, jobs_crawl_told, led)
           != SC_OK)
    {
        free(led);
        jobs_pages_reset(pages);
        return SC_ERROR;
    }

    led->work = w;
    memcpy(led->id, row->id, ID_SIZE);
    DL_APPEND(w->led, led);
    w->putting++;
    frontier_found_wait(jobs->frontier, row->id);
    jobs_pages_reset(pages);

    return SC_OK;
}


static void
jobs_crawl_told(void *data, store_status_t status, size_t added)
{
    jobs_led_t   *led = data;
    jobs_work_t  *w = led->work;
    frontier_t   *f = w->jobs->frontier;

    w->putting--;

    if (status == STORE_OK) {
        w->work.counts.found += (int64_t) added;
        frontier_flow_fed(f, w->lane, w->flow, w->work.job.tenant, added);

    } else {
        log_warn("pages of a crawl were not stored");
    }

    /* of a job that is gone nothing is stored any more */
    frontier_found_put(f, led->id, status == STORE_OK
                                   || status == STORE_NOT_FOUND);
    DL_DELETE(w->led, led);
    free(led);
    jobs_work_check(w);
}


void
jobs_crawl_lost(jobs_work_t *w)
{
    jobs_led_t  *led, *tmp;

    DL_FOREACH_SAFE(w->led, led, tmp) {
        store_forget(w->jobs->store, led);
        DL_DELETE(w->led, led);
        free(led);
    }
}


int
jobs_crawl_row(const jobs_work_t *w, sc_str_t url, int depth,
    store_role_t role, store_job_t *row)
{
    size_t            i;
    url_t             parsed;
    frontier_spec_t   spec;
    jobs_override_t  *o;

    memset(&spec, 0, sizeof(frontier_spec_t));
    spec.tenant = w->work.job.tenant;
    spec.url = &parsed;
    jobs_crawl_host(url, &parsed);

    if (frontier_page_row(&spec, w->work.job.id, row) != SC_OK) {
        return SC_ERROR;
    }

    row->lane = w->lane;
    row->flow = w->flow;
    row->depth = depth;
    row->role = role;
    row->prio = jobs_crawl_prio(w, role == STORE_SITEMAP ? 0 : depth);

    for (i = 0; role == STORE_PAGE && i < w->crawl.noverrides; i++) {
        o = &w->crawl.overrides[i];

        if (sc_pattern_fits(&o->pattern, url.data, url.len)) {
            row->spec = (sc_str_t) { strlen(o->spec), o->spec };
            break;
        }
    }

    return SC_OK;
}


/* Lower goes first. */
static int
jobs_crawl_prio(const jobs_work_t *w, int depth)
{
    int  prio = depth < JOBS_MAX_PRIO ? depth : JOBS_MAX_PRIO;

    return w->work.job.prio + (w->crawl.deep ? -prio : prio);
}


/* What is canonical need not be parsed again: most are passed over. */
static void
jobs_crawl_host(sc_str_t url, url_t *parsed)
{
    size_t       n;
    const char  *p, *end = url.data + url.len;

    memset(parsed, 0, sizeof(url_t));
    parsed->text = (char *) url.data;
    parsed->len = url.len;
    p = memmem(url.data, url.len, "://", 3);

    if (p == NULL) {
        return;
    }

    p += 3;
    n = 0;

    if (p < end && *p == '[') {
        for (p++; p < end && *p != ']' && n < URL_HOST_MAX; p++) {
            parsed->host[n++] = *p;
        }

        return;
    }

    for ( /* void */ ; p < end && *p != ':' && *p != '/' && *p != '?'
         && n < URL_HOST_MAX; p++)
    {
        parsed->host[n++] = *p;
    }
}


/* What the tenant may not fetch is out of any scope. */
static int
jobs_crawl_allowed(const jobs_work_t *w, sc_str_t url)
{
    url_t  parsed;

    jobs_crawl_host(url, &parsed);

    return frontier_allows(w->jobs->frontier, w->work.job.tenant,
                           parsed.host);
}
