
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define SERVICE_TIMEOUT    60
#define SERVICE_FD         3        /* of the first socket that is passed */
#define SERVICE_WAIT       60000    /* ms */


/*
 * A service manager in so far as scraped sees one: it listens for it, and is
 * told how it goes.
 */
typedef struct {
    gateway_t  gateway;
    int        listener;
    int        told;
} service_t;


static void service_setup(service_t *s);
static void service_teardown(service_t *s);
static int service_bind(const service_t *s, const char *name, int type);
static void service_start(service_t *s, const char *fds);
static void service_run(service_t *s);
static void service_end(service_t *s);
static void service_expect_told(service_t *s, const char *what);
static void service_expect_refused(service_t *s, const char *fds,
    const char *says);


START_TEST(socket_that_was_passed_is_served_and_left)
{
    char            path[128];
    service_t       s;
    struct stat     st;
    client_reply_t  reply;

    service_setup(&s);
    service_run(&s);
    reply = gateway_extract(&s.gateway, "/shop", "{\"t\":\"//h1\"}", "", NULL);
    ck_assert_int_eq(reply.status, 200);
    client_free(&reply);
    service_end(&s);

    (void) snprintf(path, sizeof(path), "%s/scraped.sock", s.gateway.dir);
    ck_assert_int_eq(stat(path, &st), 0);
    service_teardown(&s);
}
END_TEST


START_TEST(request_that_comes_while_no_scraped_runs_is_answered_by_the_next)
{
    int            fd;
    unsigned       port;
    service_t      s;
    struct pollfd  waiting;

    struct sockaddr_in  sin = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };

    service_setup(&s);
    service_run(&s);
    service_end(&s);

    port = (unsigned) strtoul(strrchr(s.gateway.url, ':') + 1, NULL, 10);
    sin.sin_port = htons((uint16_t) port);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *) &sin, sizeof(sin)), 0);
    say(fd, "GET /healthz HTTP/1.0\r\n\r\n");

    waiting.fd = s.listener;
    waiting.events = POLLIN;
    ck_assert_int_eq(poll(&waiting, 1, SERVICE_WAIT), 1);

    service_run(&s);
    expect(fd, "HTTP/1.1 200 OK\r\n");
    (void) close(fd);
    service_end(&s);
    service_teardown(&s);
}
END_TEST


START_TEST(manager_is_told_when_scraped_serves_and_when_it_ends)
{
    service_t  s;

    service_setup(&s);
    service_start(&s, "1");
    service_expect_told(&s, "READY=1");
    ck_assert_int_eq(gateway_stop_sidecar(&s.gateway, SIGTERM), 0);
    service_expect_told(&s, "STOPPING=1");
    service_teardown(&s);
}
END_TEST


START_TEST(manager_that_watches_is_told_that_scraped_is_alive)
{
    service_t  s;

    service_setup(&s);
    ck_assert_int_eq(setenv("WATCHDOG_USEC", "100000", 1), 0);
    service_run(&s);
    service_expect_told(&s, "WATCHDOG=1");
    service_expect_told(&s, "WATCHDOG=1");
    ck_assert_int_eq(gateway_stop_sidecar(&s.gateway, SIGTERM), 0);
    service_teardown(&s);
}
END_TEST


START_TEST(what_is_not_one_listening_socket_is_refused)
{
    int        listener;
    service_t  s;

    service_setup(&s);
    service_expect_refused(&s, "2", "2 sockets were passed, one is possible");
    service_expect_refused(&s, "many", "was passed: Invalid argument");

    listener = s.listener;
    s.listener = open("/dev/null", O_RDONLY | O_CLOEXEC);
    service_expect_refused(&s, "1", "no stream socket that listens");
    (void) close(s.listener);
    s.listener = listener;

    service_teardown(&s);
}
END_TEST


static void
service_setup(service_t *s)
{
    gateway_start(&s->gateway, &(gateway_options_t) { .no_sidecar = 1 });
    s->listener = service_bind(s, "scraped.sock", SOCK_STREAM);
    ck_assert_int_eq(listen(s->listener, SOMAXCONN), 0);
    s->told = service_bind(s, "told.sock", SOCK_DGRAM);
}


static void
service_teardown(service_t *s)
{
    (void) close(s->listener);
    (void) close(s->told);
    gateway_stop(&s->gateway);
}


/* A socket in the gateway's folder that everybody may use. */
static int
service_bind(const service_t *s, const char *name, int type)
{
    int                 fd;
    struct sockaddr_un  sun = { .sun_family = AF_UNIX };

    (void) snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/%s",
                    s->gateway.dir, name);
    fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *) &sun, sizeof(sun)), 0);
    ck_assert_int_eq(chmod(sun.sun_path, 0666), 0);

    return fd;
}


/* scraped, with so many sockets as it is told; this process says its pid. */
static void
service_start(service_t *s, const char *fds)
{
    int   log, passed;
    char  conf[128], path[128], pid[16], program[256];

    (void) snprintf(conf, sizeof(conf), "%s/scraped.conf", s->gateway.dir);
    (void) snprintf(path, sizeof(path), "%s/scraped.log", s->gateway.dir);
    (void) snprintf(program, sizeof(program), "%s/scraped", process_build());

    s->gateway.scraped = fork();
    ck_assert_int_ne(s->gateway.scraped, -1);

    if (s->gateway.scraped != 0) {
        return;
    }

    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    (void) dup2(log, STDERR_FILENO);

    passed = fcntl(s->listener, F_DUPFD_CLOEXEC, SERVICE_FD + 2);
    (void) dup2(passed, SERVICE_FD);
    (void) dup2(passed, SERVICE_FD + 1);
    (void) snprintf(path, sizeof(path), "%s/told.sock", s->gateway.dir);
    (void) snprintf(pid, sizeof(pid), "%d", (int) getpid());
    (void) setenv("NOTIFY_SOCKET", path, 1);
    (void) setenv("LISTEN_PID", pid, 1);
    (void) setenv("LISTEN_FDS", fds, 1);
    (void) execl(program, program, "-c", conf, NULL);
    _exit(127);
}


/* scraped with the one socket, until it serves. */
static void
service_run(service_t *s)
{
    service_start(s, "1");
    service_expect_told(s, "READY=1");
}


static void
service_end(service_t *s)
{
    ck_assert_int_eq(gateway_stop_sidecar(&s->gateway, SIGTERM), 0);
    service_expect_told(s, "STOPPING=1");
}


/* The next thing that is told. */
static void
service_expect_told(service_t *s, const char *what)
{
    char           said[64];
    ssize_t        n;
    struct pollfd  told;

    told.fd = s->told;
    told.events = POLLIN;
    ck_assert_int_eq(poll(&told, 1, SERVICE_WAIT), 1);

    n = recv(s->told, said, sizeof(said) - 1, 0);
    ck_assert_int_gt(n, 0);
    said[n] = '\0';
    ck_assert_str_eq(said, what);
}


static void
service_expect_refused(service_t *s, const char *fds, const char *says)
{
    char  *log;
    char   path[128];

    service_start(s, fds);
    ck_assert_int_eq(process_wait(s->gateway.scraped), 1);
    s->gateway.scraped = 0;

    (void) snprintf(path, sizeof(path), "%s/scraped.log", s->gateway.dir);
    log = process_read(path);
    ck_assert_msg(strstr(log, says) != NULL, "\"%s\" is not in: %s", says,
                  log);
    free(log);
}


int
main(void)
{
    const TTest *const  tests[] = {
        socket_that_was_passed_is_served_and_left,
        request_that_comes_while_no_scraped_runs_is_answered_by_the_next,
        manager_is_told_when_scraped_serves_and_when_it_ends,
        manager_that_watches_is_told_that_scraped_is_alive,
        what_is_not_one_listening_socket_is_refused,
        NULL
    };

    return suite_run("service", tests, SERVICE_TIMEOUT);
}
