
#include "common/jsonpath/sc_jsonpath_internal.h"


/* Where the nodes go that the last segment selects. */
typedef struct {
    sc_jsonpath_pt   found;
    void            *data;
} sc_jsonpath_sink_t;


/* What is done with each child of a node. */
typedef struct {
    const sc_jsonpath_segment_t   *segment;
    const sc_jsonpath_selector_t  *selector;
    const sc_jsonpath_sink_t      *sink;
} sc_jsonpath_step_t;


typedef int (*sc_jsonpath_child_pt)(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_step_t *step, json_t *child);


static int sc_jsonpath_arrive(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_segment_t *segment, json_t *node,
    const sc_jsonpath_sink_t *sink);
static int sc_jsonpath_descend(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_step_t *step, json_t *node);
static int sc_jsonpath_select(sc_jsonpath_walk_t *walk,
    sc_jsonpath_step_t *step, json_t *node);
static int sc_jsonpath_selected(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_step_t *step, json_t *child);
static int sc_jsonpath_filtered(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_step_t *step, json_t *child);
static int sc_jsonpath_children(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_step_t *step, json_t *node, sc_jsonpath_child_pt visit);
static int sc_jsonpath_named(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_step_t *step, json_t *node);
static int sc_jsonpath_indexed(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_step_t *step, json_t *node);
static int sc_jsonpath_sliced(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_step_t *step, json_t *node);
static int64_t sc_jsonpath_bound(int64_t n, int64_t len, int64_t low,
    int64_t high);


int
sc_jsonpath_eval(const sc_jsonpath_t *path, json_t *root, size_t *steps,
    sc_jsonpath_pt found, void *data)
{
    int                 rc;
    sc_jsonpath_walk_t  walk;

    walk.root = root;
    walk.steps = steps;
    walk.depth = 0;
    walk.match = NULL;
    walk.limits = NULL;

    rc = sc_jsonpath_query(&walk, &path->query, root, found, data);

    pcre2_match_data_free(walk.match);
    pcre2_match_context_free(walk.limits);

    return rc;
}


int
sc_jsonpath_query(sc_jsonpath_walk_t *walk, const sc_jsonpath_query_t *query,
    json_t *current, sc_jsonpath_pt found, void *data)
{
    sc_jsonpath_sink_t  sink;

    sink.found = found;
    sink.data = data;

    return sc_jsonpath_arrive(walk, query->first,
                              query->relative ? current : walk->root, &sink);
}


int
sc_jsonpath_charge(sc_jsonpath_walk_t *walk, size_t n)
{
    if (*walk->steps < n) {
        *walk->steps = 0;
        return SC_ERROR;
    }

    *walk->steps -= n;

    return SC_OK;
}


int
sc_jsonpath_visit(sc_jsonpath_walk_t *walk)
{
    if (walk->depth == SC_JSONPATH_EVAL_DEPTH) {
        return SC_ERROR;
    }

    if (sc_jsonpath_charge(walk, 1) != SC_OK) {
        return SC_ERROR;
    }

    walk->depth++;

    return SC_OK;
}


/* A node that all segments before this one have led to. */

static int
sc_jsonpath_arrive(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_segment_t *segment, json_t *node,
    const sc_jsonpath_sink_t *sink)
{
    int                 rc;
    sc_jsonpath_step_t  step;

    if (segment != NULL && segment->descendant) {
        step.segment = segment;
        step.selector = NULL;
        step.sink = sink;

        return sc_jsonpath_descend(walk, &step, node);
    }

    if (sc_jsonpath_visit(walk) != SC_OK) {
        return SC_ERROR;
    }

    if (segment == NULL) {
        rc = sink->found(sink->data, node);

    } else {
        step.segment = segment;
        step.sink = sink;

        rc = sc_jsonpath_select(walk, &step, node);
    }

    walk->depth--;

    return rc;
}


/* The node itself comes before what is below it (RFC 9535, 2.5.2.2). */

static int
sc_jsonpath_descend(sc_jsonpath_walk_t *walk, const sc_jsonpath_step_t *step,
    json_t *node)
{
    int                 rc;
    sc_jsonpath_step_t  select;

    if (sc_jsonpath_visit(walk) != SC_OK) {
        return SC_ERROR;
    }

    select = *step;
    rc = sc_jsonpath_select(walk, &select, node);

    if (rc == SC_OK) {
        rc = sc_jsonpath_children(walk, step, node, sc_jsonpath_descend);
    }

    walk->depth--;

    return rc;
}


/* All selectors of the segment, one after the other. */

static int
sc_jsonpath_select(sc_jsonpath_walk_t *walk, sc_jsonpath_step_t *step,
    json_t *node)
{
    int                            rc;
    const sc_jsonpath_selector_t  *selector;

    if (!json_is_object(node) && !json_is_array(node)) {
        return SC_OK;
    }

    rc = SC_OK;
    selector = step->segment->first;

    for ( /* void */ ; selector != NULL && rc == SC_OK;
          selector = selector->next)
    {
        step->selector = selector;

        switch (selector->type) {

        case SC_JSONPATH_NAME:
            rc = sc_jsonpath_named(walk, step, node);
            break;

        case SC_JSONPATH_INDEX:
            rc = sc_jsonpath_indexed(walk, step, node);
            break;

        case SC_JSONPATH_SLICE:
            rc = sc_jsonpath_sliced(walk, step, node);
            break;

        case SC_JSONPATH_WILDCARD:
            rc = sc_jsonpath_children(walk, step, node, sc_jsonpath_selected);
            break;

        case SC_JSONPATH_FILTER:
            rc = sc_jsonpath_children(walk, step, node, sc_jsonpath_filtered);
            break;
        }
    }

    return rc;
}


static int
sc_jsonpath_selected(sc_jsonpath_walk_t *walk, const sc_jsonpath_step_t *step,
    json_t *child)
{
    return sc_jsonpath_arrive(walk, step->segment->next, child, step->sink);
}


static int
sc_jsonpath_filtered(sc_jsonpath_walk_t *walk, const sc_jsonpath_step_t *step,
    json_t *child)
{
    int  rc;

    if (sc_jsonpath_visit(walk) != SC_OK) {
        return SC_ERROR;
    }

    rc = sc_jsonpath_test(walk, step->selector->filter, child);
    walk->depth--;

    if (rc == SC_ERROR) {
        return SC_ERROR;
    }

    return rc ? sc_jsonpath_selected(walk, step, child) : SC_OK;
}


static int
sc_jsonpath_children(sc_jsonpath_walk_t *walk, const sc_jsonpath_step_t *step,
    json_t *node, sc_jsonpath_child_pt visit)
{
    int      rc;
    void    *iter;
    size_t   i, n;

    rc = SC_OK;
    n = json_array_size(node);

    for (i = 0; i < n && rc == SC_OK; i++) {
        rc = visit(walk, step, json_array_get(node, i));
    }

    for (iter = json_object_iter(node); iter != NULL && rc == SC_OK;
         iter = json_object_iter_next(node, iter))
    {
        rc = visit(walk, step, json_object_iter_value(iter));
    }

    return rc;
}


static int
sc_jsonpath_named(sc_jsonpath_walk_t *walk, const sc_jsonpath_step_t *step,
    json_t *node)
{
    json_t          *child;
    const sc_str_t  *name;

    name = &step->selector->name;
    child = json_object_getn(node, name->data, name->len);

    return (child != NULL) ? sc_jsonpath_selected(walk, step, child) : SC_OK;
}


static int
sc_jsonpath_indexed(sc_jsonpath_walk_t *walk, const sc_jsonpath_step_t *step,
    json_t *node)
{
    int64_t   i, len;

    len = (int64_t) json_array_size(node);
    i = step->selector->start;

    if (i < 0) {
        i += len;
    }

    if (i < 0 || i >= len) {
        return SC_OK;
    }

    return sc_jsonpath_selected(walk, step,
                                json_array_get(node, (size_t) i));
}


/* RFC 9535, 2.3.4.2.2; what has no start or end begins or ends outside. */

static int
sc_jsonpath_sliced(sc_jsonpath_walk_t *walk, const sc_jsonpath_step_t *step,
    json_t *node)
{
    int                            rc;
    int64_t                        i, end, len, low, high;
    const sc_jsonpath_selector_t  *slice;

    slice = step->selector;
    len = (int64_t) json_array_size(node);

    if (slice->step == 0 || len == 0) {
        return SC_OK;
    }

    low = (slice->step > 0) ? 0 : -1;
    high = (slice->step > 0) ? len : len - 1;

    i = slice->has_start ? sc_jsonpath_bound(slice->start, len, low, high)
        : (slice->step > 0) ? low : high;
    end = slice->has_end ? sc_jsonpath_bound(slice->end, len, low, high)
          : (slice->step > 0) ? high : low;

    for (rc = SC_OK; rc == SC_OK; i += slice->step) {
        if ((slice->step > 0) ? i >= end : i <= end) {
            break;
        }

        rc = sc_jsonpath_selected(walk, step,
                                  json_array_get(node, (size_t) i));
    }

    return rc;
}


static int64_t
sc_jsonpath_bound(int64_t n, int64_t len, int64_t low, int64_t high)
{
    if (n < 0) {
        n += len;
    }

    return (n < low) ? low : (n > high) ? high : n;
}
