
#include "ngx_module/ngx_http_scrape_status.h"


#define NGX_HTTP_SCRAPE_STATUS_NAME   "nginx_scrape_"

/* columns of a name in the text */
#define NGX_HTTP_SCRAPE_STATUS_WIDTH  26


/*
 * What is told besides the table: read once, for a document whose numbers fit
 * each other.
 */
typedef struct {
    ngx_http_scrape_status_e     format;
    ngx_uint_t                   up;
    ngx_uint_t                   shared;
    ngx_uint_t                   holds;
    ngx_http_scrape_counters_t   n;
} ngx_http_scrape_status_now_t;


static ngx_uint_t ngx_http_scrape_status_number(
    const ngx_http_scrape_status_now_t *now,
    const ngx_http_scrape_family_t *f, ngx_uint_t i);
static void ngx_http_scrape_metrics(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now);
static void ngx_http_scrape_metrics_head(sc_buf_t *b, ngx_uint_t plain,
    const ngx_http_scrape_family_t *f, const char *type);
static void ngx_http_scrape_metrics_gauge(sc_buf_t *b, ngx_uint_t plain,
    const char *name, const char *help, ngx_uint_t n);
static void ngx_http_scrape_metrics_family(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now,
    const ngx_http_scrape_family_t *f);
static void ngx_http_scrape_metrics_histogram(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now);
static void ngx_http_scrape_json(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now);
static void ngx_http_scrape_json_family(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now,
    const ngx_http_scrape_family_t *f);
static void ngx_http_scrape_json_histogram(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now);
static void ngx_http_scrape_text(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now);
static void ngx_http_scrape_text_family(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now,
    const ngx_http_scrape_family_t *f);
static void ngx_http_scrape_text_histogram(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now);


static const ngx_http_scrape_family_t  ngx_http_scrape_duration = {
    "request_duration_seconds", 0, "seconds",
    "How long these requests took, from their first byte to their last.",
    NULL, NULL, 0, 0
};


ngx_int_t
ngx_http_scrape_status_write(ngx_http_request_t *r, ngx_uint_t alone,
    ngx_str_t *before, ngx_str_t *after)
{
    sc_buf_t                       b;
    ngx_str_t                      text;
    ngx_http_scrape_main_conf_t   *smcf;
    ngx_http_scrape_status_now_t   now;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);

    now.format = ngx_http_scrape_status_format(r);
    now.up = !alone;
    now.shared = smcf->zone != NULL;
    now.holds = ngx_http_scrape_holds(smcf);
    now.n = *ngx_http_scrape_counters(smcf);

    ngx_str_set(after, "");
    sc_buf_init(&b, 0);

    switch (now.format) {

    case NGX_HTTP_SCRAPE_STATUS_JSON:
        ngx_http_scrape_json(&b, &now);
        (void) sc_buf_add_cstr(&b, alone ? "null}\n" : "");

        if (!alone) {
            ngx_str_set(after, "}\n");
        }

        break;

    case NGX_HTTP_SCRAPE_STATUS_METRICS:
        ngx_http_scrape_metrics(&b, &now);
        (void) sc_buf_add_cstr(&b, alone ? "# EOF\n" : "");
        break;

    case NGX_HTTP_SCRAPE_STATUS_PROMETHEUS:
        ngx_http_scrape_metrics(&b, &now);
        break;

    default:
        ngx_http_scrape_text(&b, &now);
        (void) sc_buf_add_cstr(&b, alone ? "\nscraped does not answer\n"
                                         : "\n");
    }

    text.data = (u_char *) b.data;
    text.len = b.len;
    before->len = b.len;
    before->data = b.failed ? NULL : ngx_pstrdup(r->pool, &text);
    sc_buf_free(&b);

    return before->data != NULL ? NGX_OK : NGX_ERROR;
}


static ngx_uint_t
ngx_http_scrape_status_number(const ngx_http_scrape_status_now_t *now,
    const ngx_http_scrape_family_t *f, ngx_uint_t i)
{
    const ngx_atomic_t  *first;

    first = (const ngx_atomic_t *) ((const u_char *) &now->n + f->offset);

    return (ngx_uint_t) first[i];
}


static void
ngx_http_scrape_metrics(sc_buf_t *b, const ngx_http_scrape_status_now_t *now)
{
    ngx_uint_t                       plain;
    const ngx_http_scrape_family_t  *f;

    plain = now->format == NGX_HTTP_SCRAPE_STATUS_PROMETHEUS;

    (void) sc_buf_printf(b, "# HELP %sbuild%s Versions.\n# TYPE %sbuild%s %s\n"
                         "%sbuild_info{version=\"%s\",nginx=\"%s\"} 1\n",
                         NGX_HTTP_SCRAPE_STATUS_NAME, plain ? "_info" : "",
                         NGX_HTTP_SCRAPE_STATUS_NAME, plain ? "_info" : "",
                         plain ? "gauge" : "info",
                         NGX_HTTP_SCRAPE_STATUS_NAME, NGX_HTTP_SCRAPE_VERSION,
                         NGINX_VERSION);

    ngx_http_scrape_metrics_gauge(b, plain, "sidecar_up",
                                  "1 when scraped answered this request.",
                                  now->up);
    ngx_http_scrape_metrics_gauge(b, plain, "shared",
                                  "1 when these are the numbers of all "
                                  "workers (scrape_zone), 0 of one.",
                                  now->shared);
    ngx_http_scrape_metrics_gauge(b, plain, "holds",
                                  "Queues, tenants and hosts that are held.",
                                  now->holds);

    for (f = ngx_http_scrape_families; f->name != NULL; f++) {
        ngx_http_scrape_metrics_family(b, now, f);
    }

    ngx_http_scrape_metrics_histogram(b, now);
}


/* In the format 0.0.4 a counter's family is called as its number. */
static void
ngx_http_scrape_metrics_head(sc_buf_t *b, ngx_uint_t plain,
    const ngx_http_scrape_family_t *f, const char *type)
{
    const char  *suffix;

    suffix = (plain && ngx_strcmp(type, "counter") == 0) ? "_total" : "";

    (void) sc_buf_printf(b, "# HELP %s%s%s %s\n# TYPE %s%s%s %s\n",
                         NGX_HTTP_SCRAPE_STATUS_NAME, f->name, suffix, f->help,
                         NGX_HTTP_SCRAPE_STATUS_NAME, f->name, suffix, type);

    if (!plain && f->unit != NULL) {
        (void) sc_buf_printf(b, "# UNIT %s%s %s\n",
                             NGX_HTTP_SCRAPE_STATUS_NAME, f->name, f->unit);
    }
}


static void
ngx_http_scrape_metrics_gauge(sc_buf_t *b, ngx_uint_t plain, const char *name,
    const char *help, ngx_uint_t n)
{
    ngx_http_scrape_family_t  f;

    f.name = name;
    f.unit = NULL;
    f.help = help;

    ngx_http_scrape_metrics_head(b, plain, &f, "gauge");
    (void) sc_buf_printf(b, "%s%s %lu\n", NGX_HTTP_SCRAPE_STATUS_NAME, name,
                         (unsigned long) n);
}


static void
ngx_http_scrape_metrics_family(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now, const ngx_http_scrape_family_t *f)
{
    ngx_uint_t  i;

    ngx_http_scrape_metrics_head(b,
                          now->format == NGX_HTTP_SCRAPE_STATUS_PROMETHEUS, f,
                          f->gauge ? "gauge" : "counter");

    for (i = 0; i < f->n; i++) {
        if (f->label != NULL && f->values[i] == NULL) {
            continue;
        }

        (void) sc_buf_printf(b, "%s%s%s", NGX_HTTP_SCRAPE_STATUS_NAME, f->name,
                             f->gauge ? "" : "_total");

        if (f->label != NULL) {
            (void) sc_buf_printf(b, "{%s=\"%s\"}", f->label, f->values[i]);
        }

        (void) sc_buf_printf(b, " %lu\n", (unsigned long)
                             ngx_http_scrape_status_number(now, f, i));
    }
}


static void
ngx_http_scrape_metrics_histogram(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now)
{
    const char     *name = ngx_http_scrape_duration.name;
    ngx_uint_t      i;
    unsigned long   n;

    ngx_http_scrape_metrics_head(b,
                          now->format == NGX_HTTP_SCRAPE_STATUS_PROMETHEUS,
                          &ngx_http_scrape_duration, "histogram");

    n = 0;

    for (i = 0; i < NGX_HTTP_SCRAPE_BUCKETS; i++) {
        n += now->n.latency[i];
        (void) sc_buf_printf(b, "%s%s_bucket{le=\"%s\"} %lu\n",
                             NGX_HTTP_SCRAPE_STATUS_NAME, name,
                             ngx_http_scrape_bound_names[i], n);
    }

    (void) sc_buf_printf(b, "%s%s_sum %lu.%03lu\n%s%s_count %lu\n",
                         NGX_HTTP_SCRAPE_STATUS_NAME, name,
                         (unsigned long) now->n.latency_ms / 1000,
                         (unsigned long) now->n.latency_ms % 1000,
                         NGX_HTTP_SCRAPE_STATUS_NAME, name, n);
}


/* Up to where scraped's document goes. */
static void
ngx_http_scrape_json(sc_buf_t *b, const ngx_http_scrape_status_now_t *now)
{
    const ngx_http_scrape_family_t  *f;

    (void) sc_buf_printf(b, "{\"nginx\":{\"build\":{\"version\":\"%s\","
                         "\"nginx\":\"%s\"},\"sidecar_up\":%s,\"shared\":%s,"
                         "\"holds\":%lu", NGX_HTTP_SCRAPE_VERSION,
                         NGINX_VERSION, now->up ? "true" : "false",
                         now->shared ? "true" : "false",
                         (unsigned long) now->holds);

    for (f = ngx_http_scrape_families; f->name != NULL; f++) {
        ngx_http_scrape_json_family(b, now, f);
    }

    ngx_http_scrape_json_histogram(b, now);
    (void) sc_buf_add_cstr(b, "},\"scraped\":");
}


static void
ngx_http_scrape_json_family(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now, const ngx_http_scrape_family_t *f)
{
    ngx_uint_t   i;
    const char  *comma;

    if (f->label == NULL) {
        (void) sc_buf_printf(b, ",\"%s\":%lu", f->name, (unsigned long)
                             ngx_http_scrape_status_number(now, f, 0));
        return;
    }

    (void) sc_buf_printf(b, ",\"%s\":{", f->name);
    comma = "";

    for (i = 0; i < f->n; i++) {
        if (f->values[i] != NULL) {
            (void) sc_buf_printf(b, "%s\"%s\":%lu", comma, f->values[i],
                                 (unsigned long)
                                 ngx_http_scrape_status_number(now, f, i));
            comma = ",";
        }
    }

    (void) sc_buf_add_cstr(b, "}");
}


static void
ngx_http_scrape_json_histogram(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now)
{
    ngx_uint_t     i;
    unsigned long  n;

    (void) sc_buf_printf(b, ",\"%s\":{\"buckets\":{",
                         ngx_http_scrape_duration.name);
    n = 0;

    for (i = 0; i < NGX_HTTP_SCRAPE_BUCKETS; i++) {
        n += now->n.latency[i];
        (void) sc_buf_printf(b, "%s\"%s\":%lu", i > 0 ? "," : "",
                             ngx_http_scrape_bound_names[i],
                             (unsigned long) now->n.latency[i]);
    }

    (void) sc_buf_printf(b, "},\"sum\":%lu.%03lu,\"count\":%lu}",
                         (unsigned long) now->n.latency_ms / 1000,
                         (unsigned long) now->n.latency_ms % 1000, n);
}


static void
ngx_http_scrape_text(sc_buf_t *b, const ngx_http_scrape_status_now_t *now)
{
    const ngx_http_scrape_family_t  *f;

    (void) sc_buf_printf(b, "nginx %s, module %s\n\n%-*s  %s\n%-*s  %lu\n",
                         NGINX_VERSION, NGX_HTTP_SCRAPE_VERSION,
                         NGX_HTTP_SCRAPE_STATUS_WIDTH, "numbers of",
                         now->shared ? "all workers" : "one worker",
                         NGX_HTTP_SCRAPE_STATUS_WIDTH, "holds",
                         (unsigned long) now->holds);

    for (f = ngx_http_scrape_families; f->name != NULL; f++) {
        ngx_http_scrape_text_family(b, now, f);
    }

    ngx_http_scrape_text_histogram(b, now);
}


/* "channel_bytes" is "channel bytes   out 10  in 20". */
static void
ngx_http_scrape_text_family(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now, const ngx_http_scrape_family_t *f)
{
    ngx_uint_t   i;
    const char  *p;

    for (p = f->name; *p != '\0'; p++) {
        (void) sc_buf_add(b, *p == '_' ? " " : p, 1);
    }

    (void) sc_buf_printf(b, "%*s",
                         NGX_HTTP_SCRAPE_STATUS_WIDTH - (int) (p - f->name),
                         "");

    for (i = 0; i < f->n; i++) {
        if (f->label == NULL || f->values[i] != NULL) {
            (void) sc_buf_printf(b, "  %s%s%lu",
                                 f->label != NULL ? f->values[i] : "",
                                 f->label != NULL ? " " : "", (unsigned long)
                                 ngx_http_scrape_status_number(now, f, i));
        }
    }

    (void) sc_buf_add_cstr(b, "\n");
}


static void
ngx_http_scrape_text_histogram(sc_buf_t *b,
    const ngx_http_scrape_status_now_t *now)
{
    ngx_uint_t     i;
    unsigned long  n, sum;

    for (n = 0, i = 0; i < NGX_HTTP_SCRAPE_BUCKETS; i++) {
        n += now->n.latency[i];
    }

    sum = n > 0 ? (unsigned long) now->n.latency_ms * 1000 / n : 0;

    (void) sc_buf_printf(b, "%-*s  mean %lu.%03lu ms ",
                         NGX_HTTP_SCRAPE_STATUS_WIDTH, "request duration",
                         sum / 1000, sum % 1000);

    for (i = 0; i < NGX_HTTP_SCRAPE_BUCKETS; i++) {
        if (now->n.latency[i] > 0) {
            (void) sc_buf_printf(b, " <=%s %lu",
                                 ngx_http_scrape_bound_names[i],
                                 (unsigned long) now->n.latency[i]);
        }
    }

    (void) sc_buf_add_cstr(b, "\n");
}
