
#include "sidecar/metrics/metrics_internal.h"


int
metrics_write(sc_buf_t *b, metrics_format_t format, const char *version)
{
    switch (format) {

    case METRICS_JSON:
        metrics_json_write(b, version);
        break;

    case METRICS_TEXT:
        metrics_text_write(b, version);
        break;

    default:
        metrics_open_write(b, version, format == METRICS_PROMETHEUS);
    }

    return b->failed ? SC_ERROR : SC_OK;
}


/* The fraction without the zeros that end it. */
void
metrics_number(sc_buf_t *b, metrics_unit_t unit, int64_t n)
{
    int        digits;
    long long  fraction;

    if (unit != METRICS_SECONDS) {
        (void) sc_buf_printf(b, "%lld", (long long) n);
        return;
    }

    if (n < 0) {
        (void) sc_buf_add_cstr(b, "-");
        n = n == INT64_MIN ? INT64_MAX : -n;
    }

    (void) sc_buf_printf(b, "%lld", (long long) (n / METRICS_NS));
    fraction = n % METRICS_NS;

    if (fraction == 0) {
        return;
    }

    for (digits = 9; fraction % 10 == 0; digits--) {
        fraction /= 10;
    }

    (void) sc_buf_printf(b, ".%0*lld", digits, fraction);
}
