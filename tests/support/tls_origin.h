
/*
 * An origin of another make for tests: nginx, with TLS and HTTP/2, one port
 * for each thing that may be right or wrong.  Whatever goes wrong here fails
 * the running test.
 *
 * Every path answers a page whose h1 is the protocol ("HTTP/2.0"), with the
 * elements id=path, id=tls (such as "TLSv1.3") and id=client (the subject of
 * the client's certificate).  Below /slow/ it is another, and takes
 * two seconds.
 */

#ifndef TLS_ORIGIN_H
#define TLS_ORIGIN_H


#include <sys/types.h>


/*
 * dir          the setting tls_dir; besides what it has for the servers:
 *                  origin.ca.pem    signed all that is not said to be signed
 *                                   by itself
 *                  self.ca.pem      the certificate of self_signed
 *                  client.*.pem     a client's, signed by origin
 *                  stranger.*.pem   one signed by itself
 * ca_file      the setting: path of origin.ca.pem
 *
 * "https://127.0.0.1:PORT" of
 *
 * good         TLS 1.2 and 1.3, h2 and http/1.1, all is well
 * expired      its certificate was valid until yesterday
 * wrong_host   its certificate is another host's
 * self_signed  its certificate is signed by itself
 * old          TLS 1.2 alone
 * mutual       wants a certificate that origin.ca.pem signed; nginx answers
 *              400 to those without
 */
typedef struct {
    char   dir[64];
    char   ca_file[96];
    char   good[32];
    char   expired[32];
    char   wrong_host[32];
    char   self_signed[32];
    char   old[32];
    char   mutual[32];
    pid_t  nginx;
} tls_origin_t;


/*
 * A request as nginx's access log has it.
 *
 * connection  its number, never used again
 * begun       seconds; when its head was read
 * ended       and when the answer was sent
 */
typedef struct {
    unsigned long   connection;
    double          begun;
    double          ended;
} tls_origin_request_t;


/* Make the certificates, start nginx and wait until it listens. */
void tls_origin_start(tls_origin_t *t);

/* Stop it; fails the test when it does not end well. */
void tls_origin_stop(tls_origin_t *t);

/*
 * Wait until so many requests of paths that begin with prefix have ended, and
 * tell them.  More of them fail the test.
 */
void tls_origin_requests(tls_origin_t *t, const char *prefix,
    tls_origin_request_t *requests, size_t n);


#endif /* TLS_ORIGIN_H */
