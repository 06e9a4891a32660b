
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"


/*
 * A batch on its way.
 *
 * out, pos  the line at hand and how much of it has been taken
 * line      memory of getline()'s
 * refused   a URL was not sent
 */
typedef struct {
    char *const  *urls;
    size_t        n;
    const char   *path;
    FILE         *file;
    sc_buf_t      out;
    size_t        pos;
    char         *line;
    size_t        room;
    unsigned      refused:1;
} ctl_batch_t;


static int ctl_batch_begin(ctl_batch_t *b, const json_t *body);
static int ctl_batch_send(ctl_t *c, ctl_batch_t *b);
static size_t ctl_batch_read(void *data, char *room, size_t size);
static int ctl_batch_next(ctl_batch_t *b);
static int ctl_batch_file(ctl_batch_t *b);
static int ctl_batch_line(ctl_batch_t *b, const char *text, size_t len);
static int ctl_batch_told(ctl_t *c, const char *path,
    const ctl_reply_t *reply);
static void ctl_batch_rejected(const char *path, const json_t *rejected);


int
ctl_batch(ctl_t *c, json_t *body, char *const *urls, size_t n,
    const char *path)
{
    int          status;
    ctl_batch_t  b;

    memset(&b, 0, sizeof(ctl_batch_t));
    sc_buf_init(&b.out, 0);
    b.urls = urls;
    b.n = n;
    b.path = path;
    b.file = (strcmp(path, "-") == 0) ? stdin : fopen(path, "r");

    if (b.file == NULL) {
        ctl_error("could not open \"%s\": %s", path, strerror(errno));
        return CTL_FAILED;
    }

    status = ctl_batch_begin(&b, body) == SC_OK ? ctl_batch_send(c, &b)
                                                : CTL_FAILED;

    if (b.file != stdin) {
        (void) fclose(b.file);
    }

    free(b.line);
    sc_buf_free(&b.out);

    return status;
}


/* The first line says what is the same for all. */
static int
ctl_batch_begin(ctl_batch_t *b, const json_t *body)
{
    (void) sc_buf_add_cstr(&b->out, "{\"defaults\":");

    if (ctl_json(body, 1, &b->out) != SC_OK
        || sc_buf_add_cstr(&b->out, "}\n") != SC_OK)
    {
        ctl_error("memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
ctl_batch_send(ctl_t *c, ctl_batch_t *b)
{
    int            status;
    ctl_reply_t    reply;
    ctl_request_t  request;

    memset(&request, 0, sizeof(ctl_request_t));
    request.method = "POST";
    request.path = "/v1/batch";
    request.type = "application/x-ndjson";
    request.read = ctl_batch_read;
    request.data = b;

    status = CTL_UNREACHABLE;

    if (ctl_http(c, &request, &reply) == SC_OK) {
        status = ctl_batch_told(c, b->path, &reply);
    }

    if (status == CTL_DONE && b->refused) {
        status = CTL_FAILED;
    }

    ctl_reply_free(&reply);

    return status;
}


static size_t
ctl_batch_read(void *data, char *room, size_t size)
{
    int           rc;
    size_t        len;
    ctl_batch_t  *b = data;

    while (b->pos == b->out.len) {
        sc_buf_reset(&b->out);
        b->pos = 0;
        rc = ctl_batch_next(b);

        if (rc != SC_OK) {
            return rc == SC_DECLINED ? 0 : CTL_READ_FAILED;
        }
    }

    len = b->out.len - b->pos;
    len = (len < size) ? len : size;
    memcpy(room, b->out.data + b->pos, len);
    b->pos += len;

    return len;
}


/* SC_DECLINED when there is no other line. */
static int
ctl_batch_next(ctl_batch_t *b)
{
    const char  *url;

    if (b->n == 0) {
        return ctl_batch_file(b);
    }

    url = *b->urls++;
    b->n--;

    return ctl_batch_line(b, url, strlen(url));
}


/* Blank lines, and those that begin with '#', name no page. */
static int
ctl_batch_file(ctl_batch_t *b)
{
    ssize_t  n;

    do {
        n = getline(&b->line, &b->room, b->file);

        if (n < 0 && ferror(b->file)) {
            ctl_error("could not read \"%s\": %s", b->path,
                      strerror(errno));
            return SC_ERROR;
        }

        if (n < 0) {
            return SC_DECLINED;
        }

        while (n > 0 && strchr("\r\n \t", b->line[n - 1]) != NULL) {
            n--;
        }

    } while (n == 0 || b->line[0] == '#');

    return ctl_batch_line(b, b->line, (size_t) n);
}


/* A URL, or an object that says more of its page. */
static int
ctl_batch_line(ctl_batch_t *b, const char *text, size_t len)
{
    json_t  *url;

    if (len > 0 && text[0] == '{') {
        (void) sc_buf_add(&b->out, text, len);
        return sc_buf_add_cstr(&b->out, "\n");
    }

    url = json_pack("{s:s%}", "url", text, len);

    if (url == NULL) {
        ctl_error("a URL of \"%s\" is not UTF-8, or memory is out",
                  b->path);
        b->refused = 1;
        return SC_OK;
    }

    (void) ctl_json(url, 1, &b->out);
    json_decref(url);

    return sc_buf_add_cstr(&b->out, "\n");
}


static int
ctl_batch_told(ctl_t *c, const char *path, const ctl_reply_t *reply)
{
    int           rc;
    const char   *id;
    const json_t *rejected;

    if (reply->status != 202 && reply->status != 200) {
        return ctl_problem(path, reply);
    }

    id = ctl_json_str(reply->json, "id");
    rejected = json_object_get(reply->json, "rejected");

    if (c->values[CTL_OPT_JSON] != NULL) {
        rc = ctl_json_print(reply->json, 1);

    } else {
        rc = ctl_write(id, strlen(id));

        if (rc == SC_OK) {
            rc = ctl_write("\n", 1);
        }
    }

    ctl_batch_rejected(path, rejected);

    return (rc == SC_OK && json_array_size(rejected) == 0) ? CTL_DONE
                                                           : CTL_FAILED;
}


/* Lines are counted with the one that says what is the same for all. */
static void
ctl_batch_rejected(const char *path, const json_t *rejected)
{
    size_t         i;
    const json_t  *line;

    json_array_foreach(rejected, i, line) {
        ctl_error("%s: %s: %s", path, ctl_json_str(line, "type"),
                  ctl_json_str(line, "detail"));
    }
}
