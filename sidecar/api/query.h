
/*
 * Query strings: name=value pairs joined by '&', with percent-encoding and '+'
 * for a space (application/x-www-form-urlencoded).
 */

#ifndef QUERY_H
#define QUERY_H


#include <stddef.h>


#define QUERY_MAX_PARAMS    2048


/* Both are NUL-terminated and decoded; they may hold any byte but NUL. */
typedef struct {
    const char  *name;
    const char  *value;
} query_param_t;


/* params and text are owned; query_free() frees them. */
typedef struct {
    query_param_t  *params;
    size_t          n;
    char           *text;
} query_t;


/*
 * Take a query string, without its '?', apart; empty pairs are skipped.
 * SC_OK, or SC_ERROR with a sentence in err, and *q empty.
 */
int query_parse(query_t *q, const char *s, char *err, size_t errlen);

void query_free(query_t *q);

/* The value of the first parameter of this name, NULL when there is none. */
const char *query_get(const query_t *q, const char *name);

/*
 * Decode the percent-encoding of len bytes of s into out, which has room for
 * len + 1, and end it with a NUL; '+' is a space when plus is set.  SC_OK, or
 * SC_ERROR when a '%' has no two hex digits behind it or stands for NUL.
 */
int query_decode(char *out, const char *s, size_t len, int plus);


#endif /* QUERY_H */
