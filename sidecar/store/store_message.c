
#include <stdlib.h>

#include "sidecar/store/store_internal.h"


static void store_told_messages(db_batch_t *batch);
static void store_row_message(const db_row_t *row, store_message_t *message);


int
store_messages_put(store_t *s, const store_message_t *messages, size_t n,
    store_done_pt done, void *data)
{
    store_line_t  line = { 0 };

    store_line_messages(&line, messages, n);

    return store_write(s, &line, done, data);
}


int
store_message_set(store_t *s, const store_message_t *message,
    store_done_pt done, void *data)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_MESSAGE_SET, STORE_NOT_FOUND);
    store_line_number(&line, message->seq);
    store_line_number(&line, message->due);
    store_line_number(&line, message->tries);
    store_line_number(&line, message->state);
    store_line_text(&line, message->last);

    return store_write(s, &line, done, data);
}


int
store_messages_due(store_t *s, int64_t now, size_t limit,
    store_messages_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .messages = done };

    store_line_op(&line, SQL_MESSAGES_DUE, STORE_OK);
    store_line_number(&line, now);
    store_line_number(&line, limit < STORE_LIST_MAX ? (int64_t) limit
                                                    : STORE_LIST_MAX);

    return store_read(s, &line, store_told_messages, tell, data);
}


int
store_messages_list(store_t *s, const char *job, sc_str_t tenant,
    size_t limit, store_messages_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .messages = done };

    store_line_op(&line, SQL_MESSAGES_LIST, STORE_OK);
    store_line_cstr(&line, job);
    store_line_text(&line, tenant);
    store_line_number(&line, limit < STORE_LIST_MAX ? (int64_t) limit
                                                    : STORE_LIST_MAX);

    return store_read(s, &line, store_told_messages, tell, data);
}


static void
store_told_messages(db_batch_t *batch)
{
    void             *array;
    size_t            n;
    db_row_t         *row;
    store_call_t     *call = (store_call_t *) batch;
    store_message_t  *message;

    if (store_told_array(batch, sizeof(store_message_t), &array, &n)
        != SC_OK)
    {
        batch->status = STORE_FAILED;
    }

    message = array;

    for (row = batch->rows; array != NULL && row != NULL; row = row->next) {
        store_row_message(row, message++);
    }

    if (call->tell.messages != NULL) {
        call->tell.messages(call->data, batch->status, array, n);
    }

    free(array);
    store_call_end(call);
}


static void
store_row_message(const db_row_t *row, store_message_t *message)
{
    const db_value_t  *v = row->values;

    store_row_id(message->id, v++);
    message->seq = (v++)->n;
    message->tenant = store_row_text(v++);
    store_row_id(message->job, v++);
    message->spec = store_row_text(v++);
    message->event = store_row_text(v++);
    message->body = store_row_text(v++);
    message->created = (v++)->n;
    message->due = (v++)->n;
    message->tries = (int) (v++)->n;
    message->state = (int) (v++)->n;
    message->last = store_row_text(v);
}
