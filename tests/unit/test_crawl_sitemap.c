
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "sidecar/crawl/crawl.h"
#include "tests/support/suite.h"


#define SITEMAP_NOW   1795000000    /* in November 2026 */
#define SITEMAP_URL   "http://a.example/s/map.xml"
#define SITEMAP_NS    " xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
#define SITEMAP_SCOPE "{\"hosts\":[\"a.example\"],\"external\":true,"         \
                      "\"deny\":[\"%no%\"]}"


typedef struct {
    const char  *body;
    const char  *found;
} sitemap_case_t;

typedef struct {
    const char  *date;
    const char  *json;
} sitemap_date_t;


static int sitemap_read(sc_str_t body, size_t max, sc_buf_t *out, char *err);
static int sitemap_text(const char *body, sc_buf_t *out, char *err);
static void sitemap_gzip(sc_buf_t *out, const char *data, size_t len);
static void sitemap_fill(sc_buf_t *b, const char *before, size_t n,
    const char *after);
static size_t sitemap_lines(const sc_buf_t *b);


static const sitemap_case_t  sitemap_kinds[] = {
    { "<?xml version='1.0' encoding='UTF-8'?>\n<urlset" SITEMAP_NS ">"
      "<url><loc>http://a.example/1</loc><lastmod>2026-11-20</lastmod>"
      "<priority>0.5</priority></url>"
      "<url><lastmod>x</lastmod><loc>\n http://a.example/2?a=1&amp;b=2 </loc>"
      "</url><url><loc>http://b.example/3</loc></url>"
      "<url><loc>http://a.example/no</loc></url><url></url>"
      "<url><loc><![CDATA[http://a.example/4?x&y]]></loc></url>"
      "<url><loc>http://a.example/1</loc></url></urlset>",
      "s http://a.example/1 {\"lastmod\":1795132800}\n"
      "s http://a.example/2?a=1&b=2\ns http://a.example/4?x&y\n" },
    { "<s:urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'>"
      "<s:url><s:loc>http://a.example/1</s:loc></s:url></s:urlset>",
      "s http://a.example/1\n" },
    { "<urlset xmlns:image='urn:i'><url><image:image><image:loc>"
      "http://a.example/i.png</image:loc></image:image><image:loc>"
      "http://a.example/j.png</image:loc><loc>http://a.example/1</loc>"
      "<loc>http://a.example/2</loc></url></urlset>",
      "s http://a.example/1\n" },
    { "<sitemapindex" SITEMAP_NS "><sitemap><loc>http://a.example/m1.xml.gz"
      "</loc><lastmod>2026-11-20T10:00:00Z</lastmod></sitemap><sitemap><loc>"
      "https://cdn.test/no.xml</loc></sitemap><sitemap><loc>ftp://a/</loc>"
      "</sitemap></sitemapindex>",
      "i http://a.example/m1.xml.gz {\"lastmod\":1795168800}\n"
      "i https://cdn.test/no.xml\n" },
    { "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>"
      "<link>http://a.example/</link><atom:link href='http://a.example/f'/>"
      "<item><link>http://a.example/1</link><guid>http://a.example/g</guid>"
      "</item><item><guid>http://a.example/2</guid></item>"
      "<item><guid isPermaLink='false'>http://a.example/3</guid></item>"
      "</channel></rss>",
      "s http://a.example/1\ns http://a.example/2\n" },
    { "<rdf:RDF xmlns:rdf='urn:r' xmlns='http://purl.org/rss/1.0/'><item>"
      "<link>http://a.example/1</link></item></rdf:RDF>",
      "s http://a.example/1\n" },
    { "<feed xmlns='http://www.w3.org/2005/Atom'><link href='/'/><entry>"
      "<link rel='edit' href='/e'/><link rel='alternate' href='../1?a&amp;b'/>"
      "<updated>2026-11-20T12:00:00+02:00</updated></entry><entry>"
      "<link href='http://a.example/2'/></entry></feed>",
      "s http://a.example/1?a&b {\"lastmod\":1795168800}\n"
      "s http://a.example/2\n" },
    { "http://a.example/1\nhttps://a.example/2\r\n\r\n  \n"
      "http://b.example/3\n",
      "s http://a.example/1\ns https://a.example/2\n" },
    { "\xef\xbb\xbf" "http://a.example/1", "s http://a.example/1\n" },
    { "\xef\xbb\xbf<urlset><url><loc>http://a.example/\xc3\xa9</loc></url>"
      "</urlset>", "s http://a.example/%C3%A9\n" },
    { "<?xml version='1.0' encoding='iso-8859-1'?><urlset><url><loc>"
      "http://a.example/\xe9</loc></url></urlset>",
      "s http://a.example/%C3%A9\n" },
    { "\n <urlset></urlset>", "" },

    /* what was whole before the error counts */
    { "<urlset><url><loc>http://a.example/1</loc></url><url><loc>"
      "http://a.example/2?a&b</loc></url></urlset>",
      "s http://a.example/1\n" },
    { "<urlset><url><loc>http://a.example/1</loc></url><url><loc>http://a.ex",
      "s http://a.example/1\n" }
};


static const sitemap_case_t  sitemap_wrong[] = {
    { "", "the sitemap is neither XML nor a list of URLs" },
    { "nothing here", "the sitemap is neither XML nor a list of URLs" },
    { "{\"a\":1}", "the sitemap is neither XML nor a list of URLs" },
    { "<html><body>404</body></html>", "\"html\" is the root of no sitemap" },
    { "<!DOCTYPE html><html>", "the sitemap has a document type declaration, "
      "which is not taken" },
    { "<urlset><url><loc>http://a.example/?a&b</loc></url></urlset>",
      "the sitemap is not well-formed XML: line 1: EntityRef: expecting ';'" },
    { "<!DOCTYPE urlset [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;'>"
      "<!ENTITY c '&b;&b;&b;&b;'>]><urlset><url><loc>http://a.example/&c;"
      "</loc></url></urlset>", "the sitemap has a document type declaration, "
      "which is not taken" },
    { "<!DOCTYPE urlset [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><urlset>"
      "<url><loc>http://a.example/&a;</loc></url></urlset>",
      "the sitemap has a document type declaration, which is not taken" },
    { "<urlset><url><loc>http://a.example/&a;</loc></url></urlset>",
      "the sitemap is not well-formed XML: line 1: Entity 'a' not defined" },
    { "\x1f\x8b\x08", "the sitemap is gzip that is damaged or ends too early"
    },
    { "\x1f\x8bxyz............", "the sitemap is gzip that is damaged or ends "
      "too early" }
};


static const sitemap_date_t  sitemap_dates[] = {
    { "2026", " {\"lastmod\":1767225600}" },
    { "2026-11", " {\"lastmod\":1793491200}" },
    { "2026-11-20", " {\"lastmod\":1795132800}" },
    { "2024-02-29", " {\"lastmod\":1709164800}" },
    { "1970-01-01", " {\"lastmod\":0}" },
    { "2026-11-20T10:00Z", " {\"lastmod\":1795168800}" },
    { "2026-11-20T10:00:30Z", " {\"lastmod\":1795168830}" },
    { "2026-11-20T10:00:30.123456789Z", " {\"lastmod\":1795168830}" },
    { "2026-11-20T10:00:30+05:30", " {\"lastmod\":1795149030}" },
    { "2026-11-20T10:00:30-0100", " {\"lastmod\":1795172430}" },
    { "2026-11-20 10:00:30", " {\"lastmod\":1795168830}" },
    { "\n 2026-11-20\t", " {\"lastmod\":1795132800}" },
    { "", "" }, { "x", "" }, { "20261120", "" }, { "2026-13-01", "" },
    { "2026-02-29", "" }, { "2026-11-20T", "" }, { "2026-11-20T25:00Z", "" },
    { "2026-11-20x", "" }, { "1969-12-31", "" }, { "2026-11-20T10:00+", "" },
    { "2026-11-20T10:00:30ZZ", "" },
    { "2026-11-20                                                        "
      "                          ", "" }
};


START_TEST(every_kind_of_sitemap_is_read)
{
    char      err[256];
    size_t    i;
    sc_buf_t  out;

    for (i = 0; i < sizeof(sitemap_kinds) / sizeof(sitemap_kinds[0]); i++) {
        ck_assert_msg(sitemap_text(sitemap_kinds[i].body, &out, err) == SC_OK,
                      "%s: %s", sitemap_kinds[i].body, err);
        ck_assert_str_eq(out.len != 0 ? out.data : "",
                         sitemap_kinds[i].found);
        sc_buf_free(&out);
    }
}
END_TEST


START_TEST(what_is_no_sitemap_is_declined_with_a_sentence)
{
    char      err[256];
    size_t    i;
    sc_buf_t  out;

    for (i = 0; i < sizeof(sitemap_wrong) / sizeof(sitemap_wrong[0]); i++) {
        ck_assert_msg(sitemap_text(sitemap_wrong[i].body, &out, err)
                      == SC_DECLINED, "%s", sitemap_wrong[i].body);
        ck_assert_str_eq(err, sitemap_wrong[i].found);
        ck_assert_uint_eq(out.len, 0);
        sc_buf_free(&out);
    }
}
END_TEST


START_TEST(dates_are_seconds_or_left_out)
{
    char      body[512], line[512], err[256];
    size_t    i;
    sc_buf_t  out;

    for (i = 0; i < sizeof(sitemap_dates) / sizeof(sitemap_dates[0]); i++) {
        (void) snprintf(body, sizeof(body), "<urlset><url><loc>"
                        "http://a.example/1</loc><lastmod>%s</lastmod></url>"
                        "</urlset>", sitemap_dates[i].date);
        (void) snprintf(line, sizeof(line), "s http://a.example/1%s\n",
                        sitemap_dates[i].json);
        ck_assert_int_eq(sitemap_text(body, &out, err), SC_OK);
        ck_assert_msg(strcmp(out.data, line) == 0, "%s: %s",
                      sitemap_dates[i].date, out.data);
        sc_buf_free(&out);
    }
}
END_TEST


START_TEST(gzip_is_unpacked_in_all_its_members)
{
    char      err[256];
    sc_str_t  body;
    sc_buf_t  packed, out;

    static const char  one[] = "<urlset><url><loc>http://a.example/1</loc>";
    static const char  two[] = "</url></urlset>";

    sc_buf_init(&packed, 0);
    sitemap_gzip(&packed, one, sizeof(one) - 1);
    sitemap_gzip(&packed, two, sizeof(two) - 1);
    body.data = packed.data;
    body.len = packed.len;

    ck_assert_int_eq(sitemap_read(body, 0, &out, err), SC_OK);
    ck_assert_str_eq(out.data, "s http://a.example/1\n");
    sc_buf_free(&out);

    body.len -= 9;
    ck_assert_int_eq(sitemap_read(body, 0, &out, err), SC_DECLINED);
    sc_buf_free(&out);

    /* what is behind the last member is no part of it */
    sc_buf_add_cstr(&packed, "rubbish");
    body.data = packed.data;
    body.len = packed.len;
    ck_assert_int_eq(sitemap_read(body, 0, &out, err), SC_OK);

    sc_buf_free(&out);
    sc_buf_free(&packed);
}
END_TEST


START_TEST(gzip_bomb_is_declined)
{
    char      err[256], *zeros;
    size_t    i;
    sc_str_t  body;
    sc_buf_t  packed, out;

    zeros = calloc(1, 1048576);
    ck_assert_ptr_nonnull(zeros);
    memset(zeros, ' ', 1048576);
    sc_buf_init(&packed, 0);

    for (i = 0; i < 60; i++) {
        sitemap_gzip(&packed, zeros, 1048576);
    }

    body.data = packed.data;
    body.len = packed.len;
    ck_assert_uint_lt(body.len, 100000);
    ck_assert_int_eq(sitemap_read(body, 0, &out, err), SC_DECLINED);
    ck_assert_str_eq(err, "the sitemap is longer than 50 MiB unpacked");

    free(zeros);
    sc_buf_free(&out);
    sc_buf_free(&packed);
}
END_TEST


START_TEST(body_beyond_the_limit_is_declined)
{
    char      err[256], *spaces;
    sc_str_t  body;
    sc_buf_t  out;

    spaces = calloc(1, CRAWL_MAX_SITEMAP_BYTES + 1);
    ck_assert_ptr_nonnull(spaces);
    memset(spaces, ' ', CRAWL_MAX_SITEMAP_BYTES + 1);

    body.data = spaces;
    body.len = CRAWL_MAX_SITEMAP_BYTES + 1;
    ck_assert_int_eq(sitemap_read(body, 0, &out, err), SC_DECLINED);
    ck_assert_str_eq(err, "the sitemap is longer than 50 MiB");

    free(spaces);
    sc_buf_free(&out);
}
END_TEST


START_TEST(no_more_entries_than_the_limit_are_given)
{
    char      err[256];
    sc_str_t  body;
    sc_buf_t  b, out;

    sitemap_fill(&b, "<urlset>", CRAWL_MAX_SITEMAP + 10, "</urlset>");
    body.data = b.data;
    body.len = b.len;

    ck_assert_int_eq(sitemap_read(body, 0, &out, err), SC_OK);
    ck_assert_uint_eq(sitemap_lines(&out), CRAWL_MAX_SITEMAP);
    sc_buf_free(&out);

    /* what does not fit is left out, whole lines of it */
    ck_assert_int_eq(sitemap_read(body, 10000, &out, err), SC_OK);
    ck_assert_uint_lt(sitemap_lines(&out), 500);
    ck_assert_uint_gt(sitemap_lines(&out), 100);
    ck_assert_int_eq(out.data[out.len - 1], '\n');

    sc_buf_free(&out);
    sc_buf_free(&b);
}
END_TEST


START_TEST(monstrous_xml_is_read_or_declined)
{
    char      err[256];
    size_t    i, k;
    sc_str_t  body;
    sc_buf_t  b, out;

    static const char *const  parts[] = {
        "<url>", "<loc>", "<a x='1'>", "&amp;", "<!-- -->", "<url/>",
        "<url><loc>x</loc></url>", "http://a.example/", "<![CDATA[x]]>",
        "<?pi?>"
    };

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        sc_buf_init(&b, 0);
        sc_buf_add_cstr(&b, "<urlset><url><loc>");

        for (k = 0; k < 200000; k++) {
            sc_buf_add_cstr(&b, parts[i]);
        }

        body.data = b.data;
        body.len = b.len;
        ck_assert_int_ne(sitemap_read(body, 0, &out, err), SC_ERROR);
        ck_assert_uint_eq(out.len, 0);

        sc_buf_free(&out);
        sc_buf_free(&b);
    }
}
END_TEST


static int
sitemap_read(sc_str_t body, size_t max, sc_buf_t *out, char *err)
{
    int             rc;
    crawl_scope_t  *scope;

    static const sc_str_t  text = sc_string(SITEMAP_SCOPE);

    scope = crawl_scope_create(text);
    ck_assert_ptr_nonnull(scope);

    sc_buf_init(out, max);
    rc = crawl_sitemap(scope, SITEMAP_URL, body, SITEMAP_NOW, out, err, 256);

    crawl_scope_free(scope);

    return rc;
}


static int
sitemap_text(const char *body, sc_buf_t *out, char *err)
{
    sc_str_t  s = { strlen(body), body };

    return sitemap_read(s, 0, out, err);
}


static void
sitemap_gzip(sc_buf_t *out, const char *data, size_t len)
{
    char      *room;
    size_t     size;
    z_stream   z;

    memset(&z, 0, sizeof(z_stream));
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8,
                                  Z_DEFAULT_STRATEGY), Z_OK);

    size = deflateBound(&z, len);
    room = sc_buf_reserve(out, size);
    ck_assert_ptr_nonnull(room);

    z.next_in = (Bytef *) data;
    z.avail_in = (uInt) len;
    z.next_out = (Bytef *) room;
    z.avail_out = (uInt) size;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);

    out->len += size - z.avail_out;
    (void) deflateEnd(&z);
}


static void
sitemap_fill(sc_buf_t *b, const char *before, size_t n, const char *after)
{
    size_t  i;

    sc_buf_init(b, 0);
    sc_buf_add_cstr(b, before);

    for (i = 0; i < n; i++) {
        sc_buf_printf(b, "<url><loc>http://a.example/%zu</loc></url>", i);
    }

    ck_assert_int_eq(sc_buf_add_cstr(b, after), SC_OK);
}


static size_t
sitemap_lines(const sc_buf_t *b)
{
    size_t  i, n;

    for (i = 0, n = 0; i < b->len; i++) {
        n += (b->data[i] == '\n');
    }

    return n;
}


int
main(void)
{
    const TTest *const  tests[] = {
        every_kind_of_sitemap_is_read,
        what_is_no_sitemap_is_declined_with_a_sentence,
        dates_are_seconds_or_left_out,
        gzip_is_unpacked_in_all_its_members,
        gzip_bomb_is_declined,
        body_beyond_the_limit_is_declined,
        no_more_entries_than_the_limit_are_given,
        monstrous_xml_is_read_or_declined,
        NULL
    };

    return suite_run("crawl_sitemap", tests, 120);
}
