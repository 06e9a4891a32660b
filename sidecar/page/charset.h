
/*
 * What a page's bytes mean: its encoding is found and the bytes are made into
 * valid UTF-8, so that the parser never sees anything else.  Encodings are
 * those of the WHATWG Encoding Standard, by its labels, but for the rare
 * "replacement" and "x-user-defined", which are treated as unknown labels.
 */

#ifndef CHARSET_H
#define CHARSET_H


#include "common/sc_buf.h"


/*
 * An encoding and how it was found.  Both are static strings.
 *
 * name  in lower case, as the Encoding Standard calls it
 * from  "bom", "header", "meta", "xml", "valid-utf-8", "detected" or "default"
 */
typedef struct {
    const char  *name;
    const char  *from;
} charset_t;


/*
 * The encoding of an HTML body: what its byte order mark says, else the
 * charset parameter of content_type, else a <meta> in the first 1,024 bytes,
 * else utf-8 when all of it is valid UTF-8, else what the bytes look like,
 * else windows-1252.
 */
void charset_detect(sc_str_t body, const char *content_type, charset_t *cs);

/* The same of a body that is no markup, where no <meta> counts. */
void charset_detect_text(sc_str_t body, const char *content_type,
    charset_t *cs);

/* Of XML: byte order mark, header, XML declaration, else utf-8. */
void charset_detect_xml(sc_str_t body, const char *content_type,
    charset_t *cs);

/*
 * Load all that converting and guessing need, so that from now on neither
 * opens a file: for a process that is about to lose the right to.  SC_OK, or
 * SC_ERROR when the system has no converter for some encoding; the others are
 * loaded even then.
 */
int charset_preload(void);

/*
 * *text is body as valid UTF-8 without NUL and without byte order mark: what
 * is not valid, and NUL, becomes U+FFFD.  *text is a part of body when
 * nothing had to be changed, else it is in space, whose content is lost.
 * SC_OK, or SC_ERROR when memory is out.
 */
int charset_decode(const char *name, sc_str_t body, sc_buf_t *space,
    sc_str_t *text);

/* 0x80 to 0x9f of windows-1252; those it does not define stay controls. */
extern const uint16_t  charset_1252[32];

/* The name of the encoding that has this label, NULL when none has. */
const char *charset_lookup(const char *label, size_t len);

/*
 * The encoding a <meta> declares in the bytes given, by the HTML Standard's
 * prescan; NULL when none does.
 */
const char *charset_prescan(const char *data, size_t len);

/* The encoding in a "text/html; charset=…", NULL when none is. */
const char *charset_parameter(const char *value, size_t len);

/* The length of the longest start of data that is UTF-8 without NUL. */
size_t charset_valid(const char *data, size_t len);


#endif /* CHARSET_H */
