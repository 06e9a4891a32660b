
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/rulesets/rulesets_internal.h"


static ruleset_load_t *ruleset_load_find(rulesets_t *r);
static ruleset_load_t *ruleset_load_create(rulesets_t *r);
static int ruleset_load_begin(ruleset_load_t *load);
static void ruleset_load_hash(void *data, store_status_t status,
    sc_str_t json);
static void ruleset_load_head(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static int ruleset_load_next(ruleset_load_t *load);
static void ruleset_load_version(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void ruleset_load_none(ruleset_load_t *load);
static void ruleset_load_found(ruleset_load_t *load, sc_str_t json);
static void ruleset_load_broken(ruleset_load_t *load);
static void ruleset_load_end(ruleset_load_t *load, store_status_t status);


int
rulesets_load(rulesets_t *r, sc_str_t tenant, sc_str_t ref,
    ruleset_loaded_pt done, void *data)
{
    ruleset_ref_t    parsed;
    ruleset_wait_t  *wait;
    ruleset_load_t  *load;

    if (rulesets_ref_parse(ref, &parsed) != SC_OK
        || rulesets_key(r, tenant, &parsed) != SC_OK)
    {
        return SC_ERROR;
    }

    wait = calloc(1, sizeof(ruleset_wait_t));
    if (wait == NULL) {
        return SC_ERROR;
    }

    load = ruleset_load_find(r);

    if (load == NULL) {
        load = ruleset_load_create(r);
    }

    if (load == NULL) {
        free(wait);
        return SC_ERROR;
    }

    wait->done = done;
    wait->data = data;
    DL_APPEND(load->waits, wait);

    return SC_OK;
}


static ruleset_load_t *
ruleset_load_find(rulesets_t *r)
{
    ruleset_load_t  *load;

    DL_FOREACH(r->loads, load) {
        if (load->key_len == r->key.len
            && memcmp(load->key, r->key.data, r->key.len) == 0)
        {
            break;
        }
    }

    return load;
}


static ruleset_load_t *
ruleset_load_create(rulesets_t *r)
{
    sc_str_t         ref;
    ruleset_load_t  *load;

    load = calloc(1, sizeof(ruleset_load_t) + r->key.len + 1);
    if (load == NULL) {
        return NULL;
    }

    memcpy(load->key, r->key.data, r->key.len);
    load->key_len = r->key.len;
    load->rulesets = r;

    /* its own copy of what was asked for */
    load->tenant.data = load->key;
    load->tenant.len = strlen(load->key);
    ref.data = load->key + load->tenant.len + 1;
    ref.len = load->key_len - load->tenant.len - 1;
    (void) rulesets_ref_parse(ref, &load->ref);

    DL_APPEND(r->loads, load);

    if (ruleset_load_begin(load) != SC_OK) {
        rulesets_load_free(load);
        return NULL;
    }

    return load;
}


static int
ruleset_load_begin(ruleset_load_t *load)
{
    rulesets_t  *r = load->rulesets;

    load->stale = 0;

    if (load->ref.hash.len > 0) {
        return store_ruleset_get(r->store, load->tenant, load->ref.hash,
                                 ruleset_load_hash, load);
    }

    return store_doc_get(r->store, RULESETS_KIND, load->tenant,
                         load->ref.name, ruleset_load_head, load);
}


static void
ruleset_load_hash(void *data, store_status_t status, sc_str_t json)
{
    ruleset_load_t  *load = data;

    switch (status) {

    case STORE_OK:
        memcpy(load->head.hash, load->ref.hash.data, SC_RULES_HASH_LEN);
        ruleset_load_found(load, json);
        break;

    case STORE_NOT_FOUND:
        ruleset_load_none(load);
        break;

    default:
        ruleset_load_end(load, status);
    }
}


static void
ruleset_load_head(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    ruleset_load_t  *load = data;

    if (status == STORE_NOT_FOUND) {
        ruleset_load_none(load);
        return;
    }

    if (status != STORE_OK) {
        ruleset_load_end(load, status);
        return;
    }

    if (n == 0 || ruleset_doc_head(&docs[0], &load->head) != SC_OK) {
        ruleset_load_broken(load);
        return;
    }

    if (load->ref.version > load->head.version) {
        ruleset_load_none(load);
        return;
    }

    if (load->ref.version > 0) {
        load->head.version = load->ref.version;
    }

    if (ruleset_load_next(load) != SC_OK) {
        ruleset_load_end(load, STORE_FAILED);
    }
}


static int
ruleset_load_next(ruleset_load_t *load)
{
    char         name[RULESETS_DOC_NAME];
    rulesets_t  *r = load->rulesets;

    return store_doc_get(r->store, RULESETS_VERSION, load->tenant,
                         ruleset_doc_name(name, load->ref.name,
                                          load->head.version),
                         ruleset_load_version, load);
}


static void
ruleset_load_version(void *data, store_status_t status,
    const store_doc_t *docs, size_t n)
{
    int64_t          version;
    sc_str_t         json;
    ruleset_load_t  *load = data;

    version = load->head.version;

    /* it may have been deleted since its name was read */
    if (load->stale) {
        ruleset_load_none(load);

    } else if (status != STORE_OK && status != STORE_NOT_FOUND) {
        ruleset_load_end(load, status);

    } else if (status != STORE_OK || n == 0
               || ruleset_doc_version(&docs[0], &load->head, &json) != SC_OK)
    {
        ruleset_load_broken(load);

    } else {
        load->head.version = version;
        ruleset_load_found(load, json);
    }
}


static void
ruleset_load_none(ruleset_load_t *load)
{
    sc_str_t  json = sc_null_string;

    ruleset_load_found(load, json);
}


/* What was read while the name was changed is read again. */
static void
ruleset_load_found(ruleset_load_t *load, sc_str_t json)
{
    sc_str_t  key = { load->key_len, load->key };

    if (load->stale) {
        if (ruleset_load_begin(load) != SC_OK) {
            ruleset_load_end(load, STORE_FAILED);
        }

        return;
    }

    if (rulesets_keep(load->rulesets, key, &load->head, json) != SC_OK) {
        ruleset_load_end(load, STORE_FAILED);
        return;
    }

    ruleset_load_end(load, STORE_OK);
}


static void
ruleset_load_broken(ruleset_load_t *load)
{
    log_error("rule set \"%.*s\" in the store cannot be read",
              (int) load->ref.name.len, load->ref.name.data);
    ruleset_load_end(load, STORE_FAILED);
}


static void
ruleset_load_end(ruleset_load_t *load, store_status_t status)
{
    void               *data;
    ruleset_wait_t     *wait;
    ruleset_loaded_pt   done;

    /* who asks from a callback joins no load that has ended */
    load->key_len = 0;

    while ((wait = load->waits) != NULL) {
        done = wait->done;
        data = wait->data;
        DL_DELETE(load->waits, wait);
        free(wait);
        done(data, status);
    }

    rulesets_load_free(load);
}


void
rulesets_load_forget(ruleset_load_t *load, const void *data)
{
    ruleset_wait_t  *wait, *next;

    DL_FOREACH_SAFE(load->waits, wait, next) {
        if (wait->data == data) {
            DL_DELETE(load->waits, wait);
            free(wait);
        }
    }
}


void
rulesets_load_free(ruleset_load_t *load)
{
    rulesets_t      *r = load->rulesets;
    ruleset_wait_t  *wait, *next;

    DL_FOREACH_SAFE(load->waits, wait, next) {
        DL_DELETE(load->waits, wait);
        free(wait);
    }

    store_forget(r->store, load);
    DL_DELETE(r->loads, load);
    free(load);
}
