
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/torture/torture.h"


#define TORTURE_TOLD    10


static size_t torture_listed(torture_t *t);
static size_t torture_job_listed(torture_t *t, const json_t *job);
static size_t torture_reasons(torture_t *t, const char *id);
static size_t torture_reason(torture_t *t, const char *id, const char *type);
static size_t torture_made(torture_t *t);
static json_int_t torture_stat(const json_t *job, const char *name);
static size_t torture_wrong(const char *id, const char *what);


static size_t  torture_ntold;


size_t
torture_verify(torture_t *t)
{
    return ledger_verify(t->ledger, &t->gateway) + torture_listed(t)
           + torture_made(t);
}


/* All jobs that the gateway has. */
static size_t
torture_listed(torture_t *t)
{
    char            path[2048];
    size_t          i, wrong;
    client_reply_t  r;

    wrong = 0;
    (void) snprintf(path, sizeof(path), "/v1/jobs?limit=1000");

    while (*path != '\0') {
        r = gateway_request(&t->gateway, "GET", path, NULL, NULL);
        wrong += r.status != 200;

        for (i = 0; i < json_array_size(client_get(&r, "data")); i++) {
            wrong += torture_job_listed(t, json_array_get(
                                               client_get(&r, "data"), i));
        }

        (void) snprintf(path, sizeof(path), "%s", client_str(&r, "next"));
        client_free(&r);
    }

    return wrong;
}


static size_t
torture_job_listed(torture_t *t, const json_t *job)
{
    size_t       n, wrong;
    const char  *tag, *kind, *reason, *id;

    id = json_string_value(json_object_get(job, "id"));
    kind = json_string_value(json_object_get(job, "kind"));
    reason = json_string_value(json_object_get(job, "reason"));
    tag = json_string_value(json_object_get(json_object_get(job, "tags"),
                                            "n"));

    n = tag != NULL ? strtoul(tag, NULL, 10) : 0;
    wrong = 0;

    /* with a reason it is what came of a body that was not taken whole */
    if (n > 0 && n < TORTURE_JOBS && reason == NULL
        && ++t->jobs[n].made > 1)
    {
        wrong += torture_wrong(id, "its key made another before");
        (void) fprintf(stderr, "torture: it is a %s, %s\n", kind,
                       json_string_value(json_object_get(job, "state")));
    }

    if (strcmp(kind, "crawl") == 0 && torture_stat(job, "failed") == 0
        && torture_stat(job, "total") != TORTURE_SITE)
    {
        wrong += torture_wrong(id, "a page of the site was not found");
    }

    t->counts.pages += (size_t) torture_stat(job, "total");
    t->counts.failed += (size_t) torture_stat(job, "failed");

    if (torture_stat(job, "failed") > 0) {
        wrong += torture_reasons(t, id);
    }

    return wrong;
}


/* Pages fail for what was done to them, and nothing else. */
static size_t
torture_reasons(torture_t *t, const char *id)
{
    char            path[128];
    size_t          wrong;
    json_t         *errors, *count;
    const char     *type;
    client_reply_t  r;

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s", id);
    r = gateway_request(&t->gateway, "GET", path, NULL, NULL);
    errors = json_incref((json_t *) client_get(&r, "stats.errors"));
    wrong = 0;

    /* of an extract it is the problem itself */
    if (json_object_size(errors) == 0) {
        wrong = torture_reason(t, id, client_str(&r, "error.type"));
    }

    json_object_foreach(errors, type, count) {
        wrong += torture_reason(t, id, type);
    }

    json_decref(errors);
    client_free(&r);

    return wrong;
}


static size_t
torture_reason(torture_t *t, const char *id, const char *type)
{
    char  word[128];

    (void) snprintf(word, sizeof(word), "%s ", type);

    return t->o.reasons != NULL && strstr(t->o.reasons, word) != NULL
           ? 0 : torture_wrong(id, word);
}


/* Each number that was accepted is a job. */
static size_t
torture_made(torture_t *t)
{
    size_t  i, wrong;

    wrong = 0;

    for (i = 1; i < atomic_load(&t->njobs); i++) {
        if (atomic_load(&t->jobs[i].accepted) && t->jobs[i].made == 0) {
            wrong += torture_wrong(t->jobs[i].id, "it is not listed");
        }
    }

    return wrong;
}


static json_int_t
torture_stat(const json_t *job, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(job, "stats"),
                                              name));
}


static size_t
torture_wrong(const char *id, const char *what)
{
    if (torture_ntold++ < TORTURE_TOLD) {
        (void) fprintf(stderr, "torture: job \"%s\": %s\n", id, what);
    }

    return 1;
}
