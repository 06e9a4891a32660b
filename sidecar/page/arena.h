
/*
 * Memory of one page for libxml2.  Between arena_begin() and arena_end() all
 * that libxml2 allocates comes from one span of address space, handed out
 * front to back and given up as a whole: no document has to be freed.  The
 * span's size is at the same time the bound on what a page may use.
 *
 * One for a process, which must have one thread; outside of begin and end
 * libxml2 gets malloc()'s memory, so that what outlives a page, such as
 * compiled rules, is made there.
 */

#ifndef ARENA_H
#define ARENA_H


#include <stddef.h>


/*
 * Reserve a span of this many bytes and make libxml2 use this file's
 * functions; before libxml2 is used at all.  A second call does nothing.
 * SC_OK, or SC_ERROR with errno.
 */
int arena_init(size_t size);

void arena_begin(void);

/* Everything allocated since arena_begin() is gone. */
void arena_end(void);

/* Whether this is between begin and end. */
int arena_active(void);

/* Whether an allocation was refused since arena_begin(). */
int arena_failed(void);

/* Bytes handed out since arena_begin() at most at one time. */
size_t arena_peak(void);


#endif /* ARENA_H */
