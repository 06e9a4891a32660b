
#include <stdio.h>
#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>

#include "sidecar/form/form.h"
#include "tests/support/suite.h"


#define FORM_URL      "http://shop.example/a/login?next=1#top"
#define FORM_OPTIONS  (HTML_PARSE_RECOVER | HTML_PARSE_NONET                  \
                       | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING            \
                       | HTML_PARSE_COMPACT | XML_PARSE_HUGE)


/* What is inside a form with method POST, and the body it sends. */
typedef struct {
    const char  *html;
    const char  *body;
} form_case_t;


/* Attributes of a form, or a button in it, and where it is sent. */
typedef struct {
    const char  *base;
    const char  *attributes;
    const char  *button;
    const char  *method;
    const char  *url;
} form_where_t;


static int form_run(const char *html, const char *xpath,
    const form_fill_t *fill, size_t nfill, form_t *form);
static void form_free(form_t *form);
static void form_expect(const char *html, const char *xpath,
    const form_fill_t *fill, size_t nfill, const char *body);
static void form_cases(const form_case_t *cases, size_t n);
static void form_where(const form_where_t *c);
static const xmlNode *form_node(xmlDocPtr doc, const char *xpath);


static const form_case_t  form_inputs[] = {
    { "<input name=a value=1>", "a=1" },
    { "<input name=a>", "a=" },
    { "<input value=1>", "" },
    { "<input name='' value=1>", "" },
    { "<input type=HIDDEN name=t value=x><input type=password name=p>",
      "t=x&p=" },
    { "<input type=search name=a value=1><input type=nonsense name=b value=2>",
      "a=1&b=2" },
    { "<input type=text name=a value='x\ny\r\nz'>", "a=xyz" },
    { "<input type=hidden name=a value='x\ny'>", "a=x%0D%0Ay" },
    { "<input type=file name=f value=x>", "f=" },
    { "<input type=image name=i value=x><input type=reset name=r value=x>"
      "<input type=button name=b value=x>", "" },
    { "<input type=hidden name=_charset_ value=x>", "_charset_=UTF-8" },
    { "<input name=a value=1><input name=a value=2>", "a=1&a=2" },
    { "<datalist><input name=a></datalist><template><input name=b></template>"
      "<input name=c>", "c=" }
};


static const form_case_t  form_checks[] = {
    { "<input type=checkbox name=a value=1>", "" },
    { "<input type=checkbox name=a checked>", "a=on" },
    { "<input type=checkbox name=a value='' checked>", "a=" },
    { "<input type=checkbox name=a value=1 checked>"
      "<input type=checkbox name=a value=2 checked>", "a=1&a=2" },
    { "<input type=radio name=a value=1><input type=radio name=a value=2>",
      "" },
    { "<input type=radio name=a value=1><input type=radio name=a value=2 "
      "checked><input type=radio name=b checked>", "a=2&b=on" },
    { "<input type=radio name=a value=1 checked><input type=radio name=a "
      "value=2 checked><input type=radio name=a value=3>", "a=2" }
};


static const form_case_t  form_selects[] = {
    { "<select name=s></select>", "" },
    { "<select name=s><option value=1>a<option value=2>b</select>", "s=1" },
    { "<select name=s><option value=1>a<option value=2 selected>b</select>",
      "s=2" },
    { "<select name=s><option selected>a<option selected>b<option>c</select>",
      "s=b" },
    { "<select name=s><option>  a \n b  </select>", "s=a+b" },
    { "<select name=s><option value=''>a</select>", "s=" },
    { "<select name=s><option disabled>a<option>b</select>", "s=b" },
    { "<select name=s><option disabled selected>a<option>b</select>", "" },
    { "<select name=s><optgroup disabled><option>a</option></optgroup>"
      "<optgroup><option>b</option></optgroup></select>", "s=b" },
    { "<select name=s size=2><option>a<option>b</select>", "" },
    { "<select name=s size=2><option>a<option selected>b</select>", "s=b" },
    { "<select name=s size=1><option>a<option>b</select>", "s=a" },
    { "<select name=s multiple><option>a<option>b</select>", "" },
    { "<select name=s multiple><option selected>a<option>b<option selected>c"
      "<option selected disabled>d</select>", "s=a&s=c" },
    { "<select><option>a</select>", "" }
};


static const form_case_t  form_areas[] = {
    { "<textarea name=t></textarea>", "t=" },
    { "<textarea name=t>a b</textarea>", "t=a+b" },
    { "<textarea name=t>\na\nb\n</textarea>", "t=a%0D%0Ab%0D%0A" },
    { "<textarea name=t>\n\na</textarea>", "t=%0D%0Aa" },
    { "<textarea name=t>a &amp; b</textarea>", "t=a+%26+b" }
};


static const form_case_t  form_buttons[] = {
    { "<input type=submit name=a value=1>", "a=1" },
    { "<input type=submit name=a>", "a=" },
    { "<button name=a value=1>x</button>", "a=1" },
    { "<button type=nonsense name=a>x</button>", "a=" },
    { "<button type=button name=a>x</button><button type=reset name=b>y"
      "</button><button type=submit name=c>z</button>", "c=" },
    { "<input type=submit name=a value=1><input type=submit name=b value=2>"
      "<input name=c>", "a=1&c=" },
    { "<input type=submit><input type=submit name=b value=2>", "" },
    { "<input type=submit name=a value=1 disabled>"
      "<input type=submit name=b value=2>", "b=2" },
    { "<input type=image name=a><input type=submit name=b value=2>", "b=2" }
};


static const form_case_t  form_disabled[] = {
    { "<input name=a disabled><input name=b>", "b=" },
    { "<select name=a disabled><option>x</select><textarea name=b disabled>"
      "</textarea><input name=c>", "c=" },
    { "<fieldset><input name=a></fieldset>", "a=" },
    { "<fieldset disabled><div><input name=a></div></fieldset><input name=b>",
      "b=" },
    { "<fieldset disabled><legend><input name=a></legend><legend>"
      "<input name=b></legend><input name=c></fieldset><input name=d>",
      "a=&d=" },
    { "<fieldset disabled><div><legend><input name=a></legend></div>"
      "</fieldset>", "" },
    { "<fieldset disabled><legend><b><input name=a></b><fieldset disabled>"
      "<legend><input name=b></legend></fieldset></legend></fieldset>", "a=" },
    { "<fieldset disabled><fieldset><legend><input name=a></legend></fieldset>"
      "</fieldset>", "" }
};


static const form_case_t  form_letters[] = {
    { "<input name='a b' value='c+d'>", "a+b=c%2Bd" },
    { "<input name=a value='*-._~!&amp;=/?'>",
      "a=*-._%7E%21%26%3D%2F%3F" },
    { "<input name=a value='caf&eacute; &#x1F600;'>",
      "a=caf%C3%A9+%F0%9F%98%80" },
    { "<input type=hidden name=a value='x&#13;y&#13;&#10;z&#10;'>",
      "a=x%0D%0Ay%0D%0Az%0D%0A" }
};


static const form_where_t  form_wheres[] = {
    { "", "", "", "GET", "http://shop.example/a/login?q=1" },
    { "", "action=''", "", "GET", "http://shop.example/a/login?q=1" },
    { "", "method=get action='/s?x=1#f'", "", "GET",
      "http://shop.example/s?q=1" },
    { "", "method=nonsense action=s", "", "GET",
      "http://shop.example/a/s?q=1" },
    { "", "method=get enctype=multipart/form-data", "", "GET",
      "http://shop.example/a/login?q=1" },
    { "", "method=post", "", "POST", "http://shop.example/a/login?next=1" },
    { "", "method=POST action='s?x=1#f'", "", "POST",
      "http://shop.example/a/s?x=1" },
    { "", "method=post action=' https://b.example/\n '", "", "POST",
      "https://b.example/" },
    { "", "method=post action='//b.example/x'", "", "POST",
      "http://b.example/x" },
    { "<base href='/b/'>", "method=post action=s", "", "POST",
      "http://shop.example/b/s" },
    { "<base href='http://c.example/b/'><base href=/no/>",
      "method=post action='?y'", "", "POST", "http://c.example/b/?y" },
    { "<base href='/b/'>", "method=post", "", "POST",
      "http://shop.example/a/login?next=1" },
    { "", "method=get action=s", "formaction=t formmethod=post", "POST",
      "http://shop.example/a/t" },
    { "", "method=post action=s", "formmethod=get", "GET",
      "http://shop.example/a/s?q=1" },
    { "", "method=post enctype=text/plain action=s",
      "formenctype=application/x-www-form-urlencoded", "POST",
      "http://shop.example/a/s" }
};


START_TEST(inputs_are_sent_by_their_type)
{
    form_cases(form_inputs, sizeof(form_inputs) / sizeof(form_case_t));
}
END_TEST


START_TEST(checkboxes_and_radios_are_sent_when_checked)
{
    form_cases(form_checks, sizeof(form_checks) / sizeof(form_case_t));
}
END_TEST


START_TEST(selects_send_what_is_selected_or_the_first_option)
{
    form_cases(form_selects, sizeof(form_selects) / sizeof(form_case_t));
}
END_TEST


START_TEST(textareas_send_their_text)
{
    form_cases(form_areas, sizeof(form_areas) / sizeof(form_case_t));
}
END_TEST


START_TEST(one_submit_button_is_pressed)
{
    form_cases(form_buttons, sizeof(form_buttons) / sizeof(form_case_t));
}
END_TEST


START_TEST(what_is_disabled_is_not_sent)
{
    form_cases(form_disabled, sizeof(form_disabled) / sizeof(form_case_t));
}
END_TEST


START_TEST(values_are_percent_encoded_as_the_url_standard_has_it)
{
    form_cases(form_letters, sizeof(form_letters) / sizeof(form_case_t));
}
END_TEST


START_TEST(action_and_method_say_where_it_goes)
{
    size_t  i;

    for (i = 0; i < sizeof(form_wheres) / sizeof(form_wheres[0]); i++) {
        form_where(&form_wheres[i]);
    }
}
END_TEST


START_TEST(controls_elsewhere_belong_to_the_form_that_they_name)
{
    const char  *html = "<input name=a form=f><form id=f method=post>"
                        "<input name=b><input name=c form=g>"
                        "<input name=d form=''><div><form id=g method=post>"
                        "<input name=e></form></div><input name=h></form>"
                        "<select name=i form=f><option>x</select>";

    form_expect(html, "//form[1]", NULL, 0, "a=&b=&h=&i=x");
    form_expect(html, "//form[@id='g']", NULL, 0, "c=&e=");
}
END_TEST


START_TEST(form_whose_id_another_element_has_first_is_not_named_by_it)
{
    form_expect("<p id=f></p><form id=f method=post><input name=a></form>"
                "<input name=b form=f>", "//form", NULL, 0, "a=");
}
END_TEST


START_TEST(element_attribute_or_text_inside_selects_its_form)
{
    const char  *html = "<form method=post id=f><p>text</p><input name=a>"
                        "</form><input name=b form=f>";

    form_expect(html, "//p", NULL, 0, "a=&b=");
    form_expect(html, "//p/text()", NULL, 0, "a=&b=");
    form_expect(html, "//input[@name='a']/@name", NULL, 0, "a=&b=");
    form_expect(html, "//input[@name='b']", NULL, 0, "a=&b=");
}
END_TEST


START_TEST(what_is_in_no_form_selects_none)
{
    xmlDocPtr    doc;
    const char  *html = "<p>x</p><form><input name=a form=nope></form>";

    doc = htmlReadMemory(html, (int) strlen(html), NULL, "UTF-8",
                         FORM_OPTIONS);
    ck_assert_ptr_nonnull(doc);
    ck_assert_ptr_null(form_of(form_node(doc, "//p")));
    ck_assert_ptr_null(form_of(form_node(doc, "//input")));
    ck_assert_ptr_null(form_of(form_node(doc, "/")));
    ck_assert_ptr_null(form_of(form_node(doc, "//p/namespace::*")));
    xmlFreeDoc(doc);
}
END_TEST


START_TEST(fill_takes_the_place_of_a_value_or_is_added)
{
    const form_fill_t  fill[] = { { "p", "se&cret" }, { "new", "n" },
                                  { "u", "me" } };

    form_expect("<form method=post><input type=hidden name=t value=x>"
                "<input name=u value=you><input type=password name=p>"
                "<input name=z></form>", "//form", fill, 3,
                "t=x&u=me&p=se%26cret&z=&new=n");
}
END_TEST


START_TEST(filled_name_is_sent_once)
{
    const form_fill_t  fill[] = { { "a", "1" }, { "b", "2" }, { "c", "3" },
                                  { "d", "4" } };

    form_expect("<form method=post><input name=a><input type=checkbox name=b>"
                "<input type=radio name=c value=x><input name=z>"
                "<input type=radio name=c value=y checked><input name=a>"
                "<select name=d multiple><option selected>u<option selected>v"
                "</select></form>", "//form", fill, 4, "a=1&b=2&c=3&z=&d=4");
}
END_TEST


START_TEST(filled_name_of_a_disabled_control_is_added_at_the_end)
{
    const form_fill_t  fill[] = { { "a", "1" } };

    form_expect("<form method=post><input name=a disabled><input name=b>"
                "</form>", "//form", fill, 1, "b=&a=1");
}
END_TEST


START_TEST(fill_says_which_button_is_pressed)
{
    const char         *html = "<form method=post><button name=op value=save>"
                               "x</button><button name=go value=1>x</button>"
                               "<button name=op value=next formaction=/next>"
                               "x</button></form>";
    const form_fill_t   go[] = { { "go", "2" } };
    const form_fill_t   next[] = { { "op", "next" } };
    form_t              form;

    form_expect(html, "//form", NULL, 0, "op=save");
    form_expect(html, "//form", go, 1, "go=2");

    ck_assert_int_eq(form_run(html, "//form", next, 1, &form), SC_OK);
    ck_assert_str_eq(form.body.data, "op=next");
    ck_assert_str_eq(form.url.data, "http://shop.example/next");
    form_free(&form);
}
END_TEST


START_TEST(form_that_cannot_be_sent_says_why)
{
    size_t                    i;
    form_t                    form;
    static const char *const  cases[][2] = {
        { "<form method=post enctype=multipart/form-data>",
          "the form wants multipart/form-data" },
        { "<form method=post enctype='Text/Plain'>",
          "the form wants text/plain" },
        { "<form method=dialog>",
          "the form closes a dialog and sends nothing" },
        { "<form action='javascript:go()'>",
          "the form's action \"javascript:go()\" is not an http or https "
          "URL" },
        { "<form action='mailto:a@b'>",
          "the form's action \"mailto:a@b\" is not an http or https URL" },
        { "<form action='http:// x/'>",
          "the form's action \"http:// x/\" is not an http or https URL" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_int_eq(form_run(cases[i][0], "//form", NULL, 0, &form),
                         SC_ERROR);
        ck_assert_str_eq(form.detail, cases[i][1]);
        form_free(&form);
    }
}
END_TEST


START_TEST(what_is_longer_than_its_bound_is_not_sent)
{
    xmlDocPtr    doc;
    form_t       form;
    const char  *html = "<form method=post><input name=a value=0123456789>";

    doc = htmlReadMemory(html, (int) strlen(html), NULL, "UTF-8",
                         FORM_OPTIONS);
    ck_assert_ptr_nonnull(doc);

    sc_buf_init(&form.url, 0);
    sc_buf_init(&form.body, 11);
    ck_assert_int_eq(form_submit(form_node(doc, "//form"), FORM_URL, NULL, 0,
                                 &form), SC_ERROR);
    ck_assert_str_eq(form.detail, "what the form sends is too long");
    form_free(&form);
    xmlFreeDoc(doc);
}
END_TEST


START_TEST(deep_page_with_many_radios_is_sent)
{
    int       i;
    sc_buf_t  html;
    form_t    form;

    sc_buf_init(&html, 0);
    sc_buf_add_cstr(&html, "<form method=post>");

    for (i = 0; i < 20000; i++) {
        sc_buf_add_cstr(&html, "<div><input type=radio name=r checked>");
    }

    ck_assert_int_eq(form_run(html.data, "//form", NULL, 0, &form), SC_OK);
    ck_assert_str_eq(form.body.data, "r=on");
    form_free(&form);
    sc_buf_free(&html);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        inputs_are_sent_by_their_type,
        checkboxes_and_radios_are_sent_when_checked,
        selects_send_what_is_selected_or_the_first_option,
        textareas_send_their_text,
        one_submit_button_is_pressed,
        what_is_disabled_is_not_sent,
        values_are_percent_encoded_as_the_url_standard_has_it,
        action_and_method_say_where_it_goes,
        controls_elsewhere_belong_to_the_form_that_they_name,
        form_whose_id_another_element_has_first_is_not_named_by_it,
        element_attribute_or_text_inside_selects_its_form,
        what_is_in_no_form_selects_none,
        fill_takes_the_place_of_a_value_or_is_added,
        filled_name_is_sent_once,
        filled_name_of_a_disabled_control_is_added_at_the_end,
        fill_says_which_button_is_pressed,
        form_that_cannot_be_sent_says_why,
        what_is_longer_than_its_bound_is_not_sent,
        deep_page_with_many_radios_is_sent,
        NULL
    };

    return suite_run("form", tests, 20);
}


static int
form_run(const char *html, const char *xpath, const form_fill_t *fill,
    size_t nfill, form_t *form)
{
    int             rc;
    xmlDocPtr       doc;
    const xmlNode  *node;

    doc = htmlReadMemory(html, (int) strlen(html), NULL, "UTF-8",
                         FORM_OPTIONS);
    ck_assert_ptr_nonnull(doc);

    node = form_of(form_node(doc, xpath));
    ck_assert_msg(node != NULL, "%s: no form", html);

    sc_buf_init(&form->url, 0);
    sc_buf_init(&form->body, 0);

    rc = form_submit(node, FORM_URL, fill, nfill, form);

    /* so that there is a text to compare */
    (void) sc_buf_add(&form->body, "", 0);
    xmlFreeDoc(doc);

    return rc;
}


static void
form_free(form_t *form)
{
    sc_buf_free(&form->url);
    sc_buf_free(&form->body);
}


static void
form_expect(const char *html, const char *xpath, const form_fill_t *fill,
    size_t nfill, const char *body)
{
    int     rc;
    form_t  form;

    rc = form_run(html, xpath, fill, nfill, &form);
    ck_assert_msg(rc == SC_OK, "%s: %s", html, form.detail);
    ck_assert_str_eq(form.method, "POST");
    ck_assert_msg(strcmp(form.body.data, body) == 0, "%s: \"%s\" not \"%s\"",
                  html, form.body.data, body);
    form_free(&form);
}


static void
form_cases(const form_case_t *cases, size_t n)
{
    char    html[512];
    size_t  i;

    for (i = 0; i < n; i++) {
        (void) snprintf(html, sizeof(html), "<form method=post>%s</form>",
                        cases[i].html);
        form_expect(html, "//form", NULL, 0, cases[i].body);
    }
}


static void
form_where(const form_where_t *c)
{
    char    html[512];
    form_t  form;

    (void) snprintf(html, sizeof(html), "%s<form %s><input name=q value=1>"
                    "<button %s>x</button></form>", c->base, c->attributes,
                    c->button);

    ck_assert_int_eq(form_run(html, "//form", NULL, 0, &form), SC_OK);
    ck_assert_msg(strcmp(form.method, c->method) == 0
                  && strcmp(form.url.data, c->url) == 0, "%s: %s %s", html,
                  form.method, form.url.data);
    ck_assert_str_eq(form.body.data,
                     strcmp(c->method, "POST") == 0 ? "q=1" : "");
    form_free(&form);
}


static const xmlNode *
form_node(xmlDocPtr doc, const char *xpath)
{
    static xmlNs         space;
    const xmlNode       *node;
    xmlXPathObjectPtr    object;
    xmlXPathContextPtr   ctx;

    ctx = xmlXPathNewContext(doc);
    ck_assert_ptr_nonnull(ctx);
    object = xmlXPathEvalExpression(BAD_CAST xpath, ctx);
    ck_assert_ptr_nonnull(object);
    ck_assert(!xmlXPathNodeSetIsEmpty(object->nodesetval));

    node = object->nodesetval->nodeTab[0];

    if (node->type == XML_NAMESPACE_DECL) {
        /* the node-set has a copy of it */
        memcpy(&space, node, sizeof(xmlNs));
        node = (const xmlNode *) &space;
    }

    xmlXPathFreeObject(object);
    xmlXPathFreeContext(ctx);

    return node;
}
