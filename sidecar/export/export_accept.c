
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/export/export_internal.h"


/* The best range for a type so far: how exact it is, and its q. */
typedef struct {
    int  exact;
    int  q;                             /* thousandths, -1: none */
} export_range_t;


static size_t export_accept_element(const char *s);
static void export_accept_range(export_range_t *ranges, const char *s,
    size_t len);
static int export_accept_match(const char *type, const char *range,
    size_t len);
static int export_accept_q(const char *s, size_t len);


/* name of the format, and an older one */
static const char *const  export_types[EXPORT_FORMATS][2] = {
    { "application/json", "" },
    { "application/x-ndjson", "application/jsonl" },
    { "text/csv", "" },
    { "application/xml", "text/xml" },
    { "application/warc", "" },
    { "text/event-stream", "" }
};


const char *
export_type(export_format_t format)
{
    if (format == EXPORT_CSV) {
        return "text/csv; charset=utf-8; header=present";
    }

    return export_types[format][0];
}


int
export_accept(const char *accept, export_format_t *format)
{
    int             f, best;
    size_t          len;
    export_range_t  ranges[EXPORT_FORMATS];

    *format = EXPORT_JSON;

    if (accept[strspn(accept, " \t,")] == '\0') {
        return SC_OK;
    }

    for (f = 0; f < EXPORT_FORMATS; f++) {
        ranges[f].exact = 0;
        ranges[f].q = -1;
    }

    for ( /* void */ ; *accept != '\0'; accept += len + (accept[len] == ','))
    {
        len = export_accept_element(accept);
        export_accept_range(ranges, accept, len);
    }

    best = 0;

    for (f = 0; f < EXPORT_SSE; f++) {
        if (ranges[f].q > best) {
            best = ranges[f].q;
            *format = (export_format_t) f;
        }
    }

    return best > 0 ? SC_OK : SC_DECLINED;
}


/* Bytes up to the comma that ends it: those in quotes are none. */
static size_t
export_accept_element(const char *s)
{
    int     quoted;
    size_t  i;

    quoted = 0;

    for (i = 0; s[i] != '\0' && (quoted || s[i] != ','); i++) {
        if (s[i] == '"') {
            quoted = !quoted;

        } else if (quoted && s[i] == '\\' && s[i + 1] != '\0') {
            i++;
        }
    }

    return i;
}


/* Of the ranges that match a type the most exact one counts. */
static void
export_accept_range(export_range_t *ranges, const char *s, size_t len)
{
    int     f, q, exact, other;
    size_t  blank, name;

    blank = strspn(s, " \t");
    blank = blank < len ? blank : len;
    s += blank;
    len -= blank;

    name = strcspn(s, "; \t,");
    name = name < len ? name : len;
    q = export_accept_q(s + name, len - name);

    for (f = 0; f < EXPORT_FORMATS; f++) {
        exact = export_accept_match(export_types[f][0], s, name);
        other = export_accept_match(export_types[f][1], s, name);
        exact = other > exact ? other : exact;

        if (exact > ranges[f].exact
            || (exact > 0 && exact == ranges[f].exact && q > ranges[f].q))
        {
            ranges[f].exact = exact;
            ranges[f].q = q;
        }
    }
}


/* 0 for no match, else the more the more exact. */
static int
export_accept_match(const char *type, const char *range, size_t len)
{
    size_t  slash;

    if (len == strlen(type) && len > 0
        && strncasecmp(type, range, len) == 0)
    {
        return 3;
    }

    slash = strcspn(type, "/");

    if (len == slash + 2 && type[0] != '\0' && range[len - 1] == '*'
        && strncasecmp(type, range, slash + 1) == 0)
    {
        return 2;
    }

    return len == 3 && strncmp(range, "*/*", 3) == 0;
}


/* In thousandths; 1000 when it is not given or cannot be read. */
static int
export_accept_q(const char *s, size_t len)
{
    int          q, unit;
    const char  *end = s + len;

    while (s < end && (s = memchr(s, ';', (size_t) (end - s))) != NULL) {
        s++;
        s += strspn(s, " \t");

        if (end - s >= 3 && (s[0] == 'q' || s[0] == 'Q') && s[1] == '='
            && (s[2] == '0' || s[2] == '1'))
        {
            q = (s[2] - '0') * 1000;
            s += 3;

            if (s < end && *s == '.') {
                for (s++, unit = 100; s < end && *s >= '0' && *s <= '9'; s++)
                {
                    q += (*s - '0') * unit;
                    unit /= 10;
                }
            }

            return q < 1000 ? q : 1000;
        }
    }

    return 1000;
}
