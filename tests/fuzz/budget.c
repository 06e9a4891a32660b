
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include <jansson.h>

#include "common/regex/sc_regex.h"
#include "sidecar/crawl/crawl.h"
#include "sidecar/extract/extract.h"
#include "tests/fuzz/budget.h"


static void budget_prepare(void);
static void budget_over(int signo);
static void budget_set(long usec);


static volatile sig_atomic_t  budget_stop;


void
budget_begin(void)
{
    static int  prepared;

    if (!prepared) {
        budget_prepare();
        prepared = 1;
    }

    budget_stop = 0;
    extract_resume();
    budget_set(BUDGET_MS * 1000);
}


static void
budget_prepare(void)
{
    struct sigaction  action = { .sa_handler = budget_over };

    json_object_seed(1);
    (void) extract_prepare();
    crawl_watch(&budget_stop);
    (void) sigaction(SIGPROF, &action, NULL);
}


static void
budget_over(int signo)
{
    (void) signo;
    budget_stop = 1;
    extract_interrupt();
}


void
budget_end(void)
{
    budget_set(0);
    extract_resume();
}


static void
budget_set(long usec)
{
    struct itimerval  timer = { .it_value = { usec / 1000000,
                                              usec % 1000000 } };

    (void) setitimer(ITIMER_PROF, &timer, NULL);
}
