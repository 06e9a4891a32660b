
#include "common/sc_json_of.h"
#include "ngx_module/ngx_http_scrape.h"
#include "ngx_module/ngx_http_scrape_channel.h"


/* A scrape_rules block while it is read; max_age in seconds, or NGX_ERROR. */
typedef struct {
    ngx_str_t                  name;
    json_t                    *fields;
    time_t                     max_age;
} ngx_http_scrape_block_t;


/* A line of the block: NAME SELECTOR options. */
typedef struct {
    ngx_str_t                  name;
    json_t                    *parent;
    const char                *key;
    json_t                    *rule;
    ngx_uint_t                 many;
    ngx_uint_t                 each;
} ngx_http_scrape_line_t;


static char *ngx_http_scrape_rules_max_age(ngx_conf_t *cf,
    ngx_http_scrape_block_t *block);
static char *ngx_http_scrape_rules_line(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf);
static char *ngx_http_scrape_rules_field(ngx_conf_t *cf,
    ngx_http_scrape_block_t *block);
static char *ngx_http_scrape_rules_place(ngx_conf_t *cf,
    ngx_http_scrape_block_t *block, ngx_http_scrape_line_t *line);
static json_t *ngx_http_scrape_rules_selector(ngx_http_scrape_line_t *line,
    ngx_str_t *text);
static const char *ngx_http_scrape_rules_named(const char *const *names,
    ngx_str_t *text, ngx_str_t *value);
static char *ngx_http_scrape_rules_option(ngx_conf_t *cf,
    ngx_http_scrape_line_t *line, ngx_str_t *option);
static json_t *ngx_http_scrape_rules_value(ngx_str_t *text);
static json_t *ngx_http_scrape_rules_rule(ngx_http_scrape_line_t *line);
static json_t *ngx_http_scrape_rules_each(ngx_http_scrape_line_t *line);
static char *ngx_http_scrape_rules_check(ngx_conf_t *cf,
    ngx_http_scrape_block_t *block, ngx_http_scrape_line_t *line,
    json_t *rule);
static void ngx_http_scrape_rules_error(ngx_conf_t *cf, ngx_str_t *set,
    ngx_str_t *field, sc_rules_error_t *err);
static char *ngx_http_scrape_rules_end(ngx_conf_t *cf,
    ngx_http_scrape_block_t *block);
static ngx_int_t ngx_http_scrape_rules_hello(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf);
static ngx_str_t ngx_http_scrape_rules_begin(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf, const char *fields);


static const char *const  ngx_http_scrape_selectors[] = {
    "xpath", "css", "regex", "json", "jsonld", "meta", "header", "const", NULL
};


static const char *const  ngx_http_scrape_options[] = {
    "type", "default", "get", "attr", "transform", "min", "max", "max_items",
    "enum", "pattern", "group", "flags", "drop_if", NULL
};


char *
ngx_http_scrape_rules_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_main_conf_t  *smcf = conf;

    char                     *rv;
    ngx_str_t                *value;
    ngx_conf_t                save;
    ngx_http_scrape_block_t   block;

    value = cf->args->elts;

    if (ngx_http_scrape_rules_find(smcf, &value[1]) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate rule set \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    block.name = value[1];
    block.max_age = NGX_ERROR;

    if (cf->args->nelts == 3
        && ngx_http_scrape_rules_max_age(cf, &block) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    block.fields = json_object();
    if (block.fields == NULL) {
        return NGX_CONF_ERROR;
    }

    save = *cf;
    cf->handler = ngx_http_scrape_rules_line;
    cf->handler_conf = (char *) &block;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv == NGX_CONF_OK) {
        rv = ngx_http_scrape_rules_end(cf, &block);
    }

    json_decref(block.fields);

    return rv;
}


static char *
ngx_http_scrape_rules_max_age(ngx_conf_t *cf, ngx_http_scrape_block_t *block)
{
    ngx_str_t  *value, age;

    value = cf->args->elts;

    if (ngx_strncmp(value[2].data, "max_age=", 8) == 0) {
        age.data = value[2].data + 8;
        age.len = value[2].len - 8;
        block->max_age = ngx_parse_time(&age, 1);
    }

    if (block->max_age == (time_t) NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" of rule set \"%V\"",
                           &value[2], &block->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_scrape_rules_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_http_scrape_block_t *block = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[0].data, "include") == 0) {
        return ngx_conf_include(cf, dummy, conf);
    }

    if (cf->args->nelts < 2) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no selector for field \"%V\" of rule set \"%V\"",
                           &value[0], &block->name);
        return NGX_CONF_ERROR;
    }

    return ngx_http_scrape_rules_field(cf, block);
}


static char *
ngx_http_scrape_rules_field(ngx_conf_t *cf, ngx_http_scrape_block_t *block)
{
    char                    *rv;
    json_t                  *rule;
    ngx_str_t               *value;
    ngx_uint_t               i;
    ngx_http_scrape_line_t   line;

    value = cf->args->elts;

    ngx_memzero(&line, sizeof(ngx_http_scrape_line_t));
    line.name = value[0];

    if (ngx_http_scrape_rules_place(cf, block, &line) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    line.rule = ngx_http_scrape_rules_selector(&line, &value[1]);

    if (line.rule == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "selector of field \"%V\" of rule set \"%V\" is "
                           "not UTF-8", &value[0], &block->name);
        return NGX_CONF_ERROR;
    }

    rv = NGX_CONF_OK;

    for (i = 2; i < cf->args->nelts && rv == NGX_CONF_OK; i++) {
        rv = ngx_http_scrape_rules_option(cf, &line, &value[i]);
    }

    rule = rv == NGX_CONF_OK ? ngx_http_scrape_rules_rule(&line) : NULL;

    if (rule != NULL) {
        rv = ngx_http_scrape_rules_check(cf, block, &line, rule);

        if (rv == NGX_CONF_OK
            && json_object_set(line.parent, line.key, rule) != 0)
        {
            rv = NGX_CONF_ERROR;
        }

    } else {
        rv = NGX_CONF_ERROR;
    }

    json_decref(rule);
    json_decref(line.rule);

    return rv;
}


/* "offers.seller" belongs to the fields of "offers", an each before it. */
static char *
ngx_http_scrape_rules_place(ngx_conf_t *cf, ngx_http_scrape_block_t *block,
    ngx_http_scrape_line_t *line)
{
    char    *name, *dot;
    json_t  *fields;

    name = (char *) line->name.data;
    fields = block->fields;

    while ((dot = strchr(name, '.')) != NULL) {
        *dot = '\0';
        fields = json_object_get(json_object_get(fields, name), "fields");
        *dot = '.';

        if (fields == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "field \"%V\" of rule set \"%V\" is inside no "
                               "field with \"each\" before it", &line->name,
                               &block->name);
            return NGX_CONF_ERROR;
        }

        name = dot + 1;
    }

    if (json_object_get(fields, name) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate field \"%V\" in rule set \"%V\"",
                           &line->name, &block->name);
        return NGX_CONF_ERROR;
    }

    line->parent = fields;
    line->key = name;

    return NGX_CONF_OK;
}


/*
 * XPath or CSS by its looks, or what a word before '=' says.  Only that of an
 * "each" is its value.
 */
static json_t *
ngx_http_scrape_rules_selector(ngx_http_scrape_line_t *line, ngx_str_t *text)
{
    json_t      *selector;
    ngx_str_t    value;
    const char  *name;

    name = ngx_http_scrape_rules_named(ngx_http_scrape_selectors, text,
                                       &value);

    if (name == NULL) {
        name = sc_rules_is_xpath((char *) text->data) ? "xpath" : "css";
        value = *text;
    }

    selector = (ngx_strcmp(name, "const") == 0)
               ? ngx_http_scrape_rules_value(&value)
               : json_stringn((char *) value.data, value.len);

    return json_pack("{s:o}", name, selector);
}


/* The name among names that text has before '=', and what stands behind. */
static const char *
ngx_http_scrape_rules_named(const char *const *names, ngx_str_t *text,
    ngx_str_t *value)
{
    size_t  len;

    for ( /* void */ ; *names != NULL; names++) {
        len = ngx_strlen(*names);

        if (text->len > len && text->data[len] == '='
            && ngx_strncmp(text->data, *names, len) == 0)
        {
            value->data = text->data + len + 1;
            value->len = text->len - len - 1;

            return *names;
        }
    }

    return NULL;
}


static char *
ngx_http_scrape_rules_option(ngx_conf_t *cf, ngx_http_scrape_line_t *line,
    ngx_str_t *option)
{
    int          rc;
    ngx_str_t    value;
    const char  *name;

    rc = -1;

    if (ngx_strcmp(option->data, "many") == 0) {
        line->many = 1;
        rc = 0;

    } else if (ngx_strcmp(option->data, "each") == 0) {
        line->each = 1;
        rc = 0;

    } else if (ngx_strcmp(option->data, "required") == 0) {
        rc = json_object_set_new(line->rule, "required", json_true());

    } else {
        name = ngx_http_scrape_rules_named(ngx_http_scrape_options, option,
                                           &value);

        if (name != NULL) {
            rc = json_object_set_new(line->rule, name,
                                     ngx_http_scrape_rules_value(&value));
        }
    }

    if (rc != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid option \"%V\" of field \"%V\"", option,
                           &line->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* JSON as it is; what is not JSON is a string. */
static json_t *
ngx_http_scrape_rules_value(ngx_str_t *text)
{
    json_t  *value;

    value = sc_json_of((char *) text->data, text->len, JSON_DECODE_ANY, NULL);

    if (value == NULL) {
        value = json_stringn((char *) text->data, text->len);
    }

    return value;
}


static json_t *
ngx_http_scrape_rules_rule(ngx_http_scrape_line_t *line)
{
    if (line->each) {
        return ngx_http_scrape_rules_each(line);
    }

    if (line->many) {
        return json_pack("[O]", line->rule);
    }

    return json_incref(line->rule);
}


/* The selector goes into "each"; what else there is stays beside it. */
static json_t *
ngx_http_scrape_rules_each(ngx_http_scrape_line_t *line)
{
    json_t             *rule, *each, *value;
    const char *const  *name;

    rule = json_copy(line->rule);
    each = json_object();

    for (name = ngx_http_scrape_selectors; *name != NULL; name++) {
        value = json_object_get(line->rule, *name);

        if (value != NULL) {
            (void) json_object_set(each, *name, value);
            (void) json_object_del(rule, *name);
        }
    }

    if (json_object_set_new(rule, "each", each) != 0
        || json_object_set_new(rule, "fields", json_object()) != 0)
    {
        json_decref(rule);
        return NULL;
    }

    return rule;
}


/* Compile and dry-run the field by itself, while its line is known. */
static char *
ngx_http_scrape_rules_check(ngx_conf_t *cf, ngx_http_scrape_block_t *block,
    ngx_http_scrape_line_t *line, json_t *rule)
{
    json_t            *one, *fields;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    if (line->each && line->many) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "field \"%V\" of rule set \"%V\" has \"each\" and "
                           "\"many\"", &line->name, &block->name);
        return NGX_CONF_ERROR;
    }

    one = json_pack("{s:{s:o}}", "fields", line->key, json_copy(rule));

    if (one != NULL && line->each) {
        /* its own fields are on the lines that follow */
        fields = json_pack("{s:{s:s}}", "text", "const", "");
        (void) json_object_set_new(json_object_get(json_object_get(one,
                                   "fields"), line->key), "fields", fields);
    }

    rules = one != NULL ? sc_rules_parse(one, &err) : NULL;
    json_decref(one);

    if (rules == NULL) {
        ngx_http_scrape_rules_error(cf, &block->name, &line->name, &err);
        return NGX_CONF_ERROR;
    }

    sc_rules_free(rules);

    return NGX_CONF_OK;
}


static void
ngx_http_scrape_rules_error(ngx_conf_t *cf, ngx_str_t *set, ngx_str_t *field,
    sc_rules_error_t *err)
{
    if (err->column > 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%s in field \"%V\" of rule set \"%V\" "
                           "at column %d", err->message, field, set,
                           err->column);
        return;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "%s in field \"%V\" of rule set \"%V\"", err->message,
                       field, set);
}


/* The block is read: the whole set once more, and what is kept of it. */
static char *
ngx_http_scrape_rules_end(ngx_conf_t *cf, ngx_http_scrape_block_t *block)
{
    json_t                       *set;
    ngx_str_t                     field;
    sc_rules_t                   *rules;
    sc_rules_error_t              err;
    ngx_http_scrape_main_conf_t  *smcf;

    if (json_object_size(block->fields) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no fields in rule set \"%V\"", &block->name);
        return NGX_CONF_ERROR;
    }

    set = json_pack("{s:O}", "fields", block->fields);

    if (set != NULL && block->max_age != NGX_ERROR) {
        (void) json_object_set_new(set, "max_age",
                                   json_integer(block->max_age));
    }

    rules = set != NULL ? sc_rules_parse(set, &err) : NULL;
    json_decref(set);

    if (rules == NULL) {
        field.data = (u_char *) err.field;
        field.len = ngx_strlen(err.field);
        ngx_http_scrape_rules_error(cf, &block->name, &field, &err);
        return NGX_CONF_ERROR;
    }

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_scrape_module);

    return ngx_http_scrape_rules_keep(cf, smcf, &block->name, rules);
}


/* What is kept of a set; it is freed. */
char *
ngx_http_scrape_rules_keep(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf,
    ngx_str_t *name, sc_rules_t *rules)
{
    ngx_str_t                   json, hash;
    ngx_http_scrape_ruleset_t  *ruleset;

    json.data = (u_char *) rules->json;
    json.len = rules->json_len;
    hash.data = (u_char *) rules->hash;
    hash.len = ngx_strlen(rules->hash);

    ruleset = ngx_array_push(&smcf->rulesets);

    if (ruleset != NULL) {
        ruleset->name = *name;
        ruleset->json.len = json.len;
        ruleset->json.data = ngx_pstrdup(cf->pool, &json);
        ruleset->hash.len = hash.len;
        ruleset->hash.data = ngx_pstrdup(cf->pool, &hash);
    }

    sc_rules_free(rules);

    if (ruleset == NULL || ruleset->json.data == NULL
        || ruleset->hash.data == NULL)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_scrape_use(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t *slcf = conf;

    ngx_str_t                    *value;
    ngx_http_scrape_main_conf_t  *smcf;

    if (slcf->use.data) {
        return "is duplicate";
    }

    value = cf->args->elts;
    slcf->use = value[1];

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_scrape_module);

    return ngx_http_scrape_uses(cf, &smcf->uses, &value[1]) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_scrape_uses(ngx_conf_t *cf, ngx_array_t *uses, ngx_str_t *name)
{
    ngx_http_scrape_use_t  *use;

    use = ngx_array_push(uses);
    if (use == NULL) {
        return NGX_ERROR;
    }

    use->name = *name;
    use->file = cf->conf_file->file.name.data;
    use->line = cf->conf_file->line;

    return NGX_OK;
}


ngx_int_t
ngx_http_scrape_rules_init(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf)
{
    ngx_uint_t              i;
    ngx_http_scrape_use_t  *use;

    use = smcf->uses.elts;

    for (i = 0; i < smcf->uses.nelts; i++) {

        if (ngx_http_scrape_rules_find(smcf, &use[i].name) == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown rule set \"%V\" in %s:%ui", &use[i].name,
                          use[i].file, use[i].line);
            return NGX_ERROR;
        }
    }

    return ngx_http_scrape_rules_hello(cf, smcf);
}


ngx_http_scrape_ruleset_t *
ngx_http_scrape_rules_find(ngx_http_scrape_main_conf_t *smcf, ngx_str_t *name)
{
    ngx_uint_t                  i;
    ngx_http_scrape_ruleset_t  *ruleset;

    ruleset = smcf->rulesets.elts;

    for (i = 0; i < smcf->rulesets.nelts; i++) {

        if (ruleset[i].name.len == name->len
            && ngx_strncmp(ruleset[i].name.data, name->data, name->len) == 0)
        {
            return &ruleset[i];
        }
    }

    return NULL;
}


/* What each connection begins with, made once. */
static ngx_int_t
ngx_http_scrape_rules_hello(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf)
{
    char  window[64];

    (void) snprintf(window, sizeof(window), "Body-Window: %d\r\n",
                    NGX_HTTP_SCRAPE_BODY_WINDOW);

    smcf->hello = ngx_http_scrape_rules_begin(cf, smcf, "");
    smcf->channel_hello = ngx_http_scrape_rules_begin(cf, smcf, window);

    return smcf->hello.data != NULL && smcf->channel_hello.data != NULL
           ? NGX_OK : NGX_ERROR;
}


/* A hello with these further fields, and the rule sets; data NULL: memory. */
static ngx_str_t
ngx_http_scrape_rules_begin(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf,
    const char *fields)
{
    sc_buf_t                    b, payload;
    ngx_str_t                   text;
    ngx_uint_t                  i;
    ngx_http_scrape_ruleset_t  *set;

    sc_buf_init(&b, 0);
    sc_buf_init(&payload, 0);

    (void) sc_buf_printf(&payload, "Name: ngx_http_scrape_module\r\n"
                         "Version: " NGX_HTTP_SCRAPE_VERSION "\r\n"
                         "Generation: %ld-%ld\r\n%s", (long) ngx_time(),
                         (long) ngx_getpid(), fields);
    (void) sc_frame_add(&b, SC_FRAME_HELLO, 0, SC_PROTOCOL_VERSION,
                        payload.data, payload.len);

    set = smcf->rulesets.elts;

    for (i = 0; i < smcf->rulesets.nelts; i++) {
        sc_buf_reset(&payload);
        (void) sc_buf_add(&payload, set[i].name.data, set[i].name.len);
        (void) sc_buf_add(&payload, " ", 1);
        (void) sc_buf_add(&payload, set[i].hash.data, set[i].hash.len);
        (void) sc_buf_add(&payload, "\n", 1);
        (void) sc_buf_add(&payload, set[i].json.data, set[i].json.len);
        (void) sc_frame_add(&b, SC_FRAME_RULES, 0, 0, payload.data,
                            payload.len);
    }

    text.data = (u_char *) b.data;
    text.len = b.len;
    text.data = b.failed ? NULL : ngx_pstrdup(cf->pool, &text);

    sc_buf_free(&payload);
    sc_buf_free(&b);

    return text;
}
