
#include "sidecar/store/store_internal.h"


static void store_told_ruleset(db_batch_t *batch);


int
store_ruleset_put(store_t *s, sc_str_t tenant, sc_str_t hash, sc_str_t json,
    store_done_pt done, void *data)
{
    store_line_t  line = { 0 };

    store_line_ruleset(&line, tenant, hash, json);

    return store_write(s, &line, done, data);
}


int
store_ruleset_get(store_t *s, sc_str_t tenant, sc_str_t hash,
    store_ruleset_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .ruleset = done };

    store_line_op(&line, SQL_RULESET_GET, STORE_NOT_FOUND);
    store_line_text(&line, hash);
    store_line_text(&line, tenant);

    return store_read(s, &line, store_told_ruleset, tell, data);
}


static void
store_told_ruleset(db_batch_t *batch)
{
    sc_str_t       json = sc_null_string;
    store_call_t  *call = (store_call_t *) batch;

    if (batch->status == STORE_OK && batch->rows->values[0].text != NULL) {
        json.data = batch->rows->values[0].text;
        json.len = (size_t) batch->rows->values[0].n;
    }

    if (call->tell.ruleset != NULL) {
        call->tell.ruleset(call->data, batch->status, json);
    }

    store_call_end(call);
}
