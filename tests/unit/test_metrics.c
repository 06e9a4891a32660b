
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "sidecar/metrics/metrics.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define METRICS_TIMEOUT      10
#define METRICS_PAGE_FILE    "docs/status.md"


/* An Accept, and what it gets. */
typedef struct {
    const char        *accept;
    metrics_format_t   format;
} accept_case_t;


static char *written(metrics_format_t format, const char *version);
static void expect_line(const char *text, const char *line);


static const accept_case_t  accept_cases[] = {
    { "", METRICS_TEXT },
    { "*/*", METRICS_TEXT },
    { "text/html", METRICS_TEXT },
    { "text/plain", METRICS_TEXT },
    { "text/plain;version=0.0.4", METRICS_PROMETHEUS },
    { "text/plain; version=0.0.4; charset=utf-8", METRICS_PROMETHEUS },
    { "application/json", METRICS_JSON },
    { "APPLICATION/JSON", METRICS_JSON },
    { "application/jsonx", METRICS_TEXT },
    { "application/openmetrics-text", METRICS_OPENMETRICS },
    { "application/openmetrics-text;version=1.0.0,"
      "application/openmetrics-text;version=0.0.1;q=0.75,"
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", METRICS_OPENMETRICS },
    { "application/openmetrics-text;q=0.2, application/json;q=0.4",
      METRICS_JSON },
    { "application/json;q=0, text/plain;version=0.0.4; q=0.1",
      METRICS_PROMETHEUS },
    { "application/json;q=0", METRICS_TEXT },
    { "application/json;q=", METRICS_TEXT },
    { "application/json;q=2", METRICS_TEXT },
    { "application/json;q=0.5,", METRICS_JSON },
    { ",,, ,application/json", METRICS_JSON },
    { ";q=1", METRICS_TEXT },
    { NULL, METRICS_TEXT }
};


START_TEST(what_is_on_a_bound_is_in_its_bucket)
{
    size_t   i;
    int64_t  bound;

    for (i = 0; i < METRICS_BOUNDS; i++) {
        bound = metrics_bound(METRICS_SECONDS, i);
        metrics_observe(METRICS_PAGE, METRICS_SECONDS, bound);
        ck_assert_int_eq(metrics_get(METRICS_PAGE + i), 1);
        metrics_observe(METRICS_PAGE, METRICS_SECONDS, bound + 1);
        ck_assert_int_eq(metrics_get(METRICS_PAGE + i), 1);
        metrics_set(METRICS_PAGE + i + 1, 0);
    }
}
END_TEST


START_TEST(what_is_beyond_all_bounds_is_counted)
{
    metrics_observe(METRICS_GROUP, METRICS_PLAIN, INT64_MAX / 2);
    ck_assert_int_eq(metrics_get(METRICS_GROUP + METRICS_BOUNDS), 1);
    ck_assert_int_eq(metrics_count(METRICS_GROUP), 1);
    ck_assert_int_eq(metrics_sum(METRICS_GROUP), INT64_MAX / 2);
    ck_assert_double_eq(metrics_quantile(METRICS_GROUP, METRICS_PLAIN, 0.5),
                        131072);
}
END_TEST


START_TEST(what_is_negative_is_nothing)
{
    metrics_observe(METRICS_GROUP, METRICS_PLAIN, -5);
    metrics_observe_ms(METRICS_PAGE, -1);
    ck_assert_int_eq(metrics_count(METRICS_GROUP), 1);
    ck_assert_int_eq(metrics_sum(METRICS_GROUP), 0);
    ck_assert_int_eq(metrics_count(METRICS_PAGE), 0);
}
END_TEST


START_TEST(an_observation_touches_its_own_histogram)
{
    metrics_observe(METRICS_COMMIT, METRICS_SECONDS, INT64_MAX / 2);
    metrics_observe(METRICS_COMMIT, METRICS_SECONDS, 0);
    ck_assert_int_eq(metrics_get(METRICS_COMMIT - 1), 0);
    ck_assert_int_eq(metrics_get(METRICS_LAST_COMMIT), INT64_MAX / 2);
    ck_assert_int_eq(metrics_get(METRICS_LAST_COMMIT + 1), 0);
    ck_assert_uint_eq(METRICS_LAST_COMMIT - METRICS_COMMIT,
                      METRICS_BOUNDS + 1);
}
END_TEST


START_TEST(quantiles_lie_within_their_bucket)
{
    int     i;
    double  half, most;

    ck_assert_double_eq(metrics_quantile(METRICS_PAGE, METRICS_SECONDS, 0.5),
                        0);

    for (i = 0; i < 99; i++) {
        metrics_observe_ms(METRICS_PAGE, 3);
    }

    metrics_observe_ms(METRICS_PAGE, 700);

    half = metrics_quantile(METRICS_PAGE, METRICS_SECONDS, 0.5);
    most = metrics_quantile(METRICS_PAGE, METRICS_SECONDS, 0.999);
    ck_assert(half > 2.5e6 && half <= 5e6);
    ck_assert(most > 500e6 && most <= 1000e6);
}
END_TEST


START_TEST(families_are_told_apart)
{
    const metrics_family_t  *f, *g;

    for (f = metrics_families; f->group != NULL; f++) {
        ck_assert_ptr_eq(metrics_family(f->cell), f);
        ck_assert(f->nvalues > 0 && f->nand > 0);
        ck_assert(f->kind != METRICS_HISTOGRAMS || f->nvalues == 1);
        ck_assert_ptr_nonnull(f->label[f->nvalues]);
        ck_assert_ptr_nonnull(f->and[f->nand]);
        ck_assert(f->help[strlen(f->help) - 1] != '.');

        for (g = metrics_families; g != f; g++) {
            ck_assert(strcmp(f->group, g->group) != 0
                      || strcmp(f->key, g->key) != 0);

            /* those of a group stand together */
            ck_assert(strcmp(f->group, g->group) != 0
                      || strcmp(f->group, f[-1].group) == 0);
        }
    }

    ck_assert_ptr_null(metrics_family(METRICS_CELLS));
    ck_assert_ptr_null(metrics_family(METRICS_PAGE + 1));
}
END_TEST


START_TEST(problems_and_targets_have_a_place)
{
    ck_assert_uint_eq(metrics_problem("/fetch/dns"), 0);
    ck_assert_uint_eq(metrics_problem("/fetch/dnsx"), METRICS_N_PROBLEM - 1);
    ck_assert_uint_eq(metrics_problem(""), METRICS_N_PROBLEM - 1);
    ck_assert_uint_eq(metrics_route("/v1/extract"), 0);
    ck_assert_uint_eq(metrics_route("/v1/extract?url=x"), 0);
    ck_assert_uint_eq(metrics_route("/v1/jobs/x/results"), 3);
    ck_assert_uint_eq(metrics_route("/v1/job"), METRICS_ROUTE_OTHER);
    ck_assert_uint_eq(metrics_route("/v1/location"), METRICS_ROUTE_OTHER);
    ck_assert_uint_eq(metrics_route("/v1/"), METRICS_ROUTE_OTHER);
    ck_assert_uint_eq(metrics_route("/metrics?format=json"),
                      METRICS_ROUTE_METRICS);
    ck_assert_uint_eq(metrics_route("/readyz"), METRICS_ROUTE_HEALTH);
    ck_assert_uint_eq(metrics_route("/healthz"), METRICS_ROUTE_HEALTH);
    ck_assert_uint_eq(metrics_route(""), METRICS_ROUTE_OTHER);
    ck_assert_uint_eq(metrics_stream("/v1/jobs/x/events?a=/b"), 0);
    ck_assert_uint_eq(metrics_stream("/v1/batch"), 1);
    ck_assert_uint_eq(metrics_stream("/v1/results?stream=/events"), 2);
    ck_assert_uint_eq(metrics_status(0), 0);
    ck_assert_uint_eq(metrics_status(101), 0);
    ck_assert_uint_eq(metrics_status(200), 1);
    ck_assert_uint_eq(metrics_status(599), 4);
    ck_assert_uint_eq(metrics_status(600), 0);
    ck_assert_uint_eq(metrics_status(-1), 0);
}
END_TEST


START_TEST(openmetrics_ends_in_eof_and_has_units)
{
    char    *text;
    size_t   len;

    metrics_add(METRICS_SENT, 1500);
    metrics_observe_ms(METRICS_PAGE, 3);
    metrics_observe_ms(METRICS_PAGE, 7);
    metrics_add(METRICS_REQUESTS + 2 * METRICS_N_STATUS + 4, 3);
    text = written(METRICS_OPENMETRICS, "1 \"two\" \\ \n");
    len = strlen(text);

    ck_assert_str_eq(text + len - 6, "# EOF\n");
    expect_line(text, "# TYPE scraped_build info");
    expect_line(text,
                "scraped_build_info{version=\"1 \\\"two\\\" \\\\ \\n\"} 1");
    expect_line(text, "# TYPE scraped_server_sent_bytes counter");
    expect_line(text, "# UNIT scraped_server_sent_bytes bytes");
    expect_line(text, "scraped_server_sent_bytes_total 1500");
    expect_line(text, "scraped_server_requests_total{route=\"crawl\","
                      "status=\"5xx\"} 3");
    expect_line(text, "scraped_pages_duration_seconds_bucket"
                      "{le=\"0.0025\"} 0");
    expect_line(text, "scraped_pages_duration_seconds_bucket"
                      "{le=\"0.005\"} 1");
    expect_line(text, "scraped_pages_duration_seconds_bucket"
                      "{le=\"1.0\"} 2");
    expect_line(text, "scraped_pages_duration_seconds_bucket"
                      "{le=\"+Inf\"} 2");
    expect_line(text, "scraped_pages_duration_seconds_count 2");
    expect_line(text, "scraped_pages_duration_seconds_sum 0.01");
    free(text);
}
END_TEST


START_TEST(prometheus_names_counters_by_their_total)
{
    char  *text;

    text = written(METRICS_PROMETHEUS, "1");
    expect_line(text, "# TYPE scraped_build_info gauge");
    expect_line(text, "# TYPE scraped_server_sent_bytes_total counter");
    expect_line(text, "scraped_server_sent_bytes_total 0");
    ck_assert_ptr_null(strstr(text, "# UNIT"));
    ck_assert_ptr_null(strstr(text, "# EOF"));
    free(text);
}
END_TEST


START_TEST(json_has_groups_and_what_each_bucket_holds)
{
    char          *text;
    json_t        *json, *page;
    json_error_t   err;

    metrics_observe_ms(METRICS_PAGE, 3);
    metrics_observe_ms(METRICS_PAGE, 1500);
    metrics_add(METRICS_FAILED + metrics_problem("/fetch/tls"), 2);
    metrics_add(METRICS_ENDED + 2 * METRICS_N_STATE + 1, 4);
    text = written(METRICS_JSON, "1\"");
    json = json_loads(text, JSON_REJECT_DUPLICATES, &err);
    ck_assert_msg(json != NULL, "%s: %s", err.text, text);
    ck_assert_ptr_null(strchr(text, '\n'));

    page = json_object_get(json_object_get(json, "build"), "version");
    ck_assert_str_eq(json_string_value(page), "1\"");
    page = json_object_get(json_object_get(json, "pages"), "failed");
    ck_assert_int_eq(json_integer_value(json_object_get(page, "/fetch/tls")),
                     2);
    page = json_object_get(json_object_get(json, "jobs"), "ended");
    page = json_object_get(json_object_get(page, "crawl"), "failed");
    ck_assert_int_eq(json_integer_value(page), 4);
    page = json_object_get(json_object_get(json, "pages"), "duration_seconds");
    ck_assert_int_eq(json_integer_value(json_object_get(page, "count")), 2);
    ck_assert_double_eq_tol(json_real_value(json_object_get(page, "sum")),
                            1.503, 1e-9);
    page = json_object_get(page, "buckets");
    ck_assert_int_eq(json_integer_value(json_object_get(page, "0.005")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(page, "0.01")), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(page, "2.5")), 1);

    json_decref(json);
    free(text);
}
END_TEST


START_TEST(text_says_times_and_sizes_as_people_do)
{
    char  *text;

    metrics_set(METRICS_START, (int64_t) 1700000000 * 1000000000);
    metrics_set(METRICS_STORE_SIZE, 3 * 1024 * 1024 / 2);
    metrics_observe_ms(METRICS_COMMIT, 2.5);
    metrics_add(METRICS_PAGES + 1, 7);
    text = written(METRICS_TEXT, "1");

    ck_assert_ptr_nonnull(strstr(text, "\npages\n"));
    ck_assert_ptr_nonnull(strstr(text, "2023-11-14T22:13:20Z"));
    ck_assert_ptr_nonnull(strstr(text, "1.5 MiB"));
    ck_assert_ptr_nonnull(strstr(text, "2.50 ms"));
    ck_assert_ptr_nonnull(strstr(text, "  ended failed"));
    ck_assert_ptr_null(strstr(text, "  ended completed"));
    free(text);
}
END_TEST


START_TEST(the_format_is_the_one_that_is_wanted_most)
{
    metrics_format_t      format;
    const accept_case_t  *t;

    for (t = accept_cases; t->accept != NULL; t++) {
        format = metrics_format_accepted(t->accept);
        ck_assert_msg(format == t->format, "%s: %d", t->accept, format);
    }

    ck_assert_int_eq(metrics_format_named("json", &format), SC_OK);
    ck_assert_int_eq(format, METRICS_JSON);
    ck_assert_int_eq(metrics_format_named("prometheus", &format), SC_OK);
    ck_assert_int_eq(format, METRICS_PROMETHEUS);
    ck_assert_int_eq(metrics_format_named("JSON", &format), SC_DECLINED);
    ck_assert_int_eq(metrics_format_named("", &format), SC_DECLINED);
}
END_TEST


START_TEST(a_buffer_that_is_full_is_told)
{
    sc_buf_t  b;

    sc_buf_init(&b, 1000);
    ck_assert_int_eq(metrics_write(&b, METRICS_OPENMETRICS, "1"), SC_ERROR);
    sc_buf_free(&b);
}
END_TEST


/* As a row of its table, or as a value of a label in the other. */
START_TEST(the_page_names_all_of_them)
{
    char                     cell[160], *page;
    size_t                   i;
    const metrics_family_t  *f;

    page = process_read(METRICS_PAGE_FILE);

    for (f = metrics_families; f->group != NULL; f++) {
        (void) snprintf(cell, sizeof(cell), "\n| `%s_%s%s` | ", f->group,
                        f->key, f->kind == METRICS_COUNTER ? "_total" : "");
        ck_assert_msg(strstr(page, cell) != NULL, "no row \"%s\"", cell + 1);

        for (i = 0; i < f->nvalues && f->label[0] != NULL; i++) {
            (void) snprintf(cell, sizeof(cell), "`%s`", f->label[i + 1]);
            ck_assert_msg(strstr(page, cell) != NULL, "no value %s", cell);
        }
    }

    free(page);
}
END_TEST


static char *
written(metrics_format_t format, const char *version)
{
    char      *text;
    sc_buf_t   b;

    sc_buf_init(&b, 0);
    ck_assert_int_eq(metrics_write(&b, format, version), SC_OK);
    text = strndup(b.data, b.len);
    ck_assert_ptr_nonnull(text);
    sc_buf_free(&b);

    return text;
}


static void
expect_line(const char *text, const char *line)
{
    char         whole[256];
    const char  *at;

    (void) snprintf(whole, sizeof(whole), "%s\n", line);
    at = strstr(text, whole);
    ck_assert_msg(at != NULL && (at == text || at[-1] == '\n'),
                  "no line \"%s\"", line);
}


int
main(void)
{
    const TTest  *tests[] = {
        what_is_on_a_bound_is_in_its_bucket,
        what_is_beyond_all_bounds_is_counted,
        what_is_negative_is_nothing,
        an_observation_touches_its_own_histogram,
        quantiles_lie_within_their_bucket,
        families_are_told_apart,
        problems_and_targets_have_a_place,
        openmetrics_ends_in_eof_and_has_units,
        prometheus_names_counters_by_their_total,
        json_has_groups_and_what_each_bucket_holds,
        text_says_times_and_sizes_as_people_do,
        the_format_is_the_one_that_is_wanted_most,
        a_buffer_that_is_full_is_told,
        the_page_names_all_of_them,
        NULL
    };

    return suite_run("metrics", tests, METRICS_TIMEOUT);
}
