
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <idn2.h>

#include "sidecar/url/url_internal.h"


/* of names, in bytes (RFC 1035 3.1, without the root) */
#define URL_NAME_MAX     253
#define URL_LABEL_MAX    63


static int url_host_v6(char *out, const char *host);
static int url_host_idna(char *out, const char *host);
static int url_host_copy(char *out, const char *host);
static int url_host_name(char *name);
static int url_host_v4(char *name);
static int url_v4_number(const char *s, size_t len, uint64_t *n);


int
url_host(char *out, const char *host)
{
    int          rc;
    const char  *p;

    if (host[0] == '[') {
        return url_host_v6(out, host);
    }

    for (p = host; *p != '\0' && (*p & 0x80) == 0; p++) { /* void */ }

    /*
     * ASCII is a name as it is: IDNA would refuse hyphens that are in use,
     * and A-labels that are registered.
     */
    rc = *p != '\0' ? url_host_idna(out, host) : url_host_copy(out, host);

    if (rc != SC_OK || url_host_name(out) != SC_OK) {
        return SC_ERROR;
    }

    return url_host_v4(out);
}


static int
url_host_v6(char *out, const char *host)
{
    char             text[INET6_ADDRSTRLEN + 1];
    size_t           len;
    struct in6_addr  addr;

    len = strlen(host);

    if (len < 4 || len - 2 >= sizeof(text) || host[len - 1] != ']') {
        return SC_ERROR;
    }

    memcpy(text, host + 1, len - 2);
    text[len - 2] = '\0';

    if (inet_pton(AF_INET6, text, &addr) != 1
        || inet_ntop(AF_INET6, &addr, out, URL_HOST_MAX) == NULL)
    {
        return SC_ERROR;
    }

    return SC_OK;
}


/* UTS #46 also makes ASCII of full-width forms and of other full stops. */
static int
url_host_idna(char *out, const char *host)
{
    int    rc;
    char  *ascii;

    ascii = NULL;

    rc = idn2_to_ascii_8z(host, &ascii,
                          IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);

    rc = rc == IDN2_OK ? url_host_copy(out, ascii) : SC_ERROR;
    idn2_free(ascii);

    return rc;
}


static int
url_host_copy(char *out, const char *host)
{
    size_t  len;

    len = strlen(host);

    if (len > URL_NAME_MAX + 1) {
        return SC_ERROR;
    }

    memcpy(out, host, len + 1);

    return SC_OK;
}


/*
 * Lower case, no dot at the end; labels of letters, digits, '-' and '_', and
 * no '-' in front (RFC 1123, 2.1): an entry of CURLOPT_RESOLVE that begins
 * with one takes a name away.
 */
static int
url_host_name(char *name)
{
    char    *p;
    size_t   len, label;

    len = strlen(name);

    if (len > 0 && name[len - 1] == '.') {
        name[--len] = '\0';
    }

    if (len > URL_NAME_MAX) {
        return SC_ERROR;
    }

    label = 0;

    for (p = name; *p != '\0'; p++) {
        if (*p == '.' && label > 0) {
            label = 0;
            continue;
        }

        if (*p >= 'A' && *p <= 'Z') {
            *p = (char) (*p | 0x20);
        }

        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", *p) == NULL
            || (*p == '-' && p == name) || ++label > URL_LABEL_MAX)
        {
            return SC_ERROR;
        }
    }

    /* of an empty name, too */
    return label > 0 ? SC_OK : SC_ERROR;
}


/*
 * The IPv4 parser of the WHATWG URL Standard: a host whose last label is a
 * number is an address, in any notation, or nothing.
 */
static int
url_host_v4(char *name)
{
    size_t       len, n, i;
    uint64_t     part[4], value;
    const char  *label;

    label = strrchr(name, '.');
    label = label != NULL ? label + 1 : name;

    if (url_v4_number(label, strlen(label), &value) == SC_DECLINED) {
        return SC_OK;
    }

    n = 0;
    label = name;

    for ( ;; ) {
        len = strcspn(label, ".");

        if (n == 4 || url_v4_number(label, len, &part[n]) != SC_OK) {
            return SC_ERROR;
        }

        n++;

        if (label[len] == '\0') {
            break;
        }

        label += len + 1;
    }

    /* the last part fills the bytes the others leave */
    value = part[n - 1];

    if (value >> 8 * (5 - n) != 0) {
        return SC_ERROR;
    }

    for (i = 0; i < n - 1; i++) {
        if (part[i] > 255) {
            return SC_ERROR;
        }

        value |= part[i] << 8 * (3 - i);
    }

    (void) snprintf(name, INET_ADDRSTRLEN, "%u.%u.%u.%u",
                    (unsigned) (value >> 24), (unsigned) (value >> 16 & 255),
                    (unsigned) (value >> 8 & 255), (unsigned) (value & 255));

    return SC_OK;
}


/* SC_DECLINED: not written as a number; SC_ERROR: one that cannot be. */
static int
url_v4_number(const char *s, size_t len, uint64_t *n)
{
    int        digit;
    size_t     i;
    unsigned   base;

    base = 10;

    if (len >= 2 && s[0] == '0' && s[1] == 'x') {
        base = 16;
        s += 2;
        len -= 2;

    } else if (len == 0) {
        return SC_DECLINED;

    } else if (len >= 2 && s[0] == '0') {
        base = 8;
    }

    for (i = 0; i < len; i++) {
        digit = url_hex(s[i]);

        if (digit < 0 || (digit > 9 && base != 16)) {
            return SC_DECLINED;
        }
    }

    *n = 0;

    for (i = 0; i < len; i++) {
        digit = url_hex(s[i]);

        if ((unsigned) digit >= base) {
            return SC_ERROR;
        }

        *n = *n * base + (unsigned) digit;

        if (*n > UINT32_MAX) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}
