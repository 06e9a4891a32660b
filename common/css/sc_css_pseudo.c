
#include "common/css/sc_css_internal.h"


#define NEVER  "0"

#define CHECKED                                                              \
    "(@selected and name(.) = 'option') or (@checked "                       \
    "and (name(.) = 'input' or name(.) = 'command')"                         \
    "and (@type = 'checkbox' or @type = 'radio'))"

#define LINK                                                                 \
    "@href and (name(.) = 'a' or name(.) = 'link' or name(.) = 'area')"

/* an input whose type is not said counts as no input, as in cssselect */
#define CONTROL                                                              \
    "(name(.) = 'input' and @type != 'hidden') or name(.) = 'button' or "    \
    "name(.) = 'select' or name(.) = 'textarea'"

#define DISABLED                                                             \
    "(@disabled and (" CONTROL " or name(.) = 'command' or "                 \
    "name(.) = 'fieldset' or name(.) = 'optgroup' or "                       \
    "name(.) = 'option')) or ((" CONTROL ") and "                            \
    "ancestor::fieldset[@disabled])"

#define ENABLED                                                              \
    "(" LINK ") or ((name(.) = 'command' or name(.) = 'fieldset' or "        \
    "name(.) = 'optgroup') and not(@disabled)) or ((" CONTROL " or "         \
    "name(.) = 'keygen') and not(@disabled or "                              \
    "ancestor::fieldset[@disabled])) or (name(.) = 'option' and "            \
    "not(@disabled or ancestor::optgroup[@disabled]))"

#define BEFORE  "preceding-sibling"
#define AFTER   "following-sibling"

#define SIMPLE(html, xml)         SC_CSS_PSEUDO, NULL, 0, 0, html, xml
#define COUNT(axis, type, fixed)  SC_CSS_NTH, axis, type, fixed, NULL, NULL
#define FUNCTION(kind)            SC_CSS_ ## kind, NULL, 0, 0, NULL, NULL


const sc_css_pseudo_t  sc_css_pseudos[] = {
    { "root", SIMPLE("not(parent::*)", "not(parent::*)") },
    { "empty", SIMPLE("not(*) and not(string-length())",
                      "not(*) and not(string-length())") },
    { "link", SIMPLE(LINK, NEVER) },
    { "checked", SIMPLE(CHECKED, NEVER) },
    { "disabled", SIMPLE(DISABLED, NEVER) },
    { "enabled", SIMPLE(ENABLED, NEVER) },
    { "visited", SIMPLE(NEVER, NEVER) },
    { "hover", SIMPLE(NEVER, NEVER) },
    { "active", SIMPLE(NEVER, NEVER) },
    { "focus", SIMPLE(NEVER, NEVER) },
    { "target", SIMPLE(NEVER, NEVER) },
    { "first-child", COUNT(BEFORE, 0, 1) },
    { "last-child", COUNT(AFTER, 0, 1) },
    { "only-child", COUNT(NULL, 0, 1) },
    { "first-of-type", COUNT(BEFORE, 1, 1) },
    { "last-of-type", COUNT(AFTER, 1, 1) },
    { "only-of-type", COUNT(NULL, 1, 1) },
    { "nth-child", COUNT(BEFORE, 0, 0) },
    { "nth-last-child", COUNT(AFTER, 0, 0) },
    { "nth-of-type", COUNT(BEFORE, 1, 0) },
    { "nth-last-of-type", COUNT(AFTER, 1, 0) },
    { "contains", FUNCTION(TEXT) },
    { "lang", FUNCTION(TEXT) },
    { "not", FUNCTION(NOT) },
    { "is", FUNCTION(IS) },
    { "where", FUNCTION(IS) },
    { "matches", FUNCTION(IS) },
    { "has", FUNCTION(HAS) },
    { NULL, FUNCTION(IS) }
};


int
sc_css_pseudo(sc_str_t name, unsigned function)
{
    int                     i;
    const sc_css_pseudo_t  *p;

    for (i = 0; sc_css_pseudos[i].name != NULL; i++) {
        p = &sc_css_pseudos[i];

        if (function == (p->kind != SC_CSS_PSEUDO && !p->fixed)
            && sc_css_equals(name, p->name))
        {
            return i;
        }
    }

    return -1;
}
