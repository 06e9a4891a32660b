
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/sc_core.h"
#include "sidecar/core/log.h"


#define LOG_LINE    2048        /* bytes, the newline among them */


static int log_redirect(const char *path);
static int log_use(int fd);
static size_t log_prefix(char *line, size_t size, log_level_t level);
static size_t log_escape(char *line, size_t len, const char *s);


static const char *const  log_levels[] = {
    "error", "warn", "notice", "info", "debug"
};


/*
 * Once the log has a descriptor of its own, that number stays: a new file is
 * put into its place with dup3(), so that a thread about to write never holds
 * one that is closed.
 */
static atomic_int  log_fd = STDERR_FILENO;
static atomic_int  log_level = LOG_NOTICE;
static char        log_path[PATH_MAX];      /* "": standard error */


int
log_open(const char *path, log_level_t level)
{
    int     err;
    size_t  len;

    atomic_store(&log_level, (int) level);

    if (path == NULL || strcmp(path, "stderr") == 0) {
        path = "";
    }

    len = strlen(path);

    if (len >= sizeof(log_path)) {
        errno = ENAMETOOLONG;

    } else if (log_redirect(path) == SC_OK) {
        memmove(log_path, path, len + 1);
        return SC_OK;
    }

    /* an old file is not gone on with: nobody would look there */

    err = errno;
    (void) log_redirect("");
    log_path[0] = '\0';
    errno = err;

    return SC_ERROR;
}


int
log_reopen(void)
{
    return log_redirect(log_path);
}


int
log_level_parse(const char *name)
{
    int  i;

    for (i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        if (strcmp(name, log_levels[i]) == 0) {
            return i;
        }
    }

    return -1;
}


void
log_write(log_level_t level, const char *fmt, ...)
{
    int      err;
    char     text[LOG_LINE], line[LOG_LINE];
    size_t   len;
    ssize_t  n;
    va_list  args;

    if ((int) level > atomic_load(&log_level)) {
        return;
    }

    /* callers look at errno after they have logged, and "%m" is theirs */

    err = errno;
    len = log_prefix(line, sizeof(line), level);

    errno = err;
    va_start(args, fmt);

    if (vsnprintf(text, sizeof(text), fmt, args) < 0) {
        text[0] = '\0';
    }

    va_end(args);

    len = log_escape(line, len, text);
    line[len++] = '\n';

    do {
        n = write(atomic_load(&log_fd), line, len);
    } while (n == -1 && errno == EINTR);

    errno = err;
}


static int
log_redirect(const char *path)
{
    if (path[0] == '\0') {
        return atomic_load(&log_fd) == STDERR_FILENO
               ? SC_OK
               : log_use(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    }

    return log_use(open(path, O_WRONLY|O_APPEND|O_CREAT|O_CLOEXEC|O_NOCTTY,
                        0640));
}


/* Takes fd over, which is -1 with errno when there is none. */

static int
log_use(int fd)
{
    int  rc, err, own;

    if (fd == -1) {
        return SC_ERROR;
    }

    own = atomic_load(&log_fd);

    if (own == STDERR_FILENO) {
        atomic_store(&log_fd, fd);
        return SC_OK;
    }

    rc = dup3(fd, own, O_CLOEXEC);
    err = errno;
    (void) close(fd);
    errno = err;

    return rc == -1 ? SC_ERROR : SC_OK;
}


static size_t
log_prefix(char *line, size_t size, log_level_t level)
{
    int         n;
    time_t      now;
    struct tm   tm;

    now = time(NULL);

    if (localtime_r(&now, &tm) == NULL) {
        memset(&tm, 0, sizeof(struct tm));
    }

    n = snprintf(line, size, "%04d/%02d/%02d %02d:%02d:%02d [%s] %d: ",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                 tm.tm_min, tm.tm_sec, log_levels[level], (int) getpid());

    return n > 0 ? (size_t) n : 0;
}


/* Append s, leaving room for the newline; an escape is not cut in two. */

static size_t
log_escape(char *line, size_t len, const char *s)
{
    static const char  hex[] = "0123456789abcdef";

    unsigned char      c;

    for ( /* void */ ; *s != '\0'; s++) {
        c = (unsigned char) *s;

        if (c >= 0x20 && c <= 0x7e) {
            if (len + 1 >= LOG_LINE) {
                break;
            }

            line[len++] = (char) c;
            continue;
        }

        if (len + 4 >= LOG_LINE) {
            break;
        }

        line[len++] = '\\';
        line[len++] = 'x';
        line[len++] = hex[c >> 4];
        line[len++] = hex[c & 0xf];
    }

    return len;
}
