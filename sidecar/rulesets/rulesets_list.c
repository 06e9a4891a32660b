
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/rulesets/rulesets_internal.h"


static ruleset_list_t *ruleset_list_create(rulesets_t *r, sc_str_t tenant,
    sc_str_t name);
static void ruleset_list_head(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void ruleset_list_read(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static int ruleset_list_item(const ruleset_list_t *list,
    const store_doc_t *doc, ruleset_item_t *item);
static void ruleset_list_tell(ruleset_list_t *list, store_status_t status,
    const store_doc_t *docs, size_t n);


int
rulesets_list(rulesets_t *r, sc_str_t tenant, sc_str_t after, size_t limit,
    ruleset_listed_pt done, void *data)
{
    sc_str_t         name = sc_null_string;
    ruleset_list_t  *list;

    list = ruleset_list_create(r, tenant, name);
    if (list == NULL) {
        return SC_ERROR;
    }

    list->done = done;
    list->data = data;

    if (store_docs_list(r->store, RULESETS_KIND, list->tenant, after, limit,
                        ruleset_list_read, list)
        != SC_OK)
    {
        rulesets_list_free(list);
        return SC_ERROR;
    }

    return SC_OK;
}


int
rulesets_versions(rulesets_t *r, sc_str_t tenant, sc_str_t name,
    int64_t after, size_t limit, ruleset_listed_pt done, void *data)
{
    ruleset_list_t  *list;

    list = ruleset_list_create(r, tenant, name);
    if (list == NULL) {
        return SC_ERROR;
    }

    list->done = done;
    list->data = data;
    list->after = after;
    list->limit = limit;

    if (store_doc_get(r->store, RULESETS_KIND, list->tenant, list->name,
                      ruleset_list_head, list)
        != SC_OK)
    {
        rulesets_list_free(list);
        return SC_ERROR;
    }

    return SC_OK;
}


static ruleset_list_t *
ruleset_list_create(rulesets_t *r, sc_str_t tenant, sc_str_t name)
{
    char            *p;
    ruleset_list_t  *list;

    list = calloc(1, sizeof(ruleset_list_t) + tenant.len + name.len + 2);
    if (list == NULL) {
        return NULL;
    }

    p = list->text;
    list->tenant.data = p;
    list->tenant.len = tenant.len;

    if (tenant.len > 0) {
        memcpy(p, tenant.data, tenant.len);
    }

    p += tenant.len + 1;
    list->name.data = p;
    list->name.len = name.len;

    if (name.len > 0) {
        memcpy(p, name.data, name.len);
    }

    list->rulesets = r;
    DL_APPEND(r->lists, list);

    return list;
}


static void
ruleset_list_head(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    char             name[RULESETS_DOC_NAME];
    ruleset_head_t   head;
    ruleset_list_t  *list = data;
    rulesets_t      *r = list->rulesets;

    if (status == STORE_NOT_FOUND) {
        ruleset_list_tell(list, STORE_OK, NULL, 0);
        return;
    }

    if (status == STORE_OK
        && (n == 0 || ruleset_doc_head(&docs[0], &head) != SC_OK))
    {
        status = STORE_FAILED;
    }

    if (status != STORE_OK) {
        ruleset_list_tell(list, status, NULL, 0);
        return;
    }

    list->last = head.version;

    if (store_docs_list(r->store, RULESETS_VERSION, list->tenant,
                        ruleset_doc_name(name, list->name, list->after),
                        list->limit, ruleset_list_read, list)
        != SC_OK)
    {
        ruleset_list_tell(list, STORE_FAILED, NULL, 0);
    }
}


static void
ruleset_list_read(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    ruleset_list_tell(data, status, docs, n);
}


/* SC_DECLINED: it is not of this list; SC_ERROR: memory is out. */
static int
ruleset_list_item(const ruleset_list_t *list, const store_doc_t *doc,
    ruleset_item_t *item)
{
    int             rc;
    sc_str_t        json, none = sc_null_string;
    ruleset_head_t  head;

    rc = list->name.len == 0 ? ruleset_doc_head(doc, &head)
                             : ruleset_doc_version(doc, &head, &json);

    if (rc != SC_OK) {
        return rc;
    }

    if (list->name.len != 0) {
        head.version = ruleset_doc_number(doc->name, list->name);

        if (head.version == 0 || head.version > list->last) {
            return SC_DECLINED;
        }
    }

    item->name = list->name.len == 0 ? doc->name : none;
    item->version = head.version;
    item->at = head.at;
    memcpy(item->hash, head.hash, sizeof(item->hash));

    return SC_OK;
}


static void
ruleset_list_tell(ruleset_list_t *list, store_status_t status,
    const store_doc_t *docs, size_t n)
{
    int                 rc;
    void               *data = list->data;
    size_t              i, count;
    ruleset_item_t     *items;
    ruleset_listed_pt   done = list->done;

    items = calloc(n + 1, sizeof(ruleset_item_t));

    if (items == NULL) {
        status = STORE_FAILED;
    }

    count = 0;

    for (i = 0; status == STORE_OK && i < n; i++) {
        rc = ruleset_list_item(list, &docs[i], &items[count]);

        if (rc == SC_OK) {
            count++;

        } else if (rc == SC_ERROR) {
            status = STORE_FAILED;
            count = 0;
        }
    }

    rulesets_list_free(list);
    done(data, status, items, count);
    free(items);
}


void
rulesets_list_free(ruleset_list_t *list)
{
    store_forget(list->rulesets->store, list);
    DL_DELETE(list->rulesets->lists, list);
    free(list);
}
