
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sidecar/metrics/metrics.h"
#include "tests/support/storing.h"


static void end_says(const store_end_t *end, const char *says);
static void end_counts(const char *counts);
static int64_t end_commits(unsigned n);


static storing_t  t;


START_TEST(page_that_completed_gives_its_job_a_result)
{
    int64_t      job;
    store_end_t  end;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 2);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.status = 200;
    end.bytes = 100;
    end.wire = 40;
    end_says(&end, "added 0 seq 1 changed 0");
    end_counts("2|1|0|0|0|0|0|1|100|40\n");
    storing_reads(&t, "SELECT name, n FROM job_tally", "status:200|1\n");
    ck_assert_str_eq(storing_unended(&t), "3 ");

    (void) storing_wait(&t, store_job_results(t.store, storing_id(1),
                                              storing_str("acme"), 0, 10,
                                              storing_told_results, &t));
    ck_assert_str_eq(t.said.data, "2|1|acme|http://a/2|2|{\"status\":200}|"
                     "{\"a\":1}|[]|[]||||sha256-0|3002\n");

    /* it ends once */
    end_says(&end, "added 0 seq 0 changed 0");
    ck_assert_int_eq(t.status, STORE_CONFLICT);
    end_counts("2|1|0|0|0|0|0|1|100|40\n");
}
END_TEST


START_TEST(page_that_failed_is_counted_by_its_problem)
{
    int64_t      job;
    store_end_t  end;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 3);
    end = storing_page_end(2, 1, job, STORE_FAILED_JOB);
    end_says(&end, "added 0 seq 1 changed 1");
    end = storing_page_end(3, 1, job, STORE_FAILED_JOB);
    end.error = storing_str("/policy/robots");
    end_says(&end, "added 0 seq 2 changed 1");
    end = storing_page_end(4, 1, job, STORE_CANCELLED);
    end.result = NULL;
    end.error = storing_str("");
    end_says(&end, "added 0 seq 0 changed 0");
    end_counts("3|0|2|1|1|0|0|0|0|0\n");
    storing_reads(&t, "SELECT name, n FROM job_tally", "error:/fetch/dns|1\n"
                  "error:/policy/robots|1\n");
}
END_TEST


START_TEST(page_of_no_job_does_not_end)
{
    store_end_t  end;

    (void) storing_work_put(&t, 1);
    end = storing_page_end(2, 1, 1, STORE_COMPLETED);
    end_says(&end, "added 0 seq 0 changed 0");
    ck_assert_int_eq(t.status, STORE_CONFLICT);
    storing_reads(&t, "SELECT count(*) FROM result", "0\n");
}
END_TEST


START_TEST(page_that_led_to_one_that_was_seen_is_a_duplicate)
{
    int64_t          job, final = 5, seen = 9;
    store_end_t      end;
    store_job_t      page;
    store_pages_t    pages = { .jobs = &page, .seen = &seen, .n = 1 };
    store_message_t  message;

    memset(&message, 0, sizeof(store_message_t));
    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 2);
    page = storing_page(8);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.final = &final;
    end.status = 200;
    end_says(&end, "added 0 seq 1 changed 0");

    end = storing_page_end(3, 1, job, STORE_COMPLETED);
    end.final = &final;
    end.pages = &pages;
    end.raw = storing_str("x");
    end.messages = &message;
    end.nmessages = 1;
    end.status = 200;
    end.bytes = 7;
    end_says(&end, "added 0 seq 0 changed 0 duplicate");
    end_counts("2|2|0|0|0|1|0|1|7|0\n");
    storing_reads(&t, "SELECT (SELECT count(*) FROM job_message),"
                  " (SELECT count(*) FROM result_raw), (SELECT count(*)"
                  " FROM job)",
                  "0|0|3\n");
    storing_reads(&t, "SELECT name, n FROM job_tally", "status:200|2\n");
}
END_TEST


START_TEST(page_that_failed_where_it_was_led_to_may_be_tried_again)
{
    int64_t      job, final = 5;
    store_end_t  end;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    end = storing_page_end(2, 1, job, STORE_FAILED_JOB);
    end.final = &final;
    end_says(&end, "added 0 seq 1 changed 1");
    (void) storing_wait(&t, store_work_retry(t.store, job, 0, 2000,
                                             storing_told_seq, &t));
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.final = &final;
    end_says(&end, "added 0 seq 2 changed 0");
}
END_TEST


START_TEST(page_leads_to_others_in_the_same_transaction)
{
    size_t         i;
    int64_t        job, seen[3] = { 1, 2, 1 };
    store_end_t    end;
    store_job_t    jobs[3];
    store_pages_t  pages = { .jobs = jobs, .seen = seen, .n = 3,
                             .max_pages = 10 };

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);

    for (i = 0; i < 3; i++) {
        jobs[i] = storing_page((unsigned) i + 10);
        jobs[i].url = storing_str("http://b/");
        jobs[i].depth = 1;
    }

    end.pages = &pages;
    end_says(&end, "added 2 seq 1 changed 0");
    end_counts("3|1|0|0|0|0|0|1|0|0\n");
    ck_assert_str_eq(storing_unended(&t), "10 11 ");
}
END_TEST


START_TEST(sitemap_ends_without_a_result)
{
    int64_t      job;
    store_end_t  end;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.result = NULL;
    end_says(&end, "added 0 seq 0 changed 0");
    end_counts("1|1|0|0|0|0|0|0|0|0\n");
}
END_TEST


START_TEST(result_says_whether_its_page_changed)
{
    unsigned        n;
    store_end_t     end;
    store_job_t     job;
    store_result_t  r;

    static const struct {
        const char    *digest;
        const char    *data;
        store_state_t  state;
        unsigned       gone:1;
        const char    *changed;
    } pages[] = {
        { "d1", "{\"a\":1}", STORE_COMPLETED, 0, "0" },
        { "d1", "{\"a\":1}", STORE_COMPLETED, 0, "1" },
        { "d2", "{\"a\":2}", STORE_COMPLETED, 0, "2" },
        { "", "", STORE_FAILED_JOB, 0, "1" },
        { "", "", STORE_FAILED_JOB, 1, "3" },
        { "d2", "{\"a\":2}", STORE_COMPLETED, 0, "1" },
        { "", "{\"a\":2}", STORE_COMPLETED, 0, "1" },
        { "d3", "{\"a\":3}", STORE_COMPLETED, 0, "2" },
        { "", "{}", STORE_COMPLETED, 1, "3" }
    };

    for (n = 0; n < sizeof(pages) / sizeof(pages[0]); n++) {
        job = storing_job(n + 1);
        r = storing_result(n + 1);
        r.url = storing_str("http://a/");
        r.digest = storing_str(pages[n].digest);
        r.data = storing_str(pages[n].data);
        r.state = job.state = pages[n].state;
        r.gone = pages[n].gone;
        memset(&end, 0, sizeof(store_end_t));
        end.job = &job;
        end.result = &r;
        (void) storing_end_page(&t, &end);
        ck_assert_str_eq(t.said.data + t.said.len - 1, pages[n].changed);
    }

    /* others' pages are not looked at */
    job = storing_job(20);
    job.tenant = storing_str("other");
    job.state = STORE_COMPLETED;
    r = storing_result(20);
    r.tenant = job.tenant;
    r.url = storing_str("http://a/");
    end_says(&end, "added 0 seq 10 changed 0");
}
END_TEST


START_TEST(result_that_is_the_same_is_kept_only_when_asked)
{
    int64_t          job;
    store_end_t      end;
    store_result_t   r;
    store_message_t  message;

    memset(&message, 0, sizeof(store_message_t));
    storing_finish_n(&t, 2);
    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 12, 3);

    end = storing_page_end(12, 1, job, STORE_COMPLETED);
    r = *end.result;
    r.url = storing_str("http://a/2");
    end.result = &r;
    end.keep_same = 0;
    end.raw = storing_str("x");
    end.messages = &message;
    end.nmessages = 1;
    end.status = 200;
    end_says(&end, "added 0 seq 0 changed 1 unchanged");
    end_counts("3|1|0|0|0|0|1|0|0|0\n");
    storing_reads(&t, "SELECT count(*) FROM result_raw", "0\n");
    storing_reads(&t, "SELECT count(*) FROM job_message", "0\n");
    storing_reads(&t, "SELECT name, n FROM job_tally", "status:200|1\n");

    end = storing_page_end(13, 1, job, STORE_COMPLETED);
    r = *end.result;
    r.url = storing_str("http://a/2");
    end.result = &r;
    end_says(&end, "added 0 seq 2 changed 1");

    end = storing_page_end(14, 1, job, STORE_COMPLETED);
    r = *end.result;
    r.url = storing_str("http://a/2");
    r.data = storing_str("{\"a\":2}");
    end.result = &r;
    end.keep_same = 0;
    end_says(&end, "added 0 seq 3 changed 2");
    end_counts("3|3|0|0|0|0|1|2|0|0\n");
}
END_TEST


START_TEST(result_of_a_job_of_its_own_is_always_kept)
{
    store_job_t     job = storing_job(3);
    store_end_t     end = { .job = &job };
    store_result_t  r = storing_result(3);

    storing_finish_n(&t, 2);
    r.url = storing_str("http://a/2");
    job.state = STORE_COMPLETED;
    job.expires = 99;
    end.result = &r;
    end_says(&end, "added 0 seq 2 changed 1");
    storing_reads(&t, "SELECT expires FROM job ORDER BY seq", "0\n99\n");
}
END_TEST


START_TEST(what_is_not_kept_is_in_no_table_either)
{
    int64_t               job;
    store_end_t           end;
    store_table_t         table;
    store_result_t        r;
    const store_table_t  *tables[] = { &table };

    static const store_column_t  columns[] = {
        { "a", STORE_INTEGER, 1 }
    };

    table = storing_table(columns, 1);
    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 2);

    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    r = *end.result;
    r.tables = tables;
    r.ntables = 1;
    end.result = &r;
    end.status = 200;
    end_says(&end, "added 0 seq 1 changed 0");
    storing_counts(&t, 1, 0, 0);

    end = storing_page_end(3, 1, job, STORE_COMPLETED);
    r = *end.result;
    r.url = storing_str("http://a/2");
    r.tables = tables;
    r.ntables = 1;
    end.result = &r;
    end.keep_same = 0;
    end_says(&end, "added 0 seq 0 changed 1 unchanged");
    storing_counts(&t, 1, 0, 0);
    storing_reads(&t, "SELECT a, _url FROM \"products@acme\"",
                  "1|http://a/2\n");
}
END_TEST


START_TEST(page_is_kept_as_it_came)
{
    int64_t      job;
    store_end_t  end;
    sc_str_t     raw = { 5, "a\0\xff\0b" };

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.raw = raw;
    end.head = storing_str("{\"type\":\"text/html\"}");
    end_says(&end, "added 0 seq 1 changed 0");
    storing_reads(&t, "SELECT result, head, hex(CAST(body AS BLOB))"
                  " FROM result_raw", "1|{\"type\":\"text/html\"}|6100FF0062\n"
                  "");
}
END_TEST


START_TEST(empty_page_is_kept_as_it_came)
{
    int64_t      job;
    store_end_t  end;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end.raw = storing_str("");
    end_says(&end, "added 0 seq 1 changed 0");
    storing_reads(&t, "SELECT result, length(body) FROM result_raw", "1|0\n");
}
END_TEST


START_TEST(words_are_kept_unless_they_are_not_wanted)
{
    int64_t      job;
    store_end_t  end;

    static const char  found[] = "SELECT rowid FROM result_text"
                                 " WHERE result_text MATCH 'http'";

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 4);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    end_says(&end, "added 0 seq 1 changed 0");
    end = storing_page_end(3, 1, job, STORE_FAILED_JOB);
    end_says(&end, "added 0 seq 2 changed 1");
    storing_reads(&t, found, "1\n");

    store_search(t.store, 0);
    end = storing_page_end(4, 1, job, STORE_COMPLETED);
    end_says(&end, "added 0 seq 3 changed 0");
    store_search(t.store, 1);
    end = storing_page_end(5, 1, job, STORE_COMPLETED);
    end.raw = storing_str("x");
    end_says(&end, "added 0 seq 4 changed 0");
    storing_reads(&t, found, "1\n4\n");
}
END_TEST


START_TEST(result_has_the_place_of_its_page)
{
    int64_t         job;
    store_job_t     page;
    store_end_t     end;
    store_result_t  r;

    job = storing_work_put(&t, 1);
    storing_pages_put(&t, job, 2, 1);
    end = storing_page_end(2, 1, job, STORE_COMPLETED);
    page = *end.job;
    page.line = 17;
    page.depth = 2;
    page.context = storing_str("{\"c\":1}");
    r = *end.result;
    r.host = storing_str("a");
    r.ruleset = storing_str("product");
    r.digest = storing_str("abc");
    end.job = &page;
    end.result = &r;
    end_says(&end, "added 0 seq 1 changed 0");
    storing_reads(&t, "SELECT host, ruleset, digest, line, depth, context"
                  " FROM result", "a|product|abc|17|2|{\"c\":1}\n");
}
END_TEST


START_TEST(messages_go_with_the_end_of_a_job_of_its_own)
{
    store_job_t      job = storing_job(2);
    store_end_t      end = { .job = &job };
    store_result_t   r = storing_result(2);
    store_message_t  message;

    memset(&message, 0, sizeof(store_message_t));
    memcpy(message.id, storing_id(9), ID_SIZE);
    memcpy(message.job, job.id, ID_SIZE);
    message.event = storing_str("result.completed");
    job.state = STORE_COMPLETED;
    end.result = &r;
    end.messages = &message;
    end.nmessages = 1;
    end_says(&end, "added 0 seq 1 changed 0");
    storing_reads(&t, "SELECT event FROM job_message", "result.completed\n");
}
END_TEST


START_TEST(ends_that_others_follow_are_committed_with_them)
{
    unsigned  n;

    /* a thread that is kept from running a while may commit one alone */
    for (n = 1; n < 50; n++) {
        if (end_commits(2 * n) == 1) {
            return;
        }
    }

    ck_abort_msg("each was committed by itself");
}
END_TEST


static void
end_says(const store_end_t *end, const char *says)
{
    ck_assert_str_eq(storing_end_page(&t, end), says);
}


/* Of the one work. */
static void
end_counts(const char *counts)
{
    storing_reads(&t, "SELECT found, completed, failed, cancelled, robots,"
                  " duplicates, unchanged, items, bytes, wire FROM job_work",
                  counts);
}


/* Of two jobs that end one after the other, each said to be followed. */
static int64_t
end_commits(unsigned n)
{
    unsigned     i;
    int64_t      before;
    store_job_t  job;
    store_end_t  end = { .job = &job, .followed = 1 };

    before = metrics_get(METRICS_COMMITS);

    for (i = n; i < n + 2; i++) {
        job = storing_job(i);
        job.state = STORE_FAILED_JOB;
        ck_assert_int_eq(store_end(t.store, &end, storing_told_ended, &t),
                         SC_OK);
        usleep(1000);
    }

    ck_assert_int_eq(storing_wait_for(&t, 2), STORE_OK);

    return metrics_get(METRICS_COMMITS) - before;
}


int
main(void)
{
    const TTest  *tests[] = {
        page_that_completed_gives_its_job_a_result,
        page_that_failed_is_counted_by_its_problem,
        page_of_no_job_does_not_end,
        page_that_led_to_one_that_was_seen_is_a_duplicate,
        page_that_failed_where_it_was_led_to_may_be_tried_again,
        page_leads_to_others_in_the_same_transaction,
        sitemap_ends_without_a_result,
        result_says_whether_its_page_changed,
        result_that_is_the_same_is_kept_only_when_asked,
        result_of_a_job_of_its_own_is_always_kept,
        what_is_not_kept_is_in_no_table_either,
        page_is_kept_as_it_came,
        empty_page_is_kept_as_it_came,
        words_are_kept_unless_they_are_not_wanted,
        result_has_the_place_of_its_page,
        messages_go_with_the_end_of_a_job_of_its_own,
        ends_that_others_follow_are_committed_with_them,
        NULL
    };

    return storing_run("store work's end", tests, &t);
}
