
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/page/arena.h"


static sc_parser_t extract_parser(const sc_rules_t *rules,
    const extract_page_t *page);
static int extract_run(extract_t *x, const sc_rules_t *rules,
    sc_parser_t parser);
static int extract_opened(extract_t *x);
static int extract_group(extract_t *x, const sc_rules_t *rules,
    sc_parser_t parser);
static int extract_member(extract_t *x, const sc_rules_t *set);
static int extract_reparse(extract_t *x, sc_parser_t parser);
static int extract_set(extract_t *x, const sc_rules_t *rules,
    const extract_at_t *at);
static int extract_apply(extract_t *x, const sc_rules_t *rules,
    const extract_at_t *at);
static int extract_data(extract_t *x, const sc_rules_t *rules,
    const extract_at_t *at);
static void extract_filled(extract_t *x, const sc_rules_t *rules);


void
extract_page_init(extract_page_t *page)
{
    sc_buf_init(&page->data, EXTRACT_MAX_DATA);
    sc_buf_init(&page->missing, 0);
    sc_buf_init(&page->warnings, 0);
    sc_buf_init(&page->view, EXTRACT_MAX_DATA);
    sc_buf_init(&page->fill, 0);
}


void
extract_page_reset(extract_page_t *page)
{
    sc_buf_reset(&page->data);
    sc_buf_reset(&page->missing);
    sc_buf_reset(&page->warnings);
    sc_buf_reset(&page->view);
    sc_buf_reset(&page->fill);
    page->matched = 0;
    page->dropped = 0;
    page->incomplete = 0;
}


void
extract_page_free(extract_page_t *page)
{
    sc_buf_free(&page->data);
    sc_buf_free(&page->missing);
    sc_buf_free(&page->warnings);
    sc_buf_free(&page->view);
    sc_buf_free(&page->fill);
}


int
extract_page(const sc_rules_t *rules, extract_page_t *page)
{
    int           rc;
    extract_t     x;
    sc_parser_t   parser;

    parser = extract_parser(rules, page);
    rc = extract_open(&x, page, parser);

    if (rc == SC_OK) {
        rc = extract_run(&x, rules, parser);
    }

    extract_close(&x);

    return rc;
}


/* That of the first set whose page it may be: another's may refuse it. */

static sc_parser_t
extract_parser(const sc_rules_t *rules, const extract_page_t *page)
{
    size_t  i;

    for (i = 0; i < rules->nsets; i++) {
        if (extract_match_named(page, &rules->sets[i].match)) {
            return rules->sets[i].parser;
        }
    }

    return rules->nsets == 0 && extract_match_named(page, &rules->match)
           ? rules->parser : SC_PARSER_AUTO;
}


static int
extract_run(extract_t *x, const sc_rules_t *rules, sc_parser_t parser)
{
    int              rc;
    extract_page_t  *page = x->page;

    sc_buf_add_cstr(&page->missing, "[");
    sc_buf_add_cstr(&page->warnings, "[");
    sc_buf_add_cstr(&page->fill, "{");

    rc = (rules->nsets != 0) ? extract_group(x, rules, parser)
                             : extract_set(x, rules, NULL);

    sc_buf_add_cstr(&page->missing, "]");
    sc_buf_add_cstr(&page->warnings, "]");
    sc_buf_add_cstr(&page->fill, "}");

    if (rc == SC_OK && page->views != 0) {
        rc = extract_view(x);
    }

    if (rc == SC_OK && page->opened != NULL) {
        rc = extract_opened(x);
    }

    if (rc == SC_OK && (page->missing.failed || page->warnings.failed
                        || page->fill.failed || x->base.failed
                        || arena_failed()))
    {
        rc = extract_fail(page, "memory is out");
    }

    return rc;
}


static int
extract_opened(extract_t *x)
{
    view_t    v = extract_viewed(x);
    sc_str_t  follow;

    sc_buf_reset(&x->scratch);
    sc_buf_add_cstr(&x->scratch, "[");

    if (x->followed.len != 0) {
        sc_buf_add(&x->scratch, x->followed.data, x->followed.len);
    }

    sc_buf_add_cstr(&x->scratch, "]");

    follow.data = x->scratch.data;
    follow.len = x->scratch.len;

    if (x->scratch.failed || x->followed.failed
        || x->page->opened(x->page->opened_data, &v, follow) != SC_OK)
    {
        return extract_fail(x->page, "memory is out");
    }

    return SC_OK;
}


static int
extract_group(extract_t *x, const sc_rules_t *rules, sc_parser_t parser)
{
    size_t             i;
    sc_parser_t        now;
    const sc_rules_t  *set;

    now = parser;
    sc_buf_add_cstr(&x->page->data, "{");

    for (i = 0; i < rules->nsets; i++) {
        set = &rules->sets[i];

        if (!extract_match_named(x->page, &set->match)) {
            continue;
        }

        if (set->parser != now && extract_reparse(x, set->parser) != SC_OK) {
            return SC_ERROR;
        }

        now = set->parser;

        if (extract_member(x, set) != SC_OK) {
            return SC_ERROR;
        }
    }

    sc_buf_add_cstr(&x->page->data, "}");

    return now != parser ? extract_reparse(x, parser) : SC_OK;
}


/* A set that is not for this page has no member. */

static int
extract_member(extract_t *x, const sc_rules_t *set)
{
    sc_buf_t      *data = &x->page->data;
    extract_at_t   at = { NULL, set->name, 0 };

    if (!extract_match(x, &set->match)) {
        return SC_OK;
    }

    if (data->len > 1) {
        sc_buf_add_cstr(data, ",");
    }

    sc_json_cstr(data, set->name);
    sc_buf_add_cstr(data, ":");

    return extract_apply(x, set, &at);
}


static int
extract_reparse(extract_t *x, sc_parser_t parser)
{
    extract_unparse(x);

    return extract_parse(x, parser);
}


static int
extract_set(extract_t *x, const sc_rules_t *rules, const extract_at_t *at)
{
    if (!extract_match(x, &rules->match)) {
        sc_buf_add_cstr(&x->page->data, "null");
        return SC_OK;
    }

    return extract_apply(x, rules, at);
}


static int
extract_apply(extract_t *x, const sc_rules_t *rules, const extract_at_t *at)
{
    int              rc, drop;
    extract_page_t  *page = x->page;

    page->matched = 1;
    x->rules = rules;
    x->incomplete = 0;

    if (sc_rules_context(x->xpath, rules) != SC_OK) {
        return extract_fail(page, EXTRACT_TOO_MUCH);
    }

    if (rules->drop_if != NULL) {
        drop = extract_condition(x, (xmlNode *) x->doc, rules->drop_if, at);

        if (drop != 0) {
            page->dropped = (drop > 0 && at == NULL);
            sc_buf_add_cstr(&page->data, "null");
            return drop > 0 ? SC_OK : SC_ERROR;
        }
    }

    x->fill = calloc(rules->total, sizeof(extract_fill_t));
    if (x->fill == NULL) {
        return extract_fail(page, "memory is out");
    }

    rc = extract_data(x, rules, at);

    free(x->fill);
    x->fill = NULL;

    return rc;
}


static int
extract_data(extract_t *x, const sc_rules_t *rules, const extract_at_t *at)
{
    size_t           start = x->page->data.len;
    sc_str_t         data;
    extract_here_t   here = { (const xmlNode *) x->doc, NULL };

    if (extract_object(x, &here, rules->fields, rules->nfields, at)
        != SC_OK)
    {
        return SC_ERROR;
    }

    if (rules->strict && x->incomplete) {
        x->page->incomplete = 1;
    }

    extract_filled(x, rules);

    if ((x->page->views & EXTRACT_FOLLOW) || x->page->opened != NULL) {
        data.data = x->page->data.data + start;
        data.len = x->page->data.len - start;

        return extract_follow(x, data);
    }

    return SC_OK;
}


static void
extract_filled(extract_t *x, const sc_rules_t *rules)
{
    size_t     i;
    sc_buf_t  *b = &x->page->fill;

    if (b->len > 1) {
        sc_buf_add_cstr(b, ",");
    }

    sc_json_cstr(b, rules->name != NULL ? rules->name : "");
    sc_buf_add_cstr(b, ":[");

    for (i = 0; i < rules->total; i++) {
        sc_buf_printf(b, "%s[%u,%u]", i != 0 ? "," : "", x->fill[i].found,
                      x->fill[i].looked);
    }

    sc_buf_add_cstr(b, "]");
}
