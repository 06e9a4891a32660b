
/*
 * What the files of the faked store share.
 *
 *     fake_store.c        calls: their order, held, refused, told
 *     fake_store_row.c    jobs and results
 *     fake_store_queue.c  which of them are to be done
 *     fake_store_work.c   jobs of many pages
 *     fake_store_end.c    the ends of pages, and what they lead to
 *     fake_store_doc.c    documents
 *     fake_store_page.c   pages that are kept
 *     fake_store_usage.c  what tenants used
 */

#ifndef FAKE_STORE_H
#define FAKE_STORE_H


#include "tests/replay/fake.h"


typedef struct fake_call_s   fake_call_t;
typedef struct fake_task_s   fake_task_t;
typedef struct fake_host_s   fake_host_t;
typedef struct fake_queue_s  fake_queue_t;
typedef struct fake_doc_s    fake_doc_t;
typedef struct fake_page_s   fake_page_t;
typedef struct fake_work_s   fake_work_t;
typedef struct fake_seen_s   fake_seen_t;
typedef struct fake_end_s    fake_end_t;
typedef struct fake_usage_s  fake_usage_t;


/* A job that is queued, in its host's list. */
struct fake_task_s {
    fake_task_t  *next;
    fake_task_t  *prev;
    fake_row_t   *row;
    int           prio;
    int64_t       due;
};


/* The queued jobs of a flow for a host, in order. */
struct fake_host_s {
    UT_hash_handle   hh;
    int64_t          key[2];
    fake_task_t     *tasks;
};


/* The store's word on when a host of a flow has something to do. */
struct fake_queue_s {
    UT_hash_handle  hh;
    int64_t         key[3];
    sc_buf_t        tenant;
    int64_t         due;
};


/*
 * A document; name is its key: kind, tenant, name, in lines.  A rule set is
 * one of kind "ruleset" and tenant "".  next is another of the same call.
 */
struct fake_doc_s {
    UT_hash_handle  hh;
    fake_doc_t     *next;
    sc_buf_t        key;
    sc_buf_t        texts[4];
    int64_t         at;
};


struct fake_usage_s {
    fake_usage_t   *next;
    store_usage_t   usage;
    char            name[];
};


struct fake_page_s {
    UT_hash_handle  hh;
    store_page_t    page;
    sc_buf_t        text;
};


struct fake_work_s {
    UT_hash_handle  hh;
    int64_t         seq;
    store_work_t    work;
    sc_buf_t        text;
};


/* A page that a job has seen: its seq, the page's name. */
struct fake_seen_s {
    UT_hash_handle  hh;
    int64_t         key[2];
};


/*
 * What a write of a job of many pages, or of the end of one, comes with, and
 * what comes of it.
 *
 * rows     pages to be put, n of them; seen: their names, or NULL
 * final    what a page led to, if has_final
 * numbers  of the call: seq of the job, then its other numbers
 * seq, added, ended   what is told
 */
struct fake_end_s {
    fake_row_t     **rows;
    int64_t         *seen;
    size_t           n;
    int64_t          max_pages;
    int64_t          max_host_pages;
    int64_t          final;
    int              has_final;
    int              keep_same;
    int              robots;
    int64_t          bytes;
    int64_t          wire;
    sc_buf_t         message;
    size_t           nmessages;
    store_usage_t    usage;
    int64_t          numbers[4];
    store_work_t     work;
    sc_buf_t         text;
    int64_t          seq;
    size_t           added;
    store_ended_t    ended;
    store_ended_pt   done_ended;
    store_added_pt   done_added;
    store_seq_pt     done_seq;
    store_works_pt   done_works;
    fake_work_t    **works;
};


/*
 * One call: a write is done when its turn comes, a read is done at once and
 * told when its turn comes.
 *
 * row      of a write of a job, has_result with its result; of its tables
 *          the number is left
 * numbers  of a settle: lane, flow, host, not_before
 * doc      of a write of one, or of more
 * page     of a write of one, or what a read found
 * usage    of a write of it; usages: nusages that a read found
 * jobs, flows, docs  what a read found, n of them; texts is their memory
 * tell     call done with it
 */
struct fake_call_s {
    fake_call_t           *next;
    fake_call_t           *prev;
    fake_op_t              op;
    store_status_t         status;
    fake_row_t            *row;
    int                    has_result;
    int64_t                numbers[4];
    fake_doc_t            *doc;
    fake_page_t           *page;
    store_job_t           *jobs;
    store_flow_t          *flows;
    store_doc_t           *docs;
    sc_buf_t              *texts;
    size_t                 n;
    size_t                 hosts;
    int64_t                due;
    int64_t                host;
    fake_end_t            *end;
    fake_usage_t          *usage;
    store_usage_t         *usages;
    size_t                 nusages;
    void                 (*run)(store_t *s, fake_call_t *c);
    void                 (*tell)(fake_call_t *c);
    store_done_pt          done;
    store_jobs_pt          done_jobs;
    store_flows_pt         done_flows;
    store_queue_pt         done_queue;
    store_docs_pt          done_docs;
    store_ruleset_pt       done_ruleset;
    store_page_pt          done_page;
    store_usages_pt        done_usages;
    void                  *data;
};


struct store_s {
    loop_t          *loop;
    loop_task_t      task;
    fake_row_t      *by_id;
    fake_row_t      *rows;
    fake_host_t     *hosts;
    fake_queue_t    *queues;
    size_t           ntasks;
    fake_doc_t      *docs;
    fake_page_t     *pages;
    fake_work_t     *works;
    fake_seen_t     *seen;
    fake_usage_t    *usages;
    sc_buf_t         message;
    size_t           messages;
    int64_t          results;
    fake_call_t     *writes;
    fake_call_t     *reads;
    int64_t          seq;
    size_t           calls[FAKE_OPS];
    int              held[FAKE_OPS];
    size_t           refused[FAKE_OPS];
    size_t           scripted[FAKE_OPS];
    store_status_t   answers[FAKE_OPS];
};


/* The one there is. */
extern store_t  fake_store;


/* A call of this kind, in no list; NULL when it is to be refused. */
fake_call_t *fake_call_make(store_t *s, fake_op_t op, void *data);

/* Its turn comes. */
void fake_call_write(store_t *s, fake_call_t *c);
void fake_call_read(store_t *s, fake_call_t *c);

/* Copy strings into one piece of memory, each NUL-terminated. */
void fake_copy_strings(sc_str_t *const *strings, size_t n, sc_buf_t *text);
void fake_copy_job(store_job_t *to, const store_job_t *from, sc_buf_t *text);

/* fake_store_row.c */
store_status_t fake_row_do(store_t *s, fake_call_t *c);
void fake_rows_free(store_t *s);
void fake_row_free(fake_row_t *row);

/* fake_store_queue.c */
void fake_task_put(store_t *s, fake_row_t *row);
void fake_task_del(store_t *s, const fake_row_t *row, const store_job_t *job);
void fake_queue_put(store_t *s, const store_job_t *job);
void fake_queue_settle(store_t *s, const fake_call_t *c);
void fake_queues_free(store_t *s);

int fake_row_is_unended(const fake_row_t *row);
fake_row_t *fake_row_make(const store_job_t *job,
    const store_result_t *result);
fake_row_t *fake_row_find(const char *id);
void fake_row_insert(store_t *s, fake_row_t *row);

/* fake_store_work.c */
fake_work_t *fake_work_find(store_t *s, int64_t seq);
void fake_works_free(store_t *s);

/* fake_store_end.c */
fake_call_t *fake_end_call(store_t *s, fake_op_t op, void *data);
void fake_end_pages(fake_call_t *c, const store_pages_t *pages,
    sc_str_t tenant, int64_t job);
size_t fake_end_put(store_t *s, const fake_end_t *end);
void fake_end_messages(fake_end_t *end, const store_message_t *messages,
    size_t n);
void fake_end_told(store_t *s, const fake_end_t *end);
void fake_end_free(fake_end_t *end);

/* fake_store_doc.c */
store_status_t fake_doc_do(store_t *s, fake_call_t *c);
void fake_docs_free(store_t *s);
void fake_doc_free(fake_doc_t *doc);

/* fake_store_usage.c */
void fake_usage_add(store_t *s, sc_str_t tenant, const store_usage_t *usage);
void fake_usages_free(store_t *s);

/* fake_store_page.c */
void fake_page_do(store_t *s, fake_call_t *c);
void fake_pages_free(store_t *s);
void fake_kept_free(fake_page_t *page);


#endif /* FAKE_STORE_H */
