
/*
 * A glance at a request's body, for who only passes it on: which page it is
 * about, and on which host.  Nothing is checked, nothing allocated, and
 * whatever the text is, each byte is looked at a bounded number of times: who
 * wants to know whether it is correct parses it.
 */

#ifndef SC_PEEK_H
#define SC_PEEK_H


#include "common/sc_core.h"


#define SC_PEEK_URL     1024        /* bytes of a URL that are looked at */
#define SC_PEEK_HOST    256         /* with the NUL */


/*
 * The URL in the beginning of a body of JSON, or of lines of JSON: of the
 * first object, "url", or the first of "urls" or "requests", a string or an
 * object with "url"; a text alone is the URL.  A line with "defaults" and
 * without these is passed over.  At most SC_PEEK_URL bytes are written to out,
 * no NUL; *len are written.  SC_OK; SC_DECLINED when none is found.
 */
int sc_peek_url(sc_str_t text, char *out, size_t *len);

/*
 * The host in a URL, or in a text without "://", which begins with its host:
 * percent-encoding undone, ASCII in lower case, without user information,
 * port, final dot and brackets, an address in its usual form.  out,
 * NUL-terminated, has room for SC_PEEK_HOST bytes.  Its length; 0 when there
 * is none, it is too long, or it has white space or control characters.
 */
size_t sc_peek_host(sc_str_t url, char *out);


#endif /* SC_PEEK_H */
