
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/cached.h"
#include "tests/support/served.h"


#define CACHED_ON        "scrape_cache pages;"                                \
                         "add_header X-Cache $upstream_cache_status always;"

/* one connection a request: what comes is asked for anew */
#define CACHED_UPSTREAM  " "


static int cached_found(const char *path, const struct stat *st, int type,
    struct FTW *at);


/* the one that cached_found() has found */
static char  cached_path[256];


void
cached_start(framed_t *f, const char *api)
{
    char               text[512];
    gateway_options_t  o;

    memset(&o, 0, sizeof(gateway_options_t));
    (void) snprintf(text, sizeof(text), CACHED_ON "%s", api);
    o.http = CACHED_ZONE;
    o.api = text;
    o.upstream = CACHED_UPSTREAM;
    framed_start(f, &o);
}


int
cached_ask(const framed_t *f, const char *line, const char *fields)
{
    int  client, whole;

    client = framed_client(f);
    whole = strcmp(fields, "\r\n") == 0 || strstr(fields, "\r\n\r\n") != NULL;
    say(client, "%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s%s", line,
        fields, whole ? "" : "\r\n");

    return client;
}


char *
cached_answer(const framed_t *f, int status, const char *fields,
    const char *body)
{
    int          up;
    char        *head;
    uint64_t     id;
    sc_frame_t   frame;

    up = framed_accept(f);
    id = framed_opened(up, &head);

    do {
        free(framed_next(up, &frame));
    } while (frame.type == SC_FRAME_BODY);

    say(up, FRAMED_HELLO);
    framed_reply(up, id, status, fields, body);
    (void) close(up);

    return head;
}


void
cached_length(char *fields, size_t size, const char *others, const char *body)
{
    (void) snprintf(fields, size, "%sContent-Length: %zu\r\n", others,
                    strlen(body));
}


void
cached_expect(int client, const char *status, const char *cached,
    const char *body)
{
    char    *head, *got;
    char     line[64];
    size_t   len;

    head = framed_head(client);
    ck_assert_msg(strncmp(head + 9, status, 3) == 0, "%s", head);

    if (cached != NULL) {
        (void) snprintf(line, sizeof(line), "\r\nX-Cache: %s\r\n", cached);
        ck_assert_msg(strstr(head, line) != NULL, "%s: %s", cached, head);
    }

    got = calloc(1, CACHED_BIG + 1024);
    ck_assert_ptr_nonnull(got);
    len = expect_bytes(client, got, CACHED_BIG + 1023);

    /* a problem is known by its type */
    ck_assert_msg(len == strlen(body)
                  ? memcmp(got, body, len) == 0
                  : strstr(body, "problem") && strstr(head, body),
                  "%s%.300s", head, got);

    free(head);
    free(got);
    (void) close(client);
}


void
cached_miss(const framed_t *f, const char *line, const char *fields,
    const char *kept, const char *body)
{
    int   client;
    char  all[256];

    cached_length(all, sizeof(all), kept, body);
    client = cached_ask(f, line, fields);
    free(cached_answer(f, 200, all, body));
    cached_expect(client, "200", "MISS", body);
}


void
cached_fetch(const framed_t *f, const char *cached, const char *kept,
    const char *body)
{
    int   client;
    char  all[256];

    cached_length(all, sizeof(all), kept, body);
    client = cached_ask(f, "GET " CACHED_TARGET, "");
    free(cached_answer(f, 200, all, body));
    cached_expect(client, "200", cached, body);
}


void
cached_hit(const framed_t *f, const char *line, const char *fields,
    const char *body)
{
    cached_expect(cached_ask(f, line, fields), "200", "HIT", body);
    ck_assert(!cached_is_asked(f));
}


int
cached_is_asked(const framed_t *f)
{
    struct pollfd  pfd;

    pfd.fd = f->listener;
    pfd.events = POLLIN;

    return poll(&pfd, 1, 0) != 0;
}


char *
cached_file(const framed_t *f)
{
    char  dir[128];

    (void) snprintf(dir, sizeof(dir), "%s/cache", f->gateway.dir);
    cached_path[0] = '\0';
    (void) nftw(dir, cached_found, 8, FTW_PHYS);

    return cached_path[0] != '\0' ? strdup(cached_path) : NULL;
}


static int
cached_found(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void) st;
    (void) at;

    if (type == FTW_F) {
        (void) snprintf(cached_path, sizeof(cached_path), "%s", path);
    }

    return type == FTW_F;
}


void
cached_forget_log(const framed_t *f, const char *says)
{
    char  path[128];
    char *log;

    (void) snprintf(path, sizeof(path), "%s/nginx.log", f->gateway.dir);
    log = process_read(path);
    ck_assert_msg(strstr(log, says) != NULL, "%s", log);
    free(log);
    ck_assert_int_eq(truncate(path, 0), 0);
}
