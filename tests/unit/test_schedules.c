
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sidecar/schedule/schedules.h"
#include "tests/support/storing.h"


#define TIME_BEGIN     1769860800       /* 2026-01-31T12:00:00Z, a Saturday */
#define TIME_HOUR      ((int64_t) 3600000)
#define TIME_RUNS      64

#define TIME_HOURLY    "{\"every_ms\":3600000,\"kind\":\"extract\","          \
                       "\"body\":{\"url\":\"http://a.example/\"}}"
#define TIME_ALLOW     "{\"every_ms\":3600000,\"kind\":\"batch\","            \
                       "\"overlap\":\"allow\",\"body\":{}}"
#define TIME_PAUSED    "{\"every_ms\":3600000,\"kind\":\"crawl\","            \
                       "\"paused\":true,\"body\":{}}"


/* A request that was made. */
typedef struct {
    char     text[256];         /* tenant name kind body */
    int64_t  at;                /* minutes after the begin */
} time_run_t;


static storing_t     t;
static schedules_t  *schedules;
static time_run_t    runs[TIME_RUNS];
static size_t        nruns;
static int           time_refuse;

/* what passed on each clock, besides the first moment */
static _Atomic int64_t  time_wall;
static _Atomic int64_t  time_mono;


/* In place of libc's: the clocks stand still but for a test's word. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int64_t  now;

    switch (clock) {

    case CLOCK_MONOTONIC:
        now = 1000 * LOOP_SEC + time_mono++;
        break;

    case CLOCK_REALTIME:
        now = TIME_BEGIN * LOOP_SEC + time_wall;
        break;

    default:
        return (int) syscall(SYS_clock_gettime, clock, ts);
    }

    ts->tv_sec = now / LOOP_SEC;
    ts->tv_nsec = now % LOOP_SEC;

    return 0;
}


static void
time_told(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    (void) docs;
    (void) n;

    storing_done(data, status);
}


/* Let all be done that is due: each step of it is before a call of ours. */
static void
time_settle(void)
{
    int          i;
    store_doc_t  doc = { .kind = sc_string("none"), .name = sc_string("x") };

    for (i = 0; i < 4; i++) {
        (void) storing_wait(&t, store_doc_put(t.store, &doc, storing_done,
                                              &t));
        (void) storing_wait(&t, store_doc_get(t.store, "none",
                                              storing_str(""),
                                              storing_str("x"), time_told,
                                              &t));
    }
}


/* Milliseconds pass, on both clocks, half an hour at most at once. */
static void
time_pass(int64_t ms)
{
    int64_t  step;

    for ( /* void */ ; ms > 0; ms -= step) {
        step = ms < TIME_HOUR / 2 ? ms : TIME_HOUR / 2;
        time_wall += step * LOOP_MS;
        time_mono += step * LOOP_MS;
        time_settle();
    }
}


static void
time_run(void *data, sc_str_t tenant, const char *name, const char *kind,
    sc_str_t body)
{
    time_run_t  *run;

    ck_assert_ptr_eq(data, &t);

    if (time_refuse) {
        schedules_ran(schedules, tenant, name, 503, "");
        return;
    }

    ck_assert_uint_lt(nruns, TIME_RUNS);
    run = &runs[nruns++];
    run->at = time_wall / LOOP_SEC / 60;
    (void) snprintf(run->text, sizeof(run->text), "%.*s %s %s %.*s",
                    (int) tenant.len, tenant.len > 0 ? tenant.data : "",
                    name, kind, (int) body.len, body.data);
}


static void
time_open(void)
{
    schedules = schedules_create(t.loop, t.store, time_run, &t);
    ck_assert_ptr_nonnull(schedules);
    time_settle();
}


static void
time_close(void)
{
    schedules_destroy(schedules);
    schedules = NULL;

    /* how long a test takes must fit into what Check has for it */
    time_mono = 0;
}


static store_status_t
time_put(const char *tenant, const char *name, const char *text)
{
    int              rc;
    json_t          *json;
    store_status_t   status;

    json = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(json);
    rc = schedules_put(schedules, storing_str(tenant), name, json,
                       storing_done, &t);
    json_decref(json);
    ck_assert_int_eq(rc, SC_OK);
    status = storing_wait(&t, rc);
    time_settle();

    return status;
}


static store_status_t
time_delete(const char *tenant, const char *name)
{
    store_status_t  status;

    status = storing_wait(&t, schedules_delete(schedules,
                                               storing_str(tenant), name,
                                               storing_done, &t));
    time_settle();

    return status;
}


static void
time_ran(const char *tenant, const char *name, int status, const char *job)
{
    schedules_ran(schedules, storing_str(tenant), name, status, job);
    time_settle();
}


static char  time_doc_text[2048];


static void
time_doc_told(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    size_t  i, len;
    char    name[SCHEDULES_MAX_NAME + 1];

    for (i = 0; i < n; i++) {
        len = strlen(time_doc_text);
        (void) snprintf(time_doc_text + len, sizeof(time_doc_text) - len,
                        "%s %.*s\n",
                        schedules_doc_name(&docs[i], storing_str("acme"),
                                           name) != NULL ? name : "-",
                        (int) docs[i].body.len, docs[i].body.data);
    }

    storing_done(data, status);
}


/* The document of a schedule of "acme", behind its name. */
static const char *
time_doc(const char *name)
{
    time_doc_text[0] = '\0';
    (void) storing_wait(&t, schedules_get(schedules, storing_str("acme"),
                                          storing_str(name), time_doc_told,
                                          &t));

    return time_doc_text;
}


static void
time_doc_has(const char *name, const char *part)
{
    ck_assert_msg(strstr(time_doc(name), part) != NULL, "no %s in %s", part,
                  time_doc_text);
}


START_TEST(a_schedule_is_run_at_its_times_with_its_body)
{
    time_open();
    ck_assert_int_eq(time_put("acme", "a", TIME_HOURLY), STORE_OK);
    time_pass(TIME_HOUR - 1);
    ck_assert_uint_eq(nruns, 0);
    time_pass(1);
    ck_assert_uint_eq(nruns, 1);
    ck_assert_str_eq(runs[0].text, "acme a extract "
                     "{\"url\":\"http://a.example/\"}");
    ck_assert_int_eq(runs[0].at, 60);

    time_ran("acme", "a", 202, storing_id(7));
    time_doc_has("a", "\"status\":202,\"job\":\"");
    time_pass(2 * TIME_HOUR);
    ck_assert_uint_eq(nruns, 2);
    time_close();
}
END_TEST


START_TEST(a_cron_schedule_follows_the_calendar)
{
    time_open();
    (void) time_put("acme", "b", "{\"cron\":\"30 13,15 * * sat\","
                    "\"timezone\":\"UTC\",\"kind\":\"crawl\",\"body\":{}}");
    time_pass(4 * TIME_HOUR);
    ck_assert_uint_eq(nruns, 1);
    ck_assert_int_eq(runs[0].at, 90);
    ck_assert_str_eq(runs[0].text, "acme b crawl {}");

    /* the second time came while the first was not answered */
    time_doc_has("b", "\"skipped\":1769873400000");
    time_close();
}
END_TEST


START_TEST(a_time_is_passed_over_while_the_job_of_the_last_has_not_ended)
{
    store_job_t  job;

    time_open();
    job = storing_job(7);
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    (void) time_put("acme", "a", TIME_HOURLY);
    time_pass(TIME_HOUR);
    time_ran("acme", "a", 202, storing_id(7));
    time_pass(TIME_HOUR);
    ck_assert_uint_eq(nruns, 1);
    time_doc_has("a", "\"skipped\":1769868000000");
    time_doc_has("a", "\"status\":202");

    ck_assert_int_eq(storing_wait(&t, store_job_cancel(t.store,
                                                       storing_id(7),
                                                       storing_str("acme"),
                                                       1, storing_done, &t)),
                     STORE_OK);
    time_pass(TIME_HOUR);
    ck_assert_uint_eq(nruns, 2);
    time_close();
}
END_TEST


START_TEST(runs_that_may_overlap_do_not_wait_for_a_job)
{
    store_job_t  job;

    time_open();
    job = storing_job(7);
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);
    (void) time_put("acme", "a", TIME_ALLOW);
    time_pass(TIME_HOUR);
    time_ran("acme", "a", 202, storing_id(7));
    time_pass(TIME_HOUR);
    ck_assert_uint_eq(nruns, 2);
    time_close();
}
END_TEST


START_TEST(a_paused_schedule_is_not_run_until_it_goes_on)
{
    time_open();
    (void) time_put("acme", "a", TIME_PAUSED);
    time_doc_has("a", "\"next\":null");
    time_pass(3 * TIME_HOUR);
    ck_assert_uint_eq(nruns, 0);

    (void) time_put("acme", "a", TIME_HOURLY);
    time_pass(TIME_HOUR - 1);
    ck_assert_uint_eq(nruns, 0);
    time_pass(1);
    ck_assert_uint_eq(nruns, 1);
    time_close();
}
END_TEST


START_TEST(times_that_were_missed_are_made_up_for_once)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    time_close();
    time_wall += 10 * TIME_HOUR * LOOP_MS + 60 * LOOP_SEC;
    time_open();
    ck_assert_uint_eq(nruns, 1);
    time_ran("acme", "a", 202, "");
    time_settle();
    ck_assert_uint_eq(nruns, 1);
    time_doc_has("a", "\"next\":1769900400000");
    time_close();
}
END_TEST


START_TEST(a_run_is_not_made_again_after_a_crash)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    time_pass(TIME_HOUR);
    ck_assert_uint_eq(nruns, 1);

    /* nobody is told how it went */
    time_close();
    storing_close(&t);
    storing_open(&t);
    time_open();
    ck_assert_uint_eq(nruns, 1);
    time_doc_has("a", "\"status\":0");
    time_pass(TIME_HOUR);
    ck_assert_uint_eq(nruns, 2);
    time_close();
}
END_TEST


START_TEST(a_request_that_could_not_be_made_is_made_a_little_later)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    time_refuse = 1;
    time_pass(TIME_HOUR);
    time_doc_has("a", "\"next\":1769864400000,\"last\":null");
    time_pass(20000);
    ck_assert_uint_eq(nruns, 0);
    time_refuse = 0;
    time_pass(6000);
    ck_assert_uint_eq(nruns, 1);
    time_doc_has("a", "\"next\":1769868000000");
    time_close();
}
END_TEST


START_TEST(a_clock_that_is_set_back_runs_nothing_twice)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    time_pass(TIME_HOUR);
    time_ran("acme", "a", 202, "");
    time_wall -= TIME_HOUR * LOOP_MS;
    time_pass(TIME_HOUR + TIME_HOUR / 2);
    ck_assert_uint_eq(nruns, 1);
    time_pass(TIME_HOUR / 2);
    ck_assert_uint_eq(nruns, 2);
    time_close();
}
END_TEST


START_TEST(a_clock_that_is_set_forward_is_seen_in_a_minute)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    time_wall += 5 * TIME_HOUR * LOOP_MS;
    time_pass(61000);
    ck_assert_uint_eq(nruns, 1);
    time_close();
}
END_TEST


START_TEST(a_run_comes_within_its_jitter)
{
    int64_t  next;

    time_open();
    (void) time_put("acme", "a", "{\"every_ms\":3600000,\"jitter_ms\":600000,"
                    "\"kind\":\"extract\",\"body\":{}}");
    next = strtoll(strstr(time_doc("a"), "\"next\":") + 7, NULL, 10);
    ck_assert_int_ge(next, TIME_BEGIN * 1000LL + TIME_HOUR);
    ck_assert_int_le(next, TIME_BEGIN * 1000LL + TIME_HOUR + 600000);
    time_pass(next - TIME_BEGIN * 1000LL - 1);
    ck_assert_uint_eq(nruns, 0);
    time_pass(1);
    ck_assert_uint_eq(nruns, 1);
    time_close();
}
END_TEST


START_TEST(what_is_deleted_is_not_run_and_not_found)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    ck_assert_int_eq(time_delete("other", "a"), STORE_NOT_FOUND);
    ck_assert_int_eq(time_delete("acme", "a"), STORE_OK);
    ck_assert_int_eq(time_delete("acme", "a"), STORE_NOT_FOUND);
    ck_assert_str_eq(time_doc("a"), "");
    time_pass(2 * TIME_HOUR);
    ck_assert_uint_eq(nruns, 0);
    time_close();
}
END_TEST


START_TEST(one_that_is_deleted_while_it_runs_stays_deleted)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    time_pass(TIME_HOUR);
    ck_assert_uint_eq(nruns, 1);
    ck_assert_int_eq(time_delete("acme", "a"), STORE_OK);
    time_ran("acme", "a", 202, "");
    ck_assert_str_eq(time_doc("a"), "");
    time_close();
}
END_TEST


START_TEST(what_a_run_came_to_survives_a_put_at_the_same_time)
{
    json_t  *json;

    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    time_pass(TIME_HOUR);
    json = json_loads(TIME_ALLOW, 0, NULL);
    ck_assert_int_eq(schedules_put(schedules, storing_str("acme"), "a", json,
                                   NULL, NULL), SC_OK);
    json_decref(json);
    time_ran("acme", "a", 503, "");
    time_doc_has("a", "\"overlap\":\"allow\"");
    time_doc_has("a", "\"status\":503");
    time_close();
}
END_TEST


START_TEST(schedules_of_tenants_are_apart_whatever_their_names)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    (void) time_put("acme", "b", TIME_PAUSED);
    (void) time_put("acme/a", "a", TIME_HOURLY);
    (void) time_put("", "a", TIME_HOURLY);
    time_close();
    time_open();
    time_pass(TIME_HOUR);
    ck_assert_uint_eq(nruns, 3);

    time_doc_text[0] = '\0';
    (void) storing_wait(&t, schedules_list(schedules, storing_str("acme"),
                                           storing_str(""), 10, time_doc_told,
                                           &t));
    ck_assert_int_eq(strncmp(time_doc_text, "a {", 3), 0);
    ck_assert_ptr_nonnull(strstr(time_doc_text, "\nb {"));
    time_close();
}
END_TEST


START_TEST(a_tenant_has_no_more_than_it_may)
{
    int      i;
    char     name[16];
    json_t  *json;

    time_open();
    json = json_loads(TIME_PAUSED, 0, NULL);

    for (i = 0; i < SCHEDULES_MAX; i++) {
        (void) snprintf(name, sizeof(name), "s%d", i);
        ck_assert_int_eq(schedules_put(schedules, storing_str("acme"), name,
                                       json, NULL, NULL), SC_OK);
    }

    ck_assert_int_eq(schedules_put(schedules, storing_str("acme"), "more",
                                   json, NULL, NULL), SC_DECLINED);
    ck_assert_int_eq(schedules_put(schedules, storing_str("acme"), "s7", json,
                                   NULL, NULL), SC_OK);
    ck_assert_int_eq(schedules_put(schedules, storing_str("beta"), "more",
                                   json, NULL, NULL), SC_OK);
    json_decref(json);
    time_settle();
    time_close();

    /* they are read in pages */
    time_open();
    time_settle();
    ck_assert_int_eq(time_delete("acme", "s999"), STORE_OK);
    ck_assert_int_eq(time_put("acme", "more", TIME_PAUSED), STORE_OK);
    time_close();
}
END_TEST


START_TEST(nothing_is_run_once_it_drains)
{
    time_open();
    (void) time_put("acme", "a", TIME_HOURLY);
    schedules_drain(schedules);
    time_pass(3 * TIME_HOUR);
    ck_assert_uint_eq(nruns, 0);
    time_close();
}
END_TEST


START_TEST(a_document_that_is_none_is_passed_over)
{
    store_doc_t  doc = { .kind = sc_string("schedule"),
                         .name = sc_string("acme/broken"),
                         .body = sc_string("{\"schedule\":{}}") };

    ck_assert_int_eq(storing_wait(&t, store_doc_put(t.store, &doc,
                                                    storing_done, &t)),
                     STORE_OK);
    doc.name = (sc_str_t) sc_string("no tenant");
    ck_assert_int_eq(storing_wait(&t, store_doc_put(t.store, &doc,
                                                    storing_done, &t)),
                     STORE_OK);
    time_open();
    ck_assert_int_eq(time_put("acme", "broken", TIME_HOURLY), STORE_OK);
    time_pass(TIME_HOUR);
    ck_assert_uint_eq(nruns, 1);
    time_close();
}
END_TEST


typedef struct {
    const char  *text;
    const char  *key;
} time_check_t;


static const time_check_t  time_checks[] = {
    { "[]", NULL },
    { "{}", NULL },
    { "{\"cron\":\"* * * * *\",\"kind\":\"batch\"}", NULL },
    { "{\"cron\":\"* * * * *\",\"body\":{}}", NULL },
    { "{\"kind\":\"batch\",\"body\":{}}", NULL },
    { "{\"cron\":\"* * *\",\"kind\":\"batch\",\"body\":{}}", "cron" },
    { "{\"cron\":\"0 0 30 2 *\",\"kind\":\"batch\",\"body\":{}}", "cron" },
    { "{\"cron\":1,\"kind\":\"batch\",\"body\":{}}", "cron" },
    { "{\"cron\":\"* * * * *\",\"every_ms\":1000,\"kind\":\"batch\","
      "\"body\":{}}", "every_ms" },
    { "{\"every_ms\":999,\"kind\":\"batch\",\"body\":{}}", "every_ms" },
    { "{\"every_ms\":1e3,\"kind\":\"batch\",\"body\":{}}", "every_ms" },
    { "{\"every_ms\":31536000001,\"kind\":\"batch\",\"body\":{}}",
      "every_ms" },
    { "{\"every_ms\":1000,\"jitter_ms\":-1,\"kind\":\"batch\",\"body\":{}}",
      "jitter_ms" },
    { "{\"every_ms\":1000,\"timezone\":\"Europe/Berlin\",\"kind\":\"batch\","
      "\"body\":{}}", "timezone" },
    { "{\"every_ms\":1000,\"kind\":\"page\",\"body\":{}}", "kind" },
    { "{\"every_ms\":1000,\"kind\":\"batch\",\"body\":\"x\"}", "body" },
    { "{\"every_ms\":1000,\"kind\":\"batch\",\"body\":{},\"paused\":1}",
      "paused" },
    { "{\"every_ms\":1000,\"kind\":\"batch\",\"body\":{},"
      "\"overlap\":\"queue\"}", "overlap" },
    { "{\"every_ms\":1000,\"kind\":\"batch\",\"body\":{},\"when\":1}",
      "when" },
};


START_TEST(what_is_no_schedule_is_refused_with_its_place)
{
    char         err[256];
    size_t       i;
    json_t      *json;
    const char  *key;

    for (i = 0; i < sizeof(time_checks) / sizeof(time_checks[0]); i++) {
        json = json_loads(time_checks[i].text, 0, NULL);
        ck_assert_ptr_nonnull(json);
        err[0] = '\0';
        ck_assert_msg(schedules_check(json, err, sizeof(err), &key)
                      == SC_ERROR, "%s was taken", time_checks[i].text);
        ck_assert_pstr_eq(key, time_checks[i].key);
        ck_assert_str_ne(err, "");
        json_decref(json);
    }
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_schedule_is_run_at_its_times_with_its_body,
        a_cron_schedule_follows_the_calendar,
        a_time_is_passed_over_while_the_job_of_the_last_has_not_ended,
        runs_that_may_overlap_do_not_wait_for_a_job,
        a_paused_schedule_is_not_run_until_it_goes_on,
        times_that_were_missed_are_made_up_for_once,
        a_run_is_not_made_again_after_a_crash,
        a_request_that_could_not_be_made_is_made_a_little_later,
        a_clock_that_is_set_back_runs_nothing_twice,
        a_clock_that_is_set_forward_is_seen_in_a_minute,
        a_run_comes_within_its_jitter,
        what_is_deleted_is_not_run_and_not_found,
        one_that_is_deleted_while_it_runs_stays_deleted,
        what_a_run_came_to_survives_a_put_at_the_same_time,
        schedules_of_tenants_are_apart_whatever_their_names,
        a_tenant_has_no_more_than_it_may,
        nothing_is_run_once_it_drains,
        a_document_that_is_none_is_passed_over,
        what_is_no_schedule_is_refused_with_its_place,
        NULL
    };

    return storing_run("schedules", tests, &t);
}
