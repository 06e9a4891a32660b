
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_idem_internal.h"
#include "sidecar/core/log.h"


#define IDEM_MAX_KEY      255
#define IDEM_MAX_ANSWER   1048576       /* bytes of a body that is kept */
#define IDEM_KEPT         86400000      /* milliseconds, 24 hours */
#define IDEM_RETRY        1

#define IDEM_KIND         "idem"


static int api_idem_key(const char *field, char *out, problem_t *p);
static int api_idem_open(api_call_t *c, const char *key);
static int api_idem_digest(api_idem_t *i, api_call_t *c);
static void api_idem_hex(EVP_MD_CTX *ctx, char *out);
static void api_idem_found(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void api_idem_old(api_call_t *c, const store_doc_t *doc);
static void api_idem_compare(api_call_t *c);
static void api_idem_replay(api_call_t *c);
static int api_idem_keeps(const api_call_t *c, int status);
static void api_idem_write(api_call_t *c, sc_buf_t *text);
static void api_idem_kept(void *data, store_status_t status);
static int api_idem_settle(api_t *api, api_idem_t *i);
static void api_idem_settled(void *data, store_status_t status);
static void api_idem_destroy(api_t *api, api_idem_t *i);
static sc_str_t api_idem_name(const api_idem_t *i);


int
api_idem_begin(api_call_t *c, api_resume_pt go)
{
    char         key[IDEM_MAX_KEY + 1];
    problem_t    p;
    const char  *field = c->request->idempotency_key;

    if (c->idem != NULL || strcmp(c->request->method, "POST") != 0) {
        return SC_OK;
    }

    if (field[0] == '\0') {
        /* what the clock asks for has no connection, and comes once */
        if (c->api->settings->idempotency == 0 || c->request->conn == NULL) {
            return SC_OK;
        }

        api_reply_error(c, "/idempotency/missing", "this request needs the "
                        "field \"Idempotency-Key\"");
        return SC_ERROR;
    }

    if (api_idem_key(field, key, &p) != SC_OK) {
        api_reply_problem(c, &p, 0);
        return SC_ERROR;
    }

    switch (api_idem_open(c, key)) {

    case SC_OK:
        break;

    case SC_DECLINED:
        api_idem_busy(c);
        return SC_ERROR;

    default:
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    c->idem->go = go;

    if (store_doc_get(c->api->store, IDEM_KIND, c->tenant,
                      api_idem_name(c->idem), api_idem_found, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return SC_ERROR;
    }

    c->reading = 1;

    return SC_AGAIN;
}


/* An sf-string (RFC 9651 3.3.3) that is not empty. */
static int
api_idem_key(const char *field, char *out, problem_t *p)
{
    size_t       n;
    const char  *s;

    s = field + strspn(field, " ");
    n = 0;

    if (*s == '"') {
        for (s++; *s != '"' && *s >= 0x20 && *s < 0x7f; s++) {
            if (*s == '\\' && *++s != '"' && *s != '\\') {
                break;
            }

            if (n == IDEM_MAX_KEY) {
                break;
            }

            out[n++] = *s;
        }

        out[n] = '\0';

        if (*s == '"' && n > 0 && s[1 + strspn(s + 1, " ")] == '\0') {
            return SC_OK;
        }
    }

    problem_init(p, "/request/invalid", "\"Idempotency-Key\" is not one "
                 "string of \"1\" to \"255\" characters in quotes");

    return SC_ERROR;
}


/* SC_DECLINED when a request with this key is under way. */
static int
api_idem_open(api_call_t *c, const char *key)
{
    size_t       path, len;
    api_idem_t  *i, *other;

    path = strcspn(c->request->target, "?");
    len = c->tenant.len + 1 + path + 1 + strlen(key);
    i = calloc(1, sizeof(api_idem_t) + len + 1);

    if (i == NULL) {
        return SC_ERROR;
    }

    (void) snprintf(i->key, len + 1, "%.*s\n%.*s\n%s", (int) c->tenant.len,
                    c->tenant.data, (int) path, c->request->target, key);
    i->name = i->key + c->tenant.len + 1;
    sc_buf_init(&i->headers, 0);
    sc_buf_init(&i->body, 0);

    HASH_FIND(hh, c->api->idems, i->key, len, other);

    if (other != NULL) {
        free(i);
        return SC_DECLINED;
    }

    if (api_idem_digest(i, c) != SC_OK) {
        EVP_MD_CTX_free(i->ctx);
        free(i);
        return SC_ERROR;
    }

    HASH_ADD_KEYPTR(hh, c->api->idems, i->key, len, i);

    if (i->hh.tbl == NULL) {
        EVP_MD_CTX_free(i->ctx);
        free(i);
        return SC_ERROR;
    }

    c->idem = i;

    return SC_OK;
}


/* What is asked in the query string is asked, too. */
static int
api_idem_digest(api_idem_t *i, api_call_t *c)
{
    const sc_buf_t  *body = &c->request->body;

    i->ctx = EVP_MD_CTX_new();

    if (i->ctx == NULL
        || EVP_DigestInit_ex(i->ctx, EVP_sha256(), NULL) != 1
        || EVP_DigestUpdate(i->ctx, c->query, strlen(c->query) + 1) != 1)
    {
        return SC_ERROR;
    }

    if (!c->request->streaming) {
        (void) EVP_DigestUpdate(i->ctx, body->len > 0 ? body->data : "",
                                body->len);
        api_idem_hex(i->ctx, i->hash);
        i->hashed = 1;
    }

    return SC_OK;
}


static void
api_idem_hex(EVP_MD_CTX *ctx, char *out)
{
    size_t         i;
    unsigned char  md[32];

    (void) EVP_DigestFinal_ex(ctx, md, NULL);

    for (i = 0; i < sizeof(md); i++) {
        (void) snprintf(out + 2 * i, 3, "%02x", md[i]);
    }
}


void
api_idem_hash(sc_str_t a, sc_str_t b, char *out)
{
    EVP_MD_CTX  *ctx;

    ctx = EVP_MD_CTX_new();
    memset(out, '0', API_HASH_SIZE - 1);
    out[API_HASH_SIZE - 1] = '\0';

    if (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1) {
        (void) EVP_DigestUpdate(ctx, a.data, a.len);
        (void) EVP_DigestUpdate(ctx, b.len > 0 ? b.data : "", b.len);
        api_idem_hex(ctx, out);
    }

    EVP_MD_CTX_free(ctx);
}


int
api_idem_part(api_call_t *c, sc_str_t part, int last)
{
    api_idem_t  *i = c->idem;

    if (i == NULL || i->hashed) {
        return 0;
    }

    (void) EVP_DigestUpdate(i->ctx, part.len > 0 ? part.data : "", part.len);

    if (last) {
        api_idem_hex(i->ctx, i->hash);
        i->hashed = 1;
    }

    if (i->answer == NULL) {
        return 0;
    }

    i->passed |= (part.len > 0 || last);

    if (last) {
        if (i->again) {
            /* the job is looked at: what comes of it is the answer */
            return 1;
        }

        api_idem_compare(c);
    }

    return 1;
}


static void
api_idem_found(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        api_reply_store(c, status);

    } else if (n == 0 || docs[0].at < id_now_ms() - IDEM_KEPT) {
        api_idem_go(c);

    } else {
        api_idem_old(c, &docs[0]);
    }
}


static void
api_idem_old(api_call_t *c, const store_doc_t *doc)
{
    json_t      *json;
    api_idem_t  *i = c->idem;
    const char  *state, *hash;

    json = sc_json_of(doc->body.data, doc->body.len, 0, NULL);
    state = json_string_value(json_object_get(json, "state"));
    hash = json_string_value(json_object_get(json, "hash"));

    if (state == NULL || hash == NULL) {
        json_decref(json);
        api_idem_go(c);
        return;
    }

    i->answer = json;

    if (strcmp(state, "done") != 0 && hash[0] == '\0') {
        /* a streamed body whose end did not come before the process's */
        api_idem_replay(c);

    } else if (i->hashed) {
        api_idem_compare(c);

    } else {
        server_hold(c->request, 0);
    }
}


/* A body of which parts were only counted cannot be read any more. */
void
api_idem_go(api_call_t *c)
{
    if (c->idem->passed) {
        (void) store_doc_del(c->api->store, IDEM_KIND, c->tenant,
                             api_idem_name(c->idem), NULL, NULL);
        api_idem_busy(c);
        return;
    }

    json_decref(c->idem->answer);
    c->idem->answer = NULL;
    c->idem->again = 0;
    c->idem->begun = 1;
    c->idem->go(c);
}


static void
api_idem_compare(api_call_t *c)
{
    const char  *hash;

    hash = json_string_value(json_object_get(c->idem->answer, "hash"));

    if (strcmp(hash, c->idem->hash) == 0) {
        api_idem_replay(c);
        return;
    }

    api_reply_error(c, "/idempotency/body-mismatch", "this key was used for "
                    "another request to this path");
}


static void
api_idem_replay(api_call_t *c)
{
    json_t      *answer = c->idem->answer;
    const char  *headers, *body, *job, *state;

    headers = json_string_value(json_object_get(answer, "headers"));
    body = json_string_value(json_object_get(answer, "body"));
    job = json_string_value(json_object_get(answer, "job"));
    state = json_string_value(json_object_get(answer, "state"));

    if (strcmp(state, "done") == 0 && headers != NULL && body != NULL) {
        api_reply_begin(c, headers);
        (void) sc_buf_add_cstr(&c->api->headers,
                               "Idempotent-Replayed: true\r\n");
        (void) sc_buf_add_cstr(&c->api->body, body);
        api_reply_send(c, (int) json_integer_value(
                                    json_object_get(answer, "status")));

    } else if (job != NULL && id_valid(job, strlen(job))) {
        api_idem_again(c, job);

    } else {
        api_idem_go(c);
    }
}


void
api_idem_busy(api_call_t *c)
{
    problem_t  p;

    problem_init(&p, "/idempotency/in-progress",
                 "the first request with this key is still under way");
    api_reply_problem(c, &p, IDEM_RETRY);
}


int
api_idem_keep(api_call_t *c, int status)
{
    sc_buf_t      text;
    store_doc_t   doc;
    api_idem_t   *i = c->idem;

    if (i != NULL && i->again && status < 300) {
        (void) sc_buf_add_cstr(&c->api->headers,
                               "Idempotent-Replayed: true\r\n");
    }

    if (!api_idem_keeps(c, status)) {
        if (i != NULL && i->made) {
            api_idem_undo(c);
        }

        return SC_DECLINED;
    }

    i->begun = 0;
    i->status = status;
    (void) sc_buf_add(&i->headers, c->api->headers.data, c->api->headers.len);
    (void) sc_buf_add(&i->body, c->api->body.data, c->api->body.len);

    sc_buf_init(&text, 0);
    api_idem_write(c, &text);
    api_idem_doc(c, NULL, &doc);
    doc.body.data = text.data;
    doc.body.len = text.len;

    if (i->headers.failed || i->body.failed || text.failed
        || store_doc_put(c->api->store, &doc, api_idem_kept, c) != SC_OK)
    {
        sc_buf_free(&text);
        return SC_DECLINED;
    }

    sc_buf_free(&text);
    c->reading = 1;

    return SC_OK;
}


/* What another attempt may change is not the answer. */
static int
api_idem_keeps(const api_call_t *c, int status)
{
    return c->idem != NULL && c->idem->begun && c->idem->hashed
           && (status < 500 || status == 507) && status != 429;
}


static void
api_idem_write(api_call_t *c, sc_buf_t *text)
{
    api_idem_t  *i = c->idem;

    (void) sc_buf_printf(text, "{\"state\":\"done\",\"hash\":\"%s\","
                         "\"job\":\"%s\",\"status\":%d", i->hash, c->id,
                         i->status);

    if (i->body.len <= IDEM_MAX_ANSWER) {
        (void) sc_buf_add_cstr(text, ",\"headers\":");
        (void) sc_json_string(text, i->headers.data, i->headers.len);
        (void) sc_buf_add_cstr(text, ",\"body\":");
        (void) sc_json_string(text, i->body.data, i->body.len);
    }

    (void) sc_buf_add_cstr(text, "}");
}


static void
api_idem_kept(void *data, store_status_t status)
{
    sc_str_t     headers, body;
    api_call_t  *c = data;
    api_idem_t  *i = c->idem;

    c->reading = 0;

    if (status != STORE_OK) {
        log_warn("the answer for an Idempotency-Key was not kept");
    }

    api_tell(c, &i->headers);

    headers.data = i->headers.data;
    headers.len = i->headers.len;
    body.data = i->body.data;
    body.len = i->body.len;

    server_reply(c->request, i->status, headers, body);
    api_call_done(c);
}


void
api_idem_doc(api_call_t *c, sc_buf_t *text, store_doc_t *doc)
{
    api_idem_t  *i = c->idem;

    doc->kind.data = IDEM_KIND;
    doc->kind.len = sizeof(IDEM_KIND) - 1;
    doc->tenant = c->tenant;
    doc->name = api_idem_name(i);
    doc->at = id_now_ms();

    if (text != NULL) {
        i->made = 1;
        (void) sc_buf_printf(text, "{\"state\":\"running\",\"hash\":\"%s\","
                             "\"job\":\"%s\"}", i->hashed ? i->hash : "",
                             c->id);
        doc->body.data = text->data;
        doc->body.len = text->len;
    }
}


int
api_idem_ahead(api_call_t *c)
{
    int          rc;
    sc_buf_t     text;
    store_doc_t  doc;

    if (c->idem == NULL) {
        return SC_OK;
    }

    sc_buf_init(&text, 0);
    api_idem_doc(c, &text, &doc);
    rc = text.failed ? SC_ERROR
                     : store_doc_put(c->api->store, &doc, NULL, NULL);
    sc_buf_free(&text);

    return rc;
}


void
api_idem_undo(api_call_t *c)
{
    if (c->idem == NULL || !c->idem->made) {
        return;
    }

    c->idem->made = 0;
    (void) store_doc_del(c->api->store, IDEM_KIND, c->tenant,
                         api_idem_name(c->idem), NULL, NULL);
}


void
api_idem_free(api_call_t *c)
{
    api_idem_t  *i = c->idem;

    if (i == NULL) {
        return;
    }

    c->idem = NULL;

    if (i->made && c->request != NULL && api_idem_settle(c->api, i) == SC_OK) {
        return;
    }

    api_idem_destroy(c->api, i);
}


/*
 * Nobody waits for the answer any more, but what was written may not be on
 * disk yet: whoever comes with the key would not find it.  It stays under way
 * until a write behind that is done; this one changes nothing.
 */

static int
api_idem_settle(api_t *api, api_idem_t *i)
{
    sc_str_t  none = { 0, "" };

    i->api = api;

    return store_doc_del(api->store, IDEM_KIND, none, none, api_idem_settled,
                         i);
}


static void
api_idem_settled(void *data, store_status_t status)
{
    api_idem_t  *i = data;

    (void) status;

    api_idem_destroy(i->api, i);
}


static void
api_idem_destroy(api_t *api, api_idem_t *i)
{
    HASH_DEL(api->idems, i);
    json_decref(i->answer);
    sc_buf_free(&i->headers);
    sc_buf_free(&i->body);
    EVP_MD_CTX_free(i->ctx);
    free(i);
}


void
api_idem_end(api_t *api)
{
    api_idem_t  *i, *tmp;

    HASH_ITER(hh, api->idems, i, tmp) {
        store_forget(api->store, i);
        api_idem_destroy(api, i);
    }
}


static sc_str_t
api_idem_name(const api_idem_t *i)
{
    sc_str_t  name = { strlen(i->name), i->name };

    return name;
}
