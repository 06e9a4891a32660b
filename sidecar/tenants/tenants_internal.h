
/*
 * What the files of this room share.
 *
 *     tenants.c        the lines: found by name, read anew
 *     tenants_file.c   a file to lines
 *     tenants_line.c   a line to limits
 *     tenants_host.c   patterns of hosts
 *     tenants_usage.c  the sums of today
 */

#ifndef TENANTS_INTERNAL_H
#define TENANTS_INTERNAL_H


#define HASH_NONFATAL_OOM    1
#include <uthash.h>

#include "common/sc_buf.h"
#include "sidecar/tenants/tenants.h"


/* an option that a line has not */
#define TENANTS_UNSET    (-1)


/*
 * A line of the file, with its memory: text is the line, cut into strings that
 * limits.hosts points at.
 */
typedef struct {
    UT_hash_handle    hh;
    size_t            len;
    const char       *name;
    tenant_limits_t   limits;
    const char      **hosts;
    char              text[];
} tenants_line_t;


/* What one tenant has used today; reading: the store is asked for more. */
typedef struct {
    UT_hash_handle    hh;
    tenants_t        *tenants;
    store_usage_t     usage;
    unsigned          reading:1;
    size_t            len;
    char              name[];
} tenants_used_t;


/*
 * lines    of the file, by name
 * used     today's sums, the oldest first
 * day      that they are of
 * partial  the store may have sums of today that used has not
 * rolled   it has changed, or is to be asked for anew, and nobody was told yet
 * timer    looks whether the day has changed
 * after    the last one that was read at the start
 */
struct tenants_s {
    loop_t            *loop;
    const settings_t  *settings;
    store_t           *store;
    tenants_line_t    *lines;
    tenants_used_t    *used;
    int64_t            day;
    unsigned           partial:1;
    unsigned           rolled:1;
    loop_timer_t       timer;
    sc_buf_t           after;
    tenants_hooks_t    hooks;
    void              *hooks_data;
    void             (*ready)(void *data);
    void              *ready_data;
};


/*
 * The lines of the file at path.  SC_OK, or SC_ERROR with a sentence in err
 * and *lines NULL.
 */
int tenants_file(tenants_line_t **lines, const char *path, char *err,
    size_t errlen);
void tenants_free(tenants_line_t **lines);

/*
 * A line of the file, NUL-terminated, in *line: NULL for one that says
 * nothing.  SC_OK, or SC_ERROR with a sentence in err.
 */
int tenants_line(tenants_line_t **line, const char *text, size_t len,
    char *err, size_t errlen);
void tenants_line_free(tenants_line_t *line);

/* Make a pattern of hosts lower case.  SC_OK, or SC_ERROR: it is none. */
int tenants_pattern(char *pattern);

/* Tell whom it concerns that what tenants may use has changed. */
void tenants_changed(tenants_t *t);

/* tenants_usage.c: begin with nothing; free all. */
void tenants_usage_open(tenants_t *t);
void tenants_usage_close(tenants_t *t);


#endif /* TENANTS_INTERNAL_H */
