
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_list.h"
#include "sidecar/api/etag.h"


#define RESULTS_TAG         64          /* hex digits of an entity tag */

/* most of a search */
#define RESULTS_WORDS       64
#define RESULTS_PREFIXES    4


static api_stream_t *api_results_stream(api_call_t *c,
    const char *const *names);
static int api_results_accept(api_call_t *c, export_format_t *format);
static void api_results_job(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_results_begin(api_stream_t *s, sc_str_t rules);
static void api_results_done(api_stream_t *s);
static int api_results_ask(api_stream_t *s);
static int api_results_url(api_stream_t *s, const char *value);
static int api_results_words(api_stream_t *s);
static int api_results_is_short(const char *q);


void
api_result_list(api_call_t *c)
{
    static const char *const  names[] = {
        "limit", "cursor", "since_seq", "fields", NULL
    };

    if (api_results_stream(c, names) != NULL) {
        api_find(c, api_results_job);
    }
}


/* NULL when the call is answered. */
static api_stream_t *
api_results_stream(api_call_t *c, const char *const *names)
{
    api_list_t       list;
    api_stream_t    *s;
    export_format_t  format;

    if (api_results_accept(c, &format) != SC_OK
        || api_list_parse(c, &list, names) != SC_OK)
    {
        return NULL;
    }

    s = api_stream_create(c, &list, format);

    if (s == NULL) {
        return NULL;
    }

    s->idle = api_results_done;
    s->paged = (format == EXPORT_JSON || s->list.limit > 0);

    if (s->paged) {
        s->left = s->list.limit > 0 ? s->list.limit : API_LIST_LIMIT;
    }

    return s;
}


static int
api_results_accept(api_call_t *c, export_format_t *format)
{
    if (export_accept(c->request->accept, format) == SC_OK) {
        return SC_OK;
    }

    api_reply_error(c, "/request/not-acceptable", "results are had as "
                    "application/json, application/x-ndjson, text/csv, "
                    "application/xml or application/warc");

    return SC_ERROR;
}


static void
api_results_job(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    api_stream_t  *s = c->own;

    memcpy(s->job, job->id, ID_SIZE);
    s->ask.job = s->job;
    api_results_begin(s, work != NULL ? work->rules : job->rules);
}


static void
api_results_begin(api_stream_t *s, sc_str_t rules)
{
    api_call_t  *c = s->call;

    if (api_stream_export(s, rules) != SC_OK) {
        return;
    }

    (void) sc_buf_printf(&s->head, "Content-Type: %s\r\nVary: Accept\r\n"
                         API_PRIVATE, export_type(s->format));

    if (!s->paged && strcmp(c->request->method, "HEAD") == 0) {
        api_stream_open(s);
        api_stream_finish(s, 1);
        return;
    }

    api_stream_read(s);
}


static void
api_results_done(api_stream_t *s)
{
    (void) export_end(s->export, NULL, &s->out);
    api_stream_finish(s, 1);
}


void
api_results_page(api_stream_t *s)
{
    char         tag[RESULTS_TAG + 1];
    sc_str_t     body, etag;
    sc_buf_t     link;
    api_call_t  *c = s->call;

    sc_buf_init(&link, 0);

    if (s->more) {
        api_cursor_link(c, &s->list, s->seq, &link);
    }

    (void) export_end(s->export, s->more ? link.data : NULL, &s->out);

    body.data = s->out.data;
    body.len = s->out.len;

    if (s->out.failed || link.failed
        || etag_make(body, 0, tag, RESULTS_TAG) != SC_OK)
    {
        sc_buf_free(&link);
        api_reply_no_memory(c);
        return;
    }

    api_reply_begin(c, "");
    (void) sc_buf_add(&c->api->headers, s->head.data, s->head.len);
    (void) sc_buf_printf(&c->api->headers, "ETag: \"%s\"\r\n", tag);

    if (s->more) {
        api_cursor_field(link.data, &c->api->headers);
    }

    sc_buf_free(&link);
    etag.data = tag;
    etag.len = RESULTS_TAG;

    if (etag_matches(c->request->if_none_match, etag)) {
        api_reply_send(c, 304);
        return;
    }

    (void) sc_buf_add(&c->api->body, s->out.data, s->out.len);
    api_reply_send(c, 200);
}


void
api_results_next(api_call_t *c, int64_t seq, sc_buf_t *out)
{
    sc_str_t     path;
    sc_buf_t     link;
    uint64_t     hash;
    const char  *base;

    base = c->request->base;
    sc_buf_init(&link, 0);
    (void) sc_buf_printf(&link, "%s/v1/jobs/%s/results", base, c->id);

    if (!link.failed) {
        path.data = link.data + strlen(base);
        path.len = link.len - strlen(base);
        hash = api_cursor_hash(c, path, NULL);
        (void) sc_buf_add_cstr(&link, "?cursor=");
        api_cursor_write(hash, seq, &link);
    }

    (void) sc_json_cstr(out, link.failed ? NULL : link.data);
    sc_buf_free(&link);
}


void
api_result_search(api_call_t *c)
{
    api_stream_t  *s;
    sc_str_t       none = sc_null_string;

    static const char *const  names[] = {
        "url", "host", "ruleset", "tag", "changed_since", "q", "limit",
        "cursor", "fields", NULL
    };

    if (api_result_newest(c)) {
        return;
    }

    s = api_results_stream(c, names);

    if (s == NULL || api_results_ask(s) != SC_OK) {
        return;
    }

    /* the newest one of a URL, in another format than JSON */
    if (s->list.query.n == 1 && s->url != NULL) {
        s->paged = 1;
        s->left = 1;
    }

    s->ask.newest = 1;
    api_results_begin(s, none);
}


/* SC_ERROR when the call is answered. */
static int
api_results_ask(api_stream_t *s)
{
    char           *p;
    api_call_t     *c = s->call;
    const char     *value;
    const query_t  *q = &s->list.query;

    value = query_get(q, "ruleset");
    s->ask.ruleset = value != NULL ? value : "";
    value = query_get(q, "host");

    if (value != NULL) {
        s->host = strdup(value);

        for (p = s->host; p != NULL && *p != '\0'; p++) {
            *p = (char) tolower((unsigned char) *p);
        }

        s->ask.host = s->host != NULL ? s->host : "";
    }

    if (api_list_tag(c, &s->list, &s->ask.tag_name, &s->ask.tag_value)
        == SC_ERROR
        || api_list_time(c, q, "changed_since", &s->ask.changed_since)
           == SC_ERROR
        || api_results_words(s) != SC_OK)
    {
        return SC_ERROR;
    }

    value = query_get(q, "url");

    return value != NULL ? api_results_url(s, value) : SC_OK;
}


static int
api_results_words(api_stream_t *s)
{
    const char  *q;

    q = query_get(&s->list.query, "q");

    if (q == NULL) {
        return SC_OK;
    }

    if (s->call->api->settings->search == 0) {
        return api_list_wrong(s->call, "q", "this gateway does not keep the "
                              "words of results");
    }

    if (q[strspn(q, " ")] == '\0') {
        return api_list_wrong(s->call, "q", "\"q\" has no word");
    }

    if (!api_results_is_short(q)) {
        return api_list_wrong(s->call, "q", "\"q\" has more than %d words, "
                              "or %d prefixes", RESULTS_WORDS,
                              RESULTS_PREFIXES);
    }

    s->ask.q = q;

    return SC_OK;
}


/* What a prefix stands for is all looked for, before the first is found. */
static int
api_results_is_short(const char *q)
{
    size_t  words, prefixes;

    static const char  ends[] = " \t\r\n\"()+-^:,;.*{}";

    for (words = prefixes = 0; *q != '\0'; q++) {
        prefixes += (*q == '*');
        words += (strchr(ends, q[0]) == NULL
                  && (q[1] == '\0' || strchr(ends, q[1]) != NULL));
    }

    return words <= RESULTS_WORDS && prefixes <= RESULTS_PREFIXES;
}


static int
api_results_url(api_stream_t *s, const char *value)
{
    int          rc;
    url_t        url;
    problem_t    p;
    api_call_t  *c = s->call;

    rc = api_url(c, &url, value, strlen(value), &p);

    if (rc != SC_OK) {
        problem_parameter(&p, "url");
        api_reply_problem(c, &p, 0);
        return SC_ERROR;
    }

    s->url = strndup(url.text, url.len);
    url_free(&url);

    if (s->url == NULL) {
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    s->ask.url = s->url;

    return SC_OK;
}
