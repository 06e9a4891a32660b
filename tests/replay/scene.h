
/*
 * A frontier on the fakes, for one test: what its callbacks said is kept for
 * the test to look at.
 */

#ifndef SCENE_H
#define SCENE_H


#include <check.h>
#include <jansson.h>

#include "sidecar/frontier/frontier.h"
#include "tests/replay/fake.h"


#define SCENE_TENANT    ((sc_str_t) sc_string("anna"))
#define SCENE_OTHER     ((sc_str_t) sc_string("bert"))
/* the whole time of a page */
#define SCENE_TOTAL     (20 * LOOP_SEC)

/* the lane of jobs that nobody waits for */
#define SCENE_BATCH     1

#define SCENE_DATA      "{\"title\":\"Lamp\"}"


/*
 * settings and limits, of hosts without their own, may be changed between
 * scene_open() and scene_begin(); max_connections and max_queue at any time.
 * tenants is NULL unless settings name a file.
 */
typedef struct {
    loop_t          *loop;
    settings_t       settings;
    host_limits_t    limits;
    fetcher_t       *fetcher;
    pool_t          *pool;
    store_t         *store;
    hosts_t         *hosts;
    robots_cache_t  *robots;
    sessions_t      *sessions;
    proxies_t       *proxies;
    tenants_t       *tenants;
    frontier_t      *frontier;
    int              drained;
} scene_t;


/* What a frontier_wait_pt was shown. */
typedef struct {
    int              called;
    store_state_t    state;
    store_status_t   stored;
    int              has_result;
    char             data[256];
    frontier_wait_t  *wait;
} scene_told_t;


/* What a frontier_done_pt was told. */
typedef struct {
    int             called;
    store_status_t  status;
} scene_done_t;


/*
 * A row of an earlier process, of a job that was begun attempts times.
 *
 * flow  0: that of the tenant's single pages
 * due   milliseconds from now
 */
typedef struct {
    sc_str_t     tenant;
    const char  *url;
    int64_t      flow;
    int          attempts;
    int          priority;
    int64_t      due;
} scene_row_t;


/*
 * The world without a frontier; then a frontier with its hosts, robots.txt
 * and sessions, which read the store.  Hosts are polite only as far as a test
 * says.
 */
void scene_open(scene_t *s);
void scene_begin(scene_t *s);

/* What scene_begin() makes but the frontier itself; and takes it apart. */
frontier_parts_t scene_parts(scene_t *s);
void scene_part(scene_t *s);

/* Both. */
void scene_start(scene_t *s);

/* Free the frontier, as a stop does; what was written stays. */
void scene_stop(scene_t *s);

/* Free all, whatever is under way. */
void scene_close(scene_t *s);

/* The same, but nothing may be under way or counted any more. */
void scene_end(scene_t *s);

/*
 * A spec for a URL; valid until the next one is made.  Its page is tried once
 * and robots.txt is not asked for; with scene_robots_spec() it is, with
 * scene_retry_spec() there are two attempts after the first.
 */
frontier_spec_t scene_spec(const char *url);
frontier_spec_t scene_robots_spec(const char *url);
frontier_spec_t scene_retry_spec(const char *url);

/* Submit a spec, which must succeed; and persist it. */
void scene_submit_spec(scene_t *s, const frontier_spec_t *spec, char *id);
void scene_persist(scene_t *s, const char *id);

/* Submit, which must succeed; nothing has run after it. */
void scene_submit(scene_t *s, const char *url, char *id);

/* Submit and persist, until the store has it. */
void scene_submit_durable(scene_t *s, const char *url, char *id);

/* Wait for a job of SCENE_TENANT, which must be in memory. */
void scene_wait(scene_t *s, const char *id, scene_told_t *told);

/* frontier_done_pt; data is a scene_done_t. */
void scene_done(void *data, store_status_t status);

/* frontier_drain() with a callback that counts in s->drained. */
void scene_drain(scene_t *s, int64_t timeout);

/* Answer the fetch with a page, and the page with SCENE_DATA. */
void scene_answer_page(scene_t *s, const char *url);
void scene_complete(scene_t *s, const char *url);

/* Answer the fetch with a redirect. */
void scene_redirect(scene_t *s, const char *url, const char *location);

/* The row must have ended so; for a failed one, with this problem. */
void scene_check_completed(const char *id);
void scene_check_failed(const char *id, const char *type, int status);
void scene_check_cancelled(const char *id);

/* The fetch object of the row's result; json_decref() it. */
json_t *scene_fetch_object(const char *id);

/*
 * A queued row for a job of an earlier process; its id is written to id.
 * scene_row() is for SCENE_TENANT, due, and as it was submitted.
 */
void scene_row(const char *url, int attempts, char *id);
void scene_add(const scene_row_t *row, char *id);

/* What frontier_peek() and the store say about a job. */
store_state_t scene_state(scene_t *s, const char *id);


#endif /* SCENE_H */
