
#include <stdlib.h>
#include <string.h>

#include "common/sc_seen.h"
#include "tests/support/suite.h"


/* more than a new set has slots for, several times over */
#define SEEN_MANY  5000


const char *__asan_default_options(void);


/* the address sanitizer gives no NULL for too much memory unless it is told */

const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}


START_TEST(a_hash_is_new_once)
{
    sc_seen_t  s;

    sc_seen_init(&s, 10);
    ck_assert_ptr_null(s.slots);

    ck_assert_int_eq(sc_seen_add(&s, 7), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 7), SC_DECLINED);
    ck_assert_int_eq(sc_seen_add(&s, 8), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 7), SC_DECLINED);
    ck_assert_uint_eq(s.n, 2);

    sc_seen_free(&s);
}
END_TEST


START_TEST(zero_and_all_ones_are_hashes_like_others)
{
    sc_seen_t  s;

    sc_seen_init(&s, 10);

    ck_assert_int_eq(sc_seen_add(&s, 1), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 0), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 0), SC_DECLINED);
    ck_assert_int_eq(sc_seen_add(&s, UINT64_MAX), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, UINT64_MAX), SC_DECLINED);

    sc_seen_free(&s);
}
END_TEST


START_TEST(all_are_still_there_when_the_set_has_grown)
{
    uint64_t   i;
    sc_seen_t  s;

    sc_seen_init(&s, SEEN_MANY);

    for (i = 1; i <= SEEN_MANY; i++) {
        ck_assert_int_eq(sc_seen_add(&s, i * 0x9e3779b97f4a7c15u), SC_OK);
        ck_assert_uint_le(2 * s.n, s.size);
    }

    for (i = 1; i <= SEEN_MANY; i++) {
        ck_assert_int_eq(sc_seen_add(&s, i * 0x9e3779b97f4a7c15u),
                         SC_DECLINED);
    }

    ck_assert_uint_eq(s.n, SEEN_MANY);
    ck_assert_uint_lt(s.size, 4 * (SEEN_MANY + 1));

    sc_seen_free(&s);
}
END_TEST


/* the halves of these are equal: mixed, they all begin at the first slot */

START_TEST(hashes_of_one_slot_are_told_apart)
{
    uint64_t   i;
    sc_seen_t  s;

    sc_seen_init(&s, SEEN_MANY);

    for (i = 1; i <= 100; i++) {
        ck_assert_int_eq(sc_seen_add(&s, i << 32 | i), SC_OK);
    }

    for (i = 1; i <= 100; i++) {
        ck_assert_int_eq(sc_seen_add(&s, i << 32 | i), SC_DECLINED);
        ck_assert_int_eq(sc_seen_add(&s, i), SC_OK);
    }

    sc_seen_free(&s);
}
END_TEST


/* this one begins at the last slot of any set, and so does the next */

START_TEST(probing_goes_on_at_the_first_slot)
{
    sc_seen_t  s;

    sc_seen_init(&s, 10);

    ck_assert_int_eq(sc_seen_add(&s, 0xffffffffu), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 0xffffffff00000000u), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 0xffffffffu), SC_DECLINED);
    ck_assert_int_eq(sc_seen_add(&s, 0xffffffff00000000u), SC_DECLINED);

    sc_seen_free(&s);
}
END_TEST


START_TEST(a_full_set_refuses_what_is_new_and_knows_what_is_not)
{
    uint64_t   i;
    sc_seen_t  s;

    sc_seen_init(&s, 128);

    for (i = 1; i <= 128; i++) {
        ck_assert_int_eq(sc_seen_add(&s, i), SC_OK);
    }

    ck_assert_int_eq(sc_seen_add(&s, 129), SC_ERROR);
    ck_assert_int_eq(sc_seen_add(&s, 129), SC_ERROR);
    ck_assert_int_eq(sc_seen_add(&s, 128), SC_DECLINED);
    ck_assert_uint_eq(s.n, 128);

    sc_seen_free(&s);
}
END_TEST


START_TEST(a_set_for_none_refuses_the_first)
{
    sc_seen_t  s;

    sc_seen_init(&s, 0);
    ck_assert_int_eq(sc_seen_add(&s, 1), SC_ERROR);
    sc_seen_free(&s);
}
END_TEST


START_TEST(memory_that_does_not_exist_is_refused)
{
    sc_seen_t  s;

    sc_seen_init(&s, SIZE_MAX);
    s.size = SIZE_MAX / 4 + 1;
    s.n = s.size / 2;

    ck_assert_int_eq(sc_seen_add(&s, 1), SC_ERROR);
    ck_assert_ptr_null(s.slots);
    ck_assert_uint_eq(s.n, s.size / 2);

    sc_seen_free(&s);
}
END_TEST


START_TEST(a_freed_set_is_empty_and_keeps_its_bound)
{
    sc_seen_t  s;

    sc_seen_init(&s, 1);

    ck_assert_int_eq(sc_seen_add(&s, 0), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 5), SC_OK);

    sc_seen_free(&s);
    ck_assert_ptr_null(s.slots);

    ck_assert_int_eq(sc_seen_add(&s, 0), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 5), SC_OK);
    ck_assert_int_eq(sc_seen_add(&s, 6), SC_ERROR);

    sc_seen_free(&s);
    sc_seen_free(&s);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_hash_is_new_once,
        zero_and_all_ones_are_hashes_like_others,
        all_are_still_there_when_the_set_has_grown,
        hashes_of_one_slot_are_told_apart,
        probing_goes_on_at_the_first_slot,
        a_full_set_refuses_what_is_new_and_knows_what_is_not,
        a_set_for_none_refuses_the_first,
        memory_that_does_not_exist_is_refused,
        a_freed_set_is_empty_and_keeps_its_bound,
        NULL
    };

    return suite_run("seen", tests, 20);
}
