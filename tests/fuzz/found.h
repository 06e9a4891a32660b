
/*
 * Lines of crawl.h, which tell where a page leads: what is promised of them.
 */

#ifndef FOUND_H
#define FOUND_H


#include "sidecar/crawl/crawl.h"


#define FOUND_ROOM  1048576
#define FOUND_NOW   ((int64_t) 1790000000)      /* seconds since 1970 */


/* The scope that this JSON means for a crawl from start; NULL if none. */
crawl_scope_t *found_scope(sc_str_t json, const char *start);

/* Each line is of one of these kinds and has a canonical URL. */
void found_lines(sc_str_t text, const char *kinds);


#endif /* FOUND_H */
