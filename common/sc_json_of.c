
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"


#define SC_JSON_RESERVE  4096
#define SC_JSON_ALIGN    (sizeof(void *) * 2 - 1)


static void *sc_json_malloc(size_t size);
static void sc_json_free(void *p);


/*
 * Whether a value is being read, and memory has been out.  jansson asserts
 * that the byte it takes back is the one that it could not keep: it is given
 * the reserve, and what it makes is thrown away.
 */
static __thread int     sc_json_reading;
static __thread int     sc_json_short;
static __thread size_t  sc_json_used;
static __thread char    sc_json_reserve[SC_JSON_RESERVE]
    __attribute__((aligned(16)));


json_t *
sc_json_of(const char *text, size_t len, size_t flags, json_error_t *error)
{
    json_t  *json;

    /* others in the process may have functions of their own: not before */
    json_set_alloc_funcs(sc_json_malloc, sc_json_free);
    sc_json_short = 0;
    sc_json_used = 0;
    sc_json_reading = 1;
    json = json_loadb(text, len, flags, error);
    sc_json_reading = 0;

    if (!sc_json_short) {
        return json;
    }

    json_decref(json);

    if (error != NULL) {
        memset(error, 0, sizeof(json_error_t));
        (void) snprintf(error->text, sizeof(error->text), "memory is out");
    }

    return NULL;
}


char *
sc_json_text(const json_t *json, size_t flags)
{
    char  *text;

    json_set_alloc_funcs(sc_json_malloc, sc_json_free);
    sc_json_short = 0;
    text = json_dumps(json, flags);

    if (sc_json_short) {
        free(text);
        return NULL;
    }

    return text;
}


static void *
sc_json_malloc(size_t size)
{
    void  *p;

    p = malloc(size);
    sc_json_short |= (p == NULL);

    if (p != NULL || !sc_json_reading) {
        return p;
    }

    size = (size + SC_JSON_ALIGN) & ~SC_JSON_ALIGN;

    if (size > SC_JSON_RESERVE - sc_json_used) {
        return NULL;
    }

    sc_json_used += size;

    return sc_json_reserve + sc_json_used - size;
}


static void
sc_json_free(void *p)
{
    if ((uintptr_t) p - (uintptr_t) sc_json_reserve >= SC_JSON_RESERVE) {
        free(p);
    }
}
