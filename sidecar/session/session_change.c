
#include <stdlib.h>

#include <utlist.h>

#include "sidecar/session/session_internal.h"


static session_op_t *session_op(sessions_t *sessions, session_done_pt done,
    void *data);
static int session_op_open(session_op_t *op, sc_str_t tenant, sc_str_t name,
    session_pt opened);
static void session_replace(void *data, store_status_t status,
    session_t *session);
static void session_replaced(void *data, store_status_t status);
static void session_erase(void *data, store_status_t status,
    session_t *session);
static void session_op_done(void *data, store_status_t status);


int
session_put(sessions_t *sessions, sc_str_t tenant, sc_str_t name,
    sc_str_t text, session_format_t format, session_done_pt done, void *data,
    session_error_t *err)
{
    int            rc;
    session_op_t  *op;

    op = session_op(sessions, done, data);
    if (op == NULL) {
        return SC_ERROR;
    }

    rc = session_read(&op->doc, text, format, 0, err);

    if (rc == SC_OK) {
        rc = session_op_open(op, tenant, name, session_replace);
    }

    if (rc != SC_OK) {
        session_op_free(op);
    }

    return rc;
}


int
session_delete(sessions_t *sessions, sc_str_t tenant, sc_str_t name,
    session_done_pt done, void *data)
{
    session_op_t  *op;

    op = session_op(sessions, done, data);
    if (op == NULL) {
        return SC_ERROR;
    }

    if (session_op_open(op, tenant, name, session_erase) != SC_OK) {
        session_op_free(op);
        return SC_ERROR;
    }

    return SC_OK;
}


static session_op_t *
session_op(sessions_t *sessions, session_done_pt done, void *data)
{
    session_op_t  *op;

    op = calloc(1, sizeof(session_op_t));
    if (op == NULL) {
        return NULL;
    }

    op->sessions = sessions;
    op->done = done;
    op->data = data;
    session_doc_init(&op->doc);
    DL_APPEND(sessions->ops, op);

    return op;
}


static int
session_op_open(session_op_t *op, sc_str_t tenant, sc_str_t name,
    session_pt opened)
{
    op->open = session_open(op->sessions, tenant, name, opened, op);

    return op->open != NULL ? SC_OK : SC_ERROR;
}


void
session_op_free(session_op_t *op)
{
    DL_DELETE(op->sessions->ops, op);
    session_doc_free(&op->doc);

    if (op->open != NULL) {
        session_open_cancel(op->open);
    }

    if (op->node != NULL) {
        store_forget(op->sessions->store, op);
        session_unref(op->node);
    }

    free(op);
}


static void
session_replace(void *data, store_status_t status, session_t *session)
{
    session_op_t  *op = data;

    op->open = NULL;

    if (status != STORE_OK) {
        session_op_done(op, status);
        return;
    }

    op->node = (session_node_t *) session;
    op->existed = session_exists(session);

    if (session_become(op->node, &op->doc) != SC_OK
        || session_store(op->node, session_replaced, op) != SC_OK)
    {
        op->node->changed = 1;
        session_op_done(op, STORE_FAILED);
    }
}


static void
session_replaced(void *data, store_status_t status)
{
    session_op_t  *op = data;

    if (status != STORE_OK) {
        op->node->changed = 1;
    }

    session_op_done(op, status);
}


static void
session_erase(void *data, store_status_t status, session_t *session)
{
    int              stored;
    session_op_t    *op = data;
    session_doc_t    nothing;
    session_node_t  *node = (session_node_t *) session;

    op->open = NULL;

    if (status == STORE_OK && !session_exists(session)) {
        session_release(session);
        status = STORE_NOT_FOUND;
        session = NULL;
    }

    if (session == NULL) {
        session_op_done(op, status);
        return;
    }

    op->node = node;
    op->existed = 1;
    session_doc_init(&nothing);

    if (session_become(node, &nothing) != SC_OK) {
        session_op_done(op, STORE_FAILED);
        return;
    }

    stored = node->stored;
    node->stored = 0;
    node->changed = 0;
    sc_buf_reset(&node->saved);

    if (!stored) {
        session_op_done(op, STORE_OK);

    } else if (store_doc_del(op->sessions->store, SESSION_KIND, node->tenant,
                             node->name, session_op_done, op)
               != SC_OK)
    {
        session_op_done(op, STORE_FAILED);
    }
}


static void
session_op_done(void *data, store_status_t status)
{
    int               existed;
    void             *caller;
    session_op_t     *op = data;
    session_done_pt   done;

    done = op->done;
    caller = op->data;
    existed = op->existed;
    session_op_free(op);

    if (done != NULL) {
        done(caller, status, existed);
    }
}
