
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"


/* task is NULL once it has ended; text is what the request points to. */
struct frontier_check_s {
    pool_task_t  *task;
    pool_pt       done;
    void         *data;
    sc_buf_t      text;
};


static int frontier_check_copy(frontier_check_t *check,
    const frontier_check_spec_t *spec, pool_request_t *request);
static void frontier_check_done(void *data, const pool_result_t *result);


frontier_check_t *
frontier_check(frontier_t *f, const frontier_check_spec_t *spec, pool_pt done,
    void *data)
{
    pool_request_t     request;
    frontier_check_t  *check;

    check = calloc(1, sizeof(frontier_check_t));
    if (check == NULL) {
        return NULL;
    }

    sc_buf_init(&check->text, 0);
    check->done = done;
    check->data = data;

    memset(&request, 0, sizeof(pool_request_t));
    request.views = spec->views;
    request.html5 = (strcmp(f->settings->html_parser, "html5") == 0);
    request.urgent = 1;

    if (frontier_check_copy(check, spec, &request) == SC_OK) {
        check->task = pool_submit(f->parts.pool, &request,
                                  frontier_check_done, check);
    }

    if (check->task == NULL) {
        frontier_check_cancel(check);
        return NULL;
    }

    return check;
}


/* All in one piece: it must stay in place until the pool has done with it. */
static int
frontier_check_copy(frontier_check_t *check, const frontier_check_spec_t *spec,
    pool_request_t *request)
{
    size_t       i, ends[5];
    sc_buf_t    *b = &check->text;
    const char  *p;

    const sc_str_t  texts[5] = {
        { strlen(spec->url), spec->url },
        { strlen(spec->content_type), spec->content_type },
        { strlen(spec->rules_hash), spec->rules_hash },
        spec->rules, spec->body
    };

    for (i = 0; i < 5; i++) {
        (void) sc_buf_add_str(b, texts[i]);
        (void) sc_buf_add(b, "", 1);
        ends[i] = b->len;
    }

    if (b->failed) {
        return SC_ERROR;
    }

    p = b->data;
    request->url = p;
    request->content_type = p + ends[0];
    request->rules_hash = p + ends[1];
    request->rules.data = p + ends[2];
    request->rules.len = spec->rules.len;
    request->body.data = p + ends[3];
    request->body.len = spec->body.len;

    return SC_OK;
}


static void
frontier_check_done(void *data, const pool_result_t *result)
{
    frontier_check_t  *check = data;

    check->task = NULL;
    check->done(check->data, result);
    frontier_check_cancel(check);
}


void
frontier_check_cancel(frontier_check_t *check)
{
    if (check->task != NULL) {
        pool_cancel(check->task);
    }

    sc_buf_free(&check->text);
    free(check);
}
