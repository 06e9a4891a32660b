
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "common/rules/sc_rules.h"
#include "sidecar/crawl/crawl.h"
#include "sidecar/extract/extract.h"
#include "sidecar/page/arena.h"
#include "sidecar/page/charset.h"
#include "tests/faults/fault.h"


#define FAULTS_ARENA    (64 * 1024 * 1024)
#define FAULTS_NOW      1795000000

#define FAULTS_SCOPE                                                          \
    "{\"hosts\":[\"a.example\"],\"obey\":true,\"from\":[\"a\",\"area\","      \
    "\"text\"],\"deny\":[\"re:[?&]s=\"]}"


static void faults_before(void);
static void faults_arena(void);
static int faults_html(void);
static int faults_html5(void);
static int faults_latin(void);
static int faults_xml(void);
static int faults_json(void);
static int faults_extract(const char *rules, const char *type,
    const char *body);
static void faults_answer(const extract_page_t *p);
static int faults_harvest(void *data, const view_t *view, sc_str_t follow);
static int faults_form(void);
static int faults_scope(void);
static int faults_sitemap(void);


static const fault_scene_t  faults_scenes[] = {
    { "html page", FAULT_OURS, faults_html, faults_before, 0, 0 },
    { "html5 page", FAULT_OURS, faults_html5, faults_before, 0, 0 },
    { "page in another encoding", FAULT_OURS, faults_latin, faults_before, 0,
      0 },
    { "xml page", FAULT_OURS, faults_xml, faults_before, 0, 0 },
    { "json page", FAULT_OURS, faults_json, faults_before, 0, 0 },
    { "form filled in", FAULT_OURS, faults_form, faults_before, 0, 0 },
    { "scope of a crawl", FAULT_OURS, faults_scope, faults_before, 0, 0 },
    { "sitemap", FAULT_OURS, faults_sitemap, faults_before, 0, 0 },
    { "html5 page in its arena", FAULT_XML, faults_html5, faults_arena, 0, 1 },
    { "xml page in its arena", FAULT_XML, faults_xml, faults_arena, 0, 1 }
};


/* of all, a little; the second is what the first leads to */
static const char  faults_rules[] =
    "{\"fields\":{\"title\":\"h1\",\"image\":{\"meta\":\"og:image\","
    "\"type\":\"url\"},\"price\":{\"css\":[\".sale\",\".price\"],"
    "\"transform\":{\"number_locale\":\"de\"},\"type\":\"number\"},"
    "\"tags\":[{\"xpath\":\"//p/i\",\"transform\":[\"lower\",\"trim\","
    "{\"replace\":[\"a+\",\"b\"]}]}],"
    "\"sku\":{\"first\":[{\"jsonld\":\"$..sku\"},{\"const\":\"none\"}]},"
    "\"when\":{\"css\":\"time\",\"type\":\"date\"},"
    "\"what\":{\"regex\":\"(\\\\w+) text\"},"
    "\"matched\":{\"xpath\":\"//a[re:test(@href,'^/.')]/@href\"},"
    "\"offers\":{\"each\":\"li\",\"fields\":{\"name\":\"a\","
    "\"url\":\"a::attr(href)\"}}},"
    "\"follow\":[{\"css\":\"a.next\",\"pagination\":true}]}";

static const char  faults_page[] =
    "<!DOCTYPE html><html lang=de><head><title>A title</title>"
    "<meta name=description content='what it is'>"
    "<meta property='og:image' content='/i.png'>"
    "<link rel=canonical href='/c'><base href='/d/'>"
    "<script type='application/ld+json'>{\"@type\":\"Product\","
    "\"sku\":\"a sku that is longer\",\"n\":[1,2.5]}</script></head>"
    "<body><h1>The <b>title</b></h1><p class=price>1.234,50 EUR</p>"
    "<p>Some text with <i>Words</i>, and more of it, so that it is what the "
    "page is about, and not what is around it.</p>"
    "<div itemscope itemtype='http://schema.org/Offer'>"
    "<span itemprop=name>offer</span><a itemprop=url href=o>o</a></div>"
    "<time datetime='2026-11-21T10:00:00Z'>today</time>"
    "<ul><li><a href='/one?x=1'>One</a><li><a href='two'>Two</a></ul>"
    "<table><tr><th>a<th>b<tr><td>1<td>2</table><pre>code\n  more</pre>"
    "<a class=next rel=next href='?p=2'>next</a>"
    "<form action='/send' method=post><input name=a value=1>"
    "<select name=s><option selected>x</select><textarea name=t>q</textarea>"
    "<button name=go value=1>go</button></form></body></html>";


static int  faults_spanned;


int
main(void)
{
    return fault_suite("faults_page", faults_scenes,
                       sizeof(faults_scenes) / sizeof(faults_scenes[0]));
}


static void
faults_before(void)
{
    xmlInitParser();
    (void) charset_preload();
    (void) extract_prepare();
}


static void
faults_arena(void)
{
    if (arena_init(FAULTS_ARENA) != SC_OK) {
        abort();
    }

    faults_spanned = 1;
    faults_before();
}


static int
faults_html(void)
{
    return faults_extract(faults_rules, "text/html; charset=utf-8",
                          faults_page);
}


static int
faults_html5(void)
{
    return faults_extract("{\"parser\":\"html5\",\"fields\":{\"title\":"
                          "\"h1\",\"t\":[\"td\"]}}",
                          "text/html; charset=utf-8", faults_page);
}


static int
faults_latin(void)
{
    return faults_extract("{\"fields\":{\"title\":\"h1\"}}",
                          "text/html; charset=iso-8859-2",
                          "<h1>\xe8\xef\xf2 a title</h1><p>\xe9</p>");
}


static int
faults_xml(void)
{
    return faults_extract("{\"ns\":{\"g\":\"http://base.google.com/ns/1.0\"},"
                          "\"fields\":{\"items\":{\"each\":\"//item\","
                          "\"fields\":{\"t\":\"./title\","
                          "\"price\":{\"xpath\":\"./g:price\"}}}}}",
                          "text/xml",
                          "<rss xmlns:g='http://base.google.com/ns/1.0'>"
                          "<item><title>one &amp; more</title>"
                          "<g:price>1</g:price></item><item>"
                          "<title>two</title></item></rss>");
}


static int
faults_json(void)
{
    return faults_extract("{\"fields\":{\"a\":{\"json\":\"$.a[*].b\"},"
                          "\"c\":[{\"json\":\"$..c\"}]}}",
                          "application/json",
                          "{\"a\":[{\"b\":\"a string of more than 16\"}],"
                          "\"x\":{\"c\":1.25,\"d\":{\"c\":\"\\u00e9\"}}}");
}


/* The rule set is there before the page: it is compiled once for many. */
static int
faults_extract(const char *rules, const char *type, const char *body)
{
    int                rc;
    sc_rules_t        *r;
    extract_page_t     p;
    sc_rules_error_t   err;

    fault_hold();
    r = sc_rules_parse_text(rules, strlen(rules), &err);
    fault_release();

    if (r == NULL) {
        fault_say("%s: %s", err.pointer, err.message);
        return SC_DECLINED;
    }

    memset(&p, 0, sizeof(extract_page_t));
    p.url = "http://a.example/d/p";
    p.content_type = type;
    p.body = (sc_str_t) { strlen(body), body };
    p.headers = (sc_str_t) { 17, "[[\"a\",\"a value\"]]" };
    p.views = EXTRACT_LINKS | EXTRACT_META | EXTRACT_JSONLD
              | EXTRACT_MICRODATA | EXTRACT_TEXT | EXTRACT_MARKDOWN
              | EXTRACT_SKETCH | EXTRACT_FOLLOW | EXTRACT_HEADERS;
    p.opened = faults_harvest;
    extract_page_init(&p);

    if (faults_spanned) {
        arena_begin();
    }

    rc = extract_page(r, &p);

    if (rc == SC_OK) {
        faults_answer(&p);
    }

    extract_page_free(&p);

    if (faults_spanned) {
        arena_end();
    }

    sc_rules_free(r);

    return rc;
}


static void
faults_answer(const extract_page_t *p)
{
    fault_say("%s %s\n", p->charset, p->charset_from);
    fault_say_str((sc_str_t) { p->data.len, p->data.data });
    fault_say_str((sc_str_t) { p->missing.len, p->missing.data });
    fault_say_str((sc_str_t) { p->warnings.len, p->warnings.data });
    fault_say_str((sc_str_t) { p->view.len, p->view.data });
    fault_say_str((sc_str_t) { p->fill.len, p->fill.data });
}


/* What a crawl finds on the page. */
static int
faults_harvest(void *data, const view_t *view, sc_str_t follow)
{
    int             rc;
    sc_buf_t        out;
    crawl_scope_t  *scope;

    (void) data;

    scope = crawl_scope_create((sc_str_t) { strlen(FAULTS_SCOPE),
                                            FAULTS_SCOPE });
    if (scope == NULL) {
        return SC_ERROR;
    }

    sc_buf_init(&out, 0);
    rc = crawl_harvest(scope, view, "", follow, FAULTS_NOW, &out);
    fault_say_str((sc_str_t) { out.len, out.data });
    sc_buf_free(&out);
    crawl_scope_free(scope);

    return rc;
}


static int
faults_form(void)
{
    int             rc;
    sc_buf_t        out;
    extract_page_t  p;

    static const char  spec[] =
        "{\"form\":\"//form\",\"fill\":{\"a\":\"a value of some length\"}}";

    memset(&p, 0, sizeof(extract_page_t));
    p.url = "http://a.example/d/p";
    p.content_type = "text/html; charset=utf-8";
    p.body = (sc_str_t) { strlen(faults_page), faults_page };
    p.headers.data = "";
    extract_page_init(&p);
    sc_buf_init(&out, 0);

    rc = extract_form((sc_str_t) { strlen(spec), spec }, &p, &out);
    fault_say_str((sc_str_t) { out.len, out.data });

    sc_buf_free(&out);
    extract_page_free(&p);

    return rc;
}


static int
faults_scope(void)
{
    char     err[256], pointer[128];
    char    *text;
    url_t    start;
    json_t  *scope;

    fault_hold();
    scope = json_loads("{\"deny\":[\"re:[?&]s=\","
                       "\"%/private/%\"],\"allow\":[\"%/a/%\"]}", 0, NULL);
    (void) url_parse(&start, "http://a.example/", 17, err, sizeof(err));
    fault_release();

    text = crawl_scope_text(scope, NULL, &start, 1, 0, err, sizeof(err),
                            pointer, sizeof(pointer));

    fault_say("%s", (text != NULL) ? text : err);

    free(text);
    url_free(&start);
    json_decref(scope);

    return (text != NULL) ? SC_OK : SC_ERROR;
}


static int
faults_sitemap(void)
{
    int             rc;
    char            err[256];
    sc_buf_t        out;
    crawl_scope_t  *scope;

    static const char  xml[] =
        "<?xml version='1.0'?><urlset><url><loc>http://a.example/a?b&amp;c"
        "</loc><lastmod>2026-11-20</lastmod></url><url><loc>"
        "http://a.example/one/more/page</loc></url></urlset>";

    scope = crawl_scope_create((sc_str_t) { strlen(FAULTS_SCOPE),
                                            FAULTS_SCOPE });
    if (scope == NULL) {
        return SC_ERROR;
    }

    sc_buf_init(&out, 0);
    rc = crawl_sitemap(scope, "http://a.example/sitemap.xml",
                       (sc_str_t) { strlen(xml), xml }, FAULTS_NOW, &out, err,
                       sizeof(err));
    fault_say_str((sc_str_t) { out.len, out.data });
    sc_buf_free(&out);
    crawl_scope_free(scope);

    return rc;
}
