
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_idem.h"
#include "sidecar/api/api_internal.h"


/* The names of kinds, and who makes them. */
typedef struct {
    const char  *kind;
    void       (*make)(api_call_t *c, sc_str_t text);
} api_put_kind_t;


static void api_put_looked(api_call_t *c);
static void api_put_same(api_call_t *c, const char *hash);
static void api_put_make(api_call_t *c, json_t *json, problem_t *p);
static json_t *api_put_page(json_t *json);


static const api_put_kind_t  api_put_kinds[] = {
    { "extract", api_batch_make },
    { "batch", api_batch_make },
    { "crawl", api_crawl_make },
    { NULL, NULL }
};


void
api_job_put(api_call_t *c)
{
    problem_t  p;

    if (api_call_bare(c) != SC_OK || api_room_check(c) != SC_OK) {
        return;
    }

    if (api_name_check(c->name) != SC_OK) {
        problem_init(&p, "/request/invalid", "an id has \"1\" to \"100\" "
                     "letters, digits, \".\", \"_\", \"~\" or \"-\", and is "
                     "not one of the gateway's");
        api_reply_problem(c, &p, 0);

    } else if (api_body_check(c, &p) != SC_OK) {
        api_reply_problem(c, &p, 0);

    } else {
        api_name_find(c, api_put_looked);
    }
}


void
api_job_put_again(api_call_t *c)
{
    c->id[0] = '\0';
    c->put_name[0] = '\0';
    c->put_hash[0] = '\0';
    api_job_put(c);
}


/* put_hash is that of what was put before, if anything was. */
static void
api_put_looked(api_call_t *c)
{
    char       hash[API_HASH_SIZE];
    char      *canonical;
    json_t    *json;
    sc_str_t   text = { c->request->body.len, c->request->body.data };
    sc_str_t   none = sc_null_string;
    problem_t  p;

    json = api_body_json(text, &p);

    if (json == NULL) {
        api_reply_problem(c, &p, 0);
        return;
    }

    canonical = sc_json_text(json, JSON_COMPACT | JSON_SORT_KEYS);

    if (canonical == NULL) {
        json_decref(json);
        api_reply_no_memory(c);
        return;
    }

    text.data = canonical;
    text.len = strlen(canonical);
    api_idem_hash(text, none, hash);
    free(canonical);

    if (c->id[0] != '\0') {
        json_decref(json);
        api_put_same(c, hash);
        return;
    }

    memcpy(c->put_hash, hash, sizeof(hash));
    memcpy(c->put_name, c->name.data, c->name.len);
    c->put_name[c->name.len] = '\0';
    api_put_make(c, json, &p);
    json_decref(json);
}


static void
api_put_same(api_call_t *c, const char *hash)
{
    if (strcmp(c->put_hash, hash) == 0) {
        api_job_show(c, 200);
        return;
    }

    api_reply_error(c, "/job/id-conflict",
                    "another job was put with this id");
}


static void
api_put_make(api_call_t *c, json_t *json, problem_t *p)
{
    json_t                *body;
    sc_buf_t               b;
    sc_str_t               text;
    const char            *kind;
    const api_put_kind_t  *k;

    kind = json_string_value(json_object_get(json, "kind"));

    for (k = api_put_kinds; k->kind != NULL; k++) {
        if (kind != NULL && strcmp(k->kind, kind) == 0) {
            break;
        }
    }

    if (k->kind == NULL) {
        (void) api_work_refused(p, "", "kind", "\"kind\" is none of "
                                "\"extract\", \"batch\" and \"crawl\"");
        api_reply_problem(c, p, 0);
        return;
    }

    body = k == api_put_kinds ? api_put_page(json) : json_incref(json);
    (void) json_object_del(body, "kind");
    sc_buf_init(&b, 0);

    if (body != NULL) {
        sc_json_value(&b, body);
    }

    json_decref(body);

    if (body == NULL || b.failed) {
        sc_buf_free(&b);
        api_reply_no_memory(c);
        return;
    }

    text.data = b.data;
    text.len = b.len;
    k->make(c, text);
    sc_buf_free(&b);
}


/* An extract is a batch of one page. */
static json_t *
api_put_page(json_t *json)
{
    size_t   i;
    json_t  *page, *batch, *value;

    static const char *const  jobs[] = { "tags", "webhook", "echo" };

    page = json_copy(json);
    batch = json_object();
    (void) json_object_del(page, "kind");

    for (i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        value = json_object_get(page, jobs[i]);

        if (value == NULL) {
            continue;
        }

        (void) json_object_set(batch, jobs[i], value);

        if (strcmp(jobs[i], "echo") != 0) {
            (void) json_object_del(page, jobs[i]);
        }
    }

    value = json_array();

    if (page == NULL || batch == NULL
        || json_array_append_new(value, page) != 0
        || json_object_set_new(batch, "requests", value) != 0)
    {
        json_decref(batch);
        return NULL;
    }

    return batch;
}
