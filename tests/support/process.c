
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/process.h"


/* what a test leaves until its end, on disk or not; mkdtemp() fills it in */
#define PROCESS_NAME    "scrape-test-XXXXXX"
#define PROCESS_PATH    "/tmp/" PROCESS_NAME
#define PROCESS_MEMORY  "/dev/shm/" PROCESS_NAME

/* below those the system takes for connections, by its default */
#define PROCESS_PORT    10000
#define PROCESS_PORTS   22000


static pid_t process_fork(char *const argv[], const char *log,
    char *const env[], int out);
static int process_claim(unsigned port);
static int process_socket(unsigned port, struct sockaddr_in *sin);
static int process_remove_one(const char *path, const struct stat *st,
    int type, struct FTW *ftw);


const char *
process_build(void)
{
    const char  *build;

    build = getenv("BUILD");

    return build != NULL ? build : "build";
}


int
process_sanitized(void)
{
    return strstr(process_build(), "sanitize") != NULL;
}


pid_t
process_start(char *const argv[], const char *log, char *const env[])
{
    return process_fork(argv, log, env, -1);
}


pid_t
process_start_line(char *const argv[], const char *log, char *line,
    size_t size)
{
    int      fds[2];
    FILE    *f;
    pid_t    pid;
    size_t   len;

    if (pipe(fds) == -1) {
        ck_abort_msg("pipe() failed: %s", strerror(errno));
    }

    pid = process_fork(argv, log, NULL, fds[1]);
    (void) close(fds[1]);

    f = fdopen(fds[0], "r");

    if (f == NULL || fgets(line, (int) size, f) == NULL) {
        ck_abort_msg("\"%s\" said nothing", argv[0]);
    }

    len = strlen(line);

    if (len > 0 && line[len - 1] == '\n') {
        line[len - 1] = '\0';
    }

    (void) fclose(f);

    return pid;
}


static pid_t
process_fork(char *const argv[], const char *log, char *const env[], int out)
{
    int    fd;
    pid_t  pid;

    pid = fork();

    if (pid == -1) {
        ck_abort_msg("fork() failed: %s", strerror(errno));
    }

    if (pid != 0) {
        return pid;
    }

    fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    (void) dup2(fd, STDERR_FILENO);
    (void) dup2(out == -1 ? fd : out, STDOUT_FILENO);

    for ( /* void */ ; env != NULL && *env != NULL; env++) {
        (void) putenv(*env);
    }

    (void) execvp(argv[0], argv);
    (void) fprintf(stderr, "could not execute \"%s\"\n", argv[0]);
    _exit(127);
}


int
process_stop(pid_t pid, int signo)
{
    (void) kill(pid, signo);

    return process_wait(pid);
}


int
process_wait(pid_t pid)
{
    int    status;
    pid_t  rc;

    do {
        rc = waitpid(pid, &status, 0);
    } while (rc == -1 && errno == EINTR);

    if (rc != pid) {
        ck_abort_msg("process %d is not ours", (int) pid);
    }

    return WIFEXITED(status) ? WEXITSTATUS(status)
                             : 128 + WTERMSIG(status);
}


unsigned
process_port(void)
{
    int                 fd, rc;
    unsigned            i, port;
    struct sockaddr_in  sin;

    for (i = 0; i < PROCESS_PORTS; i++) {
        port = PROCESS_PORT + ((unsigned) getpid() + i) % PROCESS_PORTS;

        if (!process_claim(port)) {
            continue;
        }

        fd = process_socket(port, &sin);
        rc = bind(fd, (struct sockaddr *) &sin, sizeof(sin));
        (void) close(fd);

        if (rc == 0) {
            return port;
        }
    }

    ck_abort_msg("no free port: %s", strerror(errno));
}


/* A name that only one process may have, and loses when it ends. */
static int
process_claim(unsigned port)
{
    int                 fd, len;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    len = snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1,
                   "scrape-test-port-%u", port);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1) {
        ck_abort_msg("socket() failed: %s", strerror(errno));
    }

    if (bind(fd, (struct sockaddr *) &sun,
             (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1
                          + (size_t) len)) == -1)
    {
        (void) close(fd);
        return 0;
    }

    return 1;
}


int
process_listens(unsigned port)
{
    int                 fd, rc;
    struct sockaddr_in  sin;

    fd = process_socket(port, &sin);
    rc = connect(fd, (struct sockaddr *) &sin, sizeof(sin));
    (void) close(fd);

    return rc == 0;
}


static int
process_socket(unsigned port, struct sockaddr_in *sin)
{
    int  fd;

    memset(sin, 0, sizeof(struct sockaddr_in));
    sin->sin_family = AF_INET;
    sin->sin_port = htons((in_port_t) port);
    sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1) {
        ck_abort_msg("socket() failed: %s", strerror(errno));
    }

    return fd;
}


void
process_pause(unsigned ms)
{
    struct timespec  ts;

    ts.tv_sec = ms / 1000;
    ts.tv_nsec = (long) (ms % 1000) * 1000000;
    (void) nanosleep(&ts, NULL);
}


void
process_folder(char *path, size_t size)
{
    (void) snprintf(path, size, PROCESS_PATH);

    if (mkdtemp(path) == NULL || chmod(path, 0755) == -1) {
        ck_abort_msg("no folder for the test: %s", strerror(errno));
    }
}


void
process_folder_memory(char *path, size_t size)
{
    (void) snprintf(path, size, PROCESS_MEMORY);

    if (mkdtemp(path) == NULL) {
        process_folder(path, size);
    }
}


void
process_file(char *path, size_t size, const char *text)
{
    int  fd;

    (void) snprintf(path, size, PROCESS_PATH);
    fd = mkstemp(path);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(close(fd), 0);
    process_write(path, text);
}


void
process_remove(const char *path)
{
    (void) nftw(path, process_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}


static int
process_remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
    (void) st;
    (void) type;
    (void) ftw;

    return remove(path);
}


void
process_write(const char *path, const char *text)
{
    FILE  *f;

    f = fopen(path, "w");

    if (f == NULL || fputs(text, f) == EOF || fclose(f) == EOF) {
        ck_abort_msg("could not write \"%s\": %s", path, strerror(errno));
    }
}


char *
process_read(const char *path)
{
    char        *text;
    FILE        *f;
    size_t       len;
    struct stat  st;

    f = fopen(path, "r");

    if (f == NULL || fstat(fileno(f), &st) == -1) {
        st.st_size = 0;
    }

    text = malloc((size_t) st.st_size + 1);
    ck_assert_ptr_nonnull(text);
    len = 0;

    if (f != NULL) {
        len = fread(text, 1, (size_t) st.st_size, f);
        (void) fclose(f);
    }

    text[len] = '\0';

    return text;
}
