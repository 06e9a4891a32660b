
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/query.h"
#include "sidecar/core/settings.h"
#include "sidecar/export/export.h"
#include "sidecar/fetch/jar.h"
#include "sidecar/proxy/proxy.h"
#include "sidecar/robots/robots.h"
#include "sidecar/schedule/schedules.h"
#include "sidecar/url/url.h"
#include "tests/faults/fault.h"
#include "tests/support/process.h"


static void faults_settings_before(void);
static void faults_proxies_before(void);
static sc_str_t faults_str(const char *s);
static int faults_url(void);
static int faults_resolve(void);
static int faults_robots(void);
static int faults_query(void);
static int faults_settings(void);
static int faults_proxies(void);
static int faults_cookies(void);
static int faults_cron(void);
static int faults_csv(void);
static int faults_xml(void);
static int faults_json(void);
static int faults_events(void);
static int faults_export(export_format_t format);


static const fault_scene_t  faults_scenes[] = {
    { "url", FAULT_OURS, faults_url, NULL, 0, 0 },
    { "reference resolved", FAULT_OURS, faults_resolve, NULL, 0, 0 },
    { "robots.txt", FAULT_OURS, faults_robots, NULL, 0, 0 },
    { "query string", FAULT_OURS, faults_query, NULL, 0, 0 },
    { "settings", FAULT_OURS, faults_settings, faults_settings_before, 0, 0 },
    { "proxies", FAULT_OURS, faults_proxies, faults_proxies_before, 0, 0 },
    { "cookies", FAULT_OURS, faults_cookies, NULL, 0, 0 },
    { "times of a schedule", FAULT_OURS, faults_cron, NULL, 0, 0 },
    { "results as csv", FAULT_OURS, faults_csv, NULL, 0, 0 },
    { "results as xml", FAULT_OURS, faults_xml, NULL, 0, 0 },
    { "results as json", FAULT_OURS, faults_json, NULL, 0, 0 },
    { "results as events", FAULT_OURS, faults_events, NULL, 0, 0 }
};


static char  faults_path[64];


int
main(void)
{
    return fault_suite("faults_text", faults_scenes,
                       sizeof(faults_scenes) / sizeof(faults_scenes[0]));
}


static void
faults_settings_before(void)
{
    process_file(faults_path, sizeof(faults_path),
                 "workers = 3\nmax_body = 2048\n"
                 "user_agent = one of some length\n"
                 "allow_addresses = 127.0.0.0/8\n");
}


static void
faults_proxies_before(void)
{
    process_file(faults_path, sizeof(faults_path),
                 "shop http://u:p@127.0.0.1:3128\n"
                 "shop socks5h://127.0.0.2:1080\n");
}


static sc_str_t
faults_str(const char *s)
{
    return (sc_str_t) { strlen(s), s };
}


static int
faults_url(void)
{
    int    rc;
    char   err[160];
    url_t  u, copy;

    static const char  text[] =
        "HTTP://b\xc3\xbc" "cher.Example:80/a/../b%7e?q=\xc3\xa9#f";

    rc = url_parse(&u, text, strlen(text), err, sizeof(err));

    if (rc != SC_OK) {
        return SC_ERROR;
    }

    rc = url_copy(&copy, &u);

    if (rc == SC_OK) {
        fault_say("%s %s", copy.text, copy.host);
        url_free(&copy);
    }

    url_free(&u);

    return rc;
}


static int
faults_resolve(void)
{
    int       rc;
    sc_buf_t  out;

    sc_buf_init(&out, 0);
    rc = url_resolve("http://a.example/b/c?d", " ../e\\f/ g?h i\t#j ", 17,
                     &out);
    fault_say_str((sc_str_t) { out.len, out.data });
    sc_buf_free(&out);

    return (rc == SC_DECLINED) ? SC_DECLINED : rc;
}


static int
faults_robots(void)
{
    robots_t  *robots;

    robots = robots_parse(faults_str("user-agent: *\ndisallow: /\n\n"
                                     "user-agent: scraped\ndisallow: /a*b$\n"
                                     "allow: /a/b\ncrawl-delay: 2\n"
                                     "sitemap: http://a.example/s.xml\n"),
                          "scraped");

    if (robots == NULL) {
        return SC_ERROR;
    }

    fault_say("%d%d %ld %s", robots_allowed(robots, faults_str("/axb")),
              robots_allowed(robots, faults_str("/a/b")),
              (long) robots_delay(robots), robots_sitemap(robots, 0));
    robots_free(robots);

    return SC_OK;
}


static int
faults_query(void)
{
    char     err[160];
    query_t  q;

    if (query_parse(&q, "url=http%3A%2F%2Fa&b=1+2&c", err, sizeof(err))
        != SC_OK)
    {
        return SC_ERROR;
    }

    fault_say("%s %s %zu", query_get(&q, "url"), query_get(&q, "b"), q.n);
    query_free(&q);

    return SC_OK;
}


static int
faults_settings(void)
{
    char               err[256];
    char              *argv[] = { "scraped", "-c", faults_path,
                                  "--max_redirects=3", NULL };
    settings_t         s;
    settings_result_t  rc;

    rc = settings_load(&s, 4, argv, err, sizeof(err));

    if (rc != SETTINGS_RUN) {
        settings_free(&s);
        return SC_ERROR;
    }

    fault_say("%ld %ld %s %s %ld", (long) s.workers, (long) s.max_body,
              s.user_agent, s.allow_addresses, (long) s.max_redirects);
    settings_free(&s);

    return SC_OK;
}


static int
faults_proxies(void)
{
    char            err[256];
    proxies_t      *p;
    const proxy_t  *proxy;

    p = proxies_open(faults_path, err, sizeof(err));

    if (p == NULL) {
        return SC_ERROR;
    }

    proxy = proxies_next(p, "shop", 0);
    fault_say("%d %s", proxies_known(p, "shop"),
              (proxy != NULL) ? proxy->host : "none");
    proxies_close(p);

    return SC_OK;
}


static int
faults_cookies(void)
{
    int        rc;
    char       err[160];
    jar_t     *jar;
    sc_buf_t   out;

    jar = jar_create();

    if (jar == NULL) {
        return SC_ERROR;
    }

    sc_buf_init(&out, 0);
    rc = jar_load(jar, faults_str("a.example\tFALSE\t/\tFALSE\t0\tn\tv\n"
                                  ".b.example\tTRUE\t/x\tTRUE\t4000000000\t"
                                  "m\tw\n"), err, sizeof(err));

    if (rc == SC_OK) {
        rc = jar_set(jar, "c.example", faults_str("k"), faults_str("v"), err,
                     sizeof(err));
    }

    if (rc == SC_OK) {
        rc = jar_save(jar, &out);
    }

    fault_say_str((sc_str_t) { out.len, out.data });
    sc_buf_free(&out);
    jar_unref(jar);

    return rc;
}


static int
faults_cron(void)
{
    char     err[160];
    cron_t  *cron;

    cron = cron_parse("*/5 8-17 * * 1-5", err, sizeof(err));

    if (cron == NULL) {
        return (strstr(err, "memory") != NULL) ? SC_ERROR : SC_DECLINED;
    }

    cron_free(cron);

    return SC_OK;
}


static int
faults_csv(void)
{
    return faults_export(EXPORT_CSV);
}


static int
faults_xml(void)
{
    return faults_export(EXPORT_XML);
}


static int
faults_json(void)
{
    return faults_export(EXPORT_JSON);
}


static int
faults_events(void)
{
    return faults_export(EXPORT_SSE);
}


static int
faults_export(export_format_t format)
{
    int                i, rc;
    export_t          *e;
    sc_buf_t           out;
    store_result_t     result;
    export_options_t   options;

    memset(&options, 0, sizeof(export_options_t));
    options.format = format;
    options.base = "";
    options.rules = faults_str("{\"fields\":{\"title\":\"h1\","
                               "\"more\":{\"css\":\"p\"}}}");
    e = export_create(&options);

    if (e == NULL) {
        return SC_ERROR;
    }

    memset(&result, 0, sizeof(store_result_t));
    memcpy(result.id, "00001J0000000000000000000000A", ID_SIZE);
    memcpy(result.job, result.id, ID_SIZE);
    result.url = faults_str("http://a.example/one?x=1");
    result.state = STORE_COMPLETED;
    result.fetch = faults_str("{\"status\":200,\"url\":\"http://a.example/\","
                              "\"fetched_at\":\"2026-11-21T10:00:00Z\"}");
    result.data = faults_str("{\"title\":\"a title, and \\\"more\\\"\","
                             "\"more\":[1,{\"a\":null}]}");
    result.missing = result.warnings = faults_str("[]");
    result.view = result.echo = result.error = result.etag = faults_str("");
    result.host = result.ruleset = result.digest = faults_str("");
    result.context = result.tenant = faults_str("");

    sc_buf_init(&out, 0);
    rc = export_begin(e, &out);

    for (i = 0; i < 2 && rc == SC_OK; i++) {
        result.seq = i + 1;
        rc = export_item(e, &result, NULL, &out);
    }

    if (rc == SC_OK) {
        rc = export_end(e, "a-cursor", &out);
    }

    if (rc == SC_OK && out.failed) {
        rc = SC_ERROR;
    }

    fault_say_str((sc_str_t) { out.len, out.data });
    sc_buf_free(&out);
    export_free(e);

    return rc;
}
