
/*
 * What the views share: values of the tree as text, as absolute URLs and as
 * JSON.
 */

#ifndef VIEW_VALUE_H
#define VIEW_VALUE_H


#include "sidecar/views/view.h"


/*
 * Append text with each run of white space made one space; the value starts
 * at out->data[start], and white space there is dropped.
 * view_value_trim() ends the value.
 */
void view_value_collapse(sc_buf_t *out, size_t start, const char *text,
    size_t len);

/* Drop the white space view_value_collapse() has left at the end. */
void view_value_trim(sc_buf_t *out, size_t start);

/* The bytes of a text, or of as many of its characters as fit in max. */
size_t view_value_len(const char *text, size_t max);

/*
 * Append the text in an element, collapsed, but look at no more than nodes
 * nodes and stop behind max bytes, between characters.  The nodes looked at.
 */
size_t view_value_text(sc_buf_t *out, const xmlNode *node, size_t max,
    size_t nodes);

/*
 * Append the absolute form of a reference.  SC_OK; SC_DECLINED when it is
 * empty, has none or one longer than URL_MAX (out is unchanged); SC_ERROR
 * when memory is out.
 */
int view_value_url(const view_t *v, const char *ref, sc_buf_t *out);

/* Whether a URL is absolute http or https with a host. */
int view_value_is_http(const char *url);

/*
 * The next of a list's tokens, which white space separates: its length, 0 at
 * the end, with *p at its first byte.  The caller adds the length to *p.
 */
size_t view_value_token(const char **p);

/* Whether a list, which may be NULL, has a token, compared without case. */
int view_value_has(const char *list, const char *token);

/* Append a list's tokens as a JSON list of strings; list may be NULL. */
void view_value_tokens(sc_buf_t *out, const char *list);

/* Append a string in JSON, and empty it for the next. */
void view_value_string(sc_buf_t *out, sc_buf_t *text);


#endif /* VIEW_VALUE_H */
