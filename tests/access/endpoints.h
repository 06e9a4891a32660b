
/*
 * The endpoints that the first table of docs/api.md has, one by one: "GET
 * /v1/jobs/{id}".  A test that has a case for each cannot forget a new one.
 */

#ifndef ENDPOINTS_H
#define ENDPOINTS_H


#include <stddef.h>


#define ENDPOINTS_MAX     128
#define ENDPOINTS_TEXT    96


typedef struct {
    char    list[ENDPOINTS_MAX][ENDPOINTS_TEXT];
    size_t  n;
} endpoints_t;


/* Read them; the working directory is the top of the tree. */
void endpoints_read(endpoints_t *e);


#endif /* ENDPOINTS_H */
