
/*
 * Requests with an Idempotency-Key: what a key was used for, and what was
 * answered then.  api_idem.c, api_idem_again.c.
 */

#ifndef API_IDEM_H
#define API_IDEM_H


#include "sidecar/api/api_internal.h"


/*
 * Look at what the key was used for: SC_OK when the request is to be done;
 * otherwise the call is answered, or go will be called.  A streamed body is
 * given to api_idem_part() as it comes: 1 says that it was read for its hash
 * alone, and the call may be answered.
 */
int api_idem_begin(api_call_t *c, api_resume_pt go);
int api_idem_part(api_call_t *c, sc_str_t part, int last);

/*
 * Keep what is in api->headers and api->body as the answer, and send it after
 * that: SC_OK, the call must not be touched; SC_DECLINED when it is only to be
 * sent.
 */
int api_idem_keep(api_call_t *c, int status);

/* Append the document of a job that is being made: its text, and the rest. */
void api_idem_doc(api_call_t *c, sc_buf_t *text, store_doc_t *doc);

/*
 * Write that c->id is being made, before anything of it is written; SC_OK
 * without a key, too.
 */
int api_idem_ahead(api_call_t *c);

/* The job was not made to its end: it may be tried again with this key. */
void api_idem_undo(api_call_t *c);

/*
 * The call goes: its key is under way until all that was written for it can be
 * read.  api_idem_end() frees what waits for that when all calls are gone.
 */
void api_idem_free(api_call_t *c);
void api_idem_end(api_t *api);

/* SHA-256 in hex. */
void api_idem_hash(sc_str_t a, sc_str_t b, char *out);


#endif /* API_IDEM_H */
