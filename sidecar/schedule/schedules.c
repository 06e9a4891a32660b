
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM    1

#include <utlist.h>

#include "sidecar/schedule/schedules_internal.h"


#define SCHEDULE_NAME_CHARS                                                   \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."


static void schedules_timer(loop_timer_t *timer);
static void schedules_load_timer(loop_timer_t *timer);
static schedule_op_t *schedule_op_make(schedules_t *s, sc_str_t tenant,
    const char *name, store_done_pt done, void *data);
static void schedule_op_free(schedule_op_t *op);
static int schedule_room(const schedule_t *schedule);
static void schedule_put_done(void *data, store_status_t status);
static void schedule_deleted(void *data, store_status_t status);
static void schedule_op_done(schedule_op_t *op, store_status_t status);


schedules_t *
schedules_create(loop_t *loop, store_t *store, schedules_run_pt run,
    void *data)
{
    schedules_t  *s;

    s = calloc(1, sizeof(schedules_t));
    if (s == NULL) {
        return NULL;
    }

    s->loop = loop;
    s->store = store;
    s->run = run;
    s->data = data;
    heap_init(&s->heap);
    loop_timer_init(&s->timer, schedules_timer, s);
    loop_timer_init(&s->load, schedules_load_timer, s);
    sc_buf_init(&s->key, 0);
    sc_buf_init(&s->after, 0);
    sc_buf_init(&s->text, 0);

    s->loading = 1;
    schedules_load(s);

    return s;
}


static void
schedules_timer(loop_timer_t *timer)
{
    schedules_look(timer->data);
}


static void
schedules_load_timer(loop_timer_t *timer)
{
    schedules_load(timer->data);
}


void
schedules_destroy(schedules_t *s)
{
    schedule_t     *schedule, *next;
    schedule_op_t  *op, *next_op;

    if (s == NULL) {
        return;
    }

    DL_FOREACH_SAFE(s->ops, op, next_op) {
        schedule_op_free(op);
    }

    HASH_ITER(hh, s->table, schedule, next) {
        schedule_free(schedule);
    }

    store_forget(s->store, s);
    loop_timer_del(s->loop, &s->timer);
    loop_timer_del(s->loop, &s->load);
    heap_free(&s->heap);
    sc_buf_free(&s->key);
    sc_buf_free(&s->after);
    sc_buf_free(&s->text);
    free(s);
}


size_t
schedules_count(const schedules_t *s)
{
    return HASH_COUNT(s->table);
}


void
schedules_drain(schedules_t *s)
{
    s->draining = 1;
    loop_timer_del(s->loop, &s->timer);
}


void
schedules_forget(schedules_t *s, void *data)
{
    schedule_op_t  *op;

    DL_FOREACH(s->ops, op) {
        if (op->data == data) {
            op->done = NULL;
        }
    }
}


int
schedules_name_ok(sc_str_t name)
{
    size_t  i;

    for (i = 0; i < name.len; i++) {
        if (name.data[i] == '\0'
            || strchr(SCHEDULE_NAME_CHARS, name.data[i]) == NULL)
        {
            return 0;
        }
    }

    return name.len > 0 && name.len <= SCHEDULES_MAX_NAME;
}


int
schedules_put(schedules_t *s, sc_str_t tenant, const char *name,
    const json_t *schedule, store_done_pt done, void *data)
{
    int             rc;
    schedule_op_t  *op;

    op = schedule_op_make(s, tenant, name, done, data);
    if (op == NULL) {
        return SC_ERROR;
    }

    rc = SC_DECLINED;

    if (schedule_room(op->schedule)) {
        rc = schedule_doc_make(&op->doc, schedule, id_now_ms());
    }

    if (rc == SC_OK) {
        op->doc.mark.last = op->schedule->doc.mark.last;
        op->doc.mark.skipped = op->schedule->doc.mark.skipped;
        op->doc.mark.status = op->schedule->doc.mark.status;
        memcpy(op->doc.mark.job, op->schedule->doc.mark.job, ID_SIZE);
        rc = schedule_store(op->schedule, &op->doc, schedule_put_done, op);
    }

    if (rc != SC_OK) {
        schedule_op_free(op);
    }

    return rc;
}


int
schedules_delete(schedules_t *s, sc_str_t tenant, const char *name,
    store_done_pt done, void *data)
{
    sc_str_t        key;
    schedule_op_t  *op;

    op = schedule_op_make(s, tenant, name, done, data);
    if (op == NULL) {
        return SC_ERROR;
    }

    key.data = op->schedule->key;
    key.len = strlen(key.data);

    if (store_doc_del(s->store, SCHEDULES_KIND, (sc_str_t) sc_null_string,
                      key, schedule_deleted, op)
        != SC_OK)
    {
        schedule_op_free(op);
        return SC_ERROR;
    }

    return SC_OK;
}


/* From now on nothing is begun for this name until it is answered. */
static schedule_op_t *
schedule_op_make(schedules_t *s, sc_str_t tenant, const char *name,
    store_done_pt done, void *data)
{
    sc_str_t        key, text = { strlen(name), name };
    schedule_op_t  *op;

    op = calloc(1, sizeof(schedule_op_t));
    if (op == NULL) {
        return NULL;
    }

    sc_buf_reset(&s->key);

    if (schedules_key(&s->key, tenant, text) == SC_OK) {
        key.data = s->key.data;
        key.len = s->key.len;
        op->schedule = schedule_make(s, key, tenant);
    }

    if (op->schedule == NULL) {
        free(op);
        return NULL;
    }

    op->schedule->ops++;
    op->done = done;
    op->data = data;
    DL_APPEND(s->ops, op);
    schedule_changed(op->schedule);

    return op;
}


static void
schedule_op_free(schedule_op_t *op)
{
    schedule_t   *schedule = op->schedule;
    schedules_t  *s = schedule->all;

    DL_DELETE(s->ops, op);
    store_forget(s->store, op);
    schedule_doc_free(&op->doc);
    free(op);

    schedule->ops--;
    schedule_changed(schedule);
    schedule_settle(schedule);
}


/* Whether its tenant may have it beside the others. */
static int
schedule_room(const schedule_t *schedule)
{
    size_t             n;
    const schedule_t  *other;

    n = 0;

    for (other = schedule->all->table; other != NULL; other = other->hh.next) {
        n += other != schedule && (other->set || other->ops > 0)
             && other->tenant.len == schedule->tenant.len
             && memcmp(other->tenant.data, schedule->tenant.data,
                       other->tenant.len) == 0;
    }

    return n < SCHEDULES_MAX;
}


static void
schedule_put_done(void *data, store_status_t status)
{
    schedule_op_t    *op = data;
    schedule_t       *schedule = op->schedule;
    schedule_mark_t   mark = schedule->doc.mark;

    if (status == STORE_OK) {

        /* a run may have been noted in the meantime */
        if (schedule->set) {
            mark.next = op->doc.mark.next;
            op->doc.mark = mark;
        }

        schedule_doc_free(&schedule->doc);
        schedule->doc = op->doc;
        memset(&op->doc, 0, sizeof(schedule_doc_t));
        schedule->set = 1;
    }

    schedule_op_done(op, status);
}


static void
schedule_deleted(void *data, store_status_t status)
{
    schedule_op_t  *op = data;
    schedule_t     *schedule = op->schedule;

    if (status == STORE_OK || status == STORE_NOT_FOUND) {
        schedule_doc_free(&schedule->doc);
        schedule->set = 0;
        schedule->dirty = 0;
    }

    schedule_op_done(op, status);
}


static void
schedule_op_done(schedule_op_t *op, store_status_t status)
{
    void           *data = op->data;
    store_done_pt   done = op->done;

    schedule_op_free(op);

    if (done != NULL) {
        done(data, status);
    }
}


schedule_t *
schedule_find(schedules_t *s, sc_str_t key)
{
    schedule_t  *schedule;

    HASH_FIND(hh, s->table, key.data, key.len, schedule);

    return schedule;
}


schedule_t *
schedule_make(schedules_t *s, sc_str_t key, sc_str_t tenant)
{
    schedule_t  *schedule;

    schedule = schedule_find(s, key);
    if (schedule != NULL) {
        return schedule;
    }

    /* what is due must not wait for memory */
    if (heap_reserve(&s->heap, HASH_COUNT(s->table) + 1) != SC_OK) {
        return NULL;
    }

    schedule = calloc(1, sizeof(schedule_t));
    if (schedule == NULL) {
        return NULL;
    }

    schedule->all = s;
    schedule->node.index = HEAP_NONE;
    schedule->key = calloc(1, key.len + 1 + tenant.len + 1);

    if (schedule->key == NULL) {
        free(schedule);
        return NULL;
    }

    memcpy(schedule->key, key.data, key.len);
    schedule->name = strrchr(schedule->key, '/') + 1;
    schedule->tenant.data = schedule->key + key.len + 1;
    schedule->tenant.len = tenant.len;

    if (tenant.len > 0) {
        memcpy(schedule->key + key.len + 1, tenant.data, tenant.len);
    }

    HASH_ADD_KEYPTR(hh, s->table, schedule->key, key.len, schedule);

    if (schedule->hh.tbl == NULL) {
        free(schedule->key);
        free(schedule);
        return NULL;
    }

    return schedule;
}


int
schedule_store(schedule_t *schedule, const schedule_doc_t *doc,
    store_done_pt done, void *data)
{
    sc_buf_t     *b = &schedule->all->text;
    store_doc_t   row = { .kind = sc_string(SCHEDULES_KIND) };

    sc_buf_reset(b);

    if (schedule_doc_write(doc, b) != SC_OK) {
        sc_buf_free(b);
        return SC_ERROR;
    }

    row.name.data = schedule->key;
    row.name.len = strlen(schedule->key);
    row.body.data = b->data;
    row.body.len = b->len;
    row.at = id_now_ms();

    return store_doc_put(schedule->all->store, &row, done, data);
}


/*
 * While the documents of before are read, a name that was deleted stays: one
 * that was read earlier must not bring it back.
 */
void
schedule_settle(schedule_t *schedule)
{
    if (!schedule->set && schedule->ops == 0 && !schedule->asking
        && !schedule->saving && !schedule->running && !schedule->all->loading)
    {
        schedule_free(schedule);
    }
}


void
schedule_free(schedule_t *schedule)
{
    schedules_t  *s = schedule->all;

    HASH_DELETE(hh, s->table, schedule);
    heap_remove(&s->heap, &schedule->node);
    store_forget(s->store, schedule);
    schedule_doc_free(&schedule->doc);
    free(schedule->key);
    free(schedule);
}
