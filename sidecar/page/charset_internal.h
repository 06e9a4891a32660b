
/* What the files on encodings have in common. */

#ifndef CHARSET_INTERNAL_H
#define CHARSET_INTERNAL_H


#include "sidecar/page/charset.h"


/* bytes converted at a time; each becomes at most four of UTF-8 */
#define CHARSET_CHUNK  16384

#define CHARSET_BAD    "\xef\xbf\xbd"


/* Append body as UTF-8.  SC_OK, or SC_ERROR when memory is out. */
int charset_convert_1252(sc_str_t body, sc_buf_t *out);
int charset_convert_iconv(const char *name, sc_str_t body, sc_buf_t *out);

/*
 * The encoding that bytes, which are not valid UTF-8, look like; NULL when
 * they tell too little, or look like one that cannot be decoded.
 */
const char *charset_guess(sc_str_t body);

/* What an XML declaration names, NULL without; XML 1.0 appendix F. */
const char *charset_xml(sc_str_t body);

/* Have charset_guess() allocate once what it keeps; as charset_preload(). */
int charset_guess_preload(void);
int charset_iconv_preload(void);


#endif /* CHARSET_INTERNAL_H */
