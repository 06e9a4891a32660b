
/*
 * The codec of the protocol between the nginx module and the sidecar.
 * docs/protocol.md is the contract; this is its one implementation, linked by
 * both sides.  No I/O and no allocation: the caller owns every byte.
 *
 * A frame is a header line and a counted payload:
 *
 *     TYPE SP ID SP ARG SP LEN CR LF payload
 *
 * TYPE is one lower-case word of the list below; ID, ARG and LEN are decimal
 * without sign or leading zeros, ID and ARG at most 2^63 - 1, LEN at most
 * SC_FRAME_MAX_PAYLOAD.  The header line is at most SC_FRAME_MAX_HEADER bytes
 * with its CR LF.  Whether a type may come from this side, and with this ID,
 * ARG and payload, is for the reader of the frame to say.
 */

#ifndef SC_FRAME_H
#define SC_FRAME_H


#include "common/sc_buf.h"


#define SC_PROTOCOL_VERSION    1

#define SC_FRAME_MAX_HEADER    80
#define SC_FRAME_MAX_PAYLOAD   1048576

/* a reply's data frames are cut to this size, so that replies interleave */
#define SC_FRAME_DATA_SIZE     16384


typedef enum {
    SC_FRAME_HELLO = 0,     /* both ways; arg = protocol version */
    SC_FRAME_RULES,         /* to sidecar; a named rule set */
    SC_FRAME_OPEN,          /* to sidecar; arg = credit, 0 = unlimited */
    SC_FRAME_BODY,          /* to sidecar; a part of the request's body */
    SC_FRAME_LAST,          /* to sidecar; the last part, may be empty */
    SC_FRAME_CREDIT,        /* to sidecar; arg = more bytes of data */
    SC_FRAME_CANCEL,        /* to sidecar; answered by end */
    SC_FRAME_HEAD,          /* to nginx; arg = status */
    SC_FRAME_DATA,          /* to nginx; a part of the reply's body */
    SC_FRAME_END,           /* to nginx; arg = sc_frame_end_t */
    SC_FRAME_ERROR,         /* to nginx; the connection is closed after it */
    SC_FRAME_TYPES
} sc_frame_type_t;


/* why a reply is over: the arg of end */
typedef enum {
    SC_FRAME_END_DONE = 0,      /* the whole reply was sent */
    SC_FRAME_END_CANCELLED,     /* cancelled by the other side */
    SC_FRAME_END_ABORTED        /* the reply could not be finished */
} sc_frame_end_t;


/* A frame header.  The payload follows it on the wire. */
typedef struct {
    sc_frame_type_t  type;
    uint64_t         id;
    uint64_t         arg;
    size_t           len;       /* bytes of payload */
} sc_frame_t;


/*
 * Read the header at the start of data[0..len).  SC_OK: *f is set and
 * *used is the header's length with its CR LF (the payload begins there and
 * may not have arrived yet).  SC_AGAIN: the header is not complete.
 * SC_ERROR: these bytes can never become a header.
 */
int sc_frame_parse(const char *data, size_t len, sc_frame_t *f, size_t *used);

/*
 * Write the header into out, which must have room for SC_FRAME_MAX_HEADER
 * bytes; return its length.
 */
size_t sc_frame_header(char *out, const sc_frame_t *f);

/* Append a whole frame; SC_OK or SC_ERROR as sc_buf_add(). */
int sc_frame_add(sc_buf_t *b, sc_frame_type_t type, uint64_t id, uint64_t arg,
    const char *payload, size_t len);

/* The word of a type, as it is on the wire; never NULL. */
const char *sc_frame_name(sc_frame_type_t type);

/*
 * Step through the "Name: value" lines of a hello, open or head payload.
 * *rest is the unread part and is moved on; *name and *value are views into
 * it.  SC_OK: a line was read; SC_DECLINED: none is left; SC_ERROR: the line
 * is not "Name: value" CR LF, or holds a control character.
 */
int sc_frame_field(sc_str_t *rest, sc_str_t *name, sc_str_t *value);


#endif /* SC_FRAME_H */
