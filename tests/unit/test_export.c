
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/export/export.h"
#include "tests/support/suite.h"


#define EXPORT_TIMEOUT    10


typedef struct {
    const char  *accept;
    int          format;                /* -1: none of ours */
} accept_case_t;


static const accept_case_t  accept_cases[] = {
    { "", EXPORT_JSON },
    { "*/*", EXPORT_JSON },
    { " , ", EXPORT_JSON },
    { "application/json", EXPORT_JSON },
    { "Application/X-NDJSON", EXPORT_NDJSON },
    { "application/jsonl", EXPORT_NDJSON },
    { "text/csv", EXPORT_CSV },
    { "text/csv;header=present", EXPORT_CSV },
    { "text/*", EXPORT_CSV },
    { "text/xml", EXPORT_XML },
    { "application/xml", EXPORT_XML },
    { "application/warc", EXPORT_WARC },
    { "text/csv;q=0.5, application/xml;q=0.6", EXPORT_XML },
    { "text/csv, application/xml", EXPORT_CSV },
    { "application/*;q=0.2, text/csv;q=0.1", EXPORT_JSON },
    { "*/*, application/json;q=0", EXPORT_NDJSON },
    { "application/json;q=0.001, */*;q=0", EXPORT_JSON },
    { "text/html, */*;q=0.1", EXPORT_JSON },
    { "text/html;x=\"a,text/csv\"", -1 },
    { "text/html", -1 },
    { "text/csv;q=0", -1 },
    { "text/event-stream", -1 },
    { "application/json2", -1 },
    { "*/json", -1 },
    { "image/*", -1 },
};


static export_t *export_of(export_format_t format, const char *const *fields,
    size_t nfields, const char *rules);
static void result_of(store_result_t *r, const char *data);
static sc_str_t str_of(const char *s);
static char *export_two(export_format_t format, const char *const *fields,
    size_t nfields, const char *rules, const char *a, const char *b);
static void expect_csv(const char *const *fields, size_t nfields,
    const char *rules, const char *data, const char *text);


START_TEST(the_type_of_the_highest_q_is_taken)
{
    int                   rc;
    size_t                i;
    export_format_t       format;
    const accept_case_t  *t;

    for (i = 0; i < sizeof(accept_cases) / sizeof(accept_case_t); i++) {
        t = &accept_cases[i];
        rc = export_accept(t->accept, &format);

        ck_assert_msg(rc == (t->format < 0 ? SC_DECLINED : SC_OK), "%s",
                      t->accept);
        ck_assert_msg(t->format < 0 || (int) format == t->format, "%s: %d",
                      t->accept, (int) format);
    }
}
END_TEST


START_TEST(an_item_has_what_its_result_has)
{
    json_t          *json;
    sc_buf_t         b;
    store_result_t   r;

    result_of(&r, "{\"a\":1}");
    r.line = 7;
    r.depth = 2;
    r.context = str_of("{\"k\":\"v\"}");
    r.changed = STORE_CHANGED;
    r.view = str_of("{\"text\":\"t\"}");
    r.echo = str_of("[1]");
    sc_buf_init(&b, 0);

    ck_assert_int_eq(export_json_item("/b", &r, NULL, 0, &b), SC_OK);
    json = json_loadb(b.data, b.len, 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "seq")), 5);
    ck_assert_str_eq(json_string_value(json_object_get(json, "at")),
                     "2026-01-31T12:00:00.124Z");
    ck_assert_str_eq(json_string_value(json_object_get(json, "changed")),
                     "changed");
    ck_assert_str_eq(json_string_value(json_object_get(json, "text")), "t");
    ck_assert_str_eq(json_string_value(json_object_get(json, "result")),
                     "/b/v1/results/00001KAJ8Q5X0000000000000000B");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "line")), 7);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "depth")), 2);
    ck_assert(json_is_object(json_object_get(json, "context")));
    ck_assert(json_is_array(json_object_get(json, "echo")));
    ck_assert_int_eq(json_integer_value(json_object_get(
                         json_object_get(json, "data"), "a")), 1);

    json_decref(json);
    sc_buf_free(&b);
}
END_TEST


START_TEST(a_page_of_another_site_has_no_depth)
{
    sc_buf_t        b;
    store_result_t  r;

    result_of(&r, "{}");
    r.depth = INT_MAX;
    sc_buf_init(&b, 0);
    ck_assert_int_eq(export_json_item("", &r, NULL, 0, &b), SC_OK);
    ck_assert_ptr_null(strstr(b.data, "depth"));
    sc_buf_free(&b);
}
END_TEST


START_TEST(only_the_fields_that_are_wanted_are_told_in_their_order)
{
    sc_buf_t        b;
    store_result_t  r;

    static const char *const  fields[] = {
        "z", "a", "no", "p.q", "x.y", "_url", "p.no"
    };

    result_of(&r, "{\"a\":1,\"p\":{\"q\":2},\"x.y\":3,\"x\":{\"y\":4},"
                  "\"z\":null}");
    sc_buf_init(&b, 0);
    (void) export_json_item("", &r, fields, 7, &b);

    ck_assert_ptr_nonnull(strstr(b.data, ",\"data\":{\"z\":null,\"a\":1,"
                                         "\"no\":null,\"p.q\":2,\"x.y\":3,"
                                         "\"p.no\":null},\"missing\""));
    sc_buf_reset(&b);
    (void) export_json_item("", &r, fields, 0, &b);
    ck_assert_ptr_null(strstr(b.data, "\"data\""));
    ck_assert_ptr_null(strstr(b.data, "\"missing\""));
    sc_buf_free(&b);
}
END_TEST


START_TEST(data_that_are_no_object_are_null_when_fields_are_wanted)
{
    sc_buf_t        b;
    store_result_t  r;

    static const char *const  fields[] = { "a" };

    result_of(&r, "null");
    sc_buf_init(&b, 0);
    (void) export_json_item("", &r, fields, 1, &b);
    ck_assert_ptr_nonnull(strstr(b.data, "\"data\":null,"));
    sc_buf_free(&b);
}
END_TEST


START_TEST(json_has_all_items_and_the_link_to_more)
{
    char      *text;
    json_t    *json;

    text = export_two(EXPORT_JSON, NULL, 0, "", "{\"a\":1}", "{\"a\":2}");
    json = json_loads(text, 0, NULL);

    ck_assert_uint_eq(json_array_size(json_object_get(json, "data")), 2);
    ck_assert_str_eq(json_string_value(json_object_get(json, "next")), "/n");

    json_decref(json);
    free(text);
}
END_TEST


START_TEST(ndjson_has_a_line_for_each_item)
{
    char    *text, *lf;
    json_t  *json;

    text = export_two(EXPORT_NDJSON, NULL, 0, "", "{\"a\":\n1}",
                      "{\"a\":2}");
    lf = strchr(text, '\n');
    ck_assert_ptr_nonnull(lf);
    json = json_loadb(text, (size_t) (lf - text), 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_ptr_eq(strchr(lf + 1, '\n'), text + strlen(text) - 1);

    json_decref(json);
    free(text);
}
END_TEST


START_TEST(an_event_has_the_seq_as_its_id_and_one_line_of_data)
{
    char  *text;

    text = export_two(EXPORT_SSE, NULL, 0, "", "{\"a\":\r\n1}", "{}");

    ck_assert_int_eq(strncmp(text, "id: 5\nevent: result\ndata: {\"seq\":5,",
                             35), 0);
    ck_assert_ptr_null(strchr(text, '\r'));
    ck_assert_ptr_nonnull(strstr(text, "}\n\nid: 5\nevent: result\ndata: {"));
    free(text);
}
END_TEST


START_TEST(a_failure_is_an_event_of_its_own)
{
    store_result_t  r;

    result_of(&r, "");
    ck_assert_str_eq(export_event(&r), "result");
    r.state = STORE_FAILED_JOB;
    r.error = str_of("{\"type\":\"/fetch/dns\"}");
    ck_assert_str_eq(export_event(&r), "error");
    r.error = str_of("{\"type\":\"/policy/robots\"}");
    ck_assert_str_eq(export_event(&r), "robots");
}
END_TEST


START_TEST(a_row_has_the_fields_of_the_rules)
{
    expect_csv(NULL, 0, "{\"fields\":{\"b\":{},\"a\":{}}}",
               "{\"a\":1.5,\"b\":\"x\",\"c\":0}",
               "_url,_state,_error,b,a\r\n"
               "http://o.example/p,completed,,x,1.5\r\n");
}
END_TEST


START_TEST(a_row_has_the_fields_that_are_wanted)
{
    static const char *const  fields[] = { "a", "_seq", "_status", "n.m" };

    expect_csv(fields, 4, "", "{\"n\":{\"m\":true},\"a\":null}",
               "a,_seq,_status,n.m\r\n,5,200,true\r\n");
}
END_TEST


START_TEST(the_first_item_says_which_columns_there_are)
{
    expect_csv(NULL, 0, "", "{\"a\":[1,{\"x\":\"y\"}],\"b\":{}}",
               "_url,_state,_error,a,b\r\nhttp://o.example/p,completed,,"
               "\"[1,{\"\"x\"\":\"\"y\"\"}]\",{}\r\n");
}
END_TEST


START_TEST(cells_are_quoted_where_they_must_be)
{
    static const char *const  fields[] = { "a", "b", "c", "d", "e" };

    expect_csv(fields, 5, "",
               "{\"a\":\"x,y\",\"b\":\"say \\\"hi\\\"\",\"c\":\"l\\r\\nm\","
               "\"d\":\"\",\"e\":\"=1\\u0000+1\"}",
               "a,b,c,d,e\r\n\"x,y\",\"say \"\"hi\"\"\",\"l\r\nm\",\"\","
               "\"=1\xef\xbf\xbd+1\"\r\n");
}
END_TEST


START_TEST(a_row_of_one_empty_cell_is_no_empty_line)
{
    static const char *const  fields[] = { "a" };

    expect_csv(fields, 1, "", "{}", "a\r\n\"\"\r\n");
}
END_TEST


START_TEST(rows_without_data_wait_for_the_columns)
{
    export_t        *e;
    sc_buf_t         b;
    store_result_t   r;

    result_of(&r, "");
    r.state = STORE_FAILED_JOB;
    r.error = str_of("{\"type\":\"/fetch/dns\"}");
    sc_buf_init(&b, 0);
    e = export_of(EXPORT_CSV, NULL, 0, "{\"sets\":{}}");

    ck_assert_int_eq(export_begin(e, &b), SC_OK);
    ck_assert_int_eq(export_item(e, &r, NULL, &b), SC_OK);
    ck_assert_uint_eq(b.len, 0);
    result_of(&r, "{\"a\":1,\"b\":2}");
    ck_assert_int_eq(export_item(e, &r, NULL, &b), SC_OK);
    ck_assert_int_eq(export_end(e, NULL, &b), SC_OK);
    ck_assert_str_eq(b.data, "_url,_state,_error,a,b\r\n"
                     "http://o.example/p,failed,/fetch/dns,,\r\n"
                     "http://o.example/p,completed,,1,2\r\n");

    export_free(e);
    sc_buf_free(&b);
}
END_TEST


START_TEST(a_table_without_rows_has_its_header)
{
    export_t  *e;
    sc_buf_t   b;

    sc_buf_init(&b, 0);
    e = export_of(EXPORT_CSV, NULL, 0, "");
    ck_assert_int_eq(export_begin(e, &b), SC_OK);
    ck_assert_int_eq(export_end(e, NULL, &b), SC_OK);
    ck_assert_str_eq(b.data, "_url,_state,_error\r\n");

    export_free(e);
    sc_buf_free(&b);
}
END_TEST


START_TEST(xml_escapes_what_is_markup_and_replaces_what_has_no_place)
{
    char  *text;

    text = export_two(EXPORT_XML, NULL, 0, "",
                      "{\"a\":\"<b> & \\\"c\\\" ]]>\\u0001\\uffff\\r\","
                      "\"l\":[1,null,\"x\"],\"n\":null,\"e\":\"\"}",
                      "{\"1 \\\"<\\n\":true,\"xmlish\":1.5,\"ok-1.x\":{}}");

    ck_assert_ptr_nonnull(strstr(text, "<a>&lt;b&gt; &amp; \"c\" ]]&gt;"
                                 "\xef\xbf\xbd\xef\xbf\xbd&#13;</a>"
                                 "<l><value>1</value><value null=\"true\"/>"
                                 "<value>x</value></l><n null=\"true\"/>"
                                 "<e></e>"));
    ck_assert_ptr_nonnull(strstr(text, "<field name=\"1 &quot;&lt;&#10;\">"
                                 "true</field><field name=\"xmlish\">1.5"
                                 "</field><ok-1.x></ok-1.x>"));
    free(text);
}
END_TEST


START_TEST(a_time_is_told_with_milliseconds_in_utc)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    ck_assert_int_eq(export_time(0, &b), SC_DECLINED);
    ck_assert_int_eq(export_time(1, &b), SC_OK);
    ck_assert_str_eq(b.data, "1970-01-01T00:00:00.001Z");
    sc_buf_free(&b);
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


static void
result_of(store_result_t *r, const char *data)
{
    memset(r, 0, sizeof(store_result_t));
    memcpy(r->id, "00001KAJ8Q5X0000000000000000B", ID_SIZE);
    memcpy(r->job, "00001KAJ8Q5X0000000000000000A", ID_SIZE);
    r->seq = 5;
    r->at = 1769860800124;
    r->state = STORE_COMPLETED;
    r->url = str_of("http://o.example/p");
    r->fetch = str_of("{\"status\":200}");
    r->data = str_of(data);
    r->missing = str_of("[]");
    r->warnings = str_of("[]");
}


static export_t *
export_of(export_format_t format, const char *const *fields, size_t nfields,
    const char *rules)
{
    export_t          *e;
    export_options_t   options;

    options.format = format;
    options.base = "";
    options.fields = fields;
    options.nfields = nfields;
    options.rules = str_of(rules);
    e = export_create(&options);
    ck_assert_ptr_nonnull(e);

    return e;
}


/* Two items, as text that is the caller's. */
static char *
export_two(export_format_t format, const char *const *fields, size_t nfields,
    const char *rules, const char *a, const char *b)
{
    export_t        *e;
    sc_buf_t         out;
    store_result_t   r;

    sc_buf_init(&out, 0);
    e = export_of(format, fields, nfields, rules);
    ck_assert_int_eq(export_begin(e, &out), SC_OK);
    result_of(&r, a);
    ck_assert_int_eq(export_item(e, &r, NULL, &out), SC_OK);
    result_of(&r, b);
    ck_assert_int_eq(export_item(e, &r, NULL, &out), SC_OK);
    ck_assert_int_eq(export_end(e, "/n", &out), SC_OK);
    export_free(e);

    return out.data;
}


static void
expect_csv(const char *const *fields, size_t nfields, const char *rules,
    const char *data, const char *text)
{
    export_t        *e;
    sc_buf_t         out;
    store_result_t   r;

    sc_buf_init(&out, 0);
    e = export_of(EXPORT_CSV, fields, nfields, rules);
    result_of(&r, data);
    ck_assert_int_eq(export_begin(e, &out), SC_OK);
    ck_assert_int_eq(export_item(e, &r, NULL, &out), SC_OK);
    ck_assert_int_eq(export_end(e, NULL, &out), SC_OK);
    ck_assert_str_eq(out.data, text);
    export_free(e);
    sc_buf_free(&out);
}


int
main(void)
{
    const TTest  *tests[] = {
        the_type_of_the_highest_q_is_taken,
        an_item_has_what_its_result_has,
        a_page_of_another_site_has_no_depth,
        only_the_fields_that_are_wanted_are_told_in_their_order,
        data_that_are_no_object_are_null_when_fields_are_wanted,
        json_has_all_items_and_the_link_to_more,
        ndjson_has_a_line_for_each_item,
        an_event_has_the_seq_as_its_id_and_one_line_of_data,
        a_failure_is_an_event_of_its_own,
        a_row_has_the_fields_of_the_rules,
        a_row_has_the_fields_that_are_wanted,
        the_first_item_says_which_columns_there_are,
        cells_are_quoted_where_they_must_be,
        a_row_of_one_empty_cell_is_no_empty_line,
        rows_without_data_wait_for_the_columns,
        a_table_without_rows_has_its_header,
        xml_escapes_what_is_markup_and_replaces_what_has_no_place,
        a_time_is_told_with_milliseconds_in_utc,
        NULL
    };

    return suite_run("export", tests, EXPORT_TIMEOUT);
}
