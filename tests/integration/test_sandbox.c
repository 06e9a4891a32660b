
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "sidecar/worker/sandbox.h"
#include "tests/support/suite.h"


#define SANDBOX_TEST_RW      (PROT_READ | PROT_WRITE)
#define SANDBOX_TEST_ANON    (MAP_PRIVATE | MAP_ANONYMOUS)
#define SANDBOX_TEST_FILE    "/etc/passwd"
#define SANDBOX_TEST_X32     0x40000000L
#define SANDBOX_TEST_LARGE   ((size_t) 2 << 30)
#define SANDBOX_TEST_PIECE   ((size_t) 100 << 10)
#define SANDBOX_TEST_WORK    ((size_t) 64 << 20)

/* what a part of a test exits with when it did not get so far */
#define SANDBOX_TEST_UNSET   99

#define SANDBOX_TEST_TEXT(text)  ((long) (text))


typedef struct {
    const char  *name;
    long         call;
    long         args[6];
} sandbox_attack_t;


/* What a process does, closed in or not; what it exits with. */
typedef int (*sandbox_part_pt)(const void *data);


static void sandbox_test_killed(const sandbox_attack_t *attack);
static int sandbox_test_unlocked(void);
static int sandbox_test_status(sandbox_part_pt part, const void *data,
    int lock);
static int sandbox_test_call(const void *data);
static int sandbox_test_interrupt(const void *data);
static int sandbox_test_allocate(const void *data);
static int sandbox_test_pieces(const void *data);
static int sandbox_test_map(const void *data);
static int sandbox_test_loop(const void *data);
static int sandbox_test_write(const void *data);
static int sandbox_test_closed(const void *data);
static int sandbox_test_orphan(const void *data);
static int sandbox_test_work(const void *data);
static void sandbox_test_alarm(int signo);


static char                   sandbox_bytes[4096];
static struct iovec           sandbox_iov = { sandbox_bytes, 16 };
static struct msghdr          sandbox_message = { .msg_iov = &sandbox_iov,
                                                  .msg_iovlen = 1 };
static struct rlimit          sandbox_limits = { RLIM_INFINITY,
                                                 RLIM_INFINITY };
static volatile sig_atomic_t  sandbox_alarms;


static const sandbox_attack_t  sandbox_files[] = {
#ifdef SYS_open
    { "open", SYS_open, { SANDBOX_TEST_TEXT(SANDBOX_TEST_FILE), O_RDONLY } },
    { "creat", SYS_creat, { SANDBOX_TEST_TEXT("/tmp/x"), 0600 } },
    { "unlink", SYS_unlink, { SANDBOX_TEST_TEXT("/nowhere") } },
    { "rename", SYS_rename, { SANDBOX_TEST_TEXT("/nowhere"),
                              SANDBOX_TEST_TEXT("/nowhere") } },
    { "readlink", SYS_readlink, { SANDBOX_TEST_TEXT("/proc/self/exe"),
                                  SANDBOX_TEST_TEXT(sandbox_bytes), 64 } },
#endif
    { "openat", SYS_openat, { AT_FDCWD, SANDBOX_TEST_TEXT(SANDBOX_TEST_FILE),
                              O_RDONLY } },
    { "openat of its memory", SYS_openat,
      { AT_FDCWD, SANDBOX_TEST_TEXT("/proc/self/mem"), O_RDWR } },
    { "openat2", SYS_openat2, { AT_FDCWD, 0, 0, 0 } },
    { "memfd_create", SYS_memfd_create, { SANDBOX_TEST_TEXT("x"), 0 } },
    { "read", SYS_read, { 0, SANDBOX_TEST_TEXT(sandbox_bytes), 0 } },
    { "write to the log", SYS_write,
      { STDERR_FILENO, SANDBOX_TEST_TEXT(sandbox_bytes), 0 } },
    { "sendmsg to the log", SYS_sendmsg,
      { STDERR_FILENO, SANDBOX_TEST_TEXT(&sandbox_message), 0 } },
    { "recvfrom the log", SYS_recvfrom,
      { STDERR_FILENO, SANDBOX_TEST_TEXT(sandbox_bytes), 1, MSG_DONTWAIT } },
    { "dup", SYS_dup, { 0 } },
    { "fcntl", SYS_fcntl, { 0, F_GETFD } },
    { "ioctl", SYS_ioctl, { 0, 0x5412, 0 } },
    { "mmap of a file", SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 0, 0 } },
    { "mount", SYS_mount, { 0, 0, 0, 0, 0 } },
    { "chroot", SYS_chroot, { SANDBOX_TEST_TEXT("/") } },
    { "pivot_root", SYS_pivot_root, { 0, 0 } },
    { "mkdirat", SYS_mkdirat, { AT_FDCWD, SANDBOX_TEST_TEXT("/tmp/x"), 0 } },
    { "mknodat", SYS_mknodat, { AT_FDCWD, SANDBOX_TEST_TEXT("/tmp/x"), 0 } },
    { "symlinkat", SYS_symlinkat, { SANDBOX_TEST_TEXT("/"), AT_FDCWD,
                                    SANDBOX_TEST_TEXT("/tmp/x") } },
    { "linkat", SYS_linkat, { AT_FDCWD, 0, AT_FDCWD, 0, 0 } },
    { "unlinkat", SYS_unlinkat, { AT_FDCWD, 0, 0 } },
    { "fchmodat", SYS_fchmodat, { AT_FDCWD, 0, 0777 } },
    { "faccessat", SYS_faccessat, { AT_FDCWD, SANDBOX_TEST_TEXT("/"), 0 } },
    { "statx", SYS_statx, { AT_FDCWD, SANDBOX_TEST_TEXT("/"), 0, 0, 0 } },
    { "fstat", SYS_fstat, { 0, SANDBOX_TEST_TEXT(sandbox_bytes) } },
    { "getdents64", SYS_getdents64, { 0, 0, 0 } },
    { "chdir", SYS_chdir, { SANDBOX_TEST_TEXT("/") } },
    { "open_by_handle_at", SYS_open_by_handle_at, { AT_FDCWD, 0, 0 } },
    { "ftruncate of the log", SYS_ftruncate, { STDERR_FILENO, 0 } },
    { "sendfile", SYS_sendfile, { 0, STDERR_FILENO, 0, 1 } },
    { "splice", SYS_splice, { 0, 0, STDERR_FILENO, 0, 1, 0 } },
    { "pipe2", SYS_pipe2, { SANDBOX_TEST_TEXT(sandbox_bytes), 0 } },
    { "inotify_init1", SYS_inotify_init1, { 0 } },
    { "fanotify_init", SYS_fanotify_init, { 0, 0 } },
    { NULL, 0, { 0 } }
};


static const sandbox_attack_t  sandbox_network[] = {
    { "socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 } },
    { "socket of the kernel", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 } },
    { "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0,
                                      SANDBOX_TEST_TEXT(sandbox_bytes) } },
    { "connect", SYS_connect, { 0, SANDBOX_TEST_TEXT(sandbox_bytes), 16 } },
    { "bind", SYS_bind, { 0, SANDBOX_TEST_TEXT(sandbox_bytes), 16 } },
    { "accept4", SYS_accept4, { 0, 0, 0, 0 } },
    { "sendto", SYS_sendto, { 0, 0, 0, 0, 0, 0 } },
    { "recvmsg", SYS_recvmsg, { 0, SANDBOX_TEST_TEXT(&sandbox_message), 0 } },
    { "sendmmsg", SYS_sendmmsg, { 0, 0, 0, 0 } },
    { "recvmmsg", SYS_recvmmsg, { 0, 0, 0, 0, 0 } },
    { "listen", SYS_listen, { 0, 1 } },
    { "shutdown", SYS_shutdown, { 0, SHUT_RDWR } },
    { "setsockopt", SYS_setsockopt, { 0, SOL_SOCKET, SO_DEBUG, 0, 0 } },
    { "getpeername", SYS_getpeername, { 0, 0, 0 } },
    { NULL, 0, { 0 } }
};


static const sandbox_attack_t  sandbox_processes[] = {
#ifdef SYS_fork
    { "fork", SYS_fork, { 0 } },
    { "vfork", SYS_vfork, { 0 } },
#endif
    { "execve", SYS_execve, { SANDBOX_TEST_TEXT("/bin/true"), 0, 0 } },
    { "execveat", SYS_execveat, { AT_FDCWD, SANDBOX_TEST_TEXT("/bin/true"),
                                  0, 0, 0 } },
    { "clone", SYS_clone, { SIGCHLD, 0, 0, 0, 0 } },
    { "clone3", SYS_clone3, { 0, 0 } },
    { "ptrace", SYS_ptrace, { PTRACE_TRACEME, 0, 0, 0 } },
    { "ptrace of the first", SYS_ptrace, { PTRACE_ATTACH, 1, 0, 0 } },
    { "kill", SYS_kill, { 0, 0 } },
    { "kill all", SYS_kill, { -1, 0 } },
    { "tkill", SYS_tkill, { 1, 0 } },
    { "tgkill", SYS_tgkill, { 1, 1, 0 } },
    { "rt_sigqueueinfo", SYS_rt_sigqueueinfo, { 1, 0, 0 } },
    { "pidfd_open", SYS_pidfd_open, { 1, 0 } },
    { "process_vm_readv", SYS_process_vm_readv,
      { 1, SANDBOX_TEST_TEXT(&sandbox_iov), 1,
        SANDBOX_TEST_TEXT(&sandbox_iov), 1, 0 } },
    { "process_vm_writev", SYS_process_vm_writev,
      { 1, SANDBOX_TEST_TEXT(&sandbox_iov), 1,
        SANDBOX_TEST_TEXT(&sandbox_iov), 1, 0 } },
    { "pidfd_send_signal", SYS_pidfd_send_signal, { 0, 0, 0, 0 } },
    { "pidfd_getfd", SYS_pidfd_getfd, { 0, 0, 0 } },
    { "process_madvise", SYS_process_madvise, { 0, 0, 0, 0, 0 } },
    { "kcmp", SYS_kcmp, { 1, 1, 0, 0, 0 } },
    { "wait4", SYS_wait4, { -1, 0, 0, 0 } },
    { "setsid", SYS_setsid, { 0 } },
    { "setpgid", SYS_setpgid, { 0, 0 } },
    { "sched_setaffinity", SYS_sched_setaffinity, { 1, 0, 0 } },
    { "shmget", SYS_shmget, { 0, 4096, 0600 } },
    { "shmat", SYS_shmat, { 0, 0, 0 } },
    { "msgget", SYS_msgget, { 0, 0600 } },
    { "semget", SYS_semget, { 0, 1, 0600 } },
    { "mq_open", SYS_mq_open, { 0, 0, 0, 0 } },
    { "prlimit64 of another", SYS_prlimit64,
      { 1, RLIMIT_CPU, SANDBOX_TEST_TEXT(&sandbox_limits), 0 } },
    { NULL, 0, { 0 } }
};


static const sandbox_attack_t  sandbox_rights[] = {
    { "mmap to execute", SYS_mmap,
      { 0, 4096, SANDBOX_TEST_RW | PROT_EXEC, SANDBOX_TEST_ANON, -1, 0 } },
    { "mprotect to execute", SYS_mprotect,
      { 0, 4096, PROT_READ | PROT_EXEC } },
    { "mprotect", SYS_mprotect, { 0, 4096, SANDBOX_TEST_RW } },
    { "pkey_mprotect", SYS_pkey_mprotect, { 0, 4096, PROT_EXEC, -1 } },
    { "unshare", SYS_unshare, { CLONE_NEWUSER } },
    { "setns", SYS_setns, { 0, 0 } },
    { "setuid", SYS_setuid, { 0 } },
    { "capset", SYS_capset, { 0, 0 } },
    { "prctl of dumps", SYS_prctl, { PR_SET_DUMPABLE, 1 } },
    { "prctl of the parent's death", SYS_prctl, { PR_SET_PDEATHSIG, 0 } },
    { "seccomp", SYS_seccomp, { 0, 0, 0 } },
    { "rt_sigaction", SYS_rt_sigaction, { SIGXCPU, 0, 0, 8 } },
    { "rt_sigprocmask", SYS_rt_sigprocmask, { SIG_BLOCK, 0, 0, 8 } },
    { "setrlimit", SYS_setrlimit,
      { RLIMIT_AS, SANDBOX_TEST_TEXT(&sandbox_limits) } },
    { "setitimer of the processor", SYS_setitimer, { ITIMER_PROF, 0, 0 } },
    { "prlimit64 of memory", SYS_prlimit64,
      { 0, RLIMIT_AS, SANDBOX_TEST_TEXT(&sandbox_limits), 0 } },
    { "setpriority", SYS_setpriority, { PRIO_PROCESS, 0, 0 } },
    { "personality", SYS_personality, { 0 } },
    { "io_uring_setup", SYS_io_uring_setup, { 1, 0 } },
    { "bpf", SYS_bpf, { 0, 0, 0 } },
    { "perf_event_open", SYS_perf_event_open, { 0, 0, -1, -1, 0 } },
    { "userfaultfd", SYS_userfaultfd, { 0 } },
    { "mlockall", SYS_mlockall, { 3 } },
    { "remap_file_pages", SYS_remap_file_pages, { 0, 0, 0, 0, 0 } },
    { "mmap of the log, shared", SYS_mmap,
      { 0, 4096, PROT_READ, MAP_SHARED, STDERR_FILENO, 0 } },
    { "rt_sigsuspend", SYS_rt_sigsuspend, { 0, 8 } },
    { "sigaltstack", SYS_sigaltstack, { 0, 0 } },
    { "timer_create", SYS_timer_create, { 0, 0, 0 } },
    { "clock_settime", SYS_clock_settime, { 0, 0 } },
    { "settimeofday", SYS_settimeofday, { 0, 0 } },
    { "sethostname", SYS_sethostname, { 0, 0 } },
    { "reboot", SYS_reboot, { 0, 0, 0, 0 } },
    { "syslog", SYS_syslog, { 3, 0, 0 } },
    { "swapon", SYS_swapon, { 0, 0 } },
    { "kexec_load", SYS_kexec_load, { 0, 0, 0, 0 } },
    { "delete_module", SYS_delete_module, { 0, 0 } },
    { "add_key", SYS_add_key, { 0, 0, 0, 0, 0 } },
    { "keyctl", SYS_keyctl, { 0, 0 } },
    { "init_module", SYS_init_module, { 0, 0, 0 } },
    { "futex", SYS_futex, { SANDBOX_TEST_TEXT(sandbox_bytes), FUTEX_REQUEUE,
                            1, 0, 0 } },
#ifdef __x86_64__
    { "modify_ldt", SYS_modify_ldt, { 0, 0, 0 } },
    { "arch_prctl", SYS_arch_prctl, { 0, 0 } },
    { "an x32 getpid", SANDBOX_TEST_X32 | SYS_getpid, { 0 } },
    { "an x32 brk", SANDBOX_TEST_X32 | SYS_brk, { 0 } },
#endif
    { "a call that is none", 4095, { 0 } },
    { NULL, 0, { 0 } }
};


START_TEST(attack_on_files_ends_the_process)
{
    sandbox_test_killed(sandbox_files);
}
END_TEST


START_TEST(attack_on_the_network_ends_the_process)
{
    sandbox_test_killed(sandbox_network);
}
END_TEST


START_TEST(attack_on_processes_ends_the_process)
{
    sandbox_test_killed(sandbox_processes);
}
END_TEST


START_TEST(attack_on_the_parent_ends_the_process)
{
    long  parent = getpid();

    const sandbox_attack_t  parents[] = {
        { "kill", SYS_kill, { parent, SIGKILL } },
        { "kill of its group", SYS_kill, { -getpgrp(), SIGKILL } },
        { "tgkill", SYS_tgkill, { parent, parent, SIGKILL } },
        { "tkill", SYS_tkill, { parent, SIGKILL } },
        { "ptrace", SYS_ptrace, { PTRACE_ATTACH, parent, 0, 0 } },
        { "ptrace to seize it", SYS_ptrace, { PTRACE_SEIZE, parent, 0, 0 } },
        { "pidfd_open", SYS_pidfd_open, { parent, 0 } },
        { "process_vm_readv", SYS_process_vm_readv,
          { parent, SANDBOX_TEST_TEXT(&sandbox_iov), 1,
            SANDBOX_TEST_TEXT(&sandbox_iov), 1, 0 } },
        { "process_vm_writev", SYS_process_vm_writev,
          { parent, SANDBOX_TEST_TEXT(&sandbox_iov), 1,
            SANDBOX_TEST_TEXT(&sandbox_iov), 1, 0 } },
        { "prlimit64", SYS_prlimit64,
          { parent, RLIMIT_CPU, SANDBOX_TEST_TEXT(&sandbox_limits), 0 } },
        { "setpriority", SYS_setpriority, { PRIO_PROCESS, parent, 19 } },
        { "getppid", SYS_getppid, { 0 } },
        { NULL, 0, { 0 } }
    };

    sandbox_test_killed(parents);
}
END_TEST


START_TEST(attack_for_more_rights_ends_the_process)
{
    sandbox_test_killed(sandbox_rights);
}
END_TEST


START_TEST(call_of_a_32_bit_program_ends_the_process)
{
    int  status;

    if (sandbox_test_unlocked()) {
        return;
    }

    status = sandbox_test_status(sandbox_test_interrupt, NULL, 0);

    if (WIFSIGNALED(status)) {
        (void) printf("this kernel has no 32-bit calls: not tested\n");
        return;
    }

    status = sandbox_test_status(sandbox_test_interrupt, NULL, 1);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGSYS);
}
END_TEST


START_TEST(two_gigabytes_are_refused)
{
    int  status;

    if (sandbox_test_unlocked()) {
        return;
    }

    status = sandbox_test_status(sandbox_test_allocate, NULL, 1);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), ENOMEM);

    status = sandbox_test_status(sandbox_test_pieces, NULL, 1);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), ENOMEM);

    status = sandbox_test_status(sandbox_test_map, NULL, 1);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), ENOMEM);
}
END_TEST


START_TEST(endless_loop_ends_with_its_processor_time)
{
    int  status;

    status = sandbox_test_status(sandbox_test_loop, NULL, 1);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGXCPU);
}
END_TEST


START_TEST(file_that_came_along_cannot_grow)
{
    int  status;

    if (sandbox_test_unlocked()) {
        return;
    }

    status = sandbox_test_status(sandbox_test_write, NULL, 0);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGXFSZ);
}
END_TEST


START_TEST(limited_process_keeps_nothing_it_was_started_with)
{
    int  fds[2], status;

    ck_assert_int_eq(pipe(fds), 0);
    status = sandbox_test_status(sandbox_test_closed, &fds[1], 0);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST


START_TEST(process_dies_with_its_parent)
{
    int      fds[2];
    char     c;
    pid_t    pid;

    ck_assert_int_eq(pipe(fds), 0);

    pid = fork();
    ck_assert_int_ne(pid, -1);

    if (pid == 0) {
        _exit(sandbox_test_orphan(fds));
    }

    (void) close(fds[1]);
    ck_assert_int_eq(read(fds[0], &c, 1), 1);
    ck_assert_int_eq(c, '.');
    ck_assert_int_eq(kill(pid, SIGKILL), 0);

    /* the writer's end closes when the last process that has it is gone */
    ck_assert_int_eq(read(fds[0], &c, 1), 0);
}
END_TEST


START_TEST(closed_process_still_does_its_work)
{
    int   fds[2], status;
    char  c;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ck_assert_int_eq(send(fds[0], "x", 1, 0), 1);
    status = sandbox_test_status(sandbox_test_work, &fds[1], 0);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    ck_assert_int_eq(recv(fds[0], &c, 1, MSG_DONTWAIT), 1);
    ck_assert_int_eq(c, 'x');
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        attack_on_files_ends_the_process,
        attack_on_the_network_ends_the_process,
        attack_on_processes_ends_the_process,
        attack_on_the_parent_ends_the_process,
        attack_for_more_rights_ends_the_process,
        call_of_a_32_bit_program_ends_the_process,
        two_gigabytes_are_refused,
        endless_loop_ends_with_its_processor_time,
        file_that_came_along_cannot_grow,
        limited_process_keeps_nothing_it_was_started_with,
        process_dies_with_its_parent,
        closed_process_still_does_its_work,
        NULL
    };

    return suite_run("sandbox", tests, 30);
}


/* Each of them alone ends a process that is closed in. */

static void
sandbox_test_killed(const sandbox_attack_t *attack)
{
    int  status;

    if (sandbox_test_unlocked()) {
        return;
    }

    for ( /* void */ ; attack->name != NULL; attack++) {
        status = sandbox_test_status(sandbox_test_call, attack, 1);

        ck_assert_msg(WIFSIGNALED(status), "%s: the process goes on, errno "
                      "is %d", attack->name, WEXITSTATUS(status));
        ck_assert_msg(WTERMSIG(status) == SIGSYS, "%s: signal %d",
                      attack->name, WTERMSIG(status));
    }
}


static int
sandbox_test_unlocked(void)
{
    if (!SANDBOX_LOCKS) {
        (void) printf("AddressSanitizer needs the calls that the sandbox "
                      "closes: NOT TESTED in this build\n");
        (void) fflush(stdout);
    }

    return !SANDBOX_LOCKS;
}


static int
sandbox_test_status(sandbox_part_pt part, const void *data, int lock)
{
    int    status;
    pid_t  pid;

    pid = fork();
    ck_assert_int_ne(pid, -1);

    if (pid == 0) {
        if (lock
            && (sandbox_limit() != SC_OK || sandbox_lock() != SC_OK))
        {
            _exit(SANDBOX_TEST_UNSET);
        }

        _exit(part(data));
    }

    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(!WIFEXITED(status)
              || WEXITSTATUS(status) != SANDBOX_TEST_UNSET);

    return status;
}


static int
sandbox_test_call(const void *data)
{
    const sandbox_attack_t  *a = data;

    errno = 0;
    (void) syscall(a->call, a->args[0], a->args[1], a->args[2], a->args[3],
                   a->args[4], a->args[5]);

    return errno;
}


/* getpid() by its number and its way of 32-bit programs. */

static int
sandbox_test_interrupt(const void *data)
{
    (void) data;

#ifdef __x86_64__
    __asm__ volatile ("int $0x80" : : "a" (20) : "memory");
#else
    (void) raise(SIGSEGV);
#endif

    return 0;
}


static int
sandbox_test_allocate(const void *data)
{
    char *volatile  p;

    (void) data;

    errno = 0;
    p = malloc(SANDBOX_TEST_LARGE);

    return p == NULL ? errno : 0;
}


/* What libc does when its heap cannot grow is allowed, too. */

static int
sandbox_test_pieces(const void *data)
{
    size_t          n;
    char *volatile  p;

    (void) data;

    for (n = 0; n < SANDBOX_TEST_LARGE; n += SANDBOX_TEST_PIECE) {
        errno = 0;
        p = malloc(SANDBOX_TEST_PIECE);

        if (p == NULL) {
            return errno;
        }
    }

    return 0;
}


static int
sandbox_test_map(const void *data)
{
    (void) data;

    return mmap(NULL, SANDBOX_TEST_LARGE, PROT_NONE,
                SANDBOX_TEST_ANON | MAP_NORESERVE, -1, 0) == MAP_FAILED
           ? errno : 0;
}


/* The process makes its own limit small, which it may. */

static int
sandbox_test_loop(const void *data)
{
    struct rlimit           r;
    static volatile size_t  n;

    (void) data;

    r.rlim_cur = 1;
    r.rlim_max = RLIM_INFINITY;

    if (setrlimit(RLIMIT_CPU, &r) != 0) {
        return errno;
    }

    for ( ;; ) {
        n++;
    }
}


static int
sandbox_test_write(const void *data)
{
    FILE  *f;

    (void) data;

    f = tmpfile();

    if (f == NULL || dup2(fileno(f), STDERR_FILENO) == -1
        || sandbox_limit() != SC_OK)
    {
        return SANDBOX_TEST_UNSET;
    }

    return write(STDERR_FILENO, "x", 1) == 1 ? 0 : errno;
}


/* The exit status is the number of the first thing that is not so. */

static int
sandbox_test_closed(const void *data)
{
    struct rlimit  r;

    if (sandbox_limit() != SC_OK) {
        return SANDBOX_TEST_UNSET;
    }

    if (fcntl(*(const int *) data, F_GETFD) != -1 || errno != EBADF) {
        return 1;
    }

    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
        return 2;
    }

    if (prctl(PR_GET_DUMPABLE) != 0) {
        return 3;
    }

    if (getrlimit(RLIMIT_CORE, &r) != 0 || r.rlim_max != 0) {
        return 4;
    }

    if (raise(SIGTERM) != 0 || raise(SIGINT) != 0 || raise(SIGQUIT) != 0
        || raise(SIGHUP) != 0)
    {
        return 5;
    }

    return 0;
}


/* A process of this one, which stays for as long as it is let. */

static int
sandbox_test_orphan(const void *data)
{
    const int  *fds = data;

    (void) close(fds[0]);

    if (fork() == 0) {
        if (dup2(fds[1], STDOUT_FILENO) == -1 || sandbox_limit() != SC_OK
            || write(STDOUT_FILENO, ".", 1) != 1)
        {
            return SANDBOX_TEST_UNSET;
        }
    }

    (void) close(fds[1]);

    for ( ;; ) {
        (void) pause();
    }
}


/* All that a worker does by itself; 0, or the number of what went wrong. */

static int
sandbox_test_work(const void *data)
{
    char              *p, *q;
    sandbox_cpu_t      cpu = { 0, 0 };
    struct itimerval   t = { { 0, 0 }, { 0, 1000 } };

    if (dup2(*(const int *) data, SANDBOX_SOCKET) == -1
        || signal(SIGALRM, sandbox_test_alarm) == SIG_ERR
        || sandbox_limit() != SC_OK || sandbox_lock() != SC_OK)
    {
        return SANDBOX_TEST_UNSET;
    }

    sandbox_cpu(&cpu);

    if (cpu.limit < SANDBOX_MAX_CPU || cpu.limit > SANDBOX_MAX_CPU + 10) {
        return 1;
    }

    if (setitimer(ITIMER_REAL, &t, NULL) != 0) {
        return 2;
    }

    while (sandbox_alarms == 0) {
        /* it comes */
    }

    p = malloc(SANDBOX_TEST_WORK);
    q = realloc(p, 2 * SANDBOX_TEST_WORK);

    if (q == NULL) {
        return 3;
    }

    q[0] = 0;
    free(q);

    if (recv(SANDBOX_SOCKET, sandbox_bytes, sizeof(sandbox_bytes), 0) != 1) {
        return 4;
    }

    sandbox_iov.iov_len = 1;

    return sendmsg(SANDBOX_SOCKET, &sandbox_message, MSG_NOSIGNAL) == 1 ? 0
                                                                        : 5;
}


static void
sandbox_test_alarm(int signo)
{
    (void) signo;

    sandbox_alarms = 1;
}
