
#include <string.h>

#include "sidecar/core/log.h"
#include "sidecar/hosts/hosts_internal.h"


#define HOSTS_KIND     "host"

#define HOSTS_PAGE     1000             /* read or written in one round */
#define HOSTS_FLUSH    (200 * LOOP_MS)  /* from the first change */
#define HOSTS_MORE     (10 * LOOP_MS)   /* from round to round */


static int hosts_keep_wanted(const hosts_t *h, const hosts_entry_t *entry);
static void hosts_keep_schedule(hosts_t *h, int64_t delay);
static int hosts_keep_write(hosts_t *h, hosts_entry_t *entry);
static int hosts_keep_put(hosts_t *h, hosts_entry_t *entry);
static void hosts_keep_told(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static int hosts_keep_restore(hosts_t *h, const store_doc_t *doc,
    const char *name);


static const sc_str_t  hosts_nobody = sc_null_string;


void
hosts_keep_changed(hosts_t *h, hosts_entry_t *entry)
{
    if (entry->host.dirty
        || (!entry->written && !hosts_keep_wanted(h, entry)))
    {
        return;
    }

    entry->host.dirty = 1;
    entry->next_dirty = NULL;
    *h->dirty_end = entry;
    h->dirty_end = &entry->next_dirty;

    if (!h->flushing) {
        hosts_keep_schedule(h, HOSTS_FLUSH);
    }
}


static int
hosts_keep_wanted(const hosts_t *h, const hosts_entry_t *entry)
{
    return entry->host.custom
           || host_is_special(&entry->host.state, loop_now(h->loop));
}


/* Without memory for it, the next change tries again. */
static void
hosts_keep_schedule(hosts_t *h, int64_t delay)
{
    h->flushing = loop_timer_set(h->loop, &h->flush, delay) == SC_OK;
}


void
hosts_keep_timer(loop_timer_t *timer)
{
    int       rc;
    hosts_t  *h = timer->data;

    h->flushing = 0;
    rc = hosts_keep_flush(h, HOSTS_PAGE);

    if (h->dirty != NULL) {
        hosts_keep_schedule(h, rc == SC_OK ? HOSTS_MORE : HOSTS_FLUSH);
    }
}


int
hosts_keep_flush(hosts_t *h, size_t limit)
{
    hosts_entry_t  *entry;

    for ( /* void */ ; h->dirty != NULL && limit > 0; limit--) {
        entry = h->dirty;

        if (hosts_keep_write(h, entry) != SC_OK) {
            log_error("no memory to keep the state of host \"%s\"",
                      entry->host.name);
            return SC_ERROR;
        }

        h->dirty = entry->next_dirty;

        if (h->dirty == NULL) {
            h->dirty_end = &h->dirty;
        }

        entry->host.dirty = 0;
        hosts_settle(h, entry);
    }

    return SC_OK;
}


static int
hosts_keep_write(hosts_t *h, hosts_entry_t *entry)
{
    if (hosts_keep_wanted(h, entry)) {
        return hosts_keep_put(h, entry);
    }

    return entry->written ? hosts_keep_delete(h, entry) : SC_OK;
}


static int
hosts_keep_put(hosts_t *h, hosts_entry_t *entry)
{
    int          rc;
    sc_buf_t     body;
    store_doc_t  doc = { .kind = sc_string(HOSTS_KIND) };

    sc_buf_init(&body, 0);
    doc.at = id_now_ms();
    rc = hosts_json_write(&entry->host, loop_now(h->loop), doc.at, &body);

    if (rc == SC_OK) {
        doc.name.data = entry->host.name;
        doc.name.len = strlen(entry->host.name);
        doc.body.data = body.data;
        doc.body.len = body.len;
        rc = store_doc_put(h->store, &doc, NULL, NULL);
    }

    if (rc == SC_OK) {
        entry->written = 1;
    }

    sc_buf_free(&body);

    return rc;
}


int
hosts_keep_delete(hosts_t *h, hosts_entry_t *entry)
{
    int       rc;
    sc_str_t  name;

    name.data = entry->host.name;
    name.len = strlen(entry->host.name);
    rc = store_doc_del(h->store, HOSTS_KIND, hosts_nobody, name, NULL, NULL);

    if (rc == SC_OK) {
        entry->written = 0;
    }

    return rc;
}


int
hosts_keep_read(hosts_t *h)
{
    sc_str_t  after;

    after.data = h->after;
    after.len = strlen(h->after);

    return store_docs_list(h->store, HOSTS_KIND, hosts_nobody, after,
                           HOSTS_PAGE, hosts_keep_told, h);
}


/* What cannot be read is lost, not the work of all hosts. */
static void
hosts_keep_told(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    int       more;
    char      name[HOSTS_NAME_SIZE];
    size_t    i;
    hosts_t  *h = data;

    more = 0;

    for (i = 0; i < n; i++) {
        if (docs[i].name.len >= sizeof(name)) {
            continue;
        }

        memset(name, 0, sizeof(name));
        memcpy(name, docs[i].name.data, docs[i].name.len);

        if (hosts_keep_restore(h, &docs[i], name) != SC_OK) {
            log_warn("the state kept of host \"%s\" cannot be read", name);
        }

        if (strcmp(name, h->after) > 0) {
            memcpy(h->after, name, sizeof(name));
            more = n == HOSTS_PAGE;
        }
    }

    if (more && hosts_keep_read(h) == SC_OK) {
        return;
    }

    if (more || status != STORE_OK) {
        log_error("the state kept of hosts cannot be read");
    }

    h->ready(h->data);
}


static int
hosts_keep_restore(hosts_t *h, const store_doc_t *doc, const char *name)
{
    int             rc;
    host_state_t   *state;
    hosts_entry_t  *entry;

    entry = hosts_name_valid(name) ? hosts_entry(h, name) : NULL;
    if (entry == NULL) {
        return SC_ERROR;
    }

    rc = SC_OK;
    state = &entry->host.state;

    /* what was changed since the start is newer */
    if (!entry->host.dirty && state->begun == 0) {
        rc = hosts_json_read(&entry->host, doc->body, doc->at,
                             loop_now(h->loop), id_now_ms());
    }

    if (rc == SC_OK) {
        entry->written = 1;
        hosts_grace(h, state, host_delay(state));
    }

    hosts_settle(h, entry);

    return rc;
}
