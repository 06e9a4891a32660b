
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/resolve/resolve_record.h"


static size_t resolve_record_family(const struct ares_addrinfo *info,
    int family, const struct sockaddr **out);
static void resolve_record_add(resolve_record_t *record,
    const struct sockaddr *sa);


/* they hold themselves */
static resolve_record_t  resolve_record_none = {
    1, RESOLVE_NOT_FOUND, "the name does not exist", 0
};
static resolve_record_t  resolve_record_empty = {
    1, RESOLVE_NOT_FOUND, "the name has no address", 0
};
static resolve_record_t  resolve_record_late = {
    1, RESOLVE_TIMEOUT, "the name server did not answer in time", 0
};
static resolve_record_t  resolve_record_failed = {
    1, RESOLVE_FAILED, "the name server failed", 0
};
static resolve_record_t  resolve_record_memory = {
    1, RESOLVE_FAILED, "memory is out", 0
};


resolve_record_t *
resolve_record_failure(int status)
{
    switch (status) {

    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
        return resolve_record_share(&resolve_record_none);

    case ARES_ENODATA:
        return resolve_record_share(&resolve_record_empty);

    case ARES_ETIMEOUT:
        return resolve_record_share(&resolve_record_late);

    case ARES_ENOMEM:
        return resolve_record_share(&resolve_record_memory);

    default:
        return resolve_record_share(&resolve_record_failed);
    }
}


/* One of each family in turn, IPv6 first (RFC 8305, 4). */
resolve_record_t *
resolve_record_create(const struct ares_addrinfo *info)
{
    size_t                  n, n6, n4, i6, i4;
    resolve_record_t       *record;
    const struct sockaddr  *v6[RESOLVE_MAX_ADDRS], *v4[RESOLVE_MAX_ADDRS];

    n6 = resolve_record_family(info, AF_INET6, v6);
    n4 = resolve_record_family(info, AF_INET, v4);
    n = n6 + n4 < RESOLVE_MAX_ADDRS ? n6 + n4 : RESOLVE_MAX_ADDRS;

    if (n == 0) {
        return resolve_record_failure(ARES_ENODATA);
    }

    record = calloc(1, sizeof(resolve_record_t) + n * sizeof(resolve_addr_t));
    if (record == NULL) {
        return resolve_record_failure(ARES_ENOMEM);
    }

    record->refs = 1;
    record->status = RESOLVE_OK;
    record->detail = "";
    i6 = 0;
    i4 = 0;

    while (record->naddrs < n) {

        if (i6 < n6 && (i6 <= i4 || i4 == n4)) {
            resolve_record_add(record, v6[i6++]);

        } else {
            resolve_record_add(record, v4[i4++]);
        }
    }

    return record;
}


resolve_record_t *
resolve_record_share(resolve_record_t *record)
{
    record->refs++;

    return record;
}


void
resolve_record_free(resolve_record_t *record)
{
    if (--record->refs == 0) {
        free(record);
    }
}


int
resolve_record_ttl(const struct ares_addrinfo *info)
{
    int                                ttl;
    const struct ares_addrinfo_node   *node;
    const struct ares_addrinfo_cname  *cname;

    ttl = info->nodes != NULL ? INT_MAX : 0;

    for (node = info->nodes; node != NULL; node = node->ai_next) {
        ttl = node->ai_ttl < ttl ? node->ai_ttl : ttl;
    }

    for (cname = info->cnames; cname != NULL; cname = cname->next) {
        ttl = cname->ttl < ttl ? cname->ttl : ttl;
    }

    /* with its highest bit set, it counts as 0 (RFC 2181, 8) */
    return ttl > 0 ? ttl : 0;
}


void
resolve_record_answer(const resolve_record_t *record,
    resolve_answer_t *answer)
{
    size_t                 i;
    struct sockaddr_in    *sin;
    struct sockaddr_in6   *sin6;
    const resolve_addr_t  *addr;

    memset(answer, 0, sizeof(resolve_answer_t));
    answer->status = record->status;
    answer->detail = record->detail;
    answer->naddrs = record->naddrs;

    for (i = 0; i < record->naddrs; i++) {
        addr = &record->addrs[i];
        answer->addrs[i].ss_family = addr->family;

        if (addr->family == AF_INET6) {
            sin6 = (struct sockaddr_in6 *) &answer->addrs[i];
            memcpy(&sin6->sin6_addr, addr->bytes, sizeof(sin6->sin6_addr));

        } else {
            sin = (struct sockaddr_in *) &answer->addrs[i];
            memcpy(&sin->sin_addr, addr->bytes, sizeof(sin->sin_addr));
        }
    }
}


static size_t
resolve_record_family(const struct ares_addrinfo *info, int family,
    const struct sockaddr **out)
{
    size_t                            n;
    const struct ares_addrinfo_node  *node;

    n = 0;

    for (node = info->nodes; node != NULL; node = node->ai_next) {
        if (node->ai_family == family && n < RESOLVE_MAX_ADDRS) {
            out[n++] = node->ai_addr;
        }
    }

    return n;
}


static void
resolve_record_add(resolve_record_t *record, const struct sockaddr *sa)
{
    resolve_addr_t  *addr;

    addr = &record->addrs[record->naddrs++];
    addr->family = sa->sa_family;

    if (sa->sa_family == AF_INET6) {
        memcpy(addr->bytes, &((const struct sockaddr_in6 *) sa)->sin6_addr,
               sizeof(struct in6_addr));

    } else {
        memcpy(addr->bytes, &((const struct sockaddr_in *) sa)->sin_addr,
               sizeof(struct in_addr));
    }
}
