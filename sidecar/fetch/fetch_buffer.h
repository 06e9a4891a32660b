
/*
 * Where libcurl reads into.  Before version 8.8 it has a buffer for each
 * exchange before anything came, and from malloc() each would keep a page of
 * memory for its sake, as what is before and behind it does not end where
 * pages end.  These begin with a page, so that an exchange that waits has an
 * address and no memory, and what is idle gives its memory back to the system,
 * but for some.  Later versions share one buffer, wherever it is.
 *
 * They are the process's, not a fetcher's: libcurl's functions are told
 * nothing but a size.  One thread uses them, that of libcurl.
 */

#ifndef FETCH_BUFFER_H
#define FETCH_BUFFER_H


#include <stddef.h>

#include "common/sc_core.h"


/* CURLOPT_BUFFERSIZE: a record of TLS, a frame of HTTP/2 */
#define FETCH_BUFFER         16384

/* what libcurl asks for then, and the whole pages it is given */
#define FETCH_BUFFER_ASKED   (FETCH_BUFFER + 1)
#define FETCH_BUFFER_SLOT    20480

/* idle ones that keep their memory for the next exchanges */
#define FETCH_BUFFER_WARM    64


/*
 * curl_global_init() with the functions below, SC_OK or SC_ERROR; undone by
 * curl_global_cleanup().  Addresses for n buffers are reserved when it is
 * called first, and never given back; where there are none, or they are taken,
 * and for any other size, it is malloc()'s.  So it is where pages are larger
 * than 4 KiB.
 */
int fetch_buffer_init(size_t n);

/* How many were taken at once, at most. */
size_t fetch_buffer_most(void);

void *fetch_buffer_malloc(size_t size);
void *fetch_buffer_realloc(void *p, size_t size);
void fetch_buffer_free(void *p);


#endif /* FETCH_BUFFER_H */
