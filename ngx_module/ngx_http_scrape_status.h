
/*
 * scrape_status: the numbers of the module, then those of scraped, which are
 * its answer to GET /metrics, in one document.  When scraped does not answer,
 * the document has the module's alone and says so.  docs/status.md has every
 * number with its meaning.
 *
 *     ngx_http_scrape_status.c         the directive, the format
 *     ngx_http_scrape_status_table.c   what is told: names, and where it is
 *     ngx_http_scrape_status_write.c   the module's part of the document
 *     ngx_http_scrape_status_filter.c  the two parts put together
 */

#ifndef _NGX_HTTP_SCRAPE_STATUS_H_INCLUDED_
#define _NGX_HTTP_SCRAPE_STATUS_H_INCLUDED_


#include "ngx_module/ngx_http_scrape.h"
#include "ngx_module/ngx_http_scrape_zone.h"


/*
 * A family of numbers, but for the histogram.
 *
 * name    without prefix and, of a counter, without "_total"
 * gauge   else a counter
 * unit    that the name ends in, NULL if none
 * label   what tells its numbers apart, NULL when there is one
 * values  of the label, n of them; NULL is one that is never told
 * offset  of the first number in ngx_http_scrape_counters_t: n in a row
 */
typedef struct {
    const char                *name;
    ngx_uint_t                 gauge;
    const char                *unit;
    const char                *help;
    const char                *label;
    const char *const         *values;
    ngx_uint_t                 n;
    size_t                     offset;
} ngx_http_scrape_family_t;


/* Ends with a family without name. */
extern const ngx_http_scrape_family_t  ngx_http_scrape_families[];

/*
 * The histogram's bounds in seconds, as OpenMetrics writes numbers: one for
 * each bucket.
 */
extern const char *const  ngx_http_scrape_bound_names[];

/* The setter of scrape_status. */
char *ngx_http_scrape_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Once all is read: each scrape_status has its scrape_pass; NGX_ERROR. */
ngx_int_t ngx_http_scrape_status_init(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf);

/*
 * The format for this request: of its ?format=, else of the location, else of
 * its Accept.
 */
ngx_http_scrape_status_e ngx_http_scrape_status_format(ngx_http_request_t *r);

/* The Accept to ask scraped with; the type of the whole document. */
ngx_str_t ngx_http_scrape_status_accept(ngx_http_request_t *r);
ngx_str_t ngx_http_scrape_status_type(ngx_http_request_t *r);

/*
 * What goes before scraped's document and what behind it; both are in the
 * request's pool.  alone: there is none of scraped's.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_scrape_status_write(ngx_http_request_t *r,
    ngx_uint_t alone, ngx_str_t *before, ngx_str_t *after);

/*
 * For the filters of ngx_http_scrape_problem.c.  header(): make the answer of
 * scraped, or nginx's about it, that of a status location: ctx->body, tail and
 * around say what to send; NGX_DECLINED when it is none of these and left as
 * it is.  body(): put them around what is in the chain.
 */
ngx_int_t ngx_http_scrape_status_header(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);
ngx_int_t ngx_http_scrape_status_body(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_chain_t **in);


#endif /* _NGX_HTTP_SCRAPE_STATUS_H_INCLUDED_ */
