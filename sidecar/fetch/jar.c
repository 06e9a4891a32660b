
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "sidecar/fetch/cookie.h"
#include "sidecar/fetch/jar_internal.h"


struct jar_s {
    CURLSH  *share;
    size_t   refs;
};


/*
 * A cookie as libcurl lists it.
 *
 * domain  bytes of the line up to the end of its domain
 * later   cookies of the same domain that were set after it
 * at      its place in the list
 */
typedef struct {
    sc_str_t  line;
    size_t    domain;
    size_t    later;
    size_t    at;
} jar_entry_t;


static CURL *jar_open(jar_t *jar);
static void jar_free(jar_t *jar);
static int jar_load_check(sc_str_t text, char *err, size_t errlen);
static int jar_load_add(CURL *c, sc_str_t text);
static int jar_add(CURL *c, const cookie_t *cookie);
static struct curl_slist *jar_list(CURL *c);
static int jar_expired(const char *line, time_t now);
static int jar_over(const struct curl_slist *list, size_t *n);
static void jar_keep(CURL *c, const struct curl_slist *list, size_t n);
static void jar_entries(jar_entry_t *entries, const struct curl_slist *list);
static int jar_entry_rank(const void *one, const void *two);
static int jar_entry_order(const void *one, const void *two);
static int jar_line_compare(const void *one, const void *two);
static int jar_write(sc_buf_t *out, const char *line);


jar_t *
jar_create(void)
{
    jar_t  *jar;

    jar = calloc(1, sizeof(jar_t));
    if (jar == NULL) {
        return NULL;
    }

    jar->refs = 1;
    jar->share = curl_share_init();

    /* one thread: nothing is to be locked */
    if (jar->share == NULL
        || curl_share_setopt(jar->share, CURLSHOPT_SHARE,
                             CURL_LOCK_DATA_COOKIE)
           != CURLSHE_OK)
    {
        jar_free(jar);
        return NULL;
    }

    return jar;
}


jar_t *
jar_ref(jar_t *jar)
{
    jar->refs++;

    return jar;
}


void
jar_unref(jar_t *jar)
{
    if (--jar->refs == 0) {
        jar_free(jar);
    }
}


/*
 * The engine is switched on by a file without name, which is read before each
 * exchange; left on without a share it would make a jar of the handle's own.
 */

int
jar_use(CURL *easy, jar_t *jar)
{
    if (curl_easy_setopt(easy, CURLOPT_COOKIEFILE, NULL) != CURLE_OK
        || curl_easy_setopt(easy, CURLOPT_SHARE,
                            jar != NULL ? jar_share(jar) : NULL)
           != CURLE_OK)
    {
        return SC_ERROR;
    }

    return jar == NULL
           || curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "") == CURLE_OK
           ? SC_OK : SC_ERROR;
}


void *
jar_share(jar_t *jar)
{
    return jar->share;
}


/* Through a handle for the moment: a jar at rest is to be small. */
static CURL *
jar_open(jar_t *jar)
{
    CURL  *c;

    c = curl_easy_init();

    if (c != NULL && jar_use(c, jar) != SC_OK) {
        curl_easy_cleanup(c);
        return NULL;
    }

    return c;
}


static void
jar_free(jar_t *jar)
{
    (void) curl_share_cleanup(jar->share);
    free(jar);
}


int
jar_load(jar_t *jar, sc_str_t text, char *err, size_t errlen)
{
    int    rc;
    CURL  *c;

    if (jar_load_check(text, err, errlen) != SC_OK) {
        return SC_DECLINED;
    }

    c = jar_open(jar);

    if (c == NULL) {
        return SC_ERROR;
    }

    rc = jar_load_add(c, text);
    curl_easy_cleanup(c);

    jar_trim(jar);

    return rc;
}


static int
jar_load_check(sc_str_t text, char *err, size_t errlen)
{
    char           why[160];
    size_t         n, size, number;
    cookie_t       cookie;
    sc_str_t       line;
    cookie_part_t  part;

    n = 0;
    size = 0;
    number = 0;

    while (cookie_next(&text, &line, &number) == SC_OK) {
        if (cookie_parse(&cookie, line, why, sizeof(why)) != SC_OK
            || cookie_check(&cookie, &part, why, sizeof(why)) != SC_OK)
        {
            (void) snprintf(err, errlen, "%s in line \"%zu\"", why, number);
            return SC_DECLINED;
        }

        n++;
        size += line.len + 1;

        if (n > JAR_MAX_COOKIES || size > JAR_MAX_BYTES) {
            (void) snprintf(err, errlen, "there are more than \"%d\" cookies "
                            "or \"%d\" bytes of them", JAR_MAX_COOKIES,
                            JAR_MAX_BYTES);
            return SC_DECLINED;
        }
    }

    return SC_OK;
}


static int
jar_load_add(CURL *c, sc_str_t text)
{
    char      err[160];
    size_t    number;
    cookie_t  cookie;
    sc_str_t  line;

    number = 0;

    while (cookie_next(&text, &line, &number) == SC_OK) {
        if (cookie_parse(&cookie, line, err, sizeof(err)) != SC_OK
            || jar_add(c, &cookie) != SC_OK)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
jar_add(CURL *c, const cookie_t *cookie)
{
    int       rc;
    sc_buf_t  line;

    sc_buf_init(&line, 0);
    rc = SC_ERROR;

    if (cookie_write(&line, cookie) == SC_OK
        && curl_easy_setopt(c, CURLOPT_COOKIELIST, line.data) == CURLE_OK)
    {
        rc = SC_OK;
    }

    sc_buf_free(&line);

    return rc;
}


int
jar_set(jar_t *jar, const char *host, sc_str_t name, sc_str_t value,
    char *err, size_t errlen)
{
    int            rc;
    CURL          *c;
    cookie_t       cookie = { 0 };
    cookie_part_t  part;

    cookie.domain.data = host;
    cookie.domain.len = strlen(host);
    cookie.path.data = "/";
    cookie.path.len = 1;
    cookie.name = name;
    cookie.value = value;
    cookie.host_only = 1;
    cookie.secure = cookie_promises(&cookie);

    if (cookie_check(&cookie, &part, err, errlen) != SC_OK) {
        return SC_DECLINED;
    }

    c = jar_open(jar);

    if (c == NULL) {
        return SC_ERROR;
    }

    rc = jar_add(c, &cookie);
    curl_easy_cleanup(c);

    return rc;
}


int
jar_clear(jar_t *jar)
{
    CURL      *c;
    CURLcode   rc;

    c = jar_open(jar);
    if (c == NULL) {
        return SC_ERROR;
    }

    rc = curl_easy_setopt(c, CURLOPT_COOKIELIST, "ALL");
    curl_easy_cleanup(c);

    return rc == CURLE_OK ? SC_OK : SC_ERROR;
}


size_t
jar_count(jar_t *jar)
{
    size_t              n;
    CURL               *c;
    struct curl_slist  *list, *item;

    n = 0;
    c = jar_open(jar);

    if (c == NULL) {
        return 0;
    }

    list = jar_list(c);

    for (item = list; item != NULL; item = item->next) {
        n++;
    }

    curl_slist_free_all(list);
    curl_easy_cleanup(c);

    return n;
}


/* libcurl lists those that have expired, too. */
static struct curl_slist *
jar_list(CURL *c)
{
    time_t              now;
    struct curl_slist  *list, *item, **link;

    list = NULL;
    now = time(NULL);
    (void) curl_easy_getinfo(c, CURLINFO_COOKIELIST, &list);

    for (link = &list; *link != NULL; /* void */ ) {
        item = *link;

        if (!jar_expired(item->data, now)) {
            link = &item->next;
            continue;
        }

        *link = item->next;
        item->next = NULL;
        curl_slist_free_all(item);
    }

    return list;
}


static int
jar_expired(const char *line, time_t now)
{
    char      err[160];
    cookie_t  cookie;
    sc_str_t  text = { strlen(line), line };

    return cookie_parse(&cookie, text, err, sizeof(err)) == SC_OK
           && cookie.expires != 0 && cookie.expires <= now;
}


void
jar_trim(jar_t *jar)
{
    size_t              n;
    CURL               *c;
    struct curl_slist  *list;

    c = jar_open(jar);

    if (c == NULL) {
        return;
    }

    list = jar_list(c);

    if (jar_over(list, &n)) {
        jar_keep(c, list, n);
    }

    curl_slist_free_all(list);
    curl_easy_cleanup(c);
}


static int
jar_over(const struct curl_slist *list, size_t *n)
{
    size_t  size;

    size = 0;

    for (*n = 0; list != NULL; list = list->next) {
        size += strlen(list->data) + 1;
        ++*n;
    }

    return *n > JAR_MAX_COOKIES || size > JAR_MAX_BYTES;
}


/* The last of each domain are kept, then those before them, and so on. */
static void
jar_keep(CURL *c, const struct curl_slist *list, size_t n)
{
    size_t        i, kept, size;
    jar_entry_t  *entries;

    entries = calloc(n, sizeof(jar_entry_t));
    if (entries == NULL) {
        return;
    }

    jar_entries(entries, list);
    qsort(entries, n, sizeof(jar_entry_t), jar_entry_rank);

    size = 0;

    for (kept = 0; kept < n && kept < JAR_MAX_COOKIES; kept++) {
        size += entries[kept].line.len + 1;

        if (size > JAR_MAX_BYTES) {
            break;
        }
    }

    qsort(entries, kept, sizeof(jar_entry_t), jar_entry_order);

    curl_easy_setopt(c, CURLOPT_COOKIELIST, "ALL");

    for (i = 0; i < kept; i++) {
        curl_easy_setopt(c, CURLOPT_COOKIELIST, entries[i].line.data);
    }

    free(entries);
}


static void
jar_entries(jar_entry_t *entries, const struct curl_slist *list)
{
    size_t        i, n;
    jar_entry_t  *e;

    for (n = 0; list != NULL; list = list->next, n++) {
        e = &entries[n];
        e->at = n;
        e->line.data = list->data;
        e->line.len = strlen(list->data);
        e->domain = strcspn(list->data, "\t");

        for (i = 0; i < n; i++) {
            if (entries[i].domain == e->domain
                && strncasecmp(entries[i].line.data, e->line.data, e->domain)
                   == 0)
            {
                entries[i].later++;
            }
        }
    }
}


static int
jar_entry_rank(const void *one, const void *two)
{
    const jar_entry_t  *a = one, *b = two;

    if (a->later != b->later) {
        return a->later < b->later ? -1 : 1;
    }

    return jar_entry_order(one, two);
}


static int
jar_entry_order(const void *one, const void *two)
{
    const jar_entry_t  *a = one, *b = two;

    return (a->at > b->at) - (a->at < b->at);
}


int
jar_save(jar_t *jar, sc_buf_t *out)
{
    int                 rc;
    size_t              i, n;
    CURL               *c;
    const char        **lines;
    struct curl_slist  *list, *item;

    jar_trim(jar);

    c = jar_open(jar);

    if (c == NULL) {
        return SC_ERROR;
    }

    list = jar_list(c);
    curl_easy_cleanup(c);

    for (n = 0, item = list; item != NULL; item = item->next) {
        n++;
    }

    lines = calloc(n + 1, sizeof(char *));
    rc = lines != NULL ? SC_OK : SC_ERROR;

    if (rc == SC_OK) {
        for (i = 0, item = list; item != NULL; item = item->next) {
            lines[i++] = item->data;
        }

        qsort(lines, n, sizeof(char *), jar_line_compare);

        for (i = 0; i < n && rc == SC_OK; i++) {
            rc = jar_write(out, lines[i]);
        }
    }

    free(lines);
    curl_slist_free_all(list);

    return rc;
}


static int
jar_line_compare(const void *one, const void *two)
{
    const char *const *a = one, *const *b = two;

    return strcmp(*a, *b);
}


/*
 * What an origin has set and jar_load() would refuse is not written.  The
 * cookie of a host with one label was set by it, for itself.
 */

static int
jar_write(sc_buf_t *out, const char *line)
{
    char           err[160];
    cookie_t       cookie;
    sc_str_t       text = { strlen(line), line };
    cookie_part_t  part;

    if (cookie_parse(&cookie, text, err, sizeof(err)) != SC_OK) {
        return SC_OK;
    }

    if (cookie_top(&cookie)) {
        cookie.host_only = 1;
    }

    if (cookie_check(&cookie, &part, err, sizeof(err)) != SC_OK) {
        return SC_OK;
    }

    return cookie_write(out, &cookie);
}
