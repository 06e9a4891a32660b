
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpsl.h>

#include "sidecar/crawl/crawl_internal.h"


static int crawl_preset_start(crawl_text_t *t, const char *preset,
    const url_t *url);
static int crawl_preset_domain(crawl_text_t *t, const char *name);
static int crawl_preset_www(crawl_text_t *t, const char *name, int port);
static int crawl_preset_host(crawl_text_t *t, const char *name, int port,
    int sub);
static int crawl_preset_own(crawl_text_t *t, const json_t *value, size_t i);


static const char *const  crawl_presets[] = {
    "host", "www", "domain", "any"
};


int
crawl_preset_starts(crawl_text_t *t, const json_t *scope, const url_t *starts,
    size_t nstarts)
{
    size_t         i;
    const char    *preset;
    const json_t  *value;

    value = json_object_get(scope, "preset");
    preset = value != NULL ? json_string_value(value) : "host";

    for (i = 0; preset != NULL && i < 4; i++) {
        if (strcmp(preset, crawl_presets[i]) == 0) {
            break;
        }
    }

    if (preset == NULL || i == 4) {
        return crawl_text_fail(t, "/scope/preset", "\"preset\" is none of "
                               "host, www, domain and any");
    }

    if (strcmp(preset, "any") == 0) {
        return crawl_text_put(t, "any", json_true());
    }

    for (i = 0; i < nstarts; i++) {
        if (crawl_preset_start(t, preset, &starts[i]) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


int
crawl_preset_named(crawl_text_t *t, const json_t *list)
{
    size_t   i;
    json_t  *value;

    if (crawl_text_list(t, list, "/scope/hosts") != SC_OK) {
        return SC_ERROR;
    }

    json_array_foreach(list, i, value) {
        if (crawl_preset_own(t, value, i) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* Each once, in their order. */

int
crawl_preset_hosts(crawl_text_t *t)
{
    int       rc;
    size_t    i;
    json_t   *list;
    sc_buf_t  text;

    list = json_array();
    sc_buf_init(&text, 0);

    if (t->n != 0) {
        qsort(t->list, t->n, sizeof(crawl_host_t), crawl_host_compare);
    }

    rc = SC_OK;

    for (i = 0; i < t->n && rc == SC_OK; i++) {
        if (i != 0 && crawl_host_compare(&t->list[i - 1], &t->list[i]) == 0) {
            continue;
        }

        sc_buf_reset(&text);

        if (crawl_host_text(&t->list[i], &text) != SC_OK
            || json_array_append_new(list, json_stringn(text.data, text.len))
               != 0)
        {
            rc = SC_ERROR;
        }
    }

    sc_buf_free(&text);

    if (rc != SC_OK) {
        json_decref(list);
        return SC_ERROR;
    }

    return crawl_text_put(t, "hosts", list);
}


static int
crawl_preset_start(crawl_text_t *t, const char *preset, const url_t *url)
{
    int  port;

    if (strcmp(preset, "domain") == 0) {
        return crawl_preset_domain(t, url->host);
    }

    port = url->port == 80 || url->port == 443 ? CRAWL_PORT_DEFAULT
                                               : (int) url->port;

    if (crawl_preset_host(t, url->host, port, 0) != SC_OK) {
        return SC_ERROR;
    }

    return strcmp(preset, "www") == 0 ? crawl_preset_www(t, url->host, port)
                                      : SC_OK;
}


/* An address, and a name that is a public suffix, are alone. */

static int
crawl_preset_domain(crawl_text_t *t, const char *name)
{
    const char       *domain;
    const psl_ctx_t  *psl;

    psl = psl_builtin();
    domain = NULL;

    if (psl != NULL && !crawl_host_is_address(name)) {
        domain = psl_registrable_domain(psl, name);
    }

    if (domain == NULL) {
        return crawl_preset_host(t, name, CRAWL_PORT_ANY, 0);
    }

    return crawl_preset_host(t, domain, CRAWL_PORT_ANY, 1);
}


static int
crawl_preset_www(crawl_text_t *t, const char *name, int port)
{
    char  other[URL_HOST_MAX + 1];

    if (strncmp(name, "www.", 4) == 0 && name[4] != '\0') {
        return crawl_preset_host(t, name + 4, port, 0);
    }

    if (crawl_host_is_address(name)
        || strlen(name) > sizeof(other) - sizeof("www."))
    {
        return SC_OK;
    }

    (void) snprintf(other, sizeof(other), "www.%.*s",
                    (int) (sizeof(other) - sizeof("www.")), name);

    return crawl_preset_host(t, other, port, 0);
}


static int
crawl_preset_host(crawl_text_t *t, const char *name, int port, int sub)
{
    size_t         room;
    crawl_host_t  *host;

    if (t->n == t->room) {
        room = t->room != 0 ? 2 * t->room : 16;

        host = realloc(t->list, room * sizeof(crawl_host_t));
        if (host == NULL) {
            return SC_ERROR;
        }

        t->list = host;
        t->room = room;
    }

    host = &t->list[t->n];
    host->port = port;
    host->sub = sub;
    host->name = strdup(name);

    if (host->name == NULL) {
        return SC_ERROR;
    }

    t->n++;

    return SC_OK;
}


/* A name without a port stands for all of them. */

static int
crawl_preset_own(crawl_text_t *t, const json_t *value, size_t i)
{
    int            rc;
    char           path[48];
    const char    *text, *port;
    crawl_host_t   host;

    (void) snprintf(path, sizeof(path), "/scope/hosts/%zu", i);

    text = json_string_value(value);
    rc = SC_DECLINED;

    if (text != NULL) {
        rc = crawl_host_read(&host, text, json_string_length(value));
    }

    if (rc == SC_ERROR) {
        return SC_ERROR;
    }

    if (rc != SC_OK) {
        return crawl_text_fail(t, path, "\"%.64s\" is no host",
                               text != NULL ? text : "");
    }

    port = strrchr(text, ':');

    if (port == NULL || strchr(port, ']') != NULL) {
        host.port = CRAWL_PORT_ANY;
    }

    rc = crawl_preset_host(t, host.name, host.port, host.sub);
    free(host.name);

    return rc;
}
