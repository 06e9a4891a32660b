
/*
 * Pools of proxies, by name, from a file: which one is next, and which is
 * left alone because it failed.  Time is given; nothing is dialled here.
 *
 * The file has one proxy a line, "POOL URL"; lines that begin with '#' and
 * empty ones are passed over.  A pool's name has letters, digits, '-', '_' and
 * '.'; a proxy is there once in its pool.  A URL is http://, https://,
 * socks5:// or socks5h://, with a port that policy_allows_port() allows, with
 * user:password@ or without, and nothing behind the port but a slash.  The
 * names behind a SOCKS proxy are resolved here, whichever of the two it is.
 */

#ifndef PROXY_H
#define PROXY_H


#include "sidecar/loop/loop.h"


#define PROXY_MAX_URL         1024
#define PROXY_MAX_POOL        64        /* bytes of a pool's name */
#define PROXY_MAX             10000     /* proxies of a file */

/* how long a failed one is left alone: first, and at most */
#define PROXY_FIRST_REST      (5 * LOOP_SEC)
#define PROXY_LONGEST_REST    (300 * LOOP_SEC)


typedef struct proxies_s  proxies_t;


typedef enum {
    PROXY_HTTP = 0,
    PROXY_HTTPS,
    PROXY_SOCKS5
} proxy_kind_t;


/*
 * A proxy's URL taken apart.
 *
 * host      as url.h's: lower case, IPv6 without brackets
 * user, password  percent-decoded, without control characters; "" when the
 *           URL has none.  A user of HTTP has no colon (RFC 7617 2); without a
 *           user there is no password
 */
typedef struct {
    proxy_kind_t  kind;
    char          host[256];
    unsigned      port;
    char          user[256];
    char          password[256];
} proxy_t;


/*
 * Take a URL apart.  SC_OK, or SC_ERROR with a sentence in err, which never
 * shows the password.
 */
int proxy_parse(proxy_t *p, const char *url, size_t len, char *err,
    size_t errlen);

/*
 * The pools of a file; path "" is none at all.  NULL on failure with a
 * sentence in err that ends in FILE:LINE when a line is wrong.
 */
proxies_t *proxies_open(const char *path, char *err, size_t errlen);

/*
 * Read the file again: what is the same keeps its state and, in each pool,
 * its turn.  SC_OK, or SC_ERROR
 * with a sentence in err and everything as it was.
 */
int proxies_reload(proxies_t *p, char *err, size_t errlen);
void proxies_close(proxies_t *p);

/* Whether there is a pool of this name. */
int proxies_known(const proxies_t *p, const char *pool);

/*
 * The next proxy of the pool: each in turn, those at rest left out; when all
 * are at rest, the one whose rest ends first.  NULL for an unknown pool.
 * Valid until proxies_reload(); copy it to keep it.
 */
const proxy_t *proxies_next(proxies_t *p, const char *pool, int64_t now);

/*
 * What a fetch says about the proxy it went through (by value: the pool may
 * have been read again since).  A failure is one of the proxy itself: no
 * connection to it, or refused by it.  A failed one rests, twice as long each
 * time in a row.
 */
void proxies_report(proxies_t *p, const char *pool, const proxy_t *proxy,
    int ok, int64_t now);


#endif /* PROXY_H */
