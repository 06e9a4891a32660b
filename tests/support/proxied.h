
/*
 * Proxies of other makes for tests, each on a free port of this machine with
 * its files in a folder of its own: tinyproxy, squid and microsocks.  Whatever
 * goes wrong here fails the running test.
 */

#ifndef PROXIED_H
#define PROXIED_H


#include <sys/types.h>


/*
 * Who may use a proxy that asks.  Every password of these tests has "secret"
 * in it, those that are wrong too.
 */
#define PROXIED_USER    "proxyuser"


typedef enum {
    PROXIED_TINYPROXY = 0,      /* HTTP */
    PROXIED_SQUID,              /* HTTP */
    PROXIED_SQUID_TLS,          /* HTTP over TLS */
    PROXIED_MICROSOCKS          /* SOCKS5 */
} proxied_kind_t;


/*
 * kind   what it is
 * v6     at ::1, else at 127.0.0.1
 * login  it asks for PROXIED_USER and a password
 * cert   of PROXIED_SQUID_TLS, path without ".crt.pem" and ".key.pem"
 *
 * These are set by the test, the rest by proxied_start().
 */
typedef struct {
    proxied_kind_t   kind;
    int              v6;
    int              login;
    const char      *cert;
    unsigned         port;
    char             dir[64];
    char             log[96];
    pid_t            pid;
} proxied_t;


/* Start it and wait until it listens. */
void proxied_start(proxied_t *p);

/* Stop it and remove its folder. */
void proxied_stop(proxied_t *p);

/*
 * Its URL with a login that ends in '@', or ""; NULL is the right one, and
 * none for a proxy that does not ask.
 */
void proxied_url(const proxied_t *p, const char *login, char *url,
    size_t size);

/*
 * How many lines with this text its log has; waits for the first, which may
 * come later than the answer it is about.
 */
size_t proxied_logged(const proxied_t *p, const char *text);

/* The same at once. */
size_t proxied_logged_now(const proxied_t *p, const char *text);

/*
 * A port of 127.0.0.1, or of ::1, where connections are made and nothing is
 * answered; one of 127.0.0.1 that is full, where none is made, as SYNs are
 * lost.  Close the descriptor in the end; what fills the port stays until the
 * test's end.
 */
int proxied_deaf(int v6, unsigned *port);
int proxied_full(unsigned *port);

/* Whether somebody connected to the port of proxied_deaf(); 1 or 0. */
int proxied_deaf_met(int fd);


#endif /* PROXIED_H */
