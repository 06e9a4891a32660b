
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "sidecar/ctl/ctl_internal.h"


#define CTL_CHUNK    65536


static void ctl_message(const char *fmt, va_list args);
static int ctl_read_all(int fd, sc_buf_t *b);
static size_t ctl_sequence(const unsigned char *s, size_t len);


void
ctl_error(const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    ctl_message(fmt, args);
    va_end(args);
}


void
ctl_note(const ctl_t *c, const char *fmt, ...)
{
    va_list  args;

    if (c->values[CTL_OPT_QUIET] != NULL) {
        return;
    }

    va_start(args, fmt);
    ctl_message(fmt, args);
    va_end(args);
}


/* The words in it may be a page's or a gateway's. */
static void
ctl_message(const char *fmt, va_list args)
{
    char      text[2048];
    sc_buf_t  b;

    (void) vsnprintf(text, sizeof(text), fmt, args);

    sc_buf_init(&b, 0);
    ctl_plain(&b, text, strlen(text));
    (void) fprintf(stderr, "scrapectl: %s\n", b.data != NULL ? b.data : "");
    sc_buf_free(&b);
}


int
ctl_read(const char *path, sc_buf_t *b)
{
    int  fd, rc;

    sc_buf_init(b, CTL_MAX_INPUT);

    fd = STDIN_FILENO;

    if (strcmp(path, "-") != 0) {
        fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd == -1) {
            ctl_error("could not open \"%s\": %m", path);
            return SC_ERROR;
        }
    }

    rc = ctl_read_all(fd, b);

    if (rc != SC_OK) {

        if (b->failed) {
            ctl_error("\"%s\" is longer than %d bytes", path, CTL_MAX_INPUT);

        } else {
            ctl_error("could not read \"%s\": %m", path);
        }
    }

    if (fd != STDIN_FILENO) {
        (void) close(fd);
    }

    return rc;
}


static int
ctl_read_all(int fd, sc_buf_t *b)
{
    char      chunk[CTL_CHUNK];
    ssize_t   n;

    for ( ;; ) {
        n = read(fd, chunk, sizeof(chunk));

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n == 0) {
            return SC_OK;
        }

        if (n == -1 || sc_buf_add(b, chunk, (size_t) n) != SC_OK) {
            return SC_ERROR;
        }
    }
}


int
ctl_write(const char *data, size_t len)
{
    if (len != 0 && fwrite(data, 1, len, stdout) != len) {
        ctl_error("could not write: %m");
        return SC_ERROR;
    }

    return SC_OK;
}


void
ctl_plain(sc_buf_t *b, const char *text, size_t len)
{
    size_t  i, n;

    for (i = 0; i < len; i += n) {
        n = ctl_sequence((const unsigned char *) text + i, len - i);

        if (n != 0) {
            (void) sc_buf_add(b, text + i, n);
            continue;
        }

        (void) sc_buf_add_cstr(b, "?");

        n = 1;

        while (i + n < len && ((unsigned char) text[i + n] & 0xc0) == 0x80) {
            n++;
        }
    }
}


/* Bytes of the character that may be printed, 0 if there is none. */
static size_t
ctl_sequence(const unsigned char *s, size_t len)
{
    size_t  i, n;

    if (s[0] < 0x80) {
        return s[0] >= 0x20 && s[0] != 0x7f;
    }

    n = (s[0] >= 0xf0) ? 4 : (s[0] >= 0xe0) ? 3 : 2;

    if (s[0] < 0xc2 || s[0] > 0xf4 || len < n) {
        return 0;
    }

    for (i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    /* U+0080 to U+009F are control characters too */
    return (s[0] == 0xc2 && s[1] < 0xa0) ? 0 : n;
}


int
ctl_begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}


int
ctl_ends(const char *text, const char *with)
{
    size_t  len = strlen(text), n = strlen(with);

    return len >= n && strcmp(text + len - n, with) == 0;
}
