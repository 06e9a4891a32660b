
#include <string.h>
#include <strings.h>

#include "sidecar/crawl/crawl_internal.h"


#define CRAWL_ROBOTS_BLANK  " \t\r\f\v"


static int crawl_robots_line(const char *line, size_t len);
static sc_str_t crawl_robots_trim(const char *s, size_t len);
static int crawl_robots_agent(sc_str_t *item, int ours);
static int crawl_robots_is(sc_str_t item, const char *word);


int
crawl_robots_nofollow(const char *robots)
{
    size_t  len;

    for (;;) {
        len = strcspn(robots, "\n");

        if (crawl_robots_line(robots, len)) {
            return 1;
        }

        if (robots[len] == '\0') {
            return 0;
        }

        robots += len + 1;
    }
}


/* A name in front counts until the next. */

static int
crawl_robots_line(const char *line, size_t len)
{
    int          ours;
    size_t       n;
    sc_str_t     item;
    const char  *end = line + len;

    ours = 1;

    while (line < end) {
        for (n = 0; line + n < end && line[n] != ','; n++) { /* void */ }

        item = crawl_robots_trim(line, n);
        ours = crawl_robots_agent(&item, ours);

        if (ours && (crawl_robots_is(item, "nofollow")
                     || crawl_robots_is(item, "none")))
        {
            return 1;
        }

        line += n + (line + n < end);
    }

    return 0;
}


static sc_str_t
crawl_robots_trim(const char *s, size_t len)
{
    sc_str_t  item;

    while (len != 0 && strchr(CRAWL_ROBOTS_BLANK, s[0]) != NULL) {
        s++;
        len--;
    }

    while (len != 0 && strchr(CRAWL_ROBOTS_BLANK, s[len - 1]) != NULL) {
        len--;
    }

    item.data = s;
    item.len = len;

    return item;
}


/* Whether what follows is for us; "max-snippet: 20" names nobody. */

static int
crawl_robots_agent(sc_str_t *item, int ours)
{
    size_t       i;
    sc_str_t     name;
    const char  *colon;

    static const char *const  valued[] = {
        "unavailable_after", "max-snippet", "max-image-preview",
        "max-video-preview"
    };

    colon = item->len != 0 ? memchr(item->data, ':', item->len) : NULL;

    if (colon == NULL) {
        return ours;
    }

    name = crawl_robots_trim(item->data, (size_t) (colon - item->data));

    for (i = 0; i < sizeof(valued) / sizeof(valued[0]); i++) {
        if (crawl_robots_is(name, valued[i])) {
            return ours;
        }
    }

    *item = crawl_robots_trim(colon + 1,
                              (size_t) (item->data + item->len - colon - 1));

    return crawl_robots_is(name, CRAWL_AGENT);
}


static int
crawl_robots_is(sc_str_t item, const char *word)
{
    return item.len == strlen(word)
           && strncasecmp(item.data, word, item.len) == 0;
}
