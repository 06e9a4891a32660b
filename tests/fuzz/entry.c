
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include "tests/fuzz/fuzz.h"


/* beginnings of a second of the processor's time that an input may see */
#define ENTRY_TICKS  2


/* FUZZ_ENTRY is fuzz_NAME, given by the compiler's command line */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void entry_tick(int signo);


static volatile sig_atomic_t  entry_ticks;


/* Wall-clock time says little on a machine that is busy. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct itimerval  timer = { { 1, 0 }, { 1, 0 } };
    struct sigaction  action = { .sa_handler = entry_tick,
                                 .sa_flags = SA_RESTART };

    (void) argc;
    (void) argv;
    (void) sigaction(SIGVTALRM, &action, NULL);
    (void) setitimer(ITIMER_VIRTUAL, &timer, NULL);

    return 0;
}


static void
entry_tick(int signo)
{
    (void) signo;

    if (++entry_ticks >= ENTRY_TICKS) {
        fuzz_broken("an input takes less than a second", __FILE__, __LINE__);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    entry_ticks = 0;

    return FUZZ_ENTRY(data, size);
}
