
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "tests/access/front.h"
#include "tests/support/gateway.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define SECRETS_TIMEOUT    300
#define SECRETS_TEXT       4096
#define SECRETS_NOBODY     65534

/* every secret has it, and nothing else has */
#define SECRETS_MARK       "hunter2"


/*
 * A request that has a secret; with where it is the page to be fetched, which
 * fails in a way of its own.
 */
typedef struct {
    const char  *method;
    const char  *path;
    const char  *body;
} secrets_case_t;


static void secrets_ask(gateway_t *g, front_t *f, const secrets_case_t *c,
    size_t *wrong);
static size_t secrets_file(const char *dir, const char *name);
static size_t secrets_argv(pid_t pid);
static size_t secrets_children(pid_t parent);
static int secrets_refused(const char *path, uid_t uid, gid_t gid);


/* one %s is the origin's URL, wherever it stands */
static const secrets_case_t  secrets_cases[] = {
    { "PUT", "/v1/sessions/s", "{\"headers\":{\"X-Key\":\"k\"},\"cookies\":"
      "[{\"name\":\"c\",\"value\":\"v\",\"domain\":\"127.0.0.1\"}],\"login\":"
      "{\"url\":\"%s/status/500\",\"fill\":{\"user\":\"u\",\"password\":"
      "\"" SECRETS_MARK "\"}}}" },
    { "GET", "/v1/sessions/s", NULL },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/1\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"session\":\"s\"}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/1\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"auth\":{\"basic\":{\"user\":\"u\",\"password\":"
      "\"" SECRETS_MARK "\"}}}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/drop\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"auth\":{\"bearer\":\"" SECRETS_MARK "\"}}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/1\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"auth\":{\"bearer\":\"" SECRETS_MARK "\\u0001\"}}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/1\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"auth\":{\"basic\":{\"user\":\"u:x\",\"password\":"
      "\"" SECRETS_MARK "\"}}}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/1\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"proxy\":\"http://u:" SECRETS_MARK "@127.0.0.1:1234\""
      "}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/1\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"proxy\":\"http://u:" SECRETS_MARK "@10.0.0.1:1234\""
      "}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/1\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"proxy\":\"socks5://u:" SECRETS_MARK "@127.0.0.1:0\""
      "}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/1\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"proxy\":\"pool:p\"}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/drop\",\"rules\":{\"t\":\"//h1\""
      "},\"request\":{\"cookies\":{\"c\":\"" SECRETS_MARK "\"},\"headers\":"
      "{\"Authorization\":\"" SECRETS_MARK "\"}}}" },
    { "POST", "/v1/extract", "{\"url\":\"%s/page/2\",\"rules\":{\"t\":\"//h1\""
      "},\"webhook\":{\"url\":\"http://127.0.0.1:1234/\",\"secret\":\""
      SECRETS_MARK "\",\"headers\":{\"X-Key\":\"" SECRETS_MARK "\"}}}" },
    { "POST", "/v1/extract", "{\"url\":\"http://u:" SECRETS_MARK
      "@127.0.0.1/\",\"rules\":{\"t\":\"//h1\"}}" },
    { "GET", "/v1/jobs", NULL },
    { "GET", "/v1/results", NULL },
    { "GET", "/v1/status", NULL },
    { "GET", "/v1/hosts", NULL },
    { "GET", "/v1/sessions", NULL },
    { "GET", "/v1/usage", NULL }
};

#define SECRETS_CASES    (sizeof(secrets_cases) / sizeof(secrets_cases[0]))


START_TEST(no_secret_is_in_answers_logs_or_arguments)
{
    char       pools[64], settings[256];
    size_t     i, wrong, logged, shown;
    front_t    front;
    gateway_t  g;

    process_file(pools, sizeof(pools), "p http://u:" SECRETS_MARK
                 "@127.0.0.1:1234\n");
    (void) snprintf(settings, sizeof(settings), "proxies = %s\n"
                    "webhook_secret = " SECRETS_MARK "\nretries = 0\n",
                    pools);
    gateway_start(&g, &(gateway_options_t) { .settings = settings });
    front_open(&front, strrchr(g.url, ':') + 1);
    wrong = 0;

    for (i = 0; i < SECRETS_CASES; i++) {
        secrets_ask(&g, &front, &secrets_cases[i], &wrong);
    }

    shown = secrets_argv(g.scraped) + secrets_argv(g.nginx)
            + secrets_children(g.scraped) + secrets_children(g.nginx);
    logged = secrets_file(g.dir, "scraped.log")
             + secrets_file(g.dir, "nginx.log");
    proof_report("secrets", "D8", SECRETS_CASES + 4, wrong + shown + logged,
                 "secrets in %zu answers, %zu logs, the arguments or "
                 "environment of %zu processes", wrong, logged, shown);
    front_close(&front);
    gateway_stop(&g);
    ck_assert_int_eq(unlink(pools), 0);
}
END_TEST


static void
secrets_ask(gateway_t *g, front_t *f, const secrets_case_t *c, size_t *wrong)
{
    char         body[SECRETS_TEXT];
    const char  *place;

    if (c->body != NULL) {
        place = strstr(c->body, "%s");
        (void) snprintf(body, sizeof(body), "%.*s%s%s",
                        place != NULL ? (int) (place - c->body) : 2000,
                        c->body, place != NULL ? g->origin : "",
                        place != NULL ? place + 2 : "");
    }

    (void) front_ask(f, c->method, c->path, "", c->body != NULL ? body
                                                                : NULL);

    if (strstr(f->body, SECRETS_MARK) != NULL
        || strstr(f->head, SECRETS_MARK) != NULL)
    {
        (void) printf("# %s %s: %.600s\n", c->method, c->path, f->body);
        (*wrong)++;
    }
}


static size_t
secrets_file(const char *dir, const char *name)
{
    char    path[256];
    char   *text, *found;
    size_t  n;

    (void) snprintf(path, sizeof(path), "%s/%s", dir, name);
    text = process_read(path);
    found = strstr(text, SECRETS_MARK);
    n = found != NULL;

    if (n != 0) {
        while (found > text && found[-1] != '\n') {
            found--;
        }

        (void) printf("# %s: %.*s\n", name, (int) strcspn(found, "\n"),
                      found);
    }

    free(text);

    return n;
}


/* What others on this machine may see of a process. */
static size_t
secrets_argv(pid_t pid)
{
    char     path[64], text[SECRETS_TEXT];
    FILE    *f;
    size_t   i, n, found;

    static const char *const  files[] = { "cmdline", "environ" };

    found = 0;

    for (i = 0; i < 2; i++) {
        (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid,
                        files[i]);
        f = fopen(path, "r");

        if (f == NULL) {
            continue;
        }

        n = fread(text, 1, sizeof(text), f);
        (void) fclose(f);
        found |= n > 0 && memmem(text, n, SECRETS_MARK, 7) != NULL;
    }

    return found;
}


static size_t
secrets_children(pid_t parent)
{
    char    path[64];
    char   *text, *p, *end;
    size_t  n;

    (void) snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
                    (int) parent, (int) parent);
    text = process_read(path);
    n = 0;

    for (p = text; strtol(p, &end, 10) > 0; p = end) {
        n += secrets_argv((pid_t) strtol(p, NULL, 10));
    }

    free(text);

    return n;
}


START_TEST(socket_is_for_its_owner_and_group_alone)
{
    char         path[128];
    size_t       wrong;
    gateway_t    g;
    struct stat  st;

    gateway_start(&g, NULL);
    (void) snprintf(path, sizeof(path), "%s/scraped.sock", g.dir);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert(S_ISSOCK(st.st_mode));
    wrong = (st.st_mode & 07777) != 0660;

    if (geteuid() == 0) {
        wrong += !secrets_refused(path, SECRETS_NOBODY, SECRETS_NOBODY);
        wrong += secrets_refused(path, SECRETS_NOBODY, st.st_gid);
        wrong += secrets_refused(path, 0, 0);

    } else {
        (void) printf("skipped: being another user takes root\n");
        (void) fflush(stdout);
    }

    proof_report("secrets", "D8", geteuid() == 0 ? 4 : 1, wrong, "mode %o; "
                 "another user is refused, one of its group and itself are "
                 "not", (unsigned) (st.st_mode & 07777));
    gateway_stop(&g);
}
END_TEST


/* Whether a process of this user and group is not let in. */
static int
secrets_refused(const char *path, uid_t uid, gid_t gid)
{
    int                 fd;
    pid_t               pid;
    struct sockaddr_un  sa = { .sun_family = AF_UNIX };

    (void) snprintf(sa.sun_path, sizeof(sa.sun_path), "%.100s", path);
    pid = fork();
    ck_assert_int_ne(pid, -1);

    if (pid == 0) {
        if (setgroups(0, NULL) == -1 || setresgid(gid, gid, gid) == -1
            || setresuid(uid, uid, uid) == -1)
        {
            _exit(2);
        }

        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        _exit(connect(fd, (struct sockaddr *) &sa, sizeof(sa)) == -1);
    }

    return process_wait(pid);
}


int
main(void)
{
    const TTest *const  tests[] = {
        no_secret_is_in_answers_logs_or_arguments,
        socket_is_for_its_owner_and_group_alone,
        NULL
    };

    return suite_run("secrets", tests, SECRETS_TIMEOUT);
}
