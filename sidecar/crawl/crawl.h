
/*
 * Which of the pages that a page leads to belong to a crawl: the scope, as a
 * caller writes it and as it is compiled; the links of a parsed page, and the
 * URLs of a sitemap, within it.  Pure: no loop, no network.  It runs in the
 * worker, where an expression that never ends costs one page.
 */

#ifndef CRAWL_H
#define CRAWL_H


#include <signal.h>

#include <jansson.h>

#include "common/sc_buf.h"
#include "sidecar/url/url.h"
#include "sidecar/views/view.h"


#define CRAWL_MAX_SCOPE       65536     /* bytes of a scope's text */
#define CRAWL_MAX_FOUND       10000     /* links of a page */
#define CRAWL_MAX_SITEMAP     50000     /* entries, sitemaps.org */
#define CRAWL_MAX_SITEMAP_BYTES  52428800   /* 50 MiB, unpacked */

/* a URL beyond these is taken for a trap */
#define CRAWL_MAX_URL         2048
#define CRAWL_MAX_SEGMENTS    32
#define CRAWL_MAX_REPEATS     3         /* of a run of segments in a row */
#define CRAWL_MAX_PARAMS      24


typedef struct crawl_scope_s  crawl_scope_t;


/*
 * Make the text of a scope from what a caller wrote, checked and complete: the
 * hosts that its preset means are in it by name, so that who compiles it needs
 * neither the start URLs nor the list of public suffixes.
 *
 * scope   the object of a request, or NULL: {"preset": "host" (default; the
 *         hosts of the start URLs, with their ports), "www" (those with and
 *         without "www."), "domain" (their registrable domains by the public
 *         suffix list) or "any", "subdomains": bool, "external": bool (pages
 *         elsewhere are fetched, their links are not followed),
 *         "allow": [pattern], "deny": [pattern], "hosts": [name, with a
 *         port or for all of them, with a dot in front for all below it]}
 * links   the object of a request, or NULL: {"from": ["a", "area", "link",
 *         "iframe", "form", "text"] (default a and area), "ignore_query":
 *         bool, "nofollow": "obey" (default) or "ignore"}
 * options of url_canonical(); links are made canonical with them
 *
 * The answer is canonical JSON, to be freed with free(); NULL with a sentence
 * in err and the JSON Pointer of what is wrong, from the request's root, in
 * pointer; "" in both when memory is out.
 */
char *crawl_scope_text(const json_t *scope, const json_t *links,
    const url_t *starts, size_t nstarts, unsigned options, char *err,
    size_t errlen, char *pointer, size_t pointer_len);

/* Compile such a text.  NULL when it is not one, or memory is out. */
crawl_scope_t *crawl_scope_create(sc_str_t text);
void crawl_scope_free(crawl_scope_t *scope);

typedef enum {
    CRAWL_IN = 0,
    CRAWL_EXTERNAL,         /* fetched, not followed */
    CRAWL_OUT,              /* another host */
    CRAWL_DENIED,           /* by a pattern */
    CRAWL_TRAP              /* it looks as if it never ended */
} crawl_verdict_t;

/*
 * url is canonical.  Traps: runs of segments that repeat, too many segments or
 * parameters, a URL that is too long, dates of a year before 1970 or after
 * the year behind now (seconds since 1970): days that are a whole segment or
 * value or are three segments, and months where the URL speaks of a calendar.
 * What is elsewhere may be denied, but need not be allowed.
 */
crawl_verdict_t crawl_scope_check(const crawl_scope_t *scope,
    const url_t *url, int64_t now);

/*
 * What a page leads to, appended to out as lines:
 *
 *     KIND SP URL [SP JSON] LF
 *
 * l  a link of the page, within the scope
 * x  the same, external
 * f  what "follow" of a rule set found, JSON {"ruleset", "pagination",
 *    "context", "set"} as docs/returned.md has them, without url, and
 *    "external": true; allow and deny of the scope and its hosts count for it,
 *    but pagination need not be allowed
 * s  an entry of a sitemap, JSON {"lastmod": seconds since 1970} if it says
 * i  a sitemap named by a sitemap index, of whatever host
 *
 * Each URL is canonical and there once; f comes first, and a page that says
 * nofollow leads nowhere but by f.  robots is the page's <meta name=robots>
 * and X-Robots-Tag, a line each ("scraped: nofollow" is for us, another name
 * is not), "" if none; follow the JSON list of docs/returned.md, "" if none.
 * "text" links are URLs that are written in the text, comments and scripts
 * alone; "link" those that lead to pages by their rel and type; "form" those
 * of GET, without what would be filled in; "iframe" frames, too.
 *
 * What does not fit into out is left out, in whole lines.  SC_OK, or SC_ERROR
 * when memory is out.
 */
int crawl_harvest(const crawl_scope_t *scope, const view_t *view,
    const char *robots, sc_str_t follow, int64_t now, sc_buf_t *out);

/*
 * The same of a sitemap: XML (sitemaps.org 0.9, an index of them, RSS and
 * Atom) or text, gzip or not, whatever its type says; a document type is not
 * taken, and of XML that breaks what was whole before counts.  SC_OK,
 * SC_DECLINED when it is none of these (err has a sentence), or SC_ERROR.
 */
int crawl_sitemap(const crawl_scope_t *scope, const char *url, sc_str_t body,
    int64_t now, sc_buf_t *out, char *err, size_t errlen);

/*
 * Let a flag, set by a signal handler for instance, end both of these at their
 * next URL: what was found so far is given.  NULL, as at the start, for none.
 */
void crawl_watch(const volatile sig_atomic_t *stop);

/*
 * The name of a URL in a job's set of pages that were seen: 63 bits of a hash
 * with the job's id, which nobody outside can guess, of the URL with, or with
 * ignore_query without, its query.
 */
int64_t crawl_seen(const char *job, const char *url, int ignore_query);


#endif /* CRAWL_H */
