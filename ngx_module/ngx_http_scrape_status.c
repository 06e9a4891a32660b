
#include "ngx_module/ngx_http_scrape_status.h"


/* A scrape_status, and where it stands: scrape_pass may stand below it. */
typedef struct {
    ngx_http_core_loc_conf_t  *clcf;
    u_char                    *file;
    ngx_uint_t                 line;
} ngx_http_scrape_status_place_t;


/* A format, its name in the configuration and in ?format=. */
typedef struct {
    ngx_str_t                  name;
    ngx_http_scrape_status_e   format;
    ngx_str_t                  accept;
    ngx_str_t                  type;
} ngx_http_scrape_status_format_t;


static ngx_http_scrape_status_e ngx_http_scrape_status_named(ngx_str_t *name);
static ngx_int_t ngx_http_scrape_status_place(ngx_conf_t *cf);
static ngx_uint_t ngx_http_scrape_status_accepts(ngx_http_request_t *r,
    const char *word);
static const ngx_http_scrape_status_format_t *ngx_http_scrape_status_find(
    ngx_http_request_t *r);


static const ngx_http_scrape_status_format_t
    ngx_http_scrape_status_formats[] = {

    { ngx_string("text"), NGX_HTTP_SCRAPE_STATUS_TEXT,
      ngx_string("text/plain"),
      ngx_string("text/plain; charset=utf-8") },

    { ngx_string("json"), NGX_HTTP_SCRAPE_STATUS_JSON,
      ngx_string("application/json"),
      ngx_string("application/json") },

    { ngx_string("openmetrics"), NGX_HTTP_SCRAPE_STATUS_METRICS,
      ngx_string("application/openmetrics-text"),
      ngx_string("application/openmetrics-text; version=1.0.0; "
                 "charset=utf-8") },

    { ngx_string("prometheus"), NGX_HTTP_SCRAPE_STATUS_PROMETHEUS,
      ngx_string("text/plain; version=0.0.4"),
      ngx_string("text/plain; version=0.0.4; charset=utf-8") },

    { ngx_null_string, NGX_HTTP_SCRAPE_STATUS_OFF, ngx_null_string,
      ngx_null_string }
};


char *
ngx_http_scrape_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t  *slcf = conf;

    ngx_str_t  *value;

    if (slcf->status != NGX_HTTP_SCRAPE_STATUS_OFF) {
        return "is duplicate";
    }

    slcf->status = NGX_HTTP_SCRAPE_STATUS_ACCEPT;

    if (cf->args->nelts == 2) {
        value = cf->args->elts;
        slcf->status = ngx_http_scrape_status_named(&value[1]);

        if (slcf->status == NGX_HTTP_SCRAPE_STATUS_OFF) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid format \"%V\", it must be \"text\", "
                               "\"json\", \"openmetrics\" or "
                               "\"prometheus\"", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    return ngx_http_scrape_status_place(cf) == NGX_OK ? NGX_CONF_OK
                                                      : NGX_CONF_ERROR;
}


static ngx_http_scrape_status_e
ngx_http_scrape_status_named(ngx_str_t *name)
{
    const ngx_http_scrape_status_format_t  *f;

    for (f = ngx_http_scrape_status_formats; f->name.len; f++) {
        if (f->name.len == name->len
            && ngx_strncmp(f->name.data, name->data, name->len) == 0)
        {
            break;
        }
    }

    return f->format;
}


static ngx_int_t
ngx_http_scrape_status_place(ngx_conf_t *cf)
{
    ngx_http_scrape_main_conf_t     *smcf;
    ngx_http_scrape_status_place_t  *place;

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_scrape_module);

    if (smcf->statuses == NULL) {
        smcf->statuses = ngx_array_create(cf->pool, 4,
                                      sizeof(ngx_http_scrape_status_place_t));
        if (smcf->statuses == NULL) {
            return NGX_ERROR;
        }
    }

    place = ngx_array_push(smcf->statuses);
    if (place == NULL) {
        return NGX_ERROR;
    }

    place->clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    place->file = cf->conf_file->file.name.data;
    place->line = cf->conf_file->line;

    return NGX_OK;
}


ngx_int_t
ngx_http_scrape_status_init(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf)
{
    ngx_uint_t                       i;
    ngx_http_scrape_status_place_t  *place;

    if (smcf->statuses == NULL) {
        return NGX_OK;
    }

    place = smcf->statuses->elts;

    for (i = 0; i < smcf->statuses->nelts; i++) {
        if (place[i].clcf->handler != ngx_http_scrape_handler) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"scrape_status\" needs a \"scrape_pass\" in the "
                          "same location in %s:%ui",
                          place[i].file, place[i].line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_http_scrape_status_e
ngx_http_scrape_status_format(ngx_http_request_t *r)
{
    ngx_str_t                    name;
    ngx_http_scrape_status_e     format;
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (ngx_http_arg(r, (u_char *) "format", 6, &name) == NGX_OK) {
        format = ngx_http_scrape_status_named(&name);

        if (format != NGX_HTTP_SCRAPE_STATUS_OFF) {
            return format;
        }
    }

    if (slcf->status != NGX_HTTP_SCRAPE_STATUS_ACCEPT) {
        return slcf->status;
    }

    if (ngx_http_scrape_status_accepts(r, "application/openmetrics-text")) {
        return NGX_HTTP_SCRAPE_STATUS_METRICS;
    }

    if (ngx_http_scrape_status_accepts(r, "version=0.0.4")) {
        return NGX_HTTP_SCRAPE_STATUS_PROMETHEUS;
    }

    return ngx_http_scrape_status_accepts(r, "application/json")
           ? NGX_HTTP_SCRAPE_STATUS_JSON : NGX_HTTP_SCRAPE_STATUS_TEXT;
}


static ngx_uint_t
ngx_http_scrape_status_accepts(ngx_http_request_t *r, const char *word)
{
    size_t                 len;
    ngx_table_elt_t       *h;
    ngx_http_scrape_at_t   at;

    len = ngx_strlen(word);
    ngx_memzero(&at, sizeof(ngx_http_scrape_at_t));

    while ((h = ngx_http_scrape_next_field(r, &at, "Accept")) != NULL) {
        if (ngx_strlcasestrn(h->value.data, h->value.data + h->value.len,
                             (u_char *) word, len - 1)
            != NULL)
        {
            return 1;
        }
    }

    return 0;
}


ngx_str_t
ngx_http_scrape_status_accept(ngx_http_request_t *r)
{
    return ngx_http_scrape_status_find(r)->accept;
}


static const ngx_http_scrape_status_format_t *
ngx_http_scrape_status_find(ngx_http_request_t *r)
{
    ngx_http_scrape_status_e                format;
    const ngx_http_scrape_status_format_t  *f;

    format = ngx_http_scrape_status_format(r);

    for (f = ngx_http_scrape_status_formats; f->name.len; f++) {
        if (f->format == format) {
            break;
        }
    }

    return f;
}


ngx_str_t
ngx_http_scrape_status_type(ngx_http_request_t *r)
{
    return ngx_http_scrape_status_find(r)->type;
}
