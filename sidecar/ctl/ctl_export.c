
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"


#define CTL_EXPORT_RESULTS    "/results?limit=1000"
#define CTL_EXPORT_COLUMNS    1000


typedef struct ctl_export_s  ctl_export_t;


/* What is done with a result.  SC_OK, or SC_DECLINED when it failed. */
typedef int (*ctl_export_pt)(ctl_export_t *x, json_t *result);


/*
 * columns  names of the data's members, an object whose values say nothing
 * n        results so far; without those that had no data
 */
struct ctl_export_s {
    ctl_t    *c;
    json_t   *columns;
    size_t    n;
    size_t    without;
};


static int ctl_export_list(ctl_export_t *x, ctl_export_pt each);
static int ctl_export_csv(ctl_export_t *x);
static int ctl_export_all(ctl_export_t *x, ctl_export_pt each);
static int ctl_export_job(ctl_export_t *x, const char *id,
    ctl_export_pt each);
static int ctl_export_page(ctl_export_t *x, const char *id, const char *path,
    ctl_reply_t *reply, ctl_export_pt each);
static const char *ctl_export_next(const ctl_reply_t *reply);
static int ctl_export_json(ctl_export_t *x, json_t *result);
static int ctl_export_ndjson(ctl_export_t *x, json_t *result);
static int ctl_export_columns(ctl_export_t *x, json_t *result);
static int ctl_export_record(ctl_export_t *x, json_t *result);


int
ctl_export(ctl_t *c)
{
    int            status;
    const char    *format;
    ctl_export_t   x;

    memset(&x, 0, sizeof(ctl_export_t));
    x.c = c;

    format = c->values[CTL_OPT_FORMAT];

    if (format == NULL || strcmp(format, "ndjson") == 0) {
        return ctl_export_all(&x, ctl_export_ndjson);
    }

    if (strcmp(format, "json") == 0) {
        return ctl_export_list(&x, ctl_export_json);
    }

    if (strcmp(format, "csv") != 0) {
        return ctl_usage(c, "format \"%s\" is neither \"json\", \"ndjson\" "
                         "nor \"csv\"", format);
    }

    x.columns = json_object();
    status = (x.columns != NULL) ? ctl_export_csv(&x) : CTL_FAILED;
    json_decref(x.columns);

    return status;
}


static int
ctl_export_list(ctl_export_t *x, ctl_export_pt each)
{
    int  status;

    status = (ctl_write("[", 1) == SC_OK) ? ctl_export_all(x, each)
                                          : CTL_FAILED;

    return ctl_write("\n]\n", 3) == SC_OK ? status : CTL_FAILED;
}


/*
 * A first reading finds the columns, the second writes: a result does not
 * change, and no more than one answer is in memory.
 */
static int
ctl_export_csv(ctl_export_t *x)
{
    int            status;
    size_t         n;
    sc_buf_t       b;
    const char    *name;
    const json_t  *value;

    status = ctl_export_all(x, ctl_export_columns);

    if (status == CTL_UNREACHABLE) {
        return status;
    }

    sc_buf_init(&b, 0);
    n = 0;

    json_object_foreach(x->columns, name, value) {
        ctl_csv(&b, n++, name, strlen(name));
    }

    (void) sc_buf_add_cstr(&b, "\r\n");

    if (n != 0 && (b.failed || ctl_write(b.data, b.len) != SC_OK)) {
        status = CTL_FAILED;
    }

    sc_buf_free(&b);

    if (n != 0) {
        status = ctl_export_all(x, ctl_export_record);
    }

    if (x->without != 0) {
        ctl_note(x->c, "%zu result%s without data left out", x->without,
                 x->without == 1 ? "" : "s");
    }

    return status;
}


static int
ctl_export_all(ctl_export_t *x, ctl_export_pt each)
{
    int     rc, status;
    size_t  i;

    status = CTL_DONE;

    for (i = 0; i < x->c->nargs; i++) {
        rc = ctl_export_job(x, x->c->args[i], each);

        if (rc == SC_ERROR) {
            return CTL_UNREACHABLE;
        }

        if (rc != SC_OK) {
            status = CTL_FAILED;
        }
    }

    return status;
}


/* All results of a job, an answer at a time. */
static int
ctl_export_job(ctl_export_t *x, const char *id, ctl_export_pt each)
{
    int           rc;
    sc_buf_t      path, next;
    ctl_reply_t   reply;

    sc_buf_init(&path, 0);
    sc_buf_init(&next, 0);

    rc = ctl_job_path(id, CTL_EXPORT_RESULTS, &path) == SC_OK ? SC_OK
                                                              : SC_DECLINED;

    while (rc == SC_OK && path.len != 0) {
        rc = ctl_export_page(x, id, path.data, &reply, each);

        sc_buf_reset(&next);
        (void) sc_buf_add_cstr(&next, rc == SC_OK ? ctl_export_next(&reply)
                                                  : "");
        ctl_reply_free(&reply);

        /* what leads back to itself leads nowhere */
        if (next.failed || strcmp(next.data, path.data) == 0) {
            break;
        }

        sc_buf_reset(&path);
        (void) sc_buf_add(&path, next.data, next.len);
    }

    sc_buf_free(&path);
    sc_buf_free(&next);

    return rc;
}


static int
ctl_export_page(ctl_export_t *x, const char *id, const char *path,
    ctl_reply_t *reply, ctl_export_pt each)
{
    int      rc;
    size_t   i;
    json_t  *list, *result;

    if (ctl_http_get(x->c, path, NULL, reply) != SC_OK) {
        return SC_ERROR;
    }

    if (reply->status != 200 || reply->json == NULL) {
        (void) ctl_problem(id, reply);
        return SC_DECLINED;
    }

    rc = SC_OK;
    list = json_object_get(reply->json, "data");

    json_array_foreach(list, i, result) {
        rc = each(x, result);

        if (rc != SC_OK) {
            break;
        }

        x->n++;
    }

    return rc;
}


static const char *
ctl_export_next(const ctl_reply_t *reply)
{
    const char  *next;

    if (reply->next[0] != '\0') {
        return reply->next;
    }

    next = ctl_json_str(reply->json, "next");

    return next[0] == '/' && next[1] != '/' ? next : "";
}


static int
ctl_export_json(ctl_export_t *x, json_t *result)
{
    int       rc;
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, x->n != 0 ? ",\n" : "\n");
    rc = ctl_json(result, 1, &b);

    if (rc == SC_OK) {
        rc = ctl_write(b.data, b.len);
    }

    sc_buf_free(&b);

    return rc == SC_OK ? SC_OK : SC_DECLINED;
}


static int
ctl_export_ndjson(ctl_export_t *x, json_t *result)
{
    (void) x;

    return ctl_json_print(result, 1) == SC_OK ? SC_OK : SC_DECLINED;
}


static int
ctl_export_columns(ctl_export_t *x, json_t *result)
{
    json_t      *data, *value;
    const char  *name;

    data = json_object_get(result, "data");

    if (!json_is_object(data)) {
        x->without++;
        return SC_OK;
    }

    json_object_foreach(data, name, value) {

        if (json_object_get(x->columns, name) != NULL) {
            continue;
        }

        if (json_object_size(x->columns) == CTL_EXPORT_COLUMNS) {
            ctl_error("there are more than %d columns", CTL_EXPORT_COLUMNS);
            return SC_DECLINED;
        }

        if (json_object_set_new(x->columns, name, json_true()) != 0) {
            ctl_error("memory is out");
            return SC_DECLINED;
        }
    }

    return SC_OK;
}


static int
ctl_export_record(ctl_export_t *x, json_t *result)
{
    int            rc;
    size_t         n;
    sc_buf_t       b;
    const char    *name;
    const json_t  *data, *value;

    data = json_object_get(result, "data");

    if (!json_is_object(data)) {
        return SC_OK;
    }

    sc_buf_init(&b, 0);
    n = 0;

    json_object_foreach(x->columns, name, value) {
        (void) ctl_csv_json(&b, n++, json_object_get(data, name));
    }

    rc = sc_buf_add_cstr(&b, "\r\n");

    if (rc == SC_OK) {
        rc = ctl_write(b.data, b.len);
    }

    sc_buf_free(&b);

    return rc == SC_OK ? SC_OK : SC_DECLINED;
}
