
/*
 * A binary min-heap of pointers, keyed by an int64_t that each element keeps
 * in its node.  An element knows its place, so removal is O(log n).
 */

#ifndef HEAP_H
#define HEAP_H


#include <stddef.h>
#include <stdint.h>


#define HEAP_NONE    ((size_t) -1)


/*
 * Embed this in what is kept in a heap.  key may be changed only while the
 * node is outside; index is HEAP_NONE outside, and must be set so before the
 * first use.
 */
typedef struct {
    int64_t  key;
    size_t   index;
} heap_node_t;


/* nodes is owned by the heap, what its elements point to is not. */
typedef struct {
    heap_node_t  **nodes;
    size_t         len;
    size_t         cap;
} heap_t;


void heap_init(heap_t *h);
void heap_free(heap_t *h);

/* Room for n nodes in all: SC_OK, or SC_ERROR when memory is out. */
int heap_reserve(heap_t *h, size_t n);

/*
 * SC_OK, or SC_ERROR when memory is out (the node stays outside), which cannot
 * be where there is room.
 */
int heap_insert(heap_t *h, heap_node_t *node);

/* Take a node out; nothing happens when it is not inside. */
void heap_remove(heap_t *h, heap_node_t *node);

/* The node with the smallest key, or NULL. */
heap_node_t *heap_min(const heap_t *h);


#endif /* HEAP_H */
