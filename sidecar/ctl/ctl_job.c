
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/ctl/ctl_internal.h"


#define CTL_ID    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
                  "0123456789._-"


static json_t *ctl_job_rules(const char *rules, int *status);


int
ctl_job_path(const char *id, const char *tail, sc_buf_t *path)
{
    size_t       len;
    const char  *p;

    static const char  jobs[] = "/v1/jobs/";

    p = strstr(id, jobs);
    p = (p != NULL) ? p + sizeof(jobs) - 1 : id;
    len = strspn(p, CTL_ID);

    if (len == 0 || p[len] != '\0' || *p == '.') {
        ctl_error("\"%s\" is not the id of a job", id);
        return SC_ERROR;
    }

    (void) sc_buf_add_cstr(path, jobs);
    (void) sc_buf_add(path, p, len);

    return sc_buf_add_cstr(path, tail);
}


int
ctl_job_ended(const char *state)
{
    return strcmp(state, "queued") != 0 && strcmp(state, "running") != 0
           && strcmp(state, "paused") != 0;
}


json_t *
ctl_job_body(ctl_t *c, const char *rules, int *status)
{
    json_t      *body, *views;
    const char  *p, *list;
    size_t       len;

    *status = CTL_FAILED;

    body = (rules != NULL) ? ctl_job_rules(rules, status) : json_object();
    list = c->values[CTL_OPT_RETURN];

    if (body == NULL || list == NULL) {
        return body;
    }

    views = json_array();

    for (p = list; ; p += len + 1) {
        len = strcspn(p, ",");
        (void) json_array_append_new(views, json_stringn(p, len));

        if (p[len] == '\0') {
            break;
        }
    }

    (void) json_object_set_new(body, "return", views);

    return body;
}


/* Rules are looked at here first, which tells more than the gateway could. */
static json_t *
ctl_job_rules(const char *path, int *status)
{
    json_t      *body;
    sc_rules_t  *rules;

    if (path[0] == '@') {
        body = json_pack("{s:s}", "ruleset", path + 1);

        if (body == NULL) {
            ctl_error("\"%s\" is not the name of a rule set", path + 1);
            *status = CTL_USAGE;
        }

        return body;
    }

    rules = ctl_rules(path);
    if (rules == NULL) {
        return NULL;
    }

    body = json_pack("{s:o}", "rules",
                     sc_json_of(rules->json, rules->json_len, JSON_ALLOW_NUL,
                                NULL));
    if (body == NULL) {
        ctl_error("memory is out");
    }

    sc_rules_free(rules);

    return body;
}


int
ctl_job_post(ctl_t *c, json_t *body, const char *url, const char *prefer,
    ctl_reply_t *reply)
{
    int            rc;
    sc_buf_t       text;
    ctl_request_t  request;

    sc_buf_init(&text, 0);
    memset(reply, 0, sizeof(ctl_reply_t));
    sc_buf_init(&reply->body, 0);

    if (json_object_set_new(body, "url", json_string(url)) != 0
        || ctl_json(body, 1, &text) != SC_OK)
    {
        ctl_error("\"%s\" is not UTF-8, or memory is out", url);
        sc_buf_free(&text);
        return SC_DECLINED;
    }

    memset(&request, 0, sizeof(ctl_request_t));
    request.method = "POST";
    request.path = "/v1/extract";
    request.prefer = prefer;
    request.type = "application/json";
    request.body.data = text.data;
    request.body.len = text.len;

    rc = ctl_http_patient(c, &request, reply);

    sc_buf_free(&text);

    return rc;
}
