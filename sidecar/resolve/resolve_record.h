
/*
 * What is known of a name, in little memory: shared by the cache and those
 * who wait for it.
 */

#ifndef RESOLVE_RECORD_H
#define RESOLVE_RECORD_H


#include <ares.h>

#include "sidecar/resolve/resolve.h"


/* An address of family AF_INET (4 bytes of it) or AF_INET6. */
typedef struct {
    sa_family_t    family;
    unsigned char  bytes[16];
} resolve_addr_t;


/* As resolve_answer_t, with refs holders; the last one frees it. */
typedef struct {
    unsigned           refs;
    resolve_status_t   status;
    const char        *detail;
    size_t             naddrs;
    resolve_addr_t     addrs[];
} resolve_record_t;


/* All three give a reference to the caller. */

/* The failure that a status of c-ares stands for; never out of memory. */
resolve_record_t *resolve_record_failure(int status);

/* The addresses in info; a failure when there is none, or no memory. */
resolve_record_t *resolve_record_create(const struct ares_addrinfo *info);

resolve_record_t *resolve_record_share(resolve_record_t *record);

/* Give a reference back. */
void resolve_record_free(resolve_record_t *record);

/* The least TTL in info, in seconds, CNAMEs included; not below 0. */
int resolve_record_ttl(const struct ares_addrinfo *info);

void resolve_record_answer(const resolve_record_t *record,
    resolve_answer_t *answer);


#endif /* RESOLVE_RECORD_H */
