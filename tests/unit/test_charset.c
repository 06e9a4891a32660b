
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>

#include "sidecar/page/charset.h"
#include "tests/support/suite.h"


#define BAD  "\xef\xbf\xbd"


/* A page that says what it is, or does not. */
typedef struct {
    sc_str_t     body;
    const char  *type;
    const char  *name;
    const char  *from;
} charset_page_t;


/* Bytes and what they are as UTF-8. */
typedef struct {
    const char  *name;
    sc_str_t     bytes;
    const char  *text;
} charset_bytes_t;


/* What a <meta> declares; NULL: nothing. */
typedef struct {
    const char  *html;
    const char  *name;
} charset_meta_case_t;


static void charset_check(const char *name, sc_str_t bytes, const char *text);


static const charset_page_t  charset_pages[] = {
    { sc_string("<p>plain"), "", "utf-8", "valid-utf-8" },
    { sc_string(""), "", "utf-8", "valid-utf-8" },
    { sc_string("caf\xc3\xa9"), "text/html", "utf-8", "valid-utf-8" },
    { sc_string("caf\xe9"), "text/html", "windows-1252", "default" },
    { sc_string("a\0b"), "text/html", "windows-1252", "default" },
    { sc_string("caf\xe9"), "text/html; charset=ISO-8859-1", "windows-1252",
      "header" },
    { sc_string("\xef\xbb\xbf<p>"), "text/html; charset=koi8-r", "utf-8",
      "bom" },
    { sc_string("\xff\xfe<\0p\0"), "", "utf-16le", "bom" },
    { sc_string("\xfe\xff\0<"), "", "utf-16be", "bom" },
    { sc_string("<meta charset=gb2312>"), "", "gbk", "meta" },
    { sc_string("<meta charset=gb2312>"), "text/html; charset=utf-8", "utf-8",
      "header" },
    { sc_string("<meta charset=nonsense>"), "text/html; charset=nonsense",
      "utf-8", "valid-utf-8" },
    { sc_string("<p>"), "text/html;charset='Shift_JIS'", "shift_jis",
      "header" },
    { sc_string("<p>"), "text/html; charset=\" UTF8 \"; x=y", "utf-8",
      "header" }
};

/* Bytes that nothing declares. */

static const charset_page_t  charset_guesses[] = {
    { sc_string("\xca\xed\xe8\xe3\xe8 \xe8 \xe6\xf3\xf0\xed\xe0\xeb\xfb"),
      "", "windows-1251", "detected" },
    { sc_string("\xeb\xce\xc9\xc7\xc9 \xc9 \xd6\xd5\xd2\xce\xc1\xcc\xd9. \xf3"
      "\xc1\xcd\xd9\xc5 \xce\xc9\xda\xcb\xc9\xc5 \xc3\xc5\xce\xd9"),
      "", "koi8-r", "detected" },
    { sc_string("\x96{\x82\xcc\x92l\x92i\x82\xcd\x82\xc6\x82\xc4\x82\xe0\x88"
      "\xc0\x82\xa2\x82\xc5\x82\xb7"),
      "", "shift_jis", "detected" },
    { sc_string("\xcb\xdc\xa4\xce\xc3\xcd\xc3\xca\xa4\xcf\xa4\xc8\xa4\xc6\xa4"
      "\xe2\xb0\xc2\xa4\xa4\xa4\xc7\xa4\xb9"),
      "", "euc-jp", "detected" },
    { sc_string("\xc3\xa5 \xb0\xa1\xb0\xdd\xc0\xcc \xb8\xc5\xbf\xec \xc0\xfa"
      "\xb7\xc5\xc7\xd5\xb4\xcf\xb4\xd9"),
      "", "euc-kr", "detected" },
    { sc_string("\xca\xe9\xb5\xc4\xbc\xdb\xb8\xf1\xb7\xc7\xb3\xa3\xb1\xe3\xd2"
      "\xcb\xa1\xa3\xbd\xf1\xcc\xec\xce\xd2\xc3\xc7\xd4\xda\xb1\xb1"
      "\xbe\xa9\xb9\xba\xce\xef"),
      "", "gb18030", "detected" },
    { sc_string("\xae\xd1\xaa\xba\xbb\xf9\xae\xe6\xab" "D\xb1`\xabK\xa9y\xa1"
      "C\xa4\xb5\xa4\xd1\xa7\xda\xad\xcc\xa6" "b\xa5x\xa5_\xc1\xca"
      "\xaa\xab"),
      "", "big5", "detected" },
    { sc_string("Ksi\xb1\xbfki s\xb1 tanie, prosz\xea si\xea spieszy\xe6, \xb6"
      "wi\xb1teczne okazje. Za\xbf\xf3\xb3\xe6 g\xea\xb6l\xb1 ja\xbc"
      "\xf1"),
      "", "iso-8859-2", "detected" },
    { sc_string("\xd4\xe1 \xe2\xe9\xe2\xeb\xdf\xe1 \xe5\xdf\xed\xe1\xe9 \xf6"
      "\xe8\xe7\xed\xdc \xf3\xde\xec\xe5\xf1\xe1 \xf3\xf4\xe7\xed "
      "\xc5\xeb\xeb\xdc\xe4\xe1"),
      "", "iso-8859-7", "detected" },
    { sc_string("\xf1\xf4\xf8\xe9\xed \xe6\xe5\xec\xe9\xed \xee\xe0\xe5\xe3 "
      "\xe4\xe9\xe5\xed \xe1\xe9\xf9\xf8\xe0\xec"),
      "", "windows-1255", "detected" },
    { sc_string("Le caf\xe9 ferm\xe9, les \xe9l\xe8ves et la for\xeat"),
      "", "windows-1252", "default" }
};


static const charset_page_t  charset_xmls[] = {
    { sc_string("<a/>"), "text/xml", "utf-8", "valid-utf-8" },
    { sc_string("<a>\xe9</a>"), "text/xml", "utf-8", "default" },
    { sc_string("<?xml version='1.0' encoding='koi8-r'?><a/>"), "",
      "koi8-r", "xml" },
    { sc_string("<?xml version=\"1.0\"\n encoding = \"Latin1\"?><a/>"), "",
      "windows-1252", "xml" },
    { sc_string("<?xml version='1.0' encoding='utf-16'?><a/>"), "",
      "utf-8", "xml" },
    { sc_string("<?xml version='1.0' encoding='koi8-r'?><a/>"),
      "text/xml; charset=utf-8", "utf-8", "header" },
    { sc_string("\xef\xbb\xbf<?xml version='1.0' encoding='koi8-r'?><a/>"),
      "", "utf-8", "bom" },
    { sc_string("<\0?\0x\0m\0l\0"), "", "utf-16le", "xml" },
    { sc_string("\0<\0?\0x\0m\0l"), "", "utf-16be", "xml" },
    { sc_string("<?xml version='1.0' encoding='nonsense'?><a/>"), "",
      "utf-8", "valid-utf-8" },
    { sc_string("<?xml version='1.0'?><a encoding='koi8-r'/>"), "",
      "utf-8", "valid-utf-8" },
    { sc_string("<?xml encoding='koi8-r"), "", "utf-8", "valid-utf-8" },
    { sc_string("<?xml encoding"), "", "utf-8", "valid-utf-8" },
    { sc_string("<?xmlx encoding='koi8-r'?>"), "", "utf-8", "valid-utf-8" }
};


static const charset_meta_case_t  charset_metas[] = {
    { "<meta charset=\"koi8-r\">", "koi8-r" },
    { "<META/CHARSET='big5'/>", "big5" },
    { "<meta http-equiv=Content-Type content='text/html; charset=euc-jp'>",
      "euc-jp" },
    { "<meta content='text/html; charset=euc-kr' http-equiv=content-type>",
      "euc-kr" },
    { "<meta content='text/html; charset=euc-kr'>", NULL },
    { "<meta http-equiv=refresh content='0; charset=euc-kr'>", NULL },
    { "<meta charset=utf-16le>", "utf-8" },
    { "<meta charset=latin1 charset=koi8-r>", "windows-1252" },
    { "<meta charset=nonsense><meta charset=koi8-u>", "koi8-u" },
    { "<!-- <meta charset=koi8-r> --><meta charset=utf8>", "utf-8" },
    { "<!--><meta charset=koi8-r>", "koi8-r" },
    { "<p title='<meta charset=koi8-r>'><meta charset=utf8>", "utf-8" },
    { "</p title='<meta charset=koi8-r>'><meta charset=utf8>", "utf-8" },
    { "<?xml <meta charset=koi8-r>", NULL },
    { "</><meta charset=koi8-r>", "koi8-r" },
    { "<metadata charset=koi8-r>", NULL },
    { "<meta charset=koi8-r", NULL },
    { "<meta charset='koi8-r", NULL },
    { "<meta charset", NULL },
    { "<meta =charset=koi8-r charset = ibm866 >", "ibm866" },
    { "<", NULL },
    { "<!", NULL },
    { "</", NULL },
    { "<meta ", NULL }
};


static const charset_bytes_t  charset_texts[] = {
    { "utf-8", sc_string("abc\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
      "abc\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
    { "utf-8", sc_string("\xef\xbb\xbfz"), "z" },
    { "utf-8", sc_string("a\0b"), "a" BAD "b" },
    { "utf-8", sc_string("a\xff" "b"), "a" BAD "b" },
    { "utf-8", sc_string("\xc3" "b"), BAD "b" },
    { "utf-8", sc_string("\xe2\x82" "b\xe2\x82\xac"), BAD "b\xe2\x82\xac" },
    { "utf-8", sc_string("\xf0\x9f\x98"), BAD },
    { "utf-8", sc_string("\xed\xa0\x80"), BAD BAD BAD },
    { "utf-8", sc_string("\xc0\xaf"), BAD BAD },
    { "utf-8", sc_string("\xf4\x90\x80\x80"), BAD BAD BAD BAD },
    { "windows-1252", sc_string("caf\xe9 \x80 \x93\x94"),
      "caf\xc3\xa9 \xe2\x82\xac \xe2\x80\x9c\xe2\x80\x9d" },
    { "windows-1252", sc_string("\x81\0"), "\xc2\x81" BAD },
    { "windows-1251", sc_string("\xcf\xf0\xe8"),
      "\xd0\x9f\xd1\x80\xd0\xb8" },
    { "koi8-r", sc_string("\xf0\xd2\xc9"), "\xd0\x9f\xd1\x80\xd0\xb8" },
    { "iso-8859-15", sc_string("\xa4"), "\xe2\x82\xac" },
    { "gbk", sc_string("\xd6\xd0\xce\xc4"), "\xe4\xb8\xad\xe6\x96\x87" },
    { "gb18030", sc_string("\x81\x30\x84\x36"), "\xc2\xa5" },
    { "big5", sc_string("\xa4\xa4\xa4\xe5"), "\xe4\xb8\xad\xe6\x96\x87" },
    { "big5", sc_string("\x88\x62"), "\xc3\x8a\xcc\x84" },
    { "shift_jis", sc_string("\x93\xfa\x96\x7b\\~"),
      "\xe6\x97\xa5\xe6\x9c\xac\\~" },
    { "euc-jp", sc_string("\xc6\xfc\xcb\xdc"), "\xe6\x97\xa5\xe6\x9c\xac" },
    { "euc-kr", sc_string("\xc7\xd1\xb1\xdb"), "\xed\x95\x9c\xea\xb8\x80" },
    { "iso-2022-jp", sc_string("\x1b$BF|\x1b(B."), "\xe6\x97\xa5." },
    { "gbk", sc_string("\xd6\xd0\xff."), "\xe4\xb8\xad" BAD "." },
    { "gbk", sc_string("a\xd6"), "a" BAD },
    { "utf-16le", sc_string("\xff\xfe\xe9\0a\0"), "\xc3\xa9" "a" },
    { "utf-16be", sc_string("\xd8\x3d\xde\0"), "\xf0\x9f\x98\x80" },
    { "utf-16le", sc_string("a\0\0\xdc" "b\0"), "a" BAD "b" },
    { "utf-16le", sc_string("a\0b"), "a" BAD },
    { "utf-16le", sc_string("a\0\0\0b\0"), "a" BAD "b" },
    { "windows-874", sc_string("\xa1"), "\xe0\xb8\x81" },
    { "x-mac-cyrillic", sc_string("\x80"), "\xd0\x90" },
    { "iso-8859-8-i", sc_string("\xe0"), "\xd7\x90" },
    { "macintosh", sc_string("\x8e"), "\xc3\xa9" },
    { "ibm866", sc_string("\x8f"), "\xd0\x9f" }
};


START_TEST(encoding_is_found_by_mark_then_header_then_meta_then_bytes)
{
    charset_t              cs;
    const charset_page_t  *page = &charset_pages[_i];

    charset_detect(page->body, page->type, &cs);
    ck_assert_str_eq(cs.name, page->name);
    ck_assert_str_eq(cs.from, page->from);
}
END_TEST


START_TEST(undeclared_bytes_are_what_they_look_like)
{
    charset_t              cs;
    const charset_page_t  *page = &charset_guesses[_i];

    /* twice: nothing is left of the page before */

    charset_detect(charset_guesses[0].body, "", &cs);
    charset_detect(page->body, page->type, &cs);
    ck_assert_str_eq(cs.name, page->name);
    ck_assert_str_eq(cs.from, page->from);
}
END_TEST


START_TEST(xml_is_as_its_declaration_says)
{
    charset_t              cs;
    const charset_page_t  *page = &charset_xmls[_i];

    charset_detect_xml(page->body, page->type, &cs);
    ck_assert_str_eq(cs.name, page->name);
    ck_assert_str_eq(cs.from, page->from);
}
END_TEST


START_TEST(text_heeds_no_meta)
{
    charset_t  cs;
    sc_str_t   body = sc_string("{\"a\": \"<meta charset=koi8-r>\"}");

    charset_detect_text(body, "application/json", &cs);
    ck_assert_str_eq(cs.name, "utf-8");
    ck_assert_str_eq(cs.from, "valid-utf-8");
}
END_TEST


/* a process that may open nothing more */

START_TEST(what_is_loaded_before_needs_no_files)
{
    size_t         i;
    struct rlimit  was, none;

    ck_assert_int_eq(charset_preload(), SC_OK);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = was;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);

    for (i = 0; i < sizeof(charset_texts) / sizeof(charset_texts[0]); i++) {
        charset_check(charset_texts[i].name, charset_texts[i].bytes,
                      charset_texts[i].text);
    }

    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
}
END_TEST


START_TEST(meta_is_found_by_the_prescan_of_the_html_standard)
{
    char                       *copy;
    size_t                      len;
    const char                 *name;
    const charset_meta_case_t  *meta = &charset_metas[_i];

    /* bytes of their own, so that reading beyond them is noticed */
    len = strlen(meta->html);
    copy = malloc(len);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, meta->html, len);

    name = charset_prescan(copy, len);
    free(copy);

    if (meta->name == NULL) {
        ck_assert_msg(name == NULL, "%s gives %s", meta->html, name);

    } else {
        ck_assert_msg(name != NULL, "%s gives nothing", meta->html);
        ck_assert_str_eq(name, meta->name);
    }
}
END_TEST


START_TEST(meta_beyond_the_first_1024_bytes_is_not_found)
{
    char       body[2048];
    sc_str_t   s;
    charset_t  cs;

    memset(body, ' ', sizeof(body));
    memcpy(body + 1010, "<meta charset=koi8-r>", 21);
    s.data = body;
    s.len = sizeof(body);

    charset_detect(s, "", &cs);
    ck_assert_str_eq(cs.from, "valid-utf-8");
}
END_TEST


START_TEST(bytes_of_an_encoding_become_utf8)
{
    const charset_bytes_t  *c = &charset_texts[_i];

    charset_check(c->name, c->bytes, c->text);
}
END_TEST


START_TEST(valid_utf8_is_not_copied)
{
    sc_str_t  text, body = sc_string("<p>caf\xc3\xa9</p>");
    sc_buf_t  space;

    sc_buf_init(&space, 0);
    ck_assert_int_eq(charset_decode("utf-8", body, &space, &text), SC_OK);
    ck_assert_ptr_eq(text.data, body.data);
    ck_assert_uint_eq(text.len, body.len);
    ck_assert_ptr_null(space.data);
}
END_TEST


START_TEST(bad_byte_is_found_at_every_place_of_a_long_text)
{
    char      text[64];
    size_t    i;

    for (i = 0; i < sizeof(text); i++) {
        memset(text, 'a', sizeof(text));
        text[i] = '\0';
        ck_assert_uint_eq(charset_valid(text, sizeof(text)), i);
        text[i] = '\x80';
        ck_assert_uint_eq(charset_valid(text, sizeof(text)), i);
    }
}
END_TEST


START_TEST(every_label_in_the_table_is_found)
{
    size_t              i;
    static const char  *labels[] = {
        "866", "utf8", "UTF-8", " Latin1\n", "x-x-big5", "x-sjis",
        "windows-949", "ks_c_5601-1987", "ansi_x3.4-1968", "visual",
        "csisolatin2", "iso-8859-16", "unicode", "tis-620"
    };

    for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        ck_assert_msg(charset_lookup(labels[i], strlen(labels[i])) != NULL,
                      "%s", labels[i]);
    }

    ck_assert_ptr_null(charset_lookup("", 0));
    ck_assert_ptr_null(charset_lookup("utf-88", 6));
    ck_assert_ptr_null(charset_lookup("\xff", 1));
    ck_assert_ptr_null(charset_lookup("utf-8-that-is-longer-than-any-label-is",
                                      39));
}
END_TEST


START_TEST(any_bytes_in_any_encoding_become_valid_utf8)
{
    char         bytes[512];
    size_t       i;
    sc_str_t     text, body;
    sc_buf_t     space;
    uint32_t     seed;

    seed = (uint32_t) _i + 1;

    for (i = 0; i < sizeof(bytes); i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (char) (seed >> 24);
    }

    body.data = bytes;
    body.len = sizeof(bytes);
    sc_buf_init(&space, 0);

    for (i = 0; i < sizeof(charset_texts) / sizeof(charset_texts[0]); i++) {
        ck_assert_int_eq(charset_decode(charset_texts[i].name, body, &space,
                                        &text), SC_OK);
        ck_assert_uint_eq(charset_valid(text.data, text.len), text.len);
    }

    sc_buf_free(&space);
}
END_TEST


START_TEST(text_longer_than_a_chunk_is_converted_whole)
{
    size_t    i, len;
    char     *bytes;
    sc_str_t  text, body;
    sc_buf_t  space;

    len = 200001;
    bytes = malloc(len);
    ck_assert_ptr_nonnull(bytes);

    for (i = 0; i < len; i += 2) {
        bytes[i] = '\xd6';

        if (i + 1 < len) {
            bytes[i + 1] = '\xd0';
        }
    }

    body.data = bytes;
    body.len = len;
    sc_buf_init(&space, 0);

    ck_assert_int_eq(charset_decode("gbk", body, &space, &text), SC_OK);
    ck_assert_uint_eq(text.len, 3 * (len / 2) + 3);
    ck_assert_mem_eq(text.data + text.len - 6, "\xe4\xb8\xad" BAD, 6);

    sc_buf_free(&space);
    free(bytes);
}
END_TEST


START_TEST(text_that_does_not_fit_is_an_error)
{
    sc_str_t  text, body = sc_string("caf\xe9 caf\xe9 caf\xe9");
    sc_buf_t  space;

    sc_buf_init(&space, 10);
    ck_assert_int_eq(charset_decode("windows-1252", body, &space, &text),
                     SC_ERROR);
    ck_assert_int_eq(charset_decode("koi8-r", body, &space, &text), SC_ERROR);
    ck_assert_int_eq(charset_decode("utf-8", body, &space, &text), SC_ERROR);
    sc_buf_free(&space);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("charset");
    tc = tcase_create("charset");

    tcase_add_loop_test(
        tc, encoding_is_found_by_mark_then_header_then_meta_then_bytes, 0,
        sizeof(charset_pages) / sizeof(charset_pages[0]));
    tcase_add_loop_test(
        tc, undeclared_bytes_are_what_they_look_like, 0,
        sizeof(charset_guesses) / sizeof(charset_guesses[0]));
    tcase_add_loop_test(
        tc, xml_is_as_its_declaration_says, 0,
        sizeof(charset_xmls) / sizeof(charset_xmls[0]));
    tcase_add_test(tc, text_heeds_no_meta);
    tcase_add_test(tc, what_is_loaded_before_needs_no_files);
    tcase_add_loop_test(
        tc, meta_is_found_by_the_prescan_of_the_html_standard, 0,
        sizeof(charset_metas) / sizeof(charset_metas[0]));
    tcase_add_test(tc, meta_beyond_the_first_1024_bytes_is_not_found);
    tcase_add_loop_test(
        tc, bytes_of_an_encoding_become_utf8, 0,
        sizeof(charset_texts) / sizeof(charset_texts[0]));
    tcase_add_test(tc, valid_utf8_is_not_copied);
    tcase_add_test(tc, bad_byte_is_found_at_every_place_of_a_long_text);
    tcase_add_test(tc, every_label_in_the_table_is_found);
    tcase_add_loop_test(tc, any_bytes_in_any_encoding_become_valid_utf8, 0, 8);
    tcase_add_test(tc, text_longer_than_a_chunk_is_converted_whole);
    tcase_add_test(tc, text_that_does_not_fit_is_an_error);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


static void
charset_check(const char *name, sc_str_t bytes, const char *text)
{
    sc_str_t  got;
    sc_buf_t  space;

    sc_buf_init(&space, 0);
    ck_assert_int_eq(charset_decode(name, bytes, &space, &got), SC_OK);
    ck_assert_uint_eq(got.len, strlen(text));
    ck_assert_mem_eq(got.data, text, got.len);
    sc_buf_free(&space);
}
