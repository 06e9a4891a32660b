
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/sc_json.h"
#include "sidecar/api/api_internal.h"


/* days that are shown when nothing is said */
#define USAGE_DAYS      30

/* tenants that are shown at once */
#define USAGE_TENANTS   1000

#define USAGE_DAY_SEC   86400


static int api_usage_days(api_call_t *c, const char *text, size_t *days);
static void api_usage_own(api_call_t *c, size_t days);
static void api_usage_all(api_call_t *c, const char *after);
static void api_usage_told(void *data, store_status_t status,
    const store_usage_t *usages, size_t n);
static void api_usage_listed(void *data, store_status_t status,
    const store_usage_t *usages, size_t n);
static void api_usage_limits(api_call_t *c);
static void api_usage_limit(sc_buf_t *b, const char *name, int64_t n);
static void api_usage_sums(sc_buf_t *b, const store_usage_t *usage);
static void api_usage_day(sc_buf_t *b, int64_t day);
static void api_usage_left(sc_buf_t *b, const char *name, int64_t limit,
    int64_t used);


void
api_usage_get(api_call_t *c)
{
    size_t       days;
    query_t      query;
    const char  *all, *after;

    static const char *const  names[] = { "days", "all", "after", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return;
    }

    all = query_get(&query, "all");
    after = query_get(&query, "after");

    if (all != NULL && strcmp(all, "1") == 0) {
        api_usage_all(c, after);

    } else if (api_usage_days(c, query_get(&query, "days"), &days) == SC_OK) {
        api_usage_own(c, days);
    }

    query_free(&query);
}


static int
api_usage_days(api_call_t *c, const char *text, size_t *days)
{
    long        n;
    char       *end;
    problem_t   p;

    *days = USAGE_DAYS;

    if (text == NULL) {
        return SC_OK;
    }

    n = strtol(text, &end, 10);

    if (end == text || *end != '\0' || n < 1 || n > STORE_USAGE_DAYS) {
        problem_init(&p, "/request/invalid", "parameter \"days\" is "
                     "\"%.32s\", not a number from 1 to %d", text,
                     STORE_USAGE_DAYS);
        problem_parameter(&p, "days");
        api_reply_problem(c, &p, 0);
        return SC_ERROR;
    }

    *days = (size_t) n;

    return SC_OK;
}


static void
api_usage_own(api_call_t *c, size_t days)
{
    int64_t  since = tenants_today() - (int64_t) days + 1;

    api_reply_later(c, store_usage_days(c->api->store, c->tenant, since, days,
                                        api_usage_told, c));
}


static void
api_usage_all(api_call_t *c, const char *after)
{
    sc_str_t  name = { after != NULL ? strlen(after) : 0, after };

    if (c->tenant.len > 0) {
        api_reply_error(c, "/auth/forbidden",
                        "a tenant sees its own usage alone");
        return;
    }

    api_reply_later(c, store_usage_all(c->api->store, tenants_today(), name,
                                       USAGE_TENANTS, api_usage_listed, c));
}


/* Of today more is known than is on disk. */
static void
api_usage_told(void *data, store_status_t status, const store_usage_t *usages,
    size_t n)
{
    size_t          i;
    api_call_t     *c = data;
    sc_buf_t       *b = &c->api->body;
    store_usage_t   today;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    (void) tenants_usage(c->api->tenants, c->tenant, &today);

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_cstr(b, "{\"tenant\":");
    (void) sc_json_string(b, c->tenant.data, c->tenant.len);
    (void) sc_buf_add_cstr(b, ",\"today\":{");
    api_usage_sums(b, &today);
    (void) sc_buf_add_cstr(b, "}");
    api_usage_limits(c);
    (void) sc_buf_printf(b, ",\"running\":{\"fetches\":%lld,\"queued\":%zu}",
                         (long long) frontier_tenant_fetching(
                             c->api->frontier, c->tenant),
                         frontier_tenant_queued(c->api->frontier, c->tenant));
    (void) sc_buf_add_cstr(b, ",\"days\":[{");
    api_usage_sums(b, &today);

    for (i = 0; i < n; i++) {
        if (usages[i].day < today.day) {
            (void) sc_buf_add_cstr(b, "},{");
            api_usage_sums(b, &usages[i]);
        }
    }

    (void) sc_buf_add_cstr(b, "}]}");
    api_reply_send(c, 200);
}


static void
api_usage_listed(void *data, store_status_t status,
    const store_usage_t *usages, size_t n)
{
    size_t       i;
    api_call_t  *c = data;
    sc_buf_t    *b = &c->api->body;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_cstr(b, "{\"day\":");
    api_usage_day(b, tenants_today());
    (void) sc_buf_add_cstr(b, ",\"tenants\":[");

    for (i = 0; i < n; i++) {
        (void) sc_buf_add_cstr(b, i > 0 ? ",{\"tenant\":" : "{\"tenant\":");
        (void) sc_json_string(b, usages[i].tenant.data, usages[i].tenant.len);
        (void) sc_buf_add_cstr(b, ",");
        api_usage_sums(b, &usages[i]);
        (void) sc_buf_add_cstr(b, "}");
    }

    (void) sc_buf_add_cstr(b, "],\"next_after\":");

    if (n == USAGE_TENANTS) {
        (void) sc_json_string(b, usages[n - 1].tenant.data,
                              usages[n - 1].tenant.len);

    } else {
        (void) sc_buf_add_cstr(b, "null");
    }

    (void) sc_buf_add_cstr(b, "}");
    api_reply_send(c, 200);
}


static void
api_usage_limits(api_call_t *c)
{
    size_t            i;
    sc_buf_t         *b = &c->api->body;
    tenant_limits_t   limits;

    tenants_limits(c->api->tenants, c->api->settings, c->tenant, &limits);

    (void) sc_buf_add_cstr(b, ",\"limits\":{");
    api_usage_limit(b, "pages", limits.pages);
    api_usage_limit(b, "bytes", limits.bytes);
    api_usage_limit(b, "fetches", limits.fetches);
    api_usage_limit(b, "rate", limits.rate);
    api_usage_limit(b, "queue", limits.queue);
    (void) sc_buf_add_cstr(b, limits.nhosts > 0 ? "\"hosts\":["
                                                : "\"hosts\":null");

    for (i = 0; i < limits.nhosts; i++) {
        (void) sc_buf_add_cstr(b, i > 0 ? "," : "");
        (void) sc_json_cstr(b, limits.hosts[i]);
    }

    (void) sc_buf_add_cstr(b, limits.nhosts > 0 ? "]}" : "}");
}


static void
api_usage_limit(sc_buf_t *b, const char *name, int64_t n)
{
    if (n > 0) {
        (void) sc_buf_printf(b, "\"%s\":%lld,", name, (long long) n);

    } else {
        (void) sc_buf_printf(b, "\"%s\":null,", name);
    }
}


static void
api_usage_sums(sc_buf_t *b, const store_usage_t *usage)
{
    (void) sc_buf_add_cstr(b, "\"day\":");
    api_usage_day(b, usage->day);
    (void) sc_buf_printf(b, ",\"pages\":%lld,\"bytes\":%lld,\"jobs\":%lld",
                         (long long) usage->pages, (long long) usage->bytes,
                         (long long) usage->jobs);
}


static void
api_usage_day(sc_buf_t *b, int64_t day)
{
    char       text[16];
    time_t     t = (time_t) (day * USAGE_DAY_SEC);
    struct tm  tm;

    if (gmtime_r(&t, &tm) == NULL
        || strftime(text, sizeof(text), "%Y-%m-%d", &tm) == 0)
    {
        text[0] = '\0';
    }

    (void) sc_json_cstr(b, text);
}


int
api_usage_host(api_call_t *c, const url_t *url, problem_t *p)
{
    if (tenants_allows(c->api->tenants, c->tenant, url->host)) {
        return SC_OK;
    }

    problem_init(p, "/policy/host-not-allowed", "host \"%.200s\" is none that "
                 "may be fetched from", url->host);

    return SC_ERROR;
}


void
api_usage_fields(api_call_t *c, sc_buf_t *headers)
{
    store_usage_t    usage;
    tenant_limits_t  limits;

    tenants_limits(c->api->tenants, c->api->settings, c->tenant, &limits);

    if (c->api->tenants == NULL || (limits.pages == 0 && limits.bytes == 0)) {
        return;
    }

    (void) tenants_usage(c->api->tenants, c->tenant, &usage);
    (void) sc_buf_add_cstr(headers, "RateLimit-Policy: ");

    if (limits.pages > 0) {
        (void) sc_buf_printf(headers, "\"pages\";q=%lld;w=%d%s",
                             (long long) limits.pages, USAGE_DAY_SEC,
                             limits.bytes > 0 ? ", " : "");
    }

    if (limits.bytes > 0) {
        (void) sc_buf_printf(headers, "\"bytes\";q=%lld;w=%d;"
                             "qu=\"content-bytes\"",
                             (long long) limits.bytes, USAGE_DAY_SEC);
    }

    (void) sc_buf_add_cstr(headers, "\r\nRateLimit: ");

    if (limits.pages > 0) {
        api_usage_left(headers, "pages", limits.pages, usage.pages);
    }

    if (limits.bytes > 0) {
        (void) sc_buf_add_cstr(headers, limits.pages > 0 ? ", " : "");
        api_usage_left(headers, "bytes", limits.bytes, usage.bytes);
    }

    (void) sc_buf_add_cstr(headers, "\r\n");
}


static void
api_usage_left(sc_buf_t *b, const char *name, int64_t limit, int64_t used)
{
    (void) sc_buf_printf(b, "\"%s\";r=%lld;t=%d", name,
                         (long long) (used < limit ? limit - used : 0),
                         tenants_rest());
}
