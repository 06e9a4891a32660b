
/*
 * URLs that lead, or try to lead, to where nobody may get: the special-purpose
 * addresses of the IANA registries (RFC 6890 and its updates) in every
 * notation that some parser takes for an address, names of this machine and of
 * metadata services, other schemes, and ports that are not for HTTP.  The
 * ranges are written down here a second time, apart from the product's own.
 */

#ifndef FORMS_H
#define FORMS_H


#include <stddef.h>


/*
 * What must come of it.  Never is anything sent there.
 *
 * BLOCKED  /policy/egress-blocked
 * REFUSED  the URL itself is refused
 * EITHER   one of the two
 */
typedef enum {
    FORMS_BLOCKED = 0,
    FORMS_REFUSED,
    FORMS_EITHER
} forms_end_t;


/* kind says what is tried, for reports. */
typedef struct {
    char         *url;
    const char   *kind;
    forms_end_t   end;
} form_t;


typedef struct {
    form_t  *list;
    size_t   n;
    size_t   room;
} forms_t;


/*
 * All of them, always the same; forms_free() frees them.  Names are answered
 * by tests/access/names.h.
 */
void forms_make(forms_t *f);
void forms_free(forms_t *f);

/* Add one, with a printf() format. */
void forms_add(forms_t *f, const char *kind, forms_end_t end,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * The ranges of IPv4 and IPv6 that are shut: "10.0.0.0/8", NULL-terminated.
 */
extern const char *const  forms_v4[];
extern const char *const  forms_v6[];

/* The first (0), middle (1) and last (2) address of a range; its length. */
size_t forms_address(unsigned char *addr, const char *range, int which);


#endif /* FORMS_H */
