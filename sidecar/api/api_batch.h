
/*
 * What the files of /v1/batch share.
 *
 *     api_batch.c       from the request to its last line
 *     api_batch_end.c   from there to the answer
 *     api_batch_body.c  what is common to the pages; where they are found
 *     api_batch_line.c  a line, and what it means
 */

#ifndef API_BATCH_H
#define API_BATCH_H


#include "sidecar/api/api_internal.h"


#define API_BATCH         "batch"   /* the kind of job */
#define BATCH_TURN        200       /* lines read in one round of the loop */
#define BATCH_LISTED      100       /* rejected lines that are told */
#define BATCH_MAX_LINE    1048576   /* bytes */


/*
 * A batch that is taken in.
 *
 * feed       open once the job is made
 * task       goes on with the next lines in the next round
 * park       the client waits for the job's end
 * work       of the job
 * base       the defaults, an object; NULL for none
 * defaults   the same, read; its rules are copied to rules and hash
 * text       of the body: all of it, or what is not read yet, from pos
 * items      where the next page is in text, of a body that is one JSON text
 * after      where pos or items goes on behind the line that is looked at
 * page, url, echo   what the last line meant
 * rejected   elements of the list
 * pages      that were taken
 * line       lines done with; taken: the last one whose page was taken
 * stored, told   pages, and line, of an answer that says why it stopped
 * problem    that it stopped for, type NULL if it did not
 * wait       milliseconds the client waits for the end
 * ndjson     a page a line
 * last       text has the end of the body
 * skipping   the rest of a line that is too long
 * waiting    for something that goes on with it
 * append     the job is there already
 * begun      the head is read
 */
typedef struct {
    api_call_t      *call;
    jobs_feed_t     *feed;
    api_park_t       park;
    loop_task_t      task;
    api_work_t       work;
    json_t          *base;
    api_extract_t    defaults;
    sc_buf_t         rules;
    char             hash[SC_RULES_HASH_LEN + 1];
    sc_buf_t         text;
    size_t           pos;
    size_t           items;
    size_t           after;
    api_extract_t    page;
    url_t            url;
    sc_buf_t         echo;
    sc_buf_t         rejected;
    int64_t          nrejected;
    size_t           pages;
    int64_t          line;
    int64_t          taken;
    int64_t          stored;
    problem_t        problem;
    int              retry;
    int64_t          wait;
    query_t          query;
    unsigned         ndjson:1;
    unsigned         last:1;
    unsigned         skipping:1;
    unsigned         waiting:1;
    unsigned         append:1;
    unsigned         begun:1;
} api_batch_t;


/* Read the query string.  SC_OK, or SC_ERROR with *p filled in. */
int api_batch_query(api_batch_t *b, problem_t *p);

/*
 * Read what is common to all: of a JSON body, or of a first line.  SC_OK;
 * SC_DECLINED when the first line is a page; SC_ERROR with *p filled in;
 * SC_AGAIN.
 */
int api_batch_head(api_batch_t *b, sc_str_t text, problem_t *p);

/*
 * The next line that is not blank: SC_OK with its text, to be called again for
 * the same line until api_batch_step(); SC_AGAIN when it has not come;
 * SC_DECLINED at the end.
 */
int api_batch_next(api_batch_t *b, sc_str_t *text);
void api_batch_step(api_batch_t *b);

/*
 * What the line asks for: SC_OK with spec, whose strings last until the next
 * call; SC_ERROR with *p filled in; SC_AGAIN.
 */
int api_batch_page(api_batch_t *b, sc_str_t text, frontier_spec_t *spec,
    problem_t *p);

/* It is refused: note that for the answer. */
void api_batch_reject(api_batch_t *b, const problem_t *p);

/* Nothing more is read until something goes on with it. */
void api_batch_wait(api_batch_t *b);

/*
 * The answer.  Stop: what was taken stays, and is told with the problem; a
 * block could not be stored; all lines are read.
 */
void api_batch_stop(api_batch_t *b, const problem_t *p, int retry);
void api_batch_failed(api_batch_t *b);
void api_batch_end(api_batch_t *b);


#endif /* API_BATCH_H */
