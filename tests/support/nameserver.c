
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <utlist.h>

#include "tests/support/nameserver.h"


#define NAMESERVER_A         1
#define NAMESERVER_AAAA      28
#define NAMESERVER_HEADER    12
#define NAMESERVER_BATCH     64     /* queries taken at once */

/* in the flags of an answer's header */
#define NAMESERVER_TC        0x0200


/* flags are those of the answer's header, with its response code */
typedef struct {
    const char  *label;
    int          v4;
    int          v6;
    unsigned     flags;
    unsigned     silent:1;
    unsigned     garbage:1;
    unsigned     spoofed:1;
    unsigned     held:1;
    unsigned     late:1;
} nameserver_zone_t;


/* An answer that is sent at a time. */
struct nameserver_late_s {
    nameserver_late_t   *next;
    nameserver_late_t   *prev;
    int64_t              when;
    size_t               len;
    struct sockaddr_in   peer;
    unsigned char        packet[];
};


static void nameserver_bind(nameserver_t *ns);
static void nameserver_close(nameserver_t *ns, loop_io_t *io);
static void nameserver_udp(loop_io_t *io, uint32_t events);
static int nameserver_packet(nameserver_t *ns);
static void nameserver_delay(nameserver_t *ns, const unsigned char *p,
    size_t len);
static void nameserver_due(loop_timer_t *timer);
static void nameserver_tcp(loop_io_t *io, uint32_t events);
static void nameserver_conn(loop_io_t *io, uint32_t events);
static const nameserver_zone_t *nameserver_ask(nameserver_t *ns,
    unsigned char *p, size_t len, unsigned *type, size_t *end);
static size_t nameserver_answer(const nameserver_t *ns, unsigned char *p,
    size_t end, unsigned type, int n);
static void nameserver_send(nameserver_t *ns, const unsigned char *p,
    size_t len);


static const nameserver_zone_t  nameserver_zones[] = {
    { .label = "both", .v4 = 3, .v6 = 2 },
    { .label = "v4only", .v4 = 1 },
    { .label = "v6only", .v6 = 1 },
    { .label = "many", .v4 = 20 },
    { .label = "manyboth", .v4 = 12, .v6 = 16 },
    { .label = "empty" },
    { .label = "servfail", .flags = 2 },
    { .label = "refused", .flags = 5 },
    { .label = "truncated", .v4 = 40, .v6 = 40, .flags = NAMESERVER_TC },
    { .label = "deaf", .silent = 1, .flags = NAMESERVER_TC },
    { .label = "silent", .silent = 1 },
    { .label = "garbage", .garbage = 1 },
    { .label = "spoofed", .v4 = 1, .spoofed = 1 },
    { .label = "held", .v4 = 1, .held = 1 },
    { .label = "late", .v4 = 1, .late = 1 },
    { .label = "", .flags = 3 }
};


void
nameserver_start(nameserver_t *ns, loop_t *loop)
{
    memset(ns, 0, sizeof(nameserver_t));
    ns->loop = loop;
    ns->conn.fd = -1;
    ns->udp.handler = nameserver_udp;
    ns->udp.data = ns;
    ns->tcp.handler = nameserver_tcp;
    ns->tcp.data = ns;
    ns->conn.handler = nameserver_conn;
    ns->conn.data = ns;
    loop_timer_init(&ns->timer, nameserver_due, ns);

    nameserver_bind(ns);

    ck_assert_int_eq(loop_io_set(loop, &ns->udp, EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, &ns->tcp, EPOLLIN), SC_OK);
}


void
nameserver_stop(nameserver_t *ns)
{
    nameserver_late_t  *late;

    while (ns->late != NULL) {
        late = ns->late;
        DL_DELETE(ns->late, late);
        free(late);
    }

    loop_timer_del(ns->loop, &ns->timer);
    nameserver_close(ns, &ns->udp);
    nameserver_close(ns, &ns->tcp);
    nameserver_close(ns, &ns->conn);
}


void
nameserver_release(nameserver_t *ns)
{
    int  i;

    for (i = 0; i < ns->nheld; i++) {
        nameserver_send(ns, ns->held[i], ns->held_len[i]);
    }

    ns->nheld = 0;
}


/* The port that TCP was given may be taken for UDP: then another one. */
static void
nameserver_bind(nameserver_t *ns)
{
    int                  tries;
    socklen_t            len;
    struct sockaddr_in   sa;

    for (tries = 0; tries < 20; tries++) {
        memset(&sa, 0, sizeof(sa));
        sa.sin_family = AF_INET;
        sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        len = sizeof(sa);

        ns->tcp.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        ns->udp.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        ck_assert_int_ne(ns->tcp.fd, -1);
        ck_assert_int_ne(ns->udp.fd, -1);

        if (bind(ns->tcp.fd, (struct sockaddr *) &sa, len) == 0
            && listen(ns->tcp.fd, 8) == 0
            && getsockname(ns->tcp.fd, (struct sockaddr *) &sa, &len) == 0
            && bind(ns->udp.fd, (struct sockaddr *) &sa, len) == 0)
        {
            (void) snprintf(ns->address, sizeof(ns->address), "127.0.0.1:%d",
                            ntohs(sa.sin_port));
            return;
        }

        (void) close(ns->tcp.fd);
        (void) close(ns->udp.fd);
    }

    ck_abort_msg("no port for a name server");
}


static void
nameserver_close(nameserver_t *ns, loop_io_t *io)
{
    if (io->fd != -1) {
        loop_io_del(ns->loop, io);
        (void) close(io->fd);
        io->fd = -1;
    }
}


static void
nameserver_udp(loop_io_t *io, uint32_t events)
{
    int  n;

    (void) events;

    for (n = 0; n < NAMESERVER_BATCH; n++) {
        if (nameserver_packet(io->data) != SC_OK) {
            return;
        }
    }
}


/* SC_AGAIN when there is none. */
static int
nameserver_packet(nameserver_t *ns)
{
    size_t                    end;
    ssize_t                   n;
    unsigned                  type;
    socklen_t                 len;
    unsigned char             packet[NAMESERVER_PACKET];
    const nameserver_zone_t  *z;

    len = sizeof(ns->peer);
    n = recvfrom(ns->udp.fd, packet, 512, 0, (struct sockaddr *) &ns->peer,
                 &len);
    if (n == -1) {
        return SC_AGAIN;
    }

    z = nameserver_ask(ns, packet, (size_t) n, &type, &end);

    if (z->flags & NAMESERVER_TC) {
        nameserver_send(ns, packet, end);
        return SC_OK;
    }

    if (z->silent) {
        return SC_OK;
    }

    if (z->garbage) {
        memset(packet + 4, 0xff, 60);
        nameserver_send(ns, packet, 64);
        return SC_OK;
    }

    packet[0] ^= z->spoofed ? 0xff : 0;
    end = nameserver_answer(ns, packet, end, type,
                            type == NAMESERVER_A ? z->v4 : z->v6);

    if (z->held) {
        ck_assert_int_lt(ns->nheld, 2);
        memcpy(ns->held[ns->nheld], packet, end);
        ns->held_len[ns->nheld++] = end;

    } else if (z->late) {
        nameserver_delay(ns, packet, end);

    } else {
        nameserver_send(ns, packet, end);
    }

    return SC_OK;
}


/* All wait for the same time: the list is in the order they are due. */
static void
nameserver_delay(nameserver_t *ns, const unsigned char *p, size_t len)
{
    nameserver_late_t  *late;

    late = malloc(sizeof(nameserver_late_t) + len);
    ck_assert_ptr_nonnull(late);

    late->when = loop_now(ns->loop) + ns->delay;
    late->peer = ns->peer;
    late->len = len;
    memcpy(late->packet, p, len);

    if (ns->late == NULL) {
        ck_assert_int_eq(loop_timer_set(ns->loop, &ns->timer, ns->delay),
                         SC_OK);
    }

    DL_APPEND(ns->late, late);
}


static void
nameserver_due(loop_timer_t *timer)
{
    int64_t             now;
    nameserver_t       *ns = timer->data;
    nameserver_late_t  *late;

    now = loop_now(ns->loop);

    while (ns->late != NULL && ns->late->when <= now) {
        late = ns->late;
        DL_DELETE(ns->late, late);
        ns->peer = late->peer;
        nameserver_send(ns, late->packet, late->len);
        free(late);
    }

    if (ns->late != NULL) {
        ck_assert_int_eq(loop_timer_set(ns->loop, timer,
                                        ns->late->when - now), SC_OK);
    }
}


static void
nameserver_tcp(loop_io_t *io, uint32_t events)
{
    int            fd;
    nameserver_t  *ns = io->data;

    (void) events;

    fd = accept(io->fd, NULL, NULL);
    if (fd == -1) {
        return;
    }

    nameserver_close(ns, &ns->conn);
    ns->conn.fd = fd;
    ck_assert_int_eq(loop_io_set(ns->loop, &ns->conn, EPOLLIN), SC_OK);
}


/* One query of those that wait; each has come whole, its length before it. */
static void
nameserver_conn(loop_io_t *io, uint32_t events)
{
    size_t                    len, end;
    unsigned                  type;
    unsigned char             packet[2 + NAMESERVER_PACKET];
    nameserver_t             *ns = io->data;
    const nameserver_zone_t  *z;

    (void) events;

    if (recv(io->fd, packet, 2, MSG_WAITALL) != 2) {
        nameserver_close(ns, io);
        return;
    }

    len = (size_t) packet[0] << 8 | packet[1];
    ck_assert_uint_le(len, 512);
    ck_assert_int_eq(recv(io->fd, packet + 2, len, MSG_WAITALL),
                     (ssize_t) len);

    z = nameserver_ask(ns, packet + 2, len, &type, &end);

    if (z->silent) {
        return;
    }

    packet[4] &= (unsigned char) ~(NAMESERVER_TC >> 8);
    end = nameserver_answer(ns, packet + 2, end, type,
                            type == NAMESERVER_A ? z->v4 : z->v6);
    packet[0] = (unsigned char) (end >> 8);
    packet[1] = (unsigned char) end;

    ck_assert_int_eq(send(io->fd, packet, 2 + end, MSG_NOSIGNAL),
                     (ssize_t) (2 + end));
}


/*
 * Read a query and make it an answer without addresses, which ends where the
 * question does.
 */
static const nameserver_zone_t *
nameserver_ask(nameserver_t *ns, unsigned char *p, size_t len, unsigned *type,
    size_t *end)
{
    size_t                    i, n;
    const nameserver_zone_t  *z;

    n = 0;

    for (i = NAMESERVER_HEADER; i < len && p[i] != 0; i += p[i] + 1u) {
        ck_assert_uint_lt(i + p[i] + 5, len);
        memcpy(ns->last + n, p + i + 1, p[i]);
        n += p[i];
        ns->last[n++] = '.';
    }

    ns->last[n > 0 ? n - 1 : 0] = '\0';
    ns->asked++;

    *type = (unsigned) (p[i + 1] << 8 | p[i + 2]);
    ck_assert(*type == NAMESERVER_A || *type == NAMESERVER_AAAA);
    *end = i + 5;

    n = strcspn(ns->last, ".");

    for (z = nameserver_zones; z->label[0] != '\0'; z++) {
        if (strlen(z->label) == n && memcmp(z->label, ns->last, n) == 0) {
            break;
        }
    }

    p[2] = (unsigned char) (0x81 | z->flags >> 8);
    p[3] = (unsigned char) (0x80 | z->flags);
    memset(p + 6, 0, 6);

    return z;
}


/* Add n addresses to the answer that ends at end; where it ends then. */
static size_t
nameserver_answer(const nameserver_t *ns, unsigned char *p, size_t end,
    unsigned type, int n)
{
    int       i;
    size_t    size;
    uint32_t  ttl;

    static const unsigned char  v4[] = { 192, 0, 2, 0 };
    static const unsigned char  v6[16] = { 0x20, 0x01, 0x0d, 0xb8 };

    /* the name of the question, a type, class IN, a TTL, a length */
    static const unsigned char  head[12] = { 0xc0, NAMESERVER_HEADER, 0, 0, 0,
                                             1 };

    size = type == NAMESERVER_A ? sizeof(v4) : sizeof(v6);
    ck_assert_uint_le(end + (size_t) n * (sizeof(head) + size),
                      NAMESERVER_PACKET);
    p[7] = (unsigned char) n;
    ttl = htonl(ns->ttl);

    for (i = 0; i < n; i++) {
        memcpy(p + end, head, sizeof(head));
        p[end + 3] = (unsigned char) type;
        memcpy(p + end + 6, &ttl, sizeof(ttl));
        p[end + 11] = (unsigned char) size;
        memcpy(p + end + 12, type == NAMESERVER_A ? v4 : v6, size);
        end += 12 + size;
        p[end - 1] = (unsigned char) i;
    }

    return end;
}


static void
nameserver_send(nameserver_t *ns, const unsigned char *p, size_t len)
{
    ck_assert_int_eq(sendto(ns->udp.fd, p, len, 0,
                            (struct sockaddr *) &ns->peer, sizeof(ns->peer)),
                     (ssize_t) len);
}
