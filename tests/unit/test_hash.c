
#include <string.h>

#include "common/sc_hash.h"
#include "tests/support/suite.h"


/* known answers: of nothing, the offset basis; of "a" and of "foobar" */

START_TEST(hashes_are_the_known_ones)
{
    ck_assert_uint_eq(sc_fnv1a(SC_FNV1A, NULL, 0), 0xcbf29ce484222325u);
    ck_assert_uint_eq(sc_fnv1a(SC_FNV1A, "a", 1), 0xaf63dc4c8601ec8cu);
    ck_assert_uint_eq(sc_fnv1a(SC_FNV1A, "foobar", 6), 0x85944171f73967e8u);
}
END_TEST


START_TEST(a_text_in_parts_has_the_hash_of_the_whole)
{
    uint64_t  h;

    h = sc_fnv1a(SC_FNV1A, "foo", 3);
    h = sc_fnv1a(h, "", 0);

    ck_assert_uint_eq(sc_fnv1a(h, "bar", 3), 0x85944171f73967e8u);
}
END_TEST


START_TEST(bytes_are_not_signed)
{
    ck_assert_uint_eq(sc_fnv1a(0, "\377", 1), 255 * 0x100000001b3u);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        hashes_are_the_known_ones,
        a_text_in_parts_has_the_hash_of_the_whole,
        bytes_are_not_signed,
        NULL
    };

    return suite_run("hash", tests, 20);
}
