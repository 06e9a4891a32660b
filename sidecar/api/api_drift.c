
#include <string.h>

#include "sidecar/api/api_internal.h"


#define API_DRIFT_NAME  256     /* bytes */


static void api_drift_read(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void api_drift_none(api_call_t *c);


void
api_drift_get(api_call_t *c)
{
    int       rc;
    char      name[3 * API_DRIFT_NAME + 1];
    sc_str_t  text;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    /* "@" and ":" may have come encoded */
    if (c->name.len >= sizeof(name)
        || query_decode(name, c->name.data, c->name.len, 0) != SC_OK)
    {
        api_drift_none(c);
        return;
    }

    text.data = name;
    text.len = strlen(name);

    api_reply_begin(c, API_JSON API_NO_STORE);
    rc = drift_show(c->api->drift, c->tenant, name, &c->api->body);

    if (rc == SC_OK) {
        api_reply_send(c, 200);
        return;
    }

    if (rc == SC_DECLINED
        && store_doc_get(c->api->store, DRIFT_KIND, c->tenant, text,
                         api_drift_read, c)
           == SC_OK)
    {
        c->reading = 1;
        return;
    }

    api_reply_no_memory(c);
}


static void
api_drift_read(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_NOT_FOUND || (status == STORE_OK && n == 0)) {
        api_drift_none(c);
        return;
    }

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_str(&c->api->body, docs[0].body);
    api_reply_send(c, 200);
}


static void
api_drift_none(api_call_t *c)
{
    api_reply_error(c, "/ruleset/unknown",
                    "no page was extracted by a rule set of this name");
}
