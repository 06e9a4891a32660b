
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/tenants/tenants_internal.h"


/*
 * The most that is said for a day, an Integer of RFC 9651; for the others, as
 * for their settings.
 */
#define TENANTS_MOST         999999999999999
#define TENANTS_FETCHES      100000
#define TENANTS_RATE         4000000000
#define TENANTS_QUEUE        100000000


/* An option: where its number goes, its bound, whether it may have a unit. */
typedef struct {
    const char  *name;
    size_t       at;
    int64_t      max;
    int          unit;
} tenants_option_t;


static tenants_line_t *tenants_line_make(const char *text, size_t len);
static char *tenants_word(char **s);
static int tenants_option(tenants_line_t *line, char *option, char *err,
    size_t errlen);
static int tenants_number(const tenants_option_t *o, const char *value,
    int64_t *n, char *err, size_t errlen);
static int tenants_unit(const char *unit);
static int tenants_hosts(tenants_line_t *line, char *value, char *err,
    size_t errlen);


static const tenants_option_t  tenants_options[] = {
    { "pages", offsetof(tenant_limits_t, pages), TENANTS_MOST, 0 },
    { "bytes", offsetof(tenant_limits_t, bytes), TENANTS_MOST, 1 },
    { "fetches", offsetof(tenant_limits_t, fetches), TENANTS_FETCHES, 0 },
    { "rate", offsetof(tenant_limits_t, rate), TENANTS_RATE, 1 },
    { "queue", offsetof(tenant_limits_t, queue), TENANTS_QUEUE, 0 },
    { NULL, 0, 0, 0 }
};


int
tenants_line(tenants_line_t **line, const char *text, size_t len, char *err,
    size_t errlen)
{
    char            *s, *word;
    tenants_line_t  *l;

    *line = NULL;

    l = tenants_line_make(text, len);
    if (l == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return SC_ERROR;
    }

    s = l->text;
    l->name = tenants_word(&s);

    if (l->name == NULL || l->name[0] == '#') {
        tenants_line_free(l);
        return SC_OK;
    }

    l->len = strlen(l->name);

    while ((word = tenants_word(&s)) != NULL) {
        if (tenants_option(l, word, err, errlen) != SC_OK) {
            tenants_line_free(l);
            return SC_ERROR;
        }
    }

    *line = l;

    return SC_OK;
}


static tenants_line_t *
tenants_line_make(const char *text, size_t len)
{
    tenants_line_t  *line;

    line = calloc(1, sizeof(tenants_line_t) + len + 1);
    if (line == NULL) {
        return NULL;
    }

    memcpy(line->text, text, len);
    line->limits.pages = TENANTS_UNSET;
    line->limits.bytes = TENANTS_UNSET;
    line->limits.fetches = TENANTS_UNSET;
    line->limits.rate = TENANTS_UNSET;
    line->limits.queue = TENANTS_UNSET;

    return line;
}


void
tenants_line_free(tenants_line_t *line)
{
    free(line->hosts);
    free(line);
}


/* Cut off the next word; NULL when there is none. */
static char *
tenants_word(char **s)
{
    char  *word;

    word = *s + strspn(*s, " \t\r");
    *s = word + strcspn(word, " \t\r");

    if (**s != '\0') {
        *(*s)++ = '\0';
    }

    return word[0] != '\0' ? word : NULL;
}


static int
tenants_option(tenants_line_t *line, char *option, char *err, size_t errlen)
{
    char                    *value;
    int64_t                 *n;
    const tenants_option_t  *o;

    value = strchr(option, '=');

    if (value == NULL) {
        (void) snprintf(err, errlen, "\"%.64s\" is not \"option=value\"",
                        option);
        return SC_ERROR;
    }

    *value++ = '\0';

    if (strcmp(option, "hosts") == 0) {
        return tenants_hosts(line, value, err, errlen);
    }

    for (o = tenants_options; o->name != NULL; o++) {
        if (strcmp(option, o->name) == 0) {
            break;
        }
    }

    if (o->name == NULL) {
        (void) snprintf(err, errlen, "unknown option \"%.64s\"", option);
        return SC_ERROR;
    }

    n = (int64_t *) (void *) ((char *) &line->limits + o->at);

    if (*n != TENANTS_UNSET) {
        (void) snprintf(err, errlen, "option \"%s\" is there twice", option);
        return SC_ERROR;
    }

    return tenants_number(o, value, n, err, errlen);
}


static int
tenants_number(const tenants_option_t *o, const char *value, int64_t *n,
    char *err, size_t errlen)
{
    int          shift;
    int64_t      number;
    const char  *p;

    number = 0;

    for (p = value; *p >= '0' && *p <= '9' && number <= o->max; p++) {
        number = number * 10 + (*p - '0');
    }

    shift = o->unit ? tenants_unit(p) : 0;

    if (p == value || (p[0] != '\0' && (shift == 0 || p[1] != '\0'))
        || number > o->max >> shift)
    {
        (void) snprintf(err, errlen, "option \"%s\" is \"%.64s\", not a "
                        "number from 0 to %lld%s", o->name, value,
                        (long long) o->max, o->unit ? ", or of k, m or g"
                                                    : "");
        return SC_ERROR;
    }

    *n = number << shift;

    return SC_OK;
}


static int
tenants_unit(const char *unit)
{
    switch (unit[0] | 0x20) {

    case 'k':
        return 10;

    case 'm':
        return 20;

    case 'g':
        return 30;

    default:
        return 0;
    }
}


static int
tenants_hosts(tenants_line_t *line, char *value, char *err, size_t errlen)
{
    char    *host, *next;
    size_t   n;

    if (line->hosts != NULL) {
        (void) snprintf(err, errlen, "option \"hosts\" is there twice");
        return SC_ERROR;
    }

    n = 1;

    for (host = value; *host != '\0'; host++) {
        n += (*host == ',');
    }

    line->hosts = n <= TENANTS_MAX_HOSTS ? calloc(n, sizeof(char *)) : NULL;

    if (line->hosts == NULL) {
        (void) snprintf(err, errlen, "more than %d hosts, or memory is out",
                        TENANTS_MAX_HOSTS);
        return SC_ERROR;
    }

    for (host = value; host != NULL; host = next) {
        next = strchr(host, ',');

        if (next != NULL) {
            *next++ = '\0';
        }

        if (tenants_pattern(host) != SC_OK) {
            (void) snprintf(err, errlen, "\"%.64s\" is not a host, nor "
                            "\".HOST\" or \"*.HOST\"", host);
            return SC_ERROR;
        }

        line->hosts[line->limits.nhosts++] = host;
    }

    line->limits.hosts = line->hosts;

    return SC_OK;
}
