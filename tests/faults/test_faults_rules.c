
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "common/css/sc_css.h"
#include "common/jsonpath/sc_jsonpath.h"
#include "common/regex/sc_regex.h"
#include "common/rules/sc_crw.h"
#include "common/rules/sc_rules.h"
#include "common/sc_frame.h"
#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "common/sc_seen.h"
#include "tests/faults/fault.h"


#define FAULTS_STEPS    10000

/* a rule set of nearly all there is */
#define FAULTS_RULES                                                          \
    "{\"description\":\"all\","                                               \
    "\"match\":{\"url\":[\"%shop.example/p/%\",\"re:/product/\\\\d+$\"],"     \
    "\"content_type\":\"text/html\"},"                                        \
    "\"ns\":{\"g\":\"http://base.google.com/ns/1.0\"},\"parser\":\"html5\","  \
    "\"drop_if\":\"not(//h1) or //body[has-class('error')]\","                \
    "\"strict\":true,\"fields\":{\"title\":\"h1\","                           \
    "\"image\":{\"meta\":\"og:image\",\"type\":\"url\"},"                     \
    "\"price\":{\"css\":[\".sale\",\".price\"],"                              \
    "\"transform\":{\"number_locale\":\"de\"},\"type\":\"number\","           \
    "\"min\":0,\"required\":true},"                                           \
    "\"tags\":[{\"xpath\":\"//p/i\",\"transform\":\"lower\"}],"               \
    "\"sku\":{\"first\":[{\"jsonld\":\"$..sku[?@.a>1 && match(@.b,'x')]\"},"  \
    "{\"meta\":\"product:sku\"},\"//*[@itemprop='sku']\","                    \
    "{\"regex\":\"sku: (\\\\w+)\"},{\"const\":\"unknown\"}]},"                \
    "\"offers\":{\"each\":\"li.offer:nth-child(2n+1):not(.x)\","              \
    "\"fields\":{\"seller\":\"./a\",\"url\":{\"css\":\"a\",\"attr\":"         \
    "\"href\",\"type\":\"url\"},\"pieces\":{\"css\":\"b\","                   \
    "\"type\":\"int\"}}}},"                                                   \
    "\"store\":{\"table\":\"products\",\"key\":[\"title\"]},"                 \
    "\"follow\":[{\"css\":\"a.next\",\"ruleset\":\"self\","                   \
    "\"pagination\":true,\"allow\":[\"%/p/%\"],\"deny\":[\"re:[?&]s=\"]}]}"

/* a group of sets */
#define FAULTS_SETS                                                           \
    "{\"sets\":{\"product\":{\"match\":{\"url\":\"%/p/%\"},"                  \
    "\"fields\":{\"title\":\"h1\",\"when\":{\"css\":\"time\","                \
    "\"type\":\"date\"},\"short\":{\"css\":\"p\",\"transform\":"              \
    "[\"trim\",{\"replace\":[\"a+\",\"b\"]}]}}},"                             \
    "\"page\":{\"fields\":{\"links\":[\"a::attr(href)\"]}}}}"


static void faults_before(void);
static int faults_frame(void);
static int faults_seen(void);
static int faults_json(void);
static int faults_rules(void);
static int faults_sets(void);
static int faults_parse(const char *text);
static int faults_said(const char *message);
static int faults_wrong(void);
static int faults_css(void);
static int faults_jsonpath(void);
static int faults_found(void *data, json_t *value);
static int faults_regex(void);
static int faults_crw(void);
static int faults_pattern(void);


static const fault_scene_t  faults_scenes[] = {
    { "frame codec", FAULT_OURS, faults_frame, NULL, 0, 0 },
    { "hashes seen", FAULT_OURS, faults_seen, NULL, 0, 0 },
    { "json written", FAULT_OURS, faults_json, faults_before, 0, 0 },
    { "rule set compiled", FAULT_OURS, faults_rules, faults_before, 0, 0 },
    { "rule sets compiled", FAULT_OURS, faults_sets, faults_before, 0, 0 },
    { "rule set refused", FAULT_OURS, faults_wrong, faults_before, 0, 0 },
    { "css selector", FAULT_OURS, faults_css, faults_before, 0, 0 },
    { "jsonpath", FAULT_OURS, faults_jsonpath, faults_before, 0, 0 },
    { "regular expression", FAULT_OURS, faults_regex, faults_before, 0, 0 },
    { "crw template", FAULT_OURS, faults_crw, faults_before, 0, 0 },
    { "url patterns", FAULT_OURS, faults_pattern, faults_before, 0, 0 }
};


int
main(void)
{
    return fault_suite("faults_rules", faults_scenes,
                       sizeof(faults_scenes) / sizeof(faults_scenes[0]));
}


static void
faults_before(void)
{
    json_decref(sc_json_of("{}", 2, 0, NULL));
    xmlInitParser();
}


static int
faults_frame(void)
{
    int         i, rc;
    size_t      used;
    sc_buf_t    b;
    sc_frame_t  f;

    sc_buf_init(&b, 0);
    rc = SC_OK;

    for (i = 1; i < 20 && rc == SC_OK; i++) {
        rc = sc_frame_add(&b, SC_FRAME_BODY, (uint64_t) i, 0,
                          "0123456789abcdef0123456789abcdef", 32);
    }

    while (rc == SC_OK && b.len > 0) {
        rc = sc_frame_parse(b.data, b.len, &f, &used);
        fault_say("%d %lu %zu,", f.type, (unsigned long) f.id, f.len);
        sc_buf_consume(&b, used + f.len);
    }

    sc_buf_free(&b);

    return rc;
}


static int
faults_seen(void)
{
    int         rc;
    uint64_t    i;
    sc_seen_t   seen;

    sc_seen_init(&seen, 10000);
    rc = SC_OK;

    for (i = 1; i < 3000 && rc != SC_ERROR; i++) {
        rc = sc_seen_add(&seen, (i % 1000) * 2654435761u);

        if (i > 990 && i < 1010) {
            fault_say("%d", rc);
        }
    }

    sc_seen_free(&seen);

    return (rc == SC_ERROR) ? SC_ERROR : SC_OK;
}


static int
faults_json(void)
{
    int        rc;
    json_t    *json;
    sc_buf_t   b;

    fault_hold();
    json = json_loads("{\"a\":[1,2.5,null,true,\"\\u00e9\\\"\"],\"b\":{}}", 0,
                      NULL);
    fault_release();
    sc_buf_init(&b, 0);
    sc_json_value(&b, json);
    rc = sc_buf_add_cstr(&b, " and ");

    if (rc == SC_OK) {
        rc = sc_json_cstr(&b, "\"\xc3\xa9\x01\xff<");
    }

    fault_say_str((sc_str_t) { b.len, b.data });
    sc_buf_free(&b);
    json_decref(json);

    return rc;
}


static int
faults_rules(void)
{
    return faults_parse(FAULTS_RULES);
}


static int
faults_sets(void)
{
    return faults_parse(FAULTS_SETS);
}


static int
faults_parse(const char *text)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse_text(text, strlen(text), &err);

    if (rules == NULL) {
        return faults_said(err.message);
    }

    fault_say("%s %s", rules->hash, rules->json);
    sc_rules_free(rules);

    return SC_OK;
}


/* nobody else may be blamed for it */
static int
faults_said(const char *message)
{
    if (strstr(message, "memory") != NULL) {
        return SC_ERROR;
    }

    fault_say("\"%s\"", message);

    return SC_DECLINED;
}


/* here the refusal is the answer */
static int
faults_wrong(void)
{
    size_t             i;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    static const char *const  texts[] = {
        "{\"fields\":{\"a\":\"h1[\"}}", "{\"fields\":{\"a\":{\"css\":1}}}",
        "{\"fields\":{\"a\":\"//p[foo()]\"}}", "{\"fields\":{\"a\"",
        "{\"fields\":{\"a\":{\"regex\":\"(\"}}}", "{\"fieldz\":{}}",
        "{\"fields\":{\"a\":{\"jsonld\":\"$.[\"}}}"
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        rules = sc_rules_parse_text(texts[i], strlen(texts[i]), &err);

        if (rules != NULL) {
            sc_rules_free(rules);
            return SC_DECLINED;
        }

        if (strstr(err.message, "memory") != NULL) {
            return SC_ERROR;
        }

        fault_say("%s: %s\n", err.pointer, err.message);
    }

    return SC_OK;
}


static int
faults_css(void)
{
    int             rc;
    sc_buf_t        out;
    sc_css_error_t  err;

    static const char  css[] =
        "ul > li.a:nth-of-type(2n+1):not(.b, [x~=\"y\" i]) + p ~ i::text,"
        " a:is(.c, .d):has(> img)::attr(href), :lang(de) ns|b:first-child";

    sc_buf_init(&out, 0);
    rc = sc_css_xpath(css, strlen(css), 1, &out, &err);
    fault_say_str((sc_str_t) { out.len, out.data });
    sc_buf_free(&out);

    return (rc == SC_OK) ? SC_OK : faults_said(err.message);
}


static int
faults_jsonpath(void)
{
    int                   rc;
    json_t               *json;
    size_t                steps;
    sc_jsonpath_t        *path;
    sc_jsonpath_error_t   err;

    static const char  text[] =
        "$..[?@.a > 1 && (match(@.b, 'x.*') || length(@.c) == 2"
        " || search(@.d, '[a-c]') || value(@..e) != 'f')]['b', 0, 1:5:2]";

    path = sc_jsonpath_compile(text, strlen(text), &err);

    if (path == NULL) {
        return faults_said(err.message);
    }

    fault_hold();
    json = json_loads("[{\"a\":2,\"b\":\"xy\",\"c\":[1,2],\"d\":\"b\","
                      "\"e\":1},{\"a\":3,\"b\":\"xz\"}]", 0, NULL);
    fault_release();
    steps = FAULTS_STEPS;
    rc = sc_jsonpath_eval(path, json, &steps, faults_found, NULL);
    json_decref(json);
    sc_jsonpath_free(path);

    return rc;
}


static int
faults_found(void *data, json_t *value)
{
    (void) data;
    fault_say("%s,", json_string_value(value));

    return SC_OK;
}


static int
faults_regex(void)
{
    sc_buf_t            out;
    sc_str_t            with, subject;
    sc_regex_t         *re;
    sc_regex_error_t    err;
    sc_regex_result_t   rc;

    static const char  pattern[] = "(?<year>\\d{4})-(\\d\\d)|(a+)+b";

    re = sc_regex_compile(pattern, strlen(pattern), "i", &err);

    if (re == NULL) {
        return faults_said(err.message);
    }

    subject = (sc_str_t) { 24, "on 2026-11-21 and aaab, " };
    with = (sc_str_t) { 8, "$2.$1 $3" };
    sc_buf_init(&out, 0);
    rc = sc_regex_replace(re, subject, with, 1, &out);
    fault_say_str((sc_str_t) { out.len, out.data });
    sc_buf_free(&out);
    sc_regex_free(re);

    return (rc == SC_REGEX_MATCH) ? SC_OK
           : (rc == SC_REGEX_NO_MATCH) ? SC_DECLINED : SC_ERROR;
}


static int
faults_crw(void)
{
    char            *text;
    json_t          *json;
    sc_crw_error_t   err;

    static const char  crw[] =
        "PAGE => %shop.example/p/%\n"
        "products.title -> //h1\n"
        "offers.name -> //p[1]\n"
        "PAGE => re:/list/[0-9]+$\n"
        "products.title -> //h2\n";

    json = sc_crw_parse(crw, strlen(crw), &err);

    if (json == NULL) {
        return SC_ERROR;
    }

    fault_hold();
    text = json_dumps(json, JSON_COMPACT);
    fault_release();
    fault_say("%s", text);
    free(text);
    json_decref(json);

    return SC_OK;
}


static int
faults_pattern(void)
{
    int           fits;
    char          reason[256];
    size_t        i;
    sc_pattern_t  p;

    static const char *const  texts[] = { "%shop.example/p/%",
                                          "re:^https?://[^/]+/p/(\\d+)$" };

    for (i = 0; i < 2; i++) {
        if (sc_pattern_compile(&p, texts[i], strlen(texts[i]), reason,
                               sizeof(reason))
            != SC_OK)
        {
            return faults_said(reason);
        }

        /* one that gives up does not fit */
        fits = sc_pattern_fits(&p, "http://shop.example/p/42", 24);
        sc_pattern_free(&p);

        if (!fits) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}
