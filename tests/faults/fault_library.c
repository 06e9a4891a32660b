
#include <ares.h>
#include <brotli/decode.h>
#include <curl/curl.h>
#include <idn2.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <uchardet.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define PCRE2_CODE_UNIT_WIDTH  8
#include <pcre2.h>

#include "tests/faults/fault.h"


/* A function of a library, and what it says when it fails. */
#define FAULT_CALL(kind, type, name, params, args, fail)                      \
    type fault_##name params                                                  \
    {                                                                         \
        return fault_fails(kind) ? (fail) : name args;                        \
    }

#define FAULT_OF(type, name, params, args, fail)                              \
    FAULT_CALL(FAULT_LIBRARY, type, name, params, args, fail)

#define FAULT_SQL(type, name, params, args, fail)                             \
    FAULT_CALL(FAULT_STORE, type, name, params, args, fail)


static int  fault_sqlite_rc = SQLITE_IOERR;

/* as long as it is none, the decoder itself is asked */
static BrotliDecoderErrorCode  fault_brotli_code = BROTLI_DECODER_NO_ERROR;


FAULT_SQL(int, sqlite3_open_v2,
          (const char *a, sqlite3 **b, int c, const char *d), (a, b, c, d),
          (*b = NULL, SQLITE_CANTOPEN))
FAULT_SQL(int, sqlite3_exec,
          (sqlite3 *a, const char *b,
           int (*c)(void *, int, char **, char **), void *d, char **e),
          (a, b, c, d, e), fault_sqlite_rc)
FAULT_SQL(int, sqlite3_prepare_v2,
          (sqlite3 *a, const char *b, int c, sqlite3_stmt **d,
           const char **e),
          (a, b, c, d, e), (*d = NULL, fault_sqlite_rc))
FAULT_SQL(int, sqlite3_prepare_v3,
          (sqlite3 *a, const char *b, int c, unsigned d, sqlite3_stmt **e,
           const char **f),
          (a, b, c, d, e, f), (*e = NULL, fault_sqlite_rc))
FAULT_SQL(int, sqlite3_step, (sqlite3_stmt *a), (a), fault_sqlite_rc)
FAULT_SQL(int, sqlite3_bind_int64, (sqlite3_stmt *a, int b, sqlite3_int64 c),
          (a, b, c), SQLITE_NOMEM)
FAULT_SQL(int, sqlite3_bind_text64,
          (sqlite3_stmt *a, int b, const char *c, sqlite3_uint64 d,
           void (*e)(void *), unsigned char f),
          (a, b, c, d, e, f), SQLITE_NOMEM)
FAULT_SQL(const unsigned char *, sqlite3_column_text,
          (sqlite3_stmt *a, int b), (a, b), NULL)
FAULT_SQL(int, sqlite3_wal_checkpoint_v2,
          (sqlite3 *a, const char *b, int c, int *d, int *e),
          (a, b, c, d, e), fault_sqlite_rc)

FAULT_OF(int, ares_library_init, (int a), (a), ARES_ENOMEM)
FAULT_OF(int, ares_init_options,
         (ares_channel *a, struct ares_options *b, int c), (a, b, c),
         ARES_ENOMEM)
FAULT_OF(int, ares_set_servers_ports_csv, (ares_channel a, const char *b),
         (a, b), ARES_ENOMEM)
FAULT_OF(CURLcode, curl_global_init_mem,
         (long a, curl_malloc_callback b, curl_free_callback c,
          curl_realloc_callback d, curl_strdup_callback e,
          curl_calloc_callback f),
         (a, b, c, d, e, f), CURLE_OUT_OF_MEMORY)
FAULT_OF(CURL *, curl_easy_init, (void), (), NULL)
FAULT_OF(CURLM *, curl_multi_init, (void), (), NULL)
FAULT_OF(CURLMcode, curl_multi_add_handle, (CURLM *a, CURL *b), (a, b),
         CURLM_OUT_OF_MEMORY)
FAULT_OF(struct curl_slist *, curl_slist_append,
         (struct curl_slist *a, const char *b), (a, b), NULL)
FAULT_OF(CURLSH *, curl_share_init, (void), (), NULL)
FAULT_OF(CURLU *, curl_url, (void), (), NULL)
FAULT_OF(char *, curl_easy_escape, (CURL *a, const char *b, int c), (a, b, c),
         NULL)
FAULT_OF(int, idn2_to_ascii_8z, (const char *a, char **b, int c), (a, b, c),
         IDN2_MALLOC)
FAULT_OF(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
FAULT_OF(int, EVP_DigestInit_ex,
         (EVP_MD_CTX *a, const EVP_MD *b, ENGINE *c), (a, b, c), 0)
FAULT_OF(int, EVP_DigestUpdate, (EVP_MD_CTX *a, const void *b, size_t c),
         (a, b, c), 0)
FAULT_OF(int, EVP_DigestFinal_ex,
         (EVP_MD_CTX *a, unsigned char *b, unsigned *c), (a, b, c), 0)
FAULT_OF(int, EVP_Digest,
         (const void *a, size_t b, unsigned char *c, unsigned *d,
          const EVP_MD *e, ENGINE *f),
         (a, b, c, d, e, f), 0)
FAULT_OF(int, inflateInit2_, (z_streamp a, int b, const char *c, int d),
         (a, b, c, d), Z_MEM_ERROR)
FAULT_OF(int, inflate, (z_streamp a, int b), (a, b), Z_MEM_ERROR)
FAULT_OF(int, inflateReset, (z_streamp a), (a), Z_STREAM_ERROR)
FAULT_OF(int, inflateReset2, (z_streamp a, int b), (a, b), Z_MEM_ERROR)
FAULT_OF(BrotliDecoderState *, BrotliDecoderCreateInstance,
         (brotli_alloc_func a, brotli_free_func b, void *c), (a, b, c), NULL)
FAULT_OF(BrotliDecoderResult, BrotliDecoderDecompressStream,
         (BrotliDecoderState *a, size_t *b, const uint8_t **c, size_t *d,
          uint8_t **e, size_t *f),
         ((fault_brotli_code = BROTLI_DECODER_NO_ERROR, a), b, c, d, e, f),
         (fault_brotli_code = BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_1,
          BROTLI_DECODER_RESULT_ERROR))
FAULT_OF(ZSTD_DCtx *, ZSTD_createDCtx, (void), (), NULL)
FAULT_OF(size_t, ZSTD_DCtx_setParameter,
         (ZSTD_DCtx *a, ZSTD_dParameter b, int c), (a, b, c),
         (size_t) -ZSTD_error_memory_allocation)
FAULT_OF(size_t, ZSTD_decompressStream,
         (ZSTD_DStream *a, ZSTD_outBuffer *b, ZSTD_inBuffer *c), (a, b, c),
         (size_t) -ZSTD_error_memory_allocation)
FAULT_OF(int, uchardet_handle_data, (uchardet_t a, const char *b, size_t c),
         (a, b, c), 1)
FAULT_OF(pcre2_code *, pcre2_compile_8,
         (PCRE2_SPTR a, PCRE2_SIZE b, uint32_t c, int *d, PCRE2_SIZE *e,
          pcre2_compile_context *f),
         (a, b, c, d, e, f), (*d = PCRE2_ERROR_NOMEMORY, *e = 0, NULL))
FAULT_OF(pcre2_compile_context *, pcre2_compile_context_create_8,
         (pcre2_general_context *a), (a), NULL)
FAULT_OF(pcre2_general_context *, pcre2_general_context_create_8,
         (void *(*a)(size_t, void *), void (*b)(void *, void *), void *c),
         (a, b, c), NULL)
FAULT_OF(pcre2_match_context *, pcre2_match_context_create_8,
         (pcre2_general_context *a), (a), NULL)
FAULT_OF(pcre2_match_data *, pcre2_match_data_create_8,
         (uint32_t a, pcre2_general_context *b), (a, b), NULL)
FAULT_OF(pcre2_match_data *, pcre2_match_data_create_from_pattern_8,
         (const pcre2_code *a, pcre2_general_context *b), (a, b), NULL)


int
fault_BrotliDecoderGetErrorCode(const BrotliDecoderState *state)
{
    return (int) (fault_brotli_code != BROTLI_DECODER_NO_ERROR
                  ? fault_brotli_code : BrotliDecoderGetErrorCode(state));
}


void
fault_sqlite_says(int rc)
{
    fault_sqlite_rc = rc;
}
