
/*
 * The last text that was read as JSON, for where the next one is often the
 * same: the pages of a job share their spec, and look alike.
 */

#ifndef JSON_LAST_H
#define JSON_LAST_H


#include <jansson.h>

#include "common/sc_core.h"


/* All 0 at first; text has len bytes. */
typedef struct {
    char    *text;
    size_t   len;
    json_t  *json;
} json_last_t;


/*
 * What json_loadb() makes of text, as a reference of the caller's; NULL when
 * it cannot be read, or memory is out.  Others may have it as well: it is not
 * to be changed.
 */
json_t *json_last_get(json_last_t *last, sc_str_t text);

void json_last_free(json_last_t *last);


#endif /* JSON_LAST_H */
