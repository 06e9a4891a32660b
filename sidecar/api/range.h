
/* One range of bytes of a representation (RFC 9110, 14.1.2). */

#ifndef RANGE_H
#define RANGE_H


#include <stddef.h>


/*
 * Read the value of Range, of a representation of size bytes: SC_OK, with the
 * first byte and how many; SC_DECLINED when all of it is to be sent, as there
 * is none, or one that is not understood, or several; SC_ERROR when it lies
 * beyond the end: 416.
 */
int range_parse(const char *value, size_t size, size_t *first, size_t *len);


#endif /* RANGE_H */
