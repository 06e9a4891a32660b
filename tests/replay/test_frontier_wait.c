
#include <stdlib.h>
#include <string.h>

#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define PAGE    "http://shop.example/lamp"
#define NEXT    "http://shop.example/next"


/* One who asks for two things, and forgets the second when told the first. */
typedef struct {
    frontier_t    *frontier;
    scene_done_t   done;
    int            told;
} leaver_t;


static void cancel_job(scene_t *s, const char *id, scene_done_t *done);
static void persist_job(scene_t *s, const char *id, scene_done_t *done);
static void submit_alone(scene_t *s, char *id);
static void leaver_told(void *data, const frontier_outcome_t *o);
static void leaver_done(void *data, store_status_t status);


START_TEST(a_job_is_cancelled_before_it_begins)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;
    scene_told_t  told;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &told);
    cancel_job(&s, id, &done);
    fake_run(s.loop);

    ck_assert_uint_eq(fake_fetches_begun(), 0);
    ck_assert_int_eq(done.status, STORE_OK);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.state, STORE_CANCELLED);
    ck_assert_int_eq(told.has_result, 0);
    scene_check_cancelled(id);
    scene_end(&s);
}
END_TEST


/* Nobody is told from inside the call. */
static void
cancel_job(scene_t *s, const char *id, scene_done_t *done)
{
    *done = (scene_done_t) { 0, STORE_FAILED };
    ck_assert_int_eq(frontier_cancel(s->frontier, id, SCENE_TENANT,
                                     scene_done, done), SC_OK);
    ck_assert_int_eq(done->called, 0);
}


START_TEST(a_fetch_is_closed_before_cancel_returns)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    cancel_job(&s, id, &done);
    ck_assert_uint_eq(fake_fetches_cancelled(), 1);
    ck_assert_uint_eq(frontier_running(s.frontier), 0);
    fake_run(s.loop);

    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_OK);
    scene_check_cancelled(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_page_is_taken_from_its_worker_by_cancel)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    cancel_job(&s, id, &done);
    ck_assert_uint_eq(fake_pages_cancelled(), 1);
    fake_run(s.loop);

    ck_assert_int_eq(done.status, STORE_OK);
    scene_check_cancelled(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_that_is_being_stored_cannot_be_cancelled)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_store_hold(FAKE_FINISH, 1);
    scene_complete(&s, PAGE);
    cancel_job(&s, id, &done);
    fake_store_hold(FAKE_FINISH, 0);
    fake_run(s.loop);

    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_CONFLICT);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(two_who_cancel_are_both_answered)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  first, second;

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);
    cancel_job(&s, id, &first);
    cancel_job(&s, id, &second);
    fake_run(s.loop);

    ck_assert_int_eq(first.called, 1);
    ck_assert_int_eq(first.status, STORE_OK);
    ck_assert_int_eq(second.called, 1);
    ck_assert_int_eq(second.status, STORE_CONFLICT);
    scene_check_cancelled(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_only_the_store_knows_is_cancelled_there)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_open(&s);
    scene_row(PAGE, 0, id);
    fake_store_hold(FAKE_NEXT, 1);
    scene_begin(&s);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);
    cancel_job(&s, id, &done);
    fake_run(s.loop);

    ck_assert_int_eq(done.status, STORE_OK);
    scene_check_cancelled(id);
    ck_assert_uint_eq(frontier_queued(s.frontier), 0);

    fake_store_hold(FAKE_NEXT, 0);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_begun(), 0);

    /* the queue is found empty later */
    fake_spend(s.loop, 5 * LOOP_SEC);
    ck_assert_uint_eq(fake_queues(), 0);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_read_back_while_it_was_cancelled_is_stopped)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;
    scene_told_t  told;

    scene_open(&s);
    scene_row(PAGE, 0, id);
    fake_store_hold(FAKE_NEXT, 1);
    scene_begin(&s);
    fake_store_hold(FAKE_CANCEL, 1);
    cancel_job(&s, id, &done);
    fake_store_hold(FAKE_NEXT, 0);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 1);
    scene_wait(&s, id, &told);

    fake_store_hold(FAKE_CANCEL, 0);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_cancelled(), 1);
    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_OK);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.state, STORE_CANCELLED);
    scene_check_cancelled(id);
    scene_end(&s);
}
END_TEST


START_TEST(an_unknown_job_cannot_be_cancelled)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    ck_assert_int_eq(id_make(id, 1), SC_OK);
    cancel_job(&s, id, &done);
    fake_run(s.loop);

    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_NOT_FOUND);
    scene_end(&s);
}
END_TEST


START_TEST(a_cancel_the_store_takes_no_call_for_is_an_error)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done = { 0, STORE_OK };

    scene_start(&s);
    ck_assert_int_eq(id_make(id, 1), SC_OK);
    fake_store_refuse(FAKE_CANCEL, 1);
    ck_assert_int_eq(frontier_cancel(s.frontier, id, SCENE_TENANT,
                                     scene_done, &done), SC_ERROR);
    fake_run(s.loop);
    ck_assert_int_eq(done.called, 0);
    scene_end(&s);
}
END_TEST


START_TEST(another_tenant_finds_nothing)
{
    char          id[ID_SIZE];
    scene_t       s;
    store_job_t   job;
    scene_done_t  done = { 0, STORE_OK };

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);

    ck_assert_ptr_null(frontier_wait(s.frontier, id, SCENE_OTHER, NULL, NULL));
    ck_assert_int_eq(frontier_peek(s.frontier, id, SCENE_OTHER, &job),
                     SC_DECLINED);
    ck_assert_int_eq(frontier_peek(s.frontier, id,
                                   (sc_str_t) sc_null_string, &job),
                     SC_DECLINED);
    ck_assert_int_eq(frontier_cancel(s.frontier, id, SCENE_OTHER, scene_done,
                                     &done), SC_OK);
    fake_run(s.loop);
    ck_assert_int_eq(done.status, STORE_NOT_FOUND);
    ck_assert_uint_eq(fake_fetches(), 1);

    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(peek_shows_how_far_a_job_is)
{
    char         id[ID_SIZE];
    scene_t      s;
    store_job_t  job;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    ck_assert_int_eq(frontier_peek(s.frontier, id, SCENE_TENANT, &job), SC_OK);
    ck_assert_int_eq(job.state, STORE_QUEUED);
    ck_assert_str_eq(job.url.data, PAGE);
    ck_assert_str_eq(job.echo.data, "{\"n\":1}");
    ck_assert_int_eq(job.started, 0);

    fake_run(s.loop);
    ck_assert_int_eq(frontier_peek(s.frontier, id, SCENE_TENANT, &job), SC_OK);
    ck_assert_int_eq(job.state, STORE_RUNNING);
    ck_assert_int_gt(job.started, 0);

    scene_complete(&s, PAGE);
    ck_assert_int_eq(frontier_peek(s.frontier, id, SCENE_TENANT, &job),
                     SC_DECLINED);
    scene_end(&s);
}
END_TEST


START_TEST(persist_is_called_back_when_the_store_has_the_job)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_store_hold(FAKE_PUT, 1);
    persist_job(&s, id, &done);
    fake_run(s.loop);
    ck_assert_int_eq(done.called, 0);

    fake_store_hold(FAKE_PUT, 0);
    fake_run(s.loop);
    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_OK);
    ck_assert_str_eq(fake_row(id)->job.rules_hash.data, "sha256-0123");
    ck_assert_str_eq(fake_row(id)->job.tenant.data, "anna");
    ck_assert_str_eq(fake_row(id)->job.kind.data, "extract");

    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


static void
persist_job(scene_t *s, const char *id, scene_done_t *done)
{
    *done = (scene_done_t) { 0, STORE_FAILED };
    ck_assert_int_eq(frontier_persist(s->frontier, id, scene_done, done),
                     SC_OK);
    ck_assert_int_eq(done->called, 0);
}


START_TEST(persist_of_a_durable_job_is_called_back_too)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);
    persist_job(&s, id, &done);
    fake_run(s.loop);

    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_OK);
    ck_assert_uint_eq(fake_calls(FAKE_PUT), 1);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_is_put_once_for_two_who_persist_it)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  first, second;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    persist_job(&s, id, &first);
    persist_job(&s, id, &second);
    fake_run(s.loop);

    ck_assert_int_eq(first.called, 1);
    ck_assert_int_eq(second.called, 1);
    ck_assert_uint_eq(fake_calls(FAKE_PUT), 1);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_running_job_is_put_as_one)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    persist_job(&s, id, &done);
    fake_run(s.loop);

    ck_assert_int_eq(fake_row(id)->job.state, STORE_RUNNING);
    ck_assert_int_eq(fake_row(id)->job.attempts, 1);
    ck_assert_uint_eq(fake_calls(FAKE_START), 0);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_durable_job_is_started_in_the_store)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);

    ck_assert_int_eq(fake_row(id)->job.state, STORE_RUNNING);
    ck_assert_int_eq(fake_row(id)->job.attempts, 1);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(persist_of_an_ending_job_is_called_back_with_its_end)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_store_hold(FAKE_FINISH, 1);
    scene_complete(&s, PAGE);
    persist_job(&s, id, &done);
    fake_store_hold(FAKE_FINISH, 0);
    fake_run(s.loop);

    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_OK);
    ck_assert_uint_eq(fake_calls(FAKE_PUT), 0);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(an_unknown_job_cannot_be_persisted)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    ck_assert_int_eq(id_make(id, 1), SC_OK);
    ck_assert_int_eq(frontier_persist(s.frontier, id, scene_done, NULL),
                     SC_DECLINED);
    scene_end(&s);
}
END_TEST


START_TEST(a_put_the_store_takes_no_call_for_is_an_error)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done = { 0, STORE_OK };

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_store_refuse(FAKE_PUT, 1);
    ck_assert_int_eq(frontier_persist(s.frontier, id, scene_done, &done),
                     SC_ERROR);
    fake_run(s.loop);
    ck_assert_int_eq(done.called, 0);

    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_the_disk_has_no_room_for_is_cancelled)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_store_answer(FAKE_PUT, STORE_FULL, 1);
    fake_store_answer(FAKE_FINISH, STORE_FULL, 1);
    persist_job(&s, id, &done);
    fake_run(s.loop);

    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_FULL);
    ck_assert_uint_eq(fake_fetches_cancelled(), 1);
    ck_assert_ptr_null(fake_row(id));
    scene_end(&s);
}
END_TEST


START_TEST(a_job_with_a_waiter_goes_on_without_room_on_disk)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;
    scene_told_t  told;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &told);
    fake_store_answer(FAKE_PUT, STORE_FULL, 1);
    persist_job(&s, id, &done);
    fake_run(s.loop);
    ck_assert_int_eq(done.status, STORE_FULL);

    scene_complete(&s, PAGE);
    ck_assert_int_eq(told.stored, STORE_OK);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_nobody_waits_for_goes_on)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_told_t  told;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &told);
    fake_run(s.loop);
    frontier_unwait(told.wait);
    scene_complete(&s, PAGE);

    ck_assert_int_eq(told.called, 0);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_that_may_not_be_alone_is_cancelled_with_its_last_waiter)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_told_t  first, second;

    scene_start(&s);
    submit_alone(&s, id);
    scene_wait(&s, id, &first);
    scene_wait(&s, id, &second);
    fake_run(s.loop);

    frontier_unwait(first.wait);
    ck_assert_uint_eq(fake_fetches_cancelled(), 0);
    frontier_unwait(second.wait);
    ck_assert_uint_eq(fake_fetches_cancelled(), 1);
    fake_run(s.loop);

    ck_assert_int_eq(first.called + second.called, 0);
    scene_check_cancelled(id);
    scene_end(&s);
}
END_TEST


static void
submit_alone(scene_t *s, char *id)
{
    frontier_spec_t  spec;

    spec = scene_spec(PAGE);
    spec.cancel_alone = 1;
    ck_assert_int_eq(frontier_submit(s->frontier, &spec, id), FRONTIER_OK);
}


START_TEST(a_durable_job_may_always_be_alone)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done;
    scene_told_t  told;

    scene_start(&s);
    submit_alone(&s, id);
    scene_wait(&s, id, &told);
    persist_job(&s, id, &done);
    frontier_unwait(told.wait);
    fake_run(s.loop);
    scene_wait(&s, id, &told);
    frontier_unwait(told.wait);

    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(nobody_is_called_who_was_forgotten)
{
    char          id[ID_SIZE], durable[ID_SIZE], old[ID_SIZE];
    scene_t       s;
    scene_done_t  done;

    scene_start(&s);
    scene_submit_durable(&s, NEXT, durable);
    scene_submit(&s, PAGE, id);
    ck_assert_int_eq(id_make(old, 1), SC_OK);

    persist_job(&s, id, &done);
    persist_job(&s, durable, &done);
    cancel_job(&s, id, &done);
    cancel_job(&s, old, &done);
    frontier_forget(s.frontier, &done);
    fake_run(s.loop);

    ck_assert_int_eq(done.called, 0);
    scene_check_cancelled(id);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(others_are_called_when_one_is_forgotten)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  gone, stays;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    persist_job(&s, id, &gone);
    persist_job(&s, id, &stays);
    frontier_forget(s.frontier, &gone);
    fake_run(s.loop);

    ck_assert_int_eq(gone.called, 0);
    ck_assert_int_eq(stays.called, 1);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(who_is_told_the_end_may_forget_the_rest)
{
    char      id[ID_SIZE];
    scene_t   s;
    leaver_t  leaver;

    scene_start(&s);
    memset(&leaver, 0, sizeof(leaver_t));
    leaver.frontier = s.frontier;

    scene_submit(&s, PAGE, id);
    ck_assert_ptr_nonnull(frontier_wait(s.frontier, id, SCENE_TENANT,
                                        leaver_told, &leaver));
    fake_run(s.loop);
    fake_store_hold(FAKE_FINISH, 1);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(frontier_persist(s.frontier, id, leaver_done, &leaver),
                     SC_OK);
    ck_assert_int_eq(frontier_cancel(s.frontier, id, SCENE_TENANT,
                                     leaver_done, &leaver), SC_OK);
    fake_store_hold(FAKE_FINISH, 0);
    fake_run(s.loop);

    ck_assert_int_eq(leaver.told, 1);
    ck_assert_int_eq(leaver.done.called, 0);
    scene_end(&s);
}
END_TEST


static void
leaver_told(void *data, const frontier_outcome_t *o)
{
    leaver_t  *leaver = data;

    ck_assert_int_eq(o->stored, STORE_OK);
    leaver->told++;
    frontier_forget(leaver->frontier, leaver);
}


static void
leaver_done(void *data, store_status_t status)
{
    leaver_t  *leaver = data;

    scene_done(&leaver->done, status);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_job_is_cancelled_before_it_begins,
        a_fetch_is_closed_before_cancel_returns,
        a_page_is_taken_from_its_worker_by_cancel,
        a_job_that_is_being_stored_cannot_be_cancelled,
        two_who_cancel_are_both_answered,
        a_job_only_the_store_knows_is_cancelled_there,
        a_job_read_back_while_it_was_cancelled_is_stopped,
        an_unknown_job_cannot_be_cancelled,
        a_cancel_the_store_takes_no_call_for_is_an_error,
        another_tenant_finds_nothing,
        peek_shows_how_far_a_job_is,
        persist_is_called_back_when_the_store_has_the_job,
        persist_of_a_durable_job_is_called_back_too,
        a_job_is_put_once_for_two_who_persist_it,
        a_running_job_is_put_as_one,
        a_durable_job_is_started_in_the_store,
        persist_of_an_ending_job_is_called_back_with_its_end,
        an_unknown_job_cannot_be_persisted,
        a_put_the_store_takes_no_call_for_is_an_error,
        a_job_the_disk_has_no_room_for_is_cancelled,
        a_job_with_a_waiter_goes_on_without_room_on_disk,
        a_job_nobody_waits_for_goes_on,
        a_job_that_may_not_be_alone_is_cancelled_with_its_last_waiter,
        a_durable_job_may_always_be_alone,
        nobody_is_called_who_was_forgotten,
        others_are_called_when_one_is_forgotten,
        who_is_told_the_end_may_forget_the_rest,
        NULL
    };

    return suite_run("frontier_wait", tests, 30);
}
