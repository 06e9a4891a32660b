
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/torture/torture.h"


/*
 * Milliseconds: how much less than a delay is none, since a request may take
 * longer to its host than the next one; how long the breaker is open at first;
 * how long what is learned of a host may be in memory alone; how far apart two
 * fetches are whose order the kernel's clock does not tell.
 */
#define TORTURE_SLACK     (TORTURE_DELAY / 2)
#define TORTURE_OPEN      10000
#define TORTURE_FAILS     3
#define TORTURE_UNKEPT    600
#define TORTURE_TICK      20
#define TORTURE_TOLD      10


/* What is known of a host so far. */
typedef struct {
    torture_hit_t  last;
    int            failures;
    int64_t        failing;     /* since when */
    int            any;
} torture_memory_t;


static int torture_hits_order(const void *one, const void *two);
static int torture_before(const torture_memory_t *m,
    const torture_hit_t *hit);
static int64_t torture_owed(const torture_t *t, const torture_memory_t *m,
    const torture_hit_t *hit);
static int torture_killed_between(const torture_t *t, int64_t from,
    int64_t to);
static void torture_learn(torture_memory_t *m, const torture_hit_t *hit);


size_t
torture_judge(torture_t *t, size_t *judged)
{
    size_t                i, n, wrong;
    int64_t               owed;
    const torture_hit_t  *hit;
    torture_memory_t      known[TORTURE_HOSTS], *m;

    memset(known, 0, sizeof(known));
    n = atomic_load(&t->nhits);
    qsort(t->hits, n, sizeof(torture_hit_t), torture_hits_order);
    wrong = 0;
    *judged = 0;

    for (i = 0; i < n; i++) {
        hit = &t->hits[i];
        m = &known[hit->host];

        if (torture_before(m, hit)) {
            continue;
        }

        owed = m->any ? torture_owed(t, m, hit) : 0;
        *judged += owed > 0;

        if (owed > 0 && hit->at - m->last.at < owed
            && wrong++ < TORTURE_TOLD)
        {
            (void) fprintf(stderr, "torture: host %d was asked after %lld ms "
                           "of %lld, robots %d after %d, status %d after %d\n",
                           hit->host, (long long) (hit->at - m->last.at),
                           (long long) owed, hit->robots, m->last.robots,
                           hit->status, m->last.status);
        }

        torture_learn(m, hit);
    }

    return wrong;
}


static int
torture_hits_order(const void *one, const void *two)
{
    const torture_hit_t  *a = one, *b = two;

    return (a->at > b->at) - (a->at < b->at);
}


/* A robots.txt that a page which seems to have come first has waited for. */
static int
torture_before(const torture_memory_t *m, const torture_hit_t *hit)
{
    return hit->host == TORTURE_BLOCKING && hit->robots && m->any
           && !m->last.robots && hit->at - m->last.at <= TORTURE_TICK;
}


/* How long after the last fetch this one may come at the earliest. */
static int64_t
torture_owed(const torture_t *t, const torture_memory_t *m,
    const torture_hit_t *hit)
{
    switch (hit->host) {

    case TORTURE_LIMITED:
        return TORTURE_DELAY - TORTURE_SLACK;

    case TORTURE_CRAWL_DELAY:
        /* robots.txt, which says so, is fetched anew after a start */
        return hit->robots ? 0 : TORTURE_DELAY - TORTURE_SLACK;

    case TORTURE_WISHED:
        /* a wish is of pages */
        return hit->robots || m->last.robots
               ? 0 : TORTURE_DELAY - TORTURE_SLACK;

    case TORTURE_BLOCKING:
        return m->last.status == 429
               && !torture_killed_between(t, m->last.at,
                                          m->last.at + TORTURE_UNKEPT)
               ? TORTURE_BLOCK - TORTURE_SLACK : 0;

    case TORTURE_FAILING:
        return m->failures >= TORTURE_FAILS
               && !torture_killed_between(t, m->failing,
                                          m->last.at + TORTURE_UNKEPT)
               ? TORTURE_OPEN - TORTURE_SLACK : 0;

    default:
        return 0;
    }
}


static int
torture_killed_between(const torture_t *t, int64_t from, int64_t to)
{
    size_t  i;

    for (i = 0; i < t->nkilled; i++) {
        if (t->killed[i] >= from - TORTURE_SLACK && t->killed[i] <= to) {
            return 1;
        }
    }

    return 0;
}


static void
torture_learn(torture_memory_t *m, const torture_hit_t *hit)
{
    if (hit->status < 500) {
        m->failures = 0;

    } else if (m->failures++ == 0) {
        m->failing = hit->at;
    }

    m->last = *hit;
    m->any = 1;
}
