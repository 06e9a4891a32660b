
/*
 * What all replies of the API are made with; for sidecar/api/api*.c alone.
 *
 *     api_reply.c     status, fields and body
 *     api_tell.c      what nginx is told beside it
 */

#ifndef API_REPLY_H
#define API_REPLY_H


#include "sidecar/api/problem.h"
#include "sidecar/store/store_work.h"


typedef struct api_call_s   api_call_t;


/*
 * Begin a reply: api->headers and api->body are emptied, and
 * api->headers begins with these lines.
 */
void api_reply_begin(api_call_t *c, const char *headers);

/* Send them.  The call is done and must not be touched any more. */
void api_reply_send(api_call_t *c, int status);

/*
 * Answer with a problem.  retry is the value of Retry-After; 0: a 503 has one
 * all the same, other statuses none.
 */
void api_reply_problem(api_call_t *c, const problem_t *p, int retry);

/* Add that field to a reply which is begun, of such a problem. */
void api_reply_retry(api_call_t *c, const problem_t *p, int retry);
void api_reply_error(api_call_t *c, const char *type, const char *detail);
void api_reply_no_memory(api_call_t *c);

/*
 * Answer when what was asked for is called back with: rc is what asking for it
 * returned, SC_OK, or SC_ERROR when memory is out, which is answered now.
 */
void api_reply_later(api_call_t *c, int rc);

/* Answer for a store that did not do what it was asked for. */
void api_reply_store(api_call_t *c, store_status_t status);

/* "BASE/v1/PATH/ID TAIL" in api->link, NUL-terminated. */
const char *api_reply_link(api_call_t *c, const char *path, const char *id,
    const char *tail);

/*
 * Append `,"name":` and the value; a link, JSON text, a time (0: null); or
 * the members of an object's text, which may be empty.
 */
void api_reply_add_link(api_call_t *c, const char *name, const char *path,
    const char *id, const char *tail);
void api_reply_add_json(api_call_t *c, const char *name, sc_str_t json);
void api_reply_add_members(api_call_t *c, sc_str_t object);
void api_reply_add_time(api_call_t *c, const char *name, int64_t ms);

/* Append "links" of a job; with cancel while it has not ended. */
void api_reply_add_links(api_call_t *c, const char *id, int cancel);

/* Append what was taken from the page of a result that is completed. */
void api_reply_add_data(api_call_t *c, const store_result_t *result);

/* Append a result as it is listed and read. */
void api_reply_add_item(api_call_t *c, const store_result_t *result);


/*
 * api_tell.c: what nginx is told for its variables, logs and holds, beside the
 * reply: the job that the request made or is about, which replaces what was
 * told before; then the counts of its pages; a result, with its job; and how
 * long the host of a page's canonical URL is to be left alone.
 */
void api_tell_job(api_call_t *c, const char *id, store_state_t state);
void api_tell_work(api_call_t *c, const store_counts_t *counts);
void api_tell_result(api_call_t *c, const store_result_t *result);
void api_tell_host(api_call_t *c, sc_str_t url);

/* Append it to the fields of the reply. */
void api_tell(api_call_t *c, sc_buf_t *headers);


#endif /* API_REPLY_H */
