
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/extract/extract.h"
#include "sidecar/frontier/frontier_internal.h"


static int frontier_headers_wanted(const frontier_flight_t *fl);
static void frontier_headers_line(sc_buf_t *b, const char *line, size_t len);


void
frontier_headers_keep(frontier_flight_t *fl, sc_str_t lines)
{
    size_t       len;
    sc_buf_t    *b = &fl->headers;
    const char  *p, *end, *lf;

    sc_buf_reset(b);

    if (!frontier_headers_wanted(fl)) {
        return;
    }

    p = lines.data;
    end = p + lines.len;
    (void) sc_buf_add_cstr(b, "[");

    while (p < end) {
        lf = memchr(p, '\n', (size_t) (end - p));
        len = (size_t) ((lf != NULL ? lf : end) - p);
        frontier_headers_line(b, p, len);
        p += len + 1;
    }

    if (sc_buf_add_cstr(b, "]") != SC_OK) {
        sc_buf_reset(b);
    }
}


void
frontier_headers_restore(frontier_flight_t *fl, const json_t *headers)
{
    char  *text;

    sc_buf_reset(&fl->headers);
    text = (headers != NULL) ? sc_json_text(headers, JSON_COMPACT) : NULL;

    if (text != NULL) {
        (void) sc_buf_add_cstr(&fl->headers, text);
        free(text);
    }
}


/*
 * A page that is kept is kept for those who may ask later, too; one of a crawl
 * may have an X-Robots-Tag.
 */
static int
frontier_headers_wanted(const frontier_flight_t *fl)
{
    const frontier_job_t  *j;

    if (fl->cache.present) {
        return 1;
    }

    DL_FOREACH(fl->jobs, j) {
        if ((j->views & EXTRACT_HEADERS) || j->keep_raw
            || j->row.lane == LANES_CRAWL
            || (j->row.rules.len != 0
                && strstr(j->row.rules.data, "\"header\":") != NULL))
        {
            return 1;
        }
    }

    return 0;
}


static void
frontier_headers_line(sc_buf_t *b, const char *line, size_t len)
{
    size_t       name;
    const char  *colon, *value;

    colon = memchr(line, ':', len);

    if (colon == NULL) {
        return;
    }

    name = (size_t) (colon - line);
    value = colon + 1;
    len -= name + 1;

    while (len != 0 && (*value == ' ' || *value == '\t')) {
        value++;
        len--;
    }

    (void) sc_buf_add_cstr(b, b->len > 1 ? ",[" : "[");
    (void) sc_json_string(b, line, name);
    (void) sc_buf_add_cstr(b, ",");
    (void) sc_json_string(b, value, len);
    (void) sc_buf_add_cstr(b, "]");
}
