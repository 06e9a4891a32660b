
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/robots/robots_internal.h"


#define ROBOTS_SECOND         ((int64_t) 1000000000)    /* nanoseconds */
#define ROBOTS_FIRST_RULES    8


typedef enum {
    ROBOTS_USER_AGENT = 0,
    ROBOTS_ALLOW,
    ROBOTS_DISALLOW,
    ROBOTS_CRAWL_DELAY,
    ROBOTS_SITEMAP,
    ROBOTS_FIELDS
} robots_field_t;


typedef struct {
    robots_field_t  field;
    sc_str_t        value;
} robots_line_t;


static sc_str_t robots_text(sc_str_t text);
static int robots_line_end(char c);
static sc_str_t robots_product(sc_str_t s);
static int robots_has_group(sc_str_t text, sc_str_t agent);
static int robots_next(sc_str_t *rest, robots_line_t *line);
static int robots_field(sc_str_t name, robots_field_t *field);
static sc_str_t robots_trim(sc_str_t s);
static int robots_blank(char c);
static int robots_names(sc_str_t value, sc_str_t agent);
static int robots_read(robots_t *robots, sc_str_t text, sc_str_t agent);
static int robots_rule(robots_t *robots, const robots_line_t *line);
static int robots_grow(robots_t *robots);
static int64_t robots_nanoseconds(sc_str_t s);
static int robots_keep_sitemap(robots_t *robots, sc_str_t url);


static const sc_str_t  robots_fields[] = {
    [ROBOTS_USER_AGENT] = sc_string("user-agent"),
    [ROBOTS_ALLOW] = sc_string("allow"),
    [ROBOTS_DISALLOW] = sc_string("disallow"),
    [ROBOTS_CRAWL_DELAY] = sc_string("crawl-delay"),
    [ROBOTS_SITEMAP] = sc_string("sitemap")
};


robots_t *
robots_parse(sc_str_t text, const char *agent)
{
    sc_str_t   token;
    robots_t  *robots;

    robots = calloc(1, sizeof(robots_t));
    if (robots == NULL) {
        return NULL;
    }

    sc_buf_init(&robots->patterns, 0);
    sc_buf_init(&robots->sitemaps, 0);
    robots->delay = -1;

    text = robots_text(text);
    token.data = agent;
    token.len = strlen(agent);
    token = robots_product(token);

    if (!robots_has_group(text, token)) {
        token = (sc_str_t) sc_string("*");
    }

    if (robots_read(robots, text, token) != SC_OK) {
        robots_free(robots);
        return NULL;
    }

    return robots;
}


void
robots_free(robots_t *robots)
{
    if (robots == NULL) {
        return;
    }

    free(robots->rules);
    sc_buf_free(&robots->patterns);
    sc_buf_free(&robots->sitemaps);
    free(robots);
}


int64_t
robots_delay(const robots_t *robots)
{
    return robots->delay;
}


const char *
robots_sitemap(const robots_t *robots, size_t i)
{
    const char  *url;

    if (i >= robots->nsitemaps) {
        return NULL;
    }

    for (url = robots->sitemaps.data; i > 0; i--) {
        url += strlen(url) + 1;
    }

    return url;
}


size_t
robots_size(const robots_t *robots)
{
    return sizeof(robots_t) + robots->max_rules * sizeof(robots_rule_t)
           + robots->patterns.cap + robots->sitemaps.cap;
}


/* The text that counts: whole lines, without a byte order mark. */
static sc_str_t
robots_text(sc_str_t text)
{
    if (text.len > ROBOTS_MAX_SIZE) {
        text.len = ROBOTS_MAX_SIZE;

        /* the byte behind says whether the last line is whole */
        while (text.len > 0 && !robots_line_end(text.data[text.len])) {
            text.len--;
        }
    }

    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text.data += 3;
        text.len -= 3;
    }

    return text;
}


static int
robots_line_end(char c)
{
    return c == '\n' || c == '\r';
}


/* "Scraped" of "Scraped/1.2 (+https://scraped.example/)". */
static sc_str_t
robots_product(sc_str_t s)
{
    char    c;
    size_t  n;

    for (n = 0; n < s.len; n++) {
        c = s.data[n];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
        {
            break;
        }
    }

    s.len = n;

    return s;
}


static int
robots_has_group(sc_str_t text, sc_str_t agent)
{
    robots_line_t  line;

    while (robots_next(&text, &line)) {
        if (line.field == ROBOTS_USER_AGENT && robots_names(line.value, agent))
        {
            return 1;
        }
    }

    return 0;
}


/* The next line that can be read; 0 at the end. */
static int
robots_next(sc_str_t *rest, robots_line_t *line)
{
    size_t       n;
    sc_str_t     text;
    const char  *p;

    while (rest->len > 0) {
        for (n = 0; n < rest->len && !robots_line_end(rest->data[n]); n++) {
            /* void */
        }

        text.data = rest->data;
        text.len = n;
        n += n < rest->len;
        rest->data += n;
        rest->len -= n;

        p = memchr(text.data, '#', text.len);

        if (p != NULL) {
            text.len = (size_t) (p - text.data);
        }

        p = memchr(text.data, ':', text.len);

        if (p == NULL) {
            continue;
        }

        line->value.data = p + 1;
        line->value.len = text.len - (size_t) (p + 1 - text.data);
        line->value = robots_trim(line->value);
        text.len = (size_t) (p - text.data);

        if (robots_field(robots_trim(text), &line->field) == SC_OK) {
            return 1;
        }
    }

    return 0;
}


static int
robots_field(sc_str_t name, robots_field_t *field)
{
    int  i;

    for (i = 0; i < ROBOTS_FIELDS; i++) {
        if (name.len == robots_fields[i].len
            && strncasecmp(name.data, robots_fields[i].data, name.len) == 0)
        {
            *field = (robots_field_t) i;
            return SC_OK;
        }
    }

    return SC_DECLINED;
}


static sc_str_t
robots_trim(sc_str_t s)
{
    while (s.len > 0 && robots_blank(s.data[0])) {
        s.data++;
        s.len--;
    }

    while (s.len > 0 && robots_blank(s.data[s.len - 1])) {
        s.len--;
    }

    return s;
}


static int
robots_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}


/* Whether the value of a User-agent line names agent, which may be "*". */
static int
robots_names(sc_str_t value, sc_str_t agent)
{
    if (agent.len == 1 && agent.data[0] == '*') {
        return value.len > 0 && value.data[0] == '*'
               && (value.len == 1 || robots_blank(value.data[1]));
    }

    value = robots_product(value);

    return agent.len > 0 && value.len == agent.len
           && strncasecmp(value.data, agent.data, agent.len) == 0;
}


/*
 * Only rules end the User-agent lines of a group: other lines must not
 * interfere (RFC 9309 2.2.4).
 */

static int
robots_read(robots_t *robots, sc_str_t text, sc_str_t agent)
{
    int            rc, ours, rules;
    int64_t        delay;
    robots_line_t  line;

    rc = SC_OK;
    ours = 0;
    rules = 0;

    while (rc == SC_OK && robots_next(&text, &line)) {
        switch (line.field) {

        case ROBOTS_USER_AGENT:
            ours = (ours && !rules) || robots_names(line.value, agent);
            rules = 0;
            break;

        case ROBOTS_CRAWL_DELAY:
            delay = ours ? robots_nanoseconds(line.value) : -1;
            robots->delay = delay > robots->delay ? delay : robots->delay;
            break;

        case ROBOTS_SITEMAP:
            rc = robots_keep_sitemap(robots, line.value);
            break;

        default:
            rules = 1;
            rc = ours ? robots_rule(robots, &line) : SC_OK;
            break;
        }
    }

    return rc;
}


static int
robots_rule(robots_t *robots, const robots_line_t *line)
{
    robots_rule_t  *rule;

    /* an empty path matches nothing */
    if (line->value.len == 0 || robots->nrules == ROBOTS_MAX_RULES) {
        return SC_OK;
    }

    if (robots->nrules == robots->max_rules && robots_grow(robots) != SC_OK) {
        return SC_ERROR;
    }

    rule = &robots->rules[robots->nrules];
    rule->allow = line->field == ROBOTS_ALLOW;

    if (robots_match_compile(rule, line->value, &robots->patterns) != SC_OK) {
        return SC_ERROR;
    }

    robots->nrules++;

    return SC_OK;
}


static int
robots_grow(robots_t *robots)
{
    size_t          max;
    robots_rule_t  *rules;

    max = robots->max_rules > 0 ? robots->max_rules * 2 : ROBOTS_FIRST_RULES;

    rules = realloc(robots->rules, max * sizeof(robots_rule_t));
    if (rules == NULL) {
        return SC_ERROR;
    }

    robots->rules = rules;
    robots->max_rules = max;

    return SC_OK;
}


/* Decimal seconds, with a fraction or without; -1 for anything else. */
static int64_t
robots_nanoseconds(sc_str_t s)
{
    int      point, digit, digits;
    size_t   i;
    int64_t  ns, unit;

    ns = 0;
    point = 0;
    digits = 0;
    unit = ROBOTS_SECOND;

    for (i = 0; i < s.len; i++) {

        if (s.data[i] == '.' && !point) {
            point = 1;
            continue;
        }

        digit = s.data[i] - '0';

        if (digit < 0 || digit > 9) {
            return -1;
        }

        digits = 1;

        if (point) {
            unit /= 10;
            ns += digit * unit;

        } else {
            ns = ns * 10 + digit * ROBOTS_SECOND;
        }

        ns = ns < ROBOTS_MAX_DELAY ? ns : ROBOTS_MAX_DELAY;
    }

    return digits ? ns : -1;
}


/* What has control characters, NUL among them, is no URL. */
static int
robots_keep_sitemap(robots_t *robots, sc_str_t url)
{
    size_t  i;

    if (url.len == 0 || robots->nsitemaps == ROBOTS_MAX_SITEMAPS) {
        return SC_OK;
    }

    for (i = 0; i < url.len; i++) {
        if ((unsigned char) url.data[i] < ' ' || url.data[i] == 0x7f) {
            return SC_OK;
        }
    }

    (void) sc_buf_add_str(&robots->sitemaps, url);

    if (sc_buf_add(&robots->sitemaps, "", 1) != SC_OK) {
        return SC_ERROR;
    }

    robots->nsitemaps++;

    return SC_OK;
}
