
#include <stdio.h>
#include <string.h>

#include "tests/access/forms_notation.h"


#define FORMS_TEXT    512


static void forms_numbers(forms_t *f, const unsigned char *v4);
static void forms_mixed(forms_t *f, const unsigned char *v4);
static void forms_lettered(forms_t *f, const char *dotted);
static void forms_spelled(char *to, size_t size, const char *dotted,
    const char *const *digits, const char *dot);
static void forms_percent(char *to, size_t size, const char *s, int every);


static const char *const  forms_plain[] = {
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
};

static const char *const  forms_wide[] = {
    "\xef\xbc\x90", "\xef\xbc\x91", "\xef\xbc\x92", "\xef\xbc\x93",
    "\xef\xbc\x94", "\xef\xbc\x95", "\xef\xbc\x96", "\xef\xbc\x97",
    "\xef\xbc\x98", "\xef\xbc\x99"
};

static const char *const  forms_circled[] = {
    "\xe2\x93\xaa", "\xe2\x91\xa0", "\xe2\x91\xa1", "\xe2\x91\xa2",
    "\xe2\x91\xa3", "\xe2\x91\xa4", "\xe2\x91\xa5", "\xe2\x91\xa6",
    "\xe2\x91\xa7", "\xe2\x91\xa8"
};

static const char *const  forms_bold[] = {
    "\xf0\x9d\x9f\x8e", "\xf0\x9d\x9f\x8f", "\xf0\x9d\x9f\x90",
    "\xf0\x9d\x9f\x91", "\xf0\x9d\x9f\x92", "\xf0\x9d\x9f\x93",
    "\xf0\x9d\x9f\x94", "\xf0\x9d\x9f\x95", "\xf0\x9d\x9f\x96",
    "\xf0\x9d\x9f\x97"
};

static const char *const  forms_raised[] = {
    "\xe2\x81\xb0", "\xc2\xb9", "\xc2\xb2", "\xc2\xb3", "\xe2\x81\xb4",
    "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8",
    "\xe2\x81\xb9"
};

static const char *const  forms_arabic[] = {
    "\xd9\xa0", "\xd9\xa1", "\xd9\xa2", "\xd9\xa3", "\xd9\xa4", "\xd9\xa5",
    "\xd9\xa6", "\xd9\xa7", "\xd9\xa8", "\xd9\xa9"
};

static const char *const *const  forms_digits[] = {
    forms_plain, forms_wide, forms_circled, forms_bold, forms_raised,
    forms_arabic
};

static const char *const  forms_dots[] = {
    ".", "\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1", "%2e", "%2E",
    "%E3%80%82"
};

static const char  forms_kind[] = "v4 notation";


void
forms_notations(forms_t *f, const unsigned char *v4)
{
    char  dotted[16];

    (void) snprintf(dotted, sizeof(dotted), "%u.%u.%u.%u", v4[0], v4[1],
                    v4[2], v4[3]);
    forms_numbers(f, v4);
    forms_mixed(f, v4);
    forms_lettered(f, dotted);
}


static void
forms_numbers(forms_t *f, const unsigned char *v4)
{
    unsigned  a = v4[0], b = v4[1], c = v4[2], d = v4[3];
    unsigned  n = a << 24 | b << 16 | c << 8 | d;

    forms_add(f, forms_kind, FORMS_EITHER, "http://%u/", n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u./", n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0%o/", n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0000000000%o/", n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0x%x/", n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0X%08X/", n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0x00000000%08x/", n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%llu/",
              (1ULL << 32) + n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0x1%08x/", n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://-%u/", 0U - n);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.%u/", a, n & 0xffffff);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.%u.%u/", a, b,
              n & 0xffff);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0x%x.%u/", a,
              n & 0xffffff);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.0x%x/", a,
              n & 0xffffff);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.0%o.0x%x/", a, b,
              n & 0xffff);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.%u.%u.%u.%u/", a, b, c,
              d, d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0x%x%x/", n, n);
}


static void
forms_mixed(forms_t *f, const unsigned char *v4)
{
    unsigned  a = v4[0], b = v4[1], c = v4[2], d = v4[3];

    forms_add(f, forms_kind, FORMS_EITHER, "http://0%o.0%o.0%o.0%o/", a, b,
              c, d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://00%o.00%o.00%o.00%o/", a,
              b, c, d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://000000%o.%u.%u.%u/", a, b,
              c, d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0x%x.0x%x.0x%x.0x%x/", a,
              b, c, d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0X%X.0X%X.0X%X.0X%X/", a,
              b, c, d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0x%04x.%u.%u.%u/", a, b, c,
              d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://0x%x.0%o.%u.%u/", a, b, c,
              d);

    /* not those that are other addresses, and public ones, in octal */
    if (a >= 100 && (b == 0 || b >= 100)) {
        forms_add(f, forms_kind, FORMS_EITHER, "http://%03u.%03u.%03u.%03u/",
                  a, b, c, d);
        forms_add(f, forms_kind, FORMS_EITHER, "http://%u.%u.%u.0x/", a, b,
                  c);
    }

    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.%u.%u.%u/", a + 256,
              b + 256, c + 256, d + 256);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.%u.%u.%u/", a, b, c,
              d + 256);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.%u..%u.%u/", a, b, c,
              d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://.%u.%u.%u.%u/", a, b, c,
              d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://+%u.%u.%u.%u/", a, b, c,
              d);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%u.%u.%u.%u:80/", a, b, c,
              d);
}


static void
forms_lettered(forms_t *f, const char *dotted)
{
    char    host[FORMS_TEXT];
    size_t  i, k;

    forms_add(f, forms_kind, FORMS_BLOCKED, "http://%s./", dotted);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%s../", dotted);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%s%%2e/", dotted);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%s\xc2\xad/", dotted);
    forms_add(f, forms_kind, FORMS_EITHER, "http://\xef\xbb\xbf%s/", dotted);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%s\xe2\x80\x8d/", dotted);
    forms_percent(host, sizeof(host), dotted, 1);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%s/", host);
    forms_percent(host, sizeof(host), dotted, 3);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%s/", host);
    forms_percent(host, sizeof(host), "%31", 1);
    forms_add(f, forms_kind, FORMS_EITHER, "http://%s%s/", host, dotted);

    for (i = 0; i < sizeof(forms_digits) / sizeof(forms_digits[0]); i++) {
        for (k = 0; k < sizeof(forms_dots) / sizeof(forms_dots[0]); k++) {
            forms_spelled(host, sizeof(host), dotted, forms_digits[i],
                          forms_dots[k]);
            forms_add(f, forms_kind, FORMS_EITHER, "http://%s/", host);
        }
    }
}


static void
forms_spelled(char *to, size_t size, const char *dotted,
    const char *const *digits, const char *dot)
{
    size_t  n;

    n = 0;
    to[0] = '\0';

    for ( /* void */ ; *dotted != '\0'; dotted++) {
        n += (size_t) snprintf(to + n, size - n, "%s", *dotted == '.'
                               ? dot : digits[*dotted - '0']);
    }
}


/* Each, or each third, byte percent-encoded. */
static void
forms_percent(char *to, size_t size, const char *s, int every)
{
    size_t  i, n;

    n = 0;

    for (i = 0; s[i] != '\0'; i++) {
        n += (size_t) snprintf(to + n, size - n,
                               i % (size_t) every == 0 ? "%%%02x" : "%c",
                               (unsigned char) s[i]);
    }
}
