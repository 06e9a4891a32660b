
#include <string.h>
#include <unistd.h>

#include "sidecar/ctl/ctl_internal.h"
#include "sidecar/extract/extract.h"


/* as CTL_WAIT */
#define CTL_EXTRACT_WAIT    "wait=30"


static int ctl_extract_file(ctl_t *c, unsigned views);
static int ctl_extract_url(ctl_t *c, unsigned views);
static int ctl_extract_later(ctl_t *c, ctl_reply_t *reply);
static int ctl_extract_result(ctl_t *c, const char *id, ctl_reply_t *reply);
static int ctl_extract_print(ctl_t *c, json_t *answer, unsigned views);
static json_t *ctl_extract_shown(const ctl_t *c, const json_t *answer);
static void ctl_extract_notes(ctl_t *c, const json_t *list, const char *what);


int
ctl_extract(ctl_t *c)
{
    int          opt;
    unsigned     views;
    const char  *page = c->args[1];

    static const struct {
        ctl_opt_t    opt;
        const char  *name;
    } local[] = {
        { CTL_OPT_URL, "--url" },
        { CTL_OPT_TYPE, "--type" },
        { CTL_OPT_HTML5, "--html5" }
    };

    if (ctl_views(c, &views) != SC_OK) {
        return CTL_USAGE;
    }

    if (!ctl_begins(page, "http://") && !ctl_begins(page, "https://")) {
        return ctl_extract_file(c, views);
    }

    for (opt = 0; opt < 3; opt++) {
        if (c->values[local[opt].opt] != NULL) {
            return ctl_usage(c, "option \"%s\" is for a file",
                             local[opt].name);
        }
    }

    return ctl_extract_url(c, views);
}


int
ctl_views(const ctl_t *c, unsigned *views)
{
    char         word[24];
    size_t       len;
    unsigned     bit;
    const char  *p;

    *views = c->values[CTL_OPT_EXPLAIN] != NULL ? EXTRACT_EXPLAIN : 0;

    if (c->values[CTL_OPT_RETURN] == NULL) {
        return SC_OK;
    }

    for (p = c->values[CTL_OPT_RETURN]; ; p += len + 1) {
        len = strcspn(p, ",");
        (void) snprintf(word, sizeof(word), "%.*s", (int) len, p);
        bit = extract_view_bit(word);

        if (bit == 0 && strcmp(word, "data") != 0) {
            (void) ctl_usage(c, "\"%.*s\" is nothing that a page has",
                             (int) len, p);
            return SC_ERROR;
        }

        *views |= bit;

        if (p[len] == '\0') {
            return SC_OK;
        }
    }
}


static int
ctl_extract_file(ctl_t *c, unsigned views)
{
    int          status;
    json_t      *answer;
    sc_rules_t  *rules;

    if (c->args[0][0] == '@') {
        return ctl_usage(c, "\"%s\" is known to the gateway only, a file is "
                         "read here", c->args[0]);
    }

    if (strcmp(c->args[0], "-") == 0 && strcmp(c->args[1], "-") == 0) {
        return ctl_usage(c, "rules and page are both the standard input");
    }

    rules = ctl_rules(c->args[0]);
    if (rules == NULL) {
        return CTL_FAILED;
    }

    status = CTL_FAILED;
    answer = ctl_local(c, rules, c->args[1], views);

    if (answer != NULL) {
        status = ctl_extract_print(c, answer, views);

        if (json_is_false(json_object_get(answer, "complete"))) {
            ctl_error("%s: a required value is missing", c->args[1]);
            status = CTL_FAILED;
        }
    }

    json_decref(answer);
    sc_rules_free(rules);

    return status;
}


static int
ctl_extract_url(ctl_t *c, unsigned views)
{
    int           rc, status;
    json_t       *body;
    ctl_reply_t   reply;

    body = ctl_job_body(c, c->args[0], &status);
    if (body == NULL) {
        return status;
    }

    if (views & EXTRACT_EXPLAIN) {
        (void) json_object_set_new(body, "explain", json_true());
    }

    rc = ctl_job_post(c, body, c->args[1], CTL_EXTRACT_WAIT, &reply);
    json_decref(body);

    if (rc == SC_OK) {
        rc = ctl_extract_later(c, &reply);
    }

    if (rc != SC_OK) {
        status = (rc == SC_DECLINED) ? CTL_FAILED : CTL_UNREACHABLE;

    } else if (reply.status != 200 || !json_is_object(reply.json)) {

        /* of a strict rule set there is what was found */
        if (json_object_get(reply.json, "data") != NULL) {
            (void) ctl_extract_print(c, reply.json, views);
        }

        status = ctl_problem(c->args[1], &reply);

    } else {
        status = ctl_extract_print(c, reply.json, views);
    }

    ctl_reply_free(&reply);

    return status;
}


/* While the answer is that the job is not done: ask for its result. */
static int
ctl_extract_later(ctl_t *c, ctl_reply_t *reply)
{
    int          rc;
    char         id[128];
    sc_buf_t     path;

    if (reply->status != 202) {
        return SC_OK;
    }

    (void) snprintf(id, sizeof(id), "%s", ctl_json_str(reply->json, "id"));

    sc_buf_init(&path, 0);
    rc = ctl_job_path(id, "", &path);

    if (rc != SC_OK) {
        sc_buf_free(&path);
        return SC_DECLINED;
    }

    ctl_note(c, "job %s goes on", id);

    do {
        (void) sleep((unsigned) reply->retry_after);
        ctl_reply_free(reply);
        rc = ctl_http_get(c, path.data, CTL_EXTRACT_WAIT, reply);
    } while (rc == SC_OK && reply->status == 200
             && !ctl_job_ended(ctl_json_str(reply->json, "state")));

    sc_buf_free(&path);

    if (rc == SC_OK && reply->status == 200) {
        ctl_reply_free(reply);
        rc = ctl_extract_result(c, id, reply);
    }

    return rc;
}


/* Its only result, as if it were the answer; of a failure the problem. */
static int
ctl_extract_result(ctl_t *c, const char *id, ctl_reply_t *reply)
{
    int        rc;
    json_t    *result, *error;
    sc_buf_t   path;

    sc_buf_init(&path, 0);
    rc = ctl_job_path(id, "/results", &path);

    if (rc == SC_OK) {
        rc = ctl_http_get(c, path.data, NULL, reply);
    }

    sc_buf_free(&path);

    if (rc != SC_OK || reply->status != 200) {
        return rc;
    }

    result = json_array_get(json_object_get(reply->json, "data"), 0);
    error = json_object_get(result, "error");

    if (json_is_object(error)) {
        result = error;
        reply->status = (long) json_integer_value(
                                   json_object_get(error, "status"));
    }

    result = json_incref(result);
    json_decref(reply->json);
    reply->json = result;

    return SC_OK;
}


/* The data, or with --return an object of it and what else was asked for. */
static int
ctl_extract_print(ctl_t *c, json_t *answer, unsigned views)
{
    int        rc;
    json_t    *shown, *value;
    unsigned   compact;

    if (views & EXTRACT_EXPLAIN) {
        ctl_explain(json_object_get(answer, "explain"), stderr);
    }

    compact = c->values[CTL_OPT_COMPACT] != NULL;

    if (c->values[CTL_OPT_JSON] != NULL) {
        return ctl_json_print(answer, compact) == SC_OK ? CTL_DONE
                                                        : CTL_FAILED;
    }

    if (json_is_false(json_object_get(answer, "matched"))) {
        ctl_note(c, "the rule set is not for this page");
    }

    if (json_is_true(json_object_get(answer, "dropped"))) {
        ctl_note(c, "the rule set drops this page");
    }

    ctl_extract_notes(c, json_object_get(answer, "missing"), "missing: ");
    ctl_extract_notes(c, json_object_get(answer, "warnings"), "");

    shown = ctl_extract_shown(c, answer);

    value = c->values[CTL_OPT_RETURN] != NULL ? shown
                                              : json_object_get(shown, "data");
    rc = (value != NULL) ? ctl_json_print(value, compact) : SC_ERROR;

    json_decref(shown);

    return rc == SC_OK ? CTL_DONE : CTL_FAILED;
}


static json_t *
ctl_extract_shown(const ctl_t *c, const json_t *answer)
{
    char         word[24];
    json_t      *shown, *value;
    size_t       len;
    const char  *p, *end;

    shown = json_object();
    (void) json_object_set(shown, "data", json_object_get(answer, "data"));

    p = c->values[CTL_OPT_RETURN];

    while (p != NULL) {
        len = strcspn(p, ",");
        end = p + len;
        (void) snprintf(word, sizeof(word), "%.*s", (int) len, p);
        p = (*end == ',') ? end + 1 : NULL;

        value = json_object_get(answer, word);

        if (value != NULL) {
            (void) json_object_set(shown, word, value);
        }
    }

    return shown;
}


static void
ctl_extract_notes(ctl_t *c, const json_t *list, const char *what)
{
    size_t       i;
    const char  *text;

    for (i = 0; i < json_array_size(list); i++) {
        text = json_string_value(json_array_get(list, i));
        ctl_note(c, "%s%s", what, text != NULL ? text : "");
    }
}
