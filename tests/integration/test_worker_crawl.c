
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "sidecar/crawl/crawl.h"
#include "tests/support/pooling.h"
#include "tests/support/suite.h"


#define CRAWL_WORK_TIMEOUT  (60 * LOOP_SEC)
#define CRAWL_WORK_P        "{\"a\":\"//p\"}"
#define CRAWL_WORK_SCOPE                                                      \
    "{\"hosts\":[\".shop.example\",\"xn--bcher-kva.example\",\"[::1]:*\"],"   \
    "\"from\":[\"a\",\"area\",\"link\",\"iframe\",\"form\",\"text\"],"        \
    "\"allow\":[\"%\",\"re:(?i)\\\\p{L}+x\"],\"deny\":[\"re:/no/\"],"         \
    "\"options\":7,\"obey\":true}"


typedef struct {
    const char  *body;
    const char  *found;
} crawl_work_t;


static void crawl_work_all(const crawl_work_t *cases, size_t n,
    unsigned sitemap);
static pooling_page_t crawl_work_page(const char *scope, const char *body,
    size_t len);
static sc_buf_t crawl_work_gzip(const char *data, size_t len);
static void crawl_work_soft(const char *body, size_t len, unsigned sitemap);


static const crawl_work_t  crawl_work_pages[] = {
    { "<a href='//b\xc3\xbc" "cher.example/\xc3\xa9?b&a&utm_source=x'>x</a>"
      "<area href='http://[::1]:8080/'><link rel=next href=/2>"
      "<iframe src=http://www.shop.example/i></iframe><form action=/f></form>"
      "<a href=/no/>x</a><a href=//elsewhere.test/>x</a>"
      "<a href='/x;jsessionid=1?PHPSESSID=2'>x</a>"
      "<script>'https:\\/\\/shop.example\\/t'</script>",
      "l http://xn--bcher-kva.example/%C3%A9?a&b\nl http://[::1]:8080/\n"
      "l http://shop.example/2\nl http://www.shop.example/i\n"
      "l http://shop.example/f\nl http://shop.example/x\n"
      "l https://shop.example/t\n" },
    { "<meta name=robots content=nofollow><a href=/1>x", "" },
    { "", "" }
};


static const crawl_work_t  crawl_work_sitemaps[] = {
    { "<urlset><url><loc>http://shop.example/1</loc><lastmod>2026-11-20"
      "</lastmod></url></urlset>",
      "s http://shop.example/1 {\"lastmod\":1795132800}\n" },
    { "<?xml version='1.0' encoding='koi8-r'?><urlset><url><loc>"
      "http://shop.example/\xc1</loc></url></urlset>",
      "s http://shop.example/%D0%B0\n" },
    { "<?xml version='1.0' encoding='no-such'?><urlset><url><loc>"
      "http://shop.example/1</loc></url></urlset>",
      "s http://shop.example/1\n" },
    { "<sitemapindex><sitemap><loc>http://b\xc3\xbc" "cher.test/m</loc>"
      "</sitemap></sitemapindex>", "i http://xn--bcher-kva.test/m\n" },
    { "http://shop.example/1\nhttp://shop.example/2",
      "s http://shop.example/1\ns http://shop.example/2\n" }
};


START_TEST(every_way_to_lead_somewhere_works_in_a_worker)
{
    crawl_work_all(crawl_work_pages,
                   sizeof(crawl_work_pages) / sizeof(crawl_work_pages[0]), 0);
}
END_TEST


START_TEST(every_sitemap_works_in_a_worker)
{
    crawl_work_all(crawl_work_sitemaps, sizeof(crawl_work_sitemaps)
                                        / sizeof(crawl_work_sitemaps[0]), 1);
}
END_TEST


START_TEST(sitemap_of_50_000_entries_in_gzip_comes_from_a_worker)
{
    size_t           i, n;
    sc_buf_t         b, packed;
    pooling_t        t;
    const char      *p;
    pooling_page_t   page;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "<urlset>");

    for (i = 0; i < CRAWL_MAX_SITEMAP; i++) {
        sc_buf_printf(&b, "<url><loc>http://shop.example/p/%zu?x=%0200zu"
                      "</loc><lastmod>2026-11-20</lastmod></url>", i, i);
    }

    sc_buf_add_cstr(&b, "</urlset>");
    packed = crawl_work_gzip(b.data, b.len);

    pooling_start(&t, -1, 1, CRAWL_WORK_TIMEOUT);
    page = crawl_work_page(CRAWL_WORK_SCOPE, packed.data, packed.len);
    page.r.sitemap = 1;
    pooling_serve(&t, &page);
    ck_assert_msg(page.status == POOL_OK, "%s", page.detail);

    for (n = 0, p = page.found; *p != '\0'; p = strchr(p, '\n') + 1) {
        n++;
    }

    ck_assert_uint_eq(n, CRAWL_MAX_SITEMAP);

    pooling_free(&page);
    pooling_stop(&t);
    sc_buf_free(&packed);
    sc_buf_free(&b);
}
END_TEST


START_TEST(bomb_of_gzip_does_not_cost_the_worker)
{
    int              pid;
    char            *blank;
    sc_buf_t         packed;
    pooling_t        t;
    pooling_page_t   page;

    blank = calloc(1, (size_t) 200 << 20);
    ck_assert_ptr_nonnull(blank);
    packed = crawl_work_gzip(blank, (size_t) 200 << 20);
    free(blank);

    pooling_start(&t, -1, 1, CRAWL_WORK_TIMEOUT);
    pid = pooling_pid(&t, 0);
    page = crawl_work_page(CRAWL_WORK_SCOPE, packed.data, packed.len);
    page.r.sitemap = 1;
    pooling_serve(&t, &page);
    ck_assert_int_eq(page.status, POOL_FAILED);
    ck_assert_str_eq(page.detail,
                     "the sitemap is longer than 50 MiB unpacked");
    pooling_free(&page);

    page = crawl_work_page(CRAWL_WORK_SCOPE, "<p>x<a href=/1>y", 16);
    pooling_serve(&t, &page);
    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.found, "l http://shop.example/1\n");
    pooling_free(&page);

    ck_assert_int_eq(pooling_pid(&t, 0), pid);
    pooling_stop(&t);
    sc_buf_free(&packed);
}
END_TEST


START_TEST(pattern_without_end_ends_and_the_worker_stays)
{
    size_t    i;
    sc_buf_t  page, map;

    sc_buf_init(&page, 0);
    sc_buf_init(&map, 0);

    for (i = 0; i < 20000; i++) {
        sc_buf_printf(&page, "<a href=/%zu/%0500d>x</a>", i, 0);
        sc_buf_printf(&map, "http://shop.example/%zu/%0500d\n", i, 0);
    }

    crawl_work_soft(map.data, map.len, 1);
    crawl_work_soft(page.data, page.len, 0);
    sc_buf_free(&page);
    sc_buf_free(&map);
}
END_TEST


/* All by one process. */

static void
crawl_work_all(const crawl_work_t *cases, size_t n, unsigned sitemap)
{
    int              pid;
    size_t           i;
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, -1, 1, CRAWL_WORK_TIMEOUT);
    pid = pooling_pid(&t, 0);

    for (i = 0; i < n; i++) {
        page = crawl_work_page(CRAWL_WORK_SCOPE, cases[i].body,
                               strlen(cases[i].body));
        page.r.sitemap = sitemap;
        page.r.headers = (sc_str_t) sc_string("[[\"x-robots-tag\",\"all\"]]");
        pooling_serve(&t, &page);
        ck_assert_msg(page.status == POOL_OK, "%s: %s", cases[i].body,
                      page.detail);
        ck_assert_str_eq(page.found, cases[i].found);
        pooling_free(&page);
    }

    ck_assert_int_eq(pooling_pid(&t, 0), pid);
    pooling_stop(&t);
}


static pooling_page_t
crawl_work_page(const char *scope, const char *body, size_t len)
{
    pooling_page_t  page;

    page = pooling_page(CRAWL_WORK_P, "");
    page.r.content_type = "text/html; charset=utf-8";
    page.r.body.data = body;
    page.r.body.len = len;
    page.r.scope.data = scope;
    page.r.scope.len = strlen(scope);

    return page;
}


static sc_buf_t
crawl_work_gzip(const char *data, size_t len)
{
    char      *room;
    size_t     size;
    sc_buf_t   out;
    z_stream   z;

    memset(&z, 0, sizeof(z_stream));
    ck_assert_int_eq(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8,
                                  Z_DEFAULT_STRATEGY), Z_OK);

    sc_buf_init(&out, 0);
    size = deflateBound(&z, len);
    room = sc_buf_reserve(&out, size);
    ck_assert_ptr_nonnull(room);

    z.next_in = (Bytef *) data;
    z.avail_in = (uInt) len;
    z.next_out = (Bytef *) room;
    z.avail_out = (uInt) size;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);

    out.len = size - z.avail_out;
    (void) deflateEnd(&z);

    return out;
}


/* Its time ends before the deadline, and the same process goes on. */

static void
crawl_work_soft(const char *body, size_t len, unsigned sitemap)
{
    int              pid;
    pooling_t        t;
    pooling_page_t   page;

    static const char  scope[] = "{\"any\":true,\"from\":[\"a\"],\"deny\":["
                                 "\"re:0.{0,50000}[bd]\"]}";

    pooling_start(&t, -1, 1, 8 * LOOP_SEC);
    pid = pooling_pid(&t, 0);

    page = crawl_work_page(scope, body, len);
    page.r.sitemap = sitemap;
    pooling_serve(&t, &page);
    ck_assert_msg(page.status == POOL_TIMEOUT, "%.1f ms: %s", page.elapsed,
                  page.detail);
    ck_assert_str_eq(page.detail, "the page took longer than 6000 ms");
    ck_assert_str_eq(page.found, "");
    pooling_free(&page);

    page = crawl_work_page(CRAWL_WORK_SCOPE, "<p>x", 4);
    pooling_serve(&t, &page);
    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
    pooling_free(&page);

    ck_assert_int_eq(pooling_pid(&t, 0), pid);
    pooling_stop(&t);
}


int
main(int argc, char **argv)
{
    const TTest *const  tests[] = {
        every_way_to_lead_somewhere_works_in_a_worker,
        every_sitemap_works_in_a_worker,
        sitemap_of_50_000_entries_in_gzip_comes_from_a_worker,
        bomb_of_gzip_does_not_cost_the_worker,
        pattern_without_end_ends_and_the_worker_stays,
        NULL
    };

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return pooling_worker(NULL);
    }

    return suite_run("worker_crawl", tests, 120);
}
