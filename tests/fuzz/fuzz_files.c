
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sidecar/core/settings.h"
#include "sidecar/proxy/proxies_internal.h"
#include "sidecar/tenants/tenants_internal.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_files_read(unsigned which, char *path);
static void fuzz_files_settings(char *path);


/* A byte says which file it is that the operator wrote, the rest is in it. */
int
fuzz_files(const uint8_t *data, size_t size)
{
    int       fd;
    char      path[64];
    unsigned  which;
    sc_str_t  in;

    in = fuzz_input(data, size);
    which = fuzz_byte(&in) % 3;
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_HELD(fd != -1);
    FUZZ_HELD(write(fd, in.data, in.len) == (ssize_t) in.len);
    (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    fuzz_files_read(which, path);
    (void) close(fd);

    return 0;
}


static void
fuzz_files_read(unsigned which, char *path)
{
    int              rc;
    char             err[512] = "";
    proxies_pool_t  *pools = NULL;
    tenants_line_t  *lines = NULL;

    if (which == 0) {
        fuzz_files_settings(path);
        return;
    }

    rc = which == 1 ? proxies_file(&pools, path, err, sizeof(err))
                    : tenants_file(&lines, path, err, sizeof(err));
    FUZZ_HELD(rc == SC_OK || (err[0] != '\0' && pools == NULL
                              && lines == NULL));
    proxies_free(&pools);
    tenants_free(&lines);
}


static void
fuzz_files_settings(char *path)
{
    char               err[512] = "";
    char              *argv[] = { "scraped", "-c", path, NULL };
    settings_t         s;
    settings_result_t  result;

    result = settings_load(&s, 3, argv, err, sizeof(err));
    FUZZ_HELD(result == SETTINGS_RUN
              || (result == SETTINGS_INVALID && err[0] != '\0'));
    settings_free(&s);
}
