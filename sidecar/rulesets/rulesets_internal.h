
/*
 * What the files of rule sets share.
 *
 *     rulesets.c         the room; references; what is kept in memory
 *     rulesets_load.c    from the store into memory
 *     rulesets_change.c  new versions, deletions
 *     rulesets_list.c    names and versions
 *     rulesets_doc.c     the texts of documents
 */

#ifndef RULESETS_INTERNAL_H
#define RULESETS_INTERNAL_H


#define HASH_NONFATAL_OOM    1

#include <uthash.h>

#include "common/sc_buf.h"
#include "sidecar/rulesets/rulesets.h"


#define RULESETS_KIND        "ruleset"
#define RULESETS_VERSION     "ruleset-version"

/* "name@000003" and its NUL */
#define RULESETS_DOC_NAME    (RULESETS_NAME_MAX + 24)

/* tenants whose names are counted, the one longest counted is dropped */
#define RULESETS_COUNTED     1024


typedef struct ruleset_node_s   ruleset_node_t;
typedef struct ruleset_wait_s   ruleset_wait_t;
typedef struct ruleset_load_s   ruleset_load_t;
typedef struct ruleset_op_s     ruleset_op_t;
typedef struct ruleset_list_s   ruleset_list_t;
typedef struct ruleset_count_s  ruleset_count_t;


/* What the document of a name says. */
typedef struct {
    int64_t  version;
    int64_t  at;
    char     hash[SC_RULES_HASH_LEN + 1];
} ruleset_head_t;


/*
 * What a reference was found to mean.
 *
 * none  nothing
 * size  bytes of it
 * key   tenant, NUL, reference, NUL; behind it the JSON
 */
struct ruleset_node_s {
    UT_hash_handle  hh;
    ruleset_t       set;
    ruleset_head_t  head;
    unsigned        none:1;
    size_t          size;
    size_t          key_len;
    char            key[];
};


struct ruleset_wait_s {
    ruleset_wait_t     *next;
    ruleset_wait_t     *prev;
    ruleset_loaded_pt   done;
    void               *data;
};


/*
 * A look into the store, for all who want the same.
 *
 * head   of the name, once it was read
 * stale  the name was changed meanwhile
 */
struct ruleset_load_s {
    ruleset_load_t  *next;
    ruleset_load_t  *prev;
    rulesets_t      *rulesets;
    ruleset_wait_t  *waits;
    ruleset_ref_t    ref;
    sc_str_t         tenant;
    ruleset_head_t   head;
    unsigned         stale:1;
    size_t           key_len;
    char             key[];
};


/*
 * A change, from when it was asked for to its end.
 *
 * head       what was there, version 0 for nothing
 * forgotten  nobody wants to know
 * text       tenant, NUL, name, NUL, json, NUL
 */
struct ruleset_op_s {
    ruleset_op_t        *next;
    ruleset_op_t        *prev;
    rulesets_t          *rulesets;
    loop_task_t          task;
    sc_str_t             tenant;
    sc_str_t             name;
    sc_str_t             json;
    char                 hash[SC_RULES_HASH_LEN + 1];
    ruleset_head_t       head;
    int64_t              at;
    unsigned             deletes:1;
    unsigned             forgotten:1;
    ruleset_may_pt       may;
    ruleset_changed_pt   done;
    void                *data;
    char                 text[];
};


/*
 * A list being read; of versions when there is a name.
 *
 * last  version of the name
 */
struct ruleset_list_s {
    ruleset_list_t     *next;
    ruleset_list_t     *prev;
    rulesets_t         *rulesets;
    sc_str_t            tenant;
    sc_str_t            name;
    int64_t             after;
    int64_t             last;
    size_t              limit;
    ruleset_listed_pt   done;
    void               *data;
    char                text[];
};


/* How many names a tenant has. */
struct ruleset_count_s {
    UT_hash_handle  hh;
    size_t          names;
    char            tenant[];
};


/*
 * nodes   by their keys, the one longest unused first; bytes of all of them
 * counts  by tenant
 * key     the one that is looked for
 */
struct rulesets_s {
    loop_t           *loop;
    store_t          *store;
    ruleset_node_t   *nodes;
    size_t            bytes;
    ruleset_load_t   *loads;
    ruleset_op_t     *ops;
    ruleset_list_t   *lists;
    ruleset_count_t  *counts;
    sc_buf_t          key;
};


/* rulesets.c: write the key into rulesets->key; SC_OK or SC_ERROR. */
int rulesets_key(rulesets_t *r, sc_str_t tenant, const ruleset_ref_t *ref);

/*
 * Keep what this key means: head and json, or nothing when json.data is NULL.
 * SC_OK, or SC_ERROR when memory is out.
 */
int rulesets_keep(rulesets_t *r, sc_str_t key, const ruleset_head_t *head,
    sc_str_t json);

/* A name was changed: what is known of it is not true any more. */
void rulesets_drop(rulesets_t *r, sc_str_t tenant, sc_str_t name);


/* rulesets_load.c: a load is not wanted by this data any more; is freed. */
void rulesets_load_forget(ruleset_load_t *load, const void *data);
void rulesets_load_free(ruleset_load_t *load);


/* rulesets_change.c: free one, nobody is told. */
void rulesets_op_free(ruleset_op_t *op);


/* rulesets_list.c */
void rulesets_list_free(ruleset_list_t *list);


/*
 * rulesets_doc.c.  Read the document of a name, or of a version, with *json in
 * its body: SC_OK, SC_DECLINED when it is not what was written, or SC_ERROR
 * when memory is out.
 */
int ruleset_doc_head(const store_doc_t *doc, ruleset_head_t *head);
int ruleset_doc_version(const store_doc_t *doc, ruleset_head_t *head,
    sc_str_t *json);

/* Append their bodies; SC_OK or SC_ERROR. */
int ruleset_doc_write_head(sc_buf_t *b, const ruleset_head_t *head);
int ruleset_doc_write_version(sc_buf_t *b, const ruleset_head_t *head,
    sc_str_t json);

/* The name of a version's document, in out of RULESETS_DOC_NAME bytes. */
sc_str_t ruleset_doc_name(char *out, sc_str_t name, int64_t version);

/* The version in such a name, which is one of this name; 0 if it is not. */
int64_t ruleset_doc_number(sc_str_t doc, sc_str_t name);


#endif /* RULESETS_INTERNAL_H */
