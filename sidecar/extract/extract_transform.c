
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include <libxml/parserInternals.h>

#include "sidecar/extract/extract_internal.h"
#include "sidecar/extract/extract_transform.h"


#define EXTRACT_CHARACTER  8   /* bytes of one, and more */


/*
 * One transform of one text: what it makes is appended to texts.  SC_OK;
 * SC_DECLINED when it cannot be applied, with *what to tell; a failure shows
 * in texts->bytes.failed.
 */
typedef int (*extract_transform_pt)(extract_t *x, const sc_transform_t *t,
    sc_str_t text, extract_texts_t *texts, const char **what);


static int extract_letters_load(void);
static int extract_transform_all(extract_t *x, const sc_transform_t *t,
    unsigned many, const extract_at_t *at);
static int extract_transform_one(extract_t *x, const sc_transform_t *t,
    sc_str_t text, const extract_at_t *at);
static int extract_transform_join(extract_t *x, const sc_transform_t *t);
static int extract_transform_failed(extract_t *x);
static int extract_trim(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what);
static int extract_squeeze(extract_t *x, const sc_transform_t *t,
    sc_str_t text, extract_texts_t *texts, const char **what);
static int extract_case(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what);
static int extract_untagged(extract_t *x, const sc_transform_t *t,
    sc_str_t text, extract_texts_t *texts, const char **what);
static int extract_absolute(extract_t *x, const sc_transform_t *t,
    sc_str_t text, extract_texts_t *texts, const char **what);
static int extract_replace(extract_t *x, const sc_transform_t *t,
    sc_str_t text, extract_texts_t *texts, const char **what);
static int extract_pattern(extract_t *x, const sc_transform_t *t,
    sc_str_t text, extract_texts_t *texts, const char **what);
static int extract_refused(sc_regex_result_t result, const char **what);
static int extract_split(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what);
static int extract_split_at(const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what);
static size_t extract_part(const char *p, const char *end,
    const sc_transform_t *t, const char **next);
static int extract_number(extract_t *x, const sc_transform_t *t,
    sc_str_t text, extract_texts_t *texts, const char **what);
static int extract_dated(extract_t *x, const sc_transform_t *t,
    sc_str_t text, extract_texts_t *texts, const char **what);
static size_t extract_blank(const char *p, const char *end, unsigned all);
static size_t extract_squeezed(char *text, size_t len);


/* SC_TRANSFORM_JOIN is none of these: it makes one of all */

static const extract_transform_pt  extract_transforms[] = {
    [SC_TRANSFORM_TRIM] = extract_trim,
    [SC_TRANSFORM_COLLAPSE] = extract_squeeze,
    [SC_TRANSFORM_LOWER] = extract_case,
    [SC_TRANSFORM_UPPER] = extract_case,
    [SC_TRANSFORM_STRIP_TAGS] = extract_untagged,
    [SC_TRANSFORM_ABSOLUTE] = extract_absolute,
    [SC_TRANSFORM_REPLACE] = extract_replace,
    [SC_TRANSFORM_REGEX] = extract_pattern,
    [SC_TRANSFORM_SPLIT] = extract_split,
    [SC_TRANSFORM_NUMBER_LOCALE] = extract_number,
    [SC_TRANSFORM_DATE_FORMAT] = extract_dated
};

/* where letters have their case from, for the life of the process */

static locale_t  extract_letters;


int
extract_transform_prepare(void)
{
    if (extract_letters_load() != SC_OK) {
        return SC_ERROR;
    }

    return extract_tags_prepare();
}


int
extract_transform(extract_t *x, const sc_field_t *field,
    const extract_at_t *at)
{
    int              rc;
    size_t           i;
    extract_texts_t  texts;

    for (i = 0; i < field->ntransforms; i++) {
        extract_texts_reset(&x->spare);

        rc = (field->transforms[i].kind == SC_TRANSFORM_JOIN)
             ? extract_transform_join(x, &field->transforms[i])
             : extract_transform_all(x, &field->transforms[i], field->many,
                                     at);
        if (rc != SC_OK) {
            return rc;
        }

        texts = x->texts;
        x->texts = x->spare;
        x->spare = texts;
    }

    return SC_OK;
}


static int
extract_letters_load(void)
{
    if (extract_letters == (locale_t) 0) {
        extract_letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
    }

    return extract_letters == (locale_t) 0 ? SC_ERROR : SC_OK;
}


static int
extract_transform_all(extract_t *x, const sc_transform_t *t, unsigned many,
    const extract_at_t *at)
{
    int            rc;
    size_t         i;
    extract_at_t   item = { at, NULL, 0 };

    if ((t->kind == SC_TRANSFORM_LOWER || t->kind == SC_TRANSFORM_UPPER)
        && extract_letters_load() != SC_OK)
    {
        return extract_fail(x->page, "the locale C.UTF-8 is not there");
    }

    for (i = 0; i < x->texts.n; i++) {

        if (x->spare.n > EXTRACT_MAX_PARTS) {
            break;
        }

        if (x->texts.list[i].absent) {
            rc = extract_texts_absent(&x->spare);

        } else {
            item.index = i;
            rc = extract_transform_one(x, t, extract_texts_get(&x->texts, i),
                                       many ? &item : at);
        }

        if (rc != SC_OK) {
            return extract_transform_failed(x);
        }
    }

    if (x->spare.n > EXTRACT_MAX_PARTS) {
        x->spare.n = EXTRACT_MAX_PARTS;
        extract_warn(x, at, NULL, "is split into too many parts, the rest is "
                     "left out");
    }

    return SC_OK;
}


static int
extract_transform_one(extract_t *x, const sc_transform_t *t, sc_str_t text,
    const extract_at_t *at)
{
    int          rc;
    size_t       before;
    sc_buf_t    *bytes = &x->spare.bytes;
    const char  *what;

    before = bytes->len;
    rc = extract_transforms[t->kind](x, t, text, &x->spare, &what);

    if (bytes->failed || rc == SC_ERROR) {
        return SC_ERROR;
    }

    if (rc == SC_OK) {
        return SC_OK;
    }

    bytes->len = before;

    if (bytes->data != NULL) {
        bytes->data[before] = '\0';
    }

    extract_warn(x, at, text.data, what);

    return extract_texts_absent(&x->spare);
}


static int
extract_transform_join(extract_t *x, const sc_transform_t *t)
{
    size_t     i, n;
    sc_buf_t  *bytes = &x->spare.bytes;

    n = 0;

    for (i = 0; i < x->texts.n; i++) {
        if (x->texts.list[i].absent) {
            continue;
        }

        if (n++ != 0) {
            sc_buf_add_cstr(bytes, t->from);
        }

        sc_buf_add_str(bytes, extract_texts_get(&x->texts, i));
    }

    if (x->texts.n == 0) {
        return SC_OK;
    }

    if ((n == 0 ? extract_texts_absent(&x->spare)
                : extract_texts_end(&x->spare)) != SC_OK)
    {
        return extract_transform_failed(x);
    }

    return SC_OK;
}


static int
extract_transform_failed(extract_t *x)
{
    char       detail[80];
    sc_buf_t  *bytes = &x->spare.bytes;

    if (!bytes->failed) {
        return extract_fail(x->page, "memory is out");
    }

    (void) snprintf(detail, sizeof(detail), "the data is more than %zu bytes",
                    bytes->max);

    return extract_fail(x->page, detail);
}


/* The white space of ASCII, no-break spaces and byte order marks. */

static int
extract_trim(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    size_t       n;
    const char  *p, *end, *last;

    (void) x;
    (void) t;
    (void) what;

    end = text.data + text.len;

    for (p = text.data; p < end; p += n) {
        n = extract_blank(p, end, 1);

        if (n == 0) {
            break;
        }
    }

    while (end > p) {
        last = end - 1;

        while (last > p && end - last < 3
               && ((unsigned char) *last & 0xc0) == 0x80)
        {
            last--;
        }

        if (extract_blank(last, end, 1) != (size_t) (end - last)) {
            break;
        }

        end = last;
    }

    return extract_texts_add(texts, p, (size_t) (end - p));
}


static int
extract_squeeze(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    char  *p;

    (void) x;
    (void) t;
    (void) what;

    p = sc_buf_reserve(&texts->bytes, text.len);

    if (p == NULL) {
        return SC_ERROR;
    }

    memcpy(p, text.data, text.len);
    texts->bytes.len += extract_squeezed(p, text.len);

    return extract_texts_end(texts);
}


/* One letter is one letter; what is not UTF-8 stays as it is. */

static int
extract_case(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    int                  c, len;
    size_t               i;
    wint_t               other;
    unsigned char        out[EXTRACT_CHARACTER];
    const unsigned char  *p;

    (void) x;
    (void) what;

    for (i = 0; i < text.len; i += (size_t) len) {
        p = (const unsigned char *) text.data + i;
        len = (text.len - i < 4) ? (int) (text.len - i) : 4;
        c = xmlGetUTF8Char(p, &len);

        if (c < 0) {
            len = 1;
        }

        other = (wint_t) c;

        if (c > 0) {
            other = (t->kind == SC_TRANSFORM_LOWER)
                    ? towlower_l(other, extract_letters)
                    : towupper_l(other, extract_letters);
        }

        if (other == (wint_t) c) {
            sc_buf_add(&texts->bytes, p, (size_t) len);

        } else {
            c = xmlCopyCharMultiByte(out, (int) other);
            sc_buf_add(&texts->bytes, out, (size_t) c);
        }
    }

    return extract_texts_end(texts);
}


static int
extract_untagged(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    size_t     start;
    sc_buf_t  *bytes = &texts->bytes;

    (void) x;
    (void) t;
    (void) what;

    if (extract_tags_prepare() != SC_OK) {
        return SC_ERROR;
    }

    start = bytes->len;
    extract_strip_tags(text, bytes);

    if (bytes->failed) {
        return SC_ERROR;
    }

    /* it is NULL when nothing was ever added to it */
    if (bytes->data != NULL) {
        bytes->len = start + extract_squeezed(bytes->data + start,
                                              bytes->len - start);
    }

    return extract_texts_end(texts);
}


static int
extract_absolute(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    int          rc;
    const char  *base;

    (void) t;

    base = extract_base(x);

    if (x->base.failed) {
        return SC_ERROR;
    }

    *what = "is not a URL";
    rc = url_resolve(base, text.data, text.len, &texts->bytes);

    return rc == SC_OK ? extract_texts_end(texts) : rc;
}


static int
extract_replace(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    sc_str_t            to;
    const char         *p, *end, *next;
    sc_buf_t           *bytes = &texts->bytes;
    sc_regex_result_t   result;

    (void) x;

    to.data = t->to;
    to.len = strlen(t->to);

    if (t->regex != NULL) {
        result = sc_regex_replace(t->regex, text, to, 1, bytes);

        if (result != SC_REGEX_MATCH && result != SC_REGEX_NO_MATCH) {
            return extract_refused(result, what);
        }

        return extract_texts_end(texts);
    }

    end = text.data + text.len;

    for (p = text.data; p != NULL && !bytes->failed; p = next) {
        sc_buf_add(bytes, p, extract_part(p, end, t, &next));

        if (next != NULL) {
            sc_buf_add_str(bytes, to);
        }
    }

    return extract_texts_end(texts);
}


static int
extract_pattern(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    sc_str_t           group;
    sc_regex_result_t  result;

    (void) x;

    result = sc_regex_match(t->regex, text, 0);

    if (result != SC_REGEX_MATCH) {
        return extract_refused(result, what);
    }

    if (sc_regex_group(t->regex, (unsigned) t->group, &group) != SC_OK) {
        *what = "has nothing for the group of the pattern";
        return SC_DECLINED;
    }

    return extract_texts_add(texts, group.data, group.len);
}


static int
extract_refused(sc_regex_result_t result, const char **what)
{
    switch (result) {
    case SC_REGEX_NO_MATCH:
        *what = "does not match the pattern";
        break;
    case SC_REGEX_LIMIT:
        *what = "takes more work than a pattern may do";
        break;
    default:
        *what = "is not UTF-8";
    }

    return SC_DECLINED;
}


static int
extract_split(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    size_t       len;
    const char  *p, *end, *next;

    (void) x;

    if (t->indexed) {
        return extract_split_at(t, text, texts, what);
    }

    end = text.data + text.len;

    /* one more than there may be, for it to be seen */
    for (p = text.data; p != NULL && texts->n <= EXTRACT_MAX_PARTS; p = next) {
        len = extract_part(p, end, t, &next);

        if (extract_texts_add(texts, p, len) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
extract_split_at(const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    size_t       len;
    int64_t      wanted;
    const char  *p, *end, *next;

    end = text.data + text.len;
    wanted = t->index;

    if (wanted < 0) {
        for (p = text.data; p != NULL; p = next) {
            (void) extract_part(p, end, t, &next);
            wanted++;
        }
    }

    for (p = text.data; p != NULL && wanted >= 0; p = next) {
        len = extract_part(p, end, t, &next);

        if (wanted-- == 0) {
            return extract_texts_add(texts, p, len);
        }
    }

    *what = "has no such part when it is split";

    return SC_DECLINED;
}


/* The length of the part at p; *next is where the next one is, or NULL. */

static size_t
extract_part(const char *p, const char *end, const sc_transform_t *t,
    const char **next)
{
    size_t       len;
    const char  *found;

    len = strlen(t->from);
    found = memmem(p, (size_t) (end - p), t->from, len);
    *next = (found != NULL) ? found + len : NULL;

    return (size_t) ((found != NULL ? found : end) - p);
}


static int
extract_number(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    int  rc;

    (void) x;

    *what = "is not a number of the locale";
    rc = extract_locale(t->from, text, &texts->bytes);

    return rc == SC_OK ? extract_texts_end(texts) : rc;
}


static int
extract_dated(extract_t *x, const sc_transform_t *t, sc_str_t text,
    extract_texts_t *texts, const char **what)
{
    int  rc;

    (void) x;

    *what = "is not a date of the format";
    rc = extract_date_format(text, t->from, t->to, &texts->bytes);

    return rc == SC_OK ? extract_texts_end(texts) : rc;
}


/*
 * The bytes of the white space that p begins with, 0 when there is none.
 * Without all it is what is collapsed: spaces, tabs and line ends.
 */

static size_t
extract_blank(const char *p, const char *end, unsigned all)
{
    if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
        return 1;
    }

    if (all && (*p == '\v' || *p == '\f')) {
        return 1;
    }

    if (end - p >= 2 && memcmp(p, "\u00a0", 2) == 0) {
        return 2;
    }

    return (all && end - p >= 3 && memcmp(p, "\ufeff", 3) == 0) ? 3 : 0;
}


/* Collapse in place; the length that is left, a NUL behind it. */

static size_t
extract_squeezed(char *text, size_t len)
{
    char        *w;
    size_t       n;
    unsigned     space;
    const char  *p, *end;

    w = text;
    end = text + len;
    space = 0;

    for (p = text; p < end; p += n) {
        n = extract_blank(p, end, 0);

        if (n != 0) {
            space = 1;
            continue;
        }

        if (space && w != text) {
            *w++ = ' ';
        }

        *w++ = *p;
        space = 0;
        n = 1;
    }

    *w = '\0';

    return (size_t) (w - text);
}
