
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_list.h"


/* A report: text that is told, JSON or not. */
typedef struct {
    sc_buf_t  text;
    unsigned  plain:1;
} api_report_t;


static int api_report_plain(const char *accept);
static void api_report_free(api_call_t *c);
static void api_report_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_report_head(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_report_read(void *data, store_status_t status,
    const store_tally_t *tallies, size_t n);
static void api_report_json(api_report_t *r, const store_tally_t *tallies,
    size_t n);
static void api_report_lines(api_report_t *r, const store_tally_t *tallies,
    size_t n, const char *title, const char *prefix);


void
api_job_report(api_call_t *c)
{
    api_report_t  *r;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    r = calloc(1, sizeof(api_report_t));
    if (r == NULL) {
        api_reply_no_memory(c);
        return;
    }

    sc_buf_init(&r->text, 0);
    r->plain = api_report_plain(c->request->accept) != 0;
    c->own = r;
    c->own_free = api_report_free;
    api_find(c, api_report_found);
}


/* Who names text, and not JSON, is a person. */
static int
api_report_plain(const char *accept)
{
    return strcasestr(accept, "text/plain") != NULL
           && strcasestr(accept, "application/json") == NULL;
}


static void
api_report_free(api_call_t *c)
{
    api_report_t  *r = c->own;

    sc_buf_free(&r->text);
    free(r);
}


static void
api_report_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    api_report_t  *r = c->own;

    if (r->plain) {
        api_report_head(c, job, work);

    } else {
        api_told_begin(c, job, work, &r->text, NULL);
    }

    memcpy(c->id, job->id, ID_SIZE);

    if (work == NULL) {
        api_report_read(c, STORE_OK, NULL, 0);
        return;
    }

    api_reply_later(c, store_tallies(c->api->store, job->seq, api_report_read,
                                     c));
}


static void
api_report_head(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    char          *line, *next;
    sc_buf_t       stats;
    api_report_t  *r = c->own;

    (void) sc_buf_printf(&r->text, "job %s\nkind %.*s\nstate %s\ncreated ",
                         job->id, (int) job->kind.len, job->kind.data,
                         store_state_word(job->state));
    (void) export_time(job->created, &r->text);
    (void) sc_buf_add_cstr(&r->text, "\nfinished ");

    if (export_time(job->finished, &r->text) != SC_OK) {
        (void) sc_buf_add_cstr(&r->text, "-");
    }

    (void) sc_buf_add_cstr(&r->text, "\n\n");

    /* an object of numbers, a line each */
    sc_buf_init(&stats, 0);
    api_told_stats(c, job, work, &stats);
    line = stats.failed ? NULL : strtok_r(stats.data, "{},", &next);

    for ( /* void */ ; line != NULL; line = strtok_r(NULL, "{},", &next)) {
        line[0] = ' ';
        (void) sc_buf_printf(&r->text, "%.*s %s\n",
                             (int) strcspn(line + 1, "\""), line + 1,
                             strchr(line, ':') != NULL
                             ? strchr(line, ':') + 1 : "");
    }

    r->text.failed |= stats.failed;
    sc_buf_free(&stats);
}


static void
api_report_read(void *data, store_status_t status,
    const store_tally_t *tallies, size_t n)
{
    api_call_t    *c = data;
    api_report_t  *r = c->own;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    if (r->plain) {
        api_report_lines(r, tallies, n, "by status", "status:");
        api_report_lines(r, tallies, n, "by error", "error:");
        api_report_lines(r, tallies, n, "by host", "host:");

    } else {
        api_report_json(r, tallies, n);
    }

    api_reply_begin(c, r->plain ? "Content-Type: text/plain; "
                                  "charset=utf-8\r\n" : API_JSON);
    (void) sc_buf_add_cstr(&c->api->headers, "Vary: Accept\r\n" API_NO_STORE);
    (void) sc_buf_add(&c->api->body, r->text.data, r->text.len);
    c->api->body.failed |= r->text.failed;
    api_reply_send(c, 200);
}


static void
api_report_json(api_report_t *r, const store_tally_t *tallies, size_t n)
{
    api_told_tallies(tallies, n, &r->text);
    (void) sc_buf_add_cstr(&r->text, ",\"hosts\":{");
    api_told_group(tallies, n, "host:", &r->text);
    (void) sc_buf_add_cstr(&r->text, "}}}");
}


static void
api_report_lines(api_report_t *r, const store_tally_t *tallies, size_t n,
    const char *title, const char *prefix)
{
    size_t       i, len;
    const char  *name;

    len = strlen(prefix);
    (void) sc_buf_printf(&r->text, "\n%s\n", title);

    for (i = 0; i < n; i++) {
        name = tallies[i].name.data;

        if (tallies[i].name.len > len && memcmp(name, prefix, len) == 0) {
            (void) sc_buf_printf(&r->text, "%12lld  %.*s\n",
                                 (long long) tallies[i].n,
                                 (int) (tallies[i].name.len - len),
                                 name + len);
        }
    }
}
