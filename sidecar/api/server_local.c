
#include <stdlib.h>

#include <utlist.h>

#include "sidecar/api/server_internal.h"
#include "sidecar/core/log.h"


static server_local_t *server_local_create(server_t *s, server_told_pt told,
    void *data);
static int server_local_open(server_request_t *r, const char *method,
    const char *target, sc_str_t tenant, sc_str_t body);
static void server_local_hand(loop_task_t *task);
static void server_local_tell(loop_task_t *task);
static void server_local_drop(server_local_t *l);


int
server_local(server_t *s, const char *method, const char *target,
    sc_str_t tenant, sc_str_t body, server_told_pt told, void *data)
{
    server_local_t  *l;

    if (s->closing) {
        return SC_ERROR;
    }

    l = server_local_create(s, told, data);
    if (l == NULL) {
        return SC_ERROR;
    }

    if (server_local_open(l->request, method, target, tenant, body)
        != SC_OK)
    {
        server_local_drop(l);
        return SC_ERROR;
    }

    loop_defer(s->loop, &l->task);

    return SC_OK;
}


static server_local_t *
server_local_create(server_t *s, server_told_pt told, void *data)
{
    server_local_t  *l;

    l = calloc(1, sizeof(server_local_t));
    if (l == NULL) {
        return NULL;
    }

    l->request = server_request_create(s, NULL, 0);
    if (l->request == NULL) {
        free(l);
        return NULL;
    }

    l->request->local = l;
    l->server = s;
    l->told = told;
    l->data = data;
    l->task.handler = server_local_hand;
    l->task.data = l;
    sc_buf_init(&l->headers, 0);
    sc_buf_init(&l->body, 0);
    DL_APPEND(s->locals, l);

    return l;
}


/* As the frame open would have it. */
static int
server_local_open(server_request_t *r, const char *method,
    const char *target, sc_str_t tenant, sc_str_t body)
{
    int       rc;
    char      err[256];
    sc_buf_t  text;
    sc_str_t  payload;

    sc_buf_init(&text, 0);
    (void) sc_buf_printf(&text, "%s %s HTTP/1.1\r\n", method, target);

    if (tenant.len > 0) {
        (void) sc_buf_add_cstr(&text, "Scrape-Tenant: ");
        (void) sc_buf_add_str(&text, tenant);
        (void) sc_buf_add_cstr(&text, "\r\n");
    }

    if (body.len > 0) {
        (void) sc_buf_add_cstr(&text, "Content-Type: application/json\r\n");
    }

    payload.data = text.data;
    payload.len = text.len;
    rc = SC_ERROR;

    if (text.failed) {
        log_error("memory is out, a request of our own is lost");

    } else {
        rc = server_open_parse(r, payload, err, sizeof(err));

        if (rc != SC_OK) {
            log_error("a request of our own: %s", err);
        }
    }

    sc_buf_free(&text);

    return rc == SC_OK ? sc_buf_add_str(&r->body, body) : rc;
}


static void
server_local_hand(loop_task_t *task)
{
    sc_str_t         none = sc_null_string;
    server_local_t  *l = task->data;

    task->handler = server_local_tell;
    server_request_part(l->request, none, 1);
}


void
server_local_head(server_request_t *r, int status, sc_str_t headers)
{
    server_local_t  *l = r->local;

    l->status = status;
    (void) sc_buf_add_str(&l->headers, headers);
}


void
server_local_add(server_request_t *r, sc_str_t part)
{
    size_t           room;
    server_local_t  *l = r->local;

    if (r->flowing) {
        room = SERVER_LOCAL_MAX - l->body.len;

        if (part.len > room) {
            part.len = room;
        }
    }

    (void) sc_buf_add_str(&l->body, part);
}


void
server_local_end(server_request_t *r)
{
    server_local_t  *l = r->local;

    l->lost = r->cut;
    server_request_free(r);
    l->request = NULL;
    loop_defer(l->server->loop, &l->task);
}


static void
server_local_tell(loop_task_t *task)
{
    sc_str_t         headers, body;
    server_local_t  *l = task->data;

    if (l->lost || l->headers.failed || l->body.failed) {
        l->status = 0;
        sc_buf_reset(&l->headers);
        sc_buf_reset(&l->body);
    }

    headers.data = l->headers.data;
    headers.len = l->headers.len;
    body.data = l->body.data;
    body.len = l->body.len;

    l->told(l->data, l->status, headers, body);
    server_local_drop(l);
}


static void
server_local_drop(server_local_t *l)
{
    loop_undefer(&l->task);

    if (l->request != NULL) {
        server_request_free(l->request);
    }

    DL_DELETE(l->server->locals, l);
    sc_buf_free(&l->headers);
    sc_buf_free(&l->body);
    free(l);
}


void
server_local_free(server_t *s)
{
    server_local_t  *l;

    s->closing = 1;

    while ((l = s->locals) != NULL) {
        if (l->request != NULL) {
            server_request_free(l->request);
            l->request = NULL;
            l->status = 503;
            sc_buf_reset(&l->headers);
            sc_buf_reset(&l->body);
        }

        server_local_tell(&l->task);
    }
}
