
/*
 * A growable byte buffer with a bound.  It is for building replies and
 * collecting bodies: append only, freed once.  The bytes are always followed
 * by a NUL that is not counted, so data may be given to C string functions
 * when the content has no NUL of its own.
 */

#ifndef SC_BUF_H
#define SC_BUF_H


#include "common/sc_core.h"


#define SC_BUF_MEMORY    2


/*
 * data   the bytes; NULL until the first append.  Owned by the buffer.
 * len    bytes in use
 * cap    bytes allocated
 * max    refuse to grow beyond this many bytes in use; 0 = SIZE_MAX / 2
 * failed an append was refused, SC_BUF_MEMORY if there was no memory for it;
 *        later appends are refused too, so a builder may check once, at its
 *        end
 */
typedef struct {
    char    *data;
    size_t   len;
    size_t   cap;
    size_t   max;
    int      failed;
} sc_buf_t;


/* Make an empty buffer that never holds more than max bytes (0: no bound). */
void sc_buf_init(sc_buf_t *b, size_t max);

/* Free the bytes and make the buffer empty again; max is kept. */
void sc_buf_free(sc_buf_t *b);

/* Forget the bytes, keep the memory; clears failed. */
void sc_buf_reset(sc_buf_t *b);

/*
 * Make room for n more bytes and return where they go, NULL when refused.
 * The caller writes there and adds to len what it has written.  A NUL already
 * follows the n bytes; who writes fewer puts one after them (there is room).
 */
char *sc_buf_reserve(sc_buf_t *b, size_t n);

/* Append; SC_OK, or SC_ERROR with b->failed set and nothing appended. */
int sc_buf_add(sc_buf_t *b, const void *data, size_t len);
int sc_buf_add_str(sc_buf_t *b, sc_str_t s);
int sc_buf_add_cstr(sc_buf_t *b, const char *s);

/* The same, of a number in decimal: for what is written for every page. */
int sc_buf_add_int(sc_buf_t *b, int64_t n);

/* The same, formatted. */
int sc_buf_printf(sc_buf_t *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Drop the first n bytes (n <= len), moving the rest down. */
void sc_buf_consume(sc_buf_t *b, size_t n);


#endif /* SC_BUF_H */
