
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>

#include "common/sc_core.h"
#include "sidecar/page/arena.h"


#define ARENA_ALIGN       16
#define ARENA_HEADER      sizeof(size_t)

/* blocks from this size on are used again: strings of XPath functions are as
   long as the page, and there may be one for each node of it */
#define ARENA_LARGE_BITS  12
#define ARENA_LARGE       ((size_t) 1 << ARENA_LARGE_BITS)
#define ARENA_BINS        (8 * sizeof(size_t) - ARENA_LARGE_BITS)

/* memory kept from page to page */
#define ARENA_KEEP        ((size_t) 8 << 20)


/*
 * A block is its size, from this header to the next, and what the caller
 * has.  Callers' memory is aligned, so that headers lie just before a
 * boundary, and so does top.
 *
 * lo, hi    the span
 * top       where the next block begins
 * peak      the highest top of this page
 * bins      freed large blocks by the power of two of their size
 */
typedef struct {
    char      *lo;
    char      *hi;
    char      *top;
    char      *peak;
    void      *bins[ARENA_BINS];
    unsigned   active:1;
    unsigned   failed:1;
} arena_t;


static void *arena_malloc(size_t n);
static void *arena_realloc(void *p, size_t n);
static char *arena_strdup(const char *s);
static void arena_free(void *p);
static void *arena_bump(size_t size);
static size_t arena_round(size_t n);
static size_t arena_bin(size_t size);
static size_t *arena_size(void *p);
static int arena_has(const void *p);


static arena_t  arena;


int
arena_init(size_t size)
{
    void  *p;

    if (arena.lo != NULL) {
        return SC_OK;
    }

    p = mmap(NULL, size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        return SC_ERROR;
    }

    if (xmlMemSetup(arena_free, arena_malloc, arena_realloc, arena_strdup)
        != 0)
    {
        (void) munmap(p, size);
        errno = EINVAL;
        return SC_ERROR;
    }

    arena.lo = p;
    arena.hi = arena.lo + size;
    arena.top = arena.lo + ARENA_ALIGN - ARENA_HEADER;
    arena.peak = arena.top;

    return SC_OK;
}


void
arena_begin(void)
{
    arena.top = arena.lo + ARENA_ALIGN - ARENA_HEADER;
    arena.peak = arena.top;
    arena.failed = 0;
    arena.active = 1;
    memset(arena.bins, 0, sizeof(arena.bins));
}


void
arena_end(void)
{
    char  *keep;

    /* the one thing libxml2 keeps of a page by itself */
    xmlResetLastError();

    arena.active = 0;
    keep = arena.lo + ARENA_KEEP;

    if (arena.peak > keep) {
        (void) madvise(keep, (size_t) (arena.peak - keep), MADV_DONTNEED);
    }
}


int
arena_active(void)
{
    return arena.active;
}


int
arena_failed(void)
{
    return arena.failed;
}


size_t
arena_peak(void)
{
    return (size_t) (arena.peak - arena.lo);
}


static void *
arena_malloc(size_t n)
{
    void    *p;
    size_t   size, bin;

    if (!arena.active) {
        return malloc(n);
    }

    size = arena_round(n);

    if (size >= ARENA_LARGE) {
        bin = arena_bin(size);
        p = arena.bins[bin];

        if (p != NULL) {
            memcpy(&arena.bins[bin], p, sizeof(void *));
            return p;
        }
    }

    return arena_bump(size);
}


static void *
arena_realloc(void *p, size_t n)
{
    void    *q;
    size_t   size;

    if (p == NULL) {
        return arena_malloc(n);
    }

    if (!arena_has(p)) {
        return realloc(p, n);
    }

    size = *arena_size(p);

    if (size != 0 && n <= size - ARENA_HEADER) {
        return p;
    }

    if ((char *) p - ARENA_HEADER + size == arena.top) {
        /* the last one grows where it is */
        arena.top -= size;
        q = arena_bump(arena_round(n));

        if (q == NULL) {
            arena.top += size;
        }

        return q;
    }

    q = arena_malloc(n);

    if (q != NULL) {
        memcpy(q, p, size - ARENA_HEADER);
        arena_free(p);
    }

    return q;
}


static char *
arena_strdup(const char *s)
{
    char    *p;
    size_t   len;

    len = strlen(s) + 1;

    p = arena_malloc(len);
    if (p != NULL) {
        memcpy(p, s, len);
    }

    return p;
}


/* The last block is taken back, a large one kept for later. */

static void
arena_free(void *p)
{
    size_t  size, bin;

    if (!arena_has(p)) {
        free(p);
        return;
    }

    if (!arena.active) {
        return;
    }

    size = *arena_size(p);

    /* only the last block moves top: those in bins stay below it */

    if ((char *) p - ARENA_HEADER + size == arena.top) {
        arena.top -= size;

    } else if (size >= ARENA_LARGE) {
        bin = arena_bin(size);
        memcpy(p, &arena.bins[bin], sizeof(void *));
        arena.bins[bin] = p;
    }
}


static void *
arena_bump(size_t size)
{
    char  *p;

    if (size == 0 || size > (size_t) (arena.hi - arena.top)) {
        arena.failed = 1;
        errno = ENOMEM;
        return NULL;
    }

    p = arena.top + ARENA_HEADER;
    arena.top += size;

    if (arena.top > arena.peak) {
        arena.peak = arena.top;
    }

    *arena_size(p) = size;

    return p;
}


/* The size of a block for n bytes; large ones are powers of two. */

static size_t
arena_round(size_t n)
{
    size_t  size;

    if (n > SIZE_MAX / 4) {
        return 0;
    }

    size = (n + ARENA_HEADER + ARENA_ALIGN - 1) & ~(size_t) (ARENA_ALIGN - 1);

    if (size > ARENA_LARGE) {
        size = (size_t) 1 << (8 * sizeof(size_t)
                              - (size_t) __builtin_clzl(size - 1));
    }

    return size;
}


static size_t
arena_bin(size_t size)
{
    return (size_t) __builtin_ctzl(size) - ARENA_LARGE_BITS;
}


static size_t *
arena_size(void *p)
{
    return (size_t *) ((char *) p - ARENA_HEADER);
}


static int
arena_has(const void *p)
{
    return (uintptr_t) p >= (uintptr_t) arena.lo
           && (uintptr_t) p < (uintptr_t) arena.hi;
}
