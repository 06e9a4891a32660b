
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_main.h"


/* class and id are looked at so far, in bytes; words of them are shorter */
#define VIEW_WORDS_MAX  512
#define VIEW_WORD_MAX   16


typedef struct {
    char      name[VIEW_WORD_MAX];
    unsigned  flags;
} view_word_t;


static int view_tag_compare(const void *name, const void *tag);
static int view_style_hides(const char *style);
static const char *view_style_end(const char *p);
static int view_style_is(const char **p, const char *word);
static unsigned view_words_of(const char *text);
static unsigned view_word(const char *word);
static int view_word_compare(const void *name, const void *word);


static const view_tag_t  view_tags[] = {
    { "a", VIEW_A, 0 },
    { "address", VIEW_OTHER, VIEW_BLOCK },
    { "applet", VIEW_OTHER, VIEW_UNSEEN },
    { "area", VIEW_OTHER, VIEW_UNSEEN },
    { "article", VIEW_ARTICLE, VIEW_BLOCK | VIEW_SECTION },
    { "aside", VIEW_OTHER, VIEW_BLOCK | VIEW_ASIDE },
    { "audio", VIEW_OTHER, VIEW_UNSEEN },
    { "b", VIEW_STRONG, 0 },
    { "base", VIEW_OTHER, VIEW_UNSEEN },
    { "basefont", VIEW_OTHER, VIEW_UNSEEN },
    { "blockquote", VIEW_QUOTE, VIEW_BLOCK },
    { "body", VIEW_BODY, VIEW_BLOCK | VIEW_SECTION },
    { "br", VIEW_BR, 0 },
    { "button", VIEW_OTHER, VIEW_CONTROL },
    { "canvas", VIEW_OTHER, VIEW_UNSEEN },
    { "caption", VIEW_CAPTION, VIEW_BLOCK },
    { "center", VIEW_OTHER, VIEW_BLOCK | VIEW_SECTION },
    { "cite", VIEW_EM, 0 },
    { "code", VIEW_CODE, 0 },
    { "datalist", VIEW_OTHER, VIEW_UNSEEN },
    { "dd", VIEW_DD, VIEW_BLOCK },
    { "defs", VIEW_OTHER, VIEW_UNSEEN },
    { "del", VIEW_DEL, 0 },
    { "desc", VIEW_OTHER, VIEW_UNSEEN },
    { "details", VIEW_OTHER, VIEW_BLOCK | VIEW_SECTION },
    { "dfn", VIEW_EM, 0 },
    { "dialog", VIEW_DIALOG, VIEW_BLOCK | VIEW_ASIDE },
    { "dir", VIEW_UL, VIEW_BLOCK },
    { "div", VIEW_OTHER, VIEW_BLOCK | VIEW_SECTION },
    { "dl", VIEW_OTHER, VIEW_BLOCK },
    { "dt", VIEW_DT, VIEW_BLOCK },
    { "em", VIEW_EM, 0 },
    { "fieldset", VIEW_OTHER, VIEW_BLOCK },
    { "figcaption", VIEW_OTHER, VIEW_BLOCK },
    { "figure", VIEW_OTHER, VIEW_BLOCK | VIEW_SECTION },
    { "footer", VIEW_OTHER, VIEW_BLOCK | VIEW_ASIDE },
    { "form", VIEW_FORM, VIEW_BLOCK | VIEW_SECTION },
    { "frame", VIEW_OTHER, VIEW_UNSEEN },
    { "frameset", VIEW_OTHER, VIEW_UNSEEN },
    { "h1", VIEW_H1, VIEW_BLOCK },
    { "h2", VIEW_H2, VIEW_BLOCK },
    { "h3", VIEW_H3, VIEW_BLOCK },
    { "h4", VIEW_H4, VIEW_BLOCK },
    { "h5", VIEW_H5, VIEW_BLOCK },
    { "h6", VIEW_H6, VIEW_BLOCK },
    { "head", VIEW_OTHER, VIEW_UNSEEN },
    { "header", VIEW_HEADER, VIEW_BLOCK | VIEW_ASIDE },
    { "hgroup", VIEW_OTHER, VIEW_BLOCK },
    { "hr", VIEW_HR, VIEW_BLOCK },
    { "html", VIEW_OTHER, VIEW_BLOCK },
    { "i", VIEW_EM, 0 },
    { "iframe", VIEW_OTHER, VIEW_UNSEEN },
    { "image", VIEW_IMG, 0 },
    { "img", VIEW_IMG, 0 },
    { "input", VIEW_OTHER, VIEW_CONTROL },
    { "kbd", VIEW_CODE, 0 },
    { "legend", VIEW_OTHER, VIEW_BLOCK | VIEW_CONTROL },
    { "li", VIEW_LI, VIEW_BLOCK },
    { "link", VIEW_OTHER, VIEW_UNSEEN },
    { "listing", VIEW_PRE, VIEW_BLOCK },
    { "main", VIEW_MAIN, VIEW_BLOCK | VIEW_SECTION },
    { "menu", VIEW_UL, VIEW_BLOCK },
    { "meta", VIEW_OTHER, VIEW_UNSEEN },
    { "metadata", VIEW_OTHER, VIEW_UNSEEN },
    { "meter", VIEW_OTHER, VIEW_CONTROL },
    { "nav", VIEW_OTHER, VIEW_BLOCK | VIEW_ASIDE },
    { "noembed", VIEW_OTHER, VIEW_UNSEEN },
    { "noframes", VIEW_OTHER, VIEW_UNSEEN },
    { "noscript", VIEW_OTHER, VIEW_UNSEEN },
    { "ol", VIEW_OL, VIEW_BLOCK },
    { "optgroup", VIEW_OTHER, VIEW_BLOCK | VIEW_CONTROL },
    { "option", VIEW_OTHER, VIEW_BLOCK | VIEW_CONTROL },
    { "output", VIEW_OTHER, VIEW_CONTROL },
    { "p", VIEW_P, VIEW_BLOCK },
    { "param", VIEW_OTHER, VIEW_UNSEEN },
    { "plaintext", VIEW_PRE, VIEW_BLOCK },
    { "pre", VIEW_PRE, VIEW_BLOCK },
    { "progress", VIEW_OTHER, VIEW_CONTROL },
    { "q", VIEW_Q, 0 },
    { "rp", VIEW_OTHER, VIEW_UNSEEN },
    { "s", VIEW_DEL, 0 },
    { "samp", VIEW_CODE, 0 },
    { "script", VIEW_OTHER, VIEW_UNSEEN },
    { "search", VIEW_OTHER, VIEW_BLOCK },
    { "section", VIEW_OTHER, VIEW_BLOCK | VIEW_SECTION },
    { "select", VIEW_OTHER, VIEW_CONTROL },
    { "strike", VIEW_DEL, 0 },
    { "strong", VIEW_STRONG, 0 },
    { "style", VIEW_OTHER, VIEW_UNSEEN },
    { "summary", VIEW_OTHER, VIEW_BLOCK },
    { "symbol", VIEW_OTHER, VIEW_UNSEEN },
    { "table", VIEW_TABLE, VIEW_BLOCK },
    { "tbody", VIEW_ROWS, 0 },
    { "td", VIEW_CELL, VIEW_SECTION },
    { "template", VIEW_OTHER, VIEW_UNSEEN },
    { "textarea", VIEW_OTHER, VIEW_UNSEEN },
    { "tfoot", VIEW_ROWS, 0 },
    { "th", VIEW_CELL, VIEW_SECTION },
    { "thead", VIEW_ROWS, 0 },
    { "title", VIEW_OTHER, VIEW_UNSEEN },
    { "tr", VIEW_ROW, 0 },
    { "tt", VIEW_CODE, 0 },
    { "ul", VIEW_UL, VIEW_BLOCK },
    { "var", VIEW_EM, 0 },
    { "video", VIEW_OTHER, VIEW_UNSEEN },
    { "xmp", VIEW_PRE, VIEW_BLOCK }
};


static const view_word_t  view_word_list[] = {
    { "ad", VIEW_WORD_BESIDE },
    { "ads", VIEW_WORD_BESIDE },
    { "advert", VIEW_WORD_BESIDE },
    { "advertisement", VIEW_WORD_BESIDE },
    { "article", VIEW_WORD_CONTENT },
    { "articlebody", VIEW_WORD_CONTENT },
    { "articles", VIEW_WORD_CONTENT },
    { "banner", VIEW_WORD_BESIDE },
    { "blog", VIEW_WORD_CONTENT },
    { "body", VIEW_WORD_CONTENT },
    { "breadcrumb", VIEW_WORD_BESIDE },
    { "breadcrumbs", VIEW_WORD_BESIDE },
    { "ccpa", VIEW_WORD_NOTICE },
    { "comment", VIEW_WORD_BESIDE },
    { "comments", VIEW_WORD_BESIDE },
    { "consent", VIEW_WORD_NOTICE },
    { "content", VIEW_WORD_CONTENT },
    { "contents", VIEW_WORD_CONTENT },
    { "cookie", VIEW_WORD_NOTICE },
    { "cookiebar", VIEW_WORD_NOTICE },
    { "cookies", VIEW_WORD_NOTICE },
    { "disqus", VIEW_WORD_BESIDE },
    { "drawer", VIEW_WORD_BESIDE },
    { "dropdown", VIEW_WORD_BESIDE },
    { "entry", VIEW_WORD_CONTENT },
    { "foot", VIEW_WORD_BESIDE },
    { "footer", VIEW_WORD_BESIDE },
    { "footnav", VIEW_WORD_BESIDE },
    { "gdpr", VIEW_WORD_NOTICE },
    { "hentry", VIEW_WORD_CONTENT },
    { "hidden", VIEW_WORD_BESIDE },
    { "lightbox", VIEW_WORD_NOTICE },
    { "login", VIEW_WORD_BESIDE },
    { "main", VIEW_WORD_CONTENT },
    { "maincontent", VIEW_WORD_CONTENT },
    { "masthead", VIEW_WORD_BESIDE },
    { "menu", VIEW_WORD_BESIDE },
    { "menubar", VIEW_WORD_BESIDE },
    { "modal", VIEW_WORD_NOTICE },
    { "nav", VIEW_WORD_BESIDE },
    { "navbar", VIEW_WORD_BESIDE },
    { "navigation", VIEW_WORD_BESIDE },
    { "navigator", VIEW_WORD_BESIDE },
    { "newsletter", VIEW_WORD_NOTICE },
    { "page", VIEW_WORD_CONTENT },
    { "pager", VIEW_WORD_BESIDE },
    { "pagination", VIEW_WORD_BESIDE },
    { "popup",
      VIEW_WORD_BESIDE | VIEW_WORD_NOTICE },
    { "post", VIEW_WORD_CONTENT },
    { "posts", VIEW_WORD_CONTENT },
    { "promo", VIEW_WORD_BESIDE },
    { "related", VIEW_WORD_BESIDE },
    { "share", VIEW_WORD_BESIDE },
    { "sharing", VIEW_WORD_BESIDE },
    { "sidebar", VIEW_WORD_BESIDE },
    { "sidenav", VIEW_WORD_BESIDE },
    { "signup", VIEW_WORD_BESIDE },
    { "skip", VIEW_WORD_BESIDE },
    { "social", VIEW_WORD_BESIDE },
    { "sponsor", VIEW_WORD_BESIDE },
    { "sponsored", VIEW_WORD_BESIDE },
    { "story", VIEW_WORD_CONTENT },
    { "subscribe", VIEW_WORD_BESIDE },
    { "text", VIEW_WORD_CONTENT },
    { "toc", VIEW_WORD_BESIDE },
    { "toolbar", VIEW_WORD_BESIDE },
    { "topbar", VIEW_WORD_BESIDE },
    { "widget", VIEW_WORD_BESIDE },
    { "widgets", VIEW_WORD_BESIDE }
};


const view_tag_t *
view_tag(const xmlNode *element)
{
    const view_tag_t         *tag;
    static const view_tag_t   other = { "", VIEW_OTHER, 0 };

    tag = bsearch(element->name, view_tags,
                  sizeof(view_tags) / sizeof(view_tag_t), sizeof(view_tag_t),
                  view_tag_compare);

    return tag != NULL ? tag : &other;
}


int
view_unseen(const xmlNode *element, const view_tag_t *tag)
{
    const char     *name;
    const xmlAttr  *a;

    if (tag->flags & VIEW_UNSEEN) {
        return 1;
    }

    for (a = element->properties; a != NULL; a = a->next) {
        name = (const char *) a->name;

        if (strcmp(name, "hidden") == 0) {
            return 1;
        }

        if (strcmp(name, "style") == 0 && a->children != NULL
            && a->children->content != NULL
            && view_style_hides((const char *) a->children->content))
        {
            return 1;
        }
    }

    return tag->kind == VIEW_DIALOG && dom_attr(element, "open") == NULL;
}


unsigned
view_words(const xmlNode *element)
{
    unsigned        flags;
    const char     *name;
    const xmlAttr  *a;

    flags = 0;

    for (a = element->properties; a != NULL; a = a->next) {
        name = (const char *) a->name;

        if ((strcmp(name, "class") == 0 || strcmp(name, "id") == 0)
            && a->children != NULL && a->children->content != NULL)
        {
            flags |= view_words_of((const char *) a->children->content);
        }
    }

    return flags;
}


int
view_beside(const xmlNode *element, const view_tag_t *tag)
{
    size_t              i;
    const char         *role;
    static const char  *roles[] = {
        "alertdialog", "banner", "complementary", "contentinfo", "dialog",
        "menu", "menubar", "navigation", "search", "toolbar"
    };

    if (tag->flags & VIEW_ASIDE) {
        return 1;
    }

    role = dom_attr(element, "role");
    if (role == NULL) {
        return 0;
    }

    for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcasecmp(role, roles[i]) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
view_tag_compare(const void *name, const void *tag)
{
    return strcmp(name, ((const view_tag_t *) tag)->name);
}


/* Of several declarations of display the last one counts (CSS Cascade 6). */

static int
view_style_hides(const char *style)
{
    int          hides;
    const char  *p;

    hides = 0;

    for (p = style; *p != '\0'; p = view_style_end(p)) {
        if (view_style_is(&p, "display") && view_style_is(&p, ":")) {
            hides = view_style_is(&p, "none");
        }
    }

    return hides;
}


/* Where the declaration after this one begins. */

static const char *
view_style_end(const char *p)
{
    char  quote;
    int   depth;

    quote = '\0';
    depth = 0;

    for ( /* void */ ; *p != '\0'; p++) {
        if (quote != '\0') {
            if (*p == quote) {
                quote = '\0';
            }

        } else if (*p == '"' || *p == '\'') {
            quote = *p;

        } else if (*p == '(') {
            depth++;

        } else if (*p == ')') {
            depth--;

        } else if (*p == ';' && depth <= 0) {
            return p + 1;
        }
    }

    return p;
}


/* Take a word, which must not go on, and the white space around it. */

static int
view_style_is(const char **p, const char *word)
{
    size_t       n;
    const char  *s;

    n = strlen(word);
    s = *p + strspn(*p, " \t\n\f\r");

    if (strncasecmp(s, word, n) != 0
        || (word[0] != ':' && (isalnum((unsigned char) s[n]) || s[n] == '-')))
    {
        return 0;
    }

    s += n;
    *p = s + strspn(s, " \t\n\f\r");

    return 1;
}


/* Words are parted by anything but letters, and by "camelCase". */

static unsigned
view_words_of(const char *text)
{
    char      word[VIEW_WORD_MAX];
    size_t    i, n;
    unsigned  c, last, flags;

    n = 0;
    last = 0;
    flags = 0;

    for (i = 0; i < VIEW_WORDS_MAX; i++) {
        c = (unsigned char) text[i];

        if (n != 0 && (!isalpha((int) c)
                       || (isupper((int) c) && islower((int) last))))
        {
            if (n < sizeof(word)) {
                word[n] = '\0';
                flags |= view_word(word);
            }

            n = 0;
        }

        if (c == '\0') {
            break;
        }

        if (isalpha((int) c)) {
            if (n < sizeof(word)) {
                word[n] = (char) tolower((int) c);
                n++;
            }
        }

        last = c;
    }

    return flags;
}


static unsigned
view_word(const char *word)
{
    const view_word_t  *w;

    w = bsearch(word, view_word_list,
                sizeof(view_word_list) / sizeof(view_word_t),
                sizeof(view_word_t), view_word_compare);

    return w != NULL ? w->flags : 0;
}


static int
view_word_compare(const void *name, const void *word)
{
    return strcmp(name, ((const view_word_t *) word)->name);
}
