
#include <stdio.h>
#include <stdlib.h>

#include <check.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "tests/support/tls_cert.h"


static void tls_cert_fill(X509 *x, EVP_PKEY *key, const tls_cert_t *cert);
static void tls_cert_extend(X509 *x, int nid, const char *value);
static void tls_cert_sign(X509 *x, EVP_PKEY *key, const char *dir,
    const tls_cert_t *cert);
static void tls_cert_write(X509 *x, EVP_PKEY *key, const char *dir,
    const tls_cert_t *cert);
static FILE *tls_cert_open(const char *dir, const char *name,
    const char *suffix, const char *mode);


void
tls_cert_make(const char *dir, const tls_cert_t *cert)
{
    X509      *x;
    EVP_PKEY  *key;

    x = X509_new();
    key = EVP_EC_gen("P-256");
    ck_assert(x != NULL && key != NULL);

    tls_cert_fill(x, key, cert);
    tls_cert_sign(x, key, dir, cert);
    tls_cert_write(x, key, dir, cert);

    X509_free(x);
    EVP_PKEY_free(key);
}


static void
tls_cert_fill(X509 *x, EVP_PKEY *key, const tls_cert_t *cert)
{
    uint64_t    serial;
    X509_NAME  *subject;

    subject = X509_get_subject_name(x);

    ck_assert_int_eq(RAND_bytes((unsigned char *) &serial, sizeof(serial)),
                     1);

    if (!X509_set_version(x, X509_VERSION_3)
        || !ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial)
        || !X509_gmtime_adj(X509_getm_notBefore(x), cert->begins)
        || !X509_gmtime_adj(X509_getm_notAfter(x), cert->ends)
        || !X509_set_pubkey(x, key)
        || !X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                       (const unsigned char *) cert->name,
                                       -1, -1, 0))
    {
        ck_abort_msg("no certificate \"%s\"", cert->name);
    }

    if (cert->ca) {
        tls_cert_extend(x, NID_basic_constraints, "critical,CA:TRUE");
        tls_cert_extend(x, NID_key_usage, "critical,keyCertSign,cRLSign");

    } else {
        tls_cert_extend(x, NID_basic_constraints, "critical,CA:FALSE");
    }

    if (cert->names != NULL) {
        tls_cert_extend(x, NID_subject_alt_name, cert->names);
    }
}


static void
tls_cert_extend(X509 *x, int nid, const char *value)
{
    X509_EXTENSION  *extension;

    extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    if (extension == NULL || !X509_add_ext(x, extension, -1)) {
        ck_abort_msg("no extension \"%s\"", value);
    }

    X509_EXTENSION_free(extension);
}


static void
tls_cert_sign(X509 *x, EVP_PKEY *key, const char *dir, const tls_cert_t *cert)
{
    int        rc;
    FILE      *f;
    X509      *by;
    EVP_PKEY  *with;

    by = x;
    with = key;

    if (cert->issuer != NULL) {
        f = tls_cert_open(dir, cert->issuer, "crt", "r");
        by = PEM_read_X509(f, NULL, NULL, NULL);
        (void) fclose(f);

        f = tls_cert_open(dir, cert->issuer, "key", "r");
        with = PEM_read_PrivateKey(f, NULL, NULL, NULL);
        (void) fclose(f);

        ck_assert(by != NULL && with != NULL);
    }

    rc = X509_set_issuer_name(x, X509_get_subject_name(by))
         && X509_sign(x, with, EVP_sha256());
    ck_assert_msg(rc, "\"%s\" is not signed", cert->name);

    if (by != x) {
        X509_free(by);
        EVP_PKEY_free(with);
    }
}


static void
tls_cert_write(X509 *x, EVP_PKEY *key, const char *dir,
    const tls_cert_t *cert)
{
    FILE  *f;

    f = tls_cert_open(dir, cert->name, "crt", "w");
    ck_assert(PEM_write_X509(f, x) && fclose(f) == 0);

    f = tls_cert_open(dir, cert->name, "key", "w");
    ck_assert(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL)
              && fclose(f) == 0);

    if (cert->issuer == NULL) {
        f = tls_cert_open(dir, cert->name, "ca", "w");
        ck_assert(PEM_write_X509(f, x) && fclose(f) == 0);
    }
}


static FILE *
tls_cert_open(const char *dir, const char *name, const char *suffix,
    const char *mode)
{
    char   path[256];
    FILE  *f;

    (void) snprintf(path, sizeof(path), "%s/%s.%s.pem", dir, name, suffix);
    f = fopen(path, mode);
    ck_assert_msg(f != NULL, "\"%s\" does not open", path);

    return f;
}
