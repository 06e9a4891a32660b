
#include "sidecar/store/store.h"


const char *
store_state_word(store_state_t state)
{
    switch (state) {

    case STORE_QUEUED:
        return "queued";

    case STORE_RUNNING:
        return "running";

    case STORE_COMPLETED:
        return "completed";

    case STORE_FAILED_JOB:
        return "failed";

    case STORE_PAUSED:
        return "paused";

    case STORE_EXPIRED:
        return "expired";

    default:
        return "cancelled";
    }
}


int
store_state_ended(store_state_t state)
{
    return state != STORE_QUEUED && state != STORE_RUNNING
           && state != STORE_PAUSED;
}
