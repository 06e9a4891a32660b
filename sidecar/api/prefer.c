
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/sc_core.h"
#include "sidecar/api/prefer.h"


static const char *prefer_token(const char *p, sc_str_t *token);
static const char *prefer_value(const char *p, sc_str_t *value);
static const char *prefer_quoted(const char *p, sc_str_t *value);
static const char *prefer_next(const char *p);
static const char *prefer_blank(const char *p);
static int prefer_is(sc_str_t name, const char *word);
static int64_t prefer_seconds(sc_str_t value);


void
prefer_parse(prefer_t *p, const char *value)
{
    sc_str_t  name, word;

    p->wait = -1;
    p->async = 0;
    p->strict = 0;

    while (*value != '\0') {
        value = prefer_token(prefer_blank(value), &name);
        value = prefer_value(prefer_blank(value), &word);

        if (prefer_is(name, "respond-async")) {
            p->async = 1;

        } else if (prefer_is(name, "wait") && p->wait == -1) {
            p->wait = prefer_seconds(word);

        } else if (prefer_is(name, "handling") && prefer_is(word, "strict")) {
            p->strict = 1;
        }

        value = prefer_next(value);
    }
}


void
prefer_applied(const prefer_t *p, char *out, size_t size)
{
    char  wait[32] = "";

    if (p->wait >= 0) {
        (void) snprintf(wait, sizeof(wait), "wait=%lld",
                        (long long) p->wait);
    }

    (void) snprintf(out, size, "%s%s%s%s%s",
                    p->async ? "respond-async" : "",
                    p->async && p->wait >= 0 ? ", " : "", wait,
                    p->strict && (p->async || p->wait >= 0) ? ", " : "",
                    p->strict ? "handling=strict" : "");
}


static const char *
prefer_token(const char *p, sc_str_t *token)
{
    token->data = p;
    token->len = strcspn(p, " \t=;,\"");

    return p + token->len;
}


/* The word behind "=", a token or a quoted string; empty if there is none. */
static const char *
prefer_value(const char *p, sc_str_t *value)
{
    value->data = p;
    value->len = 0;

    if (*p != '=') {
        return p;
    }

    p = prefer_blank(p + 1);

    return *p == '"' ? prefer_quoted(p, value) : prefer_token(p, value);
}


static const char *
prefer_quoted(const char *p, sc_str_t *value)
{
    value->data = ++p;

    while (*p != '\0' && *p != '"') {
        p += (p[0] == '\\' && p[1] != '\0') ? 2 : 1;
    }

    value->len = (size_t) (p - value->data);

    return *p == '"' ? p + 1 : p;
}


/* Past the preference's parameters, to what follows the next comma. */
static const char *
prefer_next(const char *p)
{
    sc_str_t  skipped;

    while (*p != '\0' && *p != ',') {
        p = *p == '"' ? prefer_quoted(p, &skipped) : p + 1;
    }

    return *p == ',' ? p + 1 : p;
}


static const char *
prefer_blank(const char *p)
{
    return p + strspn(p, " \t");
}


static int
prefer_is(sc_str_t name, const char *word)
{
    return strlen(word) == name.len
           && strncasecmp(name.data, word, name.len) == 0;
}


static int64_t
prefer_seconds(sc_str_t value)
{
    size_t   i;
    int64_t  n;

    if (value.len == 0) {
        return -1;
    }

    n = 0;

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return -1;
        }

        n = n * 10 + value.data[i] - '0';

        if (n > PREFER_MAX_WAIT) {
            n = PREFER_MAX_WAIT;
        }
    }

    return n;
}
