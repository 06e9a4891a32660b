
#include <stdlib.h>
#include <string.h>

#include "sidecar/extract/extract_internal.h"


#define EXTRACT_TEXTS_ROOM  8


static int extract_texts_push(extract_texts_t *t, size_t start, size_t len,
    unsigned absent);


void
extract_texts_init(extract_texts_t *t, size_t max)
{
    memset(t, 0, sizeof(extract_texts_t));
    sc_buf_init(&t->bytes, max);
}


void
extract_texts_free(extract_texts_t *t)
{
    sc_buf_free(&t->bytes);
    free(t->list);
    t->list = NULL;
    t->n = 0;
    t->cap = 0;
}


void
extract_texts_reset(extract_texts_t *t)
{
    sc_buf_reset(&t->bytes);
    t->n = 0;
}


int
extract_texts_add(extract_texts_t *t, const char *data, size_t len)
{
    if (sc_buf_add(&t->bytes, data, len) != SC_OK) {
        return SC_ERROR;
    }

    return extract_texts_end(t);
}


int
extract_texts_absent(extract_texts_t *t)
{
    return extract_texts_push(t, t->bytes.len, 0, 1);
}


int
extract_texts_end(extract_texts_t *t)
{
    size_t                 start;
    const extract_text_t  *last;

    start = 0;

    if (t->n != 0) {
        last = &t->list[t->n - 1];
        start = last->start + (last->absent ? 0 : last->len + 1);
    }

    if (t->bytes.failed
        || extract_texts_push(t, start, t->bytes.len - start, 0) != SC_OK)
    {
        return SC_ERROR;
    }

    return sc_buf_add(&t->bytes, "", 1);
}


sc_str_t
extract_texts_get(const extract_texts_t *t, size_t i)
{
    sc_str_t  text;

    text.data = t->bytes.data + t->list[i].start;
    text.len = t->list[i].len;

    return text;
}


static int
extract_texts_push(extract_texts_t *t, size_t start, size_t len,
    unsigned absent)
{
    size_t           cap;
    extract_text_t  *list;

    if (t->n == t->cap) {
        cap = (t->cap != 0) ? t->cap * 2 : EXTRACT_TEXTS_ROOM;

        list = realloc(t->list, cap * sizeof(extract_text_t));
        if (list == NULL) {
            return SC_ERROR;
        }

        t->list = list;
        t->cap = cap;
    }

    t->list[t->n].start = start;
    t->list[t->n].len = len;
    t->list[t->n].absent = absent & 1u;
    t->n++;

    return SC_OK;
}
