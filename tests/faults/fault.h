
/*
 * Calls that fail: the product, linked so that what it asks of the system and
 * of libraries goes through here, and the nth of these calls is refused.
 *
 * calls.txt names what goes through here: in a copy of the library each of
 * these functions is called fault_NAME().  The tests' own calls, and those of
 * the fakes of tests/replay, do not.
 *
 * A scene is a piece of work with an answer.  It is done once to count its
 * calls, then once for each of them, which fails.  Each time
 *
 *   - it ends: nothing crashes and nothing hangs,
 *   - nothing that was allocated is lost,
 *   - it says that it could not, or its answer is the one it has otherwise.
 */

#ifndef FAULT_H
#define FAULT_H


#include <check.h>
#include <stddef.h>

#include "common/sc_core.h"


/* Which calls: bits. */
#define FAULT_MEMORY  0x01u     /* malloc() and its like, jansson's too */
#define FAULT_SYSTEM  0x02u     /* sockets, files, threads, processes */
#define FAULT_STORE   0x04u     /* SQLite's functions */
#define FAULT_LIBRARY 0x08u     /* other libraries' functions */
#define FAULT_XML     0x20u     /* what libxml2 allocates */
#define FAULT_CURL    0x40u     /* what libcurl allocates */
#define FAULT_SQLITE  0x80u     /* what SQLite allocates */

/* all but what libxml2 and SQLite allocate */
#define FAULT_OURS    0x4fu

/* of what fault_say() says */
#define FAULT_ANSWER  16384     /* bytes of an answer */


/*
 * A piece of work.
 *
 * name    a few words
 * calls   which of its calls fail, in turn
 * work    does it, says what came of it by fault_say(), and frees it: SC_OK;
 *         or it says by SC_ERROR that it could not, and has freed the rest.
 *         SC_DECLINED: something was wrong that must not be
 * before  what a process needs before, or NULL; nothing of it fails
 * alone   each time in a process of its own: what it does stays
 * mortal  it is done in a process of its own in the product, too, whose end is
 *         an error as any other
 */
typedef struct {
    const char   *name;
    unsigned      calls;
    int         (*work)(void);
    void        (*before)(void);
    unsigned      alone:1;
    unsigned      mortal:1;
} fault_scene_t;


/*
 * Let calls of these kinds fail: the nth from now on, none for 0; and no
 * more.  The second says how many there were.
 */
void fault_begin(unsigned calls, size_t nth);
size_t fault_end(void);

/* Whether the call that is made now is the one; sets nothing but that. */
int fault_fails(unsigned kind);

/* Let nothing fail, or be counted, meanwhile; they may be nested. */
void fault_hold(void);
void fault_release(void);

/* Let the libraries' memory come from here; before they are used. */
void fault_hook(unsigned calls);

/* What SQLite's functions say that fail: a code of SQLite's. */
void fault_sqlite_says(int rc);

/* Append to the answer of the work that is done. */
void fault_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fault_say_str(sc_str_t s);

/* So many calls of a scene fail, at most, where scenes take their time. */
void fault_sample(size_t full, size_t brief);

/*
 * A suite that plays each of n scenes and reports them: its main().  In brief
 * a scene with very many calls has some of them fail, in full all.
 */
int fault_suite(const char *name, const fault_scene_t *scenes, size_t n);


#endif /* FAULT_H */
