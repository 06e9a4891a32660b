
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/replay/hook.h"


/* longer than all attempts take */
#define HOOK_PASSED    (172800 * LOOP_SEC)


static void hook_work(loop_task_t *task);
static void hook_write(const hook_set_t *set, store_status_t status);
static store_status_t hook_status(void);
static void hook_answer_read(void);
static int hook_order(const void *a, const void *b);


hook_t  hook;


int
store_messages_due(store_t *s, int64_t now, size_t limit,
    store_messages_pt done, void *data)
{
    size_t  i;

    (void) s;

    ck_assert_ptr_null(hook.read);

    if (hook.refusing > 0) {
        hook.refusing--;
        return SC_ERROR;
    }

    hook.nfound = 0;

    for (i = 0; i < hook.nrows; i++) {
        if (hook.rows[i].message.state == 0
            && hook.rows[i].message.due <= now)
        {
            hook.found[hook.nfound++] = hook.rows[i].message;
        }
    }

    qsort(hook.found, hook.nfound, sizeof(store_message_t), hook_order);
    hook.nfound = hook.nfound < limit ? hook.nfound : limit;
    hook.read = done;
    hook.read_data = data;
    hook.reads++;
    loop_defer(hook.loop, &hook.task);

    return SC_OK;
}


int
store_message_set(store_t *s, const store_message_t *message,
    store_done_pt done, void *data)
{
    hook_set_t  *set;

    (void) s;

    if (hook.refusing > 0) {
        hook.refusing--;
        return SC_ERROR;
    }

    ck_assert_uint_lt(hook.nsets, HOOK_MAX);
    set = &hook.sets[hook.nsets++];
    set->done = done;
    set->data = data;
    set->seq = message->seq;
    set->due = message->due;
    set->tries = message->tries;
    set->state = message->state;
    (void) snprintf(set->last, sizeof(set->last), "%.*s",
                    (int) message->last.len, message->last.data);
    loop_defer(hook.loop, &hook.task);

    return SC_OK;
}


static void
hook_write(const hook_set_t *set, store_status_t status)
{
    hook_row_t  *row;

    if (status == STORE_OK) {
        row = &hook.rows[set->seq];
        row->message.due = set->due;
        row->message.tries = set->tries;
        row->message.state = set->state;
        memcpy(row->last, set->last, sizeof(row->last));
    }

    set->done(set->data, status);
}


static store_status_t
hook_status(void)
{
    if (hook.failing > 0) {
        hook.failing--;
        return STORE_FAILED;
    }

    return STORE_OK;
}


static int
hook_order(const void *a, const void *b)
{
    const store_message_t  *x = a, *y = b;

    return x->due != y->due ? x->due < y->due ? -1 : 1
           : x->seq < y->seq ? -1 : x->seq > y->seq;
}


static void
hook_answer_read(void)
{
    store_status_t     status;
    store_messages_pt  read = hook.read;

    hook.read = NULL;
    status = hook_status();
    read(hook.read_data, status, hook.found,
         status == STORE_OK ? hook.nfound : 0);
}


static void
hook_work(loop_task_t *task)
{
    size_t      i, n;
    hook_set_t  sets[HOOK_MAX];

    (void) task;

    n = hook.nsets;
    memcpy(sets, hook.sets, sizeof(sets));
    hook.nsets = 0;

    for (i = 0; i < n; i++) {
        hook_write(&sets[i], hook_status());
    }

    if (hook.read != NULL) {
        hook_answer_read();
    }
}


/* Timers that are due at once fire in a round of their own. */
void
hook_run(void)
{
    int  i;

    for (i = 0; i < 4; i++) {
        fake_run(hook.loop);
    }
}


/* The message's number; job may be "". */
size_t
hook_put(const char *spec, const char *job, int64_t due)
{
    hook_row_t  *row;

    ck_assert_uint_lt(hook.nrows, HOOK_MAX);
    row = &hook.rows[hook.nrows];
    (void) snprintf(row->spec, sizeof(row->spec), "%s", spec);
    (void) snprintf(row->message.id, ID_SIZE, "message-%zu", hook.nrows);
    (void) snprintf(row->message.job, ID_SIZE, "%s", job);
    row->message.seq = (int64_t) hook.nrows;
    row->message.spec.data = row->spec;
    row->message.spec.len = strlen(row->spec);
    row->message.body = (sc_str_t) sc_string(HOOK_BODY);
    row->message.due = due;

    return hook.nrows++;
}


void
hook_start(void)
{
    hook.webhooks = webhooks_create(hook.loop, &hook.settings, hook.fetcher,
                                    hook.store);
    ck_assert_ptr_nonnull(hook.webhooks);
    hook_run();
}


void
hook_begin(void)
{
    static char  none[] = "";

    memset(&hook, 0, sizeof(hook));
    hook.loop = loop_create();
    ck_assert_ptr_nonnull(hook.loop);
    hook.begun = loop_now(hook.loop);
    hook.fetcher = fetcher_create(hook.loop, NULL, NULL, "x", 1);
    hook.store = store_open(hook.loop, "", none, 0);
    hook.settings.webhook_secret = none;
    hook.task.handler = hook_work;
    hook_start();
}


void
hook_stop(void)
{
    webhooks_destroy(hook.webhooks);
    hook.read = NULL;
    hook.nsets = 0;
    loop_undefer(&hook.task);
}


/* Check keeps a test's microseconds in 32 bits, of which one is a sign. */
void
hook_end(void)
{
    int64_t  passed;

    hook_stop();
    passed = loop_now(hook.loop) - hook.begun;

    if (passed > 2000 * LOOP_SEC) {
        fake_pass(hook.loop, HOOK_PASSED - passed);
    }

    store_close(hook.store);
    fetcher_destroy(hook.fetcher);
    loop_destroy(hook.loop);
}


/* A message that is due now, with its first attempt under way. */
size_t
hook_first(void)
{
    size_t  n;

    n = hook_put(HOOK_SPEC, HOOK_JOB, id_now_ms());
    webhooks_wake(hook.webhooks);
    hook_run();
    ck_assert_uint_eq(fake_fetches_of(HOOK_URL), 1);

    return n;
}


void
hook_reply(const char *url, int status)
{
    fake_fetch_answer(url, status, NULL, "");
    hook_run();
}


/* The value of a field of the fetch under way, "" when it has none. */
const char *
hook_field(const char *name)
{
    char         line[64];
    size_t       len;
    const char  *p;

    static char  value[256];

    (void) snprintf(line, sizeof(line), "%s: ", name);
    value[0] = '\0';
    p = strstr(fake_fetch(NULL)->headers.data, line);

    if (p != NULL) {
        p += strlen(line);
        len = strcspn(p, "\n");
        (void) snprintf(value, sizeof(value), "%.*s", (int) len, p);
    }

    return value;
}


void
hook_last(size_t n, const char *part)
{
    ck_assert_msg(strstr(hook.rows[n].last, part) != NULL, "\"%s\" has no %s",
                  hook.rows[n].last, part);
}
