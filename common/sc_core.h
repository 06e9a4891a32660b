
/*
 * The words both halves share: return codes, strings that are not
 * NUL-terminated, and the limits of names.  No nginx, no I/O.
 */

#ifndef SC_CORE_H
#define SC_CORE_H


#include <stddef.h>
#include <stdint.h>


#define SC_OK         0     /* done */
#define SC_ERROR     -1     /* failed; the caller is told why another way */
#define SC_AGAIN     -2     /* not yet: more input or more room is needed */
#define SC_DECLINED  -3     /* not this function's case */


/*
 * A view of bytes owned by somebody else; not NUL-terminated unless the
 * function that gives it says so.  data may be NULL when len is 0.
 */
typedef struct {
    size_t       len;
    const char  *data;
} sc_str_t;


#define sc_string(lit)    { sizeof(lit) - 1, lit }
#define sc_null_string    { 0, NULL }


#endif /* SC_CORE_H */
