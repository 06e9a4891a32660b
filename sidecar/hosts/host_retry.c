
#include <string.h>
#include <time.h>

#include "sidecar/hosts/host.h"


/* What is left to read; nothing more is once it failed. */
typedef struct {
    const char  *p;
    int          failed;
} host_scan_t;


static int64_t host_retry_seconds(const char *s, size_t len);
static int64_t host_retry_date(const char *s, size_t len, int64_t now_ms);
static void host_date_imf(host_scan_t *scan, struct tm *tm);
static void host_date_rfc850(host_scan_t *scan, struct tm *tm, time_t now);
static void host_date_asctime(host_scan_t *scan, struct tm *tm);
static void host_date_time(host_scan_t *scan, struct tm *tm);
static int host_date_seconds(const struct tm *tm, time_t *sec);
static void host_scan_literal(host_scan_t *scan, const char *literal);
static int host_scan_number(host_scan_t *scan, size_t digits);
static int host_scan_name(host_scan_t *scan, const char *const *names);
static int64_t host_retry_scale(int64_t n, int64_t unit);


static const char *const  host_days[] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", NULL
};

static const char *const  host_long_days[] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
    "Saturday", NULL
};

static const char *const  host_months[] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", NULL
};


int64_t
host_retry_after(const char *value, int64_t now_ms)
{
    size_t  len;

    if (value == NULL) {
        return -1;
    }

    value += strspn(value, " \t");
    len = strlen(value);

    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
        len--;
    }

    if (len > 0 && strspn(value, "0123456789") == len) {
        return host_retry_seconds(value, len);
    }

    return host_retry_date(value, len, now_ms);
}


static int64_t
host_retry_seconds(const char *s, size_t len)
{
    size_t   i;
    int64_t  n;

    n = 0;

    for (i = 0; i < len; i++) {
        n = host_retry_scale(n, 10);

        if (__builtin_add_overflow(n, s[i] - '0', &n)) {
            return INT64_MAX;
        }
    }

    return host_retry_scale(n, LOOP_SEC);
}


/* RFC 9110 5.6.7; the second and third form are obsolete, and still sent. */
static int64_t
host_retry_date(const char *s, size_t len, int64_t now_ms)
{
    char         date[40];
    time_t       sec;
    int64_t      left;
    struct tm    tm;
    host_scan_t  scan;

    if (len >= sizeof(date)) {
        return -1;
    }

    memset(date, 0, sizeof(date));
    memcpy(date, s, len);
    memset(&tm, 0, sizeof(struct tm));
    scan.p = date;
    scan.failed = 0;

    if (len > 3 && date[3] == ',') {
        host_date_imf(&scan, &tm);

    } else if (strchr(date, ',') != NULL) {
        host_date_rfc850(&scan, &tm, (time_t) (now_ms / 1000));

    } else {
        host_date_asctime(&scan, &tm);
    }

    if (scan.failed || *scan.p != '\0'
        || host_date_seconds(&tm, &sec) != SC_OK)
    {
        return -1;
    }

    left = (int64_t) sec * 1000 - now_ms;

    return left > 0 ? host_retry_scale(left, LOOP_MS) : 0;
}


/* Sun, 06 Nov 1994 08:49:37 GMT */
static void
host_date_imf(host_scan_t *scan, struct tm *tm)
{
    (void) host_scan_name(scan, host_days);
    host_scan_literal(scan, ", ");
    tm->tm_mday = host_scan_number(scan, 2);
    host_scan_literal(scan, " ");
    tm->tm_mon = host_scan_name(scan, host_months);
    host_scan_literal(scan, " ");
    tm->tm_year = host_scan_number(scan, 4) - 1900;
    host_scan_literal(scan, " ");
    host_date_time(scan, tm);
    host_scan_literal(scan, " GMT");
}


/*
 * Sunday, 06-Nov-94 08:49:37 GMT; of the years that end so, the last one that
 * is not more than 50 years ahead.
 */
static void
host_date_rfc850(host_scan_t *scan, struct tm *tm, time_t now)
{
    int        year;
    struct tm  limit, then;

    (void) host_scan_name(scan, host_long_days);
    host_scan_literal(scan, ", ");
    tm->tm_mday = host_scan_number(scan, 2);
    host_scan_literal(scan, "-");
    tm->tm_mon = host_scan_name(scan, host_months);
    host_scan_literal(scan, "-");
    year = host_scan_number(scan, 2);
    host_scan_literal(scan, " ");
    host_date_time(scan, tm);
    host_scan_literal(scan, " GMT");

    if (scan->failed || gmtime_r(&now, &limit) == NULL) {
        scan->failed = 1;
        return;
    }

    limit.tm_year += 50;
    tm->tm_year = limit.tm_year - (limit.tm_year - year) % 100;

    /* timegm() would make a date of any day */
    then = *tm;

    if (timegm(&then) > timegm(&limit)) {
        tm->tm_year -= 100;
    }
}


/* Sun Nov  6 08:49:37 1994 */
static void
host_date_asctime(host_scan_t *scan, struct tm *tm)
{
    (void) host_scan_name(scan, host_days);
    host_scan_literal(scan, " ");
    tm->tm_mon = host_scan_name(scan, host_months);
    host_scan_literal(scan, " ");

    if (*scan->p == ' ') {
        scan->p++;
        tm->tm_mday = host_scan_number(scan, 1);

    } else {
        tm->tm_mday = host_scan_number(scan, 2);
    }

    host_scan_literal(scan, " ");
    host_date_time(scan, tm);
    host_scan_literal(scan, " ");
    tm->tm_year = host_scan_number(scan, 4) - 1900;
}


static void
host_date_time(host_scan_t *scan, struct tm *tm)
{
    tm->tm_hour = host_scan_number(scan, 2);
    host_scan_literal(scan, ":");
    tm->tm_min = host_scan_number(scan, 2);
    host_scan_literal(scan, ":");
    tm->tm_sec = host_scan_number(scan, 2);
}


/* 60 is a leap second; a day that the month lacks becomes another one. */
static int
host_date_seconds(const struct tm *tm, time_t *sec)
{
    struct tm  day;

    if (tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60) {
        return SC_ERROR;
    }

    memset(&day, 0, sizeof(struct tm));
    day.tm_year = tm->tm_year;
    day.tm_mon = tm->tm_mon;
    day.tm_mday = tm->tm_mday;

    *sec = timegm(&day) + (time_t) tm->tm_hour * 3600
           + (time_t) tm->tm_min * 60 + tm->tm_sec;

    return day.tm_mday == tm->tm_mday ? SC_OK : SC_ERROR;
}


static void
host_scan_literal(host_scan_t *scan, const char *literal)
{
    size_t  len;

    len = strlen(literal);

    if (scan->failed || strncmp(scan->p, literal, len) != 0) {
        scan->failed = 1;
        return;
    }

    scan->p += len;
}


static int
host_scan_number(host_scan_t *scan, size_t digits)
{
    int  n;

    for (n = 0; !scan->failed && digits > 0; digits--) {
        if (*scan->p < '0' || *scan->p > '9') {
            scan->failed = 1;
            return 0;
        }

        n = n * 10 + (*scan->p++ - '0');
    }

    return n;
}


/* The place of the name that is next. */
static int
host_scan_name(host_scan_t *scan, const char *const *names)
{
    int     i;
    size_t  len;

    for (i = 0; !scan->failed && names[i] != NULL; i++) {
        len = strlen(names[i]);

        if (strncmp(scan->p, names[i], len) == 0) {
            scan->p += len;
            return i;
        }
    }

    scan->failed = 1;

    return 0;
}


static int64_t
host_retry_scale(int64_t n, int64_t unit)
{
    int64_t  product;

    return __builtin_mul_overflow(n, unit, &product) ? INT64_MAX : product;
}
