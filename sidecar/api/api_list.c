
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_list.h"


static int api_list_read(api_call_t *c, api_list_t *l);
static int api_list_cursor(api_call_t *c, api_list_t *l);
static int api_list_names(api_call_t *c, api_list_t *l);
static int api_list_named(const api_list_t *l, const char *name);


int
api_list_parse(api_call_t *c, api_list_t *l, const char *const *names)
{
    memset(l, 0, sizeof(api_list_t));

    if (api_call_query(c, &l->query, names) != SC_OK) {
        memset(l, 0, sizeof(api_list_t));
        return SC_ERROR;
    }

    if (api_list_read(c, l) != SC_OK) {
        api_list_free(l);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_list_read(api_call_t *c, api_list_t *l)
{
    int      rc;
    int64_t  n;

    n = 0;
    l->hash = api_cursor_hash(c, api_cursor_path(c), &l->query);

    rc = api_list_number(c, &l->query, "limit", 1, API_LIST_MAX, &n);
    if (rc == SC_ERROR) {
        return SC_ERROR;
    }

    if (rc == SC_OK) {
        l->limit = (size_t) n;
    }

    if (api_list_number(c, &l->query, "since_seq", 0, INT64_MAX, &l->after)
        == SC_ERROR)
    {
        return SC_ERROR;
    }

    if (api_list_cursor(c, l) != SC_OK) {
        return SC_ERROR;
    }

    return api_list_names(c, l);
}


static int
api_list_cursor(api_call_t *c, api_list_t *l)
{
    const char  *cursor;

    cursor = query_get(&l->query, "cursor");

    if (cursor != NULL
        && api_cursor_read(cursor, l->hash, &l->after) != SC_OK)
    {
        return api_list_wrong(c, "cursor",
                              "\"cursor\" is not one of this list");
    }

    return SC_OK;
}


static int
api_list_names(api_call_t *c, api_list_t *l)
{
    char        *p, *name;
    size_t       len;
    const char  *fields;

    fields = query_get(&l->query, "fields");

    if (fields == NULL) {
        return SC_OK;
    }

    l->names = strdup(fields);
    l->fields = calloc(API_MAX_NAMES, sizeof(char *));

    if (l->names == NULL || l->fields == NULL) {
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    for (p = l->names; *p != '\0'; /* void */ ) {
        if (l->nfields == API_MAX_NAMES) {
            return api_list_wrong(c, "fields", "\"fields\" has more than %d "
                                  "names", API_MAX_NAMES);
        }

        name = p;
        len = strcspn(p, ",");
        p += len + (p[len] == ',');
        name[len] = '\0';

        if (!api_list_named(l, name)) {
            l->fields[l->nfields++] = name;
        }
    }

    return SC_OK;
}


/* Whether a name was given already: an object has it once. */
static int
api_list_named(const api_list_t *l, const char *name)
{
    size_t  i;

    for (i = 0; i < l->nfields && l->fields[i] != NULL; i++) {
        if (strcmp(l->fields[i], name) == 0) {
            return 1;
        }
    }

    return 0;
}


void
api_list_free(api_list_t *l)
{
    query_free(&l->query);
    free(l->fields);
    free(l->names);
    free(l->tag);
    memset(l, 0, sizeof(api_list_t));
}


int
api_list_wrong(api_call_t *c, const char *name, const char *fmt, ...)
{
    char       detail[300];
    va_list    args;
    problem_t  p;

    va_start(args, fmt);
    (void) vsnprintf(detail, sizeof(detail), fmt, args);
    va_end(args);

    problem_init(&p, "/request/invalid", "%s", detail);
    problem_parameter(&p, name);
    api_reply_problem(c, &p, 0);

    return SC_ERROR;
}


int
api_list_more(const api_call_t *c, size_t n, size_t size)
{
    return n > c->limit || (n == c->limit && n == API_LIST_MAX)
           || size >= STORE_LIST_BYTES;
}


int
api_list_begin(api_call_t *c, store_status_t status, const char *headers)
{
    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return SC_ERROR;
    }

    api_reply_begin(c, headers);
    (void) sc_buf_add_cstr(&c->api->body, "{\"data\":[");

    return SC_OK;
}


void
api_list_send(api_call_t *c, const api_list_t *l, int more, int64_t seq)
{
    sc_buf_t  *b = &c->api->body, *link = &c->api->link;

    (void) sc_buf_add_cstr(b, "],\"next\":");

    if (!more) {
        (void) sc_buf_add_cstr(b, "null");

    } else {
        sc_buf_reset(link);
        api_cursor_link(c, l, seq, link);

        if (!link->failed) {
            (void) sc_json_cstr(b, link->data);
            api_cursor_field(link->data, &c->api->headers);
        }
    }

    (void) sc_buf_add_cstr(b, "}");
    api_reply_send(c, 200);
}


int
api_list_by_name(api_call_t *c, const query_t *query, const char *thing,
    int (*check)(sc_str_t name), sc_str_t *after)
{
    int64_t  n;

    after->data = query_get(query, "after");
    after->len = after->data != NULL ? strlen(after->data) : 0;

    if (after->data != NULL && check(*after) != SC_OK) {
        return api_list_wrong(c, "after", "\"after\" is not a %s's name",
                              thing);
    }

    /* what is read of each is all of it, 256 KiB of a session */
    n = API_LIST_LIMIT;

    if (api_list_number(c, query, "limit", 1, API_LIST_LIMIT, &n)
        == SC_ERROR)
    {
        return SC_ERROR;
    }

    c->limit = (size_t) n;

    return SC_OK;
}


void
api_list_results(const api_call_t *c, store_results_ask_t *ask)
{
    memset(ask, 0, sizeof(store_results_ask_t));
    ask->tenant = c->tenant;
    ask->job = ask->url = ask->host = ask->ruleset = "";
    ask->tag_name = ask->tag_value = ask->q = "";
}


int
api_list_number(api_call_t *c, const query_t *query, const char *name,
    int64_t min, int64_t max, int64_t *n)
{
    char        *end;
    long long    value;
    const char  *s;

    s = query_get(query, name);
    if (s == NULL) {
        return SC_DECLINED;
    }

    errno = 0;
    value = strtoll(s, &end, 10);

    if (s[0] < '0' || s[0] > '9' || *end != '\0' || errno != 0
        || value < min || value > max)
    {
        return api_list_wrong(c, name, "\"%s\" is not a whole number from "
                              "\"%lld\" to \"%lld\"", name, (long long) min,
                              (long long) max);
    }

    *n = value;

    return SC_OK;
}


int
api_list_tag(api_call_t *c, api_list_t *l, const char **name,
    const char **value)
{
    char        *colon;
    const char  *tag;

    tag = query_get(&l->query, "tag");
    if (tag == NULL) {
        return SC_DECLINED;
    }

    if (strchr(tag, ':') == NULL || tag[0] == ':') {
        return api_list_wrong(c, "tag", "\"tag\" is not of the form "
                              "NAME:VALUE");
    }

    l->tag = strdup(tag);

    if (l->tag == NULL) {
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    colon = strchr(l->tag, ':');
    *colon = '\0';
    *name = l->tag;
    *value = colon + 1;

    return SC_OK;
}
