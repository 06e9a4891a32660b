
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_microdata.h"


/* bytes of text, or of a list of names, that count as one step */
#define VIEW_ITEM_BYTES  64


/*
 * path   the items around the one at hand, and itself
 * depth  items in path
 * visit  the number of the item at hand, as view_mark_t has it
 * steps  nodes looked at so far
 * text   a value at hand
 */
typedef struct {
    const view_t   *view;
    sc_buf_t       *out;
    const xmlNode  *path[VIEW_MAX_ITEM_DEPTH];
    size_t          depth;
    uint32_t        visit;
    size_t          steps;
    sc_buf_t        text;
    view_index_t    index;
} view_items_t;


/*
 * A name an element is a property under.
 *
 * name   in the attribute, len bytes
 * node   the element
 * order  its place in the document
 * first  the place of the first element of this name
 * lead   the name there
 */
typedef struct {
    const char     *name;
    size_t          len;
    const xmlNode  *node;
    size_t          order;
    size_t          first;
    const char     *lead;
} view_property_t;


/* The properties of one item. */
typedef struct {
    view_property_t  *list;
    size_t            n;
    size_t            room;
} view_properties_t;


/* Where an element other than with text keeps its value. */
typedef struct {
    const char  *tag;
    const char  *attr;
    unsigned     url;
} view_item_value_t;


static int view_items_any(const xmlDoc *doc);
static void view_items_write(view_items_t *m);
static void view_item_write(view_items_t *m, const xmlNode *node);
static void view_item_head(view_items_t *m, const xmlNode *node);
static void view_item_collect(view_items_t *m, const xmlNode *item,
    view_properties_t *p);
static void view_item_crawl(view_items_t *m, const xmlNode *root,
    const xmlNode *from, view_properties_t *p);
static void view_item_add(view_items_t *m, const xmlNode *node,
    const char *names, view_properties_t *p);
static void view_item_sort(view_properties_t *p);
static int view_item_by_name(const void *a, const void *b);
static int view_item_by_place(const void *a, const void *b);
static int view_item_same(const view_property_t *a, const view_property_t *b);
static void view_item_properties(view_items_t *m, view_properties_t *p);
static void view_item_value(view_items_t *m, const xmlNode *node);
static void view_item_nested(view_items_t *m, const xmlNode *node);
static void view_item_url(view_items_t *m, const char *ref);
static int view_item_over(const view_items_t *m);


static const view_item_value_t  view_item_values[] = {
    { "meta",   "content",  0 },
    { "audio",  "src",      1 },
    { "embed",  "src",      1 },
    { "iframe", "src",      1 },
    { "img",    "src",      1 },
    { "source", "src",      1 },
    { "track",  "src",      1 },
    { "video",  "src",      1 },
    { "a",      "href",     1 },
    { "area",   "href",     1 },
    { "link",   "href",     1 },
    { "object", "data",     1 },
    { "data",   "value",    0 },
    { "meter",  "value",    0 },
    { "time",   "datetime", 0 },
};


int
view_microdata(const view_t *v, sc_buf_t *out)
{
    view_items_t  m;

    memset(&m, 0, sizeof(view_items_t));
    m.view = v;
    m.out = out;
    sc_buf_init(&m.text, 0);

    sc_buf_add_cstr(out, "{\"items\":[");

    if (view_items_any(v->doc)) {
        if (view_index_open(&m.index, v->doc) != SC_OK) {
            out->failed = 1;
        }

        view_items_write(&m);
        view_index_close(&m.index);
    }

    sc_buf_add_cstr(out, "]}");
    sc_buf_free(&m.text);

    return out->failed ? SC_ERROR : SC_OK;
}


/* Most pages have none, and need no index. */

static int
view_items_any(const xmlDoc *doc)
{
    const xmlNode  *n, *root;

    root = (const xmlNode *) doc;

    for (n = dom_next(root, root); n != NULL; n = dom_next(n, root)) {
        if (n->type == XML_ELEMENT_NODE && dom_attr(n, "itemscope") != NULL) {
            return 1;
        }
    }

    return 0;
}


static void
view_items_write(view_items_t *m)
{
    size_t          i, items;
    const xmlNode  *n;

    items = 0;

    for (i = 0; i < m->index.n && !view_item_over(m); i++) {
        n = m->index.marks[i].node;

        if (dom_attr(n, "itemscope") != NULL
            && dom_attr(n, "itemprop") == NULL)
        {
            sc_buf_add_cstr(m->out, items++ != 0 ? "," : "");
            view_item_write(m, n);
        }
    }
}


static void
view_item_write(view_items_t *m, const xmlNode *node)
{
    view_properties_t  p;

    memset(&p, 0, sizeof(view_properties_t));
    m->path[m->depth++] = node;

    view_item_head(m, node);
    view_item_collect(m, node, &p);
    view_item_sort(&p);
    view_item_properties(m, &p);
    sc_buf_add_cstr(m->out, "}");

    m->depth--;
    free(p.list);
}


static void
view_item_head(view_items_t *m, const xmlNode *node)
{
    const char  *type, *id;

    type = dom_attr(node, "itemtype");
    id = dom_attr(node, "itemid");

    sc_buf_add_cstr(m->out, "{");

    if (type != NULL && view_value_token(&type) != 0) {
        m->steps += strlen(type) / VIEW_ITEM_BYTES;
        sc_buf_add_cstr(m->out, "\"type\":");
        view_value_tokens(m->out, type);
        sc_buf_add_cstr(m->out, ",");

        if (id != NULL) {
            sc_buf_add_cstr(m->out, "\"id\":");
            view_item_url(m, id);
            sc_buf_add_cstr(m->out, ",");
        }
    }
}


/* The elements in an item, and in those it refers to by their id. */

static void
view_item_collect(view_items_t *m, const xmlNode *item, view_properties_t *p)
{
    size_t          n;
    const char     *refs;
    const xmlNode  *node;

    m->visit++;
    m->index.marks[view_index_order(item)].visit = m->visit;
    view_item_crawl(m, item, dom_next(item, item), p);

    refs = dom_attr(item, "itemref");

    while (refs != NULL && !view_item_over(m)
           && (n = view_value_token(&refs)) != 0)
    {
        if (view_index_id(&m->index, refs, n, &node) != SC_OK) {
            m->out->failed = 1;
        }

        if (node != NULL) {
            view_item_crawl(m, node, node, p);
        }

        m->steps += 1 + n / VIEW_ITEM_BYTES;
        refs += n;
    }
}


/* What this item has met already is passed by, so that nothing is twice. */

static void
view_item_crawl(view_items_t *m, const xmlNode *root, const xmlNode *from,
    view_properties_t *p)
{
    const char     *names;
    const xmlNode  *n;
    view_mark_t    *mark;

    n = from;

    while (n != NULL && !view_item_over(m)) {
        m->steps++;

        if (n->type != XML_ELEMENT_NODE) {
            n = dom_next(n, root);
            continue;
        }

        mark = &m->index.marks[view_index_order(n)];

        if (mark->visit == m->visit) {
            n = dom_after(n, root);
            continue;
        }

        mark->visit = m->visit;
        names = dom_attr(n, "itemprop");

        if (names != NULL) {
            view_item_add(m, n, names, p);
        }

        n = dom_attr(n, "itemscope") != NULL ? dom_after(n, root)
                                             : dom_next(n, root);
    }
}


static void
view_item_add(view_items_t *m, const xmlNode *node, const char *names,
    view_properties_t *p)
{
    size_t            n, room;
    view_property_t  *list;

    while (!view_item_over(m) && (n = view_value_token(&names)) != 0) {
        if (p->n == p->room) {
            room = p->room != 0 ? 2 * p->room : 16;

            list = realloc(p->list, room * sizeof(view_property_t));
            if (list == NULL) {
                m->out->failed = 1;
                return;
            }

            p->list = list;
            p->room = room;
        }

        p->list[p->n].name = names;
        p->list[p->n].len = n;
        p->list[p->n].node = node;
        p->list[p->n].order = view_index_order(node);
        p->n++;

        m->steps += 1 + n / VIEW_ITEM_BYTES;
        names += n;
    }
}


/* Values of a name together, names and values in document order. */

static void
view_item_sort(view_properties_t *p)
{
    size_t            i;
    view_property_t  *one, *before;

    if (p->n == 0) {
        return;
    }

    qsort(p->list, p->n, sizeof(view_property_t), view_item_by_name);

    for (i = 0; i < p->n; i++) {
        one = &p->list[i];
        before = i != 0 ? one - 1 : NULL;

        if (before != NULL && view_item_same(one, before)) {
            one->first = before->first;
            one->lead = before->lead;

        } else {
            one->first = one->order;
            one->lead = one->name;
        }
    }

    qsort(p->list, p->n, sizeof(view_property_t), view_item_by_place);
}


static int
view_item_by_name(const void *a, const void *b)
{
    int                     rc;
    const view_property_t  *one, *two;

    one = a;
    two = b;
    rc = memcmp(one->name, two->name,
                one->len < two->len ? one->len : two->len);

    if (rc != 0) {
        return rc;
    }

    if (one->len != two->len) {
        return one->len < two->len ? -1 : 1;
    }

    if (one->order != two->order) {
        return one->order < two->order ? -1 : 1;
    }

    return (one->name > two->name) - (one->name < two->name);
}


static int
view_item_by_place(const void *a, const void *b)
{
    const view_property_t  *one, *two;

    one = a;
    two = b;

    if (one->first != two->first) {
        return one->first < two->first ? -1 : 1;
    }

    if (one->lead != two->lead) {
        return one->lead < two->lead ? -1 : 1;
    }

    return (one->order > two->order) - (one->order < two->order);
}


static int
view_item_same(const view_property_t *a, const view_property_t *b)
{
    return a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}


static void
view_item_properties(view_items_t *m, view_properties_t *p)
{
    size_t            i;
    view_property_t  *one, *before;

    sc_buf_add_cstr(m->out, "\"properties\":{");

    before = NULL;

    for (i = 0; i < p->n && !view_item_over(m); i++) {
        one = &p->list[i];

        if (before == NULL || one->lead != before->lead) {
            sc_buf_add_cstr(m->out, before != NULL ? "]," : "");
            sc_json_string(m->out, one->name, one->len);
            sc_buf_add_cstr(m->out, ":[");

        } else if (one->node == before->node) {
            /* a name twice in one attribute */
            continue;

        } else {
            sc_buf_add_cstr(m->out, ",");
        }

        view_item_value(m, one->node);
        before = one;
    }

    sc_buf_add_cstr(m->out, before != NULL ? "]}" : "}");
}


static void
view_item_value(view_items_t *m, const xmlNode *node)
{
    size_t                    i;
    const char               *value;
    const view_item_value_t  *kind;

    m->steps++;

    if (dom_attr(node, "itemscope") != NULL) {
        view_item_nested(m, node);
        return;
    }

    for (i = 0; i < sizeof(view_item_values) / sizeof(*kind); i++) {
        kind = &view_item_values[i];

        if (!dom_is(node, kind->tag)) {
            continue;
        }

        value = dom_attr(node, kind->attr);

        if (value == NULL && strcmp(kind->tag, "time") == 0) {
            break;
        }

        value = value != NULL ? value : "";

        if (kind->url) {
            view_item_url(m, value);
            return;
        }

        m->steps += strlen(value) / VIEW_ITEM_BYTES;
        sc_json_cstr(m->out, value);

        return;
    }

    m->steps += view_value_text(&m->text, node, SIZE_MAX,
                                VIEW_MAX_ITEM_STEPS - m->steps);
    m->steps += m->text.len / VIEW_ITEM_BYTES;
    view_value_string(m->out, &m->text);
}


/* An item may refer to one it is in. */

static void
view_item_nested(view_items_t *m, const xmlNode *node)
{
    size_t  i;

    for (i = 0; i < m->depth; i++) {
        if (m->path[i] == node) {
            break;
        }
    }

    if (i < m->depth || m->depth == VIEW_MAX_ITEM_DEPTH) {
        sc_json_cstr(m->out, "ERROR");

    } else {
        view_item_write(m, node);
    }
}


static void
view_item_url(view_items_t *m, const char *ref)
{
    m->steps += 1 + strnlen(ref, VIEW_MAX_ITEM_STEPS) / VIEW_ITEM_BYTES;

    if (view_value_url(m->view, ref, &m->text) == SC_ERROR) {
        m->out->failed = 1;
    }

    view_value_string(m->out, &m->text);
}


static int
view_item_over(const view_items_t *m)
{
    return m->out->failed || m->steps >= VIEW_MAX_ITEM_STEPS;
}
