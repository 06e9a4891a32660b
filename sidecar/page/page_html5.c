
#include <setjmp.h>
#include <stddef.h>
#include <string.h>

#include <libxml/xmlmemory.h>

#include "sidecar/page/arena.h"
#include "sidecar/page/page_internal.h"


/* Gumbo takes elements away by calling itself for each level of them */
#define PAGE_HTML5_STACK  ((uintptr_t) 2 << 20)


/* What precedes Gumbo's memory when there is no arena that takes it back. */
typedef struct page_html5_block_s  page_html5_block_t;

struct page_html5_block_s {
    page_html5_block_t  *prev;
    page_html5_block_t  *next;
};


/*
 * blocks  the head of a ring
 * stack   where the stack was when Gumbo was called
 * out     where its callbacks return to when they cannot go on
 * why     the sentence that says so
 */
typedef struct {
    page_html5_block_t   blocks;
    uintptr_t            stack;
    jmp_buf              out;
    const char          *why;
    unsigned             arena:1;
} page_html5_t;


static GumboOutput *page_html5_parse(page_html5_t *h, sc_str_t text);
static void *page_html5_malloc(void *data, size_t n);
static void page_html5_free(void *data, void *p);
static void page_html5_free_all(page_html5_t *h);


/*
 * Gumbo bears no NULL from its allocator, so that both callbacks leave it by
 * a jump.  It keeps nothing outside of what it has allocated, which is given
 * up as a whole: by the arena, or block after block.
 */

int
page_html5(page_t *page)
{
    int            rc, marked;
    sc_str_t       text;
    sc_buf_t       space;
    GumboOutput   *output;
    page_html5_t   h;

    sc_buf_init(&space, 0);
    text = page->text;
    marked = page_html5_mark(text, &space);

    if (marked == SC_ERROR) {
        sc_buf_free(&space);
        return page_fail(page, PAGE_NO_MEMORY);
    }

    if (marked == SC_OK) {
        text.data = space.data;
        text.len = space.len;
    }

    memset(&h, 0, sizeof(page_html5_t));
    h.blocks.prev = &h.blocks;
    h.blocks.next = &h.blocks;
    h.arena = (arena_active() != 0);

    output = page_html5_parse(&h, text);

    rc = (output != NULL)
         ? page_html5_tree(page, output->document, marked == SC_OK)
         : page_fail(page, "%s", h.why);

    page_html5_free_all(&h);
    sc_buf_free(&space);

    return rc;
}


static GumboOutput *
page_html5_parse(page_html5_t *h, sc_str_t text)
{
    GumboOptions  options;

    options = kGumboDefaultOptions;
    options.allocator = page_html5_malloc;
    options.deallocator = page_html5_free;
    options.userdata = h;
    options.max_errors = 0;

    h->stack = (uintptr_t) __builtin_frame_address(0);

    if (setjmp(h->out) != 0) {
        return NULL;
    }

    return gumbo_parse_with_options(&options, text.data, text.len);
}


static void *
page_html5_malloc(void *data, size_t n)
{
    void                *p;
    page_html5_t        *h = data;
    page_html5_block_t  *block;

    p = xmlMalloc(h->arena ? n : n + sizeof(page_html5_block_t));
    if (p == NULL) {
        h->why = PAGE_TOO_MUCH;
        longjmp(h->out, 1);
    }

    if (h->arena) {
        return p;
    }

    block = p;
    block->prev = &h->blocks;
    block->next = h->blocks.next;
    block->next->prev = block;
    h->blocks.next = block;

    return block + 1;
}


static void
page_html5_free(void *data, void *p)
{
    uintptr_t            here;
    page_html5_t        *h = data;
    page_html5_block_t  *block;

    here = (uintptr_t) __builtin_frame_address(0);

    if (h->stack - here > PAGE_HTML5_STACK) {
        h->why = "the page's elements are nested too deeply";
        longjmp(h->out, 1);
    }

    if (p == NULL) {
        return;
    }

    if (h->arena) {
        xmlFree(p);
        return;
    }

    block = (page_html5_block_t *) p - 1;
    block->prev->next = block->next;
    block->next->prev = block->prev;
    xmlFree(block);
}


static void
page_html5_free_all(page_html5_t *h)
{
    page_html5_block_t  *block, *next;

    for (block = h->blocks.next; block != &h->blocks; block = next) {
        next = block->next;
        xmlFree(block);
    }
}
