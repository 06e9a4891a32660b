
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sidecar/fetch/fetch.h"


static int fetch_header_token(sc_str_t name);
static int fetch_header_reserved(sc_str_t name);


/* what frames the message, or speaks to the next hop only */
static const char *const  fetch_reserved[] = {
    "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect",
    "TE", "Trailer", "Upgrade", "Keep-Alive", NULL
};


int
fetch_header_allowed(sc_str_t name, sc_str_t value, char *err, size_t errlen)
{
    size_t         i;
    unsigned char  c;

    if (!fetch_header_token(name)) {
        (void) snprintf(err, errlen, "the name of the header is not a token");
        return SC_ERROR;
    }

    if (fetch_header_reserved(name)) {
        (void) snprintf(err, errlen, "header \"%.*s\" may not be set",
                        (int) name.len, name.data);
        return SC_ERROR;
    }

    for (i = 0; i < value.len; i++) {
        c = (unsigned char) value.data[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            (void) snprintf(err, errlen, "header \"%.*s\" has a control "
                            "character at byte %zu", (int) name.len,
                            name.data, i + 1);
            return SC_ERROR;
        }
    }

    return SC_OK;
}


int
fetch_method_allowed(const char *method)
{
    sc_str_t  name = { strlen(method), method };

    return fetch_header_token(name) && name.len <= 32
           && strcmp(method, "CONNECT") != 0 && strcmp(method, "TRACE") != 0;
}


static int
fetch_header_token(sc_str_t name)
{
    size_t  i;
    char    c;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
            || (c >= 'a' && c <= 'z'))
        {
            continue;
        }

        if (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL) {
            return 0;
        }
    }

    return name.len > 0 && name.len <= 128;
}


static int
fetch_header_reserved(sc_str_t name)
{
    const char *const  *r;

    for (r = fetch_reserved; *r != NULL; r++) {
        if (name.len == strlen(*r)
            && strncasecmp(name.data, *r, name.len) == 0)
        {
            return 1;
        }
    }

    return name.len >= 6 && strncasecmp(name.data, "Proxy-", 6) == 0;
}
