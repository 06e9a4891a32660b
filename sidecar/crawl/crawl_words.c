
#include <string.h>
#include <strings.h>

#include "sidecar/crawl/crawl_internal.h"


/* what ends a URL; JSON in a script writes '/' as "\/" */
#define CRAWL_WORDS_END    "\"'`<>\\{}|^"

/* what may be in a URL, but ends the sentence around it */
#define CRAWL_WORDS_AFTER  ".,;:!?*_~"


static const char *crawl_words_start(const char *text, const char *colon);
static const char *crawl_words_take(const char *p, char *url, size_t *len);
static size_t crawl_words_and(const char *p);
static int crawl_words_ends(const char *p);
static size_t crawl_words_trim(const char *url, size_t len);


int
crawl_words(const char *text, crawl_word_pt fn, void *data)
{
    int          rc;
    char         url[CRAWL_MAX_URL];
    size_t       len;
    const char  *p, *start;

    p = strchr(text, ':');

    while (p != NULL) {
        start = crawl_words_start(text, p);

        if (start == NULL) {
            p = strchr(p + 1, ':');
            continue;
        }

        /* what is inside a URL is a part of it */

        text = crawl_words_take(start, url, &len);

        if (len != 0) {
            rc = fn(data, url, len);
            if (rc != SC_OK) {
                return rc;
            }
        }

        p = strchr(text, ':');
    }

    return SC_OK;
}


/* Where the scheme in front of a colon begins, NULL if it is none of ours. */

static const char *
crawl_words_start(const char *text, const char *colon)
{
    size_t       n;
    const char  *start;

    if (strncmp(colon, "://", 3) != 0 && strncmp(colon, ":\\/\\/", 5) != 0) {
        return NULL;
    }

    for (n = 0; n < 6 && colon - n > text; n++) {
        if ((colon[-1 - (ptrdiff_t) n] | 0x20) < 'a'
            || (colon[-1 - (ptrdiff_t) n] | 0x20) > 'z')
        {
            break;
        }
    }

    start = colon - n;

    if ((n == 4 && strncasecmp(start, "http", 4) == 0)
        || (n == 5 && strncasecmp(start, "https", 5) == 0))
    {
        return start;
    }

    return NULL;
}


/*
 * Copy a URL; *len is 0 for what is too long, or goes on with what a script
 * puts in.  The place behind it.
 */

static const char *
crawl_words_take(const char *p, char *url, size_t *len)
{
    size_t  n, step;

    n = 0;

    for ( ;; ) {
        if (p[0] == '\\' && p[1] == '/') {
            p++;
        }

        step = crawl_words_and(p);

        if (step == 0 && crawl_words_ends(p)) {
            break;
        }

        if (n < CRAWL_MAX_URL) {
            url[n] = (step != 0) ? '&' : *p;
        }

        n++;
        p += (step != 0) ? step : 1;
    }

    *len = 0;

    if (n <= CRAWL_MAX_URL && *p != '{') {
        *len = crawl_words_trim(url, n);
    }

    return p;
}


/* The length of a '&' as scripts and markup write it, 0 if it is none. */

static size_t
crawl_words_and(const char *p)
{
    if (*p == '&') {
        return strncmp(p, "&amp;", 5) == 0 ? 5 : 1;
    }

    return strncmp(p, "\\u0026", 6) == 0 ? 6 : 0;
}


/* Also marks of general punctuation, of CJK and of full width. */

static int
crawl_words_ends(const char *p)
{
    const unsigned char  *u = (const unsigned char *) p;

    if (*u <= ' ' || *u == 0x7f || strchr(CRAWL_WORDS_END, *p) != NULL) {
        return 1;
    }

    return (u[0] == 0xe2 && u[1] == 0x80) || (u[0] == 0xe3 && u[1] == 0x80)
           || (u[0] == 0xef && u[1] == 0xbc) || (u[0] == 0xc2 && u[1] < 0xc0);
}


/* A parenthesis that is not opened in the URL is none of its own. */

static size_t
crawl_words_trim(const char *url, size_t len)
{
    long    round, square;
    size_t  i;

    round = 0;
    square = 0;

    for (i = 0; i < len; i++) {
        round += (url[i] == ')') - (url[i] == '(');
        square += (url[i] == ']') - (url[i] == '[');
    }

    for ( ; len != 0; len--) {
        switch (url[len - 1]) {

        case ')':
            if (round-- <= 0) {
                return len;
            }

            break;

        case ']':
            if (square-- <= 0) {
                return len;
            }

            break;

        default:
            if (strchr(CRAWL_WORDS_AFTER, url[len - 1]) == NULL) {
                return len;
            }
        }
    }

    return len;
}
