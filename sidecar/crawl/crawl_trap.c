
#include <string.h>
#include <strings.h>
#include <time.h>

#include "sidecar/crawl/crawl_internal.h"


#define CRAWL_TRAP_FIRST_YEAR  1970


/* The path of a URL in parts; n is how many there are, even if not all fit. */
typedef struct {
    sc_str_t  list[CRAWL_MAX_SEGMENTS];
    size_t    n;
} crawl_path_t;


/* What is far from now, if anything. */
typedef enum {
    CRAWL_NOT_FAR = 0,
    CRAWL_FAR_MONTH,
    CRAWL_FAR_DAY
} crawl_far_t;


static const char *crawl_trap_split(const url_t *url, crawl_path_t *path);
static int crawl_trap_params(const char *query);
static int crawl_trap_repeats(const crawl_path_t *path);
static int crawl_trap_run(const crawl_path_t *path, size_t at, size_t len);
static int crawl_trap_dates(const url_t *url, int64_t now);
static crawl_far_t crawl_trap_date(const char *s, int64_t now);
static int crawl_trap_day(const char *s, size_t len);
static int crawl_trap_number(const char *s, size_t len);
static int crawl_trap_year(int64_t now);
static int crawl_trap_calendar(const url_t *url);


int
crawl_trap(const url_t *url, int64_t now)
{
    const char    *query;
    crawl_path_t   path;

    if (url->len > CRAWL_MAX_URL) {
        return 1;
    }

    query = crawl_trap_split(url, &path);

    return path.n > CRAWL_MAX_SEGMENTS || crawl_trap_params(query)
           || crawl_trap_repeats(&path) || crawl_trap_dates(url, now);
}


/* The query, from its '?' on, or the end. */

static const char *
crawl_trap_split(const url_t *url, crawl_path_t *path)
{
    size_t       len;
    const char  *p;

    p = strchr(url->text + sizeof("https://") - 1, '/');
    path->n = 0;

    while (p != NULL && *p == '/') {
        p++;
        len = strcspn(p, "/?");

        if (path->n < CRAWL_MAX_SEGMENTS) {
            path->list[path->n].data = p;
            path->list[path->n].len = len;
        }

        path->n++;
        p += len;
    }

    return p != NULL ? p : "";
}


static int
crawl_trap_params(const char *query)
{
    size_t  n;

    for (n = 0; query != NULL && *query != '\0'; n++) {
        query = strchr(query + 1, '&');
    }

    return n > CRAWL_MAX_PARAMS;
}


static int
crawl_trap_repeats(const crawl_path_t *path)
{
    size_t  at, len;

    for (len = 1; len * (CRAWL_MAX_REPEATS + 1) <= path->n; len++) {
        for (at = 0; at + len * (CRAWL_MAX_REPEATS + 1) <= path->n; at++) {
            if (crawl_trap_run(path, at, len)) {
                return 1;
            }
        }
    }

    return 0;
}


/* Whether the run of len segments is there once more than it may. */

static int
crawl_trap_run(const crawl_path_t *path, size_t at, size_t len)
{
    size_t           i;
    const sc_str_t  *a, *b;

    for (i = at; i < at + len * CRAWL_MAX_REPEATS; i++) {
        a = &path->list[i];
        b = &path->list[i + len];

        if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0) {
            return 0;
        }
    }

    return 1;
}


/* A date is a whole segment or value, or begins one and goes on in others. */

static int
crawl_trap_dates(const url_t *url, int64_t now)
{
    const char   *p;
    crawl_far_t   far;

    p = strpbrk(url->text + sizeof("https://") - 1, "/?=");

    while (p != NULL) {
        far = crawl_trap_date(p + 1, now);

        if (far == CRAWL_FAR_DAY
            || (far == CRAWL_FAR_MONTH && crawl_trap_calendar(url)))
        {
            return 1;
        }

        p = strpbrk(p + 1, "/?=");
    }

    return 0;
}


/*
 * 1234/05 and 1234-05 may be a lot of things, and only a month where the URL
 * speaks of a calendar.
 */

static crawl_far_t
crawl_trap_date(const char *s, int64_t now)
{
    int     year, month;
    size_t  len;

    len = strcspn(s, "&=?");
    year = len >= 7 ? crawl_trap_number(s, 4) : -1;

    if (year < 0 || (year >= CRAWL_TRAP_FIRST_YEAR
                     && year <= crawl_trap_year(now) + 1))
    {
        return CRAWL_NOT_FAR;
    }

    month = crawl_trap_number(s + 5, 2);

    if ((s[4] != '-' && s[4] != '/') || month < 1 || month > 12) {
        return CRAWL_NOT_FAR;
    }

    if (len >= 10 && s[7] == s[4] && crawl_trap_day(s + 8, len - 8)) {
        return CRAWL_FAR_DAY;
    }

    return len == 7 || s[7] == '/' ? CRAWL_FAR_MONTH : CRAWL_NOT_FAR;
}


static int
crawl_trap_day(const char *s, size_t len)
{
    int  day;

    day = crawl_trap_number(s, 2);

    return day >= 1 && day <= 31 && (len == 2 || s[2] == '/' || s[2] == 'T');
}


static int
crawl_trap_number(const char *s, size_t len)
{
    int     n;
    size_t  i;

    n = 0;

    for (i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9') {
            return -1;
        }

        n = 10 * n + (s[i] - '0');
    }

    return n;
}


static int
crawl_trap_year(int64_t now)
{
    time_t     t = (time_t) now;
    struct tm  tm;

    return gmtime_r(&t, &tm) != NULL ? 1900 + tm.tm_year : 9999;
}


static int
crawl_trap_calendar(const url_t *url)
{
    size_t       i;
    const char  *path;

    static const char *const  words[] = {
        "calend", "kalend", "agenda", "month"
    };

    path = strchr(url->text + sizeof("https://") - 1, '/');

    for (i = 0; path != NULL && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasestr(path, words[i]) != NULL) {
            return 1;
        }
    }

    return 0;
}
