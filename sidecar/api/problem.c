
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/problem.h"


typedef struct {
    const char  *type;
    int          status;
    const char  *title;
} problem_def_t;


static const problem_def_t *problem_find(const char *type);


static const problem_def_t  problems[] = {
    { "/request/invalid", 400, "Invalid request" },
    { "/request/invalid-json", 400, "Body is not JSON" },
    { "/request/unknown-field", 400, "Unknown field" },
    { "/request/not-found", 404, "No such path" },
    { "/request/method-not-allowed", 405, "Method not allowed" },
    { "/request/too-large", 413, "Body too large" },
    { "/request/unsupported-media-type", 415, "Unsupported media type" },
    { "/rules/invalid", 422, "Invalid rules" },
    { "/extract/missing", 404, "No such value" },
    { "/extract/late", 504, "Page not there yet" },
    { "/ruleset/unknown", 404, "Unknown rule set" },
    { "/ruleset/changed", 412, "Rule set is another" },
    { "/ruleset/too-many", 409, "Too many rule sets" },
    { "/job/not-found", 404, "No such job" },
    { "/job/state", 409, "Job has another state" },
    { "/job/id-conflict", 409, "Another job has this id" },
    { "/request/not-acceptable", 406, "No such representation" },
    { "/request/range", 416, "Range not satisfiable" },
    { "/idempotency/in-progress", 409, "First request still running" },
    { "/idempotency/body-mismatch", 422, "Key was used for another body" },
    { "/idempotency/missing", 400, "Idempotency-Key missing" },
    { "/schedule/not-found", 404, "No such schedule" },
    { "/schedule/too-many", 409, "Too many schedules" },
    { "/schedule/changed", 412, "Schedule is another" },
    { "/result/expired", 410, "Result is deleted" },
    { "/job/expired", 410, "Job is deleted" },
    { "/limits/key-quota", 429, "Too much queued or used" },
    { "/session/not-found", 404, "No such session" },
    { "/policy/host-not-allowed", 403, "Host not allowed" },
    { "/host/not-found", 404, "Unknown host" },
    { "/auth/forbidden", 403, "Not allowed" },
    { "/result/not-found", 404, "No such result" },
    { "/limits/queue-full", 503, "Queue full" },
    { "/limits/host-busy", 503, "Host has to wait" },
    { "/server/draining", 503, "Gateway stopping" },
    { "/server/out-of-memory", 503, "Gateway out of memory" },
    { "/server/storage-failed", 503, "Storage failed" },
    { "/server/storage-full", 507, "Storage full" },
    { NULL, 500, "Internal error" }
};


void
problem_init(problem_t *p, const char *type, const char *fmt, ...)
{
    va_list  args;

    p->type = type;
    p->pointer[0] = '\0';
    p->parameter[0] = '\0';
    p->line = 0;
    p->column = 0;
    p->has_pointer = 0;
    p->has_parameter = 0;
    p->xpath = 0;

    va_start(args, fmt);
    (void) vsnprintf(p->detail, sizeof(p->detail), fmt, args);
    va_end(args);
}


void
problem_pointer(problem_t *p, const char *base, const char *key)
{
    int      n;
    size_t   len;
    char    *pos;

    p->has_pointer = 1;

    n = snprintf(p->pointer, sizeof(p->pointer), "%s%s", base,
                 key != NULL ? "/" : "");

    if (key == NULL || n < 0 || (size_t) n >= sizeof(p->pointer)) {
        return;
    }

    pos = p->pointer + n;
    len = sizeof(p->pointer) - (size_t) n - 1;

    /* an escape takes two bytes, and is never cut (RFC 6901) */
    for ( /* void */ ; *key != '\0' && len >= 2; key++, len--) {
        if (*key == '~' || *key == '/') {
            *pos++ = '~';
            *pos++ = *key == '~' ? '0' : '1';
            len--;

        } else {
            *pos++ = *key;
        }
    }

    *pos = '\0';
}


void
problem_parameter(problem_t *p, const char *name)
{
    p->has_parameter = 1;
    (void) snprintf(p->parameter, sizeof(p->parameter), "%s", name);
}


int
problem_status(const char *type)
{
    return problem_find(type)->status;
}


int
problem_write(sc_buf_t *b, const problem_t *p, const char *request_id)
{
    const problem_def_t  *def = problem_find(p->type);

    (void) sc_buf_printf(b, "{\"type\":\"%s\",\"title\":\"%s\",\"status\":%d,"
                         "\"detail\":", p->type, def->title, def->status);
    (void) sc_json_cstr(b, p->detail);

    if (p->has_pointer) {
        (void) sc_buf_add_cstr(b, ",\"pointer\":");
        (void) sc_json_cstr(b, p->pointer);
    }

    if (p->has_parameter) {
        (void) sc_buf_add_cstr(b, ",\"parameter\":");
        (void) sc_json_cstr(b, p->parameter);
    }

    if (p->xpath) {
        (void) sc_buf_add_cstr(b, ",\"xpath_error\":");
        (void) sc_json_cstr(b, p->detail);
    }

    if (p->line > 0) {
        (void) sc_buf_printf(b, ",\"line\":%d", p->line);
    }

    if (p->column > 0) {
        (void) sc_buf_printf(b, ",\"column\":%d", p->column);
    }

    if (request_id[0] != '\0') {
        (void) sc_buf_add_cstr(b, ",\"request_id\":");
        (void) sc_json_cstr(b, request_id);
    }

    return sc_buf_add_cstr(b, "}");
}


static const problem_def_t *
problem_find(const char *type)
{
    const problem_def_t  *def;

    for (def = problems; def->type != NULL; def++) {
        if (strcmp(def->type, type) == 0) {
            break;
        }
    }

    return def;
}
