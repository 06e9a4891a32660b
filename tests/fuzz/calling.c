
#include <string.h>

#include "tests/fuzz/calling.h"
#include "tests/fuzz/fuzz.h"


static api_t *calling_api(void);
static void calling_set(api_t *api);


void
calling_begin(calling_t *t, sc_str_t body, const char *content_type)
{
    server_request_t  *r = &t->request;

    static char  none[] = "", post[] = "POST", path[] = "/v1/extract";

    (void) memset(t, 0, sizeof(calling_t));
    r->method = post;
    r->target = path;
    r->tenant = r->base = r->url = r->use = r->options = r->returns = none;
    r->slot = r->request_id = r->accept = r->prefer = none;
    r->cache_control = r->if_match = r->if_none_match = none;
    r->idempotency_key = r->range = r->if_range = r->last_event_id = none;
    r->content_type = (char *) content_type;
    r->wait = -1;
    sc_buf_init(&r->body, 0);
    FUZZ_HELD(sc_buf_add_str(&r->body, body) == SC_OK);

    t->call.api = calling_api();
    t->call.request = r;
    t->call.query = none;
    t->call.max_age = -1;
}


static api_t *
calling_api(void)
{
    static int    made;
    static api_t  api;

    if (!made) {
        calling_set(&api);
        made = 1;
    }

    return &api;
}


static void
calling_set(api_t *api)
{
    char  err[256], *argv[] = { "scraped", NULL };

    static settings_t  settings;

    FUZZ_HELD(settings_load(&settings, 1, argv, err, sizeof(err))
              == SETTINGS_RUN);
    api->settings = &settings;
    api->loop = loop_create();
    FUZZ_HELD(api->loop != NULL);
    api->rulesets = rulesets_create(api->loop, NULL);
    api->proxies = proxies_open("", err, sizeof(err));
    FUZZ_HELD(api->rulesets != NULL && api->proxies != NULL);
}


void
calling_end(calling_t *t)
{
    api_need_free(&t->call);
    sc_buf_free(&t->request.body);
}


void
calling_refused(const problem_t *p)
{
    FUZZ_HELD(p->type != NULL && p->type[0] == '/');
    FUZZ_HELD(p->detail[0] != '\0');
    FUZZ_HELD(p->line >= 0 && p->column >= 0);
}
