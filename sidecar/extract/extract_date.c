
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/xmlstring.h>

#include "sidecar/extract/extract_date.h"
#include "sidecar/extract/extract_internal.h"


#define EXTRACT_DATE_YEARS   50    /* a year of two digits below is 20.. */


static int extract_date_epoch(extract_date_t *d, const char *p);
static int extract_date_next(extract_date_t *d, const char **p);
static int extract_date_is_known(const extract_date_t *d);
static int extract_date_number(extract_date_t *d, const char **p);
static int extract_date_part(extract_date_t *d, const char **p, size_t len,
    int n);
static int extract_date_is_short_year(const extract_date_t *d,
    const char *p);
static const char *extract_date_suffix(const char *p);
static int extract_date_sign(extract_date_t *d, const char **p, size_t len,
    int sign);
static int extract_date_letters(extract_date_t *d, const char **p);
static int extract_date_mark(extract_date_t *d, const char **p);
static int extract_date_named(extract_date_t *d, const char *word,
    size_t len);


int
extract_date(sc_str_t text, unsigned time, sc_buf_t *out)
{
    char             copy[EXTRACT_DATE_TEXT + 1];
    const char      *p;
    extract_date_t   d;

    if (extract_date_copy(text, copy) != SC_OK) {
        return SC_DECLINED;
    }

    memset(&d, 0, sizeof(extract_date_t));
    p = copy;

    if (extract_date_epoch(&d, p) == SC_OK) {
        extract_date_write(&d, time, out);
        return SC_OK;
    }

    while (*p != '\0') {
        if (extract_date_next(&d, &p) != SC_OK) {
            return SC_DECLINED;
        }
    }

    if (!extract_date_is_valid(&d)) {
        return SC_DECLINED;
    }

    extract_date_write(&d, time, out);

    return SC_OK;
}


int
extract_date_is_valid(const extract_date_t *d)
{
    int               leap;
    static const int  days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    if (d->year < 1 || d->year > 9999 || d->month < 1 || d->month > 12
        || d->day < 1)
    {
        return 0;
    }

    leap = (d->month == 2 && d->year % 4 == 0
            && (d->year % 100 != 0 || d->year % 400 == 0));

    return d->day <= days[d->month - 1] + leap;
}


void
extract_date_write(const extract_date_t *d, unsigned time, sc_buf_t *out)
{
    int  offset;

    sc_buf_printf(out, "%04d-%02d-%02d", d->year, d->month, d->day);

    if (!time) {
        return;
    }

    sc_buf_printf(out, "T%02d:%02d:%02d", d->hour, d->minute, d->second);

    if (d->fraction[0] != '\0') {
        sc_buf_printf(out, ".%s", d->fraction);
    }

    if (!d->zoned || d->zulu) {
        sc_buf_add_cstr(out, "Z");
        return;
    }

    offset = abs(d->offset);
    sc_buf_printf(out, "%c%02d:%02d", d->offset < 0 ? '-' : '+', offset / 60,
                  offset % 60);
}


int
extract_date_copy(sc_str_t text, char out[EXTRACT_DATE_TEXT + 1])
{
    if (text.len == 0 || memchr(text.data, '\0', text.len) != NULL) {
        return SC_DECLINED;
    }

    while (text.len > 0 && strchr(" \t\r\n", text.data[0]) != NULL) {
        text.data++;
        text.len--;
    }

    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]) != NULL)
    {
        text.len--;
    }

    if (text.len == 0 || text.len > EXTRACT_DATE_TEXT) {
        return SC_DECLINED;
    }

    memcpy(out, text.data, text.len);
    out[text.len] = '\0';

    return SC_OK;
}


/* Seconds of nine or ten digits, or milliseconds of thirteen. */

static int
extract_date_epoch(extract_date_t *d, const char *p)
{
    int        n;
    size_t     len;
    time_t     t;
    long long  value;
    struct tm  tm;

    len = extract_date_digits(p, &n);

    if (p[len] != '\0' || (len != 9 && len != 10 && len != 13)) {
        return SC_DECLINED;
    }

    value = strtoll(p, NULL, 10);
    t = (time_t) (len == 13 ? value / 1000 : value);

    if (gmtime_r(&t, &tm) == NULL) {
        return SC_DECLINED;
    }

    d->year = tm.tm_year + 1900;
    d->month = tm.tm_mon + 1;
    d->day = tm.tm_mday;
    d->hour = tm.tm_hour;
    d->minute = tm.tm_min;
    d->second = tm.tm_sec;

    for (n = 3; len == 13 && n > 0 && p[10 + n - 1] == '0'; n--) {
        /* void */
    }

    if (len == 13) {
        memcpy(d->fraction, p + 10, (size_t) n);
        d->fraction[n] = '\0';
    }

    return SC_OK;
}


/* One number, word or mark of a date. */

static int
extract_date_next(extract_date_t *d, const char **p)
{
    const char  *s = *p;

    if (*s >= '0' && *s <= '9') {
        return extract_date_number(d, p);
    }

    if ((*s == '+' || *s == '-') && extract_date_sign(d, p, 1, *s == '-' ? -1
                                                                        : 1)
                                    == SC_OK)
    {
        return SC_OK;
    }

    /* a comment of RFC 5322: the name of the zone */
    if (*s == '(') {
        *p = s + strlen(s);
        return (extract_date_is_known(d) && strchr(s, ')') == *p - 1)
               ? SC_OK : SC_DECLINED;
    }

    if (strchr(" \t\r\n,./-|", *s) != NULL
        || (*s == ':' && d->year != 0 && !d->timed))
    {
        (*p)++;
        return SC_OK;
    }

    return extract_date_letters(d, p);
}


static int
extract_date_is_known(const extract_date_t *d)
{
    return d->year != 0 && d->month != 0 && d->day != 0;
}


static int
extract_date_number(extract_date_t *d, const char **p)
{
    int     n;
    size_t  len;

    if (d->year == 0 && d->month == 0 && d->day == 0
        && extract_date_in_digits(d, p) == SC_OK)
    {
        if ((**p == 'T' || **p == 't') && !d->timed
            && (*p)[1] >= '0' && (*p)[1] <= '9')
        {
            (*p)++;
            return extract_date_clock(d, p, 0, 1);
        }

        return SC_OK;
    }

    if (!d->timed
        && extract_date_clock(d, p, extract_date_is_known(d) != 0, 0) == SC_OK)
    {
        return SC_OK;
    }

    len = extract_date_digits(*p, &n);

    return extract_date_part(d, p, len, n);
}


static int
extract_date_part(extract_date_t *d, const char **p, size_t len, int n)
{
    const char  *s = *p;

    if (len == 4 && d->year == 0 && n != 0) {
        d->year = n;
        *p = s + len;
        return SC_OK;
    }

    if (len <= 2 && d->day == 0 && n != 0) {
        d->day = n;
        *p = extract_date_suffix(s + len);
        return SC_OK;
    }

    if (len == 2 && extract_date_is_short_year(d, s)) {
        d->year = n + (n < EXTRACT_DATE_YEARS ? 2000 : 1900);
        *p = s + len;
        return SC_OK;
    }

    return SC_DECLINED;
}


/* Two digits are a year behind a month where old RFCs have one. */

static int
extract_date_is_short_year(const extract_date_t *d, const char *p)
{
    size_t  used;

    if (d->year != 0 || d->month == 0 || d->day == 0) {
        return 0;
    }

    if (p[-1] != '-' && (p[-1] != ' ' || !d->weekday)) {
        return 0;
    }

    return extract_date_letter(p - 2, 1, &used) >= 0;
}


/* What makes a number an ordinal: 1st, 1er, 1º, 12. */

static const char *
extract_date_suffix(const char *p)
{
    size_t                    i, len, used;
    static const char *const  suffixes[] = {
        "st", "nd", "rd", "th", "er", "e", ":a", ":e", "º", "ª"
    };

    for (i = 0; i < sizeof(suffixes) / sizeof(char *); i++) {
        len = strlen(suffixes[i]);

        if (strncmp(p, suffixes[i], len) == 0
            && extract_date_letter(p + len, strlen(p + len), &used) < 0)
        {
            return p + len;
        }
    }

    return p;
}


/* An offset; without a time before it a sign is a dash. */

static int
extract_date_sign(extract_date_t *d, const char **p, size_t len, int sign)
{
    const char  *s = *p + len;

    if (!d->timed || (d->zoned && !d->utc)
        || extract_date_offset(d, &s, sign) != SC_OK)
    {
        return SC_DECLINED;
    }

    *p = s;

    return SC_OK;
}


static int
extract_date_letters(extract_date_t *d, const char **p)
{
    size_t       len, used;
    const char  *word = *p;

    for (len = 0; extract_date_letter(word + len, strlen(word + len), &used)
                  >= 0; len += used)
    {
        /* void */
    }

    if (len == 0) {
        return extract_date_mark(d, p);
    }

    *p += len;

    return extract_date_named(d, word, len);
}


/* Spaces, dashes and dots between the parts, as sites put them there. */

static int
extract_date_mark(extract_date_t *d, const char **p)
{
    int  c, len;

    len = (int) strnlen(*p, 4);
    c = xmlGetUTF8Char((const unsigned char *) *p, &len);

    switch (c) {
    case 0x2212:                   /* minus */
        return extract_date_sign(d, p, (size_t) len, -1);
    case 0xa0:
    case 0x2009:
    case 0x202f:
    case 0xb7:                     /* middle dot, dashes, bullet */
    case 0x2013:
    case 0x2014:
    case 0x2022:
        *p += len;
        return SC_OK;
    default:
        return SC_DECLINED;
    }
}


static int
extract_date_named(extract_date_t *d, const char *word, size_t len)
{
    int             month, offset;
    extract_word_t  kind;

    if (d->timed && !d->zoned
        && extract_date_zone(word, len, &offset) == SC_OK)
    {
        d->offset = offset;
        d->zoned = 1;
        d->utc = (offset == 0);
        d->zulu = d->utc;

        return SC_OK;
    }

    kind = extract_date_word(word, len, &month);

    switch (kind) {

    case EXTRACT_MONTH:
    case EXTRACT_EITHER:
        if (d->month != 0 && kind == EXTRACT_EITHER) {
            d->weekday = 1;
            return SC_OK;
        }

        if (d->month != 0 && !d->perhaps) {
            return SC_DECLINED;
        }

        d->weekday |= d->perhaps;
        d->perhaps = (kind == EXTRACT_EITHER);
        d->month = month;

        return SC_OK;

    case EXTRACT_WEEKDAY:
        d->weekday = 1;
        return SC_OK;

    case EXTRACT_FILLER:
        return SC_OK;

    default:
        return SC_DECLINED;
    }
}
