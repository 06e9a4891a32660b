
#include <stdlib.h>
#include <string.h>

#include "common/xpath/sc_xpath_internal.h"


/* steps that compiling counts as, and more for each byte of the pattern */
#define SC_XPATH_COMPILE       1000
#define SC_XPATH_COMPILE_BYTE  50


/*
 * key   the flags, a NUL, the pattern and a NUL
 * used  when it was asked for last
 */
typedef struct {
    sc_regex_t  *re;
    char        *key;
    size_t       used;
} sc_xpath_pattern_t;


static int sc_xpath_pattern_is(const sc_xpath_pattern_t *p,
    const char *pattern, const char *flags);
static char *sc_xpath_pattern_key(const char *pattern, const char *flags);
static void sc_xpath_pattern_free(sc_xpath_pattern_t *p);


static sc_xpath_pattern_t  sc_xpath_patterns[SC_XPATH_PATTERNS];
static size_t              sc_xpath_pattern_uses;


size_t
sc_xpath_pattern_steps(const char *pattern, const char *flags)
{
    size_t  i;

    for (i = 0; i < SC_XPATH_PATTERNS; i++) {
        if (sc_xpath_pattern_is(&sc_xpath_patterns[i], pattern, flags)) {
            return 0;
        }
    }

    return SC_XPATH_COMPILE + strlen(pattern) * SC_XPATH_COMPILE_BYTE
           + sc_regex_width(pattern, strlen(pattern), flags, NULL);
}


sc_regex_t *
sc_xpath_pattern(const char *pattern, const char *flags,
    sc_regex_error_t *err)
{
    size_t               i;
    sc_xpath_pattern_t  *p, *oldest;

    oldest = &sc_xpath_patterns[0];

    for (i = 0; i < SC_XPATH_PATTERNS; i++) {
        p = &sc_xpath_patterns[i];

        if (sc_xpath_pattern_is(p, pattern, flags)) {
            p->used = ++sc_xpath_pattern_uses;
            return p->re;
        }

        if (p->used < oldest->used) {
            oldest = p;
        }
    }

    sc_xpath_pattern_free(oldest);

    oldest->re = sc_regex_compile(pattern, strlen(pattern), flags, err);
    if (oldest->re == NULL) {
        return NULL;
    }

    /* without a key it works, and is not found again */
    oldest->key = sc_xpath_pattern_key(pattern, flags);
    oldest->used = ++sc_xpath_pattern_uses;

    return oldest->re;
}


void
sc_xpath_cleanup(void)
{
    size_t  i;

    for (i = 0; i < SC_XPATH_PATTERNS; i++) {
        sc_xpath_pattern_free(&sc_xpath_patterns[i]);
    }
}


static int
sc_xpath_pattern_is(const sc_xpath_pattern_t *p, const char *pattern,
    const char *flags)
{
    return p->key != NULL
           && strcmp(p->key, flags) == 0
           && strcmp(p->key + strlen(p->key) + 1, pattern) == 0;
}


static char *
sc_xpath_pattern_key(const char *pattern, const char *flags)
{
    char    *key;
    size_t   nflags, npattern;

    nflags = strlen(flags) + 1;
    npattern = strlen(pattern) + 1;

    key = malloc(nflags + npattern);
    if (key != NULL) {
        memcpy(key, flags, nflags);
        memcpy(key + nflags, pattern, npattern);
    }

    return key;
}


static void
sc_xpath_pattern_free(sc_xpath_pattern_t *p)
{
    sc_regex_free(p->re);
    free(p->key);
    memset(p, 0, sizeof(sc_xpath_pattern_t));
}
