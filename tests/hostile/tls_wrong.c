
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>
#include <openssl/ssl.h>

#include "tests/hostile/tls_wrong.h"
#include "tests/support/process.h"


#define TLS_WRONG_STACK    (256 * 1024)
#define TLS_WRONG_HEAD     "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


/* A port: what goes wrong there, and what its handshakes are made of. */
typedef struct {
    tls_wrong_e   kind;
    int           fd;
    SSL_CTX      *ctx;
} tls_wrong_port_t;

typedef struct {
    const tls_wrong_port_t  *port;
    int                      fd;
} tls_wrong_conn_t;


static int tls_wrong_listen(char *url, size_t size);
static void tls_wrong_run(int *fds, const char *dir);
static SSL_CTX *tls_wrong_context(tls_wrong_e kind, const char *dir);
static void *tls_wrong_accept(void *data);
static void *tls_wrong_serve(void *data);
static void tls_wrong_raw(tls_wrong_e kind, int fd);
static void tls_wrong_shake(const tls_wrong_port_t *port, int fd);
static void tls_wrong_drop(int fd);


void
tls_wrong_start(tls_wrong_t *t, const char *dir)
{
    int  i, fds[TLS_WRONG];

    for (i = 0; i < TLS_WRONG; i++) {
        fds[i] = tls_wrong_listen(t->url[i], sizeof(t->url[i]));
    }

    t->pid = fork();
    ck_assert_int_ne(t->pid, -1);

    if (t->pid == 0) {
        tls_wrong_run(fds, dir);
        _exit(1);
    }

    for (i = 0; i < TLS_WRONG; i++) {
        (void) close(fds[i]);
    }
}


static int
tls_wrong_listen(char *url, size_t size)
{
    int                 fd;
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(sin);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(fd != -1 && bind(fd, (struct sockaddr *) &sin, len) == 0
              && listen(fd, 1024) == 0
              && getsockname(fd, (struct sockaddr *) &sin, &len) == 0);
    (void) snprintf(url, size, "https://127.0.0.1:%u/",
                    (unsigned) ntohs(sin.sin_port));

    return fd;
}


static void
tls_wrong_run(int *fds, const char *dir)
{
    int                i;
    pthread_t          thread;
    tls_wrong_port_t   ports[TLS_WRONG];

    (void) signal(SIGPIPE, SIG_IGN);

    for (i = 0; i < TLS_WRONG; i++) {
        ports[i].kind = (tls_wrong_e) i;
        ports[i].fd = fds[i];
        ports[i].ctx = tls_wrong_context(ports[i].kind, dir);

        if (ports[i].ctx == NULL
            || pthread_create(&thread, NULL, tls_wrong_accept, &ports[i]) != 0)
        {
            return;
        }
    }

    for ( ;; ) {
        (void) pause();
    }
}


static SSL_CTX *
tls_wrong_context(tls_wrong_e kind, const char *dir)
{
    int       ok;
    char      cert[128], key[128];
    SSL_CTX  *ctx;

    (void) snprintf(cert, sizeof(cert), "%s/good.crt.pem", dir);
    (void) snprintf(key, sizeof(key), "%s/good.key.pem", dir);

    ctx = SSL_CTX_new(TLS_server_method());
    ok = ctx != NULL
         && SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0") == 1
         && SSL_CTX_use_certificate_file(ctx, cert, SSL_FILETYPE_PEM) == 1
         && SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1
         && SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) == 1
         && SSL_CTX_set_max_proto_version(ctx, kind == TLS_ANCIENT
                                               ? TLS1_VERSION
                                               : TLS1_2_VERSION) == 1;

    if (kind == TLS_CLIENT && ok) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER
                                | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }

    return ok ? ctx : NULL;
}


static void *
tls_wrong_accept(void *data)
{
    pthread_t                thread;
    pthread_attr_t           attr;
    tls_wrong_conn_t        *c;
    const tls_wrong_port_t  *port = data;

    (void) pthread_attr_init(&attr);
    (void) pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void) pthread_attr_setstacksize(&attr, TLS_WRONG_STACK);

    for ( ;; ) {
        c = malloc(sizeof(tls_wrong_conn_t));
        if (c == NULL) {
            return NULL;
        }

        c->port = port;
        c->fd = accept4(port->fd, NULL, NULL, SOCK_CLOEXEC);

        if (c->fd == -1
            || pthread_create(&thread, &attr, tls_wrong_serve, c) != 0)
        {
            (void) close(c->fd);
            free(c);
        }
    }
}


static void *
tls_wrong_serve(void *data)
{
    char               hello[4096];
    tls_wrong_conn_t  *c = data;

    if (c->port->kind > TLS_ALERT) {
        tls_wrong_shake(c->port, c->fd);

    } else if (recv(c->fd, hello, sizeof(hello), 0) > 0) {
        tls_wrong_raw(c->port->kind, c->fd);
    }

    (void) close(c->fd);
    free(c);

    return NULL;
}


/* What is no TLS, or not much of it. */
static void
tls_wrong_raw(tls_wrong_e kind, int fd)
{
    char  more[4096];

    static const char  half[] = "\x16\x03\x03\x00\x7a\x02\x00";
    static const char  alert[] = "\x15\x03\x03\x00\x02\x02\x28";
    static const char  plain[] = TLS_WRONG_HEAD "\r\n<h1>Plain</h1>";

    switch (kind) {

    case TLS_SILENT:
        while (recv(fd, more, sizeof(more), 0) > 0) {
            /* void */
        }

        break;

    case TLS_HALF:
        (void) send(fd, half, sizeof(half), 0);
        break;

    case TLS_ALERT:
        (void) send(fd, alert, sizeof(alert) - 1, 0);
        break;

    case TLS_PLAIN:
        (void) send(fd, plain, sizeof(plain) - 1, 0);
        break;

    default:
        tls_wrong_drop(fd);
    }
}


/* The page is sent, and the connection closed beneath TLS. */
static void
tls_wrong_shake(const tls_wrong_port_t *port, int fd)
{
    SSL         *ssl;
    char         request[4096];
    const char  *page;

    ssl = SSL_new(port->ctx);

    if (ssl == NULL) {
        return;
    }

    page = port->kind == TLS_CUT
           ? TLS_WRONG_HEAD "Content-Length: 1000\r\n\r\n<h1>Cut</h1>"
           : TLS_WRONG_HEAD "\r\n<h1>Cut</h1>";

    if (SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1
        && SSL_read(ssl, request, sizeof(request)) > 0)
    {
        (void) SSL_write(ssl, page, (int) strlen(page));
    }

    SSL_free(ssl);
}


static void
tls_wrong_drop(int fd)
{
    struct linger  linger;

    linger.l_onoff = 1;
    linger.l_linger = 0;
    (void) setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}


void
tls_wrong_stop(tls_wrong_t *t)
{
    (void) process_stop(t->pid, SIGKILL);
}
