
#include <string.h>
#include <strings.h>

#include "common/sc_core.h"
#include "sidecar/core/field.h"
#include "sidecar/fetch/cache_control.h"
#include "sidecar/fetch/http_date.h"


/* RFC 9111 1.2.2: what is larger is as good as this */
#define CACHE_MAX_SECONDS    2147483648


/* One directive; value NULL when it has none. */
typedef struct {
    sc_str_t  name;
    sc_str_t  value;
} cache_directive_t;


static void cache_request_time(cache_request_t *c,
    const cache_directive_t *d);
static int64_t cache_explicit(const char *value);
static int cache_next(const char **pos, cache_directive_t *d);
static const char *cache_token(const char *p, sc_str_t *token);
static int cache_is(const cache_directive_t *d, const char *name);
static void cache_least(const cache_directive_t *d, int64_t *to);
static void cache_most(const cache_directive_t *d, int64_t *to);
static int64_t cache_seconds(sc_str_t value);
static int64_t cache_sum(int64_t a, int64_t b);


void
cache_request_parse(cache_request_t *c, const char *value)
{
    cache_directive_t  d;

    memset(c, 0, sizeof(cache_request_t));
    c->max_age = -1;
    c->max_stale = -1;
    c->min_fresh = -1;

    while (cache_next(&value, &d)) {
        c->no_cache |= cache_is(&d, "no-cache");
        c->no_store |= cache_is(&d, "no-store");
        c->only_if_cached |= cache_is(&d, "only-if-cached");
        cache_request_time(c, &d);
    }

    c->present = c->no_cache || c->no_store || c->only_if_cached
                 || c->max_age >= 0 || c->max_stale >= 0 || c->min_fresh >= 0;
}


static void
cache_request_time(cache_request_t *c, const cache_directive_t *d)
{
    if (cache_is(d, "max-age")) {
        cache_least(d, &c->max_age);

    } else if (cache_is(d, "min-fresh")) {
        cache_most(d, &c->min_fresh);

    } else if (cache_is(d, "max-stale") && d->value.data != NULL) {
        cache_least(d, &c->max_stale);

    } else if (cache_is(d, "max-stale") && c->max_stale == -1) {
        c->max_stale = CACHE_ANY;
    }
}


int
cache_looks(const cache_request_t *c)
{
    return c->present && (!c->no_store || c->only_if_cached);
}


int
cache_keeps(const cache_request_t *c)
{
    return c->present && !c->no_store;
}


cache_verdict_t
cache_judge(const cache_request_t *c, int64_t age, int64_t lifetime)
{
    int64_t  limit;

    if (!c->present) {
        return CACHE_FETCH;
    }

    if (age < 0 || c->no_store) {
        return c->only_if_cached ? CACHE_FAIL : CACHE_FETCH;
    }

    if (c->no_cache) {
        return c->only_if_cached ? CACHE_FAIL : CACHE_CHECK;
    }

    limit = c->max_age >= 0 ? c->max_age : lifetime;

    /* whoever wants no other page takes one that says nothing of its age */
    if (limit == -1 && c->only_if_cached) {
        limit = CACHE_ANY;
    }

    if (limit == -1) {
        limit = 0;
    }

    if (c->max_stale >= 0) {
        limit = cache_sum(limit, c->max_stale);
    }

    if (c->min_fresh >= 0) {
        age = cache_sum(age, c->min_fresh);
    }

    if (age <= limit) {
        return CACHE_USE;
    }

    return c->only_if_cached ? CACHE_FAIL : CACHE_CHECK;
}


int64_t
cache_lifetime(const char *cache_control, const char *expires,
    const char *age, int64_t now_ms)
{
    int64_t   lifetime, at, old;
    sc_str_t  text = { strlen(age), age };

    lifetime = cache_explicit(cache_control);

    if (lifetime == -1 && expires[0] != '\0') {
        /* an Expires that is no date lies in the past */
        lifetime = 0;

        if (http_date_parse(expires, now_ms, &at) == SC_OK && at > now_ms) {
            lifetime = at - now_ms;
        }
    }

    if (lifetime == -1) {
        return -1;
    }

    old = cache_seconds(text);

    return old > 0 ? (old < lifetime ? lifetime - old : 0) : lifetime;
}


/* What the origin's directives say; -1 for nothing. */
static int64_t
cache_explicit(const char *value)
{
    int64_t            own, shared, *which;
    cache_directive_t  d;

    own = -1;
    shared = -1;

    while (cache_next(&value, &d)) {
        if (cache_is(&d, "no-cache") || cache_is(&d, "no-store")) {
            return 0;
        }

        if (cache_is(&d, "max-age")) {
            which = &own;

        } else if (cache_is(&d, "s-maxage")) {
            which = &shared;

        } else {
            continue;
        }

        /* what is said of it and cannot be read is stale */
        if (cache_seconds(d.value) == -1) {
            *which = 0;
        }

        cache_least(&d, which);
    }

    return shared != -1 ? shared : own;
}


/* A list of tokens, some with "=" and a token or a quoted string. */
static int
cache_next(const char **pos, cache_directive_t *d)
{
    const char  *p = *pos;

    p += strspn(p, ", \t");

    if (*p == '\0') {
        return 0;
    }

    d->value.data = NULL;
    d->value.len = 0;
    p = field_blank(cache_token(p, &d->name));

    if (*p == '=') {
        p = field_blank(p + 1);
        p = *p == '"' ? field_quoted(p, &d->value)
                      : cache_token(p, &d->value);
    }

    *pos = field_skip(p);

    return 1;
}


static const char *
cache_token(const char *p, sc_str_t *token)
{
    token->data = p;
    token->len = strcspn(p, "=,; \t\"");

    return p + token->len;
}


static int
cache_is(const cache_directive_t *d, const char *name)
{
    return d->name.len == strlen(name)
           && strncasecmp(d->name.data, name, d->name.len) == 0;
}


static void
cache_least(const cache_directive_t *d, int64_t *to)
{
    int64_t  ms;

    ms = cache_seconds(d->value);

    if (ms >= 0 && (*to == -1 || ms < *to)) {
        *to = ms;
    }
}


static void
cache_most(const cache_directive_t *d, int64_t *to)
{
    int64_t  ms;

    ms = cache_seconds(d->value);

    if (ms > *to) {
        *to = ms;
    }
}


/* As milliseconds; -1 for what is no number. */
static int64_t
cache_seconds(sc_str_t value)
{
    int64_t  n;

    n = field_seconds(value, CACHE_MAX_SECONDS);

    return n < 0 ? -1 : n * 1000;
}


static int64_t
cache_sum(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}
