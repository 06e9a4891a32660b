
#include <stdlib.h>

#include "common/sc_core.h"
#include "sidecar/loop/heap.h"


#define HEAP_MIN_CAP  64


static int heap_grow(heap_t *h);
static void heap_up(heap_t *h, size_t i, heap_node_t *node);
static void heap_down(heap_t *h, size_t i, heap_node_t *node);
static void heap_put(heap_t *h, size_t i, heap_node_t *node);


void
heap_init(heap_t *h)
{
    h->nodes = NULL;
    h->len = 0;
    h->cap = 0;
}


void
heap_free(heap_t *h)
{
    free(h->nodes);
    heap_init(h);
}


int
heap_reserve(heap_t *h, size_t n)
{
    while (h->cap < n) {
        if (heap_grow(h) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


int
heap_insert(heap_t *h, heap_node_t *node)
{
    if (heap_reserve(h, h->len + 1) != SC_OK) {
        return SC_ERROR;
    }

    heap_up(h, h->len++, node);

    return SC_OK;
}


void
heap_remove(heap_t *h, heap_node_t *node)
{
    size_t        i;
    heap_node_t  *last;

    i = node->index;

    if (i == HEAP_NONE) {
        return;
    }

    node->index = HEAP_NONE;
    last = h->nodes[--h->len];

    if (last == node) {
        return;
    }

    /* the last node fills the gap, and may belong above it or below */

    if (i > 0 && last->key < h->nodes[(i - 1) / 2]->key) {
        heap_up(h, i, last);

    } else {
        heap_down(h, i, last);
    }
}


heap_node_t *
heap_min(const heap_t *h)
{
    return h->len != 0 ? h->nodes[0] : NULL;
}


static int
heap_grow(heap_t *h)
{
    size_t         cap;
    heap_node_t  **nodes;

    /* never given back: a heap that was full once is likely to be again */

    cap = h->cap != 0 ? h->cap * 2 : HEAP_MIN_CAP;

    nodes = reallocarray(h->nodes, cap, sizeof(heap_node_t *));
    if (nodes == NULL) {
        return SC_ERROR;
    }

    h->nodes = nodes;
    h->cap = cap;

    return SC_OK;
}


/* Both carry the gap at i to where node belongs, then fill it. */

static void
heap_up(heap_t *h, size_t i, heap_node_t *node)
{
    size_t  parent;

    while (i > 0) {
        parent = (i - 1) / 2;

        if (h->nodes[parent]->key <= node->key) {
            break;
        }

        heap_put(h, i, h->nodes[parent]);
        i = parent;
    }

    heap_put(h, i, node);
}


static void
heap_down(heap_t *h, size_t i, heap_node_t *node)
{
    size_t  child;

    for ( ;; ) {
        child = i * 2 + 1;

        if (child >= h->len) {
            break;
        }

        if (child + 1 < h->len
            && h->nodes[child + 1]->key < h->nodes[child]->key)
        {
            child++;
        }

        if (node->key <= h->nodes[child]->key) {
            break;
        }

        heap_put(h, i, h->nodes[child]);
        i = child;
    }

    heap_put(h, i, node);
}


static void
heap_put(heap_t *h, size_t i, heap_node_t *node)
{
    h->nodes[i] = node;
    node->index = i;
}
