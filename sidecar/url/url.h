
/*
 * http and https URLs: checked, made canonical, resolved against a base.  The
 * canonical form is the one that is stored, compared and fetched:
 *
 *   scheme and host in lower case; the host's IDNA A-labels (UTS #46); IPv4
 *   in dotted decimal whatever notation was used; no default port; no dot
 *   segments; an empty path is "/"; percent-encoding in upper case, and none
 *   for unreserved characters (RFC 3986 6.2.2); no fragment.
 *
 * Refused: other schemes, a missing scheme or host, user information,
 * backslashes, white space and control characters, ports policy_allows_port()
 * refuses, more than URL_MAX bytes.
 */

#ifndef URL_H
#define URL_H


#include "common/sc_buf.h"


#define URL_MAX        8192
#define URL_HOST_MAX   255


/*
 * text  the canonical URL, NUL-terminated, owned; url_free() frees it
 * host  its host, NUL-terminated; an IPv6 literal without brackets
 * port  as dialled: 80 or 443 when the URL has none
 * https 1 for https
 */
typedef struct {
    char      *text;
    size_t     len;
    char       host[URL_HOST_MAX + 1];
    unsigned   port;
    unsigned   https:1;
} url_t;


/* What is wrong when nothing is wrong with the URL. */
#define URL_NO_MEMORY  "memory is out"

/*
 * Parse s.  SC_OK, or SC_ERROR with a sentence in err, such as
 * `scheme "ftp" is not http or https`, or URL_NO_MEMORY; *u is then empty.
 */
int url_parse(url_t *u, const char *s, size_t len, char *err, size_t errlen);

void url_free(url_t *u);

/* Make *to a copy of *from.  SC_OK, or SC_ERROR when memory is out. */
int url_copy(url_t *to, const url_t *from);

/*
 * Append to out the absolute form of ref, resolved against base (RFC 3986
 * 5.2), as pages write it: white space and control characters around ref are
 * ignored, so are tabs and line ends inside; a backslash in front of the query
 * of what becomes http or https is a slash.  The result may have any scheme (a
 * page may link to mailto:) and keeps its fragment.  SC_OK;
 * SC_DECLINED when ref cannot be resolved (out is unchanged); SC_ERROR when
 * memory is out.  Uses no loop and no state: workers call it too.
 */
int url_resolve(const char *base, const char *ref, size_t len, sc_buf_t *out);


#endif /* URL_H */
