
#include <string.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/core/id.h"
#include "tests/support/suite.h"


#define ID_TIME  3      /* where the ULID begins */


static unsigned id_slot_of(const char *host);
static int id_valid_text(const char *text);


START_TEST(made_id_is_valid_and_begins_with_its_slot)
{
    char  id[ID_SIZE];

    ck_assert_int_eq(id_make(id, 0xa3f), SC_OK);
    ck_assert_uint_eq(strlen(id), ID_LEN);
    ck_assert_int_eq(id_valid(id, ID_LEN), 1);
    ck_assert_int_eq(memcmp(id, "a3f", 3), 0);

    ck_assert_int_eq(id_make(id, 0), SC_OK);
    ck_assert_int_eq(memcmp(id, "000", 3), 0);

    ck_assert_int_eq(id_make(id, 4095), SC_OK);
    ck_assert_int_eq(memcmp(id, "fff", 3), 0);
}
END_TEST


START_TEST(id_holds_the_time_it_was_made_at)
{
    char               id[ID_SIZE];
    int64_t            before, after, ms;
    const char        *p, *digit;
    static const char  digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    before = id_now_ms();
    ck_assert_int_eq(id_make(id, 1), SC_OK);
    after = id_now_ms();
    ms = 0;

    for (p = id + ID_TIME; p < id + ID_TIME + 10; p++) {
        digit = strchr(digits, *p);
        ck_assert_ptr_nonnull(digit);
        ms = ms * 32 + (digit - digits);
    }

    ck_assert_int_le(before, ms);
    ck_assert_int_le(ms, after);
    ck_assert_int_gt(ms, INT64_C(1700000000000));
}
END_TEST


START_TEST(ids_made_later_sort_behind_those_made_before)
{
    char     first[ID_SIZE], second[ID_SIZE];
    int64_t  made;

    ck_assert_int_eq(id_make(first, 9), SC_OK);
    made = id_now_ms();

    while (id_now_ms() == made) {
        /* the next millisecond is near */
    }

    ck_assert_int_eq(id_make(second, 9), SC_OK);
    ck_assert_str_lt(first, second);
}
END_TEST


START_TEST(every_random_digit_takes_every_value)
{
    int       i, j;
    char      id[ID_SIZE];
    uint64_t  seen[16];
    uint64_t  all;

    memset(seen, 0, sizeof(seen));
    all = 0;

    for (i = 0; i < 2000; i++) {
        ck_assert_int_eq(id_make(id, 1), SC_OK);

        for (j = 0; j < 16; j++) {
            seen[j] |= (uint64_t) 1 << (id[13 + j] - '0');
            all |= seen[j];
        }
    }

    for (j = 0; j < 16; j++) {
        ck_assert_int_eq(__builtin_popcountll(seen[j]), 32);
        ck_assert_uint_eq(seen[j], all);
    }
}
END_TEST


START_TEST(what_has_not_the_form_of_an_id_is_refused)
{
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5FAV"), 1);
    ck_assert_int_eq(id_valid_text("0af7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), 1);

    ck_assert_int_eq(id_valid_text(""), 0);
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5FA"), 0);
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5FAVV"), 0);
    ck_assert_int_eq(id_valid_text("0AF01ARZ3NDEKTSV4RRFFQ69G5FAV"), 0);
    ck_assert_int_eq(id_valid_text("0ag01ARZ3NDEKTSV4RRFFQ69G5FAV"), 0);
    ck_assert_int_eq(id_valid_text("0af81ARZ3NDEKTSV4RRFFQ69G5FAV"), 0);
    ck_assert_int_eq(id_valid_text("0af01arz3ndektsv4rrffq69g5fav"), 0);
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5FAI"), 0);
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5FAL"), 0);
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5FAO"), 0);
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5FAU"), 0);
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5F/."), 0);
    ck_assert_int_eq(id_valid_text("0af01ARZ3NDEKTSV4RRFFQ69G5F\xc3\xa9"),
                     0);
}
END_TEST


START_TEST(nul_inside_an_id_is_refused_wherever_it_stands)
{
    int   i;
    char  id[ID_SIZE];

    for (i = 0; i < ID_LEN; i++) {
        ck_assert_int_eq(id_make(id, 0x123), SC_OK);
        id[i] = '\0';
        ck_assert_int_eq(id_valid(id, ID_LEN), 0);
    }
}
END_TEST


START_TEST(slot_is_the_crc_of_the_name_in_lower_case)
{
    /* CRC-32 of "123456789" is 0xcbf43926, of nothing 0 */

    ck_assert_uint_eq(id_slot_of("123456789"), 0x926);
    ck_assert_uint_eq(id_slot_of(""), 0);
    ck_assert_uint_eq(id_slot_of("shop.example"), id_slot_of("Shop.EXAMPLE"));
    ck_assert_uint_ne(id_slot_of("shop.example"), id_slot_of("shop.example."));
    ck_assert_uint_ne(id_slot_of("[::1]"), id_slot_of("{::1}"));
}
END_TEST


START_TEST(slot_takes_only_the_bytes_it_is_given)
{
    ck_assert_uint_eq(id_slot("123456789.example", 9), 0x926);
}
END_TEST


START_TEST(slot_that_is_given_goes_before_the_host)
{
    ck_assert_uint_eq(id_slot_or("0a9", "123456789"), 0x0a9);
    ck_assert_uint_eq(id_slot_or("fff01ARZ3NDEKTSV4RRFFQ69G5FAV", "a"), 0xfff);
    ck_assert_uint_eq(id_slot_or("", "123456789"), 0x926);
    ck_assert_uint_eq(id_slot_or("0A9", "123456789"), 0x926);
    ck_assert_uint_eq(id_slot_or("0a", "123456789"), 0x926);

    ck_assert(id_slot_valid("0a9", 3));
    ck_assert(!id_slot_valid("0a9", 2));
    ck_assert(!id_slot_valid("0a99", 4));
    ck_assert(!id_slot_valid("0A9", 3));
    ck_assert(!id_slot_valid("", 0));
}
END_TEST


static unsigned
id_slot_of(const char *host)
{
    return id_slot(host, strlen(host));
}


static int
id_valid_text(const char *text)
{
    return id_valid(text, strlen(text));
}


int
main(void)
{
    const TTest  *tests[] = {
        made_id_is_valid_and_begins_with_its_slot,
        id_holds_the_time_it_was_made_at,
        ids_made_later_sort_behind_those_made_before,
        every_random_digit_takes_every_value,
        what_has_not_the_form_of_an_id_is_refused,
        nul_inside_an_id_is_refused_wherever_it_stands,
        slot_is_the_crc_of_the_name_in_lower_case,
        slot_takes_only_the_bytes_it_is_given,
        slot_that_is_given_goes_before_the_host,
        NULL
    };

    return suite_run("id", tests, 10);
}
