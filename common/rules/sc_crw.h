
/*
 * Crawley's templates (files .crw, type text/x-crawley) made into rule sets.
 * The language is that of Crawley 0.2 and 0.3 (crawley/simple_parser there),
 * a line at a time:
 *
 *     # books of one shop
 *     PAGE => http://shop.example/book/1
 *     book.title -> //h1
 *     book.price -> span.price
 *
 *     PAGE => %shop.example/author/%
 *     author.name -> //h1
 *
 * PAGE and an http or https URL names a template: in Crawley that is a
 * SmartScraper, for pages of any URL whose tags are like the template's by
 * more than 0.45; here it is "match": {"similar_to": {"url": …}}, with the
 * default ratio.  A '%' that is not an escape of the URL, or "re:", makes it
 * a pattern of URLs: "match": {"url": […]}, which Crawley's templates lack.
 *
 * table.column -> selector is a field and where its value goes, one row a
 * page: "store": {"table": …, "mode": "append"}.  Tables are in lower case,
 * as Crawley makes them.  A selector that looks like XPath, or has a '/' or
 * '@' outside quotes, is XPath, any other is CSS.  Of a column that a page
 * has more than once the last selector that finds something counts.
 *
 * Blank lines, and lines that begin with '#', say nothing; a line ends with
 * LF or CRLF; a byte order mark is passed over.
 */

#ifndef SC_CRW_H
#define SC_CRW_H


#include <jansson.h>
#include <stddef.h>


/*
 * line     1-based; 0 when memory is out
 * column   1-based, in characters; one past the end when something is missing
 *          there
 * message  begins with the line: "line 3: expected \"->\""; NUL-terminated
 */
typedef struct {
    size_t  line;
    size_t  column;
    char    message[256];
} sc_crw_error_t;


/*
 * The JSON of the rule set that a template describes, for sc_rules_parse():
 * one set when it has one page and one table, else a group whose sets are
 * named by table, with _2, _3 … where a table comes again.  Selectors,
 * patterns and names that are the gateway's own are not looked at here.  The
 * caller owns it; NULL with *err filled in when the template is refused.
 */
json_t *sc_crw_parse(const char *text, size_t len, sc_crw_error_t *err);


#endif /* SC_CRW_H */
