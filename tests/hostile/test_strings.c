
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/hostile/raw.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define STRINGS_TIMEOUT    3600
#define STRINGS_LONG       5000         /* bytes of the long ones */

#define STRINGS_JSON       "Content-Type: application/json\r\n"

#define TEXT(s)            { sizeof(s) - 1, s }


/*
 * Where a string goes: @J is it in JSON, @Q percent-encoded, @H as it is, @O
 * the origin.
 *
 * back  the member of the answer that must be the same, or NULL
 */
typedef struct {
    const char  *method;
    const char  *path;
    const char  *fields;
    const char  *body;
    const char  *back;
} strings_field_t;


static size_t strings_try(gateway_t *g, const strings_field_t *f, sc_str_t s);
static void strings_fill(const gateway_t *g, const char *pattern, sc_str_t s,
    sc_buf_t *out);
static void strings_put(const gateway_t *g, char kind, sc_str_t s,
    sc_buf_t *out);
static void strings_json(sc_str_t s, sc_buf_t *out);
static void strings_percent(sc_str_t s, sc_buf_t *out);
static void strings_add(sc_buf_t *out, const char *data, size_t len);
static int strings_right(const strings_field_t *f, sc_str_t s,
    const raw_reply_t *r);
static int strings_back(const strings_field_t *f, sc_str_t s,
    const raw_reply_t *r);
static size_t strings_log(gateway_t *g, const char *name);


#define EXTRACT(members)                                                      \
    "POST", "/v1/extract", "", "{\"url\":\"@O/page/1\"," members "}"

#define RULES    ",\"rules\":{\"t\":\"h1\"}"

static const strings_field_t  strings_fields[] = {
    { EXTRACT("\"rules\":{\"t\":\"h1\"},\"echo\":@J"), "echo" },
    { EXTRACT("\"rules\":{\"t\":\"h1\"},\"echo\":{\"a\":[@J]}"), NULL },
    { EXTRACT("\"rules\":{\"t\":\"h1\"},\"echo\":{@J:1}"), NULL },
    { EXTRACT("\"rules\":{\"t\":{\"const\":@J}}"), "data.t" },
    { EXTRACT("\"rules\":{@J:\"h1\"}"), NULL },
    { EXTRACT("\"rules\":{\"t\":@J}"), NULL },
    { EXTRACT("\"rules\":{\"t\":{\"xpath\":@J}}"), NULL },
    { EXTRACT("\"rules\":{\"t\":{\"css\":@J}}"), NULL },
    { EXTRACT("\"rules\":{\"t\":{\"regex\":@J}}"), NULL },
    { EXTRACT("\"rules\":{\"t\":{\"meta\":@J}}"), NULL },
    { EXTRACT("\"rules\":{\"t\":{\"header\":@J}}"), NULL },
    { EXTRACT("\"rules\":{\"t\":{\"jsonld\":@J}}"), NULL },
    { EXTRACT("\"ruleset\":@J"), NULL },
    { EXTRACT("\"return\":[@J]"), NULL },
    { EXTRACT("\"tags\":{\"a\":@J}" RULES), NULL },
    { EXTRACT("\"tags\":{@J:\"a\"}" RULES), NULL },
    { EXTRACT("\"webhook\":{\"url\":@J}" RULES), NULL },
    { EXTRACT("\"webhook\":{\"url\":\"@O/page/1\",\"secret\":@J}" RULES),
      NULL },
    { EXTRACT("\"request\":{\"headers\":{\"X-A\":@J}}" RULES), NULL },
    { EXTRACT("\"request\":{\"headers\":{@J:\"a\"}}" RULES), NULL },
    { EXTRACT("\"request\":{\"cookies\":{\"a\":@J}}" RULES), NULL },
    { EXTRACT("\"request\":{\"cookies\":{@J:\"a\"}}" RULES), NULL },
    { EXTRACT("\"request\":{\"method\":@J}" RULES), NULL },
    { EXTRACT("\"request\":{\"session\":@J}" RULES), NULL },
    { EXTRACT("\"request\":{\"proxy\":@J}" RULES), NULL },
    { EXTRACT("\"request\":{\"source\":@J}" RULES), NULL },
    { EXTRACT("\"request\":{\"auth\":{\"bearer\":@J}}" RULES), NULL },
    { EXTRACT("\"request\":{\"method\":\"POST\",\"body\":@J}" RULES), NULL },
    { EXTRACT("\"request\":{\"method\":\"POST\",\"form\":{@J:@J}}" RULES),
      NULL },
    { EXTRACT("@J:1"), NULL },
    { "POST", "/v1/extract", "", "{\"url\":@J" RULES "}", NULL },
    { "POST", "/v1/extract", "", "{\"url\":@J,\"return\":[\"links\"]}", NULL },
    { "POST", "/v1/extract", "Prefer: @H\r\n", "{}", NULL },
    { "POST", "/v1/extract", "Idempotency-Key: @H\r\n",
      "{\"url\":\"@O/page/1\"" RULES "}", NULL },
    { "POST", "/v1/extract", "Cache-Control: @H\r\n",
      "{\"url\":\"@O/page/1\"" RULES "}", NULL },
    { "POST", "/v1/extract", "X-Tenant: @H\r\n",
      "{\"url\":\"@O/page/1\"" RULES "}", NULL },
    { "GET", "/v1/extract?url=@Q&xpath.t=//h1", "", "", NULL },
    { "GET", "/v1/extract?url=@O/page/1&xpath.@Q=//h1", "", "", NULL },
    { "GET", "/v1/extract?url=@O/page/1&xpath.t=@Q", "", "", NULL },
    { "GET", "/v1/extract?url=@O/page/1&ruleset=@Q", "", "", NULL },
    { "GET", "/v1/extract?url=@O/page/1&return=@Q", "", "", NULL },
    { "GET", "/v1/extract?@Q=1", "", "", NULL },
    { "GET", "/v1/jobs?cursor=@Q", "", "", NULL },
    { "GET", "/v1/jobs?state=@Q", "", "", NULL },
    { "GET", "/v1/jobs?tag=a:@Q", "", "", NULL },
    { "GET", "/v1/jobs?since=@Q", "", "", NULL },
    { "GET", "/v1/jobs?limit=@Q", "", "", NULL },
    { "GET", "/v1/jobs", "Accept: @H\r\n", "", NULL },
    { "GET", "/v1/jobs/@Q", "", "", NULL },
    { "GET", "/v1/jobs/@Q/results", "", "", NULL },
    { "DELETE", "/v1/jobs/@Q", "", "", NULL },
    { "PUT", "/v1/jobs/@Q", "", "{\"kind\":\"extract\",\"url\":\"@O/page/1\""
      RULES "}", NULL },
    { "GET", "/v1/results?q=@Q", "", "", NULL },
    { "GET", "/v1/results?url=@Q", "", "", NULL },
    { "GET", "/v1/results?host=@Q", "", "", NULL },
    { "GET", "/v1/results?tag=a:@Q&fields=@Q", "", "", NULL },
    { "GET", "/v1/results?cursor=@Q&q=a", "", "", NULL },
    { "GET", "/v1/results/@Q", "If-None-Match: \"@H\"\r\n", "", NULL },
    { "GET", "/v1/results/@Q/raw", "Range: @H\r\n", "", NULL },
    { "PUT", "/v1/sessions/@Q", "", "{\"headers\":{\"A\":\"b\"}}", NULL },
    { "PUT", "/v1/sessions/s", "", "{\"headers\":{\"A\":@J}}", NULL },
    { "PUT", "/v1/sessions/s", "", "{\"cookies\":[{\"name\":\"a\",\"value\":"
      "@J,\"domain\":\"a.example\"}]}", NULL },
    { "PUT", "/v1/sessions/s", "", "{\"login\":{\"url\":\"http://a.example/\","
      "\"fill\":{@J:@J},\"check\":@J}}", NULL },
    { "PUT", "/v1/rulesets/@Q", "", "{\"fields\":{\"t\":\"h1\"}}", NULL },
    { "PUT", "/v1/rulesets/r", "If-Match: @H\r\n",
      "{\"fields\":{\"t\":\"h1\"},\"match\":{\"url\":@J}}", NULL },
    { "PUT", "/v1/schedules/@Q", "", "{\"cron\":\"0 0 1 1 *\",\"crawl\":"
      "{\"urls\":[\"@O/page/1\"]" RULES "}}", NULL },
    { "PUT", "/v1/schedules/s", "", "{\"cron\":@J,\"crawl\":{\"urls\":"
      "[\"@O/page/1\"]" RULES "}}", NULL },
    { "GET", "/v1/hosts/@Q", "", "", NULL },
    { "PATCH", "/v1/hosts/@Q", "", "{\"delay_ms\":0}", NULL },
    { "POST", "/v1/batch?append_to=@Q", "", "{\"urls\":[\"@O/page/1\"]}",
      NULL },
    { "POST", "/v1/crawl", "", "{\"urls\":[\"@O/page/1\"],\"max_depth\":0,"
      "\"scope\":{\"deny\":[@J]}" RULES "}", NULL },
    { "POST", "/v1/crawl", "", "{\"urls\":[@J],\"max_depth\":0" RULES "}",
      NULL },
    { "POST", "/v1/rules/check", "", "{\"rules\":{\"t\":\"h1\"},\"html\":@J}",
      NULL },
    { "GET", "/v1/@Q", "", "", NULL }
};


static const sc_str_t  strings_naughty[] = {
    TEXT(""), TEXT(" "), TEXT("   a   "), TEXT("\t"), TEXT("\n"),
    TEXT("\r\n"), TEXT("a\r\nX-Injected: yes\r\n\r\nb"), TEXT("a\nb"),
    TEXT("\0"), TEXT("a\0b"), TEXT("\x01\x02\x03\x04\x05\x06\x07\x08"),
    TEXT("\x0b\x0c\x0e\x0f\x1b[31mred\x1b[0m"), TEXT("\x7f"),
    TEXT("\xc2\x80\xc2\x85\xc2\x9f"),
    TEXT("null"), TEXT("undefined"), TEXT("true"), TEXT("NaN"), TEXT("-1"),
    TEXT("0"), TEXT("1e309"), TEXT("0x10"), TEXT("99999999999999999999"),
    TEXT("\""), TEXT("'"), TEXT("\\"), TEXT("\\\""), TEXT("`"),
    TEXT("<>&\"'/=`"), TEXT("%"), TEXT("%00"), TEXT("%0d%0a"), TEXT("%25"),
    TEXT("+"), TEXT("a+b&c=d;e#f?g"), TEXT("{}"), TEXT("[]"), TEXT("{{7*7}}"),
    TEXT("${7*7}"), TEXT("${jndi:ldap://127.0.0.1/a}"),
    TEXT("%s%s%s%n%n%n%p"), TEXT("%1$*2147483647$d"),
    TEXT("' OR '1'='1"), TEXT("1; DROP TABLE job; --"),
    TEXT("'; DELETE FROM result WHERE ''='"), TEXT("\" UNION SELECT 1 --"),
    TEXT("a* NOT b NEAR(c d, 99999) : ^"), TEXT("*"), TEXT("(((((((((("),
    TEXT("; ls /"), TEXT("$(touch /tmp/naughty)"), TEXT("`id`"),
    TEXT("| cat /etc/passwd"), TEXT("../../../../etc/passwd"),
    TEXT("..\\..\\windows"), TEXT("/etc/passwd"), TEXT("."), TEXT(".."),
    TEXT("file:///etc/passwd"), TEXT("javascript:alert(1)"),
    TEXT("<script>alert(1)</script>"), TEXT("<!--"), TEXT("]]>"),
    TEXT("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"c\">]>"),
    TEXT("http://127.0.0.1:22/"), TEXT("http://good@127.0.0.1\\@evil/"),
    TEXT("http://[::ffff:7f00:1]/"), TEXT("//a.example/"),
    TEXT("Gr\xc3\xb6\xc3\x9f" "e"), TEXT("\xe7\xa4\xbe\xe6\x9c\x83"),
    TEXT("\xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9"),
    TEXT("\xf0\x9f\x87\xba\xf0\x9f\x87\xb8\xf0\x9f\x8f\xbb"),
    TEXT("\xd8\xa7\xd9\x84\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\xa9"),
    TEXT("\xe2\x80\xaegnp.exe"), TEXT("\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8f"),
    TEXT("\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xef\xbb\xbf"),
    TEXT("\xe2\x80\xa8\xe2\x80\xa9"), TEXT("\xef\xbf\xbe\xef\xbf\xbf"),
    TEXT("a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"),
    TEXT("\xc4\xb0\xc4\xb1\xc5\xbf\xe1\xba\x9e"), TEXT("\xef\xbc\x87"),
    TEXT("\xf3\xa0\x80\x81\xf4\x8f\xbf\xbf"), TEXT("\xff"), TEXT("\x80"),
    TEXT("\xc0\xaf"), TEXT("\xed\xa0\x80"), TEXT("\xf4\x90\x80\x80"),
    TEXT("a\xe2\x82"), TEXT("\xfe\xff"), TEXT("a,b;q=0.5,*/*;q=x"),
    TEXT("wait=1, wait=2, respond-async=;"), TEXT("bytes=0-,-1,5-2")
};


START_TEST(naughty_strings_come_back_or_are_refused)
{
    size_t              i, j, n, m, step, runs, failures;
    sc_buf_t            many;
    gateway_t           g;
    gateway_options_t   o = { .api = "scrape_tenant $http_x_tenant;",
                              .settings = "robots = ignore\nretries = 0\n"
                                          "host_failures = 0\nwait = 500\n"
                                          "total_timeout = 1000\n" };

    gateway_start(&g, &o);
    sc_buf_init(&many, 0);

    for (i = 0; i < STRINGS_LONG; i++) {
        strings_add(&many, i % 7 == 6 ? " " : "x", 1);
    }

    n = sizeof(strings_fields) / sizeof(strings_fields[0]);
    m = sizeof(strings_naughty) / sizeof(strings_naughty[0]);
    step = proof_times("HOSTILE_STRINGS_STEP", 1, 23);
    runs = 0;
    failures = 0;

    for (i = 0; i < n * (m + 1); i += step, runs++) {
        j = i % (m + 1);
        failures += strings_try(&g, &strings_fields[i / (m + 1)],
                                j < m ? strings_naughty[j]
                                      : (sc_str_t) { many.len, many.data });
    }

    sc_buf_free(&many);
    failures += strings_log(&g, "scraped.log");
    failures += strings_log(&g, "nginx.log");
    gateway_stop(&g);
    proof_report("strings", "naughty strings come back or are refused", runs,
                 failures, "%zu strings, %zu fields", m + 1, n);
}
END_TEST


static size_t
strings_try(gateway_t *g, const strings_field_t *f, sc_str_t s)
{
    size_t       wrong;
    sc_buf_t     path, fields, body;
    raw_reply_t  r;

    strings_fill(g, f->path, s, &path);
    strings_fill(g, f->fields, s, &fields);
    strings_fill(g, f->body, s, &body);
    strings_add(&fields, STRINGS_JSON, sizeof(STRINGS_JSON));

    r = raw_request(g, f->method, path.data, fields.data, body.data,
                    body.len);
    wrong = 0;

    if (!strings_right(f, s, &r)) {
        wrong = 1;
        (void) fprintf(stderr, "%s %s %s with \"%.60s\": %.700s\n", f->method,
                       f->path, f->body, s.data, r.data);
    }

    raw_free(&r);
    sc_buf_free(&path);
    sc_buf_free(&fields);
    sc_buf_free(&body);

    return wrong;
}


static void
strings_fill(const gateway_t *g, const char *pattern, sc_str_t s,
    sc_buf_t *out)
{
    const char  *p;

    sc_buf_init(out, 0);

    for (p = pattern; *p != '\0'; p++) {
        if (*p == '@') {
            strings_put(g, *++p, s, out);

        } else {
            strings_add(out, p, 1);
        }
    }

    strings_add(out, "", 1);
    out->len--;
}


static void
strings_put(const gateway_t *g, char kind, sc_str_t s, sc_buf_t *out)
{
    switch (kind) {

    case 'J':
        strings_json(s, out);
        break;

    case 'Q':
        strings_percent(s, out);
        break;

    case 'H':
        /* the line ends at a NUL for the one who puts it together here */
        strings_add(out, s.data, strnlen(s.data, s.len));
        break;

    default:
        strings_add(out, g->origin, strlen(g->origin));
    }
}


/* Bytes that are not UTF-8 stay so. */
static void
strings_json(sc_str_t s, sc_buf_t *out)
{
    char    text[8];
    size_t  i;

    strings_add(out, "\"", 1);

    for (i = 0; i < s.len; i++) {
        if ((unsigned char) s.data[i] < 0x20 || s.data[i] == '"'
            || s.data[i] == '\\')
        {
            (void) snprintf(text, sizeof(text), "\\u%04x",
                            (unsigned) s.data[i]);
            strings_add(out, text, 6);

        } else {
            strings_add(out, s.data + i, 1);
        }
    }

    strings_add(out, "\"", 1);
}


static void
strings_percent(sc_str_t s, sc_buf_t *out)
{
    char    text[4];
    size_t  i;

    for (i = 0; i < s.len; i++) {
        (void) snprintf(text, sizeof(text), "%%%02X", (unsigned char)
                        s.data[i]);
        strings_add(out, text, 3);
    }
}


static void
strings_add(sc_buf_t *out, const char *data, size_t len)
{
    ck_assert_int_eq(sc_buf_add(out, data, len), SC_OK);
}


/*
 * A value, or a problem that is the caller's or the page's.  What JSON says is
 * valid UTF-8, or it would not have been read.
 */
static int
strings_right(const strings_field_t *f, sc_str_t s, const raw_reply_t *r)
{
    const char  *type;

    if (strstr(r->data, "X-Injected") != NULL
        && strstr(r->data, "X-Injected") < r->body)
    {
        return 0;
    }

    if (r->status >= 200 && r->status < 400) {
        return (r->len == 0 || r->json != NULL) && strings_back(f, s, r);
    }

    /* what nginx itself does not take, or ".." leads to, is told by nginx */
    if ((r->status == 400 || r->status == 403 || r->status == 414)
        && strstr(r->data, "text/html") != NULL)
    {
        return strcmp(f->fields, "") != 0 || strstr(f->path, "@Q") != NULL;
    }

    type = json_string_value(json_object_get(r->json, "type"));

    return raw_is_problem(r) && type != NULL
           && (r->status < 500 || strncmp(type, "/fetch/", 7) == 0
               || strncmp(type, "/extract/", 9) == 0);
}


static int
strings_back(const strings_field_t *f, sc_str_t s, const raw_reply_t *r)
{
    const char    *value;
    const json_t  *json;

    if (f->back == NULL || r->status != 200) {
        return 1;
    }

    json = strcmp(f->back, "data.t") == 0
           ? json_object_get(json_object_get(r->json, "data"), "t")
           : json_object_get(r->json, f->back);
    value = json_string_value(json);

    return value != NULL && json_string_length(json) == s.len
           && memcmp(value, s.data, s.len) == 0;
}


/* A record is a line that begins with a date, and has no control byte. */
static size_t
strings_log(gateway_t *g, const char *name)
{
    char     path[128];
    char    *log, *line, *rest, *p;
    size_t   wrong;

    (void) snprintf(path, sizeof(path), "%s/%s", g->dir, name);
    log = process_read(path);
    wrong = 0;

    for (line = strtok_r(log, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
    {
        for (p = line; *p != '\0' && !iscntrl((unsigned char) *p); p++) {
            /* void */
        }

        if (!isdigit((unsigned char) line[0])
            || (*p != '\0' && strcmp(name, "scraped.log") == 0))
        {
            wrong++;
            (void) fprintf(stderr, "%s: %.300s\n", name, line);
        }
    }

    free(log);

    return wrong;
}


int
main(void)
{
    const TTest  *tests[] = {
        naughty_strings_come_back_or_are_refused,
        NULL
    };

    return suite_run("strings", tests, STRINGS_TIMEOUT);
}
