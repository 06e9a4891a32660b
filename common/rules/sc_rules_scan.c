
#include <stdio.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"


#define SC_SCAN_SPACE  " \t\r\n"
#define SC_SCAN_ANY    ((unsigned) -1)


/*
 * pos       next byte
 * operand   the token before ends an operand: a name is an operator now, and
 *           '*' multiplies (XPath 1.0, section 3.7)
 */
typedef struct {
    const char  *start;
    const char  *pos;
    char        *reason;
    size_t       size;
    size_t       offset;
    unsigned     operand:1;
} sc_scan_t;


typedef struct {
    const char  *name;
    unsigned     min;
    unsigned     max;
} sc_scan_function_t;


static int sc_scan_until(sc_scan_t *s, char close, unsigned *nargs);
static int sc_scan_token(sc_scan_t *s);
static int sc_scan_literal(sc_scan_t *s);
static int sc_scan_name(sc_scan_t *s);
static int sc_scan_qname(sc_scan_t *s, const char *name, size_t len);
static int sc_scan_call(sc_scan_t *s, const char *name, size_t len);
static int sc_scan_is(const char *name, size_t len, const char *word);
static size_t sc_scan_name_len(const char *p);
static int sc_scan_refuse(sc_scan_t *s, const char *at, size_t len,
    const char *why);


/* the core function library: XPath 1.0, section 4 */

static const sc_scan_function_t  sc_scan_functions[] = {
    { "last", 0, 0 },
    { "position", 0, 0 },
    { "count", 1, 1 },
    { "id", 1, 1 },
    { "local-name", 0, 1 },
    { "namespace-uri", 0, 1 },
    { "name", 0, 1 },
    { "string", 0, 1 },
    { "concat", 2, SC_SCAN_ANY },
    { "starts-with", 2, 2 },
    { "contains", 2, 2 },
    { "substring-before", 2, 2 },
    { "substring-after", 2, 2 },
    { "substring", 2, 3 },
    { "string-length", 0, 1 },
    { "normalize-space", 0, 1 },
    { "translate", 3, 3 },
    { "boolean", 1, 1 },
    { "not", 1, 1 },
    { "true", 0, 0 },
    { "false", 0, 0 },
    { "lang", 1, 1 },
    { "number", 0, 1 },
    { "sum", 1, 1 },
    { "floor", 1, 1 },
    { "ceiling", 1, 1 },
    { "round", 1, 1 }
};


/* written like calls, and checked by compiling */

static const char *const  sc_scan_node_types[] = {
    "node", "text", "comment", "processing-instruction"
};


int
sc_rules_scan(const char *expr, char *reason, size_t size, size_t *offset)
{
    int        rc;
    unsigned   nargs;
    sc_scan_t  s;

    memset(&s, 0, sizeof(s));

    s.start = expr;
    s.pos = expr;
    s.reason = reason;
    s.size = size;

    rc = sc_scan_until(&s, '\0', &nargs);
    *offset = s.offset;

    return rc;
}


/*
 * Everything up to the closing byte that pairs with what was opened.  The
 * depth is no more than compiling has already gone through.
 */

static int
sc_scan_until(sc_scan_t *s, char close, unsigned *nargs)
{
    unsigned  commas, tokens;

    commas = 0;
    tokens = 0;
    s->operand = 0;

    for ( ;; ) {
        s->pos += strspn(s->pos, SC_SCAN_SPACE);

        if (*s->pos == close) {
            break;
        }

        if (*s->pos == '\0' || *s->pos == ')' || *s->pos == ']') {
            return sc_scan_refuse(s, s->pos, 0, "unbalanced parentheses");
        }

        commas += (*s->pos == ',');
        tokens = 1;

        if (sc_scan_token(s) != SC_OK) {
            return SC_ERROR;
        }
    }

    *nargs = commas + tokens;

    if (close != '\0') {
        s->pos++;
        s->operand = 1;
    }

    return SC_OK;
}


static int
sc_scan_token(sc_scan_t *s)
{
    char      c;
    unsigned  nargs;

    c = *s->pos;

    if (sc_scan_name_len(s->pos) != 0) {
        return sc_scan_name(s);
    }

    switch (c) {

    case '"':
    case '\'':
        return sc_scan_literal(s);

    case '$':
        return sc_scan_refuse(s, s->pos, 1 + sc_scan_name_len(s->pos + 1),
                              "undefined variable");

    case '(':
    case '[':
        s->pos++;
        return sc_scan_until(s, c == '(' ? ')' : ']', &nargs);

    case '*':
        s->operand = !s->operand;
        break;

    default:
        s->operand = (c == '.' || (c >= '0' && c <= '9'));
        break;
    }

    s->pos++;

    return SC_OK;
}


static int
sc_scan_literal(sc_scan_t *s)
{
    const char  *end;

    end = strchr(s->pos + 1, *s->pos);
    if (end == NULL) {
        return sc_scan_refuse(s, s->pos, 0, "unfinished literal");
    }

    s->pos = end + 1;
    s->operand = 1;

    return SC_OK;
}


static int
sc_scan_name(sc_scan_t *s)
{
    size_t       len;
    const char  *name;

    name = s->pos;
    len = sc_scan_name_len(name);
    s->pos += len;

    if (s->operand) {
        s->operand = 0;
        return SC_OK;
    }

    s->pos += strspn(s->pos, SC_SCAN_SPACE);

    if (s->pos[0] == ':' && s->pos[1] == ':') {
        s->pos += 2;
        return SC_OK;
    }

    if (s->pos[0] == ':') {
        return sc_scan_qname(s, name, len);
    }

    if (s->pos[0] == '(') {
        return sc_scan_call(s, name, len);
    }

    s->operand = 1;

    return SC_OK;
}


/* No prefix is ever defined but the one that every document has. */

static int
sc_scan_qname(sc_scan_t *s, const char *name, size_t len)
{
    if (!sc_scan_is(name, len, "xml")) {
        return sc_scan_refuse(s, name, len, "undefined namespace prefix");
    }

    s->pos++;
    s->pos += (*s->pos == '*') ? 1 : sc_scan_name_len(s->pos);
    s->operand = 1;

    if (s->pos[strspn(s->pos, SC_SCAN_SPACE)] == '(') {
        return sc_scan_refuse(s, name, (size_t) (s->pos - name),
                              "unregistered function");
    }

    return SC_OK;
}


static int
sc_scan_call(sc_scan_t *s, const char *name, size_t len)
{
    size_t                     i;
    unsigned                   nargs;
    const sc_scan_function_t  *f;

    for (i = 0; i < sizeof(sc_scan_node_types) / sizeof(char *); i++) {
        if (sc_scan_is(name, len, sc_scan_node_types[i])) {
            return SC_OK;
        }
    }

    f = NULL;

    for (i = 0; i < sizeof(sc_scan_functions) / sizeof(*f); i++) {
        if (sc_scan_is(name, len, sc_scan_functions[i].name)) {
            f = &sc_scan_functions[i];
            break;
        }
    }

    if (f == NULL) {
        return sc_scan_refuse(s, name, len, "unregistered function");
    }

    s->pos++;

    if (sc_scan_until(s, ')', &nargs) != SC_OK) {
        return SC_ERROR;
    }

    if (nargs < f->min || nargs > f->max) {
        return sc_scan_refuse(s, name, len, "invalid number of arguments in");
    }

    return SC_OK;
}


static int
sc_scan_is(const char *name, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(name, word, len) == 0;
}


/*
 * The length of the NCName at p, 0 when there is none.  Compiling has looked
 * at the characters above ASCII.
 */

static size_t
sc_scan_name_len(const char *p)
{
    size_t         n;
    unsigned char  c;

    for (n = 0; /* void */ ; n++) {
        c = (unsigned char) p[n];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
            || c >= 0x80)
        {
            continue;
        }

        if (n == 0
            || !((c >= '0' && c <= '9') || c == '-' || c == '.'))
        {
            return n;
        }
    }
}


/* The reason is why, followed by the len bytes in quotes, if any. */

static int
sc_scan_refuse(sc_scan_t *s, const char *at, size_t len, const char *why)
{
    char  shown[SC_RULES_SHOWN];

    s->offset = (size_t) (at - s->start);

    if (len == 0) {
        snprintf(s->reason, s->size, "%s", why);

    } else {
        snprintf(s->reason, s->size, "%s \"%s\"", why,
                 sc_rules_shown(shown, sizeof(shown), at, len));
    }

    return SC_ERROR;
}
