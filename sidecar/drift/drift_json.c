
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/drift/drift_internal.h"


static void drift_json_field(const drift_field_t *field, sc_buf_t *out);
static void drift_json_event(const drift_event_t *event, sc_buf_t *out);
static void drift_json_number(sc_buf_t *out, const char *name, double n);
static void drift_read_field(drift_set_t *set, const json_t *json);
static void drift_read_events(drift_set_t *set, const json_t *json);


int
drift_json_write(const drift_set_t *set, sc_buf_t *out)
{
    size_t  i;

    (void) sc_buf_add_cstr(out, "{\"ruleset\":");
    (void) sc_json_cstr(out, set->name);
    (void) sc_buf_printf(out, ",\"pages\":%llu,\"fields\":[",
                         (unsigned long long) set->pages);

    for (i = 0; i < set->nfields; i++) {
        (void) sc_buf_add_cstr(out, i != 0 ? "," : "");
        drift_json_field(&set->fields[i], out);
    }

    (void) sc_buf_add_cstr(out, "],\"events\":[");

    for (i = 0; i < set->nevents; i++) {
        (void) sc_buf_add_cstr(out, i != 0 ? "," : "");
        drift_json_event(&set->events[i], out);
    }

    return sc_buf_add_cstr(out, "]}");
}


void
drift_json_events(const drift_set_t *set, int64_t at, sc_buf_t *out)
{
    size_t  i, first;

    first = set->nevents;

    while (first > 0 && set->events[first - 1].at == at) {
        first--;
    }

    if (first == set->nevents) {
        return;
    }

    sc_buf_reset(out);
    (void) sc_buf_add_cstr(out, "{\"ruleset\":");
    (void) sc_json_cstr(out, set->name);
    (void) sc_buf_add_cstr(out, ",\"events\":[");

    for (i = first; i < set->nevents; i++) {
        (void) sc_buf_add_cstr(out, i != first ? "," : "");
        drift_json_event(&set->events[i], out);
    }

    if (sc_buf_add_cstr(out, "]}") != SC_OK) {
        sc_buf_reset(out);
    }
}


void
drift_json_read(drift_set_t *set, sc_str_t body)
{
    size_t   i;
    json_t  *json, *field;

    json = sc_json_of(body.data, body.len, 0, NULL);

    set->pages += (uint64_t) json_integer_value(json_object_get(json,
                                                                "pages"));

    json_array_foreach(json_object_get(json, "fields"), i, field) {
        drift_read_field(set, field);
    }

    drift_read_events(set, json_object_get(json, "events"));
    json_decref(json);
}


static void
drift_json_field(const drift_field_t *field, sc_buf_t *out)
{
    size_t                 i, n;
    const drift_window_t  *w;

    n = field->n < DRIFT_WINDOWS ? field->n : DRIFT_WINDOWS;

    (void) sc_buf_add_cstr(out, "{\"field\":");
    (void) sc_json_cstr(out, field->path);

    if (n != 0) {
        w = &field->windows[(field->n - 1) % DRIFT_WINDOWS];
        drift_json_number(out, "rate", w->rate);
        drift_json_number(out, "usual", field->usual);
    }

    (void) sc_buf_printf(out, ",\"fallen\":%s,\"windows\":[",
                         field->fallen ? "true" : "false");

    for (i = field->n - n; i < field->n; i++) {
        w = &field->windows[i % DRIFT_WINDOWS];
        (void) sc_buf_printf(out, "%s{\"at\":%lld",
                             i != field->n - n ? "," : "",
                             (long long) w->at);
        drift_json_number(out, "rate", w->rate);
        (void) sc_buf_add_cstr(out, "}");
    }

    (void) sc_buf_add_cstr(out, "]}");
}


static void
drift_json_event(const drift_event_t *event, sc_buf_t *out)
{
    (void) sc_buf_printf(out, "{\"at\":%lld,\"field\":",
                         (long long) event->at);
    (void) sc_json_cstr(out, event->path);
    (void) sc_buf_printf(out, ",\"event\":\"%s\"",
                         event->fell ? "fell" : "back");
    drift_json_number(out, "rate", event->rate);
    drift_json_number(out, "usual", event->usual);
    (void) sc_buf_add_cstr(out, "}");
}


static void
drift_json_number(sc_buf_t *out, const char *name, double n)
{
    (void) sc_buf_printf(out, ",\"%s\":%.4f", name, n);
}


static void
drift_read_field(drift_set_t *set, const json_t *json)
{
    size_t           i, j;
    json_t          *window;
    const char      *path;
    drift_field_t   *field;

    path = json_string_value(json_object_get(json, "field"));

    for (i = 0; i < set->nfields && path != NULL; i++) {
        field = &set->fields[i];

        if (field->n != 0 || strcmp(field->path, path) != 0) {
            continue;
        }

        field->usual = json_number_value(json_object_get(json, "usual"));
        field->fallen = json_is_true(json_object_get(json, "fallen"));

        json_array_foreach(json_object_get(json, "windows"), j, window) {
            field->windows[field->n % DRIFT_WINDOWS].at =
                json_integer_value(json_object_get(window, "at"));
            field->windows[field->n % DRIFT_WINDOWS].rate =
                json_number_value(json_object_get(window, "rate"));
            field->n++;
        }
    }
}


static void
drift_read_events(drift_set_t *set, const json_t *json)
{
    size_t          i;
    double          rate;
    int64_t         at;
    json_t         *event;
    const char     *what;
    drift_field_t   field;

    memset(&field, 0, sizeof(drift_field_t));

    json_array_foreach(json, i, event) {
        field.path = (char *) json_string_value(json_object_get(event,
                                                                "field"));
        field.usual = json_number_value(json_object_get(event, "usual"));
        rate = json_number_value(json_object_get(event, "rate"));
        at = json_integer_value(json_object_get(event, "at"));
        what = json_string_value(json_object_get(event, "event"));

        if (field.path != NULL && what != NULL) {
            drift_event(set, &field, at, rate, strcmp(what, "fell") == 0);
        }
    }
}
