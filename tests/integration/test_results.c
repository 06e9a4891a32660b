
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define RESULTS_TIMEOUT    120

#define RESULTS_RULES      "{\"title\":\"//h1\",\"price\":{\"xpath\":"        \
                           "\"//p[@class='price']\",\"type\":\"number\"},"    \
                           "\"links\":[\"//a/@href\"]}"


static void results_batch(gateway_t *g, int pages, const char *members,
    char *id, size_t size);
static client_reply_t results_get(gateway_t *g, const char *id,
    const char *tail, const char *headers);
static char *results_oracle(gateway_t *g, const char *program,
    const char *data, size_t len);
static int results_lines(const client_reply_t *r);
static long results_size(const client_reply_t *r, const char *path);


START_TEST(a_job_of_many_pages_is_told_as_it_is)
{
    char            id[64], tag[160];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 5, ",\"tags\":{\"team\":\"a\"}", id, sizeof(id));

    r = results_get(&g, id, "?include=results", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    ck_assert_str_eq(client_str(&r, "tags.team"), "a");
    ck_assert_int_eq(json_integer_value(client_get(&r, "stats.total")), 5);
    ck_assert_int_eq(json_integer_value(client_get(&r, "stats.completed")),
                     5);
    ck_assert_int_eq(json_integer_value(client_get(&r, "stats.status.200")),
                     5);
    ck_assert_int_eq(results_size(&r, "data"), 5);
    ck_assert(json_is_null(client_get(&r, "next")));
    client_free(&r);

    r = results_get(&g, id, "", NULL);
    (void) snprintf(tag, sizeof(tag), "If-None-Match: %s",
                    client_header(&r, "ETag"));
    client_free(&r);
    r = results_get(&g, id, "", tag);
    ck_assert_int_eq(r.status, 304);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_status_that_is_known_is_waited_for_until_it_changes)
{
    char            id[64], page[128], fields[240];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    (void) snprintf(page, sizeof(page), "{\"urls\":[\"%s/slow-first/1500\"],"
                    "\"defaults\":{\"return\":[\"meta\"]}}", g.origin);
    r = gateway_request(&g, "POST", "/v1/batch", NULL, page);
    ck_assert_int_eq(r.status, 202);
    (void) snprintf(id, sizeof(id), "%s", client_str(&r, "id"));
    client_free(&r);

    do {
        r = results_get(&g, id, "", "Prefer: wait=20");
        (void) snprintf(fields, sizeof(fields), "Prefer: wait=20\n"
                        "If-None-Match: %s", client_header(&r, "ETag"));
        client_free(&r);
        r = results_get(&g, id, "", fields);
    } while (r.status == 200
             && strcmp(client_str(&r, "state"), "completed") != 0);

    client_free(&r);
    r = results_get(&g, id, "", NULL);
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(pages_of_a_list_follow_each_other_to_its_end)
{
    int             n;
    char            id[64], path[400];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 10, "", id, sizeof(id));
    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/results?limit=3", id);

    for (n = 0; path[0] != '\0'; n++) {
        r = gateway_request(&g, "GET", path, NULL, NULL);
        ck_assert_int_eq(r.status, 200);
        ck_assert_int_eq(results_size(&r, "data"), n < 3 ? 3 : 1);
        ck_assert_int_eq(n < 3, strstr(client_header(&r, "Link"),
                                       "rel=\"next\"") != NULL);
        (void) snprintf(path, sizeof(path), "%s", client_str(&r, "next"));
        client_free(&r);
    }

    ck_assert_int_eq(n, 4);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_of_a_job_is_no_job)
{
    char            id[64], page[64];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 1, "", id, sizeof(id));
    r = results_get(&g, id, "/pages", NULL);
    (void) snprintf(page, sizeof(page), "%s", client_str(&r, "data[0].id"));
    client_free(&r);

    r = results_get(&g, page, "", NULL);
    ck_assert_int_eq(r.status, 404);
    ck_assert_str_eq(client_str(&r, "type"), "/job/not-found");
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_cursor_of_another_list_is_refused)
{
    char            id[64], path[400], *cursor;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 3, "", id, sizeof(id));
    r = results_get(&g, id, "/results?limit=1", NULL);
    cursor = strstr(client_str(&r, "next"), "cursor=");
    ck_assert_ptr_nonnull(cursor);
    (void) snprintf(path, sizeof(path), "/v1/jobs?%s", cursor);
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(client_str(&r, "parameter"), "cursor");
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(other_programs_read_each_format)
{
    char            id[64], *said;
    json_t         *rows;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 7, "", id, sizeof(id));

    r = results_get(&g, id, "/results?fields=title,price,links",
                    "Accept: text/csv");
    ck_assert_int_eq(r.status, 200);
    said = results_oracle(&g, "python3 tests/oracle/csv_rows.py", r.body,
                          r.len);
    rows = json_loads(said, 0, NULL);
    ck_assert_msg(json_array_size(rows) == 8, "%s", said);
    ck_assert_str_eq(json_string_value(json_array_get(
                         json_array_get(rows, 0), 1)), "price");
    json_decref(rows);
    free(said);
    client_free(&r);

    r = results_get(&g, id, "/results", "Accept: application/xml");
    said = results_oracle(&g, "xmllint --xpath 'count(/results/item/data/"
                          "links/value)'", r.body, r.len);
    ck_assert_msg(strncmp(said, "21", 2) == 0, "%s", said);
    free(said);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(pages_that_are_kept_are_an_archive)
{
    char            id[64], *said;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 4, ",\"keep_raw\":true", id, sizeof(id));

    r = results_get(&g, id, "/results", "Accept: application/warc");
    ck_assert_int_eq(r.status, 200);
    said = results_oracle(&g, "python3 tests/oracle/warc.py", r.body, r.len);
    ck_assert_msg(strstr(said, "\nresponse http") != NULL, "%s", said);
    free(said);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_that_is_kept_is_had_as_it_came)
{
    char            id[64], path[160];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 1, ",\"keep_raw\":true", id, sizeof(id));
    r = results_get(&g, id, "/results", NULL);
    (void) snprintf(path, sizeof(path), "%s/raw",
                    client_str(&r, "data[0].result"));
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(r.body, "<h1>Product 1</h1>"));
    ck_assert_str_eq(client_header(&r, "X-Content-Type-Options"), "nosniff");
    client_free(&r);

    r = gateway_request(&g, "GET", path, "Range: bytes=2-8", NULL);
    ck_assert_int_eq(r.status, 206);
    ck_assert_str_eq(r.body, "doctype");
    client_free(&r);

    r = gateway_request(&g, "GET", path, "Range: bytes=99999-", NULL);
    ck_assert_int_eq(r.status, 416);
    client_free(&r);

    r = gateway_request(&g, "GET", path, "Range: bytes=2-8\n"
                        "If-Range: \"other\"", NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_whole_set_is_sent_without_a_limit)
{
    char            id[64];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 600, "", id, sizeof(id));

    r = results_get(&g, id, "/results", "Accept: application/x-ndjson");
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(results_lines(&r), 600);
    ck_assert_str_eq(client_header(&r, "Vary"), "Accept");
    client_free(&r);

    r = results_get(&g, id, "/results?since_seq=590",
                    "Accept: application/x-ndjson");
    ck_assert_int_eq(results_lines(&r), 10);
    client_free(&r);

    r = results_get(&g, id, "/results?limit=7", "Accept: text/csv");
    ck_assert_int_eq(results_lines(&r), 8);
    ck_assert_ptr_nonnull(strstr(client_header(&r, "Link"), "limit=7"));
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_batch_that_is_waited_for_gives_its_results_as_they_come)
{
    char            body[512];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\","
                    "\"%s/slow-first/300\",\"%s/page/2\"],\"defaults\":"
                    "{\"rules\":{\"t\":\"//h1\"}}}", g.origin, g.origin,
                    g.origin);
    r = gateway_request(&g, "POST", "/v1/batch",
                        "Accept: application/x-ndjson\nPrefer: wait=40",
                        body);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Preference-Applied"), "wait=40");
    ck_assert_msg(results_lines(&r) == 4, "%s", r.body);
    ck_assert_ptr_nonnull(strstr(r.body, "\n{\"done\":true,"));
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(what_no_format_is_for_is_refused_with_those_there_are)
{
    char            id[64];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 1, "", id, sizeof(id));
    r = results_get(&g, id, "/results", "Accept: text/html");
    ck_assert_int_eq(r.status, 406);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "detail"),
                                 "application/warc"));
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(versions_of_a_page_are_told_with_what_differs)
{
    char            path[160];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    r = gateway_extract(&g, "/page/1", "{\"title\":\"//h1\"}", "", NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);
    r = gateway_extract(&g, "/page/1", "{\"title\":\"//h1\","
                        "\"p\":\"//p\"}", "", NULL);
    (void) snprintf(path, sizeof(path), "%s/diff", client_str(&r, "result"));
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "changed"), "changed");
    ck_assert_int_eq(results_size(&r, "patch"), 1);
    ck_assert_str_eq(client_str(&r, "patch[0].path"), "/p");
    client_free(&r);

    (void) snprintf(strrchr(path, '/'), 9, "/history");
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(results_size(&r, "data"), 2);
    ck_assert_str_eq(client_str(&r, "data[1].changed"), "new");
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(results_are_found_by_words_and_by_tags)
{
    char            id[64];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    results_batch(&g, 6, ",\"tags\":{\"team\":\"a\"}", id, sizeof(id));

    r = gateway_request(&g, "GET", "/v1/results?q=title%3A4", NULL, NULL);
    ck_assert_int_eq(r.status, 400);
    client_free(&r);
    r = gateway_request(&g, "GET", "/v1/results?q=a*b*c*d*e*", NULL, NULL);
    ck_assert_int_eq(r.status, 400);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "detail"), "4 prefixes"));
    client_free(&r);
    r = gateway_request(&g, "GET", "/v1/results?q=%224.9%22", NULL, NULL);
    ck_assert_msg(r.status == 200 && results_size(&r, "data") == 1, "%s",
                  r.body);
    client_free(&r);
    r = gateway_request(&g, "GET", "/v1/results?tag=team:a&limit=4", NULL,
                        NULL);
    ck_assert_int_eq(results_size(&r, "data"), 4);
    client_free(&r);
    r = gateway_request(&g, "GET", "/v1/jobs?tag=team:a&kind=batch", NULL,
                        NULL);
    ck_assert_int_eq(results_size(&r, "data"), 1);
    ck_assert_str_eq(client_str(&r, "data[0].id"), id);
    client_free(&r);
    r = gateway_request(&g, "GET", "/v1/jobs?tag=team:b", NULL, NULL);
    ck_assert_int_eq(results_size(&r, "data"), 0);
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(the_newest_result_of_a_url_is_had_in_any_format)
{
    int             i;
    char            path[160];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    (void) snprintf(path, sizeof(path), "/v1/results?url=%s/page/1",
                    g.origin);

    for (i = 0; i < 2; i++) {
        r = gateway_extract(&g, "/page/1", i > 0 ? "{\"second\":\"//h1\"}"
                                                 : "{\"first\":\"//h1\"}",
                            "", NULL);
        ck_assert_int_eq(r.status, 200);
        client_free(&r);
    }

    r = gateway_request(&g, "GET", path, "Accept: text/csv", NULL);
    ck_assert_msg(r.status == 200
                  && strncmp(r.body, "_url,_state,_error,second\r\n", 27)
                     == 0, "%s", r.body);
    ck_assert_ptr_eq(strstr(strstr(r.body, "\n") + 1, "\n") + 1,
                     r.body + strlen(r.body));
    ck_assert_ptr_nonnull(strstr(client_header(&r, "link"), "cursor="));
    client_free(&r);

    r = gateway_request(&g, "GET", "/v1/results?fields=second,b,second",
                        "Accept: text/csv", NULL);
    ck_assert_msg(strncmp(r.body, "second,b\r\n", 10) == 0, "%s", r.body);
    client_free(&r);

    r = gateway_request(&g, "GET", path, "Accept: text/html", NULL);
    ck_assert_int_eq(r.status, 406);
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


/* Make a batch of pages of the origin, and wait for its end. */
static void
results_batch(gateway_t *g, int pages, const char *members, char *id,
    size_t size)
{
    int              i, n;
    char             body[65536];
    client_reply_t   r;

    n = snprintf(body, sizeof(body), "{\"urls\":[");

    for (i = 1; i <= pages; i++) {
        n += snprintf(body + n, sizeof(body) - (size_t) n, "%s\"%s/page/%d\"",
                      i > 1 ? "," : "", g->origin, i);
    }

    (void) snprintf(body + n, sizeof(body) - (size_t) n, "],\"defaults\":{"
                    "\"rules\":" RESULTS_RULES "%s}%s}",
                    strstr(members, "keep_raw") != NULL ? members : "",
                    strstr(members, "keep_raw") != NULL ? "" : members);

    r = gateway_request(g, "POST", "/v1/batch", "Prefer: wait=60", body);
    ck_assert_msg(r.status == 200, "%ld %s", r.status, r.body);
    (void) snprintf(id, size, "%s", client_str(&r, "id"));
    client_free(&r);
}


static client_reply_t
results_get(gateway_t *g, const char *id, const char *tail,
    const char *headers)
{
    char  path[400];

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s%s", id, tail);

    return gateway_request(g, "GET", path, headers, NULL);
}


/* What another program says of these bytes; the caller's. */
static char *
results_oracle(gateway_t *g, const char *program, const char *data,
    size_t len)
{
    int     rc;
    char    file[96], log[96], command[256], *said;
    FILE   *f;
    pid_t   pid;
    char   *argv[] = { "/bin/sh", "-c", command, NULL };

    (void) snprintf(file, sizeof(file), "%s/exported", g->dir);
    (void) snprintf(log, sizeof(log), "%s/oracle.log", g->dir);
    (void) snprintf(command, sizeof(command), "%s %s", program, file);
    (void) unlink(log);

    f = fopen(file, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, len, f), len);
    ck_assert_int_eq(fclose(f), 0);

    pid = process_start(argv, log, NULL);
    rc = process_wait(pid);
    said = process_read(log);
    ck_assert_msg(rc == 0, "%s", said);

    return said;
}


static int
results_lines(const client_reply_t *r)
{
    int          n;
    const char  *p;

    for (n = 0, p = r->body; (p = strchr(p, '\n')) != NULL; p++) {
        n++;
    }

    return n;
}


static long
results_size(const client_reply_t *r, const char *path)
{
    return (long) json_array_size(client_get(r, path));
}


int
main(void)
{
    const TTest  *tests[] = {
        a_job_of_many_pages_is_told_as_it_is,
        a_status_that_is_known_is_waited_for_until_it_changes,
        pages_of_a_list_follow_each_other_to_its_end,
        a_page_of_a_job_is_no_job,
        a_cursor_of_another_list_is_refused,
        other_programs_read_each_format,
        pages_that_are_kept_are_an_archive,
        a_page_that_is_kept_is_had_as_it_came,
        a_whole_set_is_sent_without_a_limit,
        a_batch_that_is_waited_for_gives_its_results_as_they_come,
        what_no_format_is_for_is_refused_with_those_there_are,
        versions_of_a_page_are_told_with_what_differs,
        results_are_found_by_words_and_by_tags,
        the_newest_result_of_a_url_is_had_in_any_format,
        NULL
    };

    return suite_run("results", tests, RESULTS_TIMEOUT);
}
