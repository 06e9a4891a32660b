
/*
 * What pool.c and worker.c say to each other over their socket.  Both are the
 * same program on the same machine, so that a message is a struct as it is in
 * memory and the bytes it counts.
 *
 * The worker speaks first: a reply of status WIRE_READY.  From then on one
 * request is answered by one reply.
 */

#ifndef WIRE_H
#define WIRE_H


#include "common/sc_buf.h"
#include "common/rules/sc_rules.h"


#define WIRE_MAGIC       0x73637265u

/* compiled rule sets a worker keeps, in slots that the pool assigns */
#define WIRE_SLOTS       64

/* bounds of what is counted: a message beyond them is not one */
#define WIRE_MAX_URL     65536u         /* 64 KiB, and content_type */
#define WIRE_MAX_FORM    1048576u       /* 1 MiB */
#define WIRE_MAX_RULES   67108864u      /* 64 MiB */
#define WIRE_MAX_BODY    268435456u     /* 256 MiB */
#define WIRE_MAX_REPLY   67108864u      /* 64 MiB */


typedef enum {
    WIRE_READY = 1,
    WIRE_OK,
    WIRE_FAILED
} wire_status_t;


/*
 * A page.  url, content_type, form, rules and body follow in this order, the
 * first two each with a NUL that is counted.
 *
 * slot   where the rule set is kept
 * form   0 for an ordinary page; else there is no rule set
 * rules  0 when the slot has it already
 */
typedef struct {
    uint32_t  magic;
    uint32_t  slot;
    uint32_t  url;
    uint32_t  content_type;
    uint32_t  form;
    uint32_t  rules;
    uint32_t  body;
} wire_request_t;


/*
 * What came of it.  data, missing, warnings, form and refresh follow in this
 * order, the last with a NUL that is counted, or not at all.
 *
 * refresh_delay  seconds
 * elapsed        nanoseconds
 */
typedef struct {
    uint32_t  magic;
    uint32_t  status;
    uint32_t  data;
    uint32_t  missing;
    uint32_t  warnings;
    uint32_t  form;
    uint32_t  refresh;
    int32_t   refresh_delay;
    int64_t   elapsed;
    char      charset[32];
    char      charset_from[16];
    char      detail[256];
} wire_reply_t;


/* Whether a message's head makes sense; the bytes after it, in *len. */
int wire_request_check(const wire_request_t *r, size_t *len);
int wire_reply_check(const wire_reply_t *r, size_t *len);


#endif /* WIRE_H */
