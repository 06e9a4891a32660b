
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/page/dom.h"


/* links of all sets of a page */
#define FOLLOW_MAX  10000


static int extract_follow_all(extract_t *x, const sc_follow_t *follow,
    const char *context);
static int extract_follow_select(extract_t *x, const sc_follow_t *follow,
    const sc_selector_t *selector, const char *context);
static void extract_follow_node(extract_t *x, const sc_follow_t *follow,
    const xmlNode *node, const char *context);
static void extract_follow_link(extract_t *x, const sc_follow_t *follow,
    const char *context);
static int extract_follow_reference(extract_t *x, const xmlNode *node,
    sc_buf_t *out);
static int extract_follow_context(extract_t *x, const sc_follow_t *follow,
    sc_str_t data, sc_buf_t *out);


int
extract_follow(extract_t *x, sc_str_t data)
{
    int        rc;
    size_t     i;
    sc_buf_t   context;

    rc = SC_OK;
    sc_buf_init(&context, EXTRACT_MAX_DATA);

    for (i = 0; i < x->rules->nfollow && rc == SC_OK; i++) {
        sc_buf_reset(&context);
        rc = extract_follow_context(x, &x->rules->follow[i], data, &context);

        if (rc == SC_OK) {
            rc = extract_follow_all(x, &x->rules->follow[i],
                                    context.len != 0 ? context.data : NULL);
        }
    }

    sc_buf_free(&context);

    return rc;
}


/* Here, too, the first selector that matches is the one that counts. */

static int
extract_follow_all(extract_t *x, const sc_follow_t *follow,
    const char *context)
{
    int     rc;
    size_t  i;

    rc = SC_DECLINED;

    for (i = 0; i < follow->nselectors && rc == SC_DECLINED; i++) {
        rc = extract_follow_select(x, follow, &follow->selectors[i],
                                   context);
    }

    return rc == SC_ERROR ? SC_ERROR : SC_OK;
}


static int
extract_follow_select(extract_t *x, const sc_follow_t *follow,
    const sc_selector_t *selector, const char *context)
{
    int              rc;
    size_t           i;
    extract_at_t     at = { NULL, "follow", 0 };
    extract_here_t   here = { (const xmlNode *) x->doc, NULL };
    extract_found_t  found;

    rc = extract_select(x, &here, selector, 1, &at, &found);

    if (rc == SC_OK && found.object != NULL
        && found.object->type == XPATH_NODESET)
    {
        for (i = 0; i < found.n; i++) {
            extract_follow_node(x, follow,
                                found.object->nodesetval->nodeTab[i],
                                context);
        }
    }

    extract_found_free(&found);

    return rc;
}


static void
extract_follow_node(extract_t *x, const sc_follow_t *follow,
    const xmlNode *node, const char *context)
{
    int  rc;

    sc_buf_reset(&x->text);

    if (extract_follow_reference(x, node, &x->text) != SC_OK
        || x->text.len == 0 || x->follows == FOLLOW_MAX)
    {
        return;
    }

    sc_buf_reset(&x->scratch);

    rc = url_resolve(extract_base(x), x->text.data, x->text.len, &x->scratch);

    if (rc != SC_OK) {
        /* the page fails for want of memory, once all is done */
        x->base.failed |= (rc == SC_ERROR);
        return;
    }

    if (strncmp(x->scratch.data, "http:", 5) != 0
        && strncmp(x->scratch.data, "https:", 6) != 0)
    {
        return;
    }

    if (sc_patterns_fit(&follow->deny, x->scratch.data, x->scratch.len)
        || (follow->allow.n != 0
            && !sc_patterns_fit(&follow->allow, x->scratch.data,
                                x->scratch.len)))
    {
        return;
    }

    extract_follow_link(x, follow, context);
}


static void
extract_follow_link(extract_t *x, const sc_follow_t *follow,
    const char *context)
{
    sc_buf_t  *b = &x->followed;

    sc_buf_add_cstr(b, x->follows++ != 0 ? ",{\"url\":" : "{\"url\":");
    sc_json_string(b, x->scratch.data, x->scratch.len);

    if (follow->ruleset != NULL) {
        sc_buf_add_cstr(b, ",\"ruleset\":");
        sc_json_cstr(b, follow->ruleset);
    }

    if (follow->pagination) {
        sc_buf_add_cstr(b, ",\"pagination\":true");
    }

    if (context != NULL) {
        sc_buf_add_cstr(b, ",\"context\":");
        sc_buf_add_cstr(b, context);
    }

    if (x->rules->name != NULL) {
        sc_buf_add_cstr(b, ",\"set\":");
        sc_json_cstr(b, x->rules->name);
    }

    sc_buf_add_cstr(b, "}");
}


/* Of an element the attribute that leads away, of all else its text. */

static int
extract_follow_reference(extract_t *x, const xmlNode *node, sc_buf_t *out)
{
    size_t       i;
    const char  *value;

    static const char *const  names[] = { "href", "src", "action" };

    if (node->type != XML_ELEMENT_NODE) {
        return extract_value(x, node, SC_GET_RAW, NULL, out);
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        value = dom_attr(node, names[i]);

        if (value != NULL) {
            return sc_buf_add_cstr(out, value);
        }
    }

    return SC_DECLINED;
}


/* A string that names a field becomes that field's value. */

static int
extract_follow_context(extract_t *x, const sc_follow_t *follow,
    sc_str_t data, sc_buf_t *out)
{
    json_t      *context, *values, *value;
    const char  *key;

    if (follow->context == NULL) {
        return SC_OK;
    }

    context = sc_json_of(follow->context, strlen(follow->context), 0, NULL);
    values = sc_json_of(data.data, data.len, JSON_ALLOW_NUL, NULL);

    sc_buf_add_cstr(out, "{");

    json_object_foreach(context, key, value) {
        sc_buf_add_cstr(out, out->len > 1 ? "," : "");
        sc_json_cstr(out, key);
        sc_buf_add_cstr(out, ":");

        if (json_is_string(value) && json_string_value(value)[0] == '$') {
            value = json_object_get(values, json_string_value(value) + 1);
        }

        if (value == NULL) {
            sc_buf_add_cstr(out, "null");

        } else {
            sc_json_value(out, value);
        }
    }

    sc_buf_add_cstr(out, "}");

    json_decref(context);
    json_decref(values);

    if (out->failed) {
        return extract_fail(x->page, "memory is out");
    }

    return SC_OK;
}
