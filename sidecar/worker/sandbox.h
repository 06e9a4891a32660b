
/*
 * What a worker gives up before it sees a page: the file system, the network,
 * other processes, all memory but so much, all time but so much.  A page that
 * takes a worker over has its own bytes and nothing else.
 *
 * Two steps: limits first; then, when every library has opened what it needs,
 * the system calls.  In a build with AddressSanitizer, which has calls and
 * terabytes of its own and writes a report, the address space, the size of
 * files and the calls stay open.
 *
 * See seccomp(2), setrlimit(2) and prctl(2).
 */

#ifndef SANDBOX_H
#define SANDBOX_H


#include <time.h>

#include <sys/resource.h>

#include "common/sc_core.h"


/* the one descriptor that bytes may come from and go to: a socket */
#define SANDBOX_SOCKET     0

#define SANDBOX_MAX_SPACE  ((rlim_t) 2 << 30)   /* bytes of address space */
#define SANDBOX_MAX_FILES  8                    /* descriptors */

/* seconds of processor for one page; the pool kills long before */
#define SANDBOX_MAX_CPU    70

/* the loop, which serves all, goes before a worker, which serves one */
#define SANDBOX_NICE       5


/* Whether sandbox_lock() does what it says. */
#ifdef __SANITIZE_ADDRESS__
#define SANDBOX_LOCKS      0
#else
#define SANDBOX_LOCKS      1
#endif


/*
 * The limit in seconds of processor, and when it was set, in seconds of
 * CLOCK_MONOTONIC; both 0 before that.
 */
typedef struct {
    time_t  set;
    rlim_t  limit;
} sandbox_cpu_t;


/*
 * Close every descriptor but the first three, die with the parent, never gain
 * privileges, write no file and no core, ignore what is sent to a terminal's
 * or a service's whole group.  SC_OK, or SC_ERROR with errno.
 */
int sandbox_limit(void);

/*
 * Allow from here on only the calls of the tables in sandbox.c: those that
 * move bytes over SANDBOX_SOCKET, that get memory which is never executable,
 * and that set the time of the page.  Any other, and any of another
 * architecture, ends the process by SIGSYS, which it cannot catch.  SC_OK, or
 * SC_ERROR with errno.
 */
int sandbox_lock(void);

/*
 * The limit on processor time is on the whole life of a process: move it on,
 * so that the next page has SANDBOX_MAX_CPU, or a second less.  A process
 * beyond it ends by SIGXCPU.
 */
void sandbox_cpu(sandbox_cpu_t *cpu);


#endif /* SANDBOX_H */
