
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/support/storing.h"


static store_status_t doc_put(const char *kind, const char *tenant,
    const char *name, const char *body, int64_t at);
static store_status_t doc_del(const char *kind, const char *tenant,
    const char *name);
static const char *doc_get(const char *kind, const char *tenant,
    const char *name);
static const char *doc_list(const char *tenant, const char *after,
    size_t limit);
static const char *doc_ruleset(const char *tenant, const char *hash);
static void doc_told_ruleset(void *data, store_status_t status,
    sc_str_t json);
static void doc_told(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);


static storing_t  t;


START_TEST(a_document_is_read_as_it_was_put)
{
    ck_assert_int_eq(doc_put("session", "acme", "shop", "{\"a\":1}", 17),
                     STORE_OK);
    ck_assert_str_eq(doc_get("session", "acme", "shop"),
                     "session acme shop {\"a\":1} 17\n");
}
END_TEST


START_TEST(a_second_put_replaces_the_first)
{
    (void) doc_put("session", "acme", "shop", "old", 1);
    (void) doc_put("session", "acme", "shop", "new", 2);
    ck_assert_str_eq(doc_get("session", "acme", "shop"),
                     "session acme shop new 2\n");
    ck_assert_str_eq(doc_list("acme", "", 10), "session acme shop new 2\n");
}
END_TEST


START_TEST(puts_are_done_in_their_order)
{
    int          i;
    char         body[16];
    store_doc_t  doc = { 0 };

    doc.kind = storing_str("session");
    doc.tenant = storing_str("acme");
    doc.name = storing_str("shop");

    for (i = 0; i < 100; i++) {
        (void) snprintf(body, sizeof(body), "%d", i);
        doc.body = storing_str(body);
        ck_assert_int_eq(store_doc_put(t.store, &doc, storing_done, &t),
                         SC_OK);
    }

    ck_assert_int_eq(storing_wait_for(&t, 100), STORE_OK);
    ck_assert_str_eq(doc_get("session", "acme", "shop"),
                     "session acme shop 99 0\n");
}
END_TEST


START_TEST(documents_of_one_put_are_there_together)
{
    size_t       i;
    store_doc_t  docs[STORE_DOCS_MAX];

    static const char *const  names[] = { "a", "b", "c", "d" };

    memset(docs, 0, sizeof(docs));

    for (i = 0; i < STORE_DOCS_MAX; i++) {
        docs[i].kind = storing_str("session");
        docs[i].tenant = storing_str("acme");
        docs[i].name = storing_str(names[i]);
        docs[i].body = storing_str("1");
        docs[i].at = (int64_t) i;
    }

    ck_assert_int_eq(storing_wait(&t, store_docs_put(t.store, docs,
                                                     STORE_DOCS_MAX,
                                                     storing_done, &t)),
                     STORE_OK);
    ck_assert_str_eq(doc_list("acme", "", 10), "session acme a 1 0\n"
                     "session acme b 1 1\nsession acme c 1 2\n"
                     "session acme d 1 3\n");

    ck_assert_int_eq(store_docs_put(t.store, docs, 0, storing_done, &t),
                     SC_ERROR);
    ck_assert_int_eq(store_docs_put(t.store, docs, STORE_DOCS_MAX + 1,
                                    storing_done, &t), SC_ERROR);
}
END_TEST


START_TEST(documents_of_a_put_that_fails_are_none)
{
    size_t       size = 129 * 1024 * 1024;
    char        *body;
    store_doc_t  docs[2];

    (void) doc_put("session", "acme", "a", "old", 1);
    body = malloc(size);
    ck_assert_ptr_nonnull(body);
    memset(body, 'x', size);
    memset(docs, 0, sizeof(docs));
    docs[0].kind = docs[1].kind = storing_str("session");
    docs[0].tenant = docs[1].tenant = storing_str("acme");
    docs[0].name = storing_str("a");
    docs[1].name = storing_str("b");
    docs[0].body = storing_str("new");
    docs[1].body.data = body;
    docs[1].body.len = size;
    ck_assert_int_eq(storing_wait(&t, store_docs_put(t.store, docs, 2,
                                                     storing_done, &t)),
                     STORE_FAILED);
    free(body);
    ck_assert_str_eq(doc_list("acme", "", 10), "session acme a old 1\n");
}
END_TEST


START_TEST(a_rule_set_is_read_by_its_hash)
{
    ck_assert_str_eq(doc_ruleset("acme", "sha256:0"), "");
    ck_assert_int_eq(t.status, STORE_NOT_FOUND);
    ck_assert_int_eq(storing_wait(&t, store_ruleset_put(t.store,
                                                        storing_str("acme"),
                                                        storing_str("s:0"),
                                                        storing_str("{}"),
                                                        storing_done, &t)),
                     STORE_OK);
    ck_assert_int_eq(storing_wait(&t, store_ruleset_put(t.store,
                                                        storing_str("acme"),
                                                        storing_str("s:0"),
                                                        storing_str("[]"),
                                                        storing_done, &t)),
                     STORE_OK);
    ck_assert_str_eq(doc_ruleset("acme", "s:0"), "{}");
    ck_assert_int_eq(t.status, STORE_OK);

    /* to nobody else */
    ck_assert_str_eq(doc_ruleset("", "s:0"), "");
    ck_assert_int_eq(t.status, STORE_NOT_FOUND);

    /* and so is that of a job */
    storing_put_n(&t, 7);
    ck_assert_str_eq(doc_ruleset("acme", "sha256:7"), "{\"rules\":7}");
}
END_TEST


START_TEST(a_document_that_is_not_there_is_not_found)
{
    ck_assert_str_eq(doc_get("session", "acme", "shop"), "");
    ck_assert_int_eq(t.status, STORE_NOT_FOUND);
    ck_assert_int_eq(doc_del("session", "acme", "shop"), STORE_NOT_FOUND);
}
END_TEST


START_TEST(a_deleted_document_is_gone_and_may_come_again)
{
    (void) doc_put("session", "acme", "shop", "1", 1);
    ck_assert_int_eq(doc_del("session", "acme", "shop"), STORE_OK);
    ck_assert_str_eq(doc_get("session", "acme", "shop"), "");
    ck_assert_int_eq(doc_del("session", "acme", "shop"), STORE_NOT_FOUND);

    (void) doc_put("session", "acme", "shop", "2", 2);
    ck_assert_str_eq(doc_get("session", "acme", "shop"),
                     "session acme shop 2 2\n");
}
END_TEST


START_TEST(tenants_and_kinds_are_kept_apart)
{
    (void) doc_put("session", "acme", "shop", "1", 1);
    (void) doc_put("session", "other", "shop", "2", 2);
    (void) doc_put("host", "acme", "shop", "3", 3);

    ck_assert_str_eq(doc_get("session", "acme", "shop"),
                     "session acme shop 1 1\n");
    ck_assert_str_eq(doc_get("session", "other", "shop"),
                     "session other shop 2 2\n");
    ck_assert_str_eq(doc_get("host", "acme", "shop"),
                     "host acme shop 3 3\n");
    ck_assert_str_eq(doc_get("host", "other", "shop"), "");
    ck_assert_str_eq(doc_list("acme", "", 10), "session acme shop 1 1\n");

    ck_assert_int_eq(doc_del("session", "other", "shop"), STORE_OK);
    ck_assert_str_eq(doc_get("session", "acme", "shop"),
                     "session acme shop 1 1\n");
}
END_TEST


START_TEST(a_list_is_read_page_by_page)
{
    size_t  i;

    static const char *const  names[] = { "c", "a", "B", "d", "b" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void) doc_put("session", "acme", names[i], "{}", 0);
    }

    ck_assert_str_eq(doc_list("acme", "", 2),
                     "session acme B {} 0\nsession acme a {} 0\n");
    ck_assert_str_eq(doc_list("acme", "a", 2),
                     "session acme b {} 0\nsession acme c {} 0\n");
    ck_assert_str_eq(doc_list("acme", "c", 2), "session acme d {} 0\n");
    ck_assert_str_eq(doc_list("acme", "d", 2), "");
    ck_assert_int_eq(t.status, STORE_OK);

    /* the name it goes on after need not be there */
    ck_assert_str_eq(doc_list("acme", "bb", 1), "session acme c {} 0\n");
    ck_assert_str_eq(doc_list("nobody", "", 2), "");
}
END_TEST


START_TEST(documents_are_there_after_a_restart)
{
    (void) doc_put("session", "acme", "shop", "{\"a\":1}", 17);
    storing_close(&t);
    storing_open(&t);
    ck_assert_str_eq(doc_get("session", "acme", "shop"),
                     "session acme shop {\"a\":1} 17\n");
}
END_TEST


START_TEST(another_shard_s_documents_are_not_touched)
{
    sqlite3  *db;

    (void) doc_put("session", "acme", "shop", "ours", 1);

    ck_assert_int_eq(sqlite3_open(t.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "INSERT INTO document (shard, kind,"
                                  " tenant, name, body, at) VALUES (1,"
                                  " 'session', 'acme', 'shop', 'theirs', 2)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);

    ck_assert_str_eq(doc_get("session", "acme", "shop"),
                     "session acme shop ours 1\n");
    ck_assert_str_eq(doc_list("acme", "", 10), "session acme shop ours 1\n");
    ck_assert_int_eq(doc_del("session", "acme", "shop"), STORE_OK);
    ck_assert_str_eq(doc_get("session", "acme", "shop"), "");

    /* theirs is still there */
    ck_assert_int_eq(sqlite3_exec(db, "DELETE FROM document"
                                  " WHERE shard = 1 AND body = 'theirs'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_changes(db), 1);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST


START_TEST(a_body_is_kept_byte_by_byte)
{
    char         body[70000];
    store_doc_t  doc = { 0 };

    memset(body, 'x', sizeof(body));
    memcpy(body, "'; DROP TABLE document; --", 26);
    doc.kind = storing_str("session");
    doc.tenant = storing_str("a'b");
    doc.name = storing_str("\xc3\xa4 \"");
    doc.body.data = body;
    doc.body.len = sizeof(body);
    ck_assert_int_eq(storing_wait(&t, store_doc_put(t.store, &doc,
                                                    storing_done, &t)),
                     STORE_OK);

    (void) doc_get("session", "a'b", "\xc3\xa4 \"");
    ck_assert_int_eq(t.status, STORE_OK);
    ck_assert_uint_gt(t.said.len, sizeof(body));
    ck_assert_ptr_nonnull(memmem(t.said.data, t.said.len, body,
                                 sizeof(body)));
}
END_TEST


START_TEST(who_is_forgotten_is_not_called)
{
    int  other;

    ck_assert_int_eq(store_doc_get(t.store, "session", storing_str("acme"),
                                   storing_str("shop"), doc_told, &other),
                     SC_OK);
    store_forget(t.store, &other);
    (void) doc_put("session", "acme", "shop", "1", 1);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_document_is_read_as_it_was_put,
        a_second_put_replaces_the_first,
        puts_are_done_in_their_order,
        documents_of_one_put_are_there_together,
        documents_of_a_put_that_fails_are_none,
        a_rule_set_is_read_by_its_hash,
        a_document_that_is_not_there_is_not_found,
        a_deleted_document_is_gone_and_may_come_again,
        tenants_and_kinds_are_kept_apart,
        a_list_is_read_page_by_page,
        documents_are_there_after_a_restart,
        another_shard_s_documents_are_not_touched,
        a_body_is_kept_byte_by_byte,
        who_is_forgotten_is_not_called,
        NULL
    };

    return storing_run("store_doc", tests, &t);
}


static store_status_t
doc_put(const char *kind, const char *tenant, const char *name,
    const char *body, int64_t at)
{
    store_doc_t  doc;

    doc.kind = storing_str(kind);
    doc.tenant = storing_str(tenant);
    doc.name = storing_str(name);
    doc.body = storing_str(body);
    doc.at = at;

    return storing_wait(&t, store_doc_put(t.store, &doc, storing_done, &t));
}


static store_status_t
doc_del(const char *kind, const char *tenant, const char *name)
{
    return storing_wait(&t, store_doc_del(t.store, kind, storing_str(tenant),
                                          storing_str(name), storing_done,
                                          &t));
}


/* Lines of "kind tenant name body at", valid until the next call. */
static const char *
doc_get(const char *kind, const char *tenant, const char *name)
{
    (void) storing_wait(&t, store_doc_get(t.store, kind, storing_str(tenant),
                                          storing_str(name), doc_told, &t));

    return t.said.data;
}


static const char *
doc_list(const char *tenant, const char *after, size_t limit)
{
    (void) storing_wait(&t, store_docs_list(t.store, "session",
                                            storing_str(tenant),
                                            storing_str(after), limit,
                                            doc_told, &t));

    return t.said.data;
}


static const char *
doc_ruleset(const char *tenant, const char *hash)
{
    (void) storing_wait(&t, store_ruleset_get(t.store, storing_str(tenant),
                                              storing_str(hash),
                                              doc_told_ruleset, &t));

    return t.said.data;
}


static void
doc_told_ruleset(void *data, store_status_t status, sc_str_t json)
{
    storing_t  *s = data;

    ck_assert(status == STORE_OK || json.len == 0);
    (void) sc_buf_add_str(&s->said, json);
    storing_done(s, status);
}


static void
doc_told(void *data, store_status_t status, const store_doc_t *docs, size_t n)
{
    size_t      i, j;
    storing_t  *s = data;

    ck_assert_ptr_eq(s, &t);
    ck_assert(status == STORE_OK || (docs == NULL && n == 0));

    for (i = 0; i < n; i++) {
        const sc_str_t  parts[] = { docs[i].kind, docs[i].tenant,
                                    docs[i].name, docs[i].body };

        for (j = 0; j < sizeof(parts) / sizeof(parts[0]); j++) {
            (void) sc_buf_add_str(&s->said, parts[j]);
            (void) sc_buf_add_cstr(&s->said, " ");
        }

        (void) sc_buf_printf(&s->said, "%lld\n", (long long) docs[i].at);
    }

    storing_done(s, status);
}
