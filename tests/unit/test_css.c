
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/xpath.h>

#include "common/css/sc_css.h"
#include "tests/support/suite.h"


#define PREFIX  "descendant-or-self::"


typedef struct {
    const char  *css;
    const char  *xpath;
} css_pair_t;


typedef struct {
    const char  *css;
    int          column;
    const char  *message;
} css_fault_t;


static void css_all(const css_pair_t *pairs, unsigned html);
static void css_ok(const char *css, unsigned html, const char *xpath);
static void css_bad(const char *css, size_t len, int column,
    const char *message);
static char *css_repeat(const char *head, const char *part, unsigned n,
    const char *tail, unsigned m);


/*
 * What cssselect 1.2 and parsel 1.7 make of these, with HTMLTranslator and
 * with GenericTranslator.
 */

static const css_pair_t  css_html[] = {
    { "*",
      "descendant-or-self::*" },
    { "e",
      "descendant-or-self::e" },
    { "*|e",
      "descendant-or-self::e" },
    { "ns|e",
      "descendant-or-self::ns:e" },
    { "ns|*",
      "descendant-or-self::ns:*" },
    { "e[foo]",
      "descendant-or-self::e[@foo]" },
    { "e[foo|bar]",
      "descendant-or-self::e[@foo:bar]" },
    { "e[foo=\"bar\"]",
      "descendant-or-self::e[@foo = 'bar']" },
    { "e[foo~=\"bar\"]",
      "descendant-or-self::e[@foo and contains(concat(' ', "
      "normalize-space(@foo), ' '), ' bar ')]" },
    { "e[foo^=\"bar\"]",
      "descendant-or-self::e[@foo and starts-with(@foo, 'bar')]" },
    { "e[foo$=\"bar\"]",
      "descendant-or-self::e[@foo and substring(@foo, "
      "string-length(@foo)-2) = 'bar']" },
    { "e[foo*=\"bar\"]",
      "descendant-or-self::e[@foo and contains(@foo, 'bar')]" },
    { "e[hreflang|=\"en\"]",
      "descendant-or-self::e[@hreflang and (@hreflang = 'en' or "
      "starts-with(@hreflang, 'en-'))]" },
    { "e[foo!=\"bar\"]",
      "descendant-or-self::e[not(@foo) or @foo != 'bar']" },
    { "e[foo!=\"\"]",
      "descendant-or-self::e[@foo != '']" },
    { "e[foo~=\"a b\"]",
      "descendant-or-self::e[0]" },
    { "e[foo^=\"\"]",
      "descendant-or-self::e[0]" },
    { "e:nth-child(1)",
      "descendant-or-self::e[count(preceding-sibling::*) = 0]" },
    { "e:nth-child(3n+2)",
      "descendant-or-self::e[(count(preceding-sibling::*) >= 1) and "
      "((count(preceding-sibling::*) +2) mod 3 = 0)]" },
    { "e:nth-child(3n-2)",
      "descendant-or-self::e[count(preceding-sibling::*) mod 3 = 0]" },
    { "e:nth-child(-n+6)",
      "descendant-or-self::e[count(preceding-sibling::*) <= 5]" },
    { "e:nth-child(n)",
      "descendant-or-self::e" },
    { "e:nth-child(n+3)",
      "descendant-or-self::e[count(preceding-sibling::*) >= 2]" },
    { "e:nth-child(-2n+7)",
      "descendant-or-self::e[(count(preceding-sibling::*) <= 6) and "
      "(count(preceding-sibling::*) mod -2 = 0)]" },
    { "e:nth-child(odd)",
      "descendant-or-self::e[count(preceding-sibling::*) mod 2 = 0]" },
    { "e:nth-child(even)",
      "descendant-or-self::e[(count(preceding-sibling::*) +1) mod 2 = 0]" },
    { "e:nth-child(-2n)",
      "descendant-or-self::e[0]" },
    { "e:nth-child(2n+1)",
      "descendant-or-self::e[count(preceding-sibling::*) mod 2 = 0]" },
    { "e:nth-child(2n + 3)",
      "descendant-or-self::e[(count(preceding-sibling::*) >= 2) and "
      "(count(preceding-sibling::*) mod 2 = 0)]" },
    { "e:nth-child( -3n+10 )",
      "descendant-or-self::e[(count(preceding-sibling::*) <= 9) and "
      "(count(preceding-sibling::*) mod -3 = 0)]" },
    { "e:nth-child(0n+1)",
      "descendant-or-self::e[count(preceding-sibling::*) = 0]" },
    { "e:nth-last-child(1)",
      "descendant-or-self::e[count(following-sibling::*) = 0]" },
    { "e:nth-last-child(2n)",
      "descendant-or-self::e[(count(following-sibling::*) +1) mod 2 = 0]" },
    { "e:nth-last-child(2n+1)",
      "descendant-or-self::e[count(following-sibling::*) mod 2 = 0]" },
    { "e:nth-last-child(2n+2)",
      "descendant-or-self::e[(count(following-sibling::*) >= 1) and "
      "((count(following-sibling::*) +1) mod 2 = 0)]" },
    { "e:nth-last-child(3n+1)",
      "descendant-or-self::e[count(following-sibling::*) mod 3 = 0]" },
    { "e:nth-last-child(-n+2)",
      "descendant-or-self::e[count(following-sibling::*) <= 1]" },
    { "e:nth-of-type(1)",
      "descendant-or-self::e[count(preceding-sibling::e) = 0]" },
    { "e:nth-of-type(2n+1)",
      "descendant-or-self::e[count(preceding-sibling::e) mod 2 = 0]" },
    { "e:nth-last-of-type(1)",
      "descendant-or-self::e[count(following-sibling::e) = 0]" },
    { "e:nth-last-of-type(3n)",
      "descendant-or-self::e[(count(following-sibling::e) +1) mod 3 = 0]" },
    { "div e:nth-last-of-type(1) .aclass",
      "descendant-or-self::div/descendant-or-self::*/e[count(following-sib"
      "ling::e) = 0]/descendant-or-self::*/*[@class and contains(concat(' "
      "', normalize-space(@class), ' '), ' aclass ')]" },
    { "e:first-child",
      "descendant-or-self::e[count(preceding-sibling::*) = 0]" },
    { "e:last-child",
      "descendant-or-self::e[count(following-sibling::*) = 0]" },
    { "e:first-of-type",
      "descendant-or-self::e[count(preceding-sibling::e) = 0]" },
    { "e:last-of-type",
      "descendant-or-self::e[count(following-sibling::e) = 0]" },
    { "e:only-child",
      "descendant-or-self::e[count(parent::*/child::*) = 1]" },
    { "e:only-of-type",
      "descendant-or-self::e[count(parent::*/child::e) = 1]" },
    { "e:empty",
      "descendant-or-self::e[not(*) and not(string-length())]" },
    { "e:EmPTY",
      "descendant-or-self::e[not(*) and not(string-length())]" },
    { "e:root",
      "descendant-or-self::e[not(parent::*)]" },
    { "e:hover",
      "descendant-or-self::e[0]" },
    { "e:has(> f)",
      "descendant-or-self::e[./f]" },
    { "e:has(f)",
      "descendant-or-self::e[descendant::f]" },
    { "e:has(~ f)",
      "descendant-or-self::e[following-sibling::f]" },
    { "e:has(+ f)",
      "descendant-or-self::e[following-sibling::*[(name() = 'f') and "
      "(position() = 1)]]" },
    { "e:contains(\"foo\")",
      "descendant-or-self::e[contains(., 'foo')]" },
    { "e:ConTains(foo)",
      "descendant-or-self::e[contains(., 'foo')]" },
    { "e.warning",
      "descendant-or-self::e[@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' warning ')]" },
    { "e#myid",
      "descendant-or-self::e[@id = 'myid']" },
    { "e:not(:nth-child(odd))",
      "descendant-or-self::e[not(count(preceding-sibling::*) mod 2 = 0)]" },
    { "e:nOT(*)",
      "descendant-or-self::e[0]" },
    { "e:not(.a)",
      "descendant-or-self::e[not(@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' a '))]" },
    { "e:not(f)",
      "descendant-or-self::e[not(name() = 'f')]" },
    { "e f",
      "descendant-or-self::e/descendant-or-self::*/f" },
    { "e > f",
      "descendant-or-self::e/f" },
    { "e + f",
      "descendant-or-self::e/following-sibling::*[(name() = 'f') and "
      "(position() = 1)]" },
    { "e ~ f",
      "descendant-or-self::e/following-sibling::f" },
    { "e ~ f:nth-child(3)",
      "descendant-or-self::e/following-sibling::f[count(preceding-sibling:"
      ":*) = 2]" },
    { "div#container p",
      "descendant-or-self::div[@id = 'container']/descendant-or-self::*/p" },
    { "div:where(foo)",
      "descendant-or-self::div[name() = 'foo']" },
    { "e:is(foo, bar)",
      "descendant-or-self::e[(name() = 'foo') or (name() = 'bar')]" },
    { "e:where(foo, bar)",
      "descendant-or-self::e[(name() = 'foo') or (name() = 'bar')]" },
    { "*:is(.a)",
      "descendant-or-self::*[@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' a ')]" },
    { ":scope > div",
      "descendant-or-self::*[1]/div" },
    { "a:link",
      "descendant-or-self::a[@href and (name(.) = 'a' or name(.) = 'link' "
      "or name(.) = 'area')]" },
    { "input:checked",
      "descendant-or-self::input[(@selected and name(.) = 'option') or "
      "(@checked and (name(.) = 'input' or name(.) = 'command')and (@type "
      "= 'checkbox' or @type = 'radio'))]" },
    { "x:lang(en)",
      "descendant-or-self::x[ancestor-or-self::*[@lang][1][starts-with(con"
      "cat(translate(@lang, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', "
      "'abcdefghijklmnopqrstuvwxyz'), '-'), 'en-')]]" },
    { "x:lang(\"EN-us\")",
      "descendant-or-self::x[ancestor-or-self::*[@lang][1][starts-with(con"
      "cat(translate(@lang, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', "
      "'abcdefghijklmnopqrstuvwxyz'), '-'), 'en-us-')]]" },
    { "[a='\"']",
      "descendant-or-self::*[@a = '\"']" },
    { "[a=\"'\"]",
      "descendant-or-self::*[@a = \"'\"]" },
    { "[a=\"it's \\\"x\\\"\"]",
      "descendant-or-self::*[@a = concat('it',\"'\",'s \"x\"')]" },
    { "é",
      "descendant-or-self::*[name() = 'é']" },
    { "é > ñ",
      "descendant-or-self::*[name() = 'é']/*[name() = 'ñ']" },
    { "[é]",
      "descendant-or-self::*[attribute::*[name() = 'é']]" },
    { "é[é=\"é\"]",
      "descendant-or-self::*[(name() = 'é') and (attribute::*[name() = "
      "'é'] = 'é')]" },
    { ".é",
      "descendant-or-self::*[@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' é ')]" },
    { "[x$=\"éé\"]",
      "descendant-or-self::*[@x and substring(@x, string-length(@x)-1) = "
      "'éé']" },
    { "*::text",
      "descendant-or-self::text()" },
    { "::text",
      "descendant-or-self::text()" },
    { "a::text",
      "descendant-or-self::a/text()" },
    { "a ::text",
      "descendant-or-self::a/descendant-or-self::text()" },
    { "a *::text",
      "descendant-or-self::a/descendant-or-self::text()" },
    { "a > ::text",
      "descendant-or-self::a/*/text()" },
    { "a::attr(href)",
      "descendant-or-self::a/@href" },
    { "::attr(href)",
      "descendant-or-self::*/@href" },
    { "a ::attr(href)",
      "descendant-or-self::a/descendant-or-self::*/@href" },
    { "a + ::text",
      "descendant-or-self::a/following-sibling::*[position() = 1]/text()" },
    { "a + b::text",
      "descendant-or-self::a/following-sibling::*[(name() = 'b') and "
      "(position() = 1)]/text()" },
    { "a ~ ::text",
      "descendant-or-self::a/following-sibling::*/text()" },
    { "a, b::text, c::attr(\"x\")",
      "descendant-or-self::a | descendant-or-self::b/text() | "
      "descendant-or-self::c/@x" },
    { "a b, c > d",
      "descendant-or-self::a/descendant-or-self::*/b | "
      "descendant-or-self::c/d" },
    { "DIV",
      "descendant-or-self::div" },
    { "A[HREF]",
      "descendant-or-self::a[@href]" },
    { "di\\a0 v",
      "descendant-or-self::*[name() = 'di v']" },
    { "#\\31 23",
      "descendant-or-self::*[@id = '123']" },
    { "[h\\]ref]",
      "descendant-or-self::*[attribute::*[name() = 'h]ref']]" },
    { ".a\\:b",
      "descendant-or-self::*[@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' a:b ')]" },
    { "a/**/.b",
      "descendant-or-self::a[@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' b ')]" },
    { "h1/* x */ h2",
      "descendant-or-self::h1/descendant-or-self::*/h2" },
    { "[data-x=\"a\\\nb\"]",
      "descendant-or-self::*[@data-x = 'ab']" },
    { ":SCOPE a",
      "descendant-or-self::*[1]/descendant-or-self::*/a" },
    { "a,:scope b",
      "descendant-or-self::a | "
      "descendant-or-self::*[1]/descendant-or-self::*/b" },
    { " a ",
      "descendant-or-self::a" },
    { "a\n>\nb",
      "descendant-or-self::a/b" },
    { "[a|b='x']",
      "descendant-or-self::*[@a:b = 'x']" },
    { "[*|b]",
      "descendant-or-self::*[@b]" },
    { "a.b:target",
      "descendant-or-self::a[(@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' b ')) and (0)]" },
    { "a:nth-child(-n)",
      "descendant-or-self::a[0]" },
    { "a:nth-child(-5)",
      "descendant-or-self::a[count(preceding-sibling::*) = -6]" },
    { "a:nth-child(0)",
      "descendant-or-self::a[count(preceding-sibling::*) = -1]" },
    { "div div:first-child",
      "descendant-or-self::div/descendant-or-self::*/div[count(preceding-s"
      "ibling::*) = 0]" },
    { "a:nth-child(-3n-2)",
      "descendant-or-self::a[0]" },
    { "div.content",
      "descendant-or-self::div[@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' content ')]" },
    { "div, h1.title + p",
      "descendant-or-self::div | descendant-or-self::h1[@class and "
      "contains(concat(' ', normalize-space(@class), ' '), ' title "
      "')]/following-sibling::*[(name() = 'p') and (position() = 1)]" },
    { "#37signals",
      "descendant-or-self::*[@id = '37signals']" },
    { ":scope > div > div[class=header]",
      "descendant-or-self::*[1]/div/div[@class = 'header']" },
    { "*:hover",
      "descendant-or-self::*[0]" },
    { "a:active",
      "descendant-or-self::a[0]" },
    { "a:focus",
      "descendant-or-self::a[0]" },
    { "a:target",
      "descendant-or-self::a[0]" },
    { "a:not(b):not(c)",
      "descendant-or-self::a[(not(name() = 'b')) and (not(name() = 'c'))]" },
    { "x:nth-of-type(2n)",
      "descendant-or-self::x[(count(preceding-sibling::x) +1) mod 2 = 0]" },
    { "a[href*=image]::attr(href)",
      "descendant-or-self::a[@href and contains(@href, 'image')]/@href" },
    { "a[href*=image] img::attr(src)",
      "descendant-or-self::a[@href and contains(@href, "
      "'image')]/descendant-or-self::*/img/@src" },
    { "base::attr(href)",
      "descendant-or-self::base/@href" },
    { "title::text",
      "descendant-or-self::title/text()" },
    { "#images *::text",
      "descendant-or-self::*[@id = 'images']/descendant-or-self::text()" },
    { NULL, NULL }
};


static const css_pair_t  css_generic[] = {
    { "e:lang(en)",
      "descendant-or-self::e[lang('en')]" },
    { "E[FOO]",
      "descendant-or-self::E[@FOO]" },
    { "ns|E[A|B]",
      "descendant-or-self::ns:E[@A:B]" },
    { "a:link",
      "descendant-or-self::a[0]" },
    { "input:checked",
      "descendant-or-self::input[0]" },
    { "input:disabled",
      "descendant-or-self::input[0]" },
    { "input:enabled",
      "descendant-or-self::input[0]" },
    { "a:visited",
      "descendant-or-self::a[0]" },
    { "e:root",
      "descendant-or-self::e[not(parent::*)]" },
    { "a ::text",
      "descendant-or-self::a/descendant-or-self::text()" },
    { "a::attr(HREF)",
      "descendant-or-self::a/@HREF" },
    { "e > f",
      "descendant-or-self::e/f" },
    { NULL, NULL }
};

/* what cssselect has wrong or refuses, per Selectors Level 4 */

static const css_pair_t  css_level_4[] = {
    { "a.b:is(c, d)",
      "descendant-or-self::a[(@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' b ')) and ((name() = 'c') or "
      "(name() = 'd'))]" },
    { "a:is(*, b)",
      "descendant-or-self::a" },
    { "a:not(b, *)",
      "descendant-or-self::a[0]" },
    { "a:not(b, [c])",
      "descendant-or-self::a[not((name() = 'b') or (@c))]" },
    { "a:not(b > c)",
      "descendant-or-self::a[not((name() = 'c') and (parent::b))]" },
    { ":matches(b c ~ d)",
      "descendant-or-self::*[(name() = 'd') and "
      "(preceding-sibling::c[ancestor::b])]" },
    { ":where(b + c)",
      "descendant-or-self::*[(name() = 'c') and "
      "(preceding-sibling::*[(name() = 'b') and (position() = 1)])]" },
    { "a:has(> b c, + d)",
      "descendant-or-self::a[(./b/descendant-or-self::*/c) or "
      "(following-sibling::*[(name() = 'd') and (position() = 1)])]" },
    { "a:not(ns|b)",
      "descendant-or-self::a[not(self::ns:b)]" },
    { "[a=B i]",
      "descendant-or-self::*[translate(@a, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', "
      "'abcdefghijklmnopqrstuvwxyz') = 'b']" },
    { "[a=B s]",
      "descendant-or-self::*[@a = 'B']" },
    { "a:scope > b",
      "descendant-or-self::*[1][name() = 'a']/b" },
    { "é:first-of-type",
      "descendant-or-self::*[(name() = 'é') and "
      "(count(preceding-sibling::*[name() = 'é']) = 0)]" },
    { "a ~ * > ::text",
      "descendant-or-self::a/following-sibling::*/*/text()" },
    { "::attr('xlink:href')",
      "descendant-or-self::*/attribute::*[name() = 'xlink:href']" },
    { "::attr(HREF)",
      "descendant-or-self::*/@href" },
    { "--a",
      "descendant-or-self::*[name() = '--a']" },
    { "e:has(> a.important)",
      "descendant-or-self::e[./a[@class and contains(concat(' ', "
      "normalize-space(@class), ' '), ' important ')]]" },
    { ":is(:has(> a))",
      "descendant-or-self::*[./a]" },
    { NULL, NULL }
};


static const css_fault_t  css_faults[] = {
    { "", 1, "expected a selector, found the end" },
    { "a]", 2, "expected a selector or a combinator, found \"]\"" },
    { "]", 1, "expected a selector, found \"]\"" },
    { "a,", 3, "expected a selector, found the end" },
    { "> a", 1, "expected a selector, found \">\"" },
    { "a >", 4, "expected a selector, found the end" },
    { "a>>b", 3, "expected a selector, found \">\"" },
    { "a b ) c", 5, "expected a selector, found \")\"" },
    { "a|", 3, "expected an element name or \"*\", found the end" },
    { "a.", 3, "expected a class name, found the end" },
    { ".5", 2, "expected a class name, found \"5\"" },
    { "a:", 3, "expected the name of a pseudo-class, found the end" },
    { "a::", 4, "expected the name of a pseudo-element, found the end" },
    { "a::text b", 9, "expected the end after a pseudo-element, "
      "found \"b\"" },
    { "a::text.b", 8, "expected the end after a pseudo-element, "
      "found \".\"" },
    { "a::before", 2, "unknown pseudo-element \"::before\"" },
    { "a::before()", 2, "unknown pseudo-element \"::before()\"" },
    { "a:foo", 2, "unknown pseudo-class \":foo\"" },
    { "a:foo(x)", 2, "unknown pseudo-class \":foo()\"" },
    { "a:is", 2, "unknown pseudo-class \":is\"" },
    { "a:root(b)", 2, "unknown pseudo-class \":root()\"" },
    { "a:not(b", 8, "expected \")\", found the end" },
    { "a:not()", 7, "expected a selector, found \")\"" },
    { "a:not(b::text)", 8, "a pseudo-element inside a function" },
    { ":not(:scope)", 6, "\":scope\" is not at the start of the selector" },
    { "éé :scope", 4,
      "\":scope\" is not at the start of the selector" },
    { "*:first-of-type", 2, "\":first-of-type\" needs an element name" },
    { "*:last-of-type", 2, "\":last-of-type\" needs an element name" },
    { "*:nth-of-type(2)", 2, "\":nth-of-type\" needs an element name" },
    { "*:nth-last-of-type(2)", 2,
      "\":nth-last-of-type\" needs an element name" },
    { "*:only-of-type", 2, "\":only-of-type\" needs an element name" },
    { "e::first-line", 2, "unknown pseudo-element \"::first-line\"" },
    { "e:first-line", 2, "unknown pseudo-class \":first-line\"" },
    { ":nth-of-type(2)", 1, "\":nth-of-type\" needs an element name" },
    { ":nth-child(x)", 12, "expected an+b, found \"x\"" },
    { ":nth-child(2 3)", 14, "expected \")\", found \"3\"" },
    { ":nth-child(1234567890)", 21, "expected \")\", found \"0\"" },
    { ":nth-child(2 of a)", 14, "\"of\" is not supported here" },
    { ":nth-child(1", 13, "expected \")\", found the end" },
    { ":contains()", 11, "expected a string or an identifier, "
      "found \")\"" },
    { ":contains('')", 11, "the argument is empty" },
    { ":lang(a b)", 9, "expected \")\", found \"b\"" },
    { "[", 2, "expected an attribute name, found the end" },
    { "[a b]", 4, "expected an operator or \"]\", found \"b\"" },
    { "[a^b]", 4, "expected \"=\", found \"b\"" },
    { "[*a]", 3, "expected \"|\", found \"a\"" },
    { "[a=5]", 4, "expected a string or an identifier, found \"5\"" },
    { "[a=b z]", 6, "expected \"i\", \"s\" or \"]\", found \"z\"" },
    { "[a=\"b", 4, "the string has no end" },
    { "[a='b\n']", 6, "a line ends inside a string" },
    { "a\\1 b", 2, "the character U+0001 is not allowed" },
    { "a\x01", 2, "the character U+0001 is not allowed" },
    { "a\xff", 2, "the byte 0xff is not UTF-8" },
    { "a\xe0\x80\x80", 2, "the byte 0xe0 is not UTF-8" },
    { "a\xc3", 2, "the byte 0xc3 is not UTF-8" },
    { NULL, 0, NULL }
};


START_TEST(html_selectors_become_what_cssselect_makes_of_them)
{
    css_all(css_html, 1);
}
END_TEST


START_TEST(generic_selectors_become_what_cssselect_makes_of_them)
{
    css_all(css_generic, 0);
}
END_TEST


START_TEST(complex_selectors_stand_inside_functions)
{
    css_all(css_level_4, 1);
}
END_TEST


START_TEST(faults_are_said_with_their_column)
{
    const css_fault_t  *f;

    for (f = css_faults; f->css != NULL; f++) {
        css_bad(f->css, strlen(f->css), f->column, f->message);
    }
}
END_TEST


START_TEST(nul_is_refused)
{
    css_bad("a\0b", 3, 2, "the character U+0000 is not allowed");
}
END_TEST


START_TEST(escaped_nul_and_surrogate_become_the_replacement_character)
{
    css_ok("[a='\\0 \\d800 \\110000']", 1,
           PREFIX "*[@a = '\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd']");
}
END_TEST


START_TEST(escapes_reach_past_the_blank_behind_them)
{
    css_ok(".\\31 23\\1F600\r\nx", 0,
           PREFIX "*[@class and contains(concat(' ', "
           "normalize-space(@class), ' '), ' 123\xf0\x9f\x98\x80" "x ')]");
    css_ok("[a='\\\r\nb\\'']", 0, PREFIX "*[@a = \"b'\"]");
}
END_TEST


START_TEST(long_token_is_cut_between_characters)
{
    sc_buf_t         out;
    sc_css_error_t   err;
    static const char  css[] = "[a béééééé"
        "éééééééééé"
        "ééééééé]";

    sc_buf_init(&out, 0);

    ck_assert_int_eq(sc_css_xpath(css, strlen(css), 1, &out, &err), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err.message, "é...\""));
    ck_assert_uint_eq(out.len, 0);
}
END_TEST


START_TEST(sixty_four_levels_are_the_deepest)
{
    char  *css;

    css = css_repeat("", ":not(", 65, "a", 65);
    css_bad(css, strlen(css), 325, "nested more than 64 levels deep");
    free(css);

    css = css_repeat(":is(", "a ", 66, ")", 0);
    css_bad(css, strlen(css), 7, "nested more than 64 levels deep");
    free(css);
}
END_TEST


START_TEST(the_deepest_selector_is_still_xpath)
{
    char                *css;
    sc_buf_t             out;
    sc_css_error_t       err;
    xmlXPathCompExprPtr  comp;

    css = css_repeat("", ".a.b:not(", 64, "c", 64);
    sc_buf_init(&out, 0);

    ck_assert_int_eq(sc_css_xpath(css, strlen(css), 1, &out, &err), SC_OK);

    comp = xmlXPathCompile((const xmlChar *) out.data);
    ck_assert_ptr_nonnull(comp);

    xmlXPathFreeCompExpr(comp);
    sc_buf_free(&out);
    free(css);
}
END_TEST


START_TEST(too_long_a_selector_is_refused)
{
    char  *css;

    css = css_repeat("", "a", SC_CSS_MAX + 1, "", 0);
    css_bad(css, strlen(css), 0, "the selector is longer than 16384 bytes");
    free(css);

    css = css_repeat("", ".x", 1000, "", 0);
    css_bad(css, strlen(css), 0, "the selector becomes too long");
    free(css);
}
END_TEST


START_TEST(xpath_is_appended_or_nothing_is)
{
    sc_buf_t        out;
    sc_css_error_t  err;

    sc_buf_init(&out, 32);
    sc_buf_add_cstr(&out, "x");

    ck_assert_int_eq(sc_css_xpath("a", 1, 1, &out, &err), SC_OK);
    ck_assert_str_eq(out.data, "x" PREFIX "a");

    ck_assert_int_eq(sc_css_xpath("b", 1, 1, &out, &err), SC_ERROR);
    ck_assert_str_eq(out.data, "x" PREFIX "a");
    ck_assert_str_eq(err.message, "the selector becomes too long");

    sc_buf_free(&out);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        html_selectors_become_what_cssselect_makes_of_them,
        generic_selectors_become_what_cssselect_makes_of_them,
        complex_selectors_stand_inside_functions,
        faults_are_said_with_their_column,
        nul_is_refused,
        escaped_nul_and_surrogate_become_the_replacement_character,
        escapes_reach_past_the_blank_behind_them,
        long_token_is_cut_between_characters,
        sixty_four_levels_are_the_deepest,
        the_deepest_selector_is_still_xpath,
        too_long_a_selector_is_refused,
        xpath_is_appended_or_nothing_is,
        NULL
    };

    return suite_run("css", tests, 10);
}


static void
css_all(const css_pair_t *pairs, unsigned html)
{
    const css_pair_t  *p;

    for (p = pairs; p->css != NULL; p++) {
        css_ok(p->css, html, p->xpath);
    }
}


static void
css_ok(const char *css, unsigned html, const char *xpath)
{
    sc_buf_t        out;
    sc_css_error_t  err;

    sc_buf_init(&out, 0);

    ck_assert_msg(sc_css_xpath(css, strlen(css), html, &out, &err) == SC_OK,
                  "%s: %s", css, err.message);
    ck_assert_str_eq(out.data, xpath);

    sc_buf_free(&out);
}


static void
css_bad(const char *css, size_t len, int column, const char *message)
{
    sc_buf_t        out;
    sc_css_error_t  err;

    sc_buf_init(&out, 0);

    ck_assert_msg(sc_css_xpath(css, len, 1, &out, &err) == SC_ERROR,
                  "%s is taken", css);
    ck_assert_str_eq(err.message, message);
    ck_assert_msg(err.column == column, "%s: column %d", css, err.column);
    ck_assert_uint_eq(out.len, 0);

    sc_buf_free(&out);
}


/* head, n times part, tail, m times ")" */

static char *
css_repeat(const char *head, const char *part, unsigned n, const char *tail,
    unsigned m)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, head);

    while (n--) {
        sc_buf_add_cstr(&b, part);
    }

    sc_buf_add_cstr(&b, tail);

    while (m--) {
        sc_buf_add_cstr(&b, ")");
    }

    ck_assert_int_eq(b.failed, 0);

    return b.data;
}
