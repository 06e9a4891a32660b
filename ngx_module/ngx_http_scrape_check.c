
#include "common/sc_json_of.h"
#include "ngx_module/ngx_http_scrape.h"


static ngx_int_t ngx_http_scrape_check_zones(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf);
static ngx_int_t ngx_http_scrape_check_page(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf, ngx_http_scrape_pass_t *pass);
static ngx_str_t ngx_http_scrape_check_field(ngx_str_t *wanted);
static ngx_uint_t ngx_http_scrape_check_has(ngx_http_scrape_ruleset_t *set,
    ngx_str_t *field);


ngx_int_t
ngx_http_scrape_check(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf)
{
    ngx_uint_t               i;
    ngx_http_scrape_pass_t  *pass;

    if (ngx_http_scrape_check_zones(cf, smcf) != NGX_OK) {
        return NGX_ERROR;
    }

    pass = smcf->passes.elts;

    for (i = 0; i < smcf->passes.nelts; i++) {
        if (pass[i].slcf->url != NULL
            && ngx_http_scrape_check_page(cf, smcf, &pass[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_check_zones(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf)
{
    ngx_str_t               *name;
    ngx_uint_t               i, n;
    ngx_http_scrape_use_t   *zone;
    ngx_http_file_cache_t  **caches;

    zone = smcf->zones.elts;
    caches = smcf->caches.elts;

    for (i = 0; i < smcf->zones.nelts; i++) {

        for (n = 0; n < smcf->caches.nelts; n++) {
            name = &caches[n]->shm_zone->shm.name;

            if (name->len == zone[i].name.len
                && ngx_strncmp(name->data, zone[i].name.data, name->len) == 0)
            {
                break;
            }
        }

        if (n == smcf->caches.nelts) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"scrape_cache\" zone \"%V\" is unknown in %s:%ui",
                          &zone[i].name, zone[i].file, zone[i].line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* A rule set, or words that do without; the field whose value it gives. */
static ngx_int_t
ngx_http_scrape_check_page(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf,
    ngx_http_scrape_pass_t *pass)
{
    ngx_str_t                    field;
    ngx_http_scrape_ruleset_t   *set;
    ngx_http_scrape_loc_conf_t  *slcf = pass->slcf;

    field = ngx_http_scrape_check_field(&slcf->wanted);

    if (slcf->use.len == 0) {

        if (slcf->inside || (slcf->wanted.len > 0 && field.len == 0)) {
            return NGX_OK;
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"scrape_url\" needs a \"scrape_use\"%s in the "
                      "location of \"scrape_pass\" in %s:%ui",
                      field.len > 0 ? "" : ", or a \"scrape_return\",",
                      pass->file, pass->line);
        return NGX_ERROR;
    }

    set = ngx_http_scrape_rules_find(smcf, &slcf->use);

    if (set == NULL || field.len == 0
        || ngx_http_scrape_check_has(set, &field))
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"scrape_return\" names \"%V\", which is no field of rule "
                  "set \"%V\", for the \"scrape_pass\" in %s:%ui",
                  &field, &slcf->use, pass->file, pass->line);

    return NGX_ERROR;
}


/* The field of "value=" and "html=", empty for other words. */
static ngx_str_t
ngx_http_scrape_check_field(ngx_str_t *wanted)
{
    u_char     *p;
    ngx_str_t   field = ngx_null_string;

    p = wanted->len > 0 ? ngx_strlchr(wanted->data,
                                      wanted->data + wanted->len, '=')
                        : NULL;

    if (p != NULL) {
        field.data = p + 1;
        field.len = wanted->data + wanted->len - field.data;
    }

    return field;
}


/* What a group of sets gives depends on the page. */
static ngx_uint_t
ngx_http_scrape_check_has(ngx_http_scrape_ruleset_t *set, ngx_str_t *field)
{
    size_t       len;
    json_t      *json;
    ngx_uint_t   has;
    const char  *name;
    json_t      *fields, *value;

    json = sc_json_of((char *) set->json.data, set->json.len, 0, NULL);
    fields = json_object_get(json, "fields");
    has = !json_is_object(fields);

    json_object_foreach(fields, name, value) {
        len = ngx_strlen(name);
        has = has || (len == field->len
                      && ngx_strncmp(name, field->data, len) == 0);
    }

    json_decref(json);

    return has;
}
