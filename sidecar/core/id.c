
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <zlib.h>

#include "common/sc_core.h"
#include "sidecar/core/id.h"


#define ID_SLOT_LEN      3
#define ID_TIME_LEN      10         /* 48 bits, the first two zero */
#define ID_RANDOM_LEN    16         /* 80 bits */
#define ID_RANDOM_BYTES  10
#define ID_RANDOM_KEPT   (24 * ID_RANDOM_BYTES)


static int id_random(unsigned char *out);
static void id_base32(char *out, size_t len, uint64_t n);


static const char  id_hex[] = "0123456789abcdef";
static const char  id_crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";


unsigned
id_slot(const char *host, size_t len)
{
    size_t         i;
    uLong          crc;
    unsigned char  c;

    crc = crc32(0, NULL, 0);

    for (i = 0; i < len; i++) {
        c = (unsigned char) host[i];

        /* not tolower(), which is the locale's */

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        crc = crc32(crc, &c, 1);
    }

    return (unsigned) (crc & 0xfff);
}


unsigned
id_slot_or(const char *digits, const char *host)
{
    int          i;
    unsigned     slot;
    const char  *at;

    slot = 0;

    for (i = 0; i < ID_SLOT_LEN; i++) {
        at = digits[i] != '\0' ? strchr(id_hex, digits[i]) : NULL;

        if (at == NULL) {
            return id_slot(host, strlen(host));
        }

        slot = slot << 4 | (unsigned) (at - id_hex);
    }

    return slot;
}


int
id_slot_valid(const char *s, size_t len)
{
    size_t  i;

    for (i = 0; i < ID_SLOT_LEN && i < len; i++) {
        if (memchr(id_hex, s[i], sizeof(id_hex) - 1) == NULL) {
            return 0;
        }
    }

    return len == ID_SLOT_LEN;
}


int
id_make(char *out, unsigned slot)
{
    size_t         i;
    uint64_t       high, low;
    unsigned char  random[ID_RANDOM_BYTES];

    if (id_random(random) != SC_OK) {
        return SC_ERROR;
    }

    high = 0;
    low = 0;

    for (i = 0; i < ID_RANDOM_BYTES / 2; i++) {
        high = high << 8 | random[i];
        low = low << 8 | random[i + ID_RANDOM_BYTES / 2];
    }

    out[0] = id_hex[slot >> 8 & 0xf];
    out[1] = id_hex[slot >> 4 & 0xf];
    out[2] = id_hex[slot & 0xf];
    out += ID_SLOT_LEN;

    id_base32(out, ID_TIME_LEN, (uint64_t) id_now_ms());
    out += ID_TIME_LEN;

    id_base32(out, ID_RANDOM_LEN / 2, high);
    id_base32(out + ID_RANDOM_LEN / 2, ID_RANDOM_LEN / 2, low);
    out[ID_RANDOM_LEN] = '\0';

    return SC_OK;
}


int
id_valid(const char *s, size_t len)
{
    size_t  i;

    if (len != ID_LEN) {
        return 0;
    }

    if (!id_slot_valid(s, ID_SLOT_LEN)) {
        return 0;
    }

    /* ten digits hold 50 bits, the time has 48 */

    if (s[ID_SLOT_LEN] > '7') {
        return 0;
    }

    for (i = ID_SLOT_LEN; i < ID_LEN; i++) {
        if (memchr(id_crockford, s[i], sizeof(id_crockford) - 1) == NULL) {
            return 0;
        }
    }

    return 1;
}


int64_t
id_now_ms(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* A call of the kernel costs more than an id: it is asked for many at once. */

static int
id_random(unsigned char *out)
{
    ssize_t                             n;
    static _Thread_local size_t         left;
    static _Thread_local unsigned char  kept[ID_RANDOM_KEPT];

    if (left == 0) {
        do {
            n = getrandom(kept, sizeof(kept), 0);
        } while (n == -1 && errno == EINTR);

        if (n != (ssize_t) sizeof(kept)) {
            return SC_ERROR;
        }

        left = sizeof(kept);
    }

    left -= ID_RANDOM_BYTES;
    memcpy(out, kept + left, ID_RANDOM_BYTES);

    return SC_OK;
}


/* The low len * 5 bits of n, most significant first. */

static void
id_base32(char *out, size_t len, uint64_t n)
{
    while (len-- > 0) {
        out[len] = id_crockford[n & 0x1f];
        n >>= 5;
    }
}
