
#include <string.h>

#include "sidecar/page/charset_internal.h"


#define CHARSET_XML_BLANK  " \t\r\n"

/* a declaration that is longer is none */
#define CHARSET_XML_MAX    256


static const char *charset_xml_value(sc_str_t in, size_t at);


const char *
charset_xml(sc_str_t body)
{
    size_t       i, end;
    const char  *name;

    if (body.len >= 4 && memcmp(body.data, "<\0?\0", 4) == 0) {
        return "utf-16le";
    }

    if (body.len >= 4 && memcmp(body.data, "\0<\0?", 4) == 0) {
        return "utf-16be";
    }

    if (body.len < 6 || memcmp(body.data, "<?xml", 5) != 0
        || memchr(CHARSET_XML_BLANK, body.data[5],
                  sizeof(CHARSET_XML_BLANK) - 1) == NULL)
    {
        return NULL;
    }

    end = body.len < CHARSET_XML_MAX ? body.len : CHARSET_XML_MAX;

    for (i = 6; i < end && body.data[i] != '>'; i++) {
        if (end - i > 8 && memcmp(body.data + i, "encoding", 8) == 0) {
            body.len = end;
            name = charset_xml_value(body, i + 8);

            /* bytes in which this could be read are not that */
            return name != NULL && strncmp(name, "utf-16", 6) == 0
                   ? "utf-8" : name;
        }
    }

    return NULL;
}


static const char *
charset_xml_value(sc_str_t in, size_t at)
{
    char         quote;
    const char  *end;

    while (at < in.len
           && memchr("=" CHARSET_XML_BLANK, in.data[at],
                     sizeof(CHARSET_XML_BLANK)) != NULL)
    {
        at++;
    }

    if (at == in.len) {
        return NULL;
    }

    quote = in.data[at++];
    if (quote != '"' && quote != '\'') {
        return NULL;
    }

    end = memchr(in.data + at, quote, in.len - at);
    if (end == NULL) {
        return NULL;
    }

    return charset_lookup(in.data + at, (size_t) (end - in.data) - at);
}
