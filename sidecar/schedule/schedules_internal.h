
/*
 * What the files of the room share.
 *
 *     schedules.c        the table of them; put, deleted
 *     schedule_load.c    read at a start, and by name
 *     schedule_run.c     their times; runs
 *     schedule_doc.c     a schedule as it is kept
 *     schedule_check.c   a schedule as it was written
 *     cron.c             the five fields
 */

#ifndef SCHEDULES_INTERNAL_H
#define SCHEDULES_INTERNAL_H


#include <uthash.h>

#include "common/sc_buf.h"
#include "sidecar/core/id.h"
#include "sidecar/schedule/schedules.h"


/* runs begun and not answered, at most; documents read at once at a start */
#define SCHEDULES_AT_ONCE    64
#define SCHEDULES_PAGE       100

/* the clock is looked at this often; a store that failed is tried again */
#define SCHEDULES_LOOK       (60 * LOOP_SEC)
#define SCHEDULES_RETRY      (5 * LOOP_SEC)


typedef struct schedule_s     schedule_t;
typedef struct schedule_op_s  schedule_op_t;


/*
 * What a schedule has done.
 *
 * next     milliseconds since 1970, -1: never
 * last     when it was run, 0 for never; status and job of that
 * skipped  the last time that was passed over, 0 for none
 */
typedef struct {
    int64_t  next;
    int64_t  last;
    int64_t  skipped;
    int      status;
    char     job[ID_SIZE];
} schedule_mark_t;


/*
 * What a document says.
 *
 * text         the schedule, JSON
 * kind, body   of it, body as JSON text
 * cron         NULL when every is set, in milliseconds
 */
typedef struct {
    sc_buf_t          text;
    sc_buf_t          body;
    char              kind[16];
    cron_t           *cron;
    int64_t           every;
    int64_t           jitter;
    int64_t           start;
    schedule_mark_t   mark;
    unsigned          paused:1;
    unsigned          overlap:1;
} schedule_doc_t;


/*
 * A schedule of a tenant; there is one, too, for a name that is put or deleted
 * just now.
 *
 * node     in the heap by when something is to be done, by the wall clock
 * key      TENANT/NAME, name its part; tenant, as it is, follows its NUL
 * doc      as it is on disk, or is being written; there when set is 1
 * before   what it had done before the run that is being written down
 * ops      puts and deletes that the store has not answered
 * asking   whether the job of the last run has ended
 * saving   that it is run, before it is
 * running  the request was made and not answered
 * dirty    the doc is to be written when nothing else is under way
 */
struct schedule_s {
    UT_hash_handle    hh;
    heap_node_t       node;
    schedules_t      *all;
    char             *key;
    const char       *name;
    sc_str_t          tenant;
    schedule_doc_t    doc;
    schedule_mark_t   before;
    unsigned          ops;
    unsigned          set:1;
    unsigned          asking:1;
    unsigned          saving:1;
    unsigned          running:1;
    unsigned          dirty:1;
};


/* A put or a delete on its way. */
struct schedule_op_s {
    schedule_op_t   *next;
    schedule_op_t   *prev;
    schedule_t      *schedule;
    schedule_doc_t   doc;
    store_done_pt    done;
    void            *data;
};


/*
 * table    all schedules
 * begun    runs that are begun and not answered
 * calling  the one whose run is being called
 * load     reads on after a failure; after is the last name that was read
 * loading  documents of before are being read
 */
struct schedules_s {
    loop_t            *loop;
    store_t           *store;
    schedules_run_pt   run;
    void              *data;
    schedule_t        *table;
    schedule_op_t     *ops;
    heap_t             heap;
    loop_timer_t       timer;
    loop_timer_t       load;
    sc_buf_t           key;
    sc_buf_t           after;
    sc_buf_t           text;
    size_t             begun;
    schedule_t        *calling;
    unsigned           loading:1;
    unsigned           draining:1;
};


/*
 * schedule_doc.c.  Take a schedule that was checked, put now; read a document.
 * SC_OK, SC_DECLINED for what is none, or SC_ERROR; *doc is then empty.
 */
int schedule_doc_make(schedule_doc_t *doc, const json_t *schedule,
    int64_t now);
int schedule_doc_read(schedule_doc_t *doc, sc_str_t text);
void schedule_doc_free(schedule_doc_t *doc);

/* Append the document.  SC_OK, or SC_ERROR when memory is out. */
int schedule_doc_write(const schedule_doc_t *doc, sc_buf_t *out);

/* Set next to the first time after now, jitter included. */
void schedule_doc_next(schedule_doc_t *doc, int64_t now);

/*
 * schedule_load.c: read the documents.  The name of one, "TENANT/NAME", into
 * a buffer; SC_OK or SC_ERROR.
 */
void schedules_load(schedules_t *s);
int schedules_key(sc_buf_t *key, sc_str_t tenant, sc_str_t name);

/* schedules.c: the one of this key; it is made, or NULL when memory is out. */
schedule_t *schedule_make(schedules_t *s, sc_str_t key, sc_str_t tenant);
schedule_t *schedule_find(schedules_t *s, sc_str_t key);

/* Put a document into the store, with what it says now. */
int schedule_store(schedule_t *schedule, const schedule_doc_t *doc,
    store_done_pt done, void *data);

/* Free it; free it if nothing is left of it. */
void schedule_free(schedule_t *schedule);
void schedule_settle(schedule_t *schedule);

/* schedule_run.c: it is another than before: when is it due? */
void schedule_changed(schedule_t *schedule);

/* Begin what is due, and set the timer. */
void schedules_look(schedules_t *s);


#endif /* SCHEDULES_INTERNAL_H */
