
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake_store.h"


static void fake_store_work(loop_task_t *task);
static void fake_store_do(store_t *s, fake_call_t *c);
static void fake_call_free(fake_call_t *c);


store_t  fake_store;


store_t *
store_open(loop_t *loop, const char *path, char *err, size_t errlen)
{
    (void) path;
    (void) err;
    (void) errlen;

    memset(&fake_store, 0, sizeof(store_t));
    fake_store.loop = loop;
    fake_store.task.handler = fake_store_work;
    fake_store.task.data = &fake_store;

    return &fake_store;
}


void
store_close(store_t *s)
{
    fake_call_t  *c, *tmp;

    memset(s->held, 0, sizeof(s->held));
    loop_undefer(&s->task);
    fake_store_work(&s->task);

    DL_FOREACH_SAFE(s->reads, c, tmp) {
        fake_call_free(c);
    }

    fake_rows_free(s);
    fake_works_free(s);
    fake_queues_free(s);
    fake_docs_free(s);
    fake_pages_free(s);
    fake_usages_free(s);
}


fake_call_t *
fake_call_make(store_t *s, fake_op_t op, void *data)
{
    fake_call_t  *c;

    s->calls[op]++;

    if (s->refused[op] > 0) {
        s->refused[op]--;
        return NULL;
    }

    c = calloc(1, sizeof(fake_call_t));
    ck_assert_ptr_nonnull(c);
    c->op = op;
    c->data = data;

    if (s->scripted[op] > 0) {
        s->scripted[op]--;
        c->status = s->answers[op];
    }

    loop_defer(s->loop, &s->task);

    return c;
}


void
fake_call_write(store_t *s, fake_call_t *c)
{
    DL_APPEND(s->writes, c);
}


void
fake_call_read(store_t *s, fake_call_t *c)
{
    DL_APPEND(s->reads, c);
}


/* Writes keep their order: those behind a held one wait with it. */
static void
fake_store_work(loop_task_t *task)
{
    store_t      *s = task->data;
    fake_call_t  *c, *tmp;

    while ((c = s->writes) != NULL && !s->held[c->op]) {
        DL_DELETE(s->writes, c);

        if (c->status == STORE_OK) {
            fake_store_do(s, c);
        }

        if (c->done != NULL) {
            c->done(c->data, c->status);
        }

        if (c->tell != NULL) {
            c->tell(c);
        }

        fake_call_free(c);
    }

    DL_FOREACH_SAFE(s->reads, c, tmp) {
        if (s->held[c->op]) {
            continue;
        }

        DL_DELETE(s->reads, c);

        if (c->tell != NULL) {
            c->tell(c);
        }

        fake_call_free(c);
    }
}


static void
fake_store_do(store_t *s, fake_call_t *c)
{
    if (c->run != NULL) {
        c->run(s, c);
        return;
    }

    switch (c->op) {

    case FAKE_SETTLE:
        fake_queue_settle(s, c);
        break;

    case FAKE_DOC_PUT:
    case FAKE_DOC_DEL:
        c->status = fake_doc_do(s, c);
        break;

    case FAKE_PAGE_PUT:
    case FAKE_PAGE_TOUCH:
    case FAKE_PAGE_TRIM:
        fake_page_do(s, c);
        break;

    default:
        c->status = fake_row_do(s, c);
    }
}


void
store_forget(store_t *s, void *data)
{
    fake_call_t  *c;

    DL_FOREACH(s->writes, c) {
        c->done = c->data == data ? NULL : c->done;
        c->tell = c->data == data ? NULL : c->tell;
    }

    DL_FOREACH(s->reads, c) {
        c->tell = c->data == data ? NULL : c->tell;
    }
}


static void
fake_call_free(fake_call_t *c)
{
    size_t  i;

    for (i = 0; c->texts != NULL && i < c->n; i++) {
        sc_buf_free(&c->texts[i]);
    }

    if (c->row != NULL) {
        fake_row_free(c->row);
    }

    if (c->doc != NULL) {
        fake_doc_free(c->doc);
    }

    if (c->end != NULL) {
        fake_end_free(c->end);
    }

    if (c->page != NULL) {
        fake_kept_free(c->page);
    }

    free(c->usage);
    free(c->usages);
    free(c->texts);
    free(c->jobs);
    free(c->flows);
    free(c->docs);
    free(c);
}


void
fake_copy_job(store_job_t *to, const store_job_t *from, sc_buf_t *text)
{
    *to = *from;
    fake_copy_strings((sc_str_t *[]) { &to->tenant, &to->kind, &to->url,
                                       &to->spec, &to->rules_hash, &to->rules,
                                       &to->echo, &to->error, &to->context },
                      9, text);
}


void
fake_copy_strings(sc_str_t *const *strings, size_t n, sc_buf_t *text)
{
    char    *p;
    size_t   i, len;

    len = n;

    for (i = 0; i < n; i++) {
        len += strings[i]->len;
    }

    sc_buf_init(text, 0);
    p = sc_buf_reserve(text, len);
    ck_assert_ptr_nonnull(p);

    for (i = 0; i < n; i++) {
        if (strings[i]->len > 0) {
            memcpy(p, strings[i]->data, strings[i]->len);
        }

        strings[i]->data = p;
        p += strings[i]->len;
        *p++ = '\0';
    }
}


size_t
fake_calls(fake_op_t op)
{
    return fake_store.calls[op];
}


void
fake_store_hold(fake_op_t op, int hold)
{
    fake_store.held[op] = hold;
    loop_defer(fake_store.loop, &fake_store.task);
}


void
fake_store_answer(fake_op_t op, store_status_t status, size_t n)
{
    fake_store.answers[op] = status;
    fake_store.scripted[op] = n;
}


void
fake_store_refuse(fake_op_t op, size_t n)
{
    fake_store.refused[op] = n;
}
