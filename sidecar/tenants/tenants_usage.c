
#include <stdlib.h>
#include <string.h>

#include "sidecar/core/id.h"
#include "sidecar/core/log.h"
#include "sidecar/tenants/tenants_internal.h"


#define TENANTS_DAY_MS    86400000

/* how often it is looked whether the day has changed: clocks are set, too */
#define TENANTS_TICK      (30 * LOOP_SEC)

/* sums that are read at once */
#define TENANTS_READ      1000

/* sums that are looked at for one that may be dropped */
#define TENANTS_TRIES     64


static int tenants_read_on(tenants_t *t);
static void tenants_read_some(void *data, store_status_t status,
    const store_usage_t *usages, size_t n);
static void tenants_read_end(tenants_t *t);
static void tenants_tick(loop_timer_t *timer);
static void tenants_roll(tenants_t *t);
static void tenants_arm(tenants_t *t);
static void tenants_drop_all(tenants_t *t);
static tenants_used_t *tenants_used(tenants_t *t, sc_str_t tenant);
static tenants_used_t *tenants_used_make(tenants_t *t, sc_str_t tenant);
static int tenants_used_ask(tenants_used_t *u);
static void tenants_used_told(void *data, store_status_t status,
    const store_usage_t *usages, size_t n);
static void tenants_used_drop_one(tenants_t *t);
static void tenants_sum(store_usage_t *to, const store_usage_t *usage);


void
tenants_usage_open(tenants_t *t)
{
    t->day = tenants_today();
    sc_buf_init(&t->after, 0);
    loop_timer_init(&t->timer, tenants_tick, t);
    tenants_arm(t);
}


void
tenants_usage_close(tenants_t *t)
{
    loop_timer_del(t->loop, &t->timer);
    store_forget(t->store, t);
    tenants_drop_all(t);
    sc_buf_free(&t->after);
}


int64_t
tenants_today(void)
{
    return store_day(id_now_ms());
}


int
tenants_rest(void)
{
    int64_t  now = id_now_ms();

    return (int) ((TENANTS_DAY_MS - now % TENANTS_DAY_MS + 999) / 1000);
}


int
tenants_read(tenants_t *t, void (*ready)(void *data), void *data)
{
    t->ready = ready;
    t->ready_data = data;

    return tenants_read_on(t);
}


static int
tenants_read_on(tenants_t *t)
{
    sc_str_t  after = { t->after.len, t->after.data };

    return store_usage_all(t->store, t->day, after, TENANTS_READ,
                           tenants_read_some, t);
}


static void
tenants_read_some(void *data, store_status_t status,
    const store_usage_t *usages, size_t n)
{
    size_t           i;
    tenants_t       *t = data;
    tenants_used_t  *u;

    if (status != STORE_OK) {
        log_error("what tenants used today could not be read");
        t->partial = 1;
    }

    for (i = 0; i < n && usages[i].day == t->day; i++) {
        u = tenants_used_make(t, usages[i].tenant);

        if (u == NULL) {
            t->partial = 1;
            break;
        }

        tenants_sum(&u->usage, &usages[i]);
    }

    if (n == TENANTS_READ && i == n && HASH_COUNT(t->used) < TENANTS_KEPT) {
        sc_buf_reset(&t->after);

        if (sc_buf_add_str(&t->after, usages[n - 1].tenant) == SC_OK
            && tenants_read_on(t) == SC_OK)
        {
            return;
        }
    }

    t->partial |= (n == TENANTS_READ);
    tenants_read_end(t);
}


static void
tenants_read_end(tenants_t *t)
{
    void  (*ready)(void *data) = t->ready;

    t->ready = NULL;
    sc_buf_free(&t->after);

    if (ready != NULL) {
        ready(t->ready_data);
    }
}


static void
tenants_tick(loop_timer_t *timer)
{
    tenants_t  *t = timer->data;

    tenants_roll(t);

    if (t->rolled) {
        t->rolled = 0;
        tenants_changed(t);
    }

    tenants_arm(t);
}


/*
 * Another day: nothing was used of it, unless the clock was set back.  Who
 * asks is in the midst of something: the others are told later.
 */

static void
tenants_roll(tenants_t *t)
{
    int64_t  day = tenants_today();

    if (day == t->day) {
        return;
    }

    t->partial = (day < t->day);
    t->day = day;
    t->rolled = 1;
    tenants_drop_all(t);
    (void) loop_timer_set(t->loop, &t->timer, 0);
}


static void
tenants_arm(tenants_t *t)
{
    int64_t  rest;

    rest = (TENANTS_DAY_MS - id_now_ms() % TENANTS_DAY_MS) * LOOP_MS;

    (void) loop_timer_set(t->loop, &t->timer,
                          rest < TENANTS_TICK ? rest : TENANTS_TICK);
}


static void
tenants_drop_all(tenants_t *t)
{
    tenants_used_t  *u, *tmp;

    HASH_ITER(hh, t->used, u, tmp) {
        store_forget(t->store, u);
        HASH_DEL(t->used, u);
        free(u);
    }
}


void
tenants_add(tenants_t *t, sc_str_t tenant, const store_usage_t *usage)
{
    tenants_used_t  *u;

    tenants_roll(t);

    if (usage->day != t->day) {
        return;
    }

    u = tenants_used(t, tenant);

    if (u != NULL) {
        tenants_sum(&u->usage, usage);
    }
}


int
tenants_usage(tenants_t *t, sc_str_t tenant, store_usage_t *usage)
{
    const tenants_used_t  *u = tenants_used(t, tenant);

    memset(usage, 0, sizeof(store_usage_t));
    usage->day = t->day;

    if (u == NULL) {
        return SC_AGAIN;
    }

    tenants_sum(usage, &u->usage);

    return u->reading ? SC_AGAIN : SC_OK;
}


tenant_over_t
tenants_over(tenants_t *t, sc_str_t tenant)
{
    store_usage_t    usage;
    tenant_limits_t  limits;

    tenants_limits(t, t->settings, tenant, &limits);

    if (limits.pages == 0 && limits.bytes == 0) {
        return TENANT_FREE;
    }

    (void) tenants_usage(t, tenant, &usage);

    if (limits.pages > 0 && usage.pages >= limits.pages) {
        return TENANT_PAGES;
    }

    return limits.bytes > 0 && usage.bytes >= limits.bytes ? TENANT_BYTES
                                                           : TENANT_FREE;
}


int64_t
tenants_left(tenants_t *t, sc_str_t tenant)
{
    store_usage_t    usage;
    tenant_limits_t  limits;

    tenants_limits(t, t->settings, tenant, &limits);

    if (limits.pages == 0 && limits.bytes == 0) {
        return INT64_MAX;
    }

    if (tenants_usage(t, tenant, &usage) != SC_OK
        || (limits.bytes > 0 && usage.bytes >= limits.bytes)
        || (limits.pages > 0 && usage.pages >= limits.pages))
    {
        return 0;
    }

    return limits.pages > 0 ? limits.pages - usage.pages : INT64_MAX;
}


/* NULL when memory is out. */
static tenants_used_t *
tenants_used(tenants_t *t, sc_str_t tenant)
{
    tenants_used_t  *u;

    tenants_roll(t);
    HASH_FIND(hh, t->used, tenant.data, tenant.len, u);

    if (u != NULL) {
        return u;
    }

    if (HASH_COUNT(t->used) >= TENANTS_KEPT) {
        tenants_used_drop_one(t);
    }

    u = tenants_used_make(t, tenant);

    /* without memory to ask, what it used is not known, and not nothing */
    if (u != NULL && t->partial && tenants_used_ask(u) != SC_OK) {
        HASH_DEL(t->used, u);
        free(u);
        return NULL;
    }

    return u;
}


static tenants_used_t *
tenants_used_make(tenants_t *t, sc_str_t tenant)
{
    tenants_used_t  *u;

    u = calloc(1, sizeof(tenants_used_t) + tenant.len + 1);
    if (u == NULL) {
        return NULL;
    }

    u->tenants = t;
    u->len = tenant.len;

    if (tenant.len > 0) {
        memcpy(u->name, tenant.data, tenant.len);
    }

    HASH_ADD(hh, t->used, name[0], u->len, u);

    if (u->hh.tbl == NULL) {
        free(u);
        return NULL;
    }

    return u;
}


static int
tenants_used_ask(tenants_used_t *u)
{
    sc_str_t  tenant = { u->len, u->name };

    u->reading = store_usage_days(u->tenants->store, tenant, u->tenants->day,
                                  1, tenants_used_told, u)
                 == SC_OK;

    return u->reading ? SC_OK : SC_ERROR;
}


static void
tenants_used_told(void *data, store_status_t status,
    const store_usage_t *usages, size_t n)
{
    tenants_used_t  *u = data;

    tenants_t       *t = u->tenants;

    u->reading = 0;

    if (status != STORE_OK) {
        /* it is asked for again, the others are told at the next tick */
        log_error("what tenant \"%s\" used today could not be read", u->name);
        t->rolled = 1;
        HASH_DEL(t->used, u);
        free(u);
        return;
    }

    if (n > 0 && usages[0].day == t->day) {
        tenants_sum(&u->usage, &usages[0]);
    }

    tenants_changed(t);
}


/*
 * One of the oldest of which nothing is under way: what it used is on disk,
 * and is read again when it comes back.
 */

static void
tenants_used_drop_one(tenants_t *t)
{
    int              n;
    sc_str_t         name;
    tenants_used_t  *u, *next;

    u = t->used;

    for (n = 0; u != NULL && n < TENANTS_TRIES; n++, u = next) {
        next = u->hh.next;
        name = (sc_str_t) { u->len, u->name };
        HASH_DEL(t->used, u);

        if (!u->reading && (t->hooks.busy == NULL
                            || !t->hooks.busy(t->hooks_data, name)))
        {
            free(u);
            t->partial = 1;
            return;
        }

        /* behind the others, for the next time */
        HASH_ADD(hh, t->used, name[0], u->len, u);

        if (u->hh.tbl == NULL) {
            store_forget(t->store, u);
            free(u);
            t->partial = 1;
            return;
        }
    }
}


static void
tenants_sum(store_usage_t *to, const store_usage_t *usage)
{
    to->pages += usage->pages;
    to->bytes += usage->bytes;
    to->jobs += usage->jobs;
}
