
/*
 * Drift: how often each field of a rule set has a value, over time.  A page
 * that changes its layout empties fields without any error; this is what
 * notices.  Pages are counted in windows; a field whose share in a window
 * falls well below what it was is told, once, and told again when it is back.
 *
 * Kept by tenant and by the rule set's name; a new version keeps what it has
 * in common with the former one.  In the store it is a document of kind
 * DRIFT_KIND.  A set without a name is known by its hash, in memory alone and
 * once DRIFT_OTHERS pages were read by it.  All on the loop.
 */

#ifndef DRIFT_H
#define DRIFT_H


#include "common/sc_buf.h"
#include "sidecar/loop/loop.h"
#include "sidecar/store/store.h"


#define DRIFT_KIND       "drift"

/* pages of a window, and windows that are remembered of each field */
#define DRIFT_WINDOW     50
#define DRIFT_WINDOWS    24

/* windows before a field has a share that it can fall from */
#define DRIFT_SETTLED    2

/* it has fallen below so much of what it was, is back above so much */
#define DRIFT_FELL       0.5
#define DRIFT_BACK       0.8

/* a field that has a value on fewer pages than this may come and go */
#define DRIFT_RARE       0.1

/* pages in a row of another version that make it the present one */
#define DRIFT_OTHERS     10

/* the name of a page that was read by a group of sets, each by its own */
#define DRIFT_NAMES      ","

/* rule sets watched at once, and events remembered of each */
#define DRIFT_MAX_SETS   2048
#define DRIFT_MAX_EVENTS 50


typedef struct drift_s  drift_t;


/*
 * A page that was extracted.
 *
 * name   the rule set's, with or without its version; "" if it has none,
 *        DRIFT_NAMES when rules are a group of sets called by their names
 * hash   its hash
 * rules  its canonical JSON
 * fill   extract_page_t's
 */
typedef struct {
    sc_str_t     tenant;
    const char  *name;
    const char  *hash;
    sc_str_t     rules;
    sc_str_t     fill;
} drift_page_t;


/* The store stays the caller's.  NULL when memory is out. */
drift_t *drift_create(loop_t *loop, store_t *store);

/* What was counted since the last write is written. */
void drift_destroy(drift_t *d);

/*
 * Count a page; what it points to is not kept.  Never fails: what there is no
 * memory for is not counted.  When fields have fallen with it, or are back,
 * out gets the event, JSON text {"ruleset", "events": as of drift_show()}; of
 * a group that of the set that is told last.  NULL: nobody wants it.
 */
void drift_note(drift_t *d, const drift_page_t *page, sc_buf_t *out);

/*
 * Append what is known of a rule set, by its name or hash, as JSON:
 * {"ruleset", "pages", "fields": [{"field", "rate", "usual", "fallen",
 * "windows": [{"at", "rate"}]}], "events": [{"at", "field", "event", "rate",
 * "usual"}]}.  SC_OK; SC_DECLINED when nothing is in memory (ask the store
 * for the document, whose body is the same); SC_ERROR when memory is out.
 */
int drift_show(drift_t *d, sc_str_t tenant, const char *name, sc_buf_t *out);

/* Fields that have fallen and are not back, of all rule sets in memory. */
size_t drift_fallen(const drift_t *d);


#endif /* DRIFT_H */
