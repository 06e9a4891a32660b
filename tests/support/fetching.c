
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "tests/support/fetching.h"
#include "tests/support/process.h"


static int64_t fetching_clock(void);


void
fetching_begin(fetching_t *f, const char *server, const char *allow,
    long max_connections)
{
    char  err[256], line[32], program[256];

    memset(f, 0, sizeof(fetching_t));

    (void) snprintf(program, sizeof(program), "%s/tests/origin/origin",
                    process_build());
    f->pid = process_start_line((char *[]) { program, "0", NULL },
                                "/dev/null", line, sizeof(line));
    f->port = (unsigned) strtoul(line, NULL, 10);
    (void) snprintf(f->origin, sizeof(f->origin), "http://127.0.0.1:%u",
                    f->port);

    f->loop = loop_create();
    ck_assert_ptr_nonnull(f->loop);
    f->resolve = resolve_create(f->loop, server, err, sizeof(err));
    ck_assert_msg(f->resolve != NULL, "%s", err);
    f->policy = policy_create(allow, err, sizeof(err));
    ck_assert_msg(f->policy != NULL, "%s", err);
    f->fetcher = fetcher_create(f->loop, f->resolve, f->policy, "tester/1",
                                max_connections);
    ck_assert_ptr_nonnull(f->fetcher);
}


void
fetching_end(fetching_t *f)
{
    fetcher_destroy(f->fetcher);
    policy_destroy(f->policy);
    resolve_destroy(f->resolve);
    loop_destroy(f->loop);
    (void) process_stop(f->pid, SIGKILL);
}


fetch_request_t
fetching_request(void)
{
    fetch_request_t  request;

    memset(&request, 0, sizeof(fetch_request_t));
    request.method = "GET";
    request.connect_timeout = 10 * LOOP_SEC;
    request.total_timeout = 20 * LOOP_SEC;
    request.max_body = 10000;

    return request;
}


fetch_t *
fetching_start(fetching_t *f, const char *url, const fetch_request_t *request,
    fetching_answer_t *answer)
{
    return fetching_start_with(f, url, request, answer, fetching_done);
}


fetch_t *
fetching_start_with(fetching_t *f, const char *url,
    const fetch_request_t *request, fetching_answer_t *answer, fetch_pt done)
{
    char              err[256], text[1024];
    url_t             u;
    fetch_t          *fetch;
    fetch_request_t   r;

    (void) snprintf(text, sizeof(text), "%s%s",
                    url[0] == '/' ? f->origin : "", url);
    ck_assert_msg(url_parse(&u, text, strlen(text), err, sizeof(err))
                  == SC_OK, "%s: %s", text, err);

    r = request != NULL ? *request : fetching_request();
    r.url = &u;

    memset(answer, 0, sizeof(fetching_answer_t));
    answer->fetching = f;
    answer->begun = fetching_clock();

    fetch = fetch_start(f->fetcher, &r, done, answer);
    ck_assert_ptr_nonnull(fetch);
    ck_assert_uint_eq(answer->calls, 0);

    /* all of the request was copied */
    memset(u.text, 'x', u.len);
    url_free(&u);

    return fetch;
}


void
fetching_done(void *data, fetch_result_t *result)
{
    fetching_answer_t  *a = data;

    a->calls++;
    a->elapsed = (double) (fetching_clock() - a->begun) / (double) LOOP_MS;
    a->result = *result;
    memset(&result->body, 0, sizeof(sc_buf_t));

    (void) snprintf(a->http, sizeof(a->http), "%s", result->http);
    (void) snprintf(a->content_type, sizeof(a->content_type), "%s",
                    result->content_type);
    (void) snprintf(a->location, sizeof(a->location), "%s", result->location);
    (void) snprintf(a->etag, sizeof(a->etag), "%s", result->etag);

    a->result.http = a->http;
    a->result.content_type = a->content_type;
    a->result.location = a->location;
    a->result.etag = a->etag;

    if (a->fetching->left > 0 && --a->fetching->left == 0) {
        loop_stop(a->fetching->loop);
    }
}


void
fetching_run(fetching_t *f, size_t answers)
{
    f->left = answers;
    ck_assert_int_eq(loop_run(f->loop), SC_OK);
    ck_assert_uint_eq(f->left, 0);
}


void
fetching_get(fetching_t *f, const char *url, const fetch_request_t *request,
    fetching_answer_t *answer)
{
    (void) fetching_start(f, url, request, answer);
    fetching_run(f, 1);
    ck_assert_uint_eq(answer->calls, 1);
}


void
fetching_free(fetching_answer_t *answer)
{
    sc_buf_free(&answer->result.body);
}


size_t
fetching_descriptors(void)
{
    DIR     *dir;
    size_t   n;

    dir = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(dir);

    for (n = 0; readdir(dir) != NULL; n++) {
        /* void */
    }

    (void) closedir(dir);

    /* less ".", ".." and that of dir */
    return n - 3;
}


static int64_t
fetching_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * LOOP_SEC + ts.tv_nsec;
}
