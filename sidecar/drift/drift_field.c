
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules.h"
#include "sidecar/core/log.h"
#include "sidecar/drift/drift_internal.h"


/* how much the newest window counts in what is usual */
#define DRIFT_WEIGHT  0.2


static size_t drift_total(const sc_rules_t *rules, const char *member);
static int drift_wanted(const sc_rules_t *set, const char *member);
static int drift_paths(drift_field_t **field, const sc_field_t *fields,
    size_t n, const char *parent);
static void drift_inherit(drift_set_t *set, drift_field_t *fields, size_t n);
static void drift_count(drift_field_t *field, const json_t *pair);
static void drift_field_close(drift_set_t *set, drift_field_t *field,
    int64_t now);


int
drift_fields_set(drift_set_t *set, const char *hash, sc_str_t rules,
    const char *member)
{
    int                rc;
    size_t             i, total;
    sc_rules_t        *parsed;
    drift_field_t     *fields, *next;
    sc_rules_error_t   err;

    parsed = sc_rules_parse_text(rules.data, rules.len, &err);
    if (parsed == NULL) {
        return SC_ERROR;
    }

    total = drift_total(parsed, member);
    fields = calloc(total != 0 ? total : 1, sizeof(drift_field_t));
    rc = (fields != NULL) ? SC_OK : SC_ERROR;
    next = fields;

    for (i = 0; i < parsed->nsets && rc == SC_OK; i++) {
        if (drift_wanted(&parsed->sets[i], member)) {
            rc = drift_paths(&next, parsed->sets[i].fields,
                             parsed->sets[i].nfields,
                             member != NULL ? NULL : parsed->sets[i].name);
        }
    }

    if (parsed->nsets == 0 && rc == SC_OK) {
        rc = drift_paths(&next, parsed->fields, parsed->nfields, NULL);
    }

    sc_rules_free(parsed);

    if (rc != SC_OK) {
        drift_fields_free(fields, fields != NULL ? total : 0);
        return SC_ERROR;
    }

    drift_inherit(set, fields, total);
    drift_fields_free(set->fields, set->nfields);
    set->fields = fields;
    set->nfields = total;
    (void) snprintf(set->hash, sizeof(set->hash), "%s", hash);

    return SC_OK;
}


void
drift_fields_free(drift_field_t *fields, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        free(fields[i].path);
    }

    free(fields);
}


/*
 * A group's fill names the sets that were applied; their fields stand one
 * after the other, found by the name that their paths begin with.
 */

void
drift_fields_count(drift_set_t *set, const json_t *fill)
{
    size_t       at, len;
    json_t      *pairs;
    const char  *name;

    /* jansson iterates over what is const to us, changing nothing */
    json_object_foreach((json_t *) fill, name, pairs) {
        len = strlen(name);

        for (at = 0; at < set->nfields && len != 0; at++) {
            if (strncmp(set->fields[at].path, name, len) == 0
                && set->fields[at].path[len] == '.')
            {
                break;
            }
        }

        drift_fields_add(set, at, pairs);
    }
}


void
drift_fields_add(drift_set_t *set, size_t at, const json_t *pairs)
{
    size_t  i;

    for (i = 0; i < json_array_size(pairs) && at < set->nfields; i++) {
        drift_count(&set->fields[at++], json_array_get(pairs, i));
    }
}


void
drift_fields_close(drift_set_t *set, int64_t now)
{
    size_t  i;

    for (i = 0; i < set->nfields; i++) {
        drift_field_close(set, &set->fields[i], now);
    }
}


void
drift_event(drift_set_t *set, const drift_field_t *field, int64_t at,
    double rate, unsigned fell)
{
    drift_event_t  *event;

    if (set->nevents == DRIFT_MAX_EVENTS) {
        free(set->events[0].path);
        memmove(set->events, set->events + 1,
                (DRIFT_MAX_EVENTS - 1) * sizeof(drift_event_t));
        set->nevents--;
    }

    event = &set->events[set->nevents];
    event->path = strdup(field->path);

    if (event->path == NULL) {
        return;
    }

    event->at = at;
    event->rate = rate;
    event->usual = field->usual;
    event->fell = fell & 1u;
    set->nevents++;
}


static size_t
drift_total(const sc_rules_t *rules, const char *member)
{
    size_t  i, n;

    n = rules->total;

    for (i = 0; i < rules->nsets; i++) {
        if (drift_wanted(&rules->sets[i], member)) {
            n += rules->sets[i].total;
        }
    }

    return n;
}


static int
drift_wanted(const sc_rules_t *set, const char *member)
{
    return member == NULL || strcmp(set->name, member) == 0;
}


/* In the order of their numbers: a parent, then its children. */

static int
drift_paths(drift_field_t **field, const sc_field_t *fields, size_t n,
    const char *parent)
{
    size_t     i;
    sc_buf_t   path;

    for (i = 0; i < n; i++) {
        sc_buf_init(&path, 0);

        if (parent != NULL) {
            (void) sc_buf_add_cstr(&path, parent);
            (void) sc_buf_add_cstr(&path, ".");
        }

        if (sc_buf_add_cstr(&path, fields[i].name) != SC_OK) {
            sc_buf_free(&path);
            return SC_ERROR;
        }

        (*field)->path = path.data;
        (*field)++;

        if (drift_paths(field, fields[i].fields, fields[i].nfields,
                        path.data)
            != SC_OK)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static void
drift_inherit(drift_set_t *set, drift_field_t *fields, size_t n)
{
    size_t  i, j;
    char   *path;

    for (i = 0; i < n; i++) {
        for (j = 0; j < set->nfields && fields[i].path != NULL; j++) {
            if (strcmp(fields[i].path, set->fields[j].path) == 0) {
                path = fields[i].path;
                fields[i] = set->fields[j];
                fields[i].path = path;
                break;
            }
        }
    }
}


/* A worker that a page has taken over may say anything. */

static void
drift_count(drift_field_t *field, const json_t *pair)
{
    json_int_t  found, looked;

    found = json_integer_value(json_array_get(pair, 0));
    looked = json_integer_value(json_array_get(pair, 1));

    if (found >= 0 && looked >= found && looked <= UINT32_MAX) {
        field->found += (uint64_t) found;
        field->looked += (uint64_t) looked;
    }
}


/* While it is down, what is usual stays what it was. */

static void
drift_field_close(drift_set_t *set, drift_field_t *field, int64_t now)
{
    double  rate;

    if (field->looked == 0) {
        return;
    }

    rate = (double) field->found / (double) field->looked;
    field->found = 0;
    field->looked = 0;

    field->windows[field->n % DRIFT_WINDOWS].at = now;
    field->windows[field->n % DRIFT_WINDOWS].rate = rate;
    field->n++;

    if (field->n > DRIFT_SETTLED && !field->fallen
        && field->usual >= DRIFT_RARE && rate < field->usual * DRIFT_FELL)
    {
        field->fallen = 1;
        drift_event(set, field, now, rate, 1);
        log_warn("field \"%s\" of rule set \"%s\" has a value on %.0f %% of "
                 "the last pages, was %.0f %%", field->path, set->name,
                 rate * 100, field->usual * 100);
        return;
    }

    if (field->fallen) {
        if (rate < field->usual * DRIFT_BACK) {
            return;
        }

        field->fallen = 0;
        drift_event(set, field, now, rate, 0);
        log_notice("field \"%s\" of rule set \"%s\" has a value on %.0f %% of "
                   "the last pages again", field->path, set->name,
                   rate * 100);
    }

    field->usual = (field->n == 1)
                   ? rate
                   : field->usual + (rate - field->usual) * DRIFT_WEIGHT;
}
