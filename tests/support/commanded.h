
/*
 * scrapectl as a user runs it: in a folder of its own, with a file for its
 * standard input.  What does not come as it should fails the test.
 */

#ifndef COMMANDED_H
#define COMMANDED_H


#include "tests/support/gateway.h"


#define CTL_ARGS  16        /* words of a command line */


/*
 * A folder, and what scrapectl said in it last: on its standard output, on
 * its standard error, and its status.
 */
typedef struct {
    char   dir[64];
    char  *out;
    char  *err;
    int    status;
} ctl_said_t;


/* Make the folder and an empty "stdin"; remove it with all that was said. */
void ctl_begin(ctl_said_t *s);
void ctl_end(ctl_said_t *s);

/* The gateway that is meant when none is named. */
void ctl_gateway(gateway_t *g);

/* Put a file into the folder. */
void ctl_file(ctl_said_t *s, const char *name, const char *text);

/* Run it with these words, NULL at the end, with the file "stdin". */
void ctl_run(ctl_said_t *s, const char *arg, ...);
void ctl_run_args(ctl_said_t *s, char *const *argv);

/* A text has this part. */
void ctl_has(const char *text, const char *part);

/* The first line of what was said. */
void ctl_id(const ctl_said_t *s, char *id, size_t size);


#endif /* COMMANDED_H */
