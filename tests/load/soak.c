
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/load/soak.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define SOAK_SEC          INT64_C(1000000000)
#define SOAK_TIMEOUT      90000         /* ms, of a request */
#define SOAK_CLIENTS      128
#define SOAK_PROBES       32            /* clients that find the capacity */
#define SOAK_LEDGER       4000000
#define SOAK_SETTLE       600
#define SOAK_INTERVAL     10            /* s, from one sample to the next */
#define SOAK_MANY         30            /* samples, before slopes are judged */
#define SOAK_MORE_FDS     8
#define SOAK_WAL          (64 * 1024)   /* KB */

/* what grows by a megabyte in ten minutes, KB a second */
#define SOAK_SLOPE        (1024.0 / 600)

#define SOAK_SETTINGS     "host_connections = 16\n"


typedef struct {
    site_t          site;
    gateway_t       g;
    soak_mix_t      mix;
    soak_samples_t  samples;
    int64_t         next;
    size_t          seconds;
} soak_t;


static void soak_begin(soak_t *s);
static void soak_end(soak_t *s);
static double soak_capacity(soak_t *s, size_t seconds);
static void soak_load(soak_t *s, double rate);
static void soak_tick(void *data);
static size_t soak_judge(const soak_t *s);
static size_t soak_judge_process(const soak_samples_t *s,
    const soak_process_t *p);
static long soak_most(const long *values, size_t n);


START_TEST(a_long_load_leaves_nothing_behind)
{
    size_t  wrong;
    double  capacity;
    soak_t  s;

    soak_begin(&s);
    capacity = soak_capacity(&s, proof_times("SOAK_PROBE", 30, 30));
    soak_load(&s, capacity * 0.8);
    wrong = soak_judge(&s);
    wrong += s.mix.failed + s.mix.refused;
    wrong += ledger_verify(s.mix.ledger, &s.g);

    /* it fails the test when a log has an alert */
    gateway_stop(&s.g);
    proof_report("soak", "A9: a long load leaves nothing behind", s.mix.sent,
                 wrong, "%zu s at 80 %% of %.0f requests/s: %zu answered, "
                 "%zu refused, %zu failed (%ld), %zu jobs in the ledger, %u "
                 "pages", s.seconds, capacity, s.mix.answered, s.mix.refused,
                 s.mix.failed, s.mix.status, ledger_count(s.mix.ledger),
                 s.site.seen->pages);
    soak_end(&s);
}
END_TEST


static void
soak_begin(soak_t *s)
{
    memset(s, 0, sizeof(soak_t));
    s->seconds = proof_times("MINUTES", 30, 30) * 60;
    site_start(&s->site, &(site_options_t) { .pages = 100 });
    gateway_start(&s->g, &(gateway_options_t) { .settings = SOAK_SETTINGS,
                                                .server = WATCH_LOCATION });
    soak_samples_create(&s->samples, &s->g, s->seconds / SOAK_INTERVAL + 1);
    s->mix.g = &s->g;
    s->mix.site = &s->site;
    s->mix.ledger = ledger_create(SOAK_LEDGER);
}


static void
soak_end(soak_t *s)
{
    site_stop(&s->site);
    soak_samples_free(&s->samples);
    ledger_destroy(s->mix.ledger);
    loading_times_free(&s->mix.times);
}


/* Requests a second, with all that they lead to. */
static double
soak_capacity(soak_t *s, size_t seconds)
{
    int64_t  from;
    double   rate;

    from = loading_now();
    s->mix.until = from + (int64_t) seconds * SOAK_SEC;
    loading_run(s->g.url, SOAK_PROBES, SOAK_TIMEOUT, soak_mix_next,
                soak_mix_done, &s->mix);
    ledger_settle(s->mix.ledger, &s->g, SOAK_SETTLE);
    rate = (double) s->mix.sent * 1e9 / (double) (loading_now() - from);
    (void) printf("{\"soak\":\"capacity\",\"requests_s\":%.1f,"
                  "\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"refused\":%zu,"
                  "\"failed\":%zu}\n", rate,
                  loading_percentile(&s->mix.times, 0.5),
                  loading_percentile(&s->mix.times, 0.99), s->mix.refused,
                  s->mix.failed);
    (void) fflush(stdout);
    s->mix.times.n = 0;

    return rate;
}


static void
soak_load(soak_t *s, double rate)
{
    s->mix.rate = rate;
    s->mix.from = loading_now();
    s->mix.until = s->mix.from + (int64_t) s->seconds * SOAK_SEC;
    s->next = s->mix.from + SOAK_INTERVAL * SOAK_SEC;
    s->mix.tick = soak_tick;
    s->mix.data = s;
    loading_run(s->g.url, SOAK_CLIENTS, SOAK_TIMEOUT, soak_mix_next,
                soak_mix_done, &s->mix);
    ledger_settle(s->mix.ledger, &s->g, SOAK_SETTLE);
}


/* A sample when it is time, and a line that says how it goes. */
static void
soak_tick(void *data)
{
    double           at;
    size_t           n;
    soak_t          *s = data;
    soak_samples_t  *samples = &s->samples;

    if (loading_now() < s->next) {
        return;
    }

    s->next += SOAK_INTERVAL * SOAK_SEC;
    at = (double) (loading_now() - s->mix.from) / 1e9;
    n = samples->n;
    soak_samples_take(samples, at, &s->mix.times);
    s->mix.times.n = 0;

    if (samples->n > n) {
        (void) printf("{\"soak\":\"sample\",\"s\":%.0f,\"p50_ms\":%.1f,"
                      "\"p99_ms\":%.1f,\"scraped_kb\":%ld,"
                      "\"scraped_fds\":%ld,\"wal_kb\":%ld,\"refused\":%zu,"
                      "\"failed\":%zu}\n", at, samples->p50[n],
                      samples->p99[n], samples->processes[0].rss[n],
                      samples->processes[0].fds[n], samples->wal[n],
                      s->mix.refused, s->mix.failed);
        (void) fflush(stdout);
    }
}


/* Say what each process did; how many did what they must not. */
static size_t
soak_judge(const soak_t *s)
{
    long                   wal;
    size_t                 i, wrong;
    const soak_samples_t  *samples = &s->samples;

    wrong = 0;

    for (i = 0; i < samples->nprocesses; i++) {
        wrong += soak_judge_process(samples, &samples->processes[i]);
    }

    wal = soak_most(samples->wal, samples->n);
    wrong += wal > SOAK_WAL;
    (void) printf("{\"soak\":\"times\",\"p50_first_ms\":%.1f,"
                  "\"p50_last_ms\":%.1f,\"p99_first_ms\":%.1f,"
                  "\"p99_last_ms\":%.1f,\"wal_most_kb\":%ld}\n",
                  soak_samples_third(samples, samples->p50, 0),
                  soak_samples_third(samples, samples->p50, 2),
                  soak_samples_third(samples, samples->p99, 0),
                  soak_samples_third(samples, samples->p99, 2), wal);
    (void) fflush(stdout);

    return wrong;
}


/* A run of some minutes is all warm-up: its slopes are told, not judged. */
static size_t
soak_judge_process(const soak_samples_t *s, const soak_process_t *p)
{
    int     grows, opens;
    long    last;
    double  slope, from, to;

    slope = soak_samples_slope(s, p->rss);
    from = soak_samples_third_of(s, p->fds, 0);
    to = soak_samples_third_of(s, p->fds, 2);
    last = s->n > 0 ? (long) s->n - 1 : 0;
    grows = s->n >= SOAK_MANY && slope >= SOAK_SLOPE;
    opens = to > from * 1.05 + SOAK_MORE_FDS;

    (void) printf("{\"soak\":\"process\",\"name\":\"%s\","
                  "\"rss_first_kb\":%ld,\"rss_last_kb\":%ld,"
                  "\"rss_most_kb\":%ld,\"slope_mb_10min\":%.3f,"
                  "\"fds_first\":%.0f,\"fds_last\":%.0f,\"threads\":%ld,"
                  "\"grows\":%d,\"opens\":%d}\n", p->name, p->rss[0],
                  p->rss[last], soak_most(p->rss, s->n), slope * 600 / 1024,
                  from, to, p->threads[last], grows, opens);

    return (size_t) grows + (size_t) opens;
}


static long
soak_most(const long *values, size_t n)
{
    long    most;
    size_t  i;

    most = 0;

    for (i = 0; i < n; i++) {
        most = values[i] > most ? values[i] : most;
    }

    return most;
}


int
main(void)
{
    const TTest  *tests[] = { a_long_load_leaves_nothing_behind, NULL };

    return suite_run("soak", tests,
                     (double) proof_times("MINUTES", 30, 30) * 60 + 3600);
}
