
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/schedule/schedules.h"


#define CRON_MINUTE    ((int64_t) 60000)
#define CRON_DAY       1440             /* minutes */
#define CRON_DAYS      (8 * 366)        /* looked at before giving up */
#define CRON_MAX       ((int64_t) 253402300800000)      /* the year 10000 */
#define CRON_FIELDS    5


enum { CRON_MIN = 0, CRON_HOUR, CRON_DOM, CRON_MONTH, CRON_DOW };


/*
 * bits     of the values that are meant, for each field
 * star     the field begins with '*'
 */
struct cron_s {
    uint64_t  bits[CRON_FIELDS];
    unsigned  star[CRON_FIELDS];
};


/* names stand for first, first + 1, … */
typedef struct {
    const char  *what;
    int          min;
    int          max;
    int          first;
    const char  *names;
} cron_field_t;


static const char *cron_word(const char *text);
static int cron_fields(cron_t *cron, const char *text, char *err,
    size_t errlen);
static int cron_field(cron_t *cron, int i, const char *s, size_t len);
static int cron_part(uint64_t *bits, const cron_field_t *field, const char *s,
    const char *end);
static int cron_range(const cron_field_t *field, const char **pos,
    const char *end, int *from, int *to);
static int cron_value(const cron_field_t *field, const char **pos,
    const char *end);
static int cron_number(const char **pos, const char *end);
static int cron_day(const cron_t *cron, int64_t day);
static int64_t cron_minute(const cron_t *cron, int minute);


static const cron_field_t  cron_list[CRON_FIELDS] = {
    { "minute", 0, 59, 0, "" },
    { "hour", 0, 23, 0, "" },
    { "day of the month", 1, 31, 0, "" },
    { "month", 1, 12, 1, "janfebmaraprmayjunjulaugsepoctnovdec" },
    { "day of the week", 0, 7, 0, "sunmontuewedthufrisat" }
};


cron_t *
cron_parse(const char *text, char *err, size_t errlen)
{
    cron_t  *cron;

    cron = calloc(1, sizeof(cron_t));
    if (cron == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return NULL;
    }

    text += strspn(text, " \t");

    if (*text == '@') {
        text = cron_word(text);
    }

    if (text == NULL) {
        (void) snprintf(err, errlen, "the word is not \"@hourly\", "
                        "\"@daily\", \"@weekly\", \"@monthly\" or "
                        "\"@yearly\"");

    } else if (cron_fields(cron, text, err, errlen) == SC_OK) {
        return cron;
    }

    free(cron);

    return NULL;
}


static const char *
cron_word(const char *text)
{
    size_t  i, len;

    static const char *const  words[][2] = {
        { "@hourly", "0 * * * *" },
        { "@daily", "0 0 * * *" },
        { "@midnight", "0 0 * * *" },
        { "@weekly", "0 0 * * 0" },
        { "@monthly", "0 0 1 * *" },
        { "@yearly", "0 0 1 1 *" },
        { "@annually", "0 0 1 1 *" }
    };

    len = strcspn(text, " \t");

    if (text[len + strspn(text + len, " \t")] != '\0') {
        return NULL;
    }

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i][0]) == len
            && strncasecmp(text, words[i][0], len) == 0)
        {
            return words[i][1];
        }
    }

    return NULL;
}


static int
cron_fields(cron_t *cron, const char *text, char *err, size_t errlen)
{
    int     i;
    size_t  len;

    for (i = 0; i < CRON_FIELDS; i++) {
        len = strcspn(text, " \t");

        if (len == 0) {
            (void) snprintf(err, errlen, "there are \"%d\" fields, not five",
                            i);
            return SC_ERROR;
        }

        if (cron_field(cron, i, text, len) != SC_OK) {
            (void) snprintf(err, errlen, "the %s \"%.*s\" is not understood",
                            cron_list[i].what, len < 100 ? (int) len : 100,
                            text);
            return SC_ERROR;
        }

        text += len;
        text += strspn(text, " \t");
    }

    if (*text != '\0') {
        (void) snprintf(err, errlen, "there are more than five fields");
        return SC_ERROR;
    }

    /* 0 and 7 are Sunday */
    cron->bits[CRON_DOW] |= cron->bits[CRON_DOW] >> 7 & 1;

    return SC_OK;
}


static int
cron_field(cron_t *cron, int i, const char *s, size_t len)
{
    const char  *end = s + len, *comma;

    cron->star[i] = *s == '*';

    for ( ;; ) {
        comma = memchr(s, ',', (size_t) (end - s));

        if (cron_part(&cron->bits[i], &cron_list[i], s,
                      comma != NULL ? comma : end)
            != SC_OK)
        {
            return SC_ERROR;
        }

        if (comma == NULL) {
            return SC_OK;
        }

        s = comma + 1;
    }
}


/* '*' or a range, with a step or without; or a value. */
static int
cron_part(uint64_t *bits, const cron_field_t *field, const char *s,
    const char *end)
{
    int  from, to, step, many;

    many = cron_range(field, &s, end, &from, &to);
    if (many < 0) {
        return SC_ERROR;
    }

    step = 1;

    if (many && s < end && *s == '/') {
        s++;
        step = cron_number(&s, end);
    }

    if (s != end || step < 1) {
        return SC_ERROR;
    }

    for ( /* void */ ; from <= to; from += step) {
        *bits |= (uint64_t) 1 << from;
    }

    return SC_OK;
}


/* 1 for a range, 0 for one value, -1 for what is neither. */
static int
cron_range(const cron_field_t *field, const char **pos, const char *end,
    int *from, int *to)
{
    if (*pos < end && **pos == '*') {
        *pos += 1;
        *from = field->min;

        /* Sunday once: a step counts the days of one week */
        *to = field->max == 7 ? 6 : field->max;

        return 1;
    }

    *from = cron_value(field, pos, end);
    *to = *from;

    if (*from < 0 || *pos == end || **pos != '-') {
        return *from < 0 ? -1 : 0;
    }

    *pos += 1;
    *to = cron_value(field, pos, end);

    if (*to == 0 && field->max == 7) {
        *to = 7;
    }

    return *to < *from ? -1 : 1;
}


static int
cron_value(const cron_field_t *field, const char **pos, const char *end)
{
    int          i, n;
    const char  *name;

    n = cron_number(pos, end);

    if (n >= 0) {
        return n < field->min || n > field->max ? -1 : n;
    }

    for (i = 0, name = field->names; *name != '\0'; i++, name += 3) {
        if (end - *pos >= 3 && strncasecmp(*pos, name, 3) == 0) {
            *pos += 3;
            return field->first + i;
        }
    }

    return -1;
}


/* At most four digits; -1 if there is none. */
static int
cron_number(const char **pos, const char *end)
{
    int  i, n;

    n = 0;

    for (i = 0; i < 4 && *pos < end && **pos >= '0' && **pos <= '9'; i++) {
        n = n * 10 + (**pos - '0');
        *pos += 1;
    }

    return i > 0 ? n : -1;
}


void
cron_free(cron_t *cron)
{
    free(cron);
}


int64_t
cron_next(const cron_t *cron, int64_t after)
{
    int      i;
    int64_t  minute, day, found;

    if (after < 0) {
        after = -1;
    }

    if (after >= CRON_MAX) {
        return -1;
    }

    minute = (after + CRON_MINUTE) / CRON_MINUTE;
    day = minute / CRON_DAY;
    minute %= CRON_DAY;

    for (i = 0; i < CRON_DAYS; i++, day++, minute = 0) {
        if (!cron_day(cron, day)) {
            continue;
        }

        found = cron_minute(cron, (int) minute);

        if (found >= 0) {
            return (day * CRON_DAY + found) * CRON_MINUTE;
        }
    }

    return -1;
}


/* Whether it is one of the days, counted from 1970-01-01, a Thursday. */
static int
cron_day(const cron_t *cron, int64_t day)
{
    int      dom, dow, month;
    int64_t  n, year;

    /* years begin in March: a leap day is their last; 400 are 146,097 days */
    n = (day + 719468) % 146097;
    year = (n - n / 1460 + n / 36524 - n / 146096) / 365;
    n -= 365 * year + year / 4 - year / 100;
    month = (int) ((5 * n + 2) / 153);
    dom = (int) (n - (153 * month + 2) / 5 + 1);
    month = month < 10 ? month + 3 : month - 9;

    if ((cron->bits[CRON_MONTH] >> month & 1) == 0) {
        return 0;
    }

    dom = (int) (cron->bits[CRON_DOM] >> dom & 1);
    dow = (int) (cron->bits[CRON_DOW] >> (day + 4) % 7 & 1);

    return cron->star[CRON_DOM] || cron->star[CRON_DOW] ? dom && dow
                                                        : dom || dow;
}


/* The first minute of a day that is not before this one; -1 if none is. */
static int64_t
cron_minute(const cron_t *cron, int minute)
{
    for ( /* void */ ; minute < CRON_DAY; minute++) {
        if ((cron->bits[CRON_HOUR] >> minute / 60 & 1) == 0) {
            minute += 59 - minute % 60;

        } else if (cron->bits[CRON_MIN] >> minute % 60 & 1) {
            return minute;
        }
    }

    return -1;
}
