
/*
 * Webhooks on the faked fetcher and an outbox in memory, for one test; there
 * is one of each.
 */

#ifndef HOOK_H
#define HOOK_H


#include "sidecar/push/webhooks.h"
#include "tests/replay/fake.h"


#define HOOK_MAX       256
#define HOOK_URL       "http://me.example/hook"
#define HOOK_OTHER     "http://other.example/"
#define HOOK_SPEC      "{\"url\":\"" HOOK_URL "\"}"
#define HOOK_JOB       "00001J0000000000000000000000A"
#define HOOK_BODY      "{\"type\":\"job.completed\"}"


/* A message of the outbox; its seq is its place in hook.rows. */
typedef struct {
    store_message_t  message;
    char             spec[256];
    char             last[256];
} hook_row_t;


/* A write that was not answered yet. */
typedef struct {
    store_done_pt  done;
    void          *data;
    int64_t        seq;
    int64_t        due;
    int            tries;
    int            state;
    char           last[256];
} hook_set_t;


/*
 * reads      of the outbox so far
 * found      by the read under way: what the outbox was when it began
 * failing    so many calls of the outbox to come fail
 * refusing   or are not taken
 */
typedef struct {
    loop_t             *loop;
    store_t            *store;
    fetcher_t          *fetcher;
    settings_t          settings;
    webhooks_t         *webhooks;
    int64_t             begun;
    loop_task_t         task;
    hook_row_t          rows[HOOK_MAX];
    size_t              nrows;
    hook_set_t          sets[HOOK_MAX];
    size_t              nsets;
    store_messages_pt   read;
    void               *read_data;
    store_message_t     found[HOOK_MAX];
    size_t              nfound;
    size_t              reads;
    size_t              failing;
    size_t              refusing;
} hook_t;


extern hook_t  hook;


/* All parts, with an empty outbox, and nothing to sign with. */
void hook_begin(void);
void hook_end(void);

/* Webhooks alone, as a process begins and ends. */
void hook_start(void);
void hook_stop(void);

/* Let all be done that is due. */
void hook_run(void);

/* Put a message into the outbox, of a job or of ""; its seq. */
size_t hook_put(const char *spec, const char *job, int64_t due);

/* Put one, whose first attempt is under way then. */
size_t hook_first(void);

/* Answer the attempt at this URL (NULL: any). */
void hook_reply(const char *url, int status);

/* The value of a field of the attempt under way, "" when it has none. */
const char *hook_field(const char *name);

/* See that how a message's last attempt ended has this in it. */
void hook_last(size_t n, const char *part);


#endif /* HOOK_H */
