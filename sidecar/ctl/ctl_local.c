
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <libxml/parser.h>

#include "common/sc_json_of.h"
#include "sidecar/ctl/ctl_internal.h"
#include "sidecar/extract/extract.h"
#include "sidecar/page/arena.h"
#include "sidecar/url/url.h"


/* the URL of a file; seconds for a page, more than a worker gets */
#define CTL_LOCAL_URL     "http://localhost/"
#define CTL_LOCAL_TIME    30


static void ctl_local_alike(ctl_t *c, sc_rules_t *rules);
static int ctl_local_page(ctl_t *c, const sc_rules_t *rules,
    extract_page_t *page);
static int ctl_local_time(void);
static void ctl_local_alarm(int signo);
static json_t *ctl_local_answer(const extract_page_t *page);
static void ctl_local_silent(void *data, const char *fmt, ...);
static void ctl_local_silent_error(void *data, xmlErrorPtr error);


json_t *
ctl_local(ctl_t *c, sc_rules_t *rules, const char *path, unsigned views)
{
    char             err[256];
    url_t            url;
    json_t          *answer;
    sc_buf_t         body;
    const char      *text;
    extract_page_t   page;

    text = c->values[CTL_OPT_URL];
    text = (text != NULL) ? text : CTL_LOCAL_URL;

    if (url_parse(&url, text, strlen(text), err, sizeof(err)) != SC_OK) {
        ctl_error("\"%s\" is no URL: %s", text, err);
        return NULL;
    }

    ctl_local_alike(c, rules);

    answer = NULL;

    if (ctl_read(path, &body) == SC_OK) {
        memset(&page, 0, sizeof(extract_page_t));
        extract_page_init(&page);

        page.url = url.text;
        page.body.data = body.data != NULL ? body.data : "";
        page.body.len = body.len;
        page.views = views;

        if (ctl_local_page(c, rules, &page) == SC_OK) {
            answer = ctl_local_answer(&page);

        } else {
            ctl_error("%s: %s", path, extract_interrupted()
                      ? "the rules take too long on this page"
                      : page.detail);
        }

        extract_page_free(&page);
    }

    sc_buf_free(&body);
    url_free(&url);

    return answer;
}


/* The page that others are to be like would have to be fetched. */
static void
ctl_local_alike(ctl_t *c, sc_rules_t *rules)
{
    size_t  i;

    if (rules->match.similar_url != NULL && rules->match.sketch == NULL) {
        ctl_note(c, "whether the page is like \"%s\" is not looked at",
                 rules->match.similar_url);
        free(rules->match.similar_url);
        rules->match.similar_url = NULL;
    }

    for (i = 0; i < rules->nsets; i++) {
        ctl_local_alike(c, &rules->sets[i]);
    }
}


static int
ctl_local_page(ctl_t *c, const sc_rules_t *rules, extract_page_t *page)
{
    int          rc;
    const char  *type;

    type = c->values[CTL_OPT_TYPE];

    page->content_type = (type != NULL) ? type : "";
    page->headers.data = "";
    page->html = c->values[CTL_OPT_HTML5] != NULL ? PAGE_HTML5 : PAGE_HTML;

    xmlSetGenericErrorFunc(NULL, ctl_local_silent);
    xmlSetStructuredErrorFunc(NULL, ctl_local_silent_error);

    if (ctl_local_time() != SC_OK) {
        (void) snprintf(page->detail, sizeof(page->detail),
                        "could not set a timer");
        return SC_ERROR;
    }

    arena_begin();
    rc = extract_page(rules, page);
    arena_end();

    return rc;
}


static int
ctl_local_time(void)
{
    struct itimerval  t;
    struct sigaction  sa;

    memset(&t, 0, sizeof(struct itimerval));
    t.it_value.tv_sec = CTL_LOCAL_TIME;

    memset(&sa, 0, sizeof(struct sigaction));
    sa.sa_handler = ctl_local_alarm;
    sa.sa_flags = SA_RESTART;

    return sigaction(SIGALRM, &sa, NULL) != 0
           || setitimer(ITIMER_REAL, &t, NULL) != 0 ? SC_ERROR : SC_OK;
}


static void
ctl_local_alarm(int signo)
{
    (void) signo;

    extract_interrupt();
}


static json_t *
ctl_local_answer(const extract_page_t *page)
{
    json_t        *answer;
    sc_buf_t       text;
    json_error_t   err;

    sc_buf_init(&text, 0);

    (void) sc_buf_add_cstr(&text, "{\"data\":");
    (void) sc_buf_add(&text, page->data.data, page->data.len);
    (void) sc_buf_add_cstr(&text, page->matched ? "" : ",\"matched\":false");
    (void) sc_buf_add_cstr(&text, page->dropped ? ",\"dropped\":true" : "");
    (void) sc_buf_add_cstr(&text, page->incomplete ? ",\"complete\":false"
                                                   : "");
    (void) sc_buf_add_cstr(&text, ",\"missing\":");
    (void) sc_buf_add(&text, page->missing.data, page->missing.len);
    (void) sc_buf_add_cstr(&text, ",\"warnings\":");
    (void) sc_buf_add(&text, page->warnings.data, page->warnings.len);

    /* an object's members go where its brace was */
    if (page->view.len > 2) {
        (void) sc_buf_add_cstr(&text, ",");
        (void) sc_buf_add(&text, page->view.data + 1, page->view.len - 1);

    } else {
        (void) sc_buf_add_cstr(&text, "}");
    }

    answer = NULL;

    if (!text.failed) {
        answer = sc_json_of(text.data, text.len, JSON_ALLOW_NUL, &err);
    }

    if (answer == NULL) {
        ctl_error("the data cannot be shown: %s",
                  text.failed ? "memory is out" : err.text);
    }

    sc_buf_free(&text);

    return answer;
}


/* What libxml2 says of a page is the page's words. */
static void
ctl_local_silent(void *data, const char *fmt, ...)
{
    (void) data;
    (void) fmt;
}


static void
ctl_local_silent_error(void *data, xmlErrorPtr error)
{
    (void) data;
    (void) error;
}
