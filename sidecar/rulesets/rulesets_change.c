
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/id.h"
#include "sidecar/core/log.h"
#include "sidecar/rulesets/rulesets_internal.h"


static ruleset_op_t *ruleset_op(rulesets_t *r, sc_str_t tenant,
    sc_str_t name, sc_str_t json);
static int ruleset_op_add(ruleset_op_t *op);
static ruleset_op_t *ruleset_op_same(ruleset_op_t *from,
    const ruleset_op_t *op);
static int ruleset_op_begin(ruleset_op_t *op);
static void ruleset_op_failed(loop_task_t *task);
static void ruleset_op_read(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static int ruleset_op_judge(ruleset_op_t *op);
static void ruleset_op_put(ruleset_op_t *op);
static int ruleset_op_count(ruleset_op_t *op);
static void ruleset_op_counted(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static ruleset_count_t *ruleset_count(rulesets_t *r, sc_str_t tenant);
static int ruleset_count_add(rulesets_t *r, sc_str_t tenant, size_t n);
static void ruleset_op_write(ruleset_op_t *op);
static int ruleset_op_docs(ruleset_op_t *op, const ruleset_head_t *head);
static void ruleset_op_written(void *data, store_status_t status);
static void ruleset_op_erased(void *data, store_status_t status);
static void ruleset_op_end(ruleset_op_t *op, store_status_t status,
    ruleset_outcome_t outcome);


int
rulesets_put(rulesets_t *r, sc_str_t tenant, sc_str_t name, sc_str_t json,
    const char *hash, ruleset_may_pt may, ruleset_changed_pt done, void *data)
{
    ruleset_op_t  *op;

    op = ruleset_op(r, tenant, name, json);
    if (op == NULL) {
        return SC_ERROR;
    }

    memcpy(op->hash, hash, SC_RULES_HASH_LEN);
    op->may = may;
    op->done = done;
    op->data = data;

    return ruleset_op_add(op);
}


int
rulesets_delete(rulesets_t *r, sc_str_t tenant, sc_str_t name,
    ruleset_may_pt may, ruleset_changed_pt done, void *data)
{
    sc_str_t       json = sc_null_string;
    ruleset_op_t  *op;

    op = ruleset_op(r, tenant, name, json);
    if (op == NULL) {
        return SC_ERROR;
    }

    op->deletes = 1;
    op->may = may;
    op->done = done;
    op->data = data;

    return ruleset_op_add(op);
}


static ruleset_op_t *
ruleset_op(rulesets_t *r, sc_str_t tenant, sc_str_t name, sc_str_t json)
{
    char          *p;
    ruleset_op_t  *op;

    op = calloc(1, sizeof(ruleset_op_t) + tenant.len + name.len + json.len
                   + 3);
    if (op == NULL) {
        return NULL;
    }

    p = op->text;

    if (tenant.len > 0) {
        memcpy(p, tenant.data, tenant.len);
    }

    op->tenant.data = p;
    op->tenant.len = tenant.len;
    p += tenant.len + 1;

    memcpy(p, name.data, name.len);
    op->name.data = p;
    op->name.len = name.len;
    p += name.len + 1;

    if (json.len > 0) {
        memcpy(p, json.data, json.len);
    }

    op->json.data = p;
    op->json.len = json.len;
    op->rulesets = r;
    op->task.handler = ruleset_op_failed;
    op->task.data = op;

    return op;
}


/* It waits when the name is being changed already. */
static int
ruleset_op_add(ruleset_op_t *op)
{
    int          waits;
    rulesets_t  *r = op->rulesets;

    waits = (ruleset_op_same(r->ops, op) != NULL);
    DL_APPEND(r->ops, op);

    if (waits || ruleset_op_begin(op) == SC_OK) {
        return SC_OK;
    }

    rulesets_op_free(op);

    return SC_ERROR;
}


static ruleset_op_t *
ruleset_op_same(ruleset_op_t *from, const ruleset_op_t *op)
{
    ruleset_op_t  *other;

    for (other = from; other != NULL; other = other->next) {
        if (other != op && other->tenant.len == op->tenant.len
            && other->name.len == op->name.len
            && memcmp(other->text, op->text, op->tenant.len + 1
                                             + op->name.len)
               == 0)
        {
            break;
        }
    }

    return other;
}


static int
ruleset_op_begin(ruleset_op_t *op)
{
    return store_doc_get(op->rulesets->store, RULESETS_KIND, op->tenant,
                         op->name, ruleset_op_read, op);
}


/* It waited, and memory is out now that it could begin. */
static void
ruleset_op_failed(loop_task_t *task)
{
    ruleset_op_end(task->data, STORE_FAILED, RULESET_NONE);
}


static void
ruleset_op_read(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    ruleset_op_t  *op = data;

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        ruleset_op_end(op, status, RULESET_NONE);
        return;
    }

    if (status == STORE_OK
        && (n == 0 || ruleset_doc_head(&docs[0], &op->head) != SC_OK))
    {
        log_error("rule set \"%.*s\" in the store cannot be read",
                  (int) op->name.len, op->name.data);
        ruleset_op_end(op, STORE_FAILED, RULESET_NONE);
        return;
    }

    if (op->deletes && op->head.version == 0) {
        ruleset_op_end(op, STORE_OK, RULESET_NONE);
        return;
    }

    if (!ruleset_op_judge(op)) {
        ruleset_op_end(op, STORE_OK, RULESET_REFUSED);
        return;
    }

    if (!op->deletes) {
        ruleset_op_put(op);

    } else if (store_doc_del(op->rulesets->store, RULESETS_KIND, op->tenant,
                             op->name, ruleset_op_erased, op)
               != SC_OK)
    {
        ruleset_op_end(op, STORE_FAILED, RULESET_NONE);
    }
}


/* What nobody waits for any more is not begun. */
static int
ruleset_op_judge(ruleset_op_t *op)
{
    if (op->forgotten) {
        return 0;
    }

    return op->may == NULL
           || op->may(op->data, op->head.version > 0 ? op->head.hash : NULL);
}


static void
ruleset_op_put(ruleset_op_t *op)
{
    if (op->head.version > 0
        && memcmp(op->head.hash, op->hash, SC_RULES_HASH_LEN) == 0)
    {
        op->at = op->head.at;
        ruleset_op_end(op, STORE_OK, RULESET_SAME);
        return;
    }

    if (op->head.version >= RULESETS_MAX_VERSIONS) {
        ruleset_op_end(op, STORE_OK, RULESET_FULL);
        return;
    }

    if (op->head.version > 0 || ruleset_count(op->rulesets, op->tenant)) {
        ruleset_op_write(op);
        return;
    }

    if (ruleset_op_count(op) != SC_OK) {
        ruleset_op_end(op, STORE_FAILED, RULESET_NONE);
    }
}


static int
ruleset_op_count(ruleset_op_t *op)
{
    sc_str_t  first = sc_null_string;

    return store_docs_list(op->rulesets->store, RULESETS_KIND, op->tenant,
                           first, RULESETS_MAX_NAMES, ruleset_op_counted, op);
}


static void
ruleset_op_counted(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    ruleset_op_t  *op = data;

    (void) docs;

    if (status != STORE_OK) {
        ruleset_op_end(op, status, RULESET_NONE);

    } else if (ruleset_count(op->rulesets, op->tenant) == NULL
               && ruleset_count_add(op->rulesets, op->tenant, n) != SC_OK)
    {
        ruleset_op_end(op, STORE_FAILED, RULESET_NONE);

    } else {
        ruleset_op_write(op);
    }
}


static ruleset_count_t *
ruleset_count(rulesets_t *r, sc_str_t tenant)
{
    ruleset_count_t  *count;

    HASH_FIND(hh, r->counts, tenant.data, tenant.len, count);

    return count;
}


static int
ruleset_count_add(rulesets_t *r, sc_str_t tenant, size_t n)
{
    ruleset_count_t  *count, *oldest;

    count = calloc(1, sizeof(ruleset_count_t) + tenant.len + 1);
    if (count == NULL) {
        return SC_ERROR;
    }

    memcpy(count->tenant, tenant.data, tenant.len);
    count->names = n;
    HASH_ADD(hh, r->counts, tenant, tenant.len, count);

    if (count->hh.tbl == NULL) {
        free(count);
        return SC_ERROR;
    }

    if (HASH_COUNT(r->counts) > RULESETS_COUNTED) {
        oldest = r->counts;
        HASH_DEL(r->counts, oldest);
        free(oldest);
    }

    return SC_OK;
}


static void
ruleset_op_write(ruleset_op_t *op)
{
    ruleset_head_t    head;
    ruleset_count_t  *count;

    count = ruleset_count(op->rulesets, op->tenant);

    if (op->head.version == 0 && count != NULL
        && count->names >= RULESETS_MAX_NAMES)
    {
        ruleset_op_end(op, STORE_OK, RULESET_TENANT_FULL);
        return;
    }

    op->at = id_now_ms();
    head.version = op->head.version + 1;
    head.at = op->at;
    memcpy(head.hash, op->hash, sizeof(head.hash));

    if (ruleset_op_docs(op, &head) != SC_OK) {
        ruleset_op_end(op, STORE_FAILED, RULESET_NONE);
    }
}


/* By its hash first: who sees the name may use that. */
static int
ruleset_op_docs(ruleset_op_t *op, const ruleset_head_t *head)
{
    int           rc;
    char          name[RULESETS_DOC_NAME];
    sc_buf_t      body, version;
    store_t      *store = op->rulesets->store;
    sc_str_t      hash = { SC_RULES_HASH_LEN, op->hash };
    store_doc_t   docs[2] = {
        { .kind = sc_string(RULESETS_VERSION), .tenant = op->tenant,
          .at = op->at },
        { .kind = sc_string(RULESETS_KIND), .tenant = op->tenant,
          .name = op->name, .at = op->at }
    };

    sc_buf_init(&body, 0);
    sc_buf_init(&version, 0);
    rc = ruleset_doc_write_version(&version, head, op->json);

    if (rc == SC_OK) {
        rc = ruleset_doc_write_head(&body, head);
    }

    if (rc == SC_OK) {
        docs[0].name = ruleset_doc_name(name, op->name, head->version);
        docs[0].body.data = version.data;
        docs[0].body.len = version.len;
        docs[1].body.data = body.data;
        docs[1].body.len = body.len;
        rc = store_ruleset_put(store, op->tenant, hash, op->json, NULL, NULL);
    }

    if (rc == SC_OK) {
        rc = store_docs_put(store, docs, 2, ruleset_op_written, op);
    }

    sc_buf_free(&body);
    sc_buf_free(&version);

    return rc;
}


static void
ruleset_op_written(void *data, store_status_t status)
{
    ruleset_op_t       *op = data;
    ruleset_count_t    *count;
    ruleset_outcome_t   outcome;

    rulesets_drop(op->rulesets, op->tenant, op->name);
    count = ruleset_count(op->rulesets, op->tenant);
    outcome = RULESET_CHANGED;

    if (status == STORE_OK && op->head.version == 0) {
        outcome = RULESET_CREATED;

        if (count != NULL) {
            count->names++;
        }
    }

    if (status == STORE_OK) {
        op->head.version++;
        memcpy(op->head.hash, op->hash, sizeof(op->head.hash));
    }

    ruleset_op_end(op, status, outcome);
}


/* The versions are out of reach already; they make room. */
static void
ruleset_op_erased(void *data, store_status_t status)
{
    char              name[RULESETS_DOC_NAME];
    int64_t           i;
    ruleset_op_t     *op = data;
    ruleset_count_t  *count;

    rulesets_drop(op->rulesets, op->tenant, op->name);
    count = ruleset_count(op->rulesets, op->tenant);

    if (status == STORE_OK && count != NULL && count->names > 0) {
        count->names--;
    }

    for (i = 1; status == STORE_OK && i <= op->head.version; i++) {
        (void) store_doc_del(op->rulesets->store, RULESETS_VERSION,
                             op->tenant,
                             ruleset_doc_name(name, op->name, i), NULL,
                             NULL);
    }

    ruleset_op_end(op, status, RULESET_DELETED);
}


static void
ruleset_op_end(ruleset_op_t *op, store_status_t status,
    ruleset_outcome_t outcome)
{
    ruleset_op_t      *next;
    ruleset_change_t   change;

    next = ruleset_op_same(op->next, op);

    if (next != NULL && ruleset_op_begin(next) != SC_OK) {
        loop_defer(op->rulesets->loop, &next->task);
    }

    /* one that is asked for from the callback does not wait for this one */
    DL_DELETE(op->rulesets->ops, op);

    change.outcome = outcome;
    change.hash = op->head.hash;
    change.version = op->head.version;
    change.at = op->at;

    if (!op->forgotten) {
        op->done(op->data, status, status == STORE_OK ? &change : NULL);
    }

    free(op);
}


void
rulesets_op_free(ruleset_op_t *op)
{
    store_forget(op->rulesets->store, op);
    loop_undefer(&op->task);
    DL_DELETE(op->rulesets->ops, op);
    free(op);
}
