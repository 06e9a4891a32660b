
#include <stdlib.h>
#include <string.h>

#include "sidecar/schedule/schedules.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_MINUTE  60000


/* The five fields of a crontab: its times are later ones, minutes, in turn. */
int
fuzz_cron(const uint8_t *data, size_t size)
{
    int       i;
    char     *text, err[256];
    cron_t   *cron;
    int64_t   at, next;

    text = fuzz_text(fuzz_input(data, size));
    cron = cron_parse(text, err, sizeof(err));
    FUZZ_HELD(cron != NULL || err[0] != '\0');
    at = 1790000000000 + (int64_t) size * 86399999;

    for (i = 0; cron != NULL && i < 3; i++) {
        next = cron_next(cron, at);
        FUZZ_HELD(next == -1 || (next > at && next % FUZZ_MINUTE == 0));

        if (next == -1) {
            break;
        }

        /* there is none between the two */
        FUZZ_HELD(cron_next(cron, next - 1) == next);
        FUZZ_HELD(cron_next(cron, at + (next - at) / 2) == next);
        at = next;
    }

    cron_free(cron);
    free(text);

    return 0;
}
