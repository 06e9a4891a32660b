
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake.h"


struct pool_task_s {
    pool_task_t     *next;
    pool_task_t     *prev;
    pool_request_t   request;
    pool_pt          done;
    void            *data;
    int              answered;
    pool_status_t    status;
    fake_extract_t   extract;
    char             text[1024];
    char             refresh[1024];
    char            *found;
    int              refresh_delay;
};


struct pool_s {
    loop_t       *loop;
    pool_task_t  *tasks;
    loop_task_t   task;
    size_t        begun;
    size_t        cancelled;
    size_t        waiting;
    size_t        refuse;
};


static pool_task_t *fake_page_find(const char *url);
static void fake_pool_work(loop_task_t *task);
static void fake_pool_extract(const fake_extract_t *extract,
    pool_result_t *result);
static void fake_pool_read(const pool_request_t *request);


static pool_t  fake_pool;


pool_t *
pool_create(loop_t *loop, const char *program, size_t n, int64_t timeout)
{
    (void) program;
    (void) n;
    (void) timeout;

    memset(&fake_pool, 0, sizeof(pool_t));
    fake_pool.loop = loop;
    fake_pool.task.handler = fake_pool_work;
    fake_pool.task.data = &fake_pool;

    return &fake_pool;
}


void
pool_destroy(pool_t *pool)
{
    ck_assert_ptr_null(pool->tasks);
    loop_undefer(&pool->task);
}


pool_task_t *
pool_submit(pool_t *pool, const pool_request_t *request, pool_pt done,
    void *data)
{
    pool_task_t  *t;

    if (pool->refuse > 0) {
        pool->refuse--;
        return NULL;
    }

    t = calloc(1, sizeof(pool_task_t));
    ck_assert_ptr_nonnull(t);

    t->request = *request;
    t->done = done;
    t->data = data;

    pool->begun++;
    DL_APPEND(pool->tasks, t);

    return t;
}


void
pool_cancel(pool_task_t *task)
{
    fake_pool.cancelled++;
    DL_DELETE(fake_pool.tasks, task);
    free(task->found);
    free(task);
}


size_t
pool_waiting(const pool_t *pool)
{
    return pool->waiting;
}


void
pool_reap(pool_t *pool)
{
    (void) pool;
}


const char *
pool_status_type(pool_status_t status)
{
    static const char  *types[] = { "", "/extract/timeout", "/extract/crashed",
                                    "/extract/failed" };

    return types[status];
}


const pool_request_t *
fake_page(const char *url)
{
    pool_task_t  *t;

    t = fake_page_find(url);

    return t != NULL ? &t->request : NULL;
}


static pool_task_t *
fake_page_find(const char *url)
{
    pool_task_t  *t;

    DL_FOREACH(fake_pool.tasks, t) {
        if (!t->answered && strcmp(t->request.url, url) == 0) {
            return t;
        }
    }

    return NULL;
}


const pool_request_t *
fake_page_at(size_t n)
{
    pool_task_t  *t;

    DL_FOREACH(fake_pool.tasks, t) {
        if (!t->answered && n-- == 0) {
            return &t->request;
        }
    }

    return NULL;
}


size_t
fake_pages(void)
{
    size_t        n;
    pool_task_t  *t;

    n = 0;

    DL_FOREACH(fake_pool.tasks, t) {
        n += !t->answered;
    }

    return n;
}


size_t
fake_pages_begun(void)
{
    return fake_pool.begun;
}


size_t
fake_pages_cancelled(void)
{
    return fake_pool.cancelled;
}


void
fake_page_answer(const char *url, pool_status_t status, const char *data)
{
    pool_task_t  *t;

    t = fake_page_find(url);
    ck_assert_msg(t != NULL, "no worker has %s", url);

    t->answered = 1;
    t->status = status;
    (void) snprintf(t->text, sizeof(t->text), "%s", data);
    loop_defer(fake_pool.loop, &fake_pool.task);
}


void
fake_page_answer_as(const char *url, const fake_extract_t *extract,
    const char *data)
{
    pool_task_t  *t;

    t = fake_page_find(url);
    fake_page_answer(url, POOL_OK, data);
    t->extract = *extract;
}


void
fake_page_answer_found(const char *url, const char *data, const char *found)
{
    pool_task_t  *t;

    t = fake_page_find(url);
    fake_page_answer(url, POOL_OK, data);
    t->found = strdup(found);
    ck_assert_ptr_nonnull(t->found);
}


void
fake_page_refresh(const char *url, const char *to, int delay)
{
    pool_task_t  *t;

    t = fake_page_find(url);
    fake_page_answer(url, POOL_OK, "{}");
    (void) snprintf(t->refresh, sizeof(t->refresh), "%s", to);
    t->refresh_delay = delay;
}


void
fake_pool_load(size_t waiting)
{
    fake_pool.waiting = waiting;
}


void
fake_pool_refuse(size_t n)
{
    fake_pool.refuse = n;
}


static void
fake_pool_work(loop_task_t *task)
{
    pool_t         *pool = task->data;
    pool_task_t    *t, *tmp;
    pool_result_t   result;

    DL_FOREACH_SAFE(pool->tasks, t, tmp) {
        if (!t->answered) {
            continue;
        }

        fake_pool_read(&t->request);
        memset(&result, 0, sizeof(pool_result_t));

        result.status = t->status;
        result.charset = "utf-8";
        result.charset_from = "header";
        result.elapsed = 1.5;
        result.detail = "";
        result.refresh = t->refresh;
        result.refresh_delay = t->refresh_delay;

        if (t->status == POOL_OK) {
            result.data = (sc_str_t) { strlen(t->text), t->text };
            result.missing = (sc_str_t) sc_string("[]");
            result.warnings = (sc_str_t) sc_string("[]");
            fake_pool_extract(&t->extract, &result);
            result.found.data = t->found;
            result.found.len = t->found != NULL ? strlen(t->found) : 0;

        } else {
            result.detail = "the worker did not do it";
        }

        DL_DELETE(pool->tasks, t);
        t->done(t->data, &result);
        free(t->found);
        free(t);
    }
}


static void
fake_pool_extract(const fake_extract_t *extract, pool_result_t *result)
{
    if (extract->missing != NULL) {
        result->missing = (sc_str_t) { strlen(extract->missing),
                                       extract->missing };
    }

    if (extract->view != NULL) {
        result->view = (sc_str_t) { strlen(extract->view), extract->view };
    }

    if (extract->fill != NULL) {
        result->fill = (sc_str_t) { strlen(extract->fill), extract->fill };
    }

    result->matched = extract->matched;
    result->dropped = extract->dropped;
    result->incomplete = extract->incomplete;
}


/* The pool may read what it was given until the callback: is it there? */
static void
fake_pool_read(const pool_request_t *request)
{
    sc_buf_t  copy;

    sc_buf_init(&copy, 0);
    (void) sc_buf_add_cstr(&copy, request->url);
    (void) sc_buf_add_cstr(&copy, request->content_type);
    (void) sc_buf_add_str(&copy, request->form);
    (void) sc_buf_add_str(&copy, request->scope);

    if (request->form.len == 0) {
        (void) sc_buf_add_cstr(&copy, request->rules_hash);
        (void) sc_buf_add_str(&copy, request->rules);
    }

    ck_assert_int_eq(sc_buf_add_str(&copy, request->body), SC_OK);
    sc_buf_free(&copy);
}
