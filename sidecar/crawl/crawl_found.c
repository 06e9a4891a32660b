
#include <string.h>

#include <openssl/sha.h>

#include "common/sc_hash.h"
#include "sidecar/crawl/crawl_internal.h"
#include "sidecar/url/url_query.h"


/* bytes of a job's id */
#define CRAWL_FOUND_JOB  128


static int crawl_found_plain(const crawl_found_t *f, const char *ref,
    size_t len);
static int crawl_found_copy(const crawl_found_t *f, const char *ref,
    size_t len, url_t *url);
static int crawl_found_parse(crawl_found_t *f, const char *ref, size_t len,
    url_t *url);
static int crawl_found_new(crawl_found_t *f, const url_t *url);


static const volatile sig_atomic_t  *crawl_found_stop;


/* that stand for themselves in a path and a query */
static const unsigned char  crawl_found_chars[256] = {
    ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['0' ... '9'] = 1,
    ['-'] = 1, ['.'] = 1, ['_'] = 1, ['~'] = 1, ['/'] = 1, ['?'] = 1,
    ['&'] = 1, ['='] = 1, ['+'] = 1, [','] = 1, [';'] = 1, [':'] = 1,
    ['@'] = 1, ['!'] = 1, ['$'] = 1, ['*'] = 1, ['('] = 1, [')'] = 1
};


void
crawl_watch(const volatile sig_atomic_t *stop)
{
    crawl_found_stop = stop;
}


void
crawl_found_init(crawl_found_t *f, const crawl_scope_t *scope,
    const char *base, int64_t now, size_t max, sc_buf_t *out)
{
    memset(f, 0, sizeof(crawl_found_t));
    f->scope = scope;
    f->base = base;
    f->now = now;
    f->max = max;
    f->out = out;
    sc_seen_init(&f->seen, CRAWL_MAX_LOOKED);
    sc_buf_init(&f->url, 0);
    sc_buf_init(&f->site, 0);
}


void
crawl_found_free(crawl_found_t *f)
{
    sc_buf_free(&f->site);
    sc_buf_free(&f->url);
    sc_seen_free(&f->seen);
}


int
crawl_found_full(const crawl_found_t *f)
{
    return (crawl_found_stop != NULL && *crawl_found_stop)
           || f->n >= f->max || f->looked >= CRAWL_MAX_LOOKED
           || (f->out->max != 0
               && f->out->max - f->out->len < CRAWL_MAX_URL + 64);
}


int
crawl_found_url(crawl_found_t *f, const char *ref, size_t len, url_t *url)
{
    int  rc;

    f->looked++;

    if (len > URL_MAX) {
        return SC_DECLINED;
    }

    rc = crawl_found_plain(f, ref, len) ? crawl_found_copy(f, ref, len, url)
                                        : crawl_found_parse(f, ref, len, url);
    if (rc != SC_OK) {
        return rc;
    }

    rc = url_canonical(url, f->scope->options);

    if (rc == SC_OK) {
        rc = crawl_found_new(f, url);
    }

    if (rc != SC_OK) {
        url_free(url);
    }

    return rc;
}


int
crawl_found_line(crawl_found_t *f, char kind, const url_t *url, sc_str_t json)
{
    const char  head[2] = { kind, ' ' };

    if (f->n >= f->max
        || (f->out->max != 0
            && f->out->max - f->out->len < url->len + json.len + 4))
    {
        return SC_DECLINED;
    }

    (void) sc_buf_add(f->out, head, 2);
    (void) sc_buf_add(f->out, url->text, url->len);

    if (json.len != 0) {
        (void) sc_buf_add(f->out, " ", 1);
        (void) sc_buf_add_str(f->out, json);
    }

    f->n++;

    return sc_buf_add(f->out, "\n", 1);
}


int64_t
crawl_seen(const char *job, const char *url, int ignore_query)
{
    size_t          i, n, len;
    uint64_t        name;
    unsigned char   text[CRAWL_FOUND_JOB + 1 + URL_MAX];
    unsigned char   md[SHA256_DIGEST_LENGTH];

    n = strnlen(job, CRAWL_FOUND_JOB);
    len = strnlen(url, URL_MAX);

    if (ignore_query && memchr(url, '?', len) != NULL) {
        len = strcspn(url, "?");
    }

    memcpy(text, job, n);
    text[n++] = '\0';
    memcpy(text + n, url, len);

    (void) SHA256(text, n + len, md);

    name = 0;

    for (i = 0; i < 8; i++) {
        name = name << 8 | md[i];
    }

    return (int64_t) (name >> 1);
}


/*
 * Whether a reference is a canonical URL of the site of the last one: most of
 * a page are, and parsing is most of the work.
 */

static int
crawl_found_plain(const crawl_found_t *f, const char *ref, size_t len)
{
    size_t  i;

    if (f->site.len == 0 || len <= f->site.len || ref[f->site.len] != '/'
        || memcmp(ref, f->site.data, f->site.len) != 0)
    {
        return 0;
    }

    for (i = f->site.len; i < len; i++) {
        if (!crawl_found_chars[(unsigned char) ref[i]]
            || (ref[i] == '.' && ref[i - 1] == '/'))
        {
            return 0;
        }
    }

    return ref[len - 1] != '?';
}


static int
crawl_found_copy(const crawl_found_t *f, const char *ref, size_t len,
    url_t *url)
{
    *url = f->place;
    url->text = strndup(ref, len);
    url->len = len;

    return url->text != NULL ? SC_OK : SC_ERROR;
}


static int
crawl_found_parse(crawl_found_t *f, const char *ref, size_t len, url_t *url)
{
    int   rc;
    char  err[160];

    sc_buf_reset(&f->url);

    rc = url_resolve(f->base, ref, len, &f->url);

    if (rc != SC_OK) {
        return rc;
    }

    if (url_parse(url, f->url.data, f->url.len, err, sizeof(err)) != SC_OK) {
        return strcmp(err, "memory is out") == 0 ? SC_ERROR : SC_DECLINED;
    }

    len = sizeof("https://") - 1;
    len += strcspn(url->text + len, "/");

    sc_buf_reset(&f->site);
    (void) sc_buf_add(&f->site, url->text, len);

    f->place = *url;
    f->place.text = NULL;
    f->place.len = 0;

    return SC_OK;
}


/* SC_OK for a URL not seen yet, which it is from now on. */

static int
crawl_found_new(crawl_found_t *f, const url_t *url)
{
    size_t  len;

    len = f->scope->ignore_query ? strcspn(url->text, "?") : url->len;

    return sc_seen_add(&f->seen, sc_fnv1a(SC_FNV1A, url->text, len));
}
