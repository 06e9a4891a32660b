
#include <string.h>

#include "common/xpath/sc_xpath_internal.h"


static int sc_xpath_escape(const char **s, sc_buf_t *out, const char **why);
static int sc_xpath_digits(const char **s, sc_buf_t *out, const char **why);
static int sc_xpath_named(const char **s, sc_buf_t *out, const char **why);
static int sc_xpath_code(unsigned code, sc_buf_t *out, const char **why);
static int sc_xpath_octal(char c);


int
sc_xpath_replacement(const char *s, sc_buf_t *out, const char **why)
{
    size_t  n;

    *why = "replacement is too long";

    while (*s != '\0') {
        n = strcspn(s, "\\$");

        if (sc_buf_add(out, s, n) != SC_OK) {
            return SC_ERROR;
        }

        s += n;

        if (*s == '$') {
            s++;

            if (sc_buf_add_cstr(out, "$$") != SC_OK) {
                return SC_ERROR;
            }

        } else if (*s == '\\') {
            s++;

            if (sc_xpath_escape(&s, out, why) != SC_OK) {
                return SC_ERROR;
            }
        }
    }

    return SC_OK;
}


/* *s is behind the backslash, and will be behind the escape. */

static int
sc_xpath_escape(const char **s, sc_buf_t *out, const char **why)
{
    char         c;
    const char  *letter;

    static const char  letters[] = "abfnrtv";
    static const char  meanings[] = "\a\b\f\n\r\t\v";

    c = **s;

    if (c >= '0' && c <= '9') {
        return sc_xpath_digits(s, out, why);
    }

    if (c == 'g') {
        return sc_xpath_named(s, out, why);
    }

    if (c == '\\') {
        (*s)++;
        return sc_buf_add(out, "\\", 1);
    }

    letter = (c != '\0') ? strchr(letters, c) : NULL;

    if (letter != NULL) {
        (*s)++;
        return sc_buf_add(out, meanings + (letter - letters), 1);
    }

    if (c == '\0' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        *why = "bad escape in the replacement";
        return SC_ERROR;
    }

    return sc_buf_add(out, "\\", 1);
}


/* \0, \0o, \0oo and \ooo are characters, \n and \nn groups. */

static int
sc_xpath_digits(const char **s, sc_buf_t *out, const char **why)
{
    int          octal;
    size_t       n, max;
    unsigned     code;
    const char  *p;

    p = *s;

    octal = (p[0] == '0')
            || (p[0] <= '3' && sc_xpath_octal(p[1]) && sc_xpath_octal(p[2]));

    if (!octal) {
        n = (p[1] >= '0' && p[1] <= '9') ? 2 : 1;
        *s += n;

        return sc_buf_printf(out, "${%.*s}", (int) n, p);
    }

    code = 0;
    max = 3;

    for (n = 0; n < max && sc_xpath_octal(p[n]); n++) {
        code = code * 8 + (unsigned) (p[n] - '0');
    }

    *s += n;

    return sc_xpath_code(code, out, why);
}


static int
sc_xpath_named(const char **s, sc_buf_t *out, const char **why)
{
    size_t       n;
    const char  *name;

    name = *s + 2;

    if ((*s)[1] != '<' || (n = strcspn(name, ">}")) == 0 || name[n] != '>') {
        *why = "bad group name in the replacement";
        return SC_ERROR;
    }

    *s = name + n + 1;

    return sc_buf_printf(out, "${%.*s}", (int) n, name);
}


/* A string of XPath cannot hold the controls that XML does not have. */

static int
sc_xpath_code(unsigned code, sc_buf_t *out, const char **why)
{
    char  utf8[2];

    if (code == 0) {
        *why = "bad escape in the replacement";
        return SC_ERROR;
    }

    if (code == '$') {
        return sc_buf_add_cstr(out, "$$");
    }

    if (code < 0x80) {
        utf8[0] = (char) code;
        return sc_buf_add(out, utf8, 1);
    }

    utf8[0] = (char) (0xc0 | (code >> 6));
    utf8[1] = (char) (0x80 | (code & 0x3f));

    return sc_buf_add(out, utf8, 2);
}


static int
sc_xpath_octal(char c)
{
    return c >= '0' && c <= '7';
}
