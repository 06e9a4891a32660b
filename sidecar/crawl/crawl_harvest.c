
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/crawl/crawl_internal.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_value.h"


static int crawl_harvest_follow(crawl_found_t *f, sc_str_t follow);
static int crawl_harvest_one(crawl_found_t *f, json_t *link, sc_buf_t *json);
static int crawl_harvest_json(json_t *link, unsigned external,
    sc_buf_t *json);
static int crawl_harvest_link(void *data, const view_link_t *link);
static int crawl_harvest_leads(const crawl_scope_t *scope,
    const view_link_t *link);
static int crawl_harvest_rel(const xmlNode *node);
static int crawl_harvest_type(const xmlNode *node);
static int crawl_harvest_form(const xmlNode *node);
static int crawl_harvest_text(crawl_found_t *f, const view_t *view);
static int crawl_harvest_add(void *data, const char *url, size_t len);


/* What "follow" found is first: of a URL that is there twice it says more. */

int
crawl_harvest(const crawl_scope_t *scope, const view_t *view,
    const char *robots, sc_str_t follow, int64_t now, sc_buf_t *out)
{
    int            rc;
    crawl_found_t  f;

    crawl_found_init(&f, scope, view->base, now, CRAWL_MAX_FOUND, out);

    rc = crawl_harvest_follow(&f, follow);

    if (rc == SC_OK && !(scope->obey && crawl_robots_nofollow(robots))) {
        rc = view_links_each(view, CRAWL_MAX_LOOKED, 1, crawl_harvest_link,
                             &f);

        if (rc == SC_OK && (scope->from & CRAWL_FROM_TEXT)) {
            rc = crawl_harvest_text(&f, view);
        }
    }

    crawl_found_free(&f);

    return rc == SC_ERROR || out->failed ? SC_ERROR : SC_OK;
}


static int
crawl_harvest_follow(crawl_found_t *f, sc_str_t follow)
{
    int       rc;
    size_t    i;
    json_t   *list, *link;
    sc_buf_t  json;

    if (follow.len <= sizeof("[]") - 1) {
        return SC_OK;
    }

    list = sc_json_of(follow.data, follow.len, JSON_ALLOW_NUL, NULL);
    if (list == NULL) {
        return SC_ERROR;
    }

    rc = SC_OK;
    sc_buf_init(&json, 0);

    json_array_foreach(list, i, link) {
        if (rc == SC_ERROR || crawl_found_full(f)) {
            break;
        }

        rc = crawl_harvest_one(f, link, &json);
    }

    sc_buf_free(&json);
    json_decref(list);

    return rc == SC_ERROR ? SC_ERROR : SC_OK;
}


/* A page of a list need not look like what the list leads to. */

static int
crawl_harvest_one(crawl_found_t *f, json_t *link, sc_buf_t *json)
{
    int               rc;
    url_t             url;
    sc_str_t          text;
    const json_t     *ref;
    crawl_verdict_t   verdict;

    ref = json_object_get(link, "url");

    if (!json_is_string(ref)) {
        return SC_DECLINED;
    }

    rc = crawl_found_url(f, json_string_value(ref), json_string_length(ref),
                         &url);
    if (rc != SC_OK) {
        return rc;
    }

    verdict = crawl_scope_judge(f->scope, &url, f->now,
                                !json_is_true(json_object_get(link,
                                                              "pagination")));

    rc = SC_DECLINED;

    if (verdict == CRAWL_IN || verdict == CRAWL_EXTERNAL) {
        rc = crawl_harvest_json(link, verdict == CRAWL_EXTERNAL, json);
    }

    if (rc == SC_OK) {
        text.data = json->data;
        text.len = json->len;
        rc = crawl_found_line(f, 'f', &url, text);
    }

    url_free(&url);

    return rc;
}


static int
crawl_harvest_json(json_t *link, unsigned external, sc_buf_t *json)
{
    (void) json_object_del(link, "url");

    if (external && json_object_set_new(link, "external", json_true()) != 0) {
        return SC_ERROR;
    }

    sc_buf_reset(json);
    sc_json_value(json, link);

    return json->failed ? SC_ERROR : SC_OK;
}


static int
crawl_harvest_link(void *data, const view_link_t *link)
{
    crawl_found_t  *f = data;

    if (!crawl_harvest_leads(f->scope, link)) {
        return SC_OK;
    }

    return crawl_harvest_add(f, link->url.data, link->url.len);
}


static int
crawl_harvest_leads(const crawl_scope_t *scope, const view_link_t *link)
{
    unsigned        from;
    const xmlNode  *node = link->node;

    if (scope->obey && link->nofollow) {
        return 0;
    }

    from = scope->from;

    if (dom_is(node, "a")) {
        return (from & CRAWL_FROM_A) != 0;
    }

    if (dom_is(node, "area")) {
        return (from & CRAWL_FROM_AREA) != 0;
    }

    if (dom_is(node, "link")) {
        return (from & CRAWL_FROM_LINK) && crawl_harvest_rel(node)
               && crawl_harvest_type(node);
    }

    if (dom_is(node, "form")) {
        return (from & CRAWL_FROM_FORM) && crawl_harvest_form(node);
    }

    return (from & CRAWL_FROM_IFRAME) != 0;
}


/* Whether a <link> leads to a page: most are for what a page is made of. */

static int
crawl_harvest_rel(const xmlNode *node)
{
    size_t       i;
    const char  *rel;

    static const char *const  pages[] = {
        "next", "prev", "previous", "canonical", "alternate", "first",
        "last", "start", "up", "top", "home", "parent", "contents", "toc",
        "index", "chapter", "section", "subsection", "appendix", "glossary",
        "copyright", "license", "author", "help", "bookmark", "amphtml",
        "shortlink"
    };

    rel = dom_attr(node, "rel");

    if (rel == NULL || view_value_has(rel, "stylesheet")) {
        return 0;
    }

    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (view_value_has(rel, pages[i])) {
            return 1;
        }
    }

    return 0;
}


/* Feeds and the like are no pages. */

static int
crawl_harvest_type(const xmlNode *node)
{
    const char  *type;

    type = dom_attr(node, "type");

    return type == NULL || *type == '\0' || strcasestr(type, "html") != NULL;
}


static int
crawl_harvest_form(const xmlNode *node)
{
    const char  *method;

    method = dom_attr(node, "method");

    return method == NULL || (strcasecmp(method, "post") != 0
                              && strcasecmp(method, "dialog") != 0);
}


/* Comments and scripts, too: that is where addresses are hidden. */

static int
crawl_harvest_text(crawl_found_t *f, const view_t *view)
{
    int             rc;
    const xmlNode  *n, *doc;

    rc = SC_OK;
    doc = (const xmlNode *) view->doc;

    for (n = dom_next(doc, doc); n != NULL && rc == SC_OK;
         n = dom_next(n, doc))
    {
        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE
             || n->type == XML_COMMENT_NODE) && n->content != NULL)
        {
            rc = crawl_words((const char *) n->content, crawl_harvest_add, f);
        }
    }

    return rc == SC_ERROR ? SC_ERROR : SC_OK;
}


/* SC_DECLINED when there is no more room. */

static int
crawl_harvest_add(void *data, const char *url, size_t len)
{
    int               rc;
    url_t             u;
    crawl_found_t    *f = data;
    crawl_verdict_t   verdict;

    static const sc_str_t  none = sc_null_string;

    if (crawl_found_full(f)) {
        return SC_DECLINED;
    }

    rc = crawl_found_url(f, url, len, &u);

    if (rc != SC_OK) {
        return rc == SC_ERROR ? SC_ERROR : SC_OK;
    }

    verdict = crawl_scope_check(f->scope, &u, f->now);

    if (verdict == CRAWL_IN || verdict == CRAWL_EXTERNAL) {
        rc = crawl_found_line(f, verdict == CRAWL_IN ? 'l' : 'x', &u, none);
    }

    url_free(&u);

    return rc;
}
