
#include <string.h>
#include <time.h>

#include "common/sc_core.h"
#include "sidecar/extract/extract_date.h"


#define EXTRACT_DATE_SPACES  3   /* between its parts */


static int extract_date_triple(extract_date_t *d, const char **p);
static int extract_date_order(extract_date_t *d, char between, const int *n,
    const size_t *len);
static int extract_date_basic(extract_date_t *d, const char **p);
static int extract_date_week(extract_date_t *d, const char **p);
static int extract_date_of_week(extract_date_t *d, int year, int week,
    int day);
static int extract_date_ordinal(extract_date_t *d, const char **p);
static int extract_date_of_days(extract_date_t *d, int year, long days);


int
extract_date_in_digits(extract_date_t *d, const char **p)
{
    if (extract_date_triple(d, p) == SC_OK
        || extract_date_basic(d, p) == SC_OK
        || extract_date_week(d, p) == SC_OK)
    {
        return SC_OK;
    }

    return extract_date_ordinal(d, p);
}


/* Three numbers with the same mark between them, one of them a year. */

static int
extract_date_triple(extract_date_t *d, const char **p)
{
    int          n[3];
    char         between;
    size_t       i, len[3], spaces;
    const char  *s = *p;

    len[0] = extract_date_digits(s, &n[0]);
    s += len[0];
    between = *s;

    if (between != '.' && between != '/' && between != '-') {
        return SC_DECLINED;
    }

    for (i = 1; i < 3; i++) {
        if (*s != between) {
            return SC_DECLINED;
        }

        s++;
        spaces = (between == '.') ? strspn(s, " ") : 0;
        s += (spaces <= EXTRACT_DATE_SPACES) ? spaces : 0;

        len[i] = extract_date_digits(s, &n[i]);
        s += len[i];
    }

    if (extract_date_order(d, between, n, len) != SC_OK) {
        return SC_DECLINED;
    }

    *p = s;

    return SC_OK;
}


/* Dots are put behind the day; otherwise only a day can be above twelve. */

static int
extract_date_order(extract_date_t *d, char between, const int *n,
    const size_t *len)
{
    size_t  year, day;

    year = (len[0] == 4) ? 0 : 2;

    if (len[year] != 4 || n[year] == 0 || len[1] < 1 || len[1] > 2
        || len[2 - year] < 1 || len[2 - year] > 2)
    {
        return SC_DECLINED;
    }

    day = 2 - year;

    if (year == 2 && between != '.' && n[0] <= 12 && n[0] != n[1]) {
        if (n[1] <= 12) {
            return SC_DECLINED;
        }

        day = 1;
    }

    d->year = n[year];
    d->month = n[3 - year - day];
    d->day = n[day];

    return SC_OK;
}


static int
extract_date_basic(extract_date_t *d, const char **p)
{
    int  n;

    if (extract_date_digits(*p, &n) != 8 || n < 10000) {
        return SC_DECLINED;
    }

    d->year = n / 10000;
    d->month = n / 100 % 100;
    d->day = n % 100;
    *p += 8;

    return SC_OK;
}


/* 2026-W47-6 and 2026W476: the week with January 4 is the first. */

static int
extract_date_week(extract_date_t *d, const char **p)
{
    int          year, week, day;
    size_t       len;
    unsigned     extended;
    const char  *s = *p;

    if (extract_date_digits(s, &year) != 4) {
        return SC_DECLINED;
    }

    extended = (s[4] == '-');
    s += 4 + extended;

    if (*s != 'W') {
        return SC_DECLINED;
    }

    len = extract_date_digits(s + 1, &week);

    if (extended && len == 2 && s[3] == '-') {
        s += 4;
        len = extract_date_digits(s, &day);
        *p = s + 1;

        return (len == 1) ? extract_date_of_week(d, year, week, day)
                          : SC_DECLINED;
    }

    if (extended || len != 3) {
        return SC_DECLINED;
    }

    *p = s + 4;

    return extract_date_of_week(d, year, week / 10, week % 10);
}


/* A week is of the year that has its Thursday. */

static int
extract_date_of_week(extract_date_t *d, int year, int week, int day)
{
    long            first;
    time_t          t;
    struct tm       tm;
    extract_date_t  thursday;

    if (day < 1 || day > 7 || week < 1) {
        return SC_DECLINED;
    }

    memset(&tm, 0, sizeof(tm));
    tm.tm_year = year - 1900;
    tm.tm_mday = 4;
    t = timegm(&tm);

    if (gmtime_r(&t, &tm) == NULL) {
        return SC_DECLINED;
    }

    first = 4 - (tm.tm_wday + 6) % 7 + (week - 1) * 7L;

    if (extract_date_of_days(&thursday, year, first + 3) != SC_OK
        || thursday.year != year)
    {
        return SC_DECLINED;
    }

    return extract_date_of_days(d, year, first + day - 1);
}


/* 2026-325 */

static int
extract_date_ordinal(extract_date_t *d, const char **p)
{
    int              year, day;
    const char      *s = *p;
    extract_date_t   found;

    if (extract_date_digits(s, &year) != 4 || s[4] != '-'
        || extract_date_digits(s + 5, &day) != 3 || day == 0
        || extract_date_of_days(&found, year, day) != SC_OK
        || found.year != year)
    {
        return SC_DECLINED;
    }

    *p = s + 8;

    return extract_date_of_days(d, year, day);
}


/* The day that many days after the day before January 1. */

static int
extract_date_of_days(extract_date_t *d, int year, long days)
{
    time_t     t;
    struct tm  tm;

    memset(&tm, 0, sizeof(tm));
    tm.tm_year = year - 1900;
    tm.tm_mday = (int) days;
    t = timegm(&tm);

    if (gmtime_r(&t, &tm) == NULL) {
        return SC_DECLINED;
    }

    d->year = tm.tm_year + 1900;
    d->month = tm.tm_mon + 1;
    d->day = tm.tm_mday;

    return SC_OK;
}
