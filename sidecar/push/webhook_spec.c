
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "sidecar/push/webhooks_internal.h"


#define WEBHOOK_OWN    "webhook-"       /* fields that are the gateway's */


/* A member a webhook may have; events by their types. */
typedef struct {
    const char  *name;
    int        (*check)(const json_t *value, char *err, size_t errlen);
} webhook_member_t;

typedef struct {
    const char  *name;
    const char  *type;
    int          usual;     /* wanted when nothing is said */
} webhook_event_t;


static int webhook_members(const json_t *webhook, char *err, size_t errlen,
    const char **key);
static json_t *webhook_complete(const json_t *webhook);
static json_t *webhook_usual(void);
static int webhook_url(const json_t *value, char *err, size_t errlen);
static int webhook_events(const json_t *value, char *err, size_t errlen);
static const webhook_event_t *webhook_event(const char *name);
static int webhook_headers(const json_t *value, char *err, size_t errlen);
static int webhook_header(const char *name, const json_t *value, char *err,
    size_t errlen);
static int webhook_metadata(const json_t *value, char *err, size_t errlen);
static int webhook_secret(const json_t *value, char *err, size_t errlen);


static const webhook_member_t  webhook_list[] = {
    { "url", webhook_url },
    { "events", webhook_events },
    { "headers", webhook_headers },
    { "metadata", webhook_metadata },
    { "secret", webhook_secret },
    { NULL, NULL }
};

static const webhook_event_t  webhook_types[] = {
    { "started", "job.started", 1 },
    { "completed", "job.completed", 1 },
    { "failed", "job.failed", 1 },
    { "result.completed", "result.completed", 0 },
    { "result.failed", "result.failed", 0 },
    { "drift", "ruleset.drift", 0 },
    { NULL, NULL, 0 }
};


json_t *
webhooks_check(const json_t *webhook, char *err, size_t errlen,
    const char **key)
{
    json_t  *complete;

    *key = NULL;

    if (!json_is_object(webhook)) {
        (void) snprintf(err, errlen, "a webhook is an object");
        return NULL;
    }

    if (webhook_members(webhook, err, errlen, key) != SC_OK) {
        return NULL;
    }

    if (json_object_get(webhook, "url") == NULL) {
        *key = "url";
        (void) snprintf(err, errlen, "a webhook has a \"url\"");
        return NULL;
    }

    *key = NULL;
    complete = webhook_complete(webhook);

    if (complete == NULL) {
        (void) snprintf(err, errlen, "memory is out");
    }

    return complete;
}


static int
webhook_members(const json_t *webhook, char *err, size_t errlen,
    const char **key)
{
    json_t                  *value;
    const char              *name;
    const webhook_member_t  *m;

    json_object_foreach((json_t *) webhook, name, value) {
        *key = name;

        for (m = webhook_list; m->name != NULL; m++) {
            if (strcmp(m->name, name) == 0) {
                break;
            }
        }

        if (m->name == NULL) {
            (void) snprintf(err, errlen, "a webhook has no member \"%.100s\"",
                            name);
            return SC_ERROR;
        }

        if (m->check(value, err, errlen) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static json_t *
webhook_complete(const json_t *webhook)
{
    int          rc;
    url_t        url;
    char         err[320];
    json_t      *copy;
    const char  *text;

    text = json_string_value(json_object_get(webhook, "url"));

    if (url_parse(&url, text, strlen(text), err, sizeof(err)) != SC_OK) {
        return NULL;
    }

    copy = json_copy((json_t *) webhook);
    rc = json_object_set_new(copy, "url", json_string(url.text));
    url_free(&url);

    if (json_object_get(webhook, "events") == NULL) {
        rc |= json_object_set_new(copy, "events", webhook_usual());
    }

    if (rc != 0) {
        json_decref(copy);
        return NULL;
    }

    return copy;
}


static json_t *
webhook_usual(void)
{
    json_t                 *events;
    const webhook_event_t  *event;

    events = json_array();

    for (event = webhook_types; event->name != NULL; event++) {
        if (event->usual
            && json_array_append_new(events, json_string(event->name)) != 0)
        {
            json_decref(events);
            return NULL;
        }
    }

    return events;
}


static int
webhook_url(const json_t *value, char *err, size_t errlen)
{
    url_t  url;

    if (!json_is_string(value)) {
        (void) snprintf(err, errlen, "a webhook's \"url\" is a string");
        return SC_ERROR;
    }

    if (url_parse(&url, json_string_value(value), json_string_length(value),
                  err, errlen)
        != SC_OK)
    {
        return SC_ERROR;
    }

    url_free(&url);

    return SC_OK;
}


static int
webhook_events(const json_t *value, char *err, size_t errlen)
{
    size_t         i;
    const char    *name;
    const json_t  *event;

    if (!json_is_array(value)) {
        (void) snprintf(err, errlen, "a webhook's \"events\" are a list");
        return SC_ERROR;
    }

    json_array_foreach(value, i, event) {
        name = json_string_value(event);

        if (name == NULL || webhook_event(name) == NULL) {
            (void) snprintf(err, errlen, "an event is \"started\", "
                            "\"completed\", \"failed\", "
                            "\"result.completed\", \"result.failed\" or "
                            "\"drift\"");
            return SC_ERROR;
        }

        if (i >= sizeof(webhook_types) / sizeof(webhook_types[0])) {
            (void) snprintf(err, errlen, "a webhook has an event twice");
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static const webhook_event_t *
webhook_event(const char *name)
{
    const webhook_event_t  *event;

    for (event = webhook_types; event->name != NULL; event++) {
        if (strcmp(event->name, name) == 0) {
            return event;
        }
    }

    return NULL;
}


static int
webhook_headers(const json_t *value, char *err, size_t errlen)
{
    size_t       bytes;
    json_t      *text;
    const char  *name;

    if (!json_is_object(value)) {
        (void) snprintf(err, errlen, "a webhook's \"headers\" are an object "
                        "of strings");
        return SC_ERROR;
    }

    bytes = 0;

    json_object_foreach((json_t *) value, name, text) {
        bytes += strlen(name) + json_string_length(text);

        if (webhook_header(name, text, err, errlen) != SC_OK) {
            return SC_ERROR;
        }
    }

    if (json_object_size(value) > WEBHOOKS_MAX_HEADERS
        || bytes > WEBHOOKS_MAX_HEADER_BYTES)
    {
        (void) snprintf(err, errlen, "a webhook has at most \"%d\" fields of "
                        "\"%d\" bytes in all", WEBHOOKS_MAX_HEADERS,
                        WEBHOOKS_MAX_HEADER_BYTES);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
webhook_header(const char *name, const json_t *value, char *err,
    size_t errlen)
{
    sc_str_t  field = { strlen(name), name }, text;

    if (!json_is_string(value)) {
        (void) snprintf(err, errlen, "the field \"%.100s\" is not a string",
                        name);
        return SC_ERROR;
    }

    if (strncasecmp(name, WEBHOOK_OWN, sizeof(WEBHOOK_OWN) - 1) == 0
        || strcasecmp(name, "Content-Type") == 0)
    {
        (void) snprintf(err, errlen, "the field \"%.100s\" is the gateway's",
                        name);
        return SC_ERROR;
    }

    text.data = json_string_value(value);
    text.len = json_string_length(value);

    return fetch_header_allowed(field, text, err, errlen);
}


static int
webhook_metadata(const json_t *value, char *err, size_t errlen)
{
    int       failed;
    sc_buf_t  b;

    sc_buf_init(&b, WEBHOOKS_MAX_METADATA);
    sc_json_value(&b, value);
    failed = b.failed;
    sc_buf_free(&b);

    if (failed) {
        (void) snprintf(err, errlen, "a webhook's \"metadata\" have at most "
                        "\"%d\" bytes", WEBHOOKS_MAX_METADATA);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
webhook_secret(const json_t *value, char *err, size_t errlen)
{
    const char  *secret;

    secret = json_string_value(value);

    if (secret == NULL || strlen(secret) != json_string_length(value)
        || !webhook_secret_ok(secret))
    {
        (void) snprintf(err, errlen, "a webhook's \"secret\" is a text of "
                        "\"1\" to \"%d\" bytes; what follows \"whsec_\" is "
                        "base64", WEBHOOKS_MAX_SECRET);
        return SC_ERROR;
    }

    return SC_OK;
}


int
webhooks_wants(const json_t *webhook, const char *type)
{
    size_t                  i;
    const char             *name;
    const json_t           *wanted, *events;
    const webhook_event_t  *event;

    events = json_object_get(webhook, "events");

    json_array_foreach(events, i, wanted) {
        name = json_string_value(wanted);
        event = name != NULL ? webhook_event(name) : NULL;

        if (event != NULL && strcmp(event->type, type) == 0) {
            return 1;
        }
    }

    return 0;
}
