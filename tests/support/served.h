
/*
 * A real server (sidecar/api/server.h) in a child process, spoken to in bytes
 * over its Unix socket: a test is a transcript.  What does not come as it
 * should fails the test.
 *
 * The server's handler does what the target says:
 *
 *     /v1/echo       the request as the handler sees it, parts joined by '|'
 *     /v1/size/N     N bytes, the ten digits in turn, with "X-Test: yes"
 *     /v1/status/N   a reply with this status and without fields
 *     /v1/never      no reply
 *     /v1/rules/X    the hash of the rule set the connection calls X, or
 *                    "none"
 *
 * and what tests/support/streamed.h says.
 */

#ifndef SERVED_H
#define SERVED_H


#include <sys/types.h>

#include "sidecar/api/server.h"


#define SERVED_MAX_BODY    1024
#define SERVED_HELLO       "hello 0 1 12\r\nName: test\r\n"

/* what /v1/echo says of fields that are not there */
#define SERVED_NOTHING     "|||||||||-1|"


/* Where its files and its socket are, and what it is told to listen on. */
extern char        served_dir[64];
extern char        served_path[96];
extern char        served_at[112];
extern settings_t  served_settings;

extern pid_t       served_pid;

/* Set before served_start(): it has descriptors for one connection only. */
extern int         served_few;


/* For tcase_add_checked_fixture(): the server runs during the test. */
void served_setup(void);
void served_teardown(void);

/* The same without the folder; it must end well. */
void served_start(void);
void served_stop(void);

/* Its handler. */
void served_handle(server_request_t *r, void *data);

/* A new connection to it. */
int served_connect(void);


/* Say hello, and read the answer; or only read it. */
void greet(int fd);
void expect_hello(int fd);

/* Send these bytes. */
void say(int fd, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Send open; send open and last. */
void begin(int fd, unsigned id, unsigned credit, const char *head);
void ask(int fd, unsigned id, unsigned credit, const char *head,
    const char *body);

/* Read exactly these bytes. */
void expect(int fd, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Read the head of a reply to /v1/size/N. */
void expect_head(int fd, unsigned id, size_t length);

/* Read a whole reply of status 200 without fields. */
void expect_reply(int fd, unsigned id, const char *body);

/* Read an error frame that says this, and the end of the connection. */
void expect_error(int fd, const char *says);

/* Read the end of the connection. */
void expect_closed(int fd);

/* Read len bytes, or as many as come before the end; returns how many. */
size_t expect_bytes(int fd, char *buf, size_t len);

/* Read a data frame: whose it is, and how long. */
size_t expect_data(int fd, unsigned *id);

/* A request's cancelled() is called, once for each call of this. */
void expect_cancelled(void);


#endif /* SERVED_H */
