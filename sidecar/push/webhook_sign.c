
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sidecar/push/webhooks_internal.h"


#define WEBHOOK_PREFIX      "whsec_"
#define WEBHOOK_KEY_MAX     4096        /* bytes of a secret's text */
#define WEBHOOK_ALPHABET                                                      \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


static int webhook_key(const char *text, unsigned char *key);


int
webhook_secret_ok(const char *secret)
{
    size_t         len;
    unsigned char  key[WEBHOOK_KEY_MAX];

    len = strlen(secret);

    if (len == 0 || len > WEBHOOKS_MAX_SECRET) {
        return 0;
    }

    return strncmp(secret, WEBHOOK_PREFIX, sizeof(WEBHOOK_PREFIX) - 1) != 0
           || webhook_key(secret + sizeof(WEBHOOK_PREFIX) - 1, key) > 0;
}


int
webhooks_sign(const char *secret, const char *id, int64_t timestamp,
    sc_str_t body, sc_buf_t *out)
{
    int             len;
    sc_buf_t        text;
    unsigned        n;
    unsigned char   key[WEBHOOK_KEY_MAX], mac[EVP_MAX_MD_SIZE];
    unsigned char   base64[EVP_MAX_MD_SIZE * 2];
    const void     *bytes = secret;

    len = -1;

    if (strncmp(secret, WEBHOOK_PREFIX, sizeof(WEBHOOK_PREFIX) - 1) == 0) {
        len = webhook_key(secret + sizeof(WEBHOOK_PREFIX) - 1, key);
    }

    if (len > 0) {
        bytes = key;

    } else {
        len = (int) strnlen(secret, WEBHOOK_KEY_MAX);
    }

    sc_buf_init(&text, 0);
    (void) sc_buf_printf(&text, "%s.%lld.", id, (long long) timestamp);

    if (sc_buf_add_str(&text, body) != SC_OK
        || HMAC(EVP_sha256(), bytes, len, (unsigned char *) text.data,
                text.len, mac, &n)
           == NULL)
    {
        OPENSSL_cleanse(key, sizeof(key));
        sc_buf_free(&text);
        return SC_ERROR;
    }

    OPENSSL_cleanse(key, sizeof(key));
    sc_buf_free(&text);
    (void) EVP_EncodeBlock(base64, mac, (int) n);

    return sc_buf_printf(out, "v1,%s", (char *) base64);
}


/* The bytes of base64 text, of WEBHOOK_KEY_MAX at most; -1 if it is none. */
static int
webhook_key(const char *text, unsigned char *key)
{
    int     n, padding;
    size_t  len;

    len = strlen(text);

    if (len == 0 || len % 4 != 0 || len > WEBHOOK_KEY_MAX) {
        return -1;
    }

    padding = (text[len - 1] == '=') + (text[len - 2] == '=');

    if (strspn(text, WEBHOOK_ALPHABET) != len - (size_t) padding) {
        return -1;
    }

    n = EVP_DecodeBlock(key, (const unsigned char *) text, (int) len);

    return n > padding ? n - padding : -1;
}
