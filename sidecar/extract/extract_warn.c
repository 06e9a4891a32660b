
#include "common/sc_json.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/views/view_value.h"


/* how much of a value a warning shows, in bytes */
#define EXTRACT_SHOWN  80


void
extract_warn(extract_t *x, const extract_at_t *at, const char *value,
    const char *what)
{
    size_t     n;
    sc_buf_t  *warnings = &x->page->warnings;

    extract_explain_problem(x, value, what);

    if (x->warnings > EXTRACT_MAX_WARNINGS) {
        return;
    }

    if (x->warnings++ != 0) {
        sc_buf_add_cstr(warnings, ",");
    }

    if (x->warnings > EXTRACT_MAX_WARNINGS) {
        sc_json_cstr(warnings, "more warnings are left out");
        return;
    }

    sc_buf_reset(&x->scratch);

    if (at != NULL) {
        sc_buf_add_cstr(&x->scratch, "\"");
        extract_path(at, &x->scratch);
        sc_buf_add_cstr(&x->scratch, "\": ");
    }

    if (value != NULL) {
        n = view_value_len(value, EXTRACT_SHOWN);

        sc_buf_add_cstr(&x->scratch, "\"");
        sc_buf_add(&x->scratch, value, n);
        sc_buf_add_cstr(&x->scratch, value[n] != '\0' ? "…\" " : "\" ");
    }

    sc_buf_add_cstr(&x->scratch, what);
    sc_json_string(warnings, x->scratch.data, x->scratch.len);
}


void
extract_path(const extract_at_t *at, sc_buf_t *out)
{
    if (at->parent != NULL) {
        extract_path(at->parent, out);
    }

    if (at->name == NULL) {
        sc_buf_printf(out, "[%zu]", at->index);
        return;
    }

    if (at->parent != NULL) {
        sc_buf_add_cstr(out, ".");
    }

    sc_buf_add_cstr(out, at->name);
}
