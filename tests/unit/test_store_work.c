
#include <stdlib.h>
#include <string.h>

#include "tests/support/storing.h"


static void work_pages(int64_t job, const store_pages_t *pages,
    const char *added);


static storing_t  t;


START_TEST(work_comes_back_as_it_was_put)
{
    store_work_t  work = storing_work(1);

    work.tags = storing_str("{\"team\":\"a\"}");
    work.max_pages = 10;
    work.max_host_pages = 5;
    work.closed = 1;
    work.counts.rejected = 3;
    ck_assert_int_eq(storing_wait(&t, store_work_put(t.store, &work, NULL, 0,
                                                     0, storing_told_seq,
                                                     &t)), STORE_OK);
    ck_assert_int_eq(t.seq, 1);
    ck_assert_str_eq(storing_work_get(&t, 1),
                     "1|batch|1|{}|{\"page\":1}|{\"rules\":1}|"
                     "{\"team\":\"a\"}|10 5 1 0 0 0 0 0 0 0 0 0 0 3 \n");
    storing_reads(&t, "SELECT tenant, name, value, job FROM job_tag",
                  "acme|team|a|1\n");
    ck_assert_str_eq(storing_work_get(&t, 2), "");
}
END_TEST


START_TEST(work_whose_id_is_taken_is_a_conflict)
{
    store_work_t  work = storing_work(1);

    storing_put_n(&t, 1);
    ck_assert_int_eq(storing_wait(&t, store_work_put(t.store, &work, NULL, 0,
                                                     0, storing_told_seq,
                                                     &t)), STORE_CONFLICT);
    ck_assert_int_eq(t.seq, 0);
    storing_reads(&t, "SELECT count(*) FROM job_work", "0\n");
}
END_TEST


START_TEST(documents_are_put_with_a_work_or_not_at_all)
{
    store_doc_t   docs[2];
    store_work_t  work = storing_work(1);

    memset(docs, 0, sizeof(docs));
    docs[0].kind = docs[1].kind = storing_str("idem");
    docs[0].tenant = docs[1].tenant = storing_str("acme");
    docs[0].name = storing_str("a");
    docs[1].name = storing_str("b");
    docs[0].body = docs[1].body = storing_str("first");

    ck_assert_int_eq(storing_wait(&t, store_work_put(t.store, &work, docs, 1,
                                                     1, storing_told_seq,
                                                     &t)), STORE_OK);

    /* the second is there, so the first is not put */
    work = storing_work(2);
    docs[0].name = storing_str("b");
    docs[1].name = storing_str("a");
    docs[1].body = storing_str("second");
    ck_assert_int_eq(storing_wait(&t, store_work_put(t.store, &work, docs, 2,
                                                     1, storing_told_seq,
                                                     &t)), STORE_CONFLICT);
    ck_assert_str_eq(storing_work_get(&t, 2), "");
    storing_reads(&t, "SELECT name, body FROM document", "a|first\n");

    ck_assert_int_eq(storing_wait(&t, store_work_put(t.store, &work, docs, 2,
                                                     0, storing_told_seq,
                                                     &t)), STORE_OK);
    storing_reads(&t, "SELECT name, body FROM document",
                  "a|second\nb|first\n");
    ck_assert_int_eq(store_work_put(t.store, &work, docs, STORE_DOCS_MAX + 1,
                                    0, storing_told_seq, &t), SC_ERROR);
}
END_TEST


START_TEST(page_has_the_spec_and_rules_of_its_job)
{
    int64_t        job;
    store_job_t    page;
    store_pages_t  pages = { .jobs = &page, .n = 1 };

    job = storing_work_put(&t, 1);
    page = storing_page(2);
    page.line = 17;
    page.echo = storing_str("{\"row\":17}");
    work_pages(job, &pages, "1");
    ck_assert_str_eq(storing_get(&t, 2), "2|acme|page|0|http://a/2|"
                     "{\"page\":1}|sha256:1|{\"rules\":1}|{\"row\":17}||"
                     "1002|0|0|0\n");

    /* unless it has its own */
    page = storing_page(3);
    page.spec = storing_str("{\"own\":1}");
    page.rules_hash = storing_str("sha256:own");
    page.rules = storing_str("{}");
    work_pages(job, &pages, "1");
    ck_assert_str_eq(storing_get(&t, 3), "3|acme|page|0|http://a/3|"
                     "{\"own\":1}|sha256:own|{}|||1003|0|0|0\n");

    ck_assert_str_eq(storing_unended(&t), "2 3 ");
    storing_reads(&t, "SELECT found FROM job_work", "2\n");
}
END_TEST


START_TEST(page_says_where_it_was_found)
{
    int64_t        job;
    store_job_t    page;
    store_pages_t  pages = { .jobs = &page, .n = 1 };

    job = storing_work_put(&t, 1);
    page = storing_page(2);
    page.depth = 3;
    page.role = STORE_SITEMAP;
    page.context = storing_str("{\"category\":\"x\"}");
    work_pages(job, &pages, "1");
    storing_reads(&t, "SELECT parent, line, depth, role, context, kind"
                  " FROM job WHERE parent <> 0",
                  "1|0|3|1|{\"category\":\"x\"}|page\n");
}
END_TEST


START_TEST(pages_of_no_job_are_not_put)
{
    store_job_t    page = storing_page(2);
    store_pages_t  pages = { .jobs = &page, .n = 1 };

    ck_assert_int_eq(storing_wait(&t, store_pages_put(t.store, 7,
                                                      storing_str("acme"),
                                                      &pages,
                                                      storing_told_added,
                                                      &t)),
                     STORE_NOT_FOUND);
    ck_assert_uint_eq(t.n, 0);
    ck_assert_str_eq(storing_get(&t, 2), "");
    pages.n = STORE_PAGES_MAX + 1;
    ck_assert_int_eq(store_pages_put(t.store, 7, storing_str("acme"), &pages,
                                     storing_told_added, &t), SC_ERROR);
}
END_TEST


START_TEST(block_with_an_id_that_is_taken_puts_nothing)
{
    int64_t        job;
    store_job_t    jobs[2];
    store_pages_t  pages = { .jobs = jobs, .n = 2 };

    job = storing_work_put(&t, 1);
    jobs[0] = storing_page(2);
    jobs[1] = storing_page(1);
    ck_assert_int_eq(storing_wait(&t, store_pages_put(t.store, job,
                                                      storing_str("acme"),
                                                      &pages,
                                                      storing_told_added,
                                                      &t)),
                     STORE_CONFLICT);
    storing_reads(&t, "SELECT found FROM job_work", "0\n");
    ck_assert_str_eq(storing_unended(&t), "");
}
END_TEST


START_TEST(large_block_is_put_as_a_whole_or_not_at_all)
{
    int            i;
    int64_t        job;
    store_job_t    jobs[25];
    store_pages_t  pages = { .jobs = jobs, .n = 25 };

    job = storing_work_put(&t, 1);

    for (i = 0; i < 25; i++) {
        jobs[i] = storing_page((unsigned) i + 2);
        jobs[i].line = i + 2;
        jobs[i].host = i % 3;
        jobs[i].due = 100 - i;
    }

    work_pages(job, &pages, "25");
    storing_reads(&t, "SELECT count(*), sum(j.line = j.seq), count(DISTINCT"
                  " j.id) FROM job j JOIN task t ON t.job = j.seq"
                  " AND (t.flow, t.host, t.prio, t.due) ="
                  " (j.flow, j.host, j.prio, j.due)",
                  "25|25|25\n");
    storing_reads(&t, "SELECT host, due FROM queue ORDER BY host",
                  "0|76\n1|78\n2|77\n");

    for (i = 0; i < 25; i++) {
        jobs[i] = storing_page(i == 13 ? 5 : (unsigned) i + 50);
    }

    ck_assert_int_eq(storing_wait(&t, store_pages_put(t.store, job,
                                                      storing_str("acme"),
                                                      &pages,
                                                      storing_told_added,
                                                      &t)),
                     STORE_CONFLICT);
    storing_reads(&t, "SELECT (SELECT count(*) FROM job),"
                  " (SELECT count(*) FROM task), (SELECT found FROM job_work)",
                  "26|25|25\n");
}
END_TEST


START_TEST(page_that_was_seen_is_passed_over)
{
    int64_t        job, seen[3] = { 5, 6, 5 };
    store_job_t    jobs[3];
    store_pages_t  pages = { .jobs = jobs, .seen = seen, .n = 3 };

    job = storing_work_put(&t, 1);
    jobs[0] = storing_page(2);
    jobs[1] = storing_page(3);
    jobs[2] = storing_page(4);
    work_pages(job, &pages, "2");
    ck_assert_str_eq(storing_unended(&t), "2 3 ");

    jobs[0] = storing_page(5);
    pages.n = 1;
    work_pages(job, &pages, "0");

    /* by another job it was not */
    job = storing_work_put(&t, 9);
    work_pages(job, &pages, "1");
    storing_reads(&t, "SELECT found FROM job_work ORDER BY job", "2\n1\n");
}
END_TEST


START_TEST(pages_beyond_the_bound_are_passed_over_and_may_come_later)
{
    int64_t        job, seen[3] = { 5, 6, 7 };
    store_job_t    jobs[3];
    store_pages_t  pages = { .jobs = jobs, .seen = seen, .n = 3,
                             .max_pages = 2 };

    job = storing_work_put(&t, 1);
    jobs[0] = storing_page(2);
    jobs[1] = storing_page(3);
    jobs[2] = storing_page(4);
    work_pages(job, &pages, "2");
    work_pages(job, &pages, "0");

    pages.max_pages = 3;
    work_pages(job, &pages, "1");
    ck_assert_str_eq(storing_unended(&t), "2 3 4 ");

    /* also where nothing is seen */
    pages.seen = NULL;
    jobs[0] = storing_page(5);
    jobs[1] = storing_page(6);
    jobs[2] = storing_page(7);
    pages.max_pages = 4;
    work_pages(job, &pages, "1");
    ck_assert_str_eq(storing_unended(&t), "2 3 4 5 ");
}
END_TEST


START_TEST(host_has_no_more_pages_than_its_bound)
{
    size_t         i;
    int64_t        job, seen[6] = { 1, 2, 3, 4, 5, 6 };
    store_job_t    jobs[6];
    store_pages_t  pages = { .jobs = jobs, .seen = seen, .n = 6,
                             .max_host_pages = 2 };

    static const char *const  urls[] = {
        "http://a/1", "https://a:8443/2?q=://b", "http://a?3", "http://b/",
        "http://[::1]:80/", "http://[::1]/x"
    };

    job = storing_work_put(&t, 1);

    for (i = 0; i < 6; i++) {
        jobs[i] = storing_page((unsigned) i + 2);
        jobs[i].url = storing_str(urls[i]);
    }

    work_pages(job, &pages, "5");
    storing_reads(&t, "SELECT name, n FROM job_tally ORDER BY name",
                  "host:[::1]|2\nhost:a|2\nhost:b|1\n");
}
END_TEST


START_TEST(each_host_of_a_block_gets_its_queue)
{
    size_t         i;
    int64_t        job;
    store_job_t    jobs[4];
    store_pages_t  pages = { .jobs = jobs, .n = 4 };

    static const int64_t  hosts[] = { 9, 8, 9, 8 };
    static const int64_t  dues[] = { 1000, 500, 300, 700 };

    job = storing_work_put(&t, 1);

    for (i = 0; i < 4; i++) {
        jobs[i] = storing_page((unsigned) i + 2);
        jobs[i].host = hosts[i];
        jobs[i].due = dues[i];
    }

    work_pages(job, &pages, "4");
    storing_reads(&t, "SELECT lane, flow, host, tenant, due FROM queue"
                  " ORDER BY host", "1|7|8|acme|500\n1|7|9|acme|300\n");
}
END_TEST


START_TEST(hosts_without_a_new_page_get_no_queue)
{
    int64_t        job, seen = 5;
    store_job_t    page = storing_page(2);
    store_pages_t  pages = { .jobs = &page, .seen = &seen, .n = 1 };

    job = storing_work_put(&t, 1);
    work_pages(job, &pages, "1");
    page = storing_page(3);
    page.host = 77;
    work_pages(job, &pages, "0");
    storing_reads(&t, "SELECT host FROM queue", "9\n");
}
END_TEST


START_TEST(work_is_changed_until_it_has_ended)
{
    store_work_t  work = storing_work(1);

    work.job.seq = storing_work_put(&t, 1);
    work.job.state = STORE_PAUSED;
    work.job.started = 77;
    work.job.spec = storing_str("{\"a\":2}");
    work.closed = 1;
    work.max_pages = 4;
    work.max_host_pages = 2;
    work.counts.rejected = 9;
    ck_assert_int_eq(storing_wait(&t, store_work_set(t.store, &work,
                                                     storing_done, &t)),
                     STORE_OK);
    ck_assert_str_eq(storing_work_get(&t, 1),
                     "1|batch|6|{\"a\":2}|{\"page\":1}|{\"rules\":1}||"
                     "4 2 1 0 0 0 0 0 0 0 0 0 0 9 \n");

    work.job.state = STORE_COMPLETED;
    ck_assert_int_eq(storing_wait(&t, store_work_finish(t.store, &work, NULL,
                                                        0, storing_done,
                                                        &t)), STORE_OK);
    ck_assert_int_eq(storing_wait(&t, store_work_set(t.store, &work,
                                                     storing_done, &t)),
                     STORE_CONFLICT);
}
END_TEST


START_TEST(work_ends_once_with_its_messages)
{
    store_work_t     work = storing_work(1);
    store_message_t  message;

    memset(&message, 0, sizeof(store_message_t));
    memcpy(message.id, storing_id(5), ID_SIZE);
    memcpy(message.job, storing_id(1), ID_SIZE);
    message.tenant = storing_str("acme");
    message.event = storing_str("job.completed");
    message.body = storing_str("{}");
    message.due = 4000;

    work.job.seq = storing_work_put(&t, 1);
    work.job.state = STORE_FAILED_JOB;
    work.job.error = storing_str("{\"type\":\"x\"}");
    work.job.started = 10;
    work.job.finished = 20;
    work.job.expires = 30;
    ck_assert_int_eq(storing_wait(&t, store_work_finish(t.store, &work,
                                                        &message, 1,
                                                        storing_done, &t)),
                     STORE_OK);
    storing_reads(&t, "SELECT state, error, started, finished, expires"
                  " FROM job", "3|{\"type\":\"x\"}|10|20|30\n");
    storing_reads(&t, "SELECT tenant, event, body, due, state FROM"
                      " job_message",
                  "acme|job.completed|{}|4000|0\n");

    memcpy(message.id, storing_id(6), ID_SIZE);
    ck_assert_int_eq(storing_wait(&t, store_work_finish(t.store, &work,
                                                        &message, 1,
                                                        storing_done, &t)),
                     STORE_CONFLICT);
    storing_reads(&t, "SELECT count(*) FROM job_message", "1\n");
}
END_TEST


START_TEST(works_that_have_not_ended_are_taken_up_again)
{
    unsigned      n;
    store_work_t  work = storing_work(2);

    for (n = 1; n <= 4; n++) {
        work.job.seq = storing_work_put(&t, n);

        if (n == 2) {
            work.job.state = STORE_COMPLETED;
            (void) storing_wait(&t, store_work_finish(t.store, &work, NULL, 0,
                                                      storing_done, &t));
        }
    }

    storing_put_n(&t, 5);
    storing_close(&t);
    storing_open(&t);
    ck_assert_int_eq(storing_wait(&t, store_works_unended(t.store, 0, 2,
                                                          storing_told_works,
                                                          &t)), STORE_OK);
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_eq(t.seq, 3);
    ck_assert_int_eq(storing_wait(&t, store_works_unended(t.store, 3, 2,
                                                          storing_told_works,
                                                          &t)), STORE_OK);
    ck_assert_uint_eq(t.n, 1);
    ck_assert_int_eq(t.seq, 4);
}
END_TEST


START_TEST(job_of_its_own_has_tags)
{
    store_job_t     job = storing_job(1);
    store_result_t  result = storing_result(2);

    job.tags = storing_str("{\"a\":\"1\",\"b\":\"x\",\"c\":3}");
    ck_assert_int_eq(storing_put(&t, &job), STORE_OK);

    /* one that was never put has them, too */
    memcpy(job.id, storing_id(2), ID_SIZE);
    job.state = STORE_COMPLETED;
    ck_assert_int_eq(storing_finish(&t, &job, &result), STORE_OK);
    storing_reads(&t, "SELECT name, value, job FROM job_tag ORDER BY job,"
                      " name",
                  "a|1|1\nb|x|1\na|1|2\nb|x|2\n");
}
END_TEST


static void
work_pages(int64_t job, const store_pages_t *pages, const char *added)
{
    ck_assert_int_eq(storing_wait(&t, store_pages_put(t.store, job,
                                                      storing_str("acme"),
                                                      pages,
                                                      storing_told_added,
                                                      &t)), STORE_OK);
    ck_assert_str_eq(t.said.data, added);
}


int
main(void)
{
    const TTest  *tests[] = {
        work_comes_back_as_it_was_put,
        work_whose_id_is_taken_is_a_conflict,
        documents_are_put_with_a_work_or_not_at_all,
        page_has_the_spec_and_rules_of_its_job,
        page_says_where_it_was_found,
        pages_of_no_job_are_not_put,
        block_with_an_id_that_is_taken_puts_nothing,
        large_block_is_put_as_a_whole_or_not_at_all,
        page_that_was_seen_is_passed_over,
        pages_beyond_the_bound_are_passed_over_and_may_come_later,
        host_has_no_more_pages_than_its_bound,
        each_host_of_a_block_gets_its_queue,
        hosts_without_a_new_page_get_no_queue,
        work_is_changed_until_it_has_ended,
        work_ends_once_with_its_messages,
        works_that_have_not_ended_are_taken_up_again,
        job_of_its_own_has_tags,
        NULL
    };

    return storing_run("store work", tests, &t);
}
