
/*
 * Rule sets of tenants: named and versioned, in the store as documents, and in
 * memory while they are asked for.  A version never changes.
 *
 *     "ruleset"          name -> {"version", "hash", "at"}: the newest one
 *     "ruleset-version"  "name@000003" -> {"hash", "at", "rules"}
 *
 * The name's document is written last and deleted first; a version above its
 * own is none.
 */

#ifndef RULESETS_H
#define RULESETS_H


#include "common/rules/sc_rules.h"
#include "sidecar/loop/loop.h"
#include "sidecar/store/store.h"


#define RULESETS_NAME_MAX      128         /* bytes, of A-Z a-z 0-9 . _ - */
#define RULESETS_MAX_VERSIONS  10000       /* of a name, until it is deleted */
#define RULESETS_MAX_NAMES     10000       /* of a tenant */
#define RULESETS_KEPT_BYTES    16777216    /* looked up, in memory: 16 MiB */
#define RULESETS_KEPT          4096        /* of them, what is not there too */


typedef struct rulesets_s  rulesets_t;


/*
 * A rule set; to be read, valid until the loop is returned to or another call
 * is made.
 *
 * version  0 when it was asked for by its hash
 * hash     as sc_rules_t's, NUL-terminated
 * at       when it was put, milliseconds since 1970; 0: unknown
 * json     canonical, NUL-terminated
 */
typedef struct {
    int64_t      version;
    const char  *hash;
    int64_t      at;
    sc_str_t     json;
} ruleset_t;


/*
 * What a reference says: "name", "name@3", or "sha256:" and 64 hex digits.
 *
 * name     empty when it is a hash
 * version  0: the newest
 */
typedef struct {
    sc_str_t  name;
    int64_t   version;
    sc_str_t  hash;
} ruleset_ref_t;


/* What became of a change. */
typedef enum {
    RULESET_CREATED = 0,
    RULESET_CHANGED,        /* there is a new version */
    RULESET_SAME,           /* the newest one is this already */
    RULESET_DELETED,
    RULESET_NONE,           /* there was nothing to delete */
    RULESET_REFUSED,        /* the caller's condition did not hold */
    RULESET_FULL,           /* it has RULESETS_MAX_VERSIONS */
    RULESET_TENANT_FULL     /* the tenant has RULESETS_MAX_NAMES */
} ruleset_outcome_t;


/*
 * hash     of the newest version, "" when there is none; what was found with
 *          RULESET_REFUSED
 * version  of it, 0 when there is none
 */
typedef struct {
    ruleset_outcome_t  outcome;
    const char        *hash;
    int64_t            version;
    int64_t            at;
} ruleset_change_t;


/* Callbacks come once, from the loop, never from inside the call. */
typedef void (*ruleset_loaded_pt)(void *data, store_status_t status);

/* change is NULL unless status is STORE_OK. */
typedef void (*ruleset_changed_pt)(void *data, store_status_t status,
    const ruleset_change_t *change);

/*
 * Whether the change may be made, now that its turn has come: the hash of what
 * is there, NULL when there is nothing.  1 or 0.
 */
typedef int (*ruleset_may_pt)(void *data, const char *hash);

/* A rule set in a list; name is empty in a list of versions. */
typedef struct {
    sc_str_t  name;
    int64_t   version;
    char      hash[SC_RULES_HASH_LEN + 1];
    int64_t   at;
} ruleset_item_t;

typedef void (*ruleset_listed_pt)(void *data, store_status_t status,
    const ruleset_item_t *items, size_t n);


/* Both stay the caller's.  NULL when memory is out. */
rulesets_t *rulesets_create(loop_t *loop, store_t *store);

/* Free all; nobody is called back, what the store was given it writes. */
void rulesets_destroy(rulesets_t *r);

/*
 * Drop the callbacks that would be given this data.  A change whose turn has
 * not come is not made.
 */
void rulesets_forget(rulesets_t *r, void *data);

/* Whether this is a rule set's name: SC_OK or SC_DECLINED. */
int rulesets_name_check(sc_str_t name);

/* Take a reference apart, into views of it: SC_OK or SC_DECLINED. */
int rulesets_ref_parse(sc_str_t ref, ruleset_ref_t *out);

/*
 * The rule set this reference means to the tenant, if it is in memory; NULL
 * with *known 1 when it is known that there is none, 0 when it must be loaded.
 * A reference that rulesets_ref_parse() declines is known to mean none.
 */
const ruleset_t *rulesets_peek(rulesets_t *r, sc_str_t tenant, sc_str_t ref,
    int *known);

/*
 * Look in the store.  In done, with STORE_OK, rulesets_peek() knows.  SC_OK,
 * or SC_ERROR when memory is out and done will not be called.
 */
int rulesets_load(rulesets_t *r, sc_str_t tenant, sc_str_t ref,
    ruleset_loaded_pt done, void *data);

/*
 * Make a new version of a name, unless its newest one is the same.  Changes of
 * one name are made one after another, in the order they were asked for; may
 * is asked when it is this one's turn, with data.  name has been checked, json
 * is canonical and hash its hash; both are copied.  SC_OK, or SC_ERROR when
 * memory is out and done will not be called.
 */
int rulesets_put(rulesets_t *r, sc_str_t tenant, sc_str_t name,
    sc_str_t json, const char *hash, ruleset_may_pt may,
    ruleset_changed_pt done, void *data);

/* Delete a name with all its versions, in the same way. */
int rulesets_delete(rulesets_t *r, sc_str_t tenant, sc_str_t name,
    ruleset_may_pt may, ruleset_changed_pt done, void *data);

/*
 * The names of a tenant after this one ("": from the first) in order, at most
 * limit; the versions of a name after this one, in order, at most limit: none
 * of a name that is not there.  SC_OK, or SC_ERROR when memory is out and done
 * will not be called.
 */
int rulesets_list(rulesets_t *r, sc_str_t tenant, sc_str_t after,
    size_t limit, ruleset_listed_pt done, void *data);
int rulesets_versions(rulesets_t *r, sc_str_t tenant, sc_str_t name,
    int64_t after, size_t limit, ruleset_listed_pt done, void *data);


#endif /* RULESETS_H */
