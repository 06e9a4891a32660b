
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <utlist.h>

#include "common/sc_json.h"
#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"


static void frontier_end_raw(frontier_job_t *j);
static void frontier_end_head(frontier_job_t *j);
static int frontier_end_found(frontier_job_t *j);
static void frontier_end_taken(frontier_job_t *j);
static void frontier_end_result(frontier_job_t *j);
static sc_str_t frontier_end_host(sc_str_t url);
static void frontier_end_digest(frontier_job_t *j);
static int frontier_end_ask(frontier_job_t *j, store_end_t *end);
static sc_str_t frontier_end_str(const sc_buf_t *b);
static void frontier_end_stored(void *data, store_status_t status,
    const store_ended_t *ended);


void
frontier_hook(frontier_t *f, const frontier_hooks_t *hooks, void *data)
{
    memset(&f->hooks, 0, sizeof(frontier_hooks_t));

    if (hooks != NULL) {
        f->hooks = *hooks;
    }

    f->hooks_data = data;
}


/* Copied, for who gave it may forget it while the page is read. */
void
frontier_end_scope(frontier_job_t *j)
{
    sc_str_t     scope;
    frontier_t  *f = j->frontier;

    sc_buf_reset(&j->scope);

    if (j->row.parent != 0 && f->hooks.scope != NULL) {
        scope = f->hooks.scope(f->hooks_data, &j->row);
        (void) sc_buf_add_str(&j->scope, scope);
    }
}


void
frontier_end_keep(frontier_job_t *j)
{
    const frontier_flight_t  *fl = j->flight;

    sc_buf_reset(&j->final);

    if (fl == NULL) {
        return;
    }

    j->status = fl->page.status;
    j->bytes = fl->page_bytes;
    j->wire = fl->page.bytes_wire;

    if (strcmp(fl->hop.text, j->row.url.data) != 0) {
        (void) sc_buf_add_cstr(&j->final, fl->hop.text);
    }

    if (j->keep_raw && j->row.state == STORE_COMPLETED) {
        frontier_end_raw(j);
    }
}


/* The last one on the flight takes the bytes along. */
static void
frontier_end_raw(frontier_job_t *j)
{
    frontier_flight_t  *fl = j->flight;

    sc_buf_free(&j->raw);
    frontier_end_head(j);

    if (j->next == NULL && fl->jobs == j) {
        j->raw = fl->page.body;
        memset(&fl->page.body, 0, sizeof(sc_buf_t));

    } else {
        sc_buf_init(&j->raw, 0);
        (void) sc_buf_add(&j->raw, fl->page.body.data, fl->page.body.len);
    }
}


static void
frontier_end_head(frontier_job_t *j)
{
    sc_buf_t                 *b = &j->head;
    const frontier_flight_t  *fl = j->flight;

    sc_buf_reset(b);
    (void) sc_buf_printf(b, "{\"status\":%d,\"http\":", fl->page.status);
    (void) sc_json_cstr(b, fl->http);
    (void) sc_buf_add_cstr(b, ",\"headers\":");

    if (fl->headers.len != 0) {
        (void) sc_buf_add(b, fl->headers.data, fl->headers.len);

    } else {
        (void) sc_buf_add_cstr(b, "[]");
    }

    (void) sc_buf_add_cstr(b, ",\"ip\":");
    (void) sc_json_cstr(b, fl->page.ip);
    (void) sc_buf_add_cstr(b, ",\"url\":");
    (void) sc_json_cstr(b, fl->hop.text);
    (void) sc_buf_add_cstr(b, ",\"method\":");
    (void) sc_json_cstr(b, fl->method);
    (void) sc_buf_add_cstr(b, "}");
}


/* All is made anew each time: what is asked for does not last. */
void
frontier_end_store(frontier_job_t *j)
{
    frontier_t   *f = j->frontier;
    store_end_t   end;

    if (frontier_end_found(j) == SC_AGAIN) {
        return;
    }

    memset(&end, 0, sizeof(store_end_t));
    end.job = &j->row;
    end.status = j->status;
    end.error.data = j->problem;
    end.error.len = strlen(j->problem);
    end.bytes = j->bytes;
    end.wire = j->wire;
    end.usage = j->usage;
    end.keep_same = 1;
    end.followed = (f->extracting >= FRONTIER_FOLLOWERS);

    if (j->result.id[0] != '\0') {
        frontier_end_result(j);
        end.result = &j->result;
    }

    if (j->row.state == STORE_COMPLETED && end.result != NULL) {
        frontier_table_give(j);

        if (j->head.len != 0 && !j->head.failed && !j->raw.failed) {
            end.raw = frontier_end_str(&j->raw);
            end.head = frontier_end_str(&j->head);
        }
    }

    if (frontier_end_ask(j, &end) != SC_OK
        || store_end(f->store, &end, frontier_end_stored, j) != SC_OK)
    {
        frontier_put_off(f, j);
    }
}


/* Of one that leads to many pages some are taken: the rest has its turn. */
static int
frontier_end_found(frontier_job_t *j)
{
    size_t       n;
    sc_str_t     found;
    frontier_t  *f = j->frontier;

    found.data = j->found.data + j->taken;
    found.len = j->found.len - j->taken;

    if (found.len <= FRONTIER_FOUND || f->hooks.found == NULL
        || j->row.parent == 0 || j->row.state == STORE_CANCELLED)
    {
        return SC_OK;
    }

    n = f->hooks.found(f->hooks_data, &j->row, found);

    if (n == 0) {
        frontier_put_off(f, j);
        return SC_AGAIN;
    }

    j->given = n;

    if (!j->putting) {
        frontier_end_taken(j);
    }

    return SC_AGAIN;
}


static void
frontier_end_taken(frontier_job_t *j)
{
    frontier_t  *f = j->frontier;

    j->taken += j->given;
    j->given = 0;
    DL_APPEND(f->leading, j);
    loop_defer(f->loop, &f->lead_task);
}


void
frontier_found_wait(frontier_t *f, const char *id)
{
    frontier_job_t  *j;

    HASH_FIND(hh, f->jobs, id, ID_LEN, j);

    if (j != NULL) {
        j->putting = 1;
    }
}


void
frontier_found_put(frontier_t *f, const char *id, int stored)
{
    frontier_job_t  *j;

    HASH_FIND(hh, f->jobs, id, ID_LEN, j);

    if (j == NULL || !j->putting) {
        return;
    }

    j->putting = 0;

    if (stored) {
        frontier_end_taken(j);

    } else {
        j->given = 0;
        frontier_put_off(f, j);
    }
}


void
frontier_end_lead(loop_task_t *task)
{
    frontier_t      *f = task->data;
    frontier_job_t  *j = f->leading;

    DL_DELETE(f->leading, j);

    if (f->leading != NULL) {
        loop_defer(f->loop, task);
    }

    frontier_end_store(j);
}


static void
frontier_end_result(frontier_job_t *j)
{
    store_result_t  *r = &j->result;

    r->host = frontier_end_host(j->row.url);
    r->ruleset.data = j->ruleset != NULL ? j->ruleset : "";
    r->ruleset.len = strlen(r->ruleset.data);
    r->context = j->row.context;
    r->line = j->row.line;
    r->depth = j->row.depth;
    r->gone = (j->status == 404 || j->status == 410);

    if (j->row.parent != 0) {
        memcpy(r->job, j->row.parent_id, ID_SIZE);
    }

    if (r->state == STORE_COMPLETED) {
        frontier_end_digest(j);
    }
}


/* Of a canonical URL. */
static sc_str_t
frontier_end_host(sc_str_t url)
{
    size_t    n;
    sc_str_t  host;

    host.data = strstr(url.data, "://");

    if (host.data == NULL) {
        return (sc_str_t) { 0, "" };
    }

    host.data += sizeof("://") - 1;

    if (host.data[0] == '[') {
        host.data++;
        n = strcspn(host.data, "]");

    } else {
        n = strcspn(host.data, ":/?");
    }

    host.len = n;

    return host;
}


static void
frontier_end_digest(frontier_job_t *j)
{
    size_t          i;
    unsigned        len;
    unsigned char   hash[EVP_MAX_MD_SIZE];
    store_result_t  *r = &j->result;

    static const char  hex[] = "0123456789abcdef";

    if (EVP_Digest(r->data.data, r->data.len, hash, &len,
                   j->frontier->sha256, NULL)
        != 1)
    {
        return;
    }

    for (i = 0; i < len; i++) {
        j->digest[2 * i] = hex[hash[i] >> 4];
        j->digest[2 * i + 1] = hex[hash[i] & 15];
    }

    r->digest.data = j->digest;
    r->digest.len = FRONTIER_DIGEST - 1;
}


static int
frontier_end_ask(frontier_job_t *j, store_end_t *end)
{
    frontier_t       *f = j->frontier;
    frontier_page_t   page;

    if (f->hooks.ending == NULL) {
        return SC_OK;
    }

    memset(&page, 0, sizeof(frontier_page_t));
    page.row = &j->row;
    page.result = end->result;
    page.final = j->final.len != 0 ? j->final.data : j->row.url.data;
    page.status = j->status;
    page.error = j->problem;
    page.webhook.data = j->webhook;
    page.webhook.len = j->webhook != NULL ? strlen(j->webhook) : 0;

    if (j->row.state != STORE_CANCELLED) {
        page.found = frontier_end_str(&j->found);
        page.found.data += j->taken;
        page.found.len -= j->taken;
        page.drift = frontier_end_str(&j->drift);
    }

    return f->hooks.ending(f->hooks_data, &page, end);
}


static sc_str_t
frontier_end_str(const sc_buf_t *b)
{
    return (sc_str_t) { b->len, b->len != 0 ? b->data : "" };
}


static void
frontier_end_stored(void *data, store_status_t status,
    const store_ended_t *ended)
{
    frontier_job_t  *j = data;

    if (status == STORE_OK) {
        j->result.seq = ended->seq;
        j->result.changed = ended->changed;
        memset(&j->usage, 0, sizeof(store_usage_t));
    }

    frontier_ended(j, status, ended);
}


void
frontier_end_tell(frontier_t *f, const store_job_t *row,
    store_status_t status, const store_ended_t *ended)
{
    static const store_ended_t  nothing;

    if (f->hooks.ended != NULL) {
        f->hooks.ended(f->hooks_data, row, status,
                       ended != NULL ? ended : &nothing);
    }
}
