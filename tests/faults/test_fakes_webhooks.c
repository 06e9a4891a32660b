
#include <stdio.h>
#include <string.h>

#include "tests/faults/fault.h"
#include "tests/replay/hook.h"


/* all attempts are over by then */
#define FAULTS_ROUNDS   60
#define FAULTS_WAIT     (3600 * LOOP_SEC)


static int faults_taken(void);
static int faults_refused(void);
static int faults_send(int first, int then);


static const fault_scene_t  faults_scenes[] = {
    { "webhook taken at the second attempt", FAULT_OURS, faults_taken, NULL,
      0, 0 },
    { "webhook given up", FAULT_OURS, faults_refused, NULL, 0, 0 }
};


int
main(void)
{
    return fault_suite("fakes_webhooks", faults_scenes,
                       sizeof(faults_scenes) / sizeof(faults_scenes[0]));
}


static int
faults_taken(void)
{
    return faults_send(503, 200);
}


static int
faults_refused(void)
{
    return faults_send(500, 410);
}


/* Whatever fails, it is tried until it is taken or given up. */
static int
faults_send(int first, int then)
{
    int  i, state, tries;

    fault_hold();
    hook_begin();
    (void) hook_put(HOOK_SPEC, HOOK_JOB, 0);
    fault_release();

    for (i = 0; i < FAULTS_ROUNDS && hook.rows[0].message.state == 0; i++) {
        hook_run();

        if (fake_fetches() != 0) {
            fake_fetch_answer(NULL, i == 0 ? first : then, NULL, "");
            hook_run();

        } else {
            fake_spend(hook.loop, FAULTS_WAIT);
        }
    }

    state = hook.rows[0].message.state;
    tries = hook.rows[0].message.tries;
    fault_say("%d", state);
    fault_hold();
    hook_end();
    fault_release();

    if (state == 0) {
        (void) fprintf(stderr, "neither taken nor given up after %d tries\n",
                       tries);
        return SC_DECLINED;
    }

    return SC_OK;
}
