
#include <stdlib.h>

#include <utlist.h>

#include "sidecar/frontier/frontier_internal.h"


int
frontier_call_add(frontier_call_t **list, frontier_done_pt done, void *data)
{
    frontier_call_t  *c;

    c = calloc(1, sizeof(frontier_call_t));
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done = done;
    c->data = data;
    DL_APPEND(*list, c);

    return SC_OK;
}


void
frontier_call_all(frontier_call_t **list, store_status_t status)
{
    frontier_call_t  *c;

    while ((c = *list) != NULL) {
        DL_DELETE(*list, c);
        c->done(c->data, status);
        free(c);
    }
}


/* From the list frontier_forget() can take them. */
void
frontier_call_later(frontier_t *f, frontier_call_t **list,
    store_status_t status)
{
    frontier_call_t  *c;

    DL_FOREACH(*list, c) {
        c->status = status;
    }

    DL_CONCAT(f->calls, *list);
    *list = NULL;
    loop_defer(f->loop, &f->call_task);
}


void
frontier_call_forget(frontier_call_t **list, void *data)
{
    frontier_call_t  *c, *tmp;

    DL_FOREACH_SAFE(*list, c, tmp) {
        if (data == NULL || c->data == data) {
            DL_DELETE(*list, c);
            free(c);
        }
    }
}


void
frontier_call_task(loop_task_t *task)
{
    frontier_t       *f = task->data;
    frontier_call_t  *c;

    while ((c = f->calls) != NULL) {
        DL_DELETE(f->calls, c);
        c->done(c->data, c->status);
        free(c);
    }
}
