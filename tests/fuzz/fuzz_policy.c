
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/resolve/policy.h"
#include "tests/fuzz/fuzz.h"


static int fuzz_policy_v4(const policy_t *p, const unsigned char *bytes);
static int fuzz_policy_v6(const policy_t *p, const unsigned char *bytes);
static void fuzz_policy_embedded(const policy_t *p,
    const unsigned char *bytes);


/*
 * An address of 16 bytes, then the operator's ranges as text.  What a policy
 * without ranges lets through, one with ranges does, too; an IPv4 address is
 * judged alike wherever it stands.
 */
int
fuzz_policy(const uint8_t *data, size_t size)
{
    char           err[256], *cidrs;
    sc_str_t       in;
    policy_t      *strict, *open;
    unsigned char  bytes[16] = { 0 };

    in = fuzz_input(data, size);
    (void) memcpy(bytes, in.data, size < 16 ? size : 16);
    in.data += size < 16 ? size : 16;
    in.len -= size < 16 ? size : 16;

    strict = policy_create("", err, sizeof(err));
    FUZZ_HELD(strict != NULL);
    fuzz_policy_embedded(strict, bytes);

    cidrs = fuzz_text(in);
    open = policy_create(cidrs, err, sizeof(err));
    FUZZ_HELD(open != NULL || err[0] != '\0');

    if (open != NULL) {
        FUZZ_HELD(!fuzz_policy_v4(strict, bytes)
                  || fuzz_policy_v4(open, bytes));
        FUZZ_HELD(!fuzz_policy_v6(strict, bytes)
                  || fuzz_policy_v6(open, bytes));
        policy_destroy(open);
    }

    policy_destroy(strict);
    free(cidrs);

    return 0;
}


static int
fuzz_policy_v4(const policy_t *p, const unsigned char *bytes)
{
    struct sockaddr_in  sin = { 0 };

    sin.sin_family = AF_INET;
    (void) memcpy(&sin.sin_addr, bytes, 4);

    return policy_allows(p, (struct sockaddr *) &sin);
}


static int
fuzz_policy_v6(const policy_t *p, const unsigned char *bytes)
{
    struct sockaddr_in6  sin6 = { 0 };

    sin6.sin6_family = AF_INET6;
    (void) memcpy(&sin6.sin6_addr, bytes, 16);

    return policy_allows(p, (struct sockaddr *) &sin6);
}


/* v4-mapped, NAT64 and 6to4 forms of an address that is refused are, too. */
static void
fuzz_policy_embedded(const policy_t *p, const unsigned char *bytes)
{
    unsigned char  mapped[16] = { [10] = 0xff, [11] = 0xff };
    unsigned char  nat64[16] = { 0, 0x64, 0xff, 0x9b };
    unsigned char  to4[16] = { 0x20, 0x02 };

    if (fuzz_policy_v4(p, bytes)) {
        return;
    }

    (void) memcpy(mapped + 12, bytes, 4);
    (void) memcpy(nat64 + 12, bytes, 4);
    (void) memcpy(to4 + 2, bytes, 4);

    FUZZ_HELD(!fuzz_policy_v6(p, mapped));
    FUZZ_HELD(!fuzz_policy_v6(p, nat64));
    FUZZ_HELD(!fuzz_policy_v6(p, to4));
}
