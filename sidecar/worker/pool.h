
/*
 * Pages to data in other processes.  The pool starts workers by executing the
 * program again ("scraped --worker"), hands each one page at a time, and kills
 * and replaces the one that dies or overruns its time: a hostile page costs
 * itself.  All on the loop.
 */

#ifndef POOL_H
#define POOL_H


#include "common/sc_buf.h"
#include "sidecar/loop/loop.h"


typedef struct pool_s       pool_t;
typedef struct pool_task_s  pool_task_t;


typedef enum {
    POOL_OK = 0,
    POOL_TIMEOUT,       /* /extract/timeout: its time was over */
    POOL_CRASHED,       /* /extract/crashed: the worker died */
    POOL_FAILED         /* /extract/failed: the page could not be parsed, or
                           ran out of the worker's memory */
} pool_status_t;


/*
 * A page and what to take from it.  All that is pointed to must stay in place
 * until the callback; the pool does not copy it.
 *
 * url           final URL, against which "type": "url" resolves
 * content_type  value of the header, "" if none
 * headers       JSON text of the response's fields, a list of lists of name
 *               and value; empty when no rule, no view and no scope asks for
 *               them
 * rules         canonical JSON of the rule set or group
 * rules_hash    its name: workers keep the compiled sets they have met
 * form          empty for an ordinary page; else JSON text of what to do with
 *               the page instead, rules and rules_hash are not looked at then:
 *               {"form": XPath of a form, "fill": {name: value},
 *               "check": XPath}, each may be left out
 * views         what is asked for beside the data: bits of EXTRACT_* in
 *               sidecar/extract/extract.h
 * scope         empty, or the text of a crawl's scope (sidecar/crawl/crawl.h)
 *               with which what the page leads to is looked for
 * sitemap       the body is a sitemap: rules, rules_hash and views are not
 *               looked at, and found is all there is
 * html5         HTML gets a browser's tree when the rule set does not say
 * urgent        somebody waits: it goes before those nobody waits for
 */
typedef struct {
    const char  *url;
    const char  *content_type;
    sc_str_t     headers;
    sc_str_t     rules;
    const char  *rules_hash;
    sc_str_t     body;
    sc_str_t     form;
    sc_str_t     scope;
    unsigned     views;
    unsigned     sitemap:1;
    unsigned     html5:1;
    unsigned     urgent:1;
} pool_request_t;


/*
 * What came out; valid during the callback only.  data, missing and warnings
 * are JSON texts: any value and two lists of strings; view and fill are
 * extract_page_t's.  All is empty when status is not POOL_OK, but charset,
 * charset_from and detail.
 *
 * matched        the rule set, or one of the group, was for this page
 * dropped        the rule set says that such a page has no data
 * incomplete     the rule set is strict and a required value is missing
 * charset        WHATWG name of the encoding used, such as "utf-8"
 * charset_from   how it was found: charset_t's from
 * detail         one lower-case sentence when status is not POOL_OK
 * elapsed        milliseconds in the worker
 * form           JSON text, of a request with form only, data is empty then:
 *                {"ok": the check as a boolean, "method": "GET" or "POST",
 *                "url": absolute, "body": "" for GET}, without the members
 *                that were not asked for; a form that is not there or cannot
 *                be sent is POOL_FAILED
 * found          lines of sidecar/crawl/crawl.h, of a request with scope; at
 *                most 16 MiB, what is beyond is left out
 * refresh        where the page's meta refresh leads, absolute; that may be
 *                the page itself, and any scheme but javascript; NULL or ""
 *                when there is none
 * refresh_delay  seconds it waits
 */
typedef struct {
    pool_status_t  status;
    sc_str_t       data;
    sc_str_t       missing;
    sc_str_t       warnings;
    sc_str_t       view;
    sc_str_t       fill;
    unsigned       matched:1;
    unsigned       dropped:1;
    unsigned       incomplete:1;
    const char    *charset;
    const char    *charset_from;
    const char    *detail;
    double         elapsed;
    sc_str_t       form;
    sc_str_t       found;
    const char    *refresh;
    int            refresh_delay;
} pool_result_t;


/* Called once, from the loop, never from inside pool_submit(). */
typedef void (*pool_pt)(void *data, const pool_result_t *result);


/*
 * Start n workers.  timeout is in nanoseconds of wall clock for one page: a
 * worker is told to end at three quarters of it, and killed at its end.
 * program is executed as `program --worker`; NULL is this very program
 * (/proc/self/exe).  NULL on failure, errno says why.
 */
pool_t *pool_create(loop_t *loop, const char *program, size_t n,
    int64_t timeout);

/* Stop the workers and wait for them; every task must have ended. */
void pool_destroy(pool_t *pool);

/*
 * Queue a page; it waits its turn, the urgent ones first, else first come,
 * first served.  NULL when memory is out, or the page is larger than any can
 * be: a URL, a content type or a scope of 64 KiB, headers of 4 MiB, a form of
 * 1 MiB, rules of 64 MiB, a body of 256 MiB; or a sitemap has no scope.
 */
pool_task_t *pool_submit(pool_t *pool, const pool_request_t *request,
    pool_pt done, void *data);

/* Forget a task whose callback has not been called. */
void pool_cancel(pool_task_t *task);

/* Tasks waiting for a worker. */
size_t pool_waiting(const pool_t *pool);

/*
 * How many workers there are in each state: none is there, one is starting,
 * idle, busy, killed and not gone yet.
 */
#define POOL_WORKERS    5

void pool_workers(const pool_t *pool, size_t counts[POOL_WORKERS]);

/* Call when SIGCHLD came: workers that died are reaped and replaced. */
void pool_reap(pool_t *pool);

/* The problem type of a status, such as "/extract/timeout"; "" for OK. */
const char *pool_status_type(pool_status_t status);


#endif /* POOL_H */
