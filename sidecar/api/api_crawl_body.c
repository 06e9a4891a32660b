
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_crawl.h"
#include "sidecar/crawl/crawl.h"


/* A member that is one of some words. */
typedef struct {
    const char  *name;
    const char  *words[4];      /* the first is the default; NULL at the end */
} api_crawl_word_t;


static int api_crawl_id(api_crawl_t *cr, problem_t *p);
static int api_crawl_members(api_crawl_t *cr, problem_t *p);
static int api_crawl_member(api_crawl_t *cr, const char *key, json_t *value,
    problem_t *p);
static int api_crawl_is_page(const char *key);
static int api_crawl_is_read(const char *key);
static int api_crawl_page(api_crawl_t *cr, problem_t *p);
static int api_crawl_login(api_crawl_t *cr, problem_t *p);
static int api_crawl_starts(api_crawl_t *cr, const json_t *urls,
    problem_t *p);
static int api_crawl_start(api_crawl_t *cr, const json_t *url,
    json_t *starts, problem_t *p);
static int api_crawl_scope(api_crawl_t *cr, problem_t *p);
static int api_crawl_words(api_crawl_t *cr, problem_t *p);
static int api_crawl_word(api_crawl_t *cr, const api_crawl_word_t *word,
    problem_t *p);
static int api_crawl_depth(api_crawl_t *cr, problem_t *p);
static int api_crawl_pages(api_crawl_t *cr, problem_t *p);
static int api_crawl_overrides(api_crawl_t *cr, problem_t *p);
static int api_crawl_override(api_crawl_t *cr, const json_t *value, size_t i,
    json_t *list, problem_t *p);
static int api_crawl_override_spec(api_crawl_t *cr, const json_t *value,
    sc_buf_t *text, problem_t *p);
static json_t *api_crawl_override_request(const api_crawl_t *cr,
    const json_t *value, problem_t *p);
static int api_crawl_no_memory(problem_t *p);


/* of an extract, for all pages */
static const char *const  api_crawl_page_members[] = {
    "rules", "ruleset", "rulesets", "return", "explain", "request",
    "politeness", "keep_raw", "store", NULL
};

static const char *const  api_crawl_own_members[] = {
    "urls", "scope", "links", "max_depth", "sitemap", "dedupe", "login",
    "request_overrides", "incremental", "order", NULL
};

static const api_crawl_word_t  api_crawl_word_members[] = {
    { "order", { "breadth", "depth", NULL } },
    { "sitemap", { "include", "skip", "only", NULL } },
    { "dedupe", { "canonical", "none", NULL } },
    { NULL, { NULL } }
};

static const char *const  api_crawl_contents[] = {
    "body", "form", "json", NULL
};


int
api_crawl_read(api_crawl_t *cr, problem_t *p)
{
    int       rc;
    sc_str_t  text = { cr->text.len, cr->text.data };

    json_decref(cr->json);
    json_decref(cr->own);
    json_decref(cr->crawl);
    cr->own = json_object();
    cr->crawl = json_object();
    cr->json = api_body_json(text, p);

    if (cr->json == NULL) {
        return SC_ERROR;
    }

    if (api_crawl_members(cr, p) != SC_OK
        || api_crawl_starts(cr, json_object_get(cr->json, "urls"), p) != SC_OK
        || api_crawl_id(cr, p) != SC_OK
        || api_crawl_scope(cr, p) != SC_OK
        || api_crawl_words(cr, p) != SC_OK
        || api_crawl_depth(cr, p) != SC_OK
        || api_crawl_pages(cr, p) != SC_OK)
    {
        return SC_ERROR;
    }

    rc = api_crawl_page(cr, p);

    if (rc == SC_OK) {
        rc = api_crawl_sets(cr, p);
    }

    return rc == SC_OK ? api_crawl_overrides(cr, p) : rc;
}


/* Of the host it begins with; its session is called by it. */
static int
api_crawl_id(api_crawl_t *cr, problem_t *p)
{
    char        *id = cr->call->id;
    const char  *host = cr->starts[0].host;

    if (id[0] == '\0'
        && id_make(id, id_slot_or(cr->call->request->slot, host)) != SC_OK)
    {
        return api_crawl_no_memory(p);
    }

    (void) snprintf(cr->session, sizeof(cr->session), CRAWL_SESSION "%s", id);

    return SC_OK;
}


static int
api_crawl_members(api_crawl_t *cr, problem_t *p)
{
    json_t      *value;
    const char  *key;

    json_object_foreach(cr->json, key, value) {
        if (api_crawl_member(cr, key, value, p) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
api_crawl_member(api_crawl_t *cr, const char *key, json_t *value,
    problem_t *p)
{
    int  rc;

    if (api_crawl_is_page(key)) {
        return json_object_set(cr->own, key, value) == 0
               ? SC_OK : api_crawl_no_memory(p);
    }

    if (api_crawl_is_read(key)) {
        return SC_OK;
    }

    rc = api_work_member(&cr->work, key, value, p);

    return rc == SC_DECLINED ? api_work_unknown(p, "", key) : rc;
}


static int
api_crawl_is_page(const char *key)
{
    const char *const  *name;

    for (name = api_crawl_page_members; *name != NULL; name++) {
        if (strcmp(*name, key) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
api_crawl_is_read(const char *key)
{
    const char *const  *name;

    for (name = api_crawl_own_members; *name != NULL; name++) {
        if (strcmp(*name, key) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
api_crawl_page(api_crawl_t *cr, problem_t *p)
{
    int               rc;
    api_extract_t    *e = &cr->page;
    frontier_spec_t  *spec = &e->spec;

    api_extract_free(e);
    api_extract_init(cr->call, e);
    spec->priority = cr->work.priority;
    rc = api_extract_take(cr->call, e, json_incref(cr->own), NULL,
                          API_READ_RULES, p);

    if (rc != SC_OK) {
        return rc;
    }

    /* what was fetched before is kept, and asked for anew */
    if (json_object_get(cr->json, "incremental") != NULL
        && spec->cache_control[0] == '\0')
    {
        spec->cache_control = "max-age=0";
    }

    if (api_crawl_login(cr, p) != SC_OK) {
        return SC_ERROR;
    }

    sc_buf_reset(&cr->rules);

    if (sc_buf_add_str(&cr->rules, spec->rules) != SC_OK) {
        return api_crawl_no_memory(p);
    }

    memcpy(cr->hash, spec->rules_hash, strlen(spec->rules_hash) + 1);
    spec->rules.data = cr->rules.data;
    spec->rules_hash = cr->hash;

    return SC_OK;
}


/* Who logs in does so in a session of this crawl alone. */
static int
api_crawl_login(api_crawl_t *cr, problem_t *p)
{
    frontier_request_t  *r = &cr->page.spec.request;

    if (json_object_get(cr->json, "login") == NULL) {
        return SC_OK;
    }

    if (r->session[0] != '\0') {
        return api_work_refused(p, "", "login", "\"login\" excludes "
                                "\"session\", which has its own");
    }

    r->session = cr->session;

    return SC_OK;
}


static int
api_crawl_starts(api_crawl_t *cr, const json_t *urls, problem_t *p)
{
    int            rc;
    size_t         i;
    json_t        *starts;
    const json_t  *url;

    if (json_array_size(urls) == 0
        || json_array_size(urls) > CRAWL_MAX_STARTS)
    {
        return api_work_refused(p, "", "urls", "\"urls\" is not a list of "
                                "\"1\" to \"1000\" URLs");
    }

    for (i = 0; i < cr->nstarts; i++) {
        url_free(&cr->starts[i]);
    }

    free(cr->starts);
    cr->nstarts = 0;
    cr->starts = calloc(json_array_size(urls), sizeof(url_t));
    starts = json_array();

    if (cr->starts == NULL || starts == NULL
        || json_object_set(cr->crawl, "starts", starts) != 0)
    {
        json_decref(starts);
        return api_crawl_no_memory(p);
    }

    rc = SC_OK;

    json_array_foreach(urls, i, url) {
        rc = api_crawl_start(cr, url, starts, p);

        if (rc != SC_OK) {
            break;
        }
    }

    json_decref(starts);

    return rc;
}


/* A host alone is its first page, by https. */
static int
api_crawl_start(api_crawl_t *cr, const json_t *url, json_t *starts,
    problem_t *p)
{
    int          rc;
    char         key[24];
    url_t       *start = &cr->starts[cr->nstarts];
    sc_buf_t     whole;
    const char  *text = json_string_value(url);

    (void) snprintf(key, sizeof(key), "%zu", cr->nstarts);

    if (text == NULL) {
        return api_work_refused(p, "/urls", key, "this is not a string");
    }

    sc_buf_init(&whole, URL_MAX);
    (void) sc_buf_add_cstr(&whole, strstr(text, "://") == NULL ? "https://"
                                                               : "");
    (void) sc_buf_add_cstr(&whole, text);

    if (whole.failed) {
        rc = api_work_refused(p, "/urls", key, "the URL is too long");

    } else {
        rc = api_url(cr->call, start, whole.data, whole.len, p);

        if (rc == SC_OK && api_usage_host(cr->call, start, p) != SC_OK) {
            url_free(start);
            rc = SC_ERROR;
        }

        problem_pointer(p, "/urls", key);
    }

    sc_buf_free(&whole);

    if (rc != SC_OK) {
        return rc;
    }

    cr->nstarts++;

    return json_array_append_new(starts, json_string(start->text)) == 0
           ? SC_OK : api_crawl_no_memory(p);
}


static int
api_crawl_scope(api_crawl_t *cr, problem_t *p)
{
    int      rc;
    char     err[320], pointer[sizeof(p->pointer)];
    char    *text;
    json_t  *links;

    err[0] = '\0';
    pointer[0] = '\0';
    links = json_object_get(cr->json, "links");
    text = crawl_scope_text(json_object_get(cr->json, "scope"), links,
                            cr->starts, cr->nstarts,
                            api_url_options(cr->call->api->settings)
                            | URL_STRIP_SESSION,
                            err, sizeof(err), pointer, sizeof(pointer));

    if (text == NULL && err[0] == '\0') {
        return api_crawl_no_memory(p);
    }

    if (text == NULL) {
        return api_work_refused(p, pointer, NULL, err);
    }

    rc = json_object_set_new(cr->crawl, "scope", json_string(text));
    free(text);

    if (rc == 0 && json_is_true(json_object_get(links, "ignore_query"))) {
        rc = json_object_set_new(cr->crawl, "ignore_query", json_true());
    }

    return rc == 0 ? SC_OK : api_crawl_no_memory(p);
}


static int
api_crawl_words(api_crawl_t *cr, problem_t *p)
{
    const api_crawl_word_t  *word;

    for (word = api_crawl_word_members; word->name != NULL; word++) {
        if (api_crawl_word(cr, word, p) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
api_crawl_word(api_crawl_t *cr, const api_crawl_word_t *word, problem_t *p)
{
    int            i;
    char           detail[160];
    const char    *text;
    const json_t  *value;

    value = json_object_get(cr->json, word->name);
    text = value != NULL ? json_string_value(value) : word->words[0];

    for (i = 0; text != NULL && word->words[i] != NULL; i++) {
        if (strcmp(word->words[i], text) == 0) {
            return json_object_set_new(cr->crawl, word->name,
                                       json_string(text))
                   == 0 ? SC_OK : api_crawl_no_memory(p);
        }
    }

    (void) snprintf(detail, sizeof(detail), "\"%s\" is none of \"%s\", "
                    "\"%s\"%s%s%s", word->name, word->words[0],
                    word->words[1], word->words[2] != NULL ? ", \"" : "",
                    word->words[2] != NULL ? word->words[2] : "",
                    word->words[2] != NULL ? "\"" : "");

    return api_work_refused(p, "", word->name, detail);
}


static int
api_crawl_depth(api_crawl_t *cr, problem_t *p)
{
    const json_t  *depth;

    depth = json_object_get(cr->json, "max_depth");

    if (depth == NULL || json_is_null(depth)) {
        return SC_OK;
    }

    if (api_work_int("max_depth", depth, 0, CRAWL_MAX_DEPTH, p) != SC_OK) {
        return SC_ERROR;
    }

    return json_object_set_new(cr->crawl, "max_depth",
                               json_integer(json_integer_value(depth)))
           == 0 ? SC_OK : api_crawl_no_memory(p);
}


/* No crawl is without a bound. */
static int
api_crawl_pages(api_crawl_t *cr, problem_t *p)
{
    int64_t   n = cr->call->api->settings->crawl_pages;
    json_t   *limits;

    limits = json_object_get(cr->work.spec, "limits");

    if (limits == NULL) {
        limits = json_object();

        if (json_object_set_new(cr->work.spec, "limits", limits) != 0) {
            return api_crawl_no_memory(p);
        }
    }

    if (json_object_get(limits, "pages") == NULL
        && json_object_set_new(limits, "pages", json_integer(n)) != 0)
    {
        return api_crawl_no_memory(p);
    }

    return SC_OK;
}


static int
api_crawl_overrides(api_crawl_t *cr, problem_t *p)
{
    int            rc;
    size_t         i;
    json_t        *list;
    const json_t  *value, *overrides;

    overrides = json_object_get(cr->json, "request_overrides");

    if (overrides == NULL) {
        return SC_OK;
    }

    if (!json_is_array(overrides)
        || json_array_size(overrides) > CRAWL_MAX_OVERRIDES)
    {
        return api_work_refused(p, "", "request_overrides", "this is not a "
                                "list of at most \"64\" objects");
    }

    list = json_array();
    rc = list != NULL ? SC_OK : api_crawl_no_memory(p);

    json_array_foreach(overrides, i, value) {
        if (rc == SC_OK) {
            rc = api_crawl_override(cr, value, i, list, p);
        }
    }

    if (rc == SC_OK && json_object_set(cr->crawl, "overrides", list) != 0) {
        rc = api_crawl_no_memory(p);
    }

    json_decref(list);

    return rc;
}


static int
api_crawl_override(api_crawl_t *cr, const json_t *value, size_t i,
    json_t *list, problem_t *p)
{
    int            rc;
    char           base[48], reason[320];
    json_t        *one;
    sc_buf_t       spec;
    const json_t  *match;
    sc_pattern_t   pattern;

    (void) snprintf(base, sizeof(base), "/request_overrides/%zu", i);
    match = json_object_get(value, "match");

    if (!json_is_string(match)) {
        return api_work_refused(p, base, "match", "\"match\" is not a "
                                "pattern");
    }

    if (sc_pattern_compile(&pattern, json_string_value(match),
                           json_string_length(match), reason, sizeof(reason))
        != SC_OK)
    {
        return api_work_refused(p, base, "match", reason);
    }

    sc_pattern_free(&pattern);
    sc_buf_init(&spec, 0);
    rc = api_crawl_override_spec(cr, value, &spec, p);

    if (rc != SC_OK) {
        /* members of an override stand where those of "request" do */
        if (strncmp(p->pointer, "/request", 8) == 0) {
            memmove(p->pointer, p->pointer + 8, strlen(p->pointer) - 7);
        }

        api_work_under(p, base);

    } else {
        one = json_pack("{s:O,s:s%}", "match", match, "spec", spec.data,
                        spec.len);

        if (json_array_append_new(list, one) != 0) {
            rc = api_crawl_no_memory(p);
        }
    }

    sc_buf_free(&spec);

    return rc;
}


static int
api_crawl_override_spec(api_crawl_t *cr, const json_t *value, sc_buf_t *text,
    problem_t *p)
{
    int            rc;
    json_t        *own;
    api_extract_t  e;

    own = api_crawl_override_request(cr, value, p);

    if (own == NULL) {
        return SC_ERROR;
    }

    api_extract_init(cr->call, &e);
    rc = api_extract_take(cr->call, &e, own, NULL, 0, p);

    if (rc == SC_OK) {
        e.spec.ruleset = cr->page.spec.ruleset;
        e.spec.cache_control = cr->page.spec.cache_control;
        e.spec.request.session = cr->page.spec.request.session;
        rc = frontier_spec_text(&e.spec, text) == SC_OK
             ? SC_OK : api_crawl_no_memory(p);
    }

    api_extract_free(&e);

    return rc;
}


/* The page's members without its rules, the override's over its request. */
static json_t *
api_crawl_override_request(const api_crawl_t *cr, const json_t *value,
    problem_t *p)
{
    size_t        i;
    json_t       *own, *request, *over;
    unsigned      content;
    const char  **name;

    static const char  *rules[] = { "rules", "ruleset", "rulesets", NULL };

    over = json_copy((json_t *) value);
    own = json_copy(cr->own);
    request = json_object_get(own, "request");
    request = request != NULL ? json_copy(request) : json_object();
    (void) json_object_del(over, "match");

    for (name = rules; *name != NULL; name++) {
        (void) json_object_del(own, *name);
    }

    content = 0;

    for (i = 0; api_crawl_contents[i] != NULL; i++) {
        content |= json_object_get(over, api_crawl_contents[i]) != NULL;
    }

    /* they exclude each other */
    for (i = 0; content && api_crawl_contents[i] != NULL; i++) {
        (void) json_object_del(request, api_crawl_contents[i]);
    }

    if (over == NULL || json_object_update(request, over) != 0
        || json_object_set(own, "request", request) != 0)
    {
        (void) api_crawl_no_memory(p);
        json_decref(own);
        own = NULL;
    }

    json_decref(over);
    json_decref(request);

    return own;
}


static int
api_crawl_no_memory(problem_t *p)
{
    problem_init(p, "/server/out-of-memory", "memory is out");

    return SC_ERROR;
}
