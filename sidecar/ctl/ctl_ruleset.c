
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"


static int ctl_ruleset_list(ctl_t *c);
static int ctl_ruleset_ask(ctl_t *c, const char *method, const char *name,
    const char *file);
static int ctl_ruleset_send(ctl_t *c, ctl_request_t *request,
    const char *about);


static const struct {
    const char  *name;
    const char  *method;
    size_t       args;
    const char  *follow;
} ctl_ruleset_verbs[] = {
    { "list", "GET", 1, "nothing" },
    { "get", "GET", 2, "NAME" },
    { "put", "PUT", 3, "NAME FILE" },
    { "delete", "DELETE", 2, "NAME" }
};


int
ctl_rulesets(ctl_t *c)
{
    size_t       i;
    const char  *verb = c->args[0];

    for (i = 0; i < 4; i++) {
        if (strcmp(ctl_ruleset_verbs[i].name, verb) == 0) {
            break;
        }
    }

    if (i == 4) {
        return ctl_usage(c, "\"%s\" is neither \"list\", \"get\", \"put\" nor "
                         "\"delete\"", verb);
    }

    if (c->nargs != ctl_ruleset_verbs[i].args) {
        return ctl_usage(c, "\"%s\" is followed by %s", verb,
                         ctl_ruleset_verbs[i].follow);
    }

    if (c->nargs == 1) {
        return ctl_ruleset_list(c);
    }

    return ctl_ruleset_ask(c, ctl_ruleset_verbs[i].method, c->args[1],
                           c->nargs > 2 ? c->args[2] : NULL);
}


/* All pages of the list, as one. */
static int
ctl_ruleset_list(ctl_t *c)
{
    int           rc, status;
    char          path[sizeof(((ctl_reply_t *) NULL)->next)];
    json_t       *all;
    ctl_reply_t   reply;

    all = json_array();
    status = (all != NULL) ? CTL_DONE : CTL_FAILED;
    (void) snprintf(path, sizeof(path), "/v1/rulesets?limit=1000");

    while (status == CTL_DONE && path[0] != '\0') {
        rc = ctl_http_get(c, path, NULL, &reply);

        if (rc != SC_OK) {
            status = CTL_UNREACHABLE;

        } else if (reply.status != 200
                   || json_array_extend(all, json_object_get(reply.json,
                                                             "data")) != 0)
        {
            status = ctl_problem("rulesets", &reply);

        } else if (strcmp(path, reply.next) == 0) {
            path[0] = '\0';

        } else {
            memcpy(path, reply.next, sizeof(path));
        }

        ctl_reply_free(&reply);
    }

    if (status == CTL_DONE
        && ctl_json_print(all, c->values[CTL_OPT_COMPACT] != NULL) != SC_OK)
    {
        status = CTL_FAILED;
    }

    json_decref(all);

    return status;
}


/* A set to put is looked at here first, and sent in its canonical form. */
static int
ctl_ruleset_ask(ctl_t *c, const char *method, const char *name,
    const char *file)
{
    int             status;
    sc_buf_t        path;
    sc_rules_t     *rules;
    ctl_request_t   request;

    memset(&request, 0, sizeof(ctl_request_t));
    sc_buf_init(&path, 0);

    rules = NULL;
    status = CTL_DONE;

    (void) sc_buf_add_cstr(&path, "/v1/rulesets/");
    ctl_http_escape(&path, name);

    if (file != NULL) {
        rules = ctl_rules(file);
        request.type = "application/json";

        if (rules == NULL) {
            status = CTL_FAILED;

        } else {
            request.body.data = rules->json;
            request.body.len = rules->json_len;
        }
    }

    if (status == CTL_DONE && !path.failed) {
        request.method = method;
        request.path = path.data;
        status = ctl_ruleset_send(c, &request, name);
    }

    sc_rules_free(rules);
    sc_buf_free(&path);

    return status;
}


static int
ctl_ruleset_send(ctl_t *c, ctl_request_t *request, const char *about)
{
    int           rc, status;
    ctl_reply_t   reply;

    if (ctl_http_patient(c, request, &reply) != SC_OK) {
        ctl_reply_free(&reply);
        return CTL_UNREACHABLE;
    }

    rc = SC_OK;

    if (reply.status < 200 || reply.status > 299) {
        status = ctl_problem(about, &reply);

    } else {
        if (reply.json != NULL) {
            rc = ctl_json_print(reply.json,
                                c->values[CTL_OPT_COMPACT] != NULL);
        }

        status = (rc == SC_OK) ? CTL_DONE : CTL_FAILED;
    }

    ctl_reply_free(&reply);

    return status;
}
