
#include "ngx_module/ngx_http_scrape_channel_internal.h"


/*
 * A request's way through the balancer.
 *
 * slot      of the request, NULL if it has none
 * unsent    it was given to a channel that never came to be connected
 */
typedef struct {
    ngx_http_scrape_channel_conf_t  *conf;
    ngx_http_request_t              *request;
    ngx_http_scrape_slot_t          *slot;
    void                            *data;
    ngx_event_get_peer_pt            original_get;
    ngx_event_free_peer_pt           original_free;
    unsigned                         unsent:1;
} ngx_http_scrape_peer_t;


static void *ngx_http_scrape_channel_create_conf(ngx_conf_t *cf);
static char *ngx_http_scrape_channel(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_uint_t ngx_http_scrape_channel_kept(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf);
static ngx_command_t *ngx_http_scrape_channel_command(ngx_module_t *module,
    const char *name);
static char *ngx_http_scrape_channel_init_main(ngx_conf_t *cf, void *conf);
static ngx_int_t ngx_http_scrape_channel_begin_process(ngx_cycle_t *cycle);
static void ngx_http_scrape_channel_end_process(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_scrape_channel_init_upstream(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf);
static ngx_int_t ngx_http_scrape_channel_init_peer(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *uscf);
static ngx_int_t ngx_http_scrape_channel_get_peer(ngx_peer_connection_t *pc,
    void *data);
static ngx_int_t ngx_http_scrape_channel_full(ngx_http_scrape_peer_t *peer,
    ngx_peer_connection_t *pc);
static void ngx_http_scrape_channel_free_peer(ngx_peer_connection_t *pc,
    void *data, ngx_uint_t state);
static void ngx_http_scrape_channel_unsent(ngx_http_scrape_peer_t *peer);


static const char  ngx_http_scrape_channel_full_type[] =
    "/limits/channel-full";


static ngx_command_t  ngx_http_scrape_channel_commands[] = {

    { ngx_string("scrape_channel"),
      NGX_HTTP_UPS_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_scrape_channel,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_scrape_channel_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_scrape_channel_create_conf,   /* create main configuration */
    ngx_http_scrape_channel_init_main,     /* init main configuration */

    ngx_http_scrape_channel_create_conf,   /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_scrape_channel_module = {
    NGX_MODULE_V1,
    &ngx_http_scrape_channel_module_ctx,   /* module context */
    ngx_http_scrape_channel_commands,      /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_scrape_channel_begin_process, /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_scrape_channel_end_process,   /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


ngx_uint_t
ngx_http_scrape_channel_is(ngx_connection_t *c)
{
    return c != NULL && c->send_chain == ngx_http_scrape_slot_send_chain;
}


/* That of the main level is there for nginx to call our init of it. */
static void *
ngx_http_scrape_channel_create_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_scrape_channel_conf_t));
}


static char *
ngx_http_scrape_channel(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_channel_conf_t *ccf = conf;

    ngx_int_t                      n;
    ngx_str_t                     *value;
    ngx_http_upstream_srv_conf_t  *uscf;

    if (ccf->slots) {
        return "is duplicate";
    }

    value = cf->args->elts;
    n = NGX_HTTP_SCRAPE_SLOTS;

    if (cf->args->nelts == 2) {
        n = NGX_ERROR;

        if (value[1].len > 6 && ngx_strncmp(value[1].data, "slots=", 6) == 0) {
            n = ngx_atoi(value[1].data + 6, value[1].len - 6);
        }
    }

    if (n < 1 || n > NGX_HTTP_SCRAPE_SLOTS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", slots may be 1 to %d",
                           &value[1], NGX_HTTP_SCRAPE_SLOTS);
        return NGX_CONF_ERROR;
    }

    uscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);

    if (ngx_http_scrape_channel_kept(cf, uscf)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"scrape_channel\" and \"keepalive\" in one "
                           "upstream");
        return NGX_CONF_ERROR;
    }

    ccf->slots = n;
    ccf->file = cf->conf_file->file.name.data;
    ccf->line = cf->conf_file->line;
    ccf->original_init_upstream = uscf->peer.init_upstream
                                  ? uscf->peer.init_upstream
                                  : ngx_http_upstream_init_round_robin;

    uscf->peer.init_upstream = ngx_http_scrape_channel_init_upstream;

    return NGX_CONF_OK;
}


/*
 * Whether keepalive stands in this block already.  Its module tells nobody,
 * but a second one would be a duplicate: one that cannot be meant is tried,
 * with nobody to hear what is said of it.
 */
static ngx_uint_t
ngx_http_scrape_channel_kept(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf)
{
    char           *rv;
    ngx_str_t       args[] = { ngx_string("keepalive"), ngx_string("-") };
    ngx_log_t       log;
    ngx_uint_t      i;
    ngx_conf_t      trial;
    ngx_array_t     array;
    ngx_module_t   *m;
    ngx_command_t  *cmd;

    for (i = 0; cf->cycle->modules[i]; i++) {
        m = cf->cycle->modules[i];
        cmd = ngx_http_scrape_channel_command(m, "keepalive");

        if (cmd == NULL) {
            continue;
        }

        ngx_memzero(&log, sizeof(ngx_log_t));

        array = *cf->args;
        array.elts = args;
        array.nelts = 2;

        trial = *cf;
        trial.args = &array;
        trial.log = &log;

        rv = cmd->set(&trial, cmd, uscf->srv_conf[m->ctx_index]);

        return rv != NGX_CONF_OK && rv != NGX_CONF_ERROR;
    }

    return 0;
}


static ngx_command_t *
ngx_http_scrape_channel_command(ngx_module_t *module, const char *name)
{
    ngx_command_t  *cmd;

    if (module->type != NGX_HTTP_MODULE || module->commands == NULL) {
        return NULL;
    }

    for (cmd = module->commands; cmd->name.len; cmd++) {

        if ((cmd->type & NGX_HTTP_UPS_CONF)
            && cmd->conf == NGX_HTTP_SRV_CONF_OFFSET
            && ngx_strcmp(cmd->name.data, name) == 0)
        {
            return cmd;
        }
    }

    return NULL;
}


/*
 * Once all blocks are read: a directive after ours has put itself in our
 * place, a balancer's, or around us, as keepalive does.
 */
static char *
ngx_http_scrape_channel_init_main(ngx_conf_t *cf, void *conf)
{
    ngx_uint_t                        i;
    ngx_http_upstream_srv_conf_t    **uscf;
    ngx_http_upstream_main_conf_t    *umcf;
    ngx_http_scrape_channel_conf_t   *ccf;

    umcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module);
    uscf = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        if (uscf[i]->srv_conf == NULL) {
            continue;
        }

        ccf = ngx_http_conf_upstream_srv_conf(uscf[i],
                                              ngx_http_scrape_channel_module);

        if (ccf->slots && uscf[i]->peer.init_upstream
                          != ngx_http_scrape_channel_init_upstream)
        {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"scrape_channel\" must come after the balancer "
                          "of upstream \"%V\" and without \"keepalive\" "
                          "in %s:%ui", &uscf[i]->host, ccf->file, ccf->line);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* Gauges of a zone outlive the worker, also one that could not end itself. */
static ngx_int_t
ngx_http_scrape_channel_begin_process(ngx_cycle_t *cycle)
{
    ngx_http_scrape_channel_end_process(cycle);

    return NGX_OK;
}


static void
ngx_http_scrape_channel_end_process(ngx_cycle_t *cycle)
{
    ngx_http_scrape_main_conf_t  *smcf;

    smcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_scrape_module);

    if (smcf != NULL) {
        ngx_http_scrape_gauges_clear(smcf);
    }
}


static ngx_int_t
ngx_http_scrape_channel_init_upstream(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf)
{
    ngx_http_scrape_channel_conf_t  *ccf;

    ccf = ngx_http_conf_upstream_srv_conf(uscf,
                                          ngx_http_scrape_channel_module);

    if (ccf->original_init_upstream(cf, uscf) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_queue_init(&ccf->channels);

    ccf->original_init_peer = uscf->peer.init;
    uscf->peer.init = ngx_http_scrape_channel_init_peer;

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_channel_init_peer(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *uscf)
{
    ngx_http_upstream_t             *u = r->upstream;
    ngx_http_scrape_peer_t          *peer;
    ngx_http_scrape_channel_conf_t  *ccf;

    if (u->create_request != ngx_http_scrape_create_request) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "upstream \"%V\" has \"scrape_channel\": it is for "
                      "\"scrape_pass\" alone", &uscf->host);
        return NGX_ERROR;
    }

    ccf = ngx_http_conf_upstream_srv_conf(uscf,
                                          ngx_http_scrape_channel_module);

    peer = ngx_pcalloc(r->pool, sizeof(ngx_http_scrape_peer_t));

    if (peer == NULL || ccf->original_init_peer(r, uscf) != NGX_OK) {
        return NGX_ERROR;
    }

    peer->conf = ccf;
    peer->request = r;
    peer->data = u->peer.data;
    peer->original_get = u->peer.get;
    peer->original_free = u->peer.free;

    u->peer.data = peer;
    u->peer.get = ngx_http_scrape_channel_get_peer;
    u->peer.free = ngx_http_scrape_channel_free_peer;

    return NGX_OK;
}


/*
 * Where events are not told once each, as epoll does, a virtual connection
 * would be taken for a real one: there, each request gets a real one.
 */
static ngx_int_t
ngx_http_scrape_channel_get_peer(ngx_peer_connection_t *pc, void *data)
{
    ngx_int_t                   rc;
    ngx_http_scrape_ctx_t      *ctx;
    ngx_http_scrape_peer_t     *peer = data;
    ngx_http_scrape_channel_t  *channel;

    rc = peer->original_get(pc, peer->data);

    if (rc != NGX_OK || !(ngx_event_flags & NGX_USE_CLEAR_EVENT)) {
        return rc;
    }

    rc = ngx_http_scrape_channel_get(peer->conf, peer->request, pc, &channel);
    if (rc != NGX_OK) {
        return rc;
    }

    peer->slot = ngx_http_scrape_slot_take(channel, pc->log);
    if (peer->slot == NULL) {
        ngx_http_scrape_count_add(channel, channel_full, 1);
        return ngx_http_scrape_channel_full(peer, pc);
    }

    ctx = ngx_http_get_module_ctx(peer->request, ngx_http_scrape_module);

    if (ctx->type == ngx_http_scrape_channel_full_type) {
        ctx->held = 0;
        ctx->type = NULL;
        ctx->detail = NULL;
    }

    pc->connection = &peer->slot->c;
    pc->cached = channel->greeted;

    if (peer->unsent) {
        peer->unsent = 0;
        peer->request->upstream->request_sent = 1;
    }

    return NGX_DONE;
}


/* The peer is well: the balancer gets it back as it was. */
static ngx_int_t
ngx_http_scrape_channel_full(ngx_http_scrape_peer_t *peer,
    ngx_peer_connection_t *pc)
{
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(peer->request, ngx_http_scrape_module);

    ctx->held = NGX_HTTP_SERVICE_UNAVAILABLE;
    ctx->retry_after = 1;
    ctx->type = ngx_http_scrape_channel_full_type;
    ctx->detail = "the connection to the sidecar carries as many requests as "
                  "it may";

    peer->original_free(pc, peer->data, 0);
    pc->sockaddr = NULL;

    return NGX_BUSY;
}


static void
ngx_http_scrape_channel_free_peer(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state)
{
    ngx_http_scrape_slot_t  *slot;
    ngx_http_scrape_peer_t  *peer = data;

    slot = peer->slot;

    if (slot != NULL) {
        ngx_http_scrape_channel_unsent(peer);
        peer->slot = NULL;
        pc->connection = NULL;
        ngx_http_scrape_slot_give(slot);
    }

    peer->original_free(pc, peer->data, state);
}


/*
 * The upstream has written into a channel that is not connected and never will
 * be.  To scrape_next_upstream that request, unless a body went past with it,
 * is one that was not sent; until it is sent to the next server, when the
 * upstream has to begin it anew.
 */
static void
ngx_http_scrape_channel_unsent(ngx_http_scrape_peer_t *peer)
{
    ngx_http_request_t      *r = peer->request;
    ngx_http_scrape_slot_t  *slot = peer->slot;

    if (slot->lost && slot->channel->connecting
        && !r->request_body_no_buffering)
    {
        peer->unsent = r->upstream->request_sent;
        r->upstream->request_sent = 0;
    }
}
