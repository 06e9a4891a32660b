
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/core/log.h"
#include "sidecar/schedule/schedules_internal.h"


static void schedules_loaded(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static int schedule_load(schedules_t *s, const store_doc_t *doc);
static int schedule_restore(schedule_t *schedule, sc_str_t body);
static int schedule_tenant(sc_buf_t *tenant, sc_str_t key);
static void schedules_settled(schedules_t *s);


void
schedules_load(schedules_t *s)
{
    sc_str_t  after = { s->after.len, s->after.data };

    if (store_docs_list(s->store, SCHEDULES_KIND, (sc_str_t) sc_null_string,
                        after, SCHEDULES_PAGE, schedules_loaded, s)
        != SC_OK)
    {
        (void) loop_timer_set(s->loop, &s->load, SCHEDULES_RETRY);
    }
}


static void
schedules_loaded(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    size_t        i;
    schedules_t  *s = data;

    for (i = 0; i < n && status == STORE_OK; i++) {
        if (schedule_load(s, &docs[i]) != SC_OK) {
            status = STORE_FAILED;
            break;
        }

        sc_buf_reset(&s->after);

        if (sc_buf_add_str(&s->after, docs[i].name) != SC_OK) {
            status = STORE_FAILED;
        }
    }

    if (status != STORE_OK) {
        log_error("the schedules could not be read, they are tried again");
        (void) loop_timer_set(s->loop, &s->load, SCHEDULES_RETRY);

    } else if (n == SCHEDULES_PAGE) {
        schedules_load(s);

    } else {
        schedules_settled(s);
    }

    schedules_look(s);
}


/* SC_ERROR when memory is out; what cannot be read is left alone. */
static int
schedule_load(schedules_t *s, const store_doc_t *doc)
{
    int          rc;
    sc_str_t     tenant;
    schedule_t  *schedule;

    sc_buf_reset(&s->key);
    rc = schedule_tenant(&s->key, doc->name);

    /* one that is known was put or deleted since the list was asked for */
    if (rc == SC_OK && schedule_find(s, doc->name) != NULL) {
        return SC_OK;
    }

    if (rc == SC_OK) {
        tenant.data = s->key.data;
        tenant.len = s->key.len;
        schedule = schedule_make(s, doc->name, tenant);
        rc = schedule != NULL ? schedule_restore(schedule, doc->body)
                              : SC_ERROR;
    }

    if (rc == SC_DECLINED) {
        log_error("schedule \"%.*s\" in the store cannot be read",
                  (int) doc->name.len, doc->name.data);
        rc = SC_OK;
    }

    return rc;
}


static int
schedule_restore(schedule_t *schedule, sc_str_t body)
{
    int  rc;

    rc = schedule_doc_read(&schedule->doc, body);
    schedule->set = rc == SC_OK;

    if (rc == SC_OK) {
        schedule_changed(schedule);

    } else {
        schedule_free(schedule);
    }

    return rc;
}


/* What stands before the name, as it was. */
static int
schedule_tenant(sc_buf_t *tenant, sc_str_t key)
{
    char         hex[3], byte;
    sc_str_t     name;
    const char  *p, *slash;

    slash = memchr(key.data, '/', key.len);
    if (slash == NULL) {
        return SC_DECLINED;
    }

    name.data = slash + 1;
    name.len = key.len - (size_t) (name.data - key.data);

    for (p = key.data; p < slash; p++) {
        byte = *p;

        if (byte == '%') {
            if (slash - p < 3) {
                return SC_DECLINED;
            }

            memcpy(hex, p + 1, 2);
            hex[2] = '\0';
            byte = (char) strtol(hex, NULL, 16);
            p += 2;
        }

        (void) sc_buf_add(tenant, &byte, 1);
    }

    (void) sc_buf_add_cstr(tenant, "");

    return !schedules_name_ok(name) ? SC_DECLINED
           : tenant->failed ? SC_ERROR : SC_OK;
}


static void
schedules_settled(schedules_t *s)
{
    schedule_t  *schedule, *next;

    s->loading = 0;
    sc_buf_free(&s->after);

    HASH_ITER(hh, s->table, schedule, next) {
        schedule_settle(schedule);
    }
}


int
schedules_key(sc_buf_t *key, sc_str_t tenant, sc_str_t name)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < tenant.len; i++) {
        c = (unsigned char) tenant.data[i];

        if (isalnum(c) || (c != '\0' && strchr("-_.", c) != NULL)) {
            (void) sc_buf_add(key, &c, 1);

        } else {
            (void) sc_buf_printf(key, "%%%02X", c);
        }
    }

    (void) sc_buf_add_cstr(key, "/");

    return sc_buf_add_str(key, name);
}


int
schedules_get(schedules_t *s, sc_str_t tenant, sc_str_t name,
    store_docs_pt done, void *data)
{
    sc_str_t  key;

    sc_buf_reset(&s->key);

    if (schedules_key(&s->key, tenant, name) != SC_OK) {
        return SC_ERROR;
    }

    key.data = s->key.data;
    key.len = s->key.len;

    return store_doc_get(s->store, SCHEDULES_KIND, (sc_str_t) sc_null_string,
                         key, done, data);
}


int
schedules_list(schedules_t *s, sc_str_t tenant, sc_str_t after, size_t limit,
    store_docs_pt done, void *data)
{
    sc_str_t  key;

    sc_buf_reset(&s->key);

    if (schedules_key(&s->key, tenant, after) != SC_OK) {
        return SC_ERROR;
    }

    key.data = s->key.data;
    key.len = s->key.len;

    return store_docs_list(s->store, SCHEDULES_KIND,
                           (sc_str_t) sc_null_string, key, limit, done, data);
}


const char *
schedules_doc_name(const store_doc_t *doc, sc_str_t tenant, char *name)
{
    size_t    len;
    sc_buf_t  key;

    sc_buf_init(&key, 0);
    (void) schedules_key(&key, tenant, (sc_str_t) sc_null_string);
    len = doc->name.len - key.len;

    if (key.failed || doc->name.len <= key.len || len > SCHEDULES_MAX_NAME
        || memcmp(doc->name.data, key.data, key.len) != 0)
    {
        sc_buf_free(&key);
        return NULL;
    }

    memcpy(name, doc->name.data + key.len, len);
    name[len] = '\0';
    sc_buf_free(&key);

    return name;
}
