
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/sc_json.h"
#include "sidecar/frontier/frontier_internal.h"


static frontier_job_t *frontier_job_alloc(frontier_t *f);
static int frontier_spec_url(frontier_job_t *j, const char *text, size_t len);
static int frontier_spec_text(frontier_job_t *j, const store_job_t *row);
static int frontier_spec_write(const frontier_spec_t *spec, sc_buf_t *b);
static int frontier_spec_read(frontier_job_t *j);
static int frontier_spec_limits(frontier_job_t *j, const json_t *limits);
static int frontier_spec_headers(frontier_job_t *j, const json_t *headers);
static const char *frontier_spec_method(const char *method);


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

    memset(&row, 0, sizeof(store_job_t));
    sc_buf_init(&json, 0);

    if (frontier_spec_write(spec, &json) != SC_OK
        || id_make(row.id, id_slot(spec->url->host, strlen(spec->url->host)))
           != SC_OK)
    {
        sc_buf_free(&json);
        return NULL;
    }

    row.tenant = spec->tenant;
    row.kind.data = "extract";
    row.kind.len = sizeof("extract") - 1;
    row.url.data = spec->url->text;
    row.url.len = spec->url->len;
    row.spec.data = json.data;
    row.spec.len = json.len;
    row.rules_hash.data = spec->rules_hash;
    row.rules_hash.len = strlen(spec->rules_hash);
    row.rules = spec->rules;
    row.echo = spec->echo;
    row.created = id_now_ms();

    j = frontier_job_restore(f, &row);
    sc_buf_free(&json);

    if (j != NULL) {
        j->durability = JOB_TRANSIENT;
    }

    return j;
}


frontier_job_t *
frontier_job_restore(frontier_t *f, const store_job_t *row)
{
    frontier_job_t  *j;

    j = frontier_job_alloc(f);
    if (j == NULL) {
        return NULL;
    }

    if (frontier_spec_text(j, row) != SC_OK
        || frontier_spec_url(j, row->url.data, row->url.len) != SC_OK
        || frontier_spec_read(j) != SC_OK)
    {
        frontier_job_free(j);
        return NULL;
    }

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
    frontier_job_blank(j);
    sc_buf_init(&j->text, 0);
    sc_buf_init(&j->redirects, 0);
    sc_buf_init(&j->record, 0);
    sc_buf_init(&j->error, 0);

    return j;
}


static int
frontier_spec_url(frontier_job_t *j, const char *text, size_t len)
{
    char  err[160];

    if (url_parse(&j->url, text, len, err, sizeof(err)) != SC_OK) {
        return SC_ERROR;
    }

    return url_parse(&j->hop, text, len, err, sizeof(err));
}


/* Copy the row with all its strings into one block, each NUL-terminated. */
static int
frontier_spec_text(frontier_job_t *j, const store_job_t *row)
{
    size_t     i, len;
    char      *p;
    sc_str_t  *strings[] = { &j->row.tenant, &j->row.kind, &j->row.url,
                             &j->row.spec, &j->row.rules_hash, &j->row.rules,
                             &j->row.echo };

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


static int
frontier_spec_write(const frontier_spec_t *spec, sc_buf_t *b)
{
    size_t  i;

    (void) sc_buf_printf(b, "{\"method\":\"%s\",\"cancel_alone\":%s,"
                         "\"limits\":[%lld,%lld,%zu,%d],\"headers\":[",
                         spec->method, spec->cancel_alone ? "true" : "false",
                         (long long) spec->limits.connect_timeout,
                         (long long) spec->limits.total_timeout,
                         spec->limits.max_page, spec->limits.max_redirects);

    for (i = 0; i < spec->nheaders; i++) {
        (void) sc_buf_add_cstr(b, i ? "," : "");
        (void) sc_json_string(b, spec->headers[i].name.data,
                              spec->headers[i].name.len);
        (void) sc_buf_add_cstr(b, ",");
        (void) sc_json_string(b, spec->headers[i].value.data,
                              spec->headers[i].value.len);
    }

    return sc_buf_add_cstr(b, "]}");
}


static int
frontier_spec_read(frontier_job_t *j)
{
    int      rc;
    json_t  *spec;

    spec = json_loadb(j->row.spec.data, j->row.spec.len, 0, NULL);
    if (spec == NULL) {
        return SC_ERROR;
    }

    j->cancel_alone = json_is_true(json_object_get(spec, "cancel_alone"));
    j->method = frontier_spec_method(
                       json_string_value(json_object_get(spec, "method")));

    rc = frontier_spec_limits(j, json_object_get(spec, "limits"));

    if (rc == SC_OK) {
        rc = frontier_spec_headers(j, json_object_get(spec, "headers"));
    }

    json_decref(spec);

    return rc;
}


static int
frontier_spec_limits(frontier_job_t *j, const json_t *limits)
{
    if (json_array_size(limits) != 4) {
        return SC_ERROR;
    }

    j->limits.connect_timeout = json_integer_value(json_array_get(limits, 0));
    j->limits.total_timeout = json_integer_value(json_array_get(limits, 1));
    j->limits.max_page = (size_t)
                         json_integer_value(json_array_get(limits, 2));
    j->limits.max_redirects = (int)
                              json_integer_value(json_array_get(limits, 3));

    return SC_OK;
}


/* headers is a flat list: name, value, name, value. */
static int
frontier_spec_headers(frontier_job_t *j, const json_t *headers)
{
    char          *p;
    size_t         i, n, len;
    sc_str_t      *s;
    const json_t  *item;

    n = json_array_size(headers);
    if (n == 0) {
        return SC_OK;
    }

    len = 0;

    for (i = 0; i < n; i++) {
        len += json_string_length(json_array_get(headers, i));
    }

    j->nextra = n / 2;
    j->extra = malloc(j->nextra * sizeof(fetch_header_t) + len);
    if (j->extra == NULL) {
        return SC_ERROR;
    }

    p = (char *) (j->extra + j->nextra);

    for (i = 0; i < j->nextra * 2; i++) {
        item = json_array_get(headers, i);
        s = i % 2 ? &j->extra[i / 2].value : &j->extra[i / 2].name;
        s->len = json_string_length(item);
        s->data = p;

        if (s->len > 0) {
            memcpy(p, json_string_value(item), s->len);
            p += s->len;
        }
    }

    return SC_OK;
}


static const char *
frontier_spec_method(const char *method)
{
    if (method != NULL && strcmp(method, "HEAD") == 0) {
        return "HEAD";
    }

    return "GET";
}
