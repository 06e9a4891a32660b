
/* Bytes in hex, two digits for each. */

#ifndef HEX_H
#define HEX_H


#include <stddef.h>


/* Read exactly n bytes; 1, or 0 when text has not 2n digits. */
int hex_read(unsigned char *to, const char *text, size_t n);

/* Read all there are into a NUL-terminated string; 1 or 0. */
int hex_text(char *to, size_t size, const char *text);

/* Write n bytes with a NUL behind; to has room for 2n + 1. */
void hex_write(char *to, const void *from, size_t n);


#endif /* HEX_H */
