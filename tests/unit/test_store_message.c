
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_list.h"
#include "tests/support/storing.h"


static void message_put(unsigned n, int64_t due);
static const char *message_due(int64_t now, size_t limit);
static const char *message_list(unsigned job, const char *tenant);
static void message_told(void *data, store_status_t status,
    const store_message_t *messages, size_t n);


static storing_t  t;


START_TEST(a_message_is_read_as_it_was_put)
{
    store_message_t  m;

    memset(&m, 0, sizeof(m));
    memcpy(m.id, storing_id(7), ID_SIZE);
    memcpy(m.job, storing_id(3), ID_SIZE);
    m.tenant = storing_str("acme");
    m.spec = storing_str("{\"url\":\"https://a/\"}");
    m.event = storing_str("job.completed");
    m.body = storing_str("{\"x\":1}");
    m.created = 5;
    m.due = 6;
    m.tries = 2;
    m.last = storing_str("{\"status\":500}");
    ck_assert_int_eq(storing_wait(&t, store_messages_put(t.store, &m, 1,
                                                         storing_done, &t)),
                     STORE_OK);
    ck_assert_str_eq(message_due(6, 9), "7 1 acme 3 {\"url\":\"https://a/\"}"
                     " job.completed {\"x\":1} 5 6 2 0 {\"status\":500}\n");
    ck_assert_str_eq(message_list(3, "acme"), "7 1 acme 3"
                     " {\"url\":\"https://a/\"} job.completed {\"x\":1}"
                     " 5 6 2 0 {\"status\":500}\n");
}
END_TEST


START_TEST(messages_of_one_put_are_there_together)
{
    unsigned         i;
    store_message_t  m[3];

    memset(m, 0, sizeof(m));

    for (i = 0; i < 3; i++) {
        memcpy(m[i].id, storing_id(i + 1), ID_SIZE);
        m[i].tenant = storing_str("acme");
    }

    ck_assert_int_eq(storing_wait(&t, store_messages_put(t.store, m, 3,
                                                         storing_done, &t)),
                     STORE_OK);
    (void) message_due(0, 9);
    ck_assert_uint_eq(t.n, 3);
    (void) message_due(0, 2);
    ck_assert_uint_eq(t.n, 2);
}
END_TEST


START_TEST(messages_are_due_by_their_time)
{
    message_put(1, 30);
    message_put(2, 10);
    message_put(3, 20);

    ck_assert_str_eq(message_due(9, 9), "");
    ck_assert_int_eq(t.status, STORE_OK);
    (void) message_due(20, 9);
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_eq(t.seq, 3);
    (void) message_due(30, 1);
    ck_assert_int_eq(t.seq, 2);
}
END_TEST


START_TEST(one_that_was_taken_is_not_due_but_listed)
{
    store_message_t  m;

    message_put(1, 10);
    message_put(2, 10);
    (void) message_due(10, 1);

    memset(&m, 0, sizeof(m));
    m.seq = t.seq;
    m.due = 99;
    m.tries = 4;
    m.state = 1;
    m.last = storing_str("{\"status\":204}");
    ck_assert_int_eq(storing_wait(&t, store_message_set(t.store, &m,
                                                        storing_done, &t)),
                     STORE_OK);
    (void) message_due(100, 9);
    ck_assert_uint_eq(t.n, 1);
    ck_assert_int_eq(t.seq, 2);
    (void) message_list(50, "acme");
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_eq(t.seq, 1);
    ck_assert_ptr_nonnull(strstr(t.said.data, " 99 4 1 {\"status\":204}\n"));

    m.seq = 77;
    ck_assert_int_eq(storing_wait(&t, store_message_set(t.store, &m,
                                                        storing_done, &t)),
                     STORE_NOT_FOUND);
}
END_TEST


START_TEST(messages_about_a_job_are_its_tenant_s)
{
    message_put(1, 10);
    ck_assert_str_eq(message_list(50, "other"), "");
    ck_assert_int_eq(t.status, STORE_OK);
    ck_assert_str_eq(message_list(51, "acme"), "");
}
END_TEST


START_TEST(who_is_forgotten_is_not_called)
{
    int  other;

    message_put(1, 10);
    ck_assert_int_eq(store_messages_due(t.store, 10, 9, message_told, &other),
                     SC_OK);
    store_forget(t.store, &other);
    message_put(2, 10);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_message_is_read_as_it_was_put,
        messages_of_one_put_are_there_together,
        messages_are_due_by_their_time,
        one_that_was_taken_is_not_due_but_listed,
        messages_about_a_job_are_its_tenant_s,
        who_is_forgotten_is_not_called,
        NULL
    };

    return storing_run("store_message", tests, &t);
}


/* About job 50. */

static void
message_put(unsigned n, int64_t due)
{
    store_message_t  m;

    memset(&m, 0, sizeof(m));
    memcpy(m.id, storing_id(n), ID_SIZE);
    memcpy(m.job, storing_id(50), ID_SIZE);
    m.tenant = storing_str("acme");
    m.due = due;
    ck_assert_int_eq(storing_wait(&t, store_messages_put(t.store, &m, 1,
                                                         storing_done, &t)),
                     STORE_OK);
}


static const char *
message_due(int64_t now, size_t limit)
{
    (void) storing_wait(&t, store_messages_due(t.store, now, limit,
                                               message_told, &t));

    return t.said.data;
}


static const char *
message_list(unsigned job, const char *tenant)
{
    (void) storing_wait(&t, store_messages_list(t.store, storing_id(job),
                                                storing_str(tenant), 9,
                                                message_told, &t));

    return t.said.data;
}


static void
message_told(void *data, store_status_t status,
    const store_message_t *messages, size_t n)
{
    size_t                  i, j;
    storing_t              *s = data;
    const store_message_t  *m;

    ck_assert_ptr_eq(s, &t);
    ck_assert(status == STORE_OK || (messages == NULL && n == 0));
    s->n = n;

    for (i = 0; i < n; i++) {
        m = &messages[i];

        const sc_str_t  parts[] = { m->spec, m->event, m->body };

        s->seq = m->seq;
        (void) sc_buf_printf(&s->said, "%u %lld ", storing_number(m->id),
                             (long long) m->seq);
        (void) sc_buf_add_str(&s->said, m->tenant);
        (void) sc_buf_printf(&s->said, " %u", m->job[0] != '\0'
                             ? storing_number(m->job) : 0);

        for (j = 0; j < sizeof(parts) / sizeof(parts[0]); j++) {
            (void) sc_buf_add_cstr(&s->said, " ");
            (void) sc_buf_add_str(&s->said, parts[j]);
        }

        (void) sc_buf_printf(&s->said, " %lld %lld %d %d ",
                             (long long) m->created, (long long) m->due,
                             m->tries, m->state);
        (void) sc_buf_add_str(&s->said, m->last);
        (void) sc_buf_add_cstr(&s->said, "\n");
    }

    storing_done(s, status);
}
