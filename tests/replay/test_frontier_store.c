
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define PAGE    "http://shop.example/lamp"
#define NEXT    "http://shop.example/next"


/* One who waits again whenever told that the end is not stored. */
typedef struct {
    frontier_t  *frontier;
    int          told;
    int          stored;
} patient_t;


static void hold_an_end(scene_t *s, char *id, scene_told_t *told);
static void patient_told(void *data, const frontier_outcome_t *o);


START_TEST(jobs_of_an_earlier_process_are_taken_up)
{
    char            queued[ID_SIZE], running[ID_SIZE];
    scene_t         s;
    const fetch_t  *fetch;

    scene_open(&s);
    scene_row(PAGE, 0, queued);
    scene_row(NEXT, 2, running);
    scene_begin(&s);
    ck_assert_uint_eq(frontier_queued(s.frontier), 2);

    fetch = fake_fetch(NEXT);
    ck_assert_ptr_nonnull(fetch);
    ck_assert_int_eq(fetch->connect_timeout, 5 * LOOP_SEC);
    ck_assert_int_eq(fake_row(running)->job.attempts, 3);

    scene_complete(&s, PAGE);
    scene_complete(&s, NEXT);
    scene_check_completed(queued);
    scene_check_completed(running);
    scene_end(&s);
}
END_TEST


START_TEST(what_a_job_asked_for_outlives_the_process)
{
    char             id[ID_SIZE];
    scene_t          s;
    scene_done_t     done = { 0, STORE_OK };
    frontier_spec_t  spec;
    fetch_header_t   header = { sc_string("X-Text"), sc_string("a\"\\b") };

    scene_start(&s);
    spec = scene_spec(PAGE);
    spec.request.headers = &header;
    spec.request.nheaders = 1;
    spec.request.method = "HEAD";
    spec.request.limits.max_page = 4711;
    ck_assert_int_eq(frontier_submit(s.frontier, &spec, id), FRONTIER_OK);
    ck_assert_int_eq(frontier_persist(s.frontier, id, scene_done, &done),
                     SC_OK);
    fake_run(s.loop);
    scene_stop(&s);
    scene_begin(&s);

    ck_assert_str_eq(fake_fetch(PAGE)->headers.data, "X-Text: a\"\\b\n");
    ck_assert_str_eq(fake_fetch(PAGE)->method, "HEAD");
    ck_assert_uint_eq(fake_fetch(PAGE)->max_body, 4711);
    scene_complete(&s, PAGE);
    ck_assert_str_eq(fake_row(id)->job.echo.data, "{\"n\":1}");
    scene_end(&s);
}
END_TEST


START_TEST(a_job_that_was_interrupted_too_often_fails)
{
    char     id[ID_SIZE];
    json_t  *fetch;
    scene_t  s;

    scene_open(&s);
    scene_row(PAGE, FRONTIER_MAX_ATTEMPTS, id);
    scene_begin(&s);

    ck_assert_uint_eq(fake_fetches_begun(), 0);
    scene_check_failed(id, "/server/interrupted", 502);
    fetch = scene_fetch_object(id);
    ck_assert(json_number_value(json_object_get(
                  json_object_get(fetch, "timings_ms"), "queue")) >= 0);
    json_decref(fetch);
    scene_end(&s);
}
END_TEST


START_TEST(the_end_of_a_durable_job_is_kept_until_there_is_room)
{
    char          id[ID_SIZE];
    scene_t       s;
    store_job_t   job;
    scene_told_t  told;

    scene_start(&s);
    hold_an_end(&s, id, &told);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.stored, STORE_FULL);
    ck_assert_int_eq(told.has_result, 0);
    ck_assert_int_eq(frontier_peek(s.frontier, id, SCENE_TENANT, &job), SC_OK);
    ck_assert_int_eq(job.state, STORE_RUNNING);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);

    fake_pass(s.loop, 2 * LOOP_SEC);
    scene_check_completed(id);
    ck_assert_int_eq(told.called, 1);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    scene_end(&s);
}
END_TEST


/* A durable job whose end finds no room on disk, once. */
static void
hold_an_end(scene_t *s, char *id, scene_told_t *told)
{
    scene_submit_durable(s, PAGE, id);
    scene_wait(s, id, told);
    fake_store_answer(FAKE_FINISH, STORE_FULL, 1);
    scene_complete(s, PAGE);
}


START_TEST(an_end_that_was_kept_gives_way_to_a_cancel)
{
    char          id[ID_SIZE], other[ID_SIZE];
    scene_t       s;
    scene_done_t  done = { 0, STORE_FAILED };
    scene_told_t  told, later;

    scene_start(&s);
    hold_an_end(&s, id, &told);
    scene_submit(&s, NEXT, other);
    scene_wait(&s, id, &later);
    ck_assert_int_eq(frontier_cancel(s.frontier, id, SCENE_TENANT,
                                     scene_done, &done), SC_OK);
    fake_run(s.loop);
    ck_assert_int_eq(done.status, STORE_OK);

    fake_pass(s.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(later.called, 1);
    ck_assert_int_eq(later.stored, STORE_CONFLICT);
    scene_check_cancelled(id);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(who_is_told_of_no_room_may_wait_again)
{
    char       id[ID_SIZE];
    scene_t    s;
    patient_t  patient;

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);
    patient = (patient_t) { s.frontier, 0, 0 };
    ck_assert_ptr_nonnull(frontier_wait(s.frontier, id, SCENE_TENANT,
                                        patient_told, &patient));
    fake_store_answer(FAKE_FINISH, STORE_FULL, 1);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(patient.told, 1);

    fake_pass(s.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(patient.told, 2);
    ck_assert_int_eq(patient.stored, 1);
    scene_end(&s);
}
END_TEST


static void
patient_told(void *data, const frontier_outcome_t *o)
{
    patient_t  *patient = data;

    patient->told++;
    patient->stored += o->stored == STORE_OK;

    if (o->stored != STORE_OK) {
        ck_assert_ptr_nonnull(frontier_wait(patient->frontier, o->job->id,
                                            SCENE_TENANT, patient_told,
                                            patient));
    }
}


START_TEST(a_frontier_is_freed_with_an_end_it_keeps)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_told_t  told;

    scene_start(&s);
    hold_an_end(&s, id, &told);
    ck_assert_int_eq(fake_row(id)->job.state, STORE_RUNNING);
    scene_stop(&s);
    scene_begin(&s);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_nobody_was_promised_is_told_that_the_disk_is_full)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_told_t  told;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &told);
    fake_run(s.loop);
    fake_store_answer(FAKE_FINISH, STORE_FULL, 1);
    scene_complete(&s, PAGE);

    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.stored, STORE_FULL);
    ck_assert_int_eq(told.has_result, 0);
    ck_assert_ptr_null(fake_row(id));
    scene_end(&s);
}
END_TEST


START_TEST(an_end_the_store_takes_no_call_for_is_told_later)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_told_t  told;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &told);
    fake_run(s.loop);
    fake_store_refuse(FAKE_FINISH, 2);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(told.called, 0);

    fake_pass(s.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(told.called, 0);
    fake_pass(s.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.stored, STORE_OK);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        jobs_of_an_earlier_process_are_taken_up,
        what_a_job_asked_for_outlives_the_process,
        a_job_that_was_interrupted_too_often_fails,
        the_end_of_a_durable_job_is_kept_until_there_is_room,
        an_end_that_was_kept_gives_way_to_a_cancel,
        who_is_told_of_no_room_may_wait_again,
        a_frontier_is_freed_with_an_end_it_keeps,
        a_job_nobody_was_promised_is_told_that_the_disk_is_full,
        an_end_the_store_takes_no_call_for_is_told_later,
        NULL
    };

    return suite_run("frontier_store", tests, 30);
}
