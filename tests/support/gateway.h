
/*
 * The whole gateway for a test: the real nginx with the module, the real
 * scraped, and the test origin, each on a free port, all state in a folder of
 * its own.
 */

#ifndef GATEWAY_H
#define GATEWAY_H


#include "tests/support/client.h"
#include "tests/support/process.h"


/*
 * What a test adds to the configuration; NULL members add nothing.
 *
 * http       inside http { }
 * server     inside server { }
 * api        inside location /v1/ { }
 * upstream   inside upstream { }, instead of "keepalive 16;", or
 *            "scrape_channel;" where SCRAPE_UPSTREAM=channel is in the
 *            environment
 * settings   lines of scraped's settings file; without allow_addresses among
 *            them, 127.0.0.0/8 is opened
 * no_sidecar do not start scraped
 * one_worker of nginx, instead of two
 */
typedef struct {
    const char  *http;
    const char  *server;
    const char  *api;
    const char  *upstream;
    const char  *settings;
    int          no_sidecar;
    int          one_worker;
} gateway_options_t;


/*
 * url     "http://127.0.0.1:PORT", of nginx
 * origin  the same of the test origin
 * dir     where everything is kept
 */
typedef struct {
    char    url[64];
    char    origin[64];
    char    dir[64];
    pid_t   nginx;
    pid_t   scraped;
    pid_t   origin_pid;
} gateway_t;


/* Start all three and wait until they answer.  options may be NULL. */
void gateway_start(gateway_t *g, const gateway_options_t *options);

/*
 * Stop all three; fails the test when one does not end well, or when a log
 * has an [alert], [emerg], [crit] or a sanitizer's report.
 */
void gateway_stop(gateway_t *g);

/* Start scraped with the settings it had, or stop it with a signal. */
void gateway_start_sidecar(gateway_t *g);
int gateway_stop_sidecar(gateway_t *g, int signo);

/* client_request() to a path of the gateway; a body is sent as JSON. */
client_reply_t gateway_request(gateway_t *g, const char *method,
    const char *path, const char *headers, const char *body);

/*
 * POST /v1/extract of a page of the origin with these rules (JSON text) and
 * further members (", \"name\": value" or "").
 */
client_reply_t gateway_extract(gateway_t *g, const char *page,
    const char *rules, const char *members, const char *headers);

/* How often the origin was asked for this path. */
long gateway_hits(gateway_t *g, const char *path);

/*
 * Run `nginx -t` on a configuration with this text inside http { }; returns
 * its exit status and what it said, to be freed.
 */
int gateway_nginx_test(const char *http, char **said);


#endif /* GATEWAY_H */
