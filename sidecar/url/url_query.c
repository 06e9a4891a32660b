
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/url/url_internal.h"
#include "sidecar/url/url_query.h"


static void url_rewrite(url_t *u, const char *copy, sc_str_t *params,
    unsigned options);
static size_t url_strip_path(char *path, size_t len);
static size_t url_params(sc_str_t *params, const char *query,
    unsigned options);
static int url_listed(const char *param, size_t len,
    const char *const *list);
static size_t url_name(const char *param, size_t len);
static int url_param_order(const void *one, const void *other);


/* Lower case; a '*' stands for any end.  docs/urls.md has them, too. */
static const char *const  url_tracking[] = {

    /* Google */
    "utm_*", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source",
    "gad_campaignid", "srsltid", "_ga", "_gl",

    /* Meta, Microsoft, X, TikTok, LinkedIn, Reddit, Pinterest, Snap */
    "fbclid", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source",
    "igsh", "igshid", "msclkid", "twclid", "ttclid", "li_fat_id", "rdt_cid",
    "epik", "sccid",

    /* Yandex */
    "yclid", "ysclid", "_openstat",

    /* Mailchimp, HubSpot, Marketo, Omeda, MailerLite, Vero */
    "mc_cid", "mc_eid", "_hsenc", "_hsmi", "__hsfp", "__hssc", "__hstc",
    "hsctatracking", "hsa_*", "mkt_tok", "oly_anon_id", "oly_enc_id",
    "ml_subscriber", "ml_subscriber_hash", "vero_id",

    /* Matomo, Impact, Wicked Reports */
    "mtm_*", "pk_campaign", "pk_content", "pk_keyword", "pk_kwd", "pk_medium",
    "pk_source", "irclickid", "wickedid",
    NULL
};

static const char *const  url_sessions[] = {
    "jsessionid", "phpsessid", "aspsessionid*", "cfid", "cftoken", "oscsid",
    "zenid",
    NULL
};


int
url_canonical(url_t *u, unsigned options)
{
    int        rc;
    char      *copy;
    sc_str_t  *params;

    if (options == 0) {
        return SC_OK;
    }

    rc = SC_ERROR;
    copy = malloc(u->len + 1);
    params = malloc((u->len / 2 + 1) * sizeof(sc_str_t));

    if (copy != NULL && params != NULL) {
        memcpy(copy, u->text, u->len + 1);
        url_rewrite(u, copy, params, options);
        rc = SC_OK;
    }

    free(copy);
    free(params);

    return rc;
}


/* params has room for all that copy may have: each takes a byte and its '&' */
static void
url_rewrite(url_t *u, const char *copy, sc_str_t *params, unsigned options)
{
    char        *p;
    size_t       i, n, len;
    const char  *query;

    p = strchr(u->text + sizeof("https://") - 1, '/');
    len = strcspn(p, "?");
    query = copy + (p - u->text) + len;

    if (options & URL_STRIP_SESSION) {
        len = url_strip_path(p, len);
    }

    p += len;
    n = url_params(params, query, options);

    if (options & URL_SORT_QUERY) {
        qsort(params, n, sizeof(sc_str_t), url_param_order);
    }

    for (i = 0; i < n; i++) {
        *p++ = i == 0 ? '?' : '&';
        memcpy(p, params[i].data, params[i].len);
        p += params[i].len;
    }

    *p = '\0';
    u->len = (size_t) (p - u->text);
}


/* The new length of the path, from which parameters of segments are gone. */
static size_t
url_strip_path(char *path, size_t len)
{
    size_t  in, out, n;

    in = 0;
    out = 0;

    while (in < len) {
        for (n = 1; in + n < len && path[in + n] != ';'
             && path[in + n] != '/'; n++) { /* void */ }

        if (path[in] != ';'
            || !url_listed(path + in + 1, n - 1, url_sessions))
        {
            memmove(path + out, path + in, n);
            out += n;
        }

        in += n;
    }

    /* "..;jsessionid=1" was no dot segment */
    return url_remove_dots(path, out);
}


/* Those that stay; how many. */
static size_t
url_params(sc_str_t *params, const char *query, unsigned options)
{
    size_t       n, len;
    const char  *p;

    n = 0;

    for (p = query; *p != '\0'; p += len) {
        p++;
        len = strcspn(p, "&");

        if (len == 0
            || ((options & URL_STRIP_TRACKING)
                && url_listed(p, len, url_tracking))
            || ((options & URL_STRIP_SESSION)
                && url_listed(p, len, url_sessions)))
        {
            continue;
        }

        params[n].data = p;
        params[n].len = len;
        n++;
    }

    return n;
}


/* Whether the name that a parameter begins with is on the list. */
static int
url_listed(const char *param, size_t len, const char *const *list)
{
    size_t  n, name;

    name = url_name(param, len);

    for ( /* void */ ; *list != NULL; list++) {
        n = strlen(*list);

        if ((*list)[n - 1] == '*') {
            n--;

            if (name < n) {
                continue;
            }

        } else if (name != n) {
            continue;
        }

        if (strncasecmp(param, *list, n) == 0) {
            return 1;
        }
    }

    return 0;
}


static size_t
url_name(const char *param, size_t len)
{
    const char  *end;

    end = memchr(param, '=', len);

    return end != NULL ? (size_t) (end - param) : len;
}


static int
url_param_order(const void *one, const void *other)
{
    int              rc;
    size_t           m, n;
    const sc_str_t  *a = one, *b = other;

    m = url_name(a->data, a->len);
    n = url_name(b->data, b->len);

    rc = memcmp(a->data, b->data, m < n ? m : n);

    if (rc != 0) {
        return rc;
    }

    if (m != n) {
        return m < n ? -1 : 1;
    }

    /* both lie in one query: which comes first */
    return a->data < b->data ? -1 : a->data > b->data;
}
