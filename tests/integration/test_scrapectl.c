
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/commanded.h"
#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define CTL_TIMEOUT    60


static void ctl_named(const char *file, const char *name, int escaped);
static char *ctl_words(ctl_said_t *s);


static const char  ctl_page[] =
    "<html><head><title>t</title></head><body>\n"
    "<h1>Blue mug</h1>\n"
    "<span class=old>many</span>\n"
    "<b>12.5</b>\n"
    "<a href='/x?a=1'>x</a>\n";

static const char  ctl_rules[] =
    "{\"title\":\"h1\",\"price\":{\"css\":[\".old\",\"b\"],"
    "\"type\":\"number\"},\"none\":\"//video\"}";


START_TEST(check_tells_the_fields_and_the_hash_of_a_set)
{
    ctl_said_t  s;

    ctl_begin(&s);

    ctl_file(&s, "rules.json", ctl_rules);
    ctl_run(&s, "check", "rules.json", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "ok rules.json: 3 fields, sha256:");
    ck_assert_str_eq(s.err, "");

    ctl_run(&s, "check", "--canonical", "rules.json", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "{\"fields\":{\"title\":\"h1\",");

    ctl_file(&s, "book.crw", "PAGE => %shop.example/%\nbook.name -> //h1\n");
    ctl_run(&s, "check", "book.crw", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "ok book.crw: 1 field, sha256:");

    ctl_file(&s, "stdin", "{\"sets\":{\"a\":{\"fields\":{\"x\":\"//a\"}},"
             "\"b\":{\"fields\":{\"y\":\"//b\",\"z\":\"//c\"}}}}");
    ctl_run(&s, "check", "-", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "ok -: 2 sets, 3 fields, sha256:");

    ctl_end(&s);
}
END_TEST


START_TEST(check_tells_where_a_set_is_wrong)
{
    ctl_said_t  s;

    ctl_begin(&s);

    ctl_file(&s, "rules.json", "{\"a\":\"//a\",\"price\":\"//h1[\"}");
    ctl_run(&s, "check", "rules.json", NULL);
    ck_assert_int_eq(s.status, 1);
    ck_assert_str_eq(s.out, "");
    ctl_has(s.err, "scrapectl: rules.json:/price: ");
    ctl_has(s.err, "(column 5)");

    ctl_file(&s, "rules.json", "{\"a\":");
    ctl_run(&s, "check", "rules.json", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "scrapectl: rules.json:: ");

    ctl_file(&s, "book.crw", "PAGE => %shop.example/%\nbook.name //h1\n");
    ctl_run(&s, "check", "book.crw", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "scrapectl: book.crw: line 2: ");

    ctl_run(&s, "check", "nothing.json", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "could not open \"nothing.json\": ");

    ctl_end(&s);
}
END_TEST


START_TEST(a_file_is_extracted_without_a_gateway)
{
    ctl_said_t  s;

    ctl_begin(&s);
    ctl_file(&s, "rules.json", ctl_rules);
    ctl_file(&s, "page.html", ctl_page);
    ctl_file(&s, "stdin", ctl_page);

    ctl_run(&s, "extract", "rules.json", "page.html", NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "{\n  \"title\": \"Blue mug\",\n"
                     "  \"price\": 12.5,\n  \"none\": null\n}\n");
    ctl_has(s.err, "\"many\" is not a number");

    ctl_run(&s, "extract", "-q", "--compact", "rules.json", "-", NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "{\"title\":\"Blue mug\",\"price\":12.5,"
                     "\"none\":null}\n");
    ck_assert_str_eq(s.err, "");

    ctl_file(&s, "links.json", "{\"a\":{\"xpath\":\"//a/@href\","
             "\"type\":\"url\"}}");
    ctl_run(&s, "extract", "links.json", "page.html", "--compact",
            "--url=http://shop.example/p/", "--return", "data,headers", NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "{\"data\":{\"a\":\"http://shop.example/x?a=1\"},"
                     "\"headers\":[]}\n");

    ctl_end(&s);
}
END_TEST


START_TEST(the_type_of_a_file_says_how_it_is_read)
{
    ctl_said_t  s;

    ctl_begin(&s);
    ctl_file(&s, "rules.json", "{\"a\":\"//Q\"}");
    ctl_file(&s, "page", "<r><Q>\xe9</Q></r>");

    ctl_run(&s, "extract", "rules.json", "page", "--compact", NULL);
    ck_assert_str_eq(s.out, "{\"a\":null}\n");

    ctl_run(&s, "extract", "rules.json", "page", "--compact", "--type",
            "text/xml; charset=iso-8859-1", NULL);
    ck_assert_str_eq(s.out, "{\"a\":\"\xc3\xa9\"}\n");

    ctl_run(&s, "extract", "rules.json", "page", "--type", "text/xml", "--url",
            "nonsense", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "\"nonsense\" is no URL: ");

    ctl_end(&s);
}
END_TEST


START_TEST(explain_shows_what_was_tried_and_what_won)
{
    ctl_said_t  s;

    ctl_begin(&s);
    ctl_file(&s, "rules.json", ctl_rules);
    ctl_file(&s, "page.html", ctl_page);

    ctl_run(&s, "extract", "rules.json", "page.html", "--explain", "--compact",
            NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "{\"title\":\"Blue mug\",\"price\":12.5,"
                     "\"none\":null}\n");
    ctl_has(s.err,
        "FIELD     SELECTOR                MATCHES  LINE  NODE             "
        "VALUE\n"
        "title  *  css h1                  1        2     /html/body/h1    "
        "Blue mug\n"
        "price  -  css .old                1        3     /html/body/span  "
        "many\n"
        "       !  \"many\" is not a number\n"
        "       *  css b                   1        4     /html/body/b     "
        "12.5\n"
        "none   -  xpath //video           0\n");

    ctl_end(&s);
}
END_TEST


START_TEST(a_strict_set_without_a_value_fails_and_shows_the_rest)
{
    ctl_said_t  s;

    ctl_begin(&s);
    ctl_file(&s, "rules.json", "{\"strict\":true,\"fields\":{\"t\":\"//h1\","
             "\"v\":{\"xpath\":\"//video\",\"required\":true}}}");
    ctl_file(&s, "page.html", ctl_page);

    ctl_run(&s, "extract", "rules.json", "page.html", "--compact", NULL);
    ck_assert_int_eq(s.status, 1);
    ck_assert_str_eq(s.out, "{\"t\":\"Blue mug\",\"v\":null}\n");
    ctl_has(s.err, "scrapectl: missing: v\n");
    ctl_has(s.err, "a required value is missing");

    ctl_end(&s);
}
END_TEST


START_TEST(a_page_cannot_steer_the_terminal)
{
    ctl_said_t  s;

    ctl_begin(&s);
    ctl_file(&s, "rules.json", "{\"t\":{\"xpath\":\"//p\",\"get\":\"raw\"},"
             "\"n\":{\"xpath\":\"//p\",\"type\":\"int\"}}");
    ctl_file(&s, "page.html", "<meta charset=utf-8>"
             "<p>a&#x7f;c\xc2\x9b d\xc3\xa9");

    ctl_run(&s, "extract", "rules.json", "page.html", "--explain", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "a\\u007fc\\u009b d\xc3\xa9");
    ck_assert_ptr_null(strstr(s.out, "\xc2\x9b"));
    ck_assert_ptr_null(strstr(s.err, "\xc2\x9b"));
    ck_assert_ptr_null(strchr(s.err, '\x7f'));
    ctl_has(s.err, "c? d\xc3\xa9");

    ctl_end(&s);
}
END_TEST


START_TEST(a_wrong_command_line_is_told_and_does_nothing)
{
    size_t      i;
    ctl_said_t  s;

    static const struct {
        const char  *args[6];
        const char  *told;
    } wrong[] = {
        { { NULL }, "a command is missing" },
        { { "frob" }, "there is no command \"frob\"" },
        { { "check" }, "check: it needs RULES" },
        { { "check", "a", "b" }, "\"b\" is one argument too many" },
        { { "check", "--frob", "a" }, "there is no option \"--frob\"" },
        { { "check", "-z", "a" }, "there is no option \"-z\"" },
        { { "check", "a", "--csv" }, "it has no option \"--csv\"" },
        { { "check", "a", "--gateway" }, "option \"--gateway\" needs" },
        { { "check", "a", "-g" }, "option \"-g\" needs a value" },
        { { "check", "a", "--json=1" }, "option \"--json\" has no value" },
        { { "check", "a", "--header", "x" }, "\"x\" is no header field" },
        { { "extract", "@a", "page.html" }, "known to the gateway only" },
        { { "extract", "-", "-" }, "both the standard input" },
        { { "extract", "a", "b", "--return", "links,x" },
          "\"x\" is nothing that a page has" },
        { { "extract", "a", "http://a/", "--html5" },
          "option \"--html5\" is for a file" },
        { { "submit", "a" }, "there is no URL" },
        { { "export", "x", "--format", "xml" }, "format \"xml\" is neither" },
        { { "sql", "x", "--csv", "--json" }, "exclude each other" },
        { { "rulesets", "get" }, "\"get\" is followed by NAME" },
        { { "rulesets", "frob" }, "\"frob\" is neither" }
    };

    ctl_begin(&s);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ctl_run_args(&s, (char *const *) wrong[i].args);
        ck_assert_int_eq(s.status, 2);
        ck_assert_str_eq(s.out, "");
        ctl_has(s.err, "scrapectl: ");
        ctl_has(s.err, wrong[i].told);
    }

    ctl_end(&s);
}
END_TEST


START_TEST(without_a_gateway_the_status_says_so)
{
    char        url[64];
    size_t      i;
    ctl_said_t  s;

    static const char *const  args[][4] = {
        { "extract", "rules.json", "http://127.0.0.1/" },
        { "submit", "rules.json", "http://127.0.0.1/" },
        { "get", "b1c01" },
        { "watch", "b1c01" },
        { "export", "b1c01" },
        { "export", "--format=csv", "b1c01" },
        { "rulesets", "list" }
    };

    ctl_begin(&s);
    ctl_file(&s, "rules.json", ctl_rules);

    (void) snprintf(url, sizeof(url), "http://127.0.0.1:%u", process_port());
    ck_assert_int_eq(setenv("SCRAPECTL_GATEWAY", url, 1), 0);

    for (i = 0; i < sizeof(args) / sizeof(args[0]); i++) {
        ctl_run_args(&s, (char *const *) args[i]);
        ck_assert_int_eq(s.status, 3);
        ctl_has(s.err, "no answer from the gateway \"http://127.0.0.1:");
    }

    ctl_end(&s);
}
END_TEST


START_TEST(a_url_is_extracted_by_the_gateway_as_a_file_is_here)
{
    char        page[128];
    gateway_t   g;
    ctl_said_t  s;

    ctl_begin(&s);
    gateway_start(&g, NULL);
    ctl_gateway(&g);
    ctl_file(&s, "rules.json", "{\"t\":\"//h1\",\"n\":\"count(//h1)\"}");

    (void) snprintf(page, sizeof(page), "%s/page/7", g.origin);
    ctl_run(&s, "extract", "rules.json", page, "--compact", NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.err, "");
    ctl_has(s.out, "\"n\":1}\n");

    ctl_run(&s, "extract", "rules.json", page, "--json", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "\"state\": \"completed\"");

    ctl_run(&s, "extract", "@nobody", page, NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "/ruleset/unknown");

    (void) snprintf(page, sizeof(page), "http://127.0.0.1:%u/",
                    process_port());
    ctl_run(&s, "extract", "rules.json", page, NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "502 /fetch/connect");

    gateway_stop(&g);
    ctl_end(&s);
}
END_TEST


START_TEST(a_page_that_takes_longer_than_the_gateway_waits_is_waited_for)
{
    char               page[128];
    gateway_t          g;
    ctl_said_t         s;
    gateway_options_t  options;

    memset(&options, 0, sizeof(gateway_options_t));
    options.settings = "max_wait = 100\nwait = 100\n";

    ctl_begin(&s);
    gateway_start(&g, &options);
    ctl_gateway(&g);
    ctl_file(&s, "rules.json", "{\"n\":\"count(//html)\"}");

    (void) snprintf(page, sizeof(page), "%s/slow-first?ms=1000", g.origin);
    ctl_run(&s, "extract", "rules.json", page, "--compact", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "{\"n\":");
    ctl_has(s.err, " goes on\n");

    gateway_stop(&g);
    ctl_end(&s);
}
END_TEST


START_TEST(jobs_are_submitted_watched_and_exported)
{
    char        first[64], second[64], page[128], other[128];
    gateway_t   g;
    ctl_said_t  s;

    ctl_begin(&s);
    gateway_start(&g, NULL);
    ctl_gateway(&g);

    ctl_file(&s, "rules.json", "{\"n\":\"count(//h1)\","
             "\"q\":{\"const\":\"a,\\\"b\\\"\"},"
             "\"l\":{\"const\":[1,\"x\"]},\"none\":\"//video\"}");
    (void) snprintf(page, sizeof(page), "%s/page/1", g.origin);
    (void) snprintf(other, sizeof(other), "%s/page/2", g.origin);

    ctl_run(&s, "submit", "rules.json", page, other, NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.err, "");
    ctl_id(&s, first, sizeof(first));
    (void) snprintf(second, sizeof(second), "%.63s", strchr(s.out, '\n') + 1);
    second[strcspn(second, "\n")] = '\0';
    ck_assert_str_ne(first, second);

    ctl_run(&s, "watch", first, second, NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "");
    ctl_has(s.err, first);
    ctl_has(s.err, " is completed\n");

    ctl_run(&s, "get", second, NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "\"kind\": \"extract\"");

    ctl_run(&s, "get", page, "--compact", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "\"data\":{\"n\":1,");

    ctl_run(&s, "export", first, second, NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "/page/1\"");
    ctl_has(strchr(s.out, '\n'), "/page/2\"");

    ctl_run(&s, "export", "--format", "json", first, second, NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_int_eq(strncmp(s.out, "[\n{", 3), 0);
    ctl_has(s.out, "},\n{");
    ctl_has(s.out, "}\n]\n");

    ctl_run(&s, "export", "--format", "csv", first, second, NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "n,q,l,none\r\n"
                     "1,\"a,\"\"b\"\"\",\"[1,\"\"x\"\"]\",\r\n"
                     "1,\"a,\"\"b\"\"\",\"[1,\"\"x\"\"]\",\r\n");

    gateway_stop(&g);
    ctl_end(&s);
}
END_TEST


START_TEST(lines_of_a_file_are_one_batch)
{
    char        urls[512], id[64], page[128];
    gateway_t   g;
    ctl_said_t  s;

    ctl_begin(&s);
    gateway_start(&g, NULL);
    ctl_gateway(&g);

    ctl_file(&s, "rules.json", "{\"n\":\"count(//h1)\"}");
    (void) snprintf(urls, sizeof(urls), "# pages\n\n%s/page/2\r\n"
                    "{\"url\":\"%s/page/3\",\"echo\":7}\n", g.origin,
                    g.origin);
    ctl_file(&s, "urls", urls);
    (void) snprintf(page, sizeof(page), "%s/page/1", g.origin);

    ctl_run(&s, "submit", "rules.json", page, "--file", "urls", NULL);
    ck_assert_str_eq(s.err, "");
    ck_assert_int_eq(s.status, 0);
    ctl_id(&s, id, sizeof(id));
    ck_assert_str_eq(strchr(s.out, '\n'), "\n");

    ctl_run(&s, "watch", id, NULL);
    ck_assert_int_eq(s.status, 0);

    ctl_run(&s, "export", id, NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "/page/1\"");
    ctl_has(s.out, "/page/2\"");
    ctl_has(s.out, "/page/3\"");
    ctl_has(s.out, "\"echo\":7");

    ctl_file(&s, "urls", "http://[x/\n");
    ctl_run(&s, "submit", "rules.json", page, "--file", "urls", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "/request/invalid");

    gateway_stop(&g);
    ctl_end(&s);
}
END_TEST


START_TEST(a_job_that_fails_is_a_failure_of_watch)
{
    char        id[64], page[128], both[256];
    gateway_t   g;
    ctl_said_t  s;

    ctl_begin(&s);
    gateway_start(&g, NULL);
    ctl_gateway(&g);
    ctl_file(&s, "rules.json", "{\"t\":\"//h1\"}");

    (void) snprintf(page, sizeof(page), "http://127.0.0.1:%u/",
                    process_port());
    ctl_run(&s, "submit", "rules.json", page, NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_id(&s, id, sizeof(id));

    ctl_run(&s, "watch", id, NULL);
    ck_assert_int_eq(s.status, 1);
    (void) snprintf(both, sizeof(both), "%s is failed: ", id);
    ctl_has(s.err, both);

    ctl_run(&s, "export", "--format=csv", id, NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "");
    ctl_has(s.err, "1 result without data left out");

    ctl_run(&s, "watch", "b1c0nothing", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "404");

    ctl_run(&s, "get", "../v1/status", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "is not the id of a job");

    ctl_run(&s, "submit", "rules.json", "http://[x/", page, NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "/request/invalid");
    ck_assert_str_ne(s.out, "");

    gateway_stop(&g);
    ctl_end(&s);
}
END_TEST


START_TEST(sql_reads_the_store_of_a_running_gateway)
{
    char            store[128];
    gateway_t       g;
    ctl_said_t      s;
    client_reply_t  r;

    ctl_begin(&s);
    gateway_start(&g, NULL);
    ctl_gateway(&g);

    r = gateway_extract(&g, "/page/7", "{\"t\":\"//h1\"}", "", NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    (void) snprintf(store, sizeof(store), "%s/scraped.db", g.dir);

    ctl_run(&s, "sql", "--store", store, "SELECT count(*) AS n FROM job",
            NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "n\n1\n");

    ck_assert_int_eq(setenv("SCRAPECTL_STORE", store, 1), 0);

    ctl_run(&s, "sql", "--csv", "SELECT 1 AS a, 'x,y' AS b, NULL AS c, "
            "x'00ff' AS d, '' AS e;", NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "a,b,c,d,e\r\n1,\"x,y\",,00ff,\"\"\r\n");

    ctl_run(&s, "sql", "--json", "SELECT 1.5 AS a, 'x' AS b, NULL AS c",
            NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "[\n{\"a\":1.5,\"b\":\"x\",\"c\":null}\n]\n");

    ctl_run(&s, "sql", "DELETE FROM job", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "the store is only read here");

    ctl_run(&s, "sql", "SELECT no_such FROM job", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "no such column: no_such");

    gateway_stop(&g);
    ctl_end(&s);
}
END_TEST


START_TEST(rule_sets_are_put_listed_used_and_deleted)
{
    char        page[128];
    gateway_t   g;
    ctl_said_t  s;

    ctl_begin(&s);
    gateway_start(&g, NULL);
    ctl_gateway(&g);
    ctl_file(&s, "rules.json", "{\"n\":\"count(//h1)\"}");
    ctl_file(&s, "wrong.json", "{\"n\":\"//h1[\"}");

    ctl_run(&s, "rulesets", "put", "product", "rules.json", "--compact", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "{\"name\":\"product\",\"version\":1,");

    ctl_run(&s, "rulesets", "put", "product", "wrong.json", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "wrong.json:/n: ");

    ctl_run(&s, "rulesets", "list", "--compact", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "[{\"name\":\"product\",\"version\":1,");

    ctl_run(&s, "rulesets", "get", "product@1", "--compact", NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "{\"fields\":{\"n\":\"count(//h1)\"}}\n");

    (void) snprintf(page, sizeof(page), "%s/page/7", g.origin);
    ctl_run(&s, "extract", "@product", page, "--compact", NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "{\"n\":1}\n");

    ctl_run(&s, "rulesets", "delete", "product", NULL);
    ck_assert_int_eq(s.status, 0);
    ck_assert_str_eq(s.out, "");

    ctl_run(&s, "rulesets", "get", "product", NULL);
    ck_assert_int_eq(s.status, 1);
    ctl_has(s.err, "/ruleset/unknown");

    gateway_stop(&g);
    ctl_end(&s);
}
END_TEST


/* Every command and option of --help is in the manuals and completions. */
START_TEST(what_help_lists_is_documented_and_completed)
{
    char        *words, *word, *next;
    size_t       i, n;
    ctl_said_t   s;

    static const char *const  files[] = {
        "docs/scrapectl.md", "docs/man/scrapectl.1",
        "conf/completion/scrapectl.bash", "conf/completion/_scrapectl"
    };

    ctl_begin(&s);
    words = ctl_words(&s);
    n = 0;

    for (word = words; *word != '\0'; word = next) {
        next = word + strcspn(word, "\n");
        next += (*next != '\0');
        next[-1] = '\0';

        for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
            ctl_named(files[i], word, i == 1);
        }

        n++;
    }

    ck_assert_uint_ge(n, 8 + 18);

    free(words);
    ctl_end(&s);
}
END_TEST


START_TEST(help_and_version_are_told_whatever_else_is_wrong)
{
    ctl_said_t  s;

    ctl_begin(&s);

    ctl_run(&s, "--version", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "scrapectl ");

    ctl_run(&s, "check", "--frob", "--help", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "usage: scrapectl check [OPTIONS] RULES\n");
    ctl_has(s.out, "--canonical");
    ck_assert_ptr_null(strstr(s.out, "--csv"));

    ctl_run(&s, "-h", NULL);
    ck_assert_int_eq(s.status, 0);
    ctl_has(s.out, "usage: scrapectl COMMAND");

    ctl_end(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        check_tells_the_fields_and_the_hash_of_a_set,
        check_tells_where_a_set_is_wrong,
        a_file_is_extracted_without_a_gateway,
        the_type_of_a_file_says_how_it_is_read,
        explain_shows_what_was_tried_and_what_won,
        a_strict_set_without_a_value_fails_and_shows_the_rest,
        a_page_cannot_steer_the_terminal,
        a_wrong_command_line_is_told_and_does_nothing,
        without_a_gateway_the_status_says_so,
        a_url_is_extracted_by_the_gateway_as_a_file_is_here,
        a_page_that_takes_longer_than_the_gateway_waits_is_waited_for,
        jobs_are_submitted_watched_and_exported,
        lines_of_a_file_are_one_batch,
        a_job_that_fails_is_a_failure_of_watch,
        sql_reads_the_store_of_a_running_gateway,
        rule_sets_are_put_listed_used_and_deleted,
        what_help_lists_is_documented_and_completed,
        help_and_version_are_told_whatever_else_is_wrong,
        NULL
    };

    return suite_run("scrapectl", tests, CTL_TIMEOUT);
}


/* roff writes '-' as "\-". */
static void
ctl_named(const char *file, const char *name, int escaped)
{
    char    word[64], *text;
    size_t  n;

    for (n = 0; *name != '\0' && n < sizeof(word) - 3; name++) {

        if (*name == '-' && escaped) {
            word[n++] = '\\';
        }

        word[n++] = *name;
    }

    word[n] = '\0';

    text = process_read(file);

    if (strstr(text, word) == NULL) {
        ck_abort_msg("%s lacks \"%s\"", file, word);
    }

    free(text);
}


/* Commands, and options with their dashes, of --help, one a line. */
static char *
ctl_words(ctl_said_t *s)
{
    int      commands;
    char    *words, *line, *p;
    size_t   len, n;

    ctl_run(s, "--help", NULL);
    ck_assert_int_eq(s->status, 0);

    words = calloc(1, strlen(s->out) + 2);
    ck_assert_ptr_nonnull(words);

    n = 0;
    commands = 0;

    for (line = strtok_r(s->out, "\n", &p); line != NULL;
         line = strtok_r(NULL, "\n", &p))
    {
        if (line[0] != ' ') {
            commands = strcmp(line, "commands:") == 0;
            continue;
        }

        if (!commands) {
            line = strstr(line, "--");
        }

        if (line == NULL || (commands && line[2] == ' ')) {
            continue;
        }

        line += commands ? 2 : 0;
        len = strcspn(line, " ");
        memcpy(words + n, line, len);
        words[n + len] = '\n';
        n += len + 1;
    }

    return words;
}
