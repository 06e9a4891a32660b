
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/metrics/metrics.h"
#include "sidecar/worker/pool_internal.h"


static void pool_insert(pool_t *pool, pool_task_t *task);
static void pool_turn(loop_task_t *turn);


pool_t *
pool_create(loop_t *loop, const char *program, size_t n, int64_t timeout)
{
    int      err;
    size_t   i;
    pool_t  *pool;

    pool = calloc(1, sizeof(pool_t) + n * sizeof(pool_worker_t));
    if (pool == NULL) {
        return NULL;
    }

    pool->loop = loop;
    pool->timeout = timeout;
    pool->turn.handler = pool_turn;
    pool->turn.data = pool;
    TAILQ_INIT(&pool->queue);

    pool->program = strdup(program != NULL ? program : "/proc/self/exe");
    if (pool->program == NULL) {
        free(pool);
        return NULL;
    }

    /* counted one by one: what pool_destroy() may stop has been made */

    for (i = 0; i < n; i++) {
        pool_worker_init(&pool->workers[i], pool);
        pool->n++;

        if (pool_worker_start(&pool->workers[i]) != SC_OK) {
            err = errno;
            pool_destroy(pool);
            errno = err;
            return NULL;
        }
    }

    return pool;
}


void
pool_destroy(pool_t *pool)
{
    size_t        i;
    pool_task_t  *task;

    loop_undefer(&pool->turn);

    for (i = 0; i < pool->n; i++) {
        pool_worker_stop(&pool->workers[i]);
    }

    while ((task = TAILQ_FIRST(&pool->queue)) != NULL) {
        TAILQ_REMOVE(&pool->queue, task, link);
        free(task);
    }

    free(pool->program);
    free(pool);
}


pool_task_t *
pool_submit(pool_t *pool, const pool_request_t *request, pool_pt done,
    void *data)
{
    pool_task_t  *task;

    if (strlen(request->url) >= WIRE_MAX_URL
        || strlen(request->content_type) >= WIRE_MAX_URL
        || request->headers.len > WIRE_MAX_HEADERS
        || request->form.len > WIRE_MAX_FORM
        || request->scope.len > WIRE_MAX_SCOPE
        || (request->sitemap && request->scope.len == 0)
        || request->rules.len > WIRE_MAX_RULES
        || request->body.len > WIRE_MAX_BODY)
    {
        errno = EMSGSIZE;
        return NULL;
    }

    task = calloc(1, sizeof(pool_task_t));
    if (task == NULL) {
        return NULL;
    }

    task->pool = pool;
    task->request = *request;
    task->done = done;
    task->data = data;

    pool_insert(pool, task);
    pool->waiting++;

    pool_dispatch(pool);

    return task;
}


/* Behind those that are as urgent. */
static void
pool_insert(pool_t *pool, pool_task_t *task)
{
    pool_task_t  *t;

    if (!task->request.urgent) {
        TAILQ_INSERT_TAIL(&pool->queue, task, link);
        return;
    }

    TAILQ_FOREACH(t, &pool->queue, link) {
        if (!t->request.urgent) {
            TAILQ_INSERT_BEFORE(t, task, link);
            return;
        }
    }

    TAILQ_INSERT_TAIL(&pool->queue, task, link);
}


void
pool_cancel(pool_task_t *task)
{
    pool_t  *pool = task->pool;

    if (task->worker != NULL) {
        /* it may be half sent: the caller's memory must not be read again */
        pool_worker_drop(task->worker);

    } else {
        TAILQ_REMOVE(&pool->queue, task, link);
        pool->waiting--;
    }

    free(task);
}


size_t
pool_waiting(const pool_t *pool)
{
    return pool->waiting;
}


void
pool_workers(const pool_t *pool, size_t counts[POOL_WORKERS])
{
    size_t  i;

    memset(counts, 0, POOL_WORKERS * sizeof(size_t));

    for (i = 0; i < pool->n; i++) {
        counts[pool->workers[i].state]++;
    }
}


void
pool_reap(pool_t *pool)
{
    size_t  i;

    for (i = 0; i < pool->n; i++) {
        pool_worker_reap(&pool->workers[i]);
    }
}


const char *
pool_status_type(pool_status_t status)
{
    switch (status) {

    case POOL_OK:
        return "";

    case POOL_TIMEOUT:
        return "/extract/timeout";

    case POOL_CRASHED:
        return "/extract/crashed";

    default:
        return "/extract/failed";
    }
}


void
pool_dispatch(pool_t *pool)
{
    size_t        i;
    pool_task_t  *task;

    for (i = 0; i < pool->n && pool->waiting != 0; i++) {
        if (pool->workers[i].state != POOL_WORKER_IDLE) {
            continue;
        }

        task = TAILQ_FIRST(&pool->queue);
        TAILQ_REMOVE(&pool->queue, task, link);
        pool->waiting--;

        pool_worker_give(&pool->workers[i], task);
    }
}


void
pool_requeue(pool_t *pool, pool_task_t *task)
{
    task->worker = NULL;
    TAILQ_INSERT_HEAD(&pool->queue, task, link);
    pool->waiting++;

    /* another may be idle, but this one's caller is not done yet */
    loop_defer(pool->loop, &pool->turn);
}


/* The callback may submit and cancel, so that the task is gone before it. */

void
pool_finish(pool_task_t *task, const pool_result_t *result)
{
    void     *data = task->data;
    pool_pt   done = task->done;

    metrics_add(METRICS_EXTRACTED + result->status, 1);
    free(task);
    done(data, result);
}


void
pool_fail(pool_task_t *task, pool_status_t status, const char *detail)
{
    pool_result_t  result;

    memset(&result, 0, sizeof(pool_result_t));
    result.status = status;
    result.charset = "";
    result.charset_from = "";
    result.detail = detail;
    result.refresh = "";

    pool_finish(task, &result);
}


static void
pool_turn(loop_task_t *turn)
{
    pool_dispatch(turn->data);
}
