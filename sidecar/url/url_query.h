
/*
 * What of a URL does not say which page it is: the order of its parameters,
 * those that say where a visitor came from, and those that name a session.
 * Only who asks for it has them changed, as some origin may go by them.
 */

#ifndef URL_QUERY_H
#define URL_QUERY_H


#include "sidecar/url/url.h"


/*
 * A parameter is what stands between two '&' of the query; its name ends at
 * the first '='.  Names are compared as they are in the canonical form, of
 * those that are removed in any case.
 */
#define URL_SORT_QUERY        1u    /* by name, bytewise; those of one name
                                       stay in their order */
#define URL_STRIP_TRACKING    2u    /* utm_source, gclid, fbclid, … */
#define URL_STRIP_SESSION     4u    /* PHPSESSID, …; ";jsessionid=" of the
                                       path, too */


/*
 * Change a URL of url_parse() in place, as the options above say, any of them
 * or'ed; 0 changes nothing.  With any of them, parameters that are empty go,
 * and a query with none left goes with its '?'.  "a" and "a=" stay two.
 *
 * The URL only gets shorter, and stays canonical; a second call with the same
 * options changes nothing.  SC_OK; SC_ERROR when memory is out, the URL is
 * then as it was.
 */
int url_canonical(url_t *u, unsigned options);


#endif /* URL_QUERY_H */
