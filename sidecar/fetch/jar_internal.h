
/* What the rest of the fetch room needs of a jar; not for other rooms. */

#ifndef JAR_INTERNAL_H
#define JAR_INTERNAL_H


#include <curl/curl.h>

#include "sidecar/fetch/jar.h"


/*
 * Have an easy handle, that is at rest, send the jar's cookies and put new
 * ones in; with jar NULL, have it know of none.  The handle must be given
 * another or none before the jar's last reference is given up.  SC_OK or
 * SC_ERROR when memory is out.
 */
int jar_use(CURL *easy, jar_t *jar);

/* The CURLSH of it: the half of jar_use() that is not the switch. */
void *jar_share(jar_t *jar);

/*
 * Hold the jar to its limits: after an exchange whose answer set cookies,
 * which libcurl adds without bound.
 */
void jar_trim(jar_t *jar);


#endif /* JAR_INTERNAL_H */
