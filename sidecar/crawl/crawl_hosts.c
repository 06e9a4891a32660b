
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "sidecar/crawl/crawl_internal.h"


/* what cannot be in a host and its port, but would be read with them */
#define CRAWL_HOST_NOT  "/?#@%\\"


static int crawl_host_listed(const crawl_scope_t *scope, const char *name,
    int port, int sub);
static int crawl_host_ports(const crawl_scope_t *scope, const url_t *url,
    const char *name, int sub);


int
crawl_host_compare(const void *one, const void *two)
{
    int                  rc;
    const crawl_host_t  *a = one, *b = two;

    rc = strcmp(a->name, b->name);

    if (rc == 0) {
        rc = (a->port > b->port) - (a->port < b->port);
    }

    return rc != 0 ? rc : a->sub - b->sub;
}


int
crawl_host_text(const crawl_host_t *host, sc_buf_t *out)
{
    (void) sc_buf_printf(out, strchr(host->name, ':') != NULL ? "%s[%s]"
                                                              : "%s%s",
                         host->sub ? "." : "", host->name);

    if (host->port == CRAWL_PORT_ANY) {
        (void) sc_buf_add_cstr(out, ":*");

    } else if (host->port != CRAWL_PORT_DEFAULT) {
        (void) sc_buf_printf(out, ":%d", host->port);
    }

    return out->failed ? SC_ERROR : SC_OK;
}


int
crawl_host_read(crawl_host_t *host, const char *text, size_t len)
{
    int    n;
    char   full[URL_HOST_MAX + 32], err[8];
    url_t  url;

    memset(host, 0, sizeof(crawl_host_t));

    if (len != 0 && text[0] == '.') {
        host->sub = 1;
        text++;
        len--;
    }

    if (len > 2 && memcmp(text + len - 2, ":*", 2) == 0) {
        host->port = CRAWL_PORT_ANY;
        len -= 2;
    }

    if (len == 0 || len > URL_HOST_MAX + 16
        || memchr(text, '\0', len) != NULL)
    {
        return SC_DECLINED;
    }

    n = snprintf(full, sizeof(full), "http://%.*s/", (int) len, text);

    if (strpbrk(full + 7, CRAWL_HOST_NOT) != full + n - 1
        || url_parse(&url, full, (size_t) n, err, sizeof(err)) != SC_OK)
    {
        return SC_DECLINED;
    }

    if (url.port != 80) {
        host->port = (int) url.port;
    }

    host->name = strdup(url.host);
    url_free(&url);

    return host->name != NULL ? SC_OK : SC_ERROR;
}


int
crawl_host_within(const crawl_scope_t *scope, const url_t *url)
{
    const char  *dot;

    if (scope->any || crawl_host_ports(scope, url, url->host, 0)
        || crawl_host_ports(scope, url, url->host, 1))
    {
        return 1;
    }

    for (dot = strchr(url->host, '.'); dot != NULL;
         dot = strchr(dot + 1, '.'))
    {
        if (crawl_host_ports(scope, url, dot + 1, 1)) {
            return 1;
        }
    }

    return 0;
}


int
crawl_host_is_address(const char *name)
{
    struct in_addr  a;

    return strchr(name, ':') != NULL || inet_pton(AF_INET, name, &a) == 1;
}


static int
crawl_host_ports(const crawl_scope_t *scope, const url_t *url,
    const char *name, int sub)
{
    return crawl_host_listed(scope, name, CRAWL_PORT_ANY, sub)
           || crawl_host_listed(scope, name,
                                url->port == 80 || url->port == 443
                                ? CRAWL_PORT_DEFAULT : (int) url->port, sub);
}


static int
crawl_host_listed(const crawl_scope_t *scope, const char *name, int port,
    int sub)
{
    crawl_host_t  key = { (char *) name, port, sub };

    return scope->nhosts != 0
           && bsearch(&key, scope->hosts, scope->nhosts, sizeof(crawl_host_t),
                      crawl_host_compare) != NULL;
}
