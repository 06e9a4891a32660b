
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/hostile/hostile.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define BOMBS_TIMEOUT    3600
#define BOMBS_ROOM       131072         /* KiB above the start */
#define BOMBS_DEEP       300
#define BOMBS_TEXT       11000000       /* bytes of one text */

/* the time of a page is the one that is set when nobody says */
#define BOMBS_FULL       "robots = ignore\nwait = 40000\nhost_failures = 0\n"
#define BOMBS_BRIEF      BOMBS_FULL "extract_timeout = 500\n"

#define MANY             "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"


/*
 * A page: begin, then piece over and over, its %zu a number that grows, then
 * end.
 */
typedef struct {
    const char  *begin;
    const char  *piece;
    const char  *end;
} bombs_page_t;

/* What came of one extract, and how long the slowest took, in ms. */
typedef struct {
    size_t  runs;
    size_t  failures;
    size_t  values;
    size_t  refused;
    size_t  timeouts;
    size_t  failed;
    long    slowest;
} bombs_count_t;


static void bombs_extract(gateway_t *g, const char *url, const char *xpath,
    bombs_count_t *c);
static void bombs_judge(const client_reply_t *r, const char *what,
    bombs_count_t *c);
static void bombs_write(gateway_t *g, const bombs_page_t *page, size_t size);
static void bombs_file(gateway_t *g, const sc_buf_t *text);
static void bombs_good(gateway_t *g);
static void bombs_report(gateway_t *g, const char *promise, long base,
    const bombs_count_t *c);
static long bombs_now(void);


static const char *const  bombs_expressions[] = {
    "//a[contains(/,'zz')]",
    "//p[contains(/,'zz')]",
    "//*[contains(.,'zz')]",
    "//*[contains(//*,'zz')]",
    "//*[starts-with(/,'zz')]",
    "//*[substring-before(/,'zz')='a']",
    "//*[substring-after(/,'zz')='a']",
    "//*[substring(/,1,9)='a']",
    "//*[string-length(/)>0]",
    "//*[string-length(.)>0]",
    "//*[normalize-space(/)='a']",
    "//*[normalize-space(.)='a']",
    "//*[concat(/,/)='a']",
    "//*[concat(/,/,/,/,/,/,/,/)='a']",
    "//*[translate(/,'a','b')='a']",
    "//*[translate(/,'" MANY MANY MANY "','" MANY MANY MANY "')='a']",
    "translate(/,'" MANY MANY MANY MANY MANY MANY "','x')",
    "//*[number(/)=1]",
    "//*[sum(//*)>0]",
    "//*[string(/)='a']",
    "id(/)",
    "//*[id(/)]",
    "//*[id(.)]",
    "//*[/='a']",
    "//*[//*='a']",
    "//*[.=//*]",
    "//*[not(.=//*)]",
    "//*[.=following::*]",
    "//*[.=preceding::*]",
    "count(//*[count(//*[count(//*)>0])>0])",
    "count(//*[count(following::*)>count(preceding::*)])",
    "//*[position()=last()][position()=last()]",
    "//*//*//*",
    "//*//*//*//*//*//*",
    "//*/..//*/..//*/..//*",
    "//*/ancestor::*/descendant::*/ancestor::*",
    "//*/following::*/preceding::*/following::*",
    "//*|//*/*|//*/*/*|//*/..|//@*|//text()|//*//*",
    "(//*)[(//*)[(//*)[1]]]",
    "//*[ancestor::*[descendant::*[ancestor::*]]]",
    "//p[../p[../p[../p[../p]]]]",
    "count(//node()) + count(//node()/following::node())",
    "sum(//*/preceding::*)",
    "//*[lang('en')][lang('de')]",
    "//*[name()=name(//*)][local-name(//*)=name()]"
};


/* Each is made with an expression that nests; what is compiled is refused. */
static const char *const  bombs_nests[][2] = {
    { "(", ")" }, { "not(", ")" }, { "//*[", "]" }, { "string(", ")" },
    { "-", "" }, { "1+", "" }, { "*|", "" }, { "*/", "" }, { "../", "" },
    { "concat(", ",1)" }
};


static const bombs_page_t  bombs_pages[] = {
    { "", "<p>x", "" },
    { "", "<b>", "" },
    { "", "<div>", "" },
    { "", "<div><p>x</p>", "" },
    { "<p ", " a%zu=1", ">" },
    { "<p ", " a=1", ">" },
    { "", "<t%zu>", "" },
    { "", "<t%zu>x</t%zu>", "" },
    { "", "&", "" },
    { "", "&amp;", "" },
    { "", "&#x41;", "" },
    { "", "&nosuch%zu;", "" },
    { "", "<", "" },
    { "", "</p>", "" },
    { "", "</nosuch%zu>", "" },
    { "", "<!-- x -->", "" },
    { "<!--", "- x -", "" },
    { "", "<![CDATA[x", "" },
    { "", "<table>", "" },
    { "<table>", "<tr><td>x", "" },
    { "", "<a href=x>", "" },
    { "", "<form><input>", "" },
    { "<select>", "<option>x", "" },
    { "<script>", "x</scrip>", "" },
    { "<p>", "x", "</p>" },
    { "<p title=\"", "x", "\">y</p>" },
    { "", "<b><i>x</b>", "" },
    { "", "<svg><math>", "" },
    { "", "<?x ", "?>" },
    { "<ul>", "<li><ul>", "" }
};


START_TEST(every_xpath_bomb_ends_within_its_time)
{
    char                url[128];
    long                base;
    size_t              i, j, step;
    gateway_t           g;
    bombs_count_t       c = { 0 };
    gateway_options_t   o = { .settings = proof_full() ? BOMBS_FULL
                                                       : BOMBS_BRIEF,
                              .server = HOSTILE_METRICS };

    static const long  sizes[] = { 35000, 1400000, 7000000 };

    gateway_start(&g, &o);
    bombs_good(&g);
    base = hostile_memory(g.scraped, "VmRSS");
    step = proof_times("HOSTILE_XPATH_STEP", 1, 9);

    for (i = 0; i < (proof_full() ? 3U : 1U); i++) {
        (void) snprintf(url, sizeof(url), "%s/big?bytes=%ld", g.origin,
                        sizes[i]);

        for (j = 0; j < sizeof(bombs_expressions) / sizeof(char *);
             j += step)
        {
            bombs_extract(&g, url, bombs_expressions[j], &c);
        }

        bombs_good(&g);
    }

    bombs_report(&g, "an XPath bomb ends within its time", base, &c);
    gateway_stop(&g);
}
END_TEST


START_TEST(xpath_that_nests_is_refused_or_ends)
{
    char                url[128];
    long                base;
    size_t              i, j, n, depth;
    sc_buf_t            xpath;
    gateway_t           g;
    bombs_count_t       c = { 0 };
    gateway_options_t   o = { .settings = "robots = ignore\n",
                              .server = HOSTILE_METRICS };

    gateway_start(&g, &o);
    base = hostile_memory(g.scraped, "VmRSS");
    (void) snprintf(url, sizeof(url), "%s/page/1", g.origin);
    n = sizeof(bombs_nests) / sizeof(bombs_nests[0]);

    for (i = 0; i < 3 * n; i++) {
        depth = i / n == 0 ? 200 : i / n == 1 ? 500 : 5000;
        sc_buf_init(&xpath, 0);

        for (j = 0; j < 2 * depth + 1; j++) {
            const char *piece = j < depth ? bombs_nests[i % n][0]
                                : j == depth ? "1" : bombs_nests[i % n][1];
            (void) sc_buf_add_cstr(&xpath, piece);
        }

        ck_assert(!xpath.failed);

        ck_assert_int_eq(sc_buf_add(&xpath, "", 1), SC_OK);
        bombs_extract(&g, url, xpath.data, &c);
        sc_buf_free(&xpath);
    }

    bombs_good(&g);
    bombs_report(&g, "XPath that nests is refused or ends", base, &c);
    gateway_stop(&g);
}
END_TEST


START_TEST(every_html_bomb_ends_within_its_time)
{
    char                url[128];
    long                base;
    size_t              i, j, step;
    gateway_t           g;
    bombs_count_t       c = { 0 };
    gateway_options_t   o = { .settings = "robots = ignore\nwait = 40000\n"
                                          "host_failures = 0\n"
                                          "max_page = 16777216\n",
                              .server = HOSTILE_METRICS };

    static const size_t  sizes[] = { 2000000, 12000000 };

    gateway_start(&g, &o);
    bombs_good(&g);
    base = hostile_memory(g.scraped, "VmRSS");
    (void) snprintf(url, sizeof(url), "%s/bomb.html", g.url);
    step = proof_times("HOSTILE_HTML_STEP", 1, 3);

    for (i = 0; i < (proof_full() ? 2U : 1U); i++) {
        for (j = 0; j < sizeof(bombs_pages) / sizeof(bombs_page_t); j += step)
        {
            bombs_write(&g, &bombs_pages[j],
                        proof_full() ? sizes[i] : 50000);
            bombs_extract(&g, url, "count(//*)", &c);
        }

        bombs_good(&g);
    }

    bombs_report(&g, "an HTML bomb ends within its time", base, &c);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_deep_page_keeps_its_tail_and_a_long_text_is_whole)
{
    char                url[256], number[32];
    size_t              i;
    sc_buf_t            text;
    gateway_t           g;
    client_reply_t      r;
    gateway_options_t   o = { .settings = "robots = ignore\nwait = 40000\n"
                                          "max_page = 16777216\n"
                                          "extract_timeout = 30000\n" };

    gateway_start(&g, &o);
    (void) snprintf(url, sizeof(url), "{\"url\":\"%s/bomb.html\",\"rules\":"
                    "{\"t\":\"//h6\",\"n\":\"string-length(//p)\"}}", g.url);
    sc_buf_init(&text, 0);

    for (i = 0; i < BOMBS_DEEP; i++) {
        ck_assert_int_eq(sc_buf_add(&text, "<div>", 5), SC_OK);
    }

    ck_assert_int_eq(sc_buf_add(&text, "<p>", 3), SC_OK);

    for (i = 0; i < BOMBS_TEXT; i += 50) {
        (void) sc_buf_add(&text, MANY, 50);
    }

    ck_assert(!text.failed);

    ck_assert_int_eq(sc_buf_add(&text, "</p><h6>tail</h6>", 17), SC_OK);
    bombs_file(&g, &text);
    sc_buf_free(&text);

    r = gateway_request(&g, "POST", "/v1/extract", NULL, url);
    ck_assert_msg(r.status == 200, "%s", r.body);
    (void) snprintf(number, sizeof(number), "%d", BOMBS_TEXT);
    ck_assert_str_eq(client_str(&r, "data.t"), "tail");
    ck_assert_msg(strstr(r.body, number) != NULL, "%s", r.body);
    client_free(&r);
    gateway_stop(&g);
    proof_report("bombs", "a deep page keeps its tail, a long text is whole",
                 1, 0, "%d levels, %d bytes of text", BOMBS_DEEP, BOMBS_TEXT);
}
END_TEST


static void
bombs_extract(gateway_t *g, const char *url, const char *xpath,
    bombs_count_t *c)
{
    char           *body;
    long            begun;
    json_t         *json;
    client_reply_t  r;

    json = json_pack("{s:s,s:{s:{s:s}}}", "url", url, "rules", "t", "xpath",
                     xpath);
    body = json_dumps(json, JSON_COMPACT);
    ck_assert_ptr_nonnull(body);
    json_decref(json);

    begun = bombs_now();
    r = gateway_request(g, "POST", "/v1/extract", NULL, body);
    begun = bombs_now() - begun;
    c->slowest = begun > c->slowest ? begun : c->slowest;
    bombs_judge(&r, body, c);
    client_free(&r);
    free(body);
}


static void
bombs_judge(const client_reply_t *r, const char *what, bombs_count_t *c)
{
    const char  *type;

    type = client_str(r, "type");
    c->runs++;

    if (r->status == 200) {
        c->values++;

    } else if (strcmp(type, "/extract/timeout") == 0) {
        c->timeouts++;

    } else if (strcmp(type, "/extract/failed") == 0) {
        c->failed++;

    } else if (r->status == 422 || r->status == 400) {
        c->refused++;

    } else {
        c->failures++;
        (void) fprintf(stderr, "%.200s: %ld %.500s\n", what, r->status,
                       r->body);
    }
}


static void
bombs_write(gateway_t *g, const bombs_page_t *page, size_t size)
{
    int       len;
    char      piece[64];
    size_t    i;
    sc_buf_t  text;

    sc_buf_init(&text, 0);
    ck_assert_int_eq(sc_buf_add(&text, page->begin, strlen(page->begin)),
                     SC_OK);

    for (i = 0; text.len < size; i++) {
        len = strstr(page->piece, "%zu") == NULL
              ? snprintf(piece, sizeof(piece), "%s", page->piece)
              : strstr(page->piece, "</t") != NULL
              ? snprintf(piece, sizeof(piece), "<t%zu>x</t%zu>", i, i)
              : snprintf(piece, sizeof(piece), "%.*s%zu%s",
                         (int) strcspn(page->piece, "%"), page->piece, i,
                         strstr(page->piece, "%zu") + 3);
        (void) sc_buf_add(&text, piece, (size_t) len);
    }

    ck_assert(!text.failed);

    ck_assert_int_eq(sc_buf_add(&text, page->end, strlen(page->end)), SC_OK);
    bombs_file(g, &text);
    sc_buf_free(&text);
}


static void
bombs_file(gateway_t *g, const sc_buf_t *text)
{
    char   path[128];
    FILE  *f;

    (void) snprintf(path, sizeof(path), "%s/www/bomb.html", g->dir);
    f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text->data, 1, text->len, f), text->len);
    ck_assert_int_eq(fclose(f), 0);
}


static void
bombs_good(gateway_t *g)
{
    client_reply_t  r;

    r = gateway_extract(g, "/page/7", "{\"title\":\"//h1\"}", "",
                        "Prefer: wait=30");
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "data.title"), "Product 7");
    client_free(&r);
}


static void
bombs_report(gateway_t *g, const char *promise, long base,
    const bombs_count_t *c)
{
    long    most;
    double  longest;

    most = hostile_memory(g->scraped, "VmHWM");
    longest = hostile_metric(g, "scraped_loop_round_max_seconds");
    proof_report("bombs", promise, c->runs,
                 c->failures + (most > base + BOMBS_ROOM), "%zu values, %zu "
                 "refused, %zu timeouts, %zu failed; slowest %ld ms; longest "
                 "round of the loop %g s; %ld KiB at the start, %ld at the "
                 "most", c->values, c->refused, c->timeouts, c->failed,
                 c->slowest, longest, base, most);
}


static long
bombs_now(void)
{
    struct timespec  now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now);

    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


int
main(void)
{
    const TTest  *tests[] = {
        every_xpath_bomb_ends_within_its_time,
        xpath_that_nests_is_refused_or_ends,
        every_html_bomb_ends_within_its_time,
        a_deep_page_keeps_its_tail_and_a_long_text_is_whole,
        NULL
    };

    return suite_run("bombs", tests, BOMBS_TIMEOUT);
}
