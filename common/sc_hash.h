
/*
 * FNV-1a, 64 bits wide (RFC 9923): for tables, names and queues,
 * not against who looks for collisions.  Cursors and rows on disk hold its
 * values: they stay what they are.
 */

#ifndef SC_HASH_H
#define SC_HASH_H


#include <stddef.h>
#include <stdint.h>


/* of no bytes: the offset basis */
#define SC_FNV1A        0xcbf29ce484222325u

#define SC_FNV1A_PRIME  0x100000001b3u


/*
 * The hash of what h is the hash of, SC_FNV1A at first, followed by len bytes;
 * data may be NULL when len is 0.
 */
static inline uint64_t
sc_fnv1a(uint64_t h, const void *data, size_t len)
{
    size_t                i;
    const unsigned char  *p = data;

    for (i = 0; i < len; i++) {
        h = (h ^ p[i]) * SC_FNV1A_PRIME;
    }

    return h;
}


#endif /* SC_HASH_H */
