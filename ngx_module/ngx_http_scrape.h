
/*
 * The scrape module: requests of a location are handed to scraped in the
 * frames of docs/protocol.md, as an ordinary upstream.
 *
 *     ngx_http_scrape_module.c    directives and configuration
 *     ngx_http_scrape_rules.c     scrape_rules { }, scrape_use
 *     ngx_http_scrape_rules_file.c  scrape_rules_file
 *     ngx_http_scrape_request.c   what is sent to scraped
 *     ngx_http_scrape_body.c      bodies that are sent as they come
 *     ngx_http_scrape_upstream.c  the handler, and what scraped answers
 *     ngx_http_scrape_problem.c   nginx's own errors as problem+json
 */

#ifndef _NGX_HTTP_SCRAPE_H_INCLUDED_
#define _NGX_HTTP_SCRAPE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "common/sc_buf.h"
#include "common/sc_frame.h"
#include "common/sc_json.h"
#include "common/rules/sc_rules.h"


#define NGX_HTTP_SCRAPE_VERSION    "0.1.0"

/* bytes of a request's body in a frame */
#define NGX_HTTP_SCRAPE_BODY_SIZE  65536


/*
 * A rule set of the configuration.
 *
 * json, hash  as common/rules/sc_rules.h makes them
 */
typedef struct {
    ngx_str_t                  name;
    ngx_str_t                  json;
    ngx_str_t                  hash;
} ngx_http_scrape_ruleset_t;


/* A scrape_use, and where it stands: its rule set may be defined later. */
typedef struct {
    ngx_str_t                  name;
    u_char                    *file;
    ngx_uint_t                 line;
} ngx_http_scrape_use_t;


/*
 * hello     hello and rules frames: what each connection begins with
 * request_id  index of $request_id
 */
typedef struct {
    ngx_array_t                rulesets;
    ngx_array_t                uses;
    ngx_str_t                  hello;
    ngx_int_t                  request_id;
} ngx_http_scrape_main_conf_t;


/*
 * base  what stands before /v1 in the location's name
 * url, tenant  NULL when not set
 */
typedef struct {
    ngx_http_upstream_conf_t   upstream;
    ngx_http_complex_value_t  *url;
    ngx_http_complex_value_t  *tenant;
    ngx_str_t                  use;
    ngx_msec_t                 wait;
    ngx_str_t                  base;
} ngx_http_scrape_loc_conf_t;


/*
 * A request in a location of ours.
 *
 * id        of its frames
 * url       value of scrape_url; tenant of scrape_tenant
 * opened    the request is being sent to the present peer
 * replied   the status and fields are scraped's, not nginx's
 * open      buffer of the frame open, until it is sent; free, busy: buffers of
 *           ours.  These are for a body that is sent as it comes
 * head      a frame's header that has come in part, nhead bytes of it
 * left      bytes of the present data frame still to come
 * problem   type and detail of an error of ours, NULL for the status's own
 * body      the problem document to send in place of nginx's page
 */
typedef struct {
    ngx_http_request_t        *request;
    uint64_t                   id;
    ngx_str_t                  url;
    ngx_str_t                  tenant;
    unsigned                   opened:1;
    unsigned                   replied:1;
    unsigned                   body_sent:1;
    ngx_buf_t                 *open;
    ngx_chain_t               *free;
    ngx_chain_t               *busy;
    char                       head[SC_FRAME_MAX_HEADER];
    size_t                     nhead;
    size_t                     left;
    const char                *type;
    const char                *detail;
    ngx_str_t                  body;
} ngx_http_scrape_ctx_t;


extern ngx_module_t  ngx_http_scrape_module;
extern ngx_module_t  ngx_http_scrape_problem_module;


/* Directive setters: scrape_rules and scrape_use. */
char *ngx_http_scrape_rules_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_scrape_use(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * Once all is read: see that each scrape_use has its rule set, and build what
 * each connection begins with.
 */
char *ngx_http_scrape_rules_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* The set of this name, NULL if none; keep one under a name: it is freed. */
ngx_http_scrape_ruleset_t *ngx_http_scrape_rules_find(
    ngx_http_scrape_main_conf_t *smcf, ngx_str_t *name);
char *ngx_http_scrape_rules_keep(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf, ngx_str_t *name, sc_rules_t *rules);

ngx_int_t ngx_http_scrape_rules_init(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf);

/* The content handler of a location with scrape_pass. */
ngx_int_t ngx_http_scrape_handler(ngx_http_request_t *r);

/* The upstream's create_request: the chain of frames to send. */
ngx_int_t ngx_http_scrape_create_request(ngx_http_request_t *r);

/*
 * Whether the body of a request for this target is sent as it comes; and the
 * upstream's output filter for such a body.
 */
ngx_uint_t ngx_http_scrape_body_streams(ngx_http_request_t *r,
    ngx_str_t *target);
ngx_int_t ngx_http_scrape_body_output(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t *in);

/*
 * The target to ask scraped for: the URI without the location's base.
 * NGX_DECLINED when it is not under /v1/ nor /healthz or /readyz.
 */
ngx_int_t ngx_http_scrape_target(ngx_http_request_t *r, ngx_str_t *target);


#endif /* _NGX_HTTP_SCRAPE_H_INCLUDED_ */
