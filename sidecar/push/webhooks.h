
/*
 * What is told to programs outside: messages in a durable outbox, sent by POST
 * until they are taken, signed as Standard Webhooks 1.0 (standardwebhooks.com)
 * says.  They go through the address policy like every fetch; a redirect is
 * not followed.
 */

#ifndef WEBHOOKS_H
#define WEBHOOKS_H


#include <jansson.h>

#include "sidecar/core/settings.h"
#include "sidecar/fetch/fetch.h"
#include "sidecar/store/store_list.h"


/* time for one attempt; messages under way at once, to one host */
#define WEBHOOKS_TIMEOUT     (10 * LOOP_SEC)
#define WEBHOOKS_AT_ONCE     16

#define WEBHOOKS_PER_HOST    2

/*
 * Bytes of a message's data.  Of more, only those members are sent that are
 * short and neither objects nor lists; "truncated": true says so.
 */
#define WEBHOOKS_MAX_DATA    262144

/* what a caller may write: fields and their bytes; bytes of other members */
#define WEBHOOKS_MAX_HEADERS        20
#define WEBHOOKS_MAX_HEADER_BYTES   16384
#define WEBHOOKS_MAX_METADATA       16384
#define WEBHOOKS_MAX_SECRET         256


typedef struct webhooks_s  webhooks_t;


/*
 * Check what a caller wrote:
 *
 *     {"url": "https://me.example/hook", "events": ["completed", …],
 *      "headers": {"Name": "value"}, "metadata": any, "secret": "whsec_…"}
 *
 * only url is needed; events are "started", "completed", "failed" (of the
 * job), "result.completed", "result.failed" and "drift"; without it, those of
 * the job.  A new reference to it with defaults in place, or NULL with a
 * sentence in err and, in key, the member that is wrong.
 */
json_t *webhooks_check(const json_t *webhook, char *err, size_t errlen,
    const char **key);

/* Whether it wants an event, by its type: "job.completed", … */
int webhooks_wants(const json_t *webhook, const char *type);

/*
 * The spec and the body of a message, appended to buffers: {"type",
 * "timestamp", "data", "metadata"}; data is JSON text.  The caller puts them
 * into the outbox with the transaction that makes them true.  SC_OK, or
 * SC_ERROR when memory is out.
 */
int webhooks_message(const json_t *webhook, const char *type, int64_t at,
    sc_str_t data, sc_buf_t *spec, sc_buf_t *body);

/*
 * Append the value of webhook-signature: "v1,BASE64" of HMAC-SHA256 over
 * "ID.TIMESTAMP.BODY" with the secret's bytes; secret is "whsec_BASE64", or
 * any other text, which is taken as it is.  SC_OK or SC_ERROR.
 */
int webhooks_sign(const char *secret, const char *id, int64_t timestamp,
    sc_str_t body, sc_buf_t *out);

/*
 * How long after attempt number tries (from 1) the next is made, in
 * milliseconds, without jitter; -1: never.
 */
int64_t webhooks_retry(int tries);

/*
 * Send what the outbox has.  An attempt is noted in the message when its
 * answer has come: one that was not noted is made again, with the same
 * webhook-id.  last of a message is
 *
 *     {"at": "2026-01-31T12:00:00.000Z", "status": 503 or null,
 *      "error": "/fetch/timeout" or null, "attempts": 3}
 *
 * error is a problem type of fetch.h; "/webhook/status" for a status that is
 * not 2xx; "/webhook/gone" when the receiver has said 410; "/webhook/invalid"
 * for a spec that cannot be read.
 *
 * settings: webhook_secret signs messages whose webhook has no secret.  The
 * parts stay the caller's.  NULL when memory is out.
 */
webhooks_t *webhooks_create(loop_t *loop, const settings_t *settings,
    fetcher_t *fetcher, store_t *store);
void webhooks_destroy(webhooks_t *w);

/* Something was put into the outbox. */
void webhooks_wake(webhooks_t *w);

/* Begin nothing any more. */
void webhooks_drain(webhooks_t *w);


#endif /* WEBHOOKS_H */
