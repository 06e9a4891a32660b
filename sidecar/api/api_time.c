
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sidecar/api/api_list.h"


static int api_time_read(const char *s, int64_t *ms);
static int api_time_fraction(const char **s);
static int api_time_zone(const char *s, int64_t *minutes);


int
api_list_time(api_call_t *c, const query_t *query, const char *name,
    int64_t *ms)
{
    char        *end;
    const char  *s;

    s = query_get(query, name);
    if (s == NULL) {
        return SC_DECLINED;
    }

    if (s[0] != '\0' && s[strspn(s, "0123456789")] == '\0'
        && strlen(s) <= 15)
    {
        *ms = strtoll(s, &end, 10);
        return SC_OK;
    }

    if (api_time_read(s, ms) != SC_OK) {
        return api_list_wrong(c, name, "\"%s\" is neither a time such as "
                              "\"2026-01-31T12:00:00Z\" nor milliseconds",
                              name);
    }

    return SC_OK;
}


static int
api_time_read(const char *s, int64_t *ms)
{
    int          fraction;
    int64_t      minutes;
    struct tm    tm;
    const char  *p;

    memset(&tm, 0, sizeof(struct tm));

    if (strspn(s, "0123456789") != 4) {
        return SC_DECLINED;
    }

    p = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);

    if (p == NULL || p - s != 19) {
        return SC_DECLINED;
    }

    fraction = api_time_fraction(&p);

    if (fraction < 0 || api_time_zone(p, &minutes) != SC_OK) {
        return SC_DECLINED;
    }

    *ms = ((int64_t) timegm(&tm) - minutes * 60) * 1000 + fraction;

    return SC_OK;
}


/* Milliseconds, or -1. */
static int
api_time_fraction(const char **s)
{
    int          ms, unit;
    const char  *p = *s;

    if (*p != '.') {
        return 0;
    }

    ms = 0;
    unit = 100;

    for (p++; *p >= '0' && *p <= '9'; p++) {
        ms += (*p - '0') * unit;
        unit /= 10;
    }

    if (p == *s + 1) {
        return -1;
    }

    *s = p;

    return ms;
}


/* A '+' that was not encoded has become a blank. */
static int
api_time_zone(const char *s, int64_t *minutes)
{
    int  i;

    *minutes = 0;

    if ((s[0] == 'Z' || s[0] == 'z') && s[1] == '\0') {
        return SC_OK;
    }

    if ((s[0] != '+' && s[0] != '-' && s[0] != ' ') || strlen(s) != 6
        || s[3] != ':')
    {
        return SC_DECLINED;
    }

    for (i = 1; i < 6; i++) {
        if (i != 3 && (s[i] < '0' || s[i] > '9')) {
            return SC_DECLINED;
        }
    }

    *minutes = ((s[1] - '0') * 10 + s[2] - '0') * 60
               + (s[4] - '0') * 10 + s[5] - '0';

    if (s[0] == '-') {
        *minutes = -*minutes;
    }

    return SC_OK;
}
