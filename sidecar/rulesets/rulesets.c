
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/rulesets/rulesets_internal.h"


#define RULESETS_NAME_CHARS                                                   \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

#define RULESETS_HASH    "sha256:"


static int rulesets_is_hash(sc_str_t ref);
static const ruleset_t *rulesets_none(rulesets_t *r, ruleset_node_t *node,
    const ruleset_ref_t *ref);
static int rulesets_is_of(const char *key, sc_str_t tenant, sc_str_t name);
static void rulesets_remove(rulesets_t *r, ruleset_node_t *node);


rulesets_t *
rulesets_create(loop_t *loop, store_t *store)
{
    rulesets_t  *r;

    r = calloc(1, sizeof(rulesets_t));
    if (r == NULL) {
        return NULL;
    }

    r->loop = loop;
    r->store = store;
    sc_buf_init(&r->key, 0);

    return r;
}


void
rulesets_destroy(rulesets_t *r)
{
    ruleset_op_t     *op, *next_op;
    ruleset_node_t   *node, *next_node;
    ruleset_list_t   *list, *next_list;
    ruleset_load_t   *load, *next_load;
    ruleset_count_t  *count, *next_count;

    DL_FOREACH_SAFE(r->ops, op, next_op) {
        rulesets_op_free(op);
    }

    DL_FOREACH_SAFE(r->loads, load, next_load) {
        rulesets_load_free(load);
    }

    DL_FOREACH_SAFE(r->lists, list, next_list) {
        rulesets_list_free(list);
    }

    HASH_ITER(hh, r->nodes, node, next_node) {
        rulesets_remove(r, node);
    }

    HASH_ITER(hh, r->counts, count, next_count) {
        HASH_DEL(r->counts, count);
        free(count);
    }

    sc_buf_free(&r->key);
    free(r);
}


void
rulesets_forget(rulesets_t *r, void *data)
{
    ruleset_op_t    *op;
    ruleset_list_t  *list, *next;
    ruleset_load_t  *load;

    DL_FOREACH(r->ops, op) {
        op->forgotten |= (op->data == data);
    }

    DL_FOREACH(r->loads, load) {
        rulesets_load_forget(load, data);
    }

    DL_FOREACH_SAFE(r->lists, list, next) {
        if (list->data == data) {
            rulesets_list_free(list);
        }
    }
}


int
rulesets_name_check(sc_str_t name)
{
    size_t  i;

    for (i = 0; i < name.len; i++) {
        if (name.data[i] == '\0'
            || strchr(RULESETS_NAME_CHARS, name.data[i]) == NULL)
        {
            return SC_DECLINED;
        }
    }

    /* clients take "." and ".." out of a path before they send it */
    if (name.len == 0 || name.len > RULESETS_NAME_MAX
        || (name.data[0] == '.'
            && (name.len == 1 || (name.len == 2 && name.data[1] == '.'))))
    {
        return SC_DECLINED;
    }

    return SC_OK;
}


int
rulesets_ref_parse(sc_str_t ref, ruleset_ref_t *out)
{
    const char  *at, *p, *end;

    memset(out, 0, sizeof(ruleset_ref_t));

    if (rulesets_is_hash(ref)) {
        out->hash = ref;
        return SC_OK;
    }

    out->name = ref;
    at = ref.len > 0 ? memchr(ref.data, '@', ref.len) : NULL;

    if (at != NULL) {
        out->name.len = (size_t) (at - ref.data);
        end = ref.data + ref.len;

        if (at + 1 == end || end - at > 7 || at[1] == '0') {
            return SC_DECLINED;
        }

        for (p = at + 1; p < end; p++) {
            if (*p < '0' || *p > '9') {
                return SC_DECLINED;
            }

            out->version = out->version * 10 + *p - '0';
        }
    }

    return rulesets_name_check(out->name);
}


static int
rulesets_is_hash(sc_str_t ref)
{
    size_t  i;

    if (ref.len != SC_RULES_HASH_LEN
        || memcmp(ref.data, RULESETS_HASH, sizeof(RULESETS_HASH) - 1) != 0)
    {
        return 0;
    }

    for (i = sizeof(RULESETS_HASH) - 1; i < ref.len; i++) {
        if ((ref.data[i] < '0' || ref.data[i] > '9')
            && (ref.data[i] < 'a' || ref.data[i] > 'f'))
        {
            return 0;
        }
    }

    return 1;
}


int
rulesets_key(rulesets_t *r, sc_str_t tenant, const ruleset_ref_t *ref)
{
    sc_buf_t  *key = &r->key;

    sc_buf_reset(key);

    (void) sc_buf_add_str(key, tenant);
    (void) sc_buf_add(key, "", 1);
    (void) sc_buf_add_str(key, ref->hash.len > 0 ? ref->hash : ref->name);

    if (ref->version > 0) {
        (void) sc_buf_printf(key, "@%lld", (long long) ref->version);
    }

    return key->failed ? SC_ERROR : SC_OK;
}


const ruleset_t *
rulesets_peek(rulesets_t *r, sc_str_t tenant, sc_str_t ref, int *known)
{
    ruleset_ref_t    parsed;
    ruleset_node_t  *node;

    *known = 1;

    if (rulesets_ref_parse(ref, &parsed) != SC_OK) {
        return NULL;
    }

    *known = 0;

    if (rulesets_key(r, tenant, &parsed) != SC_OK) {
        return NULL;
    }

    HASH_FIND(hh, r->nodes, r->key.data, r->key.len, node);

    if (node == NULL) {
        return NULL;
    }

    /* to the end, as the last to be dropped */
    HASH_DEL(r->nodes, node);
    HASH_ADD_KEYPTR(hh, r->nodes, node->key, node->key_len, node);

    if (node->hh.tbl == NULL) {
        r->bytes -= node->size;
        free(node);
        return NULL;
    }

    *known = 1;

    return node->none ? rulesets_none(r, node, &parsed) : &node->set;
}


/* A job may bring what a hash stands for at any time: it is said once. */
static const ruleset_t *
rulesets_none(rulesets_t *r, ruleset_node_t *node, const ruleset_ref_t *ref)
{
    if (ref->hash.len > 0) {
        rulesets_remove(r, node);
    }

    return NULL;
}


int
rulesets_keep(rulesets_t *r, sc_str_t key, const ruleset_head_t *head,
    sc_str_t json)
{
    char            *p;
    size_t           size;
    ruleset_node_t  *node;

    HASH_FIND(hh, r->nodes, key.data, key.len, node);

    if (node != NULL) {
        rulesets_remove(r, node);
    }

    size = sizeof(ruleset_node_t) + key.len + 1 + json.len + 1;

    node = calloc(1, size);
    if (node == NULL) {
        return SC_ERROR;
    }

    memcpy(node->key, key.data, key.len);
    node->key_len = key.len;
    node->size = size;
    node->none = (json.data == NULL);
    node->head = *head;

    if (json.data != NULL) {
        p = node->key + key.len + 1;
        memcpy(p, json.data, json.len);
        node->set.json.data = p;
        node->set.json.len = json.len;
        node->set.version = head->version;
        node->set.hash = node->head.hash;
        node->set.at = head->at;
    }

    HASH_ADD_KEYPTR(hh, r->nodes, node->key, node->key_len, node);

    if (node->hh.tbl == NULL) {
        free(node);
        return SC_ERROR;
    }

    r->bytes += size;

    /* the new one stays, however large it is */
    while ((r->bytes > RULESETS_KEPT_BYTES
            || HASH_COUNT(r->nodes) > RULESETS_KEPT)
           && r->nodes != node)
    {
        rulesets_remove(r, r->nodes);
    }

    return SC_OK;
}


void
rulesets_drop(rulesets_t *r, sc_str_t tenant, sc_str_t name)
{
    ruleset_node_t  *node, *next;
    ruleset_load_t  *load;

    HASH_ITER(hh, r->nodes, node, next) {
        if (rulesets_is_of(node->key, tenant, name)) {
            rulesets_remove(r, node);
        }
    }

    DL_FOREACH(r->loads, load) {
        if (load->ref.hash.len > 0
            || rulesets_is_of(load->key, tenant, name))
        {
            load->stale = 1;
        }
    }
}


/* Whether a key, which a NUL follows, is the name's or one of its versions. */
static int
rulesets_is_of(const char *key, sc_str_t tenant, sc_str_t name)
{
    size_t  len = strlen(key);

    if (len != tenant.len || memcmp(key, tenant.data, len) != 0) {
        return 0;
    }

    key += len + 1;
    len = strcspn(key, "@");

    return len == name.len && memcmp(key, name.data, len) == 0;
}


static void
rulesets_remove(rulesets_t *r, ruleset_node_t *node)
{
    HASH_DELETE(hh, r->nodes, node);
    r->bytes -= node->size;
    free(node);
}
