
/*
 * What each tenant may use, as a file says, and what it has used today.
 *
 * The file has a line for a tenant:
 *
 *     NAME option=value ...
 *
 * Lines that are empty or begin with '#' say nothing.  "*" is whoever has no
 * line of its own, "-" are requests without tenant.  Options, of which one
 * that is missing is what the settings say, or no limit; 0 is no limit:
 *
 *     pages=N    fetches a day that an origin answers
 *     bytes=N    of what is answered, decoded, a day; k, m, g: times 1024
 *     fetches=N  under way at once, in place of tenant_connections
 *     rate=N     bytes a second, in place of tenant_rate; k, m, g
 *     queue=N    jobs accepted and not ended, in place of tenant_queue
 *     hosts=PATTERN[,PATTERN]...  that pages are fetched from: a host's name
 *                or address; ".example.com" and all below it,
 *                "*.example.com" for those below it alone
 *
 * A day is one of UTC.  What was used is in the store, written with the ends
 * of pages; this room has the sums of today in memory.
 */

#ifndef TENANTS_H
#define TENANTS_H


#include "sidecar/core/settings.h"
#include "sidecar/loop/loop.h"
#include "sidecar/store/store.h"


#define TENANTS_MAX         100000      /* lines of a file */
#define TENANTS_MAX_LINE    65536       /* bytes of one */
#define TENANTS_MAX_HOSTS   1000        /* patterns of one */

/* of how many the sums are kept in memory; the store has the others */
#define TENANTS_KEPT        65536


typedef struct tenants_s  tenants_t;


/* What a tenant may use; 0 is no limit, nhosts 0: any host. */
typedef struct {
    int64_t             pages;
    int64_t             bytes;
    int64_t             fetches;
    int64_t             rate;
    int64_t             queue;
    const char *const  *hosts;
    size_t              nhosts;
} tenant_limits_t;


/* Which limit of a day is reached. */
typedef enum {
    TENANT_FREE = 0,
    TENANT_PAGES,
    TENANT_BYTES
} tenant_over_t;


/*
 * Who is told of changes, from the loop; never from inside tenants_add().
 *
 * changed  what a tenant may use has become another: any tenant's
 * busy     whether something of this tenant is under way: its sums are not to
 *          be dropped from memory
 */
typedef struct {
    void  (*changed)(void *data);
    int   (*busy)(void *data, sc_str_t tenant);
} tenants_hooks_t;


/*
 * Read the file that the setting "tenants" names, "" is none.  NULL on failure
 * with a sentence in err, which ends in FILE:LINE when a line is wrong.  The
 * parts stay the caller's and must outlive it.
 */
tenants_t *tenants_open(loop_t *loop, const settings_t *settings,
    store_t *store, char *err, size_t errlen);
void tenants_close(tenants_t *t);

/*
 * Read what was used today; ready is called once, from the loop, when that is
 * done, also when the store failed to tell.  SC_OK, or SC_ERROR when memory is
 * out.
 */
int tenants_read(tenants_t *t, void (*ready)(void *data), void *data);

/* NULL: nobody is told any more. */
void tenants_hook(tenants_t *t, const tenants_hooks_t *hooks, void *data);

/*
 * Read the file again.  SC_OK, or SC_ERROR with a sentence in err and all as
 * it was.
 */
int tenants_reload(tenants_t *t, char *err, size_t errlen);

/*
 * What a tenant ("": none) may use; hosts are valid until tenants_reload().
 * t may be NULL: then the settings alone say, who has no file.
 */
void tenants_limits(const tenants_t *t, const settings_t *settings,
    sc_str_t tenant, tenant_limits_t *limits);

/* Whether a tenant may fetch from a host, as url.h has it. */
int tenants_allows(const tenants_t *t, sc_str_t tenant, const char *host);

/* Add to what a tenant has used; usage of another day than today is not. */
void tenants_add(tenants_t *t, sc_str_t tenant, const store_usage_t *usage);

/*
 * What a tenant has used today.  SC_OK, or SC_AGAIN while that is being read
 * (changed() will be called): it is less than the truth.
 */
int tenants_usage(tenants_t *t, sc_str_t tenant, store_usage_t *usage);

/* Which limit a tenant has reached. */
tenant_over_t tenants_over(tenants_t *t, sc_str_t tenant);

/*
 * How many fetches a tenant may have under way by what it has used: 0 when a
 * limit is reached, or while what was used is being read; INT64_MAX when there
 * is no limit of pages.
 */
int64_t tenants_left(tenants_t *t, sc_str_t tenant);

/* Today, in days since 1970-01-01; seconds of it that are left, 1 or more. */
int64_t tenants_today(void);
int tenants_rest(void);


#endif /* TENANTS_H */
