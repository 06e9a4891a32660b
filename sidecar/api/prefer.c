
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/sc_core.h"
#include "sidecar/api/prefer.h"
#include "sidecar/core/field.h"


static const char *prefer_token(const char *p, sc_str_t *token);
static const char *prefer_value(const char *p, sc_str_t *value);
static const char *prefer_next(const char *p);
static int prefer_is(sc_str_t name, const char *word);


void
prefer_parse(prefer_t *p, const char *value)
{
    sc_str_t  name, word;

    p->wait = -1;
    p->async = 0;
    p->strict = 0;

    while (*value != '\0') {
        value = prefer_token(field_blank(value), &name);
        value = prefer_value(field_blank(value), &word);

        if (prefer_is(name, "respond-async")) {
            p->async = 1;

        } else if (prefer_is(name, "wait") && p->wait == -1) {
            p->wait = field_seconds(word, PREFER_MAX_WAIT);

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

    p = field_blank(p + 1);

    return *p == '"' ? field_quoted(p, value) : prefer_token(p, value);
}


/* Past the preference's parameters, to what follows the next comma. */
static const char *
prefer_next(const char *p)
{
    p = field_skip(p);

    return *p == ',' ? p + 1 : p;
}


static int
prefer_is(sc_str_t name, const char *word)
{
    return strlen(word) == name.len
           && strncasecmp(name.data, word, name.len) == 0;
}
