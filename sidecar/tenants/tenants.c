
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/tenants/tenants_internal.h"


static const tenants_line_t *tenants_find(const tenants_t *t,
    sc_str_t tenant);
static int64_t tenants_or(int64_t n, int64_t otherwise);


tenants_t *
tenants_open(loop_t *loop, const settings_t *settings, store_t *store,
    char *err, size_t errlen)
{
    tenants_t  *t;

    t = calloc(1, sizeof(tenants_t));
    if (t == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return NULL;
    }

    t->loop = loop;
    t->settings = settings;
    t->store = store;

    if (settings->tenants[0] != '\0'
        && tenants_file(&t->lines, settings->tenants, err, errlen) != SC_OK)
    {
        free(t);
        return NULL;
    }

    tenants_usage_open(t);

    return t;
}


void
tenants_close(tenants_t *t)
{
    tenants_usage_close(t);
    tenants_free(&t->lines);
    free(t);
}


void
tenants_hook(tenants_t *t, const tenants_hooks_t *hooks, void *data)
{
    memset(&t->hooks, 0, sizeof(tenants_hooks_t));

    if (hooks != NULL) {
        t->hooks = *hooks;
    }

    t->hooks_data = data;
}


void
tenants_changed(tenants_t *t)
{
    if (t->hooks.changed != NULL) {
        t->hooks.changed(t->hooks_data);
    }
}


int
tenants_reload(tenants_t *t, char *err, size_t errlen)
{
    tenants_line_t  *lines;

    if (t->settings->tenants[0] == '\0') {
        return SC_OK;
    }

    if (tenants_file(&lines, t->settings->tenants, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    tenants_free(&t->lines);
    t->lines = lines;
    tenants_changed(t);

    return SC_OK;
}


void
tenants_limits(const tenants_t *t, const settings_t *settings,
    sc_str_t tenant, tenant_limits_t *limits)
{
    const tenants_line_t  *line;

    memset(limits, 0, sizeof(tenant_limits_t));
    limits->fetches = settings->tenant_connections;
    limits->rate = settings->tenant_rate;
    limits->queue = settings->tenant_queue;

    line = t != NULL ? tenants_find(t, tenant) : NULL;

    if (line != NULL) {
        limits->pages = tenants_or(line->limits.pages, 0);
        limits->bytes = tenants_or(line->limits.bytes, 0);
        limits->fetches = tenants_or(line->limits.fetches, limits->fetches);
        limits->rate = tenants_or(line->limits.rate, limits->rate);
        limits->queue = tenants_or(line->limits.queue, limits->queue);
        limits->hosts = line->limits.hosts;
        limits->nhosts = line->limits.nhosts;
    }
}


static const tenants_line_t *
tenants_find(const tenants_t *t, sc_str_t tenant)
{
    tenants_line_t  *line;

    if (t->lines == NULL) {
        return NULL;
    }

    if (tenant.len == 0) {
        HASH_FIND(hh, t->lines, "-", 1, line);
        return line;
    }

    HASH_FIND(hh, t->lines, tenant.data, tenant.len, line);

    if (line == NULL) {
        HASH_FIND(hh, t->lines, "*", 1, line);
    }

    return line;
}


static int64_t
tenants_or(int64_t n, int64_t otherwise)
{
    return n != TENANTS_UNSET ? n : otherwise;
}
