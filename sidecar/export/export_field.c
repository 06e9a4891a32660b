
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/export/export_internal.h"


void
export_field_data(sc_str_t data, const char *const *fields, size_t nfields,
    sc_buf_t *out)
{
    size_t         i, n;
    json_t        *json;
    const json_t  *value;

    if (data.len == 0) {
        (void) sc_buf_add_cstr(out, "null");
        return;
    }

    if (fields == NULL) {
        (void) sc_buf_add_str(out, data);
        return;
    }

    json = sc_json_of(data.data, data.len, EXPORT_READ, NULL);

    if (!json_is_object(json)) {
        json_decref(json);
        (void) sc_buf_add_cstr(out, "null");
        return;
    }

    (void) sc_buf_add_cstr(out, "{");

    for (i = n = 0; i < nfields; i++) {
        value = export_field(json, fields[i]);

        /* names that begin so are those of a CSV's own columns, too */
        if (value == NULL && fields[i][0] == '_') {
            continue;
        }

        (void) sc_buf_add_cstr(out, n++ ? "," : "");
        (void) sc_json_cstr(out, fields[i]);
        (void) sc_buf_add_cstr(out, ":");

        if (value != NULL) {
            sc_json_value(out, value);

        } else {
            (void) sc_buf_add_cstr(out, "null");
        }
    }

    (void) sc_buf_add_cstr(out, "}");
    json_decref(json);
}


/* A name with dots may be that of a member, or a way through several. */
const json_t *
export_field(const json_t *data, const char *name)
{
    size_t         len;
    const json_t  *value;

    value = json_object_get(data, name);

    while (value == NULL) {
        len = strcspn(name, ".");
        data = json_object_getn(data, name, len);

        if (data == NULL) {
            return NULL;
        }

        if (name[len] == '\0') {
            return data;
        }

        name += len + 1;
        value = json_object_get(data, name);
    }

    return value;
}
