
#include <stdlib.h>
#include <string.h>

#include "common/sc_seen.h"


/* slots of a new set; a power of two */
#define SC_SEEN_SLOTS  256


static int sc_seen_grow(sc_seen_t *s);
static size_t sc_seen_slot(const uint64_t *slots, size_t size, uint64_t hash);


void
sc_seen_init(sc_seen_t *s, size_t max)
{
    memset(s, 0, sizeof(sc_seen_t));
    s->max = max;
}


int
sc_seen_add(sc_seen_t *s, uint64_t hash)
{
    int     rc;
    size_t  i;

    if (hash == 0) {
        rc = s->zero ? SC_DECLINED : SC_OK;
        s->zero = 1;

        return rc;
    }

    if (2 * (s->n + 1) > s->size && sc_seen_grow(s) != SC_OK) {
        return SC_ERROR;
    }

    i = sc_seen_slot(s->slots, s->size, hash);

    if (s->slots[i] != 0) {
        return SC_DECLINED;
    }

    if (s->n >= s->max) {
        return SC_ERROR;
    }

    s->slots[i] = hash;
    s->n++;

    return SC_OK;
}


void
sc_seen_free(sc_seen_t *s)
{
    free(s->slots);
    sc_seen_init(s, s->max);
}


static int
sc_seen_grow(sc_seen_t *s)
{
    size_t     i, size;
    uint64_t  *slots;

    size = (s->size != 0) ? 2 * s->size : SC_SEEN_SLOTS;

    slots = calloc(size, sizeof(uint64_t));
    if (slots == NULL) {
        return SC_ERROR;
    }

    for (i = 0; i < s->size; i++) {
        if (s->slots[i] != 0) {
            slots[sc_seen_slot(slots, size, s->slots[i])] = s->slots[i];
        }
    }

    free(s->slots);
    s->slots = slots;
    s->size = size;

    return SC_OK;
}


/* Where a hash is, or the free slot where it will be. */

static size_t
sc_seen_slot(const uint64_t *slots, size_t size, uint64_t hash)
{
    size_t  i;

    i = (hash ^ hash >> 32) & (size - 1);

    while (slots[i] != 0 && slots[i] != hash) {
        i = (i + 1) & (size - 1);
    }

    return i;
}
