
#include "ngx_module/ngx_http_scrape.h"


/* bytes of one file */
#define NGX_HTTP_SCRAPE_MAX_FILE  1048576


static ngx_int_t ngx_http_scrape_rules_read(ngx_conf_t *cf, ngx_str_t *path,
    ngx_str_t *text);
static void ngx_http_scrape_rules_refused(ngx_conf_t *cf, ngx_str_t *path,
    sc_rules_error_t *err);


/* scrape_rules_file NAME FILE: the whole language, as JSON */

char *
ngx_http_scrape_rules_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_main_conf_t  *smcf = conf;

    ngx_str_t         *value, text;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    value = cf->args->elts;

    if (ngx_http_scrape_rules_find(smcf, &value[1]) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate rule set \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    if (ngx_conf_full_name(cf->cycle, &value[2], 1) != NGX_OK
        || ngx_http_scrape_rules_read(cf, &value[2], &text) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    rules = sc_rules_parse_text((char *) text.data, text.len, &err);

    if (rules == NULL) {
        ngx_http_scrape_rules_refused(cf, &value[2], &err);
        return NGX_CONF_ERROR;
    }

    return ngx_http_scrape_rules_keep(cf, smcf, &value[1], rules);
}


static ngx_int_t
ngx_http_scrape_rules_read(ngx_conf_t *cf, ngx_str_t *path, ngx_str_t *text)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_t       file;
    ngx_file_info_t  info;

    ngx_memzero(&file, sizeof(ngx_file_t));

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", path);
        return NGX_ERROR;
    }

    file.fd = fd;
    file.name = *path;
    file.log = cf->log;
    text->len = 0;
    text->data = NULL;
    n = NGX_ERROR;

    if (ngx_fd_info(fd, &info) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", path);

    } else if (ngx_file_size(&info) > NGX_HTTP_SCRAPE_MAX_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "rule set \"%V\" has more than %d bytes", path,
                           NGX_HTTP_SCRAPE_MAX_FILE);

    } else {
        text->len = (size_t) ngx_file_size(&info);
        text->data = ngx_pnalloc(cf->temp_pool, text->len + 1);

        if (text->data != NULL) {
            n = ngx_read_file(&file, text->data, text->len, 0);
        }
    }

    (void) ngx_close_file(fd);

    return n == (ssize_t) text->len ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_scrape_rules_refused(ngx_conf_t *cf, ngx_str_t *path,
    sc_rules_error_t *err)
{
    if (err->column > 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%s at \"%s\", column %d, of \"%V\"",
                           err->message, err->pointer, err->column, path);
        return;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s at \"%s\" of \"%V\"",
                       err->message, err->pointer, path);
}
