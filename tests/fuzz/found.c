
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/fuzz/found.h"
#include "tests/fuzz/fuzz.h"


static void found_line(sc_str_t line, const char *kinds);


crawl_scope_t *
found_scope(sc_str_t json, const char *start)
{
    char           *text, err[256], pointer[256];
    url_t           url;
    json_t         *scope;
    crawl_scope_t  *compiled;

    scope = json_loadb(json.data, json.len, 0, NULL);

    if (scope == NULL
        || url_parse(&url, start, strlen(start), err, sizeof(err)) != SC_OK)
    {
        json_decref(scope);
        return NULL;
    }

    text = crawl_scope_text(scope, NULL, &url, 1, 0, err, sizeof(err),
                            pointer, sizeof(pointer));
    FUZZ_HELD(text != NULL || err[0] != '\0');
    compiled = NULL;

    if (text != NULL) {
        compiled = crawl_scope_create((sc_str_t) { strlen(text), text });
        FUZZ_HELD(compiled != NULL);
    }

    free(text);
    url_free(&url);
    json_decref(scope);

    return compiled;
}


void
found_lines(sc_str_t text, const char *kinds)
{
    FUZZ_HELD(text.len == 0 || text.data[text.len - 1] == '\n');

    while (text.len > 0) {
        found_line(fuzz_line(&text), kinds);
    }
}


static void
found_line(sc_str_t line, const char *kinds)
{
    char         err[256];
    url_t        url;
    sc_str_t     rest;
    const char  *end;

    FUZZ_HELD(line.len > 3 && line.data[1] == ' ');
    FUZZ_HELD(line.data[0] != '\0' && strchr(kinds, line.data[0]) != NULL);
    rest = (sc_str_t) { line.len - 2, line.data + 2 };
    end = memchr(rest.data, ' ', rest.len);

    if (end != NULL) {
        rest.len = (size_t) (line.data + line.len - end) - 1;
        rest.data = end + 1;
        FUZZ_HELD(fuzz_is_json(rest));
        rest = (sc_str_t) { (size_t) (end - line.data) - 2, line.data + 2 };
    }

    FUZZ_HELD(url_parse(&url, rest.data, rest.len, err, sizeof(err)) == SC_OK);
    FUZZ_HELD(fuzz_same(rest, (sc_str_t) { url.len, url.text }));
    url_free(&url);
}
