
/*
 * How alike two pages are built.  A page's sequence of element names, in
 * document order, is cut into runs of VIEW_SKETCH_RUN; the sketch is a MinHash
 * (Broder 1997) of the set of these runs, so that two sketches tell how much
 * of both pages' runs they have in common without the pages being kept.
 *
 * Text, attributes and how often a part is repeated do not count.  Pages of
 * one template are usually at 0.6 and above, pages of different ones below
 * 0.25.
 */

#ifndef VIEW_SKETCH_H
#define VIEW_SKETCH_H


#include <stddef.h>
#include <stdint.h>

#include <libxml/tree.h>


#define VIEW_SKETCH_SIZE      128
#define VIEW_SKETCH_RUN       4

/* elements of a page that count, from its begin */
#define VIEW_SKETCH_ELEMENTS  100000

/* hexadecimal digits of a sketch, without a NUL */
#define VIEW_SKETCH_TEXT      1024


/* slots  the least of each hash function over the page's runs */
typedef struct {
    uint32_t  slots[VIEW_SKETCH_SIZE];
} view_sketch_t;


/*
 * Make the sketch of a document: SC_OK, or SC_DECLINED when it has no element
 * (the sketch is then the one of nothing).  The same on every machine.
 */
int view_sketch(const xmlDoc *doc, view_sketch_t *out);

/* Write a sketch as VIEW_SKETCH_TEXT digits and a NUL. */
void view_sketch_text(const view_sketch_t *s, char *hex);

/* Read it back: SC_OK, or SC_ERROR when it is anything else. */
int view_sketch_parse(const char *hex, size_t len, view_sketch_t *out);

/*
 * How alike, 0 to 1: an estimate of the Jaccard index of both sets of runs,
 * whose standard deviation is below 0.045.
 */
double view_sketch_ratio(const view_sketch_t *a, const view_sketch_t *b);


#endif /* VIEW_SKETCH_H */
