
/*
 * Problem documents (RFC 9457): what a request is told when it is refused.
 * docs/api.md lists the types.  Those of a job that failed are the frontier's.
 */

#ifndef PROBLEM_H
#define PROBLEM_H


#include "common/sc_buf.h"


#define PROBLEM_CONTENT_TYPE  "Content-Type: application/problem+json\r\n"


/*
 * A problem; problem_init() first.
 *
 * type       one of the table in problem.c, which has its title and status
 * detail     one sentence, lower case
 * pointer    JSON Pointer into the request's body
 * parameter  name in the query string
 * line       of the body, with column, when it is not JSON
 * column     of the body, or of an XPath expression; 0: none
 * has_…      the pointer or the parameter is told
 * xpath      an expression is at fault: the detail is its error
 */
typedef struct {
    const char  *type;
    char         detail[640];
    char         pointer[640];
    char         parameter[160];
    int          line;
    int          column;
    unsigned     has_pointer:1;
    unsigned     has_parameter:1;
    unsigned     xpath:1;
} problem_t;


void problem_init(problem_t *p, const char *type, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Say where it is: the member of this key (NULL: no further) inside base,
 * which is a JSON Pointer itself; both are cut at their room.
 */
void problem_pointer(problem_t *p, const char *base, const char *key);
void problem_parameter(problem_t *p, const char *name);

/* The HTTP status of a type; 500 for one that is not in the table. */
int problem_status(const char *type);

/*
 * Append the document; request_id "" leaves that member out.  SC_OK or
 * SC_ERROR as sc_buf_add().
 */
int problem_write(sc_buf_t *b, const problem_t *p, const char *request_id);


#endif /* PROBLEM_H */
