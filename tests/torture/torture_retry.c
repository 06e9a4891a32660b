
#include <stdio.h>
#include <string.h>

#include "tests/torture/torture.h"


#define TORTURE_TRY        30000        /* ms, for one answer */
#define TORTURE_GIVE_UP    90000        /* ms, for a request */
#define TORTURE_PAUSE      20           /* ms, between tries */


typedef enum {
    TORTURE_FINAL = 0,
    TORTURE_AGAIN,
    TORTURE_ODD
} torture_verdict_t;


static torture_verdict_t torture_verdict(torture_t *t, int rc,
    const client_reply_t *r);
static torture_verdict_t torture_refused(const torture_t *t,
    const client_reply_t *r);
static int torture_is_page(const client_reply_t *r);
static void torture_tell(torture_t *t, const char *method, const char *path,
    int rc, const client_reply_t *r);


int
torture_ask(torture_t *t, client_reply_t *reply, const char *method,
    const char *path, const char *headers, const char *body)
{
    int                rc;
    char               url[1024], lines[1024];
    int64_t            until;
    torture_verdict_t  verdict;

    (void) snprintf(url, sizeof(url), "%s%s", t->gateway.url, path);
    (void) snprintf(lines, sizeof(lines), "%s%s", headers,
                    t->o.close ? "\nConnection: close" : "");
    until = torture_now() + TORTURE_GIVE_UP;
    atomic_fetch_add(&t->counts.requests, 1);

    do {
        rc = client_try(reply, method, url, lines, body, TORTURE_TRY);
        verdict = torture_verdict(t, rc, reply);

        if (verdict == TORTURE_FINAL) {
            return 1;
        }

        if (verdict == TORTURE_ODD) {
            torture_tell(t, method, path, rc, reply);
        }

        client_free(reply);
        process_pause(TORTURE_PAUSE);

    } while (torture_now() < until);

    atomic_fetch_add(&t->counts.given_up, 1);
    (void) fprintf(stderr, "torture: \"%s %s\" was not answered\n", method,
                   path);

    return 0;
}


static torture_verdict_t
torture_verdict(torture_t *t, int rc, const client_reply_t *r)
{
    if (rc != 0) {
        atomic_fetch_add(&t->counts.cut, 1);

        return t->o.cuts ? TORTURE_AGAIN : TORTURE_ODD;
    }

    if (r->status == 200 || r->status == 202 || torture_is_page(r)) {
        return TORTURE_FINAL;
    }

    atomic_fetch_add(&t->counts.again, 1);

    return torture_refused(t, r);
}


/* What docs/api.md announces for a gateway in trouble, and how. */
static torture_verdict_t
torture_refused(const torture_t *t, const client_reply_t *r)
{
    const char  *type;

    type = client_str(r, "type");

    if (r->status == 409 && strcmp(type, "/idempotency/in-progress") == 0) {
        return TORTURE_AGAIN;
    }

    if (r->status == 503 || r->status == 429) {
        return *type != '\0' && *client_header(r, "Retry-After") != '\0'
               ? TORTURE_AGAIN : TORTURE_ODD;
    }

    if (r->status == 502 && strcmp(type, "/server/sidecar-down") == 0) {
        return TORTURE_AGAIN;
    }

    if (r->status == 504 && strcmp(type, "/server/sidecar-timeout") == 0) {
        return TORTURE_AGAIN;
    }

    return r->status == 500 && strcmp(type, "/server/storage-failed") == 0
           && t->o.broken ? TORTURE_AGAIN : TORTURE_ODD;
}


/* The answer is about a page whose job has ended. */
static int
torture_is_page(const client_reply_t *r)
{
    return r->status >= 400 && *client_str(r, "instance") != '\0'
           && client_get(r, "fetch") != NULL;
}


static void
torture_tell(torture_t *t, const char *method, const char *path, int rc,
    const client_reply_t *r)
{
    if (atomic_fetch_add(&t->counts.odd, 1) < 10) {
        (void) fprintf(stderr, "torture: \"%s %s\" was answered %ld, %d: "
                       "\"%.300s\" \"%.300s\"\n", method, path, r->status, rc,
                       r->headers, r->body);
    }
}
