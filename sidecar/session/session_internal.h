
/*
 * What the files of sessions share.
 *
 *     session.c         the sessions in memory; opening and releasing them
 *     session_save.c    what has changed, to the store
 *     session_change.c  replacing and deleting
 *     session_read.c    a session's text
 *     session_cookie.c  the cookies in it
 *     session_write.c   the text of a session, to be stored or shown
 */

#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H


#define HASH_NONFATAL_OOM    1

#include <jansson.h>
#include <uthash.h>

#include "sidecar/fetch/cookie.h"
#include "sidecar/session/session.h"


#define SESSION_KIND      "session"
#define SESSION_HIDDEN    "***"


typedef struct session_node_s  session_node_t;
typedef struct session_op_s    session_op_t;


/*
 * What a text says.
 *
 * cookies   lines of cookie.h
 * fields    an object of strings, which the headers point into; NULL if none
 * login     NULL if none, and its text
 */
typedef struct {
    sc_buf_t         cookies;
    json_t          *fields;
    fetch_header_t  *headers;
    size_t           nheaders;
    json_t          *login;
    char            *login_text;
    int64_t          logged_in;
} session_doc_t;


/*
 * A session in memory, for as long as there are references to it or the store
 * works for it.
 *
 * key      tenant, NUL, name, NUL
 * doc      without its cookies, which are the jar's
 * saved    the cookies as they were last given to the store
 * opens    those who wait
 * refs     of users, waiting ones among them
 * writing  saves the store has not called back
 * status   of the store's answer
 * ready    it has come
 * stored   there is a document, or will be
 * changed  what is not a cookie has changed since the last save
 * touched  the timer runs
 */
struct session_node_s {
    session_t         session;
    UT_hash_handle    hh;
    sessions_t       *sessions;
    char             *key;
    sc_str_t          tenant;
    sc_str_t          name;
    session_doc_t     doc;
    sc_buf_t          saved;
    loop_timer_t      timer;
    session_open_t   *opens;
    size_t            refs;
    size_t            writing;
    store_status_t    status;
    unsigned          ready:1;
    unsigned          stored:1;
    unsigned          changed:1;
    unsigned          touched:1;
};


struct session_open_s {
    session_open_t  *next;
    session_open_t  *prev;
    session_node_t  *node;
    session_pt       done;
    void            *data;
    loop_task_t      task;
};


/*
 * A replacement or a deletion under way.
 *
 * open  until the session is there; node from then on, with a reference
 */
struct session_op_s {
    session_op_t     *next;
    session_op_t     *prev;
    sessions_t       *sessions;
    session_open_t   *open;
    session_node_t   *node;
    session_doc_t     doc;
    session_done_pt   done;
    void             *data;
    int               existed;
};


/*
 * nodes  by their keys
 * key    the one that is looked for
 */
struct sessions_s {
    loop_t          *loop;
    store_t         *store;
    session_node_t  *nodes;
    session_op_t    *ops;
    sc_buf_t         key;
};


/* session.c: give up a reference. */
void session_unref(session_node_t *node);

/* Free one nobody refers to, unless the store works for it. */
void session_reap(session_node_t *node);

/*
 * Make it what doc says, which is taken over and left empty.  SC_OK, or
 * SC_ERROR when memory is out.
 */
int session_become(session_node_t *node, session_doc_t *doc);


/* session_save.c: make the timer of session_touch() ready. */
void session_timer_init(session_node_t *node);

/* Save what has changed, if anything has. */
void session_save(session_node_t *node);

/*
 * Save it as it is; done is called as by store_doc_put().  SC_OK, or SC_ERROR
 * when memory is out.
 */
int session_store(session_node_t *node, store_done_pt done, void *data);


/* session_change.c: stop one, which nobody is told. */
void session_op_free(session_op_t *op);


/*
 * session_read.c: take a text apart; stored allows what only the store's
 * have.  SC_OK; SC_DECLINED with *err filled in, SC_ERROR when memory is out,
 * with *doc empty.
 */
int session_read(session_doc_t *doc, sc_str_t text, session_format_t format,
    int stored, session_error_t *err);
void session_doc_init(session_doc_t *doc);
void session_doc_free(session_doc_t *doc);

/* Fill in *err with what is wrong at this place; SC_DECLINED. */
int session_wrong(session_error_t *err, const char *pointer, const char *key,
    const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
int session_unknown(session_error_t *err, const char *pointer,
    const char *key);


/*
 * session_cookie.c: append the cookies of the member "cookies" as lines.
 * SC_OK, SC_DECLINED or SC_ERROR as session_read().
 */
int session_cookies_read(sc_buf_t *out, const json_t *cookies,
    session_error_t *err);

/* The cookies of these lines as an array; NULL when memory is out. */
json_t *session_cookies_json(sc_str_t lines);


/*
 * session_write.c: append the text of a session that has these cookies, as it
 * is stored.  SC_OK, or SC_ERROR when memory is out.
 */
int session_write(const session_node_t *node, sc_str_t cookies,
    sc_buf_t *out);


#endif /* SESSION_INTERNAL_H */
