
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/lanes/lanes_internal.h"


/* of those that are idle, looked at whenever one is released */
#define LANES_LOOK  2


static void lanes_tenant_look(lanes_t *s);
static void lanes_tenant_ask(lanes_t *s, lanes_tenant_t *t);


void
lanes_ask(lanes_t *s, lanes_limits_pt ask, void *data)
{
    s->ask = ask;
    s->ask_data = data;
}


lanes_tenant_t *
lanes_tenant_get(lanes_t *s, sc_str_t name)
{
    int              i;
    lanes_tenant_t  *t;

    HASH_FIND(hh, s->tenants, name.data, name.len, t);
    if (t != NULL) {
        if (t->idle) {
            t->idle = 0;
            DL_DELETE(s->idle, t);
        }

        return t;
    }

    t = calloc(1, sizeof(lanes_tenant_t) + name.len + 1);
    if (t == NULL) {
        return NULL;
    }

    if (name.len > 0) {
        memcpy(t->name, name.data, name.len);
    }

    t->len = name.len;

    for (i = 0; i < LANES_N; i++) {
        t->shares[i].tenant = t;
        t->shares[i].lane = (lanes_lane_t) i;
    }

    HASH_ADD_KEYPTR(hh, s->tenants, t->name, t->len, t);

    if (t->hh.tbl == NULL) {
        free(t);
        return NULL;
    }

    lanes_tenant_ask(s, t);

    return t;
}


void
lanes_tenant_release(lanes_t *s, lanes_tenant_t *t)
{
    if (t->refs > 0) {
        return;
    }

    if (rate_full(&t->rate, loop_now(s->loop))) {
        lanes_tenant_free(s, t);

    } else {
        t->idle = 1;
        DL_APPEND(s->idle, t);
    }

    lanes_tenant_look(s);
}


void
lanes_tenant_free(lanes_t *s, lanes_tenant_t *t)
{
    HASH_DEL(s->tenants, t);
    free(t);
}


/* More than come: so none stays for long after its bucket is full. */
static void
lanes_tenant_look(lanes_t *s)
{
    int              i;
    lanes_tenant_t  *t;

    for (i = 0; i < LANES_LOOK && s->idle != NULL && s->tenants != NULL; i++)
    {
        t = s->idle;
        DL_DELETE(s->idle, t);

        if (rate_full(&t->rate, loop_now(s->loop))) {
            lanes_tenant_free(s, t);

        } else {
            DL_APPEND(s->idle, t);
        }
    }
}


/* A bucket that is as large as before stays as full as it is. */
static void
lanes_tenant_ask(lanes_t *s, lanes_tenant_t *t)
{
    sc_str_t  name = { t->len, t->name };

    t->limits = s->limits;

    if (s->ask != NULL) {
        s->ask(s->ask_data, name, &t->limits);
    }

    if (t->rate.per_second != t->limits.rate) {
        rate_init(&t->rate, t->limits.rate, loop_now(s->loop));
    }
}


int
lanes_tenant_may(const lanes_tenant_t *t)
{
    return (t->limits.connections == 0
            || t->running < t->limits.connections)
           && t->running < t->limits.left;
}


void
lanes_tenant_changed(lanes_t *s, sc_str_t tenant)
{
    lanes_tenant_t  *t;

    HASH_FIND(hh, s->tenants, tenant.data, tenant.len, t);

    if (t != NULL) {
        lanes_tenant_ask(s, t);
    }
}


void
lanes_tenants_changed(lanes_t *s)
{
    lanes_tenant_t  *t, *tmp;

    HASH_ITER(hh, s->tenants, t, tmp) {
        lanes_tenant_ask(s, t);
    }

    s->ready(s->data);
}


int64_t
lanes_running(const lanes_t *s, sc_str_t tenant)
{
    lanes_tenant_t  *t;

    HASH_FIND(hh, s->tenants, tenant.data, tenant.len, t);

    return t != NULL ? t->running : 0;
}
