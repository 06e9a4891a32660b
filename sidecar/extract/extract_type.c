
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/views/view_value.h"


/* integers a double holds exactly are up to 2^53 */
#define EXTRACT_MAX_INTEGER  9007199254740992.0


static int extract_typed_text(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text);
static int extract_typed_int(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text);
static int extract_typed_decimal(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text);
static int extract_typed_word(extract_t *x, const extract_at_t *at,
    sc_str_t text);
static int extract_typed_url(extract_t *x, const extract_at_t *at,
    sc_str_t text);
static int extract_typed_date(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text);
static int extract_typed_embedded(extract_t *x, const extract_at_t *at,
    sc_str_t text);
static int extract_checked(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text, size_t start);
static int extract_in_range(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const char *value, double n);
static int extract_is_choice(const sc_field_t *field, const char *json,
    size_t len);
static unsigned extract_is_whole(sc_str_t text);
static size_t extract_characters(sc_str_t text);
static size_t extract_digits(const char **p);
static int extract_is_number(const char *p);
static int extract_refuse(extract_t *x, const extract_at_t *at,
    const char *value, const char *what);


int
extract_typed(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    sc_str_t text)
{
    int     rc;
    size_t  start;

    if (x->text.failed) {
        x->page->data.failed = 1;
        return SC_DECLINED;
    }

    if (field->pattern != NULL
        && sc_regex_match(field->pattern, text, 0) != SC_REGEX_MATCH)
    {
        return extract_refuse(x, at, text.data, "does not fit the pattern");
    }

    if ((field->has_min || field->has_max) && field->type != SC_TYPE_INT
        && field->type != SC_TYPE_NUMBER
        && extract_in_range(x, field, at, text.data,
                            (double) extract_characters(text))
           != SC_OK)
    {
        return SC_DECLINED;
    }

    start = x->page->data.len;
    rc = extract_typed_text(x, field, at, text);

    if (rc == SC_OK) {
        rc = extract_checked(x, field, at, text, start);
    }

    return rc;
}


/* What an expression such as count() gave; NaN is the number of nothing. */

int
extract_typed_number(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, double n)
{
    size_t     start;
    sc_str_t   text;
    sc_buf_t  *data = &x->page->data;

    if (isnan(n)) {
        return SC_DECLINED;
    }

    if (field->type == SC_TYPE_BOOL) {
        return extract_typed_bool(x, field, at, n != 0);
    }

    sc_buf_reset(&x->text);
    sc_json_number(&x->text, n);
    text.data = x->text.data;
    text.len = x->text.len;

    switch (field->type) {

    case SC_TYPE_INT:
        if (n != trunc(n) || fabs(n) > EXTRACT_MAX_INTEGER) {
            return extract_refuse(x, at, text.data, "is not an integer");
        }

        break;

    case SC_TYPE_URL:
    case SC_TYPE_DATE:
    case SC_TYPE_DATETIME:
        return extract_typed(x, field, at, text);

    default:
        break;
    }

    if (isinf(n)) {
        extract_warn(x, at, NULL, "the number is infinite");
        return SC_DECLINED;
    }

    if (extract_in_range(x, field, at, text.data, n) != SC_OK) {
        return SC_DECLINED;
    }

    start = data->len;
    sc_json_number(data, n);

    return extract_checked(x, field, at, text, start);
}


/* As XPath's number() has it where a number is wanted. */

int
extract_typed_bool(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, int truth)
{
    size_t     start;
    sc_str_t   text;
    sc_buf_t  *data = &x->page->data;

    start = data->len;

    if (field->type == SC_TYPE_INT || field->type == SC_TYPE_NUMBER) {
        sc_buf_add_cstr(data, truth ? "1" : "0");

    } else {
        sc_buf_add_cstr(data, truth ? "true" : "false");
    }

    text.data = truth ? "true" : "false";
    text.len = strlen(text.data);

    return extract_checked(x, field, at, text, start);
}


int
extract_typed_json(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const json_t *value)
{
    size_t     start;
    sc_str_t   text;
    sc_buf_t  *data = &x->page->data;

    switch (json_typeof(value)) {

    case JSON_NULL:
        return SC_DECLINED;

    case JSON_STRING:
        sc_buf_reset(&x->text);

        if (field->get == SC_GET_RAW) {
            sc_buf_add(&x->text, json_string_value(value),
                       json_string_length(value));
        } else {
            view_value_collapse(&x->text, 0, json_string_value(value),
                                json_string_length(value));
        }

        return extract_typed(x, field, at, extract_trimmed(&x->text, field));

    case JSON_TRUE:
    case JSON_FALSE:
        return extract_typed_bool(x, field, at, json_is_true(value));

    case JSON_INTEGER:
        if (field->type == SC_TYPE_INT || field->type == SC_TYPE_NUMBER
            || field->type == SC_TYPE_STRING || field->type == SC_TYPE_JSON)
        {
            if (extract_in_range(x, field, at, NULL,
                                 json_number_value(value))
                != SC_OK)
            {
                return SC_DECLINED;
            }

            break;
        }

        return extract_typed_number(x, field, at, json_number_value(value));

    case JSON_REAL:
        return extract_typed_number(x, field, at, json_real_value(value));

    default:
        if (field->type != SC_TYPE_STRING && field->type != SC_TYPE_JSON) {
            return extract_refuse(x, at, NULL, json_is_array(value)
                                  ? "a list is not of the field's type"
                                  : "an object is not of the field's type");
        }
    }

    start = data->len;
    sc_json_value(data, value);

    text.data = data->data + start;
    text.len = data->failed ? 0 : data->len - start;

    return extract_checked(x, field, at, text, start);
}


static int
extract_typed_text(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text)
{
    switch (field->type) {

    case SC_TYPE_INT:
        return extract_typed_int(x, field, at, text);

    case SC_TYPE_NUMBER:
        return extract_typed_decimal(x, field, at, text);

    case SC_TYPE_BOOL:
        return extract_typed_word(x, at, text);

    case SC_TYPE_URL:
        return extract_typed_url(x, at, text);

    case SC_TYPE_DATE:
    case SC_TYPE_DATETIME:
        return extract_typed_date(x, field, at, text);

    case SC_TYPE_JSON:
        return extract_typed_embedded(x, at, text);

    default:
        sc_json_string(&x->page->data, text.data, text.len);
        return SC_OK;
    }
}


/* Digits only: "1,234" is one number here and another there. */

static int
extract_typed_int(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text)
{
    long long    n;
    const char  *p;

    p = text.data;

    if (*p == '+' || *p == '-') {
        p++;
    }

    if (extract_digits(&p) == 0 || *p != '\0' || !extract_is_whole(text)) {
        return extract_refuse(x, at, text.data, "is not an integer");
    }

    errno = 0;
    n = strtoll(text.data, NULL, 10);

    if (errno == ERANGE) {
        return extract_refuse(x, at, text.data,
                              "is not an integer of 64 bits");
    }

    if (extract_in_range(x, field, at, text.data, (double) n) != SC_OK) {
        return SC_DECLINED;
    }

    sc_buf_printf(&x->page->data, "%lld", n);

    return SC_OK;
}


static int
extract_typed_decimal(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text)
{
    double  n;

    if (!extract_is_number(text.data) || !extract_is_whole(text)) {
        return extract_refuse(x, at, text.data, "is not a number");
    }

    n = strtod(text.data, NULL);

    if (!isfinite(n)) {
        return extract_refuse(x, at, text.data, "is too large a number");
    }

    if (extract_in_range(x, field, at, text.data, n) != SC_OK) {
        return SC_DECLINED;
    }

    sc_json_number(&x->page->data, n);

    return SC_OK;
}


static int
extract_typed_word(extract_t *x, const extract_at_t *at, sc_str_t text)
{
    size_t             i;
    static const char  words[][6] = { "false", "true", "no", "yes", "0", "1" };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(text.data, words[i]) == 0 && extract_is_whole(text)) {
            sc_buf_add_cstr(&x->page->data, i % 2 ? "true" : "false");
            return SC_OK;
        }
    }

    return extract_refuse(x, at, text.data, "is not a boolean");
}


static int
extract_typed_url(extract_t *x, const extract_at_t *at, sc_str_t text)
{
    int          rc;
    const char  *base;

    base = extract_base(x);

    sc_buf_reset(&x->scratch);
    rc = url_resolve(base, text.data, text.len, &x->scratch);

    if (rc == SC_DECLINED) {
        return extract_refuse(x, at, text.data, "is not a URL");
    }

    if (rc != SC_OK || x->base.failed) {
        x->page->data.failed = 1;
        return SC_DECLINED;
    }

    sc_json_string(&x->page->data, x->scratch.data, x->scratch.len);

    return SC_OK;
}


static int
extract_typed_date(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text)
{
    unsigned  time = (field->type == SC_TYPE_DATETIME);

    sc_buf_reset(&x->scratch);

    if (extract_date(text, time, &x->scratch) != SC_OK) {
        return extract_refuse(x, at, text.data,
                              time ? "is not a date and time that can only "
                                     "be read one way"
                                   : "is not a date that can only be read "
                                     "one way");
    }

    sc_json_string(&x->page->data, x->scratch.data, x->scratch.len);

    return SC_OK;
}


/* Written anew: what a page calls JSON may have line breaks, or lie. */

static int
extract_typed_embedded(extract_t *x, const extract_at_t *at, sc_str_t text)
{
    json_t  *value;

    value = sc_json_of(text.data, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                       NULL);

    if (value == NULL) {
        return extract_refuse(x, at, text.data, "is not JSON");
    }

    sc_json_value(&x->page->data, value);
    json_decref(value);

    return SC_OK;
}


/* Take back what was written since start when it is not allowed. */

static int
extract_checked(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text, size_t start)
{
    sc_buf_t  *data = &x->page->data;

    if (field->choices == NULL || data->failed
        || extract_is_choice(field, data->data + start, data->len - start))
    {
        return SC_OK;
    }

    data->len = start;
    data->data[start] = '\0';

    return extract_refuse(x, at, text.data, "is not one of the enum");
}


static int
extract_in_range(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const char *value, double n)
{
    if (field->has_min && n < field->min) {
        return extract_refuse(x, at, value, "is below the minimum");
    }

    if (field->has_max && n > field->max) {
        return extract_refuse(x, at, value, "is above the maximum");
    }

    return SC_OK;
}


/* Equal as values of JSON: 1 is 1.0, "1" is neither. */

static int
extract_is_choice(const sc_field_t *field, const char *json, size_t len)
{
    int      equal;
    size_t   i;
    json_t  *value, *choice;

    value = sc_json_of(json, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    equal = 0;

    json_array_foreach(field->choices, i, choice) {
        if (json_is_number(choice) && json_is_number(value)) {
            equal = json_number_value(choice) == json_number_value(value);

        } else {
            equal = json_equal(choice, value);
        }

        if (equal) {
            break;
        }
    }

    json_decref(value);

    return equal;
}


/* Text from JSON may have a NUL inside. */

static unsigned
extract_is_whole(sc_str_t text)
{
    return memchr(text.data, '\0', text.len) == NULL;
}


static size_t
extract_characters(sc_str_t text)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < text.len; i++) {
        n += ((text.data[i] & 0xc0) != 0x80);
    }

    return n;
}


static size_t
extract_digits(const char **p)
{
    size_t  n;

    n = strspn(*p, "0123456789");
    *p += n;

    return n;
}


/* A decimal number: strtod() takes more than that. */

static int
extract_is_number(const char *p)
{
    size_t  n;

    if (*p == '+' || *p == '-') {
        p++;
    }

    n = extract_digits(&p);

    if (*p == '.') {
        p++;
        n += extract_digits(&p);
    }

    if (n == 0) {
        return 0;
    }

    if (*p == 'e' || *p == 'E') {
        p++;

        if (*p == '+' || *p == '-') {
            p++;
        }

        if (extract_digits(&p) == 0) {
            return 0;
        }
    }

    return *p == '\0';
}


static int
extract_refuse(extract_t *x, const extract_at_t *at, const char *value,
    const char *what)
{
    extract_warn(x, at, value, what);

    return SC_DECLINED;
}
