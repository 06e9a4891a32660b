
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <unistd.h>

#include <utlist.h>

#include "sidecar/store/store_internal.h"


static int store_lock(store_t *s, const char *path, char *err, size_t errlen);
static int store_open_writer(store_t *s, const char *path, char *err,
    size_t errlen);
static int store_open_reader(store_t *s, const char *path, char *err,
    size_t errlen);
static int store_open_loop(store_t *s, char *err, size_t errlen);
static void store_called(loop_io_t *io, uint32_t events);
static void store_call_all(store_t *s);
static void store_call(store_op_t *op);
static int store_submit(store_t *s, store_thread_t *t, store_op_t *op,
    int copied);
static int store_copy_job(store_op_t *op);
static int store_copy_result(store_op_t *op);
static store_op_t *store_about(store_op_type_t type, const char *id,
    sc_str_t tenant, void *done, void *data, int *copied);


store_t *
store_open(loop_t *loop, const char *path, char *err, size_t errlen)
{
    store_t  *s;

    s = calloc(1, sizeof(store_t));
    if (s == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return NULL;
    }

    s->loop = loop;
    s->lock = -1;
    s->io.fd = -1;
    s->writer.lingers = 1;
    store_queue_init(&s->done);
    (void) pthread_mutex_init(&s->mutex, NULL);

    if (store_lock(s, path, err, errlen) != SC_OK
        || store_open_loop(s, err, errlen) != SC_OK
        || store_open_writer(s, path, err, errlen) != SC_OK
        || store_open_reader(s, path, err, errlen) != SC_OK)
    {
        store_close(s);
        return NULL;
    }

    return s;
}


void
store_close(store_t *s)
{
    (void) pthread_mutex_lock(&s->mutex);
    s->closing = 1;
    (void) pthread_mutex_unlock(&s->mutex);

    store_thread_stop(&s->writer);
    store_thread_stop(&s->reader);
    store_call_all(s);

    store_db_close(&s->reader.db);
    store_db_close(&s->writer.db);

    if (s->io.fd != -1) {
        loop_io_del(s->loop, &s->io);
        (void) close(s->io.fd);
    }

    if (s->lock != -1) {
        (void) close(s->lock);
    }

    (void) pthread_mutex_destroy(&s->mutex);
    free(s);
}


/* Two writers would each believe they are the one: only one may open. */
static int
store_lock(store_t *s, const char *path, char *err, size_t errlen)
{
    char  name[4096];

    if (snprintf(name, sizeof(name), "%s.lock", path) >= (int) sizeof(name)) {
        (void) snprintf(err, errlen, "the path of the store is too long");
        return SC_ERROR;
    }

    s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (s->lock == -1) {
        (void) snprintf(err, errlen, "could not open \"%s\": %s", name,
                        strerror(errno));
        return SC_ERROR;
    }

    if (flock(s->lock, LOCK_EX | LOCK_NB) == -1) {
        (void) snprintf(err, errlen, "the store \"%s\" is in use by another "
                        "process", path);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
store_open_writer(store_t *s, const char *path, char *err, size_t errlen)
{
    int  fd;

    /* SQLite would make it readable for all */
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd == -1) {
        (void) snprintf(err, errlen, "could not open the store \"%s\": %s",
                        path, strerror(errno));
        return SC_ERROR;
    }

    (void) close(fd);

    if (store_db_open(&s->writer.db, path, SQLITE_OPEN_READWRITE, err, errlen)
        != SC_OK
        || store_db_schema(&s->writer.db, path, err, errlen) != SC_OK
        || store_db_prepare(&s->writer.db, err, errlen) != SC_OK)
    {
        return SC_ERROR;
    }

    if (store_thread_start(&s->writer, s, store_write) != SC_OK) {
        (void) snprintf(err, errlen, "could not start the writer thread");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
store_open_reader(store_t *s, const char *path, char *err, size_t errlen)
{
    if (store_db_open(&s->reader.db, path, SQLITE_OPEN_READONLY, err, errlen)
        != SC_OK
        || store_db_prepare(&s->reader.db, err, errlen) != SC_OK)
    {
        return SC_ERROR;
    }

    if (store_thread_start(&s->reader, s, store_read) != SC_OK) {
        (void) snprintf(err, errlen, "could not start the reader thread");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
store_open_loop(store_t *s, char *err, size_t errlen)
{
    s->io.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->io.handler = store_called;
    s->io.data = s;

    if (s->io.fd == -1 || loop_io_set(s->loop, &s->io, EPOLLIN) != SC_OK) {
        (void) snprintf(err, errlen, "could not watch the store: %s",
                        strerror(errno));
        return SC_ERROR;
    }

    return SC_OK;
}


static void
store_called(loop_io_t *io, uint32_t events)
{
    uint64_t  count;

    (void) events;

    if (read(io->fd, &count, sizeof(count)) == sizeof(count)) {
        store_call_all(io->data);
    }
}


static void
store_call_all(store_t *s)
{
    store_op_t  *op, *next;

    (void) pthread_mutex_lock(&s->mutex);
    op = store_queue_take(&s->done);
    (void) pthread_mutex_unlock(&s->mutex);

    for ( /* void */ ; op != NULL; op = next) {
        next = op->next;
        DL_DELETE2(s->ops, op, peer_prev, peer_next);
        store_call(op);
        store_op_free(op);
    }
}


static void
store_call(store_op_t *op)
{
    int  ok = op->status == STORE_OK;

    if (op->done == NULL) {
        return;
    }

    switch (op->type) {

    case STORE_OP_JOB:
        ((store_job_pt) op->done)(op->data, op->status,
                                  ok ? op->jobs : NULL);
        break;

    case STORE_OP_UNENDED:
    case STORE_OP_COUNT:
        ((store_jobs_pt) op->done)(op->data, op->status, op->jobs,
                                   ok ? op->n : 0);
        break;

    case STORE_OP_RESULTS:
        ((store_results_pt) op->done)(op->data, op->status, op->results,
                                      ok ? op->n : 0);
        break;

    case STORE_OP_RESULT:
    case STORE_OP_NEWEST:
        ((store_result_pt) op->done)(op->data, op->status,
                                     ok ? op->results : NULL);
        break;

    default:
        ((store_done_pt) op->done)(op->data, op->status);
    }
}


static int
store_submit(store_t *s, store_thread_t *t, store_op_t *op, int copied)
{
    if (op == NULL) {
        return SC_ERROR;
    }

    if (copied != SC_OK) {
        store_op_free(op);
        return SC_ERROR;
    }

    DL_APPEND2(s->ops, op, peer_prev, peer_next);

    (void) pthread_mutex_lock(&s->mutex);
    store_queue_push(&t->queue, op);
    (void) pthread_mutex_unlock(&s->mutex);
    (void) pthread_cond_signal(&t->wake);

    return SC_OK;
}


int
store_job_put(store_t *s, const store_job_t *job, store_done_pt done,
    void *data)
{
    int          copied;
    store_op_t  *op;

    op = store_op_create(STORE_OP_PUT, done, data);
    copied = SC_ERROR;

    if (op != NULL) {
        op->job = *job;
        copied = store_copy_job(op);
    }

    return store_submit(s, &s->writer, op, copied);
}


int
store_job_start(store_t *s, const char *id, int64_t at, store_done_pt done,
    void *data)
{
    int          copied;
    sc_str_t     none = sc_null_string;
    store_op_t  *op;

    op = store_about(STORE_OP_START, id, none, done, data, &copied);

    if (op != NULL) {
        op->job.started = at;
    }

    return store_submit(s, &s->writer, op, copied);
}


int
store_job_finish(store_t *s, const store_job_t *job,
    const store_result_t *result, store_done_pt done, void *data)
{
    int          copied;
    store_op_t  *op;

    op = store_op_create(STORE_OP_FINISH, done, data);
    copied = SC_ERROR;

    if (op != NULL) {
        op->job = *job;
        copied = store_copy_job(op);
    }

    if (op != NULL && result != NULL && copied == SC_OK) {
        op->result = *result;
        op->has_result = 1;
        copied = store_copy_result(op);
    }

    return store_submit(s, &s->writer, op, copied);
}


int
store_job_cancel(store_t *s, const char *id, sc_str_t tenant, int64_t at,
    store_done_pt done, void *data)
{
    int          copied;
    store_op_t  *op;

    op = store_about(STORE_OP_CANCEL, id, tenant, done, data, &copied);

    if (op != NULL) {
        op->job.finished = at;
    }

    return store_submit(s, &s->writer, op, copied);
}


int
store_job_get(store_t *s, const char *id, sc_str_t tenant, store_job_pt done,
    void *data)
{
    int          copied;
    store_op_t  *op;

    op = store_about(STORE_OP_JOB, id, tenant, done, data, &copied);

    return store_submit(s, &s->reader, op, copied);
}


int
store_jobs_unended(store_t *s, int64_t after, size_t limit,
    store_jobs_pt done, void *data)
{
    store_op_t  *op;

    op = store_op_create(STORE_OP_UNENDED, done, data);

    if (op != NULL) {
        op->after = after;
        op->limit = limit;
    }

    return store_submit(s, &s->reader, op, SC_OK);
}


int
store_job_results(store_t *s, const char *job, sc_str_t tenant,
    int64_t after, size_t limit, store_results_pt done, void *data)
{
    int          copied;
    store_op_t  *op;

    op = store_about(STORE_OP_RESULTS, job, tenant, done, data, &copied);

    if (op != NULL) {
        op->after = after;
        op->limit = limit;
    }

    return store_submit(s, &s->reader, op, copied);
}


int
store_result_get(store_t *s, const char *id, sc_str_t tenant,
    store_result_pt done, void *data)
{
    int          copied;
    store_op_t  *op;

    op = store_about(STORE_OP_RESULT, id, tenant, done, data, &copied);

    return store_submit(s, &s->reader, op, copied);
}


int
store_result_newest(store_t *s, sc_str_t url, sc_str_t tenant,
    store_result_pt done, void *data)
{
    int          copied;
    store_op_t  *op;

    op = store_about(STORE_OP_NEWEST, "", tenant, done, data, &copied);

    if (op != NULL && copied == SC_OK) {
        op->job.url = url;
        copied = store_op_copy(op, &op->job.url);
    }

    return store_submit(s, &s->reader, op, copied);
}


int
store_unended_count(store_t *s, store_jobs_pt done, void *data)
{
    return store_submit(s, &s->reader,
                        store_op_create(STORE_OP_COUNT, done, data), SC_OK);
}


void
store_forget(store_t *s, void *data)
{
    store_op_t  *op;

    DL_FOREACH2(s->ops, op, peer_next) {
        if (op->data == data) {
            op->done = NULL;
        }
    }
}


/* An op about one id of one tenant. */
static store_op_t *
store_about(store_op_type_t type, const char *id, sc_str_t tenant, void *done,
    void *data, int *copied)
{
    store_op_t  *op;

    *copied = SC_ERROR;

    op = store_op_create(type, done, data);
    if (op == NULL) {
        return NULL;
    }

    (void) snprintf(op->job.id, ID_SIZE, "%s", id);
    op->job.tenant = tenant;
    *copied = store_op_copy(op, &op->job.tenant);

    return op;
}


static int
store_copy_job(store_op_t *op)
{
    size_t       i;
    store_job_t  *job = &op->job;
    sc_str_t     *strings[] = { &job->tenant, &job->kind, &job->url,
                                &job->spec, &job->rules_hash, &job->rules,
                                &job->echo, &job->error };

    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        if (store_op_copy(op, strings[i]) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
store_copy_result(store_op_t *op)
{
    size_t           i;
    store_result_t  *r = &op->result;
    sc_str_t        *strings[] = { &r->tenant, &r->url, &r->fetch, &r->data,
                                   &r->missing, &r->warnings, &r->error,
                                   &r->etag };

    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        if (store_op_copy(op, strings[i]) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}
