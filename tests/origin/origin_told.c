
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/origin/origin.h"


#define ORIGIN_MAX_FIELD    8192


static void origin_tell(FILE *out, const origin_request_t *r, const char *id,
    const char *field);
static int origin_reply_made(const origin_request_t *r, FILE *out,
    char **body, size_t *len);


int
origin_method(const origin_request_t *r)
{
    char    *body;
    FILE    *out;
    size_t   len;

    out = open_memstream(&body, &len);

    if (out == NULL) {
        return 0;
    }

    (void) fprintf(out, "<!doctype html>\n<html><head>"
                   "<meta charset=\"utf-8\"><title>Method</title></head>\n"
                   "<body>\n<h1>");
    origin_escape(out, r->method, strlen(r->method));
    (void) fprintf(out, "</h1>\n<pre id=\"body\">");
    origin_escape(out, r->body, r->body_len);
    (void) fprintf(out, "</pre>\n");

    origin_tell(out, r, "type", "Content-Type");
    origin_tell(out, r, "cookie", "Cookie");
    origin_tell(out, r, "auth", "Authorization");
    origin_tell(out, r, "agent", "User-Agent");
    (void) fprintf(out, "</body></html>\n");

    return origin_reply_made(r, out, &body, &len);
}


/* A paragraph with a request field's value. */
static void
origin_tell(FILE *out, const origin_request_t *r, const char *id,
    const char *field)
{
    char  value[ORIGIN_MAX_FIELD];

    (void) fprintf(out, "<p id=\"%s\">", id);

    if (origin_field(r, field, value, sizeof(value))) {
        origin_escape(out, value, strlen(value));
    }

    (void) fprintf(out, "</p>\n");
}


/* Close what open_memstream() opened and send it as a page. */
static int
origin_reply_made(const origin_request_t *r, FILE *out, char **body,
    size_t *len)
{
    int  keep;

    keep = 0;

    if (fclose(out) == 0) {
        keep = origin_reply(r, 200,
                            "Content-Type: text/html; charset=utf-8\r\n",
                            *body, *len);
    }

    free(*body);

    return keep;
}


int
origin_set_cookie(const origin_request_t *r)
{
    int   status;
    char  name[256], value[4096], to[2048];
    char  fields[sizeof(name) + sizeof(value) + sizeof(to) + 64];

    if (!origin_param(r, "name", name, sizeof(name))
        || !origin_param(r, "value", value, sizeof(value)))
    {
        return origin_reply_page(r, 400, "", "Which cookie?");
    }

    if (!origin_param_rest(r, "to", to, sizeof(to))) {
        (void) snprintf(fields, sizeof(fields),
                        "Set-Cookie: %s=%s; Path=/\r\n", name, value);
        return origin_reply_page(r, 200, fields, "A cookie");
    }

    status = (int) origin_number(r, "status", 302);
    (void) snprintf(fields, sizeof(fields),
                    "Set-Cookie: %s=%s; Path=/\r\nLocation: %s\r\n", name,
                    value, to);

    return origin_reply_page(r, status, fields, "A cookie for elsewhere");
}


int
origin_show_cookie(const origin_request_t *r)
{
    char     value[ORIGIN_MAX_FIELD];
    char    *body;
    FILE    *out;
    size_t   len;

    out = open_memstream(&body, &len);

    if (out == NULL) {
        return 0;
    }

    if (!origin_field(r, "Cookie", value, sizeof(value))) {
        value[0] = '\0';
    }

    (void) fprintf(out, "<!doctype html>\n<html><head>"
                   "<title>Cookies</title></head>\n<body>\n<h1>");
    origin_escape(out, value, strlen(value));
    (void) fprintf(out, "</h1>\n</body></html>\n");

    return origin_reply_made(r, out, &body, &len);
}


int
origin_refresh(const origin_request_t *r)
{
    char     to[2048];
    char    *body;
    FILE    *out;
    size_t   len;

    if (!origin_param_rest(r, "to", to, sizeof(to))) {
        return origin_reply_page(r, 400, "", "Refresh to where?");
    }

    out = open_memstream(&body, &len);

    if (out == NULL) {
        return 0;
    }

    (void) fprintf(out, "<!doctype html>\n<html><head>"
                   "<meta http-equiv=\"refresh\" content=\"%ld;url=",
                   origin_number(r, "delay", 0));
    origin_escape(out, to, strlen(to));
    (void) fprintf(out, "\"><title>Refresh</title></head>\n<body>\n"
                   "<h1>Elsewhere in a moment</h1>\n</body></html>\n");

    return origin_reply_made(r, out, &body, &len);
}
