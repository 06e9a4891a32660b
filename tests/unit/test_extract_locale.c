
#include <stdlib.h>
#include <string.h>

#include "sidecar/extract/extract_internal.h"
#include "tests/support/suite.h"


#define LOCALE_MANY  1000000


/* number is NULL when there is none. */
typedef struct {
    const char  *locale;
    const char  *text;
    const char  *number;
} locale_case_t;


static void locale_same(const locale_case_t *cases, size_t n);
static char *locale_repeated(const char *unit, size_t n);


static const locale_case_t  locale_named[] = {
    { "de", "1.234,56 €", "1234.56" },
    { "de", "EUR 1.234.567", "1234567" },
    { "de", "19,- €", "19" },
    { "de-AT", "0,5", "0.5" },
    { "de-CH", "CHF 1'234.50", "1234.50" },
    { "de-CH", "1’234’567.05", "1234567.05" },
    { "de-CH", "19.–", "19" },
    { "en", "$1,234.56", "1234.56" },
    { "en-GB", "£ 12", "12" },
    { "en", "iPhone 15 128 GB", "15" },
    { "en-IN", "₹12,34,567.89", "1234567.89" },
    { "en-IN", "1,234,567", "1234567" },
    { "hi", "१२,३४,५६७", "1234567" },
    { "fr", "1 234,56 €", "1234.56" },
    { "fr", "1\u202f234\u00a0567,8", "1234567.8" },
    { "fr", "12 50", "12" },
    { "es", "1.234,5", "1234.5" },
    { "es-MX", "1,234.5", "1234.5" },
    { "it", "2.500", "2500" },
    { "pt-BR", "R$ 1.299,90", "1299.90" },
    { "nl", "€ 1.299,00", "1299.00" },
    { "sv", "12 500 kr", "12500" },
    { "da", "12.500,25 kr.", "12500.25" },
    { "nb", "1 000,5", "1000.5" },
    { "fi", "1\u00a0000,5", "1000.5" },
    { "pl", "1 299,99 zł", "1299.99" },
    { "cs", "25 990 Kč", "25990" },
    { "ru", "1 234,5 ₽", "1234.5" },
    { "uk", "1\u00a0234,5 грн", "1234.5" },
    { "tr", "1.234,5 TL", "1234.5" },
    { "el", "1.234,5", "1234.5" },
    { "hu", "12 345 Ft", "12345" },
    { "ro", "1.234,5 lei", "1234.5" },
    { "ja", "¥１２，３４５", "12345" },
    { "zh", "￥1,234.5", "1234.5" },
    { "ko", "₩12,000", "12000" },
    { "ar", "١٬٢٣٤٫٥", "1234.5" },
    { "ar", "1,234.5", "1234.5" }
};

static const locale_case_t  locale_auto[] = {
    { "auto", "42", "42" },
    { "auto", "1.234,56", "1234.56" },
    { "auto", "1,234.56", "1234.56" },
    { "auto", "1,234", "1234" },
    { "auto", "1.234", "1234" },
    { "auto", "0.125", "0.125" },
    { "auto", "0,125", "0.125" },
    { "auto", "1234.567", "1234.567" },
    { "auto", "12,5", "12.5" },
    { "auto", "12.50", "12.50" },
    { "auto", "3.1415", "3.1415" },
    { "auto", "1.234.567", "1234567" },
    { "auto", "1,234,567", "1234567" },
    { "auto", "12,34,567", "1234567" },
    { "auto", "1 234,567", "1234.567" },
    { "auto", "1'234.50", "1234.50" },
    { "auto", "1٬٢٣٤٫٥", "1234.5" },
    { "auto", ".5", "0.5" },
    { "auto", "Rs.500", "500" },
    { "auto", "5'10\"", "5" }
};

static const locale_case_t  locale_signs[] = {
    { "en", "-5", "-5" },
    { "en", "−5", "-5" },
    { "en", "+5", "5" },
    { "en", "- 5", "-5" },
    { "en", "-$5.50", "-5.50" },
    { "en", "$-5.50", "-5.50" },
    { "en", "- € 5", "-5" },
    { "en", "Price: -5", "-5" },
    { "en", "Price - 5", "5" },
    { "en", "SKU-123", "123" },
    { "en", "10-20", "10" },
    { "en", "10–20", "10" },
    { "en", "5-", "-5" },
    { "en", "5.00- EUR", "-5.00" },
    { "en", "5- 10", "5" },
    { "en", "10-pack", "10" },
    { "en", "5--", "5" },
    { "en", "(5.00)", "5.00" },
    { "en", "(5.00 $)", "-5.00" },
    { "en", "($5.00)", "-5.00" },
    { "en", " ( 5.00 € ) ", "-5.00" },
    { "en", "Reviews (5)", "5" },
    { "en", "(5) reviews", "5" },
    { "en", "(5", "5" },
    { "en", "5)", "5" },
    { "en", "((5))", "5" },
    { "en", "-0.00", "0.00" },
    { "en", "-0", "0" }
};

static const locale_case_t  locale_around[] = {
    { "en", "from 12.50 to 20", "12.50" },
    { "en", "12.5%", "12.5" },
    { "en", "12.5k", "12.5" },
    { "en", "1e5", "1" },
    { "en", "007", "7" },
    { "en", "000", "0" },
    { "en", "00.50", "0.50" },
    { "en", "H2O", "2" },
    { "en", "It is 3.", "3" },
    { "en", "1, 2", "1" },
    { "en", "\xff" "5\xff", "5" },
    { "en", "\xe2\x82", NULL },
    { "en", "", NULL },
    { "en", "free", NULL },
    { "en", ".", NULL },
    { "en", "1,5", NULL },
    { "en", "1,2345", NULL },
    { "en", "1234,567", NULL },
    { "en", "1.2.3", NULL },
    { "en", "12,34,567", NULL },
    { "de", "12.50", NULL },
    { "de", "12.03.2024", NULL },
    { "fr", "12.50", NULL },
    { "auto", "1,23,4", NULL },
    { "auto", "1,234.567,8", NULL },
    { "auto", "192.168.1.1", NULL },
    { "tlh", "5", NULL },
    { "", "5", NULL }
};


START_TEST(number_is_read_as_its_locale_writes_it)
{
    locale_same(locale_named, sizeof(locale_named) / sizeof(locale_case_t));
}
END_TEST


START_TEST(number_without_a_locale_is_read_by_its_look)
{
    locale_same(locale_auto, sizeof(locale_auto) / sizeof(locale_case_t));
}
END_TEST


START_TEST(sign_is_told_from_hyphen_and_dash)
{
    locale_same(locale_signs, sizeof(locale_signs) / sizeof(locale_case_t));
}
END_TEST


START_TEST(first_number_of_a_text_is_read_or_none)
{
    locale_same(locale_around, sizeof(locale_around) / sizeof(locale_case_t));
}
END_TEST


START_TEST(number_is_added_to_what_is_there)
{
    sc_buf_t  out;
    sc_str_t  text = sc_string("-0");

    sc_buf_init(&out, 0);
    sc_buf_add_cstr(&out, "n=");

    ck_assert_int_eq(extract_locale("en", text, &out), SC_OK);
    ck_assert_str_eq(out.data, "n=0");

    sc_buf_free(&out);
}
END_TEST


START_TEST(text_need_not_end_in_a_nul)
{
    sc_buf_t  out;
    sc_str_t  text = { 2, "12.5" };

    sc_buf_init(&out, 0);

    ck_assert_int_eq(extract_locale("en", text, &out), SC_OK);
    ck_assert_str_eq(out.data, "12");

    sc_buf_free(&out);
}
END_TEST


START_TEST(huge_texts_are_read_or_refused)
{
    char                       *big;
    size_t                      i;
    sc_buf_t                    out;
    sc_str_t                    text;
    static const locale_case_t  cases[] = {
        { "auto", "1", "" },
        { "auto", ",123", NULL },
        { "auto", "1,", NULL },
        { "auto", "(", NULL },
        { "auto", "-", NULL },
        { "auto", "$ ", NULL },
        { "auto", "\u202f", NULL },
        { "fr", "1 ", "" },
        { "auto", "5-", "" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(locale_case_t); i++) {
        big = locale_repeated(cases[i].text, LOCALE_MANY);
        text.data = big;
        text.len = strlen(big);
        sc_buf_init(&out, 0);

        ck_assert_int_eq(extract_locale(cases[i].locale, text, &out),
                         cases[i].number != NULL ? SC_OK : SC_DECLINED);

        sc_buf_free(&out);
        free(big);
    }
}
END_TEST


START_TEST(number_longer_than_the_room_fails_the_buffer)
{
    sc_buf_t  out;
    sc_str_t  text = sc_string("-123456");

    sc_buf_init(&out, 4);
    (void) extract_locale("en", text, &out);
    ck_assert_int_ne(out.failed, 0);
    sc_buf_free(&out);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        number_is_read_as_its_locale_writes_it,
        number_without_a_locale_is_read_by_its_look,
        sign_is_told_from_hyphen_and_dash,
        first_number_of_a_text_is_read_or_none,
        number_is_added_to_what_is_there,
        text_need_not_end_in_a_nul,
        huge_texts_are_read_or_refused,
        number_longer_than_the_room_fails_the_buffer,
        NULL
    };

    return suite_run("extract_locale", tests, 60);
}


static void
locale_same(const locale_case_t *cases, size_t n)
{
    int       rc;
    size_t    i;
    sc_buf_t  out;
    sc_str_t  text;

    for (i = 0; i < n; i++) {
        text.data = cases[i].text;
        text.len = strlen(text.data);
        sc_buf_init(&out, 0);

        rc = extract_locale(cases[i].locale, text, &out);

        if (cases[i].number == NULL) {
            ck_assert_msg(rc == SC_DECLINED, "%s: \"%s\" is %s",
                          cases[i].locale, text.data, out.data);
            ck_assert_uint_eq(out.len, 0);

        } else {
            ck_assert_msg(rc == SC_OK
                          && strcmp(out.data, cases[i].number) == 0,
                          "%s: \"%s\" is %s, not %s", cases[i].locale,
                          text.data, out.data, cases[i].number);
        }

        sc_buf_free(&out);
    }
}


static char *
locale_repeated(const char *unit, size_t n)
{
    char    *text;
    size_t   i, len;

    len = strlen(unit);
    text = malloc(n * len + 1);
    ck_assert_ptr_nonnull(text);

    for (i = 0; i < n; i++) {
        memcpy(text + i * len, unit, len);
    }

    text[n * len] = '\0';

    return text;
}
