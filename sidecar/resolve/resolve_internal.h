
/*
 * What the parts of the resolver share; for sidecar/resolve/resolve*.c alone.
 *
 *     resolve.c           who waits for what, and whose turn it is
 *     resolve_ask.c       questions to c-ares, its sockets and its time
 *     resolve_cache.c     what is known
 *     resolve_record.c    an answer in little memory
 */

#ifndef RESOLVE_INTERNAL_H
#define RESOLVE_INTERNAL_H


/* a question that finds no memory is not added, and hh.tbl stays NULL */
#define HASH_NONFATAL_OOM    1

#include <uthash.h>
#include <utlist.h>

#include "sidecar/resolve/resolve_cache.h"


typedef struct resolve_socket_s    resolve_socket_t;
typedef struct resolve_question_s  resolve_question_t;


/* A socket of c-ares, watched for it. */
struct resolve_socket_s {
    resolve_socket_t  *next;
    resolve_socket_t  *prev;
    resolve_t         *resolve;
    loop_io_t          io;
};


/*
 * A caller who waits: for its question, or, with a record, for its turn.
 *
 * late  it came when c-ares had been asked already
 */
struct resolve_query_s {
    resolve_query_t     *next;
    resolve_query_t     *prev;
    resolve_t           *resolve;
    resolve_question_t  *question;
    resolve_record_t    *record;
    loop_timer_t         timer;
    resolve_pt           done;
    void                *data;
    unsigned             late:1;
};


/*
 * A name that is asked about: in line, or c-ares has a pointer to it and
 * cannot be told to forget it.
 *
 * waiting  queries; there may be none, once it was asked
 * asked    c-ares has it
 * name     len bytes in lower case, and a NUL
 */
struct resolve_question_s {
    UT_hash_handle       hh;
    resolve_question_t  *next;
    resolve_question_t  *prev;
    resolve_t           *resolve;
    resolve_query_t     *waiting;
    size_t               len;
    unsigned             asked:1;
    char                 name[];
};


/*
 * channel     of c-ares
 * tick        runs while it has questions
 * pause       runs between two bursts of questions
 * work        what resolve_work() is for
 * questions   all, by name
 * line        those that were not asked yet
 * asked       number of those that were
 * inside      the question of the call to c-ares that has not returned
 * ready       queries whose turn is next
 * delivering  it is to be freed afterwards when it is destroyed meanwhile
 * gone        it was
 */
struct resolve_s {
    loop_t              *loop;
    ares_channel         channel;
    loop_timer_t         tick;
    loop_timer_t         pause;
    loop_task_t          work;
    resolve_socket_t    *sockets;
    resolve_cache_t     *cache;
    resolve_question_t  *questions;
    resolve_question_t  *line;
    size_t               asked;
    resolve_question_t  *inside;
    resolve_query_t     *ready;
    resolve_stats_t      stats;
    unsigned             delivering:1;
    unsigned             gone:1;
};


/* A channel for r; as resolve_create() says.  A status of c-ares. */
int resolve_ask_open(resolve_t *r, const char *server);

/* Calls resolve_told() for each question that c-ares has. */
void resolve_ask_close(resolve_t *r);

/* Hand a question over to c-ares; resolve_told() may come from inside. */
void resolve_ask(resolve_question_t *question);

/*
 * c-ares has answered, and has forgotten the question; the reference to
 * record is the callee's.  ttl is in seconds, 0 keeps nothing.
 */
void resolve_told(resolve_question_t *question, resolve_record_t *record,
    int ttl);


#endif /* RESOLVE_INTERNAL_H */
