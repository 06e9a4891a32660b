
/*
 * The limit of an extract: the page parsed and the rules evaluated, without
 * network, process, store or nginx.  Prints microseconds of CPU a page.
 *
 * usage: floor PAGE ROUNDS
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/sc_buf.h"
#include "sidecar/page/arena.h"
#include "sidecar/extract/extract.h"


static const char  floor_rules[] =
    "{\"title\":\"//h1[@itemprop='name']\","
    "\"price\":\"string(//span[@itemprop='price'])\","
    "\"breadcrumbs\":[\"//nav[@class='breadcrumb']//li/a\"],"
    "\"images\":[\"//div[@id='gallery']//img/@src\"],"
    "\"rating\":\"string(//div[contains(@class,'rating')]/@data-rating)\","
    "\"specs\":{\"each\":\"//table[@id='specs']//tr\","
    "\"fields\":{\"name\":\"./th\",\"value\":\"./td\"}}}";


static int floor_read(const char *path, sc_buf_t *body);
static double floor_cpu(void);


int
main(int argc, char **argv)
{
    long               i, rounds;
    sc_buf_t           body;
    double             begun;
    sc_rules_t        *rules;
    extract_page_t     page;
    sc_rules_error_t   err;

    if (argc != 3) {
        (void) fprintf(stderr, "usage: floor PAGE ROUNDS\n");
        return 2;
    }

    if (arena_init((size_t) 256 << 20) != SC_OK) {
        (void) fprintf(stderr, "memory is out\n");
        return 1;
    }

    sc_buf_init(&body, 0);
    rounds = strtol(argv[2], NULL, 10);
    rules = sc_rules_parse_text(floor_rules, sizeof(floor_rules) - 1, &err);

    if (rules == NULL || floor_read(argv[1], &body) != 0) {
        (void) fprintf(stderr, "could not set up with \"%s\"\n", argv[1]);
        return 1;
    }

    begun = 0;

    for (i = -10; i < rounds; i++) {
        if (i == 0) {
            begun = floor_cpu();
        }

        memset(&page, 0, sizeof(page));
        extract_page_init(&page);
        page.url = "http://127.0.0.1/";
        page.content_type = "text/html; charset=utf-8";
        page.body.data = body.data;
        page.body.len = body.len;

        arena_begin();

        if (extract_page(rules, &page) != SC_OK) {
            (void) fprintf(stderr, "%s\n", page.detail);
            return 1;
        }

        arena_end();
        extract_page_free(&page);
    }

    (void) printf("%.1f\n", (floor_cpu() - begun) * 1e6 / (double) rounds);

    sc_rules_free(rules);
    sc_buf_free(&body);

    return 0;
}


static int
floor_read(const char *path, sc_buf_t *body)
{
    char    part[4096];
    FILE   *f;
    size_t  n;

    f = fopen(path, "r");
    if (f == NULL) {
        return -1;
    }

    while ((n = fread(part, 1, sizeof(part), f)) > 0) {
        (void) sc_buf_add(body, part, n);
    }

    (void) fclose(f);

    return body->failed || body->len == 0 ? -1 : 0;
}


/* Seconds of CPU this process has used. */
static double
floor_cpu(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}
