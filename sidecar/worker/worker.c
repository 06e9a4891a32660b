
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <libxml/parser.h>
#include <openssl/crypto.h>

#include "sidecar/extract/extract.h"
#include "sidecar/page/arena.h"
#include "sidecar/page/charset.h"
#include "sidecar/worker/sandbox.h"
#include "sidecar/worker/wire.h"
#include "sidecar/worker/worker.h"
#include "sidecar/worker/worker_found.h"


#define WORKER_ARENA      ((size_t) 512 << 20)

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
 * found      and this, for where a page leads
 */
typedef struct {
    sc_buf_t         in;
    sc_rules_t      *rules[WIRE_SLOTS];
    extract_page_t   page;
    sc_buf_t         form;
    worker_found_t   found;
    sandbox_cpu_t    cpu;
} worker_t;


static int worker_prepare(void);
static void worker_alarm(int signo);
static void worker_time(uint32_t ms);
static int worker_run(worker_t *w);
static int worker_read(worker_t *w, size_t need);
static int worker_serve(worker_t *w, wire_reply_t *reply);
static int worker_form(worker_t *w, const wire_request_t *r,
    const char *text);
static int worker_scope(worker_t *w, const wire_request_t *r,
    const char *text, wire_reply_t *reply);
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


/* The page's time is over. */
static volatile sig_atomic_t  worker_over;


int
worker_main(void)
{
    int           rc;
    worker_t      w;
    wire_reply_t  ready;

    if (sandbox_limit() != SC_OK || arena_init(WORKER_ARENA) != SC_OK
        || worker_prepare() != SC_OK || sandbox_lock() != SC_OK)
    {
        return EXIT_FAILURE;
    }

    memset(&w, 0, sizeof(worker_t));
    sc_buf_init(&w.in, 0);
    extract_page_init(&w.page);
    sc_buf_init(&w.form, EXTRACT_MAX_DATA);
    worker_found_init(&w.found);

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
 * Have every library open, load and seed what it will need, while it may:
 * charsets, the seed of jansson's tables, the time zone that strftime() looks
 * for, the case of letters, and with a first rule set all of OpenSSL but its
 * file of settings.
 */

static int
worker_prepare(void)
{
    sc_rules_t        *rules;
    struct sigaction   alarm;
    sc_rules_error_t   err;

    crawl_watch(&worker_over);

    if (setenv("TZ", "UTC0", 1) != 0 || extract_prepare() != SC_OK) {
        return SC_ERROR;
    }

    /* a system may lack a converter: that costs pages of its encoding only */
    (void) charset_preload();

    tzset();
    json_object_seed(0);
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, worker_silent);
    xmlSetStructuredErrorFunc(NULL, worker_silent_error);

    (void) OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);

    rules = sc_rules_parse_text("{\"a\":\"//a\"}", 11, &err);
    if (rules == NULL) {
        return SC_ERROR;
    }

    sc_rules_free(rules);

    memset(&alarm, 0, sizeof(struct sigaction));
    alarm.sa_handler = worker_alarm;
    alarm.sa_flags = SA_RESTART;

    return sigaction(SIGALRM, &alarm, NULL) == 0 ? SC_OK : SC_ERROR;
}


static void
worker_alarm(int signo)
{
    (void) signo;

    worker_over = 1;
    extract_interrupt();
}


/* The time is over for the page, whatever the worker is at then. */

static void
worker_time(uint32_t ms)
{
    struct itimerval  t;

    memset(&t, 0, sizeof(struct itimerval));
    t.it_value.tv_sec = ms / 1000;
    t.it_value.tv_usec = (suseconds_t) (ms % 1000) * 1000;

    worker_over = 0;
    extract_resume();
    (void) setitimer(ITIMER_REAL, &t, NULL);
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

        sandbox_cpu(&w->cpu);
        worker_time(head.time);

        if (worker_serve(w, &reply) != SC_OK
            || worker_reply(w, &reply) != SC_OK)
        {
            return SC_ERROR;
        }

        worker_trim(&w->in);
        worker_trim(&w->page.data);
        worker_trim(&w->page.missing);
        worker_trim(&w->page.warnings);
        worker_trim(&w->page.view);
        worker_trim(&w->page.fill);
        worker_trim(&w->form);
        worker_trim(&w->found.out);
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

        n = recv(SANDBOX_SOCKET, room, size < WORKER_CHUNK ? WORKER_CHUNK
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
    page->headers.data = page->content_type + r.content_type;
    page->headers.len = r.headers;
    page->views = r.views;
    page->html = r.html5 ? PAGE_HTML5 : PAGE_HTML;
    text = page->headers.data + r.headers;
    page->body.data = text + r.form + r.scope + r.rules;
    page->body.len = r.body;

    if (page->content_type[-1] != '\0' || page->headers.data[-1] != '\0') {
        return SC_ERROR;
    }

    extract_page_reset(page);
    sc_buf_reset(&w->form);
    sc_buf_reset(&w->found.out);

    reply->status = WIRE_FAILED;
    reply->number = r.number;

    rc = (r.form != 0) ? worker_form(w, &r, text)
                       : worker_scope(w, &r, text, reply);

    if (rc == SC_DECLINED) {
        return SC_OK;
    }

    /* some of the page may be missing then, even if nothing failed */

    if (extract_interrupted()) {
        reply->status = WIRE_TIMEOUT;
        (void) snprintf(page->detail, sizeof(page->detail),
                        "the page took longer than %u ms", r.time);

    } else if (rc == SC_OK) {
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


/* A page or a sitemap; SC_DECLINED when it was not looked at. */

static int
worker_scope(worker_t *w, const wire_request_t *r, const char *text,
    wire_reply_t *reply)
{
    sc_str_t         scope = { r->scope, text };
    extract_page_t  *page = &w->page;

    page->opened = NULL;

    if (r->scope == 0) {
        return worker_page(w, r, text, reply);
    }

    if (worker_found_scope(&w->found, scope) != SC_OK) {
        (void) snprintf(reply->detail, sizeof(reply->detail),
                        "the scope was refused");
        return SC_DECLINED;
    }

    w->found.headers = page->headers;
    w->found.now = r->now;

    if (r->sitemap) {
        return worker_found_sitemap(&w->found, page);
    }

    page->opened = worker_found_page;
    page->opened_data = &w->found;

    return worker_page(w, r, text + r->scope, reply);
}


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
    reply->view = (uint32_t) page->view.len;
    reply->fill = (uint32_t) page->fill.len;
    reply->flags = (page->matched ? WIRE_MATCHED : 0)
                   | (page->dropped ? WIRE_DROPPED : 0)
                   | (page->incomplete ? WIRE_INCOMPLETE : 0);
    reply->form = (uint32_t) w->form.len;
    reply->found = (uint32_t) w->found.out.len;

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
    size_t                 i;
    struct iovec           iov[9];
    const extract_page_t  *page = &w->page;

    const sc_str_t  parts[] = {
        { reply->data, page->data.data },
        { reply->missing, page->missing.data },
        { reply->warnings, page->warnings.data },
        { reply->view, page->view.data },
        { reply->fill, page->fill.data },
        { reply->form, w->form.data },
        { reply->found, w->found.out.data },
        { reply->refresh, page->refresh }
    };

    reply->magic = WIRE_MAGIC;

    iov[0].iov_base = reply;
    iov[0].iov_len = sizeof(wire_reply_t);

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        iov[i + 1].iov_base = (void *) parts[i].data;
        iov[i + 1].iov_len = parts[i].len;
    }

    return worker_write(iov, 9);
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

        sent = sendmsg(SANDBOX_SOCKET, &msg, MSG_NOSIGNAL);

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
    extract_page_free(&w->page);
    sc_buf_free(&w->form);
    worker_found_free(&w->found);
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
