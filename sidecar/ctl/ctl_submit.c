
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"


static int ctl_submit_one(ctl_t *c, json_t *body, const char *url);
static int ctl_submit_worse(int status, int other);


int
ctl_submit(ctl_t *c)
{
    int          status;
    json_t      *body;
    size_t       i;
    const char  *rules, *file;

    file = c->values[CTL_OPT_FILE];
    rules = NULL;
    i = 0;

    if (c->nargs > 0 && !ctl_begins(c->args[0], "http://")
        && !ctl_begins(c->args[0], "https://"))
    {
        rules = c->args[i++];
    }

    if (i == c->nargs && file == NULL) {
        return ctl_usage(c, "there is no URL");
    }

    if (rules != NULL && file != NULL && strcmp(rules, "-") == 0
        && strcmp(file, "-") == 0)
    {
        return ctl_usage(c, "rules and URLs are both the standard input");
    }

    body = ctl_job_body(c, rules, &status);
    if (body == NULL) {
        return status;
    }

    if (file != NULL) {
        status = ctl_batch(c, body, c->args + i, c->nargs - i, file);
        json_decref(body);
        return status;
    }

    status = CTL_DONE;

    for ( /* void */ ; i < c->nargs && status != CTL_UNREACHABLE; i++) {
        status = ctl_submit_worse(status, ctl_submit_one(c, body,
                                                         c->args[i]));
    }

    json_decref(body);

    return status;
}


static int
ctl_submit_one(ctl_t *c, json_t *body, const char *url)
{
    int           rc, status;
    const char   *id;
    ctl_reply_t   reply;

    rc = ctl_job_post(c, body, url, "respond-async", &reply);

    if (rc != SC_OK) {
        status = (rc == SC_DECLINED) ? CTL_FAILED : CTL_UNREACHABLE;

    } else if (reply.status != 202 && reply.status != 200) {
        status = ctl_problem(url, &reply);

    } else {
        id = ctl_json_str(reply.json, "id");

        if (c->values[CTL_OPT_JSON] != NULL && reply.json != NULL) {
            status = ctl_json_print(reply.json, 1);

        } else {
            status = ctl_write(id, strlen(id));

            if (status == SC_OK) {
                status = ctl_write("\n", 1);
            }
        }

        status = (status == SC_OK) ? CTL_DONE : CTL_FAILED;

        /* who reads the ids may want to begin */
        (void) fflush(stdout);
    }

    ctl_reply_free(&reply);

    return status;
}


static int
ctl_submit_worse(int status, int other)
{
    return other > status ? other : status;
}
