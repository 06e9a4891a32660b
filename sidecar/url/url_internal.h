
/*
 * What the parts of the URL code share; for sidecar/url/url*.c alone.
 *
 *     url.c          a URL checked and made canonical
 *     url_host.c     its host
 *     url_query.c    what of it may be left out, or sorted, on request
 *     url_resolve.c  a reference against a base
 *     url_text.c     the grammar they have in common
 */

#ifndef URL_INTERNAL_H
#define URL_INTERNAL_H


#include "sidecar/url/url.h"


/*
 * Make host canonical in out, of URL_HOST_MAX + 1 bytes: an IPv6 literal in
 * brackets comes without them, an IPv4 address of any notation in dotted
 * decimal, a name in lower-case ASCII without a dot at its end.  host has no
 * percent-encoding.  SC_OK, or SC_ERROR when it is none of the three.
 */
int url_host(char *out, const char *host);

/* The length of a scheme at the start of s with its ':'; 0: none is there. */
size_t url_scheme(const char *s, size_t len);

/* Whether c is unreserved (RFC 3986 2.3); 1 or 0. */
int url_unreserved(char c);

/* The value of a hex digit; -1 when it is none. */
int url_hex(char c);

/*
 * Append s, with what may not stand in a URL percent-encoded; '%' is left as
 * it is.  SC_OK or SC_ERROR as sc_buf_add().
 */
int url_escape(sc_buf_t *b, const char *s, size_t len);

/*
 * Remove the "." and ".." segments (RFC 3986 5.2.4) of a path that begins
 * with '/', in place; its new length, which is not 0.
 */
size_t url_remove_dots(char *path, size_t len);


#endif /* URL_INTERNAL_H */
