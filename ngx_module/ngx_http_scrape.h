
/*
 * The scrape module: requests of a location are handed to scraped in the
 * frames of docs/protocol.md, as an ordinary upstream.
 *
 *     ngx_http_scrape_module.c    directives
 *     ngx_http_scrape_conf.c      configuration: its defaults, its merging
 *     ngx_http_scrape_rules.c     scrape_rules { }, scrape_use
 *     ngx_http_scrape_rules_file.c  scrape_rules_file
 *     ngx_http_scrape_options.c   scrape_request, scrape_return
 *     ngx_http_scrape_cache.c     scrape_cache and its kin
 *     ngx_http_scrape_request.c   what is sent to scraped
 *     ngx_http_scrape_body.c      bodies that are sent as they come
 *     ngx_http_scrape_upstream.c  the handler, and what scraped answers
 *     ngx_http_scrape_filter.c    data taken out of its frames
 *     ngx_http_scrape_variables.c  $scrape_*, and what scraped tells for them
 *     ngx_http_scrape_target.c    the host that a request is about
 *     ngx_http_scrape_problem.c   nginx's own errors as problem+json
 *
 * Besides, with headers of their own:
 *
 *     ngx_http_scrape_channel.h   many requests over one connection
 *     ngx_http_scrape_zone.h      what the workers share: holds and counters
 *     ngx_http_scrape_status.h    scrape_status
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

/* QUERY (RFC 10008) in r->method: nginx has no bit for it */
#define NGX_HTTP_SCRAPE_QUERY      NGX_HTTP_UNKNOWN


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


/* A scrape_use or scrape_cache, and where: what it names may come later. */
typedef struct {
    ngx_str_t                  name;
    u_char                    *file;
    ngx_uint_t                 line;
} ngx_http_scrape_use_t;


/* A scrape_pass, the location's configuration, and where it stands. */
typedef struct {
    struct ngx_http_scrape_loc_conf_s  *slcf;
    u_char                    *file;
    ngx_uint_t                 line;
} ngx_http_scrape_pass_t;


/*
 * uses, zones  of scrape_use and scrape_cache: ngx_http_scrape_use_t
 * passes    of scrape_pass: ngx_http_scrape_pass_t
 * hello     hello and rules frames: what each connection begins with;
 *           channel_hello is that of a channel
 * request_id  index of $request_id
 * caches    of scrape_cache_path: ngx_http_file_cache_t *
 * zone      of scrape_zone, NULL if none
 * hold      where the first scrape_hold on stands; its file NULL if nowhere
 * statuses  of scrape_status, NULL if none: see its file
 */
typedef struct {
    ngx_array_t                rulesets;
    ngx_array_t                uses;
    ngx_array_t                zones;
    ngx_array_t                passes;
    ngx_str_t                  hello;
    ngx_str_t                  channel_hello;
    ngx_int_t                  request_id;
    ngx_array_t                caches;
    ngx_shm_zone_t            *zone;
    ngx_http_scrape_use_t      hold;
    ngx_array_t               *statuses;
} ngx_http_scrape_main_conf_t;


/* How scrape_status tells it. */
typedef enum {
    NGX_HTTP_SCRAPE_STATUS_OFF = 0,
    NGX_HTTP_SCRAPE_STATUS_ACCEPT,      /* as the client's Accept says */
    NGX_HTTP_SCRAPE_STATUS_TEXT,
    NGX_HTTP_SCRAPE_STATUS_JSON,
    NGX_HTTP_SCRAPE_STATUS_METRICS,     /* OpenMetrics */
    NGX_HTTP_SCRAPE_STATUS_PROMETHEUS   /* its text format 0.0.4 */
} ngx_http_scrape_status_e;


/*
 * upstream  with the cache; plain is the same without one
 * base      what stands before /v1 in the location's name
 * url, tenant, cache_key  NULL when not set
 * options   of scrape_request: ngx_http_scrape_option_t, NULL if none
 * wanted    of scrape_return: its words, "data,links"
 * status    ngx_http_scrape_status_e
 * hold      of scrape_hold
 * inside    what stands inside of this location, such as an "if", has a
 *           scrape_use or scrape_return
 */
typedef struct ngx_http_scrape_loc_conf_s {
    ngx_http_upstream_conf_t   upstream;
    ngx_http_upstream_conf_t   plain;
    ngx_http_complex_value_t  *url;
    ngx_http_complex_value_t  *tenant;
    ngx_http_complex_value_t  *cache_key;
    ngx_array_t               *options;
    ngx_str_t                  wanted;
    ngx_str_t                  use;
    ngx_msec_t                 wait;
    ngx_uint_t                 status;
    ngx_flag_t                 hold;
    ngx_uint_t                 inside;
    ngx_str_t                  base;
} ngx_http_scrape_loc_conf_t;


/*
 * What scraped told of a request for variables and logs; empty where it told
 * nothing.  docs/protocol.md has the fields.
 */
typedef struct {
    ngx_str_t                  job;
    ngx_str_t                  state;
    ngx_str_t                  ruleset;
    ngx_str_t                  fetch_status;
    ngx_str_t                  fetch_time;
    ngx_str_t                  pages;
    ngx_str_t                  bytes;
    ngx_str_t                  queue;
} ngx_http_scrape_told_t;


/*
 * A request in a location of ours.
 *
 * id        of its frames
 * url       value of scrape_url; tenant of scrape_tenant
 * options   JSON of what scrape_request says of it; empty if nothing
 * host      the host that it is about, once looked for (host_known)
 * told      what scraped told of it
 * opened    the request is being sent to the present peer
 * cached    its answer may come from the cache, and be kept there
 * replied   the status and fields are scraped's, not nginx's
 * held      status to answer with: the channel or a hold of the zone refused
 *           it, for retry_after seconds; 0 if not
 * open      buffer of the frame open, until it is sent; free, busy: buffers of
 *           ours.  These are for a body that is sent as it comes
 * head      a frame's header that has come in part, nhead bytes of it
 * left      bytes of the present data frame still to come; received those of
 *           all of them; ended: the reply's end has come
 * type, detail  of an error of ours, NULL for the status's own
 * body      the document to send in place of nginx's page, or, with around,
 *           before scraped's; tail is then what to send behind that
 */
typedef struct {
    ngx_http_request_t        *request;
    uint64_t                   id;
    ngx_str_t                  url;
    ngx_str_t                  tenant;
    ngx_str_t                  options;
    ngx_str_t                  host;
    ngx_http_scrape_told_t     told;
    unsigned                   host_known:1;
    unsigned                   opened:1;
    unsigned                   cached:1;
    unsigned                   replied:1;
    unsigned                   body_sent:1;
    unsigned                   around:1;
    unsigned                   ended:1;
    ngx_uint_t                 held;
    ngx_uint_t                 retry_after;
    ngx_buf_t                 *open;
    ngx_chain_t               *free;
    ngx_chain_t               *busy;
    char                       head[SC_FRAME_MAX_HEADER];
    size_t                     nhead;
    size_t                     left;
    off_t                      received;
    const char                *type;
    const char                *detail;
    ngx_str_t                  body;
    ngx_str_t                  tail;
} ngx_http_scrape_ctx_t;


/* How far the fields of a client's request have been walked through. */
typedef struct {
    ngx_list_part_t           *part;
    ngx_uint_t                 next;
} ngx_http_scrape_at_t;


extern ngx_module_t  ngx_http_scrape_module;
extern ngx_module_t  ngx_http_scrape_problem_module;


/* Callbacks of the module for configurations. */
void *ngx_http_scrape_create_main_conf(ngx_conf_t *cf);
void *ngx_http_scrape_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_scrape_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);

/* The setter of scrape_pass. */
char *ngx_http_scrape_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Add to uses that what is named here has to be there once all is read. */
ngx_int_t ngx_http_scrape_uses(ngx_conf_t *cf, ngx_array_t *uses,
    ngx_str_t *name);

/*
 * Once all is read: see that each scrape_cache has its scrape_cache_path; that
 * each location with scrape_url has a scrape_use, or a scrape_return that does
 * without; and that a field whose value it gives is one of the rule set.
 */
ngx_int_t ngx_http_scrape_check(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf);


/* Directive setters: scrape_rules, scrape_use, scrape_rules_file. */
char *ngx_http_scrape_rules_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_scrape_use(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_scrape_rules_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Once all is read: see that each scrape_use has its rule set, and build what
 * each connection begins with.
 */
ngx_int_t ngx_http_scrape_rules_init(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf);

/* The set of this name, NULL if none; keep one under a name: it is freed. */
ngx_http_scrape_ruleset_t *ngx_http_scrape_rules_find(
    ngx_http_scrape_main_conf_t *smcf, ngx_str_t *name);
char *ngx_http_scrape_rules_keep(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf, ngx_str_t *name, sc_rules_t *rules);


/*
 * ngx_http_scrape_options.c: setters of scrape_request and scrape_return.
 * read() evaluates the former into ctx->options, in a location with
 * scrape_url, before anything is sent: NGX_OK; NGX_DECLINED with ctx->detail
 * when a value cannot be sent, NGX_ERROR.  add() appends the fields
 * Scrape-Request and Scrape-Return: NGX_OK or NGX_ERROR.
 */
char *ngx_http_scrape_option(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_scrape_return(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t ngx_http_scrape_options_read(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);
ngx_int_t ngx_http_scrape_options_add(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, sc_buf_t *head);


/*
 * ngx_http_scrape_cache.c: setters, defaults and merging of what they set, and
 * the upstream's create_key.  wanted(): whether the answer to a request for
 * this target may be taken from the location's cache or kept in it: GET, HEAD
 * or QUERY of an extract or of one result, never of what streams.
 */
char *ngx_http_scrape_cache(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_scrape_cache_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_scrape_cache_methods(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void ngx_http_scrape_cache_create(ngx_http_scrape_loc_conf_t *conf);
char *ngx_http_scrape_cache_merge(ngx_conf_t *cf,
    ngx_http_scrape_loc_conf_t *prev, ngx_http_scrape_loc_conf_t *conf);
ngx_uint_t ngx_http_scrape_cache_wanted(ngx_http_request_t *r,
    ngx_str_t *target);
ngx_int_t ngx_http_scrape_cache_create_key(ngx_http_request_t *r);

/*
 * Before an answer is read that is to be kept: nginx gives up one that it
 * cannot write, so its file is made, and room for it taken, first.  Where that
 * fails the answer is passed on and not kept.
 */
void ngx_http_scrape_cache_reserve(ngx_http_request_t *r);


/* The content handler of a location with scrape_pass. */
ngx_int_t ngx_http_scrape_handler(ngx_http_request_t *r);

/*
 * ngx_http_scrape_filter.c: the upstream's input filters, for replies that
 * are passed on as they come and for those that are kept in the cache.  With
 * done() a reply's end has come, the last of what was read if all; its
 * connection may be kept then, but not a channel's.
 */
ngx_int_t ngx_http_scrape_filter_init(void *data);
ngx_int_t ngx_http_scrape_filter(void *data, ssize_t bytes);
void ngx_http_scrape_filter_done(ngx_http_upstream_t *u, ngx_uint_t all);
ngx_int_t ngx_http_scrape_pipe_filter(ngx_event_pipe_t *p, ngx_buf_t *buf);

/* The upstream's create_request: the chain of frames to send. */
ngx_int_t ngx_http_scrape_create_request(ngx_http_request_t *r);

/*
 * The next field of the client's request, of this name if it is not NULL; at
 * is zeroed before the first.  NULL when there are no more.
 */
ngx_table_elt_t *ngx_http_scrape_next_field(ngx_http_request_t *r,
    ngx_http_scrape_at_t *at, const char *name);

/* Whether no field that scraped is told of has a control character. */
ngx_uint_t ngx_http_scrape_fields_valid(ngx_http_request_t *r);

/* Whether scraped is asked for the status and fields alone (HEAD). */
ngx_uint_t ngx_http_scrape_head_only(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);

/*
 * Whether the body of a request for this target is sent as it comes; and the
 * upstream's output filter for such a body.
 */
ngx_uint_t ngx_http_scrape_body_streams(ngx_http_request_t *r,
    ngx_str_t *target);
ngx_int_t ngx_http_scrape_body_output(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t *in);

/*
 * The target to ask scraped for: the URI without the location's base, of a
 * subrequest its own.  NGX_DECLINED when it is not under /v1/ nor /healthz,
 * /readyz or /metrics.
 */
ngx_int_t ngx_http_scrape_target(ngx_http_request_t *r, ngx_str_t *target);


/*
 * ngx_http_scrape_variables.c: add $scrape_* (preconfiguration); take a field
 * of scraped's whose name begins with "Scrape-": none is the client's.
 */
ngx_int_t ngx_http_scrape_add_variables(ngx_conf_t *cf);
ngx_int_t ngx_http_scrape_tell(ngx_http_request_t *r, sc_str_t *name,
    sc_str_t *value);

/*
 * ngx_http_scrape_target.c: the host of the page or site that a request is
 * about, in lower case without port: of scrape_url, of url or urls in the
 * query or in a JSON body, of the first line of others.  Empty when there is
 * none, and before the body has come.
 */
ngx_str_t ngx_http_scrape_host(ngx_http_request_t *r);

/*
 * The slot of the job or result whose id the target names, else of the
 * request's host: three hex digits, the first of an id (sidecar/core/id.h).
 * What makes a job and shows no host has one of its $request_id; empty when
 * there is none of these.
 */
ngx_str_t ngx_http_scrape_slot(ngx_http_request_t *r);


#endif /* _NGX_HTTP_SCRAPE_H_INCLUDED_ */
