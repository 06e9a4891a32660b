
/*
 * What the files of POST /v1/crawl share.
 *
 *     api_crawl.c       from the request to its answer
 *     api_crawl_body.c  what its members mean
 *     api_crawl_sets.c  rule sets that "follow" may call by name
 */

#ifndef API_CRAWL_H
#define API_CRAWL_H


#include "sidecar/api/api_internal.h"


#define API_CRAWL            "crawl"
#define CRAWL_MAX_STARTS     1000
#define CRAWL_MAX_DEPTH      10000
#define CRAWL_MAX_OVERRIDES  64

/* of a session that a crawl makes: this and the job's id */
#define CRAWL_SESSION        JOBS_SESSION


/*
 * A crawl that is taken in.
 *
 * text     the body, copied; json: the same, parsed
 * work     of the job
 * page     how its pages are fetched; its rules are copied to rules and hash
 * own      the members of the body that page is made of
 * crawl    the member "crawl" of the job's spec
 * starts   nstarts of them
 * park     the client waits for the end
 * wait     so many milliseconds
 * session  name of the one it logs in with
 * opened   that one was put
 * made     the job was: the session is the job's now
 */
typedef struct {
    api_call_t     *call;
    sc_buf_t        text;
    json_t         *json;
    api_work_t      work;
    api_extract_t   page;
    json_t         *own;
    json_t         *crawl;
    sc_buf_t        rules;
    char            hash[SC_RULES_HASH_LEN + 1];
    url_t          *starts;
    size_t          nstarts;
    api_park_t      park;
    int64_t         wait;
    char            session[sizeof(CRAWL_SESSION) + ID_SIZE];
    unsigned        opened:1;
    unsigned        made:1;
} api_crawl_t;


/*
 * Read all of the body.  SC_OK, SC_ERROR with *p filled in, or SC_AGAIN: to be
 * called again from the start.
 */
int api_crawl_read(api_crawl_t *cr, problem_t *p);

/*
 * Note the hashes of rule sets that are named, and of those that they name;
 * the same.
 */
int api_crawl_sets(api_crawl_t *cr, problem_t *p);


#endif /* API_CRAWL_H */
