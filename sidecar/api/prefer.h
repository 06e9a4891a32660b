
/*
 * The Prefer field (RFC 7240): the preferences that are honoured, wait,
 * respond-async and handling=strict.  Others, and what cannot be understood,
 * are ignored, as the RFC asks.
 */

#ifndef PREFER_H
#define PREFER_H


#include <stddef.h>
#include <stdint.h>


#define PREFER_MAX_WAIT    86400    /* seconds; more is taken as this */


/*
 * wait   seconds, -1 when not asked for
 * async  respond-async was asked for
 * strict handling=strict was: no answer rather than one that is late
 */
typedef struct {
    int64_t   wait;
    unsigned  async:1;
    unsigned  strict:1;
} prefer_t;


/*
 * Read the field's value, "" when there was none; the lines of a field sent
 * more than once are joined by commas.  Of a preference given twice the first
 * one counts.
 */
void prefer_parse(prefer_t *p, const char *value);

/*
 * Write the value of Preference-Applied for what is honoured, "" for nothing;
 * out is cut at size.
 */
void prefer_applied(const prefer_t *p, char *out, size_t size);


#endif /* PREFER_H */
