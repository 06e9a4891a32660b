
#include <stdlib.h>
#include <string.h>

#include "sidecar/robots/robots.h"
#include "tests/support/suite.h"


#define SECOND         ((int64_t) 1000000000)


static robots_t *parse(const char *text);
static sc_str_t str(const char *s);
static int allowed(const robots_t *robots, const char *target);
static int allows(const char *text, const char *target);
static int matches(const char *path, const char *target);
static int64_t delay(const char *value);


START_TEST(nothing_to_read_allows_all)
{
    ck_assert_int_eq(allows("", "/a"), 1);
    ck_assert_int_eq(allows("\n\r\n \n", "/a"), 1);
    ck_assert_int_eq(allows("<html><body>Not found</body></html>", "/a"), 1);
}
END_TEST


static robots_t *
parse(const char *text)
{
    robots_t  *robots;

    robots = robots_parse(str(text), "scraped");
    ck_assert_ptr_nonnull(robots);

    return robots;
}


static sc_str_t
str(const char *s)
{
    return (sc_str_t) { strlen(s), s };
}


static int
allowed(const robots_t *robots, const char *target)
{
    return robots_allowed(robots, str(target));
}


static int
allows(const char *text, const char *target)
{
    int        rc;
    robots_t  *robots;

    robots = parse(text);
    rc = allowed(robots, target);
    robots_free(robots);

    return rc;
}


START_TEST(a_group_is_found_by_its_product_token_without_case)
{
    ck_assert(!allows("User-agent: scraped\nDisallow: /\n", "/a"));
    ck_assert(!allows("user-AGENT:SCRAPED\ndisALLOW:/\n", "/a"));
    ck_assert(!allows("User-agent: Scraped/2.1 (+x)\nDisallow: /\n", "/a"));
    ck_assert(!allows("User-agent: scraped bot\nDisallow: /\n", "/a"));
    ck_assert(!allows("User-agent: scraped*\nDisallow: /\n", "/a"));
    ck_assert(allows("User-agent: scrape\nDisallow: /\n", "/a"));
    ck_assert(allows("User-agent: scraped-news\nDisallow: /\n", "/a"));
    ck_assert(allows("User-agent: scraped2\nDisallow: /\n", "/a"));
    ck_assert(allows("User-agent: other/scraped\nDisallow: /\n", "/a"));
    ck_assert(allows("User-agent:\nDisallow: /\n", "/a"));
}
END_TEST


START_TEST(our_own_version_is_ignored_too)
{
    sc_str_t   text = str("User-agent: My.Bot_2\nDisallow: /\n");
    robots_t  *robots;

    robots = robots_parse(text, "my.bot_2/1.0 (+https://bot.example/)");
    ck_assert_int_eq(allowed(robots, "/a"), 0);
    robots_free(robots);

    robots = robots_parse(text, "");
    ck_assert_int_eq(allowed(robots, "/a"), 1);
    robots_free(robots);
}
END_TEST


START_TEST(the_star_group_is_for_those_without_their_own)
{
    const char  *text = "User-agent: *\nDisallow: /star\n\n"
                        "User-agent: scraped\nDisallow: /ours\n";

    ck_assert(allows(text, "/star"));
    ck_assert(!allows(text, "/ours"));

    ck_assert(!allows("User-agent: other\nDisallow:\n\n"
                      "User-agent: *\nDisallow: /\n", "/a"));
    ck_assert(!allows("User-agent: * # all\nDisallow: /\n", "/a"));
    ck_assert(!allows("User-agent: * all\nDisallow: /\n", "/a"));
    ck_assert(allows("User-agent: *bot\nDisallow: /\n", "/a"));
}
END_TEST


START_TEST(an_empty_group_of_ours_hides_the_star_group)
{
    ck_assert(allows("User-agent: *\nDisallow: /\n\n"
                     "User-agent: scraped\nDisallow:\n", "/a"));
    ck_assert(allows("User-agent: *\nDisallow: /\n\n"
                     "User-agent: scraped\n", "/a"));
}
END_TEST


START_TEST(groups_of_one_agent_are_one)
{
    const char  *text = "User-agent: scraped\nDisallow: /a\n\n"
                        "User-agent: other\nDisallow: /b\n\n"
                        "User-agent: SCRAPED/3\nDisallow: /c\n"
                        "User-agent: *\nDisallow: /d\n";

    ck_assert(!allows(text, "/a"));
    ck_assert(allows(text, "/b"));
    ck_assert(!allows(text, "/c"));
    ck_assert(allows(text, "/d"));

    text = "User-agent: *\nDisallow: /a\n"
           "User-agent: other\nDisallow: /b\n"
           "User-agent: *\nDisallow: /c\n";

    ck_assert(!allows(text, "/a"));
    ck_assert(allows(text, "/b"));
    ck_assert(!allows(text, "/c"));
}
END_TEST


START_TEST(several_agents_share_a_group)
{
    const char  *text = "User-agent: other\nUser-agent: scraped\n\n"
                        "User-agent: *\nDisallow: /a\nDisallow: /b\n";

    ck_assert(!allows(text, "/a"));
    ck_assert(!allows(text, "/b"));

    text = "User-agent: scraped\nUser-agent: other\nDisallow: /a\n"
           "User-agent: third\nDisallow: /b\n";

    ck_assert(!allows(text, "/a"));
    ck_assert(allows(text, "/b"));
}
END_TEST


START_TEST(other_lines_do_not_part_a_group)
{
    const char  *text = "User-agent: scraped\n"
                        "Sitemap: https://a.example/s.xml\n"
                        "Crawl-delay: 5\nFoo: bar\nno colon\n"
                        "User-agent: other\n"
                        "Clean-param: a\nDisallow: /a\n"
                        "Sitemap: https://a.example/t.xml\n"
                        "Disallow: /b\n";

    ck_assert(!allows(text, "/a"));
    ck_assert(!allows(text, "/b"));
}
END_TEST


START_TEST(rules_before_any_group_are_ignored)
{
    ck_assert(allows("Disallow: /\n", "/a"));
    ck_assert(allows("Disallow: /\nUser-agent: *\nDisallow: /b\n", "/a"));
}
END_TEST


START_TEST(an_empty_disallow_disallows_nothing)
{
    ck_assert(allows("User-agent: *\nDisallow:\n", "/a"));
    ck_assert(allows("User-agent: *\nDisallow: # /\n", "/a"));
    ck_assert(!allows("User-agent: *\nDisallow: /\nAllow:\n", "/a"));
}
END_TEST


START_TEST(the_longest_rule_decides_wherever_it_stands)
{
    const char  *text = "User-agent: *\nAllow: /shop/lamps\n"
                        "Disallow: /shop/\nDisallow: /shop/lamps/old\n"
                        "Allow: /\n";

    ck_assert(allows(text, "/"));
    ck_assert(allows(text, "/shop"));
    ck_assert(!allows(text, "/shop/"));
    ck_assert(allows(text, "/shop/lamps/new"));
    ck_assert(!allows(text, "/shop/lamps/older"));
    ck_assert(allows("User-agent: *\nDisallow: /\nAllow: /$\n", "/"));
    ck_assert(!allows("User-agent: *\nDisallow: /\nAllow: /$\n", "/a"));
    ck_assert(!allows("User-agent: *\nAllow: /p*\nDisallow: /*.gif\n",
                      "/p/a.gif"));
}
END_TEST


START_TEST(allow_wins_a_tie)
{
    ck_assert(allows("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a"));
    ck_assert(allows("User-agent: *\nAllow: /a\nDisallow: /a\n", "/a"));
    ck_assert(allows("User-agent: *\nAllow: /a*c\nDisallow: /abc\n", "/abc"));

    /* as long, in octets of a URL */
    ck_assert(allows("User-agent: *\nDisallow: /%61b\nAllow: /ab\n", "/ab"));
    ck_assert(allows("User-agent: *\nDisallow: /\xc3\xa9\nAllow: /%C3%A9\n",
                     "/%C3%A9"));
}
END_TEST


START_TEST(a_path_is_matched_from_its_beginning_and_with_case)
{
    ck_assert(matches("/fish", "/fish"));
    ck_assert(matches("/fish", "/fish.html"));
    ck_assert(matches("/fish", "/fishheads/yummy.html"));
    ck_assert(matches("/fish", "/fish?id=1"));
    ck_assert(!matches("/fish", "/Fish"));
    ck_assert(!matches("/fish", "/cat/fish"));
    ck_assert(!matches("/fish", "/fis"));
    ck_assert(!matches("/fish/", "/fish"));
    ck_assert(!matches("fish", "/fish"));
    ck_assert(matches("/a b", "/a%20b"));
}
END_TEST


/* Whether a rule with this path is for the target. */
static int
matches(const char *path, const char *target)
{
    int        rc;
    sc_buf_t   b;
    robots_t  *robots;

    sc_buf_init(&b, 0);
    (void) sc_buf_printf(&b, "User-agent: *\nDisallow: %s\n", path);
    ck_assert(!b.failed);
    robots = parse(b.data);
    rc = !allowed(robots, target);
    robots_free(robots);
    sc_buf_free(&b);

    return rc;
}


START_TEST(a_star_stands_for_any_octets)
{
    ck_assert(matches("*", "/"));
    ck_assert(matches("/*", "/a"));
    ck_assert(matches("/fish*", "/fish"));
    ck_assert(matches("/*.php", "/a/b.php?c"));
    ck_assert(matches("*.php", "/a.php"));
    ck_assert(matches("/a*b*c", "/aXbYbZc"));
    ck_assert(matches("/a**b", "/ab"));
    ck_assert(matches("/*?", "/a?b"));
    ck_assert(!matches("/*?", "/a"));
    ck_assert(!matches("/a*b*c", "/acb"));
    ck_assert(!matches("/ab*ba", "/aba"));
    ck_assert(!matches("/*aa*aa", "/aaa"));
}
END_TEST


START_TEST(a_dollar_at_the_end_is_the_end)
{
    ck_assert(matches("/a$", "/a"));
    ck_assert(!matches("/a$", "/ab"));
    ck_assert(!matches("/a$", "/a?b"));
    ck_assert(matches("/*.php$", "/a.php"));
    ck_assert(matches("/*.php$", "/a.php.php"));
    ck_assert(!matches("/*.php$", "/a.php5"));
    ck_assert(!matches("/ab*b$", "/ab"));
    ck_assert(matches("/a*$", "/abc"));
    ck_assert(!matches("$", "/"));
    ck_assert(matches("/a$b", "/a$b"));
    ck_assert(!matches("/a$b", "/a"));
    ck_assert(matches("/a$$", "/a$"));
}
END_TEST


START_TEST(the_table_of_the_rfc_on_encoding_holds)
{
    ck_assert(matches("/foo/bar?baz=quz", "/foo/bar?baz=quz"));
    ck_assert(matches("/foo/bar?baz=https://foo.bar",
                      "/foo/bar?baz=https%3A%2F%2Ffoo.bar"));
    ck_assert(matches("/foo/bar?baz=https%3a%2f%2ffoo.bar",
                      "/foo/bar?baz=https://foo.bar"));
    ck_assert(matches("/foo/bar/\xe3\x83\x84", "/foo/bar/%E3%83%84"));
    ck_assert(matches("/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84"));
    ck_assert(matches("/foo/bar/%e3%83%84", "/foo/bar/\xe3\x83\x84"));
    ck_assert(matches("/foo/bar/%62%61%7A", "/foo/bar/baz"));
    ck_assert(matches("/foo/bar/baz", "/foo/bar/%62%61%7a"));
}
END_TEST


START_TEST(an_encoded_delimiter_is_none)
{
    ck_assert(!matches("/a%2Fb", "/a/b"));
    ck_assert(!matches("/a/b", "/a%2fb"));
    ck_assert(matches("/a%2fb", "/a%2Fb"));
    ck_assert(!matches("/a%3Fb", "/a?b"));
    ck_assert(!matches("/?a%26b", "/?a&b"));
    ck_assert(!matches("/?a%3Db", "/?a=b"));
    ck_assert(matches("/a%3Bb%2c", "/a;b,"));
    ck_assert(matches("/a;b,", "/a%3Bb%2C"));
    ck_assert(matches("/*/x", "/a?b=/x"));
    ck_assert(matches("/*%2Fx", "/a?b=%2Fx"));
    ck_assert(matches("/*?*%2Fx", "/a?b=/x"));
}
END_TEST


START_TEST(an_encoded_star_or_dollar_is_a_plain_one)
{
    ck_assert(matches("/file-%2A.html", "/file-*.html"));
    ck_assert(matches("/file-%2a.html", "/file-%2A.html"));
    ck_assert(!matches("/file-%2A.html", "/file-1.html"));
    ck_assert(matches("/foo-%24", "/foo-$"));
    ck_assert(matches("/foo-%24", "/foo-$bar"));
    ck_assert(!matches("/foo-%24", "/foo-"));
    ck_assert(matches("/*$x", "/a%24x"));
}
END_TEST


START_TEST(a_lone_percent_sign_is_taken_for_one)
{
    ck_assert(matches("/100%x", "/100%25x"));
    ck_assert(matches("/100%", "/100%25"));
    ck_assert(matches("/*%", "/a%20b"));
    ck_assert(matches("/*%*b", "/a%20b"));
    ck_assert(!matches("/*%", "/ab"));
    ck_assert(!matches("/%zz", "/%"));
}
END_TEST


START_TEST(robots_txt_is_always_allowed)
{
    ck_assert(allows("User-agent: *\nDisallow: /\n", "/robots.txt"));
    ck_assert(allows("User-agent: *\nDisallow: /robots.txt\n",
                     "/robots.txt"));
    ck_assert(allows("User-agent: *\nDisallow: /\n", "/robots%2Etxt"));
    ck_assert(!allows("User-agent: *\nDisallow: /\n", "/robots.txt2"));
    ck_assert(!allows("User-agent: *\nDisallow: /\n", "/a/robots.txt"));
}
END_TEST


START_TEST(every_line_end_is_one)
{
    ck_assert(!allows("User-agent: *\rDisallow: /a\rAllow: /b\r", "/a"));
    ck_assert(!allows("User-agent: *\r\nDisallow: /a\r\nAllow: /b", "/a"));
    ck_assert(!allows("User-agent: *\n\r\rDisallow: /a\n\nAllow: /b", "/a"));
    ck_assert(!allows("User-agent: *\nDisallow: /a", "/a"));
}
END_TEST


START_TEST(a_byte_order_mark_is_passed_over)
{
    ck_assert(!allows("\xef\xbb\xbfUser-agent: *\nDisallow: /\n", "/a"));
    ck_assert(allows("\xef\xbbUser-agent: *\nDisallow: /\n", "/a"));
    ck_assert(allows("\xef\xbb\xbf", "/a"));
}
END_TEST


START_TEST(blanks_and_comments_are_passed_over)
{
    ck_assert(!allows(" \tUser-agent\t : \t * \t# a: b\n#Allow: /\n"
                      "\t# x\n  Disallow :/a#b\n", "/a"));
    ck_assert(!allows("User-agent: *\n#\n\nDisallow: /a # /b\n", "/ab"));
    ck_assert(allows("User-agent: *\n# Disallow: /a\n", "/a"));
}
END_TEST


START_TEST(junk_is_passed_over)
{
    static const char  junk[] = "\x00\x01\xff\xfe: \x00\n:::\n:\nUser-agent\n"
                                "User-agent *\nDisallow /b\n"
                                "User\x00-agent: *\nDisallow: /c\n"
                                "User-agent: *\n\xff\x00\xff\n"
                                "Disallow: /a\x00z\nDisallow: /\xff\n"
                                "Dis allow: /d\nDisallow: /e";
    sc_str_t           text = { sizeof(junk) - 1, junk };
    robots_t          *robots;

    robots = robots_parse(text, "scraped");
    ck_assert_int_eq(allowed(robots, "/a"), 1);
    ck_assert_int_eq(allowed(robots, "/a%00z"), 0);
    ck_assert_int_eq(allowed(robots, "/b"), 1);
    ck_assert_int_eq(allowed(robots, "/c"), 1);
    ck_assert_int_eq(allowed(robots, "/d"), 1);
    ck_assert_int_eq(allowed(robots, "/e"), 0);
    ck_assert_int_eq(allowed(robots, "/%FF"), 0);
    robots_free(robots);
}
END_TEST


/* Text of so many bytes that ends in line, which is whole in it. */
static sc_str_t
long_text(char *b, size_t size, const char *line)
{
    static const char  head[] = "User-agent: *\nDisallow: /first\n";

    memset(b, '#', size);
    memcpy(b, head, sizeof(head) - 1);
    b[size - strlen(line) - 1] = '\n';
    memcpy(b + size - strlen(line), line, strlen(line));

    return (sc_str_t) { size, b };
}


START_TEST(only_the_first_500_kib_count)
{
    size_t     i;
    char      *b;
    robots_t  *robots;

    /* rules that end just before, just behind, and at the limit */
    static const struct {
        size_t       size;
        const char  *line;
        int          allowed;
    } cases[] = {
        { ROBOTS_MAX_SIZE, "Disallow: /last", 0 },
        { ROBOTS_MAX_SIZE, "Disallow: /last\n", 0 },
        { ROBOTS_MAX_SIZE + 1, "Disallow: /last\n", 0 },
        { ROBOTS_MAX_SIZE + 1, "Disallow: /last\r", 0 },
        { ROBOTS_MAX_SIZE + 1, "Disallow: /last", 1 },
        { ROBOTS_MAX_SIZE + 2, "Disallow: /last\n", 1 },
        { ROBOTS_MAX_SIZE + 4096, "Disallow: /last\n", 1 }
    };

    b = malloc(ROBOTS_MAX_SIZE + 4096);
    ck_assert_ptr_nonnull(b);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        robots = robots_parse(long_text(b, cases[i].size, cases[i].line),
                              "scraped");
        ck_assert_int_eq(allowed(robots, "/first"), 0);
        ck_assert_int_eq(allowed(robots, "/last"), cases[i].allowed);
        robots_free(robots);
    }

    free(b);
}
END_TEST


START_TEST(a_line_without_an_end_is_cut_with_the_file)
{
    char      *b;
    sc_str_t   text;
    robots_t  *robots;

    b = malloc(ROBOTS_MAX_SIZE + 1);
    ck_assert_ptr_nonnull(b);
    memset(b, 'a', ROBOTS_MAX_SIZE + 1);
    text = (sc_str_t) { ROBOTS_MAX_SIZE + 1, b };
    robots = robots_parse(text, "scraped");
    ck_assert_int_eq(allowed(robots, "/a"), 1);
    robots_free(robots);
    free(b);
}
END_TEST


START_TEST(rules_above_their_limit_are_passed_over)
{
    size_t     i;
    sc_buf_t   b;
    robots_t  *robots;

    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, "User-agent: *\n");

    for (i = 0; i < ROBOTS_MAX_RULES; i++) {
        (void) sc_buf_printf(&b, "Disallow: /a%zu\n", i);
    }

    (void) sc_buf_add_cstr(&b, "Disallow: /b\n");
    ck_assert(!b.failed && b.len < ROBOTS_MAX_SIZE);

    robots = parse(b.data);
    ck_assert_int_eq(allowed(robots, "/a19999"), 0);
    ck_assert_int_eq(allowed(robots, "/b"), 1);
    ck_assert_uint_gt(robots_size(robots), ROBOTS_MAX_RULES * 8);
    robots_free(robots);
    sc_buf_free(&b);
}
END_TEST


START_TEST(a_delay_is_in_seconds_with_a_fraction)
{
    ck_assert_int_eq(delay("10"), 10 * SECOND);
    ck_assert_int_eq(delay("0"), 0);
    ck_assert_int_eq(delay("0.5"), SECOND / 2);
    ck_assert_int_eq(delay("1.25"), SECOND + SECOND / 4);
    ck_assert_int_eq(delay(".5"), SECOND / 2);
    ck_assert_int_eq(delay("2."), 2 * SECOND);
    ck_assert_int_eq(delay("0.0000000019"), 1);
    ck_assert_int_eq(delay("1 # one"), SECOND);
}
END_TEST


static int64_t
delay(const char *value)
{
    int64_t    ns;
    sc_buf_t   b;
    robots_t  *robots;

    sc_buf_init(&b, 0);
    (void) sc_buf_printf(&b, "User-agent: *\nCrawl-delay: %s\n", value);
    ck_assert(!b.failed);
    robots = parse(b.data);
    ns = robots_delay(robots);
    robots_free(robots);
    sc_buf_free(&b);

    return ns;
}


START_TEST(an_absurd_delay_is_none_or_a_day)
{
    ck_assert_int_eq(delay("86401"), ROBOTS_MAX_DELAY);
    ck_assert_int_eq(delay("86400.9"), ROBOTS_MAX_DELAY);
    ck_assert_int_eq(delay("99999999999999999999999999"), ROBOTS_MAX_DELAY);
    ck_assert_int_eq(delay(""), -1);
    ck_assert_int_eq(delay("."), -1);
    ck_assert_int_eq(delay("-1"), -1);
    ck_assert_int_eq(delay("1.2.3"), -1);
    ck_assert_int_eq(delay("1e9"), -1);
    ck_assert_int_eq(delay("nan"), -1);
    ck_assert_int_eq(delay("ten"), -1);
}
END_TEST


START_TEST(the_delay_is_the_longest_of_our_groups)
{
    robots_t  *robots;

    robots = parse("Crawl-delay: 9\nUser-agent: other\nCrawl-delay: 8\n"
                   "Disallow: /\nUser-agent: scraped\nCrawl-delay: 3\n"
                   "Allow: /\nUser-agent: *\nCrawl-delay: 7\nAllow: /\n"
                   "User-agent: scraped\nAllow: /\nCrawl-delay: 2\n");
    ck_assert_int_eq(robots_delay(robots), 3 * SECOND);
    robots_free(robots);

    robots = parse("User-agent: *\nDisallow: /a\n");
    ck_assert_int_eq(robots_delay(robots), -1);
    robots_free(robots);
}
END_TEST


START_TEST(sitemaps_are_found_anywhere)
{
    robots_t  *robots;

    robots = parse("SITEMAP: https://a.example/1.xml\nUser-agent: other\n"
                   "Sitemap:https://a.example/2.xml # two\nDisallow: /\n"
                   "Sitemap:\nSitemap: a\x01z\n"
                   "sitemap : https://a.example/3.xml?a=b:c");

    ck_assert_str_eq(robots_sitemap(robots, 0), "https://a.example/1.xml");
    ck_assert_str_eq(robots_sitemap(robots, 1), "https://a.example/2.xml");
    ck_assert_str_eq(robots_sitemap(robots, 2),
                     "https://a.example/3.xml?a=b:c");
    ck_assert_ptr_null(robots_sitemap(robots, 3));
    ck_assert_ptr_null(robots_sitemap(robots, SIZE_MAX));
    robots_free(robots);
}
END_TEST


START_TEST(sitemaps_above_their_limit_are_passed_over)
{
    size_t     i;
    sc_buf_t   b;
    robots_t  *robots;

    sc_buf_init(&b, 0);

    for (i = 0; i <= ROBOTS_MAX_SITEMAPS; i++) {
        (void) sc_buf_printf(&b, "Sitemap: /%zu\n", i);
    }

    ck_assert(!b.failed);
    robots = parse(b.data);
    ck_assert_str_eq(robots_sitemap(robots, ROBOTS_MAX_SITEMAPS - 1), "/99");
    ck_assert_ptr_null(robots_sitemap(robots, ROBOTS_MAX_SITEMAPS));
    robots_free(robots);
    sc_buf_free(&b);
}
END_TEST


/* Tries one by one would take longer than the age of the universe. */
START_TEST(a_rule_of_a_thousand_stars_takes_no_time)
{
    size_t     i;
    sc_buf_t   rule, target;
    robots_t  *robots;

    sc_buf_init(&rule, 0);
    sc_buf_init(&target, 0);
    (void) sc_buf_add_cstr(&rule, "User-agent: *\nDisallow: /");
    (void) sc_buf_add_cstr(&target, "/");

    for (i = 0; i < 1000; i++) {
        (void) sc_buf_add_cstr(&rule, "*a");
        (void) sc_buf_add_cstr(&target, "aaaaaaaa");
    }

    (void) sc_buf_add_cstr(&rule, "b$\n");
    ck_assert(!rule.failed && !target.failed);

    robots = parse(rule.data);
    ck_assert_int_eq(allowed(robots, target.data), 1);
    (void) sc_buf_add_cstr(&target, "b");
    ck_assert_int_eq(allowed(robots, target.data), 0);

    robots_free(robots);
    sc_buf_free(&rule);
    sc_buf_free(&target);
}
END_TEST


/* A file of nothing but searches, against a URL that makes them long. */
START_TEST(rules_that_ask_for_too_much_work_disallow)
{
    size_t     i;
    char       target[8192];
    sc_buf_t   b;
    robots_t  *robots;

    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, "User-agent: *\n");

    for (i = 0; i < ROBOTS_MAX_RULES; i++) {
        (void) sc_buf_add_cstr(&b, "Disallow: *aaabaaa\n");
    }

    ck_assert(!b.failed && b.len < ROBOTS_MAX_SIZE);
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    target[sizeof(target) - 1] = '\0';

    robots = parse(b.data);
    ck_assert_int_eq(allowed(robots, target), 0);
    target[ROBOTS_MAX_WORK / ROBOTS_MAX_RULES] = '\0';
    ck_assert_int_eq(allowed(robots, target), 1);
    robots_free(robots);
    sc_buf_free(&b);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        nothing_to_read_allows_all,
        a_group_is_found_by_its_product_token_without_case,
        our_own_version_is_ignored_too,
        the_star_group_is_for_those_without_their_own,
        an_empty_group_of_ours_hides_the_star_group,
        groups_of_one_agent_are_one,
        several_agents_share_a_group,
        other_lines_do_not_part_a_group,
        rules_before_any_group_are_ignored,
        an_empty_disallow_disallows_nothing,
        the_longest_rule_decides_wherever_it_stands,
        allow_wins_a_tie,
        a_path_is_matched_from_its_beginning_and_with_case,
        a_star_stands_for_any_octets,
        a_dollar_at_the_end_is_the_end,
        the_table_of_the_rfc_on_encoding_holds,
        an_encoded_delimiter_is_none,
        an_encoded_star_or_dollar_is_a_plain_one,
        a_lone_percent_sign_is_taken_for_one,
        robots_txt_is_always_allowed,
        every_line_end_is_one,
        a_byte_order_mark_is_passed_over,
        blanks_and_comments_are_passed_over,
        junk_is_passed_over,
        only_the_first_500_kib_count,
        a_line_without_an_end_is_cut_with_the_file,
        rules_above_their_limit_are_passed_over,
        a_delay_is_in_seconds_with_a_fraction,
        an_absurd_delay_is_none_or_a_day,
        the_delay_is_the_longest_of_our_groups,
        sitemaps_are_found_anywhere,
        sitemaps_above_their_limit_are_passed_over,
        a_rule_of_a_thousand_stars_takes_no_time,
        rules_that_ask_for_too_much_work_disallow,
        NULL
    };

    return suite_run("robots", tests, 10);
}
