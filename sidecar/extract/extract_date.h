
/*
 * What the files about dates share; extract_date() and extract_date_format()
 * are in extract_internal.h.
 *
 *     extract_date.c         dates as people and programs write them
 *     extract_date_digits.c  those without words: 2026-11-21, 21.11.2026
 *     extract_date_clock.c   times of day and zones in them
 *     extract_date_format.c  dates of a format that is told
 *     extract_date_words.c   months, days of the week, names of zones
 */

#ifndef EXTRACT_DATE_H
#define EXTRACT_DATE_H


#include "common/sc_buf.h"


#define EXTRACT_DATE_TEXT  128   /* bytes of a date as it is written */


/*
 * A date under way; what is not known yet is 0.
 *
 * fraction  digits of a second, without zeros at their end
 * offset    of the zone from UTC in minutes, when zoned
 * zoned     there was a zone; utc says that it was a name of UTC, which an
 *           offset may follow, zulu that it was UTC itself
 * timed     there was a time of day
 * weekday   there was a day of the week
 * perhaps   the month may have been a day of the week: "mar."
 */
typedef struct {
    int       year;
    int       month;
    int       day;
    int       hour;
    int       minute;
    int       second;
    int       offset;
    char      fraction[10];
    unsigned  zoned:1;
    unsigned  utc:1;
    unsigned  zulu:1;
    unsigned  timed:1;
    unsigned  weekday:1;
    unsigned  perhaps:1;
} extract_date_t;


typedef enum {
    EXTRACT_UNKNOWN = 0,
    EXTRACT_MONTH,
    EXTRACT_WEEKDAY,
    EXTRACT_EITHER,       /* a month in one language, a day in another */
    EXTRACT_FILLER        /* "of", "at", "Uhr" */
} extract_word_t;


/*
 * What a word is; *month is its number from 1 if it is one.  Case and marks
 * of letters are not looked at.
 */
extract_word_t extract_date_word(const char *word, size_t len, int *month);

/*
 * The letter at p as a small one of ASCII, without its marks, of *len bytes;
 * '\0' with *len when it is a mark alone, -1 when it is no letter of Latin.
 */
int extract_date_letter(const char *p, size_t left, size_t *len);

/* The offset in minutes of a zone RFC 5322 names: SC_OK or SC_DECLINED. */
int extract_date_zone(const char *name, size_t len, int *offset);


/*
 * Read year, month and day at *p, which is moved behind them, all in digits.
 * SC_DECLINED when they are none or may be taken for another day; whether
 * there is such a day is not looked at.
 */
int extract_date_in_digits(extract_date_t *d, const char **p);

/*
 * Read a time of day at *p, which is moved behind it and ends in a NUL
 * somewhere: 15:04, 15:04:05.678, 3 PM, 3:04 p.m., 14h30, and with dots 14.30;
 * with basic 1504 and 150405, too.  SC_DECLINED when it is none.
 */
int extract_date_clock(extract_date_t *d, const char **p, unsigned dots,
    unsigned basic);

/* The same for an offset behind its sign: 02:00, 0200, 02. */
int extract_date_offset(extract_date_t *d, const char **p, int sign);

/* How many digits p begins with, and the number of at most 9 of them. */
size_t extract_date_digits(const char *p, int *n);


/* Whether it is a day of the calendar, in the years 1 to 9999. */
int extract_date_is_valid(const extract_date_t *d);

/* Append it as extract_date() says. */
void extract_date_write(const extract_date_t *d, unsigned time, sc_buf_t *out);

/* Copy a text without white space around it; SC_DECLINED when too long. */
int extract_date_copy(sc_str_t text, char out[EXTRACT_DATE_TEXT + 1]);


#endif /* EXTRACT_DATE_H */
