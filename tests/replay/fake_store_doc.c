
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake_store.h"


static int fake_doc_write(store_t *s, fake_op_t op, const store_doc_t *docs,
    size_t n, store_done_pt done, void *data);
static fake_doc_t *fake_doc_make(const store_doc_t *doc);
static void fake_doc_key(sc_buf_t *key, const store_doc_t *doc);
static fake_doc_t *fake_doc_find(store_t *s, const sc_buf_t *key);
static int fake_doc_read(store_t *s, fake_op_t op, const store_doc_t *from,
    size_t limit, store_docs_pt done, void *data);
static void fake_find_docs(store_t *s, fake_call_t *c,
    const store_doc_t *from, size_t limit);
static int fake_doc_order(const fake_doc_t *a, const fake_doc_t *b);
static sc_str_t fake_doc_text(const fake_doc_t *doc, int i);
static int fake_str_cmp(sc_str_t a, sc_str_t b);
static void fake_read_docs(fake_call_t *c);
static void fake_read_ruleset(fake_call_t *c);


int
store_doc_put(store_t *s, const store_doc_t *doc, store_done_pt done,
    void *data)
{
    return fake_doc_write(s, FAKE_DOC_PUT, doc, 1, done, data);
}


int
store_docs_put(store_t *s, const store_doc_t *docs, size_t n,
    store_done_pt done, void *data)
{
    ck_assert(n >= 1 && n <= STORE_DOCS_MAX);

    return fake_doc_write(s, FAKE_DOC_PUT, docs, n, done, data);
}


int
store_ruleset_put(store_t *s, sc_str_t tenant, sc_str_t hash, sc_str_t json,
    store_done_pt done, void *data)
{
    store_doc_t  doc = { .kind = sc_string("ruleset"), .tenant = tenant,
                         .name = hash, .body = json };

    return fake_doc_write(s, FAKE_DOC_PUT, &doc, 1, done, data);
}


int
store_doc_del(store_t *s, const char *kind, sc_str_t tenant, sc_str_t name,
    store_done_pt done, void *data)
{
    store_doc_t  doc = { .kind = { strlen(kind), kind }, .tenant = tenant,
                         .name = name };

    return fake_doc_write(s, FAKE_DOC_DEL, &doc, 1, done, data);
}


static int
fake_doc_write(store_t *s, fake_op_t op, const store_doc_t *docs, size_t n,
    store_done_pt done, void *data)
{
    fake_doc_t   *copy;
    fake_call_t  *c;

    c = fake_call_make(s, op, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    while (n-- > 0) {
        copy = fake_doc_make(&docs[n]);
        copy->next = c->doc;
        c->doc = copy;
    }

    c->done = done;
    fake_call_write(s, c);

    return SC_OK;
}


static fake_doc_t *
fake_doc_make(const store_doc_t *doc)
{
    int          i;
    sc_str_t     texts[] = { doc->kind, doc->tenant, doc->name, doc->body };
    fake_doc_t  *copy;

    copy = calloc(1, sizeof(fake_doc_t));
    ck_assert_ptr_nonnull(copy);
    fake_doc_key(&copy->key, doc);
    copy->at = doc->at;

    for (i = 0; i < 4; i++) {
        sc_buf_init(&copy->texts[i], 0);
        (void) sc_buf_add_str(&copy->texts[i], texts[i]);
        ck_assert_ptr_nonnull(sc_buf_reserve(&copy->texts[i], 1));
        copy->texts[i].data[texts[i].len] = '\0';
    }

    return copy;
}


static void
fake_doc_key(sc_buf_t *key, const store_doc_t *doc)
{
    sc_buf_init(key, 0);
    (void) sc_buf_add_str(key, doc->kind);
    (void) sc_buf_add_cstr(key, "\n");
    (void) sc_buf_add_str(key, doc->tenant);
    (void) sc_buf_add_cstr(key, "\n");
    ck_assert_int_eq(sc_buf_add_str(key, doc->name), SC_OK);
}


store_status_t
fake_doc_do(store_t *s, fake_call_t *c)
{
    fake_doc_t  *doc, *put;

    if (c->op == FAKE_DOC_DEL && fake_doc_find(s, &c->doc->key) == NULL) {
        return STORE_NOT_FOUND;
    }

    while ((put = c->doc) != NULL) {
        doc = fake_doc_find(s, &put->key);

        if (doc != NULL) {
            HASH_DEL(s->docs, doc);
            fake_doc_free(doc);
        }

        c->doc = put->next;
        put->next = NULL;

        if (c->op == FAKE_DOC_PUT) {
            HASH_ADD_KEYPTR(hh, s->docs, put->key.data, put->key.len, put);

        } else {
            fake_doc_free(put);
        }
    }

    return STORE_OK;
}


static fake_doc_t *
fake_doc_find(store_t *s, const sc_buf_t *key)
{
    fake_doc_t  *doc;

    HASH_FIND(hh, s->docs, key->data, key->len, doc);

    return doc;
}


void
fake_docs_free(store_t *s)
{
    fake_doc_t  *doc, *tmp;

    HASH_ITER(hh, s->docs, doc, tmp) {
        HASH_DEL(s->docs, doc);
        fake_doc_free(doc);
    }
}


void
fake_doc_free(fake_doc_t *doc)
{
    int  i;

    if (doc->next != NULL) {
        fake_doc_free(doc->next);
    }

    for (i = 0; i < 4; i++) {
        sc_buf_free(&doc->texts[i]);
    }

    sc_buf_free(&doc->key);
    free(doc);
}


int
store_doc_get(store_t *s, const char *kind, sc_str_t tenant, sc_str_t name,
    store_docs_pt done, void *data)
{
    store_doc_t  from = { .kind = { strlen(kind), kind }, .tenant = tenant,
                          .name = name };

    return fake_doc_read(s, FAKE_DOC_GET, &from, 1, done, data);
}


int
store_docs_list(store_t *s, const char *kind, sc_str_t tenant,
    sc_str_t after, size_t limit, store_docs_pt done, void *data)
{
    store_doc_t  from = { .kind = { strlen(kind), kind }, .tenant = tenant,
                          .name = after };

    return fake_doc_read(s, FAKE_DOC_LIST, &from, limit, done, data);
}


/* One that was put by itself, or with a job. */
int
store_ruleset_get(store_t *s, sc_str_t tenant, sc_str_t hash,
    store_ruleset_pt done, void *data)
{
    fake_row_t   *row;
    fake_call_t  *c;
    store_doc_t   from = { .kind = sc_string("ruleset"), .tenant = tenant,
                           .name = hash };

    c = fake_call_make(s, FAKE_DOC_GET, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done_ruleset = done;
    c->tell = fake_read_ruleset;

    if (c->status == STORE_OK) {
        fake_find_docs(s, c, &from, 1);
    }

    DL_FOREACH(s->rows, row) {
        if (c->status == STORE_OK && c->n == 0
            && fake_str_cmp(row->job.tenant, tenant) == 0
            && fake_str_cmp(row->job.rules_hash, hash) == 0)
        {
            c->docs[0].body = row->job.rules;
            fake_copy_strings((sc_str_t *[]) { &c->docs[0].body }, 1,
                              &c->texts[c->n++]);
        }
    }

    if (c->status == STORE_OK && c->n == 0) {
        c->status = STORE_NOT_FOUND;
    }

    fake_call_read(s, c);

    return SC_OK;
}


static int
fake_doc_read(store_t *s, fake_op_t op, const store_doc_t *from,
    size_t limit, store_docs_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_call_make(s, op, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done_docs = done;
    c->tell = fake_read_docs;

    if (c->status == STORE_OK) {
        fake_find_docs(s, c, from, limit);
    }

    if (c->status == STORE_OK && op == FAKE_DOC_GET && c->n == 0) {
        c->status = STORE_NOT_FOUND;
    }

    fake_call_read(s, c);

    return SC_OK;
}


static void
fake_find_docs(store_t *s, fake_call_t *c, const store_doc_t *from,
    size_t limit)
{
    int           order;
    fake_doc_t   *doc, *tmp;
    store_doc_t  *found;

    c->docs = calloc(HASH_COUNT(s->docs) + 1, sizeof(store_doc_t));
    c->texts = calloc(HASH_COUNT(s->docs) + 1, sizeof(sc_buf_t));
    ck_assert(c->docs != NULL && c->texts != NULL);
    HASH_SORT(s->docs, fake_doc_order);

    HASH_ITER(hh, s->docs, doc, tmp) {
        order = fake_str_cmp(fake_doc_text(doc, 2), from->name);

        if (c->n == limit
            || fake_str_cmp(fake_doc_text(doc, 0), from->kind) != 0
            || fake_str_cmp(fake_doc_text(doc, 1), from->tenant) != 0
            || (c->op == FAKE_DOC_GET ? order != 0 : order <= 0))
        {
            continue;
        }

        found = &c->docs[c->n];
        found->kind = fake_doc_text(doc, 0);
        found->tenant = fake_doc_text(doc, 1);
        found->name = fake_doc_text(doc, 2);
        found->body = fake_doc_text(doc, 3);
        found->at = doc->at;
        fake_copy_strings((sc_str_t *[]) { &found->kind, &found->tenant,
                                           &found->name, &found->body },
                          4, &c->texts[c->n++]);
    }
}


static int
fake_doc_order(const fake_doc_t *a, const fake_doc_t *b)
{
    return fake_str_cmp(fake_doc_text(a, 2), fake_doc_text(b, 2));
}


static sc_str_t
fake_doc_text(const fake_doc_t *doc, int i)
{
    sc_str_t  text = { doc->texts[i].len, doc->texts[i].data };

    return text;
}


static int
fake_str_cmp(sc_str_t a, sc_str_t b)
{
    int     order;
    size_t  len;

    len = a.len < b.len ? a.len : b.len;
    order = len > 0 ? memcmp(a.data, b.data, len) : 0;

    if (order != 0 || a.len == b.len) {
        return order;
    }

    return a.len < b.len ? -1 : 1;
}


static void
fake_read_docs(fake_call_t *c)
{
    c->done_docs(c->data, c->status, c->docs, c->n);
}


static void
fake_read_ruleset(fake_call_t *c)
{
    c->done_ruleset(c->data, c->status,
                    c->n > 0 ? c->docs[0].body : (sc_str_t) sc_null_string);
}


const char *
fake_doc(const char *kind, const char *tenant, const char *name)
{
    sc_buf_t      key;
    fake_doc_t   *doc;
    store_doc_t   from = { .kind = { strlen(kind), kind },
                           .tenant = { strlen(tenant), tenant },
                           .name = { strlen(name), name } };

    fake_doc_key(&key, &from);
    doc = fake_doc_find(&fake_store, &key);
    sc_buf_free(&key);

    return doc != NULL ? doc->texts[3].data : "";
}
