
/*
 * One cookie as text: a line of Netscape's format, which is seven fields with
 * tabs between them.
 *
 *     .shop.example  TRUE  /  FALSE  1893456000  id  42
 *
 * "#HttpOnly_" before the domain marks what scripts of a page do not see.
 */

#ifndef COOKIE_H
#define COOKIE_H


#include "common/sc_buf.h"


#define COOKIE_MAX_LINE    5000     /* bytes; libcurl takes no longer ones */
#define COOKIE_MAX_TEXT    4096     /* of its path, its name, its value */


/*
 * A cookie; the strings are views.
 *
 * domain     without the dot it may begin with
 * expires    seconds since 1970; 0: with the session
 * host_only  for this host alone, not those below it
 */
typedef struct {
    sc_str_t  domain;
    sc_str_t  path;
    sc_str_t  name;
    sc_str_t  value;
    int64_t   expires;
    unsigned  secure:1;
    unsigned  http_only:1;
    unsigned  host_only:1;
} cookie_t;


/* The member of a cookie that is at fault. */
typedef enum {
    COOKIE_DOMAIN = 0,
    COOKIE_PATH,
    COOKIE_NAME,
    COOKIE_VALUE,
    COOKIE_EXPIRES,
    COOKIE_SECURE
} cookie_part_t;


/*
 * Whether libcurl would take the cookie as it is.  SC_OK, or SC_DECLINED with
 * the part at fault and a sentence in err: a domain that is no host's name or
 * address, or is all of a top-level domain's; a path without '/' at its
 * beginning; a name or a value with control characters or ';'; "__Secure-"
 * and "__Host-" names without what they promise (RFC 6265bis 4.1.3).
 */
int cookie_check(const cookie_t *c, cookie_part_t *part, char *err,
    size_t errlen);

/*
 * Whether the domain has a single label and is not "localhost": what is for
 * the hosts below it would be for all of a top-level domain.
 */
int cookie_top(const cookie_t *c);

/* Whether its name begins with "__Secure-" or "__Host-". */
int cookie_promises(const cookie_t *c);

/*
 * Read a line, without its end, into what cookie_check() has yet to see.
 * SC_OK, or SC_DECLINED with a sentence in err.  No sentence holds a value,
 * which may be a secret.
 */
int cookie_parse(cookie_t *c, sc_str_t line, char *err, size_t errlen);

/* Append the line of a checked cookie, ended by LF; as sc_buf_add(). */
int cookie_write(sc_buf_t *out, const cookie_t *c);

/*
 * The next line of *text that is more than blanks or a comment; *text moves
 * past it, and *number, 0 at first, counts all lines.  SC_OK, or SC_DECLINED
 * at the end.
 */
int cookie_next(sc_str_t *text, sc_str_t *line, size_t *number);


#endif /* COOKIE_H */
