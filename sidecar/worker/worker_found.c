
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/sc_json_of.h"
#include "sidecar/worker/wire.h"
#include "sidecar/worker/worker_found.h"


/* bytes of directives that are looked at */
#define WORKER_FOUND_ROBOTS  65536

#define WORKER_FOUND_FIELD   "X-Robots-Tag"


static int worker_found_meta(worker_found_t *f, const view_t *view);
static void worker_found_fields(worker_found_t *f);
static void worker_found_field(worker_found_t *f, const json_t *field);


void
worker_found_init(worker_found_t *f)
{
    sc_buf_init(&f->text, WIRE_MAX_SCOPE);
    sc_buf_init(&f->robots, WORKER_FOUND_ROBOTS);
    sc_buf_init(&f->out, WIRE_MAX_FOUND);
}


void
worker_found_free(worker_found_t *f)
{
    crawl_scope_free(f->scope);
    f->scope = NULL;
    sc_buf_free(&f->text);
    sc_buf_free(&f->robots);
    sc_buf_free(&f->out);
}


int
worker_found_scope(worker_found_t *f, sc_str_t text)
{
    if (f->scope != NULL && f->text.len == text.len
        && memcmp(f->text.data, text.data, text.len) == 0)
    {
        return SC_OK;
    }

    crawl_scope_free(f->scope);
    f->scope = NULL;
    sc_buf_reset(&f->text);

    if (sc_buf_add_str(&f->text, text) != SC_OK) {
        return SC_ERROR;
    }

    f->scope = crawl_scope_create(text);

    return f->scope != NULL ? SC_OK : SC_ERROR;
}


int
worker_found_page(void *data, const view_t *view, sc_str_t follow)
{
    worker_found_t  *f = data;

    sc_buf_reset(&f->robots);
    worker_found_fields(f);

    if (worker_found_meta(f, view) == SC_ERROR) {
        return SC_ERROR;
    }

    return crawl_harvest(f->scope, view,
                         f->robots.data != NULL ? f->robots.data : "",
                         follow, f->now, &f->out);
}


int
worker_found_sitemap(worker_found_t *f, extract_page_t *page)
{
    page->charset = "";
    page->charset_from = "";
    page->refresh[0] = '\0';
    page->detail[0] = '\0';

    return crawl_sitemap(f->scope, page->url, page->body, f->now, &f->out,
                         page->detail, sizeof(page->detail)) == SC_OK
           ? SC_OK : SC_ERROR;
}


/* Each on a line; what is too long is cut. */

static int
worker_found_meta(worker_found_t *f, const view_t *view)
{
    int       rc;
    size_t    i;
    sc_buf_t  values;

    sc_buf_init(&values, 0);
    rc = view_meta_values(view, "robots", &values);

    for (i = 0; rc == SC_OK && i < values.len; i += strlen(values.data + i)
                                                    + 1)
    {
        (void) sc_buf_printf(&f->robots, "%s\n", values.data + i);
    }

    sc_buf_free(&values);

    return rc;
}


static void
worker_found_fields(worker_found_t *f)
{
    size_t   i;
    json_t  *list, *field;

    if (f->headers.len == 0
        || strcasestr(f->headers.data, "\"" WORKER_FOUND_FIELD "\"") == NULL)
    {
        return;
    }

    list = sc_json_of(f->headers.data, f->headers.len, JSON_ALLOW_NUL, NULL);

    json_array_foreach(list, i, field) {
        worker_found_field(f, field);
    }

    json_decref(list);
}


static void
worker_found_field(worker_found_t *f, const json_t *field)
{
    const char  *name, *value;

    name = json_string_value(json_array_get(field, 0));
    value = json_string_value(json_array_get(field, 1));

    if (name != NULL && value != NULL
        && strcasecmp(name, WORKER_FOUND_FIELD) == 0)
    {
        (void) sc_buf_printf(&f->robots, "%s\n", value);
    }
}
