
#include <stdio.h>
#include <string.h>

#include <libxml/tree.h>

#include "common/xpath/sc_xpath.h"
#include "common/rules/sc_rules_internal.h"


#define SC_SCAN_SPACE   " \t\r\n"
#define SC_SCAN_ARGS    4       /* of re:replace(), which has most */
#define SC_SCAN_FLAGS   16      /* letters, more than there are */
#define SC_SCAN_PREFIX  32      /* no prefix known from the start is longer */


/*
 * pos       next byte
 * operand   the token before ends an operand: a name is an operator now, and
 *           '*' multiplies (XPath 1.0, section 3.7)
 */
typedef struct {
    sc_rules_xpath_t  *x;
    const char        *start;
    const char        *pos;
    unsigned           operand:1;
} sc_scan_t;


/* How many arguments a call has, and where the first ones begin. */

typedef struct {
    unsigned     n;
    const char  *at[SC_SCAN_ARGS];
} sc_scan_args_t;


static int sc_scan_until(sc_scan_t *s, char close, sc_scan_args_t *args);
static int sc_scan_token(sc_scan_t *s);
static int sc_scan_literal(sc_scan_t *s);
static int sc_scan_name(sc_scan_t *s);
static int sc_scan_qname(sc_scan_t *s, const char *name, size_t len);
static const char *sc_scan_namespace(const sc_scan_t *s, const char *prefix,
    size_t len);
static int sc_scan_node_type(const char *name, size_t len);
static int sc_scan_call(sc_scan_t *s, const char *name, const char *local,
    size_t len, const char *uri);
static int sc_scan_pattern(sc_scan_t *s, const sc_scan_args_t *args);
static int sc_scan_constant(const char *p, sc_str_t *value);
static const sc_xpath_function_t *sc_scan_function(const char *name,
    size_t len, const char *uri);
static int sc_scan_is(const char *name, size_t len, const char *word);
static size_t sc_scan_name_len(const char *p);
static int sc_scan_refuse(sc_scan_t *s, const char *at, size_t len,
    const char *why);
static void sc_scan_because(sc_scan_t *s, const char *why);


/* written like calls, and checked by compiling */

static const char *const  sc_scan_node_types[] = {
    "node", "text", "comment", "processing-instruction"
};


int
sc_rules_scan(sc_rules_xpath_t *x, const char *expr)
{
    sc_scan_t       s;
    sc_scan_args_t  args;

    memset(&s, 0, sizeof(s));

    s.x = x;
    s.start = expr;
    s.pos = expr;

    return sc_scan_until(&s, '\0', &args);
}


/*
 * Everything up to the closing byte that pairs with what was opened.  The
 * depth is no more than compiling has already gone through.
 */

static int
sc_scan_until(sc_scan_t *s, char close, sc_scan_args_t *args)
{
    unsigned  i, tokens;

    for (i = 0; i < SC_SCAN_ARGS; i++) {
        args->at[i] = s->pos;
    }

    args->n = 0;
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

        if (*s->pos == ',' && ++args->n < SC_SCAN_ARGS) {
            args->at[args->n] = s->pos + 1;
        }

        tokens = 1;

        if (sc_scan_token(s) != SC_OK) {
            return SC_ERROR;
        }
    }

    args->n += tokens;

    if (close != '\0') {
        s->pos++;
        s->operand = 1;
    }

    return SC_OK;
}


static int
sc_scan_token(sc_scan_t *s)
{
    char            c;
    sc_scan_args_t  args;

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
        return sc_scan_until(s, c == '(' ? ')' : ']', &args);

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

    if (s->pos[0] == '(' && !sc_scan_node_type(name, len)) {
        return sc_scan_call(s, name, name, len, "");
    }

    s->operand = (s->pos[0] != '(');

    return SC_OK;
}


static int
sc_scan_qname(sc_scan_t *s, const char *name, size_t len)
{
    const char  *uri, *local;

    uri = sc_scan_namespace(s, name, len);

    if (uri == NULL) {
        return sc_scan_refuse(s, name, len, "undefined namespace prefix");
    }

    local = s->pos + 1;
    len = (*local == '*') ? 1 : sc_scan_name_len(local);

    s->pos = local + len;
    s->pos += strspn(s->pos, SC_SCAN_SPACE);

    if (*s->pos == '(') {
        return sc_scan_call(s, name, local, len, uri);
    }

    s->operand = 1;

    return SC_OK;
}


/* The set's own prefixes win, as they do when the expression is evaluated. */

static const char *
sc_scan_namespace(const sc_scan_t *s, const char *prefix, size_t len)
{
    char               name[SC_SCAN_PREFIX];
    size_t             i;
    const sc_rules_t  *rules;

    rules = s->x->rules;

    for (i = 0; rules != NULL && i < rules->nns; i++) {
        if (sc_scan_is(prefix, len, rules->ns[i].prefix)) {
            return rules->ns[i].uri;
        }
    }

    if (sc_scan_is(prefix, len, "xml")) {
        return (const char *) XML_XML_NAMESPACE;
    }

    if (len >= sizeof(name)) {
        return NULL;
    }

    memcpy(name, prefix, len);
    name[len] = '\0';

    return sc_xpath_namespace(name);
}


static int
sc_scan_node_type(const char *name, size_t len)
{
    size_t  i;

    for (i = 0; i < sizeof(sc_scan_node_types) / sizeof(char *); i++) {
        if (sc_scan_is(name, len, sc_scan_node_types[i])) {
            return 1;
        }
    }

    return 0;
}


/* name is where the call begins, at its prefix if it has one. */

static int
sc_scan_call(sc_scan_t *s, const char *name, const char *local, size_t len,
    const char *uri)
{
    size_t                      whole;
    sc_scan_args_t              args;
    const sc_xpath_function_t  *f;

    whole = (size_t) (local - name) + len;
    f = sc_scan_function(local, len, uri);

    if (f == NULL) {
        return sc_scan_refuse(s, name, whole, "unregistered function");
    }

    s->pos++;

    if (sc_scan_until(s, ')', &args) != SC_OK) {
        return SC_ERROR;
    }

    if (args.n < f->min || args.n > f->max) {
        return sc_scan_refuse(s, name, whole,
                              "invalid number of arguments in");
    }

    return (strcmp(f->prefix, "re") == 0) ? sc_scan_pattern(s, &args) : SC_OK;
}


/*
 * The second argument is a pattern and the third its flags.  Those that are
 * not literals are known only when there is a page.
 */

static int
sc_scan_pattern(sc_scan_t *s, const sc_scan_args_t *args)
{
    char               flags[SC_SCAN_FLAGS];
    sc_str_t           pattern, given;
    sc_regex_t        *re;
    sc_regex_error_t   err;

    given.len = 0;

    if (!sc_scan_constant(args->at[1], &pattern)
        || (args->n > 2 && !sc_scan_constant(args->at[2], &given))
        || given.len >= sizeof(flags))
    {
        return SC_OK;
    }

    if (given.len != 0) {
        memcpy(flags, given.data, given.len);
    }

    flags[given.len] = '\0';

    if (!sc_rules_regex_counts(s->x, pattern.data, pattern.len, flags)) {
        return sc_scan_refuse(s, pattern.data, 0, "too many regular "
                              "expressions, or fewer with wide ranges that "
                              "ignore case");
    }

    re = sc_regex_compile(pattern.data, pattern.len, flags, &err);

    if (re == NULL) {
        sc_scan_refuse(s, pattern.data, pattern.len, "invalid regex");
        sc_scan_because(s, err.message);
        return SC_ERROR;
    }

    sc_regex_free(re);

    return SC_OK;
}


/* Whether an argument is one literal, and what that says. */

static int
sc_scan_constant(const char *p, sc_str_t *value)
{
    const char  *end;

    p += strspn(p, SC_SCAN_SPACE);

    if (*p != '"' && *p != '\'') {
        return 0;
    }

    end = strchr(p + 1, *p);
    if (end == NULL) {
        return 0;
    }

    value->data = p + 1;
    value->len = (size_t) (end - value->data);

    end += 1 + strspn(end + 1, SC_SCAN_SPACE);

    return *end == ',' || *end == ')';
}


static const sc_xpath_function_t *
sc_scan_function(const char *name, size_t len, const char *uri)
{
    size_t                      i, n;
    const char                 *home;
    const sc_xpath_function_t  *f;

    f = sc_xpath_functions(&n);

    for (i = 0; i < n; i++, f++) {
        home = (f->prefix[0] == '\0') ? "" : sc_xpath_namespace(f->prefix);

        if (sc_scan_is(name, len, f->name) && home != NULL
            && strcmp(uri, home) == 0)
        {
            return f;
        }
    }

    return NULL;
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
    char               shown[SC_RULES_SHOWN];
    sc_rules_xpath_t  *x;

    x = s->x;
    x->column = sc_rules_column(s->start, (size_t) (at - s->start));

    if (len == 0) {
        snprintf(x->reason, sizeof(x->reason), "%s", why);

    } else {
        snprintf(x->reason, sizeof(x->reason), "%s \"%s\"", why,
                 sc_rules_shown(shown, sizeof(shown), at, len));
    }

    return SC_ERROR;
}


static void
sc_scan_because(sc_scan_t *s, const char *why)
{
    size_t  len;
    char   *reason;

    reason = s->x->reason;
    len = strlen(reason);

    snprintf(reason + len, sizeof(s->x->reason) - len, ": %s", why);
}
