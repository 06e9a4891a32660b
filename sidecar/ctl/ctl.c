
#include <signal.h>

#include "sidecar/ctl/ctl_internal.h"
#include "sidecar/extract/extract.h"
#include "sidecar/page/arena.h"


/* of memory for one page, as an extract worker has */
#define CTL_ARENA    ((size_t) 512 << 20)


int
ctl_main(int argc, char **argv)
{
    int    status;
    ctl_t  c;

    switch (ctl_args(&c, argc, argv)) {

    case SC_OK:
        break;

    case SC_DECLINED:
        return CTL_DONE;

    default:
        return CTL_USAGE;
    }

    /* before libxml2 is used: what a page takes comes from there */

    if (arena_init(CTL_ARENA) != SC_OK || extract_prepare() != SC_OK) {
        ctl_error("memory is out");
        return CTL_FAILED;
    }

    /* a reader that has left is an error of write() */
    (void) signal(SIGPIPE, SIG_IGN);

    status = c.command->run(&c);

    if (c.curl != NULL) {
        curl_easy_cleanup(c.curl);
    }

    if (fflush(stdout) != 0 && status == CTL_DONE) {
        ctl_error("could not write: %m");
        status = CTL_FAILED;
    }

    return status;
}
