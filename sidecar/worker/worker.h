
/*
 * The other end of pool.h: what `scraped --worker` runs.  It reads pages from
 * descriptor 0, writes results to descriptor 0 (one socket), and leaves when
 * the socket is closed or the parent dies.  No loop, no thread, no file.
 */

#ifndef WORKER_H
#define WORKER_H


/* The exit status of the process. */
int worker_main(void);


#endif /* WORKER_H */
