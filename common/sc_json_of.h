
/*
 * Reading and writing JSON when memory may be out.  jansson 2.14 goes on when
 * it has no room for the next byte of a string or a number, which then lacks
 * that byte, and so does what it writes; here there is no value and no text,
 * and the reason is said.  It also passes over a NUL byte behind a number or
 * a word; here that is no JSON.
 */

#ifndef SC_JSON_OF_H
#define SC_JSON_OF_H


#include <jansson.h>


/*
 * json_loadb(), but that NULL may also mean that memory is out: error, which
 * may be NULL, then has the text "memory is out" and no line.
 *
 * The memory jansson takes is malloc()'s, before the first call and after it.
 */
json_t *sc_json_of(const char *text, size_t len, size_t flags,
    json_error_t *error);

/*
 * json_dumps(), whose text lacks what there was no room for when memory is
 * out; here there is none then.  The caller's, to be freed with free(); NULL
 * when memory is out or this is no text of JSON.
 */
char *sc_json_text(const json_t *json, size_t flags);


#endif /* SC_JSON_OF_H */
