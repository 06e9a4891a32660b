
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/export/export.h"
#include "tests/support/suite.h"


#define DIFF_TIMEOUT    30
#define DIFF_ROUNDS     3000


typedef struct {
    const char  *from;
    const char  *to;
    const char  *patch;
} diff_case_t;


static const diff_case_t  diff_cases[] = {
    { "{\"a\":1}", "{\"a\":1}", "[]" },
    { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1.0}", "[]" },
    { "{\"a\":1}", "{\"a\":\"1\"}",
      "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":\"1\"}]" },
    { "{\"a\":1}", "{}", "[{\"op\":\"remove\",\"path\":\"/a\"}]" },
    { "{}", "{\"a/~b\":null}",
      "[{\"op\":\"add\",\"path\":\"/a~1~0b\",\"value\":null}]" },
    { "{\"\":{\"x\":1}}", "{\"\":{\"x\":2}}",
      "[{\"op\":\"replace\",\"path\":\"//x\",\"value\":2}]" },
    { "null", "{\"a\":1}",
      "[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"a\":1}}]" },
    { "[1,2,3]", "[1,3]", "[{\"op\":\"remove\",\"path\":\"/1\"}]" },
    { "[1,3]", "[1,2,3]",
      "[{\"op\":\"add\",\"path\":\"/1\",\"value\":2}]" },
    { "[{\"p\":1},{\"p\":2}]", "[{\"p\":1},{\"p\":3}]",
      "[{\"op\":\"replace\",\"path\":\"/1/p\",\"value\":3}]" },
    { "[1,2,3,4]", "[4]",
      "[{\"op\":\"remove\",\"path\":\"/0\"},"
      "{\"op\":\"remove\",\"path\":\"/0\"},"
      "{\"op\":\"remove\",\"path\":\"/0\"}]" },
};


static json_t *patch_of(const json_t *from, const json_t *to);
static void patch_apply(json_t **root, const json_t *op);
static void patch_object(json_t *parent, const char *op, const char *name,
    json_t *value);
static void patch_array(json_t *parent, const char *op, const char *name,
    json_t *value);
static char *pointer_part(char *part);
static json_t *value_of(unsigned *seed, unsigned depth);
static unsigned next_of(unsigned *seed, unsigned n);


START_TEST(a_change_is_told_where_it_is)
{
    size_t     i;
    json_t    *from, *to;
    sc_buf_t   b;

    for (i = 0; i < sizeof(diff_cases) / sizeof(diff_case_t); i++) {
        from = json_loads(diff_cases[i].from, JSON_DECODE_ANY, NULL);
        to = json_loads(diff_cases[i].to, JSON_DECODE_ANY, NULL);
        sc_buf_init(&b, 0);

        ck_assert_int_eq(export_diff(from, to, &b), SC_OK);
        ck_assert_str_eq(b.data, diff_cases[i].patch);

        sc_buf_free(&b);
        json_decref(from);
        json_decref(to);
    }
}
END_TEST


START_TEST(a_patch_makes_the_one_value_the_other)
{
    int        i;
    size_t     k;
    json_t    *from, *to, *patch, *op;
    unsigned   seed;

    for (i = 0, seed = 1; i < DIFF_ROUNDS; i++) {
        from = value_of(&seed, 0);
        to = value_of(&seed, 0);
        patch = patch_of(from, to);

        json_array_foreach(patch, k, op) {
            patch_apply(&from, op);
        }

        ck_assert_msg(json_equal(from, to), "round %d", i);
        json_decref(patch);
        json_decref(from);
        json_decref(to);
    }
}
END_TEST


START_TEST(long_lists_are_replaced_as_a_whole)
{
    int      i;
    json_t  *from, *to, *patch, *op;

    from = json_array();
    to = json_array();

    for (i = 0; i < 1000; i++) {
        ck_assert_int_eq(json_array_append_new(from, json_integer(i)), 0);
        ck_assert_int_eq(json_array_append_new(to, json_integer(1000 - i)),
                         0);
    }

    patch = patch_of(from, to);
    op = json_array_get(patch, 0);
    ck_assert_uint_eq(json_array_size(patch), 1);
    ck_assert(json_equal(json_object_get(op, "value"), to));

    json_decref(patch);
    json_decref(from);
    json_decref(to);
}
END_TEST


START_TEST(a_long_list_with_one_change_is_not)
{
    int      i;
    json_t  *from, *to, *patch;

    from = json_array();

    for (i = 0; i < 5000; i++) {
        ck_assert_int_eq(json_array_append_new(from, json_integer(i)), 0);
    }

    to = json_deep_copy(from);
    ck_assert_int_eq(json_array_remove(to, 2500), 0);
    patch = patch_of(from, to);
    ck_assert_uint_eq(json_array_size(patch), 1);
    ck_assert_str_eq(json_string_value(json_object_get(
                         json_array_get(patch, 0), "path")), "/2500");

    json_decref(patch);
    json_decref(from);
    json_decref(to);
}
END_TEST


static json_t *
patch_of(const json_t *from, const json_t *to)
{
    json_t    *patch;
    sc_buf_t   b;

    sc_buf_init(&b, 0);
    ck_assert_int_eq(export_diff(from, to, &b), SC_OK);
    patch = json_loadb(b.data, b.len, 0, NULL);
    ck_assert_ptr_nonnull(patch);
    sc_buf_free(&b);

    return patch;
}


/* RFC 6902, of what is told only. */
static void
patch_apply(json_t **root, const json_t *op)
{
    char        *path, *part, *slash;
    json_t      *at, *value;
    const char  *word;

    word = json_string_value(json_object_get(op, "op"));
    value = json_deep_copy(json_object_get(op, "value"));
    path = strdup(json_string_value(json_object_get(op, "path")));

    if (path[0] == '\0') {
        ck_assert_str_eq(word, "replace");
        json_decref(*root);
        *root = value;
        free(path);
        return;
    }

    at = *root;
    part = path + 1;

    while ((slash = strchr(part, '/')) != NULL) {
        *slash = '\0';
        at = json_is_array(at)
             ? json_array_get(at, strtoul(part, NULL, 10))
             : json_object_get(at, pointer_part(part));
        part = slash + 1;
    }

    if (json_is_array(at)) {
        patch_array(at, word, part, value);

    } else {
        patch_object(at, word, pointer_part(part), value);
    }

    free(path);
}


static void
patch_object(json_t *parent, const char *op, const char *name, json_t *value)
{
    ck_assert_msg((json_object_get(parent, name) == NULL)
                  == (strcmp(op, "add") == 0), "%s %s", op, name);

    if (strcmp(op, "remove") == 0) {
        ck_assert_int_eq(json_object_del(parent, name), 0);

    } else {
        ck_assert_int_eq(json_object_set_new(parent, name, value), 0);
    }
}


static void
patch_array(json_t *parent, const char *op, const char *name, json_t *value)
{
    size_t  index = strtoul(name, NULL, 10);

    if (strcmp(op, "remove") == 0) {
        ck_assert_int_eq(json_array_remove(parent, index), 0);

    } else if (strcmp(op, "add") == 0) {
        ck_assert_int_eq(json_array_insert_new(parent, index, value), 0);

    } else {
        ck_assert_int_eq(json_array_set_new(parent, index, value), 0);
    }
}


static char *
pointer_part(char *part)
{
    char  *from, *to;

    for (from = to = part; *from != '\0'; from++) {
        if (*from == '~') {
            *to++ = *++from == '0' ? '~' : '/';

        } else {
            *to++ = *from;
        }
    }

    *to = '\0';

    return part;
}


static json_t *
value_of(unsigned *seed, unsigned depth)
{
    unsigned   i, n;
    json_t    *json;

    static const char *const  names[] = { "a", "b/", "~c", "" };

    switch (next_of(seed, depth < 3 ? 5 : 3)) {

    case 0:
        return json_integer(next_of(seed, 3));

    case 1:
        return json_string(names[next_of(seed, 4)]);

    case 2:
        return json_null();

    case 3:
        json = json_object();
        n = next_of(seed, 4);

        for (i = 0; i < n; i++) {
            (void) json_object_set_new(json, names[next_of(seed, 4)],
                                       value_of(seed, depth + 1));
        }

        return json;

    default:
        json = json_array();
        n = next_of(seed, 7);

        for (i = 0; i < n; i++) {
            (void) json_array_append_new(json, value_of(seed, depth + 1));
        }

        return json;
    }
}


static unsigned
next_of(unsigned *seed, unsigned n)
{
    *seed = *seed * 1103515245u + 12345u;

    return (*seed >> 16) % n;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_change_is_told_where_it_is,
        a_patch_makes_the_one_value_the_other,
        long_lists_are_replaced_as_a_whole,
        a_long_list_with_one_change_is_not,
        NULL
    };

    return suite_run("export_diff", tests, DIFF_TIMEOUT);
}
