
#include <stdlib.h>

#include "sidecar/store/store_internal.h"


static void store_told_docs(db_batch_t *batch);


int
store_doc_put(store_t *s, const store_doc_t *doc, store_done_pt done,
    void *data)
{
    return store_docs_put(s, doc, 1, done, data);
}


int
store_docs_put(store_t *s, const store_doc_t *docs, size_t n,
    store_done_pt done, void *data)
{
    size_t        i;
    store_line_t  line = { 0 };

    if (n == 0 || n > STORE_DOCS_MAX) {
        return SC_ERROR;
    }

    for (i = 0; i < n; i++) {
        store_line_doc(&line, SQL_DOC_PUT, &docs[i]);
    }

    return store_write(s, &line, done, data);
}


int
store_doc_del(store_t *s, const char *kind, sc_str_t tenant, sc_str_t name,
    store_done_pt done, void *data)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_DOC_DEL, STORE_NOT_FOUND);
    store_line_cstr(&line, kind);
    store_line_text(&line, tenant);
    store_line_text(&line, name);

    return store_write(s, &line, done, data);
}


int
store_doc_get(store_t *s, const char *kind, sc_str_t tenant, sc_str_t name,
    store_docs_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .docs = done };

    store_line_op(&line, SQL_DOC_GET, STORE_NOT_FOUND);
    store_line_cstr(&line, kind);
    store_line_text(&line, tenant);
    store_line_text(&line, name);

    return store_read(s, &line, store_told_docs, tell, data);
}


int
store_docs_list(store_t *s, const char *kind, sc_str_t tenant,
    sc_str_t after, size_t limit, store_docs_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .docs = done };

    store_line_op(&line, SQL_DOC_LIST, STORE_OK);
    store_line_cstr(&line, kind);
    store_line_text(&line, tenant);
    store_line_text(&line, after);
    store_line_number(&line, limit < INT64_MAX ? (int64_t) limit : INT64_MAX);

    return store_read(s, &line, store_told_docs, tell, data);
}


static void
store_told_docs(db_batch_t *batch)
{
    void          *array;
    size_t         n;
    db_row_t      *row;
    store_doc_t   *docs;
    store_call_t  *call = (store_call_t *) batch;

    if (store_told_array(batch, sizeof(store_doc_t), &array, &n) != SC_OK) {
        batch->status = STORE_FAILED;
    }

    docs = array;

    for (row = batch->rows; array != NULL && row != NULL; row = row->next) {
        store_row_doc(row, docs++);
    }

    if (call->tell.docs != NULL) {
        call->tell.docs(call->data, batch->status, array, n);
    }

    free(array);
    store_call_end(call);
}
