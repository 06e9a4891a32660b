
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/gateway.h"


#define GATEWAY_TRIES    3000       /* of 20 ms, for a start */


static void gateway_folder(gateway_t *g);
static void gateway_configure(gateway_t *g, const gateway_options_t *o);
static const char *gateway_transport(void);
static void gateway_start_nginx(gateway_t *g);
static void gateway_module(char *path, size_t size);
static void gateway_preload(char *env, size_t size);
static void gateway_library(char *question, char *path, size_t size);
static void gateway_wait_ready(gateway_t *g);
static void gateway_check_log(gateway_t *g, const char *name);
static const char *gateway_or(const char *s, const char *other);


static const char  gateway_conf[] =
    "%s\n"
    "load_module %s;\n"
    "daemon off;\n"
    "worker_processes %d;\n"
    "pid %s/nginx.pid;\n"
    "error_log %s/nginx.log info;\n"
    "events { worker_connections 512; }\n"
    "http {\n"
    "    access_log off;\n"
    "    client_body_temp_path %s/body;\n"
    "    proxy_temp_path %s/proxy;\n"
    "    fastcgi_temp_path %s/fastcgi;\n"
    "    uwsgi_temp_path %s/uwsgi;\n"
    "    scgi_temp_path %s/scgi;\n"
    "    %s\n"
    "    upstream scrapers {\n"
    "        server unix:%s/scraped.sock;\n"
    "        %s\n"
    "    }\n"
    "    server {\n"
    "        listen 127.0.0.1:%u;\n"
    "        root %s/www;\n"
    "        location /v1/ { scrape_pass scrapers; %s }\n"
    "        location = /healthz { scrape_pass scrapers; }\n"
    "        location = /readyz { scrape_pass scrapers; }\n"
    "        %s\n"
    "    }\n"
    "}\n";


void
gateway_start(gateway_t *g, const gateway_options_t *options)
{
    char                line[64], log[128], program[256];
    gateway_options_t   none;

    memset(g, 0, sizeof(gateway_t));
    memset(&none, 0, sizeof(gateway_options_t));

    if (options == NULL) {
        options = &none;
    }

    gateway_folder(g);

    (void) snprintf(log, sizeof(log), "%s/origin.log", g->dir);
    (void) snprintf(program, sizeof(program), "%s/tests/origin/origin",
                    process_build());

    g->origin_pid = process_start_line((char *[]) { program, "0", NULL }, log,
                                       line, sizeof(line));
    (void) snprintf(g->origin, sizeof(g->origin), "http://127.0.0.1:%.16s",
                    line);

    gateway_configure(g, options);

    if (!options->no_sidecar) {
        gateway_start_sidecar(g);
    }

    gateway_start_nginx(g);

    if (!options->no_sidecar) {
        gateway_wait_ready(g);
    }
}


/* A folder for the state, with www/corpus/ for pages nginx itself serves. */
static void
gateway_folder(gateway_t *g)
{
    char  path[128];

    process_folder(g->dir, sizeof(g->dir));

    (void) snprintf(path, sizeof(path), "%s/www", g->dir);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    (void) snprintf(path, sizeof(path), "%s/www/corpus", g->dir);
    ck_assert_int_eq(mkdir(path, 0755), 0);
}


static void
gateway_configure(gateway_t *g, const gateway_options_t *o)
{
    char         path[128], module[512], text[32768];
    unsigned     port;
    const char  *settings;

    settings = gateway_or(o->settings, "");
    port = process_port();
    (void) snprintf(g->url, sizeof(g->url), "http://127.0.0.1:%u", port);
    gateway_module(module, sizeof(module));

    (void) snprintf(text, sizeof(text), gateway_conf,
                    geteuid() == 0 ? "user root;" : "", module,
                    o->one_worker ? 1 : 2, g->dir, g->dir, g->dir, g->dir,
                    g->dir, g->dir, g->dir,
                    gateway_or(o->http, ""), g->dir,
                    gateway_or(o->upstream, gateway_transport()), port,
                    g->dir, gateway_or(o->api, ""), gateway_or(o->server, ""));
    (void) snprintf(path, sizeof(path), "%s/nginx.conf", g->dir);
    process_write(path, text);

    (void) snprintf(text, sizeof(text),
                    "listen = unix:%s/scraped.sock\n"
                    "store = %s/scraped.db\n"
                    "log_level = info\n"
                    "%s\n%s\n", g->dir, g->dir, settings,
                    strstr(settings, "allow_addresses") == NULL
                    ? "allow_addresses = 127.0.0.0/8" : "");
    (void) snprintf(path, sizeof(path), "%s/scraped.conf", g->dir);
    process_write(path, text);
}


/* How requests travel to scraped: as the run of the suites says. */
static const char *
gateway_transport(void)
{
    const char  *upstream;

    upstream = getenv("SCRAPE_UPSTREAM");

    return upstream != NULL && strcmp(upstream, "channel") == 0
           ? "scrape_channel;" : "keepalive 16;";
}


static void
gateway_start_nginx(gateway_t *g)
{
    char  conf[128], log[128], preload[1100];

    (void) snprintf(conf, sizeof(conf), "%s/nginx.conf", g->dir);
    (void) snprintf(log, sizeof(log), "%s/nginx.log", g->dir);
    gateway_preload(preload, sizeof(preload));

    g->nginx = process_start((char *[]) { "nginx", "-p", g->dir, "-e", log,
                                          "-c", conf, NULL },
                             log,
                             (char *[]) { preload,
                                          "ASAN_OPTIONS=detect_leaks=0",
                                          NULL });
}


void
gateway_start_sidecar(gateway_t *g)
{
    char  conf[128], log[128], program[256];

    (void) snprintf(conf, sizeof(conf), "%s/scraped.conf", g->dir);
    (void) snprintf(log, sizeof(log), "%s/scraped.log", g->dir);
    (void) snprintf(program, sizeof(program), "%s/scraped", process_build());

    g->scraped = process_start((char *[]) { program, "-c", conf, NULL }, log,
                               NULL);

    if (g->nginx != 0) {
        gateway_wait_ready(g);
    }
}


int
gateway_stop_sidecar(gateway_t *g, int signo)
{
    int  status;

    status = process_stop(g->scraped, signo);
    g->scraped = 0;

    return status;
}


static void
gateway_module(char *path, size_t size)
{
    char        *top;
    const char  *build;

    build = process_build();
    top = getcwd(NULL, 0);
    ck_assert_ptr_nonnull(top);

    (void) snprintf(path, size, "%s%s%s/ngx_http_scrape_module.so",
                    build[0] == '/' ? "" : top, build[0] == '/' ? "" : "/",
                    build);
    free(top);
}


/* A sanitized module needs its runtime loaded before nginx itself. */
static void
gateway_preload(char *env, size_t size)
{
    char  asan[512], ubsan[512];

    (void) snprintf(env, size, "LD_PRELOAD=");

    if (!process_sanitized()) {
        return;
    }

    gateway_library("-print-file-name=libasan.so", asan, sizeof(asan));
    gateway_library("-print-file-name=libubsan.so", ubsan, sizeof(ubsan));
    (void) snprintf(env, size, "LD_PRELOAD=%s %s", asan, ubsan);
}


static void
gateway_library(char *question, char *path, size_t size)
{
    char *const  argv[] = { "gcc", question, NULL };

    (void) process_wait(process_start_line(argv, "/dev/null", path, size));
}


static void
gateway_wait_ready(gateway_t *g)
{
    int             i, rc;
    long            status;
    char            url[128];
    siginfo_t       info;
    client_reply_t  reply;

    (void) snprintf(url, sizeof(url), "%s/readyz", g->url);

    for (i = 0; i < GATEWAY_TRIES; i++) {
        memset(&info, 0, sizeof(info));
        (void) waitid(P_PID, (id_t) g->nginx, &info,
                      WEXITED | WNOHANG | WNOWAIT);
        ck_assert_msg(info.si_pid == 0, "nginx in %s has ended", g->dir);

        rc = client_try(&reply, "GET", url, NULL, NULL, 1000);
        status = reply.status;
        client_free(&reply);

        if (rc == 0 && status == 200) {
            return;
        }

        process_pause(20);
    }

    ck_abort_msg("the gateway in %s does not become ready", g->dir);
}


void
gateway_stop(gateway_t *g)
{
    ck_assert_int_eq(process_stop(g->nginx, SIGQUIT), 0);

    if (g->scraped != 0) {
        ck_assert_int_eq(gateway_stop_sidecar(g, SIGTERM), 0);
    }

    (void) process_stop(g->origin_pid, SIGKILL);

    gateway_check_log(g, "nginx.log");
    gateway_check_log(g, "scraped.log");
    process_remove(g->dir);
}


static void
gateway_check_log(gateway_t *g, const char *name)
{
    char     path[128];
    char    *log, *line, *rest;
    size_t   i;

    static const char  *words[] = { "[alert]", "[emerg]", "[crit]",
                                    "Sanitizer", "runtime error:" };

    (void) snprintf(path, sizeof(path), "%s/%s", g->dir, name);
    log = process_read(path);

    for (line = strtok_r(log, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
    {
        /* a sidecar that is not there is a test's own doing */
        if (strstr(line, "connect() to unix:") != NULL) {
            continue;
        }

        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            if (strstr(line, words[i]) != NULL) {
                ck_abort_msg("%s has: %s\n%.3000s", name, line, rest);
            }
        }
    }

    free(log);
}


client_reply_t
gateway_request(gateway_t *g, const char *method, const char *path,
    const char *headers, const char *body)
{
    int   json;
    char  url[16384], lines[8192];

    (void) snprintf(url, sizeof(url), "%s%s", g->url, path);

    headers = gateway_or(headers, "");
    json = body != NULL && strstr(headers, "Content-Type") == NULL;
    (void) snprintf(lines, sizeof(lines), "%s%s",
                    json ? "Content-Type: application/json\n" : "", headers);

    return client_request(method, url, lines, body);
}


client_reply_t
gateway_extract(gateway_t *g, const char *page, const char *rules,
    const char *members, const char *headers)
{
    char  body[16384];

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s%s\",\"rules\":%s%s}",
                    g->origin, page, rules, members);

    return gateway_request(g, "POST", "/v1/extract", headers, body);
}


long
gateway_hits(gateway_t *g, const char *path)
{
    long            hits;
    char            url[128];
    client_reply_t  reply;

    (void) snprintf(url, sizeof(url), "%s/hits", g->origin);
    reply = client_request("GET", url, NULL, NULL);
    hits = (long) json_integer_value(json_object_get(reply.json, path));
    client_free(&reply);

    return hits;
}


int
gateway_nginx_test(const char *http, char **said)
{
    int         rc;
    char        conf[128], log[128], preload[1100];
    pid_t       pid;
    gateway_t   g;

    memset(&g, 0, sizeof(gateway_t));
    gateway_folder(&g);
    gateway_configure(&g, &(gateway_options_t) { .http = http });
    gateway_preload(preload, sizeof(preload));

    (void) snprintf(conf, sizeof(conf), "%s/nginx.conf", g.dir);
    (void) snprintf(log, sizeof(log), "%s/test.log", g.dir);

    pid = process_start((char *[]) { "nginx", "-t", "-p", g.dir, "-e",
                                     "stderr", "-c", conf, NULL },
                        log,
                        (char *[]) { preload, "ASAN_OPTIONS=detect_leaks=0",
                                     NULL });
    rc = process_wait(pid);
    *said = process_read(log);
    process_remove(g.dir);

    return rc;
}


static const char *
gateway_or(const char *s, const char *other)
{
    return s != NULL ? s : other;
}
