
#include <string.h>
#include <strings.h>

#include "sidecar/fetch/fetch_internal.h"


/* bytes that a coding gives at a time */
#define FETCH_DECODE_PIECE    16384


static int fetch_decode_open(fetch_t *fetch);
static int fetch_decode_push(fetch_t *fetch, sc_str_t name);
static sc_str_t fetch_decode_name(const char **list);
static int fetch_decode_pass(fetch_t *fetch, unsigned n, const char *part,
    size_t len);
static int fetch_decode_step(fetch_t *fetch, unsigned n,
    fetch_coding_io_t *io);
static int fetch_decode_give(fetch_t *fetch, unsigned n, const char *part,
    size_t len);


int
fetch_decode_add(fetch_t *fetch, const char *part, size_t len)
{
    fetch_decode_t  *d = &fetch->decode;

    if (!d->opened && fetch_decode_open(fetch) != SC_OK) {
        return SC_ERROR;
    }

    return fetch_decode_give(fetch, d->n, part, len);
}


const char *
fetch_decode_unended(const fetch_t *fetch)
{
    unsigned               n;
    const fetch_decode_t  *d = &fetch->decode;

    for (n = d->n; n > 0; n--) {
        if (!d->stages[n - 1].ended) {
            return fetch_coding_name(d->stages[n - 1].coding);
        }
    }

    return NULL;
}


void
fetch_decode_free(fetch_decode_t *d)
{
    while (d->n > 0) {
        d->n--;
        fetch_coding_close(d->stages[d->n].coding, d->stages[d->n].state);
    }
}


/* When content comes, and not before: what has none may say what it likes. */
static int
fetch_decode_open(fetch_t *fetch)
{
    sc_str_t     name;
    const char  *list;

    fetch->decode.opened = 1;
    list = fetch->head.encoding;

    while (list != NULL && *list != '\0') {
        name = fetch_decode_name(&list);

        if (name.len > 0 && fetch_decode_push(fetch, name) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* The next one of a list; empty for what changes nothing. */
static sc_str_t
fetch_decode_name(const char **list)
{
    sc_str_t  name;

    name.data = *list + strspn(*list, ", \t");
    name.len = strcspn(name.data, ", \t");
    *list = name.data + name.len;

    if ((name.len == 8 && strncasecmp(name.data, "identity", 8) == 0)
        || (name.len == 4 && strncasecmp(name.data, "none", 4) == 0))
    {
        name.len = 0;
    }

    return name;
}


static int
fetch_decode_push(fetch_t *fetch, sc_str_t name)
{
    void                  *state;
    fetch_decode_t        *d = &fetch->decode;
    const fetch_coding_t  *coding;

    coding = fetch_coding_find(name);

    if (coding == NULL) {
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content has the "
                          "encoding \"%.*s\", which nobody asked for",
                          (int) (name.len < 64 ? name.len : 64), name.data);
        return SC_ERROR;
    }

    if (d->n == FETCH_DECODE_MAX) {
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content has more than "
                          "%d encodings", FETCH_DECODE_MAX);
        return SC_ERROR;
    }

    state = fetch_coding_open(coding);

    if (state == NULL) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
        return SC_ERROR;
    }

    d->stages[d->n++] = (fetch_decode_stage_t) { coding, state, 0, 0 };

    return SC_OK;
}


/* Undo the coding below n, which is the one that was applied last. */
static int
fetch_decode_pass(fetch_t *fetch, unsigned n, const char *part, size_t len)
{
    size_t                 out;
    char                   piece[FETCH_DECODE_PIECE];
    fetch_coding_io_t      io;
    fetch_decode_stage_t  *s = &fetch->decode.stages[n - 1];

    io.in = (const unsigned char *) part;
    io.len = len;

    do {
        io.out = (unsigned char *) piece;
        io.room = sizeof(piece);

        if (fetch_decode_step(fetch, n, &io) != SC_OK) {
            return SC_ERROR;
        }

        out = sizeof(piece) - io.room;

        if (out > 0 && fetch_decode_give(fetch, n - 1, piece, out) != SC_OK) {
            return SC_ERROR;
        }

    } while (io.len > 0 || (out == sizeof(piece) && !s->ended));

    return SC_OK;
}


static int
fetch_decode_step(fetch_t *fetch, unsigned n, fetch_coding_io_t *io)
{
    int                    rc;
    size_t                 len = io->len, room = io->room;
    fetch_decode_stage_t  *s = &fetch->decode.stages[n - 1];

    rc = fetch_coding_step(s->coding, s->state, io);
    s->ended = (rc == SC_OK);

    if (rc == SC_DECLINED) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
        return SC_ERROR;
    }

    /* one that stands still would be asked for ever */
    if (rc == SC_ERROR || (len > 0 && io->len == len && io->room == room)) {
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content is not in the "
                          "encoding that the origin says");
        return SC_ERROR;
    }

    return SC_OK;
}


/*
 * To the coding below, or to the body.  What is still coded has a limit of
 * its own: it may come to nothing in the end, and yet take for ever.
 */

static int
fetch_decode_give(fetch_t *fetch, unsigned n, const char *part, size_t len)
{
    fetch_decode_stage_t  *s;

    if (n == 0) {
        return fetch_transfer_keep(fetch, part, len);
    }

    if (n < fetch->decode.n) {
        s = &fetch->decode.stages[n - 1];
        s->bytes += len;

        if (s->bytes / 2 > fetch->request.max_body) {
            fetch_result_fail(fetch, FETCH_TOO_LARGE, "the content has more "
                              "than twice %zu bytes between its encodings",
                              fetch->request.max_body);
            return SC_ERROR;
        }
    }

    return fetch_decode_pass(fetch, n, part, len);
}
