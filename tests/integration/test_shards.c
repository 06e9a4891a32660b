
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/core/id.h"
#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define SHARDS_TIMEOUT    120
#define SHARDS_HOSTS      200
#define SHARDS            4             /* sidecars, of which three at first */
#define SHARDS_TRIES      250           /* of 20 ms, for a start */


/*
 * A gateway with three sidecars at /three, and with a fourth at /four, where
 * what is not found is looked for at the others.
 *
 * dir   where their sockets and stores are
 * port  of the origin: nginx itself, at the addresses 127.0.1.1 and on
 */
typedef struct {
    gateway_t    gateway;
    char         dir[64];
    pid_t        scraped[SHARDS];
    unsigned     port;
} shards_t;


/* A job of a host: where it was made, and what it gave. */
typedef struct {
    char  peer[128];
    char  job[ID_SIZE];
    char  result[ID_SIZE];
} shards_job_t;


static void shards_start(shards_t *s);
static void shards_stop(shards_t *s);
static void shards_sidecar(shards_t *s, unsigned n);
static void shards_make(shards_t *s, const char *base, unsigned host,
    shards_job_t *job);
static void shards_found(shards_t *s, const char *path, const char *id,
    const char *tail);
static long shards_status(shards_t *s, const char *path, const char *id,
    const char *tail);


START_TEST(a_host_has_one_sidecar_and_its_jobs_are_found)
{
    int           peers;
    size_t        i, n;
    shards_t      s;
    shards_job_t  job, again;
    char          seen[SHARDS][128];

    shards_start(&s);
    peers = 0;

    for (i = 0; i < SHARDS_HOSTS; i++) {
        shards_make(&s, "/three", (unsigned) i, &job);
        shards_make(&s, "/three", (unsigned) i, &again);
        ck_assert_str_eq(job.peer, again.peer);

        shards_found(&s, "/three/v1/jobs/", job.job, "");
        shards_found(&s, "/three/v1/jobs/", job.job, "/results");
        shards_found(&s, "/three/v1/results/", job.result, "");
        shards_found(&s, "/three/v1/results/", job.result, "/raw");

        for (n = 0; n < (size_t) peers; n++) {
            if (strcmp(seen[n], job.peer) == 0) {
                break;
            }
        }

        if (n == (size_t) peers) {
            ck_assert_int_lt(peers, SHARDS);
            (void) snprintf(seen[peers++], sizeof(seen[0]), "%s", job.peer);
        }
    }

    ck_assert_int_eq(peers, 3);

    shards_stop(&s);
}
END_TEST


START_TEST(a_sidecar_more_takes_its_share_and_the_past_is_found)
{
    char           last[128];
    int            i, moved;
    shards_t       s;
    shards_job_t  *old, new;

    shards_start(&s);
    moved = 0;
    old = calloc(SHARDS_HOSTS, sizeof(shards_job_t));
    ck_assert_ptr_nonnull(old);
    (void) snprintf(last, sizeof(last), "unix:%s/3.sock", s.dir);

    for (i = 0; i < SHARDS_HOSTS; i++) {
        shards_make(&s, "/three", (unsigned) i, &old[i]);
    }

    for (i = 0; i < SHARDS_HOSTS; i++) {
        shards_make(&s, "/four", (unsigned) i, &new);

        if (strcmp(old[i].peer, new.peer) != 0) {
            ck_assert_str_eq(new.peer, last);
            moved++;
        }

        shards_found(&s, "/four/v1/jobs/", old[i].job, "");
        shards_found(&s, "/four/v1/results/", old[i].result, "/raw");
    }

    ck_assert_int_ge(moved, SHARDS_HOSTS / 10);
    ck_assert_int_le(moved, SHARDS_HOSTS * 4 / 10);
    ck_assert_int_eq(shards_status(&s, "/four/v1/jobs/",
                                   "00001ARZ3NDEKTSV4RRFFQ69G5FAV", ""),
                     404);

    free(old);
    shards_stop(&s);
}
END_TEST


START_TEST(a_job_of_many_hosts_keeps_all_in_one_place)
{
    int              i;
    char             body[1024], path[128];
    sc_str_t         id;
    shards_t         s;
    json_t          *item;
    client_reply_t   r;
    size_t           n;

    shards_start(&s);
    i = snprintf(body, sizeof(body), "{\"defaults\":{\"rules\":"
                 "{\"title\":\"//h1\"}},\"urls\":[");

    for (n = 0; n < 8; n++) {
        i += snprintf(body + i, sizeof(body) - (size_t) i,
                      "%s\"http://127.0.1.%zu:%u/page/%zu\"",
                      n > 0 ? "," : "", n + 1, s.port, n);
    }

    (void) snprintf(body + i, sizeof(body) - (size_t) i, "]}");
    r = gateway_request(&s.gateway, "POST", "/three/v1/batch", NULL, body);
    ck_assert_int_eq(r.status, 202);
    (void) snprintf(path, sizeof(path), "/three/v1/jobs/%s?include=results",
                    client_str(&r, "id"));
    client_free(&r);

    r = gateway_request(&s.gateway, "GET", path, "Prefer: wait=30", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 8);

    json_array_foreach(client_get(&r, "data"), n, item) {
        id.data = json_string_value(json_object_get(item, "id"));
        shards_found(&s, "/three/v1/results/", id.data, "");
    }

    client_free(&r);
    shards_stop(&s);
}
END_TEST


START_TEST(a_name_is_found_where_it_was_put)
{
    int             i;
    char            body[256], name[32], job[ID_SIZE];
    shards_t        s;
    client_reply_t  r;

    shards_start(&s);
    (void) snprintf(body, sizeof(body), "{\"kind\":\"extract\",\"url\":"
                    "\"http://127.0.1.1:%u/page/1\",\"rules\":"
                    "{\"title\":\"//h1\"}}", s.port);

    for (i = 0; i < 12; i++) {
        (void) snprintf(name, sizeof(name), "/three/v1/jobs/order-%d", i);
        r = gateway_request(&s.gateway, "PUT", name, NULL, body);
        ck_assert_int_ge(r.status, 200);
        ck_assert_int_lt(r.status, 300);
        (void) snprintf(job, sizeof(job), "%s", client_str(&r, "id"));
        client_free(&r);

        shards_found(&s, "", name, "");
        shards_found(&s, "/three/v1/jobs/", job, "");
    }

    shards_stop(&s);
}
END_TEST


static void
shards_start(shards_t *s)
{
    int                i;
    char               http[16384], server[512];
    unsigned           n;
    const char        *transport;
    gateway_options_t  o = { .http = http, .server = server };

    memset(s, 0, sizeof(shards_t));
    process_folder(s->dir, sizeof(s->dir));
    s->port = process_port();

    transport = getenv("SCRAPE_UPSTREAM");
    transport = transport != NULL && strcmp(transport, "channel") == 0
                ? "scrape_channel;" : "keepalive 16;";

    i = snprintf(http, sizeof(http),
                 "upstream three { hash $scrape_shard consistent;"
                 "server unix:%s/0.sock; server unix:%s/1.sock;"
                 "server unix:%s/2.sock; %s }"
                 "upstream four { hash $scrape_shard consistent;"
                 "server unix:%s/0.sock; server unix:%s/1.sock;"
                 "server unix:%s/2.sock; server unix:%s/3.sock; %s }"
                 "server { default_type text/html;"
                 "location / { return 200 '<h1>a</h1>'; }\n",
                 s->dir, s->dir, s->dir, transport, s->dir, s->dir, s->dir,
                 s->dir, transport);

    for (n = 0; n < SHARDS_HOSTS; n++) {
        i += snprintf(http + i, sizeof(http) - (size_t) i,
                      "listen 127.0.1.%u:%u;\n", n + 1, s->port);
    }

    (void) snprintf(http + i, sizeof(http) - (size_t) i, "}");
    (void) snprintf(server, sizeof(server),
                    "add_header T-Peer $upstream_addr always;"
                    "location /three/v1/ { scrape_pass three; }"
                    "location /four/v1/ { scrape_pass four;"
                    "scrape_next_upstream error timeout http_404; }");

    gateway_start(&s->gateway, &o);

    for (n = 0; n < SHARDS; n++) {
        shards_sidecar(s, n);
    }
}


static void
shards_sidecar(shards_t *s, unsigned n)
{
    int                 fd, i;
    char                conf[128], text[1024], program[256], log[128];
    struct sockaddr_un  sun = { .sun_family = AF_UNIX };

    (void) snprintf(text, sizeof(text), "listen = unix:%s/%u.sock\n"
                    "store = %s/%u.db\nallow_addresses = 127.0.0.0/8\n"
                    "robots = ignore\nhost_delay = 0\n", s->dir, n, s->dir,
                    n);
    (void) snprintf(conf, sizeof(conf), "%s/%u.conf", s->dir, n);
    (void) snprintf(log, sizeof(log), "%s/%u.log", s->dir, n);
    (void) snprintf(program, sizeof(program), "%s/scraped", process_build());
    process_write(conf, text);

    s->scraped[n] = process_start((char *[]) { program, "-c", conf, NULL },
                                  log, NULL);

    (void) snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/%u.sock", s->dir,
                    n);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_ne(fd, -1);

    for (i = 0; connect(fd, (struct sockaddr *) &sun, sizeof(sun)) != 0; i++)
    {
        ck_assert_int_lt(i, SHARDS_TRIES);
        process_pause(20);
    }

    (void) close(fd);
}


static void
shards_stop(shards_t *s)
{
    unsigned  n;

    gateway_stop(&s->gateway);

    for (n = 0; n < SHARDS; n++) {
        ck_assert_int_eq(process_stop(s->scraped[n], SIGTERM), 0);
    }

    process_remove(s->dir);
}


/* Extract a page of a host, and wait for it. */
static void
shards_make(shards_t *s, const char *base, unsigned host, shards_job_t *job)
{
    char            path[64], body[256];
    const char     *result;
    client_reply_t  r;

    (void) snprintf(path, sizeof(path), "%s/v1/extract", base);
    (void) snprintf(body, sizeof(body), "{\"url\":\"http://127.0.1.%u:%u"
                    "/page/%u\",\"rules\":{\"title\":\"//h1\"},"
                    "\"keep_raw\":true}", host + 1, s->port,
                    host);

    r = gateway_request(&s->gateway, "POST", path, NULL, body);
    ck_assert_msg(r.status == 200, "%s", r.body);

    result = strrchr(client_str(&r, "result"), '/');
    ck_assert_ptr_nonnull(result);
    (void) snprintf(job->result, ID_SIZE, "%s", result + 1);
    (void) snprintf(job->job, ID_SIZE, "%s", client_str(&r, "id"));
    (void) snprintf(job->peer, sizeof(job->peer), "%s",
                    client_header(&r, "T-Peer"));
    client_free(&r);
}


static void
shards_found(shards_t *s, const char *path, const char *id, const char *tail)
{
    long  status;

    status = shards_status(s, path, id, tail);
    ck_assert_msg(status == 200, "%s%s%s: %ld", path, id, tail, status);
}


static long
shards_status(shards_t *s, const char *path, const char *id, const char *tail)
{
    char            url[256];
    long            status;
    client_reply_t  r;

    (void) snprintf(url, sizeof(url), "%s%s%s", path, id, tail);
    r = gateway_request(&s->gateway, "GET", url, NULL, NULL);
    status = r.status;
    client_free(&r);

    return status;
}


int
main(void)
{
    const TTest *const  tests[] = {
        a_host_has_one_sidecar_and_its_jobs_are_found,
        a_sidecar_more_takes_its_share_and_the_past_is_found,
        a_job_of_many_hosts_keeps_all_in_one_place,
        a_name_is_found_where_it_was_put,
        NULL
    };

    return suite_run("shards", tests, SHARDS_TIMEOUT);
}
