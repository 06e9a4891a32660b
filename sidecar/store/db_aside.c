
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sidecar/store/db_internal.h"


static int db_aside_file(const char *path, const char *suffix);
static int db_aside_bytes(int from, int to);


void
db_aside(const char *path, char *err, size_t errlen)
{
    size_t  len;

    len = strlen(err);

    /* what is newest is in the WAL */
    if (db_aside_file(path, "") == SC_OK
        && db_aside_file(path, "-wal") == SC_OK)
    {
        (void) snprintf(err + len, errlen - len, "; a copy is at "
                        "\"%s.corrupt\"", path);

    } else if (errno != EEXIST) {
        (void) snprintf(err + len, errlen - len, "; it could not be copied "
                        "to \"%s.corrupt\": %m", path);
    }
}


/* Copy path and its suffix, once: errno is EEXIST when that is done. */

static int
db_aside_file(const char *path, const char *suffix)
{
    int   from, to, rc;
    char  name[PATH_MAX], aside[PATH_MAX];

    (void) snprintf(name, sizeof(name), "%s%s", path, suffix);

    if (snprintf(aside, sizeof(aside), "%s.corrupt%s", path, suffix)
        >= PATH_MAX)
    {
        errno = ENAMETOOLONG;
        return SC_ERROR;
    }

    from = open(name, O_RDONLY | O_CLOEXEC);

    if (from == -1) {
        return errno == ENOENT ? SC_OK : SC_ERROR;
    }

    to = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    rc = SC_ERROR;

    if (to != -1) {
        rc = db_aside_bytes(from, to);
        (void) close(to);
    }

    (void) close(from);

    /* half a copy would pass for a whole one */
    if (rc != SC_OK && to != -1) {
        (void) unlink(aside);
    }

    return rc;
}


static int
db_aside_bytes(int from, int to)
{
    ssize_t  n;

    do {
        n = copy_file_range(from, NULL, to, NULL, SSIZE_MAX, 0);
    } while (n > 0);

    return (n == 0 && fsync(to) == 0) ? SC_OK : SC_ERROR;
}
