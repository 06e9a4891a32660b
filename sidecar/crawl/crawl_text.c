
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/crawl/crawl_internal.h"


/*
 * Characters in the ranges of all expressions that ignore case together, see
 * sc_regex_width(): some 5 ms of the one who compiles them.
 */
#define CRAWL_TEXT_WIDTH  500000

#define CRAWL_TEXT_NAMES(list)  (list), sizeof(list) / sizeof((list)[0])


static int crawl_text_fill(crawl_text_t *t, const json_t *scope,
    const json_t *links, const url_t *starts, size_t nstarts);
static int crawl_text_known(crawl_text_t *t, const json_t *object,
    const char *member, const char *const *names, size_t n);
static void crawl_text_path(char *path, size_t size, const char *key);
static int crawl_text_patterns(crawl_text_t *t, const json_t *scope,
    const char *name);
static int crawl_text_pattern(crawl_text_t *t, const json_t *value,
    const char *name, size_t i);
static int crawl_text_from(crawl_text_t *t, const json_t *links);
static int crawl_text_nofollow(crawl_text_t *t, const json_t *links);
static int crawl_text_flag(crawl_text_t *t, const json_t *object,
    const char *member, const char *name);
static char *crawl_text_done(crawl_text_t *t);


static const char *const  crawl_text_scope[] = {
    "preset", "subdomains", "external", "allow", "deny", "hosts"
};

static const char *const  crawl_text_links[] = {
    "from", "ignore_query", "nofollow"
};

static const char *const  crawl_text_nofollows[] = { "obey", "ignore" };


char *
crawl_scope_text(const json_t *scope, const json_t *links,
    const url_t *starts, size_t nstarts, unsigned options, char *err,
    size_t errlen, char *pointer, size_t pointer_len)
{
    char          *text;
    size_t         i;
    crawl_text_t   t;

    memset(&t, 0, sizeof(crawl_text_t));
    t.err = err;
    t.errlen = errlen;
    t.pointer = pointer;
    t.pointer_len = pointer_len;
    err[0] = '\0';
    pointer[0] = '\0';

    text = NULL;
    t.json = json_object();

    if (t.json != NULL
        && crawl_text_put(&t, "options", json_integer(options)) == SC_OK
        && crawl_text_fill(&t, scope, links, starts, nstarts) == SC_OK)
    {
        text = crawl_text_done(&t);
    }

    for (i = 0; i < t.n; i++) {
        free(t.list[i].name);
    }

    free(t.list);
    json_decref(t.json);

    return text;
}


static int
crawl_text_fill(crawl_text_t *t, const json_t *scope, const json_t *links,
    const url_t *starts, size_t nstarts)
{
    if (crawl_text_known(t, scope, "scope",
                         CRAWL_TEXT_NAMES(crawl_text_scope)) != SC_OK
        || crawl_text_known(t, links, "links",
                            CRAWL_TEXT_NAMES(crawl_text_links)) != SC_OK
        || crawl_preset_starts(t, scope, starts, nstarts) != SC_OK
        || crawl_preset_named(t, json_object_get(scope, "hosts")) != SC_OK
        || crawl_preset_hosts(t) != SC_OK
        || crawl_text_patterns(t, scope, "allow") != SC_OK
        || crawl_text_patterns(t, scope, "deny") != SC_OK
        || crawl_text_flag(t, scope, "scope", "subdomains") != SC_OK
        || crawl_text_flag(t, scope, "scope", "external") != SC_OK
        || crawl_text_flag(t, links, "links", "ignore_query") != SC_OK
        || crawl_text_nofollow(t, links) != SC_OK)
    {
        return SC_ERROR;
    }

    return crawl_text_from(t, links);
}


/* A member of the request: an object, or not there, and what is in it. */

static int
crawl_text_known(crawl_text_t *t, const json_t *object, const char *member,
    const char *const *names, size_t n)
{
    char         path[128];
    size_t       i;
    json_t      *value;
    const char  *key;

    (void) snprintf(path, sizeof(path), "/%s", member);

    if (object != NULL && !json_is_object(object)) {
        return crawl_text_fail(t, path, "\"%s\" is not an object", member);
    }

    json_object_foreach((json_t *) object, key, value) {

        for (i = 0; i < n && strcmp(key, names[i]) != 0; i++) { /* void */ }

        if (i == n) {
            crawl_text_path(path, sizeof(path), key);
            return crawl_text_fail(t, path, "\"%.100s\" is not known here",
                                   key);
        }
    }

    return SC_OK;
}


/* RFC 6901, 3; a key that is too long is cut. */

static void
crawl_text_path(char *path, size_t size, const char *key)
{
    size_t  n;

    n = strlen(path);
    path[n++] = '/';

    for (; *key != '\0' && n + 2 < size; key++) {
        if (*key == '~' || *key == '/') {
            path[n++] = '~';
            path[n++] = (*key == '~') ? '0' : '1';

        } else {
            path[n++] = *key;
        }
    }

    path[n] = '\0';
}


static int
crawl_text_patterns(crawl_text_t *t, const json_t *scope, const char *name)
{
    char           path[32];
    size_t         i;
    json_t        *value;
    const json_t  *list;

    list = json_object_get(scope, name);

    (void) snprintf(path, sizeof(path), "/scope/%s", name);

    if (crawl_text_list(t, list, path) != SC_OK) {
        return SC_ERROR;
    }

    json_array_foreach(list, i, value) {
        if (crawl_text_pattern(t, value, name, i) != SC_OK) {
            return SC_ERROR;
        }
    }

    return list != NULL ? crawl_text_put(t, name, json_deep_copy(list))
                        : SC_OK;
}


static int
crawl_text_pattern(crawl_text_t *t, const json_t *value, const char *name,
    size_t i)
{
    char           path[64], reason[256];
    size_t         len;
    const char    *text;
    sc_pattern_t   pattern;

    (void) snprintf(path, sizeof(path), "/scope/%s/%zu", name, i);

    if (!json_is_string(value)) {
        return crawl_text_fail(t, path, "the pattern is not a string");
    }

    text = json_string_value(value);
    len = json_string_length(value);

    if (len > 3 && len <= SC_PATTERN_MAX && memcmp(text, "re:", 3) == 0) {
        t->width += sc_regex_width(text + 3, len - 3, NULL, NULL);
    }

    if (t->width > CRAWL_TEXT_WIDTH) {
        return crawl_text_fail(t, path, "the expressions that ignore case "
                               "have too wide ranges");
    }

    if (sc_pattern_compile(&pattern, text, len, reason, sizeof(reason))
        != SC_OK)
    {
        return crawl_text_fail(t, path, "%s", reason);
    }

    sc_pattern_free(&pattern);

    return SC_OK;
}


/* In the table's order, each once. */

static int
crawl_text_from(crawl_text_t *t, const json_t *links)
{
    char           path[48];
    size_t         i, k;
    json_t        *value, *list;
    unsigned       from;
    const char    *word;
    const json_t  *given;

    given = json_object_get(links, "from");
    from = given != NULL ? 0 : CRAWL_FROM_A | CRAWL_FROM_AREA;

    if (crawl_text_list(t, given, "/links/from") != SC_OK) {
        return SC_ERROR;
    }

    json_array_foreach(given, i, value) {
        word = json_string_value(value);

        for (k = 0; k < CRAWL_FROMS; k++) {
            if (word != NULL && strcmp(word, crawl_froms[k]) == 0) {
                from |= 1u << k;
                break;
            }
        }

        if (k == CRAWL_FROMS) {
            (void) snprintf(path, sizeof(path), "/links/from/%zu", i);
            return crawl_text_fail(t, path, "\"from\" has none of a, area, "
                                   "link, iframe, form and text");
        }
    }

    list = json_array();

    for (k = 0; k < CRAWL_FROMS; k++) {
        if ((from & (1u << k))
            && json_array_append_new(list, json_string(crawl_froms[k])) != 0)
        {
            json_decref(list);
            return SC_ERROR;
        }
    }

    return crawl_text_put(t, "from", list);
}


static int
crawl_text_nofollow(crawl_text_t *t, const json_t *links)
{
    const char    *word;
    const json_t  *value;

    value = json_object_get(links, "nofollow");
    word = value != NULL ? json_string_value(value) : crawl_text_nofollows[0];

    if (word != NULL && strcmp(word, crawl_text_nofollows[0]) == 0) {
        return crawl_text_put(t, "obey", json_true());
    }

    if (word == NULL || strcmp(word, crawl_text_nofollows[1]) != 0) {
        return crawl_text_fail(t, "/links/nofollow",
                               "\"nofollow\" is none of obey and ignore");
    }

    return SC_OK;
}


static int
crawl_text_flag(crawl_text_t *t, const json_t *object, const char *member,
    const char *name)
{
    char           path[48];
    const json_t  *value;

    value = json_object_get(object, name);

    if (value == NULL || json_is_false(value)) {
        return SC_OK;
    }

    if (!json_is_true(value)) {
        (void) snprintf(path, sizeof(path), "/%s/%s", member, name);
        return crawl_text_fail(t, path, "\"%s\" is not true or false", name);
    }

    return crawl_text_put(t, name, json_true());
}


static char *
crawl_text_done(crawl_text_t *t)
{
    char  *text;

    text = sc_json_text(t->json, JSON_COMPACT | JSON_SORT_KEYS);

    if (text != NULL && strlen(text) >= CRAWL_MAX_SCOPE) {
        free(text);
        (void) crawl_text_fail(t, "/scope", "the scope, with the hosts of "
                               "all URLs, is longer than %d bytes",
                               CRAWL_MAX_SCOPE);
        return NULL;
    }

    return text;
}


int
crawl_text_put(crawl_text_t *t, const char *name, json_t *value)
{
    return json_object_set_new(t->json, name, value) == 0 ? SC_OK : SC_ERROR;
}


/* A list, which may not be there, of as many as patterns may be. */

int
crawl_text_list(crawl_text_t *t, const json_t *list, const char *path)
{
    const char  *name = strrchr(path, '/') + 1;

    if (list != NULL && !json_is_array(list)) {
        return crawl_text_fail(t, path, "\"%s\" is not a list", name);
    }

    if (json_array_size(list) > SC_PATTERNS_MAX) {
        return crawl_text_fail(t, path, "\"%s\" has more than %d elements",
                               name, SC_PATTERNS_MAX);
    }

    return SC_OK;
}


int
crawl_text_fail(crawl_text_t *t, const char *pointer, const char *fmt, ...)
{
    va_list  args;

    (void) snprintf(t->pointer, t->pointer_len, "%s", pointer);

    va_start(args, fmt);
    (void) vsnprintf(t->err, t->errlen, fmt, args);
    va_end(args);

    return SC_ERROR;
}
