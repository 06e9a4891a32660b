
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/sc_json.h"
#include "sidecar/frontier/frontier_internal.h"


#define RECORD_HEX    64
#define RECORD_ETAG   (sizeof("sha256-") - 1 + RECORD_HEX)

/* bytes that are mostly enough for the fetch object and the tag */
#define RECORD_FETCH  768


/* How a failure is told: RFC 9457's title and status of each type. */
typedef struct {
    const char  *type;
    int          status;
    int          retryable;
    const char  *title;
} frontier_problem_t;


static int frontier_record_problem(frontier_job_t *j, const char *type,
    const char *detail, const pool_result_t *extracted);
static void frontier_record_view(frontier_job_t *j,
    const pool_result_t *extracted);
static void frontier_record_fetch(frontier_job_t *j,
    const pool_result_t *extracted);
static void frontier_record_nothing(frontier_job_t *j);
static void frontier_record_attempts(frontier_job_t *j);
static void frontier_record_timings(frontier_job_t *j,
    const pool_result_t *extracted);
static double frontier_record_queue(const frontier_job_t *j);
static void frontier_record_ms(sc_buf_t *b, const char *name, double ms);
static int frontier_record_id(frontier_job_t *j);
static const frontier_problem_t *frontier_record_known(const char *type);
static int frontier_record_etag(frontier_job_t *j, const sc_str_t *parts,
    size_t n);


static const frontier_problem_t  frontier_problems[] = {
    { "/fetch/dns", 502, 1, "Name not resolved" },
    { "/fetch/connect", 502, 1, "Connection failed" },
    { "/fetch/tls", 502, 0, "TLS handshake failed" },
    { "/fetch/protocol", 502, 1, "Not a valid HTTP answer" },
    { "/fetch/too-large", 502, 0, "Page too large" },
    { "/fetch/redirects", 502, 0, "Too many or unusable redirects" },
    { "/fetch/timeout", 504, 1, "Origin too slow" },
    { "/fetch/not-stored", 504, 1, "No stored page" },
    { "/fetch/proxy", 502, 1, "Proxy failed" },
    { "/fetch/login-failed", 502, 0, "Login failed" },
    { "/policy/robots", 403, 0, "Not allowed by robots.txt" },
    { "/policy/egress-blocked", 403, 0, "Address not allowed" },
    { "/policy/host-not-allowed", 403, 0, "Host not allowed" },
    { "/extract/required-missing", 422, 0, "Required value missing" },
    { "/extract/timeout", 504, 0, "Extraction took too long" },
    { "/extract/crashed", 502, 0, "Extraction crashed" },
    { "/extract/failed", 502, 0, "Extraction failed" },
    { "/server/interrupted", 502, 1, "Gateway interrupted" },
    { "/server/unreadable", 500, 0, "Job unreadable" },
    { "/server/out-of-resources", 503, 1, "Gateway out of resources" },
    { "/server/out-of-memory", 503, 1, "Gateway out of memory" },
    { NULL, 500, 0, "Internal error" }
};


/* Add a hop to the redirect chain: the status url was answered with. */
int
frontier_record_redirect(frontier_flight_t *fl, const char *url, int status)
{
    sc_buf_t  *b = &fl->redirects;

    (void) sc_buf_printf(b, "%s{\"status\":%d,\"url\":", b->len ? "," : "",
                         status);
    (void) sc_json_cstr(b, url);

    return sc_buf_add_cstr(b, "}");
}


/* Add an attempt that is not the last: how it ended, and the pause behind. */
int
frontier_record_retry(frontier_flight_t *fl, int64_t delay)
{
    sc_buf_t              *b = &fl->retries;
    const fetch_result_t  *page = &fl->page;

    (void) sc_buf_add_cstr(b, b->len ? ",{" : "{");

    if (page->error != FETCH_OK) {
        (void) sc_buf_printf(b, "\"type\":\"%s\",",
                             fetch_error_type(page->error));

    } else {
        (void) sc_buf_printf(b, "\"status\":%d,", page->status);
    }

    return sc_buf_printf(b, "\"wait_ms\":%lld}",
                         (long long) (delay / LOOP_MS));
}


/* Fill in j->result from the page and what was extracted. */
int
frontier_record_result(frontier_job_t *j, const pool_result_t *extracted)
{
    size_t           i, ends[5];
    sc_buf_t        *b = &j->record;
    sc_str_t         parts[5];
    const sc_str_t   texts[] = { extracted->data, extracted->missing,
                                 extracted->warnings };

    sc_buf_reset(b);
    (void) sc_buf_reserve(b, RECORD_FETCH + extracted->data.len
                             + extracted->missing.len
                             + extracted->warnings.len
                             + extracted->view.len);
    frontier_record_fetch(j, extracted);
    ends[0] = b->len;

    for (i = 0; i < 3; i++) {
        (void) sc_buf_add_str(b, texts[i]);
        ends[i + 1] = b->len;
    }

    frontier_record_view(j, extracted);
    ends[4] = b->len;

    /* the tag is added last, so that nothing moves behind the views */
    if (sc_buf_reserve(b, RECORD_ETAG) == NULL || b->failed
        || frontier_record_id(j) != SC_OK)
    {
        return SC_ERROR;
    }

    for (i = 0; i < 5; i++) {
        parts[i].data = b->data + (i ? ends[i - 1] : 0);
        parts[i].len = ends[i] - (i ? ends[i - 1] : 0);
    }

    j->result.fetch = parts[0];
    j->result.data = parts[1];
    j->result.missing = parts[2];
    j->result.warnings = parts[3];
    j->result.view = parts[4];
    j->result.state = STORE_COMPLETED;

    return frontier_record_etag(j, parts, 5);
}


/* Fill in j->error with the problem document, and j->result to show it. */
int
frontier_record_failure(frontier_job_t *j, const char *type,
    const char *detail)
{
    return frontier_record_problem(j, type, detail, NULL);
}


/* The same for a page whose data lacks what a strict rule set requires. */
int
frontier_record_incomplete(frontier_job_t *j, const pool_result_t *extracted)
{
    return frontier_record_problem(j, "/extract/required-missing",
                                   "the page has no value for what the rule "
                                   "set requires", extracted);
}


/* extracted is NULL, or what the problem is to show of the page. */
static int
frontier_record_problem(frontier_job_t *j, const char *type,
    const char *detail, const pool_result_t *extracted)
{
    sc_buf_t                  *b = &j->error;
    sc_str_t                   parts[2];
    const frontier_problem_t  *p;

    memset(&j->result, 0, sizeof(store_result_t));
    sc_buf_reset(&j->record);
    frontier_record_fetch(j, extracted);

    if (j->record.failed
        || sc_buf_reserve(&j->record, RECORD_ETAG) == NULL
        || frontier_record_id(j) != SC_OK)
    {
        return SC_ERROR;
    }

    p = frontier_record_known(type);
    j->problem = type;

    sc_buf_reset(b);
    (void) sc_buf_add_cstr(b, "{\"type\":");
    (void) sc_json_cstr(b, type);
    (void) sc_buf_add_cstr(b, ",\"title\":");
    (void) sc_json_cstr(b, p->title);
    (void) sc_buf_printf(b, ",\"status\":%d,\"detail\":", p->status);
    (void) sc_json_cstr(b, detail);
    (void) sc_buf_printf(b, ",\"retryable\":%s,\"fetch\":",
                         p->retryable ? "true" : "false");
    (void) sc_buf_add(b, j->record.data, j->record.len);

    if (extracted != NULL) {
        (void) sc_buf_add_cstr(b, ",\"data\":");
        (void) sc_buf_add_str(b, extracted->data);
        (void) sc_buf_add_cstr(b, ",\"missing\":");
        (void) sc_buf_add_str(b, extracted->missing);
        (void) sc_buf_add_cstr(b, ",\"warnings\":");
        (void) sc_buf_add_str(b, extracted->warnings);
    }

    if (sc_buf_add_cstr(b, "}") != SC_OK) {
        return SC_ERROR;
    }

    parts[0].data = j->record.data;
    parts[0].len = j->record.len;
    parts[1].data = b->data;
    parts[1].len = b->len;

    j->result.fetch = parts[0];
    j->result.error = parts[1];
    j->result.state = STORE_FAILED_JOB;

    return frontier_record_etag(j, parts, 2);
}


/* What is shown beside the data: an object, or nothing. */
static void
frontier_record_view(frontier_job_t *j, const pool_result_t *extracted)
{
    const char  *word;
    sc_buf_t    *b = &j->record;

    word = NULL;

    if (!extracted->matched) {
        word = "\"matched\":false";

    } else if (extracted->dropped) {
        word = "\"dropped\":true";
    }

    if (word == NULL) {
        (void) sc_buf_add_str(b, extracted->view);
        return;
    }

    (void) sc_buf_add_cstr(b, "{");
    (void) sc_buf_add_cstr(b, word);

    if (extracted->view.len != 0) {
        (void) sc_buf_add_cstr(b, ",");
        (void) sc_buf_add(b, extracted->view.data + 1,
                          extracted->view.len - 1);

    } else {
        (void) sc_buf_add_cstr(b, "}");
    }
}


/* The fetch object of docs/api.md, at the start of j->record. */
static void
frontier_record_fetch(frontier_job_t *j, const pool_result_t *extracted)
{
    sc_buf_t                 *b = &j->record;
    const fetch_result_t     *page;
    const frontier_flight_t  *fl = j->flight;

    if (fl == NULL) {
        frontier_record_nothing(j);
        return;
    }

    page = &fl->page;

    (void) sc_buf_add_cstr(b, "{\"final_url\":");
    (void) sc_json_cstr(b, fl->hop.text);

    if (page->status != 0) {
        (void) sc_buf_printf(b, ",\"status\":%d,\"http\":\"%s\"",
                             page->status, page->http);
        (void) sc_buf_add_cstr(b, ",\"content_type\":");
        (void) sc_json_cstr(b, page->content_type);
    }

    if (page->ip[0] != '\0' && page->error != FETCH_BLOCKED) {
        (void) sc_buf_printf(b, ",\"ip\":\"%s\"", page->ip);
    }

    if (extracted != NULL) {
        (void) sc_buf_add_cstr(b, ",\"charset\":");
        (void) sc_json_cstr(b, extracted->charset);
        (void) sc_buf_add_cstr(b, ",\"charset_from\":");
        (void) sc_json_cstr(b, extracted->charset_from);
    }

    (void) sc_buf_add_cstr(b, ",\"redirects\":[");
    (void) sc_buf_add(b, fl->redirects.data, fl->redirects.len);
    (void) sc_buf_printf(b, "],\"bytes_wire\":%lld,\"bytes_decoded\":%lld",
                         (long long) page->bytes_wire,
                         (long long) fl->page_bytes);
    frontier_record_attempts(j);
    frontier_record_timings(j, extracted);
}


static void
frontier_record_nothing(frontier_job_t *j)
{
    (void) sc_buf_add_cstr(&j->record, "{\"final_url\":");
    (void) sc_json_string(&j->record, j->row.url.data, j->row.url.len);
    (void) sc_buf_printf(&j->record, ",\"redirects\":[],\"bytes_wire\":0,"
                         "\"bytes_decoded\":0,\"attempts\":%d,"
                         "\"timings_ms\":{\"queue\":0}}", j->row.attempts);
}


static void
frontier_record_attempts(frontier_job_t *j)
{
    sc_buf_t                 *b = &j->record;
    const char               *word;
    const fetch_result_t     *page = &j->flight->page;
    const frontier_flight_t  *fl = j->flight;

    (void) sc_buf_printf(b, ",\"attempts\":%d", j->row.attempts + fl->tries);

    if (fl->retries.len > 0) {
        (void) sc_buf_add_cstr(b, ",\"retries\":[");
        (void) sc_buf_add(b, fl->retries.data, fl->retries.len);
        (void) sc_buf_add_cstr(b, "]");
    }

    word = frontier_page_word(fl);

    if (word != NULL) {
        (void) sc_buf_printf(b, ",\"from_cache\":\"%s\"", word);
    }

    if (fl->stored != NULL && fl->stored->used && !fl->stored->checked) {
        j->age = fl->stored->age;
    }

    if (page->partial) {
        (void) sc_buf_add_cstr(b, ",\"partial\":true");
    }

    if (page->code != 0) {
        (void) sc_buf_printf(b, ",\"curl_code\":%d", page->code);
    }

    if (page->os_errno != 0) {
        (void) sc_buf_printf(b, ",\"errno\":%d", page->os_errno);
    }

    if (fl->request.ignore_robots) {
        (void) sc_buf_add_cstr(b, ",\"robots\":\"ignored\"");

    } else if (fl->verdict != NULL) {
        (void) sc_buf_printf(b, ",\"robots\":\"%s\"", fl->verdict);
    }
}


static void
frontier_record_timings(frontier_job_t *j, const pool_result_t *extracted)
{
    sc_buf_t               *b = &j->record;
    const fetch_timings_t  *t = &j->flight->page.timings;

    (void) sc_buf_add_cstr(b, ",\"timings_ms\":{\"queue\":");
    (void) sc_json_number(b, frontier_record_queue(j));

    if (t->total > 0) {
        frontier_record_ms(b, "dns", t->dns);
        frontier_record_ms(b, "connect", t->connect);
        frontier_record_ms(b, "tls", t->tls);
        frontier_record_ms(b, "first_byte", t->first_byte);
        frontier_record_ms(b, "total", t->total);
    }

    if (extracted != NULL) {
        frontier_record_ms(b, "extract", extracted->elapsed);
    }

    (void) sc_buf_add_cstr(b, "}}");
}


/* By the wall clock, which may be set back: a restart lies in between. */
static double
frontier_record_queue(const frontier_job_t *j)
{
    if (j->row.started <= j->row.created) {
        return 0;
    }

    return (double) (j->row.started - j->row.created);
}


/* Milliseconds with one decimal; nothing for what did not happen. */
static void
frontier_record_ms(sc_buf_t *b, const char *name, double ms)
{
    int64_t  tenths;

    if (ms >= 0) {
        tenths = (int64_t) (ms * 10 + 0.5);
        (void) sc_buf_add_cstr(b, ",\"");
        (void) sc_buf_add_cstr(b, name);
        (void) sc_buf_add_cstr(b, "\":");
        (void) sc_buf_add_int(b, tenths / 10);
        (void) sc_buf_add_cstr(b, ".");
        (void) sc_buf_add_int(b, tenths % 10);
    }
}


/* It is found where its job is: it has its slot. */
static int
frontier_record_id(frontier_job_t *j)
{
    char  slot[4];

    memcpy(slot, j->row.id, 3);
    slot[3] = '\0';

    return id_make(j->result.id, (unsigned) strtoul(slot, NULL, 16));
}


static const frontier_problem_t *
frontier_record_known(const char *type)
{
    const frontier_problem_t  *p;

    for (p = frontier_problems; p->type != NULL; p++) {
        if (strcmp(p->type, type) == 0) {
            break;
        }
    }

    return p;
}


/*
 * The result is complete: give it the rest of its members, and a tag that
 * changes with whatever is shown of it.
 */
static int
frontier_record_etag(frontier_job_t *j, const sc_str_t *parts, size_t n)
{
    char           *tag;
    size_t          i;
    unsigned        len;
    unsigned char   digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX     *ctx;

    static const char  hex[] = "0123456789abcdef";

    ctx = EVP_MD_CTX_new();
    if (ctx == NULL) {
        return SC_ERROR;
    }

    (void) EVP_DigestInit_ex(ctx, j->frontier->sha256, NULL);
    (void) EVP_DigestUpdate(ctx, j->result.id, ID_LEN);

    for (i = 0; i < n; i++) {
        (void) EVP_DigestUpdate(ctx, parts[i].data, parts[i].len);
    }

    (void) EVP_DigestFinal_ex(ctx, digest, &len);
    EVP_MD_CTX_free(ctx);

    tag = j->record.data + j->record.len;
    memcpy(tag, "sha256-", sizeof("sha256-") - 1);

    for (i = 0; i < RECORD_HEX / 2; i++) {
        tag[sizeof("sha256-") - 1 + 2 * i] = hex[digest[i] >> 4];
        tag[sizeof("sha256-") + 2 * i] = hex[digest[i] & 15];
    }

    j->record.len += RECORD_ETAG;

    memcpy(j->result.job, j->row.id, ID_SIZE);
    j->result.tenant = j->row.tenant;
    j->result.url = j->row.url;
    j->result.echo = j->row.echo;
    j->result.etag.data = tag;
    j->result.etag.len = RECORD_ETAG;
    j->result.at = id_now_ms();

    return SC_OK;
}
