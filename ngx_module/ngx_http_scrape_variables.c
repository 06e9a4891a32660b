
#include "ngx_module/ngx_http_scrape.h"
#include "ngx_module/ngx_http_scrape_zone.h"


#define NGX_HTTP_SCRAPE_PREFIX  (sizeof("Scrape-") - 1)

#define NGX_HTTP_SCRAPE_TOLD(member)                                          \
    offsetof(ngx_http_scrape_told_t, member)


/*
 * A field of a reply, without the "Scrape-" it begins with: its words go to
 * these members of what was told, the last of which takes what is left.
 */
typedef struct {
    ngx_str_t                  name;
    ngx_uint_t                 n;
    size_t                     members[3];
} ngx_http_scrape_field_t;


static ngx_int_t ngx_http_scrape_tell_words(ngx_http_request_t *r,
    ngx_http_scrape_field_t *field, sc_str_t value);
static ngx_int_t ngx_http_scrape_tell_time(ngx_http_request_t *r,
    ngx_str_t *time);
static ngx_int_t ngx_http_scrape_told_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_scrape_ruleset_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_scrape_host_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_scrape_shard_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_scrape_variable_set(ngx_http_variable_value_t *v,
    ngx_str_t *value);


static ngx_http_scrape_field_t  ngx_http_scrape_fields[] = {

    { ngx_string("job"), 1, { NGX_HTTP_SCRAPE_TOLD(job) } },
    { ngx_string("state"), 1, { NGX_HTTP_SCRAPE_TOLD(state) } },
    { ngx_string("ruleset"), 1, { NGX_HTTP_SCRAPE_TOLD(ruleset) } },
    { ngx_string("queue"), 1, { NGX_HTTP_SCRAPE_TOLD(queue) } },

    { ngx_string("pages"), 2, { NGX_HTTP_SCRAPE_TOLD(pages),
                                NGX_HTTP_SCRAPE_TOLD(bytes) } },

    { ngx_string("fetch"), 3, { NGX_HTTP_SCRAPE_TOLD(fetch_status),
                                NGX_HTTP_SCRAPE_TOLD(fetch_time),
                                NGX_HTTP_SCRAPE_TOLD(bytes) } },

    { ngx_null_string, 0, { 0 } }
};


static ngx_http_variable_t  ngx_http_scrape_vars[] = {

    { ngx_string("scrape_job"), NULL,
      ngx_http_scrape_told_variable,
      NGX_HTTP_SCRAPE_TOLD(job),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_state"), NULL,
      ngx_http_scrape_told_variable,
      NGX_HTTP_SCRAPE_TOLD(state),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_host"), NULL,
      ngx_http_scrape_host_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_shard"), NULL,
      ngx_http_scrape_shard_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_ruleset"), NULL,
      ngx_http_scrape_ruleset_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_fetch_status"), NULL,
      ngx_http_scrape_told_variable,
      NGX_HTTP_SCRAPE_TOLD(fetch_status),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_fetch_time"), NULL,
      ngx_http_scrape_told_variable,
      NGX_HTTP_SCRAPE_TOLD(fetch_time),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_pages"), NULL,
      ngx_http_scrape_told_variable,
      NGX_HTTP_SCRAPE_TOLD(pages),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_bytes"), NULL,
      ngx_http_scrape_told_variable,
      NGX_HTTP_SCRAPE_TOLD(bytes),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("scrape_queue"), NULL,
      ngx_http_scrape_told_variable,
      NGX_HTTP_SCRAPE_TOLD(queue),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_scrape_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_scrape_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_scrape_tell(ngx_http_request_t *r, sc_str_t *name, sc_str_t *value)
{
    size_t                    len;
    u_char                   *key;
    ngx_http_scrape_field_t  *field;

    key = (u_char *) name->data + NGX_HTTP_SCRAPE_PREFIX;
    len = name->len - NGX_HTTP_SCRAPE_PREFIX;

    if (len == sizeof("hold") - 1
        && ngx_strncasecmp(key, (u_char *) "hold", len) == 0)
    {
#if (NGX_HTTP_CACHE)
        /* it was over when the reply was kept, or will be told again */
        if (r->cached) {
            return NGX_OK;
        }
#endif

        ngx_http_scrape_hold_keep(r, value);
        return NGX_OK;
    }

    for (field = ngx_http_scrape_fields; field->name.len; field++) {
        if (field->name.len == len
            && ngx_strncasecmp(key, field->name.data, len) == 0)
        {
            return ngx_http_scrape_tell_words(r, field, *value);
        }
    }

    return NGX_OK;
}


/* The reply's buffer is used again: what is told is copied. */
static ngx_int_t
ngx_http_scrape_tell_words(ngx_http_request_t *r,
    ngx_http_scrape_field_t *field, sc_str_t value)
{
    size_t                  len;
    u_char                 *p, *last, *space;
    ngx_str_t              *told;
    ngx_uint_t              i;
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    p = ngx_pnalloc(r->pool, value.len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, value.data, value.len);
    last = p + value.len;

    for (i = 0; i < field->n; i++) {
        space = i + 1 < field->n ? ngx_strlchr(p, last, ' ') : NULL;
        len = (space != NULL ? space : last) - p;

        told = (ngx_str_t *) ((char *) &ctx->told + field->members[i]);
        told->data = p;
        told->len = len;

        if (field->members[i] == NGX_HTTP_SCRAPE_TOLD(fetch_time)
            && ngx_http_scrape_tell_time(r, told) != NGX_OK)
        {
            return NGX_ERROR;
        }

        p += len + (space != NULL);
    }

    return NGX_OK;
}


/* Milliseconds become seconds, as in $request_time. */
static ngx_int_t
ngx_http_scrape_tell_time(ngx_http_request_t *r, ngx_str_t *time)
{
    u_char  *p;
    off_t    ms;

    ms = ngx_atoof(time->data, time->len);

    if (ms == (off_t) NGX_ERROR) {
        time->len = 0;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_OFF_T_LEN + 5);
    if (p == NULL) {
        return NGX_ERROR;
    }

    time->data = p;
    time->len = ngx_sprintf(p, "%O.%03O", ms / 1000, ms % 1000) - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_told_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_scrape_ctx_t  *ctx;

    static ngx_str_t  none = ngx_null_string;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    ngx_http_scrape_variable_set(v, ctx != NULL
                        ? (ngx_str_t *) ((char *) &ctx->told + data) : &none);

    return NGX_OK;
}


/* Of a request that scraped said nothing of: what it would have used. */
static ngx_int_t
ngx_http_scrape_ruleset_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_scrape_ctx_t       *ctx;
    ngx_http_scrape_loc_conf_t  *slcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);
    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    ngx_http_scrape_variable_set(v, ctx != NULL && ctx->told.ruleset.len
                                    ? &ctx->told.ruleset : &slcf->use);

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_host_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  host;

    host = ngx_http_scrape_host(r);
    ngx_http_scrape_variable_set(v, &host);

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_shard_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  slot;

    slot = ngx_http_scrape_slot(r);
    ngx_http_scrape_variable_set(v, &slot);

    return NGX_OK;
}


/* Nothing is not found: a log has "-" for it, everything else "". */
static void
ngx_http_scrape_variable_set(ngx_http_variable_value_t *v, ngx_str_t *value)
{
    if (value->len == 0) {
        v->not_found = 1;
        return;
    }

    v->len = value->len;
    v->data = value->data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
}
