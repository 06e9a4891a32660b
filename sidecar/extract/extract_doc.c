
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/xpath/sc_xpath.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/extract/extract_transform.h"
#include "sidecar/page/arena.h"
#include "sidecar/page/dom.h"
#include "sidecar/page/refresh.h"


/* what JSONPath may do on one page, in visited values */
#define EXTRACT_MAX_STEPS  5000000


static void extract_refresh(extract_t *x);
static void extract_silent(void *data, xmlErrorPtr error);


/* The evaluation under way, for who interrupts it; and that it was. */
static xmlXPathContextPtr volatile  extract_running;
static volatile sig_atomic_t        extract_stop;


int
extract_prepare(void)
{
    sc_regex_watch(&extract_stop);

    return extract_transform_prepare();
}


int
extract_open(extract_t *x, extract_page_t *page, sc_parser_t parser)
{
    memset(x, 0, sizeof(extract_t));
    x->page = page;
    x->steps = EXTRACT_MAX_STEPS;
    sc_buf_init(&x->text, EXTRACT_MAX_DATA);
    sc_buf_init(&x->scratch, EXTRACT_MAX_DATA);
    sc_buf_init(&x->base, 0);
    sc_buf_init(&x->explain, EXTRACT_MAX_EXPLAIN);
    sc_buf_init(&x->followed, EXTRACT_MAX_DATA);
    extract_texts_init(&x->texts, EXTRACT_MAX_DATA);
    extract_texts_init(&x->spare, EXTRACT_MAX_DATA);

    sc_regex_watch(&extract_stop);

    page->detail[0] = '\0';
    page->refresh[0] = '\0';
    page->refresh_delay = 0;

    x->parsed.url = page->url;
    x->parsed.content_type = page->content_type;
    x->parsed.body = page->body;
    x->parsed.html = page->html;

    return extract_parse(x, parser);
}


int
extract_parse(extract_t *x, sc_parser_t parser)
{
    int              rc;
    extract_page_t  *page = x->page;

    static const page_parser_t  parsers[] = {
        [SC_PARSER_AUTO] = PAGE_AUTO,
        [SC_PARSER_HTML] = PAGE_HTML,
        [SC_PARSER_HTML5] = PAGE_HTML5,
        [SC_PARSER_XML] = PAGE_XML,
        [SC_PARSER_JSON] = PAGE_JSON
    };

    x->parsed.parser = parsers[parser];
    rc = page_open(&x->parsed);

    page->charset = x->parsed.charset;
    page->charset_from = x->parsed.charset_from;

    if (rc != SC_OK) {
        return extract_fail(page, x->parsed.detail);
    }

    x->doc = x->parsed.doc;

    if (x->parsed.refreshes) {
        extract_refresh(x);
    }

    x->xpath = xmlXPathNewContext(x->doc);
    if (x->xpath == NULL) {
        return extract_fail(page, "memory is out");
    }

    x->xpath->error = extract_silent;
    /* else each step takes another object out of the arena */
    (void) xmlXPathContextSetCache(x->xpath, 1, -1, 0);

    x->xpath->contextSize = 1;
    x->xpath->proximityPosition = 1;

    return SC_OK;
}


/* An arena's context goes with the arena. */

void
extract_unparse(extract_t *x)
{
    if (!arena_active() && x->xpath != NULL) {
        sc_xpath_release(x->xpath);
        xmlXPathFreeContext(x->xpath);
    }

    page_close(&x->parsed);
    x->xpath = NULL;
    x->doc = NULL;

    /* what another parser may find elsewhere */
    sc_buf_reset(&x->base);
    json_decref(x->jsonld);
    x->jsonld = NULL;
    x->loaded &= ~EXTRACT_LOADED_JSONLD;
}


void
extract_close(extract_t *x)
{
    extract_unparse(x);

    json_decref(x->json);
    json_decref(x->headers);
    extract_texts_free(&x->spare);
    extract_texts_free(&x->texts);
    sc_buf_free(&x->followed);
    sc_buf_free(&x->explain);
    sc_buf_free(&x->base);
    sc_buf_free(&x->scratch);
    sc_buf_free(&x->text);
}


xmlXPathObjectPtr
extract_xpath(extract_t *x, const xmlNode *node, xmlXPathCompExprPtr comp,
    int *code)
{
    xmlXPathObjectPtr  object;

    if (extract_stop || arena_failed()) {
        *code = extract_stop ? EXTRACT_NO_STEPS : EXTRACT_NO_MEMORY;
        return NULL;
    }

    /* libxml2 counts on over all evaluations of a context */

    x->xpath->node = (xmlNode *) node;
    x->xpath->opLimit = EXTRACT_MAX_OPS;
    x->xpath->opCount = 0;

    extract_running = x->xpath;
    object = xmlXPathCompiledEval(comp, x->xpath);
    extract_running = NULL;

    /* libxml2 goes on without what it got no memory for */

    if (object != NULL && !arena_failed()) {
        return object;
    }

    xmlXPathFreeObject(object);
    *code = x->xpath->lastError.code;

    if (*code != EXTRACT_NO_STEPS
        && (*code == EXTRACT_XPATH_ERROR(XPATH_MEMORY_ERROR)
            || arena_failed()))
    {
        *code = EXTRACT_NO_MEMORY;
    }

    xmlResetError(&x->xpath->lastError);

    return NULL;
}


/* What libxml2 does not count it still sees at its next step. */

void
extract_interrupt(void)
{
    xmlXPathContextPtr  ctx = extract_running;

    extract_stop = 1;

    if (ctx != NULL) {
        ctx->opLimit = 1;
    }
}


void
extract_resume(void)
{
    extract_stop = 0;
}


int
extract_interrupted(void)
{
    return extract_stop != 0;
}


const char *
extract_base(extract_t *x)
{
    if (x->base.len == 0) {
        dom_base(x->doc, x->page->url, &x->base);
    }

    return x->base.data != NULL ? x->base.data : x->page->url;
}


view_t
extract_viewed(extract_t *x)
{
    view_t  v = { x->doc, x->page->url, extract_base(x) };

    return v;
}


int
extract_fail(extract_page_t *page, const char *detail)
{
    (void) snprintf(page->detail, sizeof(page->detail), "%s", detail);

    return SC_ERROR;
}


/* What cannot be told, being too long, is not there. */

static void
extract_refresh(extract_t *x)
{
    int              delay;
    extract_page_t  *page = x->page;

    sc_buf_reset(&x->scratch);

    if (refresh_find(x->doc, page->url, &x->scratch, &delay) == SC_OK
        && x->scratch.len < sizeof(page->refresh))
    {
        memcpy(page->refresh, x->scratch.data, x->scratch.len + 1);
        page->refresh_delay = delay;
    }
}


/* Without a handler libxml2 prints the expression to standard error. */

static void
extract_silent(void *data, xmlErrorPtr error)
{
    (void) data;
    (void) error;
}
