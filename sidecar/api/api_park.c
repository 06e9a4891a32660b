
#include "sidecar/api/api_internal.h"


static void api_park_told(void *data, unsigned what);
static void api_park_over(loop_timer_t *timer);
static void api_park_show(api_park_t *park, int status);


int
api_park_watch(api_park_t *park, api_call_t *c)
{
    park->call = c;
    park->watch = jobs_watch(c->api->jobs, c->id, api_park_told, park);

    return park->watch != NULL ? SC_OK : SC_ERROR;
}


void
api_park_free(api_park_t *park)
{
    if (park->watch != NULL) {
        jobs_unwatch(park->watch);
        park->watch = NULL;
    }
}


void
api_park_wait(api_park_t *park, int64_t wait)
{
    api_call_t  *c = park->call;

    if (park->ended) {
        api_park_show(park, 200);
        return;
    }

    park->waiting = 1;
    loop_timer_init(&c->timer, api_park_over, park);

    if (loop_timer_set(c->api->loop, &c->timer, wait * LOOP_MS) != SC_OK) {
        api_reply_no_memory(c);
    }
}


static void
api_park_told(void *data, unsigned what)
{
    api_park_t  *park = data;

    if ((what & JOBS_ENDED) == 0) {
        return;
    }

    park->ended = 1;

    if (park->waiting) {
        api_park_show(park, 200);
    }
}


static void
api_park_over(loop_timer_t *timer)
{
    api_park_show(timer->data, 202);
}


/* The call goes on as another's; park is gone with what it is in. */
static void
api_park_show(api_park_t *park, int status)
{
    api_call_t  *c = park->call;

    loop_timer_del(c->api->loop, &c->timer);
    c->own_free(c);
    api_job_show(c, status);
}
