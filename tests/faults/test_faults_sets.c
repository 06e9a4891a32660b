
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sidecar/rulesets/rulesets.h"
#include "sidecar/schedule/schedules.h"
#include "tests/faults/fault.h"
#include "tests/support/process.h"
#include "tests/support/storing.h"


#define SETS_ACME      ((sc_str_t) sc_string("acme"))
#define SETS_SHOP      ((sc_str_t) sc_string("shop"))

#define SETS_ONE       "{\"fields\":{\"a\":\"//a\"}}"
#define SETS_TWO       "{\"fields\":{\"b\":\"//b\"}}"
#define SETS_HEX       "0123456789abcdef0123456789abcdef0123456789abcdef"     \
                       "0123456789abcde"
#define SETS_HASH_ONE  "sha256:" SETS_HEX "1"
#define SETS_HASH_TWO  "sha256:" SETS_HEX "2"

#define SETS_HOURLY    "{\"every_ms\":3600000,\"kind\":\"extract\","          \
                       "\"body\":{\"url\":\"http://a.example/\"}}"

/* a time of it was missed, the next one is far */
#define SETS_MISSED    "{\"schedule\":" SETS_HOURLY ",\"start\":1800000,"     \
                       "\"next\":5400000,\"last\":null}"

#define SETS_BEGIN     1769860800       /* 2026-01-31T12:00:00Z */
#define SETS_SAID      8192             /* more than the store's calls say */
#define SETS_STEP      (7 * LOOP_SEC)   /* what failed is tried again */
#define SETS_STEPS     30

#define SETS_SCENE(name, work)                                                \
    { name, FAULT_OURS, work, NULL, 0, 0 }


static int sets_put(void);
static int sets_read(void);
static int sets_listed(void);
static int sets_deleted(void);
static int sets_schedule_put(void);
static int sets_schedule_run(void);
static int sets_schedule_deleted(void);
static int sets_put_one(const char *json, const char *hash);
static int sets_both(void);
static const char *sets_known(const char *ref);
static const char *sets_state(void);
static int sets_is(int rc, const char *before, const char *after);
static int sets_may(void *data, const char *hash);
static void sets_changed(void *data, store_status_t status,
    const ruleset_change_t *change);
static void sets_told(void *data, store_status_t status,
    const ruleset_item_t *items, size_t n);
static void sets_keep(const char *body);
static int sets_schedule_is(int rc, int before, int after);
static void sets_doc_told(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void sets_run(void *data, sc_str_t tenant, const char *name,
    const char *kind, sc_str_t body);
static void sets_settle(void);
static void sets_begin(void);
static int sets_end(int rc);
static int sets_wait(int rc);


static const fault_scene_t  sets_scenes[] = {
    SETS_SCENE("rule set in two versions", sets_put),
    SETS_SCENE("rule set read by name, version and hash", sets_read),
    SETS_SCENE("rule sets and versions listed", sets_listed),
    SETS_SCENE("rule set deleted", sets_deleted),
    SETS_SCENE("schedule put", sets_schedule_put),
    SETS_SCENE("schedule read and run", sets_schedule_run),
    SETS_SCENE("schedule deleted", sets_schedule_deleted)
};


static storing_t        t;
static rulesets_t      *sets;
static schedules_t     *sets_schedules;
static char             sets_doc[512];
static int              sets_runs;

/* what passed on each clock, besides the first moment */
static _Atomic int64_t  sets_wall;
static _Atomic int64_t  sets_mono;


int
main(void)
{
    fault_sample(0, 12);

    return fault_suite("faults_sets", sets_scenes,
                       sizeof(sets_scenes) / sizeof(sets_scenes[0]));
}


/* In place of libc's: the clocks stand still but for a scene's word. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int64_t  now;

    if (clock == CLOCK_MONOTONIC) {
        now = 1000 * LOOP_SEC + sets_mono++;

    } else if (clock == CLOCK_REALTIME) {
        now = SETS_BEGIN * LOOP_SEC + sets_wall;

    } else {
        return (int) syscall(SYS_clock_gettime, clock, ts);
    }

    ts->tv_sec = now / LOOP_SEC;
    ts->tv_nsec = now % LOOP_SEC;

    return 0;
}


static int
sets_put(void)
{
    int  rc;

    sets_begin();
    sets = rulesets_create(t.loop, t.store);

    if (sets == NULL) {
        return sets_end(SC_ERROR);
    }

    rc = sets_both();
    rulesets_destroy(sets);

    return sets_end(sets_is(rc, "none", "two"));
}


/* What is there is found, or it is said that nobody knows. */
static int
sets_read(void)
{
    int          rc;
    size_t       i;
    const char  *known;

    static const char *const  refs[] = { "shop", "shop@1", SETS_HASH_TWO };

    sets_begin();
    fault_hold();
    sets = rulesets_create(t.loop, t.store);
    ck_assert_int_eq(sets_both(), SC_OK);
    rulesets_destroy(sets);
    sets = rulesets_create(t.loop, t.store);
    fault_release();

    for (rc = SC_OK, i = 0; rc == SC_OK && i < 3; i++) {
        rc = sets_wait(rulesets_load(sets, SETS_ACME, storing_str(refs[i]),
                                     storing_done, &t));
        known = (rc == SC_OK) ? sets_known(refs[i]) : "";
        fault_say("%s ", known);
    }

    rulesets_destroy(sets);

    return sets_end(rc);
}


static int
sets_listed(void)
{
    int  rc;

    sets_begin();
    fault_hold();
    sets = rulesets_create(t.loop, t.store);
    ck_assert_int_eq(sets_both(), SC_OK);
    fault_release();

    rc = sets_wait(rulesets_list(sets, SETS_ACME, storing_str(""), 10,
                                 sets_told, NULL));

    if (rc == SC_OK) {
        rc = sets_wait(rulesets_versions(sets, SETS_ACME, SETS_SHOP, 0, 10,
                                         sets_told, NULL));
    }

    rulesets_destroy(sets);

    return sets_end(rc);
}


static int
sets_deleted(void)
{
    int  rc;

    sets_begin();
    fault_hold();
    sets = rulesets_create(t.loop, t.store);
    ck_assert_int_eq(sets_both(), SC_OK);
    fault_release();

    rc = sets_wait(rulesets_delete(sets, SETS_ACME, SETS_SHOP, sets_may,
                                   sets_changed, NULL));
    rulesets_destroy(sets);

    return sets_end(sets_is(rc, "two", "none"));
}


static int
sets_schedule_put(void)
{
    int      rc;
    json_t  *json;

    sets_begin();
    sets_schedules = schedules_create(t.loop, t.store, sets_run, NULL);

    if (sets_schedules == NULL) {
        return sets_end(SC_ERROR);
    }

    fault_hold();
    json = json_loads(SETS_HOURLY, 0, NULL);
    fault_release();
    rc = schedules_put(sets_schedules, SETS_ACME, "a", json, storing_done,
                       &t);
    rc = (rc == SC_DECLINED) ? SC_DECLINED : sets_wait(rc);
    fault_hold();
    json_decref(json);
    fault_release();
    schedules_destroy(sets_schedules);

    return sets_end(sets_schedule_is(rc, 0, 1));
}


/* Whatever fails, it is run, and once. */
static int
sets_schedule_run(void)
{
    int  i, rc;

    sets_begin();
    sets_keep(SETS_MISSED);
    sets_schedules = schedules_create(t.loop, t.store, sets_run, NULL);

    if (sets_schedules == NULL) {
        return sets_end(SC_ERROR);
    }

    for (i = 0; i < SETS_STEPS && sets_runs == 0; i++) {
        sets_settle();
        sets_wall += SETS_STEP;
        sets_mono += SETS_STEP;
    }

    schedules_ran(sets_schedules, SETS_ACME, "a", 202, "");
    sets_settle();
    schedules_destroy(sets_schedules);
    rc = sets_schedule_is(SC_OK, 1, 1);
    fault_say("%d runs", sets_runs);

    if (sets_runs == 1 && strstr(sets_doc, "\"status\":202") == NULL) {
        rc = SC_ERROR;
    }

    return sets_end(sets_runs == 1 ? rc : SC_DECLINED);
}


static int
sets_schedule_deleted(void)
{
    int  rc;

    sets_begin();
    sets_keep(SETS_MISSED);
    sets_schedules = schedules_create(t.loop, t.store, sets_run, NULL);

    if (sets_schedules == NULL) {
        return sets_end(SC_ERROR);
    }

    rc = sets_wait(schedules_delete(sets_schedules, SETS_ACME, "a",
                                    storing_done, &t));
    schedules_destroy(sets_schedules);

    return sets_end(sets_schedule_is(rc, 1, 0));
}


static int
sets_put_one(const char *json, const char *hash)
{
    return sets_wait(rulesets_put(sets, SETS_ACME, SETS_SHOP,
                                  storing_str(json), hash, sets_may,
                                  sets_changed, NULL));
}


static int
sets_both(void)
{
    int  rc;

    rc = sets_put_one(SETS_ONE, SETS_HASH_ONE);

    return (rc == SC_OK) ? sets_put_one(SETS_TWO, SETS_HASH_TWO) : rc;
}


static const char *
sets_known(const char *ref)
{
    int               known;
    const ruleset_t  *set;

    /* it may find nothing for want of memory: who asked loads it again */
    fault_hold();
    set = rulesets_peek(sets, SETS_ACME, storing_str(ref), &known);
    fault_release();

    return set != NULL ? set->json.data : known ? "none" : "unknown";
}


/* Of the newest version in the store: "none", "one", "two". */
static const char *
sets_state(void)
{
    int   i, rc;
    char  known[64];

    fault_hold();
    sets = rulesets_create(t.loop, t.store);

    rc = SC_ERROR;

    /* the end of a read that failed is an error of the next one */
    for (i = 0; i < 2 && rc != SC_OK; i++) {
        rc = sets_wait(rulesets_load(sets, SETS_ACME, SETS_SHOP, storing_done,
                                     &t));
    }

    if (rc == SC_OK) {
        (void) snprintf(known, sizeof(known), "%s", sets_known("shop"));

    } else {
        (void) snprintf(known, sizeof(known), "unreadable");
    }

    rulesets_destroy(sets);
    fault_release();

    return strcmp(known, SETS_ONE) == 0 ? "one"
           : strcmp(known, SETS_TWO) == 0 ? "two"
           : strcmp(known, "none") == 0 ? "none" : "unreadable";
}


static int
sets_is(int rc, const char *before, const char *after)
{
    const char  *state;

    state = sets_state();
    fault_say("%s", state);

    if (rc == SC_OK && strcmp(state, after) == 0) {
        return SC_OK;
    }

    if (rc == SC_OK) {
        (void) fprintf(stderr, "done, and the rule set is \"%s\"\n", state);
        return SC_DECLINED;
    }

    if (strcmp(state, before) == 0 || strcmp(state, "one") == 0
        || strcmp(state, after) == 0)
    {
        return SC_ERROR;
    }

    (void) fprintf(stderr, "the rule set is \"%s\"\n", state);

    return SC_DECLINED;
}


static int
sets_may(void *data, const char *hash)
{
    (void) data;
    (void) hash;

    return 1;
}


static void
sets_changed(void *data, store_status_t status,
    const ruleset_change_t *change)
{
    (void) data;

    if (change != NULL) {
        fault_say("%d@%d ", (int) change->outcome, (int) change->version);
    }

    storing_done(&t, status);
}


static void
sets_told(void *data, store_status_t status, const ruleset_item_t *items,
    size_t n)
{
    size_t  i;

    (void) data;

    for (i = 0; i < n; i++) {
        fault_say_str(items[i].name);
        fault_say("@%d %s ", (int) items[i].version, items[i].hash);
    }

    storing_done(&t, status);
}


static void
sets_keep(const char *body)
{
    store_doc_t  doc = { .kind = sc_string(SCHEDULES_KIND),
                         .name = sc_string("acme/a") };

    fault_hold();
    doc.body = storing_str(body);
    ck_assert_int_eq(sets_wait(store_doc_put(t.store, &doc, storing_done,
                                             &t)), SC_OK);
    fault_release();
}


/* Whether it is in the store must be so before or after. */
static int
sets_schedule_is(int rc, int before, int after)
{
    int  there;

    fault_hold();
    sets_doc[0] = '\0';
    (void) sets_wait(store_doc_get(t.store, SCHEDULES_KIND, storing_str(""),
                                   storing_str("acme/a"), sets_doc_told,
                                   NULL));
    fault_release();
    there = (sets_doc[0] != '\0');

    if (rc == SC_OK) {
        return there == after ? SC_OK : SC_DECLINED;
    }

    return rc == SC_ERROR && (there == before || there == after)
           ? SC_ERROR : SC_DECLINED;
}


static void
sets_doc_told(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    (void) data;

    if (n != 0) {
        (void) snprintf(sets_doc, sizeof(sets_doc), "%.*s",
                        (int) docs[0].body.len, docs[0].body.data);
    }

    storing_done(&t, status);
}


static void
sets_run(void *data, sc_str_t tenant, const char *name, const char *kind,
    sc_str_t body)
{
    (void) data;
    (void) name;
    sets_runs++;
    fault_say_str(tenant);
    fault_say(" %s ", kind);
    fault_say_str(body);
}


/*
 * Let all be done that is due: each step of it, a read or a write, is before
 * one of ours.
 */
static void
sets_settle(void)
{
    int          i;
    store_doc_t  doc = { .kind = SETS_SHOP, .name = SETS_SHOP,
                         .body = SETS_SHOP };

    for (i = 0; i < 4; i++) {
        (void) sets_wait(store_doc_put(t.store, &doc, storing_done, &t));
        (void) sets_wait(store_doc_get(t.store, "shop", storing_str(""),
                                       SETS_SHOP, sets_doc_told, NULL));
    }
}


static void
sets_begin(void)
{
    fault_hold();
    memset(&t, 0, sizeof(storing_t));
    process_folder_memory(t.dir, sizeof(t.dir));
    (void) snprintf(t.path, sizeof(t.path), "%s/s.db", t.dir);
    sc_buf_init(&t.said, 0);
    (void) sc_buf_reserve(&t.said, SETS_SAID);
    t.loop = loop_create();
    storing_open(&t);
    sets_runs = 0;
    sets_wall = 0;
    fault_release();
}


static int
sets_end(int rc)
{
    fault_hold();
    storing_close(&t);
    loop_destroy(t.loop);
    sc_buf_free(&t.said);
    process_remove(t.dir);
    fault_release();

    return rc;
}


static int
sets_wait(int rc)
{
    store_status_t  status;

    if (rc != SC_OK) {
        return SC_ERROR;
    }

    status = storing_wait_for(&t, 1);

    return status == STORE_OK || status == STORE_NOT_FOUND ? SC_OK : SC_ERROR;
}
