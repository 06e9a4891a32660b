
#include <limits.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/export/export_internal.h"


static void export_json_text(sc_buf_t *out, const char *name, sc_str_t json);
static void export_json_place(const store_result_t *result, sc_buf_t *out);
static void export_json_taken(const store_result_t *result,
    const char *const *fields, size_t nfields, sc_buf_t *out);
static void export_json_link(sc_buf_t *out, const char *name,
    const char *base, const char *path, const char *id);


int
export_json_item(const char *base, const store_result_t *result,
    const char *const *fields, size_t nfields, sc_buf_t *out)
{
    (void) sc_buf_printf(out, "{\"seq\":%lld,\"id\":\"%s\",\"state\":\"%s\","
                         "\"url\":", (long long) result->seq, result->id,
                         result->state == STORE_COMPLETED ? "completed"
                                                          : "failed");
    (void) sc_json_string(out, result->url.data, result->url.len);
    (void) sc_buf_add_cstr(out, ",\"at\":\"");

    if (export_time(result->at, out) == SC_OK) {
        (void) sc_buf_add_cstr(out, "\"");

    } else {
        out->len -= out->failed ? 0 : 1;
        (void) sc_buf_add_cstr(out, "null");
    }

    export_json_place(result, out);
    export_json_text(out, "fetch", result->fetch);

    if (result->state != STORE_COMPLETED) {
        export_json_text(out, "error", result->error);

    } else if (fields == NULL || nfields > 0) {
        export_json_taken(result, fields, nfields, out);
    }

    export_json_link(out, "job", base, "/v1/jobs/", result->job);
    export_json_link(out, "result", base, "/v1/results/", result->id);

    if (result->echo.len > 0) {
        export_json_text(out, "echo", result->echo);
    }

    return sc_buf_add_cstr(out, "}");
}


static void
export_json_text(sc_buf_t *out, const char *name, sc_str_t json)
{
    (void) sc_buf_printf(out, ",\"%s\":", name);

    if (json.len > 0) {
        (void) sc_buf_add_str(out, json);

    } else {
        (void) sc_buf_add_cstr(out, "null");
    }
}


/* Where it was met, and what it is beside the one before. */
static void
export_json_place(const store_result_t *result, sc_buf_t *out)
{
    if (result->line > 0) {
        (void) sc_buf_printf(out, ",\"line\":%lld",
                             (long long) result->line);
    }

    /* links lead from no page of another site: its depth is beyond any */
    if (result->depth > 0 && result->depth < INT_MAX) {
        (void) sc_buf_printf(out, ",\"depth\":%d", result->depth);
    }

    if (result->context.len > 0) {
        export_json_text(out, "context", result->context);
    }

    if (result->state == STORE_COMPLETED) {
        (void) sc_buf_printf(out, ",\"changed\":\"%s\"",
                             export_changed(result->changed));
    }
}


static void
export_json_taken(const store_result_t *result, const char *const *fields,
    size_t nfields, sc_buf_t *out)
{
    (void) sc_buf_add_cstr(out, ",\"data\":");
    export_field_data(result->data, fields, nfields, out);
    export_json_text(out, "missing", result->missing);
    export_json_text(out, "warnings", result->warnings);

    if (result->view.len > sizeof("{}") - 1) {
        (void) sc_buf_add_cstr(out, ",");
        (void) sc_buf_add(out, result->view.data + 1, result->view.len - 2);
    }
}


static void
export_json_link(sc_buf_t *out, const char *name, const char *base,
    const char *path, const char *id)
{
    (void) sc_buf_printf(out, ",\"%s\":", name);
    (void) sc_json_string(out, base, strlen(base));

    if (!out->failed) {
        out->len--;
    }

    (void) sc_buf_printf(out, "%s%s\"", path, id);
}
