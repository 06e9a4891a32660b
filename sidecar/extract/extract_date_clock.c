
#include <string.h>

#include "common/sc_core.h"
#include "sidecar/extract/extract_date.h"


#define EXTRACT_DATE_DIGITS  9   /* what an int holds in any case */


static int extract_date_hm(extract_date_t *d, const char **p, unsigned dots);
static int extract_date_hms(extract_date_t *d, const char **p);
static void extract_date_fraction(extract_date_t *d, const char **p);
static int extract_date_meridiem(extract_date_t *d, const char **p);
static int extract_date_noon(const char *p, const char **end);


int
extract_date_clock(extract_date_t *d, const char **p, unsigned dots,
    unsigned basic)
{
    int          rc;
    size_t       len;
    const char  *start = *p;

    len = extract_date_digits(start, &d->hour);

    if (len <= 2) {
        rc = extract_date_hm(d, p, dots || basic);

        if (rc == SC_DECLINED && basic && len == 2) {
            *p = start + 2;
            rc = SC_OK;
        }

    } else {
        rc = basic ? extract_date_hms(d, p) : SC_DECLINED;
    }

    if (rc != SC_OK || extract_date_meridiem(d, p) != SC_OK || d->hour > 23
        || d->minute > 59 || d->second > 60
        || (d->second == 60 && d->minute != 59))
    {
        d->hour = 0;
        d->minute = 0;
        d->second = 0;
        d->fraction[0] = '\0';
        *p = start;

        return SC_DECLINED;
    }

    d->timed = 1;

    return SC_OK;
}


int
extract_date_offset(extract_date_t *d, const char **p, int sign)
{
    int          hour, minute;
    size_t       len;
    const char  *s = *p;

    minute = 0;
    len = extract_date_digits(s, &hour);
    s += len;

    if (len == 4) {
        minute = hour % 100;
        hour /= 100;

    } else if (len != 2 && len != 1) {
        return SC_DECLINED;

    } else if (*s == ':') {
        if (extract_date_digits(s + 1, &minute) != 2) {
            return SC_DECLINED;
        }

        s += 3;
    }

    if (hour > 23 || minute > 59) {
        return SC_DECLINED;
    }

    d->offset = sign * (hour * 60 + minute);
    d->zoned = 1;
    d->utc = 0;
    d->zulu = (d->offset == 0 && sign < 0);
    *p = s;

    return SC_OK;
}


size_t
extract_date_digits(const char *p, int *n)
{
    size_t  len;

    *n = 0;

    for (len = 0; p[len] >= '0' && p[len] <= '9'; len++) {
        if (len < EXTRACT_DATE_DIGITS) {
            *n = *n * 10 + (p[len] - '0');
        }
    }

    return len;
}


/* The hour is known; an hour alone is one with "am", "pm" or "h". */

static int
extract_date_hm(extract_date_t *d, const char **p, unsigned dots)
{
    int          n;
    char         between;
    size_t       len;
    const char  *s;

    s = *p + extract_date_digits(*p, &n);
    between = *s;
    *p = s;

    if (between == 'h' || between == 'H') {
        len = extract_date_digits(s + 1, &d->minute);
        *p = s + 1 + len;

        return (len == 0 || len == 2) ? SC_OK : SC_DECLINED;
    }

    if (between != ':' && (between != '.' || !dots)) {
        return extract_date_noon(s, &s) != 0 ? SC_OK : SC_DECLINED;
    }

    if (extract_date_digits(s + 1, &d->minute) != 2) {
        return SC_DECLINED;
    }

    s += 3;
    *p = s;

    if (*s == between && extract_date_digits(s + 1, &n) == 2) {
        d->second = n;
        *p = s + 3;
        extract_date_fraction(d, p);
    }

    return SC_OK;
}


/* Four or six digits at once. */

static int
extract_date_hms(extract_date_t *d, const char **p)
{
    int     n;
    size_t  len;

    len = extract_date_digits(*p, &n);

    if (len == 6) {
        d->second = n % 100;
        n /= 100;

    } else if (len != 4) {
        return SC_DECLINED;
    }

    d->minute = n % 100;
    d->hour = n / 100;
    *p += len;

    if (len == 6) {
        extract_date_fraction(d, p);
    }

    return SC_OK;
}


static void
extract_date_fraction(extract_date_t *d, const char **p)
{
    int          n;
    size_t       len;
    const char  *s = *p;

    if (*s != '.' && *s != ',') {
        return;
    }

    len = extract_date_digits(s + 1, &n);

    if (len == 0) {
        return;
    }

    *p = s + 1 + len;

    if (len > sizeof(d->fraction) - 1) {
        len = sizeof(d->fraction) - 1;
    }

    while (len > 0 && s[len] == '0') {
        len--;
    }

    memcpy(d->fraction, s + 1, len);
    d->fraction[len] = '\0';
}


static int
extract_date_meridiem(extract_date_t *d, const char **p)
{
    int          noon;
    const char  *end;

    noon = extract_date_noon(*p, &end);

    /* "15:04 am 12. März": a preposition */
    if (noon == 0 || (noon == 'a' && d->hour > 12)) {
        return SC_OK;
    }

    if (noon == 'p' && d->hour == 0) {
        return SC_DECLINED;
    }

    if (d->hour <= 12) {
        d->hour = d->hour % 12 + (noon == 'p' ? 12 : 0);
    }

    *p = end;

    return SC_OK;
}


/* 'a' or 'p' when "am", "a.m." or the like is next, else 0. */

static int
extract_date_noon(const char *p, const char **end)
{
    int     c;
    size_t  len;

    p += strspn(p, " ");

    if (strncmp(p, "\u00a0", 2) == 0 || strncmp(p, "\u202f", 3) == 0) {
        p += (*p == '\xc2') ? 2 : 3;
    }

    c = *p | 0x20;

    if (c != 'a' && c != 'p') {
        return 0;
    }

    p += (p[1] == '.') ? 2 : 1;

    if ((*p | 0x20) != 'm') {
        return 0;
    }

    p++;

    if (extract_date_letter(p, strlen(p), &len) >= 0) {
        return 0;
    }

    *end = p + (*p == '.');

    return c;
}
