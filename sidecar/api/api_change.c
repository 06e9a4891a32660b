
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_idem.h"
#include "sidecar/api/api_internal.h"


/* all wait for a host's next turn, whoever asked for the delay */
#define CHANGE_MAX_DELAY    60000


/*
 * A change that is under way.
 *
 * changes  of jobs_change(); NULL when there are none, or they are made
 * pause    1 to pause, 0 to resume, -1 for neither
 */
typedef struct {
    json_t  *changes;
    int      pause;
} api_change_t;


static int api_change_create(api_call_t *c);
static void api_change_free(api_call_t *c);
static int api_change_read(api_call_t *c, problem_t *p);
static int api_change_member(api_change_t *ch, const char *key,
    json_t *value, problem_t *p);
static int api_change_state(api_change_t *ch, const json_t *value,
    problem_t *p);
static int api_change_politeness(const json_t *value, problem_t *p);
static void api_change_next(api_call_t *c);
static void api_change_made(void *data, store_status_t status, size_t added);
static void api_change_elsewhere(api_call_t *c);
static void api_change_extract(void *data, store_status_t status,
    const store_job_t *job);
static int api_delete_query(api_call_t *c, int *purge);
static void api_delete_cancel(api_call_t *c);
static void api_delete_cancelled(void *data, store_status_t status,
    size_t added);
static void api_delete_extract(void *data, store_status_t status);
static void api_delete_purge(api_call_t *c);
static void api_delete_purged(void *data, store_status_t status,
    size_t added);
static void api_change_ended(api_call_t *c, store_status_t status);
static void api_retry_go(api_call_t *c);
static void api_retried(void *data, store_status_t status, size_t added);


void
api_job_patch(api_call_t *c)
{
    problem_t  p;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (c->id[0] == '\0') {
        api_job_not_found(c);
        return;
    }

    if (api_change_create(c) != SC_OK) {
        return;
    }

    if (api_change_read(c, &p) != SC_OK) {
        api_reply_problem(c, &p, 0);
        return;
    }

    api_change_next(c);
}


static int
api_change_create(api_call_t *c)
{
    api_change_t  *ch;

    ch = calloc(1, sizeof(api_change_t));

    if (ch == NULL) {
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    ch->pause = -1;
    c->own = ch;
    c->own_free = api_change_free;

    return SC_OK;
}


static void
api_change_free(api_call_t *c)
{
    api_change_t  *ch = c->own;

    json_decref(ch->changes);
    free(ch);
    c->own = NULL;
    c->own_free = NULL;
}


static int
api_change_read(api_call_t *c, problem_t *p)
{
    int            rc;
    json_t        *json, *value;
    sc_str_t       text = { c->request->body.len, c->request->body.data };
    const char    *key;
    api_change_t  *ch = c->own;

    if (api_body_check(c, p) != SC_OK) {
        return SC_ERROR;
    }

    json = api_body_json(text, p);
    if (json == NULL) {
        return SC_ERROR;
    }

    rc = SC_OK;

    json_object_foreach(json, key, value) {
        rc = api_change_member(ch, key, value, p);

        if (rc != SC_OK) {
            break;
        }
    }

    if (rc == SC_OK && ch->changes == NULL && ch->pause < 0) {
        rc = api_work_refused(p, "", NULL, "nothing is to be changed");
    }

    json_decref(json);

    return rc;
}


static int
api_change_member(api_change_t *ch, const char *key, json_t *value,
    problem_t *p)
{
    int  rc;

    if (strcmp(key, "state") == 0) {
        return api_change_state(ch, value, p);
    }

    if (strcmp(key, "limits") == 0) {
        rc = api_work_limits(value, p);

    } else if (strcmp(key, "politeness") == 0) {
        rc = api_change_politeness(value, p);

    } else if (strcmp(key, "priority") == 0) {
        rc = api_work_int(key, value, -100, 100, p);

    } else if (strcmp(key, "max_concurrency") == 0) {
        rc = api_work_int(key, value, 1, 100000, p);

    } else {
        rc = api_work_unknown(p, "", key);
    }

    if (rc != SC_OK) {
        return rc;
    }

    if (ch->changes == NULL) {
        ch->changes = json_object();
    }

    if (json_object_set(ch->changes, key, value) != 0) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_change_state(api_change_t *ch, const json_t *value, problem_t *p)
{
    const char  *state = json_string_value(value);

    if (state != NULL && strcmp(state, "paused") == 0) {
        ch->pause = 1;

    } else if (state != NULL && strcmp(state, "running") == 0) {
        ch->pause = 0;

    } else {
        return api_work_refused(p, "", "state", "\"state\" is neither "
                                "\"paused\" nor \"running\"");
    }

    return SC_OK;
}


static int
api_change_politeness(const json_t *value, problem_t *p)
{
    int          rc;
    json_t      *n;
    const char  *key;

    if (!json_is_object(value)) {
        return api_work_refused(p, "", "politeness", "this is not an object");
    }

    json_object_foreach((json_t *) value, key, n) {
        if (strcmp(key, "delay_ms") == 0 || strcmp(key, "jitter_ms") == 0) {
            rc = api_work_int(key, n, 0, CHANGE_MAX_DELAY, p);

        } else if (strcmp(key, "per_host") == 0) {
            rc = api_work_int(key, n, 1, 10000, p);

        } else {
            return api_work_unknown(p, "/politeness", key);
        }

        if (rc != SC_OK) {
            api_work_under(p, "/politeness");
            return rc;
        }
    }

    return SC_OK;
}


/* One thing after another. */
static void
api_change_next(api_call_t *c)
{
    int            rc;
    jobs_t        *jobs = c->api->jobs;
    api_change_t  *ch = c->own;

    if (ch->changes != NULL) {
        rc = jobs_change(jobs, c->id, c->tenant, ch->changes, api_change_made,
                         c);
        json_decref(ch->changes);
        ch->changes = NULL;

    } else if (ch->pause >= 0) {
        rc = jobs_pause(jobs, c->id, c->tenant, ch->pause, api_change_made,
                        c);
        ch->pause = -1;

    } else {
        api_change_free(c);
        api_job_show(c, 200);
        return;
    }

    if (rc != SC_OK) {
        api_reply_no_memory(c);
        return;
    }

    c->making = 1;
}


static void
api_change_made(void *data, store_status_t status, size_t added)
{
    api_call_t  *c = data;

    (void) added;

    c->making = 0;

    if (status == STORE_OK) {
        api_change_next(c);

    } else if (status == STORE_NOT_FOUND) {
        api_change_elsewhere(c);

    } else {
        api_reply_store(c, status);
    }
}


/* No job of many pages has this id: an extract may. */
static void
api_change_elsewhere(api_call_t *c)
{
    store_job_t  job;

    if (frontier_peek(c->api->frontier, c->id, c->tenant, &job) == SC_OK) {
        api_change_extract(c, STORE_OK, &job);
        return;
    }

    api_reply_later(c, store_job_get(c->api->store, c->id, c->tenant,
                                     api_change_extract, c));
}


static void
api_change_extract(void *data, store_status_t status, const store_job_t *job)
{
    api_call_t  *c = data;

    (void) job;

    c->reading = 0;

    if (status == STORE_OK) {
        api_reply_error(c, "/job/state", "an extract can be cancelled, and "
                        "not changed");

    } else {
        api_change_ended(c, status);
    }
}


void
api_job_delete(api_call_t *c)
{
    int  purge;

    if (api_delete_query(c, &purge) != SC_OK) {
        return;
    }

    if (c->id[0] == '\0') {
        api_job_not_found(c);
        return;
    }

    if (purge) {
        api_delete_purge(c);

    } else {
        api_delete_cancel(c);
    }
}


static int
api_delete_query(api_call_t *c, int *purge)
{
    query_t      query;
    problem_t    p;
    const char  *value;

    static const char *const  names[] = { "purge", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return SC_ERROR;
    }

    value = query_get(&query, "purge");
    *purge = value != NULL && strcmp(value, "1") == 0;

    if (value != NULL && !*purge && strcmp(value, "0") != 0) {
        problem_init(&p, "/request/invalid",
                     "\"purge\" is neither \"1\" nor \"0\"");
        problem_parameter(&p, "purge");
        query_free(&query);
        api_reply_problem(c, &p, 0);
        return SC_ERROR;
    }

    query_free(&query);

    return SC_OK;
}


static void
api_delete_cancel(api_call_t *c)
{
    if (jobs_cancel(c->api->jobs, c->id, c->tenant, api_delete_cancelled, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->making = 1;
}


static void
api_delete_cancelled(void *data, store_status_t status, size_t added)
{
    api_call_t  *c = data;

    (void) added;

    c->making = 0;

    if (status == STORE_OK) {
        api_job_show(c, 200);

    } else if (status != STORE_NOT_FOUND) {
        api_change_ended(c, status);

    } else if (frontier_cancel(c->api->frontier, c->id, c->tenant,
                               api_delete_extract, c)
               == SC_OK)
    {
        c->cancelling = 1;

    } else {
        api_reply_no_memory(c);
    }
}


static void
api_delete_extract(void *data, store_status_t status)
{
    api_call_t  *c = data;

    c->cancelling = 0;

    if (status == STORE_OK) {
        api_job_show(c, 200);

    } else {
        api_change_ended(c, status);
    }
}


static void
api_delete_purge(api_call_t *c)
{
    if (jobs_purge(c->api->jobs, c->id, c->tenant, api_delete_purged, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->making = 1;
}


static void
api_delete_purged(void *data, store_status_t status, size_t added)
{
    api_call_t  *c = data;

    (void) added;

    c->making = 0;

    if (status != STORE_OK) {
        api_change_ended(c, status);
        return;
    }

    api_crawl_forget(c);
    api_reply_begin(c, API_NO_STORE);
    api_reply_send(c, 204);
}


static void
api_change_ended(api_call_t *c, store_status_t status)
{
    if (status == STORE_NOT_FOUND) {
        api_job_not_found(c);
        return;
    }

    api_reply_store(c, status);
}


void
api_job_retry(api_call_t *c)
{
    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (c->id[0] == '\0') {
        api_job_not_found(c);
        return;
    }

    if (api_idem_begin(c, api_retry_go) == SC_OK) {
        api_retry_go(c);
    }
}


static void
api_retry_go(api_call_t *c)
{
    frontier_status_t  status;

    if (api_room_check(c) != SC_OK) {
        return;
    }

    status = api_room_more(c);

    if (status != FRONTIER_OK) {
        api_extract_refused(c, status);
        return;
    }

    if (jobs_retry(c->api->jobs, c->id, c->tenant, api_retried, c) != SC_OK) {
        api_reply_no_memory(c);
        return;
    }

    c->making = 1;
}


static void
api_retried(void *data, store_status_t status, size_t added)
{
    api_call_t  *c = data;
    sc_buf_t    *h = &c->api->headers;

    c->making = 0;

    if (status == STORE_NOT_FOUND) {
        api_change_elsewhere(c);
        return;
    }

    if (status != STORE_OK) {
        api_change_ended(c, status);
        return;
    }

    api_reply_begin(c, API_JSON API_NO_STORE "Location: ");
    (void) sc_buf_add_cstr(h, api_reply_link(c, "/v1/jobs/", c->id, ""));
    (void) sc_buf_add_cstr(h, "\r\nRetry-After: 1\r\n");
    (void) sc_buf_printf(&c->api->body, "{\"id\":\"%s\",\"retried\":%zu",
                         c->id, added);
    api_reply_add_links(c, c->id, 1);
    (void) sc_buf_add_cstr(&c->api->body, "}");

    api_reply_send(c, 202);
}
