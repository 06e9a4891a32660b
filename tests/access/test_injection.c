
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <check.h>

#include "tests/access/reach.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define INJECTION_TIMEOUT    3600
#define INJECTION_TEXT       2048

/* what comes behind the byte: it must never be at the begin of a line */
#define INJECTION_MARK       "Injected"


/* %s is where the byte stands, and the mark behind it */
typedef struct {
    const char  *name;
    const char  *text;
} injection_place_t;


static void injection_bodies(reach_t *r, int byte);
static void injection_requests(reach_t *r, int byte);
static void injection_judge(reach_t *r, const char *name, int byte);
static int injection_split(const char *text, size_t len);
static void injection_logs(reach_t *r, const char *name);
static int injection_tried(int byte);


/* in a body, where the byte is written as JSON has it, and as it is */
static const injection_place_t  injection_members[] = {
    { "path of url", "{\"url\":\"http://8.8.4.4/a%s\",\"rules\":{}" },
    { "query of url", "{\"url\":\"http://8.8.4.4/?a=%s\",\"rules\":{}" },
    { "host of url", "{\"url\":\"http://8.8.4.4%s/\",\"rules\":{}" },
    { "port of url", "{\"url\":\"http://8.8.4.4:80%s/\",\"rules\":{}" },
    { "method", "\"request\":{\"method\":\"GET%s\"}" },
    { "name of a field", "\"request\":{\"headers\":{\"X-A%s\":\"v\"}}" },
    { "value of a field", "\"request\":{\"headers\":{\"X-A\":\"v%s\"}}" },
    { "name of a cookie", "\"request\":{\"cookies\":{\"c%s\":\"v\"}}" },
    { "value of a cookie", "\"request\":{\"cookies\":{\"c\":\"v%s\"}}" },
    { "user", "\"request\":{\"auth\":{\"basic\":{\"user\":\"u%s\","
      "\"password\":\"p\"}}}" },
    { "token", "\"request\":{\"auth\":{\"bearer\":\"t%s\"}}" },
    { "session", "\"request\":{\"session\":\"s%s\"}" },
    { "proxy", "\"request\":{\"proxy\":\"http://8.8.4.4%s:80\"}" },
    { "user of a proxy", "\"request\":{\"proxy\":\"http://u%s@8.8.4.4:80\"}" },
    { "pool", "\"request\":{\"proxy\":\"pool:%s\"}" },
    { "source", "\"request\":{\"source\":\"lo%s\"}" },
    { "form", "\"request\":{\"method\":\"POST\",\"form\":{\"a%s\":\"b\"}}" },
    { "name of a rule", "\"explain\":true,\"rules\":{\"t%s\":\"//h1\"}" },
    { "rule", "\"rules\":{\"t\":\"//h1%s\"}" },
    { "rule set", "\"ruleset\":\"r%s\"" },
    { "tag", "\"tags\":{\"k%s\":\"v\"}" },
    { "webhook", "\"webhook\":{\"url\":\"http://8.8.4.4/%s\"}" },
    { "name of a webhook's field", "\"webhook\":{\"url\":\"http://8.8.4.4/\","
      "\"headers\":{\"X-A%s\":\"v\"}}" },
    { "value of a webhook's field", "\"webhook\":{\"url\":\"http://8.8.4.4/\""
      ",\"headers\":{\"X-A\":\"v%s\"}}" },
    { "echo", "\"echo\":\"%s\"" },
    { "member", "\"a%s\":1" }
};

#define INJECTION_MEMBERS                                                     \
    (sizeof(injection_members) / sizeof(injection_members[0]))

/* in a request, where the byte is percent-encoded, and as it is */
static const injection_place_t  injection_lines[] = {
    { "job", "GET /v1/jobs/a%s HTTP/1.1\r\n" },
    { "result", "GET /v1/results/a%s HTTP/1.1\r\n" },
    { "session in a path", "GET /v1/sessions/a%s HTTP/1.1\r\n" },
    { "host in a path", "GET /v1/hosts/a%s HTTP/1.1\r\n" },
    { "rule set in a path", "GET /v1/rulesets/a%s HTTP/1.1\r\n" },
    { "url in a query", "GET /v1/extract?url=http://8.8.4.4/%s HTTP/1.1\r\n" },
    { "rule in a query", "GET /v1/extract?url=http://8.8.4.4/&xpath.a%s=//h1 "
      "HTTP/1.1\r\n" },
    { "parameter", "GET /v1/jobs?tag=a%s HTTP/1.1\r\n" },
    { "cursor", "GET /v1/jobs?cursor=a%s HTTP/1.1\r\n" },
    { "method of ours", "GET%s /v1/jobs HTTP/1.1\r\n" },
    { "path", "GET /v1/%s HTTP/1.1\r\n" },
    { "tenant", "GET /v1/usage HTTP/1.1\r\nX-Tenant: a%s\r\n" },
    { "id of the request", "GET /v1/jobs HTTP/1.1\r\nX-Request-Id: a%s\r\n" },
    { "preference", "GET /v1/jobs HTTP/1.1\r\nPrefer: wait=1%s\r\n" },
    { "key", "GET /v1/jobs HTTP/1.1\r\nIdempotency-Key: a%s\r\n" },
    { "type", "GET /v1/jobs HTTP/1.1\r\nAccept: a%s\r\n" }
};

#define INJECTION_LINES                                                       \
    (sizeof(injection_lines) / sizeof(injection_lines[0]))


START_TEST(no_byte_splits_a_line)
{
    int      byte;
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    for (byte = 0; byte < 256; byte++) {
        if (injection_tried(byte)) {
            injection_bodies(&r, byte);
            injection_requests(&r, byte);
        }
    }

    injection_logs(&r, "nginx.log");
    injection_logs(&r, "scraped.log");

    proof_report("injection", "D9", r.runs, r.wrong, "%zu places in bodies, "
                 "%zu in requests, each byte in two notations; %zu requests "
                 "at the origin; %s", INJECTION_MEMBERS, INJECTION_LINES,
                 house_served(&r.house), r.first);
    reach_end(&r);
}
END_TEST


/* In brief, those that mean something to somebody. */
static int
injection_tried(int byte)
{
    static const char  some[] = "\t\n\v\f\r \"#%:\\\x7f\x85\xa0\xff";

    return proof_full() || byte == 0 || strchr(some, byte) != NULL;
}


static void
injection_bodies(reach_t *r, int byte)
{
    int          notation;
    char         text[64], member[INJECTION_TEXT], body[INJECTION_TEXT * 2];
    size_t       i;
    const char  *place;

    for (i = 0; i < 2 * INJECTION_MEMBERS; i++) {
        notation = i % 2 == 0 || byte == 0;
        (void) snprintf(text, sizeof(text), notation ? "\\u%04x%s" : "%c%s",
                        byte, INJECTION_MARK);
        place = strstr(injection_members[i / 2].text, "%s");
        (void) snprintf(member, sizeof(member), "%.*s%s%s",
                        (int) (place - injection_members[i / 2].text),
                        injection_members[i / 2].text, text, place + 2);
        (void) snprintf(body, sizeof(body), "%s%s%s}",
                        member[0] == '{' ? "" : "{\"url\":\"http://8.8.4.4/\""
                        ",", member, member[0] == '{'
                        || strstr(member, "rule") != NULL
                        ? "" : ",\"return\":[\"meta\"]");
        house_forget(&r->house);
        (void) front_ask(&r->front, "POST", "/v1/extract", "", body);
        injection_judge(r, injection_members[i / 2].name, byte);
    }
}


static void
injection_requests(reach_t *r, int byte)
{
    char         request[INJECTION_TEXT];
    size_t       i, n;
    const char  *line, *place;

    for (i = 0; i < 2 * INJECTION_LINES; i++) {
        line = injection_lines[i / 2].text;
        place = strstr(line, "%s");
        n = (size_t) (place - line);
        memcpy(request, line, n);

        if (i % 2 == 0) {
            n += (size_t) snprintf(request + n, 8, "%%%02x", byte);

        } else {
            request[n++] = (char) byte;
        }

        n += (size_t) snprintf(request + n, sizeof(request) - n, "%s%sHost: "
                               "h\r\nConnection: close\r\n\r\n",
                               INJECTION_MARK, place + 2);
        house_forget(&r->house);
        (void) front_raw(&r->front, request, n);
        injection_judge(r, injection_lines[i / 2].name, byte);
    }
}


/* What the origin was sent, and our answer. */
static void
injection_judge(reach_t *r, const char *name, int byte)
{
    int     split;
    char    what[128];
    size_t  len;

    len = r->front.head != NULL ? strlen(r->front.head) : 0;
    split = len > 0 && injection_split(r->front.head, len);

    (void) pthread_mutex_lock(&r->house.mutex);
    split |= r->house.log.len > 0
             && injection_split(r->house.log.data, r->house.log.len);
    (void) pthread_mutex_unlock(&r->house.mutex);

    r->runs++;

    if (split || r->front.status == 500) {
        (void) snprintf(what, sizeof(what), "byte %d", byte);
        reach_wrong(r, name, what);
    }
}


static int
injection_split(const char *text, size_t len)
{
    return memmem(text, len, "\n" INJECTION_MARK, sizeof(INJECTION_MARK))
           != NULL
           || memmem(text, len, "\r" INJECTION_MARK, sizeof(INJECTION_MARK))
              != NULL
           || memmem(text, len, "\0" INJECTION_MARK, sizeof(INJECTION_MARK))
              != NULL;
}


static void
injection_logs(reach_t *r, const char *name)
{
    char         path[128];
    char        *text;
    size_t       i;
    struct stat  st;

    (void) snprintf(path, sizeof(path), "%s/%s", r->gateway.dir, name);
    ck_assert_int_eq(stat(path, &st), 0);
    text = process_read(path);
    r->runs++;

    /* a NUL in a request line that nginx refuses is logged, and splits none */
    for (i = 0; i < (size_t) st.st_size; i++) {
        text[i] = (char) (text[i] == '\0' ? '?' : text[i]);
    }

    if (injection_split(text, (size_t) st.st_size)) {
        reach_wrong(r, "log", name);
    }

    free(text);
}


int
main(void)
{
    const TTest *const  tests[] = {
        no_byte_splits_a_line,
        NULL
    };

    return suite_run("injection", tests, INJECTION_TIMEOUT);
}
