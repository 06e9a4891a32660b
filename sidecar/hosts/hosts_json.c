
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/hosts/hosts_internal.h"


#define HOSTS_MAX_CONCURRENCY    1000000
#define HOSTS_MAX_FAILURES       1000000
#define HOSTS_MAX_DURATION       ((int64_t) 30 * 86400 * LOOP_SEC)


static const char *hosts_state_name(const host_state_t *s, int64_t now);
static void hosts_add_ms(sc_buf_t *b, const char *name, int64_t duration);
static void hosts_add_time(sc_buf_t *b, const char *name, int64_t ms);
static void hosts_add_error(sc_buf_t *b, const host_t *host);
static int64_t hosts_wall(int64_t t, int64_t now, int64_t now_ms);
static int hosts_read_limits(host_limits_t *limits, json_t *json);
static int hosts_read_state(host_state_t *s, json_t *json, int64_t at_ms,
    int64_t now, int64_t now_ms);
static int64_t hosts_left(int64_t ms, int64_t since, int64_t longest);
static int64_t hosts_bound(int64_t n, int64_t least, int64_t most);


int
hosts_describe(const hosts_t *h, const host_t *host, int64_t now,
    sc_buf_t *out)
{
    int64_t              until, wall;
    const host_state_t  *s = &host->state;

    (void) h;

    (void) sc_buf_add_cstr(out, "{\"host\":");
    (void) sc_json_cstr(out, host->name);
    (void) sc_buf_printf(out, ",\"state\":\"%s\",\"concurrency\":%d",
                         hosts_state_name(s, now), s->limits.concurrency);
    hosts_add_ms(out, "delay_ms", s->limits.delay);
    hosts_add_ms(out, "jitter_ms", s->limits.jitter);
    (void) sc_buf_printf(out, ",\"auto\":%s",
                         s->limits.automatic ? "true" : "false");
    hosts_add_ms(out, "effective_delay_ms", host_delay(s));
    hosts_add_ms(out, "robots_delay_ms", s->robots_delay);
    (void) sc_buf_printf(out, ",\"running\":%d", s->running);
    hosts_add_ms(out, "latency_ms", s->latency);
    (void) sc_buf_printf(out, ",\"failures\":%d", s->failures);

    until = s->blocked_until;

    if (s->breaker == HOST_OPEN && s->open_until > until) {
        until = s->open_until;
    }

    wall = until > now ? hosts_wall(until, now, id_now_ms()) : -1;
    hosts_add_time(out, "blocked_until", wall);

    (void) sc_buf_printf(out, ",\"fetches\":%lld,\"errors\":%lld",
                         (long long) host->fetches, (long long) host->errors);
    hosts_add_error(out, host);

    return sc_buf_add_cstr(out, "}");
}


void
hosts_unwell(const hosts_t *h, int64_t now, size_t *suspended,
    size_t *blocked)
{
    const char    *name;
    const host_t  *host;

    *suspended = 0;
    *blocked = 0;

    for (host = h->table; host != NULL; host = host->hh.next) {
        name = hosts_state_name(&host->state, now);
        *suspended += strcmp(name, "open") == 0;
        *blocked += strcmp(name, "blocked") == 0;
    }
}


/* Of a block and an open breaker, the one that ends last. */
static const char *
hosts_state_name(const host_state_t *s, int64_t now)
{
    if (s->blocked_until > now
        && !(s->breaker == HOST_OPEN && s->open_until > s->blocked_until))
    {
        return "blocked";
    }

    switch (s->breaker) {

    case HOST_OPEN:
        return s->open_until > now ? "open" : "half-open";

    case HOST_HALF_OPEN:
        return "half-open";

    default:
        return "ok";
    }
}


/* A negative one is none. */
static void
hosts_add_ms(sc_buf_t *b, const char *name, int64_t duration)
{
    (void) sc_buf_printf(b, ",\"%s\":", name);

    if (duration < 0) {
        (void) sc_buf_add_cstr(b, "null");

    } else {
        (void) sc_json_number(b, (double) duration / (double) LOOP_MS);
    }
}


/* Times that the calendar lacks are none. */
static void
hosts_add_time(sc_buf_t *b, const char *name, int64_t ms)
{
    char       date[32];
    time_t     sec;
    struct tm  tm;

    sec = (time_t) (ms / 1000);

    if (ms < 0 || gmtime_r(&sec, &tm) == NULL || tm.tm_year > 9999 - 1900
        || strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
    {
        (void) sc_buf_printf(b, ",\"%s\":null", name);
        return;
    }

    (void) sc_buf_printf(b, ",\"%s\":\"%s.%03dZ\"", name, date,
                         (int) (ms % 1000));
}


static void
hosts_add_error(sc_buf_t *b, const host_t *host)
{
    if (host->last_error == NULL || host->last_error[0] == '\0') {
        (void) sc_buf_add_cstr(b, ",\"last_error\":null");
        return;
    }

    (void) sc_buf_add_cstr(b, ",\"last_error\":{\"type\":");
    (void) sc_json_cstr(b, host->last_error);
    hosts_add_time(b, "at", host->last_error_at);
    (void) sc_buf_add_cstr(b, "}");
}


/* Rounded up: what is blocked until then is not a moment before. */
static int64_t
hosts_wall(int64_t t, int64_t now, int64_t now_ms)
{
    int64_t  left;

    left = t - now;

    return now_ms + left / LOOP_MS + (left % LOOP_MS > 0);
}


int
hosts_json_write(const host_t *host, int64_t now, int64_t now_ms,
    sc_buf_t *out)
{
    const host_state_t   *s = &host->state;
    const host_limits_t  *limits = &s->limits;

    (void) sc_buf_printf(out, "{\"begun\":%lld,\"failures\":%d",
                         (long long) hosts_wall(s->begun, now, now_ms),
                         s->failures);
    (void) sc_buf_printf(out, ",\"latency\":%lld,\"auto_delay\":%lld",
                         (long long) s->latency, (long long) s->auto_delay);

    if (s->blocked_until > now) {
        (void) sc_buf_printf(out, ",\"blocked_until\":%lld,\"ordered\":%s",
                             (long long) hosts_wall(s->blocked_until, now,
                                                    now_ms),
                             s->ordered ? "true" : "false");
    }

    if (s->breaker != HOST_CLOSED) {
        (void) sc_buf_printf(out, ",\"open_until\":%lld,\"opened\":%d",
                             (long long) hosts_wall(s->open_until, now,
                                                    now_ms),
                             s->opened);
    }

    if (host->custom) {
        (void) sc_buf_printf(out, ",\"limits\":{\"concurrency\":%d,"
                             "\"delay\":%lld,\"jitter\":%lld,"
                             "\"failures\":%d,\"auto\":%s}",
                             limits->concurrency, (long long) limits->delay,
                             (long long) limits->jitter, limits->failures,
                             limits->automatic ? "true" : "false");
    }

    return sc_buf_add_cstr(out, "}");
}


int
hosts_json_read(host_t *host, sc_str_t body, int64_t at_ms, int64_t now,
    int64_t now_ms)
{
    int            rc;
    json_t        *json, *own;
    host_state_t   state;

    json = sc_json_of(body.data, body.len, 0, NULL);
    if (json == NULL) {
        return SC_ERROR;
    }

    state = host->state;
    own = json_object_get(json, "limits");

    rc = own != NULL ? hosts_read_limits(&state.limits, own) : SC_OK;

    if (rc == SC_OK) {
        rc = hosts_read_state(&state, json, at_ms, now, now_ms);
    }

    if (rc == SC_OK) {
        host->state = state;
        host->custom = own != NULL;
    }

    json_decref(json);

    return rc;
}


static int
hosts_read_limits(host_limits_t *limits, json_t *json)
{
    int         automatic;
    json_int_t  concurrency, delay, jitter, failures;

    if (json_unpack(json, "{s:I, s:I, s:I, s:I, s:b}",
                    "concurrency", &concurrency, "delay", &delay,
                    "jitter", &jitter, "failures", &failures,
                    "auto", &automatic) != 0)
    {
        return SC_ERROR;
    }

    limits->concurrency = (int) hosts_bound(concurrency, 1,
                                            HOSTS_MAX_CONCURRENCY);
    limits->delay = hosts_bound(delay, 0, HOSTS_MAX_DURATION);
    limits->jitter = hosts_bound(jitter, 0, HOSTS_MAX_DURATION);
    limits->failures = (int) hosts_bound(failures, 0, HOSTS_MAX_FAILURES);
    limits->automatic = automatic != 0;

    return SC_OK;
}


static int
hosts_read_state(host_state_t *s, json_t *json, int64_t at_ms, int64_t now,
    int64_t now_ms)
{
    int         ordered;
    json_int_t  begun, failures, latency, auto_delay, blocked, open, opened;

    ordered = 0;
    blocked = 0;
    open = -1;
    opened = 0;

    if (json_unpack(json, "{s:I, s:I, s:I, s:I, s?I, s?b, s?I, s?I}",
                    "begun", &begun, "failures", &failures,
                    "latency", &latency, "auto_delay", &auto_delay,
                    "blocked_until", &blocked, "ordered", &ordered,
                    "open_until", &open, "opened", &opened) != 0)
    {
        return SC_ERROR;
    }

    /* of a clock that went back, the time it was is nearer to what it is */
    now_ms = now_ms > at_ms ? now_ms : at_ms;

    s->begun = now - hosts_left(now_ms, hosts_bound(begun, 0, now_ms),
                                HOST_MEMORY);
    s->failures = (int) hosts_bound(failures, 0, HOSTS_MAX_FAILURES);
    s->latency = hosts_bound(latency, 0, HOSTS_MAX_DURATION);
    s->auto_delay = hosts_bound(auto_delay, 0, HOST_MAX_DELAY);

    blocked = hosts_left(blocked, now_ms,
                         ordered ? HOSTS_MAX_BLOCK : HOST_MAX_RETRY);
    s->blocked_until = blocked > 0 ? now + blocked : 0;
    s->ordered = ordered && blocked > 0;

    if (open >= 0) {
        s->breaker = HOST_OPEN;
        s->open_until = now + hosts_left(open, now_ms, HOST_LONGEST_OPEN);
        s->opened = (int) hosts_bound(opened, 1, HOST_MAX_OPENED);
    }

    return SC_OK;
}


/* Nanoseconds from since, not negative, to ms; from 0 to longest. */
static int64_t
hosts_left(int64_t ms, int64_t since, int64_t longest)
{
    if (ms <= since) {
        return 0;
    }

    return ms - since < longest / LOOP_MS ? (ms - since) * LOOP_MS : longest;
}


static int64_t
hosts_bound(int64_t n, int64_t least, int64_t most)
{
    return n < least ? least : n > most ? most : n;
}
