
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_internal.h"


/* a group's rule sets, each with a page to be fetched, and some to spare */
#define NEED_MAX_ROUNDS    128


/* A rule set's name, or a page and where it is named; in text. */
struct api_need_s {
    const char  *ref;
    const char  *url;
    const char  *pointer;
    char         text[];
};


static int api_need(api_call_t *c, const char *what, const char *pointer,
    problem_t *p);
static void api_need_loaded(void *data, store_status_t status);


int
api_need_ruleset(api_call_t *c, const char *ref, problem_t *p)
{
    if (api_need(c, ref, "", p) != SC_OK) {
        return SC_ERROR;
    }

    c->need->ref = c->need->text;

    return SC_AGAIN;
}


int
api_need_sketch(api_call_t *c, const char *url, const char *pointer,
    problem_t *p)
{
    if (api_need(c, url, pointer, p) != SC_OK) {
        return SC_ERROR;
    }

    c->need->url = c->need->text;

    return SC_AGAIN;
}


static int
api_need(api_call_t *c, const char *what, const char *pointer, problem_t *p)
{
    size_t       len = strlen(what) + 1, pointer_len = strlen(pointer) + 1;
    api_need_t  *need;

    if (++c->rounds > NEED_MAX_ROUNDS) {
        problem_init(p, "/server/out-of-memory",
                     "the rule sets of this request do not stay in memory");
        return SC_ERROR;
    }

    need = calloc(1, sizeof(api_need_t) + len + pointer_len);

    if (need == NULL) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    memcpy(need->text, what, len);
    memcpy(need->text + len, pointer, pointer_len);
    need->pointer = need->text + len;
    api_need_free(c);
    c->need = need;

    return SC_OK;
}


void
api_need_wait(api_call_t *c, api_resume_pt resume)
{
    sc_str_t  ref;

    c->resume = resume;

    if (c->need->url != NULL) {
        api_similar_fetch(c);
        return;
    }

    ref.data = c->need->ref;
    ref.len = strlen(ref.data);

    api_reply_later(c, rulesets_load(c->api->rulesets, c->tenant, ref,
                                     api_need_loaded, c));
}


static void
api_need_loaded(void *data, store_status_t status)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    api_need_met(c);
}


void
api_need_met(api_call_t *c)
{
    api_need_free(c);
    c->resume(c);
}


const char *
api_need_pointer(const api_call_t *c)
{
    return c->need->pointer;
}


const char *
api_need_url(const api_call_t *c)
{
    return c->need->url;
}


void
api_need_free(api_call_t *c)
{
    free(c->need);
    c->need = NULL;
}
