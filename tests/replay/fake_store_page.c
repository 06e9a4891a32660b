
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/replay/fake_store.h"


static int fake_page_write(store_t *s, fake_op_t op,
    const store_page_t *page);
static void fake_page_copy(store_page_t *to, const store_page_t *from,
    sc_buf_t *text);
static fake_page_t *fake_kept_find(store_t *s, sc_str_t key);
static void fake_kept_trim(store_t *s, size_t bytes);
static void fake_read_page(fake_call_t *c);


int
store_page_put(store_t *s, const store_page_t *page)
{
    return fake_page_write(s, FAKE_PAGE_PUT, page);
}


int
store_page_touch(store_t *s, sc_str_t key, int64_t at, int64_t lifetime)
{
    store_page_t  page = { .key = key, .at = at, .lifetime = lifetime };

    return fake_page_write(s, FAKE_PAGE_TOUCH, &page);
}


int
store_page_trim(store_t *s, int64_t bytes)
{
    store_page_t  page = { .at = bytes };

    return fake_page_write(s, FAKE_PAGE_TRIM, &page);
}


static int
fake_page_write(store_t *s, fake_op_t op, const store_page_t *page)
{
    fake_call_t  *c;

    c = fake_call_make(s, op, NULL);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->page = calloc(1, sizeof(fake_page_t));
    ck_assert_ptr_nonnull(c->page);
    fake_page_copy(&c->page->page, page, &c->page->text);
    fake_call_write(s, c);

    return SC_OK;
}


static void
fake_page_copy(store_page_t *to, const store_page_t *from, sc_buf_t *text)
{
    *to = *from;
    fake_copy_strings((sc_str_t *[]) { &to->key, &to->head, &to->etag,
                                       &to->modified, &to->body },
                      5, text);
}


void
fake_page_do(store_t *s, fake_call_t *c)
{
    fake_page_t  *page;

    if (c->op == FAKE_PAGE_TRIM) {
        fake_kept_trim(s, (size_t) c->page->page.at);
        return;
    }

    page = fake_kept_find(s, c->page->page.key);

    if (c->op == FAKE_PAGE_TOUCH) {
        if (page != NULL) {
            page->page.at = c->page->page.at;
            page->page.lifetime = c->page->page.lifetime;
        }

        return;
    }

    if (page != NULL) {
        HASH_DEL(s->pages, page);
        fake_kept_free(page);
    }

    page = c->page;
    c->page = NULL;
    HASH_ADD_KEYPTR(hh, s->pages, page->page.key.data, page->page.key.len,
                    page);
}


static fake_page_t *
fake_kept_find(store_t *s, sc_str_t key)
{
    fake_page_t  *page;

    HASH_FIND(hh, s->pages, key.data, key.len, page);

    return page;
}


/* The table has them in the order in which they were put. */
static void
fake_kept_trim(store_t *s, size_t bytes)
{
    size_t        total;
    fake_page_t  *page, *tmp;

    total = 0;

    HASH_ITER(hh, s->pages, page, tmp) {
        total += page->page.body.len;
    }

    HASH_ITER(hh, s->pages, page, tmp) {
        if (total <= bytes) {
            break;
        }

        total -= page->page.body.len;
        HASH_DEL(s->pages, page);
        fake_kept_free(page);
    }
}


void
fake_pages_free(store_t *s)
{
    fake_page_t  *page, *tmp;

    HASH_ITER(hh, s->pages, page, tmp) {
        HASH_DEL(s->pages, page);
        fake_kept_free(page);
    }
}


void
fake_kept_free(fake_page_t *page)
{
    sc_buf_free(&page->text);
    free(page);
}


int
store_page_get(store_t *s, sc_str_t key, store_page_pt done, void *data)
{
    fake_call_t  *c;
    fake_page_t  *page;

    c = fake_call_make(s, FAKE_PAGE_GET, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done_page = done;
    c->tell = fake_read_page;

    if (c->status == STORE_OK) {
        page = fake_kept_find(s, key);
        c->status = page != NULL ? STORE_OK : STORE_NOT_FOUND;

        if (page != NULL) {
            c->page = calloc(1, sizeof(fake_page_t));
            ck_assert_ptr_nonnull(c->page);
            fake_page_copy(&c->page->page, &page->page, &c->page->text);
        }
    }

    fake_call_read(s, c);

    return SC_OK;
}


static void
fake_read_page(fake_call_t *c)
{
    c->done_page(c->data, c->status, c->page != NULL ? &c->page->page : NULL);
}


size_t
fake_kept(void)
{
    return HASH_COUNT(fake_store.pages);
}
