
#include <string.h>

#include "sidecar/session/session.h"
#include "tests/support/storing.h"


/*
 * sessions  of the store of test
 * opened    what session_open() gave last
 * status    of the last callback
 * existed   what it said
 * calls     callbacks so far
 */
typedef struct {
    sessions_t      *sessions;
    session_t       *opened;
    store_status_t   status;
    int              existed;
    unsigned         calls;
} session_test_t;


static void session_begin(void);
static void session_end(void);
static session_t *session_get(const char *tenant, const char *name);
static store_status_t session_set(const char *name, const char *body);
static store_status_t session_set_as(const char *name, const char *body,
    session_format_t format);
static store_status_t session_drop(const char *tenant, const char *name);
static const char *session_shown(session_t *session,
    session_format_t format);
static const char *session_stored(const char *name);
static void session_stored_told(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void session_cookie(session_t *session, const char *name,
    const char *value);
static void session_run(void);
static void session_told(void *data, store_status_t status,
    session_t *session);
static void session_done(void *data, store_status_t status, int existed);
static void session_fail(void *data, store_status_t status,
    session_t *session);


#define COOKIE    "\"name\":\"a\",\"value\":\"1\",\"domain\":\"shop.example\""
#define LOGIN     "\"login\":{\"url\":\"https://shop.example/login\""

#define STORED    "\"headers\":{},\"login\":null,\"logged_in\":0}"


static storing_t       test;
static session_test_t  state;
static sc_buf_t        stored;


START_TEST(a_session_that_does_not_exist_comes_empty)
{
    session_t  *s;

    session_begin();
    s = session_get("acme", "shop");

    ck_assert_uint_eq(jar_count(s->jar), 0);
    ck_assert_uint_eq(s->nheaders, 0);
    ck_assert_str_eq(s->login, "");
    ck_assert_int_eq(s->logged_in, 0);
    ck_assert_int_eq(session_exists(s), 0);

    session_release(s);
    session_end();
    ck_assert_str_eq(session_stored("shop"), "");
}
END_TEST


START_TEST(a_callback_never_comes_from_inside_and_all_share_one)
{
    session_t  *one, *two;

    session_begin();
    one = session_get("acme", "shop");

    ck_assert_ptr_nonnull(session_open(state.sessions, storing_str("acme"),
                                       storing_str("shop"), session_told,
                                       NULL));
    ck_assert_uint_eq(state.calls, 1);
    session_run();
    two = state.opened;
    ck_assert_ptr_eq(one, two);

    session_release(one);
    session_cookie(two, "a", "1");
    session_release(two);
    session_end();
}
END_TEST


START_TEST(two_that_wait_get_the_same)
{
    session_t  *one;

    session_begin();
    ck_assert_ptr_nonnull(session_open(state.sessions, storing_str("acme"),
                                       storing_str("shop"), session_told,
                                       NULL));
    ck_assert_ptr_nonnull(session_open(state.sessions, storing_str("acme"),
                                       storing_str("shop"), session_told,
                                       NULL));
    session_run();
    one = state.opened;

    if (state.calls == 1) {
        session_run();
    }

    ck_assert_uint_eq(state.calls, 2);
    ck_assert_ptr_eq(state.opened, one);
    session_release(one);
    session_release(one);
    session_end();
}
END_TEST


START_TEST(who_has_cancelled_is_not_called)
{
    session_open_t  *open;

    session_begin();
    open = session_open(state.sessions, storing_str("acme"),
                        storing_str("shop"), session_fail, NULL);
    ck_assert_ptr_nonnull(open);
    session_open_cancel(open);

    /* once it is in memory, too */
    session_release(session_get("acme", "news"));
    open = session_open(state.sessions, storing_str("acme"),
                        storing_str("news"), session_fail, NULL);
    session_open_cancel(open);

    /* and who is forgotten */
    ck_assert_ptr_nonnull(session_open(state.sessions, storing_str("acme"),
                                       storing_str("shop"), session_fail,
                                       &test));
    sessions_forget(state.sessions, &test);
    session_release(session_get("acme", "shop"));
    session_end();
}
END_TEST


START_TEST(a_cookie_is_saved_a_moment_after_it_was_set)
{
    session_t   *s;
    const char  *body;

    session_begin();
    s = session_get("acme", "shop");
    session_cookie(s, "a", "1");
    session_touch(s);
    session_touch(s);

    do {
        body = session_stored("shop");
    } while (body[0] == '\0');

    ck_assert_str_eq(body,
                     "{\"cookies\":[{\"name\":\"a\","
                     "\"domain\":\"shop.example\",\"path\":\"/\","
                     "\"expires\":null,\"secure\":false,"
                     "\"http_only\":false,\"host_only\":true,"
                     "\"value\":\"1\"}]," STORED);
    session_release(s);
    session_end();
}
END_TEST


START_TEST(a_cookie_is_saved_when_the_session_is_released)
{
    session_t  *s;

    session_begin();
    s = session_get("acme", "shop");
    session_cookie(s, "a", "1");
    session_touch(s);
    session_release(s);
    ck_assert_ptr_nonnull(strstr(session_stored("shop"), "\"value\":\"1\""));

    /* nothing has changed: it is not written again */
    s = session_get("acme", "shop");
    ck_assert_uint_eq(jar_count(s->jar), 1);
    ck_assert_int_eq(storing_wait(&test,
                                  store_doc_del(test.store, "session",
                                                storing_str("acme"),
                                                storing_str("shop"),
                                                storing_done, &test)),
                     STORE_OK);
    session_touch(s);
    session_release(s);
    ck_assert_str_eq(session_stored("shop"), "");
    session_end();
}
END_TEST


START_TEST(a_session_asked_for_while_it_is_written_is_the_new_one)
{
    session_t  *s;

    session_begin();
    s = session_get("acme", "shop");
    session_cookie(s, "a", "1");
    session_release(s);
    s = session_get("acme", "shop");
    ck_assert_uint_eq(jar_count(s->jar), 1);
    session_release(s);
    session_end();
}
END_TEST


START_TEST(what_is_in_memory_is_saved_at_the_end)
{
    session_t  *s;

    session_begin();
    s = session_get("acme", "shop");
    session_cookie(s, "a", "1");
    session_logged_in(s, 1700000000123);
    session_end();
    ck_assert_ptr_nonnull(strstr(session_stored("shop"), "1700000000123"));

    session_begin();
    s = session_get("acme", "shop");
    ck_assert_int_eq(s->logged_in, 1700000000123);
    ck_assert_uint_eq(jar_count(s->jar), 1);
    ck_assert_ptr_nonnull(strstr(session_shown(s, SESSION_JSON),
                                 "\"logged_in\":\"2023-11-14T22:13:20.123Z\""
                                 ));
    session_release(s);
    session_end();
}
END_TEST


START_TEST(a_session_that_is_put_is_read_back)
{
    session_t  *s;

    session_begin();
    ck_assert_int_eq(session_set("shop", "{\"cookies\":[{" COOKIE
                                 ",\"path\":\"/a\",\"expires\":4102444800,"
                                 "\"secure\":true,\"http_only\":true}],"
                                 "\"headers\":{\"X-B\":\"2\",\"X-A\":\"1\"},"
                                 LOGIN ",\"from_form\":\"//form[1]\","
                                 "\"fill\":{\"u\":\"me\",\"p\":\"pass\"},"
                                 "\"check\":\"//a[@href='/logout']\"}}"),
                     STORE_OK);
    ck_assert_int_eq(state.existed, 0);
    session_end();

    session_begin();
    s = session_get("acme", "shop");
    ck_assert_uint_eq(s->nheaders, 2);
    ck_assert_str_eq(s->headers[0].name.data, "X-B");
    ck_assert_str_eq(s->headers[1].value.data, "1");
    ck_assert_ptr_nonnull(strstr(s->login, "\"p\":\"pass\""));
    ck_assert_str_eq(session_shown(s, SESSION_NETSCAPE),
                     "# Netscape HTTP Cookie File\n"
                     "#HttpOnly_shop.example\tFALSE\t/a\tTRUE\t4102444800\t"
                     "a\t1\n");
    ck_assert_str_eq(session_shown(s, SESSION_JSON),
                     "{\"name\":\"shop\",\"cookies\":[{\"name\":\"a\","
                     "\"domain\":\"shop.example\",\"path\":\"/a\","
                     "\"expires\":4102444800,\"secure\":true,"
                     "\"http_only\":true,\"host_only\":true,"
                     "\"value\":\"1\"}],"
                     "\"headers\":{\"X-B\":\"2\",\"X-A\":\"1\"},"
                     LOGIN ",\"from_form\":\"//form[1]\","
                     "\"fill\":{\"u\":\"***\",\"p\":\"***\"},"
                     "\"check\":\"//a[@href='/logout']\"},"
                     "\"logged_in\":null}");

    /* showing it has not made it forget */
    ck_assert_ptr_nonnull(strstr(s->login, "\"p\":\"pass\""));
    session_release(s);
    session_end();
    ck_assert_ptr_nonnull(strstr(session_stored("shop"), "\"p\":\"pass\""));
}
END_TEST


START_TEST(netscape_text_is_taken_in_json_and_alone)
{
    session_t        *s;
    session_error_t   err;

    static const char  lines[] =
        ".shop.example\\tTRUE\\t/\\tFALSE\\t0\\ta\\t1\\r\\n";

    session_begin();
    ck_assert_int_eq(session_set("shop", "{\"cookies\":\""
                                 ".shop.example\\tTRUE\\t/\\tFALSE\\t0\\ta"
                                 "\\t1\\r\\n\"}"),
                     STORE_OK);
    s = session_get("acme", "shop");
    ck_assert_uint_eq(jar_count(s->jar), 1);

    ck_assert_int_eq(session_set_as("shop", "# mine\n"
                                    "b.example\tFALSE\t/\tFALSE\t0\tb\t2",
                                    SESSION_NETSCAPE),
                     STORE_OK);
    ck_assert_int_eq(state.existed, 1);
    ck_assert_str_eq(session_shown(s, SESSION_NETSCAPE),
                     "# Netscape HTTP Cookie File\n"
                     "b.example\tFALSE\t/\tFALSE\t0\tb\t2\n");

    /* its escapes are JSON's, not the format's */
    ck_assert_int_eq(session_put(state.sessions, storing_str("acme"),
                                 storing_str("shop"), storing_str(lines),
                                 SESSION_NETSCAPE, session_done, NULL, &err),
                     SC_DECLINED);
    session_release(s);
    session_end();
}
END_TEST


START_TEST(a_session_in_use_sees_what_is_put_and_deleted)
{
    jar_t      *jar;
    session_t  *s;

    session_begin();
    s = session_get("acme", "shop");
    session_cookie(s, "old", "1");
    jar = s->jar;

    ck_assert_int_eq(session_set("shop", "{\"cookies\":[{" COOKIE "}],"
                                 "\"headers\":{\"X-A\":\"1\"}}"), STORE_OK);
    ck_assert_int_eq(state.existed, 1);
    ck_assert_ptr_eq(s->jar, jar);
    ck_assert_uint_eq(jar_count(jar), 1);
    ck_assert_ptr_null(strstr(session_shown(s, SESSION_JSON), "old"));
    ck_assert_uint_eq(s->nheaders, 1);

    ck_assert_int_eq(session_drop("acme", "shop"), STORE_OK);
    ck_assert_uint_eq(jar_count(jar), 0);
    ck_assert_uint_eq(s->nheaders, 0);
    ck_assert_int_eq(session_exists(s), 0);

    session_release(s);
    ck_assert_str_eq(session_stored("shop"), "");
    session_end();
}
END_TEST


START_TEST(only_what_exists_is_deleted)
{
    session_t  *s;

    session_begin();
    ck_assert_int_eq(session_drop("acme", "shop"), STORE_NOT_FOUND);

    ck_assert_int_eq(session_set("shop", "{}"), STORE_OK);
    ck_assert_int_eq(session_drop("other", "shop"), STORE_NOT_FOUND);
    ck_assert_int_eq(session_drop("acme", "shop"), STORE_OK);
    ck_assert_int_eq(session_drop("acme", "shop"), STORE_NOT_FOUND);

    /* not saved yet, but there */
    s = session_get("acme", "shop");
    session_cookie(s, "a", "1");
    ck_assert_int_eq(session_drop("acme", "shop"), STORE_OK);
    session_release(s);
    session_end();
    ck_assert_str_eq(session_stored("shop"), "");
}
END_TEST


START_TEST(a_name_is_of_one_tenant)
{
    session_t  *mine, *theirs;

    session_begin();
    mine = session_get("acme", "shop");
    theirs = session_get("other", "shop");
    ck_assert_ptr_ne(mine, theirs);
    session_cookie(mine, "a", "1");
    ck_assert_uint_eq(jar_count(theirs->jar), 0);
    session_release(mine);
    session_release(theirs);
    session_end();

    session_begin();
    theirs = session_get("other", "shop");
    ck_assert_int_eq(session_exists(theirs), 0);
    session_release(theirs);
    session_end();
}
END_TEST


START_TEST(a_value_that_is_not_utf8_is_kept)
{
    session_t  *s;

    session_begin();
    s = session_get("acme", "shop");
    session_cookie(s, "town", "Z\xfcrich");
    session_release(s);
    session_end();
    ck_assert_ptr_nonnull(strstr(session_stored("shop"),
                                 "\"value_hex\":\"5afc72696368\""));

    session_begin();
    s = session_get("acme", "shop");
    ck_assert_ptr_nonnull(strstr(session_shown(s, SESSION_NETSCAPE),
                                 "\ttown\tZ\xfcrich\n"));
    session_release(s);
    session_end();
}
END_TEST


START_TEST(a_document_that_cannot_be_read_is_an_error)
{
    store_doc_t  doc = { 0 };

    doc.kind = storing_str("session");
    doc.tenant = storing_str("acme");
    doc.name = storing_str("shop");
    doc.body = storing_str("{\"cookies\":7}");
    ck_assert_int_eq(storing_wait(&test, store_doc_put(test.store, &doc,
                                                       storing_done, &test)),
                     STORE_OK);

    session_begin();
    ck_assert_ptr_nonnull(session_open(state.sessions, storing_str("acme"),
                                       storing_str("shop"), session_told,
                                       NULL));
    session_run();
    ck_assert_int_eq(state.status, STORE_FAILED);
    ck_assert_ptr_null(state.opened);

    ck_assert_int_eq(session_set("shop", "{}"), STORE_FAILED);
    session_end();
    ck_assert_str_eq(session_stored("shop"), "{\"cookies\":7}");
}
END_TEST


START_TEST(a_change_goes_on_without_who_asked_for_it)
{
    session_t        *s;
    session_error_t   err;

    session_begin();
    ck_assert_int_eq(session_put(state.sessions, storing_str("acme"),
                                 storing_str("shop"),
                                 storing_str("{\"headers\":{\"X-A\":\"1\"}}"),
                                 SESSION_JSON, session_done, &err, &err),
                     SC_OK);
    sessions_forget(state.sessions, &err);
    s = session_get("acme", "shop");
    ck_assert_uint_eq(state.calls, 1);
    session_release(s);
    (void) session_set("news", "{}");
    session_end();
    ck_assert_ptr_nonnull(strstr(session_stored("shop"), "X-A"));
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_session_that_does_not_exist_comes_empty,
        a_callback_never_comes_from_inside_and_all_share_one,
        two_that_wait_get_the_same,
        who_has_cancelled_is_not_called,
        a_cookie_is_saved_a_moment_after_it_was_set,
        a_cookie_is_saved_when_the_session_is_released,
        a_session_asked_for_while_it_is_written_is_the_new_one,
        what_is_in_memory_is_saved_at_the_end,
        a_session_that_is_put_is_read_back,
        netscape_text_is_taken_in_json_and_alone,
        a_session_in_use_sees_what_is_put_and_deleted,
        only_what_exists_is_deleted,
        a_name_is_of_one_tenant,
        a_value_that_is_not_utf8_is_kept,
        a_document_that_cannot_be_read_is_an_error,
        a_change_goes_on_without_who_asked_for_it,
        NULL
    };

    return storing_run("session", tests, &test);
}


static void
session_begin(void)
{
    memset(&state, 0, sizeof(state));
    state.sessions = sessions_create(test.loop, test.store);
    ck_assert_ptr_nonnull(state.sessions);
}


static void
session_end(void)
{
    sessions_destroy(state.sessions);
    state.sessions = NULL;
}


static session_t *
session_get(const char *tenant, const char *name)
{
    ck_assert_ptr_nonnull(session_open(state.sessions, storing_str(tenant),
                                       storing_str(name), session_told,
                                       NULL));
    session_run();
    ck_assert_int_eq(state.status, STORE_OK);
    ck_assert_ptr_nonnull(state.opened);

    return state.opened;
}


static store_status_t
session_set(const char *name, const char *body)
{
    return session_set_as(name, body, SESSION_JSON);
}


static store_status_t
session_set_as(const char *name, const char *body, session_format_t format)
{
    int              rc;
    session_error_t  err;

    rc = session_put(state.sessions, storing_str("acme"), storing_str(name),
                     storing_str(body), format, session_done, NULL, &err);
    ck_assert_msg(rc == SC_OK, "%s/%s: %s", err.pointer, err.key, err.detail);
    session_run();

    return state.status;
}


static store_status_t
session_drop(const char *tenant, const char *name)
{
    ck_assert_int_eq(session_delete(state.sessions, storing_str(tenant),
                                    storing_str(name), session_done, NULL),
                     SC_OK);
    session_run();

    return state.status;
}


/* Valid until the next call. */
static const char *
session_shown(session_t *session, session_format_t format)
{
    sc_buf_t     out;
    static char  text[4096];

    sc_buf_init(&out, 0);
    ck_assert_int_eq(session_show(session, storing_str("shop"), format, &out),
                     SC_OK);
    ck_assert_uint_lt(out.len, sizeof(text));
    memcpy(text, out.data, out.len + 1);
    sc_buf_free(&out);

    return text;
}


/*
 * The document of "acme", "" for none; valid until the next call.  All that
 * was handed to the store before is in it: writes are done in their order.
 */

static const char *
session_stored(const char *name)
{
    store_doc_t     doc = { 0 };
    store_status_t  status;

    doc.kind = storing_str("last");
    doc.tenant = storing_str("last");
    doc.name = storing_str("last");
    doc.body = storing_str("{}");
    ck_assert_int_eq(storing_wait(&test, store_doc_put(test.store, &doc,
                                                       storing_done, &test)),
                     STORE_OK);

    sc_buf_free(&stored);
    sc_buf_init(&stored, 0);
    status = storing_wait(&test, store_doc_get(test.store, "session",
                                               storing_str("acme"),
                                               storing_str(name),
                                               session_stored_told, &test));
    ck_assert(status == STORE_OK || status == STORE_NOT_FOUND);

    return stored.len > 0 ? stored.data : "";
}


static void
session_stored_told(void *data, store_status_t status,
    const store_doc_t *docs, size_t n)
{
    if (n > 0) {
        ck_assert_int_eq(sc_buf_add_str(&stored, docs[0].body), SC_OK);
    }

    storing_done(data, status);
}


static void
session_cookie(session_t *session, const char *name, const char *value)
{
    char  err[256];

    ck_assert_int_eq(jar_set(session->jar, "shop.example", storing_str(name),
                             storing_str(value), err, sizeof(err)),
                     SC_OK);
}


/* Until the next callback. */
static void
session_run(void)
{
    unsigned  calls = state.calls;

    while (state.calls == calls) {
        ck_assert_int_eq(loop_run(test.loop), SC_OK);
    }
}


static void
session_told(void *data, store_status_t status, session_t *session)
{
    (void) data;

    state.calls++;
    state.status = status;
    state.opened = session;
    loop_stop(test.loop);
}


static void
session_done(void *data, store_status_t status, int existed)
{
    (void) data;

    state.calls++;
    state.status = status;
    state.existed = existed;
    loop_stop(test.loop);
}


static void
session_fail(void *data, store_status_t status, session_t *session)
{
    (void) data;
    (void) session;

    ck_abort_msg("called with \"%d\"", (int) status);
}
