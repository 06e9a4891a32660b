
/*
 * Cookies (RFC 6265) of a page's way or of a session: libcurl's cookie engine,
 * with the public suffix list it was built with, shared by all exchanges that
 * are given the jar.  Nothing is read from or written to files.
 *
 * Above its limits a jar loses cookies: of the domain that has the most those
 * that have been there longest.
 */

#ifndef JAR_H
#define JAR_H


#include "common/sc_buf.h"


#define JAR_MAX_COOKIES    500      /* of a jar */
#define JAR_MAX_BYTES      262144   /* of its text */


typedef struct jar_s  jar_t;


/* An empty jar with one reference; NULL when memory is out. */
jar_t *jar_create(void);

/* Another reference, and one less: the last frees it. */
jar_t *jar_ref(jar_t *jar);
void jar_unref(jar_t *jar);

/*
 * Add the cookies of text, in the format of cookie.h; blank lines and those
 * that begin with '#' are passed over.  SC_OK; SC_DECLINED with a sentence in
 * err, which names the line, when a line is not a cookie or they are above
 * the limits: nothing is added then; SC_ERROR when memory is out.
 */
int jar_load(jar_t *jar, sc_str_t text, char *err, size_t errlen);

/*
 * Add one cookie that is sent to this host alone, to all its paths, for as
 * long as the jar lives; host is a url_t's.  name and value are as
 * cookie_check() wants them.  SC_OK; SC_DECLINED with a sentence in err when
 * they are not; SC_ERROR when memory is out.
 */
int jar_set(jar_t *jar, const char *host, sc_str_t name, sc_str_t value,
    char *err, size_t errlen);

/*
 * Append all cookies that have not expired, as jar_load() reads them, in an
 * order that depends on them alone.  SC_OK, or SC_ERROR when memory is out.
 */
int jar_save(jar_t *jar, sc_buf_t *out);

/* How many of those there are. */
size_t jar_count(jar_t *jar);

/* Take out all cookies; SC_OK, or SC_ERROR when memory is out. */
int jar_clear(jar_t *jar);


#endif /* JAR_H */
