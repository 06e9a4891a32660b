
#include <string.h>
#include <strings.h>

#include "common/rules/sc_rules_internal.h"


#define SC_RULES_MAX_URL     8192       /* bytes */
#define SC_RULES_MAX_SKETCH  65536      /* hex digits */
#define SC_RULES_RATIO       0.45       /* Crawley's SIMILARITY_RATIO */


static int sc_rules_similar(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_match_t *match);
static int sc_rules_similar_url(sc_rules_parser_t *p,
    const sc_rules_path_t *path, const char *url);
static int sc_rules_sketch(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *sketch);
static int sc_rules_ratio(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, double *ratio);


static const char *const  sc_rules_match_keys[] = {
    "url", "content_type", "similar_to"
};


static const char *const  sc_rules_similar_keys[] = {
    "url", "sketch", "ratio"
};


int
sc_rules_match(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_match_t *match)
{
    json_t           *part;
    sc_rules_path_t   here;

    if (!json_is_object(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"match\" is an object, not %s",
                               sc_rules_kind(value));
    }

    if (sc_rules_known(p, value, path, sc_rules_words(sc_rules_match_keys))
        != SC_OK
        || sc_rules_take_patterns(p, value, "url", path, &match->url) != SC_OK
        || sc_rules_take_patterns(p, value, "content_type", path,
                                  &match->content_type) != SC_OK)
    {
        return SC_ERROR;
    }

    part = json_object_get(value, "similar_to");
    here = sc_rules_below(path, "similar_to");

    if (part == NULL) {
        return SC_OK;
    }

    return sc_rules_similar(p, part, &here, match);
}


static int
sc_rules_similar(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_match_t *match)
{
    if (!json_is_object(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"similar_to\" is an object, not %s",
                               sc_rules_kind(value));
    }

    if (sc_rules_known(p, value, path, sc_rules_words(sc_rules_similar_keys))
        != SC_OK
        || sc_rules_take_text(p, value, "url", path, SC_RULES_MAX_URL,
                              &match->similar_url) != SC_OK
        || sc_rules_take_text(p, value, "sketch", path, SC_RULES_MAX_SKETCH,
                              &match->sketch) != SC_OK)
    {
        return SC_ERROR;
    }

    if (match->similar_url == NULL && match->sketch == NULL) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"similar_to\" needs \"url\" or \"sketch\"");
    }

    if (sc_rules_similar_url(p, path, match->similar_url) != SC_OK
        || sc_rules_sketch(p, path, match->sketch) != SC_OK)
    {
        return SC_ERROR;
    }

    return sc_rules_ratio(p, value, path, &match->ratio);
}


/* What is fetched is looked at closer by who fetches it. */

static int
sc_rules_similar_url(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *url)
{
    const char       *host, *c;
    sc_rules_path_t   here;

    if (url == NULL) {
        return SC_OK;
    }

    host = "";

    if (strncasecmp(url, "http://", sizeof("http://") - 1) == 0) {
        host = url + sizeof("http://") - 1;

    } else if (strncasecmp(url, "https://", sizeof("https://") - 1) == 0) {
        host = url + sizeof("https://") - 1;
    }

    for (c = url; (unsigned char) *c > 0x20 && *c != 0x7f; c++) {
        /* void */
    }

    if (*c != '\0' || strcspn(host, "/?#") == 0) {
        here = sc_rules_below(path, "url");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is not an absolute http or https URL",
                               sc_rules_quoted(p, url));
    }

    return SC_OK;
}


static int
sc_rules_sketch(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *sketch)
{
    size_t           n;
    sc_rules_path_t  here;

    if (sketch == NULL) {
        return SC_OK;
    }

    n = strspn(sketch, "0123456789abcdefABCDEF");

    if (sketch[n] != '\0' || n % 2 != 0) {
        here = sc_rules_below(path, "sketch");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "sketch \"%s\" is not pairs of hex digits",
                               sc_rules_quoted(p, sketch));
    }

    return SC_OK;
}


static int
sc_rules_ratio(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, double *ratio)
{
    sc_rules_path_t  here;

    *ratio = SC_RULES_RATIO;

    if (sc_rules_take_number(p, object, "ratio", path, ratio) != SC_OK) {
        return SC_ERROR;
    }

    if (*ratio < 0 || *ratio > 1) {
        here = sc_rules_below(path, "ratio");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "ratio \"%g\" is not between 0 and 1", *ratio);
    }

    return SC_OK;
}
