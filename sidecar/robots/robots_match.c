
#include <stdlib.h>
#include <string.h>

#include "sidecar/robots/robots_internal.h"


/*
 * The normal form in which rules and targets are compared: percent-encoded
 * (in upper case) is what must be in a URL, and '*', which is a wildcard
 * otherwise; not encoded are unreserved and reserved characters, but for
 * those that part a URL.  These stay as they are written: "a%2Fb" is not
 * "a/b".
 */

#define ROBOTS_RESERVED      ":@[]!$'(),;"
#define ROBOTS_DELIMITERS    "/?&=+"

/* what parts a path, and does not part a query */
#define ROBOTS_OF_PATHS      "/?"


typedef enum {
    ROBOTS_PATTERN = 1,     /* '*' is a wildcard */
    ROBOTS_QUERY = 2        /* "%2F" is "/" in a query */
} robots_form_t;


static int robots_match_normal(sc_buf_t *out, sc_str_t s, unsigned form,
    uint32_t *octets);
static size_t robots_match_octet(const char *s, size_t len,
    unsigned char *octet);
static int robots_match_hex(char c);
static int robots_match_plain(const char *s, size_t len, unsigned char c,
    size_t n, unsigned form);
static int robots_match_in(const char *set, unsigned char c);
static int robots_match_unreserved(unsigned char c);
static int robots_match_decide(const robots_t *robots, const sc_buf_t *forms);
static int robots_match_glob(const robots_rule_t *rule, const char *pattern,
    const sc_buf_t *target, size_t *work);


int
robots_match_compile(robots_rule_t *rule, sc_str_t path, sc_buf_t *patterns)
{
    unsigned  form;

    rule->anchored = path.data[path.len - 1] == '$';
    path.len -= rule->anchored;
    rule->query = memchr(path.data, '?', path.len) != NULL;
    rule->start = (uint32_t) patterns->len;

    form = rule->query ? ROBOTS_PATTERN | ROBOTS_QUERY : ROBOTS_PATTERN;

    if (robots_match_normal(patterns, path, form, &rule->octets) != SC_OK) {
        return SC_ERROR;
    }

    rule->octets += rule->anchored;
    rule->len = (uint32_t) patterns->len - rule->start;

    return SC_OK;
}


int
robots_allowed(const robots_t *robots, sc_str_t target)
{
    int       allowed;
    uint32_t  octets;
    sc_buf_t  forms[2];

    if (robots->nrules == 0) {
        return 1;
    }

    sc_buf_init(&forms[0], 0);
    sc_buf_init(&forms[1], 0);

    allowed = robots_match_normal(&forms[0], target, 0, &octets) == SC_OK
              && robots_match_normal(&forms[1], target, ROBOTS_QUERY, &octets)
                 == SC_OK
              && robots_match_decide(robots, forms);

    sc_buf_free(&forms[0]);
    sc_buf_free(&forms[1]);

    return allowed;
}


/* octets: how many a canonical URL would have for it. */
static int
robots_match_normal(sc_buf_t *out, sc_str_t s, unsigned form,
    uint32_t *octets)
{
    int             plain;
    char           *p, *start;
    size_t          i, n;
    unsigned        now;
    unsigned char   c;

    *octets = 0;
    now = form & ~(unsigned) ROBOTS_QUERY;

    start = sc_buf_reserve(out, s.len * 3);
    if (start == NULL) {
        return SC_ERROR;
    }

    for (i = 0, p = start; i < s.len; i += n) {
        n = robots_match_octet(s.data + i, s.len - i, &c);
        plain = robots_match_plain(s.data + i, s.len - i, c, n, now);

        if (plain) {
            *p++ = (char) c;

        } else {
            *p++ = '%';
            *p++ = "0123456789ABCDEF"[c >> 4];
            *p++ = "0123456789ABCDEF"[c & 15];
        }

        *octets += !plain || (n == 3 && !robots_match_unreserved(c)) ? 3 : 1;

        if (c == '?' && n == 1) {
            now = form;
        }
    }

    *p = '\0';
    out->len += (size_t) (p - start);

    return SC_OK;
}


/* The octet at s, and how many bytes it is written in: 1, or 3 encoded. */
static size_t
robots_match_octet(const char *s, size_t len, unsigned char *octet)
{
    int  high, low;

    *octet = (unsigned char) s[0];

    if (s[0] != '%' || len < 3) {
        return 1;
    }

    high = robots_match_hex(s[1]);
    low = robots_match_hex(s[2]);

    if (high < 0 || low < 0) {
        return 1;
    }

    *octet = (unsigned char) (high * 16 + low);

    return 3;
}


static int
robots_match_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = (char) (c | 0x20);

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* Whether c, written in the n bytes at s, stands by itself in the form. */
static int
robots_match_plain(const char *s, size_t len, unsigned char c, size_t n,
    unsigned form)
{
    if (robots_match_in(ROBOTS_DELIMITERS, c)) {
        return n == 1 || ((form & ROBOTS_QUERY)
                          && robots_match_in(ROBOTS_OF_PATHS, c));
    }

    if ((form & ROBOTS_PATTERN) && n == 1) {
        if (c == '*') {
            return 1;
        }

        /* before what is left open: any encoded octet is meant */
        if (c == '%' && (len == 1 || s[1] == '*')) {
            return 1;
        }
    }

    return robots_match_unreserved(c) || robots_match_in(ROBOTS_RESERVED, c);
}


static int
robots_match_in(const char *set, unsigned char c)
{
    return c != '\0' && strchr(set, c) != NULL;
}


static int
robots_match_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || robots_match_in("-._~", c);
}


static int
robots_match_decide(const robots_t *robots, const sc_buf_t *forms)
{
    int                   allowed;
    size_t                i, work;
    uint32_t              octets;
    const robots_rule_t  *rule;

    if (strcmp(forms[0].data, "/robots.txt") == 0) {
        return 1;
    }

    allowed = 1;
    octets = 0;
    work = 0;

    for (i = 0; i < robots->nrules; i++) {
        rule = &robots->rules[i];

        if (rule->octets < octets
            || (rule->octets == octets && (allowed || !rule->allow)))
        {
            continue;
        }

        if (robots_match_glob(rule, robots->patterns.data + rule->start,
                              &forms[rule->query], &work))
        {
            octets = rule->octets;
            allowed = rule->allow;
        }

        if (work > ROBOTS_MAX_WORK) {
            return 0;
        }
    }

    return allowed;
}


/*
 * The first place for each piece between two stars leaves the most for those
 * behind it, so nothing is tried twice; memmem() is linear.
 */

static int
robots_match_glob(const robots_rule_t *rule, const char *pattern,
    const sc_buf_t *target, size_t *work)
{
    size_t       n, left, room;
    const char  *star, *at;

    at = target->data;
    room = target->len;
    left = rule->len;
    star = memchr(pattern, '*', left);
    n = star != NULL ? (size_t) (star - pattern) : left;

    if (n > room || memcmp(at, pattern, n) != 0) {
        return 0;
    }

    at += n;
    room -= n;
    *work += star != NULL ? room : 0;

    while (star != NULL) {
        pattern += n + 1;
        left -= n + 1;
        star = memchr(pattern, '*', left);
        n = star != NULL ? (size_t) (star - pattern) : left;

        if (star == NULL && rule->anchored) {
            return n <= room && memcmp(at + room - n, pattern, n) == 0;
        }

        at = memmem(at, room, pattern, n);

        if (at == NULL) {
            return 0;
        }

        at += n;
        room = (size_t) (target->data + target->len - at);

        if (star == NULL) {
            return 1;
        }
    }

    return !rule->anchored || room == 0;
}
