
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sidecar/page/dom.h"
#include "sidecar/form/form_internal.h"
#include "sidecar/url/url.h"


static const xmlNode *form_named(const xmlNode *node, const char *id);
static void form_button(form_entries_t *e);
static int form_send(form_entries_t *e, const char *url, form_t *form);
static const char *form_option(const form_entries_t *e, const char *name,
    const char *button);
static int form_method(const form_entries_t *e, form_t *form);
static int form_action(const form_entries_t *e, const char *url,
    form_t *form);
static void form_cut(sc_buf_t *url, const char *set);
static int form_fail(form_t *form, const char *detail);


const xmlNode *
form_of(const xmlNode *node)
{
    const char  *id;

    if (node->type == XML_NAMESPACE_DECL) {
        return NULL;
    }

    if (form_kind(node) != FORM_NONE) {
        id = dom_attr(node, "form");

        if (id != NULL) {
            node = form_named(node, id);
            return dom_is(node, "form") ? node : NULL;
        }
    }

    while (node != NULL && !dom_is(node, "form")) {
        node = node->parent;
    }

    return node;
}


int
form_submit(const xmlNode *node, const char *url, const form_fill_t *fill,
    size_t nfill, form_t *form)
{
    int             rc;
    form_entries_t  e;

    form->detail[0] = '\0';

    if (nfill > FORM_MAX_FILL) {
        return form_fail(form, "too many values to fill in");
    }

    memset(&e, 0, sizeof(form_entries_t));
    e.form = node;
    e.fill = fill;
    e.nfill = nfill;
    sc_buf_init(&e.controls, 0);
    sc_buf_init(&e.query, form->body.max);
    sc_buf_init(&e.text, form->body.max);

    form_collect(&e);
    form_button(&e);

    rc = form_send(&e, url, form);

    sc_buf_free(&e.text);
    sc_buf_free(&e.query);
    sc_buf_free(&e.controls);

    return rc;
}


static const xmlNode *
form_named(const xmlNode *node, const char *id)
{
    const char     *name;
    const xmlNode  *n, *root = (const xmlNode *) node->doc;

    for (n = dom_next(root, root); n != NULL; n = dom_next(n, root)) {
        if (n->type != XML_ELEMENT_NODE) {
            continue;
        }

        name = dom_attr(n, "id");

        if (name != NULL && strcmp(name, id) == 0) {
            return n;
        }
    }

    return NULL;
}


/* The better one's rank is higher, and of two the first is taken. */

static void
form_button(form_entries_t *e)
{
    int                    rank, best;
    size_t                 i, n, at;
    const char            *name, *value;
    const form_control_t  *c;

    c = (const form_control_t *) e->controls.data;
    n = e->controls.len / sizeof(form_control_t);
    best = 0;

    for (i = 0; i < n && best < 3; i++) {
        if (c[i].kind != FORM_SUBMIT) {
            continue;
        }

        rank = 1;
        name = dom_attr(c[i].node, "name");
        at = (name != NULL) ? form_filled(e, name) : e->nfill;

        if (at < e->nfill) {
            value = dom_attr(c[i].node, "value");
            rank = (value != NULL && strcmp(value, e->fill[at].value) == 0)
                   ? 3 : 2;
        }

        if (rank > best) {
            best = rank;
            e->submit = c[i].node;
        }
    }
}


static int
form_send(form_entries_t *e, const char *url, form_t *form)
{
    if (form_method(e, form) != SC_OK || form_action(e, url, form) != SC_OK) {
        return SC_ERROR;
    }

    form_serialize(e);

    if (form->method[0] == 'G') {
        form_cut(&form->url, "?#");
        (void) sc_buf_add_cstr(&form->url, "?");
        (void) sc_buf_add(&form->url, e->query.data, e->query.len);

    } else {
        form_cut(&form->url, "#");
        (void) sc_buf_add(&form->body, e->query.data, e->query.len);
    }

    if (e->controls.failed || e->query.failed || e->text.failed
        || form->url.failed || form->body.failed)
    {
        return form_fail(form, "what the form sends is too long");
    }

    return SC_OK;
}


/* The button's own word comes before the form's. */

static const char *
form_option(const form_entries_t *e, const char *name, const char *button)
{
    const char  *value;

    value = (e->submit != NULL) ? dom_attr(e->submit, button) : NULL;

    if (value == NULL) {
        value = dom_attr(e->form, name);
    }

    return value != NULL ? value : "";
}


static int
form_method(const form_entries_t *e, form_t *form)
{
    size_t                    i;
    const char               *method, *enctype;
    static const char *const  others[] = { "multipart/form-data",
                                           "text/plain" };

    method = form_option(e, "method", "formmethod");
    enctype = form_option(e, "enctype", "formenctype");
    form->method = "GET";

    if (strcasecmp(method, "dialog") == 0) {
        return form_fail(form, "the form closes a dialog and sends nothing");
    }

    if (strcasecmp(method, "post") != 0) {
        return SC_OK;
    }

    form->method = "POST";

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcasecmp(enctype, others[i]) == 0) {
            (void) snprintf(form->detail, sizeof(form->detail),
                            "the form wants %s", others[i]);
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* Without an action it is the document's own URL, not its base. */

static int
form_action(const form_entries_t *e, const char *url, form_t *form)
{
    int          rc;
    sc_buf_t     base;
    const char  *action;

    action = form_option(e, "action", "formaction");

    if (action[0] == '\0') {
        rc = sc_buf_add_cstr(&form->url, url);

    } else {
        sc_buf_init(&base, 0);
        dom_base(e->form->doc, url, &base);

        rc = base.failed ? SC_ERROR
                         : url_resolve(base.data, action, strlen(action),
                                       &form->url);
        sc_buf_free(&base);
    }

    if (rc == SC_ERROR) {
        return form_fail(form, "memory is out");
    }

    if (rc != SC_OK || (strncasecmp(form->url.data, "http://", 7) != 0
                        && strncasecmp(form->url.data, "https://", 8) != 0))
    {
        (void) snprintf(form->detail, sizeof(form->detail),
                        "the form's action \"%.120s\" is not an http or "
                        "https URL", action);
        return SC_ERROR;
    }

    return SC_OK;
}


static void
form_cut(sc_buf_t *url, const char *set)
{
    url->len = strcspn(url->data, set);
    url->data[url->len] = '\0';
}


static int
form_fail(form_t *form, const char *detail)
{
    (void) snprintf(form->detail, sizeof(form->detail), "%s", detail);

    return SC_ERROR;
}
