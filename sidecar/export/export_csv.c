
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/export/export_internal.h"


/* bytes of rows that wait for one that says which columns there are */
#define CSV_MAX_HELD    1048576


static int export_csv_columns(export_t *e, const json_t *fields);
static int export_csv_column(export_t *e, const char *name);
static int export_csv_header(export_t *e, sc_buf_t *out);
static void export_csv_release(export_t *e, sc_buf_t *out);
static void export_csv_line_end(sc_buf_t *out, size_t from);
static int export_csv_hold(export_t *e, const store_result_t *result,
    sc_buf_t *out);
static void export_csv_fixed(const store_result_t *result, sc_buf_t *out);
static void export_csv_own(const store_result_t *result, const char *name,
    sc_buf_t *out);
static void export_csv_value(const json_t *value, sc_buf_t *out);
static void export_csv_cell(const char *s, size_t len, sc_buf_t *out);


/* columns that stand before those of the data when no fields were given */
static const char *const  export_csv_names[] = {
    "_url", "_state", "_error", NULL
};


int
export_csv_begin(export_t *e, sc_buf_t *out)
{
    int            rc;
    size_t         i;
    json_t        *rules;
    const json_t  *fields;

    rc = SC_OK;

    if (!e->all) {
        for (i = 0; rc == SC_OK && i < e->nfields; i++) {
            rc = export_csv_column(e, e->fields[i]);
        }

        return rc == SC_OK ? export_csv_header(e, out) : rc;
    }

    e->fixed = 1;
    rules = sc_json_of(e->rules, e->rules_len, 0, NULL);
    fields = json_object_get(rules, "fields");

    if (json_is_object(fields) && json_object_get(rules, "sets") == NULL) {
        rc = export_csv_columns(e, fields);

        if (rc == SC_OK) {
            rc = export_csv_header(e, out);
        }
    }

    json_decref(rules);

    return rc;
}


static int
export_csv_columns(export_t *e, const json_t *fields)
{
    const char    *name;
    const json_t  *value;

    json_object_foreach((json_t *) fields, name, value) {
        if (export_csv_column(e, name) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
export_csv_column(export_t *e, const char *name)
{
    char  **columns, *copy;

    columns = realloc(e->columns, (e->ncolumns + 1) * sizeof(char *));
    if (columns == NULL) {
        return SC_ERROR;
    }

    e->columns = columns;
    copy = strdup(name);

    if (copy == NULL) {
        return SC_ERROR;
    }

    e->columns[e->ncolumns++] = copy;

    return SC_OK;
}


static int
export_csv_header(export_t *e, sc_buf_t *out)
{
    size_t              i, from;
    const char *const  *name;

    e->chosen = 1;
    from = out->len;

    for (name = export_csv_names; e->fixed && *name != NULL; name++) {
        (void) sc_buf_add_cstr(out, name == export_csv_names ? "" : ",");
        (void) sc_buf_add_cstr(out, *name);
    }

    for (i = 0; i < e->ncolumns; i++) {
        (void) sc_buf_add_cstr(out, i > 0 || e->fixed ? "," : "");
        export_csv_cell(e->columns[i], strlen(e->columns[i]), out);
    }

    export_csv_line_end(out, from);
    export_csv_release(e, out);

    return out->failed ? SC_ERROR : SC_OK;
}


/* The rows that waited have no data. */
static void
export_csv_release(export_t *e, sc_buf_t *out)
{
    size_t       at, i, len;
    const char  *p;

    for (at = 0; at < e->held.len; at += len + 1) {
        p = e->held.data + at;
        len = strlen(p);
        (void) sc_buf_add(out, p, len);

        for (i = 0; i < e->ncolumns; i++) {
            (void) sc_buf_add_cstr(out, ",");
        }

        (void) sc_buf_add_cstr(out, "\r\n");
    }

    sc_buf_free(&e->held);
}


/* A line of one empty cell would be no row to many readers. */
static void
export_csv_line_end(sc_buf_t *out, size_t from)
{
    (void) sc_buf_add_cstr(out, out->len == from ? "\"\"\r\n" : "\r\n");
}


int
export_csv_item(export_t *e, const store_result_t *result, sc_buf_t *out)
{
    int            rc;
    size_t         i, from;
    json_t        *data;
    json_error_t   error;
    const json_t  *value;

    data = sc_json_of(result->data.data, result->data.len, EXPORT_READ,
                      &error);

    if (data == NULL && strcmp(error.text, "memory is out") == 0) {
        return SC_ERROR;
    }

    if (!e->chosen && !json_is_object(data)) {
        json_decref(data);
        return export_csv_hold(e, result, out);
    }

    rc = SC_OK;

    if (!e->chosen) {
        rc = export_csv_columns(e, data);

        if (rc == SC_OK) {
            rc = export_csv_header(e, out);
        }
    }

    from = out->len;

    if (e->fixed) {
        export_csv_fixed(result, out);
    }

    for (i = 0; i < e->ncolumns; i++) {
        (void) sc_buf_add_cstr(out, i > 0 || e->fixed ? "," : "");
        value = export_field(data, e->columns[i]);

        if (value != NULL) {
            export_csv_value(value, out);

        } else if (e->columns[i][0] == '_') {
            export_csv_own(result, e->columns[i], out);
        }
    }

    export_csv_line_end(out, from);
    json_decref(data);

    return out->failed ? SC_ERROR : rc;
}


/* Keep a row until the columns are known. */
static int
export_csv_hold(export_t *e, const store_result_t *result, sc_buf_t *out)
{
    export_csv_fixed(result, &e->held);

    if (sc_buf_add(&e->held, "", 1) != SC_OK) {
        return SC_ERROR;
    }

    return e->held.len < CSV_MAX_HELD ? SC_OK : export_csv_header(e, out);
}


static void
export_csv_fixed(const store_result_t *result, sc_buf_t *out)
{
    const char *const  *name;

    for (name = export_csv_names; *name != NULL; name++) {
        (void) sc_buf_add_cstr(out, name == export_csv_names ? "" : ",");
        export_csv_own(result, *name, out);
    }
}


/* What a result has besides data; the names are those of users' tables. */
static void
export_csv_own(const store_result_t *result, const char *name, sc_buf_t *out)
{
    int64_t      n;
    json_t      *json;
    const char  *type;

    json = NULL;
    n = 0;

    if (strcmp(name, "_url") == 0) {
        export_csv_cell(result->url.data, result->url.len, out);

    } else if (strcmp(name, "_state") == 0) {
        (void) sc_buf_add_cstr(out, result->state == STORE_COMPLETED
                                    ? "completed" : "failed");

    } else if (strcmp(name, "_error") == 0) {
        json = sc_json_of(result->error.data, result->error.len, EXPORT_READ,
                          NULL);
        type = json_string_value(json_object_get(json, "type"));
        (void) sc_buf_add_cstr(out, type != NULL ? type : "");

    } else if (strcmp(name, "_status") == 0) {
        json = sc_json_of(result->fetch.data, result->fetch.len, EXPORT_READ,
                          NULL);
        n = json_integer_value(json_object_get(json, "status"));

    } else if (strcmp(name, "_result") == 0) {
        (void) sc_buf_add_cstr(out, result->id);

    } else if (strcmp(name, "_at") == 0) {
        (void) export_time(result->at, out);

    } else if (strcmp(name, "_seq") == 0) {
        n = result->seq;

    } else if (strcmp(name, "_line") == 0) {
        n = result->line;
    }

    if (n != 0) {
        (void) sc_buf_printf(out, "%lld", (long long) n);
    }

    json_decref(json);
}


/* Null is nothing, an empty string is a pair of quotes. */
static void
export_csv_value(const json_t *value, sc_buf_t *out)
{
    sc_buf_t  text;

    if (json_is_null(value)) {
        return;
    }

    if (json_is_string(value)) {
        export_csv_cell(json_string_value(value), json_string_length(value),
                        out);
        return;
    }

    sc_buf_init(&text, 0);
    sc_json_value(&text, value);

    if (text.failed) {
        out->failed = 1;

    } else {
        export_csv_cell(text.data, text.len, out);
    }

    sc_buf_free(&text);
}


/* NUL, which no reader takes, becomes U+FFFD. */
static void
export_csv_cell(const char *s, size_t len, sc_buf_t *out)
{
    size_t  i, from;

    for (i = 0; i < len && s[i] != '"' && s[i] != ',' && s[i] != '\r'
                && s[i] != '\n' && s[i] != '\0'; i++)
    {
        /* void */
    }

    if (i == len && len > 0 && s[0] != ' ' && s[len - 1] != ' ') {
        (void) sc_buf_add(out, s, len);
        return;
    }

    (void) sc_buf_add_cstr(out, "\"");

    for (i = from = 0; i < len; i++) {
        if (s[i] == '"') {
            (void) sc_buf_add(out, s + from, i + 1 - from);
            from = i;

        } else if (s[i] == '\0') {
            (void) sc_buf_add(out, s + from, i - from);
            (void) sc_buf_add_cstr(out, "\xef\xbf\xbd");
            from = i + 1;
        }
    }

    (void) sc_buf_add(out, s + from, len - from);
    (void) sc_buf_add_cstr(out, "\"");
}


/* Nothing said which columns there are: those of all rows. */
int
export_csv_end(export_t *e, sc_buf_t *out)
{
    return e->chosen ? SC_OK : export_csv_header(e, out);
}
