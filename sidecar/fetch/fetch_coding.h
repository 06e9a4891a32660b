
/*
 * Content codings (RFC 9110 8.4.1), undone as the bytes come:
 *
 *     gzip, x-gzip   RFC 1952; members behind the first are read too
 *     deflate        RFC 1950, and what senders take it for: bare RFC 1951
 *     br             RFC 7932
 *     zstd           RFC 8878, with windows up to 8 MiB (RFC 9659)
 *
 * Of gzip, deflate and br, what is behind the end is passed over.
 */

#ifndef FETCH_CODING_H
#define FETCH_CODING_H


#include <stddef.h>

#include "common/sc_core.h"


typedef struct fetch_coding_s  fetch_coding_t;


/*
 * What fetch_coding_step() reads and writes; it moves both on.
 *
 * in, len    what is left to read
 * out, room  where to write, and how many bytes fit
 */
typedef struct {
    const unsigned char  *in;
    size_t                len;
    unsigned char        *out;
    size_t                room;
} fetch_coding_io_t;


/* The coding of this name, in any case; NULL when it is not known. */
const fetch_coding_t *fetch_coding_find(sc_str_t name);
const char *fetch_coding_name(const fetch_coding_t *coding);

/* What it needs to undo one content; NULL when memory is out. */
void *fetch_coding_open(const fetch_coding_t *coding);
void fetch_coding_close(const fetch_coding_t *coding, void *state);

/*
 * Undo what fits.  SC_OK when the content has ended and all of it is written;
 * SC_AGAIN when more is to come, of what is left in io or of what follows;
 * SC_ERROR when this is not the coding; SC_DECLINED when memory is out.
 */
int fetch_coding_step(const fetch_coding_t *coding, void *state,
    fetch_coding_io_t *io);


#endif /* FETCH_CODING_H */
