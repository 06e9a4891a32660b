
/*
 * CSS selectors (Selectors Level 3 and much of Level 4) as XPath 1.0.
 *
 * The XPath finds what cssselect 1.2 and parsel 1.7 find, and is mostly their
 * text too.  Beyond them, per Selectors Level 4: complex selectors and lists
 * inside :not(), :is(), :where() (:matches() is :is()), relative selectors
 * and lists inside :has(), the flags i and s of attribute selectors.  Not to
 * be said in XPath 1.0 and refused: the of-type pseudo-classes without an
 * element name; refused as well: :nth-child(an+b of S), :scope anywhere but
 * in the first compound of a selector.
 *
 * Pseudo-elements, at the end of a selector: "a::text" are the text nodes
 * that are children of a, "a ::text" all text nodes below a, "::attr(href)"
 * the attribute.
 */

#ifndef SC_CSS_H
#define SC_CSS_H


#include "common/sc_buf.h"


#define SC_CSS_MAX        16384    /* bytes of a selector, and of its XPath */
#define SC_CSS_MAX_DEPTH  64       /* functions, and steps inside of them */


/*
 * What is wrong with a selector.
 *
 * message  lower case, one line, with the offending text in quotes
 * column   where, in characters from 1; 0 when it is no single place
 */
typedef struct {
    char  message[256];
    int   column;
} sc_css_error_t;


/*
 * Append to out the XPath of the group of selectors css, of len bytes of
 * UTF-8.  Each path begins with "descendant-or-self::" and is meant for the
 * document or for an element as the context node; a group is a union.
 *
 * html: names of elements and attributes are made lower case, and :link,
 * :checked, :enabled, :disabled and :lang() follow HTML.  Otherwise names are
 * taken as written, these four pseudo-classes never match and :lang() looks
 * at xml:lang.  "ns|name" is "ns:name" either way; who evaluates the path
 * registers the prefix.
 *
 * SC_OK, or SC_ERROR with *err filled and nothing appended.
 */
int sc_css_xpath(const char *css, size_t len, unsigned html, sc_buf_t *out,
    sc_css_error_t *err);


#endif /* SC_CSS_H */
