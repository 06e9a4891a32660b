
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_internal.h"


/* pages that PAGES_JOBS puts */
#define STORE_PAGES_ROWS    10


/* Pages on their way into a line. */
typedef struct {
    store_line_t         *line;
    int64_t               job;
    sc_str_t              tenant;
    const store_pages_t  *pages;
} store_paging_t;


static void store_paging_all(store_paging_t *p);
static void store_paging_bounded(store_paging_t *p, size_t i);
static void store_paging_jobs(store_paging_t *p, db_sql_t sql, size_t i,
    size_t n);
static void store_paging_values(store_line_t *line, const store_job_t *job);
static void store_paging_found(store_paging_t *p, int64_t n);
static void store_paging_last(store_paging_t *p, db_sql_t sql);
static sc_str_t store_paging_host(sc_str_t url);
static void store_paging_queues(store_paging_t *p);
static int store_paging_order(const void *a, const void *b);


int
store_pages_put(store_t *s, int64_t job, sc_str_t tenant,
    const store_pages_t *pages, store_added_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .added = done };

    store_line_op(&line, SQL_WORK_EXISTS, STORE_NOT_FOUND);
    store_line_number(&line, job);

    store_line_pages(&line, job, tenant, pages);

    return store_change(s, &line, store_told_added, tell, data);
}


void
store_line_pages(store_line_t *line, int64_t job, sc_str_t tenant,
    const store_pages_t *pages)
{
    size_t          i;
    store_paging_t  p = { line, job, tenant, pages };

    if (pages->n > STORE_PAGES_MAX) {
        line->failed = 1;
        return;
    }

    if (pages->n == 0) {
        return;
    }

    if (pages->seen == NULL && pages->max_pages == 0
        && pages->max_host_pages == 0)
    {
        store_paging_all(&p);
        return;
    }

    for (i = 0; i < pages->n; i++) {
        store_paging_bounded(&p, i);
    }

    store_paging_queues(&p);
}


/* Many rows in a statement are much cheaper than each in one of its own. */

static void
store_paging_all(store_paging_t *p)
{
    size_t  i, n = p->pages->n;

    for (i = 0; n - i >= STORE_PAGES_ROWS; i += STORE_PAGES_ROWS) {
        store_paging_jobs(p, SQL_PAGES_JOBS, i, STORE_PAGES_ROWS);
    }

    for ( /* void */ ; i < n; i++) {
        store_paging_jobs(p, SQL_PAGE_JOB, i, 1);
    }

    store_paging_found(p, (int64_t) n);
    store_paging_last(p, SQL_PAGES_TASKS);
    store_paging_last(p, SQL_PAGES_QUEUES);
}


/* All behind the first op is left out for a page that is passed over. */

static void
store_paging_bounded(store_paging_t *p, size_t i)
{
    size_t                first;
    sc_str_t              host;
    store_line_t         *line = p->line;
    const store_pages_t  *pages = p->pages;

    host = store_paging_host(pages->jobs[i].url);
    first = line->nops;

    store_line_op(line, pages->seen != NULL ? SQL_PAGE_SEEN : SQL_PAGE_ROOM,
                  STORE_OK);
    store_line_number(line, p->job);
    store_line_number(line, pages->seen != NULL ? pages->seen[i] : 0);
    store_line_number(line, pages->max_pages);
    store_line_number(line, pages->max_host_pages);
    store_line_text(line, host);

    store_paging_jobs(p, SQL_PAGE_JOB, i, 1);
    store_line_task(line, &pages->jobs[i]);
    store_paging_found(p, 1);

    if (pages->max_host_pages != 0) {
        store_line_tally(line, p->job, "host:");
        store_line_text(line, host);
    }

    store_line_skip(line, first);
}


/* n of them in one statement. */

static void
store_paging_jobs(store_paging_t *p, db_sql_t sql, size_t i, size_t n)
{
    store_line_t       *line = p->line;
    const store_job_t  *job, *jobs = &p->pages->jobs[i];

    store_line_op(line, sql, STORE_CONFLICT);
    store_line_tell(line, DB_TELL_ADDED);
    store_line_number(line, p->job);
    store_line_text(line, p->tenant);

    for (job = jobs; job < jobs + n; job++) {
        store_paging_values(line, job);
    }

    for (job = jobs; job < jobs + n; job++) {
        store_line_ruleset(line, p->tenant, job->rules_hash, job->rules);
    }
}


static void
store_paging_values(store_line_t *line, const store_job_t *job)
{
    store_line_id(line, job->id);
    store_line_text(line, job->url);
    store_line_text(line, job->spec);
    store_line_text(line, job->rules_hash);
    store_line_text(line, job->echo);
    store_line_number(line, job->created);
    store_line_number(line, job->lane);
    store_line_number(line, job->flow);
    store_line_number(line, job->host);
    store_line_number(line, job->prio);
    store_line_number(line, job->due);
    store_line_number(line, job->line);
    store_line_number(line, job->depth);
    store_line_number(line, job->role);
    store_line_text(line, job->context);
}


static void
store_paging_found(store_paging_t *p, int64_t n)
{
    store_line_op(p->line, SQL_PAGE_FOUND, STORE_OK);
    store_line_number(p->line, p->job);
    store_line_number(p->line, n);
}


/* For all pages at once, which is much cheaper than for each. */

static void
store_paging_last(store_paging_t *p, db_sql_t sql)
{
    store_line_op(p->line, sql, STORE_OK);
    store_line_number(p->line, (int64_t) p->pages->n);
}


/* The host of a canonical URL, which has no user; "" if it is none. */

static sc_str_t
store_paging_host(sc_str_t url)
{
    const char  *p, *end;
    sc_str_t     host = sc_null_string;

    end = url.data + url.len;
    p = url.len != 0 ? memmem(url.data, url.len, "://", 3) : NULL;

    if (p == NULL) {
        return host;
    }

    host.data = p + 3;

    for (p += 3; p < end && strchr("/?#", *p) == NULL; p++) {
        if (*p == ':' && (host.data[0] != '[' || p[-1] == ']')) {
            break;
        }

        host.len++;
    }

    return host;
}


/*
 * The queue of each host, once: they are put in the order of their hosts, the
 * first due of each being what counts.
 */

static void
store_paging_queues(store_paging_t *p)
{
    size_t               i, n;
    const store_job_t  **jobs;

    n = p->pages->n;
    jobs = malloc(n * sizeof(store_job_t *));

    if (jobs == NULL) {
        p->line->failed = 1;
        return;
    }

    for (i = 0; i < n; i++) {
        jobs[i] = &p->pages->jobs[i];
    }

    qsort(jobs, n, sizeof(store_job_t *), store_paging_order);

    for (i = 0; i < n; i++) {
        if (i > 0 && jobs[i]->host == jobs[i - 1]->host
            && jobs[i]->flow == jobs[i - 1]->flow
            && jobs[i]->lane == jobs[i - 1]->lane)
        {
            continue;
        }

        store_line_op(p->line, SQL_PAGE_QUEUE, STORE_OK);
        store_line_number(p->line, jobs[i]->lane);
        store_line_number(p->line, jobs[i]->flow);
        store_line_number(p->line, jobs[i]->host);
        store_line_text(p->line, p->tenant);
        store_line_number(p->line, jobs[i]->due);
    }

    free(jobs);
}


static int
store_paging_order(const void *a, const void *b)
{
    const store_job_t  *x = *(const store_job_t *const *) a;
    const store_job_t  *y = *(const store_job_t *const *) b;

    if (x->host != y->host) {
        return x->host < y->host ? -1 : 1;
    }

    if (x->flow != y->flow) {
        return x->flow < y->flow ? -1 : 1;
    }

    if (x->lane != y->lane) {
        return x->lane < y->lane ? -1 : 1;
    }

    return (x->due > y->due) - (x->due < y->due);
}
