
/*
 * Sessions: what a tenant keeps from one job to the next under a name: its
 * cookies, the header fields it sends, how it logs in.  They are documents of
 * the store, and in memory while somebody uses them; all who use one see the
 * same.
 */

#ifndef SESSION_H
#define SESSION_H


#include "sidecar/fetch/fetch.h"
#include "sidecar/store/store.h"


#define SESSION_NAME_MAX      64        /* bytes, of A-Z a-z 0-9 . _ - */
#define SESSION_MAX_HEADERS   64        /* fields of one */
#define SESSION_MAX_FIELDS    16384     /* bytes of their names and values */
#define SESSION_MAX_FILL      64        /* fields of a login's form */


typedef struct sessions_s      sessions_t;
typedef struct session_s       session_t;
typedef struct session_open_s  session_open_t;


/*
 * A session in use.  To be read; what it points to may change whenever the
 * loop is returned to, but jar, which stays the same one.
 *
 * headers    to be sent with each request, nheaders of them
 * login      JSON text of an object, "" when there is none: "url" of a page,
 *            and perhaps "from_form" (XPath), "fill" (an object of strings)
 *            and "check" (XPath)
 * logged_in  when that was done last, milliseconds since 1970; 0: never
 */
struct session_s {
    jar_t                 *jar;
    const fetch_header_t  *headers;
    size_t                 nheaders;
    const char            *login;
    int64_t                logged_in;
};


/*
 * Why a session was refused.
 *
 * json       it is not JSON; line and column say where
 * unknown    a member is not known
 * pointer    JSON Pointer to what is wrong, "" for the whole, but for
 * key        the member of that, as it is written, cut at its size
 * has_key    there is one
 * detail     one sentence, lower case
 */
typedef struct {
    unsigned  json:1;
    unsigned  unknown:1;
    unsigned  has_key:1;
    int       line;
    int       column;
    char      pointer[64];
    char      key[256];
    char      detail[320];
} session_error_t;


/* How the body of a session is written. */
typedef enum {
    SESSION_JSON = 0,
    SESSION_NETSCAPE        /* its cookies alone, in the format of cookie.h */
} session_format_t;


/*
 * session is NULL unless status is STORE_OK, and must be released.  Called
 * once, from the loop, never from inside session_open().
 */
typedef void (*session_pt)(void *data, store_status_t status,
    session_t *session);

/*
 * Called once, from the loop, never from inside the call.  existed says
 * whether there was such a session before.
 */
typedef void (*session_done_pt)(void *data, store_status_t status,
    int existed);


/* Both stay the caller's.  NULL when memory is out. */
sessions_t *sessions_create(loop_t *loop, store_t *store);

/*
 * Hand what has changed to the store, which is closed later, and free all;
 * sessions that are open are so no more, nobody is called back.
 */
void sessions_destroy(sessions_t *sessions);

/* Drop the callbacks that would be given this data; the work goes on. */
void sessions_forget(sessions_t *sessions, void *data);

/* Whether this is a session's name: SC_OK or SC_DECLINED. */
int session_name_check(sc_str_t name);

/*
 * Get a session, from memory or from the store; one that does not exist comes
 * empty, and exists once it is not empty any more.  name has been checked.
 * NULL when memory is out.
 */
session_open_t *session_open(sessions_t *sessions, sc_str_t tenant,
    sc_str_t name, session_pt done, void *data);

/* Give up waiting; the callback has not been called and will not be. */
void session_open_cancel(session_open_t *open);

/* Say that it is not used any more: what has changed is saved at once. */
void session_release(session_t *session);

/*
 * The jar may have changed.  It is looked at a moment later, however often
 * this is called until then, and saved if it has.
 */
void session_touch(session_t *session);

/* Say when it has logged in, milliseconds since 1970; 0: it has not. */
void session_logged_in(session_t *session, int64_t at);

/* Whether it exists: it was saved, or would be now.  1 or 0. */
int session_exists(session_t *session);

/*
 * Replace a session, or make it, by what this text says; those who use it see
 * that before done is called, which is when it is on disk.  SC_OK, and done
 * will be called; SC_DECLINED with *err filled in, or SC_ERROR when memory is
 * out: it will not.
 */
int session_put(sessions_t *sessions, sc_str_t tenant, sc_str_t name,
    sc_str_t text, session_format_t format, session_done_pt done, void *data,
    session_error_t *err);

/*
 * Delete a session; for those who use it, it is empty from then on.  done
 * gets STORE_NOT_FOUND when there was none.  SC_OK, or SC_ERROR when memory
 * is out and done will not be called.
 */
int session_delete(sessions_t *sessions, sc_str_t tenant, sc_str_t name,
    session_done_pt done, void *data);

/*
 * Append it as it may be shown: in JSON, the values of a login's "fill" are
 * "***".  SC_OK, or SC_ERROR when memory is out.
 */
int session_show(session_t *session, sc_str_t name, session_format_t format,
    sc_buf_t *out);


#endif /* SESSION_H */
