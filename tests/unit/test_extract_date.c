
#include <stdlib.h>
#include <string.h>

#include "sidecar/extract/extract_internal.h"
#include "tests/support/suite.h"


/* date is NULL when text is none. */
typedef struct {
    const char  *text;
    const char  *date;
} date_case_t;


typedef struct {
    const char  *text;
    const char  *from;
    const char  *to;
    const char  *date;
} format_case_t;


static void date_same(const date_case_t *cases, size_t n, unsigned time);


static const date_case_t  date_iso[] = {
    { "2026-11-21", "2026-11-21T00:00:00Z" },
    { "20261121", "2026-11-21T00:00:00Z" },
    { "2026-11-21T13:00:00Z", "2026-11-21T13:00:00Z" },
    { "2026-11-21t13:00:00z", "2026-11-21T13:00:00Z" },
    { "2026-11-21T13:00:00+02:00", "2026-11-21T13:00:00+02:00" },
    { "2026-11-21T13:00:00−05:30", "2026-11-21T13:00:00-05:30" },
    { "2026-11-21T13:00:00-0530", "2026-11-21T13:00:00-05:30" },
    { "2026-11-21T13:00+02", "2026-11-21T13:00:00+02:00" },
    { "2026-11-21T13:00:00+00:00", "2026-11-21T13:00:00+00:00" },
    { "2026-11-21T13:00:00-00:00", "2026-11-21T13:00:00Z" },
    { "20261121T130059Z", "2026-11-21T13:00:59Z" },
    { "20261121T1300-0100", "2026-11-21T13:00:00-01:00" },
    { "2026-11-21T13", "2026-11-21T13:00:00Z" },
    { "2026-11-21 13:00", "2026-11-21T13:00:00Z" },
    { "2026-11-21T13:00:00.120Z", "2026-11-21T13:00:00.12Z" },
    { "2026-11-21T13:00:00,5", "2026-11-21T13:00:00.5Z" },
    { "2026-11-21T13:00:00.000", "2026-11-21T13:00:00Z" },
    { "2026-11-21T13:00:00.1234567899", "2026-11-21T13:00:00.123456789Z" },
    { "2026-W47-6", "2026-11-21T00:00:00Z" },
    { "2026W476", "2026-11-21T00:00:00Z" },
    { "2020-W53-5", "2021-01-01T00:00:00Z" },
    { "2021-W01-1", "2021-01-04T00:00:00Z" },
    { "2021-W53-1", NULL },
    { "2026-W47", NULL },
    { "2026-325", "2026-11-21T00:00:00Z" },
    { "2024-366", "2024-12-31T00:00:00Z" },
    { "2023-366", NULL },
    { "2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z" },
    { "2024-02-29", "2024-02-29T00:00:00Z" },
    { "0001-01-01", "0001-01-01T00:00:00Z" },
    { "9999-12-31", "9999-12-31T00:00:00Z" },
    { " \t2026-11-21\r\n", "2026-11-21T00:00:00Z" }
};

static const date_case_t  date_rfcs[] = {
    { "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z" },
    { "Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z" },
    { "Sunday, 06-Nov-49 08:49:37 GMT", "2049-11-06T08:49:37Z" },
    { "Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z" },
    { "Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00" },
    { "21 Nov 97 09:55:06 GMT", NULL },
    { "Fri, 21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z" },
    { "21 Nov 1997 09:55 EST", "1997-11-21T09:55:00-05:00" },
    { "21 Nov 1997 09:55 PDT", "1997-11-21T09:55:00-07:00" },
    { "21 Nov 1997 09:55:06 +0100 (CET)", "1997-11-21T09:55:06+01:00" },
    { "Tue Mar 12 2024 15:04:05 GMT+0100 (Central European Time)",
      "2024-03-12T15:04:05+01:00" },
    { "Tue Mar 12 15:04:05 UTC 2024", "2024-03-12T15:04:05Z" },
    { "12/Mar/2024:10:00:00 +0100", "2024-03-12T10:00:00+01:00" },
    { "784111777", "1994-11-06T08:49:37Z" },
    { "1710255845", "2024-03-12T15:04:05Z" },
    { "1710255845000", "2024-03-12T15:04:05Z" },
    { "1710255845120", "2024-03-12T15:04:05.12Z" }
};

static const date_case_t  date_words[] = {
    { "March 12, 2024", "2024-03-12" },
    { "12 March 2024", "2024-03-12" },
    { "12th of March, 2024", "2024-03-12" },
    { "Mar. 1st 2024", "2024-03-01" },
    { "MARCH 2ND 2024", "2024-03-02" },
    { "Tuesday, 12 March 2024", "2024-03-12" },
    { "2024 March 12", "2024-03-12" },
    { "12-Mar-2024", "2024-03-12" },
    { "12. März 2024", "2024-03-12" },
    { "12. ma\u0308rz 2024", "2024-03-12" },
    { "am Di., 12. MÄRZ 2024 um 15:04 Uhr", "2024-03-12" },
    { "um 15:04 am 12. März 2024", "2024-03-12" },
    { "1er août 2024", "2024-08-01" },
    { "mardi 6 fevrier 2024", "2024-02-06" },
    { "mar. 12 mars 2024 à 14h30", "2024-03-12" },
    { "mar 12 avr. 2024", "2024-04-12" },
    { "mar 12 mar 2024", "2024-03-12" },
    { "12 de marzo de 2024", "2024-03-12" },
    { "3 setiembre 2024", "2024-09-03" },
    { "12 maggio 2024, ore 10:00", "2024-05-12" },
    { "1º de março de 2024 às 10h", "2024-03-01" },
    { "12 mrt 2024", "2024-03-12" },
    { "vrijdag 3 mei 2024", "2024-05-03" },
    { "lördag den 2 maj 2024 kl. 14.30", "2024-05-02" },
    { "2. marts 2024", "2024-03-02" },
    { "24. desember 2024", "2024-12-24" },
    { "12. maaliskuuta 2024 klo 14.30", "2024-03-12" },
    { "12 stycznia 2024 r.", "2024-01-12" },
    { "3 października 2024", "2024-10-03" },
    { "12. září 2024", "2024-09-12" },
    { "1. července 2024", "2024-07-01" },
    { "March\u00a012,\u00a02024", "2024-03-12" },
    { "3:04 PM · Mar 12, 2024", "2024-03-12" },
    { "Posted March 12, 2024", NULL },
    { "March 2024", NULL },
    { "12 March", NULL },
    { "12 March 2024 May", NULL },
    { "12 13 March 2024", NULL },
    { "Mar 12-14", NULL },
    { "Mar 12-14, 2024", NULL },
    { "30 February 2024", NULL },
    { "29 Feb 2023", NULL },
    { "2 days ago", NULL },
    { "\xff 12 March 2024", NULL }
};

static const date_case_t  date_digits[] = {
    { "2024/03/12", "2024-03-12" },
    { "2024.3.2", "2024-03-02" },
    { "12.03.2024", "2024-03-12" },
    { "12. 3. 2024", "2024-03-12" },
    { "Di., 12.03.2024, 15:04 Uhr", "2024-03-12" },
    { "13/03/2024", "2024-03-13" },
    { "03/13/2024", "2024-03-13" },
    { "13-03-2024", "2024-03-13" },
    { "05/05/2024", "2024-05-05" },
    { "12/03/2024", NULL },
    { "01-02-2026", NULL },
    { "13/13/2024", NULL },
    { "12.13.2024", NULL },
    { "12.03.24", NULL },
    { "2024-00-10", NULL },
    { "2024-13-10", NULL },
    { "2024-04-31", NULL },
    { "1900-02-29", NULL },
    { "0000-01-01", NULL },
    { "0000-00-00 2024-03-12", NULL },
    { "2024-03-12 2024-03-13", NULL },
    { "2024-03", NULL },
    { "2024", NULL },
    { "12345678901", NULL },
    { "20241312", NULL },
    { "2024-03-12T", NULL },
    { "2024-03-12Z", NULL },
    { "2024-03-12T24:00:00", NULL },
    { "2024-03-12T10:60", NULL },
    { "2024-03-12T10:00:61", NULL },
    { "2024-03-12T10:5", NULL },
    { "2024-03-12T10:00:00+25:00", NULL },
    { "2024-03-12T10:00:00 XYZ", NULL },
    { "2024-03-12T10:00:00Z Z", NULL },
    { "2024-03-12 (", NULL },
    { "(2024-03-12)", NULL },
    { "10:00", NULL },
    { "", NULL },
    { " ", NULL },
    { "-", NULL }
};

static const date_case_t  date_clocks[] = {
    { "Mar 12 2024 3:04 PM", "2024-03-12T15:04:00Z" },
    { "Mar 12 2024 3:04:05pm", "2024-03-12T15:04:05Z" },
    { "Mar 12 2024 3 p.m.", "2024-03-12T15:00:00Z" },
    { "Mar 12 2024 12:00 AM", "2024-03-12T00:00:00Z" },
    { "Mar 12 2024 12:00 pm", "2024-03-12T12:00:00Z" },
    { "Mar 12 2024 15:04 PM", "2024-03-12T15:04:00Z" },
    { "Mar 12 2024 0:04 PM", NULL },
    { "3 PM, 12 March 2024", "2024-03-12T15:00:00Z" },
    { "3:04\u202fPM Mar 12 2024", "2024-03-12T15:04:00Z" },
    { "Mar 12 2024, 3:04 PM EST", "2024-03-12T15:04:00-05:00" },
    { "12.03.2024 15.04", "2024-03-12T15:04:00Z" },
    { "12 mars 2024 à 14h30", "2024-03-12T14:30:00Z" },
    { "12 mars 2024 14h", "2024-03-12T14:00:00Z" },
    { "15:04 - 12 March 2024", "2024-03-12T15:04:00Z" },
    { "um 15:04 am 12. März 2024", "2024-03-12T15:04:00Z" },
    { "12 March 2024 25:00", NULL },
    { "12 March 2024 10:00 11:00", NULL },
    { "12 March 2024", "2024-03-12T00:00:00Z" }
};

static const format_case_t  date_formats[] = {
    { "12/03/2024", "%d/%m/%Y", NULL, "2024-03-12" },
    { "03/12/24", "%D", NULL, "2024-03-12" },
    { " 2024-03-12 ", "%F", "%d.%m.%Y", "12.03.2024" },
    { "Tue 12 Mar 2024", "%a %d %b %Y", "%A, %e %B %y",
      "Tuesday, 12 March 24" },
    { "12/03/2024 15:04", "%d/%m/%Y %H:%M", NULL, "2024-03-12T15:04:00Z" },
    { "12/03/2024 3:04 PM", "%d/%m/%Y %I:%M %p", NULL,
      "2024-03-12T15:04:00Z" },
    { "12/03/2024 15:04 +0200", "%d/%m/%Y %R %z", NULL,
      "2024-03-12T15:04:00+02:00" },
    { "12/03/2024 15:04 Z", "%d/%m/%Y %R %z", NULL, "2024-03-12T15:04:00Z" },
    { "Tue Mar 12 15:04:05 EST 2024", "%a %b %d %T %Z %Y", NULL,
      "2024-03-12T15:04:05-05:00" },
    { "Tue Mar 12 15:04:05 XYZ 2024", "%a %b %d %T %Z %Y", NULL, NULL },
    { "1710255845", "%s", NULL, "2024-03-12T15:04:05Z" },
    { "/Date(1710255845)/", "/Date(%s)/", "%F", "2024-03-12" },
    { "2024-03-12 15:04:05 +0100", "%F %T %z", "%s", "1710252245" },
    { "2024-03-12 15:04:05 +0100", "%F %T %z", "%Z %z%%s", "+0100 +0100%s" },
    { "2024-03-12", "%F", "%Z", "UTC" },
    { "2024 072", "%Y %j", NULL, "2024-03-12" },
    { "2023 366", "%Y %j", NULL, NULL },
    { "100% 2024-03-12", "100%% %F", NULL, "2024-03-12" },
    { "3:04 PM", "%I:%M %p", "%H:%M", "15:04" },
    { "3:04 PM", "%I:%M %p", NULL, NULL },
    { "March 2024", "%B %Y", "%Y-%m", "2024-03" },
    { "March 2024", "%B %Y", NULL, NULL },
    { "29 Feb", "%d %b", "%m-%d", "02-29" },
    { "2024-03-12 and more", "%F", NULL, NULL },
    { "2024-03", "%F", NULL, NULL },
    { "31/02/2024", "%d/%m/%Y", NULL, NULL },
    { "01/01/0000", "%d/%m/%Y", NULL, NULL },
    { "2024-03-12 10:00:61", "%F %T", NULL, NULL },
    { "9999999999999", "%s", NULL, NULL },
    { "999999999999", "%s", NULL, NULL },
    { "", "%F", NULL, NULL },
    { "12 März 2024", "%d %B %Y", NULL, NULL }
};


START_TEST(iso_8601_is_read)
{
    date_same(date_iso, sizeof(date_iso) / sizeof(date_case_t), 1);
}
END_TEST


START_TEST(dates_of_http_and_mail_and_epochs_are_read)
{
    date_same(date_rfcs, sizeof(date_rfcs) / sizeof(date_case_t), 1);
}
END_TEST


START_TEST(months_in_words_are_read_and_what_is_no_date_is_not)
{
    date_same(date_words, sizeof(date_words) / sizeof(date_case_t), 0);
}
END_TEST


START_TEST(dates_in_digits_are_read_unless_ambiguous)
{
    date_same(date_digits, sizeof(date_digits) / sizeof(date_case_t), 0);
}
END_TEST


START_TEST(times_of_day_are_read_as_people_write_them)
{
    date_same(date_clocks, sizeof(date_clocks) / sizeof(date_case_t), 1);
}
END_TEST


START_TEST(date_of_a_format_is_read_and_written)
{
    int                   rc;
    size_t                i;
    sc_buf_t              out;
    sc_str_t              text;
    const format_case_t  *c;

    for (i = 0; i < sizeof(date_formats) / sizeof(format_case_t); i++) {
        c = &date_formats[i];
        text.data = c->text;
        text.len = strlen(c->text);
        sc_buf_init(&out, 0);

        rc = extract_date_format(text, c->from, c->to, &out);

        if (c->date == NULL) {
            ck_assert_msg(rc == SC_DECLINED, "\"%s\" by \"%s\" is %s",
                          c->text, c->from, out.data);
            ck_assert_uint_eq(out.len, 0);

        } else {
            ck_assert_msg(rc == SC_OK && strcmp(out.data, c->date) == 0,
                          "\"%s\" by \"%s\" is %s, not %s", c->text, c->from,
                          out.data, c->date);
        }

        sc_buf_free(&out);
    }
}
END_TEST


START_TEST(zone_of_the_process_does_not_matter)
{
    sc_buf_t  out;
    sc_str_t  text = sc_string("1710255845");

    ck_assert_int_eq(setenv("TZ", "EST5EDT", 1), 0);
    sc_buf_init(&out, 0);

    ck_assert_int_eq(extract_date_format(text, "%s", "%T %s %Z", &out), SC_OK);
    ck_assert_str_eq(out.data, "15:04:05 1710255845 UTC");

    sc_buf_reset(&out);
    ck_assert_int_eq(extract_date(text, 1, &out), SC_OK);
    ck_assert_str_eq(out.data, "2024-03-12T15:04:05Z");

    sc_buf_free(&out);
}
END_TEST


START_TEST(text_with_a_nul_or_too_long_is_no_date)
{
    char      *big;
    sc_buf_t   out;
    sc_str_t   text = { 12, "2024-03-12\0Z" };

    sc_buf_init(&out, 0);
    ck_assert_int_eq(extract_date(text, 0, &out), SC_DECLINED);
    ck_assert_int_eq(extract_date_format(text, "%F", NULL, &out),
                     SC_DECLINED);

    text.len = 10;
    ck_assert_int_eq(extract_date(text, 0, &out), SC_OK);
    ck_assert_str_eq(out.data, "2024-03-12");
    sc_buf_reset(&out);

    big = malloc(1000000);
    ck_assert_ptr_nonnull(big);
    memset(big, '1', 1000000);
    text.data = big;
    text.len = 1000000;
    ck_assert_int_eq(extract_date(text, 1, &out), SC_DECLINED);
    ck_assert_int_eq(extract_date_format(text, "%Y", "%Y", &out),
                     SC_DECLINED);

    memset(big, ' ', 1000000);
    ck_assert_int_eq(extract_date(text, 1, &out), SC_DECLINED);

    text.len = 128;
    memset(big, '1', 128);
    ck_assert_int_eq(extract_date(text, 1, &out), SC_DECLINED);

    free(big);
    sc_buf_free(&out);
}
END_TEST


START_TEST(format_of_any_length_is_written_or_refused)
{
    char      *format;
    size_t     i;
    sc_buf_t   out;
    sc_str_t   text = sc_string("2024-03-12");

    format = calloc(1, 4098);
    ck_assert_ptr_nonnull(format);
    sc_buf_init(&out, 0);

    for (i = 0; i < 2048; i += 2) {
        memcpy(format + i, "%F", 2);
    }

    ck_assert_int_eq(extract_date_format(text, "%F", format, &out), SC_OK);
    ck_assert_uint_eq(out.len, 10240);
    sc_buf_reset(&out);

    ck_assert_int_eq(extract_date_format(text, format, NULL, &out),
                     SC_DECLINED);

    for ( /* void */ ; i < 4096; i += 2) {
        memcpy(format + i, "%F", 2);
    }

    ck_assert_int_eq(extract_date_format(text, "%F", format, &out),
                     SC_DECLINED);
    ck_assert_int_eq(extract_date_format(text, format, NULL, &out),
                     SC_DECLINED);
    ck_assert_uint_eq(out.len, 0);

    free(format);
    sc_buf_free(&out);
}
END_TEST


START_TEST(any_text_is_read_or_refused)
{
    char          text[40];
    size_t        i, n;
    sc_buf_t      out;
    sc_str_t      s;
    unsigned      seed;
    static const char  letters[] =
        "0123456789012345678901234567890123456789 .:-/TZWamp+,(h\xc3\xa4\xe2";

    seed = 1;
    sc_buf_init(&out, 0);

    for (n = 0; n < 200000; n++) {
        s.data = text;
        s.len = n % sizeof(text);

        for (i = 0; i < s.len; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = letters[(seed >> 16) % (sizeof(letters) - 1)];
        }

        sc_buf_reset(&out);

        if (extract_date(s, 1, &out) == SC_OK) {
            ck_assert_uint_ge(out.len, 20);

        } else {
            ck_assert_uint_eq(out.len, 0);
        }
    }

    sc_buf_free(&out);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        iso_8601_is_read,
        dates_of_http_and_mail_and_epochs_are_read,
        months_in_words_are_read_and_what_is_no_date_is_not,
        dates_in_digits_are_read_unless_ambiguous,
        times_of_day_are_read_as_people_write_them,
        date_of_a_format_is_read_and_written,
        zone_of_the_process_does_not_matter,
        text_with_a_nul_or_too_long_is_no_date,
        format_of_any_length_is_written_or_refused,
        any_text_is_read_or_refused,
        NULL
    };

    return suite_run("extract_date", tests, 60);
}


static void
date_same(const date_case_t *cases, size_t n, unsigned time)
{
    int       rc;
    size_t    i;
    sc_buf_t  out;
    sc_str_t  text;

    for (i = 0; i < n; i++) {
        text.data = cases[i].text;
        text.len = strlen(text.data);
        sc_buf_init(&out, 0);

        rc = extract_date(text, time, &out);

        if (cases[i].date == NULL) {
            ck_assert_msg(rc == SC_DECLINED, "\"%s\" is %s", text.data,
                          out.data);
            ck_assert_uint_eq(out.len, 0);

        } else {
            ck_assert_msg(rc == SC_OK && strcmp(out.data, cases[i].date) == 0,
                          "\"%s\" is %s, not %s", text.data, out.data,
                          cases[i].date);
        }

        sc_buf_free(&out);
    }
}
