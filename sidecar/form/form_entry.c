
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/page/dom.h"
#include "sidecar/form/form_internal.h"


static void form_entry(form_entries_t *e, const form_control_t *c,
    const char *name);
static void form_checked(form_entries_t *e, const xmlNode *node,
    const char *name);
static void form_value(form_entries_t *e, const form_control_t *c,
    const char *name);
static void form_textarea(form_entries_t *e, const xmlNode *node,
    const char *name);
static void form_select(form_entries_t *e, const xmlNode *node,
    const char *name);
static int form_is_list(const xmlNode *select);
static int form_is_off(const xmlNode *option);
static void form_selected(form_entries_t *e, const xmlNode *option,
    const char *name);
static void form_text(form_entries_t *e, const xmlNode *node);
static void form_collapse(sc_buf_t *text);
static void form_pair(form_entries_t *e, const char *name,
    const char *value);
static void form_encode(sc_buf_t *out, const char *s);


void
form_serialize(form_entries_t *e)
{
    size_t                 i, n, at;
    const char            *name;
    const form_control_t  *c;

    c = (const form_control_t *) e->controls.data;
    n = e->controls.len / sizeof(form_control_t);

    for (i = 0; i < n; i++) {
        name = dom_attr(c[i].node, "name");

        if (name == NULL || name[0] == '\0'
            || (c[i].kind == FORM_SUBMIT && c[i].node != e->submit))
        {
            continue;
        }

        at = form_filled(e, name);

        if (at == e->nfill) {
            form_entry(e, &c[i], name);

        } else if (!e->used[at]) {
            e->used[at] = 1;
            form_pair(e, name, e->fill[at].value);
        }
    }

    for (i = 0; i < e->nfill; i++) {
        if (!e->used[i]) {
            form_pair(e, e->fill[i].name, e->fill[i].value);
        }
    }
}


size_t
form_filled(const form_entries_t *e, const char *name)
{
    size_t  i;

    for (i = 0; i < e->nfill && strcmp(e->fill[i].name, name) != 0; i++) {
        /* void */
    }

    return i;
}


static void
form_entry(form_entries_t *e, const form_control_t *c, const char *name)
{
    switch (c->kind) {

    case FORM_CHECKBOX:
    case FORM_RADIO:
        form_checked(e, c->node, name);
        break;

    case FORM_VALUE:
    case FORM_LINE:
    case FORM_SUBMIT:
        form_value(e, c, name);
        break;

    case FORM_FILE:
        form_pair(e, name, "");
        break;

    case FORM_SELECT:
        form_select(e, c->node, name);
        break;

    case FORM_TEXTAREA:
        form_textarea(e, c->node, name);
        break;

    case FORM_NONE:
        break;
    }
}


static void
form_checked(form_entries_t *e, const xmlNode *node, const char *name)
{
    const char  *value;

    if (dom_attr(node, "checked") != NULL) {
        value = dom_attr(node, "value");
        form_pair(e, name, value != NULL ? value : "on");
    }
}


static void
form_value(form_entries_t *e, const form_control_t *c, const char *name)
{
    size_t       n;
    const char  *value;

    value = dom_attr(c->node, "value");

    if (c->kind == FORM_VALUE && strcasecmp(name, "_charset_") == 0) {
        value = "UTF-8";
    }

    if (value == NULL) {
        value = "";
    }

    if (c->kind != FORM_LINE) {
        form_pair(e, name, value);
        return;
    }

    sc_buf_reset(&e->text);

    for (n = strcspn(value, "\r\n"); value[n] != '\0';
         n = strcspn(value, "\r\n"))
    {
        (void) sc_buf_add(&e->text, value, n);
        value += n + 1;
    }

    (void) sc_buf_add(&e->text, value, n);
    form_pair(e, name, e->text.data);
}


/* The line end that a start tag may have after it is not of the text. */

static void
form_textarea(form_entries_t *e, const xmlNode *node, const char *name)
{
    const char  *text;

    form_text(e, node);
    text = e->text.data;

    if (text == NULL) {
        text = "";
    }

    if (strncmp(text, "\r\n", 2) == 0) {
        text += 2;

    } else if (text[0] == '\n' || text[0] == '\r') {
        text++;
    }

    form_pair(e, name, text);
}


/*
 * The last option that is selected, and in a closed list without one, the
 * first that may be: even a disabled one is selected when the page says so.
 */

static void
form_select(form_entries_t *e, const xmlNode *node, const char *name)
{
    int             many;
    const xmlNode  *n, *first, *last;

    many = (dom_attr(node, "multiple") != NULL);
    first = NULL;
    last = NULL;

    for (n = dom_next(node, node); n != NULL; n = dom_next(n, node)) {
        if (!dom_is(n, "option")) {
            continue;
        }

        if (dom_attr(n, "selected") != NULL) {
            last = n;

            if (many && !form_is_off(n)) {
                form_selected(e, n, name);
            }

        } else if (first == NULL && !form_is_off(n)) {
            first = n;
        }
    }

    if (many) {
        return;
    }

    if (last == NULL && !form_is_list(node)) {
        last = first;
    }

    if (last != NULL && !form_is_off(last)) {
        form_selected(e, last, name);
    }
}


/* Whether more than one option is shown at a time. */

static int
form_is_list(const xmlNode *select)
{
    const char  *size;

    size = dom_attr(select, "size");

    return size != NULL && strtol(size, NULL, 10) > 1;
}


static int
form_is_off(const xmlNode *option)
{
    return dom_attr(option, "disabled") != NULL
           || (dom_is(option->parent, "optgroup")
               && dom_attr(option->parent, "disabled") != NULL);
}


static void
form_selected(form_entries_t *e, const xmlNode *option, const char *name)
{
    const char  *value;

    value = dom_attr(option, "value");

    if (value == NULL) {
        form_text(e, option);
        form_collapse(&e->text);
        value = e->text.data;
    }

    form_pair(e, name, value != NULL ? value : "");
}


static void
form_text(form_entries_t *e, const xmlNode *node)
{
    const xmlNode  *n;

    if (e->text.failed == SC_BUF_MEMORY) {
        return;
    }

    sc_buf_reset(&e->text);
    (void) sc_buf_add(&e->text, "", 0);

    for (n = dom_next(node, node); n != NULL; n = dom_next(n, node)) {
        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
            && n->content != NULL)
        {
            (void) sc_buf_add_cstr(&e->text, (const char *) n->content);
        }
    }
}


/* Each run of white space is one space, and there is none at the ends. */

static void
form_collapse(sc_buf_t *text)
{
    char    c;
    size_t  i, n;

    n = 0;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (strchr(" \t\n\f\r", c) == NULL) {
            text->data[n++] = c;

        } else if (n != 0 && text->data[n - 1] != ' ') {
            text->data[n++] = ' ';
        }
    }

    if (n != 0 && text->data[n - 1] == ' ') {
        n--;
    }

    if (text->data != NULL) {
        text->len = n;
        text->data[n] = '\0';
    }
}


static void
form_pair(form_entries_t *e, const char *name, const char *value)
{
    if (e->query.len != 0) {
        (void) sc_buf_add_cstr(&e->query, "&");
    }

    form_encode(&e->query, name);
    (void) sc_buf_add_cstr(&e->query, "=");
    form_encode(&e->query, value != NULL ? value : "");
}


/* The serializer of the URL standard; line ends are CR LF, as HTML has it. */

static void
form_encode(sc_buf_t *out, const char *s)
{
    size_t               n;
    static const char    hex[] = "0123456789ABCDEF";
    const unsigned char *p;

    for (p = (const unsigned char *) s; *p != '\0'; p++) {
        n = strspn((const char *) p, "abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789*-._");
        (void) sc_buf_add(out, p, n);
        p += n;

        if (*p == '\0') {
            return;
        }

        if (*p == ' ') {
            (void) sc_buf_add_cstr(out, "+");

        } else if (*p == '\r' || *p == '\n') {
            (void) sc_buf_add_cstr(out, "%0D%0A");
            p += (p[0] == '\r' && p[1] == '\n');

        } else {
            (void) sc_buf_printf(out, "%%%c%c", hex[*p >> 4], hex[*p & 15]);
        }
    }
}
