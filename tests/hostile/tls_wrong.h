
/*
 * Origins whose TLS goes wrong, each on a port of its own, in one process.
 */
#ifndef TLS_WRONG_H
#define TLS_WRONG_H


#include <sys/types.h>


/*
 * TLS_SILENT      no answer to the client's hello
 * TLS_HALF        the beginning of a record, then the end
 * TLS_RESET       a reset in the place of an answer
 * TLS_PLAIN       HTTP without TLS
 * TLS_ALERT       an alert in the place of a handshake
 * TLS_ANCIENT     TLS 1.0 alone
 * TLS_CLIENT      wants a certificate of the client, in the handshake
 * TLS_CUT         half of the body, and no close_notify
 * TLS_CUT_END     all of a body without a length, and no close_notify
 */
typedef enum {
    TLS_SILENT,
    TLS_HALF,
    TLS_RESET,
    TLS_PLAIN,
    TLS_ALERT,
    TLS_ANCIENT,
    TLS_CLIENT,
    TLS_CUT,
    TLS_CUT_END,
    TLS_WRONG
} tls_wrong_e;


/* url[kind] is "https://127.0.0.1:PORT/". */
typedef struct {
    char   url[TLS_WRONG][40];
    pid_t  pid;
} tls_wrong_t;


/*
 * Start them with dir's good.crt.pem and good.key.pem (tls_origin.h); fails
 * the test when it cannot.
 */
void tls_wrong_start(tls_wrong_t *t, const char *dir);
void tls_wrong_stop(tls_wrong_t *t);


#endif /* TLS_WRONG_H */
