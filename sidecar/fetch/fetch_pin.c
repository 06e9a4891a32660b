
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM    1
#include <uthash.h>

#include "sidecar/fetch/fetch_internal.h"


/*
 * A name in libcurl's DNS cache.  The entries do not age there, as an exchange
 * may come back for its addresses late: when a kept connection turns out to
 * be dead.  They are taken away when nobody needs them, with the next
 * exchange, as only CURLOPT_RESOLVE can; so the cache stays as small as the
 * work under way.
 */
struct fetch_pin_s {
    UT_hash_handle  hh;
    size_t          refs;
    char            key[];      /* "host:port" */
};


static fetch_pin_t *fetch_pin_get(fetcher_t *f, const char *key);
static void fetch_pin_addresses(sc_buf_t *b, const resolve_answer_t *answer);
static void fetch_pin_release(fetcher_t *f, fetch_pin_t *pin);
static int fetch_pin_append(struct curl_slist **list, const char *text);


int
fetch_pin(fetch_t *fetch, const char *host, unsigned port,
    const resolve_answer_t *answer)
{
    int            rc;
    sc_buf_t       b;
    fetcher_t     *f = fetch->fetcher;
    fetch_pin_t  **pin;

    sc_buf_init(&b, 0);
    (void) sc_buf_printf(&b, "%s:%u", host, port);
    pin = &fetch->pins[fetch->pins[0] != NULL];

    if (!b.failed) {
        *pin = fetch_pin_get(f, b.data);
    }

    if (*pin == NULL) {
        sc_buf_free(&b);
        return SC_ERROR;
    }

    fetch_pin_addresses(&b, answer);

    /* what is to be taken away comes first: it may be this very name */

    if (fetch->resolve == NULL) {
        fetch->resolve = f->unpinned;
        f->unpinned = NULL;
    }

    rc = b.failed ? SC_ERROR : fetch_pin_append(&fetch->resolve, b.data);
    sc_buf_free(&b);

    return rc;
}


static fetch_pin_t *
fetch_pin_get(fetcher_t *f, const char *key)
{
    size_t        len;
    fetch_pin_t  *pin;

    HASH_FIND_STR(f->pins, key, pin);

    if (pin != NULL) {
        pin->refs++;
        return pin;
    }

    len = strlen(key);
    pin = calloc(1, sizeof(fetch_pin_t) + len + 1);

    if (pin == NULL) {
        return NULL;
    }

    memcpy(pin->key, key, len);
    pin->refs = 1;
    HASH_ADD_STR(f->pins, key, pin);

    if (pin->hh.tbl == NULL) {
        free(pin);
        return NULL;
    }

    return pin;
}


static void
fetch_pin_addresses(sc_buf_t *b, const resolve_answer_t *answer)
{
    char                         text[INET6_ADDRSTRLEN];
    size_t                       i;
    const struct sockaddr_in    *sin;
    const struct sockaddr_in6   *sin6;

    for (i = 0; i < answer->naddrs; i++) {
        sin = (const struct sockaddr_in *) &answer->addrs[i];
        sin6 = (const struct sockaddr_in6 *) &answer->addrs[i];

        if (sin->sin_family == AF_INET) {
            (void) inet_ntop(AF_INET, &sin->sin_addr, text, sizeof(text));
            (void) sc_buf_printf(b, "%s%s", i > 0 ? "," : ":", text);

        } else {
            (void) inet_ntop(AF_INET6, &sin6->sin6_addr, text, sizeof(text));
            (void) sc_buf_printf(b, "%s[%s]", i > 0 ? "," : ":", text);
        }
    }
}


void
fetch_unpin(fetch_t *fetch)
{
    size_t  i;

    curl_slist_free_all(fetch->resolve);
    fetch->resolve = NULL;

    for (i = 0; i < 2; i++) {
        if (fetch->pins[i] != NULL) {
            fetch_pin_release(fetch->fetcher, fetch->pins[i]);
            fetch->pins[i] = NULL;
        }
    }
}


static void
fetch_pin_release(fetcher_t *f, fetch_pin_t *pin)
{
    char  entry[URL_HOST_MAX + 16];

    pin->refs--;

    if (pin->refs > 0) {
        return;
    }

    (void) snprintf(entry, sizeof(entry), "-%s", pin->key);
    (void) fetch_pin_append(&f->unpinned, entry);
    HASH_DEL(f->pins, pin);
    free(pin);
}


static int
fetch_pin_append(struct curl_slist **list, const char *text)
{
    struct curl_slist  *longer;

    longer = curl_slist_append(*list, text);

    if (longer == NULL) {
        return SC_ERROR;
    }

    *list = longer;

    return SC_OK;
}
