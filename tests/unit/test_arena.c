
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/xmlmemory.h>

#include "common/sc_core.h"
#include "sidecar/page/arena.h"
#include "tests/support/suite.h"


#define ARENA_TEST_SIZE  ((size_t) 64 << 20)


static void arena_setup(void);
static size_t arena_resident(void);


START_TEST(memory_is_aligned_and_apart)
{
    char    *p[100];
    size_t   i, j;

    arena_setup();
    arena_begin();

    for (i = 0; i < 100; i++) {
        p[i] = xmlMalloc(i);
        ck_assert_ptr_nonnull(p[i]);
        ck_assert_uint_eq((uintptr_t) p[i] % 16, 0);
        memset(p[i], (int) i, i);
    }

    for (i = 0; i < 100; i++) {
        for (j = 0; j < i; j++) {
            ck_assert_int_eq(p[i][j], (char) i);
        }
    }

    arena_end();
}
END_TEST


START_TEST(reallocated_memory_keeps_its_content)
{
    char    *p, *q;
    size_t   n;

    arena_setup();
    arena_begin();

    p = xmlMalloc(3);
    ck_assert_ptr_nonnull(p);
    memcpy(p, "abc", 3);

    for (n = 4; n < 1000000; n = n * 3 + 1) {
        /* now at the end of what is used, now before another block */
        q = (n % 2) ? xmlMalloc(5) : NULL;
        p = xmlRealloc(p, n);
        ck_assert_ptr_nonnull(p);
        ck_assert_mem_eq(p, "abc", 3);
        memset(p + 3, 'z', n - 3);
        ck_assert(q == NULL || q < p || q >= p + n);
    }

    p = xmlRealloc(p, 3);
    ck_assert_mem_eq(p, "abc", 3);

    arena_end();
}
END_TEST


START_TEST(memory_of_before_and_after_a_page_is_ordinary)
{
    char  *before, *inside, *after;

    arena_setup();

    before = (char *) xmlStrdup(BAD_CAST "before");
    arena_begin();
    ck_assert_int_eq(arena_active(), 1);
    inside = (char *) xmlStrdup(BAD_CAST "inside");
    ck_assert_str_eq(before, "before");
    before = xmlRealloc(before, 100);
    xmlFree(inside);
    arena_end();
    ck_assert_int_eq(arena_active(), 0);

    after = (char *) xmlStrdup(BAD_CAST "after");
    ck_assert_str_eq(before, "before");
    xmlFree(inside);
    xmlFree(after);
    xmlFree(before);
}
END_TEST


START_TEST(page_beyond_the_span_is_refused_and_the_next_is_not)
{
    void             *p;
    volatile size_t   huge = SIZE_MAX - 8;

    arena_setup();
    arena_begin();
    p = xmlMalloc(ARENA_TEST_SIZE);
    ck_assert_ptr_null(p);
    ck_assert_int_eq(arena_failed(), 1);
    p = xmlMalloc(huge);
    ck_assert_ptr_null(p);

    p = xmlMalloc(100);
    ck_assert_ptr_nonnull(p);
    ck_assert_ptr_null(xmlRealloc(p, ARENA_TEST_SIZE));
    memset(p, 0, 100);
    arena_end();

    arena_begin();
    ck_assert_int_eq(arena_failed(), 0);
    p = xmlMalloc(ARENA_TEST_SIZE / 4);
    ck_assert_ptr_nonnull(p);
    arena_end();
}
END_TEST


START_TEST(strings_as_long_as_the_page_use_the_same_memory_again)
{
    int    i;
    void  *p, *q;

    arena_setup();
    arena_begin();

    for (i = 0; i < 10000; i++) {
        p = xmlMalloc(1000000);
        q = xmlMalloc(20);
        ck_assert(p != NULL && q != NULL);
        xmlFree(p);
    }

    ck_assert_uint_lt(arena_peak(), 8000000);
    arena_end();
}
END_TEST


START_TEST(memory_of_a_big_page_is_given_back)
{
    char    *p;
    size_t   before, with;

    arena_setup();
    before = arena_resident();

    arena_begin();
    p = xmlMalloc(30 << 20);
    ck_assert_ptr_nonnull(p);
    memset(p, 1, 30 << 20);
    with = arena_resident();
    arena_end();

    ck_assert_uint_gt(with, before + (25 << 20));
    ck_assert_uint_lt(arena_resident(), before + (12 << 20));
}
END_TEST


START_TEST(pages_one_after_another_do_not_disturb_each_other)
{
    int         i;
    xmlChar    *text;
    htmlDocPtr  doc;

    arena_setup();

    for (i = 0; i < 50; i++) {
        arena_begin();
        doc = htmlReadMemory("<p>one<p>two<bad>", 17, NULL, "UTF-8",
                             HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
        ck_assert_ptr_nonnull(doc);
        text = xmlNodeGetContent((xmlNode *) doc);
        ck_assert_str_eq((char *) text, "onetwo");
        arena_end();
    }

    ck_assert_ptr_null(xmlGetLastError());
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        memory_is_aligned_and_apart,
        reallocated_memory_keeps_its_content,
        memory_of_before_and_after_a_page_is_ordinary,
        page_beyond_the_span_is_refused_and_the_next_is_not,
        strings_as_long_as_the_page_use_the_same_memory_again,
        memory_of_a_big_page_is_given_back,
        pages_one_after_another_do_not_disturb_each_other,
        NULL
    };

    return suite_run("arena", tests, 20);
}


static void
arena_setup(void)
{
    ck_assert_int_eq(arena_init(ARENA_TEST_SIZE), SC_OK);
    xmlInitParser();
}


/* Bytes in memory, from the second number of statm: pages. */

static size_t
arena_resident(void)
{
    char    line[128], *end;
    FILE   *f;

    f = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
    (void) fclose(f);

    (void) strtoul(line, &end, 10);

    return strtoul(end, NULL, 10) * 4096;
}
