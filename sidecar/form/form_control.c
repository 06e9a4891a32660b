
#include <string.h>
#include <strings.h>

#include <libxml/hash.h>

#include "sidecar/page/dom.h"
#include "sidecar/form/form_internal.h"


/*
 * Where the walk over a document is.  The numbers count open elements.
 *
 * id        the form's, for controls that name it; NULL when another element
 *           has the same before it
 * inside    in the form, 0 or 1
 * nested    in another form inside it
 * disabled  in a fieldset that disables what is here
 * unused    in what is no control's place: a datalist or a template
 */
typedef struct {
    form_entries_t  *e;
    const char      *id;
    int              inside;
    int              nested;
    int              disabled;
    int              unused;
} form_walk_t;


typedef struct {
    const char   *type;
    form_kind_t   kind;
} form_type_t;


static const char *form_id(const xmlNode *form);
static void form_walk(form_walk_t *w, const xmlNode *root);
static void form_enter(form_walk_t *w, const xmlNode *node);
static void form_count(form_walk_t *w, const xmlNode *node, int step);
static int form_is_legend(const xmlNode *node);
static void form_control(form_walk_t *w, const xmlNode *node);
static form_kind_t form_typed(const xmlNode *node, const form_type_t *types,
    form_kind_t other);
static void form_radios(form_entries_t *e);


/* an input that is not here takes a line of text, a button submits */

static const form_type_t  form_inputs[] = {
    { "hidden", FORM_VALUE },
    { "checkbox", FORM_CHECKBOX },
    { "radio", FORM_RADIO },
    { "submit", FORM_SUBMIT },
    { "file", FORM_FILE },
    { "image", FORM_NONE },
    { "reset", FORM_NONE },
    { "button", FORM_NONE },
    { NULL, FORM_NONE }
};


static const form_type_t  form_buttons[] = {
    { "reset", FORM_NONE },
    { "button", FORM_NONE },
    { NULL, FORM_NONE }
};


void
form_collect(form_entries_t *e)
{
    form_walk_t  w;

    memset(&w, 0, sizeof(form_walk_t));
    w.e = e;
    w.id = form_id(e->form);

    form_walk(&w, (const xmlNode *) e->form->doc);
    form_radios(e);
}


form_kind_t
form_kind(const xmlNode *node)
{
    if (dom_is(node, "input")) {
        return form_typed(node, form_inputs, FORM_LINE);
    }

    if (dom_is(node, "button")) {
        return form_typed(node, form_buttons, FORM_SUBMIT);
    }

    if (dom_is(node, "select")) {
        return FORM_SELECT;
    }

    return dom_is(node, "textarea") ? FORM_TEXTAREA : FORM_NONE;
}


static const char *
form_id(const xmlNode *form)
{
    const char     *id, *other;
    const xmlNode  *n, *root = (const xmlNode *) form->doc;

    id = dom_attr(form, "id");

    if (id == NULL) {
        return NULL;
    }

    for (n = dom_next(root, root); n != form; n = dom_next(n, root)) {
        other = (n->type == XML_ELEMENT_NODE) ? dom_attr(n, "id") : NULL;

        if (other != NULL && strcmp(other, id) == 0) {
            return NULL;
        }
    }

    return id;
}


/* Not by recursion: a page may be as deep as it likes. */

static void
form_walk(form_walk_t *w, const xmlNode *root)
{
    const xmlNode  *n;

    n = root->children;

    while (n != NULL) {
        if (n->type == XML_ELEMENT_NODE) {
            form_enter(w, n);

            if (n->children != NULL) {
                n = n->children;
                continue;
            }

            form_count(w, n, -1);
        }

        while (n->next == NULL) {
            n = n->parent;

            if (n == root) {
                return;
            }

            form_count(w, n, -1);
        }

        n = n->next;
    }
}


static void
form_enter(form_walk_t *w, const xmlNode *node)
{
    form_count(w, node, 1);

    if (w->unused == 0) {
        form_control(w, node);
    }
}


/* An element that opens or closes; the first legend is as if outside. */

static void
form_count(form_walk_t *w, const xmlNode *node, int step)
{
    if (node == w->e->form) {
        w->inside += step;

    } else if (dom_is(node, "form")) {
        w->nested += step * w->inside;

    } else if (dom_is(node, "fieldset")) {
        w->disabled += (dom_attr(node, "disabled") != NULL) ? step : 0;

    } else if (dom_is(node, "legend")) {
        w->disabled -= form_is_legend(node) ? step : 0;

    } else if (dom_is(node, "datalist") || dom_is(node, "template")) {
        w->unused += step;
    }
}


static int
form_is_legend(const xmlNode *node)
{
    if (!dom_is(node->parent, "fieldset")
        || dom_attr(node->parent, "disabled") == NULL)
    {
        return 0;
    }

    do {
        node = node->prev;
    } while (node != NULL && !dom_is(node, "legend"));

    return node == NULL;
}


static void
form_control(form_walk_t *w, const xmlNode *node)
{
    int              owned;
    const char      *id;
    form_control_t   c;

    c.kind = form_kind(node);
    c.node = node;

    if (c.kind == FORM_NONE) {
        return;
    }

    id = dom_attr(node, "form");

    if (id != NULL) {
        owned = (w->id != NULL && strcmp(id, w->id) == 0);

    } else {
        owned = (w->inside && w->nested == 0);
    }

    if (owned && w->disabled == 0 && dom_attr(node, "disabled") == NULL) {
        (void) sc_buf_add(&w->e->controls, &c, sizeof(form_control_t));
    }
}


static form_kind_t
form_typed(const xmlNode *node, const form_type_t *types, form_kind_t other)
{
    const char  *type;

    type = dom_attr(node, "type");

    if (type == NULL) {
        return other;
    }

    for ( /* void */ ; types->type != NULL; types++) {
        if (strcasecmp(types->type, type) == 0) {
            return types->kind;
        }
    }

    return other;
}


/* Of the checked ones of a name the last stays so. */

static void
form_radios(form_entries_t *e)
{
    size_t            i;
    const char       *name;
    form_control_t   *c;
    xmlHashTablePtr   seen;

    c = (form_control_t *) e->controls.data;
    seen = NULL;

    for (i = e->controls.len / sizeof(form_control_t); i-- > 0; /* void */ ) {
        if (c[i].kind != FORM_RADIO || dom_attr(c[i].node, "checked") == NULL
            || (name = dom_attr(c[i].node, "name")) == NULL)
        {
            continue;
        }

        if (seen == NULL && (seen = xmlHashCreate(16)) == NULL) {
            e->controls.failed = 1;
            return;
        }

        if (xmlHashAddEntry(seen, BAD_CAST name, c + i) != 0) {
            c[i].kind = FORM_NONE;
        }
    }

    xmlHashFree(seen, NULL);
}
