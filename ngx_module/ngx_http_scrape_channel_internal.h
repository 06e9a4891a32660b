
/*
 * What the files of the channel share; ngx_http_scrape_channel.h is for
 * everybody else.
 */

#ifndef _NGX_HTTP_SCRAPE_CHANNEL_INTERNAL_H_INCLUDED_
#define _NGX_HTTP_SCRAPE_CHANNEL_INTERNAL_H_INCLUDED_


#include "ngx_module/ngx_http_scrape_channel.h"
#include "ngx_module/ngx_http_scrape_zone.h"


/* how long scraped may take to answer a cancel, in milliseconds */
#define NGX_HTTP_SCRAPE_CANCEL_TIMEOUT  60000

/*
 * A request's number on a channel is a serial number and the place of its
 * slot, which is how its slot is found.
 */
#define NGX_HTTP_SCRAPE_PLACE_BITS  12
#define NGX_HTTP_SCRAPE_PLACE_MASK  ((1 << NGX_HTTP_SCRAPE_PLACE_BITS) - 1)


typedef struct ngx_http_scrape_channel_s  ngx_http_scrape_channel_t;


/*
 * An upstream block's; of each cycle its own.
 *
 * slots     of scrape_channel, 0 where it is not used
 * channels  of this worker: ngx_http_scrape_channel_t by queue
 * file, line  where scrape_channel stands
 */
typedef struct {
    ngx_uint_t                       slots;
    ngx_queue_t                      channels;
    ngx_http_upstream_init_pt        original_init_upstream;
    ngx_http_upstream_init_peer_pt   original_init_peer;
    u_char                          *file;
    ngx_uint_t                       line;
} ngx_http_scrape_channel_conf_t;


typedef enum {
    NGX_HTTP_SCRAPE_SLOT_FREE = 0,
    NGX_HTTP_SCRAPE_SLOT_USED,          /* an upstream has it */
    NGX_HTTP_SCRAPE_SLOT_CANCELLED      /* scraped's end is awaited */
} ngx_http_scrape_slot_e;


/*
 * A request on a channel.
 *
 * c         the virtual connection, the first member; read, write its events
 * queue     in the channel's free or cancelled slots, or in those that wait
 *           to write
 * id        on the channel; rid the request's own
 * cancelled_at  when cancel was sent
 *
 * What comes, in the order it is read: head, a frame as the upstream gets it;
 * data, bytes without frames; end.  pre is a header made for the upstream, of
 * the next left bytes of data or of end.
 * credit    bytes that scraped may still send; consumed, bytes read since
 *           credit was last given
 *
 * What goes: out_left bytes of the present frame's payload are still to come,
 * out_last if that frame is last.
 * window    bytes of body that scraped lets go
 * turn      bytes of body until others have their turn
 */
typedef struct {
    ngx_connection_t                 c;
    ngx_event_t                      read;
    ngx_event_t                      write;
    ngx_queue_t                      queue;
    ngx_http_scrape_channel_t       *channel;
    ngx_http_scrape_slot_e           state;
    ngx_uint_t                       place;
    uint64_t                         id;
    uint64_t                         rid;
    ngx_msec_t                       cancelled_at;

    sc_buf_t                         head;
    size_t                           head_pos;
    sc_buf_t                         data;
    size_t                           data_pos;
    char                             pre[SC_FRAME_MAX_HEADER];
    size_t                           pre_pos;
    size_t                           pre_len;
    size_t                           left;
    size_t                           credit;
    size_t                           consumed;
    uint64_t                         end_arg;

    size_t                           out_left;
    uint64_t                         window;
    size_t                           turn;

    unsigned                         headed:1;
    unsigned                         ended:1;
    unsigned                         end_read:1;
    unsigned                         lost:1;
    unsigned                         opened:1;
    unsigned                         last_sent:1;
    unsigned                         out_last:1;
    unsigned                         waiting:1;
    unsigned                         starved:1;
} ngx_http_scrape_slot_t;


/*
 * A connection to one scraped.
 *
 * conf      NULL once it is out of its list
 * connection  its data is the channel; NULL once it is closed
 * queue     in conf->channels
 * slots     by place, nslots of max made; free, cancelled, and waiting to
 *           write: the oldest first
 * used      slots that an upstream has
 * flush     sends what is in out, from out_pos
 * timer     of the oldest cancel
 *
 * Of the frame that is coming: a header in part, nhead bytes of it; then f,
 * left bytes of its payload still to come, for slot if it is for one.  Those
 * for none are collected in text.
 */
struct ngx_http_scrape_channel_s {
    ngx_pool_t                      *pool;
    ngx_http_scrape_channel_conf_t  *conf;
    ngx_http_scrape_counters_t      *counters;
    ngx_http_scrape_gauges_t        *gauges;
    ngx_connection_t                *connection;
    ngx_queue_t                      queue;
    struct sockaddr                 *sockaddr;
    socklen_t                        socklen;
    ngx_str_t                        name;

    ngx_http_scrape_slot_t         **slots;
    ngx_uint_t                       nslots;
    ngx_uint_t                       max;
    ngx_uint_t                       used;
    ngx_queue_t                      free;
    ngx_queue_t                      cancelled;
    ngx_queue_t                      waiting;
    uint64_t                         serial;

    ngx_event_t                      flush;
    ngx_event_t                      timer;
    sc_buf_t                         out;
    size_t                           out_pos;

    char                             head[SC_FRAME_MAX_HEADER];
    size_t                           nhead;
    sc_frame_t                       f;
    size_t                           left;
    ngx_http_scrape_slot_t          *slot;
    sc_buf_t                         text;

    unsigned                         connecting:1;
    unsigned                         greeted:1;
    unsigned                         draining:1;
};


#define ngx_http_scrape_count_add(channel, name, n)                           \
    (void) ngx_atomic_fetch_add(&(channel)->counters->name, n)

#define ngx_http_scrape_gauge_add(channel, name, n)                           \
    ngx_http_scrape_count_add(channel, name, n),                              \
    (void) ((channel)->gauges->name += (n))


/*
 * ngx_http_scrape_channel_conn.c
 *
 * get: the channel to pc's peer, connected if there is none; NGX_OK,
 * NGX_DECLINED when the peer refuses, NGX_ERROR.
 */
ngx_int_t ngx_http_scrape_channel_get(ngx_http_scrape_channel_conf_t *conf,
    ngx_http_request_t *r, ngx_peer_connection_t *pc,
    ngx_http_scrape_channel_t **channel);

/* An upstream has given its slot back: the channel may have been for it. */
void ngx_http_scrape_channel_left(ngx_http_scrape_channel_t *channel);

/* Requests whose reply has not come to its end, and whose client is there. */
ngx_uint_t ngx_http_scrape_channel_unanswered(
    ngx_http_scrape_channel_t *channel);

/* It can be used no more: those who wait for a reply are told. */
void ngx_http_scrape_channel_close(ngx_http_scrape_channel_t *channel);


/*
 * ngx_http_scrape_channel_io.c
 *
 * Handlers of the connection's events and of flush.
 */
void ngx_http_scrape_channel_read_handler(ngx_event_t *rev);
void ngx_http_scrape_channel_write_handler(ngx_event_t *wev);
void ngx_http_scrape_channel_flush_handler(ngx_event_t *ev);

/* Bytes that wait to be sent. */
size_t ngx_http_scrape_channel_pending(ngx_http_scrape_channel_t *channel);

/* Append a frame; it leaves at the end of the event loop's round. */
void ngx_http_scrape_channel_add(ngx_http_scrape_channel_t *channel,
    sc_frame_type_t type, uint64_t id, uint64_t arg, const void *payload,
    size_t len);
void ngx_http_scrape_channel_post(ngx_http_scrape_channel_t *channel);


/*
 * ngx_http_scrape_channel_slot.c
 *
 * take: a slot for a request; NULL when all are in use or memory is out.
 * give: it is done with, pc->connection is no more.
 * recycle: nothing more comes for it.
 * wake: something to read; lose: the channel has gone.
 */
ngx_http_scrape_slot_t *ngx_http_scrape_slot_take(
    ngx_http_scrape_channel_t *channel, ngx_log_t *log);
void ngx_http_scrape_slot_give(ngx_http_scrape_slot_t *slot);
void ngx_http_scrape_slot_recycle(ngx_http_scrape_slot_t *slot);
void ngx_http_scrape_slot_wake(ngx_http_scrape_slot_t *slot);
void ngx_http_scrape_slot_lose(ngx_http_scrape_slot_t *slot);

/* Empty a buffer of a slot; much memory is not kept. */
void ngx_http_scrape_slot_empty(sc_buf_t *b);

/* Give the memory of a slot back that is not its channel's. */
void ngx_http_scrape_slot_free(ngx_http_scrape_slot_t *slot);


/*
 * ngx_http_scrape_channel_recv.c, ngx_http_scrape_channel_send.c
 *
 * What a virtual connection reads and writes with, as ngx_recv() and its kin.
 */
ssize_t ngx_http_scrape_slot_recv(ngx_connection_t *c, u_char *buf,
    size_t size);
ssize_t ngx_http_scrape_slot_recv_chain(ngx_connection_t *c, ngx_chain_t *cl,
    off_t limit);
ssize_t ngx_http_scrape_slot_send(ngx_connection_t *c, u_char *buf,
    size_t size);
ngx_chain_t *ngx_http_scrape_slot_send_chain(ngx_connection_t *c,
    ngx_chain_t *in, off_t limit);

/* Let slots that wait to write have their turn, as far as there is room. */
void ngx_http_scrape_slot_turns(ngx_http_scrape_channel_t *channel);


/*
 * ngx_http_scrape_channel_frame.c
 *
 * Bytes that have come: NGX_OK, or NGX_ERROR when no more can be read, having
 * said why.
 */
ngx_int_t ngx_http_scrape_channel_input(ngx_http_scrape_channel_t *channel,
    char *data, size_t len);


#endif /* _NGX_HTTP_SCRAPE_CHANNEL_INTERNAL_H_INCLUDED_ */
