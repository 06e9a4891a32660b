
#include <string.h>

#include "common/sc_core.h"
#include "common/sc_hash.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_sketch.h"


/* runs remembered so that what repeats is not hashed again; a power of two */
#define VIEW_SKETCH_SEEN  1024


/*
 * names    hashes of the last names, a ring
 * n        names so far
 * factors  each slot's hash function multiplies by an odd number of its own
 *          (Dietzfelbinger 1997)
 * seen     runs that were counted lately, by their low bits; 0 for none
 */
typedef struct {
    view_sketch_t  *sketch;
    uint64_t        names[VIEW_SKETCH_RUN];
    size_t          n;
    uint64_t        factors[VIEW_SKETCH_SIZE];
    uint64_t        seen[VIEW_SKETCH_SEEN];
} view_runs_t;


static void view_sketch_begin(view_runs_t *r, view_sketch_t *sketch);
static void view_sketch_name(view_runs_t *r, const char *name);
static void view_sketch_run(view_runs_t *r);
static void view_sketch_count(view_runs_t *r, uint64_t run);
static uint64_t view_sketch_mix(uint64_t h);


int
view_sketch(const xmlDoc *doc, view_sketch_t *out)
{
    view_runs_t     r;
    const xmlNode  *n, *root;

    view_sketch_begin(&r, out);
    root = (const xmlNode *) doc;

    for (n = dom_next(root, root);
         n != NULL && r.n < VIEW_SKETCH_ELEMENTS;
         n = dom_next(n, root))
    {
        if (n->type == XML_ELEMENT_NODE) {
            view_sketch_name(&r, (const char *) n->name);
        }
    }

    /* a page too short for a run is one */
    if (r.n > 0 && r.n < VIEW_SKETCH_RUN) {
        view_sketch_run(&r);
    }

    return r.n != 0 ? SC_OK : SC_DECLINED;
}


void
view_sketch_text(const view_sketch_t *s, char *hex)
{
    size_t             i;
    static const char  digits[] = "0123456789abcdef";

    for (i = 0; i < VIEW_SKETCH_TEXT; i++) {
        *hex++ = digits[s->slots[i / 8] >> (28 - 4 * (i % 8)) & 0xf];
    }

    *hex = '\0';
}


int
view_sketch_parse(const char *hex, size_t len, view_sketch_t *out)
{
    size_t    i;
    uint32_t  digit;

    if (len != VIEW_SKETCH_TEXT) {
        return SC_ERROR;
    }

    memset(out, 0, sizeof(view_sketch_t));

    for (i = 0; i < len; i++) {
        if (hex[i] >= '0' && hex[i] <= '9') {
            digit = (uint32_t) (hex[i] - '0');

        } else if (hex[i] >= 'a' && hex[i] <= 'f') {
            digit = (uint32_t) (hex[i] - 'a') + 10;

        } else {
            return SC_ERROR;
        }

        out->slots[i / 8] = out->slots[i / 8] << 4 | digit;
    }

    return SC_OK;
}


double
view_sketch_ratio(const view_sketch_t *a, const view_sketch_t *b)
{
    size_t  i, same;

    same = 0;

    for (i = 0; i < VIEW_SKETCH_SIZE; i++) {
        same += (a->slots[i] == b->slots[i]);
    }

    return (double) same / VIEW_SKETCH_SIZE;
}


static void
view_sketch_begin(view_runs_t *r, view_sketch_t *sketch)
{
    size_t  i;

    memset(r, 0, sizeof(view_runs_t));
    memset(sketch->slots, 0xff, sizeof(sketch->slots));
    r->sketch = sketch;

    for (i = 0; i < VIEW_SKETCH_SIZE; i++) {
        r->factors[i] = view_sketch_mix(i) | 1;
    }
}


static void
view_sketch_name(view_runs_t *r, const char *name)
{
    r->names[r->n++ % VIEW_SKETCH_RUN] = sc_fnv1a(SC_FNV1A, name,
                                                  strlen(name));

    if (r->n >= VIEW_SKETCH_RUN) {
        view_sketch_run(r);
    }
}


static void
view_sketch_run(view_runs_t *r)
{
    size_t     i;
    uint64_t   h, *seen;

    h = 0;

    for (i = 0; i < VIEW_SKETCH_RUN; i++) {
        h = view_sketch_mix(h ^ r->names[(r->n + i) % VIEW_SKETCH_RUN]);
    }

    seen = &r->seen[h % VIEW_SKETCH_SEEN];

    if (*seen != h || h == 0) {
        *seen = h;
        view_sketch_count(r, h);
    }
}


static void
view_sketch_count(view_runs_t *r, uint64_t run)
{
    size_t    i;
    uint32_t  h, *slots;

    slots = r->sketch->slots;

    for (i = 0; i < VIEW_SKETCH_SIZE; i++) {
        h = (uint32_t) (run * r->factors[i] >> 32);
        slots[i] = h < slots[i] ? h : slots[i];
    }
}


/* The last steps of splitmix64 (Steele, Lea, Flood 2014). */

static uint64_t
view_sketch_mix(uint64_t h)
{
    h += 0x9e3779b97f4a7c15;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9;
    h = (h ^ h >> 27) * 0x94d049bb133111eb;

    return h ^ h >> 31;
}
