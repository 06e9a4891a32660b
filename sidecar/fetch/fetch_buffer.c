
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <curl/curl.h>

#include "sidecar/fetch/fetch_buffer.h"


static void fetch_buffer_reserve(size_t n);
static void *fetch_buffer_take(void);
static void fetch_buffer_give(char *p);
static int fetch_buffer_is(const void *p);


/*
 * base   n slots, and behind them idle
 * fresh  slots that were taken once; those behind have no memory yet
 * idle   numbers of slots that were given back, the last one on top
 * cold   idle ones, from the bottom, whose memory the system has back
 */
static struct {
    char      *base;
    uint32_t  *idle;
    size_t     n;
    size_t     fresh;
    size_t     nidle;
    size_t     cold;
} fetch_buffers;


int
fetch_buffer_init(size_t n)
{
    CURLcode  rc;

    if (fetch_buffers.base == NULL
        && FETCH_BUFFER_SLOT % sysconf(_SC_PAGESIZE) == 0)
    {
        fetch_buffer_reserve(n);
    }

    rc = curl_global_init_mem(CURL_GLOBAL_DEFAULT, fetch_buffer_malloc,
                              fetch_buffer_free, fetch_buffer_realloc,
                              strdup, calloc);

    return rc == CURLE_OK ? SC_OK : SC_ERROR;
}


static void
fetch_buffer_reserve(size_t n)
{
    void    *base;
    size_t   size;

    size = n * (FETCH_BUFFER_SLOT + sizeof(uint32_t));
    base = mmap(NULL, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (base == MAP_FAILED) {
        return;
    }

    /* a huge page would be the memory of a hundred of them */
    (void) madvise(base, size, MADV_NOHUGEPAGE);

    fetch_buffers.base = base;
    fetch_buffers.idle = (uint32_t *) (fetch_buffers.base
                                       + n * FETCH_BUFFER_SLOT);
    fetch_buffers.n = n;
}


size_t
fetch_buffer_most(void)
{
    return fetch_buffers.fresh;
}


void *
fetch_buffer_malloc(size_t size)
{
    void  *p;

    p = size == FETCH_BUFFER_ASKED ? fetch_buffer_take() : NULL;

    return p != NULL ? p : malloc(size);
}


void
fetch_buffer_free(void *p)
{
    if (fetch_buffer_is(p)) {
        fetch_buffer_give(p);

    } else {
        free(p);
    }
}


void *
fetch_buffer_realloc(void *p, size_t size)
{
    void  *new;

    if (!fetch_buffer_is(p)) {
        return realloc(p, size);
    }

    new = malloc(size);

    if (new != NULL) {
        memcpy(new, p, size < FETCH_BUFFER_ASKED ? size : FETCH_BUFFER_ASKED);
        fetch_buffer_give(p);
    }

    return new;
}


/* NULL when there is none left. */
static void *
fetch_buffer_take(void)
{
    size_t  i;

    if (fetch_buffers.nidle > 0) {
        i = fetch_buffers.idle[--fetch_buffers.nidle];

        if (fetch_buffers.cold > fetch_buffers.nidle) {
            fetch_buffers.cold = fetch_buffers.nidle;
        }

    } else if (fetch_buffers.fresh < fetch_buffers.n) {
        i = fetch_buffers.fresh++;

    } else {
        return NULL;
    }

    return fetch_buffers.base + i * FETCH_BUFFER_SLOT;
}


static void
fetch_buffer_give(char *p)
{
    size_t  i;

    i = (size_t) (p - fetch_buffers.base) / FETCH_BUFFER_SLOT;
    fetch_buffers.idle[fetch_buffers.nidle++] = (uint32_t) i;

    if (fetch_buffers.nidle - fetch_buffers.cold > FETCH_BUFFER_WARM) {
        i = fetch_buffers.idle[fetch_buffers.cold++];
        (void) madvise(fetch_buffers.base + i * FETCH_BUFFER_SLOT,
                       FETCH_BUFFER_SLOT, MADV_DONTNEED);
    }
}


static int
fetch_buffer_is(const void *p)
{
    uintptr_t  at = (uintptr_t) p, base = (uintptr_t) fetch_buffers.base;

    return at >= base && at < base + fetch_buffers.n * FETCH_BUFFER_SLOT;
}
