
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/core/json_last.h"


/* longer ones are read anew: they would be kept for nobody, mostly */
#define JSON_LAST_MAX    16384


json_t *
json_last_get(json_last_t *last, sc_str_t text)
{
    json_t  *json;

    if (last->json != NULL && last->len == text.len
        && memcmp(last->text, text.data, text.len) == 0)
    {
        return json_incref(last->json);
    }

    json = sc_json_of(text.data, text.len, 0, NULL);

    if (json == NULL || text.len > JSON_LAST_MAX) {
        return json;
    }

    json_last_free(last);
    last->text = malloc(text.len);

    if (last->text != NULL) {
        memcpy(last->text, text.data, text.len);
        last->len = text.len;
        last->json = json_incref(json);
    }

    return json;
}


void
json_last_free(json_last_t *last)
{
    json_decref(last->json);
    free(last->text);
    memset(last, 0, sizeof(json_last_t));
}
