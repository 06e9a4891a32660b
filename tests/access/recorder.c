
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include <check.h>
#include <openssl/ssl.h>

#include "tests/access/hex.h"
#include "tests/access/recorder.h"
#include "tests/support/process.h"
#include "tests/support/tls_cert.h"


#define RECORDER_HEAD    16384
#define RECORDER_TARGET  4096
#define RECORDER_BEGIN   0x16       /* of a TLS handshake, RFC 8446 5.1 */


/* A connection; ssl is NULL without TLS. */
typedef struct {
    int   fd;
    SSL  *ssl;
    char  head[RECORDER_HEAD];
} recorder_conn_t;


static void recorder_listen(recorder_t *r);
static void recorder_context(recorder_t *r);
static void *recorder_run(void *data);
static void recorder_serve(recorder_t *r, int fd);
static int recorder_shake(const recorder_t *r, recorder_conn_t *c);
static int recorder_through(const recorder_t *r, recorder_conn_t *c);
static int recorder_read(recorder_conn_t *c);
static void recorder_keep(recorder_t *r, const recorder_conn_t *c);
static void recorder_answer(const recorder_t *r, recorder_conn_t *c);
static void recorder_target(char *target, size_t size, const char *path);
static void recorder_write(recorder_conn_t *c, const char *text);


void
recorder_start(recorder_t *r)
{
    memset(r, 0, sizeof(recorder_t));
    sc_buf_init(&r->log, 0);
    (void) signal(SIGPIPE, SIG_IGN);
    recorder_context(r);
    recorder_listen(r);
    ck_assert_int_eq(pthread_mutex_init(&r->mutex, NULL), 0);
    ck_assert_int_eq(pthread_create(&r->thread, NULL, recorder_run, r), 0);
}


void
recorder_stop(recorder_t *r)
{
    r->stop = 1;
    ck_assert_int_eq(pthread_join(r->thread, NULL), 0);
    (void) close(r->fd);
    SSL_CTX_free(r->tls);
    (void) pthread_mutex_destroy(&r->mutex);
    sc_buf_free(&r->log);
    process_remove(r->dir);
}


size_t
recorder_seen(recorder_t *r, const char *place, const char *text)
{
    size_t       n, len = strlen(place);
    const char  *p, *end;

    (void) pthread_mutex_lock(&r->mutex);

    for (n = 0, p = r->log.data; p != NULL && *p != '\0'; p = end + 1) {
        end = p + strlen(p);
        n += strncmp(p, place, len) == 0 && p[len] == '\n'
             && strcasestr(p + len, text) != NULL;

        if (end + 1 >= r->log.data + r->log.len) {
            break;
        }
    }

    (void) pthread_mutex_unlock(&r->mutex);

    return n;
}


void
recorder_forget(recorder_t *r)
{
    (void) pthread_mutex_lock(&r->mutex);
    sc_buf_reset(&r->log);
    (void) pthread_mutex_unlock(&r->mutex);
}


static void
recorder_context(recorder_t *r)
{
    char         crt[96], key[96];
    SSL_CTX     *ctx;

    static const tls_cert_t  cert = {
        "recorder", NULL, "IP:127.0.0.1,IP:127.0.0.2", 1, -3600, 86400
    };

    process_folder(r->dir, sizeof(r->dir));
    tls_cert_make(r->dir, &cert);
    (void) snprintf(r->ca, sizeof(r->ca), "%s/recorder.ca.pem", r->dir);
    (void) snprintf(crt, sizeof(crt), "%s/recorder.crt.pem", r->dir);
    (void) snprintf(key, sizeof(key), "%s/recorder.key.pem", r->dir);
    ctx = SSL_CTX_new(TLS_server_method());
    ck_assert_ptr_nonnull(ctx);
    ck_assert_int_eq(SSL_CTX_use_certificate_chain_file(ctx, crt), 1);
    ck_assert_int_eq(SSL_CTX_use_PrivateKey_file(ctx, key,
                                                 SSL_FILETYPE_PEM), 1);
    r->tls = ctx;
}


static void
recorder_listen(recorder_t *r)
{
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    len = sizeof(sin);
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(r->fd != -1 && bind(r->fd, (struct sockaddr *) &sin, len) == 0
              && listen(r->fd, 256) == 0
              && getsockname(r->fd, (struct sockaddr *) &sin, &len) == 0);
    r->port = ntohs(sin.sin_port);
}


/* One after the other: each is answered and closed at once. */
static void *
recorder_run(void *data)
{
    int             fd;
    recorder_t     *r = data;
    struct pollfd   p = { r->fd, POLLIN, 0 };

    while (!r->stop) {
        if (poll(&p, 1, 20) != 1) {
            continue;
        }

        fd = accept4(r->fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd != -1) {
            recorder_serve(r, fd);
            (void) close(fd);
        }
    }

    return NULL;
}


static void
recorder_serve(recorder_t *r, int fd)
{
    unsigned char     first;
    struct timeval    patience = { 5, 0 };
    recorder_conn_t   c = { .fd = fd };

    (void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
                      sizeof(patience));

    if (recv(fd, &first, 1, MSG_PEEK) != 1) {
        return;
    }

    if ((first != RECORDER_BEGIN || recorder_shake(r, &c))
        && recorder_read(&c))
    {
        recorder_keep(r, &c);

        if (strncmp(c.head, "CONNECT ", 8) != 0) {
            recorder_answer(r, &c);

        } else if (recorder_through(r, &c)) {
            recorder_keep(r, &c);
            recorder_answer(r, &c);
        }
    }

    if (c.ssl != NULL) {
        (void) SSL_shutdown(c.ssl);
        SSL_free(c.ssl);
    }
}


static int
recorder_shake(const recorder_t *r, recorder_conn_t *c)
{
    c->ssl = SSL_new(r->tls);

    return c->ssl != NULL && SSL_set_fd(c->ssl, c->fd) == 1
           && SSL_accept(c->ssl) == 1;
}


/* A tunnel to whatever host ends here, too. */
static int
recorder_through(const recorder_t *r, recorder_conn_t *c)
{
    static const char  yes[] = "HTTP/1.1 200 Through\r\n\r\n";

    return send(c->fd, yes, sizeof(yes) - 1, MSG_NOSIGNAL) > 0
           && recorder_shake(r, c) && recorder_read(c);
}


/* Up to the end of the head, or of a short body; 1 when there was one. */
static int
recorder_read(recorder_conn_t *c)
{
    int     n;
    size_t  len;

    for (len = 0; len < sizeof(c->head) - 1; len += (size_t) n) {
        n = c->ssl != NULL
            ? SSL_read(c->ssl, c->head + len,
                       (int) (sizeof(c->head) - 1 - len))
            : (int) recv(c->fd, c->head + len, sizeof(c->head) - 1 - len, 0);

        if (n <= 0) {
            return 0;
        }

        c->head[len + (size_t) n] = '\0';

        if (strstr(c->head, "\r\n\r\n") != NULL) {
            return 1;
        }
    }

    return 0;
}


/* Scheme, host and head, a NUL behind each. */
static void
recorder_keep(recorder_t *r, const recorder_conn_t *c)
{
    const char  *host = strcasestr(c->head, "\r\nHost: ");

    (void) pthread_mutex_lock(&r->mutex);
    host = (host != NULL) ? host + 8 : "";
    (void) sc_buf_printf(&r->log, "%s %.*s\n%s", c->ssl != NULL ? "https"
                                                                : "http",
                         (int) strcspn(host, "\r"), host, c->head);
    (void) sc_buf_add(&r->log, "", 1);
    (void) pthread_mutex_unlock(&r->mutex);
}


static void
recorder_answer(const recorder_t *r, recorder_conn_t *c)
{
    char         out[RECORDER_HEAD], target[RECORDER_TARGET];
    int          status;
    const char  *path;

    path = strchr(c->head, ' ');
    c->head[strcspn(c->head, "\r")] = '\0';

    path = (path != NULL) ? path + 1 : "";

    /* a proxy is asked for the whole URL */
    if (*path != '/') {
        path = strstr(path, "://");
        path = (path != NULL) ? strchr(path + 3, '/') : NULL;
        path = (path != NULL) ? path : "/";
    }

    target[0] = '\0';
    status = 200;

    if (strncmp(path, "/r/", 3) == 0) {
        status = (int) strtol(path + 3, NULL, 10);
        recorder_target(target, sizeof(target), path + 7);

    } else if (strncmp(path, "/refresh/", 9) == 0) {
        recorder_target(target, sizeof(target), path + 9);

    } else if (strncmp(path, "/robots.txt ", 12) == 0) {
        status = r->robots[0] != '\0' ? 302 : 404;
        (void) snprintf(target, sizeof(target), "%s", r->robots);
    }

    (void) snprintf(out, sizeof(out), "HTTP/1.1 %d Told\r\n"
                    "Content-Type: text/html\r\nConnection: close\r\n"
                    "Set-Cookie: own=theirs; Path=/\r\n%s%s\r\n\r\n"
                    "<title>good</title>%s%s%s<h1>good</h1>", status,
                    target[0] == '\0' ? "X-Nothing: 1"
                    : status == 200 ? "Refresh: 0;url=" : "Location: ",
                    target, status == 200 && target[0] != '\0'
                    ? "<meta http-equiv=\"refresh\" content=\"0;url=" : "",
                    status == 200 ? target : "",
                    status == 200 && target[0] != '\0' ? "\">" : "");
    recorder_write(c, out);
}


/* Up to the blank behind it. */
static void
recorder_target(char *target, size_t size, const char *path)
{
    char  hex[RECORDER_HEAD];

    (void) snprintf(hex, sizeof(hex), "%.*s", (int) strcspn(path, " "), path);

    if (!hex_text(target, size, hex)) {
        target[0] = '\0';
    }
}


static void
recorder_write(recorder_conn_t *c, const char *text)
{
    if (c->ssl != NULL) {
        (void) SSL_write(c->ssl, text, (int) strlen(text));

    } else {
        (void) send(c->fd, text, strlen(text), MSG_NOSIGNAL);
        (void) shutdown(c->fd, SHUT_WR);
    }
}
