
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>

#include <seccomp.h>

#include "sidecar/worker/sandbox.h"


#define SANDBOX_COUNT(list)  (sizeof(list) / sizeof((list)[0]))


static int sandbox_rlimit(int resource, rlim_t limit);

#if SANDBOX_LOCKS

static int sandbox_allow(scmp_filter_ctx filter);


/*
 * A call, and what one or two of its arguments must be: the bits of mask are
 * those of value.
 */
typedef struct {
    int                   call;
    unsigned              n;
    struct scmp_arg_cmp   args[2];
} sandbox_call_t;


#define SANDBOX_IS(n, value)         SCMP_CMP(n, SCMP_CMP_EQ, value)
#define SANDBOX_BITS(n, mask, value)                                         \
    SCMP_CMP(n, SCMP_CMP_MASKED_EQ, mask, value)


/* What libc and the libraries call between pages and in them. */

static const sandbox_call_t  sandbox_calls[] = {

    /* the page and its data; a descriptor that came along could be a log */
    { SCMP_SYS(recvfrom), 1, { SANDBOX_IS(0, SANDBOX_SOCKET) } },
    { SCMP_SYS(sendmsg), 1, { SANDBOX_IS(0, SANDBOX_SOCKET) } },

    /* memory that is nobody's file, and that is never executed */
    { SCMP_SYS(mmap), 2, { SANDBOX_BITS(2, PROT_EXEC, 0),
                           SANDBOX_BITS(3, MAP_ANONYMOUS, MAP_ANONYMOUS) } },
    { SCMP_SYS(brk), 0, { { 0 } } },
    { SCMP_SYS(madvise), 0, { { 0 } } },
    { SCMP_SYS(mremap), 0, { { 0 } } },
    { SCMP_SYS(munmap), 0, { { 0 } } },

    /* time; its own limit alone, no other process being 0 */
    { SCMP_SYS(clock_gettime), 0, { { 0 } } },
    { SCMP_SYS(setitimer), 1, { SANDBOX_IS(0, ITIMER_REAL) } },
    { SCMP_SYS(rt_sigreturn), 0, { { 0 } } },
    { SCMP_SYS(prlimit64), 2, { SANDBOX_IS(0, 0),
                                SANDBOX_IS(1, RLIMIT_CPU) } },

    /* what is done once wakes those who wait for it: there is nobody */
    { SCMP_SYS(futex), 1, { SANDBOX_IS(1, FUTEX_WAKE_PRIVATE) } },

    { SCMP_SYS(exit_group), 0, { { 0 } } }
};

#endif


/*
 * The parent may be gone before it is watched, but then the socket is closed,
 * and that is noticed.  Signals sent to all of a service or terminal are for
 * the parent, which may be draining.
 */
int
sandbox_limit(void)
{
    size_t  i;

    static const int  ignored[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP };

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0
        || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_DUMPABLE, 0) != 0)
    {
        return SC_ERROR;
    }

    closefrom(STDERR_FILENO + 1);

    (void) setpriority(PRIO_PROCESS, 0, SANDBOX_NICE);

    for (i = 0; i < SANDBOX_COUNT(ignored); i++) {
        (void) signal(ignored[i], SIG_IGN);
    }

    if (sandbox_rlimit(RLIMIT_CORE, 0) != SC_OK
        || sandbox_rlimit(RLIMIT_NOFILE, SANDBOX_MAX_FILES) != SC_OK)
    {
        return SC_ERROR;
    }

#if SANDBOX_LOCKS
    if (sandbox_rlimit(RLIMIT_FSIZE, 0) != SC_OK
        || sandbox_rlimit(RLIMIT_AS, SANDBOX_MAX_SPACE) != SC_OK)
    {
        return SC_ERROR;
    }
#endif

    return SC_OK;
}


#if SANDBOX_LOCKS

int
sandbox_lock(void)
{
    int              rc;
    scmp_filter_ctx  filter;

    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) {
        errno = ENOMEM;
        return SC_ERROR;
    }

    /* what is of another architecture, or of none, is no better */
    rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
                          SCMP_ACT_KILL_PROCESS);

    if (rc == 0) {
        rc = sandbox_allow(filter);
    }

    if (rc == 0) {
        rc = seccomp_load(filter);
    }

    seccomp_release(filter);

    if (rc != 0) {
        errno = -rc;
        return SC_ERROR;
    }

    return SC_OK;
}


static int
sandbox_allow(scmp_filter_ctx filter)
{
    int                    rc;
    size_t                 i;
    const sandbox_call_t  *c;

    rc = 0;

    for (i = 0; i < SANDBOX_COUNT(sandbox_calls) && rc == 0; i++) {
        c = &sandbox_calls[i];
        rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, c->call, c->n,
                                    c->args);
    }

    return rc;
}

#else

int
sandbox_lock(void)
{
    return SC_OK;
}

#endif


/* A thread uses no more of the processor than there is time. */

void
sandbox_cpu(sandbox_cpu_t *cpu)
{
    struct rlimit    r;
    struct timespec  now, used;

    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now) != 0
        || (cpu->limit != 0 && now.tv_sec == cpu->set)
        || clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0
        || getrlimit(RLIMIT_CPU, &r) != 0)
    {
        return;
    }

    cpu->set = now.tv_sec;
    cpu->limit = (rlim_t) used.tv_sec + SANDBOX_MAX_CPU;
    r.rlim_cur = cpu->limit;

    if (r.rlim_max == RLIM_INFINITY || r.rlim_cur <= r.rlim_max) {
        (void) setrlimit(RLIMIT_CPU, &r);
    }
}


static int
sandbox_rlimit(int resource, rlim_t limit)
{
    struct rlimit  r;

    if (getrlimit((__rlimit_resource_t) resource, &r) != 0) {
        return SC_ERROR;
    }

    if (r.rlim_max == RLIM_INFINITY || r.rlim_max > limit) {
        r.rlim_max = limit;
    }

    r.rlim_cur = r.rlim_max;

    return setrlimit((__rlimit_resource_t) resource, &r) == 0 ? SC_OK
                                                              : SC_ERROR;
}
