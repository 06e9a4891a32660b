
#include <stdlib.h>
#include <string.h>

#include "tests/access/hex.h"


int
hex_read(unsigned char *to, const char *text, size_t n)
{
    char    digits[3] = "";
    size_t  i;

    if (strspn(text, "0123456789abcdefABCDEF") != 2 * n
        || text[2 * n] != '\0')
    {
        return 0;
    }

    for (i = 0; i < n; i++) {
        memcpy(digits, text + 2 * i, 2);
        to[i] = (unsigned char) strtoul(digits, NULL, 16);
    }

    return 1;
}


int
hex_text(char *to, size_t size, const char *text)
{
    size_t  n;

    n = strlen(text) / 2;

    if (n >= size || !hex_read((unsigned char *) to, text, n)) {
        return 0;
    }

    to[n] = '\0';

    return 1;
}


void
hex_write(char *to, const void *from, size_t n)
{
    size_t                i;
    const unsigned char  *p = from;

    static const char  digits[] = "0123456789abcdef";

    for (i = 0; i < n; i++) {
        to[2 * i] = digits[p[i] >> 4];
        to[2 * i + 1] = digits[p[i] & 15];
    }

    to[2 * n] = '\0';
}
