
#include <stdio.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_idem.h"
#include "sidecar/api/api_internal.h"


#define WORK_MAX_TAGS     20
#define WORK_MAX_NAME     64
#define WORK_MAX_VALUE    256

/* what no job of many pages has more of */
#define WORK_MAX_PAGES    100000000
#define WORK_MAX_BYTES    ((int64_t) 1 << 50)
#define WORK_MAX_SECONDS  31536000

/* Retry-After in seconds, of a job that was accepted */
#define WORK_RETRY        1

/* one hundred years in milliseconds, as the setting */
#define WORK_MAX_KEEP     INT64_C(3153600000000)


/* A number that a job may have. */
typedef struct {
    const char  *name;
    int64_t      min;
    int64_t      max;
} api_work_number_t;


static int api_work_set(api_work_t *w, const char *key, json_t *value,
    problem_t *p);
static int api_work_number(api_work_t *w, const char *key,
    const json_t *value, problem_t *p);
static int api_work_echo(api_work_t *w, const json_t *value, problem_t *p);
static frontier_status_t api_work_submit(api_call_t *c, api_work_t *w,
    const char *kind, const frontier_spec_t *page, store_done_pt done);
static size_t api_work_docs(api_call_t *c, sc_buf_t *idem, sc_buf_t *name,
    store_doc_t *docs);


static const api_work_number_t  api_work_limited[] = {
    { "pages", 1, WORK_MAX_PAGES },
    { "bytes", 1, WORK_MAX_BYTES },
    { "seconds", 1, WORK_MAX_SECONDS },
    { "per_host_pages", 1, WORK_MAX_PAGES },
    { NULL, 0, 0 }
};

static const api_work_number_t  api_work_numbers[] = {
    { "max_concurrency", 1, 100000 },
    { "keep_ms", 0, WORK_MAX_KEEP },
    { "priority", -100, 100 },
    { NULL, 0, 0 }
};


int
api_work_init(api_work_t *w)
{
    memset(w, 0, sizeof(api_work_t));
    sc_buf_init(&w->echo, 0);
    w->spec = json_object();

    return w->spec != NULL ? SC_OK : SC_ERROR;
}


void
api_work_free(api_work_t *w)
{
    json_decref(w->spec);
    sc_buf_free(&w->echo);
    w->spec = NULL;
}


int
api_work_member(api_work_t *w, const char *key, const json_t *value,
    problem_t *p)
{
    json_t  *webhook;

    if (strcmp(key, "tags") == 0) {
        return api_work_tags(value, p) == SC_OK
               ? api_work_set(w, key, json_deep_copy(value), p) : SC_ERROR;
    }

    if (strcmp(key, "limits") == 0) {
        return api_work_limits(value, p) == SC_OK
               ? api_work_set(w, key, json_deep_copy(value), p) : SC_ERROR;
    }

    if (strcmp(key, "webhook") == 0) {
        webhook = api_work_webhook(value, p);
        return webhook != NULL ? api_work_set(w, key, webhook, p) : SC_ERROR;
    }

    if (strcmp(key, "echo") == 0) {
        return api_work_echo(w, value, p);
    }

    return api_work_number(w, key, value, p);
}


static int
api_work_set(api_work_t *w, const char *key, json_t *value, problem_t *p)
{
    if (json_object_set_new(w->spec, key, value) != 0) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_work_number(api_work_t *w, const char *key, const json_t *value,
    problem_t *p)
{
    const api_work_number_t  *n;

    for (n = api_work_numbers; n->name != NULL; n++) {
        if (strcmp(n->name, key) == 0) {
            break;
        }
    }

    if (n->name == NULL) {
        return SC_DECLINED;
    }

    if (api_work_int(key, value, n->min, n->max, p) != SC_OK) {
        return SC_ERROR;
    }

    /* the job's row has it */
    if (strcmp(key, "priority") == 0) {
        w->priority = (int) json_integer_value(value);
        return SC_OK;
    }

    return api_work_set(w, key, json_integer(json_integer_value(value)), p);
}


static int
api_work_echo(api_work_t *w, const json_t *value, problem_t *p)
{
    sc_buf_reset(&w->echo);
    sc_json_value(&w->echo, value);

    if (w->echo.failed) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


int
api_work_tags(const json_t *value, problem_t *p)
{
    json_t      *tag;
    const char  *name;

    if (!json_is_object(value) || json_object_size(value) > WORK_MAX_TAGS) {
        return api_work_refused(p, "", "tags", "\"tags\" is not an object of "
                                "at most \"20\" strings");
    }

    json_object_foreach((json_t *) value, name, tag) {
        if (name[0] == '\0' || strlen(name) > WORK_MAX_NAME) {
            return api_work_refused(p, "/tags", name, "a name has \"1\" to "
                                    "\"64\" bytes");
        }

        if (!json_is_string(tag) || json_string_length(tag) > WORK_MAX_VALUE
            || strlen(json_string_value(tag)) != json_string_length(tag))
        {
            return api_work_refused(p, "/tags", name, "this is not a string "
                                    "of at most \"256\" bytes");
        }
    }

    return SC_OK;
}


json_t *
api_work_webhook(const json_t *value, problem_t *p)
{
    char         err[320];
    json_t      *webhook;
    const char  *key;

    key = NULL;
    webhook = webhooks_check(value, err, sizeof(err), &key);

    if (webhook == NULL) {
        (void) api_work_refused(p, key != NULL ? "/webhook" : "",
                                key != NULL ? key : "webhook", err);
    }

    return webhook;
}


int
api_work_limits(const json_t *value, problem_t *p)
{
    json_t                   *n;
    const char               *key;
    const api_work_number_t  *known;

    if (!json_is_object(value)) {
        return api_work_refused(p, "", "limits", "this is not an object");
    }

    json_object_foreach((json_t *) value, key, n) {
        for (known = api_work_limited; known->name != NULL; known++) {
            if (strcmp(known->name, key) == 0) {
                break;
            }
        }

        if (known->name == NULL) {
            return api_work_unknown(p, "/limits", key);
        }

        if (api_work_int(key, n, known->min, known->max, p) != SC_OK) {
            api_work_under(p, "/limits");
            return SC_ERROR;
        }
    }

    return SC_OK;
}


int
api_work_int(const char *key, const json_t *value, int64_t min, int64_t max,
    problem_t *p)
{
    char     detail[160];
    int64_t  n = json_integer_value(value);

    if (json_is_integer(value) && n >= min && n <= max) {
        return SC_OK;
    }

    (void) snprintf(detail, sizeof(detail), "\"%s\" is not a whole number "
                    "from \"%lld\" to \"%lld\"", key, (long long) min,
                    (long long) max);

    return api_work_refused(p, "", key, detail);
}


int
api_work_refused(problem_t *p, const char *base, const char *key,
    const char *detail)
{
    problem_init(p, "/request/invalid", "%s", detail);
    problem_pointer(p, base, key);

    return SC_ERROR;
}


int
api_work_unknown(problem_t *p, const char *base, const char *key)
{
    problem_init(p, "/request/unknown-field", "\"%.100s\" is not known here",
                 key);
    problem_pointer(p, base, key);

    return SC_ERROR;
}


void
api_work_under(problem_t *p, const char *base)
{
    char  pointer[sizeof(p->pointer)];

    if (p->has_pointer) {
        (void) snprintf(pointer, sizeof(pointer), "%s", p->pointer);
        (void) snprintf(p->pointer, sizeof(p->pointer), "%.64s%.570s", base,
                        pointer);
    }
}


frontier_status_t
api_work_make(api_call_t *c, api_work_t *w, const char *kind,
    const frontier_spec_t *page, json_t *crawl, store_done_pt done)
{
    if (crawl != NULL
        && json_object_set_new(w->spec, "crawl", crawl) != 0)
    {
        return FRONTIER_NO_MEMORY;
    }

    if (c->put_name[0] != '\0'
        && json_object_set_new(w->spec, "name", json_string(c->put_name))
           != 0)
    {
        return FRONTIER_NO_MEMORY;
    }

    return api_work_submit(c, w, kind, page, done);
}


static frontier_status_t
api_work_submit(api_call_t *c, api_work_t *w, const char *kind,
    const frontier_spec_t *page, store_done_pt done)
{
    sc_buf_t           spec, idem, name;
    jobs_new_t         job;
    store_doc_t        docs[2];
    frontier_status_t  status;

    if (c->id[0] == '\0'
        && jobs_id(w->spec, c->request->slot, c->id) != SC_OK)
    {
        return FRONTIER_NO_MEMORY;
    }

    sc_buf_init(&spec, 0);
    sc_buf_init(&idem, 0);
    sc_buf_init(&name, 0);
    sc_json_value(&spec, w->spec);

    memset(&job, 0, sizeof(jobs_new_t));
    job.tenant = c->tenant;
    job.kind = kind;
    job.page = page;
    job.spec.data = spec.data;
    job.spec.len = spec.len;
    job.echo.data = w->echo.data;
    job.echo.len = w->echo.len;
    job.priority = w->priority;
    job.docs = docs;
    job.ndocs = api_work_docs(c, &idem, &name, docs);
    job.fresh = (c->put_name[0] != '\0');
    job.open = (strcmp(kind, "batch") == 0);

    status = spec.failed || idem.failed || name.failed
             ? FRONTIER_NO_MEMORY
             : jobs_make(c->api->jobs, &job, c->id, done, c);

    sc_buf_free(&spec);
    sc_buf_free(&idem);
    sc_buf_free(&name);

    return status;
}


static size_t
api_work_docs(api_call_t *c, sc_buf_t *idem, sc_buf_t *name,
    store_doc_t *docs)
{
    size_t  n;

    n = 0;

    if (c->idem != NULL) {
        api_idem_doc(c, idem, &docs[n++]);
    }

    if (c->put_name[0] != '\0') {
        api_name_doc(c, name, &docs[n++]);
    }

    return n;
}


void
api_work_accepted(api_call_t *c, const char *kind)
{
    sc_buf_t  *h = &c->api->headers;

    api_tell_job(c, c->id, STORE_RUNNING);
    api_reply_begin(c, API_JSON "Cache-Control: no-store\r\nLocation: ");
    (void) sc_buf_add_cstr(h, api_reply_link(c, "/v1/jobs/", c->id, ""));
    (void) sc_buf_printf(h, "\r\nRetry-After: %d\r\n", WORK_RETRY);
    (void) sc_buf_printf(&c->api->body, "{\"id\":\"%s\",\"kind\":\"%s\","
                         "\"state\":\"running\"", c->id, kind);

    if (c->put_name[0] != '\0') {
        (void) sc_buf_add_cstr(&c->api->body, ",\"name\":");
        (void) sc_json_cstr(&c->api->body, c->put_name);
    }
}


void
api_work_reply(api_call_t *c, const char *kind)
{
    api_work_accepted(c, kind);
    api_reply_add_links(c, c->id, 1);
    (void) sc_buf_add_cstr(&c->api->body, "}");
    api_reply_send(c, 202);
}
