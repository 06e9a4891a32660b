
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/crawl/crawl_internal.h"


static int crawl_scope_fill(crawl_scope_t *scope, const json_t *text);
static int crawl_scope_hosts(crawl_scope_t *scope, const json_t *list,
    int sub);
static int crawl_scope_patterns(sc_patterns_t *patterns, const json_t *list);
static unsigned crawl_scope_from(const json_t *list);


const char *const  crawl_froms[CRAWL_FROMS] = {
    "a", "area", "link", "iframe", "form", "text"
};


crawl_scope_t *
crawl_scope_create(sc_str_t text)
{
    int             rc;
    json_t         *json;
    crawl_scope_t  *scope;

    json = sc_json_of(text.data, text.len, 0, NULL);
    if (json == NULL) {
        return NULL;
    }

    rc = SC_ERROR;
    scope = calloc(1, sizeof(crawl_scope_t));

    if (scope != NULL && json_is_object(json)) {
        rc = crawl_scope_fill(scope, json);
    }

    json_decref(json);

    if (rc != SC_OK) {
        crawl_scope_free(scope);
        return NULL;
    }

    return scope;
}


void
crawl_scope_free(crawl_scope_t *scope)
{
    size_t  i;

    if (scope == NULL) {
        return;
    }

    for (i = 0; i < scope->nhosts; i++) {
        free(scope->hosts[i].name);
    }

    free(scope->hosts);
    sc_patterns_free(&scope->allow);
    sc_patterns_free(&scope->deny);
    free(scope);
}


crawl_verdict_t
crawl_scope_check(const crawl_scope_t *scope, const url_t *url, int64_t now)
{
    return crawl_scope_judge(scope, url, now, 1);
}


/* What is elsewhere is not allowed by name, but may be denied so. */

crawl_verdict_t
crawl_scope_judge(const crawl_scope_t *scope, const url_t *url, int64_t now,
    unsigned allow)
{
    int  within;

    within = crawl_host_within(scope, url);

    if (!within && !scope->external) {
        return CRAWL_OUT;
    }

    if (crawl_trap(url, now)) {
        return CRAWL_TRAP;
    }

    if (sc_patterns_fit(&scope->deny, url->text, url->len)) {
        return CRAWL_DENIED;
    }

    if (!within) {
        return CRAWL_EXTERNAL;
    }

    if (allow && scope->allow.n != 0
        && !sc_patterns_fit(&scope->allow, url->text, url->len))
    {
        return CRAWL_DENIED;
    }

    return CRAWL_IN;
}


static int
crawl_scope_fill(crawl_scope_t *scope, const json_t *text)
{
    json_int_t  options;

    scope->any = json_is_true(json_object_get(text, "any"));
    scope->external = json_is_true(json_object_get(text, "external"));
    scope->ignore_query = json_is_true(json_object_get(text, "ignore_query"));
    scope->obey = json_is_true(json_object_get(text, "obey"));
    scope->from = crawl_scope_from(json_object_get(text, "from"));

    options = json_integer_value(json_object_get(text, "options"));
    scope->options = options > 0 && options < 256 ? (unsigned) options : 0;

    if (crawl_scope_hosts(scope, json_object_get(text, "hosts"),
                          json_is_true(json_object_get(text, "subdomains")))
        != SC_OK
        || crawl_scope_patterns(&scope->allow, json_object_get(text, "allow"))
           != SC_OK)
    {
        return SC_ERROR;
    }

    return crawl_scope_patterns(&scope->deny, json_object_get(text, "deny"));
}


static int
crawl_scope_hosts(crawl_scope_t *scope, const json_t *list, int sub)
{
    size_t         i;
    json_t        *value;
    crawl_host_t  *host;

    scope->hosts = calloc(json_array_size(list) + 1, sizeof(crawl_host_t));
    if (scope->hosts == NULL) {
        return SC_ERROR;
    }

    json_array_foreach(list, i, value) {
        host = &scope->hosts[scope->nhosts];

        if (!json_is_string(value)
            || crawl_host_read(host, json_string_value(value),
                               json_string_length(value)) != SC_OK)
        {
            return SC_ERROR;
        }

        host->sub |= sub;
        scope->nhosts++;
    }

    qsort(scope->hosts, scope->nhosts, sizeof(crawl_host_t),
          crawl_host_compare);

    return SC_OK;
}


static int
crawl_scope_patterns(sc_patterns_t *patterns, const json_t *list)
{
    char     reason[256];
    size_t   i;
    json_t  *value;

    patterns->list = calloc(json_array_size(list) + 1, sizeof(sc_pattern_t));
    if (patterns->list == NULL) {
        return SC_ERROR;
    }

    json_array_foreach(list, i, value) {
        if (!json_is_string(value)
            || sc_pattern_compile(&patterns->list[patterns->n],
                                  json_string_value(value),
                                  json_string_length(value), reason,
                                  sizeof(reason)) != SC_OK)
        {
            return SC_ERROR;
        }

        patterns->n++;
    }

    return SC_OK;
}


static unsigned
crawl_scope_from(const json_t *list)
{
    size_t       i, k;
    json_t      *value;
    unsigned     from;
    const char  *word;

    from = 0;

    json_array_foreach(list, i, value) {
        word = json_string_value(value);

        for (k = 0; word != NULL && k < CRAWL_FROMS; k++) {
            if (strcmp(word, crawl_froms[k]) == 0) {
                from |= 1u << k;
            }
        }
    }

    return from;
}
