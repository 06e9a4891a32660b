
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"


#define CTL_EXPLAIN_COLUMNS    7


static int ctl_explain_field(ctl_table_t *t, const json_t *field);
static int ctl_explain_try(ctl_table_t *t, const char *field,
    const json_t *try, int used);
static int ctl_explain_row(ctl_table_t *t, const char *const *texts);
static void ctl_explain_number(char *text, size_t size, const json_t *value);


void
ctl_explain(const json_t *list, FILE *out)
{
    int            rc;
    size_t         i;
    ctl_table_t    t;
    const json_t  *field;

    static const char *const  heading[CTL_EXPLAIN_COLUMNS] = {
        "FIELD", "", "SELECTOR", "MATCHES", "LINE", "NODE", "VALUE"
    };

    rc = ctl_table_begin(&t, out, CTL_EXPLAIN_COLUMNS);

    if (rc == SC_OK) {
        rc = ctl_explain_row(&t, heading);
    }

    for (i = 0; rc == SC_OK && i < json_array_size(list); i++) {
        field = json_array_get(list, i);
        rc = ctl_explain_field(&t, field);
    }

    ctl_table_end(&t);
}


static int
ctl_explain_field(ctl_table_t *t, const json_t *field)
{
    int            rc;
    size_t         i, used;
    const char    *name;
    const json_t  *tries, *index;

    name = ctl_json_str(field, "field");
    tries = json_object_get(field, "tries");
    index = json_object_get(field, "used");
    used = json_array_size(tries);

    if (json_is_integer(index)) {
        used = (size_t) json_integer_value(index);
    }

    rc = SC_OK;

    for (i = 0; rc == SC_OK && i < json_array_size(tries); i++) {
        rc = ctl_explain_try(t, i == 0 ? name : "", json_array_get(tries, i),
                             i == used);
    }

    return rc;
}


/* One selector, and a line for each thing that was wrong with its value. */
static int
ctl_explain_try(ctl_table_t *t, const char *field, const json_t *try,
    int used)
{
    int            rc;
    char           matches[24], line[24];
    size_t         i;
    sc_buf_t       selector;
    const char    *texts[CTL_EXPLAIN_COLUMNS];
    const json_t  *problems;

    ctl_explain_number(matches, sizeof(matches),
                       json_object_get(try, "matches"));
    ctl_explain_number(line, sizeof(line), json_object_get(try, "line"));

    sc_buf_init(&selector, 0);
    (void) sc_buf_add_cstr(&selector, ctl_json_str(try, "kind"));
    (void) sc_buf_add_cstr(&selector, " ");
    rc = sc_buf_add_cstr(&selector, ctl_json_str(try, "selector"));

    if (rc == SC_OK) {
        texts[0] = field;
        texts[1] = used ? "*" : "-";
        texts[2] = selector.data;
        texts[3] = matches;
        texts[4] = line;
        texts[5] = ctl_json_str(try, "node");
        texts[6] = ctl_json_str(try, "value");
        rc = ctl_explain_row(t, texts);
    }

    sc_buf_free(&selector);

    problems = json_object_get(try, "problems");

    for (i = 0; rc == SC_OK && i < json_array_size(problems); i++) {
        texts[0] = "";
        texts[1] = "!";
        texts[2] = json_string_value(json_array_get(problems, i));
        texts[2] = (texts[2] != NULL) ? texts[2] : "";
        texts[3] = texts[4] = texts[5] = texts[6] = "";
        rc = ctl_explain_row(t, texts);
    }

    return rc;
}


static int
ctl_explain_row(ctl_table_t *t, const char *const *texts)
{
    size_t    i;
    sc_str_t  cells[CTL_EXPLAIN_COLUMNS];

    for (i = 0; i < CTL_EXPLAIN_COLUMNS; i++) {
        cells[i].data = texts[i];
        cells[i].len = strlen(texts[i]);
    }

    return ctl_table_row(t, cells);
}


static void
ctl_explain_number(char *text, size_t size, const json_t *value)
{
    text[0] = '\0';

    if (json_is_integer(value)) {
        (void) snprintf(text, size, "%" JSON_INTEGER_FORMAT,
                        json_integer_value(value));
    }
}
