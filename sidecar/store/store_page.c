
#include "sidecar/store/store_internal.h"


static void store_told_page(db_batch_t *batch);


int
store_page_put(store_t *s, const store_page_t *page)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_PAGE_PUT, STORE_OK);
    store_line_text(&line, page->key);
    store_line_number(&line, page->at);
    store_line_number(&line, (int64_t) page->body.len);
    store_line_number(&line, page->lifetime);
    store_line_text(&line, page->etag);
    store_line_text(&line, page->modified);
    store_line_text(&line, page->head);
    store_line_text(&line, page->body);

    return store_write(s, &line, NULL, NULL);
}


int
store_page_touch(store_t *s, sc_str_t key, int64_t at, int64_t lifetime)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_PAGE_TOUCH, STORE_OK);
    store_line_text(&line, key);
    store_line_number(&line, at);
    store_line_number(&line, lifetime);

    return store_write(s, &line, NULL, NULL);
}


int
store_page_trim(store_t *s, int64_t bytes)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_PAGE_TRIM, STORE_OK);
    store_line_number(&line, bytes);

    return store_write(s, &line, NULL, NULL);
}


int
store_page_get(store_t *s, sc_str_t key, store_page_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .page = done };

    store_line_op(&line, SQL_PAGE_GET, STORE_NOT_FOUND);
    store_line_text(&line, key);

    return store_read(s, &line, store_told_page, tell, data);
}


static void
store_told_page(db_batch_t *batch)
{
    store_call_t  *call = (store_call_t *) batch;
    store_page_t   page;

    if (call->tell.page == NULL) {
        /* nobody is to be told */

    } else if (batch->status != STORE_OK) {
        call->tell.page(call->data, batch->status, NULL);

    } else {
        store_row_page(batch->rows, &page);
        call->tell.page(call->data, STORE_OK, &page);
    }

    store_call_end(call);
}
