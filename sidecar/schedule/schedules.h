
/*
 * Jobs that are made by the clock: a schedule of a tenant has a name, says
 * when, and has the body of the request that is then made for it.
 *
 *     {"cron": "0 6 * * mon-fri", "timezone": "UTC", or "every_ms": 3600000,
 *      "jitter_ms": 60000, "kind": "extract", "batch" or "crawl",
 *      "body": {…}, "paused": false, "overlap": "skip" or "allow"}
 *
 * A document of kind SCHEDULES_KIND; what it has done last is in it:
 *
 *     {"schedule": the above, "start": ms, "next": ms or null,
 *      "last": {"at": ms, "status", "job", "skipped": ms} or null}
 *
 * start is when it was put: times of every_ms are counted from there.  status
 * is 0 as long as no answer was noted.  skipped is the last time that was
 * passed over because the job of the run before had not ended.  All tenants'
 * are documents of the tenant "", so that all are found at a start; names are
 * TENANT/NAME, what is neither letter nor digit nor one of "-_." in TENANT is
 * written "%XX".
 *
 * The next time is on disk before a run is made: no time is run twice, and
 * one whose run was not made when the process ended is lost.  Times that
 * passed while nothing ran are made up for once.  When the clock is set back,
 * a schedule waits for the next time it knows.
 */

#ifndef SCHEDULES_H
#define SCHEDULES_H


#include <jansson.h>

#include "sidecar/loop/loop.h"
#include "sidecar/store/store.h"


#define SCHEDULES_KIND        "schedule"
#define SCHEDULES_MAX         1000      /* of one tenant */
#define SCHEDULES_MIN_EVERY   1000      /* milliseconds */
#define SCHEDULES_MAX_NAME    100       /* bytes: letters, digits and -_. */
#define SCHEDULES_MAX_BYTES   131072    /* of one schedule, written densely */
#define SCHEDULES_MAX_MS      ((int64_t) 31536000000)   /* a year */


typedef struct schedules_s  schedules_t;
typedef struct cron_s       cron_t;


/*
 * The five fields of crontab(5): minute, hour, day of month, month, day of
 * week; names, lists, ranges, steps, and @hourly, @daily (@midnight), @weekly,
 * @monthly, @yearly (@annually).  When both days are given, either will do; a
 * field that begins with '*' is not given, as crontab(5) has it.  NULL with a
 * sentence in err.
 */
cron_t *cron_parse(const char *text, char *err, size_t errlen);
void cron_free(cron_t *cron);

/*
 * The first time after this one, both in milliseconds since 1970, by the
 * clock of UTC; -1 if there is none within 8 years.
 */
int64_t cron_next(const cron_t *cron, int64_t after);


/*
 * Make the request: the body of a POST to /v1/KIND.  schedules_ran() is to be
 * called once for it, from the loop; from inside it says that the request
 * could not be made: it is tried again a little later.
 */
typedef void (*schedules_run_pt)(void *data, sc_str_t tenant,
    const char *name, const char *kind, sc_str_t body);

schedules_t *schedules_create(loop_t *loop, store_t *store,
    schedules_run_pt run, void *data);
void schedules_destroy(schedules_t *s);

/* 1 when the name may be one. */
int schedules_name_ok(sc_str_t name);

/* What came of it: the status of the answer and the id of the job or "". */
void schedules_ran(schedules_t *s, sc_str_t tenant, const char *name,
    int status, const char *job);

/*
 * Check a schedule: SC_OK, or SC_ERROR with a sentence in err and, in key, the
 * member that is wrong, NULL for the whole.
 */
int schedules_check(const json_t *schedule, char *err, size_t errlen,
    const char **key);

/*
 * Put, delete: as documents are; a schedule that was checked, by a name that
 * is one.  SC_OK and done will be called, SC_DECLINED when the tenant has
 * SCHEDULES_MAX others, or SC_ERROR when memory is out.
 */
int schedules_put(schedules_t *s, sc_str_t tenant, const char *name,
    const json_t *schedule, store_done_pt done, void *data);
int schedules_delete(schedules_t *s, sc_str_t tenant, const char *name,
    store_done_pt done, void *data);

/*
 * Read one, or those of a tenant in order of name behind after ("": all), at
 * most limit, as store_doc_get() and store_docs_list(), whose answers may be
 * forgotten by store_forget().  Of a list, documents of which
 * schedules_doc_name() says NULL are other tenants', and so are all behind.
 */
int schedules_get(schedules_t *s, sc_str_t tenant, sc_str_t name,
    store_docs_pt done, void *data);
int schedules_list(schedules_t *s, sc_str_t tenant, sc_str_t after,
    size_t limit, store_docs_pt done, void *data);

/* Its name in SCHEDULES_MAX_NAME + 1 bytes at name, or NULL. */
const char *schedules_doc_name(const store_doc_t *doc, sc_str_t tenant,
    char *name);

/* How many there are; those that are put or deleted just now, too. */
size_t schedules_count(const schedules_t *s);

/* Nothing is begun any more. */
void schedules_drain(schedules_t *s);

/* Forget callbacks that would be given this data. */
void schedules_forget(schedules_t *s, void *data);


#endif /* SCHEDULES_H */
