
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/process.h"
#include "tests/support/tls_cert.h"
#include "tests/support/tls_origin.h"


#define TLS_DAY       86400
#define TLS_TRIES     3000      /* of 20 ms */
#define TLS_HERE      "DNS:localhost,IP:127.0.0.1"
#define TLS_SERVERS   6
#define TLS_SLOW      32768     /* bytes, at 16 KB/s after the first 16 KB */


/* A server block: where the struct has its URL, and what it is told. */
typedef struct {
    size_t       url;
    const char  *cert;
    const char  *protocols;
    const char  *more;
} tls_server_t;


static void tls_origin_configure(tls_origin_t *t);
static void tls_origin_server(tls_origin_t *t, const tls_server_t *s, FILE *f);
static void tls_origin_slow(tls_origin_t *t);
static void tls_origin_wait(const char *url);
static size_t tls_origin_read(tls_origin_t *t, const char *prefix,
    tls_origin_request_t *requests, size_t n);
static int tls_origin_line(const char *line, const char *prefix,
    tls_origin_request_t *r);


static const tls_cert_t  tls_certs[] = {
    { "origin", NULL, NULL, 1, -TLS_DAY, TLS_DAY },
    { "good", "origin", TLS_HERE, 0, -TLS_DAY, TLS_DAY },
    { "expired", "origin", TLS_HERE, 0, -2 * TLS_DAY, -TLS_DAY },
    { "wrong", "origin", "DNS:wrong.example", 0, -TLS_DAY, TLS_DAY },
    { "self", NULL, TLS_HERE, 0, -TLS_DAY, TLS_DAY },
    { "client", "origin", NULL, 0, -TLS_DAY, TLS_DAY },
    { "stranger", NULL, NULL, 0, -TLS_DAY, TLS_DAY }
};


static const tls_server_t  tls_servers[TLS_SERVERS] = {
    { offsetof(tls_origin_t, good), "good", "TLSv1.2 TLSv1.3", "" },
    { offsetof(tls_origin_t, expired), "expired", "TLSv1.2 TLSv1.3", "" },
    { offsetof(tls_origin_t, wrong_host), "wrong", "TLSv1.2 TLSv1.3", "" },
    { offsetof(tls_origin_t, self_signed), "self", "TLSv1.2 TLSv1.3", "" },
    { offsetof(tls_origin_t, old), "good", "TLSv1.2", "" },
    { offsetof(tls_origin_t, mutual), "good", "TLSv1.2 TLSv1.3",
      "ssl_verify_client on; ssl_client_certificate origin.crt.pem;" }
};


/* Relative names are of the folder the configuration is in. */

static const char  tls_conf[] =
    "%s\n"
    "daemon off;\n"
    "worker_processes 1;\n"
    "pid %s/nginx.pid;\n"
    "error_log %s/nginx.log info;\n"
    "events { worker_connections 512; }\n"
    "http {\n"
    "    log_format requests '$connection $msec $request_time $request_uri';\n"
    "    access_log %s/access.log requests;\n"
    "    client_body_temp_path %s/body;\n"
    "    proxy_temp_path %s/proxy;\n"
    "    fastcgi_temp_path %s/fastcgi;\n"
    "    uwsgi_temp_path %s/uwsgi;\n"
    "    scgi_temp_path %s/scgi;\n"
    "    default_type text/html;\n";


static const char  tls_server[] =
    "    server {\n"
    "        listen 127.0.0.1:%u ssl http2;\n"
    "        ssl_certificate %s.crt.pem;\n"
    "        ssl_certificate_key %s.key.pem;\n"
    "        ssl_protocols %s;\n"
    "        %s\n"
    "        root %s;\n"
    "        location / {\n"
    "            return 200 '<h1>$server_protocol</h1>\n"
    "                <p id=\"path\">$request_uri</p>\n"
    "                <p id=\"tls\">$ssl_protocol</p>\n"
    "                <p id=\"client\">$ssl_client_s_dn</p>';\n"
    "        }\n"
    "        location /slow/ { limit_rate 16k; try_files /slow.html =500; }\n"
    "    }\n";


void
tls_origin_start(tls_origin_t *t)
{
    char    conf[128], log[128];
    size_t  i;

    memset(t, 0, sizeof(tls_origin_t));
    process_folder(t->dir, sizeof(t->dir));
    (void) snprintf(t->ca_file, sizeof(t->ca_file), "%s/origin.ca.pem",
                    t->dir);

    for (i = 0; i < sizeof(tls_certs) / sizeof(tls_certs[0]); i++) {
        tls_cert_make(t->dir, &tls_certs[i]);
    }

    tls_origin_configure(t);
    tls_origin_slow(t);

    (void) snprintf(conf, sizeof(conf), "%s/nginx.conf", t->dir);
    (void) snprintf(log, sizeof(log), "%s/nginx.log", t->dir);
    t->nginx = process_start((char *[]) { "nginx", "-p", t->dir, "-e", log,
                                          "-c", conf, NULL },
                             log, NULL);

    for (i = 0; i < TLS_SERVERS; i++) {
        tls_origin_wait((char *) t + tls_servers[i].url);
    }
}


static void
tls_origin_configure(tls_origin_t *t)
{
    char     path[128];
    FILE    *f;
    size_t   i;

    (void) snprintf(path, sizeof(path), "%s/nginx.conf", t->dir);
    f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);

    (void) fprintf(f, tls_conf, geteuid() == 0 ? "user root;" : "", t->dir,
                   t->dir, t->dir, t->dir, t->dir, t->dir, t->dir, t->dir);

    for (i = 0; i < TLS_SERVERS; i++) {
        tls_origin_server(t, &tls_servers[i], f);
    }

    ck_assert(fputs("}\n", f) >= 0 && fclose(f) == 0);
}


static void
tls_origin_server(tls_origin_t *t, const tls_server_t *s, FILE *f)
{
    char      *url;
    unsigned   port;

    port = process_port();
    url = (char *) t + s->url;
    (void) snprintf(url, sizeof(t->good), "https://127.0.0.1:%u", port);
    (void) fprintf(f, tls_server, port, s->cert, s->cert, s->protocols,
                   s->more, t->dir);
}


static void
tls_origin_slow(tls_origin_t *t)
{
    char  path[128], page[TLS_SLOW + 1];

    memset(page, ' ', TLS_SLOW);
    page[TLS_SLOW] = '\0';
    memcpy(page, "<h1>Slow</h1>", 13);

    (void) snprintf(path, sizeof(path), "%s/slow.html", t->dir);
    process_write(path, page);
}


static void
tls_origin_wait(const char *url)
{
    int       i;
    unsigned  port;

    port = (unsigned) strtoul(strrchr(url, ':') + 1, NULL, 10);

    for (i = 0; i < TLS_TRIES; i++) {
        if (process_listens(port)) {
            return;
        }

        process_pause(20);
    }

    ck_abort_msg("nginx does not listen at \"%s\"", url);
}


void
tls_origin_stop(tls_origin_t *t)
{
    ck_assert_int_eq(process_stop(t->nginx, SIGQUIT), 0);
    process_remove(t->dir);
}


void
tls_origin_requests(tls_origin_t *t, const char *prefix,
    tls_origin_request_t *requests, size_t n)
{
    int     i;
    size_t  found;

    found = 0;

    /* a line is written when the answer is sent, which may be had before */
    for (i = 0; i < TLS_TRIES && found < n; i++) {
        process_pause(i > 0 ? 20 : 0);
        found = tls_origin_read(t, prefix, requests, n);
    }

    ck_assert_uint_eq(found, n);
}


/* How many requests the log has; the first n are told. */
static size_t
tls_origin_read(tls_origin_t *t, const char *prefix,
    tls_origin_request_t *requests, size_t n)
{
    char                   path[128];
    char                  *log, *line, *rest;
    size_t                 found;
    tls_origin_request_t   r;

    (void) snprintf(path, sizeof(path), "%s/access.log", t->dir);
    log = process_read(path);
    found = 0;

    for (line = strtok_r(log, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
    {
        if (!tls_origin_line(line, prefix, &r)) {
            continue;
        }

        if (found < n) {
            requests[found] = r;
        }

        found++;
    }

    free(log);

    return found;
}


static int
tls_origin_line(const char *line, const char *prefix, tls_origin_request_t *r)
{
    char    *p;
    double   took;

    r->connection = strtoul(line, &p, 10);
    r->ended = strtod(p, &p);
    took = strtod(p, &p);
    r->begun = r->ended - took;

    return *p == ' ' && strncmp(p + 1, prefix, strlen(prefix)) == 0;
}
