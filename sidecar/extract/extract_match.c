
#include <string.h>

#include "sidecar/extract/extract_internal.h"
#include "sidecar/views/view_sketch.h"


/* RFC 6838, 4.2: two names of at most 127 characters, and the NUL */
#define EXTRACT_MEDIA_TYPE  256


static size_t extract_media_type(const extract_page_t *page, char *type);
static int extract_match_similar(extract_t *x, const sc_match_t *match);


int
extract_match(extract_t *x, const sc_match_t *match)
{
    if (!extract_match_named(x->page, match)) {
        return 0;
    }

    if (match->sketch != NULL || match->similar_url != NULL) {
        return extract_match_similar(x, match);
    }

    return 1;
}


int
extract_match_named(const extract_page_t *page, const sc_match_t *match)
{
    char    type[EXTRACT_MEDIA_TYPE];
    size_t  len;

    if (match->url.n != 0
        && !sc_patterns_fit(&match->url, page->url, strlen(page->url)))
    {
        return 0;
    }

    if (match->content_type.n == 0) {
        return 1;
    }

    len = extract_media_type(page, type);

    return sc_patterns_fit(&match->content_type, type, len) != 0;
}


/* Without parameters, in lower case (RFC 9110, 8.3.1). */

static size_t
extract_media_type(const extract_page_t *page, char *type)
{
    size_t       i, len;
    const char  *value = page->content_type;

    value += strspn(value, " \t");
    len = strcspn(value, "; \t");

    if (len >= EXTRACT_MEDIA_TYPE) {
        len = EXTRACT_MEDIA_TYPE - 1;
    }

    for (i = 0; i < len; i++) {
        type[i] = (value[i] >= 'A' && value[i] <= 'Z')
                  ? (char) (value[i] - 'A' + 'a') : value[i];
    }

    type[len] = '\0';

    return len;
}


static int
extract_match_similar(extract_t *x, const sc_match_t *match)
{
    view_sketch_t  page, like;

    if (match->sketch == NULL
        || view_sketch_parse(match->sketch, strlen(match->sketch), &like)
           != SC_OK)
    {
        extract_warn(x, NULL, match->similar_url,
                     "has no sketch yet: no page is like it");
        return 0;
    }

    /* a page without tags is like none */

    return view_sketch(x->doc, &page) == SC_OK
           && view_sketch_ratio(&page, &like) >= match->ratio;
}
