
/*
 * The test origin: a small HTTP server that is well-behaved on some paths and
 * hostile on others.  A thread serves a connection, so that one that hangs
 * costs the others nothing.
 *
 *     origin.c           listening, reading requests, the table of paths
 *     origin_body.c      reading requests' bodies
 *     origin_reply.c     what answers are made of
 *     origin_pages.c     paths that behave
 *     origin_told.c      paths that say what came, or do what they are told
 *     origin_memory.c    paths that remember earlier requests
 *     origin_login.c     a form, and what is behind it
 *     origin_faults.c    paths that do not behave
 *     origin_odd.c       paths that are strange
 *     origin_coded.c     a page in every content coding
 *     origin_hostile.c   paths that lie, swell and lead in circles
 */

#ifndef ORIGIN_H
#define ORIGIN_H


#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>


#define ORIGIN_MAX_REQUEST    65536     /* bytes of a request's head */
#define ORIGIN_MAX_BODY       1048576   /* and of its body, decoded */


/* A connection: what was received, and how much of it is served. */
typedef struct {
    int     fd;
    char   *data;
    size_t  len;
    size_t  used;
} origin_conn_t;


/*
 * One request.  The strings are parts of the connection's buffer.
 *
 * fd        the connection
 * method    such as "GET"
 * path      as sent, without the query
 * query     what follows "?", "" when nothing does
 * fields    the header's lines, CR LF at the end of each
 * rest      what follows the path of the table and a slash, "" if nothing
 * body      chunks put together, a NUL after it; "" when there is none
 * body_len  bytes, without the NUL
 */
typedef struct {
    int          fd;
    const char  *method;
    const char  *path;
    const char  *query;
    const char  *fields;
    const char  *rest;
    const char  *body;
    size_t       body_len;
} origin_request_t;


/*
 * Answer a request.  Nonzero when the connection can serve another one, 0
 * when it is to be closed.
 */
typedef int (*origin_handler_pt)(const origin_request_t *r);


/*
 * Read the body of a request whose head ends at c->used.  Returns 0, the
 * status that refuses it (400, 413, 501), or -1 when the peer is gone.  *body,
 * NULL or not, is to be freed in any case.
 */
int origin_body(origin_conn_t *c, const origin_request_t *r, char **body,
    size_t *len);

/* Count something /hits shall tell; a request's path is counted anyway. */
void origin_hit(const char *name);

/* Send all of it; nonzero, or 0 when the peer is gone. */
int origin_send(const origin_request_t *r, const void *data, size_t len);
int origin_send_text(const origin_request_t *r, const char *text);

/*
 * A whole answer: status line, fields ("Name: value" CR LF lines, may be ""),
 * Content-Length and body; no body for HEAD, 204 and 304.
 */
int origin_reply(const origin_request_t *r, int status, const char *fields,
    const char *body, size_t len);

/* The same with an HTML page whose <h1> is title. */
int origin_reply_page(const origin_request_t *r, int status,
    const char *fields, const char *title);

/* A parameter of the query, percent-decoded; nonzero when it is there. */
int origin_param(const origin_request_t *r, const char *name, char *out,
    size_t size);

/* The same as a number that is not negative. */
long origin_number(const origin_request_t *r, const char *name, long none);

/* The rest of the query after "name=", '&' and all, percent-decoded. */
int origin_param_rest(const origin_request_t *r, const char *name, char *out,
    size_t size);

/* A field of a form that was sent as the body (URL-encoded). */
int origin_form(const origin_request_t *r, const char *name, char *out,
    size_t size);

/* Milliseconds, of the query; no more than an int holds. */
int origin_ms(const origin_request_t *r, int none);

/* Print text with &, <, > and quotes as HTML has them. */
void origin_escape(FILE *out, const char *text, size_t len);

/* A request field's value, cut at size; nonzero when it is there. */
int origin_field(const origin_request_t *r, const char *name, char *out,
    size_t size);

/* A number at the start of text, none when there is none. */
long origin_parse(const char *text, long none);

/*
 * Wait until the peer closes, or for ms milliseconds (-1: no matter how long);
 * nonzero: it closed.  What it sends meanwhile is left where it is.
 */
int origin_wait(const origin_request_t *r, int ms);


int origin_page(const origin_request_t *r);
int origin_status(const origin_request_t *r);
int origin_redirect(const origin_request_t *r);
int origin_redirect_loop(const origin_request_t *r);
int origin_redirect_chain(const origin_request_t *r);
int origin_big(const origin_request_t *r);
int origin_gzip(const origin_request_t *r);
int origin_echo(const origin_request_t *r);
int origin_charset(const origin_request_t *r);
int origin_etag(const origin_request_t *r);
int origin_delay(const origin_request_t *r);
int origin_no_content(const origin_request_t *r);
int origin_cookie(const origin_request_t *r);
int origin_interim(const origin_request_t *r);
int origin_trailers(const origin_request_t *r);
int origin_slow_first(const origin_request_t *r);
int origin_slow_body(const origin_request_t *r);

int origin_method(const origin_request_t *r);
int origin_set_cookie(const origin_request_t *r);
int origin_show_cookie(const origin_request_t *r);
int origin_refresh(const origin_request_t *r);

int origin_flaky(const origin_request_t *r);
int origin_retry_after(const origin_request_t *r);
int origin_robots(const origin_request_t *r);
int origin_robots_set(const origin_request_t *r);
int origin_validate(const origin_request_t *r);

int origin_login(const origin_request_t *r);
int origin_private(const origin_request_t *r);
int origin_logout(const origin_request_t *r);

int origin_hang(const origin_request_t *r);
int origin_hang_headers(const origin_request_t *r);
int origin_drip(const origin_request_t *r);
int origin_drip_headers(const origin_request_t *r);
int origin_endless(const origin_request_t *r);
int origin_short(const origin_request_t *r);
int origin_long(const origin_request_t *r);
int origin_reset(const origin_request_t *r);
int origin_reset_early(const origin_request_t *r);
int origin_close(const origin_request_t *r);
int origin_garbage(const origin_request_t *r);
int origin_headers_bomb(const origin_request_t *r);
int origin_interim_bomb(const origin_request_t *r);
int origin_trailers_bomb(const origin_request_t *r);
int origin_header_line(const origin_request_t *r);
int origin_gzip_bomb(const origin_request_t *r);
int origin_gzip_lie(const origin_request_t *r);
int origin_surplus(const origin_request_t *r);
int origin_surplus_late(const origin_request_t *r);
int origin_gzip_hollow(const origin_request_t *r);
int origin_coded(const origin_request_t *r);
int origin_bad_chunk(const origin_request_t *r);
int origin_cut_chunk(const origin_request_t *r);
int origin_negative_length(const origin_request_t *r);
int origin_two_lengths(const origin_request_t *r);
int origin_nul(const origin_request_t *r);
int origin_nul_header(const origin_request_t *r);

int origin_odd_status(const origin_request_t *r);
int origin_odd_version(const origin_request_t *r);
int origin_odd_body(const origin_request_t *r);
int origin_cookie_wall(const origin_request_t *r);
int origin_cookies(const origin_request_t *r);
int origin_nested(const origin_request_t *r);
int origin_attributes(const origin_request_t *r);
int origin_long_text(const origin_request_t *r);
int origin_utf16(const origin_request_t *r);

int origin_huge_length(const origin_request_t *r);
int origin_text_length(const origin_request_t *r);
int origin_huge_chunk(const origin_request_t *r);
int origin_folded_header(const origin_request_t *r);
int origin_gzip_twice(const origin_request_t *r);
int origin_gzip_chain(const origin_request_t *r);
int origin_brotli_bomb(const origin_request_t *r);
int origin_zstd_bomb(const origin_request_t *r);
int origin_odd_coding(const origin_request_t *r);
int origin_lying_charset(const origin_request_t *r);
int origin_laughs(const origin_request_t *r);
int origin_sitemap_self(const origin_request_t *r);
int origin_sitemap_gzip(const origin_request_t *r);
int origin_half(const origin_request_t *r);


#endif /* ORIGIN_H */
