
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/rules/sc_rules_internal.h"
#include "common/sc_json.h"


int
sc_rules_json(sc_rules_parser_t *p, const json_t *value, char **out)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    sc_json_value(&b, value);

    if (b.failed) {
        sc_buf_free(&b);
        return sc_rules_no_memory(p);
    }

    *out = b.data;

    return SC_OK;
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
