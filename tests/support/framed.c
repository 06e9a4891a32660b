
#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/framed.h"
#include "tests/support/served.h"


#define FRAMED_PATIENCE    20000    /* ms for what must come */
#define FRAMED_HEAD_MAX    16384


static unsigned framed_port(const framed_t *f);
static int framed_listen(const char *dir);
static char *framed_line(const char *path, const char *start);


void
framed_start(framed_t *f, const gateway_options_t *options)
{
    gateway_options_t  o;

    memset(&o, 0, sizeof(gateway_options_t));

    if (options != NULL) {
        o = *options;
    }

    /* each request has the connection for itself unless a test says */
    if (o.upstream == NULL) {
        o.upstream = "keepalive 16;";
    }

    o.no_sidecar = 1;
    gateway_start(&f->gateway, &o);
    f->listener = framed_listen(f->gateway.dir);

    while (!process_listens(framed_port(f))) {
        process_pause(5);
    }
}


void
framed_stop(framed_t *f)
{
    (void) close(f->listener);
    gateway_stop(&f->gateway);
}


static unsigned
framed_port(const framed_t *f)
{
    return (unsigned) strtoul(strrchr(f->gateway.url, ':') + 1, NULL, 10);
}


static int
framed_listen(const char *dir)
{
    int                 fd;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(struct sockaddr_un));
    sun.sun_family = AF_UNIX;
    (void) snprintf(sun.sun_path, sizeof(sun.sun_path), "%.80s/scraped.sock",
                    dir);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(bind(fd, (struct sockaddr *) &sun, sizeof(sun)), 0);
    ck_assert_int_eq(listen(fd, 16), 0);

    return fd;
}


int
framed_client(const framed_t *f)
{
    int                 fd;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((uint16_t) framed_port(f));
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(connect(fd, (struct sockaddr *) &sin, sizeof(sin)), 0);

    return fd;
}


int
framed_accept(const framed_t *f)
{
    int            fd;
    struct pollfd  pfd;

    pfd.fd = f->listener;
    pfd.events = POLLIN;
    ck_assert_msg(poll(&pfd, 1, FRAMED_PATIENCE) == 1,
                  "nginx does not connect");

    fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
    ck_assert_int_ne(fd, -1);

    return fd;
}


char *
framed_next(int fd, sc_frame_t *f)
{
    char    header[SC_FRAME_MAX_HEADER + 1];
    char   *payload;
    size_t  len, used;

    for (len = 0; len < SC_FRAME_MAX_HEADER; /* void */) {
        ck_assert_uint_eq(expect_bytes(fd, header + len, 1), 1);
        len++;

        if (sc_frame_parse(header, len, f, &used) == SC_OK) {
            break;
        }
    }

    ck_assert_msg(len < SC_FRAME_MAX_HEADER, "\"%.*s\"", (int) len, header);

    payload = calloc(1, f->len + 1);
    ck_assert_ptr_nonnull(payload);
    ck_assert_uint_eq(expect_bytes(fd, payload, f->len), f->len);

    return payload;
}


uint64_t
framed_opened(int fd, char **head)
{
    char        *payload;
    sc_frame_t   f;

    for ( ;; ) {
        payload = framed_next(fd, &f);

        if (f.type == SC_FRAME_OPEN) {
            break;
        }

        ck_assert(f.type == SC_FRAME_HELLO || f.type == SC_FRAME_RULES);
        free(payload);
    }

    if (head != NULL) {
        *head = payload;

    } else {
        free(payload);
    }

    return f.id;
}


void
framed_body(int fd, uint64_t id, size_t n)
{
    sc_frame_t  f;

    while (n > 0) {
        free(framed_next(fd, &f));
        ck_assert_int_eq(f.type, SC_FRAME_BODY);
        ck_assert_uint_eq(f.id, id);
        ck_assert_uint_le(f.len, n);
        n -= f.len;
    }
}


void
framed_last(int fd, uint64_t id)
{
    sc_frame_t  f;

    free(framed_next(fd, &f));
    ck_assert_int_eq(f.type, SC_FRAME_LAST);
    ck_assert_uint_eq(f.id, id);
    ck_assert_uint_eq(f.len, 0);
}


void
framed_reply(int fd, uint64_t id, int status, const char *fields,
    const char *body)
{
    say(fd, "head %" PRIu64 " %d %zu\r\n%sdata %" PRIu64 " 0 %zu\r\n%s"
        "end %" PRIu64 " 0 0\r\n", id, status, strlen(fields), fields, id,
        strlen(body), body, id);
}


char *
framed_head(int fd)
{
    char    *head;
    size_t   len;

    head = calloc(1, FRAMED_HEAD_MAX);
    ck_assert_ptr_nonnull(head);

    for (len = 0; len < FRAMED_HEAD_MAX - 1; len++) {
        if (strstr(head, "\r\n\r\n") != NULL) {
            return head;
        }

        ck_assert_msg(expect_bytes(fd, head + len, 1) == 1,
                      "only \"%s\" came", head);
    }

    ck_abort_msg("the head is too long");

    return NULL;
}


long
framed_memory(const framed_t *f)
{
    long   n;
    char   path[64];
    char  *list, *next, *end, *status;

    (void) snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
                    (int) f->gateway.nginx, (int) f->gateway.nginx);
    list = framed_line(path, "");
    n = 0;

    for (next = list; *next != '\0'; next = end) {
        (void) snprintf(path, sizeof(path), "/proc/%ld/status",
                        strtol(next, &end, 10));

        if (end == next) {
            break;
        }

        status = framed_line(path, "VmRSS:");
        n += strtol(status + sizeof("VmRSS:") - 1, NULL, 10);
        free(status);
    }

    free(list);
    ck_assert_int_gt(n, 0);

    return n;
}


/* The first line of the file that begins so; to be freed. */
static char *
framed_line(const char *path, const char *start)
{
    FILE    *f;
    char    *line;
    size_t   size;

    f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    line = NULL;
    size = 0;

    do {
        ck_assert_int_gt(getline(&line, &size, f), 0);
    } while (strncmp(line, start, strlen(start)) != 0);

    (void) fclose(f);

    return line;
}


int
framed_files(const framed_t *f)
{
    int             n;
    DIR            *dir;
    char            path[128];
    struct dirent  *entry;

    (void) snprintf(path, sizeof(path), "%s/body", f->gateway.dir);
    dir = opendir(path);

    if (dir == NULL) {
        return 0;
    }

    n = 0;

    while ((entry = readdir(dir)) != NULL) {
        n += entry->d_name[0] != '.';
    }

    (void) closedir(dir);

    return n;
}
