
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sidecar/ctl/ctl_internal.h"
#include "tests/support/suite.h"


#define HTTP_REQUEST    4096


/* A gateway that gives one answer after the other, whatever is asked. */
typedef struct {
    pid_t  pid;
    int    asked;
    char   url[64];
} http_fake_t;


static void http_start(http_fake_t *f, ctl_t *c, const char *const *answers);
static void http_serve(int fd, int asked, const char *const *answers);
static void http_end(http_fake_t *f, ctl_t *c);
static void http_asked(http_fake_t *f, char *text, size_t size);


START_TEST(a_path_goes_behind_that_of_the_gateway)
{
    char         text[HTTP_REQUEST];
    ctl_t        c;
    http_fake_t  f;
    ctl_reply_t  reply;

    static const char *const  answers[] = {
        "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}",
        "HTTP/1.1 200 OK\r\n\r\n",
        NULL
    };

    http_start(&f, &c, answers);

    (void) snprintf(f.url + strlen(f.url), 16, "/scrape//");
    c.headers[c.nheaders++] = "X-Own: yes";
    c.values[CTL_OPT_USER] = "me:secret";

    ck_assert_int_eq(ctl_http_get(&c, "/v1/jobs/a", "wait=2", &reply), SC_OK);
    ck_assert_int_eq(reply.status, 200);
    ck_assert(json_is_object(reply.json));
    ctl_reply_free(&reply);

    http_asked(&f, text, sizeof(text));
    ck_assert_int_eq(strncmp(text, "GET /scrape/v1/jobs/a HTTP/1.1\r\n", 32),
                     0);
    ck_assert_ptr_nonnull(strstr(text, "\r\nPrefer: wait=2\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "\r\nX-Own: yes\r\n"));
    ck_assert_ptr_nonnull(strstr(text,
                              "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"));

    ck_assert_int_eq(ctl_http_get(&c, "/scrape/v1/jobs/b", NULL, &reply),
                     SC_OK);
    ck_assert_ptr_null(reply.json);
    ctl_reply_free(&reply);

    http_asked(&f, text, sizeof(text));
    ck_assert_int_eq(strncmp(text, "GET /scrape/v1/jobs/b HTTP/1.1\r\n", 32),
                     0);
    ck_assert_ptr_null(strstr(text, "Prefer"));

    http_end(&f, &c);
}
END_TEST


START_TEST(a_busy_gateway_is_asked_again)
{
    char         text[HTTP_REQUEST];
    ctl_t        c;
    http_fake_t  f;
    ctl_reply_t  reply;

    static const char *const  answers[] = {
        "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\n",
        "HTTP/1.1 503 Down\r\n\r\n{}",
        NULL
    };

    http_start(&f, &c, answers);

    ck_assert_int_eq(ctl_http_get(&c, "/v1/a", NULL, &reply), SC_OK);
    ck_assert_int_eq(reply.status, 503);
    ck_assert_int_eq(reply.retry_after, 0);
    ctl_reply_free(&reply);

    http_asked(&f, text, sizeof(text));
    http_asked(&f, text, sizeof(text));

    http_end(&f, &c);
}
END_TEST


START_TEST(a_redirect_is_an_answer_like_others)
{
    ctl_t        c;
    http_fake_t  f;
    ctl_reply_t  reply;

    static const char *const  answers[] = {
        "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n",
        NULL
    };

    http_start(&f, &c, answers);

    ck_assert_int_eq(ctl_http_get(&c, "/v1/a", NULL, &reply), SC_OK);
    ck_assert_int_eq(reply.status, 302);
    ctl_reply_free(&reply);

    http_end(&f, &c);
}
END_TEST


START_TEST(the_next_page_is_a_path_of_the_gateway)
{
    size_t       i;
    ctl_t        c;
    http_fake_t  f;
    ctl_reply_t  reply;

    static const char *const  answers[] = {
        "HTTP/1.1 200 OK\r\nLink: </v1/a?after=1>; rel=\"next\"\r\n\r\n",
        "HTTP/1.1 200 OK\r\n"
        "link: </v1/b>; rel=\"monitor\", </v1/c>; rel=\"next\"\r\n\r\n",
        "HTTP/1.1 200 OK\r\n"
        "Link: <http://192.0.2.1/v1/a>; rel=\"next\"\r\n\r\n",
        "HTTP/1.1 200 OK\r\nLink: <//192.0.2.1/v1/a>; rel=\"next\"\r\n\r\n",
        "HTTP/1.1 200 OK\r\nLink: </v1/a\r\n\r\n",
        NULL
    };

    static const char *const  next[] = { "/v1/a?after=1", "/v1/c", "", "",
                                         "" };

    http_start(&f, &c, answers);

    for (i = 0; i < 5; i++) {
        ck_assert_int_eq(ctl_http_get(&c, "/v1/a", NULL, &reply), SC_OK);
        ck_assert_str_eq(reply.next, next[i]);
        ctl_reply_free(&reply);
    }

    http_end(&f, &c);
}
END_TEST


START_TEST(an_export_follows_the_pages_of_results)
{
    char         text[HTTP_REQUEST];
    ctl_t        c;
    http_fake_t  f;
    char        *ids[] = { "j" };

    static const char *const  answers[] = {
        "HTTP/1.1 200 OK\r\nLink: </v1/jobs/j/results?after=1>; "
        "rel=\"next\"\r\n\r\n{\"data\":[{\"data\":{\"a\":1}}]}",
        "HTTP/1.1 200 OK\r\n\r\n{\"data\":[{\"data\":{\"a\":2}}],"
        "\"next\":\"/v1/jobs/j/results?after=2\"}",
        "HTTP/1.1 200 OK\r\n\r\n{\"data\":[],"
        "\"next\":\"/v1/jobs/j/results?after=2\"}",
        NULL
    };

    http_start(&f, &c, answers);
    c.args = ids;
    c.nargs = 1;

    ck_assert_int_eq(ctl_export(&c), CTL_DONE);

    http_asked(&f, text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "GET /v1/jobs/j/results?limit=1000 "));
    http_asked(&f, text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "GET /v1/jobs/j/results?after=1 "));
    http_asked(&f, text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "GET /v1/jobs/j/results?after=2 "));

    http_end(&f, &c);
}
END_TEST


START_TEST(a_watch_goes_on_until_the_job_has_ended)
{
    ctl_t        c;
    http_fake_t  f;
    char        *ids[] = { "j", "k" };

    static const char *const  answers[] = {
        "HTTP/1.1 200 OK\r\n\r\n{\"state\":\"queued\"}",
        "HTTP/1.1 200 OK\r\n\r\n{\"state\":\"running\","
        "\"stats\":{\"total\":-1,\"completed\":9}}",
        "HTTP/1.1 200 OK\r\n\r\n{\"state\":\"completed\"}",
        "HTTP/1.1 200 OK\r\n\r\n{\"state\":\"failed\","
        "\"error\":{\"detail\":\"no\"}}",
        "HTTP/1.1 200 OK\r\n\r\n[]",
        NULL
    };

    http_start(&f, &c, answers);
    c.args = ids;
    c.nargs = 2;
    ck_assert_int_eq(ctl_watch(&c), CTL_FAILED);

    c.nargs = 1;
    ck_assert_int_eq(ctl_watch(&c), CTL_FAILED);

    http_end(&f, &c);
}
END_TEST


START_TEST(what_is_no_answer_is_no_gateway)
{
    ctl_t        c;
    http_fake_t  f;
    ctl_reply_t  reply;

    static const char *const  answers[] = { "SSH-2.0-no\r\n", NULL };

    http_start(&f, &c, answers);

    ck_assert_int_eq(ctl_http_get(&c, "/v1/a", NULL, &reply), SC_ERROR);
    ctl_reply_free(&reply);

    c.values[CTL_OPT_GATEWAY] = "ftp://127.0.0.1/";
    ck_assert_int_eq(ctl_http_get(&c, "/v1/a", NULL, &reply), SC_ERROR);
    ctl_reply_free(&reply);

    c.values[CTL_OPT_GATEWAY] = "unix:/nonexistent";
    ck_assert_int_eq(ctl_http_get(&c, "/v1/a", NULL, &reply), SC_ERROR);
    ctl_reply_free(&reply);

    http_end(&f, &c);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_path_goes_behind_that_of_the_gateway,
        a_busy_gateway_is_asked_again,
        a_redirect_is_an_answer_like_others,
        the_next_page_is_a_path_of_the_gateway,
        an_export_follows_the_pages_of_results,
        a_watch_goes_on_until_the_job_has_ended,
        what_is_no_answer_is_no_gateway,
        NULL
    };

    return suite_run("ctl http", tests, 30);
}


static void
http_start(http_fake_t *f, ctl_t *c, const char *const *answers)
{
    int                 fd, fds[2];
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(c, 0, sizeof(ctl_t));
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(sin);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(bind(fd, (struct sockaddr *) &sin, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &sin, &len), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(pipe(fds), 0);

    f->pid = fork();
    ck_assert_int_ne(f->pid, -1);

    if (f->pid == 0) {
        http_serve(fd, fds[1], answers);
    }

    (void) close(fd);
    (void) close(fds[1]);
    f->asked = fds[0];

    ck_assert_int_eq(setenv("no_proxy", "127.0.0.1", 1), 0);
    (void) snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u",
                    ntohs(sin.sin_port));
    c->values[CTL_OPT_GATEWAY] = f->url;
}


/* A connection an answer; each request is passed on, padded to a size. */
static void
http_serve(int fd, int asked, const char *const *answers)
{
    int      conn;
    char     text[HTTP_REQUEST];
    size_t   len;
    ssize_t  n;

    for ( /* void */ ; *answers != NULL; answers++) {
        conn = accept(fd, NULL, NULL);
        memset(text, 0, sizeof(text));
        len = 0;

        do {
            n = recv(conn, text + len, sizeof(text) - 1 - len, 0);
            len += (n > 0) ? (size_t) n : 0;
        } while (n > 0 && strstr(text, "\r\n\r\n") == NULL);

        if (write(asked, text, sizeof(text)) != sizeof(text)) {
            break;
        }

        (void) send(conn, *answers, strlen(*answers), MSG_NOSIGNAL);
        (void) close(conn);
    }

    _exit(*answers == NULL ? 0 : 1);
}


/* All answers were asked for. */
static void
http_end(http_fake_t *f, ctl_t *c)
{
    int  status;

    curl_easy_cleanup(c->curl);
    ck_assert_int_eq(waitpid(f->pid, &status, 0), f->pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    (void) close(f->asked);
}


/* The next request that came. */
static void
http_asked(http_fake_t *f, char *text, size_t size)
{
    size_t   len;
    ssize_t  n;

    for (len = 0; len < size; len += (size_t) n) {
        n = read(f->asked, text + len, size - len);
        ck_assert_int_gt(n, 0);
    }
}
