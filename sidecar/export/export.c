
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/sc_json.h"
#include "sidecar/export/export_internal.h"


static int export_copy(export_t *e, const export_options_t *options);
static void export_one_line(sc_buf_t *out, size_t from);
static int export_sse_item(export_t *e, const store_result_t *result,
    sc_buf_t *out);
static const char *const *export_fields(const export_t *e);


export_t *
export_create(const export_options_t *options)
{
    export_t  *e;

    e = calloc(1, sizeof(export_t));
    if (e == NULL) {
        return NULL;
    }

    sc_buf_init(&e->held, 0);

    if (export_copy(e, options) != SC_OK) {
        export_free(e);
        return NULL;
    }

    return e;
}


static int
export_copy(export_t *e, const export_options_t *options)
{
    char    *name;
    size_t   i;

    e->format = options->format;
    e->all = (options->fields == NULL);
    e->rules_len = options->rules.len;
    e->base = strdup(options->base);
    e->rules = malloc(options->rules.len + 1);
    e->fields = calloc(options->nfields + 1, sizeof(char *));

    if (e->base == NULL || e->rules == NULL || e->fields == NULL) {
        return SC_ERROR;
    }

    if (e->rules_len > 0) {
        memcpy(e->rules, options->rules.data, e->rules_len);
    }

    for (i = 0; options->fields != NULL && i < options->nfields; i++) {
        name = strdup(options->fields[i]);

        if (name == NULL) {
            return SC_ERROR;
        }

        e->fields[e->nfields++] = name;
    }

    return SC_OK;
}


void
export_free(export_t *e)
{
    size_t  i;

    if (e == NULL) {
        return;
    }

    for (i = 0; i < e->nfields; i++) {
        free(e->fields[i]);
    }

    for (i = 0; i < e->ncolumns; i++) {
        free(e->columns[i]);
    }

    free(e->columns);
    free(e->fields);
    free(e->rules);
    free(e->base);
    sc_buf_free(&e->held);
    free(e);
}


int
export_begin(export_t *e, sc_buf_t *out)
{
    switch (e->format) {

    case EXPORT_JSON:
        return sc_buf_add_cstr(out, "{\"data\":[");

    case EXPORT_CSV:
        return export_csv_begin(e, out);

    case EXPORT_XML:
        return sc_buf_add_cstr(out, "<?xml version=\"1.0\" "
                               "encoding=\"UTF-8\"?>\n<results>\n");

    case EXPORT_WARC:
        return export_warc_begin(e, out);

    default:
        return SC_OK;
    }
}


int
export_item(export_t *e, const store_result_t *result,
    const store_raw_t *raw, sc_buf_t *out)
{
    size_t  from;

    e->items++;

    switch (e->format) {

    case EXPORT_CSV:
        return export_csv_item(e, result, out);

    case EXPORT_XML:
        return export_xml_item(e, result, out);

    case EXPORT_WARC:
        return export_warc_item(e, result, raw, out);

    case EXPORT_SSE:
        return export_sse_item(e, result, out);

    default:
        break;
    }

    if (e->format == EXPORT_JSON && e->items > 1) {
        (void) sc_buf_add_cstr(out, ",");
    }

    from = out->len;
    (void) export_json_item(e->base, result, export_fields(e), e->nfields,
                            out);

    if (e->format == EXPORT_NDJSON) {
        export_one_line(out, from);
        (void) sc_buf_add_cstr(out, "\n");
    }

    return out->failed ? SC_ERROR : SC_OK;
}


static const char *const *
export_fields(const export_t *e)
{
    return e->all ? NULL : (const char *const *) e->fields;
}


/* A line end outside of strings is a blank to JSON. */
static void
export_one_line(sc_buf_t *out, size_t from)
{
    char  *p, *end;

    if (out->failed) {
        return;
    }

    end = out->data + out->len;

    for (p = out->data + from; p < end; p++) {
        if (*p == '\n' || *p == '\r') {
            *p = ' ';
        }
    }
}


static int
export_sse_item(export_t *e, const store_result_t *result, sc_buf_t *out)
{
    size_t  from;

    (void) sc_buf_printf(out, "id: %lld\nevent: %s\ndata: ",
                         (long long) result->seq, export_event(result));
    from = out->len;
    (void) export_json_item(e->base, result, export_fields(e), e->nfields,
                            out);
    export_one_line(out, from);

    return sc_buf_add_cstr(out, "\n\n");
}


int
export_end(export_t *e, const char *next, sc_buf_t *out)
{
    switch (e->format) {

    case EXPORT_JSON:
        (void) sc_buf_add_cstr(out, "],\"next\":");
        (void) sc_json_cstr(out, next);
        return sc_buf_add_cstr(out, "}");

    case EXPORT_CSV:
        return export_csv_end(e, out);

    case EXPORT_XML:
        return sc_buf_add_cstr(out, "</results>\n");

    default:
        return SC_OK;
    }
}


const char *
export_changed(store_change_t changed)
{
    static const char *const  words[] = { "new", "same", "changed", "gone" };

    return words[changed];
}


const char *
export_event(const store_result_t *result)
{
    static const char  robots[] = "\"/policy/robots\"";

    if (result->state == STORE_COMPLETED) {
        return "result";
    }

    return memmem(result->error.data, result->error.len, robots,
                  sizeof(robots) - 1)
           != NULL ? "robots" : "error";
}


int
export_time(int64_t ms, sc_buf_t *out)
{
    char       date[32];
    time_t     sec = (time_t) (ms / 1000);
    struct tm  tm;

    if (ms <= 0 || gmtime_r(&sec, &tm) == NULL
        || strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
    {
        return SC_DECLINED;
    }

    return sc_buf_printf(out, "%s.%03dZ", date, (int) (ms % 1000));
}
