
#include "common/sc_json.h"


static void sc_json_object(sc_buf_t *b, json_t *json);
static void sc_json_array(sc_buf_t *b, const json_t *json);


/*
 * jansson's own writer prints 0.1 as 0.10000000000000001, which would come
 * back to whoever wrote it.
 */

void
sc_json_value(sc_buf_t *b, const json_t *json)
{
    switch (json_typeof(json)) {

    case JSON_OBJECT:
        /* jansson iterates over what is const to us, changing nothing */
        sc_json_object(b, (json_t *) json);
        break;

    case JSON_ARRAY:
        sc_json_array(b, json);
        break;

    case JSON_STRING:
        sc_json_string(b, json_string_value(json), json_string_length(json));
        break;

    case JSON_INTEGER:
        sc_buf_printf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
        break;

    case JSON_REAL:
        sc_json_number(b, json_real_value(json));
        break;

    case JSON_TRUE:
        sc_buf_add_cstr(b, "true");
        break;

    case JSON_FALSE:
        sc_buf_add_cstr(b, "false");
        break;

    case JSON_NULL:
        sc_buf_add_cstr(b, "null");
        break;
    }
}


static void
sc_json_object(sc_buf_t *b, json_t *json)
{
    json_t      *value;
    const char  *key, *comma;

    sc_buf_add(b, "{", 1);
    comma = "";

    json_object_foreach(json, key, value) {
        sc_buf_add_cstr(b, comma);
        sc_json_cstr(b, key);
        sc_buf_add(b, ":", 1);
        sc_json_value(b, value);
        comma = ",";
    }

    sc_buf_add(b, "}", 1);
}


static void
sc_json_array(sc_buf_t *b, const json_t *json)
{
    size_t   i;
    json_t  *value;

    sc_buf_add(b, "[", 1);

    json_array_foreach(json, i, value) {
        if (i != 0) {
            sc_buf_add(b, ",", 1);
        }

        sc_json_value(b, value);
    }

    sc_buf_add(b, "]", 1);
}
