
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>
#include <zlib.h>

#include "tests/origin/origin.h"


#define ORIGIN_MAX_BIG    (256L * 1024 * 1024)


/* A charset's beginning, and what a page in it says. */
typedef struct {
    const char  *prefix;
    const char  *text;
} origin_text_t;


static char *origin_html(size_t len);
static json_t *origin_echo_fields(const origin_request_t *r);


static const origin_text_t  origin_texts[] = {
    { "koi8", "Цена: 10 рублей" },
    { "windows-1251", "Цена: 10 рублей" },
    { "iso-8859-5", "Цена: 10 рублей" },
    { "shift_jis", "価格は10円" },
    { "euc-jp", "価格は10円" },
    { "iso-2022-jp", "価格は10円" },
    { "gb", "价格十元" },
    { "big5", "價格十元" },
    { "euc-kr", "가격은 10원" },
    { "", "Größe: 10 für Café" }
};


int
origin_page(const origin_request_t *r)
{
    int   len;
    char  body[2048];
    long  n;

    n = origin_parse(r->rest, 1);

    len = snprintf(body, sizeof(body),
                   "<!doctype html>\n<html lang=\"en\">\n<head>"
                   "<meta charset=\"utf-8\"><title>Product %ld</title></head>"
                   "\n<body>\n<h1>Product %ld</h1>\n"
                   "<p class=\"price\">%ld.90</p>\n<ul>\n"
                   "<li><a href=\"/page/%ld\">Next</a></li>\n"
                   "<li><a href=\"%ld?a=1&amp;b=2\">After that</a></li>\n"
                   "<li><a href=\"#top\">Top</a></li>\n</ul>\n"
                   "</body>\n</html>\n",
                   n, n, n, n + 1, n + 2);

    return origin_reply(r, 200, "Content-Type: text/html; charset=utf-8\r\n",
                        body, (size_t) len);
}


int
origin_status(const origin_request_t *r)
{
    char  title[64];
    long  status;

    status = origin_parse(r->rest, 200);
    (void) snprintf(title, sizeof(title), "Status %ld", status);

    return origin_reply_page(r, (int) status, "", title);
}


int
origin_redirect(const origin_request_t *r)
{
    char  to[1024], fields[1100];

    if (!origin_param(r, "to", to, sizeof(to))) {
        return origin_reply_page(r, 400, "", "Redirect to where?");
    }

    (void) snprintf(fields, sizeof(fields), "Location: %s\r\n", to);

    return origin_reply_page(r, (int) origin_number(r, "status", 302), fields,
                             "Elsewhere");
}


int
origin_redirect_loop(const origin_request_t *r)
{
    return origin_reply_page(r, 302, "Location: /redirect-loop\r\n"
                             "Set-Cookie: again=1\r\n", "Here");
}


int
origin_redirect_chain(const origin_request_t *r)
{
    char  fields[64];
    long  n;

    n = origin_parse(r->rest, 0);

    if (n == 0) {
        return origin_reply_page(r, 200, "", "End of the chain");
    }

    (void) snprintf(fields, sizeof(fields),
                    "Location: /redirect-chain/%ld\r\n", n - 1);

    return origin_reply_page(r, 302, fields, "Elsewhere");
}


int
origin_big(const origin_request_t *r)
{
    int    keep;
    char  *body;
    long   n;

    n = origin_number(r, "bytes", 30000);
    body = n <= ORIGIN_MAX_BIG ? origin_html((size_t) n) : NULL;

    if (body == NULL) {
        return origin_reply_page(r, 400, "", "Too big");
    }

    keep = origin_reply(r, 200, "Content-Type: text/html\r\n", body,
                        (size_t) n);
    free(body);

    return keep;
}


int
origin_gzip(const origin_request_t *r)
{
    int        keep;
    char      *body, *out;
    long       n;
    size_t     size;
    z_stream   z;

    n = origin_number(r, "bytes", 30000);
    body = n <= ORIGIN_MAX_BIG ? origin_html((size_t) n) : NULL;

    if (body == NULL) {
        return origin_reply_page(r, 400, "", "Too big");
    }

    memset(&z, 0, sizeof(z_stream));
    keep = 0;
    size = (size_t) n + 1024;
    out = malloc(size);

    /* 16 more than the window's size: gzip, not zlib */
    if (out != NULL
        && deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY)
           == Z_OK)
    {
        z.next_in = (unsigned char *) body;
        z.avail_in = (unsigned) n;
        z.next_out = (unsigned char *) out;
        z.avail_out = (unsigned) size;
        (void) deflate(&z, Z_FINISH);
        keep = origin_reply(r, 200, "Content-Type: text/html\r\n"
                            "Content-Encoding: gzip\r\n", out, z.total_out);
        (void) deflateEnd(&z);
    }

    free(out);
    free(body);

    return keep;
}


/* A page of exactly len bytes: paragraphs, or their beginning. */
static char *
origin_html(size_t len)
{
    char               *body;
    size_t              i, n, tail;
    static const char   head[] = "<!doctype html>\n<html><head>"
                                 "<title>Big</title></head>\n<body>\n"
                                 "<h1>Big</h1>\n";
    static const char   part[] = "<p>A line of a page that is large.</p>\n";
    static const char   end[] = "</body></html>\n";

    body = malloc(len + 1);
    if (body == NULL) {
        return NULL;
    }

    for (i = 0; i < len; i++) {
        body[i] = i < sizeof(head) - 1
                  ? head[i] : part[(i - sizeof(head) + 1)
                                   % (sizeof(part) - 1)];
    }

    tail = sizeof(end) - 1;

    if (len > sizeof(head) + tail) {
        n = (len - tail - sizeof(head) + 1) % (sizeof(part) - 1);
        memset(body + len - tail - n, ' ', n);
        memcpy(body + len - tail, end, tail);
    }

    return body;
}


int
origin_echo(const origin_request_t *r)
{
    int      keep;
    char    *text;
    json_t  *json;

    json = json_pack("{s:s, s:s, s:s, s:o}", "method", r->method,
                     "path", r->path, "query", r->query,
                     "headers", origin_echo_fields(r));
    text = json_dumps(json, JSON_COMPACT);
    json_decref(json);

    if (text == NULL) {
        return 0;
    }

    keep = origin_reply(r, 200, "Content-Type: application/json\r\n", text,
                        strlen(text));
    free(text);

    return keep;
}


/* An object; the last of several fields of a name counts. */
static json_t *
origin_echo_fields(const origin_request_t *r)
{
    char         name[256], value[8192];
    json_t      *json;
    size_t       n;
    const char  *line, *end;

    json = json_object();

    for (line = r->fields; *line != '\0'; line = end + 2) {
        end = strstr(line, "\r\n");
        n = strcspn(line, ":\r");

        if (end == NULL || line[n] != ':' || n >= sizeof(name)) {
            break;
        }

        memcpy(name, line, n);
        name[n] = '\0';
        (void) origin_field(r, name, value, sizeof(value));
        (void) json_object_set_new(json, name, json_string(value));
    }

    return json;
}


int
origin_charset(const origin_request_t *r)
{
    char                  utf8[512], body[2048], fields[128];
    char                 *in, *out;
    size_t                left, room;
    iconv_t               cd;
    const origin_text_t  *t;

    cd = iconv_open(r->rest, "UTF-8");

    if (cd == (iconv_t) -1) {
        return origin_reply_page(r, 404, "", "No such charset");
    }

    t = origin_texts;

    while (strncasecmp(r->rest, t->prefix, strlen(t->prefix)) != 0) {
        t++;
    }

    (void) snprintf(utf8, sizeof(utf8), "<!doctype html>\n<html><head>"
                    "<title>Charset</title></head>\n<body>\n<h1>%s</h1>\n"
                    "</body></html>\n", t->text);
    (void) snprintf(fields, sizeof(fields),
                    "Content-Type: text/html; charset=%.64s\r\n", r->rest);

    in = utf8;
    left = strlen(utf8);
    out = body;
    room = sizeof(body);
    (void) iconv(cd, &in, &left, &out, &room);
    (void) iconv(cd, NULL, NULL, &out, &room);
    (void) iconv_close(cd);

    return origin_reply(r, 200, fields, body, sizeof(body) - room);
}


int
origin_etag(const origin_request_t *r)
{
    char  value[64];

    if (origin_field(r, "If-None-Match", value, sizeof(value))
        && strcmp(value, "\"v1\"") == 0)
    {
        return origin_reply(r, 304, "ETag: \"v1\"\r\n", "", 0);
    }

    return origin_reply_page(r, 200, "ETag: \"v1\"\r\n", "Version 1");
}


int
origin_delay(const origin_request_t *r)
{
    if (origin_wait(r, origin_ms(r, 100))) {
        return 0;
    }

    return origin_reply_page(r, 200, "", "After a while");
}


int
origin_slow_first(const origin_request_t *r)
{
    if (origin_wait(r, origin_ms(r, 100))) {
        return 0;
    }

    return origin_reply_page(r, 200, "", "The first byte was late");
}


int
origin_slow_body(const origin_request_t *r)
{
    int    ms, keep;
    char   head[32];
    char  *body;
    long   i, n, size;

    ms = origin_ms(r, 100);
    size = origin_number(r, "chunk", 100);
    n = origin_number(r, "chunks", 10);
    body = NULL;

    if (size > 0 && size <= ORIGIN_MAX_BIG && n <= ORIGIN_MAX_BIG / size) {
        body = origin_html((size_t) (n * size));
    }

    if (body == NULL) {
        return origin_reply_page(r, 400, "", "Too big");
    }

    keep = origin_send_text(r, "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/html\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n");

    for (i = 0; keep && i < n; i++) {
        (void) snprintf(head, sizeof(head), "%lx\r\n", size);

        keep = !origin_wait(r, ms)
               && origin_send_text(r, head)
               && origin_send(r, body + i * size, (size_t) size)
               && origin_send_text(r, "\r\n");
    }

    free(body);

    return keep && origin_send_text(r, "0\r\n\r\n");
}


int
origin_no_content(const origin_request_t *r)
{
    return origin_reply(r, 204, "", "", 0);
}


int
origin_cookie(const origin_request_t *r)
{
    char  value[256];
    int   came;

    came = origin_field(r, "Cookie", value, sizeof(value));

    return origin_reply_page(r, 200, "Set-Cookie: seen=1; Path=/\r\n",
                             came ? "A cookie came" : "No cookie came");
}


int
origin_interim(const origin_request_t *r)
{
    return origin_send_text(r, "HTTP/1.1 103 Early Hints\r\n"
                            "Location: /wrong\r\n"
                            "Content-Type: text/wrong\r\n\r\n")
           && origin_reply_page(r, 200, "", "After an interim answer");
}


int
origin_trailers(const origin_request_t *r)
{
    return origin_send_text(r, "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/html\r\n"
                            "Transfer-Encoding: chunked\r\n"
                            "Trailer: Content-Type, X-Sum\r\n\r\n"
                            "e\r\n<h1>Whole</h1>\r\n0\r\n"
                            "Content-Type: text/wrong\r\n"
                            "X-Sum: 14\r\n\r\n");
}
