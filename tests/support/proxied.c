
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/process.h"
#include "tests/support/proxied.h"


#define PROXIED_TRIES    3000       /* of 20 ms */

/* as it is, and in a URL; tinyproxy's file takes a plain one only */
#define PROXIED_PASSWORD    "pass:w@rd/%41topsecret"
#define PROXIED_LOGIN       PROXIED_USER ":pass%3Aw%40rd%2F%2541topsecret@"
#define PROXIED_PLAIN       "topsecret"
#define PROXIED_PLAIN_LOGIN PROXIED_USER ":%74opsecret@"


static void proxied_tinyproxy(proxied_t *p);
static void proxied_squid(proxied_t *p);
static void proxied_squid_login(FILE *f, const char *dir);
static FILE *proxied_conf(const proxied_t *p, char *path, size_t size);
static void proxied_microsocks(proxied_t *p);
static void proxied_wait(proxied_t *p);
static int proxied_listen(struct sockaddr_in6 *sa, int v6, int backlog,
    unsigned *port);
static socklen_t proxied_address(struct sockaddr_in6 *sa, int v6,
    unsigned port);


static const char  proxied_tinyproxy_conf[] =
    "Port %u\n"
    "Listen %s\n"
    "Timeout 60\n"
    "MaxClients 50\n"
    "LogLevel Info\n"
    "Allow 127.0.0.1\n"
    "Allow ::1\n";


static const char  proxied_squid_conf[] =
    "visible_hostname squid.test\n"
    "pid_filename none\n"
    "netdb_filename none\n"
    "coredump_dir none\n"
    "cache_log %s/cache.log\n"
    "access_log stdio:%s\n"
    "cache deny all\n"
    "cache_mem 1 MB\n"
    "max_filedescriptors 256\n"
    "pinger_enable off\n"
    "shutdown_lifetime 0 seconds\n"
    "dns_nameservers 127.0.0.1\n";


/* PROXIED_PASSWORD by crypt(5) */
static const char  proxied_passwd[] =
    PROXIED_USER ":$6$scrapetest$T0aJMo8Xpk14FIzlZH9u.N45sXgSqY9IXs4SnQsNYoE"
    "EXQMwvlaC/mBi35Fimu8wFebl27xu6KP2MTl8oWQMM.\n";


void
proxied_start(proxied_t *p)
{
    process_folder(p->dir, sizeof(p->dir));

    /* squid has a user of its own when root starts it */
    ck_assert_int_eq(chmod(p->dir, 0777), 0);

    (void) snprintf(p->log, sizeof(p->log), "%s/log", p->dir);
    p->port = process_port();

    switch (p->kind) {

    case PROXIED_TINYPROXY:
        proxied_tinyproxy(p);
        break;

    case PROXIED_MICROSOCKS:
        proxied_microsocks(p);
        break;

    default:
        proxied_squid(p);
    }

    proxied_wait(p);
}


static void
proxied_tinyproxy(proxied_t *p)
{
    char   path[96];
    FILE  *f;

    f = proxied_conf(p, path, sizeof(path));
    (void) fprintf(f, proxied_tinyproxy_conf, p->port,
                   p->v6 ? "::1" : "127.0.0.1");

    if (p->login) {
        (void) fprintf(f, "BasicAuth %s %s\n", PROXIED_USER,
                       PROXIED_PLAIN);
    }

    ck_assert_int_eq(fclose(f), 0);

    p->pid = process_start((char *[]) { "tinyproxy", "-d", "-c", path, NULL },
                           p->log, NULL);
}


static void
proxied_squid(proxied_t *p)
{
    char         path[96], error[96];
    FILE        *f;
    const char  *host;

    host = p->v6 ? "[::1]" : "127.0.0.1";
    f = proxied_conf(p, path, sizeof(path));
    (void) fprintf(f, proxied_squid_conf, p->dir, p->log);

    if (p->kind == PROXIED_SQUID_TLS) {
        (void) fprintf(f, "https_port %s:%u tls-cert=%s.crt.pem "
                       "tls-key=%s.key.pem\n", host, p->port, p->cert,
                       p->cert);

    } else {
        (void) fprintf(f, "http_port %s:%u\n", host, p->port);
    }

    if (p->login) {
        proxied_squid_login(f, p->dir);

    } else {
        (void) fprintf(f, "http_access allow all\n");
    }

    ck_assert_int_eq(fclose(f), 0);

    (void) snprintf(error, sizeof(error), "%s/squid.log", p->dir);
    p->pid = process_start((char *[]) { "squid", "-N", "-f", path, NULL },
                           error, (char *[]) { "PATH=/usr/sbin:/usr/bin:/bin",
                                               NULL });
}


static void
proxied_squid_login(FILE *f, const char *dir)
{
    char  path[96];

    (void) snprintf(path, sizeof(path), "%s/passwd", dir);
    process_write(path, proxied_passwd);

    (void) fprintf(f, "auth_param basic program "
                   "/usr/lib/squid/basic_ncsa_auth %s\n"
                   "auth_param basic children 1 startup=1\n"
                   "acl known proxy_auth REQUIRED\n"
                   "http_access allow known\n"
                   "http_access deny all\n", path);
}


static FILE *
proxied_conf(const proxied_t *p, char *path, size_t size)
{
    FILE  *f;

    (void) snprintf(path, size, "%s/conf", p->dir);
    f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);

    return f;
}


static void
proxied_microsocks(proxied_t *p)
{
    char  port[16];

    (void) snprintf(port, sizeof(port), "%u", p->port);

    p->pid = process_start((char *[]) { "microsocks", "-i",
                                        p->v6 ? "::1" : "127.0.0.1", "-p",
                                        port, p->login ? "-u" : NULL,
                                        PROXIED_USER, "-P", PROXIED_PASSWORD,
                                        NULL },
                           p->log, NULL);
}


static void
proxied_wait(proxied_t *p)
{
    int                  i, fd, rc;
    socklen_t            len;
    struct sockaddr_in6  sa;

    for (i = 0; i < PROXIED_TRIES; i++) {
        len = proxied_address(&sa, p->v6, p->port);
        fd = socket(sa.sin6_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        rc = connect(fd, (struct sockaddr *) &sa, len);
        (void) close(fd);

        if (rc == 0) {
            return;
        }

        process_pause(20);
    }

    ck_abort_msg("the proxy in %s does not listen", p->dir);
}


void
proxied_stop(proxied_t *p)
{
    (void) process_stop(p->pid, SIGKILL);
    process_remove(p->dir);
}


void
proxied_url(const proxied_t *p, const char *login, char *url, size_t size)
{
    static const char *const  schemes[] = {
        [PROXIED_TINYPROXY] = "http",
        [PROXIED_SQUID] = "http",
        [PROXIED_SQUID_TLS] = "https",
        [PROXIED_MICROSOCKS] = "socks5"
    };

    if (login == NULL) {
        login = !p->login ? ""
                : p->kind == PROXIED_TINYPROXY ? PROXIED_PLAIN_LOGIN
                : PROXIED_LOGIN;
    }

    (void) snprintf(url, size, "%s://%s%s:%u", schemes[p->kind], login,
                    p->v6 ? "[::1]" : "127.0.0.1", p->port);
}


size_t
proxied_logged(const proxied_t *p, const char *text)
{
    int     i;
    size_t  n;

    for (i = 0; i < PROXIED_TRIES; i++) {
        n = proxied_logged_now(p, text);

        if (n > 0) {
            return n;
        }

        process_pause(20);
    }

    return 0;
}


size_t
proxied_logged_now(const proxied_t *p, const char *text)
{
    char    *log, *line, *rest;
    size_t   n;

    n = 0;
    log = process_read(p->log);

    for (line = strtok_r(log, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
    {
        n += strstr(line, text) != NULL;
    }

    free(log);

    return n;
}


int
proxied_deaf(int v6, unsigned *port)
{
    struct sockaddr_in6  sa;

    return proxied_listen(&sa, v6, 16, port);
}


int
proxied_full(unsigned *port)
{
    int                  i, fd, conn;
    socklen_t            len;
    struct sockaddr_in6  sa;

    fd = proxied_listen(&sa, 0, 0, port);
    len = proxied_address(&sa, 0, *port);

    /* the queue takes one more than its length */
    for (i = 0; i < 4; i++) {
        conn = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ck_assert_int_ne(conn, -1);
        (void) connect(conn, (struct sockaddr *) &sa, len);
    }

    return fd;
}


static int
proxied_listen(struct sockaddr_in6 *sa, int v6, int backlog, unsigned *port)
{
    int        fd;
    socklen_t  len;

    len = proxied_address(sa, v6, 0);
    fd = socket(sa->sin6_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1 || bind(fd, (struct sockaddr *) sa, len) == -1
        || listen(fd, backlog) == -1
        || getsockname(fd, (struct sockaddr *) sa, &len) == -1)
    {
        ck_abort_msg("no port: %s", strerror(errno));
    }

    /* where sockaddr_in has it, too */
    *port = ntohs(sa->sin6_port);

    return fd;
}


/* This machine's; the length of what is in sa, which fits both families. */
static socklen_t
proxied_address(struct sockaddr_in6 *sa, int v6, unsigned port)
{
    struct sockaddr_in  *sin;

    memset(sa, 0, sizeof(struct sockaddr_in6));
    sa->sin6_family = v6 ? AF_INET6 : AF_INET;
    sa->sin6_port = htons((in_port_t) port);

    if (v6) {
        sa->sin6_addr = in6addr_loopback;
        return sizeof(struct sockaddr_in6);
    }

    sin = (struct sockaddr_in *) sa;
    sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    return sizeof(struct sockaddr_in);
}


int
proxied_deaf_met(int fd)
{
    struct pollfd  pfd;

    pfd.fd = fd;
    pfd.events = POLLIN;
    pfd.revents = 0;

    return poll(&pfd, 1, 0) == 1;
}
