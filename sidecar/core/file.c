
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/sc_core.h"
#include "sidecar/core/file.h"


int
file_open(FILE **file, const char *path, char *err, size_t errlen)
{
    int          fd;
    struct stat  st;

    *file = NULL;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd == -1 || fstat(fd, &st) == -1) {
        (void) snprintf(err, errlen, "could not open \"%s\": %s", path,
                        strerror(errno));

    } else if (!S_ISREG(st.st_mode)) {
        (void) snprintf(err, errlen, "\"%s\" is not a regular file", path);

    } else {
        *file = fdopen(fd, "r");

        if (*file == NULL) {
            (void) snprintf(err, errlen, "memory is out");
        }
    }

    if (*file == NULL && fd != -1) {
        (void) close(fd);
    }

    return *file != NULL ? SC_OK : SC_ERROR;
}
