
/*
 * A frontier on the fakes with the room of jobs on top of it, for one test.
 */

#ifndef JOBS_SCENE_H
#define JOBS_SCENE_H


#include "sidecar/jobs/jobs.h"
#include "tests/replay/scene.h"


#define JOBS_SHOP    "http://shop.example"

/* a crawl of the shop's first page; a scope is whatever the fakes are given */
#define JOBS_CRAWL(more)                                                      \
    "{\"crawl\":{\"starts\":[\"" JOBS_SHOP "/\"],\"scope\":\"SCOPE\"" more "}}"


/* feed of the job id, which was reopened with this status */
typedef struct {
    scene_t          scene;
    jobs_t          *jobs;
    int              ready;
    const char      *id;
    jobs_feed_t     *feed;
    store_status_t   reopened;
} jobs_scene_t;


/* What a jobs_done_pt or store_done_pt was told; JOBS_UNTOLD before that. */
typedef struct {
    int             called;
    store_status_t  status;
    size_t          added;
} jobs_told_t;

#define JOBS_UNTOLD  ((jobs_told_t) { 0, STORE_FAILED, 0 })


/* jobs_cancel() and its like. */
typedef int (*jobs_scene_pt)(jobs_t *jobs, const char *id, sc_str_t tenant,
    jobs_done_pt done, void *data);


/* connections that are enough for all pages of a small job */
#define JOBS_MANY    100


void jobs_scene_start(jobs_scene_t *js);

/*
 * Start, and make a batch as jobs_scene_batch(), with so many connections; or
 * one that jobs_scene_open_batch() leaves open.
 */
void jobs_scene_begin(jobs_scene_t *js, unsigned connections,
    const char *spec, int n, char *id);
jobs_feed_t *jobs_scene_begin_feed(jobs_scene_t *js, char *id);

/* As a crash does: nothing is finished, what is on disk stays; and a start. */
void jobs_scene_crash(jobs_scene_t *js);
void jobs_scene_again(jobs_scene_t *js);

/* Free all; nothing may be left to do.  Before that, the job is so. */
void jobs_scene_end(jobs_scene_t *js);
void jobs_scene_ended(jobs_scene_t *js, const char *id, store_state_t state);
void jobs_scene_close(jobs_scene_t *js);

/* Make one, which must succeed, and run until it is on disk; only begin. */
void jobs_scene_make(jobs_scene_t *js, const char *kind, const char *spec,
    int open, char *id);
void jobs_scene_new(jobs_scene_t *js, const char *kind, const char *spec,
    int open, char *id, jobs_told_t *told);
void jobs_scene_crawl(jobs_scene_t *js, const char *spec, char *id);

/* An id for a job with this spec. */
void jobs_scene_id(sc_str_t spec, char *id);

/*
 * A batch of n pages JOBS_SHOP "/0" and so on, fed and closed; or left open.
 */
void jobs_scene_batch(jobs_scene_t *js, const char *spec, int n, char *id);
jobs_feed_t *jobs_scene_open_batch(jobs_scene_t *js, const char *spec,
    char *id);
jobs_feed_t *jobs_scene_feed(jobs_scene_t *js, const char *id);
int jobs_scene_add(jobs_feed_t *feed, int n);

/*
 * Begin a call, which must be taken, of a job of SCENE_TENANT; and run until
 * it has succeeded: what was added.
 */
void jobs_scene_ask(jobs_scene_t *js, jobs_scene_pt call, const char *id,
    jobs_told_t *told);
size_t jobs_scene_do(jobs_scene_t *js, jobs_scene_pt call, const char *id);

/* Run until told, which must be once and of success. */
void jobs_scene_succeed(jobs_scene_t *js, const jobs_told_t *told);

/* jobs_done_pt and store_done_pt; data is a jobs_told_t. */
void jobs_scene_told(void *data, store_status_t status, size_t added);
void jobs_scene_done(void *data, store_status_t status);

/* Answer the fetch of JOBS_SHOP path, and its page with these links. */
void jobs_scene_page(jobs_scene_t *js, const char *path, const char *found);
void jobs_scene_fail(jobs_scene_t *js, const char *path);

/* Answer all that is fetched, until there is nothing; how many. */
int jobs_scene_serve(jobs_scene_t *js);

/* How many fetches of JOBS_SHOP path wait. */
size_t jobs_scene_wanted(const char *path);

/* What the store says. */
store_state_t jobs_scene_state(const char *id);
const store_counts_t *jobs_scene_counts(const char *id);

/* A member of the job's spec, "" if there is none. */
const char *jobs_scene_reason(const char *id);


#endif /* JOBS_SCENE_H */
