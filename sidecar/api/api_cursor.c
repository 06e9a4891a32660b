
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/sc_hash.h"
#include "sidecar/api/api_list.h"


#define CURSOR_TEXT    96       /* bytes of one before it is written in 64 */


static int api_cursor_compare(const void *a, const void *b);
static int api_cursor_aside(const char *name);
static uint64_t api_cursor_mix(uint64_t hash, const char *s, size_t len);
static int api_cursor_plain(const char *s, char *out);
static void api_cursor_escape(const char *s, sc_buf_t *out);


sc_str_t
api_cursor_path(const api_call_t *c)
{
    sc_str_t  path;

    path.data = c->request->target;
    path.len = strcspn(path.data, "?");

    return path;
}


/* Parameters count in any order. */
uint64_t
api_cursor_hash(const api_call_t *c, sc_str_t path, const query_t *query)
{
    size_t         i;
    uint64_t       hash;
    query_param_t  sorted[QUERY_MAX_PARAMS];

    hash = api_cursor_mix(SC_FNV1A, c->tenant.data, c->tenant.len);
    hash = api_cursor_mix(hash, path.data, path.len);

    if (query == NULL || query->n > QUERY_MAX_PARAMS) {
        return hash;
    }

    for (i = 0; i < query->n; i++) {
        sorted[i] = query->params[i];
    }

    qsort(sorted, query->n, sizeof(query_param_t), api_cursor_compare);

    for (i = 0; i < query->n; i++) {
        if (!api_cursor_aside(sorted[i].name)) {
            hash = api_cursor_mix(hash, sorted[i].name,
                                  strlen(sorted[i].name));
            hash = api_cursor_mix(hash, sorted[i].value,
                                  strlen(sorted[i].value));
        }
    }

    return hash;
}


static int
api_cursor_compare(const void *a, const void *b)
{
    int                   rc;
    const query_param_t  *p = a, *q = b;

    rc = strcmp(p->name, q->name);

    return rc != 0 ? rc : strcmp(p->value, q->value);
}


/* Not of what is asked, but of how it is told. */
static int
api_cursor_aside(const char *name)
{
    return strcmp(name, "cursor") == 0 || strcmp(name, "limit") == 0
           || strcmp(name, "since_seq") == 0 || strcmp(name, "fields") == 0;
}


static uint64_t
api_cursor_mix(uint64_t hash, const char *s, size_t len)
{
    /* where one ends and the next begins */
    static const unsigned char  end = 0xff;

    return sc_fnv1a(sc_fnv1a(hash, s, len), &end, 1);
}


void
api_cursor_write(uint64_t hash, int64_t seq, sc_buf_t *out)
{
    int            i, n;
    char           text[CURSOR_TEXT];
    unsigned char  coded[2 * CURSOR_TEXT];

    n = snprintf(text, sizeof(text), "v1 %016llx %lld",
                 (unsigned long long) hash, (long long) seq);
    n = EVP_EncodeBlock(coded, (const unsigned char *) text, n);

    for (i = 0; i < n && coded[i] != '='; i++) {
        coded[i] = coded[i] == '+' ? '-' : coded[i] == '/' ? '_' : coded[i];
    }

    (void) sc_buf_add(out, coded, (size_t) i);
}


int
api_cursor_read(const char *s, uint64_t hash, int64_t *seq)
{
    int         n;
    char        text[CURSOR_TEXT], want[32], *end;
    long long   value;

    if (api_cursor_plain(s, text) != SC_OK) {
        return SC_DECLINED;
    }

    n = snprintf(want, sizeof(want), "v1 %016llx ",
                 (unsigned long long) hash);

    if (strncmp(text, want, (size_t) n) != 0 || text[n] < '0'
        || text[n] > '9')
    {
        return SC_DECLINED;
    }

    value = strtoll(text + n, &end, 10);

    if (*end != '\0') {
        return SC_DECLINED;
    }

    *seq = value;

    return SC_OK;
}


/* Undo base64url (RFC 4648, 5). */
static int
api_cursor_plain(const char *s, char *out)
{
    int            n;
    size_t         i, len;
    unsigned char  coded[CURSOR_TEXT];

    static const char  set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789-_";

    len = strspn(s, set);

    if (s[len] != '\0' || len == 0 || len > sizeof(coded) - 4) {
        return SC_DECLINED;
    }

    for (i = 0; i < len; i++) {
        coded[i] = (unsigned char) (s[i] == '-' ? '+'
                                    : s[i] == '_' ? '/' : s[i]);
    }

    for ( /* void */ ; i % 4 != 0; i++) {
        coded[i] = '=';
    }

    n = EVP_DecodeBlock((unsigned char *) out, coded, (int) i);

    if (n < 0 || i - len > 2) {
        return SC_DECLINED;
    }

    out[(size_t) n - (i - len)] = '\0';

    return SC_OK;
}


void
api_cursor_link(const api_call_t *c, const api_list_t *l, int64_t seq,
    sc_buf_t *out)
{
    size_t                i;
    const query_param_t  *p;

    (void) sc_buf_add_cstr(out, c->request->base);
    (void) sc_buf_add_str(out, api_cursor_path(c));
    (void) sc_buf_add_cstr(out, "?");

    for (i = 0; i < l->query.n; i++) {
        p = &l->query.params[i];

        if (strcmp(p->name, "cursor") == 0
            || strcmp(p->name, "since_seq") == 0)
        {
            continue;
        }

        api_cursor_escape(p->name, out);
        (void) sc_buf_add_cstr(out, "=");
        api_cursor_escape(p->value, out);
        (void) sc_buf_add_cstr(out, "&");
    }

    (void) sc_buf_add_cstr(out, "cursor=");
    api_cursor_write(l->hash, seq, out);
}


static void
api_cursor_escape(const char *s, sc_buf_t *out)
{
    size_t  len;

    static const char  plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789-._~,";

    for ( ;; ) {
        len = strspn(s, plain);
        (void) sc_buf_add(out, s, len);
        s += len;

        if (*s == '\0') {
            return;
        }

        (void) sc_buf_printf(out, "%%%02X", (unsigned char) *s++);
    }
}


void
api_cursor_field(const char *link, sc_buf_t *out)
{
    (void) sc_buf_printf(out, "Link: <%s>; rel=\"next\"\r\n", link);
}
