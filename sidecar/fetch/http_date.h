
/*
 * HTTP-date (RFC 9110 5.6.7), in milliseconds since 1970, UTC.  No locale and
 * no time zone of the machine has a say.
 */

#ifndef HTTP_DATE_H
#define HTTP_DATE_H


#include <stddef.h>
#include <stdint.h>


#define HTTP_DATE_SIZE    32    /* of what is written, with its NUL */


/*
 * Read a date in any of the three forms a recipient must take:
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT
 *     Sunday, 06-Nov-94 08:49:37 GMT
 *     Sun Nov  6 08:49:37 1994
 *
 * in any case, spaces and tabs around it allowed.  A year of two digits is
 * the latest one that is not more than 50 years after now_ms.  The name of
 * the day must be one, but need not be that of the date.
 *
 * SC_OK with *ms set; SC_DECLINED when value is no date, such as the "0" that
 * is common in Expires; *ms is then unchanged.
 */
int http_date_parse(const char *value, int64_t now_ms, int64_t *ms);

/*
 * Write the first form into out, of HTTP_DATE_SIZE bytes, parts of a second
 * left out.  SC_OK; SC_ERROR outside of the years 0 to 9999, out is then "".
 */
int http_date_format(char *out, int64_t ms);


#endif /* HTTP_DATE_H */
