
/*
 * Certificates for tests, made by OpenSSL: P-256 keys, signed by another one
 * or by themselves.  Whatever goes wrong fails the running test.
 */

#ifndef TLS_CERT_H
#define TLS_CERT_H


/*
 * name     of its files, and its subject's common name
 * issuer   name of the one that signs it, made before; NULL: it does itself
 * names    subjectAltName as OpenSSL has it ("DNS:localhost"), or NULL
 * ca       it may sign others
 * begins   when it becomes valid, seconds from now
 * ends     and when it no longer is
 */
typedef struct {
    const char  *name;
    const char  *issuer;
    const char  *names;
    int          ca;
    long         begins;
    long         ends;
} tls_cert_t;


/*
 * Make it: NAME.crt.pem and NAME.key.pem in dir, and NAME.ca.pem for those
 * who shall trust it when it is signed by itself.
 */
void tls_cert_make(const char *dir, const tls_cert_t *cert);


#endif /* TLS_CERT_H */
