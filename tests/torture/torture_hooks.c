
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/proof.h"
#include "tests/torture/torture.h"


#define TORTURE_MESSAGE    65536        /* bytes, at most */
#define TORTURE_REFUSED    32           /* one message of so many, in full */
#define TORTURE_PATIENCE   100000       /* ms, for those that come again */

#define TORTURE_TAKEN      "HTTP/1.1 200 Taken\r\nContent-Length: 0\r\n\r\n"
#define TORTURE_LATER      "HTTP/1.1 500 Later\r\nContent-Length: 0\r\n\r\n"


static void torture_hooks_serve(int fd, void *data);
static const char *torture_hooks_read(int fd, char *text);
static int torture_hooks_take(torture_t *t, const char *body);
static size_t torture_hooks_left(torture_t *t, size_t *expected);


void
torture_hooks_listen(torture_t *t)
{
    t->hook_fd = torture_listen(t->hook, sizeof(t->hook));
}


void
torture_hooks_run(torture_t *t)
{
    torture_serve(t->hook_fd, torture_hooks_serve, t);

    for ( ;; ) {
        (void) pause();
    }
}


/* Messages of a connection, one at a time. */
static void
torture_hooks_serve(int fd, void *data)
{
    char        *text;
    const char  *body, *answer;
    torture_t   *t = data;

    text = malloc(TORTURE_MESSAGE);

    while (text != NULL && (body = torture_hooks_read(fd, text)) != NULL) {
        answer = torture_hooks_take(t, body) ? TORTURE_TAKEN : TORTURE_LATER;
        (void) send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    }

    free(text);
}


/* A whole message: its body, NULL at the end. */
static const char *
torture_hooks_read(int fd, char *text)
{
    char    *body, *field;
    size_t   len, n, more;

    len = torture_read(fd, text, TORTURE_MESSAGE, "\r\n\r\n");

    if (len == 0) {
        return NULL;
    }

    body = strstr(text, "\r\n\r\n") + 4;
    field = strcasestr(text, "\r\nContent-Length:");
    n = field != NULL ? strtoul(field + 17, NULL, 10) : 0;

    while ((size_t) (text + len - body) < n) {
        more = torture_more(fd, text, len, TORTURE_MESSAGE);

        if (more == 0) {
            return NULL;
        }

        len += more;
    }

    return body;
}


/* Whether it is taken; some are not, so that they come again. */
static int
torture_hooks_take(torture_t *t, const char *body)
{
    int          end;
    size_t       n, turn;
    json_t      *json;
    const char  *type;

    turn = atomic_fetch_add(&t->counts.messages, 1);

    if (proof_full() && turn % TORTURE_REFUSED == TORTURE_REFUSED - 1) {
        return 0;
    }

    json = json_loads(body, 0, NULL);
    type = json_string_value(json_object_get(json, "type")) ?: "";
    end = strcmp(type, "job.completed") == 0
          || strcmp(type, "job.failed") == 0;
    n = (size_t) json_integer_value(
            json_object_get(json_object_get(json, "metadata"), "n"));

    if (end && n < TORTURE_JOBS) {
        atomic_fetch_add(&t->jobs[n].ends, 1);
    }

    json_decref(json);

    return 1;
}


size_t
torture_hooks_missed(torture_t *t, size_t *expected)
{
    int     tries;
    size_t  left;

    for (tries = TORTURE_PATIENCE / 50; tries > 0; tries--) {
        left = torture_hooks_left(t, expected);

        if (left == 0) {
            return 0;
        }

        process_pause(50);
    }

    return torture_hooks_left(t, expected);
}


static size_t
torture_hooks_left(torture_t *t, size_t *expected)
{
    size_t  i, left;

    *expected = 0;
    left = 0;

    for (i = 1; i < atomic_load(&t->njobs); i++) {
        if (t->jobs[i].hooked && atomic_load(&t->jobs[i].accepted)) {
            (*expected)++;
            left += atomic_load(&t->jobs[i].ends) == 0;
        }
    }

    return left;
}
