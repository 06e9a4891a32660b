
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_list.h"


static void api_told_spec(const store_job_t *job, const store_work_t *work,
    sc_buf_t *out);
static void api_told_text(const char *name, sc_str_t json, sc_buf_t *out);
static void api_told_links(api_call_t *c, const store_job_t *job,
    const store_work_t *work, sc_buf_t *out);
static void api_told_counts(const store_job_t *job, const store_work_t *work,
    store_counts_t *n);
static void api_told_kept(const store_counts_t *n, sc_buf_t *out);
static void api_told_under_way(const store_job_t *job,
    const store_counts_t *n, size_t running, sc_buf_t *out);


void
api_told_begin(api_call_t *c, const store_job_t *job,
    const store_work_t *work, sc_buf_t *out, size_t *stable)
{
    jobs_now_t      now;
    store_counts_t  n;

    (void) sc_buf_printf(out, "{\"id\":\"%s\",\"kind\":\"%.*s\","
                         "\"state\":\"%s\"", job->id, (int) job->kind.len,
                         job->kind.data, store_state_word(job->state));

    if (job->url.len > 0) {
        (void) sc_buf_add_cstr(out, ",\"url\":");
        (void) sc_json_string(out, job->url.data, job->url.len);
    }

    api_told_spec(job, work, out);
    api_told_text("error", job->error, out);
    api_told_time("created_at", job->created, out);
    api_told_time("started_at", job->started, out);
    api_told_time("finished_at", job->finished, out);
    api_told_time("expires_at", job->expires, out);
    api_told_links(c, job, work, out);

    if (job->echo.len > 0) {
        api_told_text("echo", job->echo, out);
    }

    api_told_counts(job, work, &n);
    (void) sc_buf_add_cstr(out, ",\"stats\":{");
    api_told_kept(&n, out);

    if (stable != NULL) {
        *stable = out->len;
    }

    jobs_now(c->api->jobs, job->id, &now);
    api_told_under_way(job, &n, now.running, out);
}


/* What the job was called, and why it is as it is. */
static void
api_told_spec(const store_job_t *job, const store_work_t *work,
    sc_buf_t *out)
{
    json_t        *spec;
    const json_t  *tags;
    const char    *name, *reason;

    spec = sc_json_of(job->spec.data, job->spec.len, 0, NULL);
    name = json_string_value(json_object_get(spec, "name"));
    reason = json_string_value(json_object_get(spec, "reason"));
    tags = json_object_get(spec, "tags");

    if (name != NULL) {
        (void) sc_buf_add_cstr(out, ",\"name\":");
        (void) sc_json_cstr(out, name);
    }

    (void) sc_buf_add_cstr(out, ",\"reason\":");
    (void) sc_json_cstr(out, reason != NULL && *reason != '\0' ? reason
                                                               : NULL);
    (void) sc_buf_add_cstr(out, ",\"tags\":");

    if (work != NULL && work->tags.len > 0) {
        (void) sc_buf_add_str(out, work->tags);

    } else if (json_is_object(tags)) {
        sc_json_value(out, tags);

    } else {
        (void) sc_buf_add_cstr(out, "{}");
    }

    json_decref(spec);
}


static void
api_told_text(const char *name, sc_str_t json, sc_buf_t *out)
{
    (void) sc_buf_printf(out, ",\"%s\":", name);

    if (json.len > 0) {
        (void) sc_buf_add_str(out, json);

    } else {
        (void) sc_buf_add_cstr(out, "null");
    }
}


void
api_told_time(const char *name, int64_t ms, sc_buf_t *out)
{
    (void) sc_buf_printf(out, ",\"%s\":", name);

    if (ms <= 0) {
        (void) sc_buf_add_cstr(out, "null");
        return;
    }

    (void) sc_buf_add_cstr(out, "\"");
    (void) export_time(ms, out);
    (void) sc_buf_add_cstr(out, "\"");
}


static void
api_told_links(api_call_t *c, const store_job_t *job,
    const store_work_t *work, sc_buf_t *out)
{
    (void) sc_buf_add_cstr(out, ",\"links\":{\"self\":");
    api_told_link(c, "/v1/jobs/", job->id, "", out);
    (void) sc_buf_add_cstr(out, ",\"results\":");
    api_told_link(c, "/v1/jobs/", job->id, "/results", out);
    (void) sc_buf_add_cstr(out, ",\"events\":");
    api_told_link(c, "/v1/jobs/", job->id, "/events", out);

    if (work != NULL) {
        (void) sc_buf_add_cstr(out, ",\"pages\":");
        api_told_link(c, "/v1/jobs/", job->id, "/pages", out);
        (void) sc_buf_add_cstr(out, ",\"errors\":");
        api_told_link(c, "/v1/jobs/", job->id, "/errors", out);
    }

    if (!store_state_ended(job->state)) {
        (void) sc_buf_add_cstr(out, ",\"cancel\":");
        api_told_link(c, "/v1/jobs/", job->id, "", out);
    }

    (void) sc_buf_add_cstr(out, "}");
}


void
api_told_link(api_call_t *c, const char *path, const char *id,
    const char *tail, sc_buf_t *out)
{
    (void) sc_json_cstr(out, api_reply_link(c, path, id, tail));
}


/* A page of its own is one page. */
static void
api_told_counts(const store_job_t *job, const store_work_t *work,
    store_counts_t *n)
{
    if (work != NULL && job->kind.len != sizeof("extract") - 1) {
        *n = work->counts;
        return;
    }

    memset(n, 0, sizeof(store_counts_t));
    n->found = 1;
    n->completed = job->state == STORE_COMPLETED;
    n->failed = job->state == STORE_FAILED_JOB;
    n->cancelled = job->state == STORE_CANCELLED;
    n->items = n->completed;
}


static void
api_told_kept(const store_counts_t *n, sc_buf_t *out)
{
    (void) sc_buf_printf(out, "\"total\":%lld,\"completed\":%lld,"
                         "\"failed\":%lld,\"cancelled\":%lld,"
                         "\"robots_blocked\":%lld,\"duplicates\":%lld,"
                         "\"unchanged\":%lld,\"items\":%lld,\"bytes\":%lld,"
                         "\"bytes_wire\":%lld,\"rejected\":%lld",
                         (long long) n->found, (long long) n->completed,
                         (long long) n->failed, (long long) n->cancelled,
                         (long long) n->robots, (long long) n->duplicates,
                         (long long) n->unchanged, (long long) n->items,
                         (long long) n->bytes, (long long) n->wire,
                         (long long) n->rejected);
}


/* What changes while nothing ends. */
static void
api_told_under_way(const store_job_t *job, const store_counts_t *n,
    size_t running, sc_buf_t *out)
{
    int64_t  done, left, busy, begun, elapsed;

    done = n->completed + n->failed + n->cancelled;
    left = n->found > done ? n->found - done : 0;
    busy = (int64_t) running;

    if (running == 0 && job->state == STORE_RUNNING && n->found == 1
        && job->url.len > 0)
    {
        busy = 1;
    }

    busy = busy < left ? busy : left;
    begun = job->started > 0 ? job->started : job->created;
    elapsed = (store_state_ended(job->state) && job->finished > 0
               ? job->finished : id_now_ms()) - begun;
    elapsed = elapsed > 0 ? elapsed : 0;

    (void) sc_buf_printf(out, ",\"queued\":%lld,\"running\":%lld,"
                         "\"elapsed_ms\":%lld,\"pages_per_s\":",
                         (long long) (left - busy), (long long) busy,
                         (long long) elapsed);
    sc_json_number(out, elapsed > 0
                        ? (double) (n->completed + n->failed) * 1000
                          / (double) elapsed
                        : 0);
}


void
api_told_end(api_call_t *c, const char *id, sc_buf_t *out)
{
    jobs_now_t  now;

    jobs_now(c->api->jobs, id, &now);
    (void) sc_buf_add_cstr(out, "},\"next_in_ms\":");

    if (now.running == 0 && now.next <= 0) {
        (void) sc_buf_add_cstr(out, "null");

    } else {
        (void) sc_buf_printf(out, "%lld", now.next > 0
                                          ? (long long) (now.next / LOOP_MS)
                                          : 0);
    }
}


void
api_told_next(api_call_t *c, const char *id, sc_buf_t *out)
{
    (void) sc_buf_add_cstr(out, ",\"next\":");
    api_told_link(c, "/v1/jobs/", id, "/results", out);
}


void
api_told_stats(api_call_t *c, const store_job_t *job,
    const store_work_t *work, sc_buf_t *out)
{
    jobs_now_t      now;
    store_counts_t  n;

    api_told_counts(job, work, &n);
    jobs_now(c->api->jobs, job->id, &now);
    (void) sc_buf_add_cstr(out, "{");
    api_told_kept(&n, out);
    api_told_under_way(job, &n, now.running, out);
    (void) sc_buf_add_cstr(out, "}");
}


void
api_told_tallies(const store_tally_t *tallies, size_t n, sc_buf_t *out)
{
    (void) sc_buf_add_cstr(out, ",\"status\":{");
    api_told_group(tallies, n, "status:", out);
    (void) sc_buf_add_cstr(out, "},\"errors\":{");
    api_told_group(tallies, n, "error:", out);
    (void) sc_buf_add_cstr(out, "}");
}


void
api_told_group(const store_tally_t *tallies, size_t n, const char *prefix,
    sc_buf_t *out)
{
    size_t       i, len, found;
    const char  *name;

    len = strlen(prefix);

    for (i = found = 0; i < n; i++) {
        name = tallies[i].name.data;

        if (tallies[i].name.len <= len || memcmp(name, prefix, len) != 0) {
            continue;
        }

        (void) sc_buf_add_cstr(out, found++ ? "," : "");
        (void) sc_json_string(out, name + len, tallies[i].name.len - len);
        (void) sc_buf_printf(out, ":%lld", (long long) tallies[i].n);
    }
}
