
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/sc_core.h"
#include "sidecar/resolve/policy.h"


/* addr has the first bits of a range of len bytes: 4 for IPv4, 16 for IPv6 */
typedef struct {
    unsigned char  addr[16];
    unsigned       len;
    unsigned       bits;
} policy_range_t;


/* where addresses of a range have the IPv4 address they lead to */
typedef struct {
    const char  *cidr;
    size_t       offset;
} policy_embedding_t;


/*
 * This machine's addresses: list, n of them; news tells that they are others
 * now, -1 where it cannot be told.
 */
typedef struct {
    policy_range_t  *list;
    size_t           n;
    int              news;
} policy_own_t;


/* ranges  what the operator opened, nranges of them */
struct policy_s {
    policy_range_t  *ranges;
    size_t           nranges;
    policy_own_t    *own;
};


static int policy_allow(policy_t *p, const char *cidr, size_t len, char *err,
    size_t errlen);
static int policy_read(policy_range_t *r, const char *cidr, size_t len);
static int policy_append(policy_range_t **list, size_t *n,
    const policy_range_t *r);
static policy_own_t *policy_open_own(void);
static int policy_listen(void);
static int policy_find_own(policy_own_t *own);
static void policy_close_own(policy_own_t *own);
static void policy_follow_own(policy_own_t *own);
static int policy_judge(const policy_t *p, const policy_range_t *r);
static int policy_opened(const policy_t *p, const policy_range_t *r);
static int policy_embedded(const policy_range_t *r, policy_range_t *v4);
static int policy_isatap(const policy_range_t *r);
static int policy_address(const struct sockaddr *sa, policy_range_t *r);
static int policy_listed(const char *const *cidrs, const policy_range_t *r);
static int policy_inside(const policy_range_t *range, const policy_range_t *r);


/* IANA IPv4 Special-Purpose Address Registry; multicast and reserved space */
static const char *const  policy_special_v4[] = {
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
    "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", NULL
};

/* IANA IPv6 Special-Purpose Address Registry, inside 2000::/3 */
static const char *const  policy_special_v6[] = {
    "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48",
    "3fff::/20", NULL
};

static const char *const  policy_unicast_v6[] = { "2000::/3", NULL };

/* clouds tell their secrets here: opened only when named alone */
static const char *const  policy_metadata[] = {
    "169.254.169.254/32", "fd00:ec2::254/128", NULL
};

static const policy_embedding_t  policy_embeddings[] = {
    { "::/96", 12 },
    { "64:ff9b::/96", 12 },
    { "2002::/16", 2 }
};

#define POLICY_EMBEDDINGS                                                     \
    (sizeof(policy_embeddings) / sizeof(policy_embeddings[0]))

static const unsigned short  policy_bad_ports[] = {
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69,
    77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119,
    123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526,
    530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995,
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
    6666, 6667, 6668, 6669, 6679, 6697, 10080
};

#define POLICY_BAD_PORTS                                                      \
    (sizeof(policy_bad_ports) / sizeof(policy_bad_ports[0]))


policy_t *
policy_create(const char *cidrs, char *err, size_t errlen)
{
    size_t     len;
    policy_t  *p;

    p = calloc(1, sizeof(policy_t));

    if (p != NULL) {
        p->own = policy_open_own();
    }

    if (p == NULL || p->own == NULL) {
        (void) snprintf(err, errlen, "could not list own addresses: %m");
        policy_destroy(p);
        return NULL;
    }

    while (*(cidrs += strspn(cidrs, ", \t")) != '\0') {
        len = strcspn(cidrs, ", \t");

        if (policy_allow(p, cidrs, len, err, errlen) != SC_OK) {
            policy_destroy(p);
            return NULL;
        }

        cidrs += len;
    }

    return p;
}


void
policy_destroy(policy_t *p)
{
    if (p != NULL) {
        policy_close_own(p->own);
        free(p->ranges);
        free(p);
    }
}


static int
policy_allow(policy_t *p, const char *cidr, size_t len, char *err,
    size_t errlen)
{
    policy_range_t  r;

    if (policy_read(&r, cidr, len) != SC_OK) {
        (void) snprintf(err, errlen,
                        "allow_addresses \"%.*s\" is not an address or CIDR",
                        (int) (len < 64 ? len : 64), cidr);
        return SC_ERROR;
    }

    if (policy_append(&p->ranges, &p->nranges, &r) != SC_OK) {
        (void) snprintf(err, errlen, "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


/* "ADDR" or "ADDR/BITS", without bits set behind the prefix. */
static int
policy_read(policy_range_t *r, const char *cidr, size_t len)
{
    char            text[INET6_ADDRSTRLEN + 5];
    char           *slash, *end;
    unsigned        i;
    unsigned long   bits;

    if (len >= sizeof(text)) {
        return SC_ERROR;
    }

    memcpy(text, cidr, len);
    text[len] = '\0';
    slash = strchr(text, '/');

    if (slash != NULL) {
        *slash++ = '\0';
    }

    memset(r, 0, sizeof(policy_range_t));

    if (inet_pton(AF_INET, text, r->addr) == 1) {
        r->len = 4;

    } else if (inet_pton(AF_INET6, text, r->addr) == 1) {
        r->len = 16;

    } else {
        return SC_ERROR;
    }

    r->bits = r->len * 8;

    if (slash != NULL) {
        bits = strtoul(slash, &end, 10);

        if (*slash < '0' || *slash > '9' || *end != '\0' || bits > r->bits) {
            return SC_ERROR;
        }

        r->bits = (unsigned) bits;
    }

    for (i = r->bits; i < r->len * 8; i++) {
        if (r->addr[i / 8] & 0x80 >> i % 8) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
policy_append(policy_range_t **list, size_t *n, const policy_range_t *r)
{
    policy_range_t  *grown;

    grown = realloc(*list, (*n + 1) * sizeof(policy_range_t));
    if (grown == NULL) {
        return SC_ERROR;
    }

    grown[*n] = *r;
    *list = grown;
    (*n)++;

    return SC_OK;
}


/* NULL when they cannot be listed. */
static policy_own_t *
policy_open_own(void)
{
    policy_own_t  *own;

    own = calloc(1, sizeof(policy_own_t));
    if (own == NULL) {
        return NULL;
    }

    own->news = policy_listen();

    if (policy_find_own(own) != SC_OK) {
        policy_close_own(own);
        return NULL;
    }

    return own;
}


/* What the kernel says when addresses come and go: rtnetlink(7). */
static int
policy_listen(void)
{
    int                  fd;
    struct sockaddr_nl   sa = { .nl_family = AF_NETLINK,
                                .nl_groups = RTMGRP_IPV4_IFADDR
                                             | RTMGRP_IPV6_IFADDR };

    fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                NETLINK_ROUTE);

    if (fd != -1 && bind(fd, (struct sockaddr *) &sa, sizeof(sa)) == -1) {
        (void) close(fd);
        fd = -1;
    }

    return fd;
}


/* The list stays as it was when there is no other. */
static int
policy_find_own(policy_own_t *own)
{
    int               rc;
    size_t            n;
    policy_range_t    r, *found;
    struct ifaddrs   *list, *i;

    if (getifaddrs(&list) == -1) {
        return SC_ERROR;
    }

    rc = SC_OK;
    n = 0;
    found = NULL;

    for (i = list; i != NULL && rc == SC_OK; i = i->ifa_next) {
        if (i->ifa_addr != NULL
            && policy_address(i->ifa_addr, &r) == SC_OK)
        {
            rc = policy_append(&found, &n, &r);
        }
    }

    freeifaddrs(list);

    if (rc != SC_OK) {
        free(found);
        return SC_ERROR;
    }

    free(own->list);
    own->list = found;
    own->n = n;

    return SC_OK;
}


static void
policy_close_own(policy_own_t *own)
{
    if (own == NULL) {
        return;
    }

    if (own->news != -1) {
        (void) close(own->news);
    }

    free(own->list);
    free(own);
}


int
policy_allows(const policy_t *p, const struct sockaddr *sa)
{
    policy_range_t  r;

    policy_follow_own(p->own);

    return policy_address(sa, &r) == SC_OK && policy_judge(p, &r);
}


/* News that were lost, ENOBUFS, are news. */
static void
policy_follow_own(policy_own_t *own)
{
    int   changed;
    char  news[4096];

    changed = 0;

    while (own->news != -1
           && (recv(own->news, news, sizeof(news), 0) > 0 || errno == ENOBUFS))
    {
        changed = 1;
    }

    if (changed) {
        (void) policy_find_own(own);
    }
}


int
policy_allows_port(unsigned port)
{
    size_t  i;

    for (i = 0; i < POLICY_BAD_PORTS; i++) {
        if (policy_bad_ports[i] == port) {
            return 0;
        }
    }

    return port <= 65535;
}


static int
policy_judge(const policy_t *p, const policy_range_t *r)
{
    size_t          i;
    policy_range_t  v4;

    if (policy_opened(p, r)) {
        return 1;
    }

    for (i = 0; i < p->own->n; i++) {
        if (policy_inside(&p->own->list[i], r)) {
            return 0;
        }
    }

    if (r->len == 4) {
        return !policy_listed(policy_special_v4, r);
    }

    return policy_listed(policy_unicast_v6, r)
           && !policy_listed(policy_special_v6, r)
           && (policy_embedded(r, &v4) != SC_OK || policy_judge(p, &v4));
}


/*
 * Whether the operator's ranges open it.  One that leads to an IPv4 address
 * must not lead where that address itself may not be dialled.
 */
static int
policy_opened(const policy_t *p, const policy_range_t *r)
{
    int             opened;
    size_t          i;
    policy_range_t  v4;

    opened = 0;

    for (i = 0; i < p->nranges; i++) {
        if (policy_inside(&p->ranges[i], r)) {

            if (p->ranges[i].bits == r->bits) {
                return 1;
            }

            opened = 1;
        }
    }

    if (!opened || policy_listed(policy_metadata, r)) {
        return 0;
    }

    return policy_embedded(r, &v4) != SC_OK || policy_judge(p, &v4);
}


/* The IPv4 address in a v4-compatible, NAT64, 6to4 or ISATAP one. */
static int
policy_embedded(const policy_range_t *r, policy_range_t *v4)
{
    size_t                      i, offset;
    const policy_embedding_t   *e;
    policy_range_t              range;

    offset = policy_isatap(r) ? 12 : 0;

    for (i = 0; i < POLICY_EMBEDDINGS && offset == 0; i++) {
        e = &policy_embeddings[i];

        if (policy_read(&range, e->cidr, strlen(e->cidr)) == SC_OK
            && policy_inside(&range, r))
        {
            offset = e->offset;
        }
    }

    if (offset == 0) {
        return SC_DECLINED;
    }

    memset(v4, 0, sizeof(policy_range_t));
    memcpy(v4->addr, r->addr + offset, 4);
    v4->len = 4;
    v4->bits = 32;

    return SC_OK;
}


/* RFC 5214, 6.1: whatever the prefix, the last 64 bits say it. */
static int
policy_isatap(const policy_range_t *r)
{
    return r->len == 16 && (r->addr[8] & 0xfd) == 0 && r->addr[9] == 0
           && r->addr[10] == 0x5e && r->addr[11] == 0xfe;
}


/*
 * An address as a range of one.  A v4-mapped one is the IPv4 address inside:
 * that is where the kernel connects.
 */
static int
policy_address(const struct sockaddr *sa, policy_range_t *r)
{
    const unsigned char  *addr;

    static const unsigned char  mapped[12] = { [10] = 0xff, [11] = 0xff };

    memset(r, 0, sizeof(policy_range_t));

    switch (sa->sa_family) {

    case AF_INET:
        addr = (const void *) &((const struct sockaddr_in *) sa)->sin_addr;
        r->len = 4;
        break;

    case AF_INET6:
        addr = (const void *) &((const struct sockaddr_in6 *) sa)->sin6_addr;
        r->len = 16;

        if (memcmp(addr, mapped, sizeof(mapped)) == 0) {
            addr += sizeof(mapped);
            r->len = 4;
        }

        break;

    default:
        return SC_DECLINED;
    }

    memcpy(r->addr, addr, r->len);
    r->bits = r->len * 8;

    return SC_OK;
}


static int
policy_listed(const char *const *cidrs, const policy_range_t *r)
{
    policy_range_t  range;

    for ( /* void */ ; *cidrs != NULL; cidrs++) {

        if (policy_read(&range, *cidrs, strlen(*cidrs)) == SC_OK
            && policy_inside(&range, r))
        {
            return 1;
        }
    }

    return 0;
}


static int
policy_inside(const policy_range_t *range, const policy_range_t *r)
{
    unsigned  whole, rest;

    whole = range->bits / 8;
    rest = range->bits % 8;

    return range->len == r->len
           && memcmp(range->addr, r->addr, whole) == 0
           && (rest == 0
               || (range->addr[whole] ^ r->addr[whole]) >> (8 - rest) == 0);
}
