
/*
 * What transforms need apart from the page; extract_transform() itself is in
 * extract_internal.h.
 */

#ifndef EXTRACT_TRANSFORM_H
#define EXTRACT_TRANSFORM_H


#include "common/sc_buf.h"


/* texts a value may be split into; the rest is left out, and told */
#define EXTRACT_MAX_PARTS  1048576


/*
 * Load what transforms need from files: how letters change their case, of the
 * locale C.UTF-8, and make the table of HTML's entities.  Once, before the
 * process is closed in; without it the first use does the same.  SC_OK, or
 * SC_ERROR when there is no such locale or no memory; errno says which.
 */
int extract_transform_prepare(void);

/*
 * extract_tags.c: append the text of markup: tags, comments, declarations,
 * scripts and style sheets are left out, the references of HTML 4, decimal
 * and hexadecimal ones are characters, CDATA is text.  A tag that ends or
 * begins a line or a block, such as <br>, <td> or <p>, is a space; white
 * space is not collapsed.  An open tag or comment lasts to the end.
 */
void extract_strip_tags(sc_str_t markup, sc_buf_t *out);

/* The table of entities; SC_OK or SC_ERROR when memory is out. */
int extract_tags_prepare(void);


#endif /* EXTRACT_TRANSFORM_H */
