
#include "ngx_module/ngx_http_scrape.h"


/* bytes of all values of a location together, as JSON */
#define NGX_HTTP_SCRAPE_OPTIONS_SIZE  32768

#define NGX_HTTP_SCRAPE_SESSION_LEN   64
#define NGX_HTTP_SCRAPE_METHOD_LEN    32


typedef enum {
    NGX_HTTP_SCRAPE_OPTION_TEXT = 0,
    NGX_HTTP_SCRAPE_OPTION_CONTENT,     /* text of several lines */
    NGX_HTTP_SCRAPE_OPTION_METHOD,
    NGX_HTTP_SCRAPE_OPTION_SESSION,
    NGX_HTTP_SCRAPE_OPTION_HTTP,
    NGX_HTTP_SCRAPE_OPTION_NUMBER,
    NGX_HTTP_SCRAPE_OPTION_SIZE,
    NGX_HTTP_SCRAPE_OPTION_TIME,
    NGX_HTTP_SCRAPE_OPTION_FLAG
} ngx_http_scrape_option_e;


/*
 * A name of scrape_request.
 *
 * object  the member of "request" that it goes into, NULL if none
 * member  its name there; empty: the second argument
 */
typedef struct {
    ngx_str_t                        name;
    const char                      *object;
    const char                      *member;
    ngx_http_scrape_option_e         type;
} ngx_http_scrape_option_def_t;


/* A scrape_request; name is the member's. */
typedef struct {
    const ngx_http_scrape_option_def_t  *def;
    ngx_str_t                        name;
    ngx_http_complex_value_t         value;
} ngx_http_scrape_option_t;


static const ngx_http_scrape_option_def_t *ngx_http_scrape_option_find(
    ngx_str_t *name);
static const char *ngx_http_scrape_option_name(
    ngx_http_scrape_option_t *option);
static ngx_uint_t ngx_http_scrape_option_token(ngx_str_t *s);
static ngx_uint_t ngx_http_scrape_option_reserved(ngx_str_t *name);
static ngx_uint_t ngx_http_scrape_option_twice(ngx_array_t *options,
    ngx_http_scrape_option_t *option);
static ngx_int_t ngx_http_scrape_option_value(ngx_conf_t *cf,
    ngx_http_scrape_option_t *option, ngx_str_t *value);
static const char *ngx_http_scrape_option_check(
    const ngx_http_scrape_option_def_t *def, ngx_str_t *value);
static ngx_uint_t ngx_http_scrape_option_is(ngx_str_t *value,
    const char *word);
static ngx_uint_t ngx_http_scrape_option_session(ngx_str_t *value);
static const char *ngx_http_scrape_option_text(ngx_str_t *value,
    ngx_uint_t lines);
static const char *ngx_http_scrape_word(ngx_http_scrape_loc_conf_t *slcf,
    ngx_str_t *word, ngx_uint_t n);
static ngx_uint_t ngx_http_scrape_word_there(ngx_str_t words,
    ngx_str_t *word);
static ngx_int_t ngx_http_scrape_options_object(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, const char *object, sc_buf_t *b);
static ngx_int_t ngx_http_scrape_options_refuse(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_str_t *name, const char *why);
static void ngx_http_scrape_options_write(sc_buf_t *b,
    ngx_http_scrape_option_t *option, ngx_str_t *value);
static void ngx_http_scrape_options_name(sc_buf_t *b, const char *name,
    size_t len);


static const char  ngx_http_scrape_headers[] = "headers";
static const char  ngx_http_scrape_cookies[] = "cookies";
static const char  ngx_http_scrape_timeouts[] = "timeouts";

static const ngx_http_scrape_option_def_t  ngx_http_scrape_options[] = {
    { ngx_string("method"), NULL, "method", NGX_HTTP_SCRAPE_OPTION_METHOD },
    { ngx_string("header"), ngx_http_scrape_headers, "",
      NGX_HTTP_SCRAPE_OPTION_TEXT },
    { ngx_string("cookie"), ngx_http_scrape_cookies, "",
      NGX_HTTP_SCRAPE_OPTION_TEXT },
    { ngx_string("body"), NULL, "body", NGX_HTTP_SCRAPE_OPTION_CONTENT },
    { ngx_string("session"), NULL, "session",
      NGX_HTTP_SCRAPE_OPTION_SESSION },
    { ngx_string("proxy"), NULL, "proxy", NGX_HTTP_SCRAPE_OPTION_TEXT },
    { ngx_string("source"), NULL, "source", NGX_HTTP_SCRAPE_OPTION_TEXT },
    { ngx_string("http"), NULL, "http", NGX_HTTP_SCRAPE_OPTION_HTTP },
    { ngx_string("redirects"), NULL, "redirects",
      NGX_HTTP_SCRAPE_OPTION_NUMBER },
    { ngx_string("retries"), NULL, "retries",
      NGX_HTTP_SCRAPE_OPTION_NUMBER },
    { ngx_string("retry_unsafe"), NULL, "retry_unsafe",
      NGX_HTTP_SCRAPE_OPTION_FLAG },
    { ngx_string("max_bytes"), NULL, "max_bytes",
      NGX_HTTP_SCRAPE_OPTION_SIZE },
    { ngx_string("partial"), NULL, "partial", NGX_HTTP_SCRAPE_OPTION_FLAG },
    { ngx_string("meta_refresh"), NULL, "meta_refresh",
      NGX_HTTP_SCRAPE_OPTION_FLAG },
    { ngx_string("connect_timeout"), ngx_http_scrape_timeouts, "connect_ms",
      NGX_HTTP_SCRAPE_OPTION_TIME },
    { ngx_string("first_byte_timeout"), ngx_http_scrape_timeouts,
      "first_byte_ms", NGX_HTTP_SCRAPE_OPTION_TIME },
    { ngx_string("idle_timeout"), ngx_http_scrape_timeouts, "idle_ms",
      NGX_HTTP_SCRAPE_OPTION_TIME },
    { ngx_string("total_timeout"), ngx_http_scrape_timeouts, "total_ms",
      NGX_HTTP_SCRAPE_OPTION_TIME },
    { ngx_null_string, NULL, NULL, NGX_HTTP_SCRAPE_OPTION_TEXT }
};

/* what the fetch itself sends; scraped refuses them, too */
static ngx_str_t  ngx_http_scrape_reserved[] = {
    ngx_string("Host"),
    ngx_string("Content-Length"),
    ngx_string("Transfer-Encoding"),
    ngx_string("Connection"),
    ngx_string("Expect"),
    ngx_string("TE"),
    ngx_string("Trailer"),
    ngx_string("Upgrade"),
    ngx_string("Keep-Alive"),
    ngx_null_string
};

/* the value of one field is the whole answer */
static ngx_str_t  ngx_http_scrape_fields[] = {
    ngx_string("value="),
    ngx_string("html="),
    ngx_null_string
};

static ngx_str_t  ngx_http_scrape_words[] = {
    ngx_string("data"),
    ngx_string("links"),
    ngx_string("meta"),
    ngx_string("jsonld"),
    ngx_string("microdata"),
    ngx_string("headers"),
    ngx_string("text"),
    ngx_string("markdown"),
    ngx_string("raw"),
    ngx_string("follow"),
    ngx_string("sketch"),
    ngx_string("explain"),
    ngx_null_string
};


char *
ngx_http_scrape_option(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t *slcf = conf;

    ngx_str_t                           *value;
    const char                          *why;
    ngx_http_scrape_option_t            *option, o;
    const ngx_http_scrape_option_def_t  *def;

    value = cf->args->elts;

    def = ngx_http_scrape_option_find(&value[1]);
    if (def == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown name \"%V\" in \"scrape_request\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts != (def->member[0] == '\0' ? 4 : 3)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number of arguments in "
                           "\"scrape_request %V\"", &def->name);
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&o, sizeof(ngx_http_scrape_option_t));
    o.def = def;
    o.name = cf->args->nelts == 4 ? value[2] : def->name;

    why = ngx_http_scrape_option_name(&o);

    if (why == NULL && slcf->options == NGX_CONF_UNSET_PTR) {
        slcf->options = ngx_array_create(cf->pool, 4,
                                         sizeof(ngx_http_scrape_option_t));
        if (slcf->options == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (why == NULL && ngx_http_scrape_option_twice(slcf->options, &o)) {
        why = "is duplicate";
    }

    if (why != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" in \"scrape_request\" %s", &o.name, why);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_scrape_option_value(cf, &o, &value[cf->args->nelts - 1])
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    option = ngx_array_push(slcf->options);
    if (option == NULL) {
        return NGX_CONF_ERROR;
    }

    *option = o;

    return NGX_CONF_OK;
}


static const ngx_http_scrape_option_def_t *
ngx_http_scrape_option_find(ngx_str_t *name)
{
    const ngx_http_scrape_option_def_t  *def;

    for (def = ngx_http_scrape_options; def->name.len; def++) {
        if (def->name.len == name->len
            && ngx_strncmp(def->name.data, name->data, name->len) == 0)
        {
            return def;
        }
    }

    return NULL;
}


/* What is wrong with a header's or a cookie's name, NULL if nothing. */
static const char *
ngx_http_scrape_option_name(ngx_http_scrape_option_t *option)
{
    if (option->def->member[0] != '\0') {
        return NULL;
    }

    if (!ngx_http_scrape_option_token(&option->name)) {
        return "is not a token";
    }

    if (option->def->object == ngx_http_scrape_headers
        && ngx_http_scrape_option_reserved(&option->name))
    {
        return "may not be set";
    }

    return NULL;
}


static ngx_uint_t
ngx_http_scrape_option_token(ngx_str_t *s)
{
    u_char  c;
    size_t  i;

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL)))
        {
            return 0;
        }
    }

    return s->len > 0;
}


static ngx_uint_t
ngx_http_scrape_option_reserved(ngx_str_t *name)
{
    ngx_str_t  *one;

    for (one = ngx_http_scrape_reserved; one->len; one++) {
        if (one->len == name->len
            && ngx_strncasecmp(one->data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return name->len >= 6
           && ngx_strncasecmp(name->data, (u_char *) "Proxy-", 6) == 0;
}


static ngx_uint_t
ngx_http_scrape_option_twice(ngx_array_t *options,
    ngx_http_scrape_option_t *option)
{
    ngx_uint_t                 i;
    ngx_http_scrape_option_t  *o = options->elts;

    for (i = 0; i < options->nelts; i++) {
        if (o[i].def != option->def || o[i].name.len != option->name.len) {
            continue;
        }

        if (ngx_strncmp(o[i].name.data, option->name.data, o[i].name.len) == 0
            || (option->def->object == ngx_http_scrape_headers
                && ngx_strncasecmp(o[i].name.data, option->name.data,
                                   o[i].name.len)
                   == 0))
        {
            return 1;
        }
    }

    return 0;
}


/* One without variables is judged at once. */
static ngx_int_t
ngx_http_scrape_option_value(ngx_conf_t *cf, ngx_http_scrape_option_t *option,
    ngx_str_t *value)
{
    const char                        *why;
    ngx_http_compile_complex_value_t   ccv;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = &option->value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_ERROR;
    }

    if (option->value.lengths != NULL || value->len == 0) {
        return NGX_OK;
    }

    why = ngx_http_scrape_option_check(option->def, value);

    if (why != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "value \"%V\" of \"%V\" in \"scrape_request\" %s",
                           value, &option->name, why);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* What is wrong with a value, to follow its name; NULL if nothing. */
static const char *
ngx_http_scrape_option_check(const ngx_http_scrape_option_def_t *def,
    ngx_str_t *value)
{
    switch (def->type) {

    case NGX_HTTP_SCRAPE_OPTION_METHOD:
        return ngx_http_scrape_option_token(value)
               && value->len <= NGX_HTTP_SCRAPE_METHOD_LEN
               ? NULL : "is not a method";

    case NGX_HTTP_SCRAPE_OPTION_SESSION:
        return ngx_http_scrape_option_session(value)
               ? NULL : "is not a session's name";

    case NGX_HTTP_SCRAPE_OPTION_HTTP:
        return ngx_http_scrape_option_is(value, "2")
               || ngx_http_scrape_option_is(value, "1.1")
               ? NULL : "is neither \"1.1\" nor \"2\"";

    case NGX_HTTP_SCRAPE_OPTION_NUMBER:
        return ngx_atoi(value->data, value->len) != NGX_ERROR
               ? NULL : "is not a whole number";

    case NGX_HTTP_SCRAPE_OPTION_SIZE:
        return ngx_parse_offset(value) != NGX_ERROR ? NULL : "is not a size";

    case NGX_HTTP_SCRAPE_OPTION_TIME:
        return ngx_parse_time(value, 0) != NGX_ERROR ? NULL : "is not a time";

    case NGX_HTTP_SCRAPE_OPTION_FLAG:
        return ngx_http_scrape_option_is(value, "on")
               || ngx_http_scrape_option_is(value, "off")
               ? NULL : "is neither \"on\" nor \"off\"";

    case NGX_HTTP_SCRAPE_OPTION_CONTENT:
        return ngx_http_scrape_option_text(value, 1);

    default:
        return ngx_http_scrape_option_text(value, 0);
    }
}


static ngx_uint_t
ngx_http_scrape_option_is(ngx_str_t *value, const char *word)
{
    return value->len == ngx_strlen(word)
           && ngx_strncmp(value->data, word, value->len) == 0;
}


static ngx_uint_t
ngx_http_scrape_option_session(ngx_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (!isalnum(value->data[i])
            && strchr("._-", value->data[i]) == NULL)
        {
            return 0;
        }
    }

    return value->len <= NGX_HTTP_SCRAPE_SESSION_LEN;
}


static const char *
ngx_http_scrape_option_text(ngx_str_t *value, ngx_uint_t lines)
{
    u_char   c;
    size_t   i;
    json_t  *json;

    for (i = 0; i < value->len; i++) {
        c = value->data[i];

        if ((c < 0x20 || c == 0x7f)
            && !(lines && (c == '\t' || c == '\r' || c == '\n')))
        {
            return "has a control character";
        }
    }

    json = json_stringn((char *) value->data, value->len);
    if (json == NULL) {
        return "is not UTF-8";
    }

    json_decref(json);

    return NULL;
}


char *
ngx_http_scrape_return(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t *slcf = conf;

    u_char      *p;
    size_t       len;
    ngx_str_t   *value;
    ngx_uint_t   i;
    const char  *why;

    if (slcf->wanted.data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;
    len = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        len += value[i].len + 1;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    slcf->wanted.data = p;

    for (i = 1; i < cf->args->nelts; i++) {
        why = ngx_http_scrape_word(slcf, &value[i], cf->args->nelts - 1);

        if (why != NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" in \"scrape_return\" %s",
                               &value[i], why);
            return NGX_CONF_ERROR;
        }

        if (i > 1) {
            *p++ = ',';
        }

        p = ngx_cpymem(p, value[i].data, value[i].len);
        slcf->wanted.len = p - slcf->wanted.data;
    }

    return NGX_CONF_OK;
}


/* What is wrong with one of n words, NULL if nothing. */
static const char *
ngx_http_scrape_word(ngx_http_scrape_loc_conf_t *slcf, ngx_str_t *word,
    ngx_uint_t n)
{
    size_t      len;
    ngx_str_t  *one;

    for (one = ngx_http_scrape_fields; one->len; one++) {
        len = one->len;

        if (word->len < len || ngx_strncmp(word->data, one->data, len) != 0) {
            continue;
        }

        if (n > 1) {
            return "is the whole answer: nothing goes with it";
        }

        return word->len == len || ngx_http_scrape_option_text(word, 0) != NULL
               ? "names no field" : NULL;
    }

    for (one = ngx_http_scrape_words; one->len; one++) {
        if (one->len == word->len
            && ngx_strncmp(one->data, word->data, one->len) == 0)
        {
            break;
        }
    }

    if (one->len == 0) {
        return "is not known";
    }

    return ngx_http_scrape_word_there(slcf->wanted, word) ? "is there twice"
                                                          : NULL;
}


static ngx_uint_t
ngx_http_scrape_word_there(ngx_str_t words, ngx_str_t *word)
{
    size_t   len;
    u_char  *comma;

    while (words.len > 0) {
        comma = ngx_strlchr(words.data, words.data + words.len, ',');
        len = comma != NULL ? (size_t) (comma - words.data) : words.len;

        if (len == word->len && ngx_strncmp(words.data, word->data, len) == 0)
        {
            return 1;
        }

        len = ngx_min(len + 1, words.len);
        words.data += len;
        words.len -= len;
    }

    return 0;
}


ngx_int_t
ngx_http_scrape_options_read(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx)
{
    sc_buf_t                     b;
    ngx_int_t                    rc;
    ngx_str_t                    text;
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (slcf->options == NULL) {
        return NGX_OK;
    }

    sc_buf_init(&b, NGX_HTTP_SCRAPE_OPTIONS_SIZE);
    (void) sc_buf_add_cstr(&b, "{");

    rc = ngx_http_scrape_options_object(r, ctx, NULL, &b);

    if (rc == NGX_OK) {
        rc = ngx_http_scrape_options_object(r, ctx, ngx_http_scrape_headers,
                                            &b);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_scrape_options_object(r, ctx, ngx_http_scrape_cookies,
                                            &b);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_scrape_options_object(r, ctx, ngx_http_scrape_timeouts,
                                            &b);
    }

    if (rc == NGX_OK && sc_buf_add_cstr(&b, "}") != SC_OK) {
        ctx->detail = "what the page is to be asked with is too long";
        rc = NGX_DECLINED;
    }

    text.data = (u_char *) b.data;
    text.len = b.len;

    if (rc == NGX_OK && b.len > sizeof("{}") - 1) {
        ctx->options.data = ngx_pstrdup(r->pool, &text);
        ctx->options.len = b.len;
        rc = ctx->options.data != NULL ? NGX_OK : NGX_ERROR;
    }

    sc_buf_free(&b);

    return rc;
}


/* The members of one object; object NULL for those of "request" itself. */
static ngx_int_t
ngx_http_scrape_options_object(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, const char *object, sc_buf_t *b)
{
    ngx_str_t                    value;
    ngx_uint_t                   i, n;
    const char                  *why;
    ngx_http_scrape_option_t    *option;
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);
    option = slcf->options->elts;
    n = 0;

    for (i = 0; i < slcf->options->nelts; i++) {

        if (option[i].def->object != object) {
            continue;
        }

        if (ngx_http_complex_value(r, &option[i].value, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (value.len == 0) {
            continue;
        }

        why = ngx_http_scrape_option_check(option[i].def, &value);

        if (why != NULL) {
            return ngx_http_scrape_options_refuse(r, ctx, &option[i].name,
                                                  why);
        }

        if (n++ == 0 && object != NULL) {
            ngx_http_scrape_options_name(b, object, ngx_strlen(object));
            (void) sc_buf_add_cstr(b, "{");
        }

        ngx_http_scrape_options_write(b, &option[i], &value);
    }

    if (n > 0 && object != NULL) {
        (void) sc_buf_add_cstr(b, "}");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_options_refuse(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_str_t *name, const char *why)
{
    size_t   len;
    u_char  *p;

    len = sizeof("the value of \"\" ") + name->len + ngx_strlen(why);

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->detail = (char *) p;
    (void) ngx_sprintf(p, "the value of \"%V\" %s%Z", name, why);

    return NGX_DECLINED;
}


static void
ngx_http_scrape_options_write(sc_buf_t *b, ngx_http_scrape_option_t *option,
    ngx_str_t *value)
{
    if (option->def->member[0] == '\0') {
        ngx_http_scrape_options_name(b, (char *) option->name.data,
                                     option->name.len);

    } else {
        ngx_http_scrape_options_name(b, option->def->member,
                                     ngx_strlen(option->def->member));
    }

    switch (option->def->type) {

    case NGX_HTTP_SCRAPE_OPTION_NUMBER:
        (void) sc_buf_printf(b, "%ld",
                             (long) ngx_atoi(value->data, value->len));
        break;

    case NGX_HTTP_SCRAPE_OPTION_SIZE:
        (void) sc_buf_printf(b, "%lld", (long long) ngx_parse_offset(value));
        break;

    case NGX_HTTP_SCRAPE_OPTION_TIME:
        (void) sc_buf_printf(b, "%ld", (long) ngx_parse_time(value, 0));
        break;

    case NGX_HTTP_SCRAPE_OPTION_FLAG:
        (void) sc_buf_add_cstr(b, value->len == 2 ? "true" : "false");
        break;

    default:
        (void) sc_json_string(b, (char *) value->data, value->len);
    }
}


/* A member's name, behind a comma unless it is the first of its object. */
static void
ngx_http_scrape_options_name(sc_buf_t *b, const char *name, size_t len)
{
    if (b->len > 0 && b->data[b->len - 1] != '{') {
        (void) sc_buf_add_cstr(b, ",");
    }

    (void) sc_json_string(b, name, len);
    (void) sc_buf_add_cstr(b, ":");
}


ngx_int_t
ngx_http_scrape_options_add(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx,
    sc_buf_t *head)
{
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (ctx->options.len > 0) {
        (void) sc_buf_add_cstr(head, "Scrape-Request: ");
        (void) sc_buf_add(head, ctx->options.data, ctx->options.len);
        (void) sc_buf_add_cstr(head, "\r\n");
    }

    if (slcf->wanted.len > 0) {
        (void) sc_buf_add_cstr(head, "Scrape-Return: ");
        (void) sc_buf_add(head, slcf->wanted.data, slcf->wanted.len);
        (void) sc_buf_add_cstr(head, "\r\n");
    }

    return head->failed ? NGX_ERROR : NGX_OK;
}
