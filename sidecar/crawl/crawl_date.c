
#include <string.h>

#include "sidecar/crawl/crawl_internal.h"


/* A date under way; at is what is still to be read. */
typedef struct {
    const char  *at;
    int64_t      year;
    int64_t      month;
    int64_t      day;
    int64_t      seconds;
} crawl_date_t;


static int crawl_date_day(crawl_date_t *d);
static int crawl_date_time(crawl_date_t *d);
static int crawl_date_zone(crawl_date_t *d);
static int crawl_date_number(crawl_date_t *d, size_t digits, int64_t from,
    int64_t to, int64_t *n);
static int crawl_date_skip(crawl_date_t *d, const char *set);
static int64_t crawl_date_days(const crawl_date_t *d);
static int crawl_date_leap(int64_t year);


/* https://www.w3.org/TR/NOTE-datetime; without a zone it is UTC. */

int
crawl_date(const char *text, int64_t *seconds)
{
    crawl_date_t  d;

    static const char  blank[] = " \t\r\n";

    memset(&d, 0, sizeof(crawl_date_t));
    d.at = text + strspn(text, blank);
    d.month = 1;
    d.day = 1;

    if (crawl_date_day(&d) != SC_OK) {
        return SC_DECLINED;
    }

    if (crawl_date_skip(&d, "Tt ")
        && (crawl_date_time(&d) != SC_OK || crawl_date_zone(&d) != SC_OK))
    {
        return SC_DECLINED;
    }

    if (d.at[strspn(d.at, blank)] != '\0') {
        return SC_DECLINED;
    }

    *seconds = 86400 * crawl_date_days(&d) + d.seconds;

    return *seconds >= 0 ? SC_OK : SC_DECLINED;
}


static int
crawl_date_day(crawl_date_t *d)
{
    int64_t  last;

    static const int64_t  lasts[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    if (crawl_date_number(d, 4, 1, 9999, &d->year) != SC_OK) {
        return SC_DECLINED;
    }

    if (!crawl_date_skip(d, "-")) {
        return SC_OK;
    }

    if (crawl_date_number(d, 2, 1, 12, &d->month) != SC_OK) {
        return SC_DECLINED;
    }

    if (!crawl_date_skip(d, "-")) {
        return SC_OK;
    }

    last = lasts[d->month - 1];

    if (d->month == 2 && crawl_date_leap(d->year)) {
        last++;
    }

    return crawl_date_number(d, 2, 1, last, &d->day);
}


static int
crawl_date_time(crawl_date_t *d)
{
    int64_t  hour, minute, second;

    if (crawl_date_number(d, 2, 0, 24, &hour) != SC_OK
        || !crawl_date_skip(d, ":")
        || crawl_date_number(d, 2, 0, 59, &minute) != SC_OK)
    {
        return SC_DECLINED;
    }

    second = 0;

    if (crawl_date_skip(d, ":")) {
        if (crawl_date_number(d, 2, 0, 60, &second) != SC_OK) {
            return SC_DECLINED;
        }

        if (crawl_date_skip(d, ".,")) {
            d->at += strspn(d->at, "0123456789");
        }
    }

    d->seconds = 3600 * hour + 60 * minute + second;

    return SC_OK;
}


static int
crawl_date_zone(crawl_date_t *d)
{
    int64_t  hours, minutes, sign;

    if (*d->at != '+' && *d->at != '-') {
        (void) crawl_date_skip(d, "Zz");
        return SC_OK;
    }

    sign = (*d->at++ == '+') ? 1 : -1;
    minutes = 0;

    if (crawl_date_number(d, 2, 0, 23, &hours) != SC_OK) {
        return SC_DECLINED;
    }

    (void) crawl_date_skip(d, ":");

    if (*d->at >= '0' && *d->at <= '9'
        && crawl_date_number(d, 2, 0, 59, &minutes) != SC_OK)
    {
        return SC_DECLINED;
    }

    d->seconds -= sign * (3600 * hours + 60 * minutes);

    return SC_OK;
}


static int
crawl_date_number(crawl_date_t *d, size_t digits, int64_t from, int64_t to,
    int64_t *n)
{
    size_t  i;

    *n = 0;

    for (i = 0; i < digits; i++) {
        if (d->at[i] < '0' || d->at[i] > '9') {
            return SC_DECLINED;
        }

        *n = 10 * *n + (d->at[i] - '0');
    }

    d->at += digits;

    return *n >= from && *n <= to ? SC_OK : SC_DECLINED;
}


static int
crawl_date_skip(crawl_date_t *d, const char *set)
{
    if (*d->at == '\0' || strchr(set, *d->at) == NULL) {
        return 0;
    }

    d->at++;

    return 1;
}


/* Days since 1970-01-01, the year beginning in March. */

static int64_t
crawl_date_days(const crawl_date_t *d)
{
    int64_t  year, month;

    year = d->month > 2 ? d->year : d->year - 1;
    month = d->month > 2 ? d->month - 3 : d->month + 9;

    return 365 * year + year / 4 - year / 100 + year / 400
           + (153 * month + 2) / 5 + d->day - 1 - 719468;
}


static int
crawl_date_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
