
#include <stdlib.h>
#include <string.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_microdata.h"


static size_t view_index_count(const xmlDoc *doc);
static int view_index_ids(view_index_t *x);
static int view_index_compare(const void *a, const void *b);
static int view_index_compare_id(const char *id, size_t len, const char *to);


int
view_index_open(view_index_t *x, const xmlDoc *doc)
{
    size_t          n;
    xmlNode        *element;
    const xmlNode  *node, *root;

    memset(x, 0, sizeof(view_index_t));
    n = view_index_count(doc);

    x->marks = calloc(n + 1, sizeof(view_mark_t));
    if (x->marks == NULL) {
        return SC_ERROR;
    }

    root = (const xmlNode *) doc;

    for (node = dom_next(root, root);
         node != NULL;
         node = dom_next(node, root))
    {
        if (node->type != XML_ELEMENT_NODE) {
            continue;
        }

        /* changed while the views run, and put back */
        element = (xmlNode *) node;

        x->marks[x->n].node = node;
        x->marks[x->n].saved = element->_private;
        element->_private = (void *) (uintptr_t) x->n++;
    }

    return SC_OK;
}


void
view_index_close(view_index_t *x)
{
    size_t    i;
    xmlNode  *element;

    for (i = 0; i < x->n; i++) {
        element = (xmlNode *) x->marks[i].node;
        element->_private = x->marks[i].saved;
    }

    free(x->marks);
    free(x->ids);
    memset(x, 0, sizeof(view_index_t));
}


size_t
view_index_order(const xmlNode *node)
{
    return (size_t) (uintptr_t) node->_private;
}


int
view_index_id(view_index_t *x, const char *id, size_t len,
    const xmlNode **node)
{
    int     rc;
    size_t  low, high, middle;

    *node = NULL;

    if (x->ids == NULL && view_index_ids(x) != SC_OK) {
        return SC_ERROR;
    }

    low = 0;
    high = x->ids_n;

    /* the first that is not less: of equal ones the first in the document */
    while (low < high) {
        middle = low + (high - low) / 2;
        rc = view_index_compare_id(id, len, x->ids[middle].id);

        if (rc > 0) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    if (low < x->ids_n
        && view_index_compare_id(id, len, x->ids[low].id) == 0)
    {
        *node = x->marks[x->ids[low].order].node;
    }

    return SC_OK;
}


static size_t
view_index_count(const xmlDoc *doc)
{
    size_t          n;
    const xmlNode  *node, *root;

    n = 0;
    root = (const xmlNode *) doc;

    for (node = dom_next(root, root);
         node != NULL;
         node = dom_next(node, root))
    {
        n += (node->type == XML_ELEMENT_NODE);
    }

    return n;
}


static int
view_index_ids(view_index_t *x)
{
    size_t       i;
    const char  *id;

    x->ids = calloc(x->n + 1, sizeof(view_id_t));
    if (x->ids == NULL) {
        return SC_ERROR;
    }

    for (i = 0; i < x->n; i++) {
        id = dom_attr(x->marks[i].node, "id");

        if (id != NULL && *id != '\0') {
            x->ids[x->ids_n].id = id;
            x->ids[x->ids_n++].order = i;
        }
    }

    qsort(x->ids, x->ids_n, sizeof(view_id_t), view_index_compare);

    return SC_OK;
}


static int
view_index_compare(const void *a, const void *b)
{
    int               rc;
    const view_id_t  *one, *two;

    one = a;
    two = b;
    rc = strcmp(one->id, two->id);

    if (rc == 0) {
        rc = (one->order > two->order) - (one->order < two->order);
    }

    return rc;
}


static int
view_index_compare_id(const char *id, size_t len, const char *to)
{
    int  rc;

    rc = strncmp(id, to, len);

    return rc != 0 || to[len] == '\0' ? rc : -1;
}
