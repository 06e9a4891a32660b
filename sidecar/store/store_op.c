
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_internal.h"


#define STORE_BLOCK    4096


/* A piece of an op's memory. */
struct store_block_s {
    store_block_t  *next;
    size_t          size;
    size_t          used;
    char            bytes[];
};


store_op_t *
store_op_create(store_op_type_t type, void *done, void *data)
{
    store_op_t  *op;

    op = calloc(1, sizeof(store_op_t));

    if (op != NULL) {
        op->type = type;
        op->done = done;
        op->data = data;
    }

    return op;
}


void
store_op_free(store_op_t *op)
{
    store_block_t  *b;

    while ((b = op->memory) != NULL) {
        op->memory = b->next;
        free(b);
    }

    free(op->jobs);
    free(op->results);
    free(op);
}


/* Memory that lasts as long as the op; not aligned. */
void *
store_op_alloc(store_op_t *op, size_t size)
{
    void           *p;
    size_t          room;
    store_block_t  *b = op->memory;

    if (b == NULL || b->size - b->used < size) {
        room = size > STORE_BLOCK ? size : STORE_BLOCK;
        b = malloc(sizeof(store_block_t) + room);
        if (b == NULL) {
            return NULL;
        }

        b->size = room;
        b->used = 0;
        b->next = op->memory;
        op->memory = b;
    }

    p = b->bytes + b->used;
    b->used += size;

    return p;
}


/* Make a view the op's own: its bytes copied, NUL-terminated. */
int
store_op_copy(store_op_t *op, sc_str_t *s)
{
    char  *copy;

    copy = store_op_alloc(op, s->len + 1);
    if (copy == NULL) {
        return SC_ERROR;
    }

    if (s->len > 0) {
        memcpy(copy, s->data, s->len);
    }

    copy[s->len] = '\0';
    s->data = copy;

    return SC_OK;
}


void
store_queue_init(store_queue_t *q)
{
    q->head = NULL;
    q->tail = &q->head;
}


void
store_queue_push(store_queue_t *q, store_op_t *op)
{
    op->next = NULL;
    *q->tail = op;
    q->tail = &op->next;
}


/* All there are, in order; the queue is empty then. */
store_op_t *
store_queue_take(store_queue_t *q)
{
    store_op_t  *ops = q->head;

    store_queue_init(q);

    return ops;
}
