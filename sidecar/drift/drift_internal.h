
/*
 * What the files of drift share:
 *
 *     drift.c        rule sets that are watched
 *     drift_field.c  the share of a field, window by window
 *     drift_json.c   what is known as JSON, and back
 */

#ifndef DRIFT_INTERNAL_H
#define DRIFT_INTERNAL_H


#define HASH_NONFATAL_OOM    1

#include <jansson.h>
#include <uthash.h>

#include "sidecar/core/json_last.h"
#include "sidecar/drift/drift.h"


/* A window that is over: when, and the share. */
typedef struct {
    int64_t  at;
    double   rate;
} drift_window_t;


/*
 * A field.
 *
 * path     "offers.seller", of a group "product.offers.seller"
 * found    in the window that is open, of so many looked for
 * usual    the share it had, each window counting a fifth
 * windows  the last ones, a ring; n ever
 * fallen   and not back
 */
typedef struct {
    char            *path;
    uint64_t         found;
    uint64_t         looked;
    double           usual;
    drift_window_t   windows[DRIFT_WINDOWS];
    size_t           n;
    unsigned         fallen:1;
} drift_field_t;


typedef struct {
    int64_t   at;
    char     *path;
    double    rate;
    double    usual;
    unsigned  fell:1;
} drift_event_t;


/*
 * A rule set.
 *
 * key      tenant, NUL, name
 * hash     of the version whose fields these are
 * fields   in the order of their numbers, of a group set after set
 * pages    in the window that is open, and of all
 * events   the last ones, the oldest first
 * others   pages in a row that were of another version
 * reading  the store has been asked for what it knows
 * named    it has a name, and is kept in the store
 * unread   what the store knows could not be had, and is left as it is
 * dirty    something was counted since it was written
 */
typedef struct {
    UT_hash_handle   hh;
    drift_t         *drift;
    char            *key;
    size_t           tenant_len;
    const char      *name;
    char             hash[80];
    drift_field_t   *fields;
    size_t           nfields;
    size_t           window;
    uint64_t         pages;
    drift_event_t    events[DRIFT_MAX_EVENTS];
    size_t           nevents;
    unsigned         others;
    unsigned         named:1;
    unsigned         reading:1;
    unsigned         unread:1;
    unsigned         dirty:1;
} drift_set_t;


struct drift_s {
    loop_t        *loop;
    store_t       *store;
    drift_set_t   *sets;
    json_last_t    fill;
    loop_timer_t   timer;
};


/*
 * drift_field.c: give the set the fields of these rules, of a group those of
 * its set member; NULL: all of them.  What it has is kept.
 */
int drift_fields_set(drift_set_t *set, const char *hash, sc_str_t rules,
    const char *member);
void drift_fields_free(drift_field_t *fields, size_t n);

/*
 * Add a page's counts, all sets of it, or one set's from a field on; the rest
 * of what does not fit is left out.
 */
void drift_fields_count(drift_set_t *set, const json_t *fill);
void drift_fields_add(drift_set_t *set, size_t at, const json_t *pairs);

/* The window is over. */
void drift_fields_close(drift_set_t *set, int64_t now);

/* Remember an event; the oldest makes room. */
void drift_event(drift_set_t *set, const drift_field_t *field, int64_t at,
    double rate, unsigned fell);


/* drift_json.c */
int drift_json_write(const drift_set_t *set, sc_buf_t *out);

/* The events of this time, which are the last, in place of what out has. */
void drift_json_events(const drift_set_t *set, int64_t at, sc_buf_t *out);

/* Lay what the store knew below what was counted since. */
void drift_json_read(drift_set_t *set, sc_str_t body);


#endif /* DRIFT_INTERNAL_H */
