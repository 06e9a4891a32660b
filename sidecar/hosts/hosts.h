
/*
 * All hosts that have to do with us now: a table by name, with what must
 * survive a restart kept in the store.
 */

#ifndef HOSTS_H
#define HOSTS_H


#include <uthash.h>

#include "sidecar/hosts/host.h"
#include "sidecar/store/store.h"
#include "sidecar/url/url.h"


#define HOSTS_NAME_SIZE    (URL_HOST_MAX + 8)


typedef struct hosts_s  hosts_t;
typedef struct host_s   host_t;


/*
 * A host.  state is for the functions of host.h; hosts_changed() follows a
 * change that a restart must not forget.  It stays in the table while refs is
 * not 0, custom is set, its state is special or its delay is not over.
 *
 * name        of the URL's host, an IPv6 address in brackets, with ":port"
 *             unless it is 80 or 443; http and https are one host
 * custom      the operator gave it limits of its own
 * dirty       it is to be written
 * fetches     begun, since the start; errors of them failed
 * last_error  problem type, a constant, and time, in milliseconds since 1970,
 *             of the last failure, "" and 0 if none
 * data        the frontier's, while it holds a reference
 */
struct host_s {
    UT_hash_handle   hh;
    char             name[HOSTS_NAME_SIZE];
    size_t           refs;
    host_state_t     state;
    unsigned         custom:1;
    unsigned         dirty:1;
    int64_t          fetches;
    int64_t          errors;
    const char      *last_error;
    int64_t          last_error_at;
    void            *data;
};


/*
 * limits are those of hosts without their own.  What was kept is read from
 * the store at once; until ready() is called, from the loop, the table is not
 * complete and nothing should be begun.  A host that is first met sooner than
 * limits->delay after the start is fetched from no earlier than that: an
 * earlier process may have fetched from it just before.  A host that was kept
 * has its own delay instead when that is longer.  NULL when memory is out.
 *
 * hosts_destroy() writes what changed, whatever refs there are; store_close()
 * comes after it.
 */
hosts_t *hosts_create(loop_t *loop, store_t *store,
    const host_limits_t *limits, void (*ready)(void *data), void *data);
void hosts_destroy(hosts_t *h);

/* The host of a URL, with a reference; NULL when memory is out. */
host_t *hosts_get(hosts_t *h, const url_t *url);
void hosts_release(hosts_t *h, host_t *host);

/* One that is in the table, without a reference; NULL if it is not. */
host_t *hosts_find(hosts_t *h, const char *name);

/*
 * The host by this name, to be changed by the operator; made when missing.
 * name is checked: a host in lower case, with a port or without, written as
 * host_t's name is.  NULL when memory is out or the name is none.  Without a
 * reference: what is changed is changed before the round ends, and followed
 * by hosts_changed().
 */
host_t *hosts_make(hosts_t *h, const char *name);

/*
 * Write down what changed: soon, many changes as one.  The store forgets what
 * is no longer special nor custom.  Frees nothing before the round ends.
 */
void hosts_changed(hosts_t *h, host_t *host);

/* Those in the table in order of name, behind after ("": from the start). */
const host_t *hosts_next(hosts_t *h, const char *after);
size_t hosts_count(const hosts_t *h);

/*
 * Of those in the table, how many have failed too often and how many are
 * blocked, by themselves or by the operator, at loop_now().  It looks at all.
 */
void hosts_unwell(const hosts_t *h, int64_t now, size_t *suspended,
    size_t *blocked);

/*
 * What a host is: the JSON of docs/api.md's host, appended to out.  now is
 * loop_now().  SC_OK, or SC_ERROR with out->failed set.
 */
int hosts_describe(const hosts_t *h, const host_t *host, int64_t now,
    sc_buf_t *out);


#endif /* HOSTS_H */
