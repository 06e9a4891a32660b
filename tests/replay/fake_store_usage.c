
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/replay/fake_store.h"


#define FAKE_DAY_MS    86400000


static fake_usage_t *fake_usage_find(store_t *s, sc_str_t tenant,
    int64_t day);
static void fake_usage_do(store_t *s, fake_call_t *c);
static int fake_usage_read(store_t *s, sc_str_t tenant, int one, int64_t day,
    store_usages_pt done, void *data);
static void fake_usage_tell(fake_call_t *c);


int64_t
store_day(int64_t ms)
{
    return ms / FAKE_DAY_MS;
}


void
fake_usage_add(store_t *s, sc_str_t tenant, const store_usage_t *usage)
{
    fake_usage_t  *u;

    u = fake_usage_find(s, tenant, usage->day);

    if (u == NULL) {
        u = calloc(1, sizeof(fake_usage_t) + tenant.len + 1);
        ck_assert_ptr_nonnull(u);
        u->next = s->usages;
        s->usages = u;
        u->usage.tenant.data = u->name;
        u->usage.tenant.len = tenant.len;
        u->usage.day = usage->day;

        if (tenant.len > 0) {
            memcpy(u->name, tenant.data, tenant.len);
        }
    }

    u->usage.pages += usage->pages;
    u->usage.bytes += usage->bytes;
    u->usage.jobs += usage->jobs;
}


static fake_usage_t *
fake_usage_find(store_t *s, sc_str_t tenant, int64_t day)
{
    fake_usage_t  *u;

    for (u = s->usages; u != NULL; u = u->next) {
        if (u->usage.day == day && u->usage.tenant.len == tenant.len
            && (tenant.len == 0
                || memcmp(u->name, tenant.data, tenant.len) == 0))
        {
            break;
        }
    }

    return u;
}


store_usage_t
fake_usage(sc_str_t tenant, int64_t day)
{
    fake_usage_t   *u = fake_usage_find(&fake_store, tenant, day);
    store_usage_t   none = { .day = day };

    return u != NULL ? u->usage : none;
}


int
store_usage_put(store_t *s, const store_usage_t *usage)
{
    fake_call_t   *c;
    fake_usage_t  *u;

    c = fake_call_make(s, FAKE_USAGE, NULL);
    if (c == NULL) {
        return SC_ERROR;
    }

    u = calloc(1, sizeof(fake_usage_t) + usage->tenant.len + 1);
    ck_assert_ptr_nonnull(u);
    u->usage = *usage;
    u->usage.tenant.data = u->name;

    if (usage->tenant.len > 0) {
        memcpy(u->name, usage->tenant.data, usage->tenant.len);
    }

    c->usage = u;
    c->run = fake_usage_do;
    fake_call_write(s, c);

    return SC_OK;
}


static void
fake_usage_do(store_t *s, fake_call_t *c)
{
    fake_usage_add(s, c->usage->usage.tenant, &c->usage->usage);
}


int
store_usage_days(store_t *s, sc_str_t tenant, int64_t since, size_t limit,
    store_usages_pt done, void *data)
{
    ck_assert_uint_eq(limit, 1);

    return fake_usage_read(s, tenant, 1, since, done, data);
}


/* In no order; none is left for a second read. */
int
store_usage_all(store_t *s, int64_t day, sc_str_t after, size_t limit,
    store_usages_pt done, void *data)
{
    ck_assert_ptr_null(after.data);
    ck_assert_uint_gt(limit, 1);

    return fake_usage_read(s, after, 0, day, done, data);
}


static int
fake_usage_read(store_t *s, sc_str_t tenant, int one, int64_t day,
    store_usages_pt done, void *data)
{
    fake_call_t   *c;
    fake_usage_t  *u;

    c = fake_call_make(s, FAKE_USAGE, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done_usages = done;
    c->tell = fake_usage_tell;

    for (u = s->usages; u != NULL; u = u->next) {
        if (u->usage.day == day
            && (!one || u == fake_usage_find(s, tenant, day)))
        {
            c->usages = reallocarray(c->usages, c->nusages + 1,
                                     sizeof(store_usage_t));
            ck_assert_ptr_nonnull(c->usages);
            c->usages[c->nusages++] = u->usage;
        }
    }

    fake_call_read(s, c);

    return SC_OK;
}


static void
fake_usage_tell(fake_call_t *c)
{
    c->done_usages(c->data, c->status, c->usages,
                   c->status == STORE_OK ? c->nusages : 0);
}


void
fake_usages_free(store_t *s)
{
    fake_usage_t  *u;

    while ((u = s->usages) != NULL) {
        s->usages = u->next;
        free(u);
    }
}
