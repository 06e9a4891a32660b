
#include <stdio.h>
#include <string.h>

#include "sidecar/tenants/tenants_internal.h"
#include "sidecar/hosts/hosts.h"
#include "sidecar/session/session.h"
#include "tests/faults/fault.h"
#include "tests/support/process.h"
#include "tests/support/storing.h"


#define KEPT_ACME      ((sc_str_t) sc_string("acme"))
#define KEPT_SHOP      ((sc_str_t) sc_string("shop"))

#define KEPT_OLD       "{\"headers\":{\"X-A\":\"1\"},\"cookies\":[{\"name\":" \
                       "\"a\",\"value\":\"1\",\"domain\":\"a.example\"}]}"
#define KEPT_NEW       "{\"headers\":{\"X-B\":\"2\",\"X-C\":\"3\"},"          \
                       "\"cookies\":[{\"name\":\"b\",\"value\":\"2\","        \
                       "\"domain\":\"b.example\"}],\"login\":{\"url\":"       \
                       "\"https://b.example/\",\"fill\":{\"u\":\"me\"}}}"

#define KEPT_LINES     "# ours\nacme pages=9 bytes=2k hosts=a.example,.b\n"   \
                       "* fetches=3 rate=1m queue=7\n"
#define KEPT_OTHERS    "acme pages=8 hosts=c.example\nother queue=5\n"

/* more than the store's callbacks say */
#define KEPT_SAID      8192

/* times that what a tenant used is asked for */
#define KEPT_TIMES     20

#define KEPT_SCENE(name, work)                                                \
    { name, FAULT_OURS, work, NULL, 0, 0 }


static int kept_session_put(void);
static int kept_session_changed(void);
static int kept_session_cookie(void);
static int kept_session_deleted(void);
static int kept_session_read(void);
static int kept_hosts_written(void);
static int kept_hosts_read(void);
static int kept_hosts_own(void);
static int kept_tenants_file(void);
static int kept_tenants_again(void);
static int kept_tenants_used(void);
static int kept_tenants_asked(void);
static int kept_session_begin(const char *body);
static int kept_session_put_in(const char *body);
static int kept_session_get(void);
static int kept_session_is(int rc, const char *before, const char *after);
static const char *kept_session_state(void);
static void kept_session_opened(void *data, store_status_t status,
    session_t *session);
static void kept_session_done(void *data, store_status_t status, int existed);
static int kept_hosts_begin(void);
static void kept_hosts_ready(void *data);
static void kept_hosts_change(void);
static int kept_hosts_state(void);
static void kept_tenants_begin(void);
static void kept_tenants_open(void);
static int kept_tenants_end(int rc);
static void kept_tenants_say(void);
static int kept_tenants_usage(void);
static void kept_tenants_pause(loop_timer_t *timer);
static void kept_begin(void);
static int kept_end(int rc);
static void kept_settle(void);
static int kept_wait(int rc);


static const fault_scene_t  kept_scenes[] = {
    KEPT_SCENE("session made", kept_session_put),
    KEPT_SCENE("session replaced while it is used", kept_session_changed),
    KEPT_SCENE("session with a new cookie", kept_session_cookie),
    KEPT_SCENE("session deleted while it is used", kept_session_deleted),
    KEPT_SCENE("session read and shown", kept_session_read),
    KEPT_SCENE("states of hosts written", kept_hosts_written),
    KEPT_SCENE("states of hosts read", kept_hosts_read),
    KEPT_SCENE("hosts made, found and described", kept_hosts_own),
    KEPT_SCENE("tenants' file read", kept_tenants_file),
    KEPT_SCENE("tenants' file read again", kept_tenants_again),
    KEPT_SCENE("what tenants used read", kept_tenants_used),
    KEPT_SCENE("what a tenant used asked for", kept_tenants_asked)
};


static storing_t        t;

static sessions_t      *kept_sessions;
static session_t       *kept_session;
static hosts_t         *kept_hosts;
static host_limits_t    kept_limits = { .concurrency = 2, .failures = 3 };
static tenants_t       *kept_tenants;
static settings_t       kept_settings;
static char             kept_path[96];


int
main(void)
{
    fault_sample(0, 12);

    return fault_suite("faults_kept", kept_scenes,
                       sizeof(kept_scenes) / sizeof(kept_scenes[0]));
}


static int
kept_session_put(void)
{
    int  rc;

    rc = kept_session_begin(NULL);

    if (rc == SC_OK) {
        rc = kept_session_put_in(KEPT_NEW);
        sessions_destroy(kept_sessions);
    }

    return kept_end(kept_session_is(rc, "none", "new"));
}


/* It is the one or the other in the store, not something of both. */
static int
kept_session_changed(void)
{
    int  rc;

    rc = kept_session_begin(KEPT_OLD);

    if (rc == SC_OK) {
        rc = kept_session_put_in(KEPT_NEW);
        session_release(kept_session);
        sessions_destroy(kept_sessions);
    }

    return kept_end(kept_session_is(rc, "old", "new"));
}


/* One that could not be saved is lost alone: nobody waits for it. */
static int
kept_session_cookie(void)
{
    int   rc;
    char  err[160];

    rc = kept_session_begin(KEPT_OLD);

    if (rc == SC_OK) {
        fault_hold();
        rc = jar_set(kept_session->jar, "c.example", KEPT_SHOP, KEPT_SHOP,
                     err, sizeof(err));
        fault_release();
        session_touch(kept_session);
        session_release(kept_session);
        sessions_destroy(kept_sessions);
        rc = strcmp(kept_session_state(), "old") == 0 ? SC_ERROR : rc;
    }

    return kept_end(kept_session_is(rc, "old", "cookie"));
}


static int
kept_session_deleted(void)
{
    int  rc;

    rc = kept_session_begin(KEPT_OLD);

    if (rc == SC_OK) {
        rc = kept_wait(session_delete(kept_sessions, KEPT_ACME, KEPT_SHOP,
                                      kept_session_done, NULL));
        session_release(kept_session);
        sessions_destroy(kept_sessions);
    }

    return kept_end(kept_session_is(rc, "old", "none"));
}


static int
kept_session_read(void)
{
    int       rc;
    sc_buf_t  out;

    (void) kept_session_begin(KEPT_OLD);
    fault_hold();
    session_release(kept_session);
    sessions_destroy(kept_sessions);
    fault_release();

    sc_buf_init(&out, 0);
    kept_sessions = sessions_create(t.loop, t.store);
    rc = (kept_sessions != NULL) ? kept_session_get() : SC_ERROR;

    if (rc == SC_OK) {
        rc = session_show(kept_session, KEPT_SHOP, SESSION_JSON, &out);

        if (rc == SC_OK) {
            rc = session_show(kept_session, KEPT_SHOP, SESSION_NETSCAPE,
                              &out);
        }

        session_release(kept_session);
    }

    if (kept_sessions != NULL) {
        sessions_destroy(kept_sessions);
    }

    if (rc == SC_OK) {
        fault_say("%s", out.data);
    }

    sc_buf_free(&out);

    return kept_end(kept_session_is(rc, "old", "old"));
}


/* With one that is there and in use, unless body is NULL. */
static int
kept_session_begin(const char *body)
{
    kept_begin();

    if (body == NULL) {
        kept_sessions = sessions_create(t.loop, t.store);
        return kept_sessions != NULL ? SC_OK : SC_ERROR;
    }

    fault_hold();
    kept_sessions = sessions_create(t.loop, t.store);
    ck_assert_ptr_nonnull(kept_sessions);
    ck_assert_int_eq(kept_session_put_in(body), SC_OK);
    ck_assert_int_eq(kept_session_get(), SC_OK);
    fault_release();

    return SC_OK;
}


static int
kept_session_put_in(const char *body)
{
    int              rc;
    session_error_t  err;

    rc = session_put(kept_sessions, KEPT_ACME, KEPT_SHOP, storing_str(body),
                     SESSION_JSON, kept_session_done, NULL, &err);

    if (rc == SC_DECLINED) {
        rc = strstr(err.detail, "memory is out") != NULL ? SC_ERROR
                                                         : SC_DECLINED;
        (void) fprintf(stderr, "%s\n", err.detail);
    }

    return (rc == SC_OK) ? kept_wait(rc) : rc;
}


static int
kept_session_get(void)
{
    session_open_t  *open;

    open = session_open(kept_sessions, KEPT_ACME, KEPT_SHOP,
                        kept_session_opened, NULL);

    return kept_wait(open != NULL ? SC_OK : SC_ERROR);
}


static int
kept_session_is(int rc, const char *before, const char *after)
{
    const char  *state;

    state = kept_session_state();
    fault_say("%s", state);

    if (rc == SC_OK) {
        return strcmp(state, after) == 0 ? SC_OK : SC_DECLINED;
    }

    if (rc == SC_ERROR
        && (strcmp(state, before) == 0 || strcmp(state, after) == 0))
    {
        return SC_ERROR;
    }

    (void) fprintf(stderr, "the session is \"%s\"\n", state);

    return SC_DECLINED;
}


/* What is in the store: "none", "old", "cookie", "new", or what else. */
static const char *
kept_session_state(void)
{
    size_t       i;
    sc_buf_t     out;
    static char  text[2048];

    static const char  *states[] = { "none", "old", "cookie", "new" };
    static const char  *bodies[] = {
        "\"cookies\":[],\"headers\":{},",
        "{\"X-A\":\"1\"}", "c.example", "{\"X-B\":\"2\",\"X-C\":\"3\"}"
    };

    kept_settle();
    fault_hold();
    sc_buf_init(&out, 0);
    kept_sessions = sessions_create(t.loop, t.store);
    (void) kept_session_get();
    (void) session_show(kept_session, KEPT_SHOP, SESSION_JSON, &out);
    (void) snprintf(text, sizeof(text), "%s", out.data);
    session_release(kept_session);
    sessions_destroy(kept_sessions);
    sc_buf_free(&out);
    fault_release();

    for (i = 4; i > 0; i--) {
        if (strstr(text, bodies[i - 1]) != NULL
            && (i == 1 || (strstr(text, "a.example") != NULL) == (i < 4))
            && (strstr(text, "b.example/") != NULL) == (i == 4))
        {
            return states[i - 1];
        }
    }

    return text;
}


static void
kept_session_opened(void *data, store_status_t status, session_t *session)
{
    (void) data;
    kept_session = session;
    storing_done(&t, status);
}


static void
kept_session_done(void *data, store_status_t status, int existed)
{
    (void) data;
    (void) existed;
    storing_done(&t, status);
}


/* What could not be written is as it was at the next start, but whole. */
static int
kept_hosts_written(void)
{
    kept_begin();
    fault_hold();
    (void) kept_hosts_begin();
    fault_release();
    kept_hosts_change();
    hosts_destroy(kept_hosts);

    return kept_end(kept_hosts_state());
}


/* What could not be read is in the store still. */
static int
kept_hosts_read(void)
{
    int  rc, there;

    kept_begin();
    fault_hold();
    (void) kept_hosts_begin();
    kept_hosts_change();
    hosts_destroy(kept_hosts);
    kept_settle();
    fault_release();

    rc = kept_hosts_begin();

    if (rc == SC_OK) {
        there = hosts_find(kept_hosts, "a.example") != NULL;
        rc = there ? SC_OK : SC_ERROR;
        hosts_destroy(kept_hosts);
    }

    return kept_end(kept_hosts_state() == SC_OK ? rc : SC_DECLINED);
}


static int
kept_hosts_own(void)
{
    int            rc;
    url_t          url;
    host_t        *one, *two;
    sc_buf_t       out;
    const char    *text = "https://b.example:8443/";
    char           err[160];

    kept_begin();
    fault_hold();
    (void) kept_hosts_begin();
    (void) url_parse(&url, text, strlen(text), err, sizeof(err));
    fault_release();

    sc_buf_init(&out, 0);
    one = hosts_make(kept_hosts, "a.example");
    two = hosts_get(kept_hosts, &url);
    rc = (one != NULL && two != NULL) ? SC_OK : SC_ERROR;

    if (rc == SC_OK) {
        rc = hosts_describe(kept_hosts, two, loop_now(t.loop), &out);
    }

    if (rc == SC_OK) {
        fault_say("%zu %s %s", hosts_count(kept_hosts),
                  hosts_next(kept_hosts, "")->name, out.data);
    }

    if (two != NULL) {
        hosts_release(kept_hosts, two);
    }

    hosts_destroy(kept_hosts);
    url_free(&url);
    sc_buf_free(&out);

    return kept_end(rc);
}


static int
kept_hosts_begin(void)
{
    kept_hosts = hosts_create(t.loop, t.store, &kept_limits,
                              kept_hosts_ready, NULL);

    return kept_wait(kept_hosts != NULL ? SC_OK : SC_ERROR);
}


static void
kept_hosts_ready(void *data)
{
    (void) data;
    storing_done(&t, STORE_OK);
}


static void
kept_hosts_change(void)
{
    host_t  *host;

    host = hosts_make(kept_hosts, "a.example");

    if (host != NULL) {
        host->state.limits.concurrency = 7;
        host->state.limits.delay = 1234567;
        host->custom = 1;
        hosts_changed(kept_hosts, host);
    }
}


static int
kept_hosts_state(void)
{
    int            rc;
    const host_t  *host;

    kept_settle();
    fault_hold();
    (void) kept_hosts_begin();
    host = hosts_find(kept_hosts, "a.example");
    rc = (host != NULL) ? SC_OK : SC_ERROR;

    if (host != NULL
        && (!host->custom || host->state.limits.concurrency != 7
            || host->state.limits.delay != 1234567))
    {
        rc = SC_DECLINED;
    }

    hosts_destroy(kept_hosts);
    fault_release();

    return rc;
}


static int
kept_tenants_file(void)
{
    char  err[256] = "";

    kept_tenants_begin();
    kept_tenants = tenants_open(t.loop, &kept_settings, t.store, err,
                                sizeof(err));

    if (kept_tenants == NULL) {
        return kept_end(err[0] != '\0' ? SC_ERROR : SC_DECLINED);
    }

    kept_tenants_say();

    return kept_tenants_end(SC_OK);
}


/* What is not taken as a whole leaves all as it was. */
static int
kept_tenants_again(void)
{
    int              rc;
    char             err[256] = "";
    tenant_limits_t  limits;

    kept_tenants_begin();
    kept_tenants_open();
    fault_hold();
    process_write(kept_path, KEPT_OTHERS);
    fault_release();
    rc = tenants_reload(kept_tenants, err, sizeof(err));

    if (rc == SC_OK) {
        kept_tenants_say();

    } else {
        tenants_limits(kept_tenants, &kept_settings, KEPT_ACME, &limits);
        rc = (limits.pages == 9 && err[0] != '\0') ? SC_ERROR : SC_DECLINED;
    }

    return kept_tenants_end(rc);
}


/* A tenant has used what it has, or it is not known yet. */
static int
kept_tenants_used(void)
{
    kept_tenants_begin();
    kept_tenants_open();

    if (kept_wait(tenants_read(kept_tenants, kept_hosts_ready, NULL))
        != SC_OK)
    {
        return kept_tenants_end(SC_ERROR);
    }

    return kept_tenants_usage();
}


static int
kept_tenants_asked(void)
{
    kept_tenants_begin();
    kept_tenants_open();
    kept_tenants->partial = 1;

    return kept_tenants_usage();
}


/* With a file, and what was used today in the store. */
static void
kept_tenants_begin(void)
{
    store_usage_t  usage = { .tenant = KEPT_ACME, .pages = 7, .bytes = 70 };

    kept_begin();
    fault_hold();
    (void) snprintf(kept_path, sizeof(kept_path), "%s/tenants", t.dir);
    process_write(kept_path, KEPT_LINES);
    kept_settings.tenants = kept_path;
    kept_tenants = NULL;
    usage.day = tenants_today();
    ck_assert_int_eq(store_usage_put(t.store, &usage), SC_OK);
    kept_settle();
    fault_release();
}


static void
kept_tenants_open(void)
{
    char  err[256] = "";

    fault_hold();
    kept_tenants = tenants_open(t.loop, &kept_settings, t.store, err,
                                sizeof(err));
    ck_assert_msg(kept_tenants != NULL, "%s", err);
    fault_release();
}


static int
kept_tenants_end(int rc)
{
    tenants_close(kept_tenants);

    return kept_end(rc);
}


static void
kept_tenants_say(void)
{
    size_t           i;
    tenant_limits_t  l;

    static const char *const  names[] = { "acme", "other" };

    for (i = 0; i < 2; i++) {
        tenants_limits(kept_tenants, &kept_settings, storing_str(names[i]),
                       &l);
        fault_say("%s %ld %ld %ld %ld %ld %zu %d\n", names[i], (long) l.pages,
                  (long) l.bytes, (long) l.fetches, (long) l.rate,
                  (long) l.queue, l.nhosts,
                  tenants_allows(kept_tenants, storing_str(names[i]),
                                 "c.example"));
    }
}


/* Asked for again and again, as who has a page of it does. */
static int
kept_tenants_usage(void)
{
    int            i, rc;
    store_usage_t  usage;
    loop_timer_t   timer;

    rc = SC_AGAIN;
    loop_timer_init(&timer, kept_tenants_pause, NULL);

    for (i = 0; i < KEPT_TIMES && rc == SC_AGAIN; i++) {
        rc = tenants_usage(kept_tenants, KEPT_ACME, &usage);

        if (rc == SC_AGAIN) {
            fault_hold();
            (void) loop_timer_set(t.loop, &timer, LOOP_MS);
            fault_release();
            (void) loop_run(t.loop);
        }
    }

    if (rc == SC_OK) {
        fault_say("%ld %ld", (long) usage.pages, (long) usage.bytes);
    }

    return kept_tenants_end(rc);
}


static void
kept_tenants_pause(loop_timer_t *timer)
{
    (void) timer;
    loop_stop(t.loop);
}


/* Of the store and its loop nothing fails before the work begins. */
static void
kept_begin(void)
{
    fault_hold();
    memset(&t, 0, sizeof(storing_t));
    process_folder_memory(t.dir, sizeof(t.dir));
    (void) snprintf(t.path, sizeof(t.path), "%s/s.db", t.dir);
    sc_buf_init(&t.said, 0);
    (void) sc_buf_reserve(&t.said, KEPT_SAID);
    t.loop = loop_create();
    storing_open(&t);
    fault_release();
}


static int
kept_end(int rc)
{
    fault_hold();
    storing_close(&t);
    loop_destroy(t.loop);
    sc_buf_free(&t.said);
    process_remove(t.dir);
    fault_release();

    return rc;
}


/* What nobody is told of is written before what is behind it. */
static void
kept_settle(void)
{
    int          i;
    store_doc_t  doc = { .kind = KEPT_SHOP, .name = KEPT_SHOP,
                         .body = KEPT_SHOP };

    for (i = 0; i < 2; i++) {
        (void) kept_wait(store_doc_put(t.store, &doc, storing_done, &t));
        fault_hold();
    }

    fault_release();
    fault_release();
}


/* SC_OK when the call was taken and went well. */
static int
kept_wait(int rc)
{
    store_status_t  status;

    if (rc != SC_OK) {
        return SC_ERROR;
    }

    status = storing_wait_for(&t, 1);

    return status == STORE_OK || status == STORE_NOT_FOUND ? SC_OK : SC_ERROR;
}
