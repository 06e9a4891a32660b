
#include <stdio.h>
#include <string.h>

#include "sidecar/api/api_internal.h"


int
api_option_object(api_option_t *o, const char *base, const json_t *object,
    const api_member_t *members)
{
    json_t              *value;
    const char          *key, *outer_base, *outer_key;
    const api_member_t  *m;

    if (!json_is_object(object)) {
        problem_init(o->problem, "/request/invalid",
                     "this is not an object");
        problem_pointer(o->problem, base, NULL);
        return SC_ERROR;
    }

    outer_base = o->base;
    outer_key = o->key;
    o->base = base;

    json_object_foreach((json_t *) object, key, value) {
        for (m = members; m->name != NULL; m++) {
            if (strcmp(m->name, key) == 0) {
                break;
            }
        }

        o->key = key;

        if (m->name == NULL) {
            problem_init(o->problem, "/request/unknown-field",
                         "\"%.100s\" is not known here", key);
            problem_pointer(o->problem, base, key);
            return SC_ERROR;
        }

        if (m->handler(o, value) != SC_OK) {
            return SC_ERROR;
        }
    }

    o->base = outer_base;
    o->key = outer_key;

    return SC_OK;
}


int
api_option_int(api_option_t *o, const json_t *value, int64_t min, int64_t max,
    int64_t *n)
{
    char  detail[128];

    *n = json_integer_value(value);

    if (!json_is_integer(value) || *n < min || *n > max) {
        (void) snprintf(detail, sizeof(detail), "\"%s\" is not a whole number "
                        "from \"%lld\" to \"%lld\"", o->key, (long long) min,
                        (long long) max);
        return api_option_invalid(o, detail);
    }

    return SC_OK;
}


int
api_option_invalid(api_option_t *o, const char *detail)
{
    problem_init(o->problem, "/request/invalid", "%s", detail);
    problem_pointer(o->problem, o->base, o->key);

    return SC_ERROR;
}


int
api_option_refused(api_option_t *o, const char *member, const char *detail)
{
    char  base[128];

    (void) snprintf(base, sizeof(base), "%s/%s", o->base, o->key);
    problem_init(o->problem, "/request/invalid", "%s", detail);
    problem_pointer(o->problem, base, member);

    return SC_ERROR;
}


int
api_option_no_memory(api_option_t *o)
{
    problem_init(o->problem, "/server/out-of-memory", "memory is out");

    return SC_ERROR;
}
