
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/session/session_internal.h"


#define SESSION_NAME_CHARS                                                    \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"


static session_node_t *session_node(sessions_t *sessions, sc_str_t tenant,
    sc_str_t name);
static session_node_t *session_node_create(sessions_t *sessions,
    sc_str_t tenant, sc_str_t name);
static void session_node_free(session_node_t *node);
static void session_loaded(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static int session_load(session_node_t *node, sc_str_t body);
static void session_tell(loop_task_t *task);
static void session_open_free(session_open_t *open);


sessions_t *
sessions_create(loop_t *loop, store_t *store)
{
    sessions_t  *sessions;

    sessions = calloc(1, sizeof(sessions_t));
    if (sessions == NULL) {
        return NULL;
    }

    sessions->loop = loop;
    sessions->store = store;
    sc_buf_init(&sessions->key, 0);

    return sessions;
}


void
sessions_destroy(sessions_t *sessions)
{
    session_op_t    *op, *next_op;
    session_node_t  *node, *next;
    session_open_t  *open, *next_open;

    DL_FOREACH_SAFE(sessions->ops, op, next_op) {
        session_op_free(op);
    }

    HASH_ITER(hh, sessions->nodes, node, next) {
        DL_FOREACH_SAFE(node->opens, open, next_open) {
            session_open_free(open);
        }

        session_save(node);
        session_node_free(node);
    }

    sc_buf_free(&sessions->key);
    free(sessions);
}


void
sessions_forget(sessions_t *sessions, void *data)
{
    session_op_t    *op;
    session_node_t  *node, *next;
    session_open_t  *open, *next_open;

    DL_FOREACH(sessions->ops, op) {
        if (op->data == data) {
            op->done = NULL;
        }
    }

    HASH_ITER(hh, sessions->nodes, node, next) {
        node->refs++;

        DL_FOREACH_SAFE(node->opens, open, next_open) {
            if (open->data == data) {
                session_open_cancel(open);
            }
        }

        session_unref(node);
    }
}


int
session_name_check(sc_str_t name)
{
    size_t  i;

    for (i = 0; i < name.len; i++) {
        if (name.data[i] == '\0'
            || strchr(SESSION_NAME_CHARS, name.data[i]) == NULL)
        {
            return SC_DECLINED;
        }
    }

    return name.len > 0 && name.len <= SESSION_NAME_MAX ? SC_OK : SC_DECLINED;
}


session_open_t *
session_open(sessions_t *sessions, sc_str_t tenant, sc_str_t name,
    session_pt done, void *data)
{
    session_node_t  *node;
    session_open_t  *open;

    open = calloc(1, sizeof(session_open_t));
    if (open == NULL) {
        return NULL;
    }

    node = session_node(sessions, tenant, name);

    if (node == NULL) {
        free(open);
        return NULL;
    }

    open->node = node;
    open->done = done;
    open->data = data;
    open->task.handler = session_tell;
    open->task.data = open;
    DL_APPEND(node->opens, open);
    node->refs++;

    if (node->ready) {
        loop_defer(sessions->loop, &open->task);
    }

    return open;
}


static session_node_t *
session_node(sessions_t *sessions, sc_str_t tenant, sc_str_t name)
{
    sc_buf_t        *key = &sessions->key;
    session_node_t  *node;

    sc_buf_reset(key);
    (void) sc_buf_add_str(key, tenant);
    (void) sc_buf_add(key, "", 1);

    if (sc_buf_add_str(key, name) != SC_OK) {
        return NULL;
    }

    HASH_FIND(hh, sessions->nodes, key->data, key->len, node);

    return node != NULL ? node : session_node_create(sessions, tenant, name);
}


static session_node_t *
session_node_create(sessions_t *sessions, sc_str_t tenant, sc_str_t name)
{
    sc_buf_t        *key = &sessions->key;
    session_node_t  *node;

    node = calloc(1, sizeof(session_node_t));
    if (node == NULL) {
        return NULL;
    }

    node->sessions = sessions;
    node->session.login = "";
    node->session.jar = jar_create();
    node->key = malloc(key->len + 1);
    session_doc_init(&node->doc);
    sc_buf_init(&node->saved, 0);
    session_timer_init(node);

    if (node->key == NULL || node->session.jar == NULL) {
        session_node_free(node);
        return NULL;
    }

    memcpy(node->key, key->data, key->len + 1);
    node->tenant.data = node->key;
    node->tenant.len = tenant.len;
    node->name.data = node->key + tenant.len + 1;
    node->name.len = name.len;
    HASH_ADD_KEYPTR(hh, sessions->nodes, node->key, key->len, node);

    if (node->hh.tbl == NULL
        || store_doc_get(sessions->store, SESSION_KIND, tenant, name,
                         session_loaded, node)
           != SC_OK)
    {
        session_node_free(node);
        return NULL;
    }

    return node;
}


static void
session_node_free(session_node_t *node)
{
    sessions_t  *sessions = node->sessions;

    if (node->hh.tbl != NULL) {
        HASH_DELETE(hh, sessions->nodes, node);
        store_forget(sessions->store, node);
    }

    if (node->session.jar != NULL) {
        jar_unref(node->session.jar);
    }

    loop_timer_del(sessions->loop, &node->timer);
    session_doc_free(&node->doc);
    sc_buf_free(&node->saved);
    free(node->key);
    free(node);
}


static void
session_loaded(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    session_node_t  *node = data;
    session_open_t  *open;

    node->ready = 1;
    node->status = status;

    if (status == STORE_NOT_FOUND) {
        node->status = STORE_OK;

    } else if (status == STORE_OK && n > 0) {
        node->stored = 1;

        if (session_load(node, docs[0].body) != SC_OK) {
            node->status = STORE_FAILED;
        }
    }

    DL_FOREACH(node->opens, open) {
        loop_defer(node->sessions->loop, &open->task);
    }
}


static int
session_load(session_node_t *node, sc_str_t body)
{
    session_doc_t    doc;
    session_error_t  err;

    switch (session_read(&doc, body, SESSION_JSON, 1, &err)) {

    case SC_OK:
        break;

    case SC_DECLINED:
        log_error("session \"%.*s\" in the store cannot be read: %s",
                  (int) node->name.len, node->name.data, err.detail);
        return SC_ERROR;

    default:
        return SC_ERROR;
    }

    if (session_become(node, &doc) != SC_OK) {
        session_doc_free(&doc);
        return SC_ERROR;
    }

    return jar_save(node->session.jar, &node->saved);
}


int
session_become(session_node_t *node, session_doc_t *doc)
{
    int         rc;
    char        err[320];
    sc_str_t    cookies = { doc->cookies.len, doc->cookies.data };
    session_t  *s = &node->session;

    if (jar_clear(s->jar) != SC_OK) {
        return SC_ERROR;
    }

    rc = cookies.len != 0 ? jar_load(s->jar, cookies, err, sizeof(err))
                          : SC_OK;

    sc_buf_free(&doc->cookies);
    session_doc_free(&node->doc);
    node->doc = *doc;
    session_doc_init(doc);

    s->headers = node->doc.headers;
    s->nheaders = node->doc.nheaders;
    s->login = node->doc.login_text != NULL ? node->doc.login_text : "";
    s->logged_in = node->doc.logged_in;

    return rc == SC_OK ? SC_OK : SC_ERROR;
}


static void
session_tell(loop_task_t *task)
{
    void            *data;
    session_pt       done;
    session_node_t  *node;
    session_open_t  *open = task->data;

    node = open->node;
    done = open->done;
    data = open->data;
    session_open_free(open);

    /* its reference is now the caller's */
    if (node->status == STORE_OK) {
        done(data, STORE_OK, &node->session);
        return;
    }

    done(data, node->status, NULL);
    session_unref(node);
}


static void
session_open_free(session_open_t *open)
{
    loop_undefer(&open->task);
    DL_DELETE(open->node->opens, open);
    free(open);
}


void
session_open_cancel(session_open_t *open)
{
    session_node_t  *node = open->node;

    session_open_free(open);
    session_unref(node);
}


void
session_release(session_t *session)
{
    session_unref((session_node_t *) session);
}


void
session_unref(session_node_t *node)
{
    if (--node->refs > 0) {
        return;
    }

    session_save(node);
    session_reap(node);
}


void
session_reap(session_node_t *node)
{
    if (node->refs == 0 && node->writing == 0) {
        session_node_free(node);
    }
}
