
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <libxml/HTMLparser.h>

#include "sidecar/page/arena.h"
#include "sidecar/extract/extract.h"
#include "sidecar/worker/wire.h"
#include "sidecar/worker/worker.h"


#define WORKER_SOCKET     0
#define WORKER_ARENA      ((size_t) 512 << 20)
#define WORKER_MAX_SPACE  ((rlim_t) 2 << 30)
/* the loop, which serves all, goes before a worker, which serves one */
#define WORKER_NICE         5
#define WORKER_MAX_FILES  8

/* seconds of processor for one page; the pool kills long before */
#define WORKER_MAX_CPU    70

/* read at once, and kept from page to page */
#define WORKER_CHUNK      65536
#define WORKER_KEEP       1048576


/*
 * A worker between two pages.
 *
 * in         the request under way
 * rules      by slot; NULL where there is none
 * page       its buffers are used again for each page
 * form       so is this, for what a form gave
 * cpu_used   seconds of processor used when cpu_limit was set; both are 0
 *            before that
 */
typedef struct {
    sc_buf_t         in;
    sc_rules_t      *rules[WIRE_SLOTS];
    extract_page_t   page;
    sc_buf_t         form;
    time_t           cpu_used;
    rlim_t           cpu_limit;
} worker_t;


static int worker_confine(void);
static void worker_ignore(int signo);
static int worker_limit(int resource, rlim_t limit);
static void worker_limit_cpu(worker_t *w);
static int worker_run(worker_t *w);
static int worker_read(worker_t *w, size_t need);
static int worker_serve(worker_t *w, wire_reply_t *reply);
static int worker_form(worker_t *w, const wire_request_t *r,
    const char *text);
static int worker_page(worker_t *w, const wire_request_t *r,
    const char *text, wire_reply_t *reply);
static void worker_done(const worker_t *w, wire_reply_t *reply);
static const sc_rules_t *worker_rules(worker_t *w, const wire_request_t *r,
    const char *text, wire_reply_t *reply);
static int worker_reply(worker_t *w, wire_reply_t *reply);
static int worker_write(struct iovec *iov, int n);
static void worker_trim(sc_buf_t *b);
static void worker_free(worker_t *w);
static int64_t worker_now(void);
static void worker_silent(void *data, const char *fmt, ...);
static void worker_silent_error(void *data, xmlErrorPtr error);


int
worker_main(void)
{
    int           rc;
    worker_t      w;
    wire_reply_t  ready;

    if (worker_confine() != SC_OK || arena_init(WORKER_ARENA) != SC_OK) {
        return EXIT_FAILURE;
    }

    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, worker_silent);
    xmlSetStructuredErrorFunc(NULL, worker_silent_error);

    memset(&w, 0, sizeof(worker_t));
    sc_buf_init(&w.in, 0);
    sc_buf_init(&w.page.data, EXTRACT_MAX_DATA);
    sc_buf_init(&w.page.missing, 0);
    sc_buf_init(&w.page.warnings, 0);
    sc_buf_init(&w.form, EXTRACT_MAX_DATA);

    memset(&ready, 0, sizeof(wire_reply_t));
    ready.status = WIRE_READY;

    rc = worker_reply(&w, &ready);

    if (rc == SC_OK) {
        rc = worker_run(&w);
    }

    worker_free(&w);
    xmlCleanupParser();

    return rc == SC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}


/*
 * Give up what a page must not reach.  The parent may be gone before it is
 * watched, but then the socket is closed, and that is noticed.  Signals sent
 * to all of a service or terminal are for the parent, which may be draining.
 */

static int
worker_confine(void)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0
        || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || close_range(STDERR_FILENO + 1, ~0u, 0) != 0)
    {
        return SC_ERROR;
    }

    (void) setpriority(PRIO_PROCESS, 0, WORKER_NICE);

    worker_ignore(SIGTERM);
    worker_ignore(SIGINT);
    worker_ignore(SIGQUIT);
    worker_ignore(SIGHUP);

    if (worker_limit(RLIMIT_CORE, 0) != SC_OK
        || worker_limit(RLIMIT_NOFILE, WORKER_MAX_FILES) != SC_OK)
    {
        return SC_ERROR;
    }

#ifndef __SANITIZE_ADDRESS__
    /* a sanitizer's shadow takes terabytes of address space */
    if (worker_limit(RLIMIT_AS, WORKER_MAX_SPACE) != SC_OK) {
        return SC_ERROR;
    }
#endif

    return SC_OK;
}


static void
worker_ignore(int signo)
{
    (void) signal(signo, SIG_IGN);
}


static int
worker_limit(int resource, rlim_t limit)
{
    struct rlimit  r;

    if (getrlimit((__rlimit_resource_t) resource, &r) != 0) {
        return SC_ERROR;
    }

    if (r.rlim_max == RLIM_INFINITY || r.rlim_max > limit) {
        r.rlim_max = limit;
    }

    r.rlim_cur = r.rlim_max;

    return setrlimit((__rlimit_resource_t) resource, &r) == 0 ? SC_OK
                                                              : SC_ERROR;
}


/* The limit is on the whole life of a process: it moves with the pages. */

static void
worker_limit_cpu(worker_t *w)
{
    struct rlimit    r;
    struct timespec  used;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0
        || (w->cpu_limit != 0 && used.tv_sec == w->cpu_used)
        || getrlimit(RLIMIT_CPU, &r) != 0)
    {
        return;
    }

    w->cpu_used = used.tv_sec;
    w->cpu_limit = (rlim_t) used.tv_sec + WORKER_MAX_CPU;
    r.rlim_cur = w->cpu_limit;

    if (r.rlim_max == RLIM_INFINITY || r.rlim_cur <= r.rlim_max) {
        (void) setrlimit(RLIMIT_CPU, &r);
    }
}


/* Until the socket is closed between two pages. */

static int
worker_run(worker_t *w)
{
    size_t           len;
    wire_reply_t     reply;
    wire_request_t   head;

    for ( ;; ) {
        sc_buf_reset(&w->in);

        if (worker_read(w, sizeof(wire_request_t)) != SC_OK) {
            return w->in.len == 0 ? SC_OK : SC_ERROR;
        }

        memcpy(&head, w->in.data, sizeof(wire_request_t));

        if (wire_request_check(&head, &len) != SC_OK
            || worker_read(w, sizeof(wire_request_t) + len) != SC_OK)
        {
            return SC_ERROR;
        }

        worker_limit_cpu(w);

        if (worker_serve(w, &reply) != SC_OK
            || worker_reply(w, &reply) != SC_OK)
        {
            return SC_ERROR;
        }

        worker_trim(&w->in);
        worker_trim(&w->page.data);
        worker_trim(&w->page.missing);
        worker_trim(&w->page.warnings);
        worker_trim(&w->form);
    }
}


/* Until in has this many bytes; there is nothing after a request. */

static int
worker_read(worker_t *w, size_t need)
{
    char     *room;
    size_t    size;
    ssize_t   n;

    while (w->in.len < need) {
        size = need - w->in.len;

        room = sc_buf_reserve(&w->in, size < WORKER_CHUNK ? WORKER_CHUNK
                                                          : size);
        if (room == NULL) {
            return SC_ERROR;
        }

        n = recv(WORKER_SOCKET, room, size < WORKER_CHUNK ? WORKER_CHUNK
                                                          : size, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return SC_ERROR;
        }

        w->in.len += (size_t) n;
    }

    return SC_OK;
}


static int
worker_serve(worker_t *w, wire_reply_t *reply)
{
    int              rc;
    int64_t          start;
    const char      *text;
    wire_request_t   r;
    extract_page_t  *page = &w->page;

    start = worker_now();

    memcpy(&r, w->in.data, sizeof(wire_request_t));
    memset(reply, 0, sizeof(wire_reply_t));

    page->url = w->in.data + sizeof(wire_request_t);
    page->content_type = page->url + r.url;
    text = page->content_type + r.content_type;
    page->body.data = text + r.form + r.rules;
    page->body.len = r.body;

    if (page->content_type[-1] != '\0' || text[-1] != '\0') {
        return SC_ERROR;
    }

    sc_buf_reset(&page->data);
    sc_buf_reset(&page->missing);
    sc_buf_reset(&page->warnings);
    sc_buf_reset(&w->form);

    reply->status = WIRE_FAILED;

    rc = (r.form != 0) ? worker_form(w, &r, text)
                       : worker_page(w, &r, text, reply);

    if (rc == SC_DECLINED) {
        return SC_OK;
    }

    if (rc == SC_OK) {
        worker_done(w, reply);
    }

    (void) snprintf(reply->charset, sizeof(reply->charset), "%s",
                    page->charset);
    (void) snprintf(reply->charset_from, sizeof(reply->charset_from), "%s",
                    page->charset_from);
    memcpy(reply->detail, page->detail, sizeof(reply->detail));
    reply->elapsed = worker_now() - start;

    return SC_OK;
}


static int
worker_form(worker_t *w, const wire_request_t *r, const char *text)
{
    int       rc;
    sc_str_t  spec = { r->form, text };

    arena_begin();
    rc = extract_form(spec, &w->page, &w->form);
    arena_end();

    return rc;
}


/* SC_DECLINED when the page was not looked at. */

static int
worker_page(worker_t *w, const wire_request_t *r, const char *text,
    wire_reply_t *reply)
{
    int                rc;
    const sc_rules_t  *rules;

    rules = worker_rules(w, r, text, reply);
    if (rules == NULL) {
        return SC_DECLINED;
    }

    arena_begin();
    rc = extract_page(rules, &w->page);
    arena_end();

    return rc;
}


static void
worker_done(const worker_t *w, wire_reply_t *reply)
{
    const extract_page_t  *page = &w->page;

    reply->status = WIRE_OK;
    reply->data = (uint32_t) page->data.len;
    reply->missing = (uint32_t) page->missing.len;
    reply->warnings = (uint32_t) page->warnings.len;
    reply->form = (uint32_t) w->form.len;

    if (page->refresh[0] != '\0') {
        reply->refresh = (uint32_t) strlen(page->refresh) + 1;
        reply->refresh_delay = page->refresh_delay;
    }
}


/* The compiled set of the request's slot, made now if its text has come. */

static const sc_rules_t *
worker_rules(worker_t *w, const wire_request_t *r, const char *text,
    wire_reply_t *reply)
{
    sc_rules_error_t  err;

    if (r->rules != 0) {
        sc_rules_free(w->rules[r->slot]);
        w->rules[r->slot] = sc_rules_parse_text(text, r->rules, &err);
    }

    if (w->rules[r->slot] == NULL) {
        (void) snprintf(reply->detail, sizeof(reply->detail),
                        "the rules were refused: %.200s",
                        r->rules != 0 ? err.message : "unknown");
    }

    return w->rules[r->slot];
}


static int
worker_reply(worker_t *w, wire_reply_t *reply)
{
    struct iovec  iov[6];

    reply->magic = WIRE_MAGIC;

    iov[0].iov_base = reply;
    iov[0].iov_len = sizeof(wire_reply_t);
    iov[1].iov_base = w->page.data.data;
    iov[1].iov_len = reply->data;
    iov[2].iov_base = w->page.missing.data;
    iov[2].iov_len = reply->missing;
    iov[3].iov_base = w->page.warnings.data;
    iov[3].iov_len = reply->warnings;
    iov[4].iov_base = w->form.data;
    iov[4].iov_len = reply->form;
    iov[5].iov_base = w->page.refresh;
    iov[5].iov_len = reply->refresh;

    return worker_write(iov, 6);
}


static int
worker_write(struct iovec *iov, int n)
{
    size_t         len;
    ssize_t        sent;
    struct msghdr  msg;

    while (n > 0) {
        memset(&msg, 0, sizeof(struct msghdr));
        msg.msg_iov = iov;
        msg.msg_iovlen = (size_t) n;

        sent = sendmsg(WORKER_SOCKET, &msg, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR) {
            continue;
        }

        if (sent < 0) {
            return SC_ERROR;
        }

        for (len = (size_t) sent; n > 0 && len >= iov->iov_len; n--) {
            len -= iov->iov_len;
            iov++;
        }

        if (n > 0) {
            iov->iov_base = (char *) iov->iov_base + len;
            iov->iov_len -= len;
        }
    }

    return SC_OK;
}


static void
worker_trim(sc_buf_t *b)
{
    if (b->cap > WORKER_KEEP) {
        sc_buf_free(b);
    }
}


static void
worker_free(worker_t *w)
{
    size_t  i;

    for (i = 0; i < WIRE_SLOTS; i++) {
        sc_rules_free(w->rules[i]);
    }

    sc_buf_free(&w->in);
    sc_buf_free(&w->page.data);
    sc_buf_free(&w->page.missing);
    sc_buf_free(&w->page.warnings);
    sc_buf_free(&w->form);
}


static int64_t
worker_now(void)
{
    struct timespec  t;

    (void) clock_gettime(CLOCK_MONOTONIC, &t);

    return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}


/* Messages about a page would be the page's words in our log. */

static void
worker_silent(void *data, const char *fmt, ...)
{
    (void) data;
    (void) fmt;
}


static void
worker_silent_error(void *data, xmlErrorPtr error)
{
    (void) data;
    (void) error;
}
