
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/watch.h"


#define WATCH_PATH    64
#define WATCH_TEXT    4096


static char *watch_file(pid_t pid, const char *name);
static long watch_line(const char *text, const char *name);
static long watch_fds(pid_t pid);
static long watch_cpu(pid_t pid);


void
watch_process(pid_t pid, watch_t *w)
{
    char  *text;

    memset(w, 0, sizeof(watch_t));
    text = watch_file(pid, "status");
    w->rss = watch_line(text, "VmRSS:");
    w->peak = watch_line(text, "VmHWM:");
    w->threads = watch_line(text, "Threads:");
    free(text);
    w->fds = watch_fds(pid);
    w->cpu = watch_cpu(pid);
}


/* Files of /proc have no size; "" when it cannot be read. */
static char *
watch_file(pid_t pid, const char *name)
{
    char    path[WATCH_PATH];
    FILE   *f;
    char   *text;
    size_t  n;

    (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, name);
    text = calloc(1, WATCH_TEXT);
    ck_assert_ptr_nonnull(text);
    f = fopen(path, "r");

    if (f != NULL) {
        n = fread(text, 1, WATCH_TEXT - 1, f);
        text[n] = '\0';
        (void) fclose(f);
    }

    return text;
}


static long
watch_line(const char *text, const char *name)
{
    const char  *p;

    p = strstr(text, name);

    return p == NULL ? 0 : strtol(p + strlen(name), NULL, 10);
}


static long
watch_fds(pid_t pid)
{
    DIR   *dir;
    char   path[WATCH_PATH];
    long   n;

    (void) snprintf(path, sizeof(path), "/proc/%d/fd", (int) pid);
    dir = opendir(path);

    if (dir == NULL) {
        return 0;
    }

    for (n = 0; readdir(dir) != NULL; n++) { /* void */ }

    (void) closedir(dir);

    return n - 2;
}


/* utime and stime are the 14th and 15th, the name may have blanks. */
static long
watch_cpu(pid_t pid)
{
    int    i;
    char  *text, *p;
    long   ticks;

    text = watch_file(pid, "stat");
    p = strrchr(text, ')');
    ticks = 0;

    for (i = 2; p != NULL && i < 14; i++) {
        p = strchr(p + 1, ' ');
    }

    if (p != NULL) {
        ticks = strtol(p, &p, 10);
        ticks += strtol(p, NULL, 10);
    }

    free(text);

    return ticks * 1000 / sysconf(_SC_CLK_TCK);
}


size_t
watch_children(pid_t pid, pid_t children[WATCH_CHILDREN])
{
    char    name[WATCH_PATH];
    char   *text, *p, *end;
    size_t  n;

    (void) snprintf(name, sizeof(name), "task/%d/children", (int) pid);
    text = watch_file(pid, name);
    n = 0;

    for (p = text; n < WATCH_CHILDREN; p = end) {
        children[n] = (pid_t) strtol(p, &end, 10);

        if (end == p) {
            break;
        }

        n++;
    }

    free(text);

    return n;
}


void
watch_reset(pid_t pid)
{
    char  path[WATCH_PATH];

    (void) snprintf(path, sizeof(path), "/proc/%d/clear_refs", (int) pid);
    process_write(path, "5");
}


double
watch_metric(gateway_t *g, const char *path)
{
    double          value;
    const json_t   *v;
    client_reply_t  r;

    r = gateway_request(g, "GET", "/metrics?format=json", NULL, NULL);
    v = client_get(&r, path);
    value = json_is_number(v) ? json_number_value(v) : -1;
    client_free(&r);

    return value;
}
