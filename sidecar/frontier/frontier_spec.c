
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/sc_hash.h"
#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/frontier/frontier_internal.h"


static frontier_job_t *frontier_job_alloc(frontier_t *f);
static int frontier_spec_strings(frontier_job_t *j, const store_job_t *row);
static void frontier_spec_read(frontier_job_t *j);
static int64_t frontier_spec_hash(sc_str_t s, const char *tail);


/*
 * A job made from a caller's spec takes the same way as one read back from the
 * store: the spec is written as JSON, and the job is made from the JSON.
 * What a restart would lose is then missing at once, not only after it.
 */
frontier_job_t *
frontier_job_create(frontier_t *f, const frontier_spec_t *spec)
{
    sc_buf_t         json;
    store_job_t      row;
    frontier_job_t  *j;

    sc_buf_init(&json, 0);

    if (frontier_spec_text(spec, &json) != SC_OK
        || frontier_page_row(spec, spec->slot, &row) != SC_OK)
    {
        sc_buf_free(&json);
        return NULL;
    }

    row.kind.data = "extract";
    row.kind.len = sizeof("extract") - 1;
    row.due = 0;
    row.spec.data = json.data;
    row.spec.len = json.len;
    row.rules_hash.data = spec->rules_hash;
    row.rules_hash.len = strlen(spec->rules_hash);
    row.rules = spec->rules;
    row.lane = LANES_BATCH;
    row.flow = frontier_spec_hash(spec->tenant, "/extract");

    j = frontier_job_restore(f, &row);
    sc_buf_free(&json);

    if (j != NULL) {
        j->durability = JOB_TRANSIENT;
    }

    return j;
}


int
frontier_page_row(const frontier_spec_t *spec, const char *slot,
    store_job_t *row)
{
    sc_str_t  host = { strlen(spec->url->host), spec->url->host };

    memset(row, 0, sizeof(store_job_t));

    if (id_make(row->id, id_slot_or(slot != NULL ? slot : "", host.data))
        != SC_OK)
    {
        return SC_ERROR;
    }

    row->tenant = spec->tenant;
    row->kind.data = "page";
    row->kind.len = sizeof("page") - 1;
    row->url.data = spec->url->text;
    row->url.len = spec->url->len;
    row->echo = spec->echo;
    row->host = frontier_spec_hash(host, "");
    row->prio = -spec->priority;
    row->created = id_now_ms();
    row->due = row->created;

    return SC_OK;
}


int64_t
frontier_flow(const char *job)
{
    sc_str_t  id = { strlen(job), job };

    return frontier_spec_hash(id, "/pages");
}


frontier_job_t *
frontier_job_restore(frontier_t *f, const store_job_t *row)
{
    frontier_job_t  *j;

    j = frontier_job_alloc(f);
    if (j == NULL) {
        return NULL;
    }

    if (frontier_spec_strings(j, row) != SC_OK) {
        frontier_job_free(j);
        return NULL;
    }

    frontier_spec_read(j);

    j->row.state = STORE_QUEUED;
    j->durability = JOB_DURABLE;

    return j;
}


static frontier_job_t *
frontier_job_alloc(frontier_t *f)
{
    frontier_job_t  *j;

    j = calloc(1, sizeof(frontier_job_t));
    if (j == NULL) {
        return NULL;
    }

    j->frontier = f;
    j->age = -1;
    j->problem = "";
    sc_buf_init(&j->text, 0);
    sc_buf_init(&j->record, 0);
    sc_buf_init(&j->error, 0);
    sc_buf_init(&j->scope, 0);
    sc_buf_init(&j->found, 0);
    sc_buf_init(&j->drift, 0);
    sc_buf_init(&j->final, 0);
    sc_buf_init(&j->raw, 0);
    sc_buf_init(&j->head, 0);

    return j;
}


int
frontier_spec_check(const store_job_t *row)
{
    int      rc;
    char     err[160];
    url_t    url;
    json_t  *spec;

    rc = url_parse(&url, row->url.data, row->url.len, err, sizeof(err));

    if (rc == SC_OK) {
        url_free(&url);
        spec = sc_json_of(row->spec.data, row->spec.len, 0, NULL);
        rc = json_is_object(json_object_get(spec, "request")) ? SC_OK
                                                              : SC_ERROR;
        json_decref(spec);
    }

    return rc;
}


/* Copy the row with all its strings into one block, each NUL-terminated. */
static int
frontier_spec_strings(frontier_job_t *j, const store_job_t *row)
{
    size_t     i, len;
    char      *p;
    sc_str_t  *strings[] = { &j->row.tenant, &j->row.kind, &j->row.url,
                             &j->row.spec, &j->row.rules_hash, &j->row.rules,
                             &j->row.echo, &j->row.context };

    j->row = *row;

    len = 0;

    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        len += strings[i]->len + 1;
    }

    p = sc_buf_reserve(&j->text, len);
    if (p == NULL) {
        return SC_ERROR;
    }

    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        if (strings[i]->len > 0) {
            memcpy(p, strings[i]->data, strings[i]->len);
        }

        p[strings[i]->len] = '\0';
        strings[i]->data = p;
        p += strings[i]->len + 1;
    }

    j->text.len = len;
    j->row.error.len = 0;
    j->row.error.data = NULL;

    return SC_OK;
}


int
frontier_spec_text(const frontier_spec_t *spec, sc_buf_t *b)
{
    (void) sc_buf_add_cstr(b, "{\"cancel_alone\":");
    (void) sc_buf_add_cstr(b, spec->cancel_alone ? "true" : "false");
    (void) sc_buf_add_cstr(b, ",\"waited\":");
    (void) sc_buf_add_cstr(b, spec->waited ? "true" : "false");
    (void) sc_buf_add_cstr(b, ",\"request\":");
    (void) frontier_request_write(&spec->request, b);

    if (spec->cache_control[0] != '\0') {
        (void) sc_buf_add_cstr(b, ",\"cache_control\":");
        (void) sc_json_cstr(b, spec->cache_control);
    }

    if (spec->ruleset[0] != '\0') {
        (void) sc_buf_add_cstr(b, ",\"ruleset\":");
        (void) sc_json_cstr(b, spec->ruleset);
    }

    if (spec->views != 0) {
        (void) sc_buf_printf(b, ",\"views\":%u", spec->views);
    }

    if (spec->keep_raw) {
        (void) sc_buf_add_cstr(b, ",\"keep_raw\":true");
    }

    if (spec->tags.len != 0) {
        (void) sc_buf_add_cstr(b, ",\"tags\":");
        (void) sc_buf_add_str(b, spec->tags);
    }

    if (spec->webhook.len != 0) {
        (void) sc_buf_add_cstr(b, ",\"webhook\":");
        (void) sc_buf_add_str(b, spec->webhook);
    }

    return sc_buf_add_cstr(b, "}");
}


/* What cannot be read here is told when its flight is made. */
static void
frontier_spec_read(frontier_job_t *j)
{
    json_t      *spec, *member;
    const char  *ruleset;

    spec = json_last_get(&j->frontier->spec, j->row.spec);
    ruleset = json_string_value(json_object_get(spec, "ruleset"));
    j->ruleset = (ruleset != NULL) ? strdup(ruleset) : NULL;
    j->cancel_alone = json_is_true(json_object_get(spec, "cancel_alone"));
    j->waited = json_is_true(json_object_get(spec, "waited"));
    j->views = (unsigned) json_integer_value(json_object_get(spec, "views"));
    j->keep_raw = json_is_true(json_object_get(spec, "keep_raw"));
    member = json_object_get(spec, "webhook");
    j->webhook = (member != NULL) ? sc_json_text(member, JSON_COMPACT) : NULL;
    member = json_object_get(spec, "tags");
    j->tags = (member != NULL) ? sc_json_text(member, JSON_COMPACT) : NULL;
    j->row.tags.data = j->tags;
    j->row.tags.len = (j->tags != NULL) ? strlen(j->tags) : 0;
    json_decref(spec);
}


/* Its quality is no matter, as a collision only joins two queues. */
static int64_t
frontier_spec_hash(sc_str_t s, const char *tail)
{
    uint64_t  h;

    h = sc_fnv1a(SC_FNV1A, s.data, s.len);
    h = sc_fnv1a(h, tail, strlen(tail));

    return (int64_t) (h & INT64_MAX);
}
