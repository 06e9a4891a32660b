
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "sidecar/core/log.h"
#include "sidecar/drift/drift.h"
#include "tests/support/storing.h"


#define TWO    "{\"fields\":{\"a\":\"//a\",\"b\":\"//b\"}}"
#define BOTH   "{\"\":[[1,1],[1,1]]}"
#define ONE    "{\"\":[[1,1],[0,1]]}"
#define NONE   "{\"\":[[0,1],[0,1]]}"


static void drift_begin(void);
static void drift_end(void);
static void drift_pages(const char *name, const char *hash,
    const char *rules, const char *fill, size_t n);
static void drift_windows(const char *fill, size_t n);
static void drift_settle(void);
static void drift_read(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static json_t *drift_shown(const char *tenant, const char *name);
static void drift_expect_events(const char *name, const char *events);
static void drift_expect_field(const char *name, const char *field,
    double usual, int fallen, size_t windows);
static json_t *drift_named(const char *name, const char *field);


static storing_t   t;
static drift_t    *d;


START_TEST(field_that_falls_and_is_back_is_told_twice)
{
    drift_begin();

    drift_windows(BOTH, 3);
    drift_expect_events("shop", "");
    ck_assert_uint_eq(drift_fallen(d), 0);

    drift_windows(ONE, 5);
    drift_expect_events("shop", "fell b;");
    ck_assert_uint_eq(drift_fallen(d), 1);
    drift_expect_field("shop", "b", 1, 1, 8);
    drift_expect_field("shop", "a", 1, 0, 8);

    drift_windows(BOTH, 3);
    drift_expect_events("shop", "fell b;back b;");
    ck_assert_uint_eq(drift_fallen(d), 0);

    drift_windows(NONE, 1);
    drift_expect_events("shop", "fell b;back b;fell a;fell b;");
    ck_assert_uint_eq(drift_fallen(d), 2);

    drift_end();
}
END_TEST


START_TEST(page_that_ends_a_window_is_told_its_events_alone)
{
    sc_buf_t      out;
    drift_page_t  page = { storing_str("acme"), "shop", "h1",
                           storing_str(TWO), storing_str(NONE) };

    drift_begin();
    sc_buf_init(&out, 0);

    drift_windows(BOTH, 3);
    drift_pages("shop", "h1", TWO, ONE, DRIFT_WINDOW);
    drift_pages("shop", "h1", TWO, NONE, DRIFT_WINDOW - 2);
    drift_note(d, &page, &out);
    ck_assert_uint_eq(out.len, 0);

    drift_note(d, &page, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "{\"ruleset\":\"shop\""));
    ck_assert_ptr_nonnull(strstr(out.data, "\"field\":\"a\","
                                           "\"event\":\"fell\""));
    ck_assert_ptr_null(strstr(out.data, "\"field\":\"b\""));

    sc_buf_free(&out);
    drift_end();
}
END_TEST


START_TEST(window_that_is_not_over_tells_nothing)
{
    drift_begin();

    drift_windows(BOTH, 3);
    drift_pages("shop", "h1", TWO, NONE, DRIFT_WINDOW - 1);
    drift_expect_events("shop", "");
    drift_pages("shop", "h1", TWO, NONE, 1);
    drift_expect_events("shop", "fell a;fell b;");

    drift_end();
}
END_TEST


START_TEST(field_does_not_fall_before_it_has_settled)
{
    drift_begin();

    drift_windows(BOTH, 1);
    drift_windows(NONE, 1);
    drift_expect_events("shop", "");
    drift_expect_field("shop", "a", 0.8, 0, 2);

    drift_end();
}
END_TEST


START_TEST(share_between_falling_and_back_tells_nothing_new)
{
    size_t  i;

    drift_begin();
    drift_windows(BOTH, 3);

    for (i = 0; i < 4; i++) {
        drift_pages("shop", "h1", TWO, BOTH, DRIFT_WINDOW * 3 / 5);
        drift_pages("shop", "h1", TWO, ONE, DRIFT_WINDOW * 2 / 5);
        drift_windows(ONE, i == 1);
    }

    /* 60 % is no fall from 100 %, and no way back either */
    drift_expect_events("shop", "fell b;");

    drift_end();
}
END_TEST


START_TEST(field_that_is_rarely_there_may_be_gone)
{
    size_t  i;

    drift_begin();

    for (i = 0; i < 4; i++) {
        drift_pages("shop", "h1", TWO, BOTH, DRIFT_WINDOW * 2 / 25);
        drift_pages("shop", "h1", TWO, ONE, DRIFT_WINDOW * 23 / 25);
    }

    drift_windows(ONE, 3);
    drift_expect_events("shop", "");

    drift_end();
}
END_TEST


START_TEST(field_that_is_not_looked_for_has_no_window)
{
    drift_begin();

    drift_windows(BOTH, 3);
    drift_windows("{\"\":[[1,1],[0,0]]}", 3);
    drift_expect_events("shop", "");
    drift_expect_field("shop", "b", 1, 0, 3);
    drift_expect_field("shop", "a", 1, 0, 6);

    drift_end();
}
END_TEST


START_TEST(new_version_keeps_what_it_has_in_common)
{
    static const char  three[] =
        "{\"fields\":{\"n\":\"//n\",\"o\":{\"each\":\"//li\","
        "\"fields\":{\"x\":\"a\"}},\"b\":\"//b\"}}";

    drift_begin();

    drift_windows(BOTH, 3);
    drift_pages("shop", "h2", three, "{\"\":[[1,1],[1,1],[4,4],[0,1]]}",
                DRIFT_OTHERS - 1 + DRIFT_WINDOW);
    drift_expect_events("shop", "fell b;");
    drift_expect_field("shop", "b", 1, 1, 4);
    drift_expect_field("shop", "n", 1, 0, 1);
    drift_expect_field("shop", "o.x", 1, 0, 1);
    ck_assert_ptr_null(drift_named("shop", "a"));

    drift_end();
}
END_TEST


START_TEST(versions_that_take_turns_do_not_displace_each_other)
{
    size_t             i;
    static const char  other[] = "{\"fields\":{\"z\":\"//z\"}}";

    drift_begin();
    drift_windows(BOTH, 1);

    for (i = 0; i < 3 * DRIFT_OTHERS; i++) {
        drift_pages("shop", "h2", other, "{\"\":[[1,1]]}", 1);
        drift_pages("shop", "h1", TWO, BOTH, 1);
    }

    ck_assert_ptr_null(drift_named("shop", "z"));
    drift_expect_field("shop", "b", 1, 0, 1);

    drift_end();
}
END_TEST


START_TEST(fields_of_a_group_are_told_by_their_sets)
{
    size_t             i;
    static const char  group[] =
        "{\"sets\":{\"p\":{\"fields\":{\"t\":\"//t\"}},"
        "\"pp\":{\"fields\":{\"t\":\"//t\",\"u\":\"//u\"}}}}";

    drift_begin();
    drift_pages("g", "h1", group, "{}", 1);
    drift_settle();
    drift_pages("g", "h1", group, "{}", DRIFT_WINDOW - 1);

    for (i = 0; i < 3; i++) {
        drift_pages("g", "h1", group, "{\"p\":[[1,1]],"
                    "\"pp\":[[1,1],[1,1]]}", DRIFT_WINDOW);
    }

    drift_pages("g", "h1", group, "{\"pp\":[[1,1],[0,1]]}", DRIFT_WINDOW);
    drift_expect_events("g", "fell pp.u;");
    drift_expect_field("g", "p.t", 1, 0, 3);
    drift_expect_field("g", "pp.t", 1, 0, 4);

    drift_end();
}
END_TEST


START_TEST(set_without_a_name_is_known_by_its_hash)
{
    drift_begin();

    drift_pages("", "sha256:aa", TWO, BOTH, DRIFT_OTHERS - 1 + DRIFT_WINDOW);
    drift_expect_field("sha256:aa", "a", 1, 0, 1);
    ck_assert_ptr_null(drift_shown("acme", "shop"));

    drift_end();
}
END_TEST


START_TEST(set_without_a_name_is_not_kept)
{
    drift_begin();
    drift_pages("", "sha256:aa", TWO, BOTH, 2 * DRIFT_WINDOW);
    drift_end();

    ck_assert_int_eq(storing_wait(&t, store_doc_get(t.store, DRIFT_KIND,
                                                    storing_str("acme"),
                                                    storing_str("sha256:aa"),
                                                    drift_read, &t)),
                     STORE_NOT_FOUND);
}
END_TEST


START_TEST(versions_of_a_name_are_one_rule_set)
{
    drift_begin();
    drift_pages("shop@1", "h1", TWO, BOTH, 1);
    drift_settle();
    drift_pages("shop", "h1", TWO, BOTH, DRIFT_WINDOW - 1);

    drift_expect_field("shop", "a", 1, 0, 1);
    drift_expect_field("shop@7", "a", 1, 0, 1);

    drift_end();
}
END_TEST


START_TEST(sets_called_together_are_counted_each_by_its_name)
{
    static const char  group[] =
        "{\"sets\":{\"p\":{\"fields\":{\"t\":\"//t\"}},"
        "\"q@2\":{\"fields\":{\"n\":\"//n\",\"u\":\"//u\"}}}}";

    drift_begin();
    drift_pages(DRIFT_NAMES, "g", group,
                "{\"p\":[[1,1]],\"q@2\":[[0,1],[1,1]]}", 1);
    drift_settle();
    drift_pages(DRIFT_NAMES, "g", group,
                "{\"p\":[[1,1]],\"q@2\":[[0,1],[1,1]]}",
                DRIFT_WINDOW - 1);

    drift_expect_field("p", "t", 1, 0, 1);
    drift_expect_field("q", "n", 0, 0, 1);
    drift_expect_field("q", "u", 1, 0, 1);
    ck_assert_ptr_null(drift_named("p", "n"));

    drift_end();
}
END_TEST


START_TEST(tenants_do_not_see_each_other)
{
    drift_begin();

    drift_pages("shop", "h1", TWO, BOTH, 1);
    ck_assert_ptr_null(drift_shown("", "shop"));
    ck_assert_ptr_null(drift_shown("acm", "eshop"));

    drift_end();
}
END_TEST


START_TEST(what_was_counted_is_read_back)
{
    drift_begin();
    drift_windows(BOTH, 3);
    drift_windows(ONE, 1);
    drift_end();
    drift_settle();

    drift_begin();
    ck_assert_ptr_null(drift_shown("acme", "shop"));
    drift_pages("shop", "h1", TWO, ONE, 1);
    ck_assert_ptr_null(drift_shown("acme", "shop"));
    drift_settle();
    drift_expect_events("shop", "fell b;");
    drift_expect_field("shop", "b", 1, 1, 4);
    ck_assert_uint_eq(drift_fallen(d), 1);

    drift_pages("shop", "h1", TWO, BOTH, DRIFT_WINDOW - 1);
    drift_expect_events("shop", "fell b;back b;");
    drift_expect_field("shop", "a", 1, 0, 5);
    drift_end();
}
END_TEST


START_TEST(page_counted_while_the_store_is_asked_is_not_lost)
{
    json_t  *shown;

    drift_begin();
    drift_windows(BOTH, 1);
    drift_end();
    drift_settle();

    drift_begin();
    drift_pages("shop", "h1", TWO, BOTH, DRIFT_WINDOW + 10);
    drift_settle();
    drift_pages("shop", "h1", TWO, BOTH, 1);
    drift_expect_field("shop", "a", 1, 0, 2);

    shown = drift_shown("acme", "shop");
    ck_assert_int_eq(json_integer_value(json_object_get(shown, "pages")),
                     DRIFT_WINDOW * 2 + 11);
    json_decref(shown);
    drift_end();
}
END_TEST


START_TEST(windows_and_events_are_bounded)
{
    size_t    i;
    json_t   *shown;

    drift_begin();
    drift_windows(BOTH, 3);

    for (i = 0; i < DRIFT_MAX_EVENTS; i++) {
        drift_windows(NONE, 1);
        drift_windows(BOTH, 1);
    }

    shown = drift_shown("acme", "shop");
    ck_assert_uint_eq(json_array_size(json_object_get(shown, "events")),
                      DRIFT_MAX_EVENTS);
    json_decref(shown);
    drift_expect_field("shop", "a", 1, 0, DRIFT_WINDOWS);
    drift_end();
    drift_settle();

    drift_begin();
    drift_pages("shop", "h1", TWO, BOTH, 1);
    drift_settle();
    drift_expect_field("shop", "a", 1, 0, DRIFT_WINDOWS);
    drift_windows(BOTH, 30);
    drift_expect_field("shop", "a", 1, 0, DRIFT_WINDOWS);
    drift_end();
}
END_TEST


START_TEST(fill_that_is_not_one_counts_nothing)
{
    size_t             i;
    static const char  *const fills[] = {
        "", "x", "[]", "{", "{\"\":5}", "{\"\":[[2,1],[-1,1]]}",
        "{\"\":[[\"1\",\"1\"],[1]]}", "{\"\":[[1,99999999999],null]}",
        "{\"x\":[[1,1]]}", "{\"a\":[[1,1]]}",
        "{\"\":[[0,0],[0,0],[7,7],[7,7],[7,7]]}", "{\"\":{\"a\":[1,1]}}"
    };

    drift_begin();
    drift_pages("shop", "h1", TWO, "", 1);
    drift_settle();

    for (i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
        drift_pages("shop", "h1", TWO, fills[i], DRIFT_WINDOW);
    }

    drift_expect_field("shop", "a", 0, 0, 0);
    drift_expect_field("shop", "b", 0, 0, 0);
    drift_end();
}
END_TEST


START_TEST(rules_that_are_none_are_not_counted)
{
    json_t  *shown;

    drift_begin();
    drift_pages("shop", "h1", "{\"fields\":", BOTH, DRIFT_WINDOW);
    drift_settle();

    shown = drift_shown("acme", "shop");
    ck_assert_int_eq(json_integer_value(json_object_get(shown, "pages")), 0);
    json_decref(shown);
    drift_end();
}
END_TEST


START_TEST(set_that_makes_room_is_written_first)
{
    char    name[16];
    size_t  i;

    drift_begin();
    drift_windows(BOTH, 1);

    for (i = 0; i < DRIFT_MAX_SETS; i++) {
        (void) snprintf(name, sizeof(name), "n%zu", i);
        drift_pages(name, "h1", TWO, BOTH, 1);
    }

    ck_assert_ptr_null(drift_shown("acme", "shop"));
    drift_settle();
    drift_pages("shop", "h1", TWO, BOTH, 1);
    drift_settle();
    drift_expect_field("shop", "a", 1, 0, 1);
    drift_end();
}
END_TEST


START_TEST(what_is_shown_has_the_shape_that_is_told)
{
    json_t      *shown, *at;
    char        *text;
    static char  expected[] =
        "{\"ruleset\":\"shop\",\"pages\":50,\"fields\":["
        "{\"field\":\"a\",\"rate\":1.0,\"usual\":1.0,\"fallen\":false,"
        "\"windows\":[{\"at\":0,\"rate\":1.0}]},"
        "{\"field\":\"b\",\"rate\":0.0,\"usual\":0.0,\"fallen\":false,"
        "\"windows\":[{\"at\":0,\"rate\":0.0}]}],\"events\":[]}";

    drift_begin();
    drift_windows(ONE, 1);
    shown = drift_shown("acme", "shop");

    at = json_array_get(json_object_get(
             json_array_get(json_object_get(shown, "fields"), 0), "windows"),
             0);
    ck_assert_int_gt(json_integer_value(json_object_get(at, "at")), 0);
    json_object_set_new(at, "at", json_integer(0));
    at = json_array_get(json_object_get(
             json_array_get(json_object_get(shown, "fields"), 1), "windows"),
             0);
    json_object_set_new(at, "at", json_integer(0));

    text = json_dumps(shown, JSON_COMPACT);
    ck_assert_str_eq(text, expected);
    free(text);
    json_decref(shown);
    drift_end();
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        field_that_falls_and_is_back_is_told_twice,
        page_that_ends_a_window_is_told_its_events_alone,
        window_that_is_not_over_tells_nothing,
        field_does_not_fall_before_it_has_settled,
        share_between_falling_and_back_tells_nothing_new,
        field_that_is_rarely_there_may_be_gone,
        field_that_is_not_looked_for_has_no_window,
        new_version_keeps_what_it_has_in_common,
        versions_that_take_turns_do_not_displace_each_other,
        fields_of_a_group_are_told_by_their_sets,
        set_without_a_name_is_known_by_its_hash,
        set_without_a_name_is_not_kept,
        versions_of_a_name_are_one_rule_set,
        sets_called_together_are_counted_each_by_its_name,
        tenants_do_not_see_each_other,
        what_was_counted_is_read_back,
        page_counted_while_the_store_is_asked_is_not_lost,
        windows_and_events_are_bounded,
        fill_that_is_not_one_counts_nothing,
        rules_that_are_none_are_not_counted,
        set_that_makes_room_is_written_first,
        what_is_shown_has_the_shape_that_is_told,
        NULL
    };

    (void) log_open(NULL, LOG_ERROR);

    return storing_run("drift", tests, &t);
}


static void
drift_begin(void)
{
    d = drift_create(t.loop, t.store);
    ck_assert_ptr_nonnull(d);
}


static void
drift_end(void)
{
    drift_destroy(d);
    d = NULL;
}


static void
drift_pages(const char *name, const char *hash, const char *rules,
    const char *fill, size_t n)
{
    drift_page_t  page;

    page.tenant = storing_str("acme");
    page.name = name;
    page.hash = hash;
    page.rules = storing_str(rules);
    page.fill = storing_str(fill);

    while (n-- != 0) {
        drift_note(d, &page, NULL);
    }
}


/* So many windows of "shop"; the first page of all asks the store. */

static void
drift_windows(const char *fill, size_t n)
{
    if (n == 0) {
        return;
    }

    drift_pages("shop", "h1", TWO, fill, 1);
    drift_settle();
    drift_pages("shop", "h1", TWO, fill, n * DRIFT_WINDOW - 1);
}


/* Until the store has done all that it was asked: what it wrote, then read. */

static void
drift_settle(void)
{
    store_doc_t  doc = { 0 };

    doc.kind = storing_str("mark");
    doc.tenant = storing_str("acme");
    doc.name = storing_str("mark");
    doc.body = storing_str("{}");
    ck_assert_int_eq(storing_wait(&t, store_doc_put(t.store, &doc,
                                                    storing_done, &t)),
                     STORE_OK);
    ck_assert_int_eq(storing_wait(&t, store_doc_get(t.store, "mark",
                                                    doc.tenant, doc.name,
                                                    drift_read, &t)),
                     STORE_OK);
}


static void
drift_read(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    (void) docs;
    (void) n;
    storing_done(data, status);
}


/* NULL when nothing is known. */

static json_t *
drift_shown(const char *tenant, const char *name)
{
    int        rc;
    json_t    *shown;
    sc_buf_t   b;

    sc_buf_init(&b, 0);
    rc = drift_show(d, storing_str(tenant), name, &b);

    if (rc == SC_DECLINED) {
        sc_buf_free(&b);
        return NULL;
    }

    ck_assert_int_eq(rc, SC_OK);
    shown = json_loads(b.data, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(shown != NULL, "%s", b.data);
    sc_buf_free(&b);

    return shown;
}


/* What was told, oldest first: "fell b;". */

static void
drift_expect_events(const char *name, const char *events)
{
    size_t     i;
    json_t    *shown, *event;
    sc_buf_t   b;

    shown = drift_shown("acme", name);
    ck_assert_ptr_nonnull(shown);
    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, "");

    json_array_foreach(json_object_get(shown, "events"), i, event) {
        (void) sc_buf_printf(&b, "%s %s;",
                             json_string_value(json_object_get(event,
                                                               "event")),
                             json_string_value(json_object_get(event,
                                                               "field")));
        ck_assert_int_gt(json_integer_value(json_object_get(event, "at")), 0);
    }

    ck_assert_str_eq(b.data, events);
    sc_buf_free(&b);
    json_decref(shown);
}


static void
drift_expect_field(const char *name, const char *field, double usual,
    int fallen, size_t windows)
{
    json_t  *json;

    json = drift_named(name, field);
    ck_assert_ptr_nonnull(json);
    ck_assert_double_eq_tol(json_number_value(json_object_get(json, "usual")),
                            usual, 0.001);
    ck_assert_int_eq(json_is_true(json_object_get(json, "fallen")), fallen);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "windows")),
                      windows);
    json_decref(json);
}


/* A field of what is shown, or NULL; the caller's. */

static json_t *
drift_named(const char *name, const char *field)
{
    size_t   i;
    json_t  *shown, *json, *found;

    shown = drift_shown("acme", name);
    ck_assert_ptr_nonnull(shown);
    found = NULL;

    json_array_foreach(json_object_get(shown, "fields"), i, json) {
        if (strcmp(json_string_value(json_object_get(json, "field")), field)
            == 0)
        {
            found = json_incref(json);
        }
    }

    json_decref(shown);

    return found;
}
