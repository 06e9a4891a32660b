
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/hostile/hostile.h"
#include "tests/support/proof.h"


#define HOSTILE_TOLD     10         /* failures that are told */
#define HOSTILE_ROUND    10         /* seconds of a wait for the job */


static void hostile_body(gateway_t *g, const char *defaults,
    const hostile_page_t *pages, const size_t *lines, size_t n,
    sc_buf_t *body);
static void hostile_settle(gateway_t *g, const char *job, size_t n,
    unsigned seconds);
static size_t hostile_compare(const char *text, const hostile_page_t *pages,
    const size_t *lines, size_t n);
static int hostile_right(const json_t *item, const hostile_page_t *page);
static const char *hostile_string(const json_t *item, const char *object,
    const char *name);


size_t
hostile_batch(gateway_t *g, const char *defaults, const hostile_page_t *pages,
    const size_t *lines, size_t n, unsigned seconds)
{
    char            job[128], path[160];
    size_t          failures;
    sc_buf_t        body;
    client_reply_t  r;

    hostile_body(g, defaults, pages, lines, n, &body);
    r = gateway_request(g, "POST", "/v1/batch",
                        "Content-Type: application/x-ndjson\n"
                        "Prefer: respond-async", body.data);
    ck_assert_msg(r.status == 202, "%ld %.500s", r.status, r.body);
    (void) snprintf(job, sizeof(job), "%.100s", client_header(&r, "Location"));
    client_free(&r);
    sc_buf_free(&body);

    hostile_settle(g, job, n, seconds);

    (void) snprintf(path, sizeof(path), "%s/results", job);
    r = gateway_request(g, "GET", path, "Accept: application/x-ndjson", NULL);
    ck_assert_int_eq(r.status, 200);
    failures = hostile_compare(r.body, pages, lines, n);
    client_free(&r);

    return failures;
}


static void
hostile_body(gateway_t *g, const char *defaults, const hostile_page_t *pages,
    const size_t *lines, size_t n, sc_buf_t *body)
{
    char                   line[1024];
    size_t                 i;
    const hostile_page_t  *p;

    sc_buf_init(body, 0);
    ck_assert_int_eq(sc_buf_add(body, defaults, strlen(defaults)), SC_OK);

    for (i = 0; i < n; i++) {
        p = &pages[lines[i]];
        (void) snprintf(line, sizeof(line), "\n{\"url\":\"%s%s\",\"echo\":%zu"
                        "%s}", p->url[0] == '/' ? g->origin : "", p->url, i,
                        p->more);
        ck_assert_int_eq(sc_buf_add(body, line, strlen(line)), SC_OK);
    }

    ck_assert_int_eq(sc_buf_add(body, "", 1), SC_OK);
}


static void
hostile_settle(gateway_t *g, const char *job, size_t n, unsigned seconds)
{
    int             running;
    char            wait[32];
    size_t          ended;
    unsigned        i;
    client_reply_t  r;

    (void) snprintf(wait, sizeof(wait), "Prefer: wait=%d", HOSTILE_ROUND);
    ended = 0;
    running = 1;

    for (i = 0; i < seconds && running; i += HOSTILE_ROUND) {
        r = gateway_request(g, "GET", job, wait, NULL);
        ck_assert_int_eq(r.status, 200);
        ended = (size_t) (json_integer_value(client_get(&r, "stats.completed"))
                          + json_integer_value(client_get(&r,
                                                          "stats.failed")));
        running = strcmp(client_str(&r, "state"), "running") == 0
                  || strcmp(client_str(&r, "state"), "queued") == 0;
        client_free(&r);
    }

    ck_assert_msg(!running && ended == n, "%zu of %zu have ended in %u s",
                  ended, n, seconds);
}


/* Lines without an item count as failures, and so do those with two. */
static size_t
hostile_compare(const char *text, const hostile_page_t *pages,
    const size_t *lines, size_t n)
{
    char    *seen;
    json_t  *item;
    size_t   len, line, failures, told;

    seen = calloc(1, n);
    ck_assert_ptr_nonnull(seen);
    failures = n;
    told = 0;

    for ( /* void */ ; *text != '\0'; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        item = json_loadb(text, len, 0, NULL);
        ck_assert_msg(item != NULL, "%.*s", (int) len, text);
        line = (size_t) json_integer_value(json_object_get(item, "echo"));
        ck_assert_uint_lt(line, n);

        if (!seen[line] && hostile_right(item, &pages[lines[line]])) {
            failures--;

        } else if (told++ < HOSTILE_TOLD) {
            (void) fprintf(stderr, "%s: %.*s\n", pages[lines[line]].url,
                           (int) (len < 2000 ? len : 2000), text);
        }

        seen[line] = 1;
        json_decref(item);
    }

    free(seen);

    return failures;
}


static int
hostile_right(const json_t *item, const hostile_page_t *page)
{
    const json_t  *fetch;

    if (page->type != NULL) {
        return strcmp(hostile_string(item, "error", "type"), page->type) == 0
               && json_object_get(item, "data") == NULL;
    }

    fetch = json_object_get(item, "fetch");

    return json_object_get(item, "error") == NULL
           && (page->title == NULL
               || strcmp(hostile_string(item, "data", "title"), page->title)
                  == 0)
           && (page->status == 0
               || json_integer_value(json_object_get(fetch, "status"))
                  == page->status);
}


static const char *
hostile_string(const json_t *item, const char *object, const char *name)
{
    const char  *s;

    s = json_string_value(json_object_get(json_object_get(item, object),
                                          name));

    return s != NULL ? s : "";
}


size_t *
hostile_shuffle(size_t bad, size_t times, size_t good, size_t *n)
{
    size_t  i, j, kept;
    size_t  *row;

    *n = bad * times + good;
    row = malloc(*n * sizeof(size_t));
    ck_assert_ptr_nonnull(row);

    for (i = 0; i < *n; i++) {
        row[i] = i < bad * times ? i % bad : bad + i - bad * times;
    }

    for (i = *n; i > 1; i--) {
        j = proof_random(i);
        kept = row[j];
        row[j] = row[i - 1];
        row[i - 1] = kept;
    }

    return row;
}


long
hostile_memory(pid_t pid, const char *name)
{
    char    line[256];
    FILE   *f;
    long    kib;
    size_t  len;

    (void) snprintf(line, sizeof(line), "/proc/%ld/status", (long) pid);
    f = fopen(line, "r");
    ck_assert_ptr_nonnull(f);
    len = strlen(name);
    kib = -1;

    while (kib == -1 && fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, name, len) == 0 && line[len] == ':') {
            kib = strtol(line + len + 1, NULL, 10);
        }
    }

    (void) fclose(f);
    ck_assert_int_ne(kib, -1);

    return kib;
}


double
hostile_metric(gateway_t *g, const char *name)
{
    char             line[128];
    double           value;
    const char      *p;
    client_reply_t   r;

    r = gateway_request(g, "GET", "/metrics?format=prometheus",
                        NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    (void) snprintf(line, sizeof(line), "\n%s ", name);
    p = strstr(r.body, line);
    value = p != NULL ? strtod(p + strlen(line), NULL) : 0;
    client_free(&r);

    return value;
}
