
/*
 * Which part of a page its reader came for, and what elements mean to those
 * who write a page's text down.  Names are those of HTML, in lower case;
 * elements of other vocabularies are VIEW_OTHER, which has no meaning.
 */

#ifndef VIEW_MAIN_H
#define VIEW_MAIN_H


#include <libxml/tree.h>

#include "sidecar/views/view.h"


/*
 * What an element does to the text around it (HTML Standard, 15.3):
 *
 * VIEW_UNSEEN    it is not rendered, or shows no text of the page
 * VIEW_BLOCK     it begins and ends a line
 * VIEW_CONTROL   it belongs to a form, not to what is to be read
 * VIEW_ASIDE     it stands beside the content: navigation, footers
 * VIEW_SECTION   it may be the main content
 */
#define VIEW_UNSEEN    0x01
#define VIEW_BLOCK     0x02
#define VIEW_CONTROL   0x04
#define VIEW_ASIDE     0x08
#define VIEW_SECTION   0x10


typedef enum {
    VIEW_OTHER = 0,
    VIEW_A,
    VIEW_ARTICLE,
    VIEW_BODY,
    VIEW_BR,
    VIEW_CAPTION,
    VIEW_CELL,          /* td and th */
    VIEW_CODE,          /* also kbd, samp and tt */
    VIEW_DD,
    VIEW_DEL,           /* also s and strike */
    VIEW_DIALOG,
    VIEW_DT,
    VIEW_EM,            /* also i, cite, dfn and var */
    VIEW_FORM,
    VIEW_H1,
    VIEW_H2,
    VIEW_H3,
    VIEW_H4,
    VIEW_H5,
    VIEW_H6,
    VIEW_HEADER,
    VIEW_HR,
    VIEW_IMG,
    VIEW_LI,
    VIEW_MAIN,
    VIEW_OL,
    VIEW_P,
    VIEW_PRE,           /* also listing, plaintext and xmp */
    VIEW_Q,
    VIEW_QUOTE,         /* blockquote */
    VIEW_ROW,           /* tr */
    VIEW_ROWS,          /* thead, tbody and tfoot */
    VIEW_STRONG,        /* also b */
    VIEW_TABLE,
    VIEW_UL             /* also menu and dir */
} view_kind_t;


typedef struct {
    char         name[12];
    view_kind_t  kind;
    unsigned     flags;
} view_tag_t;


/*
 * What a word in an element's class or id says of it:
 *
 * VIEW_WORD_CONTENT  "article", "post": it is content
 * VIEW_WORD_BESIDE   "sidebar", "footer": it is beside the content
 * VIEW_WORD_NOTICE   "cookie", "consent": it is a notice in the way
 */
#define VIEW_WORD_CONTENT  0x01
#define VIEW_WORD_BESIDE   0x02
#define VIEW_WORD_NOTICE   0x04


/*
 * The element with the main content: <main>, role=main or <article> when it
 * holds most of the text, else the innermost element that has nearly all of
 * the text that is not in links or beside the content.  <body> when none
 * stands out, else the root element; NULL when the document has no element.
 * Takes time in proportion to the page.  Memory of its own, of a bounded size,
 * is freed; when there is none the answer is <body>.
 */
const xmlNode *view_main(const view_t *v);

/* The body, else the root element, NULL when there is none. */
const xmlNode *view_body(const view_t *v);

/* What an element is; never NULL. */
const view_tag_t *view_tag(const xmlNode *element);

/*
 * Whether an element is not shown: by what it is, by the attribute hidden,
 * or by "display: none" in its style attribute.
 */
int view_unseen(const xmlNode *element, const view_tag_t *tag);

/* The VIEW_WORD_ flags of all words in class and id. */
unsigned view_words(const xmlNode *element);

/*
 * Whether an element stands beside the content: by what it is, or by its
 * attribute role.  A <header> is told so whatever it is in.
 */
int view_beside(const xmlNode *element, const view_tag_t *tag);


#endif /* VIEW_MAIN_H */
