
/*
 * What elements of a page say of it, for view_meta() and view_meta_value().
 *
 *     view_meta.c       finds the elements, and what they say under a name
 *     view_meta_json.c  makes the view of it
 */

#ifndef VIEW_META_H
#define VIEW_META_H


#include "sidecar/views/view_value.h"


/*
 * The elements that say something of the page, in document order, wherever
 * they are: pages have them in their body too.
 */
typedef struct {
    const view_t   *view;
    size_t          n;
    const xmlNode  *nodes[VIEW_MAX_META];
} view_head_t;


/* Collect the first VIEW_MAX_META elements. */
void view_meta_head(const view_t *v, view_head_t *head);

/*
 * view_meta_value() or, with all, view_meta_values() of elements that are
 * collected.
 */
int view_meta_find(const view_head_t *head, const char *name, int all,
    sc_buf_t *out);

/*
 * Append an attribute's text, collapsed.  SC_OK, SC_DECLINED when that is
 * empty, SC_ERROR.
 */
int view_meta_text(const char *text, sc_buf_t *out);


#endif /* VIEW_META_H */
