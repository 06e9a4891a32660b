
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_internal.h"


/* Scrape-Hold in seconds: what holds longer is told again after that */
#define API_HOLD_MAX    60


static void api_tell_fetch(api_call_t *c, sc_str_t fetch);
static int64_t api_tell_number(const char *p, const char *end,
    const char *name);
static const char *api_tell_find(const char *p, const char *end,
    const char *name);


void
api_tell_job(api_call_t *c, const char *id, store_state_t state)
{
    sc_buf_reset(&c->told);
    (void) sc_buf_printf(&c->told, "Scrape-Job: %s\r\nScrape-State: %s\r\n",
                         id, store_state_word(state));
}


void
api_tell_work(api_call_t *c, const store_counts_t *counts)
{
    long long  pages = counts->completed + counts->failed;

    (void) sc_buf_printf(&c->told, "Scrape-Pages: %lld %lld\r\n", pages,
                         (long long) counts->bytes);
}


void
api_tell_result(api_call_t *c, const store_result_t *result)
{
    api_tell_job(c, result->job, result->state);

    if (result->ruleset.len > 0) {
        (void) sc_buf_printf(&c->told, "Scrape-Ruleset: %.*s\r\n",
                             (int) result->ruleset.len, result->ruleset.data);
    }

    api_tell_fetch(c, result->fetch);
}


/* Of the fetch object, which was written here: it is not parsed for this. */
static void
api_tell_fetch(api_call_t *c, sc_str_t fetch)
{
    int64_t      status, ms, bytes;
    const char  *p, *end;

    p = fetch.data;
    end = p + fetch.len;

    if (fetch.len == 0 || api_tell_find(p, end, ",\"http\":") == NULL) {
        return;
    }

    status = api_tell_number(p, end, ",\"status\":");
    bytes = api_tell_number(p, end, ",\"bytes_decoded\":");

    p = api_tell_find(p, end, ",\"timings_ms\":");
    ms = p != NULL ? api_tell_number(p, end, ",\"total\":") : 0;

    (void) sc_buf_printf(&c->told, "Scrape-Fetch: %lld %lld %lld\r\n",
                         (long long) status, (long long) ms,
                         (long long) bytes);
}


/* Its whole part, 0 when there is none. */
static int64_t
api_tell_number(const char *p, const char *end, const char *name)
{
    int64_t  n;

    p = api_tell_find(p, end, name);
    n = 0;

    while (p != NULL && p < end && *p >= '0' && *p <= '9'
           && n < INT64_MAX / 10 - 1)
    {
        n = n * 10 + *p++ - '0';
    }

    return n;
}


/* What is behind a member's name: in a string its quotes would be escaped. */
static const char *
api_tell_find(const char *p, const char *end, const char *name)
{
    p = memmem(p, (size_t) (end - p), name, strlen(name));

    return p != NULL ? p + strlen(name) : NULL;
}


void
api_tell_host(api_call_t *c, sc_str_t url)
{
    char           name[HOSTS_NAME_SIZE];
    int64_t        left;
    const char    *p, *end;
    const host_t  *host;

    p = url.len > 0 ? memmem(url.data, url.len, "://", 3) : NULL;

    if (p == NULL) {
        return;
    }

    p += 3;
    end = memchr(p, '/', url.len - (size_t) (p - url.data));

    if (end == NULL || end - p >= HOSTS_NAME_SIZE) {
        return;
    }

    memcpy(name, p, (size_t) (end - p));
    name[end - p] = '\0';
    host = hosts_find(c->api->hosts, name);

    if (host == NULL) {
        return;
    }

    left = host->state.blocked_until > host->state.open_until
           ? host->state.blocked_until : host->state.open_until;
    left -= loop_now(c->api->loop);

    if (left <= 0) {
        return;
    }

    left = left < API_HOLD_MAX * LOOP_SEC ? left / LOOP_SEC + 1
                                          : API_HOLD_MAX;
    (void) sc_buf_printf(&c->told, "Scrape-Hold: host %d\r\n", (int) left);
}


void
api_tell(api_call_t *c, sc_buf_t *headers)
{
    size_t  len = headers->len;

    static const char  jobs[] = "/v1/jobs/";

    if (c->told.len > 0) {
        (void) sc_buf_add(headers, c->told.data, c->told.len);

    } else if (c->id[0] != '\0' && c->request != NULL
               && strncmp(c->request->target, jobs, sizeof(jobs) - 1) == 0)
    {
        (void) sc_buf_printf(headers, "Scrape-Job: %s\r\n", c->id);
    }

    (void) sc_buf_printf(headers, "Scrape-Queue: %zu\r\n",
                         frontier_queued(c->api->frontier));

    api_usage_fields(c, headers);

    /* the reply is right without it */
    if (headers->failed || c->told.failed) {
        headers->failed = 0;
        headers->len = len;
    }
}
