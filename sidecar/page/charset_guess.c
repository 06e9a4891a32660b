
#include <stddef.h>
#include <string.h>

#include <uchardet/uchardet.h>

#include "sidecar/page/charset_internal.h"


/* how many bytes are looked at, from the first that is not ASCII */
#define CHARSET_GUESS_MAX   ((size_t) 64 << 10)

/* fewer that are not ASCII fit too many encodings */
#define CHARSET_GUESS_LEAST 4


typedef struct {
    const char  *from;
    const char  *to;
} charset_guess_name_t;


static const char *charset_guess_name(const char *name);


/*
 * Names that are not labels, and the one that is mistaken: of what is called
 * Mac's Cyrillic the Web has nearly none, and the small letters are the same.
 */

static const charset_guess_name_t  charset_guess_names[] = {
    { "MAC-CYRILLIC", "windows-1251" },
    { "UHC", "euc-kr" },
    { NULL, NULL }
};


static uchardet_t  charset_guesser;


/* ISO-8859-1 and ASCII are labels of windows-1252, which needs no guess. */

const char *
charset_guess(sc_str_t body)
{
    size_t       i, n;
    const char  *name;

    while (body.len != 0 && (unsigned char) body.data[0] < 0x80) {
        body.data++;
        body.len--;
    }

    if (body.len > CHARSET_GUESS_MAX) {
        body.len = CHARSET_GUESS_MAX;
    }

    n = 0;

    for (i = 0; i < body.len && n < CHARSET_GUESS_LEAST; i++) {
        n += ((unsigned char) body.data[i] >= 0x80);
    }

    if (n < CHARSET_GUESS_LEAST) {
        return NULL;
    }

    if (charset_guesser == NULL) {
        charset_guesser = uchardet_new();
    }

    uchardet_reset(charset_guesser);

    if (uchardet_handle_data(charset_guesser, body.data, body.len) != 0) {
        return NULL;
    }

    uchardet_data_end(charset_guesser);
    name = charset_guess_name(uchardet_get_charset(charset_guesser));

    /* it was neither valid UTF-8 nor marked as anything wider */

    if (name == NULL || strcmp(name, "windows-1252") == 0
        || strncmp(name, "utf-", 4) == 0)
    {
        return NULL;
    }

    return name;
}


/* Its parts for each encoding are made when the first bytes come. */

int
charset_guess_preload(void)
{
    sc_str_t  sample = sc_string("\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0");

    return charset_guess(sample) != NULL ? SC_OK : SC_ERROR;
}


static const char *
charset_guess_name(const char *name)
{
    const charset_guess_name_t  *entry;

    for (entry = charset_guess_names; entry->from != NULL; entry++) {
        if (strcmp(entry->from, name) == 0) {
            return entry->to;
        }
    }

    return charset_lookup(name, strlen(name));
}
