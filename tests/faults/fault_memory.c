
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <libxml/xmlmemory.h>
#include <sqlite3.h>

#include "sidecar/page/arena.h"
#include "tests/faults/fault.h"


static void *fault_xml_malloc(size_t size);
static void *fault_xml_none(void);
static void *fault_xml_realloc(void *p, size_t size);
static char *fault_xml_strdup(const char *s);
static void *fault_curl_malloc(size_t size);
static void *fault_curl_realloc(void *p, size_t size);
static char *fault_curl_strdup(const char *s);
static void *fault_curl_calloc(size_t n, size_t size);
static void fault_sqlite_hook(void);
static void *fault_sqlite_malloc(int size);
static void *fault_sqlite_realloc(void *p, int size);


/* Whose functions libxml2 would have: libc's, or those of the arena. */
static struct {
    xmlFreeFunc     free;
    xmlMallocFunc   malloc;
    xmlReallocFunc  realloc;
    xmlStrdupFunc   strdup;
} fault_xml = { free, malloc, realloc, strdup };

static sqlite3_mem_methods  fault_sqlite;


void *
fault_malloc(size_t size)
{
    if (fault_fails(FAULT_MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }

    return malloc(size);
}


void *
fault_calloc(size_t n, size_t size)
{
    if (fault_fails(FAULT_MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }

    return calloc(n, size);
}


void *
fault_realloc(void *p, size_t size)
{
    if (fault_fails(FAULT_MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }

    return realloc(p, size);
}


void *
fault_reallocarray(void *p, size_t n, size_t size)
{
    if (fault_fails(FAULT_MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }

    return reallocarray(p, n, size);
}


char *
fault_strdup(const char *s)
{
    if (fault_fails(FAULT_MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }

    return strdup(s);
}


char *
fault_strndup(const char *s, size_t n)
{
    if (fault_fails(FAULT_MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }

    return strndup(s, n);
}


void
fault_hook(unsigned calls)
{
    if (calls & FAULT_XML) {
        (void) xmlMemSetup(free, fault_xml_malloc, fault_xml_realloc,
                           fault_xml_strdup);
    }

    if (calls & FAULT_CURL) {
        (void) curl_global_init_mem(CURL_GLOBAL_ALL, fault_curl_malloc, free,
                                    fault_curl_realloc, fault_curl_strdup,
                                    fault_curl_calloc);
    }

    if (calls & FAULT_SQLITE) {
        fault_sqlite_hook();
    }
}


/* The product's arena has its own say in where libxml2's memory comes from. */
int
fault_xmlMemSetup(xmlFreeFunc freeing, xmlMallocFunc mallocing,
    xmlReallocFunc reallocing, xmlStrdupFunc strduping)
{
    fault_xml.free = freeing;
    fault_xml.malloc = mallocing;
    fault_xml.realloc = reallocing;
    fault_xml.strdup = strduping;

    return xmlMemSetup(freeing, fault_xml_malloc, fault_xml_realloc,
                       fault_xml_strdup);
}


static void *
fault_xml_malloc(size_t size)
{
    return fault_fails(FAULT_XML) ? fault_xml_none() : fault_xml.malloc(size);
}


/* an arena that cannot give what is asked for remembers that */
static void *
fault_xml_none(void)
{
    return arena_active() ? fault_xml.malloc(SIZE_MAX / 2) : NULL;
}


static void *
fault_xml_realloc(void *p, size_t size)
{
    return fault_fails(FAULT_XML) ? fault_xml_none()
                                  : fault_xml.realloc(p, size);
}


static char *
fault_xml_strdup(const char *s)
{
    return fault_fails(FAULT_XML) ? fault_xml_none() : fault_xml.strdup(s);
}


static void *
fault_curl_malloc(size_t size)
{
    return fault_fails(FAULT_CURL) ? NULL : malloc(size);
}


static void *
fault_curl_realloc(void *p, size_t size)
{
    return fault_fails(FAULT_CURL) ? NULL : realloc(p, size);
}


static char *
fault_curl_strdup(const char *s)
{
    return fault_fails(FAULT_CURL) ? NULL : strdup(s);
}


static void *
fault_curl_calloc(size_t n, size_t size)
{
    return fault_fails(FAULT_CURL) ? NULL : calloc(n, size);
}


/* its lookaside memory would be there when memory is out */
static void
fault_sqlite_hook(void)
{
    sqlite3_mem_methods  methods;

    (void) sqlite3_config(SQLITE_CONFIG_GETMALLOC, &fault_sqlite);
    methods = fault_sqlite;
    methods.xMalloc = fault_sqlite_malloc;
    methods.xRealloc = fault_sqlite_realloc;
    (void) sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    (void) sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}


static void *
fault_sqlite_malloc(int size)
{
    return fault_fails(FAULT_SQLITE) ? NULL : fault_sqlite.xMalloc(size);
}


static void *
fault_sqlite_realloc(void *p, int size)
{
    return fault_fails(FAULT_SQLITE) ? NULL
                                     : fault_sqlite.xRealloc(p, size);
}
