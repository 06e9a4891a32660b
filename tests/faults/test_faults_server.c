
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sidecar/api/server.h"
#include "tests/faults/fault.h"
#include "tests/support/process.h"


#define FACED_HELLO      "hello 0 1 12\r\nName: test\r\n"
#define FACED_ECHO       "open 1 0 24\r\nPOST /v1/echo HTTP/1.1\r\n"

#define FACED_RULES      "{\"t\":\"//h1\"}"

#define FACED_LARGE      100000         /* bytes of a reply in many frames */
#define FACED_PIECE      20000          /* bytes of it given at once */
#define FACED_SAID       200000         /* bytes of an answer, at most */
#define FACED_LOOKS      4000           /* a millisecond each: then it hangs */
#define FACED_UNTOLD     (-1)           /* before there is a status */

#define FACED_SCENE(name, work)                                               \
    { name, FAULT_OURS, work, NULL, 0, 0 }


/*
 * A client in the same loop, which looks for what has come now and then.
 *
 * say    what it sends, once
 * end    the type of frame that it waits for, n times
 * got    what has come
 * looks  how often it has looked
 * over   its connection was closed
 */
typedef struct {
    const char       *say;
    sc_frame_type_t   end;
    size_t            n;
    int               fd;
    sc_buf_t          got;
    int               looks;
    unsigned          over:1;
} faced_t;


static int faced_made(void);
static int faced_echo(void);
static int faced_parts(void);
static int faced_large(void);
static int faced_stream(void);
static int faced_many(void);
static int faced_cancel(void);
static int faced_rules(void);
static int faced_local(void);
static int faced_drained(void);
static int faced_play(const char *say, sc_frame_type_t end, size_t n);
static int faced_begin(void);
static void faced_connect(void);
static int faced_end(int rc);
static void faced_tick(loop_timer_t *timer);
static void faced_take(void);
static int faced_is_told(void);
static int faced_judge(void);
static size_t faced_next(size_t at, sc_frame_t *f);
static void faced_handle(server_request_t *r, void *data);
static void faced_body(server_request_t *r, size_t len);
static void faced_hash(server_request_t *r);
static void faced_reply(server_request_t *r, sc_str_t body);
static void faced_drain(server_request_t *r);
static void faced_part(server_request_t *r, sc_str_t part, int last);
static void faced_cancelled(server_request_t *r);
static int faced_streams(const server_request_t *r, void *data);
static void faced_told(void *data, int status, sc_str_t headers,
    sc_str_t body);


static const fault_scene_t  faced_scenes[] = {
    FACED_SCENE("server made", faced_made),
    FACED_SCENE("request answered", faced_echo),
    FACED_SCENE("request in parts answered", faced_parts),
    FACED_SCENE("long answer", faced_large),
    FACED_SCENE("answer in parts", faced_stream),
    FACED_SCENE("many requests at once", faced_many),
    FACED_SCENE("request cancelled", faced_cancel),
    FACED_SCENE("rule set sent and found", faced_rules),
    FACED_SCENE("request of our own", faced_local),
    FACED_SCENE("server drained", faced_drained)
};


static loop_t        *faced_loop;
static server_t      *faced_server;
static settings_t     faced_settings;
static loop_timer_t   faced_timer;
static faced_t        faced;
static char           faced_dir[64];
static char           faced_path[96];
static char           faced_at[112];
static char           faced_text[FACED_LARGE];
static int            faced_status;


int
main(void)
{
    fault_sample(0, 60);
    memset(faced_text, 'x', sizeof(faced_text));

    return fault_suite("faults_server", faced_scenes,
                       sizeof(faced_scenes) / sizeof(faced_scenes[0]));
}


/* One that could not be made has left no socket that is in the way. */
static int
faced_made(void)
{
    int   rc;
    char  err[256];

    rc = faced_begin();

    if (rc != SC_OK) {
        fault_hold();
        faced_server = server_create(faced_loop, &faced_settings, -1,
                                     faced_handle, faced_streams, NULL, err,
                                     sizeof(err));
        fault_release();
        rc = faced_server != NULL ? rc : SC_DECLINED;
    }

    return faced_end(rc);
}


static int
faced_echo(void)
{
    return faced_play(FACED_HELLO FACED_ECHO "body 1 0 3\r\nabc"
                      "last 1 0 2\r\nde", SC_FRAME_END, 1);
}


static int
faced_parts(void)
{
    return faced_play(FACED_HELLO "open 1 0 25\r\nPOST /v1/parts HTTP/1.1\r\n"
                      "body 1 0 3\r\nabclast 1 0 2\r\nde", SC_FRAME_END, 1);
}


static int
faced_large(void)
{
    return faced_play(FACED_HELLO "open 1 0 24\r\nGET /v1/large HTTP/1.1\r\n"
                      "last 1 0 0\r\n", SC_FRAME_END, 1);
}


static int
faced_stream(void)
{
    return faced_play(FACED_HELLO "open 1 0 25\r\nGET /v1/stream HTTP/1.1\r\n"
                      "last 1 0 0\r\n", SC_FRAME_END, 1);
}


static int
faced_many(void)
{
    return faced_play(FACED_HELLO FACED_ECHO "last 1 0 1\r\na"
                      "open 2 0 24\r\nPOST /v1/echo HTTP/1.1\r\n"
                      "open 3 0 24\r\nPOST /v1/echo HTTP/1.1\r\n"
                      "last 3 0 1\r\ncbody 2 0 1\r\nblast 2 0 0\r\n",
                      SC_FRAME_END, 3);
}


static int
faced_cancel(void)
{
    return faced_play(FACED_HELLO "open 1 0 24\r\nGET /v1/never HTTP/1.1\r\n"
                      "last 1 0 0\r\ncancel 1 0 0\r\n", SC_FRAME_END, 1);
}


static int
faced_rules(void)
{
    char                say[1024];
    static sc_rules_t  *rules;
    sc_rules_error_t    err;

    fault_hold();
    rules = sc_rules_parse_text(FACED_RULES, strlen(FACED_RULES), &err);
    ck_assert_ptr_nonnull(rules);
    (void) snprintf(say, sizeof(say), FACED_HELLO "rules 0 0 %zu\r\n"
                    "shop %s\n%sopen 1 0 24\r\nGET /v1/rules HTTP/1.1\r\n"
                    "last 1 0 0\r\n",
                    strlen("shop ") + SC_RULES_HASH_LEN + 1 + rules->json_len,
                    rules->hash, rules->json);
    sc_rules_free(rules);
    fault_release();

    return faced_play(say, SC_FRAME_END, 1);
}


/* Who asked is told in any case, once the request was taken. */
static int
faced_local(void)
{
    int             rc;
    const sc_str_t  body = sc_string("abc"), tenant = sc_string("acme");

    rc = faced_begin();
    faced_status = FACED_UNTOLD;

    if (rc == SC_OK) {
        rc = server_local(faced_server, "POST", "/v1/stream", tenant, body,
                          faced_told, NULL);
    }

    if (rc == SC_OK) {
        faced.looks = 0;
        (void) loop_run(faced_loop);
        rc = faced_status == FACED_UNTOLD ? SC_DECLINED
             : faced_status == 200 ? SC_OK : SC_ERROR;
    }

    return faced_end(rc);
}


static int
faced_drained(void)
{
    int  rc;

    rc = faced_begin();

    if (rc == SC_OK) {
        faced.say = FACED_HELLO;
        faced.n = 1;
        faced.end = SC_FRAME_HELLO;
        faced_connect();
        (void) loop_run(faced_loop);
        rc = faced_judge();
    }

    if (rc == SC_OK) {
        server_drain(faced_server);
        faced.n = SIZE_MAX;
        faced_tick(&faced_timer);
        (void) loop_run(faced_loop);
        rc = faced.over ? SC_OK : SC_DECLINED;
    }

    return faced_end(rc);
}


static int
faced_play(const char *say, sc_frame_type_t end, size_t n)
{
    int  rc;

    rc = faced_begin();

    if (rc == SC_OK) {
        faced.say = say;
        faced.end = end;
        faced.n = n;
        faced_connect();
        (void) loop_run(faced_loop);
        rc = faced_judge();
    }

    return faced_end(rc);
}


/* The server is what is looked at; its loop and its folder are there. */
static int
faced_begin(void)
{
    char  err[256] = "";

    fault_hold();
    memset(&faced, 0, sizeof(faced_t));
    faced.fd = -1;
    sc_buf_init(&faced.got, 0);
    (void) sc_buf_reserve(&faced.got, FACED_SAID);
    process_folder_memory(faced_dir, sizeof(faced_dir));
    (void) snprintf(faced_path, sizeof(faced_path), "%s/s", faced_dir);
    (void) snprintf(faced_at, sizeof(faced_at), "unix:%s", faced_path);
    faced_settings.listen = faced_at;
    faced_settings.listen_mode = 0600;
    faced_settings.max_body = 1024;
    faced_loop = loop_create();
    loop_timer_init(&faced_timer, faced_tick, NULL);
    (void) loop_timer_set(faced_loop, &faced_timer, LOOP_MS);
    fault_release();

    faced_server = server_create(faced_loop, &faced_settings, -1,
                                 faced_handle, faced_streams, NULL, err,
                                 sizeof(err));

    if (faced_server != NULL) {
        return SC_OK;
    }

    return err[0] != '\0' ? SC_ERROR : SC_DECLINED;
}


static void
faced_connect(void)
{
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    memcpy(sun.sun_path, faced_path, strlen(faced_path));

    faced.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(faced.fd, -1);
    ck_assert_int_eq(connect(faced.fd, (struct sockaddr *) &sun,
                             sizeof(sun)), 0);
    ck_assert_int_eq(send(faced.fd, faced.say, strlen(faced.say),
                          MSG_NOSIGNAL), strlen(faced.say));
}


static int
faced_end(int rc)
{
    if (faced_server != NULL) {
        server_destroy(faced_server);
    }

    fault_hold();

    if (faced.fd != -1) {
        (void) close(faced.fd);
    }

    loop_timer_del(faced_loop, &faced_timer);
    loop_destroy(faced_loop);
    sc_buf_free(&faced.got);
    process_remove(faced_dir);
    fault_release();

    return rc;
}


static void
faced_tick(loop_timer_t *timer)
{
    fault_hold();
    faced_take();

    if (faced_is_told() || faced.over || faced.looks++ == FACED_LOOKS) {
        loop_stop(faced_loop);

    } else {
        (void) loop_timer_set(faced_loop, timer, LOOP_MS);
    }

    fault_release();
}


static void
faced_take(void)
{
    char     part[4096];
    ssize_t  n;

    do {
        n = recv(faced.fd, part, sizeof(part), MSG_DONTWAIT);

        if (n > 0) {
            (void) sc_buf_add(&faced.got, part, (size_t) n);
        }
    } while (n > 0);

    faced.over = (faced.fd != -1 && n == 0)
                 || (n == -1 && errno == ECONNRESET);
}


/* Whether all has come that is waited for. */
static int
faced_is_told(void)
{
    size_t      at, next, n;
    sc_frame_t  f;

    n = faced.n;

    for (at = 0; n > 0 && (next = faced_next(at, &f)) != 0; at = next) {
        n -= (f.type == faced.end);
    }

    return n == 0 && faced.fd != -1;
}


/*
 * A reply of the server's own that says what is wrong, an error frame and a
 * closed connection are refusals; silence is none.
 */

static int
faced_judge(void)
{
    int         refused;
    size_t      at, next;
    sc_frame_t  f;

    refused = !faced_is_told();

    for (at = 0; (next = faced_next(at, &f)) != 0; at = next) {

        if (f.type == SC_FRAME_ERROR
            || (f.type == SC_FRAME_HEAD && f.arg >= 500)
            || (f.type == SC_FRAME_END && f.arg == SC_FRAME_END_ABORTED))
        {
            refused = 1;

        } else if (f.type == SC_FRAME_HELLO) {
            fault_say("hello,");

        } else if (f.type == SC_FRAME_DATA && f.len > 200) {
            fault_say("%zu,", f.len);

        } else {
            fault_say("%s %d %d %.*s,", sc_frame_name(f.type), (int) f.id,
                      (int) f.arg, (int) f.len, faced.got.data + next - f.len);
        }
    }

    if (refused && !faced.over && faced.looks > FACED_LOOKS) {
        return SC_DECLINED;
    }

    return refused ? SC_ERROR : SC_OK;
}


/* The frame at this place, and where the next one is; 0: not there yet. */
static size_t
faced_next(size_t at, sc_frame_t *f)
{
    size_t  used;

    if (sc_frame_parse(faced.got.data + at, faced.got.len - at, f, &used)
        != SC_OK)
    {
        return 0;
    }

    at += used + f->len;

    return at <= faced.got.len ? at : 0;
}


static void
faced_handle(server_request_t *r, void *data)
{
    (void) data;

    if (strcmp(r->target, "/v1/large") == 0) {
        faced_body(r, FACED_LARGE);

    } else if (strcmp(r->target, "/v1/rules") == 0) {
        faced_hash(r);

    } else if (strcmp(r->target, "/v1/parts") == 0) {
        r->part = faced_part;
        r->cancelled = faced_cancelled;

    } else if (strcmp(r->target, "/v1/never") == 0) {
        r->cancelled = faced_cancelled;

    } else if (strcmp(r->target, "/v1/stream") == 0) {
        r->drained = faced_drain;
        r->cancelled = faced_cancelled;
        server_stream(r, 200, (sc_str_t) sc_string("X-Test: yes\r\n"));

    } else {
        faced_reply(r, (sc_str_t) { r->body.len, r->body.data });
    }
}


static void
faced_body(server_request_t *r, size_t len)
{
    faced_reply(r, (sc_str_t) { len, faced_text });
}


static void
faced_hash(server_request_t *r)
{
    const sc_rules_t  *rules;

    rules = server_rules(r->conn, "shop");

    if (rules != NULL) {
        faced_reply(r, (sc_str_t) { SC_RULES_HASH_LEN, rules->hash });

    } else {
        faced_reply(r, (sc_str_t) sc_string("none"));
    }
}


/* As the API answers what it had no memory for. */
static void
faced_reply(server_request_t *r, sc_str_t body)
{
    server_reply(r, r->body.failed ? 503 : 200,
                 (sc_str_t) sc_string("X-Test: yes\r\n"), body);
}


static void
faced_drain(server_request_t *r)
{
    size_t  at = (size_t) r->ctx;

    if (at < FACED_LARGE) {
        r->ctx = (void *) (at + FACED_PIECE);
        server_stream_add(r, (sc_str_t) { FACED_PIECE, faced_text });

    } else {
        server_stream_end(r, 1);
    }
}


static void
faced_part(server_request_t *r, sc_str_t part, int last)
{
    size_t  n = (size_t) r->ctx + part.len;

    r->ctx = (void *) n;

    if (last) {
        faced_body(r, n);
    }
}


static void
faced_cancelled(server_request_t *r)
{
    r->ctx = NULL;
}


static int
faced_streams(const server_request_t *r, void *data)
{
    (void) data;

    return strcmp(r->target, "/v1/parts") == 0;
}


static void
faced_told(void *data, int status, sc_str_t headers, sc_str_t body)
{
    (void) data;
    (void) headers;
    faced_status = status;

    if (status == 200) {
        fault_say("%zu", body.len);
    }

    loop_stop(faced_loop);
}
