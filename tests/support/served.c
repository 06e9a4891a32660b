
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "sidecar/core/log.h"
#include "tests/support/process.h"
#include "tests/support/served.h"
#include "tests/support/streamed.h"


#define SERVED_PATIENCE   20000     /* ms for what must come */


static int served_child(void);
static void served_signal(int signo, void *data);
static void served_echo(server_request_t *r);
static void served_bytes(server_request_t *r, size_t n);
static void served_rules(server_request_t *r, const char *name);
static void served_cancelled(server_request_t *r);
static void served_reply(server_request_t *r, int status, const char *headers,
    const char *body, size_t len);


char        served_dir[64];
char        served_path[96];
char        served_at[112];
pid_t       served_pid;
int         served_few;
settings_t  served_settings;

/* from the child: 'l' when it listens, 'c' for each cancelled() */
static int        served_pipe[2];

/* in the child */
static loop_t    *served_events;
static server_t  *served_server;


void
served_setup(void)
{
    process_folder(served_dir, sizeof(served_dir));
    (void) snprintf(served_path, sizeof(served_path), "%s/s.sock", served_dir);
    (void) snprintf(served_at, sizeof(served_at), "unix:%s", served_path);

    served_settings.listen = served_at;
    served_settings.listen_mode = 0640;
    served_settings.max_body = SERVED_MAX_BODY;

    ck_assert_int_eq(pipe(served_pipe), 0);
    served_few = 0;
    served_start();
}


void
served_teardown(void)
{
    served_stop();
    (void) close(served_pipe[0]);
    (void) close(served_pipe[1]);
    process_remove(served_dir);
}


void
served_start(void)
{
    char  byte;

    served_pid = fork();
    ck_assert_int_ne(served_pid, -1);

    if (served_pid == 0) {
        exit(served_child());
    }

    ck_assert_int_eq(read(served_pipe[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'l');
}


void
served_stop(void)
{
    ck_assert_int_eq(process_stop(served_pid, SIGTERM), 0);
}


static int
served_child(void)
{
    char           err[256], file[128];
    struct rlimit  limit;

    static const int  signals[] = { SIGTERM, SIGUSR1, 0 };

    (void) snprintf(file, sizeof(file), "%s/log", served_dir);
    (void) log_open(file, LOG_DEBUG);

    served_events = loop_create();

    if (served_events == NULL
        || loop_signals(served_events, signals, served_signal, NULL) != SC_OK)
    {
        return 2;
    }

    served_server = server_create(served_events, &served_settings, -1,
                                  served_handle, streamed_wanted, NULL, err,
                                  sizeof(err));

    if (served_server == NULL) {
        (void) fprintf(stderr, "%s\n", err);
        return 3;
    }

    if (served_few) {
        /* one more than are open now */
        limit.rlim_cur = (rlim_t) dup(STDERR_FILENO) + 1;
        limit.rlim_max = limit.rlim_cur;
        (void) close((int) limit.rlim_cur - 1);
        (void) setrlimit(RLIMIT_NOFILE, &limit);
    }

    if (write(served_pipe[1], "l", 1) != 1
        || loop_run(served_events) != SC_OK)
    {
        return 4;
    }

    server_destroy(served_server);
    loop_destroy(served_events);

    return 0;
}


static void
served_signal(int signo, void *data)
{
    (void) data;

    if (signo == SIGUSR1) {
        server_drain(served_server);

    } else {
        loop_stop(served_events);
    }
}


void
served_handle(server_request_t *r, void *data)
{
    const char  *target = r->target;

    (void) data;

    if (strncmp(target, "/v1/echo", 8) == 0) {
        served_echo(r);

    } else if (strncmp(target, "/v1/size/", 9) == 0) {
        served_bytes(r, (size_t) strtoll(target + 9, NULL, 10));

    } else if (strncmp(target, "/v1/status/", 11) == 0) {
        served_reply(r, (int) strtoll(target + 11, NULL, 10), "", "x", 1);

    } else if (strncmp(target, "/v1/rules/", 10) == 0) {
        served_rules(r, target + 10);

    } else if (!streamed_handle(served_server, r, served_cancelled)) {
        r->cancelled = served_cancelled;
    }
}


static void
served_echo(server_request_t *r)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    (void) sc_buf_printf(&b, "%s %s|%s|%s|%s|%s|%s|%s|%s|%s|%lld|", r->method,
                         r->target, r->content_type, r->tenant, r->base,
                         r->url, r->use, r->request_id, r->prefer,
                         r->if_none_match, (long long) r->wait);

    if (r->body.failed) {
        (void) sc_buf_add_cstr(&b, "too large");

    } else {
        (void) sc_buf_add(&b, r->body.data, r->body.len);
    }

    served_reply(r, 200, "", b.data, b.len);
    sc_buf_free(&b);
}


static void
served_bytes(server_request_t *r, size_t n)
{
    char    *body;
    size_t   i;

    body = malloc(n + 1);

    for (i = 0; i < n; i++) {
        body[i] = (char) ('0' + i % 10);
    }

    served_reply(r, 200, "X-Test: yes\r\n", body, n);
    free(body);
}


static void
served_rules(server_request_t *r, const char *name)
{
    const char        *hash;
    const sc_rules_t  *rules;

    rules = server_rules(r->conn, name);
    hash = rules != NULL ? rules->hash : "none";
    served_reply(r, 200, "", hash, strlen(hash));
}


static void
served_cancelled(server_request_t *r)
{
    (void) r;

    if (write(served_pipe[1], "c", 1) != 1) {
        exit(5);
    }
}


static void
served_reply(server_request_t *r, int status, const char *headers,
    const char *body, size_t len)
{
    sc_str_t  h, b;

    h.data = headers;
    h.len = strlen(headers);
    b.data = body;
    b.len = len;
    server_reply(r, status, h, b);
}


int
served_connect(void)
{
    int                 fd;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    memcpy(sun.sun_path, served_path, strlen(served_path));

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(connect(fd, (struct sockaddr *) &sun, sizeof(sun)), 0);

    return fd;
}


void
greet(int fd)
{
    say(fd, SERVED_HELLO);
    expect_hello(fd);
}


void
expect_hello(int fd)
{
    int   n;
    char  fields[128];

    n = snprintf(fields, sizeof(fields), "Name: scraped\r\n"
                 "Version: " SCRAPED_VERSION "\r\nPid: %d\r\n"
                 "Max-Body: %d\r\n", (int) served_pid, SERVED_MAX_BODY);

    expect(fd, "hello 0 1 %d\r\n%s", n, fields);
}


void
say(int fd, const char *fmt, ...)
{
    int       n;
    char     *text;
    ssize_t   sent;
    va_list   args;

    va_start(args, fmt);
    n = vasprintf(&text, fmt, args);
    va_end(args);

    ck_assert_int_ge(n, 0);

    /* the served_pid may have closed it on an error already */
    sent = send(fd, text, (size_t) n, MSG_NOSIGNAL);
    ck_assert(sent == n || errno == EPIPE);
    free(text);
}


void
begin(int fd, unsigned id, unsigned credit, const char *head)
{
    say(fd, "open %u %u %zu\r\n%s", id, credit, strlen(head), head);
}


void
ask(int fd, unsigned id, unsigned credit, const char *head, const char *body)
{
    begin(fd, id, credit, head);
    say(fd, "last %u 0 %zu\r\n%s", id, strlen(body), body);
}


void
expect(int fd, const char *fmt, ...)
{
    int      n;
    char    *want, *got;
    size_t   len;
    va_list  args;

    va_start(args, fmt);
    n = vasprintf(&want, fmt, args);
    va_end(args);

    ck_assert_int_ge(n, 0);
    got = calloc(1, (size_t) n + 1);
    ck_assert_ptr_nonnull(got);

    len = expect_bytes(fd, got, (size_t) n);
    ck_assert_msg(len == (size_t) n && memcmp(got, want, len) == 0,
                  "wanted \"%s\", got \"%s\"", want, got);
    free(want);
    free(got);
}


void
expect_head(int fd, unsigned id, size_t length)
{
    int   n;
    char  fields[64];

    n = snprintf(fields, sizeof(fields), "X-Test: yes\r\n"
                 "Content-Length: %zu\r\n", length);
    expect(fd, "head %u 200 %d\r\n%s", id, n, fields);
}


void
expect_reply(int fd, unsigned id, const char *body)
{
    int   n;
    char  length[48];

    n = snprintf(length, sizeof(length), "Content-Length: %zu\r\n",
                 strlen(body));
    expect(fd, "head %u 200 %d\r\n%sdata %u 0 %zu\r\n%send %u 0 0\r\n", id, n,
           length, id, strlen(body), body, id);
}


void
expect_error(int fd, const char *says)
{
    char    text[1024];
    size_t  len;

    len = expect_bytes(fd, text, sizeof(text) - 1);
    text[len] = '\0';
    ck_assert_msg(strncmp(text, "error 0 0 ", 10) == 0
                  && strstr(text, says) != NULL, "wanted \"%s\", got \"%s\"",
                  says, text);
}


void
expect_closed(int fd)
{
    char  byte;

    ck_assert_uint_eq(expect_bytes(fd, &byte, 1), 0);
}


size_t
expect_bytes(int fd, char *buf, size_t len)
{
    size_t         got;
    ssize_t        n;
    struct pollfd  pfd;

    for (got = 0; got < len; got += (size_t) n) {
        pfd.fd = fd;
        pfd.events = POLLIN;
        ck_assert_msg(poll(&pfd, 1, SERVED_PATIENCE) == 1,
                      "nothing came after \"%.*s\"", (int) got, buf);

        n = read(fd, buf + got, len - got);

        if (n <= 0) {
            break;
        }
    }

    return got;
}


void
expect_cancelled(void)
{
    char  byte;

    ck_assert_uint_eq(expect_bytes(served_pipe[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'c');
}


size_t
expect_data(int fd, unsigned *id)
{
    char        header[SC_FRAME_MAX_HEADER + 1];
    char       *payload;
    size_t      len, used;
    sc_frame_t  f;

    for (len = 0; len < SC_FRAME_MAX_HEADER; /* void */) {
        ck_assert_uint_eq(expect_bytes(fd, header + len, 1), 1);
        len++;

        if (sc_frame_parse(header, len, &f, &used) == SC_OK) {
            break;
        }
    }

    ck_assert_int_eq(f.type, SC_FRAME_DATA);
    payload = malloc(f.len);
    ck_assert_ptr_nonnull(payload);
    ck_assert_uint_eq(expect_bytes(fd, payload, f.len), f.len);
    free(payload);
    *id = (unsigned) f.id;

    return f.len;
}
