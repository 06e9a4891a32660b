
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sidecar/ctl/ctl_internal.h"


/* seconds that a question may take: of the bar's steps, and without a bar */
#define CTL_WATCH_STEP    "wait=2"
#define CTL_WATCH_LONG    "wait=30"

#define CTL_WATCH_BAR     40


/*
 * One job: its pages, and how it ended.
 *
 * total, done  pages of it and those that are done; 1 and 0 until it says
 * ended        it changes no more; good: it is completed
 */
typedef struct {
    const char  *id;
    json_int_t   total;
    json_int_t   done;
    json_int_t   failed;
    unsigned     ended:1;
    unsigned     good:1;
} ctl_watched_t;


typedef struct {
    ctl_t          *c;
    ctl_watched_t  *jobs;
    size_t          n;
    unsigned        bar:1;
} ctl_watch_t;


static int ctl_watch_all(ctl_watch_t *w);
static int ctl_watch_one(ctl_watch_t *w, ctl_watched_t *job);
static int ctl_watch_told(ctl_watch_t *w, ctl_watched_t *job,
    const ctl_reply_t *reply);
static void ctl_watch_stats(ctl_watched_t *job, const json_t *stats);
static void ctl_watch_bar(const ctl_watch_t *w);


/* A signal ends the watching; the jobs go on. */
int
ctl_watch(ctl_t *c)
{
    int          status;
    size_t       i;
    ctl_watch_t  w;

    w.c = c;
    w.n = c->nargs;
    w.bar = isatty(STDERR_FILENO) && c->values[CTL_OPT_QUIET] == NULL;
    w.jobs = calloc(w.n, sizeof(ctl_watched_t));

    if (w.jobs == NULL) {
        ctl_error("memory is out");
        return CTL_FAILED;
    }

    for (i = 0; i < w.n; i++) {
        w.jobs[i].id = c->args[i];
        w.jobs[i].total = 1;
    }

    status = ctl_watch_all(&w);
    free(w.jobs);

    return status;
}


static int
ctl_watch_all(ctl_watch_t *w)
{
    int     rc, status;
    size_t  i;

    status = CTL_DONE;
    ctl_watch_bar(w);

    for (i = 0; i < w->n && status != CTL_UNREACHABLE; i++) {

        do {
            rc = ctl_watch_one(w, &w->jobs[i]);
            ctl_watch_bar(w);
        } while (rc == SC_OK && !w->jobs[i].ended);

        if (rc == SC_ERROR) {
            status = CTL_UNREACHABLE;

        } else if (!w->jobs[i].good) {
            status = CTL_FAILED;
        }
    }

    if (w->bar) {
        (void) fprintf(stderr, "\n");
    }

    return status;
}


/* SC_DECLINED when nothing can be known of it. */
static int
ctl_watch_one(ctl_watch_t *w, ctl_watched_t *job)
{
    int           rc;
    sc_buf_t      path;
    ctl_reply_t   reply;

    sc_buf_init(&path, 0);

    if (ctl_job_path(job->id, "", &path) != SC_OK) {
        sc_buf_free(&path);
        return SC_DECLINED;
    }

    rc = ctl_http_get(w->c, path.data,
                      w->bar ? CTL_WATCH_STEP : CTL_WATCH_LONG, &reply);
    sc_buf_free(&path);

    if (rc == SC_OK) {
        rc = ctl_watch_told(w, job, &reply);
    }

    ctl_reply_free(&reply);

    return rc;
}


static int
ctl_watch_told(ctl_watch_t *w, ctl_watched_t *job, const ctl_reply_t *reply)
{
    const char    *state, *why;
    const json_t  *error;

    state = ctl_json_str(reply->json, "state");

    if (reply->status != 200 || *state == '\0') {
        (void) ctl_problem(job->id, reply);
        return SC_DECLINED;
    }

    ctl_watch_stats(job, json_object_get(reply->json, "stats"));

    if (!ctl_job_ended(state)) {
        (void) sleep((unsigned) reply->retry_after);
        return SC_OK;
    }

    job->ended = 1;
    job->done = job->total;
    job->good = strcmp(state, "completed") == 0;

    error = json_object_get(reply->json, "error");
    why = ctl_json_str(error, "detail");

    if (!w->bar) {
        ctl_note(w->c, "%s is %s%s%s", job->id, state,
                 *why != '\0' ? ": " : "", why);

    } else if (!job->good) {
        (void) fprintf(stderr, "\r\033[K");
        ctl_note(w->c, "%s is %s%s%s", job->id, state,
                 *why != '\0' ? ": " : "", why);
    }

    return SC_OK;
}


static void
ctl_watch_stats(ctl_watched_t *job, const json_t *stats)
{
    json_int_t  total, completed, failed;

    total = json_integer_value(json_object_get(stats, "total"));
    completed = json_integer_value(json_object_get(stats, "completed"));
    failed = json_integer_value(json_object_get(stats, "failed"));

    if (total > 0 && completed >= 0 && failed >= 0 && completed <= total
        && failed <= total - completed)
    {
        job->total = total;
        job->done = completed + failed;
        job->failed = failed;
    }
}


static void
ctl_watch_bar(const ctl_watch_t *w)
{
    int     full;
    double  total, done, failed;
    size_t  i;

    if (!w->bar) {
        return;
    }

    total = 0;
    done = 0;
    failed = 0;

    for (i = 0; i < w->n; i++) {
        total += (double) w->jobs[i].total;
        done += (double) w->jobs[i].done;
        failed += (double) w->jobs[i].failed;
    }

    full = (int) (CTL_WATCH_BAR * done / total);

    (void) fprintf(stderr, "\r\033[K[%.*s%*s] %.0f/%.0f", full,
                   "########################################",
                   CTL_WATCH_BAR - full, "", done, total);

    if (failed > 0) {
        (void) fprintf(stderr, ", %.0f failed", failed);
    }

    (void) fflush(stderr);
}
