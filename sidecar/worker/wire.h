
/*
 * What pool.c and worker.c say to each other over their socket.  Both are the
 * same program on the same machine, so that a message is a struct as it is in
 * memory and the bytes it counts.
 *
 * The worker speaks first: a reply of status WIRE_READY.  From then on one
 * request is answered by one reply, which has its number.
 *
 * A worker runs what strangers wrote, and may have become theirs: of a reply
 * nothing is believed that was not checked.
 */

#ifndef WIRE_H
#define WIRE_H


#include "common/rules/sc_rules.h"
#include "common/sc_buf.h"


#define WIRE_MAGIC       0x73637265u

/* compiled rule sets a worker keeps, in slots that the pool assigns */
#define WIRE_SLOTS       64

/* bounds of what is counted: a message beyond them is not one */
#define WIRE_MAX_URL     65536u         /* 64 KiB, and content_type */
#define WIRE_MAX_HEADERS 4194304u       /* 4 MiB */
#define WIRE_MAX_FORM    1048576u       /* 1 MiB */
#define WIRE_MAX_SCOPE   65536u         /* 64 KiB */
#define WIRE_MAX_RULES   67108864u      /* 64 MiB */
#define WIRE_MAX_BODY    268435456u     /* 256 MiB */
#define WIRE_MAX_REPLY   67108864u      /* 64 MiB */
#define WIRE_MAX_FOUND   16777216u      /* 16 MiB of it */


typedef enum {
    WIRE_READY = 1,
    WIRE_OK,
    WIRE_FAILED,
    WIRE_TIMEOUT            /* the page's time was over before its rules */
} wire_status_t;


/*
 * A page.  url, content_type, headers, form, scope, rules and body follow in
 * this order, the first two each with a NUL that is counted.
 *
 * slot     where the rule set is kept
 * views    what is asked for beside the data: bits of EXTRACT_*
 * time     milliseconds it may take
 * html5    the parser of HTML when the rule set does not say
 * sitemap  the body is one: there are a scope, no rule set and no form
 * form     0 for an ordinary page; else there is no rule set
 * scope    0 when nobody asks where the page leads
 * rules    0 when the slot has it already
 * now      seconds since 1970, by the clock of who asks
 * number   of the page; no other page of the pool has it, and none has 0
 */
typedef struct {
    uint32_t  magic;
    uint32_t  slot;
    uint32_t  time;
    uint32_t  views;
    uint32_t  html5;
    uint32_t  sitemap;
    uint32_t  url;
    uint32_t  content_type;
    uint32_t  headers;
    uint32_t  form;
    uint32_t  scope;
    uint32_t  rules;
    uint32_t  body;
    int64_t   now;
    uint64_t  number;
} wire_request_t;


/* Of a reply: page->matched, dropped, incomplete of extract.h. */
#define WIRE_MATCHED     1u
#define WIRE_DROPPED     2u
#define WIRE_INCOMPLETE  4u
#define WIRE_FLAGS       7u


/*
 * What came of it.  data, missing, warnings, view, fill, form, found and
 * refresh follow in this order, the last with a NUL that is counted, or not at
 * all; nothing does unless status is WIRE_OK.
 *
 * flags          WIRE_MATCHED and so on
 * refresh_delay  seconds
 * elapsed        nanoseconds
 * number         the request's; 0 of WIRE_READY
 */
typedef struct {
    uint32_t  magic;
    uint32_t  status;
    uint32_t  flags;
    uint32_t  data;
    uint32_t  missing;
    uint32_t  warnings;
    uint32_t  view;
    uint32_t  fill;
    uint32_t  form;
    uint32_t  found;
    uint32_t  refresh;
    int32_t   refresh_delay;
    int64_t   elapsed;
    uint64_t  number;
    char      charset[32];
    char      charset_from[16];
    char      detail[256];
} wire_reply_t;


/* Whether a message's head makes sense; the bytes after it, in *len. */
int wire_request_check(const wire_request_t *r, size_t *len);
int wire_reply_check(const wire_reply_t *r, size_t *len);

/*
 * Whether the bytes after the head of a reply, which fill it exactly, are what
 * pool_result_t says they are: JSON without a line end, lines of
 * sidecar/crawl/crawl.h, a refresh that ends where it says; and whether it
 * answers the request: a form with a form, a page with data and both lists,
 * what it leads to only when that was asked for.  SC_OK or SC_ERROR.
 */
int wire_parts_check(const wire_request_t *request, const wire_reply_t *r,
    const char *parts);


#endif /* WIRE_H */
