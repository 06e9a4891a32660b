
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/export/export_internal.h"


/* items of two lists, multiplied, up to which they are compared one by one */
#define DIFF_MAX_CELLS    250000

/* levels below which values are compared as a whole */
#define DIFF_MAX_DEPTH    64


/*
 * path    JSON Pointer to what is compared
 * n       operations that were written
 */
typedef struct {
    sc_buf_t  *out;
    sc_buf_t   path;
    size_t     n;
    unsigned   depth;
    int        failed;
} diff_t;


/* A hash of a value's text: so that long ones are compared in no time. */
typedef struct {
    unsigned char  digest[32];
} diff_name_t;


/*
 * What differs of two lists: their middles, by names that are equal when the
 * values are.
 *
 * lengths   of the longest common subsequence of what follows (i, j)
 */
typedef struct {
    const json_t  *from;
    const json_t  *to;
    size_t         first;
    size_t         nfrom;
    size_t         nto;
    diff_name_t   *names;
    uint32_t      *lengths;
} diff_list_t;


static void diff_value(diff_t *d, const json_t *from, const json_t *to);
static int diff_equal(const json_t *a, const json_t *b);
static void diff_object(diff_t *d, const json_t *from, const json_t *to);
static void diff_array(diff_t *d, const json_t *from, const json_t *to);
static int diff_list_names(diff_list_t *l);
static int diff_name(const json_t *value, diff_name_t *name);
static void diff_list_fill(diff_list_t *l);
static void diff_list_walk(diff_t *d, const diff_list_t *l);
static int diff_same(const diff_list_t *l, size_t i, size_t j);
static void diff_list_op(diff_t *d, const char *op, size_t index,
    const json_t *value);
static void diff_op(diff_t *d, const char *op, const json_t *value);
static size_t diff_enter(diff_t *d, const char *name);
static size_t diff_enter_index(diff_t *d, size_t index);
static void diff_leave(diff_t *d, size_t len);


int
export_diff(const json_t *from, const json_t *to, sc_buf_t *out)
{
    diff_t  d;

    memset(&d, 0, sizeof(diff_t));
    d.out = out;
    sc_buf_init(&d.path, 0);
    (void) sc_buf_add_cstr(&d.path, "");

    (void) sc_buf_add_cstr(out, "[");
    diff_value(&d, from, to);
    (void) sc_buf_add_cstr(out, "]");

    if (d.path.failed || d.failed) {
        out->failed = 1;
    }

    sc_buf_free(&d.path);

    return out->failed ? SC_ERROR : SC_OK;
}


static void
diff_value(diff_t *d, const json_t *from, const json_t *to)
{
    if (diff_equal(from, to)) {
        return;
    }

    if (d->depth < DIFF_MAX_DEPTH) {
        if (json_is_object(from) && json_is_object(to)) {
            diff_object(d, from, to);
            return;
        }

        if (json_is_array(from) && json_is_array(to)) {
            diff_array(d, from, to);
            return;
        }
    }

    diff_op(d, "replace", to);
}


/* 1 and 1.0 are the same number, RFC 6902 4.6. */
static int
diff_equal(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b)) {
        return json_number_value(a) == json_number_value(b);
    }

    return json_equal(a, b);
}


static void
diff_object(diff_t *d, const json_t *from, const json_t *to)
{
    size_t         len;
    json_t        *value;
    const char    *name;
    const json_t  *other;

    d->depth++;

    json_object_foreach((json_t *) from, name, value) {
        len = diff_enter(d, name);
        other = json_object_get(to, name);

        if (other != NULL) {
            diff_value(d, value, other);

        } else {
            diff_op(d, "remove", NULL);
        }

        diff_leave(d, len);
    }

    json_object_foreach((json_t *) to, name, value) {
        if (json_object_get(from, name) == NULL) {
            len = diff_enter(d, name);
            diff_op(d, "add", value);
            diff_leave(d, len);
        }
    }

    d->depth--;
}


static void
diff_array(diff_t *d, const json_t *from, const json_t *to)
{
    size_t       a, b;
    diff_list_t  l;

    memset(&l, 0, sizeof(diff_list_t));
    l.from = from;
    l.to = to;
    a = json_array_size(from);
    b = json_array_size(to);

    while (l.first < a && l.first < b
           && diff_equal(json_array_get(from, l.first),
                         json_array_get(to, l.first)))
    {
        l.first++;
    }

    while (a > l.first && b > l.first
           && diff_equal(json_array_get(from, a - 1),
                         json_array_get(to, b - 1)))
    {
        a--;
        b--;
    }

    l.nfrom = a - l.first;
    l.nto = b - l.first;

    if ((l.nfrom + 1) > DIFF_MAX_CELLS / (l.nto + 1)) {
        diff_op(d, "replace", to);
        return;
    }

    d->depth++;

    if (diff_list_names(&l) == SC_OK) {
        diff_list_fill(&l);
        diff_list_walk(d, &l);

    } else {
        d->failed = 1;
    }

    d->depth--;
    free(l.names);
    free(l.lengths);
}


static int
diff_list_names(diff_list_t *l)
{
    size_t         i;
    const json_t  *value;

    l->names = calloc(l->nfrom + l->nto + 1, sizeof(diff_name_t));
    l->lengths = calloc((l->nfrom + 1) * (l->nto + 1), sizeof(uint32_t));

    if (l->names == NULL || l->lengths == NULL) {
        return SC_ERROR;
    }

    for (i = 0; i < l->nfrom + l->nto; i++) {
        value = i < l->nfrom
                ? json_array_get(l->from, l->first + i)
                : json_array_get(l->to, l->first + i - l->nfrom);

        if (diff_name(value, &l->names[i]) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
diff_name(const json_t *value, diff_name_t *name)
{
    int    rc;
    char  *text;

    text = sc_json_text(value, JSON_COMPACT | JSON_SORT_KEYS
                               | JSON_ENCODE_ANY);
    if (text == NULL) {
        return SC_ERROR;
    }

    rc = EVP_Digest(text, strlen(text), name->digest, NULL, EVP_sha256(),
                    NULL);
    free(text);

    return rc == 1 ? SC_OK : SC_ERROR;
}


static void
diff_list_fill(diff_list_t *l)
{
    size_t     i, j, width;
    uint32_t  *cell;

    width = l->nto + 1;

    for (i = l->nfrom; i-- > 0; /* void */ ) {
        for (j = l->nto; j-- > 0; /* void */ ) {
            cell = &l->lengths[i * width + j];

            if (diff_same(l, i, j)) {
                *cell = cell[width + 1] + 1;

            } else {
                *cell = cell[width] > cell[1] ? cell[width] : cell[1];
            }
        }
    }
}


/* An item removed where another is added is one that changed. */
static void
diff_list_walk(diff_t *d, const diff_list_t *l)
{
    size_t           i, j, at, len, width;
    const uint32_t  *cell;

    i = j = 0;
    at = l->first;
    width = l->nto + 1;

    while (i < l->nfrom || j < l->nto) {
        cell = &l->lengths[i * width + j];

        if (i < l->nfrom && j < l->nto && diff_same(l, i, j)) {
            i++;
            j++;
            at++;

        } else if (i < l->nfrom && j < l->nto && cell[width + 1] == *cell) {
            len = diff_enter_index(d, at++);
            diff_value(d, json_array_get(l->from, l->first + i++),
                       json_array_get(l->to, l->first + j++));
            diff_leave(d, len);

        } else if (i < l->nfrom && (j == l->nto || cell[width] == *cell)) {
            diff_list_op(d, "remove", at, NULL);
            i++;

        } else {
            diff_list_op(d, "add", at++,
                         json_array_get(l->to, l->first + j++));
        }
    }
}


static int
diff_same(const diff_list_t *l, size_t i, size_t j)
{
    return memcmp(&l->names[i], &l->names[l->nfrom + j],
                  sizeof(diff_name_t))
           == 0;
}


static void
diff_list_op(diff_t *d, const char *op, size_t index, const json_t *value)
{
    size_t  len;

    len = diff_enter_index(d, index);
    diff_op(d, op, value);
    diff_leave(d, len);
}


static void
diff_op(diff_t *d, const char *op, const json_t *value)
{
    (void) sc_buf_printf(d->out, "%s{\"op\":\"%s\",\"path\":",
                         d->n++ > 0 ? "," : "", op);
    (void) sc_json_string(d->out, d->path.data, d->path.len);

    if (value != NULL) {
        (void) sc_buf_add_cstr(d->out, ",\"value\":");
        sc_json_value(d->out, value);
    }

    (void) sc_buf_add_cstr(d->out, "}");
}


/* How long the path was is what diff_leave() is to be given. */
static size_t
diff_enter(diff_t *d, const char *name)
{
    size_t  len = d->path.len;

    (void) sc_buf_add_cstr(&d->path, "/");

    for ( /* void */ ; *name != '\0'; name++) {
        if (*name == '~' || *name == '/') {
            (void) sc_buf_add_cstr(&d->path, *name == '~' ? "~0" : "~1");

        } else {
            (void) sc_buf_add(&d->path, name, 1);
        }
    }

    return len;
}


static size_t
diff_enter_index(diff_t *d, size_t index)
{
    size_t  len = d->path.len;

    (void) sc_buf_printf(&d->path, "/%zu", index);

    return len;
}


static void
diff_leave(diff_t *d, size_t len)
{
    d->path.len = len;
}
