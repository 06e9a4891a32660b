
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/ctl/ctl_internal.h"
#include "sidecar/store/store_sql.h"


/* what the setting "store" is when nothing is set */
#define CTL_STORE    "/var/lib/scraped/scraped.db"


/*
 * rows   that were written
 * table  begun with the heading
 * b      a line being made
 */
typedef struct {
    ctl_t        *c;
    size_t        rows;
    ctl_table_t   table;
    sc_buf_t      b;
} ctl_asked_t;


static store_sql_row_pt ctl_sql_writer(const ctl_t *c);
static int ctl_sql_table(void *data, size_t n, const char *const *names,
    const store_sql_value_t *values);
static int ctl_sql_csv(void *data, size_t n, const char *const *names,
    const store_sql_value_t *values);
static int ctl_sql_json(void *data, size_t n, const char *const *names,
    const store_sql_value_t *values);
static json_t *ctl_sql_object(size_t n, const char *const *names,
    const store_sql_value_t *values);
static json_t *ctl_sql_value(const store_sql_value_t *value);
static void ctl_sql_hex(sc_buf_t *b, sc_str_t bytes);
static int ctl_sql_line(ctl_asked_t *asked);


int
ctl_sql(ctl_t *c)
{
    int           rc;
    char          err[512];
    ctl_asked_t   asked;
    const char   *path;
    store_sql_t  *s;

    if (c->values[CTL_OPT_CSV] != NULL && c->values[CTL_OPT_JSON] != NULL) {
        return ctl_usage(c, "options \"--csv\" and \"--json\" exclude each "
                         "other");
    }

    path = c->values[CTL_OPT_STORE];
    path = (path != NULL) ? path : getenv("SCRAPECTL_STORE");
    path = (path != NULL) ? path : CTL_STORE;

    memset(&asked, 0, sizeof(ctl_asked_t));
    asked.c = c;
    sc_buf_init(&asked.b, 0);

    rc = SC_ERROR;
    s = store_sql_open(path, err, sizeof(err));

    if (s != NULL) {
        rc = store_sql_run(s, c->args[0], ctl_sql_writer(c), &asked, err,
                           sizeof(err));
    }

    ctl_table_end(&asked.table);

    if (rc != SC_ERROR && c->values[CTL_OPT_JSON] != NULL
        && ctl_write(asked.rows != 0 ? "\n]\n" : "[]\n", 3) != SC_OK)
    {
        rc = SC_DECLINED;
    }

    if (rc == SC_ERROR) {
        ctl_error("%s", err);
    }

    store_sql_close(s);
    sc_buf_free(&asked.b);

    return rc == SC_OK ? CTL_DONE : CTL_FAILED;
}


static store_sql_row_pt
ctl_sql_writer(const ctl_t *c)
{
    if (c->values[CTL_OPT_CSV] != NULL) {
        return ctl_sql_csv;
    }

    return c->values[CTL_OPT_JSON] != NULL ? ctl_sql_json : ctl_sql_table;
}


static int
ctl_sql_table(void *data, size_t n, const char *const *names,
    const store_sql_value_t *values)
{
    int           rc;
    size_t        i;
    sc_str_t     *cells;
    ctl_asked_t  *asked = data;

    static const sc_str_t  blob = sc_string("(bytes)");

    if (n > CTL_TABLE_COLUMNS) {
        ctl_error("there are more than %d columns", CTL_TABLE_COLUMNS);
        return SC_ERROR;
    }

    cells = calloc(n, sizeof(sc_str_t));

    rc = (cells != NULL) ? SC_OK : SC_ERROR;

    if (rc == SC_OK && values == NULL) {
        rc = ctl_table_begin(&asked->table, stdout, n);
    }

    for (i = 0; rc == SC_OK && i < n; i++) {

        if (values == NULL) {
            cells[i].data = names[i];
            cells[i].len = strlen(names[i]);

        } else if (values[i].type == STORE_SQL_BLOB) {
            cells[i] = blob;

        } else {
            cells[i] = values[i].text;
        }
    }

    if (rc == SC_OK) {
        rc = ctl_table_row(&asked->table, cells);
    }

    if (rc != SC_OK) {
        ctl_error("memory is out");
    }

    free(cells);

    return rc;
}


static int
ctl_sql_csv(void *data, size_t n, const char *const *names,
    const store_sql_value_t *values)
{
    size_t        i;
    ctl_asked_t  *asked = data;
    sc_buf_t     *b = &asked->b;

    sc_buf_reset(b);

    for (i = 0; i < n; i++) {

        if (values == NULL) {
            ctl_csv(b, i, names[i], strlen(names[i]));

        } else if (values[i].type == STORE_SQL_NULL) {
            (void) sc_buf_add_cstr(b, i != 0 ? "," : "");

        } else if (values[i].type == STORE_SQL_BLOB) {
            (void) sc_buf_add_cstr(b, i != 0 ? "," : "");
            ctl_sql_hex(b, values[i].text);

        } else {
            ctl_csv(b, i, values[i].text.data, values[i].text.len);
        }
    }

    (void) sc_buf_add_cstr(b, "\r\n");

    return ctl_sql_line(asked);
}


static int
ctl_sql_json(void *data, size_t n, const char *const *names,
    const store_sql_value_t *values)
{
    int           rc;
    json_t       *object;
    ctl_asked_t  *asked = data;

    if (values == NULL) {
        return SC_OK;
    }

    sc_buf_reset(&asked->b);
    (void) sc_buf_add_cstr(&asked->b, asked->rows++ != 0 ? ",\n" : "[\n");

    object = ctl_sql_object(n, names, values);
    rc = (object != NULL) ? ctl_json(object, 1, &asked->b) : SC_ERROR;
    json_decref(object);

    if (rc != SC_OK) {
        ctl_error("memory is out");
        return SC_ERROR;
    }

    return ctl_sql_line(asked);
}


/* A text that is not UTF-8 is read as JSON's writer does: U+FFFD. */
static json_t *
ctl_sql_object(size_t n, const char *const *names,
    const store_sql_value_t *values)
{
    size_t   i;
    json_t  *object, *value;

    object = json_object();

    for (i = 0; object != NULL && i < n; i++) {
        value = ctl_sql_value(&values[i]);

        if (value == NULL
            || json_object_set_new_nocheck(object, names[i], value) != 0)
        {
            json_decref(object);
            object = NULL;
        }
    }

    return object;
}


static json_t *
ctl_sql_value(const store_sql_value_t *value)
{
    json_t    *json;
    sc_buf_t   b;

    switch (value->type) {

    case STORE_SQL_INTEGER:
        return json_integer(value->integer);

    case STORE_SQL_REAL:
        json = json_real(value->real);
        return json != NULL ? json : json_null();

    case STORE_SQL_TEXT:
        return json_stringn_nocheck(value->text.data != NULL
                                    ? value->text.data : "",
                                    value->text.len);

    case STORE_SQL_BLOB:
        sc_buf_init(&b, 0);
        ctl_sql_hex(&b, value->text);
        json = json_string(b.data != NULL ? b.data : "");
        sc_buf_free(&b);
        return json;

    default:
        return json_null();
    }
}


static void
ctl_sql_hex(sc_buf_t *b, sc_str_t bytes)
{
    size_t  i;

    for (i = 0; i < bytes.len; i++) {
        (void) sc_buf_printf(b, "%02x", (unsigned char) bytes.data[i]);
    }
}


static int
ctl_sql_line(ctl_asked_t *asked)
{
    if (asked->b.failed) {
        ctl_error("memory is out");
        return SC_ERROR;
    }

    return ctl_write(asked->b.data, asked->b.len);
}
