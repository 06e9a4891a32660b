
#include <string.h>
#include <time.h>

#include "sidecar/extract/extract_date.h"
#include "sidecar/extract/extract_internal.h"


#define EXTRACT_FORMAT       2048    /* bytes of one, as rule sets have it */
#define EXTRACT_FORMATTED    16384   /* and of what it may write */
#define EXTRACT_LEAP_YEAR    100     /* 2000, for a date without a year */

/* the conversions that give a year, a month, a day, a time of day */
#define EXTRACT_GIVE_YEAR    "YyDFscGx"
#define EXTRACT_GIVE_MONTH   "bBhmDFsjcx"
#define EXTRACT_GIVE_DAY     "deDFsjcx"
#define EXTRACT_GIVE_TIME    "HIklMSpTRrscX"


static int extract_format_read(const char *text, const char *format,
    struct tm *tm, extract_date_t *d);
static const char *extract_format_seconds(const char *p, struct tm *tm,
    extract_date_t *d);
static const char *extract_format_zone(const char *p, extract_date_t *d);
static void extract_format_settle(const struct tm *tm, extract_date_t *d);
static int extract_format_write(const char *format, const extract_date_t *d,
    sc_buf_t *out);
static int extract_format_part(const char *format, size_t len,
    const struct tm *tm, sc_buf_t *out);
static size_t extract_format_until(const char *format, const char *stop);
static int extract_format_gives(const char *format, const char *conversions);


int
extract_date_format(sc_str_t text, const char *from, const char *to,
    sc_buf_t *out)
{
    char             copy[EXTRACT_DATE_TEXT + 1];
    struct tm        tm;
    extract_date_t   d;

    if (extract_date_copy(text, copy) != SC_OK
        || strlen(from) > EXTRACT_FORMAT)
    {
        return SC_DECLINED;
    }

    memset(&tm, 0, sizeof(tm));
    memset(&d, 0, sizeof(extract_date_t));
    tm.tm_year = EXTRACT_LEAP_YEAR;
    tm.tm_mday = 1;

    if (extract_format_read(copy, from, &tm, &d) != SC_OK) {
        return SC_DECLINED;
    }

    extract_format_settle(&tm, &d);

    if (extract_format_gives(from, "z")) {
        d.offset = (int) (tm.tm_gmtoff / 60);
        d.zoned = 1;
        d.zulu = (d.offset == 0);
    }

    if (!extract_date_is_valid(&d) || tm.tm_sec > 60) {
        return SC_DECLINED;
    }

    if (to != NULL) {
        return extract_format_write(to, &d, out);
    }

    /* a day that was not told is not made up */
    if (!extract_format_gives(from, EXTRACT_GIVE_YEAR)
        || !extract_format_gives(from, EXTRACT_GIVE_MONTH)
        || !extract_format_gives(from, EXTRACT_GIVE_DAY))
    {
        return SC_DECLINED;
    }

    extract_date_write(&d, extract_format_gives(from, EXTRACT_GIVE_TIME) != 0,
                       out);

    return SC_OK;
}


/*
 * strptime() for what is between %s, for which it would read the local time
 * from a file, and %Z, which it would skip.
 */

static int
extract_format_read(const char *text, const char *format, struct tm *tm,
    extract_date_t *d)
{
    char         part[EXTRACT_FORMAT + 1];
    size_t       len;
    const char  *p;

    for (p = text; p != NULL && *format != '\0'; /* void */ ) {
        len = extract_format_until(format, "sZ");

        if (len != 0) {
            memcpy(part, format, len);
            part[len] = '\0';
            p = strptime(p, part, tm);
            format += len;
            continue;
        }

        p += strspn(p, " \t\r\n");
        p = (format[1] == 's') ? extract_format_seconds(p, tm, d)
                               : extract_format_zone(p, d);
        format += 2;
    }

    return (p != NULL && *p == '\0') ? SC_OK : SC_DECLINED;
}


/* As many digits as there may be before the year 10000. */

static const char *
extract_format_seconds(const char *p, struct tm *tm, extract_date_t *d)
{
    int     n;
    size_t  i, len;
    time_t  t;

    len = extract_date_digits(p, &n);

    if (len == 0 || len > 12) {
        return NULL;
    }

    for (t = 0, i = 0; i < len; i++) {
        t = t * 10 + (p[i] - '0');
    }

    d->zoned = 1;
    d->zulu = 1;

    return gmtime_r(&t, tm) != NULL ? p + len : NULL;
}


/* A name that RFC 5322 has. */

static const char *
extract_format_zone(const char *p, extract_date_t *d)
{
    size_t  len;

    for (len = 0; (p[len] | 0x20) >= 'a' && (p[len] | 0x20) <= 'z'; len++) {
        /* void */
    }

    if (extract_date_zone(p, len, &d->offset) != SC_OK) {
        return NULL;
    }

    d->zoned = 1;
    d->zulu = (d->offset == 0);

    return p + len;
}


static void
extract_format_settle(const struct tm *tm, extract_date_t *d)
{
    d->year = tm->tm_year + 1900;
    d->month = tm->tm_mon + 1;
    d->day = tm->tm_mday;
    d->hour = tm->tm_hour;
    d->minute = tm->tm_min;
    d->second = tm->tm_sec;
}


/* What strftime() would take from the process is given, %s written here. */

static int
extract_format_write(const char *format, const extract_date_t *d,
    sc_buf_t *out)
{
    size_t     len, before;
    time_t     t;
    sc_buf_t   zone;
    struct tm  tm;

    memset(&tm, 0, sizeof(tm));
    tm.tm_year = d->year - 1900;
    tm.tm_mon = d->month - 1;
    tm.tm_mday = d->day;
    tm.tm_hour = d->hour;
    tm.tm_min = d->minute;
    t = timegm(&tm) + d->second;
    tm.tm_sec = d->second;
    tm.tm_gmtoff = d->offset * 60L;

    sc_buf_init(&zone, 0);
    sc_buf_printf(&zone, "%c%02d%02d", d->offset < 0 ? '-' : '+',
                  (d->offset < 0 ? -d->offset : d->offset) / 60,
                  (d->offset < 0 ? -d->offset : d->offset) % 60);
    tm.tm_zone = (d->offset == 0 || zone.failed) ? "UTC" : zone.data;
    before = out->len;

    while (*format != '\0') {
        len = extract_format_until(format, "s");

        if (len == 0) {
            sc_buf_printf(out, "%lld", (long long) t - d->offset * 60LL);
            format += 2;

        } else if (extract_format_part(format, len, &tm, out) != SC_OK) {
            break;
        }

        format += len;
    }

    sc_buf_free(&zone);

    if (*format == '\0') {
        return SC_OK;
    }

    if (!out->failed) {
        out->len = before;
    }

    return SC_DECLINED;
}


/* A space in front tells what is empty from what is too long. */

static int
extract_format_part(const char *format, size_t len, const struct tm *tm,
    sc_buf_t *out)
{
    char    part[EXTRACT_FORMAT + 2], written[EXTRACT_FORMATTED];
    size_t  n;

    if (len > EXTRACT_FORMAT) {
        return SC_DECLINED;
    }

    part[0] = ' ';
    memcpy(part + 1, format, len);
    part[len + 1] = '\0';
    n = strftime(written, sizeof(written), part, tm);

    if (n == 0) {
        return SC_DECLINED;
    }

    return sc_buf_add(out, written + 1, n - 1);
}


/* The length of the format before a conversion that is one of stop. */

static size_t
extract_format_until(const char *format, const char *stop)
{
    const char  *p;

    for (p = format; *p != '\0'; p++) {

        if (*p != '%') {
            continue;
        }

        if (p[1] == '\0') {
            return (size_t) (p + 1 - format);
        }

        if (strchr(stop, p[1]) != NULL) {
            break;
        }

        p++;
    }

    return (size_t) (p - format);
}


static int
extract_format_gives(const char *format, const char *conversions)
{
    return format[extract_format_until(format, conversions)] != '\0';
}
