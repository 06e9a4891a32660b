
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_batch.h"


#define BATCH_BOM    "\xef\xbb\xbf"


static int api_batch_next_item(api_batch_t *b, sc_str_t *text);
static int api_batch_line(api_batch_t *b, sc_str_t *text);
static int api_batch_rest(api_batch_t *b, size_t left);
static int api_batch_blank(api_batch_t *b, sc_str_t *text);
static void api_batch_too_long(api_batch_t *b);
static int api_batch_is_plain(const json_t *json);
static int api_batch_plain(api_batch_t *b, json_t *json, sc_str_t text,
    frontier_spec_t *spec, problem_t *p);
static int api_batch_plain_echo(api_batch_t *b, const json_t *json,
    sc_str_t text, problem_t *p);
static int api_batch_url(api_batch_t *b, const json_t *url, problem_t *p);
static int api_batch_full(api_batch_t *b, json_t *json, sc_str_t text,
    frontier_spec_t *spec, problem_t *p);
static json_t *api_batch_merge(const api_batch_t *b, json_t *json, int own);
static int api_batch_lay(json_t *merged, const char *key, json_t *value);
static int api_batch_has(const json_t *json, const char *const *names);


static const char *const  api_batch_rules[] = {
    "rules", "ruleset", "rulesets", NULL
};

static const char *const  api_batch_contents[] = {
    "body", "form", "json", NULL
};


int
api_batch_next(api_batch_t *b, sc_str_t *text)
{
    int  rc;

    if (!b->ndjson) {
        return api_batch_next_item(b, text);
    }

    do {
        rc = api_batch_line(b, text);
    } while (rc == SC_OK && api_batch_blank(b, text));

    return rc;
}


static int
api_batch_next_item(api_batch_t *b, sc_str_t *text)
{
    int          rc;
    const char  *pos = b->text.data + b->items;

    rc = api_text_item(&pos, b->text.data + b->text.len, text);
    b->after = (size_t) (pos - b->text.data);

    return rc;
}


/* A line as it is; what is too long is passed over. */
static int
api_batch_line(api_batch_t *b, sc_str_t *text)
{
    size_t       left;
    const char  *start, *end;

    for ( /* void */ ; /* void */ ; b->pos = b->after) {
        left = b->text.len - b->pos;

        if (left == 0) {
            return b->last ? SC_DECLINED : SC_AGAIN;
        }

        start = b->text.data + b->pos;
        end = memchr(start, '\n', left);

        if (end == NULL && !b->last) {
            return api_batch_rest(b, left);
        }

        text->data = start;
        text->len = end != NULL ? (size_t) (end - start) : left;
        b->after = b->pos + text->len + (end != NULL);

        if (b->skipping) {
            b->skipping = 0;
            b->line++;

        } else if (text->len > BATCH_MAX_LINE) {
            api_batch_too_long(b);
            b->line++;

        } else {
            return SC_OK;
        }
    }
}


static int
api_batch_rest(api_batch_t *b, size_t left)
{
    if (!b->skipping && left > BATCH_MAX_LINE) {
        api_batch_too_long(b);
        b->skipping = 1;
    }

    if (b->skipping) {
        b->pos = b->text.len;
    }

    return SC_AGAIN;
}


/* Whether there is nothing in it; what is around it is taken off. */
static int
api_batch_blank(api_batch_t *b, sc_str_t *text)
{
    size_t       len = text->len;
    const char  *p = text->data;

    if (b->line == 0 && len >= sizeof(BATCH_BOM) - 1
        && memcmp(p, BATCH_BOM, sizeof(BATCH_BOM) - 1) == 0)
    {
        p += sizeof(BATCH_BOM) - 1;
        len -= sizeof(BATCH_BOM) - 1;
    }

    while (len > 0 && (*p == ' ' || *p == '\t' || *p == '\r')) {
        p++;
        len--;
    }

    while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'
                       || p[len - 1] == '\r'))
    {
        len--;
    }

    text->data = p;
    text->len = len;

    if (len == 0) {
        api_batch_step(b);
    }

    return len == 0;
}


static void
api_batch_too_long(api_batch_t *b)
{
    problem_t  p;

    problem_init(&p, "/request/too-large", "the line is longer than \"%d\" "
                 "bytes", BATCH_MAX_LINE);
    api_batch_reject(b, &p);
}


void
api_batch_step(api_batch_t *b)
{
    b->line++;

    if (b->ndjson) {
        b->pos = b->after;

    } else {
        b->items = b->after;
    }
}


void
api_batch_reject(api_batch_t *b, const problem_t *p)
{
    sc_buf_t  *out = &b->rejected;

    if (b->nrejected++ >= BATCH_LISTED) {
        return;
    }

    (void) sc_buf_printf(out, "%s{\"line\":%lld,\"type\":\"%s\","
                         "\"detail\":", out->len > 0 ? "," : "",
                         (long long) b->line + 1, p->type);
    (void) sc_json_cstr(out, p->detail);

    if (p->has_pointer) {
        (void) sc_buf_add_cstr(out, ",\"pointer\":");
        (void) sc_json_cstr(out, p->pointer);
    }

    if (p->column > 0) {
        (void) sc_buf_printf(out, ",\"column\":%d", p->column);
    }

    (void) sc_buf_add_cstr(out, "}");
}


int
api_batch_page(api_batch_t *b, sc_str_t text, frontier_spec_t *spec,
    problem_t *p)
{
    int            rc;
    json_t        *json;
    json_error_t   err;

    json = sc_json_of(text.data, text.len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &err);

    if (json == NULL) {
        problem_init(p, "/request/invalid-json", "%s",
                     api_json_wrong(&err));
        p->column = err.column;
        return SC_ERROR;
    }

    if (api_batch_is_plain(json)) {
        rc = api_batch_plain(b, json, text, spec, p);

    } else if (json_is_object(json)) {
        return api_batch_full(b, json, text, spec, p);

    } else {
        rc = api_work_refused(p, "", NULL, "this is neither an object nor a "
                              "URL");
    }

    json_decref(json);

    return rc;
}


/* A URL, with nothing that says how it is to be fetched. */
static int
api_batch_is_plain(const json_t *json)
{
    size_t  n;

    if (json_is_string(json)) {
        return 1;
    }

    n = (json_object_get(json, "url") != NULL)
        + (json_object_get(json, "echo") != NULL)
        + (json_object_get(json, "priority") != NULL);

    return n > 0 && json_object_size(json) == n;
}


/*
 * The way of nearly all lines of a large batch: what the defaults mean is not
 * read again.
 */
static int
api_batch_plain(api_batch_t *b, json_t *json, sc_str_t text,
    frontier_spec_t *spec, problem_t *p)
{
    const json_t  *priority;

    if (b->defaults.spec.rules.data == NULL) {
        return api_work_refused(p, "", NULL, "none of \"rules\", "
                                "\"ruleset\" and \"rulesets\" is there");
    }

    *spec = b->defaults.spec;
    spec->url = &b->url;

    if (json_is_string(json)) {
        return api_batch_url(b, json, p);
    }

    priority = json_object_get(json, "priority");

    if (priority != NULL) {
        if (api_work_int("priority", priority, -100, 100, p) != SC_OK) {
            return SC_ERROR;
        }

        spec->priority = (int) json_integer_value(priority);
    }

    if (json_object_get(json, "echo") != NULL) {
        if (api_batch_plain_echo(b, json, text, p) != SC_OK) {
            return SC_ERROR;
        }

        spec->echo.data = b->echo.data;
        spec->echo.len = b->echo.len;
    }

    return api_batch_url(b, json_object_get(json, "url"), p);
}


static int
api_batch_plain_echo(api_batch_t *b, const json_t *json, sc_str_t text,
    problem_t *p)
{
    json_t      *value;
    sc_str_t     member;
    const char  *key, *pos;

    pos = text.data;
    sc_buf_reset(&b->echo);

    json_object_foreach((json_t *) json, key, value) {
        if (api_text_member(&pos, text.data + text.len, &member) != SC_OK) {
            break;
        }

        if (strcmp(key, "echo") == 0) {
            (void) api_text_compact(&b->echo, member);
        }
    }

    if (b->echo.failed) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_batch_url(api_batch_t *b, const json_t *url, problem_t *p)
{
    if (!json_is_string(url)) {
        return api_work_refused(p, "", "url", url != NULL
                                ? "\"url\" is not a string"
                                : "\"url\" is missing");
    }

    url_free(&b->url);

    if (api_url(b->call, &b->url, json_string_value(url),
                json_string_length(url), p)
        != SC_OK
        || api_usage_host(b->call, &b->url, p) != SC_OK)
    {
        problem_pointer(p, "", "url");
        return SC_ERROR;
    }

    return SC_OK;
}


/* A reference to json is taken. */
static int
api_batch_full(api_batch_t *b, json_t *json, sc_str_t text,
    frontier_spec_t *spec, problem_t *p)
{
    int               rc, own;
    json_t           *merged;
    unsigned          what;
    api_extract_t    *e = &b->page;
    frontier_spec_t  *defaults = &b->defaults.spec;

    own = api_batch_has(json, api_batch_rules);
    what = API_READ_URL;

    if (own || defaults->rules.data == NULL) {
        what |= API_READ_RULES;
    }

    rc = api_batch_plain_echo(b, json, text, p);
    merged = rc == SC_OK ? api_batch_merge(b, json, own) : NULL;
    json_decref(json);

    if (rc != SC_OK) {
        return rc;
    }

    if (merged == NULL) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    api_extract_free(e);
    api_extract_init(b->call, e);
    e->spec.priority = defaults->priority;
    rc = api_extract_take(b->call, e, merged, NULL, what, p);

    if (rc != SC_OK) {
        return rc;
    }

    *spec = e->spec;

    if (b->echo.len > 0) {
        spec->echo.data = b->echo.data;
        spec->echo.len = b->echo.len;
    }

    if (!own && defaults->rules.data != NULL) {
        spec->rules = defaults->rules;
        spec->rules_hash = defaults->rules_hash;
        spec->ruleset = defaults->ruleset;
    }

    return SC_OK;
}


/* The line's members over those of the defaults; rules go together. */
static json_t *
api_batch_merge(const api_batch_t *b, json_t *json, int own)
{
    size_t       i;
    json_t      *merged, *value;
    const char  *key;

    merged = b->base != NULL ? json_copy(b->base) : json_object();

    for (i = 0; api_batch_rules[i] != NULL; i++) {
        if (own || b->defaults.spec.rules.data != NULL) {
            (void) json_object_del(merged, api_batch_rules[i]);
        }
    }

    json_object_foreach(json, key, value) {
        if (api_batch_lay(merged, key, value) != SC_OK) {
            json_decref(merged);
            return NULL;
        }
    }

    return merged;
}


/* "request" and "politeness" are laid over member by member. */
static int
api_batch_lay(json_t *merged, const char *key, json_t *value)
{
    size_t   i;
    json_t  *under;

    under = json_object_get(merged, key);

    if (!json_is_object(under) || !json_is_object(value)
        || (strcmp(key, "request") != 0 && strcmp(key, "politeness") != 0))
    {
        return json_object_set(merged, key, value) == 0 ? SC_OK : SC_ERROR;
    }

    under = json_copy(under);

    /* they exclude each other */
    for (i = 0; api_batch_has(value, api_batch_contents)
                && api_batch_contents[i] != NULL; i++)
    {
        (void) json_object_del(under, api_batch_contents[i]);
    }

    if (under == NULL || json_object_update(under, value) != 0) {
        json_decref(under);
        return SC_ERROR;
    }

    return json_object_set_new(merged, key, under) == 0 ? SC_OK : SC_ERROR;
}


static int
api_batch_has(const json_t *json, const char *const *names)
{
    for ( /* void */ ; *names != NULL; names++) {
        if (json_object_get(json, *names) != NULL) {
            return 1;
        }
    }

    return 0;
}
