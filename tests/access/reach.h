
/*
 * The gateway in a world of its own (tests/access/world.h), with an origin and
 * a name server there, and a client: what tests of the address policy need.
 */

#ifndef REACH_H
#define REACH_H


#include "tests/access/forms.h"
#include "tests/access/front.h"
#include "tests/access/names.h"
#include "tests/access/house.h"
#include "tests/access/world.h"
#include "tests/support/gateway.h"


/* How an answer ended. */
typedef enum {
    REACH_BLOCKED = 0,      /* /policy/egress-blocked */
    REACH_REFUSED,          /* the URL, or the redirect to it */
    REACH_FAILED,           /* no address of that name, login, proxy, robots */
    REACH_GOOD,             /* a page of the good origin */
    REACH_OTHER,
    REACH_ENDS
} reach_end_t;


/*
 * ends    how often each
 * alike   what is left of the first answer BLOCKED, without what is about its
 *         URL: all others must be the same; unlike counts those that are not
 * wrong   answers that may not be
 * first   the first of these, or of those unlike
 */
typedef struct {
    world_t    world;
    house_t    house;
    names_t    names;
    gateway_t  gateway;
    front_t    front;
    forms_t    forms;
    char       dir[64];
    size_t     runs;
    size_t     ends[REACH_ENDS];
    size_t     wrong;
    size_t     unlike;
    char      *alike;
    char       first[512];
} reach_t;


/*
 * Begin with these further settings.  1, or 0 when there can be no world here:
 * the test has nothing to do then.
 */
int reach_begin(reach_t *r, const char *settings);

/* End it. */
void reach_end(reach_t *r);

/*
 * Extract a page, with further members (", \"name\": value" or ""); how it
 * ended.  Bytes that are no UTF-8 are not sent.
 */
reach_end_t reach_ask(reach_t *r, const char *url, const char *members);

/* As the URL in the form asks for: an answer that may not be is counted. */
void reach_try(reach_t *r, const form_t *form);

/* Count an answer that may not be. */
void reach_wrong(reach_t *r, const char *what, const char *url);

/* The job with this id has ended; waits until then. */
void reach_wait(reach_t *r, const char *id);

/*
 * Report a promise of the catalogue: that of all that was tried nothing was
 * sent to a forbidden address, and that answers were as they must be.
 */
void reach_report(reach_t *r, const char *promise, const char *suite,
    const char *what);


#endif /* REACH_H */
