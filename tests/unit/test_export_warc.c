
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/export/export.h"
#include "tests/support/suite.h"


#define WARC_TIMEOUT    10

#define WARC_PAGE       "<p>\0\r\n\r\nWARC/1.1</p>"


static char *warc_of(const store_raw_t *raw, size_t *len);
static size_t record_of(const char *text, size_t len, const char **block,
    size_t *block_len);
static void expect_field(const char *record, const char *line);
static sc_str_t str_of(const char *s);


START_TEST(a_file_begins_with_what_it_is)
{
    char        *text;
    size_t       len, n;
    const char  *block;

    text = warc_of(NULL, &len);
    (void) record_of(text, len, &block, &n);

    expect_field(text, "WARC/1.1");
    expect_field(text, "WARC-Type: warcinfo");
    expect_field(text, "Content-Type: application/warc-fields");
    ck_assert_ptr_nonnull(memmem(block, n, "format: WARC File Format 1.1",
                                 28));
    free(text);
}
END_TEST


START_TEST(a_page_is_a_response_without_its_codings)
{
    char         *text;
    size_t        len, at, n;
    const char   *block;
    store_raw_t   raw;

    static const char  want[] =
        "HTTP/1.1 404 \r\nContent-Type: text/html\r\n"
        "X-Archive-Orig-content-encoding: gzip\r\nX-Long: a b\r\n"
        "Content-Length: 20\r\n\r\n" WARC_PAGE;

    raw.head = str_of("[[\"Content-Type\",\"text/html\"],"
                      "[\"content-encoding\",\"gzip\"],"
                      "[\"Bad Name\",\"x\"],[\"X-Long\",\"a\\nb\"],"
                      "[\"X-Number\",5],7]");
    raw.body.data = WARC_PAGE;
    raw.body.len = sizeof(WARC_PAGE) - 1;
    text = warc_of(&raw, &len);

    at = record_of(text, len, &block, &n);
    (void) record_of(text + at, len - at, &block, &n);
    expect_field(text + at, "WARC-Type: response");
    expect_field(text + at, "WARC-Target-URI: http://o.example/final");
    expect_field(text + at, "WARC-IP-Address: 198.51.100.9");
    expect_field(text + at, "WARC-Date: 2026-01-31T12:00:00.124Z");
    expect_field(text + at, "Content-Type: application/http;msgtype=response");
    expect_field(text + at, "WARC-Payload-Digest: sha256:"
                 "a4fc1e295d3e50d892a54f2a3dad9ed7");
    ck_assert_uint_eq(n, sizeof(want) - 1);
    ck_assert_mem_eq(block, want, n);
    free(text);
}
END_TEST


START_TEST(what_was_taken_stands_beside_the_page)
{
    char         *text;
    json_t       *json;
    size_t        len, at, n;
    const char   *block;
    store_raw_t   raw;

    raw.head = str_of("");
    raw.body = str_of("x");
    text = warc_of(&raw, &len);
    at = record_of(text, len, &block, &n);
    at += record_of(text + at, len - at, &block, &n);
    at += record_of(text + at, len - at, &block, &n);

    ck_assert_uint_eq(at, len);
    json = json_loadb(block, n, 0, NULL);
    ck_assert_int_eq(json_integer_value(json_object_get(
                         json_object_get(json, "data"), "a")), 1);
    json_decref(json);
    free(text);
}
END_TEST


START_TEST(without_a_page_there_is_only_what_was_taken)
{
    char        *text;
    size_t       len, at, n;
    const char  *block;

    text = warc_of(NULL, &len);
    at = record_of(text, len, &block, &n);
    expect_field(text + at, "WARC-Type: metadata");
    expect_field(text + at, "Content-Type: application/json");
    at += record_of(text + at, len - at, &block, &n);
    ck_assert_uint_eq(at, len);
    free(text);
}
END_TEST


START_TEST(the_records_of_a_result_have_the_same_names_each_time)
{
    char        *a, *b, *p, *q;
    size_t       alen, blen, n;
    const char  *block;

    a = warc_of(NULL, &alen);
    b = warc_of(NULL, &blen);
    p = strstr(a + record_of(a, alen, &block, &n), "WARC-Record-ID: <urn:");
    q = strstr(b + record_of(b, blen, &block, &n), "WARC-Record-ID: <urn:");

    ck_assert_int_eq(strncmp(p, q, 63), 0);
    ck_assert_int_ne(strncmp(strstr(a, "WARC-Record-ID"),
                             strstr(b, "WARC-Record-ID"), 63), 0);
    free(a);
    free(b);
}
END_TEST


static sc_str_t
str_of(const char *s)
{
    sc_str_t  str;

    str.data = s;
    str.len = strlen(s);

    return str;
}


static char *
warc_of(const store_raw_t *raw, size_t *len)
{
    export_t          *e;
    sc_buf_t           out;
    store_result_t     r;
    export_options_t   options;

    memset(&options, 0, sizeof(export_options_t));
    options.format = EXPORT_WARC;
    options.base = "";
    e = export_create(&options);
    ck_assert_ptr_nonnull(e);

    memset(&r, 0, sizeof(store_result_t));
    memcpy(r.id, "00001KAJ8Q5X0000000000000000B", ID_SIZE);
    r.at = 1769860800124;
    r.state = STORE_COMPLETED;
    r.url = str_of("http://o.example/p");
    r.fetch = str_of("{\"status\":404,\"ip\":\"198.51.100.9\","
                     "\"final_url\":\"http://o.example/final\"}");
    r.data = str_of("{\"a\":1}");

    sc_buf_init(&out, 0);
    ck_assert_int_eq(export_begin(e, &out), SC_OK);
    ck_assert_int_eq(export_item(e, &r, raw, &out), SC_OK);
    ck_assert_int_eq(export_end(e, NULL, &out), SC_OK);
    export_free(e);
    *len = out.len;

    return out.data;
}


/* Where the next record begins. */
static size_t
record_of(const char *text, size_t len, const char **block,
    size_t *block_len)
{
    const char  *end, *length;

    end = memmem(text, len, "\r\n\r\n", 4);
    ck_assert_ptr_nonnull(end);
    length = memmem(text, (size_t) (end - text) + 2, "\r\nContent-Length: ",
                    18);
    ck_assert_ptr_nonnull(length);

    *block = end + 4;
    *block_len = strtoul(length + 18, NULL, 10);
    ck_assert_uint_le((size_t) (*block - text) + *block_len + 4, len);
    ck_assert_int_eq(memcmp(*block + *block_len, "\r\n\r\n", 4), 0);

    return (size_t) (*block - text) + *block_len + 4;
}


static void
expect_field(const char *record, const char *line)
{
    const char  *found, *end;

    end = strstr(record, "\r\n\r\n");
    found = strstr(record, line);
    ck_assert_msg(found != NULL && found < end, "%s", line);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_file_begins_with_what_it_is,
        a_page_is_a_response_without_its_codings,
        what_was_taken_stands_beside_the_page,
        without_a_page_there_is_only_what_was_taken,
        the_records_of_a_result_have_the_same_names_each_time,
        NULL
    };

    return suite_run("export_warc", tests, WARC_TIMEOUT);
}
