
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sidecar/api/api_internal.h"
#include "sidecar/metrics/metrics.h"


static void api_numbers_process(void);
static int64_t api_numbers_fds(void);
static void api_numbers_memory(void);
static void api_numbers_pages(const api_t *api);
static void api_numbers_hosts(const api_t *api);
static void api_numbers_dns(const api_t *api);
static void api_numbers_jobs(const api_t *api);
static void api_numbers_store(const api_t *api);
static int64_t api_numbers_size(const char *path, const char *tail);


void
api_numbers(const api_t *api)
{
    api_numbers_process();
    api_numbers_pages(api);
    api_numbers_hosts(api);
    api_numbers_dns(api);
    api_numbers_jobs(api);
    api_numbers_store(api);

    metrics_set(METRICS_ROUND_MAX, loop_lag(api->loop));

    if (api->server != NULL) {
        metrics_set(METRICS_CONNECTIONS,
                    (int64_t) server_connections(api->server));
        metrics_set(METRICS_OPEN, (int64_t) server_open(api->server));
    }
}


static void
api_numbers_process(void)
{
    struct rlimit    limit;
    struct timespec  cpu;

    api_numbers_memory();
    metrics_set(METRICS_FDS, api_numbers_fds());

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
        metrics_set(METRICS_CPU, cpu.tv_sec * LOOP_SEC + cpu.tv_nsec);
    }

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        metrics_set(METRICS_MAX_FDS, (int64_t) limit.rlim_cur);
    }
}


/* Without the one that looks. */
static int64_t
api_numbers_fds(void)
{
    DIR            *dir;
    int64_t         n;
    struct dirent  *entry;

    dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return 0;
    }

    n = 0;

    while ((entry = readdir(dir)) != NULL) {
        n += entry->d_name[0] != '.';
    }

    (void) closedir(dir);

    return n - 1;
}


/* The second number is pages in memory: proc(5). */
static void
api_numbers_memory(void)
{
    char   line[128], *p;
    FILE  *file;

    file = fopen("/proc/self/statm", "re");
    if (file == NULL) {
        return;
    }

    p = fgets(line, sizeof(line), file);
    p = p != NULL ? strchr(p, ' ') : NULL;
    (void) fclose(file);

    if (p != NULL) {
        metrics_set(METRICS_MEMORY,
                    strtoll(p, NULL, 10) * sysconf(_SC_PAGESIZE));
    }
}


static void
api_numbers_pages(const api_t *api)
{
    size_t            lane, state, workers[POOL_WORKERS];
    lanes_stats_t     lanes;
    frontier_stats_t  f;

    frontier_stats(api->frontier, &f);
    frontier_lanes(api->frontier, &lanes);
    pool_workers(api->pool, workers);

    metrics_set(METRICS_UNENDED, (int64_t) f.unended);
    metrics_set(METRICS_UNDER_WAY, (int64_t) f.fetching);
    metrics_set(METRICS_UNDER_WAY + 1, (int64_t) f.extracting);
    metrics_set(METRICS_UNDER_WAY + 2, (int64_t) f.storing);
    metrics_set(METRICS_PARKED, (int64_t) f.parked);
    metrics_set(METRICS_SHARED, (int64_t) f.shared);

    for (lane = 0; lane < LANES_N; lane++) {
        metrics_set(METRICS_LANE_READY + lane, (int64_t) lanes.ready[lane]);
        metrics_set(METRICS_LANE_WAITING + lane,
                    (int64_t) lanes.waiting[lane]);
        metrics_set(METRICS_LANE_RUNNING + lane,
                    (int64_t) lanes.running[lane]);
    }

    for (state = 0; state < POOL_WORKERS; state++) {
        metrics_set(METRICS_WORKERS + state, (int64_t) workers[state]);
    }

    metrics_set(METRICS_WORKER_QUEUE, (int64_t) pool_waiting(api->pool));
}


static void
api_numbers_hosts(const api_t *api)
{
    size_t  suspended, blocked;

    hosts_unwell(api->hosts, loop_now(api->loop), &suspended, &blocked);

    metrics_set(METRICS_HOSTS, (int64_t) hosts_count(api->hosts));
    metrics_set(METRICS_HOSTS + 1, (int64_t) suspended);
    metrics_set(METRICS_HOSTS + 2, (int64_t) blocked);
    metrics_set(METRICS_ROBOTS_KEPT,
                (int64_t) robots_cache_count(api->robots));
    metrics_set(METRICS_ROBOTS_SIZE,
                (int64_t) robots_cache_size(api->robots));
    metrics_set(METRICS_FALLEN, (int64_t) drift_fallen(api->drift));
}


static void
api_numbers_dns(const api_t *api)
{
    resolve_stats_t  dns;

    resolve_stats(api->resolve, &dns);

    metrics_set(METRICS_DNS_NAMES, (int64_t) dns.names);
    metrics_set(METRICS_DNS_HITS, (int64_t) dns.hits);
    metrics_set(METRICS_DNS_MISSES, (int64_t) dns.misses);
    metrics_set(METRICS_DNS_ASKED, (int64_t) dns.questions);
}


static void
api_numbers_jobs(const api_t *api)
{
    size_t  batches, crawls, paused;

    jobs_running(api->jobs, &batches, &crawls, &paused);

    metrics_set(METRICS_RUNNING, (int64_t) batches);
    metrics_set(METRICS_RUNNING + 1, (int64_t) crawls);
    metrics_set(METRICS_PAUSED, (int64_t) paused);
    metrics_set(METRICS_SCHEDULES,
                (int64_t) schedules_count(api->schedules));
}


static void
api_numbers_store(const api_t *api)
{
    size_t       writes, reads, searches;
    const char  *path = api->settings->store;

    store_waiting(api->store, &writes, &reads, &searches);

    metrics_set(METRICS_STORE_QUEUE, (int64_t) writes);
    metrics_set(METRICS_STORE_QUEUE + 1, (int64_t) reads);
    metrics_set(METRICS_STORE_QUEUE + 2, (int64_t) searches);
    metrics_set(METRICS_STORE_SIZE, api_numbers_size(path, ""));
    metrics_set(METRICS_WAL_SIZE, api_numbers_size(path, "-wal"));
}


static int64_t
api_numbers_size(const char *path, const char *tail)
{
    int          n;
    char         name[PATH_MAX];
    struct stat  st;

    n = snprintf(name, sizeof(name), "%s%s", path, tail);

    return n > 0 && (size_t) n < sizeof(name) && stat(name, &st) == 0
           ? st.st_size : 0;
}
