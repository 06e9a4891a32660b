
#include <stdint.h>

#include "sidecar/hosts/host.h"
#include "tests/support/suite.h"


/* Sun, 06 Nov 1994 08:49:37 GMT, as in RFC 9110 */
#define NOVEMBER_1994    784111777000LL

/* Tue, 15 Jun 2027 12:00:00 GMT */
#define JUNE_2027        1813060800000LL


static void retry_is(const char *value, int64_t now_ms, int64_t expected);


START_TEST(seconds_are_nanoseconds)
{
    retry_is("120", 0, 120 * LOOP_SEC);
    retry_is("0", 0, 0);
    retry_is("007", NOVEMBER_1994, 7 * LOOP_SEC);
}
END_TEST


START_TEST(white_space_around_is_passed_over)
{
    retry_is(" \t120 \t", 0, 120 * LOOP_SEC);
    retry_is(" Sun, 06 Nov 1994 08:49:37 GMT\t", NOVEMBER_1994 - 1000,
             LOOP_SEC);
}
END_TEST


START_TEST(seconds_too_many_to_count_are_the_most)
{
    retry_is("9223372036", 0, 9223372036 * LOOP_SEC);
    retry_is("9223372037", 0, INT64_MAX);
    retry_is("9223372036854775807", 0, INT64_MAX);
    retry_is("9223372036854775808", 0, INT64_MAX);
    retry_is("99999999999999999999999999999999999999999999999999", 0,
             INT64_MAX);
}
END_TEST


START_TEST(what_is_neither_is_refused)
{
    size_t              i;
    static const char  *values[] = {
        "", " ", "-1", "+1", "1.5", "1e3", "0x10", "12 0", "120s", "soon",
        "1,2", ",", "Sun,", "Sun", "Sunday,",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37 GMTx",
        "Sun, 06  Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT", "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1995 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 31-Feb-94 08:49:37 GMT",
        "Sunday, 06-Nov-94 99:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov  6 08:49:37 94", "Sun Nov 06 08:49 1994",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT"
    };

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        retry_is(values[i], NOVEMBER_1994 - 1000, -1);
    }

    retry_is(NULL, 0, -1);
}
END_TEST


START_TEST(each_form_of_a_date_is_read)
{
    retry_is("Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994 - 90000,
             90 * LOOP_SEC);
    retry_is("Sunday, 06-Nov-94 08:49:37 GMT", NOVEMBER_1994 - 90000,
             90 * LOOP_SEC);
    retry_is("Sun Nov  6 08:49:37 1994", NOVEMBER_1994 - 90000,
             90 * LOOP_SEC);
    retry_is("Wed Nov 16 08:49:37 1994", NOVEMBER_1994,
             10 * 86400 * LOOP_SEC);
}
END_TEST


START_TEST(date_is_counted_from_the_millisecond_it_is)
{
    retry_is("Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994 - 1, LOOP_MS);
    retry_is("Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994 - 1499,
             1499 * LOOP_MS);
}
END_TEST


START_TEST(date_of_the_past_is_now)
{
    retry_is("Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994, 0);
    retry_is("Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994 + 1, 0);
    retry_is("Sun, 06 Nov 1994 08:49:37 GMT", JUNE_2027, 0);
    retry_is("Mon, 01 Jan 0001 00:00:00 GMT", JUNE_2027, 0);
}
END_TEST


START_TEST(date_too_far_to_count_is_the_most)
{
    retry_is("Fri, 31 Dec 9999 23:59:59 GMT", JUNE_2027, INT64_MAX);
}
END_TEST


START_TEST(leap_days_and_seconds_are_dates)
{
    retry_is("Thu, 29 Feb 2024 00:00:00 GMT", 1709164799000LL, LOOP_SEC);
    retry_is("Sat, 31 Dec 2016 23:59:60 GMT", 1483228799000LL, LOOP_SEC);
}
END_TEST


START_TEST(year_of_two_digits_is_at_most_fifty_years_ahead)
{
    int64_t  day = 86400 * LOOP_SEC;

    retry_is("Tuesday, 15-Jun-27 12:00:01 GMT", JUNE_2027, LOOP_SEC);
    retry_is("Tuesday, 15-Jun-26 12:00:01 GMT", JUNE_2027, 0);

    /* 50 years with 12 or 13 leap days, and a second more */
    retry_is("Tuesday, 15-Jun-77 12:00:00 GMT", JUNE_2027,
             (50 * 365 + 13) * day);
    retry_is("Tuesday, 15-Jun-77 12:00:01 GMT", JUNE_2027, 0);
    retry_is("Tuesday, 15-Jun-78 12:00:00 GMT", JUNE_2027, 0);

    /* 31 Dec 2099: the century to come */
    retry_is("Friday, 01-Jan-00 00:00:00 GMT", 4102444799000LL, LOOP_SEC);
}
END_TEST


static void
retry_is(const char *value, int64_t now_ms, int64_t expected)
{
    int64_t  got;

    got = host_retry_after(value, now_ms);

    ck_assert_msg(got == expected, "\"%s\" is %lld, not %lld",
                  value != NULL ? value : "(null)", (long long) got,
                  (long long) expected);
}


int
main(void)
{
    const TTest  *tests[] = {
        seconds_are_nanoseconds,
        white_space_around_is_passed_over,
        seconds_too_many_to_count_are_the_most,
        what_is_neither_is_refused,
        each_form_of_a_date_is_read,
        date_is_counted_from_the_millisecond_it_is,
        date_of_the_past_is_now,
        date_too_far_to_count_is_the_most,
        leap_days_and_seconds_are_dates,
        year_of_two_digits_is_at_most_fifty_years_ahead,
        NULL
    };

    return suite_run("host_retry", tests, 10);
}
