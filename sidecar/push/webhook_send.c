
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/sc_hash.h"
#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/core/log.h"
#include "sidecar/metrics/metrics.h"
#include "sidecar/push/webhooks_internal.h"


/* fields of ours; with a number of milliseconds or seconds as text */
#define WEBHOOK_FIELDS    4
#define WEBHOOK_NUMBER    24

/* bytes of an answer that are read; it is not looked at */
#define WEBHOOK_ANSWER    4096


static webhook_send_t *webhook_send_make(webhooks_t *w,
    const store_message_t *message);
static int webhook_send_read(webhook_send_t *send, sc_str_t spec);
static uint64_t webhook_hash(const char *job, const char *url);
static int webhook_send_busy(const webhook_send_t *send, int64_t *busy);
static int webhook_send_gone(const webhook_send_t *send);
static int webhook_attempt(webhook_send_t *send);
static size_t webhook_fields(const webhook_send_t *send,
    fetch_header_t *fields);
static fetch_header_t webhook_field(const char *name, const char *value);
static void webhook_answered(void *data, fetch_result_t *result);
static void webhook_give_up(webhook_send_t *send, int status,
    const char *error);
static void webhook_note(webhook_send_t *send, int status,
    const char *error);
static void webhook_save(webhook_send_t *send);
static void webhook_save_again(loop_timer_t *timer);
static void webhook_saved(void *data, store_status_t status);


int
webhook_send(webhooks_t *w, const store_message_t *message, int64_t *turn)
{
    int              rc;
    int64_t          busy;
    webhook_send_t  *send;

    send = webhook_send_make(w, message);
    if (send == NULL) {
        return SC_ERROR;
    }

    rc = webhook_send_read(send, message->spec);

    if (rc == SC_DECLINED) {
        webhook_give_up(send, 0, "/webhook/invalid");
        return SC_OK;
    }

    if (rc == SC_OK && webhook_send_gone(send)) {
        webhook_give_up(send, 410, "/webhook/gone");
        return SC_OK;
    }

    if (rc == SC_OK) {
        rc = webhook_send_busy(send, &busy) ? SC_DECLINED
                                            : webhook_attempt(send);

        if (rc == SC_DECLINED && turn != NULL) {
            *turn = webhook_host_turn(w, &send->url, busy);
        }
    }

    if (rc != SC_OK) {
        webhook_send_free(send);
    }

    return rc;
}


static webhook_send_t *
webhook_send_make(webhooks_t *w, const store_message_t *message)
{
    webhook_send_t  *send;

    send = calloc(1, sizeof(webhook_send_t));
    if (send == NULL) {
        return NULL;
    }

    send->webhooks = w;
    send->begun = loop_now(w->loop);
    send->message.seq = message->seq;
    send->message.due = message->due;
    send->message.tries = message->tries;
    memcpy(send->message.id, message->id, ID_SIZE);
    memcpy(send->message.job, message->job, ID_SIZE);
    loop_timer_init(&send->timer, webhook_save_again, send);
    sc_buf_init(&send->last, 0);
    sc_buf_init(&send->body, 0);
    DL_APPEND(w->sends, send);
    w->nsends++;
    metrics_set(METRICS_SENDING, (int64_t) w->nsends);

    if (sc_buf_add_str(&send->body, message->body) != SC_OK) {
        webhook_send_free(send);
        return NULL;
    }

    return send;
}


void
webhook_send_free(webhook_send_t *send)
{
    webhooks_t  *w = send->webhooks;

    if (send->fetch != NULL) {
        fetch_cancel(send->fetch);
    }

    DL_DELETE(w->sends, send);
    w->nsends--;
    metrics_set(METRICS_SENDING, (int64_t) w->nsends);
    store_forget(w->store, send);
    loop_timer_del(w->loop, &send->timer);
    url_free(&send->url);
    json_decref(send->spec);
    sc_buf_free(&send->body);
    sc_buf_free(&send->last);
    free(send);
}


/* SC_DECLINED for what is no spec; SC_ERROR when memory is out. */
static int
webhook_send_read(webhook_send_t *send, sc_str_t spec)
{
    char           err[320];
    const json_t  *url;
    json_error_t   error;

    send->spec = sc_json_of(spec.len > 0 ? spec.data : "", spec.len, 0,
                            &error);

    if (send->spec == NULL && error.line == 0) {
        return SC_ERROR;
    }

    url = json_object_get(send->spec, "url");

    if (!json_is_string(url)) {
        return SC_DECLINED;
    }

    if (url_parse(&send->url, json_string_value(url),
                  json_string_length(url), err, sizeof(err))
        != SC_OK)
    {
        return strcmp(err, URL_NO_MEMORY) == 0 ? SC_ERROR : SC_DECLINED;
    }

    if (send->message.job[0] != '\0') {
        send->gone = webhook_hash(send->message.job, send->url.text);
    }

    return SC_OK;
}


/* Never 0. */
static uint64_t
webhook_hash(const char *job, const char *url)
{
    uint64_t  hash;

    hash = sc_fnv1a(SC_FNV1A, job, strlen(job));
    hash = sc_fnv1a(hash, url, strlen(url));

    return hash | 1;
}


static int
webhook_send_busy(const webhook_send_t *send, int64_t *busy)
{
    int                    n;
    int64_t                taken;
    const webhooks_t      *w = send->webhooks;
    const webhook_send_t  *other;

    n = 0;
    *busy = 0;

    DL_FOREACH(w->sends, other) {
        if (other != send && !other->noted && other->url.text != NULL
            && other->url.https == send->url.https
            && other->url.port == send->url.port
            && strcmp(other->url.host, send->url.host) == 0)
        {
            n++;
            taken = loop_now(w->loop) - other->begun;
            *busy = taken > *busy ? taken : *busy;
        }
    }

    return n >= WEBHOOKS_PER_HOST;
}


static int
webhook_send_gone(const webhook_send_t *send)
{
    size_t             i;
    const webhooks_t  *w = send->webhooks;

    for (i = 0; i < WEBHOOKS_GONE; i++) {
        if (send->gone != 0 && w->gone[i] == send->gone) {
            return 1;
        }
    }

    return 0;
}


static int
webhook_attempt(webhook_send_t *send)
{
    int              rc;
    char             number[WEBHOOK_NUMBER];
    int64_t          now;
    sc_buf_t         sign;
    sc_str_t         body = { send->body.len, send->body.data };
    const char      *secret;
    webhooks_t      *w = send->webhooks;
    fetch_header_t   fields[WEBHOOK_FIELDS + WEBHOOKS_MAX_HEADERS];
    fetch_request_t  request = { .url = &send->url, .method = "POST",
                                 .headers = fields, .body = body,
                                 .connect_timeout = WEBHOOKS_TIMEOUT,
                                 .total_timeout = WEBHOOKS_TIMEOUT,
                                 .max_body = WEBHOOK_ANSWER, .partial = 1,
                                 .cut = 1 };

    now = id_now_ms() / 1000;
    (void) snprintf(number, sizeof(number), "%lld", (long long) now);
    secret = json_string_value(json_object_get(send->spec, "secret"));
    secret = secret != NULL ? secret : w->settings->webhook_secret;
    sc_buf_init(&sign, 0);
    rc = SC_OK;

    request.nheaders = webhook_fields(send, fields);
    fields[request.nheaders++] = webhook_field("webhook-timestamp", number);

    if (secret[0] != '\0') {
        rc = webhooks_sign(secret, send->message.id, now, body, &sign);
        fields[request.nheaders++] = webhook_field("webhook-signature",
                                                   sign.data);
    }

    if (rc == SC_OK) {
        send->fetch = fetch_start(w->fetcher, &request, webhook_answered,
                                  send);
    }

    sc_buf_free(&sign);

    return send->fetch != NULL ? SC_OK : SC_ERROR;
}


/* Those that are the same in each attempt. */
static size_t
webhook_fields(const webhook_send_t *send, fetch_header_t *fields)
{
    size_t       n;
    json_t      *value;
    const char  *name;

    fields[0] = webhook_field("Content-Type", "application/json");
    fields[1] = webhook_field("webhook-id", send->message.id);
    n = 2;

    json_object_foreach(json_object_get(send->spec, "headers"), name, value) {
        if (json_is_string(value) && n < 2 + WEBHOOKS_MAX_HEADERS) {
            fields[n++] = webhook_field(name, json_string_value(value));
        }
    }

    return n;
}


static fetch_header_t
webhook_field(const char *name, const char *value)
{
    fetch_header_t  field = { { strlen(name), name },
                              { value != NULL ? strlen(value) : 0, value } };

    return field;
}


static void
webhook_answered(void *data, fetch_result_t *result)
{
    int               status = result->status;
    int64_t           now, delay;
    const char       *error;
    webhooks_t       *w;
    webhook_send_t   *send = data;
    store_message_t  *message = &send->message;

    send->fetch = NULL;
    w = send->webhooks;
    now = id_now_ms();

    /* no fault of the receiver's: it does not count */
    if (result->error == FETCH_RESOURCES) {
        message->due = now + WEBHOOKS_PAUSE / LOOP_MS;
        webhook_note(send, 0, fetch_error_type(result->error));
        return;
    }

    webhook_host_took(w, &send->url, loop_now(w->loop) - send->begun);
    message->tries++;
    error = result->error != FETCH_OK ? fetch_error_type(result->error)
            : status == 410 ? "/webhook/gone" : "/webhook/status";

    if (result->error == FETCH_OK && status >= 200 && status < 300) {
        message->state = 1;
        metrics_add(METRICS_MESSAGES, 1);
        webhook_note(send, status, NULL);
        return;
    }

    if (result->error == FETCH_OK && status == 410 && send->gone != 0) {
        w->gone[w->ngone++ % WEBHOOKS_GONE] = send->gone;
    }

    delay = webhook_delay(message->tries, result->retry_after, now);

    if (webhook_lasting(result) || delay < 0) {
        webhook_give_up(send, status, error);
        return;
    }

    message->due = now + delay;
    metrics_add(METRICS_MESSAGES + 1, 1);
    webhook_note(send, status, error);
}


static void
webhook_give_up(webhook_send_t *send, int status, const char *error)
{
    log_notice("webhook \"%s\" to \"%s\" is given up: \"%s\", status \"%d\"",
               send->message.id,
               send->url.text != NULL ? send->url.host : "", error, status);
    send->message.state = 2;
    metrics_add(METRICS_MESSAGES + 2, 1);
    webhook_note(send, status, error);
}


/* How the attempt ended, to be kept with the message. */
static void
webhook_note(webhook_send_t *send, int status, const char *error)
{
    sc_buf_t  *b = &send->last;

    sc_buf_reset(b);
    (void) sc_buf_add_cstr(b, "{\"at\":");
    webhook_time(b, id_now_ms());

    if (status != 0) {
        (void) sc_buf_printf(b, ",\"status\":%d,\"error\":", status);

    } else {
        (void) sc_buf_add_cstr(b, ",\"status\":null,\"error\":");
    }

    (void) sc_json_cstr(b, error);
    (void) sc_buf_printf(b, ",\"attempts\":%d}", send->message.tries);
    send->message.last.data = b->data;
    send->message.last.len = b->failed ? 0 : b->len;

    webhook_save(send);
}


static void
webhook_save(webhook_send_t *send)
{
    webhooks_t  *w = send->webhooks;

    if (store_message_set(w->store, &send->message, webhook_saved, send)
        != SC_OK)
    {
        (void) loop_timer_set(w->loop, &send->timer, WEBHOOKS_PAUSE);
    }
}


static void
webhook_save_again(loop_timer_t *timer)
{
    webhook_save(timer->data);
}


/* What is not noted stays under way here: it must not be sent again. */
static void
webhook_saved(void *data, store_status_t status)
{
    webhooks_t      *w;
    webhook_send_t  *send = data;

    w = send->webhooks;

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        (void) loop_timer_set(w->loop, &send->timer, WEBHOOKS_PAUSE);
        return;
    }

    /* it is in what is being read as if it had not been sent */
    if (w->reading) {
        send->noted = 1;
        return;
    }

    webhook_send_free(send);
    webhooks_look(w, 0);
}
