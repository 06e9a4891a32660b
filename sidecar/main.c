
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <jansson.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api.h"
#include "sidecar/core/log.h"
#include "sidecar/core/service.h"
#include "sidecar/core/settings.h"
#include "sidecar/worker/worker.h"


/* descriptors for our own files, and the fewest for connections to origins */
#define SCRAPED_FILES     32
#define SCRAPED_FEWEST    4


/* how often a draining scraped looks whether the last reply has left */
#define SCRAPED_DRAIN_TICK    (10 * LOOP_MS)


/* what we are called in a robots.txt; bytes of them that are kept */
#define SCRAPED_ROBOT         "scraped"
#define SCRAPED_MAX_ROBOTS    16777216     /* 16 MiB */


/* The parts of scraped, in the order they are started. */
typedef struct {
    settings_t        settings;
    loop_t           *loop;
    policy_t         *policy;
    resolve_t        *resolve;
    store_t          *store;
    fetcher_t        *fetcher;
    robots_cache_t   *robots;
    proxies_t        *proxies;
    pool_t           *pool;
    hosts_t          *hosts;
    tenants_t        *tenants;
    sessions_t       *sessions;
    drift_t          *drift;
    frontier_t       *frontier;
    webhooks_t       *webhooks;
    jobs_t           *jobs;
    schedules_t      *schedules;
    api_t            *api;
    server_t         *server;

    loop_timer_t      alive;
    loop_timer_t      drain;
    int64_t           drain_until;
    int               socket;
    int               reading;
    unsigned          draining:1;
    unsigned          drained:1;
    unsigned          failed:1;
} scraped_t;


/* A job that the clock asked for; text is its tenant and its name. */
typedef struct {
    scraped_t  *scraped;
    size_t      tenant;
    char        text[];
} scraped_run_t;


static int scraped_start(scraped_t *s, char *err, size_t errlen);
static int scraped_start_fetching(scraped_t *s, char *err, size_t errlen);
static void scraped_descriptors(scraped_t *s);
static int scraped_start_serving(scraped_t *s, char *err, size_t errlen);
static int scraped_start_frontier(scraped_t *s);
static int scraped_start_jobs(scraped_t *s);
static int scraped_start_api(scraped_t *s);
static void scraped_ready(void *data);
static void scraped_alive(loop_timer_t *timer);
static void scraped_scheduled(void *data, sc_str_t tenant, const char *name,
    const char *kind, sc_str_t body);
static void scraped_ran(void *data, int status, sc_str_t headers,
    sc_str_t body);
static void scraped_stop(scraped_t *s);
static void scraped_stop_fetching(scraped_t *s);
static void scraped_signal(int signo, void *data);
static void scraped_reread(scraped_t *s);
static void scraped_drain(scraped_t *s);
static void scraped_drained(void *data);
static void scraped_drain_tick(loop_timer_t *timer);


int
main(int argc, char **argv)
{
    int        rc;
    char       err[512];
    scraped_t  s;

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return worker_main();
    }

    memset(&s, 0, sizeof(scraped_t));

    switch (settings_load(&s.settings, argc, argv, err, sizeof(err))) {

    case SETTINGS_EXIT:
        settings_free(&s.settings);
        return EXIT_SUCCESS;

    case SETTINGS_INVALID:
        (void) fprintf(stderr, "scraped: %s\n", err);
        settings_free(&s.settings);
        return 2;

    case SETTINGS_RUN:
        break;
    }

    rc = scraped_start(&s, err, sizeof(err));

    if (rc == SC_OK) {
        rc = loop_run(s.loop);

        if (s.failed) {
            rc = SC_ERROR;
        }

    } else {
        log_error("%s", err);
    }

    scraped_stop(&s);

    return rc == SC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}


static int
scraped_start(scraped_t *s, char *err, size_t errlen)
{
    static const int  signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD,
                                    0 };

    if (log_open(s->settings.log, log_level_parse(s->settings.log_level))
        != SC_OK)
    {
        (void) snprintf(err, errlen, "could not open the log \"%s\": %m",
                        s->settings.log);
        return SC_ERROR;
    }

    (void) signal(SIGPIPE, SIG_IGN);

    /* before there are processes that would have it, too */
    if (service_socket(&s->socket, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    s->loop = loop_create();

    if (s->loop == NULL
        || loop_signals(s->loop, signals, scraped_signal, s) != SC_OK)
    {
        (void) snprintf(err, errlen, "could not make the event loop: %m");
        return SC_ERROR;
    }

    loop_timer_init(&s->alive, scraped_alive, s);
    loop_timer_init(&s->drain, scraped_drain_tick, s);

    if (scraped_start_fetching(s, err, errlen) != SC_OK
        || scraped_start_serving(s, err, errlen) != SC_OK)
    {
        return SC_ERROR;
    }

    return SC_OK;
}


/* What a page needs: a policy, names, connections, workers. */
static int
scraped_start_fetching(scraped_t *s, char *err, size_t errlen)
{
    size_t  workers;

    if (strcmp(s->settings.robots, "obey") != 0
        && strcmp(s->settings.robots, "ignore") != 0)
    {
        (void) snprintf(err, errlen, "setting \"robots\" is \"%.32s\", "
                        "neither \"obey\" nor \"ignore\"",
                        s->settings.robots);
        return SC_ERROR;
    }

    if (strcmp(s->settings.html_parser, "html") != 0
        && strcmp(s->settings.html_parser, "html5") != 0)
    {
        (void) snprintf(err, errlen, "setting \"html_parser\" is \"%.32s\", "
                        "neither \"html\" nor \"html5\"",
                        s->settings.html_parser);
        return SC_ERROR;
    }

    scraped_descriptors(s);

    s->policy = policy_create(s->settings.allow_addresses, err, errlen);
    if (s->policy == NULL) {
        return SC_ERROR;
    }

    s->resolve = resolve_create(s->loop, s->settings.resolver, err, errlen);
    if (s->resolve == NULL) {
        return SC_ERROR;
    }

    s->fetcher = fetcher_create(s->loop, s->resolve, s->policy,
                                s->settings.user_agent,
                                (long) s->settings.max_connections);
    if (s->fetcher == NULL
        || fetcher_trust(s->fetcher, s->settings.ca_file) != SC_OK)
    {
        (void) snprintf(err, errlen, "could not set up libcurl");
        return SC_ERROR;
    }

    fetcher_limit(s->fetcher, s->settings.max_rate);

    s->proxies = proxies_open(s->settings.proxies, err, errlen);
    if (s->proxies == NULL) {
        return SC_ERROR;
    }

    s->robots = robots_cache_create(s->loop, s->fetcher, SCRAPED_ROBOT,
                                    SCRAPED_MAX_ROBOTS,
                                    s->settings.total_timeout * LOOP_MS);
    if (s->robots == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return SC_ERROR;
    }

    workers = (size_t) s->settings.workers;

    if (workers == 0) {
        workers = (size_t) sysconf(_SC_NPROCESSORS_ONLN);
    }

    s->pool = pool_create(s->loop, NULL, workers,
                          s->settings.extract_timeout * LOOP_MS);
    if (s->pool == NULL) {
        (void) snprintf(err, errlen, "could not start extract workers: %m");
        return SC_ERROR;
    }

    return SC_OK;
}


/*
 * Half of the descriptors are for connections of nginx (server.h), the other
 * one, without what we have open ourselves, for those to origins, idle ones
 * among them.
 */
static void
scraped_descriptors(scraped_t *s)
{
    rlim_t         want;
    int64_t        room;
    struct rlimit  limit;

    want = 2 * ((rlim_t) s->settings.max_connections + SCRAPED_FILES);

    if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur >= want) {
        return;
    }

    limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
    (void) setrlimit(RLIMIT_NOFILE, &limit);
    (void) getrlimit(RLIMIT_NOFILE, &limit);
    room = (int64_t) (limit.rlim_cur / 2) - SCRAPED_FILES;
    room = room > SCRAPED_FEWEST ? room : SCRAPED_FEWEST;

    if (room < s->settings.max_connections) {
        log_warn("%jd fetches at once, not %jd: there are %ju descriptors",
                 (intmax_t) room, (intmax_t) s->settings.max_connections,
                 (uintmax_t) limit.rlim_cur);
        s->settings.max_connections = room;
    }
}


/* What a client needs: the store, the queue, the API; a socket later. */
static int
scraped_start_serving(scraped_t *s, char *err, size_t errlen)
{
    s->store = store_open(s->loop, s->settings.store, err, errlen);
    if (s->store == NULL) {
        return SC_ERROR;
    }

    store_search(s->store, s->settings.search != 0);

    s->tenants = tenants_open(s->loop, &s->settings, s->store, err, errlen);
    if (s->tenants == NULL) {
        return SC_ERROR;
    }

    if (scraped_start_frontier(s) != SC_OK || scraped_start_jobs(s) != SC_OK
        || scraped_start_api(s) != SC_OK)
    {
        (void) snprintf(err, errlen, "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
scraped_start_frontier(scraped_t *s)
{
    host_limits_t       limits;
    frontier_parts_t    parts;
    const settings_t   *settings = &s->settings;

    limits.concurrency = (int) settings->host_connections;
    limits.delay = settings->host_delay * LOOP_MS;
    limits.jitter = settings->host_jitter * LOOP_MS;
    limits.failures = (int) settings->host_failures;
    limits.automatic = settings->host_auto != 0;

    s->hosts = hosts_create(s->loop, s->store, &limits, scraped_ready, s);
    s->sessions = sessions_create(s->loop, s->store);
    s->drift = drift_create(s->loop, s->store);
    s->reading = 2;

    if (tenants_read(s->tenants, scraped_ready, s) != SC_OK
        || s->hosts == NULL || s->sessions == NULL || s->drift == NULL) {
        return SC_ERROR;
    }

    parts.loop = s->loop;
    parts.settings = settings;
    parts.fetcher = s->fetcher;
    parts.pool = s->pool;
    parts.store = s->store;
    parts.hosts = s->hosts;
    parts.robots = s->robots;
    parts.sessions = s->sessions;
    parts.drift = s->drift;
    parts.proxies = s->proxies;
    parts.tenants = s->tenants;

    s->frontier = frontier_create(&parts);

    return s->frontier != NULL ? SC_OK : SC_ERROR;
}


/* What goes on by itself: jobs of many pages, messages, schedules. */
static int
scraped_start_jobs(scraped_t *s)
{
    jobs_parts_t  parts;

    s->webhooks = webhooks_create(s->loop, &s->settings, s->fetcher,
                                  s->store);
    if (s->webhooks == NULL) {
        return SC_ERROR;
    }

    parts.loop = s->loop;
    parts.settings = &s->settings;
    parts.store = s->store;
    parts.frontier = s->frontier;
    parts.robots = s->robots;
    parts.webhooks = s->webhooks;

    s->jobs = jobs_create(&parts);
    s->schedules = schedules_create(s->loop, s->store, scraped_scheduled, s);

    return (s->jobs != NULL && s->schedules != NULL) ? SC_OK : SC_ERROR;
}


static int
scraped_start_api(scraped_t *s)
{
    api_parts_t  parts;

    parts.loop = s->loop;
    parts.settings = &s->settings;
    parts.frontier = s->frontier;
    parts.store = s->store;
    parts.hosts = s->hosts;
    parts.sessions = s->sessions;
    parts.drift = s->drift;
    parts.proxies = s->proxies;
    parts.robots = s->robots;
    parts.resolve = s->resolve;
    parts.jobs = s->jobs;
    parts.schedules = s->schedules;
    parts.tenants = s->tenants;
    parts.pool = s->pool;

    s->api = api_create(&parts);

    return s->api != NULL ? SC_OK : SC_ERROR;
}


/*
 * What the store knows about hosts and tenants is here: fetching and serving
 * begin.
 */

static void
scraped_ready(void *data)
{
    char        err[512];
    scraped_t  *s = data;

    if (--s->reading > 0) {
        return;
    }

    frontier_begin(s->frontier);

    s->server = server_create(s->loop, &s->settings, s->socket, api_handle,
                              api_streams, s->api, err, sizeof(err));

    if (s->server == NULL) {
        log_error("%s", err);
        s->failed = 1;
        loop_stop(s->loop);
        return;
    }

    api_served(s->api, s->server);
    log_notice("scraped " SCRAPED_VERSION " serves %s",
               s->socket != -1 ? "the socket it was passed"
                               : s->settings.listen);
    service_ready();
    scraped_alive(&s->alive);
}


/* Say so for as long as the loop goes round. */
static void
scraped_alive(loop_timer_t *timer)
{
    int64_t     interval;
    scraped_t  *s = timer->data;

    interval = service_interval();

    if (interval > 0) {
        service_alive();
        (void) loop_timer_set(s->loop, timer, interval);
    }
}


/*
 * The clock asks for a job, as a client would.  Before anybody is served there
 * is nobody to ask.
 */
static void
scraped_scheduled(void *data, sc_str_t tenant, const char *name,
    const char *kind, sc_str_t body)
{
    char             target[32];
    scraped_t       *s = data;
    scraped_run_t   *run;

    run = calloc(1, sizeof(scraped_run_t) + tenant.len + strlen(name) + 1);

    if (run == NULL) {
        schedules_ran(s->schedules, tenant, name, 503, "");
        return;
    }

    run->scraped = s;
    run->tenant = tenant.len;
    memcpy(run->text, tenant.data, tenant.len);
    memcpy(run->text + tenant.len, name, strlen(name) + 1);

    (void) snprintf(target, sizeof(target), "/v1/%s", kind);

    if (s->server == NULL
        || server_local(s->server, "POST", target, tenant, body, scraped_ran,
                        run)
           != SC_OK)
    {
        schedules_ran(s->schedules, tenant, name, 503, "");
        free(run);
    }
}


static void
scraped_ran(void *data, int status, sc_str_t headers, sc_str_t body)
{
    json_t         *answer;
    sc_str_t        tenant;
    const char     *job;
    scraped_run_t  *run = data;

    (void) headers;

    tenant.data = run->text;
    tenant.len = run->tenant;

    answer = sc_json_of(body.len > 0 ? body.data : "", body.len, 0, NULL);
    job = json_string_value(json_object_get(answer, "id"));
    schedules_ran(run->scraped->schedules, tenant, run->text + run->tenant,
                  status, job != NULL ? job : "");
    json_decref(answer);
    free(run);
}


static void
scraped_stop(scraped_t *s)
{
    if (s->server != NULL) {
        api_served(s->api, NULL);
        server_destroy(s->server);
    }

    if (s->api != NULL) {
        api_destroy(s->api);
    }

    if (s->schedules != NULL) {
        schedules_destroy(s->schedules);
    }

    if (s->jobs != NULL) {
        jobs_destroy(s->jobs);
    }

    if (s->webhooks != NULL) {
        webhooks_destroy(s->webhooks);
    }

    if (s->frontier != NULL) {
        frontier_destroy(s->frontier);
    }

    drift_destroy(s->drift);

    if (s->sessions != NULL) {
        sessions_destroy(s->sessions);
    }

    if (s->hosts != NULL) {
        hosts_destroy(s->hosts);
    }

    if (s->tenants != NULL) {
        tenants_close(s->tenants);
    }

    if (s->store != NULL) {
        store_close(s->store);
    }

    scraped_stop_fetching(s);

    if (s->loop != NULL) {
        loop_timer_del(s->loop, &s->alive);
        loop_timer_del(s->loop, &s->drain);
        loop_destroy(s->loop);
    }

    log_notice("scraped has stopped");
    settings_free(&s->settings);
}


static void
scraped_stop_fetching(scraped_t *s)
{
    if (s->pool != NULL) {
        pool_destroy(s->pool);
    }

    if (s->robots != NULL) {
        robots_cache_destroy(s->robots);
    }

    if (s->proxies != NULL) {
        proxies_close(s->proxies);
    }

    if (s->fetcher != NULL) {
        fetcher_destroy(s->fetcher);
    }

    if (s->resolve != NULL) {
        resolve_destroy(s->resolve);
    }

    if (s->policy != NULL) {
        policy_destroy(s->policy);
    }
}


static void
scraped_signal(int signo, void *data)
{
    scraped_t  *s = data;

    switch (signo) {

    case SIGCHLD:
        if (s->pool != NULL) {
            pool_reap(s->pool);
        }

        break;

    case SIGHUP:
        scraped_reread(s);
        break;

    default:
        scraped_drain(s);
    }
}


static void
scraped_reread(scraped_t *s)
{
    char  err[512];

    if (log_reopen() != SC_OK) {
        log_warn("could not open the log \"%s\" again: %m",
                 s->settings.log);
    }

    if (s->proxies != NULL
        && proxies_reload(s->proxies, err, sizeof(err)) != SC_OK)
    {
        log_error("the proxies stay as they were: %s", err);
    }

    if (s->tenants != NULL
        && tenants_reload(s->tenants, err, sizeof(err)) != SC_OK)
    {
        log_error("the tenants stay as they were: %s", err);
    }
}


/* The first signal lets what is under way end; the second does not. */
static void
scraped_drain(scraped_t *s)
{
    if (s->draining) {
        loop_stop(s->loop);
        return;
    }

    log_notice("scraped is stopping, %zu jobs are under way",
               frontier_running(s->frontier));

    service_stopping();
    s->draining = 1;
    s->drain_until = loop_now(s->loop) + s->settings.drain_timeout * LOOP_MS;

    api_drain(s->api);
    schedules_drain(s->schedules);
    webhooks_drain(s->webhooks);

    if (s->server != NULL) {
        server_drain(s->server);
    }

    frontier_drain(s->frontier, s->settings.drain_timeout * LOOP_MS,
                   scraped_drained, s);
    (void) loop_timer_set(s->loop, &s->drain, SCRAPED_DRAIN_TICK);
}


static void
scraped_drained(void *data)
{
    scraped_t  *s = data;

    s->drained = 1;
}


/* Go once no job is under way and the last reply has left. */
static void
scraped_drain_tick(loop_timer_t *timer)
{
    scraped_t  *s = timer->data;

    if ((s->drained && (s->server == NULL || server_open(s->server) == 0))
        || loop_now(s->loop) >= s->drain_until)
    {
        loop_stop(s->loop);
        return;
    }

    (void) loop_timer_set(s->loop, timer, SCRAPED_DRAIN_TICK);
}
