
#include "sidecar/store/store_internal.h"


/*
 * A call changes as many rows as its statements in sql_work.def say,
 * STORE_CHUNK: it holds up the others for a moment only.
 */


/* A step of a purge, whose last it is when counted and it found something. */
typedef struct {
    db_sql_t  sql;
    unsigned  counted:1;
} store_purge_t;


static void store_chunk_op(store_line_t *line, db_sql_t sql, int64_t job,
    int64_t second);


static const store_purge_t  store_purges[] = {
    { SQL_PURGE_MARK, 0 },
    { SQL_PURGE_NAMES, 0 },
    { SQL_PURGE_SESSIONS, 0 },
    { SQL_PURGE_TEXTS, 0 },
    { SQL_PURGE_RAWS, 0 },
    { SQL_PURGE_RESULTS, 1 },
    { SQL_PURGE_TASKS, 0 },
    { SQL_PURGE_PAGES, 1 },
    { SQL_PURGE_SEEN, 1 },
    { SQL_PURGE_TALLY, 1 },
    { SQL_PURGE_OUTBOX, 1 },
    { SQL_PURGE_TAGS, 0 },
    { SQL_PURGE_WORK, 0 },
    { SQL_PURGE_JOB, 1 }
};


int
store_work_cancel(store_t *s, int64_t job, int64_t flow, int64_t at,
    store_added_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .added = done };

    store_chunk_op(&line, SQL_CANCEL_QUEUE, job, flow);
    store_chunk_op(&line, SQL_CANCEL_COUNT, job, flow);
    store_chunk_op(&line, SQL_CANCEL_PAGES, job, flow);
    store_line_number(&line, at);
    store_line_tell(&line, DB_TELL_ADDED);
    store_chunk_op(&line, SQL_CANCEL_TASKS, job, flow);

    return store_change(s, &line, store_told_added, tell, data);
}


int
store_work_retry(store_t *s, int64_t job, int64_t after, int64_t due,
    store_seq_pt done, void *data)
{
    size_t        i;
    store_line_t  line = { 0 };
    store_tell_t  tell = { .seq = done };

    static const db_sql_t  steps[] = {
        SQL_RETRY_COUNT, SQL_RETRY_ERRORS, SQL_RETRY_STATUS,
        SQL_RETRY_TASKS, SQL_RETRY_QUEUE, SQL_RETRY_TEXTS, SQL_RETRY_RAWS,
        SQL_RETRY_RESULTS, SQL_RETRY_PAGES
    };

    store_chunk_op(&line, SQL_WINDOW_LAST, job, after);
    store_line_keep(&line);

    store_chunk_op(&line, SQL_RETRY_WORK, job, after);

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        store_chunk_op(&line, steps[i], job, after);
        store_line_number(&line, due);
    }

    store_line_skip(&line, 1);

    return store_change(s, &line, store_told_seq, tell, data);
}


int
store_work_purge(store_t *s, int64_t job, store_added_pt done, void *data)
{
    size_t        i, n;
    store_line_t  line = { 0 };
    store_tell_t  tell = { .added = done };

    n = sizeof(store_purges) / sizeof(store_purge_t);

    store_line_op(&line, SQL_PURGE_READY, STORE_CONFLICT);
    store_line_number(&line, job);

    for (i = 0; i < n; i++) {
        store_line_op(&line, store_purges[i].sql, STORE_OK);
        store_line_number(&line, job);

        if (store_purges[i].counted) {
            store_line_tell(&line, DB_TELL_ADDED);
        }
    }

    for (i = 0; i < n; i++) {
        if (store_purges[i].counted) {
            store_line_skip_some(&line, i + 1);
        }
    }

    return store_change(s, &line, store_told_added, tell, data);
}


int
store_work_prio(store_t *s, int64_t job, int64_t after, int prio,
    store_seq_pt done, void *data)
{
    size_t        i;
    store_line_t  line = { 0 };
    store_tell_t  tell = { .seq = done };

    static const db_sql_t  steps[] = {
        SQL_PRIO_TASKS_OFF, SQL_PRIO_TASKS, SQL_PRIO_PAGES
    };

    store_chunk_op(&line, SQL_WINDOW_LAST, job, after);
    store_line_keep(&line);

    store_chunk_op(&line, SQL_PRIO_WORK, job, prio);

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        store_chunk_op(&line, steps[i], job, after);
        store_line_number(&line, prio);
    }

    return store_change(s, &line, store_told_seq, tell, data);
}


static void
store_chunk_op(store_line_t *line, db_sql_t sql, int64_t job, int64_t second)
{
    store_line_op(line, sql, STORE_OK);
    store_line_number(line, job);
    store_line_number(line, second);
}
