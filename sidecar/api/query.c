
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_core.h"
#include "sidecar/api/query.h"


static int query_alloc(query_t *q, const char *s);
static int query_hex(char c);


int
query_parse(query_t *q, const char *s, char *err, size_t errlen)
{
    size_t          len, name;
    char           *out;
    query_param_t  *param;

    if (query_alloc(q, s) != SC_OK) {
        (void) snprintf(err, errlen, "the query string has more than %d "
                        "parameters", QUERY_MAX_PARAMS);
        return SC_ERROR;
    }

    out = q->text;

    for ( /* void */ ; *s != '\0'; s += len + (s[len] == '&')) {
        len = strcspn(s, "&");

        if (len == 0) {
            continue;
        }

        name = strcspn(s, "=&");
        param = &q->params[q->n];
        param->name = out;
        param->value = out + name + 1;

        if (query_decode(out, s, name, 1) != SC_OK
            || (name < len
                && query_decode(out + name + 1, s + name + 1, len - name - 1,
                                1)
                   != SC_OK))
        {
            (void) snprintf(err, errlen, "the percent-encoding of \"%.*s\" "
                            "is wrong", (int) (len < 100 ? len : 100), s);
            query_free(q);
            return SC_ERROR;
        }

        if (name == len) {
            param->value = "";
        }

        q->n++;
        out += len + 1;
    }

    return SC_OK;
}


void
query_free(query_t *q)
{
    free(q->params);
    free(q->text);
    memset(q, 0, sizeof(query_t));
}


const char *
query_get(const query_t *q, const char *name)
{
    size_t  i;

    for (i = 0; i < q->n; i++) {
        if (strcmp(q->params[i].name, name) == 0) {
            return q->params[i].value;
        }
    }

    return NULL;
}


int
query_decode(char *out, const char *s, size_t len, int plus)
{
    int     hi, lo;
    size_t  i;

    for (i = 0; i < len; i++) {
        if (s[i] == '+' && plus) {
            *out++ = ' ';
            continue;
        }

        if (s[i] != '%') {
            *out++ = s[i];
            continue;
        }

        if (len - i < 3) {
            return SC_ERROR;
        }

        hi = query_hex(s[i + 1]);
        lo = query_hex(s[i + 2]);

        if (hi == -1 || lo == -1 || (hi | lo) == 0) {
            return SC_ERROR;
        }

        *out++ = (char) (hi << 4 | lo);
        i += 2;
    }

    *out = '\0';

    return SC_OK;
}


/* Decoding makes nothing longer: the text needs no more than s has. */
static int
query_alloc(query_t *q, const char *s)
{
    size_t       n;
    const char  *p;

    memset(q, 0, sizeof(query_t));

    n = 1;

    for (p = s; *p != '\0'; p++) {
        n += *p == '&';
    }

    if (n > QUERY_MAX_PARAMS) {
        return SC_ERROR;
    }

    q->params = calloc(n, sizeof(query_param_t));
    q->text = malloc((size_t) (p - s) + 2);

    if (q->params == NULL || q->text == NULL) {
        query_free(q);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
query_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = (char) (c | 0x20);

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
