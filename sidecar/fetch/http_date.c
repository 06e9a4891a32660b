
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/sc_core.h"
#include "sidecar/fetch/http_date.h"


#define HTTP_DATE_FUTURE    50    /* years a year of two digits may be ahead */


static const char *http_date_read(const char *p, const char *form,
    struct tm *tm, int *century);
static const char *http_date_number(const char *p, int digits, int *n);
static const char *http_date_name(const char *p, const char *const *names,
    int count, int *n);
static void http_date_century(struct tm *tm, int64_t now_ms);
static int http_date_later(const struct tm *tm, const struct tm *limit);
static int http_date_check(const struct tm *tm, int64_t *ms);


static const char *const  http_days[] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
};

static const char *const  http_long_days[] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
    "Saturday"
};

static const char *const  http_months[] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
    "Nov", "Dec"
};

/*
 * w W  the name of the day, short and long     b    of the month
 * d e  the day, with "0" or " " before one digit
 * Y y  the year, of four digits and of two
 * H M S  the time
 * z    "GMT"
 *
 * What else there is stands for itself.
 */
static const char *const  http_forms[] = {
    "w, d b Y H:M:S z", "W, d-b-y H:M:S z", "w b e H:M:S Y"
};


int
http_date_parse(const char *value, int64_t now_ms, int64_t *ms)
{
    int          century;
    size_t       i;
    struct tm    tm;
    const char  *end;

    value += strspn(value, " \t");

    for (i = 0; i < sizeof(http_forms) / sizeof(http_forms[0]); i++) {
        memset(&tm, 0, sizeof(tm));
        century = 1;

        end = http_date_read(value, http_forms[i], &tm, &century);

        if (end == NULL || end[strspn(end, " \t")] != '\0') {
            continue;
        }

        if (!century) {
            http_date_century(&tm, now_ms);
        }

        return http_date_check(&tm, ms);
    }

    return SC_DECLINED;
}


int
http_date_format(char *out, int64_t ms)
{
    time_t     t;
    struct tm  tm;

    out[0] = '\0';

    /* towards the past, also before 1970 */
    t = (time_t) (ms / 1000 - (ms % 1000 < 0));

    if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900
        || tm.tm_year > 9999 - 1900)
    {
        return SC_ERROR;
    }

    (void) snprintf(out, HTTP_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                    http_days[tm.tm_wday], tm.tm_mday, http_months[tm.tm_mon],
                    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);

    return SC_OK;
}


/* Where a date of this form ends; NULL when p is none. */
static const char *
http_date_read(const char *p, const char *form, struct tm *tm, int *century)
{
    static const char *const  zone[] = { "GMT" };

    for ( /* void */ ; p != NULL && *form != '\0'; form++) {

        switch (*form) {

        case 'w':
            p = http_date_name(p, http_days, 7, &tm->tm_wday);
            break;

        case 'W':
            p = http_date_name(p, http_long_days, 7, &tm->tm_wday);
            break;

        case 'b':
            p = http_date_name(p, http_months, 12, &tm->tm_mon);
            break;

        case 'd':
            p = http_date_number(p, 2, &tm->tm_mday);
            break;

        case 'e':
            p = *p == ' ' ? http_date_number(p + 1, 1, &tm->tm_mday)
                          : http_date_number(p, 2, &tm->tm_mday);
            break;

        case 'Y':
            p = http_date_number(p, 4, &tm->tm_year);
            tm->tm_year -= 1900;
            break;

        case 'y':
            p = http_date_number(p, 2, &tm->tm_year);
            *century = 0;
            break;

        case 'H':
            p = http_date_number(p, 2, &tm->tm_hour);
            break;

        case 'M':
            p = http_date_number(p, 2, &tm->tm_min);
            break;

        case 'S':
            p = http_date_number(p, 2, &tm->tm_sec);
            break;

        case 'z':
            p = http_date_name(p, zone, 1, &tm->tm_isdst);
            break;

        default:
            p = *p == *form ? p + 1 : NULL;
        }
    }

    return p;
}


static const char *
http_date_number(const char *p, int digits, int *n)
{
    *n = 0;

    for ( /* void */ ; digits > 0; digits--, p++) {
        if (*p < '0' || *p > '9') {
            return NULL;
        }

        *n = *n * 10 + *p - '0';
    }

    return p;
}


static const char *
http_date_name(const char *p, const char *const *names, int count, int *n)
{
    size_t  len;

    for (*n = 0; *n < count; (*n)++) {
        len = strlen(names[*n]);

        if (strncasecmp(p, names[*n], len) == 0) {
            return p + len;
        }
    }

    return NULL;
}


static void
http_date_century(struct tm *tm, int64_t now_ms)
{
    int        year;
    time_t     t;
    struct tm  limit;

    year = tm->tm_year;
    t = (time_t) (now_ms / 1000);

    if (gmtime_r(&t, &limit) == NULL) {
        memset(&limit, 0, sizeof(limit));
    }

    limit.tm_year += HTTP_DATE_FUTURE;
    tm->tm_year = limit.tm_year - (limit.tm_year % 100) + year;

    /* tm_year counts from 1900, so that its last two digits are the year's */
    if (http_date_later(tm, &limit)) {
        tm->tm_year -= 100;
    }
}


static int
http_date_later(const struct tm *tm, const struct tm *limit)
{
    size_t  i;

    const int  parts[][2] = {
        { tm->tm_year, limit->tm_year }, { tm->tm_mon, limit->tm_mon },
        { tm->tm_mday, limit->tm_mday }, { tm->tm_hour, limit->tm_hour },
        { tm->tm_min, limit->tm_min }, { tm->tm_sec, limit->tm_sec }
    };

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i][0] != parts[i][1]) {
            return parts[i][0] > parts[i][1];
        }
    }

    return 0;
}


/* No 30 February; a second 60 is a leap second, the next minute to timegm. */
static int
http_date_check(const struct tm *tm, int64_t *ms)
{
    int        seconds;
    time_t     t;
    struct tm  copy;

    if (tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60) {
        return SC_DECLINED;
    }

    copy = *tm;
    copy.tm_hour = 0;
    copy.tm_min = 0;
    copy.tm_sec = 0;

    t = timegm(&copy);

    if (copy.tm_mday != tm->tm_mday || copy.tm_mon != tm->tm_mon) {
        return SC_DECLINED;
    }

    seconds = (tm->tm_hour * 60 + tm->tm_min) * 60 + tm->tm_sec;
    *ms = ((int64_t) t + seconds) * 1000;

    return SC_OK;
}
