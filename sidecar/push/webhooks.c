
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/push/webhooks_internal.h"


static void webhooks_timer(loop_timer_t *timer);
static void webhooks_read(webhooks_t *w);
static void webhooks_due(void *data, store_status_t status,
    const store_message_t *messages, size_t n);
static int64_t webhooks_take(webhooks_t *w, const store_message_t *message,
    int64_t now, int more);
static int webhooks_under_way(const webhooks_t *w, int64_t seq);
static int64_t webhooks_put_off(webhooks_t *w, const store_message_t *message,
    int64_t due);
static void webhooks_moved(void *data, store_status_t status);
static void webhooks_noted(webhooks_t *w);


webhooks_t *
webhooks_create(loop_t *loop, const settings_t *settings, fetcher_t *fetcher,
    store_t *store)
{
    webhooks_t  *w;

    w = calloc(1, sizeof(webhooks_t));
    if (w == NULL) {
        return NULL;
    }

    w->loop = loop;
    w->settings = settings;
    w->fetcher = fetcher;
    w->store = store;
    loop_timer_init(&w->timer, webhooks_timer, w);

    if (settings->webhook_secret[0] != '\0'
        && !webhook_secret_ok(settings->webhook_secret))
    {
        log_warn("webhook_secret is too long or not base64, it is taken as "
                 "text");
    }

    webhooks_look(w, 0);

    return w;
}


void
webhooks_destroy(webhooks_t *w)
{
    webhook_send_t  *send, *next;

    if (w == NULL) {
        return;
    }

    DL_FOREACH_SAFE(w->sends, send, next) {
        webhook_send_free(send);
    }

    store_forget(w->store, w);
    loop_timer_del(w->loop, &w->timer);
    free(w);
}


void
webhooks_wake(webhooks_t *w)
{
    webhooks_look(w, 0);
}


void
webhooks_drain(webhooks_t *w)
{
    w->draining = 1;
    loop_timer_del(w->loop, &w->timer);
}


void
webhooks_look(webhooks_t *w, int64_t delay)
{
    int64_t  when;

    when = loop_now(w->loop) + delay;

    if (w->draining || (w->when != 0 && w->when <= when)) {
        return;
    }

    w->when = when;

    if (loop_timer_set(w->loop, &w->timer, delay) != SC_OK) {
        w->when = 0;
    }
}


static void
webhooks_timer(loop_timer_t *timer)
{
    webhooks_t  *w = timer->data;

    w->when = 0;
    webhooks_read(w);
}


/*
 * With as many under way as may be, the next look comes when one has ended;
 * while some are being put off it would find them where they were.
 */
static void
webhooks_read(webhooks_t *w)
{
    int64_t  until;

    if (w->reading) {
        w->again = 1;
        return;
    }

    if (w->draining || w->moving > 0 || w->nsends >= WEBHOOKS_AT_ONCE) {
        return;
    }

    until = id_now_ms() + WEBHOOKS_SOON / LOOP_MS;

    if (store_messages_due(w->store, until, WEBHOOKS_LOOK, webhooks_due, w)
        == SC_OK)
    {
        w->reading = 1;

    } else {
        webhooks_look(w, WEBHOOKS_PAUSE);
    }
}


static void
webhooks_due(void *data, store_status_t status,
    const store_message_t *messages, size_t n)
{
    size_t       i;
    int64_t      now, delay, next;
    webhooks_t  *w = data;

    w->reading = 0;

    if (status != STORE_OK) {
        webhooks_noted(w);
        webhooks_look(w, WEBHOOKS_PAUSE);
        return;
    }

    w->looks++;
    now = id_now_ms();
    delay = w->again ? 0 : WEBHOOKS_SOON;
    w->again = 0;

    for (i = 0; i < n && !w->draining && w->nsends < WEBHOOKS_AT_ONCE; i++) {
        next = webhooks_take(w, &messages[i], now, n == WEBHOOKS_LOOK);
        delay = next < delay ? next : delay;
    }

    webhooks_noted(w);
    webhooks_look(w, delay);
}


/*
 * When to look again for this one; more: others may wait behind it, which it
 * must not hold up.
 */
static int64_t
webhooks_take(webhooks_t *w, const store_message_t *message, int64_t now,
    int more)
{
    int64_t  turn;

    if (webhooks_under_way(w, message->seq)) {
        return WEBHOOKS_SOON;
    }

    if (message->due > now) {
        return (message->due - now) * LOOP_MS;
    }

    switch (webhook_send(w, message, more ? &turn : NULL)) {

    case SC_OK:
        return WEBHOOKS_SOON;

    case SC_DECLINED:
        break;

    default:
        return WEBHOOKS_PAUSE;
    }

    if (!more) {
        return WEBHOOKS_SOON;
    }

    return turn == 0 ? WEBHOOKS_SLOW
                     : webhooks_put_off(w, message, now + turn / LOOP_MS);
}


static int
webhooks_under_way(const webhooks_t *w, int64_t seq)
{
    webhook_send_t  *send;

    DL_FOREACH(w->sends, send) {
        if (send->message.seq == seq) {
            return 1;
        }
    }

    return 0;
}


static int64_t
webhooks_put_off(webhooks_t *w, const store_message_t *message, int64_t due)
{
    store_message_t  later = *message;

    later.due = due;

    if (store_message_set(w->store, &later, webhooks_moved, w) != SC_OK) {
        return WEBHOOKS_PAUSE;
    }

    w->moving++;

    return WEBHOOKS_SOON;
}


static void
webhooks_moved(void *data, store_status_t status)
{
    webhooks_t  *w = data;

    w->moving--;

    if (w->moving == 0) {
        webhooks_look(w, status == STORE_OK ? 0 : WEBHOOKS_PAUSE);
    }
}


/* What was read when they were not noted yet has been gone through. */
static void
webhooks_noted(webhooks_t *w)
{
    webhook_send_t  *send, *next;

    DL_FOREACH_SAFE(w->sends, send, next) {
        if (send->noted) {
            webhook_send_free(send);
            webhooks_look(w, 0);
        }
    }
}
