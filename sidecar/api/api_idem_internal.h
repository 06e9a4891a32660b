
/*
 * Inside of api_idem*.c: requests with an Idempotency-Key.
 *
 *     api_idem.c        keys, hashes of bodies, answers that are kept
 *     api_idem_again.c  answers that are made again from what a job gave
 */

#ifndef API_IDEM_INTERNAL_H
#define API_IDEM_INTERNAL_H


#include <openssl/evp.h>

#define HASH_NONFATAL_OOM    1

#include "sidecar/api/api_idem.h"


/*
 * A request with a key.
 *
 * name     "PATH\nKEY", of the document and, behind the tenant, of the entry
 *          in the table of those under way
 * ctx      hash of the body so far
 * go       the handler
 * answer   of the first request, when this one is a second
 * headers, body, status   what is sent once it is on disk
 * api      when the request is gone, and what was written may wait yet
 * hashed   hash is complete
 * begun    the request may be done
 * made     a job was made for it
 * again    the answer is made once more from what the job gave
 * passed   parts of the body were counted and not read
 */
struct api_idem_s {
    UT_hash_handle   hh;
    char            *name;
    EVP_MD_CTX      *ctx;
    api_t           *api;
    api_resume_pt    go;
    json_t          *answer;
    sc_buf_t         headers;
    sc_buf_t         body;
    int              status;
    char             hash[API_HASH_SIZE];
    unsigned         hashed:1;
    unsigned         begun:1;
    unsigned         made:1;
    unsigned         again:1;
    unsigned         passed:1;
    char             key[];
};


/* The request is done, as if its key had not been used. */
void api_idem_go(api_call_t *c);

/* Make the answer again from this job, whose id is whole. */
void api_idem_again(api_call_t *c, const char *id);

/* Answer that the first request with the key is under way. */
void api_idem_busy(api_call_t *c);


#endif /* API_IDEM_INTERNAL_H */
