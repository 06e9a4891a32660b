
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_pattern.h"


#define SC_PATTERN_REGEX      "re:"
#define SC_PATTERN_REGEX_LEN  (sizeof(SC_PATTERN_REGEX) - 1)


static int sc_pattern_refuse(char *reason, size_t size, const char *why);
static int sc_pattern_is_regex(const char *text, size_t len);
static int sc_pattern_wildcard(const char *pattern, const char *text,
    size_t len);


int
sc_pattern_compile(sc_pattern_t *p, const char *text, size_t len,
    char *reason, size_t size)
{
    sc_regex_error_t  err;

    p->text = NULL;
    p->regex = NULL;

    if (len == 0) {
        return sc_pattern_refuse(reason, size, "the pattern is empty");
    }

    if (len > SC_PATTERN_MAX) {
        snprintf(reason, size, "the pattern is longer than %d bytes",
                 SC_PATTERN_MAX);
        return SC_ERROR;
    }

    if (memchr(text, '\0', len) != NULL) {
        return sc_pattern_refuse(reason, size, "the pattern holds a NUL");
    }

    if (sc_pattern_is_regex(text, len)) {
        if (len == SC_PATTERN_REGEX_LEN) {
            return sc_pattern_refuse(reason, size,
                                     "no expression after \"re:\"");
        }

        p->regex = sc_regex_compile(text + SC_PATTERN_REGEX_LEN,
                                    len - SC_PATTERN_REGEX_LEN, NULL, &err);
        if (p->regex == NULL) {
            return sc_pattern_refuse(reason, size, err.message);
        }
    }

    p->text = strndup(text, len);

    if (p->text == NULL) {
        sc_pattern_free(p);
        return sc_pattern_refuse(reason, size, "memory is out");
    }

    return SC_OK;
}


void
sc_pattern_free(sc_pattern_t *p)
{
    free(p->text);
    p->text = NULL;

    if (p->regex != NULL) {
        sc_regex_free(p->regex);
        p->regex = NULL;
    }
}


void
sc_patterns_free(sc_patterns_t *patterns)
{
    size_t  i;

    for (i = 0; i < patterns->n; i++) {
        sc_pattern_free(&patterns->list[i]);
    }

    free(patterns->list);
    patterns->list = NULL;
    patterns->n = 0;
}


int
sc_pattern_fits(const sc_pattern_t *p, const char *text, size_t len)
{
    sc_str_t  subject;

    if (p->regex == NULL) {
        return sc_pattern_wildcard(p->text, text, len);
    }

    subject.data = (len == 0) ? "" : text;
    subject.len = len;

    return sc_regex_match(p->regex, subject, 0) == SC_REGEX_MATCH;
}


int
sc_patterns_fit(const sc_patterns_t *patterns, const char *text, size_t len)
{
    size_t  i;

    for (i = 0; i < patterns->n; i++) {
        if (sc_pattern_fits(&patterns->list[i], text, len)) {
            return 1;
        }
    }

    return 0;
}


static int
sc_pattern_refuse(char *reason, size_t size, const char *why)
{
    snprintf(reason, size, "%s", why);

    return SC_ERROR;
}


static int
sc_pattern_is_regex(const char *text, size_t len)
{
    return len >= SC_PATTERN_REGEX_LEN
           && memcmp(text, SC_PATTERN_REGEX, SC_PATTERN_REGEX_LEN) == 0;
}


/*
 * What stands between two '%' is taken where it is found first: what comes
 * after has the most room then, so that nothing is ever tried twice.
 */

static int
sc_pattern_wildcard(const char *pattern, const char *text, size_t len)
{
    size_t       n;
    const char  *end, *next, *found;

    end = text + len;
    next = strchr(pattern, '%');
    n = (next == NULL) ? strlen(pattern) : (size_t) (next - pattern);

    if (n > len || (n != 0 && memcmp(text, pattern, n) != 0)) {
        return 0;
    }

    if (next == NULL) {
        return n == len;
    }

    text += n;

    for ( ;; ) {
        pattern = next + 1;
        next = strchr(pattern, '%');

        if (next == NULL) {
            n = strlen(pattern);
            return n == 0 || (n <= (size_t) (end - text)
                              && memcmp(end - n, pattern, n) == 0);
        }

        n = (size_t) (next - pattern);

        if (n == 0) {
            continue;
        }

        found = memmem(text, (size_t) (end - text), pattern, n);
        if (found == NULL) {
            return 0;
        }

        text = found + n;
    }
}
