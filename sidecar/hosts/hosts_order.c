
#include <string.h>

#include "sidecar/hosts/hosts_internal.h"


static void hosts_order_before(hosts_t *h, const char *name,
    hosts_entry_t **links[HOSTS_LEVELS]);


const host_t *
hosts_next(hosts_t *h, const char *after)
{
    hosts_entry_t  *entry, **links[HOSTS_LEVELS];

    hosts_order_before(h, after, links);
    entry = *links[0];

    if (entry != NULL && strcmp(entry->host.name, after) == 0) {
        entry = entry->next[0];
    }

    return entry != NULL ? &entry->host : NULL;
}


/* A level is not the name's: nobody can choose names that share one. */
unsigned
hosts_order_levels(hosts_t *h)
{
    uint64_t  bits;
    unsigned  levels;

    /* xorshift64 */
    h->random ^= h->random << 13;
    h->random ^= h->random >> 7;
    h->random ^= h->random << 17;

    bits = h->random >> 16;

    for (levels = 1; levels < HOSTS_LEVELS && (bits & 3) == 0; levels++) {
        bits >>= 2;
    }

    return levels;
}


void
hosts_order_insert(hosts_t *h, hosts_entry_t *entry)
{
    unsigned        i;
    hosts_entry_t  **links[HOSTS_LEVELS];

    hosts_order_before(h, entry->host.name, links);

    for (i = 0; i < entry->levels; i++) {
        entry->next[i] = *links[i];
        *links[i] = entry;
    }
}


void
hosts_order_remove(hosts_t *h, hosts_entry_t *entry)
{
    unsigned        i;
    hosts_entry_t  **links[HOSTS_LEVELS];

    hosts_order_before(h, entry->host.name, links);

    for (i = 0; i < entry->levels; i++) {
        *links[i] = entry->next[i];
    }
}


/* On each level, what leads to the first that is not before name. */
static void
hosts_order_before(hosts_t *h, const char *name,
    hosts_entry_t **links[HOSTS_LEVELS])
{
    unsigned         i;
    hosts_entry_t  **level;

    level = h->first;

    for (i = HOSTS_LEVELS; i-- > 0; /* void */ ) {
        while (level[i] != NULL && strcmp(level[i]->host.name, name) < 0) {
            level = level[i]->next;
        }

        links[i] = &level[i];
    }
}
