
#include <stdlib.h>

#include "sidecar/store/store_internal.h"


#define STORE_DAY_MS    86400000


static void store_told_usages(db_batch_t *batch);


int64_t
store_day(int64_t ms)
{
    return ms / STORE_DAY_MS;
}


int
store_usage_put(store_t *s, const store_usage_t *usage)
{
    store_line_t  line = { 0 };

    store_line_usage(&line, usage->tenant, usage);

    return line.nops != 0 ? store_write(s, &line, NULL, NULL) : SC_OK;
}


void
store_line_usage(store_line_t *line, sc_str_t tenant,
    const store_usage_t *usage)
{
    if (usage->pages == 0 && usage->bytes == 0 && usage->jobs == 0) {
        return;
    }

    store_line_op(line, SQL_USAGE_ADD, STORE_OK);
    store_line_text(line, tenant);
    store_line_number(line, usage->day);
    store_line_number(line, usage->pages);
    store_line_number(line, usage->bytes);
    store_line_number(line, usage->jobs);
}


int
store_usage_days(store_t *s, sc_str_t tenant, int64_t since, size_t limit,
    store_usages_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .usages = done };

    store_line_op(&line, SQL_USAGE_OF, STORE_OK);
    store_line_text(&line, tenant);
    store_line_number(&line, since);
    store_line_number(&line, (int64_t) limit);

    return store_read(s, &line, store_told_usages, tell, data);
}


int
store_usage_all(store_t *s, int64_t day, sc_str_t after, size_t limit,
    store_usages_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .usages = done };

    store_line_op(&line, SQL_USAGE_ALL, STORE_OK);
    store_line_number(&line, day);
    store_line_number(&line, after.data == NULL);
    store_line_text(&line, after.data != NULL ? after
                                              : (sc_str_t) sc_string(""));
    store_line_number(&line, (int64_t) limit);

    return store_read(s, &line, store_told_usages, tell, data);
}


static void
store_told_usages(db_batch_t *batch)
{
    void           *array;
    size_t          n;
    db_row_t       *row;
    store_call_t   *call = (store_call_t *) batch;
    store_usage_t  *usage;

    if (store_told_array(batch, sizeof(store_usage_t), &array, &n) != SC_OK) {
        batch->status = STORE_FAILED;
    }

    usage = array;

    for (row = batch->rows; array != NULL && row != NULL; row = row->next) {
        usage->tenant = store_row_text(&row->values[0]);
        usage->day = row->values[1].n;
        usage->pages = row->values[2].n;
        usage->bytes = row->values[3].n;
        usage->jobs = row->values[4].n;
        usage++;
    }

    if (call->tell.usages != NULL) {
        call->tell.usages(call->data, batch->status, array, n);
    }

    free(array);
    store_call_end(call);
}
