
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/fetch/http_date.h"
#include "tests/support/suite.h"


#define DATE_NOW       1769860800000    /* 31 January 2026, 12:00 */
#define DATE_RFC       784111777000     /* the example of RFC 9110 */
#define DATE_LATEST    3347697600000    /* 50 years after DATE_NOW, 31 Jan */


typedef struct {
    const char  *text;
    int64_t      ms;
} date_case_t;


static void date_expect(const char *text, int64_t now, int64_t ms);


static const date_case_t  date_good[] = {
    { "Sun, 06 Nov 1994 08:49:37 GMT", DATE_RFC },
    { "Sunday, 06-Nov-94 08:49:37 GMT", DATE_RFC },
    { "Sun Nov  6 08:49:37 1994", DATE_RFC },
    { "Sun Nov 06 08:49:37 1994", DATE_RFC },
    { " \tSun, 06 Nov 1994 08:49:37 GMT \t", DATE_RFC },
    { "sun, 06 nov 1994 08:49:37 gmt", DATE_RFC },
    { "SUNDAY, 06-NOV-94 08:49:37 GMT", DATE_RFC },

    /* it was a Sunday */
    { "Fri, 06 Nov 1994 08:49:37 GMT", DATE_RFC },

    { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
    { "Wed, 31 Dec 1969 23:59:59 GMT", -1000 },
    { "Sat, 31 Jan 2026 12:00:00 GMT", DATE_NOW },
    { "Thu, 29 Feb 2024 23:59:59 GMT", 1709251199000 },
    { "Tue, 29 Feb 2000 00:00:00 GMT", 951782400000 },
    { "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800000 },
    { "Tue, 19 Jan 2038 03:14:08 GMT", 2147483648000 },
    { "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799000 },
    { "Sat, 01 Jan 0000 00:00:00 GMT", -62167219200000 }
};

static const char *const  date_bad[] = {
    "", " ", "0", "-1", "120", "never", "GMT", "Sun", "Sun,",
    "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37 GMT+1",
    "Sun, 06 Nov 1994 08:49:37 GMTx", "Sun, 06 Nov 1994 08:49:37 GMT, x",
    "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT",
    "Sun, 06  Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
    "Wed, 31 Nov 1994 08:49:37 GMT", "Wed, 32 Jan 1994 08:49:37 GMT",
    "Wed, 29 Feb 2023 08:49:37 GMT", "Wed, 29 Feb 1900 08:49:37 GMT",
    "Wed, 30 Feb 2024 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov -994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
    "Foo, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994T08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994", "Sun Nov   6 08:49:37 1994",
    "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37 94",
    "Sun Nov  0 08:49:37 1994", "1994-11-06T08:49:37Z", "784111777"
};


START_TEST(each_of_the_three_forms_is_read)
{
    size_t  i;

    for (i = 0; i < sizeof(date_good) / sizeof(date_good[0]); i++) {
        date_expect(date_good[i].text, DATE_NOW, date_good[i].ms);
    }
}
END_TEST


START_TEST(what_is_no_date_is_declined)
{
    size_t   i;
    int64_t  ms;

    for (i = 0; i < sizeof(date_bad) / sizeof(date_bad[0]); i++) {
        ms = 42;
        ck_assert_msg(http_date_parse(date_bad[i], DATE_NOW, &ms)
                      == SC_DECLINED, "\"%s\" was read", date_bad[i]);
        ck_assert_int_eq(ms, 42);
    }
}
END_TEST


START_TEST(a_date_cut_anywhere_is_declined)
{
    char     text[40];
    size_t   i, n;
    int64_t  ms;

    for (i = 0; i < 3; i++) {
        for (n = 0; n < strlen(date_good[i].text); n++) {
            (void) snprintf(text, sizeof(text), "%.*s", (int) n,
                            date_good[i].text);
            ck_assert_msg(http_date_parse(text, DATE_NOW, &ms)
                          == SC_DECLINED, "\"%s\" was read", text);
        }
    }
}
END_TEST


START_TEST(a_year_of_two_digits_is_at_most_50_years_ahead)
{
    /* to the second */
    date_expect("Friday, 31-Jan-76 12:00:00 GMT", DATE_NOW, DATE_LATEST);
    date_expect("Saturday, 31-Jan-76 12:00:01 GMT", DATE_NOW, 191937601000);
    date_expect("Sunday, 01-Feb-76 00:00:00 GMT", DATE_NOW, 191980800000);
    date_expect("Saturday, 31-Jan-76 13:00:00 GMT", DATE_NOW, 191941200000);
    date_expect("Thursday, 30-Jan-76 13:00:00 GMT", DATE_NOW, 3347614800000);

    date_expect("Friday, 01-Jan-99 00:00:00 GMT", DATE_NOW, 915148800000);
    date_expect("Saturday, 01-Jan-00 00:00:00 GMT", DATE_NOW, 946684800000);

    /* 2049 knows the next century */
    date_expect("Friday, 01-Jan-99 00:00:00 GMT", 2493072000000,
                4070908800000);
    date_expect("Friday, 01-Jan-00 00:00:00 GMT", 2493072000000,
                946684800000);

    /* 1990 does not know of 2041 */
    date_expect("Tuesday, 01-Jan-41 00:00:00 GMT", 631152000000,
                -915148800000);
}
END_TEST


START_TEST(a_date_is_written_as_it_is_read)
{
    char     out[HTTP_DATE_SIZE];
    int64_t  ms, again;

    ck_assert_int_eq(http_date_format(out, DATE_RFC + 999), SC_OK);
    ck_assert_str_eq(out, "Sun, 06 Nov 1994 08:49:37 GMT");

    ck_assert_int_eq(http_date_format(out, -1), SC_OK);
    ck_assert_str_eq(out, "Wed, 31 Dec 1969 23:59:59 GMT");

    /* steps of some 47 days and odd seconds, from the year 0 to 9999 */
    for (ms = -62167219200000; ms < 253402300800000; ms += 4061234000) {
        ck_assert_int_eq(http_date_format(out, ms), SC_OK);
        ck_assert_int_eq(http_date_parse(out, DATE_NOW, &again), SC_OK);
        ck_assert_int_eq(again, ms);
    }
}
END_TEST


START_TEST(a_date_of_another_year_than_four_digits_is_not_written)
{
    size_t                i;
    char                  out[HTTP_DATE_SIZE];
    static const int64_t  far[] = { 253402300800000, -62167219200001,
                                    INT64_MAX, INT64_MIN };

    for (i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        ck_assert_int_eq(http_date_format(out, far[i]), SC_ERROR);
        ck_assert_str_eq(out, "");
    }
}
END_TEST


START_TEST(the_time_zone_of_the_machine_has_no_say)
{
    char  out[HTTP_DATE_SIZE];

    ck_assert_int_eq(setenv("TZ", "America/New_York", 1), 0);
    tzset();

    date_expect("Sun, 06 Nov 1994 08:49:37 GMT", DATE_NOW, DATE_RFC);
    ck_assert_int_eq(http_date_format(out, DATE_RFC), SC_OK);
    ck_assert_str_eq(out, "Sun, 06 Nov 1994 08:49:37 GMT");
}
END_TEST


static void
date_expect(const char *text, int64_t now, int64_t ms)
{
    int64_t  read;

    ck_assert_msg(http_date_parse(text, now, &read) == SC_OK,
                  "\"%s\" was not read", text);
    ck_assert_msg(read == ms, "\"%s\" is %lld", text, (long long) read);
}


int
main(void)
{
    const TTest  *tests[] = {
        each_of_the_three_forms_is_read,
        what_is_no_date_is_declined,
        a_date_cut_anywhere_is_declined,
        a_year_of_two_digits_is_at_most_50_years_ahead,
        a_date_is_written_as_it_is_read,
        a_date_of_another_year_than_four_digits_is_not_written,
        the_time_zone_of_the_machine_has_no_say,
        NULL
    };

    return suite_run("http_date", tests, 20);
}
