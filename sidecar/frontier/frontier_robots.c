
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/sc_json_of.h"
#include "sidecar/frontier/frontier_internal.h"


/* Who asked for a file, until it is there; done NULL: nobody any more. */
struct frontier_ask_s {
    frontier_ask_t   *next;
    frontier_ask_t   *prev;
    frontier_t       *frontier;
    robots_cache_pt   done;
    void             *data;
};


static int frontier_robots_fetch(frontier_t *f, sc_str_t spec,
    const url_t *url, robots_cache_pt done, void *data);
static void frontier_robots_done(void *data, const fetch_result_t *result);


int
frontier_robots(frontier_t *f, sc_str_t spec, const url_t *url,
    robots_cache_pt done, void *data)
{
    robots_answer_t  answer;

    robots_cache_check(f->parts.robots, url, &answer);

    switch (answer.verdict) {

    case ROBOTS_UNKNOWN:
        return frontier_robots_fetch(f, spec, url, done, data);

    case ROBOTS_FETCHING:
        return SC_AGAIN;

    default:
        return SC_OK;
    }
}


static int
frontier_robots_fetch(frontier_t *f, sc_str_t spec, const url_t *url,
    robots_cache_pt done, void *data)
{
    int                  rc, trusted;
    char                 err[160];
    json_t              *json;
    proxy_t              proxy;
    frontier_ask_t      *ask;
    fetch_header_t      *fields;
    fetch_request_t      like;
    frontier_request_t   request;

    rc = SC_ERROR;
    fields = NULL;
    memset(&like, 0, sizeof(fetch_request_t));
    ask = calloc(1, sizeof(frontier_ask_t));
    json = sc_json_of(spec.data, spec.len, 0, NULL);

    if (ask == NULL
        || frontier_request_read(&request, json_object_get(json, "request"),
                                 &fields)
           != SC_OK)
    {
        goto done;
    }

    if (request.proxy[0] != '\0') {
        if (frontier_hop_proxy_get(f, request.proxy, &proxy, &trusted, err,
                                   sizeof(err))
            != SC_OK)
        {
            goto done;
        }

        like.proxy = &proxy;
        like.proxy_trusted = trusted & 1u;
    }

    like.tls.insecure = request.insecure;
    like.source = request.source[0] != '\0' ? request.source : NULL;
    ask->frontier = f;
    ask->done = done;
    ask->data = data;

    if (robots_cache_fetch(f->parts.robots, url, &like, frontier_robots_done,
                           ask)
        == SC_OK)
    {
        DL_APPEND(f->asks, ask);
        ask = NULL;
        rc = SC_AGAIN;
    }

done:

    free(ask);
    free(fields);
    json_decref(json);

    return rc;
}


/* Pages that wait for it too go on. */
static void
frontier_robots_done(void *data, const fetch_result_t *result)
{
    frontier_ask_t  *ask = data;
    frontier_t      *f = ask->frontier;

    DL_DELETE(f->asks, ask);
    frontier_hop_robots_done(f, result);

    if (ask->done != NULL) {
        ask->done(ask->data, NULL);
    }

    free(ask);
}


/* The fetch goes on: pages may wait for it. */
void
frontier_robots_forget(frontier_t *f, const void *data)
{
    frontier_ask_t  *ask, *tmp;

    DL_FOREACH_SAFE(f->asks, ask, tmp) {
        if (data == NULL) {
            free(ask);

        } else if (ask->data == data) {
            ask->done = NULL;
        }
    }
}
