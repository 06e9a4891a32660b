
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/metrics/metrics.h"
#include "sidecar/resolve/resolve_internal.h"


/* callers called in a round: what they do costs others' time */
#define RESOLVE_BATCH    32

/* names asked about between pauses, or the server's buffer runs over */
#define RESOLVE_BURST    16
#define RESOLVE_PAUSE    (2 * LOOP_MS)


static int resolve_look_up(resolve_query_t *q, const char *name, size_t len,
    int64_t timeout);
static int resolve_join(resolve_query_t *q, const char *name, size_t len);
static resolve_question_t *resolve_question_create(resolve_t *r,
    const char *name, size_t len);
static void resolve_question_free(resolve_question_t *question);
static void resolve_timeout(loop_timer_t *timer);
static void resolve_leave(resolve_query_t *q);
static void resolve_ready(resolve_query_t *q, resolve_record_t *record);
static void resolve_work(loop_task_t *task);
static void resolve_go_on(loop_timer_t *timer);
static void resolve_begin(resolve_t *r);
static int resolve_deliver(resolve_t *r);


resolve_t *
resolve_create(loop_t *loop, const char *server, char *err, size_t errlen)
{
    int         rc;
    resolve_t  *r;

    rc = ARES_ENOMEM;
    r = calloc(1, sizeof(resolve_t));

    if (r != NULL) {
        r->loop = loop;
        r->work.handler = resolve_work;
        r->work.data = r;
        loop_timer_init(&r->pause, resolve_go_on, r);
        r->cache = resolve_cache_create(RESOLVE_MAX_NAMES);
    }

    if (r != NULL && r->cache != NULL) {
        rc = resolve_ask_open(r, server);
    }

    if (rc != ARES_SUCCESS) {
        (void) snprintf(err, errlen, "resolver \"%s\": %s", server,
                        ares_strerror(rc));

        if (r != NULL && r->cache != NULL) {
            resolve_cache_destroy(r->cache);
        }

        free(r);
        return NULL;
    }

    return r;
}


void
resolve_destroy(resolve_t *r)
{
    resolve_ask_close(r);
    loop_undefer(&r->work);
    loop_timer_del(r->loop, &r->pause);
    resolve_cache_destroy(r->cache);

    if (r->delivering) {
        r->gone = 1;
        return;
    }

    free(r);
}


resolve_query_t *
resolve_name(resolve_t *r, const char *name, int64_t timeout, resolve_pt done,
    void *data)
{
    char              lower[RESOLVE_MAX_NAME + 1];
    size_t            i, len;
    resolve_query_t  *q;

    q = calloc(1, sizeof(resolve_query_t));
    if (q == NULL) {
        return NULL;
    }

    q->resolve = r;
    q->done = done;
    q->data = data;
    loop_timer_init(&q->timer, resolve_timeout, q);

    len = strnlen(name, sizeof(lower));

    if (len == 0 || len == sizeof(lower)) {
        resolve_ready(q, resolve_record_failure(ARES_EBADNAME));
        return q;
    }

    for (i = 0; i < len; i++) {
        lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20
                                                    : name[i];
    }

    if (resolve_look_up(q, lower, len, timeout) != SC_OK) {
        free(q);
        return NULL;
    }

    return q;
}


void
resolve_cancel(resolve_query_t *q)
{
    if (q->record == NULL) {
        resolve_leave(q);

    } else {
        DL_DELETE(q->resolve->ready, q);
        resolve_record_free(q->record);
    }

    free(q);
}


void
resolve_stats(const resolve_t *r, resolve_stats_t *stats)
{
    *stats = r->stats;
    stats->names = resolve_cache_count(r->cache);
}


void
resolve_told(resolve_question_t *question, resolve_record_t *record, int ttl)
{
    resolve_t        *r = question->resolve;
    resolve_query_t  *q, *tmp;

    metrics_add(METRICS_DNS_FAILED, record->status != RESOLVE_OK);
    resolve_cache_put(r->cache, question->name, question->len, record,
                      loop_now(r->loop), ttl * LOOP_SEC);

    DL_FOREACH_SAFE(question->waiting, q, tmp) {

        /* the time that is over was not all its own */
        if (q->late && record->status == RESOLVE_TIMEOUT) {
            q->late = 0;
            continue;
        }

        resolve_leave(q);
        resolve_ready(q, resolve_record_share(record));
    }

    resolve_record_free(record);
    question->asked = 0;
    r->asked--;

    if (question->waiting != NULL) {
        DL_APPEND(r->line, question);

    } else {
        resolve_question_free(question);
    }

    /* somebody in line may be asked about now */
    loop_defer(r->loop, &r->work);
}


static int
resolve_look_up(resolve_query_t *q, const char *name, size_t len,
    int64_t timeout)
{
    resolve_t         *r = q->resolve;
    resolve_record_t  *record;

    record = resolve_cache_find(r->cache, name, len, loop_now(r->loop));

    if (record != NULL) {
        r->stats.hits++;
        r->stats.negative += record->status != RESOLVE_OK;
        resolve_ready(q, resolve_record_share(record));
        return SC_OK;
    }

    if (loop_timer_set(r->loop, &q->timer, timeout) != SC_OK) {
        return SC_ERROR;
    }

    if (resolve_join(q, name, len) != SC_OK) {
        loop_timer_del(r->loop, &q->timer);
        return SC_ERROR;
    }

    r->stats.misses++;

    return SC_OK;
}


static int
resolve_join(resolve_query_t *q, const char *name, size_t len)
{
    resolve_t           *r = q->resolve;
    resolve_question_t  *question;

    HASH_FIND(hh, r->questions, name, len, question);

    if (question == NULL) {
        question = resolve_question_create(r, name, len);
        if (question == NULL) {
            return SC_ERROR;
        }

        DL_APPEND(r->line, question);
        loop_defer(r->loop, &r->work);
    }

    q->question = question;
    q->late = question->asked;
    DL_APPEND(question->waiting, q);

    return SC_OK;
}


static resolve_question_t *
resolve_question_create(resolve_t *r, const char *name, size_t len)
{
    resolve_question_t  *question;

    question = calloc(1, sizeof(resolve_question_t) + len + 1);
    if (question == NULL) {
        return NULL;
    }

    question->resolve = r;
    question->len = len;
    memcpy(question->name, name, len);
    HASH_ADD_KEYPTR(hh, r->questions, question->name, len, question);

    if (question->hh.tbl == NULL) {
        free(question);
        return NULL;
    }

    return question;
}


static void
resolve_question_free(resolve_question_t *question)
{
    HASH_DEL(question->resolve->questions, question);
    free(question);
}


static void
resolve_timeout(loop_timer_t *timer)
{
    resolve_query_t  *q = timer->data;

    resolve_leave(q);
    resolve_ready(q, resolve_record_failure(ARES_ETIMEOUT));
}


/* Nobody is asked about for nobody, unless c-ares has it already. */
static void
resolve_leave(resolve_query_t *q)
{
    resolve_t           *r = q->resolve;
    resolve_question_t  *question = q->question;

    loop_timer_del(r->loop, &q->timer);
    DL_DELETE(question->waiting, q);

    if (question->waiting == NULL && !question->asked) {
        DL_DELETE(r->line, question);
        resolve_question_free(question);
    }
}


/* The reference to record is the query's. */
static void
resolve_ready(resolve_query_t *q, resolve_record_t *record)
{
    resolve_t  *r = q->resolve;

    q->record = record;
    DL_APPEND(r->ready, q);
    loop_defer(r->loop, &r->work);
}


static void
resolve_work(loop_task_t *task)
{
    resolve_t  *r = task->data;

    if (r->pause.node.index == HEAP_NONE) {
        resolve_begin(r);
    }

    if (resolve_deliver(r) == SC_OK && r->ready != NULL) {
        loop_defer(r->loop, &r->work);
    }
}


static void
resolve_go_on(loop_timer_t *timer)
{
    resolve_begin(timer->data);
}


static void
resolve_begin(resolve_t *r)
{
    int                  n;
    resolve_question_t  *question;

    for (n = 0; n < RESOLVE_BURST; n++) {
        question = r->line;

        if (question == NULL || r->asked == RESOLVE_MAX_QUESTIONS) {
            return;
        }

        DL_DELETE(r->line, question);
        question->asked = 1;
        r->asked++;
        r->stats.questions++;
        resolve_ask(question);
    }

    if (loop_timer_set(r->loop, &r->pause, RESOLVE_PAUSE) != SC_OK) {
        loop_defer(r->loop, &r->work);
    }
}


/* SC_DECLINED: a caller has destroyed the resolver. */
static int
resolve_deliver(resolve_t *r)
{
    int                n;
    void              *data;
    resolve_pt         done;
    resolve_query_t   *q;
    resolve_answer_t   answer;

    r->delivering = 1;

    for (n = 0; r->ready != NULL && n < RESOLVE_BATCH; n++) {
        q = r->ready;
        done = q->done;
        data = q->data;
        resolve_record_answer(q->record, &answer);
        resolve_cancel(q);

        done(data, &answer);

        if (r->gone) {
            free(r);
            return SC_DECLINED;
        }
    }

    r->delivering = 0;

    return SC_OK;
}
