
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/sc_json.h"
#include "common/rules/sc_rules_internal.h"


static void sc_rules_json_object(sc_buf_t *b, json_t *json);
static void sc_rules_json_array(sc_buf_t *b, const json_t *json);


/*
 * jansson's own writer prints 0.1 as 0.10000000000000001, which would come
 * back to the caller as a default.
 */

void
sc_rules_json(sc_buf_t *b, const json_t *json)
{
    switch (json_typeof(json)) {

    case JSON_OBJECT:
        /* jansson iterates over what is const to us, changing nothing */
        sc_rules_json_object(b, (json_t *) json);
        break;

    case JSON_ARRAY:
        sc_rules_json_array(b, json);
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


int
sc_rules_hash(char *out, const char *data, size_t len)
{
    char           *p;
    unsigned        i, n;
    unsigned char   digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(data, len, digest, &n, EVP_sha256(), NULL) != 1) {
        return SC_ERROR;
    }

    memcpy(out, "sha256:", sizeof("sha256:"));
    p = out + strlen(out);

    for (i = 0; i < n; i++) {
        p += snprintf(p, 3, "%02x", digest[i]);
    }

    return SC_OK;
}


static void
sc_rules_json_object(sc_buf_t *b, json_t *json)
{
    json_t      *value;
    const char  *key, *comma;

    sc_buf_add(b, "{", 1);
    comma = "";

    json_object_foreach(json, key, value) {
        sc_buf_add_cstr(b, comma);
        sc_json_cstr(b, key);
        sc_buf_add(b, ":", 1);
        sc_rules_json(b, value);
        comma = ",";
    }

    sc_buf_add(b, "}", 1);
}


static void
sc_rules_json_array(sc_buf_t *b, const json_t *json)
{
    size_t   i;
    json_t  *value;

    sc_buf_add(b, "[", 1);

    json_array_foreach(json, i, value) {
        if (i != 0) {
            sc_buf_add(b, ",", 1);
        }

        sc_rules_json(b, value);
    }

    sc_buf_add(b, "]", 1);
}
