
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"


static int ctl_get_one(ctl_t *c, const char *id);
static int ctl_get_ask(ctl_t *c, const char *id, ctl_reply_t *reply);
static int ctl_get_path(ctl_t *c, const char *before, const char *value,
    ctl_reply_t *reply);


int
ctl_get(ctl_t *c)
{
    int     status, one;
    size_t  i;

    status = CTL_DONE;

    for (i = 0; i < c->nargs && status != CTL_UNREACHABLE; i++) {
        one = ctl_get_one(c, c->args[i]);
        status = (one > status) ? one : status;
    }

    return status;
}


static int
ctl_get_one(ctl_t *c, const char *id)
{
    int           rc, status;
    ctl_reply_t   reply;

    memset(&reply, 0, sizeof(ctl_reply_t));

    rc = ctl_get_ask(c, id, &reply);

    if (rc != SC_OK) {
        status = (rc == SC_DECLINED) ? CTL_FAILED : CTL_UNREACHABLE;

    } else if (reply.status != 200 || reply.json == NULL) {
        status = ctl_problem(id, &reply);

    } else {
        rc = ctl_json_print(reply.json, c->values[CTL_OPT_COMPACT] != NULL);
        status = (rc == SC_OK) ? CTL_DONE : CTL_FAILED;
    }

    ctl_reply_free(&reply);

    return status;
}


/* An id says not whose it is: a job's, or else a result's. */
static int
ctl_get_ask(ctl_t *c, const char *id, ctl_reply_t *reply)
{
    int          rc;
    sc_buf_t     path;
    const char  *result;

    if (ctl_begins(id, "http://") || ctl_begins(id, "https://")) {
        return ctl_get_path(c, "/v1/results?url=", id, reply);
    }

    result = strstr(id, "/v1/results/");

    if (result != NULL) {
        return ctl_get_path(c, "/v1/results/", result + 12, reply);
    }

    sc_buf_init(&path, 0);

    if (ctl_job_path(id, "", &path) != SC_OK) {
        sc_buf_free(&path);
        return SC_DECLINED;
    }

    rc = ctl_http_get(c, path.data, NULL, reply);
    sc_buf_free(&path);

    if (rc == SC_OK && reply->status == 404 && strstr(id, "/v1/") == NULL) {
        ctl_reply_free(reply);
        rc = ctl_get_path(c, "/v1/results/", id, reply);
    }

    return rc;
}


static int
ctl_get_path(ctl_t *c, const char *before, const char *value,
    ctl_reply_t *reply)
{
    int       rc;
    sc_buf_t  path;

    sc_buf_init(&path, 0);
    (void) sc_buf_add_cstr(&path, before);
    ctl_http_escape(&path, value);

    rc = path.failed ? SC_DECLINED : ctl_http_get(c, path.data, NULL, reply);

    sc_buf_free(&path);

    return rc;
}
