
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api_internal.h"


/*
 * "job-name": the caller's id -> {"id": ours, "hash": of what was put}.  It is
 * made with the job, in one transaction.
 */


static void api_name_found(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);


static const char  api_name_kind[] = "job-name";


int
api_name_check(sc_str_t name)
{
    size_t  i;

    static const char  bytes[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz._~-";

    if (name.len == 0 || name.len > API_NAME_MAX
        || id_valid(name.data, name.len))
    {
        return SC_DECLINED;
    }

    for (i = 0; i < name.len; i++) {
        if (memchr(bytes, name.data[i], sizeof(bytes) - 1) == NULL) {
            return SC_DECLINED;
        }
    }

    return SC_OK;
}


void
api_name_find(api_call_t *c, api_resume_pt resume)
{
    c->resume = resume;

    api_reply_later(c, store_doc_get(c->api->store, api_name_kind, c->tenant,
                                     c->name, api_name_found, c));
}


static void
api_name_found(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    json_t      *json;
    api_call_t  *c = data;
    const char  *id, *hash;

    c->reading = 0;

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        api_reply_store(c, status);
        return;
    }

    json = n > 0 ? sc_json_of(docs[0].body.data, docs[0].body.len, 0, NULL)
                 : NULL;
    id = json_string_value(json_object_get(json, "id"));
    hash = json_string_value(json_object_get(json, "hash"));

    if (id != NULL && id_valid(id, strlen(id))) {
        memcpy(c->id, id, ID_SIZE);
    }

    if (hash != NULL && strlen(hash) == sizeof(c->put_hash) - 1) {
        memcpy(c->put_hash, hash, sizeof(c->put_hash));
    }

    json_decref(json);
    c->resume(c);
}


void
api_name_doc(api_call_t *c, sc_buf_t *text, store_doc_t *doc)
{
    (void) sc_buf_printf(text, "{\"id\":\"%s\",\"hash\":\"%s\"}", c->id,
                         c->put_hash);

    doc->kind.data = api_name_kind;
    doc->kind.len = sizeof(api_name_kind) - 1;
    doc->tenant = c->tenant;
    doc->name.data = c->put_name;
    doc->name.len = strlen(c->put_name);
    doc->body.data = text->data;
    doc->body.len = text->len;
    doc->at = id_now_ms();
}
