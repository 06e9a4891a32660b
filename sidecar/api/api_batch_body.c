
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_batch.h"


#define BODY_TAG    "tags."


static int api_batch_append(api_batch_t *b, problem_t *p);
static int api_batch_params(api_batch_t *b, problem_t *p);
static int api_batch_param(api_batch_t *b, const query_param_t *param,
    json_t *tags, problem_t *p);
static int api_batch_keep(api_batch_t *b, const char *value, problem_t *p);
static int api_batch_members(api_batch_t *b, json_t *json, sc_str_t text,
    problem_t *p);
static int api_batch_items(api_batch_t *b, const char *key,
    const json_t *value, sc_str_t member, problem_t *p);
static int api_batch_member(api_batch_t *b, const char *key,
    const json_t *value, problem_t *p);
static int api_batch_base(api_batch_t *b, json_t *json, problem_t *p);
static int api_batch_defaults(api_batch_t *b, problem_t *p);
static int api_batch_own_rules(api_batch_t *b, problem_t *p);


/* parameters that are no extract's; the last stands for all tags.NAME */
static const char *const  api_batch_others[] = {
    "append_to", "keep_ms", BODY_TAG, NULL
};


int
api_batch_query(api_batch_t *b, problem_t *p)
{
    char  err[200];

    if (query_parse(&b->query, b->call->query, err, sizeof(err)) != SC_OK) {
        problem_init(p, "/request/invalid", "%s", err);
        return SC_ERROR;
    }

    if (api_batch_append(b, p) != SC_OK) {
        return SC_ERROR;
    }

    return api_batch_params(b, p);
}


static int
api_batch_append(api_batch_t *b, problem_t *p)
{
    const char  *id;

    id = query_get(&b->query, "append_to");
    if (id == NULL) {
        return SC_OK;
    }

    if (!id_valid(id, strlen(id))) {
        problem_init(p, "/job/not-found", "there is no such job");
        return SC_ERROR;
    }

    memcpy(b->call->id, id, ID_SIZE);
    b->append = 1;

    return SC_OK;
}


static int
api_batch_params(api_batch_t *b, problem_t *p)
{
    int      rc;
    size_t   i;
    json_t  *tags;

    tags = json_object();
    if (tags == NULL) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    rc = SC_OK;

    for (i = 0; i < b->query.n && rc == SC_OK; i++) {
        rc = api_batch_param(b, &b->query.params[i], tags, p);
    }

    if (rc == SC_OK && json_object_size(tags) > 0) {
        rc = api_work_member(&b->work, "tags", tags, p);
    }

    json_decref(tags);

    if (rc != SC_OK) {
        return rc;
    }

    json_decref(b->base);
    b->base = api_form_json(&b->query, api_batch_others, p);

    return b->base != NULL ? SC_OK : SC_ERROR;
}


static int
api_batch_param(api_batch_t *b, const query_param_t *param, json_t *tags,
    problem_t *p)
{
    int  keep, tag;

    keep = (strcmp(param->name, "keep_ms") == 0);
    tag = (strncmp(param->name, BODY_TAG, sizeof(BODY_TAG) - 1) == 0);

    if (b->append && (keep || tag)) {
        problem_init(p, "/request/invalid", "the job has its own already");
        problem_parameter(p, param->name);
        return SC_ERROR;
    }

    if (keep) {
        return api_batch_keep(b, param->value, p);
    }

    if (tag && json_object_set_new(tags, param->name + sizeof(BODY_TAG) - 1,
                                   json_string(param->value))
               != 0)
    {
        problem_init(p, "/request/invalid", "this is not UTF-8");
        problem_parameter(p, param->name);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_batch_keep(api_batch_t *b, const char *value, problem_t *p)
{
    int      rc;
    json_t  *n;

    n = sc_json_of(value, strlen(value), JSON_DECODE_ANY, NULL);
    rc = api_work_member(&b->work, "keep_ms", n, p);
    json_decref(n);

    if (rc != SC_OK) {
        p->has_pointer = 0;
        problem_parameter(p, "keep_ms");
    }

    return rc;
}


int
api_batch_head(api_batch_t *b, sc_str_t text, problem_t *p)
{
    int      rc;
    json_t  *json;

    json = NULL;

    if (b->ndjson) {
        json = sc_json_of(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);

        /* the first page's line may be wrong like any other */
        if (json_object_get(json, "defaults") == NULL) {
            json_decref(json);
            rc = api_batch_defaults(b, p);
            return rc == SC_OK ? SC_DECLINED : rc;
        }

    } else {
        json = api_body_json(text, p);
        if (json == NULL) {
            return SC_ERROR;
        }
    }

    rc = api_batch_members(b, json, text, p);
    json_decref(json);

    return rc == SC_OK ? api_batch_defaults(b, p) : rc;
}


static int
api_batch_members(api_batch_t *b, json_t *json, sc_str_t text, problem_t *p)
{
    int          rc;
    json_t      *value;
    sc_str_t     member;
    const char  *key, *pos;

    pos = text.data;
    b->items = 0;

    json_object_foreach(json, key, value) {
        if (api_text_member(&pos, text.data + text.len, &member) != SC_OK) {
            break;
        }

        if (!b->ndjson && (strcmp(key, "requests") == 0
                           || strcmp(key, "urls") == 0))
        {
            rc = api_batch_items(b, key, value, member, p);

        } else {
            rc = api_batch_member(b, key, value, p);
        }

        if (rc != SC_OK) {
            return rc;
        }
    }

    if (!b->ndjson && b->items == 0) {
        return api_work_refused(p, "", "requests", "neither \"requests\" nor "
                                "\"urls\" is there");
    }

    return SC_OK;
}


static int
api_batch_items(api_batch_t *b, const char *key, const json_t *value,
    sc_str_t member, problem_t *p)
{
    if (b->items != 0) {
        return api_work_refused(p, "", key, "\"requests\" and \"urls\" "
                                "exclude each other");
    }

    if (!json_is_array(value)) {
        return api_work_refused(p, "", key, "this is not a list");
    }

    b->items = (size_t) (member.data - b->text.data);

    return SC_OK;
}


static int
api_batch_member(api_batch_t *b, const char *key, const json_t *value,
    problem_t *p)
{
    int  rc;

    if (strcmp(key, "defaults") == 0) {
        return api_batch_base(b, (json_t *) value, p);
    }

    rc = api_work_member(&b->work, key, value, p);

    if (rc == SC_DECLINED) {
        return api_work_unknown(p, "", key);
    }

    if (rc == SC_OK && b->append) {
        return api_work_refused(p, "", key, "the job has its own already");
    }

    return rc;
}


/* Over what the query string said. */
static int
api_batch_base(api_batch_t *b, json_t *json, problem_t *p)
{
    json_t  *base;

    if (!json_is_object(json)) {
        return api_work_refused(p, "", "defaults", "this is not an object");
    }

    base = b->base != NULL ? json_copy(b->base) : json_object();

    if (base == NULL || json_object_update(base, json) != 0) {
        json_decref(base);
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    json_decref(b->base);
    b->base = base;

    return SC_OK;
}


static int
api_batch_defaults(api_batch_t *b, problem_t *p)
{
    int  rc;

    api_extract_free(&b->defaults);
    api_extract_init(b->call, &b->defaults);
    b->defaults.spec.priority = b->work.priority;

    if (b->base == NULL) {
        b->base = json_object();
    }

    if (b->base == NULL) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    rc = api_extract_take(b->call, &b->defaults, json_incref(b->base), NULL,
                          0, p);

    if (rc == SC_OK) {
        return api_batch_own_rules(b, p);
    }

    if (rc == SC_ERROR) {
        api_work_under(p, "/defaults");
    }

    return rc;
}


/* Those of the cache may go while the body comes. */
static int
api_batch_own_rules(api_batch_t *b, problem_t *p)
{
    frontier_spec_t  *spec = &b->defaults.spec;

    if (spec->rules.data == NULL) {
        return SC_OK;
    }

    sc_buf_reset(&b->rules);

    if (sc_buf_add_str(&b->rules, spec->rules) != SC_OK) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    memcpy(b->hash, spec->rules_hash, strlen(spec->rules_hash) + 1);
    spec->rules.data = b->rules.data;
    spec->rules_hash = b->hash;

    return SC_OK;
}
