
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <check.h>

#include "tests/access/hex.h"
#include "tests/access/house.h"
#include "tests/access/world.h"


#define HOUSE_HEAD      65536
#define HOUSE_TEXT      32768
#define HOUSE_TARGETS   0x3fff


/* A connection, served by a thread of its own. */
typedef struct {
    int            fd;
    house_t       *house;
    unsigned char  addr[16];
    size_t         len;
    int            keep;
    char           head[HOUSE_HEAD];
    char           text[HOUSE_TEXT];
} house_conn_t;


/* what is in front of a target, and the page around it */
typedef struct {
    const char  *path;
    const char  *field;
    const char  *page;
} house_page_t;


static void *house_accept(void *data);
static void house_open(house_t *s, int fd);
static void *house_serve(void *data);
static int house_address(house_conn_t *c);
static int house_read(house_conn_t *c);
static void house_count(house_conn_t *c, size_t n);
static void house_answer(house_conn_t *c, char *path);
static void house_robots(house_conn_t *c, int map);
static void house_redirect(house_conn_t *c, const char *path);
static void house_page(house_conn_t *c, const house_page_t *page,
    const char *target);
static void house_send(house_conn_t *c, int status, const char *field,
    const char *value, const char *body);


static const house_page_t  house_pages[] = {
    { "/refresh/", "Refresh: 0; url=%s\r\n", "<h1>good</h1>" },
    { "/meta/", "", "<meta http-equiv=refresh content=\"0; url=%s\">" },
    { "/link/", "", "<h1>good</h1><a href=\"%s\">x</a>" },
    { "/hold/", "", "<h1>good</h1><a href=\"%s\">x</a>" },
    { "/base/", "", "<base href=\"%s\"><h1>good</h1><a href=\"x\">x</a>" },
    { "/form/", "", "<form action=\"%s\" method=post><input name=user>"
      "<input type=password name=word></form>" },
    { NULL, NULL, NULL }
};


void
house_start(house_t *s)
{
    int                  no = 0, yes = 1;
    struct timeval       tick = { .tv_usec = 100000 };
    struct sockaddr_in6  sa = { .sin6_family = AF_INET6,
                                .sin6_port = htons(80) };

    memset(s, 0, sizeof(house_t));
    sc_buf_init(&s->log, 0);
    ck_assert_int_eq(pthread_mutex_init(&s->mutex, NULL), 0);
    s->fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(s->fd, -1);
    (void) setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
    (void) setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    (void) setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick));
    ck_assert_int_eq(bind(s->fd, (struct sockaddr *) &sa, sizeof(sa)), 0);
    ck_assert_int_eq(listen(s->fd, 1024), 0);
    ck_assert_int_eq(pthread_create(&s->thread, NULL, house_accept, s), 0);
}


static void *
house_accept(void *data)
{
    int      fd;
    house_t  *s = data;

    while (!atomic_load(&s->stop)) {
        fd = accept(s->fd, NULL, NULL);

        if (fd != -1) {
            house_open(s, fd);
        }
    }

    return NULL;
}


static void
house_open(house_t *s, int fd)
{
    pthread_t     thread;
    house_conn_t  *c;

    c = calloc(1, sizeof(house_conn_t));

    if (c == NULL) {
        (void) close(fd);
        return;
    }

    c->fd = fd;
    c->house = s;

    if (pthread_create(&thread, NULL, house_serve, c) == 0) {
        (void) pthread_detach(thread);

    } else {
        (void) close(fd);
        free(c);
    }
}


static void *
house_serve(void *data)
{
    char         *path;
    house_conn_t  *c = data;

    if (!house_address(c)) {
        house_count(c, 0);
    }

    do {
        c->keep = 0;

        if (!house_read(c)) {
            break;
        }

        path = strchr(c->head, ' ');

        if (path != NULL) {
            path++;
            path[strcspn(path, " \r\n")] = '\0';
            house_answer(c, path);
        }

    } while (c->keep);

    (void) close(c->fd);
    free(c);

    return NULL;
}


/* The address that was dialled; 1 when it is a good one, else 0. */
static int
house_address(house_conn_t *c)
{
    socklen_t            len;
    struct sockaddr_in6  sa;

    len = sizeof(sa);
    memset(&sa, 0, sizeof(sa));
    (void) getsockname(c->fd, (struct sockaddr *) &sa, &len);

    if (IN6_IS_ADDR_V4MAPPED(&sa.sin6_addr)) {
        c->len = 4;
        memcpy(c->addr, &sa.sin6_addr.s6_addr[12], 4);

    } else {
        c->len = 16;
        memcpy(c->addr, &sa.sin6_addr, 16);
    }

    return world_good(c->addr, c->len);
}


/* A head; 1, or 0 at the end.  What follows it is not needed. */
static int
house_read(house_conn_t *c)
{
    size_t   n;
    ssize_t  got;

    n = 0;

    do {
        got = recv(c->fd, c->head + n, sizeof(c->head) - 1 - n, 0);

        if (got <= 0) {
            return 0;
        }

        n += (size_t) got;
        c->head[n] = '\0';

    } while (strstr(c->head, "\r\n\r\n") == NULL
             && n < sizeof(c->head) - 1);

    house_count(c, n);

    return 1;
}


static void
house_count(house_conn_t *c, size_t n)
{
    house_t  *s = c->house;

    (void) pthread_mutex_lock(&s->mutex);

    if (world_good(c->addr, c->len)) {
        s->served++;
        (void) sc_buf_add(&s->log, c->head, n);

    } else {
        s->canary++;
    }

    (void) pthread_mutex_unlock(&s->mutex);
}


static void
house_answer(house_conn_t *c, char *path)
{
    const house_page_t  *page;

    if (strcmp(path, "/robots.txt") == 0 || strcmp(path, "/map.xml") == 0) {
        house_robots(c, path[1] == 'm');
        return;
    }

    if (strncmp(path, "/r/", 3) == 0 || strncmp(path, "/two/", 5) == 0) {
        house_redirect(c, path);
        return;
    }

    for (page = house_pages; page->path != NULL; page++) {
        if (strncmp(path, page->path, strlen(page->path)) == 0) {
            c->keep = page->path[1] == 'h';
            house_page(c, page, path + strlen(page->path));
            return;
        }
    }

    house_send(c, 200, "", "", "<title>good</title><h1>good</h1>");
}


static void
house_robots(house_conn_t *c, int map)
{
    char         text[HOUSE_TEXT];
    size_t       number, what;
    house_t      *s = c->house;
    const char  *target;

    number = (size_t) c->addr[2] << 8 | c->addr[3];
    what = c->len == 4 ? number >> 14 : 0;
    number &= HOUSE_TARGETS;
    target = number < s->ntargets ? s->targets[number] : "";

    if (map) {
        (void) snprintf(text, sizeof(text), "<urlset><url><loc>%s</loc></url>"
                        "</urlset>", target);
        house_send(c, 200, "Content-Type: application/xml\r\n%s", "", text);

    } else if (what == 1) {
        house_send(c, 302, "Location: %s\r\n", target, "");

    } else if (what == 2) {
        (void) snprintf(text, sizeof(text), "User-agent: *\nAllow: /\n"
                        "Sitemap: %s\n", target);
        house_send(c, 200, "Content-Type: text/plain\r\n%s", "", text);

    } else if (what == 3) {
        (void) snprintf(text, sizeof(text), "Sitemap: http://%u.%u.%u.%u/"
                        "map.xml\n", c->addr[0], c->addr[1], c->addr[2],
                        c->addr[3]);
        house_send(c, 200, "Content-Type: text/plain\r\n%s", "", text);

    } else {
        house_send(c, 404, "", "", "");
    }
}


/* path is "/r/CODE/TARGET" or "/two/CODE/TARGET". */
static void
house_redirect(house_conn_t *c, const char *path)
{
    int          status;
    char         target[HOUSE_TEXT / 2];
    const char  *code, *rest;

    code = strchr(path + 1, '/') + 1;
    rest = strchr(code, '/');
    status = (int) strtol(code, NULL, 10);

    if (rest == NULL) {
        house_send(c, 404, "", "", "");
        return;
    }

    if (path[1] == 't') {
        (void) snprintf(target, sizeof(target), "/r/%s", code);

    } else if (!hex_text(target, sizeof(target), rest + 1)) {
        house_send(c, 404, "", "", "");
        return;
    }

    house_send(c, status, "Location: %s\r\n", target, "");
}


static void
house_page(house_conn_t *c, const house_page_t *page, const char *target)
{
    char  text[HOUSE_TEXT / 2], body[HOUSE_TEXT];

    if (!hex_text(text, sizeof(text), target)) {
        house_send(c, 404, "", "", "");
        return;
    }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
    (void) snprintf(body, sizeof(body), page->page, text);
#pragma GCC diagnostic pop

    house_send(c, 200, page->field, text, body);
}


/* field has a place for value, or none. */
static void
house_send(house_conn_t *c, int status, const char *field, const char *value,
    const char *body)
{
    int   n;
    char  fields[HOUSE_TEXT];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
    (void) snprintf(fields, sizeof(fields), field, value);
#pragma GCC diagnostic pop

    n = snprintf(c->text, sizeof(c->text), "HTTP/1.1 %d X\r\n%s%s%s"
                 "Content-Length: %zu\r\n\r\n%s", status, fields,
                 strstr(fields, "Content-Type") != NULL
                 ? "" : "Content-Type: text/html\r\n",
                 c->keep ? "" : "Connection: close\r\n", strlen(body), body);

    if (n > 0 && (size_t) n < sizeof(c->text)) {
        (void) send(c->fd, c->text, (size_t) n, MSG_NOSIGNAL);
    }
}


void
house_stop(house_t *s)
{
    atomic_store(&s->stop, 1);
    (void) pthread_join(s->thread, NULL);
    (void) close(s->fd);
    sc_buf_free(&s->log);
}


size_t
house_canary(house_t *s)
{
    size_t  n;

    (void) pthread_mutex_lock(&s->mutex);
    n = s->canary;
    (void) pthread_mutex_unlock(&s->mutex);

    return n;
}


size_t
house_served(house_t *s)
{
    size_t  n;

    (void) pthread_mutex_lock(&s->mutex);
    n = s->served;
    (void) pthread_mutex_unlock(&s->mutex);

    return n;
}


int
house_logged(house_t *s, const char *text)
{
    int  found;

    (void) pthread_mutex_lock(&s->mutex);
    found = s->log.len > 0
            && memmem(s->log.data, s->log.len, text, strlen(text)) != NULL;
    (void) pthread_mutex_unlock(&s->mutex);

    return found;
}


void
house_forget(house_t *s)
{
    (void) pthread_mutex_lock(&s->mutex);
    s->log.len = 0;
    (void) pthread_mutex_unlock(&s->mutex);
}
