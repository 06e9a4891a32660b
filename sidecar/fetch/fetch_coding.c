
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "sidecar/fetch/fetch_coding.h"


#define FETCH_CODING_GZIP      (MAX_WBITS + 16)     /* zlib's number for it */
#define FETCH_CODING_WINDOW    23                   /* log2 of 8 MiB */


struct fetch_coding_s {
    const char  *name;
    void      *(*open)(void);
    int        (*step)(void *state, fetch_coding_io_t *io);
    void       (*close)(void *state);
};


/*
 * head   the first bytes of deflate: they tell what it is
 * nhead  how many of the two have come
 * ended  the content has
 */
typedef struct {
    z_stream        z;
    unsigned char   head[2];
    unsigned        nhead;
    unsigned        ended:1;
} fetch_coding_zlib_t;


static void *fetch_coding_open_gzip(void);
static void *fetch_coding_open_zlib(int bits);
static int fetch_coding_step_gzip(void *state, fetch_coding_io_t *io);
static void *fetch_coding_open_deflate(void);
static int fetch_coding_step_deflate(void *state, fetch_coding_io_t *io);
static int fetch_coding_is_zlib(const unsigned char *head);
static int fetch_coding_inflate(fetch_coding_zlib_t *s, fetch_coding_io_t *io);
static void fetch_coding_close_zlib(void *state);
static void *fetch_coding_open_br(void);
static int fetch_coding_step_br(void *state, fetch_coding_io_t *io);
static void fetch_coding_close_br(void *state);
static void *fetch_coding_open_zstd(void);
static int fetch_coding_step_zstd(void *state, fetch_coding_io_t *io);
static void fetch_coding_close_zstd(void *state);


static const fetch_coding_t  fetch_codings[] = {
    { "gzip", fetch_coding_open_gzip, fetch_coding_step_gzip,
      fetch_coding_close_zlib },
    { "x-gzip", fetch_coding_open_gzip, fetch_coding_step_gzip,
      fetch_coding_close_zlib },
    { "deflate", fetch_coding_open_deflate, fetch_coding_step_deflate,
      fetch_coding_close_zlib },
    { "br", fetch_coding_open_br, fetch_coding_step_br,
      fetch_coding_close_br },
    { "zstd", fetch_coding_open_zstd, fetch_coding_step_zstd,
      fetch_coding_close_zstd }
};


const fetch_coding_t *
fetch_coding_find(sc_str_t name)
{
    size_t  i, n;

    n = sizeof(fetch_codings) / sizeof(fetch_codings[0]);

    for (i = 0; i < n; i++) {
        if (strlen(fetch_codings[i].name) == name.len
            && strncasecmp(fetch_codings[i].name, name.data, name.len) == 0)
        {
            return &fetch_codings[i];
        }
    }

    return NULL;
}


const char *
fetch_coding_name(const fetch_coding_t *coding)
{
    return coding->name;
}


void *
fetch_coding_open(const fetch_coding_t *coding)
{
    return coding->open();
}


void
fetch_coding_close(const fetch_coding_t *coding, void *state)
{
    coding->close(state);
}


int
fetch_coding_step(const fetch_coding_t *coding, void *state,
    fetch_coding_io_t *io)
{
    return coding->step(state, io);
}


static void *
fetch_coding_open_gzip(void)
{
    return fetch_coding_open_zlib(FETCH_CODING_GZIP);
}


static void *
fetch_coding_open_zlib(int bits)
{
    fetch_coding_zlib_t  *s;

    s = calloc(1, sizeof(fetch_coding_zlib_t));

    if (s != NULL && inflateInit2(&s->z, bits) != Z_OK) {
        free(s);
        return NULL;
    }

    return s;
}


/* Another member begins as the first one does; anything else is no content. */
static int
fetch_coding_step_gzip(void *state, fetch_coding_io_t *io)
{
    fetch_coding_zlib_t  *s = state;

    if (s->ended && io->len > 0 && io->in[0] == 0x1f) {
        s->ended = 0;

        if (inflateReset(&s->z) != Z_OK) {
            return SC_DECLINED;
        }
    }

    return fetch_coding_inflate(s, io);
}


/* Which of the two it is, is known when two bytes have come. */
static void *
fetch_coding_open_deflate(void)
{
    return fetch_coding_open_zlib(MAX_WBITS);
}


static int
fetch_coding_step_deflate(void *state, fetch_coding_io_t *io)
{
    int                   rc;
    fetch_coding_io_t     head;
    fetch_coding_zlib_t  *s = state;

    if (s->nhead == 2) {
        return fetch_coding_inflate(s, io);
    }

    while (s->nhead < 2 && io->len > 0) {
        s->head[s->nhead++] = *io->in++;
        io->len--;
    }

    if (s->nhead < 2) {
        return SC_AGAIN;
    }

    if (!fetch_coding_is_zlib(s->head)
        && inflateReset2(&s->z, -MAX_WBITS) != Z_OK)
    {
        return SC_DECLINED;
    }

    head = *io;
    head.in = s->head;
    head.len = 2;
    rc = fetch_coding_inflate(s, &head);
    io->out = head.out;
    io->room = head.room;

    return rc;
}


/* RFC 1950 2.2: the method, its window, and a check of both */
static int
fetch_coding_is_zlib(const unsigned char *head)
{
    return (head[0] & 0x0f) == Z_DEFLATED && head[0] >> 4 <= 7
           && (head[0] << 8 | head[1]) % 31 == 0;
}


static int
fetch_coding_inflate(fetch_coding_zlib_t *s, fetch_coding_io_t *io)
{
    int  rc;

    if (s->ended) {
        io->len = 0;
        return SC_OK;
    }

    s->z.next_in = (unsigned char *) io->in;
    s->z.avail_in = (unsigned) io->len;
    s->z.next_out = io->out;
    s->z.avail_out = (unsigned) io->room;

    rc = inflate(&s->z, Z_NO_FLUSH);

    io->in = s->z.next_in;
    io->len = s->z.avail_in;
    io->out = s->z.next_out;
    io->room = s->z.avail_out;
    s->ended = (rc == Z_STREAM_END);

    switch (rc) {

    case Z_STREAM_END:
        return SC_OK;

    case Z_OK:
    case Z_BUF_ERROR:   /* there was nothing left to do */
        return SC_AGAIN;

    case Z_MEM_ERROR:
        return SC_DECLINED;

    default:
        return SC_ERROR;
    }
}


static void
fetch_coding_close_zlib(void *state)
{
    fetch_coding_zlib_t  *s = state;

    (void) inflateEnd(&s->z);
    free(s);
}


static void *
fetch_coding_open_br(void)
{
    return BrotliDecoderCreateInstance(NULL, NULL, NULL);
}


static int
fetch_coding_step_br(void *state, fetch_coding_io_t *io)
{
    BrotliDecoderResult     rc;
    BrotliDecoderErrorCode  code;

    if (BrotliDecoderIsFinished(state)) {
        io->len = 0;
        return SC_OK;
    }

    rc = BrotliDecoderDecompressStream(state, &io->len, &io->in, &io->room,
                                       &io->out, NULL);

    switch (rc) {

    case BROTLI_DECODER_RESULT_SUCCESS:
        return SC_OK;

    case BROTLI_DECODER_RESULT_ERROR:
        code = BrotliDecoderGetErrorCode(state);

        /* the first and the last of those about memory */
        return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES
               && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
               ? SC_DECLINED : SC_ERROR;

    default:
        return SC_AGAIN;
    }
}


static void
fetch_coding_close_br(void *state)
{
    BrotliDecoderDestroyInstance(state);
}


static void *
fetch_coding_open_zstd(void)
{
    ZSTD_DCtx  *d;

    d = ZSTD_createDCtx();

    if (d != NULL
        && ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax,
                                               FETCH_CODING_WINDOW)))
    {
        (void) ZSTD_freeDCtx(d);
        return NULL;
    }

    return d;
}


/* It ends with each of its frames, and goes on with the next. */
static int
fetch_coding_step_zstd(void *state, fetch_coding_io_t *io)
{
    size_t          rc;
    ZSTD_inBuffer   in = { io->in, io->len, 0 };
    ZSTD_outBuffer  out = { io->out, io->room, 0 };

    rc = ZSTD_decompressStream(state, &out, &in);

    io->in += in.pos;
    io->len -= in.pos;
    io->out += out.pos;
    io->room -= out.pos;

    if (ZSTD_isError(rc)) {
        return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation
               ? SC_DECLINED : SC_ERROR;
    }

    return rc == 0 ? SC_OK : SC_AGAIN;
}


static void
fetch_coding_close_zstd(void *state)
{
    (void) ZSTD_freeDCtx(state);
}
