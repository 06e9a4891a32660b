
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <check.h>

#include "tests/load/soak.h"


static void soak_process(soak_samples_t *s, size_t i, const char *name,
    size_t n, pid_t pid);
static void *soak_room(size_t n, size_t size);
static int soak_compare(const void *one, const void *two);


void
soak_samples_create(soak_samples_t *s, gateway_t *g, size_t room)
{
    memset(s, 0, sizeof(soak_samples_t));
    s->g = g;
    s->room = room;
    s->at = soak_room(room, sizeof(double));
    s->wal = soak_room(room, sizeof(long));
    s->p50 = soak_room(room, sizeof(double));
    s->p99 = soak_room(room, sizeof(double));
}


static void *
soak_room(size_t n, size_t size)
{
    void  *p;

    p = calloc(n, size);
    ck_assert_ptr_nonnull(p);

    return p;
}


void
soak_samples_free(soak_samples_t *s)
{
    size_t  i;

    for (i = 0; i < s->nprocesses; i++) {
        free(s->processes[i].rss);
        free(s->processes[i].fds);
        free(s->processes[i].threads);
    }

    free(s->at);
    free(s->wal);
    free(s->p50);
    free(s->p99);
}


void
soak_samples_take(soak_samples_t *s, double at, loading_times_t *times)
{
    char         path[128];
    size_t       i, n, place;
    pid_t        children[WATCH_CHILDREN];
    struct stat  st;

    if (s->n == s->room) {
        return;
    }

    place = 0;
    soak_process(s, place++, "scraped", 0, s->g->scraped);
    soak_process(s, place++, "nginx", 0, s->g->nginx);
    n = watch_children(s->g->scraped, children);

    for (i = 0; i < n; i++) {
        soak_process(s, place++, "extract worker", i + 1, children[i]);
    }

    n = watch_children(s->g->nginx, children);

    for (i = 0; i < n; i++) {
        soak_process(s, place++, "nginx worker", i + 1, children[i]);
    }

    (void) snprintf(path, sizeof(path), "%s/scraped.db-wal", s->g->dir);
    s->wal[s->n] = stat(path, &st) == 0 ? (long) (st.st_size / 1024) : 0;
    s->at[s->n] = at;
    s->p50[s->n] = loading_percentile(times, 0.5);
    s->p99[s->n] = loading_percentile(times, 0.99);
    s->n++;
}


static void
soak_process(soak_samples_t *s, size_t i, const char *name, size_t n,
    pid_t pid)
{
    watch_t          w;
    soak_process_t  *p;

    if (i >= SOAK_PROCESSES) {
        return;
    }

    p = &s->processes[i];

    if (i >= s->nprocesses) {
        s->nprocesses = i + 1;
        p->rss = soak_room(s->room, sizeof(long));
        p->fds = soak_room(s->room, sizeof(long));
        p->threads = soak_room(s->room, sizeof(long));
        (void) snprintf(p->name, SOAK_NAME, n > 0 ? "%s %zu" : "%s", name, n);
    }

    watch_process(pid, &w);
    p->rss[s->n] = w.rss;
    p->fds[s->n] = w.fds;
    p->threads[s->n] = w.threads;
}


double
soak_samples_slope(const soak_samples_t *s, const long *values)
{
    double  x, y, n, sx, sy, sxx, sxy, det;
    size_t  i;

    n = 0;
    sx = 0;
    sy = 0;
    sxx = 0;
    sxy = 0;

    for (i = s->n / 2; i < s->n; i++) {
        x = s->at[i];
        y = (double) values[i];
        n += 1;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }

    det = n * sxx - sx * sx;

    return det > 0 ? (n * sxy - sx * sy) / det : 0;
}


double
soak_samples_third(const soak_samples_t *s, const double *values,
    size_t third)
{
    size_t   n;
    double   value, *part;

    n = s->n / 3;

    if (n == 0) {
        return 0;
    }

    part = soak_room(n, sizeof(double));
    memcpy(part, values + third * (s->n - n) / 2, n * sizeof(double));
    qsort(part, n, sizeof(double), soak_compare);
    value = part[n / 2];
    free(part);

    return value;
}


double
soak_samples_third_of(const soak_samples_t *s, const long *values,
    size_t third)
{
    size_t   i;
    double   value, *all;

    all = soak_room(s->room, sizeof(double));

    for (i = 0; i < s->n; i++) {
        all[i] = (double) values[i];
    }

    value = soak_samples_third(s, all, third);
    free(all);

    return value;
}


static int
soak_compare(const void *one, const void *two)
{
    double  a = *(const double *) one, b = *(const double *) two;

    return (a > b) - (a < b);
}
