
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "tests/access/world.h"
#include "tests/support/process.h"


#define WORLD_SNAP      96
#define WORLD_ROOM      (32 << 20)
#define WORLD_MARKER    "8.8.255.255"
#define WORLD_TRIES     1500        /* of 20 ms */

#define WORLD_TCP       6
#define WORLD_UDP       17
#define WORLD_SYN       0x02
#define WORLD_ACK       0x10


/* the parts of a packet that tell where it goes */
typedef struct {
    const unsigned char  *to;
    const unsigned char  *body;
    size_t                len;
    size_t                rest;
    unsigned              protocol;
} world_packet_t;


static int world_ip(const char *line);
static void *world_look(void *data);
static void world_see(world_t *w, const unsigned char *p, size_t n);
static int world_read(world_packet_t *packet, const unsigned char *p,
    size_t n);
static void world_note(world_t *w, const world_packet_t *packet);
static void world_mark(void);


/* what makes every address one of this machine's */
static const char *const  world_lines[] = {
    "link set lo up",
    "addr add " WORLD_OWN_V4 "/32 dev lo",
    "addr add " WORLD_OWN_V6 "/128 dev lo nodad",
    "route add local 0.0.0.0/1 dev lo",
    "route add local 128.0.0.0/1 dev lo",
    "-6 route add local ::/1 dev lo",
    "-6 route add local 8000::/1 dev lo",
    NULL
};


int
world_enter(void)
{
    size_t  i;

    if (unshare(CLONE_NEWNET) == -1) {
        (void) printf("skipped: no network namespace can be made here, which "
                      "takes root\n");
        (void) fflush(stdout);
        return 0;
    }

    for (i = 0; world_lines[i] != NULL; i++) {
        if (world_ip(world_lines[i]) != 0) {
            (void) printf("skipped: \"ip %s\" does not work here\n",
                          world_lines[i]);
            (void) fflush(stdout);
            return 0;
        }
    }

    return 1;
}


static int
world_ip(const char *line)
{
    int     argc;
    char    text[128];
    char   *argv[16], *rest, *word;

    (void) snprintf(text, sizeof(text), "%s", line);
    argv[0] = "ip";
    argc = 1;

    for (word = strtok_r(text, " ", &rest); word != NULL && argc < 15;
         word = strtok_r(NULL, " ", &rest))
    {
        argv[argc++] = word;
    }

    argv[argc] = NULL;

    return process_wait(process_start(argv, "/dev/null", NULL));
}


void
world_watch(world_t *w)
{
    int                  size = WORLD_ROOM;
    struct sock_filter   code = BPF_STMT(BPF_RET | BPF_K, WORLD_SNAP);
    struct sock_fprog    filter = { 1, &code };
    struct timeval       tick = { .tv_usec = 100000 };

    memset(w, 0, sizeof(world_t));
    ck_assert_int_eq(pthread_mutex_init(&w->mutex, NULL), 0);

    w->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
    ck_assert_int_ne(w->fd, -1);

    (void) setsockopt(w->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
    ck_assert_int_eq(setsockopt(w->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
                                sizeof(filter)), 0);
    ck_assert_int_eq(setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &tick,
                                sizeof(tick)), 0);
    ck_assert_int_eq(pthread_create(&w->thread, NULL, world_look, w), 0);
}


static void *
world_look(void *data)
{
    world_t        *w = data;
    ssize_t         n;
    unsigned char   packet[WORLD_SNAP];

    while (!atomic_load(&w->stop)) {
        n = recv(w->fd, packet, sizeof(packet), 0);

        if (n > 0) {
            world_see(w, packet, (size_t) n);
        }
    }

    return NULL;
}


/* Each is seen twice, going out and coming in. */
static void
world_see(world_t *w, const unsigned char *p, size_t n)
{
    unsigned         flags;
    world_packet_t   packet;

    if (!world_read(&packet, p, n)) {
        return;
    }

    if (packet.protocol == WORLD_TCP && packet.rest >= 14) {
        flags = packet.body[13];

        if ((flags & (WORLD_SYN | WORLD_ACK)) != WORLD_SYN) {
            return;
        }

    } else if (packet.protocol != WORLD_UDP) {
        return;
    }

    (void) pthread_mutex_lock(&w->mutex);
    world_note(w, &packet);
    (void) pthread_mutex_unlock(&w->mutex);
}


/* 1 or 0.  Headers that follow IPv6's own are none of those tested here. */
static int
world_read(world_packet_t *packet, const unsigned char *p, size_t n)
{
    size_t  head;

    if (n >= 28 && p[0] >> 4 == 4) {
        head = (size_t) (p[0] & 15) * 4;
        packet->to = p + 16;
        packet->len = 4;
        packet->protocol = p[9];

    } else if (n >= 48 && p[0] >> 4 == 6) {
        head = 40;
        packet->to = p + 24;
        packet->len = 16;
        packet->protocol = p[6];

    } else {
        return 0;
    }

    if (head + 8 > n) {
        return 0;
    }

    packet->body = p + head;
    packet->rest = n - head;

    return 1;
}


static void
world_note(world_t *w, const world_packet_t *packet)
{
    char           text[INET6_ADDRSTRLEN];
    unsigned char  marker[4];

    (void) inet_pton(AF_INET, WORLD_MARKER, marker);

    if (world_good(packet->to, packet->len)) {
        w->markers += packet->len == 4
                      && memcmp(packet->to, marker, 4) == 0;
        return;
    }

    if (w->touched++ == 0) {
        (void) inet_ntop(packet->len == 4 ? AF_INET : AF_INET6, packet->to,
                         text, sizeof(text));
        (void) snprintf(w->first, sizeof(w->first), "%s port %u", text,
                        (unsigned) (packet->body[2] << 8 | packet->body[3]));
    }
}


size_t
world_touched(world_t *w)
{
    int                      i;
    size_t                   seen, touched;
    socklen_t                len;
    struct tpacket_stats     stats;

    (void) pthread_mutex_lock(&w->mutex);
    w->markers = 0;
    (void) pthread_mutex_unlock(&w->mutex);

    world_mark();
    seen = 0;
    touched = 0;

    for (i = 0; i < WORLD_TRIES && seen == 0; i++) {
        process_pause(i == 0 ? 0 : 20);
        (void) pthread_mutex_lock(&w->mutex);
        seen = w->markers;
        touched = w->touched;
        w->touched = seen > 0 ? 0 : touched;
        (void) pthread_mutex_unlock(&w->mutex);
    }

    ck_assert_msg(seen > 0, "the packets of this machine are not seen");

    len = sizeof(stats);
    ck_assert_int_eq(getsockopt(w->fd, SOL_PACKET, PACKET_STATISTICS, &stats,
                                &len), 0);
    ck_assert_msg(stats.tp_drops == 0, "%u packets were not looked at",
                  stats.tp_drops);

    return touched;
}


static void
world_mark(void)
{
    int                  fd;
    struct sockaddr_in   sa = { .sin_family = AF_INET,
                                .sin_port = htons(9) };

    fd = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_ne(fd, -1);
    (void) inet_pton(AF_INET, WORLD_MARKER, &sa.sin_addr);
    ck_assert_int_eq(sendto(fd, "", 1, 0, (struct sockaddr *) &sa,
                            sizeof(sa)), 1);
    (void) close(fd);
}


void
world_close(world_t *w)
{
    atomic_store(&w->stop, 1);
    (void) pthread_join(w->thread, NULL);
    (void) close(w->fd);
    (void) pthread_mutex_destroy(&w->mutex);
}


int
world_address(const char *address, int add)
{
    char  line[128];

    (void) snprintf(line, sizeof(line), "addr %s %.64s dev lo",
                    add ? "add" : "del", address);

    return world_ip(line);
}


int
world_good(const unsigned char *addr, size_t len)
{
    static const unsigned char  v4[] = { 8, 8 };
    static const unsigned char  v6[] = { 0x2a, 0x00, 0x14, 0x50 };

    return len == 4 ? memcmp(addr, v4, sizeof(v4)) == 0
                    : memcmp(addr, v6, sizeof(v6)) == 0;
}
