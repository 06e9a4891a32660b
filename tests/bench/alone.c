
/*
 * The limit of an origin that is held open: libcurl alone, an easy handle a
 * page, one multi handle, its sockets in epoll.  COUNT pages at once, each
 * from an address of its own in 127.0.0.0/8.  Prints KB of memory a
 * connection, as the first is answered, and how many were answered.
 *
 * usage: alone PORT COUNT
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <sys/epoll.h>


#define ALONE_EVENTS  512


/*
 * before, held   KB of memory: with nothing open, as the first page is there
 * due            milliseconds to libcurl's timer, -1 is none
 */
typedef struct {
    CURLM  *multi;
    int     epoll;
    int     running;
    long    due;
    long    answered;
    long    before;
    long    held;
} alone_t;


static void alone_open(alone_t *a);
static int alone_watch(CURL *easy, curl_socket_t fd, int what, void *data,
    void *known);
static int alone_timer(CURLM *multi, long ms, void *data);
static void alone_begin(alone_t *a, long n, long port);
static size_t alone_body(char *part, size_t size, size_t n, void *data);
static void alone_run(alone_t *a);
static void alone_ended(alone_t *a);
static long alone_memory(void);
static void alone_need(int ok, const char *what);


int
main(int argc, char **argv)
{
    long     i, port, count;
    alone_t  a;

    port = (argc == 3) ? strtol(argv[1], NULL, 10) : 0;
    count = (argc == 3) ? strtol(argv[2], NULL, 10) : 0;

    if (port < 1 || count < 1) {
        (void) fprintf(stderr, "usage: alone PORT COUNT\n");
        return 2;
    }

    alone_open(&a);
    a.before = alone_memory();

    for (i = 0; i < count; i++) {
        alone_begin(&a, i, port);
    }

    alone_run(&a);
    (void) printf("%.1f %ld\n", (double) (a.held - a.before) / (double) count,
                  a.answered);

    return 0;
}


static void
alone_open(alone_t *a)
{
    memset(a, 0, sizeof(alone_t));
    (void) curl_global_init(CURL_GLOBAL_DEFAULT);
    a->multi = curl_multi_init();
    a->epoll = epoll_create1(EPOLL_CLOEXEC);
    a->due = -1;
    alone_need(a->multi != NULL && a->epoll != -1, "memory is out");

    curl_multi_setopt(a->multi, CURLMOPT_SOCKETFUNCTION, alone_watch);
    curl_multi_setopt(a->multi, CURLMOPT_SOCKETDATA, a);
    curl_multi_setopt(a->multi, CURLMOPT_TIMERFUNCTION, alone_timer);
    curl_multi_setopt(a->multi, CURLMOPT_TIMERDATA, a);
}


static int
alone_watch(CURL *easy, curl_socket_t fd, int what, void *data, void *known)
{
    alone_t            *a = data;
    struct epoll_event  ev = { .data.fd = fd };

    (void) easy;
    ev.events = (what & CURL_POLL_IN ? (uint32_t) EPOLLIN : 0)
                | (what & CURL_POLL_OUT ? (uint32_t) EPOLLOUT : 0);

    if (what == CURL_POLL_REMOVE) {
        (void) epoll_ctl(a->epoll, EPOLL_CTL_DEL, fd, &ev);
        return 0;
    }

    alone_need(epoll_ctl(a->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
                         &ev) == 0, "a socket cannot be watched");
    curl_multi_assign(a->multi, fd, a);

    return 0;
}


static int
alone_timer(CURLM *multi, long ms, void *data)
{
    alone_t  *a = data;

    (void) multi;
    a->due = ms;

    return 0;
}


static void
alone_begin(alone_t *a, long n, long port)
{
    char   url[64];
    CURL  *easy;

    (void) snprintf(url, sizeof(url), "http://127.%ld.%ld.%ld:%ld/",
                    1 + n / 65536, n / 256 % 256, n % 256, port);
    easy = curl_easy_init();
    alone_need(easy != NULL, "memory is out");

    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 120000L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, alone_body);
    alone_need(curl_multi_add_handle(a->multi, easy) == CURLM_OK,
               "memory is out");
    a->running++;
}


static size_t
alone_body(char *part, size_t size, size_t n, void *data)
{
    (void) part;
    (void) data;

    return size * n;
}


static void
alone_run(alone_t *a)
{
    int                 i, n;
    struct epoll_event  events[ALONE_EVENTS];

    while (a->running > 0) {
        n = epoll_wait(a->epoll, events, ALONE_EVENTS, (int) a->due);

        if (n <= 0) {
            a->due = -1;
            curl_multi_socket_action(a->multi, CURL_SOCKET_TIMEOUT, 0,
                                     &a->running);
        }

        for (i = 0; i < n; i++) {
            curl_multi_socket_action(a->multi, events[i].data.fd, 0,
                                     &a->running);
        }

        alone_ended(a);
    }
}


static void
alone_ended(alone_t *a)
{
    int       left;
    long      status;
    CURL     *easy;
    CURLMsg  *msg;

    while ((msg = curl_multi_info_read(a->multi, &left)) != NULL) {
        if (a->held == 0) {
            a->held = alone_memory();
        }

        easy = msg->easy_handle;
        status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        a->answered += (msg->data.result == CURLE_OK && status == 200);
        curl_multi_remove_handle(a->multi, easy);
        curl_easy_cleanup(easy);
    }
}


/* KB of memory this process has. */
static long
alone_memory(void)
{
    char   line[256];
    long   kb = 0;
    FILE  *f;

    f = fopen("/proc/self/status", "r");
    alone_need(f != NULL, "/proc is not there");

    while (fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }

    (void) fclose(f);

    return kb;
}


static void
alone_need(int ok, const char *what)
{
    if (!ok) {
        (void) fprintf(stderr, "alone: %s\n", what);
        exit(1);
    }
}
