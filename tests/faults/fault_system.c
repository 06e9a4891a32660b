
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/faults/fault.h"


/* A function of the system, what it says when it fails, and why. */
#define FAULT_CALL(type, name, params, args, fail, why)                       \
    type fault_##name params                                                  \
    {                                                                         \
        if (fault_fails(FAULT_SYSTEM)) {                                      \
            errno = (why);                                                    \
            return fail;                                                      \
        }                                                                     \
                                                                              \
        return name args;                                                     \
    }


static int fault_is_event(int fd);


FAULT_CALL(int, socket, (int a, int b, int c), (a, b, c), -1, EMFILE)
FAULT_CALL(int, socketpair, (int a, int b, int c, int *d), (a, b, c, d), -1,
           EMFILE)
FAULT_CALL(int, connect, (int a, const struct sockaddr *b, socklen_t c),
           (a, b, c), -1, ECONNREFUSED)
FAULT_CALL(int, accept4, (int a, struct sockaddr *b, socklen_t *c, int d),
           (a, b, c, d), -1, EMFILE)
FAULT_CALL(int, bind, (int a, const struct sockaddr *b, socklen_t c),
           (a, b, c), -1, EADDRINUSE)
FAULT_CALL(int, listen, (int a, int b), (a, b), -1, EADDRINUSE)
FAULT_CALL(ssize_t, send, (int a, const void *b, size_t c, int d),
           (a, b, c, d), -1, EPIPE)
FAULT_CALL(ssize_t, recv, (int a, void *b, size_t c, int d), (a, b, c, d), -1,
           ECONNRESET)
FAULT_CALL(ssize_t, sendmsg, (int a, const struct msghdr *b, int c),
           (a, b, c), -1, EPIPE)
FAULT_CALL(int, epoll_create1, (int a), (a), -1, EMFILE)
FAULT_CALL(int, epoll_ctl, (int a, int b, int c, struct epoll_event *d),
           (a, b, c, d), -1, ENOSPC)
FAULT_CALL(int, eventfd, (unsigned a, int b), (a, b), -1, EMFILE)
FAULT_CALL(int, signalfd, (int a, const sigset_t *b, int c), (a, b, c), -1,
           EMFILE)
FAULT_CALL(int, dup3, (int a, int b, int c), (a, b, c), -1, EMFILE)
FAULT_CALL(FILE *, fopen, (const char *a, const char *b), (a, b), NULL,
           EMFILE)
FAULT_CALL(FILE *, fdopen, (int a, const char *b), (a, b), NULL, ENOMEM)
FAULT_CALL(size_t, fwrite, (const void *a, size_t b, size_t c, FILE *d),
           (a, b, c, d), 0, ENOSPC)
FAULT_CALL(int, fflush, (FILE *a), (a), EOF, ENOSPC)
FAULT_CALL(DIR *, opendir, (const char *a), (a), NULL, EMFILE)
FAULT_CALL(int, fstat, (int a, struct stat *b), (a, b), -1, EIO)
FAULT_CALL(int, stat, (const char *a, struct stat *b), (a, b), -1, EACCES)
FAULT_CALL(int, lstat, (const char *a, struct stat *b), (a, b), -1, EACCES)
FAULT_CALL(int, unlink, (const char *a), (a), -1, EIO)
FAULT_CALL(int, chmod, (const char *a, mode_t b), (a, b), -1, EPERM)
FAULT_CALL(void *, mmap, (void *a, size_t b, int c, int d, int e, off_t f),
           (a, b, c, d, e, f), MAP_FAILED, ENOMEM)
FAULT_CALL(ssize_t, getrandom, (void *a, size_t b, unsigned c), (a, b, c), -1,
           ENOSYS)
FAULT_CALL(iconv_t, iconv_open, (const char *a, const char *b), (a, b),
           (iconv_t) -1, ENOMEM)
FAULT_CALL(int, pthread_create,
           (pthread_t *a, const pthread_attr_t *b, void *(*c)(void *),
            void *d),
           (a, b, c, d), EAGAIN, EAGAIN)
FAULT_CALL(int, posix_spawn,
           (pid_t *a, const char *b, const posix_spawn_file_actions_t *c,
            const posix_spawnattr_t *d, char *const *e, char *const *f),
           (a, b, c, d, e, f), EAGAIN, EAGAIN)
FAULT_CALL(int, posix_spawn_file_actions_init,
           (posix_spawn_file_actions_t *a), (a), ENOMEM, ENOMEM)
FAULT_CALL(int, posix_spawn_file_actions_adddup2,
           (posix_spawn_file_actions_t *a, int b, int c), (a, b, c), ENOMEM,
           ENOMEM)
FAULT_CALL(int, posix_spawnattr_init, (posix_spawnattr_t *a), (a), ENOMEM,
           ENOMEM)


int
fault_open(const char *path, int flags, ...)
{
    mode_t   mode;
    va_list  args;

    if (fault_fails(FAULT_SYSTEM)) {
        errno = EMFILE;
        return -1;
    }

    va_start(args, flags);
    mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    va_end(args);

    return open(path, flags, mode);
}


ssize_t
fault_read(int fd, void *p, size_t size)
{
    if (!fault_is_event(fd) && fault_fails(FAULT_SYSTEM)) {
        errno = EIO;
        return -1;
    }

    return read(fd, p, size);
}


ssize_t
fault_write(int fd, const void *p, size_t size)
{
    if (!fault_is_event(fd) && fault_fails(FAULT_SYSTEM)) {
        errno = ENOSPC;
        return -1;
    }

    return write(fd, p, size);
}


/* An eventfd has nothing that could fail, see eventfd(2). */
static int
fault_is_event(int fd)
{
    char     name[64], what[64];
    ssize_t  n;

    (void) snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    n = readlink(name, what, sizeof(what));

    return n == (ssize_t) strlen("anon_inode:[eventfd]")
           && memcmp(what, "anon_inode:[eventfd]", (size_t) n) == 0;
}
