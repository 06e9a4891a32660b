
/*
 * The two halves of microdata: which elements are whose properties, and what
 * they say.
 *
 *     view_microdata.c        items and their JSON
 *     view_microdata_index.c  order of elements, visits and identifiers
 */

#ifndef VIEW_MICRODATA_H
#define VIEW_MICRODATA_H


#include "sidecar/views/view_value.h"


/*
 * What is known of one element.
 *
 * node   the element
 * saved  what its _private was
 * visit  the last item that met it
 */
typedef struct {
    const xmlNode  *node;
    void           *saved;
    uint32_t        visit;
} view_mark_t;


/* An element's id, and the element's place in document order. */
typedef struct {
    const char  *id;
    size_t       order;
} view_id_t;


/*
 * All elements of a document.
 *
 * marks  in document order; the elements' _private is their place here
 * n      elements
 * ids    sorted by id and place; NULL until one is asked for
 * ids_n  ids
 */
typedef struct {
    view_mark_t  *marks;
    size_t        n;
    view_id_t    *ids;
    size_t        ids_n;
} view_index_t;


/*
 * Number a document's elements.  SC_OK, or SC_ERROR when memory is out; then
 * the document is unchanged and the index empty.
 */
int view_index_open(view_index_t *x, const xmlDoc *doc);

/* Put back what was in the elements, and free. */
void view_index_close(view_index_t *x);

/* An element's place in document order. */
size_t view_index_order(const xmlNode *node);

/*
 * The first element of an id, which has len bytes; NULL when there is none.
 * SC_OK or, when memory is out, SC_ERROR.
 */
int view_index_id(view_index_t *x, const char *id, size_t len,
    const xmlNode **node);


#endif /* VIEW_MICRODATA_H */
