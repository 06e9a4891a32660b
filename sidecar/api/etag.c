
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "sidecar/api/etag.h"


static int etag_find(const char *value, sc_str_t tag, int strong);


int
etag_matches(const char *value, sc_str_t tag)
{
    return etag_find(value, tag, 0);
}


int
etag_matches_strongly(const char *value, sc_str_t tag)
{
    return etag_find(value, tag, 1);
}


static int
etag_find(const char *value, sc_str_t tag, int strong)
{
    int     weak;
    size_t  len;

    value += strspn(value, " \t,");

    if (value[0] == '*') {
        return value[1 + strspn(value + 1, " \t")] == '\0';
    }

    while (*value != '\0') {
        weak = (value[0] == 'W' && value[1] == '/');
        value += weak ? 2 : 0;

        if (*value != '"') {
            return 0;
        }

        len = strcspn(++value, "\"");

        if (value[len] == '\0') {
            return 0;
        }

        if (len == tag.len && memcmp(value, tag.data, len) == 0
            && !(weak && strong))
        {
            return 1;
        }

        value += len + 1;
        value += strspn(value, " \t,");
    }

    return 0;
}


int
etag_make(sc_str_t text, unsigned char variant, char *tag, size_t digits)
{
    size_t         i;
    unsigned char  d[EVP_MAX_MD_SIZE];

    if (EVP_Digest(text.data, text.len, d, NULL, EVP_sha256(), NULL) != 1) {
        tag[0] = '\0';
        return SC_ERROR;
    }

    d[0] ^= variant;

    for (i = 0; i < digits / 2; i++) {
        (void) snprintf(tag + 2 * i, 3, "%02x", d[i]);
    }

    return SC_OK;
}
