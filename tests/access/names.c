
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <check.h>

#include "tests/access/hex.h"
#include "tests/access/names.h"


#define NAMES_HEADER    12
#define NAMES_PACKET    1500
#define NAMES_LABELS    32
#define NAMES_MAX       16      /* addresses of a kind */
#define NAMES_FLIPS     256

#define NAMES_A         1
#define NAMES_CNAME     5
#define NAMES_AAAA      28


/* What a name says; offset is where the alias' name is in the question. */
typedef struct {
    unsigned char  v4[NAMES_MAX][4];
    unsigned char  v6[NAMES_MAX][16];
    size_t         nv4;
    size_t         nv6;
    size_t         alias;
    unsigned       flip:1;
    unsigned       said:1;
} names_say_t;


/* How often a name that flips was asked for. */
typedef struct {
    char    name[256];
    size_t  asked[2];
} names_flip_t;


static void *names_serve(void *data);
static size_t names_answer(unsigned char *p, size_t n);
static size_t names_read(names_say_t *say, const unsigned char *p, size_t n);
static void names_label(names_say_t *say, const char *label, size_t at);
static size_t names_asked(const unsigned char *p, unsigned type);
static size_t names_record(unsigned char *p, size_t end, size_t owner,
    unsigned type, const void *data, size_t len);


static names_flip_t  names_flips[NAMES_FLIPS];


void
names_start(names_t *ns)
{
    struct timeval       tick = { .tv_usec = 100000 };
    struct sockaddr_in   sa = { .sin_family = AF_INET,
                                .sin_port = htons(53) };

    (void) inet_pton(AF_INET, "8.8.8.8", &sa.sin_addr);
    atomic_init(&ns->stop, 0);
    ns->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(ns->fd, -1);
    ck_assert_int_eq(bind(ns->fd, (struct sockaddr *) &sa, sizeof(sa)), 0);
    ck_assert_int_eq(setsockopt(ns->fd, SOL_SOCKET, SO_RCVTIMEO, &tick,
                                sizeof(tick)), 0);
    ck_assert_int_eq(pthread_create(&ns->thread, NULL, names_serve, ns), 0);
}


static void *
names_serve(void *data)
{
    ssize_t              n;
    names_t             *ns = data;
    socklen_t            len;
    unsigned char        packet[NAMES_PACKET];
    struct sockaddr_in   peer;

    while (!atomic_load(&ns->stop)) {
        len = sizeof(peer);
        n = recvfrom(ns->fd, packet, 512, 0, (struct sockaddr *) &peer, &len);

        if (n > NAMES_HEADER) {
            n = (ssize_t) names_answer(packet, (size_t) n);
            (void) sendto(ns->fd, packet, (size_t) n, 0,
                          (struct sockaddr *) &peer, len);
        }
    }

    return NULL;
}


/* Make a query an answer; its length. */
static size_t
names_answer(unsigned char *p, size_t n)
{
    size_t        i, end, owner, first, last;
    unsigned      type;
    names_say_t   say;

    end = names_read(&say, p, n);
    type = p[end - 3];
    owner = NAMES_HEADER;
    first = 0;
    last = type == NAMES_A ? say.nv4 : say.nv6;

    if (say.flip && last > 0) {
        first = names_asked(p, type) % last;
        last = first + 1;
    }

    p[2] = 0x81;
    p[3] = 0x80;
    memset(p + 6, 0, 6);

    if (say.alias != 0) {
        owner = say.alias;
        end = names_record(p, end, NAMES_HEADER, NAMES_CNAME,
                           (unsigned char []) { (unsigned char)
                                                (0xc0 | owner >> 8),
                                                (unsigned char) owner }, 2);
    }

    for (i = first; i < last; i++) {
        end = names_record(p, end, owner, type,
                           type == NAMES_A ? say.v4[i] : say.v6[i],
                           type == NAMES_A ? 4 : 16);
    }

    return end;
}


/* The end of the question. */
static size_t
names_read(names_say_t *say, const unsigned char *p, size_t n)
{
    char    label[64];
    size_t  i;

    memset(say, 0, sizeof(names_say_t));

    for (i = NAMES_HEADER; i < n && p[i] != 0 && p[i] < 64; i += p[i] + 1u) {
        memcpy(label, p + i + 1, p[i]);
        label[p[i]] = '\0';
        names_label(say, label, i + 1 + p[i]);
    }

    if (!say->said) {
        names_label(say, "a7f000001", 0);
        names_label(say, "q00000000000000000000000000000001", 0);
    }

    return i + 5;
}


/* behind is where the next label begins. */
static void
names_label(names_say_t *say, const char *label, size_t behind)
{
    size_t  len;

    len = strlen(label);

    if (strcasecmp(label, "cname") == 0 && say->alias == 0) {
        say->alias = behind;

    } else if (strcasecmp(label, "flip") == 0) {
        say->flip = 1;

    } else if (len == 9 && (label[0] | 0x20) == 'a' && say->nv4 < NAMES_MAX
               && hex_read(say->v4[say->nv4], label + 1, 4))
    {
        say->nv4++;
        say->said = 1;

    } else if (len == 33 && (label[0] | 0x20) == 'q' && say->nv6 < NAMES_MAX
               && hex_read(say->v6[say->nv6], label + 1, 16))
    {
        say->nv6++;
        say->said = 1;
    }
}


/* How often it was asked for before. */
static size_t
names_asked(const unsigned char *p, unsigned type)
{
    size_t         i;
    const char    *name;
    names_flip_t  *flip;

    name = (const char *) p + NAMES_HEADER;

    for (i = 0; i < NAMES_FLIPS; i++) {
        flip = &names_flips[i];

        if (flip->name[0] == '\0') {
            (void) snprintf(flip->name, sizeof(flip->name), "%.255s", name);
        }

        if (strcasecmp(flip->name, name) == 0) {
            return flip->asked[type == NAMES_A]++;
        }
    }

    return 0;
}


/* Append one, with TTL 0; the answer's end. */
static size_t
names_record(unsigned char *p, size_t end, size_t owner, unsigned type,
    const void *data, size_t len)
{
    unsigned char  *r = p + end;

    memset(r, 0, 12);
    r[0] = (unsigned char) (0xc0 | owner >> 8);
    r[1] = (unsigned char) owner;
    r[3] = (unsigned char) type;
    r[5] = 1;
    r[11] = (unsigned char) len;
    memcpy(r + 12, data, len);
    p[7]++;

    return end + 12 + len;
}


void
names_stop(names_t *ns)
{
    atomic_store(&ns->stop, 1);
    (void) pthread_join(ns->thread, NULL);
    (void) close(ns->fd);
}
