
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/drift/drift.h"
#include "sidecar/extract/extract.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define PAGE    "http://shop.example/lamp"
#define RULES   "{\"fields\":{\"sku\":\"//i\"}}"
#define TABLE   "{\"fields\":{\"sku\":\"//i\"}," \
                "\"store\":{\"table\":\"lamps\",\"key\":[\"sku\"]}}"
#define TABLES  "{\"sets\":{\"a\":{\"fields\":{\"x\":\"//i\"}," \
                "\"store\":{\"table\":\"ones\"}}," \
                "\"b\":{\"fields\":{\"x\":\"//i\"}}," \
                "\"c\":{\"fields\":{\"y\":\"//i\"}," \
                "\"store\":{\"table\":\"twos\"}}}}"


static void submit(scene_t *s, const char *rules, const char *hash,
    char *id);
static void answer(scene_t *s, const fake_extract_t *extract,
    const char *data);
static void begin_with_drift(scene_t *s);
static void end_drift(scene_t *s);
static long pages_of(const char *name);


static drift_t     *drift;
static const char  *ruleset = "";

static const fake_extract_t  matched = {
    .fill = "{\"\":[[1,1]]}", .matched = 1
};


START_TEST(incomplete_page_is_a_failure_that_shows_its_data)
{
    char             id[ID_SIZE];
    json_t          *problem;
    scene_t          s;
    fake_extract_t   extract = matched;

    extract.missing = "[\"sku\"]";
    extract.incomplete = 1;

    scene_start(&s);
    submit(&s, TABLE, "sha256:1", id);
    scene_persist(&s, id);
    answer(&s, &extract, "{\"sku\":null}");

    scene_check_failed(id, "/extract/required-missing", 422);
    ck_assert_uint_eq(fake_row(id)->result.ntables, 0);

    problem = json_loads(fake_row(id)->job.error.data, 0, NULL);
    ck_assert(json_is_null(json_object_get(json_object_get(problem, "data"),
                                           "sku")));
    ck_assert_str_eq(json_string_value(
                         json_array_get(json_object_get(problem, "missing"),
                                        0)), "sku");
    ck_assert(json_is_false(json_object_get(problem, "retryable")));
    json_decref(problem);
    scene_end(&s);
}
END_TEST


START_TEST(result_is_given_the_tables_of_its_rules)
{
    char     id[ID_SIZE];
    size_t   i;
    scene_t  s;

    static const struct {
        const char  *rules;
        const char  *hash;
        size_t       tables;
    } cases[] = {
        { RULES, "sha256:1", 0 },
        { TABLE, "sha256:2", 1 },
        { TABLES, "sha256:3", 2 },
        { TABLE, "sha256:2", 1 }
    };

    scene_start(&s);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        submit(&s, cases[i].rules, cases[i].hash, id);
        scene_persist(&s, id);
        answer(&s, &matched, "{\"sku\":1}");
        ck_assert_int_eq(fake_row(id)->job.state, STORE_COMPLETED);
        ck_assert_uint_eq(fake_row(id)->result.ntables, cases[i].tables);
    }

    scene_end(&s);
}
END_TEST


START_TEST(more_rule_sets_with_tables_than_are_kept_all_have_theirs)
{
    char     id[ID_SIZE], hash[32];
    size_t   i;
    scene_t  s;

    scene_start(&s);

    for (i = 0; i < 600; i++) {
        (void) snprintf(hash, sizeof(hash), "sha256:%zu", i % 300);
        submit(&s, TABLE, hash, id);
        scene_persist(&s, id);
        answer(&s, &matched, "{\"sku\":1}");
        ck_assert_uint_eq(fake_row(id)->result.ntables, 1);
    }

    scene_end(&s);
}
END_TEST


START_TEST(page_that_is_not_meant_or_dropped_says_so_beside_its_view)
{
    char     id[ID_SIZE];
    size_t   i;
    scene_t  s;

    static const struct {
        fake_extract_t   extract;
        const char      *view;
    } cases[] = {
        { { NULL, NULL, "{}", 0, 0, 0 }, "{\"matched\":false}" },
        { { NULL, "{\"raw\":\"x\"}", "{}", 0, 0, 0 },
          "{\"matched\":false,\"raw\":\"x\"}" },
        { { NULL, NULL, "{}", 1, 1, 0 }, "{\"dropped\":true}" },
        { { NULL, "{\"raw\":\"x\"}", "{}", 1, 1, 0 },
          "{\"dropped\":true,\"raw\":\"x\"}" },
        { { NULL, "{\"raw\":\"x\"}", "{}", 1, 0, 0 }, "{\"raw\":\"x\"}" },
        { { NULL, NULL, "{}", 1, 0, 0 }, "" }
    };

    scene_start(&s);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        submit(&s, RULES, "sha256:1", id);
        scene_persist(&s, id);
        answer(&s, &cases[i].extract, "null");
        ck_assert_int_eq(fake_row(id)->job.state, STORE_COMPLETED);
        ck_assert_str_eq(fake_row(id)->result.view.data, cases[i].view);
    }

    scene_end(&s);
}
END_TEST


START_TEST(pages_that_are_as_they_should_be_are_counted)
{
    char             id[ID_SIZE];
    scene_t          s;
    fake_extract_t   other = matched;

    begin_with_drift(&s);

    submit(&s, RULES, "sha256:1", id);
    answer(&s, &matched, "{\"sku\":1}");
    ck_assert_int_eq(pages_of("lamp"), 1);

    /* for another page; an error of the origin's; no page at all */

    other.matched = 0;
    submit(&s, RULES, "sha256:1", id);
    answer(&s, &other, "null");

    submit(&s, RULES, "sha256:1", id);
    fake_fetch_answer(PAGE, 404, NULL, "<p>gone");
    fake_run(s.loop);
    fake_page_answer_as(PAGE, &matched, "{\"sku\":null}");
    fake_run(s.loop);

    submit(&s, RULES, "sha256:1", id);
    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);

    ck_assert_int_eq(pages_of("lamp"), 1);

    /* a strict set without a value, too, is something to tell */

    other = matched;
    other.incomplete = 1;
    submit(&s, RULES, "sha256:1", id);
    answer(&s, &other, "{\"sku\":null}");
    ck_assert_int_eq(pages_of("lamp"), 2);

    end_drift(&s);
    scene_end(&s);
}
END_TEST


START_TEST(field_that_falls_is_written_to_the_store)
{
    char             id[ID_SIZE];
    size_t           i;
    scene_t          s;
    const char      *doc;
    fake_extract_t   none = matched;

    none.fill = "{\"\":[[0,1]]}";
    begin_with_drift(&s);

    for (i = 0; i < 4 * DRIFT_WINDOW; i++) {
        submit(&s, RULES, "sha256:1", id);
        answer(&s, i < 3 * DRIFT_WINDOW ? &matched : &none, "{\"sku\":1}");
    }

    ck_assert_uint_eq(drift_fallen(drift), 1);
    end_drift(&s);

    doc = fake_doc("drift", "anna", "lamp");
    ck_assert_ptr_nonnull(strstr(doc, "\"event\":\"fell\""));
    scene_end(&s);
}
END_TEST


START_TEST(what_is_asked_for_reaches_the_worker)
{
    char                   id[ID_SIZE];
    scene_t                s;
    frontier_spec_t        spec;
    const pool_request_t  *page;

    scene_open(&s);
    s.settings.html_parser = "html5";
    scene_begin(&s);

    spec = scene_spec(PAGE);
    spec.views = EXTRACT_LINKS | EXTRACT_RAW;
    scene_submit_spec(&s, &spec, id);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);

    page = fake_page(PAGE);
    ck_assert_ptr_nonnull(page);
    ck_assert_uint_eq(page->views, EXTRACT_LINKS | EXTRACT_RAW);
    ck_assert_uint_eq(page->html5, 1);

    fake_page_answer_as(PAGE, &matched, "{}");
    fake_run(s.loop);
    scene_end(&s);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        incomplete_page_is_a_failure_that_shows_its_data,
        result_is_given_the_tables_of_its_rules,
        more_rule_sets_with_tables_than_are_kept_all_have_theirs,
        page_that_is_not_meant_or_dropped_says_so_beside_its_view,
        pages_that_are_as_they_should_be_are_counted,
        field_that_falls_is_written_to_the_store,
        what_is_asked_for_reaches_the_worker,
        NULL
    };

    return suite_run("frontier_rules", tests, 60);
}


static void
submit(scene_t *s, const char *rules, const char *hash, char *id)
{
    frontier_spec_t  spec;

    spec = scene_spec(PAGE);
    spec.rules = (sc_str_t) { strlen(rules), rules };
    spec.rules_hash = hash;
    spec.ruleset = ruleset;
    scene_submit_spec(s, &spec, id);
    fake_run(s->loop);
}


/* Answer the fetch of the one page, and the page. */
static void
answer(scene_t *s, const fake_extract_t *extract, const char *data)
{
    scene_answer_page(s, PAGE);
    fake_page_answer_as(PAGE, extract, data);
    fake_run(s->loop);
}


static void
begin_with_drift(scene_t *s)
{
    frontier_parts_t  parts;

    scene_open(s);
    drift = drift_create(s->loop, s->store);
    ck_assert_ptr_nonnull(drift);

    parts = scene_parts(s);
    parts.drift = drift;
    s->frontier = frontier_create(&parts);
    ck_assert_ptr_nonnull(s->frontier);
    fake_run(s->loop);
    ruleset = "lamp";
}


static void
end_drift(scene_t *s)
{
    drift_destroy(drift);
    fake_run(s->loop);
}


/* How many pages were counted for a rule set of SCENE_TENANT. */
static long
pages_of(const char *name)
{
    long       n;
    json_t    *json;
    sc_buf_t   b;

    sc_buf_init(&b, 0);
    ck_assert_int_eq(drift_show(drift, SCENE_TENANT, name, &b), SC_OK);
    json = json_loads(b.data, 0, NULL);
    ck_assert_ptr_nonnull(json);
    n = (long) json_integer_value(json_object_get(json, "pages"));
    json_decref(json);
    sc_buf_free(&b);

    return n;
}
