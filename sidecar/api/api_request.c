
#include <stdio.h>
#include <string.h>

#include "sidecar/api/api_internal.h"


#define REQUEST_BASE       "/request"

/* all wait for a host's next turn, whoever asked for the delay */
#define REQUEST_MAX_DELAY  60000


static int api_request_method(api_option_t *o, const json_t *value);
static int api_request_headers(api_option_t *o, const json_t *value);
static int api_request_cookies(api_option_t *o, const json_t *value);
static int api_request_session(api_option_t *o, const json_t *value);
static int api_request_proxy(api_option_t *o, const json_t *value);
static int api_request_source(api_option_t *o, const json_t *value);
static int api_request_listed(const char *list, const char *word);
static int api_request_http(api_option_t *o, const json_t *value);
static int api_request_redirects(api_option_t *o, const json_t *value);
static int api_request_retries(api_option_t *o, const json_t *value);
static int api_request_max_bytes(api_option_t *o, const json_t *value);
static int api_request_timeouts(api_option_t *o, const json_t *value);
static int api_request_low_speed(api_option_t *o, const json_t *value);
static int api_request_tls(api_option_t *o, const json_t *value);
static int api_request_verify(api_option_t *o, const json_t *value);
static int api_request_min(api_option_t *o, const json_t *value);
static int api_request_file(api_option_t *o, const json_t *value);
static int api_request_flag(api_option_t *o, const json_t *value);
static int api_request_robots(api_option_t *o, const json_t *value);
static int api_request_delay(api_option_t *o, const json_t *value);
static int api_request_per_host(api_option_t *o, const json_t *value);
static int api_request_ms(api_option_t *o, const json_t *value);
static int api_request_speed(api_option_t *o, const json_t *value);


static const api_member_t  api_request_members[] = {
    { "method", api_request_method },
    { "headers", api_request_headers },
    { "cookies", api_request_cookies },
    { "body", api_content_body },
    { "form", api_content_form },
    { "json", api_content_json },
    { "auth", api_content_auth },
    { "session", api_request_session },
    { "proxy", api_request_proxy },
    { "source", api_request_source },
    { "http", api_request_http },
    { "redirects", api_request_redirects },
    { "retries", api_request_retries },
    { "retry_unsafe", api_request_flag },
    { "max_bytes", api_request_max_bytes },
    { "timeouts", api_request_timeouts },
    { "low_speed", api_request_low_speed },
    { "partial", api_request_flag },
    { "meta_refresh", api_request_flag },
    { "tls", api_request_tls },
    { NULL, NULL }
};

static const api_member_t  api_request_times[] = {
    { "connect_ms", api_request_ms },
    { "first_byte_ms", api_request_ms },
    { "idle_ms", api_request_ms },
    { "total_ms", api_request_ms },
    { NULL, NULL }
};

static const api_member_t  api_request_speeds[] = {
    { "bytes_per_s", api_request_speed },
    { "seconds", api_request_speed },
    { NULL, NULL }
};

static const api_member_t  api_request_tls_members[] = {
    { "verify", api_request_verify },
    { "min", api_request_min },
    { "ca", api_request_file },
    { "cert", api_request_file },
    { NULL, NULL }
};

static const api_member_t  api_request_politeness[] = {
    { "robots", api_request_robots },
    { "delay_ms", api_request_delay },
    { "jitter_ms", api_request_delay },
    { "per_host", api_request_per_host },
    { NULL, NULL }
};


int
api_request_parse(api_call_t *c, api_extract_t *e, const json_t *request,
    const json_t *politeness, problem_t *p)
{
    api_option_t  o;

    memset(&o, 0, sizeof(api_option_t));
    o.call = c;
    o.extract = e;
    o.request = &e->spec.request;
    o.problem = p;

    if (request != NULL
        && api_option_object(&o, REQUEST_BASE, request, api_request_members)
           != SC_OK)
    {
        return SC_ERROR;
    }

    if (politeness != NULL
        && api_option_object(&o, "/politeness", politeness,
                             api_request_politeness)
           != SC_OK)
    {
        return SC_ERROR;
    }

    return api_content_finish(&o);
}


static int
api_request_method(api_option_t *o, const json_t *value)
{
    const char  *method = json_string_value(value);

    if (method == NULL || !fetch_method_allowed(method)) {
        return api_option_invalid(o, "\"method\" is not a method that may be "
                                  "used");
    }

    o->request->method = method;

    return SC_OK;
}


static int
api_request_headers(api_option_t *o, const json_t *object)
{
    char            err[200];
    size_t          size;
    json_t         *value;
    const char     *key;
    fetch_header_t  h;

    if (!json_is_object(object)) {
        return api_option_invalid(o, "this is not an object");
    }

    size = 0;

    json_object_foreach((json_t *) object, key, value) {
        h.name.data = key;
        h.name.len = strlen(key);
        h.value.data = json_string_value(value);
        h.value.len = json_string_length(value);
        size += h.name.len + h.value.len;

        if (!json_is_string(value)) {
            return api_option_refused(o, key, "this is not a string");
        }

        if (o->extract->nheaders == API_MAX_HEADERS) {
            return api_option_refused(o, key, "there are too many fields");
        }

        if (size > API_MAX_FIELDS) {
            return api_option_refused(o, key, "the fields are too long");
        }

        if (fetch_header_allowed(h.name, h.value, err, sizeof(err)) != SC_OK)
        {
            return api_option_refused(o, key, err);
        }

        o->extract->headers[o->extract->nheaders++] = h;
    }

    return SC_OK;
}


static int
api_request_cookies(api_option_t *o, const json_t *object)
{
    char             err[200];
    jar_t           *jar;
    json_t          *value;
    const char      *key;
    fetch_header_t  *h;

    if (!json_is_object(object) || json_object_size(object) > API_MAX_HEADERS)
    {
        return api_option_invalid(o, "this is not an object of at most 64 "
                                  "members");
    }

    jar = jar_create();
    if (jar == NULL) {
        return api_option_no_memory(o);
    }

    json_object_foreach((json_t *) object, key, value) {
        h = &o->extract->cookies[o->request->ncookies];
        h->name.data = key;
        h->name.len = strlen(key);
        h->value.data = json_string_value(value);
        h->value.len = json_string_length(value);

        (void) snprintf(err, sizeof(err), "this is not a string");

        if (!json_is_string(value)
            || jar_set(jar, "localhost", h->name, h->value, err, sizeof(err))
               != SC_OK)
        {
            jar_unref(jar);
            return api_option_refused(o, key, err);
        }

        o->request->ncookies++;
    }

    jar_unref(jar);
    o->request->cookies = o->extract->cookies;

    return SC_OK;
}


static int
api_request_session(api_option_t *o, const json_t *value)
{
    sc_str_t  name = { json_string_length(value), json_string_value(value) };

    if (!json_is_string(value) || session_name_check(name) != SC_OK) {
        return api_option_invalid(o, "\"session\" is not a session's name");
    }

    o->request->session = name.data;

    return SC_OK;
}


static int
api_request_proxy(api_option_t *o, const json_t *value)
{
    char         err[200];
    proxy_t      proxy;
    const char  *text = json_string_value(value);

    if (text == NULL || strlen(text) != json_string_length(value)) {
        return api_option_invalid(o, "\"proxy\" is not a string");
    }

    if (strncmp(text, "pool:", 5) == 0) {
        if (!proxies_known(o->call->api->proxies, text + 5)) {
            return api_option_invalid(o, "there is no pool of this name");
        }

    } else if (proxy_parse(&proxy, text, strlen(text), err, sizeof(err))
               != SC_OK)
    {
        return api_option_invalid(o, err);
    }

    o->request->proxy = text;

    return SC_OK;
}


/* A client chooses among what the operator has listed. */
static int
api_request_source(api_option_t *o, const json_t *value)
{
    const char  *text = json_string_value(value);

    if (text == NULL || text[0] == '\0'
        || !api_request_listed(o->call->api->settings->source_addresses,
                               text))
    {
        return api_option_invalid(o, "\"source\" is not one of those that "
                                  "may be used");
    }

    o->request->source = text;

    return SC_OK;
}


static int
api_request_listed(const char *list, const char *word)
{
    size_t  n, len = strlen(word);

    while (list[0] != '\0') {
        list += strspn(list, ", ");
        n = strcspn(list, ", ");

        if (n == len && memcmp(list, word, len) == 0) {
            return 1;
        }

        list += n;
    }

    return 0;
}


static int
api_request_http(api_option_t *o, const json_t *value)
{
    const char  *text = json_string_value(value);

    if (text != NULL && strcmp(text, "1.1") == 0) {
        o->request->http = FETCH_HTTP_1_1;

    } else if (text != NULL && strcmp(text, "2") == 0) {
        o->request->http = FETCH_HTTP_2;

    } else {
        return api_option_invalid(o, "\"http\" is neither \"1.1\" nor \"2\"");
    }

    return SC_OK;
}


static int
api_request_redirects(api_option_t *o, const json_t *value)
{
    int64_t  n;

    if (api_option_int(o, value, 0, o->call->api->settings->max_redirects, &n)
        != SC_OK)
    {
        return SC_ERROR;
    }

    o->request->limits.max_redirects = (int) n;

    return SC_OK;
}


static int
api_request_retries(api_option_t *o, const json_t *value)
{
    int64_t  n;

    if (api_option_int(o, value, 0, FRONTIER_MAX_RETRIES, &n) != SC_OK) {
        return SC_ERROR;
    }

    o->request->limits.retries = (int) n;

    return SC_OK;
}


static int
api_request_max_bytes(api_option_t *o, const json_t *value)
{
    int64_t  n;

    if (api_option_int(o, value, 1, o->call->api->settings->max_page, &n)
        != SC_OK)
    {
        return SC_ERROR;
    }

    o->request->limits.max_page = (size_t) n;

    return SC_OK;
}


static int
api_request_timeouts(api_option_t *o, const json_t *value)
{
    return api_option_object(o, REQUEST_BASE "/timeouts", value,
                             api_request_times);
}


static int
api_request_ms(api_option_t *o, const json_t *value)
{
    int64_t             n, max, *to;
    const settings_t   *s = o->call->api->settings;
    frontier_limits_t  *l = &o->request->limits;

    max = s->total_timeout;

    switch (o->key[0]) {

    case 'c':
        max = s->connect_timeout;
        to = &l->connect_timeout;
        break;

    case 'f':
        to = &l->first_byte_timeout;
        break;

    case 'i':
        to = &l->idle_timeout;
        break;

    default:
        to = &l->total_timeout;
    }

    if (api_option_int(o, value, 1, max, &n) != SC_OK) {
        return SC_ERROR;
    }

    *to = n * LOOP_MS;

    return SC_OK;
}


static int
api_request_low_speed(api_option_t *o, const json_t *value)
{
    frontier_limits_t  *l = &o->request->limits;

    l->low_speed_time = 10;

    return api_option_object(o, REQUEST_BASE "/low_speed", value,
                             api_request_speeds);
}


static int
api_request_speed(api_option_t *o, const json_t *value)
{
    int      time;
    int64_t  n;

    time = (o->key[0] == 's');

    if (api_option_int(o, value, 1, time ? 600 : 1000000000, &n) != SC_OK) {
        return SC_ERROR;
    }

    if (time) {
        o->request->limits.low_speed_time = (long) n;

    } else {
        o->request->limits.low_speed = (long) n;
    }

    return SC_OK;
}


static int
api_request_tls(api_option_t *o, const json_t *value)
{
    return api_option_object(o, REQUEST_BASE "/tls", value,
                             api_request_tls_members);
}


static int
api_request_verify(api_option_t *o, const json_t *value)
{
    if (!json_is_boolean(value)) {
        return api_option_invalid(o, "\"verify\" is neither true nor false");
    }

    o->request->insecure = json_is_false(value);

    return SC_OK;
}


static int
api_request_min(api_option_t *o, const json_t *value)
{
    const char  *text = json_string_value(value);

    if (text != NULL && strcmp(text, "1.2") == 0) {
        o->request->tls_min = 12;

    } else if (text != NULL && strcmp(text, "1.3") == 0) {
        o->request->tls_min = 13;

    } else {
        return api_option_invalid(o, "\"min\" is neither \"1.2\" nor "
                                  "\"1.3\"");
    }

    return SC_OK;
}


/* A name, not a path: what else is on this machine is nobody's business. */
static int
api_request_file(api_option_t *o, const json_t *value)
{
    sc_str_t  name = { json_string_length(value), json_string_value(value) };

    if (!json_is_string(value) || session_name_check(name) != SC_OK
        || name.data[0] == '.')
    {
        return api_option_invalid(o, "this is not the name of a certificate");
    }

    if (strcmp(o->key, "ca") == 0) {
        o->request->ca = name.data;

    } else {
        o->request->cert = name.data;
    }

    return SC_OK;
}


static int
api_request_flag(api_option_t *o, const json_t *value)
{
    if (!json_is_boolean(value)) {
        return api_option_invalid(o, "this is neither true nor false");
    }

    switch (o->key[0]) {

    case 'r':
        o->request->retry_any = json_is_true(value);
        break;

    case 'p':
        o->request->partial = json_is_true(value);
        break;

    default:
        o->request->meta_refresh = json_is_true(value);
    }

    return SC_OK;
}


static int
api_request_robots(api_option_t *o, const json_t *value)
{
    const char  *text = json_string_value(value);

    if (text != NULL && strcmp(text, "obey") == 0) {
        o->request->ignore_robots = 0;

    } else if (text != NULL && strcmp(text, "ignore") == 0) {
        o->request->ignore_robots = 1;

    } else {
        return api_option_invalid(o, "\"robots\" is neither \"obey\" nor "
                                  "\"ignore\"");
    }

    return SC_OK;
}


static int
api_request_delay(api_option_t *o, const json_t *value)
{
    int64_t  n;

    if (api_option_int(o, value, 0, REQUEST_MAX_DELAY, &n) != SC_OK) {
        return SC_ERROR;
    }

    if (o->key[0] == 'd') {
        o->request->wish.delay = n * LOOP_MS;

    } else {
        o->request->wish.jitter = n * LOOP_MS;
    }

    return SC_OK;
}


static int
api_request_per_host(api_option_t *o, const json_t *value)
{
    int64_t  n;

    if (api_option_int(o, value, 1, 10000, &n) != SC_OK) {
        return SC_ERROR;
    }

    o->request->wish.concurrency = (int) n;

    return SC_OK;
}
