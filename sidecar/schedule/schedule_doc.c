
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/schedule/schedules_internal.h"


static int schedule_doc_take(schedule_doc_t *doc, const json_t *schedule);
static int schedule_doc_members(schedule_doc_t *doc, const json_t *json);
static int64_t schedule_doc_ms(const json_t *json, const char *name);
static int64_t schedule_doc_base(const schedule_doc_t *doc, int64_t now);


int
schedule_doc_make(schedule_doc_t *doc, const json_t *schedule, int64_t now)
{
    int  rc;

    rc = schedule_doc_take(doc, schedule);

    if (rc == SC_OK) {
        doc->start = now;
        schedule_doc_next(doc, now);
    }

    return rc;
}


int
schedule_doc_read(schedule_doc_t *doc, sc_str_t text)
{
    int           rc;
    json_t       *json;
    json_error_t  err;

    memset(doc, 0, sizeof(schedule_doc_t));
    json = sc_json_of(text.len > 0 ? text.data : "", text.len, 0, &err);

    if (json == NULL) {
        return err.line == 0 ? SC_ERROR : SC_DECLINED;
    }

    rc = schedule_doc_take(doc, json_object_get(json, "schedule"));

    if (rc == SC_OK && schedule_doc_members(doc, json) != SC_OK) {
        schedule_doc_free(doc);
        rc = SC_DECLINED;
    }

    json_decref(json);

    return rc;
}


/* What a schedule says of itself. */
static int
schedule_doc_take(schedule_doc_t *doc, const json_t *schedule)
{
    char         err[256];
    const char  *key, *cron, *overlap;

    memset(doc, 0, sizeof(schedule_doc_t));
    sc_buf_init(&doc->text, SCHEDULES_MAX_BYTES);
    sc_buf_init(&doc->body, 0);

    if (schedules_check(schedule, err, sizeof(err), &key) != SC_OK) {
        return SC_DECLINED;
    }

    cron = json_string_value(json_object_get(schedule, "cron"));
    overlap = json_string_value(json_object_get(schedule, "overlap"));

    (void) snprintf(doc->kind, sizeof(doc->kind), "%s",
                    json_string_value(json_object_get(schedule, "kind")));
    doc->every = schedule_doc_ms(schedule, "every_ms");
    doc->jitter = schedule_doc_ms(schedule, "jitter_ms");
    doc->paused = json_is_true(json_object_get(schedule, "paused"));
    doc->overlap = overlap != NULL && strcmp(overlap, "allow") == 0;
    doc->mark.next = -1;

    sc_json_value(&doc->text, schedule);
    sc_json_value(&doc->body, json_object_get(schedule, "body"));

    if (cron != NULL) {
        doc->cron = cron_parse(cron, err, sizeof(err));
    }

    if (doc->text.failed || doc->body.failed
        || (cron != NULL && doc->cron == NULL))
    {
        schedule_doc_free(doc);
        return SC_ERROR;
    }

    return SC_OK;
}


/* What was noted about it. */
static int
schedule_doc_members(schedule_doc_t *doc, const json_t *json)
{
    const char    *job;
    const json_t  *next, *last;

    next = json_object_get(json, "next");
    last = json_object_get(json, "last");

    if (!json_is_integer(next) && !json_is_null(next)) {
        return SC_DECLINED;
    }

    doc->start = schedule_doc_ms(json, "start");
    doc->mark.next = json_is_integer(next) ? json_integer_value(next) : -1;
    doc->mark.last = schedule_doc_ms(last, "at");
    doc->mark.skipped = schedule_doc_ms(last, "skipped");
    doc->mark.status = (int) schedule_doc_ms(last, "status");
    job = json_string_value(json_object_get(last, "job"));
    (void) snprintf(doc->mark.job, sizeof(doc->mark.job), "%s",
                    job != NULL && id_valid(job, strlen(job)) ? job : "");

    return SC_OK;
}


static int64_t
schedule_doc_ms(const json_t *json, const char *name)
{
    int64_t  n;

    n = json_integer_value(json_object_get(json, name));

    return n > 0 ? n : 0;
}


void
schedule_doc_free(schedule_doc_t *doc)
{
    cron_free(doc->cron);
    sc_buf_free(&doc->text);
    sc_buf_free(&doc->body);
    memset(doc, 0, sizeof(schedule_doc_t));
}


int
schedule_doc_write(const schedule_doc_t *doc, sc_buf_t *out)
{
    (void) sc_buf_printf(out, "{\"schedule\":%s,\"start\":%lld",
                         doc->text.data, (long long) doc->start);

    if (doc->mark.next >= 0) {
        (void) sc_buf_printf(out, ",\"next\":%lld",
                             (long long) doc->mark.next);

    } else {
        (void) sc_buf_add_cstr(out, ",\"next\":null");
    }

    if (doc->mark.last == 0 && doc->mark.skipped == 0) {
        return sc_buf_add_cstr(out, ",\"last\":null}");
    }

    return sc_buf_printf(out, ",\"last\":{\"at\":%lld,\"status\":%d,"
                         "\"job\":\"%s\",\"skipped\":%lld}}",
                         (long long) doc->mark.last, doc->mark.status,
                         doc->mark.job, (long long) doc->mark.skipped);
}


void
schedule_doc_next(schedule_doc_t *doc, int64_t now)
{
    uint64_t  random;

    doc->mark.next = doc->paused ? -1 : schedule_doc_base(doc, now);

    if (doc->mark.next < 0 || doc->jitter == 0) {
        return;
    }

    if (getrandom(&random, sizeof(random), GRND_NONBLOCK)
        != (ssize_t) sizeof(random))
    {
        random = 0;
    }

    doc->mark.next += (int64_t) (random % (uint64_t) (doc->jitter + 1));
}


static int64_t
schedule_doc_base(const schedule_doc_t *doc, int64_t now)
{
    int64_t  n;

    if (doc->cron != NULL) {
        return cron_next(doc->cron, now);
    }

    /* a clock that was set back behind the start has not come to it again */
    n = now > doc->start ? (now - doc->start) / doc->every : 0;

    return doc->start + (n + 1) * doc->every;
}
