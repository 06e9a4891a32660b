
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "sidecar/schedule/schedules.h"
#include "tests/support/suite.h"


#define CRON_TIME    20         /* of "2026-01-31T12:00", with its NUL */


/* The times that follow from, in UTC. */
typedef struct {
    const char  *cron;
    const char  *from;
    const char  *next[3];
} cron_case_t;


/* 2026-01-01 is a Thursday, 2028 and 2096 are leap years, 2100 is none */
static const cron_case_t  cron_cases[] = {
    { "* * * * *", "2026-01-01T00:00",
      { "2026-01-01T00:01", "2026-01-01T00:02", "2026-01-01T00:03" } },
    { "  30\t6  *  * *", "2026-01-01T06:30",
      { "2026-01-02T06:30", "2026-01-03T06:30", "2026-01-04T06:30" } },
    { "0 6 * * mon-fri", "2026-01-01T07:00",
      { "2026-01-02T06:00", "2026-01-05T06:00", "2026-01-06T06:00" } },
    { "*/20 23 31 12 *", "2026-01-01T00:00",
      { "2026-12-31T23:00", "2026-12-31T23:20", "2026-12-31T23:40" } },
    { "5-59/27 0 * * *", "2026-01-01T00:00",
      { "2026-01-01T00:05", "2026-01-01T00:32", "2026-01-01T00:59" } },
    { "0,15,45 8-9 * * *", "2026-01-01T08:15",
      { "2026-01-01T08:45", "2026-01-01T09:00", "2026-01-01T09:15" } },
    { "0 0 29 2 *", "2026-01-01T00:00",
      { "2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00" } },
    { "0 0 29 2 *", "2096-02-28T00:00",
      { "2096-02-29T00:00", "2104-02-29T00:00", "2108-02-29T00:00" } },
    { "0 0 31 * *", "2026-01-31T00:00",
      { "2026-03-31T00:00", "2026-05-31T00:00", "2026-07-31T00:00" } },
    { "0 0 1 jan,JUL *", "2026-01-01T00:00",
      { "2026-07-01T00:00", "2027-01-01T00:00", "2027-07-01T00:00" } },
    { "0 12 13 * fri", "2026-01-08T00:00",
      { "2026-01-09T12:00", "2026-01-13T12:00", "2026-01-16T12:00" } },
    { "0 12 */2 * mon", "2026-01-01T00:00",
      { "2026-01-05T12:00", "2026-01-19T12:00", "2026-02-09T12:00" } },
    { "0 0 * * 0", "2026-01-01T00:00",
      { "2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00" } },
    { "0 0 * * 7", "2026-01-01T00:00",
      { "2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00" } },
    { "0 0 * * sat-sun", "2026-01-01T00:00",
      { "2026-01-03T00:00", "2026-01-04T00:00", "2026-01-10T00:00" } },
    { "0 0 * * 0-2", "2026-01-01T00:00",
      { "2026-01-04T00:00", "2026-01-05T00:00", "2026-01-06T00:00" } },
    { "0 0 * * */3", "2026-01-01T00:00",
      { "2026-01-03T00:00", "2026-01-04T00:00", "2026-01-07T00:00" } },
    { "59 23 * * *", "2027-12-31T23:58",
      { "2027-12-31T23:59", "2028-01-01T23:59", "2028-01-02T23:59" } },
    { "@hourly", "2026-01-01T00:00",
      { "2026-01-01T01:00", "2026-01-01T02:00", "2026-01-01T03:00" } },
    { "@daily", "2028-02-28T00:00",
      { "2028-02-29T00:00", "2028-03-01T00:00", "2028-03-02T00:00" } },
    { "@midnight ", "2026-12-31T00:00",
      { "2027-01-01T00:00", "2027-01-02T00:00", "2027-01-03T00:00" } },
    { "@weekly", "2026-01-01T00:00",
      { "2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00" } },
    { "@monthly", "2026-11-15T00:00",
      { "2026-12-01T00:00", "2027-01-01T00:00", "2027-02-01T00:00" } },
    { "@Yearly", "2026-01-01T00:00",
      { "2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00" } },
    { "@annually", "1970-01-01T00:00",
      { "1971-01-01T00:00", "1972-01-01T00:00", "1973-01-01T00:00" } },
};


static cron_t *
cron_make(const char *text)
{
    char     err[256];
    cron_t  *cron;

    cron = cron_parse(text, err, sizeof(err));
    ck_assert_msg(cron != NULL, "\"%s\" is refused: %s", text, err);

    return cron;
}


static int64_t
cron_time(const char *text)
{
    struct tm  tm;

    memset(&tm, 0, sizeof(tm));
    ck_assert_ptr_nonnull(strptime(text, "%Y-%m-%dT%H:%M", &tm));

    return (int64_t) timegm(&tm) * 1000;
}


static void
cron_text(int64_t ms, char *out)
{
    time_t     sec = (time_t) (ms / 1000);
    struct tm  tm;

    ck_assert_int_eq(ms % 60000, 0);
    ck_assert_ptr_nonnull(gmtime_r(&sec, &tm));
    ck_assert_uint_gt(strftime(out, CRON_TIME, "%Y-%m-%dT%H:%M", &tm), 0);
}


START_TEST(the_next_times_of_the_table_are_found)
{
    int                 k;
    char                text[CRON_TIME];
    size_t              i;
    cron_t             *cron;
    int64_t             at;
    const cron_case_t  *c;

    for (i = 0; i < sizeof(cron_cases) / sizeof(cron_cases[0]); i++) {
        c = &cron_cases[i];
        cron = cron_make(c->cron);
        at = cron_time(c->from);

        for (k = 0; k < 3; k++) {
            at = cron_next(cron, at);
            cron_text(at, text);
            ck_assert_msg(strcmp(text, c->next[k]) == 0,
                          "\"%s\" is next at %s, not %s", c->cron, text,
                          c->next[k]);
        }

        cron_free(cron);
    }
}
END_TEST


START_TEST(what_is_no_five_fields_is_refused)
{
    char    err[256];
    size_t  i;

    static const char *const  texts[] = {
        "", " ", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *",
        "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *", "* * * * 8",
        "-1 * * * *", "1- * * * *", "5-1 * * * *", "1/2 * * * *",
        "*/0 * * * *", "*/ * * * *", "*/-1 * * * *", "1,,2 * * * *",
        ", * * * *", "1, * * * *", "** * * * *", "*-5 * * * *",
        "1.5 * * * *", "a * * * *", "* * * foo *", "* * * january *",
        "* * jan * *", "* * * * mon/2", "99999 * * * *", "*/99999 * * * *",
        "\n* * * * *", "@", "@reboot", "@hour", "@hourly 1", "@hourlyx",
        "0 0 1 1 1\n", "1-2-3 * * * *", "1-5/2/2 * * * *", "\xff * * * *",
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        err[0] = '\0';
        ck_assert_msg(cron_parse(texts[i], err, sizeof(err)) == NULL,
                      "\"%s\" was taken", texts[i]);
        ck_assert_str_ne(err, "");
    }
}
END_TEST


START_TEST(a_sentence_names_the_field_that_is_wrong)
{
    char  err[256];

    ck_assert_ptr_null(cron_parse("0 6 * * mon-fry", err, sizeof(err)));
    ck_assert_str_eq(err, "the day of the week \"mon-fry\" is not "
                     "understood");
    ck_assert_ptr_null(cron_parse("0 6 *", err, sizeof(err)));
    ck_assert_str_eq(err, "there are \"3\" fields, not five");
}
END_TEST


START_TEST(a_day_that_never_is_has_no_next_time)
{
    cron_t  *cron;

    cron = cron_make("0 0 30 2 *");
    ck_assert_int_eq(cron_next(cron, cron_time("2026-01-01T00:00")), -1);
    cron_free(cron);

    cron = cron_make("0 0 31 4,6,9,11 *");
    ck_assert_int_eq(cron_next(cron, cron_time("2026-01-01T00:00")), -1);
    cron_free(cron);
}
END_TEST


START_TEST(the_next_time_is_after_and_not_at)
{
    cron_t   *cron;
    int64_t   noon;

    cron = cron_make("0 12 * * *");
    noon = cron_time("2026-01-01T12:00");

    ck_assert_int_eq(cron_next(cron, noon - 1), noon);
    ck_assert_int_eq(cron_next(cron, noon - 59999), noon);
    ck_assert_int_eq(cron_next(cron, noon), noon + 86400000);
    ck_assert_int_eq(cron_next(cron, noon + 1), noon + 86400000);
    cron_free(cron);
}
END_TEST


START_TEST(times_at_the_ends_of_what_numbers_hold_do_no_harm)
{
    cron_t  *cron;

    cron = cron_make("* * * * *");
    ck_assert_int_eq(cron_next(cron, INT64_MAX), -1);
    ck_assert_int_eq(cron_next(cron, INT64_MIN), 0);
    ck_assert_int_eq(cron_next(cron, -1), 0);
    cron_free(cron);
}
END_TEST


/* Whether a minute is meant, by the C library's calendar. */
static int
cron_meant(int64_t at, int hour, int dom, int dow)
{
    time_t     sec = (time_t) (at / 1000);
    struct tm  tm;

    ck_assert_ptr_nonnull(gmtime_r(&sec, &tm));

    return tm.tm_min == 0 && tm.tm_hour == hour
           && (tm.tm_mday == dom || tm.tm_wday == dow);
}


START_TEST(the_calendar_is_that_of_the_c_library_for_two_centuries)
{
    cron_t   *cron;
    int64_t   at, next;

    cron = cron_make("0 5 17 * 3");
    next = 0;

    for (at = 0; at < cron_time("2170-01-01T00:00"); at += 3600000) {
        if (cron_meant(at, 5, 17, 3)) {
            next = cron_next(cron, next);
            ck_assert_int_eq(next, at);
        }
    }

    cron_free(cron);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        the_next_times_of_the_table_are_found,
        what_is_no_five_fields_is_refused,
        a_sentence_names_the_field_that_is_wrong,
        a_day_that_never_is_has_no_next_time,
        the_next_time_is_after_and_not_at,
        times_at_the_ends_of_what_numbers_hold_do_no_harm,
        the_calendar_is_that_of_the_c_library_for_two_centuries,
        NULL
    };

    return suite_run("cron", tests, 120);
}
