
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/metrics/metrics_internal.h"


static int metrics_accept_type(sc_str_t range, metrics_format_t *format);
static int metrics_accept_has(sc_str_t range, const char *text);
static double metrics_accept_weight(sc_str_t range);


int
metrics_format_named(const char *name, metrics_format_t *format)
{
    size_t  i;

    static const char *const  names[] = { "text", "openmetrics",
                                          "prometheus", "json" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0) {
            *format = (metrics_format_t) i;
            return SC_OK;
        }
    }

    return SC_DECLINED;
}


const char *
metrics_content_type(metrics_format_t format)
{
    static const char *const  types[] = {
        "text/plain; charset=utf-8",
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "text/plain; version=0.0.4; charset=utf-8",
        "application/json"
    };

    return types[format];
}


/* None of them has a comma within quotes. */
metrics_format_t
metrics_format_accepted(const char *accept)
{
    double            weight, most;
    sc_str_t          range;
    metrics_format_t  format, best;

    most = 0;
    best = METRICS_TEXT;

    while (*accept != '\0') {
        accept += strspn(accept, ", \t");
        range.data = accept;
        range.len = strcspn(accept, ",");
        accept += range.len;

        if (metrics_accept_type(range, &format) != SC_OK) {
            continue;
        }

        weight = metrics_accept_weight(range);

        if (weight > most) {
            most = weight;
            best = format;
        }
    }

    return best;
}


static int
metrics_accept_type(sc_str_t range, metrics_format_t *format)
{
    if (metrics_accept_has(range, "application/openmetrics-text")) {
        *format = METRICS_OPENMETRICS;

    } else if (metrics_accept_has(range, "application/json")) {
        *format = METRICS_JSON;

    } else if (metrics_accept_has(range, "text/plain")) {
        *format = memmem(range.data, range.len, "version=0.0.4", 13) != NULL
                  ? METRICS_PROMETHEUS : METRICS_TEXT;

    } else if (metrics_accept_has(range, "*/*")
               || metrics_accept_has(range, "text/*"))
    {
        *format = METRICS_TEXT;

    } else {
        return SC_DECLINED;
    }

    return SC_OK;
}


/* The range is this type, whatever parameters it has. */
static int
metrics_accept_has(sc_str_t range, const char *text)
{
    size_t  len = strlen(text);

    return range.len >= len && strncasecmp(range.data, text, len) == 0
           && (range.len == len || strchr("; \t", range.data[len]) != NULL);
}


/* RFC 9110 12.4.2; the number ends where the range does, at the latest. */
static double
metrics_accept_weight(sc_str_t range)
{
    double       weight;
    const char  *p, *end = range.data + range.len;

    for (p = range.data + 1; p + 1 < end; p++) {
        if (strchr("; \t", p[-1]) != NULL && strncasecmp(p, "q=", 2) == 0) {
            weight = strtod(p + 2, NULL);

            return weight >= 0 && weight <= 1 ? weight : 0;
        }
    }

    return 1;
}
