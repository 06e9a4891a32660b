
/*
 * scrape_channel: all requests of a worker to one scraped share a connection.
 *
 * Below ngx_http_upstream each request has a connection of its own, a virtual
 * one: reading and writing it are ours, its descriptor is the channel's.  What
 * it writes are frames; they get the channel's own id and, in open, a credit,
 * and leave together, one send() for all that an event loop's round wrote.
 * What comes is given to the request whose id it has.
 *
 *     ngx_http_scrape_channel.c        the directive; the balancer's hooks
 *     ngx_http_scrape_channel_conn.c   a channel: connecting, its end
 *     ngx_http_scrape_channel_io.c     its socket
 *     ngx_http_scrape_channel_slot.c   a request on it: from begin to end
 *     ngx_http_scrape_channel_recv.c   what it reads
 *     ngx_http_scrape_channel_send.c   what it writes
 *     ngx_http_scrape_channel_frame.c  frames that have come
 *
 * Per slot: a window of NGX_HTTP_SCRAPE_WINDOW bytes of reply that scraped may
 * send ahead (frame credit), one of NGX_HTTP_SCRAPE_BODY_WINDOW bytes of body
 * that nginx may, and the upstream's own timers.  A slot whose request ended
 * early is kept until scraped's end frame has come for its cancel.
 */

#ifndef _NGX_HTTP_SCRAPE_CHANNEL_H_INCLUDED_
#define _NGX_HTTP_SCRAPE_CHANNEL_H_INCLUDED_


#include "ngx_module/ngx_http_scrape.h"


/* bytes of a reply, and of a body, under way for one request */
#define NGX_HTTP_SCRAPE_WINDOW     65536
#define NGX_HTTP_SCRAPE_BODY_WINDOW  262144

/* bytes that wait to be sent, beyond which the requests wait */
#define NGX_HTTP_SCRAPE_CHANNEL_OUT  262144

/* requests on a channel, unless scrape_channel says: what scraped takes */
#define NGX_HTTP_SCRAPE_SLOTS      4096


extern ngx_module_t  ngx_http_scrape_channel_module;

/* Whether this connection of an upstream is one of ours: its hello is sent. */
ngx_uint_t ngx_http_scrape_channel_is(ngx_connection_t *c);


#endif /* _NGX_HTTP_SCRAPE_CHANNEL_H_INCLUDED_ */
