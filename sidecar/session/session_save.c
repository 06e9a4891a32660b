
#include <string.h>

#include "sidecar/core/log.h"
#include "sidecar/session/session_internal.h"


/* pages that come close together are saved as one */
#define SESSION_DELAY    (200 * LOOP_MS)


static void session_timer(loop_timer_t *timer);
static int session_differs(const session_node_t *node,
    const sc_buf_t *cookies);
static int session_hand(session_node_t *node, sc_buf_t *cookies,
    store_done_pt done, void *data);
static void session_saved(void *data, store_status_t status);


void
session_timer_init(session_node_t *node)
{
    loop_timer_init(&node->timer, session_timer, node);
}


void
session_touch(session_t *session)
{
    session_node_t  *node = (session_node_t *) session;

    if (node->touched) {
        return;
    }

    if (loop_timer_set(node->sessions->loop, &node->timer, SESSION_DELAY)
        == SC_OK)
    {
        node->touched = 1;
        return;
    }

    session_save(node);
}


static void
session_timer(loop_timer_t *timer)
{
    session_node_t  *node = timer->data;

    session_save(node);
}


void
session_logged_in(session_t *session, int64_t at)
{
    session_node_t  *node = (session_node_t *) session;

    if (node->doc.logged_in != at) {
        node->doc.logged_in = at;
        session->logged_in = at;
        node->changed = 1;
        session_touch(session);
    }
}


int
session_exists(session_t *session)
{
    session_node_t  *node = (session_node_t *) session;

    return node->stored || session->nheaders > 0 || session->login[0] != '\0'
           || session->logged_in != 0 || jar_count(session->jar) > 0;
}


void
session_save(session_node_t *node)
{
    int       rc;
    sc_buf_t  cookies;

    node->touched = 0;
    loop_timer_del(node->sessions->loop, &node->timer);

    if (!node->ready || node->status != STORE_OK) {
        return;
    }

    sc_buf_init(&cookies, 0);
    rc = jar_save(node->session.jar, &cookies);

    if (rc == SC_OK && session_differs(node, &cookies)) {
        rc = session_hand(node, &cookies, session_saved, node);
        node->writing += rc == SC_OK;
    }

    sc_buf_free(&cookies);

    if (rc != SC_OK) {
        log_error("session \"%.*s\" is not saved, memory is out",
                  (int) node->name.len, node->name.data);
    }
}


static int
session_differs(const session_node_t *node, const sc_buf_t *cookies)
{
    const sc_buf_t  *saved = &node->saved;

    return node->changed || saved->len != cookies->len
           || (saved->len > 0
               && memcmp(saved->data, cookies->data, saved->len) != 0);
}


/* What is being written counts as saved. */
static int
session_hand(session_node_t *node, sc_buf_t *cookies, store_done_pt done,
    void *data)
{
    int          rc;
    sc_buf_t     body, old;
    sc_str_t     lines = { cookies->len, cookies->data };
    store_doc_t  doc = { 0 };

    sc_buf_init(&body, 0);
    rc = session_write(node, lines, &body);

    if (rc == SC_OK) {
        doc.kind.data = SESSION_KIND;
        doc.kind.len = sizeof(SESSION_KIND) - 1;
        doc.tenant = node->tenant;
        doc.name = node->name;
        doc.body.data = body.data;
        doc.body.len = body.len;
        doc.at = id_now_ms();
        rc = store_doc_put(node->sessions->store, &doc, done, data);
    }

    sc_buf_free(&body);

    if (rc == SC_OK) {
        old = node->saved;
        node->saved = *cookies;
        *cookies = old;
        node->stored = 1;
        node->changed = 0;
    }

    return rc;
}


static void
session_saved(void *data, store_status_t status)
{
    session_node_t  *node = data;

    node->writing--;

    if (status != STORE_OK) {
        node->changed = 1;
        log_error("session \"%.*s\" could not be saved",
                  (int) node->name.len, node->name.data);
    }

    session_reap(node);
}


int
session_store(session_node_t *node, store_done_pt done, void *data)
{
    int       rc;
    sc_buf_t  cookies;

    sc_buf_init(&cookies, 0);
    rc = jar_save(node->session.jar, &cookies);

    if (rc == SC_OK) {
        rc = session_hand(node, &cookies, done, data);
    }

    sc_buf_free(&cookies);

    return rc;
}
