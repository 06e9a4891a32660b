
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/access/forms.h"
#include "tests/access/forms_written.h"
#include "tests/support/proof.h"


#define FORMS_URL       2048
#define FORMS_RANDOM    400


static void forms_ranges(forms_t *f);
static void forms_some(forms_t *f);
static void forms_range_v6(forms_t *f, const char *range);


/* IANA IPv4 Special-Purpose Address Registry, multicast, reserved */
const char *const  forms_v4[] = {
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "255.255.255.255/32", NULL
};

/* IANA IPv6 Special-Purpose Address Registry, and all beside 2000::/3 */
const char *const  forms_v6[] = {
    "::/128", "::1/128", "::/96", "::ffff:0:0:0/96",
    "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64",
    "2001::/23", "2001::/32", "2001:1::1/128", "2001:2::/48", "2001:3::/32",
    "2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28",
    "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7",
    "fd00:ec2::254/128", "fe80::/10", "fec0::/10", "ff00::/8", "::/3",
    "4000::/3", "6000::/3", "8000::/3", "a000::/3", "c000::/3", "e000::/3",
    NULL
};


void
forms_make(forms_t *f)
{
    memset(f, 0, sizeof(forms_t));
    forms_ranges(f);
    forms_some(f);
    forms_written(f);
}


void
forms_free(forms_t *f)
{
    size_t  i;

    for (i = 0; i < f->n; i++) {
        free(f->list[i].url);
    }

    free(f->list);
    memset(f, 0, sizeof(forms_t));
}


void
forms_add(forms_t *f, const char *kind, forms_end_t end, const char *fmt, ...)
{
    int      n;
    char     url[FORMS_URL];
    form_t  *form;
    va_list  args;

    if (f->n == f->room) {
        f->room = f->room * 2 + 1024;
        f->list = realloc(f->list, f->room * sizeof(form_t));
        ck_assert_ptr_nonnull(f->list);
    }

    va_start(args, fmt);
    n = vsnprintf(url, sizeof(url), fmt, args);
    va_end(args);
    ck_assert(n > 0 && (size_t) n < sizeof(url));

    form = &f->list[f->n++];
    form->url = strdup(url);
    form->kind = kind;
    form->end = end;
    ck_assert_ptr_nonnull(form->url);
}


static void
forms_ranges(forms_t *f)
{
    int            which;
    size_t         i;
    unsigned char  addr[16];

    for (i = 0; forms_v4[i] != NULL; i++) {
        for (which = 0; which < 3; which++) {
            (void) forms_address(addr, forms_v4[i], which);
            forms_embedded(f, addr);
        }
    }

    for (i = 0; forms_v6[i] != NULL; i++) {
        forms_range_v6(f, forms_v6[i]);
    }
}


static void
forms_range_v6(forms_t *f, const char *range)
{
    int            which;
    char           text[INET6_ADDRSTRLEN];
    size_t         i;
    unsigned char  addr[16];

    for (which = 0; which < 3; which++) {
        (void) forms_address(addr, range, which);
        (void) inet_ntop(AF_INET6, addr, text, sizeof(text));
        forms_add(f, "v6 range", FORMS_BLOCKED, "http://[%s]/", text);
        forms_add(f, "v6 range", FORMS_BLOCKED, "http://[%s]:8080/x", text);

        for (i = 0; text[i] != '\0'; i++) {
            text[i] = (char) (text[i] >= 'a' ? text[i] - 'a' + 'A' : text[i]);
        }

        forms_add(f, "v6 range", FORMS_BLOCKED, "http://[%s]/", text);
        forms_add(f, "v6 range", FORMS_BLOCKED, "http://[%02x%02x:%02x%02x:"
                  "%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x]/",
                  addr[0], addr[1], addr[2], addr[3], addr[4], addr[5],
                  addr[6], addr[7], addr[8], addr[9], addr[10], addr[11],
                  addr[12], addr[13], addr[14], addr[15]);
    }
}


/* Addresses between those. */
static void
forms_some(forms_t *f)
{
    size_t         i, n;
    unsigned char  first[16], last[16], addr[4];

    for (n = 0; forms_v4[n] != NULL; n++) {
        /* counted */
    }

    for (i = 0; i < FORMS_RANDOM; i++) {
        (void) forms_address(first, forms_v4[i % n], 0);
        (void) forms_address(last, forms_v4[i % n], 2);
        addr[0] = (unsigned char) (first[0]
                  + proof_random((size_t) (last[0] - first[0]) + 1));
        addr[1] = (unsigned char) (first[1]
                  + proof_random((size_t) (last[1] - first[1]) + 1));
        addr[2] = (unsigned char) (first[2]
                  + proof_random((size_t) (last[2] - first[2]) + 1));
        addr[3] = (unsigned char) (first[3]
                  + proof_random((size_t) (last[3] - first[3]) + 1));
        forms_add(f, "v4 range", FORMS_BLOCKED, "http://%u.%u.%u.%u/%zu",
                  addr[0], addr[1], addr[2], addr[3], i);
    }
}


size_t
forms_address(unsigned char *addr, const char *range, int which)
{
    char           text[64];
    char          *slash;
    size_t         i, len, bits;

    (void) snprintf(text, sizeof(text), "%s", range);
    slash = strchr(text, '/');
    *slash = '\0';
    bits = strtoul(slash + 1, NULL, 10);
    len = strchr(text, ':') != NULL ? 16 : 4;
    ck_assert_int_eq(inet_pton(len == 4 ? AF_INET : AF_INET6, text, addr), 1);

    for (i = bits; i < len * 8; i++) {
        if (which == 2 || (which == 1 && i == bits)) {
            addr[i / 8] |= (unsigned char) (0x80 >> i % 8);
        }
    }

    return len;
}
