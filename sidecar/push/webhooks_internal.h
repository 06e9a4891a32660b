
/*
 * What the files of the room share.
 *
 *     webhooks.c        the outbox: what is due, and when to look again
 *     webhook_send.c    an attempt, from its request to its note in the store
 *     webhook_retry.c   whether an attempt is made again, and when
 *     webhook_host.c    whose turn it is at a host with many messages
 *     webhook_spec.c    what a caller wrote
 *     webhook_body.c    messages
 *     webhook_sign.c    signatures
 */

#ifndef WEBHOOKS_INTERNAL_H
#define WEBHOOKS_INTERNAL_H


#include "sidecar/push/webhooks.h"


/* messages read at once, with those due soon; how soon */
#define WEBHOOKS_LOOK         32
#define WEBHOOKS_SOON         (60 * LOOP_SEC)

/* a store or a fetcher that failed is tried again */
#define WEBHOOKS_PAUSE        (5 * LOOP_SEC)

/* a host of which nothing is known holds up others this long at most */
#define WEBHOOKS_SLOW         LOOP_SEC

/* how long messages of a busy host are put off at most, for others to go */
#define WEBHOOKS_PUT_OFF      (30 * LOOP_SEC)

/* hosts whose pace is remembered */
#define WEBHOOKS_HOSTS        256

/* the longest Retry-After that is followed, milliseconds */
#define WEBHOOKS_LONGEST      86400000

/* receivers that said 410, remembered: jobs and where to */
#define WEBHOOKS_GONE         256


typedef struct webhook_send_s  webhook_send_t;


/*
 * A message being sent.
 *
 * message   its parts that change, id and seq
 * spec      JSON of where to, url parsed
 * body      as it is sent
 * gone      hash of its job and url, 0 for a message without a job
 * begun     loop_now() of the attempt
 * fetch     NULL once it is answered
 * timer     the note is tried again
 * noted     it is over, but the outbox was being read meanwhile
 */
struct webhook_send_s {
    webhook_send_t   *next;
    webhook_send_t   *prev;
    webhooks_t       *webhooks;
    store_message_t   message;
    json_t           *spec;
    url_t             url;
    sc_buf_t          body;
    sc_buf_t          last;
    uint64_t          gone;
    int64_t           begun;
    fetch_t          *fetch;
    loop_timer_t      timer;
    unsigned          noted:1;
};


/*
 * A host and port, by the hash of them; nanoseconds.
 *
 * takes    what an attempt takes, of late
 * turn     loop_now() at which the last that was put off is thought to go
 * look     number of the look at the outbox in which waiting of its messages
 *          found it busy
 */
typedef struct {
    uint64_t  hash;
    int64_t   takes;
    int64_t   turn;
    uint64_t  look;
    unsigned  waiting;
} webhook_host_t;


/*
 * sends     under way, their notes included; nsends of them
 * hosts     by the last bits of their hash
 * looks     at the outbox so far
 * gone      the last receivers that said 410, a ring
 * when      loop_now() at which the outbox is read, 0: not set
 * reading   the outbox is being read
 * again     something was put into it meanwhile
 * moving    messages that are being put off
 */
struct webhooks_s {
    loop_t            *loop;
    const settings_t  *settings;
    fetcher_t         *fetcher;
    store_t           *store;
    webhook_send_t    *sends;
    size_t             nsends;
    webhook_host_t     hosts[WEBHOOKS_HOSTS];
    uint64_t           looks;
    uint64_t           gone[WEBHOOKS_GONE];
    size_t             ngone;
    loop_timer_t       timer;
    int64_t            when;
    size_t             moving;
    unsigned           reading:1;
    unsigned           again:1;
    unsigned           draining:1;
};


/*
 * webhook_send.c: take up a message that is due.  SC_OK; SC_DECLINED when its
 * host has enough under way, *turn, if asked for, is then for how many
 * nanoseconds to put it off, 0 for not at all; SC_ERROR when memory is out.
 */
int webhook_send(webhooks_t *w, const store_message_t *message,
    int64_t *turn);
void webhook_send_free(webhook_send_t *send);

/*
 * webhook_host.c: an attempt took so many nanoseconds; in how many it is the
 * turn of the next message that waits, 0 when it is next, with the longest
 * attempt under way having taken busy so far.
 */
void webhook_host_took(webhooks_t *w, const url_t *url, int64_t took);
int64_t webhook_host_turn(webhooks_t *w, const url_t *url, int64_t busy);

/*
 * webhook_retry.c: whether what failed will be no better the next time; how
 * many milliseconds to wait after attempt number tries: a tenth more or less
 * than webhooks_retry(), or what Retry-After asks for, "" if nothing; -1:
 * there is no next time.
 */
int webhook_lasting(const fetch_result_t *result);
int64_t webhook_delay(int tries, const char *retry_after, int64_t now);

/*
 * webhook_sign.c: whether a secret is one: 1 to WEBHOOKS_MAX_SECRET bytes;
 * what follows "whsec_" is base64 (RFC 4648 4) with its padding.
 */
int webhook_secret_ok(const char *secret);

/* webhook_body.c: append a time as RFC 3339 has it, with its quotes. */
void webhook_time(sc_buf_t *b, int64_t ms);

/* webhooks.c: look again in so many nanoseconds, or before. */
void webhooks_look(webhooks_t *w, int64_t delay);


#endif /* WEBHOOKS_INTERNAL_H */
