
#include <stdio.h>
#include <string.h>

#include "sidecar/rulesets/rulesets.h"
#include "tests/support/storing.h"


/*
 * rulesets  of the store of test
 * left      callbacks that are waited for
 * status    of the last one
 * outcomes  of changes, a letter each, in the order they were told
 * version   of the last change
 * hash      the same
 * listed    items of a list, "name@version " each
 * allow     what the condition of a change says
 * seen      the hash it was asked with, "" for none
 */
typedef struct {
    rulesets_t      *rulesets;
    size_t           left;
    store_status_t   status;
    char             outcomes[64];
    int64_t          version;
    char             hash[SC_RULES_HASH_LEN + 1];
    char             listed[512];
    int              allow;
    char             seen[SC_RULES_HASH_LEN + 1];
} rulesets_test_t;


/* A reference, and what it is taken for: a name and a version. */
typedef struct {
    const char  *ref;
    const char  *name;
    int64_t      version;
} rulesets_ref_t;


static void rulesets_begin(void);
static void rulesets_end(void);
static void rulesets_wait(size_t n);
static void rulesets_ask(const char *tenant, const char *name,
    const char *json);
static char rulesets_set(const char *tenant, const char *name,
    const char *json);
static void rulesets_ask_drop(const char *tenant, const char *name);
static char rulesets_drop_one(const char *tenant, const char *name);
static const char *rulesets_hash_of(const char *json);
static const char *rulesets_got(const char *tenant, const char *ref);
static const char *rulesets_known(const char *tenant, const char *ref);
static const char *rulesets_listing(const char *tenant, const char *after,
    size_t limit);
static const char *rulesets_history(const char *name, int64_t after,
    size_t limit);
static int rulesets_may(void *data, const char *hash);
static void rulesets_told(store_status_t status);
static void rulesets_changed(void *data, store_status_t status,
    const ruleset_change_t *change);
static void rulesets_loaded(void *data, store_status_t status);
static void rulesets_listed(void *data, store_status_t status,
    const ruleset_item_t *items, size_t n);


#define ONE      "{\"fields\":{\"a\":\"//a\"}}"
#define TWO      "{\"fields\":{\"b\":\"//b\"}}"
#define THREE    "{\"fields\":{\"c\":\"//c\"}}"

#define HEX      "0123456789abcdef0123456789abcdef0123456789abcdef"           \
                 "0123456789abcdef"


static storing_t        test;
static rulesets_test_t  state;

static const rulesets_ref_t  rulesets_refs[] = {
    { "product", "product", 0 },
    { "product@3", "product", 3 },
    { "A.b_c-9@10000", "A.b_c-9", 10000 },
    { "sha256:" HEX, "", 0 },
    { "", NULL, 0 },
    { "@3", NULL, 0 },
    { "product@", NULL, 0 },
    { "product@0", NULL, 0 },
    { "product@03", NULL, 0 },
    { "product@-3", NULL, 0 },
    { "product@3x", NULL, 0 },
    { "product@3@3", NULL, 0 },
    { "product@99999999999999999999", NULL, 0 },
    { "a b", NULL, 0 },
    { "a/b", NULL, 0 },
    { "\xc3\xa4", NULL, 0 },
    { "sha256:", NULL, 0 },
    { "sha256:abc", NULL, 0 },
    { "SHA256:" HEX, NULL, 0 }
};


START_TEST(a_reference_is_a_name_a_version_of_it_or_a_hash)
{
    int                    rc;
    size_t                 i;
    ruleset_ref_t          ref;
    const rulesets_ref_t  *c;

    for (i = 0; i < sizeof(rulesets_refs) / sizeof(rulesets_refs[0]); i++) {
        c = &rulesets_refs[i];
        rc = rulesets_ref_parse(storing_str(c->ref), &ref);
        ck_assert_msg(rc == (c->name != NULL ? SC_OK : SC_DECLINED), "\"%s\"",
                      c->ref);

        if (rc == SC_OK) {
            ck_assert_uint_eq(ref.name.len, strlen(c->name));
            ck_assert_int_eq(ref.version, c->version);
            ck_assert_uint_eq(ref.hash.len,
                              c->name[0] == '\0' ? SC_RULES_HASH_LEN : 0);
        }
    }
}
END_TEST


START_TEST(a_name_has_at_most_128_bytes)
{
    char      name[RULESETS_NAME_MAX + 1];
    sc_str_t  text = { RULESETS_NAME_MAX, name };

    memset(name, 'a', sizeof(name));
    ck_assert_int_eq(rulesets_name_check(text), SC_OK);
    text.len++;
    ck_assert_int_eq(rulesets_name_check(text), SC_DECLINED);

    text.len = 3;
    name[1] = '\0';
    ck_assert_int_eq(rulesets_name_check(text), SC_DECLINED);
}
END_TEST


START_TEST(what_was_put_is_found_by_name_by_version_and_by_hash)
{
    rulesets_begin();

    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');
    ck_assert_int_eq(state.version, 1);
    ck_assert_str_eq(state.hash, rulesets_hash_of(ONE));
    ck_assert_int_eq(rulesets_set("acme", "shop", TWO), 'C');
    ck_assert_int_eq(state.version, 2);

    ck_assert_str_eq(rulesets_got("acme", "shop"), TWO);
    ck_assert_str_eq(rulesets_got("acme", "shop@2"), TWO);
    ck_assert_str_eq(rulesets_got("acme", "shop@1"), ONE);
    ck_assert_str_eq(rulesets_got("acme", "shop@3"), "none");
    ck_assert_str_eq(rulesets_got("acme", rulesets_hash_of(ONE)), ONE);
    ck_assert_str_eq(rulesets_got("other", rulesets_hash_of(ONE)), "none");
    ck_assert_str_eq(rulesets_got("acme", "sha256:" HEX), "none");

    rulesets_end();
}
END_TEST


START_TEST(what_is_put_survives_the_room)
{
    const ruleset_t  *set;
    int               known;

    rulesets_begin();
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');
    rulesets_end();

    rulesets_begin();
    ck_assert_str_eq(rulesets_known("acme", "shop"), "unknown");
    ck_assert_str_eq(rulesets_got("acme", "shop"), ONE);

    set = rulesets_peek(state.rulesets, storing_str("acme"),
                        storing_str("shop"), &known);
    ck_assert_int_eq(set->version, 1);
    ck_assert_str_eq(set->hash, rulesets_hash_of(ONE));
    ck_assert_int_gt(set->at, 1600000000000);

    ck_assert_int_eq(rulesets_set("acme", "shop", TWO), 'C');
    ck_assert_int_eq(state.version, 2);
    rulesets_end();
}
END_TEST


START_TEST(the_same_rules_again_are_no_new_version)
{
    rulesets_begin();

    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'S');
    ck_assert_int_eq(state.version, 1);

    /* but what was before the newest is one */
    ck_assert_int_eq(rulesets_set("acme", "shop", TWO), 'C');
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'C');
    ck_assert_int_eq(state.version, 3);

    rulesets_end();
}
END_TEST


START_TEST(a_change_is_seen_by_who_knew_the_old_one)
{
    rulesets_begin();

    ck_assert_str_eq(rulesets_got("acme", "shop"), "none");
    ck_assert_str_eq(rulesets_known("acme", "shop"), "none");
    ck_assert_str_eq(rulesets_got("acme", "shop@2"), "none");
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');
    ck_assert_str_eq(rulesets_known("acme", "shop"), "unknown");

    ck_assert_str_eq(rulesets_got("acme", "shop"), ONE);
    ck_assert_int_eq(rulesets_set("acme", "shop", TWO), 'C');
    ck_assert_str_eq(rulesets_got("acme", "shop"), TWO);
    ck_assert_str_eq(rulesets_got("acme", "shop@2"), TWO);

    rulesets_end();
}
END_TEST


START_TEST(a_load_that_a_change_overtakes_gives_the_new_one)
{
    rulesets_begin();
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');
    ck_assert_int_eq(rulesets_set("acme", "shop", TWO), 'C');

    rulesets_ask("acme", "shop", THREE);
    ck_assert_int_eq(rulesets_load(state.rulesets, storing_str("acme"),
                                   storing_str("shop"), rulesets_loaded,
                                   NULL),
                     SC_OK);
    rulesets_wait(2);

    if (strcmp(rulesets_known("acme", "shop"), "unknown") != 0) {
        ck_assert_str_eq(rulesets_known("acme", "shop"), THREE);
    }

    ck_assert_str_eq(rulesets_got("acme", "shop"), THREE);
    rulesets_end();
}
END_TEST


START_TEST(a_name_is_of_one_tenant)
{
    rulesets_begin();

    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');
    ck_assert_str_eq(rulesets_got("other", "shop"), "none");
    ck_assert_str_eq(rulesets_got("", "shop"), "none");
    ck_assert_str_eq(rulesets_listing("other", "", 10), "");
    ck_assert_int_eq(rulesets_drop_one("other", "shop"), '0');

    ck_assert_int_eq(rulesets_set("other", "shop", TWO), 'N');
    ck_assert_str_eq(rulesets_got("acme", "shop"), ONE);
    ck_assert_str_eq(rulesets_got("other", "shop"), TWO);

    ck_assert_int_eq(rulesets_set("", "shop", THREE), 'N');
    ck_assert_str_eq(rulesets_got("", "shop"), THREE);
    ck_assert_str_eq(rulesets_got("acme", "shop"), ONE);

    rulesets_end();
}
END_TEST


START_TEST(a_condition_that_does_not_hold_changes_nothing)
{
    rulesets_begin();

    state.allow = 0;
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'R');
    ck_assert_str_eq(state.seen, "");
    ck_assert_str_eq(rulesets_got("acme", "shop"), "none");

    state.allow = 1;
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');

    state.allow = 0;
    ck_assert_int_eq(rulesets_set("acme", "shop", TWO), 'R');
    ck_assert_str_eq(state.seen, rulesets_hash_of(ONE));
    ck_assert_str_eq(state.hash, rulesets_hash_of(ONE));
    ck_assert_int_eq(rulesets_drop_one("acme", "shop"), 'R');
    ck_assert_str_eq(rulesets_got("acme", "shop"), ONE);

    rulesets_end();
}
END_TEST


START_TEST(changes_of_a_name_are_made_one_after_another)
{
    rulesets_begin();

    rulesets_ask("acme", "shop", ONE);
    rulesets_ask("acme", "shop", TWO);
    rulesets_ask("acme", "shop", TWO);
    rulesets_ask_drop("acme", "shop");
    rulesets_ask("acme", "shop", THREE);
    ck_assert_str_eq(state.outcomes, "");
    rulesets_wait(5);

    ck_assert_str_eq(state.outcomes, "NCSDN");
    ck_assert_int_eq(state.version, 1);
    ck_assert_str_eq(rulesets_got("acme", "shop"), THREE);
    ck_assert_str_eq(rulesets_got("acme", "shop@2"), "none");

    rulesets_end();
}
END_TEST


START_TEST(a_change_that_is_forgotten_before_its_turn_is_not_made)
{
    int  who;

    rulesets_begin();

    rulesets_ask("acme", "shop", ONE);
    ck_assert_int_eq(rulesets_put(state.rulesets, storing_str("acme"),
                                  storing_str("shop"), storing_str(TWO),
                                  rulesets_hash_of(TWO), rulesets_may,
                                  rulesets_changed, &who),
                     SC_OK);
    rulesets_forget(state.rulesets, &who);
    rulesets_ask("acme", "shop", THREE);
    rulesets_wait(2);

    ck_assert_str_eq(state.outcomes, "NC");
    ck_assert_int_eq(state.version, 2);
    ck_assert_str_eq(rulesets_got("acme", "shop@2"), THREE);

    rulesets_end();
}
END_TEST


START_TEST(who_is_forgotten_is_not_called)
{
    int  who;

    rulesets_begin();

    ck_assert_int_eq(rulesets_load(state.rulesets, storing_str("acme"),
                                   storing_str("shop"), rulesets_loaded,
                                   &who),
                     SC_OK);
    ck_assert_int_eq(rulesets_list(state.rulesets, storing_str("acme"),
                                   storing_str(""), 10, rulesets_listed,
                                   &who),
                     SC_OK);
    rulesets_forget(state.rulesets, &who);

    /* all of that has come by then */
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');
    ck_assert_str_eq(rulesets_got("acme", "shop"), ONE);

    rulesets_end();
}
END_TEST


START_TEST(a_deleted_name_is_gone_with_its_versions_and_begins_anew)
{
    rulesets_begin();

    ck_assert_int_eq(rulesets_drop_one("acme", "shop"), '0');
    ck_assert_int_eq(rulesets_set("acme", "shop", ONE), 'N');
    ck_assert_int_eq(rulesets_set("acme", "shop", TWO), 'C');
    ck_assert_str_eq(rulesets_got("acme", "shop@1"), ONE);
    ck_assert_int_eq(rulesets_drop_one("acme", "shop"), 'D');

    ck_assert_str_eq(rulesets_got("acme", "shop"), "none");
    ck_assert_str_eq(rulesets_got("acme", "shop@1"), "none");
    ck_assert_str_eq(rulesets_history("shop", 0, 10), "");
    ck_assert_str_eq(rulesets_listing("acme", "", 10), "");

    /* what jobs were done with stays readable */
    ck_assert_str_eq(rulesets_got("acme", rulesets_hash_of(TWO)), TWO);

    ck_assert_int_eq(rulesets_set("acme", "shop", THREE), 'N');
    ck_assert_int_eq(state.version, 1);
    ck_assert_str_eq(rulesets_got("acme", "shop@1"), THREE);
    ck_assert_str_eq(rulesets_history("shop", 0, 10), "@1 ");

    rulesets_end();
}
END_TEST


START_TEST(names_and_versions_are_listed_in_order_page_by_page)
{
    rulesets_begin();

    ck_assert_str_eq(rulesets_listing("acme", "", 10), "");
    ck_assert_int_eq(rulesets_set("acme", "b", ONE), 'N');
    ck_assert_int_eq(rulesets_set("acme", "a", ONE), 'N');
    ck_assert_int_eq(rulesets_set("acme", "a-b", ONE), 'N');
    ck_assert_int_eq(rulesets_set("acme", "a", TWO), 'C');
    ck_assert_int_eq(rulesets_set("acme", "a", THREE), 'C');

    ck_assert_str_eq(rulesets_listing("acme", "", 10), "a@3 a-b@1 b@1 ");
    ck_assert_str_eq(rulesets_listing("acme", "", 2), "a@3 a-b@1 ");
    ck_assert_str_eq(rulesets_listing("acme", "a-b", 2), "b@1 ");

    ck_assert_str_eq(rulesets_history("a", 0, 10), "@1 @2 @3 ");
    ck_assert_str_eq(rulesets_history("a", 0, 2), "@1 @2 ");
    ck_assert_str_eq(rulesets_history("a", 2, 2), "@3 ");
    ck_assert_str_eq(rulesets_history("a-b", 0, 10), "@1 ");
    ck_assert_str_eq(rulesets_history("c", 0, 10), "");

    rulesets_end();
}
END_TEST


START_TEST(what_was_not_asked_for_longest_makes_room)
{
    char      json[64], name[32];
    size_t    i, len;
    sc_buf_t  large;

    rulesets_begin();
    ck_assert_int_eq(rulesets_set("acme", "first", ONE), 'N');
    ck_assert_int_eq(rulesets_set("acme", "used", ONE), 'N');
    ck_assert_str_eq(rulesets_got("acme", "first"), ONE);
    ck_assert_str_eq(rulesets_got("acme", "used"), ONE);

    /* 5 of 4 MiB are more than is kept */
    sc_buf_init(&large, 0);
    len = RULESETS_KEPT_BYTES / 4;

    for (i = 0; i < 5; i++) {
        sc_buf_reset(&large);
        ck_assert_ptr_nonnull(sc_buf_reserve(&large, len));
        memset(large.data, 'a', len);
        large.len = len;
        large.data[len] = '\0';
        (void) snprintf(json, sizeof(json), "{\"%zu", i);
        memcpy(large.data, json, strlen(json));
        (void) snprintf(name, sizeof(name), "large%zu", i);

        ck_assert_int_eq(rulesets_set("acme", name, large.data), 'N');
        ck_assert_str_eq(rulesets_known("acme", "used"), ONE);
        ck_assert_str_eq(rulesets_got("acme", name), large.data);
    }

    ck_assert_str_eq(rulesets_known("acme", "first"), "unknown");
    ck_assert_str_eq(rulesets_known("acme", "large0"), "unknown");
    ck_assert_str_eq(rulesets_known("acme", "large4"), large.data);
    ck_assert_str_eq(rulesets_got("acme", "first"), ONE);

    sc_buf_free(&large);
    rulesets_end();
}
END_TEST


START_TEST(names_that_are_not_there_do_not_fill_the_memory)
{
    char    name[32];
    size_t  i;

    rulesets_begin();

    for (i = 0; i <= RULESETS_KEPT; i++) {
        (void) snprintf(name, sizeof(name), "no%zu", i);
        ck_assert_str_eq(rulesets_got("acme", name), "none");
    }

    ck_assert_str_eq(rulesets_known("acme", "no0"), "unknown");
    ck_assert_str_eq(rulesets_known("acme", "no1"), "none");

    rulesets_end();
}
END_TEST


START_TEST(a_document_that_cannot_be_read_is_an_error)
{
    store_doc_t  doc = { 0 };

    rulesets_begin();

    doc.kind = storing_str("ruleset");
    doc.tenant = storing_str("acme");
    doc.name = storing_str("shop");
    doc.body = storing_str("[7]");
    ck_assert_int_eq(storing_wait(&test, store_doc_put(test.store, &doc,
                                                       storing_done, &test)),
                     STORE_OK);

    ck_assert_str_eq(rulesets_got("acme", "shop"), "failed");
    rulesets_ask("acme", "shop", ONE);
    rulesets_wait(1);
    ck_assert_int_eq(state.status, STORE_FAILED);

    rulesets_end();
}
END_TEST


START_TEST(the_room_may_end_while_all_is_under_way)
{
    rulesets_begin();

    rulesets_ask("acme", "shop", ONE);
    rulesets_ask("acme", "shop", TWO);
    rulesets_ask_drop("acme", "news");
    ck_assert_int_eq(rulesets_load(state.rulesets, storing_str("acme"),
                                   storing_str("shop"), rulesets_loaded,
                                   NULL),
                     SC_OK);
    ck_assert_int_eq(rulesets_versions(state.rulesets, storing_str("acme"),
                                       storing_str("shop"), 0, 10,
                                       rulesets_listed, NULL),
                     SC_OK);
    rulesets_end();

    rulesets_begin();
    ck_assert_str_eq(rulesets_listing("acme", "", 10), "");
    ck_assert_str_eq(state.outcomes, "");
    rulesets_end();
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_reference_is_a_name_a_version_of_it_or_a_hash,
        a_name_has_at_most_128_bytes,
        what_was_put_is_found_by_name_by_version_and_by_hash,
        what_is_put_survives_the_room,
        the_same_rules_again_are_no_new_version,
        a_change_is_seen_by_who_knew_the_old_one,
        a_load_that_a_change_overtakes_gives_the_new_one,
        a_name_is_of_one_tenant,
        a_condition_that_does_not_hold_changes_nothing,
        changes_of_a_name_are_made_one_after_another,
        a_change_that_is_forgotten_before_its_turn_is_not_made,
        who_is_forgotten_is_not_called,
        a_deleted_name_is_gone_with_its_versions_and_begins_anew,
        names_and_versions_are_listed_in_order_page_by_page,
        what_was_not_asked_for_longest_makes_room,
        names_that_are_not_there_do_not_fill_the_memory,
        a_document_that_cannot_be_read_is_an_error,
        the_room_may_end_while_all_is_under_way,
        NULL
    };

    return storing_run("rulesets", tests, &test);
}


static void
rulesets_begin(void)
{
    memset(&state, 0, sizeof(state));
    state.allow = 1;
    state.rulesets = rulesets_create(test.loop, test.store);
    ck_assert_ptr_nonnull(state.rulesets);
}


static void
rulesets_end(void)
{
    rulesets_destroy(state.rulesets);
    state.rulesets = NULL;
}


/* Until so many callbacks have come. */
static void
rulesets_wait(size_t n)
{
    state.left = n;
    ck_assert_int_eq(loop_run(test.loop), SC_OK);
    ck_assert_uint_eq(state.left, 0);
}


static void
rulesets_ask(const char *tenant, const char *name, const char *json)
{
    ck_assert_int_eq(rulesets_put(state.rulesets, storing_str(tenant),
                                  storing_str(name), storing_str(json),
                                  rulesets_hash_of(json), rulesets_may,
                                  rulesets_changed, NULL),
                     SC_OK);
}


/* The letter of what came of it. */
static char
rulesets_set(const char *tenant, const char *name, const char *json)
{
    rulesets_ask(tenant, name, json);
    rulesets_wait(1);

    return state.outcomes[strlen(state.outcomes) - 1];
}


static void
rulesets_ask_drop(const char *tenant, const char *name)
{
    ck_assert_int_eq(rulesets_delete(state.rulesets, storing_str(tenant),
                                     storing_str(name), rulesets_may,
                                     rulesets_changed, NULL),
                     SC_OK);
}


static char
rulesets_drop_one(const char *tenant, const char *name)
{
    rulesets_ask_drop(tenant, name);
    rulesets_wait(1);

    return state.outcomes[strlen(state.outcomes) - 1];
}


/* Not its real hash, which nobody looks at, but one of its own. */
static const char *
rulesets_hash_of(const char *json)
{
    static char  hash[SC_RULES_HASH_LEN + 1];

    (void) snprintf(hash, sizeof(hash), "sha256:%062d%02x", 0,
                    (unsigned char) (json[11] == '"' ? json[12] : json[2]));

    return hash;
}


/* The JSON it means after a look into the store; "none", or "failed". */
static const char *
rulesets_got(const char *tenant, const char *ref)
{
    ck_assert_int_eq(rulesets_load(state.rulesets, storing_str(tenant),
                                   storing_str(ref), rulesets_loaded, NULL),
                     SC_OK);
    rulesets_wait(1);

    return state.status == STORE_OK ? rulesets_known(tenant, ref) : "failed";
}


/* The same of what is in memory; "unknown". */
static const char *
rulesets_known(const char *tenant, const char *ref)
{
    int               known;
    const ruleset_t  *set;

    set = rulesets_peek(state.rulesets, storing_str(tenant),
                        storing_str(ref), &known);

    return set != NULL ? set->json.data : known ? "none" : "unknown";
}


static const char *
rulesets_listing(const char *tenant, const char *after, size_t limit)
{
    ck_assert_int_eq(rulesets_list(state.rulesets, storing_str(tenant),
                                   storing_str(after), limit,
                                   rulesets_listed, NULL),
                     SC_OK);
    rulesets_wait(1);

    return state.listed;
}


static const char *
rulesets_history(const char *name, int64_t after, size_t limit)
{
    ck_assert_int_eq(rulesets_versions(state.rulesets, storing_str("acme"),
                                       storing_str(name), after, limit,
                                       rulesets_listed, NULL),
                     SC_OK);
    rulesets_wait(1);

    return state.listed;
}


static int
rulesets_may(void *data, const char *hash)
{
    (void) data;

    (void) snprintf(state.seen, sizeof(state.seen), "%s",
                    hash != NULL ? hash : "");

    return state.allow;
}


static void
rulesets_told(store_status_t status)
{
    state.status = status;
    ck_assert_uint_gt(state.left, 0);

    if (--state.left == 0) {
        loop_stop(test.loop);
    }
}


static void
rulesets_changed(void *data, store_status_t status,
    const ruleset_change_t *change)
{
    size_t  n = strlen(state.outcomes);

    static const char  letters[] = "NCSD0RFT";

    ck_assert_ptr_null(data);
    ck_assert_int_eq(change != NULL, status == STORE_OK);

    if (change != NULL) {
        ck_assert_uint_lt(n + 1, sizeof(state.outcomes));
        state.outcomes[n] = letters[change->outcome];
        state.version = change->version;
        (void) snprintf(state.hash, sizeof(state.hash), "%s", change->hash);
    }

    rulesets_told(status);
}


static void
rulesets_loaded(void *data, store_status_t status)
{
    ck_assert_ptr_null(data);
    rulesets_told(status);
}


static void
rulesets_listed(void *data, store_status_t status,
    const ruleset_item_t *items, size_t n)
{
    size_t  i, len;

    ck_assert_ptr_null(data);
    ck_assert_int_eq(status, STORE_OK);
    state.listed[0] = '\0';

    for (i = 0; i < n; i++) {
        len = strlen(state.listed);
        (void) snprintf(state.listed + len, sizeof(state.listed) - len,
                        "%.*s@%lld ", (int) items[i].name.len,
                        items[i].name.data, (long long) items[i].version);
        ck_assert_uint_eq(strlen(items[i].hash), SC_RULES_HASH_LEN);
        ck_assert_int_gt(items[i].at, 0);
    }

    rulesets_told(status);
}
