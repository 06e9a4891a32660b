
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/process.h"
#include "tests/support/zone.h"


#define ZONE_PACKET    65535
#define ZONE_CONNS     128
#define ZONE_TRIES     50
#define ZONE_HEADER    12
#define ZONE_LABEL     64
#define ZONE_TTL       600
#define ZONE_A         1
#define ZONE_CNAME     5
#define ZONE_BUFFER    (4 << 20)

/* response codes */
#define ZONE_FAILED    2
#define ZONE_NONE      3

/* in the third byte of an answer: it is one, it was cut */
#define ZONE_ANSWER    0x84
#define ZONE_CUT       0x02


/* how a kind of names is answered; addresses are those of A */
typedef struct {
    const char  *kind;
    unsigned     addresses;
    unsigned     code;
    unsigned     silent:1;
    unsigned     cut:1;
    unsigned     loop:1;
    unsigned     noise:1;
    unsigned     other:1;
    unsigned     fresh:1;
} zone_kind_t;

/* A question, and the packet that becomes its answer. */
typedef struct {
    unsigned char       *packet;
    size_t               len;
    size_t               end;
    unsigned             type;
    unsigned             number;
    const zone_kind_t   *kind;
} zone_query_t;

typedef struct {
    int            udp;
    int            tcp;
    int            conns[ZONE_CONNS];
    unsigned      *asked;
    unsigned char  packet[ZONE_PACKET];
} zone_run_t;


static void zone_fork(zone_t *z);
static int zone_bind(int type, unsigned *port);
static void zone_run(zone_run_t *r);
static void zone_udp(zone_run_t *r);
static void zone_accept(zone_run_t *r);
static int zone_conn(zone_run_t *r, int fd);
static size_t zone_answer(zone_run_t *r, unsigned char *p, size_t len,
    int tcp);
static int zone_read(zone_query_t *q, unsigned char *p, size_t len);
static void zone_kind(zone_query_t *q, const unsigned char *label,
    size_t len);
static size_t zone_addresses(const zone_query_t *q, unsigned n);
static size_t zone_record(const zone_query_t *q, size_t at, unsigned type,
    const void *data, size_t len);
static size_t zone_alias(const zone_query_t *q);


static const zone_kind_t  zone_kinds[] = {
    { .kind = "good", .addresses = 1 },
    { .kind = "zero", .addresses = 1, .fresh = 1 },
    { .kind = "dead", .silent = 1 },
    { .kind = "fail", .code = ZONE_FAILED },
    { .kind = "empty" },
    { .kind = "loop", .loop = 1 },
    { .kind = "cut", .silent = 1, .cut = 1 },
    { .kind = "long", .addresses = 500, .cut = 1 },
    { .kind = "huge", .addresses = 1000, .cut = 1 },
    { .kind = "noise", .noise = 1 },
    { .kind = "other", .addresses = 1, .other = 1 },
    { .kind = "", .code = ZONE_NONE }
};


void
zone_start(zone_t *z)
{
    memset(z, 0, sizeof(zone_t));
    z->asked = mmap(NULL, sizeof(unsigned), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(z->asked != MAP_FAILED);
    zone_fork(z);
}


static void
zone_fork(zone_t *z)
{
    int          i;
    pid_t        parent;
    unsigned     port;
    zone_run_t  *r;

    port = 0;
    r = calloc(1, sizeof(zone_run_t));
    ck_assert_ptr_nonnull(r);
    r->tcp = -1;

    /* a port that is free for one may be taken for the other */
    for (i = 0; i < ZONE_TRIES && r->tcp == -1; i++) {
        port = z->port;
        r->udp = zone_bind(SOCK_DGRAM, &port);
        r->tcp = r->udp != -1 ? zone_bind(SOCK_STREAM, &port) : -1;

        if (r->tcp == -1) {
            (void) close(r->udp);
        }
    }

    ck_assert_msg(r->tcp != -1, "no name server: %s", strerror(errno));
    z->port = port;
    r->asked = z->asked;

    parent = getpid();
    z->pid = fork();
    ck_assert_int_ne(z->pid, -1);

    if (z->pid == 0) {
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);

        if (getppid() == parent) {
            zone_run(r);
        }

        _exit(1);
    }

    (void) close(r->udp);
    (void) close(r->tcp);
    free(r);
}


/* At this port, or at any if that is 0; -1 when it is taken. */
static int
zone_bind(int type, unsigned *port)
{
    int                 fd;
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((in_port_t) *port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(sin);
    fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    if (fd == -1
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int) { 1 },
                      sizeof(int)) == -1
        || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int) { ZONE_BUFFER },
                      sizeof(int)) == -1
        || bind(fd, (struct sockaddr *) &sin, sizeof(sin)) == -1
        || (type == SOCK_STREAM && listen(fd, ZONE_CONNS) == -1)
        || getsockname(fd, (struct sockaddr *) &sin, &len) == -1)
    {
        (void) close(fd);
        return -1;
    }

    *port = ntohs(sin.sin_port);

    return fd;
}


static void
zone_run(zone_run_t *r)
{
    int            i;
    struct pollfd  fds[ZONE_CONNS + 2];

    for (i = 0; i < ZONE_CONNS; i++) {
        r->conns[i] = -1;
    }

    for ( ;; ) {
        for (i = 0; i < ZONE_CONNS + 2; i++) {
            fds[i].fd = i < ZONE_CONNS ? r->conns[i]
                                       : (i == ZONE_CONNS ? r->udp : r->tcp);
            fds[i].events = POLLIN;
            fds[i].revents = 0;
        }

        if (poll(fds, ZONE_CONNS + 2, -1) < 1) {
            continue;
        }

        for (i = 0; i < ZONE_CONNS; i++) {
            if (fds[i].revents != 0 && !zone_conn(r, r->conns[i])) {
                (void) close(r->conns[i]);
                r->conns[i] = -1;
            }
        }

        if (fds[ZONE_CONNS].revents != 0) {
            zone_udp(r);
        }

        if (fds[ZONE_CONNS + 1].revents != 0) {
            zone_accept(r);
        }
    }
}


static void
zone_udp(zone_run_t *r)
{
    size_t              n;
    ssize_t             len;
    socklen_t           size;
    struct sockaddr_in  peer;

    size = sizeof(peer);
    len = recvfrom(r->udp, r->packet, sizeof(r->packet), 0,
                   (struct sockaddr *) &peer, &size);
    n = len > 0 ? zone_answer(r, r->packet, (size_t) len, 0) : 0;

    if (n > 0) {
        (void) sendto(r->udp, r->packet, n, 0, (struct sockaddr *) &peer,
                      size);
    }
}


static void
zone_accept(zone_run_t *r)
{
    int  fd, i;

    fd = accept4(r->tcp, NULL, NULL, SOCK_CLOEXEC);

    for (i = 0; i < ZONE_CONNS && fd != -1; i++) {
        if (r->conns[i] == -1) {
            r->conns[i] = fd;
            return;
        }
    }

    (void) close(fd);
}


/* Answer a question of a connection; 0 when it is over. */
static int
zone_conn(zone_run_t *r, int fd)
{
    size_t         n;
    unsigned char  size[2];

    if (recv(fd, size, 2, MSG_WAITALL) != 2) {
        return 0;
    }

    n = (size_t) size[0] << 8 | size[1];

    if (recv(fd, r->packet, n, MSG_WAITALL) != (ssize_t) n) {
        return 0;
    }

    n = zone_answer(r, r->packet, n, 1);
    size[0] = (unsigned char) (n >> 8);
    size[1] = (unsigned char) n;

    return n == 0
           || (send(fd, size, 2, MSG_NOSIGNAL | MSG_MORE) == 2
               && send(fd, r->packet, n, MSG_NOSIGNAL) == (ssize_t) n);
}


/* Make the question an answer; its length, 0 for none. */
static size_t
zone_answer(zone_run_t *r, unsigned char *p, size_t len, int tcp)
{
    zone_query_t        q;
    const zone_kind_t  *k;

    (*r->asked)++;

    if (!zone_read(&q, p, len)) {
        return 0;
    }

    k = q.kind;
    p[2] = ZONE_ANSWER;
    p[3] = (unsigned char) (0x80 | k->code);
    memset(p + 6, 0, 6);

    if (k->cut && !tcp) {
        p[2] |= ZONE_CUT;
        return q.end;
    }

    if (k->silent) {
        return 0;
    }

    if (k->noise) {
        memset(p + 2, 0xa5, len > 2 ? len - 2 : 0);
        return len;
    }

    if (k->loop) {
        return zone_alias(&q);
    }

    p[0] ^= k->other;

    return q.type == ZONE_A ? zone_addresses(&q, k->addresses) : q.end;
}


static int
zone_read(zone_query_t *q, unsigned char *p, size_t len)
{
    size_t  i;

    memset(q, 0, sizeof(zone_query_t));

    for (i = ZONE_HEADER; i < len && p[i] != 0; i += p[i] + 1u) { /* void */ }

    if (len < ZONE_HEADER + 1 || i + 5 > len || p[ZONE_HEADER] > ZONE_LABEL) {
        return 0;
    }

    q->packet = p;
    q->len = len;
    q->end = i + 5;
    q->type = (unsigned) (p[i + 1] << 8 | p[i + 2]);
    zone_kind(q, p + ZONE_HEADER + 1, p[ZONE_HEADER]);

    return 1;
}


static void
zone_kind(zone_query_t *q, const unsigned char *label, size_t len)
{
    char    text[ZONE_LABEL + 1];
    size_t  n;

    memcpy(text, label, len);
    text[len] = '\0';
    n = strcspn(text, "0123456789");
    q->number = (unsigned) strtoul(text + n, NULL, 10);

    for (q->kind = zone_kinds; q->kind->kind[0] != '\0'; q->kind++) {
        if (strlen(q->kind->kind) == n && memcmp(q->kind->kind, text, n) == 0)
        {
            return;
        }
    }
}


/* Where the answer ends that has so many addresses, from the name's on. */
static size_t
zone_addresses(const zone_query_t *q, unsigned n)
{
    size_t         at;
    unsigned       i, host;
    unsigned char  address[4];

    at = q->end;

    for (i = 0; i < n; i++) {
        host = q->number + i;
        address[0] = 127;
        address[1] = 77;
        address[2] = (unsigned char) (host >> 8);
        address[3] = (unsigned char) host;
        at = zone_record(q, at, ZONE_A, address, sizeof(address));
    }

    return at;
}


/* One more record of the name that was asked for. */
static size_t
zone_record(const zone_query_t *q, size_t at, unsigned type,
    const void *data, size_t len)
{
    unsigned        n, ttl;
    unsigned char  *p = q->packet;

    ttl = q->kind->fresh ? 0 : ZONE_TTL;
    n = (unsigned) (p[6] << 8 | p[7]) + 1;
    p[6] = (unsigned char) (n >> 8);
    p[7] = (unsigned char) n;

    p += at;
    p[0] = 0xc0;
    p[1] = ZONE_HEADER;
    p[2] = 0;
    p[3] = (unsigned char) type;
    p[4] = 0;
    p[5] = 1;
    p[6] = 0;
    p[7] = 0;
    p[8] = (unsigned char) (ttl >> 8);
    p[9] = (unsigned char) ttl;
    p[10] = (unsigned char) (len >> 8);
    p[11] = (unsigned char) len;
    memcpy(p + 12, data, len);

    return at + 12 + len;
}


/* The name is an alias of itself. */
static size_t
zone_alias(const zone_query_t *q)
{
    static const unsigned char  name[2] = { 0xc0, ZONE_HEADER };

    return zone_record(q, q->end, ZONE_CNAME, name, sizeof(name));
}


void
zone_kill(zone_t *z)
{
    (void) process_stop(z->pid, SIGKILL);
    z->pid = 0;
}


void
zone_again(zone_t *z)
{
    zone_fork(z);
}


void
zone_stop(zone_t *z)
{
    if (z->pid != 0) {
        zone_kill(z);
    }

    (void) munmap(z->asked, sizeof(unsigned));
}
