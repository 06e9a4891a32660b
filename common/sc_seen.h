
/*
 * A set of 64-bit hashes that only grows: whether something was there before.
 * It is an open-addressing table with linear probing, half of it free at
 * least; the high bits of a hash are mixed into the low ones, by which a slot
 * is found, so that FNV-1a will do.  It has fewer than 4 slots for each hash,
 * and half as many again while it grows.
 */

#ifndef SC_SEEN_H
#define SC_SEEN_H


#include "common/sc_core.h"


/*
 * slots  the hashes, 0 in a free slot; NULL until the first is added
 * size   slots, 0 or a power of two
 * n      hashes in them
 * max    of these at most
 * zero   0 is in the set, which no slot can tell; it does not count
 */
typedef struct {
    uint64_t  *slots;
    size_t     size;
    size_t     n;
    size_t     max;
    unsigned   zero:1;
} sc_seen_t;


/* Make an empty set for at most max hashes; it takes no memory yet. */
void sc_seen_init(sc_seen_t *s, size_t max);

/*
 * Add a hash: SC_OK when it is new, SC_DECLINED when it was there before,
 * SC_ERROR when it is new and there are max already, or memory is out; the set
 * then holds what it did.
 */
int sc_seen_add(sc_seen_t *s, uint64_t hash);

/* Free the slots and make the set empty again; max is kept. */
void sc_seen_free(sc_seen_t *s);


#endif /* SC_SEEN_H */
