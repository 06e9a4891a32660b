
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/core/file.h"
#include "sidecar/proxy/proxies_internal.h"


/* bytes of a line: the longest name and URL, and blanks between them */
#define PROXIES_LINE    (PROXY_MAX_POOL + PROXY_MAX_URL + 64)


/*
 * A file that is being read.
 *
 * line  number of the line, from 1
 * n     proxies so far
 * why   what is wrong, "" while nothing is
 */
typedef struct {
    proxies_pool_t  **pools;
    FILE             *file;
    unsigned          line;
    size_t            n;
    char              text[PROXIES_LINE + 1];
    char              why[512];
} proxies_reader_t;


static int proxies_file_read(proxies_reader_t *r);
static int proxies_file_line(proxies_reader_t *r);
static int proxies_file_parse(proxies_reader_t *r);
static size_t proxies_file_word(const char **s);
static int proxies_file_name(const char *s, size_t len);
static proxies_pool_t *proxies_pool_get(proxies_reader_t *r, const char *name,
    size_t len);
static int proxies_pool_add(proxies_reader_t *r, proxies_pool_t *pool,
    const proxy_t *proxy);
static int proxies_pool_grow(proxies_pool_t *pool);
static int proxies_file_wrong(proxies_reader_t *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void proxies_pool_free(proxies_pool_t *pool);


int
proxies_file(proxies_pool_t **pools, const char *path, char *err,
    size_t errlen)
{
    int               rc;
    proxies_reader_t  r;

    *pools = NULL;
    memset(&r, 0, sizeof(proxies_reader_t));
    r.pools = pools;

    if (file_open(&r.file, path, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    errno = 0;
    rc = proxies_file_read(&r);

    if (rc != SC_OK && ferror(r.file)) {
        (void) snprintf(err, errlen, "could not read \"%s\": %s", path,
                        strerror(errno));

    } else if (rc != SC_OK) {
        (void) snprintf(err, errlen, "%s in %s:%u", r.why, path, r.line);
    }

    (void) fclose(r.file);

    if (rc != SC_OK) {
        proxies_free(pools);
    }

    return rc;
}


static int
proxies_file_read(proxies_reader_t *r)
{
    int  rc;

    for ( ;; ) {
        rc = proxies_file_line(r);

        if (rc == SC_DECLINED) {
            return SC_OK;
        }

        if (rc != SC_OK || proxies_file_parse(r) != SC_OK) {
            return SC_ERROR;
        }
    }
}


/* SC_DECLINED: none is left.  Unlike fgets(), let no NUL and no cut pass. */
static int
proxies_file_line(proxies_reader_t *r)
{
    int     c;
    size_t  len;

    r->line++;
    len = 0;

    for ( ;; ) {
        c = getc(r->file);

        if (c == EOF && ferror(r->file)) {
            return SC_ERROR;
        }

        if (c == EOF && len == 0) {
            return SC_DECLINED;
        }

        if (c == EOF || c == '\n') {
            break;
        }

        if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f) {
            return proxies_file_wrong(r, "a control character, \"\\x%02x\",",
                                      (unsigned) c);
        }

        if (len == PROXIES_LINE) {
            return proxies_file_wrong(r, "a line of more than %d bytes",
                                      PROXIES_LINE);
        }

        r->text[len++] = (char) c;
    }

    if (len > 0 && r->text[len - 1] == '\r') {
        len--;
    }

    r->text[len] = '\0';

    return SC_OK;
}


static int
proxies_file_parse(proxies_reader_t *r)
{
    char             err[400];
    size_t           name_len, url_len;
    proxy_t          proxy;
    const char      *name, *url, *rest;
    proxies_pool_t  *pool;

    name = r->text;
    name_len = proxies_file_word(&name);

    if (name_len == 0 || r->text[0] == '#') {
        return SC_OK;
    }

    /* the line may be a URL without its pool: it is not shown */
    if (!proxies_file_name(name, name_len)) {
        return proxies_file_wrong(r, "a pool's name that is not 1 to %d "
                                  "letters, digits, \"-\", \"_\" or \".\"",
                                  PROXY_MAX_POOL);
    }

    url = name + name_len;
    url_len = proxies_file_word(&url);
    rest = url + url_len;

    if (url_len == 0 || proxies_file_word(&rest) > 0) {
        return proxies_file_wrong(r, "a line that is not \"POOL URL\"");
    }

    if (proxy_parse(&proxy, url, url_len, err, sizeof(err)) != SC_OK) {
        return proxies_file_wrong(r, "%s", err);
    }

    if (r->n == PROXY_MAX) {
        return proxies_file_wrong(r, "more than %d proxies", PROXY_MAX);
    }

    pool = proxies_pool_get(r, name, name_len);
    if (pool == NULL) {
        return proxies_file_wrong(r, "memory is out");
    }

    return proxies_pool_add(r, pool, &proxy);
}


/* Pass over blanks; the length of the word that follows, 0 at the end. */
static size_t
proxies_file_word(const char **s)
{
    *s += strspn(*s, " \t\r");

    return strcspn(*s, " \t\r");
}


static int
proxies_file_name(const char *s, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (!(s[i] >= 'a' && s[i] <= 'z') && !(s[i] >= 'A' && s[i] <= 'Z')
            && strchr("0123456789-_.", s[i]) == NULL)
        {
            return 0;
        }
    }

    return len <= PROXY_MAX_POOL;
}


static proxies_pool_t *
proxies_pool_get(proxies_reader_t *r, const char *name, size_t len)
{
    proxies_pool_t  *pool;

    HASH_FIND(hh, *r->pools, name, len, pool);

    if (pool != NULL) {
        return pool;
    }

    pool = calloc(1, sizeof(proxies_pool_t));

    if (pool == NULL) {
        return NULL;
    }

    memcpy(pool->name, name, len);
    HASH_ADD(hh, *r->pools, name, len, pool);

    if (pool->hh.tbl == NULL) {
        free(pool);
        return NULL;
    }

    return pool;
}


static int
proxies_pool_add(proxies_reader_t *r, proxies_pool_t *pool,
    const proxy_t *proxy)
{
    proxies_entry_t  *e;

    if (proxies_entry(pool, proxy) != NULL) {
        return proxies_file_wrong(r, "proxy \"%s\", port %u, is twice in pool "
                                  "\"%s\"", proxy->host, proxy->port,
                                  pool->name);
    }

    e = proxies_pool_grow(pool) == SC_OK ? calloc(1, sizeof(*e)) : NULL;

    if (e == NULL) {
        return proxies_file_wrong(r, "memory is out");
    }

    e->proxy = *proxy;
    e->place = pool->n;
    HASH_ADD(hh, pool->known, proxy, sizeof(proxy_t), e);

    if (e->hh.tbl == NULL) {
        free(e);
        return proxies_file_wrong(r, "memory is out");
    }

    pool->entries[pool->n++] = e;
    r->n++;

    return SC_OK;
}


static int
proxies_pool_grow(proxies_pool_t *pool)
{
    size_t             max;
    proxies_entry_t  **entries;
    proxies_state_t   *states;

    if (pool->n < pool->max) {
        return SC_OK;
    }

    max = pool->max == 0 ? 8 : 2 * pool->max;

    entries = reallocarray(pool->entries, max, sizeof(proxies_entry_t *));
    if (entries == NULL) {
        return SC_ERROR;
    }

    pool->entries = entries;

    states = reallocarray(pool->states, max, sizeof(*states));
    if (states == NULL) {
        return SC_ERROR;
    }

    memset(states + pool->max, 0, (max - pool->max) * sizeof(*states));
    pool->states = states;
    pool->max = max;

    return SC_OK;
}


static int
proxies_file_wrong(proxies_reader_t *r, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(r->why, sizeof(r->why), fmt, args);
    va_end(args);

    return SC_ERROR;
}


proxies_pool_t *
proxies_pool(proxies_pool_t *pools, const char *name)
{
    proxies_pool_t  *pool;

    HASH_FIND_STR(pools, name, pool);

    return pool;
}


/* What is behind the NULs of a caller's proxy may be anything. */
proxies_entry_t *
proxies_entry(proxies_pool_t *pool, const proxy_t *proxy)
{
    proxy_t           key;
    proxies_entry_t  *e;

    memset(&key, 0, sizeof(proxy_t));
    key.kind = proxy->kind;
    key.port = proxy->port;
    (void) snprintf(key.host, sizeof(key.host), "%s", proxy->host);
    (void) snprintf(key.user, sizeof(key.user), "%s", proxy->user);
    (void) snprintf(key.password, sizeof(key.password), "%s",
                    proxy->password);

    HASH_FIND(hh, pool->known, &key, sizeof(proxy_t), e);

    return e;
}


void
proxies_free(proxies_pool_t **pools)
{
    proxies_pool_t  *pool, *next;

    HASH_ITER(hh, *pools, pool, next) {
        HASH_DEL(*pools, pool);
        proxies_pool_free(pool);
    }
}


static void
proxies_pool_free(proxies_pool_t *pool)
{
    proxies_entry_t  *e, *next;

    HASH_ITER(hh, pool->known, e, next) {
        HASH_DEL(pool->known, e);
        free(e);
    }

    free(pool->entries);
    free(pool->states);
    free(pool);
}
