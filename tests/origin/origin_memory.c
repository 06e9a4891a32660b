
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/origin/origin.h"


#define ORIGIN_MODIFIED     "Sat, 01 Jun 2024 12:00:00 GMT"
#define ORIGIN_MAX_KEYS     10000


/* What /robots.txt answers; text NULL: what it did from the start. */
typedef struct {
    int      status;
    char    *text;
    size_t   len;
} origin_robots_t;


static int origin_fail(const origin_request_t *r, const char *fields);
static int origin_fails(const origin_request_t *r, int *fails);
static int origin_unchanged(const origin_request_t *r, const char *etag);


static pthread_mutex_t   origin_memory_lock = PTHREAD_MUTEX_INITIALIZER;
static json_t           *origin_failed;
static origin_robots_t   origin_robots_now;


int
origin_flaky(const origin_request_t *r)
{
    return origin_fail(r, "");
}


int
origin_retry_after(const origin_request_t *r)
{
    char  value[128], fields[160];

    if (!origin_param(r, "value", value, sizeof(value))) {
        value[0] = '1';
        value[1] = '\0';
    }

    (void) snprintf(fields, sizeof(fields), "Retry-After: %s\r\n", value);

    return origin_fail(r, fields);
}


static int
origin_fail(const origin_request_t *r, const char *fields)
{
    int   fails;
    long  status;

    if (!origin_fails(r, &fails)) {
        return origin_reply_page(r, 400, "", "Under which key?");
    }

    if (!fails) {
        return origin_reply_page(r, 200, "", "At last");
    }

    status = origin_number(r, "status", 503);

    if (status == 0) {
        return origin_reset_early(r);
    }

    return origin_reply_page(r, (int) status, fields, "Not yet");
}


/* Whether it is this request's turn to fail; nonzero when it has a key. */
static int
origin_fails(const origin_request_t *r, int *fails)
{
    int         known;
    char        key[256];
    json_int_t  n;

    if (!origin_param(r, "key", key, sizeof(key))) {
        return 0;
    }

    (void) pthread_mutex_lock(&origin_memory_lock);

    if (origin_failed == NULL) {
        origin_failed = json_object();
    }

    n = json_integer_value(json_object_get(origin_failed, key));
    *fails = n < origin_number(r, "fail", 1);
    known = n > 0 || json_object_size(origin_failed) < ORIGIN_MAX_KEYS;

    if (*fails && known) {
        (void) json_object_set_new(origin_failed, key, json_integer(n + 1));
    }

    (void) pthread_mutex_unlock(&origin_memory_lock);

    return 1;
}


int
origin_robots(const origin_request_t *r)
{
    int                keep;
    origin_robots_t    now;
    static const char  text[] = "User-agent: *\nDisallow: /private\n";

    now.status = 200;
    now.len = sizeof(text) - 1;

    (void) pthread_mutex_lock(&origin_memory_lock);

    if (origin_robots_now.text != NULL) {
        now = origin_robots_now;
        now.text = malloc(now.len + 1);

        if (now.text != NULL) {
            memcpy(now.text, origin_robots_now.text, now.len);
        }

    } else {
        now.text = strdup(text);
    }

    (void) pthread_mutex_unlock(&origin_memory_lock);

    if (now.text == NULL) {
        return 0;
    }

    keep = now.status == 0
           ? origin_reset_early(r)
           : origin_reply(r, now.status, "Content-Type: text/plain\r\n",
                          now.text, now.len);
    free(now.text);

    return keep;
}


int
origin_robots_set(const origin_request_t *r)
{
    origin_robots_t  now;

    if (strcmp(r->method, "PUT") != 0 && strcmp(r->method, "POST") != 0) {
        return origin_reply_page(r, 405, "Allow: PUT, POST\r\n",
                                 "PUT or POST it");
    }

    now.status = (int) origin_number(r, "status", 200);
    now.len = r->body_len;
    now.text = malloc(now.len + 1);

    if (now.text == NULL) {
        return 0;
    }

    memcpy(now.text, r->body, now.len);

    (void) pthread_mutex_lock(&origin_memory_lock);
    free(origin_robots_now.text);
    origin_robots_now = now;
    (void) pthread_mutex_unlock(&origin_memory_lock);

    return origin_reply_page(r, 200, "", "Set");
}


int
origin_validate(const origin_request_t *r)
{
    int   status;
    char  etag[256], fields[512], hit[256];

    if (!origin_param(r, "etag", etag, sizeof(etag))) {
        return origin_reply_page(r, 400, "", "Which tag?");
    }

    status = origin_unchanged(r, etag) ? 304 : 200;
    (void) snprintf(hit, sizeof(hit), "%.200s %d", r->path, status);
    origin_hit(hit);
    (void) snprintf(fields, sizeof(fields),
                    "ETag: %s\r\nLast-Modified: " ORIGIN_MODIFIED "\r\n",
                    etag);

    return origin_reply_page(r, status, fields, "To be validated");
}


/* RFC 9110, 13.2.2: the date counts only when there is no tag. */
static int
origin_unchanged(const origin_request_t *r, const char *etag)
{
    char  value[512];

    if (origin_field(r, "If-None-Match", value, sizeof(value))) {
        return strcmp(value, "*") == 0 || strstr(value, etag) != NULL;
    }

    return origin_field(r, "If-Modified-Since", value, sizeof(value))
           && strcmp(value, ORIGIN_MODIFIED) == 0;
}
