
#include <stdlib.h>
#include <string.h>

#include "sidecar/robots/robots.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_robots_asked(const robots_t *robots, sc_str_t target);


/* Lines: the crawler's name, a path it asks for; the rest is robots.txt. */
int
fuzz_robots(const uint8_t *data, size_t size)
{
    char      *agent;
    sc_str_t   in, target;
    robots_t  *robots;

    in = fuzz_input(data, size);
    agent = fuzz_text(fuzz_line(&in));
    target = fuzz_line(&in);
    robots = robots_parse(in, agent);
    FUZZ_HELD(robots != NULL);
    fuzz_robots_asked(robots, target);
    robots_free(robots);
    free(agent);

    return 0;
}


static void
fuzz_robots_asked(const robots_t *robots, sc_str_t target)
{
    int          allowed;
    size_t       i, j;
    int64_t      delay;
    const char  *sitemap;

    static const sc_str_t  itself = sc_string("/robots.txt");

    allowed = robots_allowed(robots, target);
    FUZZ_HELD(allowed == 0 || allowed == 1);
    FUZZ_HELD(robots_allowed(robots, itself) == 1);

    delay = robots_delay(robots);
    FUZZ_HELD(delay >= -1 && delay <= ROBOTS_MAX_DELAY);
    FUZZ_HELD(robots_size(robots) > 0);

    for (i = 0; (sitemap = robots_sitemap(robots, i)) != NULL; i++) {
        for (j = 0; sitemap[j] != '\0'; j++) {
            FUZZ_HELD((unsigned char) sitemap[j] >= ' ');
        }
    }

    FUZZ_HELD(i <= ROBOTS_MAX_SITEMAPS);
}
