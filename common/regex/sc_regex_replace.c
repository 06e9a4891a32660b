
#include <stdio.h>
#include <string.h>

#include "common/regex/sc_regex.h"


/*
 * A part of a replacement: a group when is_group, text otherwise.
 */
typedef struct {
    sc_str_t  text;
    unsigned  group;
    unsigned  is_group:1;
} sc_regex_part_t;


static int sc_regex_part(const sc_regex_t *re, sc_str_t replacement,
    size_t *pos, sc_regex_part_t *part, const char **why);
static int sc_regex_reference(const sc_regex_t *re, sc_str_t replacement,
    size_t *pos, sc_regex_part_t *part, const char **why);
static int sc_regex_named(const sc_regex_t *re, sc_str_t name,
    sc_regex_part_t *part, const char **why);
static size_t sc_regex_number(sc_str_t s, unsigned *number);
static int sc_regex_substitute(sc_regex_t *re, sc_str_t replacement,
    sc_buf_t *out);


sc_regex_result_t
sc_regex_replace(sc_regex_t *re, sc_str_t subject, sc_str_t replacement,
    int all, sc_buf_t *out)
{
    size_t             before, done;
    sc_str_t           rest, match;
    sc_regex_error_t   err;
    sc_regex_result_t  result, first;

    if (sc_regex_check_replacement(re, replacement, &err) != SC_OK) {
        return SC_REGEX_ERROR;
    }

    rest.data = (subject.data == NULL) ? "" : subject.data;
    rest.len = (subject.data == NULL) ? 0 : subject.len;

    before = out->len;
    first = sc_regex_match(re, rest, 0);
    result = first;

    while (result == SC_REGEX_MATCH) {
        (void) sc_regex_group(re, 0, &match);
        done = (size_t) (match.data - rest.data);

        if (sc_buf_add(out, rest.data, done) != SC_OK
            || sc_regex_substitute(re, replacement, out) != SC_OK)
        {
            result = SC_REGEX_LIMIT;
            break;
        }

        rest.data += done + match.len;
        rest.len -= done + match.len;

        result = all ? sc_regex_next(re) : SC_REGEX_NO_MATCH;
    }

    if (result == SC_REGEX_NO_MATCH) {
        if (sc_buf_add_str(out, rest) == SC_OK) {
            return first;
        }

        result = SC_REGEX_LIMIT;
    }

    out->len = before;
    if (out->data != NULL) {
        out->data[before] = '\0';
    }

    return result;
}


int
sc_regex_check_replacement(const sc_regex_t *re, sc_str_t replacement,
    sc_regex_error_t *err)
{
    size_t            i, pos, at;
    const char       *why;
    sc_regex_part_t   part;

    pos = 0;

    while (pos < replacement.len) {
        at = pos;

        if (sc_regex_part(re, replacement, &pos, &part, &why) != SC_OK) {
            snprintf(err->message, sizeof(err->message), "%s", why);
            err->column = 1;

            for (i = 0; i < at; i++) {
                err->column += ((replacement.data[i] & 0xc0) != 0x80);
            }

            return SC_ERROR;
        }
    }

    err->message[0] = '\0';
    err->column = 0;

    return SC_OK;
}


/* The part at *pos, which is set behind it; there is one. */

static int
sc_regex_part(const sc_regex_t *re, sc_str_t replacement, size_t *pos,
    sc_regex_part_t *part, const char **why)
{
    const char  *p, *dollar;

    p = replacement.data + *pos;
    part->is_group = 0;
    part->group = 0;
    part->text.data = p;
    part->text.len = replacement.len - *pos;

    if (*p == '$') {
        return sc_regex_reference(re, replacement, pos, part, why);
    }

    dollar = memchr(p, '$', part->text.len);
    if (dollar != NULL) {
        part->text.len = (size_t) (dollar - p);
    }

    *pos += part->text.len;

    return SC_OK;
}


static int
sc_regex_reference(const sc_regex_t *re, sc_str_t replacement, size_t *pos,
    sc_regex_part_t *part, const char **why)
{
    size_t       n;
    sc_str_t     rest;
    const char  *close;

    rest.data = replacement.data + *pos + 1;
    rest.len = replacement.len - *pos - 1;

    if (rest.len != 0 && rest.data[0] == '$') {
        part->text.len = 1;
        *pos += 2;
        return SC_OK;
    }

    n = sc_regex_number(rest, &part->group);

    if (n != 0) {
        part->is_group = 1;
        *pos += 1 + n;
        *why = "there is no such group";

        return part->group > sc_regex_ngroups(re) ? SC_ERROR : SC_OK;
    }

    close = (rest.len != 0 && rest.data[0] == '{')
            ? memchr(rest.data, '}', rest.len) : NULL;

    if (close == NULL) {
        *why = "\"$\" is not followed by a number, \"{group}\" or \"$\"";
        return SC_ERROR;
    }

    rest.data++;
    rest.len = (size_t) (close - rest.data);
    *pos += rest.len + 3;

    return sc_regex_named(re, rest, part, why);
}


static int
sc_regex_named(const sc_regex_t *re, sc_str_t name, sc_regex_part_t *part,
    const char **why)
{
    int  n;

    part->is_group = 1;
    *why = "there is no such group";

    if (name.len != 0 && sc_regex_number(name, &part->group) == name.len) {
        return part->group > sc_regex_ngroups(re) ? SC_ERROR : SC_OK;
    }

    n = sc_regex_group_number(re, name.data, name.len);
    if (n == -1) {
        return SC_ERROR;
    }

    part->group = (unsigned) n;

    return SC_OK;
}


/* The digits at the start; a number that is too large stays too large. */

static size_t
sc_regex_number(sc_str_t s, unsigned *number)
{
    size_t  n;

    *number = 0;

    for (n = 0; n < s.len && s.data[n] >= '0' && s.data[n] <= '9'; n++) {
        if (*number <= SC_REGEX_GROUPS) {
            *number = *number * 10 + (unsigned) (s.data[n] - '0');
        }
    }

    return n;
}


static int
sc_regex_substitute(sc_regex_t *re, sc_str_t replacement, sc_buf_t *out)
{
    size_t            pos;
    sc_str_t          text;
    const char       *why;
    sc_regex_part_t   part;

    pos = 0;

    while (pos < replacement.len) {
        if (sc_regex_part(re, replacement, &pos, &part, &why) != SC_OK) {
            return SC_ERROR;
        }

        text = part.text;

        if (part.is_group) {
            (void) sc_regex_group(re, part.group, &text);
        }

        if (sc_buf_add_str(out, text) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}
