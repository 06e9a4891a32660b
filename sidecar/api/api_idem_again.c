
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api_idem_internal.h"


static void api_idem_result(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void api_idem_extract(api_call_t *c);
static void api_idem_job(void *data, store_status_t status,
    const store_job_t *job);
static void api_idem_completed(api_call_t *c);
static void api_idem_work(void *data, store_status_t status,
    const store_work_t *works, size_t n);


void
api_idem_again(api_call_t *c, const char *id)
{
    int          rc;
    const char  *state;

    c->idem->again = 1;
    memcpy(c->id, id, ID_SIZE);
    state = json_string_value(json_object_get(c->idem->answer, "state"));

    if (strcmp(state, "done") == 0) {
        rc = store_job_results(c->api->store, c->id, c->tenant, 0, 1,
                               api_idem_result, c);

    } else if (c->idem->go == api_extract_post) {
        api_idem_extract(c);
        return;

    } else {
        rc = store_work_get(c->api->store, c->id, c->tenant, api_idem_work,
                            c);
    }

    api_reply_later(c, rc);
}


static void
api_idem_result(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_OK && n > 0) {
        api_extract_completed(c, &results[0], -1);

    } else if (status == STORE_OK) {
        api_reply_error(c, "/result/expired", "the answer to this key's "
                        "first request is deleted");

    } else {
        api_reply_store(c, status);
    }
}


/* Its first request is gone, and the job may be anywhere. */
static void
api_idem_extract(api_call_t *c)
{
    int  rc;

    rc = api_extract_join(c);

    if (rc == SC_DECLINED) {
        rc = store_job_get(c->api->store, c->id, c->tenant, api_idem_job, c);
        c->reading = (rc == SC_OK);
    }

    if (rc != SC_OK) {
        api_reply_no_memory(c);
    }
}


static void
api_idem_job(void *data, store_status_t status, const store_job_t *job)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_NOT_FOUND
        || (status == STORE_OK && job->state == STORE_CANCELLED))
    {
        /* there is no job to be answered for */
        c->id[0] = '\0';
        api_idem_go(c);

    } else if (status != STORE_OK) {
        api_reply_store(c, status);

    } else if (job->state == STORE_FAILED_JOB) {
        /* what another attempt may change is tried anew after this answer */
        c->idem->made = 1;
        api_extract_failed(c, job);

    } else if (job->state == STORE_COMPLETED || job->state == STORE_EXPIRED) {
        api_idem_completed(c);

    } else {
        api_extract_accepted(c);
    }
}


static void
api_idem_completed(api_call_t *c)
{
    api_reply_later(c, store_job_results(c->api->store, c->id, c->tenant, 0, 1,
                                         api_idem_result, c));
}


static void
api_idem_work(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    json_t      *spec;
    api_call_t  *c = data;
    const char  *reason;

    c->reading = 0;

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        api_reply_store(c, status);
        return;
    }

    if (n == 0) {
        c->id[0] = '\0';
        api_idem_go(c);
        return;
    }

    if (!works[0].closed) {
        api_idem_busy(c);
        return;
    }

    spec = sc_json_of(works[0].job.spec.data, works[0].job.spec.len, 0, NULL);
    reason = json_string_value(json_object_get(spec, "reason"));

    if (reason != NULL && reason[0] != '\0') {
        /* its body ended early: what was promised is another job */
        c->id[0] = '\0';
        api_idem_go(c);

    } else {
        api_batch_told(c, &works[0]);
    }

    json_decref(spec);
}
