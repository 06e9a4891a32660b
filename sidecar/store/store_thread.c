
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "sidecar/store/store_internal.h"


/*
 * A group of at least so many ops says that more are coming: waiting a moment
 * for them saves a sync.  A lone op never waits.
 */
#define STORE_BUSY      3
#define STORE_LINGER    1000000     /* nanoseconds */


static void *store_thread_main(void *data);
static store_op_t *store_thread_take(store_thread_t *t, size_t busy);
static size_t store_thread_done(store_thread_t *t, store_op_t *ops);


int
store_thread_start(store_thread_t *t, store_t *s,
    void (*serve)(store_db_t *db, store_op_t *ops))
{
    int       rc;
    sigset_t  all, old;

    t->store = s;
    t->serve = serve;
    store_queue_init(&t->queue);

    if (pthread_cond_init(&t->wake, NULL) != 0) {
        return SC_ERROR;
    }

    /* signals are the loop's */
    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_BLOCK, &all, &old);
    rc = pthread_create(&t->id, NULL, store_thread_main, t);
    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);

    if (rc != 0) {
        (void) pthread_cond_destroy(&t->wake);
        t->store = NULL;
        return SC_ERROR;
    }

    return SC_OK;
}


/* The store is closing: wait until the queue is served. */
void
store_thread_stop(store_thread_t *t)
{
    if (t->store == NULL) {
        return;
    }

    (void) pthread_cond_signal(&t->wake);
    (void) pthread_join(t->id, NULL);
    (void) pthread_cond_destroy(&t->wake);
}


static void *
store_thread_main(void *data)
{
    size_t           n;
    store_op_t      *ops;
    store_thread_t  *t = data;

    n = 0;

    while ((ops = store_thread_take(t, n)) != NULL) {
        t->serve(&t->db, ops);
        n = store_thread_done(t, ops);
    }

    return NULL;
}


/* Wait for work; NULL when there is none and never will be. */
static store_op_t *
store_thread_take(store_thread_t *t, size_t busy)
{
    store_t          *s = t->store;
    store_op_t       *ops;
    struct timespec   linger = { 0, STORE_LINGER };

    if (t->lingers && busy >= STORE_BUSY) {
        (void) nanosleep(&linger, NULL);
    }

    (void) pthread_mutex_lock(&s->mutex);

    while (t->queue.head == NULL && !s->closing) {
        (void) pthread_cond_wait(&t->wake, &s->mutex);
    }

    ops = store_queue_take(&t->queue);
    (void) pthread_mutex_unlock(&s->mutex);

    return ops;
}


/* Give served ops to the loop; returns how many. */
static size_t
store_thread_done(store_thread_t *t, store_op_t *ops)
{
    size_t        n;
    uint64_t      one = 1;
    store_t      *s = t->store;
    store_op_t   *op, *next;

    (void) pthread_mutex_lock(&s->mutex);

    n = 0;

    for (op = ops; op != NULL; op = next) {
        next = op->next;
        store_queue_push(&s->done, op);
        n++;
    }

    (void) pthread_mutex_unlock(&s->mutex);

    /* an eventfd that is full wakes the loop all the same */
    if (write(s->io.fd, &one, sizeof(one)) == -1) {
        return n;
    }

    return n;
}
