
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM    1
#include <uthash.h>
#include <utlist.h>

#include "sidecar/robots/robots_cache.h"


#define ROBOTS_PATH       "/robots.txt"


typedef struct robots_origin_s  robots_origin_t;


/*
 * The exchanges, one behind the other, that fetch one robots.txt.
 *
 * url       of the one under way
 * deadline  of all together
 * proxied   they go through proxy, which may be trusted
 * source    "" for any
 */
typedef struct {
    fetch_t          *fetch;
    url_t             url;
    int               redirects;
    int64_t           deadline;
    proxy_t           proxy;
    char              source[64];
    unsigned          proxied:1;
    unsigned          trusted:1;
    unsigned          insecure:1;
    robots_cache_pt   done;
    void             *data;
} robots_chain_t;


/*
 * What is known about an origin.
 *
 * next, prev  in the cache's list, unless it is being fetched
 * chain       when it is being fetched, else NULL
 * verdict     ROBOTS_ALLOWED: the rules say it
 * robots      NULL: all is allowed
 * detail      NULL: ""
 * size        bytes it is counted with
 * key         the beginning of its URLs, such as "https://shop.example:8443"
 */
struct robots_origin_s {
    UT_hash_handle     hh;
    robots_origin_t   *next;
    robots_origin_t   *prev;
    robots_cache_t    *cache;
    robots_chain_t    *chain;
    robots_verdict_t   verdict;
    robots_t          *robots;
    fetch_error_t      error;
    char              *detail;
    int64_t            expires;
    size_t             size;
    size_t             len;
    char               key[];
};


/* asked: the origins that are not being fetched, the last asked for last */
struct robots_cache_s {
    loop_t           *loop;
    fetcher_t        *fetcher;
    char             *agent;
    robots_origin_t  *origins;
    robots_origin_t  *asked;
    size_t            size;
    size_t            max_bytes;
    int64_t           timeout;
};


static void robots_cache_remove(robots_origin_t *o);
static void robots_cache_clear(robots_origin_t *o);
static robots_origin_t *robots_cache_find(const robots_cache_t *c,
    const url_t *url);
static sc_str_t robots_cache_key(const url_t *url);
static robots_origin_t *robots_cache_add(robots_cache_t *c, const url_t *url);
static void robots_cache_weigh(robots_origin_t *o);
static int robots_cache_begin(robots_origin_t *o,
    const fetch_request_t *like, robots_cache_pt done, void *data);
static void robots_cache_like(robots_chain_t *chain,
    const fetch_request_t *like);
static int robots_cache_start(robots_origin_t *o);
static void robots_cache_fetched(void *data, fetch_result_t *result);
static int robots_cache_is_redirect(const fetch_result_t *result);
static int robots_cache_follow(robots_origin_t *o, const char *location);
static int robots_cache_target(url_t *url, const char *base,
    const char *location, char *err, size_t errlen);
static void robots_cache_judge(robots_origin_t *o,
    const fetch_result_t *result);
static void robots_cache_read(robots_origin_t *o,
    const fetch_result_t *result);
static void robots_cache_fail(robots_origin_t *o, robots_verdict_t verdict,
    fetch_error_t error, const char *detail);
static int64_t robots_cache_belief(robots_verdict_t verdict,
    fetch_error_t error);
static void robots_cache_end(robots_origin_t *o, const fetch_result_t *result);
static void robots_cache_trim(robots_cache_t *c);


robots_cache_t *
robots_cache_create(loop_t *loop, fetcher_t *fetcher, const char *agent,
    size_t max_bytes, int64_t timeout)
{
    robots_cache_t  *c;

    c = calloc(1, sizeof(robots_cache_t));
    if (c == NULL) {
        return NULL;
    }

    c->agent = strdup(agent);
    if (c->agent == NULL) {
        free(c);
        return NULL;
    }

    c->loop = loop;
    c->fetcher = fetcher;
    c->max_bytes = max_bytes;
    c->timeout = timeout;

    return c;
}


void
robots_cache_destroy(robots_cache_t *c)
{
    robots_origin_t  *o, *tmp;

    HASH_ITER(hh, c->origins, o, tmp) {
        robots_cache_remove(o);
    }

    free(c->agent);
    free(c);
}


static void
robots_cache_remove(robots_origin_t *o)
{
    robots_cache_t  *c = o->cache;

    robots_cache_clear(o);
    c->size -= o->size;
    HASH_DEL(c->origins, o);
    free(o);
}


/* Forget all but the name; it is in no list then. */
static void
robots_cache_clear(robots_origin_t *o)
{
    robots_cache_t  *c = o->cache;

    if (o->prev != NULL) {
        DL_DELETE(c->asked, o);
        o->prev = NULL;
    }

    if (o->chain != NULL) {
        if (o->chain->fetch != NULL) {
            fetch_cancel(o->chain->fetch);
        }

        url_free(&o->chain->url);
        free(o->chain);
        o->chain = NULL;
    }

    robots_free(o->robots);
    free(o->detail);
    o->robots = NULL;
    o->detail = NULL;
}


void
robots_cache_check(robots_cache_t *c, const url_t *url,
    robots_answer_t *answer)
{
    sc_str_t          target;
    robots_origin_t  *o;

    *answer = (robots_answer_t) { ROBOTS_UNKNOWN, -1, FETCH_OK, "" };

    o = robots_cache_find(c, url);

    if (o == NULL) {
        return;
    }

    if (o->chain != NULL) {
        answer->verdict = ROBOTS_FETCHING;
        return;
    }

    DL_DELETE(c->asked, o);
    DL_APPEND(c->asked, o);

    if (loop_now(c->loop) >= o->expires) {
        return;
    }

    answer->verdict = o->verdict;
    answer->error = o->error;
    answer->detail = o->detail != NULL ? o->detail : "";

    if (o->robots == NULL) {
        return;
    }

    target.data = url->text + o->len;
    target.len = url->len - o->len;
    answer->delay = robots_delay(o->robots);

    if (!robots_allowed(o->robots, target)) {
        answer->verdict = ROBOTS_DISALLOWED;
    }
}


const char *
robots_cache_sitemap(const robots_cache_t *c, const url_t *url, size_t i)
{
    const robots_origin_t  *o;

    o = robots_cache_find(c, url);

    if (o == NULL || o->chain != NULL || o->robots == NULL) {
        return NULL;
    }

    return robots_sitemap(o->robots, i);
}


static robots_origin_t *
robots_cache_find(const robots_cache_t *c, const url_t *url)
{
    sc_str_t          key;
    robots_origin_t  *o;

    key = robots_cache_key(url);
    HASH_FIND(hh, c->origins, key.data, key.len, o);

    return o;
}


/* A canonical URL always has a path. */
static sc_str_t
robots_cache_key(const url_t *url)
{
    sc_str_t  key;

    key.data = url->text;
    key.len = url->https ? sizeof("https://") - 1 : sizeof("http://") - 1;
    key.len += strcspn(url->text + key.len, "/");

    return key;
}


int
robots_cache_fetch(robots_cache_t *c, const url_t *url,
    const fetch_request_t *like, robots_cache_pt done, void *data)
{
    robots_origin_t  *o;

    o = robots_cache_find(c, url);

    if (o == NULL) {
        o = robots_cache_add(c, url);

        if (o == NULL) {
            return SC_ERROR;
        }

    } else if (o->chain != NULL || loop_now(c->loop) < o->expires) {
        return SC_DECLINED;
    }

    robots_cache_clear(o);

    if (robots_cache_begin(o, like, done, data) != SC_OK) {
        robots_cache_remove(o);
        return SC_ERROR;
    }

    robots_cache_weigh(o);
    robots_cache_trim(c);

    return SC_OK;
}


static robots_origin_t *
robots_cache_add(robots_cache_t *c, const url_t *url)
{
    sc_str_t          key;
    robots_origin_t  *o;

    key = robots_cache_key(url);

    o = calloc(1, sizeof(robots_origin_t) + key.len + 1);
    if (o == NULL) {
        return NULL;
    }

    o->cache = c;
    o->len = key.len;
    memcpy(o->key, key.data, key.len);
    HASH_ADD(hh, c->origins, key, o->len, o);

    if (o->hh.tbl == NULL) {
        free(o);
        return NULL;
    }

    return o;
}


static void
robots_cache_weigh(robots_origin_t *o)
{
    robots_cache_t  *c = o->cache;

    c->size -= o->size;
    o->size = sizeof(robots_origin_t) + o->len + 1;

    if (o->chain != NULL) {
        o->size += sizeof(robots_chain_t) + o->chain->url.len;
    }

    if (o->robots != NULL) {
        o->size += robots_size(o->robots);
    }

    if (o->detail != NULL) {
        o->size += strlen(o->detail) + 1;
    }

    c->size += o->size;
}


static int
robots_cache_begin(robots_origin_t *o, const fetch_request_t *like,
    robots_cache_pt done, void *data)
{
    int              rc;
    char             err[160];
    sc_buf_t         b;
    robots_cache_t  *c = o->cache;

    o->chain = calloc(1, sizeof(robots_chain_t));
    if (o->chain == NULL) {
        return SC_ERROR;
    }

    o->chain->done = done;
    o->chain->data = data;

    if (like != NULL) {
        robots_cache_like(o->chain, like);
    }

    o->chain->deadline = loop_now(c->loop) + c->timeout;

    sc_buf_init(&b, 0);
    (void) sc_buf_add(&b, o->key, o->len);
    rc = sc_buf_add_cstr(&b, ROBOTS_PATH);

    if (rc == SC_OK) {
        rc = url_parse(&o->chain->url, b.data, b.len, err, sizeof(err));
    }

    sc_buf_free(&b);

    return rc == SC_OK ? robots_cache_start(o) : SC_ERROR;
}


static void
robots_cache_like(robots_chain_t *chain, const fetch_request_t *like)
{
    if (like->proxy != NULL) {
        chain->proxy = *like->proxy;
        chain->proxied = 1;
        chain->trusted = like->proxy_trusted;
    }

    chain->insecure = like->tls.insecure;
    (void) snprintf(chain->source, sizeof(chain->source), "%s",
                    like->source != NULL ? like->source : "");
}


static int
robots_cache_start(robots_origin_t *o)
{
    int64_t           left;
    robots_cache_t   *c = o->cache;
    robots_chain_t   *chain = o->chain;
    fetch_request_t   request;

    left = chain->deadline - loop_now(c->loop);

    memset(&request, 0, sizeof(fetch_request_t));

    request.url = &chain->url;
    request.method = "GET";
    request.proxy = chain->proxied ? &chain->proxy : NULL;
    request.proxy_trusted = chain->trusted;
    request.source = chain->source[0] != '\0' ? chain->source : NULL;
    request.tls.insecure = chain->insecure;
    request.connect_timeout = left;
    request.total_timeout = left;
    request.max_body = ROBOTS_MAX_SIZE;
    request.cut = 1;

    chain->fetch = fetch_start(c->fetcher, &request, robots_cache_fetched, o);

    return chain->fetch != NULL ? SC_OK : SC_ERROR;
}


static void
robots_cache_fetched(void *data, fetch_result_t *result)
{
    robots_origin_t  *o = data;

    o->chain->fetch = NULL;

    if (!robots_cache_is_redirect(result)) {
        robots_cache_judge(o, result);

    } else if (robots_cache_follow(o, result->location) == SC_OK) {
        return;
    }

    robots_cache_end(o, result);
}


static int
robots_cache_is_redirect(const fetch_result_t *result)
{
    if (result->error != FETCH_OK && result->error != FETCH_TOO_LARGE) {
        return 0;
    }

    switch (result->status) {

    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return result->location[0] != '\0';

    default:
        return 0;
    }
}


/* SC_OK when the next exchange is under way; else the verdict is there. */
static int
robots_cache_follow(robots_origin_t *o, const char *location)
{
    url_t            next;
    char             err[160], detail[256];
    robots_cache_t  *c = o->cache;
    robots_chain_t  *chain = o->chain;

    if (chain->redirects == ROBOTS_MAX_REDIRECTS) {
        (void) snprintf(detail, sizeof(detail), "robots.txt is redirected "
                        "more than %d times", ROBOTS_MAX_REDIRECTS);
        robots_cache_fail(o, ROBOTS_UNAVAILABLE, FETCH_OK, detail);
        return SC_DECLINED;
    }

    if (loop_now(c->loop) >= chain->deadline) {
        robots_cache_fail(o, ROBOTS_UNREACHABLE, FETCH_TIMEOUT,
                          "the time for robots.txt was over in a redirect");
        return SC_DECLINED;
    }

    if (robots_cache_target(&next, chain->url.text, location, err,
                            sizeof(err)) != SC_OK)
    {
        (void) snprintf(detail, sizeof(detail), "robots.txt is redirected to "
                        "an unusable URL: %s", err);
        robots_cache_fail(o, ROBOTS_UNAVAILABLE, FETCH_OK, detail);
        return SC_DECLINED;
    }

    url_free(&chain->url);
    chain->url = next;
    chain->redirects++;

    if (robots_cache_start(o) != SC_OK) {
        robots_cache_fail(o, ROBOTS_UNREACHABLE, FETCH_RESOURCES,
                          "memory is out");
        return SC_DECLINED;
    }

    robots_cache_weigh(o);

    return SC_OK;
}


static int
robots_cache_target(url_t *url, const char *base, const char *location,
    char *err, size_t errlen)
{
    int       rc;
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    rc = url_resolve(base, location, strlen(location), &b);

    if (rc == SC_OK) {
        rc = url_parse(url, b.data, b.len, err, errlen);

    } else {
        (void) snprintf(err, errlen, "%s", rc == SC_DECLINED
                        ? "it cannot be resolved" : "memory is out");
    }

    sc_buf_free(&b);

    return rc;
}


/* What became of a body is of no account when the status decides. */
static void
robots_cache_judge(robots_origin_t *o, const fetch_result_t *result)
{
    char             detail[64];
    int              status = result->status;
    robots_cache_t  *c = o->cache;

    if (result->error != FETCH_OK
        && (result->error != FETCH_TOO_LARGE || status == 0))
    {
        robots_cache_fail(o, ROBOTS_UNREACHABLE, result->error,
                          result->detail);

    } else if (status >= 200 && status < 300) {
        robots_cache_read(o, result);

    } else if (status >= 400 && status < 500 && status != 429) {
        o->verdict = ROBOTS_ALLOWED;
        o->error = FETCH_OK;
        o->expires = loop_now(c->loop) + ROBOTS_MAX_AGE;

    } else {
        (void) snprintf(detail, sizeof(detail),
                        "robots.txt is answered with status %d", status);
        robots_cache_fail(o, ROBOTS_UNAVAILABLE, FETCH_OK, detail);
    }
}


static void
robots_cache_read(robots_origin_t *o, const fetch_result_t *result)
{
    sc_str_t         text;
    robots_cache_t  *c = o->cache;

    if (result->error != FETCH_OK) {
        robots_cache_fail(o, ROBOTS_UNREACHABLE, result->error,
                          result->detail);
        return;
    }

    text.data = result->body.data;
    text.len = result->body.len;
    o->robots = robots_parse(text, c->agent);

    if (o->robots == NULL) {
        robots_cache_fail(o, ROBOTS_UNREACHABLE, FETCH_RESOURCES,
                          "memory is out");
        return;
    }

    o->verdict = ROBOTS_ALLOWED;
    o->error = FETCH_OK;
    o->expires = loop_now(c->loop) + ROBOTS_MAX_AGE;
}


static void
robots_cache_fail(robots_origin_t *o, robots_verdict_t verdict,
    fetch_error_t error, const char *detail)
{
    robots_cache_t  *c = o->cache;

    o->verdict = verdict;
    o->error = error;
    o->detail = strdup(detail);
    o->expires = loop_now(c->loop) + robots_cache_belief(verdict, error);
}


/* Of a way that was closed to one, the next one may have another. */
static int64_t
robots_cache_belief(robots_verdict_t verdict, fetch_error_t error)
{
    if (verdict != ROBOTS_UNREACHABLE) {
        return ROBOTS_RETRY;
    }

    return error == FETCH_PROXY || error == FETCH_BLOCKED
           ? 0 : ROBOTS_RETRY_SOON;
}


/* done may do with the cache what it likes: nothing of it is used after. */
static void
robots_cache_end(robots_origin_t *o, const fetch_result_t *result)
{
    void             *data;
    robots_cache_t   *c = o->cache;
    robots_chain_t   *chain = o->chain;
    robots_cache_pt   done;

    done = chain->done;
    data = chain->data;

    o->chain = NULL;
    url_free(&chain->url);
    free(chain);

    robots_cache_weigh(o);
    DL_APPEND(c->asked, o);
    robots_cache_trim(c);

    done(data, result);
}


/* The last one stays: its verdict has been seen by nobody yet. */
static void
robots_cache_trim(robots_cache_t *c)
{
    while (c->size > c->max_bytes && c->asked != NULL
           && c->asked->next != NULL)
    {
        robots_cache_remove(c->asked);
    }
}


size_t
robots_cache_size(const robots_cache_t *c)
{
    return c->size;
}


size_t
robots_cache_count(const robots_cache_t *c)
{
    return HASH_COUNT(c->origins);
}
