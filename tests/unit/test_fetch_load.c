
#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/fetching.h"
#include "tests/support/suite.h"


#define LOAD_NAMES    1000
#define LOAD_PAGES    50
#define LOAD_TIME     (2 * LOOP_SEC)


static int silent_server(char *address, size_t size);
static size_t threads(void);


/* The time is in the names; pages are asked for one behind the other. */
START_TEST(pages_come_while_a_thousand_names_are_waited_for)
{
    int                 server;
    char                url[64], address[32];
    size_t              i, before;
    fetching_t          f;
    fetch_request_t     r;
    fetching_answer_t  *names, page;

    server = silent_server(address, sizeof(address));
    names = calloc(LOAD_NAMES, sizeof(fetching_answer_t));
    ck_assert_ptr_nonnull(names);
    fetching_begin(&f, address, "127.0.0.0/8", 2 * LOAD_NAMES);
    before = threads();

    r = fetching_request();
    r.connect_timeout = LOAD_TIME;
    r.total_timeout = LOAD_TIME;

    for (i = 0; i < LOAD_NAMES; i++) {
        (void) snprintf(url, sizeof(url), "http://n%zu.example/", i);
        (void) fetching_start(&f, url, &r, &names[i]);
    }

    for (i = 0; i < LOAD_PAGES; i++) {
        (void) fetching_start(&f, "/page/3", &r, &page);

        while (page.calls == 0) {
            fetching_run(&f, 1);
        }

        ck_assert_int_eq(page.result.error, FETCH_OK);
        fetching_free(&page);
    }

    ck_assert_uint_eq(names[0].calls, 0);
    ck_assert_uint_eq(threads(), before);

    for (i = 0; i < LOAD_NAMES; i++) {
        while (names[i].calls == 0) {
            fetching_run(&f, 1);
        }

        ck_assert_int_ne(names[i].result.error, FETCH_OK);
        fetching_free(&names[i]);
    }

    ck_assert_uint_eq(threads(), before);
    fetching_end(&f);
    free(names);
    (void) close(server);
}
END_TEST


/* It takes every question and answers none. */
static int
silent_server(char *address, size_t size)
{
    int                 fd;
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(sin);

    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(bind(fd, (struct sockaddr *) &sin, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &sin, &len), 0);
    (void) snprintf(address, size, "127.0.0.1:%u", ntohs(sin.sin_port));

    return fd;
}


static size_t
threads(void)
{
    DIR     *dir;
    size_t   n;

    dir = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(dir);

    for (n = 0; readdir(dir) != NULL; n++) {
        /* "." and ".." too, each time */
    }

    (void) closedir(dir);

    return n;
}


int
main(void)
{
    const TTest  *tests[] = {
        pages_come_while_a_thousand_names_are_waited_for,
        NULL
    };

    return suite_run("fetch load", tests, 60);
}
